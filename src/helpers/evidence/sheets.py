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
from helpers.evidence.bilingual import Pick, in_english

MOST_PACKED = 200_000_000
MOST_UNPACKED = 600_000_000
MOST_RATIO = 200
MOST_PARTS = 5_000
MOST_COLUMNS = 200
MOST_ROWS = 1_048_576
_RATIO_FROM = 5_000_000

Line = tuple[int, list[str]]


def check_archive(path: Path, t: Pick = in_english) -> None:
    """Refuse a workbook that is none, is encrypted or would unpack to too much.

    Parameters
    ----------
    path : Path
    t : callable
        Picks the language of the messages.

    Raises
    ------
    InputError
        With what is wrong and what to do.
    """
    if path.stat().st_size > MOST_PACKED:
        most = MOST_PACKED // 10**6
        raise InputError(
            t(
                f"{path}: the file is larger than {most} MB. Split it.",
                f"{path}：文件超过{most} MB。请拆分。",
            )
        )
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            t(
                f"{path}: the workbook is protected by a password or of the old XLS kind. "
                "Save it as XLSX without a password.",
                f"{path}：工作簿已加密，或为旧版XLS格式。请另存为不加密的XLSX。",
            )
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_parts(path, parts, t)
            if any(_has_entities(archive, part) for part in parts):
                raise InputError(
                    t(
                        f"{path}: the workbook declares entities of its own, which no spreadsheet "
                        "program writes. Save it once more as XLSX.",
                        f"{path}：工作簿自行声明了实体，表格软件不会写入此类内容。请重新另存为XLSX。",
                    )
                )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError,
            EOFError, ValueError) as error:  # fmt: skip
        if isinstance(error, InputError):
            raise
        raise InputError(
            t(
                f"{path}: the file is no XLSX workbook, or is damaged. Open it in a spreadsheet "
                "program and save it as XLSX.",
                f"{path}：文件不是XLSX工作簿，或已损坏。请用表格软件打开，另存为XLSX。",
            )
        ) from error


def _check_parts(path: Path, parts: list[zipfile.ZipInfo], t: Pick) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    too_much = unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS
    if too_much or (unpacked > _RATIO_FROM and unpacked > MOST_RATIO * packed):
        size = unpacked // 10**6
        raise InputError(
            t(
                f"{path}: {len(parts)} parts unpack to {size} MB, more than a table of this kind "
                "can hold. Copy the values into a new workbook.",
                f"{path}：{len(parts)}个部件解压后达{size} MB，超出此类表格的容量。"
                "请将数值复制到新的工作簿。",
            )
        )


def _has_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part of XML begins with a document type, whose entities may multiply text."""
    if not part.filename.endswith((".xml", ".rels")):
        return False
    with archive.open(part) as xml:
        return b"<!DOCTYPE" in xml.read(2048)


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
    percent = "%" in number_format
    if isinstance(value, int):
        # In full: a long code must not become a power of ten.
        return f"{value * 100}%" if percent else str(value)
    if isinstance(value, float):
        return f"{value * 100:.13g}%" if percent else f"{value:.15g}"
    return str(value).strip()


def _lines(path: Path, sheet: Any, t: Pick) -> Iterator[Line]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if len(row) > MOST_COLUMNS and any(cell.value is not None for cell in row[MOST_COLUMNS:]):
            raise InputError(
                t(
                    f"{path}, sheet {sheet.title}, row {number}: more than {MOST_COLUMNS} columns "
                    "are filled. Keep the columns of the table only.",
                    f"{path}，工作表{sheet.title}，第{number}行：填写超过{MOST_COLUMNS}列。"
                    "请仅保留表格的列。",
                )
            )
        if number > MOST_ROWS:
            raise InputError(
                t(
                    f"{path}, sheet {sheet.title}: more than {MOST_ROWS} rows. Split it.",
                    f"{path}，工作表{sheet.title}：超过{MOST_ROWS}行。请拆分。",
                )
            )
        cells = [cell_text(c.value, c.number_format or "") for c in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def read_sheets(path: Path, t: Pick = in_english, most: int | None = None) -> dict[str, list[Line]]:
    """The filled rows of the sheets of an XLSX workbook.

    Parameters
    ----------
    path : Path
    t : callable
        Picks the language of the messages.
    most : int or None
        Number of sheets to read, from the first; None for all. Others may hold anything.

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

    check_archive(path, t)
    try:
        # The reader leaves a file open that it cannot read to the end.
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, keep_links=False)
            return {sheet.title: list(_lines(path, sheet, t)) for sheet in book.worksheets[:most]}
    except InputError:
        raise
    except Exception as error:
        kind = type(error).__name__
        raise InputError(
            t(
                f"{path}: the workbook cannot be read ({kind}). Open it in a spreadsheet program "
                "and save it as XLSX.",
                f"{path}：工作簿无法读取（{kind}）。请用表格软件打开，另存为XLSX。",
            )
        ) from error
