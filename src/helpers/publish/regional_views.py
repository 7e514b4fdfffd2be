"""Figures of the notebook on concentration, position and change, each with its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea

from helpers.evidence.bilingual import Pick
from helpers.publish import charts, figures
from helpers.publish.cells import display_width
from helpers.publish.figures import COLOURS
from helpers.publish.phrases import basis_name, batches_name, between, percent, signed
from helpers.publish.teller import Teller, View, record_of

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
        if number == "1":
            return t("CR1, share of the largest", "CR1，最大者占比")
        return t(f"CR{number}, share of the {number} largest", f"CR{number}，前{number}位占比")
    return names[index]


def labels_of(study: Teller, place_ids: Iterable[str]) -> dict[str, str]:
    """Names of places by their codes."""
    return {place: study.name(place) for place in place_ids}


def _colour(unit: str, focal: str) -> str:
    return COLOURS["focal"] if unit == focal else COLOURS["main"]


def _rows(ax: Any, labels: Sequence[str], focal: str, size: float = 7.0) -> None:
    """Row labels from the top, the focal one in its colour."""
    charts.named_rows(ax, range(len(labels)), list(labels), focal, size)
    ax.set_ylim(len(labels) - 0.4, -0.6)


def _span_mark(ax: Any, low: float, high: float, y: float, colour: str) -> None:
    """A dot for a known value, a bar with end marks for an interval."""
    if low == high:
        ax.plot(low, y, "o", color=colour, ms=4.5, zorder=3)
        return
    ax.plot([low, high], [y, y], color=colour, lw=3.2, alpha=0.45, solid_capstyle="butt", zorder=2)
    ax.plot([low, high], [y, y], "|", color=colour, ms=5, zorder=3)


# --- Shares --------------------------------------------------------------------------------------


def share_intervals(
    study: Teller, table: pd.DataFrame, focal: str, units: int, basis: str,
    sources: Sequence[str],
) -> View:  # fmt: skip
    """Sampling intervals of the shares of units that are near in rank.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Index: place_id, in order; columns of ``analysis.intervals.share_intervals`` and rank.
    focal : str
        place_id of the focal province.
    units : int
        Number of units ranked.
    basis : str
        Of counting.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, name = study.t, study.name(focal)
    total, own = int(table["base_count"].iloc[0]), table.loc[focal]
    table = table.rename(index=labels_of(study, table.index))
    with figures.styled():
        figure, ax = figures.new(6.6, 0.9 + 0.27 * len(table))
        right = 100 * float(table["joint_high"].max())
        for y, (label, row) in enumerate(table.iterrows()):
            _two_intervals(ax, row, y, _colour(str(label), name), right, t)
        _name_intervals(ax, table.iloc[0], t)
        ranks = [f"{row['rank']:.0f}  {label}" for label, row in table.iterrows()]
        _rows(ax, ranks, f"{own['rank']:.0f}  {name}", 8)
        ax.set_ylim(len(table) - 0.4, -1.1)
        ax.set(xlim=(0, right * 1.24), xlabel=t("Share of the nation (%)", "占全国比重（%）"))
        ax.grid(axis="x")
    shares = [percent(own[end], 2, t) for end in ("share", "joint_low", "joint_high")]
    record = record_of(
        study,
        "02b_intervals",
        (
            f"Neighbours of {name} in rank: shares with 95 % sampling intervals",
            f"与{name}位次相近的省份：占比及95%抽样区间",
        ),
        unit="%",
        base=(f"{total:,} firms, {units} units ranked", f"{total:,}家企业，{units}个单位排序"),
        basis=basis_name(basis, t),
        note=(
            "Model: each firm falls into a province independently with fixed probabilities (thick: Wilson, thin: Goodman, all units at once). The list itself is a census without sampling error.",
            "模型：各企业以固定概率独立落入各省（粗线：Wilson；细线：Goodman，全部单位同时成立）。名单本身为全数，并无抽样误差。",
        ),
        source=[sources],
        alt=(
            f"Dots with a short and a long sampling interval for {len(table)} units near {name} in rank, the largest first. {name}: {shares[0]}, long interval {shares[1]} to {shares[2]}.",
            f"与{name}位次相近的{len(table)}个单位，由大到小，圆点附长短两种抽样区间。{name}：{shares[0]}，长区间{shares[1]}至{shares[2]}。",
        ),
    )
    return figure, record, table.rename_axis("unit").reset_index()


def _two_intervals(ax: Any, row: pd.Series, y: int, colour: str, right: float, t: Pick) -> None:
    """A share, its interval alone (thick) and among all units (thin), and its count."""
    share = 100 * row["share"]
    ax.plot([100 * row["joint_low"], 100 * row["joint_high"]], [y, y], color=colour, lw=1)
    ax.plot(
        [100 * row["wilson_low"], 100 * row["wilson_high"]], [y, y], color=colour, lw=5,
        alpha=0.4, solid_capstyle="butt",
    )  # fmt: skip
    ax.plot(share, y, "o", color=colour, ms=4.5)
    text = t(
        f"{int(row['firms_count'])} = {share:.2f} %", f"{int(row['firms_count'])}家 = {share:.2f}%"
    )
    ax.text(right * 1.03, y, text, va="center", fontsize=figures.points(7), color=colour)


def _name_intervals(ax: Any, first: pd.Series, t: Pick) -> None:
    """The names of the two intervals above those of the first row."""
    for end, text, side in (
        ("wilson_high", t("each alone", "单独区间"), "left"),
        ("joint_low", t("all at once", "联合区间"), "right"),
    ):
        ax.annotate(
            text, (100 * first[end], 0), (0, 8), textcoords="offset points",
            fontsize=figures.points(6.5), ha=side, color="#555555",
        )  # fmt: skip


# --- Concentration -------------------------------------------------------------------------------


def concentration(
    study: Teller, bounds: pd.DataFrame, printed: Mapping[str, str], sources: Sequence[str]
) -> View:
    """CR5 and the Herfindahl index by range of batches, beside what a paper prints.

    Parameters
    ----------
    study : Teller
    bounds : DataFrame
        From ``analysis.provincial.concentration_bounds``.
    printed : mapping of index to value as printed
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    names = list(dict.fromkeys(bounds["index"]))
    spans = list(dict.fromkeys(bounds["batches"]))
    with figures.styled():
        figure, axes = figures.new(7.2, 0.9 + 0.32 * len(spans), ncols=len(names), sharey=True)
        for ax, name in zip(axes, names, strict=True):
            part = bounds[bounds["index"] == name].set_index("batches")
            for y, span in enumerate(spans):
                _index_mark(ax, part.loc[span, "low"], part.loc[span, "high"], y)
            if name in printed:
                _printed_line(ax, printed[name], t)
            _rows(ax, [batches_name(span, t) for span in spans], "", 8)
            ax.set_ylim(len(spans) - 0.5, -1.1)
            ax.set(xlim=(0, None), xlabel=index_name(name, t))
            ax.grid(axis="x")
    told = [
        _index_told(row, t)
        for row in bounds.to_dict("records")
        if row["batches"] in (spans[0], spans[-1])
    ]
    record = record_of(
        study,
        "02b_concentration",
        (
            "Concentration over provinces: known values, bounds, and a printed value",
            "省际集中度：已知值、识别界与文献公布值",
        ),
        unit=("fractions", "比例"),
        basis=study.basis_name,
        note=(
            "Dot: the figures determine it. Bar: identification bounds, not a sampling interval; those of the Herfindahl index may be wider than need be. Dashed: printed in a paper without stated batches.",
            "圆点：数据可确定。横条：识别界，非抽样区间；赫芬达尔指数的界可能偏宽。虚线：文献公布值，未注明批次。",
        ),
        source=[sources],
        alt=(
            f"Dots for known values and bars for bounds, one row a range of batches, one panel an index, a dashed line at the printed value. {'; '.join(told)}.",
            f"已知值为圆点，识别界为横条，每一批次范围一行，每一指标一幅，虚线为文献值。{'；'.join(told)}。",
        ),
    )
    return figure, record, bounds


def _index_told(row: Mapping[str, Any], t: Pick) -> str:
    """An index of one range of batches, or its bounds."""
    name, label = index_name(row["index"], t), batches_name(row["batches"], t)
    ends = between((f"{row[end]:.3f}" for end in ("low", "high")), t)
    return str(t(f"{name}: {ends} in {label}", f"{label}{name}为{ends}"))


def _index_mark(ax: Any, low: float, high: float, y: int) -> None:
    """An index of one range of batches, the number beside it where it is known."""
    _span_mark(ax, low, high, y, COLOURS["main"])
    if low == high:
        box = {"fc": "white", "ec": "none", "pad": 0.3}
        ax.text(
            low, y + 0.24, f"{low:.3f}", ha="center", va="top", fontsize=figures.points(7), bbox=box
        )


def _printed_line(ax: Any, value: str, t: Pick) -> None:
    """A broken line where a paper prints a value."""
    ax.axvline(float(value), color=COLOURS["focal"], ls="--", lw=1.2)
    ax.annotate(
        t(f"printed: {value}", f"文献值：{value}"), (float(value), -0.75), (4, 0),
        textcoords="offset points", fontsize=figures.points(7), color=COLOURS["focal"],
        va="center",
    )  # fmt: skip


def lorenz(study: Teller, table: pd.DataFrame, sources: Sequence[str]) -> View:
    """Lorenz curves with direct labels, references thinner and broken.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.curves``.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, told = study.t, []
    with figures.styled():
        figure, ax = figures.new(5.6, 4.4)
        ax.plot([0, 1], [0, 1], color=COLOURS["grey"], lw=0.8)
        ax.text(
            0.36, 0.385, t("equal counts", "完全均等"), rotation=38, rotation_mode="anchor",
            fontsize=figures.points(7), color="#555555", ha="center",
        )  # fmt: skip
        for order, (label, points, look) in enumerate(_curves(table, t)):
            gini = points["gini"].iloc[0]
            told.append(f"{label} {gini:.3f}")
            ax.plot(points["units_share"], points["counts_share"], **look)
            _curve_label(ax, points, order, f"{label}  G = {gini:.3f}", look["color"])
        ax.set(xlim=(0, 1.18), ylim=(0, 1.01), xticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
        ax.set_xlabel(t("Share of the units, smallest first", "单位累计比例（由小到大）"))
        ax.set_ylabel(t("Share of the total", "总量累计比例"))
    record = record_of(
        study,
        "02b_lorenz",
        (
            "Lorenz curves: little giants, output and residents over provinces",
            "洛伦兹曲线：“小巨人”、产出与人口的省际分布",
        ),
        unit=("cumulative fractions", "累计比例"),
        base=("31 provinces, the Corps within Xinjiang", "31个省级单位，兵团并入新疆"),
        note=("G: Gini, population convention.", "G：基尼系数（总体口径）。"),
        source=[sources],
        alt=(
            f"Lorenz curves below the diagonal of equal counts; the lower a curve, the more uneven. Gini coefficients: {'; '.join(told)}.",
            f"位于均等线下方的洛伦兹曲线，越低越不均。基尼系数：{'；'.join(told)}。",
        ),
    )
    return figure, record, table


def _curves(table: pd.DataFrame, t: Pick) -> Iterator[tuple[str, pd.DataFrame, dict[str, Any]]]:
    """Label, points and look of each Lorenz curve; the last one of firms in the focal colour."""
    styles = ["--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]
    tones = [COLOURS["main"], COLOURS["second"], COLOURS["ink"], COLOURS["fourth"]]
    newest, others = table.loc[table["kind"] == "firms", "name"].iloc[-1], 0
    for order, ((kind, name), points) in enumerate(table.groupby(["kind", "name"], sort=False)):
        mine = kind == "firms"
        label = t("firms, ", "企业，") + batches_name(name, t) if mine else reference_names(t)[name]
        look = {
            "color": COLOURS["focal"] if mine and name == newest else tones[order % 4],
            "ls": "-" if mine else styles[others % 4],
            "lw": 2.2 if mine else 1.3,
        }
        others += not mine
        yield label, points, look


def _curve_label(ax: Any, points: pd.DataFrame, order: int, text: str, colour: str) -> None:
    """A level line to the curve from its label, which stands below all curves."""
    level = 0.30 - 0.075 * order
    at = float(np.interp(level, points["counts_share"], points["units_share"]))
    line = {"arrowstyle": "-", "color": colour, "lw": 0.7, "shrinkB": 0, "relpos": (0, 0.5)}
    ax.annotate(
        text, (at, level), (0.72, level), fontsize=figures.points(7.5), color=colour, va="center",
        arrowprops=line,
    )  # fmt: skip


# --- Position ------------------------------------------------------------------------------------


def quotients(
    study: Teller, table: pd.DataFrame, focal: str, spans: str, basis: str, sources: Sequence[str]
) -> View:
    """Location quotients with intervals on a logarithmic axis, one panel a reference.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.quotient_table``.
    focal : str
        place_id of the focal province.
    spans : str
        Batches counted.
    basis : str
        Of counting.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, titles, total = study.t, reference_names(study.t), int(table["local_total"].iloc[0])
    names = [name for name in titles if name in set(table["reference_name"])]
    first = table[table["reference_name"] == names[0]].sort_values("lq", ascending=False)
    order, positive, told = list(first["place_id"]), table["lq"] > 0, []
    left = 0.7 * float(table.loc[positive, ["low", "lq"]].to_numpy().min())
    right = 1.3 * float(table.loc[positive, "high"].max())
    with figures.styled():
        figure, axes = figures.new(7.6, 5.3, ncols=len(names), sharey=True, squeeze=False)
        for ax, name in zip(axes[0], names, strict=True):
            part = table[table["reference_name"] == name].set_index("place_id")
            for place, row in part.iterrows():
                _quotient(ax, row, order.index(place), _colour(str(place), focal), (left, right))
            # Panels are narrow: a long name takes two lines.
            title = f"{fill(titles[name], 20)}\nφ = {part['dispersion'].iloc[0]:.1f}"
            _ratio_axis(ax, left, right, title, t)
            _rows(ax, [study.name(place) for place in order], study.name(focal))
            told += [f"{titles[name]} {part.loc[focal, 'lq']:.2f}"] if focal in part.index else []
    record = record_of(
        study,
        "02b_quotients",
        (
            "More or fewer little giants than residents, output, research and high-tech firms suggest",
            "相对人口、产出、研发与高技术企业的“小巨人”区位商",
        ),
        base=(
            f"{total:,} firms in {batches_name(spans, t)}",
            f"{batches_name(spans, t)}共{total:,}家",
        ),
        basis=basis_name(basis, t),
        note=(
            "95 % intervals, the reference taken as fixed. Thick: binomial model. Thin: variance φ times as large (quasi-likelihood), φ the scatter of all provinces around the reference; it may go on beyond the axis. Left arrow: no firm. 1: as many as the reference suggests. Corps within Xinjiang.",
            "95%区间，参照量视为固定。粗线：二项模型。细线：方差放大φ倍（拟似然），φ为各省相对参照的离散程度，可能超出坐标范围。左箭头：无企业。1表示与参照相当。兵团并入新疆。",
        ),
        source=[sources],
        alt=(
            f"Location quotients of {len(order)} provinces with two intervals each on a logarithmic axis, one panel a reference. {study.name(focal)}: {'; '.join(told)}.",
            f"{len(order)}个省份的区位商，各附两种区间，对数坐标，每一参照一幅。{study.name(focal)}：{'；'.join(told)}。",
        ),
    )
    return figure, record, table


def _quotient(ax: Any, row: pd.Series, y: int, colour: str, ends: tuple[float, float]) -> None:
    """A quotient with its two intervals; an arrow at the left edge for a count of zero."""
    left, right = ends
    for low, high, width, alpha in (
        ("scaled_low", "scaled_high", 0.8, 1.0), ("low", "high", 4.0, 0.4),
    ):  # fmt: skip
        # A count of zero has no place on a logarithmic axis.
        start = row[low] if row["lq"] > 0 else left
        ax.plot(
            [max(start, left), min(row[high], right)], [y, y], color=colour, lw=width,
            alpha=alpha, solid_capstyle="butt",
        )  # fmt: skip
    ax.plot(max(row["lq"], left), y, "o" if row["lq"] > 0 else "<", color=colour, ms=4)


def _ratio_axis(ax: Any, left: float, right: float, title: str, t: Pick) -> None:
    """A logarithmic axis around 1 with few ticks."""
    ax.axvline(1, color=COLOURS["ink"], lw=0.8)
    ax.set_xscale("log")
    ticks = [tick for tick in (0.1, 0.3, 1, 3, 10, 30) if left <= tick <= right]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.set_xticks([], minor=True)
    ax.set(xlim=(left, right))
    ax.set_title(title, fontsize=figures.points(7.5))
    ax.grid(axis="x")
    ax.set_xlabel(t("quotient (log)", "区位商（对数）"), fontsize=figures.points(8))


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


def step(t: Pick, before: str, later: str) -> str:
    """From one range of batches to another.

    Examples
    --------
    >>> step(lambda en, zh: zh, "1-2", "3")
    '第1—2批至第3批'
    """
    return between((batches_name(before, t), batches_name(later, t)), t)


def focal_shift(
    study: Teller, tables: Mapping[str, pd.Series], before: str, focal: str,
    sources: Sequence[str],
) -> View:  # fmt: skip
    """The parts of the focal province's change, a bar where known, an interval where not.

    Parameters
    ----------
    study : Teller
    tables : mapping of later batches to a row of ``analysis.provincial.shift_bounds``
    before : str
        Earlier batches.
    focal : str
        place_id of the province.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, name, parts = study.t, study.name(focal), part_names(study.t)
    rows, told = [], []
    with figures.styled():
        figure, axes = figures.new(7.2, 2.3, ncols=len(tables), sharey=True, squeeze=False)
        for ax, (later, row) in zip(axes[0], tables.items(), strict=True):
            ax.axvline(0, color=COLOURS["ink"], lw=0.8)
            for y, part in enumerate(parts):
                low, high = row[f"{part}_low"], row[f"{part}_high"]
                rows.append((later, part, low, high))
                _part_mark(ax, low, high, y, part, t)
            ax.set_title(step(t, before, later))
            _rows(ax, list(parts.values()), "", 8)
            ax.locator_params(axis="x", nbins=5)
            ax.grid(axis="x")
            ax.set_xlabel(t("Firms", "家"))
            ends = between(map(signed, (row["competitive_low"], row["competitive_high"])), t)
            told.append(
                t(f"{ends} in {batches_name(later, t)}", f"{batches_name(later, t)}为{ends}")
            )
    record = record_of(
        study,
        "02b_focal_shift",
        (f"Shift-share of the new little giants of {name}", f"{name}新增“小巨人”的偏离-份额分析"),
        unit=("firms", "家"),
        basis=study.basis_name,
        note=(
            "Bar: known. Thick line: identification bounds of each part; the parts add up in every completion, the ends of the bounds do not. Batches differ in size and criteria.",
            "柱：已知。粗线：各部分的识别界；每一补全中各部分相加成立，界的端点则不可相加。各批规模与标准不同。",
        ),
        source=[sources],
        alt=(
            f"Horizontal bars and bounds of the parts of the change of {name}, one panel a later batch, left of zero for a loss. Competitive effect in firms: {'; '.join(told)}.",
            f"{name}变动各组成部分的横条与识别界，每一后续批次一幅，零线以左为减少。竞争效应（家）：{'；'.join(told)}。",
        ),
    )
    return figure, record, pd.DataFrame(rows, columns=["batches", "part", "low", "high"])


def _part_mark(ax: Any, low: float, high: float, y: int, part: str, t: Pick) -> None:
    """One part of a change, with its number or bounds at the right edge."""
    size = figures.points(7)
    if pd.isna(low):
        text = t("not bounded", "未求界")
        ax.text(0, y, f" {text}", va="center", fontsize=size, color="#777777")
        return
    colour = COLOURS["focal"] if part == "competitive" else COLOURS["main"]
    if low == high:
        ax.barh(y, low, height=0.55, color=colour, alpha=0.75)
    else:
        _span_mark(ax, low, high, y, colour)
    side = ax.get_yaxis_transform()
    ax.text(
        1.02,
        y,
        between(map(signed, (low, high)), t),
        transform=side,
        va="center",
        fontsize=size,
        color=colour,
    )


def shifts(
    study: Teller, tables: Mapping[str, pd.DataFrame], before: str, focal: str,
    sources: Sequence[str],
) -> View:  # fmt: skip
    """The competitive effect of every unit, sorted, one panel a later range of batches.

    Parameters
    ----------
    study : Teller
    tables : mapping of later batches to ``analysis.provincial.shift_bounds``
    before : str
        Earlier batches.
    focal : str
        place_id of the focal province.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, told = study.t, []
    with figures.styled():
        figure, axes = figures.new(7.4, 5.3, ncols=len(tables), squeeze=False)
        for ax, (later, table) in zip(axes[0], tables.items(), strict=True):
            _shift_panel(ax, table, study, focal)
            ax.set_title(step(t, before, later))
            up, down = (table["competitive_low"] > 0).sum(), (table["competitive_high"] < 0).sum()
            told.append(
                t(
                    f"{up} units certainly above zero and {down} below in {batches_name(later, t)}",
                    f"{batches_name(later, t)}必为正者{up}个、必为负者{down}个",
                )
            )
    record = record_of(
        study,
        "02b_shifts",
        (
            "Growth above or below the nation's: the competitive effect of every unit",
            "高于或低于全国的增长：各单位的竞争效应",
        ),
        unit=("firms; linear to 100, logarithmic beyond", "家；±100以内为线性，以外为对数"),
        basis=study.basis_name,
        note=(
            "Dot: known. Thick line: identification bounds. Sorted by the lower end: what is certain. Accounting, not causes.",
            "圆点：已知。粗线：识别界，按下限（即可确定的部分）排序。仅为核算，不表示因果。",
        ),
        source=[sources],
        alt=(
            f"Dots and bounds of the competitive effect of every unit, sorted, one panel a later batch: {'; '.join(told)}.",
            f"各单位竞争效应的圆点与识别界，已排序，每一后续批次一幅。{'；'.join(told)}。",
        ),
    )
    rows = [table.rename_axis("place_id").reset_index().assign(batches=later) for later, table in tables.items()]  # fmt: skip
    return figure, record, pd.concat(rows, ignore_index=True)


def _shift_panel(ax: Any, table: pd.DataFrame, study: Teller, focal: str) -> None:
    """The competitive effect of every unit on an axis that is logarithmic beyond 100."""
    keys = ["competitive_low", "competitive_high"]
    ordered = table.sort_values(keys, ascending=False, kind="stable")
    for y, (place, row) in enumerate(ordered[keys].iterrows()):
        _span_mark(ax, row[keys[0]], row[keys[1]], y, _colour(str(place), focal))
    ax.axvline(0, color=COLOURS["ink"], lw=0.8)
    ax.set_xscale("symlog", linthresh=100, linscale=1)
    low, high = ordered[keys[0]].min(), ordered[keys[1]].max()
    kept = [tick for tick in (-1000, -100, 0, 100, 1000) if low <= tick <= high]
    ax.set_xticks(kept, [f"{tick:+,}" if tick else "0" for tick in kept])
    ax.set_xlim(min(1.3 * low, -20), max(1.3 * high, 20))
    ax.set_xticks([], minor=True)
    _rows(ax, [study.name(place) for place in ordered.index], study.name(focal), 6.8)
    ax.set_xlabel(study.t("Competitive effect (firms)", "竞争效应（家）"))
    ax.grid(axis="x")


# --- Ranks ---------------------------------------------------------------------------------------


def ranks_basis(study: Teller, stand_in: str) -> str:
    """The study's basis, and that of the first range where it is another.

    Parameters
    ----------
    study : Teller
    stand_in : str
        Basis of the first range; empty where it is the study's.
    """
    if not stand_in:
        return study.basis_name
    other = basis_name(stand_in, study.t)
    return f"{study.basis_name}{study.t(f' (1-2: {other})', f'（第1—2批：{other}）')}"


def bump(
    study: Teller, table: pd.DataFrame, focal: str, units: int, stand_in: str,
    sources: Sequence[str],
) -> View:  # fmt: skip
    """Ranks by range of batches: dots joined by lines where known, bars of possible ranks where not.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Columns place_id, batches, best, worst; the first range is known.
    focal : str
        place_id of the focal province.
    units : int
        Number of units ranked.
    stand_in : str
        Basis of the first range; empty where it is the study's.
    sources : sequence of str
        Source ids.

    Returns
    -------
    figure, record, data
    """
    t, labels = study.t, labels_of(study, table["place_id"])
    spans = list(dict.fromkeys(table["batches"]))
    start = table[table["batches"] == spans[0]].sort_values("best", kind="stable")
    places, name = list(start["place_id"]), study.name(focal)
    width = 0.8 / max(len(places), 1)
    with figures.styled():
        figure, ax = figures.new(7.2, 4.8)
        for rank, rows in start.groupby("best"):
            _rank_names(ax, int(rank), list(rows["place_id"]), labels, focal, t)
        for slot, place in enumerate(places):
            own = table[table["place_id"] == place].set_index("batches").loc[spans]
            _bump_line(ax, own, labels[place], place == focal, (slot + 0.5) * width - 0.4)
        ax.set(xlim=(-0.75, len(spans) - 0.5), ylim=(units + 0.6, _top(labels.values())))
        ax.set_xticks(range(len(spans)), [batches_name(span, t) for span in spans])
        ax.set_yticks([1, *range(5, units + 1, 5)])
        ax.set_ylabel(
            t(f"Rank of {units}, ties share the better", f"位次（共{units}），并列取较优")
        )
        ax.spines["left"].set_visible(False)
        ax.grid(axis="y")
    told = [_rank_told(row, t) for row in table[table["place_id"] == focal].itertuples()]
    record = record_of(
        study,
        "02b_ranks",
        (
            f"Ranks of {name} and its neighbours, and those they can have had since",
            f"{name}及相近省份的位次与其后可能的位次",
        ),
        base=(f"{units} provincial units", f"{units}个省级单位"),
        basis=ranks_basis(study, stand_in),
        note=(
            "Dot: known rank; a line joins two. Bar: every rank from the best to the worst that the figures allow (identification bounds), dotted lines leading to that of the focal province.",
            "圆点：已知位次，实线连接相邻两期。竖条：数据所允许的最优至最差位次（识别界），点线引向所考察省份的范围。",
        ),
        source=[sources],
        alt=(
            f"Ranks of {len(places)} units by range of batches, the best at the top, dots where known and vertical bars of possible ranks where not. {name}: {'; '.join(told)}.",
            f"{len(places)}个单位各批次范围的位次，最优在上，已知者为圆点，未知者为可能位次的竖条。{name}：{'；'.join(told)}。",
        ),
    )
    return figure, record, table


def _rank_told(row: Any, t: Pick) -> str:
    """A rank of one range of batches, or the ranks it can be."""
    ends = between(map(str, (row.best, row.worst)), t)
    label = batches_name(row.batches, t)
    return str(t(f"rank {ends} in {label}", f"{label}第{ends}位"))


def _top(names: Iterable[str]) -> float:
    """Upper end of the axis of ranks, with room for names that stand upright above rank 1."""
    halves = max(map(display_width, names), default=0)
    return -(2.0 + 0.36 * halves)


def _rank_names(
    ax: Any, rank: int, places: Sequence[str], labels: Mapping[str, str], focal: str, t: Pick
) -> None:
    """Who stands at a rank, the focal one alone in its colour."""
    pieces: list[Artist] = []
    for n, place in enumerate(places):
        after = t(", ", "、") if n + 1 < len(places) else f"  {rank}"
        tone = COLOURS["focal"] if place == focal else COLOURS["ink"]
        font = {"size": figures.points(7.5 if place == focal else 7)}
        pieces.append(TextArea(labels[place], textprops={"color": tone, **font}))
        pieces.append(
            TextArea(after, textprops={"color": COLOURS["ink"], "size": figures.points(7)})
        )
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
                ax.text(
                    column + 0.04,
                    best,
                    label,
                    fontsize=figures.points(6.5),
                    va="center",
                    color=tone,
                )
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
                fontsize=figures.points(6.5),
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
