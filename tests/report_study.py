"""A small finished study, made up: what a run leaves in its folder. All figures are synthetic."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from helpers.publish import captions, figures, tables
from helpers.publish.figures import Record
from helpers.run.study import Parameters

# A name as an attacker would choose it, and one with characters outside the common ones.
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
RARE = "鞍山镕堃喆昇合成公司"
FIRMS = pd.DataFrame({"Firm": [HOSTILE, RARE, "=1+1"], "Revenue": [1.5, 22.25, 3.0]})
RECORD = Record(
    "01_made_up", "Made-up revenue", unit="million yuan", base="3 synthetic firms", note="Synthetic.",
    source="N-S01", alt="Three bars of made-up revenue; the second is the longest.",
)  # fmt: skip
RECORD_ZH = replace(
    RECORD, title="合成营业收入", unit="百万元", base="3家合成企业", note="合成数据。",
    alt="三根柱，为合成营业收入，第二根最长。",
)  # fmt: skip
VERDICTS = [
    ("C1-01", "reproduced", "1", "A made-up claim holds.", "一条合成论断成立。"),
    ("C2-01", "contradicted", "2", "Another claim fails.", "另一条论断不符，涉及巨人企业。"),
    ("C2-02", "untestable", "2", f"A claim on {HOSTILE}.", f"关于{RARE}的论断。"),
]


def _record(language: str) -> Record:
    return RECORD_ZH if language == "zh" else RECORD


def _verdicts() -> pd.DataFrame:
    columns = [
        "claim_id",
        "verdict",
        "section",
        "notebook",
        "kind",
        "claim_en",
        "claim_zh",
        "reported",
        "computed",
        "interval",
        "base",
        "sources",
        "worst_grade",
    ]
    rows = [
        (
            claim,
            verdict,
            section,
            "01_made_up",
            "count",
            en,
            zh,
            "3",
            "3",
            "",
            "",
            "N-S01;N-S26",
            "B",
        )
        for claim, verdict, section, en, zh in VERDICTS
    ]
    return pd.DataFrame(rows, columns=columns)


def _save(folder: Path, language: str) -> tuple[Any, Any]:
    """A figure and a table with their files and captions."""
    with figures.styled():
        figure, axes = figures.new(6, 2)
        axes.barh(["a", "b", "c"], FIRMS["Revenue"], color=figures.COLOURS["main"])
    record = _record(language)
    picture = figures.save(figure, record, folder / "figures", language, FIRMS)
    table = tables.save(FIRMS, replace(record, name="01_firms"), folder / "tables", language)
    for kind, name in (("figure", "01_made_up"), ("table", "01_firms")):
        records = {one: replace(_record(one), name=name) for one in ("en", "zh")}
        content = captions.caption(kind, records, ["N-S01", "N-S26"])
        captions.write(content, folder / f"{kind}s" / f"{name}.json")
    return picture, table


def _output(data: dict[str, str], **metadata: Any) -> Any:
    return nbformat.v4.new_output("display_data", data, metadata=metadata)


def _notebook(picture: Any, table: Any, language: str) -> Any:
    new = nbformat.v4
    png = base64.b64encode(picture.path.read_bytes()).decode("ascii")
    name, title = picture.record.name, picture.record.title
    claim = VERDICTS[0][4 if language == "zh" else 3]
    said = [
        _output({"text/markdown": f"**C1-01** · **reproduced** — {claim} {HOSTILE}\n\n- Sources: N-S01"}),
        _output({"text/html": f"<p onclick='x()'>{HOSTILE}</p>", "text/plain": "page"}),
        _output({"text/html": FIRMS.to_html(), "text/plain": "frame"}),
        _output({"image/png": png, "text/plain": f"Figure {name}: {title}"}),
        _output({"text/html": table._repr_html_(), "text/plain": repr(table)}),
        new.new_output("stream", text="a warning <b>\n"),
    ]  # fmt: skip
    cells = [
        new.new_markdown_cell("# 1 · Made up\n\nEnglish prose.", metadata={"tags": ["lang-en"]}),
        new.new_markdown_cell("# 1 · 合成\n\n中文正文。", metadata={"tags": ["lang-zh"]}),
        new.new_code_cell("import pandas  # <made up>"),
        new.new_code_cell('print("```")', outputs=said),
        new.new_markdown_cell("## Second heading\n\nFor both languages, with `code`."),
    ]
    return new.new_notebook(cells=cells)


def make(folder: Path, language: str = "en") -> Path:
    """Write a made-up finished study.

    Parameters
    ----------
    folder : Path
        Of the study; created.
    language : {"en", "zh"}

    Returns
    -------
    Path
        `folder`.
    """
    (folder / "notebooks").mkdir(parents=True)
    picture, table = _save(folder, language)
    nbformat.write(_notebook(picture, table, language), folder / "notebooks" / "01_made_up.ipynb")
    tables.write_csv(_verdicts(), folder / "verdicts.csv")
    run = {"parameters": asdict(Parameters(language=language)), "failures": []}
    (folder / "run.json").write_text(json.dumps(run, ensure_ascii=False), encoding="utf-8")
    return folder
