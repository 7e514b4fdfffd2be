"""Drawings of the funnel from the lower tiers to little giants, each with its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.publish import figures as pictures
from helpers.publish.figures import COLOURS, Record, points
from helpers.publish.phrases import spanned
from helpers.publish.policy_views import place_label
from helpers.publish.teller import Shown, Teller, View, Words, heads_of, record_of

STEP_WORDS = {
    "innovative_to_srdi": ("SRDI SMEs to innovative SMEs", "专精特新／创新型"),
    "srdi_to_giant": ("Little giants to SRDI SMEs", "“小巨人”／专精特新"),
    "kept": ("Titles kept at review", "复核保留率"),
}
TIER_WORDS = {
    "srdi_sme": ("SRDI SMEs", "专精特新中小企业"), "innovative_sme": ("innovative SMEs", "创新型中小企业"),
}  # fmt: skip
LIMIT_SIGNS = {"equal": "", "at_most": "≤ ", "at_least": "≥ "}


def ratios(study: Teller, table: pd.DataFrame) -> View:
    """The ratios of neighbouring tiers on record, one mark each.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``tier_funnel.step_ratios``.

    Returns
    -------
    figure, record, data
    """
    frame = table.sort_values(["step", "ratio"], ascending=[True, False], ignore_index=True)
    labels = [_ratio_label(study, row) for row in frame.to_dict("records")]
    gap = 1.6
    first = int((frame["step"] == frame["step"].iloc[0]).sum())
    spots = [row + (gap if row >= first else 0) for row in range(len(frame))]
    with pictures.styled():
        figure, ax = pictures.new(7.0, 0.9 + 0.22 * (len(frame) + gap))
        for spot, row in zip(spots, frame.to_dict("records"), strict=True):
            _draw_ratio(ax, spot, row)
        for start, step in ((0, frame["step"].iloc[0]), (first + gap, frame["step"].iloc[-1])):
            ax.text(0.01, start - 0.75, study.t(*STEP_WORDS[step]), fontsize=points(8), va="center",
                    transform=ax.get_yaxis_transform())  # fmt: skip
        ax.set_yticks(spots, labels, fontsize=points(7.5))
        ax.set_ylim(spots[-1] + 0.7, -1.3)
        ax.set_xscale("log")
        ax.set_xlim(min(0.02, frame["ratio"].min() / 1.3), 1.6)
        ticks = (0.02, 0.05, 0.1, 0.2, 0.5, 1)
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        ax.set_xlabel(
            study.t("Firms of the upper tier per firm of the lower", "上一层次／下一层次（家）")
        )
        ax.grid(axis="x")
    return figure, _ratios_record(study, frame, labels, table["source_id"]), frame


def _ratio_label(study: Teller, row: Mapping[Any, Any]) -> str:
    """Place and date of a ratio, and whether it is one of goals."""
    goal = study.t(", goal", "（目标）") if row["kind"] == "goal" else ""
    return f"{place_label(study, row['place_id'])}{study.t(', ', '，')}{row['as_of']}{goal}"


def _ratios_record(
    study: Teller, frame: pd.DataFrame, labels: Sequence[str], source: pd.Series
) -> Record:
    left_out = _left_out(frame, labels, study)
    return record_of(
        study, "05b_ratios",
        ("Ratios between neighbouring tiers differ by place, date and whether goals or stocks",
         "相邻层次之比因地区、时点以及存量或目标而异"),
        unit=("ratio of two numbers of firms, log scale", "企业数之比（对数刻度）"),
        source=[source],
        note=("Filled circle: both counts as printed. Open circle: one is rounded. Square: goals. "
              "Arrow: a figure is a limit, so the ratio is one. Stocks side by side are not the "
              "chance of climbing; sources rarely say whether the upper tier is counted within the "
              f"lower.{left_out}",
              "实心圆：两数均照来源；空心圆：其一为约数；方块：目标；箭头：其一为界限，比值亦为"
              f"界限。存量之比不是晋级概率；来源多未说明上层是否计入下层。{left_out}"),
        alt=_ratios_alt(frame),
    )  # fmt: skip


def _ratios_alt(frame: pd.DataFrame) -> Words:
    """What the marks show, in words."""
    spans = frame.groupby("step")["ratio"].agg(["size", "min", "max"]).to_dict("index")
    english = "; ".join(
        f"{STEP_WORDS[step][0]}, {span['size']} marks from {span['min']:.3f} to {span['max']:.3f}"
        for step, span in spans.items()
    )
    chinese = "；".join(
        f"{STEP_WORDS[step][1]}共{span['size']}个标记，由{span['min']:.3f}至{span['max']:.3f}"
        for step, span in spans.items()
    )
    return (
        "Marks on a logarithmic axis of firms of the upper tier per firm of the lower, one row for "
        f"each place and date. {english}.",
        f"对数横轴为上一层次与下一层次企业数之比，每个地区与时点一行。{chinese}。",
    )


def _left_out(frame: pd.DataFrame, labels: Sequence[str], study: Teller) -> str:
    """Which ratios are in no range, and why; empty where all are."""
    column = f"caveat_{study.language}"
    why = [
        study.t(f"{label} ({reason})", f"{label}（{reason}）")
        for label, reason in zip(labels, frame[column], strict=True)
        if isinstance(reason, str)
    ]
    if not why:
        return ""
    listed = study.t("; ", "；").join(why)
    return study.t(f" Cross, in no range: {listed}.", f"叉号不计入范围：{listed}。")


def _draw_ratio(ax: Any, spot: float, row: dict[Any, Any]) -> None:
    exact, goal = row["comparison"] == "equal", row["kind"] == "goal"
    flagged = isinstance(row["caveat_en"], str)
    colour = COLOURS["third"] if goal else COLOURS["main"] if exact else COLOURS["grey"]
    colour = COLOURS["ink"] if flagged else colour
    mark = "s" if goal else "x" if flagged else "o" if exact else "|"
    face = "white" if row["rounded"] and mark == "o" else colour
    ax.plot(row["ratio"], spot, mark, color=colour, mfc=face, ms=6)
    if not exact:
        toward = 0.78 if row["comparison"] == "at_most" else 1.28
        ax.annotate("", (row["ratio"] * toward, spot), (row["ratio"], spot),
                    arrowprops={"arrowstyle": "->", "color": colour})  # fmt: skip
    shift = 30 if row["comparison"] == "at_least" else 7
    ax.annotate(
        f"{LIMIT_SIGNS[row['comparison']]}{row['ratio']:.3f}  ({row['upper']:,.0f} / {row['lower']:,.0f})",
        (row["ratio"], spot), (shift, 0), textcoords="offset points", va="center",
        fontsize=points(7),
    )  # fmt: skip


def scenarios_shown(study: Teller, table: pd.DataFrame) -> Shown:
    """Pools by number of titles, as a table.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``tier_funnel.scenarios``.

    Returns
    -------
    frame, record
    """
    heads = heads_of(
        study, titles=("Little giants to win", "新增“小巨人”"), tier=("Lower tier", "下一层次"),
        least=("Firms at the highest ratios", "最高比值下所需"),
        middle=("at the middle ones", "中位比值下所需"), most=("at the lowest", "最低比值下所需"),
    )  # fmt: skip
    names = heads_of(study, **TIER_WORDS)
    record = record_of(
        study, "05b_funnel_table",
        ("Firms the lower tiers have to hold, by scenario", "各情景下低层次所需企业数"),
        unit=("firms", "家"), source=study.t("see 05b_ratios", "见05b_ratios"),
        note=("Scenarios from the range of ratios on record; no forecast.",
              "据已查得比值范围设定的情景，不是预测。"),
    )  # fmt: skip
    return table.assign(tier=table["tier"].map(names)).rename(columns=heads), record


def ranges(study: Teller, table: pd.DataFrame) -> View:
    """Range of firms needed at each lower tier for each number of titles.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``tier_funnel.scenarios``, not empty.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    styles = {
        "srdi_sme": (COLOURS["main"], "o", -0.17),
        "innovative_sme": (COLOURS["third"], "s", 0.17),
    }
    numbers = list(dict.fromkeys(table["titles"]))
    with pictures.styled():
        figure, ax = pictures.new(7.0, 0.8 + 0.75 * len(numbers))
        for row in table.to_dict("records"):
            colour, mark, shift = styles[row["tier"]]
            spot = numbers.index(row["titles"]) + shift
            ax.plot([row["least"], row["most"]], [spot, spot], color=colour, lw=5, alpha=0.45,
                    solid_capstyle="butt")  # fmt: skip
            ax.plot(row["middle"], spot, mark, color=colour, ms=6)
            name, colon = t(*TIER_WORDS[row["tier"]]), t(": ", "：")
            middle = t(f", middle {row['middle']:,}", f"，中位{row['middle']:,}")
            ends = spanned((f"{row['least']:,}", f"{row['most']:,}"), t)
            told = f"{name}{colon}{ends}{middle}"
            ax.annotate(told, (row["most"], spot), (5, 0), textcoords="offset points",
                        va="center", fontsize=points(7.5))  # fmt: skip
        ax.set_xscale("log")
        ax.set_xlim(table["least"].min() / 1.5, table["most"].max() * 40)
        ticks = [
            10**power
            for power in range(1, 7)
            if table["least"].min() / 1.5 <= 10**power <= table["most"].max() * 2
        ]
        ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        ax.minorticks_off()
        ax.set_yticks(range(len(numbers)), [t(f"{n} more", f"新增{n}家") for n in numbers])
        ax.set_ylim(len(numbers) - 0.5, -0.5)
        ax.set_xlabel(t("Firms the tier has to hold", "该层次所需企业数（家）"))
        ax.grid(axis="x")
    record = record_of(
        study, "05b_funnel",
        ("How many firms the lower tiers have to hold for more little giants",
         "新增“小巨人”所需的低层次企业数"),
        unit=("firms, log scale", "家（对数刻度）"), source=study.t("see 05b_ratios", "见05b_ratios"),
        note=("Bar: from the highest to the lowest ratio on record, both steps alike; limits and "
              "ratios marked with a cross in 05b_ratios are not used. Mark: the middle ratios.",
              "横条：两级比值同取最高至最低，不含界限及05b_ratios中叉号所示比值；标记：中位比值。"),
        alt=_ranges_alt(table),
    )  # fmt: skip
    return figure, record, table


def _ranges_alt(table: pd.DataFrame) -> Words:
    """What the bars show, in words."""
    rows = table.to_dict("records")
    english = "; ".join(
        f"{row['titles']} more need {row['least']:,} to {row['most']:,} {TIER_WORDS[row['tier']][0]}"
        for row in rows
    )
    chinese = "；".join(
        f"新增{row['titles']}家需{TIER_WORDS[row['tier']][1]}{row['least']:,}至{row['most']:,}家"
        for row in rows
    )
    return (
        f"Bars on a logarithmic axis of firms, two for each number of new little giants: {english}.",
        f"对数横轴为企业数，每一新增“小巨人”数各有两条横条：{chinese}。",
    )


def tornado(study: Teller, table: pd.DataFrame, more: int) -> View:
    """Innovative SMEs needed when one ratio moves over its range.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``tier_funnel.sensitivity``, not empty.
    more : int
        Little giants wanted beyond today's titles.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    middle = int(table["middle"].iloc[0])
    with pictures.styled():
        figure, ax = pictures.new(7.0, 0.8 + 0.45 * len(table))
        for spot, row in enumerate(table.to_dict("records")):
            ends = sorted([row["at_low"], row["at_high"]])
            ax.barh(spot, ends[1] - ends[0], 0.55, left=ends[0], color=COLOURS["light"],
                    edgecolor=COLOURS["main"])  # fmt: skip
            ax.annotate(spanned((f"{end:,}" for end in ends), t), (ends[1], spot), (5, 0),
                        textcoords="offset points", va="center", fontsize=points(7.5))  # fmt: skip
        ax.axvline(middle, color=COLOURS["ink"], lw=1)
        ax.set_yticks(range(len(table)), [t(*STEP_WORDS[name]) for name in table["ratio"]])
        ax.set_ylim(len(table) - 0.5, -0.5)
        ax.set_xlim(0, max(table[["at_low", "at_high"]].max()) * 1.25)
        ax.set_xlabel(t("Innovative SMEs needed", "所需创新型中小企业（家）"))
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.grid(axis="x")
    record = record_of(
        study, "05b_sensitivity",
        (f"Which ratio matters most for {more} more little giants",
         f"新增{more}家“小巨人”时，哪一比值影响最大"),
        unit=("innovative SMEs", "家（创新型中小企业）"),
        base=(f"line: {middle:,}, all ratios in the middle", f"竖线：{middle:,}，各比值取中位"),
        source=study.t("see 05b_ratios; reviews of batches 1 to 3", "见05b_ratios；第1至3批复核"),
        note=("Each bar: one ratio over its range, the others in the middle. Titles counted today "
              "meet one review in each full term of three years up to the goal.",
              "每条：一个比值取遍其范围，其余取中位。现有称号至目标年每满三年有效期复核一次。"),
        alt=_tornado_alt(table),
    )  # fmt: skip
    return figure, record, table


def _tornado_alt(table: pd.DataFrame) -> Words:
    """What the bars show, in words."""
    bars = [
        (row["ratio"], *sorted([row["at_low"], row["at_high"]])) for row in table.to_dict("records")
    ]
    english = "; ".join(f"{STEP_WORDS[name][0]}: {a:,} to {b:,}" for name, a, b in bars)
    chinese = "；".join(f"{STEP_WORDS[name][1]}：{a:,}至{b:,}" for name, a, b in bars)
    middle = int(table["middle"].iloc[0])
    return (
        f"Horizontal bars of innovative SMEs needed, the widest first, around a line at {middle:,}. "
        f"{english}.",
        f"横条图：所需创新型中小企业，由宽到窄，围绕{middle:,}处的竖线。{chinese}。",
    )
