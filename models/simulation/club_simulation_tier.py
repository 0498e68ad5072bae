"""A tier in a set-up, with a threshold and a multiplier that may be changed."""

from odoo import api, fields, models


class ClubSimulationTier(models.Model):
    _name = "club.simulation.tier"
    _description = "Tier of a Simulated Set-up"
    _inherit = "club.bounded"
    _order = "setup_id, threshold, id"

    setup_id = fields.Many2one("club.simulation.setup", required=True, index=True, ondelete="cascade")
    club_id = fields.Many2one(related="setup_id.club_id", store=True)
    company_id = fields.Many2one(related="setup_id.company_id", store=True)
    tier_id = fields.Many2one(
        "club.tier", required=True, ondelete="cascade", domain="[('club_id', '=', club_id)]", readonly=True
    )
    threshold = fields.Float(string="From", digits=(16, 2))
    multiplier = fields.Float(digits=(16, 2), default=1.0)

    _numbers_positive = models.Constraint(
        "CHECK(threshold >= 0 AND multiplier > 0)", "A tier begins at 0 or more, and its multiplier is more than 0."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.setup_id._check_not_applied()
        lines.setup_id._forget()
        return lines

    def write(self, vals):
        self.setup_id._check_not_applied()
        result = super().write(vals)
        self.setup_id._check_not_applied()
        self.setup_id._forget()
        return result

    def unlink(self):
        setups = self.setup_id
        setups._check_not_applied()
        result = super().unlink()
        setups.exists()._forget()
        return result
