"""How many points an order may take, and why not more.

The same arithmetic everywhere: cart, checkout, quotation, counter and confirmation. Money is in one currency, taxes
included; points are decimals. What a choice allows is what is deducted.

>>> policy = Policy(least=Decimal(100), step=Decimal(50), percent=Decimal(50))
>>> order = Payable(whole=Decimal("24.99"), base=Decimal("24.99"))
>>> found = choices(policy, order, Decimal("0.05"), available=Decimal(1000))
>>> found.least, found.most, found.step, found.because
(Decimal('100'), Decimal('200'), Decimal('50'), 'share')
>>> found.fit(Decimal(170)), found.fit(None), found.fit(Decimal(99))
(Decimal('150'), Decimal('200'), Decimal('0'))
>>> found.refusal(Decimal(170)), found.refusal(Decimal(250)), found.refusal(Decimal(50)), found.refusal(Decimal(0))
('step', 'most', 'least', '')

An order is paid wholly if its last point buys less than a point is worth:

>>> choices(Policy(), Payable(Decimal(24999), Decimal(24999)), Decimal(50000), available=Decimal(3)).most
Decimal('1')
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import lcm

ZERO = Decimal(0)
HUNDRED = Decimal(100)
#: Binary floats come with noise in the last places; nine decimals are finer than any money and any point.
_NOISE = 9


@dataclass(frozen=True, slots=True)
class Policy:
    """What a club says about points on an order.

    ``least`` points, in multiples of ``step`` (0: any), for at most ``percent`` of the order.
    """

    least: Decimal = ZERO
    step: Decimal = ZERO
    percent: Decimal = HUNDRED


@dataclass(frozen=True, slots=True)
class Payable:
    """Money of an order that points may pay.

    ``whole``: what this reward may still take off; ``base``: what the club's percent is of; ``taken``: what other
    rewards of the club take off of it already; ``limit``: the reward's own limit, if it has one.
    """

    whole: Decimal
    base: Decimal
    taken: Decimal = ZERO
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """The numbers of points that may be chosen: ``least`` to ``most``, in steps of ``step``; none if ``most`` is 0.

    ``because`` says what keeps ``most`` from being more: ``balance``, ``order`` (it is paid wholly), ``share``,
    ``limit``. ``reach`` is how many points that would be if there were no least number.
    """

    least: Decimal
    most: Decimal
    step: Decimal
    because: str
    reach: Decimal

    def fit(self, wanted: Decimal | None) -> Decimal:
        """The points that are used if ``wanted`` were asked for: as many as allowed, in whole steps; else 0."""
        points = _down(self.most if wanted is None else min(wanted, self.most), self.step)
        return points if points >= self.least else ZERO

    def refusal(self, wanted: Decimal) -> str:
        """Why exactly ``wanted`` points cannot be used: ``none``, ``most``, ``least``, ``step``; empty if they can."""
        if not wanted:
            return ""
        if not self.most:
            return "none"
        if wanted > self.most:
            return "most"
        if wanted < self.least:
            return "least"
        return "" if wanted == _down(wanted, self.step) else "step"


def choices(
    policy: Policy,
    payable: Payable,
    value: Decimal,
    available: Decimal,
    digits: int = 0,
    multiple: Decimal = ZERO,
) -> Choices:
    """How many points of ``available`` may be used, each worth ``value`` of the order's money.

    :param digits: decimals of the club's points; :param multiple: points that the reward itself asks for at a time.

    >>> choices(Policy(), Payable(Decimal("10.65"), Decimal("10.65")), Decimal("0.05"), Decimal(500)).most
    Decimal('213')
    >>> choices(Policy(), Payable(Decimal(10), Decimal(10)), Decimal("0.05"), Decimal("99.95"), digits=1).most
    Decimal('99.9')
    """
    unit = Decimal(1).scaleb(-digits)
    step = common_step(unit, policy.step, multiple)
    least = max(_up(policy.least, step), step)
    whole = max(payable.whole, ZERO)
    if value <= 0 or whole <= 0:
        return Choices(least, ZERO, step, "order", ZERO)
    bounds = [("balance", available), ("order", _up(_clean(whole / value), unit))]
    if policy.percent < HUNDRED:
        bounds.append(("share", _clean(max(share_left(policy, payable), ZERO) / value)))
    if payable.limit is not None:
        bounds.append(("limit", _up(_clean(payable.limit / value), unit)))
    because, points = min(bounds, key=lambda bound: bound[1])
    reach = max(_down(points, step), ZERO)
    return Choices(least, reach if reach >= least else ZERO, step, because, reach)


def share_left(policy: Policy, payable: Payable) -> Decimal:
    """Money that points may still pay before they pay more than the club's percent of the order; may be negative.

    >>> share_left(Policy(percent=Decimal(30)), Payable(Decimal(90), Decimal(100), taken=Decimal(10)))
    Decimal('20')
    """
    return payable.base * policy.percent / HUNDRED - payable.taken


def common_step(unit: Decimal, *steps: Decimal) -> Decimal:
    """The smallest number of points that is a multiple of every step given (0: any) and can be written.

    >>> common_step(Decimal(1), Decimal(50), Decimal(20)), common_step(Decimal('0.1'), Decimal('0.25'))
    (Decimal('100'), Decimal('0.3'))
    """
    counts = [int(_up(step, unit) / unit) for step in steps if step > 0]
    return lcm(1, *counts) * unit


def _clean(number: Decimal) -> Decimal:
    return round(number, _NOISE)


def _down(points: Decimal, step: Decimal) -> Decimal:
    return (points / step).to_integral_value(rounding=ROUND_FLOOR) * step


def _up(points: Decimal, step: Decimal) -> Decimal:
    return (points / step).to_integral_value(rounding=ROUND_CEILING) * step
