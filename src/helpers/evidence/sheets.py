"""Sheets of a workbook as rows of text, within limits of size.

A workbook is an archive of XML files and may be made to fill a machine's memory. Its directory is
read first; nothing is unpacked that claims, or turns out, to be larger than a table of this subject.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.errors import InputError

MOST_PACKED = 200_000_000
MOST_UNPACKED = 600_000_000
MOST_RATIO = 200
MOST_PARTS = 5_000
MOST_COLUMNS = 200
MOST_ROWS = 1_048_576
_RATIO_FROM = 5_000_000

Line = tuple[int, list[str]]


def check_archive(path: Path) -> None:
    """Refuse a workbook that is none, is encrypted or would unpack to too much.

    Parameters
    ----------
    path : Path

    Raises
    ------
    InputError
        With what is wrong and what to do.
    """
    if path.stat().st_size > MOST_PACKED:
        raise InputError(f"{path}: the file is larger than {MOST_PACKED // 10**6} MB. Split it.")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{path}: the workbook is protected by a password or of the old XLS kind. "
            "Save it as XLSX without a password."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(path, parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as xml:
                        if b"<!DOCTYPE" in xml.read(2048):
                            raise InputError(
                                f"{path}: the workbook declares entities of its own, which no "
                                "spreadsheet program writes. Save it once more as XLSX."
                            )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError,
            EOFError, ValueError) as error:  # fmt: skip
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path}: the file is no XLSX workbook, or is damaged. Open it in a spreadsheet "
            "program and save it as XLSX."
        ) from error


def _check_parts(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    too_much = unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS
    if too_much or (unpacked > _RATIO_FROM and unpacked > MOST_RATIO * packed):
        raise InputError(
            f"{path}: {len(parts)} parts unpack to {unpacked // 10**6} MB, more than a table of "
            "this kind can hold. Copy the values into a new workbook."
        )


def cell_text(value: Any, number_format: str = "") -> str:
    """A cell of a sheet as text; a formula keeps its sign of equality, so that it is found.

    Parameters
    ----------
    value : object
        As openpyxl reads it.
    number_format : str
        A cell shown as 55 % holds 0.55: its text says so, since it is no bare number.

    Returns
    -------
    str

    Examples
    --------
    >>> cell_text(12.0), cell_text(0.55, "0%"), cell_text(True), cell_text(None), cell_text(" a ")
    ('12', '55%', 'true', '', 'a')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, int | float):
        percent = "%" in number_format
        return f"{value * 100:.13g}%" if percent else f"{value:.15g}"
    return str(value).strip()


def _lines(path: Path, sheet: Any) -> Iterator[Line]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if len(row) > MOST_COLUMNS and any(cell.value is not None for cell in row[MOST_COLUMNS:]):
            raise InputError(
                f"{path}, sheet {sheet.title}, row {number}: more than {MOST_COLUMNS} columns are "
                "filled. Keep the columns of the table only."
            )
        if number > MOST_ROWS:
            raise InputError(f"{path}, sheet {sheet.title}: more than {MOST_ROWS} rows. Split it.")
        cells = [cell_text(c.value, c.number_format or "") for c in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def read_sheets(path: Path) -> dict[str, list[Line]]:
    """The filled rows of every sheet of an XLSX workbook.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to list of (int, list of str)
        By the name of the sheet: number and cells of each row that is not blank. Macros and links
        to other files are not looked at; formulas are not computed.

    Raises
    ------
    InputError
        The file is no workbook, is encrypted or is too large.
    """
    from openpyxl import load_workbook

    check_archive(path)
    try:
        # The reader leaves a file open that it cannot read to the end.
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, keep_links=False)
            return {sheet.title: list(_lines(path, sheet)) for sheet in book.worksheets}
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{path}: the workbook cannot be read ({type(error).__name__}). Open it in a "
            "spreadsheet program and save it as XLSX."
        ) from error
