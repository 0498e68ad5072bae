"""What a simulation says: its sources, figures, warnings, rights; and making a set-up real."""

import base64
import io
from datetime import datetime, timedelta
from decimal import Decimal

import openpyxl
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .simulation_common import START, SimulationCase


class ResultCase(SimulationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.club.reward_ids.filtered(lambda reward: reward.reward_type == "discount").write(
            {"discount_mode": "per_point", "discount": 0.5}
        )

    def run_file(self, text, **values):
        record = self.simulation(
            source="file",
            file=base64.b64encode(text.encode()),
            filename="sales.csv",
            date_from="2029-01-01",
            date_to="2029-12-31",
            **values,
        )
        record.action_run()
        return record

    def live(self, record):
        return record.setup_ids.filtered(lambda setup: setup.kind == "live")

    def draft(self, record):
        return record.setup_ids.filtered(lambda setup: setup.kind == "draft")


@tagged("post_install", "-at_install")
class TestOverWhichPurchases(ResultCase):
    def test_a_file_gives_points_cost_and_share_of_sales(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nA,2029-03-03,55\nB,2029-04-01,9\n")
        result = self.live(record).result
        self.assertEqual((result["customers"], result["earners"], result["purchases"]), (2, 1, 3))
        self.assertEqual((result["points"], result["sales"], result["cost"]), (15, 164, 7.5))
        self.assertAlmostEqual(result["share"], 7.5 / 164)
        self.assertEqual(result["per_year"], 7.5, "15 points of two customers in a year")
        self.assertEqual(self.live(record).customer_ids.mapped("display_name"), ["A", "B"])
        self.assertEqual([month[1] for month in result["months"] if month[1]], [10, 5])

    def test_a_file_is_read_once_for_all_set_ups_and_anew_for_the_next_run(self):
        calls, read = [], type(self.env["club.simulation"])._read_table
        self.patch(
            type(self.env["club.simulation"]), "_read_table", lambda record: calls.append(record.id) or read(record)
        )
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\n")
        self.assertEqual((len(record.setup_ids), len(calls)), (2, 1))
        record.file = base64.b64encode(b"customer,date,amount\nA,2029-02-03,100\nB,2029-02-04,50\n")
        record.action_run()
        self.assertEqual((len(calls), self.live(record).result["sales"]), (2, 150))

    def test_a_file_without_its_columns_is_refused_with_what_it_has(self):
        with self.assertRaisesRegex(UserError, "who, when"):
            self.run_file("who,when\nA,2029-02-03\n")
        with self.assertRaisesRegex(UserError, "choose a file"):
            self.simulation(source="file").action_run()

    def test_a_file_whose_rows_are_none_of_the_period_says_which_days_it_has(self):
        with self.assertRaisesRegex(UserError, "from 3 Feb 2024 to 4 Mar 2024"):
            self.run_file("customer,date,amount\nA,2024-02-03,1\nB,2024-03-04,2\n")

    def test_a_file_without_one_good_row_says_what_is_wrong_with_the_first(self):
        with self.assertRaisesRegex(UserError, "Row 2: amount is no number"):
            self.run_file("customer,date,amount\nA,2029-02-03,much\n")

    def test_rows_that_are_left_out_are_told_with_their_number_and_no_name(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nBob,soon,5\nC,2028-01-01,7\n,2029-01-01,8\n")
        self.assertEqual(self.live(record).result["purchases"], 1)
        self.assertRegex(record.remark, "left out: 2")
        self.assertRegex(record.remark, "Row 3: date is no date")
        self.assertRegex(record.remark, "before or after the period: 1")
        self.assertNotIn("Bob", str(record.left_out))
        record.source = "facts"
        record.action_run()
        self.assertFalse(record.remark)

    def test_a_file_that_cannot_be_read_is_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "sales.csv cannot be read. It has no rows"):
            self.simulation(
                source="file", file=base64.b64encode(b"customer,date,amount\n"), filename="sales.csv"
            ).action_run()

    def test_orders_of_people_who_are_no_members_count_as_if_they_were(self):
        stranger = self.env["res.partner"].create({"name": "Carl"})
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        order = self.sell((self.product, 5, 10.0), partner=stranger)
        self.assertFalse(self.env["club.event"].search([("origin_id", "=", order.id)]))
        self.later(days=1)
        record = self.simulation(source="orders")
        record.action_run()
        rows = self.live(record).customer_ids.filtered(lambda row: row.partner_id == stranger)
        self.assertEqual((rows.points, rows.sales, rows.member_id.id), (50, 50, False))
        self.assertFalse(stranger.club_member_ids, "nobody becomes a member")

    def test_orders_that_came_back_count_for_what_was_kept(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        order = self.sell((self.product, 5, 10.0))
        self.refund(self.invoice(order))
        self.sell((self.product, 2, 10.0))
        self.later(days=1)
        record = self.simulation(source="orders")
        record.action_run()
        row = self.live(record).customer_ids.filtered(lambda row: row.partner_id == self.partner)
        self.assertEqual((row.points, row.purchases), (20, 1))

    def test_assumptions_make_the_same_customers_again(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        values = {"source": "assumed", "customers": 200, "per_year": 5, "basket": 60, "date_from": "2029-01-01"}
        found = []
        for _time in range(2):
            record = self.simulation(**values, date_to="2029-12-31")
            record.action_run()
            found.append(self.live(record).result)
        self.assertEqual(found[0], found[1])
        self.assertAlmostEqual(found[0]["purchases"] / 200, 5, delta=0.8)
        self.assertAlmostEqual(found[0]["sales"] / found[0]["purchases"], 60, delta=5)

    def test_assumptions_that_cannot_be_are_refused(self):
        for values in ({"customers": 0}, {"per_year": 0}, {"basket": -1}, {"frequency_spread": -1}):
            with self.subTest(values=values), self.assertRaises(ValidationError), self.cr.savepoint():
                self.simulation(source="assumed", **values)
        with self.assertRaisesRegex(UserError, "Assume fewer"):
            self.simulation(source="assumed", customers=10_000_000, date_from="2029-01-01").action_run()


@tagged("post_install", "-at_install")
class TestWhatItSays(ResultCase):
    def test_what_expires_and_what_is_owed_at_the_end(self):
        self.club.write({"expiry_policy": "months", "expiry_months": 6})
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nA,2029-09-03,30\n", redemption_rate=50)
        result = self.live(record).result
        self.assertEqual((result["expired"], result["left"], result["liability"]), (100, 30, 7.5))

    def test_inactivity_expires_what_nobody_touches(self):
        self.club.write({"expiry_policy": "inactivity", "expiry_months": 3})
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nA,2029-04-03,30\nB,2029-11-30,5\n")
        result = self.live(record).result
        self.assertEqual((result["expired"], result["left"]), (130, 5))

    def test_who_climbs_to_which_tier(self):
        self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Basic", "threshold": 0},
                {"club_id": self.club.id, "name": "Gold", "threshold": 100, "multiplier": 2},
            ]
        )
        self.club.tier_basis = "amount"
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nA,2029-03-03,100\nB,2029-04-01,90\n")
        result = self.live(record).result
        self.assertEqual([count for _tier, count in result["tiers"]], [1, 1])
        self.assertEqual(result["points"], 10 + 20 + 9, "the second purchase counts twice")

    def test_a_warning_where_too_few_could_ever_afford_anything(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        text = "customer,date,amount\nA,2029-02-03,500\nB,2029-03-03,100\nC,2029-04-01,90\nD,2029-04-01,90\n"
        record = self.run_file(text, reward_points=50, least_reach=30)
        self.assertEqual(self.live(record).result["reach"], 1)
        self.assertIn("of all customers (4), only 1", record.warning)
        record.least_reach = 25
        self.assertNotIn("As it is now", record.warning or "", "exactly enough is enough")

    def test_two_set_ups_side_by_side_with_their_difference(self):
        rule = self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.simulation(source="file", file=base64.b64encode(b"customer,date,amount\nA,2029-02-03,100\n"))
        record.write({"date_from": "2029-01-01", "date_to": "2029-12-31"})
        line = self.draft(record).rule_ids
        self.assertEqual(line.rule_id, rule)
        line.action_change()
        line.rule_id.points = 3
        record.action_run()
        self.assertEqual([setup.result["points"] for setup in record.setup_ids], [10, 30])
        section = record._make_sections()[0]
        self.assertEqual([row[4] for row in section["rows"]], [Decimal(10), Decimal(30), Decimal(20)])
        self.assertIn("Difference", record.body)
        self.assertEqual(rule.points, 1)

    def test_the_answer_comes_first_with_cost_reach_tiers_and_what_is_owed(self):
        tiers = self.env["club.tier"].create(
            [
                {"club_id": self.club.id, "name": "Basic", "threshold": 0},
                {"club_id": self.club.id, "name": "Gold", "threshold": 100},
            ]
        )
        self.club.tier_basis = "amount"
        rule = self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.simulation(
            source="file",
            file=base64.b64encode(b"customer,date,amount\nA,2029-02-03,100\nB,2029-03-03,40\n"),
            date_from="2029-01-01",
            date_to="2029-12-31",
            reward_points=5,
        )
        line = self.draft(record).rule_ids.filtered(lambda line: line.rule_id == rule)
        line.action_change()
        line.rule_id.points = 2
        record.action_run()
        answer = record._make_answer()
        self.assertEqual(answer["heads"], ["As it is now", "Try-out", "Difference"])
        cells = dict(answer["rows"])
        values = list(cells.values())
        self.assertEqual([cell.replace("\xa0", "") for cell in values[0]], ["$7.00", "$14.00", "+$7.00"])
        self.assertEqual(values[1], ["5.0 %", "10.0 %", "+5.0 %"])
        self.assertEqual(
            [row for question, row in answer["rows"] if "afford" in question], [["50.0 %", "100.0 %", "+50.0 %"]]
        )
        self.assertEqual(cells["Customers who end in Gold"], ["1", "1", "0"])
        self.assertEqual(len([question for question in cells if "Customers who end" in question]), len(tiers))
        self.assertIn("What would it have cost?", record.answer)

    def test_customers_are_spread_over_points_for_each_set_up(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nB,2029-03-03,55\nC,2029-03-03,51\n")
        sections = [
            section for section in record._make_sections() if section["title"].startswith("Customers by points")
        ]
        self.assertEqual(len(sections), 2)
        for section in sections:
            self.assertEqual(section["total"][1:], [Decimal(3), Decimal(1)], "everybody is somewhere")
            self.assertIn("<svg", section["chart"])

    def test_the_print_has_what_the_screen_has(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10, "name": "<b>bold</b>"})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\nB,soon,55\n", reward_points=500)
        html, kind = self.env["ir.actions.report"]._render_qweb_html("customer_club.report_club_simulation", record.ids)
        text = html.decode()
        self.assertEqual(kind, "html")
        for words in ("What would it have cost?", "Warning:", "Row 3", "How points are spread", "Month by month"):
            self.assertIn(words, text)
        self.assertNotIn("<b>bold</b>", text, "abuse 18")
        empty = self.simulation()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("customer_club.report_club_simulation", empty.ids)
        self.assertIn("has not run yet", html.decode())

    def test_the_spreadsheet_has_the_numbers_of_the_screen(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 10, "name": "=cmd()"})
        record = self.run_file("customer,date,amount\n=1+1,2029-02-03,100\nB,2029-03-03,55\n")
        book = openpyxl.load_workbook(io.BytesIO(record._make_xlsx()))
        sections = [*record._make_sections(), *record._make_customer_sections()]
        self.assertEqual(len(book.worksheets), len(sections))
        for sheet, section in zip(book.worksheets, sections, strict=True):
            cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
            for row in section["rows"]:
                wanted = [float(cell) for cell in row if isinstance(cell, Decimal)]
                self.assertTrue(
                    any([cell for cell in found if isinstance(cell, int | float)] == wanted for found in cells), row
                )
            self.assertFalse([cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], "abuse 21")

    def test_figures_go_when_what_they_rest_on_changes(self):
        rule = self.rules({"formula": "per_amount", "points": 1, "per_amount": 10})
        record = self.run_file("customer,date,amount\nA,2029-02-03,100\n")
        self.draft(record).rule_ids.action_change()
        self.assertFalse(self.draft(record).result)
        record.action_run()
        self.draft(record).rule_ids.rule_id.points = 9
        self.assertFalse(self.draft(record).result, "another copy, other figures")
        record.action_run()
        record.point_worth = 2
        self.assertFalse(any(record.setup_ids.mapped("result")))
        self.assertFalse(record.setup_ids.customer_ids)
        self.assertTrue(rule.active)

    def test_an_empty_period_is_said_and_breaks_nothing(self):
        record = self.simulation(date_from="2001-01-01", date_to="2001-12-31")
        record.action_run()
        result = self.live(record).result
        self.assertEqual((result["customers"], result["points"], result["share"]), (0, 0, None))
        self.assertTrue(record.body)
        self.assertTrue(record._make_xlsx())


@tagged("post_install", "-at_install")
class TestMakingItReal(ResultCase):
    def test_copies_are_switched_on_and_those_they_replace_off(self):
        rule, other = self.rules(
            {"formula": "per_amount", "points": 1, "per_amount": 10}, {"formula": "fixed", "points": 4}
        )
        tier = self.env["club.tier"].create({"club_id": self.club.id, "name": "Gold", "threshold": 100})
        record = self.simulation()
        draft = self.draft(record)
        self.assertFalse(draft.changes)
        draft.rule_ids.filtered(lambda line: line.rule_id == rule).action_change()
        copy = (draft.rule_ids.rule_id - rule - other).with_context(active_test=False)
        copy.points = 2
        draft.rule_ids.filtered(lambda line: line.rule_id == other).counts = False
        draft.tier_ids.multiplier = 1.5
        draft.write({"expiry_policy": "months", "expiry_months": 9})
        self.assertEqual(len(draft.changes.splitlines()), 5)
        draft.action_apply()
        self.assertEqual((rule.active, other.active, copy.active, copy.purpose), (False, False, True, "points"))
        self.assertEqual((tier.multiplier, self.club.expiry_policy, self.club.expiry_months), (1.5, "months", 9))
        self.sell((self.product, 5, 10.0))
        self.assertEqual(self.owned(), 10)
        with self.assertRaisesRegex(UserError, "already"):
            draft.action_apply()
        record.unlink()
        self.assertTrue(copy.exists(), "the club's rule by now")

    def test_the_club_as_it_is_cannot_be_made_real(self):
        with self.assertRaises(UserError):
            self.live(self.simulation()).action_apply()

    def test_copies_never_made_real_go_with_their_simulation(self):
        rule = self.rules({"formula": "fixed", "points": 4})
        record = self.simulation()
        self.draft(record).rule_ids.action_change()
        copy = self.draft(record).rule_ids.rule_id
        with self.assertRaises(ValidationError), self.cr.savepoint():
            copy.active = True
        record.unlink()
        self.assertFalse(copy.exists())
        self.assertTrue(rule.exists())


@tagged("post_install", "-at_install")
class TestWhoMaySimulate(ResultCase):
    def test_managers_of_the_company_only(self):
        record = self.simulation()
        other = self.env["res.company"].create({"name": "Other"})
        theirs = new_test_user(
            self.env,
            "sim_other",
            groups="customer_club.group_club_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for login, groups in (
            ("sim_user", "customer_club.group_club_user"),
            ("sim_accountant", "customer_club.group_club_accountant"),
            ("sim_employee", "base.group_user"),
            ("sim_portal", "base.group_portal"),
        ):
            user = new_test_user(self.env, login, groups=groups)
            with self.subTest(login=login), self.assertRaises(AccessError):
                record.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            record.with_user(theirs).action_run()
        manager = new_test_user(self.env, "sim_manager", groups="customer_club.group_club_manager")
        record.with_user(manager).action_run()
        self.assertEqual(record.ran_by_id, manager)
        rule = self.rules({"formula": "fixed", "points": 4})
        action = rule.with_user(manager).action_simulate()
        self.assertTrue(self.env["club.simulation"].browse(action["res_id"]).ran_at)

    def test_orders_that_a_manager_may_not_read_are_not_looked_at(self):
        """A manager of the club who is no seller reads no orders: the simulation says so instead of reading past it."""
        self.sell((self.product, 1, 10.0))
        manager = new_test_user(self.env, "sim_no_seller", groups="customer_club.group_club_manager")
        record = self.simulation(source="orders").with_user(manager)
        if self.env["sale.order"].with_user(manager).has_access("read"):
            record.action_run()
            seen = self.env["sale.order"].with_user(manager).search_count([("state", "=", "sale")])
            self.assertLessEqual(self.live(record).result["purchases"], seen)
        else:
            with self.assertRaises(AccessError):
                record.action_run()

    def test_a_merged_member_counts_as_its_heir(self):
        self.rules({"formula": "per_amount", "points": 1, "per_amount": 1})
        self.sell((self.product, 1, 10.0))
        self.sell((self.product, 2, 10.0), partner=self.partner_2)
        self.later(days=1)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.partner_2).ids, self.partner
        )
        self.later(days=1)
        record = self.simulation(date_to=fields.Date.today())
        record.action_run()
        self.assertEqual(self.live(record).customer_ids.mapped("points"), [30])
        self.assertGreater(datetime.now(), START - timedelta(days=1))
