"""Figures of the concept notebook: documents, stocks of the tiers, densities by country."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from helpers.publish import figures, tier_views
from helpers.publish.figures import COLOURS, Record
from helpers.publish.timeline import draw_timeline, timeline_height

Pick = Callable[[str, str], str]
View = tuple[Any, Record, pd.DataFrame]

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
        ("x", "grey", "grey", "does not fit", "与他源不符"), ("*", "white", "ink", "target", "目标"),
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


def documents(national: pd.DataFrame, language: str, t: Pick, source: str) -> View:
    """Timeline of the national documents, those known to the year last in their year.

    Parameters
    ----------
    national : DataFrame
        Columns issued, year, title_en, title_zh, source_id; a title in brackets loses them.
    language : {"en", "zh"}
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    figure, record, data
    """
    events = national[["issued", "source_id"]].assign(
        label=national[f"title_{language}"].str.strip("[]")
    )
    with figures.styled():
        figure, ax = figures.new(7.4, timeline_height(events))
        drawn = draw_timeline(ax, events, "label", "issued", language=language, by_end=True)
    record = Record(
        "01_documents",
        t("National documents on SRDI firms", "专精特新国家层面文件"),
        base=t(f"{len(events)} documents found", f"已查得{len(events)}件"),
        period=f"{national['year'].min()}–{national['year'].max()}",
        note=t(
            "Tax rules left out. Titles translated here; lists are described. A document of which "
            "only the year is known stands last in that year.",
            "不含税收文件；名单类文件为描述性名称。仅知年份的文件列于当年之末。",
        ),
        source=source,
    )
    return figure, record, drawn


def stocks(table: pd.DataFrame, targets: pd.DataFrame, language: str, t: Pick, source: str) -> View:
    """Stocks of the tiers over time, see :func:`stock_marks`.

    Parameters
    ----------
    table : DataFrame
        Table ``tier_stocks`` with column doubtful.
    targets : DataFrame
        Table ``programme_targets``.
    language, t, source
        See :func:`documents`.

    Returns
    -------
    figure, record, data
    """
    names, colours = tier_views.tier_names(language), tier_views.tier_colours()
    with figures.styled():
        figure, ax = figures.new(7.4, 3.9)
        stock_marks(ax, table, targets, names, colours, language)
        ax.set_ylabel(t("Firms (count, log scale)", "企业数（家，对数刻度）"))
    start, end = table["as_of"].min(), table["as_of"].max()
    record = Record(
        "01_stocks",
        t("National stocks of the tiers", "各层次企业全国存量"),
        unit=t(
            "firms, as reported: cumulative or valid titles", "家，按来源所载：累计认定数或有效数"
        ),
        period=t(f"{start} to {end}", f"{start}至{end}"),
        note=t(
            "A year alone is drawn at its start. Crossed: does not fit with a firmer figure, or with "
            "one no firmer. Stars: targets for 2025. The pool of candidates stands in the data, not "
            "in the figure.",
            "仅知年份者绘于年初。叉号：与更确切或同样不确切的数字不符。星号：2025年目标。"
            "培育库数量见数据，未绘出。",
        ),
        source=source,
    )
    return figure, record, table


def density(table: pd.DataFrame, language: str, t: Pick, source: str) -> View:
    """Bars of hidden champions per million inhabitants.

    Parameters
    ----------
    table : DataFrame
        Table ``hidden_champion_density``.
    language, t, source
        See :func:`documents`.

    Returns
    -------
    figure, record, data
    """
    with figures.styled():
        figure, ax = figures.new(6.2, 4.2)
        bars = table.set_index(f"country_{language}")
        density_bars(ax, bars, "champions_per_million", t("China", "中国"))
        ax.set_xlabel(t("Hidden champions per million inhabitants", "每百万人口隐形冠军数（家）"))
    record = Record(
        "01_density",
        t("Hidden champions per million inhabitants", "每百万人口隐形冠军数"),
        unit=t("firms per million inhabitants", "家/百万人"),
        base=t(f"{len(table)} countries", f"{len(table)}个国家"),
        as_of=t(", ", "、").join(str(year) for year in table["year"].unique()),
        note=t(
            "Countries and values paired by their order in the source.",
            "国家与数值按来源中的先后顺序配对。",
        ),
        source=source,
    )
    return figure, record, table
