"""Figures of the notebook on national trends, each with its record and its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from helpers.publish import charts, figures
from helpers.publish.figures import COLOURS, Record

Pick = Callable[[str, str], str]
View = tuple[Any, Record, pd.DataFrame]


def basis_names(t: Pick) -> dict[str, str]:
    """Names of the bases of counting, in the order of the figure.

    Parameters
    ----------
    t : callable
        Picks the English or the Chinese text.

    Returns
    -------
    dict of basis to name
    """
    return {
        "study": t("the study", "本研究所用"),
        "announced": t("announced lists", "公示口径"),
        "certified": t("certified lists", "公告口径"),
        "stock_2022": t("valid titles, Sept. 2022", "2022年9月有效"),
    }


def totals(table: pd.DataFrame, t: Pick, source: str) -> View:
    """Bars of the national totals by basis, stacked by batch.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.shares.basis_table``, batches from the first to any later one.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    figure, record, data
    """
    names = basis_names(t)
    last = int(table["batch"].max())
    year = int(table.loc[table["batch"] == last, "year"].min())
    bars = table.pivot(index="basis", columns="batch", values="firms_count").loc[list(names)]
    bars = bars.rename(index=names, columns=lambda batch: t(f"batch {batch}", f"第{batch}批"))
    shades = [COLOURS[name] for name in ("ink", "main", "light", "third", "second")]
    with figures.styled():
        figure, ax = figures.new(7.0, 2.6)
        charts.stacked_bars(ax, bars, shades[: len(bars.columns)], label_from=600)
        top = float(bars.sum(axis=1).max()) * 1.13
        ax.set(xlabel=t("Firms (count)", "企业数（家）"), xlim=(0, top))
    record = Record(
        "02_batches",
        t(
            "Four totals, four sums: little giants by basis and batch",
            "四种合计：分口径分批次“小巨人”数量",
        ),
        unit=t("firms", "家"),
        period=t(f"batches 1-{last}, 2019-{year}", f"第1—{last}批，2019—{year}年"),
        note=t(
            "Batch 4 is the final list, except in the last row, which takes the announced list.",
            "第四批取最终名单；最后一行取公示名单。",
        )
        if last >= 4
        else "",
        source=source,
    )
    return figure, record, table


def provinces(table: pd.DataFrame, focal: str, t: Pick, source: str) -> View:
    """Bars of the provinces in batches 1-2, the part in a plan city drawn darker.

    Parameters
    ----------
    table : DataFrame
        Columns label, firms_count, plan_city_count.
    focal : str
        Label of the focal province.
    t, source
        See :func:`totals`.

    Returns
    -------
    figure, record, data
    """
    with figures.styled():
        figure, ax = figures.new(6.6, 5.2)
        charts.ranked_bars(ax, table.set_index("label"), "firms_count", "plan_city_count", focal)
        ax.set_xlabel(t("Firms (count); dark: in the plan city", "企业数（家）；深色：计划单列市"))
    total = int(table["firms_count"].sum())
    record = Record(
        "02_provinces_b1_2",
        t("Little giants of batches 1-2 by province", "第一、二批“小巨人”分省分布"),
        unit=t("firms", "家"),
        base=t(f"{total:,} firms, {len(table)} units", f"{len(table)}个单位{total}家"),
        basis=t("certified", "公告"),
        as_of="2021-06",
        source=source,
    )
    return figure, record, table.drop(columns="source_id")


def tile_map(
    tiles: pd.DataFrame, table: pd.DataFrame, focal: str, basis: str, t: Pick, source: str
) -> View:
    """A map of tiles: batches 1-2 in large figures, batches 1-3 below.

    Parameters
    ----------
    tiles : DataFrame
        From ``publish.tiles.layout_tiles``; places without a row in `table` stay without figures.
    table : DataFrame
        Columns place_id, firms_count, through_3_count.
    focal : str
        place_id of the focal province.
    basis : str
        Of the second figure.
    t, source
        See :func:`totals`.

    Returns
    -------
    figure, record, data
    """
    data = tiles.merge(
        table.drop(columns=["label", "source_id"], errors="ignore"), on="place_id", how="left"
    )
    listed = data["place_id"].isin(table["place_id"])
    third = ["1-3: ?" if pd.isna(count) else f"1-3: {count}" for count in data["through_3_count"]]
    drawn = data.assign(
        fill=charts.shades(data["firms_count"]).where(listed, "#F4F4F4"),
        first=[_count_text(n, here) for n, here in zip(data["firms_count"], listed, strict=True)],
        second=pd.Series(third, data.index).where(listed, ""),
        second_known=data["through_3_count"].notna(),
        solid=data["territory"] & listed,
    )
    with figures.styled():
        figure, ax = figures.new(7.2, 5.6)
        charts.tile_grid(ax, drawn, focal)
    outside = (~listed).sum()
    record = Record(
        "02_tiles",
        t("Little giants by province: batches 1-2 and 1-3", "“小巨人”分省分布：第1—2批与第1—3批"),
        unit=t("firms", "家"),
        basis=t(f"batches 1-2 certified, 1-3 {basis}", f"第1—2批公告，第1—3批{basis}"),
        note=t(
            "Outlined: the focal province. Hatched: not determined by public figures. Provinces include their plan city. "
            f"Grey, dashed: {outside} units the programme's table does not list. XPCC, dashed: listed on its own, without a "
            "territory. Positions are a drawing convention.",
            "粗框：所考察省份。斜线：公开数据无法确定。各省含计划单列市。"
            f"灰色虚框：名单未列的{outside}个单位。兵团（虚框）：单列，无对应行政区域。位置仅为绘图约定。",
        ),
        source=source,
    )
    return figure, record, data


def _count_text(count: Any, listed: bool) -> str:
    """A count, a question mark where it is unknown, a dash for a place that is not listed."""
    if not listed:
        return "–"
    return "?" if pd.isna(count) else f"{count:,.0f}"


def knowledge(table: pd.DataFrame, focal: str, basis: str, t: Pick, source: str) -> View:
    """A matrix of what public figures determine, provinces by ranges of batches.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.shares.status_table`` with the provinces' labels as index.
    focal : str
        Label of the focal province.
    basis : str
    t, source
        See :func:`totals`.

    Returns
    -------
    figure, record, data
    """
    styles = {
        "exact": (COLOURS["main"], None, t("exact on this basis", "本口径确数")),
        "other": (COLOURS["light"], None, t("only on another measure", "仅有其他口径")),
        "limit": ("#FFFFFF", "....", t("only a limit", "仅有上下限")),
        "unknown": (COLOURS["pale"], None, t("no public figure", "无公开数据")),
    }
    with figures.styled():
        figure, ax = figures.new(6.4, 5.2)
        charts.status_matrix(ax, table, styles, focal)
        ax.set_xlabel(t("Batches", "批次"))
        ax.xaxis.set_label_position("top")
    record = Record(
        "02_known",
        t("What public figures determine, by province and batch", "公开数据能确定什么：分省分批次"),
        basis=basis,
        base=t(
            f"{len(table)} units in the order of batches 1-2", f"{len(table)}个单位，按第1—2批排序"
        ),
        source=source,
    )
    return figure, record, table.rename_axis("unit").reset_index()


def focal_path(
    table: pd.DataFrame, reported: Mapping[str, float], name: str, basis: str, t: Pick, source: str
) -> View:
    """The focal province's share by cumulative batch, beside what the study reports.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.shares.path_bounds``.
    reported : mapping of batches to percentage
    name : str
        Of the focal province.
    basis : str
    t, source
        See :func:`totals`.

    Returns
    -------
    figure, record, data
    """
    words = {
        "unknown": t("count not\ndetermined", "数量\n未确定"),
        "bounds": t("bounds", "识别界"),
        "reported": t("study:", "研究："),
    }
    with figures.styled():
        figure, ax = figures.new(6.6, 2.9)
        charts.share_path(ax, table, reported, words)
        ax.set_xlabel(t("Batches, cumulative", "批次（累计）"))
        ax.set_ylabel(t("Share of the nation (%)", "占全国比重（%）"))
    record = Record(
        "02_focal",
        t(f"Share of {name} in the nation's little giants", f"{name}“小巨人”占全国比重"),
        unit="%",
        base=t("national total of the same batches and basis", "同批次同口径全国合计"),
        basis=basis,
        note=t(
            "Dot: count on record. Bar: identification bounds, not a sampling interval.",
            "圆点：有记录的数量。竖条：识别界，非抽样区间。",
        ),
        source=source,
    )
    return figure, record, table


def intervals(
    table: pd.DataFrame, reported: Mapping[str, float], focal: str, basis: str, t: Pick, source: str
) -> View:
    """Bounds of every province's share in batches 1-3 and 1-5.

    Parameters
    ----------
    table : DataFrame
        From ``evidence.provinces.interval_table`` with a column label.
    reported : mapping of batches to percentage
        Values the study reports of the focal province.
    focal : str
        Label of the focal province.
    basis : str
    t, source
        See :func:`totals`.

    Returns
    -------
    figure, record, data
    """
    spans = list(dict.fromkeys(table["batches"]))
    with figures.styled():
        figure, axes = figures.new(7.4, 5.4, ncols=len(spans), sharey=True, squeeze=False)
        for ax, span in zip(axes[0], spans, strict=True):
            part = table[table["batches"] == span].set_index("label")
            part = part.rename(columns={"lower_share_pct": "lower", "upper_share_pct": "upper"})
            charts.interval_bars(ax, part, focal, reported.get(span))
            ax.set_title(t(f"batches {span}", f"第{span}批"))
            ax.set_xlabel(t("Share of the nation (%)", "占全国比重（%）"))
    record = Record(
        "02_bounds",
        t(
            "What every completion of the data allows: shares by province",
            "数据的一切补全所允许的分省占比",
        ),
        unit="%",
        base=t("national total of the same batches and basis", "同批次同口径全国合计"),
        basis=basis,
        note=t(
            "Dot: known. Bar: identification bounds, not a sampling interval. Diamond: reported by the study.",
            "圆点：已知。横条：识别界，非抽样区间。菱形：研究所报告值。",
        ),
        source=source,
    )
    return figure, record, table.drop(columns="label")


def denominators(
    table: pd.DataFrame, totals: Mapping[int, str], known: Mapping[str, int], t: Pick, source: str
) -> View:
    """Which national totals can have produced printed shares, the official totals marked.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.shares.denominators``.
    totals : mapping of total to name
        Official totals.
    known : mapping of printed share to count
        Counts that are on record; totals that give the share with this very count stand out.
    t, source
        See :func:`totals`.

    Returns
    -------
    figure, record, data
    """
    shares = list(dict.fromkeys(table["reported"]))
    with figures.styled():
        figure, ax = figures.new(7.0, 0.9 + 0.65 * len(shares))
        for level, text in enumerate(shares):
            rows = table[table["reported"] == text]
            ax.vlines(rows["base"], level - 0.3, level + 0.3, color=COLOURS["light"], lw=0.7)
            own = [str(known.get(text)) in cell.split(";") for cell in rows["counts"]]
            ax.vlines(rows["base"][own], level - 0.3, level + 0.3, color=COLOURS["focal"], lw=1.2)
        for total, name in totals.items():
            ax.axvline(total, color=COLOURS["ink"], ls="--", lw=1)
            ax.text(total, len(shares) - 0.45, f"{total:,}\n{name}", ha="center", va="bottom", fontsize=7)  # fmt: skip
        ax.set(
            yticks=range(len(shares)), ylim=(-0.5, len(shares) - 0.5),
            xlabel=t("National total (firms)", "全国总数（家）"),
        )  # fmt: skip
        ax.set_yticklabels([f"{text} %" for text in shares])
    record = Record(
        "02_denominators",
        t(
            "National totals over which some whole count rounds to the reported share",
            "哪些全国总数下存在可四舍五入为报告份额的整数",
        ),
        unit=t("firms", "家"),
        note=t(
            "Light: some count gives the share. Strong: the count on record gives it. Dashed: official totals.",
            "浅色：存在某一整数。深色：有记录的数量即可得到。虚线：官方总数。",
        ),
        source=source,
    )
    return figure, record, table


def settling(
    table: pd.DataFrame, verdicts: Mapping[str, str], basis: str, t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """The table of single figures that would settle open claims.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.claim_rules.nation.settling_table``.
    verdicts : mapping of claim to verdict
    basis : str
    t, source
        See :func:`totals`.

    Returns
    -------
    table, record
    """
    columns = {
        "claim_id": t("Claim", "论断"),
        "figure": t("Figure", "数据"),
        "tried": t("Figures tried", "试过的数据"),
        "possible": t("Possible", "可能取值"),
        "holds": t("Claim holds at", "成立"),
        "fails": t("Claim fails at", "不成立"),
        "open": t("Still open at", "仍未定"),
    }
    shown = table[table["claim_id"].map(verdicts).eq("consistent")]
    tried = zip(shown["tried_count"], shown["unknown_count"], strict=True)
    shown = shown.assign(
        tried=[t(f"{one} of {every}", f"{every}个中的{one}个") for one, every in tried]
    )
    record = Record(
        "02_settling",
        t(
            "Of the unknown counts tried, the one that would tell most of each open claim",
            "所试未知数中，对每一未决论断最具信息量者",
        ),
        unit=t("firms", "家"),
        basis=basis,
        note=t(
            "Found by solving again with the claim, and with its denial, as a further constraint. "
            "Tried: counts of the places the claim names and of those it compares them with over its batches.",
            "以论断及其否定为附加约束重新求解得到。所试数据：论断所涉地区及其比较对象在相应批次的数量。",
        ),
        source=source,
    )
    return shown.rename(columns=columns)[list(columns.values())], record
