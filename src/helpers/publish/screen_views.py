"""Firms held against the criteria: the matrix of conditions by firm and year, and its table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.analysis.paths import Casebook
from helpers.analysis.tiers import condition_text
from helpers.publish import figures
from helpers.publish.case_words import in_words
from helpers.publish.cells import display_width
from helpers.publish.figures import COLOURS, points
from helpers.publish.phrases import years_name
from helpers.publish.teller import Shown, Teller, View, Words, record_of

# English, Chinese and fill of a cell, by what it shows.
_CELLS: Mapping[str, tuple[str, str, str]] = {
    "meets": ("met", "满足", COLOURS["second"]),
    "fails": ("failed", "不满足", COLOURS["third"]),
    "cannot be told": ("cannot be told", "无法判断", COLOURS["pale"]),
    "not its case": ("for firms of another size or kind", "不适用于该企业", "white"),
}

# Letters on a line of a label.
_LABEL_WIDTH = 40


def state(outcome: str, applies: str) -> str:
    """What a cell of the matrix shows.

    Examples
    --------
    >>> state("fails", "no"), state("fails", "yes")
    ('not its case', 'fails')
    """
    return "not its case" if applies == "no" else outcome


def value_text(low: float, high: float, outcome: str) -> str:
    """The value behind a decided condition, or the end of the possible values that decides it.

    Examples
    --------
    >>> value_text(9.873, 9.873, "meets"), value_text(680.0, math.inf, "meets")
    ('9.87', '≥ 680')
    >>> value_text(0.0, 2.96, "fails"), value_text(0.0, 100.0, "cannot be told")
    ('≤ 2.96', '?')
    """
    if outcome == "cannot be told":
        return "?"
    sign = "" if low == high else "≥ " if math.isinf(high) or outcome == "meets" else "≤ "
    value = low if sign != "≤ " else high
    if math.isinf(value):
        return sign.strip() or "–"
    return f"{sign}{value:,.0f}" if abs(value) >= 100 else f"{sign}{value:.3g}"


def _decided(cases: pd.DataFrame) -> pd.DataFrame:
    """Rows of conditions that the figures of some firm and year decide."""
    own = cases.loc[(cases["applies"] != "no") & (cases["outcome"] != "cannot be told")]
    return cases.loc[cases["threshold_id"].isin(own["threshold_id"])]


def _row_labels(block: pd.DataFrame, conditions: pd.DataFrame, language: str) -> list[str]:
    """Indicator and threshold of each condition, wrapped, in the order of the block."""
    by_id = conditions.set_index("threshold_id")
    labels = []
    for threshold_id in dict.fromkeys(block["threshold_id"]):
        row = by_id.loc[threshold_id]
        name = str(row[f"indicator_{language}"])
        labels.append(f"{_narrow(name)}\n{_narrow(condition_text(row, language))}")
    return labels


def _narrow(text: str) -> str:
    r"""A label on even lines where it is long, so that it keeps clear of the edge.

    Examples
    --------
    >>> _narrow("≥ 3%†（营业收入1亿元及以上）")
    '≥ 3%†\n（营业收入1亿元及以上）'
    >>> _narrow("≥ 3 %† (revenue at least 100 million CNY)")
    '≥ 3 %†\n(revenue at least 100 million CNY)'
    >>> _narrow("Growth of main-business revenue, mean of two years")
    'Growth of main-business\nrevenue, mean of two years'
    """
    if display_width(text) > (24 if "（" in text else _LABEL_WIDTH):
        head, bracket, tail = text.replace("（", "\n（").replace(" (", "\n(").partition("\n")
        return "\n".join([*_even(head.rstrip()), *(_even(tail) if bracket else [])])
    return text


def _even(text: str) -> list[str]:
    """Lines as narrow as their least number allows, so that no word is left alone on the last."""
    lines = textwrap.wrap(text, _LABEL_WIDTH)
    narrower = (textwrap.wrap(text, width) for width in range(_LABEL_WIDTH // 2, _LABEL_WIDTH))
    return next((tried for tried in narrower if len(tried) == len(lines)), lines)


def _cell(ax: Any, x: float, y: int, word: str, text: str) -> None:
    from matplotlib.patches import Rectangle

    fill = _CELLS[word][2]
    edge = COLOURS["pale"] if word == "not its case" else fill
    # As an artist: the limits of the axes are set, and need not follow each cell.
    ax.add_artist(Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, fc=fill, ec=edge, lw=0.6))
    ax.text(x, y, text, ha="center", va="center", fontsize=points(7), color=COLOURS["ink"])


def _draw_block(
    ax: Any, block: pd.DataFrame, counts: pd.DataFrame, columns: pd.DataFrame, labels: list[str]
) -> None:
    """Cells of one act: a row for each condition, and one for what stays open."""
    ids = list(dict.fromkeys(block["threshold_id"]))
    for cell in block.to_dict("records"):
        word = state(cell["outcome"], cell["applies"])
        text = "–" if word == "not its case" else value_text(cell["low"], cell["high"], word)
        x = columns.loc[(cell["firm_id"], cell["year"]), "x"]
        _cell(ax, x, ids.index(cell["threshold_id"]), word, text)
    for row in counts.to_dict("records"):
        x = columns.loc[(row["firm_id"], row["year"]), "x"]
        ax.text(x, len(ids), f"{row['open']}/{row['conditions']}", ha="center", va="center",
                fontsize=points(7.5))  # fmt: skip
    ax.set_yticks(range(len(ids) + 1), labels, fontsize=points(7.5), linespacing=1.15)
    ax.set_ylim(len(ids) + 0.5, -0.5)
    ax.set_xlim(columns["x"].min() - 0.55, columns["x"].max() + 0.55)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _columns(cases: pd.DataFrame) -> pd.DataFrame:
    """Place of each firm and year, firms set apart."""
    pairs = cases[["firm_id", "year"]].drop_duplicates().sort_values(["firm_id", "year"])
    number = pd.factorize(pairs["firm_id"])[0]
    return pairs.assign(x=range(len(pairs)) + 0.35 * number).set_index(["firm_id", "year"])


def _legend(ax: Any, study: Teller, cases: pd.DataFrame) -> None:
    from matplotlib.patches import Patch

    shown = [state(*pair) for pair in zip(cases["outcome"], cases["applies"], strict=True)]
    patches = [
        Patch(fc=fill, ec=COLOURS["grey"], lw=0.5, label=study.t(en, zh))
        for word, (en, zh, fill) in _CELLS.items()
        if word in shown
    ]
    ax.legend(handles=patches, loc="upper left", bbox_to_anchor=(0, 0), ncols=4, handlelength=1.2,
              columnspacing=1.2, borderaxespad=0.3)  # fmt: skip


def _base(cases: pd.DataFrame) -> Words:
    """Firm-years, the conditions about such firms, those for firms of another kind, and doubts."""
    years = len(cases.drop_duplicates(["firm_id", "year"]))
    own = cases.loc[cases["applies"] != "no", "threshold_id"].nunique()
    others = cases["threshold_id"].nunique() - own
    doubts = cases.loc[~cases["verified"].astype(bool), "threshold_id"].nunique()
    return (
        f"{years} firm-years, {own} conditions of all acts together"
        + (f" ({others} more are for firms of another size or kind)" if others else "")
        + (f"; {doubts} conditions are unverified, no source seen states them" if doubts else ""),
        f"{years}个企业年度，各办法合计{own}项条件"
        + (f"（另有{others}项适用于其他规模或类型的企业）" if others else "")
        + (f"；其中{doubts}项条件未核实，所见来源均未载明" if doubts else ""),
    )


def _alt(decided: pd.DataFrame) -> Words:
    """What the matrix shows, in English and Chinese; `decided` are the rows drawn."""
    words = [state(*pair) for pair in zip(decided["outcome"], decided["applies"], strict=True)]
    counts = {word: words.count(word) for word in _CELLS}
    years = len(decided.drop_duplicates(["firm_id", "year"]))
    told = [(en, zh, counts[word]) for word, (en, zh, _) in _CELLS.items() if counts[word]]
    return (
        f"A matrix of conditions of a little giant, a block for each act, by {years} firm-years. Of "
        f"{len(words)} cells: {', '.join(f'{en} {count}' for en, _, count in told)}.",
        f"“小巨人”认定条件与{years}个企业年度的矩阵，每份办法一组。{len(words)}格中："
        f"{'，'.join(f'{zh}{count}格' for _, zh, count in told)}。",
    )


_NOTE = (
    "† one of several alternatives, so a failure there does not decide. Each year is taken as "
    "the last year before an application and held against both acts as a yardstick, whichever "
    "was in force. ?: not enough published; a blank never counts as met or failed. Conditions "
    "that stay open in every column are counted in the last row and listed in the data file",
    "†：可选条件之一，单项不满足不决定结果。各年均视为申报的上年度，并对照两份办法。\n"
    "问号表示公开数据不足，缺项既不算满足也不算不满足。各年均无法判断的条件计入末行，明细见数据文件",
)


def _acts(study: Teller, cases: pd.DataFrame, years: Mapping[str, str]) -> dict[str, str]:
    """Heading of each tier_id that firms were held against, in drawing order."""
    held = set(cases["tier_id"])
    return {
        tier: study.t(f"Little giant, measures of {year}", f"“小巨人”，{year}年办法")
        for tier, year in years.items()
        if tier in held
    }


def _cited(book: Casebook, cases: pd.DataFrame, conditions: pd.DataFrame) -> list[pd.Series]:
    """Source cells of the figures of these firms, and of the acts they were held against."""
    figures_used = book.figures.loc[book.figures["firm_id"].isin(cases["firm_id"]), "source_id"]
    rules_used = conditions.loc[conditions["tier_id"].isin(cases["tier_id"]), "source_id"]
    return [figures_used, rules_used]


def _draw(
    study: Teller, cases: pd.DataFrame, counts: pd.DataFrame, conditions: pd.DataFrame,
    names: Mapping[str, str], acts: Mapping[str, str],
) -> Any:  # fmt: skip
    """The figure: a block of cells for each act, firms and years across."""
    decided, columns = _decided(cases), _columns(cases)
    of_tier = {tier: decided.loc[decided["tier_id"] == tier] for tier in acts}
    rows = [block["threshold_id"].nunique() + 1 for block in of_tier.values()]
    figure, axes = figures.new(
        7.0, 0.9 + 0.34 * sum(rows) + 0.25 * len(rows), nrows=len(rows), squeeze=False,
        height_ratios=rows, sharex=True,
    )  # fmt: skip
    # Long labels keep clear of the edge of the picture.
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=0.15)
    still = study.t("Open, of the conditions\nfor such a firm", "无法判断/适用条件数")
    for ax, (tier_id, block) in zip(axes[:, 0], of_tier.items(), strict=True):
        labels = [*_row_labels(block, conditions, study.language), still]
        _draw_block(ax, block, counts.loc[counts["tier_id"] == tier_id], columns, labels)
        ax.annotate(acts[tier_id], (0, 1), xycoords="axes fraction", xytext=(-4, 3),
                    textcoords="offset points", ha="right", fontsize=points(8.5))  # fmt: skip
        ax.set_xticks([])
    _head(axes[0, 0], columns, names)
    _legend(axes[-1, 0], study, decided)
    return figure


def worked_cases_view(
    study: Teller, book: Casebook, cases: pd.DataFrame, counts: pd.DataFrame,
    conditions: pd.DataFrame, years: Mapping[str, str],
) -> View:  # fmt: skip
    """Figure of each condition by firm and year: met, failed, or not to be told.

    Parameters
    ----------
    study : Teller
    book : Casebook
    cases : DataFrame
        From :func:`helpers.analysis.firm_years.worked_cases`; not empty.
    counts : DataFrame
        From :func:`helpers.analysis.firm_years.decided_counts`.
    conditions : DataFrame
        Table ``thresholds``.
    years : mapping of str to str
        Year of the act by tier_id, from ``paths.act_years``, in drawing order.

    Returns
    -------
    figure, record, data
    """
    place, firms = study.name(book.place_id), in_words(study, book).firms
    names = firms.set_index("firm_id")["firm"].to_dict()
    with figures.styled():
        figure = _draw(study, cases, counts, conditions, names, _acts(study, cases, years))
    record = record_of(
        study,
        "04_worked_cases",
        (f"Published figures of {place}'s firms against the little-giant criteria",
         f"{place}：企业公开数据与“小巨人”认定条件"),
        unit=("as in the condition; money in million yuan", "同各条件；金额为百万元"),
        base=_base(cases),
        period=years_name((cases["year"].min(), cases["year"].max()), study.t),
        note=_NOTE,
        source=_cited(book, cases, conditions),
        alt=_alt(_decided(cases)),
    )  # fmt: skip
    return figure, record, cases


def _head(ax: Any, columns: pd.DataFrame, names: Mapping[str, str]) -> None:
    """Years over the columns and the name of each firm over its years."""
    years = [str(year) for _, year in columns.index]
    for x, year in zip(columns["x"], years, strict=True):
        ax.annotate(year, (x, 1.0), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
                    textcoords="offset points", ha="center", fontsize=points(7.5))  # fmt: skip
    for firm, places in columns.groupby(level="firm_id")["x"]:
        ax.annotate(names[str(firm)], (places.mean(), 1.0), xycoords=ax.get_xaxis_transform(),
                    xytext=(0, 16), textcoords="offset points", ha="center", fontsize=points(8.5))  # fmt: skip


def worked_cases_table(
    study: Teller, book: Casebook, cases: pd.DataFrame, counts: pd.DataFrame,
    conditions: pd.DataFrame, years: Mapping[str, str],
) -> Shown:  # fmt: skip
    """Table of how many conditions each firm and year meets, fails and leaves open.

    Parameters
    ----------
    study, book, cases, counts, conditions, years
        As in :func:`worked_cases_view`.

    Returns
    -------
    table, record
    """
    t, acts = study.t, _acts(study, cases, years)
    names = in_words(study, book).firms.set_index("firm_id")["firm"].to_dict()
    words = {word: t(en, zh) for word, (en, zh, _) in _CELLS.items()}
    words |= {"fails": t("not met", "不满足")}
    table = pd.DataFrame(
        {
            t("Firm", "企业"): counts["firm_id"].map(names),
            t("Year", "年份"): counts["year"].astype(str),
            t("Criteria", "条件"): counts["tier_id"].map(acts),
            t("Met", "满足"): counts["meets"], t("Failed", "不满足"): counts["fails"],
            t("Open", "无法判断"): counts["open"],
            t("Conditions", "条件数"): counts["conditions"],
            t("Tier", "该层次"): counts["tier_outcome"].map(words),
        }
    )  # fmt: skip
    record = record_of(
        study,
        "04_worked_cases_counts",
        ("Conditions met, failed and open by firm and year",
         "各企业年度满足、不满足与无法判断的条件数"),
        unit=("conditions", "项条件"),
        note=(
            "Conditions for firms of another size or kind are left out. One alternative may fail "
            "without the tier being failed",
            "不含不适用于该企业的条件；可选条件单项不满足，不等于该层次不满足",
        ),
        source=_cited(book, cases, conditions),
    )  # fmt: skip
    return table, record
