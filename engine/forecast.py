"""What will become of the points that are out: from how earlier cohorts went, by age in months.

A *rate at an age* is what all cohorts that were seen at this age redeemed (or lost by expiry) in that month, as a share
of what they still had when it began: the chain ladder of actuaries, in its form for two ways out. Ages that none has
reached yet take the mean of all ages seen. Numbers only: no model here knows a campaign or a change of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from . import liability
from .errors import EngineError

ZERO = Decimal(0)
#: A cohort that has this share left, or less, counts as finished; what is left counts as redeemed: the careful way.
NEARLY = Decimal("0.01")


class ForecastError(EngineError):
    """Numbers that cannot be: a negative age, or negative points."""


class Step(NamedTuple):
    """One cohort in one month: points when the month began (with those issued in it), and what left."""

    age: int
    before: Decimal
    redeemed: Decimal
    expired: Decimal


class Rate(NamedTuple):
    """Shares, 0 to 1, of what a cohort has at the beginning of a month that leave in it."""

    redeemed: Decimal
    expired: Decimal


class Rates(NamedTuple):
    """Rates by age, and one for ages never seen."""

    by_age: dict[int, Rate]
    other: Rate

    def at(self, age: int) -> Rate:
        return self.by_age.get(age, self.other)


class History(NamedTuple):
    """A cohort as it stands: when it was issued, its points, and the share redeemed by the end of each month since."""

    month: str
    cohort: liability.Cohort
    shares: tuple[Decimal, ...] = ()


def read_rates(steps: Iterable[Step]) -> Rates | None:
    """Rates by age from what was seen; ``None`` where nothing was.

    >>> steps = [(0, 100, 20, 0), (1, 80, 8, 8)]
    >>> found = read_rates([Step(age, *map(Decimal, points)) for age, *points in steps])
    >>> found.at(1), found.other.redeemed.quantize(Decimal("0.0001"))
    (Rate(redeemed=Decimal('0.1'), expired=Decimal('0.1')), Decimal('0.1556'))

    :raise ForecastError: an age below 0
    """
    sums: dict[int, list[Decimal]] = {}
    for step in steps:
        if step.age < 0:
            raise ForecastError(f"a cohort cannot be {step.age} months old")
        found = sums.setdefault(step.age, [ZERO, ZERO, ZERO])
        for place, value in enumerate(step[1:]):
            found[place] += max(value, ZERO)
    by_age = {age: _rate(*found) for age, found in sums.items() if found[0] > 0}
    if not by_age:
        return None
    whole = [sum((found[place] for found in sums.values()), ZERO) for place in range(3)]
    return Rates(by_age, _rate(*whole))


def _rate(before: Decimal, redeemed: Decimal, expired: Decimal) -> Rate:
    out = max(before, redeemed + expired)
    return Rate(redeemed / out, expired / out)


def project(points: Decimal, age: int, rates: Rates, months: int) -> list[tuple[Decimal, Decimal]]:
    """Points of a cohort that are redeemed and that expire in each of the next months; never more than there are.

    >>> half = Rates({}, Rate(Decimal("0.5"), Decimal("0.25")))
    >>> [(float(r), float(x)) for r, x in project(Decimal(100), 3, half, 2)]
    [(50.0, 25.0), (12.5, 6.25)]

    :param age: of the cohort in the first of these months
    :raise ForecastError: for negative points
    """
    if points < 0:
        raise ForecastError(f"{points} points cannot be out")
    found = []
    for month in range(months):
        rate = rates.at(age + month)
        redeemed, expired = points * rate.redeemed, points * rate.expired
        found.append((redeemed, expired))
        points -= redeemed + expired
    return found


def band_shares(flow: Sequence[tuple[Decimal, Decimal]], ends: Sequence[int]) -> list[Decimal] | None:
    """Shares of a cohort's revenue by band of months, as its redemptions are expected to fall; they add up to 1.

    >>> flow = [(Decimal(30), Decimal(0)), (Decimal(10), Decimal(5)), (Decimal(10), Decimal(0))]
    >>> [float(share) for share in band_shares(flow, (1, 3))]
    [0.6, 0.4]

    :param ends: the month after the last one of each band; the last band takes what is after them too
    :return: ``None`` where no redemption is expected
    """
    whole = sum((redeemed for redeemed, _expired in flow), ZERO)
    if whole <= 0:
        return None
    shares, start = [], 0
    for end in ends[:-1]:
        shares.append(sum((redeemed for redeemed, _expired in flow[start:end]), ZERO) / whole)
        start = end
    return [*shares, 1 - sum(shares, ZERO)]


def choose_finished(histories: Sequence[History]) -> list[History]:
    """The cohorts a redemption rate may rest on: from the oldest on, as far as all are finished.

    A finished cohort younger than an unfinished one is left out: among cohorts of its age only the quick ones have
    ended, and they would promise too much redemption. The rest of a nearly finished one counts as redeemed.

    >>> done = History("1", liability.Cohort(Decimal(1000), Decimal(600), Decimal(400), ZERO))
    >>> open_ = History("2", liability.Cohort(Decimal(1000), Decimal(600), Decimal(0), ZERO))
    >>> nearly = History("0", liability.Cohort(Decimal(1000), Decimal(600), Decimal(395), ZERO))
    >>> [(found.month, int(found.cohort.redeemed)) for found in choose_finished([nearly, done, open_, done])]
    [('0', 605), ('1', 600)]

    :param histories: by month of issue, oldest first
    """
    chosen = []
    for history in histories:
        cohort = history.cohort
        left = cohort.issued - cohort.redeemed - cohort.expired
        if left > cohort.issued * NEARLY:
            break
        chosen.append(history._replace(cohort=cohort._replace(redeemed=cohort.redeemed + left)))
    return chosen
