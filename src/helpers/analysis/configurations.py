"""Crisp-set description of a few cases: truth table, limited diversity, consistency, coverage.

Conditions are coded present, absent or unknown, and unknown stays unknown: a measure that depends
on it is an interval over all completions of the coding. Nothing is minimised, since a handful of
cases does not carry it, and nothing here speaks of causes.

The measures are those of Ragin (2006), "Set relations in social research", Political Analysis
14(3), doi:10.1093/pan/mpj019; truth tables, contradictions and limited diversity as in Rihoux and
Ragin (2009), Configurational Comparative Methods.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from helpers.errors import InputError

CONDITIONS = (
    "foreign_acquisition", "technology_import", "inward_investment", "large_firm_supplier",
    "import_substitution", "resource_base",
)  # fmt: skip
TRADITIONAL = "traditional_industry"
# Condition that a firm has which grew in the way a statement names; see ``firm_statements.mode``.
MODE_CONDITIONS = {
    "acquisition": "foreign_acquisition", "technology_import": "technology_import",
    "invited_investment": "inward_investment", "import_substitution": "import_substitution",
}  # fmt: skip


def consistency(x: Sequence[float], y: Sequence[float]) -> Fraction | None:
    """Consistency of X as sufficient for Y: the share of X that lies within Y.

    Parameters
    ----------
    x, y : sequence of float
        Memberships from 0 to 1 of the same cases, none missing; 0 and 1 only for crisp sets.

    Returns
    -------
    Fraction or None
        Sum of min(x, y) over sum of x (Ragin 2006, eq. 1); None where no case is in X.

    Raises
    ------
    InputError
        The lengths differ or a membership is outside 0 to 1.

    Examples
    --------
    >>> consistency([1, 1, 0], [1, 0, 1])
    Fraction(1, 2)
    """
    if len(x) != len(y) or any(not 0 <= value <= 1 for value in (*x, *y)):
        raise InputError("memberships: give two lists of equal length with numbers from 0 to 1")
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(x, y, strict=True)]
    total = sum((a for a, _ in pairs), Fraction(0))
    return sum((min(pair) for pair in pairs), Fraction(0)) / total if total else None


def coverage(x: Sequence[float], y: Sequence[float]) -> Fraction | None:
    """Coverage of Y by X: the share of Y that lies within X.

    Parameters
    ----------
    x, y : sequence of float
        See :func:`consistency`.

    Returns
    -------
    Fraction or None
        Sum of min(x, y) over sum of y (Ragin 2006); None where no case is in Y.

    Examples
    --------
    >>> coverage([1, 1, 0], [1, 0, 0])
    Fraction(1, 1)
    """
    return consistency(y, x)


def coding(conditions: pd.DataFrame, firm_ids: Iterable[str]) -> pd.DataFrame:
    """Conditions of each case as a matrix.

    Parameters
    ----------
    conditions : DataFrame
        Columns firm_id, condition and value (boolean) as in ``firm_conditions``.
    firm_ids : iterable of str
        Cases in the order wanted.

    Returns
    -------
    DataFrame of boolean
        Index firm_id, one column a condition of :data:`CONDITIONS`; missing where the value is
        blank or the row is not there.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a"], "condition": ["resource_base"], "value": [True]})
    >>> coding(table, ["a", "b"])["resource_base"].tolist()
    [True, <NA>]
    """
    matrix = conditions.pivot(index="firm_id", columns="condition", values="value")
    return matrix.reindex(index=list(firm_ids), columns=list(CONDITIONS)).astype("boolean")


@dataclass(frozen=True)
class Fit:
    """How one condition goes with one path, counted over cases whose coding may be incomplete.

    Parameters
    ----------
    on, off : int
        Cases with the condition that are on the path, and that are on another.
    open_on, open_off : int
        Cases for which the condition is unknown, likewise.
    path : int
        Cases on the path.
    """

    on: int
    off: int
    open_on: int
    open_off: int
    path: int

    @property
    def consistency(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Least and greatest consistency as (numerator, denominator), None if always undefined.

        It rises with cases on the path and falls with cases off it, so that the extremes complete
        all unknown cells of a kind alike. Completions without any case are left out, since the
        measure is not defined there.

        Examples
        --------
        >>> Fit(3, 0, 1, 2, 4).consistency, Fit(0, 0, 1, 0, 4).consistency
        (((3, 5), (4, 4)), ((1, 1), (1, 1)))
        """
        low = (self.on, self.on + self.off + self.open_off)
        high = (self.on + self.open_on, self.on + self.open_on + self.off)
        if not low[1]:
            low = (1, 1) if self.open_on else (0, 0)
        if not high[1]:
            high = (0, 1) if self.open_off else (0, 0)
        return (low, high) if low[1] and high[1] else None

    @property
    def coverage(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Least and greatest coverage as (numerator, denominator), None without a case on the path.

        Examples
        --------
        >>> Fit(3, 0, 1, 2, 4).coverage
        ((3, 4), (4, 4))
        """
        both = ((self.on, self.path), (self.on + self.open_on, self.path))
        return both if self.path else None


def fit_table(matrix: pd.DataFrame, paths: pd.Series) -> pd.DataFrame:
    """Consistency and coverage of every condition for every path.

    Parameters
    ----------
    matrix : DataFrame of boolean
        From :func:`coding`.
    paths : Series of str
        Path of each case, by firm_id; paths keep their order of appearance.

    Returns
    -------
    DataFrame
        One row for each path and condition: path_id, condition, on, off, open_on, open_off,
        path_count (see :class:`Fit`) and fit, the :class:`Fit` itself.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a"], "condition": ["resource_base"], "value": [True]})
    >>> found = fit_table(coding(table, ["a", "b"]), pd.Series({"a": "x", "b": "y"}))
    >>> found.set_index(["path_id", "condition"]).loc[("x", "resource_base"), "fit"].consistency
    ((1, 2), (1, 1))
    """
    rows = []
    for path in dict.fromkeys(paths):
        on_path = (paths.loc[matrix.index] == path).to_numpy(dtype=bool)
        for condition in matrix.columns:
            held = matrix[condition].fillna(False).to_numpy(dtype=bool)
            blank = matrix[condition].isna().to_numpy(dtype=bool)
            counts = [
                int(part.sum())
                for part in (held & on_path, held & ~on_path, blank & on_path, blank & ~on_path)
            ]
            fit = Fit(counts[0], counts[1], counts[2], counts[3], int(on_path.sum()))
            rows.append((path, condition, *counts, fit.path, fit))
    names = ["path_id", "condition", "on", "off", "open_on", "open_off", "path_count", "fit"]
    return pd.DataFrame(rows, columns=names)


def truth_table(matrix: pd.DataFrame, paths: pd.Series) -> pd.DataFrame:
    """Configurations with the cases and paths in each, what is unknown being read as absent.

    Parameters
    ----------
    matrix : DataFrame of boolean
        From :func:`coding`. Missing values count as absent here and only here: it is the usual
        reading of a text, shown beside what the unknown cells leave open.
    paths : Series of str
        Path of each case, by firm_id.

    Returns
    -------
    DataFrame
        One row a configuration that occurs, in order of appearance: the conditions as 0 and 1,
        cases_count, firm_ids and path_ids (``;``-separated) and contradiction (more than one path).

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a"], "condition": ["resource_base"], "value": [True]})
    >>> found = truth_table(coding(table, ["a", "b", "c"]), pd.Series({"a": "x", "b": "y", "c": "z"}))
    >>> found[["cases_count", "path_ids", "contradiction"]].values.tolist()
    [[1, 'x', False], [2, 'y;z', True]]
    """
    read = matrix.fillna(False).astype("int64")
    names = list(read.columns)
    table = read.assign(firm_id=list(read.index), path_id=list(paths.loc[read.index]))
    found = table.groupby(names, sort=False, as_index=False).agg(
        cases_count=("firm_id", "size"),
        firm_ids=("firm_id", ";".join),
        path_ids=("path_id", lambda cells: ";".join(dict.fromkeys(cells))),
    )
    return found.assign(contradiction=[";" in cell for cell in found["path_ids"]])


def _possible_rows(matrix: pd.DataFrame) -> np.ndarray:
    """Which of the 2^k rows of the truth table each case may stand in, cases by rows."""
    rows = np.array(list(itertools.product((False, True), repeat=matrix.shape[1])), dtype=bool)
    held = matrix.fillna(False).to_numpy(dtype=bool)
    known = ~matrix.isna().to_numpy(dtype=bool)
    differs = (held[:, None, :] != rows[None, :, :]) & known[:, None, :]
    return np.asarray(~differs.any(axis=2))


def occupied_rows(matrix: pd.DataFrame) -> tuple[int, int]:
    """Fewest and most rows of the truth table that the cases can occupy.

    Parameters
    ----------
    matrix : DataFrame of boolean
        From :func:`coding`, missing values being unknown.

    Returns
    -------
    fewest, most : int
        Over all completions of the unknown cells, both attained; of 2 to the number of conditions.
        The fewest are a smallest set of rows that meets every case, the most a largest matching of
        cases and rows.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a", "b"], "condition": ["resource_base"] * 2,
    ...                       "value": [True, False]})
    >>> occupied_rows(coding(table, ["a", "b", "c"]))
    (2, 3)
    """
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if matrix.empty:
        return 0, 0
    possible = _possible_rows(matrix)
    width = possible.shape[1]
    solved = milp(
        np.ones(width), integrality=np.ones(width), bounds=(0, 1),
        constraints=LinearConstraint(possible.astype(float), lb=1),
        options={"presolve": False},  # as in evidence.highs
    )  # fmt: skip
    matched = maximum_bipartite_matching(csr_array(possible.astype(np.int8)), perm_type="column")
    return round(solved.fun), int((matched >= 0).sum())


def pair_counts(matrix: pd.DataFrame, paths: pd.Series) -> dict[str, int]:
    """Pairs of cases on different paths by whether their conditions tell them apart.

    Parameters
    ----------
    matrix : DataFrame of boolean
        From :func:`coding`, missing values being unknown.
    paths : Series of str
        Path of each case, by firm_id.

    Returns
    -------
    dict
        ``told_apart``: some condition is present in one and absent in the other. ``alike``: all
        conditions are known and equal, a contradiction. ``open``: no known condition differs, but
        an unknown one may.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a", "b"], "condition": ["resource_base"] * 2,
    ...                       "value": [True, False]})
    >>> pair_counts(coding(table, ["a", "b", "c"]), pd.Series({"a": "x", "b": "y", "c": "y"}))
    {'told_apart': 1, 'alike': 0, 'open': 1}
    """
    found = {"told_apart": 0, "alike": 0, "open": 0}
    for first, second in itertools.combinations(matrix.index, 2):
        if paths[first] == paths[second]:
            continue
        cells = list(zip(matrix.loc[first], matrix.loc[second], strict=True))
        known = [pair for pair in cells if pd.notna(pair[0]) and pd.notna(pair[1])]
        apart = any(a != b for a, b in known)
        full = len(known) == len(cells)
        found["told_apart" if apart else "alike" if full else "open"] += 1
    return found
