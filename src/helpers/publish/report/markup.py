"""Harmless HTML of what notebooks put out: an allow-list of tags, everything else is text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from html.parser import HTMLParser
from typing import Any

from helpers.publish.cells import display_width

# What stays; other tags are dropped and their text is kept.
_TAGS = {
    "a", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt",
    "em", "h1",
    "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "li", "ol", "p", "pre", "s", "small", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
# These are dropped with all that is in them.
_SILENT = {"head", "iframe", "noscript", "object", "script", "style", "svg", "template", "title"}
_VOID = {"br", "hr"}
_ADDRESS = re.compile(r"(?:https?://|mailto:|#|[\w./%-]+(?:[#?]|$))", re.IGNORECASE)
_CELLS = {"td", "th"}
_SPAN = re.compile(r"[1-9]\d{0,2}")


def is_safe_address(address: str) -> bool:
    """Whether a link may lead there: the web, a mail address, or a file beside the page.

    Examples
    --------
    >>> [is_safe_address(one) for one in ("https://a.cn", "b.html#c", "javascript:alert(1)")]
    [True, True, False]
    """
    return _ADDRESS.match(address.strip()) is not None


class _Cleaner(HTMLParser):
    """Collects allowed tags, closes what was left open, and links the ids of sources."""

    def __init__(self, link: Any) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []
        self._link = link

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        if self._silent or tag not in _TAGS:
            return
        told = {name: value or "" for name, value in attrs}
        kept = ""
        if tag == "a" and is_safe_address(told.get("href", "")):
            kept = f' href="{escape(told["href"].strip())}" rel="noopener"'
        if tag in _CELLS:
            kept += ' class="num"' if _is_right(told) else ""
            kept += "".join(
                f' {name}="{told[name]}"'
                for name in ("colspan", "rowspan")
                if _SPAN.fullmatch(told.get(name, ""))
            )
        kept += " open" if tag == "details" and "open" in told else ""
        self.parts.append(f"<{tag}{kept}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        while tag in self._open:
            last = self._open.pop()
            self.parts.append(f"</{last}>")
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        text = escape(data)
        self.parts.append(text if "a" in self._open or "code" in self._open else self._link(text))

    def finish(self) -> str:
        self.close()
        self.parts += [f"</{tag}>" for tag in reversed(self._open)]
        return "".join(self.parts)


def _is_right(attributes: dict[str, str]) -> bool:
    numbers = "number" in attributes.get("class", "").split()
    return numbers or "text-align:right" in attributes.get("style", "").replace(" ", "")


def _same(text: str) -> str:
    return text


def clean(html: str, link: Any = _same) -> str:
    """HTML without scripts, styles, handlers and unsafe links.

    Parameters
    ----------
    html : str
    link : callable
        Applied to each escaped piece of text outside links and code; adds links.

    Returns
    -------
    str
        Well-formed; a tag left open is closed.

    Examples
    --------
    >>> clean('<p onclick="x()">Acme <script>alert(1)</script><img src=x onerror=y><b>3 < 5')
    '<p>Acme <b>3 &lt; 5</b></p>'
    """
    cleaner = _Cleaner(link)
    cleaner.feed(html)
    return cleaner.finish()


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def _trusted() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("table")


def of_markdown(text: str, link: Any = _same) -> str:
    """HTML of Markdown that a cell put out; tags inside it are text, for they come from data.

    Examples
    --------
    >>> of_markdown("**<b>Acme</b>** · 3")
    '<p><strong>&lt;b&gt;Acme&lt;/b&gt;</strong> · 3</p>'
    """
    return clean(str(_markdown().render(text)), link).strip()


def of_prose(text: str) -> str:
    """HTML of a notebook's own prose.

    Examples
    --------
    >>> of_prose("## Why")
    '<h2>Why</h2>'
    """
    return clean(str(_trusted().render(text))).strip()


@dataclass
class Grid:
    """A table as rows of cells, each already HTML.

    Parameters
    ----------
    head : list of str
        Empty for a table without heads.
    rows : list of list of str
    right : set of int
        Columns of numbers.
    """

    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    right: set[int] = field(default_factory=set)

    @property
    def width(self) -> int:
        """Number of columns."""
        return max(map(len, [self.head, *self.rows]), default=0)

    def weights(self, least: int = 4, most: int = 46) -> list[int]:
        """How much room each column wants: a high quantile of its cells' lengths.

        A Chinese character counts twice; `least` and `most` bound what a column can ask for.
        """
        found = []
        for place in range(self.width):
            cells = [row[place] for row in [self.head, *self.rows] if place < len(row)]
            sizes = sorted(display_width(plain(cell)) for cell in cells)
            longest = max(
                (display_width(word) for c in cells for word in plain(c).split()), default=0
            )
            wanted = max(sizes[int(0.8 * (len(sizes) - 1))], min(longest, 14)) if sizes else 0
            found.append(max(least, min(most, wanted)) + 4)
        return found


def plain(html: str) -> str:
    """The text of a piece of HTML.

    Examples
    --------
    >>> plain("<b>3 &lt; 5</b>")
    '3 < 5'
    """
    from html import unescape

    return unescape(re.sub(r"<[^<>]*>", "", html))


class _GridReader(HTMLParser):
    """Rows and cells of the first table; a cell's content is kept as it stands."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.rows: list[list[tuple[str, bool, bool]]] = []
        self._cell: list[str] | None = None
        self._head = self._right = self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._done:
            return
        if tag == "tr":
            self.rows.append([])
        elif tag in _CELLS and self.rows:
            self._cell, self._head = [], tag == "th"
            self._right = dict(attrs).get("class") == "num"
        elif self._cell is not None:
            self._cell.append(str(self.get_starttag_text()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._done = True
        elif tag in _CELLS and self._cell is not None:
            self.rows[-1].append(("".join(self._cell), self._head, self._right))
            self._cell = None
        elif self._cell is not None:
            self._cell.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def grid_of_html(html: str) -> Grid:
    """The first table of clean HTML.

    Parameters
    ----------
    html : str
        From :func:`clean`; tables inside tables are not expected.

    Returns
    -------
    Grid
        Without the row numbers that pandas puts first.

    Examples
    --------
    >>> grid_of_html('<table><tr><th>a</th></tr><tr><td class="num">1</td></tr></table>')
    Grid(head=['a'], rows=[['1']], right={0})
    """
    reader = _GridReader()
    reader.feed(html)
    rows = [row for row in reader.rows if row]
    headed = bool(rows) and all(head for _, head, _ in rows[0])
    head, body = (rows[0], rows[1:]) if headed else ([], rows)
    # In the body pandas writes its index as heads.
    start = 1 if body and all(row[0][1] for row in body) and headed else 0
    right = {
        place
        for place in range(max(map(len, body), default=0) - start)
        if any(len(row) > place + start and row[place + start][2] for row in body)
    }
    texts = [[cell for cell, _, _ in row[start:]] for row in body]
    return Grid([cell for cell, _, _ in head[start:]], texts, right)


def grid_of_frame(columns: Sequence[str], rows: Sequence[Sequence[str]], link: Any = _same) -> Grid:
    """A table of texts, escaped.

    Examples
    --------
    >>> grid_of_frame(["n"], [["<3"]]).rows
    [['&lt;3']]
    """
    return Grid(
        [escape(str(name)) for name in columns],
        [[link(escape(str(cell))) if str(cell) else "—" for cell in row] for row in rows],
    )
