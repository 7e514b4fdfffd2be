"""Words of firm cases in both languages, and a casebook with the names of one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from helpers.analysis.paths import Casebook
from helpers.publish.teller import Teller

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
    "as_printed": ("‘{0}’ has the printed {1} %", "“{0}”占比为所列的{1}%"),
    "at_least": ("‘{0}’ has at least the printed {1} %", "“{0}”占比不低于所列的{1}%"),
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
    "name_study_zh": ("As the study prints it", "原研究中的名称"),
    "name_record_zh": ("In public records", "公开记录中的名称"),
    "district": ("District", "区县"),
    "product_en": ("Product", "产品"), "product_zh": ("Product", "产品"),
    "owner_en": ("Owner on record", "所有者"), "owner_zh": ("Owner on record", "所有者"), "recognition": ("Title on record", "认定"),
    "source_id": ("Sources", "来源"), "note_en": ("Caveat", "说明"),
    "note_zh": ("Caveat", "说明"), "found_zh": ("Public records show", "公开记录所示"),
    "statement_en": ("The study says", "原研究所述"), "statement_zh": ("The study says", "原研究所述"),
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


def in_words(study: Teller, book: Casebook) -> Casebook:
    """A casebook with the names of its firms, paths and districts in the study's language.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    Casebook
        Besides what `book` has: firms with firm and district; cases, statements and conditions with
        firm and route; events and figures with firm; routes with route.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from helpers.analysis.paths import casebook
    >>> from helpers.evidence import tables
    >>> told = in_words(SimpleNamespace(language="zh"), casebook(tables.load_all(), "210300"))
    >>> told.cases[["firm", "route"]].iloc[0].tolist()
    ['迈格纳', '海外并购与技术引进']
    """
    language = study.language
    firm = book.firms.set_index("firm_id")[f"name_short_{language}"]
    route = book.routes.set_index("path_id")[f"name_{language}"]

    def named(frame: pd.DataFrame, with_path: bool = False) -> pd.DataFrame:
        told = frame.assign(firm=frame["firm_id"].map(firm).astype("str"))
        if with_path:
            told = told.assign(route=frame["path_id"].map(route).astype("str"))
        first = [*(["route"] if with_path else []), "firm"]
        return told[["firm_id", *first, *told.columns.drop(["firm_id", *first])]]

    return replace(
        book,
        routes=book.routes.assign(route=book.routes[f"name_{language}"]),
        firms=named(book.firms).assign(district=book.firms[f"district_{language}"]),
        cases=named(book.cases, with_path=True),
        statements=named(book.statements, with_path=True),
        conditions=named(book.conditions, with_path=True),
        events=named(book.events),
        figures=named(book.figures),
    )


def names_of(study: Teller, book: Casebook, firm_ids: Sequence[str]) -> list[str]:
    """Short names of firms in the study's language.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from helpers.analysis.paths import casebook
    >>> from helpers.evidence import tables
    >>> names_of(SimpleNamespace(language="en"), casebook(tables.load_all(), "210300"), ["F02"])
    ['Sanyu Pump']
    """
    names = book.firms.set_index("firm_id")[f"name_short_{study.language}"]
    return [str(names[firm]) for firm in firm_ids]


def period_text(period: str, language: str) -> str:
    """A period of accounts as its reader says it.

    Parameters
    ----------
    period : str
        As ``2022``, ``2025H1``, ``2022Q1`` or ``2022Q1-Q3``.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> [period_text(period, "zh") for period in ("2022", "2025H1", "2022Q1", "2022Q1-Q3")]
    ['2022', '2025上半年', '2022第1季度', '2022前3季度']
    >>> period_text("2025H1", "en")
    '2025H1'
    """
    year, part = period[:4], period[4:]
    if language == "en" or not part:
        return period
    if part[0] == "H":
        return year + {"H1": "上半年", "H2": "下半年"}[part]
    first, _, last = part.replace("Q", "").partition("-")
    if not last:
        return f"{year}第{first}季度"
    return f"{year}前{last}季度" if first == "1" else f"{year}第{first}—{last}季度"
