"""Ranks and how they change, and classes of units by natural breaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.analysis import checks
from helpers.analysis.checks import Values
from helpers.errors import InputError

# Time and memory grow with the square of the number of distinct values.
_MOST_DISTINCT = 3_000


# --- Ranks ---------------------------------------------------------------------------------------


class Tau(NamedTuple):
    """Kendall's tau-b, the two-sided p-value of independence, and the number of units."""

    tau: float
    p_value: float
    units_count: int


def kendall_tau(before: Values, after: Values) -> Tau:
    """Kendall's rank correlation of two sets of values of the same units, ties allowed (tau-b).

    Parameters
    ----------
    before, after : sequence, array or Series, shape (units,)
        Two units or more, no missing values, not all equal. Two Series are matched by label,
        anything else by position.

    Returns
    -------
    Tau
        tau between -1 (order reversed) and 1 (same order).

    Raises
    ------
    InputError
        The values cannot be used, the units differ, there is one unit only, or all values of a
        set are equal, which leaves nothing to rank.

    Notes
    -----
    Kendall (1945), doi:10.1093/biomet/33.3.239, by ``scipy.stats.kendalltau``. The p-value is that of
    the hypothesis that the two orders are unrelated (exact for few units without ties, else
    normal); cumulative counts are related by construction, so it says little of them.

    Examples
    --------
    >>> round(kendall_tau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]).tau, 5)
    -0.4714
    """
    from scipy.stats import kendalltau

    first, second = checks.paired(before, after, ("before", "after"), signed=True)
    if len(first) < 2:
        raise InputError("Kendall's tau: one unit only; it needs two units or more")
    for name, values in (("before", first), ("after", second)):
        if values.nunique() == 1:
            raise InputError(f"{name}: all values are equal, so there is no order to compare")
    result = kendalltau(first, second)
    return Tau(float(result.statistic), float(result.pvalue), len(first))


def _ranks(values: pd.Series) -> pd.Series:
    """1 for the largest; tied units share the better rank."""
    return values.rank(ascending=False, method="min").astype("int64")


def rank_changes(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Ranks of the same units at two dates.

    Parameters
    ----------
    before, after : Series, shape (units,)
        Counts or other values, no missing ones; matched by label.

    Returns
    -------
    DataFrame
        Index of `before`; columns before, after, rank_before, rank_after (1 for the largest, tied
        units sharing the better rank), change (places gained, negative for places lost) and
        ranked_count (number of units ranked).

    Raises
    ------
    InputError
        The values cannot be used, are not Series, or the units differ. A unit whose value is
        unknown at one date cannot be ranked; leave it out at both and say so.

    Examples
    --------
    >>> table = rank_changes(pd.Series({"A": 5, "B": 3, "C": 3}), pd.Series({"A": 4, "B": 6, "C": 1}))
    >>> table[["rank_before", "rank_after", "change"]].values.tolist()
    [[1, 2, -1], [2, 1, 1], [2, 3, -1]]
    """
    for name, values in (("before", before), ("after", after)):
        if not isinstance(values, pd.Series):
            raise InputError(f"{name}: give a Series indexed by the units")
    first, second = checks.paired(before, after, ("before", "after"), signed=True)
    table = pd.DataFrame({"before": before, "after": after.reindex(before.index)})
    table = table.assign(rank_before=_ranks(first), rank_after=_ranks(second))
    table["change"] = table["rank_before"] - table["rank_after"]
    return table.assign(ranked_count=len(table))


class PairOrders(NamedTuple):
    """Outcome of :func:`pair_orders`: numbers of pairs, and Somers' d between two limits."""

    pairs_count: int
    kept: int
    reversed: int
    undecided: int
    d_low: float
    d_high: float


def pair_orders(before: pd.Series, low: pd.Series, high: pd.Series) -> PairOrders:
    """Which orders of two units are kept when the later values are known only between limits.

    Parameters
    ----------
    before : Series, shape (units,)
        Known values, not all equal, no missing ones.
    low, high : Series, shape (units,)
        Limits of each later value, low <= high; matched by label. Equal for a known value.

    Returns
    -------
    PairOrders
        Of the pairs that were not tied before: how many keep their order whatever the values
        within the limits, how many reverse it, how many are open. d_low and d_high bound Somers'
        d, (kept - reversed) / pairs: every open pair counted for the one side, then for the other,
        unless a tie is the most it can come to. The limits hold one by one, so these are outer
        bounds: what ties the values together (a common total) may narrow them further. A pair
        tied for certain afterwards counts for neither side; with known values both bounds are
        Somers' d.

    Raises
    ------
    InputError
        The values cannot be used, a lower limit is above the upper one, the units differ, or all
        values before are equal.

    Notes
    -----
    Somers (1962), doi:10.2307/2090408, the later values given the earlier: Kendall's tau with the
    pairs that were tied before left out.

    Examples
    --------
    >>> names = list("ABC")
    >>> low, high = pd.Series([8, 9, 0], names), pd.Series([8, 12, 8], names)
    >>> pair_orders(pd.Series([9, 5, 1], names), low, high)[:4]
    (3, 1, 1, 1)
    """
    for name, values in (("before", before), ("low", low), ("high", high)):
        if not isinstance(values, pd.Series):
            raise InputError(f"{name}: give a Series indexed by the units")
    first, least = checks.paired(before, low, ("before", "low"), signed=True)
    _, most = checks.paired(before, high, ("before", "high"), signed=True)
    crossed = least > most
    if crossed.any():
        raise InputError(f"low is above high at {checks.shown(crossed.index[crossed])}. Swap them.")
    value, bottom, top = (part.to_numpy() for part in (first, least, most))
    ahead = value[:, None] > value[None, :]
    pairs = int(ahead.sum())
    if pairs == 0:
        raise InputError("before: all values are equal, so there is no order to keep")
    kept = ahead & (bottom[:, None] > top[None, :])
    turned = ahead & (top[:, None] < bottom[None, :])
    point = bottom == top
    tied = ahead & point[:, None] & point[None, :] & (bottom[:, None] == bottom[None, :])
    undecided = ahead & ~kept & ~turned & ~tied
    # What an open pair can come to at best and at worst for the order before.
    gains = undecided & (top[:, None] > bottom[None, :])
    losses = undecided & (bottom[:, None] < top[None, :])
    sure = int(kept.sum()) - int(turned.sum())
    limits = (sure - int(losses.sum())) / pairs, (sure + int(gains.sum())) / pairs
    return PairOrders(pairs, int(kept.sum()), int(turned.sum()), int(undecided.sum()), *limits)


# --- Classes -------------------------------------------------------------------------------------


class Breaks(NamedTuple):
    """Classes of :func:`natural_breaks`.

    ``upper`` holds the largest value of each class in ascending order, ``classes`` the class of
    each value (0 for the lowest), ``gvf`` the goodness of variance fit, ``within`` the sum of
    squared deviations from the class means.
    """

    upper: tuple[float, ...]
    classes: pd.Series
    gvf: float
    within: float


def natural_breaks(values: Values, k: int) -> Breaks:
    """Classes with the smallest possible squared deviations from their means (Jenks).

    Parameters
    ----------
    values : sequence, array or Series, shape (units,)
        Finite numbers, no missing ones; at most 3,000 distinct.
    k : int
        Number of classes, between 1 and the number of distinct values. Equal values are never
        parted.

    Returns
    -------
    Breaks
        The goodness of variance fit is one less the part of the squared deviations left within
        the classes: 0 for one class, 1 for a class to each value; 1 as well if all values are
        equal. If several divisions are equally good, the one with the lower breaks.

    Raises
    ------
    InputError
        The values cannot be used, or k is out of its range.

    Notes
    -----
    Fisher (1958), doi:10.1080/01621459.1958.10501479, solved exactly by dynamic programming;
    known in cartography after Jenks (1967).

    Examples
    --------
    >>> found = natural_breaks([1, 2, 2, 10, 11, 40], 3)
    >>> found.upper, found.classes.tolist(), round(found.gvf, 4)
    ((2.0, 11.0, 40.0), [0, 0, 0, 1, 1, 2], 0.9989)
    """
    series = checks.numbers(values, "natural breaks")
    distinct, sizes = _distinct(series)
    most = len(distinct)
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= most:
        raise InputError(
            f"{k!r} classes: give a whole number from 1 to {most}, the distinct values"
        )
    ends = _optimal_ends(distinct, sizes, int(k))[-1]
    return _classified(series, distinct, ends)


def _distinct(series: pd.Series) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Distinct values in ascending order, and how often each occurs."""
    distinct, sizes = np.unique(series.to_numpy(), return_counts=True)
    if len(distinct) > _MOST_DISTINCT:
        raise InputError(
            f"natural breaks: {len(distinct)} distinct values, at most {_MOST_DISTINCT:,}. "
            "Round the values or take a sample."
        )
    return distinct, sizes


def _costs(distinct: npt.NDArray[Any], sizes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Squared deviations of a class from value i to value j, both included; infinite for j < i."""
    # Centred and scaled, so that little is lost in the difference of two sums of squares.
    spread = (distinct[-1] - distinct[0]) or 1.0
    centred = (distinct - np.average(distinct, weights=sizes)) / spread
    sums = [np.concatenate([[0.0], np.cumsum(sizes * centred**power)]) for power in (0, 1, 2)]
    number, first, second = (part[None, 1:] - part[:-1, None] for part in sums)
    upper = np.triu(np.ones(number.shape, dtype=bool))
    costs = np.full(number.shape, np.inf)
    costs[upper] = second[upper] - first[upper] ** 2 / number[upper]
    np.fill_diagonal(costs, 0.0)
    return np.maximum(costs, 0.0)


def _optimal_ends(
    distinct: npt.NDArray[Any], sizes: npt.NDArray[Any], most: int
) -> list[list[int]]:
    """For 1 to `most` classes: the position of the last value of each class."""
    costs = _costs(distinct, sizes)
    last = len(distinct) - 1
    # best[j]: smallest cost of the values up to j in so many classes; starts[c][j]: where the last
    # class then begins.
    best, starts = costs[0], [np.zeros(last + 1, dtype="int64")]
    for _ in range(most - 1):
        # A further class begins at value 1 at the earliest: the classes before it are not empty.
        with_start = best[:-1, None] + costs[1:]
        starts.append(with_start.argmin(axis=0) + 1)
        best = with_start.min(axis=0)
    ends = []
    for classes in range(1, most + 1):
        found = [last]
        for start in reversed(starts[1:classes]):
            found.append(int(start[found[-1]]) - 1)
        ends.append(found[::-1])
    return ends


def _classified(series: pd.Series, distinct: npt.NDArray[Any], ends: Sequence[int]) -> Breaks:
    upper = distinct[list(ends)]
    classes = pd.Series(np.searchsorted(upper, series.to_numpy()), index=series.index)
    # In units of about the largest value, whose square might overflow; a power of two, so that
    # the division is exact.
    scale = math.ldexp(1.0, math.frexp(float(series.abs().max()))[1] - 1)
    scaled = series / scale
    within = float(((scaled - scaled.groupby(classes).transform("mean")) ** 2).sum())
    total = float(((scaled - scaled.mean()) ** 2).sum())
    # All values equal: one class leaves nothing of the variance there is, none.
    gvf = 1.0 if len(ends) == len(distinct) else max(0.0, 1 - within / total)
    gvf = 0.0 if len(ends) == 1 < len(distinct) else gvf
    return Breaks(tuple(float(value) for value in upper), classes, gvf, within * scale * scale)


def breaks_table(values: Values, most: int = 7) -> pd.DataFrame:
    """Natural breaks with one class, two, and so on.

    Parameters
    ----------
    values : sequence, array or Series, shape (units,)
        As in :func:`natural_breaks`.
    most : int
        Largest number of classes, at least 1; fewer if there are fewer distinct values.

    Returns
    -------
    DataFrame
        Columns classes_count, gvf (goodness of variance fit), gain (what this class added to it;
        0 for the first), gvf_even (what as many classes reach on evenly spread values), smallest
        (units in the smallest class) and upper (largest value of each class, a tuple).

    Raises
    ------
    InputError
        The values cannot be used, or `most` is not a whole number of 1 or more.

    Notes
    -----
    The fit rises with every class, on any values: k equal parts of an even spread reach
    1 - 1/k^2 (``gvf_even``, the limit for many values). Classes speak of groups in the data only
    as far as gvf exceeds it.

    Examples
    --------
    >>> breaks_table([1, 2, 2, 10, 11, 40], 3)[["gvf", "gvf_even"]].round(3).values.tolist()
    [[0.0, 0.0], [0.914, 0.75], [0.999, 0.889]]
    """
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 1:
        raise InputError(f"at most {most!r} classes: give a whole number of 1 or more")
    series = checks.numbers(values, "natural breaks")
    distinct, sizes = _distinct(series)
    rows = []
    for ends in _optimal_ends(distinct, sizes, min(int(most), len(distinct))):
        found = _classified(series, distinct, ends)
        smallest = found.classes.value_counts().min()
        rows.append((len(ends), found.gvf, 1 - 1 / len(ends) ** 2, smallest, found.upper))
    columns = ["classes_count", "gvf", "gvf_even", "smallest", "upper"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(2, "gain", table["gvf"].diff().fillna(0.0))
    return table


def classes_needed(table: pd.DataFrame, enough: float = 0.8, gain: float = 0.05) -> int:
    """Number of classes by a stated rule: enough fit, and the next class adds little.

    Parameters
    ----------
    table : DataFrame
        From :func:`breaks_table`.
    enough : float
        Smallest goodness of variance fit, between 0 and 1.
    gain : float
        A further class must add at least this much to be worth it.

    Returns
    -------
    int
        The smallest number of classes whose fit is enough and whose next class adds less than
        `gain`; the largest number in the table if none is.

    Raises
    ------
    InputError
        A threshold is not between 0 and 1, or the table has no rows.

    Notes
    -----
    A rule of thumb that is fixed beforehand, not a test. Evenly spread values give 3 classes
    under the default thresholds, so compare gvf with gvf_even before reading tiers into them.

    Examples
    --------
    >>> classes_needed(breaks_table([1, 2, 2, 10, 11, 40]))
    3
    """
    for name, value in (("enough", enough), ("gain", gain)):
        if not 0 <= value <= 1:
            raise InputError(f"{name} {value}: give a number between 0 and 1")
    if table.empty:
        raise InputError("table of breaks: it has no rows; take it from breaks_table")
    little = table["gain"].shift(-1).fillna(0.0) < gain
    # Of the last row nothing is known beyond it; it is also what remains if no row passes.
    fits = table.loc[(table["gvf"] >= enough) & little, "classes_count"]
    return int(fits.iloc[0] if len(fits) else table["classes_count"].iloc[-1])
