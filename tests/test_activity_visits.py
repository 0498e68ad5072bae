"""Regular contact: a visit is a fact once a day and channel, and visits in a row earn (way 3)."""

from datetime import datetime, timedelta

from odoo.addons.customer_club.models.earning.replay import Replay
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

NOON = datetime(2026, 5, 4, 12)  # a Monday


class VisitCase(ClubCase):
    def visit(self, channel="counter", at=NOON, member=None):
        return (member or self.member)._record_visit(channel, at)

    def visit_days(self, *days, channel="counter"):
        """Visits so many days after the first Monday."""
        for day in days:
            self.visit(channel, NOON + timedelta(days=day))


@tagged("post_install", "-at_install")
class TestAVisit(VisitCase):
    def test_a_visit_earns_once_a_day_and_place(self):
        """never 6: the same contact told twice."""
        self.earn_rule("visit", 5)
        first = self.visit()
        self.assertEqual(self.visit(at=NOON + timedelta(hours=3)), first)
        self.assertEarned(5, "visit")
        self.assertEqual(first.key, f"member,{self.member.id}:visit:counter:2026-05-04")
        self.assertEqual(first.payload, {"channel": "counter"})
        self.visit("shop")
        self.assertEarned(10, "visit")
        self.visit(at=NOON + timedelta(days=1))
        self.assertEarned(15, "visit")
        self.assertInvariantsHold()

    def test_the_day_is_that_of_the_clubs_clock(self):
        """abuse 11: midnight in Tehran is 20:30 in Greenwich."""
        self.club.tz = "Asia/Tehran"
        self.earn_rule("visit", 5)
        evening = self.visit(at=datetime(2026, 5, 4, 20, 29, 59))
        self.assertEqual(self.visit(at=datetime(2026, 5, 3, 20, 30)), evening)
        night = self.visit(at=datetime(2026, 5, 4, 20, 30))
        self.assertTrue(night.key.endswith("2026-05-05"))
        self.assertEarned(10, "visit")

    def test_a_visit_taken_back_earns_nothing_and_the_day_may_have_another(self):
        self.earn_rule("visit", 5)
        first = self.visit()
        first._revoke("The wrong person")
        self.assertEarned(0, "visit")
        again = self.visit(at=NOON + timedelta(hours=1))
        self.assertEqual(again.key, f"{first.key}:2")
        self.assertEarned(5, "visit")
        self.assertEqual(self.visit(), again, "the one that stands counts")
        again._revoke("Again the wrong person")
        self.assertEqual(self.visit().key, f"{first.key}:3")
        self.assertEarned(5, "visit")
        self.assertInvariantsHold()

    def test_a_visit_without_a_rule_is_a_fact_all_the_same(self):
        self.assertTrue(self.visit().processed_at)
        self.assertEarned(0, "visit")

    def test_who_has_left_and_an_archived_club_have_no_visits(self):
        self.earn_rule("visit", 5)
        self.member._leave()
        self.assertFalse(self.visit())
        self.club.active = False
        self.assertFalse(self.visit(member=self.member_2))
        self.assertEarned(0, "visit")

    def test_each_of_two_clubs_counts_for_itself(self):
        second = self.env["club.club"].create({"name": "Tulip Club", "tz": "Pacific/Auckland"})
        member = second._enrol(self.partner)
        self.earn_rule("visit", 5)
        events = (self.member | member)._record_visit("counter", NOON)
        self.assertEqual(len(events), 2)
        self.assertTrue(events.filtered(lambda event: event.club_id == second).key.endswith("2026-05-05"))
        self.assertEarned(5, "visit")
        self.assertEarned(0, "visit", member)

    def test_many_members_cost_no_more_queries_than_one(self):
        self.earn_rule("visit", 5, streak_count=2, streak_period="day")
        partners = self.env["res.partner"].create([{"name": f"P{number}"} for number in range(20)])
        members = self.club._enrol(partners)
        self.env.cr.flush()
        self.visit(at=NOON - timedelta(days=9))
        counts = []
        for size in (1, 20):
            members.invalidate_recordset()
            before = self.cr.sql_log_count
            members[:size]._record_visit("counter", NOON + timedelta(days=size))
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)

    def test_another_channel_is_an_error_of_the_program(self):
        with self.assertRaisesRegex(ValueError, "counter"):
            self.member._record_visit("telepathy")

    def test_a_clock_that_runs_ahead_does_not_make_visits_of_tomorrow(self):
        event = self.visit(at=datetime(2999, 1, 1))
        self.assertLess(event.occurred_at, datetime(2999, 1, 1))

    def test_a_rule_may_ask_where(self):
        rule = self.earn_rule("visit", 5, channel="website")
        self.visit("counter")
        self.visit("portal")
        self.assertEarned(0, "visit")
        self.visit("shop")
        self.assertEarned(5, "visit")
        self.assertIn("in the web shop", rule.sentence)


@tagged("post_install", "-at_install")
class TestVisitsInARow(VisitCase):
    def test_a_streak_of_days_pays_when_full_and_at_each_multiple(self):
        self.earn_rule("visit", 50, streak_count=3, streak_period="day")
        self.visit_days(0, 1)
        self.assertEarned(0, "visit")
        self.visit_days(2)
        self.assertEarned(50, "visit")
        self.visit_days(3, 4)
        self.assertEarned(50, "visit")
        self.visit_days(5)
        self.assertEarned(100, "visit")

    def test_a_day_left_out_begins_anew(self):
        self.earn_rule("visit", 50, streak_count=3, streak_period="day")
        self.visit_days(0, 1, 3, 4)
        self.assertEarned(0, "visit")
        self.visit_days(5)
        self.assertEarned(50, "visit")

    def test_weeks_begin_as_the_club_says(self):
        rule = self.earn_rule("visit", 50, streak_count=2, streak_period="week")
        self.visit_days(5, 6)  # Saturday and Sunday: one week from Monday on
        self.assertEarned(0, "visit")
        self.club.week_start = "6"
        self.member_2._record_visit("counter", NOON + timedelta(days=5))
        self.member_2._record_visit("counter", NOON + timedelta(days=6))
        self.assertEarned(50, "visit", self.member_2)
        self.assertEqual(rule.sentence, "50 points for visits in 2 weeks in a row")

    def test_months_are_those_of_the_clubs_calendar(self):
        self.earn_rule("visit", 50, streak_count=2, streak_period="month")
        for member, calendar, points in ((self.member, "gregorian", 0), (self.member_2, "jalali", 50)):
            self.club.calendar = calendar
            member._record_visit("counter", datetime(2025, 3, 20, 12))  # 30 Esfand 1403
            member._record_visit("counter", datetime(2025, 3, 21, 12))  # 1 Farvardin 1404
            self.assertEarned(points, "visit", member)

    def test_two_places_on_one_day_are_one_day_and_pay_once(self):
        self.earn_rule("visit", 50, streak_count=2, streak_period="day")
        self.visit_days(0)
        self.visit("shop")
        self.visit_days(1)
        self.visit_days(1, channel="shop")
        self.visit_days(1, channel="portal")
        self.assertEarned(50, "visit")

    def test_a_visit_that_is_told_late_does_not_pay_the_same_row_again(self):
        """A till that was offline tells in the evening of a visit before the one in the shop that paid."""
        self.earn_rule("visit", 50, streak_count=2, streak_period="week")
        self.visit_days(3, 10, channel="shop")
        self.assertEarned(50, "visit")
        self.visit("counter", NOON + timedelta(days=10, hours=-2))
        self.visit_days(8)
        self.assertEarned(50, "visit")
        self.visit_days(15)
        self.visit_days(22)
        self.assertEarned(100, "visit")

    def test_a_streak_in_the_shop_counts_the_shop_only(self):
        self.earn_rule("visit", 50, streak_count=2, streak_period="day", channel="website")
        self.visit_days(0, channel="shop")
        self.visit_days(1)
        self.visit_days(2, channel="shop")
        self.assertEarned(0, "visit")
        self.visit_days(1, channel="shop")  # told late: it fills the gap, and is the second in a row itself
        self.assertEarned(50, "visit")

    def test_a_visit_taken_back_breaks_the_row_and_may_be_made_good(self):
        self.earn_rule("visit", 50, streak_count=2, streak_period="day")
        self.visit_days(0)
        second = self.visit(at=NOON + timedelta(days=1))
        self.assertEarned(50, "visit")
        second._revoke("The wrong person")
        self.assertEarned(0, "visit")
        self.visit_days(2)
        self.assertEarned(0, "visit")
        self.visit_days(3)
        self.assertEarned(50, "visit")
        self.assertInvariantsHold()

    def test_facts_told_together_earn_what_they_earn_one_by_one(self):
        self.earn_rule("visit", 50, streak_count=2, streak_period="day")
        facts = [
            {
                "member_id": self.member.id,
                "type": "visit",
                "key": f"test:{day}",
                "occurred_at": NOON + timedelta(days=day),
                "payload": {"channel": "shop"},
            }
            for day in (3, 0, 1, 2)
        ]
        self.env["club.event"]._report(facts)
        self.assertEarned(100, "visit")

    def test_visits_before_a_merge_count_for_the_one_who_stays(self):
        """never 13."""
        self.earn_rule("visit", 50, streak_count=2, streak_period="day")
        self.member_2._record_visit("counter", NOON)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.partner | self.partner_2).ids, dst_partner=self.partner
        )
        self.visit_days(1)
        self.assertEarned(50, "visit")

    def test_limits_hold_for_streaks_as_for_all(self):
        self.earn_rule("visit", 50, streak_count=2, streak_period="day", limit_member=60, limit_period="month")
        self.visit_days(*range(6))
        self.assertEarned(60, "visit")

    def test_the_rule_says_why_not(self):
        rule = self.earn_rule("visit", 50, streak_count=3, streak_period="day", channel="website")
        sentences = rule._get_reason_sentences()
        self.assertIn("number 2", sentences["visit_streak"]({"length": 2, "count": 3}))
        self.assertTrue(sentences["visit_again"]({"period": "month"}))
        self.assertEqual(rule.sentence, "50 points for visits on 3 days in a row, in the web shop")

    def test_what_a_streak_would_have_cost_is_known_before_it_is_switched_on(self):
        rule = self.earn_rule("visit", 50, streak_count=2, streak_period="day", active=False)
        now = self.env.cr.now().replace(microsecond=0)
        for days in (5, 4, 3, 2):
            self.visit(at=now - timedelta(days=days))
        self.assertEarned(0, "visit")
        policy = self.club._get_policies()[self.club.id]
        today = self.club._get_today()
        replay = Replay(self.env, policy, rule._to_engine(), today - timedelta(days=30), today)
        self.assertEqual(replay.run().points, 100)

    def test_fewer_than_none_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "in a row"):
            self.earn_rule("visit", 5, streak_count=-1)

    def test_the_member_reads_how_the_row_stands(self):
        self.earn_rule("visit", 50, streak_count=3, streak_period="day")
        today = self.club._get_today()
        at = datetime.combine(today, datetime.min.time())
        self.assertEqual(
            self.member._get_portal_streaks(), ["Be with us: 3 days in a row for 50 Points."]
        )
        self.member._record_visit("counter", at - timedelta(days=1))
        self.member._record_visit("counter", at)
        self.assertEqual(
            self.member._get_portal_streaks(), ["2 days in a row with us; one more day for 50 Points."]
        )
        self.assertEqual(self.member_2._get_portal_streaks(), ["Be with us: 3 days in a row for 50 Points."])

    def test_what_a_member_cannot_earn_is_not_promised(self):
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 1000})
        self.earn_rule("visit", 50, streak_count=3, tier_ids=tier.ids)
        self.assertEqual(self.member._get_portal_streaks(), [])

    def test_nobody_types_visits_in(self):
        with self.assertRaises(UserError):
            self.env["club.event"].create({"member_id": self.member.id, "type": "visit", "key": "x"})
