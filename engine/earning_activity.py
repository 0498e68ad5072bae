"""What a member does besides buying: how full a profile is, visits in a row, how one joined, which tier was reached.

Pure functions, and the conditions that rules ask about them. The facts stand in ``event.values``: ``percent`` and
``before`` of a profile, ``streaks`` of visits, ``source`` of a joining, ``tier_id`` and ``reaches`` of a tier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from . import periods
from .earning import Context, Event, History, Why, register_condition

#: Periods in which visits follow each other.
STREAK_PERIODS = ("day", "week", "month")
ONE_DAY = timedelta(days=1)


# -- profile -------------------------------------------------------------------------------------------


def filled_percent(answers: Iterable[tuple[int, bool]]) -> int | None:
    """How much of a profile is filled in, rounded downwards, so that only a full one has 100.

    >>> filled_percent([(1, True), (1, True), (1, False)]), filled_percent([(2, True), (0, False)])
    (66, 100)
    >>> filled_percent([(0, True)]) is None
    True

    :param answers: weight and whether it is filled in; weight 0 does not count.
    :return: 0 to 100; ``None`` if nothing counts.
    """
    total = reached = 0
    for weight, filled in answers:
        total += weight
        reached += weight if filled else 0
    return 100 * reached // total if total else None


def thresholds_reached(best: int, percent: int, asked: Iterable[int]) -> list[int]:
    """The percents that somebody asks for and that were reached now for the first time; 100 is always asked for.

    >>> thresholds_reached(0, 70, [50, 80]), thresholds_reached(50, 100, [50, 80])
    ([50], [80, 100])
    >>> thresholds_reached(100, 100, [50])
    []
    """
    return [number for number in sorted({100, *asked}) if best < number <= percent]


def _profile_percent(value: int, event: Event, history: History, context: Context) -> Why | None:
    """Fires for the fact that crosses the percent, so once however often the profile is emptied and filled.

    >>> fact = Event("profile", datetime(2026, 5, 1), values={"percent": 100, "before": 50})
    >>> _profile_percent(80, fact, History(), Context())
    >>> _profile_percent(50, fact, History(), Context()).code
    'profile_before'
    """
    percent = int(event.values.get("percent", 100))
    if percent < value:
        return Why("profile_percent", {"percent": percent, "asked": value})
    if int(event.values.get("before", 0)) >= value:
        return Why("profile_before", {"asked": value})
    return None


# -- visits --------------------------------------------------------------------------------------------


class Streak(NamedTuple):
    """Visits in ``times`` periods of a kind in a row, on one channel or (empty) on any."""

    period: str
    times: int
    channel: str = ""


class Visit(NamedTuple):
    """A visit: the club's local time and the channel. There is one a day and channel, so visits have an order.

    ``number`` is the order in which visits became known: one may be told late.
    """

    at: datetime
    channel: str
    number: int = 0


def _previous(period: str, first: date, calendar: str, week_start: int) -> date:
    return periods.period_bounds(period, first - ONE_DAY, calendar, week_start)[0]


def runs(
    visits: Sequence[Visit], period: str, channel: str = "", calendar: str = "gregorian", week_start: int = 0
) -> dict[Visit, int]:
    """How many periods in a row a visit of each period completes, itself included: the one that was known first.

    >>> days = [Visit(datetime(2026, 5, day, 9), "shop") for day in (1, 2, 4, 5, 6)]
    >>> list(runs(days, "day").values()), list(runs(days, "week").values())
    ([1, 2, 1, 2, 3], [1, 2])

    A second visit of the same period completes nothing; one on another channel does not count where a channel is asked.

    >>> twice = [Visit(datetime(2026, 5, 1, 9), "counter"), Visit(datetime(2026, 5, 1, 9), "shop")]
    >>> len(runs(twice, "day")), len(runs(twice, "day", "shop"))
    (1, 1)

    A visit that is told late, of a time before one that is known, completes nothing either: the period was complete.

    >>> late = [Visit(datetime(2026, 5, 1, 11), "shop", 1), Visit(datetime(2026, 5, 1, 9), "counter", 2)]
    >>> [visit.channel for visit in runs(late, "day")]
    ['shop']

    Months are those of the club's calendar: 20 March 2025 is the last day of Esfand, 21 March the first of Farvardin.

    >>> around = [Visit(datetime(2025, 3, 20, 9), "shop"), Visit(datetime(2025, 3, 21, 9), "shop")]
    >>> list(runs(around, "month", "", "jalali").values()), list(runs(around, "month").values())
    ([1, 2], [1])

    :param visits: in any order.
    :return: by visit, in the order of the periods; further visits of a period are left out.
    """
    by_period: dict[date, Visit] = {}
    for visit in sorted(visits):
        if channel and visit.channel != channel:
            continue
        first = periods.period_bounds(period, visit.at.date(), calendar, week_start)[0]
        known = by_period.get(first)
        if known is None or visit.number < known.number:
            by_period[first] = visit
    found: dict[Visit, int] = {}
    last_first: date | None = None
    length = 0
    for first, visit in by_period.items():
        length = length + 1 if last_first == _previous(period, first, calendar, week_start) else 1
        last_first = first
        found[visit] = length
    return found


class Streaks:
    """The visits of one member, from which streaks are counted when somebody asks, once each.

    >>> first, second = (Visit(datetime(2026, 5, day, 9), "shop") for day in (1, 2))
    >>> streaks = Streaks([second, first])
    >>> [streaks.length(visit, "day") for visit in (first, second)], streaks.length(first, "day", "counter")
    ([1, 2], 0)
    """

    def __init__(self, visits: Sequence[Visit], calendar: str = "gregorian", week_start: int = 0) -> None:
        self.visits = visits
        self.calendar = calendar
        self.week_start = week_start
        self._runs: dict[tuple[str, str], dict[tuple[datetime, str], int]] = {}

    def length(self, visit: Visit, period: str, channel: str = "") -> int:
        """How many periods in a row ``visit`` completes; 0 if another one of its period was known before."""
        key = (period, channel)
        if key not in self._runs:
            found = runs(self.visits, period, channel, self.calendar, self.week_start)
            self._runs[key] = {(first.at, first.channel): length for first, length in found.items()}
        return self._runs[key].get((visit.at, visit.channel), 0)


class Standing(NamedTuple):
    """A streak that lives today: its length, and whether the present period has its visit already."""

    length: int
    today: bool


def standing(
    visits: Sequence[Visit],
    today: date,
    period: str,
    channel: str = "",
    calendar: str = "gregorian",
    week_start: int = 0,
) -> Standing:
    """The streak that a visit today would continue; length 0 if there is none.

    >>> days = [Visit(datetime(2026, 5, day, 9), "shop") for day in (1, 2, 3)]
    >>> [standing(days, date(2026, 5, day), "day") for day in (3, 4)]
    [Standing(length=3, today=True), Standing(length=3, today=False)]
    >>> standing(days, date(2026, 5, 5), "day")
    Standing(length=0, today=False)
    """
    lengths = runs([visit for visit in visits if visit.at.date() <= today], period, channel, calendar, week_start)
    if not lengths:
        return Standing(0, False)
    last = list(lengths)[-1]
    first = periods.period_bounds(period, last.at.date(), calendar, week_start)[0]
    now = periods.period_bounds(period, today, calendar, week_start)[0]
    if first == now:
        return Standing(lengths[last], True)
    return Standing(lengths[last] if first == _previous(period, now, calendar, week_start) else 0, False)


def missing(length: int, count: int) -> int:
    """How many periods more until a streak of ``count`` pays (again).

    >>> [missing(length, 5) for length in (0, 4, 5, 9)]
    [5, 1, 5, 1]
    """
    return count - length % count


def _visit_streak(value: Streak, event: Event, history: History, context: Context) -> Why | None:
    """Fires when the streak reaches its length and at each further multiple.

    >>> days = [Visit(datetime(2026, 5, day, 9), "shop") for day in (1, 2, 3, 4)]
    >>> fact = Event("visit", days[3].at, channel="shop", values={"streaks": Streaks(days)})
    >>> _visit_streak(Streak("day", 2), fact, History(), Context())
    >>> _visit_streak(Streak("day", 3), fact, History(), Context()).values["length"]
    4
    """
    streaks = event.values.get("streaks")
    length = streaks.length(Visit(event.at, event.channel), value.period, value.channel) if streaks else 0
    if length == 0:
        return Why("visit_again", {"period": value.period})
    return None if length % value.times == 0 else Why("visit_streak", {"length": length, "count": value.times})


# -- joining and tiers ---------------------------------------------------------------------------------


def _join_source(value: str, event: Event, history: History, context: Context) -> Why | None:
    return None if event.values.get("source") == value else Why("join_source")


def _reached_tiers(value: frozenset[int], event: Event, history: History, context: Context) -> Why | None:
    return None if event.values.get("tier_id") in value else Why("reached_tiers")


def may_reward_again(days: Sequence[date], calendar: str = "gregorian") -> bool:
    """Whether the last of these days, on which a tier was reached, is a year or more after the last that counted.

    The first counts; each further one counts if the one that counted before it is 12 months back.

    >>> may_reward_again([date(2026, 1, 5)]), may_reward_again([date(2026, 1, 5), date(2026, 11, 1)])
    (True, False)
    >>> may_reward_again([date(2026, 1, 5), date(2026, 11, 1), date(2027, 1, 5)])
    True
    """
    counted: date | None = None
    again = False
    for day in days:
        again = counted is None or periods.add_months(counted, 12, calendar) <= day
        if again:
            counted = day
    return again


class Again(NamedTuple):
    """How often reaching the same tier pays: ``once``, per ``year`` in a calendar, or ``always``."""

    mode: str
    calendar: str = "gregorian"


def _tier_again(value: Again, event: Event, history: History, context: Context) -> Why | None:
    """Falling and rising again does not pay twice.

    >>> reaches = {7: [(1, date(2026, 1, 5)), (4, date(2026, 11, 1))]}
    >>> def fact(row):
    ...     values = {"tier_id": 7, "history_id": row, "reaches": reaches}
    ...     return Event("tier", datetime(2026, 11, 1, 9), values=values)
    >>> _tier_again(Again("once"), fact(1), History(), Context())
    >>> [_tier_again(Again(mode), fact(4), History(), Context()) for mode in ("once", "year", "always")]
    [Why(code='tier_once', values=...), Why(code='tier_year', values=...), None]
    """
    reaches: Sequence[tuple[int, date]] = event.values.get("reaches", {}).get(event.values.get("tier_id"), ())
    row: Any = event.values.get("history_id")
    earlier = [day for number, day in sorted(reaches) if (number < row if row else day < event.at.date())]
    if value.mode == "always" or not earlier:
        return None
    if value.mode == "year":
        days = [*earlier, event.at.date()]
        return None if may_reward_again(days, value.calendar) else Why("tier_year", {"last": earlier[-1]})
    return Why("tier_once", {"last": earlier[-1]})


register_condition("profile_percent", _profile_percent)
register_condition("visit_streak", _visit_streak)
register_condition("join_source", _join_source)
register_condition("reached_tiers", _reached_tiers)
register_condition("tier_again", _tier_again)
