"""A cause that members give points to."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.customer_club.engine import lots as engine_lots
from odoo.addons.customer_club.engine import together
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class ClubCause(models.Model):
    """Members give points, the shop pays their value to the cause."""

    _name = "club.cause"
    _description = "Cause to Donate To"
    _inherit = ["club.owned", "club.audience", "image.mixin", "mail.thread"]
    _order = "club_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    beneficiary_id = fields.Many2one(
        "res.partner", string="Paid To", required=True, ondelete="restrict", help="Whom the shop pays the money to."
    )
    story = fields.Text(translate=True, help="What members read: what their points do. Plain text.")
    point_value = fields.Float(
        string="Value of a Point",
        digits=(16, 6),
        required=True,
        help="Money that the shop pays for one point. A later change does not touch what was given before.",
    )
    points_least = fields.Float(string="Least Points", digits=(16, 2), default=1)
    goal = fields.Monetary(help="Money to be reached together. 0: no goal.")
    stop_at_goal = fields.Boolean(help="No more points are taken once the goal is reached.")
    is_public = fields.Boolean(
        string="Public Page", help="Anybody may see the total, and the nicknames of donors who want to be seen."
    )
    account_id = fields.Many2one(
        "account.account",
        string="Account Owed to the Cause",
        check_company=True,
        ondelete="restrict",
        help="What was donated and is not billed yet is owed on this account; the bill of the cause debits it.",
    )
    touched_at = fields.Datetime(readonly=True, copy=False)
    donation_ids = fields.One2many("club.donation", "cause_id", readonly=True)
    total = fields.Monetary(compute="_compute_total", string="Given So Far")
    total_points = fields.Float(compute="_compute_total", digits=(16, 2), string="Points Given")
    to_pay = fields.Monetary(compute="_compute_total")
    donor_count = fields.Integer(compute="_compute_total", string="Donors")
    public_url = fields.Char(compute="_compute_public_url")

    _value_valid = models.Constraint(
        "CHECK(point_value > 0 AND goal >= 0 AND points_least > 0)",
        "A point is worth more than nothing, at least a part of a point is given, and a goal is not negative.",
    )

    # -- computes --------------------------------------------------------------------------------------

    def _compute_total(self):
        Donation = self.env["club.donation"].sudo()
        given = {
            cause.id: values
            for cause, *values in Donation._read_group(
                [("cause_id", "in", self.ids), ("state", "=", "given")],
                ["cause_id"],
                ["value:sum", "points:sum", "member_id:count_distinct"],
            )
        }
        unpaid = dict(
            Donation._read_group(
                [("cause_id", "in", self.ids), *Donation._get_unpaid_domain()], ["cause_id"], ["value:sum"]
            )
        )
        for cause in self:
            cause.total, cause.total_points, cause.donor_count = given.get(cause.id, (0.0, 0.0, 0))
            cause.to_pay = unpaid.get(cause, 0.0)

    def _compute_public_url(self):
        for cause in self:
            cause.public_url = f"{cause.get_base_url()}/club/cause/{cause.id}" if cause.id and cause.is_public else ""

    # -- CRUD ------------------------------------------------------------------------------------------

    def write(self, vals):
        if "club_id" in vals:
            for cause in self.filtered("donation_ids"):
                if cause.club_id.id != vals["club_id"]:
                    raise UserError(
                        self.env._(
                            "%(cause)s has donations, so it stays in its club. Make a new one.", cause=cause.name
                        )
                    )
        return super().write(vals)

    # -- actions ---------------------------------------------------------------------------------------

    def action_view_donations(self):
        """Open what was given to the cause."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Donations to %(cause)s", cause=self.name),
            "res_model": "club.donation",
            "views": [(False, "list"), (False, "form")],
            "domain": [("cause_id", "=", self.id)],
        }

    def action_make_bill(self):
        """Make a draft vendor bill of what is not billed yet, marked on each donation.

        :raises AccessError: for who may not make bills.
        :raises UserError: nothing to pay, or the account is not set.
        """
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"].check_access("create")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only who may make bills pays a cause. Ask your accountant."))
        self._touch()
        donations = (
            self.env["club.donation"]
            .sudo()
            .search([("cause_id", "=", self.id), *self.env["club.donation"]._get_unpaid_domain()])
        )
        if not donations:
            raise UserError(self.env._("Everything given to %(cause)s is billed already.", cause=self.name))
        if not self.account_id:
            raise UserError(
                self.env._("Set the account owed to the cause on %(cause)s first. Nothing was billed.", cause=self.name)
            )
        bill = self.env["account.move"].with_company(self.company_id).create(self._prepare_bill_values(donations))
        donations._mark_billed(bill)
        return {"type": "ir.actions.act_window", "res_model": "account.move", "res_id": bill.id, "view_mode": "form"}

    def _prepare_bill_values(self, donations):
        """Values of the bill of these donations: one line, in the club's currency."""
        self.ensure_one()
        return {
            "move_type": "in_invoice",
            "partner_id": self.beneficiary_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "ref": self.env._("Donations of members to %(cause)s", cause=self.name),
            "invoice_date": fields.Date.context_today(self),
            "invoice_line_ids": [
                fields.Command.create(
                    {
                        "name": self.env._(
                            "%(count)s donations of members, %(points)s",
                            count=len(donations),
                            points=self.sudo().club_id._show_points(sum(donations.mapped("points"))),
                        ),
                        "quantity": 1,
                        "price_unit": sum(donations.mapped("value")),
                        "account_id": self.account_id.id,
                        "tax_ids": [fields.Command.clear()],
                    }
                )
            ],
        }

    # -- giving ----------------------------------------------------------------------------------------

    def _get_worth(self, points):
        """What the shop pays for so many points, as a Decimal in the club's currency, rounded down."""
        self.ensure_one()
        unit = engine_lots.to_decimal(f"{self.currency_id.rounding:.10f}")
        return together.worth(engine_lots.to_decimal(points), engine_lots.to_decimal(f"{self.point_value:.6f}"), unit)

    def _touch(self):
        """Let steps that count what was given follow one another: a later one starts over with the earlier's."""
        self.flush_recordset()
        # SQL: the row is locked and changed before anything is counted.
        self.env.execute_query(
            SQL(
                "UPDATE club_cause SET touched_at = %s WHERE id = ANY(%s) RETURNING id", fields.Datetime.now(), self.ids
            )
        )
        self.invalidate_recordset(["total", "to_pay", "total_points", "donor_count", "touched_at"])

    def _give(self, member, points, show_nickname=False, form_key=None):
        """A member gives points to this cause; the money that they are worth is fixed now.

        :param bool show_nickname: whether the public page may name the donor's nickname.
        :return: the ``club.donation`` (sudo); for a form that was sent before, the donation of that time.
        :raises UserError: not for this member, too little, or the goal is reached; nothing was taken.
        """
        self.ensure_one()
        cause, Donation = self.sudo(), self.env["club.donation"].sudo()
        known = form_key and Donation.search([("member_id", "=", member.id), ("form_key", "=", form_key)], limit=1)
        if known:
            return known
        points = cause.club_id._read_typed_points(points)
        member._check_spender()
        if not cause.active:
            raise UserError(self.env._("%(cause)s has ended. Nothing was taken.", cause=cause.name))
        cause._check_audience(member)
        value = cause._get_worth(points)
        if points < engine_lots.to_decimal(cause.points_least) or value <= 0:
            raise UserError(
                self.env._(
                    "%(cause)s takes %(least)s or more, and not less than is worth %(money)s. Nothing was taken.",
                    cause=cause.name,
                    least=cause.club_id._show_points(cause.points_least),
                    money=cause.club_id._show_money(cause.currency_id.rounding),
                )
            )
        if cause.stop_at_goal and cause.goal:
            cause._touch()
            left = engine_lots.to_decimal(round(cause.goal - cause.total, 6))
            if value > max(left, Decimal(0)):
                raise UserError(
                    self.env._(
                        "%(cause)s needs only %(left)s more. Nothing was taken: give less, or choose another cause.",
                        cause=cause.name,
                        left=cause.club_id._show_money(float(max(left, Decimal(0)))),
                    )
                )
        donation = Donation.create(
            {
                "member_id": member.id,
                "cause_id": cause.id,
                "nature": cause.nature,
                "form_key": form_key or False,
                "nickname": (member.honour_nickname or member.nickname or False) if show_nickname else False,
            }
        )
        donation._commit(points, value)
        return donation

    @api.model
    def _get_open(self, member):
        """Causes that a member may give to today (sudo)."""
        causes = self.sudo().search([("club_id", "=", member.sudo().club_id.id)], limit=50)
        return causes._filter_for_member(member)
