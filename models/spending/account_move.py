"""Credit notes give points back in proportion, and never turn points into cash (abuse.md 7)."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        refunds = self.filtered(lambda move: move.move_type == "out_refund")
        orders = refunds._club_orders_with_rewards()
        posted = super()._post(soft=soft)
        if orders:
            orders._club_check_refunds()
            orders._club_settle_returns()
        return posted

    def button_draft(self):
        orders = self._club_orders_with_rewards()
        result = super().button_draft()
        orders._club_settle_returns()
        return result

    def button_cancel(self):
        orders = self._club_orders_with_rewards()
        result = super().button_cancel()
        orders._club_settle_returns()
        return result

    def _club_orders_with_rewards(self):
        """Confirmed orders that these credit notes take back from and that used points."""
        orders = (
            self.filtered(lambda move: move.move_type == "out_refund").sudo().invoice_line_ids.sale_line_ids.order_id
        )
        return orders.filtered(lambda order: order.state == "sale" and order._club_reward_lines())
