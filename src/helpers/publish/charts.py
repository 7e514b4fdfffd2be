"""Charts that several notebooks share; drawn on given axes from given frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_hex, to_rgb
from matplotlib.patches import Patch, Rectangle

from helpers.evidence.bilingual import Pick
from helpers.publish.figures import COLOURS, line, points, setting
from helpers.publish.layouts import lay_out
from helpers.publish.phrases import percentage, percentages
from helpers.publish.undrawn import only_draws

# Inches of a figure whose legend fits in one row.
_ONE_ROW = 4.5
# Colours of counts, the larger the darker.
BLUES = LinearSegmentedColormap.from_list("study", ["#F1F6FB", "#9ECAE1", "#0072B2", "#08306B"])


def named_rows(
    ax: Any, places: Sequence[float], names: Sequence[str], focal: str, size: float
) -> None:
    """Names on the vertical axis, the focal one in its colour.

    Parameters
    ----------
    ax : Axes
    places : sequence of float
        Where on the axis.
    names : sequence of str
    focal : str
        Need not be among the names.
    size : float
        Points in the design.
    """
    ticks = ax.set_yticks(places, names, fontsize=points(size))
    # By their order and not by their text, which nobody has where nothing is drawn.
    for number, name in enumerate(names):
        if name == focal:
            ticks[number].label1.set_color(COLOURS["focal"])


@only_draws
def stacked_bars(ax: Any, frame: pd.DataFrame, colours: Sequence[str], label_from: float) -> None:
    """Horizontal stacked bars with the value written in each segment.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        One row per bar (index: label), one column per segment; missing segments are skipped.
    colours : sequence of str
        One per column.
    label_from : float
        Smallest value whose segment is wide enough for its number.
    """
    left, written = pd.Series(0.0, index=frame.index), []
    for column, colour in zip(frame.columns, colours, strict=True):
        values = frame[column].astype("float64").fillna(0.0)
        ax.barh(frame.index, values, left=left, color=colour, edgecolor="white", label=column)
        for label, value in values.items():
            if value >= label_from:
                text = ax.text(
                    left[label] + value / 2, label, f"{value:,.0f}", ha="center", va="center",
                    fontsize=points(7.5), color=ink_on(colour),
                )  # fmt: skip
                written.append((text, value))
        left += values
    for label, value in left.items():
        ax.text(value, label, f" {value:,.0f}", ha="left", va="center", fontsize=points(8.5))
    ax.invert_yaxis()
    wide = ax.figure.get_size_inches()[0] >= _ONE_ROW
    ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), columnspacing=1.2,
        ncols=len(frame.columns) if wide else min(3, len(frame.columns)),
    )  # fmt: skip
    if setting().width is not None:
        _drop_cut_numbers(ax, written)


def _drop_cut_numbers(ax: Any, written: list[tuple[Any, float]]) -> None:
    """Take away numbers that are wider than their segment at the width of a venue."""
    lay_out(ax.figure)
    pixels = ax.transData.transform([(0.0, 0.0), (1.0, 0.0)])
    unit = float(pixels[1][0] - pixels[0][0])
    for text, value in written:
        if text.get_window_extent().width > value * unit:
            text.remove()


def ranked_bars(
    ax: Any, frame: pd.DataFrame, value: str, part: str | None = None, focal: str = ""
) -> None:
    """Horizontal bars in descending order, one of them highlighted.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: labels. Rows with a missing value are drawn as a cross at zero.
    value : str
        Column of the bar's length.
    part : str or None
        Column of a part of the bar drawn darker from zero.
    focal : str
        Label of the highlighted bar.
    """
    ordered = frame.sort_values(value, ascending=False, na_position="last", kind="stable")
    for position, (label, row) in enumerate(ordered.iterrows()):
        length = row[value]
        if pd.isna(length):
            ax.plot([0], [position], marker="x", color=COLOURS["grey"], clip_on=False)
            continue
        colour = COLOURS["focal"] if label == focal else COLOURS["light"]
        ax.barh(position, float(length), color=colour, height=0.75)
        inner = row[part] if part else None
        if inner is not None and pd.notna(inner) and inner > 0:
            ax.barh(position, float(inner), color=COLOURS["main"], height=0.4)
        ax.text(float(length), position, f" {length:,.0f}", va="center", fontsize=points(7))
    ax.set_yticks(range(len(ordered)), ordered.index, fontsize=points(7))
    ax.set_ylim(len(ordered) - 0.4, -0.6)


def shades(values: pd.Series) -> pd.Series:
    """Blues from nought to the largest value, white where a value is missing.

    Parameters
    ----------
    values : Series, shape (units,)
        Non-negative numbers, or missing.

    Returns
    -------
    Series of str
        Colours such as ``"#9ecae1"``; nought is pale, not white.

    Examples
    --------
    >>> shades(pd.Series([0, 4, None])).tolist()
    ['#f1f6fb', '#08306b', '#ffffff']
    """
    numbers = pd.to_numeric(values).astype("Float64")
    scale = Normalize(0, max(numbers.dropna().astype("float64"), default=0.0) or 1.0)
    fills = [
        "#ffffff" if pd.isna(value) else to_hex(BLUES(scale(float(value)))) for value in numbers
    ]
    return pd.Series(fills, values.index, dtype="str")


def ink_on(fill: str) -> str:
    """White on dark colours, the ink of the style on light ones."""
    red, green, blue = to_rgb(fill)
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else COLOURS["ink"]


def _tile(ax: Any, tile: Any) -> None:
    """One tile: its ground, the strip of its second line, and three lines of text."""
    x, y = tile.tile_column, tile.tile_row
    edge: dict[str, Any] = {"lw": 0}
    if not tile.solid:
        edge = {"lw": 0.8, "ec": "#9A9A9A", "ls": (0, (2, 1.5))}
    # As an artist: the limits of the axes are set, and need not follow each tile.
    ax.add_artist(Rectangle((x, y), 0.95, 0.93, fc=tile.fill, zorder=1, **edge))
    strip = bool(tile.second) and not tile.second_known
    if strip:
        hatched: dict[str, Any] = {
            "fc": "white",
            "ec": "#B0B0B0",
            "hatch": "////",
            "lw": 0,
            "zorder": 2,
        }
        ax.add_artist(Rectangle((x, y + 0.66), 0.95, 0.27, **hatched))
    ink = ink_on(tile.fill)
    size = 6.6 if len(tile.label) < 12 else 5.8
    lines = ((0.18, tile.label, size), (0.46, tile.first, 8.5), (0.8, tile.second, 6.2))
    for down, text, height in lines:
        behind = strip and down == 0.8
        box = {"fc": "white", "ec": "none", "pad": 0.6} if behind else None
        ax.text(
            x + 0.475, y + down, text, ha="center", va="center", fontsize=points(height), bbox=box,
            color=COLOURS["ink"] if behind else ink, zorder=3,
        )  # fmt: skip


def tile_grid(ax: Any, frame: pd.DataFrame, focal: str = "") -> None:
    """A map of places as equal tiles, each with its colour and up to three lines of text.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Columns place_id, label, tile_row, tile_column (from ``publish.tiles``), fill (colour),
        first and second (text, may be empty), second_known (bool: the strip of the second line is
        hatched where it is not known) and solid (bool: a tile that is not has a dashed edge).
        Colours of values come from :func:`shades`; classes may bring their own.
    focal : str
        place_id of the outlined tile.
    """
    for tile in frame.itertuples():
        _tile(ax, tile)
        if tile.place_id == focal:
            corner = (tile.tile_column, tile.tile_row)
            ax.add_patch(
                Rectangle(
                    corner, 0.95, 0.93, fill=False, lw=line(2.2), ec=COLOURS["focal"], zorder=5
                )
            )
    ax.set_xlim(frame["tile_column"].min() - 0.05, frame["tile_column"].max() + 1.0)
    ax.set_ylim(frame["tile_row"].max() + 1.0, frame["tile_row"].min() - 0.05)
    ax.axis("off")


def share_path(ax: Any, frame: pd.DataFrame, reported: Mapping[str, float], t: Pick) -> None:
    """Shares over cumulative batches; bars between bounds, or bands, where the count is not determined.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Columns batches, firms_count, total_count, share_pct, lower_share_pct, upper_share_pct.
    reported : mapping of batches to percentage
        Values the study reports, drawn as open diamonds.
    t : callable
        Picks the English or the Chinese text.
    """
    for x, row in frame.iterrows():
        _share_mark(ax, x, row, t)
        if row["batches"] in reported:
            value, high = reported[row["batches"]], row["upper_share_pct"]
            ax.plot(x, value, "D", mfc="none", mec=COLOURS["main"], ms=8)
            # Not across a bar.
            top = value if pd.isna(high) else max(value, float(high))
            ax.annotate(
                t("study: ", "原研究：") + percentage(f"{value:.2f}", t), (x, top), (0, 9), ha="center",
                textcoords="offset points", fontsize=points(7.5), color=COLOURS["main"],
            )  # fmt: skip
    ax.set_xticks(range(len(frame)), frame["batches"])
    ax.set_xlim(-0.6, len(frame) - 0.4)
    shares = frame[["share_pct", "upper_share_pct"]].max(axis=None, skipna=True)
    tops = [1.0, *reported.values(), *([] if pd.isna(shares) else [float(shares)])]
    ax.set_ylim(0, max(tops) * 1.3)


def _share_mark(ax: Any, x: Any, row: pd.Series, t: Pick) -> None:
    """A dot at a share, a bar between its bounds, or a band where there are none; with its label."""
    # Small shares have their labels across the line at zero, which must not strike them through.
    plain = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    share, low, high = row["share_pct"], row["lower_share_pct"], row["upper_share_pct"]
    if pd.notna(share):
        ax.plot(x, share, "o", color=COLOURS["focal"], ms=8)
        text = f"{row['firms_count']:,}/{row['total_count']:,} = {percentage(f'{share:.2f}', t)}"
        ax.annotate(
            text, (x, share), (0, -16), textcoords="offset points", ha="center",
            fontsize=points(7.5), bbox=plain,
        )  # fmt: skip
    elif pd.notna(low) and pd.notna(high):
        ax.bar(x, high - low, bottom=low, width=0.22, color=COLOURS["focal"], alpha=0.45)
        ends = percentages((f"{low:.2f}", f"{high:.2f}"), t)
        ax.annotate(
            t("bounds", "识别界") + f"\n{ends}", (x, low), (0, -4), textcoords="offset points",
            ha="center", va="top", fontsize=points(7.5), bbox=plain,
        )  # fmt: skip
    else:
        ax.axvspan(x - 0.4, x + 0.4, color=COLOURS["pale"], zorder=0)
        ax.text(
            x, 0.12, t("count not\ndetermined", "数量\n未确定"), ha="center", va="bottom",
            fontsize=points(7.5), color="#555555",
        )  # fmt: skip


def status_matrix(
    ax: Any, frame: pd.DataFrame, styles: Mapping[str, tuple[str, str | None, str]], focal: str
) -> None:
    """A matrix of what is known: rows are places, columns are ranges of batches.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: row labels; columns: scopes; cells: status.
    styles : mapping of status to (colour, hatch, legend text)
    focal : str
        Row label written in the focal colour.
    """
    for y, (_, row) in enumerate(frame.iterrows()):
        for x, status in enumerate(row):
            colour, hatch, _ = styles[status]
            cell = Rectangle(
                (x, y),
                0.94,
                0.88,
                facecolor=colour,
                hatch=hatch,
                edgecolor="#BBBBBB",
                linewidth=line(0.3),
            )
            ax.add_artist(cell)  # the limits are set below, and need not follow each cell
    ax.set_xlim(0, len(frame.columns))
    ax.set_ylim(len(frame), 0)
    ax.set_xticks([x + 0.47 for x in range(len(frame.columns))], frame.columns)
    ax.xaxis.tick_top()
    named_rows(ax, [y + 0.44 for y in range(len(frame))], list(frame.index), focal, 6.5)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="#BBBBBB", label=text)
        for colour, hatch, text in styles.values()
    ]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1.0), borderaxespad=0.0)


def value_matrix(ax: Any, frame: pd.DataFrame, focal: str, empty: str) -> None:
    """A matrix of counts whose empty cells are seen to be empty.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: row labels; columns: headings; cells: text, or missing where no figure is public.
    focal : str
        Row label written in the focal colour.
    empty : str
        Text of an empty cell.
    """
    for y, (_, row) in enumerate(frame.iterrows()):
        for x, value in enumerate(row):
            known = isinstance(value, str)
            ax.add_artist(
                Rectangle(
                    (x, y),
                    0.95,
                    0.88,
                    facecolor="#DCEBF5" if known else "white",
                    edgecolor="#CFCFCF",
                    linewidth=line(0.4),
                    hatch=None if known else "////",
                )
            )
            box = None if known else {"fc": "white", "ec": "none", "pad": 0.8}
            ax.text(
                x + 0.475, y + 0.44, value if known else empty, ha="center", va="center",
                fontsize=points(7.2 if known else 6), color=COLOURS["ink"] if known else "#777777", bbox=box,
            )  # fmt: skip
    ax.set_xlim(0, len(frame.columns))
    ax.set_ylim(len(frame), 0)
    ax.set_xticks(
        [x + 0.475 for x in range(len(frame.columns))], frame.columns, fontsize=points(7.2)
    )
    ax.xaxis.tick_top()
    named_rows(ax, [y + 0.44 for y in range(len(frame))], list(frame.index), focal, 8)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


@only_draws
def paired_bars(
    ax: Any, frame: pd.DataFrame, first: str, second: str, words: Mapping[str, str]
) -> None:
    """Two horizontal bars a row, a cross in place of one that is unknown.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: row labels.
    first, second : str
        Columns in percent.
    words : mapping
        Legend texts ``first``, ``second`` and ``unknown``.
    """
    for y, (_, row) in enumerate(frame.iterrows()):
        pair = ((first, -0.19, "light", "first"), (second, 0.19, "focal", "second"))
        for column, shift, colour, word in pair:
            at, value = y + shift, row[column]
            if pd.isna(value):
                ax.plot(0.4, at, "x", color=COLOURS["grey"], ms=5, ls="", label=words["unknown"])
                continue
            ax.barh(at, value, height=0.36, color=COLOURS[colour], label=words[word])
            ax.text(value, at, f" {value:.2f}", va="center", fontsize=points(7))
    handles, labels = ax.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    ax.legend(unique.values(), unique.keys(), loc="lower right")
    ax.set_yticks(range(len(frame)), frame.index)
    ax.set_ylim(len(frame) - 0.5, -0.5)


def base_strip(ax: Any, frame: pd.DataFrame, words: Mapping[str, str]) -> None:
    """How many reported shares each possible base can produce.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Columns base, attainable (number of shares).
    words : mapping
        ``x`` and ``y``: axis labels.
    """
    full = int(frame["attainable"].max())
    ax.vlines(frame["base"], 0, frame["attainable"], color=COLOURS["light"], lw=line(1.2))
    hits = frame[frame["attainable"] == full]
    ax.vlines(hits["base"], 0, hits["attainable"], color=COLOURS["focal"], lw=line(2.5))
    for base in hits["base"]:
        ax.text(
            base,
            full + 0.08,
            f"{base}",
            ha="center",
            va="bottom",
            fontsize=points(8),
            color=COLOURS["focal"],
        )
    ax.set(xlabel=words["x"], ylabel=words["y"], ylim=(0, full + 0.6), yticks=range(full + 1))
    ax.set_xlim(0, int(frame["base"].max()) + 2)


def interval_bars(ax: Any, frame: pd.DataFrame, focal: str, mark: float | None = None) -> None:
    """Horizontal intervals; a known value is a dot, an unknown one a bar between its bounds.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: labels; columns lower and upper.
    focal : str
        Label drawn in the focal colour.
    mark : float or None
        A reported value of the focal row, drawn as an open diamond above the row.
    """
    for y, (label, row) in enumerate(frame.iterrows()):
        colour = COLOURS["focal"] if label == focal else COLOURS["main"]
        if row["lower"] == row["upper"]:
            ax.plot(row["lower"], y, "o", color=colour, ms=4)
        else:
            ax.barh(
                y,
                row["upper"] - row["lower"],
                left=row["lower"],
                height=0.5,
                color=colour,
                alpha=0.45,
            )
        if label == focal and mark is not None:
            # On the row it would hide an interval as narrow as itself.
            ax.plot(mark, y - 0.55, "D", mfc="white", mec=COLOURS["ink"], ms=4.5, mew=0.9)
    ax.set_yticks(range(len(frame)), frame.index, fontsize=points(6.5))
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.grid(axis="x")
