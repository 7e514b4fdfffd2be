"""Tables and sentences of the concept notebook, each table with its record.

Functions that take a :class:`~helpers.publish.policy_views.Teller` cite the sources of what they show
and return what ``study.show`` takes.
"""

from __future__ import annotations

import math

import pandas as pd

from helpers.analysis import rd_frontier, tier_changes, tier_stocks, tiers
from helpers.publish.figures import COLOURS, Record
from helpers.publish.teller import Teller

Table = tuple[pd.DataFrame, Record]
Pair = tuple[str, str]

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


def _pick(text: str | Pair, language: str) -> str:
    return text if isinstance(text, str) else text[language == "zh"]


def record(study: Teller, name: str, title: Pair, *source: object, **texts: str | Pair) -> Record:
    """A record in the study's language.

    Parameters
    ----------
    study : Teller
        Gives the language and the citations.
    name : str
        File name without suffix.
    title : (str, str)
        English and Chinese.
    *source
        Columns of source ids to cite.
    **texts
        Further fields of :class:`~helpers.publish.figures.Record`, as a text or as a pair.
    """
    picked = {field: _pick(text, study.language) for field, text in texts.items()}
    return Record(name, _pick(title, study.language), source=study.cite(*source), **picked)


def _headed(frame: pd.DataFrame, headings: dict[str, Pair], language: str) -> pd.DataFrame:
    """The named columns in their order under readable headings."""
    words = {column: _pick(pair, language) for column, pair in headings.items()}
    return frame[list(words)].rename(columns=words)


def tier_names(language: str) -> dict[str, str]:
    """Name of each drawn tier, from the widest."""
    return {tier: words[language == "zh"] for tier, words in DRAWN_TIERS.items()}


def tier_colours() -> dict[str, str]:
    """Colour of each drawn tier."""
    return {tier: COLOURS[words[2]] for tier, words in DRAWN_TIERS.items()}


def step_name(lower: str, upper: str, language: str = "en") -> str:
    """A step of the ladder in words: how many of the lower tier stand behind one of the upper.

    Examples
    --------
    >>> step_name("srdi_sme", "little_giant"), step_name("little_giant", "single_champion", "zh")
    ('SRDI SMEs per little giant', '每家单项冠军对应“小巨人”企业')
    """
    names = {tier: name.replace("\n", " ") for tier, name in tier_names("en").items()}
    if language == "zh":
        names = {tier: name.replace("\n", "") for tier, name in tier_names("zh").items()}
        return f"每家{names[upper]}对应{names[lower]}"
    return f"{names[lower]} per {_SINGULAR[upper]}"


def ratio_text(ratio: float, bound: str, rounded: bool = False, language: str = "en") -> str:
    """A ratio of stocks as it is to be read: to one decimal, a sign for a bound, words for neither.

    Examples
    --------
    >>> ratio_text(11.667, "more_than"), ratio_text(8.1667, "equal", True), ratio_text(7, "none")
    ('> 11.6', 'about 8.2', 'two bounds: unknown')
    """
    if bound == "none":
        return _pick(("two bounds: unknown", "两个界限，无法判断"), language)
    about = _pick(("about ", "约"), language) if rounded and bound == "equal" else ""
    # A bound must stay one after rounding: down for a floor, up for a ceiling.
    tenths = round(10 * ratio, 9)
    if bound != "equal":
        tenths = math.floor(tenths) if bound == "more_than" else math.ceil(tenths)
    return f"{about}{_SIGNS[bound]}{tenths / 10:.1f}"


def tier_table(
    study: Teller, tier_rows: pd.DataFrame, regimes: pd.DataFrame, thresholds: pd.DataFrame
) -> Table:
    """The tiers under each act with rank, term and number of conditions recorded.

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
    frame = ordered.assign(
        act=ordered["regime_id"].map(regimes.set_index("regime_id")["number"]),
        conditions=ordered["tier_id"].map(counts).astype("Int64"),
    )
    headings = {
        f"name_{study.language}": ("Tier", "层次"), "act": ("Act", "依据文件"),
        "rank": ("Rank", "级次"), "validity_years": ("Term, years", "有效期（年）"),
        "conditions": ("Conditions", "条件数"),
    }  # fmt: skip
    count = len(thresholds)
    about = record(
        study, "01_tiers", ("Tiers under each act", "各文件所设层次"), tier_rows["source_id"],
        base=(f"{count} conditions recorded", f"已录入{count}项条件"),
        note=(
            "Rank 1 is the lowest; a dash: outside the ladder, or not stated. Acts read from reposts.",
            "级次1为最低；“—”为不在梯度内或未载明。文件据转载本录入。",
        ),
    )  # fmt: skip
    return _headed(frame, headings, study.language), about


def ratio_table(study: Teller, ratios: pd.DataFrame, targets: pd.DataFrame) -> Table:
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
    frame = _ratio_rows(ratios, targets, study.language)
    headings = {
        "step": ("Step", "层级"), "as_of": ("As of", "时点"), "lower": ("Lower tier", "下层企业数"),
        "upper": ("Upper tier", "上层企业数"), "basis": ("Basis, lower / upper", "口径，下层／上层"),
        "shown": ("Ratio", "比值"),
        "source_id": ("Sources", "来源"),
    }  # fmt: skip
    about = record(
        study, "01_step_ratios",
        ("Firms of a tier per firm of the tier above", "每家上层企业对应的下层企业数"),
        frame["source_id"],
        unit=("firms of the lower tier per firm of the upper tier", "家/家"),
        base=("stocks of one month", "同月存量"),
        note=(
            "Each version of a stock is paired with each. × rests on a stock that does not fit with "
            "another. A floor over a floor bounds nothing. Bounds are rounded outwards.",
            "同一时点的各种说法两两配对。×：所依据的存量与他源不符。两个下限相除不构成界限。"
            "界限一律向外取整。",
        ),
    )  # fmt: skip
    return _headed(frame, headings, study.language), about


def _basis_word(basis: object, language: str) -> str:
    return _pick(_BASES.get(str(basis), ("not stated", "未说明")), language)


def _ratio_rows(ratios: pd.DataFrame, targets: pd.DataFrame, language: str) -> pd.DataFrame:
    """Ratios of stocks and of targets in words, by step and date, targets last."""
    goal = _pick(("target, end of {}", "目标，{}年末"), language)
    planned = targets.assign(
        as_of=[goal.format(due) for due in targets["due"]], bound="equal", rounded=False,
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
        None if planned else " / ".join(_basis_word(basis, language) for basis in pair)
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
) -> Table:
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
    return _headed(_worded(frame, language), _CHANGE_HEADINGS, language), record(
        study, f"01_{tier}_conditions",
        (f"{DRAWN_TIERS[tier][0][0].upper()}{DRAWN_TIERS[tier][0][1:]}: conditions of 2022 and 2026",
         f"{DRAWN_TIERS[tier][1]}：2022年与2026年认定条件"),
        frame["source_id"], note=_CHANGE_NOTE,
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


def beyond_table(study: Teller, thresholds: pd.DataFrame, act_of_tier: pd.Series) -> Table:
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
    about = record(
        study, "01_changes_in_words",
        ("Conditions that are new, dropped or defined anew", "新增、取消或重新界定的条件"),
        frame["source_id"], note=_CHANGE_NOTE,
    )  # fmt: skip
    return _headed(frame, headings, language), about


def rd_table(study: Teller, compared: pd.DataFrame, *source: object) -> Table:
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
            "change": [_pick(_RD_FORMS[relation], language) for relation in compared["relation"]],
        }
    )  # fmt: skip
    headings = {
        "band": ("Revenue", "营业收入"), "old": ("2022", "2022年"), "new": ("2026", "2026年"),
        "change": ("Change", "变化"),
    }  # fmt: skip
    about = record(
        study, "01_rd_floors",
        ("Little giants: least R&D intensity by revenue", "“小巨人”企业：不同营业收入下的最低研发强度"),
        *source, unit=("R&D in per cent of revenue", "研发费用占营业收入的百分比"),
        note=(
            "Where two numbers stand, the floor falls from the first to the second as revenue grows. "
            "Both years of a condition on two years taken to be alike.",
            "列两数者，最低强度随营业收入增加由前者降至后者。涉及两个年度的条件按两个年度数值相同计。",
        ),
    )  # fmt: skip
    return _headed(frame, headings, language), about


def _band_text(low: float, high: float, language: str) -> str:
    if low <= 0:
        return _pick(("below {}", "低于{}"), language).format(money(high, language))
    if math.isinf(high):
        return _pick(("{} and above", "{}及以上"), language).format(money(low, language))
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
        return _pick(("none is enough", "不受理"), language)
    percent = "%" if language == "zh" else " %"
    if start == end:
        return f"{start:.3g}{percent}"
    if open_start:
        return _pick(("more than {}", "高于{}"), language).format(f"{end:.3g}{percent}")
    return _pick(("{} to {}", "{}至{}"), language).format(f"{start:.3g}", f"{end:.3g}{percent}")


def duel_table(study: Teller, duels: pd.DataFrame, thresholds: pd.DataFrame) -> Table:
    """Conditions of two tiers side by side.

    Parameters
    ----------
    study : Teller
    duels : DataFrame
        From :func:`helpers.analysis.tiers.compare_pairs`; tier ids end in the year of the act.
    thresholds : DataFrame
        Table ``thresholds``, for the sources.

    Returns
    -------
    table, record
    """
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
    about = record(
        study, "01_champions",
        ("Conditions for which champions and little giants both have a number",
         "单项冠军与“小巨人”均设数值的条件"),
        tiers.conditions_compared(thresholds, duels)["source_id"],
        note=(
            "† one of several alternatives. Numbers are compared only where they measure the same, or "
            "the champion’s measure is the narrower one: years in a product, main-business revenue, "
            "revenue of niche products. A rank in the world is not a rank at home, nor a share of a "
            "market.",
            "†：可选条件之一。仅比较同一指标，或单项冠军指标口径较窄的情形（产品年限、主营业务收入、"
            "细分产品收入）。全球排名不同于国内排名，也不同于市场占有率。",
        ),
    )  # fmt: skip
    return _headed(frame, headings, study.language), about


def definition_table(
    study: Teller, facts: pd.DataFrame, thresholds: pd.DataFrame, act_of_tier: pd.Series
) -> Table:
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
    about = record(
        study, "01_definitions",
        ("What makes a hidden champion, and what a little giant", "隐形冠军与“小巨人”企业的界定"),
        frame["source_id"],
        base=("topics with a number, and awareness", "设有数值的主题及公众知名度"),
        note=(
            "A dash: nothing is asked. † one of several alternatives. Scores, conditions without a "
            "number on either side, and those of yearly notices are left out.",
            "“—”：无要求。†：可选条件之一。评分、双方均无数值的条件及年度通知所加条件未列。",
        ),
    )  # fmt: skip
    return _headed(frame, headings, study.language), about


def contrast_table(study: Teller, contrasts: pd.DataFrame) -> Table:
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
        side=[_pick(_SIDES[side], language) for side in contrasts["side"]],
    )
    headings = {
        "dimension": ("Dimension", "维度"), "side": ("About", "对象"),
        f"statement_{language}": ("Finding", "事实"), "figure": ("Figure", "数值"),
        "as_of": ("As of", "时点"), "source_id": ("Sources", "来源"),
    }  # fmt: skip
    about = record(
        study, "01_contrasts",
        ("Five contrasts, with independent facts on each side", "五方面对比及独立来源事实"),
        contrasts["source_id"], base=("as in each row", "见各行"),
        note=("A dash: the source gives no number.", "“—”：来源未给出数值。"),
    )  # fmt: skip
    return _headed(frame, headings, language), about


def sides_reading(contrasts: pd.DataFrame) -> str:
    """A sentence in English: how many independent facts each contrast has on either side.

    Parameters
    ----------
    contrasts : DataFrame
        Table ``contrasts``.

    Returns
    -------
    str
    """
    counts = tiers.sides_documented(contrasts)
    names = tiers.dimension_words(counts.index)
    left, right = (counts[side] for side in tiers.SIDES)
    shown = [f"{name.lower()} {a} and {b}" for name, a, b in zip(names, left, right, strict=True)]
    return (
        "Facts from sources other than the study, on hidden champions and on little giants: "
        f"{', '.join(shown)}. Context rows are about neither and do not count."
    )


def crossed_stocks(stocks: pd.DataFrame) -> list[str]:
    """Lines of a list in English with the doubtful stocks and their sources.

    Parameters
    ----------
    stocks : DataFrame
        Table ``tier_stocks`` with a boolean column doubtful; tiers not drawn are left out.

    Returns
    -------
    list of str
    """
    signs = {"equal": "", "more_than": "more than ", "less_than": "fewer than "}
    names = tier_names("en")
    rows = stocks.loc[stocks["doubtful"] & stocks["tier_id"].isin(list(names))]
    return [
        f"- {names[row['tier_id']]}, {row['as_of']}: {signs[row['comparison']]}"
        f"{row['firms_count']:,} [{row['source_id']}]"
        for _, row in rows.iterrows()
    ]


def ladder_reading(stocks: pd.DataFrame, ratios: pd.DataFrame, targets: pd.DataFrame) -> list[str]:
    """Lines of text in English: what the ratios from step to step rest on, and what they prove.

    Parameters
    ----------
    stocks : DataFrame
        Table ``tier_stocks`` with column doubtful.
    ratios, targets : DataFrame
        From :func:`helpers.analysis.tier_stocks.step_ratios` and ``target_ratios``.

    Returns
    -------
    list of str
    """
    alone = tier_stocks.unpaired(stocks)
    open_pairs = int((ratios["bound"] == "none").sum())
    lines = [
        f"Of {len(ratios)} pairs of stocks of one month, {open_pairs} set a floor over a floor and "
        f"bound nothing. {len(alone)} stocks have no partner in their month, or no month.",
        "",
    ]
    planned = sorted({f"{ratio:g}" for ratio in targets["ratio"]})
    if planned:
        due = targets["due"].iloc[0]
        lines += [f"- By the targets for {due}, each step has a ratio of {' or '.join(planned)}."]
    for lower, upper in tier_stocks.STEPS:
        pair = tier_stocks.proven_rise(ratios, lower, upper)
        if len(pair):
            shown = [
                f"{ratio_text(row['ratio'], row['bound'], row['rounded'])} in {row['as_of']}"
                for _, row in pair.iterrows()
            ]
            lines.append(f"- A rise that the figures prove: {step_name(lower, upper)}, "
                         f"{' and '.join(shown)}, rounded counts taken at their word.")  # fmt: skip
    crossed = crossed_stocks(stocks)
    return [*lines, "", f"{len(crossed)} of {len(stocks)} stocks are crossed:", "", *crossed]


def _bands_text(bands: list[tuple[float, float]], ends: tuple[float, float]) -> str:
    texts = [
        _band_text(0.0 if low <= ends[0] else low, math.inf if high >= ends[1] else high, "en")
        for low, high in bands
    ]
    return " and ".join(texts)


def rd_reading(compared: pd.DataFrame, apart: str) -> str:
    """A sentence or two in English: whom the research condition of 2026 spares, and whom not.

    Parameters
    ----------
    compared : DataFrame
        From :func:`helpers.analysis.rd_frontier.compare_rd`.
    apart : str
        How the R&D share alone changed, from :func:`helpers.analysis.tiers.side_by_side`.

    Returns
    -------
    str
    """
    bands = rd_frontier.bands_by_relation(compared)
    ends = (float(compared["revenue_from"].iloc[0]), float(compared["revenue_to"].iloc[-1]))
    words = {
        "closed": "admits no firm with a revenue", "tighter": "is higher at a revenue",
        "same": "is the same at a revenue", "eased": "is lower at a revenue",
    }  # fmt: skip
    parts = [f"{words[kind]} of {_bands_text(found, ends)}".replace("of below", "below")
             for kind, found in bands.items()]  # fmt: skip
    text = (
        f"Taken alone, the R&D share is {apart}. Taken together with the other conditions, the floor "
        f"of 2026 {'; it '.join(parts)}."
    )
    widest = rd_frontier.widest_gap(compared)
    if "eased" in bands or widest.empty:
        return text
    places = [
        f"{money(row['revenue'])} ({row['new']:.3g} % in place of {row['old']:.3g} %)"
        for _, row in widest.iterrows()
    ]
    return (
        f"{text} At no revenue is it lower than that of 2022. The gap is widest, a factor of "
        f"{widest['factor'].iloc[0]:.3g}, at {' and '.join(places)}."
    )


def change_list(thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str) -> list[str]:
    """Lines of text in English: topics by how their conditions changed from 2022 to 2026.

    Parameters
    ----------
    thresholds, act_of_tier, tier
        See :func:`change_table`.

    Returns
    -------
    list of str
        Then the number of unverified conditions of this tier, and those a yearly notice added.
    """
    frame = tiers.side_by_side(thresholds, act_of_tier, f"{tier}_2022", f"{tier}_2026")
    names = [tiers.topic_name(topic).lower().replace("r&d", "R&D") for topic in frame["topic"]]
    kinds = pd.Series(names, dtype="str").groupby(frame["change"]).agg(", ".join)
    added = thresholds.loc[thresholds["regime_id"] != thresholds["tier_id"].map(act_of_tier)]
    notices = [
        f"{row['indicator_en'].lower()}, {tiers.condition_text(row)} [{row['source_id']}]"
        for _, row in added.iterrows()
    ]
    both = thresholds.loc[thresholds["tier_id"].isin([f"{tier}_{year}" for year in ACTS])]
    unverified = int((~both["verified"]).sum())
    return [
        f"{DRAWN_TIERS[tier][0].capitalize()}, {len(frame)} topics:",
        "",
        *(f"- {kind}: {topics}" for kind, topics in kinds.items()),
        "",
        f"Unverified conditions of the two acts: {unverified} of {len(both)}. Added between the two acts by a "
        f"yearly notice: {'; '.join(notices) or 'none'}.",
    ]
