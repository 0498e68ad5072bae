"""What a period's account with a merchant comes to: commissions, and what the merchant pays for points it gave.

Money is a ``Decimal`` in the company's currency. Totals are rounded and the differences go to the lines (books.md 7):
many small vouchers lose nothing, whatever decimals the currency has.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from .errors import EngineError


class SettlementError(EngineError):
    """Terms that make no sense: a commission below 0 or above 100 percent, a negative price or fee."""


def money(amount: Decimal, decimals: int) -> Decimal:
    """An amount in the currency's decimals, half away from zero.

    >>> money(Decimal("2.345"), 2), money(Decimal("-2.5"), 0)
    (Decimal('2.35'), Decimal('-3'))
    """
    return amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def commissions(values: Iterable[Decimal], percent: Decimal, fee: Decimal, decimals: int) -> list[Decimal]:
    """The commission on each of a period's vouchers, so that their sum is the rounded commission on the whole.

    >>> commissions([Decimal("0.29")] * 3, Decimal(5), Decimal(0), 2)  # 0.87 · 5 % = 0.0435; each alone 0.01
    [Decimal('0.01'), Decimal('0.02'), Decimal('0.01')]
    >>> commissions([Decimal(100), Decimal(50)], Decimal(10), Decimal("0.20"), 2)
    [Decimal('10.20'), Decimal('5.20')]
    >>> sum(commissions([Decimal(7)] * 10, Decimal("12.5"), Decimal(0), 0))  # yen: 70 · 12.5 % = 8.75
    Decimal('9')

    :param percent: of a voucher's value, 0 to 100
    :param fee: per voucher
    :raise SettlementError: for a percentage out of range or a negative fee
    """
    if not 0 <= percent <= 100 or fee < 0:
        raise SettlementError("a commission lies from 0 to 100 percent, and a fee is not negative")
    found, exact, told = [], Decimal(0), Decimal(0)
    for value in values:
        exact += value * percent / 100 + fee
        due = money(exact, decimals)
        found.append(due - told)
        told = due
    return found


def split_issued(
    points: Iterable[Decimal], price: Decimal, fair_value: Decimal, decimals: int
) -> list[tuple[Decimal, Decimal]]:
    """What a merchant owes for points that it gave, and which part of that is owed on to members as points.

    The points are sold to it: their stand-alone price is a liability to the members, the rest pays for running the
    club (books.md 9). A price below their fair value is a liability only: the shop cannot gain by selling at a loss.

    >>> split_issued([Decimal(100), Decimal(40)], Decimal("0.012"), Decimal("0.01"), 2)
    [(Decimal('1.20'), Decimal('1.00')), (Decimal('0.48'), Decimal('0.40'))]
    >>> split_issued([Decimal(100)], Decimal("0.005"), Decimal("0.01"), 2)
    [(Decimal('0.50'), Decimal('0.50'))]

    :param points: given; what is taken back of settled ones is for :func:`credit_issued`
    :param price: per point
    :param fair_value: stand-alone price of a point, net of tax, with the expected redemption in it
    :return: (amount, of it liability) for each
    :raise SettlementError: for a negative price or value
    """
    if price < 0 or fair_value < 0:
        raise SettlementError("neither the price nor the fair value of a point is negative")
    owed = min(price, fair_value)
    found = []
    exact = told = told_liability = Decimal(0)
    for number in points:
        exact += number
        amount, liability = money(exact * price, decimals), money(exact * owed, decimals)
        found.append((amount - told, liability - told_liability))
        told, told_liability = amount, liability
    return found


def credit_issued(
    points: Decimal, settled: Decimal, amount: Decimal, liability: Decimal, decimals: int
) -> tuple[Decimal, Decimal]:
    """What is credited for points of a purchase that are taken back: their share of what was asked for them, whatever
    a point costs by now; all of it with the last point.

    >>> credit_issued(Decimal(-40), Decimal(100), Decimal("1.20"), Decimal("1.00"), 2)
    (Decimal('-0.48'), Decimal('-0.40'))
    >>> credit_issued(Decimal(-3), Decimal(3), Decimal("0.05"), Decimal("0.04"), 2)
    (Decimal('-0.05'), Decimal('-0.04'))

    :param points: taken back, negative; :param settled: points settled so far
    :param amount: asked for them so far; :param liability: of it
    :return: (amount, of it liability), not positive
    """
    if not settled:
        return money(Decimal(0), decimals), money(Decimal(0), decimals)
    share = points / settled
    return money(amount * share, decimals), money(liability * share, decimals)
