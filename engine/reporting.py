"""What a report is made of: periods, and tables that screen, print and spreadsheet show and never compute again.

>>> month = period_of("last_month", date(2026, 3, 20))
>>> month, month.days
(Period(first=datetime.date(2026, 2, 1), last=datetime.date(2026, 2, 28)), 28)
>>> compare(month, "previous")
Period(first=datetime.date(2026, 1, 1), last=datetime.date(2026, 1, 31))
>>> columns = [Column("way", "Way"), Column("points", "Points", "points")]
>>> table = Table("Points", columns, [{"way": "Visit", "points": 3}])
>>> table.check().columns[1].is_number
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from . import periods
from .charts import Number, Series
from .errors import EngineError

#: Types of a column. A share is 0 to 1; points are the club's; money is of the row's ``_currency`` (an id of
#: ``res.currency``), else the table's, else the one currency of the clubs.
TYPES = ("text", "integer", "points", "money", "share", "decimal", "date")
NUMBERS = frozenset(TYPES) - {"text", "date"}
CHARTS = (
    "bars",
    "stacked",
    "hbars",
    "lines",
    "heat",
    "triangle",
    "shares",
    "funnel",
    "histogram",
    "forecast",
)
#: Kinds of a report's period: those of whole calendar periods with what they are a part of, and how many back.
_WHOLE = {
    "this_week": ("week", 0),
    "last_week": ("week", 1),
    "this_month": ("month", 0),
    "last_month": ("month", 1),
    "this_quarter": ("quarter", 0),
    "last_quarter": ("quarter", 1),
    "this_year": ("year", 0),
    "last_year": ("year", 1),
}
PERIODS = (*_WHOLE, "last_12_months")
COMPARISONS = ("previous", "last_year", "none")
#: A report of more years is refused: nobody reads it, and it would be computed for hours.
MOST_YEARS = 10
ONE_DAY = timedelta(days=1)


class ReportingError(EngineError):
    """A period, comparison, table or chart that cannot be: its message names what is wrong."""


class Period(NamedTuple):
    """Days of the club's calendar, first and last included."""

    first: date
    last: date

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.last + ONE_DAY

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    @property
    def is_too_long(self) -> bool:
        """Whether it is longer than a report may be.

        >>> [Period(date(year, 1, 1), date(2025, 12, 31)).is_too_long for year in (2016, 2015)]
        [False, True]
        """
        return self.days > MOST_YEARS * 366

    def so_far(self, today: date) -> Period | None:
        """What of a running period is over, today included; ``None`` if it has ended or not begun.

        >>> Period(date(2026, 3, 1), date(2026, 3, 31)).so_far(date(2026, 3, 10)).days
        10
        >>> Period(date(2026, 3, 1), date(2026, 3, 31)).so_far(date(2026, 3, 31)) is None
        True
        """
        return Period(self.first, today) if self.first <= today < self.last else None

    def bounds(self, tz: str) -> tuple[datetime, datetime]:
        """First instant, and the first instant after it, as naive UTC.

        >>> Period(date(2026, 1, 1), date(2026, 1, 31)).bounds("Asia/Tehran")
        (datetime.datetime(2025, 12, 31, 20, 30), datetime.datetime(2026, 1, 31, 20, 30))
        """
        first, end = periods.range_bounds(self.first, self.end, tz)
        return first.replace(tzinfo=None), end.replace(tzinfo=None)

    def slices(self, calendar: str = periods.GREGORIAN, week_start: int = 0, kind: str = "") -> list[Period]:
        """Its days, weeks, months …, cut at its ends: so many that a chart of them can be read.

        >>> [piece.first.day for piece in Period(date(2026, 1, 30), date(2026, 3, 2)).slices(kind="month")]
        [30, 1, 1]
        >>> [len(Period(date(2016, 1, 1), date(2016, 1, 1) + timedelta(days)).slices()) for days in (30, 139, 1095)]
        [31, 21, 36]
        >>> len(Period(date(2016, 2, 1), date(2026, 1, 31)).slices())
        41

        :param kind: ``day``, ``week``, ``month``, ``quarter`` or ``year`` where the usual one is not wanted
        """
        kind = kind or self.slice_kind()
        found, day = [], self.first
        while day <= self.last:
            _first, end = periods.period_bounds(kind, day, calendar, week_start)
            found.append(Period(day, min(end - ONE_DAY, self.last)))
            day = end
        return found

    def slice_kind(self) -> str:
        """What :meth:`slices` cuts into if nobody says otherwise."""
        for kind, most in (("day", 31), ("week", 140), ("month", 3 * 366), ("quarter", MOST_YEARS * 366)):
            if self.days <= most:
                return kind
        return "year"


def period_of(kind: str, today: date, calendar: str = periods.GREGORIAN, week_start: int = 0) -> Period:
    """The period of a kind, seen from a day.

    >>> period_of("last_12_months", date(2026, 3, 20))
    Period(first=datetime.date(2025, 3, 1), last=datetime.date(2026, 2, 28))
    >>> periods.format_period("month", period_of("last_month", date(2026, 3, 25), "jalali").first, "jalali")
    '1404-12'

    :param kind: one of :data:`PERIODS`; the last 12 months are the whole ones before this month
    :raise ReportingError: for another kind
    """
    if kind == "last_12_months":
        first, _end = periods.period_bounds("month", today, calendar)
        return Period(periods.add_months(first, -12, calendar), first - ONE_DAY)
    if kind not in _WHOLE:
        raise ReportingError(f"{kind!r} is not a period of reports; there are {', '.join(PERIODS)}")
    part, back = _WHOLE[kind]
    first, end = periods.period_bounds(part, today, calendar, week_start)
    if back:
        first, end = periods.period_bounds(part, first - ONE_DAY, calendar, week_start)
    return Period(first, end - ONE_DAY)


def compare(
    period: Period, how: str, calendar: str = periods.GREGORIAN, today: date | None = None
) -> Period | None:
    """The period that a period is compared with.

    Whole months are compared with as many whole months; other days with as many days before, or the same days a year
    earlier. Of a period that still runs, so many days are compared as have begun: like with like.

    >>> compare(Period(date(2026, 1, 1), date(2026, 3, 31)), "previous").first
    datetime.date(2025, 10, 1)
    >>> compare(Period(date(2026, 3, 2), date(2026, 3, 8)), "previous")
    Period(first=datetime.date(2026, 2, 23), last=datetime.date(2026, 3, 1))
    >>> compare(Period(date(2024, 2, 1), date(2024, 2, 29)), "last_year").last
    datetime.date(2023, 2, 28)
    >>> march = Period(date(2026, 3, 1), date(2026, 3, 31))
    >>> [compare(march, "previous", today=date(2026, 3, day)).last.day for day in (1, 10, 30, 31)]
    [1, 10, 28, 28]

    :param how: one of :data:`COMPARISONS`
    :param today: in the clubs' time zone; without it the period is taken as over
    :return: ``None`` for no comparison
    :raise ReportingError: for another way
    """
    found = _compare_whole(period, how, calendar)
    begun = period.so_far(today) if today else None
    if found and begun:
        return Period(found.first, min(found.last, found.first + timedelta(days=begun.days - 1)))
    return found


def _compare_whole(period: Period, how: str, calendar: str) -> Period | None:
    """The period to compare with, as if the period were over."""
    if how not in COMPARISONS:
        raise ReportingError(f"{how!r} is not a comparison; there are {', '.join(COMPARISONS)}")
    if how == "none":
        return None
    months = _months(period, calendar)
    if how == "last_year":
        back = 12
    elif months:
        back = months
    else:
        return Period(period.first - timedelta(days=period.days), period.first - ONE_DAY)
    first = periods.add_months(period.first, -back, calendar)
    end = period.end if months else period.last
    last = periods.add_months(end, -back, calendar)
    return Period(first, last - ONE_DAY if months else last)


def _months(period: Period, calendar: str) -> int:
    """How many whole months a period is; 0 if it is not."""
    year, month, dom = periods.parts(period.first, calendar)
    end_year, end_month, end_dom = periods.parts(period.end, calendar)
    return (end_year - year) * 12 + end_month - month if dom == end_dom == 1 else 0


def change(now: Number | None, before: Number | None) -> Decimal | None:
    """By which share a figure grew (0.25: a quarter more); ``None`` where there is nothing to compare with.

    >>> change(150, 120), change(3, 0), change(None, 2)
    (Decimal('0.25'), None, None)
    """
    if now is None or not before:
        return None
    return (Decimal(str(now)) - Decimal(str(before))) / abs(Decimal(str(before)))


@dataclass(frozen=True)
class Column:
    """A column: the key of its cells in every row, its heading, and the type of what it holds."""

    key: str
    label: str
    type: str = "text"

    @property
    def is_number(self) -> bool:
        return self.type in NUMBERS


@dataclass(frozen=True)
class Chart:
    """A chart of a table's numbers. ``x`` are the labels of the categories (of a heat map: its columns).

    ``type`` says how values are written (as a column's). In a heat map or triangle each series is a row; a ``forecast``
    has the series actual, expected, low and high, with ``None`` where a line has no value.
    """

    kind: str
    x: Sequence[str]
    series: Sequence[Series]
    title: str = ""
    type: str = "integer"
    #: Labels of the axes, said under and beside a heat map, triangle, histogram.
    x_label: str = ""
    y_label: str = ""


@dataclass(frozen=True)
class Table:
    """What a block of a report says. Immutable: a renderer shows it, another one shows the same numbers.

    ``rows`` are dicts by the columns' keys, plus ``_currency`` (id) where money of the row has one of its own; a cell
    is a text, ``int``, ``Decimal``, ``date`` or ``None``. ``totals`` is a row of its own or ``None``: sums are made by
    the block, which knows what may be added. ``drill`` says which records are behind: by the index of a row, by
    ``(index, column key)``, by ``"total"``, or by ``("figure", its place)``,
    a pair of model and domain (archived records are shown too).
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    totals: Mapping[str, Any] | None = None
    chart: Chart | None = None
    drill: Mapping[Any, tuple[str, list[Any]]] = field(default_factory=dict)
    #: How it is computed, in words for the reader.
    note: str = ""
    #: Said in place of rows.
    empty: str = ""
    #: Id of the currency of money cells whose row has none.
    currency: int | None = None
    #: Figures of the head line, above the chart, as (label, value, type) or (label, value, type, value before).
    figures: Sequence[tuple[Any, ...]] = ()

    def check(self) -> Table:
        """Itself, if it can be shown.

        >>> Table("T", [Column("a", "A", "colour")], []).check()  # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
        ReportingError: T: a has the unknown type 'colour'

        :raise ReportingError: a column of an unknown type, two of the same key, a chart of an unknown kind or with
            series of other lengths, a drill to a row that is not there
        """
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise ReportingError(f"{self.title} has two columns of the same key: {', '.join(keys)}")
        for column in self.columns:
            if column.type not in TYPES:
                raise ReportingError(f"{self.title}: {column.key} has the unknown type {column.type!r}")
        self._check_chart()
        for key in self.drill:
            index, column_key = key if isinstance(key, tuple) else (key, None)
            if index == "figure" and isinstance(column_key, int) and 0 <= column_key < len(self.figures):
                continue
            known = index == "total" or (isinstance(index, int) and 0 <= index < len(self.rows))
            if not known or (column_key is not None and column_key not in keys):
                raise ReportingError(f"{self.title} cannot open {key!r}: there is no such row or column")
        return self

    def _check_chart(self) -> None:
        if not self.chart:
            return
        if self.chart.kind not in CHARTS:
            raise ReportingError(f"{self.title} has a chart of the unknown kind {self.chart.kind!r}")
        for row in self.chart.series:
            if len(row.values) != len(self.chart.x):
                raise ReportingError(
                    f"{self.title}: the chart's {row.name} has {len(row.values)} values for {len(self.chart.x)} labels"
                )

    def without(self, types: frozenset[str]) -> Table:
        """The table without the columns of some types, for a reader who may not see them; a chart of them goes too.

        >>> table = Table("T", [Column("a", "A"), Column("m", "Money", "money")], [{"a": "x", "m": 1}])
        >>> [column.key for column in table.without(frozenset({"money"})).columns]
        ['a']
        """
        left = [column for column in self.columns if column.type not in types]
        keys = {column.key for column in left}
        return Table(
            title=self.title,
            columns=left,
            rows=[{key: value for key, value in row.items() if key in keys} for row in self.rows],
            totals=None if self.totals is None else {k: v for k, v in self.totals.items() if k in keys},
            chart=None if self.chart and self.chart.type in types else self.chart,
            drill=self._keep_drill(keys, types),
            note=self.note,
            empty=self.empty,
            currency=self.currency,
            figures=[figure for figure in self.figures if figure[2] not in types],
        )

    def _keep_drill(self, keys: set[str], types: frozenset[str]) -> dict[Any, tuple[str, list[Any]]]:
        """What still opens records when columns of some types are gone: figures move up to their new places."""
        places = [place for place, figure in enumerate(self.figures) if figure[2] not in types]
        moved = {("figure", place): ("figure", places.index(place)) for place in places}
        return {
            moved.get(key, key): goal
            for key, goal in self.drill.items()
            if not isinstance(key, tuple) or (key in moved if key[0] == "figure" else key[1] in keys)
        }
