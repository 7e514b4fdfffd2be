"""Sentences of the notebook on quantities in the study's language, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.analysis import policy
from helpers.publish.funnel_views import STEP_WORDS
from helpers.publish.phrases import percent
from helpers.publish.policy_views import figure_text
from helpers.publish.teller import Teller


def goal_lines(study: Teller, goals: pd.DataFrame, known: pd.DataFrame, place_id: str) -> str:
    """What each fractional goal comes to, and whether the reference count is consistent.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    known : DataFrame
        From ``policy.public_figures``.
    place_id : str
        Place whose goals they are.

    Returns
    -------
    str
        A Markdown list; without goals a sentence that says so.
    """
    home = study.name(place_id)
    if goals.empty:
        return study.t(
            f"Nothing to compute: {home} has no fractional goal on record.",
            f"无可计算：未查得{home}以比例表示的目标。",
        )
    computed = goals.dropna(subset=["firms_needed"]).to_dict("records")
    lines = [_goal_line(study, row) for row in computed]
    for row in goals[goals["firms_needed"].isna()].to_dict("records"):
        place = study.name(row["reference_place_id"])
        lines.append(study.t(
            f"- {row['indicator_en']}: no count of {place} was found, so the goal cannot be "
            "computed on this reading, nor the two readings compared.",
            f"- {row['indicator_zh']}：未查得{place}的数量，按此口径无从计算目标，两种口径也无从比较。",
        ))  # fmt: skip
    checks = [_check_line(study, row, known) for row in computed]
    return "\n".join([*lines, *filter(None, checks)])


def _goal_line(study: Teller, row: Mapping[Any, Any]) -> str:
    return study.t(
        f"- {row['indicator_en']}: {row['share']} of {row['reference_count']:,} is "
        f"{row['exact']:,.2f}, so **at least {row['firms_needed']:,} firms** "
        f"(as of {row['as_of']}).",
        f"- {row['indicator_zh']}：{row['reference_count']:,}的{row['share']}为{row['exact']:,.2f}，"
        f"故目标**不低于{row['firms_needed']:,}家**（时点{row['as_of']}）。",
    )


def _check_line(study: Teller, row: Mapping[Any, Any], known: pd.DataFrame) -> str:
    """Whether the level, the increase and the growth of one source fit together; may be empty."""
    check = policy.growth_check(known, row["reference_place_id"], row["indicator_id"])
    if not check:
        return ""
    other = policy.least_count(row["share"], check["level"])
    level, added = check["reported_level"], check["reported_added"]
    growth = check["reported_growth_pct"]
    return study.t(
        f"- The source reports {level:,.0f} firms, {added:,.0f} of them new, and growth of "
        f"{growth:.2f} %. The first two imply growth of {check['growth_pct']:.2f} %; the last two "
        f"imply {check['level']:,.0f} firms, which would make the goal {other:,}.",
        f"- 来源称共{level:,.0f}家，其中新增{added:,.0f}家，增长{growth:.2f}%。由前两数得增速"
        f"{check['growth_pct']:.2f}%；由后两数得{check['level']:,.0f}家，目标则应为{other:,}家。",
    )


def no_goal(study: Teller, place_id: str) -> str:
    """That a place has no goal stated as a fraction, and which rows would give one."""
    home = study.name(place_id)
    return study.t(
        f"No goal stated as a fraction of another place's count is on record for {home}. To compute "
        "one, add a row with comparison `fraction_of` to your own `policy_targets.csv` and the "
        "reference place's count to `city_counts.csv`.",
        f"未查得{home}以他地数量的比例表示的目标。如需计算，请在自备的`policy_targets.csv`中加入comparison为"
        "`fraction_of`的一行，并在`city_counts.csv`中加入参照地区的数量。",
    )


def no_path(study: Teller, place_id: str) -> str:
    """That no goal of a place can be moved."""
    home = study.name(place_id)
    return study.t(
        f"No goal of {home} can be moved: no reference count is on record.",
        f"未查得参照地区的数量，{home}的目标无从推移。",
    )


def no_bars(study: Teller, goals: pd.DataFrame, place_id: str) -> str:
    """Why a goal cannot be set against residents, and which rows are missing.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    place_id : str

    Returns
    -------
    str
    """
    if goals.empty:
        return no_goal(study, place_id)
    home = study.name(place_id)
    return study.t(
        "The goal cannot be set against residents: `city_counts.csv` and `population.csv` need rows "
        f"for {home} and its reference city.",
        f"无法按常住人口衡量该目标：`city_counts.csv`与`population.csv`中须有{home}及参照城市的数据。",
    )


def density_lines(study: Teller, bars: pd.DataFrame) -> list[str]:
    """The goal per resident beside each count per resident.

    Parameters
    ----------
    study : Teller
    bars : DataFrame
        From ``policy.goal_bars``.

    Returns
    -------
    list of str
        Items of a Markdown list.
    """
    counted = bars[~bars["is_goal"].astype(bool)].to_dict("records")
    wanted = bars[bars["is_goal"].astype(bool)].to_dict("records")
    return [_density_line(study, goal, row) for goal in wanted for row in counted]


def _density_line(study: Teller, goal: Mapping[Any, Any], row: Mapping[Any, Any]) -> str:
    place, months = study.name(row["place_id"]), row["months"]
    share = percent(goal["density"] / row["density"], 0, study.t)
    apart = study.t(
        f", {months} months from the latest reference count.",
        f"，与最近的参照数据相隔{months}个月。",
    )
    return study.t(
        f"- Per resident the goal is **{share}** of the level of "
        f"{place} at {row['as_of']} ({goal['density']:.2f} against {row['density']:.2f} per 10,000)",
        f"- 按常住人口计，目标相当于{place}{row['as_of']}水平的**{share}**"
        f"（每万人{goal['density']:.2f}家对{row['density']:.2f}家）",
    ) + (apart if months else study.t(".", "。"))


def list_period(date: str, language: str) -> str:
    """The part of a year that yearly lists counted up to a date cover.

    Parameters
    ----------
    date : str
        Year, month or day in ISO form.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> list_period("2023-06-30", "en"), list_period("2023-12-31", "en")
    ('first half of 2023', '2023')
    >>> list_period("2023-09-30", "en"), list_period("2023-06", "zh")
    ('2023 up to 2023-09-30', '2023年上半年')
    """
    year, _, rest = date.partition("-")
    if rest in ("06", "06-30"):
        return f"{year}年上半年" if language == "zh" else f"first half of {year}"
    if rest in ("", "12", "12-31"):
        return f"{year}年" if language == "zh" else year
    return f"{year}年，截至{date}" if language == "zh" else f"{year} up to {date}"


def two_counts(study: Teller, known: pd.DataFrame, place_id: str) -> str:
    """The two counts of technology-based SMEs of a place side by side, without a ratio.

    Parameters
    ----------
    study : Teller
    known : DataFrame
        From ``policy.public_figures``.
    place_id : str

    Returns
    -------
    str
        For the latest date with both counts; says so where there is none.
    """
    name, pair = study.name(place_id), ["tech_sme_evaluated", "tech_sme_registered"]
    rows = known[(known["place_id"] == place_id) & (known["comparison"] == "equal")]
    wide = rows.pivot_table(index="as_of", columns="indicator_id", values="value")
    wide = wide.reindex(columns=pair).dropna()
    if wide.empty:
        return study.t(
            f"The two counts of technology-based SMEs of {name} are not both on record for one date.",
            f"未能查得{name}科技型中小企业两种口径在同一时点的数量。",
        )
    date, (evaluated, registered) = str(wide.index[-1]), wide.iloc[-1]
    period = list_period(date, study.language)
    return study.t(
        f"Technology-based SMEs of {name}: {evaluated:,.0f} evaluated ({period}); "
        f"{registered:,.0f} registered (stock at {date}). The first counts lists of a period and "
        "the second a stock, so no ratio is formed.",
        f"{name}科技型中小企业：评价入库{evaluated:,.0f}家（{period}）；注册{registered:,.0f}家（{date}存量）。"
        "前者为一个时期的入库名单数，后者为存量，故不计算二者之比。",
    )


def pace_lines(study: Teller, paces: pd.DataFrame, places: Sequence[str]) -> list[str]:
    """What goals ask for a year from the count that their source sets beside them.

    That count may be of any date before the goal is due, so the pace is what remained then, not what
    the goal asked for when it was set.

    Parameters
    ----------
    study : Teller
    paces : DataFrame
        From ``goals.paces``.
    places : sequence of str
        Places wanted.

    Returns
    -------
    list of str
        Items of a Markdown list.
    """
    return [
        study.t(
            f"- {study.name(row['place_id'])}, {row['indicator_en']}: the count of "
            f"{row['baseline_value']:,.0f} ({row['baseline_as_of']}) stands beside the goal of "
            f"{row['target_value']:,.0f} by the end of {row['due']}; the pace that remained from "
            f"there is {row['per_year']:.1f} a year, {row['growth_pct']:.1f} % a year.",
            f"- {study.name(row['place_id'])}，{row['indicator_zh']}：来源同时载有当时数"
            f"{row['baseline_value']:,.0f}（{row['baseline_as_of']}）与目标{row['target_value']:,.0f}"
            f"（截至{row['due']}年末）；自该时点起每年尚需增加{row['per_year']:.1f}，"
            f"即年均增长{row['growth_pct']:.1f}%。",
        )
        for row in paces[paces["place_id"].isin(list(places))].to_dict("records")
    ]


def goal_paces(
    study: Teller, paces: pd.DataFrame, inside: Sequence[str], province_id: str,
    owners: Sequence[str],
) -> str:  # fmt: skip
    """The paces of the goals of a province, and which provinces have any goal on record.

    Parameters
    ----------
    study : Teller
    paces : DataFrame
        From ``goals.paces``.
    inside : sequence of str
        The province and its cities.
    province_id : str
    owners : sequence of str
        Provinces with a goal on record, for themselves or for a city.

    Returns
    -------
    str
        Markdown.
    """
    around = study.name(province_id)
    none = study.t(
        f"No goal in {around} has a count beside it in its source.",
        f"未查得来源中同时载有当时数量的{around}目标。",
    )
    lines = pace_lines(study, paces, inside) or [none]
    names = study.t(", ", "、").join(study.name(place) for place in owners)
    told = study.t(
        f"Provinces with any goal on record, their cities included: {names}. The tables hold none "
        "of others.",
        f"已查得目标（含所辖各市目标）的省级单位：{names}。数据表未收其他省级单位的目标。",
    )
    return "\n".join(lines) + f"\n\n{told}"


def no_credit(study: Teller, province_id: str) -> str:
    """That growth of credit is not on record for a province."""
    around = study.name(province_id)
    return study.t(
        f"No growth of credit to firms of the ladder is on record for {around}; "
        "`recommendation_quantities.csv` would hold it.",
        f"未查得{around}梯度企业的信贷增速；此类数据应列入`recommendation_quantities.csv`。",
    )


def tax_effects(study: Teller, effects: pd.DataFrame) -> str:
    """What a firm with profit and one in loss gain from the reliefs.

    Parameters
    ----------
    study : Teller
    effects : DataFrame
        From ``tax.effects_table``: the first firm earns, the last is in loss.

    Returns
    -------
    str
    """
    plain, loss = effects.iloc[0], effects.iloc[-1]
    return study.t(
        f"The plain firm saves {plain['saved']:.2f} of {plain['tax_without']:.2f} million yuan. The "
        f"firm in loss saves **{loss['saved']:.0f}** this year: its deduction adds "
        f"{loss['loss_added']:.0f} million to a loss that it can use within "
        f"{loss['loss_years']:.0f} years, if it earns a profit by then. Carrying out the deduction "
        "in full therefore helps firms that earn already, and start-ups only later.",
        f"普通企业节税{plain['saved']:.2f}百万元，无优惠时应纳{plain['tax_without']:.2f}百万元。亏损企业"
        f"当年节税额为**{loss['saved']:.0f}**：加计扣除使可结转亏损增加{loss['loss_added']:.0f}百万元，在此后"
        f"{loss['loss_years']:.0f}年内有盈利时方能弥补。可见，全面落实加计扣除惠及的是已有盈利的企业，"
        "初创企业要到日后才能受益。",
    )


def no_ceiling(study: Teller, place_id: str) -> str:
    """That no firm of a city with published R&D is on record."""
    home = study.name(place_id)
    return study.t(
        f"No firm of {home} with published R&D is on record (`firm_financials.csv`).",
        f"未查得{home}公开研发费用的企业（`firm_financials.csv`）。",
    )


def titles_wanted(
    study: Teller, today: Mapping[str, Any] | None, place_id: str, more: int, kept: float,
    plan: Mapping[str, int],
) -> str:  # fmt: skip
    """How many titles a city would have to win to have some more.

    Parameters
    ----------
    study : Teller
    today : mapping or None
        From ``policy.best_figure``: little giants of the city.
    place_id : str
    more : int
        Little giants wanted beyond today's.
    kept : float
        Share of titles that one review keeps.
    plan : mapping
        Numbers under year (of the goal), reviews (until then) and win (titles).

    Returns
    -------
    str
    """
    home = study.name(place_id)
    if today is None:
        return study.t(
            f"{home}: no count of little giants is on record, so how many titles would have to be "
            f"won to have {more} more cannot be told. Taken alone, {more} new titles are looked at.",
            f"未查得{home}的“小巨人”企业数，增加{more}家须新获多少称号无从得知，以下仅就{more}个新称号而论。",
        )
    counted, share = figure_text(study, today), f"{100 * kept:.0f}"
    return study.t(
        f"{home}, little giants on record: {counted}. To have {more} more by {plan['year']} (full "
        f"terms until then, each with a review that keeps {share} % of titles: {plan['reviews']}), "
        f"**{plan['win']:,}** new ones would have to be won.",
        f"{home}已查得的“小巨人”企业：{counted}。到{plan['year']}年再多{more}家（其间每满一个有效期复核一次，"
        f"每次保留{share}%的称号，共复核{plan['reviews']}次），须新获**{plan['win']:,}**个称号。",
    )


def funnel(study: Teller, swing: pd.DataFrame, sound: pd.Series, loose: pd.Series) -> str:
    """How many firms the titles ask for, and how far the ratios differ.

    Parameters
    ----------
    study : Teller
    swing : DataFrame
        From ``tier_funnel.sensitivity``, not empty.
    sound, loose : Series
        Range of the upper step from ``tier_funnel.ratio_ranges``, without and with the ratios that
        are crossed out.

    Returns
    -------
    str
    """
    widest = swing.iloc[0]
    least, most = sorted([widest["at_low"], widest["at_high"]])
    ratio = study.t(*STEP_WORDS[widest["ratio"]])
    return study.t(
        f"With the middle ratios these titles ask for {widest['middle']:,} innovative SMEs; moving one ratio "
        f"alone ({ratio}) takes the number from {least:,} to {most:,}. Little giants per SRDI SME "
        f"range from {sound['low']:.3f} to {sound['high']:.3f} over {sound['count']:.0f} ratios; "
        f"with those crossed out it would be {loose['low']:.3f} to {loose['high']:.3f} over "
        f"{loose['count']:.0f}.",
        f"按中位比值，为此需有创新型中小企业{widest['middle']:,}家；仅变动一个比值（{ratio}），所需数即由"
        f"{least:,}家变为{most:,}家。“小巨人”与专精特新中小企业之比在{sound['low']:.3f}至{sound['high']:.3f}"
        f"之间（{sound['count']:.0f}个比值）；若计入叉号所示者，则在{loose['low']:.3f}至{loose['high']:.3f}"
        f"之间（{loose['count']:.0f}个比值）。",
    )
