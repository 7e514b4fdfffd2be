"""Spatial autocorrelation of rates: contiguity, Moran's I and its local form.

Unit of observation: a province. Neighbours come from a table of pairs that share a land border.
Permutation p-values ask how unusual the arrangement of the given values is among all arrangements;
they take the values themselves as given, so that a full list of units is no obstacle. With about
thirty units only strong patterns can be told from chance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.analysis import checks
from helpers.errors import InputError

Vector = NDArray[np.float64]

ISLAND_RULES = ("keep", "nearest")
_SHOWN = ("statistic", "expectation", "p_greater", "p_two_sided", "permutations", "units_count")
# Hainan faces Guangdong across the Qiongzhou Strait.
NEAREST: Mapping[str, str] = {"460000": "440000"}


@dataclass(frozen=True)
class Moran:
    """Moran's I of one variable.

    Parameters
    ----------
    statistic : float
        I: above its expectation if neighbours are alike, below if they are unlike.
    expectation : float
        -1 / (n - 1), the mean over all arrangements.
    p_greater : float
        Share of arrangements with an I at least as large (the observed one among them).
    p_two_sided : float
        Twice the smaller tail, at most 1.
    permutations : int
    units_count : int
        All units, islands among them.
    islands : tuple of str
        Units without a neighbour: their lag is 0.
    """

    statistic: float
    expectation: float
    p_greater: float
    p_two_sided: float
    permutations: int
    units_count: int
    islands: tuple[str, ...]


def contiguity(
    pairs: pd.DataFrame,
    units: Sequence[str],
    islands: str = "keep",
    nearest: Mapping[str, str] = NEAREST,
) -> pd.DataFrame:
    """Matrix of neighbours from a table of pairs.

    Parameters
    ----------
    pairs : DataFrame
        Columns place_id and neighbour_id, each pair once in either order, as in ``contiguity``.
    units : sequence of str
        All units, each once; n of them. Their order is that of the matrix.
    islands : {"keep", "nearest"}
        What to do with a unit that stands in no pair (Hainan): keep it without neighbours, its
        spatial lag being 0, or link it, both ways, to the unit named in `nearest`.
    nearest : mapping of str to str
        Unit each island is linked to; read only if `islands` is "nearest".

    Returns
    -------
    DataFrame of float, shape (n, n)
        1 for neighbours, else 0; symmetric with a zero diagonal; index and columns are the units.

    Raises
    ------
    InputError
        Fewer than three units, a unit or pair that stands twice, a pair of a unit with itself, a
        pair with an unknown unit or a blank, an unknown rule, an island without a nearest unit, no
        neighbours at all.

    Notes
    -----
    First-order contiguity (Cliff and Ord 1981, Spatial Processes, section 1.4).

    Examples
    --------
    >>> pairs = pd.DataFrame({"place_id": ["a", "b"], "neighbour_id": ["b", "c"]})
    >>> contiguity(pairs, ["a", "b", "c", "i"], "nearest", {"i": "c"}).loc["i"].tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    index = pd.Index(list(units))
    if len(index) < 3 or not index.is_unique:
        raise InputError(f"units: give three or more, each once, not {checks.shown(list(units))}")
    if islands not in ISLAND_RULES:
        raise InputError(f"islands {islands!r}: known are {', '.join(ISLAND_RULES)}")
    unknown = sorted({str(item) for side in ("place_id", "neighbour_id") for item in pairs[side]
                      if item not in index})  # fmt: skip
    if unknown:
        raise InputError(
            f"pairs: {checks.shown(unknown)} not among the units; leave their pairs out, or check that "
            "both use the same codes"
        )
    links = np.zeros((len(index), len(index)))
    for one, other in zip(pairs["place_id"], pairs["neighbour_id"], strict=True):
        row, column = index.get_loc(one), index.get_loc(other)
        if row == column:
            raise InputError(f"pairs: {one} borders on itself; remove the row")
        if links[row, column]:
            raise InputError(f"pairs: {one} and {other} stand twice; give each pair once")
        links[row, column] = links[column, row] = 1.0
    if islands == "nearest":
        for row in np.flatnonzero(links.sum(axis=1) == 0):
            near = nearest.get(index[row])
            if near not in index or near == index[row]:
                raise InputError(
                    f"nearest: no unit is named for the island {index[row]}; name one, or keep it"
                )
            column = index.get_loc(near)
            links[row, column] = links[column, row] = 1.0
    if not links.any():
        raise InputError("pairs: no unit has a neighbour; give the pairs that share a border")
    return pd.DataFrame(links, index=index, columns=index)


def row_standardised(links: pd.DataFrame) -> pd.DataFrame:
    """Weights that add up to 1 in each row.

    Parameters
    ----------
    links : DataFrame, shape (n, n)
        From :func:`contiguity`; other non-negative weights are as good. No missing values.

    Returns
    -------
    DataFrame, shape (n, n)
        A row without neighbours stays 0.

    Raises
    ------
    InputError
        Rows and columns differ, a weight is missing or negative, the diagonal is not 0, or all
        weights are 0.

    Notes
    -----
    Style W of Tiefelsdorf, Griffith and Boots (1999).

    Examples
    --------
    >>> pairs = pd.DataFrame({"place_id": ["a", "b"], "neighbour_id": ["b", "c"]})
    >>> row_standardised(contiguity(pairs, ["a", "b", "c"])).loc["b"].tolist()
    [0.5, 0.0, 0.5]
    """
    matrix = _matrix(links)
    sums = matrix.sum(axis=1, keepdims=True)
    weights = np.divide(matrix, sums, out=np.zeros_like(matrix), where=sums > 0)
    return pd.DataFrame(weights, index=links.index, columns=links.columns)


def _matrix(weights: pd.DataFrame) -> Vector:
    """Weights as numbers, checked."""
    if not weights.index.equals(weights.columns) or not weights.index.is_unique:
        raise InputError("weights: rows and columns must be the same units in one order, each once")
    matrix = weights.to_numpy(dtype=float)
    if len(matrix) < 3:
        raise InputError(f"weights: {len(matrix)} units; autocorrelation needs three or more")
    if not np.isfinite(matrix).all() or (matrix < 0).any() or not matrix.any():
        raise InputError("weights: give finite weights from 0, not all of them 0")
    if np.diag(matrix).any():
        raise InputError("weights: a unit is no neighbour of its own; set the diagonal to 0")
    return matrix


def _series(values: pd.Series, what: str) -> Vector:
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    blank = ~np.isfinite(numbers)
    if blank.any():
        raise InputError(
            f"{what}: {checks.shown(values.index[blank].tolist())} missing or infinite; fill the values, "
            "or leave the units out of values and weights alike"
        )
    return numbers


def _aligned(values: pd.Series, units: pd.Index, what: str) -> pd.Series:
    """Values in the order of the units; both must be the same set."""
    if not values.index.is_unique:
        raise InputError(
            f"{what}: {checks.shown(values.index[values.index.duplicated()])} stand twice"
        )
    extra, gaps = values.index.difference(units), units.difference(values.index)
    if len(extra) or len(gaps):
        raise InputError(
            f"{what}: not the same units: "
            f"{checks.shown(list(extra)) or 'none'} too many, {checks.shown(list(gaps)) or 'none'} missing; "
            "label both with the same codes"
        )
    return values.reindex(units)


def _counts_and_base(counts: pd.Series, base: pd.Series) -> tuple[Vector, Vector]:
    if not counts.index.is_unique:
        raise InputError(
            f"counts: {checks.shown(counts.index[counts.index.duplicated()])} stand twice"
        )
    numbers = _series(counts, "counts")
    sizes = _series(_aligned(base, counts.index, "base"), "base")
    if (numbers < 0).any():
        raise InputError(f"counts: {checks.shown(counts.index[numbers < 0].tolist())} negative")
    if not numbers.any():
        raise InputError("counts: all are 0, so all rates are equal; there is nothing to compare")
    if (sizes <= 0).any():
        raise InputError(
            f"base: {checks.shown(counts.index[sizes <= 0].tolist())} is 0 or negative; a rate needs a "
            "positive base"
        )
    return numbers, sizes


def rates(counts: pd.Series, base: pd.Series) -> pd.Series:
    """Counts per unit of a base.

    Parameters
    ----------
    counts : Series
        Firms; not all 0, no missing values.
    base : Series
        Positive: GDP, research spending, firms. The same units in any order.

    Returns
    -------
    Series
        In the order of `counts`, in firms per unit of the base.

    Raises
    ------
    InputError
        Missing or negative values, all counts 0, a base of 0, other units or a unit twice.

    Notes
    -----
    A ratio of two observed figures; no model is behind it (Bailey and Gatrell 1995, chapter 8).

    Examples
    --------
    >>> rates(pd.Series({"a": 4, "b": 1}), pd.Series({"b": 2.0, "a": 2.0})).tolist()
    [2.0, 0.5]
    """
    numbers, sizes = _counts_and_base(counts, base)
    return pd.Series(numbers / sizes, index=counts.index, name="rate")


def standardised_rates(counts: pd.Series, base: pd.Series) -> pd.Series:
    """Rates as deviations from the common rate, in standard deviations that depend on the base.

    Parameters
    ----------
    counts, base : Series
        See :func:`rates`.

    Returns
    -------
    Series
        Without unit. A small base no longer gives an extreme value by itself.

    Raises
    ------
    InputError
        See :func:`rates`.

    Notes
    -----
    Assuncao and Reis (1999), the empirical Bayes index. Sampling model: given its rate a count is
    Poisson, and the rates of the units have a common mean b and variance a; where the estimate of
    a + b / base is negative it is replaced by b / base.

    Examples
    --------
    >>> counts, base = pd.Series([30, 25, 25, 15]), pd.Series([100, 100, 110, 90])
    >>> standardised_rates(counts, base).round(3).tolist()
    [1.341, 0.268, -0.231, -1.435]
    """
    numbers, sizes = _counts_and_base(counts, base)
    rate, mean = numbers / sizes, numbers.sum() / sizes.sum()
    between = (sizes * (rate - mean) ** 2).sum() / sizes.sum() - mean / sizes.mean()
    variance = between + mean / sizes
    variance = np.where(variance < 0, mean / sizes, variance)
    return pd.Series((rate - mean) / np.sqrt(variance), index=counts.index, name="rate")


def _deviations(values: pd.Series, weights: pd.DataFrame) -> tuple[Vector, Vector]:
    """Values less their mean in the order of the weights, and the weights."""
    matrix = _matrix(weights)
    numbers = _series(_aligned(values, weights.index, "values"), "values")
    centred = numbers - numbers.mean()
    if np.abs(centred).max() <= 1e-12 * np.abs(numbers).max():
        raise InputError("values: all are equal; there is nothing to compare")
    return centred, matrix


def _check_permutations(permutations: int) -> None:
    if permutations < 99:
        raise InputError(f"permutations {permutations}: give 99 or more")


def _tails(drawn: Vector, observed: Vector | float) -> tuple[Vector, Vector]:
    """Upper tail and two-sided p-value along the first axis, the observed value counted in."""
    # A permutation that repeats the observed neighbours differs from it in the last bits only.
    slack = 1e-12 * np.maximum(1.0, np.abs(observed))
    upper = ((drawn >= observed - slack).sum(axis=0) + 1) / (len(drawn) + 1)
    lower = ((drawn <= observed + slack).sum(axis=0) + 1) / (len(drawn) + 1)
    return upper, np.minimum(1.0, 2 * np.minimum(upper, lower))


def moran(
    values: pd.Series, weights: pd.DataFrame, rng: np.random.Generator, permutations: int = 999
) -> Moran:
    """Moran's I with permutation p-values.

    Parameters
    ----------
    values : Series, shape (n,)
        Rates, for instance; counts mostly follow size. No missing values. Same units as `weights`
        in any order.
    weights : DataFrame, shape (n, n)
        From :func:`row_standardised` or :func:`contiguity`.
    rng : numpy.random.Generator
        Of the study's seed.
    permutations : int
        Random arrangements of the values, at least 99.

    Returns
    -------
    Moran

    Raises
    ------
    InputError
        Missing values, other units, all values equal, fewer than three units, unusable weights,
        too few permutations.

    Notes
    -----
    I = (n / S0) sum_ij w_ij z_i z_j / sum_i z_i^2, z the deviation from the mean, S0 the sum of all
    weights (Moran 1950; Cliff and Ord 1981, section 1.4). An island counts in n and in the mean,
    its lag is 0. p = (1 + arrangements at least as extreme) / (1 + permutations).

    Examples
    --------
    >>> pairs = pd.DataFrame({"place_id": ["a", "b", "c"], "neighbour_id": ["b", "c", "d"]})
    >>> weights = row_standardised(contiguity(pairs, list("abcd")))
    >>> value = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0})
    >>> round(moran(value, weights, np.random.default_rng(1)).statistic, 3)
    0.4
    """
    _check_permutations(permutations)
    centred, matrix = _deviations(values, weights)
    scale = len(centred) / matrix.sum() / (centred @ centred)
    statistic = float(scale * (centred @ matrix @ centred))
    shuffled = rng.permuted(np.tile(centred, (permutations, 1)), axis=1)
    drawn = scale * ((shuffled @ matrix) * shuffled).sum(axis=1)
    greater, two_sided = _tails(drawn, statistic)
    alone = weights.index[matrix.sum(axis=1) == 0]
    return Moran(
        statistic=statistic,
        expectation=-1 / (len(centred) - 1),
        p_greater=float(greater),
        p_two_sided=float(two_sided),
        permutations=permutations,
        units_count=len(centred),
        islands=tuple(alone),
    )


def local_moran(
    values: pd.Series,
    weights: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 9999,
    false_discovery_rate: float = 0.05,
) -> pd.DataFrame:
    """Local Moran statistics with false-discovery control.

    Parameters
    ----------
    values, weights, rng
        See :func:`moran`; weights from :func:`row_standardised`.
    permutations : int
        Random arrangements of the other units around each unit, at least 99. The smallest possible
        p-value is 2 / (permutations + 1); with n units tested a single one can pass the
        false-discovery control only if that is at most ``false_discovery_rate / n`` (for 31 units
        and 5 per cent: 1,239 permutations).
    false_discovery_rate : float
        Expected share of false calls among the units called, between 0 and 1.

    Returns
    -------
    DataFrame
        Index: unit, in the order of `weights`. Columns value, lag (weighted sum of the neighbours'
        deviations from the mean), statistic, quadrant (``high-high``, ``low-low``: like its
        neighbours; ``high-low``, ``low-high``: unlike them; ``island``), p_value (two-sided),
        p_adjusted (Benjamini-Hochberg), significant. An island is not tested: its statistic is 0,
        both p-values 1, and it does not count among the tests.

    Raises
    ------
    InputError
        See :func:`moran`; the rate is out of range.

    Notes
    -----
    I_i = z_i sum_j w_ij z_j / (sum_k z_k^2 / n) (Anselin 1995, equations 12 and 13): with
    row-standardised weights and no island their mean is Moran's I. Libraries that divide by
    n - 1 instead (esda) give (n - 1) / n of it. Conditional permutation: the unit keeps its value,
    the others are shuffled. Benjamini and Hochberg (1995) for the false-discovery rate.

    Examples
    --------
    >>> pairs = pd.DataFrame({"place_id": ["a", "b", "c"], "neighbour_id": ["b", "c", "d"]})
    >>> weights = row_standardised(contiguity(pairs, list("abcd")))
    >>> value = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0})
    >>> local_moran(value, weights, np.random.default_rng(1))["quadrant"].tolist()
    ['low-low', 'low-low', 'high-high', 'high-high']
    """
    from statsmodels.stats.multitest import multipletests

    _check_permutations(permutations)
    if not 0 < false_discovery_rate < 1:
        raise InputError(
            f"false_discovery_rate {false_discovery_rate}: give a number between 0 and 1"
        )
    centred, matrix = _deviations(values, weights)
    tested = matrix.sum(axis=1) > 0
    lag = matrix @ centred
    factor = centred / (centred @ centred / len(centred))
    p_values = np.ones(len(centred))
    for at in np.flatnonzero(tested):
        others = np.tile(np.delete(centred, at), (permutations, 1))
        drawn = factor[at] * (rng.permuted(others, axis=1) @ np.delete(matrix[at], at))
        p_values[at] = _tails(drawn, float(factor[at] * lag[at]))[1]
    adjusted = np.ones(len(centred))
    adjusted[tested] = multipletests(p_values[tested], method="fdr_bh")[1]
    own, around = np.where(centred > 0, "high", "low"), np.where(lag > 0, "high", "low")
    quadrant = [
        f"{a}-{b}" if yes else "island" for a, b, yes in zip(own, around, tested, strict=True)
    ]
    return pd.DataFrame(
        {
            "value": values.reindex(weights.index).to_numpy(dtype=float),
            "lag": lag,
            "statistic": factor * lag,
            "quadrant": quadrant,
            "p_value": p_values,
            "p_adjusted": adjusted,
            "significant": tested & (adjusted <= false_discovery_rate),
        },
        index=weights.index,
    )


def moran_table(
    variables: Mapping[str, pd.Series],
    pairs: pd.DataFrame,
    rng: np.random.Generator,
    permutations: int = 999,
    nearest: Mapping[str, str] = NEAREST,
    descriptive: Collection[str] = (),
) -> pd.DataFrame:
    """Moran's I of several variables under both rules for islands.

    Parameters
    ----------
    variables : mapping of name to Series
        The same units in each; no missing values.
    pairs : DataFrame
        See :func:`contiguity`. Pairs with a unit that the variables lack are left out.
    rng : numpy.random.Generator
        Of the study's seed.
    permutations : int
        See :func:`moran`.
    nearest : mapping of str to str
        See :func:`contiguity`.
    descriptive : collection of str
        Variables that are residuals of a fit. They are correlated by the fit, so that they are not
        exchangeable and a rearrangement is no draw from the null (Cliff and Ord 1981, Spatial
        Processes, chapter 8): statistic only.

    Returns
    -------
    DataFrame
        A row for each variable and rule: variable, islands (the rule), statistic, expectation,
        p_greater, p_two_sided, permutations, units_count; expectation and p missing for a
        descriptive variable. The rule "nearest" has no rows where the
        unit that an island would be joined to is not among the units.

    Raises
    ------
    InputError
        See :func:`contiguity` and :func:`moran`; no variable is given.

    Notes
    -----
    See :func:`moran`. Weights are row-standardised.

    Examples
    --------
    >>> pairs = pd.DataFrame({"place_id": ["a", "b", "c"], "neighbour_id": ["b", "c", "d"]})
    >>> values = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0})
    >>> table = moran_table({"x": values}, pairs, np.random.default_rng(1))
    >>> table["statistic"].round(3).tolist()
    [0.4, 0.4]
    """
    if not variables:
        raise InputError("variables: give one or more")
    units = list(next(iter(variables.values())).index)
    inner = among(pairs, units)
    alone = set(units) - set(inner["place_id"]) - set(inner["neighbour_id"])
    linkable = all(nearest.get(unit) in units for unit in alone)
    rows = []
    for rule in ISLAND_RULES if linkable else ("keep",):
        weights = row_standardised(contiguity(inner, units, rule, nearest))
        for name, values in variables.items():
            found = asdict(moran(values, weights, rng, permutations))
            if name in descriptive:
                found |= dict.fromkeys(("expectation", "p_greater", "p_two_sided"), float("nan"))
            rows.append({"variable": name, "islands": rule} | {k: found[k] for k in _SHOWN})
    table = pd.DataFrame(rows)
    order = {name: number for number, name in enumerate(variables)}
    return table.sort_values(
        "variable", key=lambda n: n.map(order), kind="stable", ignore_index=True
    )


def among(pairs: pd.DataFrame, units: Sequence[str]) -> pd.DataFrame:
    """Pairs of which both places are among the units.

    Parameters
    ----------
    pairs : DataFrame
        Columns place_id and neighbour_id.
    units : sequence of str

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> pairs = pd.DataFrame({"place_id": ["a", "b"], "neighbour_id": ["b", "c"]})
    >>> len(among(pairs, ["a", "b"]))
    1
    """
    known = set(units)
    return pairs[pairs["place_id"].isin(known) & pairs["neighbour_id"].isin(known)]
