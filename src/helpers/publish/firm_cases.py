"""Charts and tables of firm cases: shares of a small set, grades of documentation, accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.publish.figures import COLOURS

# Words of tables and figures: English, Chinese.
_LABELS = {
    # grades and titles
    "documented": ("documented", "有佐证"), "partly": ("partly", "部分佐证"),
    "conflicting": ("conflicting", "相互矛盾"), "undocumented": ("undocumented", "无佐证"),
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
    "interval": ("exact interval, illustrative", "精确区间（示意）"),
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
    "district_zh": ("District", "区县"),
    "product_en": ("Product", "产品"), "product_zh": ("Product", "产品"),
    "owner_en": ("Owner on record", "所有者"), "recognition": ("Title on record", "认定"),
    "source_id": ("Sources", "来源"), "note_en": ("Caveat", "说明"),
    "statement_en": ("The study says", "研究所述"), "statement_zh": ("The study says", "研究所述"),
    "found_en": ("Public records show", "公开记录所示"), "documentation": ("Grade", "佐证"),
    "metric": ("Figure", "指标"), "period": ("Year", "年份"), "fits": ("Fits", "相符"),
    "low": ("Year before, at least", "上年下限"), "high": ("Year before, at most", "上年上限"),
    "previous_value": ("Year before, printed", "上年公布值"),
    "previous_source_id": ("Printed by", "公布来源"),
}  # fmt: skip
_WORD_COLUMNS = ("topic", "documentation", "metric", "recognition")
_SEARCHED_COLUMNS = ("name_record_zh", "owner_en", "found_en")
GRADE_COLOURS = {
    "documented": COLOURS["second"], "partly": COLOURS["light"],
    "conflicting": COLOURS["third"], "undocumented": COLOURS["pale"],
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
    """Counts of firms by path as shares of one base, with the printed share and an interval.

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
    ax.hlines(lines, shares["low_pct"], shares["high_pct"], color=COLOURS["light"], lw=5,
              label=label("interval", language))  # fmt: skip
    ax.plot(shares["share_pct"], lines, "o", ms=6, color=COLOURS["main"],
            label=label("counted", language))  # fmt: skip
    for line, row in enumerate(shares.to_dict("records")):
        ax.annotate(
            f"{row['firms_count']}/{row['base_count']}", (row["share_pct"], line),
            xytext=(0, 10), textcoords="offset points", ha="center", fontsize=8,
        )  # fmt: skip
        if row["path_id"] in reported:
            ax.plot(float(reported[row["path_id"]]), line, "|", ms=15, mew=1.6, ls="none",
                    color=COLOURS["focal"], label=label("reported", language))  # fmt: skip
    ax.set_yticks(lines, [names[path] for path in shares["path_id"]])
    ax.set_ylim(max(len(shares), 1) - 0.5, -0.7)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    handles, texts = ax.get_legend_handles_labels()
    once = dict(zip(texts, handles, strict=True))
    ax.legend(once.values(), once.keys(), loc="lower left", bbox_to_anchor=(0, 1), ncols=3,
              borderaxespad=0.1, columnspacing=1.2, handletextpad=0.5)  # fmt: skip


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
    from matplotlib.patches import Patch, Rectangle

    firms = statements.drop_duplicates(row)[[row, group]]
    number = pd.factorize(firms[group])[0]
    place = dict(zip(firms[row], range(len(firms)) + 0.9 * number, strict=True))
    for item in statements.to_dict("records"):
        y, x = place[item[row]], item["order"]
        colour = GRADE_COLOURS[item["documentation"]]
        ax.add_patch(Rectangle((x - 0.47, y - 0.43), 0.94, 0.86, color=colour, lw=0))
        dark = item["documentation"] == "documented"
        ax.text(x, y, label(item["topic"], language), ha="center", va="center", fontsize=7.5,
                color="white" if dark else COLOURS["ink"])  # fmt: skip
    for name, members in firms.groupby(group, sort=False)[row]:
        top = min(place[firm] for firm in members)
        ax.text(0.53, top - 0.72, name, fontsize=8, color="#555555", va="center")
    ax.set_yticks(list(place.values()), list(place))
    widest = int(statements["order"].max()) if len(statements) else 1
    ax.set_xticks(range(1, widest + 1))
    ax.set_xlim(0.5, widest + 0.5)
    ax.set_ylim(max(place.values(), default=0) + 0.6, -1.1)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    found = statements["documentation"].value_counts()
    patches = [
        Patch(color=colour, label=f"{label(grade, language)} ({found.get(grade, 0)})")
        for grade, colour in GRADE_COLOURS.items()
    ]
    ax.legend(handles=patches, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0.1,
              handlelength=1.2, columnspacing=1.2)  # fmt: skip


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


def draw_accounts(axes: Any, figures: pd.DataFrame, language: str = "en") -> None:
    """One small panel of bars for every firm and metric; periods shorter than a year are pale.

    Parameters
    ----------
    axes : array of matplotlib Axes
        At least as many as there are pairs of firm and metric; the rest is switched off.
    figures : DataFrame
        From ``paths.repeated_series``, with a column firm; may be empty.
    language : {"en", "zh"}
    """
    panels = list(figures.groupby(["firm", "metric"], sort=False))
    for ax, ((firm, metric), series) in zip(axes.flat, panels, strict=False):
        _draw_series(ax, series, language)
        ax.set_title(f"{label(str(metric), language)}\n{firm}", fontsize=7.5)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
