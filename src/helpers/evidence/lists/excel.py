"""Rows of XLSX, XLSM, XLSB, ODS and XLS workbooks; macros, formulas and links are not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from helpers.evidence.lists.guard import Limits, ListError


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


def _sheet(book: Any, name: str, limits: Limits) -> Iterator[dict[str, Any]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.width > limits.columns:
        raise ListError(
            f"sheet {name[:40]!r} has {sheet.width:,} columns, a list has at most {limits.columns:,}. "
            "Delete what does not belong to the list."
        )
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
    kinds = {item.name: item.typ for item in book.sheets_metadata}
    for name in book.sheet_names:
        if kinds.get(name, calamine.SheetTypeEnum.WorkSheet) != calamine.SheetTypeEnum.WorkSheet:
            continue
        yield {"sheet": name}
        yield from _sheet(book, name, limits)
