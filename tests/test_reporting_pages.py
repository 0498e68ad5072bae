"""A report says the same on screen, on paper and in the spreadsheet, to those who may read it."""

import io
from datetime import date
from decimal import Decimal
from unittest.mock import patch

import openpyxl
from lxml import html
from odoo import fields
from odoo.addons.customer_club.engine import charts, reporting
from odoo.addons.customer_club.tests.common import ClubCase, forgive_debian
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, new_test_user, tagged

NAUGHTY = '=cmd()<script>alert(1)</script>"'


def synthetic(count, name="Row"):
    """A table of ``count`` rows of every type of column, with a chart and totals that are right."""
    rows = [
        {
            "name": f"{name} {i}",
            "count": i,
            "points": Decimal(i) / 2,
            "money": Decimal("0.10") * i,
            "share": Decimal(i) / count,
            "ratio": Decimal("1.5"),
            "day": date(2026, 1, 1),
        }
        for i in range(1, count + 1)
    ]
    kinds = {
        "name": "text",
        "count": "integer",
        "points": "points",
        "money": "money",
        "share": "share",
        "ratio": "decimal",
        "day": "date",
    }
    return reporting.Table(
        title=f"Made of {name}",
        columns=[reporting.Column(key, key.title(), kind) for key, kind in kinds.items()],
        rows=rows,
        totals={key: sum(row[key] for row in rows) for key in ("count", "points", "money")} if rows else None,
        chart=reporting.Chart("bars", [row["name"] for row in rows], [charts.Series("c", [r["count"] for r in rows])]),
        drill={0: ("club.member", []), (0, "count"): ("club.point.entry", [])} if rows else {},
        note="How it is computed.",
        empty="Nothing here yet.",
    )


class PageCase(ClubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "page_manager", groups="customer_club.group_club_manager")
        cls.user = new_test_user(cls.env, "page_user", groups="customer_club.group_club_user")
        kinds = list(cls.env["club.report.block"]._get_blocks())
        cls.report = cls.env["club.report"].create(
            {
                "name": "Everything",
                "shared": True,
                "user_id": cls.manager.id,
                "club_ids": [(6, 0, cls.club.ids)],
                "period_kind": "this_month",
                "line_ids": [(0, 0, {"kind": kind}) for kind in kinds],
            }
        )

    def open(self, report=None, user=None, **values):
        """The page of a report, as a user opens it."""
        self.env.flush_all()
        action = (report or self.report).with_user(user or self.manager).action_open()
        page = self.env["club.report.page"].with_user(user or self.manager).browse(action["res_id"])
        page.write(values)
        return page

    def read_book(self, page, line_id=0):
        return openpyxl.load_workbook(io.BytesIO(page._make_xlsx(line_id)))

    def give(self, table):
        """Let every growth block say this table."""
        block = self.env.registry["club.report.block.growth"]
        self.startPatcher(patch.object(block, "_read_block", lambda self, *args: table))
        return self.env["club.report"].create(
            {
                "name": NAUGHTY,
                "user_id": self.manager.id,
                "club_ids": [(6, 0, self.club.ids)],
                "line_ids": [(0, 0, {"kind": "growth"})],
            }
        )


@tagged("post_install", "-at_install")
class TestPagesOfReports(PageCase):
    def test_every_block_is_shown_left_to_right_and_right_to_left(self):
        self.post(100, "a")
        self.env["res.lang"]._activate_lang("ar_001")
        for lang, direction in (("en_US", "ltr"), ("ar_001", "rtl")):
            page = self.open().with_context(lang=lang)
            body = html.fromstring(str(page.body))
            self.assertEqual(body.get("dir"), direction)
            sections = body.findall(".//section")
            self.assertEqual([s.get("data-block") for s in sections], self.report.line_ids.mapped("kind"))

    def test_the_spreadsheets_rows_and_totals_are_those_of_the_screen(self):
        self.post(100, "a")
        self.post(-30, "b")
        page = self.open()
        sheets = self.read_book(page).worksheets
        for sheet, (line, table) in zip(sheets, page._make_tables(), strict=True):
            with self.subTest(block=line.kind):
                self.assert_sheet(sheet, table, 5)

    def assert_sheet(self, sheet, table, heads):
        cells = list(sheet.iter_rows(min_row=heads + 1, max_col=len(table.columns), values_only=True))
        self.assertEqual(list(cells[0]), [column.label for column in table.columns])
        rows = [*table.rows, *([table.totals] if table.totals else [])]
        for row, found in zip(rows, cells[1:], strict=False):
            for column, value in zip(table.columns, found, strict=True):
                if column.is_number and row.get(column.key) is not None:
                    self.assertIsInstance(value, int | float)
                    self.assertAlmostEqual(float(row[column.key]), value, 6)

    def test_no_data_one_row_and_ten_thousand_rows(self):
        for count in (0, 1, 10_000):
            table = synthetic(count)
            page = self.open(self.give(table))
            body = str(page.body)
            tree = html.fromstring(body)
            if not count:
                self.assertIn("Nothing here yet.", body)
            else:
                self.assertEqual(len(tree.findall(".//tbody/tr")), min(count, 50) + 1, "the rows and their total")
                self.assertEqual("of 10,000 rows" in body, count > 50)
                self.assertIn(page._show(table.totals["money"], "money", self.club, self.club.currency_id), body)
            sheet = self.read_book(page).worksheets[0]
            self.assert_sheet(sheet, table, 5)
            if count:
                self.assertAlmostEqual(sheet.cell(7 + count, 4).value, float(table.totals["money"]), 6)

    def test_paper_tears_no_row_apart_and_repeats_the_heads(self):
        page = self.open(self.give(synthetic(200)))
        page.report_id.line_ids.row_limit = 200
        [section] = page._get_values()["sections"]
        self.assertGreater(len(section["chunks"]), 3)
        self.assertEqual([row for chunk in section["chunks"] for row in chunk], section["rows"])
        self.assertAlmostEqual(sum(section["shares"]), 100, delta=1)
        printed = self.env["ir.actions.report"].with_user(self.manager)
        printed = html.fromstring(printed._render_qweb_html("customer_club.report_club_report", page.ids)[0])
        tables = [table for table in printed.iter("table") if table.find("thead") is not None]
        self.assertEqual(len(tables), len([chunk for chunk in section["chunks"] if chunk]))
        self.assertEqual(sum(len(table.findall("tbody/tr")) for table in tables), 201)
        self.assertEqual(
            ["page-break-before" in table.get("style") for table in tables], [False, *[True] * (len(tables) - 1)]
        )

    def test_a_page_of_paper_has_no_single_row(self):
        Page = self.env["club.report.page"]
        for count, first, sizes in ((3, 2, [0, 3]), (10, 9, [7, 3]), (4, 3, [3, 1]), (9, 9, [9])):
            chunks = Page._cut(list(range(count)), [1] * count, first)
            self.assertEqual([len(chunk) for chunk in chunks], sizes, f"{count} rows, room for {first}")
            self.assertEqual(sum(chunks, []), list(range(count)))

    def test_a_column_of_numbers_has_room_for_its_head(self):
        heads = [reporting.Column("a", "Short", "integer"), reporting.Column("b", "Members who " * 5, "integer")]
        rows = [[{"words": "1"}, {"words": "2"}]]
        shares = self.env["club.report.page"]._arrange_columns(reporting.Table("T", heads, []), rows)["shares"]
        self.assertGreater(shares[1], 2 * shares[0])

    def test_short_blocks_share_a_page_of_paper_and_charts_stay_on_it(self):
        page = self.open(self.give(synthetic(3)))
        page.report_id.write({"line_ids": [(0, 0, {"kind": "growth"}) for _number in range(5)]})
        page.report_id.line_ids.show_chart = False
        sections = page._get_values()["sections"]
        self.assertFalse(sections[1]["breaks"])
        self.assertTrue(any(section["breaks"] for section in sections[2:]))
        names = [f"Name {number}" for number in range(40)]
        tall = charts.hbars("Tall", names, [charts.Series("n", range(1, 41))], empty="")
        wide = charts.bars("Wide", ["a"], [charts.Series("n", [1])], empty="")
        self.assertLess(page._measure_chart(tall)[0], page._measure_chart(wide)[0])
        self.assertLess(page._measure_chart(tall)[1], 30)

    def test_names_cannot_act(self):
        """abuse 18 and 21."""
        page = self.open(self.give(synthetic(3, NAUGHTY)))
        printed = self.env["ir.actions.report"].with_user(self.manager)
        printed = printed._render_qweb_html("customer_club.report_club_report", page.ids)[0].decode()
        for text in (str(page.body), printed):
            self.assertNotIn("<script>alert", text)
        for row in self.read_book(page).worksheets[0].iter_rows():
            self.assertFalse([cell for cell in row if cell.data_type == "f"])

    def test_a_cell_opens_the_records_behind_it(self):
        page = self.open(self.give(synthetic(2)))
        line = page.report_id.line_ids
        keys = [node.get("data-drill") for node in html.fromstring(str(page.body)).iter() if node.get("data-drill")]
        self.assertEqual(keys, [f"{line.id}:0", f"{line.id}:0:count"])
        self.assertEqual(page.action_drill(keys[0])["res_model"], "club.member")
        self.assertEqual(page.action_drill(keys[1])["res_model"], "club.point.entry")
        for wrong in ("", "x", f"{line.id}", f"{line.id}:7", f"{line.id}:0:secret", "0:0", None):
            with self.subTest(key=wrong), self.assertRaises(UserError):
                page.action_drill(wrong)

    def test_the_print_says_what_when_and_by_whom(self):
        page = self.open()
        printed = self.env["ir.actions.report"].with_user(self.manager)
        printed = printed._render_qweb_html("customer_club.report_club_report", page.ids)[0].decode()
        for words in (self.club.name, self.manager.name, self.report.name, self.club._show_day(page.date_from)):
            self.assertIn(words, printed)
        self.assertNotIn("data-drill", printed, "paper opens nothing")

    def test_it_prints_before_the_company_has_chosen_a_layout(self):
        self.env.company.external_report_layout_id = False
        page = self.open(user=self.env.ref("base.user_admin"))
        self.assertEqual(page.with_user(self.env.ref("base.user_admin")).action_print()["type"], "ir.actions.report")

    def test_the_period_follows_its_kind_and_the_clubs_calendar(self):
        self.club.write({"calendar": "jalali", "tz": "Asia/Tehran"})
        with patch.object(fields.Datetime, "now", lambda: fields.Datetime.to_datetime("2026-03-20 20:29:00")):
            page = self.open(period_kind="this_month")
            self.assertEqual((page.date_from, page.date_to), (date(2026, 2, 20), date(2026, 3, 20)))
        with patch.object(fields.Datetime, "now", lambda: fields.Datetime.to_datetime("2026-03-20 20:31:00")):
            page = self.open(period_kind="this_month")
            self.assertEqual(page.date_from, date(2026, 3, 21), "the year began at midnight in Tehran")
            self.assertEqual(page._get_comparison(), reporting.Period(date(2026, 2, 20), date(2026, 2, 20)))
        with patch.object(fields.Datetime, "now", lambda: fields.Datetime.to_datetime("2026-05-01 00:00:00")):
            self.assertEqual(page._get_comparison(), reporting.Period(date(2026, 2, 20), date(2026, 3, 20)))

    def test_a_period_that_runs_is_compared_with_as_many_days_and_says_so(self):
        with patch.object(fields.Datetime, "now", lambda: fields.Datetime.to_datetime("2026-03-10 12:00:00")):
            page = self.open(period_kind="this_month")
            self.assertEqual(page._get_comparison(), reporting.Period(date(2026, 2, 1), date(2026, 2, 10)))
            page.comparison = "last_year"
            self.assertEqual(page._get_comparison(), reporting.Period(date(2025, 3, 1), date(2025, 3, 10)))
            sheet = self.read_book(page).worksheets[0]
            for words in (str(page.body), f"{sheet['A3'].value} {sheet['A4'].value}"):
                self.assertIn("so far, until 10 Mar 2026", words)
                self.assertIn("(so far", words.replace("<bdi>", ""))
                self.assertIn("(as many days)", words)
            page.write({"period_kind": "last_month"})
            self.assertNotIn("(so far", str(page.body).replace("<bdi>", ""))
            self.assertNotIn("as many days", str(page.body))

    def test_days_that_have_not_begun_are_no_rows(self):
        with patch.object(fields.Datetime, "now", lambda: fields.Datetime.to_datetime("2026-03-10 12:00:00")):
            page = self.open(period_kind="this_month")
            tables = {line.kind: table for line, table in page._make_tables()}
        self.assertEqual(len(tables["growth"].chart.x), 10)

    def test_a_report_of_a_century_is_refused(self):
        page = self.open(period_kind="free", date_from="1926-01-01", date_to="2026-01-01")
        self.assertIn("more than 10 years", str(page.body))
        with self.assertRaises(UserError):
            page._make_xlsx()
        with self.assertRaises(ValidationError):
            self.report.write({"period_kind": "free", "date_from": "1926-01-01", "date_to": "2026-01-01"})
        page.date_from = "2016-02-01"
        tables = {line.kind: table for line, table in page._make_tables()}
        self.assertEqual(len(tables["activity"].chart.x), 41, "quarters, so that it can be read")

    def test_free_days_must_be_in_order(self):
        page = self.open(period_kind="free", date_from="2026-02-01", date_to="2026-01-01")
        self.assertIn("ends before it begins", str(page.body))
        with self.assertRaises(UserError):
            page._make_xlsx()
        with self.assertRaises(ValidationError):
            self.report.write({"period_kind": "free", "date_from": False})

    def test_a_block_that_is_gone_leaves_the_rest(self):
        blocks = self.env["club.report.block"]._get_blocks()
        blocks.pop("growth")
        with patch.object(self.env.registry["club.report.block"], "_get_blocks", lambda self: blocks):
            page = self.open()
            self.assertNotIn("growth", [line.kind for line, _table in page._make_tables()])
            self.assertTrue(page._make_tables())


@tagged("post_install", "-at_install")
class TestWhoReadsReports(PageCase):
    def test_a_user_reads_a_shared_report_without_money(self):
        page = self.open(user=self.user)
        for line, table in page._make_tables():
            with self.subTest(block=line.kind):
                self.assertNotIn("money", {column.type for column in table.columns})
                self.assertFalse(self.env[f"club.report.block.{line.kind}"]._block_money)
        for name in page._get_hidden():
            self.assertIn(name, str(page.body), "what is left out is told")

    def test_a_report_that_is_not_shared_is_its_owners(self):
        self.report.shared = False
        with self.assertRaises(AccessError):
            self.open(user=self.user)
        other = new_test_user(self.env, "page_other", groups="customer_club.group_club_manager")
        with self.assertRaises(AccessError):
            self.open(user=other)

    def test_a_new_block_stands_at_the_end_also_after_others_were_moved(self):
        report = self.env["club.report"].with_user(self.user).create({"name": "Mine"})
        with Form(report) as form:
            for kind in ("growth", "stages"):
                with form.line_ids.new() as line:
                    line.kind = kind
        report.line_ids[0].sequence = 20
        with Form(report) as form, form.line_ids.new() as line:
            line.kind = "segments"
        report.invalidate_recordset()
        self.assertEqual(report.line_ids.mapped("kind"), ["stages", "growth", "segments"])

    def test_a_copy_is_its_makers_own_and_sent_to_nobody(self):
        self.report.write({"schedule": "monthly", "recipient_ids": [(6, 0, self.manager.ids)]})
        ready_made = self.env.ref("customer_club.club_report_members")
        for report in (self.report, ready_made):
            copy = report.with_user(self.user).copy()
            self.assertEqual((copy.name, copy.user_id), (f"{report.name} (copy)", self.user))
            self.assertEqual((copy.shared, copy.schedule, copy.recipient_ids.ids), (False, "none", []))
            self.assertEqual(copy.line_ids.mapped("kind"), report.line_ids.mapped("kind"))
            self.assertEqual((report.with_user(self.user).may_compose, copy.may_compose), (False, True))
            copy.name = "Mine"

    def test_a_user_composes_reports_of_their_own_only(self):
        mine = (
            self.env["club.report"]
            .with_user(self.user)
            .create({"name": "Mine", "line_ids": [(0, 0, {"kind": "growth"})]})
        )
        mine.write({"name": "Still mine"})
        with self.assertRaises(AccessError):
            self.report.with_user(self.user).write({"name": "Mine now"})
        with self.assertRaises(AccessError):
            self.report.line_ids[0].with_user(self.user).write({"row_limit": 1})

    def test_a_page_is_its_readers(self):
        page = self.open()
        with self.assertRaises(AccessError):
            page.with_user(self.user).action_export()
        with self.assertRaises(AccessError):
            page.with_user(self.user)._make_xlsx()

    def test_clubs_of_other_companies_are_not_reported(self):
        company = self.env["res.company"].create({"name": "Far"})
        far = self.env["club.club"].create({"name": "Far Club", "company_id": company.id})
        self.report.write({"company_id": False, "club_ids": [(4, far.id)]})
        page = self.open()
        self.assertEqual(page.club_ids, self.club)
        page.sudo().club_ids = [(4, far.id)]
        self.env.invalidate_all()
        page = page.with_user(self.manager)
        self.assertEqual(page.club_ids, self.club, "a club that was put into the page is not read either")
        self.assertNotIn("Far Club", str(page.body))

    def test_a_report_of_one_company_has_no_club_of_another(self):
        company = self.env["res.company"].create({"name": "Far"})
        far = self.env["club.club"].create({"name": "Far Club", "company_id": company.id})
        with self.assertRaises(ValidationError):
            self.report.write({"company_id": self.env.company.id, "club_ids": [(4, far.id)]})

    def test_customers_and_strangers_read_nothing(self):
        portal = new_test_user(self.env, "page_portal", groups="base.group_portal")
        for model in ("club.report", "club.report.line", "club.report.page"):
            self.assertFalse(self.env[model].with_user(portal).has_access("read"), model)


@tagged("post_install", "-at_install")
class TestFilesOfReports(PageCase, HttpCase):
    def test_the_file_is_its_readers_only(self):
        page = self.open()
        url = f"/customer_club/reports/{page.id}/xlsx"
        self.authenticate("page_user", "page_user")
        self.assertEqual(self.url_open(url).status_code, 404)
        self.authenticate("page_manager", "page_manager")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        self.assertEqual(len(book.worksheets), len(self.report.line_ids))
        line = self.report.line_ids[0]
        one = self.url_open(f"{url}?block={line.id}")
        self.assertEqual(len(openpyxl.load_workbook(io.BytesIO(one.content)).worksheets), 1)
        self.assertEqual(self.url_open(f"/customer_club/reports/{page.id + 999}/xlsx").status_code, 404)


@tagged("post_install", "-at_install")
class TestTheDashboard(PageCase):
    def test_its_numbers_are_those_of_the_home_page(self):
        self.post(100, "a")
        self.post(-30, "b")
        self.env.flush_all()
        home = self.club._get_home_figures()[self.club.id]
        block = self.env["club.report.block.overview"].with_user(self.manager)
        table = block._make_table(self.club.with_user(self.manager), reporting.period_of("this_month", date.today()))
        self.assertEqual(
            [table.rows[0][key] for key in ("active", "members", "given", "spent", "outstanding")],
            [home[key] for key in ("active", "members", "given", "spent", "outstanding")],
        )
        self.assertEqual((table.figures[4][1], table.figures[5][1], table.figures[7][1]), (100, 30, 70))
        self.assertIn("Active", table.figures[0][0])
        self.assertIn("Content", table.figures[1][0])

    def test_its_menu_opens_a_page_whose_tiles_open_records(self):
        self.post(100, "a")
        self.env.flush_all()
        action = self.env.ref("customer_club.club_dashboard_action").with_user(self.user).run()
        page = self.env[action["res_model"]].with_user(self.user).browse(action["res_id"])
        page.club_ids = self.club
        keys = [node.get("data-drill") for node in html.fromstring(str(page.body)).iter() if node.get("data-drill")]
        key = next(key for key in keys if ":figure:4" in key)
        opened = page.action_drill(key)
        self.assertEqual(opened["res_model"], "club.point.entry")
        entries = self.env["club.point.entry"].search(opened["domain"])
        self.assertEqual(sum(entries.mapped("points")), 100)

    def test_ready_made_reports_have_their_blocks(self):
        for name in ("dashboard", "month", "members", "points", "marketing"):
            report = self.env.ref(f"customer_club.club_report_{name}")
            self.assertGreaterEqual(len(report.line_ids), 3, name)
            page = self.open(report, user=self.user)
            self.assertIn("o_club_report", str(page.body))


@tagged("post_install", "-at_install")
class TestReportsInABrowser(PageCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        forgive_debian(cls)

    def test_a_manager_opens_a_report_and_what_is_behind_a_number(self):
        self.report.write({"name": "Toured Report", "sequence": -1})
        self.env.flush_all()
        self.start_tour("/odoo/customer-club-reports", "club_report", login="page_manager")
