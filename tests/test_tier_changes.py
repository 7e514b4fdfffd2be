"""Thresholds of two acts on one scale, against the rows of the criteria themselves."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis import tier_changes, tiers
from helpers.errors import InputError
from helpers.evidence import tables


@pytest.fixture(scope="module")
def conditions() -> pd.DataFrame:
    return tables.load("thresholds")


@pytest.fixture(scope="module")
def act_of() -> pd.Series:
    return tables.load("tiers").set_index("tier_id")["regime_id"]


def changes(conditions: pd.DataFrame, act_of: pd.Series, tier: str) -> pd.DataFrame:
    return tier_changes.threshold_changes(conditions, act_of, f"{tier}_2022", f"{tier}_2026")


def test_changes_stand_in_the_order_of_the_older_act(
    conditions: pd.DataFrame, act_of: pd.Series
) -> None:
    backwards = conditions.iloc[::-1]
    for rows in (conditions, backwards):
        told = changes(rows, act_of, "little_giant")["topic"].tolist()
        own = rows.loc[rows["tier_id"] == "little_giant_2022", "topic"]
        assert list(dict.fromkeys(told)) == [topic for topic in own.unique() if topic in told]


# Read from the two acts: what was asked, what is asked, and how many times as strict that is.
@pytest.mark.parametrize(
    ("tier", "pair", "old", "new", "expected"),
    [
        ("little_giant", ("lg22-main-share", "lg26-main-share"), 70, 90, 9 / 7),
        ("little_giant", ("lg22-debt", "lg26-debt"), 70, 75, 14 / 15),
        ("little_giant", ("lg22-award", "lg26-award"), 3, 3, 1),
        ("little_giant", ("lg22-tenure", "lg26-tenure"), 3, 3, 1),
        ("little_giant", ("lg22-tenure-gap", "lg26-tenure"), 2, 3, 1.5),
        ("little_giant", ("lg22-rd-middle", "lg26-rd-ratio"), 6, 3, 0.5),
        ("little_giant", ("lg22-rd-large", "lg26-rd-ratio"), 3, 3, 1),
        ("srdi_sme", ("srdi22-tenure", "srdi26-tenure"), 2, 3, 1.5),
        ("srdi_sme", ("srdi22-revenue", "srdi26-revenue"), 10, 15, 1.5),
        ("srdi_sme", ("srdi22-equity", "srdi26-equity"), 20, 20, 1),
    ],
)
def test_pairs_known_from_the_acts(
    conditions: pd.DataFrame, act_of: pd.Series, tier: str, pair: tuple[str, str], old: float,
    new: float, expected: float,
) -> None:  # fmt: skip
    frame = changes(conditions, act_of, tier).set_index(["old_threshold_id", "new_threshold_id"])
    row = frame.loc[pair]
    assert (row["old_value"], row["new_value"]) == (old, new)
    assert row["multiple"] == pytest.approx(expected)


def test_every_drawn_number_is_a_row_of_the_criteria(
    conditions: pd.DataFrame, act_of: pd.Series
) -> None:
    by_id = conditions.set_index("threshold_id")
    for tier in ("little_giant", "srdi_sme"):
        frame = changes(conditions, act_of, tier)
        for side, year in (("old", "2022"), ("new", "2026")):
            rows = by_id.loc[frame[f"{side}_threshold_id"]]
            assert rows["value"].tolist() == frame[f"{side}_value"].tolist()
            assert set(rows["tier_id"]) == {f"{tier}_{year}"}
            assert rows["unit"].tolist() == frame["unit"].tolist()
            for cell, found in zip(rows["source_id"], frame["source_id"], strict=True):
                assert set(cell.split(";")) <= set(found.split(";"))


def test_a_relief_for_some_is_named_with_whom(conditions: pd.DataFrame, act_of: pd.Series) -> None:
    frame = changes(conditions, act_of, "little_giant").set_index("old_threshold_id")
    assert frame.loc["lg22-rd-middle", "applies_when_en"].startswith("revenue from 50")
    assert pd.isna(frame.loc["lg22-tenure", "applies_when_en"])
    assert frame.loc["lg22-award", "alternative"] and not frame.loc["lg22-debt", "alternative"]


def test_what_is_measured_otherwise_is_left_to_words(
    conditions: pd.DataFrame, act_of: pd.Series
) -> None:
    drawn = changes(conditions, act_of, "little_giant")
    assert not set(drawn["topic"]) & {"growth", "market_position", "rd_amount", "revenue", "score"}
    sides = tiers.side_by_side(conditions, act_of, "little_giant_2022", "little_giant_2026")
    rest = tier_changes.beyond_numbers(sides, drawn)
    assert {"growth", "market_position", "rd_amount", "revenue", "score", "brand"} <= set(
        rest["topic"]
    )
    # Together the figure and the table hold every topic once.
    assert sorted([*rest["topic"], *drawn["topic"].unique()]) == sorted(sides["topic"])


def test_equity_in_place_of_points_is_not_the_equity_of_size(
    conditions: pd.DataFrame, act_of: pd.Series
) -> None:
    frame = changes(conditions, act_of, "srdi_sme")
    assert "srdi22-equity-big" not in frame["old_threshold_id"].tolist()


def test_altered_thresholds_move_the_dots(conditions: pd.DataFrame, act_of: pd.Series) -> None:
    value = conditions["value"].mask(conditions["threshold_id"] == "lg26-main-share", 140.0)
    altered = conditions.assign(
        value=value, verified=conditions["verified"] & (conditions["threshold_id"] != "lg26-debt")
    )
    before = changes(conditions, act_of, "little_giant").set_index("new_threshold_id")
    after = changes(altered, act_of, "little_giant").set_index("new_threshold_id")
    assert before.loc["lg26-main-share", "multiple"] == pytest.approx(90 / 70)
    assert after.loc["lg26-main-share", "multiple"] == 2
    assert before["new_verified"].all()
    assert after.index[~after["new_verified"]].tolist() == ["lg26-debt"]
    assert after["old_verified"].all()


def test_other_units_and_directions_are_not_paired(
    conditions: pd.DataFrame, act_of: pd.Series
) -> None:
    for column, value in (("unit", "points"), ("comparison", "at_most")):
        other = conditions[column].mask(conditions["threshold_id"] == "lg26-main-share", value)
        frame = changes(conditions.assign(**{column: other}), act_of, "little_giant")
        assert "lg26-main-share" not in frame["new_threshold_id"].tolist()


def test_zero_has_no_multiple(conditions: pd.DataFrame, act_of: pd.Series) -> None:
    zero = conditions["value"].mask(conditions["threshold_id"] == "lg26-main-share", 0.0)
    frame = changes(conditions.assign(value=zero), act_of, "little_giant")
    assert "lg26-main-share" not in frame["new_threshold_id"].tolist()
    assert np.isfinite(frame["multiple"]).all()
    with pytest.raises(InputError, match="positive"):
        tier_changes.multiple(2, 0, "at_least")


def test_unknown_tier_names_the_known_ones(conditions: pd.DataFrame, act_of: pd.Series) -> None:
    with pytest.raises(InputError, match="little_giant_2022"):
        tier_changes.threshold_changes(conditions, act_of, "giant", "little_giant_2026")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_definitions_side_by_side(
    conditions: pd.DataFrame, act_of: pd.Series, language: str
) -> None:
    facts = tables.load("hidden_champion_facts")
    acts = ("little_giant_2022", "little_giant_2026")
    frame = tier_changes.beside_definition(facts, conditions, act_of, acts, language)
    frame = frame.set_index("topic")
    assert frame.index[:3].tolist() == ["market_position", "revenue", "awareness"]
    ceiling, floor = {
        "en": ("≤ 5 billion EUR (2012); ", "≥ 50 million CNY"),
        "zh": ("≤ 50亿欧元（2012年）；", "≥ 5,000万元"),
    }[language]  # fmt: skip
    assert ceiling in frame.loc["revenue", "hidden_champion"]
    # The floor on revenue came with the act of 2026; the notice of 2025 is no act.
    assert pd.isna(frame.loc["revenue", "little_giant_2022"])
    assert floor in frame.loc["revenue", "little_giant_2026"]
    assert pd.isna(frame.loc["tenure", "hidden_champion"])
    assert "score" not in frame.index


def test_the_definition_names_topics_that_exist() -> None:
    facts = tables.load("hidden_champion_facts")
    defined = facts.dropna(subset="topic")
    assert set(defined["section"]) == {"definition"}
    assert all(tiers.topic_name(topic) != topic for topic in defined["topic"])
    numbered = defined.dropna(subset="value")
    assert numbered["comparison"].notna().all() and numbered["unit"].notna().all()
