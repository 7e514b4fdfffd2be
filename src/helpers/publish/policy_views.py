"""Tables and drawings of the policy notebook, each with its record.

The functions that ``study.show`` and ``study.figure`` are given take the study first and return a
frame or a figure with its record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import pandas as pd

from helpers.analysis import argument, policy
from helpers.evidence.bilingual import Pick
from helpers.evidence.sources import ids_of
from helpers.evidence.tables import split_ids
from helpers.publish import figures as pictures
from helpers.publish.cells import display_width
from helpers.publish.figures import COLOURS, Record, points
from helpers.publish.phrases import spanned
from helpers.publish.teller import Shown, Teller, View, Words, heads_of, record_of

GRADE_COLOURS = {"A": COLOURS["second"], "B": COLOURS["light"], "C": COLOURS["third"]}
KIND_WORDS = {
    "figure": ("Public figure", "公开数据"),
    "goal": ("Numerical goal", "数量目标"),
    "document": ("Document", "政策文件"),
}
NATION_WORDS = ("China", "全国")
ABSENT_WORDS = ("none on record", "未查得")
CLAIM_WORDS = {
    "direction": ("direction", "方向"), "order": ("order", "次序"),
    "mechanism": ("mechanism", "机制"), "classification": ("classification", "分类"),
    "composition": ("composition", "构成"), "recommendation": ("recommendation", "建议"),
    "share": ("share", "占比"),
}  # fmt: skip
INSTRUMENT_WORDS = {
    "regulation": ("regulation and goals", "规制与目标"), "finance": ("finance", "财政金融"),
    "tax": ("tax", "税收"), "service": ("service", "公共服务"), "network": ("network", "协作网络"),
    "information": ("information", "信息引导"),
}  # fmt: skip
STEP_WORDS = {
    "start_up": ("start-ups", "初创企业"), "candidate": ("below the ladder", "未入梯度企业"),
    "innovative_sme": ("innovative SMEs", "创新型"), "srdi_sme": ("SRDI SMEs", "专精特新"),
    "little_giant": ("little giants", "“小巨人”"), "any_tier": ("several or all", "多层次"),
    "none": ("no firm", "非企业"),
}  # fmt: skip
# Indicators that only tables without names hold: in English the words of the id tell them.
COUNTED_WORDS = {
    "little_giant_rank": "“小巨人”企业数全国位次", "provincial_champion": "省级单项冠军企业",
    "provincial_little_giant": "省级专精特新“小巨人”企业", "single_champion": "制造业单项冠军企业",
    "srdi_pool": "专精特新培育库企业", "tech_and_innovative_sme": "科技和创新型中小企业",
    "tech_firms_all": "各类科技企业（不限于中小企业）",
}  # fmt: skip
STATE_WORDS = {
    "before": ("before the study", "原研究之前"), "since": ("since", "原研究之后"),
    "undated": ("date cannot tell", "时点不明"),
}  # fmt: skip
STATE_SIGNS = {"before": "●", "since": "○", "undated": "?"}
STATE_COLOURS = {"before": "#8FB8D8", "since": COLOURS["third"], "undated": COLOURS["pale"]}
# Weights by criterion, in Chinese; in English they are called as in the cell that sets them.
CRITERION_WORDS = {"gap": "缺口", "evidence": "证据", "cost": "成本"}
LEVEL_WORDS = {
    "city": ("the city", "本市"), "province": ("the province", "本省"),
    "nation": ("the nation", "国家"), "none": ("nobody", "无"),
}  # fmt: skip
COST_WORDS = {"low": ("low", "低"), "medium": ("medium", "中"), "high": ("high", "高")}
RELATION_WORDS = {
    "replaces": ("replaces", "取代"), "continues": ("continues", "延续"),
    "extends": ("extends", "延长"), "raises": ("raises the rate of", "上调比例："),
    "implements": ("implements", "落实"), "applies": ("applies", "依据"),
    "reviews": ("reviews the firms of", "复核"), "cites": ("cites", "引用"),
}  # fmt: skip


def place_label(study: Teller, place_id: Any) -> str:
    """A place's name, the nation's for a blank."""
    if not isinstance(place_id, str) or place_id == policy.NATION:
        return str(study.t(*NATION_WORDS))
    return study.name(place_id)


def measure_labels(study: Teller, measures: pd.DataFrame, widths: tuple[int, int]) -> list[str]:
    """Number and instrument of each measure, broken into lines.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``, or rows of it.
    widths : (int, int)
        Characters a line, in English and in Chinese.

    Returns
    -------
    list of str
        In the order of the rows.
    """
    # Chinese has no blanks to break at: a no-break space keeps number and text one word.
    gap = study.t(" ", "\N{NO-BREAK SPACE}")
    texts = measures["measure_id"] + 2 * gap + measures[f"instrument_{study.language}"]
    return [fill(text, study.t(*widths)) for text in texts]


def figure_text(study: Teller, row: Mapping[Any, Any] | None) -> str:
    """A figure as a reader sees it: sign, value, unit, date and grade; empty for None."""
    return policy.figure_text(row, study.language, study.t("undated", "时点不详"))


def goal_number(study: Teller, row: Mapping[Any, Any]) -> str:
    """A goal's value with its unit and due date.

    Parameters
    ----------
    study : Teller
    row : mapping
        A row of the table ``policy_targets`` that is no fraction.

    Returns
    -------
    str
    """
    shown = {**row, "value": row["target_value"], "as_of": row["due"], "grade": ""}
    return policy.figure_text(shown, study.language, study.t("no due date", "无期限"))


def _goal_text(study: Teller, row: Mapping[Any, Any]) -> str:
    if row["comparison"] == "fraction_of":
        share = policy.exact_share(row["target_value"])
        reference = study.name(row["reference_place_id"])
        goal = study.t(f"at least {share} of {reference}'s count", f"不低于{reference}的{share}")
    else:
        goal = goal_number(study, row)
    own = row["source_id"] == policy.OWN_SOURCE
    note = study.t(" [the study's own]", "〔原研究自身建议〕") if own else ""
    return f"{place_label(study, row['place_id'])}{study.t(': ', '：')}{goal}{note}"


def goal_texts(
    study: Teller, targets: pd.DataFrame, indicator_id: object, places: Sequence[str]
) -> str:
    """The goals for an indicator in a list of places and the nation, as one text.

    Parameters
    ----------
    study : Teller
    targets : DataFrame
        Table ``policy_targets``; goals of a part of a place are left out.
    indicator_id : str or missing
    places : sequence of str
        Place codes.

    Returns
    -------
    str
        Empty where there is none.
    """
    rows = targets[targets["indicator_id"] == indicator_id]
    near = rows["place_id"].isna() | rows["place_id"].isin(list(places))
    whole = rows[near & rows["part_en"].isna()]
    goals = [_goal_text(study, row) for row in whole.to_dict("records")]
    return str(study.t("; ", "；").join(goals))


MEASURE_HEADS = {
    "measure_id": ("No.", "编号"), "measure": ("Measure", "措施"), "actor": ("Actor", "实施主体"),
    "group": ("Target group", "对象"), "instrument": ("Instrument", "工具类型"),
    "step": ("Step", "层次"), "indicator": ("Indicator", "指标"), "baseline": ("Baseline", "基线"),
    "goal": ("Goal (due)", "目标（期限）"), "claims": ("Claims", "所据论断"),
    "cases": ("Cases", "案例"),
}  # fmt: skip


def _baseline_text(
    study: Teller, indicator_id: Any, figures: pd.DataFrame, sources: pd.DataFrame,
    places: tuple[str, str],
) -> str:  # fmt: skip
    """The nearest figure of an indicator, and that the city has none where it is not the city's."""
    if not isinstance(indicator_id, str):
        return ""
    found = policy.nearest_figure(figures, sources, indicator_id, *places)
    colon, shown = study.t(": ", "："), []
    if found is None or found["place_id"] != places[0]:
        shown = [f"{study.name(places[0])}{colon}{study.t(*ABSENT_WORDS)}"]
    if found is not None:
        shown += [f"{place_label(study, found['place_id'])}{colon}{figure_text(study, found)}"]
    return str(study.t("; ", "；").join(shown))


def measure_table(
    study: Teller, measures: pd.DataFrame, figures: pd.DataFrame, targets: pd.DataFrame,
    sources: pd.DataFrame, places: tuple[str, str], local_firms: Sequence[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """The measures as coded: who, for whom, how, measured by what, from where to where, and why.

    Parameters
    ----------
    study : Teller
    measures, targets, sources : DataFrame
        Tables ``recommendation_measures``, ``policy_targets`` and ``sources``.
    figures : DataFrame
        From ``policy.public_figures``.
    places : (str, str)
        Codes of the focal city and its province.
    local_firms : sequence of str
        Firms of the focal city: only these are shown as cases.

    Returns
    -------
    DataFrame
        One row per measure, headings for readers. Where no figure of the city is on record the baseline
        says so and shows the nearest one.
    """
    language, comma = study.language, study.t(", ", "、")
    rows = []
    for row in measures.to_dict("records"):
        indicator = row[f"indicator_{language}"]
        cases = [case for case in split_ids(row["firm_ids"]) if case in set(local_firms)]
        rows.append([
            row["measure_id"], row[f"instrument_{language}"], row[f"actor_{language}"],
            row[f"target_group_{language}"], study.t(*INSTRUMENT_WORDS[row["instrument_type"]]),
            study.t(*STEP_WORDS[row["tier_addressed"]]),
            indicator if isinstance(indicator, str) else study.t("none named", "未指明"),
            _baseline_text(study, row["indicator_id"], figures, sources, places),
            goal_texts(study, targets, row["indicator_id"], places),
            comma.join(split_ids(row["rests_on_claim_ids"])), comma.join(cases),
        ])  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(heads_of(study, **MEASURE_HEADS).values()))
    return frame.mask(frame == "")


def evidence_grid(measures: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Grades by measure and by kind and level.

    Parameters
    ----------
    measures : DataFrame
        Table ``recommendation_measures``.
    cells : DataFrame
        From ``policy.evidence_cells``.

    Returns
    -------
    DataFrame
        Index measure_id in table order, columns ``kind:level`` for every kind and level, values
        the best grade or an empty text.

    Examples
    --------
    >>> measures = pd.DataFrame({"measure_id": ["a", "b"]})
    >>> cells = pd.DataFrame({"measure_id": ["a"], "kind": ["goal"], "level": ["city"],
    ...                       "grade": ["B"]})
    >>> evidence_grid(measures, cells)["goal:city"].tolist()
    ['B', '']
    """
    columns = [f"{kind}:{level}" for kind in policy.KINDS for level in policy.LEVELS]
    wide = cells.assign(column=cells["kind"] + ":" + cells["level"])
    grid = wide.pivot(index="measure_id", columns="column", values="grade")
    grid = grid.reindex(index=list(measures["measure_id"]), columns=columns)
    return grid.astype(object).where(grid.notna(), "")


def draw_grid(
    ax: Any, grid: pd.DataFrame, row_labels: Sequence[str], column_labels: Sequence[str],
    colours: dict[str, str], slant: float = 0,
) -> None:  # fmt: skip
    """A grid of small filled cells with their text; an empty text leaves a pale cell.

    Parameters
    ----------
    ax : Axes
    grid : DataFrame of str
    row_labels, column_labels : sequence of str
        In the order of the frame.
    colours : dict
        Fill by text; any other text that is not empty gets the light blue.
    slant : float
        Angle of the column labels in degrees.
    """
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    boxes = []
    for row, values in enumerate(grid.to_numpy()):
        for column, text in enumerate(values):
            fill_colour = colours.get(text, COLOURS["light"]) if text else "#F4F4F4"
            corner = (column - 0.46, row - 0.42)
            boxes.append(Rectangle(corner, 0.92, 0.84, color=fill_colour, lw=0))
            if text:
                ax.text(column, row, text, ha="center", va="center", fontsize=points(7))
    ax.add_collection(PatchCollection(boxes, match_original=True))
    ax.set_xlim(-0.6, grid.shape[1] - 0.4)
    ax.set_ylim(grid.shape[0] - 0.4, -0.6)
    side = {"rotation": slant, "ha": "left", "rotation_mode": "anchor"} if slant else {}
    ax.set_xticks(range(grid.shape[1]), column_labels, **side)
    ax.set_yticks(range(grid.shape[0]), row_labels, fontsize=points(7.5))
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def draw_evidence(study: Teller, ax: Any, grid: pd.DataFrame, measures: pd.DataFrame,
                  levels: Mapping[str, str]) -> None:  # fmt: skip
    """The evidence matrix: one row per measure, columns by kind and level, cells by grade.

    Parameters
    ----------
    study : Teller
    ax : Axes
    grid : DataFrame
        From :func:`evidence_grid`.
    measures : DataFrame
        Table ``recommendation_measures`` in the same order.
    levels : mapping
        Names of the levels, of the focal city and province for instance.
    """
    names = [levels[column.split(":")[1]] for column in grid.columns]
    draw_grid(ax, grid, measure_labels(study, measures, (56, 30)), names, GRADE_COLOURS, slant=60)
    ax.tick_params("y", labelsize=points(7))
    firsts = measures.reset_index(drop=True).drop_duplicates("recommendation_id").index[1:]
    ax.hlines(firsts - 0.5, -0.6, grid.shape[1] - 0.4, color=COLOURS["grey"], lw=0.8)
    # The headings stand above the slanted names: 5 points a half-width character, times sin 60.
    longest = max(map(display_width, names))
    for order, kind in enumerate(policy.KINDS):
        middle = order * len(policy.LEVELS) + (len(policy.LEVELS) - 1) / 2
        ax.annotate(
            study.t(*KIND_WORDS[kind]), (middle, 1), (0, points(14 + 4.0 * longest)),
            xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
            fontsize=points(9),
        )  # fmt: skip
        if order:
            ax.axvline(order * len(policy.LEVELS) - 0.5, color="white", lw=3)


def measures_shown(
    study: Teller, measures: pd.DataFrame, known: pd.DataFrame, targets: pd.DataFrame,
    sources: pd.DataFrame, places: tuple[str, str], local_firms: Sequence[str],
) -> Shown:  # fmt: skip
    """The coded measures, and the record of that table; see :func:`measure_table`."""
    home = study.name(places[0])
    table = measure_table(study, measures, known, targets, sources, places, local_firms)
    bearing = known["indicator_id"].isin(measures["indicator_id"].dropna())
    record = record_of(
        study, "05_measures",
        (f"The measures, their indicators, and baselines and goals for {home}",
         f"各项措施及其指标、{home}的基线与目标"),
        unit=("as stated in the cell; the letter is the grade of the source",
              "见单元格；字母为来源等级"),
        source=["STUDY", known.loc[bearing, "source_id"]],
        note=("The study makes these recommendations for Anshan. A dash: none. Figures of wider "
              "areas are not baselines of the city. Cases are firms of the city itself.",
              "建议由原研究针对鞍山提出。横线表示无。上级区域数据不是该市基线。案例仅列本市企业。"),
    )  # fmt: skip
    return table, record


def level_names(study: Teller, places: tuple[str, str]) -> dict[str, str]:
    """Names of the levels of evidence for a city and its province."""
    city, province = (study.name(place) for place in places)
    nation, elsewhere = study.t(*NATION_WORDS), study.t("elsewhere", "其他地区")
    return dict(zip(policy.LEVELS, (city, province, nation, elsewhere), strict=True))


def evidence(
    study: Teller, measures: pd.DataFrame, cells: pd.DataFrame, places: tuple[str, str]
) -> View:
    """The matrix of evidence with its record.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``.
    cells : DataFrame
        From ``policy.evidence_cells``.
    places : (str, str)
        Codes of the focal city and its province.

    Returns
    -------
    figure, record, data
    """
    home, grid = study.name(places[0]), evidence_grid(measures, cells)
    with pictures.styled():
        figure, ax = pictures.new(7.4, 8.2)
        draw_evidence(study, ax, grid, measures, level_names(study, places))
    count, used = len(measures), len(ids_of(cells["source_id"]))
    groups = measures["recommendation_id"].nunique()
    listed = study.t(
        f"; {used} sources of the cells, listed in 05_evidence_sources.csv",
        f"；各单元格共{used}个来源，见05_evidence_sources.csv",
    )
    record = record_of(
        study, "05_evidence",
        (f"Evidence on record for {count} measures, seen from {home}",
         f"{count}项措施已查得的依据（以{home}为中心）"),
        base=(f"{count} measures of {groups} recommendations", f"{groups}条建议的{count}项措施"),
        unit=("best grade found, A to C, where an item with several sources has the grade of the "
              "weakest; pale: none on record",
              "所见最高等级，A至C；一项有多个来源时取最低者；浅色：未查得"),
        source=study.cite("STUDY") + listed, alt=_evidence_alt(study, grid, places),
    )  # fmt: skip
    return figure, record, grid.reset_index()


def _evidence_alt(study: Teller, grid: pd.DataFrame, places: tuple[str, str]) -> Words:
    """What the matrix of evidence shows, in words."""
    filled = (grid != "").sum()
    kind, level = str(filled.idxmax()).split(":")
    english, chinese = KIND_WORDS[kind]
    name = level_names(study, places)[level]
    rows, columns, held = len(grid), grid.shape[1], int(filled.sum())
    return (
        f"Matrix of {rows} measures in rows and {columns} columns: public figures, numerical goals "
        f"and documents, each by level of place. {held} cells hold a letter, the grade of the best "
        f"source; the fullest column, with {filled.max()}, is: {english}, {name}.",
        f"矩阵：{rows}项措施为行，{columns}列分列公开数据、数量目标与政策文件的各个层级。{held}个单元格有字母，"
        f"为所见来源的最高等级；最满的一列为{chinese}、{name}，有{filled.max()}格。",
    )


def evidence_sources(study: Teller, cells: pd.DataFrame, places: tuple[str, str]) -> Shown:
    """The sources behind each cell of the matrix; see :func:`evidence`."""
    home = study.name(places[0])
    kinds = heads_of(study, **KIND_WORDS)
    table = cells.assign(
        kind=cells["kind"].map(kinds), level=cells["level"].map(level_names(study, places))
    )
    heads = heads_of(
        study, measure_id=("Measure", "措施"), kind=("Kind", "类别"), level=("Level", "层级"),
        rows=("Rows", "行数"), grade=("Best grade", "最高等级"), source_id=("Sources", "来源"),
    )  # fmt: skip
    record = record_of(
        study, "05_evidence_sources",
        (f"Sources behind each cell of the matrix, seen from {home}",
         f"各单元格的来源（以{home}为中心）"),
        unit=("rows of the tables", "数据表行数"),
        source=study.t("see the column Sources", "见来源列"),
        note=("Zones within a city stand under elsewhere.", "市内局部区域列入其他地区。"),
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record


def balance(study: Teller, measures: pd.DataFrame) -> View:
    """Measures by type of instrument and step of the ladder.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``.

    Returns
    -------
    figure, record, data
    """
    counts = argument.instrument_balance(measures)
    rows = _with_totals(study, INSTRUMENT_WORDS, counts.sum(axis=1))
    columns = _with_totals(study, STEP_WORDS, counts.sum())
    cells = counts.stack()
    kind, step = cells.idxmax()
    with pictures.styled():
        figure, ax = pictures.new(6.4, 2.4)
        draw_grid(ax, counts.astype(str).where(counts > 0, ""), rows, columns, {}, slant=30)
    record = record_of(
        study, "05_balance",
        ("The balance of instruments: measures by type and by the step they address",
         "政策工具的结构：按工具类型与所针对的层次"),
        unit=("measures; pale: none", "措施数；浅色：无"),
        base=(f"{len(measures)} measures", f"{len(measures)}项措施"),
        source=["STUDY"],
        note=("Type and step are this project's coding of the study's text; totals in brackets.",
              "工具类型与层次由本项目据原研究文本编码；括号内为合计。"),
        alt=(f"Grid of {len(rows)} types of instrument by {len(columns)} steps of the ladder with "
             f"numbers of measures; the largest cell is {INSTRUMENT_WORDS[kind][0]} for "
             f"{STEP_WORDS[step][0]}, {cells.max()}.",
             f"网格：{len(rows)}类政策工具为行，{len(columns)}个层次为列，格内为措施数；最大的一格为"
             f"{INSTRUMENT_WORDS[kind][1]}、{STEP_WORDS[step][1]}，{cells.max()}项。"),
    )  # fmt: skip
    return figure, record, counts.reset_index()


def _with_totals(study: Teller, words: Mapping[str, Words], totals: pd.Series) -> list[str]:
    """Names of types or steps, each with its total."""
    return [
        study.t(f"{words[key][0]} ({n})", f"{words[key][1]}（{n}）") for key, n in totals.items()
    ]


def support(
    study: Teller, measures: pd.DataFrame, unused: Mapping[str, Sequence[str]],
    local_firms: pd.DataFrame, claims: pd.DataFrame,
) -> View:  # fmt: skip
    """Which claims and cases each measure rests on, with those that no measure rests on.

    Parameters
    ----------
    study : Teller
    measures, claims : DataFrame
        Tables ``recommendation_measures`` and ``claims``.
    unused : mapping
        From ``argument.unused_evidence``.
    local_firms : DataFrame
        Rows of ``firms`` in the focal city.

    Returns
    -------
    figure, record, data
    """
    names = local_firms.set_index("firm_id")[f"name_short_{study.language}"]
    grid, used = argument.support_grid(measures, claims, unused, list(names.index))
    with pictures.styled():
        figure, ax = pictures.new(7.6, 7.2)
        _draw_support(ax, grid, [names.get(item, item) for item in grid.columns], used)
        rows = measure_labels(study, measures, (54, 32))
        ax.set_yticks(range(len(grid)), rows, fontsize=points(5.8))
        free = len(grid.columns) - used
        ends = [((used - 1) / 2, ("used by a measure", "有措施以之为依据"))]
        if free:
            ends.append((used + (free - 1) / 2, ("used by none", "没有措施以之为依据")))
        for middle, words in ends:
            ax.text(middle, len(grid) + 0.1, study.t(*words), ha="center", va="top",
                    fontsize=points(7.5))  # fmt: skip
    record = record_of(
        study, "05_support",
        ("What each measure rests on: claims of the study and firms it tells of",
         "各项措施的依据：原研究论断与所述企业"),
        unit=("square: the measure rests on it; shaded column or row: none",
              "方块：有依据关系；着色列或行：无"),
        base=(f"{len(measures)} measures; {len(grid.columns)} claims and firms",
              f"{len(measures)}项措施；{len(grid.columns)}个论断与企业"),
        source=["STUDY"],
        note=("The links are our reading of the argument. Unused claims are shown where they are "
              "on a place; the table below lists the others.",
              "依据关系为本项目解读。未被采用的论断仅画出涉及具体地区者，其余见下表。"),
        alt=_support_alt(grid, used),
    )  # fmt: skip
    return figure, record, grid.reset_index()


def _support_alt(grid: pd.DataFrame, used: int) -> Words:
    """What the matrix of support shows, in words."""
    filled = grid != ""
    rows, columns = filled.shape
    alone = int((~filled.any(axis=1)).sum())
    squares, free = int(filled.to_numpy().sum()), columns - used
    return (
        f"Matrix of {rows} measures in rows against {columns} claims and firms in columns, with "
        f"{squares} squares where a measure rests on one. Shaded, since they have no square: columns, "
        f"{free}; rows, {alone}.",
        f"矩阵：{rows}项措施为行，{columns}个论断与企业为列，有依据关系处为方块，共{squares}个。{free}列与"
        f"{alone}行着色，表示没有方块。",
    )


def _draw_support(ax: Any, grid: pd.DataFrame, names: Sequence[str], used: int) -> None:
    """Squares where a measure rests on something; shaded rows and columns without any."""
    filled = (grid != "").to_numpy()
    rows, columns = filled.shape
    shade = {"facecolor": "#F6E3C5", "lw": 0}
    if used < columns:
        ax.axvspan(used - 0.5, columns - 0.5, **shade)
    for row in range(rows):
        if not filled[row].any():
            ax.axhspan(row - 0.5, row + 0.5, **shade)
    at_row, at_column = filled.nonzero()
    ax.scatter(at_column, at_row, marker="s", s=26, color=COLOURS["main"], zorder=3, lw=0)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_xticks(range(columns), names, rotation=90, fontsize=points(6.5))
    ax.xaxis.tick_top()
    lines = {"color": "#E0E0E0", "lw": 0.4, "zorder": 1}
    ax.vlines([edge - 0.5 for edge in range(1, columns)], -0.5, rows - 0.5, **lines)
    ax.hlines([edge - 0.5 for edge in range(1, rows)], -0.5, columns - 0.5, **lines)
    ax.tick_params(length=0)
    if used < columns:
        ax.axvline(used - 0.5, color=COLOURS["ink"], lw=1)


def unused_shown(
    study: Teller, unused: Mapping[str, Sequence[str]], firms: pd.DataFrame, claims: pd.DataFrame,
    documents: pd.DataFrame, named: Mapping[str, Words],
) -> Shown:  # fmt: skip
    """Evidence that serves no measure, one row per item.

    Parameters
    ----------
    study : Teller
    unused : mapping
        From ``argument.unused_evidence``.
    firms, claims, documents : DataFrame
        Tables of these names (``policy_documents``).
    named : mapping
        English and Chinese names of indicators by id, from ``policy.indicator_names``; an indicator
        without one is told by the words of its id.

    Returns
    -------
    frame, record
    """
    language = study.language
    texts = {
        "claim": claims.set_index("claim_id")[f"claim_{language}"],
        "firm": firms.set_index("firm_id")[f"name_short_{language}"],
        "indicator": pd.Series({key: study.t(*pair) for key, pair in named.items()}, dtype=object),
        "document": documents.set_index("doc_id")[f"title_{language}"],
    }
    kinds = {
        "claim": ("Claim", "论断"), "firm": ("Firm", "企业"),
        "indicator": ("Figure or goal", "数据或目标"), "document": ("Document", "文件"),
    }  # fmt: skip
    rows = [
        [study.t(*kinds[kind]), item, texts[kind].get(item, _words_of_id(study, item))]
        for kind in ("firm", "document", "indicator", "claim")
        for item in unused[kind]
    ]
    heads = [study.t("Kind", "类别"), study.t("Id", "编号"), study.t("What it is", "内容")]
    record = record_of(
        study, "05_unused",
        ("Evidence that no measure rests on or is served by", "没有措施与之对应的依据"),
        unit=("items", "项"), source=["STUDY"],
        note=("Figures and goals of the city, its province and the nation. An item without a "
              "measure is no fault by itself: it shows where the argument stops.",
              "数据与目标限于本市、本省与全国。没有对应措施并不等于缺陷，只表明论证止于何处。"),
    )  # fmt: skip
    return pd.DataFrame(rows, columns=heads), record


def _words_of_id(study: Teller, item: str) -> str:
    """The words of an id, for an indicator that no table names."""
    words = item.replace("_", " ")
    return str(study.t(words, COUNTED_WORDS.get(item, words)))


def provision(
    study: Teller, measures: pd.DataFrame, found: pd.DataFrame, places: tuple[str, str],
    written: str,
) -> View:  # fmt: skip
    """Since when each measure has been policy, by level.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``.
    found : DataFrame
        From ``argument.provision``.
    places : (str, str)
        Codes of the focal city and its province.
    written : str
        Date after which the study was written.

    Returns
    -------
    figure, record, data
    """
    levels, order = ["nation", "province", "city"], list(measures["measure_id"])
    cells = found.assign(text=[_provision_text(row) for row in found.to_dict("records")])
    texts = cells.pivot(index="measure_id", columns="level", values="text").loc[order, levels]
    colours = {row["text"]: STATE_COLOURS.get(row["state"], "") for row in cells.to_dict("records")}
    names = level_names(study, places)
    with pictures.styled():
        figure, ax = pictures.new(7.2, 7.4)
        labels = measure_labels(study, measures, (62, 34))
        draw_grid(ax, texts, labels, [names[level] for level in levels], colours)
        ax.tick_params("y", labelsize=points(7))
    return figure, _provision_record(study, found, written), found


def _provision_record(study: Teller, found: pd.DataFrame, written: str) -> Record:
    semicolon = study.t("; ", "；")
    legend = semicolon.join(
        f"{STATE_SIGNS[state]} {study.t(*words)}" for state, words in STATE_WORDS.items()
    )
    count, used = found["measure_id"].nunique(), len(ids_of(found["doc_id"].dropna()))
    early = found[found["state"] == "before"].groupby("level").size()
    nation, province, city = (int(early.get(level, 0)) for level in ("nation", "province", "city"))
    return record_of(
        study, "05_provision",
        ("Which measure was policy already when the study was written, and which since",
         "原研究写成时已属既有政策的措施及此后出台者"),
        unit=study.t("date of the earliest document, and its number in the table; ",
                     "最早文件的日期及其编号；") + legend,
        base=(f"{count} measures, {used} documents", f"{count}项措施，{used}份文件"),
        as_of=(f"the study was written after {written}, the latest list it counts",
               f"原研究写成于{written}之后（其所计最新名单）"),
        source=("05_documents.csv gives the sources of each document",
                "各文件来源见05_documents.csv"),
        note=("Pale: no document on record, which is not proof that there is none. That a document "
              "provides for a measure says nothing of its size or effect.",
              "浅色：未查得文件，不等于没有。文件涵盖某措施并不说明其力度或成效。"),
        alt=(f"Grid of {count} measures by nation, province and city; a cell names the earliest "
             f"document on record. Older than the study are documents on {nation} measures for the "
             f"nation, {province} for the province and {city} for the city.",
             f"网格：{count}项措施为行，国家、本省、本市为列，格内为已查得的最早文件。早于原研究的文件，国家层级"
             f"涵盖{nation}项，本省{province}项，本市{city}项。"),
    )  # fmt: skip


def _provision_text(row: Mapping[Any, Any]) -> str:
    if row["state"] == "none":
        return ""
    date = row["first"] if isinstance(row["first"], str) else ""
    return f"{STATE_SIGNS[row['state']]} {date[:7]} {row['doc_id']}".replace("  ", " ")


def documents_shown(study: Teller, documents: pd.DataFrame, links: pd.DataFrame) -> Shown:
    """The documents with date, number, links and the measures they serve.

    Parameters
    ----------
    study : Teller
    documents, links : DataFrame
        Tables ``policy_documents`` (rows wanted) and ``document_links``.

    Returns
    -------
    frame, record
    """
    told = links.assign(
        text=[
            study.t("{} {}", "{}{}").format(
                study.t(*RELATION_WORDS[row["relation"]]), row["to_doc_id"]
            )
            for row in links.to_dict("records")
        ]
    )
    joined = told.groupby("from_doc_id")["text"].agg(study.t("; ", "；").join)
    used_by = study.t("in use by ", "已用于")
    table = documents.assign(
        date=documents["issued"].fillna(used_by + documents["in_use_by"]),
        links=documents["doc_id"].map(joined),
        measures=documents["measure_ids"].str.replace(";", study.t(", ", "、")),
    )
    heads = heads_of(
        study, doc_id=("No.", "编号"), **{f"title_{study.language}": ("Document", "文件")},
        number=("Number", "文号"), date=("Date", "日期"), in_force_from=("In force", "施行"),
        links=("Links", "关系"), measures=("Measures", "对应措施"), source_id=("Sources", "来源"),
    )  # fmt: skip
    record = record_of(
        study, "05_documents",
        ("Policy documents, their dates, numbers and links", "政策文件的日期、文号与相互关系"),
        unit=("documents", "份"), source=study.t("see the column Sources", "见来源列"),
        note=("A dash: not found, or none. A title in brackets is a description. Which measure a "
              "document serves is our reading of its title and gist.",
              "横线：未查得或无。方括号内为描述而非原题。对应措施为本项目据标题与要点判断。"),
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record


def _study_and_cells(study: Teller) -> str:
    """The study, and where the sources of the cells of the matrix are listed."""
    behind = study.t(
        "; the documents, figures and goals listed in 05_evidence_sources.csv",
        "；文件、数据与目标的来源见05_evidence_sources.csv",
    )
    return f"{study.cite('STUDY')}{behind}"


def ranking_shown(
    study: Teller, ranked: pd.DataFrame, measures: pd.DataFrame, weights: Mapping[str, float]
) -> Shown:
    """Scores, weights and reasons of each measure.

    Parameters
    ----------
    study : Teller
    ranked : DataFrame
        From ``priorities.rank``.
    measures : DataFrame
        Table ``recommendation_measures``.
    weights : mapping
        As used.

    Returns
    -------
    frame, record
    """
    language = study.language
    words = measures.set_index("measure_id")
    yes = {True: study.t("yes", "有"), False: study.t("no", "无")}
    levels, costs = heads_of(study, **LEVEL_WORDS), heads_of(study, **COST_WORDS)
    table = ranked.assign(
        measure=ranked["measure_id"].map(words[f"instrument_{language}"]),
        nearest=ranked["nearest"].map(levels),
        cost_class=ranked["cost_class"].map(costs),
        reason=ranked["measure_id"].map(words[f"cost_reason_{language}"]),
        **{kind: ranked[kind].map(yes) for kind in ("figure", "goal", "case")},
    )
    heads = heads_of(
        study, rank=("Rank", "位次"), measure_id=("No.", "编号"), measure=("Measure", "措施"),
        score=("Score", "得分"), nearest=("Provided for by", "已有文件或目标的最近层级"),
        figure=("Figure", "数据"), goal=("Goal", "目标"), case=("Case", "案例"),
        cost_class=("Cost", "成本"), reason=("Reason for the cost class", "成本级别理由"),
        gap=("Gap", "缺口"), evidence=("Evidence", "证据"), cost=("Cheapness", "低成本"),
    )  # fmt: skip
    shown = study.t(", ", "，").join(
        study.t(f"{name} {value:.2f}", f"{CRITERION_WORDS[name]}{value:.2f}")
        for name, value in weights.items()
    )
    record = record_of(
        study, "05_priorities",
        ("Measures scored on gap, evidence and cost", "按缺口、证据与成本评分的措施"),
        unit=("points scaled from 0 to 1; measures that tie share a rank",
              "得分折算为0至1；同分并列"),
        base=(f"weights: {shown}", f"权重：{shown}"), source=_study_and_cells(study),
        note=("Gap and evidence follow from the tables by rule: a document that provides for the "
              "measure or a government's goal for its indicator narrows the gap. Which measure a "
              "document serves is our reading; the cost class is a judgement with its reason beside "
              "it, no estimate of cost.",
              "缺口与证据由数据表按规则得出：涵盖该措施的文件或政府就其指标所定目标均缩小缺口。文件对应"
              "哪项措施为本项目判断；成本级别为判断（附理由），不是费用估算。"),
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record


def robustness(
    study: Teller, ranked: pd.DataFrame, shares: pd.DataFrame, measures: pd.DataFrame, top: int
) -> View:
    """In which share of all weights each measure is among the first few.

    Parameters
    ----------
    study : Teller
    ranked : DataFrame
        From ``priorities.rank``.
    shares : DataFrame
        From ``priorities.top_share``.
    measures : DataFrame
        Table ``recommendation_measures``.
    top : int
        Places that count as the first few.

    Returns
    -------
    figure, record, data
    """
    table = ranked[["measure_id", "rank"]].merge(shares, on="measure_id")
    frame = table[table["most"] > 0].sort_values(["most", "rank"], ascending=[False, True])
    drawn = measures.set_index("measure_id", drop=False).loc[frame["measure_id"]]
    with pictures.styled():
        figure, ax = pictures.new(7.2, 0.7 + 0.36 * len(frame))
        _draw_shares(study, ax, frame)
        labels = measure_labels(study, drawn, (56, 30))
        ax.set_yticks(range(len(frame)), labels, fontsize=points(7))
    return figure, _robustness_record(study, table, frame, top), table


def _draw_shares(study: Teller, ax: Any, frame: pd.DataFrame) -> None:
    """Bars of shares of weights, hatched between their bounds, each with its number and rank."""
    for row, item in enumerate(frame.to_dict("records")):
        low, high = 100 * item["least"], 100 * item["most"]
        ax.barh(row, low, 0.6, color=COLOURS["main"])
        ax.barh(row, high - low, 0.6, left=low, color="white", edgecolor=COLOURS["main"],
                hatch="////")  # fmt: skip
        told, place = _percents(item["least"], item["most"], study.t), item["rank"]
        ax.annotate(
            study.t(f"{told} %  (rank {place})", f"{told}%（第{place}位）"), (high, row), (4, 0),
            textcoords="offset points", va="center", fontsize=points(7.5),
        )  # fmt: skip
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlim(0, 124)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel(study.t("Share of all weights (%)", "占全部权重组合的比例（%）"))
    ax.grid(axis="x")


def _robustness_record(study: Teller, table: pd.DataFrame, frame: pd.DataFrame, top: int) -> Record:
    never, first, last = len(table) - len(frame), frame.iloc[0], frame.iloc[-1]
    spans = [_percents(item["least"], item["most"], study.t) for item in (first, last)]
    return record_of(
        study, "05_robustness",
        (f"How often a measure is among the first {top}, whatever the weights",
         f"无论权重如何，各项措施进入前{top}位的比例"),
        unit=("per cent of the area of all non-negative weights that sum to 1",
              "占全部非负且和为1的权重组合面积的百分比"),
        base=(f"{len(table)} measures; the {never} not shown are never among the first {top}",
              f"{len(table)}项措施；未列出的{never}项在任何权重下都不进入前{top}位"),
        source=_study_and_cells(study),
        note=("Hatched: the bounds within which the exact share lies. In brackets: the rank with "
              "the weights of the table. Measures that tie share the better rank.",
              "斜线：确切比例所在的界限。括号内为按上表权重的位次。同分并列取较前位次。"),
        alt=(f"Horizontal bars for {len(frame)} measures, the longest first: from "
             f"{first['measure_id']}, among the first {top} under {spans[0]} % of the weights, to "
             f"{last['measure_id']} under {spans[1]} %.",
             f"横条图：{len(frame)}项措施，由长到短，从{first['measure_id']}（在{spans[0]}%的权重组合下进入前"
             f"{top}位）到{last['measure_id']}（{spans[1]}%）。"),
    )  # fmt: skip


def coding_shown(study: Teller, ranges: pd.DataFrame, top: int) -> Shown:
    """How far the shares hang on the coding of single documents, as a table.

    Parameters
    ----------
    study : Teller
    ranges : DataFrame
        From ``priorities.leave_one_out``.
    top : int
        Places that count as the first few.

    Returns
    -------
    frame, record
        Only the measures that are among the first few under some weights, with all documents or
        with one of them left out; the widest range first.
    """
    rows = ranges[ranges["highest"] > 0]
    rows = rows.assign(width=rows["highest"] - rows["lowest"])
    rows = rows.sort_values(["width", "most"], ascending=False, kind="stable")
    spans = {"all": ("least", "most"), "one": ("lowest", "highest")}
    told = {
        name: [_percents(low, high, study.t) for low, high in rows[list(ends)].to_numpy()]
        for name, ends in spans.items()
    }
    heads = heads_of(
        study, measure_id=("No.", "编号"), all=("All documents (%)", "全部文件（%）"),
        one=("One left out (%)", "剔除任一文件（%）"),
        lowest_without=("Lowest without", "最低时所剔除"),
        highest_without=("Highest without", "最高时所剔除"),
    )  # fmt: skip
    record = record_of(
        study, "05_coding",
        (f"Share of weights that put a measure among the first {top}, one document left out at a time",
         f"逐一剔除文件时措施进入前{top}位的权重比例"),
        unit=("per cent of all weights, as bounds", "占全部权重组合的百分比（界限）"),
        base=(f"{len(rows)} of {len(ranges)} measures; the others are never among the first {top}",
              f"{len(ranges)}项措施中的{len(rows)}项；其余在任何情形下都不进入前{top}位"),
        source=study.t("05_documents.csv gives the sources of each document",
                       "各文件来源见05_documents.csv"),
        note=("A dash: no document moves that end. Numbers as in the table of documents.",
              "横线：无文件改变该端。编号见文件表。"),
    )  # fmt: skip
    return rows.assign(**told).rename(columns=heads)[list(heads.values())], record


def _percents(low: float, high: float, t: Pick) -> str:
    """Two shares as one text in per cent; one number where they print alike."""
    return spanned((f"{100 * low:.0f}", f"{100 * high:.0f}"), t)


def gaps_shown(
    study: Teller,
    measures: pd.DataFrame,
    known: pd.DataFrame,
    counted: Sequence[str],
    place_id: str,
) -> Shown:
    """Indicators without a figure of a place, and the table a figure would go to.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``.
    known : DataFrame
        From ``policy.public_figures``.
    counted : sequence of str
        Indicators kept in ``city_counts.csv``.
    place_id : str

    Returns
    -------
    frame, record
    """
    home = study.name(place_id)
    named = f"indicator_{study.language}"
    have = set(known.loc[known["place_id"] == place_id, "indicator_id"])
    open_ones = measures[measures["indicator_id"].notna() & ~measures["indicator_id"].isin(have)]
    groups = open_ones.groupby(["indicator_id", named], sort=False)["measure_id"]
    gaps = groups.agg(study.t(", ", "、").join)
    table = gaps.reset_index()
    files = {True: "city_counts.csv", False: "recommendation_quantities.csv"}
    firms = table["indicator_id"].isin(counted) | table["indicator_id"].str.startswith("tech_sme")
    table["file"] = firms.map(files)
    heads = heads_of(
        study, **{named: ("Indicator", "指标")}, measure_id=("Measures", "措施"),
        file=("File to supply", "应补充的文件"),
    )  # fmt: skip
    total = measures["indicator_id"].nunique()
    record = record_of(
        study, "05_gaps",
        (f"Indicators without a figure on record for {home}", f"{home}未查得数据的指标"),
        base=(f"{total} indicators", f"{total}个指标"), unit=("indicators", "个"),
        source=["STUDY"],
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record
