"""The models are fitted to a club's own history, kept, tried on its last weeks, and said in words."""

from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from odoo.addons.customer_club.engine import lifetime, reporting
from odoo.addons.customer_club.models.behaviour import behaviour_history
from odoo.tests import tagged

from .behaviour_common import BehaviourCase
from .test_behaviour_lifetime_cdnow import read_history

END = date(1998, 6, 30)


@tagged("post_install", "-at_install")
class TestAClubWithTheCdnowHistory(BehaviourCase):
    """2,357 customers and their purchases as facts of the club, looked at on the last day of the sample."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.history = read_history()
        partners = cls.env["res.partner"].create([{"name": f"Customer {name}"} for name in cls.history])
        cls.customers = cls.club._enrol(partners)
        facts = [
            {
                "member_id": member.id,
                "club_id": cls.club.id,
                "company_id": cls.club.company_id.id,
                "type": "purchase",
                "key": f"cdnow:{customer}:{day}",
                "occurred_at": datetime.combine(day, time(12)),
                "amount": round(amount, 2),
                "processed_at": datetime.combine(cls.TODAY, time(12)),
            }
            for member, (customer, money) in zip(cls.customers, cls.history.items(), strict=True)
            for day, amount in money.items()
        ]
        cls.env["club.event"]._record(facts)
        cls.env.flush_all()
        cls.fit = cls.env["club.lifetime.fit"]._fit(cls.club, END, 39)

    def test_the_trial_has_the_published_parameters(self):
        """Purchases of 0.00 are facts without worth and do not count, so the last digit may differ."""
        r, alpha, a, b, log_likelihood = self.fit.holdout["parameters"]
        self.assertAlmostEqual(r, 0.243, delta=0.003)
        self.assertAlmostEqual(alpha, 4.414, delta=0.06)
        self.assertAlmostEqual(a, 0.793, delta=0.03)
        self.assertAlmostEqual(b, 2.426, delta=0.1)
        self.assertAlmostEqual(log_likelihood, -9582.4, delta=40)

    def test_the_forecast_of_39_weeks_is_compared_with_what_happened(self):
        self.assertEqual((self.fit.state, self.fit.holdout_weeks), ("fitted", 39))
        self.assertAlmostEqual(self.fit.holdout["actual_total"], 1882, delta=8)
        self.assertAlmostEqual(self.fit.holdout["expected_total"], 1653, delta=15)
        weekly = self.fit.holdout["weekly"]
        self.assertEqual(len(weekly), 78)
        self.assertAlmostEqual(weekly[38][2] / weekly[38][1], 1, delta=0.03)
        self.assertIn("too low", self.fit.words)
        self.assertIn("<svg", self.fit.holdout_chart)
        self.assertIn("7+", self.fit.holdout_table)
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.fit.with_context(lang="de_DE")
        self.assertRegex(
            german.holdout_table, r"<td[^>]*><bdi>\d+,\d\d</bdi></td>", "decimals as the reader writes them"
        )
        self.assertRegex(german.words, r"\d,\d %")

    def test_customers_gathered_by_about_equal_times_give_the_same_parameters(self):
        """A million customers are gathered in the database; here 2,357 are, and little may be lost by it."""
        with patch.object(behaviour_history, "MANY", 100):
            gathered = self.env["club.lifetime.fit"]._fit(self.club, END, 39)
        self.assertEqual(gathered.customer_count, self.fit.customer_count)
        self.assertEqual(gathered.holdout["actual_total"], self.fit.holdout["actual_total"])
        for name in ("r", "alpha", "a", "b", "spend_p", "spend_q", "spend_gamma"):
            self.assertAlmostEqual(gathered[name] / self.fit[name], 1, delta=0.02, msg=name)
        self.assertAlmostEqual(gathered.holdout["expected_total"] / self.fit.holdout["expected_total"], 1, delta=0.002)

    def test_the_report_shows_the_same_numbers(self):
        table = self.env["club.report.block.holdout"]._make_table(self.club, reporting.Period(END, END))
        self.assertEqual(len(table.rows), 8)
        self.assertEqual([row["customers"] for row in table.rows], [r[1] for r in self.fit.holdout["by_frequency"]])
        self.assertEqual(dict((label, value) for label, value, _type in table.figures)["Weeks forecast"], 39)
        self.assertIn("too low", table.note)
        self.assertEqual(len(table.chart.x), 78)

    def test_before_the_first_fit_the_report_says_what_will_be_there(self):
        before = END - timedelta(days=1)
        table = self.env["club.report.block.holdout"]._make_table(self.club, reporting.Period(before, before))
        self.assertFalse(table.rows)
        self.assertIn("fitted", table.empty)

    def test_members_get_the_engines_expectation(self):
        with self.freeze(END):
            self.refresh()
            row = self.row(self.customers[0])
            days = sorted(day for day, amount in self.history["0001"].items() if amount > 0)
            known = lifetime.customers([(len(days) - 1, (days[-1] - days[0]).days / 7, (END - days[0]).days / 7, 1)])
            fit = self.fit._get_fitted()
            self.assertAlmostEqual(row.p_alive, float(lifetime.p_alive(fit.purchases, known)[0]), places=3)
            expected = float(lifetime.expected_purchases(fit.purchases, known, 52)[0])
            self.assertAlmostEqual(row.expected_purchases, expected, places=2)
            self.assertGreater(row.expected_value, 0)
            self.assertIn("purchases expected", row._explain())
            prospect = self.row(self.member)
            self.assertEqual((prospect.p_alive, prospect.expected_value), (0, 0))

    def test_who_left_still_counts_for_the_fit(self):
        count = self.fit.customer_count
        self.customers[0]._leave()
        self.env.flush_all()
        self.assertEqual(self.env["club.lifetime.fit"]._fit(self.club, END, 39).customer_count, count)


@tagged("post_install", "-at_install")
class TestAFitIsHonest(BehaviourCase):
    def test_a_club_with_few_customers_is_told_so_and_nothing_is_forecast(self):
        self.buy(self.member, date(2026, 5, 1))
        fit = self.club._fit_lifetimes()
        self.assertEqual((fit.state, fit.customer_count), ("few", 1))
        self.assertIn("Too few", fit.words)
        self.refresh()
        self.assertEqual((self.row().p_alive, self.row().expected_value), (0, 0))
        self.assertNotIn("expected", self.row()._explain())

    def test_a_search_without_end_is_said_and_the_last_fit_stays_in_use(self):
        values = {"club_id": self.club.id, "company_id": self.club.company_id.id, "fitted_on": date(2026, 5, 1)}
        old = self.env["club.lifetime.fit"].create({**values, "state": "fitted", "r": 1, "alpha": 5, "a": 1, "b": 3})
        with patch.object(lifetime, "fit_purchases", side_effect=lifetime.FitError("no end", "failed")):
            self.buy(self.member, date(2026, 5, 1))
            fit = self.club._fit_lifetimes()
        self.assertEqual(fit.state, "failed")
        self.assertIn("stays in use", fit.words)
        self.assertEqual(self.club._get_lifetime_fit(), old._get_fitted())

    def test_it_is_fitted_once_a_week(self):
        self.buy(self.member, date(2026, 5, 1))
        Fit = self.env["club.lifetime.fit"]
        for day, count in ((date(2026, 6, 1), 1), (date(2026, 6, 7), 1), (date(2026, 6, 8), 2)):
            with self.freeze(day):
                self.club._fit_lifetimes_if_due()
            self.assertEqual(Fit.search_count([("club_id", "=", self.club.id)]), count)

    def test_where_the_model_of_money_has_no_mean_each_purchase_is_valued_at_the_members_own(self):
        """With q of 0.9 there is no mean of all: who bought once for 40 is not expected to spend milliards."""
        values = {"club_id": self.club.id, "company_id": self.club.company_id.id, "fitted_on": date(2026, 5, 1)}
        parameters = {"r": 1, "alpha": 5, "a": 1, "b": 3, "spend_p": 2, "spend_q": 0.9, "spend_gamma": 10}
        self.env["club.lifetime.fit"].create({**values, **parameters, "state": "fitted"})
        self.buy(self.member, date(2026, 5, 1), 40)
        self.refresh()
        row = self.row()
        self.assertGreater(row.expected_purchases, 0)
        self.assertAlmostEqual(row.expected_value, 40 * row.expected_purchases, delta=0.3)
