"""A club's budget: a number of points or a share of sales, with a forecast, warnings and a stop."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged


class BudgetCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )
        cls.club.write({"budget_kind": "share", "budget_share": 5, "budget_period": "month"})
        cls.member.joined_at = datetime(2029, 1, 1)
        cls.number = 0

    def buy(self, amount, at, member=None):
        type(self).number += 1
        with freeze_time(at):
            return self.env["club.event"]._report(
                [
                    {
                        "member_id": (member or self.member).id,
                        "type": "purchase",
                        "key": f"budget:{self.number}",
                        "amount": amount,
                    }
                ]
            )

    def fact(self, at, kind="custom"):
        type(self).number += 1
        with freeze_time(at):
            return self.env["club.event"]._report(
                [{"member_id": self.member.id, "type": kind, "key": f"fact:{self.number}"}]
            )

    def count(self, at):
        with freeze_time(at):
            return self.env["club.budget"]._refresh(self.club)


@tagged("post_install", "-at_install")
class TestAShareOfSales(BudgetCase):
    def test_rules_give_what_the_share_pays_for_and_no_more(self):
        """5 % of 1000 is 50, which pays for 100 points at 0.50."""
        self.earn_rule("purchase", 1, formula="per_amount", per_amount=10)
        self.assertEqual(self.buy(1000, "2030-06-10 12:00").points, 100, "exactly the budget")
        self.assertEqual(self.fact("2030-06-10 13:00").points, 0)
        self.earn_rule("custom", 7)
        self.assertEqual(self.fact("2030-06-11 12:00").points, 0, "used up")
        self.assertEqual(self.buy(1000, "2030-06-12 12:00").points, 100, "more sales, more budget")
        row = self.count("2030-06-12 13:00")
        self.assertEqual((row.sales, row.points, row.cost, row.budget, row.used), (2000, 200, 100, 100, 1))

    def test_without_any_sale_there_is_nothing_to_pay_with(self):
        self.earn_rule("custom", 7)
        event = self.fact("2030-06-10 12:00")
        self.assertEqual(event.points, 0)
        self.assertTrue(event.processed_at, "the fact is recorded all the same")
        row = self.count("2030-06-10 13:00")
        self.assertEqual((row.sales, row.used), (0, 0))

    def test_the_reason_is_told_plainly(self):
        rule = self.earn_rule("custom", 7)
        event = self.fact("2030-06-10 12:00")
        trial = self.env["club.earn.try"].create(
            {"club_id": self.club.id, "rule_id": rule.id, "source": "event", "event_id": event.id}
        )
        self.assertIn("budget of this period is used up", " ".join(trial.line_ids.mapped("why")))

    def test_the_manager_may_choose_to_be_warned_only(self):
        self.club.budget_stop = False
        self.earn_rule("custom", 7)
        self.assertEqual(self.fact("2030-06-10 12:00").points, 7)
        self.assertEqual(self.count("2030-06-10 13:00").used, 1, "a cost without a budget is all of it")

    def test_the_next_period_begins_anew_at_the_club_s_own_midnight(self):
        self.club.write({"tz": "Asia/Tehran", "budget_kind": "points", "budget_points": 10})
        self.earn_rule("custom", 10)
        self.assertEqual(self.fact("2030-06-10 12:00").points, 10)
        self.assertEqual(self.fact("2030-06-30 20:29").points, 0, "23:59 in Tehran")
        self.assertEqual(self.fact("2030-06-30 20:30").points, 10, "midnight in Tehran")

    def test_a_jalali_month_is_a_month(self):
        self.club.write({"calendar": "jalali", "tz": "UTC", "budget_kind": "points", "budget_points": 10})
        self.earn_rule("custom", 10)
        self.assertEqual(self.fact("2030-03-20 12:00").points, 10)
        self.assertEqual(self.fact("2030-03-21 12:00").points, 10, "1 Farvardin 1409")
        self.assertEqual(self.fact("2030-04-01 12:00").points, 0, "still Farvardin")
        row = self.count("2030-04-01 13:00")
        self.assertEqual((str(row.first_on), str(row.last_on)), ("2030-03-21", "2030-04-20"))

    def test_what_comes_back_lowers_sales_and_points(self):
        self.earn_rule("purchase", 1, formula="per_amount", per_amount=10)
        event = self.buy(1000, "2030-06-10 12:00")
        with freeze_time("2030-06-20 12:00"):
            event._revoke("came back")
        row = self.count("2030-06-20 13:00")
        self.assertEqual((row.sales, row.points, row.cost, row.used), (0, 0, 0, 0))

    def test_what_comes_back_later_belongs_to_the_period_in_which_it_was_given(self):
        """The table of what drives it adds up to the points: a return in July is not a rule of July's below zero."""
        rule = self.earn_rule("purchase", 1, formula="per_amount", per_amount=10)
        event = self.buy(1000, "2030-06-10 12:00")
        self.buy(500, "2030-06-11 12:00")
        self.buy(300, "2030-07-01 12:00")
        with freeze_time("2030-07-05 12:00"):
            event._revoke("came back")
            self.env["club.budget"]._refresh(self.club, date(2030, 6, 20))
        rows = {row.first_on.month: row for row in self.count("2030-07-06 12:00").club_id.budget_ids}
        for month, points in ((6, 50), (7, 30)):
            with self.subTest(month=month):
                self.assertEqual(rows[month].points, points)
                self.assertEqual(rows[month]._read_drivers(), [(rule, points)])
                entries = self.env["club.point.entry"].search(rows[month].action_view_entries()["domain"])
                self.assertEqual(sum(entries.mapped("points")), points)

    def test_two_companies_have_budgets_of_their_own(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["club.club"].create(
            {"name": "Theirs", "company_id": other.id, "tz": "UTC", "budget_points": 10, "budget_period": "month"}
        )
        self.earn_rule("purchase", 1, formula="per_amount", per_amount=10)
        self.buy(1000, "2030-06-10 12:00")
        with freeze_time("2030-06-10 13:00"):
            rows = self.env["club.budget"]._refresh(self.club | theirs)
        self.assertEqual([rows.filtered(lambda row: row.club_id == theirs).points], [0])
        user = new_test_user(
            self.env,
            "budget_theirs",
            groups="customer_club.group_club_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertEqual(self.env["club.budget"].with_user(user).search([]).club_id, theirs)
        with self.assertRaises(AccessError):
            self.club.with_user(user).action_view_budget()

    def test_a_share_needs_to_know_what_a_point_is_worth(self):
        self.club.budget_share = 0
        self.club.reward_ids.write({"discount_mode": "percent"})
        with self.assertRaisesRegex(ValidationError, "what a point is worth"):
            self.club.budget_share = 5
        with self.assertRaises(ValidationError):
            self.club.budget_share = 101


@tagged("post_install", "-at_install")
class TestWarningsAndForecast(BudgetCase):
    def setUp(self):
        super().setUp()
        self.club.write({"budget_kind": "points", "budget_points": 100, "budget_warn_at": 80})
        self.manager = new_test_user(self.env, "budget_manager", groups="customer_club.group_club_manager")
        self.club.budget_user_id = self.manager

    def tasks(self):
        return self.env["mail.activity"].search([("res_model", "=", "club.budget"), ("user_id", "=", self.manager.id)])

    def test_the_manager_is_warned_once_at_each_threshold_and_period(self):
        self.earn_rule("custom", 10)
        for _number in range(7):
            self.fact("2030-06-05 12:00")
        self.count("2030-06-05 13:00")
        self.assertFalse(self.tasks(), "70 %")
        self.fact("2030-06-05 14:00")
        for _time in range(2):
            self.count("2030-06-05 15:00")
        self.assertEqual(self.tasks().mapped("summary"), ["Budget: 80 % reached"], "exactly, and once")
        self.fact("2030-06-06 12:00")
        self.fact("2030-06-06 12:00")
        self.count("2030-06-06 13:00")
        self.assertEqual(len(self.tasks()), 2)
        for _number in range(8):
            self.fact("2030-07-02 12:00")
        self.count("2030-07-02 13:00")
        self.assertEqual(len(self.tasks()), 3, "a new period warns anew")

    def test_the_home_page_says_so_and_opens_it(self):
        self.earn_rule("custom", 10)
        for _number in range(10):
            self.fact("2030-06-05 12:00")
        with freeze_time("2030-06-05 13:00"):
            figures = self.club._get_home_figures()
            todo = self.club._get_home_todos(figures)[self.club.id]
            self.assertIn("used up", todo["budget"])
            self.assertIn("rules give nothing", todo["budget"])
            action = self.club.with_context(club_home="budget").action_open_home()
            self.assertEqual(action["res_model"], "club.budget")

    def test_the_forecast_goes_on_as_the_days_so_far_or_as_last_year(self):
        self.earn_rule("custom", 10)
        for _number in range(2):
            self.fact("2030-06-03 12:00")
        row = self.count("2030-06-10 12:00")
        self.assertEqual((row.basis, round(row.expected_used, 2)), ("rate", 0.67), "20 in nine whole days of thirty")
        # A year earlier a tenth had come by the end of the ninth day.
        self.club.budget_points = 0
        for number in range(10):
            self.fact("2029-06-05 12:00" if number == 0 else "2029-06-25 12:00")
        self.club.budget_points = 100
        row = self.count("2030-06-10 12:00")
        self.assertEqual((row.basis, round(row.expected_used, 2)), ("season", 2.0))

    def test_a_day_that_is_not_over_does_not_stand_beside_whole_days(self):
        """10 points on each of nine days and none yet today: it goes on with 10 a day."""
        self.earn_rule("custom", 10)
        for day in range(1, 10):
            self.fact(f"2030-06-{day:02} 12:00")
        row = self.count("2030-06-10 00:30")
        self.assertEqual((round(row.expected_used, 4), str(row.part_until)), (3.0, "2030-06-09"))
        self.club.budget_points = 0
        for _number in range(40):
            self.fact("2030-06-10 01:00")
        self.club.budget_points = 100
        row = self.count("2030-06-10 02:00")
        self.assertGreaterEqual(row.expected_used, 4.9, "never less than there is")

    def test_the_first_day_has_only_itself(self):
        self.earn_rule("custom", 10)
        self.fact("2030-06-01 02:00")
        row = self.count("2030-06-01 03:00")
        self.assertEqual((row.basis, row.expected_used), ("rate", 3))

    def test_the_same_days_of_the_period_before_stand_beside_these(self):
        """By the end of the ninth: 20 points now, 10 then; what the rest of that month brought is not compared."""
        self.club.budget_points = 0
        self.earn_rule("custom", 10)
        for at in ("2030-05-09 23:00", "2030-05-10 01:00", "2030-06-03 12:00", "2030-06-09 23:00", "2030-06-10 01:00"):
            self.fact(at)
        row = self.count("2030-06-10 12:00")
        self.assertEqual((row.part_cost, row.before_cost, row.cost), (10, 5, 15))

    def test_a_month_that_is_shorter_is_compared_as_a_whole(self):
        self.club.budget_points = 0
        self.earn_rule("custom", 10)
        self.fact("2030-02-28 12:00")
        self.fact("2030-03-01 12:00")
        row = self.count("2030-03-31 12:00")
        self.assertEqual((row.part_cost, row.before_cost), (5, 5), "30 days of March, 28 of February")

    def test_the_page_names_what_drives_it_and_leads_there(self):
        rule = self.earn_rule("custom", 10)
        self.fact("2030-06-03 12:00")
        row = self.count("2030-06-04 12:00")
        with freeze_time("2030-06-04 13:00"):
            self.assertIn(rule.name, row.drivers)
            self.assertIn("<svg", row.chart)
            self.assertIn("10", row.sentence)
        action = row.action_view_entries()
        self.assertEqual(self.env["club.point.entry"].search(action["domain"]).mapped("points"), [10])

    def test_a_period_that_is_over_forecasts_nothing(self):
        self.earn_rule("custom", 10)
        self.fact("2030-06-03 12:00")
        row = self.count("2030-06-04 12:00")
        with freeze_time("2030-06-30 13:00"):
            self.assertIn("By the end of the period it will be", row.sentence)
        row.invalidate_recordset()
        with freeze_time("2030-07-02 13:00"):
            self.assertNotIn("will be", row.sentence)
            self.assertIn("were", row.sentence)

    def test_the_night_counts_every_club_with_a_budget(self):
        with freeze_time("2030-06-04 12:00"), self.jobs_in_test():
            self.env["club.budget"]._cron_refresh()
            row = self.env["club.budget"].search([("club_id", "=", self.club.id)])
            self.assertEqual(row.refreshed_at, datetime(2030, 6, 4, 12))
            self.env["club.budget"]._cron_refresh()
        self.assertEqual(len(self.env["club.budget"].search([("club_id", "=", self.club.id)])), 1)
        self.assertLess(row.first_on - timedelta(days=1), row.last_on)

    def test_the_last_day_of_a_period_is_counted_in_the_night_after_it(self):
        """90 points on the last day, after its night: June has 100 of 100. Nobody is warned of a month that is over."""
        self.club.tz = "UTC"
        self.earn_rule("custom", 10)
        self.fact("2030-06-10 12:00")
        rows = {}
        for night in ("2030-06-30 02:00", "2030-07-01 02:00", "2030-07-02 02:00"):
            with freeze_time(night), self.jobs_in_test():
                self.env["club.budget"]._cron_refresh()
                found = self.env["club.budget"].search([("club_id", "=", self.club.id)])
                rows = {row.first_on.month: row for row in found}
            if night.startswith("2030-06"):
                self.assertEqual(rows[6].points, 10)
                for _number in range(9):
                    self.fact("2030-06-30 23:59")
        self.assertEqual((rows[6].points, rows[6].used, rows[7].points), (100, 1, 0))
        self.assertEqual(rows[6].refreshed_at, datetime(2030, 7, 1, 2), "once is enough")
        self.assertFalse(self.tasks())
