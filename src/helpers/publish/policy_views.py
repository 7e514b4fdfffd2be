"""Tables and drawings of the policy notebook: the matrix of measures, goals against densities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import fill
from typing import Any

import pandas as pd

from helpers.analysis import policy
from helpers.evidence.sources import ids_of, worst_grade
from helpers.publish.figures import COLOURS

GRADE_COLOURS = {"A": COLOURS["second"], "B": COLOURS["light"], "C": COLOURS["third"]}
KIND_WORDS = {
    "figure": ("Public figure", "公开数据"),
    "goal": ("Numerical goal", "数量目标"),
    "document": ("Document", "政策文件"),
}
NATION_WORDS = ("China", "全国")


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
        One row per measure, headings for readers. Where the city has no public figure the baseline
        says so and shows the nearest one.
    """
    city, province = places
    words = {
        "en": ("Measure", "Target group", "Instrument", "Indicator", "Baseline", "Goal", "Claims"),
        "zh": ("措施", "对象", "政策工具", "指标", "基线", "目标", "所据论断"),
    }[language]
    none = _pick(("none named", "未指明"), language)
    absent = _pick((f"{name(city)}: not public", f"{name(city)}：无公开数据"), language)
    rows = []
    for row in measures.to_dict("records"):
        indicator = row[f"indicator_{language}"]
        baseline = policy.nearest_figure(figures, sources, row["indicator_id"], city, province)
        text = policy.figure_text(baseline, language, _pick(("undated", "时点不详"), language))
        where = place_label(baseline["place_id"], name, language) if baseline else ""
        shown = [absent] if baseline is None or baseline["place_id"] != city else []
        shown += [f"{where}: {text}" if language == "en" else f"{where}：{text}"] if text else []
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
        grade are blank where no value is public.

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

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Columns label, value (may be missing), note, and hollow (bool: hatched outline, for what is
        wanted and not yet counted).
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
