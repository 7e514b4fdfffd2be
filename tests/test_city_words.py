"""Charts and sentences of the page on cities: they say what the results say, for any city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bilingual import EN, ZH, kept, numbers, told

from helpers.analysis import districts
from helpers.analysis.cities import Tiers, city_bounds, focal_order, tiers_of
from helpers.analysis.districts import district_table
from helpers.analysis.industries import industry_firms
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
            "name_zh": [f"{letter}区" for letter in "甲乙丙丁"[:size]], "name_en": names, "label": names,
            "srdi_firms_count": pd.array(firms, dtype="Int64"),
            "census_population_2020_persons": pd.array(people, dtype="Int64"),
            "share_claim_id": pd.Series(claims, dtype="str"), "source_id": "S",
        }
    )  # fmt: skip


def results(rows: pd.DataFrame) -> tuple[districts.DistrictFirms, pd.DataFrame]:
    firms = districts.district_firms(rows, REPORTED)
    used = REPORTED if firms.printed else REPORTED.iloc[:0]
    return firms, districts.position_table(district_table(rows, used), firms)


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
    implied = told(
        city_words.base, *results(city([None] * 4, [5] * 4, ["K", None, None, None])), "X"
    )
    assert "**2** firms" in implied and "cannot confirm" in implied
    assert "D0 1, which leaves 1 of them for the other 3 districts together" in implied
    counted = told(city_words.base, *results(city([2, 1, 1], [5, 5, 5], ["K", "L", None])), "X")
    assert "together **4** firms" in counted and "inferred" in counted
    excluded = told(
        city_words.base, *results(city([2, 399, None], [5, 5, 5], ["K", None, None])), "X"
    )
    assert (
        "The printed share is not used: no base up to 400 fits it" in excluded
        and "2 of the 3 districts" in excluded
    )
    nothing = told(city_words.base, *results(city([1], [5], [None]).iloc[:0]), "X")
    assert "No district of place X" in nothing and "districts.csv" in nothing


def test_rates_say_above_below_or_neither() -> None:
    rows = city([40, 2, 8], [100_000, 800_000, 180_000], [None] * 3)
    firms, table = results(rows)
    text = told(city_words.rates, table, firms, districts.quotients_by_base(rows, firms))
    assert "above 1 for D0 and below 1 for D1; it may be 1 for D2" in text
    assert "larger" not in text and "bounds" not in text and "smallest" not in text
    assert "D0 is a functional zone" in told(city_words.zones, table)
    assert "registered" in told(city_words.zones, table.iloc[1:])


def test_larger_bases_that_change_a_reading_are_named() -> None:
    rows = city([None] * 3, [300, 300, 400], ["K", "L", None])
    firms, table = results(rows)
    by_base = districts.quotients_by_base(rows, firms)
    readings = by_base[by_base["district_id"] == "X-HT"].set_index("base")["reading"]
    first = int(readings.index[readings.eq("above")][0])
    assert first > firms.bases[0] == 4
    text = told(city_words.rates, table, firms, by_base)
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
    own = results(rows)[0]
    assert reading in told(city_words.concentration, districts.concentration_bounds(rows, own), own)


def test_bounds_on_both_sides_of_the_residents_are_no_reading() -> None:
    rows = city([None] * 4, [600, 300, 50, 50], ["L", None, None, None])
    own = results(rows)[0]
    text = told(city_words.concentration, districts.concentration_bounds(rows, own), own)
    assert "lies between" in text and "others less" in text
    # What holds over one of several bases says so.
    assert f"Of 4 firms, the smallest of {len(own.bases)} bases that fit" in text


def ordered(rows: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    own, table = results(rows)
    tests = districts.order_tests(table.assign(label=table["district_id"]))
    return told(city_words.orders, tests, table, own), tests


def test_orders() -> None:
    text, _ = ordered(city([40, 4, 5], [500, 500, 500], [None] * 3))
    assert (
        "1 of 3 orders could be chance under the model; not so D0 before D1 and D0 before D2"
        in text
    )
    assert "lead at all" not in text and "smallest" not in text and "level" not in text
    text, _ = ordered(city([None] * 4, [5] * 4, ["L", "L", None, None]))
    assert "one of the other 2 districts may have up to 2 firms, D0 and D1 have 1" in text
    assert "The counts are those over 4 firms, the smallest of" in text
    assert "By number of firms, 1 pair of 1 is level: there is no order." in text
    text, _ = ordered(city([40, 5, 5], [500, 500, 400], [None] * 3))
    assert "By number of firms, 1 pair of 3 is level; 0 of 2 orders could be chance" in text
    assert "two districts" in ordered(city([40], [500], [None]))[0]


def test_no_firm_at_all_is_said() -> None:
    rows = city([0, 0, 0], [5, 6, 7], ["K", None, None])
    own, table = results(rows)
    assert "each count is 0" in told(city_words.base, own, table, "X")
    assert "No district has a firm" in told(city_words.clustering, table, own)
    bounds = districts.concentration_bounds(rows, own)
    assert "No firm is on record" in told(city_words.concentration, bounds, own)
    assert "3 districts with one count are level" in ordered(rows)[0]
    unknown = results(city([None, 3], [5, 6], [None] * 2))[0]
    assert "unknown here" in told(city_words.concentration, bounds, unknown)


def test_a_counted_district_is_rechecked_over_larger_bases() -> None:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    rows = tables.load("districts").assign(label=lambda frame: frame["name_en"])
    own = rows["srdi_firms_count"].mask(rows["district_id"] == "210323", 27)
    rows = rows.assign(srdi_firms_count=own)
    firms = districts.district_firms(rows, reported)
    table = districts.position_table(district_table(rows, reported), firms)
    text = told(city_words.rates, table, firms, districts.quotients_by_base(rows, firms))
    assert "the quotient of Xiuyan may be 1 from" in text
    assert "the quotient of Xiuyan is below 1 from" in text and "stays as it is" not in text
    assert "over 88 firms, the smallest of 4 bases up to 400 that fit" in text
    assert "(Economic Dev. Zone: 1.82 over 88 to 7.29 over 352)" in text


def test_shares_held_are_rounded_once() -> None:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    rows = tables.load("districts").assign(label=lambda frame: frame["name_en"])
    firms = districts.district_firms(rows, reported)
    table = districts.position_table(district_table(rows, reported), firms)
    assert "hold 69.32 % of the firms" in told(city_words.clustering, table, firms)  # 61 of 88
    one = city([None] * 3, [50, 60, 0], ["K", None, None])
    own, table = results(one)
    assert "The 1 district with a share holds 50.00 %" in told(city_words.clustering, table, own)


def industry_text(counts: list[Any], share: str) -> str:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    firms = districts.district_firms(tables.load("districts"), reported)
    rows = tables.load("industries").query("place_id == '210300'").sort_values("rank")
    full = counts + [None] * (10 - len(counts))
    rows = rows.assign(firms_count=pd.array(full, dtype="Int64")).reset_index(drop=True)
    return told(city_words.industries, rows, share, industry_firms(rows, firms, share))


def test_industries_say_which_counts_and_base_they_use() -> None:
    assert "together means 44 firms" in industry_text([], "50")
    full = industry_text([60, 45, 30, 20, 15, 10, 9, 8, 5, 3], "50")
    assert "come to 205 firms, which the 88 of the districts cannot hold" in full
    assert "Equipment leads with 60 of 205 firms (29.27 %)" in full
    dropped = industry_text([120], "50")
    assert "need 129 firms or more" in dropped and "bounds only those behind" in dropped
    assert "do not fall along the ranks" in industry_text([None, None, 20, 25], "50")
    assert "left out beside counts on record" in industry_text([None, None, 23], "50")
    assert "no whole number rounds to the joint share of 50.01 %" in industry_text([], "50.01")
    assert "no joint share is on record" in industry_text([], "")


def test_standing_of_dalian() -> None:
    problem = provinces.build(tables.load_all(), within="210000")
    bounds = city_bounds(problem, 1, 5, "study")
    row = bounds.set_index("place_id").loc["210200"]
    orders = focal_order(problem, "210200", 1, 5, "study")
    text = told(city_words.standing, bounds, orders, "210200", 5)
    assert f"from {row['lower_count']} to {row['upper_count']} little giants" in text
    counts = f"“小巨人”可能为{row['lower_count']}至{row['upper_count']}家，"
    assert counts in city_words.standing(ZH, bounds, orders, "210200", 5)
    open_ended = bounds.assign(upper_count=pd.array([None] * len(bounds), dtype="Int64"))
    counts = f"“小巨人”不少于{row['lower_count']}家，"
    assert counts in city_words.standing(ZH, open_ended, orders, "210200", 5)
    assert "the order is open for all" in text
    turned = orders.assign(order=["more", "fewer", "equal", *["open"] * 10])
    text = told(city_words.standing, bounds, turned, "210200", 5)
    assert (
        "surely more: place 210100; surely fewer: place 210300; as many: place 210400; the order is open for 10"
        in text
    )


def test_yardstick() -> None:
    found = tiers_of(pd.Series({"a": 900.0, "b": 750.0, "c": 300.0, "d": 280.0, "e": None}))
    text = told(city_words.yardstick, found, "c", 5)
    assert "the 4 cities fall into 2 tiers of 2 and 2" in text
    assert (
        "First: place a and place b. place c is in tier 2. 1 city without a figure is left out."
        in text
    )
    even = tiers_of(pd.Series({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}))
    assert "No number of tiers up to half as many meets the rule" in told(city_words.yardstick, even, "c", 4)  # fmt: skip
    few = Tiers(2, 0, pd.DataFrame(), pd.Series(dtype="int64"))
    assert "2 of 14 cities, too few" in told(city_words.yardstick, few, "c", 14)
    assert "one city" in told(city_words.yardstick, few, "c", 1)


def tiles_of(compared: list[str]) -> tuple[Any, Any, pd.DataFrame]:
    giants = pd.DataFrame(
        {"place_id": ["a", "c", "d"], "firms_count": [7, 90, 1500], "as_of": "2024", "source_id": "S",
         "comparison": ["equal", "equal", "more_than"]}
    )  # fmt: skip
    bounds = pd.DataFrame(
        {"place_id": list("abcd"), "lower_count": [7, 0, 2, 1500],
         "upper_count": pd.array([7, 3843, None, 2000], dtype="Int64")}
    )  # fmt: skip
    same = giants[giants["place_id"].isin(compared)]
    return city_views.city_tiles(EN, giants, same, bounds, "b", "P", 5, ["S"])


def test_bounds_on_a_tile() -> None:
    figure, record, data = tiles_of(["a", "c"])
    shown = [item.get_text() for item in figure.axes[0].texts]
    assert shown == [
        "place a",
        "7",
        "7",
        "place b",
        "?",
        "0–3,843",
        "place c",
        "90",
        "2+",
        "place d",
        ">1,500",
        "1,500–2,000",
    ]
    assert "no geographic meaning" in record.note
    assert data["latest_count"].isna().tolist() == [False, True, False, False]


def test_tiles_shade_only_what_compares_and_hatch_what_is_open() -> None:
    pale = "#F4F4F4"
    texts = city_views._with_texts(tiles_of(["a", "c"])[2], EN.t)
    assert texts["fill"].eq(pale).tolist() == [False, True, False, True]
    assert texts["fill"][0] != texts["fill"][2]  # 7 and 90
    assert texts["second_known"].tolist() == [True, False, False, False]
    assert (
        city_views._with_texts(tiles_of(["a"])[2], EN.t)["fill"].eq(pale).all()
    )  # one compares with none


def test_a_limit_keeps_its_sign_and_a_code_its_words() -> None:
    giants = pd.DataFrame(
        {"place_id": ["a", "b"], "firms_count": [10, 1234], "comparison": ["more_than", "equal"],
         "measure": ["not_stated", "stock"], "batch_to": [None, 5], "as_of": "2024",
         "per_million": [1.0, None], "population_as_of": ["2021", None], "source_id": "S"}
    )  # fmt: skip
    shown, record = city_views.little_giants(ZH, giants, "P")
    assert shown["“小巨人”"].tolist() == [">10", "1,234"]
    assert shown["口径"].tolist() == ["未说明", "存量"]
    assert "批次或人口" in record.note


def test_echelons_show_the_counts_they_compare() -> None:
    columns = ["indicator_id", "cities_count", "known_count", "comparable_count", "compared", "as_of",
               "tiers_count", "gvf", "first"]  # fmt: skip
    four = (("a", 900), ("b", 750), ("c", 300), ("d", 280))
    row = ("little_giant", 5, 4, 4, four, "2023", 2, 0.95, "a;b")
    text = told(city_words.echelons, pd.DataFrame([row], columns=columns))
    assert "(place a 900, place b 750, place c 300, place d 280; 2023) fall into 2 echelons" in text
    assert "the other city has no such value" in text
    none = (*row[:6], None, None, "")
    text = told(city_words.echelons, pd.DataFrame([none], columns=columns))
    assert "no number of echelons that meets the rule" in text
    empty = ("little_giant", 7, 0, 0, (), None, None, None, "")
    text = told(city_words.echelons, pd.DataFrame([empty], columns=columns))
    assert text.startswith("None of the 7 cells") and "share" not in text


def test_districts_without_shares_or_residents_say_so() -> None:
    rows = city([5, 2, None], [473_586, None, 32_318], [None] * 3)
    own, table = results(rows)
    figure, record, _ = city_views.districts(EN, table, city_views.all_firms(own), "X", ["S"])
    assert "on record for 2 of 3 districts" in record.base and "505,904" not in record.base
    assert figure.axes[0].get_xlim() == (0, 100)
    rows = city([5, 2, 3], [10, 20, 30], [None] * 3)
    own, table = results(rows)
    figure, record, _ = city_views.districts(EN, table, city_views.all_firms(own), "X", ["S"])
    assert figure.axes[0].get_xlim() == (0, pytest.approx(1.12 * 50))
    assert record.base == "60 residents; firms: 10"


def test_results_over_one_of_several_bases_say_so() -> None:
    rows = city([None] * 4, [500, 900, 100, 0], ["K", "L", None, None])
    own, table = results(rows)
    words = f"4, the smallest of {len(own.bases)} bases that fit the printed shares"
    tests = districts.order_tests(table.assign(label=table["district_id"]))
    bounds = districts.concentration_bounds(rows, own)
    records = [
        city_views.districts(EN, table, city_views.all_firms(own), "X", ["S"])[1],
        city_views.rates(EN, table, city_views.all_firms(own), "X", ["S"])[1],
        city_views.positions(EN, table, city_views.all_firms(own), "X", ["S"])[1],
        city_views.concentration(EN, bounds, city_views.all_firms(own), "X", ["S"])[1],
        city_views.orders(EN, tests, table, city_views.all_firms(own), "X", ["S"])[1],
    ]
    assert all(words in record.base for record in records)
    assert "larger bases fit too" in records[1].note and "larger numbers fit too" in records[3].note


def test_the_line_of_the_city_strikes_no_label_through(ax: Any) -> None:
    _, table = results(city([3, 9], [1000, 1000], [None, None]))
    drawn = table.assign(text="t").set_index("label")
    city_charts.rate_intervals(ax, drawn, 60.0, {"mean": "city", "none": "", "open": ""})
    labels = [item for item in ax.texts if item.get_text() == "t"]
    assert len(labels) == 2
    assert all(item.get_bbox_patch().get_facecolor() == (1, 1, 1, 1) for item in labels)


def test_the_matrix_says_how_empty_it_is() -> None:
    counts = pd.DataFrame(
        {"place_id": ["a", "a", "b"], "indicator_id": ["little_giant", "high_tech_enterprise", "srdi_sme"],
         "firms_count": [7, 20, 9], "measure": ["stock", "stock", "newly_recognised"], "source_id": "S",
         "comparison": "equal", "as_of": "2024"}
    )  # fmt: skip
    text = told(city_words.matrix, counts, ["a", "b"], "a")
    assert text.startswith("3 of 14 cells hold a figure, 1 of them only newly recognised firms.")
    assert "for 1 of the 3 tiers" in text
    assert "all on record: little giants and high-tech enterprises." in text
    assert "all on record: none" in told(city_words.matrix, counts, ["a", "b"], "b")
    assert told(city_words.no_cities, "P") == "place P has no cities to rank."
    for study, new, found in ((EN, "new 9\n(2024)", "place a"), (ZH, "新9\n(2024)", "地区a")):
        figure, record, data = city_views.city_matrix(study, counts, ["a", "b"], "a", "P")
        assert data["srdi_sme"].tolist()[1] == new and data["city"].tolist()[0] == found
        assert record.source == "S" and "3" in record.alt
        figure.draw_without_rendering()


def test_tables_of_a_chinese_study_have_no_column_of_english_names() -> None:
    own, table = results(city([5, 2], [10, 20], [None] * 2))
    english, _ = city_views.positions(EN, table, city_views.all_firms(own), "X", ["S"])
    chinese, _ = city_views.positions(ZH, table, city_views.all_firms(own), "X", ["S"])
    assert "In English" in english and english["In English"].tolist() == ["D0", "D1"]
    assert len(chinese.columns) == len(english.columns) - 1
    assert not any("a" <= letter <= "z" for head in chinese for letter in head)
    orders = districts.order_tests(table.assign(label=table["district_id"]))
    shown, _ = city_views.orders(ZH, orders, table, city_views.all_firms(own), "X", ["S"])
    assert shown["在前"].tolist() == ["甲区", "甲区"]


def test_every_figure_of_the_page_has_a_text_for_those_who_cannot_see_it() -> None:
    own, table = results(city([None] * 4, [500, 900, 100, 0], ["K", "L", None, None]))
    people = pd.DataFrame(
        {"residents_10k_persons": [900.0, 750.0, 300.0, 280.0], "as_of": "2021", "source_id": "S"},
        index=list("abcd"),
    )
    made = {
        study.language: [
            city_views.bases(study, ["50", "25"])[1],
            city_views.districts(study, table, city_views.all_firms(own), "X", ["S"])[1],
            city_views.rates(study, table, city_views.all_firms(own), "X", ["S"])[1],
            city_views.tiers(study, people, tiers_of(people["residents_10k_persons"]), "a")[1],
        ]
        for study in (EN, ZH)
    }
    for english, chinese in zip(made["en"], made["zh"], strict=True):
        assert numbers(english.alt) == numbers(chinese.alt) and english.alt
    assert "to fewest residents, 900.0 to 280.0" in made["en"][3].alt
    assert "At most 2 of 2 are attained, over 4, 8, 12" in made["en"][0].alt


def test_every_call_can_be_read_back(tmp_path: Path) -> None:
    rows = city([None] * 4, [500, 900, 100, 0], ["K", "L", None, None])
    own, table = results(rows)
    inputs = (city_views.all_firms(own), "X", ["S"])
    orders = districts.order_tests(table.assign(label=table["district_id"]))
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    firms = districts.district_firms(tables.load("districts"), reported)
    industries = tables.load("industries").query("place_id == '210300'").sort_values("rank")
    people = pd.Series({"a": 900.0, "b": 750.0, "c": 300.0, "d": 280.0})
    for call in (
        (city_views.districts, table, *inputs),
        (city_views.rates, table, *inputs),
        (city_views.positions, table, *inputs),
        (city_views.concentration, districts.concentration_bounds(rows, own), *inputs),
        (city_views.orders, orders, table, *inputs),
        (city_views.industries, industry_firms(industries, firms, "50"), "X", ["S"]),
        (city_views.tiers, people.to_frame(), tiers_of(people), "a"),
    ):
        kept(tmp_path, *call)
    table, record = kept(tmp_path, city_views.positions, table, *inputs).tell(ZH)
    assert table["区县"].tolist() == ["甲区", "乙区", "丙区", "丁区"]
    assert record.base.startswith("企业4家（符合所列份额的")
