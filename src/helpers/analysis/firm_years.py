"""Published figures of firms held against the criteria, year by year.

Only figures of full years are used, and only where all sources of a figure agree. What is not
published stays unknown: patents held, for instance, are not patents in use, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.analysis.assessment import FirmView, assess_view
from helpers.analysis.criteria import Criteria, outcome
from helpers.analysis.measures import Measures
from helpers.errors import InputError

# Metric of table firm_financials: the field it fills, and whether earlier years fill fields as well.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "revenue": ("revenue_m_cny", "revenue_prev_m_cny", "revenue_prev2_m_cny"),
    "main_revenue": ("main_revenue_m_cny", "main_revenue_prev_m_cny", "main_revenue_prev2_m_cny"),
    "rd_expense": ("rd_m_cny", "rd_prev_m_cny"),
    "net_profit": ("net_profit_m_cny",),
    "debt_ratio": ("debt_ratio_pct",),
}
_FACTORS = {"10k_cny": 0.01, "100m_cny": 100.0, "m_cny": 1.0, "pct": 1.0}
REGIMES = ("M2022", "M2026")
_APPLIES: Mapping[bool | None, str] = {True: "yes", False: "no", None: outcome(None)}


def _agreed(financials: pd.DataFrame) -> dict[tuple[str, int, str], float]:
    """Value of each figure by firm, year and metric, those on which sources differ left out."""
    full = financials["period"].str.fullmatch(r"[0-9]{4}")
    used = financials.loc[full & financials["metric"].isin(list(_FIELDS))]
    unknown = sorted(set(used["unit"]) - set(_FACTORS))
    if unknown:
        raise InputError(f"table firm_financials: unit {', '.join(unknown)} cannot be used here.")
    # Rounding removes the last bits of the product.
    values = [
        round(value * _FACTORS[unit], 9)
        for value, unit in zip(used["value"], used["unit"], strict=True)
    ]
    frame = used.assign(value=values, year=used["period"].astype(int))
    found = frame.groupby(["firm_id", "year", "metric"])["value"].agg(["first", "nunique"])
    return {
        (str(firm), int(year), str(metric)): float(row["first"])
        for (firm, year, metric), row in found.iterrows()
        if row["nunique"] == 1
    }


def firm_years(financials: pd.DataFrame) -> pd.DataFrame:
    """Fields of a firm table that published figures fill, one row per firm and year.

    Parameters
    ----------
    financials : DataFrame
        Table ``firm_financials``.

    Returns
    -------
    DataFrame
        Columns firm_id, year (the last year of an application made in the next), and fields of table
        ``firm_fields`` in million yuan and per cent, missing where nothing is published. A firm has
        rows only for years with a figure that some field takes.

    Raises
    ------
    InputError
        A figure in yuan has a unit that is unknown here.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": "F", "period": ["2021", "2022", "2022H1"],
    ...     "metric": "revenue", "value": [0.5, 6000.0, 1.0],
    ...     "unit": ["100m_cny", "10k_cny", "10k_cny"]})
    >>> firm_years(table)[["year", "revenue_m_cny", "revenue_prev_m_cny"]].values.tolist()
    [[2021.0, 50.0, nan], [2022.0, 60.0, 50.0]]
    """
    values = _agreed(financials)
    rows = []
    for firm, year in sorted({(firm, year) for firm, year, _ in values}):
        row: dict[str, object] = {"firm_id": firm, "year": year}
        for metric, fields in _FIELDS.items():
            for back, name in enumerate(fields):
                row[name] = values.get((firm, year - back, metric), float("nan"))
        rows.append(row)
    names = [name for fields in _FIELDS.values() for name in fields]
    return pd.DataFrame(rows, columns=["firm_id", "year", *names])


def worked_cases(
    financials: pd.DataFrame, criteria: Criteria, tier: str = "little_giant",
    regimes: Sequence[str] = REGIMES,
) -> pd.DataFrame:  # fmt: skip
    """Each condition of a tier for each firm and year with published figures.

    Parameters
    ----------
    financials : DataFrame
        Table ``firm_financials``.
    criteria : Criteria
    tier : str
    regimes : sequence of str
        Acts; every year is held against each, also years before the act.

    Returns
    -------
    DataFrame
        One row per firm, year and condition: firm_id, year, tier_id, threshold_id, outcome (meets,
        fails, cannot be told), applies (yes, no, cannot be told: whether the condition is about a
        firm of this size or kind), low and high (the values the figures allow), required, gap,
        missing (fields, joined by ;), verified; and of the firm and year as a whole tier_outcome.

    Raises
    ------
    InputError
        See :func:`firm_years` and :meth:`helpers.analysis.criteria.Criteria.tier_id`.
    """
    years = firm_years(financials)
    measures = Measures(years, criteria.limits, {"under_review": False})
    rows = []
    for place, (firm, year) in enumerate(zip(years["firm_id"], years["year"], strict=True)):
        for regime in regimes:
            tier_id = criteria.tier_id(tier, regime)
            found = assess_view(FirmView(criteria, measures, place), tier_id)
            for finding in found.findings:
                applies = _APPLIES[finding.applies]
                rows.append(
                    {
                        "firm_id": firm, "year": int(year), "tier_id": tier_id,
                        "threshold_id": finding.threshold_id, "outcome": outcome(finding.truth),
                        "applies": applies, "low": finding.low, "high": finding.high,
                        "required": finding.required, "gap": finding.gap,
                        "missing": ";".join(finding.missing), "verified": finding.verified,
                        "tier_outcome": found.outcome,
                    }
                )  # fmt: skip
    columns = ["firm_id", "year", "tier_id", "threshold_id", "outcome", "applies", "low", "high"]
    columns += ["required", "gap", "missing", "verified", "tier_outcome"]
    return pd.DataFrame(rows, columns=columns)


def decided_counts(cases: pd.DataFrame) -> pd.DataFrame:
    """How many conditions each firm and year meets, fails or leaves open.

    Parameters
    ----------
    cases : DataFrame
        From :func:`worked_cases`; conditions for other kinds of firms are left out.

    Returns
    -------
    DataFrame
        Columns firm_id, year, tier_id, tier_outcome, meets, fails, open, conditions.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": "F", "year": 2022, "tier_id": "t", "tier_outcome": "fails",
    ...     "outcome": ["meets", "fails", "fails"], "applies": ["yes", "yes", "no"]})
    >>> decided_counts(table)[["meets", "fails", "open", "conditions"]].values.tolist()
    [[1, 1, 0, 2]]
    """
    own = cases.loc[cases["applies"] != "no"]
    flags = own.assign(
        meets=own["outcome"] == "meets", fails=own["outcome"] == "fails",
        open=own["outcome"] == "cannot be told", conditions=1,
    )  # fmt: skip
    keys = ["firm_id", "year", "tier_id", "tier_outcome"]
    counts = ["meets", "fails", "open", "conditions"]
    return flags.groupby(keys, sort=False, as_index=False)[counts].sum()
