"""A user's own tables: found in a folder, read from CSV files or sheets of a workbook.

Every row names where it comes from: by the id of a source, or in free text in a column ``source``
that tables of the project do not have. A free text becomes a source of its own, so that it is cited
like any other below the figures that use the row.

A row with a reason in a column ``withdrawn`` takes the project's row with its key away instead of
replacing it. A column that a table does not require may be absent: its cells are blank.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers.errors import InputError, Problem
from helpers.evidence.schema import TableSchema, read_csv, validate
from helpers.evidence.sheets import Line, read_sheets

SPREADSHEETS = (".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".ods")
SOURCE = "source"
# In a user's table: why the project's row with this key is not to count.
WITHDRAWN = "withdrawn"
# Answers that leave open whether a row is to count.
NO_REASONS = ("no", "false", "n", "0", "yes", "true", "y", "1", "否", "是", "不", "无")
# Sheets that explain a form and hold no rows.
NOTES = ("说明", "explanation", "readme", "notes")
# How ``sources.access`` calls a source that the user describes.
OWN_ACCESS = "own"


@dataclass(frozen=True)
class OwnTable:
    """Where a table of the user's stands.

    Parameters
    ----------
    path : Path
    sheet : str
        Empty for a CSV file.
    """

    path: Path
    sheet: str = ""

    def __str__(self) -> str:
        return f"{self.path}, sheet {self.sheet}" if self.sheet else str(self.path)


@dataclass(frozen=True)
class OwnRows:
    """What was read of a user's table.

    Parameters
    ----------
    frame : DataFrame
        Typed; the index is the number of the row in its file less 2.
    sources : mapping of id to text
        Sources described in free text.
    problems : tuple of Problem
    withdrawn : mapping of index to str
        Rows that take away the project's row with their key, and why.
    """

    frame: pd.DataFrame
    sources: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    withdrawn: Mapping[int, str] = field(default_factory=dict)


def source_id_of(text: str) -> str:
    """The id of a source that is described in free text; the same for the same words.

    Examples
    --------
    >>> source_id_of("Letter of the city's bureau of industry, 3 May 2024")
    'OWN-eb10aa9b'
    """
    return "OWN-" + hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def find(
    data_dir: Path | None, known: Mapping[str, TableSchema]
) -> tuple[dict[str, list[OwnTable]], list[str]]:
    """The user's tables by name, and what cannot be used; a file that would be ignored is a fault.

    Parameters
    ----------
    data_dir : Path or None
    known : mapping of str to TableSchema

    Returns
    -------
    found : dict of str to list of OwnTable
    faults : list of str
        One message for each file, sheet or folder.
    """
    if data_dir is None:
        return {}, []
    if not data_dir.is_dir():
        return {}, [
            f"data_dir: the folder {data_dir} does not exist. Create it or leave data_dir empty."
        ]
    found: dict[str, list[OwnTable]] = {}
    faults: list[str] = []
    for path in sorted(data_dir.iterdir()):
        if path.name.startswith((".", "~$")) or path.suffix.lower() not in SPREADSHEETS:
            continue
        if path.suffix == ".xlsx":
            faults += _find_sheets(data_dir, path, known, found)
        elif path.suffix != ".csv":
            faults.append(
                f"data_dir {data_dir}: {path.name} cannot be read. Save it as {path.stem}.csv "
                f"(UTF-8) or {path.stem}.xlsx."
            )
        elif path.stem not in known:
            faults.append(
                f"data_dir {data_dir}: no table is called {path.name}. {_near(path.stem, known)}"
            )
        else:
            found.setdefault(path.stem, []).append(OwnTable(path))
    nested = [path for path in sorted(data_dir.glob("*/*.csv")) if path.stem in known]
    faults += [
        f"data_dir {data_dir}: {path.relative_to(data_dir)} would not be read. "
        "Put your tables into the folder itself, not into folders below it."
        for path in nested
    ]
    return found, faults


def _near(name: str, known: Mapping[str, TableSchema]) -> str:
    close = get_close_matches(name, known, n=3)
    hint = f"Did you mean {', '.join(close)}? " if close else ""
    return f"{hint}Known tables: {', '.join(sorted(known))}."


def _find_sheets(
    data_dir: Path, path: Path, known: Mapping[str, TableSchema], found: dict[str, list[OwnTable]]
) -> list[str]:
    """Enter the tables of a workbook; faults."""
    try:
        sheets = _sheets(path, path.stat().st_mtime_ns)
    except InputError as error:
        return [f"data_dir {data_dir}: {error}"]
    faults = []
    for sheet, lines in sheets.items():
        # A workbook of one sheet may be named after its table, as a CSV file is.
        name = path.stem if len(sheets) == 1 and sheet not in known else sheet.strip()
        if name in known:
            found.setdefault(name, []).append(OwnTable(path, sheet))
        elif lines and not sheet.strip().lower().startswith(NOTES):
            faults.append(
                f"data_dir {data_dir}: no table is called {name}, as {path.name}, sheet {sheet} "
                f"is. {_near(name, known)}"
            )
    return faults


@lru_cache(maxsize=8)
def _sheets(path: Path, _changed: int) -> dict[str, list[Line]]:
    return read_sheets(path)


def _sheet_text(own: OwnTable, table: TableSchema) -> tuple[pd.DataFrame, list[Problem]]:
    """Rows of a sheet as text, and those that have more cells than the header."""
    lines = _sheets(own.path, own.path.stat().st_mtime_ns)[own.sheet]
    if not lines:
        return pd.DataFrame(columns=list(table.columns), dtype="str"), []
    (_, header), rows = lines[0], lines[1:]
    problems = []
    for number, cells in rows:
        if len(cells) > len(header):
            rule = f"the row has {len(cells)} cells, the header {len(header)}"
            remedy = "Give every filled column a heading, or empty it."
            value = ",".join(cells)
            problems.append(Problem(table.name, str(own), number, None, value, rule, remedy))
    for name in dict.fromkeys(name for name in header if header.count(name) > 1):
        rule, remedy = "the column occurs more than once", "Remove one."
        problems.append(Problem(table.name, str(own), lines[0][0], name, name, rule, remedy))
    if problems:
        return pd.DataFrame(), problems
    filled = [cells + [""] * (len(header) - len(cells)) for _, cells in rows]
    index = [number - 2 for number, _ in rows]
    return pd.DataFrame(filled, index=index, columns=header, dtype="str"), []


def _take_sources(
    text: pd.DataFrame, table: TableSchema, file: str
) -> tuple[pd.DataFrame, dict[str, str], list[Problem]]:
    """Turn the column of free texts into ids."""
    if SOURCE in table.columns or "source_id" not in table.columns or SOURCE not in text.columns:
        return text, {}, []
    if table.name == "sources":
        return text, {}, []
    if "source_id" not in text.columns:
        text = text.assign(source_id="")
    texts = {i: " ".join(str(cell).split()) for i, cell in text[SOURCE].items()}
    ids = {i: str(cell).strip() for i, cell in text["source_id"].items()}
    problems = []
    for index, words in texts.items():
        if words and ids[index]:
            rule = "the row names a source by id and in free text"
            remedy = "Leave one of source_id and source blank."
        elif not words and not ids[index]:
            rule = "the row does not say where it comes from"
            remedy = "Give the id of a source (source_id) or describe the source (source)."
        else:
            continue
        problems.append(Problem(table.name, file, int(str(index)) + 2, SOURCE, words, rule, remedy))
    made = {source_id_of(words): words for i, words in texts.items() if words and not ids[i]}
    column = [
        text["source_id"].at[i] if not words or ids[i] else source_id_of(words)
        for i, words in texts.items()
    ]
    return text.drop(columns=SOURCE).assign(source_id=column), made, problems


def _take_reasons(
    text: pd.DataFrame, table: TableSchema, file: str
) -> tuple[pd.DataFrame, dict[int, str], list[Problem]]:
    """Take the column of reasons for a withdrawal out of a table."""
    if WITHDRAWN in table.columns or WITHDRAWN not in text.columns:
        return text, {}, []
    words = {int(str(i)): " ".join(str(cell).split()) for i, cell in text[WITHDRAWN].items()}
    reasons = {index: reason for index, reason in words.items() if reason}
    problems = [
        Problem(table.name, file, index + 2, WITHDRAWN, reason, "this is no reason",
                "Say why the project's row is not to count, or leave the cell blank to keep the row.")
        for index, reason in reasons.items() if reason.lower() in NO_REASONS
    ]  # fmt: skip
    return text.drop(columns=WITHDRAWN), reasons, problems


def _with_optional(text: pd.DataFrame, table: TableSchema) -> pd.DataFrame:
    """A table with blank columns for those it lacks and need not have."""
    absent = [
        item.name for item in table.fields if not item.required and item.name not in text.columns
    ]
    return text.assign(**dict.fromkeys(absent, "")).astype("str") if absent else text


def read(own: OwnTable, table: TableSchema) -> OwnRows:
    """Read and check a table of the user's.

    Parameters
    ----------
    own : OwnTable
    table : TableSchema

    Returns
    -------
    OwnRows

    Raises
    ------
    DataError
        The file cannot be read as a table at all.
    """
    file = str(own)
    if own.sheet:
        text, problems = _sheet_text(own, table)
        if problems:
            return OwnRows(pd.DataFrame(), {}, tuple(problems))
    else:
        text = read_csv(own.path, table, file)
    text, sources, unsourced = _take_sources(text, table, file)
    text, withdrawn, unreasoned = _take_reasons(text, table, file)
    frame, problems = validate(_with_optional(text, table), table, file)
    # Said once, and with what the form has for it.
    told = {problem.row for problem in unsourced}
    problems = [p for p in problems if not (p.column == "source_id" and p.row in told)]
    return OwnRows(frame, sources, (*unsourced, *unreasoned, *problems), withdrawn)


def twice(parts: list[tuple[OwnTable, pd.DataFrame]], table: TableSchema) -> list[Problem]:
    """Rows whose key stands in two of the user's files.

    Parameters
    ----------
    parts : list of (OwnTable, DataFrame)
    table : TableSchema

    Returns
    -------
    list of Problem
    """
    seen: dict[tuple[str, ...], OwnTable] = {}
    problems = []
    for own, frame in parts:
        for index, key in zip(frame.index, _keys(frame, table), strict=True):
            other = seen.setdefault(key, own)
            if other != own:
                rule = f"the key ({', '.join(table.key)}) stands in {other} too"
                remedy = "Keep the row in one of the two files."
                problems.append(
                    Problem(table.name, str(own), int(index) + 2, table.key[0], " / ".join(key),
                            rule, remedy)
                )  # fmt: skip
    return problems


def not_there(
    frame: pd.DataFrame, parts: list[tuple[OwnTable, pd.DataFrame]],
    reasons: list[Mapping[int, str]], table: TableSchema,
) -> list[Problem]:  # fmt: skip
    """Rows to withdraw that the project does not have.

    Parameters
    ----------
    frame : DataFrame
        The project's rows.
    parts : list of (OwnTable, DataFrame)
    reasons : list of mapping of index to str
        Of each part.
    table : TableSchema

    Returns
    -------
    list of Problem
    """
    if not any(reasons):
        return []
    known = set(_keys(frame, table))
    return [
        Problem(table.name, str(own), index + 2, table.key[0], " / ".join(key),
                f"no row of the project has this key ({', '.join(table.key)}), so none can be withdrawn",
                "Copy the key from the project's table, or delete the row.")
        for (own, extra), why in zip(parts, reasons, strict=True)
        for index, key in zip(extra.index, _keys(extra, table), strict=True)
        if int(index) in why and key not in known
    ]  # fmt: skip


def _keys(frame: pd.DataFrame, table: TableSchema) -> list[tuple[str, ...]]:
    keys = frame[list(table.key)].astype("object").fillna("").astype(str)
    return list(keys.itertuples(index=False, name=None))
