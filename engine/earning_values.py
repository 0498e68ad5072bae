"""What earning speaks of: events and their lines, rules, what is known of a member, and what came out. Only values.

>>> Rule(id=1, conditions={"days_to_pay": 14}, limit_club=Decimal(500)).settles
True
>>> sorted(Rule(id=1, conditions={"days_to_pay": 14}, limit_club=Decimal(500)).needs)
['club_limit', 'days_to_pay']
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from .errors import EngineError

ZERO = Decimal(0)
ONE = Decimal(1)
NOTHING: Mapping[str, Any] = MappingProxyType({})


class EarningError(EngineError):
    """A rule that cannot be evaluated: an unknown condition or formula."""


class Why(NamedTuple):
    """A reason as a code with its values; the model turns it into a sentence."""

    code: str
    values: Mapping[str, Any] = NOTHING


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a purchase: ``amount`` is what is really paid for it, in the company's currency.

    ``categories`` holds the product's ``category`` and all its ancestors.
    """

    id: int
    product: int = 0
    category: int = 0
    categories: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    quantity: Decimal = ONE
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Event:
    """A fact. ``settled`` marks the further fact that a purchase has been paid in full, ``days_to_pay`` how soon."""

    type: str
    at: datetime
    lines: tuple[Line, ...] = ()
    tier: int = 0
    channel: str = ""
    methods: frozenset[int] = frozenset()
    term: int = 0
    settled: bool = False
    days_to_pay: int | None = None
    overdue: Decimal | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


class Step(NamedTuple):
    """From ``from_amount`` on: ``points``, for each full ``per_amount`` if there is one."""

    from_amount: Decimal
    points: Decimal
    per_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as values. ``conditions`` maps the name of a condition or line filter to what it asks."""

    id: int
    formula: str = "fixed"
    points: Decimal = ZERO
    per_amount: Decimal = ZERO
    steps: tuple[Step, ...] = ()
    event_type: str = "purchase"
    sequence: int = 10
    conditions: Mapping[str, Any] = field(default_factory=dict)
    min_amount: Decimal = ZERO
    min_quantity: Decimal = ZERO
    limit_event: Decimal = ZERO
    limit_member: Decimal = ZERO
    limit_period: str = "lifetime"
    limit_club: Decimal = ZERO
    group: str | None = None  #: rules of one group compete, the best one counts; None adds up
    use_multiplier: bool = True
    expiry_months: int = 0
    money_digits: int | None = None  #: the rule gives money with so many decimals instead of points

    @property
    def settles(self) -> bool:
        """Whether the rule waits for the payment of the whole purchase."""
        return "days_to_pay" in self.conditions

    @property
    def needs(self) -> frozenset[str]:
        """Which counters of the history the rule reads: names of conditions, ``member_limit``, ``club_limit``."""
        names = set(self.conditions)
        if self.limit_member:
            names.add("member_limit")
        if self.limit_club:
            names.add("club_limit")
        return frozenset(names)


@dataclass(slots=True)
class History:
    """Counters of one member as they are before the event, except ``number`` and ``counts``, which include it.

    ``earned`` holds per rule what the member has earned in the rule's current period, ``given`` what the rule has given
    to all members.
    """

    number: int = 1
    last_on: date | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    bought: frozenset[int] = frozenset()  #: categories, ancestors included, bought before
    earned: dict[int, Decimal] = field(default_factory=dict)
    given: dict[int, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """``digits`` of the club's points, the member's tier ``multiplier``, and what is left of the club's budget."""

    digits: int = 0
    multiplier: Decimal = ONE
    budget_left: Decimal | None = None


class Base(NamedTuple):
    """What a rule counts of an event."""

    amount: Decimal
    quantity: Decimal
    lines: tuple[Line, ...]


class Award(NamedTuple):
    """Points of one rule. ``detail`` maps each line counted to its part of the basis (amount or units).

    With ``money_digits`` they are no points but money for the member's wallet.
    """

    rule_id: int
    points: Decimal
    base: Decimal
    detail: Mapping[int, Decimal]
    why: tuple[Why, ...]
    money_digits: int | None = None


class Missed(NamedTuple):
    """A rule that gives nothing, and why."""

    rule_id: int
    why: Why


class Evaluation(NamedTuple):
    """Awards and misses, each in the order of the rules."""

    awards: list[Award]
    missed: list[Missed]

    @property
    def points(self) -> Decimal:
        """Points in all, without money."""
        return sum((award.points for award in self.awards if award.money_digits is None), ZERO)

    @property
    def money(self) -> Decimal:
        """Wallet money in all."""
        return sum((award.points for award in self.awards if award.money_digits is not None), ZERO)
