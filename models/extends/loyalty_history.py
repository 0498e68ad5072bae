"""Odoo's history rows tell where a write to a card came from."""

from odoo import api, models

from .settlement import foreign_writes


class LoyaltyHistory(models.Model):
    _inherit = "loyalty.history"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        for row in rows.filtered(lambda row: row.order_model != "sale.order"):
            if row.sudo().card_id._club_cards():
                foreign_writes(self.env).origins[row.card_id.id].append(
                    (row.order_model or None, row.order_id or None, row.description)
                )
        return rows
