"""Goals in time: the pace they ask for, and how a goal tied to another place moves with it."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.sources import ids_of


def check_targets(targets: pd.DataFrame) -> pd.DataFrame:
    """The goals, once none is due before the date of the baseline it was set against.

    Parameters
    ----------
    targets : DataFrame
        Table ``policy_targets``.

    Returns
    -------
    DataFrame
        Unchanged.

    Raises
    ------
    InputError
        Names the row, its due date and its baseline.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> len(check_targets(tables.load("policy_targets"))) > 0
    True
    """
    for row in targets.dropna(subset=["due", "baseline_as_of"]).to_dict("records"):
        if pd.Period(row["due"]).end_time < pd.Period(row["baseline_as_of"]).start_time:
            raise InputError(
                f"table policy_targets, row {row['target_id']}, column due, value {row['due']!r}: "
                f"before its baseline of {row['baseline_as_of']}. Correct one of the two dates."
            )
    return targets


def required_pace(
    value: float, as_of: str, target: float, due: str, name: str = "goal"
) -> dict[str, float]:
    """What a goal asks for each year from a baseline.

    Parameters
    ----------
    value, target : float
        Baseline, above 0, and goal, on one count.
    as_of, due : str
        ISO dates; a year or month means its last day.
    name : str
        What the goal is called in an error.

    Returns
    -------
    dict
        ``years``, ``per_year`` (units a year) and ``growth_pct`` (compound, a year).

    Raises
    ------
    InputError
        The goal is not due after its baseline, or the baseline is not above 0.

    Examples
    --------
    >>> {key: round(number, 2) for key, number in
    ...  required_pace(74, "2022-08", 100, "2025").items()}
    {'years': 3.33, 'per_year': 7.8, 'growth_pct': 9.45}
    """
    days = (pd.Period(due).end_time - pd.Period(as_of).end_time).days
    if days <= 0:
        raise InputError(
            f"{name}, column due, value {due!r}: not after its baseline of {as_of}. "
            "Correct one of the two dates."
        )
    if not value > 0:
        raise InputError(
            f"{name}, baseline, value {value!r}: not above 0, so nothing grows from it."
        )
    years = days / 365.25
    growth = 100 * ((target / value) ** (1 / years) - 1)
    return {"years": years, "per_year": (target - value) / years, "growth_pct": growth}


def paces(targets: pd.DataFrame) -> pd.DataFrame:
    """What each goal asks for a year from the count that its source sets beside it.

    Parameters
    ----------
    targets : DataFrame
        Table ``policy_targets``.

    Returns
    -------
    DataFrame
        Rows with a baseline and a due date: target_id, place_id, indicator_en, indicator_zh,
        baseline_value, baseline_as_of, target_value, due, unit, unit_zh, years, per_year,
        growth_pct, source_id.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> paces(tables.load("policy_targets")).target_id.tolist()
    ['T02', 'T03']
    """
    columns = [
        "target_id", "place_id", "indicator_en", "indicator_zh", "baseline_value",
        "baseline_as_of", "target_value", "due", "unit", "unit_zh", "years", "per_year",
        "growth_pct", "source_id",
    ]  # fmt: skip
    stated = check_targets(targets).dropna(subset=["due", "baseline_as_of", "baseline_value"])
    rows = [
        row | required_pace(row["baseline_value"], row["baseline_as_of"], row["target_value"],
                            row["due"], f"table policy_targets, row {row['target_id']}")
        for row in stated.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def moving_goal(share: Fraction, count: float, growth_pct: float, years: int) -> int:
    """A goal stated as a share of another place's count, some years on.

    Parameters
    ----------
    share : Fraction
    count : float
        The reference count at its date.
    growth_pct : float
        Its growth a year in per cent, above -100.
    years : int
        Whole years after that date.

    Returns
    -------
    int
        Whole firms, as from ``policy.least_count``.

    Raises
    ------
    InputError
        The growth leaves no count, or the year lies before the date.

    Examples
    --------
    >>> [moving_goal(Fraction(1, 4), 9543, growth, 2) for growth in (0, 10)]
    [2386, 2887]
    """
    if years < 0:
        raise InputError(f"years {years}: the goal lies before its base date. Give 0 or more.")
    if not growth_pct > -100:
        raise InputError(f"growth_pct {growth_pct!r}: must be above -100, or no firm is left.")
    # Both factors as the decimals they print, so that no rounding lifts the goal by a firm.
    factor = (1 + Fraction(repr(float(growth_pct))) / 100) ** years
    return math.ceil(share * Fraction(repr(float(count))) * factor)


def yearly_growth(figures: pd.DataFrame, place_id: str, indicator_id: str) -> dict[str, Any] | None:
    """Compound growth a year between the first and the last dated figure of a place.

    Parameters
    ----------
    figures : DataFrame
        From ``policy.public_figures``.
    place_id, indicator_id : str

    Returns
    -------
    dict or None
        growth_pct, first, last (rows with value, as_of, comparison), at_least (whether the last is
        a lower limit) and source_id; None unless the first is exact, and the last exact or a lower
        limit at a later date.

    Examples
    --------
    >>> figures = pd.DataFrame({"place_id": ["1", "1"], "indicator_id": ["x", "x"],
    ...     "value": [100.0, 121.0], "as_of": ["2020", "2022"], "comparison": ["equal", "equal"],
    ...     "source_id": ["a", "b"]})
    >>> round(yearly_growth(figures, "1", "x")["growth_pct"], 1)
    10.0
    """
    rows = figures[(figures["place_id"] == place_id) & (figures["indicator_id"] == indicator_id)]
    rows = rows.dropna(subset=["as_of"]).sort_values("as_of", kind="stable")
    exact = rows[rows["comparison"] == "equal"]
    if exact.empty:
        return None
    first, last = exact.iloc[0], rows.iloc[-1]
    later = pd.Period(last["as_of"]).end_time > pd.Period(first["as_of"]).end_time
    if not later or last["comparison"] not in ("equal", "more_than", "at_least"):
        return None
    pace = required_pace(first["value"], first["as_of"], last["value"], last["as_of"])
    return {
        "growth_pct": float(pace["growth_pct"]), "first": first.to_dict(), "last": last.to_dict(),
        "at_least": last["comparison"] != "equal",
        "source_id": ";".join(ids_of([first["source_id"], last["source_id"]])),
    }  # fmt: skip
