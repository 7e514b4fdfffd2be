"""XLSX workbooks: the same bytes every time, and no cell that a program would compute."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

_EPOCH = datetime(2000, 1, 1)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</)")
# Signs that XML cannot hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A number or a range of numbers, as ours are written; nothing a program would compute.
_NUMBERS = re.compile(r"[+-]?\d[\d,.]*( ?%)?(( to |至|–|—)[+-]?\d[\d,.]*( ?%)?)?")


def printable(text: str) -> str:
    r"""A text without the signs that XML cannot hold.

    Examples
    --------
    >>> printable("a\x00b")
    'ab'
    """
    return _CONTROL.sub("", text)


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet program may compute a text when it opens a CSV file.

    Examples
    --------
    >>> is_formula_like("=SUM(A1)"), is_formula_like("-8 to +2"), is_formula_like("-1+1")
    (True, False, True)
    """
    return text.startswith(("=", "+", "-", "@", "\t", "\r")) and not _NUMBERS.fullmatch(text)


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose texts a spreadsheet program shows as they are.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame
        Texts that look like a formula begin with an apostrophe.

    Examples
    --------
    >>> harmless(pd.DataFrame({"name": ["=1+1", "Acme"], "n": [-1, 2]})).values.tolist()
    [["'=1+1", -1], ['Acme', 2]]
    """

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and is_formula_like(value) else value

    return frame.apply(lambda column: column.map(safe) if _has_text(column) else column)


def _has_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column.dtype)


def _put(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return
    if hasattr(value, "item"):
        value = value.item()
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        # Typed as text, since openpyxl takes a leading sign of equality for a formula.
        cell.value = printable(value)[:32767]
        cell.data_type = "s"
        if is_formula_like(value):
            cell.quotePrefix = True
    else:
        cell.value = value


def add_sheet(
    book: Any, title: str, frame: pd.DataFrame, widths: Mapping[str, float] | None = None
) -> Any:
    """A sheet with a bold header row that stays in view.

    Parameters
    ----------
    book : openpyxl Workbook
    title : str
    frame : DataFrame
        Missing values become empty cells; texts are stored as texts.
    widths : mapping of str to float or None
        Width of columns in characters.

    Returns
    -------
    openpyxl Worksheet
    """
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for place, name in enumerate(frame.columns, start=1):
        _put(sheet, 1, place, str(name))
        sheet.cell(1, place).font = Font(bold=True)
        width = (widths or {}).get(str(name), max(10, min(40, len(str(name)) + 2)))
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, cells in enumerate(frame.itertuples(index=False, name=None), start=2):
        for place, value in enumerate(cells, start=1):
            _put(sheet, number, place, value)
            if isinstance(value, str) and len(value) > 40:
                sheet.cell(number, place).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    return sheet


def new_book() -> Any:
    """A workbook without sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "study"
    book.properties.created = _EPOCH
    return book


def steady(raw: bytes, compressed: bool = False) -> bytes:
    """An Office file that does not depend on the day.

    Parameters
    ----------
    raw : bytes
        An XLSX or DOCX file.
    compressed : bool
        A tenth of the size; its bytes then depend on the build of zlib.

    Returns
    -------
    bytes
    """
    target_bytes = io.BytesIO()
    stamp = _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(target_bytes, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            target.writestr(entry, content, kind)
    return target_bytes.getvalue()


def to_bytes(book: Any) -> bytes:
    """The workbook as a file; see :func:`steady`.

    Parameters
    ----------
    book : openpyxl Workbook

    Returns
    -------
    bytes
    """
    raw = io.BytesIO()
    book.save(raw)
    return steady(raw.getvalue())
