"""Latest counts of cities; districts' shares and quotients."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.analysis.cities import city_matrix, district_table, latest_counts
from helpers.evidence import tables

COLUMNS = [
    "place_id", "area_zh", "indicator_id", "batch_from", "batch_to", "measure", "firms_count",
    "comparison", "as_of", "source_id", "note_en",
]  # fmt: skip


def counts(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of place, area, indicator, first and last batch, measure, firms, date."""
    full = [(*row[:7], "equal", row[7], "S", None) for row in rows]
    frame = pd.DataFrame(full, columns=COLUMNS)
    return frame.astype({"batch_from": "Int64", "batch_to": "Int64"})


def test_the_latest_date_and_the_widest_range_win() -> None:
    frame = counts(
        ("A", None, "little_giant", 1, 5, "announced", 50, "2023-07"),
        ("A", None, "little_giant", 1, 4, "announced", 40, "2023-07"),
        ("A", None, "little_giant", 1, 3, "certified", 70, "2021-08"),
        ("A", None, "srdi_sme", None, None, "stock", 8, "2022"),
        ("A", None, "srdi_sme", None, None, "stock", 9, "2022-12-24"),
        ("B", None, "srdi_sme", None, None, "stock", 3, "2020"),
    )
    for order in (frame, frame.iloc[::-1]):
        found = latest_counts(order, ["A", "B"], ["little_giant", "srdi_sme"])
        assert found["place_id"].tolist() == ["A", "A", "B"]
        assert found["indicator_id"].tolist() == ["little_giant", "srdi_sme", "srdi_sme"]
        assert found["firms_count"].tolist() == [50, 9, 3]


def test_zones_single_batches_and_other_cities_are_left_out() -> None:
    frame = counts(
        ("A", "园区", "little_giant", 1, 5, "announced", 11, "2023-07"),
        ("A", None, "little_giant", 5, 5, "announced", 12, "2023-07"),
        ("A", None, "little_giant", 1, 4, "announced", 74, "2022-08"),
        ("A", None, "tech_firms_all", None, None, "stock", 99, "2023"),
        ("Z", None, "little_giant", 1, 5, "announced", 500, "2023-07"),
    )
    found = latest_counts(frame, ["A"], ["little_giant", "srdi_sme"])
    assert found["firms_count"].tolist() == [74]
    assert "area_zh" not in found
    assert latest_counts(frame, [], ["little_giant"]).empty
    assert latest_counts(frame, ["A"], []).empty


def test_newly_recognised_firms_only_where_no_stock_is_on_record() -> None:
    frame = counts(
        ("A", None, "srdi_sme", None, None, "stock", 40, "2020"),
        ("A", None, "srdi_sme", None, None, "newly_recognised", 9, "2023"),
        ("B", None, "srdi_sme", None, None, "newly_recognised", 5, "2020"),
        ("B", None, "srdi_sme", None, None, "newly_recognised", 6, "2021"),
    )
    for order in (frame, frame.iloc[::-1]):
        found = latest_counts(order, ["A", "B"], ["srdi_sme"])
        assert found["firms_count"].tolist() == [40, 6]
        assert set(found.columns) == set(COLUMNS) - {"area_zh"}
    matrix = city_matrix(latest_counts(frame, ["B"], ["srdi_sme"]), ["B"], ["srdi_sme"])
    assert matrix.loc["B", "srdi_sme"] == "new 6\n(2021)"


def test_latest_counts_of_liaoning() -> None:
    places = tables.load("places")
    cities = places.query("province_id == '210000' and level == 'prefecture'")["place_id"]
    assert len(cities) == 14
    wanted = ["little_giant", "srdi_sme", "high_tech_enterprise"]
    found = latest_counts(tables.load("city_counts"), list(cities), wanted)
    values = found.set_index(["place_id", "indicator_id"])["firms_count"].to_dict()
    assert values == {
        ("210100", "high_tech_enterprise"): 4200,
        ("210200", "little_giant"): 74,  # not the twelve of batch 5 alone
        ("210300", "high_tech_enterprise"): 495,
        ("210700", "little_giant"): 13,
        ("210700", "srdi_sme"): 38,
        ("210800", "srdi_sme"): 9,  # newly recognised, for want of a stock
        ("211100", "srdi_sme"): 18,
        ("211200", "little_giant"): 13,
        ("211200", "srdi_sme"): 51,
    }


def test_city_matrix_has_a_cell_per_city_and_indicator() -> None:
    frame = counts(
        ("A", None, "little_giant", 1, 5, "announced", 1234, "2023-07"),
        ("B", None, "srdi_sme", None, None, "stock", 0, "2022"),
    )
    frame.loc[1, "comparison"] = "more_than"
    matrix = city_matrix(frame, ["B", "C", "A"], ["little_giant", "srdi_sme"])
    assert matrix.index.tolist() == ["B", "C", "A"]
    assert matrix.columns.tolist() == ["little_giant", "srdi_sme"]
    assert matrix.loc["A", "little_giant"] == "1,234\n(2023-07)"
    assert matrix.loc["B", "srdi_sme"] == ">0\n(2022)"
    assert matrix.isna().sum().sum() == 4
    assert city_matrix(frame.iloc[:0], ["A"], ["srdi_sme"]).isna().all().all()


def districts(people: list[int | None], firms: list[int | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name_zh": [f"区{n}" for n in range(len(people))],
            "census_population_2020_persons": pd.array(people, dtype="Int64"),
            "srdi_firms_count": pd.array(firms, dtype="Int64"),
            "share_claim_id": ["K1", None, "K2"][: len(people)],
        }
    )


REPORTED = pd.Series({"K1": "27.27", "K2": "20.450"}, dtype="str")


def test_shares_from_counts_when_every_district_has_one() -> None:
    done = district_table(districts([100, 300, 600], [5, 0, 15]), REPORTED)
    assert done["population_share_pct"].tolist() == [10.0, 30.0, 60.0]
    assert done["firm_share_pct"].tolist() == [25.0, 0.0, 75.0]
    assert done["quotient"].tolist() == [2.5, 0.0, 1.25]


def test_shares_as_reported_when_some_count_is_missing() -> None:
    done = district_table(districts([100, 300, 600], [5, None, 15]), REPORTED)
    assert done["firm_share_pct"].isna().tolist() == [False, True, False]
    assert done["firm_share_pct"].dropna().tolist() == [27.27, 20.45]
    assert done["quotient"].isna().tolist() == [False, True, False]
    assert done["quotient"].dropna().tolist() == pytest.approx([2.727, 20.45 / 60])


def test_no_population_share_over_an_incomplete_sum() -> None:
    done = district_table(districts([100, None, 600], [5, 0, 15]), REPORTED)
    assert done["population_share_pct"].isna().all()
    assert done["quotient"].isna().all()
    assert done["firm_share_pct"].tolist() == [25.0, 0.0, 75.0]


def test_a_city_without_districts() -> None:
    done = district_table(districts([], []), REPORTED)
    assert done.empty
    assert {"population_share_pct", "firm_share_pct", "quotient"} <= set(done.columns)


def test_districts_of_anshan() -> None:
    claims = tables.load("claims").set_index("claim_id")
    done = district_table(tables.load("districts"), claims["reported_value"])
    done = done.set_index("district_id")
    assert done["population_share_pct"].sum() == pytest.approx(100)
    assert done["firm_share_pct"].dropna().to_dict() == {
        "210300-HT": 21.59, "210300-ED": 20.45, "210381": 27.27,
    }  # fmt: skip
    haicheng = 27.27 / (100 * 1_067_905 / 3_325_372)
    assert done.loc["210381", "quotient"] == pytest.approx(haicheng)
    assert haicheng < 1 < done.loc["210300-HT", "quotient"]
