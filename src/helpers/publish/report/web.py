"""The report as web pages that open from a folder: no server, no request to anywhere."""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import struct
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from helpers.errors import InputError
from helpers.publish.report import content, overview, words
from helpers.publish.report.content import Block, Page
from helpers.publish.report.markup import Grid, plain
from helpers.publish.report.outputs import Caption, Outputs
from helpers.publish.report.overview import Places, anchor
from helpers.publish.report.reference import archive
from helpers.publish.workbook import steady

_FENCE = "`" * 12
# Fewer sources than this are listed at once; more are folded.
_FEW_SOURCES = 8
_THEME = resources.files("helpers.publish.report") / "theme"
# An SVG of outlines is mostly repetition: archived it takes a sixth of the room.
_ZIPPED = {".svg": ".zip", ".tiff": ".zip"}


def raw(html: str) -> str:
    """HTML as a block of a MyST page."""
    # A backtick could end the fence, and a blank line is nothing to HTML.
    safe = html.replace("`", "&#96;")
    return f"{_FENCE}{{raw}} html\n{safe}\n{_FENCE}\n"


def _size(png: Path) -> str:
    """Width and height of a picture as attributes, so that the page does not jump."""
    head = png.read_bytes()[16:24] if png.is_file() else b""
    if len(head) < 8:
        return ""
    width, height = struct.unpack(">II", head)
    return f' width="{width // 2}" height="{height // 2}"'


def files_html(outputs: Outputs, caption: Caption) -> str:
    """Links to the files of a figure or table.

    Parameters
    ----------
    outputs : Outputs
    caption : Caption

    Returns
    -------
    str
        Empty if there are none.
    """
    links = []
    for path in outputs.files(caption.kind, caption.name):
        form = path.suffix[1:].upper()
        label = outputs.t(f"{form} of {caption.title}", f"{caption.title}：{form}")
        name = f'<span aria-hidden="true">{form}</span><span class="vh">{escape(label)}</span>'
        file = path.name + _ZIPPED.get(path.suffix, "")
        links.append(f'<a download href="{caption.kind}s/{file}">{name}</a>')
    word = outputs.t("Download", "下载")
    return f'<p class="files">{word} {" ".join(links)}</p>' if links else ""


def sources_html(outputs: Outputs, caption: Caption) -> str:
    """Links to the sources of a figure or table, with their grades.

    Parameters
    ----------
    outputs : Outputs
    caption : Caption

    Returns
    -------
    str
        Empty if it names none; many are folded.
    """
    ids = outputs.cited(caption)
    if not ids:
        return ""
    grades = outputs.sources.set_index("source_id")["grade"]
    links = " ".join(
        f'<a class="src g-{escape(grades[one])}" href="sources.html#{escape(one)}">'
        f"{escape(one)} <small>{escape(grades[one])}</small></a>"
        for one in ids
    )
    count = outputs.t(f"Sources ({len(ids)})", f"来源（{len(ids)}）")
    if len(ids) < _FEW_SOURCES:
        return f'<p class="cites">{count} {links}</p>'
    return f'<details class="cites"><summary>{count}</summary><p>{links}</p></details>'


def figure_html(outputs: Outputs, figure: content.Figure, ident: bool = True) -> str:
    """A figure with its number, alternative text, files and sources.

    Parameters
    ----------
    outputs : Outputs
    figure : content.Figure
    ident : bool
        Give it its identifier; a figure that is shown again on another page has it there too.

    Returns
    -------
    str
    """
    caption = figure.caption
    picture = outputs.folder / "figures" / f"{caption.name}.png"
    label = outputs.t(f"Figure {figure.number}", f"图{figure.number}")
    own = f' id="{anchor(caption)}"' if ident else ""
    return (
        f'<figure class="fig"{own}>'
        f'<a href="figures/{picture.name}"><img src="figures/{picture.name}" '
        f'alt="{escape(caption.alt)}" decoding="async"{_size(picture)}></a>'
        f"<figcaption><b>{label}</b> {escape(caption.title)}</figcaption>"
        f"{files_html(outputs, caption)}{sources_html(outputs, caption)}</figure>"
    )


def grid_html(grid: Grid, label: str, attributes: str = "") -> str:
    """A table that scrolls within the page where it is too wide for it.

    Parameters
    ----------
    grid : Grid
    label : str
        Name of the table for those who do not see it.
    attributes : str
        Further attributes of the table.

    Returns
    -------
    str
    """
    heads = [plain(head) for head in grid.head]

    def cell(place: int, html: str) -> str:
        number = ' class="num"' if place in grid.right else ""
        name = f' data-label="{escape(heads[place])}"' if place < len(heads) else ""
        return f"<td{number}{name}>{html}</td>"

    head = "".join(f'<th scope="col">{one}</th>' for one in grid.head)
    # A line for each row: a search index that drops the tags must not glue cells together.
    body = "\n".join(
        f"<tr>{' '.join(cell(place, one) for place, one in enumerate(row))}</tr>"
        for row in grid.rows
    )
    weights = grid.weights()
    columns = "".join(f'<col style="width:{100 * one / sum(weights):.1f}%">' for one in weights)
    top = f"<colgroup>{columns}</colgroup>" if grid.width > 3 else ""
    top += f"<thead><tr>{head}</tr></thead>" if head else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(label)}">'
        f"<table{attributes}>{top}<tbody>\n{body}\n</tbody></table></div>"
    )


def _sortable(outputs: Outputs, filters: Sequence[int]) -> str:
    t = outputs.t
    told = {
        "search": t("Search", "检索"), "all": t("all", "全部"),
        "info": t("_TOTAL_ rows", "共 _TOTAL_ 行"), "none": t("No row matches.", "无匹配行。"),
        "filtered": t("of _MAX_", "（由 _MAX_ 行筛选）"), "filters": list(filters),
        "sort": t("activate to sort", "点击排序"),
    }  # fmt: skip
    text = escape(json.dumps(told, ensure_ascii=False))
    return f' class="sortable" data-told="{text}"'


def table_html(outputs: Outputs, table: content.Table) -> str:
    """A saved table with its number, notes, files and sources."""
    caption = table.caption
    label = outputs.t(f"Table {table.number}", f"表{table.number}")
    file = f"{caption.name}.csv"
    more = outputs.t(f"{table.more} more rows in {file}", f"另有{table.more}行，见{file}")
    notes = "".join(f"<p>{escape(line)}</p>" for line in caption.notes.split("\n") if line)
    notes += f"<p>{escape(more)}</p>" if table.more else ""
    few = [
        place
        for place in range(table.grid.width)
        if 1 < len({row[place] for row in table.grid.rows}) <= 12
    ]
    attributes = _sortable(outputs, few[:2]) if table.sortable else ""
    grid = grid_html(table.grid, caption.title, attributes)
    return (
        f'<div class="tab" id="{anchor(caption)}"><p class="tabcap"><b>{label}</b> '
        f"{escape(caption.title)}</p>{grid}"
        f'<div class="notes">{notes}</div>'
        f"{files_html(outputs, caption)}{sources_html(outputs, caption)}</div>"
    )


def _said(block: content.Said) -> str:
    if not block.claim:
        return f'<div class="said">{block.html}</div>'
    kind = f" v-{block.verdict.replace(' ', '-')}" if block.verdict else ""
    return (
        f'<div class="said claim{escape(kind)}" id="claim-{escape(block.claim)}">{block.html}</div>'
    )


def _folded(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with code that follows on code as one."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(block, content.Code) and isinstance(last, content.Code):
            found[-1] = content.Code(f"{last.text}\n\n{block.text}")
        else:
            found.append(block)
    return found


class _Writer:
    """Writes blocks as parts of a MyST page; an identifier is given once a page."""

    def __init__(self, outputs: Outputs, page: Page) -> None:
        self._outputs = outputs
        self._page = page
        self._given: set[str] = set()
        self._listings = 0

    def text(self) -> str:
        parts = [self._block(block) for block in _folded(self._page.blocks)]
        if not any(isinstance(one, content.Prose) for one in self._page.blocks[:1]):
            parts.insert(0, f"# {self._page.title}\n")
        return "\n".join(parts)

    def _block(self, block: Block) -> str:
        t = self._outputs.t
        if isinstance(block, content.Prose):
            return f"{block.text}\n"
        if isinstance(block, content.Code):
            fence = "`" * 8
            opened = f'<details class="code"><summary>{t("Code", "代码")}</summary>'
            code = f"{fence}{{code-block}} python\n{block.text}\n{fence}\n"
            return f"{raw(opened)}\n{code}\n{raw('</details>')}"
        return raw(self._html(block))

    def _html(self, block: Block) -> str:
        if isinstance(block, content.Figure):
            return self._once(figure_html(self._outputs, block))
        if isinstance(block, content.Table):
            return self._once(table_html(self._outputs, block))
        if isinstance(block, content.Listing):
            self._listings += 1
            label = f"{self._outputs.t('Listing', '列表')} {self._listings}"
            return grid_html(block.grid, label)
        if isinstance(block, content.Picture):
            return _picture(block)
        if isinstance(block, content.Said):
            return self._once(_said(block))
        assert isinstance(block, content.Trouble)
        return f'<pre class="trouble">{escape(block.text)}</pre>'

    def _once(self, html: str) -> str:
        """Without identifiers that the page has given before."""

        def first(found: re.Match[str]) -> str:
            if found[1] in self._given:
                return ""
            self._given.add(found[1])
            return found[0]

        return re.sub(r' id="((?:figure|table|claim)-[^"]+)"', first, html)


def _picture(block: content.Picture) -> str:
    import base64

    text = base64.b64encode(block.content).decode("ascii")
    return f'<figure class="fig"><img src="data:image/png;base64,{text}" alt="{escape(block.alt)}"></figure>'


def _verdict(outputs: Outputs, verdict: str) -> str:
    kind = verdict.replace(" ", "-")
    name = words.verdict_name(outputs, verdict)
    return f'<span class="verdict v-{escape(kind)}">{escape(name)}</span>'


def _tally(outputs: Outputs) -> str:
    items = "".join(
        f"<li>{_verdict(outputs, verdict)} <b>{count}</b> {escape(meaning)}</li>"
        for verdict, _, count, meaning in words.tally(outputs)
    )
    return f'<ul class="tally">{items}</ul>'


def index_page(
    outputs: Outputs, pages: Sequence[Page], found: Places, documents: Iterable[str]
) -> str:
    """The first page as MyST: question, verdicts, main figures, contents."""
    t = outputs.t
    links = " ".join(f'<a href="{name}">{name}</a>' for name in documents)
    read = t("The same to read on paper:", "同一内容的文档：")
    figures = "".join(
        f'<div>{figure_html(outputs, figure, ident=False)}<p class="more">'
        f'<a href="{page}.html#{anchor(figure.caption)}">{t("in its context", "查看上下文")}'
        f'<span class="vh"> {escape(figure.caption.title)}</span></a></p></div>'
        for page, figure in overview.main_figures(found)
    )
    names = "\n".join(page.name for page in pages)
    table = grid_html(
        overview.verdict_grid(outputs, found, pages, web=True), t("Verdicts", "判定"),
        _sortable(outputs, (1, 2)).replace('class="', 'id="verdicts" class="cards '),
    )  # fmt: skip
    head = t("Verdicts", "判定"), t("Main figures", "主要图示"), t("All claims", "全部论断")
    bad = "".join(f'<p class="trouble">{escape(one)}</p>' for one in words.failures(outputs))
    asked = "".join(f"<p>{escape(one)}</p>" for one in words.question(outputs))
    paper = f"<p>{read} {links}</p>" if links else ""
    trees = (
        f"```{{toctree}}\n:hidden:\n:caption: {t('Sections', '各节')}\n\n{names}\n```\n\n"
        f"```{{toctree}}\n:hidden:\n:caption: {t('Behind it', '依据')}\n\nsources\ndownloads\n```\n"
    )
    return (
        f"# {words.title(outputs)}\n\n{raw(f'<div class=lead>{bad}{asked}{paper}</div>')}\n"
        f"## {head[0]}\n\n{raw(f'<p>{escape(words.summary(outputs))}</p>{_tally(outputs)}')}\n"
        f"## {head[1]}\n\n{raw(f'<div class=gallery>{figures}</div>')}\n"
        f"## {head[2]}\n\n{raw(table)}\n{trees}"
    )


def sources_page(outputs: Outputs, pages: Sequence[Page], found: Places) -> str:
    """The page of sources as MyST: what each grade means, then every source that is used."""
    t = outputs.t
    grades = "".join(
        f'<li><span class="src g-{grade}">{grade}</span> {escape(t(*said))}</li>'
        for grade, said in words.GRADES.items()
    )
    grid = overview.source_grid(outputs, found, pages, web=True)
    note = t(
        "A title without a link: only a copy of the page was seen, and the figure should be checked against "
        "the original before it is cited.",
        "题名无链接者仅见副本，引用前应与原件核对。",
    )
    title = t("Sources", "来源")
    table = grid_html(grid, title, _sortable(outputs, (1,)))
    return f"# {title}\n\n{raw(f'<ul class=tally>{grades}</ul><p>{escape(note)}</p>{table}')}\n"


def downloads_page(outputs: Outputs, found: Places, documents: Iterable[str]) -> str:
    """The page of files as MyST: documents, then every figure and table in all formats."""
    t = outputs.t
    title = t("Downloads", "下载")
    rows = []
    for kind, word in (("figure", t("Figure ", "图")), ("table", t("Table ", "表"))):
        placed: Mapping[str, tuple[str, content.Figure | content.Table]] = getattr(
            found, f"{kind}s"
        )
        for name in outputs.saved(kind, placed):
            if name in placed:
                page, block = placed[name]
                caption = block.caption
                target = f"{page}.html#{anchor(caption)}"
                number = f'<a href="{target}">{word}{block.number}</a>'
            else:
                caption, number = outputs.caption(kind, name, name), "—"
            files = files_html(outputs, caption)
            rows.append([number, escape(name), escape(caption.title), files])
    head = [t("No.", "编号"), t("File", "文件"), t("Title", "标题"), t("Formats", "格式")]
    links = "".join(f'<li><a href="{name}">{name}</a></li>' for name in documents)
    links += (
        f'<li><a download href="tables/verdicts.csv">{t("All verdicts", "全部判定")} (CSV)</a></li>'
    )
    table = grid_html(Grid(head, rows), title, _sortable(outputs, ()))
    return f"# {title}\n\n{raw(f'<ul>{links}</ul>{table}')}\n"


def table_library() -> tuple[str, str]:
    """The script of DataTables and its style, from the package itables.

    Returns
    -------
    script, style : str
        The script is made an ordinary one: a page opened from a folder may not load modules.

    Raises
    ------
    RuntimeError
        The package has another form than the one known.
    """
    folder = resources.files("itables") / "html"
    script = (folder / "dt_bundle.js").read_text(encoding="utf-8")
    exported = re.search(r"export\{([^}]*)\};?", script)
    name = exported and re.search(r"([\w$]+) as default", exported[1])
    if exported is None or name is None:
        raise RuntimeError("itables: no export of DataTables in dt_bundle.js")
    body = script[: exported.start()] + f"window.DataTable={name[1]};" + script[exported.end() :]
    return f"(()=>{{{body}\n}})();\n", (folder / "dt_bundle.css").read_text(encoding="utf-8")


def _write_sources(
    outputs: Outputs, pages: Sequence[Page], found: Places, documents: Sequence[str], folder: Path
) -> None:
    texts = {page.name: _Writer(outputs, page).text() for page in pages}
    texts["index"] = index_page(outputs, pages, found, documents)
    texts["sources"] = sources_page(outputs, pages, found)
    texts["downloads"] = downloads_page(outputs, found, documents)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    static = folder / "_static"
    static.mkdir()
    script, style = table_library()
    (static / "datatables.js").write_text(script, encoding="utf-8")
    (static / "datatables.css").write_text(style, encoding="utf-8")
    for name in ("report.css", "report.js"):
        (static / name).write_text((_THEME / name).read_text(encoding="utf-8"), encoding="utf-8")


def _settings(outputs: Outputs) -> dict[str, Any]:
    title = words.title(outputs)
    fonts = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'
    return {
        "project": title, "html_title": title, "author": "", "copyright": "",
        "extensions": ["myst_parser", "helpers.publish.report.search"],
        "language": outputs.t("en", "zh_CN"), "html_theme": "furo",
        "html_theme_options": {
            "light_css_variables": {"font-stack": fonts}, "top_of_page_buttons": [],
        },
        "html_static_path": ["_static"], "html_css_files": ["datatables.css", "report.css"],
        "html_js_files": [("datatables.js", {"defer": "defer"}), ("report.js", {"defer": "defer"})],
        "html_show_sphinx": False, "html_show_copyright": False, "html_copy_source": False,
        "html_use_index": False, "html_show_search_summary": False, "smartquotes": False,
        # Fenced blocks with options only; nothing that could read a file or run code.
        "myst_enable_extensions": [], "suppress_warnings": ["myst.header", "misc.highlighting_failure"],
    }  # fmt: skip


def _run_sphinx(source: Path, target: Path, doctrees: Path, settings: dict[str, Any]) -> None:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    told = io.StringIO()
    root = logging.getLogger()
    # A package of the theme's makes the whole process talkative when it is imported.
    handlers, level = list(root.handlers), root.level
    with patch_docutils(None), docutils_namespace():
        app = Sphinx(
            source, None, target, doctrees, "html", confoverrides=settings, status=None,
            warning=told, freshenv=True,
        )  # fmt: skip
        app.build()
    root.handlers[:] = handlers
    root.setLevel(level)
    if app.statuscode or told.getvalue().strip():
        lines = re.sub(r"\x1b\[[0-9;]*m", "", told.getvalue()).strip().splitlines()
        raise InputError(
            f"the pages could not be built cleanly: {lines[0] if lines else app.statuscode}. "
            "Mend the notebook's text and run it again."
        )


# What the theme says outside the text; it has no Chinese of its own.
_FURO_ZH = {
    "Skip to content": "跳至正文", "Menu": "菜单", "Expand": "展开", "Contents": "目录",
    "Light mode": "浅色模式", "Dark mode": "深色模式", "Back to top": "返回顶部",
    "Auto light/dark, in light mode": "自动模式（浅色）",
    "Auto light/dark, in dark mode": "自动模式（深色）", "Next": "下一页", "Previous": "上一页",
    "Pages": "各页", "Home": "首页", "On this page": "本页内容", "Toggle Light / Dark / Auto color theme": "切换浅色、深色或自动",
    "Toggle table of contents sidebar": "切换本页目录", "Toggle site navigation sidebar": "切换导航栏",
}  # fmt: skip
_FURO_MADE = re.compile(
    r"\s*Made with\s*(?:<a [^>]*>Sphinx</a> and\s*)?<a [^>]*>[^<]*</a>(?:'s)?\s*(?:<a [^>]*>Furo</a>)?"
)


def around_text(html: str, language: str) -> str:
    """A page whose frame speaks the study's language and advertises nothing.

    Parameters
    ----------
    html : str
        A whole page.
    language : {"en", "zh"}

    Returns
    -------
    str
        The article itself is as it was.

    Examples
    --------
    >>> around_text("<p>Next</p><article>Next</article><a title='x'> Home </a>", "zh")
    "<p>下一页</p><article>Next</article><a title='x'> 首页 </a>"
    """
    before, opened, rest = html.partition("<article")
    article, closed, after = rest.partition("</article>")
    return _frame(before, language) + opened + article + closed + _frame(after, language)


def _frame(html: str, language: str) -> str:
    html = _FURO_MADE.sub("", html)
    # Roles and regions without what a screen reader needs to tell them apart.
    html = html.replace('role="heading">', 'role="heading" aria-level="2">')
    for kind, label in (("sidebar-drawer", "Pages"), ("toc-drawer", "On this page")):
        html = html.replace(f'<aside class="{kind}', f'<aside aria-label="{label}" class="{kind}')
    if language == "zh":
        for english, chinese in _FURO_ZH.items():
            word = re.escape(english)
            html = re.sub(rf"(>\s*){word}(\s*<)", rf"\g<1>{chinese}\g<2>", html)
            html = html.replace(f'="{english}"', f'="{chinese}"')
    return html


def _tidy(target: Path, language: str) -> None:
    """Drop what Sphinx leaves for developers, and finish the frame of each page."""
    for name in (".buildinfo", "objects.inv"):
        (target / name).unlink(missing_ok=True)
    shutil.rmtree(target / "_sources", ignore_errors=True)
    for path in (target / "_static").rglob("*"):
        if path.suffix == ".map" or path.name in ("debug.css", "file.png", "plus.png", "minus.png"):
            path.unlink()
    for path in target.glob("*.html"):
        text = around_text(path.read_text(encoding="utf-8"), language)
        if path.name == "search.html":
            word = {"en": "Search", "zh": "检索"}[language]
            text = re.sub(r"(<article[^>]*>)", rf"\1<h1>{word}</h1>", text, count=1)
        path.write_text(text, encoding="utf-8")


def small_png(content: bytes) -> bytes:
    """A picture in 256 colours, which for drawings look the same and take a third of the room.

    Parameters
    ----------
    content : bytes
        PNG.

    Returns
    -------
    bytes
        PNG of the same size in pixels.
    """
    from PIL import Image

    target = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        reduced = image.convert("RGB").quantize(
            256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
        reduced.save(target, "png")
    return target.getvalue()


def _copy(path: Path, folder: Path) -> None:
    """Put a file beside the pages, in a form that takes little room."""
    content = path.read_bytes()
    if path.suffix == ".png":
        (folder / path.name).write_bytes(small_png(content))
    elif path.suffix in (".docx", ".xlsx"):
        (folder / path.name).write_bytes(steady(content, compressed=True))
    elif path.suffix in _ZIPPED:
        (folder / (path.name + _ZIPPED[path.suffix])).write_bytes(archive({path.name: content}))
    else:
        (folder / path.name).write_bytes(content)


def build(
    outputs: Outputs, pages: Sequence[Page], target: Path, documents: Sequence[str], work: Path
) -> None:
    """Build the pages.

    Parameters
    ----------
    outputs : Outputs
    pages : sequence of Page
    target : Path
        Folder of the pages; must not exist.
    documents : sequence of str
        Names of the documents that will lie beside the pages.
    work : Path
        An empty folder for what is needed on the way.

    Raises
    ------
    InputError
        A notebook's text cannot be made a page.
    """
    found = overview.places(pages)
    source = work / "source"
    source.mkdir()
    _write_sources(outputs, pages, found, documents, source)
    _run_sphinx(source, target, work / "doctrees", _settings(outputs))
    _tidy(target, outputs.language)
    for kind, placed in (("figure", found.figures), ("table", found.tables)):
        folder = target / f"{kind}s"
        folder.mkdir()
        for name in outputs.saved(kind, placed):
            for path in outputs.files(kind, name):
                _copy(path, folder)
    shutil.copyfile(outputs.folder / "verdicts.csv", target / "tables" / "verdicts.csv")
