"""Files of the books: spreadsheets of the reports, and the audit file."""

import tempfile

from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ClubBooks(http.Controller):
    @http.route("/customer_club/books/<int:report_id>/xlsx", type="http", auth="user", readonly=True)
    def book_report_xlsx(self, report_id):
        """A report that the reader has made, as a spreadsheet; 404 for anybody else's."""
        report = self._find_report(report_id)
        return self._answer(report._make_xlsx(), XLSX, report._get_file_name("xlsx"))

    @http.route("/customer_club/books/<int:report_id>/entries.csv", type="http", auth="user", readonly=True)
    def book_report_entries(self, report_id):
        """The entries of a report's club and period, each with its seal."""
        report = self._find_report(report_id)
        report._check_reader()
        return self._stream(report.sudo()._write_entries(), "text/csv; charset=utf-8", report._get_audit_name("csv"))

    @http.route("/customer_club/books/<int:report_id>/audit.jsonl", type="http", auth="user", readonly=True)
    def book_report_audit(self, report_id):
        """All that the seals of a report's period cover, for a reader who may see all of it."""
        report = self._find_report(report_id)
        report._check_reader()
        report.sudo()._check_whole_seals()
        return self._stream(report.sudo()._write_audit(), "application/jsonl", report._get_audit_name("jsonl"))

    def _stream(self, chunks, kind, name):
        """A file of any size: written to the disk first, as the database is read within the request alone."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by what sends it
        for chunk in chunks:
            file.write(chunk)
        size = file.tell()
        file.seek(0)

        def read():
            with file:
                while block := file.read(1 << 16):
                    yield block

        response = self._answer(read(), kind, name)
        response.headers["Content-Length"] = str(size)
        return response

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
