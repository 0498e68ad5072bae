"""A tier on the pages of the setup wizard."""

from odoo import fields, models


class ClubSetupTier(models.TransientModel):
    _name = "club.setup.tier"
    _description = "Tier in Setup"
    _inherit = "club.bounded"
    _order = "threshold, id"

    wizard_id = fields.Many2one("club.setup.wizard", required=True, ondelete="cascade")
    name = fields.Char(required=True)
    threshold = fields.Float(digits=(16, 2))
    multiplier = fields.Float(string="Earns Times", digits=(6, 2), default=1.0)
    early_access_hours = fields.Integer(string="Early Access (Hours)")
    priority = fields.Integer()

    def _prepare_values(self):
        self.ensure_one()
        return {name: self[name] for name in ("name", "threshold", "multiplier", "early_access_hours", "priority")}
