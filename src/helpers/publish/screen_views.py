"""Firms held against the criteria: the matrix of conditions by firm and year, and its table."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from helpers.analysis.tiers import condition_text
from helpers.publish import figures
from helpers.publish.figures import COLOURS, Record

Pick = Callable[[str, str], str]
View = tuple[Any, Record, pd.DataFrame]

# Word, English, Chinese, fill and ink of a cell.
_CELLS: Mapping[str, tuple[str, str, str, str]] = {
    "meets": ("met", "满足", COLOURS["second"], "white"),
    "fails": ("failed", "不满足", COLOURS["third"], COLOURS["ink"]),
    "cannot be told": ("cannot be told", "无法判断", COLOURS["pale"], COLOURS["grey"]),
    "not its case": ("for firms of another size or kind", "不适用于该企业", "white", COLOURS["grey"]),
}  # fmt: skip


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


def _row_labels(block: pd.DataFrame, conditions: pd.DataFrame, t: Pick) -> list[str]:
    """Indicator and threshold of each condition, wrapped, in the order of the block."""
    language = t("en", "zh")
    by_id = conditions.set_index("threshold_id")
    labels = []
    for threshold_id in dict.fromkeys(block["threshold_id"]):
        row = by_id.loc[threshold_id]
        name = str(row[f"indicator_{language}"])
        labels.append(f"{_narrow(name)}\n{_narrow(condition_text(row, language))}")
    return labels


def _narrow(text: str) -> str:
    r"""A label on two lines where it is long, so that it keeps clear of the edge.

    Examples
    --------
    >>> _narrow("≥ 3%†（营业收入1亿元及以上）")
    '≥ 3%†\n（营业收入1亿元及以上）'
    >>> _narrow("≥ 5 %")
    '≥ 5 %'
    """
    lines = textwrap.wrap(text, 40)
    if sum(2 if ord(char) >= 0x2E80 else 1 for char in text) > 24 and "（" in text:
        head, _, tail = text.partition("（")
        lines = [head.rstrip(), f"（{tail}"]
    return "\n".join(lines)


def _cell(ax: Any, x: float, y: int, word: str, text: str) -> None:
    from matplotlib.patches import Rectangle

    _, _, fill, ink = _CELLS[word]
    edge = COLOURS["pale"] if word == "not its case" else fill
    ax.add_patch(Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, fc=fill, ec=edge, lw=0.6))
    ax.text(x, y, text, ha="center", va="center", fontsize=7, color=ink)


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
                fontsize=7.5)  # fmt: skip
    ax.set_yticks(range(len(ids) + 1), labels, fontsize=7.5, linespacing=1.15)
    ax.set_ylim(len(ids) + 0.5, -0.5)
    ax.set_xlim(columns["x"].min() - 0.55, columns["x"].max() + 0.55)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _columns(cases: pd.DataFrame) -> pd.DataFrame:
    """Place of each firm and year, firms set apart."""
    pairs = cases[["firm_id", "year"]].drop_duplicates().sort_values(["firm_id", "year"])
    number = pd.factorize(pairs["firm_id"])[0]
    return pairs.assign(x=range(len(pairs)) + 0.35 * number).set_index(["firm_id", "year"])


def _legend(ax: Any, cases: pd.DataFrame, t: Pick) -> None:
    from matplotlib.patches import Patch

    shown = [state(*pair) for pair in zip(cases["outcome"], cases["applies"], strict=True)]
    patches = [
        Patch(fc=fill, ec=COLOURS["grey"], lw=0.5, label=t(en, zh))
        for word, (en, zh, fill, _) in _CELLS.items()
        if word in shown
    ]
    ax.legend(handles=patches, loc="upper left", bbox_to_anchor=(0, 0), ncols=4, handlelength=1.2,
              columnspacing=1.2, borderaxespad=0.3)  # fmt: skip


def _doubtful(cases: pd.DataFrame, t: Pick) -> str:
    count = cases.loc[~cases["verified"].astype(bool), "threshold_id"].nunique()
    return t(
        f"; {count} conditions are unverified, no source seen states them" if count else "",
        f"；其中{count}项条件未核实，所见来源均未载明" if count else "",
    )


def _base(cases: pd.DataFrame, t: Pick) -> str:
    """Firm-years, and the conditions about such firms apart from those for firms of another kind."""
    years = len(cases.drop_duplicates(["firm_id", "year"]))
    own = cases.loc[cases["applies"] != "no", "threshold_id"].nunique()
    others = cases["threshold_id"].nunique() - own
    return t(
        f"{years} firm-years, {own} conditions of all acts together"
        + (f" ({others} more are for firms of another size or kind)" if others else ""),
        f"{years} 个企业年度，各办法合计 {own} 项条件"
        + (f"（另有 {others} 项适用于其他规模或类型的企业）" if others else ""),
    )


def worked_cases_view(
    cases: pd.DataFrame, counts: pd.DataFrame, conditions: pd.DataFrame, names: Mapping[str, str],
    tiers: Mapping[str, str], place: str, t: Pick, source: str,
) -> View:  # fmt: skip
    """Figure of each condition by firm and year: met, failed, or not to be told.

    Parameters
    ----------
    cases : DataFrame
        From :func:`helpers.analysis.firm_years.worked_cases`; not empty.
    counts : DataFrame
        From :func:`helpers.analysis.firm_years.decided_counts`.
    conditions : DataFrame
        Table ``thresholds``.
    names : mapping of str to str
        Short name of each firm_id.
    tiers : mapping of str to str
        Heading of each tier_id, in drawing order.
    place : str
        Name of the city.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    figure, record, data
    """
    decided = _decided(cases)
    columns = _columns(cases)
    of_tier = {tier: decided.loc[decided["tier_id"] == tier] for tier in tiers}
    rows = [block["threshold_id"].nunique() + 1 for block in of_tier.values()]
    with figures.styled():
        figure, axes = figures.new(
            7.0, 0.9 + 0.34 * sum(rows) + 0.25 * len(rows), nrows=len(rows), squeeze=False,
            height_ratios=rows, sharex=True,
        )  # fmt: skip
        # Long labels keep clear of the edge of the picture.
        engine: Any = figure.get_layout_engine()
        engine.set(w_pad=0.15)
        for ax, (tier_id, block) in zip(axes[:, 0], of_tier.items(), strict=True):
            still = t("Open, of the conditions\nfor such a firm", "无法判断/适用条件数")
            labels = [*_row_labels(block, conditions, t), still]
            own = counts.loc[counts["tier_id"] == tier_id]
            _draw_block(ax, block, own, columns, labels)
            ax.annotate(tiers[tier_id], (0, 1), xycoords="axes fraction", xytext=(-4, 3),
                        textcoords="offset points", ha="right", fontsize=8.5)  # fmt: skip
            ax.set_xticks([])
        _head(axes[0, 0], columns, names)
        _legend(axes[-1, 0], decided, t)
    first = cases.drop_duplicates(["firm_id", "year"])
    record = Record(
        "04_worked_cases",
        t(f"Published figures of {place}'s firms against the little-giant criteria",
          f"{place}：企业公开数据与“小巨人”认定条件"),
        unit=t("as in the condition; money in million yuan", "同各条件；金额为百万元"),
        base=_base(cases, t) + _doubtful(cases, t),
        period=f"{first['year'].min()}–{first['year'].max()}",
        note=t(
            "† one of several alternatives, so a failure there does not decide. Each year is taken as "
            "the last year before an application and held against both acts as a yardstick, whichever "
            "was in force. ?: not enough published; a blank never counts as met or failed. Conditions "
            "that stay open in every column are counted in the last row and listed in the data file",
            "†：可选条件之一，单项不满足不决定结果。各年均视为申报的上年度，并对照两份办法。\n"
            "问号表示公开数据不足，缺项既不算满足也不算不满足。各年均无法判断的条件计入末行，明细见数据文件",
        ),
        source=source,
    )  # fmt: skip
    return figure, record, cases


def _head(ax: Any, columns: pd.DataFrame, names: Mapping[str, str]) -> None:
    """Years over the columns and the name of each firm over its years."""
    years = [str(year) for _, year in columns.index]
    for x, year in zip(columns["x"], years, strict=True):
        ax.annotate(year, (x, 1.0), xycoords=ax.get_xaxis_transform(), xytext=(0, 3),
                    textcoords="offset points", ha="center", fontsize=7.5)  # fmt: skip
    for firm, places in columns.groupby(level="firm_id")["x"]:
        ax.annotate(names[str(firm)], (places.mean(), 1.0), xycoords=ax.get_xaxis_transform(),
                    xytext=(0, 16), textcoords="offset points", ha="center", fontsize=8.5)  # fmt: skip


def worked_cases_table(
    counts: pd.DataFrame, names: Mapping[str, str], tiers: Mapping[str, str], t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """Table of how many conditions each firm and year meets, fails and leaves open.

    Parameters
    ----------
    counts : DataFrame
        From :func:`helpers.analysis.firm_years.decided_counts`.
    names, tiers : mapping of str to str
        Name of each firm_id; heading of each tier_id.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    words = {word: t(en, zh) for word, (en, zh, *_) in _CELLS.items()}
    words |= {"fails": t("not met", "不满足"), "meets": t("met", "满足")}
    table = pd.DataFrame(
        {
            t("Firm", "企业"): counts["firm_id"].map(dict(names)),
            t("Year", "年份"): counts["year"].astype(str),
            t("Criteria", "条件"): counts["tier_id"].map(dict(tiers)),
            t("Met", "满足"): counts["meets"], t("Failed", "不满足"): counts["fails"],
            t("Open", "无法判断"): counts["open"],
            t("Conditions", "条件数"): counts["conditions"],
            t("Tier", "该层次"): counts["tier_outcome"].map(words),
        }
    )  # fmt: skip
    record = Record(
        "04_worked_cases_counts",
        t("Conditions met, failed and open by firm and year", "各企业年度满足、不满足与无法判断的条件数"),
        unit=t("conditions", "项条件"),
        note=t(
            "Conditions for firms of another size or kind are left out. One alternative may fail "
            "without the tier being failed",
            "不含不适用于该企业的条件；可选条件单项不满足，不等于该层次不满足",
        ),
        source=source,
    )  # fmt: skip
    return table, record
