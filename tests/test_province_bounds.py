"""Each kind of constraint read from the province tables, and what the real tables entail."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.analysis.claim_rules import RULES, nation
from helpers.errors import InputError
from helpers.evidence import completion, provinces, tables
from helpers.evidence.claims import Finding, Ledger, Setting, read_tests, verdict_of
from helpers.evidence.completion import (
    Counts,
    InfeasibleError,
    Interval,
    linear,
)
from helpers.evidence.granularity import counts_for
from helpers.evidence.provinces import Provinces, build

LIAONING = "210000"
# A province with a plan city, one without, and one in the North-east.
PLACES = [("P", "province", "P", "East", False), ("Q", "province", "Q", "East", False),
          ("N", "province", "N", "Northeast", False), ("C", "prefecture", "P", None, True),
          ("D", "prefecture", "P", None, False)]  # fmt: skip
ANNOUNCED = {1: 10, 2: 30, 3: 50, 4: 70, 5: 90}
CERTIFIED = {1: 10, 2: 20, 3: 50, 4: 80, 5: 85}
NONE = float("nan")


def figures() -> pd.DataFrame:
    rows: list[tuple[Any, ...]] = []
    for batch in range(1, 6):
        rows.append((f"A{batch}", str(batch), 2018 + batch, "announced", ANNOUNCED[batch], "S-nat"))
        final = "final_list" if batch == 4 else "certified"
        rows.append((f"C{batch}", str(batch), 2018 + batch, final, CERTIFIED[batch], "S-nat"))
    rows.append(("A6", "6", 2024, "announced", 60, "S-nat"))
    rows.append(("S4", "1-4", 2022, "stock", 140, "S-nat"))
    return pd.DataFrame(rows, columns=["figure_id", "batch", "year", "measure", "firms_count", "source_id"])  # fmt: skip


def bases() -> pd.DataFrame:
    rows = []
    for batch in range(1, 6):
        announced = "C4" if batch == 4 else f"A{batch}"
        rows.append(("announced", batch, announced))
        rows.append(("certified", batch, f"C{batch}"))
        rows.append(("study", batch, "A5" if batch == 5 else f"C{batch}"))
    return pd.DataFrame(rows, columns=["basis", "batch", "figure_id"]).assign(source_id="S-nat")


def count(place: str, first: int, last: int, measure: str, n: int, plan: str = "not_applicable",
          as_of: Any = NONE, source: str = "S-1") -> tuple[Any, ...]:  # fmt: skip
    return place, first, last, measure, n, plan, as_of, source


def limit(places: str, first: int, last: int, measure: str, lower: Any, upper: Any,
          forecast: bool = False, ordered: bool = False) -> tuple[Any, ...]:  # fmt: skip
    return places, first, last, measure, lower, upper, forecast, ordered, "a limit", "S-2"


def region(name: str, first: int, last: int, measure: str, n: int, total: int, folded: bool) -> tuple[Any, ...]:  # fmt: skip
    return name, first, last, measure, n, total, folded, "S-3"


def frame(rows: Sequence[tuple[Any, ...]], columns: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def small(counts: Sequence[tuple[Any, ...]] = (), limits: Sequence[tuple[Any, ...]] = (),
          regions: Sequence[tuple[Any, ...]] = (), **options: Any) -> Provinces:  # fmt: skip
    places = pd.DataFrame(
        PLACES, columns=["place_id", "level", "province_id", "region", "plan_city"]
    )
    span = "batch_from batch_to measure"
    frames = {
        "places": places.assign(name_en=places["place_id"], name_zh=places["place_id"]),
        "batches": figures(),
        "bases": bases(),
        "province_counts": frame(
            counts, f"place_id {span} firms_count includes_plan_city as_of source_id"
        ),
        "province_limits": frame(
            limits,
            f"place_ids {span} lower_count upper_count forecast ordered statement_en source_id",
        ),
        "region_totals": frame(
            regions, f"region {span} firms_count total_count includes_northeast source_id"
        ),
        "reviews": pd.DataFrame(
            {"batch": [1, 2, 3], "effective": ["2022-09", "2023-07", "2024-09"]}
        ),
    }
    return build(frames, **options)


def certified(problem: Provinces, place: str, first: int, last: int) -> tuple[int | None, int | None]:  # fmt: skip
    found = problem.count(place, first, last, "certified")
    assert found.exact
    return found.lower, found.upper


def cell(problem: Provinces, measure: str, place: str, batch: int) -> tuple[int | None, int | None]:
    found = problem.counts.bounds({(measure, place, batch): 1})
    return found.lower, found.upper


# -- one kind of constraint at a time --------------------------------------------------------------


def test_only_totals() -> None:
    problem = small()
    assert problem.units == ("P", "Q", "N")
    assert certified(problem, "Q", 1, 5) == (0, sum(CERTIFIED.values()))
    assert problem.total(1, 5, "study") == 10 + 20 + 50 + 80 + 90
    assert problem.total(1, 5, "announced") == 10 + 30 + 50 + 80 + 90
    assert ("announced", 4) not in problem.totals
    assert problem.count(["P", "Q", "N"], 1, 5, "study").is_point


def test_an_exact_count() -> None:
    problem = small([count("Q", 1, 3, "certified", 33)])
    assert certified(problem, "Q", 1, 3) == (33, 33)
    assert certified(problem, "P", 1, 3) == (0, 47)


def test_certified_firms_were_announced() -> None:
    problem = small([count("Q", 2, 2, "certified", 12), count("Q", 5, 5, "announced", 9)])
    assert cell(problem, "announced", "Q", 2) == (12, 22)
    assert cell(problem, "certified", "Q", 5) == (4, 9)
    # Batch 3 lost no firm, so that the two lists agree in every place, plan cities included.
    problem = small([count("C", 3, 3, "certified", 5)])
    assert cell(problem, "announced", "C", 3) == (5, 5)


def test_a_plan_city_lies_within_its_province() -> None:
    problem = small([count("C", 3, 3, "certified", 20), count("P", 5, 5, "announced", 7, "yes")])
    assert certified(problem, "P", 3, 3) == (20, 50)
    assert cell(problem, "announced", "C", 5) == (0, 7)
    with pytest.raises(InputError, match="no cell"):
        problem.count("D", 1, 3, "certified")


def test_a_count_without_the_plan_city() -> None:
    rows = [count("P", 1, 2, "certified", 8, "no"), count("C", 1, 2, "certified", 3)]
    assert certified(small(rows), "P", 1, 2) == (11, 11)
    assert certified(small(rows[:1]), "P", 1, 2) == (8, 30)


def test_a_count_that_may_lack_the_plan_city() -> None:
    """With the city at least as many, without it at most as many, whichever is meant."""
    problem = small([count("P", 1, 2, "certified", 8, "unclear")])
    assert certified(problem, "P", 1, 2) == (8, 30)
    problem = small([count("P", 1, 2, "certified", 8, "unclear"), count("C", 1, 2, "certified", 3)])
    assert certified(problem, "P", 1, 2) == (8, 11)
    for meant in ("yes", "no"):
        exact = small([count("P", 1, 2, "certified", 8, meant), count("C", 1, 2, "certified", 3)])
        assert 8 <= (certified(exact, "P", 1, 2)[0] or 0) <= 11
    problem = small([count("P", 5, 5, "announced", 8, "unclear")])
    assert cell(problem, "announced", "P", 5) == (8, 90)


@pytest.mark.parametrize("row", [
    count("P", 1, 2, "stock", 8, "unclear", "2021-06"),
    count("P", 3, 4, "announced", 8, "unclear"), count("P", 5, 6, "certified", 8, "unclear"),
    *(count("Q", 1, 3, measure, 8) for measure in ("database", "mixed", "researcher_list")),
    count("Q", 6, 6, "announced", 8), count("Q", 4, 6, "certified", 8), count("Q", 4, 4, "announced", 8),
])  # fmt: skip
def test_rows_that_are_never_used(row: tuple[Any, ...]) -> None:
    assert len(small([row]).counts.facts) == len(small().counts.facts)


def test_announced_sums_with_batch_4_bound_the_others_only() -> None:
    problem = small([count("Q", 1, 4, "announced", 25)])
    assert certified(problem, "Q", 1, 3) == (0, 25)
    assert certified(problem, "Q", 4, 4) == (0, 80)
    # The earlier part may have been counted from certified lists.
    assert cell(problem, "announced", "Q", 2) == (0, 30)


def test_titles_that_passed_a_review_were_certified() -> None:
    problem = small([count("Q", 3, 3, "review_passed", 13, as_of="2024-09")])
    assert certified(problem, "Q", 3, 3) == (13, 50)


# -- stocks ------------------------------------------------------------------------------------


def test_a_stock_bounds_from_below_and_its_unreviewed_batches_from_above() -> None:
    problem = small([count("Q", 1, 5, "stock", 100, as_of="2024-07-22")])
    assert certified(problem, "Q", 1, 5) == (100, 130)
    assert certified(problem, "Q", 3, 5) == (70, 100)


@pytest.mark.parametrize(("as_of", "lasting"), [
    ("2023-06", (2, 5)), ("2023-07", (3, 5)), ("2024-08-31", (3, 5)), ("2024-09", (4, 5)),
    ("2024", (4, 5)), ("2024-12-31", (4, 5)), ("2025", (5, 5)), ("2025-01", (5, 5)),
])  # fmt: skip
def test_only_reviewed_batches_can_have_lapsed(as_of: str, lasting: tuple[int, int]) -> None:
    problem = small([count("Q", 1, 5, "stock", 60, as_of=as_of)])
    whole = sum(CERTIFIED[b] for b in range(lasting[0], 6))
    assert certified(problem, "Q", *lasting)[1] == min(60, whole)
    if lasting[0] > 1:
        reviewed = lasting[0] - 1
        assert certified(problem, "Q", reviewed, 5)[1] == min(60, whole) + CERTIFIED[reviewed]


def test_a_stock_without_a_date_bounds_nothing_from_above() -> None:
    problem = small([count("Q", 1, 5, "stock", 100)])
    assert certified(problem, "Q", 1, 5)[1] == sum(CERTIFIED.values())
    # Its batch 5 may be the announced one.
    assert certified(problem, "Q", 1, 5)[0] == 95
    assert problem.count("Q", 1, 5, "study").lower == 100


def test_stocks_of_2022_count_the_announced_batch_4() -> None:
    problem = small([count("Q", 1, 4, "stock", 60, as_of="2022-10")])
    assert certified(problem, "Q", 4, 4) == (0, 80)
    assert certified(problem, "Q", 1, 4) == (0, 60 + 10 + 80)
    # Batches 2 and 3 were not reviewed yet.
    assert certified(problem, "Q", 2, 3) == (0, 60)
    later = small([count("Q", 1, 4, "stock", 60, as_of="2023-08")])
    assert certified(later, "Q", 1, 4) == (60, 60 + 10 + 20)


def test_a_stock_with_a_later_batch_bounds_from_above_only() -> None:
    problem = small([count("Q", 1, 6, "stock", 60, as_of="2024-10")])
    assert certified(problem, "Q", 4, 5) == (0, 60)
    assert certified(problem, "Q", 1, 3) == (0, 80)


def test_a_stock_without_the_plan_city() -> None:
    rows = [count("P", 1, 5, "stock", 40, "no", "2024-10"), count("C", 1, 5, "certified", 50)]
    assert certified(small(rows), "P", 1, 5) == (90, 170)


# -- limits and regions ------------------------------------------------------------------------


def test_limits_hold_for_each_place() -> None:
    problem = small(limits=[limit("Q;N", 5, 5, "announced", 10, 20)])
    assert cell(problem, "announced", "Q", 5) == (10, 20)
    assert cell(problem, "announced", "P", 5) == (50, 70)


def test_an_order_of_places() -> None:
    problem = small([count("Q", 5, 5, "announced", 15)], [limit("P;Q;N", 5, 5, "announced", 2, 88, ordered=True)])  # fmt: skip
    assert cell(problem, "announced", "N", 5) == (2, 15)
    assert cell(problem, "announced", "P", 5) == (60, 73)


def test_certified_and_stock_limits() -> None:
    problem = small(limits=[limit("Q", 3, 3, "certified", 13, NONE)])
    assert certified(problem, "Q", 3, 3) == (13, 50)
    problem = small(limits=[limit("Q", 1, 5, "stock", 100, 110)])
    assert problem.count("Q", 1, 5, "study") == Interval(100, 250)


@pytest.mark.parametrize("row", [
    limit("Q", 5, 5, "announced", 80, NONE, forecast=True), limit("Q", 4, 4, "announced", 3, 5),
    limit("Q;N", 1, 4, "stock", NONE, 5), limit("Q", 5, 6, "announced", 3, 5),
])  # fmt: skip
def test_limits_that_are_never_used(row: tuple[Any, ...]) -> None:
    assert len(small(limits=[row]).counts.facts) == len(small().counts.facts)


def test_a_region_with_the_north_east_folded_in() -> None:
    folded = small(regions=[region("East", 3, 3, "certified", 30, 50, True)])
    assert folded.count(["P", "Q"], 3, 3, "certified") == Interval(0, 30)
    assert certified(folded, "N", 3, 3) == (20, 50)
    plain = small(regions=[region("East", 3, 3, "certified", 30, 50, False)])
    assert plain.count(["P", "Q"], 3, 3, "certified") == Interval(30, 30)


def test_the_stock_of_a_region_has_the_date_of_the_national_one() -> None:
    problem = small(regions=[region("Northeast", 1, 4, "stock", 12, 140, False)])
    assert certified(problem, "N", 2, 3) == (0, 12)
    assert certified(problem, "N", 1, 4) == (0, 12 + 10 + 80)
    unknown = small(regions=[region("Northeast", 1, 4, "stock", 12, 141, False)])
    assert certified(unknown, "N", 2, 3) == (0, 70)


# -- the whole -----------------------------------------------------------------------------------


def test_sources_can_be_left_out() -> None:
    rows = [count("Q", 1, 3, "certified", 33, source="S-1;S-9")]
    assert certified(small(rows, leave_out=["S-9"]), "Q", 1, 3) == (0, 80)
    resting = [fact.text for fact in small(rows).counts.facts if "S-9" in fact.source_ids]
    assert resting == ["Q, batches 1-3, certified: 33"]


def test_contradicting_rows_are_named_with_their_sources() -> None:
    rows = [count("Q", 3, 3, "certified", 33, source="S-8"), count("Q", 1, 3, "certified", 30, source="S-9"), count("N", 1, 1, "certified", 1)]  # fmt: skip
    with pytest.raises(InfeasibleError) as caught:
        small(rows).counts.check()
    assert [fact.source_ids for fact in caught.value.conflict] == [("S-8",), ("S-9",)]


def test_wrong_questions_are_refused() -> None:
    problem = small()
    with pytest.raises(InputError, match="basis 'final'"):
        problem.count("Q", 1, 3, "final")
    with pytest.raises(InputError, match="within 1-5"):
        problem.count("Q", 1, 6, "study")


# -- the real tables -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Provinces:
    problem = build(tables.load_all())
    problem.counts.check()
    return problem


def test_liaoning_in_the_first_three_batches(real: Provinces) -> None:
    for basis in ("study", "certified"):
        assert real.count(LIAONING, 1, 2, basis) == Interval(74, 74)
        assert real.count(LIAONING, 1, 3, basis) == Interval(211, 211)
    assert real.rank(LIAONING, 1, 2, "study").is_point
    assert counts_for("4.48", real.total(1, 3, "study")) == []
    # N-S27 counts nine in batch 1 and does not say whether with Dalian.
    assert real.count(LIAONING, 1, 1, "certified").lower == 9
    assert real.counts.bounds({("announced", LIAONING, 2): 1}).lower == 66


@pytest.mark.parametrize("basis", ["study", "certified"])
def test_the_share_of_liaoning_falls_in_every_completion(real: Provinces, basis: str) -> None:
    claim = linear(real.change_terms(LIAONING, (1, 3), (1, 5), basis), "<", 0)
    assert real.counts.decide(claim) == "entailed"
    change = real.change(LIAONING, (1, 3), (1, 5), basis)
    before, after = real.share(LIAONING, 1, 3, basis), real.share(LIAONING, 1, 5, basis)
    assert change.upper < 0
    assert change.upper == after.upper - before.lower


def test_liaoning_over_five_batches(real: Provinces) -> None:
    # 296 valid titles before the review of batch 3: 137 are of batch 3 and 159 at most later.
    assert real.count(LIAONING, 1, 5, "certified") == Interval(296, 74 + 296)
    assert real.share(LIAONING, 1, 5, "study").base == 12_790


def test_rank_statements_agree_with_rank_bounds(real: Provinces) -> None:
    found = real.rank(LIAONING, 1, 3, "study")
    entailed = real.rank_between(LIAONING, found.lower, found.upper, (1, 3), "study")
    assert real.counts.decide(entailed) == "entailed"
    beyond = real.rank_between(LIAONING, found.upper + 1, 32, (1, 3), "study")
    assert real.counts.decide(beyond) == "contradicted"


def test_complete_batches_have_one_value_of_every_index(real: Provinces) -> None:
    sizes = sorted((real.count(unit, 1, 2, "study").lower for unit in real.units), reverse=True)
    assert sum(sizes) == 1832
    found = real.concentration(4, 1, 2, "study")
    assert found.lower == found.upper and found.lower * 1832 == sum(sizes[:4])
    index = real.herfindahl(1, 2, "study")
    assert index.exact and index.lower == index.upper
    assert index.lower * 1832**2 == sum(size**2 for size in sizes)


def test_all_shares_and_ranks_are_solved_within_the_limit(real: Provinces) -> None:
    for unit in real.units:
        share, rank = real.share(unit, 1, 5, "study"), real.rank(unit, 1, 5, "study")
        assert share.exact and rank.exact
        assert 0 <= share.lower <= share.upper <= 1


# --- Claims of the study ------------------------------------------------------------------------


LIAONING, HUBEI = "210000", "420000"
FOUR = ["440000", "320000", "330000", "370000"]


@pytest.mark.parametrize(
    ("places", "span", "reported", "basis", "decision"),
    [
        ([LIAONING], (1, 3), "4.48", "study", "contradicted"),
        ([LIAONING], (1, 3), "4.43", "study", "entailed"),
        # The announced count is not known, and no whole count over 4,922 gives 4.48 %.
        ([LIAONING], (1, 3), "4.48", "announced", "unattainable"),
        ([LIAONING], (1, 5), "2.58", "study", "consistent"),
        ([LIAONING], (1, 5), "3.10", "study", "contradicted"),
        # Unattainable as one share of 4,762, but not as a sum of four rounded shares.
        (FOUR, (1, 3), "32.46", "study", "consistent"),
    ],
)
def test_printed_shares(
    real: Provinces, places: list[str], span: tuple[int, int], reported: str, basis: str,
    decision: str,
) -> None:  # fmt: skip
    assert provinces.decide_share(real, places, span, reported, basis) == decision


def test_changes_that_follow_from_incomplete_data(real: Provinces) -> None:
    for basis in ("study", "certified", "announced"):
        assert (
            real.counts.decide(provinces.change_part(real, [LIAONING], (1, 3), (1, 5), "<", basis))
            == "entailed"
        )
    assert (
        real.counts.decide(provinces.change_part(real, [LIAONING], (1, 3), (1, 5), ">", "study"))
        == "contradicted"
    )
    assert (
        real.counts.decide(provinces.change_part(real, [HUBEI], (1, 3), (1, 5), ">", "study"))
        == "entailed"
    )


def test_leads_and_ranks_agree_with_the_complete_batches(real: Provinces) -> None:
    units = list(real.units)
    assert (
        real.counts.decide(*provinces.lead_parts(real.sums(1, 2, "certified"), ["330000"], units))
        == "entailed"
    )
    assert (
        real.counts.decide(*provinces.lead_parts(real.sums(1, 2, "certified"), FOUR, units))
        == "contradicted"
    )
    # Shandong and Guangdong tie with 141 firms, and a tie is no lead.
    assert (
        real.counts.decide(
            *provinces.lead_parts(real.sums(1, 2, "certified"), ["370000"], ["440000"])
        )
        == "contradicted"
    )
    assert (
        real.counts.decide(real.rank_between(LIAONING, 11, 11, (1, 2), "certified")) == "entailed"
    )
    assert (
        real.counts.decide(real.rank_between(LIAONING, 10, 10, (1, 2), "certified"))
        == "contradicted"
    )
    assert (
        real.counts.decide(provinces.fell_part(real, LIAONING, (1, 2), (1, 2), "certified"))
        == "contradicted"
    )


def test_interval_table_adds_up(real: Provinces) -> None:
    frame = provinces.interval_table(real, [(1, 2), (1, 5)], "study")
    complete = frame[frame["batches"] == "1-2"]
    assert (complete["lower_count"] == complete["upper_count"]).all()
    assert complete["lower_count"].sum() == 1832
    later = frame[frame["batches"] == "1-5"]
    assert later["lower_count"].sum() <= 12790 <= later["upper_count"].sum()
    row = later.set_index("place_id").loc[LIAONING]
    assert (row["lower_count"], row["upper_count"]) == (296, 387)


def test_the_cities_of_a_province_add_up(real: Provinces) -> None:
    inner = build(tables.load_all(), within=LIAONING)
    assert len(inner.cities) == 14
    # The province's own bounds do not change by looking into it.
    assert inner.count(LIAONING, 1, 5, "study") == real.count(LIAONING, 1, 5, "study")
    together = inner.count(inner.cities, 1, 5, "study")
    assert together == inner.count(LIAONING, 1, 5, "study")
    dalian = inner.count("210200", 1, 2, "certified")
    assert (dalian.lower, dalian.upper) == (22, 22)
    rank = inner.rank("210200", 1, 2, "certified", inner.cities)
    assert (rank.lower, rank.upper) == (1, 3)  # two of the others may hold 26 of their 52 each


def test_city_rows_constrain_only_where_they_may() -> None:
    data = tables.load_all()
    rows = data["city_counts"]
    shenyang = rows[rows["place_id"] == "210200"].iloc[[0]].assign(
        place_id="210100", area_zh=None, batch_from=1, batch_to=2, measure="certified",
        firms_count=30, comparison="equal",
    )  # fmt: skip

    def bounds(**change: Any) -> tuple[int | None, int | None]:
        extra = pd.concat([rows, shenyang.assign(**change)], ignore_index=True)
        inner = build({**data, "city_counts": extra}, within=LIAONING)
        found = inner.count("210100", 1, 2, "certified")
        return found.lower, found.upper

    assert bounds() == (30, 30)
    # 9 + 66 announced, Dalian apart, at most, of which 52 were certified: 23 others at most.
    assert bounds(measure="announced") == (7, 30)
    assert bounds(measure="stock", as_of="2021-06") == (30, 30)
    assert bounds(measure="stock", as_of="2024") == (30, 52)
    for unused in (
        {"area_zh": "somewhere"},
        {"measure": "not_stated"},
        {"comparison": "more_than"},
    ):
        assert bounds(**unused) == (0, 52)


@pytest.mark.parametrize("home", ["410000", "420000", "460000", "650000"])
def test_counties_under_the_province_belong_to_no_city(home: str) -> None:
    inner = build(tables.load_all(), within=home)
    cities = inner.count(inner.cities, 1, 2, "certified")
    assert (cities.lower, cities.upper) == (0, inner.count(home, 1, 2, "certified").upper)


def test_a_bound_can_be_traced_to_the_fragments_it_rests_on(real: Provinces) -> None:
    terms = real.terms(HUBEI, 1, 5, "study")
    found = real.count(HUBEI, 1, 5, "study")
    grounds = real.counts.grounds(terms, found.lower, found.upper)
    alone = Counts()
    for cell in real.counts.cells:
        alone.add_cell(cell)
    for fact in grounds:
        alone.require(fact.text, dict(fact.terms), fact.lower, fact.upper, fact.source_ids)
    assert alone.bounds(terms) == found
    assert len(grounds) < 10
    for left_out in (fact for fact in grounds if fact.source_ids):
        fewer = Counts()
        for cell in real.counts.cells:
            fewer.add_cell(cell)
        for fact in grounds:
            if fact is not left_out:
                fewer.require(fact.text, dict(fact.terms), fact.lower, fact.upper)
        assert fewer.bounds(terms) != found
    with pytest.raises(InputError, match="does not follow"):
        real.counts.grounds(terms, (found.lower or 0) + 1, None)


def test_answers_from_what_was_found_before_are_those_of_solving_in_full(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def judged() -> pd.DataFrame:
        setting = Setting(tables.load_all(), "210000", "210300")
        ledger = Ledger(setting, nation.RULES, "02_national_trends", tmp_path)
        # One of each rule, the entailed and contradicted ones among them.
        for claim in ("C2-03", "C2-09", "C2-11", "C2-13", "C2-15", "C2-16", "C2-18"):
            ledger.check(claim)
        return ledger.frame()

    quick = judged()
    # Nothing is kept any more, so that every question is solved in full.
    monkeypatch.setattr(completion._Points, "add", lambda points, point: None)
    pd.testing.assert_frame_equal(quick, judged())


def test_completions_are_taken_over_where_sources_are_left_out() -> None:
    setting = Setting(tables.load_all(), "210000", "210300")
    setting.problem.count("210000", 1, 5, "study")
    sober = setting.without_grade("C").problem
    assert len(sober.counts.facts) < len(setting.problem.counts.facts)
    known = set(setting.problem.counts._points)
    assert known and known <= set(sober.counts._points)


@pytest.mark.parametrize("name", ["places", "batches", "bases"])
def test_an_empty_table_is_named(name: str) -> None:
    data = tables.load_all()
    with pytest.raises(InputError, match=f"table {name} is empty"):
        build(data | {name: data[name].head(0)})


def test_a_basis_that_names_no_figure_is_told() -> None:
    data = tables.load_all()
    wrong = data["bases"].assign(figure_id=data["bases"]["figure_id"].replace("B1-certified", "B0"))
    with pytest.raises(InputError, match="column figure_id, value 'B0'"):
        build(data | {"bases": wrong})


def test_no_index_of_shares_exceeds_one_when_time_runs_out() -> None:
    hurried = build(tables.load_all(), time_limit=0.0)
    for found in (hurried.concentration(4, 1, 5, "study"), hurried.herfindahl(1, 5, "study")):
        assert not found.exact and 0 <= found.lower <= found.upper <= 1
    count, share = hurried.count("210000", 1, 5, "study"), hurried.share("210000", 1, 5, "study")
    assert not count.exact and count.lower <= 296 and count.upper >= 387
    assert not share.exact and share.upper == Fraction(count.upper, 12790)


def test_a_province_with_a_plan_city_says_whether_it_is_included() -> None:
    real_tables = tables.load_all()
    rows = real_tables["province_counts"]
    own = (rows["place_id"] == LIAONING) & (rows["includes_plan_city"] == "yes")
    assert own.any()
    wrong = rows.assign(includes_plan_city=rows["includes_plan_city"].mask(own, "not_applicable"))
    with pytest.raises(
        InputError, match=r"province_counts, place 210000.*includes_plan_city.*Dalian"
    ):
        build(real_tables | {"province_counts": wrong})
    other = rows.assign(includes_plan_city=rows["includes_plan_city"].mask(rows["place_id"] == "220000", "not_applicable"))  # fmt: skip
    build(real_tables | {"province_counts": other})


@pytest.mark.parametrize("missing", [[], ["a count"]])
def test_what_the_time_did_not_suffice_for_is_pending(missing: list[str]) -> None:
    finding = Finding(**nation.settled("undecided", missing), sources=["S"])
    assert verdict_of(finding) == "pending" and nation.TIME in finding.missing
    assert verdict_of(Finding(**nation.settled("undecided", missing))) == "pending"


def test_a_claim_that_is_open_names_the_fragments_on_its_own_places() -> None:
    setting = Setting(tables.load_all(), LIAONING, "210300")
    by_claim = read_tests(setting.tables["claims"], setting.tables["claim_tests"])
    for claim in ("C2-06", "C2-11", "C2-14"):
        test = by_claim[claim]
        found = RULES[test.rule].find(setting, test)
        names = {setting.name(place) for place in test.place_ids}
        other = {setting.name(unit) for unit in setting.problem.units} - names
        assert found.rests_on.startswith("on its own places: ")
        assert any(name in found.rests_on for name in names) and "batches 4-4" not in found.rests_on
        assert not any(
            part.startswith(name) for name in other for part in found.rests_on.split("; ")
        )
        assert 0 < len(found.sources) < 30
