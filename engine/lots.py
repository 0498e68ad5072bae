"""Which lots a movement of points consumes, and what that leaves.

A *lot* is what is left of points that came in together. A :class:`Book` holds the live lots and the arrears of some
cards and applies movements to them in order: it decides, it stores nothing. All amounts are :class:`~decimal.Decimal`
points; lots are named by any hashable id.

>>> book = Book()
>>> book.add_lot(Lot(1, card=7, remaining=Decimal(30), expires_on=date(2026, 3, 1)))
>>> book.add_lot(Lot(2, card=7, remaining=Decimal(50)))
>>> spent = book.debit(7, Decimal(40))
>>> [(part.lot, str(part.points)) for part in spent.parts]
[(1, '30'), (2, '10')]
>>> book.available(7)
Decimal('40')
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from .errors import EngineError

ZERO = Decimal(0)


class NotEnoughPointsError(EngineError):
    """A debit asked for more than the open lots hold.

    :ivar card: the card's id.
    :ivar asked: points asked for.
    :ivar available: points that were there.
    """

    def __init__(self, card: Hashable, asked: Decimal, available: Decimal) -> None:
        super().__init__(f"card {card}: {asked} points asked for, {available} available")
        self.card, self.asked, self.available = card, asked, available


class InexactPointsError(EngineError):
    """Points have more decimals than the club allows."""


def to_decimal(value: Decimal | int | float | str) -> Decimal:
    """Return ``value`` as the decimal a person would write, never as the binary float behind it.

    >>> to_decimal(0.1) + to_decimal(0.2)
    Decimal('0.3')
    """
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise InexactPointsError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise InexactPointsError(f"{value!r} is not a number of points")
    return number


def quantize(value: Decimal | int | float | str, digits: int) -> Decimal:
    """Round points down (towards minus infinity) to the club's ``digits`` (0 to 2).

    >>> quantize("12.999", 2), quantize(99.5, 0), quantize("-0.5", 0)
    (Decimal('12.99'), Decimal('99'), Decimal('-1'))
    """
    return to_decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)


def exact(value: Decimal | int | float | str, digits: int) -> Decimal:
    """Return ``value`` with ``digits`` decimals, or raise where that would lose anything.

    >>> exact("5.50", 1)
    Decimal('5.5')
    >>> exact("5.55", 1)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    InexactPointsError: 5.55 has more than 1 decimals
    """
    number = to_decimal(value)
    rounded = quantize(number, digits)
    if rounded != number:
        raise InexactPointsError(f"{value} has more than {digits} decimals")
    return rounded


@dataclass(slots=True, eq=False)
class Lot:
    """Points of one card that came in together.

    :ivar remaining: what is left of them.
    :ivar pending: visible to the member, not yet spendable.
    :ivar expires_on: first day on which they can no longer be spent; ``None`` for never.
    :ivar order: breaks ties between lots that expire together; the lower, the older.
    """

    id: Hashable
    card: Hashable
    remaining: Decimal
    pending: bool = False
    expires_on: date | None = None
    order: int = 0


@dataclass(slots=True, frozen=True)
class Part:
    """Points taken from a lot (positive) or given back to it (negative), for ``entry`` (``None``: the movement)."""

    lot: Hashable
    points: Decimal
    entry: Hashable | None = None


@dataclass(slots=True)
class Outcome:
    """What a movement did: its parts, the change of what can be spent, and what no lot could pay (arrears)."""

    available: Decimal = ZERO
    parts: list[Part] = field(default_factory=list)
    arrears: Decimal = ZERO
    expired: list[tuple[Hashable, Decimal]] = field(default_factory=list)


@dataclass(slots=True)
class Debt:
    """What of ``entry`` no lot has paid yet."""

    entry: Hashable
    points: Decimal


class Book:
    """Live lots and arrears of some cards. Movements are applied in the order of the calls."""

    def __init__(self, today: dict[Hashable, date] | None = None) -> None:
        """:param today: per card, the local day on which points given back to an expired lot expire again."""
        self._lots: dict[Hashable, Lot] = {}
        self._cards: dict[Hashable, list[Lot]] = {}
        self._arrears: dict[Hashable, list[Debt]] = {}
        self._today = today or {}

    # -- reading ------------------------------------------------------------

    def available(self, card: Hashable) -> Decimal:
        """Points that ``card`` can spend: its open lots less its arrears."""
        lots = sum((lot.remaining for lot in self._cards.get(card, ()) if not lot.pending), ZERO)
        return lots - sum((debt.points for debt in self._arrears.get(card, ())), ZERO)

    def lot(self, lot_id: Hashable) -> Lot:
        return self._lots[lot_id]

    def due(self, card: Hashable, day: date, besides: Iterable[Hashable] = ()) -> list[Lot]:
        """Open lots of ``card`` that have expired by ``day`` and still hold points, but those named ``besides``.

        >>> book = Book()
        >>> book.add_lot(Lot(1, card=7, remaining=Decimal(30), expires_on=date(2026, 3, 1)))
        >>> [len(book.due(7, date(2026, month, dom))) for month, dom in ((2, 28), (3, 1))]
        [0, 1]
        """
        apart = set(besides)
        return [
            lot
            for lot in self._cards.get(card, ())
            if lot.remaining > 0
            and not lot.pending
            and lot.expires_on
            and lot.expires_on <= day
            and lot.id not in apart
        ]

    def unpaid(self, card: Hashable, entry: Hashable) -> Decimal:
        """What of ``entry`` no lot has paid yet."""
        return sum((debt.points for debt in self._arrears.get(card, ()) if debt.entry == entry), ZERO)

    # -- loading ------------------------------------------------------------

    def add_lot(self, lot: Lot) -> None:
        """Put a lot that exists already into the book."""
        self._lots[lot.id] = lot
        self._cards.setdefault(lot.card, []).append(lot)

    def add_arrears(self, card: Hashable, entry: Hashable, points: Decimal) -> None:
        """Tell that ``points`` of ``entry`` have not been paid by any lot yet."""
        self._arrears.setdefault(card, []).append(Debt(entry, points))

    # -- moving -------------------------------------------------------------

    def credit(
        self,
        lot_id: Hashable,
        card: Hashable,
        points: Decimal,
        *,
        pending: bool = False,
        expires_on: date | None = None,
        order: int = 0,
    ) -> Outcome:
        """New points come in. Spendable ones settle arrears first, oldest first.

        >>> book = Book()
        >>> _ = book.debit(7, Decimal(25), happened=True, entry="return")
        >>> out = book.credit("s3", 7, Decimal(240))
        >>> out.parts, book.available(7)
        ([Part(lot='s3', points=Decimal('25'), entry='return')], Decimal('215'))
        """
        lot = Lot(lot_id, card, points, pending, expires_on, order)
        self.add_lot(lot)
        if pending:
            return Outcome()
        return Outcome(available=points, parts=self._settle(lot))

    def debit(
        self,
        card: Hashable,
        points: Decimal,
        *,
        first: Iterable[Hashable] = (),
        only: bool = False,
        happened: bool = False,
        reserved: Decimal = ZERO,
        entry: Hashable | None = None,
    ) -> Outcome:
        """Points go out: first those of the lots named ``first`` (pending ones included), then open lots.

        Open lots go earliest expiry first, never-expiring last, then oldest.

        :param only: take from the lots named ``first`` and no others.
        :param happened: what no lot can pay becomes arrears instead of an error.
        :param reserved: points that are promised elsewhere and cannot be taken (unless it ``happened``).
        :raises NotEnoughPointsError: the lots hold too little; the book is then unchanged.
        """
        named = [lot for lot in map(self._lots.get, first) if lot is not None and lot.card == card]
        others = (
            []
            if only
            else sorted(
                (
                    lot
                    for lot in self._cards.get(card, ())
                    if not lot.pending and lot.remaining > 0 and lot not in named
                ),
                key=lambda lot: (lot.expires_on is None, lot.expires_on or date.max, lot.order),
            )
        )
        plan: list[tuple[Lot, Decimal]] = []
        missing = points
        for lot in (*named, *others):
            take = min(lot.remaining, missing)
            if take > 0:
                plan.append((lot, take))
                missing -= take
        from_open = sum((take for lot, take in plan if not lot.pending), ZERO)
        if not happened and (missing or reserved):
            spendable = self.available(card) - reserved
            if missing or from_open > spendable:
                pending = sum((take for lot, take in plan if lot.pending), ZERO)
                raise NotEnoughPointsError(card, points, max(spendable, ZERO) + pending)
        for lot, take in plan:
            lot.remaining -= take
        if missing:
            self.add_arrears(card, entry, missing)
        return Outcome(
            available=-(from_open + missing),
            parts=[Part(lot.id, take) for lot, take in plan],
            arrears=missing,
        )

    def give_back(
        self, card: Hashable, parts: Iterable[Part], unpaid: Decimal = ZERO, entry: Hashable | None = None
    ) -> Outcome:
        """Undo (part of) a debit: points return to the lots they came from, an expired lot's expire again.

        :param parts: what each lot gets back, positive points.
        :param unpaid: how much of it no lot had paid: that much of ``entry``'s arrears vanishes.
        """
        outcome = Outcome(available=unpaid)
        if unpaid:
            for debt in self._arrears.get(card, []):
                if debt.entry == entry:
                    debt.points -= min(debt.points, unpaid)
            self._arrears[card] = [debt for debt in self._arrears.get(card, []) if debt.points > 0]
        for part in parts:
            lot = self._lots[part.lot]
            lot.remaining += part.points
            outcome.parts.append(Part(lot.id, -part.points))
            if not lot.pending:
                outcome.available += part.points
            today = self._today.get(card)
            if lot.expires_on and today and lot.expires_on <= today:
                outcome.expired.append((lot.id, part.points))
            elif not lot.pending:
                outcome.parts.extend(self._settle(lot))
        return outcome

    # -- helpers ------------------------------------------------------------

    def _settle(self, lot: Lot) -> list[Part]:
        parts = []
        debts = self._arrears.get(lot.card, [])
        for debt in debts:
            take = min(debt.points, lot.remaining)
            if take <= 0:
                continue
            debt.points -= take
            lot.remaining -= take
            parts.append(Part(lot.id, take, debt.entry))
        if parts:
            self._arrears[lot.card] = [debt for debt in debts if debt.points > 0]
        return parts


def give_back_plan(
    parts: Iterable[tuple[Hashable, Decimal]], unpaid: Decimal, points: Decimal
) -> tuple[list[Part], Decimal]:
    """Say which lots get ``points`` of a debit back: what was never paid first, then the lots taken last.

    :param parts: (lot, points still out) in the order they were taken.
    :param unpaid: what of the debit is still arrears.
    :return: parts to give back (positive points) and the unpaid points that vanish.

    >>> give_back_plan([(1, Decimal(30)), (2, Decimal(10))], Decimal(5), Decimal(20))
    ([Part(lot=2, points=Decimal('10'), entry=None), Part(lot=1, points=Decimal('5'), entry=None)], Decimal('5'))
    """
    vanished = min(unpaid, points)
    left = points - vanished
    plan: list[Part] = []
    for lot_id, out in reversed(list(parts)):
        take = min(out, left)
        if take > 0:
            plan.append(Part(lot_id, take))
            left -= take
    return plan, vanished
