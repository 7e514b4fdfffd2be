"""The index page over many studies: failures first, then verdicts and key figures side by side.

One HTML file without scripts and without anything from elsewhere; drawings are SVG in the page. All
texts from data are escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.evidence.claims import VERDICTS_ZH
from helpers.publish.files import write_bytes

# In the order in which they are drawn, on white paper and on a dark screen. What says most stands
# out most from the ground, and they differ in grey as well.
COLOURS = {
    "reproduced": ("#0b3c5d", "#d3ebf7"), "entailed": ("#2f7294", "#86c0dc"),
    "consistent": ("#7fb3c8", "#4887a5"), "contradicted": ("#c4501b", "#ff8a5c"),
    "unattainable": ("#e39a5b", "#c98243"), "untestable": ("#b5b5b5", "#6f757b"),
    "pending": ("#d9d9d9", "#50565c"), "not applicable": ("#efefef", "#2f3438"),
}  # fmt: skip
_LIGHT, _DARK = (
    ";".join(f"--v{number}:{pair[side]}" for number, pair in enumerate(COLOURS.values()))
    for side in (0, 1)
)
VERDICTS = tuple(
    (name, VERDICTS_ZH[name], f"var(--v{number})") for number, name in enumerate(COLOURS)
)
# Table of little giants of the focal province by span of batches; its first figure is the count.
SERIES = "02_focal"
FIGURES = {
    "02_tiles": ("Little giants by province", "“小巨人”企业分省分布"),
    "03_cities": ("Cities of the province, latest counts by tier", "全省各市各层次企业最新数量"),
    "02b_quotients": (
        "Little giants relative to residents, output, research and high-tech firms",
        "相对人口、产出、研发与高技术企业的“小巨人”企业区位商",
    ),
}
STYLE = (
    f"""
:root{{color-scheme:light dark;--ink:#1b1b1b;--soft:#666;--paper:#fff;--line:#ddd;--bad:#a52a1a;{_LIGHT}}}
@media(prefers-color-scheme:dark){{:root{{--ink:#eaeaea;--soft:#aaa;--paper:#16181a;--line:#3a3d40;--bad:#ff9d8a;
{_DARK}}}}}
"""
    + """
body{font:15px/1.5 system-ui,"Noto Sans SC","Microsoft YaHei",sans-serif;color:var(--ink);
background:var(--paper);max-width:84rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}a{color:inherit}
.soft{color:var(--soft);font-size:.85rem}.bad{border-left:4px solid var(--bad);padding:.2rem 1rem}
.bad h2{color:var(--bad);margin-top:.4rem}.bad ul{padding-left:1.2rem}
.bad li{overflow-wrap:anywhere}.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;text-align:right;
border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}
th{vertical-align:bottom;line-height:1.2}td:nth-child(-n+2),th:nth-child(-n+2){text-align:left}
td:first-child{min-width:9rem}th{min-width:3.2em}
td svg{display:block;width:11rem;max-width:38vw;height:14px}td .soft{display:block}
.many{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.9rem 1.2rem}
.many figure{margin:0}.many figcaption{font-size:.85rem}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:1rem}
.shots figure{margin:0}.shots img{width:100%;height:auto;background:#fff}
.key span{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em;border:1px solid var(--line)}
svg text{fill:var(--ink);font-size:10px}svg .axis{stroke:var(--line)}svg .bar{fill:#2f7294}
svg .none{fill:none;stroke:var(--soft);stroke-dasharray:2 2}
"""
)


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)


class _Words:
    """Chinese where every study is in Chinese, else English."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self.chinese = bool(entries) and all(entry["language"] == "zh" for entry in entries)

    def t(self, en: str, zh: str) -> str:
        return zh if self.chinese else en

    def place(self, entry: Mapping[str, Any]) -> str:
        own = "zh" if self.chinese else "en"
        city, province = entry[f"city_{own}"], entry[f"province_{own}"]
        name = city if city == province else self.t(f"{province}: {city}", f"{province}·{city}")
        return self.told_apart(name, entry.get("variant"))

    def told_apart(self, name: str, variant: tuple[str, str] | None) -> str:
        """A name with what differs between studies of the same place, if anything does."""
        text = self.t(*variant) if variant else ""
        return self.t(f"{name} ({text})", f"{name}（{text}）") if text else name


def write_page(entries: Sequence[Mapping[str, Any]], results: pd.DataFrame, path: Path) -> None:
    """Write the index page of a batch.

    Parameters
    ----------
    entries : sequence of mapping
        For each study ``slug``, names (``province_en``, ``province_zh``, ``city_en``, ``city_zh``),
        ``language``, ``counts`` (claims by verdict), ``failures`` (texts); where studies differ in
        more than the place, ``variant`` (by what, in English and Chinese) and ``counted`` (by what
        of it their counts differ).
    results : DataFrame
        The table of all results; see :func:`helpers.run.batch.all_results`.
    path : Path
        The page; links are relative to its folder, which holds the folders of the studies.
    """
    write_bytes(page(entries, results, path.parent).encode(), path)


def page(entries: Sequence[Mapping[str, Any]], results: pd.DataFrame, folder: Path) -> str:
    """The page as text.

    Parameters
    ----------
    entries, results
        See :func:`write_page`.
    folder : Path
        Where the studies lie, to link only what is there.

    Returns
    -------
    str

    Examples
    --------
    >>> "No study" in page([], pd.DataFrame(columns=["study", "result"]), Path("."))
    True
    """
    words = _Words(entries)
    title = words.t("All studies", "全部地区")
    body = [f"<h1>{title}</h1>", _summary(entries, words)]
    body += [_failures(entries, words), _verdicts(entries, words, folder)]
    body += [_series(entries, results, words), _shots(entries, words, folder)]
    return (
        f'<!doctype html>\n<html lang="{words.t("en", "zh-CN")}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _summary(entries: Sequence[Mapping[str, Any]], words: _Words) -> str:
    if not entries:
        return f"<p>{words.t('No study.', '没有研究。')}</p>"
    failed = sum(bool(entry["failures"]) for entry in entries)
    text = words.t(
        f"{len(entries)} studies, {failed} of them with failures. All tables in one: ",
        f"共{len(entries)}个地区，其中{failed}个有失败。全部表格合并为：",
    )
    table, parquet = (f'<a href="all_results.{end}">{name}</a>'
                      for end, name in (("csv", "CSV"), ("parquet", "Parquet")))  # fmt: skip
    return f"<p>{text}{words.t(f'{table}, {parquet}.', f'{table}、{parquet}。')}</p>"


def _failures(entries: Sequence[Mapping[str, Any]], words: _Words) -> str:
    lines = [
        f"<li><b>{_e(words.place(entry))}</b>{words.t(' (', '（')}<code>{_e(entry['slug'])}</code>"
        f"{words.t('): ', '）：')}{_e(text)}</li>"
        for entry in entries for text in entry["failures"]
    ]  # fmt: skip
    if not lines:
        return ""
    head = words.t("Failures", "失败")
    return f'<section class="bad"><h2>{head}</h2><ul>{"".join(lines)}</ul></section>'


def _bar(counts: Mapping[str, int], words: _Words) -> str:
    """Counts by verdict as one stacked bar, every bar as long as all claims."""
    total, left, parts = sum(counts.values()), 0.0, []
    for name, zh, colour in VERDICTS:
        count = counts.get(name, 0)
        if count:
            width = 180 * count / total
            label = _e(words.t(f"{name}: {count}", f"{zh}：{count}"))
            parts.append(
                f'<rect x="{left:.1f}" width="{width:.1f}" height="14" fill="{colour}">'
                f"<title>{label}</title></rect>"
            )
            left += width
    told = ", ".join(
        words.t(f"{n} {counts[n]}", f"{zh}{counts[n]}") for n, zh, _ in VERDICTS if n in counts
    )
    return (
        f'<svg viewBox="0 0 180 14" preserveAspectRatio="none" role="img" aria-label="{_e(told)}">{"".join(parts)}</svg>'
        if total
        else ""
    )


def _links(slug: str, words: _Words, folder: Path) -> str:
    known = (
        ("report/index.html", words.t("report", "报告")),
        ("notebooks/", words.t("notebooks", "笔记本")),
        ("figures/", words.t("figures", "图")),
        ("tables/", words.t("tables", "表")),
    )
    found = [
        f'<a href="{_e(slug)}/{name}">{label}</a>'
        for name, label in known if (folder / slug / name).exists()
    ]  # fmt: skip
    return " · ".join(found)


def _verdicts(entries: Sequence[Mapping[str, Any]], words: _Words, folder: Path) -> str:
    if not entries:
        return ""
    used = [item for item in VERDICTS if any(item[0] in entry["counts"] for entry in entries)]
    heads = [words.t("place", "地区"), words.t("all claims", "全部论断")]
    heads += [words.t(n, zh) for n, zh, _ in used]
    rows = []
    for entry in entries:
        links = _links(entry["slug"], words, folder)
        cells = [f'{_e(words.place(entry))} <span class="soft">{links}</span>']
        cells.append(_bar(entry["counts"], words))
        cells += [str(entry["counts"].get(name, 0) or "") for name, _, _ in used]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f'<th scope="col">{_e(text)}</th>' for text in heads)
    key = "".join(
        f'<span style="background:{c}"></span>{_e(words.t(n, zh))}' for n, zh, c in used
    )  # fmt: skip
    note = words.t(
        "Number of the study's claims by verdict, the same claims in each place.",
        "按判定结果统计的论断数；各地区检验同一组论断。",
    )
    return (
        f"<h2>{words.t('Verdicts', '判定结果')}</h2><p class='soft'>{note}</p><p class='key'>{key}</p>"
        f'<div class="wide"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _series(entries: Sequence[Mapping[str, Any]], results: pd.DataFrame, words: _Words) -> str:
    """Little giants of each province by span of batches, on one scale."""
    own = results[results["result"] == SERIES] if len(results) else results
    if own.empty:
        return ""
    count = own.groupby("study")["variable"].transform(lambda column: column.iloc[1])
    counts = own[own["variable"] == count].set_index("study")
    if not words.chinese:  # spans are written with another dash in Chinese tables
        counts = counts.assign(item=counts["item"].str.replace("—", "-"))
    top = counts["number"].max()
    spans = list(dict.fromkeys(counts["item"]))
    if not top or math.isnan(top):
        return ""
    seen, charts = set(), []
    for entry in entries:
        # Cities of one province share its counts.
        kind = (entry["province_en"], entry.get("counted"))
        if entry["slug"] not in counts.index or kind in seen:
            continue
        seen.add(kind)
        rows = counts.loc[[entry["slug"]]]
        numbers = dict(zip(rows["item"], rows["number"], strict=True))
        charts.append(_small(entry, [(s, numbers.get(s, math.nan)) for s in spans], top, words))
    head = words.t(
        "Little giants of the province, by batches", "各省专精特新“小巨人”企业数（按批次累计）"
    )
    note = words.t(
        "Firms, batches as marked; one scale for all. A dashed outline: no complete public count.",
        "单位：家；横轴为批次，各图纵轴相同。虚线框表示没有完整的公开数。",
    )
    return f'<h2>{head}</h2><p class="soft">{note}</p><div class="many">{"".join(charts)}</div>'


def _small(
    entry: Mapping[str, Any], points: Sequence[tuple[str, float]], top: float, words: _Words
) -> str:
    """One of the small multiples."""
    width, height, step = 150, 70, 150 / max(1, len(points))
    parts = [f'<line class="axis" x1="0" x2="{width}" y1="{height}" y2="{height}"/>']
    for position, (label, number) in enumerate(points):
        x, middle = position * step + 2, (position + 0.5) * step
        if math.isnan(number):
            parts.append(
                f'<rect class="none" x="{x:.1f}" y="{height - 12}" width="{step - 4:.1f}" height="12"/>'
            )
        else:
            tall = (height - 14) * number / top
            parts.append(
                f'<rect class="bar" x="{x:.1f}" y="{height - tall:.1f}" width="{step - 4:.1f}" '
                f'height="{tall:.1f}"/><text x="{middle:.1f}" y="{height - tall - 2:.1f}" '
                f'text-anchor="middle">{number:.0f}</text>'
            )
        parts.append(
            f'<text x="{middle:.1f}" y="{height + 12}" text-anchor="middle">{_e(label)}</text>'
        )
    name = entry["province_zh"] if words.chinese else entry["province_en"]
    name = words.told_apart(name, entry.get("counted"))
    told = "; ".join(
        f"{label}: {'?' if math.isnan(number) else f'{number:.0f}'}" for label, number in points
    )
    return (
        f'<figure><svg viewBox="0 0 {width} {height + 16}" role="img" '
        f'aria-label="{_e(name)}, {_e(told)}">{"".join(parts)}</svg>'
        f"<figcaption>{_e(name)}</figcaption></figure>"
    )


def _shots(entries: Sequence[Mapping[str, Any]], words: _Words, folder: Path) -> str:
    """Key figures of every study, loaded when they come into view."""
    blocks = []
    for name, titles in FIGURES.items():
        shots, title = [], _e(words.t(*titles))
        for entry in entries:
            file = f"{entry['slug']}/figures/{name}.png"
            if (folder / file).is_file():
                place = _e(words.place(entry))
                shots.append(
                    f'<figure><a href="{_e(file)}"><img loading="lazy" src="{_e(file)}" '
                    f'alt="{title}, {place}"></a><figcaption>{place}</figcaption></figure>'
                )
        if shots:
            blocks.append(
                f"<details><summary>{title} (<code>{name}</code>, {len(shots)})</summary>"
                f'<div class="shots">{"".join(shots)}</div></details>'
            )
    head = words.t("Key figures", "主要图形")
    return f"<h2>{head}</h2>{''.join(blocks)}" if blocks else ""
