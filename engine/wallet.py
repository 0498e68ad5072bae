"""Wallet money: what points are worth as money, in which steps they can be turned into it, and what a fee takes.

Everything is a ``Decimal``; ``digits`` are the decimals of the currency (0 to 2). Nothing is rounded away: points go
into money in steps that are worth whole units of the currency, so that no part of a point is lost.

>>> quote(Decimal(250), Terms(value=Decimal("0.01"), step=Decimal(50)))
Quote(points=Decimal('250'), gross=Decimal('2.50'), fee=Decimal('0.00'), money=Decimal('2.50'))
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from .errors import EngineError

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
#: A ledger of points keeps two decimals at most, so a currency with more cannot be kept in it.
MOST_DIGITS = 2


class WalletError(EngineError):
    """Points that cannot be turned into money. ``reason`` is one of ``least``, ``step``, ``nothing``, ``value``."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Terms:
    """``value``: money for one point; ``step``: points go in multiples of it; ``least``: fewest points at a time;
    ``fee``: percent of the money that the shop keeps."""

    value: Decimal
    step: Decimal = ONE
    least: Decimal = ZERO
    fee: Decimal = ZERO
    digits: int = 2


class Quote(NamedTuple):
    """What a conversion takes and brings: ``gross`` is the points' worth, ``money`` what is left after the fee."""

    points: Decimal
    gross: Decimal
    fee: Decimal
    money: Decimal


def unit(digits: int) -> Decimal:
    """The smallest amount of a currency.

    >>> unit(2), unit(0)
    (Decimal('0.01'), Decimal('1'))
    """
    return ONE.scaleb(-digits)


def exact_step(value: Decimal, points_digits: int = 0, digits: int = 2) -> Decimal:
    """The fewest points that are worth a whole number of the currency's smallest units.

    :raises WalletError: a point is worth nothing.

    >>> exact_step(Decimal("0.01")), exact_step(Decimal("0.003")), exact_step(Decimal("0.5"), digits=0)
    (Decimal('1'), Decimal('10'), Decimal('2'))
    >>> exact_step(Decimal("0.01"), points_digits=2)
    Decimal('1.00')
    """
    if value <= 0:
        raise WalletError("a point is worth nothing", "value")
    # One smallest part of a point is worth so many smallest units of money.
    worth = Fraction(value) * Fraction(unit(points_digits)) / Fraction(unit(digits))
    return (Decimal(worth.denominator) * unit(points_digits)).quantize(unit(points_digits))


def is_whole(points: Decimal, step: Decimal) -> bool:
    """Whether ``points`` is a multiple of ``step``.

    >>> is_whole(Decimal(150), Decimal(50)), is_whole(Decimal(120), Decimal(50))
    (True, False)
    """
    return step > 0 and points % step == 0


def is_exact(value: Decimal, step: Decimal, digits: int = 2) -> bool:
    """Whether a step is worth a whole number of the currency's smallest units.

    >>> is_exact(Decimal("0.003"), Decimal(10)), is_exact(Decimal("0.003"), Decimal(5))
    (True, False)
    """
    return (value * step) % unit(digits) == 0


def quote(points: Decimal, terms: Terms) -> Quote:
    """What ``points`` bring. The fee is rounded up, so that many small conversions never pay less than one large one.

    :raises WalletError: too few points, no whole steps, or the fee leaves nothing.

    >>> quote(Decimal(100), Terms(value=Decimal("0.01"), fee=Decimal("2.5")))
    Quote(points=Decimal('100'), gross=Decimal('1.00'), fee=Decimal('0.03'), money=Decimal('0.97'))
    >>> quote(Decimal(10), Terms(value=Decimal("0.01"), least=Decimal(50)))
    Traceback (most recent call last):
    ...
    odoo.addons.customer_club.engine.wallet.WalletError: 10 points are fewer than 50
    """
    if points <= 0 or points < terms.least:
        raise WalletError(f"{points} points are fewer than {max(terms.least, terms.step)}", "least")
    if not is_whole(points, terms.step) or not is_exact(terms.value, terms.step, terms.digits):
        raise WalletError(f"{points} points are no multiple of {terms.step}", "step")
    gross = (points * terms.value).quantize(unit(terms.digits))
    fee = (gross * terms.fee / HUNDRED).quantize(unit(terms.digits), rounding=ROUND_UP)
    if gross - fee <= 0:
        raise WalletError(f"the fee takes all of {gross}", "nothing")
    return Quote(points, gross, fee, gross - fee)


def most(balance: Decimal, terms: Terms, allowance: Decimal | None = None) -> Decimal:
    """The most points of a balance that can be turned into money now; 0 if none can.

    :param allowance: what the limits still allow; ``None``: no limit.

    >>> most(Decimal(270), Terms(value=Decimal("0.01"), step=Decimal(50), least=Decimal(100)))
    Decimal('250')
    >>> most(Decimal(270), Terms(value=Decimal("0.01"), step=Decimal(50), least=Decimal(100)), Decimal(99))
    Decimal('0')
    """
    points = balance if allowance is None else min(balance, allowance)
    whole = points // terms.step * terms.step if terms.step > 0 and points > 0 else ZERO
    return whole if whole >= max(terms.least, terms.step) else ZERO


def topped_up(paid: list[tuple[Decimal, Fraction]], taken_off: Decimal, digits: int = 2) -> Decimal:
    """Money that an order of top-ups brings by now: what was paid for them, less what else lowered the order.

    :param paid: for each top-up, its price and which share of it is paid and was not credited.
    :param taken_off: discounts, rewards and wallet money on the order, positive: they never buy wallet money.

    >>> topped_up([(Decimal(50), Fraction(1)), (Decimal(20), Fraction(1, 2))], Decimal(5))
    Decimal('55.00')
    >>> topped_up([(Decimal(50), Fraction(1))], Decimal(60))
    Decimal('0.00')
    """
    brought = sum((Fraction(price) * min(max(share, Fraction(0)), Fraction(1)) for price, share in paid), Fraction(0))
    brought = max(brought - Fraction(taken_off), Fraction(0))
    # Nine decimals: a third that was paid three times is whole.
    amount = (Decimal(brought.numerator) / Decimal(brought.denominator)).quantize(ONE.scaleb(-9))
    return amount.quantize(unit(digits), rounding=ROUND_DOWN)
