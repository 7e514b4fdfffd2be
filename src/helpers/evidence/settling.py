"""What would settle a claim that incomplete data leave open: the value of one more figure.

For a figure (a count that is not public) and a statement, the values of the figure are split into
those with which the statement holds in every completion, fails in every completion, or stays open.
All are found by solving again with the statement, or what denies it, as a further constraint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.evidence.bilingual import Pick, in_english
from helpers.evidence.completion import (
    Counts,
    Expression,
    Fact,
    InfeasibleError,
    Part,
    opposites,
)

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Settling:
    """Values of a figure by what they would say of a statement.

    Parameters
    ----------
    possible : (int, int)
        Least and largest value that the data allow.
    holds, fails, open : tuple of (first, last)
        Ranges of values with which the statement holds, fails, or is still undecided. A value
        under `open` may be one that no completion takes.
    """

    possible: tuple[int, int]
    holds: Ranges
    fails: Ranges
    open: Ranges

    @property
    def open_count(self) -> int:
        """Number of values that leave the statement open."""
        return size(self.open)

    @property
    def possible_count(self) -> int:
        """Number of values the data allow."""
        return size((self.possible,))


def size(ranges: Ranges) -> int:
    """Number of integers in disjoint ranges.

    Examples
    --------
    >>> size(((1, 3), (7, 7)))
    4
    """
    return sum(last - first + 1 for first, last in ranges)


def ranges_text(ranges: Ranges, t: Pick = in_english) -> str:
    """Ranges in words, ``none`` when empty.

    Parameters
    ----------
    ranges : tuple of (first, last)
    t : callable
        Picks the English or the Chinese text.

    Examples
    --------
    >>> ranges_text(((1, 3), (7, 7)))
    '1 to 3, 7'
    >>> ranges_text(((1, 3), (7, 7)), lambda en, zh: zh)
    '1至3，7'
    """
    parts = (f"{a:,}" if a == b else f"{a:,}{t(' to ', '至')}{b:,}" for a, b in ranges)
    return t(", ", "，").join(parts) or t("none", "无")


def union(ranges: Sequence[tuple[int, int]]) -> Ranges:
    """Sorted disjoint ranges with the same integers.

    Examples
    --------
    >>> union([(5, 6), (1, 2), (3, 4)])
    ((1, 6),)
    """
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def within(ranges: Ranges, limits: tuple[int, int]) -> Ranges:
    """The part of disjoint ranges inside limits.

    Examples
    --------
    >>> within(((1, 6),), (4, 9))
    ((4, 6),)
    """
    cut = ((max(first, limits[0]), min(last, limits[1])) for first, last in ranges)
    return tuple((first, last) for first, last in cut if first <= last)


def without(ranges: Ranges, limits: tuple[int, int]) -> Ranges:
    """The part of disjoint ranges outside limits.

    Examples
    --------
    >>> without(((1, 6),), (3, 4))
    ((1, 2), (5, 6))
    """
    found = [(first, min(last, limits[0] - 1)) for first, last in ranges]
    found += [(max(first, limits[1] + 1), last) for first, last in ranges]
    return tuple(sorted((first, last) for first, last in found if first <= last))


def _values(
    counts: Counts, figure: Expression, given: Sequence[Part], limits: tuple[int, int]
) -> tuple[int, int] | None:
    """Least and largest value of a figure where statements hold; None where they cannot."""
    if any(
        isinstance(part, Fact)
        and part.lower is not None
        and part.upper is not None
        and part.lower > part.upper
        for part in given
    ):
        return None
    if counts.possible(*given) is False:
        return None
    try:
        found = counts.bounds(figure, given)
    except InfeasibleError:
        return None
    # An end that the time did not suffice to find is no reason to rule values out.
    lower = limits[0] if found.lower is None else found.lower
    return lower, limits[1] if found.upper is None else found.upper


def _reached(counts: Counts, denials: Sequence[Part], figure: Expression) -> Ranges:
    """Values at which one of several statements is known to be possible."""
    found = counts.reached_with(figure, denials)
    return union([ends for ends in found if ends is not None])


def _widest_first(counts: Counts, denials: Sequence[Part], figure: Expression) -> list[Part]:
    """Statements, those first with which a figure is known to take most values.

    One that leaves all values open saves solving for the others.
    """
    found = counts.reached_with(figure, denials)
    sizes = [-1 if ends is None else ends[1] - ends[0] for ends in found]
    return [denials[at] for at in sorted(range(len(denials)), key=lambda at: -sizes[at])]


def least_open(counts: Counts, statement: Sequence[Part], figure: Expression) -> int:
    """At least how many values of a figure leave a statement open, without solving.

    Parameters
    ----------
    counts, statement, figure
        See :func:`settle`.

    Returns
    -------
    int
        At most ``settle(...).open_count``: it counts the values between completions found so far.

    Examples
    --------
    >>> table = Counts()
    >>> table.add_cell("a"); table.add_cell("b")
    >>> table.require("total", {"a": 1, "b": 1}, 10, 10)
    >>> least_open(table, [Fact("a leads", (("a", 1), ("b", -1)), 1, None)], {"b": 1})
    0
    """
    can_hold = counts.reached(figure, *statement)
    if can_hold is None:
        return 0
    denials = [other for part in statement for other in opposites(part)]
    return size(within(_reached(counts, denials, figure), can_hold))


def _too_open(
    counts: Counts, statement: Sequence[Part], figure: Expression, limits: tuple[int, int],
    too_many: int,
) -> bool:  # fmt: skip
    """Whether at least so many values are found open, by one question instead of both ends."""
    seen = counts.reached(figure, *statement)
    if seen is None or seen[0] + too_many - 1 > limits[1]:
        return False
    denials = [other for part in statement for other in opposites(part)]
    if _reached(counts, denials, figure) != (limits,):
        return False
    enough = Fact("so many values", tuple(figure.items()), seen[0] + too_many - 1, None)
    return counts.possible(*statement, enough) is True


def settle(
    counts: Counts, statement: Sequence[Part], figure: Expression, too_many: int | None = None
) -> Settling | None:
    """What each value of a figure would say of a statement.

    Parameters
    ----------
    counts : Counts
    statement : sequence of Fact, RankFact or RankChange
        All must hold for it to hold.
    figure : mapping of cell to integer coefficient
    too_many : int or None
        Number of open values from which the answer is not wanted.

    Returns
    -------
    Settling or None
        None where the figure has no largest value, or as soon as too many values are found open.

    Raises
    ------
    InfeasibleError
        No completion exists.

    Examples
    --------
    >>> table = Counts()
    >>> table.add_cell("a"); table.add_cell("b")
    >>> table.require("total", {"a": 1, "b": 1}, 10, 10)
    >>> settle(table, [Fact("a leads", (("a", 1), ("b", -1)), 1, None)], {"b": 1})
    Settling(possible=(0, 10), holds=((0, 4),), fails=((5, 10),), open=())
    """
    possible = counts.bounds(figure)
    if possible.lower is None or possible.upper is None:
        return None
    limits = (possible.lower, possible.upper)
    if too_many is not None and _too_open(counts, statement, figure, limits, too_many):
        return None
    can_hold = _values(counts, figure, statement, limits)
    if can_hold is None:
        return Settling(limits, (), (limits,), ())

    def pointless() -> bool:
        return too_many is not None and least_open(counts, statement, figure) >= too_many

    denials = [other for part in statement for other in opposites(part)]
    can_fail = _reached(counts, denials, figure)
    for other in _widest_first(counts, denials, figure):
        if can_fail == (limits,):
            # Wider it cannot get.
            break
        if pointless():
            return None
        found = _values(counts, figure, [other], limits)
        if found is not None:
            can_fail = union([*can_fail, found])
    everything: Ranges = (limits,)
    holds = everything
    for part_of in can_fail:
        holds = without(holds, part_of)
    return Settling(
        limits, within(holds, can_hold), without(can_fail, can_hold), within(can_fail, can_hold)
    )
