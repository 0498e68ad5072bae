"""The models of lifetime against what their authors published for the CDNOW sample.

Purchases: Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2): r=0.243,
alpha=4.414, a=0.793, b=2.426, log-likelihood -9582.4. Money: Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary
Value": p=6.25, q=3.74, gamma=15.44, of 946 customers. More digits (0.2425945, 4.4136019, 0.7929199, 2.4258881,
-9582.429; -4055.9177) are those that the R package CLVTools tests its own fits with.
"""

import csv
import pathlib
from collections import defaultdict
from datetime import date
from unittest.mock import patch

import numpy as np
from odoo.addons.customer_club.engine import lifetime
from odoo.tests import BaseCase, tagged
from scipy.special import hyp2f1

FILE = pathlib.Path(__file__).parent / "data" / "cdnow_sample.csv"
CALIBRATION_END = date(1997, 9, 30)
PUBLISHED = lifetime.PurchaseFit(0.243, 4.414, 0.793, 2.426)


def read_history():
    """Money by customer and day."""
    history = defaultdict(lambda: defaultdict(float))
    with FILE.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            history[row["customer_id"]][date.fromisoformat(row["date"])] += float(row["amount_usd"])
    return history


class CdnowCase(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rows, future, x, means = [], [], [], []
        for money in read_history().values():
            days = sorted(money)
            known = [day for day in days if day <= CALIBRATION_END]
            first = known[0]
            rows.append((len(known) - 1, (known[-1] - first).days / 7, (CALIBRATION_END - first).days / 7, 1))
            future.append(len(days) - len(known))
            if len(known) > 1:
                x.append(len(known) - 1)
                means.append(sum(money[day] for day in known[1:]) / (len(known) - 1))
        cls.known, cls.future = lifetime.customers(rows), np.array(future, dtype=float)
        cls.spend = x, means


@tagged("post_install", "-at_install")
class TestTheModelsAgreeWithWhatWasPublished(CdnowCase):
    def test_the_sample_is_the_published_one(self):
        self.assertEqual((len(self.future), len(self.spend[0])), (2357, 946))

    def test_the_purchase_model_has_the_published_parameters_and_likelihood(self):
        fit = lifetime.fit_purchases(self.known)
        self.assertEqual(
            (round(fit.r, 3), round(fit.alpha, 3), round(fit.a, 3), round(fit.b, 3), round(fit.log_likelihood, 1)),
            (0.243, 4.414, 0.793, 2.426, -9582.4),
        )
        for mine, theirs in zip(fit[:4], (0.2425945, 4.4136019, 0.7929199, 2.4258881), strict=True):
            self.assertAlmostEqual(mine, theirs, delta=2e-4)
        self.assertFalse(fit.at_bound)

    def test_the_money_model_has_the_published_parameters_and_likelihood(self):
        fit = lifetime.fit_spend(*self.spend)
        self.assertEqual((round(fit.p, 2), round(fit.q, 2), round(fit.gamma, 2)), (6.25, 3.74, 15.44))
        self.assertAlmostEqual(fit.log_likelihood, -4055.9177, delta=1e-3)

    def test_gathering_about_equal_means_hardly_moves_the_fit(self):
        with patch.object(lifetime, "MANY", 100):
            gathered = lifetime.fit_spend(*self.spend)
        exact = lifetime.fit_spend(*self.spend)
        for mine, theirs in zip(gathered, exact, strict=True):
            self.assertAlmostEqual(mine / theirs, 1, delta=2e-3)

    def test_equal_customers_given_once_with_their_number_give_the_same_fit(self):
        groups = defaultdict(int)
        for row in zip(self.known.x, self.known.t_x, self.known.T, strict=True):
            groups[row] += 1
        grouped = lifetime.customers([(*row, count) for row, count in groups.items()])
        self.assertLess(len(groups), 2357)
        for args in ((0.243, 4.414, 0.793, 2.426), (1, 10, 0.5, 3)):
            self.assertAlmostEqual(
                lifetime.purchase_log_likelihood(grouped, *args),
                lifetime.purchase_log_likelihood(self.known, *args),
                places=6,
            )

    def test_the_published_example_of_one_customer(self):
        """Two purchases, the last in week 30.43 of 38.86: 1.226 in the next 39 weeks."""
        known = lifetime.customers([(2, 30.43, 38.86, 1)])
        self.assertAlmostEqual(float(lifetime.expected_purchases(PUBLISHED, known, 39)[0]), 1.226, places=3)

    def test_the_transformed_formula_is_the_printed_one(self):
        """Equations 9 and 10 as printed, where those can be computed."""
        r, alpha, a, b = PUBLISHED[:4]
        for t in (1.0, 10.0, 39.0):
            z = t / (alpha + t)
            printed = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, z))
            self.assertAlmostEqual(float(lifetime.expected_of_new(PUBLISHED, np.array([t]))[0]), printed, places=9)
        for x, t_x, T in ((0, 0.0, 30.0), (1, 3.0, 30.0), (6, 28.0, 38.0)):
            z = 39 / (alpha + T + 39)
            odds = a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x) if x else 0
            power = ((alpha + T) / (alpha + T + 39)) ** (r + x)
            top = (a + b + x - 1) / (a - 1) * (1 - power * hyp2f1(r + x, b + x, a + b + x - 1, z))
            known = lifetime.customers([(x, t_x, T, 1)])
            self.assertAlmostEqual(
                float(lifetime.expected_purchases(PUBLISHED, known, 39)[0]), top / (1 + odds), places=9
            )

    def test_a_customer_with_a_thousand_purchases_does_not_overflow(self):
        known = lifetime.customers([(1000, 500.0, 501.0, 1), (1000, 100.0, 501.0, 1)])
        expected, alive = lifetime.expected_purchases(PUBLISHED, known, 52), lifetime.p_alive(PUBLISHED, known)
        self.assertTrue(np.all(np.isfinite(expected)))
        self.assertAlmostEqual(float(alive[0]), 1.0, delta=0.01)
        self.assertLess(float(alive[1]), 1e-12)
        self.assertGreater(float(expected[0]), 80)

    def test_the_holdout_is_forecast_as_well_as_the_model_can(self):
        """39 weeks ahead: 12 % too few in sum; the mean by frequency rises with what happened."""
        fit = lifetime.fit_purchases(self.known)
        expected = float(lifetime.expected_purchases(fit, self.known, 39).sum())
        self.assertEqual(self.future.sum(), 1882)
        self.assertAlmostEqual(expected, 1653.4, delta=0.5)
        rows = lifetime.by_frequency(fit, self.known, self.future, 39)
        self.assertEqual([row.customers for row in rows], [1411, 439, 214, 100, 62, 38, 29, 64])
        self.assertEqual([row.expected for row in rows], sorted(row.expected for row in rows))
        for row in rows:
            self.assertAlmostEqual(row.expected, row.actual, delta=0.4)

    def test_the_course_of_all_weeks_follows_what_happened(self):
        fit = lifetime.fit_purchases(self.known)
        begin = date(1997, 1, 1)
        starts, happened = defaultdict(int), [0] * 78
        for money in read_history().values():
            first, *others = sorted(money)
            starts[(first - begin).days / 7] += 1
            for day in others:
                happened[(day - begin).days // 7] += 1
        course = lifetime.cumulative(fit, list(starts), list(starts.values()), 78)
        self.assertEqual(course, sorted(course))
        self.assertAlmostEqual(course[38] / sum(happened[:39]), 1, delta=0.02)
        self.assertAlmostEqual(course[77] / sum(happened), 1, delta=0.06)


@tagged("post_install", "-at_install")
class TestAFitThatMeansNothingIsNotMade(BaseCase):
    def test_too_few_customers_are_refused_with_the_reason(self):
        with self.assertRaises(lifetime.FitError) as caught:
            lifetime.fit_purchases(lifetime.customers([(1, 2, 5, 99)]))
        self.assertEqual(caught.exception.reason, "few")

    def test_customers_of_whom_nobody_came_back_are_refused(self):
        with self.assertRaises(lifetime.FitError) as caught:
            lifetime.fit_purchases(lifetime.customers([(0, 0, 5, 5000)]))
        self.assertEqual(caught.exception.reason, "few")

    def test_a_search_that_comes_to_no_end_says_so(self):
        nothing = np.array([float("nan")])
        with self.assertRaises(lifetime.FitError) as caught:
            lifetime._search(lambda point: float("nan"), nothing * 0 + 1)
        self.assertEqual(caught.exception.reason, "failed")

    def test_the_size_of_a_currency_changes_nothing_but_gamma(self):
        chance = np.random.default_rng(3)
        x = chance.integers(1, 9, 300).astype(float)
        mean = chance.gamma(6, 5, 300)
        small, large = lifetime.fit_spend(x, mean), lifetime.fit_spend(x, mean * 10_000)
        self.assertAlmostEqual(small.p, large.p, delta=small.p / 1000)
        self.assertAlmostEqual(small.gamma * 10_000 / large.gamma, 1, delta=1e-3)

    def test_known_parameters_are_found_again(self):
        """Customers drawn from the model itself: the fit's expectation is theirs."""
        chance = np.random.default_rng(11)
        rows = []
        for _customer in range(4000):
            rate, leaves = chance.gamma(0.8) / 5.0, chance.beta(1.2, 3.0)
            at, x, last = 0.0, 0, 0.0
            while chance.random() > (leaves if x else 0):
                at += chance.exponential(1 / max(rate, 1e-9))
                if at > 52:
                    break
                x, last = x + 1, at
            rows.append((x, last, 52.0, 1))
        fit = lifetime.fit_purchases(lifetime.customers(rows))
        true = lifetime.PurchaseFit(0.8, 5.0, 1.2, 3.0)
        week = np.array([52.0])
        self.assertAlmostEqual(
            float(lifetime.expected_of_new(fit, week)[0]),
            float(lifetime.expected_of_new(true, week)[0]),
            delta=0.35,
        )
        self.assertAlmostEqual(fit.r, 0.8, delta=0.15)


