"""Lines of orders that deliver a prize."""

from odoo import models
from odoo.addons.customer_club.engine import purchase
from odoo.tools import float_compare

DIRTY = "customer_club.prizes_delivered"


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_club_kind(self, excluded):
        return purchase.EXCLUDED if self.order_id.club_redemption_id else super()._get_club_kind(excluded)

    def _compute_price_unit(self):
        """The price of a prize is what the catalogue says, whatever quantity or price list."""
        super(SaleOrderLine, self.filtered(lambda line: not line.order_id.club_redemption_id))._compute_price_unit()

    def _compute_qty_delivered(self):
        """What went out by the order's own delivery is handed over; looked at once, before the commit."""
        super()._compute_qty_delivered()
        done = self.filtered(
            lambda line: (
                line.order_id.club_redemption_id
                and line.state == "sale"
                and float_compare(line.qty_delivered, line.product_uom_qty, precision_digits=4) >= 0
            )
        )
        ids = [order_id for order_id in done.order_id._ids if isinstance(order_id, int)]
        if ids:
            precommit = self.env.cr.precommit
            if DIRTY not in precommit.data:
                precommit.data[DIRTY] = set()
                precommit.add(self.env["sale.order"]._club_settle_prizes)
            precommit.data[DIRTY].update(ids)
