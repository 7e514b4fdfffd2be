"""Districts: known intervals, bounds against full enumeration, orders, and what cannot be used."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from helpers.analysis.concentration import herfindahl, herfindahl_normalised
from helpers.analysis.decomposition import location_quotients
from helpers.analysis.districts import (
    concentration_bounds,
    district_firms,
    district_table,
    order_tests,
    position_table,
    quotients_by_base,
)
from helpers.analysis.intervals import poisson_interval
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.granularity import counts_for

NONE = pd.Series(dtype="str")


def rows(
    firms: list[Any], people: list[Any] | None = None, claims: list[str | None] | None = None
) -> pd.DataFrame:
    size = len(firms)
    return pd.DataFrame(
        {
            "district_id": [f"2103{n:02}" for n in range(size)],
            "label": [f"D{n}" for n in range(size)],
            "srdi_firms_count": pd.array(firms, dtype="Int64"),
            "census_population_2020_persons": pd.array(people or [1000] * size, dtype="Int64"),
            "share_claim_id": pd.Series(claims or [None] * size, dtype="str"),
            "source_id": ["S"] * size,
        }
    )


# --- Shares of people and firms -------------------------------------------------------------------


def shares_of(people: list[int | None], firms: list[int | None]) -> pd.DataFrame:
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
    done = district_table(shares_of([100, 300, 600], [5, 0, 15]), REPORTED)
    assert done["population_share_pct"].tolist() == [10.0, 30.0, 60.0]
    assert done["firm_share_pct"].tolist() == [25.0, 0.0, 75.0]
    assert done["quotient"].tolist() == [2.5, 0.0, 1.25]


def test_shares_as_reported_when_some_count_is_missing() -> None:
    done = district_table(shares_of([100, 300, 600], [5, None, 15]), REPORTED)
    assert done["firm_share_pct"].isna().tolist() == [False, True, False]
    assert done["firm_share_pct"].dropna().tolist() == [27.27, 20.45]
    assert done["quotient"].isna().tolist() == [False, True, False]
    assert done["quotient"].dropna().tolist() == pytest.approx([2.727, 20.45 / 60])


def test_no_population_share_over_an_incomplete_sum() -> None:
    done = district_table(shares_of([100, None, 600], [5, 0, 15]), REPORTED)
    assert done["population_share_pct"].isna().all()
    assert done["quotient"].isna().all()
    assert done["firm_share_pct"].tolist() == [25.0, 0.0, 75.0]


def test_a_city_without_districts() -> None:
    done = district_table(shares_of([], []), REPORTED)
    assert done.empty
    assert {"population_share_pct", "firm_share_pct", "quotient"} <= set(done.columns)


def test_shares_of_the_districts_of_anshan() -> None:
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


def test_no_quotient_without_residents_or_firms() -> None:
    table = pd.DataFrame(
        {"census_population_2020_persons": [0, 50, 50], "srdi_firms_count": [3, 3, 0]}
    )
    found = district_table(table.assign(share_claim_id=None), pd.Series(dtype="str"))
    assert pd.isna(found["quotient"][0]) and found["quotient"][1:].tolist() == [1.0, 0.0]
    nothing = district_table(
        table.assign(share_claim_id=None, srdi_firms_count=0), pd.Series(dtype="str")
    )
    assert nothing[["firm_share_pct", "quotient"]].isna().all(axis=None)


# --- Known answers ----------------------------------------------------------------------------


def test_anshan() -> None:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    table = tables.load("districts")
    firms = district_firms(table, reported)
    assert (firms.base, firms.bases, firms.origin) == (88, (88, 176, 264, 352), "implied")
    found = position_table(table, firms).set_index("district_id")
    points = found[found["lower_count"] == found["upper_count"]]
    assert points["lower_count"].to_dict() == {"210300-HT": 19, "210300-ED": 18, "210381": 24}
    others = found.drop(points.index)
    assert set(others["lower_count"]) == {0} and set(others["upper_count"]) == {88 - 61}
    assert found.index[found["zone"]].tolist() == ["210300-HT", "210300-ED"]
    haicheng = found.loc["210381"]
    assert haicheng["lower_rate"] == pytest.approx(24 / 106.7905)
    assert haicheng["low_rate"] == pytest.approx(poisson_interval(24)[0] / 106.7905)
    # More people than firms, yet not fewer firms than chance would give so many people.
    assert haicheng["upper_quotient"] < 1 < haicheng["high_quotient"]
    assert found.loc["210300-HT", "low_quotient"] > 1
    indices = concentration_bounds(table, firms).set_index("index")
    assert indices.loc["cr3", ["lower", "upper"]].tolist() == pytest.approx([61 / 88, 70 / 88])
    fixed = 24**2 + 19**2 + 18**2
    ends = [(fixed + 3 * 4**2 + 3 * 5**2) / 88**2, (fixed + 27**2) / 88**2]
    assert indices.loc["hhi", ["lower", "upper"]].tolist() == pytest.approx(ends)
    assert indices["exact"].all()
    people = table["census_population_2020_persons"].astype("float64")
    assert indices.loc["hhi", "residents"] == pytest.approx(herfindahl(people))


# --- Counts on record against counts implied --------------------------------------------------


def test_counts_on_record_need_no_share() -> None:
    table = rows([5, 0, 15], [100, 300, 600], ["K", None, None])
    firms = district_firms(table, pd.Series({"K": "99.99"}))
    assert (firms.base, firms.bases, firms.origin, firms.printed) == (20, (), "counted", {})
    found = position_table(table, firms)
    assert found["lower_count"].tolist() == found["upper_count"].tolist() == [5, 0, 15]
    peer = location_quotients(pd.Series([5, 0, 15]), pd.Series([100.0, 300.0, 600.0]))
    for own, other in (("lower", "lq"), ("low", "low"), ("high", "high")):
        assert found[f"{own}_quotient"].tolist() == pytest.approx(peer[other].tolist())
    indices = concentration_bounds(table, firms).set_index("index")
    assert (indices["lower"] == indices["upper"]).all()
    assert indices.loc["hhi", "lower"] == pytest.approx(herfindahl([5, 0, 15]))
    normalised = herfindahl_normalised([5, 0, 15])
    assert indices.loc["hhi_normalised", "upper"] == pytest.approx(normalised)


def test_a_count_on_record_chooses_among_the_bases() -> None:
    claims, shares = ["K", None, None], pd.Series({"K": "33.3"})
    assert district_firms(rows([None] * 3, claims=claims), shares).base == 3
    firms = district_firms(rows([None, 7, None], claims=claims), shares)
    assert firms.base is not None and firms.base >= 12
    assert counts_for("33.3", firms.base)[0] + 7 <= firms.base
    assert firms.base - 3 < 12  # the smallest that fits
    own = district_firms(rows([5, None, None], claims=claims), shares)
    assert own.base == 15 and own.counts.bounds({"210301": 1}).upper == 10


def test_counts_that_rule_the_shares_out_stand_alone() -> None:
    table = rows([5, None, None], claims=["K", "L", None])
    firms = district_firms(table, pd.Series({"K": "0.01", "L": "33.33"}), limit=400)
    assert (firms.base, firms.origin, firms.printed) == (None, "unknown", {})
    found = position_table(table, firms)
    assert found["lower_count"].tolist() == [5, 0, 0]
    assert found["upper_count"].isna().tolist() == [False, True, True]
    assert found["low_rate"].notna().tolist() == [True, False, False]
    assert found["upper_quotient"].isna().all()  # over no base there is no share
    assert concentration_bounds(table, firms).empty


def test_a_base_leaves_no_firm_without_a_district() -> None:
    """Six counts and three shares: no base has the firms that the others do not have."""
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    table = tables.load("districts")
    unprinted = table["share_claim_id"].isna()
    few = table.assign(srdi_firms_count=table["srdi_firms_count"].mask(unprinted, 5))
    firms = district_firms(few, reported)
    assert (firms.base, firms.bases, firms.origin) == (None, (), "unknown")
    assert position_table(few, firms)["lower_count"].sum() == 30
    # 4 + 4 + 4 + 5 + 5 + 5 are the 27 firms that 88 leave; four times as many fit 352 only.
    fit = dict(zip(table.index[unprinted], [4, 4, 4, 5, 5, 5], strict=True))
    for times in (1, 4):
        own = table["srdi_firms_count"].copy()
        for row, count in fit.items():
            own[row] = times * count
        assert district_firms(table.assign(srdi_firms_count=own), reported).bases == (88 * times,)


def test_a_count_on_record_is_named_with_its_source() -> None:
    table = rows([3, None, None], claims=[None, "K", None]).assign(source_id=["OWN", "S", "S"])
    firms = district_firms(table, pd.Series({"K": "33.3"}))
    told = {fact.text: fact.source_ids for fact in firms.counts.facts}
    assert told["district 210300: 3"] == ("OWN",)
    assert told[f"district 210301: printed share of {firms.base}"] == ("S", "STUDY")


@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.integers(1, 3))
@settings(max_examples=40)
def test_bounds_are_those_of_all_tables(counts: list[int], known: int) -> None:
    total = sum(counts)
    if not total or known >= len(counts):
        return
    share = f"{100 * counts[0] / total:.4f}"
    table = rows([None, *counts[1:known], *[None] * (len(counts) - known)], claims=["K"] + [None] * (len(counts) - 1))  # fmt: skip
    firms = district_firms(table, pd.Series({"K": share}))
    assert firms.base is not None and firms.base <= total
    fits = [
        cells
        for cells in product(range(firms.base + 1), repeat=len(counts))
        if sum(cells) == firms.base
        and cells[0] in counts_for(share, firms.base)
        and list(cells[1:known]) == counts[1:known]
    ]
    found = position_table(table, firms)
    for place in range(len(counts)):
        values = [cells[place] for cells in fits]
        assert found["lower_count"].iloc[place] == min(values)
        assert found["upper_count"].iloc[place] == max(values)
    squares = [sum(n * n for n in cells) / firms.base**2 for cells in fits]
    hhi = concentration_bounds(table, firms).set_index("index").loc["hhi"]
    assert hhi["lower"] == pytest.approx(min(squares))
    assert hhi["upper"] >= max(squares) - 1e-12
    if hhi["exact"]:
        assert hhi["upper"] == pytest.approx(max(squares))


def test_readings_over_larger_bases() -> None:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    table = tables.load("districts")
    found = quotients_by_base(table, district_firms(table, reported))
    assert found.groupby("district_id")["firms_count"].apply(list).to_dict() == {
        "210300-ED": [18, 36, 54, 72], "210300-HT": [19, 38, 57, 76], "210381": [24, 48, 72, 96],
    }  # fmt: skip
    people = table.set_index("district_id")["census_population_2020_persons"]
    for row in found.itertuples():
        exact = binomtest(row.firms_count, row.base).proportion_ci(0.95, "exact")
        share = people[row.district_id] / people.sum()
        assert (row.low, row.high) == pytest.approx((exact.low / share, exact.high / share))
    width = (found["high"] - found["low"]).groupby(found["district_id"])
    assert width.apply(lambda part: part.is_monotonic_decreasing).all()
    assert found.set_index("district_id").loc["210300-HT", "reading"].eq("above").all()
    counted = rows([5, 3])
    assert quotients_by_base(counted, district_firms(counted, NONE)).empty
    unknown = rows([None, None, None], [5, None, 5], ["K", None, None])
    assert quotients_by_base(unknown, district_firms(unknown, pd.Series({"K": "33.3"}))).empty


def test_readings_of_a_count_on_record_over_larger_bases() -> None:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    table = tables.load("districts")
    own = table["srdi_firms_count"].mask(table["district_id"] == "210323", 27)
    table = table.assign(srdi_firms_count=own)
    found = quotients_by_base(table, district_firms(table, reported))
    rows_of = found[found["district_id"] == "210323"].set_index("base")
    assert rows_of["firms_count"].eq(27).all()
    assert rows_of["reading"].iloc[[0, -1]].tolist() == ["above", "below"]
    people = table.set_index("district_id")["census_population_2020_persons"]
    for base, row in rows_of.iterrows():
        exact = binomtest(27, base).proportion_ci(0.95, "exact")
        share = people["210323"] / people.sum()
        assert (row["low"], row["high"]) == pytest.approx((exact.low / share, exact.high / share))


# --- Orders -----------------------------------------------------------------------------------


def test_equal_residents_give_the_test_of_equal_counts() -> None:
    table = position_table(rows([24, 19, 18]), district_firms(rows([24, 19, 18]), NONE))
    found = order_tests(table)
    by = {kind: part.reset_index(drop=True) for kind, part in found.groupby("by")}
    assert set(by) == {"firms", "rate"}
    columns = ["larger", "smaller", "p_value", "p_holm", "could_be_chance"]
    np.testing.assert_allclose(by["firms"]["p_value"], by["rate"]["p_value"])
    assert by["firms"][columns[:2]].equals(by["rate"][columns[:2]])
    assert found["could_be_chance"].all()
    assert not found["level"].any()


def test_level_counts_and_rates_are_no_order() -> None:
    table = position_table(
        rows([10, 10, 5], [200, 100, 50]), district_firms(rows([10, 10, 5]), NONE)
    )
    found = order_tests(table)
    level = found[found["level"]]
    assert [(row.by, {row.larger, row.smaller}) for row in level.itertuples()] == [
        ("firms", {"D0", "D1"}), ("rate", {"D1", "D2"}),
    ]  # fmt: skip


def test_the_leading_pairs_are_the_first_and_the_neighbours() -> None:
    counts = [50, 40, 30, 20, 10]
    table = position_table(rows(counts), district_firms(rows(counts), NONE))
    found = order_tests(table)
    for _, part in found.groupby("by"):
        leading = part[part["leading"]]
        assert {(row.larger, row.smaller) for row in leading.itertuples()} == {
            *(("D0", f"D{n}") for n in range(1, 5)), ("D1", "D2"), ("D2", "D3"), ("D3", "D4"),
        }  # fmt: skip


def test_orders_compare_only_what_is_known() -> None:
    claims = ["K", "K2", None, None]
    table = rows([None] * 4, [900, 100, 50, 50], claims)
    shares = pd.Series({"K": "45.45", "K2": "40.91"})
    found = order_tests(position_table(table, district_firms(table, shares)))
    assert set(found["larger"]) | set(found["smaller"]) == {"D0", "D1"}
    none = rows([None, None], claims=["K", None])
    left = district_firms(none, pd.Series({"K": "33.3"}))
    assert order_tests(position_table(none, left))["by"].tolist() == ["firms", "rate"]
    nothing = rows([0, 0])
    assert order_tests(position_table(nothing, district_firms(nothing, NONE))).empty


# --- Bad input --------------------------------------------------------------------------------


def test_no_residents_no_rate() -> None:
    for people in ([0, 500, 500], [None, 500, 500]):
        table = rows([3, 2, 1], people)
        found = position_table(table, district_firms(table, NONE))
        columns = ["lower_rate", "high_rate", "lower_quotient", "high_quotient"]
        assert found.loc[0, columns].isna().all()
        assert found.loc[1:, "high_rate"].notna().all()
        # An unknown number of residents leaves every share of residents unknown, none does not.
        assert found.loc[1:, "lower_quotient"].notna().all() == (people[0] == 0)
    some = order_tests(position_table(rows([3, 2, 1], [0, 5, 5]), district_firms(rows([3, 2, 1]), NONE)))  # fmt: skip
    assert len(some[some["by"] == "rate"]) == 1 and len(some[some["by"] == "firms"]) == 3


def test_one_district() -> None:
    table = rows([4])
    firms = district_firms(table, NONE)
    assert position_table(table, firms)["lower_quotient"].tolist() == [1.0]
    assert concentration_bounds(table, firms)["index"].tolist() == ["cr1", "hhi"]
    assert order_tests(position_table(table, firms)).empty


def test_no_firms_at_all() -> None:
    table = rows([0, 0])
    firms = district_firms(table, NONE)
    found = position_table(table, firms)
    assert firms.base == 0
    assert found["lower_rate"].tolist() == [0.0, 0.0]
    assert found["high_rate"].tolist() == pytest.approx([poisson_interval(0)[1] * 10] * 2)
    assert found["lower_quotient"].isna().all()
    assert concentration_bounds(table, firms).empty


def test_no_districts() -> None:
    table = tables.load("districts").iloc[:0]
    firms = district_firms(table, NONE)
    assert position_table(district_table(table, NONE), firms).empty
    assert concentration_bounds(table, firms).empty
    assert (firms.base, firms.origin) == (None, "unknown")


def test_what_cannot_be_used_is_named() -> None:
    twice = rows([1, 2])
    twice["district_id"] = "210302"
    with pytest.raises(InputError, match="table districts: 210302 stand twice"):
        district_firms(twice, NONE)
    broken = rows([1, 2]).assign(srdi_firms_count=[-1.0, 2.0])
    with pytest.raises(InputError, match=r"column srdi_firms_count: negative at 210300"):
        district_firms(broken, NONE)
    with pytest.raises(InputError, match=r"2\.5 at 210301 is no whole number"):
        district_firms(broken.assign(srdi_firms_count=[1.0, 2.5]), NONE)
    with pytest.raises(InputError, match="infinite at 210301"):
        district_firms(broken.assign(srdi_firms_count=[1.0, float("inf")]), NONE)
    table = rows([1, 2], [-5, 10])
    with pytest.raises(InputError, match="negative at 210300"):
        position_table(table, district_firms(table, NONE))
    with pytest.raises(InputError, match="there is no cell '210301'"):
        position_table(rows([1, 2]), district_firms(rows([1]), NONE))
