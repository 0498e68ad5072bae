"""Members rise at once, and fall only at review, by policy, after grace."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import tiering
from odoo.addons.customer_club.engine.errors import TierError
from odoo.addons.customer_club.engine.tiering import Decision, Policy, Tier
from odoo.tests import BaseCase, tagged

BRONZE, SILVER, GOLD = Tier(1, 10, Decimal(0)), Tier(2, 20, Decimal(500)), Tier(3, 30, Decimal(2000))
TIERS = [GOLD, BRONZE, SILVER]  # in no order
TODAY = date(2025, 6, 1)
ids = st.sampled_from([None, 1, 2, 3])
policies = st.builds(Policy, st.sampled_from(tiering.DEMOTIONS), st.integers(0, 60), st.just("year"))


def decide(current, deserved, policy, review_due=True, since=None, today=TODAY, grace_until=None):
    return tiering.decide(TIERS, current, deserved, since, today, policy, review_due, grace_until)


@tagged("post_install", "-at_install")
class TestThresholds(BaseCase):
    def test_never_9_a_threshold_reached_exactly_is_reached(self):
        for measure, tier in (
            ("0", 1),
            ("499.99", 1),
            ("500", 2),
            ("500.00", 2),
            ("1999.99", 2),
            ("2000", 3),
            ("99999", 3),
        ):
            self.assertEqual(tiering.deserved(TIERS, Decimal(measure)), tier, measure)

    def test_below_the_lowest_threshold_there_is_no_tier(self):
        self.assertIsNone(tiering.deserved(TIERS, Decimal("-0.01")))
        self.assertIsNone(tiering.deserved([], Decimal(1000)))

    def test_tiers_that_contradict_each_other_are_refused(self):
        self.assertEqual(tiering.check(TIERS), [BRONZE, SILVER, GOLD])
        for wrong in (Tier(4, 40, Decimal(2000)), Tier(4, 40, Decimal(1)), Tier(4, 30, Decimal(9000))):
            with self.assertRaises(TierError):
                tiering.check([*TIERS, wrong])


@tagged("post_install", "-at_install")
class TestRisingAndFalling(BaseCase):
    def test_a_member_rises_at_once_and_over_several_tiers(self):
        for policy in (Policy("never"), Policy("hard", 30)):
            self.assertEqual(decide(1, 3, policy, review_due=False), Decision(3, "rise", None))
        self.assertEqual(decide(None, 1, Policy(), review_due=False), Decision(1, "rise", None))

    def test_nobody_falls_between_reviews(self):
        self.assertEqual(decide(3, 1, Policy("hard"), review_due=False), Decision(3, "not_reviewed", None))

    def test_hard_falls_to_what_is_deserved_and_one_step_one_step(self):
        self.assertEqual(decide(3, 1, Policy("hard")), Decision(1, "fall", None))
        self.assertEqual(decide(3, 1, Policy("one_step")), Decision(2, "fall", None))
        self.assertEqual(decide(3, None, Policy("hard")), Decision(None, "fall", None))
        self.assertEqual(decide(1, None, Policy("one_step")), Decision(None, "fall", None))
        self.assertEqual(decide(3, 1, Policy("never")), Decision(3, "never", None))

    def test_grace_starts_at_review_and_its_last_day_still_counts(self):
        policy = Policy("hard", grace_days=30)
        until = TODAY + timedelta(days=30)
        self.assertEqual(decide(3, 1, policy), Decision(3, "grace_started", until))
        last = until - timedelta(days=1)
        self.assertEqual(decide(3, 1, policy, False, today=last, grace_until=until), Decision(3, "grace", until))
        self.assertEqual(decide(3, 1, policy, False, today=until, grace_until=until), Decision(1, "fall", None))

    def test_a_second_review_does_not_prolong_grace(self):
        until = TODAY + timedelta(days=3)
        self.assertEqual(decide(3, 1, Policy("hard", 30), True, grace_until=until), Decision(3, "grace", until))

    def test_earning_the_tier_again_ends_grace(self):
        self.assertEqual(decide(3, 3, Policy("hard", 30), False, grace_until=TODAY), Decision(3, "keep", None))

    def test_a_tier_is_not_taken_on_the_day_it_was_given(self):
        self.assertEqual(decide(3, 1, Policy("hard"), since=TODAY), Decision(3, "not_reviewed", None))
        self.assertEqual(decide(3, 1, Policy("hard"), since=TODAY - timedelta(days=1)), Decision(1, "fall", None))

    def test_a_foreign_tier_or_demotion_is_named(self):
        with self.assertRaisesRegex(TierError, "tier 9"):
            decide(9, 1, Policy())
        with self.assertRaisesRegex(TierError, "'softly'"):
            decide(3, 1, Policy("softly"))

    @settings(max_examples=300, deadline=None)
    @given(current=ids, deserved=ids, policy=policies, review=st.booleans(), grace=st.none() | st.integers(-5, 5))
    def test_nobody_ever_falls_below_what_is_deserved_or_rises_above(self, current, deserved, policy, review, grace):
        grace_until = None if grace is None else TODAY + timedelta(days=grace)
        decision = decide(current, deserved, policy, review, grace_until=grace_until)
        low, high = sorted([current or 0, deserved or 0])
        self.assertTrue(low <= (decision.tier or 0) <= high)
        if (decision.tier or 0) < (current or 0):
            self.assertTrue(review or grace_until is not None)
            self.assertNotEqual(policy.demotion, "never")
        again = decide(decision.tier, deserved, policy, False, grace_until=decision.grace_until)
        self.assertEqual(again.tier, decision.tier, "asking twice on one day changes nothing")


@tagged("post_install", "-at_install")
class TestReviews(BaseCase):
    def test_a_review_falls_on_the_first_day_of_the_clubs_period(self):
        for review, calendar, expected in (
            ("day", "gregorian", date(2025, 6, 2)),
            ("month", "gregorian", date(2025, 7, 1)),
            ("quarter", "gregorian", date(2025, 7, 1)),
            ("year", "gregorian", date(2026, 1, 1)),
            ("year", "jalali", date(2026, 3, 21)),
            ("anniversary", "gregorian", date(2026, 6, 1)),
        ):
            self.assertEqual(tiering.next_review(review, TODAY, calendar), expected, (review, calendar))
            self.assertTrue(tiering.review_due(review, TODAY, expected, calendar))
            self.assertFalse(tiering.review_due(review, TODAY, expected - timedelta(days=1), calendar))

    def test_a_skipped_night_is_caught_up(self):
        self.assertTrue(tiering.review_due("month", TODAY, date(2025, 7, 9)))

    def test_an_unknown_review_is_named(self):
        with self.assertRaisesRegex(TierError, "fortnight"):
            tiering.next_review("fortnight", TODAY)


@tagged("post_install", "-at_install")
class TestProgress(BaseCase):
    def test_what_is_missing_to_the_next_tier(self):
        self.assertEqual(tiering.progress(TIERS, 1, Decimal(125)), (SILVER, Decimal(375), Decimal("0.25")))
        self.assertEqual(tiering.progress(TIERS, None, Decimal(-1)), (BRONZE, Decimal(1), Decimal(0)))

    def test_at_the_threshold_nothing_is_missing(self):
        self.assertEqual(tiering.progress(TIERS, 1, Decimal(500)), (SILVER, Decimal(0), Decimal(1)))

    def test_at_the_top_there_is_no_next(self):
        self.assertEqual(tiering.progress(TIERS, 3, Decimal(0)), (None, Decimal(0), Decimal(1)))

    @settings(max_examples=200, deadline=None)
    @given(current=ids, measure=st.decimals(-100, 5000, places=2))
    def test_the_share_lies_between_nothing_and_all(self, current, measure):
        following, missing, ratio = tiering.progress(TIERS, current, measure)
        self.assertTrue(0 <= ratio <= 1 and missing >= 0)
        self.assertEqual(ratio == 1, missing == 0)
        if following and missing:
            self.assertEqual(tiering.deserved([following], measure + missing), following.id)
