"""The reports of the books say what closes and ledger say: on screen, as spreadsheet, printed; to whom may read."""

import io
from decimal import Decimal

import openpyxl
from freezegun import freeze_time
from odoo.addons.customer_club.engine import charts
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .test_accounting_worked_life import AccountingCase, TestTheWorkedLifeInTheBooks

AUDITOR = "customer_club.group_club_auditor"
NAUGHTY = '=HYPERLINK("x")<script>alert(1)</script>'


class ReportCase(AccountingCase):
    live = TestTheWorkedLifeInTheBooks.live

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = new_test_user(cls.env, "books_auditor", groups=AUDITOR)

    def live_and_close(self):
        """The worked life of the book, four months closed."""
        self.live()
        with freeze_time("2026-05-02 10:00:00"):
            self.estimate("2026-01-01", 0.10, 0.80)
            self.estimate("2026-03-01", 0.10, 0.72, "Fewer come back than we thought")
            return [self.close() for _month in range(4)]

    def report(self, kind, first="2026-01-01", last="2026-04-30", user=None):
        return (
            self.env["club.book.report"]
            .with_user(user or self.auditor)
            .create({"club_id": self.club.id, "kind": kind, "date_from": first, "date_to": last})
        )

    def sections(self, *args, **kwargs):
        return self.report(*args, **kwargs)._make_sections()


@tagged("post_install", "-at_install")
class TestTheReportsOfTheBooks(ReportCase):
    def test_the_roll_forward_adds_up_for_every_cohort_and_in_the_total(self):
        self.live_and_close()
        points, money = self.sections("roll_forward")
        for section in (points, money):
            for row in [*section["rows"], section["total"]]:
                self.assertEqual(sum(row[2:-1]), row[-1], row)
        self.assertEqual([row[0] for row in points["rows"]], ["2026-01", "2026-02", "2026-03", "2026-04"])
        self.assertEqual(
            money["total"][2:], [Decimal(value) for value in ("0", "164.09", "-29.63", "-4.11", "-130.35", "0")]
        )

    def test_a_part_of_the_period_opens_where_the_part_before_closed(self):
        closes = self.live_and_close()
        before = self.sections("roll_forward", "2026-01-01", "2026-02-28")
        after = self.sections("roll_forward", "2026-03-01", "2026-04-30")
        for first, second in zip(before, after, strict=True):
            self.assertEqual(first["total"][-1], second["total"][2])
        self.assertEqual(float(before[1]["total"][-1]), closes[1].closing_value)

    def test_points_of_an_earlier_month_are_issued_late(self):
        self.member.joined_at = "2025-12-01 12:00:00"
        with freeze_time("2026-01-31 10:00:00"):
            self.pay(self.invoice(self.buy(600.0)))
        with freeze_time("2026-02-02 10:00:00"):
            self.estimate("2026-01-01", 0.10, 0.80)
            close = self.close()
        row = close.cohort_ids
        row.copy({"close_id": close.id, "issued": 25, "cohort": "2025-12-01"})
        close.invalidate_recordset()
        rows = {row[0]: row for row in self.sections("roll_forward")[0]["rows"]}
        self.assertEqual((rows["2025-12"][3], rows["2025-12"][4]), (0, 25))
        self.assertEqual((rows["2026-01"][3], rows["2026-01"][4]), (600, 0))

    def test_ageing_is_what_the_ledger_held_on_the_day(self):
        self.live()
        for day, held, pending in (
            ("2026-01-31", 1600, 1000),
            ("2026-02-28", 1330, 0),
            ("2026-03-31", 1230, 0),
            ("2026-04-30", 0, 0),
        ):
            with self.subTest(day=day):
                [section] = self.sections("ageing", last=day)
                total = section["total"] or [None, 0, 0, 0]
                self.assertEqual((total[3], total[2]), (held, pending))
        [section] = self.sections("ageing", last="2026-01-31")
        self.assertEqual([row[0] for row in section["rows"]], ["2026-03", "2026-04"])

    def test_never_expiring_points_and_arrears_stand_apart(self):
        self.post(100, "kept")
        self.post(-150, "owed", member=self.member_2, happened=True)
        [section] = self.sections("ageing", last="2027-01-01")
        rows = {row[0]: row[3] for row in section["rows"]}
        self.assertEqual(rows, {"Never expires": 100, "Arrears of members": -150})
        self.assertEqual(section["total"][3], -50)

    def test_the_disclosure_note_goes_from_opening_to_closing(self):
        self.live_and_close()
        balances, _timing, judgements = self.sections("disclosure", "2026-03-01", "2026-04-30")
        self.assertEqual([(row[1], row[2]) for row in judgements["rows"]], [("0.1", Decimal("0.72"))])
        rows = {row[0]: row[2] for row in balances["rows"]}
        self.assertEqual(rows["Opening"], Decimal("91.11"))
        self.assertEqual(rows["Closing"], 0)
        self.assertEqual(sum(row[2] for row in balances["rows"][:5]), rows["Closing"])
        self.assertEqual(rows["Of the revenue: changed estimates"], Decimal("-4.11"))
        # January's and February's revenue; what came back of January is in "Returned sales".
        self.assertEqual(rows["Revenue from opening"], Decimal("-61.48"))

    def test_the_timing_of_the_rest_adds_up_to_the_closing_liability(self):
        closes = self.live_and_close()
        _balances, timing, judgements = self.sections("disclosure", "2026-01-01", "2026-03-31")
        self.assertEqual(float(timing["total"][1]), closes[2].closing_value)
        self.assertEqual(sum(row[1] for row in timing["rows"]), timing["total"][1])
        self.assertEqual([row[2] for row in judgements["rows"]], [Decimal("0.8"), Decimal("0.72")])

    def test_the_forecast_lets_no_point_go_twice(self):
        self.live_and_close()
        [section] = self.sections("forecast", "2026-01-01", "2026-03-31")
        rows = section["rows"]
        self.assertEqual(len(rows), 12)
        self.assertEqual(rows[0][0], "2026-04")
        for row, following in zip(rows, rows[1:], strict=False):
            self.assertEqual(row[4], following[1])
            self.assertEqual(row[1] - row[2] - row[3], row[4])
        self.assertGreaterEqual(rows[-1][4], 0)

    def test_without_any_close_every_report_says_so(self):
        for kind in ("roll_forward", "ageing", "forecast", "disclosure"):
            with self.subTest(kind=kind):
                report = self.report(kind)
                for section in report._make_sections():
                    self.assertEqual((section["rows"], section["total"]), ([], []))
                    self.assertIn(section["empty"], str(report.body))

    def test_the_spreadsheet_has_the_figures_of_the_screen_as_numbers(self):
        self.live_and_close()
        for kind in ("roll_forward", "ageing", "forecast", "disclosure"):
            with self.subTest(kind=kind):
                report = self.report(kind, "2026-01-01", "2026-03-31")
                book = openpyxl.load_workbook(io.BytesIO(report._make_xlsx()))
                for sheet, section in zip(book.worksheets, report._make_sections(), strict=True):
                    cells = list(sheet.iter_rows(min_row=7, max_col=len(section["columns"]), values_only=True))
                    rows = [*section["rows"], *([section["total"]] if section["total"] else [])]
                    for row, found in zip(rows, cells, strict=False):
                        for cell, value in zip(row, found, strict=True):
                            if isinstance(cell, Decimal | int):
                                self.assertIsInstance(value, int | float)
                                self.assertAlmostEqual(float(cell), value, 6)

    def test_names_cannot_act_in_page_spreadsheet_or_chart(self):
        """abuse 18 and 21."""
        self.club.name = NAUGHTY
        report = self.report("ageing")
        self.assertNotIn("<script>", str(report.body))
        book = openpyxl.load_workbook(io.BytesIO(report._make_xlsx()))
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                self.assertFalse([cell for cell in row if cell.data_type == "f"])
        svg = charts.bars(NAUGHTY, [NAUGHTY], [charts.Series(NAUGHTY, [1])] * 2, empty=NAUGHTY)
        self.assertNotIn("<script", svg)

    def test_the_print_has_the_charts_and_who_made_it(self):
        self.live_and_close()
        report = self.report("roll_forward")
        html = (
            self.env["ir.actions.report"]
            .with_user(self.auditor)
            ._render_qweb_html("customer_club.report_club_book", report.ids)[0]
            .decode()
        )
        self.assertEqual(html.count("data:image/svg+xml;base64,"), 2)
        self.assertIn(self.auditor.name, html)
        self.assertIn(self.club.name, html)

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        report = (
            self.env["club.book.report"]
            .with_user(self.auditor)
            .new({"club_id": self.club.id, "kind": "ageing", "date_from": "2026-02-01", "date_to": "2026-01-01"})
        )
        self.assertIn("ends before it begins", str(report.body))
        with self.assertRaises(UserError):
            report._make_sections()


@tagged("post_install", "-at_install")
class TestWhoReadsTheBooks(ReportCase):
    def test_an_auditor_reads_the_books(self):
        self.live_and_close()
        for model in (
            "club.point.entry",
            "club.point.lot",
            "club.point.allocation",
            "club.deferral",
            "club.estimate",
            "club.close",
            "club.close.cohort",
        ):
            with self.subTest(model=model):
                records = self.env[model].with_user(self.auditor).search([], limit=5)
                self.assertTrue(records)
                self.assertTrue(records.web_read(dict.fromkeys(records.fields_get(), {})))
        self.env["club.settlement"].with_user(self.auditor).search([])
        self.env["club.ledger.seal"].with_user(self.auditor).search([])

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_an_auditor_writes_nothing(self):
        rows = self.env["ir.model.access"].search([("group_id", "=", self.env.ref(AUDITOR).id)])
        self.assertGreater(len(rows), 10)
        for row in rows.filtered(lambda row: row.model_id.model != "club.book.report"):
            self.assertFalse(row.perm_write or row.perm_create or row.perm_unlink, row.name)
        closes = self.live_and_close()
        for call in (
            closes[-1].with_user(self.auditor).action_reverse,
            closes[-1].estimate_id.with_user(self.auditor).action_suggest_rate,
            lambda: self.env["club.close"].with_user(self.auditor).create({"club_id": self.club.id}),
            lambda: self.club.with_user(self.auditor).write({"name": "Mine"}),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(closes[-1].state, "posted")

    def test_an_auditor_sees_numbers_but_no_names(self):
        self.post(100, "seen")
        entry = self.env["club.point.entry"].with_user(self.auditor).search([], limit=1)
        [read] = entry.web_read(
            {"member_id": {"fields": {"display_name": {}}}, "card_id": {"fields": {"display_name": {}}}}
        )
        self.assertIn(self.member.number, read["member_id"]["display_name"])
        self.assertNotIn(self.member.partner_id.name, str(read))
        self.assertNotIn(self.member.card_id.code, str(read))
        self.assertIn(self.member.partner_id.name, self.member.with_user(self.ada).display_name)
        for model in ("club.member", "club.event"):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                self.env[model].with_user(self.auditor).search([])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_others_get_no_report(self):
        clerk = new_test_user(self.env, "books_clerk", groups="customer_club.group_club_user")
        portal = new_test_user(self.env, "books_portal", groups="base.group_portal")
        report = self.report("ageing")
        for user in (clerk, portal, self.ada):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                report.with_user(user).action_export()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_club_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        report = self.report("ageing")
        self.auditor.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.env["club.book.report"].with_user(self.auditor).new(
                {"club_id": self.club.id, "kind": "ageing", "date_from": "2026-01-01", "date_to": "2026-01-31"}
            )._make_sections()
        with self.assertRaises(AccessError):
            report.with_user(self.auditor).read(["body"])


@tagged("post_install", "-at_install")
class TestTheRateFromThePast(ReportCase):
    def draft(self, day="2026-05-01"):
        return (
            self.env["club.estimate"]
            .with_user(self.ada)
            .create({"club_id": self.club.id, "date_from": day, "point_value": 0.1, "rate": 1, "reason": "Past"})
        )

    def test_finished_cohorts_propose_the_rate_and_stay_with_the_estimate(self):
        closes = self.live_and_close()
        estimate = self.draft()
        estimate.action_suggest_rate()
        cohorts = estimate.evidence["cohorts"]
        issued = sum(Decimal(cohort["issued"]) for cohort in cohorts)
        redeemed = sum(Decimal(cohort["redeemed"]) for cohort in cohorts)
        self.assertEqual([cohort["counted"] for cohort in cohorts], [True] * 4)
        self.assertAlmostEqual(estimate.rate, float(redeemed / issued), 4)
        self.assertEqual(cohorts[0]["month"], "2026-01")
        self.assertEqual(cohorts[0]["shares"][:3], ["0.0000", "0.2500", "0.3125"])
        self.assertIn("31.2", str(estimate.triangle))
        self.assertEqual(estimate.evidence["read_until"], str(closes[-1].date_to))

    def test_an_unfinished_oldest_cohort_supports_no_rate(self):
        self.live()
        with freeze_time("2026-05-02 10:00:00"):
            self.estimate("2026-01-01", 0.10, 0.80)
            self.close()
        estimate = self.draft("2026-02-01")
        estimate.action_suggest_rate()
        self.assertEqual(estimate.rate, 1)
        self.assertIn("supports no rate yet", str(estimate.triangle))

    def test_without_a_close_nothing_is_proposed(self):
        with self.assertRaisesRegex(UserError, "100 % is the careful estimate"):
            self.draft().action_suggest_rate()

    def test_evidence_is_not_typed_in_and_does_not_change_later(self):
        self.live_and_close()
        estimate = self.draft()
        with self.assertRaises(AccessError):
            estimate.write({"evidence": {"rate": "0.1"}})
        estimate.action_suggest_rate()
        estimate.action_propose()
        with self.assertRaisesRegex(UserError, "no longer changes"):
            estimate.action_suggest_rate()


@tagged("post_install", "-at_install")
class TestTheFilesOfTheBooks(ReportCase, HttpCase):
    def test_the_spreadsheet_goes_to_its_maker_only(self):
        report = self.report("ageing")
        url = f"/customer_club/books/{report.id}/xlsx"
        self.authenticate("books_auditor", "books_auditor")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("spreadsheetml", answer.headers["Content-Type"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        for login in ("books_ada",):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(url).status_code, 404)
