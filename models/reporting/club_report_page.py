"""A report as somebody reads it: a period, what it is compared with, and every block with its chart and table."""

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.customer_club.engine import periods, reporting
from odoo.exceptions import AccessError, UserError


class ClubReportPage(models.TransientModel):
    """What a reader has chosen to see of a report. It is its reader's own; screen, print and spreadsheet read it."""

    _name = "club.report.page"
    _inherit = ["club.report.show", "club.bounded"]
    _description = "Page of a Report"

    report_id = fields.Many2one("club.report", required=True, readonly=True, ondelete="cascade")
    club_ids = fields.Many2many("club.club", string="Clubs")
    period_kind = fields.Selection(
        selection=lambda self: self.env["club.report"]._select_period_kind(), string="Period", required=True
    )
    date_from = fields.Date(string="From", compute="_compute_dates", store=True, readonly=False)
    date_to = fields.Date(string="Until", compute="_compute_dates", store=True, readonly=False)
    comparison = fields.Selection(
        selection=lambda self: self.env["club.report"]._select_comparison(), string="Compared With", required=True
    )
    body = fields.Html(compute="_compute_body", sanitize=False)

    # -- computes ------------------------------------------------------------------

    @api.depends("period_kind", "club_ids")
    def _compute_dates(self):
        for page in self:
            period = self.env["club.report"]._get_period(
                page.period_kind, page.club_ids._origin, page.date_from, page.date_to
            )
            if period:
                page.date_from, page.date_to = period
            else:
                page.date_from, page.date_to = page.date_from, page.date_to

    @api.depends("report_id", "club_ids", "date_from", "date_to", "comparison")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_body(self):
        for page in self:
            if not (page.date_from and page.date_to):
                page.body = Markup("<p>%s</p>") % self.env._("Choose the days to report on.")
            elif page.date_from > page.date_to:
                page.body = Markup("<p>%s</p>") % self.env._("The period ends before it begins. Choose other days.")
            elif reporting.Period(page.date_from, page.date_to).is_too_long:
                page.body = Markup("<p>%s</p>") % page.report_id._get_too_long(page.report_id.name)
            elif not page.club_ids:
                page.body = Markup("<p>%s</p>") % self.env._("Choose a club to report on.")
            else:
                page.body = self.env["ir.qweb"]._render("customer_club.club_report_page_body", page._get_values())

    @api.depends("report_id")
    def _compute_display_name(self):
        for page in self:
            page.display_name = page.report_id.name

    # -- actions -------------------------------------------------------------------

    def action_print(self):
        """The page as PDF."""
        self._check_reader()
        # it has a layout of its own: the company's need not be chosen first
        return self.env.ref("customer_club.action_report_club_report").report_action(self, config=False)

    def action_export(self, line_id=0):
        """The page, or one of its blocks, as a spreadsheet."""
        self._check_reader()
        block = f"?block={int(line_id)}" if line_id else ""
        return {
            "type": "ir.actions.act_url",
            "url": f"/customer_club/reports/{self.id}/xlsx{block}",
            "target": "self",
        }

    def action_drill(self, key=""):
        """Open the records behind a row or cell, as the reader's own rights show them.

        :param str key: what the page wrote beside it: ``line:row`` or ``line:row:column``; a row is a number or total.
        """
        self._check_reader()
        line_id, _sep, rest = str(key).partition(":")
        row, _sep, column = rest.partition(":")
        line = self.report_id.line_ids.filtered(lambda line: str(line.id) == line_id)
        place = int(row) if row.isdecimal() else row
        part = int(column) if row == "figure" and column.isdecimal() else column
        table = self._make_table(line) if line else None
        goal = table and table.drill.get((place, part) if column else place)
        if not goal:
            raise UserError(self.env._("These records are there no more. Load the report again."))
        model, domain = goal
        if not self.env[model].has_access("read"):
            raise UserError(
                self.env._(
                    "The records behind this number are %(records)s, which you may not read. Ask a manager.",
                    records=self.env["ir.model"]._get(model).name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": line.title or table.title,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"active_test": False},
        }

    def action_compose(self):
        """Open the report's composition, to change its blocks."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "club.report",
            "res_id": self.report_id.id,
            "views": [(False, "form")],
        }

    # -- what is shown -----------------------------------------------------------------

    def _check_reader(self):
        """A page is read by who opened it, for clubs and of a report that they may read now.

        :raises AccessError: with what is not theirs.
        """
        self.ensure_one()
        if not self.env.su and self.sudo().create_uid not in (self.env.user, self.env["res.users"]):
            raise AccessError(self.env._("This page is somebody else's. Open the report yourself."))
        self.report_id.check_access("read")
        self.club_ids.check_access("read")

    def _get_period(self):
        if not (self.date_from and self.date_to) or self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins. Choose other days."))
        period = reporting.Period(self.date_from, self.date_to)
        if period.is_too_long:
            raise UserError(self.report_id._get_too_long(self.report_id.name))
        return period

    def _get_today(self):
        """Today in the time zone of the first club."""
        club = (self.club_ids._origin or self.club_ids)[:1].sudo()
        return periods.local_date(fields.Datetime.now(), club.tz) if club else fields.Date.context_today(self)

    def _get_comparison(self):
        """What the page's period is compared with: of a period that still runs, as many days as have begun."""
        club = self.club_ids._origin[:1]
        return reporting.compare(
            self._get_period(), self.comparison or "none", club.calendar or "gregorian", self._get_today()
        )

    def _make_table(self, line):
        """The table of one line, or ``None`` if its block is gone or not for this reader."""
        block = self.env["club.report.block"]._get_block(line.kind)
        if block is None or not block._may_read():
            return None
        clubs = self.club_ids._origin or self.club_ids
        return block._make_table(clubs, self._get_period(), self._get_comparison(), line._get_options())

    def _make_tables(self, lines=None):
        """(line, table) of every block that the reader may read, in order."""
        found = ((line, self._make_table(line)) for line in (lines if lines is not None else self.report_id.line_ids))
        return [(line, table) for line, table in found if table is not None]

    def _get_values(self):
        """What the templates of screen and paper expect."""
        self._check_reader()
        clubs = self.club_ids._origin or self.club_ids
        club = clubs[:1].sudo()
        comparison, period = self._get_comparison(), self._get_period()
        return {
            "page": self,
            "title": self.report_id.name,
            "sections": self._break_pages(
                [self._prepare_section(line, table, clubs.sudo()) for line, table in self._make_tables()]
            ),
            "hidden": self._get_hidden(),
            "clubs": ", ".join(clubs.mapped("name")),
            "companies": ", ".join(clubs.sudo().company_id.mapped("name")),
            "period": self._say_period(club, period),
            "so_far": self._say_so_far(club, period),
            "compared": self._say_comparison(club, period, comparison) if comparison else "",
            "made_at": club._say_moment(fields.Datetime.now()),
            "made_by": self.env.user.name,
            **self.env["res.lang"]._get_club_sides(),
        }

    def _get_hidden(self):
        """Names of blocks that are not for this reader: said, so that nobody takes a part for the whole."""
        blocks = (self.env["club.report.block"]._get_block(line.kind) for line in self.report_id.line_ids)
        return [block._get_label() for block in blocks if block is not None and not block._may_read()]

    @api.model
    def _say_period(self, club, period):
        return f"{club._show_day(period.first)} – {club._show_day(period.last)}"

    def _say_so_far(self, club, period):
        """Until when a period that still runs is told; empty for one that is over."""
        begun = period.so_far(self._get_today())
        return self.env._("so far, until %(day)s", day=club._show_day(begun.last)) if begun else ""

    def _say_comparison(self, club, period, comparison):
        """The days compared with; of a period that still runs, that they are as many."""
        days = self._say_period(club, comparison)
        if not period.so_far(self._get_today()):
            return days
        return self.env._("%(days)s (as many days)", days=days)

    def _prepare_section(self, line, table, clubs):
        """One block as its template shows it: texts only; a cell that opens records has the key to them."""
        rows = [
            self._prepare_row(line, table, clubs, row, index) for index, row in enumerate(table.rows[: line.row_limit])
        ]
        totals = self._prepare_row(line, table, clubs, table.totals, "total") if table.totals else []
        left = len(table.rows) - len(rows)
        svg = self._draw(table, clubs, f"{line.id}") if line.show_chart and self._has_picture(table) else ""
        return {
            "line": line,
            "title": line.title or table.title,
            "svg": Markup(svg) if svg else "",  # nosec - every text in it is escaped where it is drawn
            "show_table": line.show_table,
            "rows": rows,
            "totals": totals,
            **self._arrange_columns(table, [*rows, *([totals] if totals else [])]),
            "more": self.env._(
                "The first %(shown)s of %(all)s rows; the spreadsheet has all of them.",
                shown=self._show(len(rows), "integer", clubs),
                all=self._show(len(table.rows), "integer", clubs),
            )
            if left
            else "",
            "figures": [
                self._prepare_figure(line, table, clubs, place, *figure) for place, figure in enumerate(table.figures)
            ],
            "note": table.note,
            "export": self.env._("Spreadsheet of %(block)s", block=line.title or table.title),
            "empty": table.empty or self.env._("Nothing to show in this period."),
        }

    @api.model
    def _has_picture(self, table):
        """Whether the chart of a table shows anything: rows of zeros are better read."""
        return bool(table.rows and table.chart and any(value for row in table.chart.series for value in row.values))

    def _prepare_row(self, line, table, clubs, row, index):
        currency = self._get_row_currency(row, table, clubs)
        cells = []
        for place, column in enumerate(table.columns):
            key = ""
            if (index, column.key) in table.drill:
                key = f"{line.id}:{index}:{column.key}"
            elif not place and index in table.drill:
                key = f"{line.id}:{index}"
            words = self._show(row.get(column.key), column.type, clubs, currency)
            if index == "total" and not column.is_number:
                words = words or (self.env._("Total") if not place else "")
            elif index == "total" and row.get(column.key) is None:
                words = ""
            cells.append({"words": words, "number": column.is_number, "drill": key})
        return cells

    def _prepare_figure(self, line, table, clubs, place, label, value, kind, before=None):
        currency = self._get_chart_currency(table, clubs)
        return {
            "drill": f"{line.id}:figure:{place}" if ("figure", place) in table.drill else "",
            "label": label,
            "value": self._show(value, kind, clubs, currency),
            "before": self._show(before, kind, clubs, currency) if before is not None else "",
            "change": self._show_change(value, before) if before is not None and kind != "share" else "",
            "trend": "" if before is None or value is None or value == before else "up" if value > before else "down",
        }
