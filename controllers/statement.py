"""The member's statement: choose a period, look at it, take it along as PDF or spreadsheet."""

from urllib.parse import urlencode

from odoo import http
from odoo.addons.customer_club.engine import errors, periods, reporting
from odoo.addons.customer_club.engine import statement as engine_statement
from odoo.addons.customer_club.models.portal.club_member_statement import MOST_ROWS, PERIODS
from odoo.http import content_disposition, request
from werkzeug.exceptions import NotFound

from .common import find_member, private, render_private
from .portal import ClubPortal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = ("pdf", "xlsx", "csv")


class ClubStatement(ClubPortal):
    @http.route(
        "/my/club/<int:member_id>/statement", type="http", auth="user", website=True, methods=["GET"], readonly=True
    )
    def portal_my_club_statement(self, member_id, period="", date_from="", date_to="", **_ignored):
        member = find_member(member_id)
        club = member.club_id
        error = ""
        try:
            kind, days = self._parse_statement_period(club, period, date_from, date_to)
            statement = member._get_statement(days, rows=0)
        except errors.EngineError as problem:
            error = self._say_period_error(problem)
            kind, days = self._parse_statement_period(club, PERIODS[0], "", "")
            statement = member._get_statement(days, rows=0)
        return render_private(
            "customer_club.portal_club_statement",
            {
                "page_name": "club_statement",
                "page_title": request.env._("Statement"),
                "page_parent": (f"/my/club/{member.id}/history", request.env._("History")),
                "member": member,
                "club": club,
                "statement": statement,
                "kind": kind,
                "kinds": self._get_statement_kinds(),
                "typed": {
                    "date_from": periods.format_day(days.first, club.calendar),
                    "date_to": periods.format_day(days.last, club.calendar),
                },
                "error": error,
                "query": f"period={kind}"
                + (f"&date_from={days.first.isoformat()}&date_to={days.last.isoformat()}" if kind == "free" else ""),
            },
        )

    @http.route(
        "/my/club/<int:member_id>/statement/<string:ending>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_my_club_statement_file(self, member_id, ending, period="", date_from="", date_to="", **_ignored):
        """The statement as a file; a period that cannot be told leads back to the page, which says why."""
        member = find_member(member_id)
        if ending not in ENDINGS:
            raise NotFound
        try:
            _kind, days = self._parse_statement_period(member.club_id, period, date_from, date_to)
            body, content_type, ending = getattr(self, f"_make_{ending}")(member, days)
        except errors.EngineError:
            asked = urlencode({"period": "free", "date_from": date_from[:20], "date_to": date_to[:20]})
            return private(request.redirect(f"/my/club/{member.id}/statement?{asked}"))
        name = f"statement-{member.number or member.id}-{days.first}-{days.last}.{ending}"
        return private(
            request.make_response(
                body,
                headers=[
                    ("Content-Type", content_type),
                    ("Content-Disposition", content_disposition(name)),
                    ("X-Content-Type-Options", "nosniff"),
                ],
            )
        )

    def _make_pdf(self, member, days):
        engine_statement.check(days, member.club_id.calendar)
        report = request.env["ir.actions.report"].sudo().with_context(lang=request.env.lang)
        data = {"statement_period": [days.first.isoformat(), days.last.isoformat()]}
        content, kind = report._render_qweb_pdf("customer_club.action_report_member_statement", member.ids, data=data)
        return content, "application/pdf" if kind == "pdf" else "text/html; charset=utf-8", kind

    def _make_xlsx(self, member, days):
        return member._write_statement_xlsx(member._get_statement(days, rows=MOST_ROWS)), XLSX, "xlsx"

    def _make_csv(self, member, days):
        rows = member._write_statement_rows(member._get_statement(days, rows=MOST_ROWS))
        return self._write_csv(rows), "text/csv; charset=utf-8", "csv"

    def _get_statement_kinds(self):
        _ = request.env._
        labels = {
            "this_year": _("This year"),
            "last_year": _("Last year"),
            "this_month": _("This month"),
            "last_month": _("Last month"),
        }
        return [*((kind, labels[kind]) for kind in PERIODS), ("free", _("From … to …"))]

    def _parse_statement_period(self, club, kind, date_from, date_to):
        """The period asked for, in the club's calendar; this year if none is.

        :return: (its kind, ``engine.reporting.Period``)
        :raise EngineError: the days cannot be read, or not told
        """
        if kind == "free":
            period = reporting.Period(*(periods.parse_date((day or "")[:20]) for day in (date_from, date_to)))
            return kind, engine_statement.check(period, club.calendar)
        kind = kind if kind in PERIODS else PERIODS[0]
        return kind, reporting.period_of(kind, club._get_today(), club.calendar)

    def _say_period_error(self, problem):
        _ = request.env._
        if isinstance(problem, engine_statement.StatementError) and str(problem) == "length":
            return _("A statement tells at most %(count)s years. Choose a shorter period.", count=10)
        if isinstance(problem, engine_statement.StatementError):
            return _("The period ends before it begins. Choose other days.")
        return _("These are no days. Choose the first and the last day of your statement.")
