"""Who has which place in a contest. No clock, no database: the same results always give the same places.

A *result* is what one member reached: ``measure`` (the more, the better) and ``reached``, the moment of the fact that
brought the measure to what it is. Two ways to treat members with the same measure:

- ``first``: who reached it earlier has the better place; only the same moment shares a place;
- ``shared``: they share the place, and the places after it that they take up are skipped: 1, 2, 2, 4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from .errors import EngineError

TIES = ("first", "shared")


class ContestError(EngineError):
    """A contest that cannot be ranked: an unknown way to treat ties, or a member with two results."""


class Result(NamedTuple):
    """What a member reached; ``reached`` is naive, in UTC."""

    member: int
    measure: Decimal
    reached: datetime


class Place(NamedTuple):
    """A member's place. ``position`` counts 1, 2, 3 … without ties, for lists; ``rank`` is the place that is told."""

    position: int
    rank: int
    member: int
    measure: Decimal
    reached: datetime


def rank(results: Iterable[Result], ties: str = "first", minimum: Decimal = Decimal(0)) -> list[Place]:
    """Places of everybody whose measure is more than 0 and at least ``minimum``, best first.

    >>> noon, later = datetime(2026, 5, 1, 12), datetime(2026, 5, 2, 12)
    >>> results = [Result(1, Decimal(3), later), Result(2, Decimal(5), later), Result(3, Decimal(3), noon)]
    >>> [(place.rank, place.member) for place in rank(results)]
    [(1, 2), (2, 3), (3, 1)]
    >>> results.append(Result(4, Decimal(1), noon))
    >>> [(place.rank, place.member) for place in rank(results, "shared")]
    [(1, 2), (2, 3), (2, 1), (4, 4)]
    >>> [place.member for place in rank(results, "shared", minimum=Decimal(3))]
    [2, 3, 1]

    :param ties: ``first`` or ``shared``, see the module
    :raise ContestError: for an unknown way to treat ties, or a member with two results
    """
    if ties not in TIES:
        raise ContestError(f"{ties!r} is no way to treat ties; there are {', '.join(TIES)}")
    placed = sorted(
        (result for result in results if result.measure > 0 and result.measure >= minimum),
        key=lambda result: (-result.measure, result.reached, result.member),
    )
    if len({result.member for result in placed}) != len(placed):
        raise ContestError("a member has two results")
    places: list[Place] = []
    for position, result in enumerate(placed, 1):
        place, before = position, places[-1] if places else None
        same = before and before.measure == result.measure
        if before and same and (ties == "shared" or before.reached == result.reached):
            place = before.rank
        places.append(Place(position, place, result.member, result.measure, result.reached))
    return places


def bar(measure: Decimal, best: Decimal, place: int, last: int, hidden: bool = False) -> int:
    """How long a place's bar is, in percent, in steps of five: who knows one measure must not work out another.

    ``hidden``: the measure is money, and the bar tells the place only.

    >>> bar(Decimal(5), Decimal(10), 2, 3), bar(Decimal(1), Decimal(1000), 3, 3)
    (50, 5)
    >>> [bar(Decimal(1), Decimal(10), place, 3, hidden=True) for place in (1, 2, 3)]
    [100, 65, 30]
    """
    share = Decimal(last - place + 1) / max(last, 1) if hidden else measure / best if best > 0 else Decimal(0)
    return int(min(max(share * 20 // 1, Decimal(1)), Decimal(20))) * 5 if share < 1 else 100


def digest(terms: Mapping[str, Any], places: Iterable[Place]) -> str:
    """SHA-256 of a closed contest: of what it counted, and of every place. It names no person, so it outlives erasures.

    The text is one line of JSON for ``terms`` (keys in order), then one per place, by position: a list of rank, member,
    measure and the moment reached. Every line ends in LF.

    >>> place = Place(1, 1, 7, Decimal("3.50"), datetime(2026, 5, 1, 12))
    >>> digest({"contest": 1}, [place]) == digest({"contest": 1}, [place._replace(measure=Decimal("3.5"))])
    True
    >>> digest({"contest": 1}, [place]) == digest({"contest": 1}, [place._replace(rank=2)])
    False
    """
    lines = [json.dumps(dict(terms), sort_keys=True, ensure_ascii=False)]
    lines += [
        json.dumps([place.rank, place.member, f"{place.measure:.2f}", place.reached.isoformat(timespec="microseconds")])
        for place in sorted(places, key=lambda place: place.position)
    ]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
