"""Schemas of the data tables: read from ``schema.yml``, checked with pandera.

Each folder of ``data/`` holds one ``schema.yml`` that describes its tables. The same description
serves the checks at every load and the codebook, so that the two cannot differ.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers.errors import DataError, InputError, Problem

# The C loader reads the same YAML ten times faster; it is missing in some builds.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TYPES = ("string", "integer", "number", "boolean", "date")
# ASCII digits only: full-width digits are common in Chinese files and must be reported.
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Field:
    """One column of a table.

    Parameters
    ----------
    name : str
        Column name, English snake_case with a unit suffix where there is a unit.
    type : {"string", "integer", "number", "boolean", "date"}
        ``date`` is ISO text of year, month or day precision (2021, 2021-06, 2021-06-30).
    en, zh : str
        What the column holds, in English and Chinese.
    unit : str
        Unit, empty where there is none.
    required : bool
        False allows a blank cell, which always means "no source gives it".
    enum : tuple of str
        The allowed values, empty for any.
    minimum, maximum : float or None
        Inclusive limits of a numeric column.
    references : str
        ``table.column`` whose values this column may take, empty for none.
    """

    name: str
    type: str
    en: str
    zh: str = ""
    unit: str = ""
    required: bool = False
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    references: str = ""


@dataclass(frozen=True)
class TableSchema:
    """One table: where it is, what it holds, who may use it, its key and columns."""

    name: str
    path: Path
    title_en: str
    title_zh: str
    description: str
    rights: str
    key: tuple[str, ...]
    fields: tuple[Field, ...] = field(default_factory=tuple)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(item.name for item in self.fields)


def _parse_field(name: str, spec: Mapping[str, Any], where: str) -> Field:
    unknown = set(spec) - {
        "type", "en", "zh", "unit", "required", "enum", "minimum", "maximum", "references",
    }  # fmt: skip
    if unknown:
        raise InputError(f"{where}: field {name} has unknown attributes {sorted(unknown)}")
    if spec.get("type") not in TYPES:
        raise InputError(f"{where}: field {name} needs a type out of {', '.join(TYPES)}")
    absent = [attribute for attribute in ("en", "zh") if not spec.get(attribute)]
    if absent:
        raise InputError(f"{where}: field {name} needs {' and '.join(absent)}")
    enum = spec.get("enum", ())
    # YAML reads an unquoted yes, no, on or off as a boolean.
    if enum and (spec["type"] != "string" or any(isinstance(value, bool) for value in enum)):
        raise InputError(f"{where}: field {name}: enum needs type string and quoted words")
    options = {**spec, "enum": tuple(str(value) for value in enum)}
    return Field(name=name, **options)


def parse_schema_file(path: Path) -> dict[str, TableSchema]:
    """Read one ``schema.yml``.

    Parameters
    ----------
    path : Path
        The file; the tables it describes lie in the same folder.

    Returns
    -------
    dict of str to TableSchema

    Raises
    ------
    InputError
        The file describes a field with an unknown type or attribute.
    """
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    tables = {}
    for name, spec in content["tables"].items():
        where = f"{path}, table {name}"
        unknown = sorted({*spec["key"]} - {*spec["fields"]})
        if unknown:
            raise InputError(f"{where}: the key names no field: {', '.join(unknown)}")
        tables[name] = TableSchema(
            name=name,
            path=path.parent / spec["file"],
            title_en=spec["title_en"],
            title_zh=spec["title_zh"],
            description=" ".join(spec["description"].split()),
            rights=" ".join(spec["rights"].split()),
            key=tuple(spec["key"]),
            fields=tuple(_parse_field(key, value, where) for key, value in spec["fields"].items()),
        )
    return tables


def read_schemas(data_dir: Path) -> dict[str, TableSchema]:
    """All schemas below a data folder, by table name, sources first.

    Parameters
    ----------
    data_dir : Path
        Folder with ``schema.yml`` files in it or one level below.

    Returns
    -------
    dict of str to TableSchema

    Raises
    ------
    InputError
        Two schema files describe a table of the same name.
    """
    files = [*sorted(data_dir.glob("schema.yml")), *sorted(data_dir.glob("*/schema.yml"))]
    return _read_schemas(tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=8)
def _read_schemas(files: tuple[tuple[Path, int], ...]) -> dict[str, TableSchema]:
    """Keyed by the time of the last change, so that an edited schema is read again."""
    found: dict[str, TableSchema] = {}
    for path, _ in files:
        for name, table in parse_schema_file(path).items():
            if name in found:
                raise InputError(f"table {name} is described twice: {found[name].path} and {path}")
            found[name] = table
    return found


_Fault = Callable[..., Problem]


def _decode(path: Path, fault: _Fault) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        remedy = "Save it as UTF-8 (in Excel: CSV UTF-8)."
        raise DataError([fault("the file is not UTF-8", remedy, row)]) from error


def _split(text: str, fault: _Fault) -> list[tuple[int, list[str]]]:
    """Rows of cells with the line each begins in; blank lines at the end are dropped."""
    # pandas cuts or pads rows that do not fit the header, hence the reader of the standard library.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            lines.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        remedy = 'Put cells with a comma or a quote in quotes, and double a quote within: "".'
        raise DataError([fault(f"the row cannot be read ({error})", remedy, begin)]) from error
    while lines and not lines[-1][1]:
        lines.pop()
    return lines


def _irregular(lines: list[tuple[int, list[str]]], fault: _Fault) -> list[Problem]:
    """Columns that occur twice, rows that do not fit the header, cells of several lines."""
    header = lines[0][1]
    found = []
    for name in dict.fromkeys(name for name in header if header.count(name) > 1):
        found.append(fault("the column occurs more than once", "Remove one.", 1, name, name))
    for row, cells in lines:
        if len(cells) != len(header):
            rule = f"the row has {len(cells)} cells, the header {len(header)}"
            remedy = "Give every row one cell for each column; quote cells that contain a comma."
            found.append(fault(rule, remedy, row, None, ",".join(cells)))
        for name, cell in zip(header, cells, strict=False):
            if "\n" in cell or "\r" in cell:
                rule = "the cell contains a line break"
                found.append(fault(rule, "Write it in one line.", row, name, cell))
    return found


def read_csv(path: Path, table: TableSchema, file: str = "") -> pd.DataFrame:
    """Read a table as text, every cell as printed.

    Parameters
    ----------
    path : Path
        CSV file, UTF-8 with or without a byte-order mark.
    table : TableSchema
        Its description, for the messages.
    file : str
        File name for the messages, by default the last part of the path.

    Returns
    -------
    DataFrame of str
        Blank cells are empty strings. Row i stands in line i + 2 of the file.

    Raises
    ------
    DataError
        The file is missing, empty or not UTF-8, its quotes do not match, a column occurs twice,
        a row has more or fewer cells than the header, or a cell contains a line break.
    """

    def fault(
        rule: str, remedy: str, row: int | None = None, column: str | None = None, value: str = ""
    ) -> Problem:
        return Problem(table.name, file or path.name, row, column, value, rule, remedy)

    if not path.is_file():
        rule = f"the file {path} does not exist"
        raise DataError([fault(rule, "Restore it, or name another data folder.")])
    lines = _split(_decode(path, fault), fault)
    if not lines:
        raise DataError([fault("the file is empty", "Give at least the header row.")])
    found = _irregular(lines, fault)
    if found:
        raise DataError(found)
    return pd.DataFrame([cells for _, cells in lines[1:]], columns=lines[0][1], dtype="str")


def _is_date(cell: str) -> bool:
    if not _DATE.fullmatch(cell):
        return False
    try:
        date.fromisoformat((cell + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _readable_as(kind: str) -> Callable[[str], bool]:
    return {
        "string": lambda cell: True,
        "integer": lambda cell: _INTEGER.fullmatch(cell) is not None,
        "number": lambda cell: bool(_NUMBER.fullmatch(cell)) and math.isfinite(float(cell)),
        "boolean": lambda cell: cell in ("true", "false"),
        "date": _is_date,
    }[kind]


_MAKE: dict[str, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "boolean": "true".__eq__,
}
_DTYPE = {"integer": "Int64", "number": "float64", "boolean": "boolean"}


def _convert(text: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    """Typed column and a mask of the cells that cannot be read as the type."""
    readable = _readable_as(kind)
    cells = text.tolist()
    faults = [cell != "" and not readable(cell) for cell in cells]
    bad = pd.Series(faults, text.index, dtype=bool)
    if kind in ("string", "date"):
        return pd.Series([cell or None for cell in cells], text.index, dtype="str"), bad
    # Cell by cell, since a detour over floats would change whole numbers above 2**53.
    values = [
        None if fault or not cell else _MAKE[kind](cell)
        for cell, fault in zip(cells, faults, strict=True)
    ]
    return pd.Series(values, text.index, dtype=_DTYPE[kind]), bad


_READABLE = {
    "integer": (
        "not a whole number of up to 18 digits",
        "Write digits 0-9 only, without separators or units.",
    ),
    "number": (
        "not a finite number",
        "Write digits 0-9 with a decimal point, without separators or units.",
    ),
    "boolean": ("neither true nor false", "Write true or false in lower case."),
    "date": ("not an ISO date", "Write 2021, 2021-06 or 2021-06-30, as precise as the source."),
}


def pandera_schema(table: TableSchema) -> Any:
    """The pandera schema of a table whose columns have been given their types.

    Parameters
    ----------
    table : TableSchema

    Returns
    -------
    pandera.pandas.DataFrameSchema
        Checks blanks, limits and allowed values.
    """
    import pandera.pandas as pa

    columns = {}
    for item in table.fields:
        checks = []
        if item.minimum is not None:
            checks.append(pa.Check.ge(item.minimum, error=f"below {item.minimum:.15g}"))
        if item.maximum is not None:
            checks.append(pa.Check.le(item.maximum, error=f"above {item.maximum:.15g}"))
        if item.enum:
            allowed = ", ".join(item.enum)
            checks.append(pa.Check.isin(item.enum, error=f"not one of {allowed}"))
        if checks or item.required:
            columns[item.name] = pa.Column(None, checks=checks, nullable=not item.required)
    return pa.DataFrameSchema(columns, unique=None, strict=False)


def validate(
    text: pd.DataFrame, table: TableSchema, file: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Give a table its types and list everything that breaks its schema.

    Parameters
    ----------
    text : DataFrame of str
        As read by :func:`read_csv`.
    table : TableSchema
    file : str
        File name for the messages.

    Returns
    -------
    frame : DataFrame
        Typed columns in schema order, missing values where blank; to be used only if there are no
        problems.
    problems : list of Problem
    """
    import pandera.errors

    problems: list[Problem] = []

    def add(row: int | None, column: str | None, value: str, rule: str, remedy: str) -> None:
        problems.append(Problem(table.name, file, row, column, value, rule, remedy))

    missing = [name for name in table.columns if name not in text.columns]
    surplus = [str(name) for name in text.columns if name not in table.columns]
    for name in missing:
        add(1, name, "", "the column is missing", f"Add a column headed {name}.")
    for name in surplus:
        # As value as well, because only a value is shown in quotes: "firms_count " is a surplus.
        rule = "the column is not in the schema"
        add(1, name, name or "(blank)", rule, "Remove it or correct its heading.")
    if missing or surplus:
        return text, problems

    typed = {}
    unreadable: dict[str, set[int]] = {}
    for item in table.fields:
        cells = text[item.name]
        padded = pd.Series(
            [cell != cell.strip() for cell in cells.tolist()], cells.index, dtype=bool
        )
        for index in text.index[padded]:
            rule = "the cell begins or ends with white space"
            add(int(index) + 2, item.name, cells.at[index], rule, "Remove it.")
        typed[item.name], bad = _convert(
            cells.mask(padded, "") if padded.any() else cells, item.type
        )
        unreadable[item.name] = set(text.index[bad | padded])
        for index in text.index[bad]:
            add(int(index) + 2, item.name, cells.at[index], *_READABLE[item.type])
    frame = pd.DataFrame(typed, index=text.index)[list(table.columns)]

    try:
        pandera_schema(table).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        for failure in errors.failure_cases.to_dict("records"):
            column, index = str(failure["column"]), failure["index"]
            if pd.isna(index) or int(index) in unreadable.get(column, set()):
                continue
            value = str(text.at[int(index), column])
            if failure["check"] == "not_nullable":
                add(int(index) + 2, column, "", "the cell is blank", "This column is required.")
            else:
                remedy = "Correct the cell."
                if not next(item for item in table.fields if item.name == column).required:
                    remedy = "Correct the cell, or leave it blank if no source gives it."
                add(int(index) + 2, column, value, str(failure["check"]), remedy)

    for item in table.fields:
        if item.name in ("source_id", "source_ids") and not item.required:
            raise InputError(f"table {table.name}: {item.name} must be required")
    # A key cell that is at fault itself is not compared: it would equal every other such cell.
    faulty = {problem.row for problem in problems if problem.column in table.key}
    sound = frame.loc[[int(index) + 2 not in faulty for index in frame.index]]
    for index in sound.index[sound.duplicated(list(table.key), keep="first")]:
        value = " / ".join(str(text.at[index, name]) for name in table.key)
        rule = "the key (" + ", ".join(table.key) + ") occurs more than once"
        add(int(index) + 2, table.key[0], value, rule, "Remove one row or make the key distinct.")
    problems.sort(key=lambda problem: problem.row or 0)
    return frame, problems
