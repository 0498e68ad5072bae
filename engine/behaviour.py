"""What a member's purchases and contacts say: quintiles, RFM groups, stages of the life cycle, the ladder.

>>> limits = Limits(new_days=30, risk_days=90, lapsed_days=365, won_back_days=60)
>>> stage(Purchases(date(2025, 1, 1), date(2025, 6, 1), 4, 0), date(2025, 6, 20), limits)
Stage(name='active', since=datetime.date(2025, 1, 31))
>>> stage(Purchases(date(2025, 1, 1), date(2025, 6, 1), 4, 0), date(2025, 9, 1), limits)
Stage(name='at_risk', since=datetime.date(2025, 8, 30))
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from .errors import EngineError

STAGES = ("prospect", "new", "active", "at_risk", "lapsed", "won_back")
LADDER = ("none", "single", "repeat", "loyal", "fan")
#: Of the silence that makes a member "at risk", who fades reaches it at this share.
FADING_SHARE = 0.5
#: Less than this many contacts or visits before are no habit that could fall.
HABIT = 2

Value = TypeVar("Value", float, date)


class BehaviourError(EngineError):
    """Limits that contradict each other: members would lapse before they are at risk."""


class Limits(NamedTuple):
    """A club's limits. Factors are multiples of the member's own interval; 0: days only.

    The days count for who has no interval yet, and where factors are 0. ``floor_days``: nobody is at risk earlier, for
    two purchases on following days are no rhythm.
    """

    new_days: int
    risk_days: int
    lapsed_days: int
    won_back_days: int
    risk_factor: float = 0.0
    lapsed_factor: float = 0.0
    floor_days: int = 0


class Purchases(NamedTuple):
    """When a member bought: first and last day, how many days, and the silence before the last one in days."""

    first: date | None
    last: date | None
    days: int
    gap: int


class Stage(NamedTuple):
    """A stage, and the day from which its facts held."""

    name: str
    since: date | None


class Trend(NamedTuple):
    """Contacts, visits and balance of the last 90 days (``recent``) and of the 90 before."""

    contacts: int = 0
    contacts_before: int = 0
    visits: int = 0
    visits_before: int = 0
    points: float = 0.0
    points_before: float = 0.0


# -- quintiles and groups ------------------------------------------------------------------------------


def cuts(values: Sequence[Value], parts: int = 5) -> list[Value | None]:
    """Where scores 2, 3, … begin: the smallest value that has them; ``None``: nobody has that score or more.

    A value's score is the fifth of the ranking in which it stands; equal values share the middle of their ranks, so
    ties get the same score, and if all are equal the middle one. Deterministic for any number of values.

    >>> cuts([1.0, 2.0, 3.0, 4.0, 5.0])
    [2.0, 3.0, 4.0, 5.0]
    >>> cuts([7.0, 7.0, 7.0]), cuts([1.0, 2.0]), cuts([])
    ([7.0, 7.0, None, None], [1.0, 2.0, 2.0, None], [None, None, None, None])
    """
    ordered = sorted(values)
    found: list[Value | None] = [None] * (parts - 1)
    index = 0
    while index < len(ordered):
        value = ordered[index]
        ties = 1
        while index + ties < len(ordered) and ordered[index + ties] == value:
            ties += 1
        fifth = 1 + parts * (2 * index + ties) // (2 * len(ordered))
        for level in range(2, min(fifth, parts) + 1):
            if found[level - 2] is None:
                found[level - 2] = value
        index += ties
    return found


def score(value: Value, begins: Sequence[Value | None]) -> int:
    """1 to 5, by the beginnings that :func:`cuts` found.

    >>> [score(value, [2.0, 3.0, 4.0, 5.0]) for value in (0.5, 2.0, 4.5, 9.0)]
    [1, 2, 4, 5]
    """
    return 1 + sum(1 for begin in begins if begin is not None and value >= begin)


def rfm_cell(recency: int, frequency: int, monetary: int) -> str:
    """The group that shops speak of, by scores from 1 to 5 (0: never bought).

    Frequency and money count as one, their mean rounded up.

    >>> rfm_cell(5, 5, 4), rfm_cell(5, 1, 1), rfm_cell(1, 5, 5), rfm_cell(2, 3, 3), rfm_cell(0, 0, 0)
    ('champions', 'new', 'cannot_lose', 'at_risk', 'none')
    """
    if not recency:
        return "none"
    return _CELLS[recency - 1][(frequency + monetary + 1) // 2 - 1]


#: By recency (rows, longest silence first) and by frequency and money together (columns, least first).
_CELLS = (
    ("lost", "lost", "at_risk", "cannot_lose", "cannot_lose"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    ("needs_attention", "needs_attention", "needs_attention", "loyal", "loyal"),
    ("promising", "promising", "loyal", "champions", "champions"),
    ("new", "promising", "loyal", "champions", "champions"),
)


# -- stages --------------------------------------------------------------------------------------------


def interval(purchases: Purchases) -> float:
    """Days between purchases on average; 0 before the second.

    >>> interval(Purchases(date(2025, 1, 1), date(2025, 1, 31), 4, 0))
    10.0
    """
    if purchases.days < 2 or not purchases.first or not purchases.last:
        return 0.0
    return (purchases.last - purchases.first).days / (purchases.days - 1)


def rhythm(purchases: Purchases) -> float:
    """The interval before the last silence: what the member was used to when it began.

    >>> rhythm(Purchases(date(2025, 1, 1), date(2025, 6, 1), 3, 141)), rhythm(Purchases(None, None, 0, 0))
    (10.0, 0.0)
    """
    if purchases.days < 3 or not purchases.first or not purchases.last:
        return 0.0
    return ((purchases.last - purchases.first).days - purchases.gap) / (purchases.days - 2)


def silence(limits: Limits, every: float) -> tuple[int, int]:
    """Days of silence from which a member who buys every so many days is at risk, and has lapsed.

    >>> limits = Limits(30, 90, 365, 60, 2, 4)
    >>> silence(limits, 10), silence(limits, 0), silence(limits._replace(risk_factor=0), 10)
    ((20, 40), (90, 365), (40, 40))

    :raise BehaviourError: the days contradict each other
    """
    if limits.risk_days > limits.lapsed_days:
        raise BehaviourError(f"at risk after {limits.risk_days} days, but lapsed after {limits.lapsed_days} already")
    risk = max(_days(limits.risk_factor, every) or limits.risk_days, limits.floor_days)
    lapsed = max(_days(limits.lapsed_factor, every) or limits.lapsed_days, limits.floor_days)
    return min(risk, lapsed), lapsed


def _days(factor: float, every: float) -> int:
    return max(1, round(factor * every)) if factor and every else 0


def fades(trend: Trend) -> bool:
    """Whether at least two of contacts, visits and balance fell to half or less.

    One alone proves nothing: a balance falls when points are spent, which is a good sign.

    >>> fades(Trend(contacts=3, contacts_before=8, visits=1, visits_before=5)), fades(Trend(3, 8))
    (True, False)
    """
    fallen = (
        trend.contacts_before >= HABIT and 2 * trend.contacts <= trend.contacts_before,
        trend.visits_before >= HABIT and 2 * trend.visits <= trend.visits_before,
        trend.points_before > 0 and 2 * trend.points <= trend.points_before,
    )
    return sum(fallen) >= 2


def stage(purchases: Purchases, today: date, limits: Limits, fading: bool = False) -> Stage:
    """Where a member stands in the life cycle; a limit's day itself counts.

    Lapsed and at risk by silence (who fades is at risk at half of it, unless new); won back for a while after a
    purchase that ended a silence as long as lapsing takes; new for a while after the first purchase; otherwise active.

    >>> limits = Limits(30, 90, 365, 60)
    >>> stage(Purchases(None, None, 0, 0), date(2025, 1, 1), limits).name
    'prospect'
    >>> back = Purchases(date(2023, 1, 1), date(2025, 1, 1), 2, 731)
    >>> stage(back, date(2025, 3, 1), limits).name, stage(back, date(2025, 3, 2), limits).name
    ('won_back', 'active')
    """
    if not purchases.first or not purchases.last:
        return Stage("prospect", None)
    first, last = purchases.first, purchases.last
    risk, lapsed = silence(limits, interval(purchases))
    silent = (today - last).days
    young = (today - first).days < limits.new_days
    if fading and not young:
        risk = max(1, limits.floor_days, int(risk * FADING_SHARE))
    if silent >= lapsed:
        return Stage("lapsed", last + timedelta(days=lapsed))
    if silent >= risk:
        return Stage("at_risk", last + timedelta(days=risk))
    returned = purchases.days > 1 and purchases.gap >= silence(limits, rhythm(purchases))[1]
    if returned and silent < limits.won_back_days:
        return Stage("won_back", last)
    if young:
        return Stage("new", first)
    since = max(first + timedelta(days=limits.new_days), last if purchases.gap >= risk else first)
    if returned:
        since = last + timedelta(days=limits.won_back_days)
    return Stage("active", min(since, today))


def ladder(purchases: int, loyal: int, fan: int) -> str:
    """The step that so many purchases reach: single, repeat from the second, ``loyal`` and ``fan`` from theirs.

    >>> [ladder(count, 4, 10) for count in (0, 1, 2, 3, 4, 9, 10)]
    ['none', 'single', 'repeat', 'repeat', 'loyal', 'loyal', 'fan']
    """
    if purchases >= fan:
        return "fan"
    if purchases >= loyal:
        return "loyal"
    return LADDER[min(purchases, 2)]
