"""What an import of an official list found, in English and Chinese, line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.evidence.bilingual import measure_said
from helpers.publish.workbook import printable

REASONS = {
    "blank": ("blank", "空行"),
    "title": ("title line", "标题行"),
    "repeated_title": ("title line, repeated", "重复的标题行"),
    "header": ("head of the table", "表头"),
    "repeated_header": ("head of the table, repeated", "重复的表头"),
    "province_heading": ("heading that names a place", "地区标题行"),
    "total": ("total", "合计行"),
    "note": ("note", "注释"),
    "continued": ("row that goes on with the entry above", "上一条目的续行"),
    "review": (
        "firm that passed a review of an earlier batch, no batch of its own",
        "通过复核的往批企业，不另计批次",
    ),
    "page_number": ("page number", "页码"),
    "unrecognised": ("NOT RECOGNISED: look at it", "未能识别，请核对"),
    "name_missing": ("NUMBER WITHOUT A NAME: look at it", "有序号而无名称，请核对"),
    "formula": ("FORMULA IN PLACE OF A NAME: look at it", "名称处为公式，请核对"),
}
_LOUD = ("unrecognised", "name_missing", "formula")
_RULES = {
    "list": ("the list", "名单"), "registry": ("credit code", "信用代码"), "address": ("address", "地址"),
    "name": ("firm's name", "企业名称"), "manual": ("by hand", "人工"), "unresolved": ("unresolved", "未定"),
    "not_applicable": ("none there", "无地级市"),
    "code": ("code", "代码"), "words_of_field": ("word in the field of business", "主营字词"),
    "words_of_name": ("word in the name", "名称字词"),
}  # fmt: skip
_SCOPES = {
    "national": ("the entries equal the announced total: complete", "条目数与公布总数相等：完整"),
    "provinces": ("the entries equal the number you stated, which is no national total on record: provinces with an "
                  "entry are counted, of the others nothing is known",
                  "条目数与您所给总数相等，但该数不是所载的全国总数：只计有条目的省份，其余省份未知"),
    "province": ("all entries are of one province: taken as the list of that province",
                 "条目均属一省：视为该省名单"),
    "plan_city": ("all entries are of one city with separate planning: taken as its own list; its province stays open",
                  "条目均属一个计划单列市：视为该市名单，所在省份仍待定"),
    "city": ("ALL ENTRIES WHOSE CITY IS KNOWN ARE OF ONE CITY: no list of a province, no counts are made from it; "
             "enter the city's count in table city_counts; if it is the own list of a city with separate planning, add "
             "--province CITY or --expected N",
             "已知城市的条目均属一市，不视为全省名单，不据以计数；请在city_counts表中填写该市数目；若为计划单列市自己的名单，请加--province 市名或--expected 总数"),
    "unsaid": ("ALL ENTRIES ARE OF ONE PROVINCE, AND THE LIST DOES NOT SAY THAT IT IS OF THAT PROVINCE: it may be a part of "
               "a longer list, no counts are made from it; if it is the province's whole list, add --province PROVINCE "
               "or --expected N",
               "条目均属一省，而名单未注明为该省名单：可能只是更长名单的一部分，不据以计数；若为该省完整名单，请加--province 省名或--expected 总数"),
    "none": ("INCOMPLETE OR MORE THAN ANNOUNCED: no counts are made from it", "与公布总数不符：不据以计数"),
}  # fmt: skip
_KINDS = {
    "exact": ("same name, same batch", "同批同名"),
    "exact_other_batch": ("same name, another batch", "异批同名"),
    "exact_other_basis": ("same name, announced and certified", "公示与公告同名"),
    "similar": ("similar name, same batch", "同批名称相近"),
    "similar_other_batch": ("similar name, another batch", "异批名称相近"),
}


def _counted(counts: Mapping[str, int], words: Mapping[str, tuple[str, str]], language: int) -> str:
    """Counts with their names, the largest first; a dash for none."""
    between = ", " if language == 0 else "，"
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{words.get(name, (name, name))[language]} {n:,}" for name, n in ordered]
    return between.join(shown) or "—"


def plain(text: str) -> str:
    r"""A text from a file as Markdown and HTML show it, never as markup.

    Examples
    --------
    >>> plain("<b>a|b</b>")
    '&lt;b&gt;a\\|b&lt;/b&gt;'
    """
    text = printable(" ".join(text.split())).replace("&", "&amp;")
    for sign in "\\`*_[]|#":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("<", "&lt;").replace(">", "&gt;")


def _basis(basis: str, k: int) -> str:
    said = measure_said(basis)
    return (str(said), said.zh)[k]


def _runs(runs: list[list[int]], k: int) -> str:
    """Runs of serial numbers in one language, the first twenty; a dash for none."""
    between, comma = (("-", ", "), ("—", "、"))[k]
    shown = [str(a) if a == b else f"{a}{between}{b}" for a, b in runs[:20]]
    return comma.join(shown) + (" …" if len(runs) > 20 else "") or "—"


def _summary(report: Mapping[str, Any], k: int) -> list[str]:
    """The figures of a list in one language (0 English, 1 Chinese)."""
    r = report
    batches = {f"{b}": n for b, n in r["batches"].items()}
    names = {b: (f"batch {b}:", f"第{b}批：") for b in batches}
    basis = _basis(r["basis"], k)
    dropped = sum(r["dropped"].values())
    rows = [
        (f"Rows with text: {r['rows_read']:,}; entries: {r['entries']:,} ({basis}; {_counted(batches, names, k)})",
         f"有内容的行：{r['rows_read']:,}；条目：{r['entries']:,}（{basis}；{_counted(batches, names, k)}）"),
        (f"Rows left out: {dropped:,} ({_counted(r['dropped'], REASONS, k)})",
         f"未作条目的行：{dropped:,}（{_counted(r['dropped'], REASONS, k)}）"),
        (f"Names put together after a page break: {r['names_joined']}; provinces carried down a column: {r['provinces_carried_down']}",
         f"跨页拼接的名称：{r['names_joined']}；沿列顺延的省份：{r['provinces_carried_down']}"),
        (f"Serial numbers missing: {r['serial_missing_count']:,} ({_runs(r['serial_missing'], k)}); repeated: {len(r['serial_repeated']):,}; "
         f"entries without a number: {r['unnumbered']:,}",
         f"缺失的序号：{r['serial_missing_count']:,}（{_runs(r['serial_missing'], k)}）；重复的序号：{len(r['serial_repeated']):,}；"
         f"无序号的条目：{r['unnumbered']:,}"),
        (f"Provinces found by: {_counted(r['places'], _RULES, k)}", f"省份判定：{_counted(r['places'], _RULES, k)}"),
        (f"Cities found by: {_counted(r['cities'], _RULES, k)}", f"城市判定：{_counted(r['cities'], _RULES, k)}"),
        (f"Industries found by: {_counted(r['industries'], _RULES, k)}", f"行业判定：{_counted(r['industries'], _RULES, k)}"),
        (f"Pairs of names in all lists: {_counted(r['duplicates'], _KINDS, k)}", f"全部名单中的重名：{_counted(r['duplicates'], _KINDS, k)}"),
    ]  # fmt: skip
    return (
        [row[k] for row in rows]
        + [line for e in r["extent"] for line in _extent(e, k)]
        + _wrong_headings(r, k)
    )


def _extent(e: Mapping[str, Any], k: int) -> list[str]:
    expected = (" / ".join(f"{n:,}" for n in e["expected"])) or ("unknown", "未知")[k]
    scope, basis = _SCOPES[e["scope"]][k], _basis(e["basis"], k)
    lists = (", ", "、")[k].join(e["lists"][:9]) + (" …" if len(e["lists"]) > 9 else "")
    lines = [
        (f"Batch {e['batch']}, {basis}, together ({lists}): {e['entries']:,} entries, announced total {expected}; {scope}",
         f"第{e['batch']}批，{basis}，合计（{lists}）：{e['entries']:,}条，公布总数{expected}；{scope}")[k]
    ]  # fmt: skip
    if e["without_province"]:
        n = e["without_province"]
        lines.append((
            f"NO COUNTS YET: {n:,} entries have no province. Fill in review/places.csv and import again.",
            f"暂不计数：{n:,}条未定省份。请填写review/places.csv后重新导入。",
        )[k])  # fmt: skip
    return lines


def _wrong_headings(report: Mapping[str, Any], k: int) -> list[str]:
    """Headings that state another number of firms than was read below them."""
    found = []
    for name, stated, n in report["headings"]:
        if stated is not None and stated != n:
            found.append((
                f"HEADING {plain(name)} says {stated:,} firms, {n:,} were read below it",
                f"标题“{plain(name)}”称{stated:,}家，其下读得{n:,}家",
            )[k])  # fmt: skip
    return found


def _to_do(report: Mapping[str, Any], k: int) -> list[str]:
    files = {
        "rows": (
            "rows left out that may hold a firm; copy its name to column name to take it in",
            "未作条目而可能含企业的行；将企业名称抄入name列即予收录",
        ),
        "places": ("enter province, city, county", "填写省、市、县"),
        "duplicates": ("enter same or different as decision", "在decision列填same或different"),
        "industries": ("enter a division", "填写行业大类"),
    }
    return [
        (f"review/{name}.csv: {report['review'][name]:,} rows; {what[0]}",
         f"review/{name}.csv：{report['review'][name]:,}行；{what[1]}")[k]
        for name, what in files.items() if report["review"].get(name)
    ]  # fmt: skip


def summary(report: Mapping[str, Any], language: str) -> list[str]:
    """What was found, in lines for the screen.

    Parameters
    ----------
    report : mapping
        As :func:`helpers.run.list_import.run_import` makes it.
    language : {"en", "zh"}

    Returns
    -------
    list of str
    """
    k = int(language == "zh")
    loud = [row for row in report["dropped_rows"] if row[1] in _LOUD]
    between = (": ", "：")[k]
    shown = [
        f"  {where}{between}{REASONS[reason][k]}{between}{printable(text)[:120]}"
        for where, reason, text in loud[:10]
    ]
    if len(loud) > 10:
        left = f"{len(loud) - 10:,}"
        shown.append((f"  … and {left} more, see the report", f"  ……另有{left}行，见报告")[k])
    head = printable(report["file"])
    return [
        (f"{head} -> list {report['list_id']}", f"{head} → 名单 {report['list_id']}")[k],
        *(f"  {line}" for line in _summary(report, k) + _to_do(report, k)),
        *shown,
        (f"  Report: imports/{report['list_id']}.report.md", f"  报告：imports/{report['list_id']}.report.md")[k],
    ]  # fmt: skip


def markdown(report: Mapping[str, Any]) -> list[str]:
    """The report as lines of Markdown.

    Parameters
    ----------
    report : mapping
        As :func:`helpers.run.list_import.run_import` makes it.

    Returns
    -------
    list of str
    """
    lines = [f"# {plain(report['list_id'])}", "", f"File / 文件: {plain(report['file'])}", ""]
    lines += [f"> {plain(title)}" for title in report["titles"][:10]]
    for k, head in ((0, "## Findings"), (1, "## 结果")):
        lines += ["", head, "", *(f"- {line}" for line in _summary(report, k) + _to_do(report, k))]
    lines += [
        "",
        "## Rows left out / 未作条目的行",
        "",
        "| where 位置 | why 原因 | text 内容 |",
        "|---|---|---|",
    ]
    lines += [
        f"| {plain(where)} | {REASONS[reason][0]} / {REASONS[reason][1]} | {plain(text)} |"
        for where, reason, text in report["dropped_rows"]
    ]
    left = sum(report["dropped"].values()) - len(report["dropped_rows"])
    if left > 0:
        lines.append(f"\n… {left:,} more rows / 另有{left:,}行")
    return lines
