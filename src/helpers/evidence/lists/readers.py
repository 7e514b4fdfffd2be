"""Any file of a list as sheets of rows, the kind told by its content rather than by its name."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from helpers.evidence.lists.guard import (
    Limits,
    ListError,
    check_archive,
    check_size,
    sheets_of_child,
)

# What other files begin with, and what to do with them.
_FOREIGN = (
    (b"\x89PNG", "a picture", "Run text recognition on it first and check the result."),
    (b"\xff\xd8\xff", "a picture", "Run text recognition on it first and check the result."),
    (b"{\\rtf", "an RTF text", "Save it as DOCX."),
    (b"Rar!", "an archive", "Unpack it and name the files in it."),
    (b"7z\xbc\xaf", "an archive", "Unpack it and name the files in it."),
    (b"\x1f\x8b", "an archive", "Unpack it and name the files in it."),
    (b"MZ", "a program", "Name the file of a list."),
    (b"\x7fELF", "a program", "Name the file of a list."),
)
_OFFICE = {"xl/": "excel", "word/": "docx"}


class Row(NamedTuple):
    """A row of a list as it stands in the file.

    Parameters
    ----------
    sheet : str
        Sheet, page or ``document``; empty for CSV.
    number : int
        Row of the sheet or page, or line of the file, from 1.
    cells : list of str
    """

    sheet: str
    number: int
    cells: list[str]


def kind_of(path: Path, limits: Limits) -> str:
    """Kind of a file by its content: ``csv``, ``excel``, ``docx`` or ``pdf``.

    Raises
    ------
    ListError
        It is of none of these kinds, or locked; the message says what to do.
    """
    check_size(path, limits)
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PK"):
        return _office_kind(path, limits)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _old_kind(path)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    for start, what, remedy in _FOREIGN:
        if head.startswith(start):
            raise ListError(f"{path.name}: this is {what}, not a table. {remedy}")
    if (
        head.lstrip(b"\xef\xbb\xbf \t\r\n")
        .lower()
        .startswith((b"<!doc", b"<html", b"<?xml", b"<table"))
    ):
        raise ListError(
            f"{path.name}: this is a web page or XML, whatever its name says. Open it in a "
            "spreadsheet program and save it as XLSX or CSV."
        )
    return "csv"


def _office_kind(path: Path, limits: Limits) -> str:
    names = check_archive(path, limits)
    for start, kind in _OFFICE.items():
        if any(name.startswith(start) for name in names):
            return kind
    if "content.xml" in names and "mimetype" in names:
        return "excel"  # ODS
    raise ListError(
        f"{path.name}: this is an archive, not a table. Unpack it and name the files in it."
    )


def _old_kind(path: Path) -> str:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise ListError(f"{path.name}: it is locked with a password. Save it without one.")
    if "WordDocument".encode("utf-16-le") in content:
        raise ListError(f"{path.name}: this is an old Word document. Save it as DOCX.")
    return "excel"


def _encoding(path: Path) -> str:
    """Encoding of a text file: UTF-8, UTF-16 with a mark, or GB 18030, of which GBK is a part."""
    with path.open("rb") as file:
        head = file.read(4)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        begin = head + file.read(100_000)
    if b"\x00" in begin:
        line = begin[: begin.index(b"\x00")].count(b"\n") + 1
        raise ListError(
            f"{path.name}, line {line}: holds a zero byte, as no text in UTF-8 or GBK does. Open it in a "
            "spreadsheet program and save it as XLSX or as CSV UTF-8."
        )
    lines = []
    for encoding in ("utf-8-sig", "gb18030"):
        fault = _undecodable(path, encoding)
        if not fault:
            return encoding
        lines.append(fault)
    raise ListError(
        f"{path.name}: the text is neither UTF-8 (first fault in line {lines[0]}) nor GBK (line {lines[1]}). Open it "
        "in a spreadsheet program, mend that line and save it as CSV UTF-8."
    )


def _undecodable(path: Path, encoding: str) -> int:
    """First line of a file that is not of an encoding; 0 for none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            block = file.read(1_000_000)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return line + block[: max(0, error.start)].count(b"\n")
            if not block:
                return 0
            line += block.count(b"\n")


def _delimiter(head: str) -> str:
    """The sign that parts the cells of the first lines: a comma, a tab or a semicolon."""
    lines = [line for line in head.splitlines()[:200] if line.strip()]
    counts = {sign: sum(sign in line for line in lines) for sign in (",", "\t", ";")}
    return max(counts, key=lambda sign: counts[sign])


def _csv_rows(path: Path, file: IO[str], limits: Limits) -> Iterator[Row]:
    head = file.read(100_000)
    file.seek(0)
    reader = csv.reader(file, delimiter=_delimiter(head))
    begin = 1
    try:
        for cells in reader:
            if reader.line_num > limits.rows or len(cells) > limits.columns:
                raise ListError(
                    f"{path.name}, line {begin}: a list has at most {limits.rows:,} lines and "
                    f"{limits.columns:,} columns. Split it, or delete what does not belong to it."
                )
            yield Row("", begin, cells)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise ListError(
            f"{path.name}, line {begin}: the line cannot be read ({error}). Check its quotes."
        ) from error
    except UnicodeError as error:
        raise ListError(f"{path.name}: the text is damaged. Save it as CSV UTF-8.") from error


@contextmanager
def rows_of(path: Path, limits: Limits | None = None) -> Iterator[Iterator[Row]]:
    """All rows of a file, sheet by sheet.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, UTF-16, GBK), XLSX, XLS, XLSB, ODS, DOCX or PDF.
    limits : Limits or None
        By default :class:`Limits`.

    Yields
    ------
    iterator of Row
        Blank rows are left out.

    Raises
    ------
    ListError
        The file cannot be read or goes beyond the limits.
    """
    limits = limits or Limits()
    kind = kind_of(path, limits)
    if kind == "csv":
        with path.open(encoding=_encoding(path), newline="") as text:
            yield (row for row in _csv_rows(path, text, limits) if any(row.cells))
        return
    with sheets_of_child(path, kind, limits) as records:
        yield _from_records(records)


def _from_records(records: Iterator[dict[str, object]]) -> Iterator[Row]:
    sheet = ""
    for record in records:
        if "sheet" in record:
            sheet = str(record["sheet"])
            continue
        cells = [str(cell) for cell in record["cells"]]  # type: ignore[attr-defined]
        if any(cell.strip() for cell in cells):
            yield Row(sheet, int(str(record["row"])), cells)
