"""Executed notebooks as blocks that pages and documents are made of."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from helpers.errors import InputError
from helpers.publish.report import markup
from helpers.publish.report.markup import Grid
from helpers.publish.report.outputs import Caption, Outputs
from helpers.publish.workbook import is_formula_like

_NAMED = re.compile(r"(Figure|Table) ([\w.-]+):\s*(.*)")
_CLAIM = re.compile(r"\*\*(C\d-\d\d)\*\*")
_OTHER = {"en": "lang-zh", "zh": "lang-en"}
_HEADING = re.compile(r"^#\s+(.+)$", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Prose:
    """A markdown cell of the notebook."""

    text: str


@dataclass(frozen=True)
class Code:
    """A code cell."""

    text: str


@dataclass(frozen=True)
class Figure:
    """A saved figure; `number` counts through the whole report."""

    caption: Caption
    number: int


@dataclass(frozen=True)
class Picture:
    """A picture that was shown without being saved."""

    content: bytes
    alt: str


@dataclass(frozen=True)
class Table:
    """A saved table; `number` counts through the whole report, `sortable` shows all rows."""

    caption: Caption
    number: int
    grid: Grid
    more: int = 0
    sortable: bool = False


@dataclass(frozen=True)
class Listing:
    """A table that was shown without being saved."""

    grid: Grid


@dataclass(frozen=True)
class Said:
    """HTML of what a cell said; of a claim that it judges, the claim and its verdict."""

    html: str
    claim: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class Trouble:
    """An error or a warning of a cell, as text."""

    text: str


Block = Prose | Code | Figure | Picture | Table | Listing | Said | Trouble


@dataclass
class Page:
    """One notebook of the report."""

    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)


class Reader:
    """Reads notebooks one after the other and numbers their figures and tables.

    Parameters
    ----------
    outputs : Outputs
    link : callable
        Adds links to escaped text; see :func:`markup.clean`.
    """

    def __init__(self, outputs: Outputs, link: Callable[[str], str]) -> None:
        self._outputs = outputs
        self._link = link
        judged = outputs.verdicts
        self._verdicts = dict(zip(judged["claim_id"], judged["verdict"], strict=True))
        self._numbers = {"figure": 0, "table": 0}
        self._shown: dict[tuple[str, str], int] = {}

    def page(self, path: Path) -> Page:
        """The blocks of one notebook.

        Raises
        ------
        InputError
            The file is not a notebook.
        """
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError, nbformat.reader.NotJSONError) as error:
            raise InputError(
                f"{path}: is not a notebook ({error}). Run the study again."
            ) from error
        page = Page(path.stem, path.stem)
        for cell in notebook.cells:
            page.blocks += self._cell(cell)
        titles = (_HEADING.search(one.text) for one in page.blocks if isinstance(one, Prose))
        page.title = next((found[1].strip() for found in titles if found), path.stem)
        return page

    def _cell(self, cell: Any) -> Iterator[Block]:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown":
            if _OTHER[self._outputs.language] not in tags and cell.source.strip():
                yield Prose(cell.source)
        elif cell.cell_type == "code":
            if cell.source.strip():
                yield Code(cell.source)
            for output in cell.outputs:
                block = self._output(output)
                if block is not None:
                    yield block

    def _output(self, output: Any) -> Block | None:
        if output.output_type == "stream":
            return Trouble(_ANSI.sub("", output.text)) if output.text.strip() else None
        if output.output_type == "error":
            return Trouble(f"{output.ename}: {output.evalue}")
        data: Mapping[str, Any] = output.data
        plain = str(data.get("text/plain", ""))
        named = _NAMED.match(plain)
        if "image/png" in data:
            return self._picture(data["image/png"], output.metadata, named)
        if named and named[1] == "Table" and "text/html" in data:
            return self._table(named, str(data["text/html"]))
        return self._plain(data, plain)

    def _plain(self, data: Mapping[str, Any], plain: str) -> Block | None:
        if "text/html" in data:
            html = markup.clean(str(data["text/html"]), self._link)
            if 'class="dataframe"' in str(data["text/html"]):
                return Listing(markup.grid_of_html(html))
            return Said(html)
        if "text/markdown" in data:
            text = str(data["text/markdown"])
            claim = _CLAIM.match(text.lstrip())
            key = claim[1] if claim else ""
            return Said(markup.of_markdown(text, self._link), key, self._verdicts.get(key, ""))
        return Said(f"<pre>{escape(plain)}</pre>") if plain else None

    def _picture(self, png: str, metadata: Any, named: re.Match[str] | None) -> Block:
        if named and named[1] == "Figure" and self._outputs.files("figure", named[2]):
            caption = self._outputs.caption("figure", named[2], named[3])
            return Figure(caption, self._number("figure", named[2]))
        alt = metadata.get("image/png", {}).get("alt", "")
        return Picture(base64.b64decode(png), str(alt))

    def _table(self, named: re.Match[str], html: str) -> Table:
        name = named[2]
        title = named[3].splitlines()[0] if named[3] else name
        caption = self._outputs.caption("table", name, title)
        number = self._number("table", name)
        path = self._outputs.folder / "tables" / f"{name}.csv"
        if "<script" in html and path.is_file():
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
            rows = [[_bare(cell) for cell in row] for row in frame.to_numpy().tolist()]
            grid = markup.grid_of_frame(list(frame.columns), rows, self._link)
            return Table(caption, number, grid, sortable=True)
        grid = markup.grid_of_html(markup.clean(html, self._link))
        return Table(caption, number, grid, self._more(path, grid))

    def _more(self, path: Path, grid: Grid) -> int:
        """Rows of the file that the notebook did not show."""
        if not path.is_file():
            return 0
        rows = len(pd.read_csv(path, dtype=str, encoding="utf-8-sig"))
        return max(0, rows - len(grid.rows))

    def _number(self, kind: str, name: str) -> int:
        """A figure that is shown again keeps its number."""
        if (kind, name) not in self._shown:
            self._numbers[kind] += 1
            self._shown[kind, name] = self._numbers[kind]
        return self._shown[kind, name]


def _bare(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from computing it."""
    return cell[1:] if cell[:1] == "'" and is_formula_like(cell[1:]) else cell


def source_linker(outputs: Outputs, target: str) -> Callable[[str], str]:
    """A function that links the ids of sources in a text to their entry.

    Parameters
    ----------
    outputs : Outputs
    target : str
        Page of the sources; empty where it is the same document.

    Returns
    -------
    callable
    """
    pattern = outputs.source_pattern
    return lambda text: pattern.sub(rf'<a class="src" href="{target}#\g<0>">\g<0></a>', text)
