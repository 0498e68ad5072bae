"""Points that a member gave to a cause."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ClubDonation(models.Model):
    """Given at once and for good: the points count as redeemed when they are given (the money is owed to the cause).

    Only staff cancel a donation, as long as the cause has not been billed for it.
    """

    _name = "club.donation"
    _description = "Donation of Points"
    _inherit = ["club.spending"]
    _order = "id desc"
    _step_fields = frozenset({"state", "points", "satisfied_at", "unit_cost", "value", "bill_id", "given_at"})

    cause_id = fields.Many2one("club.cause", required=True, readonly=True, index=True, ondelete="restrict")
    state = fields.Selection(
        [("draft", "Being given"), ("given", "Given"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    value = fields.Monetary(readonly=True, copy=False, help="Owed to the cause, as it was worth when it was given.")
    given_at = fields.Datetime(readonly=True, copy=False)
    nickname = fields.Char(readonly=True, copy=False, help="Shown on the public page; empty: anonymous.")
    bill_id = fields.Many2one("account.move", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    bill_state = fields.Selection(related="bill_id.state", string="Bill Status", store=True)
    payment_state = fields.Selection(related="bill_id.payment_state", string="Payment")
    form_key = fields.Char(readonly=True, copy=False)

    _form_unique = models.UniqueIndex("(member_id, form_key) WHERE form_key IS NOT NULL", "This was given already.")
    _unpaid_idx = models.Index("(cause_id, state) INCLUDE (value)")

    @api.depends("cause_id.name")
    def _compute_display_name(self):
        for donation in self:
            donation.display_name = self.env._(
                "Donation %(id)s to %(cause)s", id=donation.id, cause=donation.cause_id.name or ""
            )

    # -- actions ---------------------------------------------------------------------------------------

    def action_cancel(self):
        """Staff cancel donations that no bill counts: the points go back to the lots they came from.

        :raises UserError: one is billed.
        """
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("customer_club.group_club_manager")):
            raise AccessError(self.env._("Only a manager of the club cancels a donation. Ask one of them."))
        donations = self.sudo()
        donations.cause_id._touch()
        donations.invalidate_recordset(["state", "bill_id"])
        for donation in donations:
            if donation.bill_id and donation.bill_id.state != "cancel":
                raise UserError(
                    self.env._(
                        "%(donation)s is on the bill %(bill)s. Delete or cancel the bill first; nothing was changed.",
                        donation=donation.display_name,
                        bill=donation.bill_id.display_name,
                    )
                )
        given = donations.filtered(lambda donation: donation.state == "given")
        given._settle_points(dict.fromkeys(given.ids, 0), note=self.env._("Donation cancelled"))
        given._step({"state": "cancelled", "satisfied_at": False})

    # -- steps -----------------------------------------------------------------------------------------

    def _commit(self, points, value):
        """Take the points; from now on the money is owed to the cause."""
        self.ensure_one()
        now = fields.Datetime.now()
        self._settle_points({self.id: points})
        self._step(
            {"state": "given", "given_at": now, "satisfied_at": now, "value": float(value), "unit_cost": float(value)}
        )

    def _mark_billed(self, bill):
        self._step({"bill_id": bill.id})

    def _forget_nickname(self):
        self.filtered("nickname").write({"nickname": False})

    @api.model
    def _get_unpaid_domain(self):
        """Donations that no bill counts; a bill that was cancelled or deleted counts none."""
        return [("state", "=", "given"), ("bill_state", "in", (False, "cancel"))]
