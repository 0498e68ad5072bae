"""Which part of a line was returned."""

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _club_refund_lines(self):
        """Lines of posted credit notes that take back from this line."""
        return self.sudo().invoice_lines.filtered(
            lambda line: line.move_id.move_type == "out_refund" and line.parent_state == "posted"
        )

    def _club_refunded_amount(self):
        """What posted credit notes take back of this line, tax included, in the order's currency; never negative."""
        amount = sum(self._club_refund_lines().mapped("price_total"))
        # A discount that a credit note adds instead of taking it back is paid out twice, not returned.
        return max(-amount if self.price_total < 0 else amount, 0.0)

    def _club_returned_share(self):
        """Which share (0 to 1) of this line posted credit notes take back: by amount, or by quantity if it is free."""
        if self.price_total:
            share = self._club_refunded_amount() / abs(self.price_total)
        elif self.product_uom_qty:
            share = sum(self._club_refund_lines().mapped("quantity")) / self.product_uom_qty
        else:
            share = 0.0
        return min(max(share, 0.0), 1.0)

    def _club_returned_part(self):
        """Which part (0 to 1) of a reward, whose lines these are, posted credit notes take back.

        A discount has a line for each set of taxes: goods of one set that come back bring back its part of the points.
        """
        money = sum(abs(line.price_total) for line in self)
        if not money:
            return min(line._club_returned_share() for line in self)
        return sum(abs(line.price_total) * line._club_returned_share() for line in self) / money
