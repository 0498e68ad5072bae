"""What a segment's conditions mean in days: windows behind today, and days of the year ahead.

>>> window("days", date(2026, 5, 20), days=90)
(datetime.date(2026, 2, 20), datetime.date(2026, 5, 21))
>>> window("last_month", date(2026, 5, 20))
(datetime.date(2026, 4, 1), datetime.date(2026, 5, 1))
"""

from __future__ import annotations

from datetime import date, timedelta

from . import periods
from .errors import EngineError

#: Windows in which facts are counted. ``days`` ends with today; the others are periods of the club's calendar.
WINDOWS = (
    "ever",
    "days",
    "week",
    "month",
    "quarter",
    "year",
    "last_week",
    "last_month",
    "last_quarter",
    "last_year",
)


class WindowError(EngineError):
    """A window that there is not, or of fewer than one day."""


def window(
    kind: str, today: date, *, days: int = 0, calendar: str = periods.GREGORIAN, week_start: int = 0
) -> tuple[date, date]:
    """The local days in which facts count, half-open.

    >>> window("ever", date(2026, 5, 20))[0] < date(1950, 1, 1)
    True
    >>> window("year", date(2025, 3, 21), calendar="jalali")
    (datetime.date(2025, 3, 21), datetime.date(2026, 3, 21))
    >>> window("last_year", date(2025, 3, 21), calendar="jalali")
    (datetime.date(2024, 3, 20), datetime.date(2025, 3, 21))
    >>> window("days", date(2026, 5, 20))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    WindowError: a window has at least one day

    :param today: the club's local day; :param days: of the window ``days``, today included
    :return: (first, last_exclusive)
    :raise WindowError: there is no such window, or it has no day
    """
    if kind not in WINDOWS:
        raise WindowError(f"{kind!r} is not a window; there are {', '.join(WINDOWS)}")
    if kind == "ever":
        return periods.LIFETIME_FIRST, periods.LIFETIME_LAST_EXCLUSIVE
    if kind == "days":
        if days < 1:
            raise WindowError(f"a window has at least one day, not {days!r}")
        return today + timedelta(days=1 - days), today + periods.ONE_DAY
    if kind.startswith("last_"):
        period = kind.removeprefix("last_")
        first, _end = periods.period_bounds(period, today, calendar, week_start)
        return periods.period_bounds(period, first - periods.ONE_DAY, calendar, week_start)
    return periods.period_bounds(kind, today, calendar, week_start)


def days_of_year(first: date, last_exclusive: date, calendar: str) -> dict[int, set[int]]:
    """Days of the year that are kept within a range of days: days of the month by month, in a calendar.

    In a month that is too short, its last day stands for the days that it lacks, as occasions are kept.

    >>> days_of_year(date(2025, 2, 27), date(2025, 3, 2), "gregorian")
    {2: {27, 28, 29, 30, 31}, 3: {1}}
    >>> days_of_year(date(2028, 2, 28), date(2028, 2, 29), "gregorian")
    {2: {28}}

    :raise CalendarError: for an unknown calendar
    """
    found: dict[int, set[int]] = {}
    for number in range(min((last_exclusive - first).days, 366)):
        year, month, day = periods.parts(first + timedelta(days=number), calendar)
        days = found.setdefault(month, set())
        days.add(day)
        if day == periods.month_length(year, month, calendar):
            days.update(range(day, 32))
    return found


def cumulate(start: int, changes: dict[date, int], marks: list[date]) -> list[int]:
    """How many there were at the end of each of some days, from the changes of each day.

    >>> cumulate(5, {date(2026, 5, 2): 3, date(2026, 5, 9): -1}, [date(2026, 5, day) for day in (1, 2, 8, 9)])
    [5, 8, 8, 7]

    :param start: before the first change; :param marks: in order
    """
    counts, count, waiting = [], start, sorted(changes)
    for mark in marks:
        while waiting and waiting[0] <= mark:
            count += changes[waiting.pop(0)]
        counts.append(count)
    return counts
