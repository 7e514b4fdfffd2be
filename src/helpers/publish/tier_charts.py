"""Charts of the tiers of firms: their stocks over time, and densities by country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.publish.figures import COLOURS

# How a count is printed decides its mark.
_MARKS = {
    ("equal", False): ("o", True), ("equal", True): ("o", False),
    ("more_than", False): ("^", False), ("more_than", True): ("^", False),
    ("less_than", False): ("v", False), ("less_than", True): ("v", False),
}  # fmt: skip


def _legend(ax: Any, language: str) -> None:
    looks = [
        ("o", "ink", "ink", "exact", "确数"), ("o", "white", "ink", "rounded", "约数"),
        ("^", "white", "ink", "more than", "超过"), ("v", "white", "ink", "less than", "不到"),
        ("x", "grey", "grey", "sources disagree", "来源不一"), ("*", "white", "ink", "target", "目标"),
    ]  # fmt: skip
    colours = {**COLOURS, "white": "white"}
    handles = [
        ax.plot([], [], mark, ms=6, mfc=colours[face], mec=colours[edge], lw=0,
                label=zh if language == "zh" else en)[0]
        for mark, face, edge, en, zh in looks
    ]  # fmt: skip
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=6, handletextpad=0.1,
        columnspacing=1.0, borderaxespad=0.1,
    )  # fmt: skip


def stock_marks(
    ax: Any, stocks: pd.DataFrame, targets: pd.DataFrame, names: Mapping[str, str],
    colours: Mapping[str, str], language: str = "en",
) -> None:  # fmt: skip
    """Stocks of each tier over time on a logarithmic axis, every count marked by its kind.

    Points are not joined: a bound says nothing of the path between two dates. The last count is
    written beside the name of the tier.

    Parameters
    ----------
    ax : Axes
    stocks : DataFrame
        Columns as_of (ISO text), tier_id, firms_count, comparison, rounded and doubtful (bool: a
        cross is laid over the mark).
    targets : DataFrame
        Columns tier, target_count, due (ISO year); drawn as stars at the end of that year.
    names, colours : mapping of str to str
        Label and colour of each tier; tiers without a name are left out.
    language : {"en", "zh"}
        Of the legend.
    """
    shown = stocks.loc[stocks["tier_id"].isin(list(names))]
    dates = pd.to_datetime(shown["as_of"], format="ISO8601")
    for when, row in zip(dates, shown.itertuples(), strict=True):
        mark, filled = _MARKS[str(row.comparison), bool(row.rounded)]
        colour = colours[str(row.tier_id)]
        ax.plot(when, row.firms_count, mark, ms=6, mfc=colour if filled else "white", mec=colour)
        if row.doubtful:
            ax.plot(when, row.firms_count, "x", ms=9, mec=COLOURS["grey"], mew=1.3)
    for row in targets.loc[targets["tier"].isin(list(names))].itertuples():
        end = pd.Timestamp(f"{row.due}-12-31")
        ax.plot(end, row.target_count, "*", ms=9, mfc="white", mec=colours[str(row.tier)])
    ax.set_yscale("log")
    signs = {"more_than": "> ", "less_than": "< ", "equal": ""}
    for tier, name in names.items():
        own = shown.loc[shown["tier_id"] == tier].sort_values("as_of", kind="stable")
        if own.empty:
            continue
        latest = own.iloc[-1]
        text = f"{name} {signs[latest['comparison']]}{latest['firms_count']:,}"
        ax.text(
            pd.Timestamp("2026-03-01"), latest["firms_count"], text, color=colours[tier],
            fontsize=7.5, va="center",
        )  # fmt: skip
    ax.grid(axis="y")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _legend(ax, language)


def density_bars(ax: Any, frame: pd.DataFrame, value: str, focal: str) -> None:
    """Horizontal bars of small rates in descending order, with the rate as printed to one decimal.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: labels; ties keep the order of the table.
    value : str
        Column of the bar's length.
    focal : str
        Label of the highlighted bar.
    """
    ordered = frame.sort_values(value, ascending=False, kind="stable")
    colours = [COLOURS["focal"] if name == focal else COLOURS["light"] for name in ordered.index]
    ax.barh(range(len(ordered)), ordered[value], color=colours, height=0.75)
    for position, length in enumerate(ordered[value]):
        ax.text(length, position, f" {length:.1f}", va="center", fontsize=7)
    ax.set_yticks(range(len(ordered)), ordered.index, fontsize=7)
    ax.set_ylim(len(ordered) - 0.4, -0.6)
