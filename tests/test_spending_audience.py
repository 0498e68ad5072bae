"""Rewards on orders that are not for everybody: never offered, never claimed, never confirmed for others."""

from datetime import timedelta

from odoo import fields
from odoo.addons.customer_club.tests.test_spending_policy import ClubPolicyCase
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged


class RewardCase(ClubPolicyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gold = cls.env["club.tier"].create({"club_id": cls.club.id, "name": "Gold", "threshold": 5000})
        cls.gift = cls.env["loyalty.reward"].create(
            {
                "program_id": cls.club.program_id.id,
                "reward_type": "product",
                "reward_product_id": cls.vase.id,
                "required_points": 100,
                "description": "A vase",
            }
        )
        cls.post(1000, "ben", member=cls.member_2)

    def claim(self, order, reward=None, card=None):
        order._update_programs_and_rewards()
        status = order._apply_program_reward(reward or self.gift, card or self.card)
        self.assertFalse(status)
        order._update_programs_and_rewards()
        return order

    def refuse(self):
        """Make the gift one that Anna cannot have."""
        self.gift.audience_from_tier_id = self.gold

    def offered(self, order):
        return order._get_claimable_rewards(forced_coupons=self.card).get(self.card, self.gift.browse())


@tagged("post_install", "-at_install")
class TestWhoCanHaveAReward(RewardCase):
    def test_each_condition_hides_and_refuses(self):
        group = self.env["res.partner.category"].create({"name": "Florists"})
        segment = self.env["club.segment"].create(
            {"name": "Bens", "club_id": self.club.id, "domain": "[('partner_id.name', '=', 'Ben')]"}
        )
        today = self.club._get_today()
        for values in (
            {"audience_from_tier_id": self.gold.id},
            {"audience_tier_ids": self.gold.ids},
            {"audience_group_ids": group.ids},
            {"audience_segment_ids": segment.ids},
            {"date_from": today + timedelta(days=1)},
            {"date_to": today - timedelta(days=1)},
        ):
            with self.subTest(values=values):
                self.gift.write(values)
                order = self.make_order()
                order._update_programs_and_rewards()
                self.assertNotIn(self.gift, self.offered(order))
                showable = order._get_claimable_and_showable_rewards()
                self.assertNotIn(self.gift, showable.get(self.card, self.gift.browse()))
                self.assertNotIn(self.gift, self.member._get_order_rewards())
                self.assertNotIn("A vase", [row["name"] for row in self.member._get_portal_rewards()])
                rows = order._prepare_portal_spending(self.club, self.card)["rewards"]
                self.assertNotIn(self.gift, [row["reward"] for row in rows])
                wizard = self.env["sale.loyalty.reward.wizard"].with_context(active_id=order.id).create({})
                self.assertNotIn(self.gift, wizard.reward_ids)
                wizard.selected_reward_id = self.gift
                with self.assertRaises(ValidationError):
                    wizard.action_apply()
                with self.assertRaisesRegex(UserError, "Nothing was taken"):
                    order._apply_program_reward(self.gift, self.card)
                self.gift.write(dict.fromkeys(values, False))
                self.assertIn(self.gift, self.offered(order))

    def test_who_meets_the_conditions_can_have_it(self):
        self.gift.write({"audience_from_tier_id": self.gold.id, "date_to": self.club._get_today()})
        self.member.sudo().write({"tier_id": self.gold.id})
        order = self.make_order()
        order._update_programs_and_rewards()
        self.assertIn(self.gift, self.offered(order))
        self.claim(order, self.gift)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_reward_that_ended_before_the_confirmation_is_refused_in_words(self):
        order = self.claim(self.make_order())
        self.gift.date_to = self.club._get_today() - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "A vase has ended"), self.env.cr.savepoint():
            order.action_confirm()
        self.env.invalidate_all()
        self.assertEqual((order.state, self.member.points), ("draft", 1000))
        order._update_programs_and_rewards()
        self.assertFalse(order.order_line.filtered("reward_id"))
        self.assertInvariantsHold()

    def test_a_paid_order_keeps_its_reward(self):
        """never.md 22."""
        order = self.claim(self.make_order())
        self.env["payment.transaction"].create(
            {
                "provider_id": self.env["payment.provider"].search([("code", "=", "demo")], limit=1).id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "reference": f"kept-{order.id}",
                "state": "done",
                "sale_order_ids": [Command.set(order.ids)],
            }
        )
        total = order.amount_total
        self.refuse()
        order.action_confirm()
        self.assertEqual((order.state, order.amount_total), ("sale", total))
        self.assertTrue(order.order_line.filtered("reward_id"))
        self.assertEqual(self.member.points, 0, "as many vases as the points bought")

    def test_the_counter_refuses_it_too(self):
        self.refuse()
        counter = self.env["club.counter"].sudo()
        order = self.make_order()
        asked = {"reward_id": self.gift.id, "reward_product_id": False, "points": 0}
        with self.assertRaises(UserError):
            counter._apply_reward(order, self.member, asked)
        self.assertFalse(order.order_line.filtered("reward_id"))

    def test_no_query_more_to_confirm_an_order_without_rewards(self):
        def confirm():
            order = self.make_order()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        confirm()
        plain = confirm()
        self.refuse()
        self.gift.club_limit = 1
        confirm()
        self.assertEqual(confirm(), plain)

    def test_conditions_are_for_rewards_of_clubs(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Odoo's own",
                "program_type": "loyalty",
                "reward_ids": [Command.create({"required_points": 1})],
            }
        )
        with self.assertRaises(ValidationError):
            program.reward_ids.club_limit = 1
        with self.assertRaises(ValidationError):
            program.reward_ids.audience_from_tier_id = self.gold

    def test_a_tier_of_another_club_is_refused(self):
        other = self.env["club.club"].create({"name": "Tulip Club", "tz": "UTC"})
        tier = self.env["club.tier"].create({"club_id": other.id, "name": "Bulb", "threshold": 0})
        with self.assertRaises(ValidationError):
            self.gift.audience_from_tier_id = tier


@tagged("post_install", "-at_install")
class TestHowOftenAReward(RewardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gift.write({"club_limit": 1, "club_limit_period": "month", "required_points": 1000})

    def test_once_a_month_and_member(self):
        first = self.claim(self.make_order())
        first.action_confirm()
        self.post(2000, "more")
        second = self.make_order()
        second._update_programs_and_rewards()
        self.assertNotIn(self.gift, self.offered(second))
        with self.assertRaisesRegex(UserError, "1 times a month, and it was"):
            second._apply_program_reward(self.gift, self.card)
        row = next(
            row
            for row in second._prepare_portal_spending(self.club, self.card)["rewards"]
            if row["reward"] == self.gift
        )
        self.assertIn("1 times a month", row["note"])
        bens = self.claim(self.make_order(partner=self.partner_2), card=self.member_2.card_id)
        bens.action_confirm()
        self.assertEqual(self.member_2.points, 0, "it is per member")
        first.date_order = fields.Datetime.now() - timedelta(days=40)
        self.assertIn(self.gift, self.offered(second), "another month")

    def test_a_cancelled_order_does_not_count(self):
        first = self.claim(self.make_order())
        first.action_confirm()
        first._action_cancel()
        second = self.claim(self.make_order())
        second.action_confirm()
        self.assertEqual(self.member.points, 0)

    def test_two_quotations_confirmed_one_after_the_other(self):
        self.post(1000, "more")
        first, second = self.claim(self.make_order()), self.claim(self.make_order())
        first.action_confirm()
        with self.assertRaisesRegex(UserError, "1 times a month"):
            second.action_confirm()


@tagged("post_install", "-at_install")
class TestTheTillAndRewardsForSome(RewardCase):
    def test_the_till_offers_only_what_every_member_can_have(self):
        """It cannot ask for whom a reward is; those with conditions are had elsewhere."""
        if "pos.config" not in self.env or not hasattr(self.env["loyalty.rule"], "_load_pos_data_search_read"):
            self.skipTest("the till is not installed in this database")
        config = self.env["pos.config"].create({"name": "Club Till"})
        offered = self.env["loyalty.reward"].search(self.env["loyalty.reward"]._load_pos_data_domain({}, config))
        self.assertLessEqual(self.gift | self.reward, offered)
        self.refuse()
        offered = self.env["loyalty.reward"].search(self.env["loyalty.reward"]._load_pos_data_domain({}, config))
        self.assertNotIn(self.gift, offered)
        self.assertIn(self.reward, offered)
