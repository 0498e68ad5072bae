"""Reports as files: the spreadsheet has the numbers of the screen, as numbers."""

import re
from datetime import date

from odoo import models
from odoo.addons.customer_club.engine import reporting, sheets

SHAPES = {"integer": "#,##0", "share": "0.0%", "decimal": "#,##0.00"}


class ClubReportPage(models.TransientModel):
    _inherit = "club.report.page"

    def _make_xlsx(self, line_id=0):
        """The page as a spreadsheet: a sheet per block; texts never formulas (abuse 21).

        :param int line_id: only this block, if there is one of this id.
        :rtype: bytes
        """
        self._check_reader()
        lines = self.report_id.line_ids.filtered(lambda line: line.id == line_id) if line_id else None
        book = sheets.Book(rtl=self.env["res.lang"]._is_club_rtl())
        tables = self._make_tables(lines)
        for number, (line, table) in enumerate(tables, 1):
            title = line.title or table.title
            self._write_sheet(book.add_sheet(self._get_sheet_name(number, title)), title, table)
        if not tables:
            book.add_sheet("1").write(0, 0, self.env._("This report has no block that you may read."))
        return book.to_bytes()

    def _get_sheet_name(self, number, title):
        """A name that spreadsheets accept: short, without their signs, of its own."""
        plain = re.sub(r"[^\w -]", " ", title)
        return f"{number} {plain}"[: sheets.MOST_NAME].strip()

    def _write_sheet(self, sheet, title, table):
        clubs = (self.club_ids._origin or self.club_ids).sudo()
        club, comparison, period = clubs[:1], self._get_comparison(), self._get_period()
        so_far = self._say_so_far(club, period)
        heads = [
            f"{self.report_id.name}: {title}",
            ", ".join(clubs.mapped("name")),
            self._say_period(club, period) + (f" ({so_far})" if so_far else ""),
        ]
        if comparison:
            heads.append(self.env._("Compared with %(period)s", period=self._say_comparison(club, period, comparison)))
        top = sheet.write_lines(0, heads, bold=[0]) + 1
        rows = list(table.rows)
        if table.totals:
            first = table.columns[0].key
            rows.append({first: table.totals.get(first) or self.env._("Total"), **_filled(table.totals)})
        after = sheet.write_table(
            top,
            [column.label for column in table.columns],
            [self._get_cells(row, table, clubs) for row in rows] if table.rows else [[table.empty]],
            bold=[len(table.rows)] if table.rows and table.totals else [],
        )
        sheet.write(max(after, top + 2) + 1, 0, table.note)
        sheet.set_widths(28, 16, others=len(table.columns) - 1)
        sheet.freeze(top + 1, 1)

    def _get_cells(self, row, table, clubs):
        """A row as a spreadsheet has it: values, with how numbers are shown."""
        money = self._get_row_currency(row, table, clubs)
        return [self._get_cell(row.get(column.key), column, money, clubs) for column in table.columns]

    def _get_cell(self, value, column, currency, clubs):
        if value is None or value is False:
            return None
        if column.type in reporting.NUMBERS:
            return value, self._get_shape(column.type, currency, clubs)
        if column.type == "date" and isinstance(value, date) and clubs[:1].calendar == "gregorian":
            return value
        return str(self._show(value, column.type, clubs))

    def _get_shape(self, kind, currency, clubs):
        """How a spreadsheet shows a number: points with the club's decimals, money with its currency's and its name."""
        if kind == "points":
            digits = max(clubs.mapped("points_digits"), default=0)
            return "#,##0" + ("." + "0" * digits if digits else "")
        if kind == "money":
            digits = currency.decimal_places if currency else 2
            name = re.sub(r"[^A-Za-z]", "", currency.name or "") if currency else ""
            return "#,##0" + ("." + "0" * digits if digits else "") + (f' "{name}"' if name else "")
        return SHAPES[kind]

    def _get_file_name(self, extension):
        name = re.sub(r"[^\w-]+", "-", self.report_id.name).strip("-") or "report"
        return f"{name}-{self.date_from}-{self.date_to}.{extension}"


def _filled(row):
    return {key: value for key, value in row.items() if value is not None and value != ""}
