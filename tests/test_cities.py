"""Latest counts of cities; districts' shares and quotients."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from helpers.analysis.cities import (
    bounds_sources,
    city_bounds,
    city_matrix,
    comparable_counts,
    focal_order,
    latest_counts,
    latest_residents,
    tier_table,
    tiers_of,
    with_sums,
)
from helpers.errors import InputError
from helpers.evidence import provinces, tables
from helpers.evidence.completion import Counts

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


# --- Tiers ------------------------------------------------------------------------------------


def best_split(values: list[float]) -> set[float]:
    """The upper of two classes by trying every cut."""
    ordered = sorted(values)

    def within(part: list[float]) -> float:
        mean = sum(part) / len(part)
        return sum((value - mean) ** 2 for value in part)

    cuts = range(1, len(ordered))
    cut = min(cuts, key=lambda at: within(ordered[:at]) + within(ordered[at:]))
    return set(ordered[cut:])


def test_residents_of_liaoning_make_two_tiers() -> None:
    cities = [f"21{n:02}00" for n in range(1, 15)]
    people = latest_residents(tables.load("population"), cities)
    assert people.index.tolist() == cities
    values = people["residents_10k_persons"]
    found = tiers_of(values)
    assert (found.known, found.tiers_count) == (14, 2)
    first = found.tier.index[found.tier == 1]
    assert set(first) == {"210100", "210200"}
    assert set(values[first]) == best_split(values.tolist())
    gvf, even = found.goodness()
    total = ((values - values.mean()) ** 2).sum()
    left = sum(((g - g.mean()) ** 2).sum() for _, g in values.groupby(found.tier))
    assert gvf == pytest.approx(1 - left / total)
    assert gvf > even == 0.75


def test_too_few_values_make_no_tiers() -> None:
    for values in ([], [74], [74, 13, 13], [5, 5, 5, 5, 5]):
        found = tiers_of(pd.Series(values, dtype="float64"))
        assert (found.known, found.tiers_count) == (len(values), 0)
        assert found.tier.empty and found.table.empty
    found = tiers_of(pd.Series({"a": 9.0, "b": 8.0, "c": 1.0, "d": 2.0, "e": None}))
    assert (found.known, found.tiers_count) == (4, 2)
    assert found.tier.to_dict() == {"a": 1, "b": 1, "c": 2, "d": 2}
    with pytest.raises(InputError, match="negative at b"):
        tiers_of(pd.Series({"a": 1.0, "b": -2.0, "c": 3.0, "d": 4.0}))
    with pytest.raises(InputError, match="infinite at a"):
        tiers_of(pd.Series({"a": float("inf"), "b": 2.0, "c": 3.0, "d": 4.0}))


def test_only_counts_of_one_measure_range_and_date_compare() -> None:
    frame = counts(
        ("A", None, "little_giant", 1, 4, "announced", 74, "2022-08"),
        ("B", None, "little_giant", 1, 4, "announced", 13, "2022-10"),  # lists do not age
        ("C", None, "little_giant", 1, 4, "not_stated", 20, "2022-10"),
        ("D", None, "little_giant", 1, 5, "announced", 21, "2023-07"),
        ("E", None, "little_giant", 5, 5, "announced", 4, "2023-07"),
        ("F", "园区", "little_giant", 1, 4, "announced", 9, "2022-10"),
        ("A", None, "srdi_sme", None, None, "stock", 5, "2022"),
        ("B", None, "srdi_sme", None, None, "stock", 6, "2023"),
        ("C", None, "srdi_sme", None, None, "newly_recognised", 7, "2022"),
    )
    cities = list("ABCDEF")
    found = comparable_counts(frame, cities, "little_giant")
    assert dict(zip(found["place_id"], found["firms_count"], strict=True)) == {"A": 74, "B": 13}
    # A stock is of its date; of equally many the latest.
    assert comparable_counts(frame, cities, "srdi_sme")["place_id"].tolist() == ["B"]
    assert comparable_counts(frame, ["F"], "little_giant").empty
    limit = frame.assign(comparison="more_than")
    assert comparable_counts(limit, cities, "little_giant").empty


def test_what_the_known_cells_allow() -> None:
    liaoning = [f"21{n:02}00" for n in range(1, 15)]
    kinds = [
        "innovative_sme", "srdi_sme", "little_giant", "provincial_little_giant",
        "provincial_champion", "tech_sme_registered", "high_tech_enterprise",
    ]  # fmt: skip
    table = tier_table(tables.load("city_counts"), liaoning, kinds)
    assert len(liaoning) * len(kinds) == 98
    assert table.set_index("indicator_id")["known_count"].to_dict() == {
        "innovative_sme": 1, "srdi_sme": 2, "little_giant": 3, "provincial_little_giant": 1,
        "provincial_champion": 1, "tech_sme_registered": 1, "high_tech_enterprise": 2,
    }  # fmt: skip
    assert table["tiers_count"].isna().all() and table["gvf"].isna().all()
    places = tables.load("places").query("province_id == '320000' and level == 'prefecture'")
    jiangsu = tier_table(tables.load("city_counts"), list(places["place_id"]), kinds)
    row = jiangsu.set_index("indicator_id").loc["little_giant"]
    # Two classes of the five reach 0.84 of the fit, a third adds 0.135 and a fourth under 0.05.
    assert (row["comparable_count"], row["tiers_count"], row["first"]) == (5, 3, "320500")
    assert row["gvf"] == pytest.approx(0.975, abs=5e-4)
    assert row["compared"][0] == ("320500", 401) and len(row["compared"]) == 5
    assert row["as_of"] == "2023-07"


def test_counts_of_unstated_measure_compare_within_one_source_only() -> None:
    frame = counts(*[(c, None, "little_giant", 1, 5, "not_stated", 10, "2024") for c in "ABCDE"])
    assert len(comparable_counts(frame, list("ABCDE"), "little_giant")) == 5
    apart = frame.assign(source_id=["S1", "S2", "S3", "S4", "S4"])
    found = comparable_counts(apart, list("ABCDE"), "little_giant")
    assert found["place_id"].tolist() == ["D", "E"] and list(found) == COLUMNS
    stated = apart.assign(measure="certified")  # what was counted is told: any source
    assert len(comparable_counts(stated, list("ABCDE"), "little_giant")) == 5


def test_the_number_of_tiers_keeps_its_rule_or_there_are_none() -> None:
    groups = [100, 101, 70, 71, 45, 46, 25, 26, 10, 11]
    found = tiers_of(pd.Series(groups, dtype="float64"))
    table = found.table.set_index("classes_count")
    assert found.tiers_count > 2
    assert found.goodness()[0] >= 0.8 and table["gain"][found.tiers_count + 1] < 0.05
    for fewer in range(2, found.tiers_count):
        assert table["gvf"][fewer] < 0.8 or table["gain"][fewer + 1] >= 0.05
    # Evenly spread: two of four reach 0.8, but a third would add 0.1.
    none = tiers_of(pd.Series([1.0, 2.0, 3.0, 4.0]))
    assert (none.known, none.tiers_count, len(none.table)) == (4, 0, 3) and none.tier.empty


@pytest.mark.parametrize("home", ["540000", "210000"])
def test_bounds_of_cities_name_what_they_rest_on(home: str) -> None:
    every = tables.load_all()
    problem = provinces.build(every, within=home)
    bounds = city_bounds(problem, 1, 5, "study")
    ids = bounds_sources(problem, bounds, 1, 5, "study")
    assert ids and set(ids) <= set(every["sources"]["source_id"])
    # Without those sources the widest bound is another.
    widest = bounds.sort_values("upper_count")["place_id"].iloc[-1]
    before = int(bounds["upper_count"].max())
    left = provinces.build(every, frozenset(ids), within=home)
    sums = left.sums(1, 5, "study", left.cities)
    after = left.counts.bounds(sums[widest]).upper
    assert after is None or after > before


# --- One city among the others ----------------------------------------------------------------


def small_province(
    facts: dict[tuple[str, ...], tuple[int | None, int | None]],
) -> provinces.Provinces:
    """Three cities of one batch with limits on sums of their counts."""
    problem = Counts()
    for city in "ABC":
        problem.add_cell(("certified", city, 1), 9)
    for names, (low, high) in facts.items():
        problem.require(f"{names}", {("certified", name, 1): 1 for name in names}, low, high)
    return provinces.Provinces(problem, (), {}, {"study": {1: "certified"}}, ("A", "B", "C"))


def test_the_order_of_cities_is_that_of_all_tables() -> None:
    facts = {("A",): (2, 4), ("B",): (5, None), ("A", "B", "C"): (10, 10)}
    found = focal_order(small_province(facts), "A", 1, 1, "study").set_index("place_id")["order"]
    fits = [
        (a, b, c)
        for a, b, c in itertools.product(range(10), repeat=3)
        if 2 <= a <= 4 and b >= 5 and a + b + c == 10
    ]
    assert found["B"] == "more" and all(b > a for a, b, _ in fits)
    assert found["C"] == "open" and {c > a for a, _, c in fits} == {True, False}
    turned = focal_order(small_province(facts), "B", 1, 1, "study").set_index("place_id")["order"]
    assert turned.to_dict() == {"A": "fewer", "C": "fewer"}
    assert all(b > c for _, b, c in fits)
    bounds = city_bounds(small_province(facts), 1, 1, "study").set_index("place_id")
    assert bounds.loc["B", ["lower_count", "upper_count"]].tolist() == [5, 8]


def test_equal_counts_are_no_order() -> None:
    facts = {("A",): (3, 3), ("B",): (3, 3), ("C",): (3, 4)}
    found = focal_order(small_province(facts), "A", 1, 1, "study")
    assert found["order"].tolist() == ["equal", "open"]
    with pytest.raises(InputError, match="city Z: not among the cities"):
        focal_order(small_province(facts), "Z", 1, 1, "study")


def test_the_latest_residents() -> None:
    frame = pd.DataFrame(
        {
            "place_id": ["A", "A", "B", "C"],
            "as_of": ["2021-12-31", "2020-11-01", "2021-12-31", "2021-12-31"],
            "residents_10k_persons": [11.0, 10.0, None, 5.0],
            "source_id": "S",
        }
    )
    found = latest_residents(frame, ["C", "B", "A"])
    assert found["residents_10k_persons"].to_dict() == {"C": 5.0, "A": 11.0}


def _batch(batch: int, n: int, measure: str = "certified", **cells: object) -> dict[str, object]:
    row = {"place_id": "A", "area_zh": None, "indicator_id": "little_giant", "batch_from": batch,
           "batch_to": batch, "measure": measure, "firms_count": n, "comparison": "equal",
           "as_of": f"{2018 + batch}", "source_id": f"S{batch}", "note_en": None}  # fmt: skip
    return row | cells


def test_batches_on_record_one_by_one_are_counted_together():
    rows = pd.DataFrame([_batch(2, 4), _batch(1, 3), _batch(3, 5, "announced")])
    (found,) = latest_counts(rows, ["A"], ["little_giant"]).to_dict("records")
    assert (found["firms_count"], found["batch_to"], found["as_of"]) == (12, 3, "2021")
    assert (found["measure"], found["source_id"]) == ("not_stated", "S1;S2;S3")
    # An announced list gives way to the final one.
    more = pd.concat([rows, pd.DataFrame([_batch(2, 9, "announced", source_id="S9")])])
    assert with_sums(more).iloc[-1]["firms_count"] == 12
    both = pd.concat([rows, rows.assign(place_id="B")])
    assert len(comparable_counts(both, ["A", "B"], "little_giant")) == 2


@pytest.mark.parametrize(
    "rows",
    [
        [_batch(1, 3), _batch(3, 5)],
        [_batch(2, 4), _batch(3, 5)],
        [_batch(1, 3), _batch(2, 4), _batch(2, 5, as_of="2020-02")],
        [_batch(1, 3), _batch(2, 4, comparison="more_than")],
        [_batch(1, 3), _batch(2, 4, area_zh="高新区")],
        [_batch(1, 3), _batch(2, 4), _batch(1, 9, batch_to=2)],
        [_batch(1, 3)],
    ],
)
def test_no_sum_is_made_of_a_gap_a_limit_or_two_versions(rows: list[dict[str, object]]):
    frame = pd.DataFrame(rows)
    assert len(with_sums(frame)) == len(frame)


def test_counts_that_agree_and_counts_of_zones_do_not_hinder_a_sum() -> None:
    rows = pd.DataFrame(
        {"place_id": "A", "area_zh": [None, None, None, "高新区"], "indicator_id": "little_giant",
         "batch_from": [1, 2, 2, 1], "batch_to": [1, 2, 2, 2], "measure": "certified",
         "firms_count": [3, 4, 4, 1], "comparison": "equal", "as_of": ["2019", "2020", "2020", "2020"],
         "source_id": ["S", "T", "U", "S"], "note_en": None}
    )  # fmt: skip
    added = with_sums(rows).iloc[len(rows) :]
    assert added[["batch_from", "batch_to", "firms_count", "source_id"]].values.tolist() == [
        [1, 2, 7, "S;U"]
    ]
    assert len(with_sums(rows.assign(firms_count=[3, 4, 5, 1]))) == len(rows)
