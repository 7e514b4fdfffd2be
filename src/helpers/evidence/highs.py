"""Linear problems for HiGHS, with fractions allowed and in whole numbers.

Questions about one table share its constraints. A relaxed problem therefore starts at a basis of the
table alone, found once, where SciPy's :func:`~scipy.optimize.milp` starts from nothing each time: a
tenth of the steps. That needs the bindings to HiGHS that SciPy carries and does not document; where
they are missing or have changed, the public function gives the same optimum more slowly. Starting
from the table's own basis, never from the answer to another question, keeps answers independent of
their order.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from heapq import heappop, heappush
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from helpers.evidence.solved import Solution

Floats: TypeAlias = npt.NDArray[np.float64]
# Statuses of columns and of rows, as the bindings list them.
Basis: TypeAlias = tuple[list[Any], list[Any]]
# Changed limits of columns.
Limits: TypeAlias = Mapping[int, tuple[float, float]]
_PRIMAL, _DUAL = 4, 1
# Farther from a whole number a value is a fraction.
_WHOLE = 1e-6
# Relaxed problems after which a search by branching is given up, in all and of cells alone.
_MOST, _MOST_CELLS = 200, 40


@dataclass(frozen=True)
class Problem:
    """Minimise a weighted sum of non-negative columns within limits of rows.

    Parameters
    ----------
    cost : ndarray, shape (columns,)
    matrix : csr_array, shape (rows, columns)
    low, high : ndarray, shape (rows,)
        Limits of the rows, infinite for none.
    upper : ndarray, shape (columns,)
        Largest values of the columns, infinite for none.
    """

    cost: Floats
    matrix: csr_array
    low: Floats
    high: Floats
    upper: Floats

    def arrays(self) -> list[npt.NDArray[np.generic]]:
        """Every number of the problem, in a fixed order."""
        of_matrix = [self.matrix.data, self.matrix.indices, self.matrix.indptr]
        return [self.cost, self.upper, self.low, self.high, *of_matrix]

    def fits(self, whole: Floats) -> bool:
        """Whether whole numbers for the columns satisfy everything, exactly below 2**53."""
        value = self.matrix @ whole
        columns = (whole >= 0).all() and (whole <= self.upper).all() and (whole < 2**53).all()
        return bool(columns and (value >= self.low).all() and (value <= self.high).all())


@cache
def _bindings() -> Any:
    """SciPy's own bindings to HiGHS; None where they do not do what is needed here."""
    try:
        from scipy.optimize._highspy import _core

        # At least 2 of two columns of which the first is cheaper.
        matrix = csr_array(np.ones((1, 2)))
        ends = (np.array([2.0]), np.array([np.inf]), np.array([9.0, 9.0]))
        trial = _Held(_core, Problem(np.array([1.0, 2.0]), matrix, *ends), None)
        trial.limit(0, 0.0, 1.0)
        found = trial.solve(10.0)
        again = _Held(_core, Problem(np.array([1.0, 2.0]), matrix, *ends), trial.basis())
        first = again.solve(10.0)
        works = found.fun == 3.0 and first.fun == 2.0
    except (ImportError, AttributeError, TypeError, ValueError, RuntimeError):
        return None
    return _core if works else None


class _Held:
    """A relaxed problem held by the solver between changes of the columns' limits."""

    def __init__(
        self, core: Any, problem: Problem, start: Basis | None, presolve: bool = False
    ) -> None:
        self._core, self._solver = core, core._Highs()
        matrix, upper = problem.matrix, problem.upper
        rows, columns = matrix.shape
        options = core.HighsOptions()
        options.output_flag = False
        options.presolve = "on" if presolve else "off"
        options.simplex_strategy = _DUAL if start is None else _PRIMAL
        self._solver.passOptions(options)
        self._solver.passModel(
            columns, rows, matrix.nnz, int(core.MatrixFormat.kRowwise),
            int(core.ObjSense.kMinimize), 0.0, problem.cost, np.zeros(columns), upper,
            problem.low, problem.high, matrix.indptr.astype(np.int32),
            matrix.indices.astype(np.int32), matrix.data, np.zeros(columns, dtype=np.int32),
        )  # fmt: skip
        if start is not None:
            self._begin(start, columns, rows)

    def _begin(self, start: Basis, columns: int, rows: int) -> None:
        """Start at the basis of a problem with fewer columns and rows."""
        basis, status = self._core.HighsBasis(), self._core.HighsBasisStatus
        basis.col_status = start[0] + [status.kLower] * (columns - len(start[0]))
        basis.row_status = start[1] + [status.kBasic] * (rows - len(start[1]))
        basis.valid = True
        self._solver.setBasis(basis)

    def limit(self, column: int, low: float, high: float) -> None:
        """Change the limits of a column."""
        self._solver.changeColBounds(column, low, high)

    def limit_row(self, row: int, low: float, high: float) -> None:
        """Change the limits of a row."""
        self._solver.changeRowBounds(row, low, high)

    def add(self, rows: csr_array, low: Floats, high: Floats) -> None:
        """Add rows."""
        starts, columns = rows.indptr[:-1].astype(np.int32), rows.indices.astype(np.int32)
        self._solver.addRows(len(low), low, high, rows.nnz, starts, columns, rows.data)

    def solve(self, seconds: float) -> Solution:
        """The minimum with fractions allowed, from where the last solve ended."""
        solver, status = self._solver, self._core.HighsModelStatus
        # The solver's clock runs on from one call to the next.
        solver.setOptionValue("time_limit", solver.getRunTime() + max(seconds, 0.0))
        solver.run()
        # Limits change next, after which the dual method has least to do.
        solver.setOptionValue("simplex_strategy", _DUAL)
        found = solver.getModelStatus()
        if found == status.kOptimal:
            x = np.array(solver.getSolution().col_value)
            value = solver.getInfo().objective_function_value
            return Solution(0, x, value, value)
        known = {status.kTimeLimit: 1, status.kInfeasible: 2, status.kUnbounded: 3}
        return Solution(known.get(found, 4), None, None, None)

    def basis(self) -> Basis:
        """Where the last solve ended."""
        found = self._solver.getBasis()
        return list(found.col_status), list(found.row_status)

    def weights(self) -> Floats:
        """Multiplier of each row at the minimum last found."""
        return np.array(self._solver.getSolution().row_dual)


class _Anew:
    """The same by SciPy's public function, which begins anew at each solve."""

    def __init__(self, problem: Problem) -> None:
        self._problem = replace(problem, low=problem.low.copy(), high=problem.high.copy())
        self._low, self._high = np.zeros(len(problem.cost)), problem.upper.copy()

    def limit(self, column: int, low: float, high: float) -> None:
        """Change the limits of a column."""
        self._low[column], self._high[column] = low, high

    def limit_row(self, row: int, low: float, high: float) -> None:
        """Change the limits of a row."""
        self._problem.low[row], self._problem.high[row] = low, high

    def add(self, rows: csr_array, low: Floats, high: Floats) -> None:
        """Add rows."""
        old = self._problem
        self._problem = replace(
            old,
            matrix=vstack([old.matrix, rows], format="csr"),
            low=np.concatenate([old.low, low]),
            high=np.concatenate([old.high, high]),
        )

    def solve(self, seconds: float) -> Solution:
        """The minimum with fractions allowed."""
        return _milp(self._problem, self._low, self._high, seconds, whole=False)


Held: TypeAlias = _Held | _Anew


def _milp(problem: Problem, low: Floats, high: Floats, seconds: float, whole: bool) -> Solution:
    rows = problem.matrix.shape[0]
    answer = milp(
        problem.cost,
        integrality=np.full(len(problem.cost), int(whole)),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(problem.matrix, problem.low, problem.high) if rows else None,
        # Looking for simplifications costs relaxed problems more than it saves, and of problems in
        # whole numbers HiGHS 1.12 then calls some impossible that are not.
        options={"time_limit": max(seconds, 0.0), "mip_rel_gap": 0.0, "presolve": False},
    )
    return Solution(int(answer.status), answer.x, answer.fun, answer.mip_dual_bound)


def start_of(problem: Problem, seconds: float) -> Basis | None:
    """A basis at which problems with more columns and rows can start; None if there is none.

    Parameters
    ----------
    problem : Problem
    seconds : float
        Time limit.

    Returns
    -------
    Basis or None
    """
    core = _bindings()
    if core is None:
        return None
    held = _Held(core, problem, None)
    return held.basis() if held.solve(seconds).status == 0 else None


def relaxed(problem: Problem, seconds: float, start: Basis | None) -> Solution:
    """The minimum with fractions allowed.

    Parameters
    ----------
    problem : Problem
    seconds : float
        Time limit.
    start : Basis or None
        See :func:`hold`.

    Returns
    -------
    Solution
        Status 0: optimal, 1: out of time, 2: infeasible, 3: unbounded, 4: other.
    """
    return hold(problem, start).solve(seconds)


def hold(problem: Problem, start: Basis | None) -> Held:
    """A problem to solve with fractions allowed again and again while its limits change.

    Parameters
    ----------
    problem : Problem
    start : Basis or None
        From :func:`start_of` for the first columns and rows of the problem; None for no start.

    Returns
    -------
    Held
    """
    core = _bindings()
    return _Anew(problem) if core is None else _Held(core, problem, start)


def weights(problem: Problem, seconds: float) -> Floats | None:
    """Multipliers of rows that prove the minimum with fractions allowed; None if there is none.

    Parameters
    ----------
    problem : Problem
        Each row has an upper limit alone or two equal limits.
    seconds : float
        Time limit.

    Returns
    -------
    ndarray, shape (rows,), or None
    """
    core = _bindings()
    if core is not None:
        held = _Held(core, problem, None, presolve=True)
        return held.weights() if held.solve(seconds).status == 0 else None
    equal = problem.low == problem.high
    found = linprog(
        problem.cost,
        A_ub=problem.matrix[~equal],
        b_ub=problem.high[~equal],
        A_eq=problem.matrix[equal],
        b_eq=problem.low[equal],
        bounds=np.column_stack([np.zeros(len(problem.cost)), problem.upper]),
        options={"time_limit": max(seconds, 0.0)},
    )
    if found.status != 0:
        return None
    every = np.empty(len(equal))
    every[~equal], every[equal] = found.ineqlin.marginals, found.eqlin.marginals
    return every


def search(problem: Problem, seconds: float) -> Solution:
    """The minimum in whole numbers.

    Parameters
    ----------
    problem : Problem
    seconds : float
        Time limit.

    Returns
    -------
    Solution
        Status as of :func:`relaxed`.
    """
    return _milp(problem, np.zeros(len(problem.cost)), problem.upper, seconds, whole=True)


def branch(problem: Problem, seconds: float, start: Basis | None) -> Solution | None:
    """The minimum in whole numbers by few relaxed problems; None where these do not suffice.

    Best bound first, of equal ones the last (Land and Doig 1960). Many problems here have an
    optimum near their relaxed one; for those this is far quicker than :func:`search`, which looks
    for cuts before it begins.

    Parameters
    ----------
    problem : Problem
        With whole costs.
    seconds : float
        Time limit.
    start : Basis or None
        See :func:`relaxed`.

    Returns
    -------
    Solution or None
        Optimal or infeasible; the point satisfies everything exactly once rounded.
    """
    held, deadline = hold(problem, start), time.monotonic() + seconds
    waiting: list[tuple[float, int, Limits]] = [(-math.inf, 0, {})]
    now: Limits = {}
    best, least, floor, cells = None, math.inf, -math.inf, 0
    for number in range(_MOST):
        if not waiting or waiting[0][0] >= least or least <= floor:
            return (
                Solution(2, None, None, None) if best is None else Solution(0, best, least, least)
            )
        _, _, limits = heappop(waiting)
        _change(held, now, limits, problem.upper)
        now = limits
        found = held.solve(deadline - time.monotonic())
        if found.status == 2:
            continue
        if found.x is None or found.fun is None or cells > _MOST_CELLS:
            return None
        value = math.ceil(found.fun - margin(found.fun))
        floor = floor if number else value
        if value >= least:
            continue
        whole = np.round(found.x)
        if problem.fits(whole) and problem.cost @ whole <= value:
            best, least = whole, float(problem.cost @ whole)
            continue
        column = _fraction(found.x, problem.upper)
        if column is None:
            # Other whole numbers within these limits may cost less than these.
            return None
        cells += problem.upper[column] != 1
        for side, ends in enumerate(_sides(column, found.x[column], limits, problem.upper)):
            heappush(waiting, (value, -2 * number - side, {**limits, column: ends}))
    return None


def margin(value: float) -> float:
    """How far a whole number may be off in the solver's arithmetic; less than one."""
    return min(0.5, 1e-6 * max(1.0, abs(value)))


def _change(held: Held, old: Limits, new: Limits, upper: Floats) -> None:
    for column in sorted({*old, *new}):
        ends = new.get(column, (0.0, float(upper[column])))
        if old.get(column) != ends:
            held.limit(column, *ends)


def _fraction(x: Floats, upper: Floats) -> int | None:
    """The column to bind of those with a fraction; None if there is none.

    A column that is 0 or 1 comes first, since it decides which constraints matter: the one nearest
    to either. Else the smallest, which the others can best make up for.
    """
    off = np.abs(x - np.round(x))
    fractions = off > _WHOLE
    flags = np.flatnonzero(fractions & (upper == 1))
    if len(flags):
        return int(flags[np.argmin(off[flags])])
    columns = np.flatnonzero(fractions)
    return int(columns[np.argmin(x[columns])]) if len(columns) else None


def _sides(column: int, value: float, limits: Limits, upper: Floats) -> list[tuple[float, float]]:
    """A column's limits to either side of a fraction, the nearer side last."""
    low, high = limits.get(column, (0.0, float(upper[column])))
    below = float(math.floor(value))
    down, up = (low, below), (below + 1.0, high)
    return [down, up] if value - below > 0.5 else [up, down]
