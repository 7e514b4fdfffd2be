"""The rule by which stocks are divided, and what the ratios prove."""

import pandas as pd
import pytest

from helpers.analysis import tier_stocks, tiers
from helpers.evidence import tables

STEP = [("low", "high")]


def stocks(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    """Made-up stocks of made-up tiers."""
    frame = pd.DataFrame(rows, columns=["as_of", "tier_id", "firms_count", "comparison"])
    frame["source_id"] = [f"S{number}" for number in range(len(frame))]
    return frame.assign(rounded=False, doubtful=False)


def national() -> pd.DataFrame:
    table = tables.load("tier_stocks")
    return table.assign(doubtful=tiers.doubtful_stocks(table))


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        ("equal", "equal", "equal"),
        ("more_than", "equal", "more_than"),
        ("more_than", "less_than", "more_than"),
        ("equal", "less_than", "more_than"),
        ("less_than", "equal", "less_than"),
        ("less_than", "more_than", "less_than"),
        ("equal", "more_than", "less_than"),
        ("more_than", "more_than", "none"),
        ("less_than", "less_than", "none"),
    ],
)
def test_bounds_of_a_ratio(lower: str, upper: str, expected: str) -> None:
    table = stocks(("2024-07", "low", 120, lower), ("2024-07", "high", 10, upper))
    frame = tier_stocks.step_ratios(table, STEP)
    assert frame[["ratio", "bound"]].values.tolist() == [[12.0, expected]]


@pytest.mark.parametrize(
    ("first", "second", "pairs"),
    [
        ("2024-07", "2024-07", 1),
        ("2024-07-01", "2024-07-31", 1),
        ("2024-07", "2024-08", 0),
        ("2024-07", "2023-07", 0),
        ("2024", "2024-07", 0),
        # One year is no date: both stocks may lie eleven months apart.
        ("2024", "2024", 0),
    ],
)
def test_only_stocks_of_one_month_are_divided(first: str, second: str, pairs: int) -> None:
    table = stocks((first, "low", 120, "equal"), (second, "high", 10, "equal"))
    assert len(tier_stocks.step_ratios(table, STEP)) == pairs
    assert len(tier_stocks.unpaired(table, STEP)) == (0 if pairs else 2)


def test_every_version_is_paired_with_every_version() -> None:
    table = stocks(
        ("2022-09", "low", 40, "more_than"), ("2022-09", "low", 50, "more_than"),
        ("2022-09", "high", 10, "equal"), ("2022-09", "high", 8, "equal"),
    )  # fmt: skip
    assert sorted(tier_stocks.step_ratios(table, STEP)["ratio"]) == [4.0, 5.0, 5.0, 6.25]


def test_doubt_and_rounding_are_carried_over() -> None:
    table = stocks(("2022-09", "low", 40, "equal"), ("2022-09", "high", 10, "equal"))
    table.loc[1, ["rounded", "doubtful"]] = True
    row = tier_stocks.step_ratios(table, STEP).iloc[0]
    assert row["rounded"] and row["doubtful"] and row["source_id"] == "S0;S1"


def test_the_basis_of_each_side_is_kept() -> None:
    frame = tier_stocks.step_ratios(national())
    row = frame[(frame["upper_tier"] == "single_champion")].iloc[0]
    assert row["lower_basis"] == "valid" and pd.isna(row["upper_basis"])


def test_no_stock_no_ratio() -> None:
    assert tier_stocks.step_ratios(stocks(), STEP).empty
    assert tier_stocks.unpaired(stocks(), STEP).empty


def test_national_ratios_by_hand() -> None:
    frame = tier_stocks.step_ratios(national())
    step = frame[(frame["lower_tier"] == "srdi_sme") & (frame["upper_tier"] == "little_giant")]
    by_date = step.groupby("as_of")["ratio"].agg(list)
    assert by_date["2022-09"] == pytest.approx([40_000 / 8_997, 50_000 / 8_997])
    assert by_date["2023-08"] == pytest.approx([98_000 / 12_000])
    assert by_date["2024-12"] == pytest.approx([140_000 / 14_600])
    assert "2020" not in by_date
    # In 2025 both stocks are floors.
    assert set(step.loc[step["as_of"].str.startswith("2025"), "bound"]) == {"none"}
    champions = frame[frame["upper_tier"] == "single_champion"]
    assert champions["as_of"].tolist() == ["2022-09"]
    assert champions["ratio"].tolist() == pytest.approx([8_997 / 848])


def test_targets_of_2025_make_every_step_ten() -> None:
    frame = tier_stocks.target_ratios(tables.load("programme_targets"))
    assert frame["ratio"].tolist() == [10, 10, 10]
    assert set(frame["due"]) == {"2025"}


def test_paired_and_unpaired_stocks_are_all_stocks_of_the_steps() -> None:
    table = national()
    alone = tier_stocks.unpaired(table)
    ratios = tier_stocks.step_ratios(table)
    tiers_named = {tier for step in tier_stocks.STEPS for tier in step}
    concerned = table[table["tier_id"].isin(tiers_named)]
    paired = {(month, tier) for side in ("lower", "upper")
              for month, tier in zip(ratios["as_of"], ratios[f"{side}_tier"], strict=True)}  # fmt: skip
    rest = concerned.drop(alone.index)
    assert {
        (as_of[:7], tier) for as_of, tier in zip(rest["as_of"], rest["tier_id"], strict=True)
    } == paired
    assert set(alone["tier_id"]) >= {"single_champion", "little_giant"}


def ratios(*rows: tuple[str, float, str, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["as_of", "ratio", "bound", "doubtful"])
    return frame.assign(lower_tier="low", upper_tier="high")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("2022-09", 8.0, "equal", False), ("2023-09", 9.0, "more_than", False)], [8.0, 9.0]),
        ([("2022-09", 8.0, "equal", False), ("2023-09", 9.0, "equal", False)], [8.0, 9.0]),
        # A floor at the start, a ceiling at the end or a floor below the start proves nothing.
        ([("2022-09", 8.0, "more_than", False), ("2023-09", 9.0, "equal", False)], []),
        ([("2022-09", 8.0, "equal", False), ("2023-09", 9.0, "less_than", False)], []),
        ([("2022-09", 8.0, "equal", False), ("2023-09", 7.0, "more_than", False)], []),
        ([("2022-09", 8.0, "equal", False), ("2023-09", 9.0, "equal", True)], []),
        ([("2022-09", 8.0, "equal", False), ("2023-09", 9.0, "none", False)], []),
        ([], []),
    ],
)
def test_a_rise_is_proven_only_where_bounds_leave_no_way_out(
    rows: list[tuple[str, float, str, bool]], expected: list[float]
) -> None:
    assert tier_stocks.proven_rise(ratios(*rows), "low", "high")["ratio"].tolist() == expected
