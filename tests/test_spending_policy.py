"""What a club lets points pay on an order: the same in the cart, on quotations, at the counter and at the end."""

import math
import random
from decimal import Decimal

from odoo.addons.customer_club.tests import test_spending_orders
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import ClubCase


class ClubPolicyCase(ClubCase):
    """A point is worth 0.05; Anna has 1,000 of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.card = cls.member.card_id
        cls.reward = cls.club.program_id.reward_ids[:1]
        cls.reward.write({"discount": 0.05, "required_points": 1})
        cls.vase = cls.env["product.product"].create(
            {"name": "Vase", "list_price": 10.0, "taxes_id": False, "invoice_policy": "order"}
        )
        cls.post(1000, "policy")

    def make_order(self, *products, partner=None, **values):
        return self.env["sale.order"].create(
            {
                "partner_id": (partner or self.partner).id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": quantity})
                    for product, quantity in products or [(self.product, 4)]
                ],
                **values,
            }
        )

    def add_delivery(self, order, price=5.0, taxes=False):
        product = self.env["product.product"].create(
            {"name": "Delivery", "type": "service", "taxes_id": taxes, "list_price": price}
        )
        carrier = self.env["delivery.carrier"].create(
            {"name": "Post", "product_id": product.id, "delivery_type": "fixed", "fixed_price": price}
        )
        order.set_delivery_line(carrier, price)
        return order.order_line.filtered("is_delivery")

    def choices(self, order):
        return order._get_point_choices(self.reward, self.card)

    def use(self, order, points):
        order._club_apply_points(self.card, self.reward, Decimal(points))

    def used(self, order):
        return sum(line.points_cost for line in order.order_line if line.coupon_id == self.card)


@tagged("post_install", "-at_install")
class TestThePolicyOfAClub(ClubPolicyCase):
    def test_at_most_a_share_of_the_order_in_whole_points(self):
        self.club.spend_most_percent = 50
        order = self.make_order()
        self.assertEqual(self.choices(order).most, 400)
        with self.assertRaisesRegex(UserError, "up to 400 Points on this order: at most 50 % of the order"):
            self.use(order, 401)
        self.assertEqual(self.used(order), 0)
        self.use(order, 400)
        self.assertEqual(order.amount_total, 20)
        order.action_confirm()
        self.assertEqual(self.member.points, 600)
        self.assertInvariantsHold()

    def test_a_claim_by_staff_takes_no_more_than_the_policy_allows(self):
        """never.md 8: what is shown is what is deducted, whoever claims."""
        self.club.write({"spend_most_percent": 33, "spend_step_points": 50})
        order = self.make_order()
        order._update_programs_and_rewards()
        order._apply_program_reward(self.reward, self.card)
        self.assertEqual((self.used(order), order.amount_total), (250, 27.5))
        order._update_programs_and_rewards()
        self.assertEqual((self.used(order), order.amount_total), (250, 27.5))
        order.action_confirm()
        self.assertEqual((self.member.points, order.amount_total), (750, 27.5))

    def test_a_least_number_and_steps(self):
        self.club.write({"spend_least_points": 90, "spend_step_points": 50})
        order = self.make_order()
        for points, words in ((50, "100 Points or more"), (120, "in steps of 50 Points"), (801, "up to 800")):
            with self.subTest(points=points), self.assertRaisesRegex(UserError, words):
                self.use(order, points)
        self.assertEqual(self.used(order), 0)
        self.use(order, 100)
        self.assertEqual((self.used(order), order.amount_total), (100, 35))
        small = self.make_order((self.product, 0.1))
        with self.assertRaisesRegex(UserError, "from 100 Points on"):
            self.use(small, 20)

    def test_an_order_too_small_for_the_least_says_why(self):
        self.club.write({"spend_least_points": 100, "spend_most_percent": 10})
        with self.assertRaisesRegex(UserError, "from 100 Points on, but points pay at most 10 % of the order, here 80"):
            self.use(self.make_order(), 80)

    def test_what_points_cannot_buy_is_paid_in_money(self):
        category = self.env["product.category"].create({"name": "Vessels"})
        self.vase.categ_id = self.env["product.category"].create({"name": "Vases", "parent_id": category.id})
        tag = self.env["product.tag"].create({"name": "Not for points"})
        for field, record in (
            ("spend_excluded_product_ids", self.vase),
            ("spend_excluded_category_ids", category),
            ("spend_excluded_tag_ids", tag),
        ):
            with self.subTest(field=field):
                if record == tag:
                    self.vase.product_tag_ids = tag
                self.club[field] = record
                order = self.make_order((self.product, 2), (self.vase, 2))
                self.assertEqual(self.choices(order).most, 400)
                self.use(order, 400)
                self.assertEqual(order.amount_total, 20, "the vases are paid")
                self.use(order, 0)
                self.club[field] = False
                self.assertEqual(self.choices(order).most, 800)

    def test_an_order_of_nothing_that_points_can_buy(self):
        self.club.spend_excluded_product_ids = self.vase
        order = self.make_order((self.vase, 2))
        self.assertEqual(self.choices(order).most, 0)
        order._update_programs_and_rewards()
        with self.assertRaises(UserError):
            order._apply_program_reward(self.reward, self.card)

    def test_the_share_is_of_what_points_can_buy(self):
        self.club.write({"spend_excluded_product_ids": self.vase.ids, "spend_most_percent": 50})
        order = self.make_order((self.product, 2), (self.vase, 10))
        self.assertEqual(self.choices(order).most, 200)

    def test_exclusions_hold_for_specific_and_cheapest_discounts_too(self):
        self.club.spend_excluded_product_ids = self.vase
        self.vase.list_price = 1
        order = self.make_order((self.product, 2), (self.vase, 2))
        for applicability, most in (("specific", 400), ("cheapest", 200)):
            with self.subTest(applicability=applicability):
                self.reward.discount_applicability = applicability
                self.assertEqual(self.choices(order).most, most)

    def test_other_discounts_come_first(self):
        """A coupon takes 10 % off everything; half of what is left of what points can buy may be paid with points."""
        self.club.write({"spend_excluded_product_ids": self.vase.ids, "spend_most_percent": 50})
        promotion = self.env["loyalty.program"].create(
            {
                "name": "Ten off",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_amount": 1})],
                "reward_ids": [
                    Command.create({"reward_type": "discount", "discount": 10, "discount_applicability": "order"})
                ],
            }
        )
        order = self.make_order((self.product, 4), (self.vase, 6))
        order._update_programs_and_rewards()
        order._apply_program_reward(promotion.reward_ids, order.coupon_point_ids.coupon_id)
        self.assertEqual(order.amount_total, 90)
        self.assertEqual(self.choices(order).most, 360)
        self.use(order, 360)
        self.assertEqual((self.used(order), order.amount_total), (360, 72))

    def test_delivery_is_paid_with_points_if_the_club_says_so(self):
        order = self.make_order()
        self.add_delivery(order)
        self.assertEqual(self.choices(order).most, 900)
        self.club.spend_pays_delivery = False
        self.assertEqual(self.choices(order).most, 800)
        self.club.write({"spend_pays_delivery": True, "spend_most_percent": 10})
        self.assertEqual(self.choices(order).most, 90)

    def test_free_shipping_leaves_nothing_of_delivery_to_pay(self):
        shipping = self.env["loyalty.reward"].create(
            {"program_id": self.club.program_id.id, "reward_type": "shipping", "required_points": 50}
        )
        order = self.make_order()
        self.add_delivery(order)
        self.use(order, 900)
        self.assertEqual(order.amount_total, 0)
        order._apply_program_reward(shipping, self.card)
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 0, "not less than nothing")
        self.assertEqual(self.used(order), 850)
        order.action_confirm()
        self.assertEqual(self.member.points, 150)

    def test_a_fixed_discount_beyond_the_share_is_refused_in_words(self):
        half = self.env["loyalty.reward"].create(
            {
                "program_id": self.club.program_id.id,
                "reward_type": "discount",
                "discount_mode": "percent",
                "discount": 50,
                "discount_applicability": "order",
                "required_points": 10,
                "description": "Half price",
            }
        )
        order = self.make_order()
        order._update_programs_and_rewards()
        self.club.spend_most_percent = 49.9
        with self.assertRaisesRegex(UserError, "at most 49.9 % of the order, and Half price would pay more"):
            order._apply_program_reward(half, self.card)
        self.club.spend_most_percent = 50
        self.assertFalse(order._apply_program_reward(half, self.card))
        order._update_programs_and_rewards()
        self.assertEqual(order.amount_total, 20)
        self.assertEqual(self.choices(order).most, 0, "the share is used up")

    def test_lines_that_change_later_take_the_points_along(self):
        self.club.spend_most_percent = 50
        order = self.make_order()
        self.use(order, 400)
        order.order_line.filtered(lambda line: not line.reward_id).product_uom_qty = 2
        order.action_confirm()
        self.assertEqual((self.used(order), order.amount_total), (200, 10))
        self.assertEqual(self.member.points, 800)
        self.assertIn("took 200 Points instead of 400 Points", order.message_ids[0].body)
        self.assertInvariantsHold()

    def test_a_customer_who_confirms_is_never_charged_another_amount(self):
        """never.md 8: the policy changed between the page and the click."""
        order = self.make_order()
        self.use(order, 800)
        self.assertEqual(order.amount_total, 0)
        self.club.spend_most_percent = 50
        with self.assertRaisesRegex(UserError, "total would be"), self.env.cr.savepoint():
            order._validate_order()
        self.env.invalidate_all()
        self.assertEqual((order.state, self.member.points), ("draft", 1000))

    def test_an_order_whose_money_was_taken_keeps_what_was_promised(self):
        """never.md 22: neither a later policy nor a later balance changes what was paid for."""
        for cap in (-1, 300):
            with self.subTest(cap=cap):
                self.club.spend_most_percent = 50
                order = self.make_order()
                if cap > 0:
                    self.use(order, cap)
                else:
                    order._update_programs_and_rewards()
                    order._apply_program_reward(self.reward, self.card)
                total, points = order.amount_total, self.used(order)
                test_spending_orders.TestSpendingOnOrders.pay(self, order, "done")
                self.club.write({"spend_most_percent": 1 if cap > 0 else 100, "spend_least_points": 500})
                order.action_confirm()
                self.assertEqual((order.state, order.amount_total, self.used(order)), ("sale", total, points))
                self.club.spend_least_points = 0
        self.assertEqual(self.member.points, 1000 - 400 - 300)
        self.assertInvariantsHold()

    def test_settings_that_make_no_sense_are_refused(self):
        for values in (
            {"spend_most_percent": 0},
            {"spend_most_percent": 100.5},
            {"spend_step_points": -1},
            {"spend_least_points": -5},
            {"spend_hold_minutes": 0},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.club.write(values)


@tagged("post_install", "-at_install")
class TestMoneyAndPoints(ClubPolicyCase):
    """never.md 10 and 15: exact in every currency and with every kind of tax."""

    def taxes(self):
        Tax = self.env["account.tax"]
        group = self.env["account.tax.group"].create({"name": "Spending"})
        base = {"amount_type": "percent", "type_tax_use": "sale", "tax_group_id": group.id}
        return [
            Tax.create({**base, "name": "19 % on top", "amount": 19}),
            Tax.create({**base, "name": "7 % on top", "amount": 7}),
            Tax.create({**base, "name": "21 % within", "amount": 21, "price_include_override": "tax_included"}),
            Tax.browse(),
        ]

    def test_points_pay_odd_orders_to_the_last_cent(self):
        taxes, chance = self.taxes(), random.Random(4)
        self.post(10**6, "plenty")
        for _round in range(25):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.partner.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": chance.randint(1, 7),
                                "price_unit": chance.randint(1, 9999) / 100,
                                "tax_ids": [Command.set(chance.choice(taxes).ids)],
                                "discount": chance.choice([0, 0, 12.5]),
                            }
                        )
                        for _line in range(chance.randint(1, 5))
                    ],
                }
            )
            self.add_delivery(order, chance.randint(1, 900) / 100, chance.choice(taxes).ids)
            total, self.club.spend_most_percent = order.amount_total, 100
            with self.subTest(total=total):
                self.use(order, self.choices(order).most)
                self.assertEqual(order.amount_total, 0, "paid wholly")
                self.assertEqual(self.used(order), math.ceil(Decimal(str(round(total, 2))) / Decimal("0.05")))
                self.club.spend_most_percent = 30
                order._update_programs_and_rewards()
                saved = total - order.amount_total
                self.assertAlmostEqual(saved, self.used(order) * 0.05, places=6)
                self.assertLessEqual(saved, total * 0.3 + 0.005)

    def test_an_order_in_another_currency(self):
        rate = 4.0
        other = self.env["res.currency"].create({"name": "QQQ", "symbol": "Q", "rounding": 0.01})
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "name": "2020-01-01", "rate": rate, "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Q", "currency_id": other.id})
        order = self.make_order(pricelist_id=pricelist.id)
        self.assertEqual(order.amount_total, 160)
        self.assertEqual(self.choices(order).most, 800)
        self.use(order, 400)
        self.assertEqual((order.amount_total, self.used(order)), (80, 400))
        row = order._prepare_portal_spending(self.club, self.card)["rewards"][0]
        self.assertIn("80.00", row["saves"])
        self.assertIn("0.20", row["worth"])
        self.assertNotIn(self.env.company.currency_id.symbol, row["saves"])
        self.club.spend_most_percent = 25
        self.assertEqual(self.choices(order).most, 200)

    def test_a_currency_without_decimals(self):
        self.env.company.currency_id.rounding = 1
        self.reward.discount = 3
        order = self.make_order((self.product, 1))
        order.order_line.price_unit = 1000
        self.club.spend_most_percent = 50
        self.assertEqual(self.choices(order).most, 166)
        self.use(order, 166)
        self.assertEqual(order.amount_total, 502)


@tagged("post_install", "-at_install")
class TestWhoMayDoWhat(ClubPolicyCase):
    """abuse 15 and 3: staff of sales use rewards without any right on the club; only managers change the policy."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller, cls.clerk, cls.manager = (
            new_test_user(cls.env, login, groups=groups)
            for login, groups in (
                ("policy_seller", "sales_team.group_sale_salesman_all_leads"),
                ("policy_clerk", "customer_club.group_club_user"),
                ("policy_manager", "customer_club.group_club_manager"),
            )
        )

    def test_a_salesperson_claims_and_confirms_within_the_policy(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 0})
        self.member.sudo().tier_id = tier
        segment = self.env["club.segment"].create({"name": "All", "club_id": self.club.id})
        self.reward.write(
            {"audience_from_tier_id": tier.id, "audience_segment_ids": segment.ids, "club_limit": 2, "cost": 1}
        )
        self.club.write({"spend_most_percent": 50, "spend_excluded_product_ids": self.vase.ids})
        order = self.make_order((self.product, 4), (self.vase, 1)).with_user(self.seller)
        order._update_programs_and_rewards()
        Wizard = self.env["sale.loyalty.reward.wizard"].with_user(self.seller)
        wizard = Wizard.with_context(active_id=order.id).create({})
        self.assertIn(self.reward, wizard.reward_ids)
        wizard.selected_reward_id = self.reward
        wizard.action_apply()
        order.action_confirm()
        self.assertEqual((order.amount_total, self.member.points), (30, 600))
        self.assertInvariantsHold()

    def test_only_managers_change_the_policy_and_the_audience(self):
        for user in (self.seller, self.clerk):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.club.with_user(user).spend_most_percent = 10
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self.reward.with_user(user).club_limit = 5
        self.club.with_user(self.manager).write({"spend_most_percent": 10})
        self.reward.with_user(self.manager).write({"club_limit": 5, "cost": 2, "nature": "soft"})
        self.assertEqual((self.club.spend_most_percent, self.reward.club_limit), (10, 5))

    def test_a_context_changes_nothing(self):
        """abuse 5."""
        order = self.make_order().with_context(club_points_cap=1, club_settled=True, bypass=1, tracking_disable=True)
        self.club.spend_most_percent = 50
        order._update_programs_and_rewards()
        order._apply_program_reward(self.reward, self.card)
        self.assertLessEqual(self.used(order), 400)
