"""What a customer tries in the shop beyond its buttons (abuse.md 4, 19; never.md 8)."""

import json

from odoo.addons.customer_club.tests.test_shop_club import ClubShopCase
from odoo.exceptions import UserError
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestShopGivesNoMoreThanPointsBuy(ClubShopCase):
    def _claim(self, order, points):
        order._club_apply_points(self.member.card_id, self.per_point, points)
        return order.order_line.filtered("reward_id")

    def _rpc(self, path, **params):
        return self.url_open(
            path, headers={"Content-Type": "application/json"}, data=json.dumps({"params": params})
        ).json()

    def test_the_quantity_of_a_reward_is_not_the_customers(self):
        self.post(1000, "e")
        order = self.fill_cart()
        line = self._claim(order, 100)
        paid = order.amount_total
        for quantity in (5, 1000, -1):
            self._rpc("/shop/cart/update", line_id=line.id, quantity=quantity)
            order.invalidate_recordset()
            used = sum(order.order_line.mapped("points_cost"))
            saved = -sum(order.order_line.filtered("reward_id").mapped("price_total"))
            self.assertAlmostEqual(saved, used * self.per_point.discount, 2, quantity)
            self.assertGreaterEqual(order.amount_total, min(paid, 40 - used * self.per_point.discount) - 0.001)

    def test_a_free_product_stays_as_many_as_its_points_buy(self):
        self.post(300, "e")
        gift = self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": self.product.id,
                "required_points": 300,
            }
        )
        order = self.fill_cart()
        order._update_programs_and_rewards()
        self.assertFalse(order._apply_program_reward(gift, self.member.card_id))
        line = order.order_line.filtered("reward_id")
        self._rpc("/shop/cart/update", line_id=line.id, quantity=7)
        order.invalidate_recordset()
        rewards = order.order_line.filtered("reward_id")
        self.assertLessEqual(sum(rewards.mapped("product_uom_qty")), 1)
        self.assertEqual(sum(rewards.mapped("points_cost")), 300 * len(rewards))

    def test_no_link_claims_a_clubs_reward_however_its_id_is_written(self):
        """abuse.md 19."""
        self.post(2000, "e")
        order = self.fill_cart()
        order._update_programs_and_rewards()
        for written in (
            f"{self.dear.id}",
            f"%20{self.dear.id}%20",
            f"%2B{self.dear.id}",
            f"0{self.dear.id}",
            f"{self.dear.id}_",
            "_".join(str(self.dear.id)),
            "".join(chr(0x660 + int(digit)) for digit in str(self.dear.id)),
        ):
            self.url_open(f"/shop/claimreward?reward_id={written}")
            order.invalidate_recordset()
            self.assertFalse(order.order_line.filtered("reward_id"), written)

    def test_another_members_card_code_pays_nothing(self):
        """abuse.md 4: even who knows the secret code of another's card cannot pay with it."""
        self.post(2000, "e", member=self.member_2)
        order = self.fill_cart()
        code = self.member_2.card_id.code
        self.url_open(f"/coupon/{code}")
        self.post_form("/shop/pricelist", promo=code)
        self.post_form("/shop/claimreward", reward_id=str(self.dear.id), code=code)
        self.post_form("/shop/club/points", reward_id=str(self.per_point.id), points="100")
        order.invalidate_recordset()
        if order.order_line.filtered("coupon_id"):
            with self.assertRaises(UserError):
                order.action_confirm()
        self.assertEqual(self.member_2.points, 2000)

    def test_numbers_that_are_none_spend_nothing(self):
        self.post(1000, "e")
        order = self.fill_cart()
        for points in ("NaN", "Infinity", "-1", "1e99", "0x10", "1001", "", "--5", "۱۰۰۱"):
            response = self.post_form("/shop/club/points", reward_id=str(self.per_point.id), points=points)
            self.assertEqual(response.status_code, 200, points)
            order.invalidate_recordset()
            self.assertFalse(order.order_line.filtered("points_cost"), points)
