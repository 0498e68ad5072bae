"""Files of the books: spreadsheets of the reports."""

from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ClubBooks(http.Controller):
    @http.route("/customer_club/books/<int:report_id>/xlsx", type="http", auth="user", readonly=True)
    def book_report_xlsx(self, report_id):
        """A report that the reader has made, as a spreadsheet; 404 for anybody else's."""
        report = self._find_report(report_id)
        return self._answer(report._make_xlsx(), XLSX, report._get_file_name("xlsx"))

    def _find_report(self, report_id):
        report = request.env["club.book.report"]
        if report.has_access("read"):
            report = report.search([("id", "=", report_id), ("create_uid", "=", request.env.uid)])
        if not report:
            raise request.not_found()
        companies = report.sudo().company_id.ids
        return report.with_context(allowed_company_ids=[c for c in request.env.user.company_ids.ids if c in companies])

    def _answer(self, body, kind, name):
        return request.make_response(
            body,
            headers=[
                ("Content-Type", kind),
                ("Content-Disposition", content_disposition(name)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
