"""Figures of conditions: how far thresholds moved, and the research floor by size of firm."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd

from helpers.analysis import rd_frontier, tier_changes, tiers
from helpers.publish import figures
from helpers.publish.figures import COLOURS, Record
from helpers.publish.teller import Teller, View, Words, record_of
from helpers.publish.tier_views import (
    ACTS,
    REVISED_TIERS,
    floor_clauses,
    money,
    plain,
    tier_names,
    unbroken,
)

# Revenues between which the research floor is drawn and compared, million CNY.
REVENUES = (10.0, 1000.0)
_ROW_INCHES = 0.36
# The look of the two acts: apart in grey by line and mark, not by colour alone.
_LOOKS = {ACTS[0]: ("main", (0, (5, 2))), ACTS[1]: ("focal", "-")}
# A floor that no firm can reach is drawn as a wall far above the picture.
_WALL = 1e6


def _wrapped(text: str, language: str, columns: int) -> str:
    if language == "en":
        return fill(text, columns)
    width = columns // 2
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


# --- Thresholds of two acts on one scale -------------------------------------------------------


def _row_name(row: pd.Series, language: str) -> str:
    name, limits = row[f"indicator_{language}"], row[f"applies_when_{language}"]
    name = f"{name}†" if row["alternative"] else name
    if pd.isna(limits):
        return _wrapped(str(name), language, 42)
    brackets = "{}\n（{}）" if language == "zh" else "{}\n({})"
    return brackets.format(name, limits)


def _value_text(row: pd.Series, side: str, language: str) -> str:
    text = tiers.bound_text(row["comparison"], row[f"{side}_value"], row["unit"], language)
    if row[f"{side}_verified"]:
        return text
    return (
        f"{text}（{tiers.word('unverified', 'zh')}）"
        if language == "zh"
        else f"{text} (unverified)"
    )


def dumbbells(ax: Any, changes: pd.DataFrame, language: str) -> None:
    """A line a pair of thresholds, from the older (ring, at 1) to the newer (dot).

    Parameters
    ----------
    ax : Axes
        The x axis gets a logarithmic scale.
    changes : DataFrame
        From :func:`helpers.analysis.tier_changes.threshold_changes`, in drawing order from the top.
    language : {"en", "zh"}
    """
    for line, (_, row) in enumerate(changes.iterrows()):
        _dumbbell(ax, line, row, language)
    ax.set_xscale("log")
    ax.axvline(1, color=COLOURS["grey"], lw=0.8, zorder=0)
    ax.set_yticks(range(len(changes)), [_row_name(row, language) for _, row in changes.iterrows()])
    ax.set_ylim(len(changes) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0, labelsize=figures.points(7.5))
    for name in ax.get_yticklabels():
        name.set_linespacing(1.3)


def _dumbbell(ax: Any, line: int, row: pd.Series, language: str) -> None:
    """One pair of thresholds: ring, line and dot, or a square where the number stayed."""
    old, new = (_value_text(row, side, language) for side in ("old", "new"))
    place = float(row["multiple"])
    sure = {side: bool(row[f"{side}_verified"]) for side in ("old", "new")}
    if place == 1:
        face = COLOURS["ink"] if all(sure.values()) else "white"
        ax.plot(1, line, "s", ms=6, mfc=face, mec=COLOURS["ink"])
        both = "，不变" if language == "zh" else ", unchanged"
        _label(ax, 1, line, (new if sure["old"] else old) + both, right=True)
        return
    ax.plot([1, place], [line, line], color=COLOURS["grey"], lw=2, zorder=1)
    ax.plot(1, line, "o", ms=7, mfc="white", mec=COLOURS["main"], mew=1.5)
    edge = COLOURS["focal"]
    ax.plot(place, line, "o", ms=7, mfc=edge if sure["new"] else "white", mec=edge)
    _label(ax, 1, line, old, right=place < 1)
    _label(ax, place, line, new, right=place > 1)


def _label(
    ax: Any, x: float, y: float, text: str, right: bool, colour: str = COLOURS["ink"]
) -> None:
    ax.annotate(
        text, (x, y), xytext=(7 if right else -7, 0), textcoords="offset points", fontsize=figures.points(7.5),
        color=colour, ha="left" if right else "right", va="center_baseline",
    )  # fmt: skip


def _scale(ax: Any, multiples: pd.Series) -> None:
    """A scale of simple multiples with room for the labels on both sides."""
    low, high = min(multiples.min(), 1 / 1.5), max(multiples.max(), 1.5)
    ax.set_xlim(low / 1.75, high * 1.75)
    ticks = [
        tick for tick in (1 / 8, 1 / 4, 1 / 3, 1 / 2, 1, 1.5, 2, 3, 4, 8) if low <= tick <= high
    ]
    words = {1 / 8: "⅛", 1 / 4: "¼", 1 / 3: "⅓", 1 / 2: "½"}
    ax.set_xticks(ticks, [f"{words.get(tick, f'{tick:g}')}×" for tick in ticks])
    ax.minorticks_off()


def _one_source(rows: pd.DataFrame, study: Teller) -> str:
    """A warning if one source alone states the newer act's conditions for little giants."""
    newer = rows.loc[rows["tier_id"] == f"little_giant_{ACTS[1]}"]
    if len({source for cell in newer["source_id"] for source in cell.split(";")}) != 1:
        return ""
    return study.t(
        f" The conditions of {ACTS[1]} for little giants rest on one transcription.",
        f"{ACTS[1]}年“小巨人”条件仅见一份转录。",
    )


def changes(study: Teller, thresholds: pd.DataFrame, act_of_tier: pd.Series) -> View:
    """Thresholds of 2022 and 2026 that measure the same thing, on one scale of strictness.

    Parameters
    ----------
    study : Teller
    thresholds : DataFrame
        Table ``thresholds``.
    act_of_tier : Series
        Act of each tier, indexed by tier id.

    Returns
    -------
    figure, record, data
    """
    parts = {}
    for tier in REVISED_TIERS:
        names = [f"{tier}_{year}" for year in ACTS]
        part = tier_changes.threshold_changes(thresholds, act_of_tier, names[0], names[1])
        parts[tier] = part.sort_values("multiple", ascending=False, kind="stable")
    data = pd.concat([part.assign(tier=tier) for tier, part in parts.items()], ignore_index=True)
    heights = [max(len(part), 1) for part in parts.values()]
    with figures.styled():
        figure, axes = figures.new(
            7.4, 0.9 + _ROW_INCHES * sum(heights), nrows=len(parts), sharex=True,
            gridspec_kw={"height_ratios": heights},
        )  # fmt: skip
        for ax, (tier, part) in zip(axes, parts.items(), strict=True):
            dumbbells(ax, part, study.language)
            name = tier_names(study.language)[tier]
            ax.set_title(name[0].upper() + name[1:], fontsize=figures.points(8.5))
            ax.grid(axis="x")
        _scale(axes[-1], data["multiple"])
        words = (
            "← easier   as strict as in 2022   stricter →",
            "← 放宽   与2022年相比的严格程度   收紧 →",
        )
        axes[-1].set_xlabel(study.t(*words))
    used = thresholds.loc[thresholds["threshold_id"].isin(data["new_threshold_id"])]
    return figure, _changes_record(study, data, _one_source(used, study)), data


def _changes_alt(study: Teller, data: pd.DataFrame) -> Words:
    """How many thresholds rose and fell in strictness, and which moved furthest."""
    multiple = data["multiple"]
    up, down = int((multiple > 1).sum()), int((multiple < 1).sum())
    same = len(data) - up - down
    text = (
        f"Lines from a ring (2022) to a dot (2026) for {len(data)} thresholds, in a panel for each "
        f"tier, on an axis of strictness: {up} move to the stricter side, {down} to the easier one, "
        f"{same} stay.",
        f"{len(data)}项数值各以一线由空心点（2022年）连至实心点（2026年），按层次分幅，横轴为严格程度："
        f"{up}项收紧，{down}项放宽，{same}项不变。",
    )
    if data.empty:
        return text
    row = data.loc[np.abs(np.log(multiple.astype(float))).idxmax()]
    name, tier = row[f"indicator_{study.language}"], unbroken(str(row["tier"]), study.language)
    return (
        f"{text[0]} The longest line: {name}, {tier}, {float(row['multiple']):.3g} times as strict.",
        f"{text[1]}线段最长者：{tier}“{name}”，为原来的{float(row['multiple']):.3g}倍。",
    )


def _changes_record(study: Teller, data: pd.DataFrame, warning: str) -> Record:
    return record_of(
        study, "01_changes",
        ("Thresholds of 2022 (ring) and 2026 (dot)", "2022年（空心）与2026年（实心）的认定数值"),
        source=[data["source_id"]],
        unit=(
            "times as strict as in 2022, log scale; the numbers in the unit of each row",
            "与2022年相比的严格程度（倍，对数刻度）；各行数值单位见标注",
        ),
        base=(
            f"{len(data)} pairs of thresholds on the same indicator",
            f"同一指标的{len(data)}对数值",
        ),
        note=(
            "A floor that doubles and a ceiling that halves count alike. Square: the same number in "
            "both acts. A threshold for some firms is set against the one they now fall under. † one of several alternatives. Texts "
            f"read from reposts.{warning}",
            "下限加倍与上限减半同等计。方块：两版办法数值相同。仅适用于部分企业的数值，与其现适用的数值相比。"
            f"†：可选条件之一。文件据转载本录入。{warning}",
        ),
        alt=_changes_alt(study, data),
    )  # fmt: skip


# --- The research floor ------------------------------------------------------------------------


def _polyline(pieces: pd.DataFrame) -> tuple[list[float], list[float]]:
    across, up = [], []
    for piece in pieces.itertuples():
        across += [piece.revenue_from, piece.revenue_to]
        up += [min(piece.intensity_from, _WALL), min(piece.intensity_to, _WALL)]
    return across, up


def _fill(ax: Any, compared: pd.DataFrame, top: float) -> None:
    """Areas by what the two acts say of a firm there; edges are straight on these axes."""
    looks: dict[str, dict[str, Any]] = {
        "both": {"fc": COLOURS["pale"], "ec": "none"},
        "old": {"fc": "white", "ec": COLOURS["main"], "hatch": "////", "lw": 0},
        "new": {"fc": "white", "ec": COLOURS["focal"], "hatch": "..", "lw": 0},
    }
    for row in compared.itertuples():
        ends = [row.revenue_from, row.revenue_to]
        old = np.minimum([row.old_from, row.old_to], _WALL)
        new = np.minimum([row.new_from, row.new_to], _WALL)
        higher, lower = np.maximum(old, new), np.minimum(old, new)
        ax.fill_between(ends, higher, max(_WALL, top), zorder=0, **looks["both"])
        if (higher > lower).any():
            side = "old" if (old < new).any() else "new"
            ax.fill_between(ends, lower, higher, zorder=0, **looks[side])


def _area_key(ax: Any, study: Teller, compared: pd.DataFrame) -> None:
    from matplotlib.patches import Patch

    kinds = {
        "both": (COLOURS["pale"], None, "none", ("passes under both acts", "两版办法均达标")),
        "old": (
            "white",
            "////",
            COLOURS["main"],
            ("passed in 2022, not in 2026", "仅按2022年达标"),
        ),
        "new": ("white", "..", COLOURS["focal"], ("passes in 2026 only", "仅按2026年达标")),
    }
    relations = set(compared["relation"])
    shown = ["both"]
    shown += ["old"] if relations & {"tighter", "closed"} else []
    shown += ["new"] if "eased" in relations else []
    handles = []
    for kind in shown:
        face, hatch, edge, words = kinds[kind]
        handles.append(Patch(fc=face, ec=edge, hatch=hatch, lw=0, label=study.t(*words)))
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.1)


def _piece_texts(
    pieces: pd.DataFrame, rules: pd.DataFrame, thresholds: pd.DataFrame, study: Teller
) -> Iterator[tuple[Any, str]]:
    """Each piece that can be met, with what binds there in words."""
    value = rules.set_index("threshold_id")["value"]
    rows = thresholds.set_index("threshold_id")
    for piece in pieces.itertuples():
        if piece.form == rd_frontier.CLOSED:
            limit = money(piece.revenue_to, study.language)
            yield piece, study.t(f"no firm below {limit}", f"营业收入须达{limit}")
        if piece.form not in ("ratio", "amount"):
            continue
        # Both a yearly amount and a share of revenue are floors.
        bound = float(value[piece.threshold_id])
        unit = "pct" if piece.form == "ratio" else "m_cny"
        text = tiers.bound_text("at_least", bound, unit, study.language)
        if piece.form == "amount":
            summed = "_sum_" in str(rows.loc[piece.threshold_id, "indicator_id"])
            text += study.t(" a year", "／年") if summed else ""
            text = study.t(f"R&D {text}", f"研发费用{text}")
        if not piece.verified:
            text += study.t(" (unverified)", "（未核实）")
        yield piece, text


def _label_pieces(
    ax: Any, year: str, labelled: Iterator[tuple[Any, str]], ceiling: float, study: Teller
) -> None:
    """What binds, beside the visible middle of its piece: the older act below, the newer above."""
    older = year == ACTS[0]
    colour = COLOURS[_LOOKS[year][0]]
    for piece, text in labelled:
        words = study.t(f"{year}: {text}", f"{year}年：{text}")
        if piece.form == rd_frontier.CLOSED:
            _label(ax, piece.revenue_to, ceiling / 3, words, right=True, colour=colour)
            continue
        start, end = piece.revenue_from, piece.revenue_to
        sloped = piece.form == "amount"
        if sloped:
            # Above the picture's edge the line cannot be seen.
            start = max(start, piece.intensity_from * start / ceiling)
        x = (start * end) ** 0.5
        y = piece.intensity_from * piece.revenue_from / x if sloped else piece.intensity_from
        shift = (-6, -2) if older and sloped else (0, -4) if older else (7, 3) if sloped else (0, 4)
        ax.annotate(
            words, (x, y), xytext=shift,
            textcoords="offset points", fontsize=figures.points(7.5), color=colour,
            ha=("right" if older else "left") if sloped else "center",
            va="top" if older else "bottom",
        )  # fmt: skip


def _axes_of_the_plane(
    ax: Any, study: Teller, fronts: list[pd.DataFrame], ends: tuple[float, float], top: float
) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(*ends)
    ax.set_ylim(1, top)
    at = sorted({*ends, *rd_frontier.kinks(fronts)})
    factor = 100 if study.language == "zh" else 1
    ax.set_xticks(at, [plain(value * factor) for value in at])
    levels = {
        level for front in fronts for level in (*front["intensity_from"], *front["intensity_to"])
    }
    marks = sorted({1.0, top, *(level for level in levels if 1 < level < top)})
    ax.set_yticks(marks, [f"{value:.3g}" for value in marks])
    ax.minorticks_off()
    ax.grid()
    ax.set_xlabel(study.t("Revenue, million CNY (log scale)", "营业收入（万元，对数刻度）"))
    ax.set_ylabel(
        study.t("R&D in % of revenue (log scale)", "研发费用占营业收入比重（%，对数刻度）")
    )


def _besides_text(study: Teller, rows: pd.DataFrame, below: float) -> str:
    """Conditions on firms below a revenue that the plane cannot show, in words; empty without one."""
    numbered = rows.dropna(subset="value")
    if numbered.empty:
        return ""
    texts = []
    for _, row in numbered.iterrows():
        bound = tiers.bound_text(row["comparison"], row["value"], row["unit"], study.language)
        name = row[f"indicator_{study.language}"]
        texts.append(study.t(f"{name[0].lower()}{name[1:]} {bound}", f"{name}{bound}"))
    limit, year = money(below, study.language), rows["tier_id"].iloc[0][-4:]
    return study.t(
        f"Below {limit} the act of {year} also asks for {' and '.join(texts)}. ",
        f"{year}年办法对营业收入低于{limit}的企业另要求{'、'.join(texts)}。",
    )


def frontier(
    study: Teller, thresholds: pd.DataFrame, condition_cases: pd.DataFrame, act_of_tier: pd.Series,
    ends: tuple[float, float] = REVENUES, top: float = 100.0,
) -> View:  # fmt: skip
    """Which revenue and R&D intensity meet the research condition of little giants in both acts.

    Parameters
    ----------
    study : Teller
    thresholds : DataFrame
        Table ``thresholds``.
    condition_cases : DataFrame
        Table ``condition_cases``.
    act_of_tier : Series
        Act of each tier, indexed by tier id.
    ends : (float, float)
        Revenues drawn, million CNY.
    top : float
        Highest intensity drawn, per cent.

    Returns
    -------
    figure, record, data
        The data are the pieces of both floors, with a column ``act``.
    """
    rules = {
        year: rd_frontier.rd_rules(thresholds, condition_cases, act_of_tier, f"little_giant_{year}")
        for year in ACTS
    }
    fronts = {year: rd_frontier.rd_frontier(own, *ends) for year, own in rules.items()}
    compared = rd_frontier.compare_rd(rules[ACTS[0]], rules[ACTS[1]], *ends)
    with figures.styled():
        figure, ax = figures.new(7.0, 4.1)
        _fill(ax, compared, top)
        for year, pieces in fronts.items():
            colour, dashes = _LOOKS[year]
            ax.plot(*_polyline(pieces), color=COLOURS[colour], ls=dashes, lw=2)
        _axes_of_the_plane(ax, study, list(fronts.values()), ends, top)
        for year, pieces in fronts.items():
            texts = _piece_texts(pieces, rules[year], thresholds, study)
            _label_pieces(ax, year, texts, top, study)
        _area_key(ax, study, compared)
    shown = [name for own in rules.values() for name in own["threshold_id"]]
    used = thresholds.loc[thresholds["threshold_id"].isin(shown)]
    below = _smallest_band(rules[ACTS[0]])
    small = rd_frontier.asked_besides(
        thresholds, condition_cases, act_of_tier, f"little_giant_{ACTS[0]}", (0.0, below)
    )
    data = pd.concat([part.assign(act=year) for year, part in fronts.items()], ignore_index=True)
    data = data.replace(np.inf, np.nan)
    return figure, _frontier_record(study, used, small, below, compared), data


def _smallest_band(rules: pd.DataFrame) -> float:
    bounded = rules.loc[(rules["low"] == 0) & np.isfinite(rules["high"]), "high"]
    return float(bounded.min()) if len(bounded) else float("inf")


def _frontier_alt(study: Teller, compared: pd.DataFrame) -> Words:
    clauses = floor_clauses(study, compared)
    return (
        "Plane of revenue (across) and R&D in per cent of revenue (up), both on log scales. Two "
        f"lines bound from below where a firm passes, that of 2022 and that of 2026. The latter {clauses}.",
        "横轴为营业收入，纵轴为研发费用占营业收入的百分比，均为对数刻度。两条线分别为2022年与2026年的达标下限。"
        f"2026年：{clauses}。",
    )


def _frontier_record(
    study: Teller, used: pd.DataFrame, small: pd.DataFrame, below: float, compared: pd.DataFrame
) -> Record:
    besides = _besides_text(study, small, below)
    return record_of(
        study, "01_rd_frontier",
        (
            "Little giants: the research condition by size of firm, 2022 (dashed) and 2026 (solid)",
            "“小巨人”企业：按企业规模的研发投入条件，2022年（虚线）与2026年（实线）",
        ),
        source=[used["source_id"], small["source_id"]],
        unit=("R&D in per cent of revenue; revenue in million CNY", "研发费用占营业收入的百分比；营业收入为万元"),
        base=(f"{len(used)} conditions of both acts", f"两份办法中的{len(used)}项条件"),
        note=(
            f"{besides}Both years of a condition on two years taken to be alike. Awards and contests, "
            "which stand in for the research condition, and all other conditions are left aside. "
            "That a floor includes its own number is an assumption. White: meets neither act."
            f"{_one_source(used, study)}",
            f"{besides}涉及两个年度的条件按两个年度数值相同计。以奖励、赛事替代研发条件的途径及其他条件未计。"
            f"“以上”含本数为推定。空白：按两版办法均不达标。{_one_source(used, study)}",
        ),
        alt=_frontier_alt(study, compared),
    )  # fmt: skip
