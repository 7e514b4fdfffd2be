"""Tables and drawings of the policy notebook, each with its record.

Functions that take a :class:`Teller` return what ``study.show`` and ``study.figure`` take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import fill
from typing import Any, Protocol

import pandas as pd

from helpers.analysis import policy
from helpers.evidence.sources import ids_of, worst_grade
from helpers.publish import figures as pictures
from helpers.publish.figures import COLOURS, Record
from helpers.publish.trend_views import Pick, View

Shown = tuple[pd.DataFrame, Record]

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
FUNDS = ("angel_fund_size", "guidance_fund_size", "scientist_fund_size")
FIRST_PHASES = {"angel_fund_first_phase": "angel_fund_size"}


class Teller(Protocol):
    """What a view needs of a study: its language, names of places and citations."""

    @property
    def language(self) -> str:
        """Language of the words in figures."""

    def t(self, en: str, zh: str) -> str:
        """The text in the study's language."""

    def name(self, place: str) -> str:
        """A place's name."""

    def cite(self, *cells: object) -> str:
        """Short citations."""


def _pick(words: tuple[str, str], language: str) -> str:
    return words[1] if language == "zh" else words[0]


def place_label(place_id: Any, name: Callable[[str], str], language: str) -> str:
    """A place's name, the nation's for a blank.

    Examples
    --------
    >>> place_label(None, str.upper, "en")
    'China'
    """
    if not isinstance(place_id, str) or place_id == policy.NATION:
        return _pick(NATION_WORDS, language)
    return name(place_id)


def goal_number(row: dict[Any, Any], language: str) -> str:
    """A goal's value with its unit and due date.

    Parameters
    ----------
    row : mapping
        A row of the table ``policy_targets`` that is no fraction.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> goal_number({"target_value": 2500.0, "comparison": "equal", "unit": "firms",
    ...              "unit_zh": "家", "due": "2025"}, "en")
    '2,500 firms (2025)'
    """
    shown = {**row, "value": row["target_value"], "as_of": row["due"], "grade": ""}
    return policy.figure_text(shown, language, _pick(("no due date", "无期限"), language))


def _goal_text(row: dict[Any, Any], name: Callable[[str], str], language: str) -> str:
    place = place_label(row["place_id"], name, language)
    goal = goal_number(row, language) if row["comparison"] != "fraction_of" else ""
    if row["comparison"] == "fraction_of":
        share = policy.exact_share(row["target_value"])
        reference = name(row["reference_place_id"])
        words = (f"at least {share} of {reference}'s count", f"不低于{reference}的{share}")
        goal = _pick(words, language)
    own = row["source_id"] == policy.OWN_SOURCE
    note = _pick((" [the study's own]", "〔研究自身建议〕"), language) if own else ""
    return f"{place}: {goal}{note}" if language == "en" else f"{place}：{goal}{note}"


def goal_texts(
    targets: pd.DataFrame, indicator_id: object, places: Sequence[str], name: Callable[[str], str],
    language: str,
) -> str:  # fmt: skip
    """The goals for an indicator in a list of places and the nation, as one text.

    Parameters
    ----------
    targets : DataFrame
        Table ``policy_targets``; goals of a part of a place are left out.
    indicator_id : str or missing
    places : sequence of str
        Place codes.
    name : callable
        Gives a place's name from its code.
    language : {"en", "zh"}

    Returns
    -------
    str
        Empty where there is none.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> goal_texts(tables.load("policy_targets"), "srdi_sme", ["210000"], str, "en")
    '210000: 2,500 firms (2025)'
    """
    near = targets["place_id"].isna() | targets["place_id"].isin(list(places))
    rows = targets[near & targets["part_en"].isna() & (targets["indicator_id"] == indicator_id)]
    return "; ".join(_goal_text(row, name, language) for row in rows.to_dict("records"))


def measure_table(
    measures: pd.DataFrame, figures: pd.DataFrame, targets: pd.DataFrame, sources: pd.DataFrame,
    places: tuple[str, str], name: Callable[[str], str], language: str,
) -> pd.DataFrame:  # fmt: skip
    """The measures with target group, instrument, indicator, baseline, goal and claims.

    Parameters
    ----------
    measures, targets, sources : DataFrame
        Tables ``recommendation_measures``, ``policy_targets`` and ``sources``.
    figures : DataFrame
        From ``policy.public_figures``.
    places : (str, str)
        Codes of the focal city and its province.
    name : callable
        Gives a place's name from its code.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per measure, headings for readers. Where no figure of the city is on record the baseline
        says so and shows the nearest one.
    """
    city, province = places
    words = {
        "en": ("Measure", "Target group", "Instrument", "Indicator", "Baseline", "Goal", "Claims"),
        "zh": ("措施", "对象", "政策工具", "指标", "基线", "目标", "所据论断"),
    }[language]
    none = _pick(("none named", "未指明"), language)
    colon = _pick((": ", "："), language)
    absent = name(city) + colon + _pick(ABSENT_WORDS, language)
    rows = []
    for row in measures.to_dict("records"):
        indicator = row[f"indicator_{language}"]
        baseline = policy.nearest_figure(figures, sources, row["indicator_id"], city, province)
        text = policy.figure_text(baseline, language, _pick(("undated", "时点不详"), language))
        where = place_label(baseline["place_id"], name, language) if baseline else ""
        shown = [absent] if baseline is None or baseline["place_id"] != city else []
        shown += [f"{where}{colon}{text}"] if text else []
        named = isinstance(indicator, str)
        claims = row["rests_on_claim_ids"]
        rows.append([
            row["measure_id"], row[f"target_group_{language}"], row[f"instrument_{language}"],
            indicator if named else none, "; ".join(shown) if named else "",
            goal_texts(targets, row["indicator_id"], places, name, language),
            claims.replace(";", ", ") if isinstance(claims, str) else "",
        ])  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(words))
    return frame.mask(frame == "")


def progress_table(
    progress: pd.DataFrame, sources: pd.DataFrame, name: Callable[[str], str], language: str
) -> pd.DataFrame:
    """Goals and the figures beside them, with headings for readers.

    Parameters
    ----------
    progress : DataFrame
        From ``policy.goal_progress``.
    sources : DataFrame
        Table ``sources``.
    name : callable
        Gives a place's name from its code.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per goal; figures and percentages as text with the sign of their comparison.
    """
    words = {
        "en": ("Place", "Indicator", "Goal (due)", "Grade of the goal", "Best public figure",
               "As of", "Grade of the figure", "Reached (%)"),
        "zh": ("地区", "指标", "目标（期限）", "目标来源等级", "公开数据", "时点", "数据来源等级",
               "完成度（%）"),
    }[language]  # fmt: skip
    rows = []
    for row in progress.to_dict("records"):
        known = pd.notna(row["value"])
        sign = policy.SIGNS[row["figure_comparison"]] if known else ""
        rows.append([
            place_label(row["place_id"], name, language), row[f"indicator_{language}"],
            goal_number(row, language), worst_grade(sources, ids_of(row["source_id"])),
            f"{sign}{row['value']:,.10g}" if known else None, row["as_of"], row["grade"],
            f"{sign}{row['reached_pct']:.1f}" if known else None,
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=list(words))


def quantity_rows(
    quantities: pd.DataFrame, sources: pd.DataFrame, name: Callable[[str], str], language: str
) -> pd.DataFrame:
    """The quantities with place, value as text and grade added.

    Parameters
    ----------
    quantities, sources : DataFrame
        Tables ``recommendation_quantities`` and ``sources``.
    name : callable
        Gives a place's name from its code.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        The table with the columns place, shown (value with its sign) and grade added; shown and
        grade are blank where there is no value.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rows = quantity_rows(tables.load("recommendation_quantities"), tables.load("sources"),
    ...                      str, "en")
    >>> rows.query("indicator_id == 'guidance_fund_share'")[["shown", "grade"]].values.tolist()
    [['≤ 30', 'B']]
    """
    frame = quantities.copy()
    places = [place_label(place_id, name, language) for place_id in frame["place_id"]]
    colon = ": " if language == "en" else "："
    frame["place"] = places + frame[f"part_{language}"].radd(colon).fillna("")
    known = frame["value"].notna()
    grades = pd.Series([worst_grade(sources, ids_of(cell)) for cell in frame["source_id"]])
    numbers = frame["comparison"].map(policy.SIGNS) + frame["value"].map("{:,.10g}".format)
    return frame.assign(grade=grades.where(known), shown=numbers.where(known))


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
    from matplotlib.patches import Rectangle

    for row, values in enumerate(grid.to_numpy()):
        for column, text in enumerate(values):
            fill_colour = colours.get(text, COLOURS["light"]) if text else "#F4F4F4"
            box = Rectangle((column - 0.46, row - 0.42), 0.92, 0.84, color=fill_colour, lw=0)
            ax.add_patch(box)
            ax.text(column, row, text, ha="center", va="center", fontsize=7)
    ax.set_xlim(-0.6, grid.shape[1] - 0.4)
    ax.set_ylim(grid.shape[0] - 0.4, -0.6)
    side = {"rotation": slant, "ha": "left", "rotation_mode": "anchor"} if slant else {}
    ax.set_xticks(range(grid.shape[1]), column_labels, **side)
    ax.set_yticks(range(grid.shape[0]), row_labels, fontsize=7.5)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


def draw_evidence(
    ax: Any, grid: pd.DataFrame, measures: pd.DataFrame, level_names: dict[str, str], language: str
) -> None:
    """The evidence matrix: one row per measure, columns by kind and level, cells by grade.

    Parameters
    ----------
    ax : Axes
    grid : DataFrame
        From :func:`evidence_grid`.
    measures : DataFrame
        Table ``recommendation_measures`` in the same order.
    level_names : dict
        Names of the levels, of the focal city and province for instance.
    language : {"en", "zh"}
    """
    # Chinese has no blanks to break at: a no-break space keeps number and text one word.
    width, gap = (30, "\N{NO-BREAK SPACE}") if language == "zh" else (56, " ")
    texts = measures["measure_id"] + 2 * gap + measures[f"instrument_{language}"]
    labels = [fill(text, width) for text in texts]
    names = [level_names[column.split(":")[1]] for column in grid.columns]
    draw_grid(ax, grid, labels, names, GRADE_COLOURS, slant=60)
    ax.tick_params("y", labelsize=7)
    firsts = measures.reset_index(drop=True).drop_duplicates("recommendation_id").index[1:]
    ax.hlines(firsts - 0.5, -0.6, grid.shape[1] - 0.4, color=COLOURS["grey"], lw=0.8)
    # The headings stand above the slanted names: 5 points a half-width character, times sin 60.
    longest = max(sum(2 if ord(char) > 0x2E80 else 1 for char in text) for text in names)
    for order, kind in enumerate(policy.KINDS):
        middle = order * len(policy.LEVELS) + (len(policy.LEVELS) - 1) / 2
        ax.annotate(
            _pick(KIND_WORDS[kind], language), (middle, 1), (0, 14 + 4.0 * longest),
            xycoords=("data", "axes fraction"), textcoords="offset points", ha="center", fontsize=9,
        )  # fmt: skip
        if order:
            ax.axvline(order * len(policy.LEVELS) - 0.5, color="white", lw=3)


def draw_noted_bars(ax: Any, frame: pd.DataFrame, unit: str) -> None:
    """Horizontal bars with a note behind each; a missing value leaves the note alone.

    A part of a bar, where given, is drawn darker within it.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Columns label, value (may be missing), note, and hollow (bool: hatched outline, for what is
        wanted and not yet counted); part, optional, is at most the value and may be missing.
    unit : str
        Label of the axis.
    """
    for position, row in enumerate(frame.to_dict("records")):
        known = pd.notna(row["value"])
        length = row["value"] if known else 0.0
        if known:
            colour = COLOURS["focal"] if row["hollow"] else COLOURS["main"]
            face, hatch = ("white", "////") if row["hollow"] else (colour, "")
            ax.barh(position, length, 0.6, color=face, edgecolor=colour, hatch=hatch)
        if pd.notna(row.get("part")):
            ax.barh(position, row["part"], 0.6, color=COLOURS["ink"])
        ax.annotate(
            row["note"], (length, position), (4, 0), textcoords="offset points", va="center",
            fontsize=7.5, color=COLOURS["ink"] if known else COLOURS["focal"],
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    ax.set_yticks(range(len(frame)), list(frame["label"]))
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlim(0, max([1.0, *frame["value"].dropna()]) * 1.6)
    ax.set_xlabel(unit)
    ax.grid(axis="x")


def measures_shown(
    study: Teller, measures: pd.DataFrame, known: pd.DataFrame, targets: pd.DataFrame,
    sources: pd.DataFrame, places: tuple[str, str],
) -> Shown:  # fmt: skip
    """The measures with baselines and goals, and the record of that table.

    Parameters
    ----------
    study : Teller
    measures, known, targets, sources, places
        See :func:`measure_table`.

    Returns
    -------
    frame, record
    """
    t, home = study.t, study.name(places[0])
    table = measure_table(measures, known, targets, sources, places, study.name, study.language)
    bearing = known["indicator_id"].isin(measures["indicator_id"].dropna())
    record = Record(
        "05_measures",
        t(
            f"The measures, their indicators, and baselines and goals for {home}",
            f"各项措施及其指标、{home}的基线与目标",
        ),
        unit=t(
            "as stated in the cell; the letter is the grade of the source",
            "见单元格；字母为来源等级",
        ),
        source=study.cite("STUDY", known.loc[bearing, "source_id"]),
        note=t(
            "The study makes these recommendations for Anshan. A dash: none. Figures of wider "
            "areas are not baselines of the city.",
            "建议由该研究针对鞍山提出。横线表示无。上级区域数据不是该市基线。",
        ),
    )
    return table, record


def level_names(study: Teller, places: tuple[str, str]) -> dict[str, str]:
    """Names of the levels of evidence for a city and its province."""
    city, province = (study.name(place) for place in places)
    nation, elsewhere = _pick(NATION_WORDS, study.language), study.t("elsewhere", "其他地区")
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
    t, home = study.t, study.name(places[0])
    grid = evidence_grid(measures, cells)
    with pictures.styled():
        figure, ax = pictures.new(7.4, 8.2)
        draw_evidence(ax, grid, measures, level_names(study, places), study.language)
    count, used = len(measures), len(ids_of(cells["source_id"]))
    groups = measures["recommendation_id"].nunique()
    record = Record(
        "05_evidence",
        t(
            f"Evidence on record for {count} measures, seen from {home}",
            f"{count}项措施已查得的依据（以{home}为中心）",
        ),
        base=t(f"{count} measures of {groups} recommendations", f"{groups}条建议的{count}项措施"),
        unit=t(
            "best grade found, A to C, where an item with several sources has the grade of the "
            "weakest; pale: none on record",
            "所见最高等级，A至C；一项有多个来源时取最低者；浅色：未查得",
        ),
        source=study.cite("STUDY")
        + t(
            f"; {used} sources of the cells, listed in 05_evidence_sources.csv",
            f"；各单元格共{used}个来源，见05_evidence_sources.csv",
        ),
    )
    return figure, record, grid.reset_index()


def evidence_sources(study: Teller, cells: pd.DataFrame, places: tuple[str, str]) -> Shown:
    """The sources behind each cell of the matrix.

    Parameters
    ----------
    study, cells, places
        See :func:`evidence`.

    Returns
    -------
    frame, record
    """
    t, home = study.t, study.name(places[0])
    kinds = {kind: _pick(words, study.language) for kind, words in KIND_WORDS.items()}
    table = cells.assign(
        kind=cells["kind"].map(kinds), level=cells["level"].map(level_names(study, places))
    )
    heads = {
        "measure_id": t("Measure", "措施"), "kind": t("Kind", "类别"), "level": t("Level", "层级"),
        "rows": t("Rows", "行数"), "grade": t("Best grade", "最高等级"),
        "source_id": t("Sources", "来源"),
    }  # fmt: skip
    record = Record(
        "05_evidence_sources",
        t(
            f"Sources behind each cell of the matrix, seen from {home}",
            f"各单元格的来源（以{home}为中心）",
        ),
        unit=t("rows of the tables", "数据表行数"),
        source=t("see the column Sources", "见来源列"),
        note=t("Zones within a city stand under elsewhere.", "市内局部区域列入其他地区。"),
    )
    return table.rename(columns=heads)[list(heads.values())], record


def claims_by_kind(study: Teller, pairs: pd.DataFrame, recommendations: pd.DataFrame) -> View:
    """How many claims of each kind stand behind each recommendation.

    Parameters
    ----------
    study : Teller
    pairs : DataFrame
        From ``policy.claims_behind``.
    recommendations : DataFrame
        Table ``recommendations``.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    distinct = pairs.drop_duplicates(["recommendation_id", "claim_id"])
    counts = pd.crosstab(distinct["recommendation_id"], distinct["kind"])
    counts = counts.reindex(recommendations["recommendation_id"], fill_value=0)
    titles = recommendations["recommendation_id"] + "  "
    titles += recommendations[f"title_{study.language}"]
    names = [_pick(CLAIM_WORDS.get(str(kind), (str(kind),) * 2), study.language) for kind in counts]
    with pictures.styled():
        figure, ax = pictures.new(7.0, 2.1)
        shown = counts.astype(str).where(counts > 0, "")
        draw_grid(ax, shown, list(titles), names, {}, slant=35)
    record = Record(
        "05_claims",
        t(
            "Claims of the study behind each recommendation, by kind",
            "各条建议所依据的论断（按类型）",
        ),
        unit=t("distinct claims", "论断数（去重）"),
        source=study.cite("STUDY"),
        note=t(
            "A measure may rest on several claims, and a claim may carry several measures.",
            "一项措施可依据多个论断，一个论断可支撑多项措施。",
        ),
    )
    return figure, record, counts.reset_index()


def goal_shown(study: Teller, goals: pd.DataFrame, home: str) -> Shown:
    """The fractional goals of a place, one row per reading and reference count.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    home : str
        Name of the place.

    Returns
    -------
    frame, record
    """
    t = study.t
    references = [study.name(place) for place in goals["reference_place_id"]]
    heads = {
        f"indicator_{study.language}": t("Reading", "口径"), "share": t("Share", "比例"),
        "reference": t("Reference", "参照地区"), "reference_count": t("Its firms", "参照企业数"),
        "as_of": t("As of", "时点"), "exact": t("Share of them", "对应数"),
        "firms_needed": t("Goal, at least", "目标（不低于）"),
        "own_count": t(f"{home} now", f"{home}现有"),
    }  # fmt: skip
    table = goals.assign(share=goals["share"].astype(str), reference=references)
    record = Record(
        "05_goal",
        t(f"The fractional goal of {home}, by reading", f"{home}的比例目标（分口径）"),
        unit=t("firms", "家"),
        source=study.cite("STUDY", goals["source_id"]),
        note=t(
            "A dash: none on record. The goal is the smallest whole number not below the share.",
            "横线：未查得。目标取不低于该比例的最小整数。",
        ),
    )
    return table.rename(columns=heads)[list(heads.values())], record


def goal_lines(study: Teller, goals: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    """What each fractional goal comes to, and whether the reference count is consistent.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    known : DataFrame
        From ``policy.public_figures``.

    Returns
    -------
    list of str
        Items of a Markdown list, in English; empty without goals.
    """
    computed, lines = goals.dropna(subset=["firms_needed"]), []
    for row in computed.to_dict("records"):
        lines.append(
            f"- {row['indicator_en']}: {row['share']} of {row['reference_count']:,} is "
            f"{row['exact']:,.2f}, so **at least {row['firms_needed']:,} firms** "
            f"(as of {row['as_of']})."
        )
    for row in goals[goals["firms_needed"].isna()].to_dict("records"):
        place = study.name(row["reference_place_id"])
        lines.append(
            f"- {row['indicator_en']}: no count of {place} was found, so the goal cannot be "
            "computed on this reading, nor the two readings compared."
        )
    for row in computed.to_dict("records"):
        check = policy.growth_check(known, row["reference_place_id"], row["indicator_id"])
        if check:
            other = policy.least_count(row["share"], check["level"])
            lines.append(
                f"- The source reports {check['reported_level']:,.0f} firms, "
                f"{check['reported_added']:,.0f} of them new, and growth of "
                f"{check['reported_growth_pct']:.2f} %. The first two imply growth of "
                f"{check['growth_pct']:.2f} %; the last two imply {check['level']:,.0f} firms, "
                f"which would make the goal {other:,}."
            )
    return lines


def _density_note(row: dict[Any, Any], t: Pick) -> str:
    """Density, firms and distance in time behind a bar."""
    apart = t(f"; {row['months']} months apart", f"；相隔{row['months']}个月")
    firms = t(f"{row['firms']:,.0f} firms", f"{row['firms']:,.0f}家")
    return f"{row['density']:.2f}  ({firms}{apart if row['months'] else ''})"


def goal_density(study: Teller, bars: pd.DataFrame, goals: pd.DataFrame, home: str) -> View:
    """The goal and the counts it is measured by, against residents.

    Parameters
    ----------
    study : Teller
    bars : DataFrame
        From ``policy.goal_bars``, not empty.
    goals : DataFrame
        From ``policy.goals_by_reference``.
    home : str
        Name of the place whose goal it is.

    Returns
    -------
    figure, record, data
    """
    t, frame = study.t, bars.copy()
    names = [study.name(place) for place in bars["place_id"]]
    wanted = bars["is_goal"].map({True: t(", goal", "（目标）"), False: ""})
    frame["label"] = names + wanted + "\n" + bars["as_of"]
    frame["note"] = [_density_note(row, t) for row in bars.to_dict("records")]
    with pictures.styled():
        figure, ax = pictures.new(6.6, 0.6 + 0.5 * len(bars))
        drawn = frame.rename(columns={"density": "value", "is_goal": "hollow"})
        draw_noted_bars(ax, drawn, t("Firms per 10,000 residents", "家/万人"))
    readings = goals.dropna(subset=["firms_needed"])[f"indicator_{study.language}"].unique()
    date = bars["population_as_of"].max()
    record = Record(
        "05_goal_density",
        t(
            f"The goal for {home} against residents: {', '.join(readings)}",
            f"按常住人口衡量的{home}目标：{'、'.join(readings)}",
        ),
        unit=t("firms per 10,000 residents", "家/万人"),
        base=t(f"residents at {date}", f"{date}常住人口"),
        note=t(
            "Hatched: the goal, under the date of the reference count. Other bars: counts on "
            "record, the nearest in time to the reference count; months apart are from it.",
            "斜线为目标，日期为参照数据时点；其余为距参照时点最近的已查得数据，并注明相隔月数。",
        ),
        source=study.cite(bars["source_id"]),
    )
    return figure, record, frame


def density_lines(study: Teller, bars: pd.DataFrame) -> list[str]:
    """The goal per resident beside each count per resident.

    Parameters
    ----------
    study : Teller
    bars : DataFrame
        From ``policy.goal_bars``.

    Returns
    -------
    list of str
        Items of a Markdown list, in English.
    """
    counted = bars[~bars["is_goal"]].to_dict("records")
    return [
        f"- Per resident the goal is **{goal['density'] / row['density']:.0%}** of the level of "
        f"{study.name(row['place_id'])} at {row['as_of']} ({goal['density']:.2f} against "
        f"{row['density']:.2f} per 10,000)"
        + (f", {row['months']} months from the latest reference count." if row["months"] else ".")
        for goal in bars[bars["is_goal"]].to_dict("records")
        for row in counted
    ]


def list_period(date: str) -> str:
    """The part of a year that yearly lists counted up to a date cover.

    Examples
    --------
    >>> list_period("2023-06-30"), list_period("2023-12-31"), list_period("2023-09-30")
    ('first half of 2023', '2023', '2023 up to 2023-09-30')
    """
    year, _, rest = date.partition("-")
    if rest in ("06", "06-30"):
        return f"first half of {year}"
    return year if rest in ("", "12", "12-31") else f"{year} up to {date}"


def two_counts_line(known: pd.DataFrame, place_id: str, name: str) -> str:
    """The two counts of technology-based SMEs of a place side by side, without a ratio.

    Parameters
    ----------
    known : DataFrame
        From ``policy.public_figures``.
    place_id, name : str

    Returns
    -------
    str
        For the latest date with both counts; says so where there is none. In English.

    Examples
    --------
    >>> none = pd.DataFrame(columns=["place_id", "comparison", "as_of", "indicator_id", "value"])
    >>> two_counts_line(none, "320000", "Jiangsu")
    'The two counts of technology-based SMEs of Jiangsu are not both on record for one date.'
    """
    pair = ["tech_sme_evaluated", "tech_sme_registered"]
    rows = known[(known["place_id"] == place_id) & (known["comparison"] == "equal")]
    wide = rows.pivot_table(index="as_of", columns="indicator_id", values="value")
    wide = wide.reindex(columns=pair).dropna()
    if wide.empty:
        return f"The two counts of technology-based SMEs of {name} are not both on record for one date."
    date, (evaluated, registered) = str(wide.index[-1]), wide.iloc[-1]
    return (
        f"Technology-based SMEs of {name}: {evaluated:,.0f} evaluated ({list_period(date)}); "
        f"{registered:,.0f} registered (stock at {date}). The first counts lists of a period and "
        "the second a stock, so no ratio is formed."
    )


def targets_shown(
    study: Teller, progress: pd.DataFrame, sources: pd.DataFrame, places: tuple[str, str]
) -> Shown:
    """Goals on record beside the best figure of the same place.

    Parameters
    ----------
    study : Teller
    progress : DataFrame
        From ``policy.goal_progress``.
    sources : DataFrame
        Table ``sources``.
    places : (str, str)
        Codes of the focal city and its province.

    Returns
    -------
    frame, record
    """
    t, (home, around) = study.t, (study.name(place) for place in places)
    record = Record(
        "05_targets",
        t(
            f"Goals on record for {home}, {around} and the nation",
            f"{home}、{around}及全国已查得的目标",
        ),
        unit=t("as stated with the goal", "见目标列"),
        source=study.cite(progress["source_id"]),
        note=t(
            "A dash: no figure of that place on record. Goals of zones within a place are left "
            "out. The goal date may differ from the date of the figure.",
            "横线：该地区数据未查得。不含局部区域目标。目标期限与数据时点可能不同。",
        ),
    )
    return progress_table(progress, sources, study.name, study.language), record


def quantities_shown(study: Teller, sizes: pd.DataFrame) -> Shown:
    """Sizes of instruments with their grade and note.

    Parameters
    ----------
    study : Teller
    sizes : DataFrame
        From :func:`quantity_rows`.

    Returns
    -------
    frame, record
    """
    t = study.t
    heads = {
        "recommendation_id": t("No.", "建议"),
        f"indicator_{study.language}": t("Quantity", "数量指标"), "place": t("Place", "地区"),
        "shown": t("Value", "数值"), t("unit", "unit_zh"): t("Unit", "单位"),
        "as_of": t("As of", "时点"), "grade": t("Grade", "等级"),
        "note_en": t("Note", "说明（英文）"),
    }  # fmt: skip
    record = Record(
        "05_quantities",
        t("Quantities behind the recommendations", "各条建议相关数量"),
        unit=t("see the column Unit", "见单位列"),
        source=study.cite(sizes["source_id"]),
        note=t(
            "A dash under Value: not found. A dash under As of: the source is undated.",
            "数值为横线表示未查得；时点为横线表示来源未注明日期。",
        ),
    )
    return sizes.rename(columns=heads)[list(heads.values())], record


def fund_rows(sizes: pd.DataFrame, place_id: str) -> pd.DataFrame:
    """Funds comparable to the one recommended, a first phase as a part of its fund.

    Parameters
    ----------
    sizes : DataFrame
        From :func:`quantity_rows`.
    place_id : str
        Focal place: only its rows without a value are kept.

    Returns
    -------
    DataFrame
        The rows of the funds, largest first, with the column part: size of the first phase of the
        same place's fund, missing where none is known.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rows = quantity_rows(tables.load("recommendation_quantities"), tables.load("sources"),
    ...                      str, "en")
    >>> fund_rows(rows, "210300")[["place_id", "value", "part"]].head(1).values.tolist()
    [['210100', 100.0, 20.0]]
    """
    keys = ["place_id", "part_en", "indicator_id"]
    first = sizes[sizes["indicator_id"].isin(list(FIRST_PHASES))].dropna(subset=["value"])
    first = first.assign(indicator_id=first["indicator_id"].map(FIRST_PHASES))
    first = first.rename(columns={"value": "part"})[[*keys, "part"]].drop_duplicates(keys)
    kept = sizes["value"].notna() | sizes["place_id"].eq(place_id)
    rows = sizes[sizes["indicator_id"].isin(FUNDS) & kept].merge(first, on=keys, how="left")
    return rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def funds(study: Teller, sizes: pd.DataFrame, place_id: str) -> View:
    """Bars of the funds comparable to the one recommended.

    Parameters
    ----------
    study : Teller
    sizes : DataFrame
        From :func:`quantity_rows`.
    place_id : str
        Focal place, shown even where nothing of it is on record.

    Returns
    -------
    figure, record, data
    """
    t, absent = study.t, _pick(ABSENT_WORDS, study.language)
    rows = fund_rows(sizes, place_id)
    rows["label"] = rows["place"] + t(": ", "：") + rows[f"indicator_{study.language}"]
    if place_id not in set(rows["place_id"]):
        gap = pd.DataFrame([{"label": study.name(place_id), "place_id": place_id}])
        rows = pd.concat([rows, gap.reindex(columns=rows.columns).astype(rows.dtypes.to_dict())])
    undated, phase = t("undated", "时点不详"), t("first phase", "首期")
    rows["note"] = [
        f"{row['value']:g}"
        + (f", {phase} {row['part']:g}" if pd.notna(row["part"]) else "")
        + f"  ({row['as_of'] if isinstance(row['as_of'], str) else undated}, {row['grade']})"
        if pd.notna(row["value"])
        else absent
        for row in rows.to_dict("records")
    ]
    with pictures.styled():
        figure, ax = pictures.new(7.0, 0.6 + 0.36 * len(rows))
        draw_noted_bars(ax, rows.assign(hollow=False), t("Size (100 million yuan)", "规模（亿元）"))
    record = Record(
        "05_funds",
        t("Public funds comparable to the one recommended", "与所建议基金可比的公共基金"),
        unit=t("100 million yuan", "亿元"),
        note=t(
            "Sizes as reported, which need not be paid-in capital. Dark: the first phase, a part "
            "of the fund. The letter is the grade of the source.",
            "为报道规模，不一定已实缴。深色：首期，为该基金的一部分。字母为来源等级。",
        ),
        source=study.cite(rows.loc[rows["value"].notna(), "source_id"]),
    )
    return figure, record, rows[["label", "value", "part", "as_of", "grade", "source_id"]]


def gaps_shown(
    study: Teller, measures: pd.DataFrame, known: pd.DataFrame, counted: set[str], place_id: str
) -> Shown:
    """Indicators without a figure of a place, and the table a figure would go to.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``.
    known : DataFrame
        From ``policy.public_figures``.
    counted : set of str
        Indicators kept in ``city_counts.csv``.
    place_id : str

    Returns
    -------
    frame, record
    """
    t, home = study.t, study.name(place_id)
    named = f"indicator_{study.language}"
    have = set(known.loc[known["place_id"] == place_id, "indicator_id"])
    open_ones = measures[measures["indicator_id"].notna() & ~measures["indicator_id"].isin(have)]
    gaps = open_ones.groupby(["indicator_id", named], sort=False)["measure_id"].agg(", ".join)
    table = gaps.reset_index()
    files = {True: "city_counts.csv", False: "recommendation_quantities.csv"}
    firms = table["indicator_id"].isin(counted) | table["indicator_id"].str.startswith("tech_sme")
    table["file"] = firms.map(files)
    heads = {
        named: t("Indicator", "指标"), "measure_id": t("Measures", "措施"),
        "file": t("File to supply", "应补充的文件"),
    }  # fmt: skip
    total = measures["indicator_id"].nunique()
    record = Record(
        "05_gaps",
        t(f"Indicators without a figure on record for {home}", f"{home}未查得数据的指标"),
        base=t(f"{total} indicators", f"{total}个指标"),
        unit=t("indicators", "个"),
        source=study.cite("STUDY"),
    )
    return table.rename(columns=heads)[list(heads.values())], record
