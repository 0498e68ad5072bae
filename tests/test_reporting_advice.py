"""What to do next: each suggestion from its threshold on, the most money at stake first."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.models.reporting.club_club import Advice
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestWhatToDoNext(ClubCase):
    def setUp(self):
        super().setUp()
        self.env["club.earn.rule"].search([("club_id", "=", self.club.id)]).unlink()

    def advise(self):
        """Suggestions by key, as found now."""
        self.env.flush_all()
        self.env.invalidate_all()
        return {advice.key: advice for advice in self.club._get_advice()}

    def behave(self, member, **values):
        """Write what a member does."""
        values = {
            "member_id": member.id,
            "club_id": self.club.id,
            "company_id": self.club.company_id.id,
            "order_count": 5,
            "average_basket": 40,
            **values,
        }
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM club_behaviour WHERE member_id = %s", [member.id])
        columns = SQL(", ").join(map(SQL.identifier, values))
        row = SQL(", ").join(SQL("%s", value) for value in values.values())
        self.env.cr.execute(SQL("INSERT INTO club_behaviour (%s) VALUES (%s)", columns, row))
        self.env.invalidate_all()

    def assert_opens(self, advice):
        self.assertEqual(self.env[advice.model].search_count(advice.domain), advice.count)

    def test_good_customers_who_fell_silent(self):
        self.behave(self.member, stage="lapsed", monetary_score=4)
        self.behave(self.member_2, stage="lapsed", monetary_score=3)
        advice = self.advise()["win_back"]
        self.assertEqual((advice.count, advice.stake), (1, Decimal("40")))
        self.assertIn("fallen silent: 1.", advice.words)
        self.assert_opens(advice)
        self.behave(self.member, stage="active", monetary_score=5)
        self.assertNotIn("win_back", self.advise())

    def test_points_that_expire_within_thirty_days(self):
        today = fields.Date.today()
        self.post(100, "late", expires_on=today + timedelta(days=31))
        self.assertNotIn("expiring", self.advise())
        self.post(50, "soon", expires_on=today + timedelta(days=30))
        with patch.object(self.env.registry["club.club"], "_point_worth", lambda club: 0.1):
            advice = self.advise()["expiring"]
        self.assertEqual((advice.count, advice.stake), (1, Decimal("5")))
        self.assertIn("50", advice.words)

    def test_a_budget_from_eighty_percent_on(self):
        rule = self.earn_rule("custom", 10)
        self.club.write({"budget_points": 100, "budget_period": "month"})
        self.post(79, "a", rule_id=rule.id)
        self.assertNotIn("budget", self.advise())
        self.post(1, "b", rule_id=rule.id)
        self.assertIn("80.0 %", self.advise()["budget"].words)
        self.assertIn("give nothing more", self.advise()["budget"].words)
        self.club.budget_stop = False
        self.assertIn("give on when it ends", self.advise()["budget"].words)

    def test_a_budget_that_is_used_up_does_not_end_any_more(self):
        rule = self.earn_rule("custom", 10)
        self.club.write({"budget_points": 100, "budget_period": "month"})
        self.post(130, "a", rule_id=rule.id)
        self.assertIn("used up (130.0 %), and rules give nothing more", self.advise()["budget"].words)
        self.club.budget_stop = False
        self.assertIn("used up (130.0 %), and rules give on", self.advise()["budget"].words)

    def test_feedback_that_waits_longer_than_three_days(self):
        feedback = self.env["club.feedback"].create(
            {"member_id": self.member.id, "kind": "critique", "text": "Thorns everywhere"}
        )
        self.behave(self.member, stage="active", monetary_score=1)
        self.assertNotIn("feedback", self.advise())
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_feedback SET create_date = create_date - interval '4 days' WHERE id = %s", [feedback.id]
        )
        self.env.invalidate_all()
        advice = self.advise()["feedback"]
        self.assertEqual((advice.count, advice.stake), (1, Decimal("40")))
        self.assert_opens(advice)

    def test_prizes_of_which_few_are_left(self):
        prize = self.env["club.prize"].create(
            {"club_id": self.club.id, "name": "Vase", "points": 100, "stock_kind": "own", "stock": 3, "low_stock": 2}
        )
        self.assertNotIn("prizes", self.advise())
        prize.stock = 2
        advice = self.advise()["prizes"]
        self.assertIn("Vase", advice.words)
        self.assert_opens(advice)

    def test_rules_that_gave_nothing_for_ninety_days(self):
        rule = self.earn_rule("custom", 10)
        self.assertNotIn("idle_rules", self.advise(), "a new rule had no time yet")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE club_earn_rule SET create_date = create_date - interval '91 days' WHERE id = %s", [rule.id]
        )
        self.env.invalidate_all()
        self.assertIn(rule.name, self.advise()["idle_rules"].words)
        self.post(10, "used", rule_id=rule.id)
        self.assertNotIn("idle_rules", self.advise())

    def test_the_most_money_at_stake_comes_first_and_three_are_shown(self):
        made = [
            Advice(key, f"Do {key}.", 1, Decimal(stake), "club.member", [])
            for key, stake in (("b", 5), ("a", 5), ("c", 90), ("d", 0), ("none", 1000))
        ]
        made[-1] = made[-1]._replace(count=0)
        with patch.object(self.env.registry["club.club"], "_find_advice", lambda club, figures: [*made, None]):
            self.assertEqual([advice.key for advice in self.club._get_advice()], ["c", "a", "b", "d"])
            manager = new_test_user(self.env, "advised", groups="customer_club.group_club_manager")
            block = self.env["club.report.block.advice"].with_user(manager)
            period = reporting.period_of("this_month", fields.Date.today())
            table = block._make_table(self.club.with_user(manager), period)
        self.assertEqual([row["words"] for row in table.rows], ["Do c.", "Do a.", "Do b."])
        self.assertEqual(table.rows[0]["stake"], 90)
        self.assertNotIn("club", [column.key for column in table.columns])

    def test_a_thing_about_the_club_itself_is_not_one_of_something(self):
        made = [
            Advice("budget", "Raise it.", 1, Decimal(9), "club.club", [("id", "=", self.club.id)]),
            Advice("silent", "Call them.", 7, Decimal(5), "club.member", []),
        ]
        with patch.object(self.env.registry["club.club"], "_find_advice", lambda club, figures: made):
            table = self.env["club.report.block.advice"]._make_table(
                self.club, reporting.period_of("this_month", fields.Date.today())
            )
        self.assertEqual([(row["words"], row["count"]) for row in table.rows], [("Raise it.", None), ("Call them.", 7)])
        self.assertEqual(table.drill[0], ("club.club", [("id", "=", self.club.id)]))

    def test_of_several_clubs_each_thing_says_which(self):
        clubs = self.club | self.env["club.club"].create({"name": "باشگاه", "tz": "UTC"})
        made = [Advice("a", "Do it.", 1, Decimal(5), "club.member", [])]
        with patch.object(self.env.registry["club.club"], "_find_advice", lambda club, figures: made):
            table = self.env["club.report.block.advice"]._make_table(
                clubs, reporting.period_of("this_month", fields.Date.today())
            )
        self.assertEqual({(row["words"], row["club"]) for row in table.rows}, {("Do it.", c.name) for c in clubs})
        self.assertIn("club", [column.key for column in table.columns])

    def test_a_calm_club_is_told_so(self):
        table = self.env["club.report.block.advice"]._make_table(
            self.club, reporting.period_of("this_month", fields.Date.today())
        )
        self.assertEqual(table.rows, [])
        self.assertIn("Nothing presses", table.empty)
