"""A member's row says what the recorded facts say."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo.addons.customer_club.engine import behaviour, periods
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .behaviour_common import BehaviourCase


@tagged("post_install", "-at_install")
class TestPurchasesMakeTheRow(BehaviourCase):
    def test_a_member_without_purchases_has_an_empty_row(self):
        self.refresh()
        row = self.row()
        self.assertEqual((row.stage, row.ladder, row.rfm_cell, row.order_count), ("prospect", "none", "none", 0))
        self.assertFalse(row.last_purchase_on)
        self.assertEqual((row.recency_score, row.rfm), (0, False))

    def test_counts_sums_days_and_the_own_rhythm(self):
        for days, amount in ((100, 10), (70, 20), (70, 5), (40, 30), (10, 35)):
            self.buy(self.member, self.TODAY - timedelta(days=days), amount)
        self.refresh()
        row = self.row()
        self.assertEqual((row.order_count, row.purchase_days, row.sales), (5, 4, 100))
        self.assertEqual((row.average_basket, row.first_sales), (20, 10))
        self.assertEqual((row.first_purchase_on, row.last_purchase_on), (date(2026, 2, 21), date(2026, 5, 22)))
        self.assertEqual((row.interval_days, row.recency_days, row.gap_days), (30, 10, 30))
        self.assertEqual((row.stage, row.ladder), ("active", "loyal"))

    def test_what_came_back_in_part_counts_for_the_rest_and_what_came_back_whole_not_at_all(self):
        part, whole = self.buy(self.member, date(2026, 5, 1), 100), self.buy(self.member, date(2026, 5, 2), 50)
        self.buy(self.member, date(2026, 5, 20), -40, root=part)
        self.buy(self.member, date(2026, 5, 21), -50, root=whole)
        self.refresh()
        row = self.row()
        self.assertEqual((row.order_count, row.sales, row.last_purchase_on), (1, 60, date(2026, 5, 1)))

    def test_a_return_leads_down_the_ladder_again_and_the_history_says_so(self):
        self.buy(self.member, date(2026, 4, 1))
        second = self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        self.buy(self.member, date(2026, 5, 30), -10, root=second)
        self.refresh()
        self.assertEqual(self.row().ladder, "single")
        steps = self.env["club.stage.change"].search(
            [("member_id", "=", self.member.id), ("field", "=", "ladder")], order="id"
        )
        self.assertEqual(
            [(step.old, step.new, step.date) for step in steps],
            [
                ("none", "single", date(2026, 4, 1)),
                ("single", "repeat", date(2026, 5, 1)),
                ("repeat", "single", self.TODAY),
            ],
        )

    def test_the_day_is_the_clubs_around_midnight(self):
        """never 19: a purchase at 23:30 UTC is tomorrow's in Tehran."""
        self.club.tz = "Asia/Tehran"
        self.buy(self.member, datetime(2026, 5, 1, 20, 29))
        self.buy(self.member, datetime(2026, 5, 1, 20, 30))
        self.refresh()
        row = self.row()
        self.assertEqual((row.first_purchase_on, row.last_purchase_on), (date(2026, 5, 1), date(2026, 5, 2)))
        self.assertEqual(row.purchase_days, 2)

    def test_facts_of_a_merged_contact_count_for_the_member_it_became(self):
        self.buy(self.member_2, date(2026, 4, 1), 70)
        self.buy(self.member, date(2026, 5, 1), 30)
        self.refresh()
        self.member_2._absorb_into(self.member)
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member_2.id)]))
        self.refresh()
        self.assertEqual((self.row().sales, self.row().order_count), (100, 2))
        self.assertInvariantsHold()

    def test_who_leaves_or_is_erased_has_no_row_any_more(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        self.member._leave()
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))
        self.refresh()
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))

    def test_the_row_goes_with_an_erasure_and_the_history_stays_without_a_name(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        self.member._leave()
        self.member._erase("asked for it")
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))
        change = self.env["club.stage.change"].search([("member_id", "=", self.member.id)], limit=1)
        self.assertNotIn("Anna", change.display_name)
        self.refresh()
        self.assertFalse(self.env["club.behaviour"].search([("member_id", "=", self.member.id)]))

    def test_refreshing_twice_changes_nothing_and_repeats_no_history(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        changes = self.env["club.stage.change"].search_count([])
        before = self.row().read()
        self.refresh()
        self.assertEqual(self.row().read(), before)
        self.assertEqual(self.env["club.stage.change"].search_count([]), changes)

    def test_one_member_is_refreshed_alone(self):
        self.refresh()
        self.buy(self.member, date(2026, 5, 1))
        self.buy(self.member_2, date(2026, 5, 1))
        self.refresh(self.member)
        self.assertEqual((self.row().order_count, self.row(self.member_2).order_count), (1, 0))

    def test_two_clubs_and_companies_do_not_mix(self):
        other_company = self.env["res.company"].create({"name": "Other"})
        other = self.env["club.club"].create({"name": "Tulips", "company_id": other_company.id, "tz": "UTC"})
        theirs = other._enrol(self.partner)
        self.buy(self.member, date(2026, 5, 1), 10)
        self.buy(theirs, date(2026, 5, 2), 99)
        (self.club | other)._refresh_behaviour()
        self.assertEqual((self.row().sales, self.row(theirs).sales), (10, 99))
        self.assertEqual(self.row(theirs).company_id, other_company)

    def test_a_currency_without_decimals_has_none_here(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        company = self.env["res.company"].create({"name": "Tokyo", "currency_id": yen.id})
        club = self.env["club.club"].create({"name": "Sakura", "company_id": company.id, "tz": "Asia/Tokyo"})
        member = club._enrol(self.partner)
        for number, amount in enumerate((100, 101, 101)):
            self.buy(member, date(2026, 5, 1 + number), amount)
        self.refresh(club=club)
        self.assertEqual((self.row(member).sales, self.row(member).average_basket), (302, 101))

    def test_a_shadow_in_plain_python_agrees_over_a_random_past(self):
        chance = random.Random(2026)
        self.club.tz = "America/New_York"
        members = self.people(40)
        sales = defaultdict(list)
        for _number in range(300):
            member = chance.choice(members[:30])
            at = datetime(2024, 6, 1) + timedelta(minutes=chance.randrange(720 * 1440))
            amount = chance.choice((5, 9.99, 20, 20, 120))
            root = self.buy(member, at, amount)
            back = chance.choice((0, 0, 0, amount, round(amount / 3, 2)))
            if back:
                self.buy(member, at + timedelta(days=1), -back, root=root)
            if amount - back > 0:
                sales[member].append((periods.local_date(at, self.club.tz), round(amount - back, 2)))
        self.refresh()
        today = self.club._get_today()
        figures = {}
        for member, found in sales.items():
            days = sorted({day for day, _amount in found})
            figures[member] = (
                float((days[-1] - date(1970, 1, 1)).days),
                float(len(found)),
                round(sum(amount for _day, amount in found), 2),
            )
            row = self.row(member)
            self.assertEqual(row.order_count, len(found))
            self.assertAlmostEqual(row.sales, figures[member][2], places=2)
            self.assertEqual((row.first_purchase_on, row.last_purchase_on), (days[0], days[-1]))
            self.assertEqual(row.recency_days, (today - days[-1]).days)
            purchases = behaviour.Purchases(
                days[0], days[-1], len(days), (days[-1] - days[-2]).days if len(days) > 1 else 0
            )
            self.assertEqual(row.gap_days, purchases.gap)
            self.assertEqual(
                row.stage, behaviour.stage(purchases, today, self.club._get_behaviour_limits()).name, purchases
            )
            self.assertEqual(row.ladder, behaviour.ladder(len(found), 4, 10))
        for place, name in enumerate(("recency_score", "frequency_score", "monetary_score")):
            cuts = behaviour.cuts([values[place] for values in figures.values()])
            for member, values in figures.items():
                self.assertEqual(self.row(member)[name], behaviour.score(values[place], cuts), (name, values))
        self.assertEqual(self.row(members[35]).stage, "prospect")

    def test_the_ties_of_a_quintile_have_one_score(self):
        members = self.people(9)
        for member in members:
            self.buy(member, date(2026, 5, 1), 20)
        self.refresh()
        rows = self.env["club.behaviour"].search([("member_id", "in", members.ids)])
        self.assertEqual(set(rows.mapped("rfm")), {"333"})

    def test_the_number_of_statements_does_not_grow_with_the_members(self):
        members = self.people(60)
        for member in members:
            self.buy(member, date(2026, 5, 1))
        self.refresh()
        self.env.flush_all()
        with self.subTest("one"):
            before = self.env.cr.sql_log_count
            self.refresh(members[:1])
            one = self.env.cr.sql_log_count - before
        before = self.env.cr.sql_log_count
        self.refresh(members)
        self.assertLessEqual(self.env.cr.sql_log_count - before, one + 3)


@tagged("post_install", "-at_install")
class TestWordsSayWhatTheFiguresSay(BehaviourCase):
    def test_the_sentence_of_the_issue(self):
        for days in (167, 136, 105, 74):
            self.buy(self.member, self.TODAY - timedelta(days=days))
        self.refresh()
        self.assertEqual(self.row()._explain(), "At Risk: buys every 31 days, silent for 74 days.")

    def test_each_stage_has_its_sentence(self):
        self.refresh()
        self.assertEqual(self.row()._explain(), "Has not bought anything yet.")
        self.buy(self.member, self.TODAY - timedelta(days=500))
        self.refresh()
        self.assertEqual(self.row()._explain(), "Lapsed: bought once so far, 500 days ago.")
        self.buy(self.member, self.TODAY - timedelta(days=5))
        self.refresh()
        self.assertEqual(self.row()._explain(), "Won Back: bought 5 days ago, for the first time after 495 days.")

    def test_one_day_is_no_days(self):
        for days in (3, 2, 1):
            self.buy(self.member, self.TODAY - timedelta(days=days))
        self.refresh()
        self.assertIn(": buys every day, the last time yesterday.", self.row()._explain())

    def test_the_counter_says_that_a_member_was_silent(self):
        for days in (167, 136, 105, 74):
            self.buy(self.member, self.TODAY - timedelta(days=days))
        self.refresh()
        self.assertIn((65, "At Risk: buys every 31 days, silent for 74 days."), self.member._get_counter_words())


@tagged("post_install", "-at_install")
class TestTheLadderTellsWhoClimbs(BehaviourCase):
    def test_the_share_that_climbs_each_step_in_a_period(self):
        members = self.people(4)
        for member in members:
            self.buy(member, date(2026, 4, 10))
        for member in members[:2]:
            self.buy(member, date(2026, 5, 5))
        for number in range(2):
            self.buy(members[0], date(2026, 5, 10 + number))
        self.refresh()
        climbs = {row["step"]: row for row in self.club._get_climbs(date(2026, 5, 1), date(2026, 5, 31))}
        self.assertEqual((climbs["single"]["standing"], climbs["single"]["climbed"]), (4, 2))
        self.assertEqual(climbs["single"]["share"], 0.5)
        self.assertEqual((climbs["repeat"]["standing"], climbs["repeat"]["climbed"]), (2, 1))
        self.assertEqual((climbs["loyal"]["standing"], climbs["loyal"]["climbed"]), (1, 0))
        april = {row["step"]: row for row in self.club._get_climbs(date(2026, 4, 1), date(2026, 4, 30))}
        self.assertEqual((april["single"]["standing"], april["single"]["climbed"]), (4, 0))


@tagged("post_install", "-at_install")
class TestBehaviourIsReadAndNeverTyped(BehaviourCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "beh-user", groups="customer_club.group_club_user")
        cls.auditor = new_test_user(cls.env, "beh-auditor", groups="customer_club.group_club_auditor")
        cls.portal = new_test_user(cls.env, "beh-portal", groups="base.group_portal")

    def test_staff_read_and_others_do_not(self):
        self.refresh()
        self.assertEqual(self.row().with_user(self.user).stage, "prospect")
        for user in (self.auditor, self.portal):
            for model in ("club.behaviour", "club.stage.change", "club.lifetime.fit"):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])

    def test_nobody_writes_makes_or_deletes_rows(self):
        self.buy(self.member, date(2026, 5, 1))
        self.refresh()
        fit = self.club._fit_lifetimes()
        change = self.env["club.stage.change"].search([("member_id", "=", self.member.id)], limit=1)
        for record in (self.row(), change, fit):
            with self.assertRaises(UserError):
                record.write({"club_id": self.club.id})
            with self.assertRaises(UserError):
                record.with_user(self.user).create({"club_id": self.club.id})
            with self.assertRaises(UserError):
                record.with_user(self.user).unlink()

    def test_staff_of_another_company_see_nothing(self):
        self.refresh()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env, "beh-other", groups="customer_club.group_club_manager", company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.env["club.behaviour"].with_user(stranger).search([]))

    def test_limits_that_contradict_each_other_are_refused_with_the_clubs_name(self):
        with self.assertRaisesRegex(ValidationError, "Rose Club"):
            self.club.behaviour_risk_days = 400
        with self.assertRaisesRegex(ValidationError, "Rose Club"):
            self.club.behaviour_fan = 3

    def test_a_segment_can_ask_for_a_stage(self):
        self.buy(self.member, self.TODAY - timedelta(days=500))
        self.refresh()
        segment = self.env["club.segment"].create(
            {
                "name": "Lapsed",
                "club_id": self.club.id,
                "domain": "[('behaviour_ids.stage', '=', 'lapsed')]",
            }
        )
        self.assertEqual(segment._filter_members(self.member | self.member_2), self.member)
