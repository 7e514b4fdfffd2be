"""Growth-path cases: shares of a small named set, grades of documentation, published figures.

Few firms are named, so everything here is counting and exact arithmetic; nothing is estimated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.granularity import common_bases, counts_for

GRADES = ("documented", "partly", "conflicting", "undocumented")
NO_PATH = "no_path"
# Largest number of little giants tried as a base: generous for one city.
LARGEST_BASE = 100

# Factor to millions of yuan. Dollar amounts stay as they are: no exchange rate is stored.
_MILLION_CNY = {"100m_cny": 100.0, "10k_cny": 0.01}
_UNIT_FACTORS: Mapping[str, tuple[float, str]] = {
    **{unit: (factor, "m CNY") for unit, factor in _MILLION_CNY.items()},
    "100m_usd": (100.0, "m USD"),
    "10k_usd": (0.01, "m USD"),
    "pct": (1.0, "%"),
    "count": (1.0, "count"),
    "cny_per_share": (1.0, "CNY per share"),
}


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
    from scipy.stats import binomtest

    if trials < 1 or not 0 <= successes <= trials:
        raise InputError(f"{successes} of {trials}: give 0 <= successes <= trials and trials >= 1")
    if not 0 < level < 1:
        raise InputError(f"level {level}: give a number between 0 and 1")
    interval = binomtest(successes, trials).proportion_ci(confidence_level=level, method="exact")
    return float(interval.low), float(interval.high)


def path_shares(named: Mapping[str, int], base: int, level: float = 0.95) -> pd.DataFrame:
    """Firms named under each path as counts and shares of one base, with the firms left over.

    Parameters
    ----------
    named : mapping of str to int
        Number of firms named under each path; a firm stands under one path only.
    base : int
        Number of firms in all; 0 gives a table without rows.
    level : float
        Level of the exact interval.

    Returns
    -------
    DataFrame
        Columns path_id, firms_count, base_count, share_pct, low_pct, high_pct; one row a path in
        the order given and a last row ``no_path``, so that firms_count adds up to the base.

    Raises
    ------
    InputError
        More firms are named than the base holds.

    Examples
    --------
    >>> path_shares({"a": 1, "b": 2}, 4)[["path_id", "firms_count", "share_pct"]].values.tolist()
    [['a', 1, 25.0], ['b', 2, 50.0], ['no_path', 1, 25.0]]
    """
    left = base - sum(named.values())
    if left < 0:
        raise InputError(f"{sum(named.values())} firms are named, more than the base of {base}")
    counts = {**named, NO_PATH: left} if base else {}
    bounds = [clopper_pearson(count, base, level) for count in counts.values()]
    return pd.DataFrame(
        {
            "path_id": list(counts),
            "firms_count": list(counts.values()),
            "base_count": base,
            "share_pct": [100 * count / base for count in counts.values()],
            "low_pct": [100 * low for low, _ in bounds],
            "high_pct": [100 * high for _, high in bounds],
        }
    )


@dataclass(frozen=True)
class NamedBase:
    """The base that printed shares and the firms named under them imply.

    Parameters
    ----------
    bases : list of int
        Over which every printed share is some count.
    exact : list of int
        Those over which the firms named give every printed share: the bases left if they are all.
    base : int
        The smallest exact one; where there is none, the number of firms named.
    left : int
        Firms of that base that are named under no path.
    """

    bases: list[int]
    exact: list[int]
    base: int
    left: int


def named_base(
    reported: Mapping[str, str], named: Mapping[str, int], limit: int = LARGEST_BASE
) -> NamedBase:
    """Infer the base of several shares from the shares and the firms named under them.

    Parameters
    ----------
    reported : mapping of path to str
        Percentages as printed, of one and the same base; may be empty.
    named : mapping of path to int
        Number of firms named under each path; a path without firms may be left out.
    limit : int
        Largest base tried.

    Returns
    -------
    NamedBase

    Examples
    --------
    >>> found = named_base({"a": "20", "b": "15"}, {"a": 4, "b": 3})
    >>> found.exact, found.left, len(found.bases)
    ([20], 13, 34)
    """
    bases = common_bases(list(reported.values()), limit) if reported else []
    exact = [
        base
        for base in bases
        if all(named.get(path, 0) in counts_for(share, base) for path, share in reported.items())
    ]
    total = sum(named.values())
    base = exact[0] if exact else total
    return NamedBase(bases, exact, base, base - total)


def open_bases(
    reported: Mapping[str, str], named: Mapping[str, int], limit: int = LARGEST_BASE
) -> list[int]:
    """Bases that leave every printed share possible if the firms named are only some of its firms.

    Parameters
    ----------
    reported, named, limit
        See :func:`named_base`.

    Returns
    -------
    list of int
        Over which every share is some count that is no less than the number of firms named.

    Examples
    --------
    >>> open_bases({"a": "20"}, {"a": 4}, 30), open_bases({"a": "20"}, {}, 10)
    ([20, 25, 30], [5, 10])
    """
    return [
        base
        for base in (common_bases(list(reported.values()), limit) if reported else [])
        if all(
            counts_for(share, base)[-1] >= named.get(path, 0) for path, share in reported.items()
        )
    ]


def combined_grade(grades: Iterable[str]) -> str:
    """Grade of a claim that joins several graded statements.

    Parameters
    ----------
    grades : iterable of str
        Values of ``firm_statements.documentation``.

    Returns
    -------
    str
        ``"conflicting"`` if any is; the common grade if all agree; else ``"partly"``, since some of
        the claim is on record and some is not. ``""`` for no grades.

    Raises
    ------
    InputError
        A grade is unknown.

    Examples
    --------
    >>> combined_grade(["documented", "undocumented"]), combined_grade(["undocumented"] * 2)
    ('partly', 'undocumented')
    """
    found = set(grades)
    unknown = found - set(GRADES)
    if unknown:
        raise InputError(f"unknown grades {sorted(unknown)}; known: {', '.join(GRADES)}")
    if "conflicting" in found:
        return "conflicting"
    return found.pop() if len(found) == 1 else "partly" if found else ""


def grade_counts(statements: pd.DataFrame, by: str) -> pd.DataFrame:
    """Number of statements of each grade, by some column, every grade shown.

    Parameters
    ----------
    statements : DataFrame
        Columns documentation and `by`, neither with missing values.
    by : str
        Column to group by; groups keep their order of appearance.

    Returns
    -------
    DataFrame of int
        Index `by`, one column a grade and ``total``; zeros are shown.

    Examples
    --------
    >>> table = pd.DataFrame({"firm": ["a", "a"], "documentation": ["partly", "undocumented"]})
    >>> grade_counts(table, "firm").loc["a"].tolist()
    [0, 1, 0, 1, 2]
    """
    order = list(dict.fromkeys(statements[by]))
    counts = pd.crosstab(statements[by], statements["documentation"])
    counts = counts.reindex(index=order, columns=list(GRADES), fill_value=0).astype(int)
    counts.index.name, counts.columns.name = by, None
    return counts.assign(total=counts.sum(axis=1))


def deal_table(events: pd.DataFrame) -> pd.DataFrame:
    """Deals behind the ownership events, each once, however often it is offered, agreed or retold.

    Parameters
    ----------
    events : DataFrame
        Columns firm_id, date, event_type and deal_id as in ``firm_events``; may be empty.

    Returns
    -------
    DataFrame
        One row a deal in order of appearance: deal_id, firm_id, first_date (the earliest text) and
        records_count (rows on the deal).

    Raises
    ------
    InputError
        An ownership event has no deal.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a", "a"], "date": ["2017-06-19", "2017-07"],
    ...                       "event_type": ["ownership"] * 2, "deal_id": ["a-1", "a-1"]})
    >>> deal_table(table).values.tolist()
    [['a-1', 'a', '2017-06-19', 2]]
    """
    owned = events[events["event_type"] == "ownership"]
    if owned["deal_id"].isna().any():
        firms = ", ".join(sorted(set(owned.loc[owned["deal_id"].isna(), "firm_id"])))
        raise InputError(f"ownership events without deal_id: {firms}; name the deal of each")
    return owned.groupby("deal_id", sort=False, as_index=False).agg(
        firm_id=("firm_id", "first"), first_date=("date", "min"), records_count=("date", "size")
    )


def in_display_units(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures in one unit a kind: millions of yuan or dollars, per cent, counts.

    Parameters
    ----------
    figures : DataFrame
        Columns value and unit as in ``firm_financials``. Missing values stay missing.

    Returns
    -------
    DataFrame
        A copy with value and unit replaced. Dollars are not converted to yuan.

    Raises
    ------
    InputError
        A unit is unknown.

    Examples
    --------
    >>> in_display_units(pd.DataFrame({"value": [1.21], "unit": ["100m_cny"]})).values.tolist()
    [[121.0, 'm CNY']]
    """
    unknown = set(figures["unit"]) - set(_UNIT_FACTORS)
    if unknown:
        raise InputError(f"unknown units {sorted(unknown)}; known: {', '.join(_UNIT_FACTORS)}")
    factors = [_UNIT_FACTORS[unit] for unit in figures["unit"]]
    # Rounding removes the last bits of the binary product, so that 1.21 x 100 prints as 121.
    values = [
        round(value * factor, 9)
        for value, (factor, _) in zip(figures["value"], factors, strict=True)
    ]
    return figures.assign(value=values, unit=[name for _, name in factors])


def is_part_year(period: str) -> bool:
    """Whether a period is shorter than a year, so that its flows compare with no full year.

    Raises
    ------
    InputError
        The text is no period.

    Examples
    --------
    >>> [is_part_year(period) for period in ("2022", "2025H1", "2022Q1-Q3")]
    [False, True, True]
    """
    if not re.fullmatch(r"\d{4}(H[12]|Q[1-4](-Q[1-4])?)?", period):
        raise InputError(f"period {period!r}: write 2022, 2025H1, 2022Q1 or 2022Q1-Q3")
    return len(period) > 4


def rival_versions(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures that two or more sources give differently for one firm, period and metric.

    Parameters
    ----------
    figures : DataFrame
        Columns firm_id, period, metric, value, unit, source_id; values of one metric in one unit.

    Returns
    -------
    DataFrame
        The rows concerned, in their order.

    Examples
    --------
    >>> row = {"firm_id": "a", "period": "2021", "metric": "revenue", "unit": "m CNY"}
    >>> table = pd.DataFrame([{**row, "value": 1.0, "source_id": "x"},
    ...                       {**row, "value": 2.0, "source_id": "y"}])
    >>> len(rival_versions(table)), len(rival_versions(table.head(1)))
    (2, 0)
    """
    groups = figures.groupby(["firm_id", "period", "metric", "unit"], sort=False)["value"]
    return figures[groups.transform("nunique") > 1]


def _half_unit(number: float) -> float:
    """Half a unit of the last digit a number prints."""
    decimals = len(repr(float(number)).rstrip("0").partition(".")[2])
    return 0.5 / float(10**decimals)


def implied_previous(value: float, growth_pct: float) -> tuple[float, float]:
    """Range of the earlier value that a rounded value and its rounded growth rate allow.

    Parameters
    ----------
    value : float
        Positive, as printed; its last digit is taken as rounded.
    growth_pct : float
        Growth on the earlier value in per cent, above -100, as printed.

    Returns
    -------
    low, high : float
        In the unit of `value`.

    Raises
    ------
    InputError
        The value is not positive or the growth not above -100.

    Examples
    --------
    >>> [round(bound, 3) for bound in implied_previous(1.21, 19.23)]
    [1.011, 1.019]
    """
    if value <= 0 or growth_pct <= -100:
        raise InputError(f"value {value} and growth {growth_pct}: give value > 0, growth > -100")
    margin, spread = _half_unit(value), _half_unit(growth_pct)
    low = (value - margin) / (1 + (growth_pct + spread) / 100)
    high = (value + margin) / (1 + (growth_pct - spread) / 100)
    return low, high


def growth_check(figures: pd.DataFrame) -> pd.DataFrame:
    """Which earlier figures a source's own level and growth rate allow.

    Parameters
    ----------
    figures : DataFrame
        Columns firm_id, period, metric, value, unit, source_id as in ``firm_financials``; the
        metric ``net_profit_growth`` is the growth of ``net_profit`` in per cent.

    Returns
    -------
    DataFrame
        One row for each full-year growth rate and each figure of the year before: firm_id, metric,
        period, source_id (of level and growth), previous_value, previous_source_id, low, high
        (range implied, all in millions of yuan) and fits.
    """
    full = figures[~figures["period"].map(is_part_year).astype("bool")]
    growth = full[full["metric"].str.endswith("_growth")]
    growth = growth.assign(metric=growth["metric"].str.removesuffix("_growth"))
    keys = ["firm_id", "metric", "period", "source_id"]
    now = growth.merge(full, on=keys, suffixes=("_growth", ""))
    now["before"] = (now["period"].astype("int64") - 1).astype("str")
    past = in_display_units(full)[[*keys, "value"]].set_axis(
        ["firm_id", "metric", "before", "previous_source_id", "previous_value"], axis=1
    )
    both = now.merge(past, on=["firm_id", "metric", "before"])
    bounds = [
        implied_previous(value, rate)
        for value, rate in zip(both["value"], both["value_growth"], strict=True)
    ]
    factors = [_UNIT_FACTORS[unit][0] for unit in both["unit"]]
    both["low"] = [low * factor for (low, _), factor in zip(bounds, factors, strict=True)]
    both["high"] = [high * factor for (_, high), factor in zip(bounds, factors, strict=True)]
    both["fits"] = both["previous_value"].between(both["low"], both["high"])
    return both[[*keys, "previous_value", "previous_source_id", "low", "high", "fits"]]


def repeated_series(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures of which a firm publishes two periods or more, so that they can be drawn.

    Parameters
    ----------
    figures : DataFrame
        Columns firm_id, metric and period.

    Returns
    -------
    DataFrame
        The rows kept, in their order, with part_year (see :func:`is_part_year`).

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a", "a", "b"], "metric": ["revenue"] * 3,
    ...                       "period": ["2021", "2022H1", "2022"]})
    >>> repeated_series(table)["part_year"].tolist()
    [False, True]
    """
    periods = figures.groupby(["firm_id", "metric"], sort=False)["period"]
    kept = figures[periods.transform("nunique") > 1]
    return kept.assign(part_year=kept["period"].map(is_part_year).astype("bool"))
