"""What an incomplete table of counts allows: exact bounds, ranks and verdicts.

The unknown cells are non-negative integers; every sourced fragment (a cell, a total, a limit, an
order) is a linear constraint that carries its sources. A bound is the minimum or maximum over all
completions of the table; a statement is *entailed* when its negation is infeasible and
*contradicted* when it is infeasible itself. Solved by HiGHS (:mod:`helpers.evidence.highs`); the
attained end of a bound is recomputed and its table checked in integer arithmetic.

These are identification bounds (Manski 2003): they state what the data allow, not how likely it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np
from scipy.sparse import csr_array, vstack

from helpers.errors import InputError
from helpers.evidence import highs, solved
from helpers.evidence.granularity import counts_for

# Any hashable; mappings are invariant in their keys, so that Hashable would refuse a dict of str.
Key: TypeAlias = Any
Expression: TypeAlias = Mapping[Key, int]
Number: TypeAlias = int | Fraction
Verdict: TypeAlias = Literal["entailed", "consistent", "contradicted", "undecided"]
Relation: TypeAlias = Literal["<", "<=", "=", ">=", ">"]
# Larger coefficients would lose the single unit in the solver's floating-point tolerances.
_LARGEST = 2**31


@dataclass(frozen=True)
class Fact:
    """A linear constraint with its origin: lower <= sum of coefficient x cell <= upper.

    Parameters
    ----------
    text : str
        What it says.
    terms : tuple of (cell, integer coefficient)
    lower, upper : int or None
        Inclusive; None for no limit.
    source_ids : tuple of str
        Empty for what holds by definition.
    """

    text: str
    terms: tuple[tuple[Key, int], ...]
    lower: int | None
    upper: int | None
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class RankFact:
    """A unit's rank among sums of cells lies between two places; ties share the better rank.

    Parameters
    ----------
    unit : key of `sums`
    sums : mapping of unit to expression
    best, worst : int
        Inclusive; 1 is the largest. For one exact rank give it twice.
    """

    unit: Key
    sums: Mapping[Key, Expression]
    best: int
    worst: int


@dataclass(frozen=True)
class RankChange:
    """A unit's rank number in one set of sums less that in another lies between two limits.

    Parameters
    ----------
    unit : key of both
    earlier, later : mapping of unit to expression
    least, most : int
        Inclusive limits of the later rank less the earlier one; above zero it fell behind.
    """

    unit: Key
    earlier: Mapping[Key, Expression]
    later: Mapping[Key, Expression]
    least: int
    most: int


Part: TypeAlias = Fact | RankFact | RankChange


class InfeasibleError(InputError):
    """The fragments contradict each other; the message names a minimal conflicting set.

    Parameters
    ----------
    conflict : sequence of Fact
        They cannot all hold; without any one of them the others can.
    """

    def __init__(self, conflict: Sequence[Fact]) -> None:
        self.conflict = tuple(conflict)
        lines = [
            f"- {fact.text} [{'; '.join(fact.source_ids) or 'by definition'}]" for fact in conflict
        ]
        super().__init__(
            "The fragments contradict each other: no table of whole numbers satisfies all of the "
            "following, while any one of them left out lets the others hold. Correct or leave out "
            "one of them:\n" + "\n".join(lines)
        )

    def __reduce__(self) -> tuple[type[InfeasibleError], tuple[tuple[Fact, ...]]]:
        # Exceptions are pickled by their message, which is not what this one is made from.
        return type(self), (self.conflict,)


@dataclass(frozen=True)
class ShareInterval:
    """Bounds of a share, a change of shares or an index, as exact fractions.

    Parameters
    ----------
    lower, upper : Fraction or None
        None: unbounded on that side.
    exact : bool
        Whether both ends are attained by some completion; else they are valid outer bounds.
    base : int or None
        Denominator of a share; None where there is no single one.
    """

    lower: Fraction | None
    upper: Fraction | None
    exact: bool = True
    base: int | None = None


@dataclass(frozen=True)
class Interval:
    """Bounds of a count or a rank.

    Parameters
    ----------
    lower, upper : int or None
        None: unbounded on that side.
    exact : bool
        Whether both ends are attained by some completion; else they are valid outer bounds.
    """

    lower: int | None
    upper: int | None
    exact: bool = True

    @property
    def is_point(self) -> bool:
        """Whether only one value is possible."""
        return self.lower is not None and self.lower == self.upper

    def over(self, base: int) -> ShareInterval:
        """The interval as fractions of a base.

        Examples
        --------
        >>> Interval(1, 3).over(4)
        ShareInterval(lower=Fraction(1, 4), upper=Fraction(3, 4), exact=True, base=4)
        """
        ends = (self.lower, self.upper)
        low, high = (None if end is None else Fraction(end, base) for end in ends)
        return ShareInterval(low, high, self.exact, base)


def linear(
    terms: Mapping[Key, Number], relation: Relation, value: Number, text: str = "statement"
) -> Fact:
    """A statement about a weighted sum of cells, with whole or fractional weights.

    Parameters
    ----------
    terms : mapping of cell to weight
        For a share, the weight is one over the base.
    relation : {"<", "<=", "=", ">=", ">"}
    value : int or Fraction
    text : str
        For messages.

    Returns
    -------
    Fact
        With whole coefficients. Strict relations are exact, the cells being whole numbers. An
        equality that no whole numbers can meet has its lower above its upper limit.

    Examples
    --------
    >>> fact = linear({"a": Fraction(1, 4), "b": Fraction(-1, 6)}, "<", 0)
    >>> fact.terms, fact.upper
    ((('a', 3), ('b', -2)), -1)
    """
    scaled, scale = _scaled(terms)
    level = value * scale
    lower, upper = {
        "<": (None, math.ceil(level) - 1),
        "<=": (None, math.floor(level)),
        "=": (math.ceil(level), math.floor(level)),
        ">=": (math.ceil(level), None),
        ">": (math.floor(level) + 1, None),
    }[relation]
    return Fact(text, tuple(scaled.items()), lower, upper)


def _scaled(terms: Mapping[Key, Number]) -> tuple[dict[Key, int], Fraction]:
    """Smallest whole coefficients in the same proportions, and the factor that gives them."""
    weights = {key: Fraction(weight) for key, weight in terms.items() if weight}
    denominator = math.lcm(*(weight.denominator for weight in weights.values()))
    divisor = math.gcd(*(int(weight * denominator) for weight in weights.values())) or 1
    scale = Fraction(denominator, divisor)
    return {key: int(weight * scale) for key, weight in weights.items()}, scale


def share_rounds_to(terms: Expression, base: int, reported: str) -> Fact | None:
    """The statement that a sum of cells over a base rounds to a printed percentage.

    Parameters
    ----------
    terms : mapping of cell to integer coefficient
    base : int
    reported : str
        Percentage as printed.

    Returns
    -------
    Fact or None
        None when no count over the base rounds to the text.

    Examples
    --------
    >>> fact = share_rounds_to({"a": 1}, 88, "27.27")
    >>> fact.lower, fact.upper
    (24, 24)
    """
    counts = counts_for(reported, base)
    if not counts:
        return None
    ends = (counts[0], counts[-1])
    return Fact(f"rounds to {reported} % of {base}", tuple(terms.items()), *ends)


# -- one call of the solver --------------------------------------------------------------------


_Status: TypeAlias = Literal["optimal", "time", "infeasible", "unbounded"]
_OPEN_ENDED: dict[bool | None, _Status] = {True: "unbounded", False: "infeasible", None: "time"}


@dataclass(frozen=True)
class _Answer:
    """Outcome of a minimisation; `bound` is proven, `point` (if any) is an exact table."""

    status: _Status
    bound: int | None = None
    point: tuple[int, ...] | None = None


@dataclass(frozen=True)
class _Hints:
    """What is known of a minimum before it is solved for.

    `limit` lies not above it. `look` may search for a table near a point with fractions; it gives
    the least value that any table found so far has.
    """

    limit: int | None
    look: Callable[[np.ndarray], int | None]


def _floats(limits: Iterable[int | None], missing: float) -> np.ndarray:
    return np.array([missing if limit is None else limit for limit in limits], dtype=float)


def _sparse(rows: Sequence[Mapping[int, int]], width: int) -> csr_array:
    starts = np.cumsum([0, *(len(row) for row in rows)])
    columns = [column for row in rows for column in row]
    values = np.array([value for row in rows for value in row.values()], dtype=float)
    return csr_array((values, np.array(columns, dtype=np.int32), starts), shape=(len(rows), width))


class _System:
    """The constraints of a table, and the basis at which questions about it start."""

    def __init__(
        self, matrix: csr_array, low: np.ndarray, high: np.ndarray, upper: Sequence[float]
    ) -> None:
        self.matrix, self.low, self.high, self.upper = matrix, low, high, list(upper)
        self._start: list[highs.Basis | None] = []

    def start(self, seconds: float) -> highs.Basis | None:
        """The basis of some solution with fractions, found once; None if there is none."""
        if not self._start:
            width = len(self.upper)
            own = highs.Problem(
                np.zeros(width), self.matrix, self.low, self.high, np.array(self.upper, dtype=float)
            )
            self._start.append(highs.start_of(own, seconds) if len(self.low) else None)
        return self._start[0]


class _Model:
    """The constraints of a table with the columns and rows a question adds to them."""

    def __init__(self, system: _System) -> None:
        self._system = system
        self._upper = list(system.upper)
        self._rows: list[Mapping[int, int]] = []
        self._low: list[int | None] = []
        self._high: list[int | None] = []
        self._void = False

    def column(self, upper: int | None = None) -> int:
        """Add a non-negative integer; its index."""
        self._upper.append(math.inf if upper is None else upper)
        return len(self._upper) - 1

    def row(self, terms: Mapping[int, int], low: int | None, high: int | None) -> None:
        """Add a constraint over columns."""
        if any(abs(coefficient) > _LARGEST for coefficient in terms.values()):
            raise InputError("a coefficient is too large to be solved exactly; use smaller numbers")
        self._void = self._void or (low is not None and high is not None and low > high)
        self._rows.append(terms)
        self._low.append(low)
        self._high.append(high)

    def _problem(self, cost: Mapping[int, int]) -> highs.Problem:
        width, old = len(self._upper), self._system.matrix
        own, low, high = self.rows(0)
        matrix = csr_array(
            (
                np.concatenate([old.data, own.data]),
                np.concatenate([old.indices, own.indices]),
                np.concatenate([old.indptr, own.indptr[1:] + old.indptr[-1]]),
            ),
            shape=(old.shape[0] + len(self._rows), width),
        )
        low = np.concatenate([self._system.low, low])
        high = np.concatenate([self._system.high, high])
        upper = np.array(self._upper, dtype=float)
        return highs.Problem(_dense(cost, width), matrix, low, high, upper)

    def _run(
        self, cost: Mapping[int, int], seconds: float, whole: bool
    ) -> tuple[solved.Solution, highs.Problem]:
        problem = self._problem(cost)
        where, name = solved.folder(), ""
        if where is not None:
            # Where the table ends in the problem decides where the solver starts, and so which of
            # several optima it finds.
            own = np.array([whole, *self._system.matrix.shape])
            name = solved.key([own, *problem.arrays()])
            known = solved.recall(where, name)
            if known is not None:
                return known, problem
        start = self._system.start(seconds)
        if whole:
            found = highs.branch(problem, seconds, start) or highs.search(problem, seconds)
        else:
            found = highs.relaxed(problem, seconds, start)
        if where is not None:
            solved.keep(where, name, found)
        return found, problem

    def held(self, cost: Mapping[int, int], seconds: float) -> highs.Held:
        """The problem with fractions allowed, to be solved again and again."""
        return highs.hold(self._problem(cost), self._system.start(seconds))

    def rows(self, first: int) -> tuple[csr_array, np.ndarray, np.ndarray]:
        """The rows added from the `first` on, and their limits."""
        low, high = _floats(self._low[first:], -np.inf), _floats(self._high[first:], np.inf)
        return _sparse(self._rows[first:], len(self._upper)), low, high

    def feasible(self, seconds: float) -> bool | None:
        """Whether some table satisfies everything; None when the time was too short."""
        answer = self.minimise({}, seconds)
        if answer.point is not None:
            return True
        return False if answer.status == "infeasible" else None

    def _minimise_relaxed(
        self, cost: Mapping[int, int], seconds: float, hints: _Hints | None
    ) -> _Answer | None:
        """The answer where fractions change nothing, ten times faster than a search; else None."""
        found, problem = self._run(cost, seconds, whole=False)
        status, x, value = found.status, found.x, found.fun
        if status == 2:
            return _Answer("infeasible")
        if status != 0 or x is None or value is None:
            return None
        floor = _proven(value)
        assert floor is not None
        point = _exact_point(x, problem)
        if point is not None and floor == sum(c * point[i] for i, c in cost.items()):
            return _Answer("optimal", floor, point)
        if hints is not None:
            floor = floor if hints.limit is None else max(floor, hints.limit)
            if hints.look(x) == floor:
                return _Answer("optimal", floor)
        return self._at(cost, floor, seconds) if abs(floor - value) < 1e-6 else None

    def _at(self, cost: Mapping[int, int], floor: int, seconds: float) -> _Answer | None:
        """The answer if a table reaches a value below which none lies.

        Without anything to minimise the search for it is several times faster.
        """
        if not cost or max(map(abs, cost.values())) > _LARGEST:
            return None
        self.row(cost, None, floor)
        point = self._search({}, seconds).point
        for rows in (self._rows, self._low, self._high):
            rows.pop()
        return None if point is None else _Answer("optimal", floor, point)

    def minimise(
        self, cost: Mapping[int, int], seconds: float, hints: _Hints | None = None
    ) -> _Answer:
        """Minimise a weighted sum of columns; the answer has no point where hints sufficed."""
        if self._void:
            return _Answer("infeasible")
        easy = self._minimise_relaxed(cost, seconds, hints)
        return self._search(cost, seconds) if easy is None else easy

    def _search(self, cost: Mapping[int, int], seconds: float) -> _Answer:
        """The answer in whole numbers, whatever it takes."""
        found, problem = self._run(cost, seconds, whole=True)
        status, x = found.status, found.x
        if status == 2:
            return _Answer("infeasible")
        if status in (3, 4) and x is None:
            # HiGHS may say no more than "unbounded or infeasible".
            known = self.feasible(seconds) if cost else None
            return _Answer(_OPEN_ENDED[known])
        point = None if x is None else _exact_point(x, problem)
        if status == 0 and point is not None:
            value, claimed = sum(c * point[i] for i, c in cost.items()), _proven(found.fun)
            # A dear column a millionth off a whole number may hide a lower value.
            if claimed is not None and value <= claimed:
                return _Answer("optimal", value, point)
        return _Answer("time", _proven(found.mip_dual_bound), point)


def _dense(cost: Mapping[int, int], width: int) -> np.ndarray:
    found = np.zeros(width)
    for column, coefficient in cost.items():
        found[column] = coefficient
    return found


def _exact_point(x: np.ndarray, problem: highs.Problem) -> tuple[int, ...] | None:
    """The solver's point in whole numbers, or None when these break a constraint."""
    whole = np.round(x)
    return tuple(whole.astype(np.int64).tolist()) if problem.fits(whole) else None


def _proven(bound: float | None) -> int | None:
    if bound is None or not math.isfinite(bound):
        return None
    # The quantity is whole, so its proven bound may be rounded inwards; a margin of one or more
    # would rule no number out.
    return math.ceil(bound - highs.margin(bound))


# -- completions found so far ----------------------------------------------------------------------


class _Line(tuple[tuple[int, int], ...]):
    """A linear expression as sorted (column, coefficient) pairs."""

    def __new__(cls, columns: Mapping[int, int]) -> _Line:
        return super().__new__(cls, sorted(columns.items()))


@dataclass(frozen=True)
class _Asked:
    """A statement by columns: a sum, a rank or a change of rank lies between two limits.

    `sums` holds the one sum, or nothing; `later` and `earlier` the ranked unit and then its rivals.
    """

    sums: tuple[_Line, ...]
    later: tuple[_Line, ...]
    earlier: tuple[_Line, ...]
    lower: int | None
    upper: int | None


class _Points:
    """Completions that earlier questions have found; each is exact and satisfies all constraints."""

    _MOST = 2000

    def __init__(self) -> None:
        self._rows: dict[tuple[int, ...], None] = {}
        # Has room for more rows than are filled, so that one more costs no copy of all.
        self._matrix = np.empty((0, 0))
        self._fits: dict[_Asked, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        return iter(self._rows)

    def add(self, point: tuple[int, ...]) -> None:
        """Keep a completion, while there is room."""
        count = len(self._rows)
        if point in self._rows or count >= self._MOST:
            return
        if count >= len(self._matrix):
            larger = np.empty((max(32, 2 * count), len(point)))
            if count:
                larger[:count] = self._matrix
            self._matrix = larger
        self._matrix[count] = point
        self._rows[point] = None

    def values(self, columns: Mapping[int, int] | _Line, first: int = 0) -> np.ndarray:
        """Value of a linear expression in each completion from the `first` on, exact."""
        pairs = columns if isinstance(columns, _Line) else tuple(columns.items())
        if not pairs or not self._rows:
            return np.zeros(len(self._rows) - first)
        places = [column for column, _ in pairs]
        # Sums of whole numbers below 2**53 are exact in floating point; larger ones are left out.
        weights = np.array([c for _, c in pairs], dtype=float)
        chosen = self._matrix[first : len(self._rows), places]
        found = chosen @ weights
        found[chosen @ np.abs(weights) >= 2**53] = np.nan
        return np.asarray(found)

    def meet(self, asked: Sequence[_Asked]) -> bool:
        """Whether one of the completions satisfies all statements."""
        return bool(self.fitting(asked).any())

    def fitting(self, asked: Sequence[_Asked]) -> np.ndarray:
        """Which of the completions satisfy all statements."""
        fits = np.ones(len(self._rows), dtype=bool)
        for one in asked:
            fits &= self._fitting(one)
        return fits

    def _fitting(self, one: _Asked) -> np.ndarray:
        """Which of the completions satisfy a statement; asked again, only new ones are looked at."""
        known = self._fits.get(one, np.empty(0, dtype=bool))
        if len(known) < len(self._rows):
            size = self._sizes(one, len(known))
            # A value left out above satisfies no limit.
            fits = size >= (-np.inf if one.lower is None else one.lower)
            fits &= size <= (np.inf if one.upper is None else one.upper)
            known = self._fits[one] = np.concatenate([known, fits])
        return known

    def _sizes(self, one: _Asked, first: int) -> np.ndarray:
        """What a statement limits, in each completion from the `first` on."""
        size = self.values(one.sums[0], first) if one.sums else self.ranks(one.later, first)
        return size - self.ranks(one.earlier, first) if one.earlier else size

    def ranks(self, lines: Sequence[_Line], first: int = 0) -> np.ndarray:
        """Rank of the first of several expressions in each completion from the `first` on."""
        own, *others = (self.values(line, first) for line in lines)
        ahead = [np.where(np.isnan(own + other), np.nan, other > own) for other in others]
        return np.asarray(1 + np.sum(ahead, axis=0)) if ahead else 1 + 0 * own


def _least_of(values: np.ndarray) -> int | None:
    """The least of whole numbers, missing ones left out; None where there is none."""
    known = values[~np.isnan(values)]
    return int(known.min()) if len(known) else None


def _order(one: _Asked, x: np.ndarray) -> list[tuple[dict[int, int], bool]]:
    """Differences of rivals and the ranked unit, and whether each is to lie above zero.

    As many are as at the point, or as many more or fewer of the nearest as the limits ask for.
    """
    before = _nearest(one.earlier, x, None, None)
    # The number ahead is the rank less one; a change of ranks is that of numbers ahead.
    start = sum(ahead for _, ahead in before) if one.earlier else -1
    limits = (None if end is None else end + start for end in (one.lower, one.upper))
    return before + _nearest(one.later, x, *limits)


def _nearest(
    lines: Sequence[_Line], x: np.ndarray, fewest: int | None, most: int | None
) -> list[tuple[dict[int, int], bool]]:
    """Differences of the others and the first, the largest of them to lie above zero."""
    gaps = [_less(line, lines[0]) for line in lines[1:]]
    sizes = [sum(c * x[column] for column, c in gap.items()) for gap in gaps]
    count = sum(size > 0.5 for size in sizes)
    count = count if fewest is None else max(count, fewest)
    count = count if most is None else max(0, min(count, most))
    ahead = set(sorted(range(len(gaps)), key=lambda at: -sizes[at])[:count])
    return [(gap, at in ahead) for at, gap in enumerate(gaps)]


def _less(first: _Line, second: _Line) -> dict[int, int]:
    """The columns of the difference of two expressions."""
    return _difference(dict(first), dict(second))


# -- the table -----------------------------------------------------------------------------------


@dataclass
class Counts:
    """Integer cells under sourced constraints.

    Parameters
    ----------
    time_limit : float
        Seconds for one solve. When it is reached the solver's proven bound is returned, which is
        valid but may be too wide, and `exact` is False.

    Examples
    --------
    >>> table = Counts()
    >>> table.add_cell("a"); table.add_cell("b")
    >>> table.require("total", {"a": 1, "b": 1}, 10, 10)
    >>> table.require("b at most 4", {"b": 1}, None, 4)
    >>> table.bounds({"a": 1})
    Interval(lower=6, upper=10, exact=True)
    >>> table.rank("b", {"a": {"a": 1}, "b": {"b": 1}})
    Interval(lower=2, upper=2, exact=True)
    >>> table.decide(linear({"a": 1, "b": -2}, ">=", 0))
    'consistent'
    """

    time_limit: float = 10.0
    _facts: list[Fact] = field(default_factory=list)
    _lines: list[dict[int, int]] = field(default_factory=list)
    _index: dict[Key, int] = field(default_factory=dict)
    _upper: list[float] = field(default_factory=list)
    _system: _System | None = None
    _known: dict[tuple[tuple[int, int], ...], Interval] = field(default_factory=dict)
    _limits: tuple[np.ndarray, np.ndarray] | None = None
    _loose: dict[tuple[tuple[int, int], ...], tuple[int, int] | None] = field(default_factory=dict)
    _met: dict[tuple[_Asked, ...], bool] = field(default_factory=dict)
    _ranked: dict[_Asked, Interval] = field(default_factory=dict)
    _said: dict[Fact, _Asked] = field(default_factory=dict)
    _points: _Points = field(default_factory=_Points)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All constraints."""
        return tuple(self._facts)

    @property
    def cells(self) -> tuple[Key, ...]:
        """All cells, in the order they were added."""
        return tuple(self._index)

    def add_cell(self, key: Key, upper: int | None = None) -> None:
        """Add an unknown count, at least zero.

        Parameters
        ----------
        key : hashable
        upper : int or None
            Largest value, where there is one by definition.

        Raises
        ------
        InputError
            The key is taken or the largest value negative.
        """
        if key in self._index:
            raise InputError(f"cell {key!r} is there already; give each cell one name")
        if upper is not None and upper < 0:
            raise InputError(f"cell {key!r}: the largest value {upper} is below 0")
        self._index[key] = len(self._upper)
        self._upper.append(math.inf if upper is None else upper)
        self._forget()

    def require(
        self, text: str, terms: Expression, lower: int | None, upper: int | None,
        source_ids: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """Add a constraint.

        Parameters
        ----------
        text : str
            What it says, for the message should the fragments conflict.
        terms : mapping of cell to integer coefficient
        lower, upper : int or None
            Inclusive; None for no limit.
        source_ids : iterable of str

        Raises
        ------
        InputError
            A cell is unknown, a coefficient too large, or the limits are missing or crossed.
        """
        if lower is None and upper is None:
            raise InputError(f"{text}: give a lower or an upper limit")
        if lower is not None and upper is not None and lower > upper:
            raise InputError(f"{text}: the lower limit {lower} is above the upper limit {upper}")
        columns = self._columns(terms)
        for column, coefficient in columns.items():
            if abs(coefficient) > _LARGEST:
                raise InputError(
                    f"{text}: the coefficient {coefficient} of cell {column} is too large"
                )
        self._facts.append(Fact(text, tuple(terms.items()), lower, upper, tuple(source_ids)))
        self._lines.append(columns)
        self._forget()

    def _forget(self) -> None:
        self._system = self._limits = None
        self._known.clear()
        self._loose.clear()
        self._met.clear()
        self._ranked.clear()
        self._points = _Points()

    def adopt(self, other: Counts) -> bool:
        """Take over the completions found so far of a table with the same cells and more constraints.

        Each of them satisfies the fewer constraints of this table as well, so that what they show
        to be possible there need not be solved for again.

        Parameters
        ----------
        other : Counts

        Returns
        -------
        bool
            False, and nothing is taken over, unless the cells are the same and all constraints of
            this table are among those of the other.
        """
        same = list(self._index) == list(other._index) and self._upper == other._upper
        if not same or not set(self._facts) <= set(other._facts):
            return False
        for point in other._points:
            self._points.add(point)
        return True

    def _columns(self, terms: Expression) -> dict[int, int]:
        unknown = [key for key in terms if key not in self._index]
        if unknown:
            raise InputError(f"there is no cell {unknown[0]!r} in this table")
        return {self._index[key]: coefficient for key, coefficient in terms.items() if coefficient}

    def _model(self, given: Sequence[Part] = ()) -> _Model:
        """All constraints, built once, and what a question adds."""
        if self._system is None:
            low = _floats((fact.lower for fact in self._facts), -np.inf)
            high = _floats((fact.upper for fact in self._facts), np.inf)
            matrix = _sparse(self._lines, len(self._upper))
            self._system = _System(matrix, low, high, self._upper)
        model = _Model(self._system)
        for part in given:
            self._add_part(model, part)
        return model

    def _add_part(self, model: _Model, part: Part) -> None:
        if isinstance(part, Fact):
            model.row(dict(self._asked(part).sums[0]), part.lower, part.upper)
            return
        if isinstance(part, RankChange):
            # A limit that no ranks can break needs no flags that keep it.
            least = part.least > -len(part.earlier)
            most = part.most < len(part.later)
            before, first = self._flags(model, part.unit, part.earlier, (least, most))
            after, second = self._flags(model, part.unit, part.later, (most, least))
            gap = dict.fromkeys(after, 1) | dict.fromkeys(before, -1)
            model.row(gap, part.least + first - second, part.most + first - second)
            return
        force = (part.worst < len(part.sums), part.best > 1)
        flags, sure = self._flags(model, part.unit, part.sums, force)
        model.row(dict.fromkeys(flags, 1), part.best - 1 - sure, part.worst - 1 - sure)

    # -- feasibility ---------------------------------------------------------------------------

    def check(self) -> None:
        """Prove that some table satisfies all constraints.

        Raises
        ------
        InfeasibleError
            With a minimal conflicting set: without any one of its members the rest can be met.
        """
        if not len(self._points) and self._search(()) is False:
            raise InfeasibleError(self.conflict())

    def conflict(self, given: Sequence[Fact] = ()) -> list[Fact]:
        """A minimal set of constraints that cannot all hold, empty when they can.

        Parameters
        ----------
        given : sequence of Fact
            Constraints beyond the table's own.

        Returns
        -------
        list of Fact
            Found by QuickXplain (Junker 2004), which halves the set. With a time limit too short
            for a proof a member may be listed that could be left out.
        """
        every = [*given, *self._facts]
        if self._hold(every):
            return []
        return self._explain([], every, tested=False)

    def _hold(self, facts: Sequence[Fact]) -> bool:
        return self._alone(facts).feasible(self.time_limit) is not False

    def _alone(self, facts: Sequence[Fact]) -> _Model:
        """Some constraints without the others of the table, and without cells they do not name."""
        own = {id(fact): line for fact, line in zip(self._facts, self._lines, strict=True)}
        lines = [own.get(id(fact)) or self._columns(dict(fact.terms)) for fact in facts]
        used = sorted({column for line in lines for column in line}) or [0][: len(self._upper)]
        place = {column: number for number, column in enumerate(used)}
        empty = np.empty(0)
        model = _Model(
            _System(_sparse([], len(used)), empty, empty, [self._upper[c] for c in used])
        )
        for fact, line in zip(facts, lines, strict=True):
            model.row({place[c]: k for c, k in line.items()}, fact.lower, fact.upper)
        return model

    def _explain(self, kept: list[Fact], doubtful: list[Fact], tested: bool) -> list[Fact]:
        """Members of `doubtful` that are needed for a conflict beside `kept`."""
        if tested and not self._hold(kept):
            return []
        if len(doubtful) == 1:
            return doubtful
        half = len(doubtful) // 2
        first, second = doubtful[:half], doubtful[half:]
        needed = self._explain([*kept, *first], second, tested=bool(first))
        return self._explain([*kept, *needed], first, tested=bool(needed)) + needed

    def _fail(self, given: Sequence[Part]) -> InfeasibleError:
        return InfeasibleError(self.conflict([part for part in given if isinstance(part, Fact)]))

    # -- bounds of linear expressions ------------------------------------------------------------

    def bounds(self, terms: Expression, given: Sequence[Part] = ()) -> Interval:
        """Smallest and largest value of a linear expression over all completions.

        Parameters
        ----------
        terms : mapping of cell to integer coefficient
        given : sequence of Fact, RankFact or RankChange
            Further constraints, for "what if".

        Returns
        -------
        Interval

        Raises
        ------
        InfeasibleError
            No completion exists.
        """
        columns = self._columns(terms)
        key = tuple(sorted(columns.items()))
        if given:
            return self._solve_bounds(columns, given)
        if key not in self._known:
            self._known[key] = self._solve_bounds(columns, ())
        return self._known[key]

    def _solve_bounds(self, columns: Mapping[int, int], given: Sequence[Part]) -> Interval:
        known = self._known.get(tuple(sorted(columns.items())))
        quick = (known.lower, known.upper) if known else self._loose_range(columns)
        low, high = quick if quick is not None else (None, None)
        least = self._end(columns, given, low)
        negative = {column: -c for column, c in columns.items()}
        most = self._end(negative, given, None if high is None else -high)
        # What a search out of time has proven may be less than what was known before it.
        lows = [end for end in (low, least.bound) if end is not None]
        highs = [
            end for end in (high, None if most.bound is None else -most.bound) if end is not None
        ]
        exact = "time" not in (least.status, most.status)
        return Interval(max(lows, default=None), min(highs, default=None), exact)

    def _end(self, columns: Mapping[int, int], given: Sequence[Part], limit: int | None) -> _Answer:
        """Least value of an expression, of which a lower limit may be known."""
        asked = [self._asked(part) for part in given]

        def seen() -> int | None:
            return _least_of(self._points.values(columns)[self._points.fitting(asked)])

        def look(x: np.ndarray) -> int | None:
            if not all(isinstance(part, Fact) for part in given):
                self._dive(columns, given, asked, x)
            return seen()

        reached = seen()
        if reached is not None and reached == limit:
            # A limit that holds and is attained is the bound: there is nothing left to solve.
            return _Answer("optimal", reached)
        return self._least(self._model(given), columns, given, _Hints(limit, look))

    def _dive(
        self, columns: Mapping[int, int], given: Sequence[Part], asked: Sequence[_Asked],
        x: np.ndarray,
    ) -> None:  # fmt: skip
        """Look for a low completion with ranked units in an order as near as can be to a point's.

        A given order takes no flags, so that fractions seldom matter. What is found is a completion
        like any other; where none is, the search goes on without it.
        """
        model = self._model([part for part in given if isinstance(part, Fact)])
        for one in asked:
            for gap, ahead in _order(one, x) if one.later else ():
                model.row(gap, 1 if ahead else None, None if ahead else 0)
        self._note(model.minimise(columns, self.time_limit).point)

    def _least(
        self, model: _Model, cost: Mapping[int, int], given: Sequence[Part] = (),
        hints: _Hints | None = None,
    ) -> _Answer:  # fmt: skip
        answer = model.minimise(cost, self.time_limit, hints)
        if answer.status == "infeasible":
            raise self._fail(given)
        self._note(answer.point)
        return answer

    def fraction_bounds(
        self, terms: Mapping[Key, Number], given: Sequence[Part] = ()
    ) -> ShareInterval:
        """Bounds of a weighted sum with fractional weights: a share, or a difference of shares.

        Parameters
        ----------
        terms : mapping of cell to weight
        given : sequence of Fact

        Returns
        -------
        ShareInterval

        Examples
        --------
        >>> table = Counts()
        >>> table.add_cell("a", 3)
        >>> table.fraction_bounds({"a": Fraction(1, 12)}).upper
        Fraction(1, 4)
        """
        scaled, scale = _scaled(terms)
        found = self.bounds(scaled, given)
        ends = (found.lower, found.upper)
        low, high = (None if end is None else Fraction(end) / scale for end in ends)
        return ShareInterval(low, high, found.exact)

    # -- statements ------------------------------------------------------------------------------

    def possible(self, *parts: Part) -> bool | None:
        """Whether some completion satisfies all parts; None when the time was too short."""
        key = tuple(self._asked(part) for part in parts)
        if key not in self._met:
            found = True if self._points.meet(key) else self._search(parts)
            if found is None:
                return None
            self._met[key] = found
        return self._met[key]

    def _asked(self, part: Part) -> _Asked:
        """A statement by what it says, whatever its words: by it answers are kept."""
        if isinstance(part, Fact):
            if part not in self._said:
                line = _Line(self._columns(dict(part.terms)))
                self._said[part] = _Asked((line,), (), (), part.lower, part.upper)
            return self._said[part]
        if isinstance(part, RankFact):
            own, others = self._field(part.unit, part.sums)
            return _Asked((), (own, *others), (), part.best, part.worst)
        before, after = (self._field(part.unit, sums) for sums in (part.earlier, part.later))
        return _Asked((), (after[0], *after[1]), (before[0], *before[1]), part.least, part.most)

    def _field(self, unit: Key, sums: Mapping[Key, Expression]) -> tuple[_Line, list[_Line]]:
        """A ranked unit and its rivals."""
        if unit not in sums:
            raise InputError(f"{unit!r} is not among the ranked units")
        lines = {other: _Line(self._columns(terms)) for other, terms in sums.items()}
        return lines.pop(unit), sorted(lines.values())

    def _search(self, parts: Sequence[Part]) -> bool | None:
        """Whether a completion that satisfies all parts is found, or proved not to exist."""
        answer = self._model(parts).minimise({}, self.time_limit)
        if answer.point is not None:
            self._note(answer.point)
            return True
        return False if answer.status == "infeasible" else None

    def _note(self, point: tuple[int, ...] | None) -> None:
        """Keep a completion; what a question added stands behind the cells."""
        if point is not None:
            self._points.add(point[: len(self._upper)])

    def varies(self, terms: Expression) -> bool:
        """Whether a linear expression takes more than one value, or is not known to take only one.

        Parameters
        ----------
        terms : mapping of cell to integer coefficient

        Returns
        -------
        bool

        Examples
        --------
        >>> table = Counts()
        >>> table.add_cell("a"); table.add_cell("b")
        >>> table.require("total", {"a": 1, "b": 1}, 10, 10)
        >>> table.varies({"a": 1}), table.varies({"a": 1, "b": 1})
        (True, False)
        """
        seen = self._points.values(self._columns(terms))
        return (len(seen) > 0 and seen.min() < seen.max()) or not self.bounds(terms).is_point

    def reached(self, terms: Expression, *parts: Part) -> tuple[int, int] | None:
        """Least and largest value of an expression in the completions found so far.

        Parameters
        ----------
        terms : mapping of cell to integer coefficient
        *parts : Fact, RankFact or RankChange
            Only completions that satisfy all of them.

        Returns
        -------
        (int, int) or None
            Lies within :meth:`bounds` and costs no solving; None where no completion is at hand.

        Examples
        --------
        >>> table = Counts()
        >>> table.add_cell("a", 3)
        >>> table.reached({"a": 1}) is None, table.bounds({"a": 1}).upper, table.reached({"a": 1})
        (True, 3, (0, 3))
        """
        return self._extent(terms, [[self._asked(part) for part in parts]])[0]

    def reached_with(
        self, terms: Expression, parts: Iterable[Part]
    ) -> list[tuple[int, int] | None]:
        """The same with each of several statements by itself."""
        return self._extent(terms, [[self._asked(part)] for part in parts])

    def _extent(
        self, terms: Expression, several: Iterable[Sequence[_Asked]]
    ) -> list[tuple[int, int] | None]:
        seen = self._points.values(self._columns(terms))
        whole = ~np.isnan(seen)
        chosen = (seen[whole & self._points.fitting(asked)] for asked in several)
        return [(int(one.min()), int(one.max())) if len(one) else None for one in chosen]

    def decide(self, *parts: Part) -> Verdict:
        """Whether every, some or no completion satisfies a conjunction of statements.

        Parameters
        ----------
        *parts : Fact, RankFact or RankChange
            All must hold; see :func:`linear`, :func:`share_rounds_to` and the two classes.

        Returns
        -------
        {"entailed", "consistent", "contradicted", "undecided"}
            ``undecided`` only when the time limit left the question open.

        Raises
        ------
        InfeasibleError
            No completion exists, so that anything would follow.
        """
        meets = self.possible(*parts)
        if meets is False:
            self.check()
            return "contradicted"
        unsure = meets is None
        for other in (other for part in parts for other in opposites(part)):
            breaks = self.possible(other)
            if breaks and meets:
                return "consistent"
            unsure = unsure or breaks is not False
        # Nothing can break it: it holds in every completion, and some completion exists.
        return "undecided" if unsure else "entailed"

    # -- what a bound rests on -------------------------------------------------------------------

    def grounds(self, terms: Expression, lower: int | None, upper: int | None) -> list[Fact]:
        """A small set of constraints from which limits of an expression follow.

        Parameters
        ----------
        terms : mapping of cell to integer coefficient
        lower, upper : int or None
            Limits that hold, for instance the ends of :meth:`bounds`.

        Returns
        -------
        list of Fact
            In the order in which they were added. With fractions allowed, none with a source can be left out of those that
            prove one limit. Empty for a limit that holds by itself, the cells being at least zero.

        Raises
        ------
        InputError
            A limit does not follow from the constraints.

        Examples
        --------
        >>> table = Counts()
        >>> table.add_cell("a"); table.add_cell("b")
        >>> table.require("total", {"a": 1, "b": 1}, 10, 10)
        >>> table.require("a at most 7", {"a": 1}, None, 7)
        >>> [fact.text for fact in table.grounds({"b": 1}, 3, None)]
        ['total', 'a at most 7']
        """
        found: set[Fact] = set()
        part = tuple(terms.items())
        if lower is not None:
            found |= set(self._proof(Fact("below", part, None, lower - 1)))
        if upper is not None:
            found |= set(self._proof(Fact("above", part, upper + 1, None)))
        return [fact for fact in self._facts if fact in found]

    def _proof(self, denied: Fact) -> list[Fact]:
        """Constraints that cannot hold beside a denied statement."""
        relevant = self._certificate(denied)
        rest = None if relevant is None else self._without(denied, relevant)
        if rest is None:
            # The proof needs whole numbers, which multipliers do not see.
            return [fact for fact in self._broken(denied) if fact is not denied]
        return rest

    def _without(self, denied: Fact, relevant: Sequence[Fact]) -> list[Fact] | None:
        """The constraints left when each with a source is left out unless fractions then fit.

        None if fractions fit all.
        """
        held = self._alone([denied, *relevant]).held({}, self.time_limit)
        if held.solve(self.time_limit).status != 2:
            return None
        kept = []
        for row, fact in enumerate(relevant, 1):
            if fact.source_ids:
                held.limit_row(row, -math.inf, math.inf)
                if held.solve(self.time_limit).status == 2:
                    continue
                ends = (-math.inf, fact.lower), (math.inf, fact.upper)
                held.limit_row(row, *(missing if end is None else end for missing, end in ends))
            kept.append(fact)
        return kept

    def _broken(self, denied: Fact) -> list[Fact]:
        conflict = self.conflict([denied])
        if not conflict:
            raise InputError(f"the limit does not follow: {denied.text} is possible")
        return conflict

    def _certificate(self, denied: Fact) -> list[Fact] | None:
        """Constraints with a multiplier in the proof of a bound by linear duality, if there is one."""
        columns = self._columns(dict(denied.terms))
        sign = 1 if denied.upper is not None else -1
        cost = _dense({column: sign * c for column, c in columns.items()}, len(self._upper))
        self._model()
        assert self._system is not None
        matrix, low, high = self._system.matrix, self._system.low, self._system.high
        equal = low == high
        above, below = np.isfinite(high) & ~equal, np.isfinite(low) & ~equal
        rows = np.concatenate([np.flatnonzero(above), np.flatnonzero(below), np.flatnonzero(equal)])
        turned = vstack([matrix[above], -matrix[below], matrix[equal]], format="csr")
        roofs = np.concatenate([high[above], -low[below], high[equal]])
        floors = np.where(equal[rows], roofs, -np.inf)
        problem = highs.Problem(cost, turned, floors, roofs, np.array(self._upper, dtype=float))
        weights = highs.weights(problem, self.time_limit)
        if weights is None:
            return None
        used = set(rows[np.abs(weights) > 1e-9].tolist())
        return [fact for row, fact in enumerate(self._facts) if row in used]

    # -- ranks and concentration -----------------------------------------------------------------

    def _ranges(self, sums: Mapping[Key, Expression]) -> dict[Key, tuple[int, int]]:
        """Least and largest value of each sum, which must be finite."""
        found: dict[Key, tuple[int, int]] = {}
        for unit, terms in sums.items():
            known = self.bounds(terms)
            if known.lower is None or known.upper is None:
                raise InputError(
                    f"{unit!r}: a rank or an index needs a count that is bounded above. "
                    "Add a total or a limit that contains it."
                )
            found[unit] = (known.lower, known.upper)
        return found

    def _cell_limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Limits of each cell by tightening one constraint at a time (Savelsbergh 1994).

        Valid and found in a moment, though wider than :meth:`bounds`.
        """
        if self._limits is None:
            self._model()
            assert self._system is not None
            matrix, floors, roofs = self._system.matrix, self._system.low, self._system.high
            terms = matrix.tocoo()
            low, high = np.zeros(matrix.shape[1]), np.array(self._upper, dtype=float)
            for _ in range(10):
                before = (low.copy(), high.copy())
                for sign, limits in ((1.0, roofs), (-1.0, -floors)):
                    _tighten(terms.row, terms.col, sign * terms.data, limits, low, high)
                if np.array_equal(before[0], low) and np.array_equal(before[1], high):
                    break
            self._limits = (low, high)
        return self._limits

    def _loose_ranges(self, sums: Mapping[Key, Expression]) -> dict[Key, tuple[int, int]]:
        """Limits of each sum: exact where these are known already or no others are found."""
        keys = {unit: tuple(sorted(self._columns(terms).items())) for unit, terms in sums.items()}
        if all(key in self._known for key in keys.values()):
            return self._ranges(sums)
        found: dict[Key, tuple[int, int]] = {}
        for unit, terms in sums.items():
            key = keys[unit]
            if key not in self._loose:
                self._loose[key] = self._loose_range(dict(key))
            loose = self._loose[key]
            found[unit] = self._ranges({unit: terms})[unit] if loose is None else loose
        return found

    def _loose_range(self, columns: Mapping[int, int]) -> tuple[int, int] | None:
        low, high = self._cell_limits()
        if any(c < 0 for c in columns.values()):
            return None
        least = sum(c * low[column] for column, c in columns.items())
        most = sum(c * high[column] for column, c in columns.items())
        for fact, line in zip(self._facts, self._lines, strict=True):
            # Other cells of a constraint are at least zero, and so are other cells of the sum.
            if fact.upper is not None and fact.upper < most and _covers(line, columns):
                most = fact.upper
            if fact.lower is not None and fact.lower > least and _covers(columns, line):
                least = fact.lower
        return (int(least), int(most)) if math.isfinite(most) else None

    def _flags(
        self, model: _Model, unit: Key, sums: Mapping[Key, Expression], force: tuple[bool, bool]
    ) -> tuple[list[int], int]:
        """Columns that are 1 where another unit is larger, and how many surely are.

        `force`: whether a lead forces the flag to 1, and whether the flag 1 demands a lead.
        """
        if unit not in sums:
            raise InputError(f"{unit!r} is not among the ranked units")
        ranges = self._loose_ranges(sums)
        low, high = ranges[unit]
        flags, sure = [], 0
        for other, (least, most) in ranges.items():
            if other == unit or most <= low:
                continue
            if least > high:
                sure += 1
                continue
            flag = model.column(1)
            gap = self._columns(_difference(sums[other], sums[unit]))
            rival = self._columns(sums[other])
            # What follows from the unit's own limits changes no whole number, but rules out most
            # fractions of flags.
            if force[0]:
                model.row({**gap, flag: low - most}, None, 0)
                if most > high:
                    model.row({**rival, flag: high - most}, None, high)
            if force[1]:
                reach = high - least + 1
                model.row({**gap, flag: -reach}, 1 - reach, None)
                if least <= low:
                    model.row({**rival, flag: least - low - 1}, least, None)
            flags.append(flag)
        return flags, sure

    def rank(self, unit: Key, sums: Mapping[Key, Expression]) -> Interval:
        """Best and worst rank of a unit among sums of cells; ties share the better rank.

        Parameters
        ----------
        unit : key of `sums`
        sums : mapping of unit to expression

        Returns
        -------
        Interval
            1 is the largest.

        Raises
        ------
        InputError
            The unit is not among the sums, or a sum is unbounded.
        InfeasibleError
            No completion exists.
        """
        own, others = self._field(unit, sums)
        key = _Asked((), (own, *others), (), None, None)
        if key not in self._ranked:
            self._ranked[key] = self._solve_rank(unit, sums, key)
        return self._ranked[key]

    def _solve_rank(self, unit: Key, sums: Mapping[Key, Expression], asked: _Asked) -> Interval:
        best, worst = self._model(), self._model()
        # Two searches to the end gain more from exact limits than these cost.
        self._ranges(sums)
        flags, sure = self._flags(best, unit, sums, (True, False))
        least = self._count(best, dict.fromkeys(flags, 1), 0, lambda: self._ahead(asked) - sure)
        flags, _ = self._flags(worst, unit, sums, (False, True))
        most = self._count(
            worst, dict.fromkeys(flags, -1), -len(flags), lambda: sure - self._ahead(asked)
        )
        exact = "time" not in (least.status, most.status)
        first = 0 if least.bound is None else max(least.bound, 0)
        last = len(flags) if most.bound is None else min(-most.bound, len(flags))
        return Interval(1 + sure + first, 1 + sure + last, exact)

    def _ahead(self, asked: _Asked) -> np.ndarray:
        """How many rivals are ahead in each completion at hand."""
        return self._points.ranks(asked.later) - 1

    def _count(
        self, model: _Model, cost: Mapping[int, int], limit: int, sizes: Callable[[], np.ndarray]
    ) -> _Answer:
        """Least number of flags, not below a limit, of which completions at hand have some sizes."""
        seen = _least_of(sizes())
        if seen is not None and seen == limit:
            return _Answer("optimal", seen)
        return self._least(model, cost, (), _Hints(limit, lambda _: _least_of(sizes())))

    def largest_sum(self, count: int, sums: Mapping[Key, Expression]) -> Interval:
        """Bounds of the sum of the n largest units, the numerator of the concentration ratio CRn.

        Parameters
        ----------
        count : int
            n, from 1 to the number of units.
        sums : mapping of unit to expression

        Returns
        -------
        Interval

        Raises
        ------
        InputError
            n is out of range, or a sum is unbounded.
        """
        if not 1 <= count <= len(sums):
            raise InputError(f"n = {count}: give a number from 1 to {len(sums)}")
        ranges = self._ranges(sums)
        if any(low < 0 for low, _ in ranges.values()):
            raise InputError("a concentration ratio needs counts that cannot be negative")
        least = self._least_top(count, sums, ranges)
        most = self._greatest_top(count, sums, ranges)
        floors = sorted((low for low, _ in ranges.values()), reverse=True)
        roofs = sorted((high for _, high in ranges.values()), reverse=True)
        bottom = sum(floors[:count]) if least.bound is None else least.bound
        top = sum(roofs[:count]) if most.bound is None else -most.bound
        return Interval(bottom, top, "time" not in (least.status, most.status))

    def _least_top(
        self, count: int, sums: Mapping[Key, Expression], ranges: Mapping[Key, tuple[int, int]]
    ) -> _Answer:
        """The n largest sum to the minimum over t of n t plus all excesses over t."""
        model = self._model()
        roofs = sorted((high for _, high in ranges.values()), reverse=True)
        floors = sorted((low for low, _ in ranges.values()), reverse=True)
        # t is the n-th largest value, which lies between the n-th largest lower and upper ends.
        level = model.column(roofs[count - 1])
        model.row({level: 1}, floors[count - 1], None)
        cost = {level: count}
        for unit, terms in sums.items():
            high = ranges[unit][1]
            if high <= floors[count - 1]:
                continue
            excess = model.column(high - floors[count - 1])
            model.row({**self._columns(terms), excess: -1, level: -1}, None, 0)
            cost[excess] = 1
        return self._least(model, cost)

    def _greatest_top(
        self, count: int, sums: Mapping[Key, Expression], ranges: Mapping[Key, tuple[int, int]]
    ) -> _Answer:
        """Choose n units and count only their firms."""
        model = self._model()
        floors = sorted((low for low, _ in ranges.values()), reverse=True)
        flags, cost = [], {}
        for unit, terms in sums.items():
            low, high = ranges[unit]
            if sum(floor > high for floor in floors) >= count:
                # n other units are larger in every completion.
                continue
            flag, part = model.column(1), model.column(high)
            own = self._columns(terms)
            model.row({part: 1, **{key: -c for key, c in own.items()}, flag: -low}, None, -low)
            model.row({part: 1, flag: -high}, None, 0)
            flags.append(flag)
            cost[part] = -1
        model.row(dict.fromkeys(flags, 1), None, count)
        return self._least(model, cost)

    def squares(self, sums: Mapping[Key, Expression]) -> Interval:
        """Bounds of the sum of squares of the units, the numerator of the Herfindahl index.

        The lower bound is exact: tangents between neighbouring integers meet the square at every
        integer. The upper bound comes from the chord over each unit's own interval; `exact` tells
        whether a completion attains it too.

        Parameters
        ----------
        sums : mapping of unit to expression

        Returns
        -------
        Interval

        Raises
        ------
        InputError
            A sum is unbounded.
        """
        ranges = self._ranges(sums)
        bottom, attained = _Squares(self, sums, ranges).least()
        top: dict[Key, int] = {}
        constant = 0
        for unit, (low, high) in ranges.items():
            for key, coefficient in sums[unit].items():
                top[key] = top.get(key, 0) - (low + high) * coefficient
            constant -= low * high
        answer = self._least(self._model(), self._columns(top))
        loosest = sum(max(low * low, high * high) for low, high in ranges.values())
        outer = loosest if answer.bound is None else min(loosest, constant - answer.bound)
        reached = answer.point is not None and outer == sum(
            self._value(terms, answer.point) ** 2 for terms in sums.values()
        )
        return Interval(bottom, outer, attained and reached)

    def _value(self, terms: Expression, point: Sequence[int]) -> int:
        return sum(c * point[column] for column, c in self._columns(terms).items())


class _Squares:
    """Least sum of squares by tangents added where the current point needs them (Kelley 1960)."""

    def __init__(
        self, counts: Counts, sums: Mapping[Key, Expression], ranges: Mapping[Key, tuple[int, int]]
    ) -> None:
        self._counts, self._deadline = counts, time.monotonic() + counts.time_limit
        self._model = counts._model()
        self._constant = sum(low * low for low, high in ranges.values() if low == high)
        self._floor = sum(0 if low <= 0 <= high else min(low * low, high * high) for low, high in ranges.values())  # fmt: skip
        self._open = {
            self._model.column(): counts._columns(sums[unit])
            for unit, (low, high) in ranges.items() if low < high
        }  # fmt: skip
        self._cost = dict.fromkeys(self._open, 1)
        self._cuts: set[tuple[int, int]] = set()
        self._begin([ends for ends in ranges.values() if ends[0] < ends[1]])

    def _begin(self, ranges: Sequence[tuple[int, int]]) -> None:
        """First tangents, where equal units would lie: most others are found from there."""
        for point in self._counts._points if ranges else ():
            sizes = [sum(c * point[i] for i, c in terms.items()) for terms in self._open.values()]
            level = _level(sum(sizes), ranges)
            for square, (low, high) in zip(self._open, ranges, strict=True):
                middle = min(max(level, low), high)
                for k in sorted({middle - 1, middle, (low + middle) // 2, min(2 * middle, high)}):
                    self._tangent(square, k)
            return

    def _tangent(self, square: int, k: int) -> None:
        """A square lies on or above the chord between two neighbouring integers."""
        self._cuts.add((square, k))
        line = {column: -(2 * k + 1) * c for column, c in self._open[square].items()}
        self._model.row({square: 1, **line}, -k * (k + 1), None)

    def least(self) -> tuple[int, bool]:
        """The minimum and whether it is attained, else a valid lower bound."""
        self._relax()
        bottom = self._floor
        while (left := self._deadline - time.monotonic()) > 0:
            answer = self._model.minimise(self._cost, left)
            if answer.status == "infeasible":
                raise self._counts._fail(())
            if answer.bound is not None:
                bottom = max(bottom, answer.bound + self._constant)
            if answer.point is None or answer.status != "optimal":
                break
            # In whole numbers a gap is whole too.
            if not self._cut(np.array(answer.point, dtype=float), lambda _: 0.5):
                return bottom, True
        return bottom, False

    def _relax(self) -> None:
        """Most tangents are found with fractions allowed, which is much faster."""
        held = self._model.held(self._cost, self._deadline - time.monotonic())
        for _ in range(60):
            point, tangents = held.solve(self._deadline - time.monotonic()).x, len(self._cuts)
            if point is None or not self._cut(point, lambda size: 1e-6 * max(1.0, abs(size))):
                return
            held.add(*self._model.rows(tangents))

    def _cut(self, point: np.ndarray, slack: Callable[[float], float]) -> bool:
        """Add the tangents that a point lies below by more than a slack; whether there were any."""
        found = False
        for square, terms in self._open.items():
            size = sum(c * point[column] for column, c in terms.items())
            below = math.floor(size + 1e-7)
            gaps = ((2 * k + 1) * size - k * (k + 1) - point[square] for k in (below - 1, below))
            if max(gaps) <= slack(size):
                continue
            # The neighbours are where the next points lie.
            for k in range(below - 2, below + 2):
                if (square, k) not in self._cuts:
                    self._tangent(square, k)
                    found = True
        return found


def _level(total: int, ranges: Sequence[tuple[int, int]]) -> int:
    """The size that units share which add up to a total, each as near to it as its limits allow.

    Examples
    --------
    >>> _level(10, [(0, 2), (0, 9), (0, 9)])
    4
    """
    low, high = min(first for first, _ in ranges), max(last for _, last in ranges)
    while low < high:
        middle = (low + high) // 2
        enough = sum(min(max(middle, first), last) for first, last in ranges) >= total
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def _covers(larger: Mapping[int, int], smaller: Mapping[int, int]) -> bool:
    """Whether a sum has all cells of another and more, with no cell counted against either."""
    inside = all(larger.get(column, 0) >= c for column, c in smaller.items())
    return inside and all(c > 0 for c in (*larger.values(), *smaller.values())) and bool(larger)


def _tighten(
    rows: np.ndarray, columns: np.ndarray, weights: np.ndarray, limits: np.ndarray,
    low: np.ndarray, high: np.ndarray,
) -> None:  # fmt: skip
    """Tighten the limits of the cells, in place, by rows of the form: sum at most a limit."""
    least = np.where(weights > 0, weights * low[columns], weights * high[columns])
    endless = ~np.isfinite(least)
    finite = np.where(endless, 0.0, least)
    others_endless = np.bincount(rows, endless, len(limits))[rows] - endless
    rest = np.bincount(rows, finite, len(limits))[rows] - finite
    use = (others_endless == 0) & np.isfinite(limits[rows])
    end = (limits[rows[use]] - rest[use]) / weights[use]
    up = weights[use] > 0
    # The limits are whole; the margin keeps the division from cutting one off.
    np.minimum.at(high, columns[use][up], np.floor(end[up] + 1e-9))
    np.maximum.at(low, columns[use][~up], np.ceil(end[~up] - 1e-9))


def opposites(part: Part) -> list[Part]:
    """Statements of which at least one holds exactly where a statement fails.

    Examples
    --------
    >>> [other.text for other in opposites(Fact("one or two", (("a", 1),), 1, 2))]
    ['not: one or two', 'not: one or two']
    """
    found: list[Part] = []
    if isinstance(part, RankFact):
        if part.best > 1:
            found.append(RankFact(part.unit, part.sums, 1, part.best - 1))
        if part.worst < len(part.sums):
            found.append(RankFact(part.unit, part.sums, part.worst + 1, len(part.sums)))
        return found
    if isinstance(part, RankChange):
        widest = len(part.earlier) + len(part.later)
        below, above = (-widest, part.least - 1), (part.most + 1, widest)
        sets = (part.unit, part.earlier, part.later)
        return [RankChange(*sets, *ends) for ends in (below, above) if ends[0] < ends[1]]
    if part.upper is not None:
        found.append(Fact(f"not: {part.text}", part.terms, part.upper + 1, None))
    if part.lower is not None:
        found.append(Fact(f"not: {part.text}", part.terms, None, part.lower - 1))
    return found


def _difference(first: Expression, second: Expression) -> dict[Key, int]:
    terms = dict(first)
    for key, coefficient in second.items():
        terms[key] = terms.get(key, 0) - coefficient
    return {key: coefficient for key, coefficient in terms.items() if coefficient}
