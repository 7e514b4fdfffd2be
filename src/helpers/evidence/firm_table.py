"""A user's table of firms: read from CSV or XLSX, checked cell by cell, all faults at once."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import DataError, InputError, Problem
from helpers.evidence.places import near

TABLE = "firms"
MOST_BYTES = 200_000_000
_YES = ("true", "yes", "1", "是", "有")
_NO = ("false", "no", "0", "否", "无")
NONE = ("none", "无")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WITH_UNIT = re.compile(r"([+-]?[0-9][0-9.,]*)\s*([^\s0-9.,].*)")
# What a cell may say beside its number to confirm the unit of the column.
_OWN_UNIT = {"pct": ("%", "％"), "m_cny": ("百万元", "million CNY", "m CNY")}
# Other units of money, as a factor to million yuan.
_MONEY = {
    "元": 1e-6, "yuan": 1e-6, "CNY": 1e-6, "万元": 0.01, "万": 0.01, "千万元": 10.0, "亿元": 100.0,
    "亿": 100.0,
}  # fmt: skip
# Fields of which one is part of the other, and pairs of one figure in successive years.
_PARTS = (
    *((f"main_revenue{y}_m_cny", f"revenue{y}_m_cny") for y in ("", "_prev", "_prev2")),
    ("new_equity_2y_m_cny", "new_equity_3y_m_cny"),
    ("class_1_ip_own_in_use", "class_1_ip_in_use"),
)
_YEARS = tuple(
    (f"{name}{late}_m_cny", f"{name}{early}_m_cny")
    for name in ("revenue", "main_revenue", "rd")
    for late, early in (("", "_prev"), ("_prev", "_prev2"))
)
JUMP = 100.0


@dataclass(frozen=True)
class FirmTable:
    """Firms that were read.

    Parameters
    ----------
    frame : DataFrame
        Valid rows with the types of the fields: numbers as floats, ranks likewise with infinity for
        none, yes and no as nullable booleans, other fields as text; missing where blank.
    problems : tuple of Problem
        Faults of the other rows.
    rows_count : int
        Rows of the file that are not blank.
    """

    frame: pd.DataFrame
    problems: tuple[Problem, ...]
    rows_count: int


_Lines = list[tuple[int, list[str]]]


def _fault(file: str, rule: str, remedy: str, row: int | None = None, column: str | None = None,
           value: str = "") -> Problem:  # fmt: skip
    return Problem(TABLE, file, row, column, value, rule, remedy)


def _decoded(path: Path) -> str:
    """Text of a CSV file in UTF-8 or in GBK, as Excel for Chinese Windows saves it."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError([_fault(path.name, "the file is UTF-16", "Save it as CSV UTF-8.")])
    if b"\x00" in content:
        raise DataError(
            [_fault(path.name, "the file is no text", "Save the table as CSV or XLSX.")]
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        [_fault(path.name, "the file is neither UTF-8 nor GBK", "Save it as CSV UTF-8.")]
    )


def _csv_lines(path: Path) -> _Lines:
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    lines: _Lines = []
    begin = 1
    try:
        for cells in reader:
            lines.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        rule = f"the row cannot be read ({error})"
        raise DataError([_fault(path.name, rule, "Check the quotes.", begin)]) from error
    return lines


def _xlsx_cell(cell: Any) -> str:
    """A cell as text; a formula keeps its sign of equality, so that it is found."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        text = f"{value:.15g}"
        # A cell shown as 55 % holds 0.55: the format says that it is no slip of unit.
        return f"{value * 100:.13g}%" if "%" in (cell.number_format or "") else text
    if isinstance(value, int):
        return f"{value * 100}%" if "%" in (cell.number_format or "") else str(value)
    return str(value)


def _xlsx_lines(path: Path) -> _Lines:
    """Rows of the first sheet."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        remedy = "Open it in a spreadsheet program and save it as XLSX without a password."
        raise DataError([_fault(path.name, "the file is no XLSX workbook", remedy)]) from error
    try:
        sheet = book.worksheets[0]
        return [
            (number, [_xlsx_cell(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(), start=1)
        ]
    finally:
        book.close()


def read_lines(path: Path) -> _Lines:
    """Rows of a CSV or XLSX file as text, with the number of each; blank rows are left out.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of (int, list of str)
        The header first.

    Raises
    ------
    InputError
        The file is missing, too large, of another kind or empty.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such file. Name a CSV or XLSX file with one firm a row."
        )
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(
            f"{path}: this kind of file cannot be read. Save the table as CSV or XLSX."
        )
    if path.stat().st_size > MOST_BYTES:
        raise InputError(f"{path}: the file is larger than {MOST_BYTES // 10**6} MB. Split it.")
    lines = _csv_lines(path) if path.suffix.lower() == ".csv" else _xlsx_lines(path)
    lines = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not lines:
        remedy = "Fill in data/templates/firms.csv or firms.xlsx."
        raise DataError([_fault(path.name, "the file is empty", remedy)])
    return lines


def _columns(header: Sequence[str], fields: pd.DataFrame, file: str) -> dict[int, str]:
    """Field of each column by heading: the name of the field or its label in either language."""
    names: dict[str, str] = {}
    for row in fields.to_dict("records"):
        for word in (row["field"], row["label_en"], row["label_zh"]):
            names[str(word).casefold()] = str(row["field"])
    found: dict[int, str] = {}
    problems = []
    for place, cell in enumerate(header):
        word = cell.strip()
        field = names.get(word.casefold())
        if field is None:
            if word:
                hint = near(word, fields["field"])
                remedy = f"{hint} Remove the column if it is none of the fields."
                problems.append(_fault(file, "no field has this name", remedy, 1, word, word))
        elif field in found.values():
            problems.append(
                _fault(file, "the column occurs more than once", "Remove one.", 1, word, word)
            )
        else:
            found[place] = field
    if "firm_id" not in found.values():
        remedy = "Add a column firm_id with a different text in each row."
        problems.append(_fault(file, "the column is missing", remedy, 1, "firm_id"))
    if problems:
        raise DataError(problems)
    return found


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet program would compute a cell rather than show it.

    Examples
    --------
    >>> [_is_formula(text) for text in ("=1+1", "@x", "-3.5", "-x", "+86")]
    [True, True, False, True, False]
    """
    if text.startswith(("=", "@", "\t", "\r")):
        return True
    return text.startswith(("+", "-")) and not _NUMBER.fullmatch(text.rstrip("%％ "))


class _CellError(Exception):
    """A cell cannot be used: the rule it breaks and what to do."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule, self.remedy = rule, remedy


def _unit_words(unit: str) -> str:
    words = {"pct": "per cent", "m_cny": "million yuan", "rank": "a rank"}
    return words.get(unit, unit)


def _number(text: str, unit: str) -> tuple[float, bool]:
    """A number, and whether the cell spells out the unit of its column."""
    spelled = False
    for word in _OWN_UNIT.get(unit, ()):
        if text.endswith(word):
            text, spelled = text.removesuffix(word).strip(), True
            break
    if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text), spelled
    wanted = f"a number in {_unit_words(unit)}" if unit else "a number"
    match = _WITH_UNIT.fullmatch(text)
    if match and not spelled and not _NUMBER.fullmatch(text):
        raise _CellError(f"wrong unit, {wanted} is needed", _converted(match[1], match[2], unit))
    raise _CellError(f"not a number, {wanted} is needed", "Write digits with a decimal point only.")


def _converted(number: str, word: str, unit: str) -> str:
    factor = _MONEY.get(word.strip()) if unit == "m_cny" else None
    plain = number.replace(",", "")
    if factor is None or not _NUMBER.fullmatch(plain):
        return f"Convert it and write the number alone, in {_unit_words(unit)}."
    return f"Write {float(plain) * factor:.12g}, which is the same in million yuan."


def _limits(value: float, field: Mapping[str, Any]) -> None:
    if pd.notna(field["minimum"]) and value < field["minimum"]:
        raise _CellError(f"below {field['minimum']:g}", "Correct it, or leave the cell blank.")
    if pd.notna(field["maximum"]) and value > field["maximum"]:
        raise _CellError(f"above {field['maximum']:g}", "Correct it, or leave the cell blank.")


def _plausible(value: float, field: Mapping[str, Any]) -> None:
    low, high, unit = field["plausible_from"], field["plausible_to"], str(field["unit"])
    if pd.notna(low) and low > 0 and 0 < value < low:
        percent = f"{value * 100:.12g}"
        raise _CellError(
            "implausible, it looks like a fraction and per cent are needed",
            f"Write {percent} if {percent} % is meant, or {value:.12g}% if it is really that small.",
        )
    too_low = pd.notna(low) and low < 0 and value < low
    if too_low or (pd.notna(high) and value > high):
        remedy = "Correct it, or leave the cell blank."
        if unit == "m_cny":
            million = f"{value / 1e6:.12g}"
            remedy = (
                f"Write {million} if {value:.12g} yuan is meant, or {value:.12g}百万元 if it is really "
                "that large."
            )
        raise _CellError(f"implausible, too large for {_unit_words(unit)}", remedy)


def _value(text: str, field: Mapping[str, Any]) -> object:
    """A cell in the type of its field."""
    kind, unit = field["kind"], "" if pd.isna(field["unit"]) else str(field["unit"])
    if _is_formula(text):
        raise _CellError("the cell looks like a formula", "Write the value itself.")
    if kind == "text":
        return text
    if kind == "category":
        choices = str(field["choices"]).split(";")
        if text not in choices:
            raise _CellError(f"not one of {', '.join(choices)}", near(text, choices))
        return text
    if kind == "boolean":
        if text.casefold() not in (*_YES, *_NO):
            raise _CellError("neither true nor false", "Write true, false or nothing.")
        return text.casefold() in _YES
    if kind == "rank" and text.casefold() in NONE:
        return math.inf
    value, spelled = _number(text, unit)
    if kind in ("integer", "rank") and value != int(value):
        raise _CellError("not a whole number", "Write a whole number, or leave the cell blank.")
    _limits(value, field)
    if not spelled:
        _plausible(value, field)
    return value


def _row_problems(
    values: Mapping[str, Any], cells: Mapping[str, str]
) -> list[tuple[str, str, str, str]]:
    """Contradictions between the cells of a firm: column, value, rule, remedy."""
    found = []
    for part, whole in _PARTS:
        if part in values and whole in values and values[part] > values[whole] * 1.0001:
            rule = f"more than {whole}, {cells[whole]}, of which it is part"
            found.append(
                (part, cells[part], rule, "Check both, and that both are in million yuan.")
            )
    for late, early in _YEARS:
        both = [values[name] for name in (late, early) if values.get(name, 0) > 0]
        if len(both) == 2 and max(both) / min(both) > JUMP:
            rule = f"implausible beside {early}, {cells[early]}: more than {JUMP:g} times apart"
            found.append((late, cells[late], rule, "Check that both are in million yuan."))
    rd, revenue = values.get("rd_m_cny"), values.get("revenue_m_cny")
    if rd and revenue and rd > JUMP * revenue:
        rule = f"implausible beside revenue_m_cny, {cells['revenue_m_cny']}"
        found.append(("rd_m_cny", cells["rd_m_cny"], rule, "Check that both are in million yuan."))
    if values.get("ip_class") in ("none", "class_2") and values.get("class_1_ip_in_use", 0) > 0:
        rule = f"contradicts ip_class, {values['ip_class']}"
        cell = cells["class_1_ip_in_use"]
        found.append(("class_1_ip_in_use", cell, rule, "Correct one of the two."))
    return found


def _read_row(
    number: int,
    cells: Sequence[str],
    columns: Mapping[int, str],
    fields: Mapping[str, Any],
    file: str,
) -> tuple[dict[str, Any], list[Problem]]:
    problems, values, texts = [], dict[str, Any](), dict[str, str]()
    extra = [cell for place, cell in enumerate(cells) if place not in columns and cell.strip()]
    if extra:
        rule = "the row has cells beyond its columns"
        problems.append(
            _fault(file, rule, "Quote cells that contain a comma.", number, None, extra[0])
        )
    for place, name in columns.items():
        text = cells[place].strip() if place < len(cells) else ""
        if not text:
            if fields[name]["required"]:
                problems.append(_fault(file, "the cell is blank", "Fill it in.", number, name))
            continue
        try:
            values[name], texts[name] = _value(text, fields[name]), text
        except _CellError as error:
            problems.append(_fault(file, error.rule, error.remedy, number, name, text))
    problems += [
        _fault(file, rule, remedy, number, name, text)
        for name, text, rule, remedy in _row_problems(values, texts)
    ]
    return values, problems


def _typed(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], fields: Mapping[str, Any]
) -> pd.DataFrame:
    data = {}
    for name in columns:
        cells = [row.get(name) for row in rows]
        kind = fields[name]["kind"]
        dtype = {"boolean": "boolean", "text": "str", "category": "str"}.get(kind, "float64")
        if dtype == "float64":
            cells = [np.nan if cell is None else cell for cell in cells]
        data[name] = pd.Series(cells, dtype=dtype)
    return pd.DataFrame(data)


def read_firms(path: Path, fields: pd.DataFrame, skip_invalid: bool = False) -> FirmTable:
    """Read and check a table of firms.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or GBK, or XLSX, of which the first sheet is read. Columns are headed by the
        name of a field or its label in either language, in any order; fields may be left out.
    fields : DataFrame
        Table ``firm_fields``.
    skip_invalid : bool
        Whether rows with a fault are left out rather than refused.

    Returns
    -------
    FirmTable

    Raises
    ------
    InputError
        The file cannot be read.
    DataError
        With every fault of every row; with `skip_invalid` only if no row is left, or if a heading is
        at fault.
    """
    lines = read_lines(path)
    by_name = {str(row["field"]): row for row in fields.to_dict("records")}
    columns = _columns(lines[0][1], fields, path.name)
    rows, problems = [], list[Problem]()
    seen: dict[str, int] = {}
    for number, cells in lines[1:]:
        values, found = _read_row(number, cells, columns, by_name, path.name)
        firm = values.get("firm_id")
        if firm is not None and seen.setdefault(firm, number) != number:
            rule = f"the firm stands in row {seen[firm]} already"
            found.append(_fault(path.name, rule, "Keep one row a firm.", number, "firm_id", firm))
        problems += found
        if not found:
            rows.append(values)
    if problems and (not skip_invalid or not rows):
        raise DataError(problems)
    if not rows:
        raise DataError([_fault(path.name, "there is no firm in the file", "Add one firm a row.")])
    return FirmTable(_typed(rows, list(columns.values()), by_name), tuple(problems), len(lines) - 1)
