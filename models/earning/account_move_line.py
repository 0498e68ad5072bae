"""What a line of an invoice without an order is to the club."""

from odoo import models
from odoo.addons.customer_club.engine import purchase


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_club_kind(self, excluded):
        """See ``sale.order.line._get_club_kind``."""
        self.ensure_one()
        if self.product_id.id in excluded:
            return purchase.EXCLUDED
        return purchase.DISCOUNT if self.price_total < 0 else purchase.GOODS

    def _get_club_quantity(self):
        """Units of the product's own unit of measure."""
        self.ensure_one()
        if self.product_id and self.product_uom_id and self.product_uom_id != self.product_id.uom_id:
            return self.product_uom_id._compute_quantity(self.quantity, self.product_id.uom_id, round=False)
        return self.quantity
