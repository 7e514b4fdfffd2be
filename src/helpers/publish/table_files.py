"""One table in the formats that papers are written in.

LaTeX with booktabs, a three-line table for Word, a workbook, Markdown, HTML and CSV are made from
the same frame and record: each carries the title, the unit, the notes and the sources.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.publish import cells, workbook
from helpers.publish.figures import Record
from helpers.publish.files import write_all
from helpers.publish.tables import csv_bytes

_LONG = 45  # rows that fit on a page of a LaTeX document
_UPRIGHT = 107  # half-width cells of 9 points in a line of an upright A4 page
_SIDEWAYS = 155  # and of one on its side
_BETWEEN = 3  # half-width cells between two columns of LaTeX


@dataclass(frozen=True)
class TableStyle:
    """Faces and size of a table in a text document.

    Parameters
    ----------
    latin, east_asian : str
        Names of the fonts as Word knows them.
    size : float
        Points; 小五 is 9, 六号 is 7.5.
    """

    latin: str = "Times New Roman"
    east_asian: str = "宋体"
    size: float = 9.0


def notes_of(record: Record, language: str) -> list[str]:
    """Lines below a table: unit, base and the like, the note, the sources."""
    return [line for line in record.footer(language).split("\n") if line]


def _heads(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame.columns]


def _numeric(frame: pd.DataFrame) -> list[bool]:
    return [cells.is_numeric(frame.iloc[:, number]) for number in range(frame.shape[1])]


# --- Markdown and HTML ------------------------------------------------------------------------

_LIST = re.compile(r"^(\d*)([.)+-])")
_MARKS = re.compile(r"([\\`*_{}\[\]|#~$])")


def _markdown_text(text: str) -> str:
    return escape(_MARKS.sub(r"\\\1", " ".join(text.split())), quote=False)


def to_markdown(frame: pd.DataFrame, record: Record, language: str = "en") -> str:
    r"""A table in Markdown with pipes; signs of Markdown and HTML in a cell are escaped.

    Parameters
    ----------
    frame : DataFrame
    record : Record
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> table = to_markdown(pd.DataFrame({"City": ["a|b"], "n": [1200]}), Record("x", "Firms"))
    >>> print(table)
    **Firms**
    <BLANKLINE>
    | City | n |
    | :--- | ---: |
    | a\|b | 1,200 |
    <BLANKLINE>
    """
    rows = [_heads(frame), *cells.texts(frame, language)]
    lines = ["| " + " | ".join(map(_markdown_text, row)) + " |" for row in rows]
    rule = " | ".join("---:" if number else ":---" for number in _numeric(frame))
    lines.insert(1, f"| {rule} |")
    # A number or a dash at the beginning would make a list.
    told = (_markdown_text(line) for line in notes_of(record, language))
    notes = [_LIST.sub(r"\1\\\2", line) + "  " for line in told]
    parts = [f"**{_markdown_text(record.title)}**", "\n".join(lines), "\n".join(notes)]
    return "\n\n".join(parts).rstrip() + "\n"


CSS = (
    "table.three-line{border-collapse:collapse;border-top:2px solid;border-bottom:2px solid}"
    "table.three-line thead th{border-bottom:1px solid;vertical-align:bottom;text-align:left}"
    "table.three-line th,table.three-line td{padding:.2em .6em;vertical-align:top;text-align:left}"
    "table.three-line .number{text-align:right;white-space:nowrap}"
    "table.three-line caption{text-align:left;font-weight:bold;padding:.3em 0}"
    ".table-notes{font-size:85%}"
)


def html_table(frame: pd.DataFrame, record: Record, language: str = "en") -> str:
    """A table as a fragment of HTML, with its title as caption and its notes below.

    Parameters
    ----------
    frame : DataFrame
        All text is escaped.
    record : Record
    language : {"en", "zh"}

    Returns
    -------
    str
    """
    numeric = _numeric(frame)
    faces = [' class="number"' if number else "" for number in numeric]
    head = "".join(
        f'<th scope="col"{face}>{escape(name)}</th>'
        for name, face in zip(_heads(frame), faces, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{face}>{escape(text)}</td>" for text, face in zip(row, faces, strict=True))
        + "</tr>\n"
        for row in cells.texts(frame, language)
    )
    notes = "<br>".join(map(escape, notes_of(record, language)))
    return (
        f'<table class="three-line" lang="{_LANG[language]}"><caption>{escape(record.title)}'
        f"</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n"
        f'<p class="table-notes" lang="{_LANG[language]}">{notes}</p>'
    )


_LANG = {"en": "en", "zh": "zh-CN"}


def to_html(frame: pd.DataFrame, record: Record, language: str = "en") -> str:
    """A table as a page of its own; see :func:`html_table`."""
    return (
        f'<!DOCTYPE html>\n<html lang="{_LANG[language]}"><head><meta charset="utf-8">'
        f"<title>{escape(record.title)}</title><style>{CSS}</style></head>\n<body>\n"
        f"{html_table(frame, record, language)}\n</body></html>\n"
    )


# --- LaTeX ------------------------------------------------------------------------------------

_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "−": "$-$", "≥": r"$\geq$",
    "≤": r"$\leq$", "×": r"$\times$", "±": r"$\pm$", "≈": r"$\approx$", "∞": r"$\infty$", "→": r"$\rightarrow$",
    # These would be read as an option of the line break before them.
    "[": "{[}", "]": "{]}", "*": "{*}",
    "Ⅰ": "{I}", "Ⅱ": "{II}", "Ⅲ": "{III}", "Ⅳ": "{IV}", "Ⅴ": "{V}",
    "α": r"$\alpha$", "β": r"$\beta$", "γ": r"$\gamma$", "δ": r"$\delta$",
    "ε": r"$\varepsilon$", "θ": r"$\theta$", "λ": r"$\lambda$", "μ": r"$\mu$", "π": r"$\pi$",
    "ρ": r"$\rho$", "σ": r"$\sigma$", "τ": r"$\tau$", "φ": r"$\varphi$", "χ": r"$\chi$",
    "Δ": r"$\Delta$", "Σ": r"$\Sigma$", "Φ": r"$\Phi$", "Ω": r"$\Omega$",
}  # fmt: skip
# Addresses and the like, which TeX would not break by itself, and where they may be broken.
_UNBROKEN = re.compile(r"[!-~]{13,}")
_JOINT = re.compile(r"[^/._;:=?&-]{1,16}[/._;:=?&-]*|[/._;:=?&-]+")
_HAN = re.compile("[\u3400-\u9fff]")


def tex_text(text: str) -> str:
    r"""A text in which nothing is a command of LaTeX.

    Examples
    --------
    >>> tex_text("R&D 4 %, x_1")
    'R\\&D 4 \\%, x\\_1'
    """
    words = []
    for word in text.split():
        parts = _JOINT.findall(word) if _UNBROKEN.fullmatch(word) else [word]
        words.append(r"\allowbreak{}".join("".join(_TEX.get(c, c) for c in p) for p in parts))
    return " ".join(words)


def _tex_columns(
    frame: pd.DataFrame, rows: list[list[str]], room: float
) -> tuple[str, int]:  # fmt: skip
    """Kinds of the columns, and how many lines the rows take, in a line of half-width cells."""
    heads, numeric = _heads(frame), _numeric(frame)
    columns = list(zip(heads, *rows, strict=True))
    total = sum(max(map(cells.display_width, column)) + _BETWEEN for column in columns)
    if total <= room:
        return "".join("r" if number else "l" for number in numeric), len(rows)
    shares = cells.widths(heads, rows, room)
    kinds = []
    for share, number in zip(shares, numeric, strict=True):
        side = "raggedleft" if number else "raggedright"
        width = rf"\dimexpr {share:.3f}\linewidth-2\tabcolsep\relax"
        kinds.append(rf">{{\{side}\arraybackslash}}p{{{width}}}")
    inner = [max(1.0, share * room - _BETWEEN) for share in shares]
    lines = sum(
        max(
            math.ceil(cells.display_width(text) / wide)
            for text, wide in zip(row, inner, strict=True)
        )
        for row in rows
    )
    return "".join(kinds), lines


def to_latex(frame: pd.DataFrame, record: Record, language: str = "en") -> str:
    """A table for LaTeX with the rules of booktabs.

    Parameters
    ----------
    frame : DataFrame
        More lines than a page holds make a ``longtable``, more columns a page on its side.
    record : Record
    language : {"en", "zh"}

    Returns
    -------
    str
        Its first lines name the packages it needs.
    """
    rows = cells.texts(frame, language)
    wide = _is_wide(frame, language)
    columns, lines = _tex_columns(frame, rows, _SIDEWAYS if wide else _UPRIGHT)
    long = wide or lines > _LONG
    head = " & ".join(map(tex_text, _heads(frame))) + r" \\"
    body = "\n".join(" & ".join(map(tex_text, row)) + r" \\" for row in rows)
    notes = r" \\ ".join(map(tex_text, notes_of(record, language)))
    title = rf"\caption{{{tex_text(record.title)}}}\label{{tab:{_label(record.name)}}}"
    packages = "array, booktabs" + ", longtable" * long + ", pdflscape" * wide
    chinese = language == "zh" or _HAN.search(head + body + notes + title)
    engine = "; Chinese text: ctex, compiled with xelatex" if chinese else ""
    small = "\\footnotesize"
    if long:
        table = (
            f"\\begingroup{small}\n\\begin{{longtable}}{{{columns}}}\n{title} \\\\\n\\toprule\n"
            f"{head}\n\\midrule\n\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n"
            f"{body}\n\\bottomrule\n\\end{{longtable}}\n\\par\\noindent {notes}\n\\endgroup\n"
        )
    else:
        table = (
            f"\\begin{{table}}[htbp]\n\\centering{small}\n{title}\n\\begin{{tabular}}{{{columns}}}\n"
            f"\\toprule\n{head}\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}\n"
            f"\\par\\smallskip\n\\begin{{minipage}}{{\\linewidth}}{small} {notes}\\end{{minipage}}\n"
            "\\end{table}\n"
        )
    if wide:
        table = f"\\begin{{landscape}}\n{table}\\end{{landscape}}\n"
    return f"% Packages: {packages}{engine}.\n{table}"


def _label(name: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", name).strip("-")


# --- Excel ------------------------------------------------------------------------------------

_NOTES = {
    "en": ("Title", "Unit", "Base", "Period", "Basis", "As of", "Note", "Source"),
    "zh": ("标题", "单位", "基数", "时期", "口径", "截至", "注", "资料来源"),
}
_SHEETS = {"en": ("Table", "Notes"), "zh": ("表", "说明")}


def to_workbook(frame: pd.DataFrame, record: Record, language: str = "en") -> bytes:
    """A workbook: the table with number formats on one sheet, unit, notes and sources on another.

    Parameters
    ----------
    frame : DataFrame
        Numbers stay numbers, missing cells stay empty, texts are never computed.
    record : Record
    language : {"en", "zh"}

    Returns
    -------
    bytes
        The same every time.
    """
    book = workbook.new_book()
    heads, shown = _heads(frame), cells.texts(frame, language)
    wide = {
        head: float(max(8, min(48, max(map(cells.display_width, column)) + 2)))
        for head, column in zip(heads, zip(heads, *shown, strict=True), strict=True)
    }
    readable = frame.map(lambda value: _yes_no(value, language))
    sheet = workbook.add_sheet(book, _SHEETS[language][0], readable.set_axis(heads, axis=1), wide)
    faces = zip(cells.places(frame), cells.grouped(frame), strict=True)
    for place, (digits, grouped) in enumerate(faces, start=1):
        whole = "#,##0" if grouped else "0"
        for row in range(2, len(frame) + 2):
            value = sheet.cell(row, place).value
            if isinstance(value, float):
                sheet.cell(row, place).number_format = whole + ("." + "0" * digits) * (digits > 0)
            elif isinstance(value, int):
                sheet.cell(row, place).number_format = whole
            elif isinstance(value, datetime):
                sheet.cell(row, place).number_format = "yyyy-mm-dd"
    facts = (
        record.title, record.unit, record.base, record.period, record.basis, record.as_of,
        record.note, record.source,
    )  # fmt: skip
    told = [pair for pair in zip(_NOTES[language], facts, strict=True) if pair[1]]
    notes = pd.DataFrame(told, columns=["", " "])
    workbook.add_sheet(book, _SHEETS[language][1], notes, {"": 14.0, " ": 90.0})
    return workbook.to_bytes(book)


def _yes_no(value: Any, language: str) -> Any:
    """Truth values, and numbers that a workbook cannot hold, as their reader sees them."""
    infinite = isinstance(value, float) and math.isinf(value)
    return cells.cell_text(value, language) if isinstance(value, bool) or infinite else value


# --- Word -------------------------------------------------------------------------------------

_CAPTION = {"en": "Table ", "zh": "表 "}


def to_word(
    frame: pd.DataFrame, record: Record, language: str = "en", style: TableStyle | None = None
) -> bytes:
    """A three-line table for Word, with its numbered caption above and its notes below.

    Parameters
    ----------
    frame : DataFrame
    record : Record
    language : {"en", "zh"}
    style : TableStyle or None
        Fonts by name; Chinese text takes the East Asian one.

    Returns
    -------
    bytes
        The same every time.
    """
    from docx import Document

    document = Document()
    _set_page(document, style or TableStyle(), _is_wide(frame, language))
    add_word_table(document, frame, record, language, style)
    document.core_properties.title = record.title
    document.core_properties.author = ""
    document.core_properties.comments = ""
    raw = io.BytesIO()
    document.save(raw)
    return workbook.steady(raw.getvalue(), compressed=True)


def _is_wide(frame: pd.DataFrame, language: str) -> bool:
    """Whether a table would break words on an upright page."""
    return sum(cells.narrowest(_heads(frame), cells.texts(frame, language))) > _UPRIGHT


def _set_page(document: Any, style: TableStyle, wide: bool) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = style.latin, Pt(style.size)
    face = normal.element.get_or_add_rPr()
    face.get_or_add_rFonts().set(qn("w:eastAsia"), style.east_asian)
    face.append(face.makeelement(qn("w:lang"), {qn("w:val"): "en-GB", qn("w:eastAsia"): "zh-CN"}))
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    short, long = Cm(21.0), Cm(29.7)
    section.page_width, section.page_height = (long, short) if wide else (short, long)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(2.0))


def add_word_table(
    document: Any, frame: pd.DataFrame, record: Record, language: str = "en",
    style: TableStyle | None = None,
) -> None:  # fmt: skip
    """Append a three-line table to a document of python-docx.

    Parameters
    ----------
    document : docx.document.Document
    frame, record, language, style
        See :func:`to_word`.
    """
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Length

    style = style or TableStyle()
    _caption(document, record.title, language)
    heads, rows, numeric = _heads(frame), cells.texts(frame, language), _numeric(frame)
    table = document.add_table(rows=0, cols=len(heads))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    section = document.sections[0]
    room = Length(section.page_width - section.left_margin - section.right_margin)
    # A half-width cell is half as wide as the letters are high.
    columns = room.pt / (style.size / 2)
    wide = [int(room * share) for share in cells.widths(heads, rows, columns)]
    for row in (heads, *rows):
        _word_row(table, row, numeric, wide, style)
    for place, width in enumerate(wide):
        table.columns[place].width = width
    _three_lines(table, record)
    for line in notes_of(record, language):
        _word_text(document.add_paragraph(), line, style.size - 1)


def _word_text(paragraph: Any, text: str, size: float) -> None:
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.space_before = Pt(0)
    # Signs that XML cannot hold.
    run = paragraph.add_run(workbook.printable(text))
    run.font.size = Pt(size)


def _word_row(
    table: Any, row: list[str], numeric: list[bool], wide: list[int], style: TableStyle
) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for cell, text, number, width in zip(table.add_row().cells, row, numeric, wide, strict=True):
        cell.width = width
        _word_text(cell.paragraphs[0], text, style.size)
        if number:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _caption(document: Any, title: str, language: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run(_CAPTION[language])
    # A field, so that Word numbers the captions of a document by itself.
    number_field(paragraph, _CAPTION[language].strip())
    paragraph.add_run("  " + workbook.printable(title))


def number_field(paragraph: Any, series: str) -> None:
    """Append a field that counts the captions of a series, showing 1 until it is updated."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), rf" SEQ {series} \* ARABIC ")
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _three_lines(table: Any, record: Record) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom"):
        borders.append(_border(side, 12))
    # Word refuses a table whose properties are out of order: borders stand before the layout.
    properties.find(qn("w:tblLayout")).addprevious(borders)
    for tag, text in (("w:tblCaption", record.title), ("w:tblDescription", record.unit)):
        if text:
            element = OxmlElement(tag)
            element.set(qn("w:val"), workbook.printable(text))
            properties.append(element)
    head = table.rows[0]
    repeat = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeat)
    for cell in head.cells:
        edges = OxmlElement("w:tcBorders")
        edges.append(_border("bottom", 6))
        cell._tc.get_or_add_tcPr().append(edges)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _border(side: str, eighths: int) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    border = OxmlElement(f"w:{side}")
    facts = {"val": "single", "sz": str(eighths), "space": "0", "color": "000000"}
    for name, value in facts.items():
        border.set(qn(f"w:{name}"), value)
    return border


# --- All formats ------------------------------------------------------------------------------

Writer = Callable[[pd.DataFrame, Record, str, TableStyle | None], bytes]
_WRITERS: Mapping[str, Writer] = {
    "csv": lambda frame, record, language, style: csv_bytes(frame),
    "xlsx": lambda frame, record, language, style: to_workbook(frame, record, language),
    "docx": to_word,
    "tex": lambda frame, record, language, style: to_latex(frame, record, language).encode(),
    "md": lambda frame, record, language, style: to_markdown(frame, record, language).encode(),
    "html": lambda frame, record, language, style: to_html(frame, record, language).encode(),
}
FORMATS = tuple(_WRITERS)


def render(
    frame: pd.DataFrame, record: Record, suffix: str, language: str = "en",
    style: TableStyle | None = None,
) -> bytes:  # fmt: skip
    """A table as the content of a file.

    Parameters
    ----------
    frame : DataFrame
        Column names are what the reader sees.
    record : Record
    suffix : {"csv", "xlsx", "docx", "tex", "md", "html"}
    language : {"en", "zh"}
    style : TableStyle or None
        Fonts of a Word document.

    Returns
    -------
    bytes
        The same every time.

    Raises
    ------
    InputError
        Of another suffix.
    """
    if suffix not in _WRITERS:
        raise InputError(f"format {suffix}: a table has none like it. Give {', '.join(FORMATS)}.")
    return _WRITERS[suffix](frame, record, language, style)


def write(
    frame: pd.DataFrame, record: Record, folder: Path, suffixes: Iterable[str] = FORMATS,
    language: str = "en", style: TableStyle | None = None,
) -> list[Path]:  # fmt: skip
    """Write a table in several formats; all are made before the first is written.

    Parameters
    ----------
    frame, record, language, style
        See :func:`render`.
    folder : Path
        Created if need be.
    suffixes : iterable of str

    Returns
    -------
    list of Path
        ``<name>.<suffix>``, replaced together.
    """
    made = {
        folder / f"{record.name}.{suffix}": render(frame, record, suffix, language, style)
        for suffix in dict.fromkeys(suffixes)
    }
    write_all(made)
    return list(made)
