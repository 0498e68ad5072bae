"""A family makes a pool and spends from it in the shop; a gift is sent and accepted, in a real browser."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.test_tour_customer import ClubTourCase
from odoo.tests import new_test_user, tagged


@tagged("post_install", "-at_install")
class TestTourTogether(ClubTourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"gift_active": True, "pool_active": True, "gift_cooling_hours": 0, "terms": False})
        cls.users = [
            new_test_user(
                cls.env,
                login,
                groups="base.group_portal",
                password=login,
                name=name,
                email=f"{login}@example.com",
            )
            for login, name in (("club_rosa", "Rosa"), ("club_theo", "Theo"))
        ]
        cls.rosa, cls.theo = (cls.club._enrol(user.partner_id) for user in cls.users)
        when = fields.Datetime.now() - timedelta(days=100)
        event = cls.env["club.event"]._record(
            [{"member_id": cls.rosa.id, "type": "purchase", "key": "old", "occurred_at": when, "amount": 100}]
        )
        cls.post(100, "old", member=cls.rosa, date=when, event_id=event.id)

    def test_a_family_makes_a_pool_and_spends_from_it(self):
        self.give_address(self.rosa.partner_id)
        self.start_tour("/my/club", "club_pool_and_spend", login="club_rosa", timeout=240)
        self.env.invalidate_all()
        pool = self.env["club.pool"].search([("club_id", "=", self.club.id)])
        order = self.env["sale.order"].search([("partner_id", "=", self.rosa.partner_id.id)])
        self.assertEqual(order.order_line.coupon_id, pool.account_id.card_id)
        self.assertEqual(order.amount_total, 97.5, "50 points of 0.05 each")
        order.action_confirm()
        self.assertEqual((pool.points, self.rosa.points), (30, 20))
        self.assertInvariantsHold()

    def test_a_gift_is_sent_and_accepted(self):
        self.start_tour("/my/club", "club_give_points", login="club_rosa", timeout=180)
        self.assertEqual(self.rosa.points, 100, "a wrong number takes nothing")
        self.rosa._give(self.theo, 25, "Thank you!")
        self.start_tour("/my/club", "club_accept_gift", login="club_theo", timeout=180)
        self.env.invalidate_all()
        self.assertEqual((self.rosa.points, self.theo.points), (75, 25))
        self.assertInvariantsHold()
