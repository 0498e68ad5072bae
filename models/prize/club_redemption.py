"""A prize given to a member, from the request to the hand-over."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

#: Stands in the context of our own creation: an object that no caller from outside can name (abuse 5).
OURS = object()
OPEN = ("requested", "approved", "ready")
#: What staff may write; everything else was fixed when it was given, or is set by its steps.
WRITABLE = {"user_id"}
CONVERSATION = ("message_", "activity_", "website_message_", "my_activity_")


class ClubRedemption(models.Model):
    """What one member got for points, or won.

    Made by ``club.prize._award`` only. Its state changes through :meth:`_update_state` (``club_redemption_state.py``),
    its points through ``_settle_points``, and what it brings through ``club_redemption_delivery.py``.
    """

    _name = "club.redemption"
    _description = "Prize Redemption"
    _inherit = ["club.spending", "mail.thread", "mail.activity.mixin", "club.bounded"]
    _order = "id desc"
    _rec_names_search = ["name", "member_id"]

    _step_fields = frozenset(
        {
            *("state", "points", "satisfied_at", "unit_cost", "holds_stock", "order_id", "coupon_id"),
            *("ready_at", "ended_at", "ended_uid", "reason", "deadline"),
        }
    )

    name = fields.Char(string="Number", readonly=True, copy=False, index=True)
    key = fields.Char(readonly=True, copy=False, groups="customer_club.group_club_manager")
    prize_id = fields.Many2one("club.prize", required=True, readonly=True, index=True, ondelete="restrict")
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("approved", "Approved"),
            ("ready", "Ready"),
            ("delivered", "Delivered"),
            ("cancelled", "Cancelled"),
            ("refused", "Refused"),
            ("returned", "Taken back"),
        ],
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    source = fields.Selection(
        [("portal", "Chosen in the portal"), ("counter", "Chosen at the counter"), ("won", "Won or given")],
        default="portal",
        required=True,
        readonly=True,
    )
    origin_model = fields.Char(readonly=True, copy=False)
    origin_id = fields.Many2oneReference(model_field="origin_model", readonly=True, copy=False)
    number = fields.Char(related="member_id.number", string="Member Number")
    partner_id = fields.Many2one(related="member_id.partner_id", string="Contact")
    tier_id = fields.Many2one(related="member_id.tier_id")
    point_name = fields.Char(related="club_id.point_name")

    delivery = fields.Selection(
        selection=lambda self: self.env["club.prize"]._fields["delivery"]._description_selection(self.env),
        readonly=True,
        required=True,
        string="Delivered As",
    )
    product_id = fields.Many2one("product.product", readonly=True, index="btree_not_null", ondelete="restrict")
    money = fields.Monetary(string="Part in Money", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True, copy=False, index="btree_not_null", ondelete="restrict")
    coupon_id = fields.Many2one("loyalty.card", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    code_ids = fields.One2many("club.prize.code", "redemption_id", readonly=True)
    holds_stock = fields.Boolean(
        default=True, readonly=True, copy=False, help="It counts against the stock of the prize."
    )

    user_id = fields.Many2one("res.users", string="Responsible", domain="[('share', '=', False)]", tracking=True)
    requested_at = fields.Datetime(default=fields.Datetime.now, required=True, readonly=True, string="Requested On")
    deadline = fields.Date(string="Hand Over By", readonly=True, copy=False)
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    ready_at = fields.Datetime(string="Ready On", readonly=True, copy=False)
    ended_at = fields.Datetime(string="Ended On", readonly=True, copy=False)
    ended_uid = fields.Many2one("res.users", string="Ended By", readonly=True, copy=False)
    reason = fields.Char(readonly=True, copy=False, help="Why it was refused, cancelled or taken back.")
    is_waiting_for_payment = fields.Boolean(compute="_compute_is_waiting_for_payment")

    _key_unique = models.UniqueIndex("(key)", "This request was made already.")
    _limit_idx = models.Index("(prize_id, member_id, requested_at)")
    _stock_idx = models.Index("(prize_id, state) WHERE holds_stock")
    _open_idx = models.Index("(club_id, state) WHERE state IN ('requested', 'approved', 'ready')")

    # -- computes ------------------------------------------------------------------------------------

    @api.depends("name", "prize_id")
    def _compute_display_name(self):
        for redemption in self:
            redemption.display_name = f"{redemption.name or ''}: {redemption.sudo().prize_id.name or ''}"

    @api.depends("state", "deadline")
    def _compute_is_overdue(self):
        for redemption in self:
            redemption.is_overdue = bool(
                redemption.state in OPEN
                and redemption.deadline
                and redemption.deadline < redemption.club_id._get_today()
            )

    @api.depends("state", "order_id.state", "money")
    def _compute_is_waiting_for_payment(self):
        for redemption in self:
            order = redemption.sudo().order_id
            redemption.is_waiting_for_payment = bool(
                redemption.state in ("requested", "approved") and order and order.state in ("draft", "sent")
            )

    # -- CRUD ----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get("club_redemption") is not OURS:
            raise UserError(
                self.env._("Prizes are given by Redeem a Prize on the member, or won; they are not typed in.")
            )
        numbers = self.env["ir.sequence"].sudo()
        vals_list = [{**vals, "name": numbers.next_by_code("club.redemption")} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        """Of what was given only who is responsible changes by hand, and what belongs to the conversation."""
        if self.env.context.get("club_redemption") is not OURS and any(
            name not in WRITABLE and not name.startswith(CONVERSATION) and name not in self._step_fields
            for name in vals
        ):
            raise UserError(
                self.env._(
                    "What was given with %(redemption)s never changes. Cancel it and give the right prize instead.",
                    redemption=self[:1].name,
                )
            )
        return super().write(vals)

    def unlink(self):
        raise UserError(self.env._("What was given is never deleted. Cancel it: the points go back to the member."))

    # -- helpers -------------------------------------------------------------------------------------

    def _lock(self):
        """Lock these redemptions in id order and read them anew: of two steps at once, the second sees the first.

        Plain FOR NO KEY UPDATE, because a conflict must raise the error that Odoo retries.
        """
        self.flush_recordset()
        self.env.execute_query(
            SQL("SELECT id FROM club_redemption WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", self.ids)
        )
        self.invalidate_recordset()

    def _show_state(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env))[self.state]
