"""Counts, shares and ranks: what sourced rows determine, and nothing beyond."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.shares import (
    Cells,
    basis_table,
    basis_total,
    implied_later_share,
    share_path,
    similar_economies,
    span_text,
    status_table,
    with_shares,
)
from helpers.errors import InputError
from helpers.evidence import tables

PLAN_CITIES = {
    "210200": "210000", "330200": "330000", "350200": "350000", "370200": "370000",
    "440300": "440000",
}  # fmt: skip


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return tables.load("places")


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return tables.load("province_counts")


@pytest.fixture(scope="module")
def bases() -> pd.DataFrame:
    return basis_table(tables.load("batches"), tables.load("bases"))


@pytest.fixture(scope="module")
def cells(counts: pd.DataFrame, places: pd.DataFrame) -> Cells:
    return Cells(counts, places, "study")


def number(cells: Cells, place: str, first: int, last: int) -> int | None:
    known = cells.exact(place, first, last)
    return None if known is None else known.firms_count


@pytest.mark.parametrize(
    ("basis", "last", "total"),
    [
        ("study", 5, 12790),
        ("announced", 5, 12950),
        ("certified", 5, 12773),
        ("stock_2022", 4, 8997),
        ("stock_2022", 5, None),
        ("certified", 6, None),
        ("study", 7, 12790 + 3012 + 3482),
        ("study", 3, 4762),
        ("study", 2, 1832),
    ],
)
def test_totals_of_the_bases(bases: pd.DataFrame, basis: str, last: int, total: int | None) -> None:
    assert basis_total(bases, basis, 1, last) == total


def test_total_of_one_batch(bases: pd.DataFrame) -> None:
    assert basis_total(bases, "announced", 2, 2) == 1744
    assert basis_total(bases, "certified", 2, 2) == 1584
    assert basis_total(bases, "no such basis", 1, 1) is None


def test_basis_table_has_one_row_per_basis_and_batch(bases: pd.DataFrame) -> None:
    assert not bases.duplicated(["basis", "batch"]).any()
    assert bases[["basis", "batch"]].equals(
        bases[["basis", "batch"]].sort_values(["basis", "batch"], ignore_index=True)
    )
    measures = bases.set_index(["basis", "batch"])["measure"]
    assert measures["study", 4] == measures["announced", 4] == "final_list"
    assert measures["study", 5] == "announced"


@pytest.mark.parametrize("basis", ["study", "certified"])
def test_two_batches_over_32_units_give_the_national_total(
    counts: pd.DataFrame, places: pd.DataFrame, basis: str
) -> None:
    table = Cells(counts, places, basis).table(1, 2)
    assert len(table) == 32
    assert table["firms_count"].notna().all()
    assert table["firms_count"].sum() == 1832
    assert table["place_id"].is_unique
    assert table.set_index("place_id").loc["540000", "firms_count"] == 0  # a known nought


def test_plan_cities_are_counted_once(cells: Cells, counts: pd.DataFrame) -> None:
    rows = counts[(counts["batch_from"] == 1) & (counts["batch_to"] == 2)]
    stored = rows[rows["measure"] == "certified"].set_index("place_id")["firms_count"]
    assert stored.sum() == 1832  # provinces without their plan cities, and the plan cities
    table = cells.table(1, 2).set_index("place_id")["firms_count"]
    assert not set(PLAN_CITIES) & set(table.index)
    for city, province in PLAN_CITIES.items():
        assert table[province] == stored[province] + stored[city]
        assert number(cells, city, 1, 2) == stored[city]
    others = table.drop(list(PLAN_CITIES.values()))
    assert (others == stored[others.index]).all()


def test_liaoning(cells: Cells) -> None:
    assert number(cells, "210000", 1, 2) == 74
    assert number(cells, "210000", 1, 3) == 211
    assert number(cells, "210000", 3, 3) == 137
    sources = cells.exact("210000", 3, 3)
    assert sources is not None
    assert set(sources.source_ids) == {"N-S01", "N-S26"}
    # Nine titles of batch 1 are on record, with or without Dalian: not used.
    assert number(cells, "210000", 1, 1) is None
    # 296 is a stock and "more than 260" a forecast: neither is a count of five or four batches.
    assert number(cells, "210000", 1, 5) is None
    assert number(cells, "210000", 1, 4) is None


@pytest.mark.parametrize(
    ("basis", "place", "first", "last", "result"),
    [
        ("study", "610000", 2, 2, 43),
        ("study", "610000", 1, 3, 112),
        ("study", "340000", 2, 2, 61),  # 80 less 19
        ("study", "420000", 1, 4, 475),  # 51 + 121 + 303 on the lists; the stock is 473
        ("study", "420000", 4, 4, 303),
        ("study", "440000", 4, 5, 448 + 658),
        ("study", "440000", 5, 5, 658),
        ("study", "440000", 1, 5, None),  # 1,525 mixes valid titles with a list
        ("certified", "440000", 5, 5, None),
        ("announced", "440000", 5, 5, 658),
        ("announced", "440000", 1, 2, None),
        ("announced", "340000", 1, 2, 86),
        ("study", "110000", 1, 3, None),  # a database count
        ("study", "330000", 5, 5, 384),  # the total given, not 315 + 69 again
        ("study", "999999", 1, 2, None),
        ("study", "110000", 6, 6, None),
    ],
)
def test_known_and_unknown(
    counts: pd.DataFrame, places: pd.DataFrame, basis: str, place: str, first: int, last: int,
    result: int | None,
) -> None:  # fmt: skip
    assert number(Cells(counts, places, basis), place, first, last) == result


def test_unknown_stays_unknown(cells: Cells) -> None:
    table = cells.table(1, 5)
    assert table["firms_count"].isna().all()
    assert table["firms_count"].dtype == "Int64"
    assert table["source_id"].isna().all()


def row(
    place: str, first: int, last: int, measure: str, firms: int, plan: str = "not_applicable"
) -> dict[str, object]:
    return {
        "place_id": place, "batch_from": first, "batch_to": last, "measure": measure,
        "firms_count": firms, "includes_plan_city": plan, "source_id": f"{place}:{first}-{last}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "result"),
    [
        ([row("210000", 1, 1, "certified", 50, "yes"), row("210200", 1, 1, "certified", 20)], 50),
        ([row("210000", 1, 1, "certified", 30, "no"), row("210200", 1, 1, "certified", 20)], 50),
        ([row("210000", 1, 1, "certified", 30, "no")], None),
        ([row("210000", 1, 1, "certified", 30, "no"), row("210200", 1, 2, "certified", 20)], None),
        ([row("210000", 1, 1, "certified", 30, "no"), row("210200", 1, 1, "stock", 20)], None),
        ([row("210000", 1, 1, "certified", 30, "unclear")], None),
        ([row("210000", 1, 1, "announced", 30, "yes")], None),
        (
            [
                row("210000", 1, 1, "certified", 50, "yes"),
                row("210000", 1, 1, "certified", 30, "no"),
                row("210200", 1, 1, "certified", 20),
            ],
            50,
        ),
        # The whole as given comes before the sum of its parts.
        (
            [
                row("210000", 1, 1, "certified", 51, "yes"),
                row("210000", 1, 1, "certified", 30, "no"),
                row("210200", 1, 1, "certified", 20),
            ],
            51,
        ),
        # Through other ranges: 1-3 less 2-3.
        (
            [
                row("210000", 1, 3, "certified", 90, "yes"),
                row("210000", 2, 3, "certified", 60, "no"),
                row("210200", 2, 3, "certified", 10),
            ],
            20,
        ),
    ],
)
def test_a_province_includes_its_plan_city(
    places: pd.DataFrame, rows: list[dict[str, object]], result: int | None
) -> None:
    assert number(Cells(pd.DataFrame(rows), places, "certified"), "210000", 1, 1) == result


SPANS = [(first, last) for first in range(1, 8) for last in range(first, 8)]


def reachable(given_spans: list[tuple[int, int]]) -> list[set[int]]:
    """Batches joined by known ranges: a range is determined when its two ends are joined."""
    groups = [{node} for node in range(8)]
    for first, last in given_spans:
        joined = [group for group in groups if group & {first - 1, last}]
        groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return groups


@settings(max_examples=40)
@given(
    firms=st.lists(st.integers(0, 900), min_size=7, max_size=7),
    spans=st.lists(st.sampled_from(SPANS), max_size=8, unique=True),
    city=st.lists(st.integers(0, 300), min_size=7, max_size=7),
    split=st.lists(st.booleans(), min_size=8, max_size=8),
    noise=st.lists(st.sampled_from(SPANS), max_size=3, unique=True),
)
def test_what_is_determined_is_true(
    places: pd.DataFrame, firms: list[int], spans: list[tuple[int, int]], city: list[int],
    split: list[bool], noise: list[tuple[int, int]],
) -> None:  # fmt: skip
    """Rows cut from one full table give the table's own sums, wherever they give anything."""
    rows = []
    for (first, last), apart in zip(spans, split, strict=False):
        rest, own = sum(firms[first - 1 : last]), sum(city[first - 1 : last])
        if apart:
            rows.append(row("210000", first, last, "certified", rest, "no"))
            rows.append(row("210200", first, last, "certified", own))
        else:
            rows.append(row("210000", first, last, "certified", rest + own, "yes"))
    # Rows of other kinds, all of them wrong, must leave no trace.
    for first, last in noise:
        rows.append(row("210000", first, last, "stock", 100_000, "yes"))
        rows.append(row("210000", first, last, "announced", 100_001, "yes"))
        rows.append(row("210000", first, last, "certified", 100_002, "unclear"))
    columns = list(row("", 1, 1, "", 0))
    one = Cells(pd.DataFrame(rows, columns=columns), places, "certified")
    groups = reachable(spans)
    for first, last in SPANS:
        found = one.exact("210000", first, last)
        together = any({first - 1, last} <= group for group in groups)
        assert (found is not None) is together
        if found is not None:
            assert found.firms_count == sum(firms[first - 1 : last]) + sum(city[first - 1 : last])
            cited = {source.partition(":")[2] for source in found.source_ids}
            assert cited <= {f"{a}-{b}" for a, b in spans}


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 900), min_size=7, max_size=7),
    st.lists(st.sampled_from(SPANS), min_size=1, max_size=6, unique=True),
    st.sampled_from(["study", "announced"]),
)
def test_measures_of_a_basis_are_not_mixed(
    places: pd.DataFrame, firms: list[int], spans: list[tuple[int, int]], basis: str
) -> None:
    """Certified rows count batches 1-4 of the study's basis, announced ones the later batches."""
    wanted = {b: "certified" if (b <= 4 if basis == "study" else b == 4) else "announced" for b in range(1, 8)}  # fmt: skip
    rows = [
        row("610000", first, last, measure, sum(firms[first - 1 : last]) + (measure != "certified"))
        for first, last in spans
        for measure in ("certified", "announced")
    ]
    one = Cells(pd.DataFrame(rows), places, basis)
    pure = [span for span in spans if len({wanted[b] for b in range(span[0], span[1] + 1)}) == 1]
    groups = reachable(pure)
    for first, last in SPANS:
        together = any({first - 1, last} <= group for group in groups)
        assert (one.exact("610000", first, last) is not None) is together
    for first, last in pure:
        if sum(first <= b and a <= last for a, b in pure) == 1:
            found = one.exact("610000", first, last)
            assert found is not None
            extra = wanted[first] != "certified"
            assert found.firms_count == sum(firms[first - 1 : last]) + extra


def test_span_text_is_distinct() -> None:
    assert len({span_text(*span) for span in SPANS}) == len(SPANS)


def test_shares_and_ranks_with_ties() -> None:
    frame = pd.DataFrame({"firms_count": pd.array([5, 9, 5, 0, 9, 1], dtype="Int64")})
    done = with_shares(frame, 40)
    assert done["rank"].tolist() == [3, 1, 3, 6, 1, 5]
    assert done["share_pct"].tolist() == [12.5, 22.5, 12.5, 0.0, 22.5, 2.5]
    assert "rank" not in frame  # the argument is left alone


def test_no_rank_while_a_count_is_unknown() -> None:
    frame = pd.DataFrame({"firms_count": pd.array([5, None, 9], dtype="Int64")})
    done = with_shares(frame, 20)
    assert done["rank"].isna().all()
    assert done["rank"].dtype == "Int64"
    assert done["share_pct"].isna().tolist() == [False, True, False]
    assert done["share_pct"].dropna().tolist() == [25.0, 45.0]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=32))
def test_a_rank_counts_the_larger_ones(firms: list[int]) -> None:
    frame = pd.DataFrame({"firms_count": pd.array(firms, dtype="Int64")})
    done = with_shares(frame, max(sum(firms), 1))
    assert done["rank"].tolist() == [1 + sum(other > own for other in firms) for own in firms]
    assert done["share_pct"].sum() == pytest.approx(100 if sum(firms) else 0)


def test_liaoning_ranks_in_batches_1_and_2(cells: Cells) -> None:
    table = with_shares(cells.table(1, 2), 1832).set_index("place_id")
    assert table.loc["210000", "share_pct"] == pytest.approx(7400 / 1832)
    assert table.loc["210000", "rank"] == table.loc["510000", "rank"]  # 74 each
    larger = (table["firms_count"] > 74).sum()
    assert table.loc["210000", "rank"] == larger + 1
    assert table.nsmallest(1, "rank").index.tolist() == ["330000"]


def test_status_table(cells: Cells, counts: pd.DataFrame) -> None:
    spans = [(1, 2), (3, 3), (1, 3), (4, 4), (1, 4), (5, 5), (1, 5)]
    table = status_table(cells, counts, tables.load("province_limits"), spans)
    assert table.shape == (32, 7)
    assert (table["1-2"] == "exact").all()
    assert set(table.stack()) <= {"exact", "other", "limit", "unknown"}
    for first, last in spans:
        exact = table[span_text(first, last)] == "exact"
        for place, yes in exact.items():
            assert (number(cells, place, first, last) is not None) == yes
    expected = {
        ("210000", "1-3"): "exact", ("210000", "3"): "exact",
        ("210000", "1-4"): "unknown",  # a forecast, and a limit on valid titles
        ("210000", "5"): "limit", ("210000", "1-5"): "other",
        ("110000", "1-3"): "other", ("110000", "5"): "exact", ("110000", "3"): "unknown",
        ("310000", "5"): "limit", ("XPCC", "5"): "limit", ("340000", "3"): "other",
        ("320000", "1-5"): "unknown",  # only a forecast
        ("540000", "1-3"): "unknown",
    }  # fmt: skip
    for (place, span), status in expected.items():
        assert table.loc[place, span] == status, (place, span)


def test_limits_of_several_places_may_have_gaps_after_the_semicolon(
    cells: Cells, counts: pd.DataFrame
) -> None:
    limits = tables.load("province_limits").query("limit_id == 'L5-middle'")
    spaced = limits.assign(place_ids="420000; 310000 ;340000")
    for frame in (limits, spaced):
        column = status_table(cells, counts, frame, [(5, 5)])["5"]
        assert column[column == "limit"].index.tolist() == ["310000", "340000", "420000"]


def test_share_path_of_liaoning(cells: Cells, bases: pd.DataFrame) -> None:
    path = share_path(cells, bases, "210000", 5)
    assert path["batches"].tolist() == ["1-2", "1-3", "1-4", "1-5"]
    assert path["firms_count"].tolist()[:2] == [74, 211]
    assert path["firms_count"].isna().tolist() == [False, False, True, True]
    assert path["total_count"].tolist() == [1832, 4762, 9119, 12790]
    assert path["share_pct"][1] == pytest.approx(100 * 211 / 4762)
    assert path["share_pct"].isna().tolist() == [False, False, True, True]
    assert path["units_known"][0] == 32
    assert path["units_known"][3] == 0
    known = [cells.table(1, n)["firms_count"].notna().sum() for n in (2, 3, 4, 5)]
    assert path["units_known"].tolist() == known
    assert path["source_id"].isna().tolist() == [False, False, True, True]


def test_share_path_of_one_batch_is_empty(cells: Cells, bases: pd.DataFrame) -> None:
    path = share_path(cells, bases, "210000", 1)
    assert path.empty
    assert "share_pct" in path


def test_share_path_without_a_national_total(
    counts: pd.DataFrame, places: pd.DataFrame, bases: pd.DataFrame
) -> None:
    path = share_path(Cells(counts, places, "certified"), bases, "210000", 7)
    assert path["total_count"].isna().tolist() == [False] * 4 + [True, True]
    assert path["share_pct"].isna().tolist() == [False, False] + [True] * 4


def test_similar_economies() -> None:
    frame = pd.DataFrame(
        {
            "place_id": ["a", "b", "c", "d", "e", "a", "b"],
            "year": [2018] * 5 + [2019, 2018],
            "variable": ["gdp_100m_cny"] * 6 + ["rd_intensity_pct"],
            "value": [100.0, 120.0, 79.9, 80.0, None, 500.0, 100.0],
            "source_id": list("rstuvwx"),
        }
    )
    assert similar_economies(frame, "a", 2018)["place_id"].tolist() == ["b", "d"]
    assert similar_economies(frame, "a", 2018, 0.1).empty
    for place, year in (("e", 2018), ("b", 2019), ("z", 2018)):
        found = similar_economies(frame, place, year)
        assert found.empty
        assert list(found.columns) == ["place_id", "gdp_100m_cny", "source_id"]


def test_similar_economies_of_liaoning() -> None:
    frame = tables.load("province_covariates")
    found = similar_economies(frame, "210000", 2018)
    rows = frame[(frame["variable"] == "gdp_100m_cny") & (frame["year"] == 2018)]
    gdp = rows.set_index("place_id")["value"]
    near = {p for p, v in gdp.items() if p != "210000" and abs(v / gdp["210000"] - 1) <= 0.2}
    assert set(found["place_id"]) == near
    assert 1 <= len(near) <= 12


def test_two_rows_that_disagree_are_an_error() -> None:
    row = {
        "place_id": "A", "batch_from": 1, "batch_to": 2, "measure": "certified",
        "includes_plan_city": "not_applicable",
    }  # fmt: skip
    rows = pd.DataFrame(
        [{**row, "firms_count": 5, "source_id": "X"}, {**row, "firms_count": 6, "source_id": "Y"}]
    )
    places = pd.DataFrame({"place_id": ["A"], "level": ["province"], "plan_city": [False]})
    places = places.assign(province_id="A", name_zh="", name_en="", region="East")
    with pytest.raises(
        InputError, match=r"place A, batches 1-2, certified: 5 \['X'\] and 6 \['Y'\]"
    ):
        Cells(rows, places, "certified")


def test_each_rounded_part_widens_the_implied_later_share() -> None:
    one = implied_later_share("32.46", "43.48", 4762, 12790)
    four = implied_later_share("32.46", "43.48", 4762, 12790, 4)
    assert four[1] - four[0] == 4 * (one[1] - one[0])
    assert sum(one) == sum(four)
    with pytest.raises(InputError, match="the second must be larger"):
        implied_later_share("1.0", "1.0", 5, 5)
