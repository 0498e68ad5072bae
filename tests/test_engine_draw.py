"""The odds of a draw are exact, and results are compared with them honestly."""

import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from odoo.addons.customer_club.engine import draw
from odoo.tests import BaseCase, tagged

slots = st.lists(
    st.builds(
        draw.Slot,
        prize=st.integers(1, 30),
        weight=st.integers(0, 50),
        left=st.none() | st.integers(0, 3),
    ),
    unique_by=lambda slot: slot.prize,
    max_size=12,
)
PLAYS = 100_000
#: Fixed beforehand: an honest source with the seed below must stay above it, a biased one far below.
SIGNIFICANCE = 0.001


@tagged("post_install", "-at_install")
class TestOdds(BaseCase):
    @given(slots, st.none() | st.integers(1, 30))
    def test_every_number_chooses_one_prize_and_each_prize_as_often_as_its_weight(self, found, fallback):
        try:
            chances = draw.in_force(found, fallback)
        except draw.DrawError:
            self.assertFalse(any(slot.weight for slot in found))
            return
        chosen = [draw.choose(chances, number) for number in range(draw.total(chances))]
        self.assertEqual({chance.prize: chosen.count(chance.prize) for chance in chances}, dict(chances))

    @given(slots, st.none() | st.integers(1, 30))
    def test_no_prize_gets_likelier_because_another_is_out(self, found, fallback):
        if not any(slot.weight for slot in found):
            return
        chances = dict(draw.in_force(found, fallback))
        self.assertEqual(sum(chances.values()), sum(slot.weight for slot in found), "the whole stays")
        for slot in found:
            if slot.left == 0:
                self.assertNotIn(slot.prize, chances, "what is out cannot be won")
            elif slot.prize != fallback:
                self.assertEqual(chances.get(slot.prize, 0), slot.weight)

    def test_numbers_outside_choose_nothing(self):
        chances = draw.in_force([draw.Slot(1, 3)])
        for number in (-1, 3, 10**30):
            with self.subTest(number), self.assertRaises(draw.DrawError):
                draw.choose(chances, number)

    def test_impossible_weights_are_refused(self):
        for found in (
            [],
            [draw.Slot(1, 0)],
            [draw.Slot(1, -1), draw.Slot(2, 5)],
            [draw.Slot(1, 1), draw.Slot(1, 2)],
            [draw.Slot(1, draw.MOST_WEIGHT), draw.Slot(2, 1)],
        ):
            with self.subTest(found), self.assertRaises(draw.DrawError):
                draw.in_force(found)

    def test_huge_weights_stay_exact(self):
        chances = draw.in_force([draw.Slot(1, 1), draw.Slot(2, draw.MOST_WEIGHT - 1)])
        self.assertEqual(draw.choose(chances, 0), 1)
        self.assertEqual(draw.choose(chances, 1), 2)
        self.assertEqual(draw.choose(chances, draw.MOST_WEIGHT - 1), 2)
        self.assertEqual(draw.one_in(1, draw.MOST_WEIGHT), draw.MOST_WEIGHT)

    @given(slots)
    def test_percents_are_told_with_enough_digits_and_sum_to_the_whole(self, found):
        if not any(slot.weight for slot in found):
            return
        chances = draw.in_force(found)
        whole = draw.total(chances)
        shares = [draw.percent(chance.weight, whole) for chance in chances]
        self.assertTrue(all(share > 0 for share in shares), "what can be won is never told as 0 %")
        self.assertLess(abs(sum(shares) - 100), Decimal("0.01") * len(shares))

    @given(slots)
    def test_the_wheel_is_whole_and_every_chance_can_be_seen(self, found):
        if not any(slot.weight for slot in found):
            return
        segments = draw.wheel(draw.in_force(found))
        self.assertAlmostEqual(sum(segment.sweep for segment in segments), 360)
        least = min(8, 360 / len(segments))
        self.assertTrue(all(segment.sweep > least - 1e-9 for segment in segments))
        self.assertEqual(len(draw.paths(segments)), len(segments))

    def test_shrinking_for_small_chances_makes_no_other_too_small(self):
        """5 of 214 has 8.4 degrees by itself, but less than 8 once three others are raised to 8."""
        slots = [draw.Slot(number, weight) for number, weight in enumerate((1, 40, 50, 50, 1, 5, 18, 1, 48), 1)]
        sweeps = [segment.sweep for segment in draw.wheel(draw.in_force(slots))]
        self.assertEqual(sweeps[5], 8)
        self.assertGreater(min(sweeps), 8 - 1e-9)
        self.assertAlmostEqual(sum(sweeps), 360)

    def test_the_expected_cost_is_the_average_over_all_numbers(self):
        chances = draw.in_force([draw.Slot(1, 1, left=2), draw.Slot(2, 7), draw.Slot(3, 92)])
        values = {1: Decimal("99.5"), 2: Decimal(3)}
        every = [values.get(draw.choose(chances, number), Decimal(0)) for number in range(100)]
        self.assertEqual(draw.expected(chances, values), sum(every) / 100)


@tagged("post_install", "-at_install")
class TestChiSquare(BaseCase):
    chances = draw.in_force([draw.Slot(1, 1), draw.Slot(2, 19), draw.Slot(3, 80), draw.Slot(4, 300), draw.Slot(5, 600)])

    def play(self, numbers):
        counts = dict.fromkeys((chance.prize for chance in self.chances), 0)
        for number in numbers:
            counts[draw.choose(self.chances, number)] += 1
        return draw.p_value(*draw.chi_square([(counts, self.chances)]))

    def test_a_hundred_thousand_choices_of_an_honest_source_agree_with_the_odds(self):
        source = random.Random(20260501)
        self.assertGreater(self.play(source.randrange(1000) for _play in range(PLAYS)), SIGNIFICANCE)

    def test_a_source_that_strays_by_a_thousandth_is_found_out(self):
        source = random.Random(20260501)
        biased = (source.randrange(1000) if source.random() > 0.001 else 0 for _play in range(PLAYS))
        self.assertLess(self.play(biased), SIGNIFICANCE)

    def test_a_source_cut_from_bytes_by_remainder_is_found_out(self):
        """The classic mistake: 65,536 is no multiple of 1,000, so small numbers come more often."""
        source = random.Random(7)
        self.assertLess(self.play(source.randrange(4096) % 1000 for _play in range(PLAYS)), SIGNIFICANCE)

    def test_p_values_are_those_of_the_tables(self):
        """Critical values of chi-square at 0.05, 0.01 and 0.001 (NIST handbook, 1.3.6.7.4)."""
        for freedom, row in {
            1: (3.841, 6.635, 10.828),
            5: (11.070, 15.086, 20.515),
            20: (31.410, 37.566, 45.315),
            100: (124.342, 135.807, 149.449),
        }.items():
            for statistic, p in zip(row, (0.05, 0.01, 0.001), strict=True):
                with self.subTest(freedom=freedom, p=p):
                    self.assertAlmostEqual(draw.p_value(statistic, freedom), p, delta=p * 0.005)

    def test_p_values_of_an_honest_source_are_spread_evenly(self):
        source = random.Random(11)
        values = [self.play(source.randrange(1000) for _play in range(2000)) for _round in range(200)]
        below = sum(value < 0.5 for value in values)
        self.assertTrue(75 <= below <= 125, below)
        self.assertLess(sum(value < 0.01 for value in values), 9)

    def test_results_under_other_odds_are_compared_with_their_own(self):
        always_one, always_two = (draw.Chance(1, 1),), (draw.Chance(2, 1),)
        self.assertEqual(draw.chi_square([({1: 50}, always_one), ({2: 50}, always_two)]), (0.0, 0))

    def test_what_could_not_be_won_was_not_won(self):
        with self.assertRaises(draw.DrawError):
            draw.chi_square([({9: 1}, self.chances)])
