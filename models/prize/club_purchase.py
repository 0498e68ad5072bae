from odoo import models


class ClubPurchase(models.AbstractModel):
    """Orders that deliver prizes are no purchases: they are no fact, and earn nothing."""

    _inherit = "club.purchase"

    def _resolve(self, orders, moves):
        orders, moves = super()._resolve(orders, moves)
        return orders.filtered(lambda order: not order.sudo().club_redemption_id), moves
