"""What is printed reaches the program that prints in pieces that it draws where they belong."""

from unittest.mock import patch

from odoo.addons.base.models.ir_actions_report import IrActionsReport
from odoo.addons.customer_club.engine import print_text
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
        self.assertTrue(body.startswith("<!DOCTYPE html>"), "without it the page is laid out by other rules")

    def test_reports_of_other_addons_stay_as_they_are(self):
        self.assertEqual(self.print("web.preview_externalreport"), PAGE)

    def test_the_same_is_read(self):
        for words in ("سارا ۱۷۲۷ (۴۳)", "سفارش S00042، رز: +120", "علی‌اکبر 4381", "Anna", "", "12 ریال 3"):
            self.assertEqual("".join(print_text.pieces(words)), words)
