"""The corrected amount of a purchase at a partner."""

from odoo import fields, models


class ClubMerchantCorrect(models.TransientModel):
    _name = "club.merchant.correct"
    _description = "Correct a Purchase at a Partner"
    _inherit = "club.bounded"

    purchase_id = fields.Many2one("club.merchant.purchase", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="purchase_id.currency_id")
    worth = fields.Monetary(related="purchase_id.worth")
    amount = fields.Monetary(string="Right Amount", required=True)
    reason = fields.Char(required=True)

    def action_correct(self):
        """Take back what the purchase earned and let it earn what it deserves."""
        self.ensure_one()
        self.purchase_id._check_manager()
        self.purchase_id._check_own(self.purchase_id.member_id)
        self.purchase_id._correct(self.amount, self.reason)
        return {"type": "ir.actions.act_window_close"}
