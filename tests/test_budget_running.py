"""What a purchase reads of a budget: sums that were kept, and what came since; nothing that others could wait for."""

import random
from datetime import date

from freezegun import freeze_time
from odoo.tests import tagged

from .committed import CommittedClubCase
from .test_budget_share import BudgetCase

JUNE = (date(2030, 6, 1), date(2030, 7, 1))


@tagged("post_install", "-at_install")
class TestSumsThatAreKept(BudgetCase):
    """In a test all is one transaction, whose own rows no mark may hide: so the transaction's number is set back."""

    def keep(self, at):
        for _time in range(2):  # a mark is taken, and by the next count into use
            with freeze_time(at):
                row = self.env["club.budget"]._refresh(self.club)
                row._keep({"mark_number": "1"})
        return row

    def read(self):
        self.env.flush_all()
        return self.club._get_running(*JUNE)

    def assertSame(self):
        """The kept way gives what adding up everything gives."""
        self.env.flush_all()
        running = self.read()
        self.assertEqual(running.sales + self.club._read_sales(*JUNE, running.event_mark), self.club._read_sales(*JUNE))
        self.assertEqual(self.club._read_budget_used(*JUNE), self.club._read_budget_points(*JUNE))

    def test_a_mark_waits_until_every_transaction_of_its_time_has_ended(self):
        self.buy(100, "2030-06-10 12:00")
        row = self.count("2030-06-10 13:00")
        row = self.count("2030-06-10 14:00")
        self.assertEqual((row.event_mark, row.entry_mark), (0, 0), "this transaction has not ended")
        self.assertTrue(row.next_event_mark)
        self.assertEqual(
            self.keep("2030-06-10 15:00").event_mark, self.env["club.event"].search([], order="id desc", limit=1).id
        )

    def test_kept_sums_and_what_came_since_are_the_whole(self):
        self.earn_rule("purchase", 1, formula="per_amount", per_amount=10)
        dice, events = random.Random(7), self.env["club.event"]
        for day in range(1, 25):
            at = f"2030-06-{day:02} 12:00"
            events |= self.buy(dice.randint(1, 900), at)
            if day % 5 == 0:
                with freeze_time(at):
                    dice.choice(events)._revoke("came back")
            if day in (8, 17):
                self.keep(at)
            self.assertSame()
        self.assertTrue(self.read().event_mark)
        self.assertGreater(self.read().points, 0)

    def test_a_changed_calendar_or_time_zone_makes_kept_sums_another_period_s(self):
        self.buy(100, "2030-06-10 12:00")
        self.keep("2030-06-10 13:00")
        self.assertTrue(self.read().event_mark)
        self.club.tz = "Asia/Tehran"
        self.assertFalse(self.read().event_mark)
        self.club.tz = "UTC" if self.club.tz != "UTC" else "Asia/Tokyo"
        self.club.budget_period = "quarter"
        self.assertFalse(self.club._get_running(date(2030, 6, 1), date(2030, 9, 1)).event_mark)

    def test_wallet_money_and_rewards_count_until_yesterday_whoever_counts_today(self):
        """The stop does not hang on when somebody last opened the page."""
        with freeze_time("2030-06-10 13:00"):
            self.assertEqual(self.club._get_beyond(*JUNE, self.read()), 0)
            calls = []
            self.patch(type(self.club), "_read_beyond", lambda club, first, until: calls.append(until) or 7)
            self.assertEqual(self.club._get_beyond(*JUNE, self.read()), 7)
            row = self.env["club.budget"]._refresh(self.club)
            self.assertEqual((row.beyond, row.beyond_until), (7, date(2030, 6, 10)))
            calls.clear()
            self.assertEqual(self.club._get_beyond(*JUNE, self.read()), 7)
            self.assertFalse(calls, "kept")
        with freeze_time("2030-06-11 00:01"):
            self.club._get_beyond(*JUNE, self.read())
            self.assertEqual(calls, [date(2030, 6, 11)], "another day: counted anew, and nothing is written")


@tagged("post_install", "-at_install")
class TestABudgetMakesNobodyWait(CommittedClubCase):
    @classmethod
    def _clean(cls):
        with cls.registry.cursor() as cr:
            cr.execute("DELETE FROM club_budget WHERE club_id = %s", [cls.ids["club"]])
        super()._clean()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.registry.cursor() as cr:
            env = cls._env(cr)
            club = env["club.club"].browse(cls.ids["club"])
            club.write({"budget_kind": "points", "budget_points": 1000, "budget_period": "year"})
            env["club.earn.rule"].create(
                {"club_id": club.id, "name": "Any", "event_type": "custom", "formula": "fixed", "points": 10}
            )

    def earn(self, number):
        def work(env):
            return (
                env["club.event"]
                ._report([{"member_id": self.member_ids[number % 4], "type": "custom", "key": f"running:{number}"}])
                .id
            )

        return work

    def refresh(self, env):
        return env["club.budget"]._refresh(env["club.club"].browse(self.ids["club"])).id

    def read(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            club = env["club.club"].browse(self.ids["club"])
            bounds = club._get_budget_period()
            row = club.budget_ids
            return row.points, club._read_budget_points(*bounds), club._read_budget_used(*bounds), row.event_mark

    def test_counting_and_earning_at_once_conflict_nowhere(self):
        """Two connections: while one counts and has not committed, the other earns and commits; no retry is needed."""
        self.in_transaction(self.refresh)
        before = self.read()[0]
        with self.registry.cursor() as counting:
            self.refresh(self._env(counting))
            with self.registry.cursor() as earning:
                self.earn(1)(self._env(earning))
                earning.commit()
            counting.commit()
        self.in_transaction(self.refresh)
        self.assertEqual(self.read()[:3], (before + 10,) * 3)

    def test_a_fact_under_way_while_a_mark_was_taken_is_counted(self):
        """Never 6: the slow transaction has a smaller id than the mark would have; the mark waits for it."""
        with self.registry.cursor() as slow:
            self.earn(11)(self._env(slow))
            self.in_transaction(self.earn(12))
            with self.registry.cursor() as cr:
                club = self._env(cr)["club.club"].browse(self.ids["club"])
                last = self._env(cr)["club.event"].search([("club_id", "=", club.id)], order="id desc", limit=1).id
            for _time in range(3):
                self.in_transaction(self.refresh)
            self.assertLess(self.read()[3], last, "a smaller id is still under way")
            slow.commit()
        for _time in range(2):
            self.in_transaction(self.refresh)
        shown, whole, used, _mark = self.read()
        self.assertEqual((whole, used), (shown, shown))
