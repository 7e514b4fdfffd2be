"""The tiers of firms: their legal conditions side by side, their stocks, and the contrasts.

Conditions come as data (table ``thresholds``). Nothing here decides whether a firm qualifies: the
functions compare conditions with conditions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import pandas as pd

from helpers.errors import InputError

# A row of table ``thresholds``: many are compared, and dictionaries are read faster than frames.
Condition: TypeAlias = Mapping[Any, Any] | pd.Series

# English unit, Chinese unit, and the factor to the Chinese one: money is counted in 10,000 yuan.
_UNITS: Mapping[str, tuple[str, str, int]] = {
    "years": ("years", "年", 1), "pct": ("%", "%", 1), "m_cny": ("million CNY", "万元", 100),
    "million CNY": ("million CNY", "万元", 100), "points": ("points", "分", 1),
    "items": ("items", "项", 1), "processes": ("processes", "项", 1),
    "products": ("products", "个", 1), "firms": ("firms", "家", 1),
    "factories": ("factories", "家", 1), "persons": ("persons", "人", 1),
    "patents": ("patents", "件", 1), "rank": ("", "", 1),
    "billion EUR": ("billion EUR", "亿欧元", 10), "billion USD": ("billion USD", "亿美元", 10),
}  # fmt: skip
_SINGULAR = {"years": "year", "points": "point", "items": "item", "processes": "process"}
_TOPICS: Mapping[str, tuple[str, str]] = {
    "tenure": ("Years in the market", "从业年限"), "growth": ("Growth", "增长率"),
    "main_revenue_share": ("Focus on the main business", "主业集中度"),
    "information_system": ("Information system", "信息系统"), "certificate": ("Certificate", "认证"),
    "debt_ratio": ("Debt ratio", "资产负债率"), "market_position": ("Market position", "市场地位"),
    "brand": ("Brand", "品牌"), "rd_ratio": ("R&D share of revenue", "研发费用占比"),
    "rd_amount": ("R&D expenditure", "研发费用"),
    "rd_amount_instead": ("R&D expenditure in place of points", "以研发费用替代评分"),
    "rd_staff": ("R&D staff", "研发人员"), "rd_organisation": ("R&D organisation", "研发机构"),
    "equity": ("New equity", "股权融资"),
    "equity_instead": ("New equity in place of points", "以股权融资替代评分"),
    "ip": ("Intellectual property", "知识产权"), "award": ("Science award", "科技奖励"),
    "honour": ("Honours", "荣誉"), "contest": ("Contest", "大赛"),
    "product_field": ("Field and place in the chain", "产品领域与产业链"),
    "sme_size": ("Limit of an SME", "中小企业划型"),
    "revenue": ("Revenue", "营业收入"), "score": ("Score", "评分"),
    "score_part": ("Parts of the score", "分项得分"), "technology": ("Technology", "技术水平"),
    "niche_products": ("Number of products", "产品数"), "clean_record": ("Clean record", "合规记录"),
    "awareness": ("Public awareness", "公众知名度"),
}  # fmt: skip

# Points of different score sheets share a unit and nothing else. The limit of an SME is the same for
# every tier, and a standard outside the acts sets it.
NOT_COMPARABLE_TOPICS = ("score", "score_part", "sme_size")
STUDY_SOURCE = "STUDY"

# Indicators that are never larger than another one, by which they are compared: a floor on the
# narrower one asks for at least as much. A rank in the world is no rank at home, and a share of a
# market is no rank in it.
COMPARED_AS: Mapping[str, str] = {
    "product_tenure": "niche_tenure", "main_revenue_mean_3y": "revenue",
    "niche_revenue_share": "main_revenue_share", "rd_ratio_each_2y": "rd_ratio_last_year",
    "rd_amount_each_2y": "rd_amount_last_year", "new_equity_2y": "new_equity_3y",
    "class_1_ip_own": "class_1_ip_in_use",
}  # fmt: skip

# The two sides of the contrasts; other rows give context.
SIDES = ("hidden_champion", "little_giant")
# Champion measures beside the little-giant criteria of their time.
CHAMPION_PAIRS = (
    ("single_champion_2016", "little_giant_2022"),
    ("single_champion_2023", "little_giant_2022"),
    ("single_champion_2023", "little_giant_2026"),
)
_DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "type": ("Type of firm", "企业类型"), "internationalisation": ("Internationalisation", "国际化"),
    "market_entry": ("Market entry", "市场进入"), "geography": ("Geography", "地域分布"),
    "competitiveness": ("Competitiveness", "竞争力"),
}  # fmt: skip

_SIGNS: Mapping[str, str | tuple[str, str]] = {
    "at_least": "≥ ",
    "at_most": "≤ ",
    "below": "< ",
    "rank_at_most": ("rank ≤ ", "排名 ≤ "),
}
_WORDS: Mapping[str, tuple[str, str]] = {
    "required": ("required", "须具备"), "unverified": ("unverified", "未核实"),
    "years_back": ("within {} years", "近{}年内"),
    "new": ("new", "新增"), "dropped": ("dropped", "取消"), "unchanged": ("unchanged", "不变"), "kept": ("kept", "保留"),
    "tighter": ("tighter", "收紧"), "eased": ("eased", "放宽"),
    "tighter for some": ("tighter for some", "对部分企业收紧"),
    "eased for some": ("eased for some", "对部分企业放宽"),
    "mixed": ("mixed", "有紧有松"), "redefined": ("redefined", "重新界定"),
    "stricter": ("stricter", "更严"), "equal": ("equal", "相同"), "looser": ("looser", "更松"),
    "not comparable": ("not comparable", "不可比"),
}  # fmt: skip


def _pick(entry: str | tuple[str, str], language: str) -> str:
    return entry if isinstance(entry, str) else entry[language == "zh"]


def _amount(value: float, unit: str, language: str) -> str:
    """A number with its unit, in Chinese without a space and money in 10,000 yuan."""
    english, chinese, factor = _UNITS[unit]
    if language == "zh":
        return f"{value * factor:,g}{chinese}"
    english = _SINGULAR.get(english, english) if value == 1 else english
    return f"{value:,g} {english}".rstrip()


def topic_name(topic: str, language: str = "en") -> str:
    """Name of a topic of the conditions; an unknown topic keeps its identifier.

    Examples
    --------
    >>> topic_name("debt_ratio"), topic_name("debt_ratio", "zh"), topic_name("new_topic")
    ('Debt ratio', '资产负债率', 'new topic')
    """
    if topic not in _TOPICS:
        return topic.replace("_", " ")
    return _pick(_TOPICS[topic], language)


def word(key: str, language: str = "en") -> str:
    """A word of the tables of this module in one language.

    Examples
    --------
    >>> word("tighter"), word("tighter", "zh")
    ('tighter', '收紧')
    """
    return _pick(_WORDS[key], language)


def dimension_words(dimensions: Iterable[str], language: str = "en") -> list[str]:
    """Names of dimensions of the contrasts.

    Examples
    --------
    >>> dimension_words(["type", "geography"]), dimension_words(["type"], "zh")
    (['Type of firm', 'Geography'], ['企业类型'])
    """
    return [_pick(_DIMENSIONS[name], language) for name in dimensions]


def bound_text(comparison: str, value: float, unit: str, language: str = "en") -> str:
    """A numeric threshold in words.

    Parameters
    ----------
    comparison : {"at_least", "at_most", "below", "rank_at_most"}
    value : float
    unit : str
        As in table ``thresholds``; money is written in 10,000 yuan in Chinese.
    language : {"en", "zh"}

    Examples
    --------
    >>> bound_text("at_least", 50, "m_cny"), bound_text("at_least", 50, "m_cny", "zh")
    ('≥ 50 million CNY', '≥ 5,000万元')
    """
    return _pick(_SIGNS[comparison], language) + _amount(float(value), str(unit), language)


def condition_text(row: Condition, language: str = "en") -> str:
    """One condition in short form.

    Parameters
    ----------
    row : Series or mapping
        A row of table ``thresholds``.
    language : {"en", "zh"}

    Returns
    -------
    str
        With a dagger if it is one of several alternatives, with the firms it is limited to, and
        marked if no source seen confirms it.

    Examples
    --------
    >>> row = pd.Series({"comparison": "at_least", "value": 3.0, "unit": "pct", "window_years": None,
    ...     "alternative_group": "g", "applies_when_en": "the firm is small", "verified": False})
    >>> condition_text(row)
    '≥ 3 %† (the firm is small; unverified)'
    """
    if row["comparison"] == "required":
        text = word("required", language)
    else:
        text = bound_text(row["comparison"], row["value"], row["unit"], language)
    if pd.notna(row["alternative_group"]):
        text += "†"
    limits = [row[f"applies_when_{language}"]] if pd.notna(row[f"applies_when_{language}"]) else []
    if pd.notna(row["window_years"]):
        limits.append(word("years_back", language).format(int(row["window_years"])))
    if not row["verified"]:
        limits.append(word("unverified", language))
    separator = "；" if language == "zh" else "; "
    brackets = "（{}）" if language == "zh" else " ({})"
    return text + (brackets.format(separator.join(limits)) if limits else "")


def _compared_as(row: Condition) -> str:
    indicator = str(row["indicator_id"])
    return COMPARED_AS.get(indicator, indicator)


def strictness(first: Condition, second: Condition) -> str:
    """How one numeric condition compares with another.

    Parameters
    ----------
    first, second : Series or mapping
        Rows with ``indicator_id``, ``comparison``, ``value`` and ``unit``.

    Returns
    -------
    {"stricter", "equal", "looser", "not comparable"}
        Of the first. Not comparable where indicator, direction or unit differ or a value is missing;
        the indicators that stand for one another are those of ``COMPARED_AS``.

    Examples
    --------
    >>> ten = pd.Series({"indicator_id": "debt_ratio", "comparison": "at_most", "value": 10.0,
    ...     "unit": "pct"})
    >>> strictness(ten, ten.replace(10.0, 20.0)), strictness(ten, ten.replace(10.0, 9.5))
    ('stricter', 'looser')
    """
    alike = _compared_as(first) == _compared_as(second)
    same = first["comparison"] == second["comparison"] and first["unit"] == second["unit"]
    if not alike or not same or pd.isna(first["value"]) or pd.isna(second["value"]):
        return "not comparable"
    difference = float(first["value"]) - float(second["value"])
    if difference == 0:
        return "equal"
    return "stricter" if (difference > 0) == (first["comparison"] == "at_least") else "looser"


def _pairs(upper: Sequence[Condition], lower: Sequence[Condition]) -> set[str]:
    """Strictness of every pair of rows that can be compared."""
    return {strictness(first, second) for first in upper for second in lower} - {"not comparable"}


def _all_matched(upper: Sequence[Condition], lower: Sequence[Condition]) -> bool:
    """Whether every condition of either side measures what some condition of the other does."""
    mine, theirs = (
        {(_compared_as(row), row["comparison"], row["unit"]) for row in side}
        for side in (upper, lower)
    )
    return mine == theirs


def _summary(relations: set[str]) -> str:
    if not relations:
        return "not comparable"
    if relations == {"equal"}:
        return "equal"
    if "stricter" in relations and "looser" in relations:
        return "mixed"
    return "stricter" if "stricter" in relations else "looser"


def rows_of(thresholds: pd.DataFrame, tier_id: str) -> pd.DataFrame:
    """Conditions of one tier.

    Raises
    ------
    InputError
        There are none; the message names the tiers that have some.

    Examples
    --------
    >>> len(rows_of(pd.DataFrame({"tier_id": ["a", "b", "a"]}), "a"))
    2
    """
    rows = thresholds.loc[thresholds["tier_id"] == tier_id]
    if rows.empty:
        known = ", ".join(sorted(thresholds["tier_id"].unique()))
        raise InputError(f"tier {tier_id!r} has no conditions. Known: {known}.")
    return rows


def by_topic(thresholds: pd.DataFrame) -> dict[str, list[Condition]]:
    """Conditions of each topic, in the order of the table.

    Examples
    --------
    >>> by_topic(pd.DataFrame({"topic": ["ip", "brand", "ip"], "value": [1.0, None, 2.0]}))["ip"]
    [{'topic': 'ip', 'value': 1.0}, {'topic': 'ip', 'value': 2.0}]
    """
    found: dict[str, list[Condition]] = {}
    for row in thresholds.to_dict("records"):
        found.setdefault(row["topic"], []).append(row)
    return found


def texts_of(rows: Iterable[Condition], language: str, named: bool = False) -> str | None:
    """Conditions of one topic in words, None without one.

    Parameters
    ----------
    rows : iterable of Series or mapping
        Rows of table ``thresholds``.
    language : {"en", "zh"}
    named : bool
        Whether the indicator stands before each run of conditions on it.
    """
    texts, last = [], ""
    colon = "：" if language == "zh" else ": "
    for row in rows:
        name = str(row[f"indicator_{language}"])
        start = f"{name}{colon}" if named and name != last else ""
        texts.append(start + condition_text(row, language))
        last = name
    separator = "；" if language == "zh" else "; "
    return separator.join(texts) if texts else None


def compare_tiers(
    thresholds: pd.DataFrame, upper: str, lower: str, language: str = "en"
) -> pd.DataFrame:
    """Whether one tier asks for at least as much as another wherever both set a number.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``.
    upper, lower : str
        Tier ids.
    language : {"en", "zh"}
        Of the texts; the relation stays an English keyword.

    Returns
    -------
    DataFrame
        One row per topic on which both tiers set a number, scores apart, with columns topic,
        upper, lower (the conditions in words) and relation: stricter (no upper condition is looser
        than a lower one, some are stricter), equal, looser, mixed, or not comparable (some condition
        measures what none of the other tier does; see :func:`strictness`). Conditions for some firms only are compared like all others, so that
        an exception can make a topic mixed.

    Raises
    ------
    InputError
        A tier has no conditions.

    Examples
    --------
    >>> base = {"comparison": "at_least", "unit": "years", "window_years": None, "verified": True,
    ...     "alternative_group": None, "applies_when_en": None, "topic": "tenure",
    ...     "indicator_id": "niche_tenure", "indicator_en": "Years"}
    >>> table = pd.DataFrame([{**base, "tier_id": "a", "value": 10.0},
    ...     {**base, "tier_id": "b", "value": 3.0}])
    >>> compare_tiers(table, "a", "b").iloc[0].tolist()
    ['tenure', 'Years: ≥ 10 years', 'Years: ≥ 3 years', 'stricter']
    """
    numeric = thresholds.loc[
        thresholds["value"].notna() & ~thresholds["topic"].isin(NOT_COMPARABLE_TOPICS)
    ]
    above, below = (by_topic(rows_of(numeric, tier)) for tier in (upper, lower))
    rows = []
    for topic, mine in above.items():
        if theirs := below.get(topic):
            pairs = _pairs(mine, theirs) if _all_matched(mine, theirs) else set[str]()
            relation = _summary(pairs)
            texts = (texts_of(mine, language, True), texts_of(theirs, language, True))
            rows.append((topic, *texts, relation))
    return pd.DataFrame(rows, columns=["topic", "upper", "lower", "relation"])


def compare_pairs(
    thresholds: pd.DataFrame, pairs: Sequence[tuple[str, str]], language: str = "en"
) -> pd.DataFrame:
    """Several comparisons of tiers in one frame.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``.
    pairs : sequence of (str, str)
        Upper and lower tier id of each comparison.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        As :func:`compare_tiers`, with columns upper_tier and lower_tier in front.

    Raises
    ------
    InputError
        There is no pair, or a tier has no conditions.
    """
    if not pairs:
        raise InputError("give at least one pair of tiers to compare")
    frames = []
    for upper, lower in pairs:
        frame = compare_tiers(thresholds, upper, lower, language)
        frame.insert(0, "lower_tier", lower)
        frame.insert(0, "upper_tier", upper)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def conditions_compared(thresholds: pd.DataFrame, comparison: pd.DataFrame) -> pd.DataFrame:
    """The conditions behind a comparison of tiers.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``.
    comparison : DataFrame
        From :func:`compare_pairs`.

    Returns
    -------
    DataFrame
        The rows of its tiers on its topics, in table order.

    Examples
    --------
    >>> comparison = pd.DataFrame({"upper_tier": ["a"], "lower_tier": ["b"], "topic": ["brand"]})
    >>> table = pd.DataFrame({"tier_id": ["a", "a", "c"], "topic": ["brand", "award", "brand"]})
    >>> len(conditions_compared(table, comparison))
    1
    """
    tier_ids = {*comparison["upper_tier"], *comparison["lower_tier"]}
    chosen = thresholds["tier_id"].isin(tier_ids) & thresholds["topic"].isin(comparison["topic"])
    return thresholds.loc[chosen]


@dataclass(frozen=True)
class ChampionCounts:
    """How the thresholds of champions compare with those of little giants, in numbers.

    Attributes
    ----------
    pairs, settled, strict : int
        Pairs of conditions compared; those of them that can be; those in which champions are asked
        for at least as much.
    measures, apart : int
        Measures for champions; those outside the gradient system that ask for no earlier title.
    topics, unasked : int
        Topics of the little-giant criteria of 2022; those without a number for champions.
    """

    pairs: int
    settled: int
    strict: int
    measures: int
    apart: int
    topics: int
    unasked: int


def champion_counts(
    duels: pd.DataFrame, champions: pd.DataFrame, thresholds: pd.DataFrame
) -> ChampionCounts:
    """What the thresholds say of champions and little giants.

    Parameters
    ----------
    duels : DataFrame
        From :func:`compare_pairs`, champions above.
    champions : DataFrame
        Rows of table ``tiers`` for champions.
    thresholds : DataFrame
        Table ``thresholds``.

    Returns
    -------
    ChampionCounts

    Examples
    --------
    >>> duels = pd.DataFrame({"topic": ["tenure"], "relation": ["stricter"]})
    >>> champions = pd.DataFrame({"rank": [None], "prerequisite_tier_id": [None]})
    >>> asked = pd.DataFrame({"tier_id": ["little_giant_2022"] * 2, "topic": ["tenure", "brand"]})
    >>> champion_counts(duels, champions, asked)
    ChampionCounts(pairs=1, settled=1, strict=1, measures=1, apart=1, topics=2, unasked=1)
    """
    settled = duels.loc[duels["relation"] != "not comparable"]
    apart = champions["rank"].isna() & champions["prerequisite_tier_id"].isna()
    asked = set(thresholds.loc[thresholds["tier_id"] == "little_giant_2022", "topic"])
    return ChampionCounts(
        pairs=len(duels),
        settled=len(settled),
        strict=int(settled["relation"].isin(["stricter", "equal"]).sum()),
        measures=len(champions),
        apart=int(apart.sum()),
        topics=len(asked),
        unasked=len(asked - set(duels["topic"])),
    )


def never_looser(comparison: pd.DataFrame) -> bool | None:
    """Whether no comparable topic is looser in the upper tier; None if none is comparable.

    Parameters
    ----------
    comparison : DataFrame
        From :func:`compare_tiers`.

    Examples
    --------
    >>> never_looser(pd.DataFrame({"relation": ["stricter", "equal", "not comparable"]}))
    True
    """
    relations = comparison.loc[comparison["relation"] != "not comparable", "relation"]
    return bool(relations.isin(["stricter", "equal"]).all()) if len(relations) else None


def change(old: Sequence[Condition], new: Sequence[Condition]) -> str:
    """How the conditions of one topic changed from an act to the next.

    Parameters
    ----------
    old, new : sequence of Series or mapping
        Rows of table ``thresholds`` for one topic.

    Returns
    -------
    str
        new, dropped, unchanged, kept (a requirement without a number), tighter, eased, either of
        these "for some", mixed, or redefined. Numbers are compared only where both acts use the
        same indicators; redefined means that they do not.

    Examples
    --------
    >>> row = {"indicator_id": "share", "comparison": "at_least", "unit": "pct"}
    >>> change([{**row, "value": 70.0}], [{**row, "value": 90.0}])
    'tighter'
    """
    if not old or not new:
        return "dropped" if old else "new"
    indicators, later = ({row["indicator_id"] for row in side} for side in (old, new))
    if indicators != later:
        return "redefined"
    relations = set[str]()
    for indicator in indicators:
        mine, theirs = (
            [row for row in side if row["indicator_id"] == indicator] for side in (new, old)
        )
        relations |= _pairs(mine, theirs)
    if not relations:
        return "kept"
    if relations == {"equal"}:
        return "unchanged"
    if {"stricter", "looser"} <= relations:
        return "mixed"
    changed = "tighter" if "stricter" in relations else "eased"
    return f"{changed} for some" if "equal" in relations else changed


def side_by_side(
    thresholds: pd.DataFrame, regime_of_tier: pd.Series, old: str, new: str, language: str = "en"
) -> pd.DataFrame:
    """The conditions of a tier under two acts, topic by topic.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``. Conditions added by a yearly notice are left out.
    regime_of_tier : Series
        Act of each tier, indexed by tier id.
    old, new : str
        Tier ids.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Columns topic, dimension, indicator (the name of the topic where its indicators differ; then
        they are named with the conditions), old, new (in words, missing where the act sets none),
        change (an English keyword, see :func:`change`), verified and source_id.

    Raises
    ------
    InputError
        A tier has no conditions.
    """
    own = thresholds.loc[thresholds["regime_id"] == thresholds["tier_id"].map(regime_of_tier)]
    before, after = (by_topic(rows_of(own, tier)) for tier in (old, new))
    rows = []
    for topic in dict.fromkeys([*before, *after]):
        then, now = before.get(topic, []), after.get(topic, [])
        both = [*then, *now]
        indicators = list(dict.fromkeys(row[f"indicator_{language}"] for row in both))
        several = len(indicators) > 1
        sources = dict.fromkeys(";".join(row["source_id"] for row in both).split(";"))
        rows.append(
            {
                "topic": topic, "dimension": both[0]["dimension"],
                "indicator": topic_name(topic, language) if several else indicators[0],
                "old": texts_of(then, language, several), "new": texts_of(now, language, several),
                "change": change(then, now), "verified": all(row["verified"] for row in both),
                "source_id": ";".join(sources),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def ladder(tiers: pd.DataFrame, regime_id: str) -> list[str]:
    """Tiers of the gradient system under one act, from the lowest.

    Parameters
    ----------
    tiers : DataFrame
        Table ``tiers``; a tier without rank is outside the system.
    regime_id : str

    Returns
    -------
    list of str
        Values of the column ``tier``; empty if the act ranks none.

    Raises
    ------
    InputError
        Two tiers share a rank.

    Examples
    --------
    >>> table = pd.DataFrame({"regime_id": ["m", "m", "c"], "tier": ["b", "a", "x"],
    ...     "rank": [2, 1, None]})
    >>> ladder(table, "m")
    ['a', 'b']
    """
    ranked = tiers.loc[(tiers["regime_id"] == regime_id) & tiers["rank"].notna()]
    if ranked["rank"].duplicated().any():
        raise InputError(f"table tiers: two tiers of {regime_id} have the same rank")
    return [str(tier) for tier in ranked.sort_values("rank")["tier"]]


def _clash(early: pd.Series, late: pd.Series) -> bool:
    """Whether two stocks cannot both be right; bounds of the same direction never clash."""
    both_counts = early["comparison"] == late["comparison"] == "equal"
    # ISO text of mixed precision sorts by date: a year comes before its months.
    if both_counts and early["as_of"] == late["as_of"]:
        return bool(early["firms_count"] != late["firms_count"])
    return bool(
        early["as_of"] <= late["as_of"]
        and early["comparison"] != "less_than"
        and late["comparison"] != "more_than"
        and early["firms_count"] > late["firms_count"]
    )


def doubtful_stocks(stocks: pd.DataFrame) -> pd.Series:
    """Stocks that do not fit with a firmer one.

    Two stocks of a tier clash if they are different counts for one date, or if a count or lower
    bound is above a count or upper bound of the same or a later date. The second is a contradiction
    only as long as stocks do not fall. Of a clashing pair the vague one is doubtful, that is the
    bound or the rounded count; both are if they are equally vague.

    Parameters
    ----------
    stocks : DataFrame
        Columns as_of, tier_id, firms_count, comparison (equal, more_than, less_than) and rounded.

    Returns
    -------
    Series of bool
        Same index.

    Examples
    --------
    >>> table = pd.DataFrame({"as_of": ["2020", "2021-06"], "tier_id": "x", "rounded": [True, False],
    ...     "firms_count": [5000, 1832], "comparison": ["more_than", "equal"]})
    >>> doubtful_stocks(table).tolist()
    [True, False]
    """
    vague = stocks["rounded"].astype(bool) | (stocks["comparison"] != "equal")
    doubtful = pd.Series(False, index=stocks.index)
    for _, group in stocks.groupby("tier_id"):
        for i, early in group.iterrows():
            for j, late in group.loc[group.index != i].iterrows():
                if _clash(early, late):
                    pair = vague.index.isin([i, j])
                    doubtful |= pair & vague if (pair & vague).any() else pair
    return doubtful


def independent(table: pd.DataFrame) -> pd.DataFrame:
    """Rows that rest on some source other than the study itself.

    Examples
    --------
    >>> independent(pd.DataFrame({"source_id": ["STUDY", "STUDY;N-S01"]})).source_id.tolist()
    ['STUDY;N-S01']
    """
    other = [set(str(cell).split(";")) - {STUDY_SOURCE} != set() for cell in table["source_id"]]
    return table.loc[other]


def sides_documented(contrasts: pd.DataFrame, sides: Sequence[str] = SIDES) -> pd.DataFrame:
    """Independent facts on each side of each contrast.

    Parameters
    ----------
    contrasts : DataFrame
        Table ``contrasts``.
    sides : sequence of str
        The two sides.

    Returns
    -------
    DataFrame
        Index dimension, in order of appearance; one column of counts per side, and ``both``.

    Examples
    --------
    >>> table = pd.DataFrame({"dimension": ["type", "type", "entry"], "source_id": ["a", "b", "a"],
    ...     "side": ["hidden_champion", "little_giant", "hidden_champion"]})
    >>> sides_documented(table).both.tolist()
    [True, False]
    """
    facts = independent(contrasts)
    order = list(dict.fromkeys(contrasts["dimension"]))
    counts = pd.crosstab(facts["dimension"], facts["side"])
    counts = counts.reindex(index=order, columns=list(sides), fill_value=0)
    return counts.assign(both=(counts > 0).all(axis=1))


def grade(found: int, needed: int) -> str:
    """How far a claim made of parts is documented.

    Parameters
    ----------
    found, needed : int
        Parts for which a source was found, and all parts.

    Returns
    -------
    {"documented", "partly", "undocumented"}

    Raises
    ------
    InputError
        Nothing is needed, or more is found than needed.

    Examples
    --------
    >>> grade(5, 9), grade(0, 3), grade(3, 3)
    ('partly', 'undocumented', 'documented')
    """
    if needed < 1 or not 0 <= found <= needed:
        raise InputError(f"{found} of {needed}: give 0 <= found <= needed and needed >= 1")
    return "documented" if found == needed else "partly" if found else "undocumented"


def figure_text(row: pd.Series, language: str = "en") -> str | None:
    """The number of a contrast in words, a share with its count and base; None without one.

    Parameters
    ----------
    row : Series
        A row of table ``contrasts``.
    language : {"en", "zh"}

    Examples
    --------
    >>> figure_text(pd.Series({"numerator_count": 649, "denominator_count": 8997}))
    '649/8,997 (7.2 %)'
    """
    if pd.notna(row["numerator_count"]):
        top, bottom = int(row["numerator_count"]), int(row["denominator_count"])
        share = f"{float(100 * Fraction(top, bottom)):.1f}"
        return f"{top:,}/{bottom:,}" + _pick((f" ({share} %)", f"（{share}%）"), language)
    if pd.isna(row["value"]):
        return None
    signs = {"more_than": "> ", "at_least": "≥ ", "about": _pick(("about ", "约"), language)}
    sign = signs.get(str(row["comparison"]), "")
    return sign + _amount(float(row["value"]), str(row["unit"]), language)


def first_with(documents: pd.DataFrame, tiers: Collection[str]) -> pd.DataFrame:
    """The earliest dated document that sets out all of some tiers, as a frame of at most one row.

    Parameters
    ----------
    documents : DataFrame
        Columns issued (ISO text) and tiers_set (``;``-separated, may be missing).
    tiers : collection of str

    Examples
    --------
    >>> table = pd.DataFrame({"issued": ["2022-06", "2018"], "tiers_set": ["a;b", "b"]})
    >>> first_with(table, ["a", "b"]).issued.tolist()
    ['2022-06']
    """
    complete = [
        isinstance(cell, str) and set(tiers) <= set(cell.split(";"))
        for cell in documents["tiers_set"]
    ]
    return documents.loc[complete].dropna(subset="issued").sort_values("issued").head(1)


def in_order(documents: pd.DataFrame) -> pd.DataFrame:
    """Documents by date of issue, those known to the year or month after the dated ones of it.

    Parameters
    ----------
    documents : DataFrame
        Column issued: ISO text of year, month or day precision, none missing.

    Returns
    -------
    DataFrame
        With the year of issue as an integer column ``year``.

    Examples
    --------
    >>> table = pd.DataFrame({"issued": ["2026", "2022-06", "2026-01-17"]})
    >>> in_order(table)["issued"].tolist()
    ['2022-06', '2026-01-17', '2026']
    """
    ordered = documents.sort_values(
        "issued", kind="stable", key=lambda dates: (dates + "-99-99").str[:10]
    )
    return ordered.assign(year=ordered["issued"].str[:4].astype(int))


def with_steps(documents: pd.DataFrame, steps: pd.DataFrame, least: int) -> pd.DataFrame:
    """Documents that state at least so many steps from tier to tier.

    Parameters
    ----------
    documents : DataFrame
        Column doc_id.
    steps : DataFrame
        Table ``gradient_steps``.
    least : int
        At least 1.

    Examples
    --------
    >>> steps = pd.DataFrame({"doc_id": ["p", "m", "m"]})
    >>> with_steps(pd.DataFrame({"doc_id": ["p", "m", "x"]}), steps, 2).doc_id.tolist()
    ['m']
    """
    return documents.loc[documents["doc_id"].map(steps["doc_id"].value_counts()).ge(least)]


def stating_step(steps: pd.DataFrame, lower: str, upper: str) -> pd.DataFrame:
    """Rows of table ``gradient_steps`` that lead from one tier to another.

    Examples
    --------
    >>> steps = pd.DataFrame({"doc_id": ["p", "p"], "lower_tier": ["a", "b"], "upper_tier": ["b", "c"]})
    >>> len(stating_step(steps, "b", "c")), len(stating_step(steps, "a", "c"))
    (1, 0)
    """
    return steps.loc[(steps["lower_tier"] == lower) & (steps["upper_tier"] == upper)]


def first_grade(documents: pd.DataFrame, year: int) -> str:
    """How far it is documented that something first appeared in a year.

    That a document of the year exists is half of the claim. The other half, that there is none
    before, no register of documents found can show: it can only be refuted.

    Parameters
    ----------
    documents : DataFrame
        The documents found that would count, with a column year.
    year : int

    Returns
    -------
    {"partly", "undocumented", "conflicting"}

    Examples
    --------
    >>> first_grade(pd.DataFrame({"year": [2011, 2013]}), 2011)
    'partly'
    >>> first_grade(pd.DataFrame({"year": [2009, 2011]}), 2011)
    'conflicting'
    """
    if (documents["year"] < year).any():
        return "conflicting"
    return grade(int((documents["year"] == year).any()), 2)


def guiding_opinions(documents: pd.DataFrame) -> pd.DataFrame:
    """Documents whose title makes them guiding opinions on SRDI firms (专精特新, 指导意见).

    Parameters
    ----------
    documents : DataFrame
        Column title_zh.

    Examples
    --------
    >>> titles = ["关于“专精特新”发展的指导意见", "专精特新培育方案"]
    >>> len(guiding_opinions(pd.DataFrame({"title_zh": titles})))
    1
    """
    named = documents["title_zh"].str.contains("专精特新.*指导意见|指导意见.*专精特新")
    return documents.loc[named.astype(bool)]
