"""When a rule counts, and which lines of a purchase: conditions and line filters, the addon's own and those of others.

>>> seven = Event("custom", datetime(2026, 5, 1, 12), tier=7)
>>> CONDITIONS["tiers"](frozenset({7, 8}), seven, History(), Context())
>>> CONDITIONS["tiers"](frozenset({8}), seven, History(), Context()).code
'tiers'
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from .earning_values import ZERO, Context, Event, History, Line, Why

Condition = Callable[[Any, Event, History, Context], "Why | None"]
LineFilter = Callable[[Any, Line, Event, History], bool]

CONDITIONS: dict[str, Condition] = {}
LINE_FILTERS: dict[str, LineFilter] = {}


def register_condition(name: str, function: Condition) -> Condition:
    """Let ``function`` decide about the value that a rule has under ``name`` in its conditions."""
    CONDITIONS[name] = function
    return function


def register_line_filter(name: str, function: LineFilter) -> LineFilter:
    """Let ``function`` choose the lines that a rule counts, by the value under ``name`` in its conditions."""
    LINE_FILTERS[name] = function
    return function


# -- the addon's own -----------------------------------------------------------------------------------


class When(NamedTuple):
    """Days and hours in the club's time: last day included, end of hours excluded, weekdays 0 (Monday) to 6.

    Hours that end before they begin run over midnight and belong to the day they began on.

    >>> night = When(weekdays=frozenset({4}), minute_from=22 * 60, minute_to=2 * 60)  # Friday night
    >>> night.refuses(datetime(2026, 5, 2, 1, 59))  # Saturday, 01:59
    >>> night.refuses(datetime(2026, 5, 2, 2, 0)).code, night.refuses(datetime(2026, 5, 1, 1, 0)).code
    ('hours', 'weekdays')
    """

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    minute_from: int = 0
    minute_to: int = 0

    def refuses(self, at: datetime) -> Why | None:
        """Why ``at`` (local) is not within; None if it is."""
        day, minute = at.date(), at.hour * 60 + at.minute
        start, end = self.minute_from, self.minute_to or 24 * 60
        if start < end:
            if not start <= minute < end:
                return Why("hours", {"start": start, "end": end})
        elif end <= minute < start:
            return Why("hours", {"start": start, "end": end})
        elif minute < end:
            day -= timedelta(days=1)
        if self.first and day < self.first:
            return Why("not_yet", {"date": self.first})
        if self.last and day > self.last:
            return Why("over", {"date": self.last})
        if self.weekdays and day.weekday() not in self.weekdays:
            return Why("weekdays", {"weekday": day.weekday()})
        return None


def _when(value: When, event: Event, history: History, context: Context) -> Why | None:
    return value.refuses(event.at)


def _tiers(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if event.tier in value else Why("tiers")


def _channel(value: str, event: Event, history: History, context: Context) -> Why | None:
    return None if event.channel == value else Why("channel", {"channel": value})


def _methods(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if value & event.methods else Why("methods")


def _terms(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if event.term in value else Why("terms")


def _nth(value: tuple[str, int], event: Event, history: History, context: Context) -> Why | None:
    mode, number = value
    fits = {
        "exact": history.number == number,
        "every": history.number % number == 0,
        "from": history.number >= number,
    }[mode]
    return None if fits else Why("nth", {"number": history.number, "mode": mode, "nth": number})


def _within_days(value: int, event: Event, history: History, context: Context) -> Why | None:
    if history.last_on and timedelta(0) <= event.at.date() - history.last_on <= timedelta(days=value):
        return None
    return Why("within_days", {"days": value, "last": history.last_on})


def _frequency(value: tuple[int, str], event: Event, history: History, context: Context) -> Why | None:
    count, period = value
    now = history.counts.get(period, 1)
    return None if now == count else Why("frequency", {"number": now, "count": count, "period": period})


def _days_to_pay(value: int, event: Event, history: History, context: Context) -> Why | None:
    if not event.settled or event.days_to_pay is None:
        return Why("not_paid", {"days": value})
    return None if event.days_to_pay <= value else Why("paid_late", {"days": value, "taken": event.days_to_pay})


def _overdue(value: Decimal, event: Event, history: History, context: Context) -> Why | None:
    overdue = event.overdue or ZERO
    return None if overdue <= value else Why("overdue", {"overdue": overdue, "most": value})


def _products(value: frozenset[int], line: Line, event: Event, history: History) -> bool:
    return line.product in value


def _categories(value: frozenset[int], line: Line, event: Event, history: History) -> bool:
    return bool(value & line.categories)


def _tags(value: frozenset[int], line: Line, event: Event, history: History) -> bool:
    return bool(value & line.tags)


def _first_in_category(value: frozenset[int], line: Line, event: Event, history: History) -> bool:
    """New to the member: one of the rule's categories that the line is in, or without any the line's own."""
    asked = value & line.categories if value else {line.category} - {0}
    return bool(asked - history.bought)


_OWN_CONDITIONS: dict[str, Condition] = {
    "when": _when,
    "tiers": _tiers,
    "channel": _channel,
    "methods": _methods,
    "terms": _terms,
    "nth": _nth,
    "within_days": _within_days,
    "frequency": _frequency,
    "days_to_pay": _days_to_pay,
    "overdue": _overdue,
}
for _name, _condition in _OWN_CONDITIONS.items():
    register_condition(_name, _condition)
for _name, _filter in {
    "products": _products,
    "categories": _categories,
    "tags": _tags,
    "first_in_category": _first_in_category,
}.items():
    register_line_filter(_name, _filter)
