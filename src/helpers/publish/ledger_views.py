"""The ledger as a picture and as tables."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from helpers.publish import figures
from helpers.publish.figures import COLOURS, Record
from helpers.publish.trend_views import Pick, View

# Light where little is known, strong where something is; the letter carries the verdict as well.
FACES = {
    "reproduced": ("main", "R", "可复现"),
    "entailed": ("second", "E", "必然成立"),
    "consistent": ("light", "C", "相容"),
    "contradicted": ("focal", "X", "不符"),
    "unattainable": ("third", "A", "不可得"),
    "untestable": ("pale", "U", "无法检验"),
    "pending": ("pale", "P", "待定"),
    "not applicable": ("pale", "–", "不适用"),
}


def ledger(verdicts: pd.DataFrame, t: Pick, source: str) -> View:
    """One square for each claim, by section, coloured and lettered by verdict.

    Parameters
    ----------
    verdicts : DataFrame
        From ``Ledger.check_all``.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    figure, record, data
    """
    sections = sorted(set(verdicts["section"]))
    widest = int(verdicts["section"].value_counts().max())
    with figures.styled():
        figure, ax = figures.new(7.2, 0.8 + 0.42 * len(sections))
        for level, section in enumerate(sections):
            rows = verdicts[verdicts["section"] == section].reset_index(drop=True)
            for place, verdict in enumerate(rows["verdict"]):
                colour, letter, _ = FACES[verdict]
                _square(ax, place, level, COLOURS[colour], letter)
        ax.set(
            xlim=(-0.6, widest - 0.4), ylim=(len(sections) - 0.4, -0.6), yticks=range(len(sections)),
        )  # fmt: skip
        ax.set_yticklabels([t(f"section {n}", f"第{n}节") if n else t("abstract", "摘要") for n in sections])  # fmt: skip
        ax.set_xticks([])
        ax.grid(False)
        for side in ax.spines.values():
            side.set_visible(False)
    used = [name for name in FACES if name in set(verdicts["verdict"])]
    letters = "; ".join(f"{FACES[name][1]} {t(name, FACES[name][2])}" for name in used)
    record = Record(
        "06_ledger",
        t("Claims of the study by section and verdict", "研究论断：分节与判定"),
        unit=t("one square: one claim", "一格为一条论断"),
        base=t(f"{len(verdicts)} claims", f"{len(verdicts)}条论断"),
        note=letters,
        source=source,
    )
    return figure, record, verdicts[["claim_id", "section", "verdict"]]


def _square(ax: Any, x: float, y: float, colour: str, letter: str) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((x - 0.44, y - 0.44), 0.88, 0.88, facecolor=colour, edgecolor="none"))
    red, green, blue = to_rgb(colour)
    dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
    ink = "white" if dark else COLOURS["ink"]
    ax.text(x, y, letter, ha="center", va="center", fontsize=8, color=ink)


def verdict_words(text: str, t: Pick) -> str:
    """A verdict, or verdicts by basis, in the chosen language.

    Examples
    --------
    >>> verdict_words("certified: 4.431, contradicted; announced: unattainable", lambda en, zh: zh)
    '公告口径：4.431，不符；公示口径：不可得'
    >>> verdict_words("consistent", lambda en, zh: en)
    'consistent'
    """
    for name, (_, _, chinese) in FACES.items():
        text = re.sub(rf"\b{name}\b", t(name, chinese), text)
    for name, chinese in {
        "study": "本研究口径",
        "certified": "公告口径",
        "announced": "公示口径",
    }.items():
        text = text.replace(f"{name}: ", t(f"{name}: ", f"{chinese}："))
    return (
        text.replace(", ", t(", ", "，")).replace("; ", t("; ", "；"))
        if ": " in text or "：" in text
        else text
    )


def depends(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Claims whose verdict is another one on some basis or without sources of grade C.

    Examples
    --------
    >>> frame = pd.DataFrame({"claim_id": ["a", "b"], "verdict": ["entailed", "consistent"],
    ...     "other_bases": ["certified: entailed", ""], "without_grade_c": ["consistent", ""]})
    >>> depends(frame)["claim_id"].tolist()
    ['a']
    """
    without = verdicts["without_grade_c"]
    moved = (without != "") & (without != verdicts["verdict"])
    for place, row in verdicts.iterrows():
        parts = [part for part in row["other_bases"].split("; ") if part]
        moved.loc[place] |= any(not part.endswith(row["verdict"]) for part in parts)
    return verdicts[moved]


def dependence(table: pd.DataFrame, t: Pick, source: str) -> tuple[pd.DataFrame, Record]:
    """The table of verdicts that depend on the basis or on sources of grade C.

    Parameters
    ----------
    table : DataFrame
        From :func:`depends`.
    t, source
        See :func:`ledger`.

    Returns
    -------
    table, record
    """
    columns = {
        "claim_id": t("Claim", "论断"),
        "verdict": t("Verdict", "判定"),
        "other_bases": t("On other bases", "其他口径"),
        "without_grade_c": t("Without grade C", "不用C级来源"),
    }
    record = Record(
        "06_dependence",
        t("Verdicts that depend on a choice", "随选择而变的判定"),
        note=t("An empty table: none does.", "空表：无。"),
        source=source,
    )
    words = ["verdict", "other_bases", "without_grade_c"]
    shown = table.assign(**{name: [verdict_words(one, t) for one in table[name]] for name in words})
    return shown.rename(columns=columns)[list(columns.values())], record


def table(verdicts: pd.DataFrame, t: Pick, source: str) -> tuple[pd.DataFrame, Record]:
    """All claims with their verdict, what was computed, and the figures behind it.

    Parameters
    ----------
    verdicts, t, source
        See :func:`ledger`.

    Returns
    -------
    table, record
    """
    columns = {
        "claim_id": t("Claim", "论断"),
        "section": t("Section", "节"),
        "verdict": t("Verdict", "判定"),
        t("claim_en", "claim_zh"): t("Wording", "内容"),
        "reported": t("Reported", "报告值"),
        "computed": t("Computed", "计算值"),
        "interval": t("Bounds", "界"),
        "documentation": t("Documentation", "文献佐证"),
        "rests_on": t("Rests on", "依据"),
        "sources": t("Sources", "来源"),
        "worst_grade": t("Worst grade", "最低等级"),
    }
    record = Record(
        "06_claims",
        t("The ledger of claims", "论断台账"),
        base=t(f"{len(verdicts)} claims", f"{len(verdicts)}条论断"),
        note=t(
            "A dash: nothing to show. Wordings are this project's own.",
            "横线：无。论断为本项目自拟措辞。",
        ),
        source=source,
    )
    told = verdicts.assign(verdict=[verdict_words(one, t) for one in verdicts["verdict"]])
    shown = told.rename(columns=columns)[list(columns.values())]
    return shown.replace("", None), record


def deciding(
    frame: pd.DataFrame, verdicts: pd.DataFrame, t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """What would decide each claim that the data leave open.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis.claim_rules.deciding.deciding_table``.
    verdicts, t, source
        See :func:`ledger`.

    Returns
    -------
    table, record
    """
    wording = verdicts.set_index("claim_id")[t("claim_en", "claim_zh")]
    columns = {
        "claim_id": t("Claim", "论断"),
        "wording": t("Wording", "内容"),
        "figure": t("Figure", "数据"),
        "says": t("What its values would say", "其取值的含义"),
        "open_pct": t("Values left open (%)", "未定取值占比（%）"),
        "needs": t("What would decide in any case", "足以判定的资料"),
        "goes_into": t("Table it goes into", "应补入的表"),
    }
    record = Record(
        "06_settling",
        t("What would settle each open claim", "未决论断由何判定"),
        unit=t("firms, where a figure is a count", "家（数量类）"),
        note=t(
            "Open: some tables that fit the sourced figures satisfy the claim and some do not. The "
            "figure is, of the unknown ones tried, the one that leaves fewest of its values open; a dash: not solved for.",
            "未决：满足有据数字的表中，有的符合论断，有的不符合。所列数据为所试未知数中留下未定取值最少者；横线：未求解。",
        ),
        source=source,
    )
    shown = frame.assign(wording=frame["claim_id"].map(wording)).rename(columns=columns)
    return shown[list(columns.values())].replace("", None), record


def sources(
    frame: pd.DataFrame, verdicts: pd.DataFrame, t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """The sources that the verdicts name, with the claims each of them bears on.

    Parameters
    ----------
    frame : DataFrame
        Table ``sources``.
    verdicts, t, source
        See :func:`ledger`.

    Returns
    -------
    table, record
    """
    cited: dict[str, list[str]] = {}
    for claim, ids in zip(verdicts["claim_id"], verdicts["sources"], strict=True):
        for source_id in filter(None, ids.split(";")):
            cited.setdefault(source_id, []).append(claim)
    columns = {
        "source_id": t("Source", "来源"),
        "publisher": t("Publisher", "发布者"),
        "title": t("Title", "题名"),
        "published": t("Published", "发布日期"),
        "grade": t("Grade", "等级"),
        "url": t("Address", "网址"),
        "claims": t("Claims", "论断"),
    }
    used = frame[frame["source_id"].isin(cited)]
    used = used.assign(claims=[", ".join(cited[one]) for one in used["source_id"]])
    record = Record(
        "06_sources",
        t("Sources of the figures behind the verdicts", "判定所据数字的来源"),
        note=t(
            "Grades: A official, B named press or repost, C aggregator. A dash under address: only a copy was seen.",
            "等级：A官方，B署名媒体或转载，C汇编。网址为横线：仅见副本。",
        ),
        source=source,
    )
    return used.rename(columns=columns)[list(columns.values())].replace("", None), record
