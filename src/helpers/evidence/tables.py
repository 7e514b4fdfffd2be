"""Load data tables by name, checked against their schema, with a user's own rows laid over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers.errors import DataError, InputError, Problem
from helpers.evidence.cases import Rows, case_problems
from helpers.evidence.schema import Field, TableSchema, read_csv, read_schemas, validate


def project_root() -> Path | None:
    """The checkout this package runs from, or None when it was installed elsewhere."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "data" / "schema.yml").is_file():
            return folder
    return None


def project_data_dir() -> Path:
    """Folder of the project's own tables.

    Raises
    ------
    InputError
        The package is used outside its checkout.
    """
    root = project_root()
    if root is None:
        raise InputError(
            "The project's data folder was not found beside the package. "
            "Install the project in editable mode from its checkout (make study does)."
        )
    return root / "data"


def schemas() -> dict[str, TableSchema]:
    """Schemas of all tables, by name."""
    return read_schemas(project_data_dir())


def _own_files(data_dir: Path | None) -> dict[str, Path]:
    """The user's tables by name; a file that would be ignored is an error."""
    if data_dir is None:
        return {}
    if not data_dir.is_dir():
        raise InputError(
            f"data_dir: the folder {data_dir} does not exist. Create it or leave data_dir empty."
        )
    known = schemas()
    spreadsheets = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
    for path in sorted(data_dir.iterdir()):
        if path.name.startswith((".", "~$")) or path.suffix.lower() not in spreadsheets:
            continue
        if path.suffix != ".csv":
            raise InputError(
                f"data_dir {data_dir}: {path.name} cannot be read. Save it as {path.stem}.csv (UTF-8)."
            )
        if path.stem not in known:
            close = get_close_matches(path.stem, known, n=3)
            hint = f"Did you mean {', '.join(close)}? " if close else ""
            raise InputError(
                f"data_dir {data_dir}: no table is called {path.name}. {hint}"
                f"Known tables: {', '.join(sorted(known))}."
            )
    nested = [path for path in sorted(data_dir.glob("*/*.csv")) if path.stem in known]
    if nested:
        raise InputError(
            f"data_dir {data_dir}: {nested[0].relative_to(data_dir)} would not be read. "
            "Put your tables into the folder itself, not into folders below it."
        )
    return {path.stem: path for path in sorted(data_dir.glob("*.csv"))}


@dataclass(frozen=True)
class _Rows:
    """A checked table with the file and line each of its rows came from."""

    frame: pd.DataFrame
    origins: list[tuple[str, int]]


def _read(table: TableSchema, own: Path | None) -> tuple[_Rows, list[Problem]]:
    frame, problems = validate(read_csv(table.path, table), table, table.path.name)
    origins = [(table.path.name, row + 2) for row in range(len(frame))]
    if own is None or problems:
        return _Rows(frame, origins), problems
    extra, problems = validate(read_csv(own, table, str(own)), table, str(own))
    if problems:
        return _Rows(frame, origins), problems
    origins += [(str(own), row + 2) for row in range(len(extra))]
    # A row of the user's takes the place of the project's row with the same key; others are added.
    both = pd.concat([frame, extra], ignore_index=True)
    place = both.groupby(list(table.key), sort=False, dropna=False).ngroup()
    kept = both.assign(_place=place).drop_duplicates("_place", keep="last").sort_values("_place")
    origins = [origins[index] for index in kept.index]
    return _Rows(kept.drop(columns="_place").reset_index(drop=True), origins), []


def split_ids(cell: object) -> list[str]:
    """Parts of a ``;``-separated cell; a blank cell has none.

    Examples
    --------
    >>> split_ids("N-S01;N-S26")
    ['N-S01', 'N-S26']
    """
    if not isinstance(cell, str):
        return []
    return [part.strip() for part in cell.split(";") if part.strip()]


def reference_of(table: TableSchema, item: Field) -> str:
    """The ``table.column`` a field takes its values from, empty for any value.

    Parameters
    ----------
    table : TableSchema
    item : Field
        A field of the table. Source columns refer to ``sources`` without saying so in the schema.

    Returns
    -------
    str

    Examples
    --------
    >>> places = schemas()["places"]
    >>> reference_of(places, places.fields[-1])
    'sources.source_id'
    """
    if item.name in ("source_id", "source_ids") and table.name != "sources":
        return "sources.source_id"
    return item.references


def _reference_problems(
    table: TableSchema, rows: _Rows, targets: dict[str, set[str]]
) -> Iterable[Problem]:
    for item in table.fields:
        target = reference_of(table, item)
        if not target:
            continue
        several = item.name == "source_id" or item.name.endswith("_ids")
        remedy = f"Use an id that stands in {target}, or add it there."
        if several:
            remedy += " Several ids are separated by ; without a gap at the ends."
        for (file, row), cell in zip(rows.origins, rows.frame[item.name], strict=True):
            if pd.isna(cell):
                continue
            for part in str(cell).split(";") if several else [str(cell)]:
                if part.strip() not in targets[target]:
                    rule = f"not found in {target}" if part.strip() else "an id is missing beside ;"
                    value = part.strip() or str(cell)
                    yield Problem(table.name, file, row, item.name, value, rule, remedy)


def _targets(frames: dict[str, pd.DataFrame]) -> dict[str, set[str]]:
    """The values each referenced column holds."""
    targets: dict[str, set[str]] = {}
    for table in schemas().values():
        for target in (reference_of(table, item) for item in table.fields):
            if not target or target in targets:
                continue
            other, _, column = target.partition(".")
            if other not in frames or column not in frames[other]:
                raise InputError(
                    f"schema of table {table.name}: there is no column {target} to refer to"
                )
            targets[target] = set(frames[other][column].dropna().astype(str))
    return targets


def _state(data_dir: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Path, time and size of every file read, so that an edited file is read again."""
    paths = [table.path for table in schemas().values()] + list(_own_files(data_dir).values())
    stats = [(path, path.stat()) for path in paths if path.is_file()]
    # Not resolved: links are followed by stat, and this is asked at every look at a table.
    return tuple((str(path.absolute()), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def load_all(data_dir: Path | None = None) -> dict[str, pd.DataFrame]:
    """Load and check every table, references between tables included.

    Parameters
    ----------
    data_dir : Path or None
        Folder with the user's own tables, named like the project's (``city_counts.csv``). Their
        rows replace the project's rows with the same key and are added otherwise.

    Returns
    -------
    dict of str to DataFrame
        Typed frames. Do not modify them: they are shared. Blank cells are missing values.

    Raises
    ------
    DataError
        With every problem of every table.
    InputError
        The folder does not exist or holds a file that is no table of the project.

    Examples
    --------
    >>> int(load_all()["batches"].query("measure == 'certified' and batch == '2'").firms_count.iloc[0])
    1584
    """
    return _load_all(data_dir, _state(data_dir))


@lru_cache(maxsize=8)
def _load_all(
    data_dir: Path | None, state: tuple[tuple[str, int, int], ...]
) -> dict[str, pd.DataFrame]:
    own = _own_files(data_dir)
    tables: dict[str, _Rows] = {}
    problems: list[Problem] = []
    for name, table in schemas().items():
        try:
            tables[name], found = _read(table, own.get(name))
        except DataError as error:
            found = list(error.problems)
        problems += found
    if problems:
        raise DataError(problems)
    frames = {name: rows.frame for name, rows in tables.items()}
    targets = _targets(frames)
    for name, table in schemas().items():
        problems += _reference_problems(table, tables[name], targets)
    problems += case_problems(
        {name: Rows(name, rows.frame, rows.origins) for name, rows in tables.items()}
    )
    if problems:
        raise DataError(problems)
    return frames


def load(name: str, data_dir: Path | None = None) -> pd.DataFrame:
    """One table, as a copy that may be modified.

    Parameters
    ----------
    name : str
        Table name, for instance ``"batches"``.
    data_dir : Path or None
        See :func:`load_all`.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        No table has this name.
    DataError
        Some table breaks its schema.

    Examples
    --------
    >>> load("districts").census_population_2020_persons.notna().all()
    np.True_
    """
    frames = load_all(data_dir)
    if name not in frames:
        raise InputError(f"No table is called {name!r}. Known: {', '.join(sorted(frames))}.")
    return frames[name].copy()
