"""Rules on the concept: a register of documents, the ladder of tiers, the hidden champions.

Most of these claims can only be documented. Their finding has a grade and no truth, so that the
verdict is *untestable* with a grade; the rules on dates and on the ladder give a truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import pandas as pd

from helpers.analysis import tiers
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.settling import english
from helpers.evidence.sources import ids_of

# The act that ranks the tiers, and the ending of its tier ids.
ACT, YEAR = "M2022", "2022"


def _joined(texts: Iterable[str]) -> str:
    items = list(texts)
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


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
    occasions = _joined(quoted["occasion"].str.replace("_", " "))
    return Finding(
        documentation=tiers.grade(len(quoted), max(len(calls), 1)),
        sources=ids_of(quoted["source_id"]),
        computed=f"{len(quoted)} of {len(calls)} occasions",
        detail=f"Quoted outside the study: {occasions or 'none'}.",
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
    return Finding(
        documentation=tiers.first_grade(defining, claimed),
        sources=ids_of(plan["source_id"], earlier["source_id"]),
        computed=f"{len(plan)} document of {claimed}, {len(earlier)} earlier found",
        detail=f"Of {claimed}, and making SRDI growth a principle: "
        f"{_joined(plan['title_zh']) or 'none'}. "
        "The register is not exhaustive, so that an earlier document is not excluded.",
    )


def guiding_opinions(setting: Setting, test: ClaimTest) -> Finding:
    """The year of the earliest national guiding opinions with the concept in their title.

    Looks at ``policy_documents``. If there are none, they are what is missing.
    """
    first = tiers.guiding_opinions(_national(setting)).head(1)
    if first.empty:
        return Finding(missing=["dated guiding opinions with the concept in their title"])
    year, number = int(first["year"].iloc[0]), _joined(first["number"].dropna())
    return Finding(
        value=year,
        computed=str(year),
        sources=ids_of(first["source_id"]),
        detail=f"{_joined(first['title_zh'])}, {number or 'without a number'}.",
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
        detail=f"Documents of that year recorded as explaining the four words: {len(opinions)}. "
        "The wording was not seen.",
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
    links = (stated["lower_tier"] + " to " + stated["upper_tier"]).str.replace("_", " ")
    first = tiers.first_with(documents, test.subject_ids)
    whole = (
        "All three tiers, innovative SMEs among them, are first found in "
        f"{_joined(first['title_en'])}, {_joined(first['issued'])}."
    )
    return Finding(
        value=None if plans.empty else claimed,
        missing=[f"a document of {claimed} that states two steps"] if plans.empty else [],
        sources=ids_of(stated["source_id"]),
        computed=f"{len(stated)} steps in {len(plans)} document of {claimed}",
        detail=f"{_joined(plans['title_zh'] + ', ' + plans['issued']) or 'None found'}; "
        f"steps: {_joined(links) or 'none'}." + (f" {whole}" if len(first) else ""),
    )


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
        return Finding(missing=["ranks of the tiers under the measures of 2022"])
    compared = [
        tiers.compare_tiers(setting.tables["thresholds"], f"{upper}_{YEAR}", f"{lower}_{YEAR}")
        for lower, upper in pairwise(rungs)
    ]
    rising = [tiers.never_looser(step) is not False for step in compared]
    return Finding(
        holds=ranked == rungs and all(rising),
        computed=" < ".join(ranked),
        sources=ids_of(act["source_id"]),
        base="ranks under the measures of 2022",
        detail="Conditions with a number shared by neighbouring tiers, from below: "
        f"{_joined(str(len(step)) for step in compared)}; "
        f"steps on which none gets easier: {sum(rising)} of {len(compared)}.",
    )


def champion_clause(counts: tiers.ChampionCounts, t: Callable[[str, str], str] = english) -> str:
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
    return Finding(
        documentation=tiers.grade(min(len(above), 1), 1),
        sources=ids_of(placing["source_id"], used["source_id"], own["source_id"]),
        computed=f"{len(above)} document places champions above little giants",
        detail=f"{_joined(above['title_zh'] + ', ' + above['issued']) or 'None found'}. "
        f"Supporting: {champion_clause(tiers.champion_counts(duel, own, conditions))}.",
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
        computed=f"{len(found)} of {needed} lessons",
        detail="Lessons a source spells out. The source is about hidden champions alone, so "
        "nothing shows that they carry over.",
    )


def dimensions(setting: Setting, test: ClaimTest) -> Finding:
    """How many contrasts have independent facts on both sides.

    Looks at ``contrasts``. Only when every dimension has facts on both sides is their number
    compared with the reported one; until then the other side is missing and the claim is graded.
    """
    contrasts = setting.tables["contrasts"]
    sides = tiers.sides_documented(contrasts)
    full, count = int(sides["both"].sum()), len(sides)
    gaps = _joined(word.lower() for word in tiers.dimension_words(sides.index[~sides["both"]]))
    return Finding(
        value=full if count and full == count else None,
        sources=ids_of(contrasts["source_id"]),
        computed=f"{full} of {count} dimensions",
        documentation=tiers.grade(full, max(count, 1)),
        detail=f"Dimensions with independent facts on both sides: {full} of {count}; missing on "
        f"one side: {gaps or 'none'}. How clear a difference is would take one indicator measured "
        "on both sides.",
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
    found = [str(tiers.figure_text(row)) for _, row in listed.iterrows()]
    return Finding(
        sources=ids_of(listed["source_id"]),
        documentation=tiers.grade(known, len(tiers.SIDES)),
        computed="; ".join(found) or None,
        detail=f"{' '.join(listed['statement_en'])} Sides with such a count: {known} of 2; "
        "marketing leaves no count.".lstrip(),
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
        computed=f"{paces} of 2 sides with a pace",
        detail="A pace is a time taken to go abroad. For hidden champions a direction is known, "
        "for little giants what the criteria ask.",
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
        computed=f"{len(worded)} of {len(chain)} conditions on chains confirmed in wording",
        detail="Even a confirmed condition would show that firms are chosen for their place in a "
        "chain, not that the chain made them grow.",
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
