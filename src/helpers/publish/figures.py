"""Figures: one style, a footer with unit, base, basis and source, in several formats.

Figures are made without pyplot, so nothing global is left behind and the picture shown in the
notebook is the file that was saved. A :class:`Setting` changes width, text sizes and fonts of the
figures that are drawn inside :func:`using`, as a journal wants them.
"""

from __future__ import annotations

import base64
import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers.publish import fonts, undrawn
from helpers.publish.drawn import Drawn, drawn
from helpers.publish.files import write_all
from helpers.publish.layouts import lay_out, remembered
from helpers.publish.tables import csv_bytes

# Okabe and Ito (2008): distinguishable with colour-vision deficiency.
COLOURS = {
    "focal": "#D55E00", "main": "#0072B2", "light": "#9ECAE1", "second": "#009E73",
    "third": "#E69F00", "fourth": "#CC79A7", "grey": "#8C8C8C", "pale": "#E6E6E6", "ink": "#222222",
}  # fmt: skip
FORMATS = ("svg", "pdf", "png")
RASTER = ("png", "tiff")
ALL_FORMATS = (*FORMATS, "tiff", "eps")
DPI = 200
MM = 1 / 25.4


@dataclass(frozen=True)
class Setting:
    """How figures are drawn: on the screen, or for a journal.

    Parameters
    ----------
    width : float or None
        Inches that every figure is wide; None for the width it was designed for.
    height : float or None
        Inches that no figure is higher than.
    base : float
        Points of the text that has nine in the design.
    minimum : float
        Points that no text is smaller than.
    hairline : float
        Points that no line is thinner than.
    fonts : {"sans", "serif"}
        See ``publish.fonts``.
    framed : bool
        Whether title and footer are drawn; a journal sets them as text beside the figure.
    formats : tuple of str
        Of :data:`ALL_FORMATS`.
    dpi : int
        Of PNG and TIFF.
    outlines : bool
        Whether text in SVG is drawn as outlines, which need no font, or kept as text.
    """

    width: float | None = None
    height: float | None = None
    base: float = 9.0
    minimum: float = 5.0
    hairline: float = 0.2
    fonts: str = "sans"
    framed: bool = True
    formats: tuple[str, ...] = FORMATS
    dpi: int = DPI
    outlines: bool = True

    @property
    def scale(self) -> float:
        """Size of the text over its size in the design."""
        return self.base / SCREEN_BASE


SCREEN_BASE = 9.0
SCREEN = Setting()
_SETTING: ContextVar[Setting] = ContextVar("setting", default=SCREEN)


# Whether views are called for their records alone.
_RECORDS_ONLY: ContextVar[bool] = ContextVar("records_only", default=False)


@contextmanager
def records_only() -> Iterator[None]:
    """Have :func:`new` give stand-ins that draw nothing; see :mod:`helpers.publish.undrawn`."""
    before = _RECORDS_ONLY.set(True)
    try:
        yield
    finally:
        _RECORDS_ONLY.reset(before)


def setting() -> Setting:
    """The setting that figures are drawn in now."""
    return _SETTING.get()


@contextmanager
def using(chosen: Setting) -> Iterator[Setting]:
    """Draw figures as another setting says.

    Parameters
    ----------
    chosen : Setting

    Examples
    --------
    >>> with using(Setting(base=7.5, minimum=6.0)):
    ...     round(points(8), 2), points(6.5)
    (6.67, 6.0)
    """
    before = _SETTING.set(chosen)
    try:
        yield chosen
    finally:
        _SETTING.reset(before)


def points(size: float) -> float:
    """A font size given for the design size, as the present setting wants it.

    Parameters
    ----------
    size : float
        Points in a figure whose text is set in 9 points.

    Returns
    -------
    float
        Never below the setting's smallest size.

    Examples
    --------
    >>> points(8)
    8.0
    """
    return max(setting().minimum, size * setting().scale)


def line(width: float) -> float:
    """A line width given for the design size, as the present setting wants it.

    Parameters
    ----------
    width : float
        Points.

    Returns
    -------
    float
        Nought stays nought; else never below the setting's thinnest line.

    Examples
    --------
    >>> line(0.8), line(0)
    (0.8, 0.0)
    """
    return max(setting().hairline, width * setting().scale) if width else 0.0


def style() -> dict[str, Any]:
    """Matplotlib settings of all figures; bytes do not depend on the day or the machine."""
    texts = {
        "font.size": 9, "axes.titlesize": 9, "axes.labelsize": 9, "xtick.labelsize": 8,
        "ytick.labelsize": 8, "legend.fontsize": 8,
    }  # fmt: skip
    lines = {
        "axes.linewidth": 0.8, "grid.linewidth": 0.6, "lines.linewidth": 1.5,
        "patch.linewidth": 1.0, "hatch.linewidth": 1.0, "xtick.major.width": 0.8,
        "ytick.major.width": 0.8,
    }  # fmt: skip
    return {
        **{name: points(size) for name, size in texts.items()},
        **{name: line(width) for name, width in lines.items()},
        "font.family": list(fonts.families(setting().fonts)),
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#555555",
        "axes.axisbelow": True, "axes.titlelocation": "left", "grid.color": "#E0E0E0",
        "legend.frameon": False, "axes.unicode_minus": False,
        # Without hinting a text is equally wide at every resolution and in every format.
        "text.hinting": "none",
        # matplotlib 3.11 counts characters for PDF by the type set for PostScript: with another
        # type there it would embed every font twice.
        "pdf.fonttype": 42, "ps.fonttype": 42,
        "svg.fonttype": "path" if setting().outlines else "none", "svg.hashsalt": "study",
        "figure.facecolor": "white", "savefig.facecolor": "white",
    }  # fmt: skip


@lru_cache(maxsize=1)
def _plain() -> dict[str, Any]:
    """Matplotlib's own settings, whatever a user's ``matplotlibrc`` or notebook has set."""
    # Another backend would be loaded.
    return {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"}


@contextmanager
def styled() -> Iterator[None]:
    """Context in which axes are drawn with the study's style and nobody else's."""
    if _RECORDS_ONLY.get():
        yield
        return
    with fonts.in_memory(), mpl.rc_context(_plain() | style()):
        yield


@dataclass(frozen=True)
class Record:
    """What a reader must know of a figure or table.

    Parameters
    ----------
    name : str
        File name without suffix, unique within the study, for instance ``"02_shares"``.
    title : str
    unit, base, period, basis, as_of : str
        Shown in the footer where not empty.
    source : str
        Citations.
    note : str
        Anything else, above all what is missing.
    alt : str
        What is drawn, for readers who cannot see it; see :meth:`alt_text`.
    """

    name: str
    title: str
    unit: str = ""
    base: str = ""
    period: str = ""
    basis: str = ""
    as_of: str = ""
    source: str = ""
    note: str = ""
    alt: str = ""

    def alt_text(self, language: str) -> str:
        """The alternative text; without one of its own, title, unit, base and period."""
        if self.alt:
            return self.alt
        stop, comma = (". ", ", ") if language == "en" else ("。", "，")
        facts = comma.join(text for text in (self.unit, self.base, self.period) if text)
        return stop.join(text.rstrip(".。") for text in (self.title, facts) if text) + stop.strip()

    def footer(self, language: str) -> str:
        """The footer as one paragraph per subject."""
        words = {
            "en": ("Unit", "Base", "Period", "Basis", "As of", "Note", "Source"),
            "zh": ("单位", "基数", "时期", "口径", "截至", "注", "资料来源"),
        }[language]
        facts = zip(
            words[:5], (self.unit, self.base, self.period, self.basis, self.as_of), strict=True
        )
        stop, end = (". ", ".") if language == "en" else ("。", "。")
        colon = ": " if language == "en" else "："
        stated = [f"{word}{colon}{text.rstrip('.。')}" for word, text in facts if text]
        lines = [stop.join(stated)]
        lines += [f"{words[5]}{colon}{self.note}"] if self.note else []
        lines += [f"{words[6]}{colon}{self.source}"] if self.source else []
        return "\n".join(line.rstrip(".。") + end for line in lines if line)


class SavedFigure:
    """A figure on disk, shown in a notebook at a readable width."""

    def __init__(self, path: Path, record: Record, inches: float, language: str = "en") -> None:
        self.path = path
        self.record = record
        self._width = round(inches * 100)
        self._alt = record.alt_text(language)

    def __repr__(self) -> str:
        return f"Figure {self.record.name}: {self.record.title}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        png = base64.b64encode(self.path.read_bytes()).decode("ascii")
        data = {"image/png": png, "text/plain": repr(self)}
        return data, {"image/png": {"width": self._width, "alt": self._alt}}


def new(width: float = 7.0, height: float = 4.0, **grid: Any) -> tuple[Figure, Any]:
    """A figure and its axes; call it inside :func:`styled`.

    Parameters
    ----------
    width, height : float
        Inches in the design; a setting may change them. Footer and title are added to the height
        when the figure is saved.
    **grid
        Passed to ``Figure.subplots``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : Axes or array of Axes
    """
    if _RECORDS_ONLY.get():
        stand_in: Any = undrawn.Undrawn()
        return stand_in, undrawn.axes(**grid)
    figure = Figure(figsize=_size(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(**grid)


def _size(width: float, height: float) -> tuple[float, float]:
    """The size of a figure in the present setting.

    Rows of text need a height that goes with the text's size, plots one that goes with the width.
    """
    present = setting()
    if present.width is None:
        return width, height
    needed = height * max(present.width / width, present.scale)
    return present.width, min(needed, present.height or needed)


def _wrapped(text: str, columns: int) -> str:
    """Wrap at a width counted in half-width cells: a Chinese character takes two."""
    lines = []
    for paragraph in text.split("\n"):
        if all(ord(char) < 0x2E80 for char in paragraph):
            lines += textwrap.wrap(paragraph, columns, break_long_words=False) or [""]
            continue
        line, used, pieces = "", 0, _pieces(paragraph)
        for piece in pieces:
            size = sum(2 if ord(char) >= 0x2E80 else 1 for char in piece)
            if used + size > columns and line.strip():
                lines.append(line.rstrip())
                line, used, piece = "", 0, piece.lstrip()
            line, used = line + piece, used + size
        lines.append(line.rstrip())
    return "\n".join(lines)


def _pieces(paragraph: str) -> list[str]:
    """Words of Latin text, single characters of Chinese text; marks stay with what precedes."""
    pieces: list[str] = []
    for char in paragraph:
        wide, closing = ord(char) >= 0x2E80, char in "，。；：、）》”’！？"
        joined = pieces and not pieces[-1].endswith(" ") and not wide
        if pieces and (closing or (joined and ord(pieces[-1][-1]) < 0x2E80)):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _fit(artist: Any, text: str, columns: int, figure: Figure) -> int:
    """Wrap a text so that it stays within the figure's width, and count its lines."""
    # A little less than there is: letters are wider in the file than at the resolution measured.
    room, least = 0.96 * figure.bbox.width, columns // 2
    while True:
        artist.set_text(_wrapped(text, columns))
        width = artist.get_window_extent().width
        if width <= room or columns <= least:
            return int(artist.get_text().count("\n")) + 1
        # Letters differ in width, so the number of columns is only a first guess.
        columns = max(least, min(columns - 1, int(columns * room / width)))


def _frame_with_text(figure: Figure, record: Record, language: str) -> None:
    """Add title and footer outside the axes by growing the figure."""
    width, height = figure.get_size_inches()
    scale = setting().scale
    title = figure.text(
        0.01, 1.0, "", fontsize=points(10.5), ha="left", va="top", linespacing=1.25
    )  # fmt: skip
    footer = figure.text(
        0.01, 0.0, "", fontsize=points(6.8), ha="left", va="bottom", color="#444444",
        linespacing=1.3,
    )  # fmt: skip
    title_lines = _fit(title, record.title, int(width / scale * 14.2), figure)
    footer_lines = _fit(footer, record.footer(language), int(width / scale * 21.5), figure)
    top = 0.10 + 0.19 * scale * title_lines
    bottom = (0.12 + 0.135 * points(6.8) / 6.8 * footer_lines) if footer.get_text() else 0.05
    total = height + top + bottom
    figure.set_size_inches(width, total)
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0.005, bottom / total, 0.99, height / total))
    title.set_y(1 - 0.06 / total)
    footer.set_y(0.05 / total)


def _settle(figure: Figure) -> None:
    """Lay the axes out once and round their places.

    The layout ends in the last digits wherever its iteration stops, which would make the bytes of
    two runs differ.
    """
    lay_out(figure)
    # None leaves no engine at all; with "none" a placeholder stays, and every save draws twice.
    figure.set_layout_engine(None)
    for axes in figure.axes:
        left, bottom, width, height = (round(float(v), 5) for v in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def _metadata(suffix: str, record: Record, language: str) -> dict[str, Any]:
    """What a file says of itself; nothing that changes from day to day."""
    if suffix == "svg":
        return {"Date": None, "Creator": None}
    if suffix == "pdf":
        return {
            "CreationDate": None, "Producer": None, "Creator": None, "Title": record.title,
            "Subject": record.alt_text(language),
        }  # fmt: skip
    return {"Software": None}


def _described(svg: bytes, record: Record, language: str) -> bytes:
    """An SVG with a title and a description, which screen readers read."""
    head, start, rest = svg.partition(b"<svg ")
    attributes, end, body = rest.partition(b">")
    # Pages may hold several pictures, and a name is used once in a page.
    title, text = f"{record.name}-title", f"{record.name}-text"
    own = f'role="img" lang="{language}" aria-labelledby="{title} {text}" '
    texts = (
        f'\n<title id="{title}">{escape(record.title)}</title>'
        f'\n<desc id="{text}">{escape(record.alt_text(language))}</desc>'
    )
    return head + start + own.encode() + attributes + end + texts.encode() + body


# Of a glyph's place only what can be seen: a hundredth of a point.
_GLYPH_PLACE = re.compile(rb'transform="translate\((\d+(?:\.\d{1,2})?)\d* 0\)"/>')
_DIGITS = re.compile(rb"(?<![\d.(])(\d+\.\d\d)\d+(?![\d)])")
_STEP = re.compile(rb" \n([LQC]) (?=[-\d])")


def _lean(figure: Figure) -> None:
    """Give every text of a figure the shortest list of families that all of them need.

    matplotlib looks up each family of the list for each text, dozens of times while it lays out.
    Numbers on an axis may still change, and always are in the first family.
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_ticklabels()  # which are set when they are asked for
    full = list(fonts.families(setting().fonts))
    texts = [text for text in figure.findobj(Text) if list(text.get_fontfamily()) == full]
    needed = "".join(text.get_text() for text in texts)
    lean = list(fonts.families_for(needed, setting().fonts))
    for text in texts:
        text.set_fontfamily(lean)


# Tables of a font that nothing asks for once the places of letters are settled: of kerning, which
# takes fontTools longer to prune than all others; and those that PDF (ISO 32000-1, 9.9) wants in no
# font whose letters are called by number.
_KERNING = ("GPOS", "GDEF", "GSUB", "kern")
_UNCALLED = {"pdf": ("OS/2", "cmap", "name")}


@contextmanager
def _lean_embedding(suffix: str) -> Iterator[None]:
    """Have fonts embedded in a file of one format without tables that it does not need."""
    from fontTools.subset import Options

    before = Options._drop_tables_default
    Options._drop_tables_default = [*before, *_KERNING, *_UNCALLED.get(suffix, ())]
    try:
        yield
    finally:
        Options._drop_tables_default = before


_EPS_DAY = re.compile(rb"%%CreationDate:[^\n]*\n")
_INDENT = re.compile(rb"\n +")


_OUTLINE = re.compile(rb'(<path id="[^"]+" d=")([^"]+)(" transform="scale)')
_TOKEN = re.compile(rb"[MLQCZz]|-?\d+(?:\.\d+)?")


def _between(values: Sequence[float]) -> str:
    """Numbers of a path with no more between them than is needed to tell them apart."""
    texts = [f"{round(value, 2):g}" for value in values]
    return texts[0] + "".join(text if text[0] == "-" else f" {text}" for text in texts[1:])


@lru_cache(maxsize=16384)
def _relative(outline: bytes) -> bytes:
    """The outline of a letter in steps from point to point: the same shape, a third shorter.

    Examples
    --------
    >>> _relative(b"M 563 0L563 486L1613 486Q1700 500 1613 390 z")
    b'm563 0v486h1050q87 14 0-96z'
    """
    made, x, y, start = [], 0.0, 0.0, (0.0, 0.0)
    tokens = _TOKEN.findall(outline)
    place, command = 0, b""
    while place < len(tokens):
        if tokens[place].isalpha():
            command, place = tokens[place], place + 1
        if command in b"Zz":
            made.append("z")
            x, y = start
            continue
        count = {b"M": 2, b"L": 2, b"Q": 4, b"C": 6}[command]
        points = [float(token) for token in tokens[place : place + count]]
        place += count
        steps = [value - (y if odd % 2 else x) for odd, value in enumerate(points)]
        x, y = points[-2:]
        if command == b"L" and steps[0] == 0:
            made.append(f"v{_between(steps[1:])}")
        elif command == b"L" and steps[1] == 0:
            made.append(f"h{_between(steps[:1])}")
        else:
            made.append(command.decode().lower() + _between(steps))
        start = (x, y) if command == b"M" else start
    return "".join(made).encode()


def _slim(svg: bytes) -> bytes:
    """An SVG of outlines without needless digits and blanks, about half the size."""
    svg = _OUTLINE.sub(lambda found: found[1] + _relative(found[2]) + found[3], svg)
    svg = svg.replace(fonts.SUBSET_FAMILY.replace(" ", "").encode() + b"-Regular-", b"g-")
    svg = _GLYPH_PLACE.sub(rb'x="\1"/>', svg)
    return _DIGITS.sub(rb"\1", _INDENT.sub(b"\n", _STEP.sub(rb"\1", svg)))


def _picture(figure: Figure, suffix: str) -> bytes:
    """A drawn figure as PNG or TIFF, without the channel of transparency, which no paper has."""
    from PIL import Image

    dpi = setting().dpi
    canvas: Any = figure.canvas
    width, height = canvas.get_width_height()
    image = Image.frombytes("RGB", (width, height), canvas.buffer_rgba(), "raw", "RGBX")
    buffer = io.BytesIO()
    # Higher levels of compression take twice the time and save nothing on such pictures.
    options: dict[str, Any] = (
        {"compress_level": 2} if suffix == "png" else {"compression": "tiff_lzw"}
    )
    image.save(buffer, format=suffix, dpi=(dpi, dpi), **options)
    return buffer.getvalue()


def _render(made: Drawn, record: Record, language: str, suffix: str) -> bytes:
    """The content of a file of one format."""
    if suffix in RASTER:
        return _picture(made.figure, suffix)
    # SVG is written in many small pieces of text, each of which would be encoded.
    buffer = io.StringIO() if suffix == "svg" else io.BytesIO()
    metadata = None if suffix == "eps" else _metadata(suffix, record, language)
    # Where text stays text, a renderer asks the text itself for its place.
    own = made.has_pixels or (suffix == "svg" and not setting().outlines)
    # In PostScript, matplotlib 3.11 calls the letters of a font of type 42 that names none of them by
    # names which the embedded font does not hold: no text would be seen.
    letters = {"ps.fonttype": 3} if suffix == "eps" else {}
    with _lean_embedding(suffix), mpl.rc_context(letters):
        (made.figure if own else made.sheet()).savefig(
            buffer, format=suffix, dpi=setting().dpi, metadata=metadata
        )
    written = buffer.getvalue()
    content = written.encode() if isinstance(written, str) else written
    if suffix == "eps":
        return _EPS_DAY.sub(b"", content)
    if suffix == "pdf":
        return content
    return _described(_slim(content) if setting().outlines else content, record, language)


def render(figure: Figure, record: Record, language: str = "en") -> dict[str, bytes]:
    """The files of a figure by suffix, in the formats of the present setting.

    Parameters
    ----------
    figure : Figure
        From :func:`new`; can be rendered once.
    record : Record
    language : {"en", "zh"}
        Of the footer's words.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    ValueError
        Some character has no glyph in the fonts.
    """
    with styled(), remembered(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if not isinstance(figure.canvas, FigureCanvasAgg):
            FigureCanvasAgg(figure)  # a user's figure may have another canvas, or none that draws
        figure.set_dpi(setting().dpi)
        if setting().framed:
            _frame_with_text(figure, record, language)
        _lean(figure)
        _settle(figure)
        made = drawn(figure)
        files = {suffix: _render(made, record, language, suffix) for suffix in setting().formats}
    for item in caught:
        if "missing from font" in str(item.message):
            raise ValueError(f"figure {record.name}: {item.message}")
        warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
    return files


def contents(
    figure: Figure, record: Record, language: str = "en", data: pd.DataFrame | None = None
) -> dict[str, bytes]:
    """The files of a figure by suffix, with the plotted data as CSV; see :func:`render`."""
    files = render(figure, record, language)
    return files if data is None else {**files, "csv": csv_bytes(data)}


def put(
    files: Mapping[str, bytes], inches: float, record: Record, folder: Path, language: str = "en"
) -> SavedFigure:
    """Write what :func:`contents` gave; see :func:`save`."""
    write_all({folder / f"{record.name}.{suffix}": content for suffix, content in files.items()})
    drawn = [suffix for suffix in files if suffix != "csv"]
    shown = next((suffix for suffix in ("png", *drawn) if suffix in files), "png")
    return SavedFigure(folder / f"{record.name}.{shown}", record, inches, language)


def save(
    figure: Figure, record: Record, folder: Path, language: str = "en",
    data: pd.DataFrame | None = None,
) -> SavedFigure:  # fmt: skip
    """Write a figure as SVG, PDF and PNG, with the plotted data as CSV.

    Parameters
    ----------
    figure : Figure
        From :func:`new`.
    record : Record
    folder : Path
        Folder of the figures; created if need be.
    language : {"en", "zh"}
        Of the footer's words.
    data : DataFrame or None
        The plotted figures.

    Returns
    -------
    SavedFigure

    Raises
    ------
    ValueError
        Some character has no glyph in the fonts.
    OutputError
        The folder cannot be written or the disk is full; no half-written file is left.
    """
    files = contents(figure, record, language, data)
    return put(files, figure.get_size_inches()[0], record, folder, language)
