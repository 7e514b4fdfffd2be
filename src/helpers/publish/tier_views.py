"""Tables and sentences of the concept notebook, each table with its record.

Tables are views: they take a :class:`~helpers.publish.teller.Teller` first and then arguments free
of language, and cite the sources of what they show.
"""

from __future__ import annotations

import math

import pandas as pd

from helpers.analysis import rd_frontier, tier_changes, tier_stocks, tiers
from helpers.analysis.claim_rules.concept import champion_clause
from helpers.publish.figures import COLOURS
from helpers.publish.phrases import join_names
from helpers.publish.teller import Shown, Teller, pick, record_of, renamed

# Tiers that are drawn, from the widest, with their words and colour.
DRAWN_TIERS = {
    "tech_and_innovative_sme": ("technology-based and\ninnovative SMEs", "科技和创新型\n中小企业", "fourth"),
    "innovative_sme": ("innovative SMEs", "创新型中小企业", "third"),
    "srdi_sme": ("SRDI SMEs", "专精特新中小企业", "main"),
    "little_giant": ("little giants", "“小巨人”企业", "focal"),
    "single_champion": ("single champions", "单项冠军", "second"),
}  # fmt: skip
_SINGULAR = {
    "srdi_sme": "SRDI SME", "little_giant": "little giant", "single_champion": "single champion",
}  # fmt: skip
_SIDES = {
    "hidden_champion": ("hidden champions", "隐形冠军"),
    "little_giant": ("little giants", "“小巨人”企业"),
    "context": ("context", "背景"),
}
# Tiers that both acts set conditions for, from the upper one.
REVISED_TIERS = ("little_giant", "srdi_sme")
ACTS = ("2022", "2026")
_BASES = {"cumulative": ("cumulative", "累计认定"), "valid": ("valid titles", "有效")}
_SIGNS = {"more_than": "> ", "less_than": "< ", "equal": ""}
_RD_FORMS = {
    "tighter": ("tighter", "收紧"), "eased": ("eased", "放宽"), "same": ("same", "不变"),
    "closed": ("no longer admitted", "不再受理"),
}  # fmt: skip
_CHANGE_NOTE = (
    "† one of several alternatives. Unverified: no source seen states the condition. Dropped: not "
    "among the conditions of 2026 as transcribed. Bands that only earn points are left out.",
    "†：可选条件之一。未核实：所见来源均未载明。取消：不在所见2026年条件之列。"
    "仅用于计分的档次未列。",
)


def tier_names(language: str) -> dict[str, str]:
    """Name of each drawn tier, from the widest."""
    return {tier: words[language == "zh"] for tier, words in DRAWN_TIERS.items()}


def tier_colours() -> dict[str, str]:
    """Colour of each drawn tier."""
    return {tier: COLOURS[words[2]] for tier, words in DRAWN_TIERS.items()}


def unbroken(tier: str, language: str) -> str:
    """Name of a tier on one line."""
    return tier_names(language)[tier].replace("\n", pick((" ", ""), language))


def step_name(lower: str, upper: str, language: str = "en") -> str:
    """A step of the ladder in words: how many of the lower tier stand behind one of the upper.

    Examples
    --------
    >>> step_name("srdi_sme", "little_giant"), step_name("little_giant", "single_champion", "zh")
    ('SRDI SMEs per little giant', '每家单项冠军对应“小巨人”企业')
    """
    if language == "zh":
        return f"每家{unbroken(upper, 'zh')}对应{unbroken(lower, 'zh')}"
    return f"{unbroken(lower, 'en')} per {_SINGULAR[upper]}"


def ratio_text(ratio: float, bound: str, rounded: bool = False, language: str = "en") -> str:
    """A ratio of stocks as it is to be read: to one decimal, a sign for a bound, words for neither.

    Examples
    --------
    >>> ratio_text(11.667, "more_than"), ratio_text(8.1667, "equal", True), ratio_text(7, "none")
    ('> 11.6', 'about 8.2', 'two bounds: unknown')
    """
    if bound == "none":
        return pick(("two bounds: unknown", "两个界限，无法判断"), language)
    about = pick(("about ", "约"), language) if rounded and bound == "equal" else ""
    # A bound must stay one after rounding: down for a floor, up for a ceiling.
    tenths = round(10 * ratio, 9)
    if bound != "equal":
        tenths = math.floor(tenths) if bound == "more_than" else math.ceil(tenths)
    return f"{about}{_SIGNS[bound]}{tenths / 10:.1f}"


def tier_table(
    study: Teller, tier_rows: pd.DataFrame, regimes: pd.DataFrame, thresholds: pd.DataFrame
) -> Shown:
    """The tiers under each act with its dates, their annex, rank, term and number of conditions.

    Parameters
    ----------
    study : Teller
    tier_rows, regimes, thresholds : DataFrame
        Tables ``tiers``, ``regimes`` and ``thresholds``.

    Returns
    -------
    table, record
        Ordered by act and rank; a tier without conditions of its own has a missing number.
    """
    ordered = tier_rows.sort_values(["regime_id", "rank"], kind="stable")
    counts = thresholds["tier_id"].value_counts()
    doubt = regimes["verified"].map({True: "", False: " †"})
    acts = regimes.assign(act=regimes["number"] + doubt, act_source=regimes["source_id"])
    told = ["act", "act_source", "issued", "in_force_from", "in_force_to"]
    frame = ordered.join(acts.set_index("regime_id")[told], on="regime_id").assign(
        conditions=ordered["tier_id"].map(counts).astype("Int64"),
    )
    headings = {
        f"name_{study.language}": ("Tier", "层次"), "act": ("Act", "依据文件"),
        "annex": ("Annex", "附件"), "issued": ("Issued", "印发"),
        "in_force_from": ("In force from", "施行"), "in_force_to": ("Until", "停止适用"),
        "rank": ("Rank", "级次"), "validity_years": ("Term, years", "有效期（年）"),
        "conditions": ("Conditions", "条件数"),
    }  # fmt: skip
    count = len(thresholds)
    about = record_of(
        study, "01_tiers", ("Tiers under each act", "各文件所设层次"),
        source=[frame["source_id"], frame["act_source"]],
        base=(f"{count} conditions recorded", f"已录入{count}项条件"),
        note=(
            "Rank 1 is the lowest; a dash: outside the ladder, or not stated. Annex: the annex of the "
            "act that holds the criteria. Until: for new applicants, as precise as known. † no source "
            "seen states dates and number. Acts read from reposts.",
            "级次1为最低；“—”为不在梯度内或未载明。附件：认定标准所在附件。停止适用：对新申报者而言，"
            "日期精度以所知为限。†：日期与文号无来源载明。文件据转载本录入。",
        ),
    )  # fmt: skip
    return renamed(study, frame, headings), about


def ratio_table(study: Teller, ratios: pd.DataFrame, targets: pd.DataFrame) -> Shown:
    """Stocks of neighbouring tiers of one month, and how many of the lower stand behind one above.

    Parameters
    ----------
    study : Teller
    ratios : DataFrame
        From :func:`helpers.analysis.tier_stocks.step_ratios`.
    targets : DataFrame
        From :func:`helpers.analysis.tier_stocks.target_ratios`; rows of their own.

    Returns
    -------
    table, record
        Ordered by step and date, targets last in each step.
    """
    frame = _ratio_rows(study, ratios, targets)
    headings = {
        "step": ("Step", "层级"), "as_of": ("As of", "时点"), "lower": ("Lower tier", "下层企业数"),
        "upper": ("Upper tier", "上层企业数"), "basis": ("Basis, lower / upper", "口径，下层／上层"),
        "shown": ("Ratio", "比值"),
        "source_id": ("Sources", "来源"),
    }  # fmt: skip
    about = record_of(
        study, "01_step_ratios",
        ("Firms of a tier per firm of the tier above", "每家上层企业对应的下层企业数"),
        source=[frame["source_id"]],
        unit=("firms of the lower tier per firm of the upper tier", "家/家"),
        base=("stocks of one month", "同月存量"),
        note=(
            "Each version of a stock is paired with each. × rests on a stock that does not fit with "
            "another. A floor over a floor bounds nothing. Bounds are rounded outwards.",
            "同一时点的各种说法两两配对。×：所依据的存量与他源不符。两个下限相除不构成界限。"
            "界限一律向外取整。",
        ),
    )  # fmt: skip
    return renamed(study, frame, headings), about


def _basis_word(study: Teller, basis: object) -> str:
    return str(study.t(*_BASES.get(str(basis), ("not stated", "未说明"))))


def _ratio_rows(study: Teller, ratios: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Ratios of stocks and of targets in words, by step and date, targets last."""
    language = study.language
    goals = [study.t(f"target, end of {due}", f"目标，{due}年末") for due in targets["due"]]
    planned = targets.assign(
        as_of=goals, bound="equal", rounded=False,
        doubtful=False, lower_comparison="equal", upper_comparison="equal", last=True,
    )  # fmt: skip
    frame = pd.concat([ratios.assign(last=False), planned.drop(columns="due")], ignore_index=True)
    order = {step: place for place, step in enumerate(tier_stocks.STEPS)}
    steps = list(zip(frame["lower_tier"], frame["upper_tier"], strict=True))
    frame["place"] = [order[step] for step in steps]
    frame["step"] = [step_name(lower, upper, language) for lower, upper in steps]
    for side in ("lower", "upper"):
        signs = frame[f"{side}_comparison"].map(_SIGNS)
        frame[side] = signs + frame[f"{side}_count"].map("{:,}".format)
    frame["basis"] = [
        None if planned else study.t(" / ", "／").join(_basis_word(study, basis) for basis in pair)
        for planned, *pair in zip(
            frame["last"], frame["lower_basis"], frame["upper_basis"], strict=True
        )
    ]
    frame["shown"] = [
        ratio_text(row["ratio"], row["bound"], row["rounded"], language)
        + (" ×" if row["doubtful"] else "")
        for _, row in frame.iterrows()
    ]
    return frame.sort_values(["place", "last", "as_of"], kind="stable")


def change_table(
    study: Teller, thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str
) -> Shown:
    """All conditions of a tier under the measures of 2022 and 2026.

    Parameters
    ----------
    study : Teller
    thresholds : DataFrame
        Table ``thresholds``.
    act_of_tier : Series
        Act of each tier, indexed by tier id.
    tier : {"little_giant", "srdi_sme"}

    Returns
    -------
    table, record
    """
    language = study.language
    frame = tiers.side_by_side(thresholds, act_of_tier, *_both_acts(tier), language)
    return renamed(study, _worded(frame, language), _CHANGE_HEADINGS), record_of(
        study, f"01_{tier}_conditions",
        (f"{DRAWN_TIERS[tier][0][0].upper()}{DRAWN_TIERS[tier][0][1:]}: conditions of 2022 and 2026",
         f"{DRAWN_TIERS[tier][1]}：2022年与2026年认定条件"),
        source=[frame["source_id"]], note=_CHANGE_NOTE,
    )  # fmt: skip


_CHANGE_HEADINGS = {
    "indicator": ("Indicator", "指标"), "old": ("2022", "2022年"), "new": ("2026", "2026年"),
    "change": ("Change", "变化"), "source_id": ("Sources", "来源"),
}  # fmt: skip


def _both_acts(tier: str) -> tuple[str, str]:
    old, new = (f"{tier}_{year}" for year in ACTS)
    return old, new


def _worded(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    return frame.assign(change=[tiers.word(change, language) for change in frame["change"]])


def beyond_table(study: Teller, thresholds: pd.DataFrame, act_of_tier: pd.Series) -> Shown:
    """Changes from 2022 to 2026 that are no two numbers of one indicator, for both tiers.

    Parameters
    ----------
    study, thresholds, act_of_tier
        See :func:`change_table`.

    Returns
    -------
    table, record
        The companion of :func:`helpers.publish.criteria_charts.changes`.
    """
    language, frames = study.language, []
    for tier in REVISED_TIERS:
        sides = tiers.side_by_side(thresholds, act_of_tier, *_both_acts(tier), language)
        drawn = tier_changes.threshold_changes(thresholds, act_of_tier, *_both_acts(tier))
        rest = tier_changes.beyond_numbers(sides, drawn)
        frames.append(_worded(rest, language).assign(tier=tier_names(language)[tier]))
    frame = pd.concat(frames, ignore_index=True)
    headings = {"tier": ("Tier", "层次"), **_CHANGE_HEADINGS}
    about = record_of(
        study, "01_changes_in_words",
        ("Conditions that are new, dropped or defined anew", "新增、取消或重新界定的条件"),
        source=[frame["source_id"]], note=_CHANGE_NOTE,
    )  # fmt: skip
    return renamed(study, frame, headings), about


def rd_table(study: Teller, compared: pd.DataFrame, *source: object) -> Shown:
    """The least R&D intensity under both acts, by revenue.

    Parameters
    ----------
    study : Teller
    compared : DataFrame
        From :func:`helpers.analysis.rd_frontier.compare_rd`.
    *source
        Columns of source ids.

    Returns
    -------
    table, record
    """
    language = study.language
    last = len(compared) - 1
    frame = pd.DataFrame(
        {
            "band": [
                _band_text(0.0 if place == 0 else row["revenue_from"],
                           math.inf if place == last else row["revenue_to"], language)
                for place, (_, row) in enumerate(compared.iterrows())
            ],
            **{
                side: [
                    _level_text(row[f"{side}_from"], row[f"{side}_to"], place == 0, language)
                    for place, (_, row) in enumerate(compared.iterrows())
                ]
                for side in ("old", "new")
            },
            "change": [study.t(*_RD_FORMS[relation]) for relation in compared["relation"]],
        }
    )  # fmt: skip
    headings = {
        "band": ("Revenue", "营业收入"), "old": ("2022", "2022年"), "new": ("2026", "2026年"),
        "change": ("Change", "变化"),
    }  # fmt: skip
    about = record_of(
        study, "01_rd_floors",
        ("Little giants: least R&D intensity by revenue", "“小巨人”企业：不同营业收入下的最低研发强度"),
        source=[*source], unit=("R&D in per cent of revenue", "研发费用占营业收入的百分比"),
        note=(
            "Where two numbers stand, the floor falls from the first to the second as revenue grows. "
            "Both years of a condition on two years taken to be alike.",
            "列两数者，最低强度随营业收入增加由前者降至后者。涉及两个年度的条件按两个年度数值相同计。",
        ),
    )  # fmt: skip
    return renamed(study, frame, headings), about


def _band_text(low: float, high: float, language: str) -> str:
    if low <= 0:
        return pick(("below {}", "低于{}"), language).format(money(high, language))
    if math.isinf(high):
        return pick(("{} and above", "{}及以上"), language).format(money(low, language))
    start, end = money(low, language), money(high, language)
    if language == "zh":
        return f"{start}至{end}（不含）"
    return f"{start.removesuffix(' million CNY')} to below {end}"


def money(value: float, language: str = "en") -> str:
    """An amount given in million CNY, in Chinese in 10,000 yuan.

    Examples
    --------
    >>> money(50), money(50, "zh")
    ('50 million CNY', '5,000万元')
    """
    return f"{plain(value * 100)}万元" if language == "zh" else f"{plain(value)} million CNY"


def plain(value: float) -> str:
    """A number without an exponent: whole from 1,000 on, else with four digits.

    Examples
    --------
    >>> plain(10000), plain(33.3333), plain(3)
    ('10,000', '33.33', '3')
    """
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def _level_text(start: float, end: float, open_start: bool, language: str) -> str:
    """A floor over a band: one number, or the two it runs between."""
    if math.isinf(start):
        return pick(("none is enough", "不受理"), language)
    percent = pick((" %", "%"), language)
    if start == end:
        return f"{start:.3g}{percent}"
    if open_start:
        return pick(("more than {}", "高于{}"), language).format(f"{end:.3g}{percent}")
    first = f"{start:.3g}" + pick(("", "%"), language)
    return pick(("{} to {}", "{}至{}"), language).format(first, f"{end:.3g}{percent}")


def duel_table(study: Teller, thresholds: pd.DataFrame) -> Shown:
    """Conditions of champions and little giants side by side, wherever both have a number.

    Parameters
    ----------
    study : Teller
    thresholds : DataFrame
        Table ``thresholds``; tier ids end in the year of the act.

    Returns
    -------
    table, record
    """
    duels = tiers.compare_pairs(thresholds, tiers.CHAMPION_PAIRS, study.language)
    frame = duels.assign(
        upper_year=duels["upper_tier"].str[-4:],
        lower_year=duels["lower_tier"].str[-4:],
        word=[tiers.word(relation, study.language) for relation in duels["relation"]],
    )
    headings = {
        "upper_year": ("Champion, act of", "单项冠军办法"), "upper": ("Single champion", "单项冠军"),
        "lower_year": ("Little giant, act of", "“小巨人”办法"), "lower": ("Little giant", "“小巨人”"),
        "word": ("Champion’s condition is", "单项冠军条件"),
    }  # fmt: skip
    about = record_of(
        study, "01_champions",
        ("Conditions for which champions and little giants both have a number",
         "单项冠军与“小巨人”均设数值的条件"),
        source=[tiers.conditions_compared(thresholds, duels)["source_id"]],
        note=(
            "† one of several alternatives. Numbers are compared only where they measure the same, or "
            "the champion’s measure is the narrower one: years in a product, main-business revenue, "
            "revenue of niche products. A rank in the world is not a rank at home, nor a share of a "
            "market.",
            "†：可选条件之一。仅比较同一指标，或单项冠军指标口径较窄的情形（产品年限、主营业务收入、"
            "细分产品收入）。全球排名不同于国内排名，也不同于市场占有率。",
        ),
    )  # fmt: skip
    return renamed(study, frame, headings), about


def definition_table(
    study: Teller, facts: pd.DataFrame, thresholds: pd.DataFrame, act_of_tier: pd.Series
) -> Shown:
    """What makes a hidden champion beside what makes a little giant.

    Parameters
    ----------
    study : Teller
    facts : DataFrame
        Table ``hidden_champion_facts``.
    thresholds, act_of_tier
        See :func:`change_table`.

    Returns
    -------
    table, record
    """
    old, new = _both_acts("little_giant")
    frame = tier_changes.beside_definition(
        facts, thresholds, act_of_tier, (old, new), study.language
    )
    headings = {
        "indicator": ("Topic", "主题"), "hidden_champion": ("Hidden champion", "隐形冠军"),
        old: ("Little giant, 2022", "“小巨人”，2022年"), new: ("Little giant, 2026", "“小巨人”，2026年"),
        "source_id": ("Sources", "来源"),
    }  # fmt: skip
    about = record_of(
        study, "01_definitions",
        ("What makes a hidden champion, and what a little giant", "隐形冠军与“小巨人”企业的界定"),
        source=[frame["source_id"]],
        base=("topics with a number, and awareness", "设有数值的主题及公众知名度"),
        note=(
            "A dash: nothing is asked. † one of several alternatives. Scores, conditions without a "
            "number on either side, and those of yearly notices are left out.",
            "“—”：无要求。†：可选条件之一。评分、双方均无数值的条件及年度通知所加条件未列。",
        ),
    )  # fmt: skip
    return renamed(study, frame, headings), about


def contrast_table(study: Teller, contrasts: pd.DataFrame) -> Shown:
    """The contrasts with hidden champions, a share with its count and base.

    Parameters
    ----------
    study : Teller
    contrasts : DataFrame
        Table ``contrasts``.

    Returns
    -------
    table, record
    """
    language = study.language
    frame = contrasts.assign(
        figure=contrasts.apply(tiers.figure_text, axis=1, language=language),
        dimension=tiers.dimension_words(contrasts["dimension"], language),
        side=[study.t(*_SIDES[side]) for side in contrasts["side"]],
    )
    headings = {
        "dimension": ("Dimension", "维度"), "side": ("About", "对象"),
        f"statement_{language}": ("Finding", "事实"), "figure": ("Figure", "数值"),
        "as_of": ("As of", "时点"), "source_id": ("Sources", "来源"),
    }  # fmt: skip
    about = record_of(
        study, "01_contrasts",
        ("Five contrasts, with independent facts on each side", "五方面对比及独立来源事实"),
        source=[contrasts["source_id"]], base=("as in each row", "见各行"),
        note=("A dash: the source gives no number.", "“—”：来源未给出数值。"),
    )  # fmt: skip
    return renamed(study, frame, headings), about


def documents_reading(study: Teller, national: pd.DataFrame) -> str:
    """A sentence on the earliest document that takes up the concept, and on those that explain it.

    Parameters
    ----------
    study : Teller
    national : DataFrame
        National documents of table ``policy_documents`` in order of issue.

    Returns
    -------
    str
    """
    defining = national[national["role"] == "defines_concept"].head(1)
    titled = tiers.guiding_opinions(national)
    explaining = int(national["defines_four_words"].fillna(False).sum())
    first, opinions = (_titles(study, part) or study.t("none", "无") for part in (defining, titled))
    return study.t(
        f"The earliest document found that takes up the concept: {first}. Guiding opinions with the "
        f"phrase in their title: {opinions}. Documents recorded as explaining all four words: "
        f"{explaining}.",
        f"所见最早提出这一概念的文件：{first}。题名含“专精特新”的指导意见：{opinions}。"
        f"记录为逐一解释四个词的文件：{explaining}件。",
    )


def _titles(study: Teller, documents: pd.DataFrame) -> str:
    """Titles with their dates of issue as a phrase."""
    titles = documents[f"title_{study.language}"]
    dated = (
        study.t(f"{title}, {issued}", f"《{title}》（{issued}）")
        for title, issued in zip(titles, documents["issued"], strict=True)
    )
    return join_names(dated, study.language)


def champion_reading(study: Teller, champions: pd.DataFrame, thresholds: pd.DataFrame) -> str:
    """A sentence: what the thresholds say of champions and little giants.

    Parameters
    ----------
    study : Teller
    champions : DataFrame
        Rows of table ``tiers`` for champions.
    thresholds : DataFrame
        Table ``thresholds``.

    Returns
    -------
    str
    """
    duels = tiers.compare_pairs(thresholds, tiers.CHAMPION_PAIRS)
    clause = champion_clause(tiers.champion_counts(duels, champions, thresholds), study.t)
    return study.t(f"In the thresholds, {clause}.", f"就数值条件而言，{clause}。")


def sides_reading(study: Teller, contrasts: pd.DataFrame) -> str:
    """A sentence: how many independent facts each contrast has on either side.

    Parameters
    ----------
    study : Teller
    contrasts : DataFrame
        Table ``contrasts``.

    Returns
    -------
    str
    """
    counts = tiers.sides_documented(contrasts)
    names = tiers.dimension_words(counts.index, study.language)
    left, right = (counts[side] for side in tiers.SIDES)
    shown = [
        study.t(f"{name.lower()} {a} and {b}", f"{name}{a}项和{b}项")
        for name, a, b in zip(names, left, right, strict=True)
    ]
    return study.t(
        "Facts from sources other than the study, on hidden champions and on little giants: "
        f"{', '.join(shown)}. Context rows are about neither and do not count.",
        f"原研究以外的来源所载事实，依次为关于隐形冠军和关于“小巨人”企业：{'，'.join(shown)}。"
        "“背景”各行与两者均无关，不计入。",
    )


def density_reading(
    study: Teller, facts: pd.DataFrame, density: pd.DataFrame, printed: object
) -> str:
    """Sentences: where hidden champions are frequent, and which of their lessons were found.

    Parameters
    ----------
    study : Teller
    facts : DataFrame
        Table ``hidden_champion_facts``.
    density : DataFrame
        Table ``hidden_champion_density``.
    printed
        Number of lessons that the study names, as printed.

    Returns
    -------
    str
    """
    top = density.nlargest(4, "champions_per_million")
    rates = top["champions_per_million"]
    china = density.set_index("country_en")["champions_per_million"]["China"]
    countries = join_names(top[f"country_{study.language}"], study.language)
    count = int((facts["section"] == "lesson").sum())
    lessons, pillars = (_spelt_out(study, facts, kind) for kind in ("lesson", "pillar"))
    pillar_count = int((facts["section"] == "pillar").sum())
    return study.t(
        f"The four highest values are those of {countries} ({rates.min():g} to {rates.max():g}); "
        f"China has {china:g}. The sources found spell out {count} of Simon's {printed} lessons: "
        f"{lessons}. A later interview has {pillar_count} pillars: {pillars}; the three circles "
        "were not found in any source.",
        f"数值最高的四国为{countries}（{rates.min():g}至{rates.max():g}），中国为{china:g}。"
        f"西蒙的{printed}条经验，所见来源具体列出{count}条：{lessons}。"
        f"其后一次访谈提出{pillar_count}根支柱：{pillars}；“三个圈层”未见于任何来源。",
    )


def _spelt_out(study: Teller, facts: pd.DataFrame, section: str) -> str:
    """The lessons or pillars of one section as a phrase; in Chinese they follow a colon."""
    rows = facts[facts["section"] == section]
    texts = study.t("text_en", "item_zh")
    named = (str(text).rpartition("：")[2].lower() for text in rows[texts])
    return join_names(named, study.language)


def crossed_stocks(study: Teller, stocks: pd.DataFrame) -> list[str]:
    """Lines of a list with the doubtful stocks and their sources.

    Parameters
    ----------
    study : Teller
    stocks : DataFrame
        Table ``tier_stocks`` with a boolean column doubtful; tiers not drawn are left out.

    Returns
    -------
    list of str
    """
    words = {
        "equal": ("", ""), "more_than": ("more than ", "超过"), "less_than": ("fewer than ", "不到"),
    }  # fmt: skip
    names = {tier: unbroken(tier, study.language) for tier in DRAWN_TIERS}
    rows = stocks.loc[stocks["doubtful"] & stocks["tier_id"].isin(list(names))]
    lines = []
    for _, row in rows.iterrows():
        name, sign = names[row["tier_id"]], study.t(*words[row["comparison"]])
        count = f"{row['firms_count']:,}"
        lines.append(
            study.t(
                f"- {name}, {row['as_of']}: {sign}{count} [{row['source_id']}]",
                f"- {name}，{row['as_of']}：{sign}{count}家 [{row['source_id']}]",
            )
        )
    return lines


def ladder_reading(
    study: Teller, stocks: pd.DataFrame, ratios: pd.DataFrame, targets: pd.DataFrame
) -> list[str]:
    """Lines of text: what the ratios from step to step rest on, and what they prove.

    Parameters
    ----------
    study : Teller
    stocks : DataFrame
        Table ``tier_stocks`` with column doubtful.
    ratios, targets : DataFrame
        From :func:`helpers.analysis.tier_stocks.step_ratios` and ``target_ratios``.

    Returns
    -------
    list of str
    """
    alone = len(tier_stocks.unpaired(stocks))
    floors = int((ratios["bound"] == "none").sum())
    crossed = crossed_stocks(study, stocks)
    opening = study.t(
        f"Of {len(ratios)} pairs of stocks of one month, {floors} set a floor over a floor and "
        f"bound nothing. {alone} stocks have no partner in their month, or no month.",
        f"同月存量共{len(ratios)}对，其中{floors}对两数均为下限，不构成任何界限。"
        f"另有{alone}项存量在同月无可配对者，或月份不详。",
    )
    closing = study.t(
        f"{len(crossed)} of {len(stocks)} stocks are crossed:",
        f"{len(stocks)}项存量中，{len(crossed)}项标有叉号：",
    )
    proven = [*_planned_lines(study, targets), *_risen_lines(study, ratios)]
    return [opening, "", *proven, "", closing, "", *crossed]


def _planned_lines(study: Teller, targets: pd.DataFrame) -> list[str]:
    planned = sorted({f"{ratio:g}" for ratio in targets["ratio"]})
    if not planned:
        return []
    due = targets["due"].iloc[0]
    return [
        study.t(
            f"- By the targets for {due}, each step has a ratio of {' or '.join(planned)}.",
            f"- 按{due}年目标，各级比值均为{'或'.join(planned)}。",
        )
    ]


def _risen_lines(study: Teller, ratios: pd.DataFrame) -> list[str]:
    lines = []
    for lower, upper in tier_stocks.STEPS:
        pair = tier_stocks.proven_rise(ratios, lower, upper)
        shown = []
        for _, row in pair.iterrows():
            text = ratio_text(row["ratio"], row["bound"], row["rounded"], study.language)
            shown.append(study.t(f"{text} in {row['as_of']}", f"{text}（{row['as_of']}）"))
        if shown:
            step = step_name(lower, upper, study.language)
            lines.append(
                study.t(
                    f"- A rise that the figures prove: {step}, {' and '.join(shown)}, rounded "
                    "counts taken at their word.",
                    f"- 数字足以证明的上升：{step}，由{'到'.join(shown)}，约数按其字面计。",
                )
            )
    return lines


def _bands_text(bands: list[tuple[float, float]], ends: tuple[float, float], language: str) -> str:
    texts = [
        _band_text(0.0 if low <= ends[0] else low, math.inf if high >= ends[1] else high, language)
        for low, high in bands
    ]
    return pick((" and ", "、"), language).join(texts)


def floor_clauses(study: Teller, compared: pd.DataFrame) -> str:
    """How the research floor of 2026 lies to that of 2022, band by band, as clauses.

    Parameters
    ----------
    study : Teller
    compared : DataFrame
        From :func:`helpers.analysis.rd_frontier.compare_rd`.

    Returns
    -------
    str
        In English the predicate of a sentence; without a full stop.
    """
    words = {
        "closed": ("admits no firm with a revenue of {}", "营业收入{}的企业不予受理"),
        "tighter": ("is higher at a revenue of {}", "营业收入{}的企业，下限高于2022年"),
        "same": ("is the same at a revenue of {}", "营业收入{}的企业，下限与2022年相同"),
        "eased": ("is lower at a revenue of {}", "营业收入{}的企业，下限低于2022年"),
    }
    ends = (float(compared["revenue_from"].iloc[0]), float(compared["revenue_to"].iloc[-1]))
    parts = [
        study.t(*words[kind]).format(_bands_text(found, ends, study.language))
        for kind, found in rd_frontier.bands_by_relation(compared).items()
    ]
    return study.t("; it ", "；").join(part.replace("of below", "below") for part in parts)


def rd_reading(study: Teller, compared: pd.DataFrame, apart: str) -> str:
    """A sentence or two: whom the research condition of 2026 spares, and whom not.

    Parameters
    ----------
    study : Teller
    compared : DataFrame
        From :func:`helpers.analysis.rd_frontier.compare_rd`.
    apart : str
        How the R&D share alone changed, from :func:`helpers.analysis.tiers.side_by_side`.

    Returns
    -------
    str
    """
    change, clauses = tiers.word(apart, study.language), floor_clauses(study, compared)
    text = study.t(
        f"Taken alone, the R&D share is {change}. Taken together with the other conditions, the "
        f"floor of 2026 {clauses}.",
        f"单看研发费用占比，属“{change}”。与其他条件合并计算，2026年办法下：{clauses}。",
    )
    widest = rd_frontier.widest_gap(compared)
    if "eased" in rd_frontier.bands_by_relation(compared) or widest.empty:
        return text
    places = [
        study.t(
            f"{money(row['revenue'])} ({row['new']:.3g} % in place of {row['old']:.3g} %)",
            f"营业收入{money(row['revenue'], 'zh')}处（{row['new']:.3g}%，原为{row['old']:.3g}%）",
        )
        for _, row in widest.iterrows()
    ]
    factor = f"{widest['factor'].iloc[0]:.3g}"
    return text + study.t(
        " At no revenue is it lower than that of 2022. The gap is widest, a factor of "
        f"{factor}, at {' and '.join(places)}.",
        f"无论营业收入多少，下限均不低于2022年。差距最大为{factor}倍，见于{'、'.join(places)}。",
    )


def change_list(
    study: Teller, thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str
) -> list[str]:
    """Lines of text: topics by how their conditions changed from 2022 to 2026.

    Parameters
    ----------
    study, thresholds, act_of_tier, tier
        See :func:`change_table`.

    Returns
    -------
    list of str
        Then the number of unverified conditions of this tier, and those a yearly notice added.
    """
    language = study.language
    frame = tiers.side_by_side(thresholds, act_of_tier, *_both_acts(tier))
    names = [_lower(tiers.topic_name(topic, language)) for topic in frame["topic"]]
    comma = study.t(", ", "、")
    kinds = pd.Series(names, dtype="str").groupby(frame["change"]).agg(comma.join)
    name = unbroken(tier, language)
    return [
        study.t(f"{name.capitalize()}, {len(frame)} topics:", f"{name}，共{len(frame)}个主题："),
        "",
        *(
            f"- {tiers.word(str(kind), language)}{study.t(': ', '：')}{topics}"
            for kind, topics in kinds.items()
        ),
        "",
        _unverified_line(study, thresholds, act_of_tier, tier),
    ]


def _lower(name: str) -> str:
    """A name as it stands within a sentence; an abbreviation such as R&D keeps its capitals."""
    return name if name[1:2] in "&" or name[1:2].isupper() else name[:1].lower() + name[1:]


def _unverified_line(
    study: Teller, thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str
) -> str:
    language = study.language
    added = thresholds.loc[thresholds["regime_id"] != thresholds["tier_id"].map(act_of_tier)]
    notices = [
        f"{_lower(row[f'indicator_{language}'])}{study.t(', ', '')}"
        f"{tiers.condition_text(row, language)} [{row['source_id']}]"
        for _, row in added.iterrows()
    ]
    both = thresholds.loc[thresholds["tier_id"].isin(_both_acts(tier))]
    unverified = int((~both["verified"]).sum())
    listed = study.t("; ", "；").join(notices) or study.t("none", "无")
    return study.t(
        f"Unverified conditions of the two acts: {unverified} of {len(both)}. Added between the two "
        f"acts by a yearly notice: {listed}.",
        f"两版办法的{len(both)}项条件中，未核实{unverified}项。两版办法之间由年度通知增加的条件：{listed}。",
    )
