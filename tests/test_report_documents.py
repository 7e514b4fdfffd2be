"""The report's files: pages, Word and PDF of a made-up study, opened by other programs."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import report_study
from pypdf import PdfReader

from helpers.errors import InputError
from helpers.publish.report import web
from helpers.run.report import make_report

NEEDED = ("sphinx", "furo", "myst_parser", "pypandoc", "typst")


def need(found: bool, reason: str) -> None:
    """Skip, saying so; under STUDY_BROWSER, which ``make pages`` sets, fail instead."""
    if not found:
        if os.environ.get("STUDY_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module", params=["en", "zh"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    need(not missing, f"{missing} not installed: run python bootstrap.py report")
    root = tmp_path_factory.mktemp("report") / "有 空格"
    return make_report(report_study.make(root / request.param, request.param))


def chinese(report: Path) -> bool:
    return report.parent.name == "zh"


def test_two_builds_are_equal_to_the_byte(report: Path) -> None:
    def sums() -> dict[str, str]:
        files = [path for path in sorted(report.rglob("*")) if path.is_file()]
        return {
            str(path.relative_to(report)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
        }

    first = sums()
    assert {"index.html", "report.docx", "report.pdf", "searchindex.js"} < set(first)
    make_report(report.parent)
    assert sums() == first
    assert list(report.parent.glob(".report-*")) == []


def test_pages_speak_one_language(report: Path) -> None:
    text = (report / "01_made_up.html").read_text(encoding="utf-8")
    assert ("中文正文" in text) == chinese(report)
    assert ("English prose" in text) != chinese(report)
    frame = text.partition("<article")[0] + text.partition("</article>")[2]
    english = [word for word in web._FURO_ZH if f">{word}<" in frame or f'="{word}"' in frame]
    assert (english == []) == chinese(report)
    assert "Made with" not in text
    assert f'lang="{"zh-CN" if chinese(report) else "en"}"' in text


def test_hostile_text_is_escaped_in_every_page(report: Path) -> None:
    for path in report.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text and "onerror=alert(1)>" not in text.replace("&gt;", "")
        assert "<img src=x" not in text, path.name
    page = (report / "01_made_up.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert" in page


def document(path: Path) -> Any:
    from docx import Document

    return Document(str(path))


def test_word_document(report: Path) -> None:
    made = document(report / "report.docx")
    text = "\n".join(paragraph.text for paragraph in made.paragraphs)
    cells = "\n".join(
        cell.text for table in made.tables for row in table.rows for cell in row.cells
    )
    assert report_study.HOSTILE in cells and report_study.RARE in cells
    assert ("中文正文" in text) == chinese(report)
    captions = [p for p in made.paragraphs if p.style.name in ("Image Caption", "Table Caption")]
    fields = [p._p.xpath(".//w:fldSimple/@w:instr") for p in captions]
    assert [one[0].split()[:2] for one in fields] == [["SEQ", "Figure"], ["SEQ", "Table"]]
    label = captions[0]._p.xpath("string(.)")
    assert label.startswith("图1\u3000合成" if chinese(report) else "Figure\u00a01.\u00a0Made-up")
    pictures = made.element.body.xpath(".//pic:cNvPr/@descr | .//wp:docPr/@descr")
    wanted = report_study.RECORD_ZH.alt if chinese(report) else report_study.RECORD.alt
    assert any(wanted in one for one in pictures)


def test_word_tables_have_three_lines_and_chinese_faces(report: Path) -> None:
    made = document(report / "report.docx")
    style = made.styles["Table"].element
    borders = style.xpath("./w:tblPr/w:tblBorders/*/@w:val")
    assert borders == ["single", "single"]
    assert style.xpath("./w:tblStylePr[@w:type='firstRow']//w:tcBorders/w:bottom/@w:val") == [
        "single"
    ]
    for name in ("Normal", "Body Text", "Table Text"):
        faces = made.styles[name].element.xpath(".//w:rFonts")[0].attrib
        values = {key.split("}")[1]: value for key, value in faces.items()}
        assert values["eastAsia"] == "宋体" and values["ascii"] == "Times New Roman"
    for table in made.tables:
        assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
        assert {p.style.name for row in table.rows for cell in row.cells for p in cell.paragraphs} == {"Table Text"}  # fmt: skip


def test_word_pictures_are_fit_for_print(report: Path) -> None:
    from PIL import Image

    with zipfile.ZipFile(report / "report.docx") as archive:
        media = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert len(media) == 1
        with Image.open(io.BytesIO(archive.read(media[0]))) as image:
            pixels = image.width
        assert {entry.date_time[0] for entry in archive.infolist()} == {2000}
    extent = document(report / "report.docx").inline_shapes[0].width.inches
    assert pixels / extent >= 270


def test_word_opens_in_libreoffice(report: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    need(office is not None, "LibreOffice is not installed.")
    command = [str(office), f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless",
               "--convert-to", "pdf", "--outdir", str(tmp_path), str(report / "report.docx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    printed = PdfReader(tmp_path / "report.pdf")
    text = "".join(page.extract_text() for page in printed.pages)
    # Without the fonts the document names, a line may break anywhere between Chinese letters.
    assert len(printed.pages) >= 3 and "合成公司" in "".join(text.split())


def test_pdf(report: Path) -> None:
    printed = PdfReader(report / "report.pdf")
    text = "".join(page.extract_text() for page in printed.pages)
    assert report_study.RARE in text and "<script>" in text
    assert ("图 1" in text or "图1" in text) if chinese(report) else "Figure 1" in text
    assert printed.trailer["/Root"].get("/MarkInfo"), "not tagged"
    assert printed.metadata is not None and printed.metadata.title
    assert "/CreationDate" not in printed.metadata


def test_pdf_embeds_every_font(report: Path) -> None:
    tool = shutil.which("pdffonts")
    need(tool is not None, "pdffonts (poppler-utils) is not installed.")
    told = subprocess.run(
        [str(tool), str(report / "report.pdf")], capture_output=True, text=True, check=True
    )
    head, _, *lines = told.stdout.splitlines()
    place = head.index("emb")
    assert len(lines) >= 2
    assert [line for line in lines if line[place:].split()[0] != "yes"] == []


def test_figures_are_offered_in_all_formats(report: Path) -> None:
    page = (report / "01_made_up.html").read_text(encoding="utf-8")
    for file in ("01_made_up.svg.zip", "01_made_up.pdf", "01_made_up.png", "01_made_up.csv"):
        assert f'href="figures/{file}"' in page
        assert (report / "figures" / file).stat().st_size > 50
    with zipfile.ZipFile(report / "figures" / "01_made_up.svg.zip") as archive:
        original = report.parent / "figures" / "01_made_up.svg"
        assert archive.read("01_made_up.svg") == original.read_bytes()
    own = (report.parent / "figures" / "01_made_up.pdf").read_bytes()
    assert (report / "figures" / "01_made_up.pdf").read_bytes() == own


def test_prose_that_sphinx_cannot_read_is_named(tmp_path: Path) -> None:
    need(importlib.util.find_spec("sphinx") is not None, "Sphinx is not installed.")
    import nbformat

    folder = report_study.make(tmp_path / "en")
    path = folder / "notebooks" / "01_made_up.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("```{nothing-like-it}\nx\n```"))
    nbformat.write(notebook, path)
    with pytest.raises(InputError, match="nothing-like-it"):
        make_report(folder, ["web"])
    assert not (folder / "report").exists() and not list(folder.glob(".report-*"))
