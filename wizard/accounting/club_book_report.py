"""Reports of a club's books: one form, whose table, spreadsheet and print are made from the same figures."""

import base64

from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, sheets
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

READERS = (
    "customer_club.group_club_accountant",
    "customer_club.group_club_auditor",
    "customer_club.group_club_manager",
)
#: Kinds of a column: text, points, money (company currency), share (0 to 1), count.
NUMBERS = frozenset({"points", "money", "share", "count"})
XLSX_FORMATS = {"points": "#,##0.00", "share": "0.0%", "count": "#,##0"}


class ClubBookReport(models.TransientModel):
    """What a reader has chosen to see. A kind is a method ``_make_<kind>`` that returns sections.

    A section is a dict of ``title``, ``columns`` (pairs of heading and kind), ``rows`` and ``total`` (lists of cells:
    text, ``Decimal`` or ``None``), ``chart`` (SVG text or empty), ``empty`` (said in place of rows) and ``method``
    (sentences: how it is computed). Screen, spreadsheet and print show these and compute nothing.
    """

    _name = "club.book.report"
    _description = "Report of a Club's Books"
    _inherit = "club.bounded"

    club_id = fields.Many2one("club.club", required=True, default=lambda self: self._default_club_id())
    company_id = fields.Many2one(related="club_id.company_id")
    kind = fields.Selection(
        [
            ("roll_forward", "Roll-forward"),
            ("ageing", "Ageing"),
            ("forecast", "Forecast"),
            ("disclosure", "Disclosure Note"),
        ],
        string="Report",
        required=True,
        default="roll_forward",
    )
    date_from = fields.Date(string="From", required=True, default=lambda self: self._default_date_from())
    date_to = fields.Date(string="Until", required=True, default=lambda self: self._default_date_to())
    body = fields.Html(compute="_compute_body", sanitize=False)

    _period_valid = models.Constraint("CHECK(date_from <= date_to)", "A period ends on or after the day it begins.")

    # -- defaults ------------------------------------------------------------

    @api.model
    def _default_club_id(self):
        last = self.env["club.close"].search([("state", "=", "posted")], limit=1)
        return last.club_id or self.env["club.club"].search([], limit=1)

    @api.model
    def _default_date_to(self):
        club = self._default_club_id()
        last = self.env["club.close"].search([("club_id", "=", club.id), ("state", "=", "posted")], limit=1)
        return last.date_to or fields.Date.context_today(self)

    @api.model
    def _default_date_from(self):
        """The beginning of the company's fiscal year."""
        day = self._default_date_to()
        company = self._default_club_id().sudo().company_id or self.env.company
        return company.compute_fiscalyear_dates(day)["date_from"]

    # -- computes ------------------------------------------------------------

    @api.depends("club_id", "kind", "date_from", "date_to")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_body(self):
        for report in self:
            if not (report.club_id and report.kind and report.date_from and report.date_to):
                report.body = False
            elif report.date_from > report.date_to:
                report.body = self.env["ir.qweb"]._render("customer_club.club_book_report_wrong_period", {})
            else:
                report.body = self.env["ir.qweb"]._render("customer_club.club_book_report_body", report._get_values())

    @api.depends("kind", "club_id")
    def _compute_display_name(self):
        for report in self:
            report.display_name = report._get_title()

    # -- actions -------------------------------------------------------------

    def action_print(self):
        """The report as PDF."""
        self._check_reader()
        return self.env.ref("customer_club.action_report_club_book").report_action(self)

    def action_export(self):
        """The report as spreadsheet."""
        self._check_reader()
        return {"type": "ir.actions.act_url", "url": f"/customer_club/books/{self.id}/xlsx", "target": "self"}

    # -- figures -------------------------------------------------------------

    def _check_reader(self):
        """The figures are read past the reader's own rights: so first, may they read the books of this club?

        :raises AccessError: with who may.
        """
        self.ensure_one()
        if not (self.env.su or any(map(self.env.user.has_group, READERS))):
            raise AccessError(
                self.env._("The books of a club are read by its accountants, managers and auditors. Ask one of them.")
            )
        club = self.club_id._origin or self.club_id
        if not self.env["club.club"].with_context(active_test=False).search_count([("id", "=", club.id)]):
            raise AccessError(
                self.env._("The club is of a company that you do not work in now. Choose the company first.")
            )
        if self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins. Choose other days."))

    def _make_sections(self):
        """The sections of the chosen report."""
        self._check_reader()
        return getattr(self.sudo(), f"_make_{self.kind}")()

    def _get_title(self):
        return dict(self._fields["kind"]._description_selection(self.env)).get(self.kind) or ""

    def _get_values(self):
        """What the templates of the report expect."""
        self.ensure_one()
        club = self.club_id.sudo()
        return {
            "report": self,
            "sections": self._make_sections(),
            "title": self._get_title(),
            "club": club,
            "period": f"{club._show_day(self.date_from)} – {club._show_day(self.date_to)}",
            "made_at": club._say_moment(fields.Datetime.now()),
            "made_by": self.env.user.name,
            **self.env["res.lang"]._get_club_sides(),
        }

    # -- showing -------------------------------------------------------------

    def _show(self, value, kind):
        """A cell as people read it; nothing for ``None``."""
        if value is None:
            return ""
        if kind == "money":
            return formatLang(self.env, float(value), currency_obj=self.club_id.sudo().currency_id)
        if kind == "points":
            digits = self.club_id.sudo().points_digits
            return formatLang(self.env, round(float(value), digits) or 0.0, digits=digits)
        if kind == "share":
            return formatLang(self.env, float(value) * 100, digits=1) + " %"
        if kind == "count":
            return formatLang(self.env, int(value), digits=0)
        return value

    def _show_picture(self, svg):
        """A chart as the address of a picture: nothing in it can act on the page that shows it."""
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

    def _show_month(self, day):
        """A month in the club's calendar, as 2026-01."""
        return periods.format_period("month", day, self.club_id.sudo().calendar)

    # -- spreadsheet ---------------------------------------------------------

    def _make_xlsx(self, values=None):
        """The report as a spreadsheet: a sheet per section; numbers are numbers, texts never formulas (abuse 21).

        :param dict values: what :meth:`_get_values` returns, of another document that looks like this one.
        :rtype: bytes
        """
        values = values or self.with_context(club_book_complete=True)._get_values()
        book = sheets.Book(rtl=values["direction"] == "rtl")
        for number, section in enumerate(values["sections"], 1):
            self._write_sheet(book.add_sheet(f"{number}"), section, values)
        self._write_more_sheets(book, values)
        return book.to_bytes()

    def _write_more_sheets(self, book, values):
        """What the spreadsheet has besides the sections. An addon adds its own.

        :param engine.sheets.Book book: the file.
        """

    def _write_sheet(self, sheet, section, values):
        club = values["club"]
        heads = (
            f"{values['title']}: {section['title']}",
            f"{club.name} · {club.company_id.name} · {club.currency_id.name}",
            values["period"],
            self.env._("Made on %(moment)s by %(user)s", moment=values["made_at"], user=values["made_by"]),
        )
        top = sheet.write_lines(0, heads, bold=[0]) + 1
        kinds = [kind for _heading, kind in section["columns"]]
        rows = [*section["rows"], *([section["total"]] if section["total"] else [])]
        cells = [[(cell, self._get_shape(kind)) for cell, kind in zip(row, kinds, strict=True)] for row in rows]
        bold = [len(rows) - 1] if section["total"] else []
        sheet.write_table(top, [heading for heading, _kind in section["columns"]], cells, bold=bold)
        if not section["rows"]:
            sheet.write(top + 1, 0, section["empty"])
        sheet.write_lines(top + len(rows) + 3, section["method"])
        sheet.set_widths(28, 15, others=len(kinds) - 1)
        sheet.freeze(top + 1, 1)

    def _get_shape(self, kind):
        """How a spreadsheet shows a number."""
        if kind == "money":
            digits = self.club_id.sudo().currency_id.decimal_places
            return "#,##0" + ("." + "0" * digits if digits else "")
        return XLSX_FORMATS.get(kind, "")

    def _get_file_name(self, extension):
        return f"{self.kind.replace('_', '-')}-{self.date_from}-{self.date_to}.{extension}"
