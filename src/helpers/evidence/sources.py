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
        With more sources than this, only their ids are listed, for the table of sources; those
        that a user has described are told in full all the same.

    Returns
    -------
    str
        Joined by semicolons; empty for no ids.

    Raises
    ------
    KeyError
        An id is not in the table.
    """
    places = {source_id: place for place, source_id in enumerate(sources["source_id"].tolist())}
    wanted = list(ids)
    stop = "；" if language == "zh" else "; "
    if len(wanted) <= limit:
        return stop.join(_cited(sources.iloc[places[one]], language) for one in wanted)
    # A user's own sources stand in no table that a reader of the figure could look into.
    users = set(sources["source_id"][sources["access"] == "own"]) if "access" in sources else set()
    own = [source_id for source_id in wanted if source_id in users][:limit]
    rest = [source_id for source_id in wanted if source_id not in own]
    parts = [_cited(sources.iloc[places[one]], language) for one in own]
    if len(rest) <= limit - len(own):
        return stop.join(parts + [_cited(sources.iloc[places[one]], language) for one in rest])
    grades = "".join(sorted(set(sources["grade"].iloc[[places[one] for one in rest]])))
    listed = ("、" if language == "zh" else ", ").join(rest)
    if language == "zh":
        parts.append(f"{len(rest)}个来源（等级{'/'.join(grades)}，见data/sources.csv）：{listed}")
    else:
        parts.append(
            f"{len(rest)} sources of grades {'/'.join(grades)}: {listed} (data/sources.csv)"
        )
    return stop.join(parts)


def is_own(source: pd.Series) -> bool:
    """Whether a row of the table ``sources`` was described by the user."""
    return bool(source.get("access") == "own")


def _cited(row: pd.Series, language: str) -> str:
    date = f" {row['published']}" if isinstance(row["published"], str) else ""
    name = row["title"] if is_own(row) else row["publisher"]
    if language == "zh" and not is_own(row) and isinstance(row.get("publisher_zh"), str):
        name = row["publisher_zh"]
    comma = "，" if language == "zh" else ", "
    return f"{name}{date} [{row['source_id']}{comma}{row['grade']}]"


SYNTHETIC = "SYNTHETIC"


def has_synthetic(sources: pd.DataFrame) -> bool:
    """Whether some rows are made up, as the titles of their sources say.

    Parameters
    ----------
    sources : DataFrame
        Table ``sources``.

    Returns
    -------
    bool

    Examples
    --------
    >>> has_synthetic(pd.DataFrame({"title": ["Notice", "SYNTHETIC 合成数据, list 1"]}))
    True
    """
    return bool(sources["title"].str.startswith(SYNTHETIC).any())


def worst_grade(sources: pd.DataFrame, ids: Iterable[str]) -> str:
    """The lowest grade among sources, ``""`` for none.

    Examples
    --------
    >>> table = pd.DataFrame({"source_id": ["a", "b"], "grade": ["A", "C"]})
    >>> worst_grade(table, ["a", "b"])
    'C'
    """
    grades = dict(zip(sources["source_id"].tolist(), sources["grade"].tolist(), strict=True))
    return max((str(grades[source_id]) for source_id in ids), default="")
