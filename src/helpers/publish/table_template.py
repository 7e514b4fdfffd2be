"""Blank forms of the tables a study of one's own can use, and the page that explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.evidence.overlay import SOURCE
from helpers.evidence.schema import Field, TableSchema
from helpers.publish.workbook import add_sheet, new_book, to_bytes

NOTES_SHEET = "说明 explanations"
_ROWS = 2000
_KINDS = {
    "string": ("text", "文本"), "integer": ("whole number", "整数"), "number": ("number", "数值"),
    "boolean": ("true or false", "true（是）或false（否）"),
    "date": ("date: 2024, 2024-05 or 2024-05-31", "日期：2024、2024-05或2024-05-31"),
}  # fmt: skip
_SOURCE_WORDS = (
    "Where the row comes from, in your own words (title, publisher, date), instead of source_id; cited below every figure that uses the row",
    "该行的出处，用自己的话写明（标题、出版者、日期），代替source_id；凡使用该行的图表均在下方注明",
)


def columns_of(table: TableSchema) -> list[str]:
    """Columns of a form: those of the table and one for a source in free text.

    Parameters
    ----------
    table : TableSchema

    Returns
    -------
    list of str
    """
    free = "source_id" in table.columns and table.name != "sources"
    return [*table.columns, *([SOURCE] if free else [])]


def form_csv(table: TableSchema) -> bytes:
    """The form as CSV: the header row alone, in UTF-8.

    Parameters
    ----------
    table : TableSchema

    Returns
    -------
    bytes
        With a byte-order mark, so that Excel reads Chinese rows that are added.
    """
    return b"\xef\xbb\xbf" + (",".join(columns_of(table)) + "\n").encode()


def allowed(field: Field) -> str:
    """What a cell may hold, in English and Chinese.

    Examples
    --------
    >>> allowed(Field("n", "integer", "Firms", minimum=0))
    'whole number, at least 0 整数，不低于0'
    """
    if field.enum:
        return "; ".join(field.enum)
    en, zh = _KINDS[field.type]
    if field.minimum is not None:
        en, zh = f"{en}, at least {field.minimum:g}", f"{zh}，不低于{field.minimum:g}"
    if field.maximum is not None:
        en, zh = f"{en}, at most {field.maximum:g}", f"{zh}，不高于{field.maximum:g}"
    return f"{en} {zh}"


def explanations(tables: Sequence[TableSchema]) -> pd.DataFrame:
    """One row for each column of each form, in both languages.

    Parameters
    ----------
    tables : sequence of TableSchema

    Returns
    -------
    DataFrame
    """
    heads = [
        "表 Table",
        "列 Column",
        "必填 Required",
        "可填内容 Allowed",
        "单位 Unit",
        "说明",
        "Meaning",
    ]
    rows = []
    for table in tables:
        for item in table.fields:
            free = item.name == "source_id" and SOURCE in columns_of(table)
            need = "source_id | source" if free else "yes 是" if item.required else ""
            rows.append((table.name, item.name, need, allowed(item), item.unit, item.zh, item.en))
        if SOURCE in columns_of(table):
            words = (allowed(Field(SOURCE, "string", "")), "", _SOURCE_WORDS[1], _SOURCE_WORDS[0])
            rows.append((table.name, SOURCE, "source_id | source", *words))
    return pd.DataFrame(rows, columns=heads)


def _prompt(sheet: Any, letter: str, field: Field) -> None:
    """A note beside the cell, and a list to choose from where there is one."""
    from openpyxl.worksheet.datavalidation import DataValidation

    choices = field.enum or (("true", "false") if field.type == "boolean" else ())
    listed = ",".join(choices)
    # A spreadsheet program holds at most 255 characters of choices.
    formula = f'"{listed}"' if choices and len(listed) < 250 else None
    rule = DataValidation(type="list" if formula else None, formula1=formula, allow_blank=True)
    rule.showInputMessage = True
    rule.promptTitle = field.name[:32]
    rule.prompt = f"{field.zh}\n{field.en}"[:255]
    rule.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(rule)


def forms_xlsx(tables: Sequence[TableSchema]) -> bytes:
    """All forms as one workbook: explanations first, then a sheet for each table.

    Parameters
    ----------
    tables : sequence of TableSchema

    Returns
    -------
    bytes
        The same for the same tables.
    """
    from openpyxl.utils import get_column_letter

    book = new_book()
    widths = {
        "表 Table": 26.0,
        "列 Column": 30.0,
        "可填内容 Allowed": 44.0,
        "说明": 44.0,
        "Meaning": 60.0,
    }
    add_sheet(book, NOTES_SHEET, explanations(tables), widths)
    for table in tables:
        columns = columns_of(table)
        sheet = add_sheet(book, table.name, pd.DataFrame(columns=columns))
        for place, item in enumerate(table.fields, start=1):
            _prompt(sheet, get_column_letter(place), item)
        if SOURCE in columns:
            field = Field(SOURCE, "string", *_SOURCE_WORDS)
            _prompt(sheet, get_column_letter(len(columns)), field)
    return to_bytes(book)


def readme(
    place_zh: str, place_en: str, unlocks: pd.DataFrame, tables: Mapping[str, TableSchema]
) -> str:
    """The page of a study's folder, in Chinese and English.

    Parameters
    ----------
    place_zh, place_en : str
    unlocks : DataFrame
        Table ``study_tables``.
    tables : mapping of str to TableSchema

    Returns
    -------
    str
        Markdown.
    """
    rows = [row for row in unlocks.sort_values("position").to_dict("records")
            if row["table_name"] in tables]  # fmt: skip
    chinese = [
        f"| `{row['table_name']}` | {tables[row['table_name']].title_zh} | `{row['notebook']}` | {row['unlocks_zh']} |"
        for row in rows
    ]
    english = [
        f"| `{row['table_name']}` | {tables[row['table_name']].title_en} | `{row['notebook']}` | {row['unlocks_en']} |"
        for row in rows
    ]
    return "\n".join([
        f"# {place_zh} {place_en}", "",
        "## 使用方法", "",
        "1. 填写`data/`中的表：CSV（UTF-8）或`data/tables.xlsx`中的同名工作表，二者任选其一；不填的表留空即可。各列含义见`tables.xlsx`第一张工作表。",
        "2. 每行须注明来源：`source_id`填`sources`表中的编号，或在`source`列直接写明出处。空单元格一律表示“没有来源给出该数值”。",
        "3. 参数在`parameters.yml`中。",
        "4. 官方名单（XLSX、XLS、CSV、DOCX、PDF）由`study import 名单 --into 本文件夹`读入：逐行说明去向见`imports/`，待人工核对的内容写入`review/`，填写后重新导入即生效。",
        "5. 与本项目某行主键相同的行代替该行；若要撤去该行，请原样抄录，另加一列`withdrawn`写明理由并注明来源，`study check`会列出。非必填的列可以省略。", "",
        "```", "study import 名单 --into 本文件夹 --batch 5 --basis certified", "study check 本文件夹    # 一次列出全部问题，并说明各部分资料是否齐备",
        "study run 本文件夹      # 结果写入 output/", "study diff 旧 新        # 两次运行有何不同，由哪张表引起", "```", "",
        "| 表 | 名称 | 笔记本 | 用途 |", "|---|---|---|---|", *chinese, "",
        "## How to use this folder", "",
        "1. Fill in the tables of `data/`: the CSV file (UTF-8) or the sheet of that name in `data/tables.xlsx`, whichever you like; leave the others as they are. The first sheet of `tables.xlsx` explains every column.",
        "2. Each row says where it comes from: an id of the table `sources` in `source_id`, or your own words in `source`. A blank cell always means: no source gives it.",
        "3. The parameters are in `parameters.yml`.",
        "4. Official lists (XLSX, XLS, CSV, DOCX, PDF) are read by `study import LIST --into FOLDER`: `imports/` accounts for every row, `review/` holds what a person has to decide; fill it in and import again.",
        "5. A row with the key of one of the project's takes its place. To withdraw that row, copy it, add a column `withdrawn` with the reason, and name your source; `study check` lists such rows. Columns that are not required may be left out.", "",
        "```", "study import LIST --into FOLDER --batch 5 --basis certified", "study check FOLDER    # lists all faults at once and says how complete each section will be",
        "study run FOLDER      # writes results to output/", "study diff OLD NEW    # what changed between two runs, and because of which table", "```", "",
        "| table | title | notebook | what it unlocks |", "|---|---|---|---|", *english, "",
    ])  # fmt: skip
