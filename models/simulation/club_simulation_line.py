"""What rules and tiers of a set-up have in common."""

from odoo import api, fields, models


class ClubSimulationLine(models.AbstractModel):
    """A line of a set-up. It stays as it is once the set-up was made real; every change forgets the result."""

    _name = "club.simulation.line"
    _description = "Line of a Simulated Set-up"
    _inherit = "club.bounded"

    setup_id = fields.Many2one("club.simulation.setup", required=True, index=True, ondelete="cascade")
    club_id = fields.Many2one(related="setup_id.club_id", store=True)
    company_id = fields.Many2one(related="setup_id.company_id", store=True)

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
