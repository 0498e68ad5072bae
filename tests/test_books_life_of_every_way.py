"""A life in which every way to earn happens, in any order, and what is true after each step."""

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.customer_club.engine import periods
from odoo.addons.customer_club.models.ledger.ledger_movement import NotEnoughPoints
from odoo.tests import tagged

from .test_books_every_way import START, EveryWayCase, money


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
