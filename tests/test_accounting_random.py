"""A shop's year, lived at random and closed month by month: the books never lose or invent a point or a cent.

After every close a second computation, in plain Python over entries, lots, allocations and invoices, must find the same
points of every cohort; the account must carry the same money; and once every point is used or has expired, exactly what
was put aside has been released.
"""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from freezegun import freeze_time
from odoo.addons.customer_club.tests.random_life_acts import RandomLifeActs
from odoo.tests import tagged

from .test_accounting_cohorts import FrozenCase

ZERO, MICRO = Decimal(0), Decimal("0.000001")
START = datetime(2026, 1, 1, 9)


def D(number):  # noqa: N802 - short for many numbers
    return Decimal(str(round(number, 6)))


class RandomLifeCase(RandomLifeActs, FrozenCase):
    """Acts of a shop, each of which may happen at any time."""

    PRICES = (7.5, 29.0, 59.99, 100.0, 240.0)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"expiry_policy": "months", "expiry_months": 3, "earn_when": "paid"})
        cls.partners = cls.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(4)])
        cls.people_at_start = cls.club._enrol(cls.partners)
        cls.people_at_start.joined_at = "2025-12-01 12:00:00"
        cls.parts_product = cls.env["product.product"].create(
            {"name": "By the Piece", "type": "service", "invoice_policy": "delivery", "taxes_id": False}
        )
        cls.foreign = cls.env["res.currency"].with_context(active_test=False).search([("name", "=", "SEK")])
        cls.foreign.active = True
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.foreign.id, "name": day, "rate": rate, "company_id": cls.env.company.id}
                for day, rate in (("2025-01-01", 10.0), ("2026-06-01", 12.5))
            ]
        )
        cls.pricelist = cls.env["product.pricelist"].create({"name": "SEK", "currency_id": cls.foreign.id})
        cls.env.flush_all()

    def live(self, seed, months=12, acts=7):
        """A year of acts and closes; then everything is billed or cancelled, and expires."""
        self.dice, self.people = random.Random(seed), list(self.people_at_start)
        self.orders, self.moves, self.spends, self.told = [], [], [], []
        with freeze_time(START):
            self.estimate(str(self.club.close_from), 0.10, 0.80)
        self.rate, at = 0.8, START
        end = datetime.combine(self.club.close_from, START.time()) + timedelta(days=30 * months)
        while at < end:
            at += timedelta(hours=self.dice.randint(8, 30 * 24 * 2 // acts))
            self.until(at)
            with freeze_time(at):
                self.act(seed, at)
        self.finish(at)

    def act(self, seed, at):
        self.at, self.key = at, f"books:{seed}:{at}"
        acts = {
            self.sell: 30,
            self.bill: 14,
            self.settle_invoice: 16,
            self.undo_payment: 6,
            self.return_goods: 13,
            self.redraft: 3,
            self.grow: 4,
            self.cancel: 3,
            self.spend: 8,
            self.give_back: 5,
            self.gift: 10,
            self.adjust: 5,
            self.earn_free: 4,
            self.merge: 2,
            self.night: 10,
        }
        act = self.dice.choices(list(acts), list(acts.values()))[0]
        self.told.append(f"{at:%m-%d} {act.__name__}")
        act()
        self.settle()

    def until(self, at):
        """Close every month that is over by then; sometimes with a new estimate."""
        while self.club._get_period(at.date())[0] > self.next_month():
            first = self.next_month()
            last = self.club._get_period(first)[1]
            with freeze_time(datetime.combine(last, START.time()) + timedelta(days=2)):
                if first != self.club.close_from and self.dice.random() < 0.3:
                    self.rate = self.dice.choice([0.3, 0.55, 0.72, 0.9, 1.0])
                    self.estimate(str(first), self.dice.choice([0.05, 0.10, 0.12]), self.rate)
                close = self.close()
                self.check(close)

    def next_month(self):
        last = self.env["club.close"]._get_last(self.club)
        return last.date_to + timedelta(days=1) if last else self.club.close_from

    def finish(self, at):
        """No open ends: every order is billed or cancelled, and what is left expires."""
        self.until(at)
        with freeze_time(at):
            for order in self.orders:
                if order.state == "sale":
                    self.deliver(order, 1)
                    if order.invoice_status == "to invoice":
                        self.invoice(order, final=True)
                    for move in order.invoice_ids:
                        if move.state == "draft":
                            move.action_post()
                            self.settle()
                    if not order.invoice_ids.filtered(lambda move: move.state == "posted"):
                        order._action_cancel()
                        self.settle()
        later = at + timedelta(days=150)
        with freeze_time(later), self.jobs_in_test():
            for _night in range(3):
                self.env["club.ledger.job"]._cron_open()
                self.env["club.ledger.job"]._cron_expire()
                self.settle()
        self.until(later + timedelta(days=32))
        self.assertInvariantsHold()
        last = self.env["club.close"]._get_last(self.club)
        self.assertFalse(self.env["club.point.lot"].search([("club_id", "=", self.club.id), ("remaining", ">", 0)]))
        for key, row in last._read_last_cohorts().items():
            self.assertEqual((row.closing, row.closing_value), (0, 0), (key, self.told))
        self.assertEqual(self.liability(), 0, self.told)
        self.assert_all_released()

    def assert_all_released(self):
        """Of each cohort: put aside = returned + released, to the last unit of the currency."""
        sums = defaultdict(lambda: defaultdict(float))
        for row in self.club.close_ids.cohort_ids:
            for name in ("allocated", "returned", "reestimated", "released"):
                sums[row.nature, row.cohort][name] += row[name]
        for key, values in sums.items():
            self.assertAlmostEqual(sum(values.values()), 0, 6, (key, dict(values)))
        self.assertGreater(sum(values["allocated"] for values in sums.values()), 0)
        self.assert_put_aside_once()

    def assert_put_aside_once(self):
        """Each invoice as the formula says, and of each order that is billed whole every point."""
        self.env.invalidate_all()
        by_move, by_entry = defaultdict(lambda: [ZERO, ZERO]), defaultdict(Decimal)
        estimates = self.club.estimate_ids.sorted("date_from")
        for row in self.env["club.deferral"].search([("club_id", "=", self.club.id)]):
            # The estimate of the invoice's day counts, also where a night took an older one, or the invoice moved.
            estimate = estimates.filtered(lambda estimate, day=row.move_id.date: estimate.date_from <= day)[-1]
            worth = D(row.points) * D(estimate.point_value) * D(estimate.rate)
            by_move[row.move_id][0] += worth
            by_move[row.move_id][1] += D(row.allocated)
            by_entry[row.entry_id] += D(row.points)
        for move, (worth, allocated) in by_move.items():
            if move.state != "posted":
                self.assertFalse(allocated, (move, self.told))
                continue
            lines = move.invoice_line_ids.filtered(lambda line: not line.sale_line_ids.is_downpayment)
            basis = -D(sum(lines.mapped("balance")))
            share = basis * worth / (basis + worth) if basis > 0 and worth else ZERO
            self.assertAlmostEqual(allocated, share, 3, (move.name, self.told))
        for entry, billed in by_entry.items():
            order = self.env["sale.order"].browse(entry.origin_id)
            if order.invoice_status == "invoiced" and all(move.state == "posted" for move in order.invoice_ids):
                self.assertAlmostEqual(billed, D(entry.points), 3, (order.name, self.told))

    # -- what must be true ---------------------------------------------------------------

    def check(self, close):
        told = (close.display_name, self.told)
        for row in close.cohort_ids:
            moved = row.issued + row.reversed + row.redeemed + row.expired
            self.assertAlmostEqual(row.opening + moved, row.closing, 5, told)
            value = row.allocated + row.returned + row.reestimated + row.released
            self.assertAlmostEqual(row.opening_value + value, row.closing_value, 2, told)
        rows = close._read_last_cohorts()
        found = self.count_cohorts(close.date_to)
        for key in found.keys() | rows.keys():
            ours = D(rows[key].closing) if key in rows else ZERO
            self.assertAlmostEqual(ours, found.get(key, ZERO), 5, (key, *told))
        for key, row in rows.items():
            issued, back, redeemed, expired, *_money = map(Decimal, row.exact["row"])
            self.assertGreaterEqual(issued - back, redeemed + expired, (key, *told))
            self.assertGreaterEqual(row.closing_value, 0, (key, *told))
        self.assertAlmostEqual(sum(row.closing_value for row in rows.values()), self.liability(), 2, told)
        self.assertAlmostEqual(close.closing_value, self.liability(), 2, told)

    def count_cohorts(self, day):
        """Points owed by (nature, month of issue) at the end of a day, counted one by one."""
        self.env.flush_all()
        self.env.invalidate_all()
        end = datetime.combine(day + timedelta(days=1), datetime.min.time())
        entries = self.env["club.point.entry"].search([("club_id", "=", self.club.id), ("date", "<", end)])
        known = {entry.id: entry for entry in entries}
        left, back = defaultdict(Decimal), defaultdict(Decimal)
        for lot in self.env["club.point.lot"].search([("entry_id", "in", entries.ids)]):
            root = lot.entry_id.root_id or lot.entry_id
            left[root] += D(lot.points)
            for part in lot.allocation_ids:
                if part.entry_id.id in known:
                    left[root] -= D(part.points) * self.got(self.cause(part.entry_id), day)
        for entry in entries.filtered(lambda entry: entry.kind == "reverse"):
            cause = self.cause(entry)
            if cause.points > 0:
                back[cause.root_id or cause] -= D(entry.points)
        billed, by_day = defaultdict(Decimal), defaultdict(lambda: defaultdict(Decimal))
        for row in self.env["club.deferral"].search([("club_id", "=", self.club.id), ("date", "<=", day)]):
            billed[row.entry_id] += D(row.points)
            by_day[row.entry_id][row.date] += D(row.points)
        first = {entry: min((day for day in days if days[day]), default=None) for entry, days in by_day.items()}
        found = defaultdict(Decimal)
        for root, points in left.items():
            nature, issued_on = "free", root.date.date()
            if root.event_id.type == "purchase":
                if not billed[root]:
                    continue
                nature, issued_on = "sale", first[root]
                unbilled = max(D(root.points) - billed[root] - back[root], ZERO)
                points = max(points - unbilled, ZERO)
            found[nature, self.club._get_period(issued_on)[0]] += points
        return found

    def cause(self, entry):
        """What a reversal reverses in the end."""
        while entry.kind == "reverse":
            entry = entry.reverses_id
        return entry

    def got(self, entry, day):
        """Which share of what these points were for the member had got: a reward counts as its order is billed."""
        if entry.kind != "spend" or entry.origin_model != "sale.order":
            return Decimal(1)
        order = self.env["sale.order"].browse(entry.origin_id)
        if order.state != "sale":
            return ZERO
        if not order.amount_total:
            return Decimal(1)
        rewards = order.order_line.filtered(lambda line: line.coupon_id and line.points_cost > 0)
        billed = rewards.invoice_lines.filtered(
            lambda line: line.parent_state == "posted" and line.move_id.move_type == "out_invoice" and line.date <= day
        )
        asked = sum(rewards.mapped("product_uom_qty"))
        return min(D(sum(billed.mapped("quantity"))) / D(asked), Decimal(1)) if asked else ZERO


@tagged("post_install", "-at_install")
class TestARandomYearInTheBooks(RandomLifeCase):
    SEEDS = (1, 2, 4, 7)

    def test_every_close_ties_out_and_every_cohort_releases_what_was_put_aside(self):
        for seed in self.SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self.live(seed)
                savepoint.rollback()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestHalfAYearInYen(RandomLifeCase):
    """never 10: a currency without decimals; each sale alone puts aside less than half a unit."""

    PRICES = (3, 5, 29)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        yen = cls.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        yen.active = True
        cls.env.company.currency_id = yen
        cls.env.flush_all()

    def test_no_unit_is_lost(self):
        self.live(11, months=5, acts=9)
        self.assertEqual(self.env.company.currency_id.decimal_places, 0)
        for close in self.club.close_ids:
            for line in close.move_id.line_ids:
                self.assertEqual(line.debit, int(line.debit))


@tagged("post_install", "-at_install")
class TestHalfAYearInJalaliMonths(RandomLifeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.write({"calendar": "jalali", "close_from": "2025-12-22"})
        cls.env.flush_all()

    def test_months_of_the_club_s_calendar_tie_out(self):
        self.live(21, months=5)
        first = self.club.close_ids.sorted("date_from")[0]
        self.assertEqual((first.date_from, first.date_to), (date(2025, 12, 22), date(2026, 1, 20)))
