"""Quintiles, stages and the ladder, at their exact limits."""

import random
from datetime import date, timedelta

from odoo.addons.customer_club.engine import behaviour
from odoo.tests import BaseCase, tagged

TODAY = date(2026, 6, 1)
LIMITS = behaviour.Limits(new_days=30, risk_days=90, lapsed_days=365, won_back_days=60)


def ago(days):
    return TODAY - timedelta(days=days)


@tagged("post_install", "-at_install")
class TestStagesBeginOnTheirExactDay(BaseCase):
    def stage(self, first, last, days=2, gap=0, limits=LIMITS, fading=False):
        return behaviour.stage(behaviour.Purchases(first, last, days, gap), TODAY, limits, fading)

    def test_who_never_bought_is_a_prospect(self):
        self.assertEqual(self.stage(None, None, 0), ("prospect", None))

    def test_new_ends_on_the_day_that_the_setting_says(self):
        self.assertEqual(self.stage(ago(29), ago(29), 1).name, "new")
        self.assertEqual(self.stage(ago(30), ago(30), 1).name, "active")

    def test_at_risk_begins_on_its_day_and_says_since_when(self):
        self.assertEqual(self.stage(ago(400), ago(89)).name, "active")
        self.assertEqual(self.stage(ago(400), ago(90)), ("at_risk", TODAY))
        self.assertEqual(self.stage(ago(400), ago(100)), ("at_risk", ago(10)))

    def test_lapsed_begins_on_its_day(self):
        self.assertEqual(self.stage(ago(800), ago(364)).name, "at_risk")
        self.assertEqual(self.stage(ago(800), ago(365)), ("lapsed", TODAY))

    def test_won_back_needs_a_silence_as_long_as_lapsing_and_ends_on_its_day(self):
        self.assertEqual(self.stage(ago(405), ago(40), gap=365).name, "won_back")
        self.assertEqual(self.stage(ago(404), ago(40), gap=364).name, "active")
        self.assertEqual(self.stage(ago(424), ago(59), gap=365).name, "won_back")
        self.assertEqual(self.stage(ago(425), ago(60), gap=365), ("active", TODAY))

    def test_the_own_rhythm_decides_where_the_club_wants_that(self):
        limits = LIMITS._replace(risk_factor=2.0, lapsed_factor=6.0)
        # ten days apart: at risk after 20 days of silence, lapsed after 60
        for silent, name in ((19, "active"), (20, "at_risk"), (59, "at_risk"), (60, "lapsed")):
            with self.subTest(silent=silent):
                found = self.stage(ago(silent + 100), ago(silent), 11, 10, limits)
                self.assertEqual(found.name, name)

    def test_two_purchases_on_following_days_are_no_rhythm(self):
        limits = LIMITS._replace(risk_factor=2.0, lapsed_factor=6.0, floor_days=14)
        self.assertEqual(self.stage(ago(43), ago(13), 31, 1, limits).name, "active")
        self.assertEqual(self.stage(ago(44), ago(14), 31, 1, limits).name, "lapsed")

    def test_who_fades_is_at_risk_at_half_the_silence_but_not_while_new(self):
        self.assertEqual(self.stage(ago(400), ago(44), fading=True).name, "active")
        self.assertEqual(self.stage(ago(400), ago(45), fading=True).name, "at_risk")
        self.assertEqual(self.stage(ago(29), ago(29), 1, limits=LIMITS._replace(risk_days=40), fading=True).name, "new")

    def test_one_falling_measure_is_no_sign_and_two_are(self):
        self.assertFalse(behaviour.fades(behaviour.Trend(1, 8)))
        self.assertFalse(behaviour.fades(behaviour.Trend(points=0, points_before=100)), "spending points is no risk")
        self.assertTrue(behaviour.fades(behaviour.Trend(4, 8, 1, 2)))
        self.assertFalse(behaviour.fades(behaviour.Trend(5, 8, 1, 2)), "5 of 8 is more than half")

    def test_limits_that_contradict_each_other_are_refused(self):
        with self.assertRaises(behaviour.BehaviourError):
            self.stage(ago(9), ago(9), 1, limits=LIMITS._replace(risk_days=400))


@tagged("post_install", "-at_install")
class TestQuintilesAreFairAndDeterministic(BaseCase):
    def test_equal_values_get_equal_scores_whatever_their_order(self):
        chance = random.Random(7)
        for size in (1, 2, 3, 4, 5, 6, 17, 100):
            values = [float(chance.randrange(8)) for _number in range(size)]
            cuts = behaviour.cuts(values)
            chance.shuffle(values)
            self.assertEqual(behaviour.cuts(values), cuts)
            scores = [behaviour.score(value, cuts) for value in sorted(values)]
            self.assertEqual(scores, sorted(scores), "more is never less")
            self.assertTrue(all(1 <= score <= 5 for score in scores))

    def test_a_hundred_different_values_make_five_groups_of_twenty(self):
        values = [float(number) for number in range(100)]
        cuts = behaviour.cuts(values)
        for level in range(1, 6):
            self.assertEqual(sum(behaviour.score(value, cuts) == level for value in values), 20)

    def test_fewer_than_five_members_are_spread_around_the_middle(self):
        self.assertEqual([behaviour.score(1.0, behaviour.cuts([1.0]))], [3])
        self.assertEqual([behaviour.score(v, behaviour.cuts([1.0, 2.0])) for v in (1.0, 2.0)], [2, 4])

    def test_every_score_has_a_group(self):
        cells = {behaviour.rfm_cell(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)}
        self.assertEqual(
            cells,
            {
                "champions",
                "loyal",
                "promising",
                "new",
                "needs_attention",
                "at_risk",
                "cannot_lose",
                "hibernating",
                "lost",
            },
        )
