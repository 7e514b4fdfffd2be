"""Figures and tables of the coding of cases: conditions, truth table, consistency and coverage."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.analysis.configurations import CONDITIONS
from helpers.analysis.paths import Casebook
from helpers.publish import figures
from helpers.publish.case_words import in_words, label, readable
from helpers.publish.figures import COLOURS, points
from helpers.publish.firm_cases import frame_matrix, rows_by_group
from helpers.publish.phrases import in_a_row
from helpers.publish.teller import Shown, Teller, View, record_of
from helpers.publish.undrawn import only_draws

Bounds = tuple[tuple[int, int], tuple[int, int]]
_PANELS = 3
# Colour and width of the bar of each measure; the width tells them apart in grey.
_MEASURES = {"consistency": ("main", 4.5), "coverage": ("focal", 1.8)}


def bounds_text(bounds: Bounds | None, language: str = "en") -> str:
    """Bounds of a measure as exact, unreduced fractions.

    Parameters
    ----------
    bounds : pair of (numerator, denominator), or None
        Least and greatest; None where the measure is not defined.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> bounds_text(((3, 10), (4, 4))), bounds_text(((4, 4), (4, 4))), bounds_text(None)
    ('3/10 to 4/4', '4/4', '—')
    """
    if bounds is None:
        return "—"
    low, high = (f"{top}/{bottom}" for top, bottom in bounds)
    return low if low == high else f"{low}{'至' if language == 'zh' else ' to '}{high}"


def _broken(text: str, longest: int = 0) -> str:
    """A heading in two lines, where it is too long and has a gap near its middle."""
    gaps = [position for position, char in enumerate(text) if char == " "]
    if not gaps or len(text) <= longest:
        return text
    middle = min(gaps, key=lambda position: abs(position - len(text) / 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"


@only_draws
def draw_coding(ax: Any, matrix: pd.DataFrame, cases: pd.DataFrame, language: str = "en") -> None:
    """A sign for every case and condition: present, absent or unknown.

    Parameters
    ----------
    ax : matplotlib Axes
    matrix : DataFrame of boolean
        From ``configurations.coding``; missing values are unknown.
    cases : DataFrame
        Columns firm_id, firm and route, in drawing order; may be empty.
    language : {"en", "zh"}
    """
    from matplotlib.lines import Line2D

    places = rows_by_group(cases, "firm", "route")
    names = dict(zip(cases["firm_id"], cases["firm"], strict=True))
    looks: dict[str, dict[str, Any]] = {
        "true": {"marker": "o", "ms": 8, "color": COLOURS["main"]},
        "false": {"marker": "o", "ms": 8, "mfc": "white", "mec": COLOURS["main"], "mew": 1.4},
        "unknown": {"marker": "$?$", "ms": 5.5, "color": COLOURS["grey"], "mew": 0},
    }
    heights = [places[names[str(firm)]] for firm in matrix.index]
    ax.hlines(heights, -0.5, matrix.shape[1] - 0.5, color=COLOURS["pale"], lw=0.6, zorder=0)
    states = {"true": matrix.fillna(False), "false": ~matrix.fillna(True), "unknown": matrix.isna()}
    for word, where in states.items():
        # One artist for all cells alike: many small ones make a figure slow to save.
        y, x = where.to_numpy(dtype=bool).nonzero()
        ax.plot(x, [heights[row] for row in y], ls="none", **looks[word])
    ax.set_xlim(-0.5, matrix.shape[1] - 0.5)
    frame_matrix(ax, cases, "firm", "route", places)
    heads = [_broken(label(str(condition), language)) for condition in matrix.columns]
    ax.set_xticks(range(matrix.shape[1]), heads, fontsize=points(7.5), va="baseline")
    ax.xaxis.tick_top()
    keys = [Line2D([], [], ls="none", **look) for look in looks.values()]
    ax.legend(keys, [label(word, language) for word in looks], loc="upper left",
              bbox_to_anchor=(0, 0), ncols=3, borderaxespad=0.1)  # fmt: skip


def _coding_alt(matrix: pd.DataFrame) -> tuple[str, str]:
    """What the matrix of conditions shows, in English and Chinese."""
    yes, no = (
        int(matrix.fillna(False).to_numpy().sum()),
        int((~matrix.fillna(True)).to_numpy().sum()),
    )
    unknown = matrix.size - yes - no
    return (
        f"A matrix of {len(matrix)} cases, grouped by path, by {matrix.shape[1]} conditions: a full "
        f"dot where the condition is present ({yes} cells), an open one where it is absent ({no}), a "
        f"question mark where it is unknown ({unknown}).",
        f"{len(matrix)}个案例（按路径分组）与{matrix.shape[1]}项条件的矩阵：实心点表示具备（{yes}格），"
        f"空心点表示不具备（{no}格），问号表示未知（{unknown}格）。",
    )


def coding_view(study: Teller, book: Casebook, matrix: pd.DataFrame) -> View:
    """Figure of the coding of the cases.

    Parameters
    ----------
    study : Teller
    book : Casebook
    matrix : DataFrame of boolean
        From ``configurations.coding``.

    Returns
    -------
    figure, record, data
    """
    place, told = study.name(book.place_id), in_words(study, book)
    cases = told.cases
    with figures.styled():
        figure, ax = figures.new(7.0, 0.9 + 0.27 * (len(cases) + cases["path_id"].nunique()))
        draw_coding(ax, matrix, cases, study.language)
    known = int(matrix.notna().to_numpy().sum())
    shown = told.conditions[told.conditions["condition"].isin(CONDITIONS)]
    record = record_of(
        study,
        "04_conditions",
        (f"Conditions of {place}'s cases", f"{place}：案例的条件编码"),
        unit=("cases by conditions", "案例与条件"),
        base=(
            f"{len(cases)} cases; {known} of {matrix.size} cells known",
            f"{len(cases)}个案例；{matrix.size}格中{known}格已知",
        ),
        note=(
            "A blank of the coding is unknown, not absent. Only firms named as little giants are "
            "cases, so that nothing follows for firms without the title",
            "编码留空表示未知，不表示不具备。案例均为被列为“小巨人”的企业，不能据此推断其他企业",
        ),
        source=[shown["source_id"]],
        alt=_coding_alt(matrix),
    )
    basis = f"basis_{study.language}"
    return figure, record, shown[["path_id", "firm", "condition", "value", basis, "source_id"]]


def truth_table_table(study: Teller, book: Casebook, rows: pd.DataFrame) -> Shown:
    """The truth table in the reading that takes silence for absence.

    Parameters
    ----------
    study : Teller
    book : Casebook
    rows : DataFrame
        From ``configurations.truth_table``.

    Returns
    -------
    table, record
    """
    language = study.language
    firm = book.firms.set_index("firm_id")[f"name_short_{language}"]
    route = book.routes.set_index("path_id")[f"name_{language}"]

    def named(cells: pd.Series, names: pd.Series) -> list[str]:
        return [in_a_row([str(names[part]) for part in cell.split(";")], study.t) for cell in cells]

    told = rows.assign(firms=named(rows["firm_ids"], firm), paths=named(rows["path_ids"], route))
    columns = [*CONDITIONS, "cases_count", "firms", "paths", "contradiction"]
    size = 2 ** len(CONDITIONS)
    record = record_of(
        study,
        "04_truth_table",
        ("Truth table, silence read as absence", "真值表（未述及视为不具备）"),
        unit=("cases", "案例"),
        base=(
            f"{len(book.cases)} cases in {len(rows)} of {size} rows; the other rows have no case",
            f"{len(book.cases)}个案例占{size}行中的{len(rows)}行，其余各行无案例",
        ),
        source=[book.conditions["source_id"]],
    )
    return readable(told, columns, language), record


def _draw_measure(ax: Any, y: float, measure: str, bounds: Bounds | None, language: str) -> None:
    name, width = _MEASURES[measure]
    if bounds is not None:
        ends = [top / bottom for top, bottom in bounds]
        ax.plot(ends, [y, y], color=COLOURS[name], lw=width, solid_capstyle="butt")
        ax.plot(ends, [y, y], "|", color=COLOURS[name], ms=7, mew=1.6)
    ax.annotate(
        bounds_text(bounds, language), (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0),
        textcoords="offset points", fontsize=points(6.5), va="center", color=COLOURS[name],
    )  # fmt: skip


def draw_fit(ax: Any, fits: pd.DataFrame, language: str = "en") -> None:
    """Consistency and coverage of every condition for one path, as intervals from 0 to 1.

    Parameters
    ----------
    ax : matplotlib Axes
    fits : DataFrame
        Rows of one path from ``configurations.fit_table``.
    language : {"en", "zh"}
    """
    for y, fit in enumerate(fits["fit"]):
        _draw_measure(ax, y - 0.17, "consistency", fit.consistency, language)
        _draw_measure(ax, y + 0.2, "coverage", fit.coverage, language)
    ax.set_yticks(range(len(fits)), [label(word, language) for word in fits["condition"]])
    ax.set_ylim(len(fits) - 0.45, -0.6)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")


def _draw_fits(study: Teller, axes: Any, fits: pd.DataFrame, names: pd.Series) -> None:
    """A panel for each path, and the two measures named below the first."""
    from matplotlib.lines import Line2D

    panels = list(fits.groupby("path_id", sort=False))
    for ax, (path, part) in zip(axes.flat, panels, strict=False):
        draw_fit(ax, part, study.language)
        count = part["path_count"].iloc[0]
        title = _broken(names[str(path)], 30) + study.t(f" (n={count})", f"（n={count}）")
        ax.set_title(title, fontsize=points(8))
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    words = (study.t("consistency", "一致性"), study.t("coverage", "覆盖率"))
    keys = [Line2D([], [], color=COLOURS[name], lw=width) for name, width in _MEASURES.values()]
    axes[-1, 0].legend(keys, words, loc="upper left", bbox_to_anchor=(0, -0.09), ncols=2)


def _fit_alt(fits: pd.DataFrame) -> tuple[str, str]:
    """What the panels show, in English and Chinese: how many measures every completion agrees on."""
    measures = [part for fit in fits["fit"] for part in (fit.consistency, fit.coverage)]
    bounds = [part for part in measures if part is not None]
    fixed = sum(low == high for low, high in bounds)
    panels = fits["path_id"].nunique()
    return (
        f"{panels} panels, one for each path, with a line for each condition on an axis from 0 to 1: "
        "a wide bar for consistency, a narrow one for coverage, each spanning all completions. Of "
        f"{len(bounds)} measures {fixed} are the same in every completion.",
        f"{panels}幅分图，每条路径一幅；每项条件一行，横轴从0至1：宽条为一致性，窄条为覆盖率，"
        f"均覆盖全部补全方式。{len(bounds)}个测度中，{fixed}个在任何补全下取值相同。",
    )


def fit_view(study: Teller, book: Casebook, fits: pd.DataFrame) -> View:
    """Figure of consistency and coverage, a panel for each path.

    Parameters
    ----------
    study : Teller
    book : Casebook
    fits : DataFrame
        From ``configurations.fit_table``; not empty.

    Returns
    -------
    figure, record, data
    """
    names = book.routes.set_index("path_id")[f"name_{study.language}"]
    panels = fits["path_id"].nunique()
    columns = min(panels, _PANELS)
    rows = -(-panels // columns)
    with figures.styled():
        figure, axes = figures.new(
            7.0, 0.35 + 2.75 * rows, nrows=rows, ncols=columns, squeeze=False, sharey=True
        )
        _draw_fits(study, axes, fits, names)
    record = record_of(
        study,
        "04_fit",
        ("How each condition goes with each path", "各条件与各路径的一致性和覆盖率"),
        unit=("share of cases, 0 to 1", "案例比例（0至1）"),
        base=(f"{len(book.cases)} cases", f"{len(book.cases)}个案例"),
        note=(
            "Consistency: of the cases with the condition, those on the path. Coverage: of the cases "
            "on the path, those with the condition. A bar spans every completion of unknown cells; "
            "the upper bar of a pair is consistency",
            "一致性：具备该条件的案例中属于该路径的比例；覆盖率：该路径案例中具备该条件的比例。"
            "横条覆盖未知单元格的全部补全方式；每对中上方为一致性",
        ),
        source=[book.conditions["source_id"]],
        alt=_fit_alt(fits),
    )
    told = fits.assign(
        consistency=[bounds_text(fit.consistency) for fit in fits["fit"]],
        coverage=[bounds_text(fit.coverage) for fit in fits["fit"]],
    )
    return figure, record, told.drop(columns="fit")
