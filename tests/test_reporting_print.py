"""What is printed reaches the program that prints in pieces that it draws where they belong."""

import base64
from io import BytesIO
from unittest import skipUnless
from unittest.mock import patch

import pypdf
from lxml import etree
from odoo.addons.base.models.ir_actions_report import IrActionsReport, _wkhtml
from odoo.addons.customer_club.engine import charts, print_text, reporting
from odoo.addons.customer_club.tests.common import ClubCase
from odoo.tests import tagged

PAGE = '<!DOCTYPE html>\n<html><head></head><body><p title="گل 1">سارا 1727 &lt;b&gt;<br>گل 3</p></body></html>'


@tagged("post_install", "-at_install")
class TestTextsOfBothDirections(ClubCase):
    def print(self, report):
        with patch.object(IrActionsReport, "_run_wkhtmltopdf", return_value=b"%PDF") as run:
            self.env["ir.actions.report"]._run_wkhtmltopdf([PAGE], report_ref=report)
        return run.call_args.args[0][0]

    def test_they_are_cut_where_the_direction_changes(self):
        body = self.print("customer_club.report_club_report")
        self.assertIn('<span class="o_club_rtl">سارا</span><span> 1727 &lt;b&gt;</span><br>', body)
        self.assertIn(".o_club_paper", body, "the look of the paper is there without asking the server for it")
        self.assertTrue(body.startswith("<!DOCTYPE html>"), "without it the page is laid out by other rules")

    @skipUnless(_wkhtml().state == "ok", "prints with wkhtmltopdf")
    def test_long_persian_texts_break_into_lines(self):
        """wkhtmltopdf breaks no line between words that run from right to left: they ran off the page."""
        text = "کسانی که بیش از صد امتیاز دارند و از تابستان دیده نشده‌اند، " * 12
        body = f'<!DOCTYPE html>\n<html dir="rtl"><head><meta charset="utf-8"></head><body><p>{text}</p></body></html>'
        pdf = self.env["ir.actions.report"]._run_wkhtmltopdf([body], report_ref="customer_club.report_club_report")
        lines = set()
        pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text(
            visitor_text=lambda words, _user, place, *_font: words.strip() and lines.add(round(place[5]))
        )
        self.assertGreater(len(lines), 3)

    def test_reports_of_other_addons_stay_as_they_are(self):
        self.assertEqual(self.print("web.preview_externalreport"), PAGE)

    def test_the_same_is_read(self):
        for words in ("سارا ۱۷۲۷ (۴۳)", "سفارش S00042، رز: +120", "علی‌اکبر 4381", "Anna", "", "12 ریال 3"):
            self.assertEqual("".join(print_text.pieces(words)), words)

    def test_texts_of_charts_are_cut_too_and_stand_where_they_stood(self):
        svg = charts.hbars("30 روز", ["گل رز (12)", "Rose"], [charts.Series("x", [3, 5])], empty="", rtl=True)
        picture = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
        body = print_text.split_texts(f"<p><img src='{picture}'></p>")
        root = etree.fromstring(base64.b64decode(body.split("base64,")[1].split("'")[0]))
        texts = {"".join(text.itertext()): text for text in root.iter("{*}text")}
        label, title, latin = texts["گل رز (12)"], texts["30 روز"], texts["Rose"]
        self.assertEqual([piece.text for piece in label], ["گل رز", " (", "12", ")"])
        self.assertEqual([piece.text for piece in title], ["30", " ", "روز"])
        self.assertIn("direction: rtl", title.get("style"))
        cut = print_text.split_chart('<svg><text style="text-anchor: middle">\u202bدارند و از…\u202c</text></svg>')
        self.assertNotIn("tspan", cut, "the sign that something was cut off stays with its words, or it is lost")
        self.assertIn("text-anchor: start", title.get("style"), "the right end, which begins a text of its direction")
        self.assertEqual((latin.text, len(latin)), ("Rose", 0))

    def test_what_is_no_chart_with_such_texts_is_not_touched(self):
        svg = charts.hbars("Days", ["Rose & <b>"], [charts.Series("x", [3])], empty="")
        self.assertEqual(print_text.split_chart(svg), svg)

    def test_nothing_that_members_write_keeps_a_page_from_being_printed(self):
        """abuse 18: what looks like a picture, and signs that no element can have."""
        for words in ("A", "Zm9v", "//4=", base64.b64encode("<svg>گل".encode()).decode()):
            body = f"<p>data:image/svg+xml;base64,{words}</p>"
            self.assertEqual(print_text.split_texts(body), body)
        for sign in ("\x0b", "\x1b", "&#1;", "\ufffe"):
            told = etree.fromstring(print_text.split_texts(f"<p>گل{sign} 12</p>"))
            self.assertEqual("".join(told.itertext()), "گل 12")


@tagged("post_install", "-at_install")
class TestWordsOfReports(ClubCase):
    def test_a_change_is_told_in_words_that_say_something(self):
        show = self.env["club.report.show"]._show_change
        found = [show(now, before) for now, before in ((150, 100), (75, 100), (100, 100), (2301, 2299), (2299, 2301))]
        self.assertEqual(found, ["+50 %", "−25 %", "unchanged", "hardly changed", "hardly changed"])
        self.assertEqual((show(1000, 50), show(3, 0)), ("20 times as much", ""))

    def test_a_long_head_is_wrapped_on_screen(self):
        table = reporting.Table(
            title="x",
            columns=[
                reporting.Column("a", "Short", "money"),
                reporting.Column("b", "A segment of a very long name", "money"),
            ],
            rows=[],
        )
        short, long = self.env["club.report.page"]._arrange_columns(table, [])["heads"]
        self.assertEqual(short["wrap"], "")
        self.assertIn("max-width", long["wrap"])
