"""Position and change against a reference: location quotients and shift-share analysis.

The parts of a shift-share analysis add up to the change by construction. They are accounting, not
causes: "competitive" is the growth that the reference does not account for, whatever its reason.
Do not mix stocks (cumulative counts) with flows (counts of one batch).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from numbers import Rational
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.analysis import checks
from helpers.analysis.intervals import beta_quantiles, clopper_pearson
from helpers.errors import InputError

PARTS = ("national", "industry_mix", "competitive")

# Floats, or Fractions in an array of objects: the formulae below are the same for both.
_Array = npt.NDArray[Any]


# --- Location quotient ---------------------------------------------------------------------------


def location_quotient(
    local: float, local_total: float, reference: float, reference_total: float
) -> float:
    """Location quotient: the local share over the reference share.

    Parameters
    ----------
    local, local_total : float
        A part and its whole, 0 <= part <= whole, whole above 0: firms of an industry and all firms
        of a region, or a region's little giants and the nation's.
    reference, reference_total : float
        The same for the reference, part above 0: firms of the industry and all firms of the
        nation, or the region's population (GDP, R&D spending) and the nation's.

    Returns
    -------
    float
        0 or more; above 1 the part is over-represented. 0 when the local part is 0.

    Raises
    ------
    InputError
        A number is missing, negative or infinite, a part exceeds its whole, or the reference part
        or a whole is 0, which leaves the quotient undefined.

    Notes
    -----
    Florence (1939), Report on the location of industry. It equals the revealed comparative
    advantage of Balassa (1965).

    Examples
    --------
    >>> location_quotient(4, 20, 10, 100)
    2.0
    """
    checks.counts([local, local_total, reference, reference_total], "location quotient")
    for part, whole, name in (
        (local, local_total, "local"),
        (reference, reference_total, "reference"),
    ):
        if part > whole:
            raise InputError(f"{name} {part} is more than its total {whole}; correct one of them")
    if local_total == 0 or reference == 0:
        raise InputError(
            f"local total {local_total}, reference {reference}: a location quotient needs both "
            "above 0. Leave the unit out or merge it with another."
        )
    return float(local / local_total) / float(reference / reference_total)


def symmetric_quotient(quotient: float) -> float:
    """Location quotient moved to run from -1 to 1: (LQ - 1) / (LQ + 1).

    Parameters
    ----------
    quotient : float
        0 or more; infinity gives 1.

    Returns
    -------
    float
        -1 for a quotient of 0, 0 for 1; the quotients 2 and 1/2 lie equally far from 0.

    Raises
    ------
    InputError
        The quotient is negative or missing.

    Notes
    -----
    Dalum, Laursen and Villumsen (1998), International Review of Applied Economics 12, 423-443.

    Examples
    --------
    >>> symmetric_quotient(3.0), symmetric_quotient(0.0)
    (0.5, -1.0)
    """
    if not quotient >= 0:
        raise InputError(f"location quotient {quotient}: give a number of 0 or more")
    return 1.0 if math.isinf(quotient) else (quotient - 1) / (quotient + 1)


def log_quotient(quotient: float) -> float:
    """Natural logarithm of a location quotient.

    Parameters
    ----------
    quotient : float
        0 or more.

    Returns
    -------
    float
        0 for a quotient of 1, minus infinity for 0: no finite number is low enough.

    Raises
    ------
    InputError
        The quotient is negative or missing.

    Examples
    --------
    >>> round(log_quotient(2.0), 6), log_quotient(0.0)
    (0.693147, -inf)
    """
    if not quotient >= 0:
        raise InputError(f"location quotient {quotient}: give a number of 0 or more")
    return math.log(quotient) if quotient > 0 else -math.inf


def quotient_interval(
    local: float, local_total: float, reference: float, reference_total: float, level: float = 0.95
) -> tuple[float, float]:
    """Exact interval of a location quotient under a binomial model of the local count.

    Parameters
    ----------
    local, local_total : int
        Whole numbers (a float such as 4.0 will do), 0 <= local <= local_total.
    reference, reference_total : float
        As in :func:`location_quotient`; taken as fixed.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    low, high : float
        Location quotients.

    Raises
    ------
    InputError
        As in :func:`location_quotient`; the local counts are not whole, or the level is out of
        range.

    Notes
    -----
    A sampling model, and one only where it makes sense: given their total, each of the local_total
    firms falls into the part independently with one probability p, and the reference share is
    known without error. The interval of Clopper and Pearson (1934) for p, divided by the reference
    share. The same follows from two independent Poisson counts given their sum. Firms that cluster
    vary more than the model says, so the interval is then too short. A full list of firms is a
    census: the interval then speaks of the process that made the list, not of the list.

    Examples
    --------
    >>> [round(bound, 3) for bound in quotient_interval(4, 20, 10, 100)]
    [0.573, 4.366]
    """
    location_quotient(local, local_total, reference, reference_total)
    if local % 1 or local_total % 1:
        raise InputError(
            f"local {local} of {local_total}: the interval is one of counts. Give whole numbers, "
            "or leave the interval out."
        )
    share = reference / reference_total
    low, high = clopper_pearson(int(local), int(local_total), level)
    return low / share, high / share


def quotient_dispersion(counts: pd.Series, reference: pd.Series) -> float:
    """How many times as much the counts scatter around the reference as the binomial model says.

    Parameters
    ----------
    counts : Series of int, shape (units,)
        Two units or more, at least one count above 0.
    reference : Series, shape (units,)
        The same units, each above 0; matched by label.

    Returns
    -------
    float
        phi: Pearson's chi-square per degree of freedom, 0 or more; 1 is what chance alone gives on
        average.

    Raises
    ------
    InputError
        The units differ, are fewer than two, a reference is 0, or all counts are.

    Notes
    -----
    sum((y - e)^2 / e) / (units - 1), with e the total count times the reference share: the moment
    estimate of the scale of a quasi-likelihood (Wedderburn 1974; McCullagh and Nelder 1989, section
    4.5). It holds all that sets units apart from the reference, lasting differences included.

    Examples
    --------
    >>> firms, people = pd.Series({"A": 6, "B": 2}), pd.Series({"A": 50.0, "B": 50.0})
    >>> quotient_dispersion(firms, people)
    2.0
    """
    _series(("counts", counts), ("reference", reference))
    local, base = checks.paired(counts, reference, ("counts", "reference"))
    if len(local) < 2 or local.sum() == 0 or (base == 0).any():
        raise InputError(
            "a dispersion needs two units or more, a count above 0 and every reference above 0. "
            "Leave out the units without a reference."
        )
    expected = base * (local.sum() / base.sum())
    return float(((local - expected) ** 2 / expected).sum() / (len(local) - 1))


def scaled_quotient_interval(
    local: float, local_total: float, reference: float, reference_total: float,
    dispersion: float, level: float = 0.95,
) -> tuple[float, float]:  # fmt: skip
    """Interval of a location quotient where counts scatter more than the binomial model says.

    Parameters
    ----------
    local, local_total, reference, reference_total, level
        As in :func:`quotient_interval`.
    dispersion : float
        phi of :func:`quotient_dispersion`; below 1 it is taken as 1, for an interval is never made
        shorter than the binomial one.

    Returns
    -------
    low, high : float
        Location quotients.

    Raises
    ------
    InputError
        As in :func:`location_quotient`; the dispersion is missing, or the level out of range.

    Notes
    -----
    Quasi-likelihood with variance phi n p (1 - p): count and total are divided by phi (Rao and
    Scott 1992, Biometrics 48, 577-585), and the interval of Clopper and Pearson is taken at these
    effective numbers (Korn and Graubard 1998, Survey Methodology 24, 193-201).

    Examples
    --------
    >>> [round(bound, 3) for bound in scaled_quotient_interval(8, 40, 10, 100, 2.0)]
    [0.573, 4.366]
    """
    location_quotient(local, local_total, reference, reference_total)
    if not (dispersion >= 0 and 0 < level < 1):
        raise InputError(
            f"dispersion {dispersion}, level {level}: give 0 or more, and between 0 and 1"
        )
    phi, share = max(1.0, dispersion), reference / reference_total
    low, high = beta_quantiles(local / phi, (local_total - local) / phi, level)
    return low / share, high / share


def location_quotients(
    counts: pd.Series, reference: pd.Series, level: float | None = 0.95
) -> pd.DataFrame:
    """Location quotients of all units of a table against a reference.

    Parameters
    ----------
    counts : Series, shape (units,)
        Counts of the units that make up the whole, at least one above 0; no missing values.
    reference : Series, shape (units,)
        The same units (population, GDP, firms), each above 0; matched by label.
    level : float or None
        Level of the interval of :func:`quotient_interval`; None for no interval, which counts
        that are not whole need.

    Returns
    -------
    DataFrame
        Index of `counts`; columns local, local_total, reference, reference_total, lq, symmetric,
        log_lq (minus infinity for a count of 0) and, with a level, low and high, then dispersion
        (one value for the table), scaled_low and scaled_high of :func:`scaled_quotient_interval`
        (missing for a single unit, which shows no scatter).

    Raises
    ------
    InputError
        As in :func:`location_quotient`; the units differ, or are not Series.

    Examples
    --------
    >>> firms = pd.Series({"A": 6, "B": 2})
    >>> people = pd.Series({"A": 50.0, "B": 50.0})
    >>> location_quotients(firms, people)[["lq", "symmetric"]].values.tolist()
    [[1.5, 0.2], [0.5, -0.3333333333333333]]
    """
    _series(("counts", counts), ("reference", reference))
    local, base = checks.paired(counts, reference, ("counts", "reference"))
    if (base == 0).any():
        units = checks.shown(base.index[base == 0])
        raise InputError(f"reference: 0 at {units}. Leave the units out or merge them with others.")
    total, base_total = local.sum(), base.sum()
    if total == 0:
        raise InputError("counts: all are zero. Choose a period with at least one.")
    table = pd.DataFrame({"local": counts, "local_total": counts.sum()}, index=local.index)
    table = table.assign(reference=base, reference_total=base_total)
    cells = list(zip(local, base, strict=True))
    table["lq"] = (local / total) / (base / base_total)
    table["symmetric"] = [symmetric_quotient(quotient) for quotient in table["lq"]]
    table["log_lq"] = [log_quotient(quotient) for quotient in table["lq"]]
    if level is not None:
        bounds = [quotient_interval(own, total, part, base_total, level) for own, part in cells]
        table["low"], table["high"] = [low for low, _ in bounds], [high for _, high in bounds]
        phi = quotient_dispersion(local, base) if len(local) > 1 else math.nan
        wide = [
            (math.nan, math.nan)
            if math.isnan(phi)
            else scaled_quotient_interval(own, total, part, base_total, phi, level)
            for own, part in cells
        ]
        table["dispersion"] = phi
        table["scaled_low"], table["scaled_high"] = zip(*wide, strict=True)
    return table


def _series(*given: tuple[str, object]) -> None:
    for name, values in given:
        if not isinstance(values, pd.Series):
            raise InputError(f"{name}: give a Series indexed by the units")


# --- Shift-share ---------------------------------------------------------------------------------


def _exact(values: _Array) -> _Array:
    """The same numbers as Fractions."""
    flat = [
        Fraction(int(value.numerator), int(value.denominator))
        if isinstance(value, Rational)
        else Fraction(float(value))
        for value in values.ravel().tolist()
    ]
    result = np.empty(len(flat), dtype="object")
    result[:] = flat
    return result.reshape(values.shape)


def _array(table: pd.Series | pd.DataFrame, exact: bool) -> _Array:
    return _exact(table.to_numpy(dtype="object")) if exact else table.to_numpy(dtype="float64")


def _growth(before: _Array, after: _Array, names: Sequence[object], what: str) -> _Array:
    """Growth rates; 0 where there is nothing before nor after, an error where a base is missing."""
    new = [
        name for name, old, now in zip(names, before, after, strict=True) if old == 0 and now != 0
    ]
    if new:
        raise InputError(
            f"{what} without a count before: {checks.shown(new)}. There is no growth rate to "
            f"compare with; merge such a {what} with another or leave it out."
        )
    base = np.where(before == 0, 1, before)
    return (after - before) / base


def shift_share(before: pd.Series, after: pd.Series, *, exact: bool = False) -> pd.DataFrame:
    """Change of each unit as national growth and competitive effect.

    Parameters
    ----------
    before, after : Series, shape (units,)
        Counts of all units that make up the nation, non-negative, no missing values, the total
        before above 0; matched by label.
    exact : bool
        Whether the parts are Fractions, with sums exact to the last digit, rather than floats.

    Returns
    -------
    DataFrame
        Index of `before`; columns before, after, change, national (before times the nation's
        growth rate) and competitive (the rest: growth above the nation's). national + competitive
        = change for each unit; the competitive effects of all units add up to 0. A unit with
        nothing before has no national part.

    Raises
    ------
    InputError
        The counts cannot be used, the units differ, or nothing was there before.

    Notes
    -----
    Dunn (1960), Papers of the Regional Science Association 6, 97-112, without industries.

    Examples
    --------
    >>> before, after = pd.Series({"A": 10, "B": 30}), pd.Series({"A": 30, "B": 30})
    >>> shift_share(before, after)[["change", "national", "competitive"]].values.tolist()
    [[20.0, 5.0, 15.0], [0.0, 15.0, -15.0]]
    """
    table, old, new = _two_dates(before, after, exact)
    national = old * _growth(old.sum(keepdims=True), new.sum(keepdims=True), ["all"], "nation")[0]
    return table.assign(national=national, competitive=(new - old) - national)


def shift_share_nested(
    before: pd.Series, after: pd.Series, blocks: pd.Series, *, exact: bool = False
) -> pd.DataFrame:
    """Shift-share of units in blocks: the competitive effect between and within the blocks.

    Parameters
    ----------
    before, after : Series, shape (units,)
        As in :func:`shift_share`.
    blocks : Series, shape (units,)
        Block of each unit (East, Northeast, ...), none missing; matched by label.
    exact : bool
        As in :func:`shift_share`.

    Returns
    -------
    DataFrame
        Index of `before`; columns block, before, after, change, national, between_blocks (growth
        of the block above the nation's), within_block (growth of the unit above its block's) and
        competitive (their sum). national + between_blocks + within_block = change for each unit;
        within_block adds up to 0 in each block, between_blocks to 0 over the nation. Summed by
        block the columns are the shift-share of the blocks.

    Raises
    ------
    InputError
        As in :func:`shift_share`; a block is missing, or had nothing before and something after.

    Notes
    -----
    The block's growth rate takes the place of the industry's in the formula of Dunn (1960).

    Examples
    --------
    >>> before = pd.Series({"A": 10, "B": 30, "C": 40})
    >>> after, blocks = pd.Series({"A": 30, "B": 30, "C": 60}), pd.Series(dict(A=1, B=1, C=2))
    >>> parts = shift_share_nested(before, after, blocks)
    >>> parts[["national", "between_blocks", "within_block"]].values.tolist()
    [[5.0, 0.0, 15.0], [15.0, 0.0, -15.0], [20.0, 0.0, 0.0]]
    """
    table, old, new = _two_dates(before, after, exact)
    _series(("blocks", blocks))
    block = checks.same_units(table, blocks, "counts and blocks")
    if block.isna().any():
        raise InputError(
            f"blocks: missing at {checks.shown(block.index[block.isna()])}. Name them."
        )
    codes, names = pd.factorize(block)
    member = codes == np.arange(len(names))[:, None]
    start, end = (np.array([part[row].sum() for row in member], part.dtype) for part in (old, new))
    national = _growth(old.sum(keepdims=True), new.sum(keepdims=True), ["all"], "nation")[0]
    rate = _growth(start, end, names, "block")[codes]
    table = table.assign(national=old * national, between_blocks=old * (rate - national))
    table["within_block"] = (new - old) - old * rate
    table["competitive"] = (new - old) - old * national
    table.insert(0, "block", block)
    return table


def _two_dates(
    before: pd.Series, after: pd.Series, exact: bool
) -> tuple[pd.DataFrame, _Array, _Array]:
    """Table of both dates, and the counts of each as floats or Fractions."""
    _series(("before", before), ("after", after))
    checks.paired(before, after, ("before", "after"))
    after = after.reindex(before.index)
    table = pd.DataFrame({"before": before, "after": after, "change": after - before})
    old, new = _array(before, exact), _array(after, exact)
    if old.sum() == 0:
        raise InputError("before: all counts are zero, so there is no growth rate. Start later.")
    return table, old, new


def industry_tables(frame: pd.DataFrame) -> dict[tuple[int, int], pd.DataFrame]:
    """Tables of regions by industries at each range of batches, from one row a count.

    Parameters
    ----------
    frame : DataFrame
        Table ``industry_counts``: place_id, industry, batch_from, batch_to, firms_count.

    Returns
    -------
    dict of (first, last) to DataFrame, shape (regions, industries)
        In the order of time, empty without rows.

    Raises
    ------
    InputError
        A range lacks some region and industry that stands elsewhere in the table (a count of 0 must
        be written), or two ranges share a batch: a firm would be counted at both dates.

    Examples
    --------
    >>> rows = [("A", "steel", 1, 1, 3), ("A", "chips", 1, 1, 4)]
    >>> names = ["place_id", "industry", "batch_from", "batch_to", "firms_count"]
    >>> industry_tables(pd.DataFrame(rows, columns=names))[1, 1].loc["A"].to_dict()
    {'chips': 4, 'steel': 3}
    """
    tables: dict[tuple[int, int], pd.DataFrame] = {}
    regions, industries = sorted(set(frame["place_id"])), sorted(set(frame["industry"]))
    for (first, last), rows in frame.groupby(["batch_from", "batch_to"]):
        end = max((span[1] for span in tables), default=0)
        if first <= end:
            raise InputError(
                f"industry_counts: batches {first} to {last} overlap with those up to {end}. Give "
                "the new firms of each batch, none of them twice."
            )
        wide = rows.pivot(index="place_id", columns="industry", values="firms_count")
        wide = wide.reindex(index=regions, columns=industries)
        gaps = [f"{r} {i}" for r in regions for i in industries if pd.isna(wide.loc[r, i])]
        if gaps:
            raise InputError(
                f"industry_counts, batches {first} to {last}: no count of {checks.shown(gaps)}. Add "
                "the rows; write 0 where there is no firm."
            )
        tables[int(first), int(last)] = wide.astype("int64")
    return tables


def shift_share_dunn(
    before: pd.DataFrame,
    after: pd.DataFrame,
    nation: tuple[pd.Series, pd.Series] | None = None,
    *,
    exact: bool = False,
) -> pd.DataFrame:
    """Classic shift-share of regions by industries: national growth, industry mix, competition.

    Parameters
    ----------
    before, after : DataFrame, shape (regions, industries)
        Counts, non-negative, no missing values; matched by the labels of rows and columns.
    nation : (Series, Series), optional
        Counts of the nation by industry, before and after. Without it the nation is the sum of
        the regions.
    exact : bool
        As in :func:`shift_share`.

    Returns
    -------
    DataFrame
        One row a region and industry (index region, industry); columns before, after, change,
        national (at the nation's rate G), industry_mix (at the industry's national rate above G)
        and competitive (growth above the industry's national rate). The three parts add up to the
        change in each row. Where the nation is the sum of the regions, competitive adds up to 0
        over the regions of an industry. Sums over an index level give the parts of a region:
        ``parts.groupby(level="region").sum()``. An industry that is nowhere at either date has
        zeros.

    Raises
    ------
    InputError
        The counts cannot be used, the labels differ, nothing was there before, or an industry
        has a count in the nation or in a region after but none in the nation before.

    Notes
    -----
    Dunn (1960), Papers of the Regional Science Association 6, 97-112:
    g_ij = G + (G_i - G) + (g_ij - G_i). With one industry the mix is 0 and the result is that of
    :func:`shift_share`.

    Examples
    --------
    >>> before = pd.DataFrame({"steel": [10, 10], "chips": [10, 30]}, index=["A", "B"])
    >>> after = pd.DataFrame({"steel": [12, 8], "chips": [30, 50]}, index=["A", "B"])
    >>> parts = shift_share_dunn(before, after)
    >>> parts.groupby(level="region").sum().round(6).loc["A"].to_dict()  # doctest: +NORMALIZE_WHITESPACE
    {'before': 20.0, 'after': 42.0, 'change': 22.0, 'national': 13.333333,
     'industry_mix': -3.333333, 'competitive': 12.0}
    """
    after = _same_table(before, after)
    rates = (before.sum(), after.sum()) if nation is None else _nation(nation, before.columns)
    start, end = (_array(part, exact) for part in rates)
    old, new = _array(before, exact), _array(after, exact)
    if start.sum() == 0:
        raise InputError("before: all counts are zero, so there is no growth rate. Start later.")
    # An industry the nation is said not to have must be absent from every region too.
    reached = np.where(start == 0, end + old.sum(axis=0) + new.sum(axis=0), end)
    rate = _growth(start, reached, before.columns, "industry")
    overall = (end.sum() - start.sum()) / start.sum()
    national, mix = old * overall, old * (rate - overall)
    index = pd.MultiIndex.from_product([before.index, before.columns], names=["region", "industry"])
    columns = {
        "before": before.to_numpy(),
        "after": after.to_numpy(),
        "change": (after - before).to_numpy(),
        "national": national,
        "industry_mix": mix,
        "competitive": (new - old) - old * rate,
    }
    return pd.DataFrame({name: part.ravel() for name, part in columns.items()}, index=index)


def _same_table(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The later table in the order of the earlier, both checked."""
    for name, table in (("before", before), ("after", after)):
        if not isinstance(table, pd.DataFrame):
            raise InputError(f"{name}: give a table of regions by industries")
        if table.empty:
            raise InputError(f"{name}: the table is empty; give a region and an industry at least")
        # By position, since a label that stands twice would give a table again.
        for position, column in enumerate(table.columns):
            checks.counts(table.iloc[:, position], f"{name}, industry {column}")
    rows = checks.same_units(before, after, "regions before and after")
    return checks.same_units(before.T, rows.T, "industries before and after").T[before.columns]


def _nation(
    nation: tuple[pd.Series, pd.Series], industries: pd.Index
) -> tuple[pd.Series, pd.Series]:
    """Counts of the nation in the order of the industries."""
    frame = pd.Series(0, index=industries)
    checked = []
    for name, part in zip(("nation before", "nation after"), nation, strict=True):
        _series((name, part))
        checks.counts(part, name)
        checked.append(checks.same_units(frame, part, f"industries of the table and {name}"))
    return checked[0], checked[1]


def shift_share_periods(
    tables: Mapping[Any, pd.DataFrame],
    nation: Mapping[Any, pd.Series] | None = None,
    *,
    exact: bool = False,
) -> pd.DataFrame:
    """Shift-share of each sub-period of a series of tables.

    Parameters
    ----------
    tables : mapping of date to DataFrame, shape (regions, industries)
        Two tables or more in the order of time, as in :func:`shift_share_dunn`.
    nation : mapping of date to Series, optional
        Counts of the nation by industry at each of the dates.
    exact : bool
        As in :func:`shift_share`.

    Returns
    -------
    DataFrame
        The rows of :func:`shift_share_dunn` for each sub-period; index start, end, region,
        industry. Shows the unusual years.

    Raises
    ------
    InputError
        As in :func:`shift_share_dunn`; there are fewer than two tables, or a date of the nation
        is absent.

    Examples
    --------
    >>> years = {year: pd.DataFrame({"all": [n, 10]}, index=["A", "B"])
    ...          for year, n in ((2019, 10), (2020, 12), (2021, 18))}
    >>> shift_share_periods(years).loc[(2019, 2020, "A", "all"), "national"].item()
    1.0
    """
    dates = list(tables)
    if len(dates) < 2:
        raise InputError(f"{len(dates)} tables: a change needs two dates or more")
    absent = [] if nation is None else [date for date in dates if date not in nation]
    if absent:
        raise InputError(f"nation: no counts for {checks.shown(absent)}. Add them.")
    parts = {}
    for start, end in pairwise(dates):
        pair = None if nation is None else (nation[start], nation[end])
        try:
            parts[start, end] = shift_share_dunn(tables[start], tables[end], pair, exact=exact)
        except InputError as error:
            raise InputError(f"from {start} to {end}: {error}") from error
    return pd.concat(parts, names=["start", "end"])


def shift_share_dynamic(
    tables: Mapping[Any, pd.DataFrame],
    nation: Mapping[Any, pd.Series] | None = None,
    *,
    exact: bool = False,
) -> pd.DataFrame:
    """Dynamic shift-share: the parts of the sub-periods added up.

    Parameters
    ----------
    tables, nation, exact
        As in :func:`shift_share_periods`.

    Returns
    -------
    DataFrame
        As :func:`shift_share_dunn` from the first date to the last. The parts add up to the
        change; they differ from the static ones because rates and mix are brought up to date in
        each sub-period.

    Raises
    ------
    InputError
        As in :func:`shift_share_periods`.

    Notes
    -----
    Barff and Knight (1988), Growth and Change 19 (2), 1-10.

    Examples
    --------
    >>> years = {year: pd.DataFrame({"all": [n, 10]}, index=["A", "B"])
    ...          for year, n in ((2019, 10), (2020, 12), (2021, 18))}
    >>> row = shift_share_dynamic(years).loc[("A", "all")]
    >>> row.round(4).to_dict()  # doctest: +NORMALIZE_WHITESPACE
    {'before': 10.0, 'after': 18.0, 'change': 8.0, 'national': 4.2727, 'industry_mix': 0.0,
     'competitive': 3.7273}
    """
    periods = shift_share_periods(tables, nation, exact=exact)
    summed = periods.groupby(level=["region", "industry"], sort=False)[list(PARTS)].sum()
    dates = list(tables)
    first, last = tables[dates[0]], _same_table(tables[dates[0]], tables[dates[-1]])
    for place, (name, part) in enumerate(
        {"before": first, "after": last, "change": last - first}.items()
    ):
        summed.insert(place, name, part.to_numpy().ravel())
    return summed
