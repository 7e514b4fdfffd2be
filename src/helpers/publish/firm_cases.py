"""Charts and tables of firm cases: shares of a small set, grades of documentation, accounts.

The ``draw_`` functions fill given axes; the ``_view`` functions are views for ``study.figure`` and
the ``_table`` functions for ``study.show``. All views take the study and the casebook of a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.analysis.paths import GRADES, LARGEST_BASE, NO_PATH, Casebook
from helpers.publish import figures
from helpers.publish.case_words import in_words, label, names_of, period_text, readable
from helpers.publish.cells import display_width
from helpers.publish.figures import COLOURS, points
from helpers.publish.phrases import in_a_row
from helpers.publish.teller import Shown, Teller, View, record_of
from helpers.publish.timeline import draw_timeline, timeline_height
from helpers.publish.undrawn import only_draws

DOCUMENTATION_COLOURS = {
    "documented": COLOURS["second"], "partly": COLOURS["light"],
    "conflicting": COLOURS["third"], "undocumented": COLOURS["pale"],
}  # fmt: skip
# A sign besides the colour, so that a grade can be told in grey.
_GRADE_SIGNS: Mapping[str, dict[str, Any]] = {
    "documented": {"marker": "o", "fillstyle": "full"},
    "partly": {"marker": "o", "fillstyle": "left", "markerfacecoloralt": "white"},
    "conflicting": {"marker": "X"}, "undocumented": {"marker": "o", "fillstyle": "none"},
}  # fmt: skip


@only_draws
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
                textcoords="offset points", ha="center", fontsize=points(8),
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


def frame_matrix(
    ax: Any, frame: pd.DataFrame, row: str, group: str, places: Mapping[str, float]
) -> None:
    """Row names on the left, the name of each group above it, no axes."""
    firms = frame.drop_duplicates(row)
    left = ax.get_xlim()[0]
    for name, members in firms.groupby(group, sort=False)[row]:
        top = min(places[firm] for firm in members)
        ax.text(left + 0.03, top - 0.72, name, fontsize=points(8), color="#555555", va="center")
    ax.set_yticks(list(places.values()), list(places))
    ax.set_ylim(max(places.values(), default=0) + 0.6, -1.1)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


@only_draws
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
        ax.add_patch(
            Rectangle((x - 0.47, y - 0.43), 0.94, 0.86, color=DOCUMENTATION_COLOURS[grade], lw=0)
        )
        ax.plot(x - 0.4, y, color=COLOURS["ink"], ms=5.5, **_GRADE_SIGNS[grade])
        ax.text(x, y, label(item["topic"], language), ha="center", va="center", fontsize=points(7.5),
                color=COLOURS["ink"])  # fmt: skip
    widest = int(statements["order"].max()) if len(statements) else 1
    ax.set_xticks(range(1, widest + 1))
    ax.set_xlim(0.5, widest + 0.5)
    frame_matrix(ax, statements, row, group, places)
    found = statements["documentation"].value_counts()
    keys = [
        (
            Patch(color=colour),
            Line2D([], [], color=COLOURS["ink"], ms=5.5,
                   ls="none", **_GRADE_SIGNS[grade]),
        )
        for grade, colour in DOCUMENTATION_COLOURS.items()
    ]  # fmt: skip
    brackets = "{}（{}）" if language == "zh" else "{} ({})"
    words = [
        brackets.format(label(grade, language), found.get(grade, 0))
        for grade in DOCUMENTATION_COLOURS
    ]
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
    told = [period_text(period, language) for period in periods]
    crowded = max(map(display_width, told)) * len(told) > 16
    ax.set_xticks(range(len(told)), told, fontsize=points(7), rotation=45 if crowded else 0,
                  ha="right" if crowded else "center", va="top",
                  rotation_mode="anchor" if crowded else "default")  # fmt: skip
    ax.tick_params(axis="y", labelsize=points(7))
    ax.set_ylabel(label(str(series["unit"].iloc[0]), language), fontsize=points(7.5))
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
        listed = ("、" if language == "zh" else ", ").join(acts)
        told.append(f"{_SIGNS[str(sign)]}{value:g} · {listed}")
    if told:
        ax.set_xlabel(
            "\n".join(told), fontsize=points(6.8), linespacing=1.35, color=COLOURS["focal"]
        )


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
        ax.set_title(f"{label(str(metric), language)}\n{firm}", fontsize=points(7.5))
        _draw_marks(ax, marks[marks["metric"] == metric], letters, dashes, language)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()


def firms_table(study: Teller, book: Casebook) -> Shown:
    """Table of the firms with their names, products and owners on record.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    table, record
    """
    place, language = study.name(book.place_id), study.language
    columns = ["firm", "name_study_zh", "name_record_zh", "district", f"product_{language}"]
    columns += [f"owner_{language}", "recognition", "source_id", f"note_{language}"]
    record = record_of(
        study,
        "04_firms",
        (f"Firms of {place} in this notebook", f"{place}：本笔记本所涉企业"),
        unit=("firms", "企业"),
        base=str(len(book.firms)),
        source=[book.firms["source_id"]],
    )
    return readable(in_words(study, book).firms, columns, language), record


def _statement_columns(language: str) -> list[str]:
    said, found = f"statement_{language}", f"found_{language}"
    return ["route", "firm", "topic", said, found, "documentation", "source_id"]


def statements_table(study: Teller, book: Casebook) -> Shown:
    """Table of the statements, what was found on each, and its grade.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    table, record
    """
    place, language = study.name(book.place_id), study.language
    record = record_of(
        study,
        "04_statements",
        (f"Statements on the firms of {place}", f"{place}：对企业的陈述及佐证"),
        unit=("statements", "条陈述"),
        base=str(len(book.statements)),
        source=[book.statements["source_id"]],
    )
    statements = in_words(study, book).statements
    return readable(statements, _statement_columns(language), language), record


def readings_table(study: Teller, book: Casebook, readings: pd.DataFrame) -> Shown:
    """Table of what survives every allocation of the firms not named.

    Parameters
    ----------
    study : Teller
    book : Casebook
    readings : DataFrame
        From ``paths.readings_by_base``.

    Returns
    -------
    table, record
    """
    found, language = book.found, study.language
    names = book.routes.set_index("path_id")[f"name_{language}"]
    told = []
    for reading, cell in zip(readings["reading"], readings["path_ids"], strict=True):
        ids = cell.split(";") if cell else []
        share = [book.reported[ids[0]]] if len(ids) == 1 else []
        told.append(label(reading, language).format(*(names[part] for part in ids), *share))
    columns = ["reading", "holds", "holds_on_any_base"]
    record = record_of(
        study,
        "04_readings",
        ("What the printed shares can still mean", "所列占比的可能读法"),
        unit=("allocations of the firms not named", "未列名企业的归属方式"),
        base=(
            f"{found.left} firms not named of {found.base}; {len(found.bases)} bases up to "
            f"{LARGEST_BASE}",
            f"{found.base}家中{found.left}家未列名；{LARGEST_BASE}以内可能基数{len(found.bases)}个",
        ),
        source=[book.routes["source_id"]],
    )
    return readable(readings.assign(reading=told), columns, language), record


def growth_table(study: Teller, book: Casebook, checked: pd.DataFrame) -> Shown:
    """Table of the earlier figures that a growth rate allows.

    Parameters
    ----------
    study : Teller
    book : Casebook
    checked : DataFrame
        From ``paths.growth_check``; not empty.

    Returns
    -------
    table, record
    """
    columns = ["firm", "metric", "period", "source_id", "low", "high"]
    columns += ["previous_value", "previous_source_id", "fits"]
    record = record_of(
        study,
        "04_growth_check",
        ("Earlier figures that a growth rate allows", "由增速反推的上年数值"),
        unit=("m CNY", "百万元"),
        base=(f"{len(checked)} comparisons", f"{len(checked)}项比较"),
        source=[checked["source_id"], checked["previous_source_id"]],
    )
    told = checked.assign(firm=names_of(study, book, checked["firm_id"].tolist()))
    return readable(told, columns, study.language), record


def _shares_alt(shares: pd.DataFrame, names: Mapping[str, str]) -> tuple[str, str]:
    """What the figure of shares shows, in English and Chinese."""
    rows = shares[shares["path_id"] != NO_PATH].itertuples()
    ends = [
        (names[row.path_id], f"{row.firms_count}/{row.base_count}", f"{row.most_count}/{row.base_count}")
        for row in rows
    ]  # fmt: skip
    english = "; ".join(f"{name}: {least} to {most}" for name, least, most in ends)
    chinese = "；".join(f"{name}{least}至{most}" for name, least, most in ends)
    return (
        "A line for each path on an axis of the share of firms from 0 to 100 %: a dot at the firms "
        f"named, a bar as far as the firms not named could move it. {english}.",
        "每条路径一行，横轴为企业占比（0至100%）：圆点为所列企业，横条为未列名企业可使其变动的范围。"
        f"{chinese}。",
    )


def path_shares_view(study: Teller, book: Casebook, shares: pd.DataFrame) -> View:
    """Figure of the paths' shares of one base and of how far each could move.

    Parameters
    ----------
    study : Teller
    book : Casebook
    shares : DataFrame
        From ``paths.path_shares``.

    Returns
    -------
    figure, record, data
    """
    place, found, language = study.name(book.place_id), book.found, study.language
    routes = book.routes.set_index("path_id")[f"name_{language}"]
    names = {**routes, NO_PATH: label("no_path", language)}
    with figures.styled():
        figure, ax = figures.new(7.0, 0.75 + 0.42 * max(len(shares), 2))
        draw_path_shares(ax, shares, names, book.reported, language)
        ax.set_xlabel(study.t("Share of little giants (%)", "占“小巨人”企业比例（%）"))
    origin = (
        ("inferred from the shares", "由占比推得") if found.exact else ("all listed", "即所列全部")
    )
    record = record_of(
        study,
        "04_path_shares",
        (f"Growth paths of {place}'s little giants", f"{place}“小巨人”企业成长路径"),
        unit=("firms", "企业"),
        base=(f"{found.base} firms, {origin[0]}", f"{found.base}家企业，{origin[1]}"),
        note=(
            f"Identification bounds: {found.left} firms are not named, and each may be on any path "
            "or on none",
            f"识别界：{found.left}家企业未列名，可属任一路径，也可均不属",
        ),
        source=[book.routes["source_id"]],
        alt=_shares_alt(shares, names),
    )
    return figure, record, shares


def _grades_alt(statements: pd.DataFrame) -> tuple[str, str]:
    """What the matrix of grades shows, in English and Chinese."""
    grades = statements["documentation"].value_counts()
    counts = [(grade, grades.get(grade, 0)) for grade in GRADES]
    english = ", ".join(f"{label(grade, 'en')} {count}" for grade, count in counts)
    chinese = "，".join(f"{label(grade, 'zh')}{count}条" for grade, count in counts)
    return (
        "A matrix with a row for each firm, grouped by path, and a cell for each statement on it; "
        f"colour and sign give the grade. Statements by grade: {english}.",
        f"矩阵：每家企业一行，按路径分组；每条陈述一格，颜色与符号表示佐证程度。{chinese}。",
    )


def grades_view(study: Teller, book: Casebook) -> View:
    """Figure of the statements on each firm with their grades.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    figure, record, data
    """
    place, statements = study.name(book.place_id), in_words(study, book).statements
    firms, routes = statements["firm_id"].nunique(), statements["path_id"].nunique()
    with figures.styled():
        figure, ax = figures.new(6.4, 0.6 + 0.29 * (firms + routes))
        draw_grades(ax, statements, "firm", "route", study.language)
        ax.set_xlabel(study.t("Statement, in the order of the text", "陈述（按文中次序）"))
    record = record_of(
        study,
        "04_documentation",
        (f"Documentation of the statements on {place}'s firms", f"{place}：企业陈述的佐证程度"),
        unit=("statements; the word in a cell is the topic", "条陈述；格内为主题"),
        base=(
            f"{len(statements)} statements, {firms} firms",
            f"{firms}家企业的{len(statements)}条陈述",
        ),
        source=[statements["source_id"]],
        alt=_grades_alt(statements),
    )
    return figure, record, statements[_statement_columns(study.language)]


def _marked_labels(events: pd.DataFrame, words: str) -> list[str]:
    """Label of each event with a mark for a predecessor's and for a source of grade C."""
    return [
        row[words]
        + ("†" if row["about"] == "predecessor" else "")
        + (" [C]" if row["grade"] == "C" else "")
        for row in events.to_dict("records")
    ]


def _timeline_note(study: Teller, book: Casebook) -> str:
    """What the marks mean, where they stand, and which cases have no dated event."""
    t, events = study.t, book.events
    missing = in_a_row(names_of(study, book, book.undated), study.t)
    notes = [
        t("† concerns a predecessor", "† 涉及前身企业") if (events["about"] == "predecessor").any() else "",
        t("[C] rests on a source of grade C", "[C] 依据C级来源") if (events["grade"] == "C").any() else "",
        t("No dated event found for ", "未查到有日期的事件：") + missing if missing else "",
    ]  # fmt: skip
    return str(t(". ", "。")).join(filter(None, notes))


def _timeline_alt(events: pd.DataFrame) -> tuple[str, str]:
    """What the timeline shows, in English and Chinese; `events` are not empty."""
    years = events["date"].str[:4]
    most = events["firm"].value_counts(sort=False)
    busiest, count = most.idxmax(), most.max()
    firms, total = len(most), len(events)
    return (
        f"Dated events on an axis of years from {years.min()} to {years.max()}, a line for each, in "
        f"a band for each of {firms} firms. {busiest} has the most, {count} of {total}.",
        f"横轴为年份（{years.min()}至{years.max()}），每件事件一行，{firms}家企业各占一带。"
        f"{busiest}最多，{total}条中占{count}条。",
    )


def timeline_view(study: Teller, book: Casebook) -> View:
    """Figure of dated events, one line a record.

    Parameters
    ----------
    study : Teller
    book : Casebook
        With events. Cases without a dated event are named in the note.

    Returns
    -------
    figure, record, data
    """
    place, events = study.name(book.place_id), in_words(study, book).events
    with figures.styled():
        figure, ax = figures.new(7.0, timeline_height(events, "firm"))
        told = events.assign(label=_marked_labels(events, f"label_{study.language}"))
        drawn = draw_timeline(ax, told, "label", "date", "firm", language=study.language)
    record = record_of(
        study,
        "04_timeline",
        (f"Dated events of {place}'s firms", f"{place}：有据可查的企业大事"),
        unit=("records; one event can have several", "条记录；同一事件可有多条"),
        base=(f"{len(events)} records", f"{len(events)}条"),
        note=_timeline_note(study, book),
        source=[events["source_id"]],
        alt=_timeline_alt(events),
    )
    return figure, record, drawn.drop(columns=["first", "last", "line", "label"])


def _accounts_note(study: Teller, marks: pd.DataFrame) -> str:
    """What bars and lines stand for; `marks` are those drawn."""
    t, language = study.t, study.language
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
    return str(t(".\n", "。\n")).join(parts)


def _accounts_alt(series: pd.DataFrame) -> tuple[str, str]:
    """What the panels show, in English and Chinese: how many series fall over their full years."""
    panels = series.groupby(["firm_id", "metric"])
    ends = [_ends(part[~part["part_year"]]) for _, part in panels]
    known = [pair for pair in ends if pair]
    lower = sum(max(last) < min(first) for first, last in known)
    firms = series["firm_id"].nunique()
    return (
        f"{len(ends)} small panels of bars, one for each figure that one of {firms} firms publishes "
        f"for two periods or more; periods across, values up. Of {len(known)} with two full years or "
        f"more, {lower} end lower than they began.",
        f"{len(ends)}幅小柱状图，分别为{firms}家企业两期以上公布的各项数据；横轴为时期，纵轴为数值。"
        f"有两个以上完整年度的{len(known)}幅中，{lower}幅的末年低于首年。",
    )


def _ends(years: pd.DataFrame) -> tuple[list[float], list[float]] | None:
    """All versions of a figure in its first and in its last full year; None without two years."""
    if years["period"].nunique() < 2:
        return None
    first, last = (
        years["period"] == edge for edge in (years["period"].min(), years["period"].max())
    )
    return years.loc[first, "value"].tolist(), years.loc[last, "value"].tolist()


def accounts_view(study: Teller, book: Casebook, series: pd.DataFrame, marks: pd.DataFrame) -> View:
    """Figure of published figures, a panel for each firm and metric.

    Parameters
    ----------
    study : Teller
    book : Casebook
    series : DataFrame
        From ``paths.repeated_series`` with column path; not empty.
    marks : DataFrame
        From ``paths.condition_marks``; may be empty.

    Returns
    -------
    figure, record, data
    """
    place, language = study.name(book.place_id), study.language
    names = names_of(study, book, series["firm_id"].tolist())
    series = series.drop(columns="note_en")
    series.insert(1, "firm", names)
    drawn = list(dict.fromkeys(series["metric"]))
    marks = marks[marks["metric"].isin(drawn)].sort_values(
        "metric", key=lambda cells: cells.map(drawn.index), kind="stable"
    )
    panels = series.groupby(["firm", "metric"]).ngroups
    rows = -(-panels // 4)
    with figures.styled():
        figure, axes = figures.new(7.0, 1.95 * rows, nrows=rows, ncols=4, squeeze=False)
        draw_accounts(axes, series, language, marks)
    others = in_a_row(list(series.loc[series["path"].isna(), "firm"].unique()), study.t)
    outside = study.t("; firms without a path: ", "；未列路径：") + others if others else ""
    record = record_of(
        study,
        "04_financials",
        (f"Published figures of {place}'s firms", f"{place}：企业公开数据"),
        unit=("see axes; m CNY is million yuan", "见各图纵轴"),
        base=study.t(f"{panels} series", f"{panels}个序列") + outside,
        note=_accounts_note(study, marks),
        source=[series["source_id"], marks["source_id"]],
        alt=_accounts_alt(series),
    )
    return figure, record, series
