"""All period arithmetic of the club, in its calendar and its time zone. Nothing else computes a month.

Three kinds of value, never mixed:

- a *day* is a ``datetime.date`` in the Gregorian calendar, as Odoo stores it, whatever calendar the club
  shows. A Jalali month is a pair of such days;
- an *instant* is a naive ``datetime`` in UTC, as Odoo stores it;
- a *range* of days or instants is half-open: ``first <= x < last_exclusive``.

A *calendar* is ``'gregorian'`` or ``'jalali'`` (the solar Hijri calendar of Iran, through jdatetime). A *week*
starts on day 0 (Monday) to 6 (Sunday); 5 is Saturday. A *time zone* is a name of the IANA database.

>>> period_bounds('month', date(2025, 3, 20), 'jalali')
(datetime.date(2025, 2, 19), datetime.date(2025, 3, 21))
>>> to_jalali(date(2025, 3, 20))
(1403, 12, 30)
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from .calendars import (
    CALENDARS,
    GREGORIAN,
    JALALI,
    check_calendar,
    clipped,
    from_jalali,
    from_parts,
    is_jalali_leap,
    month_length,
    parse_date,
    parts,
    read_date,
    to_jalali,
)
from .errors import CalendarError, DateError, TimeZoneError

#: All that rooms may use, wherever it is written.
__all__ = [
    "CALENDARS",
    "EXPIRY_POLICIES",
    "GREGORIAN",
    "JALALI",
    "LIFETIME_FIRST",
    "LIFETIME_LAST_EXCLUSIVE",
    "ONE_DAY",
    "PERIODS",
    "add_months",
    "day_bounds",
    "expiry_date",
    "fixed_day_expiry",
    "format_day",
    "format_period",
    "from_jalali",
    "from_parts",
    "is_expired",
    "is_jalali_leap",
    "local_date",
    "local_datetime",
    "month_length",
    "next_yearly",
    "parse_date",
    "parts",
    "period_bounds",
    "range_bounds",
    "read_date",
    "rolling_window",
    "to_jalali",
    "utc_instant",
]

PERIODS = ("day", "week", "month", "quarter", "year", "lifetime")
EXPIRY_POLICIES = ("never", "months", "inactivity", "fixed_day")

#: The bounds of a lifetime: wide enough for every fact, and far enough from ``date.min`` and ``date.max``
#: for a time zone to be added.
LIFETIME_FIRST = date(1900, 1, 1)
LIFETIME_LAST_EXCLUSIVE = date(9999, 1, 1)

ONE_DAY = timedelta(days=1)


# -- instants and days -------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, TypeError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise TimeZoneError(f"{tz!r} is not a time zone; write it like Asia/Tehran or Europe/Berlin") from error


def local_date(instant_utc: datetime, tz: str) -> date:
    """The day on the club's wall calendar at an instant.

    >>> [local_date(datetime(2025, 3, 19, 20, minute), 'Asia/Tehran').day for minute in (29, 30)]
    [19, 20]

    :param instant_utc: naive, in UTC
    :raise TimeZoneError: for an unknown time zone
    """
    return local_datetime(instant_utc, tz).date()


def local_datetime(instant_utc: datetime, tz: str) -> datetime:
    """The club's wall clock at an instant, naive: for conditions on the hour and the weekday.

    >>> local_datetime(datetime(2025, 7, 1, 22, 30), 'Europe/Berlin')
    datetime.datetime(2025, 7, 2, 0, 30)

    :raise TimeZoneError: for an unknown time zone
    """
    return instant_utc.replace(tzinfo=timezone.utc).astimezone(_zone(tz)).replace(tzinfo=None, fold=0)


def day_bounds(day: date, tz: str) -> tuple[datetime, datetime]:
    """The instants of a local day, half-open; 23 or 25 hours apart when the clock changes that day.

    >>> start, end = day_bounds(date(2025, 3, 30), 'Europe/Berlin')
    >>> start, end - start
    (datetime.datetime(2025, 3, 29, 23, 0), datetime.timedelta(seconds=82800))

    :return: (first instant, first instant of the next day), naive, in UTC
    :raise TimeZoneError: for an unknown time zone
    """
    return range_bounds(day, day + ONE_DAY, tz)


def range_bounds(first: date, last_exclusive: date, tz: str) -> tuple[datetime, datetime]:
    """The instants of a half-open range of local days, naive, in UTC.

    >>> range_bounds(*period_bounds('year', date(2025, 3, 20), 'jalali'), 'Asia/Tehran')
    (datetime.datetime(2024, 3, 19, 20, 30), datetime.datetime(2025, 3, 20, 20, 30))

    :raise TimeZoneError: for an unknown time zone
    """
    return _midnight(first, tz), _midnight(last_exclusive, tz)


def utc_instant(local: datetime, tz: str) -> datetime:
    """The instant at which the club's wall clock shows a time; the inverse of :func:`local_datetime`.

    Of a time that the clock shows twice the first is meant; one that it skips counts as if it had not been put forward.

    >>> utc_instant(datetime(2025, 3, 20, 12), 'Asia/Tehran')
    datetime.datetime(2025, 3, 20, 8, 30)

    :raise TimeZoneError: for an unknown time zone
    """
    return local.replace(tzinfo=_zone(tz)).astimezone(timezone.utc).replace(tzinfo=None)


def _midnight(day: date, tz: str) -> datetime:
    # fold=0: a midnight that does not exist (clocks go forward at 00:00) becomes the instant of the change, and
    # of a midnight that exists twice the first is meant. Both are the first instant of that local day.
    return utc_instant(datetime.combine(day, time.min), tz)


# -- periods -----------------------------------------------------------------------------------------


def period_bounds(kind: str, day: date, calendar: str = GREGORIAN, week_start: int = 0) -> tuple[date, date]:
    """The period of a kind that contains a day.

    >>> period_bounds('week', date(2025, 3, 20), week_start=5)
    (datetime.date(2025, 3, 15), datetime.date(2025, 3, 22))
    >>> period_bounds('quarter', date(2025, 3, 20), 'gregorian')
    (datetime.date(2025, 1, 1), datetime.date(2025, 4, 1))
    >>> period_bounds('year', date(2025, 3, 20), 'jalali')
    (datetime.date(2024, 3, 20), datetime.date(2025, 3, 21))

    :param kind: one of :data:`PERIODS`
    :param week_start: 0 for Monday to 6 for Sunday
    :return: (first, last_exclusive)
    :raise CalendarError: for an unknown calendar, kind or first day of the week
    """
    check_calendar(calendar)
    if kind == "day":
        return day, day + ONE_DAY
    if kind == "week":
        if not 0 <= week_start <= 6:
            raise CalendarError(f"a week starts on day 0 (Monday) to 6 (Sunday), not on {week_start!r}")
        first = day - timedelta(days=(day.weekday() - week_start) % 7)
        return first, first + timedelta(days=7)
    if kind == "lifetime":
        return LIFETIME_FIRST, LIFETIME_LAST_EXCLUSIVE
    year, month, _dom = parts(day, calendar)
    if kind == "month":
        length = 1
    elif kind == "quarter":
        month, length = month - (month - 1) % 3, 3
    elif kind == "year":
        month, length = 1, 12
    else:
        raise CalendarError(f"{kind!r} is not a period; there are {', '.join(PERIODS)}")
    first = from_parts(year, month, 1, calendar)
    return first, add_months(first, length, calendar)


def format_period(kind: str, day: date, calendar: str = GREGORIAN, week_start: int = 0) -> str:
    """A short name of the period that contains a day: sortable, unique within its kind, the same for ever.

    >>> [format_period(kind, date(2025, 3, 20), 'jalali', 5) for kind in PERIODS]
    ['1403-12-30', '1403-12-25..1404-01-01', '1403-12', '1403-Q4', '1403', 'lifetime']

    :raise CalendarError: as :func:`period_bounds`
    """
    first, last_exclusive = period_bounds(kind, day, calendar, week_start)
    year, month, _dom = parts(first, calendar)
    if kind == "day":
        return format_day(first, calendar)
    if kind == "week":
        return f"{format_day(first, calendar)}..{format_day(last_exclusive - ONE_DAY, calendar)}"
    if kind == "month":
        return f"{year:04d}-{month:02d}"
    if kind == "quarter":
        return f"{year:04d}-Q{(month + 2) // 3}"
    return f"{year:04d}" if kind == "year" else "lifetime"


def format_day(day: date, calendar: str = GREGORIAN) -> str:
    """A day as year-month-day in a calendar.

    >>> format_day(date(2025, 3, 20), 'jalali')
    '1403-12-30'

    :raise CalendarError: for an unknown calendar
    """
    year, month, dom = parts(day, calendar)
    return f"{year:04d}-{month:02d}-{dom:02d}"


def add_months(day: date, months: int, calendar: str = GREGORIAN) -> date:
    """The same day of the month, months later (or earlier); the month's last day where it is too short.

    >>> add_months(date(2025, 1, 31), 1), add_months(date(2024, 2, 29), 12)
    (datetime.date(2025, 2, 28), datetime.date(2025, 2, 28))
    >>> to_jalali(add_months(from_jalali(1403, 12, 30), 12, 'jalali'))
    (1404, 12, 29)

    :raise CalendarError: for an unknown calendar
    """
    year, month, dom = parts(day, calendar)
    years, month0 = divmod(month - 1 + months, 12)
    return clipped(year + years, month0 + 1, dom, calendar)


def rolling_window(day: date, months: int, calendar: str = GREGORIAN) -> tuple[date, date]:
    """The months that end with a day, that day included.

    >>> rolling_window(date(2025, 3, 31), 1)
    (datetime.date(2025, 3, 1), datetime.date(2025, 4, 1))

    :return: (first, last_exclusive)
    :raise CalendarError: for an unknown calendar or fewer than one month
    """
    if months < 1:
        raise CalendarError(f"a rolling window has at least one month, not {months!r}")
    last_exclusive = day + ONE_DAY
    return add_months(last_exclusive, -months, calendar), last_exclusive


def next_yearly(month: int, dom: int, after: date, calendar: str = GREGORIAN) -> date:
    """The first return of a day of the year strictly after a day; clipped in years whose month is shorter.

    >>> next_yearly(2, 29, date(2025, 1, 1)), next_yearly(2, 29, date(2028, 2, 28))
    (datetime.date(2025, 2, 28), datetime.date(2028, 2, 29))
    >>> to_jalali(next_yearly(12, 30, from_jalali(1403, 12, 30), 'jalali'))
    (1404, 12, 29)

    :raise CalendarError: for an unknown calendar
    :raise DateError: for a month or a day of the month that cannot be
    """
    _check_day_of_year(month, dom, calendar)
    year = parts(after, calendar)[0]
    candidate = clipped(year, month, dom, calendar)
    return candidate if candidate > after else clipped(year + 1, month, dom, calendar)


def _check_day_of_year(month: int, dom: int, calendar: str) -> None:
    check_calendar(calendar)
    if not (1 <= month <= 12 and 1 <= dom <= 31):
        raise DateError(f"there is no day {dom} in month {month} of any {calendar} year", "no_such_day")


# -- expiry ------------------------------------------------------------------------------------------


def fixed_day_expiry(day: date, month: int, dom: int, calendar: str = GREGORIAN, grace_months: int = 0) -> date:
    """The fixed day of the year on which points earned on a day expire: the next one strictly after it.

    With a grace time, points earned fewer than that many months before the fixed day live until the one after.
    To let points live through 31 December, the fixed day is 1 January (see :func:`is_expired`).

    >>> fixed_day_expiry(date(2025, 6, 1), 1, 1), fixed_day_expiry(date(2025, 1, 1), 1, 1)
    (datetime.date(2026, 1, 1), datetime.date(2026, 1, 1))
    >>> fixed_day_expiry(date(2025, 11, 1), 1, 1, grace_months=3)
    datetime.date(2027, 1, 1)

    :raise CalendarError: for an unknown calendar or a negative grace time
    :raise DateError: for a day that exists in no year
    """
    if grace_months < 0:
        raise CalendarError(f"a grace time has no or more months, not {grace_months!r}")
    return next_yearly(month, dom, add_months(day, grace_months, calendar), calendar)


def expiry_date(
    policy: str,
    earned_on: date,
    months: int = 0,
    month: int = 1,
    dom: int = 1,
    calendar: str = GREGORIAN,
    grace_months: int = 0,
) -> date | None:
    """The first day on which points can no longer be spent; ``None``: they never expire.

    >>> expiry_date('months', date(2025, 1, 31), months=13)
    datetime.date(2026, 2, 28)
    >>> expiry_date('fixed_day', date(2025, 3, 20), month=1, dom=1, calendar='jalali')
    datetime.date(2025, 3, 21)
    >>> expiry_date('never', date(2025, 1, 31)) is None
    True

    :param policy: ``never``; ``months`` after they were earned; ``inactivity``, months after the member's last
        activity, which is then what ``earned_on`` says; ``fixed_day`` of the year
    :param earned_on: the club's local day
    :raise CalendarError: for an unknown policy or calendar, or fewer than one month
    :raise DateError: for a fixed day that exists in no year
    """
    check_calendar(calendar)
    if policy == "never":
        return None
    if policy in ("months", "inactivity"):
        if months < 1:
            raise CalendarError(f"points live for at least one month, not {months!r}")
        return add_months(earned_on, months, calendar)
    if policy == "fixed_day":
        return fixed_day_expiry(earned_on, month, dom, calendar, grace_months)
    raise CalendarError(f"{policy!r} is not an expiry policy; there are {', '.join(EXPIRY_POLICIES)}")


def is_expired(expires_on: date | None, today: date) -> bool:
    """Whether points have expired: from ``expires_on`` on, the day before is the last to spend them.

    >>> is_expired(date(2026, 1, 1), date(2025, 12, 31)), is_expired(date(2026, 1, 1), date(2026, 1, 1))
    (False, True)

    :param today: the club's local day
    """
    return expires_on is not None and expires_on <= today
