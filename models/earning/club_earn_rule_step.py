"""One step of a rule that counts by steps."""

from odoo import api, fields, models


class ClubEarnRuleStep(models.Model):
    _name = "club.earn.rule.step"
    _description = "Step of a Club Earning Rule"
    _inherit = "club.bounded"
    _order = "rule_id, from_amount"

    rule_id = fields.Many2one("club.earn.rule", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="rule_id.company_id")
    currency_id = fields.Many2one(related="rule_id.currency_id")
    from_amount = fields.Monetary(help="This amount itself belongs to the step.")
    points = fields.Float(digits=(16, 2), default=1.0)
    per_amount = fields.Monetary(string="For Each Full", help="0: the points are given once.")

    _positive = models.Constraint(
        "CHECK(from_amount >= 0 AND points >= 0 AND per_amount >= 0)",
        "Amounts and points of a step cannot be negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        self.env["club.club"]._clear_earning_cache()
        return steps

    def write(self, vals):
        result = super().write(vals)
        self.env["club.club"]._clear_earning_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["club.club"]._clear_earning_cache()
        return result
