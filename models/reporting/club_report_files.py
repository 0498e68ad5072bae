"""Reports as files: the spreadsheet has the numbers of the screen, as numbers."""

import io
import re
from datetime import date

import xlsxwriter
from odoo import models
from odoo.addons.customer_club.engine import reporting
from odoo.addons.customer_club.engine.text import safe_cell

SHAPES = {"integer": "#,##0", "share": "0.0%", "decimal": "#,##0.00", "text": "@", "date": "yyyy-mm-dd"}


class ClubReportPage(models.TransientModel):
    _inherit = "club.report.page"

    def _make_xlsx(self, line_id=0):
        """The page as a spreadsheet: a sheet per block; texts never formulas (abuse 21).

        :param int line_id: only this block, if there is one of this id.
        :rtype: bytes
        """
        self._check_reader()
        lines = self.report_id.line_ids.filtered(lambda line: line.id == line_id) if line_id else None
        buffer = io.BytesIO()
        book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        formats = {}

        def shape(kind, bold):
            if (kind, bold) not in formats:
                formats[kind, bold] = book.add_format({"num_format": kind, "bold": bold})
            return formats[kind, bold]

        tables = self._make_tables(lines)
        for number, (line, table) in enumerate(tables, 1):
            title = line.title or table.title
            sheet = book.add_worksheet(self._get_sheet_name(number, title))
            if self._is_rtl():
                sheet.right_to_left()
            self._write_sheet(sheet, title, table, shape)
        if not tables:
            book.add_worksheet().write_string(0, 0, self.env._("This report has no block that you may read."))
        book.close()
        return buffer.getvalue()

    def _get_sheet_name(self, number, title):
        """A name that spreadsheets accept: short, without their signs, of its own."""
        plain = re.sub(r"[^\w -]", " ", title)
        return f"{number} {plain}"[:31].strip()

    def _write_sheet(self, sheet, title, table, shape):
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
        for index, words in enumerate(heads):
            sheet.write_string(index, 0, safe_cell(words), shape("@", not index))
        top = len(heads) + 1
        for place, column in enumerate(table.columns):
            sheet.write_string(top, place, safe_cell(column.label), shape("@", True))
        rows = [(row, False) for row in table.rows]
        if table.totals:
            first = table.columns[0].key
            rows.append(({first: table.totals.get(first) or self.env._("Total"), **_filled(table.totals)}, True))
        for index, (row, bold) in enumerate(rows, top + 1):
            money = self._get_row_currency(row, table, clubs)
            for place, column in enumerate(table.columns):
                self._write_cell(sheet, index, place, row.get(column.key), column, bold, money, clubs, shape)
        if not table.rows:
            sheet.write_string(top + 1, 0, safe_cell(table.empty))
        sheet.write_string(top + len(rows) + 3, 0, safe_cell(table.note))
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, max(len(table.columns) - 1, 1), 16)
        sheet.freeze_panes(top + 1, 1)

    def _write_cell(self, sheet, index, place, value, column, bold, currency, clubs, shape):
        if value is None or value is False:
            return
        if column.type in reporting.NUMBERS:
            sheet.write_number(index, place, float(value), shape(self._get_shape(column.type, currency, clubs), bold))
        elif column.type == "date" and isinstance(value, date) and clubs[:1].calendar == "gregorian":
            sheet.write_datetime(index, place, value, shape(SHAPES["date"], bold))
        else:
            words = self._show(value, column.type, clubs)
            sheet.write_string(index, place, safe_cell(words), shape("@", bold))

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
