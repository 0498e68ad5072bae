"""A voucher, a correction or points given, on a merchant's statement."""

from odoo import fields, models
from odoo.exceptions import UserError


class ClubSettlementLine(models.Model):
    """One line of a settlement, append-only once that is confirmed: corrections are lines of the next one.

    ``live``: its settlement is confirmed and not cancelled, so it counts as settled. Of the live lines a voucher has
    one at most that pays it and one that takes it back; the database sees to that.
    """

    _name = "club.settlement.line"
    _description = "Line of a Settlement"
    _order = "settlement_id, kind_order, date, id"
    _rec_name = "reference"

    settlement_id = fields.Many2one("club.settlement", required=True, index=True, ondelete="cascade")
    merchant_id = fields.Many2one(related="settlement_id.merchant_id", store=True, index=True)
    company_id = fields.Many2one(related="settlement_id.company_id", store=True)
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    kind = fields.Selection(
        [
            ("voucher", "Redeemed"),
            ("reversal", "Taken back"),
            ("dispute", "Dispute"),
            ("issued", "Points given"),
        ],
        required=True,
    )
    kind_order = fields.Integer()
    live = fields.Boolean(string="Settled")
    voucher_id = fields.Many2one("club.voucher", index="btree_not_null", ondelete="restrict")
    offer_id = fields.Many2one("club.merchant.offer", index="btree_not_null", ondelete="restrict")
    purchase_id = fields.Many2one("club.merchant.purchase", index="btree_not_null", ondelete="restrict")
    dispute_id = fields.Many2one("club.settlement.dispute", index="btree_not_null", ondelete="restrict")
    entry_id = fields.Many2one("club.point.entry", string="Entry in the Ledger", ondelete="restrict")
    reference = fields.Char(help="The voucher's number, or the receipt.")
    receipt = fields.Char(help="The merchant's own receipt.")
    date = fields.Datetime()
    points = fields.Float(digits=(16, 2))
    value = fields.Monetary(help="Owed to the merchant, before commission.")
    commission = fields.Monetary(help="Without taxes.")
    amount = fields.Monetary(string="For Points", help="Owed by the merchant for points given, without taxes.")
    liability = fields.Monetary(string="Owed to Members", help="Of it: the points at their fair value.")

    _voucher_once = models.UniqueIndex(
        "(voucher_id, kind) WHERE live AND kind IN ('voucher', 'reversal')", "This voucher is settled already."
    )
    _dispute_once = models.UniqueIndex(
        "(dispute_id) WHERE live AND dispute_id IS NOT NULL", "This dispute is settled already."
    )
    _live_idx = models.Index("(merchant_id, voucher_id) WHERE live AND voucher_id IS NOT NULL")
    _live_purchase_idx = models.Index("(merchant_id, purchase_id) WHERE live AND purchase_id IS NOT NULL")

    # -- CRUD ----------------------------------------------------------------

    def write(self, vals):
        raise UserError(self._say_fixed())

    def unlink(self):
        if any(line.live or line.settlement_id.step != "draft" for line in self):
            raise UserError(self._say_fixed())
        return super().unlink()

    def _say_fixed(self):
        return self.env._(
            "Lines of %(settlement)s never change. Collect a draft anew; correct a confirmed one by a dispute.",
            settlement=self[:1].settlement_id.name,
        )

    def _set_live(self, live):
        """Mark the lines as settled, or no longer."""
        return super(ClubSettlementLine, self.sudo()).write({"live": live})

    def action_view_entry(self):
        """Open the entry of the ledger, with the reader's own rights."""
        self.ensure_one()
        return self.entry_id._get_records_action()
