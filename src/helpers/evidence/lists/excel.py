"""Rows of XLSX, XLSM, XLSB, ODS and XLS workbooks; macros, formulas and links are not looked at."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from helpers.evidence.lists.guard import Limits, ListError

# A filled cell in a column of three letters or more; cells that only have a format are closed at once.
_FAR = re.compile(rb'r="([A-Z]{3,7})(\d{1,7})"[^>]*(?<!/)>')


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _down(sheet: Any) -> dict[tuple[int, int], int]:
    """For each cell covered by a merged one above it in its column, the row of the latter."""
    found: dict[tuple[int, int], int] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if (bottom - top + 1) * (right - left + 1) > 200_000:
            continue
        for row in range(top + 1, bottom + 1):
            found[row, left] = top
    return found


def _column(letters: bytes) -> int:
    """Number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_wide(name: str, columns: int, limits: Limits, cell: str = "") -> ListError:
    filled = f" (cell {cell} is in use)" if cell else ""
    return ListError(
        f"sheet {name[:40]!r} has {columns:,} columns{filled}, a list has at most {limits.columns:,}. "
        "Delete the columns right of the list, or save the table alone as CSV."
    )


def _parts(path: Path) -> dict[str, str]:
    """Part of each sheet of an XLSX file by the sheet's name; none for other formats."""
    from lxml import etree

    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(archive.namelist()):
            return {}
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
        book = etree.fromstring(archive.read("xl/workbook.xml"), parser)
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    if book is None or links is None:
        return {}
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    found = {}
    for sheet in book.iterfind(".//{*}sheets/{*}sheet"):
        target = targets.get(next((v for k, v in sheet.attrib.items() if k.endswith("}id")), ""))
        if target:
            found[str(sheet.get("name"))] = posixpath.normpath(
                posixpath.join("/xl", target)
            ).lstrip("/")
    return found


def _check_width(path: Path, part: str, name: str, limits: Limits) -> None:
    """Refuse a sheet too wide before it is read: the reader makes room for every cell up to the last.

    Columns beyond ZZ have three letters, which hardly any list has, so that the search is quick.
    """
    with zipfile.ZipFile(path) as archive:
        if part not in archive.namelist():
            return
        with archive.open(part) as xml:
            before = b""
            while block := xml.read(1_000_000):
                for letters, row in _FAR.findall(before + block):
                    if _column(letters) > limits.columns:
                        cell = (letters + row).decode()
                        raise _too_wide(name, _column(letters), limits, cell)
                before = block[-200:]


def _sheet(book: Any, name: str, limits: Limits) -> Iterator[dict[str, Any]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.width > limits.columns:
        raise _too_wide(name, sheet.width, limits)
    if sheet.height > limits.rows:
        raise ListError(f"sheet {name[:40]!r} has more than {limits.rows:,} rows. Split it.")
    merged = _down(sheet)
    columns = {column for _, column in merged}
    above: dict[tuple[int, int], str] = {}
    start = sheet.start or (0, 0)
    for number, values in enumerate(sheet.to_python(skip_empty_area=True), start=start[0]):
        cells = [""] * start[1] + [_text(value) for value in values]
        for column in columns:
            if column >= len(cells):
                continue
            top = merged.get((number, column))
            if top is None:
                above[number, column] = cells[column]
            else:
                cells[column] = cells[column] or above.get((top, column), "")
        yield {"row": number + 1, "cells": cells}


def read(path: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    """Records ``{"sheet": name}`` and after each its rows ``{"row": n, "cells": [...]}``.

    Parameters
    ----------
    path : Path
    limits : Limits

    Yields
    ------
    dict

    Raises
    ------
    ListError
        The workbook has a password, is too wide or too long.
    """
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError as error:
        raise ListError("it is locked with a password. Save it without one.") from error
    parts = _parts(path)
    kinds = {item.name: item.typ for item in book.sheets_metadata}
    for name in book.sheet_names:
        if kinds.get(name, calamine.SheetTypeEnum.WorkSheet) != calamine.SheetTypeEnum.WorkSheet:
            continue
        yield {"sheet": name}
        if name in parts:
            _check_width(path, parts[name], name, limits)
        yield from _sheet(book, name, limits)
