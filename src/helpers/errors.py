"""Errors that a user can mend: bad parameters, bad data, an unusable folder.

All of them derive from :class:`InputError`, which the command line turns into one message and
exit code 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what and how to mend it."""

    def _render_traceback_(self) -> list[str]:
        # IPython prints this instead of a stack: in a notebook the message is what helps.
        return [f"{type(self).__name__}: {self}"]


class ParameterError(InputError):
    """A parameter of a study is unknown, of the wrong type or outside its range."""


class OutputError(InputError):
    """The output folder cannot be written."""


@dataclass(frozen=True)
class Problem:
    """One fault in a data table, located to the cell.

    Parameters
    ----------
    table : str
        Name of the table.
    file : str
        File it was read from.
    row : int or None
        Line in the file, the header being line 1; None when the whole table is meant.
    column : str or None
        Column, or None when the whole row is meant.
    value : str
        The offending text as it stands in the file.
    rule : str
        What is wrong.
    remedy : str
        What to do.

    Examples
    --------
    >>> print(Problem("batches", "batches.csv", 3, "firms_count", "-4", "below 0", "Correct it."))
    table batches (batches.csv), row 3, column firms_count, value '-4': below 0. Correct it.
    """

    table: str
    file: str
    row: int | None
    column: str | None
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = f"table {self.table} ({self.file})"
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column}"
        if self.value != "":
            place += f", value {self.value!r}"
        return f"{place}: {self.rule}. {self.remedy}"


class DataError(InputError):
    """One or more data tables break their schema.

    Parameters
    ----------
    problems : sequence of Problem
        All faults found, not only the first.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:20]]
        if len(self.problems) > 20:
            shown.append(f"... and {len(self.problems) - 20} more")
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Problem, ...]]]:
        # Exceptions are pickled by their message, and a worker process would hand back garbage.
        return type(self), (self.problems,)
