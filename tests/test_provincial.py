"""Provinces: exact where complete, bounds where not, and points when every count is supplied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis import concentration, decomposition, mobility, provincial, shares
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.provinces import Provinces, build, interval_table

TABLES = tables.load_all()
PLACES = TABLES["places"]
REGION = PLACES.set_index("place_id")["region"]


@pytest.fixture(scope="module")
def problem() -> Provinces:
    return build(TABLES, time_limit=60.0)


@pytest.fixture(scope="module")
def cells() -> shares.Cells:
    return shares.Cells(TABLES["province_counts"], PLACES, "study")


@pytest.fixture(scope="module")
def first_two(cells: shares.Cells) -> provincial.Complete:
    return provincial.complete_spans(cells, cells, [(1, 2)])[0]


def made_up(seed: int = 7) -> dict[str, pd.DataFrame]:
    """The tables with synthetic counts of every unit in every batch, in place of what is known."""
    units = list(PLACES.loc[PLACES["level"] != "prefecture", "place_id"])
    totals = shares.basis_table(TABLES["batches"], TABLES["bases"])
    random, rows = np.random.default_rng(seed), []
    for batch in range(1, 6):
        total = shares.basis_total(totals, "study", batch, batch)
        counts = random.multinomial(total, random.dirichlet(np.full(len(units), 1.5)))
        measure = "announced" if batch == 5 else "certified"
        rows += [
            (unit, batch, batch, measure, int(n), "yes", pd.NA, "SYNTHETIC", pd.NA)
            for unit, n in zip(units, counts, strict=True)
        ]
    table = pd.DataFrame(rows, columns=TABLES["province_counts"].columns)
    empty = {name: TABLES[name].iloc[:0] for name in ("province_limits", "region_totals")}
    return {**TABLES, "province_counts": table, **empty}


FULL = made_up()


@pytest.fixture(scope="module")
def full() -> tuple[Provinces, shares.Cells]:
    return build(FULL), shares.Cells(FULL["province_counts"], PLACES, "study")


# --- What is complete -----------------------------------------------------------------------------


def test_spans() -> None:
    assert provincial.spans_through(1) == [(1, 1)]
    assert len(provincial.spans_through(5)) == 9
    assert provincial.spans_to_bound(2) == [(1, 2)]
    assert provincial.spans_to_bound(7) == provincial.spans_to_bound(5)


@pytest.mark.parametrize("basis", ["study", "certified", "announced"])
def test_the_first_two_batches_are_complete_on_every_basis(basis: str) -> None:
    own, certified = (
        shares.Cells(TABLES["province_counts"], PLACES, b) for b in (basis, "certified")
    )
    found = provincial.complete_spans(own, certified, provincial.spans_through(5))
    assert [item.name for item in found] == ["1-2"]
    assert found[0].counts.sum() == 1832 and len(found[0].counts) == 32
    # Announced counts of batch 2 are not known by province: certified ones stand in, named so.
    assert found[0].basis == ("certified" if basis == "announced" else basis)
    assert found[0].source_ids == ("N-S01",)


def test_every_span_is_complete_with_every_count(full: tuple[Provinces, shares.Cells]) -> None:
    spans = provincial.spans_through(5)
    found = provincial.complete_spans(full[1], full[1], spans)
    assert [item.span for item in found] == spans


# --- Growth and neighbours ------------------------------------------------------------------------


def test_growth_of_the_batches(problem: Provinces, cells: shares.Cells) -> None:
    totals = shares.basis_table(TABLES["batches"], TABLES["bases"])
    table = provincial.batch_growth(totals, problem, cells, "210000", 7).set_index("batch")
    assert table["total_count"].tolist() == [248, 1584, 2930, 4357, 3671, 3012, 3482]
    assert table.loc[3, "growth_pct"] == pytest.approx(100 * (2930 / 1584 - 1))
    assert pd.isna(table.loc[1, "growth_pct"])
    # Known from the first two and the first three batches together.
    assert table.loc[3, ["lower_count", "upper_count"]].tolist() == [137, 137]
    assert table.loc[2, "lower_count"] < table.loc[2, "upper_count"]
    assert table.loc[[6, 7], ["lower_count", "upper_count"]].isna().all(axis=None)


def test_growth_skips_a_batch_without_a_total(problem: Provinces) -> None:
    totals = shares.basis_table(TABLES["batches"], TABLES["bases"])
    own = shares.Cells(TABLES["province_counts"], PLACES, "certified")
    table = provincial.batch_growth(totals, problem, own, "210000", 7)
    assert table["batch"].tolist() == [1, 2, 3, 4, 5]
    broken = totals[totals["batch"] != 3]
    table = provincial.batch_growth(broken, problem, own, "210000", 5).set_index("batch")
    assert pd.isna(table.loc[4, "growth_pct"]) and pd.notna(table.loc[5, "growth_pct"])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.data())
def test_neighbours(values: list[int], data: st.DataObject) -> None:
    counts = pd.Series(values, index=[f"u{n}" for n in range(len(values))])
    focal = data.draw(st.sampled_from(list(counts.index)))
    side = data.draw(st.integers(0, 5))
    found = provincial.neighbours(counts, focal, side)
    assert focal in found.index and found.is_monotonic_decreasing
    assert len(found) >= min(2 * side + 1, len(counts))
    # Whoever is left out lies beyond both ends.
    left = counts.drop(found.index)
    assert ((left > found.max()) | (left < found.min())).all()


# --- Concentration --------------------------------------------------------------------------------


def test_bounds_of_the_complete_batches_are_the_indices(
    problem: Provinces, first_two: provincial.Complete
) -> None:
    found = provincial.concentration_bounds(problem, [(1, 2)], "study", (1, 4, 5, 8))
    assert (found["low"] == found["high"]).all() and found["attained"].all()
    table = concentration.indices(first_two.counts, (1, 4, 5, 8)).set_index("index")["value"]
    for row in found.itertuples():
        assert row.low == pytest.approx(table[row[2]], rel=1e-12)


def test_the_fifth_batch_is_more_concentrated_than_the_first_two(problem: Provinces) -> None:
    bounds = provincial.concentration_bounds(problem, [(1, 2), (5, 5), (1, 5), (1, 7)], "study")
    assert set(bounds["batches"]) == {"1-2", "5", "1-5"}  # batches 6 and 7 are not bounded
    found = provincial.compare_with(bounds, "1-2").set_index(["index", "batches"])["direction"]
    assert found.to_dict() == {
        ("cr5", "5"): "higher", ("hhi", "5"): "higher", ("cr5", "1-5"): "higher",
        ("hhi", "1-5"): "open",
    }  # fmt: skip


def test_directions() -> None:
    rows = [("0", 3, 4), ("a", 5, 6), ("b", 1, 2), ("c", 4, 5), ("d", 3, 4), ("e", 2, 3)]
    frame = pd.DataFrame([("x", *row) for row in rows], columns=["index", "batches", "low", "high"])
    found = provincial.compare_with(frame, "0").set_index("batches")["direction"]
    assert found.to_dict() == {"a": "higher", "b": "lower", "c": "open", "d": "open", "e": "open"}
    point = pd.DataFrame([("x", "0", 3, 3), ("x", "a", 3, 3)], columns=frame.columns)
    assert provincial.compare_with(point, "0")["direction"].tolist() == ["equal"]
    with pytest.raises(InputError, match="batches 9: not bounded"):
        provincial.compare_with(frame, "9")


def test_bounds_hold_for_random_full_tables(full: tuple[Provinces, shares.Cells]) -> None:
    """With every count known, each bound is a point and equals the index."""
    bounds = provincial.concentration_bounds(full[0], provincial.spans_through(5), "study")
    assert (bounds["low"] == bounds["high"]).all() and bounds["attained"].all()
    known = provincial.complete_spans(full[1], full[1], provincial.spans_through(5))
    for item in known:
        own = bounds[bounds["batches"] == item.name].set_index("index")["low"]
        assert own["hhi"] == pytest.approx(concentration.herfindahl(item.counts), rel=1e-12)
        ratio = concentration.concentration_ratio(item.counts, 5)
        assert own["cr5"] == pytest.approx(ratio, rel=1e-12)


def test_theil_of_regions_and_plan_cities(
    first_two: provincial.Complete, cells: shares.Cells
) -> None:
    cities = PLACES.loc[PLACES["plan_city"], "place_id"]
    plan = {city: cells.exact(city, 1, 2).firms_count for city in cities}
    table = provincial.theil_table(first_two.counts, PLACES, plan)
    for key, part in table.groupby("split"):
        whole, groups = part[part["group"] == "all"].iloc[0], part[part["group"] != "all"]
        assert groups["between"].sum() == pytest.approx(whole["between"])
        assert whole["between"] + whole["within"] == pytest.approx(whole["theil"])
        assert groups["total"].sum() == 1832 == whole["total"]
        assert whole["units_count"] == {"region": 32, "plan_city": 37}[str(key)]
    assert set(provincial.theil_table(first_two.counts, PLACES, {})["split"]) == {"region"}
    with pytest.raises(InputError, match="negative at 210000"):
        provincial.theil_table(first_two.counts, PLACES, {"210200": 75})


def test_table_of_indices(full: tuple[Provinces, shares.Cells]) -> None:
    known = provincial.complete_spans(full[1], full[1], [(1, 1), (1, 2)])
    table = provincial.concentration_table(known, (1, 5))
    assert list(table.columns) == ["index", "1", "1-2", "lowest", "highest"]
    assert (table["1"] >= table["lowest"] - 1e-12).all()
    with pytest.raises(InputError, match="no range of batches is complete"):
        provincial.concentration_table([], (1,))


# --- References -----------------------------------------------------------------------------------


def references() -> pd.DataFrame:
    return provincial.reference_table(TABLES["province_population"], TABLES["province_covariates"])


def test_merging_the_corps(first_two: provincial.Complete) -> None:
    merged = provincial.merge_corps(first_two.counts, PLACES)
    assert len(merged) == 31 and merged.sum() == 1832 and "XPCC" not in merged.index
    assert merged["650000"] == first_two.counts["650000"] + first_two.counts["XPCC"]


def test_references_cover_every_province(first_two: provincial.Complete) -> None:
    table = references()
    assert list(table.columns) == list(provincial.REFERENCES)
    assert table.notna().all(axis=None) and len(table) == 31
    assert table["residents"].sum() == 1_411_778_724 - 2_000_000
    merged = provincial.merge_corps(first_two.counts, PLACES)
    assert set(table.index) == set(merged.index)


def test_quotients_weighted_by_the_reference_average_to_one(first_two: provincial.Complete) -> None:
    merged = provincial.merge_corps(first_two.counts, PLACES)
    table = provincial.quotient_table(merged, references())
    assert len(table) == 4 * 31 and (table["low"] <= table["lq"]).all()
    for _, part in table.groupby("reference_name"):
        weight = part["reference"] / part["reference"].sum()
        assert (weight * part["lq"]).sum() == pytest.approx(1)
    tibet = table[table["place_id"] == "540000"]
    assert (tibet["lq"] == 0).all() and (tibet["log_lq"] == -np.inf).all()
    assert (tibet["high"] > 0).all()


def test_a_gap_or_a_zero_in_a_reference(first_two: provincial.Complete) -> None:
    merged = provincial.merge_corps(first_two.counts, PLACES)
    table = references()
    table.loc["630000", "gdp"] = np.nan  # the whole reference goes: its total would be another
    table.loc["540000", "rd_expenditure"] = 0.0  # the province goes: it has no quotient
    found = provincial.quotient_table(merged, table)
    sizes = found.groupby("reference_name").size().to_dict()
    assert sizes == {"residents": 31, "rd_expenditure": 30, "hightech_firms": 31}
    gaps = provincial.krugman_table(merged, table).set_index("reference_name")
    assert "gdp" not in gaps.index and gaps.loc["rd_expenditure", "units_count"] == 31
    curves = provincial.curves([first_two], table, PLACES)
    assert set(curves["name"]) == {"1-2", "residents", "rd_expenditure", "hightech_firms"}
    with pytest.raises(InputError, match="no reference covers every province"):
        provincial.quotient_table(merged, table[["gdp"]])


# --- Change ---------------------------------------------------------------------------------------


def test_shift_share_of_a_known_province(problem: Provinces) -> None:
    found = provincial.shift_bounds(problem, (1, 2), (3, 3), "study", REGION)
    own = found.loc["210000"]
    # 74 firms in batches 1-2 and 211 in batches 1-3; the nation 1,832 and 2,930.
    assert own[["before_low", "before_high", "after_low", "after_high"]].tolist() == [74, 74, 137, 137]  # fmt: skip
    assert own["national_low"] == pytest.approx(74 * (2930 / 1832 - 1))
    assert (
        own["competitive_low"] == own["competitive_high"] == pytest.approx(137 - 74 * 2930 / 1832)
    )
    assert (found["between_blocks_low"] <= found["between_blocks_high"]).all()


def test_shift_share_bounds_contain_random_full_tables(
    problem: Provinces, full: tuple[Provinces, shares.Cells]
) -> None:
    """Points when all counts are known, and the parts of the textbook formula."""
    found = provincial.shift_bounds(full[0], (1, 2), (3, 5), "study", REGION)
    known = provincial.complete_spans(full[1], full[1], [(1, 2), (1, 5)])
    before, after = known[0].counts, known[1].counts - known[0].counts
    blocks = REGION.reindex(before.index)
    parts = decomposition.shift_share_nested(before, after, blocks)
    for name in provincial.PARTS:
        for end in ("low", "high"):
            column = found[f"{name}_{end}"].reindex(parts.index)
            assert column.to_numpy() == pytest.approx(parts[name].to_numpy(), abs=1e-9), name


@pytest.mark.parametrize("basis", ["study", "announced"])
def test_shift_share_bounds_hold_for_a_completion(problem: Provinces, basis: str) -> None:
    """The parts of one table that fits the fragments lie within the bounds."""
    point = problem.counts._model().minimise({}, 60).point
    assert point is not None
    table = dict(zip(problem.counts.cells, point, strict=False))

    def count(span: tuple[int, int]) -> pd.Series:
        return pd.Series(
            {u: sum(table[c] for c in problem.terms(u, *span, basis)) for u in problem.units}
        )

    found = provincial.shift_bounds(problem, (1, 2), (4, 5), basis, REGION)
    parts = decomposition.shift_share_nested(
        count((1, 2)), count((4, 5)), REGION.reindex(list(problem.units))
    )
    for name in provincial.PARTS:
        low, high = found[f"{name}_low"], found[f"{name}_high"]
        inside = (low - 1e-9 <= parts[name]) & (parts[name] <= high + 1e-9)
        assert (inside | low.isna()).all(), name
    # On the announced basis the first counts are not points: nothing nested, the rest bounded.
    assert found["within_block_low"].isna().all() == (basis == "announced")
    assert (found["competitive_low"] < found["competitive_high"]).any()


def test_ranks(problem: Provinces, first_two: provincial.Complete) -> None:
    table = provincial.rank_table(
        first_two, problem, ["210000", "330000"], [(1, 2), (1, 7)], "study"
    )
    assert table["batches"].tolist() == ["1-2"] * 4  # the seventh batch is not bounded
    assert table["best"].tolist() == [11, 1, 11, 1] == table["worst"].tolist()
    assert (table["ranked_count"] == 32).all()


def test_orders_with_every_count_are_somers_d(full: tuple[Provinces, shares.Cells]) -> None:
    from scipy.stats import somersd

    known = provincial.complete_spans(full[1], full[1], [(1, 2), (1, 5)])
    limits = interval_table(full[0], [(1, 5)], "study").set_index("place_id")
    ends = limits["lower_count"], limits["upper_count"]
    found = mobility.pair_orders(known[0].counts, *ends)
    expected = somersd(known[0].counts, known[1].counts).statistic
    assert (found.d_low, found.d_high) == pytest.approx((expected, expected))
    assert found.undecided == 0


# --- What others printed --------------------------------------------------------------------------


def test_printed_indices_beside_ours(problem: Provinces) -> None:
    bounds = provincial.concentration_bounds(problem, [(1, 2), (1, 3), (5, 5)], "study")
    table = provincial.published_table(TABLES["published_indices"], bounds, problem, "study")
    found = table.set_index(["statistic", "batches"])["compatible"]
    assert found.to_dict() == {
        ("cr5", "1-2"): False, ("cr5", "1-3"): True, ("cr5", "5"): False,
        ("hhi", "1-2"): False, ("hhi", "1-3"): True, ("hhi", "5"): False,
        ("firms_count", "1-4"): True, ("share_pct", "1-4"): True,
    }  # fmt: skip
    zhejiang = table[table["statistic"] == "firms_count"].iloc[0]
    assert zhejiang["low"] <= 1059 <= zhejiang["high"]
    later = TABLES["published_indices"].assign(batch_to=7)
    assert len(provincial.published_table(later.tail(1), bounds, problem, "study")) == 0


def test_a_printed_value_at_the_edge_of_its_rounding() -> None:
    assert provincial.within_rounding("0.436", 0.4355, 0.4355)
    assert not provincial.within_rounding("0.436", 0.4365, 0.4365)
    assert not provincial.within_rounding("0.436", 0.40, 0.4354999)
    assert provincial.within_rounding("1059", 1059.0, 1059.0)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12).filter(any), st.data())
def test_limits_of_the_herfindahl_index(counts: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(counts)))
    ratio = concentration.concentration_ratio(counts, n)
    low, high = concentration.herfindahl_limits(ratio, n, len(counts))
    assert low - 1e-12 <= concentration.herfindahl(counts) <= high + 1e-12


def test_limits_of_the_herfindahl_index_known_answers() -> None:
    low, high = concentration.herfindahl_limits(0.436, 5, 31)
    assert low == pytest.approx(0.436**2 / 5 + 0.564**2 / 26)
    assert low < 0.0599 < high
    assert concentration.herfindahl_limits(1.0, 1, 4) == (1.0, 1.0)
    # Equal shares attain the lower limit, one unit with all the upper one.
    assert concentration.herfindahl_limits(0.5, 2, 4) == pytest.approx((0.25, 0.25))
    for bad in ((0.1, 5, 31), (1.2, 5, 31), (0.5, 6, 5), (0.5, 0, 5), (float("nan"), 2, 5)):
        with pytest.raises(InputError):
            concentration.herfindahl_limits(*bad)


# --- Input that cannot be used --------------------------------------------------------------------


def counts_of(values: Mapping[str, Any]) -> pd.Series:
    return pd.Series(values)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: provincial.neighbours(counts_of({"A": 1}), "B"), "'B' is not among the 1 units"),
        (lambda p: provincial.neighbours(counts_of({"A": -1, "B": 2}), "B"), "negative at A"),
        (lambda p: provincial.neighbours(counts_of({"A": np.nan, "B": 2}), "B"), "missing at A"),
        (lambda p: provincial.shift_bounds(p, (1, 3), (3, 3), "study", REGION), "overlap"),
        (lambda p: provincial.shift_bounds(p, (3, 3), (1, 3), "study", REGION), "overlap"),
        (lambda p: provincial.shift_bounds(p, (1, 2), (3, 3), "mine", REGION), "basis 'mine'"),
        (lambda p: provincial.shift_bounds(p, (1, 2), (6, 6), "study", REGION), "within 1-5"),
        (lambda p: provincial.shift_bounds(p, (1, 2), (3, 3), "study", REGION.drop("110000")), "blocks: missing at 110000"),
    ],
)  # fmt: skip
def test_input_that_cannot_be_used(
    call: Callable[[Provinces], object], message: str, problem: Provinces
) -> None:
    with pytest.raises(InputError, match=message):
        call(problem)


def test_one_region_has_no_part_between(full: tuple[Provinces, shares.Cells]) -> None:
    found = provincial.shift_bounds(full[0], (1, 1), (2, 2), "study", REGION.map(lambda _: "all"))
    assert found["between_blocks_low"].to_numpy() == pytest.approx(np.zeros(32), abs=1e-9)


def test_spans_are_in_the_order_of_time() -> None:
    ends = [last for _, last in provincial.spans_through(6)]
    assert all(a <= b for a, b in pairwise(ends))
