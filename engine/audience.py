"""Who something is for: a prize, a draw, a reward, an offer.

>>> for_gold = Audience(least_threshold=500, days=(None, date(2026, 12, 31)))
>>> refusal(for_gold, Person(tier=2, threshold=1000), date(2026, 12, 31))
''
>>> refusal(for_gold, Person(tier=1, threshold=100), date(2026, 12, 31))
'tier'
>>> refusal(for_gold, Person(tier=2, threshold=1000), date(2027, 1, 1))
'over'
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Person:
    """A member as an audience sees it. ``threshold``: of its tier; ``None`` without a tier."""

    tier: int | None = None
    threshold: Decimal | float | None = None
    groups: frozenset[int] = frozenset()
    segments: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """Empty conditions ask nothing; within one condition any value will do, and all conditions must hold.

    ``least_threshold``: this tier's and above; ``days``: first and last day, both included.
    """

    least_threshold: Decimal | float | None = None
    tiers: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    segments: frozenset[int] = frozenset()
    days: tuple[date | None, date | None] = (None, None)


def refusal(audience: Audience, person: Person, today: date) -> str:
    """Why this is not for a person today: ``early``, ``over``, ``tier``, ``group``, ``segment``, or empty if it is."""
    first, last = audience.days
    if first and today < first:
        return "early"
    if last and today > last:
        return "over"
    if audience.least_threshold is not None and (
        person.threshold is None or person.threshold < audience.least_threshold
    ):
        return "tier"
    if audience.tiers and person.tier not in audience.tiers:
        return "tier"
    if audience.groups and not audience.groups & person.groups:
        return "group"
    if audience.segments and not audience.segments & person.segments:
        return "segment"
    return ""
