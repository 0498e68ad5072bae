"""How long customers stay and what they will buy: BG/NBD and Gamma-Gamma, fitted by maximum likelihood.

Sources of the formulas:

- Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model", Marketing
  Science 24(2), 275-284. A customer buys at a rate of its own (gamma, shape ``r``, scale ``alpha``) and after each
  purchase leaves for good with a probability of its own (beta, ``a`` and ``b``).
- Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value". What a customer spends at a time varies around a
  mean of its own (``p``, ``q``, ``gamma``), which does not depend on how often it buys.

Time is in weeks. Of each customer only three numbers matter: the repeat purchases ``x`` (the first is not one), the
time ``t_x`` of the last one and the time ``T`` observed, both counted from the first purchase. Equal customers are
given once with a ``weight``. Everything is computed in logarithms, for whole arrays at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import EngineError

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

#: Fewer customers, or fewer who came back, say nothing about a club.
FEWEST, FEWEST_REPEATERS = 100, 30
#: More customers than this are gathered by about equal means before money is fitted.
MANY = 20_000
#: Logarithms of parameters beyond this are no longer told apart by the data.
BOUND = 12.0


class FitError(EngineError):
    """No parameters: ``reason`` is ``few`` (too few customers) or ``failed`` (the search did not come to an end)."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Customers(NamedTuple):
    """What a club knows of its customers; arrays of one length, times in weeks."""

    x: Numbers
    t_x: Numbers
    T: Numbers
    weight: Numbers


class PurchaseFit(NamedTuple):
    """Parameters of BG/NBD. ``at_bound``: the data do not settle them, for example because nobody ever leaves."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = 0.0
    at_bound: bool = False


class SpendFit(NamedTuple):
    """Parameters of Gamma-Gamma; ``gamma`` is in money."""

    p: float
    q: float
    gamma: float
    log_likelihood: float = 0.0


class FrequencyRow(NamedTuple):
    """Customers who came back ``x`` times before: what they bought afterwards on average, and what was expected."""

    x: int
    customers: int
    actual: float
    expected: float


def customers(rows: Sequence[tuple[float, float, float, float]]) -> Customers:
    """Arrays from rows of (repeat purchases, time of the last, time observed, how many customers), times in weeks.

    >>> customers([(2, 3.0, 4.0, 1)]).T.tolist()
    [4.0]
    """
    import numpy as np  # noqa: PLC0415 - heavy; whoever draws no model need not have it

    table = np.asarray(rows, dtype=float).reshape(-1, 4)
    return Customers(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


# -- purchases ---------------------------------------------------------------------------------------


def purchase_log_likelihood(known: Customers, r: float, alpha: float, a: float, b: float) -> float:
    """Logarithm of how likely these customers are (FHL 2005, equation 6).

    >>> known = customers([(2, 30.43, 38.86, 1), (0, 0, 38.86, 1)])
    >>> round(purchase_log_likelihood(known, 0.243, 4.414, 0.793, 2.426), 4)
    -10.0133
    """
    return _purchase_log_likelihood(known, *_levels(known.x), r, alpha, a, b)


def _levels(x: Numbers) -> tuple[Numbers, Any]:
    """The few distinct numbers among many, and the place of each: gamma functions are computed of these only."""
    import numpy as np  # noqa: PLC0415

    levels, place = np.unique(x, return_inverse=True)
    return levels, place


def _purchase_log_likelihood(
    known: Customers, levels: Numbers, place: Any, r: float, alpha: float, a: float, b: float
) -> float:
    import numpy as np  # noqa: PLC0415
    from scipy.special import gammaln  # noqa: PLC0415

    come_back = np.maximum(levels, 1)
    constant = (
        gammaln(r + levels)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        - gammaln(b)
        + gammaln(b + levels)
        - gammaln(a + b + levels)
    )[place]
    gone = np.where(levels > 0, np.log(a) - np.log(b + come_back - 1), -np.inf)[place]
    here = -(r + known.x) * np.log(alpha + known.T)
    left = gone - (r + known.x) * np.log(alpha + known.t_x)
    return float(np.sum(known.weight * (constant + np.logaddexp(here, left))))


def fit_purchases(known: Customers, fewest: int = FEWEST, fewest_repeaters: int = FEWEST_REPEATERS) -> PurchaseFit:
    """Parameters that make the customers most likely.

    :raise FitError: too few customers (``few``), or the search ended nowhere (``failed``)
    """
    import numpy as np  # noqa: PLC0415

    count, repeaters = known.weight.sum(), known.weight[known.x > 0].sum()
    if count < fewest or repeaters < fewest_repeaters:
        raise FitError(f"{count:.0f} customers, of whom {repeaters:.0f} came back, are too few", "few")
    scale = float(np.sum(known.weight * known.T) / count) / 10 or 1.0

    levels, place = _levels(known.x)  # once: it sorts, which takes longer than the rest of a step of the search

    def badness(point: Numbers) -> float:
        return -_purchase_log_likelihood(known, levels, place, *np.exp(point)) / float(count)

    start = np.log([1.0, scale, 1.0, 3.0])
    point, value, settled = _search(badness, start)
    r, alpha, a, b = (float(number) for number in np.exp(point))
    at_bound = not settled or bool(np.any(np.abs(point) >= BOUND - 1e-6))
    return PurchaseFit(r, alpha, a, b, -value * float(count), at_bound)


def _search(badness: Callable[[Numbers], float], start: Numbers) -> tuple[Numbers, float, bool]:
    """The lowest point: by slopes first, then finely without them, as slopes by differences end too early.

    :return: the point, its value, and whether the point is settled: in a flat valley only the value is
    :raise FitError: if neither search comes to an end
    """
    import numpy as np  # noqa: PLC0415
    from scipy import optimize  # noqa: PLC0415

    bounds = [(-BOUND, BOUND)] * len(start)
    rough = optimize.minimize(badness, start, method="L-BFGS-B", bounds=bounds)
    begin = rough.x if np.isfinite(rough.fun) else start
    fine = optimize.minimize(
        badness,
        begin,
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-6, "fatol": 1e-10, "maxiter": 1500, "maxfev": 1500},
    )
    if not np.isfinite(fine.fun) or not (fine.success or rough.success):
        raise FitError(f"no parameters found: {fine.message}", "failed")
    return fine.x, float(fine.fun), bool(fine.success)


def p_alive(fit: PurchaseFit, known: Customers) -> Numbers:
    """Probability that each is still a customer (FHL 2005, section 5; 1 for who never came back, by assumption).

    >>> fit = PurchaseFit(0.243, 4.414, 0.793, 2.426)
    >>> p_alive(fit, customers([(2, 30.43, 38.86, 1), (0, 0, 38.86, 1)])).round(3).tolist()
    [0.727, 1.0]
    """
    import numpy as np  # noqa: PLC0415

    came_back = np.maximum(known.x, 1)
    odds = (
        np.log(fit.a)
        - np.log(fit.b + came_back - 1)
        + (fit.r + known.x) * (np.log(fit.alpha + known.T) - np.log(fit.alpha + known.t_x))
    )
    odds = np.where(known.x > 0, odds, -np.inf)
    result: Numbers = np.exp(-np.logaddexp(0.0, odds))
    return result


def expected_purchases(fit: PurchaseFit, known: Customers, weeks: float) -> Numbers:
    """Purchases that each customer will make in the next ``weeks`` (FHL 2005, equation 10).

    Its example: 2 purchases, the last in week 30.43 of 38.86, the next 39 weeks.

    >>> fit = PurchaseFit(0.243, 4.414, 0.793, 2.426)
    >>> expected_purchases(fit, customers([(2, 30.43, 38.86, 1)]), 39).round(3).tolist()
    [1.226]
    """
    share = weeks / (fit.alpha + known.T + weeks)
    result: Numbers = _growth(fit, known.x, share) * p_alive(fit, known)
    return result


def growth(fit: PurchaseFit, x: Sequence[float], observed: Sequence[float], weeks: float) -> list[float]:
    """What equation 10 multiplies the probability of being alive with: it does not depend on the last purchase.

    :param x: repeat purchases; :param observed: weeks since the first purchase, of each

    >>> fit = PurchaseFit(0.243, 4.414, 0.793, 2.426)
    >>> alive = p_alive(fit, customers([(2, 30.43, 38.86, 1)]))
    >>> round(growth(fit, [2], [38.86], 39)[0] * float(alive[0]), 3)
    1.226
    """
    import numpy as np  # noqa: PLC0415

    share = weeks / (fit.alpha + np.asarray(observed, dtype=float) + weeks)
    result: list[float] = _growth(fit, np.asarray(x, dtype=float), share).tolist()
    return result


def expected_of_new(fit: PurchaseFit, weeks: Numbers) -> Numbers:
    """Repeat purchases of a random new customer within ``weeks`` after the first purchase (FHL 2005, equation 9).

    >>> import numpy as np
    >>> expected_of_new(PurchaseFit(0.243, 4.414, 0.793, 2.426), np.array([1.0, 39.0])).round(3).tolist()
    [0.053, 1.197]
    """
    import numpy as np  # noqa: PLC0415

    return _growth(fit, np.zeros_like(weeks), weeks / (fit.alpha + weeks))


def _growth(fit: PurchaseFit, x: Numbers, share: Numbers) -> Numbers:
    """What equations 9 and 10 share. Euler's transformation of the hypergeometric function keeps it finite for any x.

    F(r+x, b+x; c; z) (1-z)^(r+x) = (1-z)^(a-1) F(a+b-1-r, a-1; c; z), c = a+b+x-1.

    With a and b in the thousands (customers who all leave alike) no floating point number holds its factors. Then the
    limit stands in, where everyone leaves after a purchase with the same probability p: (1 - E[exp(-lambda p t)]) / p.

    >>> import numpy as np
    >>> fits = [PurchaseFit(0.27, 1, a, 4 * a) for a in (90, 1e5)]
    >>> [_growth(fit, np.array([3.0]), np.array([0.5])).round(2).tolist() for fit in fits]
    [[2.25], [2.25]]
    """
    import numpy as np  # noqa: PLC0415
    from scipy.special import hyp2f1  # noqa: PLC0415

    a = fit.a if abs(fit.a - 1) > 1e-6 else 1 + 1e-6  # the limit exists, the formula has a gap there
    c = a + fit.b + x - 1
    with np.errstate(all="ignore"):
        result: Numbers = c / (a - 1) * (1 - (1 - share) ** (a - 1) * hyp2f1(a + fit.b - 1 - fit.r, a - 1, c, share))
        leaves = a / (c + 1)
        limit = (1 - ((1 - share) / (1 - share + leaves * share)) ** (fit.r + x)) / leaves
        found: Numbers = np.where(np.isfinite(result), result, limit)
    return found


# -- money -------------------------------------------------------------------------------------------


def spend_log_likelihood(x: Numbers, mean: Numbers, weight: Numbers, p: float, q: float, gamma: float) -> float:
    """Logarithm of how likely the means of ``x`` purchases each are (Fader & Hardie 2013, equation 1a)."""
    import numpy as np  # noqa: PLC0415
    from scipy.special import gammaln  # noqa: PLC0415

    levels, place = np.unique(x, return_inverse=True)
    constant = (gammaln(p * levels + q) - gammaln(p * levels) - gammaln(q) + p * levels * np.log(levels))[place]
    each = constant + q * np.log(gamma) + (p * x - 1) * np.log(mean) - (p * x + q) * np.log(gamma + x * mean)
    return float(np.sum(weight * each))


def fit_spend(
    x: Sequence[float] | Numbers,
    mean: Sequence[float] | Numbers,
    weight: Sequence[float] | Numbers | None = None,
    fewest: int = FEWEST_REPEATERS,
) -> SpendFit:
    """Parameters that make the customers' mean purchases most likely; those without a positive mean are left out.

    :param x: purchases that each mean rests on; :param mean: money; :param weight: how many such customers, default 1
    :raise FitError: too few (``few``), or the search ended nowhere (``failed``)
    """
    import numpy as np  # noqa: PLC0415

    counts, means = np.asarray(x, dtype=float), np.asarray(mean, dtype=float)
    weights = np.ones_like(counts) if weight is None else np.asarray(weight, dtype=float)
    usable = (counts > 0) & (means > 0)
    counts, means, weights = counts[usable], means[usable], weights[usable]
    number = weights.sum()
    if number < fewest:
        raise FitError(f"{number:.0f} customers who came back are too few", "few")
    if len(counts) > MANY:
        counts, means, weights = _gather(counts, means, weights)
    unit = float(np.sum(weights * means) / number)  # so that no currency's size matters

    def badness(point: Numbers) -> float:
        return -spend_log_likelihood(counts, means / unit, weights, *np.exp(point)) / float(number)

    point, value, _settled = _search(badness, np.log([2.0, 3.0, 1.0]))
    p, q, gamma = (float(value) for value in np.exp(point))
    return SpendFit(p, q, gamma * unit, float(-value * number - number * np.log(unit)))


def _gather(x: Numbers, mean: Numbers, weight: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Means that differ by less than a thousandth, of as many purchases, as one: thousands of rows, not a million.

    >>> import numpy as np
    >>> ones = np.ones(3)
    >>> x, mean, weight = _gather(ones, np.array([10.0, 10.001, 20.0]), ones)
    >>> mean.round(2).tolist(), weight.tolist()
    ([10.0, 20.0], [2.0, 1.0])
    """
    import numpy as np  # noqa: PLC0415

    keys = np.stack([x, np.round(np.log(mean) * 1000)])
    found, place = np.unique(keys, axis=1, return_inverse=True)
    place = place.reshape(-1)
    together = np.bincount(place, weights=weight)
    return found[0], np.bincount(place, weights=weight * mean) / together, together


def expected_spend(fit: SpendFit, x: Numbers, mean: Numbers) -> Numbers:
    """What each customer will spend at a time: its own mean, drawn to that of all the less it has bought.

    Equation 5 of Fader & Hardie 2013. Without purchases, the mean of all. Where ``p·x + q`` is not above 1, the
    distribution has no mean (a few spend without measure): infinity, which a caller replaces.

    >>> import numpy as np
    >>> fit = SpendFit(6.25, 3.74, 15.44)
    >>> expected_spend(fit, np.array([0.0, 2.0, 5.0]), np.array([0.0, 70.0, 30.0])).round(2).tolist()
    [35.22, 63.75, 30.42]
    >>> expected_spend(SpendFit(2.0, 0.9, 10.0), np.array([0.0, 1.0]), np.array([0.0, 5.0])).round(2).tolist()
    [inf, 15.79]
    """
    import numpy as np  # noqa: PLC0415

    below = fit.p * x + fit.q - 1
    exists = below > 0
    result: Numbers = np.where(exists, fit.p * (fit.gamma + x * mean) / np.where(exists, below, 1.0), np.inf)
    return result


# -- forecast and what happened ------------------------------------------------------------------------


def cumulative(fit: PurchaseFit, starts: Sequence[float], counts: Sequence[float], weeks: int) -> list[float]:
    """Repeat purchases of all customers together up to the end of each week.

    :param starts: weeks after the beginning in which customers bought first; :param counts: how many of each
    :return: ``weeks`` numbers
    """
    import numpy as np  # noqa: PLC0415

    begun, number = np.asarray(starts, dtype=float), np.asarray(counts, dtype=float)
    return [
        float(np.sum(number * expected_of_new(fit, np.maximum(week - begun, 0.0)))) for week in range(1, weeks + 1)
    ]


def by_frequency(
    fit: PurchaseFit, known: Customers, actual: Numbers, weeks: float, most: int = 7
) -> list[FrequencyRow]:
    """Mean purchases in the ``weeks`` after the calibration, by repeat purchases in it; the last row: ``most`` or more.

    :param actual: purchases of each row of ``known`` afterwards, per customer
    """
    import numpy as np  # noqa: PLC0415

    forecast = expected_purchases(fit, known, weeks)
    level = np.minimum(known.x, most)
    rows = []
    for x in range(most + 1):
        here = level == x
        number = float(known.weight[here].sum())
        if number:
            rows.append(
                FrequencyRow(
                    x,
                    round(number),
                    float(np.sum((known.weight * actual)[here]) / number),
                    float(np.sum((known.weight * forecast)[here]) / number),
                )
            )
    return rows
