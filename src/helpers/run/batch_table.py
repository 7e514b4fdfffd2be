"""Which studies a batch is of: a table of parameters, all provinces, or the cities of a province.

Nothing heavy is imported unless a table is checked, so that a batch with nothing to do ends soon.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from helpers.errors import DataError, InputError, ParameterError, Problem
from helpers.run.parameters import Parameters

NAMES = ("province", "city")
# The whole batch goes into one folder.
COLUMNS = tuple(name for name in Parameters.names() if name != "output_dir")


# Line or item, and its values.
Raw = list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True)
class Row:
    """A study asked for, and where."""

    parameters: Parameters
    file: str = ""
    line: int = 0


def _places(defaults: Parameters) -> list[dict[str, str]]:
    """Rows of the table ``places``; read plainly where the user adds none of his own."""
    from helpers.run.current import checkout

    root = checkout()
    if defaults.data_dir or root is None:
        from helpers.run.study import make_study

        frame = make_study(replace(defaults, province="辽宁", city="鞍山")).table("places")
        return [
            {str(name): str(cell) for name, cell in row.items()} for row in frame.to_dict("records")
        ]
    with (root / "data" / "places.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def all_provinces(defaults: Parameters | None = None) -> list[Row]:
    """A study for each of the 31 provincial units, with the province's capital as the city.

    Parameters
    ----------
    defaults : Parameters or None
        Everything but province and city.

    Returns
    -------
    list of Row
        In the order of GB/T 2260, in which the seat of a province's government is the prefecture 01.
        A municipality is its own city.

    Examples
    --------
    >>> [row.parameters.city for row in all_provinces()[:6]]
    ['北京', '天津', '石家庄', '太原', '呼和浩特', '沈阳']
    """
    given = defaults or Parameters()
    places = _places(given)
    names = {row["place_id"]: row["name_zh"] for row in places}
    codes = sorted(row["place_id"] for row in places if row["level"] == "province")
    capitals = {code: f"{code[:2]}0100" for code in codes}
    return [
        Row(replace(given, province=names[code], city=names.get(capitals[code], names[code])))
        for code in codes
    ]


def cities_of(province: str, defaults: Parameters | None = None) -> list[Row]:
    """A study for each prefecture-level city of a province.

    Parameters
    ----------
    province : str
        Name or code.
    defaults : Parameters or None
        Everything but province and city.

    Returns
    -------
    list of Row

    Raises
    ------
    ParameterError
        No province has this name.

    Examples
    --------
    >>> len(cities_of("Liaoning")), cities_of("上海")[0].parameters.city
    (14, '上海')
    """
    given = defaults or Parameters()
    places = _places(given)
    units = [row for row in places if row["level"] != "prefecture"]
    wanted = province.strip().casefold()
    kinds = ("place_id", "name_zh", "full_name_zh", "name_en")
    found = [row for row in units if wanted in {row[kind].casefold() for kind in kinds}]
    if not found:
        names = [row[kind] for row in units for kind in ("name_zh", "name_en") if row[kind]]
        raise ParameterError(
            f"--cities {province}: no province has this name or code. {_near(province, names)}"
        )
    unit = found[0]
    names = [
        row["name_zh"] for row in places
        if row["level"] == "prefecture" and row["province_id"] == unit["place_id"]
    ]  # fmt: skip
    return [
        Row(replace(given, province=unit["name_zh"], city=name))
        for name in names or [unit["name_zh"]]
    ]


def _near(word: str, known: Iterable[str]) -> str:
    from helpers.evidence.places import near

    return near(word, known)


# --- A table of parameters ----------------------------------------------------------------------


def read_table(path: Path, defaults: Parameters | None = None, checked: bool = True) -> list[Row]:
    """Studies from a CSV, XLSX or YAML file: one row, or one item of a list, for each.

    Parameters
    ----------
    path : Path
        Columns are names of parameters; a blank cell takes the default.
    defaults : Parameters or None
    checked : bool
        Look up places and folders as well.

    Returns
    -------
    list of Row

    Raises
    ------
    DataError
        With every fault, by row and column.
    InputError
        The file cannot be read.
    """
    given = defaults or Parameters()
    try:
        raw, problems = _raw(path)
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}). Name a CSV, XLSX or YAML file."
        ) from error
    if problems:
        raise DataError(problems)
    if not raw:
        raise InputError(
            f"{path}: holds no study. Write column heads such as province,city and one row for each."
        )
    rows = []
    for line, values in raw:
        made, found = _row(values, given, path.name, line, checked)
        problems += found
        if made is not None:
            rows.append(Row(made, path.name, line))
    if problems:
        raise DataError(problems)
    return rows


def _raw(path: Path) -> tuple[Raw, list[Problem]]:
    """Cells of a table by line and column head, in whatever kind of file it is."""
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        return _grid_rows(_sheet(path), path.name)
    content = path.read_bytes()
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or b"\x00" in content:
        raise InputError(f"{path}: is no text. Save the table as XLSX, or as CSV UTF-8.")
    # Excel for Chinese Windows saves CSV in GBK.
    for encoding in ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            reader = _yaml_rows if kind in (".yml", ".yaml") else _csv_rows
            return reader(text, path.name)
    raise InputError(f"{path}: is neither in UTF-8 nor in GBK. Save it as CSV UTF-8.")


def _sheet(path: Path) -> list[tuple[int, list[str]]]:
    """Lines of the one sheet of a workbook that is not empty."""
    from helpers.evidence.sheets import read_sheets

    sheets = {
        name: [(line, [cell.strip() for cell in cells]) for line, cells in lines if any(cells)]
        for name, lines in read_sheets(path).items()
    }
    filled = [name for name, lines in sheets.items() if lines]
    if len(filled) > 1:
        raise InputError(
            f"{path}: {len(filled)} sheets are filled in ({', '.join(filled)}). Keep the one with the studies."
        )
    return sheets[filled[0]] if filled else []


def _header_problems(names: Iterable[str], file: str, line: int) -> list[Problem]:
    """Columns that no parameter is called by; their cells are not repeated, they may be secret."""
    found, seen = [], set()
    for name in names:
        if name == "output_dir":
            rule, remedy = "the whole batch has one output folder", "Give it as --output-dir."
        elif name not in COLUMNS:
            rule = "no parameter has this name"
            hint = _near(name, COLUMNS)
            meant = f"{hint} " if hint.startswith("Did") else ""
            remedy = f"{meant}Columns: {', '.join(COLUMNS)}."
        elif name in seen:
            rule, remedy = "the column stands there twice", "Remove one."
        else:
            seen.add(name)
            continue
        found.append(Problem("batch", file, line, name or "(no name)", "", rule, remedy))
    return found


def _delimiter(text: str) -> str:
    """A comma, unless the first line that is not blank has none and has what is used instead."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    return next((mark for mark in ",;\t，" if mark in head), ",")


def _csv_rows(text: str, file: str) -> tuple[Raw, list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError(f"{file}: is not a CSV file ({error}).") from error
    return _grid_rows([(number, cells) for number, cells in lines if any(cells)], file)


def _grid_rows(lines: list[tuple[int, list[str]]], file: str) -> tuple[Raw, list[Problem]]:
    """Cells under the heads of a table, blank lines left out."""
    if not lines:
        return [], []
    header = lines[0][1]
    problems = _header_problems(header, file, lines[0][0])
    for number, cells in lines[1:]:
        if len(cells) > len(header) and any(cells[len(header) :]):
            rule = f"{len(cells)} cells under {len(header)} column heads"
            remedy = "Put quotes around a cell that holds a comma."
            problems.append(Problem("batch", file, number, None, "", rule, remedy))
    return [
        (number, dict(zip(header, cells, strict=False))) for number, cells in lines[1:]
    ], problems


def _yaml_rows(text: str, file: str) -> tuple[Raw, list[Problem]]:
    import yaml

    try:
        content = yaml.safe_load(text)
        nodes: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    # A date that no calendar has, and brackets without end, are no errors of the library's own.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{file}: is not a YAML file ({error}).") from error
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise InputError(
            f"{file}: write a list with one study an item, as in '- {{province: 江苏, city: 苏州}}'."
        )
    raw, problems = [], []
    for number, (item, node) in enumerate(zip(content, nodes.value, strict=True), 1):
        # Of a name that stands there twice the library gives the last; "<<" takes over another item.
        written = [key.value for key, _ in node.value if key.value != "<<"]
        names = written + [str(name) for name in item if str(name) not in written]
        problems += _header_problems(names, file, number)
        problems += _nested(item, file, number)
        raw.append((number, {str(name): value for name, value in item.items()}))
    return raw, problems


def _nested(item: Mapping[Any, Any], file: str, line: int) -> list[Problem]:
    """Lists and mappings in place of a value; not repeated, since a few lines can name millions."""
    return [
        Problem(
            "batch", file, line, str(name), "", f"a {type(value).__name__} in place of a value",
            "Write one value; each study is an item of its own.",
        )
        for name, value in item.items() if isinstance(value, (list, dict, set, tuple))
    ]  # fmt: skip


def _row(
    values: Mapping[str, Any], defaults: Parameters, file: str, line: int, checked: bool
) -> tuple[Parameters | None, list[Problem]]:
    """Parameters of a row, or what is wrong with it."""
    given = {name: value for name, value in values.items() if value not in ("", None)}
    problems = []
    for name in NAMES:
        text = str(given.get(name, ""))
        if re.search(r"[\\/]|\.\.", text):
            rule, remedy = "a place has no path in its name", "Give its name or GB/T 2260 code."
            problems.append(Problem("batch", file, line, name, text, rule, remedy))
    for name in ("through_batch", "seed"):
        if isinstance(given.get(name), str) and re.fullmatch(r"-?\d{1,40}", given[name]):
            given[name] = int(given[name])
    for name, value in given.items():
        try:
            Parameters(**{name: value})
        except ParameterError as error:
            problems.append(_located(error, given, file, line))
    if problems:
        return None, problems
    try:
        made = replace(defaults, **given)
        if checked:
            from helpers.run.study import make_study

            make_study(made)
    except ParameterError as error:
        return None, [_located(error, given, file, line)]
    except DataError:
        raise  # faults of the user's own tables, by their rows and columns
    except InputError as error:
        told = re.match(r"(data_dir|output_dir)\b:? ?(.*)", str(error), re.S)
        if told is None or told[1] not in given:
            raise
        rule, _, remedy = told[2].partition(". ")
        problem = Problem("batch", file, line, told[1], str(given[told[1]]), rule, remedy)
        return None, [problem]
    return made, []


def _located(error: ParameterError, values: Mapping[str, Any], file: str, line: int) -> Problem:
    """A fault of a parameter as a fault of a cell."""
    told = re.match(r"parameter (\w+)(?:, value .*?)?: (.*)", str(error), re.S)
    column, rule = told.groups() if told else (None, str(error))
    first, _, rest = rule.partition(". ")
    value = "" if column is None else str(values.get(column, ""))
    remedy = rest or "Correct the cell."
    return Problem("batch", file, line, column, value, first.rstrip("."), remedy)
