"""Tables of the whole report: verdicts, sources with what rests on them, files to download."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from helpers.evidence.claims import reported_in
from helpers.publish.report import content, words
from helpers.publish.report.content import Page, source_linker
from helpers.publish.report.markup import Grid
from helpers.publish.report.outputs import Caption, Outputs

# Shown on the first page where the run made them: one for each question of the study.
MAIN_FIGURES = ("06_ledger", "02_tiles", "02_bounds", "02c_funnel", "03_districts", "04_path_shares", "05_support")  # fmt: skip


_SOURCE_LINK = re.compile(r'class="src" href="[^"#]*#([^"]+)"')


@dataclass
class Places:
    """Where claims, figures and tables are shown: page names, in the order of the report."""

    claims: dict[str, str] = field(default_factory=dict)
    figures: dict[str, tuple[str, content.Figure]] = field(default_factory=dict)
    tables: dict[str, tuple[str, content.Table]] = field(default_factory=dict)


def places(pages: Sequence[Page]) -> Places:
    """Where everything is shown first.

    Parameters
    ----------
    pages : sequence of Page

    Returns
    -------
    Places
    """
    found = Places()
    for page in pages:
        for block in page.blocks:
            if isinstance(block, content.Figure):
                found.figures.setdefault(block.caption.name, (page.name, block))
            elif isinstance(block, content.Table):
                found.tables.setdefault(block.caption.name, (page.name, block))
            elif isinstance(block, content.Said) and block.claim:
                found.claims.setdefault(block.claim, page.name)
    return found


def _link(text: str, page: str, anchor: str, web: bool) -> str:
    # A page begins at its top; in a document only its heading can be named.
    target = f"{page}.html#{anchor}".removesuffix(f"#page-{page}") if web else f"#{anchor}"
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def verdict_grid(outputs: Outputs, found: Places, pages: Sequence[Page], web: bool) -> Grid:
    """One row per claim: where it is judged, verdict, wording, what was reported and found.

    Parameters
    ----------
    outputs : Outputs
    found : Places
    pages : sequence of Page
    web : bool
        Links lead to pages; otherwise into the same document.

    Returns
    -------
    Grid
    """
    link = source_linker(outputs, "sources.html" if web else "")
    t, rows = outputs.t, []
    for row in outputs.verdicts.to_dict("records"):
        claim, verdict = row["claim_id"], row["verdict"]
        page = found.claims.get(claim)
        name = words.verdict_name(outputs, verdict)
        figures = outputs.told(row, "computed") or outputs.told(row, "interval")
        rows.append(
            [
                _link(claim, page, f"claim-{claim}", web) if page else escape(claim),
                escape(words.section_name(outputs, row["section"])),
                f'<span class="verdict v-{escape(verdict.replace(" ", "-"))}">{escape(name)}</span>',
                escape(outputs.told(row, "claim")),
                escape(reported_in(row["reported"], outputs.language)) or "—",
                escape(figures) or "—",
                link(escape(row["sources"].replace(";", ", "))) or "—",
                escape(row["worst_grade"]) or "—",
            ]
        )
    head = [
        t("Claim", "论断"), t("Section", "节"), t("Verdict", "判定"), t("Wording", "内容"),
        t("Reported", "报告值"), t("Computed or bounds", "计算值或界"), t("Sources", "来源"),
        t("Lowest grade", "最低等级"),
    ]  # fmt: skip
    return Grid(head, rows)


def rests_on(
    outputs: Outputs, found: Places, pages: Sequence[Page], web: bool
) -> dict[str, list[str]]:
    """What rests on each source: links to figures, tables and claims, by source id."""
    t = outputs.t
    used: dict[str, list[str]] = {}
    for page, figure in found.figures.values():
        label = t(f"Figure {figure.number}", f"图{figure.number}")
        for one in outputs.cited(figure.caption):
            used.setdefault(one, []).append(_link(label, page, anchor(figure.caption), web))
    for page, table in found.tables.values():
        label = t(f"Table {table.number}", f"表{table.number}")
        for one in outputs.cited(table.caption):
            used.setdefault(one, []).append(_link(label, page, anchor(table.caption), web))
    for row in outputs.verdicts.to_dict("records"):
        claim = row["claim_id"]
        for one in filter(None, row["sources"].split(";")):
            page_name = found.claims.get(claim, "")
            told = _link(claim, page_name, f"claim-{claim}", web) if page_name else escape(claim)
            used.setdefault(one, []).append(told)
    for text in pages:
        for one in _mentioned(text):
            if one not in used:
                used[one] = [_link(text.title, text.name, f"page-{text.name}", web)]
    return used


def _mentioned(page: Page) -> dict[str, None]:
    """Ids of the sources that a page links to."""
    found: dict[str, None] = {}
    for block in page.blocks:
        if isinstance(block, content.Said):
            texts = [block.html]
        elif isinstance(block, content.Table | content.Listing):
            texts = [cell for row in block.grid.rows for cell in row]
        else:
            continue
        for text in texts:
            found.update(dict.fromkeys(_SOURCE_LINK.findall(text)))
    return found


def anchor(caption: Caption) -> str:
    """Identifier of a figure or table within its page."""
    return f"{caption.kind}-{caption.name}"


def source_grid(outputs: Outputs, found: Places, pages: Sequence[Page], web: bool) -> Grid:
    """The sources that something in the report rests on, with what rests on each.

    Parameters
    ----------
    outputs, found, pages, web
        See :func:`verdict_grid`.

    Returns
    -------
    Grid
    """
    t, used, rows = outputs.t, rests_on(outputs, found, pages, web), []
    for row in outputs.sources.to_dict("records"):
        key = row["source_id"]
        if key not in used:
            continue
        title, url = escape(outputs.told(row, "title")), row.get("url", "")
        if url.startswith(("https://", "http://")):
            title = f'<a href="{escape(url)}" rel="noopener">{title}</a>'
        rows.append(
            [
                f'<span id="{escape(key)}">{escape(key)}</span>',
                escape(row.get("grade", "")) or "—",
                escape(outputs.told(row, "publisher")) or "—",
                title or "—",
                escape(row.get("published", "")) or "—",
                ", ".join(dict.fromkeys(used[key])),
            ]
        )
    head = [
        t("Source", "来源"), t("Grade", "等级"), t("Publisher", "发布者"), t("Title", "题名"),
        t("Published", "发布日期"), t("What rests on it", "所据内容"),
    ]  # fmt: skip
    return Grid(head, rows)


def main_figures(found: Places, most: int = 6) -> list[tuple[str, content.Figure]]:
    """The figures of the first page; the first of each notebook where none of the usual is there."""
    chosen = [found.figures[name] for name in MAIN_FIGURES if name in found.figures]
    if not chosen:
        firsts: dict[str, tuple[str, content.Figure]] = {}
        for page, figure in found.figures.values():
            firsts.setdefault(page, (page, figure))
        chosen = list(firsts.values())
    return chosen[:most]
