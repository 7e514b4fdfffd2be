"""A user's table of firms: read from CSV or XLSX, checked cell by cell, all faults at once."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import DataError, InputError, Problem
from helpers.evidence.bilingual import Pick, in_english
from helpers.evidence.places import near
from helpers.evidence.sheets import read_sheets

TABLE = "firms"
MOST_BYTES = 200_000_000
_YES = ("true", "yes", "1", "是", "有")
_NO = ("false", "no", "0", "否", "无")
NONE = ("none", "无")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WITH_UNIT = re.compile(r"([+-]?[0-9][0-9.,]*)\s*([^\s0-9.,].*)")
# How a spreadsheet program shows a number of more than 11 to 15 digits.
_LOST_DIGITS = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]{2}")
# What a cell may say beside its number to confirm the unit of the column.
_OWN_UNIT = {"pct": ("%", "％"), "m_cny": ("百万元", "million CNY", "m CNY")}
# Other units of money, as a factor to million yuan.
_MONEY = {
    "元": 1e-6, "yuan": 1e-6, "CNY": 1e-6, "万元": 0.01, "万": 0.01, "千万元": 10.0, "亿元": 100.0,
    "亿": 100.0,
}  # fmt: skip
# Fields of which one is part of the other, and pairs of one figure in successive years.
_PARTS = (
    *((f"main_revenue{y}_m_cny", f"revenue{y}_m_cny") for y in ("", "_prev", "_prev2")),
    ("new_equity_2y_m_cny", "new_equity_3y_m_cny"),
    ("class_1_ip_own_in_use", "class_1_ip_in_use"),
)
_YEARS = tuple(
    (f"{name}{late}_m_cny", f"{name}{early}_m_cny")
    for name in ("revenue", "main_revenue", "rd")
    for late, early in (("", "_prev"), ("_prev", "_prev2"))
)
JUMP = 100.0


@dataclass(frozen=True)
class FirmTable:
    """Firms that were read.

    Parameters
    ----------
    frame : DataFrame
        Valid rows with the types of the fields: numbers as floats, ranks likewise with infinity for
        none, yes and no as nullable booleans, other fields as text; missing where blank.
    problems : tuple of Problem
        Faults of the other rows.
    rows_count : int
        Rows of the file that are not blank.
    warnings : tuple of Problem
        Values of the valid rows that are read as they stand and unlikely for an SME.
    """

    frame: pd.DataFrame
    problems: tuple[Problem, ...]
    rows_count: int
    warnings: tuple[Problem, ...] = ()


_Lines = list[tuple[int, list[str]]]


def _fault(file: str, rule: str, remedy: str, row: int | None = None, column: str | None = None,
           value: str = "") -> Problem:  # fmt: skip
    return Problem(TABLE, file, row, column, value, rule, remedy)


def told(problem: Problem, t: Pick = in_english) -> str:
    """A fault in one sentence, located to the cell.

    Examples
    --------
    >>> print(told(Problem("firms", "a.csv", 3, "资产负债率", "0.5", "应为百分数", "请填50。"),
    ...     lambda en, zh: zh))
    a.csv，第3行，“资产负债率”列，值“0.5”：应为百分数。请填50。
    """
    if t("en", "zh") == "en":
        return str(problem)
    place = problem.file
    place += f"，第{problem.row}行" if problem.row is not None else ""
    place += f"，“{problem.column}”列" if problem.column is not None else ""
    place += f"，值“{problem.value}”" if problem.value else ""
    return f"{place}：{problem.rule}。{problem.remedy}"


def _near(word: str, known: Sequence[str], t: Pick) -> str:
    """The known words closest to a wrong one, as a sentence."""
    hint = near(word, known)
    for en, zh in (("Did you mean ", "是否为："), ("Known: ", "可填：")):
        if hint.startswith(en):
            listed = hint.removeprefix(en).rstrip("?.")
            return t(
                hint, f"{zh}{listed.replace(', ', '、')}{'？' if hint.endswith('?') else '。'}"
            )
    return t(hint, "未找到相近的名称。")


def _decoded(path: Path, t: Pick) -> str:
    """Text of a CSV file in UTF-8 or in GBK, as Excel for Chinese Windows saves it."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            [
                _fault(
                    path.name,
                    t("the file is UTF-16", "文件为UTF-16编码"),
                    t("Save it as CSV UTF-8.", "请另存为CSV UTF-8。"),
                )
            ]
        )
    if b"\x00" in content:
        raise DataError(
            [
                _fault(
                    path.name,
                    t("the file is no text", "文件不是文本"),
                    t("Save the table as CSV or XLSX.", "请另存为CSV或XLSX。"),
                )
            ]
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(
        [
            _fault(
                path.name,
                t("the file is neither UTF-8 nor GBK", "文件既非UTF-8也非GBK编码"),
                t("Save it as CSV UTF-8.", "请另存为CSV UTF-8。"),
            )
        ]
    )


def _csv_lines(path: Path, t: Pick) -> _Lines:
    reader = csv.reader(io.StringIO(_decoded(path, t), newline=""), strict=True)
    lines: _Lines = []
    begin = 1
    try:
        for cells in reader:
            lines.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        rule = t(f"the row cannot be read ({error})", f"该行无法读取（{error}）")
        raise DataError(
            [_fault(path.name, rule, t("Check the quotes.", "请检查引号。"), begin)]
        ) from error
    return lines


def _xlsx_lines(path: Path, t: Pick) -> _Lines:
    """Filled rows of the first sheet."""
    return next(iter(read_sheets(path, t, most=1).values()), [])


def read_lines(path: Path, t: Pick = in_english) -> _Lines:
    """Rows of a CSV or XLSX file as text, with the number of each; blank rows are left out.

    Parameters
    ----------
    path : Path
    t : callable
        Picks the language of the faults.

    Returns
    -------
    list of (int, list of str)
        The header first.

    Raises
    ------
    InputError
        The file is missing, too large, of another kind or empty.
    """
    if not path.is_file():
        raise InputError(
            t(
                f"{path}: there is no such file. Name a CSV or XLSX file with one firm a row.",
                f"{path}：没有此文件。请指定每行一家企业的CSV或XLSX文件。",
            )
        )
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(
            t(
                f"{path}: this kind of file cannot be read. Save the table as CSV or XLSX.",
                f"{path}：无法读取此类文件。请另存为CSV或XLSX。",
            )
        )
    if path.stat().st_size > MOST_BYTES:
        most = MOST_BYTES // 10**6
        raise InputError(
            t(
                f"{path}: the file is larger than {most} MB. Split it.",
                f"{path}：文件超过{most} MB。请拆分。",
            )
        )
    reader = _csv_lines if path.suffix.lower() == ".csv" else _xlsx_lines
    lines = reader(path, t)
    lines = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not lines:
        remedy = t(
            "Fill in data/templates/firms.csv or firms.xlsx.",
            "请填写data/templates/firms.csv或firms.xlsx。",
        )
        raise DataError([_fault(path.name, t("the file is empty", "文件为空"), remedy)])
    return lines


def _columns(
    header: Sequence[str], fields: pd.DataFrame, file: str, t: Pick
) -> tuple[dict[int, str], list[Problem]]:
    """Field of each column, headed by its name or by its label in either language; faults."""
    names: dict[str, str] = {}
    for row in fields.to_dict("records"):
        for word in (row["field"], row["label_en"], row["label_zh"]):
            names[str(word).casefold()] = str(row["field"])
    # A Chinese heading is near a Chinese label, and any other one near the name of a field.
    pools = {True: [*fields["label_zh"]], False: [*fields["field"]]}
    found: dict[int, str] = {}
    problems = []
    for place, cell in enumerate(header):
        word = cell.strip()
        field = names.get(word.casefold())
        if field is None:
            if word:
                hint = _near(word, pools[not word.isascii()], t)
                more = t(
                    " Remove the column if it is none of the fields.", "若非所列字段，请删除此列。"
                )
                rule = t("no field has this name", "没有此名称的字段")
                problems.append(_fault(file, rule, hint + more, 1, word, word))
        elif field in found.values():
            rule = t("the column occurs more than once", "该列重复出现")
            remedy = t("Remove one.", "请删去一列。")
            problems.append(_fault(file, rule, remedy, 1, word, word))
        else:
            found[place] = field
    if "firm_id" not in found.values():
        remedy = t("Add a column firm_id with a different text in each row.",
                   "请增加“企业编号”（firm_id）列，各行不得重复。")  # fmt: skip
        problems.append(_fault(file, t("the column is missing", "缺少该列"), remedy, 1, "firm_id"))
    return found, problems


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet program would compute a cell rather than show it.

    Examples
    --------
    >>> [_is_formula(text) for text in ("=1+1", "@x", "-3.5", "-x", "+86")]
    [True, True, False, True, False]
    """
    if text.startswith(("=", "@", "\t", "\r")):
        return True
    return text.startswith(("+", "-")) and not _NUMBER.fullmatch(text.rstrip("%％ "))


class _CellError(Exception):
    """A cell cannot be used: the rule it breaks and what to do."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule, self.remedy = rule, remedy


def _unit_words(unit: str, t: Pick) -> str:
    words = {"pct": ("per cent", "百分数"), "m_cny": ("million yuan", "百万元")}
    return t(*words[unit]) if unit in words else t(unit, "")


def _wanted(unit: str, t: Pick) -> str:
    """What a cell with a number has to hold."""
    if unit == "rank":
        return t("a rank, a whole number from 1 or none,", "名次（正整数或“无”）")
    words = _unit_words(unit, t)
    return t(
        f"a number in {words}" if words else "a number", f"数值（{words}）" if words else "数值"
    )


def _number(text: str, unit: str, t: Pick) -> tuple[float, bool]:
    """A number, and whether the cell spells out the unit of its column."""
    spelled = False
    for word in _OWN_UNIT.get(unit, ()):
        if text.endswith(word):
            text, spelled = text.removesuffix(word).strip(), True
            break
    if _NUMBER.fullmatch(text) and math.isfinite(float(text)):
        return float(text), spelled
    wanted = _wanted(unit, t)
    match = _WITH_UNIT.fullmatch(text)
    if match and not spelled and not _NUMBER.fullmatch(text):
        rule = t(f"wrong unit, {wanted} is needed", f"单位不符，应填{wanted}")
        raise _CellError(rule, _converted(match[1], match[2], unit, t))
    raise _CellError(
        t(f"not a number, {wanted} is needed", f"不是数值，应填{wanted}"),
        t("Write digits with a decimal point only.", "请仅填数字和小数点。"),
    )


def _converted(number: str, word: str, unit: str, t: Pick) -> str:
    factor = _MONEY.get(word.strip()) if unit == "m_cny" else None
    plain = number.replace(",", "")
    if factor is None or not _NUMBER.fullmatch(plain):
        words = _unit_words(unit, t)
        return t(f"Convert it and write the number alone, in {words}.", "请换算后仅填数字。")
    same = f"{float(plain) * factor:.12g}"
    return t(
        f"Write {same}, which is the same in million yuan.", f"请填{same}，即换算为百万元的数值。"
    )


def _limits(value: float, field: Mapping[str, Any], t: Pick) -> None:
    remedy = t("Correct it, or leave the cell blank.", "请更正，或留空。")
    if pd.notna(field["minimum"]) and value < field["minimum"]:
        if field["kind"] == "rank":
            remedy = t(
                "Write none if there is none, or leave the cell blank.",
                "没有则填“无”，未知则留空。",
            )
        rule = t(f"below {field['minimum']:g}", f"小于{field['minimum']:g}")
        raise _CellError(rule, remedy)
    if pd.notna(field["maximum"]) and value > field["maximum"]:
        raise _CellError(t(f"above {field['maximum']:g}", f"大于{field['maximum']:g}"), remedy)


def _plausible(value: float, field: Mapping[str, Any], t: Pick) -> None:
    low, high, unit = field["plausible_from"], field["plausible_to"], str(field["unit"])
    if pd.notna(low) and low > 0 and 0 < value < low:
        percent = f"{value * 100:.12g}"
        raise _CellError(
            t("implausible, it looks like a fraction and per cent are needed",
              "不合理，疑为小数，应填百分数"),
            t(f"Write {percent} if {percent} % is meant, or {value:.12g}% if it is really that small.",
              f"若指{percent}%请填{percent}；若确为{value:.12g}%请填{value:.12g}%。"),
        )  # fmt: skip
    too_low = pd.notna(low) and low < 0 and value < low
    if too_low or (pd.notna(high) and value > high):
        remedy = t("Correct it, or leave the cell blank.", "请更正，或留空。")
        if unit == "m_cny":
            million = f"{value / 1e6:.12g}"
            remedy = t(
                f"Write {million} if {value:.12g} yuan is meant, or {value:.12g}百万元 if it is really "
                "that large.",
                f"若指{value:.12g}元请填{million}；若确有此数请填{value:.12g}百万元。",
            )
        rule = t(f"implausible, too large for {_unit_words(unit, t)}",
                 f"不合理，作为{_unit_words(unit, t)}过大")  # fmt: skip
        raise _CellError(rule, remedy)


def _folded(word: str) -> str:
    """A word without quotation marks and spaces, in the plain form of its letters."""
    return re.sub(r"[\s“”\"'「」]", "", unicodedata.normalize("NFKC", word)).casefold()


def _category(text: str, field: Mapping[str, Any], t: Pick) -> str:
    """A choice by its code or by one of its Chinese words."""
    choices = str(field["choices"]).split(";")
    words = (
        str(field["choices_zh"]).split(";")
        if pd.notna(field["choices_zh"])
        else [""] * len(choices)
    )
    known = {_folded(choice): choice for choice in choices}
    for choice, cell in zip(choices, words, strict=True):
        known |= {_folded(word): choice for word in cell.split("/") if word}
    if _folded(text) in known:
        return known[_folded(text)]
    shown = [cell.split("/")[0] for cell in words]
    rule = t(f"not one of {', '.join(choices)}", f"应为以下之一：{'、'.join(shown)}")
    raise _CellError(rule, _near(text, shown if t("en", "zh") == "zh" else choices, t))


def _value(text: str, field: Mapping[str, Any], t: Pick) -> object:
    """A cell in the type of its field."""
    kind, unit = field["kind"], "" if pd.isna(field["unit"]) else str(field["unit"])
    if _is_formula(text):
        raise _CellError(t("the cell looks like a formula", "单元格疑为公式"),
                         t("Write the value itself.", "请填写数值本身。"))  # fmt: skip
    if kind == "text":
        if _LOST_DIGITS.fullmatch(text):
            raise _CellError(
                t("a code kept as a number, whose last digits are lost",
                  "代码按数值保存，末位数字已丢失"),
                t("Format the column as text and enter the code again.",
                  "请将该列设为文本格式后重新填写。"),
            )  # fmt: skip
        return text
    if kind == "category":
        return _category(text, field, t)
    if kind == "boolean":
        if text.casefold() not in (*_YES, *_NO):
            raise _CellError(t("neither true nor false", "既非“是”也非“否”"),
                             t("Write true, false or nothing.", "请填“是”“否”，或留空。"))  # fmt: skip
        return text.casefold() in _YES
    if kind == "rank" and text.casefold() in NONE:
        return math.inf
    value, spelled = _number(text, unit, t)
    if kind in ("integer", "rank") and value != int(value):
        raise _CellError(t("not a whole number", "不是整数"),
                         t("Write a whole number, or leave the cell blank.", "请填整数，或留空。"))  # fmt: skip
    _limits(value, field, t)
    if not spelled:
        _plausible(value, field, t)
    return value


def _row_problems(
    values: Mapping[str, Any], cells: Mapping[str, str], names: Mapping[str, str], t: Pick
) -> list[tuple[str, str, str, str]]:
    """Contradictions between the cells of a firm: field, value, rule, remedy."""
    found = []
    money = t("Check that both are in million yuan.", "请核对两者是否均以百万元计。")
    both_wrong = t("Correct one of the two.", "请更正其一。")
    for part, whole in _PARTS:
        if part in values and whole in values and values[part] > values[whole] * 1.0001:
            rule = t(f"more than {names[whole]}, {cells[whole]}, of which it is part",
                     f"大于“{names[whole]}”（{cells[whole]}），而前者为其一部分")  # fmt: skip
            found.append(
                (part, cells[part], rule, money if whole.endswith("m_cny") else both_wrong)
            )
    for late, early in _YEARS:
        both = [values[name] for name in (late, early) if values.get(name, 0) > 0]
        if len(both) == 2 and max(both) / min(both) > JUMP:
            rule = t(
                f"implausible beside {names[early]}, {cells[early]}: more than {JUMP:g} times apart",
                f"与“{names[early]}”（{cells[early]}）相差{JUMP:g}倍以上，不合理",
            )
            found.append((late, cells[late], rule, money))
    rd, revenue = values.get("rd_m_cny"), values.get("revenue_m_cny")
    if rd and revenue and rd > JUMP * revenue:
        rule = t(f"implausible beside {names['revenue_m_cny']}, {cells['revenue_m_cny']}",
                 f"与“{names['revenue_m_cny']}”（{cells['revenue_m_cny']}）相比不合理")  # fmt: skip
        found.append(("rd_m_cny", cells["rd_m_cny"], rule, money))
    for count in ("class_1_ip_in_use", "class_1_ip_own_in_use"):
        if values.get("ip_class") in ("none", "class_2") and values.get(count, 0) > 0:
            rule = t(f"contradicts {names['ip_class']}, {cells['ip_class']}",
                     f"与“{names['ip_class']}”（{cells['ip_class']}）矛盾")  # fmt: skip
            found.append((count, cells[count], rule, both_wrong))
    return found


@dataclass(frozen=True)
class _Sheet:
    """What the rows of a file are read by: its columns, their headings, the fields, the language."""

    file: str
    header: Sequence[str]
    columns: Mapping[int, str]
    fields: Mapping[str, Any]
    t: Pick

    @property
    def names(self) -> dict[str, str]:
        """Heading of each field as the file has it."""
        return {field: self.header[place].strip() for place, field in self.columns.items()}

    def stray(self, cells: Sequence[str]) -> list[str]:
        """Cells that stand below no heading."""
        headed = {place for place, cell in enumerate(self.header) if cell.strip()}
        return [cell for place, cell in enumerate(cells) if place not in headed and cell.strip()]


def _doubts(
    number: int, values: Mapping[str, Any], texts: Mapping[str, str], sheet: _Sheet
) -> list[Problem]:
    """Amounts that are unlikely for an SME, most likely written in 10,000 yuan."""
    t, found = sheet.t, []
    for name, text in texts.items():
        limit = sheet.fields[name]["doubtful_from"]
        if pd.isna(limit) or values[name] <= limit or any(map(text.endswith, _OWN_UNIT["m_cny"])):
            continue
        rule = t(f"unlikely for an SME, more than {limit:g} million yuan",
                 f"对中小企业偏大，超过{limit:g}百万元")  # fmt: skip
        same = f"{values[name] * _MONEY['万元']:.12g}"
        remedy = t(f"Read as it stands. Write {same} if {text}万元 is meant.",
                   f"已按所填数值读取；若指{text}万元，应填{same}。")  # fmt: skip
        found.append(_fault(sheet.file, rule, remedy, number, sheet.names[name], text))
    return found


def _read_row(
    number: int, cells: Sequence[str], sheet: _Sheet
) -> tuple[dict[str, Any], list[Problem], list[Problem]]:
    """Values of a row, its faults, and its unlikely values."""
    t, file, names = sheet.t, sheet.file, sheet.names
    problems, values, texts = [], dict[str, Any](), dict[str, str]()
    if extra := sheet.stray(cells):
        rule = t("the row has cells beyond its columns", "该行单元格多于列数")
        remedy = t("Quote cells that contain a comma.", "含逗号的单元格请加引号。")
        problems.append(_fault(file, rule, remedy, number, None, extra[0]))
    for place, name in sheet.columns.items():
        text = cells[place].strip() if place < len(cells) else ""
        if not text:
            if sheet.fields[name]["required"]:
                rule, remedy = t("the cell is blank", "单元格为空"), t("Fill it in.", "请填写。")
                problems.append(_fault(file, rule, remedy, number, names[name]))
            continue
        try:
            values[name], texts[name] = _value(text, sheet.fields[name], t), text
        except _CellError as error:
            problems.append(_fault(file, error.rule, error.remedy, number, names[name], text))
    problems += [
        _fault(file, rule, remedy, number, names[name], text)
        for name, text, rule, remedy in _row_problems(values, texts, names, t)
    ]
    return values, problems, _doubts(number, values, texts, sheet)


def _typed(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], fields: Mapping[str, Any]
) -> pd.DataFrame:
    data = {}
    for name in columns:
        cells = [row.get(name) for row in rows]
        kind = fields[name]["kind"]
        dtype = {"boolean": "boolean", "text": "str", "category": "str"}.get(kind, "float64")
        if dtype == "float64":
            cells = [np.nan if cell is None else cell for cell in cells]
        data[name] = pd.Series(cells, dtype=dtype)
    return pd.DataFrame(data)


def read_firms(
    path: Path, fields: pd.DataFrame, skip_invalid: bool = False, t: Pick = in_english
) -> FirmTable:
    """Read and check a table of firms.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or GBK, or XLSX, of which the first sheet is read. Columns are headed by the
        name of a field or its label in either language, in any order; fields may be left out.
    fields : DataFrame
        Table ``firm_fields``.
    skip_invalid : bool
        Whether rows with a fault are left out rather than refused.
    t : callable
        Picks the English or the Chinese text of faults; they name columns by the file's headings.

    Returns
    -------
    FirmTable

    Raises
    ------
    InputError
        The file cannot be read.
    DataError
        With every fault of every heading and row; with `skip_invalid` only if no row is left, or if a heading is
        at fault.
    """
    lines = read_lines(path, t)
    by_name = {str(row["field"]): row for row in fields.to_dict("records")}
    columns, headings = _columns(lines[0][1], fields, path.name, t)
    sheet = _Sheet(path.name, lines[0][1], columns, by_name, t)
    rows, problems, warnings = [], list[Problem](), list[Problem]()
    seen: dict[str, int] = {}
    for number, cells in lines[1:]:
        values, found, doubts = _read_row(number, cells, sheet)
        firm = values.get("firm_id")
        if firm is not None and seen.setdefault(firm, number) != number:
            rule = t(
                f"the firm stands in row {seen[firm]} already", f"该企业已见于第{seen[firm]}行"
            )
            remedy = t("Keep one row a firm.", "每家企业保留一行。")
            found.append(_fault(path.name, rule, remedy, number, sheet.names["firm_id"], firm))
        problems += found
        if not found:
            rows.append(values)
            warnings += doubts
    if headings or (problems and (not skip_invalid or not rows)):
        raise DataError([*headings, *problems])
    if not rows:
        rule = t("there is no firm in the file", "文件中没有企业")
        raise DataError([_fault(path.name, rule, t("Add one firm a row.", "请每行填一家企业。"))])
    frame = _typed(rows, list(columns.values()), by_name)
    return FirmTable(frame, tuple(problems), len(lines) - 1, tuple(warnings))
