"""Rows of tables in PDF files, from the ruled lines of each page or else from gaps in its text."""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.evidence.lists.guard import Limits, ListError

# Points. A rule thinner than this is a line, and lines nearer than this are one.
_THIN = 2.5
_SAME = 3.0
_MANY_PATHS = 200_000


@dataclass(frozen=True)
class Char:
    """A character with its box on the page, in points from the lower left."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def x(self) -> float:
        """Middle across."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """Middle up."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True)
class Rules:
    """Ruled lines of a page: (position, from, to), upright ones by x and level ones by y."""

    upright: tuple[tuple[float, float, float], ...]
    level: tuple[tuple[float, float, float], ...]


def merged(values: Sequence[float], gap: float = _SAME) -> list[float]:
    """Positions in order, those nearer than a gap put together.

    Examples
    --------
    >>> merged([10.0, 50.0, 10.5])
    [10.25, 50.0]
    """
    groups: list[list[float]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] < gap:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _chars(text: Any, raw: Any) -> list[Char]:
    found = []
    box = [ctypes.c_double() for _ in range(4)]
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (0, 9, 10, 13, 32, 0xA0, 0x3000, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000:
            continue
        if not raw.FPDFText_GetCharBox(
            text, index, *map(ctypes.byref, (box[0], box[1], box[2], box[3]))
        ):
            continue
        left, right, bottom, top = (item.value for item in box)
        found.append(Char(chr(code), left, bottom, right, top))
    return found


def _segments(path: Any, raw: Any) -> Iterator[tuple[float, float, float, float]]:
    """Straight pieces of a path, in page coordinates."""
    matrix = path.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    last = start = (0.0, 0.0)
    for index in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            start = here
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield (*last, *here)
        if raw.FPDFPathSegment_GetClose(segment):
            yield (*here, *start)
        last = here


def _rules(page: Any, raw: Any) -> Rules:
    upright, level = [], []
    for count, path in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4)):
        if count > _MANY_PATHS:
            raise ListError("a page holds a drawing, not a table. Save the table alone as CSV.")
        for x0, y0, x1, y1 in _segments(path, raw):
            if abs(x0 - x1) < _THIN <= abs(y0 - y1):
                upright.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
            elif abs(y0 - y1) < _THIN <= abs(x0 - x1):
                level.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
    return Rules(tuple(upright), tuple(level))


def lines_of(chars: Sequence[Char]) -> list[list[Char]]:
    """Characters by line of print, from the top down, each from left to right."""
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda item: -item.y):
        height = max(char.top - char.bottom, 4.0)
        if lines and abs(lines[-1][0].y - char.y) < 0.6 * height:
            lines[-1].append(char)
        else:
            lines.append([char])
    return [sorted(line, key=lambda item: item.left) for line in lines]


def _printed(chars: Sequence[Char]) -> str:
    """Text of a cell or line: lines follow each other, a wide gap of Latin print is a blank."""
    parts: list[str] = []
    for line in lines_of(chars):
        last: Char | None = None
        for char in line:
            latin = last is not None and (last.text + char.text).isascii()
            wide = last is not None and char.left - last.right > 0.25 * (char.top - char.bottom)
            parts.append((" " if latin and wide else "") + char.text)
            last = char
        parts.append(" ")
    # A name that goes on in a second line of its cell is one; Latin words keep their gap.
    return "".join(parts).strip()


def _is_ruled(rules: Rules) -> bool:
    return len({round(x) for x, _, _ in rules.upright}) >= 2 and len(rules.level) >= 2


def ruled_rows(chars: Sequence[Char], rules: Rules) -> list[list[str]]:
    """Rows of a page with ruled lines; text outside the table stands in rows of one cell.

    Parameters
    ----------
    chars : sequence of Char
    rules : Rules

    Returns
    -------
    list of list of str
        From the top down. Where a level line does not reach across a column, the cells above and
        below it are one and both rows show its text, as with merged cells of a workbook.
    """
    xs = merged([x for x, _, _ in rules.upright])
    ys = merged([y for y, _, _ in rules.level])
    inside: dict[tuple[int, int], list[Char]] = defaultdict(list)
    outside = []
    for char in chars:
        column, row = bisect_right(xs, char.x) - 1, bisect_right(ys, char.y) - 1
        if 0 <= column < len(xs) - 1 and 0 <= row < len(ys) - 1:
            inside[row, column].append(char)
        else:
            outside.append(char)
    found = [(max(char.y for char in line), [_printed(line)]) for line in lines_of(outside)]
    level: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for line in rules.level:
        level[min(range(len(ys)), key=lambda k: abs(ys[k] - line[0]))].append(line)
    merges = _merges(xs, ys, level)
    texts = {top: _printed([c for row in rows for c in inside.get((row, top[1]), ())])
             for top, rows in merges.items()}  # fmt: skip
    for row in range(len(ys) - 1):
        cells = [""] * (len(xs) - 1)
        for (_, column), rows in merges.items():
            if row in rows:
                cells[column] = texts[rows[0], column]
        across = _across(inside, row, xs, (ys[row] + ys[row + 1]) / 2, rules)
        if across:
            cells = [across] + [""] * (len(xs) - 2)
        if any(cells):
            found.append(((ys[row] + ys[row + 1]) / 2, cells))
    return [cells for _, cells in sorted(found, key=lambda item: -item[0])]


def _across(
    inside: dict[tuple[int, int], list[Char]], row: int, xs: Sequence[float], y: float, rules: Rules
) -> str:
    """Text of a row that is one cell from edge to edge and one piece of print; else empty.

    A page whose columns are not ruled all the way down has gaps in the print of its rows.
    """
    edges = [x for x, low, high in rules.upright if low - 1 <= y <= high + 1]
    if any(xs[0] + _SAME < x < xs[-1] - _SAME for x in edges):
        return ""
    lines = lines_of([c for column in range(len(xs) - 1) for c in inside.get((row, column), ())])
    if len(lines) != 1 or len(_gapped(lines[0])) != 1:
        return ""
    return _printed(lines[0])


def _merges(
    xs: Sequence[float], ys: Sequence[float],
    level: dict[int, list[tuple[float, float, float]]],
) -> dict[tuple[int, int], list[int]]:  # fmt: skip
    """Runs of rows, from the lowest up, that no level line parts within a column."""
    found: dict[tuple[int, int], list[int]] = {}
    for column in range(len(xs) - 1):
        middle = (xs[column] + xs[column + 1]) / 2
        run: list[int] = []
        for row in range(len(ys) - 1):
            parted = any(low - 1 <= middle <= high + 1 for _, low, high in level[row])
            if parted or not run:
                run = [row]
                found[row, column] = run
            else:
                run.append(row)
    return found


def _gapped(line: Sequence[Char]) -> list[tuple[float, float, str]]:
    """Pieces of a line that wide gaps part: left, right, text."""
    pieces: list[list[Char]] = []
    for char in line:
        size = max(char.top - char.bottom, 4.0)
        if pieces and char.left - pieces[-1][-1].right < 0.9 * size:
            pieces[-1].append(char)
        else:
            pieces.append([char])
    return [(piece[0].left, piece[-1].right, "".join(c.text for c in piece)) for piece in pieces]


def loose_rows(chars: Sequence[Char]) -> list[list[str]]:
    """Rows of a page without ruled lines: each piece stands in the column it overlaps.

    Parameters
    ----------
    chars : sequence of Char

    Returns
    -------
    list of list of str
        Columns are the bands across the page that pieces of lines with several pieces fill.
    """
    lines = [_gapped(line) for line in lines_of(chars)]
    bands: list[list[float]] = []
    for left, right, _ in sorted(piece for line in lines if len(line) > 1 for piece in line):
        if bands and left < bands[-1][1]:
            bands[-1][1] = max(bands[-1][1], right)
        else:
            bands.append([left, right])
    starts = [left for left, _ in bands]
    rows = []
    for line in lines:
        cells = [""] * max(1, len(bands))
        for left, right, text in line:
            column = max(0, bisect_right(starts, (left + min(right, left + 12)) / 2) - 1)
            cells[column] = f"{cells[column]} {text}".strip()
        rows.append(cells)
    return rows


def _open(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "assword" in str(error):
            raise ListError("it is locked with a password. Save it without one.") from error
        raise ListError("the file is a damaged PDF. Download it again.") from error


def read(path: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    """Records ``{"sheet": "page n"}`` and after each its rows ``{"row": n, "cells": [...]}``.

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
        The file is damaged or locked, has too many pages, or holds pictures of text only.
    """
    import pypdfium2.raw as raw

    book = _open(path)
    if len(book) > limits.pages:
        raise ListError(f"it has {len(book):,} pages, more than {limits.pages:,}. Split it.")
    some = False
    for number in range(len(book)):
        page = book[number]
        text = page.get_textpage()
        chars = _chars(text, raw)
        some = some or bool(chars)
        rules = _rules(page, raw) if chars else Rules((), ())
        yield {"sheet": f"page {number + 1}"}
        rows = ruled_rows(chars, rules) if _is_ruled(rules) else loose_rows(chars)
        for row, cells in enumerate(rows, start=1):
            yield {"row": row, "cells": cells}
        text.close()
        page.close()
    if not some:
        raise ListError(
            "it holds pictures of pages and no text (a scan). Run text recognition (OCR) first and "
            "check its result against the pages, or look for the list as a spreadsheet."
        )
