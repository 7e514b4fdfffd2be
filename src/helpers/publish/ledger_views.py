"""The ledger as a picture, as tables, and in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.claims import (
    DOCUMENTATION_ZH,
    VERDICTS,
    VERDICTS_ZH,
    reported_in,
    told_in,
    verdict_words,
)
from helpers.evidence.settling import ranges_text
from helpers.publish import figures
from helpers.publish.figures import COLOURS
from helpers.publish.phrases import batches_name, listed
from helpers.publish.teller import Shown, Teller, View, Words, record_of, renamed

# Light where little is known, strong where something is; the letter carries the verdict as well.
FACES = {
    "reproduced": ("main", "R"), "entailed": ("second", "E"), "consistent": ("light", "C"),
    "contradicted": ("focal", "X"), "unattainable": ("third", "A"), "untestable": ("pale", "U"),
    "pending": ("pale", "P"), "not applicable": ("pale", "–"),
}  # fmt: skip
# White within a pale edge: such a claim was not judged, whereas an untestable one was.
_UNFILLED = ("not applicable",)
# What each verdict means, in Chinese; in English the ledger itself says it.
MEANINGS = {
    "reproduced": "公开数据完整，按报告精度得出同一数值",
    "entailed": "数据不全，但任何一种补全都满足论断",
    "consistent": "有的补全满足论断，有的不满足",
    "contradicted": "完整数据与论断不同，或任何补全都不满足论断",
    "unattainable": "以所述基数计算，没有任何整数四舍五入后等于所报告的百分比",
    "untestable": "没有公开数字可以判定",
    "pending": "有相关公开数字但不完整，尚未计算识别界，或计算时间不足",
    "not applicable": "不在本次运行的地区或时期之内",
}
STUDY = "STUDY"
# Headings of columns whose values the reader picks from a list.
SECTION_HEAD, VERDICT_HEAD = ("Section", "节"), ("Verdict", "判定")
GRADE_HEAD = ("Grade", "等级")


def section_name(study: Teller, section: int) -> str:
    """A section of the study in words; its abstract is section 0."""
    return str(
        study.t(f"section {section}", f"第{section}节") if section else study.t("abstract", "摘要")
    )


def verdict_name(study: Teller, verdict: str) -> str:
    """A verdict in the study's language."""
    return str(study.t(verdict, VERDICTS_ZH[verdict]))


def ledger(study: Teller, verdicts: pd.DataFrame) -> View:
    """One square for each claim, by section, coloured and lettered by verdict.

    Parameters
    ----------
    study : Teller
    verdicts : DataFrame
        From ``Ledger.check_all``.

    Returns
    -------
    figure, record, data
    """
    sections = sorted(set(verdicts["section"]))
    widest = int(verdicts["section"].value_counts().max())
    with figures.styled():
        figure, ax = figures.new(7.2, 0.45 + 0.25 * len(sections))
        for level, section in enumerate(sections):
            rows = verdicts[verdicts["section"] == section].reset_index(drop=True)
            for place, verdict in enumerate(rows["verdict"]):
                _square(ax, place, level, verdict)
        ax.set(
            xlim=(-0.6, widest - 0.4), ylim=(len(sections) - 0.4, -0.6), yticks=range(len(sections)),
        )  # fmt: skip
        ax.set_yticklabels([section_name(study, section) for section in sections])
        ax.set_xticks([])
        ax.tick_params(axis="y", length=0)
        ax.set_aspect("equal", anchor="W")
        _key(ax, study, verdicts)
        for side in ax.spines.values():
            side.set_visible(False)
    record = record_of(
        study, "06_ledger", ("Claims of the study by section and verdict", "原研究论断：分节与判定"),
        unit=("one square: one claim", "一格为一条论断"),
        base=(f"{len(verdicts)} claims", f"{len(verdicts)}条论断"),
        source=[STUDY],
        alt=_ledger_alt(verdicts),
    )  # fmt: skip
    return figure, record, verdicts[["claim_id", "section", "verdict"]]


def _key(ax: Any, study: Teller, verdicts: pd.DataFrame) -> None:
    """Colour, letter and number of claims of each verdict, above the squares."""
    from matplotlib.patches import Patch

    counts = verdicts["verdict"].value_counts()
    handles = [
        Patch(label=f"{FACES[name][1]} {verdict_name(study, name)} {counts[name]}", **_look(name))
        for name in FACES
        if name in counts
    ]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=5, borderaxespad=0.1,
        handlelength=1, handletextpad=0.4, columnspacing=1.2,
    )  # fmt: skip


def _ledger_alt(verdicts: pd.DataFrame) -> Words:
    counts = {name: int((verdicts["verdict"] == name).sum()) for name in FACES}
    found = sorted(((n, name) for name, n in counts.items() if n), key=lambda pair: -pair[0])
    sections = verdicts["section"].nunique()
    english = ", ".join(f"{n} {name}" for n, name in found)
    chinese = "、".join(f"{VERDICTS_ZH[name]}{n}条" for n, name in found)
    return (
        f"{len(verdicts)} squares in {sections} rows, a row for each section of the study and a "
        f"square for each claim, lettered by verdict: {english}.",
        f"{len(verdicts)}个方格排成{sections}行，每行为原研究的一节，每格为一条论断，以字母标示判定：{chinese}。",
    )


def _look(verdict: str) -> dict[str, Any]:
    """Face and edge of a square."""
    edge = COLOURS[FACES[verdict][0]]
    return {"fc": "white" if verdict in _UNFILLED else edge, "ec": edge, "lw": figures.line(1)}


def _square(ax: Any, x: float, y: float, verdict: str) -> None:
    from matplotlib.patches import Rectangle

    from helpers.publish.charts import ink_on

    look = _look(verdict)
    # As an artist: the limits of the axes are set, and need not follow each square.
    ax.add_artist(Rectangle((x - 0.42, y - 0.42), 0.84, 0.84, **look))
    ax.text(
        x, y, FACES[verdict][1], ha="center", va="center", fontsize=figures.points(8),
        color=ink_on(look["fc"]),
    )  # fmt: skip


def counted(study: Teller, verdicts: pd.DataFrame) -> list[str]:
    """Lines of a list: how many claims have each verdict, and what it means.

    Parameters
    ----------
    study : Teller
    verdicts : DataFrame
        From ``Ledger.check_all``.

    Returns
    -------
    list of str
        In the order of ``VERDICTS``, verdicts of no claim left out.
    """
    counts = verdicts["verdict"].value_counts().reindex(VERDICTS).dropna().astype(int)
    return [
        study.t(
            f"- **{n} {name}** — {VERDICTS[name]}",
            f"- **{VERDICTS_ZH[name]}：{n}条**——{MEANINGS[name]}",
        )
        for name, n in counts.items()
    ]


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


def dependence(study: Teller, table: pd.DataFrame) -> Shown:
    """The table of verdicts that depend on the basis or on sources of grade C.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From :func:`depends`.

    Returns
    -------
    table, record
    """
    heads = {
        "claim_id": ("Claim", "论断"), "verdict": ("Verdict", "判定"),
        "other_bases": ("On other bases", "其他口径"),
        "without_grade_c": ("Without grade C", "不用C级来源"),
    }  # fmt: skip
    record = record_of(
        study, "06_dependence", ("Verdicts that depend on a choice", "随选择而变的判定"),
        note=("An empty table: none does.", "空表：无。"), source=[STUDY],
    )  # fmt: skip
    told = ("verdict", "other_bases", "without_grade_c")
    words = {name: [verdict_words(one, study.language) for one in table[name]] for name in told}
    return renamed(study, table.assign(**words), heads), record


def table(study: Teller, verdicts: pd.DataFrame) -> Shown:
    """All claims with their verdict, what was computed, and the figures behind it.

    Parameters
    ----------
    study, verdicts
        See :func:`ledger`.

    Returns
    -------
    table, record
    """
    heads = {
        "claim_id": ("Claim", "论断"), "section": SECTION_HEAD, "verdict": VERDICT_HEAD,
        study.t("claim_en", "claim_zh"): ("Wording", "内容"), "reported": ("Reported", "报告值"),
        "computed": ("Computed", "计算值"), "interval": ("Bounds", "识别界"),
        "documentation": ("Documentation", "文献佐证"), "rests_on": ("Rests on", "依据"),
        "sources": ("Sources", "来源"), "worst_grade": ("Worst grade", "最低等级"),
    }  # fmt: skip
    record = record_of(
        study, "06_claims", ("The ledger of claims", "论断台账"),
        base=(f"{len(verdicts)} claims", f"{len(verdicts)}条论断"),
        note=(
            "A dash: nothing to show. Wordings are this project's own.",
            "横线：无。论断为本项目自拟措辞。",
        ),
        source=[STUDY],
    )  # fmt: skip
    graded = {key: study.t(key, chinese) for key, chinese in DOCUMENTATION_ZH.items()}
    told = told_in(verdicts, study.language).assign(
        reported=[reported_in(text, study.language) for text in verdicts["reported"]],
        verdict=[verdict_words(one, study.language) for one in verdicts["verdict"]],
        documentation=verdicts["documentation"].replace(graded),
    )
    return renamed(study, told, heads).replace("", None), record


def deciding(study: Teller, frame: pd.DataFrame, verdicts: pd.DataFrame) -> Shown:
    """What would decide each claim that the data leave open.

    Parameters
    ----------
    study : Teller
    frame : DataFrame
        From ``analysis.claim_rules.deciding.deciding_table``.
    verdicts : DataFrame
        From ``Ledger.check_all``.

    Returns
    -------
    table, record
    """
    wording = verdicts.set_index("claim_id")[study.t("claim_en", "claim_zh")]
    heads = {
        "claim_id": ("Claim", "论断"), "wording": ("Wording", "内容"), "figure": ("Figure", "数据"),
        "says": ("What its values would say", "其取值的含义"),
        "open_pct": ("Values left open (%)", "未定取值占比（%）"),
        study.t("needs", "needs_zh"): ("What would decide in any case", "足以判定的资料"),
        "goes_into": ("Table it goes into", "应补入的表"),
    }  # fmt: skip
    record = record_of(
        study, "06_settling", ("What would settle each open claim", "未决论断由何判定"),
        unit=("firms, where a figure is a count", "家（数量类）"),
        note=(
            "Open: some tables that fit the sourced figures satisfy the claim and some do not. The "
            "figure is, of the unknown ones tried, the one that leaves fewest of its values open; a "
            "dash: not solved for.",
            "未决：符合有据数字的各种补全中，有的满足论断，有的不满足。所列数据为所试未知数中留下未定取值最少者；"
            "横线：未求解。",
        ),
        source=[STUDY],
    )  # fmt: skip
    told = [figure_and_reading(study, row) for _, row in frame.iterrows()]
    shown = frame.assign(
        wording=frame["claim_id"].map(wording),
        figure=[figure for figure, _ in told],
        says=[says for _, says in told],
    )
    return renamed(study, shown, heads).replace("", None), record


def figure_and_reading(study: Teller, row: pd.Series) -> tuple[str, str]:
    """The figure that bears most on an open claim, and what its values would say.

    Parameters
    ----------
    study : Teller
    row : Series
        Of ``analysis.claim_rules.deciding.deciding_table``.

    Returns
    -------
    (str, str)
        Of a claim that was not solved for, as its rule says it; else words that say so.
    """
    if pd.notna(row["place_id"]):
        place = study.name(row["place_id"])
        figure = place + study.t(", ", "，") + batches_name(row["batches"], study.t)
        return figure, _says(study, row)
    if row["settles"]:
        figure, _, says = str(row[study.t("settles", "settles_zh")]).partition(study.t(": ", "："))
        return figure, says
    return study.t("not solved for", "未求解"), study.t(
        "no single figure was tried", "未试单个数据"
    )


def _says(study: Teller, row: pd.Series) -> str:
    found = row["settling"]
    if found.open_count == found.possible_count:
        others = int(row["tried_count"]) - 1
        possible = ranges_text((found.possible,), study.t)
        return str(
            study.t(
                f"{possible} possible: none of its values decides the claim by itself"
                + (f", nor does any of the other figures tried ({others})" if others else ""),
                f"可能取值{possible}：任何取值都不能单独判定"
                + (f"，所试其他数据（{others}个）亦然" if others else ""),
            )
        )
    words = {
        "holds": ("holds at {}", "取{}时成立"), "fails": ("fails at {}", "取{}时不成立"),
        "open": ("stays open at {}", "取{}时仍未定"),
    }  # fmt: skip
    parts = [
        study.t(*pair).format(ranges_text(getattr(found, key), study.t))
        for key, pair in words.items()
        if getattr(found, key)
    ]
    return str(study.t("; ", "；").join(parts))


def settling_reading(study: Teller, frame: pd.DataFrame) -> str:
    """Sentences: how many claims are open, which a single figure decides, and what they wait for.

    Parameters
    ----------
    study : Teller
    frame : DataFrame
        From ``analysis.claim_rules.deciding.deciding_table``.

    Returns
    -------
    str
    """
    alone, stuck = (frame.loc[frame["open_pct"].eq(end), "claim_id"] for end in (0, 100))
    tables = [
        f"`{name}`" for name in dict.fromkeys(";".join(frame["goes_into"]).split(";")) if name
    ]
    told = [listed(study, names) for names in (alone, stuck, tables)]
    return str(
        study.t(
            f"{len(frame)} claims are open. Of the figures solved for, one decides whatever its value: "
            f"{told[0]}; none of those tried decides by any of its values: {told[1]}. The "
            f"tables the open claims wait for: {told[2]}.",
            f"未决论断共{len(frame)}条。经求解，有一项数据无论取何值均可判定的论断：{told[0]}；"
            f"所试数据任何取值均不能判定的论断：{told[1]}。未决论断所待补充的数据表：{told[2]}。",
        )
    )


def sources(study: Teller, verdicts: pd.DataFrame) -> Shown:
    """The sources that the verdicts name, with the claims each of them bears on.

    Parameters
    ----------
    study, verdicts
        See :func:`ledger`.

    Returns
    -------
    table, record
    """
    cited: dict[str, list[str]] = {}
    for claim, ids in zip(verdicts["claim_id"], verdicts["sources"], strict=True):
        for source_id in filter(None, ids.split(";")):
            cited.setdefault(source_id, []).append(claim)
    heads = {
        "source_id": ("Source", "来源"), "publisher": ("Publisher", "发布者"),
        "title": ("Title", "题名"), "published": ("Published", "发布日期"), "grade": GRADE_HEAD,
        "url": ("Address", "网址"), "claims": ("Claims", "论断"),
    }  # fmt: skip
    every = study.table("sources")
    used = every[every["source_id"].isin(cited)]
    comma = study.t(", ", "、")
    used = used.assign(claims=[comma.join(cited[one]) for one in used["source_id"]])
    record = record_of(
        study, "06_sources",
        ("Sources of the figures behind the verdicts", "判定所据数字的来源"),
        base=(f"{len(used)} sources", f"{len(used)}项来源"),
        note=(
            "Grades: A official, B named press or repost, C aggregator. A dash under address: only a "
            "copy was seen.",
            "等级：A官方，B具名报刊或转载，C聚合网站。网址为横线：仅见副本。",
        ),
        source=("table of sources", "来源表"),
    )  # fmt: skip
    return renamed(study, used, heads).replace("", None), record
