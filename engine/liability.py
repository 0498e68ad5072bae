"""What points are worth in the books: a material right under IFRS 15.B39–B43 (ASC 606-10-55-41 to 55-45).

Formulas and nothing else. Money is in the company's currency and net of tax; points are decimals; nothing is rounded
except by :func:`rounded` and :func:`posting`, because rounding each entry alone loses money on small sales: cumulative
totals of a cohort are rounded, and the differences posted.

A *cohort* is what was issued in one period: ``issued`` (I), ``redeemed`` (R) and ``expired`` (X) points, and the money
``allocated`` (A) to them.

>>> goods, points = allocate(Decimal(100_000), stand_alone_price(Decimal(10_000), Decimal(1), Decimal("0.95")))
>>> rounded(goods, 0), rounded(points, 0)  # IFRS 15 Example 52, IE267–IE268
(Decimal('91324'), Decimal('8676'))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from .errors import EngineError

ZERO = Decimal(0)
#: Digits that a stored allocation keeps.
DIGITS = 6
#: Enough for the product of any amount and any number of points; ``decimal``'s default of 28 digits is not.
_EXACT = Context(prec=60)


class LiabilityError(EngineError):
    """Numbers that cannot be: a rate outside 0 to 1, a negative price, more redeemed than issued."""


class Cohort(NamedTuple):
    """Points and money of one period of issue. ``issued`` and ``allocated`` are net of what returns took back."""

    issued: Decimal
    redeemed: Decimal
    expired: Decimal
    allocated: Decimal


def stand_alone_price(points: Decimal, value: Decimal, rate: Decimal) -> Decimal:
    """What points would cost by themselves: points × value × expected redemption rate (IFRS 15.B42).

    >>> stand_alone_price(Decimal(1000), Decimal("0.10"), Decimal("0.80"))
    Decimal('80.0000')

    :param value: of one point, net of tax; :param rate: expected redemption, 0 < rate ≤ 1.
    :raise LiabilityError: for a rate outside these bounds, or a negative value
    """
    _check_rate(rate)
    if value < 0:
        raise LiabilityError(f"a point cannot be worth {value}")
    return _EXACT.multiply(_EXACT.multiply(points, value), rate)


def allocate(amount: Decimal, points_ssp: Decimal, goods_ssp: Decimal | None = None) -> tuple[Decimal, Decimal]:
    """Share an amount between goods and points in proportion to their stand-alone prices (IFRS 15.74, 15.76).

    The two parts add up to the amount exactly; the points' part has six decimals.

    >>> allocate(Decimal("1000.00"), Decimal(80))
    (Decimal('925.925926'), Decimal('74.074074'))
    >>> allocate(Decimal("29"), Decimal(0))
    (Decimal('29.000000'), Decimal('0.000000'))

    :param amount: untaxed, after discounts; negative for a credit note
    :param points_ssp: stand-alone price of the points; :param goods_ssp: of the goods, default the amount itself
    :raise LiabilityError: for a negative stand-alone price, or when both are 0 and the amount is not
    """
    goods = abs(amount) if goods_ssp is None else goods_ssp
    if goods < 0 or points_ssp < 0:
        raise LiabilityError("stand-alone prices cannot be negative")
    both = goods + points_ssp
    if not both:
        if amount:
            raise LiabilityError(f"{amount} cannot be shared: goods and points are both worth nothing")
        return rounded(ZERO, DIGITS), rounded(ZERO, DIGITS)
    points = rounded(_EXACT.divide(_EXACT.multiply(amount, points_ssp), both), DIGITS)
    return rounded(amount, DIGITS) - points, points


def expected_points(cohort: Cohort, rate: Decimal) -> Decimal:
    """How many points of a cohort will be redeemed in all: E = min(max(ρ·I, R), I − X).

    Never less than were redeemed already, never more than have not expired: a part that expires does not release the
    rest of its cohort.

    >>> expected_points(Cohort(Decimal(1600), Decimal(500), Decimal(100), Decimal("118.52")), Decimal("0.72"))
    Decimal('1152.00')

    :raise LiabilityError: for a rate outside 0 < rate ≤ 1
    """
    _check_rate(rate)
    expected = max(_EXACT.multiply(rate, cohort.issued), cohort.redeemed)
    return min(expected, cohort.issued - cohort.expired)


def revenue_to_date(allocated: Decimal, redeemed: Decimal, expected: Decimal) -> Decimal:
    """Revenue of a cohort since its issue: A·R/E (IFRS 15.B46, Example 52, IE269–IE270); all of it once R = E.

    >>> rounded(revenue_to_date(Decimal(8676), Decimal(4500), Decimal(9500)), 0)  # the first year of Example 52
    Decimal('4110')

    :raise LiabilityError: when more were redeemed than are expected
    """
    if redeemed > expected:
        raise LiabilityError(f"{redeemed} points were redeemed, but only {expected} were expected")
    if redeemed == expected:
        return allocated
    return _EXACT.divide(_EXACT.multiply(allocated, redeemed), expected)


def released_to_date(cohort: Cohort, rate: Decimal) -> Decimal:
    """What of a cohort's allocation is revenue by now; all of it once every point was redeemed or has expired.

    >>> released_to_date(Cohort(Decimal(100), Decimal(0), Decimal(100), Decimal("8.57")), Decimal("0.8"))
    Decimal('8.57')

    :raise LiabilityError: for points that cannot be: negative, or more redeemed and expired than issued
    """
    if min(cohort.issued, cohort.redeemed, cohort.expired) < 0:
        raise LiabilityError(f"a cohort cannot have negative points: {cohort}")
    if cohort.redeemed + cohort.expired > cohort.issued:
        raise LiabilityError(f"more points were redeemed and expired than issued: {cohort}")
    if cohort.redeemed + cohort.expired == cohort.issued:
        return cohort.allocated
    return revenue_to_date(cohort.allocated, cohort.redeemed, expected_points(cohort, rate))


def rounded(amount: Decimal, digits: int) -> Decimal:
    """Half up, away from zero, to a number of decimals (0 for yen and rial).

    >>> rounded(Decimal("0.125"), 2), rounded(Decimal("-2.5"), 0)
    (Decimal('0.13'), Decimal('-3'))
    """
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_EXACT)


def posting(to_date: Decimal, posted: Decimal, digits: int) -> Decimal:
    """What to post now, so that everything posted is the rounded total to date.

    >>> [posting(Decimal("0.9259") * n, rounded(Decimal("0.9259") * (n - 1), 0), 0) for n in (1, 2, 3)]
    [Decimal('1'), Decimal('1'), Decimal('1')]
    """
    return rounded(to_date, digits) - posted


def spread(total: Decimal, parts: Sequence[Decimal], digits: int) -> list[Decimal]:
    """Round parts so that they add up to the rounded total; the last that is not zero takes the difference.

    >>> spread(Decimal("1.00"), [Decimal("0.333"), Decimal("0.333"), Decimal("0.334")], 2)
    [Decimal('0.33'), Decimal('0.33'), Decimal('0.34')]
    >>> spread(Decimal("2"), [Decimal("0.6"), Decimal("0.6"), Decimal("0.6"), Decimal(0)], 0)
    [Decimal('1'), Decimal('1'), Decimal('0'), Decimal('0')]
    """
    shares = [rounded(part, digits) for part in parts]
    rest = rounded(total, digits) - sum(shares, ZERO)
    if rest:
        place = max((index for index, part in enumerate(parts) if part), default=len(parts) - 1)
        if place < 0:
            raise LiabilityError(f"{total} cannot be spread over nothing")
        shares[place] += rest
    return shares


def redemption_rate(cohorts: Iterable[Cohort]) -> Decimal | None:
    """What share of the points of past, finished cohorts was redeemed; ``None`` without any point.

    >>> redemption_rate([Cohort(Decimal(1000), Decimal(700), Decimal(300), ZERO)])
    Decimal('0.7')
    """
    cohorts = list(cohorts)
    issued = sum((cohort.issued for cohort in cohorts), ZERO)
    return _EXACT.divide(sum((cohort.redeemed for cohort in cohorts), ZERO), issued) if issued > 0 else None


def _check_rate(rate: Decimal) -> None:
    if not 0 < rate <= 1:
        raise LiabilityError(f"the expected redemption rate must be more than 0 and at most 1, not {rate}")
