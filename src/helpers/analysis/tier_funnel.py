"""How many firms a lower tier has to hold for a number of little giants.

The ratios between tiers are ratios of stocks at one date, or of goals for one date. A stock ratio
is not the chance that a firm climbs: it says how large tiers were side by side. Hence ranges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.errors import InputError

# From the bottom of the ladder to its top.
TIERS = ("innovative_sme", "srdi_sme", "little_giant")
STEPS = ("innovative_to_srdi", "srdi_to_giant")
CASES = ("low", "middle", "high")
# Term of the title in years, after which it lapses unless a review renews it: the measures of 2022
# and of 2026 set it alike (table ``tiers``, validity_years).
TITLE_YEARS = 3

# What a quotient of two figures is, by how the upper and the lower figure are meant.
_CAVEATS = {"caveat_en": "reason_en", "caveat_zh": "reason_zh"}
_ABOVE, _BELOW = ("more_than", "at_least"), ("less_than", "at_most")


def _meaning(upper: str, lower: str) -> str | None:
    if (upper, lower) == ("equal", "equal"):
        return "equal"
    if upper in ("equal", *_ABOVE) and lower in ("equal", *_BELOW):
        return "at_least"
    if upper in ("equal", *_BELOW) and lower in ("equal", *_ABOVE):
        return "at_most"
    return None


def _caveats_of(pair: Mapping[Any, Any], caveats: pd.DataFrame) -> dict[str, str | None]:
    """Why the two counts of a pair form no sound ratio, in both languages; None where nothing is known."""
    if pair["kind"] == "goal":
        return dict.fromkeys(_CAVEATS)
    tiers = [pair["indicator_id_upper"], pair["indicator_id_lower"]]
    found = caveats[
        caveats["place_id"].eq(pair["place_id"])
        & caveats["as_of"].eq(pair["as_of"])
        & caveats["indicator_id"].isin(tiers)
    ]
    return {
        name: mark.join(found[column]) or None
        for (name, column), mark in zip(_CAVEATS.items(), ("; ", "；"), strict=True)
    }


def step_ratios(figures: pd.DataFrame, goals: pd.DataFrame, caveats: pd.DataFrame) -> pd.DataFrame:
    """Ratios of neighbouring tiers in one place at one date.

    Parameters
    ----------
    figures : DataFrame
        From ``policy.public_figures``.
    goals : DataFrame
        From ``policy.all_goals``; goals stated as a fraction and of a part of a place are left out.
    caveats : DataFrame
        Table ``ratio_caveats``.

    Returns
    -------
    DataFrame
        Columns step (:data:`STEPS`), kind (stock or goal), place_id, as_of, upper, lower, ratio,
        comparison, rounded (whether one of the two counts is), caveat_en and caveat_zh (why the
        counts form no sound ratio, blank where no reason is known), source_id. Two limits that point the same way bound no ratio and are dropped;
        undated figures are left out.

    Examples
    --------
    >>> figures = pd.DataFrame({"place_id": ["1", "1"], "as_of": ["2024", "2024"],
    ...     "indicator_id": ["srdi_sme", "little_giant"], "value": [100.0, 12.0],
    ...     "comparison": ["more_than", "equal"], "rounded": [True, False],
    ...     "source_id": ["a", "b"]})
    >>> goals = pd.DataFrame(columns=["place_id", "part_en", "indicator_id", "target_value",
    ...                               "comparison", "due", "source_id"])
    >>> caveats = pd.DataFrame(columns=["place_id", "indicator_id", "as_of", "reason_en",
    ...                                 "reason_zh"])
    >>> step_ratios(figures, goals, caveats)[["ratio", "comparison", "rounded"]].values.tolist()
    [[0.12, 'at_most', True]]
    """
    columns = ["place_id", "as_of", "indicator_id", "value", "comparison", "rounded", "source_id"]
    whole = goals[goals["part_en"].isna() & (goals["comparison"] != "fraction_of")]
    stated = whole.rename(columns={"target_value": "value", "due": "as_of"})
    stated = stated.assign(
        place_id=stated["place_id"].astype("str").fillna("nation"), rounded=False
    )
    parts = [figures[columns].assign(kind="stock"), stated[columns].assign(kind="goal")]
    every = pd.concat([part for part in parts if len(part)], ignore_index=True)
    every = every[every["place_id"].ne("part")].dropna(subset=["as_of", "value"])
    keys, rows = ["kind", "place_id", "as_of"], []
    for step, lower, upper in zip(STEPS, TIERS[:-1], TIERS[1:], strict=True):
        pairs = every[every["indicator_id"] == upper].merge(
            every[every["indicator_id"] == lower], on=keys, suffixes=("_upper", "_lower")
        )
        for pair in pairs.to_dict("records"):
            meaning = _meaning(pair["comparison_upper"], pair["comparison_lower"])
            if meaning is None or not pair["value_lower"]:
                continue
            rows.append({
                "step": step, **{key: pair[key] for key in keys}, "upper": pair["value_upper"],
                "lower": pair["value_lower"], "ratio": pair["value_upper"] / pair["value_lower"],
                "comparison": meaning, "rounded": pair["rounded_upper"] or pair["rounded_lower"],
                **_caveats_of(pair, caveats),
                "source_id": f"{pair['source_id_upper']};{pair['source_id_lower']}",
            })  # fmt: skip
    names = ["step", *keys, "upper", "lower", "ratio", "comparison", "rounded", *_CAVEATS]
    frame = pd.DataFrame(rows, columns=[*names, "source_id"])
    return frame.sort_values(["step", "ratio", "place_id", "as_of"], ignore_index=True)


def ratio_ranges(ratios: pd.DataFrame, with_caveats: bool = False) -> pd.DataFrame:
    """Lowest, middle and highest ratio of each step, of those that are no mere limit.

    Parameters
    ----------
    ratios : DataFrame
        From :func:`step_ratios`; rows that are mere limits are not used.
    with_caveats : bool
        Whether to use ratios of counts that form no sound one.

    Returns
    -------
    DataFrame
        Index :data:`STEPS`, columns low, middle (median), high and count; blank where no such
        ratio is on record.

    Examples
    --------
    >>> ratios = pd.DataFrame({"step": ["srdi_to_giant"] * 4, "ratio": [0.1, 0.2, 0.9, 0.01],
    ...                        "comparison": ["equal", "equal", "at_most", "equal"],
    ...                        "caveat_en": [None, None, None, "old count"]})
    >>> ratio_ranges(ratios).loc["srdi_to_giant"].round(2).tolist()
    [0.1, 0.15, 0.2, 2.0]
    >>> float(ratio_ranges(ratios, with_caveats=True).loc["srdi_to_giant", "low"])
    0.01
    """
    sound = ratios["caveat_en"].isna() | with_caveats
    exact = ratios[sound & (ratios["comparison"] == "equal")].groupby("step")["ratio"]
    frame = pd.DataFrame({
        "low": exact.min(), "middle": exact.median(), "high": exact.max(), "count": exact.size()
    })  # fmt: skip
    return frame.reindex(list(STEPS))


def review_rates(batches: pd.DataFrame) -> pd.DataFrame:
    """Share of a batch of little giants that kept the title at review.

    Parameters
    ----------
    batches : DataFrame
        Table ``batches``.

    Returns
    -------
    DataFrame
        Columns batch, passed, certified, rate and source_id, one row per count of passed firms;
        conflicting versions stay side by side.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> bool(review_rates(tables.load("batches")).rate.max() <= 1)
    True
    """
    counts = batches.dropna(subset=["firms_count"])
    passed = counts[counts["measure"] == "review_passed"]
    certified = counts[counts["measure"].isin(["certified", "final_list"])]
    pairs = passed.merge(certified, on="batch", suffixes=("", "_certified"))
    frame = pd.DataFrame({
        "batch": pairs["batch"], "passed": pairs["firms_count"].astype(int),
        "certified": pairs["firms_count_certified"].astype(int),
        "rate": pairs["firms_count"].astype(float) / pairs["firms_count_certified"].astype(float),
        "source_id": pairs["source_id"] + ";" + pairs["source_id_certified"],
    })  # fmt: skip
    return frame[frame["rate"] <= 1].reset_index(drop=True)


def _ratio(name: str, value: float) -> Fraction:
    # NaN fails the comparison and is refused as well.
    if not 0 < value <= 1:
        raise InputError(
            f"funnel, ratio {name}, value {value!r}: not above 0 and at most 1. "
            "Give the share of the lower tier that the upper tier comes to, for instance 0.12."
        )
    # Fifteen digits undo the rounding of a quotient such as 0.1 without touching its value.
    return Fraction(f"{value:.15g}")


def reviews_between(base_year: int, year: int) -> int:
    """Reviews that every title counted in one year has met by another.

    Parameters
    ----------
    base_year, year : int
        Of the count and of the goal, the second not before the first.

    Returns
    -------
    int
        Whole terms of :data:`TITLE_YEARS` between the two. Titles that were older when counted meet
        their next review sooner, so this is the least number.

    Examples
    --------
    >>> [reviews_between(2023, year) for year in (2023, 2025, 2026, 2028, 2029)]
    [0, 0, 1, 1, 2]
    """
    return (year - base_year) // TITLE_YEARS


def starting_point(today: Mapping[str, Any] | None, year: int) -> tuple[int, int]:
    """Titles counted now, and the year of that count.

    Parameters
    ----------
    today : mapping or None
        From ``policy.best_figure``: little giants of a place.
    year : int
        Year of the goal, which stands for the date of a count without one.

    Returns
    -------
    (int, int)
        0 titles in the year of the goal where no count is on record, so that no review has
        anything to act on.

    Examples
    --------
    >>> starting_point({"value": 28.0, "as_of": "2023-07"}, 2028), starting_point(None, 2028)
    ((28, 2023), (0, 2028))
    """
    if today is None:
        return 0, year
    date = today["as_of"]
    return int(today["value"]), int(date[:4]) if isinstance(date, str) else year


def titles_to_win(goal: int, current: int, kept: float, year: int, base_year: int) -> int:
    """New titles needed for a goal, given that reviews keep only a part of today's titles.

    Parameters
    ----------
    goal, current : int
        Firms wanted and firms counted, not negative.
    kept : float
        Share of titles that one review keeps, above 0 and at most 1.
    year, base_year : int
        Year of the goal, and of the count.

    Returns
    -------
    int
        Not below 0. Today's titles meet :func:`reviews_between` reviews, each of which keeps the same
        share; titles won on the way are taken to be still in their first term.

    Raises
    ------
    InputError
        The goal lies before its baseline, or a number is out of range.

    Examples
    --------
    >>> [titles_to_win(40, 20, 0.625, year, 2024) for year in (2026, 2027, 2030)]
    [20, 28, 33]
    """
    if year < base_year:
        raise InputError(
            f"funnel, field year, value {year}: the goal lies before the date of its baseline, "
            f"{base_year}. Give a later year or an earlier count."
        )
    for name, value in (("goal", goal), ("current", current)):
        if value < 0:
            raise InputError(
                f"funnel, field {name}, value {value}: below 0. Give a number of firms."
            )
    still = _ratio("kept", kept) ** reviews_between(base_year, year) * current
    return max(0, goal - math.floor(still))


def pools(titles: int, ratios: Mapping[str, float]) -> dict[str, int]:
    """Firms each lower tier has to hold for a number of titles.

    Parameters
    ----------
    titles : int
        Little giants to come out of the tiers.
    ratios : mapping
        Ratio of each of :data:`STEPS`, above 0 and at most 1.

    Returns
    -------
    dict of tier to int
        Whole firms, rounded up at each step.

    Raises
    ------
    InputError
        A ratio is missing or out of range.

    Examples
    --------
    >>> pools(20, {"innovative_to_srdi": 0.5, "srdi_to_giant": 0.1})
    {'little_giant': 20, 'srdi_sme': 200, 'innovative_sme': 400}
    """
    missing = [step for step in STEPS if step not in ratios]
    if missing:
        raise InputError(f"funnel, ratio {missing[0]}: missing. Give one for each step.")
    srdi = math.ceil(titles / _ratio(STEPS[1], ratios[STEPS[1]]))
    base = math.ceil(srdi / _ratio(STEPS[0], ratios[STEPS[0]]))
    return {"little_giant": titles, "srdi_sme": srdi, "innovative_sme": base}


def scenarios(titles: Sequence[int], ranges: pd.DataFrame) -> pd.DataFrame:
    """Pools for several numbers of titles under high, middle and low ratios.

    Parameters
    ----------
    titles : sequence of int
    ranges : DataFrame
        From :func:`ratio_ranges`.

    Returns
    -------
    DataFrame
        One row per number and lower tier: titles, tier, least (under high ratios), middle, most
        (under low ratios). Empty unless every step has a range.

    Examples
    --------
    >>> ranges = pd.DataFrame({"low": [0.1, 0.1], "middle": [0.5, 0.2], "high": [0.5, 0.4]},
    ...                       index=list(STEPS))
    >>> scenarios([10], ranges).values.tolist()
    [[10, 'srdi_sme', 25, 50, 100], [10, 'innovative_sme', 50, 100, 1000]]
    """
    columns = ["titles", "tier", "least", "middle", "most"]
    if ranges[list(CASES)].isna().any(axis=None):
        return pd.DataFrame(columns=columns)
    rows: list[list[Any]] = []
    for number in titles:
        found = {case: pools(number, ranges[case].to_dict()) for case in CASES}
        for tier in ("srdi_sme", "innovative_sme"):
            rows.append([number, tier, *(found[case][tier] for case in reversed(CASES))])
    return pd.DataFrame(rows, columns=columns)


def sensitivity(
    goal: int, current: int, ranges: pd.DataFrame, kept: Sequence[float], years: tuple[int, int]
) -> pd.DataFrame:
    """Innovative SMEs needed when one ratio moves over its range and the others stay in the middle.

    Parameters
    ----------
    goal, current : int
        Little giants wanted, and counted now.
    ranges : DataFrame
        From :func:`ratio_ranges`.
    kept : sequence of three floats
        Lowest, middle and highest share of titles that one review keeps.
    years : (int, int)
        Year of the count and of the goal.

    Returns
    -------
    DataFrame
        Columns ratio (:data:`STEPS` and ``kept``), at_low, middle, at_high, swing; widest first.
        Empty unless every step has a range.

    Examples
    --------
    >>> ranges = pd.DataFrame({"low": [0.1, 0.1], "middle": [0.5, 0.2], "high": [0.5, 0.4]},
    ...                       index=list(STEPS))
    >>> sensitivity(10, 0, ranges, (0.6, 0.6, 0.7), (2024, 2027)).ratio.tolist()
    ['innovative_to_srdi', 'srdi_to_giant', 'kept']
    """
    columns = ["ratio", "at_low", "middle", "at_high", "swing"]
    if ranges[list(CASES)].isna().any(axis=None):
        return pd.DataFrame(columns=columns)
    values = {step: [float(ranges.loc[step, case]) for case in CASES] for step in STEPS}
    values["kept"] = [float(value) for value in kept]

    def needed(chosen: Mapping[str, float]) -> int:
        titles = titles_to_win(goal, current, chosen["kept"], years[1], years[0])
        return pools(titles, chosen)["innovative_sme"]

    middle = {name: numbers[1] for name, numbers in values.items()}
    rows = []
    for name, numbers in values.items():
        low, high = (needed(middle | {name: numbers[end]}) for end in (0, 2))
        rows.append([name, low, needed(middle), high, abs(low - high)])
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
