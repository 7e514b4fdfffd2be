"""Charts and tables of firm cases: shares of a small set, grades of documentation, accounts.

The ``draw_`` functions fill given axes; the ``_view`` functions return a figure with its record
and its data, ready for ``study.figure``; the ``_table`` functions a table with its record, ready
for ``study.show``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.publish import figures
from helpers.publish.figures import COLOURS, Record
from helpers.publish.timeline import draw_timeline, timeline_height

Pick = Callable[[str, str], str]
View = tuple[Any, Record, pd.DataFrame]

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


def draw_accounts(axes: Any, accounts: pd.DataFrame, language: str = "en") -> None:
    """One small panel of bars for every firm and metric; periods shorter than a year are pale.

    Parameters
    ----------
    axes : array of matplotlib Axes
        At least as many as there are pairs of firm and metric; the rest is switched off.
    accounts : DataFrame
        From ``paths.repeated_series``, with a column firm; may be empty.
    language : {"en", "zh"}
    """
    panels = list(accounts.groupby(["firm", "metric"], sort=False))
    for ax, ((firm, metric), series) in zip(axes.flat, panels, strict=False):
        _draw_series(ax, series, language)
        ax.set_title(f"{label(str(metric), language)}\n{firm}", fontsize=7.5)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()


def _statement_columns(t: Pick) -> list[str]:
    said = t("statement_en", "statement_zh")
    return ["route", "firm", "topic", said, "found_en", "documentation", "source_id"]


def firms_table(
    firms: pd.DataFrame, place: str, t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """Table of the firms with their names, products and owners on record.

    Parameters
    ----------
    firms : DataFrame
        Rows of ``firms`` with a column firm.
    place : str
        Name of the city.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    product = t("product_en", "product_zh")
    columns = ["firm", "name_study_zh", "name_record_zh", "district_zh", product]
    columns += ["owner_en", "recognition", "source_id", "note_en"]
    record = Record(
        "04_firms",
        t(f"Firms of {place} in this notebook", f"{place}：本篇所涉企业"),
        unit=t("firms", "企业"),
        base=str(len(firms)),
        source=source,
    )
    return readable(firms, columns, t("en", "zh")), record


def statements_table(
    statements: pd.DataFrame, place: str, t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """Table of the statements, what was found on each, and its grade.

    Parameters
    ----------
    statements : DataFrame
        As :func:`grades_view` takes them.
    place : str
        Name of the city.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    record = Record(
        "04_statements",
        t(f"Statements on the firms of {place}", f"{place}：对企业的陈述及佐证"),
        unit=t("statements", "条陈述"),
        base=str(len(statements)),
        source=source,
    )
    return readable(statements, _statement_columns(t), t("en", "zh")), record


def growth_table(checked: pd.DataFrame, t: Pick, source: str) -> tuple[pd.DataFrame, Record]:
    """Table of the earlier figures that a growth rate allows.

    Parameters
    ----------
    checked : DataFrame
        From ``paths.growth_check`` with a column firm.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    columns = ["firm", "metric", "period", "source_id", "low", "high"]
    columns += ["previous_value", "previous_source_id", "fits"]
    record = Record(
        "04_growth_check",
        t("Earlier figures that a growth rate allows", "由增速反推的上年数值"),
        unit=t("m CNY", "百万元"),
        base=t(f"{len(checked)} comparisons", f"{len(checked)} 项比较"),
        source=source,
    )
    return readable(checked, columns, t("en", "zh")), record


def path_shares_view(
    shares: pd.DataFrame, names: Mapping[str, str], reported: Mapping[str, str],
    place: str, base: str, t: Pick, source: str,
) -> View:  # fmt: skip
    """Figure of the paths' shares of one base.

    Parameters
    ----------
    shares, names, reported
        As :func:`draw_path_shares` takes them.
    place, base : str
        Name of the city; what the shares are of.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    figure, record, data
    """
    with figures.styled():
        figure, ax = figures.new(7.0, 2.5)
        draw_path_shares(ax, shares, names, reported, t("en", "zh"))
        ax.set_xlabel(t("Share of little giants (%)", "占“小巨人”企业比例（%）"))
    record = Record(
        "04_path_shares",
        t(f"Growth paths of {place}'s little giants", f"{place}“小巨人”企业成长路径"),
        unit=t("firms", "企业"),
        base=base,
        note=t(
            "Exact (Clopper-Pearson) 95 % interval, illustrative: a full list is a census",
            "Clopper-Pearson 95% 精确区间仅作示意：完整名单属普查",
        ),
        source=source,
    )
    return figure, record, shares


def grades_view(statements: pd.DataFrame, place: str, t: Pick, source: str) -> View:
    """Figure of the statements on each firm with their grades.

    Parameters
    ----------
    statements : DataFrame
        Rows of ``firm_statements`` with columns firm and route, in drawing order.
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
    firms, routes = statements["firm"].nunique(), statements["route"].nunique()
    with figures.styled():
        figure, ax = figures.new(6.4, 0.6 + 0.29 * (firms + routes))
        draw_grades(ax, statements, "firm", "route", t("en", "zh"))
        ax.set_xlabel(t("Statement, in the order of the text", "陈述（按文中次序）"))
    record = Record(
        "04_documentation",
        t(f"Documentation of the statements on {place}'s firms", f"{place}：企业陈述的佐证程度"),
        unit=t("statements; the word in a cell is the topic", "条陈述；格内为主题"),
        base=t(
            f"{len(statements)} statements, {firms} firms",
            f"{firms} 家企业的 {len(statements)} 条陈述",
        ),
        source=source,
    )
    return figure, record, statements[_statement_columns(t)]


def timeline_view(
    events: pd.DataFrame, undated: Sequence[str], place: str, t: Pick, source: str
) -> View:
    """Figure of dated events, one line a record.

    Parameters
    ----------
    events : DataFrame
        Rows of ``firm_events`` with a column firm.
    undated : sequence of str
        Firms without a dated event, named in the note.
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
    with figures.styled():
        figure, ax = figures.new(7.0, timeline_height(events, "firm"))
        words = t("label_en", "label_zh")
        drawn = draw_timeline(ax, events, words, "date", "firm", language=t("en", "zh"))
    missing = t(", ", "、").join(undated)
    record = Record(
        "04_timeline",
        t(f"Dated events of {place}'s firms", f"{place}：有据可查的企业大事"),
        unit=t("records; one event can have several", "条记录；同一事件可有多条"),
        base=t(f"{len(events)} records", f"{len(events)} 条"),
        note=t("No dated event found for ", "未查到有日期的事件：") + missing if missing else "",
        source=source,
    )
    return figure, record, drawn.drop(columns=["first", "last", "line"])


def accounts_view(series: pd.DataFrame, place: str, t: Pick, source: str) -> View:
    """Figure of published figures, a panel for each firm and metric.

    Parameters
    ----------
    series : DataFrame
        From ``paths.repeated_series`` with columns firm and path; not empty.
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
    panels = series.groupby(["firm", "metric"]).ngroups
    rows = -(-panels // 4)
    with figures.styled():
        figure, axes = figures.new(7.6, 1.75 * rows, nrows=rows, ncols=4, squeeze=False)
        draw_accounts(axes, series, t("en", "zh"))
    others = t(", ", "、").join(series.loc[series["path"].isna(), "firm"].unique())
    outside = t("; firms without a path: ", "；未列路径：") + others if others else ""
    record = Record(
        "04_financials",
        t(f"Published figures of {place}'s firms", f"{place}：企业公开数据"),
        unit=t("see axes; m CNY is million yuan", "见各图纵轴"),
        base=t(f"{panels} series", f"{panels} 个序列") + outside,
        note=t(
            "Pale: less than a year, or its end. Two bars in one period: two sources",
            "浅色：不足一年或其期末；同期两柱：两个来源",
        ),
        source=source,
    )
    return figure, record, series.drop(columns="note_en")
