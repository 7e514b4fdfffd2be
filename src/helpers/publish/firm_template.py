"""The blank form for a table of firms, made from table ``firm_fields``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.publish.workbook import add_sheet, new_book, to_bytes

UNITS = {
    "pct": ("per cent", "百分数（%）"), "m_cny": ("million yuan", "百万元"), "years": ("years", "年"),
    "points": ("points", "分"), "rank": ("rank", "名次"), "items": ("items", "项"),
    "processes": ("processes", "项"), "products": ("products", "个"),
    "persons": ("persons", "人"),
}  # fmt: skip
_KINDS = {
    "text": ("text", "文本"), "number": ("number", "数值"), "integer": ("whole number", "整数"),
}  # fmt: skip
_ROWS = 2000


def allowed(field: pd.Series, language: str = "en") -> str:
    """What a cell of a field may hold, in words.

    Parameters
    ----------
    field : Series
        Row of table ``firm_fields``.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> allowed(pd.Series({"kind": "number", "minimum": 0.0, "maximum": 100.0, "choices": None}))
    'number, at least 0, at most 100'
    """
    zh = language == "zh"
    kind = field["kind"]
    if kind == "category":
        choices = str(field["choices"]).split(";")
        if not zh:
            return "; ".join(choices)
        words = [cell.split("/")[0] for cell in str(field["choices_zh"]).split(";")]
        return "；".join(f"{word}（{code}）" for word, code in zip(words, choices, strict=True))
    if kind == "boolean":
        return "是（true）；否（false）" if zh else "true; false"
    if kind == "rank":
        return "正整数或“无”（none）" if zh else "whole number from 1, or none"
    parts = [_KINDS[kind][zh]]
    if pd.notna(field["minimum"]):
        parts.append(f"不低于{field['minimum']:g}" if zh else f"at least {field['minimum']:g}")
    if pd.notna(field["maximum"]):
        parts.append(f"不高于{field['maximum']:g}" if zh else f"at most {field['maximum']:g}")
    return ("，" if zh else ", ").join(parts)


def explanations(fields: pd.DataFrame) -> pd.DataFrame:
    """The sheet of explanations: one row per field, in Chinese and English.

    Parameters
    ----------
    fields : DataFrame
        Table ``firm_fields``.

    Returns
    -------
    DataFrame
    """
    ordered = fields.sort_values("position")
    units = [
        UNITS.get(unit, ("", "")) if isinstance(unit, str) else ("", "") for unit in ordered["unit"]
    ]
    return pd.DataFrame(
        {
            "列名 Column": ordered["field"].tolist(),
            "名称": ordered["label_zh"].tolist(),
            "单位": [unit[1] for unit in units],
            "可填内容": [allowed(row, "zh") for _, row in ordered.iterrows()],
            "填写说明": ordered["help_zh"].tolist(),
            "Name": ordered["label_en"].tolist(),
            "Unit": [unit[0] for unit in units],
            "Allowed": [allowed(row) for _, row in ordered.iterrows()],
            "How to fill in": ordered["help_en"].tolist(),
        }
    )


def _prompt(sheet: Any, letter: str, field: pd.Series) -> None:
    """A note that shows beside the cell, and a list to choose from where there is one."""
    from openpyxl.worksheet.datavalidation import DataValidation

    choices = {"category": field["choices"], "boolean": "true;false"}.get(str(field["kind"]))
    formula = f'"{",".join(str(choices).split(";"))}"' if choices is not None else None
    rule = DataValidation(type="list" if formula else None, formula1=formula, allow_blank=True)
    rule.showInputMessage = True
    rule.promptTitle = str(field["field"])[:32]
    rule.prompt = f"{field['label_zh']}\n{field['label_en']}"[:255]
    rule.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(rule)


def template_csv(fields: pd.DataFrame) -> bytes:
    """The form as CSV: the header row alone, in UTF-8.

    Parameters
    ----------
    fields : DataFrame
        Table ``firm_fields``.

    Returns
    -------
    bytes
    """
    names = fields.sort_values("position")["field"]
    return (",".join(names) + "\n").encode()


def template_xlsx(fields: pd.DataFrame) -> bytes:
    """The form as a workbook: a sheet to fill in and a sheet of explanations.

    Parameters
    ----------
    fields : DataFrame
        Table ``firm_fields``.

    Returns
    -------
    bytes
        The same for the same table.
    """
    from openpyxl.utils import get_column_letter

    ordered = fields.sort_values("position").reset_index(drop=True)
    book = new_book()
    form = pd.DataFrame(columns=ordered["field"].tolist())
    sheet = add_sheet(book, "firms", form)
    for place, field in ordered.iterrows():
        _prompt(sheet, get_column_letter(int(str(place)) + 1), field)
    widths = {
        "列名 Column": 30.0,
        "名称": 32.0,
        "填写说明": 50.0,
        "Name": 44.0,
        "How to fill in": 60.0,
    }
    widths |= {"可填内容": 30.0, "Allowed": 30.0}
    add_sheet(book, "说明 explanations", explanations(fields), widths)
    return to_bytes(book)
