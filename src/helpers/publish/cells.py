"""How a cell of a table reads, in whatever format the table is written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

import numpy as np
import pandas as pd

MISSING = "—"
# True and False as readers see them.
BOOLEANS = {"en": ("yes", "no"), "zh": ("是", "否")}
_MOST_DECIMALS = 4
_YEAR = re.compile(r"\byears?\b|年", re.IGNORECASE)
_CODE = re.compile(r"_id$|\b(id|codes?)\b|代码|编码", re.IGNORECASE)


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing.

    Examples
    --------
    >>> is_missing(None), is_missing(float("nan")), is_missing(pd.NA), is_missing("")
    (True, True, True, False)
    """
    return value is None or value is pd.NA or value is pd.NaT or (
        isinstance(value, float) and math.isnan(value)
    )  # fmt: skip


def is_whole(value: Any) -> bool:
    """Whether a cell is a whole number, and not a truth value."""
    return hasattr(value, "__index__") and not isinstance(value, bool | np.bool_)


def is_numeric(values: Iterable[Any]) -> bool:
    """Whether all cells that hold something are numbers; false where none does.

    Examples
    --------
    >>> is_numeric([1, None, 2.5]), is_numeric(["1"]), is_numeric([True]), is_numeric([None])
    (True, False, False, False)
    """
    held = [value for value in values if not is_missing(value)]
    return bool(held) and all(is_whole(value) or isinstance(value, float) for value in held)


def decimals(values: Iterable[Any]) -> int:
    """Decimal places that a column of numbers is shown with.

    Parameters
    ----------
    values : iterable
        Missing values and whole numbers are passed over.

    Returns
    -------
    int
        Two, or as many up to four as show two digits of the smallest number that is not zero; none
        where every fraction is zero.

    Examples
    --------
    >>> decimals([12.5, 3.0]), decimals([0.031, 0.5]), decimals([0.0004]), decimals([2.0, None])
    (2, 3, 4, 0)
    """
    floats = [
        abs(float(v)) for v in values if isinstance(v, float) and not is_missing(v)
        and math.isfinite(v)
    ]  # fmt: skip
    if all(value == int(value) for value in floats):
        return 0
    least = min(value for value in floats if value > 0)
    return max(2, min(_MOST_DECIMALS, 1 - math.floor(math.log10(least))))


def places(frame: pd.DataFrame) -> list[int]:
    """Decimal places of each column of a frame; see :func:`decimals`."""
    return [decimals(frame.iloc[:, number]) for number in range(frame.shape[1])]


def is_grouped(head: Any, values: Iterable[Any]) -> bool:
    """Whether the digits of a column stand in groups of three: not those of years and codes.

    Parameters
    ----------
    head : object
        Name of the column.
    values : iterable
        Its cells.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_grouped("Year", [2021, 2022]), is_grouped("Firms per year", [2021, 12790])
    (False, True)
    >>> is_grouped("place_id", [210000]), is_grouped("企业数", [210000])
    (False, True)
    """
    if _CODE.search(str(head)):
        return False
    held = [value for value in values if not is_missing(value)]
    dated = bool(_YEAR.search(str(head))) and all(
        isinstance(value, float) or is_whole(value) for value in held
    )
    return not (dated and all(1800 <= value <= 2200 and value == int(value) for value in held))


def grouped(frame: pd.DataFrame) -> list[bool]:
    """Of each column of a frame; see :func:`is_grouped`."""
    return [is_grouped(head, frame.iloc[:, n]) for n, head in enumerate(frame.columns)]


def _number_text(value: float, digits: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if not round(value, digits):
        # A rounded nothing has no sign; what is smaller than all that is shown is not nothing.
        small = value > 0 and digits >= _MOST_DECIMALS
        return f"< {10.0**-digits:.{digits}f}" if small else f"{0:.{digits}f}"
    return f"{value:,.{digits}f}"


def cell_text(value: Any, language: str, digits: int = 2, grouped: bool = True) -> str:
    """A cell as its reader sees it.

    Parameters
    ----------
    value : object
        A dash stands for a missing one.
    language : {"en", "zh"}
        Of truth values.
    digits : int
        Decimal places of a number that is not whole.
    grouped : bool
        Digits stand in groups of three.

    Returns
    -------
    str

    Examples
    --------
    >>> cell_text(2021, "en", grouped=False), cell_text(pd.Timestamp("2024-07-01"), "en")
    ('2021', '2024-07-01')
    >>> [cell_text(value, "zh", 1) for value in (12790, 4.43, None, True, "鞍山")]
    ['12,790', '4.4', '—', '是', '鞍山']
    """
    if is_missing(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return BOOLEANS[language][0 if value else 1]
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if not (isinstance(value, float) or is_whole(value)):
        return str(value)
    text = _number_text(value, digits) if isinstance(value, float) else f"{int(value):,}"
    return text if grouped else text.replace(",", "")


def texts(frame: pd.DataFrame, language: str) -> list[list[str]]:
    """All cells of a frame as texts, row by row."""
    faces = list(zip(places(frame), grouped(frame), strict=True))
    return [
        [cell_text(value, language, *face) for value, face in zip(row, faces, strict=True)]
        for row in frame.itertuples(index=False, name=None)
    ]


def display_width(text: str) -> int:
    """Width of a text in half-width cells; a Chinese character takes two.

    Examples
    --------
    >>> display_width("鞍山 88")
    7
    """
    return sum(2 if ord(char) >= 0x2E80 else 1 for char in text)


_WORD = re.compile(r"[^\s\u2e80-\uffff]+-?|[\u2e80-\uffff]{1,4}")
_PADDING = 2.4


def narrowest(heads: list[str], rows: list[list[str]]) -> list[float]:
    """Least width of each column, in half-width cells, that breaks no word of Latin letters."""
    found = []
    for number, head in enumerate(heads):
        cells = (head, *(row[number] for row in rows))
        words = (word for text in cells for part in text.split("-") for word in _WORD.findall(part))
        found.append(min(24, max(map(display_width, words), default=1)) + _PADDING)
    return found


def widths(heads: list[str], rows: list[list[str]], room: float = 107) -> list[float]:
    """Share of the page that each column gets.

    Parameters
    ----------
    heads : list of str
    rows : list of list of str
    room : float
        Width of the page in half-width cells.

    Returns
    -------
    list of float
        Summing to one. Each column has room for its longest word, and what is left goes to columns
        in proportion to the root of their mean text.
    """
    least = narrowest(heads, rows)
    wanted = []
    for number, head in enumerate(heads):
        sizes = [display_width(row[number]) for row in rows] or [display_width(head)]
        wanted.append(max(0.0, 4 * (sum(sizes) / len(sizes)) ** 0.5 + _PADDING - least[number]))
    left = max(0.0, room - sum(least))
    scale = left / sum(wanted) if sum(wanted) else 0.0
    found = [low + scale * more for low, more in zip(least, wanted, strict=True)]
    return [value / sum(found) for value in found]
