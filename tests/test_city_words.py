"""Charts and sentences of the page on cities: they say what the results say, for any city."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from helpers.analysis import districts
from helpers.analysis.cities import Tiers, city_bounds, district_table, focal_order, tiers_of
from helpers.evidence import provinces, tables
from helpers.publish import city_charts, city_views, city_words, figures
from helpers.publish.figures import COLOURS

REPORTED = pd.Series({"K": "50", "L": "25"}, dtype="str")


@pytest.fixture
def ax() -> Iterator[Any]:
    with figures.styled():
        _, axes = figures.new(6.0, 4.0)
        yield axes
        axes.figure.canvas.draw()


def city(firms: list[Any], people: list[Any], claims: list[Any]) -> pd.DataFrame:
    size = len(firms)
    names = [f"D{n}" for n in range(size)]
    return pd.DataFrame(
        {
            "place_id": "999900", "district_id": ["X-HT", *[f"99990{n}" for n in range(1, size)]],
            "name_zh": names, "name_en": names, "label": names,
            "srdi_firms_count": pd.array(firms, dtype="Int64"),
            "census_population_2020_persons": pd.array(people, dtype="Int64"),
            "share_claim_id": pd.Series(claims, dtype="str"), "source_id": "S",
        }
    )  # fmt: skip


def results(rows: pd.DataFrame) -> tuple[districts.DistrictFirms, pd.DataFrame]:
    firms = districts.district_firms(rows, REPORTED)
    used = REPORTED if firms.printed else REPORTED.iloc[:0]
    return firms, districts.position_table(district_table(rows, used), firms)


def english(en: str, zh: str) -> str:
    return en


def test_rates_show_which_interval_is_which(ax: Any) -> None:
    _, table = results(city([None] * 4, [500, 900, 100, 0], ["K", "L", None, None]))
    drawn = table.assign(text=[f"t{n}" for n in range(4)]).set_index("label")
    words = {"mean": "city", "none": "no people", "open": "open"}
    city_charts.rate_intervals(ax, drawn, 1.5, words)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in dots] == [
        (pytest.approx(2 / 0.05), 0), (pytest.approx(1 / 0.09), 1),
    ]  # fmt: skip
    (bar,) = ax.patches  # only the district with bounds
    assert bar.get_hatch() and bar.get_x() == 0
    assert bar.get_width() == pytest.approx(1 / 0.01)
    shown = [item.get_text() for item in ax.texts]
    assert shown == ["t0", "t1", "t2", "t3: no people", "city"]
    assert ax.get_xlim()[1] > max(table["high_rate"].max(), table["upper_rate"].max())


def test_rates_without_any_limit(ax: Any) -> None:
    _, table = results(city([3, None], [1000, 1000], [None, None]))
    drawn = table.assign(text="t").set_index("label")
    city_charts.rate_intervals(ax, drawn, None, {"mean": "", "none": "no people", "open": "open"})
    assert [item.get_text() for item in ax.texts] == ["t", "t: open"]


def test_tiers_differ_by_mark_and_break(ax: Any) -> None:
    frame = pd.DataFrame(
        {"value": [5.0, 90.0, 80.0, 4.0], "tier": [2, 1, 1, 2]}, index=list("abcd")
    )
    city_charts.tier_dots(ax, frame, "c")
    marks = [line.get_marker() for line in ax.lines if line.get_marker() in "os"]
    assert marks == ["o", "o", "s", "s"]
    cuts = [line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == ":"]
    assert cuts == [1.5]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "c", "a", "d"]
    assert [t.get_text() for t in ax.get_yticklabels() if t.get_color() == COLOURS["focal"]] == [
        "c"
    ]


def test_the_base_is_said_to_be_what_it_is() -> None:
    implied = city_words.base(*results(city([None] * 4, [5] * 4, ["K", None, None, None])), "X")
    assert "**2** firms" in implied and "cannot confirm" in implied
    assert "D0 1, which leaves 1 of them for the other 3 districts together" in implied
    counted = city_words.base(*results(city([2, 1, 1], [5, 5, 5], ["K", "L", None])), "X")
    assert "together **4** firms" in counted and "inferred" in counted
    excluded = city_words.base(*results(city([2, 399, None], [5, 5, 5], ["K", None, None])), "X")
    assert "1 printed shares are not used" in excluded and "2 of the 3 districts" in excluded
    nothing = city_words.base(*results(city([1], [5], [None]).iloc[:0]), "X")
    assert "No district of X" in nothing and "districts.csv" in nothing


def test_rates_say_above_below_or_neither() -> None:
    rows = city([40, 2, 8], [100_000, 800_000, 180_000], [None] * 3)
    firms, table = results(rows)
    text = city_words.rates(table, firms, districts.quotients_by_base(rows, firms))
    assert "above 1 for D0 and below 1 for D1; it may be 1 for D2" in text
    assert "larger ones" not in text and "bounds" not in text
    assert "D0 is a functional zone" in city_words.zones(table)
    assert "registered" in city_words.zones(table.iloc[1:])


def test_larger_bases_that_change_a_reading_are_named() -> None:
    rows = city([None] * 3, [300, 300, 400], ["K", "L", None])
    firms, table = results(rows)
    by_base = districts.quotients_by_base(rows, firms)
    readings = by_base[by_base["district_id"] == "X-HT"].set_index("base")["reading"]
    first = int(readings.index[readings.eq("above")][0])
    assert first > firms.bases[0] == 4
    text = city_words.rates(table, firms, by_base)
    assert f"the quotient of D0 is above 1 from {first} firms on" in text
    # Over still larger bases the shares leave more than one count open.
    assert f"({firms.bases[1]} to {by_base['base'].max()})" in text


@pytest.mark.parametrize(
    ("firms", "people", "reading"),
    [
        ([9, 1], [5, 5], "The HHI of residents is 0.500: firms are more"),
        ([5, 5], [9, 1], "0.820: firms are less"),
        ([9, 1], [1, 9], "0.820: firms are as concentrated"),
        ([9, 1], [None, 9], "Without the residents of every district"),
    ],
)
def test_concentration_is_compared_with_residents(
    firms: list[int], people: list[int], reading: str
) -> None:
    rows = city(firms, people, [None, None])
    assert reading in city_words.concentration(
        districts.concentration_bounds(rows, results(rows)[0])
    )


def test_bounds_on_both_sides_of_the_residents_are_no_reading() -> None:
    rows = city([None] * 4, [600, 300, 50, 50], ["L", None, None, None])
    text = city_words.concentration(districts.concentration_bounds(rows, results(rows)[0]))
    assert "lies between" in text and "others less" in text


def test_orders() -> None:
    rows = city([40, 4, 5], [500, 500, 500], [None] * 3)
    text = city_words.orders(districts.order_tests(results(rows)[1]), results(rows)[1])
    assert (
        "1 of 3 orders could be chance under the model; not so D0 before D1 and D0 before D2"
        in text
    )
    assert "lead at all" not in text
    some = city([None] * 4, [5] * 4, ["L", "L", None, None])
    text = city_words.orders(districts.order_tests(results(some)[1]), results(some)[1])
    assert "one of the other 2 districts may have up to 2 firms, D0 and D1 has 1" in text
    assert "two districts" in city_words.orders(districts.order_tests(results(rows.iloc[:1])[1]), rows)  # fmt: skip


def test_standing_of_dalian() -> None:
    problem = provinces.build(tables.load_all(), within="210000")
    bounds = city_bounds(problem, 1, 5, "study")
    row = bounds.set_index("place_id").loc["210200"]
    orders = focal_order(problem, "210200", 1, 5, "study")
    text = city_words.standing(bounds, orders, "210200", str, 5)
    assert f"from {row['lower_count']} to {row['upper_count']} little giants" in text
    assert "the order is open for all" in text
    turned = orders.assign(order=["more", "fewer", "equal", *["open"] * 10])
    text = city_words.standing(bounds, turned, "210200", str, 5)
    assert (
        "surely more: 210100; surely fewer: 210300; as many: 210400; the order is open for 10"
        in text
    )


def test_yardstick() -> None:
    found = tiers_of(pd.Series({"a": 900.0, "b": 750.0, "c": 300.0, "d": 280.0, "e": None}))
    text = city_words.yardstick(found, str.upper, "c", 5)
    assert "the 4 cities fall into 2 tiers of 2 and 2" in text
    assert "First: A and B. C is in tier 2. 1 cities without a figure are left out." in text
    few = Tiers(2, 0, pd.DataFrame(), pd.Series(dtype="int64"))
    assert "2 of 14 cities, too few" in city_words.yardstick(few, str, "c", 14)
    assert "one city" in city_words.yardstick(few, str, "c", 1)


def test_bounds_on_a_tile() -> None:
    tiles = pd.DataFrame(
        {"place_id": ["a", "b", "c"], "label": list("abc"), "tile_row": 0, "tile_column": [0, 1, 2],
         "territory": True}
    )  # fmt: skip
    giants = pd.DataFrame({"place_id": ["a"], "firms_count": [7]})
    bounds = pd.DataFrame(
        {"place_id": ["a", "b", "c"], "lower_count": [7, 0, 2],
         "upper_count": pd.array([7, 9, None], dtype="Int64")}
    )  # fmt: skip
    figure, record, data = city_views.city_tiles(
        tiles, False, giants, bounds, "b", "P", (5, "study"), english, "S"
    )
    shown = [item.get_text() for item in figure.axes[0].texts]
    assert shown == ["a", "7", "7", "b", "?", "0–9", "c", "?", "2+"]
    assert "no geographic meaning" in record.note
    assert data["latest_count"].isna().tolist() == [False, True, True]
