"""Citation and grade of figures."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.evidence.tables import split_ids


def ids_of(*cells: object) -> list[str]:
    """Distinct source ids in cells, columns or lists of cells, in order of appearance.

    Parameters
    ----------
    *cells : str, Series or iterable of str
        Each cell holds one id or several separated by ``;``. Missing cells are skipped.

    Returns
    -------
    list of str

    Examples
    --------
    >>> ids_of("N-S01;N-S26", pd.Series(["N-S26", None]))
    ['N-S01', 'N-S26']
    """
    found: dict[str, None] = {}
    for cell in cells:
        parts = split_ids(cell) if isinstance(cell, str) else []
        if not isinstance(cell, str) and isinstance(cell, Iterable):
            parts = [part for item in cell for part in split_ids(item)]
        found.update(dict.fromkeys(parts))
    return list(found)


def cite(sources: pd.DataFrame, ids: Iterable[str], language: str = "en", limit: int = 6) -> str:
    """A short citation of each source: publisher, date, id and grade.

    Parameters
    ----------
    sources : DataFrame
        Table ``sources``.
    ids : iterable of str
    language : {"en", "zh"}
    limit : int
        With more sources than this, only their ids are listed, for the table of sources.

    Returns
    -------
    str
        Joined by semicolons; empty for no ids.

    Raises
    ------
    KeyError
        An id is not in the table.
    """
    by_id = sources.set_index("source_id")
    wanted = list(ids)
    if len(wanted) > limit:
        grades = "".join(sorted(set(by_id.loc[wanted, "grade"])))
        listed = ", ".join(wanted)
        if language == "zh":
            return f"{len(wanted)}个来源（等级{'/'.join(grades)}，见data/sources.csv）：{listed}"
        return f"{len(wanted)} sources of grades {'/'.join(grades)}: {listed} (data/sources.csv)"
    parts = []
    for source_id in wanted:
        row = by_id.loc[source_id]
        date = f" {row['published']}" if isinstance(row["published"], str) else ""
        who = row["publisher"]
        if language == "zh" and isinstance(row.get("publisher_zh"), str):
            who = row["publisher_zh"]
        parts.append(f"{who}{date} [{source_id}, {row['grade']}]")
    return ("；" if language == "zh" else "; ").join(parts)


def worst_grade(sources: pd.DataFrame, ids: Iterable[str]) -> str:
    """The lowest grade among sources, ``""`` for none.

    Examples
    --------
    >>> table = pd.DataFrame({"source_id": ["a", "b"], "grade": ["A", "C"]})
    >>> worst_grade(table, ["a", "b"])
    'C'
    """
    grades = sources.set_index("source_id")["grade"]
    return max((str(grades[source_id]) for source_id in ids), default="")
