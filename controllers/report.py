"""Files of reports: spreadsheets of a page."""

from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ClubReports(http.Controller):
    @http.route("/customer_club/reports/<int:page_id>/xlsx", type="http", auth="user", readonly=True)
    def report_xlsx(self, page_id, block=""):
        """A page that the reader has opened, or one of its blocks, as a spreadsheet; 404 for anybody else's."""
        page = request.env["club.report.page"]
        companies = request.env.user.company_ids.ids
        if page.has_access("read"):
            page = page.with_context(allowed_company_ids=companies)
            page = page.search([("id", "=", page_id), ("create_uid", "=", request.env.uid)])
        if not page:
            raise request.not_found()
        return request.make_response(
            page._make_xlsx(int(block) if block.isdecimal() else 0),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(page._get_file_name("xlsx"))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
