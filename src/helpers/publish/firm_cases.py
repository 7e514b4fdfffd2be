"""Charts and tables of firm cases: shares of a small set, grades of documentation, accounts.

The ``draw_`` functions fill given axes; the ``_view`` functions return a figure with its record
and its data, ready for ``study.figure``; the ``_table`` functions a table with its record, ready
for ``study.show``. Both take the casebook of a place and the scene it is shown in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.analysis.paths import NO_PATH, Casebook, act_years
from helpers.publish import figures, screen_views
from helpers.publish.figures import COLOURS, Record
from helpers.publish.timeline import draw_timeline, timeline_height

Pick = Callable[[str, str], str]
View = tuple[Any, Record, pd.DataFrame]
Table = tuple[pd.DataFrame, Record]


@dataclass(frozen=True)
class Scene:
    """Where and for whom cases are shown.

    Parameters
    ----------
    place : str
        Name of the city.
    t : callable
        Picks the English or the Chinese text.
    cite : callable
        Short citations of the sources in cells or columns of ids.
    """

    place: str
    t: Pick
    cite: Callable[..., str]

    @property
    def language(self) -> str:
        """Language of the words shown."""
        return self.t("en", "zh")

    def listed(self, names: Sequence[str]) -> str:
        """Names one after the other."""
        return self.t(", ", "、").join(names)


# Words of tables and figures: English, Chinese.
_LABELS = {
    # grades and titles
    "documented": ("documented", "有佐证"), "partly": ("partly", "部分佐证"),
    "conflicting": ("conflicting", "相互矛盾"), "undocumented": ("not found elsewhere", "仅见原文"),
    "none_found": ("none found", "未查到"), "not_found": ("not found", "未查到"),
    "little_giant_level_not_stated": ("little giant, level not stated", "“小巨人”，级别未注明"),
    "other_title": ("other title", "其他称号"),
    # topics
    "origin": ("origin", "来源"), "technology": ("technology", "技术"),
    "product": ("product", "产品"), "position": ("position", "地位"),
    "ownership": ("ownership", "所有权"), "resource": ("resource", "资源"),
    # legend of the shares
    "reported": ("share as printed", "报告占比"),
    "counted": ("firms named / base", "所列企业/基数"),
    "bounds": ("wherever the firms not named belong", "未列名企业任意归属时的范围"),
    "no_path": ("No path given", "未述及路径"),
    # conditions
    "foreign_acquisition": ("Foreign acquisition", "海外并购"),
    "technology_import": ("Technology import", "技术引进"),
    "inward_investment": ("Inward investment", "外来投资"),
    "large_firm_supplier": ("Supplier to a large firm", "配套大企业"),
    "import_substitution": ("Import substitution", "进口替代"),
    "resource_base": ("Resource base", "资源依托"),
    "traditional_industry": ("Traditional industry", "传统产业"),
    "true": ("yes", "是"), "false": ("no", "否"), "unknown": ("unknown", "未知"),
    # readings of printed shares
    "as_printed": ("‘{0}’ has the printed {1} %", "“{0}”占比为所印的{1}%"),
    "at_least": ("‘{0}’ has at least the printed {1} %", "“{0}”占比不低于所印的{1}%"),
    "equal": ("‘{0}’ has as many firms as ‘{1}’", "“{0}”与“{1}”企业数相等"),
    "ahead": ("‘{0}’ has more firms than ‘{1}’", "“{0}”企业数多于“{1}”"),
    "most_on_a_path": ("more than half of the firms are on one of the paths", "过半企业属于所列路径"),
    "no_majority": ("no path has more than half of the firms", "任一路径均未过半"),
    "all": ("all", "全部"), "some": ("some", "部分"), "none": ("none", "无"),
    # figures of accounts and their units
    "revenue": ("Revenue", "营业收入"), "main_revenue": ("Main-business revenue", "主营业务收入"),
    "revenue_growth": ("Revenue growth", "营业收入增速"), "net_profit": ("Net profit", "净利润"),
    "net_profit_adjusted": ("Adjusted net profit", "扣非净利润"),
    "net_profit_growth": ("Net-profit growth", "净利润增速"),
    "rd_expense": ("R&D expense", "研发费用"), "rd_ratio": ("R&D / revenue", "研发费用占营收"),
    "debt_ratio": ("Debt ratio", "资产负债率"), "inventories": ("Inventories", "存货"),
    "invention_patents": ("Invention patents", "发明专利"),
    "utility_patents": ("Utility patents", "实用新型专利"),
    "total_investment": ("Total investment", "总投资"), "output_value": ("Output value", "产值"),
    "m CNY": ("m CNY", "百万元"), "m USD": ("m USD", "百万美元"), "count": ("count", "项"),
    # headings
    "firm": ("Firm", "企业"), "route": ("Path", "路径"), "topic": ("Topic", "主题"),
    "name_study_zh": ("As the study prints it", "研究中的名称"),
    "name_record_zh": ("In public records", "公开记录中的名称"),
    "district": ("District", "区县"),
    "product_en": ("Product", "产品"), "product_zh": ("Product", "产品"),
    "owner_en": ("Owner on record", "所有者"), "owner_zh": ("Owner on record", "所有者"), "recognition": ("Title on record", "认定"),
    "source_id": ("Sources", "来源"), "note_en": ("Caveat", "说明"),
    "note_zh": ("Caveat", "说明"), "found_zh": ("Public records show", "公开记录所示"),
    "statement_en": ("The study says", "研究所述"), "statement_zh": ("The study says", "研究所述"),
    "found_en": ("Public records show", "公开记录所示"), "documentation": ("Grade", "佐证"),
    "metric": ("Figure", "指标"), "period": ("Year", "年份"), "fits": ("Fits", "相符"),
    "low": ("Year before, at least", "上年下限"), "high": ("Year before, at most", "上年上限"),
    "previous_value": ("Year before, printed", "上年公布值"),
    "previous_source_id": ("Printed by", "公布来源"),
    "founded": ("Founded", "成立"), "name_en": ("Working name", "拉丁字母工作名"),
    "reading": ("Reading", "读法"), "paths": ("Paths", "路径"),
    "holds": ("Holds for allocations of the firms not named", "未列名企业各种归属下成立"),
    "holds_on_any_base": ("On every base left open", "在所有可能基数上"),
    "cases_count": ("Cases", "案例数"), "firms": ("Firms", "企业"),
    "contradiction": ("Contradiction", "矛盾"),
}  # fmt: skip
_WORD_COLUMNS = ("topic", "documentation", "metric", "recognition", "holds",
                 "holds_on_any_base")  # fmt: skip
_SEARCHED_COLUMNS = ("name_record_zh", "district", "owner_en", "owner_zh", "found_en", "found_zh")
GRADE_COLOURS = {
    "documented": COLOURS["second"], "partly": COLOURS["light"],
    "conflicting": COLOURS["third"], "undocumented": COLOURS["pale"],
}  # fmt: skip
# A sign besides the colour, so that a grade can be told in grey.
_GRADE_SIGNS: Mapping[str, dict[str, Any]] = {
    "documented": {"marker": "o", "fillstyle": "full"},
    "partly": {"marker": "o", "fillstyle": "left", "markerfacecoloralt": "white"},
    "conflicting": {"marker": "X"}, "undocumented": {"marker": "o", "fillstyle": "none"},
}  # fmt: skip


def label(word: str, language: str) -> str:
    """A grade, topic, metric, unit or column name as readers see it.

    Parameters
    ----------
    word : str
        An unknown word stands for itself.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> label("rd_ratio", "en"), label("partly", "zh"), label("F01", "en")
    ('R&D / revenue', '部分佐证', 'F01')
    """
    words = _LABELS.get(word)
    return word if words is None else words[language == "zh"]


def readable(frame: pd.DataFrame, columns: Sequence[str], language: str = "en") -> pd.DataFrame:
    """Some columns of a firm table under headings for readers.

    Parameters
    ----------
    frame : DataFrame
        A blank in a column that was searched for reads "not found"; other blanks stay blank.
    columns : sequence of str
    language : {"en", "zh"}
        Of headings and of coded words.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> readable(pd.DataFrame({"found_en": [None]}), ["found_en"]).to_dict("list")
    {'Public records show': ['not found']}
    """
    table = frame[list(columns)].copy()
    for column in table.columns.intersection(list(_WORD_COLUMNS)):
        table[column] = [label(word, language) for word in table[column]]
    for column in table.columns.intersection(list(_SEARCHED_COLUMNS)):
        table[column] = table[column].fillna(label("not_found", language))
    return table.set_axis([label(column, language) for column in columns], axis=1)


def draw_path_shares(
    ax: Any, shares: pd.DataFrame, names: Mapping[str, str], reported: Mapping[str, str],
    language: str = "en",
) -> None:  # fmt: skip
    """Counts of firms by path as shares of one base, with the printed share and what is left open.

    Parameters
    ----------
    ax : matplotlib Axes
    shares : DataFrame
        From ``paths.path_shares``; may be empty.
    names : mapping of str to str
        Name of each path_id.
    reported : mapping of str to str
        Printed percentage by path_id, for the paths that have one.
    language : {"en", "zh"}
    """
    lines = range(len(shares))
    ax.hlines(lines, shares["low_pct"], shares["high_pct"], color=COLOURS["light"], lw=6,
              label=label("bounds", language))  # fmt: skip
    ax.plot(shares["share_pct"], lines, "o", ms=6, color=COLOURS["main"],
            label=label("counted", language))  # fmt: skip
    for line, row in enumerate(shares.to_dict("records")):
        ends = [(row["share_pct"], row["firms_count"])]
        open_end = row["high_pct"] if row["path_id"] != NO_PATH else row["low_pct"]
        if row["high_pct"] > row["low_pct"]:
            ends.append((open_end, round(open_end * row["base_count"] / 100)))
        for x, count in ends:
            ax.annotate(
                f"{count}/{row['base_count']}", (x, line), xytext=(0, 8),
                textcoords="offset points", ha="center", fontsize=8,
            )  # fmt: skip
        if row["path_id"] in reported:
            # Hung below the line, so that it does not run into the fraction above.
            ax.plot(float(reported[row["path_id"]]), line + 0.13, "|", ms=12, mew=1.6, ls="none",
                    color=COLOURS["focal"], label=label("reported", language))  # fmt: skip
    ax.set_yticks(lines, [names[path] for path in shares["path_id"]])
    ax.set_ylim(max(len(shares), 1) - 0.5, -0.7)
    ax.set_xlim(-4, 104)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    handles, texts = ax.get_legend_handles_labels()
    once = dict(zip(texts, handles, strict=True))
    ax.legend(once.values(), once.keys(), loc="lower right", bbox_to_anchor=(1, 1), ncols=3,
              borderaxespad=0.1, columnspacing=1.2, handletextpad=0.5)  # fmt: skip


def rows_by_group(frame: pd.DataFrame, row: str, group: str) -> dict[str, float]:
    """Height of each named row of a matrix, groups in order of appearance and set apart.

    Parameters
    ----------
    frame : DataFrame
        Columns `row` and `group`.
    row, group : str

    Returns
    -------
    dict of str to float
        0 at the top, growing downwards.

    Examples
    --------
    >>> rows_by_group(pd.DataFrame({"firm": ["a", "a", "b"], "path": ["x", "x", "y"]}), "firm", "path")
    {'a': 0.0, 'b': 1.9}
    """
    firms = frame.drop_duplicates(row)
    number = pd.factorize(firms[group])[0]
    places = [position + 0.9 * gap for position, gap in enumerate(number.tolist())]
    return dict(zip(firms[row], places, strict=True))


def _frame_matrix(
    ax: Any, frame: pd.DataFrame, row: str, group: str, places: Mapping[str, float]
) -> None:
    """Row names on the left, the name of each group above it, no axes."""
    firms = frame.drop_duplicates(row)
    left = ax.get_xlim()[0]
    for name, members in firms.groupby(group, sort=False)[row]:
        top = min(places[firm] for firm in members)
        ax.text(left + 0.03, top - 0.72, name, fontsize=8, color="#555555", va="center")
    ax.set_yticks(list(places.values()), list(places))
    ax.set_ylim(max(places.values(), default=0) + 0.6, -1.1)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def draw_grades(
    ax: Any, statements: pd.DataFrame, row: str, group: str, language: str = "en"
) -> None:
    """A cell for every statement on a firm, coloured by its grade, with its topic written in it.

    Parameters
    ----------
    ax : matplotlib Axes
    statements : DataFrame
        Columns order (1, 2, ...), topic and documentation besides `row` and `group`, in drawing
        order; may be empty.
    row, group : str
        Columns with the name of the firm and of its group; groups are set apart.
    language : {"en", "zh"}
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch, Rectangle

    places = rows_by_group(statements, row, group)
    for item in statements.to_dict("records"):
        y, x, grade = places[item[row]], item["order"], item["documentation"]
        ink = "white" if grade == "documented" else COLOURS["ink"]
        ax.add_patch(Rectangle((x - 0.47, y - 0.43), 0.94, 0.86, color=GRADE_COLOURS[grade], lw=0))
        ax.plot(x - 0.4, y, color=ink, ms=5.5, **_GRADE_SIGNS[grade])
        ax.text(x, y, label(item["topic"], language), ha="center", va="center", fontsize=7.5,
                color=ink)  # fmt: skip
    widest = int(statements["order"].max()) if len(statements) else 1
    ax.set_xticks(range(1, widest + 1))
    ax.set_xlim(0.5, widest + 0.5)
    _frame_matrix(ax, statements, row, group, places)
    found = statements["documentation"].value_counts()
    keys = [
        (
            Patch(color=colour),
            Line2D([], [], color="white" if grade == "documented" else COLOURS["ink"], ms=5.5,
                   ls="none", **_GRADE_SIGNS[grade]),
        )
        for grade, colour in GRADE_COLOURS.items()
    ]  # fmt: skip
    words = [f"{label(grade, language)} ({found.get(grade, 0)})" for grade in GRADE_COLOURS]
    ax.legend(keys, words, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.1,
              handlelength=1.8, handleheight=1.1, columnspacing=1.2)  # fmt: skip


def _draw_series(ax: Any, series: pd.DataFrame, language: str) -> None:
    """Bars of one figure of one firm by period; sources that differ stand side by side."""
    periods = sorted(set(series["period"]))
    rivals = series.groupby("period")["source_id"].transform("nunique")
    slots = series.groupby("period").cumcount()
    for item, width, slot in zip(series.to_dict("records"), rivals, slots, strict=True):
        x = periods.index(item["period"]) + 0.8 * ((slot + 0.5) / width - 0.5)
        colour = COLOURS["light"] if item["part_year"] else COLOURS["main"]
        ax.bar(x, item["value"], 0.72 / width, color=colour)
    ax.axhline(0, color=COLOURS["ink"], lw=0.6)
    crowded = max(map(len, periods)) * len(periods) > 20
    ax.set_xticks(range(len(periods)), periods, fontsize=7, rotation=45 if crowded else 0,
                  ha="right" if crowded else "center", va="top",
                  rotation_mode="anchor" if crowded else "default")  # fmt: skip
    ax.tick_params(axis="y", labelsize=7)
    ax.set_ylabel(label(str(series["unit"].iloc[0]), language), fontsize=7.5)
    ax.grid(axis="y")


def _act_text(mark: Mapping[str, Any], letters: Mapping[str, str], language: str) -> str:
    condition = mark[f"applies_when_{language}"]
    letter = f" [{letters[condition]}]" if isinstance(condition, str) else ""
    unverified = {"en": " unverified", "zh": "未核实"}[language] if not mark["verified"] else ""
    return f"{mark['year']}{letter}{unverified}"


def _draw_marks(
    ax: Any, marks: pd.DataFrame, letters: Mapping[str, str], dashes: Mapping[str, str],
    language: str,
) -> None:  # fmt: skip
    """Lines at the thresholds of a figure; what they stand for is written below the axis.

    Acts with one and the same threshold share a line, drawn through.
    """
    told = []
    for (sign, value), same in marks.groupby(["comparison", "value"], sort=False):
        years = set(same["year"])
        style = dashes[years.pop()] if len(years) == 1 else "-"
        ax.axhline(value, color=COLOURS["focal"], lw=0.9, ls=style)
        acts = [_act_text(mark, letters, language) for mark in same.to_dict("records")]
        told.append(f"{_SIGNS[str(sign)]}{value:g} · {', '.join(acts)}")
    if told:
        ax.set_xlabel("\n".join(told), fontsize=6.3, color=COLOURS["focal"])


_SIGNS = {"at_least": "≥", "at_most": "≤"}


def mark_letters(marks: pd.DataFrame, language: str = "en") -> dict[str, str]:
    """A letter for each condition under which a threshold applies.

    Examples
    --------
    >>> mark_letters(pd.DataFrame({"applies_when_en": ["small", None, "small", "large"]}))
    {'small': 'a', 'large': 'b'}
    """
    conditions = dict.fromkeys(marks[f"applies_when_{language}"].dropna())
    return dict(zip(conditions, "abcdefghij", strict=False))


def draw_accounts(
    axes: Any, accounts: pd.DataFrame, language: str = "en", marks: pd.DataFrame | None = None
) -> None:
    """One small panel of bars for every firm and metric; periods shorter than a year are pale.

    Parameters
    ----------
    axes : array of matplotlib Axes
        At least as many as there are pairs of firm and metric; the rest is switched off.
    accounts : DataFrame
        From ``paths.repeated_series``, with a column firm; may be empty.
    language : {"en", "zh"}
    marks : DataFrame or None
        Thresholds from ``paths.condition_marks``, drawn as lines and named below the axis.
    """
    panels = list(accounts.groupby(["firm", "metric"], sort=False))
    if marks is None:
        marks = pd.DataFrame(columns=["metric", "year", "comparison", "value"])
    letters = mark_letters(marks, language) if len(marks) else {}
    dashes = dict(zip(sorted(set(marks["year"])), ("--", ":", "-.") * 3, strict=False))
    for ax, ((firm, metric), series) in zip(axes.flat, panels, strict=False):
        _draw_series(ax, series, language)
        ax.set_title(f"{label(str(metric), language)}\n{firm}", fontsize=7.5)
        _draw_marks(ax, marks[marks["metric"] == metric], letters, dashes, language)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()


def _statement_columns(t: Pick) -> list[str]:
    said = t("statement_en", "statement_zh")
    found = t("found_en", "found_zh")
    return ["route", "firm", "topic", said, found, "documentation", "source_id"]


def firms_table(book: Casebook, scene: Scene) -> Table:
    """Table of the firms with their names, products and owners on record.

    Parameters
    ----------
    book : Casebook
    scene : Scene

    Returns
    -------
    table, record
    """
    t = scene.t
    columns = ["firm", "name_study_zh", "name_record_zh", "district"]
    columns += [t("product_en", "product_zh"), t("owner_en", "owner_zh"), "recognition"]
    columns += ["source_id", t("note_en", "note_zh")]
    record = Record(
        "04_firms",
        t(f"Firms of {scene.place} in this notebook", f"{scene.place}：本篇所涉企业"),
        unit=t("firms", "企业"),
        base=str(len(book.firms)),
        source=scene.cite(book.firms["source_id"]),
    )
    return readable(book.firms, columns, scene.language), record


def statements_table(book: Casebook, scene: Scene) -> Table:
    """Table of the statements, what was found on each, and its grade.

    Parameters
    ----------
    book : Casebook
    scene : Scene

    Returns
    -------
    table, record
    """
    t, statements = scene.t, book.statements
    record = Record(
        "04_statements",
        t(f"Statements on the firms of {scene.place}", f"{scene.place}：对企业的陈述及佐证"),
        unit=t("statements", "条陈述"),
        base=str(len(statements)),
        source=scene.cite(statements["source_id"]),
    )
    return readable(statements, _statement_columns(t), scene.language), record


def readings_table(readings: pd.DataFrame, book: Casebook, scene: Scene) -> Table:
    """Table of what survives every allocation of the firms not named.

    Parameters
    ----------
    readings : DataFrame
        From ``paths.readings_by_base``.
    book : Casebook
    scene : Scene

    Returns
    -------
    table, record
    """
    t, found = scene.t, book.found
    names = book.routes.set_index("path_id")["route"]
    told = []
    for reading, cell in zip(readings["reading"], readings["path_ids"], strict=True):
        ids = cell.split(";") if cell else []
        share = [book.reported[ids[0]]] if len(ids) == 1 else []
        told.append(label(reading, scene.language).format(*(names[part] for part in ids), *share))
    columns = ["reading", "holds", "holds_on_any_base"]
    record = Record(
        "04_readings",
        t("What the printed shares can still mean", "所印占比的可能读法"),
        unit=t("allocations of the firms not named", "未列名企业的归属方式"),
        base=t(
            f"{found.left} firms not named of {found.base}; {len(found.bases)} bases up to 100",
            f"{found.base} 家中 {found.left} 家未列名；100 以内可能基数 {len(found.bases)} 个",
        ),
        source=scene.cite(book.routes["source_id"]),
    )
    return readable(readings.assign(reading=told), columns, scene.language), record


def growth_table(checked: pd.DataFrame, scene: Scene) -> Table:
    """Table of the earlier figures that a growth rate allows.

    Parameters
    ----------
    checked : DataFrame
        From ``paths.growth_check`` with a column firm.
    scene : Scene

    Returns
    -------
    table, record
    """
    t = scene.t
    columns = ["firm", "metric", "period", "source_id", "low", "high"]
    columns += ["previous_value", "previous_source_id", "fits"]
    record = Record(
        "04_growth_check",
        t("Earlier figures that a growth rate allows", "由增速反推的上年数值"),
        unit=t("m CNY", "百万元"),
        base=t(f"{len(checked)} comparisons", f"{len(checked)} 项比较"),
        source=scene.cite(checked["source_id"], checked["previous_source_id"]),
    )
    return readable(checked, columns, scene.language), record


def path_shares_view(shares: pd.DataFrame, book: Casebook, scene: Scene) -> View:
    """Figure of the paths' shares of one base and of how far each could move.

    Parameters
    ----------
    shares : DataFrame
        From ``paths.path_shares``.
    book : Casebook
    scene : Scene

    Returns
    -------
    figure, record, data
    """
    t, found = scene.t, book.found
    names = {**book.routes.set_index("path_id")["route"], NO_PATH: label("no_path", scene.language)}
    with figures.styled():
        figure, ax = figures.new(7.0, 0.75 + 0.42 * max(len(shares), 2))
        draw_path_shares(ax, shares, names, book.reported, scene.language)
        ax.set_xlabel(t("Share of little giants (%)", "占“小巨人”企业比例（%）"))
    origin = (
        t("inferred from the shares", "由占比推得")
        if found.exact
        else t("all listed", "即所列全部")
    )
    record = Record(
        "04_path_shares",
        t(f"Growth paths of {scene.place}'s little giants", f"{scene.place}“小巨人”企业成长路径"),
        unit=t("firms", "企业"),
        base=t(f"{found.base} firms, {origin}", f"{found.base} 家企业，{origin}"),
        note=t(
            f"Identification bounds: {found.left} firms are not named, and each may be on any path "
            "or on none",
            f"识别界限：{found.left} 家企业未列名，可属任一路径或均不属",
        ),
        source=scene.cite(book.routes["source_id"]),
    )
    return figure, record, shares


def grades_view(book: Casebook, scene: Scene) -> View:
    """Figure of the statements on each firm with their grades.

    Parameters
    ----------
    book : Casebook
    scene : Scene

    Returns
    -------
    figure, record, data
    """
    t, statements = scene.t, book.statements
    firms, routes = statements["firm"].nunique(), statements["route"].nunique()
    with figures.styled():
        figure, ax = figures.new(6.4, 0.6 + 0.29 * (firms + routes))
        draw_grades(ax, statements, "firm", "route", scene.language)
        ax.set_xlabel(t("Statement, in the order of the text", "陈述（按文中次序）"))
    record = Record(
        "04_documentation",
        t(
            f"Documentation of the statements on {scene.place}'s firms",
            f"{scene.place}：企业陈述的佐证程度",
        ),
        unit=t("statements; the word in a cell is the topic", "条陈述；格内为主题"),
        base=t(
            f"{len(statements)} statements, {firms} firms",
            f"{firms} 家企业的 {len(statements)} 条陈述",
        ),
        source=scene.cite(statements["source_id"]),
    )
    return figure, record, statements[_statement_columns(t)]


def _marked_labels(events: pd.DataFrame, words: str) -> list[str]:
    """Label of each event with a mark for a predecessor's and for a source of grade C."""
    return [
        row[words]
        + ("†" if row["about"] == "predecessor" else "")
        + (" [C]" if row["grade"] == "C" else "")
        for row in events.to_dict("records")
    ]


def timeline_view(book: Casebook, scene: Scene) -> View:
    """Figure of dated events, one line a record.

    Parameters
    ----------
    book : Casebook
        Cases without a dated event are named in the note.
    scene : Scene

    Returns
    -------
    figure, record, data
    """
    t, events = scene.t, book.events
    with figures.styled():
        figure, ax = figures.new(7.0, timeline_height(events, "firm"))
        told = events.assign(label=_marked_labels(events, t("label_en", "label_zh")))
        drawn = draw_timeline(ax, told, "label", "date", "firm", language=scene.language)
    missing = scene.listed(book.undated)
    notes = [
        t("† concerns a predecessor", "† 涉及前身企业") if (events["about"] == "predecessor").any() else "",
        t("[C] rests on a source of grade C", "[C] 依据 C 级来源") if (events["grade"] == "C").any() else "",
        t("No dated event found for ", "未查到有日期的事件：") + missing if missing else "",
    ]  # fmt: skip
    record = Record(
        "04_timeline",
        t(f"Dated events of {scene.place}'s firms", f"{scene.place}：有据可查的企业大事"),
        unit=t("records; one event can have several", "条记录；同一事件可有多条"),
        base=t(f"{len(events)} records", f"{len(events)} 条"),
        note=t(". ", "。").join(filter(None, notes)),
        source=scene.cite(events["source_id"]),
    )
    return figure, record, drawn.drop(columns=["first", "last", "line", "label"])


def _accounts_note(marks: pd.DataFrame, scene: Scene) -> str:
    """What bars and lines stand for; `marks` are those drawn."""
    t, language = scene.t, scene.language
    parts = [
        t(
            "Pale: less than a year, or its end. Two bars in one period: two sources",
            "浅色：不足一年或其期末；同期两柱：两个来源",
        )
    ]
    if len(marks):
        parts.append(
            t(
                "Lines: conditions of a little giant by year of the act",
                "横线：“小巨人”认定条件（按文件年份）",
            )
        )
        routes = marks[marks["alternative"]].drop_duplicates(["metric", "year"])
        parts[-1] += "".join(
            t("; ", "；")
            + f"{label(row.metric, language)} {row.year}{t(': ', '：')}"
            + t("one of several routes", "可选条件之一")
            for row in routes.itertuples()
        )
    limits = [f"[{letter}] {text}" for text, letter in mark_letters(marks, language).items()]
    if limits:
        parts.append(t("; ", "；").join(limits))
    # Short paragraphs: a long Chinese one may be measured too narrow when it is wrapped.
    return t(".\n", "。\n").join(parts)


def accounts_view(series: pd.DataFrame, marks: pd.DataFrame, scene: Scene) -> View:
    """Figure of published figures, a panel for each firm and metric.

    Parameters
    ----------
    series : DataFrame
        From ``paths.repeated_series`` with columns firm and path; not empty.
    marks : DataFrame
        From ``paths.condition_marks``; may be empty.
    scene : Scene

    Returns
    -------
    figure, record, data
    """
    t = scene.t
    drawn = list(dict.fromkeys(series["metric"]))
    marks = marks[marks["metric"].isin(drawn)].sort_values(
        "metric", key=lambda cells: cells.map(drawn.index), kind="stable"
    )
    panels = series.groupby(["firm", "metric"]).ngroups
    rows = -(-panels // 4)
    with figures.styled():
        figure, axes = figures.new(7.6, 1.95 * rows, nrows=rows, ncols=4, squeeze=False)
        draw_accounts(axes, series, scene.language, marks)
    others = scene.listed(list(series.loc[series["path"].isna(), "firm"].unique()))
    outside = t("; firms without a path: ", "；未列路径：") + others if others else ""
    record = Record(
        "04_financials",
        t(f"Published figures of {scene.place}'s firms", f"{scene.place}：企业公开数据"),
        unit=t("see axes; m CNY is million yuan", "见各图纵轴"),
        base=t(f"{panels} series", f"{panels} 个序列") + outside,
        note=_accounts_note(marks, scene),
        source=scene.cite(series["source_id"], marks["source_id"]),
    )
    return figure, record, series.drop(columns="note_en")


def worked_views(
    worked: pd.DataFrame, tallies: pd.DataFrame, book: Casebook,
    tables: Mapping[str, pd.DataFrame], scene: Scene,
) -> tuple[View, Table]:  # fmt: skip
    """Figure and table of the firms' years held against the conditions of a little giant.

    Parameters
    ----------
    worked, tallies : DataFrame
        From ``firm_years.worked_cases`` and ``firm_years.decided_counts``; not empty.
    book : Casebook
    tables : mapping of str to DataFrame
        With ``thresholds``, ``tiers`` and ``regimes``.
    scene : Scene

    Returns
    -------
    (figure, record, data), (table, record)
    """
    t, conditions = scene.t, tables["thresholds"]
    names = {str(row.firm_id): str(row.firm) for row in book.firms.itertuples()}
    acts = {
        tier: t(f"Little giant, measures of {year}", f"“小巨人”，{year} 年办法")
        for tier, year in act_years(tables).items()
        if tier in set(worked["tier_id"])
    }
    figures_used = book.figures.loc[book.figures["firm_id"].isin(worked["firm_id"]), "source_id"]
    rules_used = conditions.loc[conditions["tier_id"].isin(list(acts)), "source_id"]
    source = scene.cite(figures_used, rules_used)
    view = screen_views.worked_cases_view(
        worked, tallies, conditions, names, acts, scene.place, t, source
    )
    return view, screen_views.worked_cases_table(tallies, names, acts, t, source)
