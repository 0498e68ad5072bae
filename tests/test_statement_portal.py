"""The member's statement: exactly the ledger, for any period, as page, PDF, spreadsheet and CSV."""

import base64
import csv
import io
import re
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch

import openpyxl
from freezegun import freeze_time
from lxml import etree
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.statement import StatementError
from odoo.addons.customer_club.tests.test_portal_pages import ClubPortalCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

PERIOD = reporting.Period(date(2026, 1, 1), date(2026, 3, 31))


class StatementCase(ClubPortalCase):
    def live(self):
        """A life: joining late last year, earning, spending, expiring, returning."""
        earned = self.post(100, "a:1", date=datetime(2025, 12, 31, 12))
        self.post(50, "a:2", date=datetime(2026, 1, 10, 12))
        self.post(-30, "a:3", date=datetime(2026, 2, 10, 12), origin_model="sale.order")
        pending = self.post(20, "a:4", date=datetime(2026, 2, 11, 12), pending=True)
        self.post(-5, "a:5", kind="expire", date=datetime(2026, 3, 1, 12))
        self.post(7, "a:6", date=datetime(2026, 4, 1, 12))
        return earned, pending

    def get_file(self, ending, query="", login="club_anna", status=200):
        return self.get(self.url(f"/statement/{ending}{query}"), login, status)


@tagged("post_install", "-at_install")
class TestStatementIsTheLedger(StatementCase):
    def test_opening_and_movements_make_the_closing(self):
        self.live()
        statement = self.member._get_statement(PERIOD)
        self.assertEqual((statement["opening"], statement["closing"]), (Decimal(100), Decimal(135)))
        self.assertEqual((statement["spendable"], statement["pending"]), (Decimal(115), Decimal(20)))
        opening, *moved, closing = [row["points"] for row in statement["summary"].rows]
        self.assertEqual(opening + sum(moved), closing)
        self.assertEqual(closing, statement["closing"])
        self.assertEqual(statement["earned"].totals["points"], 70)
        self.assertEqual(statement["spent"].totals["points"], 30)
        self.assertEqual(statement["spent"].rows[0]["what"], "Orders")
        self.assertInvariantsHold()

    def test_periods_join_without_a_gap_and_the_last_is_the_balance(self):
        self.live()
        before = Decimal(0)
        for first, last in (
            (date(2025, 1, 1), date(2025, 12, 31)),
            (date(2026, 1, 1), date(2026, 2, 10)),
            (date(2026, 2, 11), date(2026, 2, 11)),
            (date(2026, 2, 12), date(2030, 1, 1)),
        ):
            statement = self.member._get_statement(reporting.Period(first, last))
            self.assertEqual(statement["opening"], before)
            before = statement["closing"]
        self.assertEqual(before, Decimal(str(self.member.points + self.member.points_pending)))

    def test_a_return_is_taken_back_and_given_back(self):
        self.post(100, "a:1", date=datetime(2026, 1, 2))
        spent = self.post(-40, "a:2", date=datetime(2026, 1, 3), origin_model="sale.order")
        earned = self.post(10, "a:3", date=datetime(2026, 1, 4))
        with freeze_time("2026-01-05"):
            spent._reverse(key="a:2:back", points=15)
            earned._reverse(key="a:3:back")
        statement = self.member._get_statement(PERIOD)
        rows = {row["what"]: row["points"] for row in statement["summary"].rows}
        self.assertEqual(rows["Given back after returns and cancellations"], 15)
        self.assertEqual(rows["Taken back after returns and cancellations"], -10)
        self.assertEqual(rows["Balance at the end"], 75)
        self.assertEqual(statement["spent"].totals["points"], 25, "less what was given back")

    def test_the_balance_over_time_ends_at_the_closing_and_days_are_the_clubs(self):
        self.club.tz = "Asia/Tehran"
        self.post(100, "a:1", date=datetime(2026, 1, 31, 20, 29))  # 23:59 there
        self.post(10, "a:2", date=datetime(2026, 1, 31, 20, 30))  # the next day
        with freeze_time("2026-06-01"):
            statement = self.member._get_statement(reporting.Period(date(2026, 1, 1), date(2026, 1, 31)))
            self.assertEqual(statement["closing"], 100)
            self.assertEqual(statement["balance"].rows[-1], {"day": date(2026, 1, 31), "points": Decimal(100)})
            statement = self.member._get_statement(PERIOD)
            self.assertEqual(statement["balance"].rows[-1]["points"], statement["closing"])

    def test_movements_tell_the_balance_after_each(self):
        self.live()
        rows = self.member._get_statement(PERIOD)["movements"]
        self.assertEqual([row["balance"] for row in rows], [135, 140, 120, 150])
        self.assertEqual([row["points"] for row in rows], [-5, 20, -30, 50])
        rows, has_more = self.member._get_statement_movements(PERIOD, 2)
        self.assertEqual((len(rows), has_more), (2, True))

    def test_another_members_entries_are_in_no_statement_of_mine(self):
        self.post(1000, "b:1", member=self.member_2, date=datetime(2026, 1, 10))
        self.assertEqual(self.member._get_statement(PERIOD)["closing"], 0)

    def test_a_period_must_be_in_order_and_no_life_long(self):
        for first, last in ((date(2026, 2, 1), date(2026, 1, 1)), (date(2000, 1, 1), date(2026, 1, 1))):
            with self.assertRaises(StatementError):
                self.member._get_statement(reporting.Period(first, last))

    def test_a_member_who_was_merged_takes_the_points_along(self):
        self.live()
        self.env["club.member"]._merge_partners(self.partner, self.partner_2)
        heir = self.env["club.member"].search(
            [("club_id", "=", self.club.id), ("partner_id", "in", [self.partner.id, self.partner_2.id])]
        )
        statement = heir._get_statement(reporting.Period(date(2025, 1, 1), date(2030, 1, 1)))
        self.assertEqual(statement["closing"], Decimal(str(heir.points + heir.points_pending)))
        self.assertInvariantsHold()

    def test_ten_thousand_entries_are_told_in_a_few_seconds_by_the_same_queries(self):
        self.env["club.point.entry"]._post(
            [
                {
                    "member_id": self.member.id,
                    "kind": "earn",
                    "points": 1,
                    "key": f"many:{number}",
                    "date": datetime(2026, 1, 1) + timedelta(minutes=number),
                }
                for number in range(10_000)
            ]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        began = time.monotonic()
        statement = self.member._get_statement(PERIOD, rows=10_000)
        book = self.member._write_statement_xlsx(statement)
        spent = time.monotonic() - began
        self.assertEqual((statement["closing"], len(statement["movements"])), (10_000, 10_000))
        self.assertLess(spent, 15, "seconds")
        self.assertGreater(len(book), 100_000)
        self.env.invalidate_all()
        self.member._get_statement(PERIOD, rows=0)
        before = self.env.cr.sql_log_count
        self.env.invalidate_all()
        self.member._get_statement(PERIOD, rows=0)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 40)


@tagged("post_install", "-at_install")
class TestStatementPages(StatementCase):
    def test_the_page_shows_charts_tables_and_is_linked_from_the_history(self):
        self.live()
        self.assertIn(self.url("/statement"), self.get(self.url("/history")).text)
        page = self.get(self.url("/statement?period=free&date_from=2026-01-01&date_to=2026-03-31"))
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        for words in ("Balance before", "135", "Orders", "data:image/svg+xml;base64,", "statement/pdf?period=free"):
            self.assertIn(words, page.text)

    def test_a_new_member_reads_what_will_stand_there(self):
        page = self.get(self.url("/statement"))
        self.assertIn("Nothing was earned in this period.", page.text)
        self.assertIn("Nothing was spent in this period.", page.text)

    def test_anothers_statement_is_as_absent_as_none(self):
        """Abuse 14."""
        for path in ("/statement", "/statement/pdf", "/statement/xlsx", "/statement/csv"):
            self.get(self.url(path), "club_ben", 404)
        self.get("/my/club/999999/statement", "club_anna", 404)
        self.get(self.url("/statement/exe"), "club_anna", 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(self.url("/statement")).url)

    def test_days_that_are_none_are_named_and_break_nothing(self):
        for query, words in (
            ("period=free&date_from=x&date_to=y", "These are no days"),
            ("period=free", "These are no days"),
            ("period=free&date_from=2026-02-01&date_to=2026-01-01", "ends before it begins"),
            ("period=free&date_from=1900-01-01&date_to=2026-01-01", "at most 10 years"),
            ("period=<svg onload=alert(1)>", "In Short"),
        ):
            with self.subTest(query=query):
                text = self.get(self.url(f"/statement?{query}")).text
                self.assertIn(words, text)
                self.assertNotIn("<svg onload", text)
                if "free" in query:
                    self.assertIn(words, self.get_file("xlsx", f"?{query}").text, "the download leads back to it")

    def test_a_year_of_the_jalali_calendar_begins_in_spring(self):
        self.club.calendar = "jalali"
        self.live()
        page = self.get(self.url("/statement?period=free&date_from=1404-10-11&date_to=1405-01-11"))
        self.assertIn("1404-10-11", page.text)
        self.assertIn("135", page.text)

    def test_spreadsheet_and_csv_have_the_figures_of_the_page(self):
        self.live()
        query = "?period=free&date_from=2026-01-01&date_to=2026-03-31"
        answer = self.get_file("xlsx", query)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        summary = {row[0]: row[1] for row in book["1"].iter_rows(values_only=True) if len(row) > 1}
        self.assertEqual((summary["Balance before"], summary["Balance at the end"]), (100, 135))
        moved = [row[2] for row in book["5"].iter_rows(min_row=2, values_only=True)]
        self.assertEqual(100 + sum(moved), 135)
        rows = list(csv.reader(io.StringIO(self.get_file("csv", query).content.decode("utf-8-sig"))))
        self.assertIn(["Balance at the end", "135.00"], rows)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_qweb")
    def test_odoos_own_address_of_reports_tells_nobody_of_another_member(self):
        """Abuse 14: whoever is signed in can name any id there; absent and another's are refused alike."""
        self.live()
        absent = self.env["club.member"].with_context(active_test=False).search([], order="id desc", limit=1).id + 99
        self.authenticate("club_ben", "club_ben")
        answers = []
        for member_id in (self.member.id, absent):
            for query in ("", "?statement_period=x"):
                answer = self.url_open(f"/report/html/customer_club.report_member_statement/{member_id}{query}")
                answers.append(answer.status_code)
                for words in ("Anna", self.member.number, "Balance at the end"):
                    self.assertNotIn(words, answer.text)
        self.assertEqual(answers, [403] * 4)

    def test_only_who_may_read_the_member_prints_the_statement(self):
        report = self.env["ir.actions.report"]
        clerk = new_test_user(self.env, "statement_clerk", groups="customer_club.group_club_user")
        printed, _kind = report.with_user(clerk)._render_qweb_html(
            "customer_club.action_report_member_statement", self.member.ids
        )
        self.assertIn(self.member.number, printed.decode())
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env,
            "statement_stranger",
            groups="customer_club.group_club_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        for user in (self.ben, stranger):
            member = self.member.with_user(user)
            for read in (member._prepare_statement_prints, member._get_statement_report):
                with self.assertRaises(AccessError):
                    read()

    def test_a_print_is_bounded_as_the_page_is_whoever_asks_odoos_own_address(self):
        """Abuse 14 and 24: days and ids there are whatever the caller writes."""
        clerk = new_test_user(self.env, "statement_clerk", groups="customer_club.group_club_user")
        member = self.member.with_user(clerk)
        for days in (
            ["0001-01-01", "9999-12-31"],
            ["2016-01-01", "2026-01-01"],
            ["2026-02-01", "2026-01-01"],
            ["2026-01-01"],
            ["x", "y"],
            [None, 7],
            "2026",
            7,
        ):
            with self.subTest(days=days), self.assertRaisesRegex(UserError, "at most 10 years"):
                member._get_statement_report(days)
        self.assertEqual(member._get_statement_report(["2016-01-01", "2025-12-31"])["closing"], 0)

    def test_a_print_tells_each_member_once_and_not_all_of_a_club(self):
        """Abuse 24: the same id a thousand times is one statement."""
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "customer_club.action_report_member_statement", self.member.ids * 20
        )
        self.assertEqual(html.decode().count("Statement of Points"), 1)
        with (
            patch("odoo.addons.customer_club.models.portal.club_member_statement_files.MOST_PRINTED", 1),
            self.assertRaisesRegex(UserError, "2 members: one print has at most 1"),
        ):
            (self.member | self.member_2)._prepare_statement_prints()

    def test_long_tables_are_cut_by_page_with_their_heads(self):
        """Programs that print tear rows apart at the end of a page, and forget the heads on the next one."""
        for number in range(100):
            self.post(1, f"m:{number}", date=datetime(2026, 1, 10, 12))
        data = {"statement_period": ["2026-01-01", "2026-01-31"]}
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html("customer_club.action_report_member_statement", self.member.ids, data=data)[0]
        tree = etree.fromstring(html, etree.HTMLParser())
        tables = tree.xpath("//table[thead//th='What happened']")
        self.assertEqual([len(table.xpath("tbody/tr")) for table in tables], [40, 40, 20])
        self.assertEqual(["always" in table.get("style") for table in tables], [False, True, True])
        days = tree.xpath("//table[thead//th='At the end of']")
        self.assertEqual([len(table.xpath("tbody/tr")) for table in days], [26, 5])
        html = report._render_qweb_html(
            "customer_club.action_report_member_statement",
            self.member.ids,
            data={"statement_period": ["2026-02-01", "2026-02-10"]},
        )[0].decode()
        self.assertEqual(html.count("page-break-before: always"), 0, "what is short stays together")
        self.assertIn("Nothing happened in this period.", html)

    def test_a_phone_has_charts_of_its_width(self):
        self.live()
        page = self.get(self.url("/statement?period=free&date_from=2026-01-01&date_to=2026-03-31"))
        widths = [
            int(re.search(r'width="(\d+)"', base64.b64decode(picture.split("base64,")[1]).decode())[1])
            for picture in etree.fromstring(page.content, etree.HTMLParser()).xpath(
                "//picture/source/@srcset | //picture/img/@src"
            )
        ]
        self.assertEqual(widths, [340, 560] * 3)

    def test_no_text_in_a_file_is_a_formula(self):
        """Abuse 21."""
        self.club.name = "=1+1"
        rows = list(csv.reader(io.StringIO(self.get_file("csv").content.decode("utf-8-sig"))))
        self.assertEqual(rows[0][1], "'=1+1")
        book = openpyxl.load_workbook(io.BytesIO(self.get_file("xlsx").content))
        self.assertEqual(book["1"]["A2"].value, "'=1+1")
        self.assertEqual(book["1"]["A2"].data_type, "s")

    def test_a_download_that_cannot_be_told_leads_to_the_page_that_says_why(self):
        text = self.get_file("pdf", "?period=free&date_from=x&date_to=y").text
        self.assertIn("These are no days", text)

    def test_the_pdf_is_one_and_names_the_member(self):
        self.live()
        answer = self.get_file("pdf", "?period=free&date_from=2026-01-01&date_to=2026-03-31")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "customer_club.action_report_member_statement",
                self.member.ids,
                data={"statement_period": ["2026-01-01", "2026-03-31"]},
            )[0]
            .decode()
        )
        for words in ("Anna", self.member.number, "Balance at the end", "135", 'dir="ltr"'):
            self.assertIn(words, html)

    def test_right_to_left_where_the_member_reads_so(self):
        self.env["res.lang"]._activate_lang("fa_IR")
        self.partner.lang = "fa_IR"
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("customer_club.action_report_member_statement", self.member.ids)[0]
            .decode()
        )
        self.assertIn('dir="rtl"', html, "what staff prints is in the member's language")
