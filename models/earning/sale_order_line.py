"""What a line of an order is to the club."""

from odoo import models
from odoo.addons.customer_club.engine import purchase


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _compute_amount(self):
        super()._compute_amount()
        self._mark_club_sales()

    def unlink(self):
        self._mark_club_sales()
        return super().unlink()

    def _mark_club_sales(self):
        """A changed line of a confirmed order changes what it earns."""
        orders = self.order_id.filtered(lambda order: order.state == "sale")
        if orders:
            self.env["club.purchase"]._mark(orders)

    def _get_club_kind(self, excluded):
        """What the line is to the club: goods, a discount, delivery, money already counted, or excluded.

        :param excluded: ids of products that never earn.
        """
        self.ensure_one()
        program_type = self.reward_id.program_type
        if program_type in ("ewallet", "gift_card"):
            return purchase.MONEY
        if self.is_delivery or self.reward_id.reward_type == "shipping":
            return purchase.DELIVERY
        if self.product_id.id in excluded or (self.reward_id and self.price_total >= 0):
            return purchase.EXCLUDED
        return purchase.DISCOUNT if self.price_total < 0 else purchase.GOODS

    def _get_club_quantity(self):
        """Units of the product's own unit of measure."""
        self.ensure_one()
        if self.product_uom_id and self.product_uom_id != self.product_id.uom_id:
            return self.product_uom_id._compute_quantity(self.product_uom_qty, self.product_id.uom_id, round=False)
        return self.product_uom_qty
