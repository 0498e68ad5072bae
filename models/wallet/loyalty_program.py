"""Top-ups stand for money, so buying them earns nothing (never 5)."""

from odoo import api, models


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    @api.model
    def _get_club_excluded_products(self):
        return super()._get_club_excluded_products() | frozenset(self.env["club.club"]._get_wallet_topups())
