"""How the member's statement is shown, printed and taken along; its figures are made beside."""

import base64
from decimal import Decimal

from odoo import models
from odoo.addons.customer_club.engine import charts, periods, reporting, sheets
from odoo.addons.customer_club.engine import statement as engine_statement
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import formatLang

#: Statements that one print has at most: each is summed up and drawn while its reader waits.
MOST_PRINTED = 50
#: Rows of a table on a page of paper in the narrowest of the programs that print, how many of them a chart takes, and
#: how many stand below what is above them; letters on a line of what happened, and the height of any further line.
PAGE_ROWS, CHART_ROWS, FEW_ROWS = 40, 14, 12
LINE_LETTERS, NEXT_LINE = 70, 0.75
#: The width of a chart on a wide page and on a phone, so that its words are as large as those around it.
WIDE, NARROW = 560, 340


class ClubMember(models.Model):
    _inherit = "club.member"

    # -- showing -------------------------------------------------------------

    def _show_statement_cell(self, value, column, row=None):
        """A cell as people read it."""
        club = self.sudo().club_id
        if column.type == "date":
            return club._show_day(value)
        if column.type == "points":
            sign = "−" if value < 0 else "+" if value and (row or {}).get("_signed") else ""
            return sign + formatLang(self.env, float(abs(value)), digits=club.points_digits)
        return value or ""

    def _show_statement_chart(self, table, width=900):
        """A table's chart as the address of a picture, or nothing.

        :param int width: of the picture; a narrow page wants a narrow one, so that its words stay large enough.
        """
        chart = table.chart
        if not chart:
            return ""
        digits = self.sudo().club_id.points_digits
        draw = {"hbars": charts.hbars, "lines": charts.lines}[chart.kind]
        svg = draw(
            chart.title,
            [str(label) for label in chart.x],
            chart.series,
            empty=table.empty,
            rtl=self.env["res.lang"]._is_club_rtl(),
            width=width,
            show=lambda value: formatLang(self.env, float(value), digits=digits),
        )
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

    def _show_statement_charts(self, table):
        """A table's chart for a wide page and for a phone, or nothing."""
        return [self._show_statement_chart(table, width) for width in (WIDE, NARROW)] if table.chart else []

    def _break_statement_table(self, section):
        """The rows of a table by page of paper: programs that print tear rows apart, and forget the heads."""
        room = PAGE_ROWS - (CHART_ROWS if section.chart else 0)
        return self._break_statement(section.rows, [1] * len(section.rows), room)

    def _break_statement_movements(self, movements):
        """The movements by page of paper; few of them stay together below what is above."""
        heights = []
        for row in movements:
            lines = sum(-(-len(words or "") // LINE_LETTERS) for words in (row["text"], row["note"]))
            heights.append(1 + NEXT_LINE * (max(lines, 1) - 1))
        return self._break_statement(movements, heights, PAGE_ROWS)

    def _break_statement(self, rows, heights, first):
        """Whether the rows begin on a new page, and the rows of each page."""
        found = engine_statement.pages(heights, first, PAGE_ROWS)
        return sum(heights) > FEW_ROWS, [rows[begin:end] for begin, end in found]

    def _prepare_statement_prints(self, period=None):
        """The members of a print, each in the language of the page that asked for a period, else in the member's own.

        Odoo's own address of reports hands over whatever ids its caller names, as often as named, so the caller's
        right is asked first, before anything is read past it; absent and another's are refused alike (abuse 14).

        :return: list of records
        :raises AccessError: the reader may not read one of these members.
        :raises UserError: these are more members than one print has.
        """
        members = self.browse(dict.fromkeys(self.ids))
        if len(members) > MOST_PRINTED:
            raise UserError(
                self.env._(
                    "These are statements of %(count)s members: one print has at most %(most)s. Choose fewer.",
                    count=len(members),
                    most=MOST_PRINTED,
                )
            )
        readable = self.with_context(active_test=False).search_count([("id", "in", members.ids)])
        if readable != len(members):
            raise AccessError(self.env._("You may not read the statement of this member. Ask a manager of the club."))
        if period:
            return list(members)
        return [member.with_context(lang=member.sudo().partner_id.lang or self.env.lang) for member in members]

    def _get_statement_report(self, period=None):
        """What the print expects, in the reader's language.

        :param period: two days as ISO texts; this year if not given, as for staff.
        :raises AccessError: the reader may not read this member.
        :raises UserError: no statement can be made of these days, as on the member's own page.
        """
        self.ensure_one()
        self.check_access("read")
        club = self.sudo().club_id
        if not period:
            return self._get_statement(reporting.period_of("this_year", club._get_today(), club.calendar))
        try:
            first, last = (periods.parse_date(str(day)[:20]) for day in period)
            period = engine_statement.check(reporting.Period(first, last), club.calendar)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "No statement can be made of these days: name the first and the last one, at most %(count)s years "
                    "apart.",
                    count=engine_statement.MOST_YEARS,
                )
            ) from error
        return self._get_statement(period)

    # -- files ---------------------------------------------------------------

    def _write_statement_rows(self, values):
        """The statement as rows of cells, for a CSV: texts, and ``Decimal`` for points."""
        _ = self.env._
        rows = [[_("Statement"), values["club"].name, self.number or "", values["days"]], []]
        for table in values["tables"]:
            rows += [[table.title], [column.label for column in table.columns]]
            listed = [*table.rows, table.totals] if table.totals else list(table.rows)
            rows += [[self._get_file_cell(row, column) for column in table.columns] for row in listed] or [
                [table.empty]
            ]
            rows.append([])
        rows += [[_("Movements")], self._get_movement_heads()]
        rows += [self._get_movement_cells(row) for row in values["movements"]]
        return rows + self._get_movement_foot(values)

    def _get_file_cell(self, row, column):
        value = row[column.key]
        return self.sudo().club_id._show_day(value) if column.type == "date" else value

    def _get_movement_heads(self):
        _ = self.env._
        return [_("Date"), _("What happened"), _("Points"), _("Spendable"), _("Balance"), _("Note")]

    def _get_movement_cells(self, row):
        return [row["day"], row["text"], row["points"], row["spendable"], row["balance"], row["note"]]

    def _get_movement_foot(self, values):
        if values["has_more"]:
            return [[self.env._("There is more: choose a shorter period for the older movements.")]]
        return [] if values["movements"] else [[self.env._("Nothing happened in this period.")]]

    def _write_statement_xlsx(self, values):
        """The statement as a spreadsheet: numbers are numbers, texts never formulas (abuse 21).

        :rtype: bytes
        """
        digits = self.sudo().club_id.points_digits
        shape = "#,##0" + ("." + "0" * digits if digits else "")

        def shown(cell):
            return (cell, shape) if isinstance(cell, Decimal) else cell

        book = sheets.Book(rtl=values["direction"] == "rtl")
        for number, table in enumerate(values["tables"], 1):
            sheet = book.add_sheet(f"{number}")
            top = sheet.write_lines(0, [table.title, values["club"].name, values["days"]], bold=[0]) + 1
            sheet.write(1, 1, self.number)
            listed = [*table.rows, *([table.totals] if table.totals else [])]
            rows = [[shown(self._get_file_cell(row, column)) for column in table.columns] for row in listed]
            bold = [len(table.rows)] if table.totals else []
            after = sheet.write_table(
                top, [column.label for column in table.columns], rows or [[table.empty]], bold=bold
            )
            sheet.write(after + 1, 0, table.note)
            sheet.set_widths(30, 18)
        sheet = book.add_sheet("5")
        rows = [[shown(cell) for cell in self._get_movement_cells(row)] for row in values["movements"]]
        sheet.write_table(0, self._get_movement_heads(), [*rows, *self._get_movement_foot(values)])
        sheet.set_widths(14, 50)
        sheet.freeze(1)
        return book.to_bytes()
