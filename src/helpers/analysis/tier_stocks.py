"""Stocks of neighbouring tiers divided, where the figures allow it.

A ratio of stocks is no rate of promotion: it sets those who hold one title beside those who hold
another, whenever each came by it. Stocks come as data (tables ``tier_stocks`` and
``programme_targets``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

Step = tuple[str, str]

# Neighbouring tiers, the lower one first. The measures of 2026 widen the lowest tier.
STEPS: tuple[Step, ...] = (
    ("innovative_sme", "srdi_sme"),
    ("tech_and_innovative_sme", "srdi_sme"),
    ("srdi_sme", "little_giant"),
    ("little_giant", "single_champion"),
)


def _bound(lower: str, upper: str) -> str:
    """How a ratio of two counts is to be read, given how each of them is."""
    # A floor above the line or a ceiling below it can only raise the ratio.
    raises = {lower == "more_than", upper == "less_than"}
    lowers = {lower == "less_than", upper == "more_than"}
    if True in raises and True in lowers:
        return "none"
    return "more_than" if True in raises else "less_than" if True in lowers else "equal"


def step_ratios(stocks: pd.DataFrame, steps: Sequence[Step] = STEPS) -> pd.DataFrame:
    """Firms of a tier for each firm of the tier above, wherever both are counted for one month.

    Stocks of unlike dates are not divided, nor is one that is known to the year alone. Where
    sources disagree each version is paired with each, so that the disagreement stays visible.

    Parameters
    ----------
    stocks : DataFrame
        Columns as_of (ISO text), tier_id, firms_count, comparison (equal, more_than, less_than),
        rounded, doubtful (bool), source_id and, if known, basis.
    steps : sequence of (str, str)
        Lower and upper tier of each step.

    Returns
    -------
    DataFrame
        One row per step, month and pair of versions, with columns as_of, lower_tier, upper_tier,
        lower_count, lower_comparison, upper_count, upper_comparison, ratio (lower by upper), bound (equal; more_than or less_than: the
        ratio itself is a bound; none: two bounds pull apart, so that the ratio says nothing),
        rounded and doubtful (either count is), lower_basis and upper_basis (cumulative or valid,
        missing where the source does not say) and source_id.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": ["2022-09", "2022-09", "2023"], "tier_id": ["a", "b", "b"],
    ...     "firms_count": [90, 30, 50], "comparison": ["more_than", "equal", "equal"],
    ...     "rounded": [True, False, False], "doubtful": False, "source_id": ["S", "T", "U"]})
    >>> step_ratios(table, [("a", "b")])[["as_of", "ratio", "bound"]].values.tolist()
    [['2022-09', 3.0, 'more_than']]
    """
    dated = stocks.loc[stocks["as_of"].str.len() >= len("2022-09")].to_dict("records")
    rows = [
        _ratio_row(low, high)
        for lower, upper in steps
        for low in dated
        for high in dated
        if (low["tier_id"], high["tier_id"]) == (lower, upper)
        and low["as_of"][:7] == high["as_of"][:7]
    ]
    columns = [
        "as_of", "lower_tier", "upper_tier", "lower_count", "lower_comparison", "upper_count",
        "upper_comparison", "ratio", "bound", "rounded", "doubtful", "lower_basis", "upper_basis",
        "source_id",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _ratio_row(low: Mapping[Any, Any], high: Mapping[Any, Any]) -> dict[str, object]:
    sources = dict.fromkeys(f"{low['source_id']};{high['source_id']}".split(";"))
    exact = [row["comparison"] == "equal" and bool(row["rounded"]) for row in (low, high)]
    return {
        "as_of": low["as_of"][:7], "lower_tier": low["tier_id"], "upper_tier": high["tier_id"],
        "lower_count": int(low["firms_count"]), "lower_comparison": low["comparison"],
        "upper_count": int(high["firms_count"]), "upper_comparison": high["comparison"],
        "ratio": float(low["firms_count"] / high["firms_count"]),
        "bound": _bound(str(low["comparison"]), str(high["comparison"])),
        "rounded": any(exact), "doubtful": bool(low["doubtful"]) or bool(high["doubtful"]),
        "lower_basis": low.get("basis"), "upper_basis": high.get("basis"),
        "source_id": ";".join(sources),
    }  # fmt: skip


def target_ratios(targets: pd.DataFrame, steps: Sequence[Step] = STEPS) -> pd.DataFrame:
    """The ratio of neighbouring tiers that targets for one date imply.

    Parameters
    ----------
    targets : DataFrame
        Columns tier, target_count, due, source_id.
    steps : sequence of (str, str)

    Returns
    -------
    DataFrame
        Columns due, lower_tier, upper_tier, lower_count, upper_count, ratio and source_id.

    Examples
    --------
    >>> table = pd.DataFrame({"tier": ["a", "b"], "target_count": [100, 20], "due": "2025",
    ...     "source_id": "S"})
    >>> target_ratios(table, [("a", "b")])["ratio"].tolist()
    [5.0]
    """
    shaped = targets.rename(columns={"tier": "tier_id", "target_count": "firms_count"})
    # A target is for the end of its year: that makes it comparable in the sense of the rule.
    shaped = shaped.assign(
        as_of=shaped["due"].str[:4] + "-12", comparison="equal", rounded=False, doubtful=False
    )
    frame = step_ratios(shaped, steps).assign(due=lambda made: made["as_of"].str[:4])
    columns = [
        "due", "lower_tier", "upper_tier", "lower_count", "upper_count", "ratio", "source_id",
    ]  # fmt: skip
    return frame[columns]


def unpaired(stocks: pd.DataFrame, steps: Sequence[Step] = STEPS) -> pd.DataFrame:
    """Stocks of the tiers of some steps that the rule of one month leaves without a partner.

    Parameters
    ----------
    stocks, steps
        See :func:`step_ratios`.

    Returns
    -------
    DataFrame
        Their rows.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": ["2022-09", "2022-09", "2023"], "tier_id": ["a", "b", "b"]})
    >>> unpaired(table, [("a", "b")])["as_of"].tolist()
    ['2023']
    """
    months = stocks["as_of"].str[:7].where(stocks["as_of"].str.len() >= len("2022-09"))
    paired = pd.Series(False, index=stocks.index)
    for lower, upper in steps:
        both = set(months[stocks["tier_id"] == lower].dropna())
        both &= set(months[stocks["tier_id"] == upper].dropna())
        paired |= stocks["tier_id"].isin([lower, upper]) & months.isin(list(both))
    concerned = stocks["tier_id"].isin([tier for step in steps for tier in step])
    return stocks.loc[concerned & ~paired]


def proven_rise(ratios: pd.DataFrame, lower: str, upper: str) -> pd.DataFrame:
    """Two ratios of a step of which the later is higher, whatever the bounds leave open.

    Parameters
    ----------
    ratios : DataFrame
        From :func:`step_ratios`.
    lower, upper : str
        Tiers of the step.

    Returns
    -------
    DataFrame
        The first count of the step that is no bound, and its latest count or floor above that;
        empty if there is no such pair. Doubtful ratios do not count. Rounded counts are taken at
        their word.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": ["2023-08", "2024-12"], "lower_tier": "a", "upper_tier": "b",
    ...     "ratio": [8.2, 9.5], "bound": ["equal", "more_than"], "doubtful": False})
    >>> proven_rise(table, "a", "b")["ratio"].tolist()
    [8.2, 9.5]
    """
    own = ratios.loc[
        (ratios["lower_tier"] == lower) & (ratios["upper_tier"] == upper) & ~ratios["doubtful"]
    ].sort_values("as_of", kind="stable")
    first = own.loc[own["bound"] == "equal"].head(1)
    if first.empty:
        return own.head(0)
    later = own.loc[
        (own["as_of"] > first["as_of"].iloc[0])
        & own["bound"].isin(["equal", "more_than"])
        & (own["ratio"] > first["ratio"].iloc[0])
    ]
    return pd.concat([first, later.tail(1)]) if len(later) else own.head(0)
