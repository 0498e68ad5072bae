"""What a simulation is made of: a set-up as values, movements, and sales with what they gave."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from odoo.addons.customer_club.engine import purchase, simulation

from ..earning.club_club import Policy
from ..earning.event_batch import EventRow, decimal

ZERO, ONE = Decimal(0), Decimal(1)
#: Facts that are looked at together.
CHUNK = 5_000
BUYING = ("purchase", "merchant_purchase")


class Expiry(NamedTuple):
    """When points expire whose rule says nothing: a club's fields."""

    policy: str
    months: int = 0
    month: int = 1
    day: int = 1
    grace: int = 0


class Setting(NamedTuple):
    """A set-up as values: rules and budget, expiry, tiers with their multipliers, what a point costs.

    ``by_history``: members have the tier that they had at the time; else they climb by what the simulation gives.
    """

    policy: Policy
    expiry: Expiry
    tiers: simulation.TierRules
    basis: str
    multipliers: dict[int, Decimal]
    point_cost: Decimal = ZERO
    cent: Decimal = Decimal("0.01")
    by_history: bool = True


class SimEntry(NamedTuple):
    """A movement as the ledger would post it: ``kind`` is ``earn`` or ``reverse``; ``money``: on the wallet.

    ``source`` is the day that the points came from: their own, or of what is taken back.
    """

    member: int
    rule: int
    fact: int
    at: datetime
    kind: str
    points: Decimal
    expires_on: date | None
    money: bool
    source: date


@dataclass(slots=True)
class Gift:
    """What one rule gave for one fact."""

    rule_id: int
    event_id: int
    award: Decimal
    basis: dict
    digits: int
    money: bool
    owned: Decimal
    day: date  #: of the fact, for limits
    source: date  #: of the entry, for budgets
    expires_on: date | None


@dataclass(slots=True)
class Sale:
    """A fact that may still change, with what it gave. ``worth`` is what each line is worth now."""

    root: EventRow
    at: datetime
    amount: Decimal
    gifts: list = field(default_factory=list)
    worth: dict = field(default_factory=dict)
    bounds: dict = field(default_factory=dict)
    stands: bool = True
    counted: bool = True  #: not from before the period
    untaxed: Decimal = ONE  #: share of the amount that is no tax

    def shares(self, gift):
        """As :meth:`Generation.shares`, without the entries."""
        bounds = self.bounds.get(gift.event_id)
        if not bounds:
            whole = decimal(self.root.amount)
            share = purchase.ratio(self.amount, whole) if self.stands else purchase.NOTHING
            return {line: share for line in gift.basis or {0: ONE}}
        return {
            line: purchase.ratio(self.worth[line] - Fraction(low), high - low)
            for line, (low, high) in bounds.items()
            if high > low and line in self.worth
        }
