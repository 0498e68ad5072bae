"""Every way to earn, mixed: the books add up whatever happens, however it is processed, and as it was foretold."""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.engine import earning, periods
from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
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


@tagged("post_install", "-at_install")
class TestALifeOfEveryWay(EveryWayCase):
    """never 2, 6, 8, 13 and 24, abuse 6: whatever happens in whatever order, every point can be accounted for."""

    STEPS = 140

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"expiry_policy": "months", "expiry_months": 2, "budget_points": 150, "budget_period": "month"})
        company = cls.env["res.partner"].create({"name": "Corner Bakery", "is_company": True})
        cls.merchant = cls.env["club.merchant"].create(
            {"partner_id": company.id, "club_id": cls.club.id, "code": "bakery", "hold_days": 3}
        )
        cls.env.flush_all()

    def test_every_point_is_accounted_for(self):
        for seed in (21, 22):
            with self.subTest(seed=seed):
                self.undone(lambda seed=seed: self.live(seed))

    def live(self, seed):
        self.dice, self.at, self.people = random.Random(seed), START, list(type(self).people)
        self.standing, self.purchases, self.orders, self.recorded = [], [], [], {}
        acts = {
            self.tell: 40,
            self.tell_in_bulk: 6,
            self.tell_again: 5,
            self.revoke: 12,
            self.buy: 10,
            self.change_order: 8,
            self.buy_at_partner: 8,
            self.correct_at_partner: 6,
            self.spend: 10,
            self.give: 5,
            self.merge: 1,
            self.wait: 12,
        }
        for number in range(self.STEPS):
            self.number = f"{seed}-{number}"
            self.at += timedelta(hours=self.dice.randint(1, 20))
            with freeze_time(self.at):
                act = self.dice.choices(list(acts), list(acts.values()))[0]
                act()
                self.env.flush_all()
                self.env.cr.precommit.run()
                self.env.invalidate_all()
                if number % 35 == 34:
                    self.check(f"seed {seed}, step {number}, {act.__name__}")
        with freeze_time(self.at + timedelta(days=1)), self.jobs_in_test():
            self.env["club.event"]._cron_process()
            self.check(f"seed {seed}, the end")

    # -- what may happen ---------------------------------------------------------------

    def tell(self):
        fact = self.fact(self.dice, self.number, self.at - timedelta(hours=self.dice.choice([0, 0, 1, 30])))
        self.standing.append((fact, self.env["club.event"]._report([fact]), 1))

    def tell_in_bulk(self):
        facts = [self.fact(self.dice, f"{self.number}:{number}", self.at) for number in range(8)]
        events = self.env["club.event"]._record(facts)
        self.standing += [(fact, event, 1) for fact, event in zip(facts, events, strict=True)]
        if self.dice.random() < 0.5:
            with self.jobs_in_test():
                self.env["club.event"]._cron_process(batch=5)

    def tell_again(self):
        """The same key changes nothing."""
        if self.standing:
            fact, event, _number = self.dice.choice(self.standing)
            before = self.env["club.point.entry"].search_count([])
            was_waiting = not event.processed_at
            self.assertEqual(self.env["club.event"]._report([fact]), event)
            self.env.flush_all()
            if not was_waiting:
                self.assertEqual(self.env["club.point.entry"].search_count([]), before)

    def revoke(self):
        """Once or twice; sometimes it happens anew, as of the first time."""
        if not self.standing:
            return
        place = self.dice.randrange(len(self.standing))
        fact, event, number = self.standing.pop(place)
        event._revoke("Taken back")
        if self.dice.random() < 0.5:
            before = self.env["club.point.entry"].search_count([])
            event._revoke("Taken back twice")
            self.assertEqual(self.env["club.point.entry"].search_count([]), before)
        if self.dice.random() < 0.4:
            first = fact["key"].removesuffix(f":g{number}")
            again = {**fact, "key": f"{first}:g{number + 1}"}
            self.standing.append((again, self.env["club.event"]._report([again]), number + 1))

    def buy(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.dice.choice(self.people).partner_id.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": self.dice.randint(1, 9)})
                ],
            }
        )
        order.action_confirm()
        self.orders.append(order)

    def change_order(self):
        if not self.orders:
            return
        order = self.dice.choice(self.orders)
        if order.state != "sale":
            order.action_draft()
            order.action_confirm()
        elif self.dice.random() < 0.4:
            order._action_cancel()
        else:
            order.order_line.product_uom_qty = self.dice.randint(0, 9)

    def buy_at_partner(self):
        purchase = self.env["club.merchant.purchase"].create(
            {
                "merchant_id": self.merchant.id,
                "member_id": self.dice.choice(self.people).id,
                "reference": self.number,
                "amount": round(self.dice.uniform(5, 150), 2),
                "occurred_at": self.at,
            }
        )
        purchase._submit()
        self.purchases.append(purchase)

    def correct_at_partner(self):
        going = [purchase for purchase in self.purchases if purchase.state in ("recorded", "corrected")]
        if going:
            purchase = self.dice.choice(going)
            if self.dice.random() < 0.3:
                purchase._reverse("Taken back")
            else:
                purchase._correct(round(self.dice.uniform(1, 150), 2), "Corrected")

    def spend(self):
        member = self.dice.choice(self.people)
        try:
            with self.env.cr.savepoint():
                spent = self.post(-self.dice.randint(1, 900) / 100, f"spend:{self.number}", member=member)
                if self.dice.random() < 0.3:
                    spent._reverse()
        except NotEnoughPoints:
            return

    def give(self):
        member, other = self.dice.sample(self.people, 2)
        try:
            with self.env.cr.savepoint():
                member._transfer(other, self.dice.randint(1, 500) / 100, f"gift:{self.number}")
        except NotEnoughPoints:
            return

    def merge(self):
        if len(self.people) > 4:
            member, other = self.dice.sample(self.people, 2)
            self.env["base.partner.merge.automatic.wizard"]._merge(
                (member.partner_id | other.partner_id).ids, dst_partner=other.partner_id
            )
            self.people.remove(member)

    def wait(self):
        self.at += timedelta(days=self.dice.randint(2, 12))
        with freeze_time(self.at), self.jobs_in_test():
            self.env["club.event"]._cron_process()
            self.env["club.ledger.job"]._cron_open()
            self.env["club.ledger.job"]._cron_expire()

    # -- what must be true -------------------------------------------------------------

    def check(self, where):
        self.assertInvariantsHold()
        self.entries_of_club = self.env["club.point.entry"].search([("club_id", "=", self.club.id)], order="id")
        self.check_facts(where)
        self.check_entries(where)
        self.check_revoked(where)
        self.check_limits(where)
        self.check_expiry(where)

    def check_facts(self, where):
        """Facts never change, but for the mark; the amounts of a fact that was taken back add up to nothing."""
        events = self.env["club.event"].search([("club_id", "=", self.club.id)])
        columns = [name for name, field in events._fields.items() if field.column_type and field.store]
        names = [name for name in columns if name != "processed_at"]
        rows = {row["id"]: row for row in events.read(names, load="")}
        for event_id, row in self.recorded.items():
            self.assertEqual(rows.get(event_id), row, where)
        self.recorded = rows
        worth, void = defaultdict(Decimal), set()
        for row in rows.values():
            root = row["revises_id"] or row["id"]
            worth[root] += money(row["amount"])
            if (row["payload"] or {}).get("void"):
                void.add(root)
        self.assertGreaterEqual(min(worth.values()), 0, where)
        self.assertEqual({root for root in void if worth[root]}, set(), where)

    def check_entries(self, where):
        """Who gave it and why; the rule is of the fact's own type."""
        for entry in self.entries_of_club.filtered(lambda entry: entry.kind == "earn"):
            told = (where, entry.key)
            self.assertTrue(entry.event_id and entry.rule_id, told)
            self.assertEqual(entry.event_id.type, entry.rule_id.event_type, told)
            self.assertEqual(entry.origin_model, entry.event_id.origin_model, told)
            self.assertEqual(entry.origin_id, entry.event_id.origin_id, told)
            self.assertTrue(entry.key.startswith(entry.event_id.key.split(":revision")[0]), told)
        for entry in self.entries_of_club.filtered(lambda entry: entry.kind == "reverse" and entry.points < 0):
            self.assertEqual(entry.reverses_id.event_id, entry.event_id, where)
            self.assertEqual(entry.reverses_id.rule_id, entry.rule_id, where)

    def check_revoked(self, where):
        """What of a revoked fact stands is what had expired: no more, and never less than nothing."""
        left, expired = defaultdict(Decimal), defaultdict(Decimal)
        for entry in self.entries_of_club.filtered(lambda entry: entry.kind in ("earn", "reverse")):
            if entry.rule_id:
                left[entry.event_id.revises_id or entry.event_id] += money(entry.points)
        for allocation in self.env["club.point.allocation"].search([("lot_id.club_id", "=", self.club.id)]):
            if allocation.entry_id.kind == "expire":
                issued = allocation.lot_id.entry_id.root_id or allocation.lot_id.entry_id
                expired[issued.event_id.revises_id or issued.event_id] += money(allocation.points)
        for event, points in left.items():
            self.assertGreaterEqual(points, 0, (where, event.key))
            if event.revoked_at:
                self.assertLessEqual(points, expired[event], (where, event.key))

    def check_limits(self, where):
        """Each rule's limits and the club's budget, net, by a plain computation of its own."""
        by_member, by_rule, by_budget = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
        first_of = {}
        for entry in self.entries_of_club.filtered(lambda entry: entry.rule_id and entry.kind in ("earn", "reverse")):
            rule, points = entry.rule_id, money(entry.points)
            root = first_of[entry] = first_of.get(entry.reverses_id, entry)
            member = entry.member_id.merged_into_id or entry.member_id
            if rule.limit_member:
                day = periods.local_date(entry.event_id.occurred_at, "Asia/Tehran")
                first, _last = periods.period_bounds(
                    rule.limit_period, day, "jalali", int(self.club.week_start or 0)
                )
                by_member[rule, member, first] += points
            by_rule[rule] += points
            month = periods.to_jalali(periods.local_date(root.date, "Asia/Tehran"))[:2]
            by_budget[month] += points
        self.merged = len(self.people) < len(type(self).people)
        for (rule, member, first), points in by_member.items():
            # Who was merged may have brought what each had, but not more.
            most = money(rule.limit_member) * (1 + len(member.merged_ids))
            self.assertLessEqual(points, most, (where, rule.event_type, member.id, first))
        for rule, points in by_rule.items():
            if rule.limit_club:
                self.assertLessEqual(points, money(rule.limit_club), (where, rule.event_type))
        self.assertLessEqual(max(by_budget.values()), 150, (where, by_budget))

    def check_expiry(self, where):
        """Nothing lives longer than the rule or the club says from the day of the fact."""
        for entry in self.entries_of_club.filtered(lambda entry: entry.kind == "earn"):
            months = entry.rule_id.expiry_months or 2
            day = periods.local_date(entry.date, "Asia/Tehran")
            latest = periods.expiry_date("months", day, months, calendar="jalali")
            self.assertLessEqual(entry.expires_on, max(latest, periods.add_months(day, months, "jalali")), where)
        lots = self.env["club.point.lot"].search([("club_id", "=", self.club.id)])
        for lot in lots.filtered(lambda lot: lot.entry_id.root_id):
            self.assertEqual(lot.expires_on, lot.entry_id.root_id.expires_on, where)
        today = periods.local_date(fields.Datetime.now(), "Asia/Tehran")
        for lot in lots.filtered(lambda lot: lot.state == "pending" and lot.available_on):
            self.assertGreater(lot.available_on + timedelta(days=30), today, (where, "was never opened"))
