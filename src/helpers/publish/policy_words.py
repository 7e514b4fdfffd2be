"""Sentences of the policy notebook in the study's language, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.analysis import argument, policy
from helpers.publish.phrases import listed
from helpers.publish.policy_views import INSTRUMENT_WORDS, STEP_WORDS
from helpers.publish.teller import Teller


def balance(study: Teller, measures: pd.DataFrame) -> str:
    """How the measures spread over types of instrument and steps of the ladder.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``, not empty.

    Returns
    -------
    str
    """
    counts = argument.instrument_balance(measures)
    kinds, steps = counts.sum(axis=1), counts.sum()
    kind = study.t(*INSTRUMENT_WORDS[kinds.idxmax()])
    idle = [study.t(*STEP_WORDS[step]) for step in steps.index[steps == 0]]
    free = listed(study, idle)
    return study.t(
        f"**{kinds.max()} of {len(measures)}** measures are of one type, {kind}; "
        f"{kinds['tax']} concern taxes, which a city does not set. {steps['any_tier']} address "
        f"several tiers or all, {steps['srdi_sme']} the SRDI SMEs in the middle. Addressed by no "
        f"measure of their own: {free}.",
        f"{len(measures)}项措施中有**{kinds.max()}项**属于同一类型，即{kind}；{kinds['tax']}项涉及"
        f"税收，而税制并不由城市制定。针对多个层次或全部层次的有{steps['any_tier']}项，针对居中的专精特新"
        f"中小企业的有{steps['srdi_sme']}项。没有专门措施的层次：{free}。",
    )


def evidence(study: Teller, measures: pd.DataFrame, cells: pd.DataFrame, place_id: str) -> str:
    """On how many measures something is on record, and where.

    Parameters
    ----------
    study : Teller
    measures : DataFrame
        Table ``recommendation_measures``.
    cells : DataFrame
        From ``policy.evidence_cells``.
    place_id : str
        Focal city.

    Returns
    -------
    str
    """
    total, named = len(measures), measures["indicator_id"].notna().sum()
    own = cells[cells["level"] == "city"]
    has = own.groupby("kind")["measure_id"].nunique().reindex(policy.KINDS, fill_value=0)
    somewhere = cells.loc[cells["kind"] == "figure", "measure_id"].nunique()
    wider = set(cells.loc[cells["level"].isin(["province", "nation"]), "measure_id"])
    wider -= set(own["measure_id"])
    nothing = listed(study, sorted(set(measures["measure_id"]) - set(cells["measure_id"])))
    home = study.name(place_id)
    return study.t(
        f"Of {total} measures, {named} have an indicator that could be counted and {somewhere} "
        f"have a figure for it somewhere. For {home} itself there is a figure on "
        f"**{has['figure']} of {total}**, a numerical goal of a government on {has['goal']}, and a "
        f"document on {has['document']}. On {len(wider)} measures there is something of the "
        f"province or the nation but nothing of {home}. With nothing on record: {nothing}.",
        f"{total}项措施中，{named}项有可以计数的指标，其中{somewhere}项的指标至少在一地查得数据。就{home}本身"
        f"而言，{total}项中查得数据的有**{has['figure']}项**，有政府数量目标的{has['goal']}项，有政策文件的"
        f"{has['document']}项。另有{len(wider)}项只查得本省或全国的依据，未查得{home}的依据。完全未查得依据的"
        f"措施：{nothing}。",
    )


def support(
    study: Teller, measures: pd.DataFrame, claims: pd.DataFrame,
    unused: Mapping[str, Sequence[str]], local_firms: Sequence[str], place_id: str,
) -> str:  # fmt: skip
    """Which measures hang on one claim, and what the argument leaves aside.

    Parameters
    ----------
    study : Teller
    measures, claims : DataFrame
        Tables ``recommendation_measures`` and ``claims``.
    unused : mapping
        From ``argument.unused_evidence``.
    local_firms : sequence of str
        Firms of the focal city that the study tells of.
    place_id : str
        Focal city.

    Returns
    -------
    str
    """
    pairs = policy.claims_behind(measures, claims)
    alone, total, home = policy.resting_on_one(pairs), len(measures), study.name(place_id)
    text = claims.set_index("claim_id").loc[alone.index[0], f"claim_{study.language}"]
    without = listed(study, sorted(set(measures["measure_id"]) - set(pairs["measure_id"])))
    growth = listed(study, [item for item in unused["claim"] if item.startswith("C3")])
    idle, firms = len(unused["firm"]), len(local_firms)
    return study.t(
        f"**{alone.iloc[0]} of {total}** measures rest on one claim of the study alone, "
        f"{alone.index[0]}: “{text}” No other claim alone carries more. Measures linked to "
        f"no finding: {without}. Claims on growth paths in {home} that lead to no measure: "
        f"{growth}; firms that serve as no case: {idle} of {firms}.",
        f"{total}项措施中有**{alone.iloc[0]}项**仅以原研究的一个论断为依据，即{alone.index[0]}：“{text}”"
        f"没有其他论断单独支撑更多的措施。未与原研究任何发现对应的措施：{without}。关于{home}成长路径而未引出"
        f"任何措施的论断：{growth}；未被用作案例的企业：{idle}家（共{firms}家）。",
    )


def provision(
    study: Teller, found: pd.DataFrame, documents: pd.DataFrame, places: tuple[str, str]
) -> str:
    """How many measures were policy before the study, and what is new in them.

    Parameters
    ----------
    study : Teller
    found : DataFrame
        From ``argument.provision``.
    documents : DataFrame
        Table ``policy_documents``.
    places : (str, str)
        Codes of the focal city and its province.

    Returns
    -------
    str
    """
    written = argument.study_written_after(documents)
    state = found.pivot(index="measure_id", columns="level", values="state")
    early, total = state.eq("before"), len(state)
    late = listed(study, state[state.eq("since").any(axis=1)].index)
    fresh = listed(study, state[~early.any(axis=1)].index)
    whole = documents[documents["part_en"].isna()]
    home, around = (study.name(place) for place in places)
    papers = [int(whole["place_id"].eq(place).sum()) for place in reversed(places)]
    nation, province, city = (early[level].sum() for level in ("nation", "province", "city"))
    return study.t(
        f"When the study was written (after {written}), **{nation} of {total}** measures were "
        f"national policy already, {province} policy of {around} and {city} of {home}. A document "
        f"since then, at some level, is on record for {late}. No earlier document in the tables, "
        f"at any level: {fresh}. The tables hold {papers[0]} documents of {around} and "
        f"{papers[1]} of {home}. They are what a search found and no register, so that a level is "
        "empty does not show that it provides for nothing; a level with 0 was not searched.",
        f"原研究写成时（{written}之后），{total}项措施中有**{nation}项**已是国家政策，{province}项已是{around}"
        f"政策，{city}项已是{home}政策。此后在某一层级查得文件的措施：{late}。数据表中各层级均无更早文件的"
        f"措施：{fresh}。数据表收有{around}文件{papers[0]}份、{home}文件{papers[1]}份。这些文件系检索所得，并非"
        "登记名录，某一层级为空不表明该层级未作规定；文件数为0的层级未作检索。",
    )


def robustness(
    study: Teller, shares: pd.DataFrame, documents: pd.DataFrame, places: Sequence[str], top: int
) -> str:
    """Which measures come first whatever the weights, and how far that can be trusted.

    Parameters
    ----------
    study : Teller
    shares : DataFrame
        From ``priorities.top_share``.
    documents : DataFrame
        Table ``policy_documents``.
    places : sequence of str
        Codes of the focal city and its province.
    top : int
        Places that count as the first few.

    Returns
    -------
    str
    """
    always = listed(study, shares.loc[shares["least"] > 0.999, "measure_id"])
    never, total = int((shares["most"] == 0).sum()), len(shares)
    width = 100 * (shares["most"] - shares["least"]).max()
    papers = documents["place_id"].isin(list(places)).sum()
    return study.t(
        f"Among the first {top} under every weighting: **{always}**. Under none: {never} of "
        f"{total} measures. The bounds are at most {width:.1f} percentage points apart. Many "
        "measures tie, since the points are few. Documents of the province and the city on "
        f"record: {papers}; where there are none, the gap tells of the tables and not of the "
        "place. A measure that no document provides for and that costs nothing scores on both, "
        "which is no merit by itself.",
        f"在任何权重下都进入前{top}位的措施：**{always}**；在任何权重下都不进入的：{never}项（共{total}项）。"
        f"上下界至多相差{width:.1f}个百分点。评分档次不多，故并列者众。已查得的本省与本市文件：{papers}份；"
        "若为零，缺口反映的是数据表而不是当地的情形。没有文件涵盖又无需财政支出的措施在两项上都得分，"
        "这本身并不是优点。",
    )


def coding(study: Teller, ranges: pd.DataFrame) -> str:
    """How many measures move when one document is left out, and which moves most.

    Parameters
    ----------
    study : Teller
    ranges : DataFrame
        From ``priorities.leave_one_out``, not empty.

    Returns
    -------
    str
    """
    moved = ranges[["lowest_without", "highest_without"]].notna().any(axis=1).sum()
    most = ranges.loc[(ranges["highest"] - ranges["lowest"]).idxmax()]
    low, high, total = 100 * most["lowest"], 100 * most["highest"], len(ranges)
    blamed = ranges[["lowest_without", "highest_without"]].stack().value_counts()
    english = (
        f"Leaving out one document moves **{moved} of {total}** measures, {most['measure_id']} "
        f"the most: between {low:.0f} and {high:.0f} % of the weights."
    )
    chinese = (
        f"逐一剔除文件，{total}项措施中有**{moved}项**的比例随之变动，其中{most['measure_id']}变动最大："
        f"占权重组合的{low:.0f}%至{high:.0f}%。"
    )
    if len(blamed):
        first = listed(study, blamed.index[blamed == blamed.max()])
        english += f" The end of a range is most often set by leaving out {first}."
        chinese += f"变动范围的端点最常因剔除{first}而定。"
    return study.t(english, chinese)
