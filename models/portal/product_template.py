"""What a product earns, on its page."""

from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _get_portal_earnings(self, partner=None):
        """What one piece would earn ``partner`` in each club, ready to show; see ``club.club._show_earnings``."""
        self.ensure_one()
        return self.env["club.club"]._show_earnings(self.sudo()._club_preview(quantity=1, partner=partner))
