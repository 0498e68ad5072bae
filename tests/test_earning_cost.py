"""Switching a rule on shows what it would have cost; a replay writes nothing and knows the time's tiers."""

from datetime import datetime
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from odoo import fields
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ClubCase

NOW = "2026-08-15 12:00:00"


class CostCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.number = 0
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )
        cls.env["club.tier.history"].search([]).filtered(lambda row: row.club_id == cls.club).unlink()

    def fact(self, event_type, months_ago, member=None, **values):
        type(self).number += 1
        return {
            "member_id": (member or self.member).id,
            "type": event_type,
            "key": f"cost:{self.number}",
            "occurred_at": datetime(2026, 8, 14, 12) - relativedelta(months=months_ago),
            "processed_at": fields.Datetime.now(),
            **values,
        }

    def record(self, *vals_list):
        return self.env["club.event"]._record(list(vals_list))

    def cost(self, rule):
        action = rule.action_switch_on()
        return self.env["club.earn.cost"].browse(action["res_id"])

    def replay(self, rule, **kwargs):
        policy = self.env["club.club"]._get_policies()[self.club.id]
        today = periods.local_date(fields.Datetime.now(), policy.tz)
        return Replay(
            self.env, policy, rule._to_engine(), periods.add_months(today, -12), today, **kwargs
        ).run()


@tagged("post_install", "-at_install")
class TestWhatItWouldHaveCost(CostCase):
    def test_points_members_value_and_share_of_the_last_12_months(self):
        rule = self.earn_rule("purchase", 1, formula="per_amount", per_amount=10, active=False)
        self.record(
            self.fact("purchase", 1, amount=100),
            self.fact("purchase", 1, self.member_2, amount=59.99),
            self.fact("purchase", 11, amount=45),
            self.fact("purchase", 13, amount=1000),
            self.fact("visit", 1),
        )
        before = self._rows()
        cost = self.cost(rule)
        self.assertEqual((cost.points, cost.member_count, cost.fact_count), (10 + 5 + 4, 2, 3))
        self.assertEqual(cost.value, 9.5)
        self.assertAlmostEqual(cost.sales_share, 100 * 9.5 / 204.99, places=2)
        self.assertEqual(cost.months.count("<tr"), 1 + 13)
        self.assertIn("Aug 2026", cost.months)
        self.assertEqual(self._rows(), before, "a replay writes nothing")
        self.assertFalse(rule.active)
        cost.action_confirm()
        self.assertTrue(rule.active)

    def _rows(self):
        self.env.flush_all()
        return [
            self.env[model].search_count([])
            for model in ("club.event", "club.point.entry", "club.point.lot", "club.tier.history")
        ]

    def test_limits_begin_empty_and_hold(self):
        self.record(*(self.fact("visit", 2) for _number in range(10)))
        self.record(*(self.fact("visit", 1) for _number in range(10)))
        rule = self.earn_rule("visit", 3, limit_member=10, limit_period="month", active=False)
        self.assertEqual(self.replay(rule).points, 20)
        rule.limit_club = 15
        self.assertEqual(self.replay(rule).points, 15)

    def test_what_was_taken_back_costs_nothing_and_a_part_its_share(self):
        rule = self.earn_rule("purchase", 1, formula="per_amount", per_amount=1, active=False)
        lines = [[1, self.product.id, None, "1", "100", "0", "0"]]
        whole, part = self.record(
            self.fact("purchase", 1, amount=100, payload={"lines": lines}),
            self.fact("purchase", 1, amount=100, payload={"lines": lines}),
        )
        self.record(
            self.fact("purchase", 0, amount=-100, revises_id=whole.id, payload={"void": True}),
            self.fact("purchase", 0, amount=-25, revises_id=part.id, payload={"worth": "75"}),
        )
        self.assertEqual(self.replay(rule).points, 75)
        visit = self.record(self.fact("visit", 1), self.fact("visit", 1))
        visit[0]._revoke("undone")
        self.assertEqual(self.replay(self.earn_rule("visit", 4, active=False)).points, 4)

    def test_members_have_the_tier_that_they_had_then(self):
        gold = self.env["club.tier"].create(
            {"name": "Gold", "club_id": self.club.id, "threshold": 10**6, "multiplier": 2}
        )
        self.env["club.tier.history"].create(
            [
                {
                    "member_id": self.member.id,
                    "to_tier_id": gold.id,
                    "reason": "rise",
                    "date": datetime(2026, 8, 14, 12) - relativedelta(months=6),
                },
                {
                    "member_id": self.member.id,
                    "from_tier_id": gold.id,
                    "reason": "fall",
                    "date": datetime(2026, 8, 14, 12) - relativedelta(months=2),
                },
            ]
        )
        self.env.flush_all()
        self.record(*(self.fact("visit", months) for months in (8, 4, 3, 1)))
        rule = self.earn_rule("visit", 5, tier_from_id=gold.id, active=False)
        self.assertEqual(self.replay(rule).points, 10)
        rule.write({"tier_from_id": False, "use_multiplier": True})
        self.assertEqual(self.replay(rule).points, 5 + 10 + 10 + 5)

    def test_a_rule_of_a_group_costs_only_what_it_gives_more(self):
        self.earn_rule("visit", 3, stacking="best", stacking_group="visits")
        better = self.earn_rule("visit", 5, stacking="best", stacking_group="visits", active=False)
        self.record(self.fact("visit", 1), self.fact("visit", 2))
        result = self.replay(better)
        self.assertEqual((result.points, result.instead), (10, 6))
        cost = self.cost(better)
        self.assertEqual((cost.points, cost.instead, cost.value), (10, 6, 2))

    def test_the_club_s_budget_is_shared_with_the_other_rules(self):
        self.club.write({"budget_points": 10, "budget_period": "month"})
        self.earn_rule("visit", 8)
        rule = self.earn_rule("contest", 6, active=False)
        self.record(self.fact("visit", 1), self.fact("contest", 1))
        result = self.replay(rule)
        self.assertEqual((result.points, result.instead), (2, 0))

    def test_many_facts_are_estimated_from_some_members_and_that_is_said(self):
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(40)])
        members = self.club._enrol(partners)
        self.record(*(self.fact("visit", 1, member) for member in members for _number in range(3)))
        rule = self.earn_rule("visit", 2, nth_mode="every", nth=3, active=False)
        self.assertEqual(self.replay(rule).points, 80)
        estimate = self.replay(rule, sample=31)
        self.assertEqual((estimate.share, estimate.looked_at), (4, 30))
        self.assertEqual((estimate.points, estimate.members), (80, 40))
        wizard = self.cost(rule)
        notes = wizard._get_notes(estimate, Decimal(1), Decimal(1))
        self.assertIn("one in 4 members, with 30 of 120 facts", notes[0])

    def test_nothing_recorded_is_said_instead_of_promising_nothing(self):
        cost = self.cost(self.earn_rule("survey", 5, active=False))
        self.assertEqual(cost.points, 0)
        self.assertIn("the past tells nothing", cost.note)

    def test_points_without_a_worth_in_money_are_not_called_free(self):
        self.club.reward_ids.active = False
        self.record(self.fact("visit", 1))
        cost = self.cost(self.earn_rule("visit", 5, active=False))
        self.assertFalse(cost.is_valued)
        self.assertIn("buy goods only", cost.note)

    def test_only_managers_of_the_company_may_ask(self):
        rule = self.earn_rule("visit", 5, active=False)
        user = new_test_user(self.env, "cost_user", groups="customer_club.group_club_user")
        with self.assertRaises(AccessError):
            rule.with_user(user).action_switch_on()
        other = self.env["res.company"].create({"name": "Other"})
        manager = new_test_user(
            self.env,
            "cost_manager",
            groups="customer_club.group_club_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        with self.assertRaises(AccessError):
            rule.with_user(manager).action_switch_on()
        with self.assertRaises(AccessError):
            self.env["club.earn.cost"].with_user(manager).create({"rule_id": rule.id, "points": 5})


@tagged("post_install", "-at_install")
class TestTheReplayAgreesWithTheLedger(CostCase):
    def test_what_a_rule_would_have_given_is_what_it_then_gives(self):
        rule = self.earn_rule(
            "visit", 5, nth_mode="every", nth=2, limit_member=15, limit_period="month", active=False
        )
        facts = [
            self.fact("visit", months, member, processed_at=None)
            for months in (4, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 1)
            for member in (self.member, self.member_2)
        ]
        events = self.record(*facts)
        expected = self.replay(rule).points
        rule.active = True
        events._process()
        self.env.flush_all()
        self.assertEqual(rule.points_given, float(expected))
        self.assertGreater(expected, 0)
