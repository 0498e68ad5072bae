"""Conditions of rules about occasions: on the day itself, or on something done near it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from . import periods
from .earning import Context, Event, History, Why, register_condition


class KeptDay(NamedTuple):
    """A day of the year that a member keeps, and the first day on which it counts."""

    kind: str
    calendar: str
    month: int
    day: int
    counts_from: date


class Near(NamedTuple):
    """How near an occasion something must happen. ``kind`` is ``any`` or a kind of occasion.

    >>> birthday = KeptDay("birthday", "gregorian", 12, 30, date(2020, 1, 1))
    >>> near = Near("any", before=3, after=2)
    >>> [near.finds([birthday], date(2026, 12, 30) + timedelta(days=shift)) for shift in (-4, -3, 0, 2, 3)]
    [False, True, True, True, False]
    """

    kind: str
    before: int = 0
    after: int = 0

    def finds(self, days: Iterable[KeptDay], on: date) -> bool:
        """Whether ``on`` lies at most ``before`` days before, or ``after`` days after, a return of one of the days."""
        last = on + timedelta(days=self.before)
        for kept in days:
            if self.kind in ("any", kept.kind):
                first = max(on - timedelta(days=self.after), kept.counts_from)
                day = periods.next_yearly(kept.month, kept.day, first - timedelta(days=1), kept.calendar)
                if day <= last:
                    return True
        return False


def kind(value: str, event: Event, history: History, context: Context) -> Why | None:
    """Only occasions of this kind count."""
    return None if event.values.get("occasion") == value else Why("occasion_kind")


def near(value: Near, event: Event, history: History, context: Context) -> Why | None:
    """``occasions`` holds the :class:`KeptDay` values of the member."""
    return None if value.finds(event.values.get("occasions", ()), event.at.date()) else Why("occasion_near")


def kept_on(day: date, calendar: str) -> tuple[int, frozenset[tuple[int, int]]]:
    """Which occasions of a calendar are kept on a day: the year, and pairs of month and day.

    In ordinary years the last day of a month that a leap year prolongs is kept for the leap day, too.

    >>> kept_on(date(2026, 2, 28), "gregorian") == (2026, frozenset({(2, 28), (2, 29)}))
    True
    >>> kept_on(date(2024, 2, 28), "gregorian") == (2024, frozenset({(2, 28)}))
    True
    >>> kept_on(date(2026, 3, 20), "jalali") == (1404, frozenset({(12, 29), (12, 30)}))
    True
    """
    year, month, dom = periods.parts(day, calendar)
    days = {(month, dom)}
    if dom == periods.month_length(year, month, calendar):
        days |= {(month, later) for later in range(dom + 1, _longest(month, calendar) + 1)}
    return year, frozenset(days)


def _longest(month: int, calendar: str) -> int:
    return periods.month_length({"gregorian": 2024, "jalali": 1403}[calendar], month, calendar)


register_condition("occasion_kind", kind)
register_condition("occasion_near", near)
