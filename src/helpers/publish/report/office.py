"""The report as a Word document and as a PDF: one HTML text, which pandoc turns into both."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from html import escape
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib as mpl

from helpers.errors import InputError
from helpers.publish import fonts
from helpers.publish.files import write_bytes
from helpers.publish.report import content, markup, overview, words
from helpers.publish.report.content import Block, Page
from helpers.publish.report.markup import Grid
from helpers.publish.report.outputs import Outputs
from helpers.publish.report.reference import finish, reference_document

# Room on a page of A4, in centimetres.
_WIDTH, _HEIGHT = 16.6, 21.0
# A table whose columns want more letters than this lies across the page.
_UPRIGHT = 200
# Of the figures on disk, and of those in the Word document.
_DPI, _PRINT_DPI = 200, 275
_THEME = resources.files("helpers.publish.report") / "theme"
_SERIF_PACKAGE = "pylopdf_fonts_zh_cn"


def _centimetres(png: bytes) -> float:
    """Width at which a picture fits on a page."""
    width, height = (one / _DPI * 2.54 for one in struct.unpack(">II", png[16:24]))
    return round(min(_WIDTH, width, width * _HEIGHT / height), 2)


def grid_html(grid: Grid, caption: str = "", identifier: str = "") -> str:
    """A table with relative widths of its columns, lying across the page where it is wide.

    Parameters
    ----------
    grid : Grid
    caption, identifier : str
        Empty for a table without.

    Returns
    -------
    str
    """
    if not grid.width:
        return ""
    weights = grid.weights()
    columns = "".join(f'<col style="width:{100 * one / sum(weights):.1f}%">' for one in weights)
    own = f' id="{identifier}"' if identifier else ""
    top = f"<caption>{caption}</caption>" if caption else ""
    heads = "".join(f"<th>{one}</th>" for one in grid.head)

    def cell(place: int, html: str) -> str:
        right = ' style="text-align:right"' if place in grid.right else ""
        return f"<td{right}>{html}</td>"

    rows = "".join(
        "<tr>" + "".join(cell(place, one) for place, one in enumerate(row)) + "</tr>"
        for row in grid.rows
    )
    head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
    table = f"<table{own}>{top}<colgroup>{columns}</colgroup>{head}<tbody>{rows}</tbody></table>"
    return f'<div class="landscape">{table}</div>' if sum(weights) > _UPRIGHT else table


def _note(lines: Sequence[str]) -> str:
    text = "".join(f"<p>{line}</p>" for line in lines if line)
    return f'<div data-custom-style="Source Note">{text}</div>' if text else ""


class _Writer:
    """Writes blocks as HTML for pandoc.

    Parameters
    ----------
    outputs : Outputs
    suffix : {"png", "pdf"}
        Of the figures that are put in.
    """

    def __init__(self, outputs: Outputs, suffix: str) -> None:
        self._outputs = outputs
        self._suffix = suffix
        self._given: set[str] = set()
        self.figures: dict[str, bytes] = {}

    def once(self, identifier: str) -> str:
        """An identifier as an attribute, or nothing where it was given before."""
        if identifier in self._given:
            return ""
        self._given.add(identifier)
        return f' id="{escape(identifier)}"'

    def block(self, block: Block) -> str:
        """HTML of a block; code has no place on paper."""
        if isinstance(block, content.Prose):
            return markup.of_prose(block.text)
        if isinstance(block, content.Figure):
            return self._figure(block)
        if isinstance(block, content.Table):
            return self._table(block)
        if isinstance(block, content.Said):
            return self._said(block)
        if isinstance(block, content.Listing):
            return grid_html(block.grid)
        if isinstance(block, content.Picture):
            return self._picture(block)
        return f"<pre>{escape(block.text)}</pre>" if isinstance(block, content.Trouble) else ""

    def _figure(self, figure: content.Figure) -> str:
        caption = figure.caption
        folder = self._outputs.folder / "figures"
        png = (folder / f"{caption.name}.png").read_bytes()
        name = f"{caption.name}.{self._suffix}"
        self.figures[name] = (folder / name).read_bytes()
        image = f'<img src="{name}" alt="{escape(caption.alt)}" width="{_centimetres(png)}cm">'
        own = self.once(overview.anchor(caption))
        return f"<figure{own}>{image}<figcaption>{escape(caption.title)}</figcaption></figure>"

    def _picture(self, block: content.Picture) -> str:
        name = f"picture-{len(self.figures) + 1}.png"
        self.figures[name] = block.content
        return f'<p><img src="{name}" alt="{escape(block.alt)}" width="{_centimetres(block.content)}cm"></p>'

    def _table(self, table: content.Table) -> str:
        t, caption = self._outputs.t, table.caption
        anchor = overview.anchor(caption)
        own = anchor if self.once(anchor) else ""
        lines = [escape(line) for line in caption.notes.split("\n")]
        if table.more:
            file = f"{caption.name}.csv"
            lines.append(
                escape(t(f"{table.more} more rows in {file}.", f"另有{table.more}行，见{file}。"))
            )
        return grid_html(table.grid, escape(caption.title), own) + _note(lines)

    def _said(self, block: content.Said) -> str:
        # Details would lose what they fold together: on paper everything is open.
        html = re.sub(r"<(/?)summary>", r"<\1p>", block.html)
        html = re.sub(r"</?details(?: open)?>", "", html)
        if not block.claim:
            return html
        own = self.once(f"claim-{block.claim}")
        return f'<div{own} data-custom-style="Claim">{html}</div>'


def document_html(
    outputs: Outputs, pages: Sequence[Page], suffix: str
) -> tuple[str, dict[str, bytes]]:
    """The whole report as one HTML text.

    Parameters
    ----------
    outputs : Outputs
    pages : sequence of Page
        Read with links into the same document.
    suffix : {"png", "pdf"}
        Of the figures that are put in.

    Returns
    -------
    html : str
    figures : dict of str to bytes
        Files that the text shows.
    """
    t, writer, found = outputs.t, _Writer(outputs, suffix), overview.places(pages)
    parts = [f"<h1>{t('Overview', '总览')}</h1>"]
    parts += [
        f"<p>{escape(one)}</p>" for one in [*words.failures(outputs), *words.question(outputs)]
    ]
    parts += [f"<p>{escape(words.summary(outputs))}</p>", _meanings(outputs)]
    parts += [f"<h2>{t('All claims', '全部论断')}</h2>"]
    parts += [grid_html(overview.verdict_grid(outputs, found, pages, web=False))]
    for page in pages:
        if not (page.blocks and isinstance(page.blocks[0], content.Prose)):
            parts.append(f"<h1>{escape(page.title)}</h1>")
        body = "\n".join(writer.block(one) for one in page.blocks)
        # The anchor goes into the heading: a paragraph of its own would stand before the page break.
        own = writer.once(f"page-{page.name}")
        parts.append(body.replace("<h1>", f"<h1{own}>", 1))
    parts += [f"<h1>{t('Sources', '来源')}</h1>", _grades(outputs)]
    parts += [grid_html(overview.source_grid(outputs, found, pages, web=False))]
    return "\n".join(parts), writer.figures


def _meanings(outputs: Outputs) -> str:
    items = "".join(
        f"<li><strong>{escape(name)}</strong> {count} — {escape(meaning)}</li>"
        for _, name, count, meaning in words.tally(outputs)
    )
    return f"<ul>{items}</ul>"


def _grades(outputs: Outputs) -> str:
    items = "".join(
        f"<li><strong>{grade}</strong> {escape(outputs.t(*said))}</li>"
        for grade, said in words.GRADES.items()
    )
    return f"<ul>{items}</ul>"


def _metadata(outputs: Outputs) -> dict[str, Any]:
    # Spaces that do not break, since pandoc drops ordinary ones at the ends of a text.
    t, title = outputs.t, words.title(outputs)
    return {
        "title": title, "subtitle": words.summary(outputs), "lang": t("en", "zh-Hans"), "letters": outputs.language,
        "figure-label": t("Figure\u00a0", "图"), "table-label": t("Table\u00a0", "表"),
        "caption-separator": t(".\u00a0", "\u3000"),
    }  # fmt: skip


def _pandoc(html: str, arguments: Sequence[str], metadata: dict[str, Any], work: Path) -> None:
    """Run pandoc on a text; its figures lie in the working folder."""
    import pypandoc

    (work / "report.html").write_text(html, encoding="utf-8")
    (work / "metadata.json").write_text(json.dumps(metadata, ensure_ascii=False), encoding="utf-8")
    filter_ = work / "document.lua"
    filter_.write_text((_THEME / "document.lua").read_text(encoding="utf-8"), encoding="utf-8")
    command = [
        pypandoc.get_pandoc_path(), "report.html", "--from=html", f"--lua-filter={filter_.name}",
        "--metadata-file=metadata.json", *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=work, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode or done.stderr.strip():
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise InputError(f"the document could not be built: pandoc says {reason}")


def print_pictures(figures: dict[str, bytes], work: Path) -> dict[str, bytes]:
    """Figures in the resolution of print, drawn from their PDF.

    Parameters
    ----------
    figures : dict of str to bytes
        PNG for the screen, by file name; those with a PDF of that name in `work` are replaced.
    work : Path

    Returns
    -------
    dict of str to bytes
    """
    import typst

    names = [name for name in figures if (work / name).with_suffix(".pdf").is_file()]
    if not names:
        return figures
    pages = "\n#pagebreak()\n".join(f'#image("{Path(name).stem}.pdf")' for name in names)
    sheet = work / "pictures.typ"
    sheet.write_text(
        f"#set page(width: auto, height: auto, margin: 0pt)\n{pages}", encoding="utf-8"
    )
    drawn: Any = typst.compile(sheet, root=work, format="png", ppi=_PRINT_DPI)
    # A sheet of one page is given as such.
    drawn = [drawn] if isinstance(drawn, bytes) else drawn
    return figures | {name: bytes(one) for name, one in zip(names, drawn, strict=True)}


def _word(outputs: Outputs, pages: Sequence[Page], work: Path) -> bytes:
    html, figures = document_html(outputs, pages, "png")
    for name in figures:
        vector = outputs.folder / "figures" / f"{Path(name).stem}.pdf"
        if vector.is_file():
            shutil.copyfile(vector, work / vector.name)
    for name, data in print_pictures(figures, work).items():
        (work / name).write_bytes(data)
    (work / "reference.docx").write_bytes(reference_document(outputs.language))
    arguments = ["--to=docx", "--reference-doc=reference.docx", "--output=report.docx"]
    _pandoc(html, arguments, _metadata(outputs), work)
    return finish((work / "report.docx").read_bytes(), outputs.language)


def font_folders() -> tuple[list[Path], list[str], list[str]]:
    """Folders of the fonts of the PDF, and the families to set text and headings in.

    Returns
    -------
    folders : list of Path
    serif, sans : list of str
        A Song-like face where the package with it is installed, else the sans face of the figures.
    """
    folders = [fonts.full_font().parent, Path(mpl.get_data_path()) / "fonts" / "ttf"]
    spec = find_spec(_SERIF_PACKAGE)
    sans = [fonts.FULL_FAMILY, "DejaVu Sans"]
    if spec is None or not spec.submodule_search_locations:
        return folders, sans, sans
    places = {path.parent for path in Path(spec.submodule_search_locations[0]).rglob("*.otf")}
    return [*folders, *sorted(places)], ["STIXGeneral", "Noto Serif SC", *sans], sans


def _pdf(outputs: Outputs, pages: Sequence[Page], work: Path) -> bytes:
    import typst

    html, figures = document_html(outputs, pages, "pdf")
    for name, data in figures.items():
        (work / name).write_bytes(data)
    folders, serif, sans = font_folders()
    chinese = outputs.language == "zh"
    metadata = _metadata(outputs) | {
        "title-plain": words.title(outputs).replace('"', "'"), "serif": serif, "sans": sans,
        "separator": outputs.t(".\u00a0", "\u3000"), "contents": outputs.t("Contents", "目录"),
        "indent": chinese, **({"region": "cn"} if chinese else {}),
    }  # fmt: skip
    template = work / "document.typ"
    template.write_text((_THEME / "document.typ").read_text(encoding="utf-8"), encoding="utf-8")
    arguments = ["--to=typst", f"--template={template.name}", "--output=report.typ"]
    _pandoc(html, arguments, metadata, work)
    try:
        return bytes(
            typst.compile(
                work / "report.typ", root=work, font_paths=list(folders), ignore_system_fonts=True
            )
        )
    except RuntimeError as error:
        raise InputError(f"the PDF could not be built: typst says {error}") from error


def build(outputs: Outputs, pages: Sequence[Page], target: Path, work: Path) -> None:
    """Write the report as a document.

    Parameters
    ----------
    outputs : Outputs
    pages : sequence of Page
        Read with links into the same document.
    target : Path
        Ends in ``.docx`` or ``.pdf``; written in one step.
    work : Path
        A folder for what is needed on the way.

    Raises
    ------
    InputError
        pandoc or typst refuse the text; the message is theirs.
    """
    with tempfile.TemporaryDirectory(dir=work) as name:
        make = _word if target.suffix == ".docx" else _pdf
        write_bytes(make(outputs, pages, Path(name)), target)
