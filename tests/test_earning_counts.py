"""Which fact of its kind it is: every fifth visit, the first review, twice within a week; not only purchases."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.addons.customer_club.engine import earning
from odoo.addons.customer_club.models.earning.fact_counts import FactCounts
from odoo.tests import tagged

from .common import ClubCase


class CountCase(ClubCase):
    def fact(self, event_type, number, member=None, **values):
        return {
            "member_id": (member or self.member).id,
            "type": event_type,
            "key": f"test:{event_type}:{(member or self.member).id}:{number}",
            "occurred_at": datetime(2026, 5, 1, 12) + timedelta(days=number),
            **values,
        }

    def report(self, event_type, *numbers, **values):
        return self.env["club.event"]._report([self.fact(event_type, number, **values) for number in numbers])


@tagged("post_install", "-at_install")
class TestCountsOfOtherFacts(CountCase):
    def test_every_third_visit_counts_visits_only_and_only_those_of_the_member(self):
        self.earn_rule("visit", 7, nth_mode="every", nth=3)
        self.report("purchase", 0, amount=5)
        self.report("review", 0)
        self.report("visit", 0, 1, 2, member=self.member_2)
        self.report("visit", 1, 2)
        self.assertEarned(0, "visit")
        self.report("visit", 3)
        self.assertEarned(7, "visit")
        self.report("visit", 4, 5, 6)
        self.assertEarned(14, "visit")
        self.assertEarned(7, "visit", self.member_2)

    def test_counting_in_one_batch_and_one_by_one_gives_the_same(self):
        self.earn_rule("visit", 7, nth_mode="every", nth=3)
        self.report("visit", *range(7))
        for number in range(7):
            self.report("visit", number, member=self.member_2)
        self.assertEarned(14, "visit")
        self.assertEarned(14, "visit", self.member_2)

    def test_a_visit_counts_although_no_rule_rewarded_it(self):
        self.report("visit", 1, 2)
        self.earn_rule("visit", 7, nth_mode="exact", nth=3)
        self.report("visit", 3)
        self.assertEarned(7, "visit")

    def test_a_revoked_fact_does_not_count_whether_it_had_earned_or_not(self):
        self.earn_rule("contest", 7, nth_mode="exact", nth=1)
        first = self.report("contest", 1)
        self.assertEarned(7, "contest")
        first._revoke("taken down")
        self.assertEarned(0, "contest")
        self.assertTrue(first.revoked_at)
        second = self.report("contest", 2)
        self.assertEarned(7, "contest")
        self.report("contest", 3)
        self.assertEarned(7, "contest")
        second._revoke("taken down")
        self.report("contest", 4)  # the third stands and was the first to stand: this is the second
        self.assertEarned(0, "contest")

    def test_revoking_twice_marks_once(self):
        event = self.report("contest", 1)
        event._revoke("taken down")
        marked = event.revoked_at
        event._revoke("again")
        self.assertEqual(event.revoked_at, marked)

    def test_a_revision_is_no_further_fact_and_one_taken_back_whole_is_none(self):
        self.earn_rule("merchant_purchase", 7, nth_mode="exact", nth=2)
        first = self.report("merchant_purchase", 1, amount=10)
        self.env["club.event"]._report(
            [self.fact("merchant_purchase", 2, amount=-10, revises_id=first.id, payload={"taken_back": True})]
        )
        self.report("merchant_purchase", 3, amount=10)
        self.assertEarned(0, "merchant_purchase")
        self.report("merchant_purchase", 4, amount=10)
        self.assertEarned(7, "merchant_purchase")

    def test_again_within_days_and_frequency_within_the_week_are_about_the_same_kind_of_fact(self):
        again = self.earn_rule("survey", 3, within_days=2)
        second = self.earn_rule("survey", 5, frequency_count=2, frequency_period="week")
        self.report("purchase", 0, amount=5)
        self.report("survey", 0)  # Friday, 1 May
        self.assertEarned(0, "survey")
        self.report("survey", 2)  # Sunday: two days later, the second of the week
        self.assertEarned(8, "survey")
        self.report("survey", 5)
        self.assertEarned(8, "survey")
        entries = self.env["club.point.entry"].search([("rule_id", "in", (again + second).ids)])
        self.assertEqual(set(entries.mapped("points")), {3, 5})

    def test_a_fact_that_becomes_known_late_is_no_second_first(self):
        """never.md 6: a till that was offline, or one that lies, reports backwards; every number is given once."""
        self.earn_rule("visit", 100, nth_mode="exact", nth=1)
        self.earn_rule("survey", 10, frequency_count=2, frequency_period="week")
        for number in (4, 3, 2, 1):
            self.report("visit", number)
            self.report("survey", number)
        self.assertEarned(100, "visit")
        self.assertEarned(10, "survey")

    def test_visits_before_a_merge_count_for_the_one_who_stays(self):
        self.earn_rule("visit", 7, nth_mode="exact", nth=3)
        self.report("visit", 1, 2, member=self.member_2)
        self.member_2.merged_into_id = self.member  # what a merge of two memberships leaves
        self.env.flush_all()
        self.report("visit", 3)
        self.assertEarned(7, "visit")

    def test_reading_counts_takes_one_query_however_many_members_and_types(self):
        for event_type in ("visit", "contest", "forum"):
            self.earn_rule(event_type, 1, nth_mode="from", nth=1)
        self.report("visit", 0)  # fills the caches
        counts = []
        for size in (1, 30):
            events = self.env["club.event"]._record(
                [
                    self.fact(event_type, 100 * size + number, member)
                    for event_type in ("visit", "contest", "forum")
                    for number in range(size)
                    for member in (self.member, self.member_2)
                ]
            )
            self.env.cr.flush()
            before = self.cr.sql_log_count
            events._process()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_nothing_is_counted_for_types_that_no_rule_counts(self):
        self.earn_rule("visit", 1, nth_mode="every", nth=2)
        self.earn_rule("review", 1)
        self.report("review", 1)  # warm
        read = []
        with patch.object(FactCounts, "_read", lambda counts, wanted: read.append(wanted) or {}):
            self.report("review", 2)
            self.assertFalse(read)
            self.report("visit", 2)
            self.assertEqual(read, [{"visit": {self.member.id}}])


@tagged("post_install", "-at_install")
class TestFurtherFacts(CountCase):
    def test_a_room_reads_further_facts_once_per_batch(self):
        def lucky(value, event, history, context):
            return None if event.values["lucky"] else earning.Why("unlucky")

        self.addCleanup(earning._CONDITIONS.pop, "lucky")
        earning.register_condition("lucky", lucky)
        reads = []

        def read_extra(events, rows, needs):
            reads.append(len(rows))
            self.assertIn("lucky", needs)
            return {self.member.id: {"lucky": True}, self.member_2.id: {"lucky": False}}

        self.startPatcher(patch.object(self.env.registry["club.event"], "_read_extra", read_extra))
        ask = self.env.registry["club.earn.rule"]._get_condition_values
        self.startPatcher(
            patch.object(
                self.env.registry["club.earn.rule"],
                "_get_condition_values",
                lambda rule: {**ask(rule), "lucky": True},
            )
        )
        self.earn_rule("visit", 7)
        self.env["club.event"]._report(
            [self.fact("visit", 1), self.fact("visit", 2), self.fact("visit", 1, self.member_2)]
        )
        self.assertEqual(reads, [3])
        self.assertEarned(14, "visit")
        self.assertEarned(0, "visit", self.member_2)
