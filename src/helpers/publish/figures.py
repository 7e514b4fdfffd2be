"""Figures: one style, a footer with unit, base, basis and source, three formats.

Figures are made without pyplot, so nothing global is left behind and the picture shown in the
notebook is the file that was saved.
"""

from __future__ import annotations

import base64
import io
import textwrap
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers.publish import fonts
from helpers.publish.tables import write_csv

# Okabe and Ito (2008): distinguishable with colour-vision deficiency.
COLOURS = {
    "focal": "#D55E00", "main": "#0072B2", "light": "#9ECAE1", "second": "#009E73",
    "third": "#E69F00", "fourth": "#CC79A7", "grey": "#8C8C8C", "pale": "#E6E6E6", "ink": "#222222",
}  # fmt: skip
FORMATS = ("svg", "pdf", "png")
DPI = 200


def style() -> dict[str, Any]:
    """Matplotlib settings of all figures; bytes do not depend on the day or the machine."""
    return {
        "font.family": list(fonts.families()), "font.size": 9, "axes.titlesize": 9,
        "axes.labelsize": 9, "xtick.labelsize": 8, "ytick.labelsize": 8, "legend.fontsize": 8,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#555555",
        "axes.axisbelow": True, "axes.titlelocation": "left", "grid.color": "#E0E0E0",
        "grid.linewidth": 0.6, "legend.frameon": False, "lines.linewidth": 1.5,
        "axes.unicode_minus": False, "pdf.fonttype": 42, "svg.fonttype": "path",
        "svg.hashsalt": "study", "figure.facecolor": "white", "savefig.facecolor": "white",
    }  # fmt: skip


def points(size: float) -> float:
    """A font size given for the design size, as the present style wants it.

    Parameters
    ----------
    size : float
        Points in a figure whose text is set in 9 points.

    Returns
    -------
    float
    """
    return size


def line(width: float) -> float:
    """A line width given for the design size, in points, as the present style wants it."""
    return width


def styled() -> AbstractContextManager[None]:
    """Context in which axes are drawn with the study's style."""
    return mpl.rc_context(style())


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

    def __init__(self, path: Path, record: Record, inches: float) -> None:
        self.path = path
        self.record = record
        self._width = round(inches * 100)

    def __repr__(self) -> str:
        return f"Figure {self.record.name}: {self.record.title}"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        png = base64.b64encode(self.path.read_bytes()).decode("ascii")
        data = {"image/png": png, "text/plain": repr(self)}
        return data, {
            "image/png": {"width": self._width, "alt": self.record.alt or self.record.title}
        }


def new(width: float = 7.0, height: float = 4.0, **grid: Any) -> tuple[Figure, Any]:
    """A figure and its axes; call it inside :func:`styled`.

    Parameters
    ----------
    width, height : float
        Inches; the footer and title are added to the height when the figure is saved.
    **grid
        Passed to ``Figure.subplots``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : Axes or array of Axes
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(**grid)


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
    title = figure.text(0.01, 1.0, "", fontsize=10.5, ha="left", va="top", linespacing=1.25)
    footer = figure.text(
        0.01, 0.0, "", fontsize=6.8, ha="left", va="bottom", color="#444444", linespacing=1.3
    )
    title_lines = _fit(title, record.title, int(width * 14.2), figure)
    footer_lines = _fit(footer, record.footer(language), int(width * 21.5), figure)
    top = 0.10 + 0.19 * title_lines
    bottom = (0.12 + 0.135 * footer_lines) if footer.get_text() else 0.05
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
    # The layout alone: drawing without rendering would draw every artist once more.
    engine: Any = figure.get_layout_engine()
    engine.execute(figure)
    # None leaves no engine at all; with "none" a placeholder stays, and every save draws twice.
    figure.set_layout_engine(None)
    for axes in figure.axes:
        left, bottom, width, height = (round(float(v), 5) for v in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


_METADATA: Mapping[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "png": {"Software": None},
}


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
    """
    folder.mkdir(parents=True, exist_ok=True)
    with styled(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Small Chinese text is some 5 % wider at the resolution of the file than at the default one.
        figure.set_dpi(DPI)
        _frame_with_text(figure, record, language)
        _settle(figure)
        files = {}
        for suffix in FORMATS:
            buffer = io.BytesIO()
            figure.savefig(buffer, format=suffix, dpi=DPI, metadata=_METADATA[suffix])
            files[folder / f"{record.name}.{suffix}"] = buffer.getvalue()
    for item in caught:
        if "missing from font" in str(item.message):
            raise ValueError(f"figure {record.name}: {item.message}")
        warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
    for path, content in files.items():
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(content)
        partial.replace(path)
    if data is not None:
        write_csv(data, folder / f"{record.name}.csv")
    return SavedFigure(folder / f"{record.name}.png", record, figure.get_size_inches()[0])
