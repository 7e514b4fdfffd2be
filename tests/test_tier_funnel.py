"""Ratios between tiers, and the pools they ask for."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis import policy, tier_funnel
from helpers.errors import InputError
from helpers.evidence import tables

FIGURE_TABLES = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
MIDDLE = {"innovative_to_srdi": 0.5, "srdi_to_giant": 0.1}


@pytest.fixture(scope="module")
def ratios() -> pd.DataFrame:
    figures = policy.public_figures(*(tables.load(name) for name in FIGURE_TABLES))
    goals = policy.all_goals(tables.load("policy_targets"), tables.load("programme_targets"))
    return tier_funnel.step_ratios(figures, goals, tables.load("ratio_caveats"))


def test_known_ratios(ratios: pd.DataFrame) -> None:
    rows = ratios.set_index(["step", "kind", "place_id", "as_of"]).sort_index()
    tieling = rows.loc[("srdi_to_giant", "stock", "211200", "2024-04")]
    assert (tieling["upper"], tieling["lower"]) == (13, 51)
    nation = rows.loc[("srdi_to_giant", "goal", "nation", "2025")]
    assert nation["ratio"] == 0.1
    assert rows.loc[("innovative_to_srdi", "goal", "210000", "2025"), "ratio"] == 0.5
    floor = rows.loc[("srdi_to_giant", "stock", "nation", "2024-12")]
    assert floor["comparison"] == "at_most"  # 14,600 of more than 140,000


def test_two_floors_bound_nothing(ratios: pd.DataFrame) -> None:
    dates = set(ratios.loc[ratios["place_id"] == "nation", "as_of"])
    assert "2025-12" not in dates and "2025-11" not in dates


@pytest.mark.parametrize(
    ("upper", "lower", "meaning"),
    [("equal", "equal", "equal"), ("more_than", "equal", "at_least"),
     ("equal", "less_than", "at_least"), ("more_than", "less_than", "at_least"),
     ("equal", "more_than", "at_most"), ("at_most", "equal", "at_most"),
     ("more_than", "more_than", None), ("less_than", "less_than", None)],
)  # fmt: skip
def test_a_quotient_of_limits(upper: str, lower: str, meaning: str | None) -> None:
    figures = pd.DataFrame({
        "place_id": ["1", "1"], "as_of": ["2024", "2024"], "value": [10.0, 100.0],
        "indicator_id": ["little_giant", "srdi_sme"], "comparison": [upper, lower],
        "source_id": ["a", "b"], "rounded": [False, False],
    })  # fmt: skip
    none = tables.load("policy_targets").iloc[:0]
    found = tier_funnel.step_ratios(figures, none, tables.load("ratio_caveats"))
    assert found["comparison"].tolist() == ([meaning] if meaning else [])


def test_ranges_use_exact_ratios_only(ratios: pd.DataFrame) -> None:
    ranges = tier_funnel.ratio_ranges(ratios)
    exact = ratios[(ratios["comparison"] == "equal") & ratios["caveat_en"].isna()]
    for step in tier_funnel.STEPS:
        values = exact.loc[exact["step"] == step, "ratio"]
        assert ranges.loc[step, "low"] == values.min() and ranges.loc[step, "high"] == values.max()
        assert ranges.loc[step, "count"] == len(values)
    limit = ratios[ratios["comparison"] != "equal"]
    assert len(limit) > 0


def test_counts_that_form_no_sound_ratio_are_in_no_range(ratios: pd.DataFrame) -> None:
    rows = ratios.set_index(["step", "place_id", "as_of"]).sort_index()
    for place, date, why in (
        ("210000", "2020-11", "before batch 2"), ("210000", "2021-06-30", "repeats"),
        ("210700", "2022-10", "tier of their own"),
    ):  # fmt: skip
        assert why in rows.loc[("srdi_to_giant", place, date), "caveat_en"]
    sound = tier_funnel.ratio_ranges(ratios).loc["srdi_to_giant"]
    every = tier_funnel.ratio_ranges(ratios, with_caveats=True).loc["srdi_to_giant"]
    assert every["low"] == 9 / 352 and every["high"] == 13 / 38
    assert sound["low"] == 0.1 and sound["high"] == 13 / 51  # the national goals, Tieling
    # Every caveat speaks of a ratio that is formed.
    assert ratios["caveat_en"].notna().sum() == len(
        tables.load("ratio_caveats").drop_duplicates(["place_id", "as_of"])
    )


def test_rounded_counts_are_marked(ratios: pd.DataFrame) -> None:
    rows = ratios.set_index(["step", "place_id", "as_of", "kind"])["rounded"]
    assert rows["srdi_to_giant", "nation", "2023-08", "stock"]  # 12,000 of 98,000
    assert not rows["srdi_to_giant", "211200", "2024-04", "stock"]


def test_pools_by_hand() -> None:
    assert tier_funnel.pools(20, MIDDLE) == {
        "little_giant": 20, "srdi_sme": 200, "innovative_sme": 400
    }  # fmt: skip
    # 7 / 0.3 = 23.3 -> 24; 24 / 0.7 = 34.3 -> 35
    found = tier_funnel.pools(7, {"innovative_to_srdi": 0.7, "srdi_to_giant": 0.3})
    assert (found["srdi_sme"], found["innovative_sme"]) == (24, 35)
    assert tier_funnel.pools(0, MIDDLE)["innovative_sme"] == 0
    # 12 / (12 / 100) is exactly 100, whatever the machine makes of 0.12.
    assert tier_funnel.pools(12, MIDDLE | {"srdi_to_giant": 12 / 100})["srdi_sme"] == 100


@given(st.integers(0, 500), st.integers(1, 99), st.integers(1, 99))
def test_pools_are_the_smallest_that_reach_the_goal(goal: int, first: int, second: int) -> None:
    found = tier_funnel.pools(
        goal, {"innovative_to_srdi": first / 100, "srdi_to_giant": second / 100}
    )
    assert found["srdi_sme"] == math.ceil(goal / Fraction(second, 100))
    assert found["innovative_sme"] == math.ceil(found["srdi_sme"] / Fraction(first, 100))


@given(st.integers(1, 200), st.integers(0, 100), st.integers(1, 100))
def test_a_higher_goal_never_needs_less(goal: int, current: int, kept: int) -> None:
    low, high = (
        tier_funnel.titles_to_win(number, current, kept / 100, 2027, 2024)
        for number in (goal, goal + 1)
    )
    assert 0 <= low <= high


def test_titles_to_win() -> None:
    assert tier_funnel.titles_to_win(40, 20, 0.625, 2027, 2024) == 28  # 12 of 20 stay (12.5)
    assert tier_funnel.titles_to_win(40, 20, 0.6, 2028, 2028) == 20  # no time, no review
    assert tier_funnel.titles_to_win(40, 20, 0.6, 2026, 2024) == 20  # within the first term
    assert tier_funnel.titles_to_win(40, 20, 0.6, 2030, 2024) == 33  # two reviews: 7 stay (7.2)
    assert tier_funnel.titles_to_win(40, 20, 0.6, 2035, 2019) == 39  # five: 1 stays (1.56)
    assert tier_funnel.titles_to_win(10, 20, 1, 2027, 2024) == 0
    assert tier_funnel.titles_to_win(10, 0, 0.5, 2024, 2024) == 10


@pytest.mark.parametrize(
    ("arguments", "told"),
    [((10, 5, 0.5, 2023, 2024), r"field year, value 2023: .* before the date of its baseline, 2024"),
     ((-1, 5, 0.5, 2027, 2024), "field goal, value -1"),
     ((10, -5, 0.5, 2027, 2024), "field current, value -5"),
     ((10, 5, 0.0, 2027, 2024), "ratio kept, value 0.0"),
     ((10, 5, float("nan"), 2027, 2024), "ratio kept, value nan")],
)  # fmt: skip
def test_bad_goals_are_refused(arguments: tuple[int, int, float, int, int], told: str) -> None:
    with pytest.raises(InputError, match=told):
        tier_funnel.titles_to_win(*arguments)


@pytest.mark.parametrize("value", [0.0, -0.1, 1.5, 12.0, float("nan")])
def test_bad_ratios_are_refused(value: float) -> None:
    with pytest.raises(InputError, match="ratio srdi_to_giant, value"):
        tier_funnel.pools(10, MIDDLE | {"srdi_to_giant": value})
    with pytest.raises(InputError, match="ratio srdi_to_giant: missing"):
        tier_funnel.pools(10, {"innovative_to_srdi": 0.5})


def test_sensitivity_is_widest_for_the_widest_ratio(ratios: pd.DataFrame) -> None:
    ranges = tier_funnel.ratio_ranges(ratios)
    table = tier_funnel.sensitivity(50, 0, ranges, (0.57, 0.68, 0.83), (2024, 2027))
    assert table["swing"].is_monotonic_decreasing
    kept = table.set_index("ratio").loc["kept"]
    assert kept["swing"] == 0  # no titles today: nothing to keep
    with_titles = tier_funnel.sensitivity(50, 40, ranges, (0.57, 0.68, 0.83), (2024, 2027))
    assert with_titles.set_index("ratio").loc["kept", "swing"] > 0


def test_without_ratios_there_is_no_scenario() -> None:
    columns = ["step", "ratio", "comparison", "caveat_en"]
    none = tier_funnel.ratio_ranges(pd.DataFrame(columns=columns))
    assert tier_funnel.scenarios([10], none).empty
    assert tier_funnel.sensitivity(10, 0, none, (0.5, 0.6, 0.7), (2024, 2027)).empty


def test_the_term_of_a_title_is_that_of_the_measures() -> None:
    tiers = tables.load("tiers")
    terms = tiers.loc[tiers["tier"] == "little_giant", "validity_years"]
    assert len(terms) > 1 and set(terms) == {tier_funnel.TITLE_YEARS}


def test_review_rates_are_shares_of_their_batch() -> None:
    rates = tier_funnel.review_rates(tables.load("batches"))
    first = rates[(rates["batch"] == "1") & (rates["passed"] == 155)]
    assert first["rate"].tolist() == [155 / 248]
    assert rates["rate"].between(0, 1).all()
