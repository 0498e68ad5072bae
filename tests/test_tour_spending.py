"""Choosing points at checkout in a real browser, until nothing is left to pay."""

from odoo.addons.customer_club.tests.test_tour_customer import ClubTourCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTourSpending(ClubTourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            "club_rosa",
            groups="base.group_portal",
            password="club_rosa",
            name="Rosa",
            email="rosa3@example.com",
        )
        cls.give_address(cls.user.partner_id)
        cls.rosa = cls.club._enrol(cls.user.partner_id)
        cls.post(3000, "tour", member=cls.rosa)
        cls.product.write({"list_price": 50, "type": "consu"})
        cls.club.spend_step_points = 100
        cls.env["delivery.carrier"].search([]).active = False
        post = cls.env["product.product"].create(
            {"name": "Post", "type": "service", "list_price": 5, "taxes_id": False}
        )
        cls.env["delivery.carrier"].create(
            {"name": "Post", "delivery_type": "fixed", "fixed_price": 5, "is_published": True, "product_id": post.id}
        )

    def test_choose_points_at_checkout(self):
        self.start_tour("/shop", "club_choose_points_at_checkout", login="club_rosa")
        order = self.env["sale.order"].search([("partner_id", "=", self.user.partner_id.id)])
        self.assertEqual((order.state, order.amount_total, order.amount_delivery), ("sale", 0, 5))
        self.env.invalidate_all()
        self.assertEqual(self.rosa.points, 900)
        self.assertEqual(self.rosa.points_pending, 0, "what points paid earns nothing")
        spent = self.rosa.entry_ids.filtered(lambda entry: entry.kind == "spend")
        self.assertEqual(spent.mapped("points"), [-2100])
        self.assertInvariantsHold()
