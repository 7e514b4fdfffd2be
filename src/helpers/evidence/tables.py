"""Load data tables by name, checked against their schema, with a user's own rows laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from helpers.errors import DataError, InputError, Problem
from helpers.evidence import overlay
from helpers.evidence.cases import CASE_TABLES, Rows, case_problems
from helpers.evidence.overlay import OwnTable
from helpers.evidence.schema import Field, TableSchema, read_csv, read_schemas, validate


@cache
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


def _own_files(data_dir: Path | None) -> dict[str, list[OwnTable]]:
    """The user's tables by name; a file that would be ignored is an error."""
    if data_dir is None:  # or the files of schemas would be looked for twice at every look
        return {}
    found, faults = overlay.find(data_dir, schemas())
    if faults:
        raise InputError("\n".join(faults))
    return found


@dataclass(frozen=True)
class _Rows:
    """A checked table with the file and line each of its rows came from."""

    frame: pd.DataFrame
    origins: list[tuple[str, int]]
    sources: Mapping[str, str] = field(default_factory=dict)
    # Rows of the user's that cannot be laid over, since some are at fault.
    faulty: Sequence[tuple[OwnTable, pd.DataFrame]] = ()


def _read(table: TableSchema, own: Sequence[OwnTable]) -> tuple[_Rows, list[Problem]]:
    frame, problems = validate(read_csv(table.path, table), table, table.path.name)
    origins = [(table.path.name, row + 2) for row in range(len(frame))]
    sources: dict[str, str] = {}
    parts, reasons = [], []
    for place in () if problems else own:
        try:
            rows = overlay.read(place, table)
        except DataError as error:
            problems += error.problems
            continue
        problems += rows.problems
        parts.append((place, rows.frame))
        reasons.append(rows.withdrawn)
        sources |= rows.sources
    if not problems:
        problems += overlay.twice(parts, table) if len(parts) > 1 else []
        problems += overlay.not_there(frame, parts, reasons, table)
    if problems or not parts:
        return _Rows(frame, origins, sources, parts), problems
    origins += [(str(place), int(row) + 2) for place, extra in parts for row in extra.index]
    # A row of the user's takes the place of the project's row with the same key; others are added.
    both = pd.concat([frame, *(extra for _, extra in parts)], ignore_index=True)
    place_of_key = both.groupby(list(table.key), sort=False, dropna=False).ngroup()
    kept = both.assign(_place=place_of_key).drop_duplicates("_place", keep="last")
    kept = kept.sort_values("_place")
    out = [False] * len(frame) + [
        int(row) in why
        for (_, extra), why in zip(parts, reasons, strict=True)
        for row in extra.index
    ]
    kept = kept.loc[[index for index in kept.index if not out[index]]]
    origins = [origins[index] for index in kept.index]
    return _Rows(kept.drop(columns="_place").reset_index(drop=True), origins, sources), []


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


def own_rows(name: str, data_dir: Path) -> dict[str, str]:
    """Where a user's rows of a table stand: file and row, by the first column of its key.

    Parameters
    ----------
    name : str
    data_dir : Path

    Returns
    -------
    dict of str to str
        Empty when the user has no rows of the table.
    """
    table = schemas()[name]
    found: dict[str, str] = {}
    for place in _own_files(data_dir).get(name, ()):
        frame = overlay.read(place, table).frame
        found |= {
            str(cell): f"{place}, row {int(str(row)) + 2}"
            for row, cell in frame[table.key[0]].items()
        }
    return found


def _reference_problems(
    table: TableSchema, rows: _Rows, targets: dict[str, set[str]], faulty: set[str]
) -> Iterable[Problem]:
    for item in table.fields:
        target = reference_of(table, item)
        # A table with faults lacks the user's rows, which others may well refer to.
        if not target or target.partition(".")[0] in faulty:
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


def state(data_dir: Path | None) -> tuple[tuple[str, int, int], ...]:
    """Path, time and size of every file read, so that an edited file is read again."""
    own = [place.path for several in _own_files(data_dir).values() for place in several]
    paths = [table.path for table in schemas().values()] + list(dict.fromkeys(own))
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
    return _load_all(data_dir, state(data_dir))


@lru_cache(maxsize=8)
def _load_all(
    data_dir: Path | None, state: tuple[tuple[str, int, int], ...]
) -> dict[str, pd.DataFrame]:
    frames, problems = gather(_own_files(data_dir))
    if problems:
        raise DataError(problems)
    return frames


def gather(
    own: Mapping[str, Sequence[OwnTable]],
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Every table with the user's rows laid over it, and every fault of any of them.

    Parameters
    ----------
    own : mapping of table to places of the user's rows
        From :func:`helpers.evidence.overlay.find`.

    Returns
    -------
    frames : dict of str to DataFrame
        To be used only if there are no problems.
    problems : list of Problem
    """
    tables: dict[str, _Rows] = {}
    problems: list[Problem] = []
    for name, table in schemas().items():
        try:
            tables[name], found = _read(table, own.get(name, ()))
        except DataError as error:
            found = list(error.problems)
        problems += found
    frames = {name: rows.frame for name, rows in tables.items()}
    faulty = {problem.table for problem in problems}
    if len(frames) < len(schemas()):
        return frames, problems
    described = {key: text for rows in tables.values() for key, text in rows.sources.items()}
    frames["sources"] = _with_own(frames["sources"], described)
    targets = _targets(frames)
    for name, table in schemas().items():
        several = [tables[name]] if name not in faulty else [
            _Rows(extra, [(str(place), int(row) + 2) for row in extra.index])
            for place, extra in tables[name].faulty if set(table.columns) <= set(extra.columns)
        ]  # fmt: skip
        for rows in several:
            problems += _reference_problems(table, rows, targets, faulty)
    if faulty.isdisjoint(CASE_TABLES):
        problems += case_problems(
            {name: Rows(name, rows.frame, rows.origins) for name, rows in tables.items()}
        )
    return frames, problems


def _with_own(sources: pd.DataFrame, described: Mapping[str, str]) -> pd.DataFrame:
    """The table of sources with those that rows of the user's describe in free text."""
    new = {key: text for key, text in described.items() if key not in set(sources["source_id"])}
    if not new:
        return sources
    rows = pd.DataFrame(
        {
            "source_id": list(new), "title": list(new.values()), "publisher": list(new.values()),
            "access": overlay.OWN_ACCESS, "grade": "C",
        }
    )  # fmt: skip
    rows = rows.reindex(columns=sources.columns).astype(sources.dtypes.to_dict())
    return pd.concat([sources, rows], ignore_index=True)


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
