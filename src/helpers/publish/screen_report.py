"""The results of a screening as a table and as a short report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.analysis.criteria import FAILS, LADDERS, MEETS, OPEN, Criteria
from helpers.analysis.next_step import Change, Plan, Step
from helpers.analysis.screening import NEW, OLD, Screening, missing_counts, tier_counts
from helpers.evidence.bilingual import Pick
from helpers.publish.firm_template import UNITS

# Firms listed in the report; the table holds all.
LISTED = 50
_LOSSES = {
    "loses": ("loses", "将失去"),
    "may lose": ("may lose", "可能失去"),
    "keeps": ("keeps", "可保持"),
}

_OUTCOMES = {
    MEETS: ("meets", "满足"), FAILS: ("fails", "不满足"), OPEN: ("cannot be told", "无法判断"),
}  # fmt: skip


def _choice_words(fields: pd.DataFrame) -> dict[tuple[str, str], str]:
    """First Chinese word of each choice by field and code.

    Examples
    --------
    >>> _choice_words(pd.DataFrame({"field": ["ip"], "choices": ["a;b"], "choices_zh": ["甲/一;乙"]}))
    {('ip', 'a'): '甲', ('ip', 'b'): '乙'}
    """
    told = fields.dropna(subset="choices_zh")
    return {
        (str(row.field), code): word.split("/")[0]
        for row in told.itertuples()
        for code, word in zip(row.choices.split(";"), row.choices_zh.split(";"), strict=True)
    }


class Words:
    """Names of tiers, fields and conditions in one language.

    Parameters
    ----------
    criteria : Criteria
    t : callable
        Picks the English or the Chinese text.
    """

    def __init__(self, criteria: Criteria, t: Pick) -> None:
        self.criteria = criteria
        self.t = t
        self._language = t("en", "zh")
        fields = criteria.tables["firm_fields"]
        self._fields = fields.set_index("field")[f"label_{self._language}"].to_dict()
        self._choices = _choice_words(fields) if self._language == "zh" else {}
        items = criteria.tables["score_items"]
        self._items = items.set_index("item_id")[f"item_{self._language}"].to_dict()

    def tier(self, tier_id: object) -> str:
        """Name of a tier with the year of its act and its doubt; a dash for none."""
        if not isinstance(tier_id, str):
            return "–"
        name = str(self.criteria.tiers[tier_id][f"name_{self._language}"])
        doubt = len(self.conditions(tier_id, verified=False))
        if doubt:
            en, zh = f"; {doubt} conditions unverified", f"；{doubt}项条件未核实"
        else:
            en = zh = ""
        return self.t(f"{name} ({tier_id[-4:]}{en})", f"{name}（{tier_id[-4:]}{zh}）")

    def conditions(self, tier_id: str, verified: bool | None = None) -> list[dict[str, Any]]:
        """Conditions of a tier, or those of them that are verified or not."""
        return [
            row
            for row in self.criteria.conditions.values()
            if row["tier_id"] == tier_id and verified in (None, bool(row["verified"]))
        ]

    def condition(self, row: Mapping[str, Any]) -> str:
        """Indicator of a condition."""
        return str(row[f"indicator_{self._language}"])

    def field(self, name: str) -> str:
        """Label of a field."""
        return str(self._fields.get(name, name))

    def choice(self, field: str, code: str) -> str:
        """A choice of a field: in Chinese its first word, in English the code that the table takes."""
        return self._choices.get((field, code), code)

    def _subject(self, change: Change) -> str:
        if change.threshold_id:
            row = self.criteria.conditions[change.threshold_id]
            return str(row[f"indicator_{self._language}"])
        if change.item_id:
            return str(self._items[change.item_id])
        if change.missing:
            return self.field(change.missing[0])
        table = self.criteria.tables["thresholds"]
        found = table.loc[table["indicator_id"] == change.indicator, f"indicator_{self._language}"]
        return str(found.iloc[0]) if len(found) else self.field(change.indicator)

    def _unit(self, change: Change) -> str:
        unit: object = None
        if change.threshold_id:
            unit = self.criteria.conditions[change.threshold_id]["unit"]
        elif change.item_id:
            bands = self.criteria.tables["score_bands"]
            own = (bands["item_id"] == change.item_id) & (bands["measured_by"] == change.indicator)
            unit = next(iter(bands.loc[own, "unit"]), "points")
        else:
            table = self.criteria.tables["thresholds"]
            unit = next(iter(table.loc[table["indicator_id"] == change.indicator, "unit"]), None)
        words = {**UNITS, "pct": ("%", "%"), "rank": ("", "")}
        return self.t(*words[unit]) if isinstance(unit, str) else ""

    def step(self, change: Change) -> str:
        """One step in words: what, from which value to which."""
        subject, unit, target = self._subject(change), self._unit(change), change.target
        doubt = ""
        if change.threshold_id and not self.criteria.conditions[change.threshold_id]["verified"]:
            doubt = self.t(" (unverified condition)", "（条件未核实）")
        if isinstance(target, str):
            aim = self.t(f"to {target}", f"达到“{self.choice(change.indicator, target)}”")
        elif self._is_requirement(change):
            yes = target == 1.0
            aim = self.t("required" if yes else "must not be", "须具备" if yes else "须不具备")
        else:
            aim = f"{self._sign(change)} {target:,.6g}{self.t(' ', '')}{unit}".rstrip()
            if change.low == change.high and abs(change.low) != float("inf"):
                aim += self.t(f", now {change.low:,.6g}", f"，现为{change.low:,.6g}")
        text = self.t(f"{subject}: {aim}", f"{subject}：{aim}") + doubt
        if change.item_id:
            text += self.t(" (for points)", "（计分）")
        return self.t(f"to be found out: {text}", f"待查明：{text}") if change.unknown else text

    def _sign(self, change: Change) -> str:
        if change.at_least:
            return "≥"
        row = self.criteria.conditions.get(change.threshold_id)
        return "<" if row is not None and row["comparison"] == "below" else "≤"

    def _is_requirement(self, change: Change) -> bool:
        if change.threshold_id:
            return bool(self.criteria.conditions[change.threshold_id]["comparison"] == "required")
        kinds = self.criteria.tables["firm_fields"].set_index("field")["kind"]
        return bool(kinds.get(change.indicator) == "boolean")

    def plan(self, plan: Plan | None) -> str:
        """All steps of a plan; empty without one."""
        if plan is None:
            return ""
        return self.t("; ", "；").join(self.step(change) for change in plan.changes)

    def steps(self, step: Step | None) -> str:
        """All steps to the next tier."""
        if step is not None and step.plan is None:
            return self.t("no step leads there: larger than an SME", "无步骤可达：规模超出中小企业")
        return self.plan(step.plan if step else None)


def result_table(screening: Screening, words: Words) -> pd.DataFrame:
    """One row per firm, with headings for readers.

    Parameters
    ----------
    screening : Screening
    words : Words

    Returns
    -------
    DataFrame
        Firm; the tier where it stands for certain and the highest not excluded, under both acts; what
        happens to its tier; the next tier under the act asked for, steps to it in number and words,
        and the blank fields it hangs on.
    """
    t, firms = words.t, screening.firms
    blank = pd.Series(None, index=firms.index, dtype="object")
    columns = {
        t("firm_id", "企业编号"): firms["firm_id"],
        t("name", "企业名称"): firms.get("name", blank),
        t("title held", "现有称号"): [
            words.choice("current_tier", code) if isinstance(code, str) else None
            for code in firms.get("current_tier", blank)
        ],
        **_standing_columns(screening, words),
        **_review_columns(screening, words),
        **_step_columns(screening, words),
        t("blank fields it hangs on", "待补字段"): [
            t("; ", "；").join(words.field(name) for name in names) for names in screening.missing
        ],
    }
    return pd.DataFrame(columns)


def _standing_columns(screening: Screening, words: Words) -> dict[str, Any]:
    """Where a firm stands under both acts, and what happens to its tier."""
    t, columns = words.t, {}
    for act, year in ((OLD, "2022"), (NEW, "2026")):
        stands, possible = screening.tier(act), screening.tier(act, possible=True)
        columns[t(f"stands at, {year}", f"{year}年条件：确定达到")] = stands.map(words.tier)
        columns[t(f"not excluded from, {year}", f"{year}年条件：未排除")] = possible.map(words.tier)
    for tier_id in screening.losses.columns:
        name = words.tier(tier_id)
        heading = t(f"2022 to 2026: {name}", f"2022年至2026年：{name}")
        columns[heading] = _told(screening.losses[tier_id], _LOSSES, t)
    return columns


def _review_columns(screening: Screening, words: Words) -> dict[str, Any]:
    """What a review of the title held finds, on the day and under the conditions of 2026."""
    t, review = words.t, screening.review
    return {
        t("title held, review decided by", "现有称号：复核依据"): review["tier_id"].map(words.tier),
        t("title held, at review", "现有称号：复核"): _told(review["outcome"], _OUTCOMES, t),
        t("title held, 2026 conditions at review", "现有称号：按2026年条件复核"): _told(
            review["outcome_new"], _OUTCOMES, t
        ),
    }


def _step_columns(screening: Screening, words: Words) -> dict[str, Any]:
    """The next tier with the steps to it: none counted where there is no next tier."""
    t, steps = words.t, screening.steps
    plans = [step.plan if step else None for step in steps]
    none = [0 if step is None else None for step in steps]
    numbers = {
        t("steps", "步骤数"): [
            len(plan.changes) if plan else least for plan, least in zip(plans, none, strict=True)
        ],
        t("of these to be found out", "其中待查明"): [
            plan.unknown_count if plan else least for plan, least in zip(plans, none, strict=True)
        ],
    }
    return {
        t("next tier", "下一层次"): [words.tier(step.tier_id) if step else "–" for step in steps],
        **{heading: pd.array(found, dtype="Int64") for heading, found in numbers.items()},
        t("what to do", "步骤"): [words.steps(step) for step in steps],
    }


def _told(found: pd.Series, names: Mapping[str, tuple[str, str]], t: Pick) -> list[str]:
    """What was found in words; a dash where nothing was."""
    return [t(*names[word]) if isinstance(word, str) else "–" for word in found]


def _escaped(value: object) -> str:
    text = "–" if value is None or value is pd.NA or value != value else str(value)
    for sign in "\\`*_{}[]<>|#":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split()) or "–"


def _markdown(frame: pd.DataFrame) -> list[str]:
    rows = [list(frame.columns), ["---"] * len(frame.columns)]
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    cells = (tuple(map(_escaped, row)) for row in frame.itertuples(index=False, name=None))
    return [*lines, *("| " + " | ".join(row) + " |" for row in cells), ""]


def _listed(frame: pd.DataFrame, t: Pick) -> list[str]:
    if frame.empty:
        return [t("None.", "无。"), ""]
    more = len(frame) - LISTED
    rest = [t(f"{more} more in the table.", f"其余{more}家见结果表。"), ""] if more > 0 else []
    return [*_markdown(frame.head(LISTED)), *rest]


def _firm_names(screening: Screening) -> pd.Series:
    names = screening.firms.get("name", screening.firms["firm_id"])
    return names.where(names.notna(), screening.firms["firm_id"])


def _losers(screening: Screening, words: Words) -> pd.DataFrame:
    t = words.t
    rows = [
        (name, words.tier(tier_id), words.plan(screening.regain.get((row, tier_id))))
        for tier_id in reversed(screening.losses.columns)
        for row, (name, word) in enumerate(
            zip(_firm_names(screening), screening.losses[tier_id], strict=True)
        )
        if word == "loses"
    ]
    return pd.DataFrame(
        rows,
        columns=[
            t("Firm", "企业"),
            t("Tier", "层次"),
            t("What the conditions of 2026 ask for", "2026年条件所需"),
        ],
    )


def _near(screening: Screening, words: Words) -> pd.DataFrame:
    t = words.t
    rows = [
        (name, words.tier(step.tier_id), words.steps(step))
        for name, step, near in zip(
            _firm_names(screening), screening.steps, screening.one_step, strict=True
        )
        if near and step is not None
    ]
    return pd.DataFrame(
        rows, columns=[t("Firm", "企业"), t("Next tier", "下一层次"), t("Step", "步骤")]
    )


def _doubts(words: Words) -> list[str]:
    """Conditions of the ladders that no source seen states, and those that a single one states."""
    lines = []
    for tier_id in (tier for ladder in LADDERS.values() for tier in ladder):
        rows = words.conditions(tier_id)
        single = sum(bool(row["verified"]) and ";" not in row["source_id"] for row in rows)
        names = words.t("; ", "；").join(
            words.condition(row) for row in rows if not row["verified"]
        ) or words.t("none", "无")
        lines.append(
            words.t(
                f"  - {words.tier(tier_id)}, {len(rows)} conditions: stated by a single source "
                f"{single}; by none, yet used: {names}",
                f"  - {words.tier(tier_id)}，{len(rows)}项条件：仅一个来源载明{single}项；"
                f"无来源载明但仍使用：{names}",
            )
        )
    return lines


def _counts_section(screening: Screening, words: Words) -> list[str]:
    t, total = words.t, len(screening.firms)
    counts = tier_counts(screening)
    table = pd.DataFrame(
        {
            t("Tier", "层次"): [words.tier(tier) for tier in counts["tier_id"]],
            t("Stand there or above", "确定达到该层次或以上"): [
                f"{n}/{total}" for n in counts["firms_count"]
            ],
            t("Not excluded, there or above", "未排除该层次或以上"): [
                f"{n}/{total}" for n in counts["possible_count"]
            ],
        }
    )
    return [
        t("## Who stands where", "## 各层次企业数"), "",
        *_markdown(table),
        t("A firm stands at a tier if its figures meet every condition there, and it holds the title "
          "below or meets its conditions too. Not excluded: no filled-in field speaks against it.",
          "确定达到：所填数据满足全部条件，且已有下级称号或满足其条件。未排除：所填数据均不与之相悖。"),
        "",
    ]  # fmt: skip


def _failing_holders(screening: Screening, words: Words) -> pd.DataFrame:
    """Holders that fail the review of the day, with what it asks for."""
    t, review, names = words.t, screening.review, _firm_names(screening)
    rows = [
        (names.iloc[place], words.tier(review["tier_id"].iloc[place]),
         words.plan(screening.shortfall.get(place)) or t("larger than an SME", "规模超出中小企业"))
        for place in range(len(review))
        if review["outcome"].iloc[place] == FAILS
    ]  # fmt: skip
    headings = [t("Firm", "企业"), t("Reviewed by", "复核依据"), t("What it asks for", "复核所需")]
    return pd.DataFrame(rows, columns=headings)


def _act_numbers(screening: Screening, words: Words, column: str) -> str:
    """Numbers of the acts by which holders are reviewed, with the tiers each is used for."""
    acts = words.criteria.tables["regimes"].set_index("regime_id")["number"]
    tier_ids = dict.fromkeys(screening.review[column].dropna())
    parts = [
        f"{words.tier(tier)}{words.t(': ', '：')}{acts[str(words.criteria.tiers[tier]['regime_id'])]}"
        for tier in tier_ids
    ]
    return words.t("; ", "；").join(parts)


def _losses_section(screening: Screening, words: Words) -> list[str]:
    t = words.t
    may = int((screening.losses == "may lose").any(axis=1).sum())
    review = screening.review
    held = int(review["outcome"].notna().sum())
    counts = {
        (column, word): int((review[column] == word).sum())
        for column in ("outcome", "outcome_new")
        for word in (FAILS, OPEN)
    }
    by = _act_numbers(screening, words, "tier_id")
    section = [
        t("## Who would lose a tier from 2022 to 2026", "## 按2026年条件将失去层次的企业"), "",
        t("Firms that hold the title of a tier or meet its conditions of 2022, and fail those of 2026. "
          "Holders are taken as under review, where growth is not tested.",
          "现有称号或满足2022年条件、但不满足2026年条件的企业。现有称号企业按复核计，不考核增长率。"),
        "",
        *_listed(_losers(screening, words), t),
        t(f"Firms that may lose a tier they hold or met in 2022, depending on blank fields: {may}.",
          f"可能失去现有或2022年已满足的层次、取决于未填字段的企业：{may}家。"),
        "",
        t("## Holders at review", "## 现有称号企业的复核"), "",
        t(f"Firms that hold an SRDI or little-giant title: {held}.",
          f"现有专精特新中小企业或“小巨人”称号的企业：{held}家。"),
        "",
    ]  # fmt: skip
    if not held:
        return section
    return [
        *section,
        t(f"On the day of the screening a review goes by {by}. By these conditions "
          f"{counts['outcome', FAILS]} fail and {counts['outcome', OPEN]} cannot be told; by those of "
          f"2026, {counts['outcome_new', FAILS]} fail and {counts['outcome_new', OPEN]} cannot be told.",
          f"筛查当日的复核依据：{by}。据此{counts['outcome', FAILS]}家不满足，"
          f"{counts['outcome', OPEN]}家无法判断；按2026年条件，{counts['outcome_new', FAILS]}家不满足，"
          f"{counts['outcome_new', OPEN]}家无法判断。"),
        "",
        *_listed(_failing_holders(screening, words), t),
    ]  # fmt: skip


def _missing_section(screening: Screening, words: Words) -> list[str]:
    t = words.t
    blanks = missing_counts(screening).head(10)
    lacking = pd.DataFrame(
        {
            t("Field", "字段"): [words.field(str(name)) for name in blanks.index],
            t("Column", "列名"): [f"{name}" for name in blanks.index],
            t("Firms", "企业数"): blanks.tolist(),
        }
    )
    heading = t("## Blank fields on which the next tier hangs", "## 决定下一层次的未填字段")
    return [heading, "", *_listed(lacking, t)]


def report(
    screening: Screening, words: Words, file: str, on_date: str, act: str, skipped: Sequence[str],
    doubts: Sequence[str] = (),
) -> str:  # fmt: skip
    """The report as Markdown.

    Parameters
    ----------
    screening : Screening
    words : Words
    file : str
        Name of the table that was screened.
    on_date, act : str
        Day of the screening; number of the act under which next steps were looked for.
    skipped : sequence of str
        Faults of rows that were left out.
    doubts : sequence of str
        Values that were read as they stand and are unlikely for an SME.

    Returns
    -------
    str
    """
    t = words.t
    title = t("# Screening of firms against the criteria of 2022 and 2026",
              "# 企业对照2022年与2026年认定条件的筛查")  # fmt: skip
    basis = t(
        f"Firms of {_escaped(file)}: {len(screening.firms)}, taken as new applicants on {on_date}. "
        f"Next steps under {act}.",
        f"{_escaped(file)}，{len(screening.firms)}家企业，按{on_date}新申报计；下一步依据{act}。",
    )
    lines = [
        title, "", basis, "",
        *_counts_section(screening, words),
        *_losses_section(screening, words),
        t("## One step away", "## 仅差一步的企业"), "",
        *_listed(_near(screening, words), t),
        *_missing_section(screening, words),
        t("## Limits", "## 说明"), "",
        *_limits(words), "",
    ]  # fmt: skip
    if doubts:
        lines += [t("## Values to be checked", "## 待核对的数值"), ""]
        lines += [*(f"- {_escaped(row)}" for row in doubts), ""]
    if skipped:
        heading = t("## Rows left out", "## 未纳入的行")
        lines += [heading, "", *(f"- {_escaped(row)}" for row in skipped), ""]
    return "\n".join(lines)


def _limits(words: Words) -> list[str]:
    t = words.t
    return [
        t("- The acts were read from reposts and transcriptions; check the act before relying on a clause. "
          "This is no recognition and no legal advice.",
          "- 各办法据转载与转录录入，引用条款前请核对原文；本结果不构成认定，也非法律意见。"),
        t("- The platform score of 2026 cannot be recomputed; it counts only if it is filled in.",
          "- 2026年平台评价得分无法复算，仅在填报时计入。"),
        t("- That a threshold includes the number itself is in no source seen.",
          "- “以上”“以下”包含本数，所见来源均未载明。"),
        t("- That a value on the border of two bands earns the higher points is in no source seen; "
          "--details marks such items.",
          "- 数值处于两档分界时取高分，所见来源均未载明；加--details可标出此类项目。"),
        t("- A change is stated all else equal; one deed may serve two conditions.",
          "- 各步骤均假定其他条件不变；一项举措可能同时满足两项条件。"),
        t("- How well the conditions are sourced (what no source seen states is marked unverified):",
          "- 各条件的来源情况（所见来源均未载明者标为未核实）："),
        *_doubts(words),
    ]  # fmt: skip
