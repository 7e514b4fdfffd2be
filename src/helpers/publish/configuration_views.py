"""Figures and tables of the coding of cases: conditions, truth table, consistency and coverage."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.analysis.configurations import CONDITIONS
from helpers.analysis.paths import Casebook
from helpers.publish import figures
from helpers.publish.figures import COLOURS, Record
from helpers.publish.firm_cases import (
    Scene,
    Table,
    View,
    _frame_matrix,
    label,
    readable,
    rows_by_group,
)

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
    _frame_matrix(ax, cases, "firm", "route", places)
    heads = [_broken(label(str(condition), language)) for condition in matrix.columns]
    ax.set_xticks(range(matrix.shape[1]), heads, fontsize=7.5, va="baseline")
    ax.xaxis.tick_top()
    keys = [Line2D([], [], ls="none", **look) for look in looks.values()]
    ax.legend(keys, [label(word, language) for word in looks], loc="upper left",
              bbox_to_anchor=(0, 0), ncols=3, borderaxespad=0.1)  # fmt: skip


def coding_view(book: Casebook, matrix: pd.DataFrame, scene: Scene) -> View:
    """Figure of the coding of the cases.

    Parameters
    ----------
    book : Casebook
    matrix : DataFrame of boolean
        From ``configurations.coding``.
    scene : Scene

    Returns
    -------
    figure, record, data
    """
    t, cases = scene.t, book.cases
    rows = len(cases) + cases["route"].nunique()
    with figures.styled():
        figure, ax = figures.new(7.0, 0.9 + 0.27 * rows)
        draw_coding(ax, matrix, cases, scene.language)
    known = int(matrix.notna().to_numpy().sum())
    shown = book.conditions[book.conditions["condition"].isin(CONDITIONS)]
    record = Record(
        "04_conditions",
        t(f"Conditions of {scene.place}'s cases", f"{scene.place}：案例的条件编码"),
        unit=t("cases by conditions", "案例与条件"),
        base=t(
            f"{len(cases)} cases; {known} of {matrix.size} cells known",
            f"{len(cases)} 个案例；{matrix.size} 格中 {known} 格已知",
        ),
        note=t(
            "A blank of the coding is unknown, not absent. Only firms named as little giants are "
            "cases, so that nothing follows for firms without the title",
            "编码留空表示未知，不表示不具备。案例均为被列为“小巨人”的企业，不能据此推断其他企业",
        ),
        source=scene.cite(shown["source_id"]),
    )
    basis = t("basis_en", "basis_zh")
    return figure, record, shown[["path_id", "firm", "condition", "value", basis, "source_id"]]


def truth_table_table(rows: pd.DataFrame, book: Casebook, scene: Scene) -> Table:
    """The truth table in the reading that takes silence for absence.

    Parameters
    ----------
    rows : DataFrame
        From ``configurations.truth_table``.
    book : Casebook
    scene : Scene

    Returns
    -------
    table, record
    """
    t = scene.t
    firm = book.cases.set_index("firm_id")["firm"]
    route = book.routes.set_index("path_id")["route"]

    def named(cells: pd.Series, names: pd.Series) -> list[str]:
        return [scene.listed([str(names[part]) for part in cell.split(";")]) for cell in cells]

    told = rows.assign(
        firms=named(rows["firm_ids"], firm), paths=named(rows["path_ids"], route),
    )  # fmt: skip
    columns = [*CONDITIONS, "cases_count", "firms", "paths", "contradiction"]
    size = 2 ** len(CONDITIONS)
    record = Record(
        "04_truth_table",
        t("Truth table, silence read as absence", "真值表（未述及视为不具备）"),
        unit=t("cases", "案例"),
        base=t(
            f"{len(book.cases)} cases in {len(rows)} of {size} rows; the other rows have no case",
            f"{len(book.cases)} 个案例占 {size} 行中的 {len(rows)} 行，其余各行无案例",
        ),
        source=scene.cite(book.conditions["source_id"]),
    )
    return readable(told, columns, scene.language), record


def _draw_measure(ax: Any, y: float, measure: str, bounds: Bounds | None, language: str) -> None:
    name, width = _MEASURES[measure]
    if bounds is not None:
        ends = [top / bottom for top, bottom in bounds]
        ax.plot(ends, [y, y], color=COLOURS[name], lw=width, solid_capstyle="butt")
        ax.plot(ends, [y, y], "|", color=COLOURS[name], ms=7, mew=1.6)
    ax.annotate(
        bounds_text(bounds, language), (1, y), xycoords=("axes fraction", "data"), xytext=(5, 0),
        textcoords="offset points", fontsize=6.3, va="center", color=COLOURS[name],
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


def fit_view(fits: pd.DataFrame, book: Casebook, scene: Scene) -> View:
    """Figure of consistency and coverage, a panel for each path.

    Parameters
    ----------
    fits : DataFrame
        From ``configurations.fit_table``; not empty.
    book : Casebook
    scene : Scene

    Returns
    -------
    figure, record, data
    """
    from matplotlib.lines import Line2D

    t = scene.t
    names = book.routes.set_index("path_id")["route"]
    panels = list(fits.groupby("path_id", sort=False))
    columns = min(len(panels), _PANELS)
    rows = -(-len(panels) // columns)
    with figures.styled():
        figure, axes = figures.new(
            7.6, 0.35 + 2.75 * rows, nrows=rows, ncols=columns, squeeze=False, sharey=True
        )
        for ax, (path, part) in zip(axes.flat, panels, strict=False):
            draw_fit(ax, part, scene.language)
            title = f"{_broken(names[str(path)], 30)} (n={part['path_count'].iloc[0]})"
            ax.set_title(title, fontsize=8)
        for ax in axes.flat[len(panels) :]:
            ax.set_axis_off()
        words = (t("consistency", "一致性"), t("coverage", "覆盖率"))
        keys = [Line2D([], [], color=COLOURS[name], lw=width) for name, width in _MEASURES.values()]
        axes[-1, 0].legend(keys, words, loc="upper left", bbox_to_anchor=(0, -0.09), ncols=2)
    record = Record(
        "04_fit",
        t("How each condition goes with each path", "各条件与各路径的一致性和覆盖率"),
        unit=t("share of cases, 0 to 1", "案例比例（0至1）"),
        base=t(f"{len(book.cases)} cases", f"{len(book.cases)} 个案例"),
        note=t(
            "Consistency: of the cases with the condition, those on the path. Coverage: of the cases "
            "on the path, those with the condition. A bar spans every completion of unknown cells; "
            "the upper bar of a pair is consistency",
            "一致性：具备该条件的案例中属于该路径的比例；覆盖率：该路径案例中具备该条件的比例。"
            "横条覆盖未知单元格的全部补全方式；每对中上方为一致性",
        ),
        source=scene.cite(book.conditions["source_id"]),
    )
    told = fits.assign(
        consistency=[bounds_text(fit.consistency) for fit in fits["fit"]],
        coverage=[bounds_text(fit.coverage) for fit in fits["fit"]],
    )
    return figure, record, told.drop(columns="fit")
