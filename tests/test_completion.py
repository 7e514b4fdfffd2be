"""Bounds, ranks and verdicts of incomplete tables, against enumeration of every completion."""

from __future__ import annotations

import itertools
import math
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import InputError
from helpers.evidence import completion, highs
from helpers.evidence.completion import (
    Counts,
    Fact,
    InfeasibleError,
    Interval,
    RankChange,
    RankFact,
    linear,
    share_rounds_to,
)
from helpers.evidence.settling import least_open, settle, size, within

UNITS, COLUMNS, LARGEST = 3, 2, 3
CELLS = [(unit, column) for unit in range(UNITS) for column in range(COLUMNS)]
# Every table of the size used here, one a row.
EVERY = np.array(list(itertools.product(range(LARGEST + 1), repeat=len(CELLS))))
SUMS = {unit: {(unit, column): 1 for column in range(COLUMNS)} for unit in range(UNITS)}


@dataclass
class Case:
    """A table with some cells hidden, and all tables that agree with what is left."""

    counts: Counts
    truth: np.ndarray
    completions: np.ndarray

    def values(self, terms: dict[tuple[int, int], int]) -> np.ndarray:
        return self.completions @ weights(terms)

    def units(self) -> np.ndarray:
        return self.completions.reshape(-1, UNITS, COLUMNS).sum(axis=2)

    def ranks(self, unit: int) -> np.ndarray:
        sizes = self.units()
        return 1 + (sizes > sizes[:, [unit]]).sum(axis=1)


def weights(terms: dict[tuple[int, int], int]) -> np.ndarray:
    return np.array([terms.get(cell, 0) for cell in CELLS])


def slack(draw: st.DrawFn, value: int) -> tuple[int | None, int | None]:
    """Limits that a value meets."""
    kind = draw(st.sampled_from(["exact", "lower", "upper", "both"]))
    low = None if kind == "upper" else value - (kind != "exact") * draw(st.integers(0, 2))
    high = None if kind == "lower" else value + (kind != "exact") * draw(st.integers(0, 2))
    return low, high


@st.composite
def expressions(draw: st.DrawFn) -> dict[tuple[int, int], int]:
    cells = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=4, unique=True))
    return {cell: draw(st.sampled_from([1, 1, 1, -1, 2])) for cell in cells}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    truth = np.array(draw(st.lists(st.integers(0, LARGEST), min_size=6, max_size=6)))
    counts, left = Counts(), np.ones(len(EVERY), dtype=bool)
    for cell in CELLS:
        counts.add_cell(cell, LARGEST)
    known: list[dict[tuple[int, int], int]] = []
    known += [{cell: 1} for cell in CELLS if draw(st.integers(0, 3)) == 0]
    for column in range(COLUMNS):
        if draw(st.booleans()):
            known.append({(unit, column): 1 for unit in range(UNITS)})
    known += draw(st.lists(expressions(), max_size=3))
    for terms in known:
        low, high = slack(draw, int(truth @ weights(terms)))
        counts.require(f"{terms}", terms, low, high, ["S"])
        value = EVERY @ weights(terms)
        left &= (value >= (-99 if low is None else low)) & (value <= (99 if high is None else high))
    return Case(counts, truth, EVERY[left])


def many(number: int) -> settings:
    """A number of cases, the same ones at every run; a third of them but under ``make soak``."""
    number = number if os.environ.get("STUDY_SOAK") else number // 3
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=number, derandomize=True, suppress_health_check=slow)


def verdict(holds: np.ndarray) -> str:
    return "entailed" if holds.all() else "consistent" if holds.any() else "contradicted"


# -- against enumeration ---------------------------------------------------------------------------


@many(750)
@given(cases(), expressions())
def test_bounds_are_those_of_enumeration(case: Case, terms: dict[tuple[int, int], int]) -> None:
    found = case.counts.bounds(terms)
    values = case.values(terms)
    assert found == Interval(int(values.min()), int(values.max()))
    assert found.lower <= case.truth @ weights(terms) <= found.upper


@many(550)
@given(cases(), expressions(), st.integers(-4, 12), st.sampled_from(["<", "<=", "=", ">=", ">"]))
def test_verdicts_are_those_of_enumeration(
    case: Case, terms: dict[tuple[int, int], int], value: int, relation: str
) -> None:
    compare = {"<": np.less, "<=": np.less_equal, "=": np.equal, ">=": np.greater_equal, ">": np.greater}  # fmt: skip
    holds = compare[relation](case.values(terms), value)
    found = case.counts.decide(linear(terms, relation, value))
    assert found == verdict(holds)
    true = bool(compare[relation](case.truth @ weights(terms), value))
    assert found != ("contradicted" if true else "entailed")


@many(200)
@given(cases(), st.integers(0, UNITS - 1))
def test_ranks_are_those_of_enumeration(case: Case, unit: int) -> None:
    ranks = case.ranks(unit)
    assert case.counts.rank(unit, SUMS) == Interval(int(ranks.min()), int(ranks.max()))


@many(150)
@given(cases(), st.integers(0, UNITS - 1), st.integers(1, 3), st.integers(0, 2), expressions())
def test_rank_statements_in_a_conjunction(
    case: Case, unit: int, best: int, more: int, terms: dict[tuple[int, int], int]
) -> None:
    worst = min(best + more, UNITS)
    ranks = case.ranks(unit)
    holds = (ranks >= best) & (ranks <= worst)
    claim = RankFact(unit, SUMS, best, worst)
    assert case.counts.decide(claim) == verdict(holds)
    both = holds & (case.values(terms) <= 2)
    assert case.counts.decide(claim, linear(terms, "<=", 2)) == verdict(both)


@many(130)
@given(cases(), st.integers(1, UNITS))
def test_concentration_is_that_of_enumeration(case: Case, n: int) -> None:
    tops = np.sort(case.units(), axis=1)[:, -n:].sum(axis=1)
    assert case.counts.largest_sum(n, SUMS) == Interval(int(tops.min()), int(tops.max()))


@many(130)
@given(cases())
def test_squares_are_those_of_enumeration(case: Case) -> None:
    squares = (case.units() ** 2).sum(axis=1)
    found = case.counts.squares(SUMS)
    assert found.lower == squares.min()
    assert found.upper >= squares.max()
    if found.exact:
        assert found.upper == squares.max()


@many(70)
@given(cases(), st.integers(1, 30), st.integers(1, 30))
def test_changes_of_shares_are_those_of_enumeration(case: Case, first: int, second: int) -> None:
    found = case.counts.fraction_bounds({(0, 0): Fraction(-1, first), (0, 1): Fraction(1, second)})
    values = [
        Fraction(int(b), second) - Fraction(int(a), first) for a, b in case.completions[:, :2]
    ]
    assert (found.lower, found.upper) == (min(values), max(values))
    falls = np.array([value < 0 for value in values])
    change = {(0, 0): Fraction(-1, first), (0, 1): Fraction(1, second)}
    assert case.counts.decide(linear(change, "<", 0)) == verdict(falls)


@many(70)
@given(cases(), st.lists(expressions(), min_size=1, max_size=4), st.data())
def test_conflicts_are_minimal(
    case: Case, extra: list[dict[tuple[int, int], int]], data: st.DataObject
) -> None:
    left = np.ones(len(case.completions), dtype=bool)
    for terms in extra:
        value = data.draw(st.integers(-3, 9))
        case.counts.require(f"extra {terms}", terms, value, None)
        left &= case.values(terms) >= value
    if left.any():
        assert case.counts.conflict() == []
        case.counts.check()
        return
    with pytest.raises(InfeasibleError) as caught:
        case.counts.check()
    conflict = caught.value.conflict
    assert not feasible(conflict)
    assert all(feasible([*conflict[:i], *conflict[i + 1 :]]) for i in range(len(conflict)))


def feasible(facts: list[Fact]) -> bool:
    left = np.ones(len(EVERY), dtype=bool)
    for fact in facts:
        value = EVERY @ weights(dict(fact.terms))
        left &= value >= (-99 if fact.lower is None else fact.lower)
        left &= value <= (99 if fact.upper is None else fact.upper)
    return bool(left.any())


# -- single cases ----------------------------------------------------------------------------------


def pair(total: int | None = None, **options: float) -> Counts:
    counts = Counts(**options)
    counts.add_cell("a")
    counts.add_cell("b")
    if total is not None:
        counts.require("total", {"a": 1, "b": 1}, total, total, ["S1"])
    return counts


BOTH = {"a": {"a": 1}, "b": {"b": 1}}


def test_a_count_without_a_limit_has_no_upper_bound() -> None:
    counts = pair()
    assert counts.bounds({"a": 1}) == Interval(0, None)
    assert counts.bounds({"a": 1, "b": -1}) == Interval(None, None)
    for question in (counts.squares, lambda sums: counts.rank("a", sums)):
        with pytest.raises(InputError, match="bounded above"):
            question(BOTH)


def test_ties_share_the_better_rank() -> None:
    counts = pair(4)
    counts.require("even", {"a": 1, "b": -1}, 0, 0)
    assert counts.rank("a", BOTH) == counts.rank("b", BOTH) == Interval(1, 1)
    assert counts.largest_sum(1, BOTH) == Interval(2, 2)
    assert counts.squares(BOTH) == Interval(8, 8)


def test_whole_numbers_are_tighter_than_fractions() -> None:
    counts = pair()
    counts.require("twice", {"a": 2, "b": 2}, 3, 5)
    assert counts.bounds({"a": 1, "b": 1}) == Interval(2, 2)
    assert counts.decide(linear({"a": 1, "b": 1}, "=", 2)) == "entailed"
    counts = pair()
    counts.require("odd", {"a": 2, "b": 2}, 3, 3)
    with pytest.raises(InfeasibleError):
        counts.check()


def test_a_new_constraint_is_heeded_after_a_bound_was_found() -> None:
    counts = pair(10)
    assert counts.bounds({"a": 1}).upper == 10
    assert counts.bounds({"a": 1}, [linear({"b": 1}, ">=", 4)]).upper == 6
    assert counts.bounds({"a": 1}).upper == 10
    counts.require("a few", {"a": 1}, None, 3)
    assert counts.bounds({"a": 1}).upper == 3


def test_a_conflict_names_its_members_and_sources() -> None:
    counts = pair(10)
    counts.require("unrelated", {"a": 1}, 1, None, ["S9"])
    counts.require("b is eleven", {"b": 1}, 11, 11, ["S2", "S3"])
    for question in (counts.check, lambda: counts.bounds({"a": 1}), lambda: counts.rank("a", BOTH),
                     lambda: counts.decide(linear({"a": 1}, ">", 1))):  # fmt: skip
        with pytest.raises(InfeasibleError) as caught:
            question()
        assert {fact.text for fact in caught.value.conflict} == {"total", "b is eleven"}
    message = str(caught.value)
    assert "- total [S1]" in message and "- b is eleven [S2; S3]" in message
    assert "unrelated" not in message
    assert isinstance(caught.value, InputError)
    assert pickle.loads(pickle.dumps(caught.value)).conflict == caught.value.conflict


def test_a_supposition_that_conflicts_is_named() -> None:
    with pytest.raises(InfeasibleError, match="more than all"):
        pair(10).bounds({"a": 1}, [linear({"b": 1}, ">", 10, "more than all")])


def test_printed_shares() -> None:
    counts = pair(88)
    claim = share_rounds_to({"a": 1}, 88, "27.27")
    assert claim is not None
    assert counts.decide(claim) == "consistent"
    assert counts.decide(claim, linear({"a": 1}, "=", 24)) == "consistent"
    counts.require("a", {"a": 1}, 24, 24)
    assert counts.decide(claim) == "entailed"
    assert share_rounds_to({"a": 1}, 90, "27.27") is None


@pytest.mark.parametrize("base", [1, 3, 7, 88, 90, 4762, 12790])
@pytest.mark.parametrize("reported", ["0", "100", "50", "4.48", "27.27", "33.3", "0.00", "12.5"])
def test_printed_shares_agree_with_trial(reported: str, base: int) -> None:
    found = share_rounds_to({"a": 1}, base, reported)
    half = Fraction(1, 2 * 10 ** len(reported.partition(".")[2]))
    share = Fraction(reported)
    expected = [
        n for n in range(base + 1) if share - half <= Fraction(100 * n, base) < share + half
    ]
    shown = [] if found is None else list(range(found.lower or 0, (found.upper or 0) + 1))
    assert shown == expected


@pytest.mark.parametrize("reported", ["27,27", "27.27％", "27.27%", "", "1e1"])
def test_a_text_that_is_no_percentage_is_refused(reported: str) -> None:
    with pytest.raises(InputError):
        share_rounds_to({"a": 1}, 88, reported)


@pytest.mark.parametrize("base", [0, -5, 1.5, True])
def test_a_base_that_is_no_whole_number_above_zero_is_refused(base: Any) -> None:
    with pytest.raises(InputError, match="base"):
        share_rounds_to({"a": 1}, base, "5")


def test_wrong_use_is_refused() -> None:
    counts = pair(10)
    wrong = {
        "there already": lambda: counts.add_cell("a"),
        "below 0": lambda: counts.add_cell("c", -1),
        "no cell 'c'": lambda: counts.require("x", {"c": 1}, 0, 1),
        "a lower or an upper": lambda: counts.require("x", {"a": 1}, None, None),
        "above the upper": lambda: counts.require("x", {"a": 1}, 2, 1),
        "too large": lambda: counts.require("x", {"a": 2**40}, 0, None),
        "from 1 to 2": lambda: counts.largest_sum(3, BOTH),
        "not among": lambda: counts.rank("c", BOTH),
        "cannot be negative": lambda: counts.largest_sum(1, {"a": {"a": 1, "b": -1}}),
    }
    for message, question in wrong.items():
        with pytest.raises(InputError, match=message):
            question()


def test_an_impossible_equation_is_contradicted() -> None:
    # Half a firm.
    assert pair(10).decide(linear({"a": 1}, "=", Fraction(1, 2))) == "contradicted"
    assert pair(10).decide(RankFact("a", BOTH, 2, 1)) == "contradicted"


def test_an_empty_table_has_nothing_to_contradict() -> None:
    counts = Counts()
    counts.add_cell("a")
    counts.check()
    assert counts.conflict() == []
    assert counts.bounds({}) == Interval(0, 0)


@pytest.mark.parametrize("weight", [1, 2**40])
def test_a_limit_that_fractions_reach_and_whole_numbers_do_not(weight: int) -> None:
    # Halves meet each triangle with 3/2, so that both together cost 3; whole numbers need 4.
    counts = Counts()
    for name in "abcdef":
        counts.add_cell(name, 1)
    for pair_of in ("ab", "bc", "ac", "de", "ef", "df"):
        counts.require(pair_of, dict.fromkeys(pair_of, 1), 1, None)
    assert counts.bounds(dict.fromkeys("abcdef", weight)) == Interval(4 * weight, 6 * weight)


# -- time limit ------------------------------------------------------------------------------------


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    """A table whose solver gives up at once, after the range of each cell was found."""

    class GaveUp:
        status, x, fun, mip_dual_bound = 1, None, None, -math.inf

    counts = pair(7)
    counts._ranges(BOTH)
    monkeypatch.setattr(highs, "_bindings", lambda: None)
    monkeypatch.setattr(highs, "milp", lambda *args, **options: GaveUp())
    yield counts


def test_out_of_time_gives_the_outer_bound_and_says_so(hurried: Counts) -> None:
    # Nothing was proved, but each cell is known to be at most 7, and the least value was seen.
    assert hurried.bounds({"a": 1, "b": 2}) == Interval(7, 21, exact=False)
    assert hurried.bounds({"a": 1, "b": -2}) == Interval(None, None, exact=False)
    # The tables that show the ranges of the cells show both ranks as well.
    assert hurried.rank("a", BOTH) == Interval(1, 2)
    hurried._ranked.clear()
    hurried._points = completion._Points()
    assert hurried.rank("a", BOTH) == Interval(1, 2, exact=False)
    assert hurried.decide(linear({"a": 1}, ">", 9)) == "undecided"
    hurried.check()


def test_a_search_out_of_time_takes_back_nothing_that_was_known(
    hurried: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = hurried.bounds({"a": 1, "b": 2})

    class Worse:
        status, x, fun, mip_dual_bound = 1, None, None, -1000.0

    hurried._known.clear()
    monkeypatch.setattr(highs, "milp", lambda *args, **options: Worse())
    assert hurried.bounds({"a": 1, "b": 2}) == known == Interval(7, 21, exact=False)


def test_a_proven_bound_is_rounded_inwards(
    hurried: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(highs, "branch", lambda *_: None)
    # 2.6 is proven for the minimum and -7.4 for the negated maximum.
    ends = iter([None, 2.6, None, -7.4])

    class Proven:
        status, x, fun = 1, None, None

        def __init__(self) -> None:
            self.mip_dual_bound = next(ends)

    monkeypatch.setattr(highs, "milp", lambda *args, **options: Proven())
    assert hurried.bounds({"a": 1, "b": -2}) == Interval(3, 7, exact=False)


def test_out_of_time_in_an_index(hurried: Counts) -> None:
    found = hurried.squares(BOTH)
    assert not found.exact
    assert found.lower <= 25 and found.upper >= 49
    top = hurried.largest_sum(1, BOTH)
    assert not top.exact and top.lower <= 4 and top.upper >= 7


def test_a_real_time_limit_leaves_valid_bounds() -> None:
    counts = Counts(time_limit=0.0)
    sums = {}
    for unit in range(12):
        counts.add_cell(unit, 40)
        sums[unit] = {unit: 1}
    counts.require("odd", {unit: 2 * unit + 3 for unit in range(12)}, 601, 601)
    found = counts.bounds(dict.fromkeys(range(12), 1))
    assert found.lower is None or found.lower <= 24
    assert found.upper is None or found.upper >= 80


# -- completions found before ----------------------------------------------------------------------


def fresh(counts: Counts) -> Counts:
    """The same table without anything found so far."""
    copy = Counts(counts.time_limit)
    for cell, column in counts._index.items():
        limit = counts._upper[column]
        copy.add_cell(cell, None if limit == math.inf else int(limit))
    for fact in counts.facts:
        copy.require(fact.text, dict(fact.terms), fact.lower, fact.upper, fact.source_ids)
    return copy


@many(150)
@given(cases(), expressions(), st.integers(-2, 8), st.integers(0, 2), st.integers(1, 3))
def test_answers_do_not_depend_on_what_was_asked_before(
    case: Case, terms: dict[tuple[int, int], int], level: int, unit: int, place: int
) -> None:
    first = {u: {(u, 0): 1} for u in range(UNITS)}
    asked = [
        linear(terms, ">=", level),
        RankFact(unit, SUMS, place, place),
        RankChange(unit, first, SUMS, place - 2, place - 2),
    ]
    for sums in (SUMS, first):
        case.counts.rank(unit, sums)
    for part in asked:
        assert case.counts.decide(part) == fresh(case.counts).decide(part)
    assert case.counts.decide(*asked) == fresh(case.counts).decide(*asked)
    assert case.counts.bounds(terms) == fresh(case.counts).bounds(terms)
    assert case.counts.varies(terms) is not fresh(case.counts).bounds(terms).is_point
    for point in case.counts._points:
        assert (case.completions == point).all(axis=1).any()


@many(150)
@given(cases(), expressions(), st.integers(-2, 8), st.integers(0, 9))
def test_fewer_constraints_take_over_what_fits_more(
    case: Case, terms: dict[tuple[int, int], int], level: int, left_out: int
) -> None:
    part = linear(terms, ">=", level)
    full = case.counts.decide(part)
    case.counts.bounds(terms)
    fewer = Counts()
    for cell in CELLS:
        fewer.add_cell(cell, LARGEST)
    for number, fact in enumerate(case.counts.facts):
        if number != left_out:
            fewer.require(fact.text, dict(fact.terms), fact.lower, fact.upper, fact.source_ids)
    alone = fresh(fewer)
    assert fewer.adopt(case.counts)
    assert fewer.decide(part) == alone.decide(part)
    assert fewer.bounds(terms) == alone.bounds(terms)
    # What some completions satisfy and some do not stays so when there are more of them.
    assert full != "consistent" or fewer.decide(part) == "consistent"


def test_nothing_is_taken_over_from_a_table_that_asks_for_less() -> None:
    loose, strict = pair(10), pair(10)
    strict.require("a at most 3", {"a": 1}, None, 3)
    assert loose.bounds({"a": 1}) == Interval(0, 10)
    assert not strict.adopt(loose)
    assert strict.bounds({"a": 1}) == Interval(0, 3)
    assert loose.adopt(strict)
    other = pair(10)
    other.add_cell("c")
    assert not other.adopt(loose)


def test_a_number_too_large_for_exact_sums_shows_nothing() -> None:
    counts = Counts()
    counts.add_cell("a", 2**40)
    counts.check()
    assert counts.bounds({"a": 2**20}) == Interval(0, 2**60)
    assert counts.decide(Fact("huge", (("a", 2**20),), 2**60, None)) == "consistent"


def test_a_dear_cell_a_hair_off_a_whole_number_hides_nothing() -> None:
    counts = Counts()
    counts.add_cell("a", 1)
    counts.add_cell("b", 1)
    counts.require("cover", {"a": 2**31, "b": 2**31 - 1000}, 2**31 - 1000, None)
    found = counts.bounds({"a": 10**7, "b": 10**7 - 2})
    # An outer bound may be wide but is not called exact.
    assert found.lower is not None
    assert found.lower == 10**7 - 2 or (found.lower < 10**7 - 2 and not found.exact)


@pytest.mark.parametrize("total", [4100, 9001])
def test_squares_of_thousands_are_exact_to_the_unit(total: int) -> None:
    counts = Counts()
    for cell in "ab":
        counts.add_cell(cell)
    counts.require("weighted total", {"a": 1, "b": 2}, total, total)
    least = min((total - 2 * b) ** 2 + b**2 for b in range(total // 2 + 1))
    found = counts.squares({"a": {"a": 1}, "b": {"b": 1}})
    assert (found.lower, found.upper) == (least, total**2)


def test_squares_miss_no_table_whose_relaxed_one_is_a_hair_off() -> None:
    # A point with squares of 1e7 is whole to 1e-5 only, and its neighbourhood looks empty.
    counts = Counts()
    sums = {cell: {cell: 1} for cell in "abc"}
    for cell in sums:
        counts.add_cell(cell, 9000)
    counts.require("first", {"a": 3, "b": 2, "c": 8}, 38608, 38608)
    counts.require("second", {"a": 6, "b": 4, "c": 4}, 53240, 53240)
    found = counts.squares(sums)
    assert found.lower == 43_364_728


# -- quick limits, grounds and changes of rank -----------------------------------------------------


@many(120)
@given(cases())
def test_quick_limits_contain_the_exact_bounds(case: Case) -> None:
    sums = {**SUMS, **{cell: {cell: 1} for cell in CELLS}}
    exact = {key: case.counts.bounds(terms) for key, terms in sums.items()}
    case.counts._known.clear()
    for key, (low, high) in case.counts._loose_ranges(sums).items():
        assert low <= exact[key].lower and exact[key].upper <= high


@many(100)
@given(cases(), st.integers(0, 2), st.integers(-2, 2), st.integers(0, 2))
def test_a_change_of_rank_is_that_of_enumeration(
    case: Case, unit: int, least: int, width: int
) -> None:
    first = {u: {(u, 0): 1} for u in range(UNITS)}
    tables = case.completions.reshape(-1, UNITS, COLUMNS)
    before = 1 + (tables[:, :, 0] > tables[:, [unit], 0]).sum(axis=1)
    change = case.ranks(unit) - before
    part = RankChange(unit, first, SUMS, least, least + width)
    found = case.counts.decide(part)
    assert found == verdict((change >= least) & (change <= least + width))


@many(150)
@given(cases(), st.booleans(), st.booleans(), st.integers(0, 2), st.integers(-1, 3), st.integers(0, 1), expressions())  # fmt: skip
def test_bounds_under_a_rank_are_those_of_enumeration(
    case: Case, warm: bool, change: bool, unit: int, least: int, width: int,
    terms: dict[tuple[int, int], int],
) -> None:  # fmt: skip
    tables = case.completions.reshape(-1, UNITS, COLUMNS)
    first = {u: {(u, 0): 1} for u in range(UNITS)}
    before = 1 + (tables[:, :, 0] > tables[:, [unit], 0]).sum(axis=1)
    value = case.ranks(unit) - before if change else case.ranks(unit)
    part = (
        RankChange(unit, first, SUMS, least, least + width)
        if change
        else RankFact(unit, SUMS, least, least + width)
    )
    if warm:
        # Completions found by other questions may shorten the way, never change the end.
        case.counts.rank(unit, SUMS)
        case.counts.bounds(terms)
    left = case.values(terms)[(value >= least) & (value <= least + width)]
    if len(left):
        assert case.counts.bounds(terms, [part]) == Interval(int(left.min()), int(left.max()))
    else:
        with pytest.raises(InfeasibleError):
            case.counts.bounds(terms, [part])


@many(100)
@given(cases(), st.integers(0, 2), st.integers(1, 3), expressions(), st.integers(0, 6))
def test_settling_is_given_up_only_where_too_much_stays_open(
    case: Case, unit: int, rank: int, figure: dict[tuple[int, int], int], too_many: int
) -> None:
    statement = [RankFact(unit, SUMS, rank, rank)]
    short = settle(case.counts, statement, figure, too_many)
    whole = settle(case.counts, statement, figure)
    assert whole is not None
    assert short == whole if short is not None else whole.open_count >= too_many


@many(100)
@given(cases(), expressions())
def test_grounds_prove_a_bound_by_themselves(case: Case, terms: dict[tuple[int, int], int]) -> None:
    found = case.counts.bounds(terms)
    grounds = case.counts.grounds(terms, found.lower, found.upper)
    alone = Counts()
    for cell in CELLS:
        alone.add_cell(cell, LARGEST)
    for fact in grounds:
        alone.require(fact.text, dict(fact.terms), fact.lower, fact.upper, fact.source_ids)
    assert set(grounds) <= set(case.counts.facts)
    assert alone.bounds(terms) == found
    with pytest.raises(InputError, match="does not follow"):
        case.counts.grounds(terms, found.lower + 1, None)


@many(100)
@given(cases(), expressions(), st.integers(-2, 8), expressions())
def test_settling_agrees_with_enumeration(
    case: Case, terms: dict[tuple[int, int], int], level: int,
    figure: dict[tuple[int, int], int],
) -> None:  # fmt: skip
    statement = [linear(terms, ">=", level)]
    # Before and after solving: what is at hand never counts more than there is.
    before = least_open(case.counts, statement, figure)
    found = settle(case.counts, statement, figure)
    assert found is not None
    assert max(before, least_open(case.counts, statement, figure)) <= found.open_count
    holds, values = case.values(terms) >= level, case.values(figure)
    assert found is not None
    assert found.possible == (values.min(), values.max())
    whole = sum(size(part) for part in (found.holds, found.fails, found.open))
    assert whole <= found.possible_count
    for value in set(values.tolist()):
        seen = set(holds[values == value].tolist())
        where = [
            name
            for name, part in (("holds", found.holds), ("fails", found.fails), ("open", found.open))
            if within(part, (value, value))
        ]
        # A value may be called open although it decides, never the other way round.
        allowed = {frozenset({True}): "holds", frozenset({False}): "fails"}.get(frozenset(seen), "")
        assert where in ([allowed], ["open"])


def test_a_proof_leaves_out_what_it_does_not_need() -> None:
    counts = Counts()
    for name in "ab":
        counts.add_cell(name)
    counts.require("total", {"a": 1, "b": 1}, 10, 10)
    counts.require("b at most 4", {"b": 1}, None, 4, ["S1"])
    counts.require("the same again", {"b": 1}, None, 4, ["S2"])
    counts.require("a at most 9", {"a": 1}, None, 9, ["S3"])
    below = Fact("below", (("a", 1),), None, 5)
    found = counts._without(below, counts.facts)
    assert found is not None
    assert [fact.text for fact in found] == ["total", "the same again"]
    possible = Fact("below", (("a", 1),), None, 6)
    assert counts._without(possible, counts.facts) is None
