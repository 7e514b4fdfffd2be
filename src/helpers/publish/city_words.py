"""Sentences of the notebook on cities and districts, rendered from its results.

Each is told in the study's language; both languages carry the same figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from helpers.analysis.cities import FEWEST_FOR_TIERS, Tiers
from helpers.analysis.districts import LARGEST_BASE, PER, DistrictFirms
from helpers.analysis.industries import IndustryFirms
from helpers.analysis.shares import span_text
from helpers.evidence.granularity import counts_for
from helpers.publish.city_views import STUDY_TIERS, TIERS, district_names, tier_name
from helpers.publish.phrases import (
    batches_name,
    join_names,
    listed,
    percent,
    percentage,
    place_names,
)
from helpers.publish.teller import Teller

# Pairs of districts that a sentence still names.
_MOST_PAIRS = 4


def either(names: Iterable[object], language: str = "en") -> str:
    """Alternatives as a phrase.

    Examples
    --------
    >>> either([131, 132, 133]), either([44]), either([131, 132], "zh")
    ('131, 132 or 133', '44', '131或132')
    """
    items = [str(name) for name in names]
    comma, last = ("、", "或") if language == "zh" else (", ", " or ")
    return last.join([comma.join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def several(number: int, noun: str) -> str:
    """A number with its English noun.

    Examples
    --------
    >>> several(1, "district"), several(3, "district")
    ('1 district', '3 districts')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _labelled(study: Teller, table: pd.DataFrame) -> pd.DataFrame:
    """Districts with their names in the study's language in a column label."""
    return table.assign(label=district_names(study, table))


def _condition(study: Teller, firms: DistrictFirms) -> str:
    """What results over one of several bases are conditional on; empty where nothing is open."""
    base, fitting = firms.base, len(firms.bases)
    if fitting < 2:
        return ""
    return study.t(
        f"over {base} firms, the smallest of {fitting} bases up to {LARGEST_BASE} that fit",
        f"以{base}家为基数，即{LARGEST_BASE}以内相符的{fitting}个基数中最小者",
    )


def _points(table: pd.DataFrame) -> pd.DataFrame:
    """Districts whose count is one number."""
    return table[table["lower_count"].eq(table["upper_count"]).fillna(False).astype(bool)]


def no_districts(study: Teller, city: str) -> str:
    """What to say, and to supply, where no district of a city is on record."""
    name = study.name(city)
    return study.t(
        f"No district of {name} is on record. A `districts.csv` in your data folder, with one row a district "
        "(`census_population_2020_persons`, `srdi_firms_count`), fills this section.",
        f"{name}没有查得任何区县的数据。在数据文件夹中放入`districts.csv`，每个区县一行（`census_population_2020_persons`、"
        "`srdi_firms_count`），本节即可填充。",
    )


def base(study: Teller, firms: DistrictFirms, table: pd.DataFrame, city: str) -> str:
    """How many firms a city's districts have together, and how that is known.

    Parameters
    ----------
    study : Teller
    firms : DistrictFirms
    table : DataFrame
        From ``analysis.districts.position_table``.
    city : str
    """
    if table.empty:
        return no_districts(study, city)
    t, name, table = study.t, study.name(city), _labelled(study, table)
    points = _points(table)
    if firms.origin == "implied":
        return _implied_base(study, firms, table, points)
    if firms.origin == "unknown":
        return _unknown_base(study, table, name)
    if not firms.base:
        return t(
            f"Every district of {name} in table districts has a count, and each count is 0: no firm is on record. Rates are 0; there is no share of "
            "nothing, hence no quotient, no index of concentration and no order.",
            f"districts表所列{name}的每个区县都有数量，且均为0：没有查得企业。比率为0；没有企业便没有占比，因而没有区位商、集中度指数与次序。",
        )
    return t(
        f"Every district of {name} in table districts has a count: {_counts(study, points)}, together **{firms.base}** firms. No base has to be "
        "inferred.",
        f"districts表所列{name}的每个区县都有数量：{_counts(study, points)}，合计**{firms.base}**家。无须推断基数。",
    )


def _counts(study: Teller, points: pd.DataFrame) -> str:
    """Districts with their counts as a phrase."""
    rows = list(points.itertuples())
    return listed(
        study,
        [
            study.t(f"{row.label} {row.lower_count}", f"{row.label}{row.lower_count}家")
            for row in rows
        ],
    )


def _unknown_base(study: Teller, table: pd.DataFrame, city: str) -> str:
    """That nothing tells the number of all firms, and what would."""
    shares = int(table["share_claim_id"].notna().sum())
    is_, it = ("share is", "it") if shares == 1 else ("shares are", "them")
    excluded = study.t(
        f" The printed {is_} not used: no base up to {LARGEST_BASE} fits {it} and the counts on record at once.",
        f"所列份额未予采用：{LARGEST_BASE}以内没有基数能与份额及已查得数量同时相符。",
    )
    counted = int(table["srdi_firms_count"].notna().sum())
    return study.t(
        f"{counted} of the {len(table)} districts of {city} have a count on record, and nothing tells the number of all firms."
        f"{excluded if shares else ''} The column `srdi_firms_count` of `districts.csv`, filled for every district, would.",
        f"{city}的{len(table)}个区县中有{counted}个有记录数，企业总数无从得知。{excluded if shares else ''}"
        "`districts.csv`的`srdi_firms_count`列若对每个区县都填写，即可得知。",
    )


def _implied_base(
    study: Teller, firms: DistrictFirms, table: pd.DataFrame, points: pd.DataFrame
) -> str:
    """The base that printed shares imply, and what it leaves for the other districts."""
    t, (first, *others) = study.t, firms.bases
    next_ = listed(study, others[:2])
    more = (
        t(f"the next are {next_}", f"其次为{next_}")
        if others
        else t(f"no other up to {LARGEST_BASE} does", f"{LARGEST_BASE}以内别无其他")
    )
    rest, remaining = len(table) - len(points), first - int(points["lower_count"].sum())
    left = (
        t(
            f"which leaves {remaining} of them for the other {several(rest, 'district')} together",
            f"余下{remaining}家归其余{rest}个区县",
        )
        if rest
        else t("which are all districts", "已是全部区县")
    )
    known = points["label"][points["srdi_firms_count"].notna()]
    names = listed(study, known)
    agrees = t(f" and agrees with the counts on record ({names})", f"并与已查得数量（{names}）相符") if len(known) else ""  # fmt: skip
    shares = listed(study, [percentage(text, t) for text in firms.printed.values()])
    text = t(
        f"The smallest base that produces all of {shares}{agrees} is **{first}** firms; {more}. Over {first} firms the counts are "
        f"{_counts(study, points)}, {left}. The base comes from the shares themselves, so it cannot confirm them.",
        f"能够得到全部份额{shares}{agrees}的最小基数为**{first}**家；{more}。以{first}家计，各区县为{_counts(study, points)}，{left}。"
        "该基数出自份额本身，因而不能反过来证实份额。",
    )
    if not others:
        return text
    return text + t(
        " Nor do they tell which of the bases is the true one: what follows holds over the smallest.",
        "份额也不能说明哪个基数才是真实的：下文均就最小者而言。",
    )


def clustering(study: Teller, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """Shares of firms against shares of people.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.position_table`` of the rows of ``analysis.districts.district_table``.
    firms : DistrictFirms
    """
    t = study.t
    if firms.base == 0:
        return t(
            "No district has a firm on record: there are no shares of firms to hold against those of people.",
            "没有区县查得企业：没有企业占比可与人口占比对照。",
        )
    rows = _labelled(study, table).dropna(
        subset=["firm_share_pct", "population_share_pct", "quotient"]
    )
    if rows.empty:
        return t(
            "A quotient needs the firms of a district and the residents of all; neither table nor study gives them here.",
            "区位商需要该区县的企业数与全部区县的常住人口，此处数据表与原研究均未给出。",
        )
    over, under = (
        listed(study, rows["label"][rows["quotient"].gt(1) == side]) for side in (True, False)
    )
    each = listed(
        study,
        [
            t(f"{row.label} {row.quotient:.2f}", f"{row.label}{row.quotient:.2f}")
            for row in rows.itertuples()
        ],
    )
    hold, quotients = ("holds", "Quotient") if len(rows) == 1 else ("hold", "Quotients")
    held, people = _held(rows, firms), rows["population_share_pct"].sum()
    return t(
        f"The {several(len(rows), 'district')} with a share {hold} {held:.2f} % of the firms and {people:.2f} % of the people. {quotients}: "
        f"{each}. Above 1: {over}; not above: {under}. A large district can lead in firms because it leads in people; only a quotient "
        "above 1 speaks of clustering.",
        f"有占比的{len(rows)}个区县拥有企业的{held:.2f}%和人口的{people:.2f}%。区位商：{each}。大于1的：{over}；其余：{under}。"
        "人口多的区县企业也可能因此居前；只有区位商大于1才意味着集聚。",
    )


def _held(rows: pd.DataFrame, firms: DistrictFirms) -> float:
    """Share of the firms that some districts hold: of their counts, else the sum of the shares."""
    if firms.base and len(_points(rows)) == len(rows):
        # Rounded once; a sum of rounded shares may be off in its last digit.
        return 100 * int(rows["lower_count"].sum()) / firms.base
    return float(rows["firm_share_pct"].sum())


def rates(study: Teller, table: pd.DataFrame, firms: DistrictFirms, by_base: pd.DataFrame) -> str:
    """Firms per head, which districts differ from the city, and what the unknown ones may be.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.position_table``.
    firms : DistrictFirms
    by_base : DataFrame
        From ``analysis.districts.quotients_by_base``.
    """
    t, table = study.t, _labelled(study, table)
    known = table.dropna(subset=["low_rate"]).sort_values("lower_rate", ascending=False)
    if known.empty:
        return t(
            "No district has both one count of firms and residents on record, so there is no rate. ",
            "没有区县同时查得唯一的企业数与常住人口，因而没有比率。",
        ) + _open_rates(study, table, firms)
    each = listed(
        study,
        [
            t(
                f"{row.label} {row.lower_rate:.2f} (95 % {row.low_rate:.2f} to {row.high_rate:.2f})",
                f"{row.label}{row.lower_rate:.2f}（95%区间{row.low_rate:.2f}至{row.high_rate:.2f}）",
            )
            for row in known.itertuples()
        ],
    )
    condition = _condition(study, firms)
    text = t(
        f"Firms per 10,000 residents{f', {condition}' if condition else ''}: {each}. ",
        f"每万常住人口企业数{f'（{condition}）' if condition else ''}：{each}。",
    )
    text += _readings(study, known.dropna(subset=["low_quotient"]))
    return text + _larger_bases(study, by_base, table, firms) + _open_rates(study, table, firms)


def _readings(study: Teller, placed: pd.DataFrame) -> str:
    """Of which districts the interval of the quotient lies above or below 1."""
    if placed.empty:
        return ""
    over, under = placed["low_quotient"] > 1, placed["high_quotient"] < 1
    above, below, neither = (placed["label"][chosen] for chosen in (over, under, ~(over | under)))
    text = study.t(
        f"Under the model the location quotient lies above 1 for {listed(study, above)} and below 1 for {listed(study, below)}",
        f"按模型，区位商大于1的：{listed(study, above)}；小于1的：{listed(study, below)}",
    )
    names = listed(study, neither)
    open_ = study.t(f"; it may be 1 for {names}", f"；可能等于1的：{names}") if len(neither) else ""
    return text + open_ + study.t(". ", "。")


def _larger_bases(
    study: Teller, by_base: pd.DataFrame, table: pd.DataFrame, firms: DistrictFirms
) -> str:
    """What larger bases do to rates, and whether the readings of the quotients hold over them."""
    if len(firms.bases) < 2:
        return ""
    t, example = study.t, _rate_of_largest(study, by_base, table, firms)
    text = t(
        "Each rate, bound, index and test here is of that base alone; over larger ones the rates that follow from printed shares are "
        f"higher{f' ({example})' if example else ''}. ",
        "此处的每个比率、界、指数与检验都只就该基数而言；基数更大时，由所列份额得出的比率更高"
        f"{f'（{example}）' if example else ''}。",
    )
    bases = list(dict.fromkeys(by_base["base"]))
    if len(bases) < 2:
        return text
    names = table.set_index("district_id")["label"]
    changes = [
        t(f"the quotient of {names[key]} {change}", f"{names[key]}的区位商{change}")
        for key, part in by_base.groupby("district_id", sort=False)
        for change in _changes(study, part)
    ]
    span = t(f"{bases[1]} to {bases[-1]}", f"{bases[1]}至{bases[-1]}")
    others = listed(study, bases[1:]) if len(bases) < 6 else span
    moved = join_names(changes, study.language)
    return text + t(
        f"Over the larger bases ({others}) the intervals of the quotients of printed shares are narrower, and "
        f"{moved or 'each reading above of a quotient stays as it is'}. ",
        f"以更大的基数（{others}）计，所列份额的区位商区间更窄，{moved or '上文对区位商的各项判读均不变'}。",
    )


def _rate_of_largest(
    study: Teller, by_base: pd.DataFrame, table: pd.DataFrame, firms: DistrictFirms
) -> str:
    """A rate over the smallest and over the largest base, of the district where it is highest."""
    people = table.set_index("district_id")["residents_persons"]
    printed = by_base[by_base["district_id"].isin(list(firms.printed))]
    printed = printed.assign(rate=PER * printed["firms_count"] / printed["district_id"].map(people))
    first = printed[printed["base"] == firms.base]
    if first.empty:
        return ""
    key = first.sort_values("rate")["district_id"].iloc[-1]
    own = printed[printed["district_id"] == key]
    label = table.set_index("district_id").loc[key, "label"]
    low, high = ((own["rate"].iloc[end], own["base"].iloc[end]) for end in (0, -1))
    return study.t(
        f"{label}: {low[0]:.2f} over {low[1]} to {high[0]:.2f} over {high[1]}",
        f"{label}：以{low[1]}家计为{low[0]:.2f}，以{high[1]}家计为{high[0]:.2f}",
    )


def _changes(study: Teller, part: pd.DataFrame) -> list[str]:
    """Each base from which the reading of one district's quotient is another."""
    t = study.t
    words = {
        "above": t("is above 1", "大于1"), "below": t("is below 1", "小于1"),
        "contains": t("may be 1", "可能等于1"),
    }  # fmt: skip
    moved = part["reading"].ne(part["reading"].shift(fill_value=part["reading"].iloc[0]))
    return [
        t(f"{words[row.reading]} from {row.base} firms on", f"自{row.base}家起{words[row.reading]}")
        for row in part[moved].itertuples()
    ]


def _open_rates(study: Teller, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """What the firms that are left allow for the districts without a count."""
    rest = table.drop(_points(table).index)
    if rest.empty or firms.base is None:
        return ""
    t, widest = study.t, rest.dropna(subset=["upper_rate"]).sort_values("upper_rate").tail(1)
    least, most = int(rest["lower_count"].min()), int(rest["upper_count"].max())
    reach = ""
    if len(widest):
        rate, label = widest["upper_rate"].iloc[0], widest["label"].iloc[0]
        reach = t(f", up to {rate:.2f} per 10,000 in {label}", f"，{label}每万人最多{rate:.2f}家")
    english, chinese = (
        ("district has", "另一个区县")
        if len(rest) == 1
        else (f"{len(rest)} districts have", f"其余{len(rest)}个区县")
    )
    return t(
        f"The other {english} no single count: of {firms.base} firms each may have from {least} to {most}{reach}. Those are bounds, not "
        "intervals of chance. ",
        f"{chinese}没有唯一数：在{firms.base}家企业中各自可能有{least}至{most}家{reach}。这些是识别界，而非抽样误差的区间。",
    )


def zones(study: Teller, table: pd.DataFrame) -> str:
    """The limit that functional zones set, where a city has them.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.position_table``.
    """
    if table.empty:
        return ""
    t, table = study.t, _labelled(study, table)
    named = table.loc[table["zone"], "label"]
    if named.empty:
        return "\n\n" + t(
            "Residents are counted where they live, firms where they are registered; the rate speaks of the district, not of its people.",
            "人口按居住地统计，企业按注册地统计；该比率说明的是区县，而不是其居民。",
        )
    names, many = listed(study, named), len(named) > 1
    are, each = ("are functional zones", "each") if many else ("is a functional zone", "it")
    return "\n\n" + t(
        f"{names} {are} without a code of GB/T 2260. The census table gives {each} a row of its own, apart from the districts around, yet a "
        "zone is drawn for firms, and nothing shows that the census and the list of firms draw it alike. Residents are counted where "
        "they live, firms where they are registered: a high rate says as much of the boundary as of the firms.",
        f"{names}{'都' if many else ''}是没有GB/T 2260代码的功能区。普查表将其单列，与周围区县分开；但功能区是为企业划定的，没有资料表明"
        "普查与企业名单对它的划界一致。人口按居住地统计，企业按注册地统计：比率高，既可能出于企业，也同样可能出于划界。",
    )


def concentration(study: Teller, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """Whether firms are more concentrated than people over the districts.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.concentration_bounds``.
    firms : DistrictFirms
    """
    t = study.t
    if table.empty and firms.base == 0:
        return t("No firm is on record in any district, so there is nothing that could be concentrated.", "没有区县查得企业，也就谈不上集中。")  # fmt: skip
    if table.empty:
        return t("An index of concentration needs the number of all firms, which is unknown here.", "集中度指数需要企业总数，此处未知。")  # fmt: skip
    rows = table.set_index("index")
    hhi = rows.loc["hhi"]
    text = _index_text(study, rows, firms)
    if pd.isna(hhi["residents"]):
        return text + t(
            ". Without the residents of every district there is nothing to compare it with.",
            "。没有各区县的常住人口，无从比较。",
        )
    reading = _against_residents(study, hhi, firms)
    return text + t(
        f". The HHI of residents is {hhi['residents']:.3f}: {reading}. An index of this kind depends on how the city is cut up; do not "
        "compare it with another city's.",
        f"。常住人口的HHI为{hhi['residents']:.3f}：{reading}。此类指数取决于城市如何分区，不可与其他城市比较。",
    )


def _index_text(study: Teller, rows: pd.DataFrame, firms: DistrictFirms) -> str:
    """The indices of the firms, and over which base they hold."""
    t, hhi = study.t, rows.loc["hhi"]
    units, fitting = int(hhi["units_count"]), len(firms.bases)
    english = (
        f"{'over' if fitting > 1 else 'Over'} {units} units the HHI of firms {_between(study, hhi)}"
    )
    text = t(english, f"在{units}个区县之间，企业的赫芬达尔指数（HHI）{_between(study, hhi)}")
    if fitting > 1:
        text = t(
            f"Of {firms.base} firms, the smallest of {fitting} bases that fit: {text}",
            f"以{firms.base}家（相符的{fitting}个基数中最小者）计，{text}",
        )
    if "hhi_normalised" in rows.index:
        normalised = _between(study, rows.loc["hhi_normalised"], verb=False)
        text += t(f" (normalised: {normalised})", f"（标准化：{normalised}）")
    if "cr3" in rows.index:
        held = _between(study, rows.loc["cr3"], verb=False)
        text += t(f", and the three largest hold {held} of them", f"，最大的三个区县占{held}")
    return text


def _against_residents(study: Teller, hhi: pd.Series, firms: DistrictFirms) -> str:
    """Whether firms are more concentrated than people, in every table that fits."""
    t = study.t
    lower, upper, people = (float(hhi[name]) for name in ("lower", "upper", "residents"))
    fits = t(
        f"in every table of {firms.base} firms that fits, ",
        f"在{firms.base}家企业的每一张相符的整数表中，",
    )
    fits = "" if lower == upper else fits
    # The same shares may differ in their last digit, being divided in another order.
    if math.isclose(lower, people) and math.isclose(upper, people):
        return t("firms are as concentrated as people", "企业与人口同样集中")
    if lower > people:
        return fits + t("firms are more concentrated than people", "企业比人口更集中")
    if upper < people:
        return fits + t("firms are less concentrated than people", "企业不如人口集中")
    return t(
        "some tables that fit have firms more concentrated than people, others less",
        "相符的整数表中，有的企业比人口集中，有的则不如人口集中",
    )


def _between(study: Teller, row: pd.Series, verb: bool = True) -> str:
    """Bounds as text, or the one value they meet in."""
    lower, upper = float(row["lower"]), float(row["upper"])
    if lower == upper:
        return f"{study.t('is ', '为') if verb else ''}{lower:.3f}"
    if verb:
        return study.t(
            f"lies between {lower:.3f} and {upper:.3f}", f"在{lower:.3f}与{upper:.3f}之间"
        )
    return study.t(f"{lower:.3f} to {upper:.3f}", f"{lower:.3f}至{upper:.3f}")


def orders(study: Teller, tests: pd.DataFrame, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """Which orders of districts could be chance, and whether others could lead.

    Parameters
    ----------
    study : Teller
    tests : DataFrame
        From ``analysis.districts.order_tests``.
    table : DataFrame
        From ``analysis.districts.position_table``.
    firms : DistrictFirms
    """
    t, table = study.t, _labelled(study, table)
    points, rest = _points(table), table.drop(_points(table).index)
    if tests.empty and len(points) > 1:
        return t(
            f"The {len(points)} districts with one count are level: none has a firm. There is no order to test.",
            f"有唯一数的{len(points)}个区县并列：均无企业。没有次序可供检验。",
        )
    if tests.empty:
        return t("An order needs two districts whose count is one number.", "比较次序需要两个企业数唯一的区县。")  # fmt: skip
    condition = _condition(study, firms)
    text = [t(f"The counts are those {condition}.", f"各数量{condition}。")] if condition else []
    names = table.set_index("district_id")["label"]
    for kind, words in (("firms", t("By number of firms", "按企业数")), ("rate", t("Per resident", "按人均"))):  # fmt: skip
        rows = tests[tests["by"] == kind]
        if len(rows):
            text.append(_pairs(study, rows, names, words))
    text.append(_others_may_lead(study, points, rest))
    text.append(
        t(
            "In a full list an order is a fact; the test asks only whether an equal tendency could have made it.",
            "在完整名单中，次序就是事实；检验只问同等的倾向能否产生它。",
        )
    )
    return t(" ", "").join(filter(None, text))


def _others_may_lead(study: Teller, points: pd.DataFrame, rest: pd.DataFrame) -> str:
    """That districts without a share may have more firms than those with one, if they may."""
    most = rest["upper_count"].max() if len(rest) else pd.NA
    least = points["lower_count"].min()
    if pd.isna(most) or most <= least:
        return ""
    last = points.loc[points["lower_count"] == least, "label"]
    names, one = listed(study, last), len(rest) == 1
    english = "the other district" if one else f"one of the other {len(rest)} districts"
    chinese = "另一个区县" if one else f"其余{len(rest)}个区县之一"
    return study.t(
        f"That these {len(points)} lead at all is not shown by their shares: {english} may have up to {most} firms, {names} "
        f"{'has' if len(last) == 1 else 'have'} {least}.",
        f"这{len(points)}个区县是否真的居前，份额并未表明：{chinese}可能多达{most}家，而{names}{'只有' if len(last) == 1 else '各有'}{least}家。",
    )


def _pairs(study: Teller, rows: pd.DataFrame, names: pd.Series, words: str) -> str:
    """How many pairs of one kind are level, could be chance, or are neither."""
    t, ranked = study.t, rows[~rows["level"]]
    ties = len(rows) - len(ranked)
    firm = ranked[~ranked["could_be_chance"].astype(bool)]
    are = "is" if ties == 1 else "are"
    level = t(
        f"{several(ties, 'pair')} of {len(rows)} {are} level", f"{len(rows)}对中有{ties}对并列"
    )
    if ranked.empty:
        return t(f"{words}, {level}: there is no order.", f"{words}，{level}：没有次序。")
    pairs = [
        t(
            f"{names[row.larger]} before {names[row.smaller]}",
            f"{names[row.larger]}先于{names[row.smaller]}",
        )
        for row in firm.itertuples()
    ]
    several_ = t(f"the other {len(firm)}", f"其余{len(firm)}个")
    shown = several_ if len(firm) > _MOST_PAIRS else join_names(pairs, study.language)
    chance = len(ranked) - len(firm)
    return t(
        f"{words}, {f'{level}; ' if ties else ''}{chance} of {several(len(ranked), 'order')} could be chance under the model"
        f"{f'; not so {shown}' if len(firm) else ''}.",
        f"{words}，{f'{level}；' if ties else ''}{len(ranked)}个次序中有{chance}个按模型可能出于偶然"
        f"{f'；{shown}则不然' if len(firm) else ''}。",
    )


def industries(study: Teller, rows: pd.DataFrame, share: str, found: IndustryFirms) -> str:
    """What the order of industries and their joint share come to.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.industries.industries_of``.
    share : str
        Printed joint share, empty for none.
    found : IndustryFirms
        From ``analysis.industries.industry_firms`` of these rows.
    """
    t = study.t
    if rows.empty:
        return t(
            "No industry is on record; an `industries.csv` in your data folder fills the table.",
            "没有查得任何行业的数据；在数据文件夹中放入`industries.csv`即可填表。",
        )
    text = [_dropped(study, rows, found), _unordered(study, found)]
    counted = rows["firms_count"].notna()
    if counted.all():
        text.append(_leading_industry(study, rows, found))
    elif found.base is not None:
        text.append(_joint_share(study, rows, share, found))
    elif counted.any():
        text.append(
            t(
                "Without a number of all firms, a count on record bounds only those behind and before it in the order.",
                "企业总数未知时，已查得的数量只能限定次序上在其前后的行业。",
            )
        )
    else:
        text.append(
            t(
                "An order alone bounds nothing: a count of all firms, or of the industries, is needed.",
                "仅凭次序不能限定任何数量：还需要企业总数，或各行业的数量。",
            )
        )
    return t(" ", "").join(filter(None, text))


def _leading_industry(study: Teller, rows: pd.DataFrame, found: IndustryFirms) -> str:
    """The industry with most firms, where every one has a count."""
    first = rows.loc[rows["firms_count"].astype("Int64").idxmax()]
    (name,), count = _industry_names(study, first.to_frame().T), first["firms_count"]
    english = chinese = ""
    if found.base:
        english = f" of {found.base} firms ({percent(count / found.base, 2, study.t)})"
        chinese = f"，占{found.base}家的{percent(count / found.base, 2, study.t)}"
    return study.t(
        f"Every industry has a count on record; {name} leads with {count}{english}.",
        f"各行业都有记录数；{name}居首，有{count}家{chinese}。",
    )


def _industry_names(study: Teller, rows: pd.DataFrame) -> list[str]:
    """Names of industries in the study's language; the Chinese one where there is no other."""
    return [
        english if study.language == "en" and isinstance(english, str) else chinese
        for english, chinese in zip(rows["name_en"], rows["name_zh"], strict=True)
    ]


def _dropped(study: Teller, rows: pd.DataFrame, found: IndustryFirms) -> str:
    """That the counts on record rule out a base that the districts gave."""
    if found.dropped_base is None:
        return ""
    least, base = int(found.bounds["lower_count"].sum()), found.dropped_base
    have, come = f"need {least} firms or more", f"至少需要{least}家"
    if rows["firms_count"].notna().all():
        have, come = f"come to {least} firms", f"合计{least}家"
    return study.t(
        f"The counts of industries on record {have}, which the {base} of the districts cannot hold; that base is set aside here. Either "
        "the lists differ in what they count, or the base is not the true one.",
        f"已查得的行业数量{come}，区县所得的{base}家容纳不下，此处不用该基数。或是两份名单所计不同，或是该基数并不真实。",
    )


def _unordered(study: Teller, found: IndustryFirms) -> str:
    """That the counts on record do not follow the ranks."""
    if found.ordered:
        return ""
    return study.t(
        "The counts on record do not fall along the ranks of the list, so the ranks bound nothing.",
        "已查得的数量并不随名单位次递减，位次因而不限定任何数量。",
    )


def _joint_share(study: Teller, rows: pd.DataFrame, share: str, found: IndustryFirms) -> str:
    """What a printed joint share means over the base, or why it is not used."""
    t, base = study.t, found.base or 0
    joint = rows.dropna(subset=["share_claim_id"])
    kind, given = (
        ("inferred base of", "推得的基数") if found.origin == "implied" else ("total of", "总数")
    )
    over, of = f"Over the {kind} {found.base} firms", f"以{given}{found.base}家计"
    if joint.empty or not share:
        return t(
            f"{over} only the order bounds the industries: no joint share is on record.",
            f"{of}，只有次序限定各行业：没有查得合计份额。",
        )
    fits = counts_for(share, base)
    if found.share:
        names, rest = listed(study, _industry_names(study, joint)), len(rows) - len(joint)
        return t(
            f"{over}, {share} % for {names} together means {either(fits)} firms; the other {rest} listed industries share at most "
            f"{base - min(fits)}.",
            f"{of}，{names}合计占{share}%，即{either(fits, 'zh')}家；名单中其余{rest}个行业合计至多{base - min(fits)}家。",
        )
    if not fits:
        return t(
            f"{over} no whole number rounds to the joint share of {share} %; it is left out and the order alone is used.",
            f"{of}，没有整数经四舍五入等于合计份额{share}%；该份额不予采用，只用次序。",
        )
    return t(
        f"The joint share of {share} % is left out beside counts on record; {over[0].lower()}{over[1:]} these and the order bound the rest.",
        f"既有已查得数量，合计份额{share}%不予采用；{of}，由这些数量与次序限定其余行业。",
    )


def matrix(study: Teller, counts: pd.DataFrame, cities: Sequence[str], focal: str) -> str:
    """How much of the table of cities and tiers is known.

    Parameters
    ----------
    study : Teller
    counts : DataFrame
        From ``analysis.cities.latest_counts``: one row a cell with a figure.
    cities : sequence of str
        place_id of the rows.
    focal : str
        place_id.
    """
    t, name = study.t, study.name(focal)
    stock = counts["measure"] != "newly_recognised"
    own = counts.loc[(counts["place_id"] == focal) & stock, "indicator_id"]
    three, recent = int(own.isin(STUDY_TIERS).sum()), int((~stock).sum())
    size, compared = len(cities) * len(TIERS), len(STUDY_TIERS)
    kinds = listed(study, [tier_name(tier, t) for tier in own])
    new = f", {recent} of them only newly recognised firms" if recent else ""
    only = f"，其中{recent}格仅为新认定数" if recent else ""
    return t(
        f"{len(counts)} of {size} cells hold a figure{new}. For {name} a stock is on record for {three} of the {compared} tiers the study "
        f"compares; all on record: {kinds}. A row of `city_counts.csv` in your data folder fills a cell.",
        f"{size}格中有{len(counts)}格有数{only}。原研究比较的{compared}个层次中，{name}查得存量的为{three}个；全部已查得者：{kinds}。"
        "在数据文件夹的`city_counts.csv`中补一行即可填一格。",
    )


def standing(
    study: Teller, bounds: pd.DataFrame, orders: pd.DataFrame, focal: str, last: int
) -> str:
    """What the fragments say of one city's place among those of its province.

    Parameters
    ----------
    study : Teller
    bounds : DataFrame
        From ``analysis.cities.city_bounds``.
    orders : DataFrame
        From ``analysis.cities.focal_order``.
    focal : str
        place_id.
    last : int
        Last batch.
    """
    t, name = study.t, study.name(focal)
    row = bounds.set_index("place_id").loc[focal]
    most = t("no limit", "不限") if pd.isna(row["upper_count"]) else f"{row['upper_count']:,}"
    parts = []
    for kind, words in (
        ("more", t("surely more: ", "必然较多的：")), ("fewer", t("surely fewer: ", "必然较少的：")),
        ("equal", t("as many: ", "相等的：")),
    ):  # fmt: skip
        places = orders.loc[orders["order"] == kind, "place_id"]
        if len(places):
            parts.append(words + place_names(study, places))
    left = int((orders["order"] == "open").sum())
    if left:
        every = left == len(orders)
        parts.append(t(f"the order is open for {'all' if every else left}", "次序均未定" if every else f"次序未定的有{left}个"))  # fmt: skip
    batches = batches_name(span_text(1, last), t)
    is_point = pd.notna(row["upper_count"]) and row["lower_count"] == row["upper_count"]
    if is_point and row["best_rank"] == row["worst_rank"]:
        return t(
            f"{name} has {row['lower_count']:,} little giants of {batches} and rank {row['best_rank']} of {len(bounds)}. "
            f"Of the other {len(orders)} cities: {'; '.join(parts)}.",
            f"{name}{batches}“小巨人”为{row['lower_count']:,}家，在{len(bounds)}个城市中居第{row['best_rank']}位。"
            f"其余{len(orders)}个城市：{'；'.join(parts)}。",
        )
    counts = (
        f"不少于{row['lower_count']:,}家" if pd.isna(row["upper_count"])
        else f"可能为{row['lower_count']:,}至{most}家"
    )  # fmt: skip
    return t(
        f"{name} may have from {row['lower_count']:,} to {most} little giants of {batches} and any rank from {row['best_rank']} to "
        f"{row['worst_rank']} of {len(bounds)}. Of the other {len(orders)} cities: {'; '.join(parts)}. A count on record narrows these "
        "bounds only where it says what it counts; one of unstated measure or batches does not.",
        f"{name}{batches}“小巨人”{counts}，在{len(bounds)}个城市中的位次可为第{row['best_rank']}至第"
        f"{row['worst_rank']}位。其余{len(orders)}个城市：{'；'.join(parts)}。已查得数量写明所计为何，才能收窄这些界；口径或批次不明的则不能。",
    )


def no_cities(study: Teller, province: str) -> str:
    """That a province has no cities whose counts could be compared."""
    name = study.name(province)
    return study.t(f"{name} has no cities to rank.", f"{name}没有可供排名的城市。")


def echelons(study: Teller, table: pd.DataFrame) -> str:
    """What the counts of cities say of first and second echelons.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.cities.tier_table``.
    """
    t, cities, kinds = study.t, int(table["cities_count"].iloc[0]), len(table)
    if cities < 2:
        return t("There are no echelons of one city.", "只有一个城市，无所谓梯队。")
    known, best = int(table["known_count"].sum()), int(table["comparable_count"].max())
    cells = f"of the {cities * kinds} cells ({cities} cities, {kinds} kinds of firm)"
    grid = f"{cities}个城市、{kinds}类企业共{cities * kinds}格"
    if not known:
        return t(
            f"None {cells} holds a stock; the record neither shows echelons by firms nor rules them out.",
            f"{grid}，无一有存量；记录既未显示也未排除按企业数划分的梯队。",
        )
    same = f"at most {best} of a kind share" if best > 1 else "no two of a kind share"
    alike = f"同类之中至多{best}格" if best > 1 else "同类之中没有两格"
    text = t(
        f"{known} {cells} {'holds' if known == 1 else 'hold'} a stock; {same} measure, batches and date. ",
        f"{grid}，{known}格有存量；{alike}口径、批次与时点相同。",
    )
    enough = table[table["comparable_count"] >= FEWEST_FOR_TIERS]
    if enough.empty:
        return text + t(
            f"With fewer than {FEWEST_FOR_TIERS} comparable values no breaks are made: the record neither shows echelons by firms nor "
            "rules them out.",
            f"可比数值少于{FEWEST_FOR_TIERS}个，不作断点划分：记录既未显示也未排除按企业数划分的梯队。",
        )
    return text + t(" ", "").join(_compared(study, row) for row in enough.itertuples())


def _compared(study: Teller, row: Any) -> str:
    """The counts of one kind of firm that compare, and the echelons they make or do not."""
    t, kind, left = (
        study.t,
        tier_name(row.indicator_id, study.t),
        row.cities_count - row.comparable_count,
    )
    values = t(", ", "、").join(
        t(f"{study.name(place)} {count:,}", f"{study.name(place)}{count:,}家")
        for place, count in row.compared
    )
    text = t(
        f"The {row.comparable_count} comparable counts of {kind} ({values}; {row.as_of}) ",
        f"{kind}的{row.comparable_count}个可比数值（{values}；{row.as_of}）",
    )
    if pd.isna(row.tiers_count):
        text += t("fall into no number of echelons that meets the rule", "没有合乎规则的梯队数")
    else:
        first = place_names(study, row.first.split(";"))
        text += t(
            f"fall into {row.tiers_count} echelons (fit {row.gvf:.2f}), the first of them {first}",
            f"分为{row.tiers_count}个梯队（拟合优度{row.gvf:.2f}），第一梯队为{first}",
        )
    if not left:
        return text + t(".", "。")
    one = left == 1
    return text + t(
        f"; the other {'city has' if one else f'{left} cities have'} no such value and no echelon.",
        f"；{'另一个城市' if one else f'其余{left}个城市'}没有此类数值，不入梯队。",
    )


def yardstick(study: Teller, found: Tiers, focal: str, cities: int) -> str:
    """Tiers of cities by residents.

    Parameters
    ----------
    study : Teller
    found : Tiers
        By place_id.
    focal : str
        place_id.
    cities : int
        Number of cities of the province.
    """
    t, left = study.t, cities - found.known
    if cities < 2:
        return t(
            "Nor are there tiers of one city by residents.",
            "只有一个城市，也无法按常住人口分梯队。",
        )
    on_record = t(f"Residents are on record for {found.known} of {cities} cities", f"{cities}个城市中查得常住人口的为{found.known}个")  # fmt: skip
    if not found.tiers_count and len(found.table):
        return on_record + t(
            ". No number of tiers up to half as many meets the rule: by residents the cities spread too evenly for tiers.",
            "。梯队数取至城市数的一半，仍无一合乎规则：各市常住人口分布过于均匀，分不出梯队。",
        )
    if not found.tiers_count:
        return on_record + t(
            ", too few for tiers; `population.csv` in your data folder, with a row for every city, fills this section.",
            "，不足以分梯队；在数据文件夹中放入`population.csv`，每市一行，本节即可填充。",
        )
    gvf, even = found.goodness()
    sizes = listed(study, found.tier.value_counts().sort_index())
    first = place_names(study, found.tier.index[found.tier == 1])
    own = partial = ""
    if focal in found.tier.index:
        name, tier = study.name(focal), found.tier[focal]
        own = t(f" {name} is in tier {tier}.", f"{name}属第{tier}梯队。")
    if left:
        are = f"{'city' if left == 1 else 'cities'} without a figure {'is' if left == 1 else 'are'} left out."
        partial = t(f" {left} {are}", f"另有{left}个城市无数据，未列入。")
    return t(
        f"By residents the {found.known} cities fall into {found.tiers_count} tiers of {sizes} (goodness of variance fit {gvf:.2f}; "
        f"{even:.2f} would be reached on evenly spread values). First: {first}.{own}{partial} That is an order of size. If firms followed "
        "people, a first echelon by firms would be no more than this; only counts can tell.",
        f"按常住人口，{found.known}个城市分为{found.tiers_count}个梯队，依次有{sizes}个城市（方差拟合优度{gvf:.2f}；数值均匀分布时可达"
        f"{even:.2f}）。第一梯队：{first}。{own}{partial}这只是规模的次序。若企业随人口分布，按企业数的第一梯队也不过如此；唯有企业数才能说明。",
    )
