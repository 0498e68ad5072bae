"""Uplift on simulated customers: the interval keeps its word, and chance is not called a success (Done when)."""

import random
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

from odoo.addons.customer_club.engine import uplift
from odoo.tests import BaseCase, tagged


def binomial(count, share):
    """The probability of each number of ``count`` members, 0 to all."""
    return [
        exp(lgamma(count + 1) - lgamma(k + 1) - lgamma(count - k + 1) + k * log(share) + (count - k) * log(1 - share))
        for k in range(count + 1)
    ]


def bounds(probability, runs, confidence=0.9999):
    """Between what a count of ``runs`` lies, but for one time in 10,000 (normal approximation of the binomial)."""
    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(runs * probability * (1 - probability))
    return runs * probability - reach, runs * probability + reach


@tagged("post_install", "-at_install")
class TestUpliftKeepsItsWord(BaseCase):
    RUNS = 2000

    def setUp(self):
        super().setUp()
        self.random = random.Random(20260501)

    def draw(self, probability, count):
        return sum(self.random.random() < probability for _member in range(count))

    def sample(self, mean, share, count):
        """What members spend: most nothing, the others something skewed, as in a shop."""
        values = [
            self.random.gammavariate(2, mean / (2 * share)) if self.random.random() < share else 0.0
            for _member in range(count)
        ]
        return uplift.Sample(count, sum(values), sum(value * value for value in values))

    def test_the_interval_of_shares_covers_the_true_effect_in_95_of_100_runs(self):
        for treated, control, n_treated, n_control in (
            (0.23, 0.17, 400, 100),
            (0.08, 0.02, 300, 60),
            (0.55, 0.50, 80, 80),
            (0.30, 0.10, 60, 30),
        ):
            with self.subTest(shares=(treated, control), members=(n_treated, n_control)):
                covered = 0
                for _run in range(self.RUNS):
                    interval = uplift.compare_shares(
                        self.draw(treated, n_treated), n_treated, self.draw(control, n_control), n_control
                    )
                    covered += interval.low <= treated - control <= interval.high
                low, _high = bounds(uplift.CONFIDENCE, self.RUNS)
                # A score interval is a little wide where shares are small: never too narrow, never much too wide.
                self.assertGreaterEqual(covered, low)
                self.assertLessEqual(covered, 0.985 * self.RUNS)

    def test_the_interval_of_averages_covers_the_true_effect_in_95_of_100_runs(self):
        covered = 0
        for _run in range(1000):
            interval = uplift.compare_means(self.sample(30, 0.6, 300), self.sample(24, 0.6, 150))
            covered += interval.low <= 6 <= interval.high
        low, _high = bounds(uplift.CONFIDENCE, 1000)
        self.assertGreaterEqual(covered, low)
        self.assertLessEqual(covered, 985, "not much too wide either")

    def test_without_an_effect_no_more_successes_are_called_than_the_confidence_says(self):
        """Two-sided at 95 %: at most 5 of 100, and half of them upwards."""
        for share, n_treated, n_control in ((0.2, 400, 100), (0.05, 200, 50), (0.02, 50, 20)):
            with self.subTest(share=share, members=(n_treated, n_control)):
                called = [
                    uplift.verdict(
                        uplift.compare_shares(
                            self.draw(share, n_treated), n_treated, self.draw(share, n_control), n_control
                        ),
                        over=True,
                        members=(n_treated, n_control),
                    )
                    for _run in range(self.RUNS)
                ]
                self.assertLessEqual(called.count("better"), bounds(0.05, self.RUNS)[1])
                self.assertLessEqual(called.count("better") + called.count("worse"), bounds(0.05, self.RUNS)[1])
        called = [
            uplift.verdict(uplift.compare_means(self.sample(30, 0.6, 200), self.sample(30, 0.6, 100)), over=True)
            for _run in range(1000)
        ]
        self.assertLessEqual(len(called) - called.count("chance"), bounds(0.05, 1000)[1])

    def spend(self, share, count, kind):
        """What members spend, as a shop with rare buyers and long tails knows it."""
        draw = {
            "gamma": lambda: self.random.gammavariate(2, 15),
            "long": lambda: self.random.lognormvariate(3, 1),
            "very long": lambda: self.random.lognormvariate(3, 1.5),
        }[kind]
        values = [draw() for _buyer in range(self.draw(share, count))]
        return uplift.Sample(count, sum(values), sum(value * value for value in values))

    def test_small_groups_rare_buyers_and_long_tails_are_no_success_by_chance(self):
        """A control group in which nobody bought is no proof: of averages, Welch's interval alone says so."""
        runs, most = 600, bounds(0.05, 600)[1]
        for share, n_treated, n_control, kind in (
            (0.02, 400, 10, "gamma"),
            (0.1, 90, 10, "gamma"),
            (0.01, 1000, 20, "long"),
            (0.05, 400, 40, "long"),
            (0.05, 1000, 200, "very long"),
            (0.3, 800, 200, "very long"),
            (0.3, 50, 450, "very long"),
            (0.9, 40, 10, "gamma"),
        ):
            with self.subTest(share=share, members=(n_treated, n_control), kind=kind):
                found = [
                    uplift.compare_means(self.spend(share, n_treated, kind), self.spend(share, n_control, kind))
                    for _run in range(runs)
                ]
                wrong = sum(1 for interval in found if interval and not interval.low <= 0 <= interval.high)
                self.assertLessEqual(wrong, most)

    def test_the_interval_of_averages_covers_a_true_effect_where_few_buy(self):
        """Half as many again buy, in groups of all sizes: 15 of 100 against 10, of 30 each."""
        runs = 600
        for n_treated, n_control in ((400, 100), (100, 900), (90, 10), (4000, 400)):
            with self.subTest(members=(n_treated, n_control)):
                covered = 0
                for _run in range(runs):
                    interval = uplift.compare_means(
                        self.spend(0.15, n_treated, "gamma"), self.spend(0.1, n_control, "gamma")
                    )
                    covered += interval is None or interval.low <= 1.5 <= interval.high
                self.assertGreaterEqual(covered, bounds(0.95, runs)[0])

    def test_the_interval_of_averages_stands_arms_that_differ_in_spread(self):
        """A few who spend very differently, against many who spend alike: Student's alone is too narrow."""
        covered = 0
        for _run in range(1000):
            groups = []
            for count, spread in ((20, 60), (400, 6)):
                values = [self.random.gauss(50, spread) for _member in range(count)]
                groups.append(uplift.Sample(count, sum(values), sum(value * value for value in values)))
            interval = uplift.compare_means(*groups)
            covered += interval.low <= 0 <= interval.high
        self.assertGreaterEqual(covered, bounds(0.95, 1000)[0])

    def test_of_shares_no_size_and_no_rarity_makes_a_success_of_chance(self):
        """Exactly, by all that can happen: without an effect at most 5 of 100 campaigns are called a success."""
        for n_treated, n_control in ((3000, 10), (1000, 20), (200, 10), (40, 10), (10, 10), (90, 10), (400, 100)):
            for share in (0.003, 0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.9, 0.95):
                with self.subTest(members=(n_treated, n_control), share=share):
                    self.assertLessEqual(self.count_successes(share, n_treated, n_control), 0.05)

    def count_successes(self, share, n_treated, n_control):
        """The probability of the verdict ``better``."""
        of_treated, of_control = (
            [(count, chance) for count, chance in enumerate(binomial(members, share)) if chance > 1e-9]
            for members in (n_treated, n_control)
        )
        return sum(
            chance * other
            for treated, chance in of_treated
            for control, other in of_control
            if treated * n_control > control * n_treated
            and uplift.verdict(
                uplift.compare_shares(treated, n_treated, control, n_control),
                over=True,
                members=(n_treated, n_control),
                reached=(treated, control),
            )
            == "better"
        )

    def test_two_texts_make_no_success_of_chance(self):
        """The verdict looks at both texts together: of two, one is the better one by chance more often than that."""
        called = {"campaign": 0, "text": 0}
        for _run in range(self.RUNS):
            first, second, control = (self.draw(0.15, count) for count in (150, 150, 75))
            members, reached = (300, 75), (first + second, control)
            interval = uplift.compare_shares(first + second, 300, control, 75)
            called["campaign"] += uplift.verdict(interval, over=True, members=members, reached=reached) == "better"
            texts = uplift.compare_shares(first, 150, second, 150)
            found = uplift.verdict(texts, over=True, members=(150, 150), reached=(first, second))
            called["text"] += found in ("better", "worse")
        self.assertLessEqual(called["campaign"], bounds(0.05, self.RUNS)[1])
        self.assertLessEqual(called["text"], bounds(0.05, self.RUNS)[1])

    def test_a_large_effect_is_found(self):
        found = [
            uplift.verdict(
                uplift.compare_shares(self.draw(0.4, 400), 400, self.draw(0.2, 200), 200), over=True, members=(400, 200)
            )
            for _run in range(200)
        ]
        self.assertGreaterEqual(found.count("better"), 190)

    def test_zero_in_an_arm_one_member_and_no_control_group_are_no_errors(self):
        interval = uplift.compare_shares(0, 50, 0, 20)
        self.assertEqual(interval.difference, 0)
        self.assertLess(interval.low, 0)
        self.assertGreater(interval.high, 0)
        self.assertIsNone(uplift.compare_shares(1, 1, 0, 0))
        self.assertEqual(uplift.compare_shares(1, 1, 0, 1).difference, 1)
        self.assertIsNone(uplift.compare_means(uplift.Sample(1, 5.0, 25.0), uplift.Sample(40, 0.0, 0.0)))
        self.assertIsNone(uplift.compare_means(uplift.Sample(40, 0.0, 0.0), uplift.Sample(40, 0.0, 0.0)))
        self.assertEqual(uplift.verdict(None, over=True, control=False), "no_control")
        self.assertEqual(uplift.verdict(uplift.compare_shares(1, 1, 0, 1), over=True, members=(1, 1)), "few")
        nobody = uplift.compare_shares(0, 40, 0, 40)
        self.assertEqual(uplift.verdict(nobody, over=True, members=(40, 40), reached=(0, 0)), "chance")
        for wrong in ((3, 2, 1, 2), (-1, 2, 1, 2)):
            with self.assertRaises(uplift.UpliftError):
                uplift.compare_shares(*wrong)
        for confidence in (0, 1, 2):
            with self.assertRaises(uplift.UpliftError):
                uplift.compare_means(uplift.Sample(3, 6.0, 14.0), uplift.Sample(3, 3.0, 5.0), confidence)

    def test_published_intervals_are_met(self):
        """Newcombe 1998, table II, method 10: (a) 56/70 - 48/80, (c) 6/7 - 2/7, (e) 5/56 - 0/29, (g) 0/10 - 0/20."""
        for numbers, low, high in (
            ((56, 70, 48, 80), 0.0524, 0.3339),
            ((6, 7, 2, 7), 0.0582, 0.8062),
            ((5, 56, 0, 29), -0.0381, 0.1926),
            ((0, 10, 0, 20), -0.1611, 0.2775),
            ((10, 10, 0, 20), 0.6791, 1.0),
        ):
            interval = uplift.compare_shares(*numbers)
            self.assertEqual((round(interval.low, 4), round(interval.high, 4)), (low, high), numbers)
