"""A dispute about what a merchant is owed for a voucher."""

from datetime import timedelta

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.customer_club.engine import text
from odoo.exceptions import AccessError, ConcurrencyError, UserError, ValidationError

from .club_settlement_collect import exact

MANAGER = "customer_club.group_club_manager"
REASON_LENGTH = 1000


class ClubSettlementDispute(models.Model):
    """Who thinks that another amount is owed for a voucher, why, and what was decided.

    While it is open, a voucher that is not settled is left out of settlements. What is decided is the amount owed
    from then on: the next settlement pays it, or the difference to what was paid.
    """

    _name = "club.settlement.dispute"
    _description = "Dispute with a Merchant"
    _inherit = ["mail.thread", "club.bounded"]
    _order = "id desc"

    name = fields.Char(related="voucher_id.number")
    voucher_id = fields.Many2one("club.voucher", required=True, index=True, ondelete="restrict")
    merchant_id = fields.Many2one(related="voucher_id.merchant_id", store=True, index=True)
    club_id = fields.Many2one(related="voucher_id.club_id", store=True, index=True)
    company_id = fields.Many2one(related="voucher_id.company_id", store=True)
    currency_id = fields.Many2one(related="voucher_id.currency_id")
    value = fields.Monetary(related="voucher_id.value", string="Value of the Voucher")
    side = fields.Selection(
        [("merchant", "The merchant"), ("shop", "We")], string="Opened By", default="shop", required=True, readonly=True
    )
    claimed = fields.Monetary(string="Right Amount", help="What is owed for it as its opener says; 0: nothing.")
    reason = fields.Text(required=True)
    decided = fields.Monetary(string="Decided Amount", copy=False, help="What is owed for it from now on.")
    answer = fields.Text(help="What the merchant reads with the decision.", copy=False)
    state = fields.Selection(
        [("open", "Open"), ("accepted", "Accepted"), ("rejected", "Rejected"), ("withdrawn", "Withdrawn")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    decided_at = fields.Datetime(readonly=True, copy=False)
    line_ids = fields.One2many("club.settlement.line", "dispute_id", readonly=True)

    _open_once = models.UniqueIndex("(voucher_id) WHERE state = 'open'", "This voucher is in dispute already.")
    _amounts_valid = models.Constraint("CHECK(claimed >= 0 AND decided >= 0)", "Amounts of a dispute are not negative.")

    # -- constrains ----------------------------------------------------------

    @api.constrains("claimed", "decided")
    def _check_amounts(self):
        for dispute in self:
            most = dispute.voucher_id.value
            if max(dispute.claimed, dispute.decided) > most:
                raise ValidationError(
                    self.env._(
                        "%(voucher)s was agreed at %(most)s: no more than that can be owed for it.",
                        voucher=dispute.voucher_id.number,
                        most=most,
                    )
                )

    # -- CRUD ----------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Opening: the voucher waits until it is decided."""
        self.browse().check_access("create")
        first = {"state": "open", "decided_by_id": False, "decided_at": False}
        vals_list = [
            {
                **vals,
                **first,
                "side": vals.get("side", "shop") if self.env.su else "shop",
                "reason": (vals.get("reason") or "")[:REASON_LENGTH],
                "decided": vals.get("claimed") or 0.0,
            }
            for vals in vals_list
        ]
        vouchers = self.env["club.voucher"].browse([vals.get("voucher_id") for vals in vals_list])
        for voucher in vouchers:
            voucher._check_disputable()
        try:
            with self.env.cr.savepoint():
                disputes = super().create(vals_list)
                self.env.flush_all()
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(self.env._("This voucher is being disputed at this moment.")) from error
        vouchers.sudo()._step({"disputed": True})
        return disputes

    def write(self, vals):
        steps = {"state", "decided_by_id", "decided_at", "voucher_id", "side", "claimed", "reason"}
        if steps & vals.keys():
            raise AccessError(
                self.env._("%(dispute)s: what was said stays, and its buttons decide it.", dispute=self[:1].name)
            )
        if any(dispute.state != "open" for dispute in self) and {"decided", "answer"} & vals.keys():
            raise UserError(self.env._("%(dispute)s is decided and no longer changes.", dispute=self[:1].name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        for dispute in self:
            raise UserError(
                self.env._("The dispute about %(dispute)s stays. Withdraw it instead.", dispute=dispute.name)
            )

    # -- steps ---------------------------------------------------------------

    def action_accept(self):
        """The decided amount is owed from now on."""
        self._check_manager()
        for dispute in self:
            dispute._decide("accepted")

    def action_reject(self):
        """What was owed before is owed still."""
        self._check_manager()
        for dispute in self:
            dispute._decide("rejected")

    def action_withdraw(self):
        """End it undecided."""
        self._check_manager()
        for dispute in self:
            dispute._decide("withdrawn")

    def _check_manager(self):
        self.check_access("write")
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only a club manager decides disputes with merchants."))

    def _decide(self, state):
        """The one way out of ``open``; under the merchant's lock, so that no settlement reads half of it.

        :raise UserError: it was decided before.
        """
        self.ensure_one()
        dispute = self.sudo()
        dispute.merchant_id._lock(always=True)
        dispute.invalidate_recordset(["state"])
        if dispute.state != "open":
            raise UserError(
                self.env._(
                    "The dispute about %(dispute)s is decided already. Reload the page to see how.", dispute=self.name
                )
            )
        now = fields.Datetime.now()
        super(ClubSettlementDispute, dispute).write({"state": state, "decided_by_id": self.env.uid, "decided_at": now})
        vals = {"disputed": False}
        if state == "accepted":
            vals.update(
                {
                    "settle_overruled": True,
                    "settle_decided": dispute.decided,
                    "settle_dispute_id": dispute.id,
                    "settle_changed_at": now,
                }
            )
        dispute.voucher_id._step(vals)

    # -- opening by the merchant ---------------------------------------------

    @api.model
    def _open_for_merchant(self, voucher, claimed, reason):
        """A merchant disputes what it is owed for one of its vouchers.

        :param voucher: sudo, found among the merchant's own.
        :raise UserError: without a reason, too late, or in dispute already.
        """
        reason = text.normalise((reason or "").strip())[:REASON_LENGTH]
        if not reason:
            raise UserError(self.env._("Write what is wrong with the voucher. Nothing was sent yet."))
        if claimed < 0:
            raise UserError(self.env._("An amount cannot be negative. Write 0 for nothing. Nothing was sent yet."))
        return self.sudo().create({"voucher_id": voucher.id, "side": "merchant", "claimed": claimed, "reason": reason})


class ClubVoucher(models.Model):
    _inherit = "club.voucher"

    # What the steps of disputes and reversals set, beside the voucher's own.
    settle_overruled = fields.Boolean(string="Amount Decided", readonly=True, copy=False)
    settle_decided = fields.Monetary(string="Decided Amount", readonly=True, copy=False)
    settle_dispute_id = fields.Many2one(
        "club.settlement.dispute", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    settle_changed_at = fields.Datetime(readonly=True, copy=False)
    settlement_line_ids = fields.One2many(
        "club.settlement.line",
        "voucher_id",
        readonly=True,
        groups="customer_club.group_club_manager,customer_club.group_club_accountant",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """A voucher begins without a decision, whatever the caller says."""
        first = {
            "settle_overruled": False,
            "settle_decided": 0.0,
            "settle_dispute_id": False,
            "settle_changed_at": False,
        }
        return super().create([{**vals, **first} for vals in vals_list])

    def write(self, vals):
        if any(name.startswith("settle_") for name in vals):
            raise AccessError(self.env._("What a merchant is owed is decided by a dispute, not typed in."))
        return super().write(vals)

    def _reverse(self, user, reason):
        """What was decided before falls with the redemption."""
        done = super()._reverse(user, reason)
        self.sudo()._step(
            {"settle_overruled": False, "settle_decided": 0.0, "settle_changed_at": fields.Datetime.now()}
        )
        return done

    def _get_settle_target(self):
        """What the merchant is owed for this voucher by now, before commission."""
        self.ensure_one()
        if self.settle_overruled:
            return self.settle_decided
        return self.value if self.state == "redeemed" else 0.0

    def _check_disputable(self):
        """Refuse a dispute that comes too late or about what never was redeemed.

        :raise UserError: with the reason.
        """
        self.ensure_one()
        voucher = self.sudo()
        if not voucher.redeemed_at or voucher.state not in ("redeemed", "reversed"):
            raise UserError(
                self.env._("%(voucher)s was not redeemed, so nothing is owed for it.", voucher=voucher.number)
            )
        if voucher.disputed:
            raise UserError(self.env._("%(voucher)s is in dispute already.", voucher=voucher.number))
        told = max([voucher.redeemed_at, *voucher._get_statement_times()])
        days = voucher.club_id.settle_dispute_days
        if fields.Datetime.now() > told + timedelta(days=days):
            raise UserError(
                self.env._(
                    "%(voucher)s can no longer be disputed: %(days)s days have passed since it was told. Talk to us.",
                    voucher=voucher.number,
                    days=days,
                )
            )

    def _get_statement_times(self):
        """When statements with this voucher were sent."""
        return self.settlement_line_ids.filtered("live").settlement_id.mapped("confirmed_at")

    # -- with the ledger -----------------------------------------------------

    def _read_settled_points(self):
        """By voucher, what the ledger took and what it gave back: two dicts of (an entry's id, Decimal points)."""
        spends, backs = {}, {}
        entries = self._get_spend_entries() if self else self.env["club.point.entry"]
        for entry in entries:
            points = spends.get(entry.origin_id, (0, 0))[1]
            spends[entry.origin_id] = (entry.id, points - exact(entry.points))
        returned = (
            self.env["club.point.entry"].sudo().search([("reverses_id", "in", entries.ids)]) if entries else entries
        )
        for entry in returned:
            origin = entry.reverses_id.origin_id
            points = backs.get(origin, (0, 0))[1]
            backs[origin] = (entry.id, points + exact(entry.points))
        return spends, backs

    def _read_settled_values(self, settlement):
        """By voucher, what is settled of it, with the lines of ``settlement`` even if that is a draft.

        :rtype: dict[int, Decimal]
        """
        lines = self.env["club.settlement.line"].sudo()
        rows = lines._read_group(
            [
                ("voucher_id", "in", self.ids),
                "|",
                ("live", "=", True),
                ("settlement_id", "=", settlement.id),
                ("settlement_id.step", "!=", "cancelled"),
            ],
            ["voucher_id"],
            ["value:sum"],
        )
        return {voucher.id: exact(value) for voucher, value in rows}
