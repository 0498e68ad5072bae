"""Every way to earn, mixed: the books add up whatever happens, however it is processed, and as it was foretold."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_club.engine import earning, periods
from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged

START = datetime(2030, 3, 1, 6)
#: Ways whose facts are told by key; purchases and those at partners have documents of their own.
TOLD = (
    "profile",
    "visit",
    "visit",
    "survey",
    "feedback",
    "referral_click",
    "referral_join",
    "referral_purchase",
    "occasion",
    "review",
    "tier",
    "merchant_purchase",
    "forum",
    "contest",
    "custom",
    "custom",
)
WITH_AMOUNT = ("referral_purchase", "merchant_purchase", "custom")


def money(value):
    return Decimal(str(round(value, 2)))


class EveryWayCase(ClubCase):
    """A Jalali club in Tehran that counts hundredths of points, with a rule of every way and kind of limit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(START - timedelta(days=1)))
        cls.club.write({"calendar": "jalali", "tz": "Asia/Tehran", "points_digits": 2})
        tier = cls.env["club.tier"].create(
            {"name": "Gold", "club_id": cls.club.id, "threshold": 10**7, "multiplier": 1.5}
        )
        partners = cls.env["res.partner"].create([{"name": f"Member {number}"} for number in range(4)])
        cls.people = list(cls.member | cls.member_2 | cls.club._enrol(partners))
        for member in cls.people:
            member.joined_at = START - timedelta(days=400)
        cls.people[0].tier_id = tier
        cls.env["club.tier.history"].search([("club_id", "=", cls.club.id)]).unlink()
        amounts = {"formula": "per_amount", "per_amount": 10}
        cls.rules = [
            cls.earn_rule("profile", 3),
            cls.earn_rule("visit", 2, limit_member=5, limit_period="month"),
            cls.earn_rule("visit", 7, nth_mode="every", nth=3),
            cls.earn_rule("visit", 4, streak_count=2, streak_period="day"),
            cls.earn_rule("survey", 1.25, use_multiplier=True),
            cls.earn_rule("survey", 2, survey_each=True),
            cls.earn_rule("feedback", 5, stacking="best", stacking_group="words"),
            cls.earn_rule("feedback", 4, stacking="best", stacking_group="words", limit_member=8),
            cls.earn_rule("referral_click", 1, limit_member=2, limit_period="day"),
            cls.earn_rule("referral_join", 6, within_days=20),
            cls.earn_rule("referral_purchase", 1.5, limit_event=8, **amounts),
            cls.earn_rule("occasion", 9, limit_member=9, limit_period="year"),
            cls.earn_rule("review", 3, frequency_count=2, frequency_period="month"),
            cls.earn_rule("tier", 5, tier_again="always"),
            cls.earn_rule("merchant_purchase", 1, use_multiplier=True, limit_club=60, **amounts),
            cls.earn_rule("forum", 0.75, expiry_months=1),
            cls.earn_rule("contest", 2),
            cls.earn_rule("custom", 0.3, use_multiplier=True, limit_member=12, limit_period="week", **amounts),
            cls.earn_rule("custom", 2, nth_mode="from", nth=2, limit_club=25),
            cls.earn_rule("purchase", 1, use_multiplier=True, **amounts),
            cls.earn_rule("purchase", 3, nth_mode="every", nth=2),
        ]
        cls.env.flush_all()

    def fact(self, dice, number, at, member=None):
        event_type = dice.choice(TOLD)
        payload = {
            "visit": {"channel": dice.choice(["counter", "shop"])},
            "survey": {"survey": dice.randint(1, 3)},
            "profile": {"percent": 100, "before": 0},
            "referral_click": {"side": "referrer"},
            "referral_join": {"side": "referrer"},
            "referral_purchase": {"side": "referrer", "number": 1, "days": 3},
        }.get(event_type)
        return {
            "member_id": (member or dice.choice(self.people)).id,
            "type": event_type,
            "key": f"way:{number}",
            "occurred_at": at,
            "amount": round(dice.uniform(5, 200), 2) if event_type in WITH_AMOUNT else 0,
            "payload": payload,
        }

    def entries(self):
        """What the ledger has of the club, without ids."""
        self.env.flush_all()
        found = self.env["club.point.entry"].search([("club_id", "=", self.club.id), ("event_id", "!=", False)])
        return Counter(
            (entry.key, entry.member_id.id, entry.rule_id.id, money(entry.points), entry.date, entry.expires_on)
            for entry in found
        )

    def undone(self, work):
        """What ``work`` returns, with nothing of it left in the database."""
        with self.env.cr.savepoint() as savepoint:
            result = work()
            savepoint.rollback()
        self.env.invalidate_all()
        return result


@tagged("post_install", "-at_install")
class TestABatchGivesWhatSingleFactsGive(EveryWayCase):
    def facts(self, seed):
        dice, at, facts = random.Random(seed), START, []
        for number in range(150):
            at += timedelta(hours=dice.randint(0, 12), minutes=dice.randint(0, 59))
            facts.append(self.fact(dice, number, at))
        return facts

    def one_by_one(self, facts):
        for fact in facts:
            self.env["club.event"]._report([fact])
        return self.entries()

    def in_batches(self, facts, size):
        self.env["club.event"]._record(facts)
        with self.jobs_in_test():
            self.env["club.event"]._cron_process(batch=size)
        return self.entries()

    def test_whatever_the_size_of_the_batches(self):
        for seed, budget in ((1, 0), (2, 60)):
            self.club.write({"budget_points": budget, "budget_period": "month"})
            self.env.flush_all()
            facts = self.facts(seed)
            with freeze_time(facts[-1]["occurred_at"]):
                single = self.undone(lambda facts=facts: self.one_by_one(facts))
                self.assertGreater(len(single), 25)
                for size in (1000, 17):
                    with self.subTest(seed=seed, size=size):
                        batch = self.undone(lambda facts=facts, size=size: self.in_batches(facts, size))
                        self.assertEqual(single - batch, Counter())
                        self.assertEqual(batch - single, Counter())


@tagged("post_install", "-at_install")
class TestTheCostForetoldIsWhatTheLedgerThenPosts(EveryWayCase):
    def live(self, seed):
        """Facts that are revoked, corrected and told anew as they come."""
        dice, at = random.Random(seed), START
        for number in range(130):
            at += timedelta(hours=dice.randint(1, 12))
            with freeze_time(at):
                if dice.random() < 0.2:
                    self.buy(dice)
                    continue
                fact = self.fact(dice, number, at)
                event = self.env["club.event"]._report([fact])
                chance = dice.random()
                if chance < 0.15:
                    event._revoke("Taken back")
                if chance < 0.08:
                    again = {**fact, "key": f"{fact['key']}:2", "amount": round(fact["amount"] / 2, 2)}
                    self.env["club.event"]._report([again])
        return at + timedelta(days=1)

    def buy(self, dice):
        order = self.env["sale.order"].create(
            {
                "partner_id": dice.choice(self.people).partner_id.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": dice.randint(1, 9)})
                ],
            }
        )
        order.action_confirm()
        self.settle()
        chance = dice.random()
        if chance < 0.25:
            order._action_cancel()
        elif chance < 0.6:
            order.order_line.product_uom_qty = dice.randint(1, 9)
        self.settle()

    def settle(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def posted(self, rule):
        """Points by first fact, net, as the ledger has them."""
        points = defaultdict(Decimal)
        for entry in self.env["club.point.entry"].search([("rule_id", "=", rule.id)]):
            event = entry.event_id.revises_id or entry.event_id
            points[event.key] += money(entry.points)
        return {key: value for key, value in points.items() if value}

    def foretold(self, rule, end):
        policy = self.env["club.club"]._get_policies()[self.club.id]
        found, add = defaultdict(Decimal), Replay._add

        def note(replay, result, evaluations, mine):
            if mine:
                for row, evaluation in evaluations:
                    kept = Decimal((row.payload or {}).get("kept", 1))
                    for award in evaluation.awards:
                        if award.rule_id == rule.id:
                            found[row.key] += earning.floor(award.points * kept, policy.digits)
            add(replay, result, evaluations, mine)

        first, last = (periods.local_date(at, policy.tz) for at in (START, end))
        with patch.object(Replay, "_add", note):
            result = Replay(self.env, policy, rule._to_engine(), first, last + timedelta(days=1)).run()
        self.assertEqual(result.points, sum(found.values()))
        return {key: points for key, points in found.items() if points}

    def test_entry_by_entry(self):
        for seed, budget in ((11, 0), (12, 90)):
            self.club.write({"budget_points": budget, "budget_period": "month"})
            self.env.flush_all()
            self.undone(lambda seed=seed: self.compare(seed))

    def compare(self, seed):
        end = self.live(seed)
        with freeze_time(end):
            for rule in self.rules:
                with self.subTest(seed=seed, rule=f"{rule.event_type} {rule.sentence}"):
                    self.assertEqual(self.foretold(rule, end), self.posted(rule))
            self.assertGreater(sum(bool(self.posted(rule)) for rule in self.rules), len(self.rules) - 9)

    def test_switching_a_rule_on_posts_nothing(self):
        rule = self.rules[17]
        rule.active = False
        self.live(13)
        before = self.entries()
        action = rule.action_switch_on()
        self.env["club.earn.cost"].browse(action["res_id"]).action_confirm()
        with self.jobs_in_test():
            self.env["club.event"]._cron_process()
        self.assertTrue(rule.active)
        self.assertEqual(self.entries(), before)
