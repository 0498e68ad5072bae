"""Which tier a member deserves, and when the tier changes.

A member rises at once and to any height. A member falls only at a review, by the club's demotion policy, and after
the grace time. Reaching a threshold exactly is reaching it. Days are the club's local days.

>>> tiers = [Tier(1, 10, Decimal(0)), Tier(2, 20, Decimal(500)), Tier(3, 30, Decimal(2000))]
>>> deserved(tiers, Decimal('499.99')), deserved(tiers, Decimal(500))
(1, 2)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from . import periods
from .errors import TierError

Demotion = Literal["hard", "one_step", "never"]
DEMOTIONS = ("hard", "one_step", "never")
REVIEWS = ("day", "month", "quarter", "year", "anniversary")


class Tier(NamedTuple):
    """A tier: the higher its sequence, the better; the measure (points, money or orders) from which it is deserved."""

    id: int
    sequence: int
    threshold: Decimal


class Policy(NamedTuple):
    """How members fall: ``hard`` to what they deserve, ``one_step`` per review, or ``never``; after days of grace.

    ``review`` is one of :data:`REVIEWS`.
    """

    demotion: str = "hard"
    grace_days: int = 0
    review: str = "year"


class Decision(NamedTuple):
    """The tier from today on; why; until when grace runs (the first day without it), if it does.

    ``reason``: ``rise``, ``keep`` (still deserved), ``not_reviewed``, ``never`` (the club demotes nobody),
    ``grace_started``, ``grace``, ``fall``.
    """

    tier: int | None
    reason: str
    grace_until: date | None


class Progress(NamedTuple):
    """The next tier (``None`` at the top), how much is missing, and the share reached, from 0 to 1."""

    next_tier: Tier | None
    missing: Decimal
    ratio: Decimal


def check(tiers: Sequence[Tier]) -> list[Tier]:
    """The tiers from lowest to highest.

    >>> check([Tier(2, 20, Decimal(5)), Tier(1, 10, Decimal(9))])  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    TierError: tier 2 stands above tier 1 but does not need more: 5 against 9

    :raise TierError: if two have one sequence, or a higher one does not need more than a lower one
    """
    ordered = sorted(tiers, key=lambda tier: tier.sequence)
    for lower, higher in zip(ordered, ordered[1:], strict=False):
        if lower.sequence == higher.sequence:
            raise TierError(f"tiers {lower.id} and {higher.id} stand at the same height")
        if higher.threshold <= lower.threshold:
            needs = f"{higher.threshold} against {lower.threshold}"
            raise TierError(f"tier {higher.id} stands above tier {lower.id} but does not need more: {needs}")
    return ordered


def deserved(tiers: Sequence[Tier], measure: Decimal) -> int | None:
    """The highest tier whose threshold is reached; ``None`` if none is.

    >>> deserved([Tier(1, 10, Decimal(1))], Decimal(0)) is None
    True

    :param measure: what the member has in the window, in the unit of the thresholds
    """
    reached = [tier for tier in tiers if tier.threshold <= measure]
    return max(reached, key=lambda tier: (tier.sequence, tier.threshold)).id if reached else None


def decide(
    tiers: Sequence[Tier],
    current: int | None,
    deserved: int | None,
    since: date | None,
    today: date,
    policy: Policy,
    review_due: bool,
    grace_until: date | None = None,
) -> Decision:
    """The member's tier from today on.

    >>> tiers = [Tier(1, 10, Decimal(0)), Tier(2, 20, Decimal(500)), Tier(3, 30, Decimal(2000))]
    >>> day, policy = date(2025, 1, 1), Policy('one_step', grace_days=30)
    >>> decide(tiers, 1, 3, None, day, policy, review_due=False)
    Decision(tier=3, reason='rise', grace_until=None)
    >>> decide(tiers, 3, 1, None, day, policy, review_due=True)
    Decision(tier=3, reason='grace_started', grace_until=datetime.date(2025, 1, 31))
    >>> decide(tiers, 3, 1, None, date(2025, 1, 31), policy, review_due=False, grace_until=date(2025, 1, 31))
    Decision(tier=2, reason='fall', grace_until=None)

    :param current: the id of the tier the member has, ``None`` for none; so :param deserved:
    :param since: when the member got the current tier; a tier is never taken on the day it was given
    :param review_due: whether this is a review (see :func:`review_due`)
    :param grace_until: as the last decision returned it
    :raise TierError: for a tier that is not among the tiers, or an unknown demotion
    """
    ordered = [tier.id for tier in sorted(tiers, key=lambda tier: tier.sequence)]
    if policy.demotion not in DEMOTIONS:
        raise TierError(f"{policy.demotion!r} is not a way to demote; there are {', '.join(DEMOTIONS)}")
    have, should = _rank(ordered, current), _rank(ordered, deserved)
    if should > have:
        return Decision(deserved, "rise", None)
    if should == have:
        return Decision(current, "keep", None)
    if policy.demotion == "never":
        return Decision(current, "never", None)
    if grace_until is not None:
        if today < grace_until:
            return Decision(current, "grace", grace_until)
    elif not review_due or (since is not None and since >= today):
        return Decision(current, "not_reviewed", None)
    elif policy.grace_days > 0:
        return Decision(current, "grace_started", today + timedelta(days=policy.grace_days))
    falls_to = should if policy.demotion == "hard" else have - 1
    return Decision(ordered[falls_to] if falls_to >= 0 else None, "fall", None)


def _rank(ordered: list[int], tier: int | None) -> int:
    if tier is None:
        return -1
    if tier not in ordered:
        raise TierError(f"tier {tier} is not one of the tiers {ordered}")
    return ordered.index(tier)


def review_due(review: str, last_review: date, today: date, calendar: str = periods.GREGORIAN) -> bool:
    """Whether a review is due since the last one (or since the member got the tier).

    Reviews by ``day``, ``month``, ``quarter`` and ``year`` fall on the first day of that period in the club's calendar
    or, after a skipped night, on the next day that asks; ``anniversary`` is a year after the last.

    >>> [review_due('year', date(2024, 12, 31), today) for today in (date(2024, 12, 31), date(2025, 1, 1))]
    [False, True]

    :raise TierError: for an unknown review
    """
    return today >= next_review(review, last_review, calendar)


def next_review(review: str, last_review: date, calendar: str = periods.GREGORIAN) -> date:
    """The day of the next review.

    >>> next_review('year', date(2025, 1, 1), 'jalali'), next_review('anniversary', date(2024, 2, 29))
    (datetime.date(2025, 3, 21), datetime.date(2025, 2, 28))

    :raise TierError: for an unknown review
    """
    if review == "anniversary":
        return periods.add_months(last_review, 12, calendar)
    if review not in REVIEWS:
        raise TierError(f"{review!r} is not a time to review; there are {', '.join(REVIEWS)}")
    return periods.period_bounds(review, last_review, calendar)[1]


def progress(tiers: Sequence[Tier], current: int | None, measure: Decimal) -> Progress:
    """How far a member is from the next tier above the current one.

    >>> tiers = [Tier(1, 10, Decimal(0)), Tier(2, 20, Decimal(500))]
    >>> progress(tiers, 1, Decimal(125))
    Progress(next_tier=Tier(id=2, sequence=20, threshold=Decimal('500')), missing=Decimal('375'), ratio=Decimal('0.25'))
    >>> progress(tiers, 2, Decimal(10))
    Progress(next_tier=None, missing=Decimal('0'), ratio=Decimal('1'))

    :raise TierError: for a current tier that is not among the tiers
    """
    ordered = sorted(tiers, key=lambda tier: tier.sequence)
    above = _rank([tier.id for tier in ordered], current) + 1
    if above >= len(ordered):
        return Progress(None, Decimal(0), Decimal(1))
    following = ordered[above]
    if measure >= following.threshold:
        return Progress(following, Decimal(0), Decimal(1))
    missing = following.threshold - measure
    if following.threshold <= 0:
        return Progress(following, missing, Decimal(0))
    return Progress(following, missing, max(Decimal(0), measure) / following.threshold)
