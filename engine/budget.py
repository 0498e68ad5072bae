"""A club's budget: what a share of sales pays for, how much of it is used, and where the period will end.

>>> points_for(Decimal(10000), Decimal("0.05"), Decimal(20), Decimal("0.10"))
Decimal('4800')
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from .errors import EngineError

ZERO = Decimal(0)
#: Below this share of last year's period the past says too little about the rest of it.
LEAST_SHARE = Decimal("0.05")


class BudgetError(EngineError):
    """A period without days, or a day outside it."""


class Forecast(NamedTuple):
    """Where a figure will stand at the end of the period, and by what: ``season``, ``rate`` or ``done``."""

    amount: Decimal
    basis: str


def points_for(sales: Decimal, share: Decimal, other: Decimal, point_cost: Decimal, digits: int = 0) -> Decimal:
    """Points that ``share`` of ``sales`` pays for, after ``other`` costs; never below 0, rounded downwards.

    Without sales there is nothing to pay with; without a cost of a point the share cannot be said in points.

    >>> points_for(ZERO, Decimal("0.05"), ZERO, Decimal("0.1")), points_for(Decimal(9), Decimal(1), ZERO, ZERO)
    (Decimal('0'), Decimal('0'))
    """
    if point_cost <= 0:
        return ZERO
    points = max(sales * share - other, ZERO) / point_cost
    return points.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)


def used_share(cost: Decimal, budget: Decimal) -> Decimal | None:
    """Which share of a budget is used; ``None`` for no budget and no cost. A cost without a budget is all of it.

    >>> used_share(Decimal(40), Decimal(50)), used_share(ZERO, ZERO), used_share(Decimal(1), ZERO)
    (Decimal('0.8'), None, Decimal('1'))
    """
    if budget > 0:
        return max(cost, ZERO) / budget
    return Decimal(1) if cost > 0 else None


def thresholds_reached(share: Decimal | None, thresholds: tuple[int, ...]) -> list[int]:
    """The thresholds (percent) that a share has reached; exactly is reached.

    >>> thresholds_reached(Decimal("0.8"), (80, 100)), thresholds_reached(Decimal("0.7999"), (80,))
    ([80], [])
    """
    return [] if share is None else [found for found in sorted(thresholds) if share * 100 >= found]


def forecast(so_far: Decimal, elapsed: int, days: int, last_year: tuple[Decimal, Decimal] | None = None) -> Forecast:
    """Where a figure will stand at the end of a period of ``days``, of which ``elapsed`` have passed.

    With last year: as much as had come by the same day then is the share that has come by now, so
    ``so_far / (then so far / then in all)``. That keeps the season: December is not thirty times its first day. Without
    (or where last year had too little by then) the rate of the days so far goes on: ``so_far / elapsed * days``.

    >>> forecast(Decimal(100), 10, 30)
    Forecast(amount=Decimal('300'), basis='rate')
    >>> forecast(Decimal(100), 10, 30, (Decimal(50), Decimal(400)))  # an eighth had come by then
    Forecast(amount=Decimal('800'), basis='season')
    >>> forecast(Decimal(100), 30, 30)
    Forecast(amount=Decimal('100'), basis='done')

    :param last_year: the figure by the same day of the same period of last year, and of all of that period
    :raise BudgetError: for no days, or more elapsed than there are
    """
    if days < 1 or not 0 <= elapsed <= days:
        raise BudgetError(f"{elapsed} of {days} days cannot have passed")
    if elapsed == days:
        return Forecast(so_far, "done")
    if last_year and last_year[1] > 0 and last_year[0] >= last_year[1] * LEAST_SHARE:
        return Forecast(so_far * last_year[1] / last_year[0], "season")
    return Forecast(so_far * days / elapsed if elapsed else so_far, "rate")
