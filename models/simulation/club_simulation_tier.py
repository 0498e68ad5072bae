"""A tier in a set-up, with a threshold and a multiplier that may be changed."""

from odoo import fields, models


class ClubSimulationTier(models.Model):
    _name = "club.simulation.tier"
    _description = "Tier of a Simulated Set-up"
    _inherit = "club.simulation.line"
    _order = "setup_id, threshold, id"

    tier_id = fields.Many2one(
        "club.tier", required=True, ondelete="cascade", domain="[('club_id', '=', club_id)]", readonly=True
    )
    threshold = fields.Float(string="From", digits=(16, 2))
    multiplier = fields.Float(digits=(16, 2), default=1.0)

    _numbers_positive = models.Constraint(
        "CHECK(threshold >= 0 AND multiplier > 0)", "A tier begins at 0 or more, and its multiplier is more than 0."
    )
