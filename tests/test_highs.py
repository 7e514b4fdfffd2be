"""Problems for HiGHS: started at a basis, branched, searched; by its bindings and without them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, milp
from scipy.sparse import csr_array

from helpers.evidence import highs
from helpers.evidence.highs import Problem

_BINDINGS = highs._bindings()


@pytest.fixture(params=["bindings", "public"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Both ways to the solver."""
    monkeypatch.setattr(
        highs, "_bindings", lambda: _BINDINGS if request.param == "bindings" else None
    )
    yield request.param


def problem(
    cost: list[int], rows: list[list[int]], low: list[float], high: list[float], upper: list[float]
) -> Problem:
    matrix = csr_array(np.array(rows, dtype=float).reshape(len(rows), len(cost)))
    arrays = (np.array(one, dtype=float) for one in (low, high, upper))
    return Problem(np.array(cost, dtype=float), matrix, *arrays)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A few columns of at most 4 and rows with limits, feasible or not."""
    columns, count = draw(st.integers(1, 4)), draw(st.integers(0, 4))
    number = st.integers(-3, 3)
    line = st.lists(number, min_size=columns, max_size=columns)
    rows = draw(st.lists(line, min_size=count, max_size=count))
    low = draw(st.lists(st.sampled_from([-math.inf, -2, 0, 1, 3]), min_size=count, max_size=count))
    more = draw(st.lists(st.sampled_from([0, 1, 4, math.inf]), min_size=count, max_size=count))
    high = [4.0 if math.isinf(a) else a + b for a, b in zip(low, more, strict=True)]
    upper = draw(st.lists(st.integers(0, 4), min_size=columns, max_size=columns))
    return problem(draw(line), rows, low, high, upper)


def least(one: Problem) -> float | None:
    """The minimum by trying all tables."""
    tables = itertools.product(*(range(int(end) + 1) for end in one.upper))
    found = [
        float(one.cost @ np.array(x))
        for x in tables
        if (one.matrix @ np.array(x, dtype=float) >= one.low).all()
        and (one.matrix @ np.array(x, dtype=float) <= one.high).all()
    ]
    return min(found, default=None)


def test_the_bindings_that_scipy_carries_still_do_what_is_needed() -> None:
    # If this fails, every study is right but slower: see what changed in SciPy.
    assert _BINDINGS is not None


@settings(deadline=None, max_examples=60)
@given(problems())
def test_whole_numbers_are_those_of_enumeration(one: Problem) -> None:
    known = least(one)
    for found in (highs.branch(one, 9.0, None), highs.search(one, 9.0)):
        # Few columns need few relaxed problems.
        assert found is not None
        assert found.status == (2 if known is None else 0)
        if found.x is not None:
            whole = np.round(found.x)
            assert known == one.cost @ whole == pytest.approx(found.fun)
            assert one.fits(whole)


@settings(deadline=None, max_examples=60)
@given(problems(), st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_a_start_changes_no_minimum(one: Problem, line: list[int]) -> None:
    start = highs.start_of(one, 9.0)
    width = len(one.cost)
    # The question has a column and a row more.
    rows = np.vstack([np.pad(one.matrix.toarray(), ((0, 0), (0, 1))), [*line[:width], -1]])
    more = Problem(
        np.append(one.cost, 1.0), csr_array(rows), np.append(one.low, -np.inf),
        np.append(one.high, 1.0), np.append(one.upper, 3.0),
    )  # fmt: skip
    found = highs.relaxed(more, 9.0, start)
    known = milp(
        more.cost, bounds=Bounds(0, more.upper), constraints=(more.matrix, more.low, more.high)
    )
    assert found.status == known.status
    assert found.fun == (None if known.fun is None else pytest.approx(known.fun, abs=1e-7))
    again = highs.relaxed(more, 9.0, start)
    assert found.x is None if again.x is None else found.x.tobytes() == again.x.tobytes()


@settings(deadline=None, max_examples=60)
@given(problems(), problems())
def test_a_held_problem_follows_its_changes(one: Problem, other: Problem) -> None:
    held = highs.hold(one, None)
    held.solve(9.0)
    low, high, matrix = one.low.copy(), one.high.copy(), one.matrix.toarray()
    if len(low):
        held.limit_row(0, -math.inf, math.inf)
        low[0], high[0] = -math.inf, math.inf
    held.solve(9.0)
    upper = np.append(np.minimum(one.upper[:1], 1.0), one.upper[1:])
    held.limit(0, 0.0, upper[0])
    row = np.resize(other.cost, (1, len(one.cost)))
    held.add(csr_array(row), np.array([-1.0]), np.array([2.0]))
    ends = (np.append(low, -1.0), np.append(high, 2.0))
    known = highs.relaxed(
        Problem(one.cost, csr_array(np.vstack([matrix, row])), *ends, upper), 9.0, None
    )
    found = held.solve(9.0)
    assert found.status == known.status
    assert found.fun == (None if known.fun is None else pytest.approx(known.fun, abs=1e-7))


def test_weights_prove_the_minimum() -> None:
    # Least a + 2 b with a + b = 5 and a at most 3: raising 5 costs 2, raising 3 saves 1.
    one = problem([1, 2], [[1, 1], [1, 0]], [5, -math.inf], [5, 3], [9, 9])
    weights = highs.weights(one, 9.0)
    assert weights is not None and weights.tolist() == [2.0, -1.0]
    assert highs.weights(problem([1], [[1]], [3], [3], [2]), 9.0) is None


def test_a_branching_that_does_not_end_soon_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    knot = problem([1, 1, 1], [[1, 1, 0], [0, 1, 1], [1, 0, 1]], [1] * 3, [9] * 3, [9] * 3)
    found = highs.branch(knot, 9.0, None)
    assert found is not None and found.fun == 2.0
    monkeypatch.setattr(highs, "_MOST", 1)
    assert highs.branch(knot, 9.0, None) is None


def test_a_dear_column_a_hair_off_a_whole_number_hides_nothing() -> None:
    # The relaxed minimum has 0.9999995 of the first column; the second alone costs 2 less.
    dear = 1e7
    one = problem(
        [int(dear), int(dear) - 2], [[2**31, 2**31 - 1000]], [2**31 - 1000], [math.inf], [1, 1]
    )
    found = highs.branch(one, 9.0, None)
    assert found is None or found.fun == dear - 2


def test_a_table_that_exists_is_not_called_impossible() -> None:
    # With its simplifications the solver that SciPy 1.17 carries says that there is none.
    rows = [
        [0, 0, 1, 1, 0, 0], [1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1],
        [0, 1, 3, 0, 0, 1], [1, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1],
    ]  # fmt: skip
    low, high = [-math.inf, 128, 33, -math.inf, 118, 4], [78, 128, 33, 194, 120, 5]
    one = problem([0] * 6, rows, low, high, [60, math.inf, math.inf, math.inf, 13, math.inf])
    table = one.matrix @ np.array([60.0, 15, 58, 13, 10, 5])
    assert (table >= one.low).all() and (table <= one.high).all()
    for found in (highs.branch(one, 9.0, None), highs.search(one, 9.0)):
        assert found is not None and found.status == 0


def test_out_of_time_is_no_answer() -> None:
    wide = problem([1] * 60, [[1, 2] * 30], [61], [61], [3] * 60)
    assert highs.branch(wide, 0.0, None) is None
    assert highs.relaxed(wide, 0.0, None).status == 1


def test_changed_bindings_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.optimize._highspy import _core

    monkeypatch.undo()
    monkeypatch.setattr(_core._Highs, "setBasis", None)
    assert highs._bindings.__wrapped__() is None


def test_the_public_function_is_told_the_same_problem() -> None:
    one = problem([1, 2], [[1, 1]], [2], [math.inf], [1, 9])
    direct = milp(
        one.cost, bounds=Bounds(0, one.upper), constraints=(one.matrix, one.low, one.high)
    )
    assert highs.relaxed(one, 9.0, None).fun == direct.fun == 3.0
