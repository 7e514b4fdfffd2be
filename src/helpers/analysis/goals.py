"""Goals in time: the pace they ask for, and how a goal tied to another place moves with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.analysis import policy
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


def _growths(goal: pd.Series, figures: pd.DataFrame, province_id: str) -> list[dict[str, Any]]:
    """Growth rates that a reference count can be given: none, the province's, its own."""
    indicator, place = goal["indicator_id"], goal["reference_place_id"]
    found: list[dict[str, Any]] = [{"growth": "none", "rate_pct": 0.0, "at_least": False}]
    later = figures[figures["as_of"].fillna("") >= goal["as_of"][:4]]
    region = yearly_growth(later, province_id, indicator)
    if region:
        found.append({
            "growth": "province", "place_id": province_id, "rate_pct": region["growth_pct"],
            "at_least": region["at_least"], "as_of": region["last"]["as_of"],
            "source_id": region["source_id"],
        })  # fmt: skip
    implied = policy.growth_check(figures, place, indicator)
    if implied:
        found.append({
            "growth": "reference", "place_id": place, "rate_pct": implied["growth_pct"],
            "at_least": False, "as_of": goal["as_of"][:4],
        })  # fmt: skip
    return found


def paths(
    wanted: pd.DataFrame, figures: pd.DataFrame, province_id: str, steps: Sequence[int]
) -> pd.DataFrame:
    """A goal tied to another place's count over the years, at each growth rate on record.

    Of several reference counts the latest is taken, with the goal and the growth of the same
    indicator: registered and evaluated firms are two counts.

    Parameters
    ----------
    wanted : DataFrame
        From ``policy.goals_by_reference``.
    figures : DataFrame
        From ``policy.public_figures``.
    province_id : str
        Province whose growth is one of the rates.
    steps : sequence of int
        Years after the reference count.

    Returns
    -------
    DataFrame
        One row per growth rate and year: growth (``none``; ``province``, growth of the province
        since the reference count; ``reference``, growth of the year before that the report of the
        reference place implies), place_id (whose growth), rate_pct (a year), at_least (whether the
        rate is a lower limit), as_of (end of the span it is taken from), year, firms (the goal),
        indicator_id, indicator_en, indicator_zh, reference_place_id and source_id. Rates that are
        not on record are left out. Empty where no goal has a reference count.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    >>> figures = policy.public_figures(*(tables.load(name) for name in names))
    >>> wanted = policy.goals_by_reference(tables.load("policy_targets"), figures, "210300")
    >>> found = paths(wanted, figures, "210000", [0, 1])
    >>> found[found["growth"] == "none"][["year", "firms"]].values.tolist()
    [[2022, 2386], [2023, 2386]]
    """
    named = ["indicator_id", "indicator_en", "indicator_zh", "reference_place_id"]
    columns = [
        "growth", "place_id", "rate_pct", "at_least", "as_of", "year", "firms", *named, "source_id",
    ]  # fmt: skip
    counted = wanted.dropna(subset=["firms_needed"]).sort_values("as_of")
    if counted.empty:
        return pd.DataFrame(columns=columns)
    goal, rows = counted.iloc[-1], []
    for found in _growths(goal, figures, province_id):
        # Six decimals: the rate is a quotient, and its last digits would lift the goal by a firm.
        rate = round(found["rate_pct"], 6)
        for step in steps:
            firms = moving_goal(goal["share"], float(goal["reference_count"]), rate, step)
            point = {"year": int(goal["as_of"][:4]) + step, "firms": firms}
            cited = {"source_id": ";".join(ids_of([goal["source_id"], found.get("source_id")]))}
            rows.append(goal[named].to_dict() | found | point | cited)
    return pd.DataFrame(rows, columns=columns)
