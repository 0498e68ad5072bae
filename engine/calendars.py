"""The two calendars: days in years, months and days of the month, and the dates that people type in either.

A *day* is a ``datetime.date`` in the Gregorian calendar, as Odoo stores it; a *calendar* is ``'gregorian'`` or
``'jalali'`` (the solar Hijri calendar of Iran, through jdatetime). All of this is found in ``engine.periods``, too.
"""

from __future__ import annotations

import calendar as gregorian_calendar
import re
from datetime import date
from functools import lru_cache

import jdatetime

from .errors import CalendarError, DateError
from .text import digits

GREGORIAN = "gregorian"
JALALI = "jalali"
CALENDARS = (GREGORIAN, JALALI)

#: Years that a typed date may have, per calendar, and those that betray a Jalali date among others.
TYPED_YEARS = {GREGORIAN: (1600, 2500), JALALI: (1200, 1600)}
JALALI_YEARS = (1300, 1500)


# -- calendars ---------------------------------------------------------------------------------------


def check_calendar(calendar: str) -> None:
    if calendar not in CALENDARS:
        raise CalendarError(f"{calendar!r} is not a calendar; there are {', '.join(CALENDARS)}")


def to_jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of the month in the Jalali calendar.

    >>> to_jalali(date(1979, 2, 11))
    (1357, 11, 22)
    """
    return _to_jalali(day)


@lru_cache(maxsize=4096)  # a batch asks for the same days again and again
def _to_jalali(day: date) -> tuple[int, int, int]:
    jalali = jdatetime.date.fromgregorian(year=day.year, month=day.month, day=day.day)
    return jalali.year, jalali.month, jalali.day


def from_jalali(year: int, month: int, dom: int) -> date:
    """The day of a Jalali date.

    >>> from_jalali(1403, 12, 30)
    datetime.date(2025, 3, 20)
    >>> from_jalali(1404, 12, 30)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    DateError: there is no day 30 in month 12 of the Jalali year 1404

    :raise DateError: for a day that does not exist
    """
    return _from_jalali(year, month, dom)


@lru_cache(maxsize=4096)
def _from_jalali(year: int, month: int, dom: int) -> date:
    if not 1 <= month <= 12:
        raise DateError(f"there is no month {month} in the Jalali year {year}", "no_such_day")
    try:
        day: date = jdatetime.date(year, month, dom).togregorian()
    except (ValueError, OverflowError) as error:
        message = f"there is no day {dom} in month {month} of the Jalali year {year}"
        raise DateError(message, "no_such_day") from error
    return day


def is_jalali_leap(year: int) -> bool:
    """Whether Esfand has 30 days in that Jalali year.

    >>> [year for year in range(1399, 1413) if is_jalali_leap(year)]
    [1399, 1403, 1408, 1412]
    """
    return bool(jdatetime.date(year, 1, 1).isleap())


def parts(day: date, calendar: str = GREGORIAN) -> tuple[int, int, int]:
    """Year, month and day of the month of a day, in a calendar.

    >>> parts(date(2025, 3, 21), 'jalali'), parts(date(2025, 3, 21), 'gregorian')
    ((1404, 1, 1), (2025, 3, 21))

    :raise CalendarError: for an unknown calendar
    """
    check_calendar(calendar)
    return to_jalali(day) if calendar == JALALI else (day.year, day.month, day.day)


def from_parts(year: int, month: int, dom: int, calendar: str = GREGORIAN) -> date:
    """The day that has this year, month and day of the month in a calendar.

    >>> from_parts(1404, 1, 1, 'jalali')
    datetime.date(2025, 3, 21)

    :raise CalendarError: for an unknown calendar
    :raise DateError: for a day that does not exist
    """
    check_calendar(calendar)
    if calendar == JALALI:
        return from_jalali(year, month, dom)
    try:
        return date(year, month, dom)
    except (ValueError, OverflowError) as error:
        raise DateError(f"there is no day {dom} in month {month} of the year {year}", "no_such_day") from error


def month_length(year: int, month: int, calendar: str = GREGORIAN) -> int:
    """How many days a month has.

    >>> month_length(1403, 12, 'jalali'), month_length(1404, 12, 'jalali'), month_length(2024, 2)
    (30, 29, 29)

    :raise CalendarError: for an unknown calendar
    """
    check_calendar(calendar)
    if calendar == JALALI:
        if month <= 6:
            return 31
        return 30 if month < 12 or is_jalali_leap(year) else 29
    return gregorian_calendar.monthrange(year, month)[1]


def clipped(year: int, month: int, dom: int, calendar: str) -> date:
    return from_parts(year, month, min(dom, month_length(year, month, calendar)), calendar)


# -- what people type --------------------------------------------------------------------------------

_DATE_TEXT = re.compile(r"(\d{1,4})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{1,4})")
_TIME_TEXT = re.compile(r"(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE)


def parse_date(text: str, calendar: str = "auto") -> date:
    """The day that a person typed: year-month-day or day/month/year, any digits, in either calendar.

    Separators are ``-``, ``/``, ``.`` and space. The part with four digits is the year; with the year last, the
    day comes first (never the month). A time of day behind the date is ignored. With ``auto``, a year from 1300
    to 1500 is Jalali and every other Gregorian. Years of two digits are refused: nobody can tell their century.

    >>> parse_date('2025-03-20') == parse_date('۱۴۰۳/۱۲/۳۰') == parse_date('20.3.2025') == parse_date('30/12/1403')
    True
    >>> parse_date('1404-12-30')  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    DateError: there is no day 30 in month 12 of the Jalali year 1404

    :param calendar: ``auto``, ``gregorian`` or ``jalali``
    :raise CalendarError: for an unknown calendar
    :raise DateError: naming what is wrong (see its ``reason``)
    """
    return read_date(text, calendar)[0]


def read_date(text: str, calendar: str = "auto") -> tuple[date, str]:
    """As :func:`parse_date`, with the calendar in which the date was typed: an occasion returns in it.

    >>> read_date('30/12/1403')
    (datetime.date(2025, 3, 20), 'jalali')

    :raise CalendarError: for an unknown calendar
    :raise DateError: naming what is wrong (see its ``reason``)
    """
    if calendar != "auto":
        check_calendar(calendar)
    clean = digits(text or "").strip("\u200e\u200f \t\r\n")
    if not clean:
        raise DateError("the date is empty", "empty")
    match = _DATE_TEXT.fullmatch(_TIME_TEXT.sub("", clean))
    if not match:
        raise DateError(f"{text!r} is not a date; write it like 2025-03-20 or 20/3/2025", "unreadable")
    left, _separator, middle, right = match.groups()
    if len(left) == 4 and len(right) <= 2:
        year, dom = int(left), int(right)
    elif len(right) == 4 and len(left) <= 2:
        year, dom = int(right), int(left)
    else:
        raise DateError(f"the year in {text!r} must have four digits, like 2025 or 1403", "two_digit_year")
    if calendar == "auto":
        calendar = JALALI if JALALI_YEARS[0] <= year <= JALALI_YEARS[1] else GREGORIAN
    lowest, highest = TYPED_YEARS[calendar]
    if not lowest <= year <= highest:
        raise DateError(f"the year {year} in {text!r} is no {calendar} year from {lowest} to {highest}", "year")
    return from_parts(year, int(middle), dom, calendar), calendar
