"""Sentences of the notebook on concentration, position and change, in the study's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.evidence.bilingual import Pick
from helpers.publish.phrases import (
    basis_name,
    batches_name,
    between,
    join_names,
    percent,
    place_names,
    signed,
)
from helpers.publish.regional_views import index_name, reference_names
from helpers.publish.teller import Teller

_DIRECTIONS = {
    "higher": ("higher", "更高"), "lower": ("lower", "更低"), "equal": ("the same", "相同"),
}  # fmt: skip


def _spans(study: Teller, spans: Sequence[str]) -> str:
    """Ranges of batches in words: ``batch 5``, ``batches 3 and 1-3``."""
    if study.language == "zh":
        return join_names([batches_name(span, study.t) for span in spans], "zh")
    one = len(spans) == 1 and "-" not in spans[0]
    return f"batch{'' if one else 'es'} {join_names(spans)}"


def complete(study: Teller, spans: Sequence[str], span: str, basis: str, total: int) -> str:
    """Which ranges of batches are complete, and which one the tables of the notebook are of.

    Parameters
    ----------
    study : Teller
    spans : sequence of str
        Complete ranges of batches.
    span, basis : str
        Of the range that is shown.
    total : int
        Its firms.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> complete(study, ["1-2", "5"], "1-2", "certified", 1832)
    'Complete: batches 1-2 and 5. The *complete table* below is that of batches 1-2, basis certified, 1,832 firms.'
    """
    label = basis_name(basis, study.t)
    return study.t(
        f"Complete: {_spans(study, spans)}. The *complete table* below is that of {batches_name(span, study.t)}, "
        f"basis {label}, {total:,} firms.",
        f"数量完整者：{_spans(study, spans)}。下文“完整表”指{batches_name(span, study.t)}，口径为{label}，共{total:,}家。",
    )


def standing(study: Teller, table: pd.DataFrame, focal: str, span: str) -> str:
    """Count, share and rank of the focal province.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        ``analysis.intervals.share_intervals`` of all units, with a column rank.
    focal : str
        place_id.
    span : str
        Batches.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> rows = {"firms_count": [3, 3, 4], "base_count": 10, "share": [0.3, 0.3, 0.4], "rank": [2, 2, 1]}
    >>> standing(study, pd.DataFrame(rows, index=list("abc")), "a", "1-2")
    'In batches 1-2 A has 3 of 10 firms (30.00 %): rank 2 of 3, tied with B.'
    """
    own, name = table.loc[focal], study.name(focal)
    tied = [unit for unit in table.index[table["rank"] == own["rank"]] if unit != focal]
    with_en = f", tied with {place_names(study, tied)}" if tied else ""
    with_zh = f"，与{place_names(study, tied)}并列" if tied else ""
    return study.t(
        f"In {batches_name(span, study.t)} {name} has {own['firms_count']:.0f} of {own['base_count']:,.0f} "
        f"firms ({percent(own['share'], 2, study.t)}): rank {own['rank']:.0f} of {len(table)}{with_en}.",
        f"{batches_name(span, study.t)}中，{name}有{own['firms_count']:.0f}家，占{own['base_count']:,.0f}家的{percent(own['share'], 2, study.t)}，"
        f"在{len(table)}个单位中位列第{own['rank']:.0f}{with_zh}。",
    )


def chance(study: Teller, orders: pd.DataFrame, focal: str, level: float = 0.95) -> str:
    """Which orders between a province and its neighbours equal rates could bring about.

    Parameters
    ----------
    study : Teller
    orders : DataFrame
        From ``analysis.intervals.focal_orders``.
    focal : str
        place_id.
    level : float

    Returns
    -------
    str
    """
    same = orders["firms_count"] == orders["focal_count"]
    other, could = int((~same).sum()), int((orders["could_be_chance"] & ~same).sum())
    beyond = place_names(study, orders.loc[~orders["could_be_chance"], "unit"])
    return study.t(
        f"Of the {len(orders)} neighbours shown {other} have another count than {study.name(focal)}; with {could} of "
        "them the order is one that equal rates could bring about (exact test of two Poisson counts, "
        f"Holm's correction, {percent(1 - level, 0, study.t)}). Beyond chance under this model: {beyond}. "
        "Neighbours were picked for being near: small gaps in rank carry little, which does not make "
        "the provinces alike.",
        f"图中{len(orders)}个相近省份里，有{other}个的数量与{study.name(focal)}不同；其中{could}个的先后次序，"
        f"在比率相等时也可能出现（两个泊松计数的精确检验，霍尔姆校正，{percent(1 - level, 0, study.t)}）。在该模型下超出偶然者：{beyond}。"
        "这些省份本因位次相近而入选：位次的细小差距意义不大，但并不说明这些省份彼此相同。",
    )


def concentrated(study: Teller, value: Mapping[str, float], units: int, span: str) -> str:
    """What CR5 and the Herfindahl index of a complete range of batches amount to.

    Parameters
    ----------
    study : Teller
    value : mapping of index to value
        With ``cr5`` and ``hhi``.
    units : int
    span : str
        Batches.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> concentrated(study, {"cr5": 0.4, "hhi": 0.05}, 32, "1-2").split(". ")[0]
    'The five largest of 32 units hold 40.0 % of the firms of batches 1-2, where equal units would leave them 15.6 %'
    """
    even, alike = min(1.0, 5 / units), 1 / value["hhi"]
    return study.t(
        f"The five largest of {units} units hold {percent(value['cr5'], 1, study.t)} of the firms of {batches_name(span, study.t)}, where "
        f"equal units would leave them {percent(even, 1, study.t)}. The Herfindahl index of {value['hhi']:.4f} is that of "
        f"{alike:.1f} units of equal size.",
        f"{units}个单位中前五位占{batches_name(span, study.t)}企业的{percent(value['cr5'], 1, study.t)}，若各单位相等则为{percent(even, 1, study.t)}。"
        f"赫芬达尔指数{value['hhi']:.4f}相当于{alike:.1f}个规模相等的单位。",
    )


def compared(study: Teller, table: pd.DataFrame, span: str) -> str:
    """Which indices are higher or lower than in one range of batches, whatever is unknown.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.compare_with``.
    span : str
        The range compared with.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> rows = [("5", "cr5", "higher"), ("3", "cr5", "open"), ("1-5", "cr5", "open")]
    >>> table = pd.DataFrame(rows, columns=["batches", "index", "direction"])
    >>> compared(study, table, "1-2").splitlines()[-1]
    '- CR5, share of the 5 largest: **higher** in batch 5; left open by the figures in batches 3 and 1-5'
    """
    t = study.t
    if table.empty:
        return str(t("No later batch lies within this run.", "本次运行不含其后批次。"))
    parts = []
    for index, rows in table.groupby("index", sort=False):
        told = [_direction(study, rows, key) for key in (*_DIRECTIONS, "open")]
        line = t("; ", "；").join(text for text in told if text)
        parts.append(f"- {index_name(str(index), t)}{t(': ', '：')}{line}")
    head = t(
        f"Against {batches_name(span, t)} (higher, lower and the same hold whatever the unknown counts are):",
        f"与{batches_name(span, t)}相比（“更高”“更低”“相同”无论未知数取何值均成立）：",
    )
    return head + "\n\n" + "\n".join(parts)


def _direction(study: Teller, rows: pd.DataFrame, key: str) -> str:
    """In which ranges of batches an index has one direction, empty where in none."""
    found = list(rows.loc[rows["direction"] == key, "batches"])
    if not found:
        return ""
    spans = _spans(study, found)
    if key == "open":
        return str(study.t(f"left open by the figures in {spans}", f"{spans}：数据不足以判定"))
    en, zh = _DIRECTIONS[key]
    strong = "" if key == "equal" else "**"
    return str(study.t(f"{strong}{en}{strong} in {spans}", f"{spans}{strong}{zh}{strong}"))


def found_so_far(study: Teller, table: pd.DataFrame, span: str) -> str:
    """What is certain of the concentration of later batches, in one sentence.

    Parameters
    ----------
    study, table, span
        See :func:`compared`.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> rows = [("5", "cr5", "higher"), ("5", "hhi", "higher"), ("1-5", "hhi", "open")]
    >>> table = pd.DataFrame(rows, columns=["batches", "index", "direction"])
    >>> found_so_far(study, table, "1-2")
    'Against batches 1-2 it is certain that CR5 is higher in batch 5; and that HHI is higher in batch 5.'
    """
    t, parts = study.t, []
    for direction, (en, zh) in _DIRECTIONS.items():
        rows = table[table["direction"] == direction]
        for index, part in rows.groupby("index", sort=False):
            spans, name = _spans(study, list(part["batches"])), str(index).upper()
            own = "赫芬达尔指数" if name == "HHI" else name
            parts.append(t(f"{name} is {en} in {spans}", f"{spans}的{own}{zh}"))
    if not parts:
        return str(
            t(
                f"Of no later batch is it certain whether it is more or less concentrated than {batches_name(span, t)}.",
                f"没有任何后续批次可以确定其集中度高于或低于{batches_name(span, t)}。",
            )
        )
    return str(
        t(
            f"Against {batches_name(span, t)} it is certain that {'; and that '.join(parts)}.",
            f"与{batches_name(span, t)}相比，可以确定：{'；'.join(parts)}。",
        )
    )


def printed_pair(
    study: Teller, printed: Mapping[str, str], limits: tuple[float, float], beside: pd.DataFrame,
    values: tuple[Mapping[str, float], Mapping[str, float]], span: str,
) -> str:  # fmt: skip
    """Whether a printed CR5 and Herfindahl index agree with each other and with the bounds.

    Parameters
    ----------
    study : Teller
    printed : mapping of index to value as printed
        With ``cr5`` and ``hhi``; papers count the Corps within Xinjiang.
    limits : (low, high)
        Of the Herfindahl index that the CR5 leaves.
    beside : DataFrame
        From ``analysis.provincial.published_table``.
    values : pair of mappings of index to value
        ``cr5`` and ``hhi`` with the Corps as a unit of its own, and within Xinjiang.
    span : str
        The complete range that the values are of.

    Returns
    -------
    str
    """
    low, high = limits
    own = beside[beside["statistic"].isin(["cr5", "hhi"])]
    both = own.groupby("batches", sort=False)["compatible"].all()
    agree, (apart, within) = low <= float(printed["hhi"]) <= high, values
    may, cannot = _range(study, both.index[both]), _range(study, both.index[~both])
    there_en = "there too, so the two agree" if agree else "elsewhere, so one of the two is wrong"
    there_zh = "也在其间，二者相符" if agree else "不在其间，二者必有一误"
    return study.t(
        f"With a CR5 of {printed['cr5']} the Herfindahl index of the provinces lies between {low:.4f} and "
        f"{high:.4f}; the printed {printed['hhi']} lies {there_en}. Both printed values are possible for {may}, and "
        f"at least one of them is impossible for {cannot}. Papers count the Corps within Xinjiang, the bounds here "
        f"count it apart: for {batches_name(span, study.t)} that makes CR5 {apart['cr5']:.4f} here and "
        f"{within['cr5']:.4f} there, the Herfindahl index {apart['hhi']:.4f} and {within['hhi']:.4f}.",
        f"若CR5为{printed['cr5']}，省际赫芬达尔指数应在{low:.4f}与{high:.4f}之间；公布值{printed['hhi']}{there_zh}。"
        f"两个公布值同时可能的范围：{may}；至少一个不可能的范围：{cannot}。文献将兵团计入新疆，本项目的界将其单列："
        f"就{batches_name(span, study.t)}而言，按本项目计法CR5为{apart['cr5']:.4f}，按文献计法为{within['cr5']:.4f}；"
        f"赫芬达尔指数分别为{apart['hhi']:.4f}与{within['hhi']:.4f}。",
    )


def _range(study: Teller, spans: Sequence[str]) -> str:
    if len(spans):
        return _spans(study, list(spans))
    return str(study.t("no range of batches", "无"))


def split(study: Teller, table: pd.DataFrame) -> str:
    """How much of the Theil index lies between groups.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.theil_table``.

    Returns
    -------
    str
    """
    t, whole = study.t, table[table["group"] == "all"].set_index("split")
    words = {
        "region": t("the four regions", "四大区域"),
        "plan_city": t("the plan cities and all other areas", "计划单列市与其他地区"),
    }
    parts = [
        t(
            f"of {row.theil:.3f} over {row.units_count} areas, {percent(row.between / row.theil, 0, t)} lies between {words[str(key)]}",
            f"{row.units_count}个地区的{row.theil:.3f}中，{percent(row.between / row.theil, 0, t)}来自{words[str(key)]}之间",
        )
        for key, row in zip(whole.index, whole.itertuples(), strict=True)
        if row.theil > 0
    ]
    told = t("; ", "；").join(parts) or t("0, equal counts", "0，各地数量相等")
    rest = t(
        " The counts of plan cities are not all known: no second split.",
        "计划单列市的数量未全部可知，故无第二种分组。",
    )
    missing = "" if "plan_city" in whole.index else rest
    return str(t(f"Theil index: {told}.{missing}", f"泰尔指数：{told}。{missing}"))


def moves(study: Teller, gaps: pd.DataFrame) -> str:
    """How far firms are from each reference.

    Parameters
    ----------
    study : Teller
    gaps : DataFrame
        From ``analysis.provincial.krugman_table``.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> gaps = pd.DataFrame({"reference_name": ["gdp"], "dissimilarity": [0.159]})
    >>> "GDP (2018) **15.9 %** (half the Krugman index)" in moves(study, gaps)
    True
    """
    t, names = study.t, reference_names(study.t)
    parts = [
        t("{} **{}**", "{}为**{}**").format(
            names[row.reference_name], percent(row.dissimilarity, 1, t)
        )
        for row in gaps.sort_values("dissimilarity").itertuples()
    ]
    told = t("; ", "；").join(parts)
    return str(
        t(
            "Firms that would have to stand in another province for the shares to match, the nearest "
            f"reference first: {told} (half the Krugman index).",
            f"要使占比与参照一致，须换到他省的企业比例，由最接近的参照起：{told}（克鲁格曼指数之半）。",
        )
    )


def position(study: Teller, table: pd.DataFrame, focal: str, units: int) -> str:
    """Against which references a province has more or fewer firms.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Rows of ``analysis.provincial.quotient_table`` for the province.
    focal : str
        place_id.
    units : int
        Number of provinces.

    Returns
    -------
    str
    """
    t, name, names = study.t, study.name(focal), reference_names(study.t)
    if table.empty:
        return str(t(f"No reference is on record for {name}.", f"{name}没有可用的参照数据。"))
    sides = "; ".join(_sides(study, table)) if study.language == "en" else "；".join(_sides(study, table))  # fmt: skip
    alone = ((table["low"] > 1) | (table["high"] < 1)).sum()
    scatter = join_names(
        [
            t(
                f"{row.dispersion:.1f} for {names[row.reference_name]}",
                f"{row.dispersion:.1f}倍（{names[row.reference_name]}）",
            )
            for row in table.itertuples()
        ],
        study.language,
    )
    return str(
        t(
            f"**{name} has {sides}.** Over {units} provinces the counts scatter around the references more than "
            f"firms that fall into provinces one by one would, by these factors: {scatter}. The sentence before rests "
            "on intervals widened accordingly. The binomial intervals "
            f"leave out 1 for {alone} of {len(table)} references, and ignore the scatter. Notebook 02c puts "
            "the references together in one model and predicts the province from the others. "
            "This describes the province: that firms with much research are the ones with titles does "
            "not follow (ecological fallacy).",
            f"**{name}的企业数：{sides}**。{units}个省份的数量围绕参照的离散程度，为企业逐家独立落入各省时的{scatter}；"
            "上句所依据的区间已按此放大。二项区间不含1的参照有"
            f"{alone}个（共{len(table)}个），但未计入这种离散。笔记本02c把各参照置于同一模型，并由其他省份预测本省。"
            "以上描述的是省份：不能由此推断研发多的企业正是获得称号的企业（生态学谬误）。",
        )
    )


def _sides(study: Teller, table: pd.DataFrame) -> list[str]:
    """On which side of which references a province lies, as far as the scatter lets one tell."""
    names = reference_names(study.t)
    known = table["scaled_low"].notna()
    more, fewer = table["scaled_low"] > 1, table["scaled_high"] < 1
    sides = (
        (more, ("more than {} would suggest", "多于{}所示")),
        (fewer, ("fewer than {} would suggest", "少于{}所示")),
        (known & ~more & ~fewer, (
            "no more and no fewer than {} would suggest, as far as the scatter lets one tell",
            "在离散程度所能分辨的范围内，与{}所示相当",
        )),
    )  # fmt: skip
    return [
        str(study.t(*form)).format(
            join_names([names[key] for key in table.loc[rows, "reference_name"]], study.language)
        )
        for rows, form in sides
        if rows.any()
    ]


def _grew(study: Teller, own: pd.Series, name: str) -> str:
    """How a province grew beside the nation, or why no rate can be given."""
    t, low, high = study.t, own["competitive_low"], own["competitive_high"]
    if own["before_high"] == 0:
        later = between((f"{own[end]:,.0f}" for end in ("after_low", "after_high")), t)
        return str(
            t(
                f"{name} had no firm before and {later} then, and from none there is no rate of growth; all "
                "of its new firms count as competitive effect",
                f"{name}此前没有企业，此时有{later}家，基数为零则无增长率可言；其新增企业全部计入竞争效应",
            )
        )
    signs = (
        (low > 0, ("grew more than the nation", "增长快于全国")),
        (high < 0, ("grew less than the nation", "增长慢于全国")),
        (low == high, ("grew exactly as much as the nation", "增长与全国恰好相同")),
        (low == 0, ("grew at least as much as the nation", "增长不慢于全国")),
        (high == 0, ("grew at most as much as the nation", "增长不快于全国")),
        (True, ("grew perhaps more, perhaps less than the nation", "增长可能快于、也可能慢于全国")),
    )
    en, zh = next(words for holds, words in signs if holds)
    return str(t(f"{name} {en}", f"{name}{zh}"))


def growth(study: Teller, tables: Mapping[str, pd.DataFrame], focal: str) -> str:
    """Whether a province grew faster than the nation between the batches.

    Parameters
    ----------
    study : Teller
    tables : mapping of later batches to ``analysis.provincial.shift_bounds``
    focal : str
        place_id.

    Returns
    -------
    str
    """
    t, name, lines = study.t, study.name(focal), []
    for span, table in tables.items():
        own = table.loc[focal]
        told = between((signed(own[f"competitive_{end}"], 1) for end in ("low", "high")), t)
        faster, slower = (table["competitive_low"] > 0).sum(), (table["competitive_high"] < 0).sum()
        lines.append(
            t(
                f"- Batch {span}: {_grew(study, own, name)} (competitive effect {told} firms). Of "
                f"{len(table)} units {faster} certainly grew more, {slower} certainly less, the others may "
                "have done either.",
                f"- {batches_name(span, t)}：{_grew(study, own, name)}（竞争效应{told}家）。{len(table)}个单位中，"
                f"{faster}个必快于全国，{slower}个必慢于全国，其余两可。",
            )
        )
    none = t("No batch after the second lies within this run.", "本次运行不含第2批以后的批次。")
    return "\n".join(lines) or str(none)


def industries(study: Teller, moving: pd.Series | None, ranges: int, focal: str) -> str:
    """What the shift-share analysis by industry gave, or what it lacks.

    Parameters
    ----------
    study : Teller
    moving : Series or None
        Sums of ``analysis.decomposition.shift_share_dynamic`` over industries.
    ranges : int
        Ranges of batches in the table.
    focal : str
        place_id.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> industries(study, None, 1, "a")
    'Not computed: the table `industry_counts` holds 1 range of batches with A in them, and a change needs two.'
    """
    t, name = study.t, study.name(focal)
    if moving is None:
        return str(
            t(
                f"Not computed: the table `industry_counts` holds {ranges} range{'' if ranges == 1 else 's'} of batches with {name} in "
                "them, and a change needs two.",
                f"未计算：表`industry_counts`中含{name}的批次范围有{ranges}个，计算变动需要两个。",
            )
        )
    mix, effect = f"{moving['industry_mix']:+.1f}", f"{moving['competitive']:+.1f}"
    return str(
        t(
            f"With rates and mix brought up to date in each of {ranges - 1} steps (Barff and Knight 1988): "
            f"industry mix {mix}, competitive effect {effect} firms.",
            f"分{ranges - 1}步逐期更新增长率与产业结构（Barff和Knight，1988）：产业结构效应{mix}家，竞争效应{effect}家。",
        )
    )


def persistence(
    study: Teller,
    pairs: Mapping[str, tuple[int, int, int, int, float, float]],
    before: str,
    taus: Mapping[str, tuple[float, float, int]] | None = None,
) -> str:
    """How much of the order of the provinces is kept.

    Parameters
    ----------
    study : Teller
    pairs : mapping of later batches to ``analysis.mobility.PairOrders``
    before : str
        Earlier batches.
    taus : mapping of later batches to ``analysis.mobility.Tau``, optional
        Of ranges whose counts are complete.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> persistence(study, {"1-3": (10, 4, 1, 5, -0.2, 0.8)}, "1-2")
    "- Batches 1-2 to 1-3: of 10 pairs 4 keep their order for certain, 1 reverse it, 5 are open; Somers' d between -0.20 and 0.80 (outer bounds)."
    """
    t, lines = study.t, []
    for span, (total, kept, turned, undecided, low, high) in pairs.items():
        value = _somers(t, low, high)
        lines.append(
            t(
                f"- Batches {before} to {span}: of {total} pairs {kept} keep their order for certain, "
                f"{turned} reverse it, {undecided} are open; Somers' d {value}.",
                f"- {batches_name(before, t)}至{batches_name(span, t)}：{total}对省份中，{kept}对必保持次序，{turned}对必颠倒，"
                f"{undecided}对未定；萨默斯d{value}。",
            )
        )
    for span, (tau, _, units) in (taus or {}).items():
        lines.append(
            t(
                f"- Batches {before} and {span}, both complete: Kendall's tau-b {tau:.2f} over {units} units.",
                f"- {batches_name(before, t)}与{batches_name(span, t)}数据均完整：{units}个单位的肯德尔tau-b为{tau:.2f}。",
            )
        )
    none = t(
        "No range beyond the first two batches lies within this run.",
        "本次运行不含前两批以外的批次范围。",
    )
    return "\n".join(lines) or str(none)


def _somers(t: Pick, low: float, high: float) -> str:
    """A coefficient, or the bounds of one."""
    if low == high:
        return t(f"{low:.2f}", f"为{low:.2f}")
    return t(
        f"between {low:.2f} and {high:.2f} (outer bounds)",
        f"在{low:.2f}与{high:.2f}之间（外界）",
    )
