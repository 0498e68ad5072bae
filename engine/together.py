"""What is shared: which points may be given, what of a pool is whose, and how little of a name others see.

A pool is spent by all who share it, so what is left belongs to them in proportion to what each brought (less what of it
expired: that was its bringer's loss). Who leaves takes its part in the points it brought itself, as far as they are
there, and only then in others'; every point keeps the day on which it expires.

>>> split(Decimal(100), {"anna": Decimal(200), "ben": Decimal(100)}, Decimal(1))
{'anna': Decimal('67'), 'ben': Decimal('33')}
>>> take(Decimal(50), [(1, Decimal(30))], [(2, Decimal(60)), (3, Decimal(20))], Decimal(1))
[(1, Decimal('30')), (2, Decimal('15')), (3, Decimal('5'))]
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import TypeVar

from .errors import EngineError

ZERO = Decimal(0)
Key = TypeVar("Key", bound=Hashable)


class NotSharedError(EngineError):
    """An amount cannot be split: it is negative, or more than there is to take from."""


@dataclass(frozen=True, slots=True)
class Source:
    """A lot of points that its owner would give away.

    :ivar remaining: what is left of it.
    :ivar fact: the type of the fact that first brought these points, e.g. ``purchase``; empty: none.
    :ivar issued_at: when they were first issued, whoever had them since.
    :ivar gift_at: when this owner got them as a gift; ``None``: not as a gift.
    """

    lot: Hashable
    remaining: Decimal
    fact: str
    issued_at: datetime
    gift_at: datetime | None = None
    expires_on: date | None = None


def givable(
    sources: Iterable[Source], issued_before: datetime, gift_before: datetime, today: date, facts: Iterable[str]
) -> list[Source]:
    """Those that may be given to somebody else: aged points of purchases (abuse 10), next to expire first.

    :param issued_before: points issued later are too young.
    :param gift_before: points received as a gift later stay where they are.
    :param facts: the types of facts whose points may be given.

    >>> lots = [Source(1, Decimal(5), "join", datetime(2026, 1, 1)), Source(2, Decimal(7), "purchase",
    ...         datetime(2026, 1, 1))]
    >>> [source.lot for source in givable(lots, datetime(2026, 2, 1), datetime(2026, 2, 1), date(2026, 3, 1),
    ...                                   ["purchase"])]
    [2]
    """
    allowed = frozenset(facts)
    found = [
        source
        for source in sources
        if source.fact in allowed
        and source.issued_at <= issued_before
        and (source.gift_at is None or source.gift_at <= gift_before)
        and (source.expires_on is None or source.expires_on > today)
        and source.remaining > 0
    ]
    return sorted(found, key=lambda source: (source.expires_on is None, source.expires_on or date.max))


def split(points: Decimal, weights: Mapping[Key, Decimal], step: Decimal) -> dict[Key, Decimal]:
    """Split points in proportion to weights, in multiples of ``step`` by largest remainder; nothing is lost or made.

    Equal remainders go to the larger weight, then to the first named. What is smaller than a step goes to the first of
    that order. Without any weight nobody gets anything.

    :raises NotSharedError: negative points or weights.

    >>> split(Decimal(10), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)}, Decimal(1))
    {'a': Decimal('4'), 'b': Decimal('3'), 'c': Decimal('3')}
    >>> split(Decimal("0.5"), {"a": Decimal(1)}, Decimal(1))
    {'a': Decimal('0.5')}
    """
    if points < 0 or any(weight < 0 for weight in weights.values()):
        raise NotSharedError("points and weights cannot be negative")
    total = sum(weights.values(), ZERO)
    if not total:
        return dict.fromkeys(weights, ZERO)
    # Whole numbers of hundredths of a step: a quotient of decimals would be rounded, and 1/3 three times is not 1.
    shares: dict[Key, Decimal] = {}
    rests: dict[Key, Decimal] = {}
    for key, weight in weights.items():
        steps = (points * weight) // (total * step)
        shares[key] = steps * step
        rests[key] = points * weight - shares[key] * total
    left = points - sum(shares.values(), ZERO)
    order = list(weights)
    ranking = sorted((key for key in order if weights[key]), key=lambda key: (-rests[key], -weights[key]))
    for key in ranking:
        if left < step:
            break
        shares[key] += step
        left -= step
    shares[ranking[0]] += left
    return shares


def take(
    points: Decimal,
    own: Sequence[tuple[Hashable, Decimal]],
    others: Sequence[tuple[Hashable, Decimal]],
    step: Decimal,
) -> list[tuple[Hashable, Decimal]]:
    """From which lots a part of a pool is taken: the own ones first, then others', in proportion within each group.

    :param own: lots and what is left of them, of the member who takes.
    :raises NotSharedError: the lots hold less.

    >>> take(Decimal(3), [(1, Decimal(4)), (2, Decimal(2))], [], Decimal(1))
    [(1, Decimal('2')), (2, Decimal('1'))]
    """
    first, second = (sum((left for _lot, left in lots), ZERO) for lots in (own, others))
    if points < 0 or points > first + second:
        raise NotSharedError(f"{points} points asked for, {first + second} there")
    from_own = min(points, first)
    return _take_within(from_own, own, step) + _take_within(points - from_own, others, step)


def _take_within(
    points: Decimal, lots: Sequence[tuple[Hashable, Decimal]], step: Decimal
) -> list[tuple[Hashable, Decimal]]:
    left = dict(lots)
    parts = {lot: min(part, left[lot]) for lot, part in split(points, left, step).items()}
    missing = points - sum(parts.values(), ZERO)
    for lot, there in left.items():  # a lot with less than a step gives what it has
        more = min(there - parts[lot], missing)
        parts[lot] += more
        missing -= more
    return [(lot, part) for lot, part in parts.items() if part > 0]


@dataclass(frozen=True, slots=True)
class Limit:
    """Most points within a period. ``most`` 0: no limit. ``name``: what tells the limits apart."""

    name: str
    most: Decimal
    used: Decimal = ZERO

    @property
    def left(self) -> Decimal | None:
        """What may still be given, never negative; ``None``: any number."""
        return max(self.most - self.used, ZERO) if self.most else None


def exceeded(points: Decimal, limits: Iterable[Limit]) -> Limit | None:
    """The tightest limit that so many points would pass, or ``None``.

    >>> exceeded(Decimal(10), [Limit("day", Decimal(20), Decimal(10)), Limit("gift", Decimal(9))]).name
    'gift'
    >>> exceeded(Decimal(10), [Limit("day", Decimal(0), Decimal(10**6))]) is None
    True
    """
    passed = [limit for limit in limits if limit.left is not None and points > limit.left]
    return min(passed, key=lambda limit: limit.left or ZERO) if passed else None


def masked(name: str) -> str:
    """What somebody else reads of a first name: the first letter, nothing of an address or a number.

    >>> masked("Anna Weber"), masked("anna@example.com"), masked(""), masked("  علی رضایی")
    ('A…', '…', '…', 'ع…')
    """
    words = (name or "").split()
    if not words or "@" in words[0] or any(character.isdigit() for character in words[0]):
        return "…"
    letters = [character for character in words[0] if unicodedata.category(character)[0] == "L"]
    return f"{letters[0]}…" if letters else "…"


def worth(points: Decimal, value: Decimal, unit: Decimal) -> Decimal:
    """Money for points, rounded down to the currency's smallest ``unit``: a cause is never promised more.

    >>> worth(Decimal(333), Decimal("0.01"), Decimal("0.01")), worth(Decimal(50), Decimal("0.5"), Decimal(1))
    (Decimal('3.33'), Decimal('25'))
    """
    return (points * value / unit).to_integral_value(rounding=ROUND_FLOOR) * unit
