"""A prize of the catalogue: what it is, what it takes, how many there are, and how it reaches the member."""

from odoo import api, fields, models
from odoo.addons.customer_club.engine.lots import to_decimal
from odoo.exceptions import UserError, ValidationError

NAME_LENGTH, DESCRIPTION_LENGTH = 120, 4000


class ClubPrize(models.Model):
    """Something that members choose for points, or win.

    ``_award`` gives it (see ``club_prize_offer.py``); a ``club.redemption`` carries what was given to its end.
    """

    _name = "club.prize"
    _description = "Club Prize"
    _inherit = ["club.owned", "club.copied", "club.audience", "mail.thread", "image.mixin"]
    _longest_name = NAME_LENGTH
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    description = fields.Text(
        translate=True, help="What members read: what it is, what it includes, where to fetch it."
    )
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(index=True)
    point_name = fields.Char(related="club_id.point_name")
    picture_ids = fields.One2many("club.prize.picture", "prize_id", string="More Pictures", copy=True)

    # What it takes
    points = fields.Float(digits=(16, 2), tracking=True, help="What a member pays in points.")
    money = fields.Monetary(
        string="Part in Money",
        tracking=True,
        help="What a member pays besides, taxes included. It is paid like an order, and earns no points.",
    )
    channel = fields.Selection(
        [
            ("portal", "Portal and counter"),
            ("counter", "Counter only"),
            ("won", "Only won, in draws and raffles"),
        ],
        string="Offered",
        default="portal",
        required=True,
        help="Where members can choose it.",
    )
    limit_count = fields.Integer(
        string="At Most",
        help="How often one member may choose it. 0: as often as they like. What is won does not count.",
    )
    limit_period = fields.Selection(
        [("day", "a day"), ("week", "a week"), ("month", "a month"), ("year", "a year"), ("ever", "ever")],
        default="ever",
        required=True,
        help="A period of the club's calendar.",
    )
    needs_approval = fields.Boolean(
        string="Ask a Manager", help="Nothing is handed out before a manager approved the request."
    )

    # How many there are
    stock_kind = fields.Selection(
        [
            ("none", "As many as asked for"),
            ("own", "So many in all"),
            ("product", "As many as the product has on hand"),
        ],
        string="Stock",
        default="none",
        required=True,
    )
    stock = fields.Integer(
        string="In All", help="How many were ever for members. To add some, raise it: what was given counts against it."
    )
    low_stock = fields.Integer(
        string="Few Left",
        default=3,
        help="From so many on, members see how many are left, and the home page tells you.",
    )
    left = fields.Integer(compute="_compute_left")
    is_unlimited = fields.Boolean(compute="_compute_left")

    # How it reaches the member
    delivery = fields.Selection(
        [
            ("order_line", "A product, on an order of its own"),
            ("coupon", "A coupon for the shop"),
            ("service", "A service, fulfilled by our staff"),
            ("code", "A code from a list"),
        ],
        default="service",
        required=True,
    )
    product_id = fields.Many2one(
        "product.product", ondelete="restrict", check_company=True, domain="[('sale_ok', '=', True)]"
    )
    program_id = fields.Many2one(
        "loyalty.program",
        string="Coupon Program",
        ondelete="restrict",
        domain="[('program_type', '=', 'coupons'), ('company_id', 'in', (False, company_id))]",
        help="The member gets a coupon of this program, with a code of its own.",
    )
    coupon_days = fields.Integer(string="Coupon Lasts (Days)", help="0: without end.")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        help="Who is asked to fulfil it. Empty: whom the club names for prizes.",
    )
    service_days = fields.Integer(string="Days to Fulfil", default=3)
    code_ids = fields.One2many("club.prize.code", "prize_id", string="Codes")
    code_count = fields.Integer(compute="_compute_code_count", string="Codes Left")
    redemption_count = fields.Integer(compute="_compute_redemption_count", string="Redemptions")

    _numbers = models.Constraint(
        "CHECK(points >= 0 AND money >= 0 AND limit_count >= 0 AND stock >= 0 AND low_stock >= 0 AND coupon_days >= 0"
        " AND service_days >= 0)",
        "Points, money, stock, days and limits of a prize cannot be negative. Write 0 where you want none.",
    )

    # -- computes ------------------------------------------------------------------------------------

    def _compute_left(self):
        lefts = self._get_lefts()
        for prize in self:
            left = lefts.get(prize._origin.id)
            prize.left, prize.is_unlimited = max(left or 0, 0), left is None

    def _compute_code_count(self):
        counts = dict(
            self.env["club.prize.code"]
            .sudo()
            ._read_group([("prize_id", "in", self.ids), ("state", "=", "free")], ["prize_id"], ["__count"])
        )
        for prize in self:
            prize.code_count = counts.get(prize._origin, 0)

    def _compute_redemption_count(self):
        counts = dict(
            self.env["club.redemption"]._read_group([("prize_id", "in", self.ids)], ["prize_id"], ["__count"])
        )
        for prize in self:
            prize.redemption_count = counts.get(prize._origin, 0)

    # -- constrains ----------------------------------------------------------------------------------

    @api.constrains("name", "description")
    def _check_lengths(self):
        for prize in self:
            for name, most in (("name", NAME_LENGTH), ("description", DESCRIPTION_LENGTH)):
                if len(prize[name] or "") > most:
                    raise ValidationError(
                        self.env._(
                            "%(field)s of %(prize)s is longer than %(most)s characters. Say it in fewer words.",
                            field=prize._fields[name]._description_string(self.env),
                            prize=(prize.name or "")[:40],
                            most=most,
                        )
                    )

    @api.constrains("delivery", "product_id", "program_id", "stock_kind", "money", "points", "channel", "club_id")
    def _check_delivery(self):
        for prize in self:
            error = prize._get_setup_error()
            if error:
                raise ValidationError(error)

    def _get_setup_error(self):
        """What keeps this prize from being delivered, in words for a manager; empty when nothing does."""
        _ = self.env._
        name, program = self.name, self.program_id.sudo()
        if self.delivery == "order_line" and not self.product_id:
            return _("%(prize)s is delivered by an order: choose the product.", prize=name)
        if self.delivery == "coupon" and not program:
            return _("%(prize)s is a coupon: choose the coupon program.", prize=name)
        if self.delivery == "coupon" and program.program_type != "coupons":
            return _(
                "%(program)s is no coupon program, so %(prize)s cannot give coupons of it. Choose a program of type "
                "Coupons.",
                program=program.name,
                prize=name,
            )
        if self.delivery == "coupon" and program.company_id not in (self.company_id.browse(), self.company_id):
            return _(
                "%(program)s belongs to another company. Choose a program of %(company)s for %(prize)s.",
                program=program.name,
                company=self.company_id.name,
                prize=name,
            )
        if self.money and self.delivery != "order_line":
            return _(
                "A part in money is paid by an order, so %(prize)s must be delivered as a product on an order.",
                prize=name,
            )
        if self.stock_kind == "product" and (self.delivery != "order_line" or not self._is_stock_known()):
            return _(
                "%(prize)s counts what its product has on hand. That needs the Inventory app and a product on an "
                "order; else say how many there are in all.",
                prize=name,
            )
        if self.points <= 0 and self.channel != "won":
            return _(
                "%(prize)s would be free for everybody, again and again. Write what it takes in points, or offer it "
                "only to be won.",
                prize=name,
            )
        if to_decimal(self.points) != self.club_id._round_down(self.points):
            return _(
                "%(prize)s takes %(points)s, but points of %(club)s have %(digits)s decimals. Round it.",
                prize=name,
                points=self.points,
                club=self.club_id.name,
                digits=self.club_id.points_digits,
            )
        return ""

    # -- CRUD ----------------------------------------------------------------------------------------

    def write(self, vals):
        if "club_id" in vals:
            moved = self.filtered(lambda prize: prize.club_id.id != vals["club_id"])
            if moved and self.env["club.redemption"].sudo().search_count([("prize_id", "in", moved.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "%(prize)s was given to members of %(club)s, so it cannot move to another club. Copy it "
                        "instead.",
                        prize=moved[:1].name,
                        club=moved[:1].club_id.name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        given = self.env["club.redemption"].sudo().search([("prize_id", "in", self.ids)], limit=1)
        if given:
            raise UserError(
                self.env._(
                    "%(prize)s was given to members, so it cannot be deleted. Archive it instead.",
                    prize=given.prize_id.name,
                )
            )

    # -- actions -------------------------------------------------------------------------------------

    def action_view_redemptions(self):
        """Open what was given of these prizes."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Redemptions"),
            "res_model": "club.redemption",
            "view_mode": "list,form",
            "domain": [("prize_id", "in", self.ids)],
        }

    def action_open_import(self):
        """Add codes to the list of this prize."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add Codes"),
            "res_model": "club.prize.code.import",
            "view_mode": "form",
            "target": "new",
            "context": {"default_prize_id": self.id},
        }
