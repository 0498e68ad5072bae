"""What a set-up of rules would do: tiers that members would reach, balances, distribution; and made-up customers.

The points themselves are those of :mod:`.earning`; this module only follows what becomes of them. Everything is
deterministic: the same purchases, the same figures; the same assumptions and seed, the same customers.
"""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from math import log, sqrt
from typing import NamedTuple

from . import periods, tiering
from .errors import EngineError

ZERO = Decimal(0)
#: Purchases that assumptions may make up at most.
MOST_PURCHASES = 500_000


class SimulationError(EngineError):
    """Assumptions that cannot be, or would make more purchases than can be looked at."""


# -- tiers ---------------------------------------------------------------------------------------------


class TierRules(NamedTuple):
    """A club's tiers and how members qualify: ``window`` is ``rolling``, ``year`` or ``lifetime``."""

    tiers: tuple[tiering.Tier, ...]
    policy: tiering.Policy
    window: str = "rolling"
    window_months: int = 12
    calendar: str = periods.GREGORIAN

    @property
    def starter(self) -> int | None:
        """The tier that a member has from the first day."""
        return tiering.deserved(self.tiers, ZERO)

    def bounds(self, day: date) -> tuple[date, date]:
        """First day of the window seen from ``day``, and the day after its last."""
        if self.window == "rolling":
            return periods.rolling_window(day, self.window_months, self.calendar)
        return periods.period_bounds("year" if self.window == "year" else "lifetime", day, self.calendar)


class TierWalk:
    """One member's way through the tiers: rises at once, falls at reviews, as the real club does.

    >>> rules = TierRules((tiering.Tier(1, 1, ZERO), tiering.Tier(2, 2, Decimal(100))), tiering.Policy("hard"))
    >>> walk = TierWalk(rules, date(2025, 1, 10), None)
    >>> walk.add(date(2025, 1, 10), Decimal(100)), walk.tier
    (2, 2)
    >>> walk.advance(date(2027, 1, 1)), walk.tier  # the review of the year finds nothing in the window any more
    ([(datetime.date(2027, 1, 1), 1)], 1)

    :param tier: the tier to begin with; ``None``: the one that asks for nothing
    """

    __slots__ = ("_number", "amounts", "grace_until", "order", "review_on", "rules", "since", "tier")

    def __init__(self, rules: TierRules, day: date, tier: int | None) -> None:
        self.rules = rules
        known = {found.id for found in rules.tiers}
        self.tier = tier if tier in known else rules.starter
        self.since = day
        self.review_on = tiering.next_review(rules.policy.review, day, rules.calendar)
        self.grace_until: date | None = None
        self.order: list[tuple[date, int]] = []
        self.amounts: dict[int, Decimal] = {}
        self._number = count(1)

    def measure(self, day: date) -> Decimal:
        """What the member has in the window seen from ``day``."""
        first, end = self.rules.bounds(day)
        low, high = bisect_left(self.order, (first, 0)), bisect_left(self.order, (end, 0))
        return sum((self.amounts[number] for _day, number in self.order[low:high]), ZERO)

    def add(self, day: date, amount: Decimal, today: date | None = None) -> int | None:
        """Count ``amount`` (negative: taken back) as of ``day``; the tier that the member rises to, if it does."""
        number = next(self._number)
        insort(self.order, (day, number))
        self.amounts[number] = amount
        tiers = self.rules.tiers
        if amount <= 0 or not tiers or self.tier == tiers[-1].id:
            return None
        return self._decide(today or day, rise_only=True)

    def advance(self, day: date) -> list[tuple[date, int | None]]:
        """Hold every review, and end every time of grace, up to ``day`` (included): days and tiers of the changes."""
        changes = []
        while self.rules.tiers:
            due = min(self.review_on, self.grace_until or self.review_on)
            if due > day:
                break
            before = self.tier
            self._decide(due)
            if self.tier != before:
                changes.append((due, self.tier))
        return changes

    def _decide(self, today: date, rise_only: bool = False) -> int | None:
        rules = self.rules
        due = self.review_on <= today
        decision = tiering.decide(
            rules.tiers,
            self.tier,
            tiering.deserved(rules.tiers, self.measure(today)),
            self.since,
            today,
            rules.policy,
            due,
            self.grace_until,
        )
        if rise_only and decision.reason in ("fall", "grace_started"):
            return None
        changed = decision.tier != self.tier
        if changed:
            self.tier, self.since = decision.tier, today
        self.grace_until = decision.grace_until
        if due or changed:
            self.review_on = tiering.next_review(rules.policy.review, today, rules.calendar)
        return self.tier if changed and decision.reason == "rise" else None


# -- balances ------------------------------------------------------------------------------------------


class Gain(NamedTuple):
    """Points of one entry that stand, from a day on, until ``expires_on`` (the first day without them)."""

    day: date
    points: Decimal
    expires_on: date | None


class Balance(NamedTuple):
    """What becomes of points that nobody spends: the most ever held, what has expired by the last day, what is left."""

    most: Decimal
    expired: Decimal
    left: Decimal


def balance(gains: Iterable[Gain], last: date) -> Balance:
    """The balance of one member from the first gain to the end of ``last``, if nothing is spent.

    >>> gains = [Gain(date(2025, 1, 1), Decimal(10), date(2025, 6, 1)), Gain(date(2025, 7, 1), Decimal(7), None)]
    >>> balance(gains, date(2025, 12, 31)) == Balance(Decimal(10), Decimal(10), Decimal(7))
    True
    """
    steps: list[tuple[date, int, Decimal]] = []
    expired = ZERO
    for gain in gains:
        if gain.points <= 0 or gain.day > last:
            continue
        steps.append((gain.day, 1, gain.points))
        if gain.expires_on and gain.expires_on <= last:
            steps.append((max(gain.expires_on, gain.day), 0 if gain.expires_on > gain.day else 2, -gain.points))
            expired += gain.points
    now = most = ZERO
    for _day, _order, points in sorted(steps):
        now += points
        most = max(most, now)
    return Balance(most, expired, now)


def idle_gains(gains: Sequence[Gain], active: Sequence[date], months: int, calendar: str) -> list[Gain]:
    """Gains under the policy "inactivity": they end when nothing has happened for so many months.

    >>> gains = [Gain(date(2025, 1, 1), Decimal(10), None)]
    >>> idle_gains(gains, [date(2025, 1, 1), date(2025, 2, 1)], 3, 'gregorian')[0].expires_on
    datetime.date(2025, 5, 1)

    :param active: days on which the member did something, ascending
    """
    ends = []
    for index, day in enumerate(active):
        end = periods.expiry_date("inactivity", day, months, calendar=calendar)
        if end and (index + 1 == len(active) or active[index + 1] >= end):
            ends.append((day, end))
    found = []
    for gain in gains:
        end = next((end for day, end in ends if day >= gain.day), None)
        if end is None:
            end = periods.expiry_date("inactivity", gain.day, months, calendar=calendar)
        found.append(gain._replace(expires_on=end) if gain.expires_on is None else gain)
    return found


# -- distribution --------------------------------------------------------------------------------------


def deciles(values: Sequence[Decimal]) -> list[Decimal]:
    """The mean of each tenth of the members, the lowest first; fewer than ten members make as many groups.

    >>> deciles([Decimal(number) for number in (5, 1, 3)])
    [Decimal('1'), Decimal('3'), Decimal('5')]
    >>> deciles([])
    []
    """
    ordered = sorted(values)
    groups = min(10, len(ordered))
    found = []
    for place in range(groups):
        part = ordered[place * len(ordered) // groups : (place + 1) * len(ordered) // groups]
        found.append(sum(part, ZERO) / len(part))
    return found


def histogram(values: Sequence[Decimal], most: int = 12) -> list[tuple[Decimal, Decimal, int]]:
    """Bins of equal, round width from 0 on: from (included), to (excluded), how many. The last bin is open above.

    >>> histogram([Decimal(1), Decimal(4), Decimal(10)], 3)
    [(Decimal('0'), Decimal('5'), 2), (Decimal('5'), Decimal('10'), 0), (Decimal('10'), Decimal('15'), 1)]
    """
    if not values:
        return []
    ordered = sorted(values)
    top = ordered[min(len(ordered) - 1, len(ordered) * 98 // 100)]  # a few very large ones do not flatten the rest
    width = _round_width(max(top, Decimal(1)) / most)
    bins = min(most + 1, int(top // width) + 1)
    counts = [0] * bins
    for value in ordered:
        counts[max(0, min(bins - 1, int(value // width)))] += 1
    return [(width * place, width * (place + 1), number) for place, number in enumerate(counts)]


def _round_width(width: Decimal) -> Decimal:
    power = Decimal(10) ** width.adjusted()
    return next(factor * power for factor in map(Decimal, (1, 2, 5, 10)) if factor * power >= width)


# -- assumptions ---------------------------------------------------------------------------------------


class Assumptions(NamedTuple):
    """A shop without a history: how many customers, how often a year each buys on average, and how much.

    ``spread`` of the frequency and of the basket is the standard deviation as a share of the mean: 0 means that all
    are alike, 1 that a few buy much more than the others.
    """

    customers: int
    per_year: Decimal
    basket: Decimal
    frequency_spread: Decimal = Decimal("0.8")
    basket_spread: Decimal = Decimal("0.5")


class MadeUp(NamedTuple):
    """A purchase of an imagined customer (from 1 on): its day, its minute of the day, its amount."""

    customer: int
    day: date
    minute: int
    amount: Decimal


def make_up(assumptions: Assumptions, first: date, end: date, seed: int, digits: int = 2) -> list[MadeUp]:
    """Purchases of imagined customers, in order of time.

    Each customer's rate is drawn from a gamma distribution with the mean and spread asked for; purchases of a customer
    come as a Poisson process with that rate, so their number is negative binomial, as in the models of repeat buying
    (Ehrenberg 1959). Baskets are log-normal. The mean is that of the distribution: a sample differs a little.

    >>> found = make_up(Assumptions(50, Decimal(4), Decimal(30)), date(2025, 1, 1), date(2026, 1, 1), 1)
    >>> found == make_up(Assumptions(50, Decimal(4), Decimal(30)), date(2025, 1, 1), date(2026, 1, 1), 1)
    True
    >>> alike = make_up(Assumptions(3, Decimal(2), Decimal(10), ZERO, ZERO), date(2025, 1, 1), date(2026, 1, 1), 1)
    >>> {purchase.amount for purchase in alike}
    {Decimal('10.00')}

    :param first: first day; :param end: the day after the last; :param digits: decimals of the currency
    :raise SimulationError: numbers that cannot be, or too many purchases
    """
    days = (end - first).days
    if assumptions.customers < 1 or assumptions.per_year <= 0 or assumptions.basket <= 0 or days < 1:
        raise SimulationError("customers, purchases a year and basket must be more than 0, and a period has days")
    if assumptions.frequency_spread < 0 or assumptions.basket_spread < 0:
        raise SimulationError("a spread cannot be negative")
    if assumptions.customers * assumptions.per_year * days / 365 > MOST_PURCHASES:
        raise SimulationError(f"these assumptions make more than {MOST_PURCHASES} purchases")
    dice = random.Random(seed)
    unit = Decimal(1).scaleb(-digits)
    found = []
    for customer in range(1, assumptions.customers + 1):
        rate = _draw_rate(dice, assumptions) / 365 / 1440
        minute = dice.expovariate(rate) if rate > 0 else float("inf")
        while minute < days * 1440:
            day, within = divmod(int(minute), 1440)
            amount = max(_draw_basket(dice, assumptions).quantize(unit, rounding=ROUND_HALF_UP), unit)
            found.append(MadeUp(customer, first + timedelta(days=day), within, amount))
            minute += dice.expovariate(rate)
    found.sort(key=lambda purchase: (purchase.day, purchase.minute, purchase.customer))
    return found


def _draw_rate(dice: random.Random, assumptions: Assumptions) -> float:
    """Purchases a year of one customer."""
    mean, spread = float(assumptions.per_year), float(assumptions.frequency_spread)
    if not spread:
        return mean
    shape = 1 / spread**2
    return dice.gammavariate(shape, mean / shape)


def _draw_basket(dice: random.Random, assumptions: Assumptions) -> Decimal:
    if not assumptions.basket_spread:
        return assumptions.basket
    variance = log(1 + float(assumptions.basket_spread) ** 2)
    factor = dice.lognormvariate(-variance / 2, sqrt(variance))
    return assumptions.basket * Decimal(str(round(factor, 6)))
