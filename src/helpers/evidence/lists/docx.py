"""Tables and paragraphs of DOCX files, in the order of the document."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.evidence.lists.guard import Limits, ListError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Text that was struck out in a tracked change, and text of fields, is not part of what is printed.
_SKIPPED = {_W + "del", _W + "instrText", _W + "txbxContent"}


def _text(node: Any) -> str:
    parts: list[str] = []
    stack = [node]
    while stack:
        item = stack.pop()
        if item.tag in _SKIPPED:
            continue
        if item.tag == _W + "t":
            parts.append(item.text or "")
        elif item.tag in (_W + "tab", _W + "br", _W + "cr"):
            parts.append(" ")
        stack.extend(reversed(item))
    return "".join(parts)


def _property(cell: Any, name: str) -> Any:
    properties = cell.find(_W + "tcPr")
    return None if properties is None else properties.find(_W + name)


def _width(cell: Any) -> int:
    span = _property(cell, "gridSpan")
    text = "1" if span is None else span.get(_W + "val", "1")
    return min(int(text), 100) if text.isdigit() else 1


def _own_cells(row: Any) -> Iterator[Any]:
    """Cells of a row, those in content controls too, but none of tables within its cells."""
    for child in row:
        if child.tag == _W + "tc":
            yield child
        elif child.tag == _W + "sdt":
            yield from child.findall(f"{_W}sdtContent/{_W}tc")


def _cells(row: Any, above: dict[int, str]) -> list[str]:
    """Cells of a row by column; one that a merged cell covers repeats its text."""
    found: list[str] = []
    before = row.find(f"{_W}trPr/{_W}gridBefore")
    skip = "0" if before is None else before.get(_W + "val", "0")
    found += [""] * (min(int(skip), 100) if skip.isdigit() else 0)
    for cell in _own_cells(row):
        merge = _property(cell, "vMerge")
        column = len(found)
        if merge is not None and merge.get(_W + "val", "continue") == "continue":
            text = above.get(column, "")
        else:
            text = " ".join(_text(part) for part in cell.iter(_W + "p"))
            above[column] = text
        found += [text] + [""] * (_width(cell) - 1)
    return found


def _blocks(path: Path) -> Iterator[Any]:
    from lxml import etree

    with zipfile.ZipFile(path) as archive, archive.open("word/document.xml") as part:
        # Entities are not expanded, nothing is fetched, and depth stays limited.
        events = etree.iterparse(
            part, events=("start", "end"), resolve_entities=False, no_network=True,
            load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        depth = 0
        try:
            for event, node in events:
                if node.tag in (_W + "tbl", _W + "p", _W + "tr"):
                    depth += 1 if event == "start" else -1
                    row_of_outer = node.tag == _W + "tr" and depth == 1
                    if event == "end" and (depth == 0 or row_of_outer):
                        yield node
                        node.clear()
        except etree.XMLSyntaxError as error:
            raise ListError(f"the file is damaged ({error.msg}). Save it anew.") from error


def read(path: Path, limits: Limits) -> Iterator[dict[str, Any]]:
    """Records ``{"sheet": name}`` and rows ``{"row": n, "cells": [...]}``; a paragraph is a row too.

    Parameters
    ----------
    path : Path
    limits : Limits

    Yields
    ------
    dict
        The rows of all tables and paragraphs are numbered together, as they follow each other.

    Raises
    ------
    ListError
        The XML is damaged or too large.
    """
    yield {"sheet": "document"}
    number = 0
    above: dict[int, str] = {}
    for node in _blocks(path):
        if node.tag == _W + "tbl":  # its rows came before it
            above.clear()
            continue
        cells = _cells(node, above) if node.tag == _W + "tr" else [_text(node)]
        if node.tag == _W + "p" and not cells[0].strip():
            continue
        number += 1
        if number > limits.rows or len(cells) > limits.columns:
            raise ListError(
                f"the table has more than {limits.rows:,} rows or {limits.columns:,} columns."
            )
        yield {"row": number, "cells": cells}
