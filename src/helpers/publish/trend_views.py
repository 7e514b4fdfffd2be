"""Figures and tables of the notebook on national trends, each with its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.evidence.bilingual import Pick, measure_said
from helpers.evidence.settling import ranges_text
from helpers.publish import charts, figures
from helpers.publish.figures import COLOURS
from helpers.publish.phrases import batches_name, between, dashed, percentage
from helpers.publish.teller import Shown, Teller, View, heads_of, record_of
from helpers.publish.tiles import NATION, layout_tiles
from helpers.publish.undrawn import only_draws


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
        "study": t("the study", "原研究所用"),
        "announced": t("announced lists", "公示口径"),
        "certified": t("certified lists", "公告口径"),
        "stock_2022": t("valid titles, Sept. 2022", "2022年9月有效"),
    }


def totals(study: Teller, table: pd.DataFrame) -> View:
    """Bars of the national totals by basis, stacked by batch.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.basis_table``, batches from the first to any later one.

    Returns
    -------
    figure, record, data
    """
    t, names = study.t, basis_names(study.t)
    last = int(table["batch"].max())
    year = int(table.loc[table["batch"] == last, "year"].min())
    bars = table.pivot(index="basis", columns="batch", values="firms_count").loc[list(names)]
    bars = bars.rename(index=names, columns=lambda batch: t(f"batch {batch}", f"第{batch}批"))
    shades = [COLOURS[name] for name in ("ink", "main", "light", "third", "second")]
    sums = bars.sum(axis=1).astype("int64")
    with figures.styled():
        figure, ax = figures.new(7.0, 2.6)
        charts.stacked_bars(ax, bars, shades[: len(bars.columns)], label_from=600)
        ax.set(xlabel=t("Firms (count)", "企业数（家）"), xlim=(0, float(sums.max()) * 1.13))
    told = [t(f"{count:,} ({name})", f"{name}{count:,}家") for name, count in sums.items()]
    record = record_of(
        study,
        "02_batches",
        (
            "Four totals, four sums: little giants by basis and batch",
            "四种合计：分口径分批次“小巨人”数量",
        ),
        unit=("firms", "家"),
        period=(f"batches 1-{last}, 2019-{year}", f"第1—{last}批，2019—{year}年"),
        note=(
            "Batch 4 is the final list, except in the last row, which takes the announced list.",
            "第4批取最终名单；最后一行取公示名单。",
        )
        if last >= 4
        else "",
        source=[table["source_id"]],
        alt=(
            f"Stacked horizontal bars, one for each basis of counting, a segment for each batch. Sums in firms: {'; '.join(told)}.",
            f"堆积横条图，每种口径一条，每批一段。合计：{'；'.join(told)}。",
        ),
    )
    return figure, record, table


def provinces(study: Teller, table: pd.DataFrame, focal: str) -> View:
    """Bars of the provinces in batches 1-2, the part in a plan city drawn darker.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Columns place_id, firms_count, plan_city_count, source_id.
    focal : str
        place_id of the focal province.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    table = table.assign(label=[study.name(place) for place in table["place_id"]])
    with figures.styled():
        figure, ax = figures.new(6.6, 5.2)
        shown = table.set_index("label")
        charts.ranked_bars(ax, shown, "firms_count", "plan_city_count", study.name(focal))
        ax.set_xlabel(t("Firms (count); dark: in the plan city", "企业数（家）；深色：计划单列市"))
    total, own = int(table["firms_count"].sum()), table.set_index("place_id").loc[focal]
    top = table.loc[table["firms_count"].idxmax()]
    record = record_of(
        study,
        "02_provinces_b1_2",
        ("Little giants of batches 1-2 by province", "第1—2批“小巨人”分省分布"),
        unit=("firms", "家"),
        base=(f"{total:,} firms, {len(table)} units", f"{len(table)}个单位{total:,}家"),
        basis=("certified", "公告"),
        as_of="2021-06",
        source=[table["source_id"]],
        alt=(
            f"Horizontal bars of {len(table)} provincial units, the largest first: {top['label']} has "
            f"{top['firms_count']:,} firms, {own['label']} (highlighted) {own['firms_count']:,}.",
            f"{len(table)}个省级单位的横条图，由多到少排列：{top['label']}{top['firms_count']:,}家，"
            f"{own['label']}（突出显示）{own['firms_count']:,}家。",
        ),
    )
    return figure, record, table.drop(columns="source_id")


def tile_map(
    study: Teller, table: pd.DataFrame, third: pd.DataFrame, focal: str, layouts: pd.DataFrame
) -> View:
    """A map of tiles: batches 1-2 in large figures, batches 1-3 below.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Batches 1-2: columns place_id, firms_count, source_id.
    third : DataFrame
        Batches 1-3 on the study's basis: columns place_id, firms_count (missing where it is not
        determined), source_id.
    focal : str
        place_id of the focal province.
    layouts : DataFrame
        Table ``tile_layouts``; tiles without a row in `table` stay without figures.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    tiles = layout_tiles(layouts, NATION, study.name, study.language)
    cumulative = table["place_id"].map(third.set_index("place_id")["firms_count"])
    counts = table.drop(columns="source_id").assign(through_3_count=cumulative)
    data = tiles.merge(counts, on="place_id", how="left")
    listed = data["place_id"].isin(table["place_id"])
    with figures.styled():
        figure, ax = figures.new(7.2, 5.6)
        charts.tile_grid(ax, _drawn(data, listed, t), focal)
    outside, known = int((~listed).sum()), int(data["through_3_count"].notna().sum())
    record = record_of(
        study,
        "02_tiles",
        ("Little giants by province: batches 1-2 and 1-3", "“小巨人”分省分布：第1—2批与第1—3批"),
        unit=("firms", "家"),
        basis=(
            f"batches 1-2 certified, 1-3 {study.basis_name}",
            f"第1—2批公告，第1—3批{study.basis_name}",
        ),
        note=(
            "Outlined: the focal province. Hatched: not determined by public figures. Provinces include their plan city. "
            f"Grey, dashed: {outside} units the programme's table does not list. XPCC, dashed: listed on its own, without a "
            "territory. Positions are a drawing convention.",
            "粗框：所考察省份。斜线：公开数据无法确定。各省含计划单列市。"
            f"灰色虚框：名单未列的{outside}个单位。兵团（虚框）：单列，无对应行政区域。位置仅为绘图约定。",
        ),
        source=[table["source_id"], third["source_id"]],
        alt=(
            f"Map of {len(data)} equal tiles, one for each provincial unit and the Corps, darker with more firms in batches 1-2. The count of "
            f"batches 1-3 is known for {known} of {int(listed.sum())} units; {study.name(focal)} is outlined.",
            f"由{len(data)}个等大方格组成的示意地图，各省级单位与兵团各占一格，第1—2批企业越多颜色越深。"
            f"{int(listed.sum())}个单位中{known}个的第1—3批数量已知；{study.name(focal)}以粗框标出。",
        ),
    )
    return figure, record, data


def _drawn(data: pd.DataFrame, listed: pd.Series, t: Pick) -> pd.DataFrame:
    """Tiles with the colours and texts that ``charts.tile_grid`` draws."""
    span = dashed("1-3", t)
    third = [
        f"{span}{t(': ', '：')}{'?' if pd.isna(count) else count}"
        for count in data["through_3_count"]
    ]
    first = [_count_text(n, here) for n, here in zip(data["firms_count"], listed, strict=True)]
    return data.assign(
        fill=charts.shades(data["firms_count"]).where(listed, "#F4F4F4"),
        first=first,
        second=pd.Series(third, data.index).where(listed, ""),
        second_known=data["through_3_count"].notna(),
        solid=data["territory"] & listed,
    )


def _count_text(count: Any, listed: bool) -> str:
    """A count, a question mark where it is unknown, a dash for a place that is not listed."""
    if not listed:
        return "–"
    return "?" if pd.isna(count) else f"{count:,.0f}"


def knowledge(study: Teller, table: pd.DataFrame, focal: str, sources: Sequence[str]) -> View:
    """A matrix of what public figures determine, provinces by ranges of batches.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.status_table``: index place_id.
    focal : str
        place_id of the focal province.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    styles = {
        "exact": (COLOURS["main"], None, t("exact on this basis", "本口径确数")),
        "other": (COLOURS["light"], None, t("only on another measure", "仅有其他口径")),
        "limit": ("#FFFFFF", "..", t("only a limit", "仅有上下限")),
        "unknown": (COLOURS["pale"], None, t("no public figure", "无公开数据")),
    }
    named = table.set_axis([study.name(place) for place in table.index])
    with figures.styled():
        figure, ax = figures.new(6.4, 5.2)
        shown = named.rename(columns=lambda span: dashed(span, t))
        charts.status_matrix(ax, shown, styles, study.name(focal))
        ax.set_xlabel(t("Batches", "批次"))
        ax.xaxis.set_label_position("top")
    exact = (table == "exact").sum()
    told = [
        t(f"{count} in {batches_name(str(span), t)}", f"{batches_name(str(span), t)}{count}个")
        for span, count in exact.items()
    ]
    record = record_of(
        study,
        "02_known",
        ("What public figures determine, by province and batch", "公开数据能确定什么：分省分批次"),
        basis=study.basis_name,
        base=(
            f"{len(table)} units in the order of batches 1-2",
            f"{len(table)}个单位，按第1—2批排序",
        ),
        source=[sources],
        alt=(
            f"Matrix of {len(table)} provincial units by ranges of batches, coloured by what is known. Exact counts: {', '.join(told)}.",
            f"{len(table)}个省级单位与各批次范围构成的矩阵，以颜色表示所知程度。有确数的单位：{'、'.join(told)}。",
        ),
    )
    return figure, record, named.rename_axis("unit").reset_index()


def focal_path(
    study: Teller, table: pd.DataFrame, reported: Mapping[str, float], focal: str,
    sources: Sequence[str],
) -> View:  # fmt: skip
    """The focal province's share by cumulative batch, beside what the study reports.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.path_bounds``.
    reported : mapping of batches to percentage
    focal : str
        place_id of the focal province.
    sources : sequence of str
        Source ids besides those of `table`.

    Returns
    -------
    figure, record, data
    """
    t, name = study.t, study.name(focal)
    with figures.styled():
        figure, ax = figures.new(6.6, 2.9)
        charts.share_path(ax, table, reported, t)
        _room_below(ax, table[["share_pct", "lower_share_pct"]])
        ax.set_xticks(range(len(table)), [dashed(span, t) for span in table["batches"]])
        ax.set_xlabel(t("Batches, cumulative", "批次（累计）"))
        ax.set_ylabel(t("Share of the nation (%)", "占全国比重（%）"))
    told = [_share_told(row, t) for row in table.itertuples()]
    record = record_of(
        study,
        "02_focal_path",
        (f"Share of {name} in the nation's little giants", f"{name}“小巨人”占全国比重"),
        unit="%",
        base=("national total of the same batches and basis", "同批次同口径全国合计"),
        basis=study.basis_name,
        note=(
            "Dot: count on record. Bar: identification bounds, not a sampling interval.",
            "圆点：有记录的数量。竖条：识别界，非抽样区间。",
        ),
        source=[table["source_id"], sources],
        alt=(
            f"Share of {name} by cumulative batches, dots for counts on record and bars for bounds: {'; '.join(told)}.",
            f"{name}各累计批次占比，圆点为有记录的数量，竖条为识别界：{'；'.join(told)}。",
        ),
    )
    return figure, record, table


@only_draws
def _room_below(ax: Any, shares: pd.DataFrame) -> None:
    """Room for the labels of shares near zero, which stand below them."""
    top = ax.get_ylim()[1]
    lowest = shares.min(axis=None, skipna=True)
    if pd.isna(lowest) or lowest > 0.25 * top:
        return
    ticks = [tick for tick in ax.get_yticks() if 0 <= tick <= top]
    ax.set_ylim(-0.3 * top, top)
    ax.set_yticks(ticks)
    ax.axhline(0, color=COLOURS["grey"], lw=0.8, zorder=0)


def _share_told(row: Any, t: Pick) -> str:
    """A share, or its bounds, of one range of batches."""
    own, low, high = (
        None if pd.isna(share) else percentage(f"{share:.2f}", t)
        for share in (row.share_pct, row.lower_share_pct, row.upper_share_pct)
    )  # fmt: skip
    if own:
        text = t(own, f"为{own}")
    elif low and high:
        text = t(f"between {low} and {high}", f"在{low}至{high}之间")
    else:
        text = t("not determined", "未确定")
    label = batches_name(row.batches, t)
    return str(t(f"{text} in {label}", f"{label}{text}"))


def intervals(
    study: Teller, table: pd.DataFrame, reported: Mapping[str, float], focal: str,
    sources: Sequence[str],
) -> View:  # fmt: skip
    """Bounds of every province's share in several ranges of batches.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``evidence.provinces.interval_table``, in the order of the rows.
    reported : mapping of batches to percentage
        Values the study reports of the focal province.
    focal : str
        place_id of the focal province.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, name = study.t, study.name(focal)
    spans = list(dict.fromkeys(table["batches"]))
    labelled = table.assign(label=[study.name(place) for place in table["place_id"]])
    labelled = labelled.rename(columns={"lower_share_pct": "lower", "upper_share_pct": "upper"})
    told = []
    with figures.styled():
        figure, axes = figures.new(7.4, 5.4, ncols=len(spans), sharey=True, squeeze=False)
        for ax, span in zip(axes[0], spans, strict=True):
            part = labelled[labelled["batches"] == span].set_index("label")
            charts.interval_bars(ax, part, name, reported.get(span))
            ax.set_title(batches_name(span, t))
            ax.set_xlabel(t("Share of the nation (%)", "占全国比重（%）"))
            own = (percentage(f"{end:.2f}", t) for end in part.loc[name, ["lower", "upper"]])
            label, ends = batches_name(span, t), between(own, t)
            told.append(t(f"{ends} in {label}", f"{label}为{ends}"))
    record = record_of(
        study,
        "02_bounds",
        (
            "What every completion of the data allows: shares by province",
            "数据的一切补全所允许的分省占比",
        ),
        unit="%",
        base=("national total of the same batches and basis", "同批次同口径全国合计"),
        basis=study.basis_name,
        note=(
            "Dot: known. Bar: identification bounds, not a sampling interval. Diamond: reported by the study.",
            "圆点：已知。横条：识别界，非抽样区间。菱形：原研究报告值。",
        ),
        source=[sources],
        alt=(
            f"Horizontal bars between the smallest and the largest possible share of each provincial unit, one panel a range of batches. {name}: {'; '.join(told)}.",
            f"各省级单位占比可能的最小值与最大值之间的横条，每个批次范围一幅。{name}：{'；'.join(told)}。",
        ),
    )
    return figure, record, table


def denominators(
    study: Teller, table: pd.DataFrame, official: Mapping[int, str], known: Mapping[str, int],
    sources: Sequence[str],
) -> View:  # fmt: skip
    """Which national totals can have produced printed shares, the official totals marked.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.denominators``.
    official : mapping of total to basis
    known : mapping of printed share to count
        Counts that are on record; totals that give the share with this very count stand out.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, names = study.t, basis_names(study.t)
    shares = list(dict.fromkeys(table["reported"]))
    with figures.styled():
        figure, ax = figures.new(7.0, 0.9 + 0.65 * len(shares))
        for level, text in enumerate(shares):
            rows = table[table["reported"] == text]
            ax.vlines(rows["base"], level - 0.3, level + 0.3, color=COLOURS["light"], lw=0.7)
            own = [str(known.get(text)) in cell.split(";") for cell in rows["counts"]]
            ax.vlines(rows["base"][own], level - 0.3, level + 0.3, color=COLOURS["focal"], lw=1.2)
        for total, basis in official.items():
            ax.axvline(total, color=COLOURS["ink"], ls="--", lw=1)
            ax.text(
                total, len(shares) - 0.45, f"{total:,}\n{names[basis]}", ha="center", va="bottom",
                fontsize=figures.points(7),
            )  # fmt: skip
        ax.set(
            yticks=range(len(shares)), ylim=(-0.5, len(shares) - 0.5),
            xlabel=t("National total (firms)", "全国总数（家）"),
        )  # fmt: skip
        ax.set_yticklabels([percentage(text, t) for text in shares])
    told = [
        t(f"{total:,} ({names[basis]})", f"{total:,}（{names[basis]}）")
        for total, basis in official.items()
    ]
    record = record_of(
        study,
        "02_denominators",
        (
            "National totals over which some whole count rounds to the reported share",
            "哪些全国总数下存在可四舍五入为报告份额的整数",
        ),
        unit=("firms", "家"),
        note=(
            "Light: some count gives the share. Strong: the count on record gives it. Dashed: official totals.",
            "浅色：存在某一整数。深色：有记录的数量即可得到。虚线：官方总数。",
        ),
        source=[sources],
        alt=(
            f"One row of strokes for each printed share ({', '.join(f'{text} %' for text in shares)}), a stroke for each national total that can give it. Dashed lines: {', '.join(told)}.",
            f"每一报告份额（{'、'.join(f'{text}%' for text in shares)}）一行，可得到该份额的全国总数各画一条竖线。虚线：{'、'.join(told)}。",
        ),
    )
    return figure, record, table


# --- Tables ---------------------------------------------------------------------------------------


def four_provinces(study: Teller, table: pd.DataFrame, sources: Sequence[str]) -> Shown:
    """Counts on record of the provinces that the study names.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Index: place_id; one column of counts a range of batches, missing where not determined.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    t = study.t
    shown = table.rename(columns=lambda span: batches_name(span, t).capitalize())
    shown.insert(0, t("Province", "省份"), [study.name(place) for place in table.index])
    record = record_of(
        study,
        "02_four_provinces",
        ("The four provinces the study names: counts on record", "原研究所列四省：可确定的数量"),
        unit=("firms", "家"),
        basis=study.basis_name,
        note=("A dash: not determined on this basis.", "横线：本口径下无法确定。"),
        source=[sources],
    )
    return shown, record


def focal_counts(study: Teller, table: pd.DataFrame, focal: str, sources: Sequence[str]) -> Shown:
    """Count, share and rank of the focal province by cumulative batches.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.path_bounds``.
    focal : str
        place_id of the focal province.
    sources : sequence of str
        Source ids besides those of `table`.

    Returns
    -------
    table, record
    """
    name = study.name(focal)
    heads = heads_of(
        study,
        batches=("Batches", "批次"),
        firms_count=("Firms", "企业数"),
        total_count=("Nation", "全国"),
        share_pct=("Share (%)", "占比（%）"),
        rank=("Rank", "位次"),
        units_known=("Units known (of 32)", "已知单位数（共32）"),
    )
    record = record_of(
        study,
        "02_focal",
        (f"Count, share and rank of {name}", f"{name}的数量、占比与位次"),
        unit=("firms", "家"),
        basis=study.basis_name,
        note=("A rank is given only where a single one is possible.", "仅在位次唯一时给出。"),
        source=[table["source_id"], sources],
    )
    shown = table.assign(batches=[dashed(span, study.t) for span in table["batches"]])
    return shown.rename(columns=heads)[list(heads.values())], record


def focal_series(study: Teller, table: pd.DataFrame, focal: str) -> Shown:
    """Totals of the focal province as newspapers and officials gave them, each with its measure.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.reported_totals``, with the grade of each source and the Chinese of
        its note (note_zh); a note that has none is shown in English.
    focal : str
        place_id of the focal province.

    Returns
    -------
    table, record
    """
    t, name = study.t, study.name(focal)
    heads = heads_of(
        study,
        as_of=("As of", "截至"),
        batches=("Batches", "批次"),
        measure=("Measure", "口径"),
        value=("Firms", "企业数"),
        grade=("Grade", "等级"),
        note_en=("Note", "说明"),
    )
    record = record_of(
        study,
        "02_focal_series",
        (
            f"Little giants of {name} as reported at different dates",
            f"各时点公布的{name}“小巨人”数量",
        ),
        unit=("firms", "家"),
        note=(
            "A dash: the source does not say. Definitions differ from row to row.",
            "横线：来源未说明。各行定义不同，不构成同一序列。",
        ),
        source=[table["source_id"]],
    )
    shown = table.assign(
        batches=table["batches"].map(lambda span: dashed(span, t), na_action="ignore"),
        measure=table["measure"].map(lambda key: t(key, measure_said(key).zh), na_action="ignore"),
        note_en=table[t("note_en", "note_zh")].fillna(table["note_en"]),
    )
    return shown.rename(columns=heads)[list(heads.values())], record


def settling(
    study: Teller, table: pd.DataFrame, verdicts: Mapping[str, str], sources: Iterable[str]
) -> Shown:
    """The table of single figures that would settle open claims.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.claim_rules.nation.settling_table``.
    verdicts : mapping of claim to verdict
    sources : iterable of str
        Source ids.

    Returns
    -------
    table, record
    """
    t = study.t
    heads = heads_of(
        study,
        claim_id=("Claim", "论断"),
        figure=("Figure", "数据"),
        tried=("Figures tried", "试过的数据"),
        possible=("Possible", "可能取值"),
        holds=("Claim holds at", "成立"),
        fails=("Claim fails at", "不成立"),
        open=("Still open at", "仍未定"),
    )
    shown = table[table["claim_id"].map(verdicts).eq("consistent")]
    tried = zip(shown["tried_count"], shown["unknown_count"], strict=True)
    parts = {
        "possible": [ranges_text((found.possible,), t) for found in shown["settling"]],
        "holds": [ranges_text(found.holds, t) for found in shown["settling"]],
        "fails": [ranges_text(found.fails, t) for found in shown["settling"]],
        "open": [ranges_text(found.open, t) for found in shown["settling"]],
        "figure": [
            study.name(place) + t(", ", "，") + batches_name(span, t)
            for place, span in zip(shown["place_id"], shown["batches"], strict=True)
        ],
        "tried": [t(f"{one} of {every}", f"{every}个中的{one}个") for one, every in tried],
    }
    record = record_of(
        study,
        "02_settling",
        (
            "Of the unknown counts tried, the one that would tell most of each open claim",
            "所试未知数中，对每一未决论断最具信息量者",
        ),
        unit=("firms", "家"),
        basis=study.basis_name,
        note=(
            "Found by solving again with the claim, and with its denial, as a further constraint. "
            "Tried: counts of the places the claim names and of those it compares them with over its batches.",
            "以论断及其否定为附加约束重新求解得到。所试数据：论断所涉地区及其比较对象在相应批次的数量。",
        ),
        source=[list(sources)],
    )
    told = {name: pd.Series(values, shown.index, dtype="str") for name, values in parts.items()}
    return shown.assign(**told).rename(columns=heads)[list(heads.values())], record
