"""Figures and tables of the notebook on concentration, position and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea

from helpers.publish import figures
from helpers.publish.figures import COLOURS, Record
from helpers.publish.trend_views import Pick, View

Shown = tuple[pd.DataFrame, Record]
_MUTED = "#7FA9C9"  # a lighter blue that a grey print keeps apart from the focal colour


def reference_names(t: Pick) -> dict[str, str]:
    """Names of the references of the location quotients.

    Parameters
    ----------
    t : callable
        Picks the English or the Chinese text.

    Returns
    -------
    dict of reference to name
    """
    return {
        "residents": t("residents (2020)", "2020年常住人口"),
        "gdp": t("GDP (2018)", "2018年GDP"),
        "rd_expenditure": t("R&D spending (2018)", "2018年研发经费"),
        "hightech_firms": t("high-tech manuf. firms (2018)", "2018年高技术制造业企业"),
    }


def index_name(index: str, t: Pick) -> str:
    """Name of an index of concentration.

    Parameters
    ----------
    index : str
        As in ``analysis.concentration.indices``.
    t : callable

    Returns
    -------
    str
    """
    names = {
        "hhi": t("Herfindahl index, raw", "赫芬达尔指数（原值）"),
        "hhi_normalised": t("Herfindahl index, normalised 0-1", "赫芬达尔指数（标准化）"),
        "gini": t("Gini, population convention", "基尼系数（总体）"),
        "gini_sample": t("Gini, times n/(n-1)", "基尼系数（乘n/(n-1)）"),
        "theil": t("Theil T", "泰尔指数T"),
        "entropy": t("Shannon entropy (nats)", "香农熵（自然对数）"),
        "entropy_normalised": t("Shannon entropy / ln n", "香农熵/ln n"),
    }
    kind, _, value = index.partition("_")
    if kind == "atkinson":
        return t(f"Atkinson, epsilon {value}", f"阿特金森指数（ε={value}）")
    if index.startswith("cr"):
        number = index.removeprefix("cr")
        return t(f"CR{number}, share of the {number} largest", f"CR{number}，前{number}位占比")
    return names[index]


def basis_label(basis: str, t: Pick) -> str:
    """Name of a basis of counting.

    Parameters
    ----------
    basis : {"study", "certified", "announced"}
    t : callable

    Returns
    -------
    str
    """
    names = {"study": "本研究口径", "certified": "公告", "announced": "公示"}
    return t(basis, names[basis])


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign, a rounded zero without.

    Examples
    --------
    >>> signed(1234.4), signed(-0.2), signed(-0.25, 1)
    ('+1,234', '0', '-0.2')
    """
    text = f"{value:+,.{digits}f}"
    return f"{0:.{digits}f}" if float(text.replace(",", "")) == 0 else text


def _batches(t: Pick, span: str) -> str:
    return t(f"batch{'es' if '-' in span else ''} {span}", f"第{span.replace('-', '—')}批")


def _colour(unit: str, focal: str) -> str:
    return COLOURS["focal"] if unit == focal else COLOURS["main"]


def _rows(ax: Any, labels: Sequence[str], focal: str, size: float = 7.0) -> None:
    """Row labels from the top, the focal one in its colour."""
    ax.set_yticks(range(len(labels)), labels, fontsize=size)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    for tick in ax.get_yticklabels():
        if tick.get_text() == focal:
            tick.set_color(COLOURS["focal"])


def _span_mark(ax: Any, low: float, high: float, y: float, colour: str) -> None:
    """A dot for a known value, a bar with end marks for an interval."""
    if low == high:
        ax.plot(low, y, "o", color=colour, ms=4.5, zorder=3)
        return
    ax.plot([low, high], [y, y], color=colour, lw=3.2, alpha=0.45, solid_capstyle="butt", zorder=2)
    ax.plot([low, high], [y, y], "|", color=colour, ms=5, zorder=3)


# --- Shares --------------------------------------------------------------------------------------


def growth(table: pd.DataFrame, name: str, basis: str, t: Pick, source: str) -> Shown:
    """The table of new firms by batch.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.batch_growth``.
    name : str
        Of the focal province.
    basis : str
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    columns = {
        "batch": t("Batch", "批次"), "total_count": t("Nation", "全国"),
        "growth_pct": t("Growth over the batch before (%)", "较上一批增长（%）"),
        "lower_count": t(f"{name}, at least", f"{name}，至少"),
        "upper_count": t(f"{name}, at most", f"{name}，至多"),
        "lower_share_pct": t("Share, at least (%)", "占比，至少（%）"),
        "upper_share_pct": t("Share, at most (%)", "占比，至多（%）"),
    }  # fmt: skip
    record = Record(
        "02b_growth",
        t(
            f"New little giants by batch: the nation and {name}",
            f"分批次新增“小巨人”：全国与{name}",
        ),
        unit=t("firms", "家"),
        basis=basis,
        note=t(
            "At least and at most: identification bounds, equal where the count is known; a dash: batches after the fifth are not bounded.",
            "至少、至多为识别界，数量已知时二者相等；横线：第五批以后未求界。",
        ),
        source=source,
    )
    return table.rename(columns=columns)[list(columns.values())], record


def share_intervals(
    table: pd.DataFrame, focal: str, units: int, basis: str, t: Pick, source: str
) -> View:
    """Sampling intervals of the shares of units that are near in rank.

    Parameters
    ----------
    table : DataFrame
        Index: label, in order; columns of ``analysis.intervals.share_intervals`` and rank.
    focal : str
        Label of the focal province.
    units : int
        Number of units ranked.
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    total = int(table["base_count"].iloc[0])
    with figures.styled():
        figure, ax = figures.new(6.6, 0.9 + 0.27 * len(table))
        right = 100 * float(table["joint_high"].max())
        for y, (label, row) in enumerate(table.iterrows()):
            colour, share = _colour(str(label), focal), 100 * row["share"]
            ax.plot([100 * row["joint_low"], 100 * row["joint_high"]], [y, y], color=colour, lw=1)
            ax.plot(
                [100 * row["wilson_low"], 100 * row["wilson_high"]], [y, y], color=colour, lw=5,
                alpha=0.4, solid_capstyle="butt",
            )  # fmt: skip
            ax.plot(share, y, "o", color=colour, ms=4.5)
            text = f"{int(row['firms_count'])} = {share:.2f} %"
            ax.text(right * 1.03, y, text, va="center", fontsize=7, color=colour)
        first = table.iloc[0]
        for end, text, side in (
            ("wilson_high", t("each alone", "单独区间"), "left"),
            ("joint_low", t("all at once", "联合区间"), "right"),
        ):
            ax.annotate(
                text, (100 * first[end], 0), (0, 8), textcoords="offset points", fontsize=6.5,
                ha=side, color="#555555",
            )  # fmt: skip
        ranks = [f"{row['rank']:.0f}  {label}" for label, row in table.iterrows()]
        _rows(ax, ranks, f"{table.loc[focal, 'rank']:.0f}  {focal}", 8)
        ax.set_ylim(len(table) - 0.4, -1.1)
        ax.set(xlim=(0, right * 1.24), xlabel=t("Share of the nation (%)", "占全国比重（%）"))
        ax.grid(axis="x")
    record = Record(
        "02b_intervals",
        t(
            f"Neighbours of {focal} in rank: shares with 95 % sampling intervals",
            f"与{focal}位次相近的省份：占比及95%抽样区间",
        ),
        unit="%",
        base=t(f"{total:,} firms, {units} units ranked", f"{total}家企业，{units}个单位排序"),
        basis=basis,
        note=t(
            "Model: each firm falls into a province independently with fixed probabilities (thick: Wilson, thin: Goodman, all units at once). The list itself is a census without sampling error.",
            "模型：各企业以固定概率独立落入各省（粗线：Wilson；细线：Goodman，全部单位同时成立）。名单本身为全数，并无抽样误差。",
        ),
        source=source,
    )
    return figure, record, table.rename_axis("unit").reset_index()


# --- Concentration -------------------------------------------------------------------------------


def indices(table: pd.DataFrame, units: int, basis: str, t: Pick, source: str) -> Shown:
    """The table of indices of concentration, one column a complete range of batches.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.concentration_table``.
    units : int
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    table, record
    """
    spans = [name for name in table.columns if name not in ("index", "lowest", "highest")]
    shown = pd.DataFrame({t("Index", "指标"): [index_name(i, t) for i in table["index"]]})
    for span in spans:
        shown[_batches(t, span)] = [f"{value:.4f}" for value in table[span]]
    shown[t("lowest possible", "可能最小值")] = [f"{value:.4f}" for value in table["lowest"]]
    shown[t("highest possible", "可能最大值")] = [f"{value:.4f}" for value in table["highest"]]
    record = Record(
        "02b_indices",
        t("Concentration over provincial units", "省级单位间的集中度"),
        unit=t("fractions; entropy and Theil in nats", "比例；熵与泰尔指数以自然对数计"),
        base=t(f"{units} units, those without a firm included", f"{units}个单位（含无企业者）"),
        basis=basis,
        note=t(
            "0 ln 0 = 0. A unit without a firm makes the Atkinson index with epsilon 1 equal to 1.",
            "规定0 ln 0 = 0；存在无企业的单位时，ε=1的阿特金森指数恒为1。",
        ),
        source=source,
    )
    return shown, record


def concentration(
    bounds: pd.DataFrame, printed: Mapping[str, str], basis: str, t: Pick, source: str
) -> View:
    """CR5 and the Herfindahl index by range of batches, beside what a paper prints.

    Parameters
    ----------
    bounds : DataFrame
        From ``analysis.provincial.concentration_bounds``.
    printed : mapping of index to value as printed
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    names = list(dict.fromkeys(bounds["index"]))
    spans = list(dict.fromkeys(bounds["batches"]))
    with figures.styled():
        figure, axes = figures.new(7.2, 0.9 + 0.32 * len(spans), ncols=len(names), sharey=True)
        for ax, name in zip(axes, names, strict=True):
            part = bounds[bounds["index"] == name].set_index("batches")
            for y, span in enumerate(spans):
                low, high = part.loc[span, "low"], part.loc[span, "high"]
                _span_mark(ax, low, high, y, COLOURS["main"])
                if low == high:
                    box = {"fc": "white", "ec": "none", "pad": 0.3}
                    ax.text(
                        low, y + 0.24, f"{low:.3f}", ha="center", va="top", fontsize=7, bbox=box
                    )
            if name in printed:
                ax.axvline(float(printed[name]), color=COLOURS["focal"], ls="--", lw=1.2)
                ax.annotate(
                    t(f"printed: {printed[name]}", f"文献值：{printed[name]}"),
                    (float(printed[name]), -0.75), (4, 0), textcoords="offset points", fontsize=7,
                    color=COLOURS["focal"], va="center",
                )  # fmt: skip
            _rows(ax, [_batches(t, span) for span in spans], "", 8)
            ax.set_ylim(len(spans) - 0.5, -1.1)
            ax.set(xlim=(0, None), xlabel=index_name(name, t))
            ax.grid(axis="x")
    record = Record(
        "02b_concentration",
        t(
            "Concentration over provinces: known values, bounds, and a printed value",
            "省际集中度：已知值、识别界与文献公布值",
        ),
        unit=t("fractions", "比例"),
        basis=basis,
        note=t(
            "Dot: the figures determine it. Bar: identification bounds, not a sampling interval; those of the Herfindahl index may be wider than need be. Dashed: printed in a paper without stated batches.",
            "圆点：数据可确定。横条：识别界，非抽样区间；赫芬达尔指数的界可能偏宽。虚线：文献公布值，未注明批次。",
        ),
        source=source,
    )
    return figure, record, bounds


def lorenz(table: pd.DataFrame, t: Pick, source: str) -> View:
    """Lorenz curves with direct labels, references thinner and broken.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.curves``.
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    styles = ["--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]
    tones = [COLOURS["main"], COLOURS["second"], COLOURS["ink"], COLOURS["fourth"]]
    with figures.styled():
        figure, ax = figures.new(5.6, 4.4)
        ax.plot([0, 1], [0, 1], color=COLOURS["grey"], lw=0.8)
        ax.text(
            0.36, 0.385, t("equal counts", "完全均等"), rotation=38, rotation_mode="anchor",
            fontsize=7, color="#555555", ha="center",
        )  # fmt: skip
        drawn = table.groupby(["kind", "name"], sort=False)
        others = 0
        for order, ((kind, name), points) in enumerate(drawn):
            mine, gini = kind == "firms", points["gini"].iloc[0]
            label = (
                t(f"firms, batches {name}", f"企业，第{name.replace('-', '—')}批")
                if mine
                else reference_names(t)[name]
            )
            last = mine and name == table.loc[table["kind"] == "firms", "name"].iloc[-1]
            colour = COLOURS["focal"] if last else tones[order % 4]
            style = "-" if mine else styles[others % 4]
            others += not mine
            x, y = points["units_share"], points["counts_share"]
            ax.plot(x, y, color=colour, ls=style, lw=2.2 if mine else 1.3)
            # A level line to the curve from the label, which stands below all curves.
            level = 0.30 - 0.075 * order
            at = float(np.interp(level, y, x))
            ax.annotate(
                f"{label}  G = {gini:.3f}", (at, level), (0.72, level), fontsize=7.5, color=colour,
                va="center",
                arrowprops={
                    "arrowstyle": "-", "color": colour, "lw": 0.7, "shrinkB": 0, "relpos": (0, 0.5),
                },
            )  # fmt: skip
        ax.set(xlim=(0, 1.18), ylim=(0, 1.01), xticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
        ax.set_xlabel(t("Share of the units, smallest first", "单位累计比例（由小到大）"))
        ax.set_ylabel(t("Share of the total", "总量累计比例"))
    record = Record(
        "02b_lorenz",
        t(
            "Lorenz curves: little giants, output and residents over provinces",
            "洛伦兹曲线：“小巨人”、产出与人口的省际分布",
        ),
        unit=t("cumulative fractions", "累计比例"),
        base=t("31 provinces, the Corps within Xinjiang", "31个省级单位，兵团并入新疆"),
        note=t("G: Gini, population convention.", "G：基尼系数（总体口径）。"),
        source=source,
    )
    return figure, record, table


def theil(table: pd.DataFrame, basis: str, t: Pick, source: str) -> Shown:
    """The table of the Theil index between and within groups.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.theil_table``.
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    table, record
    """
    names = {
        "East": t("East", "东部"), "Central": t("Central", "中部"), "West": t("West", "西部"),
        "Northeast": t("Northeast", "东北"), "all": t("all", "合计"),
        "plan_city": t("five plan cities", "五个计划单列市"), "other": t("other areas", "其他地区"),
    }  # fmt: skip
    splits = {"region": t("region", "区域"), "plan_city": t("plan city", "计划单列市")}
    columns = {
        "split": t("Split by", "分组"), "group": t("Group", "组"),
        "units_count": t("Units", "单位数"), "total": t("Firms", "企业数"),
        "share": t("Share", "占比"), "theil": t("Theil inside", "组内泰尔"),
        "between": t("Between", "组间"), "within": t("Within", "组内贡献"),
    }  # fmt: skip
    shown = table.assign(
        split=table["split"].map(splits),
        group=table["group"].map(names),
        total=table["total"].astype("int64"),
        **{
            name: [f"{value:.4f}" for value in table[name]]
            for name in ("share", "theil", "between", "within")
        },
    )
    record = Record(
        "02b_theil",
        t("Theil index between and within groups", "泰尔指数的组间与组内分解"),
        unit=t("nats; shares as fractions", "自然对数；占比为比例"),
        basis=basis,
        note=t(
            "Between and within add up to the index. A group below average has a negative term between. In the second split a plan city is an area of its own, so that there are more units.",
            "组间与组内之和等于总指数；低于平均水平的组其组间项为负。第二种分组将计划单列市单列，单位数因而增加。",
        ),
        source=source,
    )
    return shown.rename(columns=columns)[list(columns.values())], record


def published(
    table: pd.DataFrame, names: Mapping[str, str], basis: str, t: Pick, source: str
) -> Shown:
    """The table of figures printed elsewhere beside ours.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.published_table``.
    names : mapping of place_id to name
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    table, record
    """
    labels = {
        "cr5": index_name("cr5", t), "hhi": index_name("hhi", t),
        "firms_count": t("little giants", "“小巨人”数量"), "share_pct": t("share (%)", "占比（%）"),
    }  # fmt: skip
    rows = []
    for row in table.itertuples():
        place = "" if pd.isna(row.place_id) else f"{names[row.place_id]}: "
        digits = {"firms_count": 0, "share_pct": 2}.get(str(row.statistic), 4)
        ends = [f"{end:,.{digits}f}" for end in dict.fromkeys((row.low, row.high))]
        ours = " – ".join(ends) + ("" if row.attained else t(" (outer)", "（外界）"))
        rows.append((place + labels[str(row.statistic)], row.reported_value, t(row.batches, row.batches.replace("-", "—")), ours, bool(row.compatible)))  # fmt: skip
    columns = [
        t("Figure", "指标"), t("Printed", "公布值"), t("Batches", "批次"),
        t("Our figure or bounds", "本项目数值或界"), t("Compatible", "相容"),
    ]  # fmt: skip
    record = Record(
        "02b_published",
        t("Figures printed in other papers beside ours", "其他论文公布值与本项目对照"),
        basis=basis,
        note=t(
            "Two values: identification bounds. Outer: the bounds may be wider than the figures force them to be. Compatible: a value that is printed so lies within.",
            "两个数值为识别界；“外界”指界可能偏宽。相容：公布值的舍入区间与界相交。",
        ),
        source=source,
    )
    return pd.DataFrame(rows, columns=columns), record


# --- Position ------------------------------------------------------------------------------------


def quotients(
    table: pd.DataFrame, focal: str, spans: str, basis: str, t: Pick, source: str
) -> View:
    """Location quotients with intervals on a logarithmic axis, one panel a reference.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.quotient_table`` with a column label.
    focal : str
        Label of the focal province.
    spans : str
        Batches counted.
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    names = [n for n in reference_names(t) if n in set(table["reference_name"])]
    first = table[table["reference_name"] == names[0]].sort_values("lq", ascending=False)
    order, positive = list(first["label"]), table["lq"] > 0
    left = 0.7 * float(table.loc[positive, ["low", "lq"]].to_numpy().min())
    right = 1.3 * float(table.loc[positive, "high"].max())
    with figures.styled():
        figure, axes = figures.new(7.6, 5.3, ncols=len(names), sharey=True, squeeze=False)
        for ax, name in zip(axes[0], names, strict=True):
            part = table[table["reference_name"] == name].set_index("label")
            for label, row in part.iterrows():
                y, colour = order.index(label), _colour(label, focal)
                # A count of zero has no place on a logarithmic axis: an arrow to the left of it.
                for low, high, width, alpha in (
                    ("scaled_low", "scaled_high", 0.8, 1.0), ("low", "high", 4.0, 0.4),
                ):  # fmt: skip
                    start = row[low] if row["lq"] > 0 else left
                    ax.plot(
                        [max(start, left), min(row[high], right)], [y, y], color=colour, lw=width,
                        alpha=alpha, solid_capstyle="butt",
                    )  # fmt: skip
                ax.plot(max(row["lq"], left), y, "o" if row["lq"] > 0 else "<", color=colour, ms=4)
            ax.axvline(1, color=COLOURS["ink"], lw=0.8)
            ax.set_xscale("log")
            ticks = [tick for tick in (0.1, 0.3, 1, 3, 10, 30) if left <= tick <= right]
            ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            ax.set_xticks([], minor=True)
            ax.set(xlim=(left, right))
            ax.set_title(
                f"{reference_names(t)[name]}\nφ = {part['dispersion'].iloc[0]:.1f}", fontsize=7.5
            )
            ax.grid(axis="x")
            ax.set_xlabel(t("quotient (log)", "区位商（对数）"), fontsize=8)
            _rows(ax, order, focal)
    total = int(table["local_total"].iloc[0])
    record = Record(
        "02b_quotients",
        t(
            "More or fewer little giants than residents, output, research and high-tech firms suggest",
            "相对人口、产出、研发与高技术企业的“小巨人”区位商",
        ),
        base=t(f"{total:,} firms in {_batches(t, spans)}", f"{_batches(t, spans)}共{total}家"),
        basis=basis,
        note=t(
            "95 % intervals, the reference taken as fixed. Thick: binomial model. Thin: variance φ times as large (quasi-likelihood), φ the scatter of all provinces around the reference; it may go on beyond the axis. Left arrow: no firm. 1: as many as the reference suggests. Corps within Xinjiang.",
            "95%区间，参照量视为固定。粗线：二项模型。细线：方差放大φ倍（拟似然），φ为各省相对参照的离散程度，可能超出坐标范围。左箭头：无企业。1表示与参照相当。兵团并入新疆。",
        ),
        source=source,
    )
    return figure, record, table.drop(columns="label")


def focal_quotients(table: pd.DataFrame, name: str, basis: str, t: Pick, source: str) -> Shown:
    """The focal province's quotients in all forms, with the Krugman index of the nation.

    Parameters
    ----------
    table : DataFrame
        Rows of ``analysis.provincial.quotient_table`` for the province, joined with
        ``krugman_table``.
    name : str
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    table, record
    """
    shown = pd.DataFrame({t("Reference", "参照"): table["reference_name"].map(reference_names(t))})
    shown[t("Share of firms (%)", "企业占比（%）")] = 100 * table["local"] / table["local_total"]
    shown[t("Share of reference (%)", "参照占比（%）")] = (
        100 * table["reference"] / table["reference_total"]
    )
    shown[t("Quotient", "区位商")] = table["lq"]
    for low, high, title in (
        ("low", "high", t("95 %, binomial", "95%区间（二项）")),
        ("scaled_low", "scaled_high", t("95 %, scaled by φ", "95%区间（按φ放大）")),
    ):
        pairs = zip(table[low], table[high], strict=True)
        shown[title] = [f"{start:.2f} – {end:.2f}" for start, end in pairs]
    shown["φ"] = table["dispersion"].map("{:.1f}".format)
    shown[t("Symmetric", "对称形式")] = table["symmetric"]
    shown[t("Logarithm", "对数")] = [
        t("none (no firm)", "无（无企业）") if value == 0 else f"{log:.2f}"
        for value, log in zip(table["lq"], table["log_lq"], strict=True)
    ]
    shown[t("Krugman, all provinces", "克鲁格曼指数（全国）")] = table["krugman"]
    record = Record(
        "02b_focal_quotients",
        t(f"Location quotients of {name}", f"{name}的区位商"),
        basis=basis,
        note=t(
            "φ: Pearson chi-square per degree of freedom of all provinces against the reference. Symmetric: (LQ - 1) / (LQ + 1). Krugman: sum of absolute differences of shares over all provinces, 0 to 2.",
            "φ：各省相对参照的皮尔逊卡方除以自由度。对称形式为(LQ-1)/(LQ+1)；克鲁格曼指数为全部省份占比差绝对值之和，取值0至2。",
        ),
        source=source,
    )
    return shown, record


# --- Change --------------------------------------------------------------------------------------


def part_names(t: Pick) -> dict[str, str]:
    """Names of the parts of a shift-share analysis, in the order of the figure.

    Parameters
    ----------
    t : callable

    Returns
    -------
    dict of part to name
    """
    return {
        "change": t("change", "变动"),
        "national": t("national growth", "全国增长"),
        "competitive": t("competitive effect", "竞争效应"),
        "between_blocks": t("  of it: region", "　其中：区域间"),
        "within_block": t("  of it: within region", "　其中：区域内"),
    }


def focal_shift(
    tables: Mapping[str, pd.Series], before: str, name: str, basis: str, t: Pick, source: str
) -> View:
    """The parts of the focal province's change, a bar where known, an interval where not.

    Parameters
    ----------
    tables : mapping of later batches to a row of ``analysis.provincial.shift_bounds``
    before : str
        Earlier batches.
    name : str
        Of the province.
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    parts = part_names(t)
    rows = []
    with figures.styled():
        figure, axes = figures.new(7.2, 2.3, ncols=len(tables), sharey=True, squeeze=False)
        for ax, (later, row) in zip(axes[0], tables.items(), strict=True):
            ax.axvline(0, color=COLOURS["ink"], lw=0.8)
            for y, part in enumerate(parts):
                low, high = row[f"{part}_low"], row[f"{part}_high"]
                rows.append((later, part, low, high))
                if pd.isna(low):
                    text = t("not bounded", "未求界")
                    ax.text(0, y, f" {text}", va="center", fontsize=7, color="#777777")
                    continue
                colour = COLOURS["focal"] if part == "competitive" else COLOURS["main"]
                if low == high:
                    ax.barh(y, low, height=0.55, color=colour, alpha=0.75)
                else:
                    _span_mark(ax, low, high, y, colour)
                ends = " – ".join(signed(end) for end in dict.fromkeys((low, high)))
                side = ax.get_yaxis_transform()
                ax.text(1.02, y, ends, transform=side, va="center", fontsize=7, color=colour)
            ax.set_title(t(f"{_batches(t, before)} to {_batches(t, later)}", f"{_batches(t, before)}至{_batches(t, later)}"))  # fmt: skip
            _rows(ax, list(parts.values()), "", 8)
            ax.locator_params(axis="x", nbins=5)
            ax.grid(axis="x")
            ax.set_xlabel(t("Firms", "家"))
    record = Record(
        "02b_focal_shift",
        t(f"Shift-share of the new little giants of {name}", f"{name}新增“小巨人”的偏离份额分析"),
        unit=t("firms", "家"),
        basis=basis,
        note=t(
            "Bar: known. Thick line: identification bounds of each part; the parts add up in every completion, the ends of the bounds do not. Batches differ in size and criteria.",
            "柱：已知。粗线：各部分的识别界；每一补全中各部分相加成立，界的端点则不可相加。各批规模与标准不同。",
        ),
        source=source,
    )
    return figure, record, pd.DataFrame(rows, columns=["batches", "part", "low", "high"])


def shifts(
    tables: Mapping[str, pd.DataFrame], before: str, focal: str, basis: str, t: Pick, source: str
) -> View:
    """The competitive effect of every unit, sorted, one panel a later range of batches.

    Parameters
    ----------
    tables : mapping of later batches to ``analysis.provincial.shift_bounds`` with a column label
    before : str
        Earlier batches.
    focal : str
        Label of the focal province.
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    with figures.styled():
        figure, axes = figures.new(7.4, 5.3, ncols=len(tables), squeeze=False)
        for ax, (later, table) in zip(axes[0], tables.items(), strict=True):
            keys = ["competitive_low", "competitive_high"]
            ordered = table.sort_values(keys, ascending=False, kind="stable")
            for y, row in enumerate(ordered.itertuples()):
                colour = _colour(str(row.label), focal)
                _span_mark(ax, row.competitive_low, row.competitive_high, y, colour)
            ax.axvline(0, color=COLOURS["ink"], lw=0.8)
            ax.set_xscale("symlog", linthresh=100, linscale=1)
            ticks = [-1000, -100, 0, 100, 1000]
            low, high = ordered["competitive_low"].min(), ordered["competitive_high"].max()
            kept = [tick for tick in ticks if low <= tick <= high]
            ax.set_xticks(kept, [f"{tick:+,}" if tick else "0" for tick in kept])
            ax.set_xlim(min(1.3 * low, -20), max(1.3 * high, 20))
            ax.set_xticks([], minor=True)
            _rows(ax, list(ordered["label"]), focal, 6.8)
            ax.set_title(t(f"{_batches(t, before)} to {_batches(t, later)}", f"{_batches(t, before)}至{_batches(t, later)}"))  # fmt: skip
            ax.set_xlabel(t("Competitive effect (firms)", "竞争效应（家）"))
            ax.grid(axis="x")
    record = Record(
        "02b_shifts",
        t(
            "Growth above or below the nation's: the competitive effect of every unit",
            "高于或低于全国的增长：各单位的竞争效应",
        ),
        unit=t("firms; linear to 100, logarithmic beyond", "家；±100以内为线性，以外为对数"),
        basis=basis,
        note=t(
            "Dot: known. Thick line: identification bounds. Sorted by the lower end: what is certain. Accounting, not causes.",
            "圆点：已知。粗线：识别界，按下限（即可确定的部分）排序。仅为核算，不表示因果。",
        ),
        source=source,
    )
    rows = [table.rename_axis("place_id").reset_index().assign(batches=later) for later, table in tables.items()]  # fmt: skip
    return figure, record, pd.concat(rows, ignore_index=True).drop(columns="label")


def industry_parts(
    table: pd.DataFrame, later: str, before: str, name: str, t: Pick, source: str
) -> Shown:
    """Dunn's three parts of the focal province by industry.

    Parameters
    ----------
    table : DataFrame
        Index: industry; columns before, after, change, national, industry_mix, competitive.
    later, before : str
        Batches.
    name : str
    t, source
        See :func:`growth`.

    Returns
    -------
    table, record
    """
    columns = {
        "industry": t("Industry", "行业"), "before": t("Before", "期初"), "after": t("After", "期末"),
        "change": t("Change", "变动"), "national": t("National growth", "全国增长"),
        "industry_mix": t("Industry mix", "产业结构"), "competitive": t("Competitive", "竞争效应"),
    }  # fmt: skip
    record = Record(
        "02b_industries",
        t(f"Shift-share by industry: {name}", f"分行业偏离份额分析：{name}"),
        unit=t("firms", "家"),
        period=t(
            f"{_batches(t, before)} to {_batches(t, later)}",
            f"{_batches(t, before)}至{_batches(t, later)}",
        ),
        source=source,
    )
    shown = table.rename_axis("industry").reset_index()
    return shown.rename(columns=columns)[list(columns.values())], record


# --- Ranks ---------------------------------------------------------------------------------------


def bump(
    table: pd.DataFrame, labels: Mapping[str, str], focal: str, units: int, basis: str, t: Pick,
    source: str,
) -> View:  # fmt: skip
    """Ranks by range of batches: dots joined by lines where known, bars of possible ranks where not.

    Parameters
    ----------
    table : DataFrame
        Columns place_id, batches, best, worst; the first range is known.
    labels : mapping of place_id to name
    focal : str
        place_id of the focal province.
    units : int
        Number of units ranked.
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    figure, record, data
    """
    spans = list(dict.fromkeys(table["batches"]))
    start = table[table["batches"] == spans[0]].sort_values("best", kind="stable")
    places = list(start["place_id"])
    width = 0.8 / max(len(places), 1)
    with figures.styled():
        figure, ax = figures.new(7.2, 4.8)
        for rank, rows in start.groupby("best"):
            _rank_names(ax, int(rank), list(rows["place_id"]), labels, focal, t)
        for slot, place in enumerate(places):
            own = table[table["place_id"] == place].set_index("batches").loc[spans]
            _bump_line(ax, own, labels[place], place == focal, (slot + 0.5) * width - 0.4)
        ax.set(xlim=(-0.75, len(spans) - 0.5), ylim=(units + 0.6, -4.5))
        ax.set_xticks(range(len(spans)), [_batches(t, span) for span in spans])
        ax.set_yticks([1, *range(5, units + 1, 5)])
        ax.set_ylabel(
            t(f"Rank of {units}, ties share the better", f"位次（共{units}），并列取较优")
        )
        ax.spines["left"].set_visible(False)
        ax.grid(axis="y")
    record = Record(
        "02b_ranks",
        t(
            f"Ranks of {labels[focal]} and its neighbours, and those they can have had since",
            f"{labels[focal]}及相近省份的位次与其后可能的位次",
        ),
        base=t(f"{units} provincial units", f"{units}个省级单位"),
        basis=basis,
        note=t(
            "Dot: known rank; a line joins two. Bar: every rank from the best to the worst that the figures allow (identification bounds), dotted lines leading to that of the focal province.",
            "圆点：已知位次，实线连接相邻两期。竖条：数据所允许的最优至最差位次（识别界），点线引向所考察省份的范围。",
        ),
        source=source,
    )
    return figure, record, table


def _rank_names(
    ax: Any, rank: int, places: Sequence[str], labels: Mapping[str, str], focal: str, t: Pick
) -> None:
    """Who stands at a rank, the focal one alone in its colour."""
    pieces: list[Artist] = []
    for n, place in enumerate(places):
        after = t(", ", "、") if n + 1 < len(places) else f"  {rank}"
        tone = COLOURS["focal"] if place == focal else COLOURS["ink"]
        font = {"size": 7.5 if place == focal else 7}
        pieces.append(TextArea(labels[place], textprops={"color": tone, **font}))
        pieces.append(TextArea(after, textprops={"color": COLOURS["ink"], "size": 7}))
    row = HPacker(children=pieces, pad=0, sep=0, align="baseline")
    ax.add_artist(AnnotationBbox(row, (-0.06, rank), box_alignment=(1, 0.5), frameon=False, pad=0))


def _bump_line(ax: Any, own: pd.DataFrame, label: str, mine: bool, offset: float) -> None:
    """One unit: dots and lines between neighbouring known ranks, a bar for a range of ranks.

    A fan of broken lines leads the focal unit from a known rank to the ranks it can have next.
    """
    colour, over = COLOURS["focal"] if mine else _MUTED, 1 if mine else 0
    tone = COLOURS["focal"] if mine else "#444444"
    ends = list(zip(own["best"], own["worst"], strict=True))
    for column, (best, worst) in enumerate(ends):
        if best == worst:
            ax.plot(column, best, "o", color=colour, ms=5, zorder=4 + over)
            if column:
                ax.text(column + 0.04, best, label, fontsize=6.5, va="center", color=tone)
        else:
            x = column + offset
            ax.plot(
                [x, x], [best, worst], color=colour, lw=5 if mine else 4, alpha=1 if mine else 0.7,
                solid_capstyle="butt", zorder=2 + over,
            )  # fmt: skip
            ax.text(
                x,
                best - 0.5,
                label,
                rotation=90,
                fontsize=6.5,
                ha="center",
                va="bottom",
                color=tone,
            )
        if column == 0 or ends[column - 1][0] != ends[column - 1][1]:
            continue
        before = ends[column - 1][0]
        if best == worst:
            ax.plot(
                [column - 1, column], [before, best], color=colour, lw=2.4 if mine else 1.2,
                zorder=3 + over,
            )  # fmt: skip
        elif mine:
            for end in (best, worst):
                ax.plot([column - 1, column + offset], [before, end], color=colour, lw=0.8, ls=":")


def rank_changes(
    table: pd.DataFrame, labels: Mapping[str, str], basis: str, t: Pick, source: str
) -> Shown:
    """The table of ranks, possible ranks since, and places gained or lost.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.rank_table``.
    labels : mapping of place_id to name
    basis : str
    t, source
        See :func:`growth`.

    Returns
    -------
    table, record
    """

    def ends(low: int, high: int, sign: bool = False) -> str:
        texts = [f"{end:+d}" if sign and end else str(end) for end in dict.fromkeys((low, high))]
        return t(" to ", "至").join(texts)

    spans = list(dict.fromkeys(table["batches"]))
    wide = table.set_index(["place_id", "batches"])
    first = table[table["batches"] == spans[0]].sort_values("best", kind="stable")
    shown = pd.DataFrame({t("Unit", "单位"): [labels[place] for place in first["place_id"]]})
    shown[t("Rank, ", "位次，") + _batches(t, spans[0])] = list(first["best"])
    for span in spans[1:]:
        pairs = [wide.loc[(place, span), ["best", "worst"]] for place in first["place_id"]]
        shown[_batches(t, span)] = [ends(*pair) for pair in pairs]
        shown[t(f"places gained ({span})", f"上升位数（{_batches(t, span)}）")] = [
            ends(rank - worst, rank - best, sign=True)
            for rank, (best, worst) in zip(first["best"], pairs, strict=True)
        ]
    record = Record(
        "02b_rank_changes",
        t("Ranks, possible ranks since, and places gained", "位次、其后可能的位次与上升位数"),
        base=t(
            f"{table['ranked_count'].iloc[0]} units ranked, ties share the better",
            f"{table['ranked_count'].iloc[0]}个单位排序，并列取较优",
        ),
        basis=basis,
        note=t(
            "Two values: identification bounds. A negative number of places gained is a loss.",
            "两个数值为识别界；上升位数为负表示下降。",
        ),
        source=source,
    )
    return shown, record
