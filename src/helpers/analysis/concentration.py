"""How unevenly counts are spread over units: concentration, inequality and diversity.

The units are areas, districts or industries; the counts are any non-negative numbers. A zero is a
unit that exists and has nothing: it counts as a unit in every index that depends on their number
(normalised Herfindahl, Gini, Theil, Atkinson, normalised entropy). All counts zero, a missing, a
negative or an infinite value is an error. None of the indices depends on the scale of the counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.analysis import checks
from helpers.analysis.checks import Values
from helpers.errors import InputError

_Floats = npt.NDArray[np.float64]


def _shares(counts: Values, what: str = "counts") -> _Floats:
    """Shares of the total, in the order given."""
    values: _Floats = checks.counts(counts, what).to_numpy()
    largest = float(values.max())
    if largest == 0:
        raise InputError(
            f"{what}: all {len(values)} are zero, so there is no distribution to measure. "
            "Choose a period or a place with at least one."
        )
    # Divided by the largest first: the total of huge values would overflow, that of tiny ones
    # lose its digits.
    scaled: _Floats = values / largest
    return scaled / scaled.sum()


def _several(shares: _Floats, index: str) -> int:
    """Number of units of an index that a single unit leaves undefined."""
    if len(shares) < 2:
        raise InputError(f"{index}: one unit only. It is defined for two units or more.")
    return len(shares)


def _whole(number: object, what: str) -> int:
    if isinstance(number, bool) or not isinstance(number, Integral) or number < 1:
        raise InputError(f"{what} {number!r}: give a whole number of 1 or more")
    return int(number)


def concentration_ratio(counts: Values, n: int) -> float:
    """Share of the n largest units in the total, CRn.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values.
    n : int
        Number of largest units, at least 1. With fewer units than n all are taken, giving 1.

    Returns
    -------
    float
        Between min(1, n / units) and 1; a fraction, not per cent.

    Raises
    ------
    InputError
        The counts cannot be used, or n is not a whole number of 1 or more.

    Notes
    -----
    Curry and George (1983), Journal of Industrial Economics 31, 203-255. Ties at rank n do not
    matter: tied units have the same share.

    Examples
    --------
    >>> concentration_ratio([50, 30, 20, 0], 2)
    0.8
    """
    top = _whole(n, "number of largest units")
    shares = np.sort(_shares(counts))[::-1]
    return min(1.0, float(shares[:top].sum()))


def herfindahl(counts: Values) -> float:
    """Herfindahl-Hirschman index: the sum of squared shares.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values.

    Returns
    -------
    float
        Between 1 / units (equal counts) and 1 (one unit has all), on the scale of fractions: the
        index of per cent shares is 10,000 times as large. Units with zero do not change it.

    Raises
    ------
    InputError
        The counts cannot be used.

    Notes
    -----
    Hirschman (1964), The paternity of an index. For the form that does not depend on the
    smallest attainable value see :func:`herfindahl_normalised`.

    Examples
    --------
    >>> round(herfindahl([20, 50, 20, 10]), 12)
    0.34
    """
    return float(np.square(_shares(counts)).sum())


def herfindahl_normalised(counts: Values) -> float:
    """Herfindahl-Hirschman index moved to run from 0 to 1: (H - 1/N) / (1 - 1/N).

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Two units or more; non-negative, at least one above zero; no missing values. N counts the
        units with zero as well, so the list must hold every unit.

    Returns
    -------
    float
        0 for equal counts, 1 when one unit has all.

    Raises
    ------
    InputError
        The counts cannot be used, or there is one unit only.

    Notes
    -----
    It is a different quantity from :func:`herfindahl` and never shown under the same name.

    Examples
    --------
    >>> round(herfindahl_normalised([20, 50, 20, 10]), 12)
    0.12
    """
    shares = _shares(counts)
    units = _several(shares, "normalised Herfindahl index")
    # N times the variance of the shares: the difference H - 1/N would lose its digits near zero.
    return float(np.square(shares - 1 / units).sum() / (1 - 1 / units))


def herfindahl_limits(ratio: float, n: int, units: int) -> tuple[float, float]:
    """Smallest and largest Herfindahl index that a concentration ratio leaves possible.

    Parameters
    ----------
    ratio : float
        Share of the n largest units, CRn: between n / units and 1, a fraction.
    n : int
        Number of largest units, 1 to `units`.
    units : int
        Number of units.

    Returns
    -------
    low, high : float
        The lower limit is reached by shares equal among the n largest and equal among the rest. The
        upper one need not be reached: it lets the rest be packed into units of the n-th one's size
        without asking for a whole number of them.

    Raises
    ------
    InputError
        A number is out of its range.

    Notes
    -----
    The lower limit follows from the convexity of the square (Jensen). For the upper one let t be the
    share of the n-th unit: no smaller unit exceeds t, so the rest adds at most (1 - CR) t, and the
    first n at most (CR - (n - 1) t)^2 + (n - 1) t^2. The sum is convex in t, so one of the ends of
    (1 - CR) / (units - n) <= t <= CR / n has the largest value.

    Examples
    --------
    >>> [round(limit, 4) for limit in herfindahl_limits(0.436, 5, 31)]
    [0.0503, 0.1361]
    """
    n, units = _whole(n, "number of largest units"), _whole(units, "number of units")
    if n > units or not n / units - 1e-12 <= ratio <= 1 + 1e-12:
        raise InputError(
            f"CR{n} of {ratio} over {units} units: give n of at most {units} and a ratio from "
            f"{min(1.0, n / units):.4g} to 1."
        )
    if n == units:
        return 1 / units, 1.0
    rest = 1 - ratio
    ends = (rest / (units - n), ratio / n)
    low = ratio**2 / n + rest**2 / (units - n)
    high = max((ratio - (n - 1) * t) ** 2 + (n - 1) * t**2 + rest * t for t in ends)
    return low, max(low, high)


def gini(counts: Values, convention: Literal["population", "sample"] = "population") -> float:
    """Gini coefficient.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values. Units with zero count.
    convention : {"population", "sample"}
        ``"population"``: half the relative mean difference over all N x N pairs, at most
        1 - 1/N. ``"sample"``: the same times N / (N - 1), at most 1, for two units or more.

    Returns
    -------
    float
        0 for equal counts. A single unit has population Gini 0.

    Raises
    ------
    InputError
        The counts cannot be used, the convention is unknown, or one unit is given with
        ``"sample"``.

    Notes
    -----
    Gini (1912). PySAL ``inequality`` follows the population convention. The corrected form is
    that of Deltas (2003), doi:10.1162/rest.2003.85.1.226. A complete list of units is a
    population.

    Examples
    --------
    >>> [round(gini([1, 2, 3, 4], convention), 6) for convention in ("population", "sample")]
    [0.25, 0.333333]
    """
    if convention not in ("population", "sample"):
        raise InputError(f"convention {convention!r}: give 'population' or 'sample'")
    shares = np.sort(_shares(counts))
    units = len(shares)
    weights = 2 * np.arange(1, units + 1) - units - 1
    # Rounding can leave equal counts a hair below zero.
    coefficient = max(0.0, float((weights * shares).sum() / units))
    if convention == "population":
        return coefficient
    units = _several(shares, "sample Gini coefficient")
    return coefficient * units / (units - 1)


def theil(counts: Values) -> float:
    """Theil index T: the sum of s ln(N s) over the shares s.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values. A unit with zero adds nothing
        to the sum (0 ln 0 = 0, the limit) but counts in N.

    Returns
    -------
    float
        Between 0 (equal counts) and ln N (one unit has all), in natural logarithms.

    Raises
    ------
    InputError
        The counts cannot be used.

    Notes
    -----
    Theil (1967), Economics and Information Theory.

    Examples
    --------
    >>> round(theil([1, 2, 3, 4]), 6)
    0.10644
    """
    from scipy.special import xlogy

    shares = _shares(counts)
    return max(0.0, float(xlogy(shares, len(shares) * shares).sum()))


@dataclass(frozen=True)
class TheilParts:
    """Theil index split by groups of units.

    Parameters
    ----------
    total : float
        Theil T of all units.
    between, within : float
        The two parts; they add up to the total.
    groups : DataFrame
        See :func:`theil_decomposition`.
    """

    total: float
    between: float
    within: float
    groups: pd.DataFrame


def theil_decomposition(values: Values, groups: Sequence[object] | pd.Series) -> TheilParts:
    """Theil index as inequality between groups and inequality within them.

    Parameters
    ----------
    values : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values.
    groups : sequence, array or Series, shape (units,)
        Group of each unit, none missing. Two Series are matched by label, anything else by
        position.

    Returns
    -------
    TheilParts
        Its table ``groups`` has one row a group, in order of first appearance: units_count, total,
        share (of the total), theil (T inside the group; 0 for a group without any count, whose
        units are all equal), between (the group's term, negative for a group below the average)
        and within (share times theil). The columns between and within add up to the two parts.

    Raises
    ------
    InputError
        The values cannot be used, a group is missing, or the units differ.

    Notes
    -----
    Shorrocks (1980), doi:10.2307/1913126: T = sum s_g ln(s_g / (n_g / N)) + sum s_g T_g.

    Examples
    --------
    >>> parts = theil_decomposition([1, 2, 3, 4], ["a", "a", "b", "b"])
    >>> round(parts.between, 6), round(parts.within, 6), round(parts.total, 6)
    (0.082283, 0.024157, 0.10644)
    """
    from scipy.special import xlogy

    units = checks.counts(values, "values")
    labels = _labels(units, values, groups)
    shares = pd.Series(_shares(units, "values"), index=range(len(units)))
    grouped = shares.groupby(labels, sort=False)
    share, number = grouped.sum(), grouped.size()
    inside = pd.Series({name: theil(part) if part.any() else 0.0 for name, part in grouped})
    table = pd.DataFrame(
        {
            "units_count": number,
            "total": units.groupby(labels, sort=False).sum(),
            "share": share,
            "theil": inside.reindex(share.index),
            "between": xlogy(share, share * len(units) / number),
            "within": share * inside.reindex(share.index),
        }
    ).rename_axis("group")
    between, within = float(table["between"].sum()), float(table["within"].sum())
    return TheilParts(theil(units), max(0.0, between), within, table)


def _labels(units: pd.Series, values: Values, groups: Sequence[object] | pd.Series) -> object:
    """Group of each unit, by position."""
    given = groups if isinstance(groups, pd.Series) else pd.Series(groups, dtype="object")
    if isinstance(values, pd.Series) and isinstance(groups, pd.Series):
        given = checks.same_units(units, given, "values and groups")
    if len(given) != len(units):
        raise InputError(f"values: {len(units)}, groups: {len(given)}. Give each unit a group.")
    if given.isna().any():
        unknown = checks.shown(given.index[given.isna()])
        raise InputError(f"groups: missing at {unknown}. Give each unit a group.")
    return given.to_numpy()


def atkinson(counts: Values, epsilon: float) -> float:
    """Atkinson index: the part of the mean that equality could do without.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values.
    epsilon : float
        Aversion to inequality, 0 or more and finite. 0 gives 0.

    Returns
    -------
    float
        Between 0 (equal counts) and 1. With epsilon of 1 or more and a unit with zero it is 1:
        the generalised mean of the counts is then zero.

    Raises
    ------
    InputError
        The counts cannot be used, or epsilon is negative or not finite.

    Notes
    -----
    Atkinson (1970), doi:10.1016/0022-0531(70)90039-6. With epsilon below 1 zeros need no rule.
    PySAL ``inequality`` refuses zeros whatever epsilon is.

    Examples
    --------
    >>> round(atkinson([10, 20, 30, 40, 50], 0.5), 5), atkinson([0, 5, 7], 1)
    (0.06315, 1.0)
    """
    if not 0 <= epsilon < math.inf:
        raise InputError(f"epsilon {epsilon}: give a finite number of 0 or more")
    shares = _shares(counts)
    if epsilon >= 1 and not shares.all():
        return 1.0
    with np.errstate(divide="ignore"):
        logs = np.log(shares * len(shares))
    mean = float(logs.mean()) if epsilon == 1 else _log_power_mean(logs, 1 - float(epsilon))
    return min(1.0, max(0.0, -math.expm1(mean)))


def _log_power_mean(logs: _Floats, power: float) -> float:
    """Logarithm of the power mean of numbers given by their logarithms; power is not zero."""
    from scipy.special import logsumexp

    if power == 1:
        return 0.0  # the numbers are relative to their mean
    exponents = power * logs
    # Near power 0 the mean of the powers is 1 plus very little, which only this form keeps.
    if np.abs(exponents).max() < 1:
        return math.log1p(float(np.expm1(exponents).mean())) / power
    return float(logsumexp(exponents) - math.log(len(logs))) / power


def shannon_entropy(counts: Values) -> float:
    """Shannon entropy of the shares: minus the sum of s ln s.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values. A unit with zero adds nothing
        (0 ln 0 = 0, the limit).

    Returns
    -------
    float
        Between 0 (one unit has all) and ln N (equal counts), in natural logarithms (nats).

    Raises
    ------
    InputError
        The counts cannot be used.

    Notes
    -----
    Shannon (1948), doi:10.1002/j.1538-7305.1948.tb01338.x. Entropy and :func:`theil` of the same
    counts add up to ln N.

    Examples
    --------
    >>> round(shannon_entropy([5, 5]), 6)
    0.693147
    """
    from scipy.special import entr

    return float(entr(_shares(counts)).sum())


def shannon_entropy_normalised(counts: Values) -> float:
    """Shannon entropy over its largest value ln N.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Two units or more; non-negative, at least one above zero; no missing values. N counts the
        units with zero as well.

    Returns
    -------
    float
        Between 0 (one unit has all) and 1 (equal counts).

    Raises
    ------
    InputError
        The counts cannot be used, or there is one unit only.

    Notes
    -----
    Pielou (1966), doi:10.1016/0022-5193(66)90013-0.

    Examples
    --------
    >>> shannon_entropy_normalised([5, 5, 0, 0])
    0.5
    """
    units = _several(_shares(counts), "normalised entropy")
    return min(1.0, shannon_entropy(counts) / math.log(units))


def krugman_index(counts: Values, reference: Values) -> float:
    """Krugman index: the sum of absolute differences between two sets of shares.

    Parameters
    ----------
    counts, reference : sequence, array or Series, shape (units,)
        Counts of the same units (industries of two places, or places in two periods); each
        non-negative with at least one above zero, no missing values. Two Series are matched by
        label, anything else by position.

    Returns
    -------
    float
        Between 0 (same shares) and 2 (no unit in common). Half of it is
        :func:`dissimilarity_index`.

    Raises
    ------
    InputError
        The counts cannot be used, or the units differ.

    Notes
    -----
    Krugman (1991), Geography and Trade. A reference that contains the place itself (the nation)
    makes the index smaller than one without it; say which was used.

    Examples
    --------
    >>> krugman_index([20, 10, 70, 0, 0], [0, 0, 0, 60, 40])
    2.0
    """
    first, second = checks.paired(counts, reference, ("counts", "reference"))
    gaps = np.abs(_shares(first) - _shares(second, "reference"))
    return min(2.0, float(gaps.sum()))


def dissimilarity_index(counts: Values, reference: Values) -> float:
    """Share of the counts that would have to move to make two distributions equal.

    Parameters
    ----------
    counts, reference : sequence, array or Series, shape (units,)
        As in :func:`krugman_index`.

    Returns
    -------
    float
        Between 0 and 1: half the Krugman index.

    Raises
    ------
    InputError
        As in :func:`krugman_index`.

    Notes
    -----
    Duncan and Duncan (1955), doi:10.2307/2088328.

    Examples
    --------
    >>> round(dissimilarity_index([1, 1], [3, 1]), 12)
    0.25
    """
    return krugman_index(counts, reference) / 2


def lorenz_curve(counts: Values) -> pd.DataFrame:
    """Points of the Lorenz curve, units in ascending order of their counts.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Non-negative, at least one above zero; no missing values.

    Returns
    -------
    DataFrame, shape (units + 1, 2)
        units_share and counts_share, cumulative fractions from (0, 0) to (1, 1). One less twice
        the area under the curve is the population :func:`gini`.

    Raises
    ------
    InputError
        The counts cannot be used.

    Notes
    -----
    Lorenz (1905), doi:10.2307/2276207.

    Examples
    --------
    >>> lorenz_curve([3, 1]).values.tolist()
    [[0.0, 0.0], [0.5, 0.25], [1.0, 1.0]]
    """
    shares = np.sort(_shares(counts))
    cumulative = np.concatenate([[0.0], np.cumsum(shares)])
    # The sum of rounded shares may miss the corner by a hair.
    cumulative = np.minimum(cumulative, 1.0)
    cumulative[-1] = 1.0
    units = np.arange(len(shares) + 1) / len(shares)
    return pd.DataFrame({"units_share": units, "counts_share": cumulative})


def indices(
    counts: Values, top: Sequence[int] = (1, 5), epsilon: Sequence[float] = (0.5, 1)
) -> pd.DataFrame:
    """All indices of one distribution, each with the range it can take.

    Parameters
    ----------
    counts : sequence, array or Series, shape (units,)
        Two units or more; non-negative, at least one above zero; no missing values.
    top : sequence of int
        Numbers of largest units for the concentration ratios.
    epsilon : sequence of float
        Parameters of the Atkinson indices, above 0.

    Returns
    -------
    DataFrame
        Columns index, value, lowest, highest, units_count. lowest and highest are the values for
        any non-negative numbers over as many units: equal counts, and one unit with all (the
        other way round for entropy). With fewer firms than units the lowest value is out of
        reach for whole counts.

    Raises
    ------
    InputError
        The counts cannot be used, there is one unit only, or an epsilon is not above 0.

    Examples
    --------
    >>> indices([1, 2, 3, 4], top=[1]).set_index("index")["value"].round(4).head(4).to_dict()
    {'cr1': 0.4, 'hhi': 0.3, 'hhi_normalised': 0.0667, 'gini': 0.25}
    """
    units = _several(_shares(counts), "indices of concentration")
    if any(not value > 0 for value in epsilon):
        raise InputError(f"epsilon {list(epsilon)}: give numbers above 0")
    log_units = math.log(units)
    rows: list[tuple[str, float, float, float]] = [
        *((f"cr{n}", concentration_ratio(counts, n), min(1, n / units), 1) for n in top),
        ("hhi", herfindahl(counts), 1 / units, 1),
        ("hhi_normalised", herfindahl_normalised(counts), 0, 1),
        ("gini", gini(counts), 0, 1 - 1 / units),
        ("gini_sample", gini(counts, "sample"), 0, 1),
        ("theil", theil(counts), 0, log_units),
        *((f"atkinson_{e:g}", atkinson(counts, e), 0, _atkinson_limit(units, e)) for e in epsilon),
        ("entropy", shannon_entropy(counts), 0, log_units),
        ("entropy_normalised", shannon_entropy_normalised(counts), 0, 1),
    ]
    table = pd.DataFrame(rows, columns=["index", "value", "lowest", "highest"])
    numeric = ["value", "lowest", "highest"]
    return table.astype(dict.fromkeys(numeric, "float64")).assign(units_count=units)


def _atkinson_limit(units: int, epsilon: float) -> float:
    """Atkinson index when one of several units has all."""
    return 1.0 if epsilon >= 1 else 1 - float(units ** (-epsilon / (1 - epsilon)))


def concentration_by_group(
    frame: pd.DataFrame,
    group: str,
    unit: str,
    *,
    top: Sequence[int] = (1, 4),
    units_count: pd.Series | None = None,
) -> pd.DataFrame:
    """Concentration over units inside each group, from a table with one row a firm.

    Parameters
    ----------
    frame : DataFrame, shape (firms, any)
        One row a firm. No missing values in the two columns.
    group : str
        Column of the groups, for instance the city code.
    unit : str
        Column of the units whose counts are compared, for instance the district or the industry.
    top : sequence of int
        Numbers of largest units for the concentration ratios; with fewer units the ratio is 1.
    units_count : Series of int, optional
        Number of units of each group, indexed by group, those without a firm included. Without
        it a group has the units that occur in it. Only ``gini`` depends on it.

    Returns
    -------
    DataFrame
        Index `group`, sorted; columns firms_count, units_count, one column a concentration ratio
        (``cr1``, ``cr4``), hhi (raw), gini (population), entropy (natural logarithms). A group of
        one unit has ratios and hhi of 1, gini and entropy of 0.

    Raises
    ------
    InputError
        A column is absent, has missing values or labels of mixed types; the table has no rows;
        a number of units is absent, not whole, or less than the units that occur.

    Notes
    -----
    The formulae are those of :func:`concentration_ratio`, :func:`herfindahl`, :func:`gini` and
    :func:`shannon_entropy`. Time and memory grow with the number of rows; a column of categories
    is the fastest and the smallest.

    Examples
    --------
    >>> firms = pd.DataFrame({"city": ["A", "A", "A", "B"], "district": ["x", "x", "y", "z"]})
    >>> concentration_by_group(firms, "city", "district", top=[1])["hhi"].round(4).to_dict()
    {'A': 0.5556, 'B': 1.0}
    """
    from scipy.special import entr

    top = [_whole(n, "number of largest units") for n in top]
    labels, code, firms = _cells(frame, group, unit)
    # Ascending counts within each group; code is the group of each cell of the table.
    order = np.lexsort((firms, code))
    code, firms = code[order], firms[order]

    def summed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.bincount(code, weights=values, minlength=len(labels))

    occurring = np.bincount(code, minlength=len(labels))
    units = _given_units(units_count, labels, occurring)
    total = summed(firms)
    share = firms / total[code]
    place = np.arange(1, len(code) + 1) - (np.cumsum(occurring) - occurring)[code]
    from_top = occurring[code] - place
    # Units without a firm come first in ascending order and have no row of their own.
    weight = 2 * (place + (units - occurring)[code]) - units[code] - 1
    table = {"firms_count": total.astype("int64"), "units_count": units}
    table |= {f"cr{n}": np.minimum(1.0, summed(share * (from_top < n))) for n in top}
    table |= {
        "hhi": summed(np.square(share)),
        "gini": np.maximum(0.0, summed(weight * share) / units),
        "entropy": summed(entr(share)),
    }
    return pd.DataFrame(table, index=labels).rename_axis(group).sort_index()


def _codes(frame: pd.DataFrame, column: str) -> tuple[npt.NDArray[np.int64], pd.Index]:
    """Labels of a column, and the position of each row's label among them."""
    if column not in frame.columns:
        names = checks.shown(frame.columns, 10)
        raise InputError(f"table of firms: no column {column!r}; it has {names}")
    codes, labels = pd.factorize(frame[column])
    missing = (codes < 0).sum()
    if missing:
        raise InputError(
            f"table of firms, column {column}: missing in {missing} rows. Fill in the values or "
            "leave the rows out."
        )
    labels = pd.Index(labels)
    if pd.api.types.infer_dtype(labels, skipna=False).startswith("mixed"):
        raise InputError(f"table of firms, column {column}: text and numbers mixed. Convert one.")
    return codes, labels


def _cells(
    frame: pd.DataFrame, group: str, unit: str
) -> tuple[pd.Index, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Labels of the groups; for each group and unit that occur together, group and firms."""
    if frame.empty:
        raise InputError("table of firms: it has no rows; give at least one firm")
    cell, labels = _codes(frame, group)
    unit_codes, units = _codes(frame, unit)
    width = len(units)
    # In place, because each of these arrays is as long as the table.
    cell = cell.astype("int64", copy=False)
    cell *= width
    cell += unit_codes
    if len(labels) * width <= max(4 * len(frame), 1_000_000):
        firms = np.bincount(cell)
        found = np.flatnonzero(firms)
        return labels, found // width, firms[found]
    # Too many empty cells for one counter each.
    found, firms = np.unique(cell, return_counts=True)
    return labels, found // width, firms


def _given_units(
    units_count: pd.Series | None, labels: pd.Index, occurring: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Number of units of each group: as given, else those that occur."""
    if units_count is None:
        return occurring
    absent = labels[~labels.isin(units_count.index)]
    if len(absent):
        raise InputError(f"units_count: no number for {checks.shown(absent)}. Add them.")
    if not units_count.index.is_unique:
        raise InputError("units_count: a group stands more than once. Give each group once.")
    given = checks.counts(units_count.reindex(labels), "units_count").to_numpy()
    wrong = (given < occurring) | (given % 1 != 0)
    if wrong.any():
        raise InputError(
            f"units_count: at {checks.shown(labels[wrong])} not a whole number, or less than the "
            "units that occur. Correct the numbers."
        )
    return given.astype("int64")
