"""Prizes whose product has a stock: what is on hand is what there is; the order's own delivery hands it over."""

from odoo.addons.customer_club.models.prize.club_prize_offer import OutOfStock
from odoo.addons.customer_club.tests.prize_common import PrizeCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPrizeStock(PrizeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "stock.quant" not in cls.env:
            cls.skipTest(cls, "needs the Inventory app")
        cls.stock = cls.env["stock.warehouse"].search([("company_id", "=", cls.env.company.id)], limit=1).lot_stock_id
        cls.stored = cls.env["product.product"].create(
            {"name": "Stored Vase", "is_storable": True, "standard_price": 11, "taxes_id": False}
        )
        cls.env["stock.quant"]._update_available_quantity(cls.stored, cls.stock, 2)
        cls.prize = cls.make_prize(
            "Stored", delivery="order_line", product_id=cls.stored.id, stock_kind="product", cost=0
        )

    def test_what_is_on_hand_is_what_there_is(self):
        self.assertEqual(self.prize._get_left(), 2)
        first = self.redeem(self.prize)
        self.assertEqual(first.order_id.picking_ids.state, "assigned")
        self.assertEqual(self.prize._get_left(), 1)
        self.prize.money = 5
        self.redeem(self.prize)
        self.assertEqual(self.prize._get_left(), 0, "promised, though its order reserves nothing before it is paid")
        with self.assertRaises(OutOfStock):
            self.redeem(self.prize)
        first._update_state("cancelled", "test")
        self.assertEqual((first.order_id.picking_ids.state, self.prize._get_left()), ("cancel", 1))
        self.assertInvariantsHold()

    def test_handing_over_at_the_counter_takes_it_out_of_stock(self):
        redemption = self.redeem(self.prize)
        redemption.action_hand_over()
        picking = redemption.order_id.picking_ids
        self.assertEqual((picking.state, redemption.order_id.order_line.qty_delivered), ("done", 1))
        self.assertEqual((self.stored.qty_available, redemption.unit_cost), (1, 11))
        self.assertInvariantsHold()

    def test_the_delivery_of_the_order_hands_it_over(self):
        redemption = self.redeem(self.prize)
        picking = redemption.order_id.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking._action_done()
        self.env.cr.flush()
        redemption.invalidate_recordset()
        self.assertEqual(redemption.state, "delivered")
        self.assertTrue(redemption.satisfied_at)
        self.assertInvariantsHold()

    def test_two_prizes_share_the_stock_of_their_product(self):
        twin = self.make_prize("Twin", delivery="order_line", product_id=self.stored.id, stock_kind="product")
        self.redeem(self.prize)
        self.redeem(twin)
        with self.assertRaises(OutOfStock):
            self.redeem(twin)
        self.assertEqual(self.member.points, 300)
