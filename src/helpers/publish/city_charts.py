"""Charts of the notebook on cities and districts; drawn on given axes from given frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.publish import charts, figures
from helpers.publish.figures import COLOURS

# Told apart by shape as well as by colour.
_TIER_MARKS = (("o", "main"), ("s", "second"), ("^", "third"), ("D", "fourth"), ("v", "grey"), ("P", "light"))  # fmt: skip


def rate_intervals(ax: Any, frame: pd.DataFrame, mean: float | None, words: Mapping[str, str]) -> None:  # fmt: skip
    """Rates of districts: a dot with its sampling interval, or a hatched bar between bounds.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: row labels. Columns lower_rate, upper_rate, low_rate, high_rate (missing where there
        is none) and text, written at the end of the row.
    mean : float or None
        Rate of the whole city, drawn as a dashed line.
    words : mapping
        ``mean``: label of the line; ``none`` and ``open``: texts of a row without residents, and of
        one that nothing limits.
    """
    ends = pd.concat([frame["upper_rate"], frame["high_rate"]]).astype("float64").dropna()
    right = max([*ends, mean or 0.0, 0.01])
    for y, (_, row) in enumerate(frame.iterrows()):
        low, high = row["lower_rate"], row["upper_rate"]
        if pd.isna(low) or pd.isna(high):
            why = words["none" if pd.isna(low) else "open"]
            ax.text(
                0.01 * right, y, f"{row['text']}: {why}", va="center", fontsize=figures.points(7)
            )
            continue
        end = float(high)
        if pd.notna(row["low_rate"]):
            end = float(row["high_rate"])
            ax.plot([row["low_rate"], end], [y, y], color=COLOURS["main"], lw=1.6)
            for tip in (row["low_rate"], end):
                ax.plot([tip, tip], [y - 0.16, y + 0.16], color=COLOURS["main"], lw=1.6)
            ax.plot(low, y, "o", color=COLOURS["focal"], ms=6, zorder=3)
        else:
            ax.barh(
                y, end - float(low), left=float(low), height=0.42, fc="white", ec=COLOURS["grey"],
                hatch="////", lw=0.6,
            )  # fmt: skip
        # On white, so that the line of the city's rate does not strike the words through.
        label = ax.text(
            end + 0.015 * right, y, row["text"], va="center", fontsize=figures.points(7.5)
        )
        label.set_bbox({"fc": "white", "ec": "none", "pad": 0.8})
    if mean is not None:
        ax.axvline(mean, color=COLOURS["ink"], ls="--", lw=0.9, zorder=0)
        ax.text(mean, -0.62, words["mean"], ha="left", va="bottom", fontsize=figures.points(7.5))
    ax.set_yticks(range(len(frame)), frame.index)
    ax.set(ylim=(len(frame) - 0.5, -0.6), xlim=(0, right * 1.16))


def tier_dots(ax: Any, frame: pd.DataFrame, focal: str) -> None:
    """Values of cities in descending order, the marks telling their tiers.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: labels. Columns value and tier (1 for the largest values).
    focal : str
        Label written in the focal colour.
    """
    ordered = frame.sort_values("value", ascending=False, kind="stable")
    for y, (_, row) in enumerate(ordered.iterrows()):
        mark, colour = _TIER_MARKS[(int(row["tier"]) - 1) % len(_TIER_MARKS)]
        ax.hlines(y, 0, row["value"], color=COLOURS["pale"], lw=1.2, zorder=0)
        ax.plot(row["value"], y, mark, color=COLOURS[colour], ms=6)
        ax.annotate(
            f"{row['value']:,.1f}", (row["value"], y), (7, 0), textcoords="offset points",
            va="center", fontsize=figures.points(7),
        )  # fmt: skip
    breaks = ordered["tier"].diff().fillna(0).to_numpy().nonzero()[0]
    for y in breaks:
        ax.axhline(y - 0.5, color=COLOURS["ink"], lw=0.8, ls=":")
    charts.named_rows(ax, range(len(ordered)), list(ordered.index), focal, 8)
    ax.set(ylim=(len(ordered) - 0.5, -0.6), xlim=(0, float(ordered["value"].max()) * 1.16))


def fit_by_classes(ax: Any, table: pd.DataFrame, chosen: int, words: Mapping[str, str]) -> None:
    """Goodness of variance fit by number of classes, beside that of evenly spread values.

    Parameters
    ----------
    ax : Axes
    table : DataFrame
        From ``analysis.mobility.breaks_table``.
    chosen : int
        Number of classes that is ringed.
    words : mapping
        ``own`` and ``even``: labels of the two lines.
    """
    ax.plot(table["classes_count"], table["gvf"], "o-", color=COLOURS["main"], ms=4)
    ax.plot(table["classes_count"], table["gvf_even"], "--", color=COLOURS["grey"], lw=1.1)
    rows = table.set_index("classes_count")
    ax.plot(chosen, rows.loc[chosen, "gvf"], "o", mfc="none", mec=COLOURS["focal"], ms=11, mew=1.6)
    ax.annotate(
        words["own"], (chosen, rows.loc[chosen, "gvf"]), (0, 14), textcoords="offset points", fontsize=figures.points(7.5),
        color=COLOURS["main"], ha="left",
    )  # fmt: skip
    ax.annotate(
        words["even"], (chosen, rows.loc[chosen, "gvf_even"]), (6, -12), textcoords="offset points",
        fontsize=figures.points(7.5), color="#555555",
    )  # fmt: skip
    ax.set(ylim=(0, 1.14), yticks=[0, 0.25, 0.5, 0.75, 1.0])
    ax.set_xticks(table["classes_count"])
