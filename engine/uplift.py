"""What a campaign changed: those who got it against those who, by chance, did not; with a confidence interval.

Shares are compared by Newcombe's hybrid score interval, which keeps its coverage with few members and with shares of 0
and 1: R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
methods", Statistics in Medicine 17 (1998) 873-890, method 10. It is built from E. B. Wilson's interval, "Probable
inference, the law of succession, and statistical inference", Journal of the American Statistical Association 22
(1927) 209-212. Averages are compared by B. L. Welch, "The generalization of Student's problem when several different
population variances are involved", Biometrika 34 (1947) 28-35, with Satterthwaite's degrees of freedom; and by Student,
"The probable error of a mean", Biometrika 6 (1908) 1-25, with the variance of both arms together. The wider of the two
is taken: in a small control group of rare buyers nobody may have bought, or nobody much, and Welch's alone then takes
that for certain (with 2 buyers of 100 and a control group of 10 it calls two of three campaigns without any effect a
success).

Whoever looks at a result every day and stops when it is good calls chance a success. So a verdict is given once, when
the time that was fixed beforehand is over, and on one measure that was fixed beforehand.

>>> share = compare_shares(23, 100, 17, 100)
>>> [round(value, 3) for value in share]
[0.06, -0.051, 0.17]
>>> verdict(share, over=True), verdict(share, over=False)
('chance', 'early')
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from .errors import EngineError

CONFIDENCE = 0.95
#: Fewer members than this in one arm tell nothing that a shop should act on.
LEAST_MEMBERS = 10
#: Of whom fewer are expected in the smaller arm, if nothing changed, one more or less is called a success too often.
LEAST_EXPECTED = 2


class UpliftError(EngineError):
    """Numbers that cannot be: more buyers than members, a confidence outside of 0 to 1."""


class Interval(NamedTuple):
    """A difference, treated minus control, and between what it surely lies."""

    difference: float
    low: float
    high: float


class Sample(NamedTuple):
    """What a mean is compared by: how many members, their sum, the sum of their squares."""

    members: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.members if self.members else 0.0

    @property
    def variance(self) -> float:
        """The sample's variance (with n - 1).

        >>> Sample(3, 6.0, 14.0).variance
        1.0
        """
        if self.members < 2:
            return 0.0
        return max(0.0, (self.squares - self.total * self.total / self.members) / (self.members - 1))


def wilson(successes: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Between what a share surely lies (Wilson 1927).

    >>> [round(value, 4) for value in wilson(0, 10)]
    [0.0, 0.2775]

    :raise UpliftError: more successes than members, no member, an impossible confidence
    """
    _check(successes, count, confidence)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    low = 0.0 if not successes else max(0.0, middle - reach)
    high = 1.0 if successes == count else min(1.0, middle + reach)
    return low, high


def compare_shares(
    treated: int, of_treated: int, control: int, of_control: int, confidence: float = CONFIDENCE
) -> Interval | None:
    """The difference of two shares (Newcombe 1998, method 10); ``None`` where an arm has no member.

    The example of Newcombe's table II (a): 56 of 70 against 48 of 80.

    >>> [round(value, 4) for value in compare_shares(56, 70, 48, 80)]
    [0.2, 0.0524, 0.3339]
    >>> compare_shares(1, 1, 0, 0) is None
    True

    :raise UpliftError: more successes than members, an impossible confidence
    """
    if of_treated <= 0 or of_control <= 0:
        return None
    first, second = treated / of_treated, control / of_control
    low_1, high_1 = wilson(treated, of_treated, confidence)
    low_2, high_2 = wilson(control, of_control, confidence)
    difference = first - second
    return Interval(
        difference,
        difference - sqrt((first - low_1) ** 2 + (high_2 - second) ** 2),
        difference + sqrt((high_1 - first) ** 2 + (second - low_2) ** 2),
    )


def compare_means(treated: Sample, control: Sample, confidence: float = CONFIDENCE) -> Interval | None:
    """The difference of two means, with the wider of Welch's (1947) and Student's (1908) interval.

    ``None`` where an arm has fewer than two members or nothing varies.

    >>> found = compare_means(Sample(3, 6.0, 14.0), Sample(3, 3.0, 5.0))
    >>> [round(value, 2) for value in found]
    [1.0, -1.27, 3.27]

    :raise UpliftError: an impossible confidence
    """
    if not 0 < confidence < 1:
        raise UpliftError(f"a confidence lies between 0 and 1, not {confidence!r}")
    if treated.members < 2 or control.members < 2:
        return None
    first, second = treated.variance / treated.members, control.variance / control.members
    error = sqrt(first + second)
    if not error:
        return None
    welch = (first + second) ** 2 / (first**2 / (treated.members - 1) + second**2 / (control.members - 1))
    student = treated.members + control.members - 2
    common = (treated.variance * (treated.members - 1) + control.variance * (control.members - 1)) / student
    reach = max(
        _student(0.5 + confidence / 2, welch) * error,
        _student(0.5 + confidence / 2, student) * sqrt(common / treated.members + common / control.members),
    )
    difference = treated.mean - control.mean
    return Interval(difference, difference - reach, difference + reach)


def verdict(
    interval: Interval | None,
    *,
    over: bool,
    control: bool = True,
    least: int = LEAST_MEMBERS,
    members: tuple[int, int] | None = None,
    reached: tuple[int, int] | None = None,
) -> str:
    """What may be said: ``early``, ``no_control``, ``few``, ``better``, ``worse`` or ``chance``.

    >>> verdict(Interval(0.1, 0.02, 0.18), over=True), verdict(Interval(-0.1, -0.2, -0.01), over=True)
    ('better', 'worse')
    >>> verdict(Interval(0.1, 0.02, 0.18), over=True, members=(400, 3)), verdict(None, over=True, control=False)
    ('few', 'no_control')
    >>> rare = compare_shares(10, 1000, 1, 20)
    >>> verdict(rare, over=True, members=(1000, 20)), verdict(rare, over=True, members=(1000, 20), reached=(10, 1))
    ('chance', 'chance')
    >>> rare = compare_shares(3, 1000, 1, 20)
    >>> verdict(rare, over=True, members=(1000, 20)), verdict(rare, over=True, members=(1000, 20), reached=(3, 1))
    ('worse', 'few')

    :param over: whether the time fixed beforehand has passed; :param members: how many each arm has;
    :param reached: how many of each did it, where shares are compared
    """
    if not over:
        return "early"
    if not control:
        return "no_control"
    if interval is None or (members is not None and min(members) < least):
        return "few"
    if interval.low <= 0 <= interval.high:
        return "chance"
    if members is not None and reached is not None and _expect(members, reached) < LEAST_EXPECTED:
        return "few"
    return "better" if interval.low > 0 else "worse"


def _expect(members: tuple[int, int], reached: tuple[int, int]) -> float:
    """How many of the smaller arm would do it, or not do it, if both arms were alike: the lesser of the two."""
    share = sum(reached) / sum(members)
    return min(share, 1 - share) * min(members)


def _student(probability: float, freedom: float) -> float:
    from scipy.stats import t  # heavy: only who asks for a mean loads it

    return float(t.ppf(probability, freedom))


def _check(successes: int, count: int, confidence: float) -> None:
    if count <= 0 or not 0 <= successes <= count:
        raise UpliftError(f"{successes} of {count} is no share")
    if not 0 < confidence < 1:
        raise UpliftError(f"a confidence lies between 0 and 1, not {confidence!r}")
