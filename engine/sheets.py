"""Spreadsheets as bytes: numbers are numbers, dates are dates, texts are never formulas or links.

>>> book = Book()
>>> sheet = book.add_sheet("Points")
>>> sheet.write_table(0, ["Way", "Points"], [["=Visit", (Decimal("2.50"), "#,##0.00")], ["Order", None]], bold=[1])
3
>>> book.to_bytes()[:2]
b'PK'
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from .text import safe_cell

TEXT, DAY = "@", "yyyy-mm-dd"
#: Names of sheets are no longer.
MOST_NAME = 31


class Book:
    """A spreadsheet in memory."""

    def __init__(self, *, rtl: bool = False) -> None:
        import xlsxwriter  # heavy, and only here

        self._buffer = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._buffer, options)
        self._formats: dict[tuple[str, bool], Any] = {}
        self._rtl = rtl

    def add_sheet(self, name: str) -> Sheet:
        """A further sheet; the name must be one that spreadsheets accept, and of its own."""
        sheet = self._book.add_worksheet(name[:MOST_NAME])
        if self._rtl:
            sheet.right_to_left()
        return Sheet(self, sheet)

    def to_bytes(self) -> bytes:
        """The file. Nothing can be written afterwards."""
        self._book.close()
        return self._buffer.getvalue()

    def get_format(self, shape: str, bold: bool) -> Any:
        """How a cell looks; made once."""
        if (shape, bold) not in self._formats:
            self._formats[shape, bold] = self._book.add_format({"num_format": shape, "bold": bold})
        return self._formats[shape, bold]


class Sheet:
    """One sheet; rows and columns count from 0."""

    def __init__(self, book: Book, sheet: Any) -> None:
        self._book, self._sheet = book, sheet

    def write(self, row: int, column: int, value: Any, shape: str = "", *, bold: bool = False) -> None:
        """A cell; nothing for ``None``, ``False`` and an empty text.

        :param shape: how a number or date is shown, as spreadsheets write it
        """
        if value is None or value is False or value == "":
            return
        if isinstance(value, (Decimal, int, float)):
            self._sheet.write_number(row, column, float(value), self._book.get_format(shape or "General", bold))
        elif isinstance(value, date):
            self._sheet.write_datetime(row, column, value, self._book.get_format(shape or DAY, bold))
        else:
            self._sheet.write_string(row, column, safe_cell(str(value)), self._book.get_format(TEXT, bold))

    def write_lines(self, top: int, lines: Sequence[Any], *, bold: Collection[int] = ()) -> int:
        """Words below each other; ``bold`` are the places of those that stand out.

        :return: the row after the last
        """
        for place, words in enumerate(lines):
            self.write(top + place, 0, words, bold=place in bold)
        return top + len(lines)

    def write_table(
        self, top: int, heads: Sequence[str], rows: Sequence[Sequence[Any]], *, bold: Collection[int] = ()
    ) -> int:
        """Headings and rows of cells: values, or pairs of a value and how it is shown.

        :param bold: places of rows that stand out, such as totals
        :return: the row after the last
        """
        for place, words in enumerate(heads):
            self.write(top, place, words, bold=True)
        for index, row in enumerate(rows):
            for place, cell in enumerate(row):
                value, shape = cell if isinstance(cell, tuple) else (cell, "")
                self.write(top + 1 + index, place, value, shape, bold=index in bold)
        return top + 1 + len(rows)

    def set_widths(self, *widths: int, others: int = 0) -> None:
        """How wide columns are, in letters; the last width is that of all until the column ``others``."""
        for place, width in enumerate(widths):
            last = max(place, others) if place == len(widths) - 1 else place
            self._sheet.set_column(place, last, width)

    def freeze(self, rows: int, columns: int = 0) -> None:
        """Keep the first rows and columns in sight."""
        self._sheet.freeze_panes(rows, columns)
