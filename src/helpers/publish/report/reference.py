"""How the Word document looks: styles by name, faces as Chinese journals ask, three-line tables."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpers.publish.workbook import steady

# Word takes the first face for Latin letters and the second for Chinese ones.
_TEXT = ("Times New Roman", "宋体")
_HEAD = ("Arial", "黑体")
_INK = "000000"
_CELL = "Table Text"
_STAMP = (2000, 1, 1, 0, 0, 0)


def _faces(style: Any, faces: tuple[str, str], size: float, bold: bool = False) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.bold = faces[0], Pt(size), bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(_INK)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    fonts.set(qn("w:hAnsi"), faces[0])
    fonts.set(qn("w:cs"), faces[0])
    fonts.set(qn("w:eastAsia"), faces[1])


def _spacing(style: Any, before: float, after: float, line: float, keep: bool = False) -> None:
    from docx.shared import Pt

    shape = style.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing, shape.keep_with_next = line, keep


def _own_style(document: Any, name: str, base: str) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles[base]
    return style


def _styles(document: Any, language: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    styles = document.styles
    for name in ("Normal", "Body Text", "First Paragraph"):
        _faces(styles[name], _TEXT, 10.5)
        _spacing(styles[name], 3, 3, 1.25)
        # Two characters, as Chinese print has it; lists and tables have styles of their own.
        if language == "zh" and name != "Normal":
            styles[name].paragraph_format.first_line_indent = Pt(21)
    _faces(styles["Compact"], _TEXT, 10.5)
    _spacing(styles["Compact"], 1, 1, 1.15)
    for level, size in ((1, 16), (2, 14), (3, 12), (4, 10.5)):
        _faces(styles[f"Heading {level}"], _HEAD, size)
        _spacing(styles[f"Heading {level}"], 14, 8, 1.2, keep=True)
    styles["Heading 1"].paragraph_format.page_break_before = True
    _faces(styles["Title"], _HEAD, 22)
    _faces(styles["Subtitle"], _TEXT, 12)
    for name, keep in (("Image Caption", False), ("Table Caption", True)):
        _faces(styles[name], _HEAD, 9)
        _spacing(styles[name], 6, 6, 1.1, keep)
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _spacing(styles["Captioned Figure"], 8, 2, 1, keep=True)
    styles["Captioned Figure"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    note = _own_style(document, "Source Note", "Normal")
    _faces(note, _TEXT, 7.5)
    _spacing(note, 1, 1, 1)
    claim = _own_style(document, "Claim", "Normal")
    _faces(claim, _TEXT, 9)
    _spacing(claim, 1, 1, 1.1)
    claim.paragraph_format.left_indent = Pt(12)
    cell = _own_style(document, _CELL, "Normal")
    _faces(cell, _TEXT, 7.5)
    _spacing(cell, 1, 1, 1)
    _faces(styles["Hyperlink"], _TEXT, 10.5)
    styles["Hyperlink"].font.size = None
    _faces(styles["Verbatim Char"], ("Consolas", "宋体"), 9)


def _table_style(document: Any) -> None:
    """Lines above, below and under the head; small type; the head repeats on the next page."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn

    style = document.styles["Table"].element
    for name in ("w:tblPr", "w:tblStylePr", "w:rPr", "w:pPr"):
        for old in style.findall(qn(name)):
            style.remove(old)
    fonts = f'<w:rFonts w:ascii="{_TEXT[0]}" w:hAnsi="{_TEXT[0]}" w:eastAsia="{_TEXT[1]}"/>'
    thick, thin = 'w:val="single" w:sz="12"', 'w:val="single" w:sz="6"'
    plain = 'w:space="0" w:color="auto"'
    for xml in (
        f'<w:pPr {nsdecls("w")}><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr>',
        f'<w:rPr {nsdecls("w")}>{fonts}<w:sz w:val="15"/><w:szCs w:val="15"/></w:rPr>',
        f"<w:tblPr {nsdecls('w')}><w:tblBorders><w:top {thick} {plain}/><w:bottom {thick} {plain}/></w:tblBorders>"
        '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>',
        f'<w:tblStylePr {nsdecls("w")} w:type="firstRow"><w:tcPr><w:tcBorders><w:bottom {thin} {plain}/>'
        "</w:tcBorders></w:tcPr></w:tblStylePr>",
    ):
        style.append(parse_xml(xml))


def _page(document: Any) -> None:
    """A4 with a page number below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.4)
    line = section.footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line._p.append(
        parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        )
    )


def reference_document(language: str) -> bytes:
    """A document whose styles pandoc takes over.

    Parameters
    ----------
    language : {"en", "zh"}
        In Chinese paragraphs begin two characters in.

    Returns
    -------
    bytes
    """
    import pypandoc
    from docx import Document

    command = [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"]
    plain = subprocess.run(command, capture_output=True, check=True).stdout
    document = Document(io.BytesIO(plain))
    _styles(document, language)
    _table_style(document)
    _page(document)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _settle_tables(document: Any) -> None:
    """Small type in cells, heads that repeat on the next page, and no row torn apart by it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for table in document.element.body.iter(qn("w:tbl")):
        for place, row in enumerate(table.iter(qn("w:tr"))):
            properties = row.get_or_add_trPr()
            for name in ["w:cantSplit", *(["w:tblHeader"] if place == 0 else [])]:
                if properties.find(qn(name)) is None:
                    properties.append(OxmlElement(name))
        # The style of a paragraph is stronger than that of its table.
        for style in table.iter(qn("w:pStyle")):
            style.set(qn("w:val"), _CELL.replace(" ", ""))


def finish(content: bytes, language: str) -> bytes:
    """What pandoc leaves undone: footers of all sections, heads of tables, a steady archive.

    Parameters
    ----------
    content : bytes
        A document made by pandoc.
    language : {"en", "zh"}

    Returns
    -------
    bytes
        The same for the same text, whatever the day.
    """
    from docx import Document
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    document = Document(io.BytesIO(content))
    last = document.element.body.sectPr
    footers = last.findall(qn("w:footerReference")) if last is not None else []
    first = document.sections[0]._sectPr
    if first is not last and first.find(qn("w:footerReference")) is None:
        for place, one in enumerate(footers):
            copied = OxmlElement("w:footerReference")
            for name, value in one.attrib.items():
                copied.set(name, value)
            first.insert(place, copied)
    _settle_tables(document)
    properties = document.core_properties
    properties.language = {"en": "en-GB", "zh": "zh-CN"}[language]
    # pandoc writes the time of the day, which would make every document another one.
    properties.created = properties.modified = datetime(*_STAMP)
    raw = io.BytesIO()
    document.save(raw)
    return steady(raw.getvalue(), compressed=True)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive whose members bear no time.

    Parameters
    ----------
    files : mapping of name to content

    Returns
    -------
    bytes

    Examples
    --------
    >>> archive({"a": b"1"}) == archive({"a": b"1"})
    True
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_STAMP)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            made.writestr(entry, content)
    return target.getvalue()
