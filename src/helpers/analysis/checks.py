"""Numbers handed to the analysis: finite, of one length, and named in the message when they are not."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import InputError

Values: TypeAlias = Sequence[float] | npt.NDArray[Any] | pd.Series


def shown(labels: Any, limit: int = 5) -> str:
    """A few labels as text.

    Examples
    --------
    >>> shown(["a", "b", "c"], limit=2)
    'a, b, ... (3 in all)'
    """
    names = [str(label) for label in labels]
    rest = f", ... ({len(names)} in all)" if len(names) > limit else ""
    return ", ".join(names[:limit]) + rest


def level(value: float) -> None:
    """Refuse a level of confidence that is none.

    Raises
    ------
    InputError
        It is missing, or not between 0 and 1.

    Examples
    --------
    >>> level(0.95)
    """
    if not 0 < value < 1:
        raise InputError(f"level {value}: give a number between 0 and 1")


def numbers(values: Values, what: str) -> pd.Series:
    """Values as a Series of finite floats; the argument is left alone.

    Parameters
    ----------
    values : sequence, array or Series
        One dimension, at least one value. A Series keeps its labels.
    what : str
        Name of the values in messages.

    Returns
    -------
    Series of float

    Raises
    ------
    InputError
        There are no values, they are not one-dimensional, or some value is no number, missing or
        infinite.

    Examples
    --------
    >>> numbers([1, 2.5], "firms").tolist()
    [1.0, 2.5]
    """
    if isinstance(values, str | bytes) or np.ndim(values) != 1:
        raise InputError(f"{what}: give a list, an array of one dimension or a Series of numbers")
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    if series.empty:
        raise InputError(f"{what}: there are no values; give at least one")
    missing = series.isna()
    if missing.any():
        raise InputError(
            f"{what}: missing at {shown(series.index[missing])}. Fill in the values or leave "
            "the units out; a missing count is not taken for zero."
        )
    # Text such as "12" would convert in silence, and True would count as 1.
    bad = [
        label
        for label, value in zip(series.index, series, strict=True)
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real)
    ]
    if bad:
        raise InputError(f"{what}: no number at {shown(bad)}. Convert the values to numbers.")
    floats = series.astype("float64")
    infinite = ~np.isfinite(floats.to_numpy())
    if infinite.any():
        raise InputError(
            f"{what}: infinite at {shown(series.index[infinite])}. Correct the values."
        )
    return floats


def counts(values: Values, what: str) -> pd.Series:
    """Values as in :func:`numbers`, none of them negative.

    Raises
    ------
    InputError
        As in :func:`numbers`, or some value is negative.

    Examples
    --------
    >>> counts([3, 0], "firms").tolist()
    [3.0, 0.0]
    """
    series = numbers(values, what)
    negative = series < 0
    if negative.any():
        raise InputError(
            f"{what}: negative at {shown(series.index[negative])}. Counts start at 0; correct them."
        )
    return series


def same_units(
    first: pd.Series | pd.DataFrame, second: pd.Series | pd.DataFrame, what: str
) -> pd.Series | pd.DataFrame:
    """The second Series or frame in the order of the first, if both name the same units.

    Parameters
    ----------
    first, second : Series or DataFrame
    what : str
        Name of the two in messages.

    Raises
    ------
    InputError
        A label stands twice, or a unit is in one of the two only.

    Examples
    --------
    >>> one, two = pd.Series([1, 2], index=["a", "b"]), pd.Series([3, 4], index=["b", "a"])
    >>> same_units(one, two, "firms").tolist()
    [4, 3]
    """
    for index in (first.index, second.index):
        if not index.is_unique:
            twice = index[index.duplicated()].unique()
            raise InputError(f"{what}: {shown(twice)} stand more than once. Give each unit once.")
    apart = first.index.symmetric_difference(second.index, sort=False)
    if len(apart):
        raise InputError(
            f"{what}: {shown(apart)} stand in one of the two only. Give both the same units."
        )
    return second.reindex(first.index)


def paired(
    first: Values, second: Values, what: tuple[str, str], *, signed: bool = False
) -> tuple[pd.Series, pd.Series]:
    """Two sets of values of the same units, matched by label when both are Series.

    Parameters
    ----------
    first, second : sequence, array or Series
        Two Series are matched by their labels; anything else by position.
    what : (str, str)
        Names of the two in messages.
    signed : bool
        Whether negative values are allowed.

    Returns
    -------
    (Series, Series)
        Both with the index of the first.

    Raises
    ------
    InputError
        As in :func:`numbers` and :func:`counts`; the lengths or the units differ.

    Examples
    --------
    >>> [series.tolist() for series in paired([1, 2], [3, 4], ("before", "after"))]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    check = numbers if signed else counts
    left, right = check(first, what[0]), check(second, what[1])
    if isinstance(first, pd.Series) and isinstance(second, pd.Series):
        return left, same_units(left, right, " and ".join(what))
    if len(left) != len(right):
        raise InputError(f"{what[0]}: {len(left)} values, {what[1]}: {len(right)}. Give as many.")
    index = right.index if isinstance(second, pd.Series) else left.index
    return left.set_axis(index), right.set_axis(index)
