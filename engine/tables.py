"""A file that a person uploads, as a table of texts: CSV in any usual form, or the first sheet of an XLSX.

>>> table = read_table(b'customer;date;amount\\n0001;1997-01-01;29,33\\n')
>>> table.columns, table.rows
(['customer', 'date', 'amount'], [Row(number=2, values=['0001', '1997-01-01', '29,33'])])
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from . import text
from .errors import TableError

#: A file larger than this is refused before it is read (bytes), and a table longer than this (rows).
MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 500_000
DELIMITERS = ",;\t|"


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it (the header is 1), and one text per column."""

    number: int
    values: list[str]


class Table(NamedTuple):
    """The names of the columns, and the rows that are not blank."""

    columns: list[str]
    rows: list[Row]

    def samples(self, count: int = 3) -> list[list[str]]:
        """For each column the first different texts that are not blank.

        >>> read_table(b'a,b\\n1,\\n1,x\\n2,x\\n').samples(2)
        [['1', '2'], ['x']]
        """
        found: list[list[str]] = []
        for index in range(len(self.columns)):
            texts = dict.fromkeys(row.values[index] for row in self.rows[:1000] if row.values[index])
            found.append(list(texts)[:count])
        return found


def read_table(content: bytes) -> Table:
    """The table in a file; what it is, its delimiter and its encoding are detected.

    The first row that is not blank names the columns; a column without a name is called by its place. Cells come as
    trimmed texts: dates as year-month-day, numbers exactly and without exponent, formulas as their last result.

    :param content: a CSV in UTF-8 or UTF-16 with comma, semicolon, tab or bar, or an XLSX
    :raise TableError: naming what is wrong (see its ``reason``)
    """
    if not content.strip():
        raise TableError("the file is empty", "empty")
    if len(content) > MAX_BYTES:
        raise TableError(f"the file has more than {MAX_BYTES // 1024 // 1024} MB", "too_large")
    records = _read_xlsx(content) if content.startswith(b"PK\x03\x04") else _read_csv(content)
    columns: list[str] = []
    rows: list[Row] = []
    for number, record in enumerate(records, start=1):
        values = [text.normalise(value) for value in record]
        if not any(values):
            continue
        if not columns:
            columns = _column_names(values)
            continue
        if len(rows) >= MAX_ROWS:
            raise TableError(f"the file has more than {MAX_ROWS} rows", "too_many_rows")
        width = len(columns)
        rows.append(Row(number, (values + [""] * width)[:width]))
    if not rows:
        raise TableError("the file has no rows below the names of its columns", "no_rows")
    return Table(columns, rows)


def _column_names(values: Sequence[str]) -> list[str]:
    last = max(index for index, value in enumerate(values) if value) + 1
    names: list[str] = []
    for index, value in enumerate(values[:last], start=1):
        name = value or f"Column {index}"
        names.append(name if name not in names else f"{name} ({index})")
    return names


def _read_csv(content: bytes) -> Iterable[list[str]]:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        decoded = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise TableError("the file is not encoded in UTF-8", "encoding") from error
    if "\x00" in decoded:
        raise TableError("the file is neither a text nor an XLSX spreadsheet", "encoding")
    csv.field_size_limit(max(csv.field_size_limit(), 1024 * 1024))
    try:
        return list(csv.reader(io.StringIO(decoded, newline=""), delimiter=detect_delimiter(decoded)))
    except csv.Error as error:
        raise TableError(f"the file is not a CSV: {error}", "spreadsheet") from error


def detect_delimiter(decoded: str) -> str:
    """The character that splits the first lines into the most columns, equally many in the most lines.

    >>> detect_delimiter('a;b,c\\n1;2,5\\n3;4\\n'), detect_delimiter('only\\n1\\n')
    (';', ',')
    """
    sample = decoded[:65536].splitlines()[:50]

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(record) for record in csv.reader(sample, delimiter=delimiter) if record)
        width, lines = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (lines if width > 1 else 0, width)

    return max(DELIMITERS, key=score)


def _read_xlsx(content: bytes) -> Iterator[list[str]]:
    import openpyxl  # heavy, and only here

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for cells in sheet.iter_rows():
            yield [_cell_text(cell.value, getattr(cell, "number_format", None)) for cell in cells]
    except TableError:
        raise
    except Exception as error:  # openpyxl lets anything through that a broken archive causes
        raise TableError(f"the spreadsheet cannot be read: {error}", "spreadsheet") from error


def _cell_text(value: Any, number_format: str | None = None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if not (value.hour or value.minute) else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (int, float)):
        number = Decimal(repr(value))
        shown = format(number.quantize(Decimal(1)) if number == number.to_integral_value() else number, "f")
        # A customer number 7 that the sheet shows as 0007 is 0007.
        return shown.zfill(len(number_format)) if number_format and re.fullmatch("0{2,}", number_format) else shown
    return str(value)


def match_columns(columns: Sequence[str], names: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Which column holds which field, by name; spelling, case, blanks and signs do not matter.

    Fields come in the order of ``names``; a name listed earlier wins, and a column serves one field only.

    >>> match_columns(['Customer ID', 'Date', 'Amount (USD)'], {'customer': ['customer id'], 'amount': ['amount usd']})
    {'customer': 0, 'amount': 2}

    :param names: for each field the names its column may have
    :return: for each field that was found, the index of its column
    """
    keys = [_name_key(column) for column in columns]
    found: dict[str, int] = {}
    for field, known in names.items():
        for name in (field, *known):
            key = _name_key(name)
            if key in keys and keys.index(key) not in found.values():
                found[field] = keys.index(key)
                break
    return found


def _name_key(name: str) -> str:
    return re.sub(r"[\W_]+", "", text.search_key(name))
