"""Sampling intervals of shares and means, and whether an order of small counts could be chance.

Each function names the sampling model under which its numbers mean something. A full list of firms
is a census: it has no sampling error, and these intervals do not describe it. Bounds that come from
missing figures (what the data allow) are identification bounds; they are computed by
:mod:`helpers.evidence.completion` and must never be mixed with the intervals here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.analysis import checks
from helpers.errors import InputError


def _whole_counts(counts: ArrayLike, what: str = "counts") -> NDArray[np.int64]:
    """Counts as integers; blanks, negative numbers and fractions are named."""
    if isinstance(counts, Mapping):
        raise InputError(f"{what}: give the values only, not a mapping")
    try:
        values = np.asarray(counts, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{what}: a blank or a text is no count; leave it out or fill it"
        ) from error
    if values.ndim != 1:
        raise InputError(f"{what}: give one row of counts, not {values.ndim} dimensions")
    wrong = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"{what}: value {values[at]:g} at position {at} is no count. "
            "Give whole numbers from 0; leave units with unknown counts out."
        )
    return values.astype(np.int64)


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Score interval of a binomial proportion.

    Parameters
    ----------
    successes : int
        Firms counted, between 0 and `trials`. A missing value is an error.
    trials : int
        Firms drawn, at least 1.
    level : float
        Confidence level, between 0 and 1; reached on average, not for every proportion.

    Returns
    -------
    low, high : float
        Proportions, not per cent.

    Raises
    ------
    InputError
        A count is missing, fractional or out of range, or the level is.

    Notes
    -----
    Wilson (1927), doi:10.1080/01621459.1927.10502953. Sampling model: the firms are independent
    draws from a larger population with one fixed probability. A full list of firms is a census and
    has no such interval; bounds from missing figures (identification bounds) are something else.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(4, 20)]
    [0.0807, 0.416]
    """
    from scipy.stats import norm

    checks.level(level)
    count, base = _whole_counts([successes, trials], "successes and trials").tolist()
    if base < 1 or count > base:
        raise InputError(f"{count} of {base}: give 0 <= successes <= trials and trials >= 1")
    low, high = _score_interval(np.array([count]), base, float(norm.isf((1 - level) / 2)) ** 2)[0]
    return float(low), float(high)


def beta_quantiles(successes: float, failures: float, level: float) -> tuple[float, float]:
    """Ends of the interval of Clopper and Pearson, also for numbers that are not whole.

    Parameters
    ----------
    successes, failures : float
        At least 0, not both of them 0.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : float
        Quantiles of Beta(successes, failures + 1) and Beta(successes + 1, failures); 0 and 1 where
        these do not exist.

    Notes
    -----
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404; at effective numbers Korn and Graubard
    (1998), Survey Methodology 24, 193-201.

    Examples
    --------
    >>> [round(end, 4) for end in beta_quantiles(4, 16, 0.95)]
    [0.0573, 0.4366]
    """
    # scipy.stats has the same, but takes long to load.
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, failures, 1 - tail) if failures else 1.0
    return float(low), float(high)


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a binomial proportion.

    Parameters
    ----------
    successes : int
        Firms counted, between 0 and `trials`.
    trials : int
        Firms drawn, at least 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : float
        Proportions, not per cent.

    Raises
    ------
    InputError
        The counts or the level are out of range.

    Notes
    -----
    Clopper and Pearson (1934), doi:10.1093/biomet/26.4.404. It is a sampling interval: it means
    something only if the firms are independent draws from a larger population with one fixed
    probability. A full list of firms is a census and has no such interval.

    Examples
    --------
    >>> [round(bound, 4) for bound in clopper_pearson(4, 20)]
    [0.0573, 0.4366]
    """
    if trials < 1 or not 0 <= successes <= trials:
        raise InputError(f"{successes} of {trials}: give 0 <= successes <= trials and trials >= 1")
    checks.level(level)
    return beta_quantiles(successes, trials - successes, level)


def _score_interval(counts: NDArray[np.int64], total: int, quantile: float) -> NDArray[np.float64]:
    """Roots of (p - x/n)^2 = quantile p (1 - p) / n, one row a count."""
    spread = np.sqrt(quantile**2 + 4 * quantile * counts * (total - counts) / total)
    ends = np.stack([2 * counts + quantile - spread, 2 * counts + quantile + spread], axis=1)
    # Rounding can put an end a hair outside of 0 to 1, or a share of 0 or 1 outside of its interval.
    low, high = np.clip(ends / (2 * (total + quantile)), 0.0, 1.0).T
    return np.stack([np.minimum(low, counts / total), np.maximum(high, counts / total)], axis=1)


def goodman(counts: ArrayLike, level: float = 0.95) -> NDArray[np.float64]:
    """Simultaneous intervals of the shares of one total.

    Parameters
    ----------
    counts : array_like of int, shape (k,)
        Firms in each of k >= 2 classes that together make up the sample; not all 0. Missing values
        are an error.
    level : float
        Confidence that all k intervals hold at once (at least approximately).

    Returns
    -------
    ndarray of float, shape (k, 2)
        Lower and upper bound of each share, as proportions.

    Raises
    ------
    InputError
        A count is missing, negative or fractional; fewer than two classes; all counts are 0; the
        level is out of range.

    Notes
    -----
    Goodman (1965), doi:10.1080/00401706.1965.10490252: score intervals with the error shared
    among the k classes (Bonferroni). Sampling model: the firms are independent draws that fall into
    the classes with fixed probabilities (multinomial). A full list of firms is a census and has no
    such interval; bounds from missing figures (identification bounds) are something else.

    Examples
    --------
    >>> goodman([4, 16]).round(3).tolist()
    [[0.071, 0.449], [0.551, 0.929]]
    """
    from scipy.stats import chi2

    checks.level(level)
    values = _whole_counts(counts)
    if len(values) < 2:
        raise InputError(f"counts: {len(values)} class; shares of one total need two or more")
    total = int(values.sum())
    if total == 0:
        raise InputError("counts: all are 0, so there are no shares; give at least one firm")
    return _score_interval(values, total, float(chi2.isf((1 - level) / len(values), 1)))


def share_intervals(counts: Mapping[str, int], level: float = 0.95) -> pd.DataFrame:
    """Shares of one total with three sampling intervals side by side.

    Parameters
    ----------
    counts : mapping of str to int
        Firms in each class; the classes make up the total. Missing values are an error.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    DataFrame
        Index: class. Columns firms_count, base_count, share, then as proportions wilson_low,
        wilson_high, exact_low, exact_high (each class by itself) and joint_low, joint_high (all
        classes at once).

    Raises
    ------
    InputError
        As in :func:`goodman`.

    Notes
    -----
    Wilson (1927), Clopper and Pearson (1934), Goodman (1965). Sampling model: independent draws
    with fixed probabilities. A full list of firms is a census and has no such interval;
    identification bounds are something else.

    Examples
    --------
    >>> share_intervals({"a": 4, "b": 16}).loc["a", "share"].item()
    0.2
    """
    joint = goodman(list(counts.values()), level)
    values = _whole_counts(list(counts.values())).tolist()
    base = sum(values)
    single = [(*wilson(n, base, level), *clopper_pearson(n, base, level)) for n in values]
    names = ["wilson_low", "wilson_high", "exact_low", "exact_high"]
    frame = pd.DataFrame(single, columns=names, index=pd.Index(list(counts)))
    frame.insert(0, "firms_count", values)
    frame.insert(1, "base_count", base)
    frame.insert(2, "share", [n / base for n in values])
    return frame.assign(joint_low=joint[:, 0], joint_high=joint[:, 1])


def poisson_interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of the mean of one Poisson count.

    Parameters
    ----------
    count : int
        Firms counted, at least 0. A missing value is an error.
    level : float
        Confidence level, between 0 and 1; reached at least, for every mean.

    Returns
    -------
    low, high : float
        Firms.

    Raises
    ------
    InputError
        The count is no whole number from 0, or the level is out of range.

    Notes
    -----
    Garwood (1936), doi:10.1093/biomet/28.3-4.437. Sampling model: firms with the title arise
    independently of one another at a constant rate. Firms that cluster vary more than this, so
    the interval is then too short. A full list of firms is a census and has no such interval.

    Examples
    --------
    >>> [round(end, 3) for end in poisson_interval(10)], round(poisson_interval(0)[1], 3)
    ([4.795, 18.39], 3.689)
    """
    from scipy.stats import chi2

    checks.level(level)
    value = float(checks.counts([count], "count of firms").iloc[0])
    if value % 1:
        raise InputError(f"count of firms {value:g}: give a whole number")
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * value)) / 2 if value else 0.0
    return low, float(chi2.isf(tail, 2 * value + 2)) / 2


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Holm's step-down correction of p-values that are looked at together.

    Parameters
    ----------
    p_values : array-like, shape (n,)
        Between 0 and 1, none missing.

    Returns
    -------
    ndarray, shape (n,)
        The least level of the whole family at which each test would reject, in the given order.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    # statsmodels has it, but collects garbage at each call, which costs a tenth of a second.
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def _order_p_values(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float64]:
    from scipy.stats import binom

    smaller, total = np.minimum(first, second), first + second
    p_values: NDArray[np.float64] = np.minimum(1.0, 2.0 * binom.cdf(smaller, total, 0.5))
    return p_values


def order_p_value(first: int, second: int) -> float:
    """Probability of two counts at least as far apart as these if their rates were equal.

    Parameters
    ----------
    first, second : int
        Firms of two places or classes. Missing values are an error.

    Returns
    -------
    float
        Two-sided; 1 for equal counts, two zeros among them.

    Raises
    ------
    InputError
        A count is missing, negative or fractional.

    Notes
    -----
    Przyborowski and Wilenski (1940), doi:10.1093/biomet/31.3-4.313. Sampling model: two independent
    Poisson counts with equal rates; given their sum n, the first is binomial(n, 1/2). Two-sided
    because the order was seen, not foretold. A full list of firms is a census: there the order is a
    fact, and the test only asks whether an equal tendency could have brought it about.
    Identification bounds are something else.

    Examples
    --------
    >>> order_p_value(4, 3), order_p_value(10, 1)
    (1.0, 0.01171875)
    """
    one, two = _whole_counts([first, second], "the two counts")
    return float(_order_p_values(np.array([one]), np.array([two]))[0])


def orders_could_be_chance(
    counts: Mapping[str, int] | Sequence[int] | pd.Series, level: float = 0.95
) -> pd.DataFrame:
    """Which orders among several small counts are compatible with equal rates.

    Parameters
    ----------
    counts : mapping of str to int, Series or sequence of int
        Firms of two or more places or classes; a sequence is labelled 0, 1, ... Missing values are
        an error.
    level : float
        One minus the chance of calling any order real if all rates are equal.

    Returns
    -------
    DataFrame
        One row a pair, the larger count first (equal counts in the order given): larger, smaller
        (labels), larger_count, smaller_count, p_value, p_holm (corrected for the number of
        pairs), could_be_chance.

    Raises
    ------
    InputError
        A count is missing, negative or fractional, a label is repeated, fewer than two counts, all
        counts are 0, or the level is out of range.

    Notes
    -----
    Test: Przyborowski and Wilenski (1940); correction: Holm (1979). Sampling model: independent
    Poisson counts with equal rates. A full list of firms is a census, in which the orders are
    facts; identification bounds are something else.

    Examples
    --------
    >>> orders_could_be_chance({"a": 2, "b": 20})[["larger", "could_be_chance"]].values.tolist()
    [['b', False]]
    """
    checks.level(level)
    table = counts if isinstance(counts, pd.Series) else pd.Series(counts, dtype=object)
    values = _whole_counts(table.to_numpy())
    if len(values) < 2 or not values.any():
        raise InputError(f"counts {values.tolist()}: an order needs two counts, not all of them 0")
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()].tolist()
        raise InputError(f"counts: labels {twice} stand twice; name each count once")
    pairs = [
        (a, b) if values[a] >= values[b] else (b, a) for a, b in combinations(range(len(values)), 2)
    ]
    front, back = (np.array(side) for side in zip(*pairs, strict=True))
    p_values = _order_p_values(values[front], values[back])
    p_holm = holm(p_values)
    return pd.DataFrame(
        {
            "larger": table.index[front],
            "smaller": table.index[back],
            "larger_count": values[front],
            "smaller_count": values[back],
            "p_value": p_values,
            "p_holm": p_holm,
            "could_be_chance": p_holm > 1 - level,
        }
    )


def _rate_p_value(first: int, second: int, exposure: float) -> float:
    """Two-sided probability of a split as uneven as this; exposure is the first's share."""
    from scipy.stats import binom

    total = first + second
    tails = binom.cdf(first, total, exposure), binom.sf(first - 1, total, exposure)
    return min(1.0, 2 * float(min(tails)))


def rate_orders(counts: pd.Series, residents: pd.Series, level: float = 0.95) -> pd.DataFrame:
    """Which orders of firms per resident are compatible with equal rates.

    Parameters
    ----------
    counts : Series of int, shape (units,)
        Firms of two districts or more; no missing values.
    residents : Series, shape (units,)
        Residents of the same districts, each above 0; matched by label.
    level : float
        One minus the chance of calling any order real if all rates are equal.

    Returns
    -------
    DataFrame
        One row a pair, the higher rate first: larger, smaller, larger_count, smaller_count,
        p_value, p_holm (corrected for the number of pairs), could_be_chance.

    Raises
    ------
    InputError
        A value is missing or negative, a count is not whole, residents are 0, the districts
        differ, there are fewer than two, no firm at all, or the level is out of range.

    Notes
    -----
    Przyborowski and Wilenski (1940), doi:10.1093/biomet/31.3-4.313, with unequal exposure: given
    their sum, the first of two Poisson counts is binomial with its share of the residents as
    probability. Correction: Holm (1979). Sampling model and limits as in
    :func:`orders_could_be_chance`.

    Examples
    --------
    >>> found = rate_orders(pd.Series({"a": 20, "b": 20}), pd.Series({"a": 9e5, "b": 1e5}))
    >>> found[["larger", "could_be_chance"]].values.tolist()
    [['b', False]]
    """
    firms, people = checks.paired(counts, residents, ("counts", "residents"))
    if (people == 0).any():
        raise InputError(
            f"residents: 0 at {checks.shown(people.index[people == 0])}. Leave these out."
        )
    checks.level(level)
    if len(firms) < 2 or not firms.any() or (firms % 1).any():
        raise InputError("counts: an order of rates needs two whole counts, not all of them 0")
    rate = firms / people
    pairs = [(a, b) if rate[a] >= rate[b] else (b, a) for a, b in combinations(firms.index, 2)]
    p_values = [
        _rate_p_value(int(firms[a]), int(firms[b]), people[a] / (people[a] + people[b]))
        for a, b in pairs
    ]
    p_holm = holm(p_values)
    return pd.DataFrame(
        {
            "larger": [a for a, _ in pairs],
            "smaller": [b for _, b in pairs],
            "larger_count": [int(firms[a]) for a, _ in pairs],
            "smaller_count": [int(firms[b]) for _, b in pairs],
            "p_value": p_values,
            "p_holm": p_holm,
            "could_be_chance": np.asarray(p_holm) > 1 - level,
        }
    )


def focal_orders(counts: pd.Series, focal: str, level: float = 0.95) -> pd.DataFrame:
    """Which orders between one unit and each of the others are compatible with equal rates.

    Parameters
    ----------
    counts : Series of int, shape (units,)
        Firms of two units or more, each named once. Missing values are an error.
    focal : str
        Label of the unit that is compared.
    level : float
        One minus the chance of calling any of these orders real if the rates are all equal.

    Returns
    -------
    DataFrame
        One row for each other unit, in the order given: unit, firms_count, focal_count, p_value,
        p_holm (corrected for the number of rows) and could_be_chance.

    Raises
    ------
    InputError
        As in :func:`orders_could_be_chance`; the focal unit is absent.

    Notes
    -----
    Test and correction of :func:`orders_could_be_chance`, over the pairs with the focal unit alone:
    fewer pairs, hence less correction. Neighbours in rank are chosen because their counts are near,
    which makes chance look likelier than among units named beforehand. Sampling model: independent
    Poisson counts with equal rates. A full list of firms is a census, in which the orders are facts.

    Examples
    --------
    >>> table = focal_orders(pd.Series({"a": 2, "b": 20, "c": 18}), "b")
    >>> table[["unit", "could_be_chance"]].values.tolist()
    [['a', False], ['c', True]]
    """
    checks.level(level)
    values = _whole_counts(counts.to_numpy())
    if not counts.index.is_unique or focal not in counts.index:
        raise InputError(f"counts: name each unit once, {focal!r} among them")
    if len(values) < 2 or not values.any():
        raise InputError(f"counts {values.tolist()}: an order needs two counts, not all of them 0")
    own = counts.index == focal
    count, others = int(values[own][0]), values[~own]
    p_values = _order_p_values(np.full_like(others, count), others)
    p_holm = holm(p_values)
    columns = {"unit": counts.index[~own], "firms_count": others, "focal_count": count}
    columns |= {"p_value": p_values, "p_holm": p_holm, "could_be_chance": p_holm > 1 - level}
    return pd.DataFrame(columns)
