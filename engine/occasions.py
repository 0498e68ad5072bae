"""When a date that matters to a member comes back: birthdays, anniversaries, a relative's day.

An occasion is remembered as the day it first happened and the calendar by which it is kept. A birthday on 30 Esfand is
kept on 29 Esfand in ordinary years, one on 29 February on 28 February.

>>> occasion = Occasion(periods.from_jalali(1375, 12, 30), 'jalali')
>>> [periods.to_jalali(day) for day in occurrences(occasion, date(2025, 3, 1), date(2027, 3, 21))]
[(1403, 12, 30), (1404, 12, 29), (1405, 12, 29)]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from . import periods


class Occasion(NamedTuple):
    """The first day (Gregorian, as stored), the calendar it is kept by, and whether it returns every year."""

    day: date
    calendar: str = periods.GREGORIAN
    yearly: bool = True


def next_occurrence(occasion: Occasion, after: date) -> date | None:
    """The first day strictly after a day on which the occasion is kept; ``None`` if it will not return.

    >>> next_occurrence(Occasion(date(1990, 5, 17)), date(2025, 5, 17))
    datetime.date(2026, 5, 17)
    >>> next_occurrence(Occasion(date(2025, 5, 17), yearly=False), date(2025, 5, 17)) is None
    True

    :raise CalendarError: for an unknown calendar
    """
    if after < occasion.day:
        return occasion.day
    if not occasion.yearly:
        return None
    _year, month, dom = periods.parts(occasion.day, occasion.calendar)
    return periods.next_yearly(month, dom, after, occasion.calendar)


def on_or_after(occasion: Occasion, day: date) -> date | None:
    """As :func:`next_occurrence`, the day itself included: what a daily job asks.

    >>> on_or_after(Occasion(date(1990, 5, 17)), date(2025, 5, 17))
    datetime.date(2025, 5, 17)

    :raise CalendarError: for an unknown calendar
    """
    return next_occurrence(occasion, day - periods.ONE_DAY)


def occurrences(occasion: Occasion, first: date, last_exclusive: date) -> Iterator[date]:
    """All days of a half-open range on which the occasion is kept, in order.

    :raise CalendarError: for an unknown calendar
    """
    day = on_or_after(occasion, first)
    while day is not None and day < last_exclusive:
        yield day
        day = next_occurrence(occasion, day)


def years(occasion: Occasion, day: date) -> int:
    """How many years lie between the first day and a day on which it is kept, in its calendar.

    >>> years(Occasion(periods.from_jalali(1375, 12, 30), 'jalali'), periods.from_jalali(1404, 12, 29))
    29

    :raise CalendarError: for an unknown calendar
    """
    return periods.parts(day, occasion.calendar)[0] - periods.parts(occasion.day, occasion.calendar)[0]
