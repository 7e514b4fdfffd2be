"""One table in every format: what each carries, and that data never become commands."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from helpers.errors import InputError, OutputError
from helpers.publish import cells, table_files, workbook
from helpers.publish.figures import Record
from helpers.publish.table_files import FORMATS, TableStyle, render

RECORD = Record(
    "99_made_up", "Synthetic firms 合成企业", unit="firms 家", base="4 firms", note="All made up.",
    source="nobody",
)  # fmt: skip
FRAME = pd.DataFrame(
    {
        "City 城市": ["鞍山", "Dalian", None, "A & B_1 50% #x {y} ~z^ \\w $"],
        "Firms": pd.array([12790, 88, None, 0], dtype="Int64"),
        "Share (%)": [4.4312, 27.27, float("nan"), 0.0],
        "p": [0.0312, 0.5, 0.7, 0.2],
        "Complete": [True, False, True, False],
    }
)
EVIL = ["=1+1", "+SUM(A1)", "-1+1", "@x", "=cmd|' /C calc'!A0", "\t=1", "<script>alert(1)</script>"]


def test_formats() -> None:
    assert FORMATS == ("csv", "xlsx", "docx", "tex", "md", "html")
    with pytest.raises(InputError, match=r"format odt: .*csv, xlsx, docx, tex, md, html"):
        render(FRAME, RECORD, "odt")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_title_unit_notes_and_sources_are_carried(suffix: str, language: str) -> None:
    content = render(FRAME, RECORD, suffix, language)
    if suffix == "csv":
        return  # data alone; the caption file beside it has the rest
    if suffix == "docx":
        found = Document(io.BytesIO(content))
        text = "\n".join(p.text for p in found.paragraphs)
    elif suffix == "xlsx":
        book = load_workbook(io.BytesIO(content))
        text = "\n".join(str(c.value) for sheet in book for row in sheet for c in row)
    else:
        text = content.decode()
    for wanted in ("Synthetic firms 合成企业", "firms 家", "4 firms", "All made up", "nobody"):
        assert wanted in text, wanted
    assert ("资料来源" in text) == (language == "zh")


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_bytes_every_time(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = render(FRAME, RECORD, suffix)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert render(FRAME.copy(), RECORD, suffix) == first
    if suffix in ("xlsx", "docx"):
        with zipfile.ZipFile(io.BytesIO(first)) as archive:
            assert {info.date_time for info in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def word(frame: pd.DataFrame = FRAME, language: str = "en", **style: Any) -> Any:
    content = render(frame, RECORD, "docx", language, TableStyle(**style))
    return Document(io.BytesIO(content))


def edges(element: Any) -> dict[str, str]:
    return {child.tag.split("}")[1]: child.get(qn("w:sz")) for child in element}


def test_word_table_has_three_lines() -> None:
    (table,) = word().tables
    outer = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert edges(outer) == {"top": "12", "bottom": "12"}
    below = [cell._tc.tcPr.find(qn("w:tcBorders")) for row in table.rows for cell in row.cells]
    assert [edges(found) for found in below[:5]] == [{"bottom": "6"}] * 5
    assert set(below[5:]) == {None}
    order = [child.tag.split("}")[1] for child in table._tbl.tblPr]
    known = [
        "tblStyle",
        "tblW",
        "jc",
        "tblBorders",
        "tblLayout",
        "tblLook",
        "tblCaption",
        "tblDescription",
    ]
    assert order == [name for name in known if name in order] and "tblBorders" in order


def test_word_names_the_fonts_of_both_scripts() -> None:
    document = word(east_asian="仿宋", size=7.5)
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "仿宋" and fonts.get(qn("w:ascii")) == "Times New Roman"
    (table,) = document.tables
    assert {run.font.size.pt for run in table.cell(1, 0).paragraphs[0].runs} == {7.5}
    assert word().styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "宋体"


def test_word_cells_are_the_readers_and_numbers_stand_right() -> None:
    (table,) = word(language="zh").tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == list(FRAME.columns)
    assert rows[1] == ["鞍山", "12,790", "4.43", "0.031", "是"]
    assert rows[3] == ["—", "—", "—", "0.700", "是"]
    sides = [cell.paragraphs[0].alignment for cell in table.rows[1].cells]
    right = WD_ALIGN_PARAGRAPH.RIGHT
    assert sides == [None, right, right, right, None]
    widths = [cell.width for cell in table.rows[1].cells]
    assert sum(widths) <= 17.01 * 360000 and min(widths) > 0.8 * 360000


def test_word_caption_is_numbered_by_a_field_and_repeats_its_head() -> None:
    document = word(language="zh")
    caption = document.paragraphs[0]
    assert caption.text.startswith("表 ") and "Synthetic firms" in caption.text
    (field,) = caption._p.iter(qn("w:fldSimple"))
    assert field.get(qn("w:instr")).split()[:2] == ["SEQ", "表"]
    assert document.tables[0].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_workbook_keeps_numbers_with_their_formats() -> None:
    book = load_workbook(io.BytesIO(render(FRAME, RECORD, "xlsx", "zh")))
    sheet = book["表"]
    assert [c.value for c in sheet[2]] == ["鞍山", 12790, 4.4312, 0.0312, "是"]
    assert [c.number_format for c in sheet[2]][1:4] == ["#,##0", "#,##0.00", "#,##0.000"]
    assert [c.value for c in sheet[4]] == [None, None, None, 0.7, "是"]
    notes = {row[0].value: row[1].value for row in book["说明"].iter_rows(min_row=2)}
    assert notes["单位"] == "firms 家" and notes["资料来源"] == "nobody" and "口径" not in notes


@pytest.mark.parametrize("text", EVIL)
def test_data_never_become_commands(text: str) -> None:
    frame = pd.DataFrame({"name": [text], "n": [-1]})
    sheet = load_workbook(io.BytesIO(render(frame, RECORD, "xlsx")))["Table"]
    assert sheet["A2"].data_type == "s" and sheet["A2"].value == text and sheet["B2"].value == -1
    cell = next(
        iter(
            csv.reader(
                io.StringIO(render(frame, RECORD, "csv").decode("utf-8-sig").partition("\n")[2])
            )
        )
    )
    assert not cell[0].startswith(("=", "+", "-", "@", "\t")) and cell[1] == "-1"
    for suffix in ("html", "md"):
        assert "<script" not in render(frame, RECORD, suffix).decode()


def test_numbers_and_ranges_are_no_formulas() -> None:
    for text in ("-8 to +2", "-3.5", "+12", "-136 至 -48".replace(" ", ""), "-1,200 %", "-5—+8"):
        assert not workbook.is_formula_like(text), text
    for text in ("-1+1", "-x", "--1", "=1", "-1 to cmd"):
        assert workbook.is_formula_like(text), text


# --- LaTeX: read back by a small reader of what a table may hold ----------------------------------

TEX_BACK = {
    r"\textbackslash{}": "\\", r"\textasciitilde{}": "~", r"\textasciicircum{}": "^",
    r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", "{[}": "[", "{]}": "]",
    r"\&": "&", r"\%": "%", r"\$": "$", r"\#": "#", r"\_": "_", r"\{": "{", r"\}": "}",
    "$-$": "−", r"$\geq$": "≥", r"$\leq$": "≤", r"$\times$": "×", r"$\pm$": "±", r"$\approx$": "≈",
    r"$\rightarrow$": "→", r"$\infty$": "∞", r"\allowbreak{}": "", "{*}": "*", r"$\varepsilon$": "ε",
    r"$\varphi$": "φ", "{I}": "Ⅰ", "{II}": "Ⅱ", "{III}": "Ⅲ", "{IV}": "Ⅳ", "{V}": "Ⅴ",
    **{rf"${command}$": letter for command, letter in (
        (r"\alpha", "α"), (r"\beta", "β"), (r"\gamma", "γ"), (r"\delta", "δ"), (r"\theta", "θ"),
        (r"\lambda", "λ"), (r"\mu", "μ"), (r"\pi", "π"), (r"\rho", "ρ"), (r"\sigma", "σ"),
        (r"\tau", "τ"), (r"\chi", "χ"), (r"\Delta", "Δ"), (r"\Sigma", "Σ"), (r"\Phi", "Φ"),
        (r"\Omega", "Ω"),
    )},
}  # fmt: skip
TOKEN = re.compile("|".join(re.escape(key) for key in sorted(TEX_BACK, key=len, reverse=True)))


def plain(text: str) -> str:
    left = TOKEN.sub("", text)
    assert not re.search(r"[\\&%$#_{}~^]", left), left
    return TOKEN.sub(lambda found: TEX_BACK[found[0]], text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])))
def test_every_text_is_plain_in_latex(text: str) -> None:
    assert plain(table_files.tex_text(text)) == text


def tex_rows(source: str) -> list[list[str]]:
    body = source.partition("\\midrule\n")[2].partition("\\bottomrule")[0]
    lines = [line for line in body.splitlines() if line.endswith(r"\\")]
    return [[plain(c) for c in re.split(r" (?<!\\)& ", line[:-3])] for line in lines]


def test_latex_rows_come_back() -> None:
    source = render(FRAME, RECORD, "tex").decode()
    assert tex_rows(source) == [
        [" ".join(text.split()) for text in row] for row in cells.texts(FRAME, "en")
    ]
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\label{tab:99-made-up}"):
        assert source.count(rule) == 1
    assert source.count(r"\begin{") == source.count(r"\end{")
    assert source.startswith("% Packages: array, booktabs; Chinese text: ctex")
    assert "ctex" in render(FRAME, RECORD, "tex", "zh").decode()


def test_a_long_latex_table_goes_over_pages_and_wide_text_is_wrapped() -> None:
    long = pd.DataFrame({"n": range(100)})
    source = render(long, RECORD, "tex").decode()
    assert r"\begin{longtable}{r}" in source and source.count(r"\endhead") == 1
    assert "longtable" in source.splitlines()[0]
    wide = pd.DataFrame({"a": ["text " * 40], "b": ["words " * 40], "n": [1]})
    columns = render(wide, RECORD, "tex").decode()
    shares = [float(x) for x in re.findall(r"\\dimexpr ([\d.]+)\\linewidth-2\\tabcolsep", columns)]
    assert len(shares) == 3 and abs(sum(shares) - 1) < 0.002 and "raggedleft" in columns


def test_latex_rows_that_fill_a_page_break_over_pages_and_many_columns_lie_on_their_side() -> None:
    tall = pd.DataFrame({"a": ["text " * 60] * 20, "n": range(20)})
    assert r"\begin{longtable}" in render(tall, RECORD, "tex").decode()
    wide = pd.DataFrame({f"Unbreakable{n}": ["x"] for n in range(15)})
    source = render(wide, RECORD, "tex").decode()
    assert source.splitlines()[0] == "% Packages: array, booktabs, longtable, pdflscape; " + (
        "Chinese text: ctex, compiled with xelatex."
    )
    assert source.index(r"\begin{landscape}") < source.index(r"\begin{longtable}")


def test_latex_names_what_chinese_needs_wherever_there_is_chinese() -> None:
    plain_record = Record("99_made_up", "Synthetic firms", source="nobody")
    for frame, needed in ((pd.DataFrame({"a": ["x"]}), False), (pd.DataFrame({"a": ["鞍"]}), True)):
        first = render(frame, plain_record, "tex").decode().splitlines()[0]
        assert ("ctex" in first) == needed


def test_latex_may_break_an_address() -> None:
    told = table_files.tex_text("https://www.example.org/a_long/path?id=20221115 x")
    parts = told.split(r"\allowbreak{}")
    assert len(parts) > 6 and max(map(len, parts)) < 20 and plain(told).endswith("20221115 x")
    assert table_files.tex_text("plain words, 12,790.5") == "plain words, 12,790.5"


# --- Years, codes, dates and extremes --------------------------------------------------------------

ODD = pd.DataFrame(
    {
        "Year": [2021, 2022], "年份": pd.array([2021, None], dtype="Int64"), "y": [2021.0, 2022.0],
        "place_id": [210000, 210300], "Firms per year": [2021, 12790],
        "Day": pd.to_datetime(["2024-07-01", None]), "Ratio": [float("inf"), 1.5],
        "p-value": [1e-7, 0.5],
    }
)  # fmt: skip


def test_years_codes_dates_and_extremes_are_written_as_readers_expect() -> None:
    assert cells.texts(ODD, "en") == [
        ["2021", "2021", "2,021", "210000", "2,021", "2024-07-01", "∞", "< 0.0001"],
        ["2022", "—", "2,022", "210300", "12,790", "—", "1.50", "0.5000"],
    ]
    assert cells.cell_text(-1e-7, "en", 4) == "0.0000" and cells.cell_text(0.0, "en", 4) == "0.0000"


def test_a_workbook_holds_years_dates_and_infinity() -> None:
    sheet = load_workbook(io.BytesIO(render(ODD, RECORD, "xlsx"))).worksheets[0]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats[:6] == ["0", "0", "#,##0", "0", "#,##0", "yyyy-mm-dd"]
    assert (sheet["G2"].value, sheet["G2"].data_type) == ("∞", "s") and sheet["G3"].value == 1.5


# --- Markdown and HTML ----------------------------------------------------------------------------


def test_a_note_in_markdown_is_no_list() -> None:
    record = Record("99_made_up", "T", note="all.\n1. first\n- second\n-3 to +2")
    lines = [line.strip() for line in render(FRAME, record, "md").decode().splitlines()]
    assert [line[:4] for line in lines[-3:]] == ["1\\. ", "\\- s", "\\-3 "]


def test_markdown_cells_stay_in_their_columns() -> None:
    frame = pd.DataFrame({"a|b": ["x|y", "new\nline"], "n": [1, 2]})
    lines = render(frame, RECORD, "md").decode().splitlines()
    table = [line for line in lines if line.startswith("| ")]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in table] == [3, 3, 3, 3]
    assert table[1] == "| :--- | ---: |" and table[3] == "| new line | 2 |"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.facts: dict[str, dict[str, str | None]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.facts.setdefault(tag, dict(attrs))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_says_its_language_heads_and_caption() -> None:
    page = Tags()
    page.feed(render(FRAME, RECORD, "html", "zh").decode())
    assert page.facts["html"]["lang"] == "zh-CN" and page.facts["th"]["scope"] == "col"
    assert page.tags.count("td") == 20 and page.tags.count("th") == 5
    assert page.tags.count("caption") == 1 and "鞍山" in page.texts


# --- Cells ----------------------------------------------------------------------------------------


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1))
def test_shown_decimals_are_within_bounds_and_uniform(values: list[float | None]) -> None:
    digits = cells.decimals(values)
    assert 0 <= digits <= 4 and digits != 1
    for value in values:
        text = cells.cell_text(value, "en", digits).removeprefix("< ")
        if value is not None:
            assert len(text.partition(".")[2]) == digits
            text = "0" if text == "0.0001" and value < 0.00005 else text
            assert float(text.replace(",", "")) == pytest.approx(
                value, abs=0.5 * 10**-digits + 1e-9, rel=1e-12
            )


def test_a_rounded_nothing_has_no_sign() -> None:
    assert cells.cell_text(-0.001, "en", 2) == "0.00"


def test_widths_share_the_page() -> None:
    shares = cells.widths(["a", "long text"], [["1", "x" * 300], ["2", "y" * 200]])
    assert sum(shares) == pytest.approx(1) and shares[1] > 4 * shares[0]


def test_written_in_one_step_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "带 空格 的文件夹"
    paths = table_files.write(FRAME, RECORD, folder, ("csv", "docx", "csv"))
    assert [path.name for path in paths] == ["99_made_up.csv", "99_made_up.docx"]
    before = paths[0].read_bytes()

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space"):
        table_files.write(FRAME.head(1), RECORD, folder, ("csv",))
    assert paths[0].read_bytes() == before
    assert sorted(p.name for p in folder.iterdir()) == ["99_made_up.csv", "99_made_up.docx"]


def test_an_empty_table_is_written_in_every_format() -> None:
    empty = pd.DataFrame({"a": pd.Series([], dtype="str"), "b": pd.Series([], dtype="float64")})
    for suffix in FORMATS:
        assert render(empty, RECORD, suffix)


def test_a_short_chinese_heading_stays_in_one_line() -> None:
    """Four characters over a column of one digit are not set one below the other."""
    (least,) = cells.narrowest(["最后批次"], [["4"]])
    assert least >= cells.display_width("最后批次")
