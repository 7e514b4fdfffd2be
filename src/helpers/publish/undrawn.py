"""Stand-ins for a figure and its axes, for when only a view's record is wanted.

Making axes takes most of the time of a view that is not saved. A stand-in takes every call that
draws. Whatever asks it for a number or a text gets an error, so that what a view says of itself can
never come from one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")


class Undrawn:
    """Figure, axes or artist of which nothing is drawn and nothing can be learned.

    Examples
    --------
    >>> ax = Undrawn()
    >>> low, high = ax.get_xlim()
    Traceback (most recent call last):
    ValueError: not enough values to unpack (expected 2, got 1)
    >>> ", ".join(tick.get_text() for tick in ax.get_xticklabels())
    Traceback (most recent call last):
    TypeError: sequence item 0: expected str instance, Undrawn found
    >>> f"{ax.get_title()}"
    Traceback (most recent call last):
    TypeError: nothing was drawn that could be asked
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Undrawn()

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Draw nothing."""
        return Undrawn()

    def __getitem__(self, _: Any) -> Any:
        return Undrawn()

    def __setitem__(self, *_: Any) -> None:
        pass

    # Not nothing: a sum over nothing is 0, and a list of names an empty text.
    def __iter__(self) -> Iterator[Any]:
        return iter((Undrawn(),))

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError("nothing was drawn that could be asked")

    __bool__ = __len__ = __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = _refuse
    __int__ = __float__ = __index__ = __str__ = __repr__ = __format__ = __contains__ = _refuse
    __hash__ = object.__hash__


def axes(nrows: int = 1, ncols: int = 1, squeeze: bool = True, **_: Any) -> Any:
    """What ``Figure.subplots`` would give: one of axes, or an array of them.

    Examples
    --------
    >>> axes(ncols=2).shape, axes(nrows=3, ncols=2).shape, axes(squeeze=False).shape
    ((2,), (3, 2), (1, 1))
    """
    grid = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(grid.shape):
        grid[place] = Undrawn()
    if not squeeze:
        return grid
    return grid[0, 0] if grid.size == 1 else grid.squeeze()


def only_draws(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that draws on the axes it is given first, and for that asks where things lie.

    It is not called for stand-ins, which could not tell it. What it returns is then a stand-in, too.

    Parameters
    ----------
    function : callable

    Examples
    --------
    >>> @only_draws
    ... def double_width(ax):
    ...     ax.set_xlim(0, 2 * ax.get_xlim()[1])
    >>> isinstance(double_width(Undrawn()), Undrawn)
    True
    """

    @wraps(function)
    def called(*arguments: P.args, **options: P.kwargs) -> R:
        if isinstance(arguments[0], Undrawn):
            stand_in: Any = Undrawn()
            return stand_in  # type: ignore[no-any-return]
        return function(*arguments, **options)

    return called
