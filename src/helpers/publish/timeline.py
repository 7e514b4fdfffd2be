"""A timeline of dated events: one line an event, so that no two labels can overlap.

Dates are drawn as precisely as they are known: a dot for a day, a diamond in the middle of a month,
a bar over a year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date as Date
from datetime import timedelta
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.publish.figures import COLOURS, points

_WORDS = {
    "en": {"day": "day known", "month": "month known", "year": "year known"},
    "zh": {"day": "精确到日", "month": "精确到月", "year": "精确到年"},
}
_ROW_INCHES = 0.165
_GAP_ROWS = 0.6


def date_precision(text: str) -> str:
    """Precision of an ISO date text.

    Returns
    -------
    {"year", "month", "day"}

    Raises
    ------
    InputError
        The text is no ISO date of one of these precisions.

    Examples
    --------
    >>> [date_precision(text) for text in ("2016", "2016-06", "2016-06-28")]
    ['year', 'month', 'day']
    """
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        raise InputError(f"date {text!r}: write 2016, 2016-06 or 2016-06-28")
    return ("year", "month", "day")[text.count("-")]


def date_span(text: str) -> tuple[Date, Date]:
    """First and last day that an ISO date text may mean.

    Parameters
    ----------
    text : str
        Date of year, month or day precision.

    Returns
    -------
    first, last : date
        Equal for a day.

    Raises
    ------
    InputError
        The text is no such date.

    Examples
    --------
    >>> [day.isoformat() for day in date_span("2016-02")]
    ['2016-02-01', '2016-02-29']
    """
    precision = date_precision(text)
    try:
        first = Date.fromisoformat(text + {"year": "-01-01", "month": "-01", "day": ""}[precision])
    except ValueError as error:
        raise InputError(f"date {text!r}: no such day in the calendar") from error
    if precision == "day":
        return first, first
    if precision == "year":
        return first, first.replace(month=12, day=31)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, following - timedelta(days=1)


def lay_out(
    frame: pd.DataFrame, date: str, lane: str | None = None, by_end: bool = False
) -> pd.DataFrame:
    """Events in drawing order with the days they may fall on and a line of their own.

    Parameters
    ----------
    frame : DataFrame
        One event a row; lanes are drawn in order of appearance.
    date : str
        Column with ISO date texts, none missing.
    lane : str or None
        Column that groups the events, for instance by firm.
    by_end : bool
        Whether an event known to the year or month comes after the dated ones of that year or
        month, not before them.

    Returns
    -------
    DataFrame
        The events with precision, first, last (dates) and line (0 at the top, growing downwards);
        lanes are a little apart.

    Examples
    --------
    >>> table = pd.DataFrame({"firm": ["b", "a", "b"], "date": ["2016", "2016-06", "1999"]})
    >>> lay_out(table, "date", "firm")[["firm", "date", "line"]].values.tolist()
    [['b', '1999', 0.0], ['b', '2016', 1.0], ['a', '2016-06', 2.6]]
    """
    spans = [date_span(text) for text in frame[date]]
    laid = frame.assign(
        precision=[date_precision(text) for text in frame[date]],
        first=[span[0] for span in spans],
        last=[span[1] for span in spans],
        _lane=pd.factorize(frame[lane])[0] if lane else 0,
    )
    days = ["last", "first"] if by_end else ["first", "last"]
    laid = laid.sort_values(["_lane", *days], kind="stable").reset_index(drop=True)
    return laid.assign(line=laid.index + _GAP_ROWS * laid["_lane"]).drop(columns="_lane")


def timeline_height(frame: pd.DataFrame, lane: str | None = None) -> float:
    """Height in inches that :func:`draw_timeline` needs for the axes of a figure.

    Examples
    --------
    >>> timeline_height(pd.DataFrame({"date": ["2016"] * 10})) > 1.5
    True
    """
    lanes = frame[lane].nunique() if lane else 1
    return 0.75 + _ROW_INCHES * (max(len(frame), 3) + _GAP_ROWS * lanes)


def _years(day: Date) -> float:
    """A date as a year with a fraction: 1 January is a whole number."""
    return day.year + (day - Date(day.year, 1, 1)).days / 366


def _draw_lanes(ax: Any, laid: pd.DataFrame, lane: str) -> dict[str, str]:
    """Shade every other lane, write the names, and give the ground of each lane."""
    from matplotlib.colors import to_hex, to_rgb

    extents = laid.groupby(lane, sort=False)["line"].agg(["min", "max"])
    half = (1 + _GAP_ROWS) / 2
    shade = to_hex([1 - 0.35 * (1 - part) for part in to_rgb(COLOURS["pale"])])
    for low, high in extents.to_numpy()[::2]:
        ax.axhspan(low - half, high + half, color=shade, lw=0, zorder=0)
    ax.set_yticks((extents["min"] + extents["max"]) / 2, list(extents.index))
    return {str(name): ("white", shade)[turn % 2 == 0] for turn, name in enumerate(extents.index)}


def _draw_legend(ax: Any, laid: pd.DataFrame, language: str) -> None:
    from matplotlib.lines import Line2D

    looks = {
        "day": Line2D([], [], marker="o", ms=4.5, lw=0, color=COLOURS["ink"]),
        "month": Line2D([], [], marker="D", ms=4, lw=0, mfc="white", color=COLOURS["ink"]),
        "year": Line2D([], [], lw=4, solid_capstyle="butt", color=COLOURS["ink"], alpha=0.55),
    }
    shown = [kind for kind in looks if (laid["precision"] == kind).any()]
    ax.legend(
        [looks[kind] for kind in shown], [_WORDS[language][kind] for kind in shown],
        loc="lower left", bbox_to_anchor=(0, 1), ncols=len(shown), borderaxespad=0.1,
        handletextpad=0.4,
    )  # fmt: skip


def _draw_event(ax: Any, precision: str, span: tuple[float, float], line: float, c: str) -> None:
    middle = sum(span) / 2
    if precision == "year":
        ax.hlines(line, *span, color=c, lw=4, alpha=0.55)
    elif precision == "month":
        ax.plot(middle, line, "D", ms=4, mfc="white", mec=c)
    else:
        ax.plot(middle, line, "o", ms=4.5, color=c)


def draw_timeline(
    ax: Any, frame: pd.DataFrame, label: str, date: str, lane: str | None = None,
    colours: Mapping[str, str] | None = None, language: str = "en", by_end: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Draw dated events with their labels, one line an event.

    Parameters
    ----------
    ax : matplotlib Axes
        Best in a figure of height :func:`timeline_height`.
    frame : DataFrame
        One event a row; may be empty, then only an empty frame is drawn.
    label, date : str
        Columns with the label and the ISO date text; the date is printed before the label.
    lane : str or None
        Column that groups the events; its values are written on the left, in order of appearance.
    colours : mapping of str to str, or None
        Colour of each lane; one colour for all where None.
    language : {"en", "zh"}
        Of the legend.
    by_end : bool
        Order of the lines, see :func:`lay_out`.

    Returns
    -------
    DataFrame
        The events as drawn, see :func:`lay_out`: hand it on as the figure's data.
    """
    from matplotlib.ticker import MaxNLocator

    laid = lay_out(frame, date, lane, by_end)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    if laid.empty:
        ax.set_xticks([])
        return laid
    starts = [_years(day) for day in laid["first"]]
    ends = [_years(day + timedelta(days=1)) for day in laid["last"]]
    low, high = min(starts), max(ends)
    grounds = _draw_lanes(ax, laid, lane) if lane else {}
    for start, end, row in zip(starts, ends, laid.to_dict("records"), strict=True):
        colour = (colours or {}).get(str(row.get(lane or "")), COLOURS["main"])
        _draw_event(ax, row["precision"], (start, end), row["line"], colour)
        # The label goes to the side with more room.
        right = (start + end) / 2 < (low + high) / 2
        ax.annotate(
            f"{row[date]}  {row[label]}", (end if right else start, row["line"]),
            xytext=(7 if right else -7, 0), textcoords="offset points", fontsize=points(7.5),
            ha="left" if right else "right", va="center_baseline",
            # A patch of ground, so that no grid line cuts through the words.
            bbox={"fc": grounds.get(str(row.get(lane or "")), "white"), "ec": "none", "pad": 0.6},
        )  # fmt: skip
    _draw_legend(ax, laid, language)
    margin = max(0.02 * (high - low), 0.05)
    ax.set_xlim(low - margin, high + margin)
    ax.set_ylim(laid["line"].max() + 0.8, -0.8)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    return laid
