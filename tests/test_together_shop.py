"""A pool's points in the cart of those who may spend them."""

from odoo.addons.customer_club.tests.test_shop_club import ClubShopCase
from odoo.addons.customer_club.tests.together_common import TogetherCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPoolsInTheCart(TogetherCase, ClubShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = cls.env["club.pool"]._found(cls.member, "The Webers")
        cls.place = cls.pool._get_row(cls.member)
        cls.row = cls.pool._invite(cls.member, cls.member_2)
        cls.row._accept()
        cls.buy(100, "a")
        cls.env["club.pool.contribution"]._contribute(cls.place, 80)
        cls.card = cls.pool.account_id.card_id

    def spend_pool(self, points, pool=None, reward=None):
        return self.post_form(
            "/shop/club/pool",
            pool_id=(pool or self.pool).id,
            reward_id=(reward or self.per_point).id,
            points=points,
        )

    def used(self, order, card=None):
        order.invalidate_recordset()
        lines = order.order_line.filtered(lambda line: line.coupon_id == (card or self.card))
        return sum(lines.mapped("points_cost"))

    def test_the_cart_offers_the_pools_points_and_uses_as_many_as_chosen(self):
        order = self.fill_cart("club_ben")
        page = self.url_open("/shop/cart").text
        self.assertIn("The Webers", page)
        self.assertIn("80 Points", page)
        self.assertIn("This order uses", self.spend_pool(50).text)
        self.assertEqual((self.used(order), order.amount_total), (50, 37.5))
        self.spend_pool(20)
        self.assertEqual(self.used(order), 20)
        self.spend_pool(0)
        self.assertEqual(self.used(order), 0)
        self.spend_pool(30)
        order.action_confirm()
        self.assertEqual(self.points_of(self.pool.account_id, self.member_2), [50, 0])
        self.assertInvariantsHold()

    def test_more_than_the_pool_has_or_nonsense_uses_nothing(self):
        order = self.fill_cart("club_ben")
        for points in ("81", "-5", "x", "1e99", ""):
            self.spend_pool(points)
            self.assertEqual(self.used(order), 0)

    def test_abuse_4_who_may_not_spend_the_pool_is_not_offered_it(self):
        self.row._set_terms(self.member, "contributor", 0)
        order = self.fill_cart("club_ben")
        self.assertNotIn("The Webers", self.url_open("/shop/cart").text)
        self.spend_pool(10)
        self.post_form("/shop/claimreward", reward_id=self.per_point.id, code=self.card.code)
        self.assertEqual(self.used(order), 0)
        self.assertEqual(order.amount_total, 40)

    def test_abuse_13_the_code_of_a_pools_card_authorises_nothing(self):
        order = self.fill_cart("club_ben")
        self.pool._leave(self.row)
        self.post_form("/shop/pricelist", promo=self.card.code)
        self.post_form("/shop/claimreward", reward_id=self.per_point.id, code=self.card.code)
        self.assertEqual(self.used(order), 0)

    def test_points_out_between_the_view_and_the_click_are_refused_in_words(self):
        order = self.fill_cart("club_ben")
        self.url_open("/shop/cart")
        self.post(-80, "gone", member=self.pool.account_id)
        self.assertIn("up to", self.spend_pool(50).text)
        self.assertEqual(self.used(order), 0)

    def test_a_months_limit_is_said_in_the_cart(self):
        self.row._set_terms(self.member, "spender", 10)
        order = self.fill_cart("club_ben")
        self.assertIn("only 10 Points more", self.spend_pool(50).text)
        self.assertEqual(self.used(order), 0)
        self.spend_pool(10)
        self.assertEqual(self.used(order), 10)

    def test_own_points_make_room_for_the_pools(self):
        order = self.fill_cart()
        self.post_form("/shop/club/points", reward_id=self.per_point.id, points="10")
        self.assertEqual(self.used(order, self.member.card_id), 10)
        self.spend_pool(30)
        self.assertEqual((self.used(order), self.used(order, self.member.card_id)), (30, 0))
        self.post_form("/shop/club/points", reward_id=self.per_point.id, points="5")
        self.assertEqual((self.used(order), self.used(order, self.member.card_id)), (0, 5))
