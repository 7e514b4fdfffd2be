"""Rules on the concept: a register of documents, the ladder of tiers, the hidden champions.

Most of these claims can only be documented. Their finding has a grade and no truth, so that the
verdict is *untestable* with a grade; the rules on dates and on the ladder give a truth.
"""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from helpers.analysis import tiers
from helpers.evidence.bilingual import (
    TIERS_ZH,
    Pick,
    Said,
    every,
    in_chinese,
    in_english,
    join,
    name_of,
)
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.sources import ids_of

# The act that ranks the tiers, and the ending of its tier ids.
ACT, YEAR = "M2022", "2022"

NONE = Said("none", "无")
OCCASIONS_ZH = {
    "general_secretary": "总书记讲话", "politburo": "中央政治局会议",
    "government_work_report": "《政府工作报告》",
}  # fmt: skip


def _titled(documents: pd.DataFrame, issued: bool = False) -> Said:
    """Titles of documents, with the day of issue where asked for."""
    told = []
    for row in documents.itertuples():
        title, day = name_of(row.title_en, row.title_zh), f", {row.issued}" if issued else ""
        told.append(Said(f"{title}{day}", f"《{title.zh}》{day.replace(', ', '，')}"))
    return every(told)


def _tier(name: str) -> Said:
    return Said(
        name.replace("_", " ").replace("srdi sme", "SRDI SME").replace(" sme", " SME"),
        TIERS_ZH.get(name, name),
    )


def _national(setting: Setting) -> pd.DataFrame:
    documents = setting.tables["policy_documents"].dropna(subset="issued")
    return tiers.in_order(documents[documents["level"] == "national"])


def _sides_with(facts: pd.DataFrame) -> int:
    return len(set(tiers.SIDES) & set(facts["side"]))


def top_level_calls(setting: Setting, test: ClaimTest) -> Finding:
    """On how many of the occasions named a source other than the study quotes the call.

    Looks at ``top_level_calls``. An occasion that the study alone quotes counts as not documented;
    nothing else can be missing.
    """
    calls = setting.tables["top_level_calls"]
    quoted = tiers.independent(calls)
    occasions = every(
        Said(name.replace("_", " "), OCCASIONS_ZH.get(name, name)) for name in quoted["occasion"]
    )
    found = occasions or NONE
    return Finding(
        documentation=tiers.grade(len(quoted), max(len(calls), 1)),
        sources=ids_of(quoted["source_id"]),
        computed=Said(
            f"{len(quoted)} of {len(calls)} occasions", f"{len(calls)}个场合中的{len(quoted)}个"
        ),
        detail=Said(f"Quoted outside the study: {found}.", f"原研究以外有引述：{found.zh}。"),
    )


def first_document(setting: Setting, test: ClaimTest) -> Finding:
    """Whether a national document of the year takes up the concept, and none found before it does.

    Looks at the national documents of ``policy_documents`` that define the concept. That there is
    no earlier one the register cannot show, so that the claim is graded and never reproduced; an
    earlier document makes the grade conflicting.
    """
    documents, claimed = _national(setting), int(test.reported)
    defining = documents[documents["role"] == "defines_concept"]
    plan = defining[defining["year"] == claimed]
    earlier = defining[defining["year"] < claimed]
    titles = _titled(plan) or NONE
    return Finding(
        documentation=tiers.first_grade(defining, claimed),
        sources=ids_of(plan["source_id"], earlier["source_id"]),
        computed=Said(
            f"{len(plan)} document of {claimed}, {len(earlier)} earlier found",
            f"{claimed}年文件{len(plan)}份，更早的查得{len(earlier)}份",
        ),
        detail=Said(
            f"Of {claimed}, and making SRDI growth a principle: {titles}. "
            "The register is not exhaustive, so that an earlier document is not excluded.",
            f"{claimed}年以专精特新发展为原则的文件：{titles.zh}。登记表并不穷尽，不能排除更早的文件。",
        ),
    )


def guiding_opinions(setting: Setting, test: ClaimTest) -> Finding:
    """The year of the earliest national guiding opinions with the concept in their title.

    Looks at ``policy_documents``. If there are none, they are what is missing.
    """
    first = tiers.guiding_opinions(_national(setting)).head(1)
    if first.empty:
        absent = Said(
            "dated guiding opinions with the concept in their title",
            "标题含该概念且注明日期的指导意见",
        )
        return Finding(missing=[absent])
    year, number = int(first["year"].iloc[0]), every(first["number"].dropna())
    titles, numbered = _titled(first), number or Said("without a number", "无文号")
    return Finding(
        value=year,
        computed=str(year),
        sources=ids_of(first["source_id"]),
        detail=Said(f"{titles}, {numbered}.", f"{titles.zh}，{numbered.zh}。"),
    )


def four_words(setting: Setting, test: ClaimTest) -> Finding:
    """Whether guiding opinions are on record as explaining all four words.

    Looks at the column defines_four_words of ``policy_documents`` for documents of a year with
    guiding opinions. Their wording was not seen, so that the grade is *partly* at most.
    """
    documents = _national(setting)
    titled = tiers.guiding_opinions(documents)
    explaining = documents[documents["defines_four_words"]]
    opinions = explaining[explaining["year"].isin(titled["year"])]
    return Finding(
        documentation="partly" if len(opinions) else "undocumented",
        sources=ids_of(opinions["source_id"]),
        detail=Said(
            f"Documents of that year recorded as explaining the four words: {len(opinions)}. "
            "The wording was not seen.",
            f"登记为解释了四个字的该年文件：{len(opinions)}份。原文未见。",
        ),
    )


def gradient_system(setting: Setting, test: ClaimTest) -> Finding:
    """Whether a national document of the year links tiers by at least two steps.

    Looks at ``gradient_steps`` and ``policy_documents``, and for comparison at the first document
    that sets out all tiers of ``subject_ids``. Without such a document of the year it is missing:
    the register is not exhaustive, so that the claim cannot be refuted by it.
    """
    claimed, documents = int(test.reported), _national(setting)
    steps = setting.tables["gradient_steps"]
    plans = tiers.with_steps(documents, steps, least=2)
    plans = plans[plans["year"] == claimed]
    stated = steps[steps["doc_id"].isin(plans["doc_id"])]
    links = every(
        _link(*pair) for pair in zip(stated["lower_tier"], stated["upper_tier"], strict=True)
    )
    first = tiers.first_with(documents, test.subject_ids)
    return Finding(
        value=None if plans.empty else claimed,
        missing=[_two_steps(claimed)] if plans.empty else [],
        sources=ids_of(stated["source_id"]),
        computed=Said(
            f"{len(stated)} steps in {len(plans)} document of {claimed}",
            f"{claimed}年文件{len(plans)}份，载明{len(stated)}级递进",
        ),
        detail=_gradient_said(_titled(plans, True), links, first),
    )


def _link(lower: str, upper: str) -> Said:
    low, high = _tier(lower), _tier(upper)
    return Said(f"{low} to {high}", f"{low.zh}至{high.zh}")


def _two_steps(year: int) -> Said:
    return Said(f"a document of {year} that states two steps", f"载明两级递进的{year}年文件")


def _gradient_said(plans: Said, links: Said, first: pd.DataFrame) -> Said:
    """Which documents state which steps, and which is the first with all tiers."""
    found, steps = plans or Said("None found", "未查得"), links or NONE
    told = Said(f"{found}; steps: {steps}.", f"{found.zh}；递进：{steps.zh}。")
    if first.empty:
        return told
    title = _titled(first, True)
    whole = Said(
        f"All three tiers, innovative SMEs among them, are first found in {title}.",
        f"包含创新型中小企业的三个层级首见于{title.zh}。",
    )
    return join([told, whole], " ", "")


def ladder_order(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the measures of 2022 rank the tiers in the order of ``subject_ids``.

    Looks at the ranks in ``tiers`` and, for each step up, at the conditions with a number that both
    tiers have in ``thresholds``: none may get easier. A step without a shared condition does not
    count against the claim. If the measures rank no tier, the ranks are missing.
    """
    act = setting.tables["tiers"]
    act = act[act["regime_id"] == ACT]
    ranked, rungs = tiers.ladder(act, ACT), list(test.subject_ids)
    if not ranked:
        absent = Said("ranks of the tiers under the measures of 2022", "2022年办法所定各层级的次序")
        return Finding(missing=[absent])
    compared = [
        tiers.compare_tiers(setting.tables["thresholds"], f"{upper}_{YEAR}", f"{lower}_{YEAR}")
        for lower, upper in pairwise(rungs)
    ]
    rising = [tiers.never_looser(step) is not False for step in compared]
    shared = every(len(step) for step in compared)
    return Finding(
        holds=ranked == rungs and all(rising),
        computed=join(map(_tier, ranked), " < ", " < "),
        sources=ids_of(act["source_id"]),
        base=Said("ranks under the measures of 2022", "2022年办法所定次序"),
        detail=Said(
            f"Conditions with a number shared by neighbouring tiers, from below: {shared}; "
            f"steps on which none gets easier: {sum(rising)} of {len(compared)}.",
            f"相邻层级共有的量化条件数（自下而上）：{shared.zh}；"
            f"没有任何条件放宽的递进：{len(compared)}级中的{sum(rising)}级。",
        ),
    )


def champion_clause(counts: tiers.ChampionCounts, t: Pick = in_english) -> str:
    """What the thresholds say of champions and little giants, as a clause without a full stop.

    Parameters
    ----------
    counts : ChampionCounts
        From :func:`helpers.analysis.tiers.champion_counts`.
    t : callable
        Picks the English or the Chinese text.

    Examples
    --------
    >>> champion_clause(tiers.ChampionCounts(9, 8, 7, 2, 2, 20, 12))[:66]
    'champions are asked for at least as much in 7 of 8 comparable pair'
    """
    return t(
        f"champions are asked for at least as much in {counts.strict} of {counts.settled} "
        f"comparable pairs of conditions ({counts.pairs} pairs in all); {counts.apart} of "
        f"{counts.measures} champion measures stand outside the gradient system and ask for no "
        f"earlier title; {counts.unasked} of {counts.topics} topics of the little-giant criteria of "
        "2022 have no number there",
        f"可比的{counts.settled}对条件中，单项冠军的要求不低于“小巨人”的有{counts.strict}对"
        f"（共{counts.pairs}对）；{counts.measures}件单项冠军办法中，{counts.apart}件不属梯度培育体系，"
        f"也不以在先称号为条件；2022年“小巨人”标准的{counts.topics}个主题中，{counts.unasked}个在单项冠军办法中"
        "未设数值",
    )


def step_above(setting: Setting, test: ClaimTest) -> Finding:
    """Whether a document states the step from the first to the second tier of ``subject_ids``.

    Looks at ``gradient_steps`` and the dated rows of ``policy_documents``; the conditions of
    champions and little giants in ``thresholds`` are told beside it and do not change the grade.
    Without such a document the claim is undocumented.
    """
    lower, upper = test.subject_ids
    documents = setting.tables["policy_documents"].dropna(subset="issued")
    conditions, tier_rows = setting.tables["thresholds"], setting.tables["tiers"]
    placing = tiers.stating_step(setting.tables["gradient_steps"], lower, upper)
    above = documents[documents["doc_id"].isin(placing["doc_id"])]
    duel = tiers.compare_pairs(conditions, tiers.CHAMPION_PAIRS)
    used = tiers.conditions_compared(conditions, duel)
    own = tier_rows[tier_rows["tier"] == "single_champion"]
    titles = _titled(above, True) or Said("None found", "未查得")
    counts = tiers.champion_counts(duel, own, conditions)
    return Finding(
        documentation=tiers.grade(min(len(above), 1), 1),
        sources=ids_of(placing["source_id"], used["source_id"], own["source_id"]),
        computed=Said(
            f"{len(above)} document places champions above little giants",
            f"{len(above)}份文件将单项冠军置于“小巨人”之上",
        ),
        detail=Said(
            f"{titles}. Supporting: {champion_clause(counts)}.",
            f"{titles.zh}。佐证：{champion_clause(counts, in_chinese)}。",
        ),
    )


def lessons(setting: Setting, test: ClaimTest) -> Finding:
    """How many of the lessons are spelt out by a source.

    Looks at the rows of section lesson in ``hidden_champion_facts``. Whether the lessons carry over
    to SRDI firms no table shows, so that this part is always missing.
    """
    facts, needed = setting.tables["hidden_champion_facts"], int(test.reported)
    found = facts[facts["section"] == "lesson"]
    return Finding(
        documentation=tiers.grade(min(len(found), needed), needed),
        sources=ids_of(found["source_id"]),
        computed=Said(f"{len(found)} of {needed} lessons", f"{needed}条经验中的{len(found)}条"),
        detail=Said(
            "Lessons a source spells out. The source is about hidden champions alone, so "
            "nothing shows that they carry over.",
            "来源明确写出的经验。来源仅论及隐形冠军，没有资料表明其适用于专精特新企业。",
        ),
    )


def dimensions(setting: Setting, test: ClaimTest) -> Finding:
    """How many contrasts have independent facts on both sides.

    Looks at ``contrasts``. Only when every dimension has facts on both sides is their number
    compared with the reported one; until then the other side is missing and the claim is graded.
    """
    contrasts = setting.tables["contrasts"]
    sides = tiers.sides_documented(contrasts)
    full, count = int(sides["both"].sum()), len(sides)
    open_ = list(sides.index[~sides["both"]])
    words = zip(tiers.dimension_words(open_), tiers.dimension_words(open_, "zh"), strict=True)
    gaps = every(Said(english.lower(), zh) for english, zh in words) or NONE
    return Finding(
        value=full if count and full == count else None,
        sources=ids_of(contrasts["source_id"]),
        computed=Said(f"{full} of {count} dimensions", f"{count}个维度中的{full}个"),
        documentation=tiers.grade(full, max(count, 1)),
        detail=Said(
            f"Dimensions with independent facts on both sides: {full} of {count}; missing on "
            f"one side: {gaps}. How clear a difference is would take one indicator measured "
            "on both sides.",
            f"双方均有独立事实的维度：{count}个中的{full}个；一方缺失：{gaps.zh}。"
            "差异是否明显，须有一项在双方都测量过的指标。",
        ),
    )


def listing(setting: Setting, test: ClaimTest) -> Finding:
    """For how many sides the share of listed firms is on record.

    Looks at the counts over a base of dimension type in ``contrasts``. A side without such a count
    is missing; marketing leaves no count at all.
    """
    contrasts = setting.tables["contrasts"]
    counted = contrasts["numerator_count"].notna() & (contrasts["dimension"] == "type")
    listed = contrasts[counted]
    known = _sides_with(listed)
    found = [
        Said(str(tiers.figure_text(row)), str(tiers.figure_text(row, "zh")))
        for _, row in listed.iterrows()
    ]
    stated = map(
        name_of, listed["statement_en"], listed.get("statement_zh", listed["statement_en"])
    )
    sides = Said(
        f"Sides with such a count: {known} of 2; marketing leaves no count.",
        f"有此类数量的一方：2方中的{known}方；营销没有可计之数。",
    )
    return Finding(
        sources=ids_of(listed["source_id"]),
        documentation=tiers.grade(known, len(tiers.SIDES)),
        computed=join(found) or None,
        detail=join([*stated, sides], " ", ""),
    )


def pace_abroad(setting: Setting, test: ClaimTest) -> Finding:
    """For how many sides a time taken to go abroad is on record.

    Looks at the rows in years of dimension internationalisation in ``contrasts`` that do not rest
    on the study alone. A side without one is missing.
    """
    contrasts = setting.tables["contrasts"]
    abroad = contrasts[contrasts["dimension"] == "internationalisation"]
    paces = _sides_with(tiers.independent(abroad[abroad["unit"] == "years"]))
    return Finding(
        sources=ids_of(abroad["source_id"]),
        documentation=tiers.grade(paces, len(tiers.SIDES)),
        computed=Said(f"{paces} of 2 sides with a pace", f"2方中{paces}方有速度"),
        detail=Said(
            "A pace is a time taken to go abroad. For hidden champions a direction is known, "
            "for little giants what the criteria ask.",
            "速度指走向国际市场所用的时间。隐形冠军仅知方向，“小巨人”仅知标准的要求。",
        ),
    )


def chain_conditions(setting: Setting, test: ClaimTest) -> Finding:
    """How many conditions on industrial chains are confirmed in their wording.

    Looks at dimension chain_support of ``thresholds``. An unverified condition counts as missing.
    """
    conditions = setting.tables["thresholds"]
    chain = conditions[conditions["dimension"] == "chain_support"]
    worded = chain[chain["verified"]]
    return Finding(
        documentation=tiers.grade(len(worded), max(len(chain), 1)),
        sources=ids_of(chain["source_id"]),
        computed=Said(
            f"{len(worded)} of {len(chain)} conditions on chains confirmed in wording",
            f"{len(chain)}项产业链条件中{len(worded)}项经原文核实",
        ),
        detail=Said(
            "Even a confirmed condition would show that firms are chosen for their place in a "
            "chain, not that the chain made them grow.",
            "即使条件得到核实，也只表明企业因其产业链位置而入选，不表明产业链使其成长。",
        ),
    )


RULES: dict[str, Rule] = {
    "top_level_calls": Rule(top_level_calls),
    "first_document": Rule(first_document),
    "guiding_opinions": Rule(guiding_opinions),
    "four_words": Rule(four_words),
    "gradient_system": Rule(gradient_system),
    "ladder_order": Rule(ladder_order),
    "step_above": Rule(step_above),
    "lessons": Rule(lessons),
    "dimensions": Rule(dimensions),
    "listing": Rule(listing),
    "pace_abroad": Rule(pace_abroad),
    "chain_conditions": Rule(chain_conditions),
}
