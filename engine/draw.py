"""Random prizes: which prize a number chooses, the odds, what a play costs, and whether results agree with the odds.

No randomness of its own, no clock, no database: a number from outside chooses. Weights are whole numbers, so that
odds are exact; a prize that has run out leaves its weight to the *fallback*, so that no other prize gets likelier.

>>> slots = [Slot(1, weight=1, left=1), Slot(2, weight=9), Slot(3, weight=90)]
>>> chances = in_force(slots, fallback=3)
>>> [choose(chances, number) for number in (0, 1, 9, 10, 99)]
[1, 2, 2, 3, 3]
>>> in_force([Slot(1, weight=1, left=0), *slots[1:]], fallback=3)
(Chance(prize=2, weight=9), Chance(prize=3, weight=91))
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from .errors import EngineError

#: Cells of a chi-square test with fewer expected plays are put together (Cochran's rule of thumb).
LEAST_EXPECTED = 5
#: The largest sum of weights: far more than any odds need, and small enough for a column of the database.
MOST_WEIGHT = 10**15


class DrawError(EngineError):
    """Odds that are none: a weight below zero, nothing to choose from, or a number outside of what can be chosen."""


class Slot(NamedTuple):
    """A prize with its weight. ``left``: how many there still are; ``None`` without limit."""

    prize: int
    weight: int
    left: int | None = None


class Chance(NamedTuple):
    """What can be won at this moment. ``prize`` is ``None`` for nothing."""

    prize: int | None
    weight: int


class Segment(NamedTuple):
    """A part of a wheel, in degrees clockwise from the top."""

    prize: int | None
    start: float
    sweep: float


def in_force(slots: Iterable[Slot], fallback: int | None = None) -> tuple[Chance, ...]:
    """The odds at this moment: prizes with a weight, in order; what is out gives its weight to ``fallback``.

    >>> in_force([Slot(1, 1, left=0), Slot(2, 3)])
    (Chance(prize=2, weight=3), Chance(prize=None, weight=1))

    :param fallback: the prize that takes over; ``None``, or one that is itself out, is nothing. It comes last then.
    :raise DrawError: for a weight below zero, a prize named twice, weights that are too large, or no weight at all
    """
    slots = list(slots)
    if len({slot.prize for slot in slots}) != len(slots):
        raise DrawError("a prize has two weights")
    if any(slot.weight < 0 for slot in slots):
        raise DrawError("a weight is below zero")
    if sum(slot.weight for slot in slots) > MOST_WEIGHT:
        raise DrawError(f"the weights sum to more than {MOST_WEIGHT}")
    there = [slot for slot in slots if slot.left is None or slot.left > 0]
    spare = sum(slot.weight for slot in slots) - sum(slot.weight for slot in there)
    takes = fallback if any(slot.prize == fallback for slot in there) else None
    chances = [Chance(slot.prize, slot.weight + (spare if slot.prize == takes else 0)) for slot in there]
    if takes is None:
        chances.append(Chance(None, spare))
    chances = [chance for chance in chances if chance.weight]
    if not chances:
        raise DrawError("no prize has a weight")
    return tuple(chances)


def total(chances: Iterable[Chance]) -> int:
    """The sum of the weights: a number from 0 to below it chooses.

    >>> total([Chance(1, 2), Chance(None, 3)])
    5
    """
    return sum(chance.weight for chance in chances)


def choose(chances: Sequence[Chance], number: int) -> int | None:
    """The prize that ``number`` chooses: each by as many numbers as its weight.

    :param number: 0 ≤ number < :func:`total`, every one equally likely
    :raise DrawError: for a number outside
    """
    if number >= 0:
        for chance in chances:
            if number < chance.weight:
                return chance.prize
            number -= chance.weight
    raise DrawError("the number is outside of what can be chosen")


def percent(weight: int, whole: int) -> Decimal:
    """A weight as percent of the whole: two decimals, and for rare prizes three significant digits.

    >>> percent(1, 3), percent(1, 4), percent(1, 7000)
    (Decimal('33.33'), Decimal('25.00'), Decimal('0.0143'))
    """
    if not 0 <= weight <= whole or not whole:
        raise DrawError("a share needs a weight within a whole")
    share = Fraction(100 * weight, whole)
    digits = 2
    if share:
        while digits < 15 and share * 10**digits < 100:
            digits += 1
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def one_in(weight: int, whole: int) -> Decimal:
    """In how many plays a prize comes once on average: one decimal below ten, whole above; 0 if never.

    >>> one_in(1, 3), one_in(2, 3), one_in(1, 1000), one_in(0, 5)
    (Decimal('3'), Decimal('1.5'), Decimal('1000'), Decimal('0'))
    """
    if not 0 <= weight <= whole or not whole:
        raise DrawError("a share needs a weight within a whole")
    if not weight:
        return Decimal(0)
    plays = Decimal(whole) / Decimal(weight)
    plays = plays.quantize(Decimal("0.1") if plays < 10 else Decimal(1), rounding=ROUND_HALF_UP)
    return plays.quantize(Decimal(1)) if plays == plays.to_integral_value() else plays


def expected(chances: Sequence[Chance], values: Mapping[int, Decimal]) -> Decimal:
    """What a play brings on average, in the unit of ``values`` (points, money); what is not in it is worth 0.

    >>> expected([Chance(1, 1), Chance(None, 9)], {1: Decimal(50)})
    Decimal('5')
    """
    whole = total(chances)
    if not whole:
        raise DrawError("no prize has a weight")
    worth = sum(
        (chance.weight * values.get(chance.prize, Decimal(0)) for chance in chances if chance.prize is not None),
        Decimal(0),
    )
    return worth / whole


def returned(price: Decimal, worth: Decimal) -> Decimal | None:
    """The share of the price that comes back on average, in percent; ``None`` for what costs nothing.

    >>> returned(Decimal(10), Decimal(5)), returned(Decimal(0), Decimal(5))
    (Decimal('50'), None)
    """
    return 100 * worth / price if price > 0 else None


def digest(terms: Mapping[str, Any]) -> str:
    """Names the terms of a play (price, odds), so that a form can say which it showed: the same terms, the same name.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})
    True
    """
    text = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- the wheel --------------------------------------------------------------------------------------


def wheel(chances: Sequence[Chance], least: float = 8.0) -> tuple[Segment, ...]:
    """Segments as large as the odds; one that would be too small to see gets ``least`` degrees, the others shrink.

    >>> [(segment.prize, round(segment.sweep)) for segment in wheel([Chance(1, 1), Chance(2, 999)])]
    [(1, 8), (2, 352)]
    """
    whole = total(chances)
    least = min(least, 360.0 / max(len(chances), 1))
    shares = [360.0 * chance.weight / whole for chance in chances]
    raised: set[int] = set()
    while True:  # shrinking the others may bring one of them below the least, too
        left = 360.0 - least * len(raised)
        others = sum(share for number, share in enumerate(shares) if number not in raised)
        sweeps = [least if number in raised else share * left / others for number, share in enumerate(shares)]
        small = {number for number, sweep in enumerate(sweeps) if number not in raised and sweep < least - 1e-9}
        if not small or len(raised | small) == len(shares):
            return _segments(chances, sweeps)
        raised |= small


def _segments(chances: Sequence[Chance], sweeps: Sequence[float]) -> tuple[Segment, ...]:
    start, segments = 0.0, []
    for chance, sweep in zip(chances, sweeps, strict=True):
        segments.append(Segment(chance.prize, start, sweep))
        start += sweep
    return tuple(segments)


class Piece(NamedTuple):
    """A segment as a picture: a path in a box from -100 to 100, where its number stands, and a colour's hue."""

    number: int
    path: str
    x: float
    y: float
    hue: int


def paths(segments: Sequence[Segment], radius: float = 96.0) -> list[Piece]:
    """Segments as paths of SVG, the first beginning at the top, clockwise.

    >>> [piece.path for piece in paths([Segment(1, 0, 90), Segment(None, 90, 270)], 10)]
    ['M0 0L0 -10A10 10 0 0 1 10 0Z', 'M0 0L10 0A10 10 0 1 1 0 -10Z']
    >>> [piece.path for piece in paths([Segment(1, 0, 360)], 10)]
    ['M0 -10A10 10 0 1 1 0 10A10 10 0 1 1 0 -10Z']
    """
    pieces = []
    for number, segment in enumerate(segments, 1):
        x, y = _on_circle(segment.start + segment.sweep / 2, radius * (0.82 if len(segments) > 1 else 0.5))
        pieces.append(Piece(number, _path(segment, radius), x, y, (number * 137) % 360))
    return pieces


def _path(segment: Segment, radius: float) -> str:
    r = f"{radius:g}"
    if segment.sweep >= 359.99:
        return f"M0 -{r}A{r} {r} 0 1 1 0 {r}A{r} {r} 0 1 1 0 -{r}Z"
    start, end = _on_circle(segment.start, radius), _on_circle(segment.start + segment.sweep, radius)
    large = 1 if segment.sweep > 180 else 0
    return f"M0 0L{start[0]:g} {start[1]:g}A{r} {r} 0 {large} 1 {end[0]:g} {end[1]:g}Z"


def _on_circle(degrees: float, radius: float) -> tuple[float, float]:
    turn = math.radians(degrees)
    return round(radius * math.sin(turn), 2) + 0.0, round(-radius * math.cos(turn), 2) + 0.0


# -- whether results agree with the odds ------------------------------------------------------------


def chi_square(rows: Iterable[tuple[Mapping[int | None, int], Sequence[Chance]]]) -> tuple[float, int]:
    """Pearson's statistic over plays under one or several odds: ``(statistic, degrees of freedom)``.

    Results under different odds are compared each with their own, and summed. Cells with fewer than
    :data:`LEAST_EXPECTED` expected plays are put together; with one cell left there is nothing to compare.

    >>> chi_square([({1: 60, 2: 40}, [Chance(1, 1), Chance(2, 1)])])
    (4.0, 1)

    :param rows: pairs of how often each prize came, and the odds in force
    :raise DrawError: for a prize that could not be won
    """
    statistic, freedom = 0.0, 0
    for observed, chances in rows:
        if set(observed) - {chance.prize for chance in chances}:
            raise DrawError("a prize was won that could not be won")
        plays, whole = sum(observed.values()), total(chances)
        cells = sorted((plays * chance.weight / whole, observed.get(chance.prize, 0)) for chance in chances)
        pooled: list[tuple[float, int]] = []
        hoped, seen = 0.0, 0
        for hope, see in cells:
            hoped, seen = hoped + hope, seen + see
            if hoped >= LEAST_EXPECTED:
                pooled.append((hoped, seen))
                hoped, seen = 0.0, 0
        if hoped and pooled:
            hoped, seen = hoped + pooled[-1][0], seen + pooled[-1][1]
            pooled[-1] = (hoped, seen)
        if len(pooled) > 1:
            statistic += sum((see - hope) ** 2 / hope for hope, see in pooled)
            freedom += len(pooled) - 1
    return statistic, freedom


def p_value(statistic: float, freedom: int) -> float:
    """How likely results at least as far from the odds are, if the odds hold: the upper tail of chi-square.

    The regularised incomplete gamma function Q(freedom/2, statistic/2), by its series below the mean and by its
    continued fraction (Lentz) above it; see Abramowitz and Stegun, 6.5.29 and 6.5.31.

    >>> [round(p_value(*args), 4) for args in ((3.841, 1), (18.307, 10), (0.0, 3), (1000.0, 2))]
    [0.05, 0.05, 1.0, 0.0]
    """
    if freedom < 1 or statistic < 0:
        raise DrawError("chi-square needs a statistic of 0 or more and a degree of freedom")
    a, x = freedom / 2, statistic / 2
    if x == 0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = sums = 1 / a
        n = a
        while abs(term) > abs(sums) * 1e-15:
            n += 1
            term *= x / n
            sums += term
        return max(0.0, 1 - front * sums)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    h = d
    for i in range(1, 100_000):
        step = -i * (i - a)
        b += 2
        d = 1 / (step * d + b or tiny)
        c = b + step / c or tiny
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return min(1.0, front * h)
