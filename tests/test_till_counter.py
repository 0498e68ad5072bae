"""Goods from stock that are sold at the counter, where the stock is kept: handed over, and back again when undone."""

from odoo.addons.customer_club.tests.test_counter_sale import CounterCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestStockAtTheCounter(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "stock.picking" not in cls.env:
            cls.skipTest(cls, "there is no stock in this database; ./dev test runs this where the till brings it")

    def undo(self, result):
        return self.counter.undo_last(result["last"]["id"])

    def test_goods_from_stock_are_handed_over(self):
        self.product.write({"type": "consu", "is_storable": True, "invoice_policy": "delivery"})
        self.sell("", lines=[{"product_id": self.product.id, "quantity": "2", "price": ""}])
        order = self.orders()
        self.assertEqual(order.picking_ids.mapped("state"), ["done"])
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(order.invoice_ids.payment_state, "paid")

    def test_goods_return_to_stock(self):
        self.product.write({"type": "consu", "is_storable": True})
        result = self.sell("", lines=[{"product_id": self.product.id, "quantity": "2", "price": ""}])
        before = self.product.with_context(active_test=False).qty_available
        self.undo(result)
        self.product.invalidate_recordset()
        self.assertEqual(self.product.qty_available, before + 2)
        self.assertEqual(self.orders().state, "cancel")
