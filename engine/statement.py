"""A member's statement: how the balance went over a period.

>>> period = Period(date(2026, 1, 1), date(2026, 2, 28))
>>> movements = [(date(2026, 1, 5), Decimal(5)), (date(2026, 2, 1), Decimal(-3))]
>>> [(day.isoformat(), str(had)) for day, had in balances(Decimal(10), movements, period, date(2026, 2, 10))][-2:]
[('2026-02-08', '12'), ('2026-02-10', '12')]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from .errors import EngineError
from .periods import GREGORIAN, add_months
from .reporting import Period

#: No statement is longer; whoever wants more takes several.
MOST_YEARS = 10
ONE_DAY = timedelta(days=1)


class StatementError(EngineError):
    """A period that cannot be told: it ends before it begins, or is too long."""


def check(period: Period, calendar: str = GREGORIAN) -> Period:
    """The period, if a statement can be made of it.

    >>> check(Period(date(2026, 2, 1), date(2026, 1, 1)))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    StatementError: order

    :raise StatementError: ``order`` or ``length``
    """
    if period.first > period.last:
        raise StatementError("order")
    if period.last >= add_months(period.first, 12 * MOST_YEARS, calendar):
        raise StatementError("length")
    return period


def balances(
    opening: Decimal,
    movements: Iterable[tuple[date, Decimal]],
    period: Period,
    today: date,
    calendar: str = GREGORIAN,
) -> list[tuple[date, Decimal]]:
    """What the member had at the end of each part of a period; days to come are left out.

    :param opening: before the first day; :param movements: (day, points) within the period, in any order
    :return: (last day of the part, points), oldest first; the last one is what the member had at the end

    >>> balances(Decimal(1), [], Period(date(2026, 3, 1), date(2026, 3, 2)), date(2026, 2, 1))
    []
    """
    if period.first > today:
        return []
    by_day: dict[date, Decimal] = {}
    for day, points in movements:
        by_day[day] = by_day.get(day, Decimal(0)) + points
    waiting = sorted(by_day.items())
    found: list[tuple[date, Decimal]] = []
    total, at = opening, 0
    for part in Period(period.first, min(period.last, today)).slices(calendar):
        while at < len(waiting) and waiting[at][0] <= part.last:
            total += waiting[at][1]
            at += 1
        found.append((part.last, total))
    return found


def pages(heights: Sequence[float], first: float, page: float) -> list[tuple[int, int]]:
    """Which rows stand on which page of paper, as ranges; no row is torn apart.

    >>> pages([1, 1, 1, 2, 1], first=2, page=3), pages([5], first=2, page=3), pages([], 2, 3)
    ([(0, 2), (2, 4), (4, 5)], [(0, 1)], [])

    :param heights: of the rows; :param first: room on the first page; :param page: on each other
    """
    found: list[tuple[int, int]] = []
    begin, left = 0, first
    for place, height in enumerate(heights):
        if height > left and place > begin:
            found.append((begin, place))
            begin, left = place, page
        left -= height
    return [*found, (begin, len(heights))] if heights else []
