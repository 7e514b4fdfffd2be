"""Figures of the notebook on cities and districts, each with its record and its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.analysis.cities import Tiers
from helpers.analysis.cities import city_matrix as _matrix
from helpers.analysis.districts import DistrictFirms, Origin
from helpers.analysis.industries import IndustryFirms
from helpers.analysis.shares import span_text
from helpers.evidence.bilingual import Pick
from helpers.evidence.granularity import attainable_table
from helpers.publish import charts, city_charts, figures
from helpers.publish.figures import Record
from helpers.publish.phrases import batches_name, join_names, spanned
from helpers.publish.teller import Teller, View, Words, heads_of, record_of
from helpers.publish.tiles import tiles_for

# Picks the English or the Chinese text.

TIERS = {
    "innovative_sme": ("innovative\nSMEs", "创新型\n中小企业"),
    "srdi_sme": ("SRDI\nSMEs", "专精特新\n中小企业"),
    "little_giant": ("little\ngiants", "“小巨人”"),
    "provincial_little_giant": ("provincial\nlittle giants", "省级\n“小巨人”"),
    "provincial_champion": ("provincial\nchampions", "省级\n单项冠军"),
    "tech_sme_registered": ("technology-\nbased SMEs", "科技型\n中小企业"),
    "high_tech_enterprise": ("high-tech\nenterprises", "高新技术\n企业"),
}


def tier_name(tier: str, t: Pick) -> str:
    """Name of a kind of firm on one line, in the study's language.

    Examples
    --------
    >>> tier_name("tech_sme_registered", lambda en, zh: en)
    'technology-based SMEs'
    """
    english, chinese = TIERS[tier]
    return t(english.replace("-\n", "-").replace("\n", " "), chinese.replace("\n", ""))


# The three tiers by which the replicated study ranks cities.
STUDY_TIERS = ("innovative_sme", "srdi_sme", "little_giant")


@dataclass(frozen=True)
class AllFirms:
    """Number of a city's firms as views need it: without the solver behind it.

    Parameters
    ----------
    base : int or None
        All firms; None where nothing tells.
    fitting : int
        How many bases fit printed shares; 0 where no share was used.
    origin : {"counted", "implied", "unknown"}
        Where the base comes from.
    """

    base: int | None
    fitting: int
    origin: Origin


def all_firms(firms: DistrictFirms) -> AllFirms:
    """Number of a city's firms, and how it is known.

    Parameters
    ----------
    firms : DistrictFirms
        From ``analysis.districts.district_firms``.

    Returns
    -------
    AllFirms
    """
    return AllFirms(firms.base, len(firms.bases), firms.origin)


def district_names(study: Teller, table: pd.DataFrame) -> pd.Series:
    """Names of districts in the study's language; the Chinese one where there is no other.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Columns name_zh and name_en.

    Returns
    -------
    Series
    """
    chinese = table["name_zh"]
    return chinese if study.language == "zh" else table["name_en"].fillna(chinese)


def bases(study: Teller, shares: Sequence[str]) -> View:
    """How many of the printed shares each base up to 200 can produce.

    Parameters
    ----------
    study : Teller
    shares : sequence of str
        Percentages as printed in the replicated study.

    Returns
    -------
    figure, record, data
    """
    t, frame = study.t, attainable_table(shares, 200)
    words = {
        "x": t("Possible base (firms)", "可能的基数（家）"),
        "y": t("Shares attained", "可得份额数"),
    }
    with figures.styled():
        figure, ax = figures.new(7.0, 2.2)
        charts.base_strip(ax, frame, words)
    full = int(frame["attainable"].max())
    hits = [str(base) for base in frame.loc[frame["attainable"] == full, "base"]]
    record = record_of(
        study,
        "03_bases",
        (f"Bases that can produce {', '.join(shares)} %", f"能够得到{'、'.join(f'{share}%' for share in shares)}的基数"),
        unit=("printed shares that some whole count attains", "可由整数得到的份额个数"),
        source=[["STUDY"]],
        alt=(
            f"A line for every base from 1 to {frame['base'].max()} as high as the number of shares it attains. At most {full} of "
            f"{len(shares)} are attained, over {join_names(hits)}.",
            f"自1至{frame['base'].max()}的每个基数一条竖线，高度为可得份额的个数。{len(shares)}个份额中至多可得{full}个，"
            f"基数为{join_names(hits, 'zh')}。",
        ),
    )  # fmt: skip
    return figure, record, frame


def districts(
    study: Teller, table: pd.DataFrame, firms: AllFirms, city: str, source_ids: Sequence[str]
) -> View:
    """Shares of residents and of firms by district.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.district_table``.
    firms : AllFirms
        Of the same rows.
    city : str
        place_id.
    source_ids : sequence of str
        Of the table.

    Returns
    -------
    figure, record, data
    """
    t, table = study.t, table.assign(label=district_names(study, table))
    words = {
        "first": t("residents, census 2020", "常住人口（2020年普查）"),
        "second": t("SRDI firms", "专精特新企业")
        if firms.origin == "counted"
        else t("SRDI firms, as the study reports", "专精特新企业（据原研究）"),
        "unknown": t("no firm, hence no share", "无企业，故无占比")
        if firms.base == 0
        else t("share unknown", "占比未知"),
    }
    with figures.styled():
        figure, ax = figures.new(6.6, 0.6 + 0.36 * max(len(table), 3))
        charts.paired_bars(
            ax, table.set_index("label"), "population_share_pct", "firm_share_pct", words
        )
        ax.set_xlabel(t("Share of the city (%)", "占全市比重（%）"))
        shares = table[["population_share_pct", "firm_share_pct"]].astype("float64")
        # Room for the numbers; without any share there is only the scale.
        ax.set_xlim(
            0, 1.12 * float(shares.max(axis=None)) if shares.notna().any(axis=None) else 100
        )
    record = record_of(
        study,
        "03_district_shares",
        (
            f"People and firms by district, {study.name(city)}",
            f"{study.name(city)}分区县人口与企业占比",
        ),
        unit="%",
        base=(
            f"{_people_words(table, t)}; firms: {_base_words(firms, t)}",
            f"{_people_words(table, t)}；企业{_base_words(firms, t)}",
        ),
        alt=_districts_alt(table),
        as_of=("people: 2020-11-01; firms: not dated", "人口2020-11-01，企业未注日期"),
        source=[source_ids],
    )
    kept = ["place_id", "district_id", "name_zh", "name_en", "census_population_2020_persons",
            "srdi_firms_count", "share_claim_id", "population_share_pct", "firm_share_pct", "quotient"]  # fmt: skip
    return figure, record, table[kept]


def _districts_alt(table: pd.DataFrame) -> Words:
    """What the bars of people and firms show."""
    known = table.dropna(subset=["firm_share_pct", "population_share_pct"])
    english = f"Two horizontal bars for each of {len(table)} districts on an axis of per cent: residents and firms."
    chinese = f"{len(table)}个区县各有两条横条，横轴为百分比：常住人口与企业。"
    for row in known.itertuples():
        people, firms = f"{row.population_share_pct:.2f}", f"{row.firm_share_pct:.2f}"
        name = row.name_en if isinstance(row.name_en, str) else row.name_zh
        english += f" {name}: {people} % of the people, {firms} % of the firms."
        chinese += f"{row.name_zh}：人口占{people}%，企业占{firms}%。"
    return english, chinese


def _people_words(table: pd.DataFrame, t: Pick) -> str:
    """Residents of a city's districts, or of how many of them they are known."""
    people = table["census_population_2020_persons"]
    known = int(people.notna().sum())
    if known < len(people):
        return t(
            f"residents of the city unknown (on record for {known} of {len(people)} districts)",
            f"全市常住人口未知（{len(people)}个区县中{known}个有记录）",
        )
    return t(f"{int(people.sum()):,} residents", f"常住人口{int(people.sum()):,}人")


def _base_words(firms: AllFirms, t: Pick) -> str:
    """Number of all firms, with where it comes from and how many others there might be."""
    base, others = firms.base, firms.fitting
    if base is None:
        return t("number unknown", "总数未知")
    if firms.origin == "counted":
        return t(f"{base}", f"{base}家")
    if others < 2:
        return t(f"{base}, inferred from the printed shares", f"{base}家（由所列份额推得）")
    return t(
        f"{base}, the smallest of {others} bases that fit the printed shares",
        f"{base}家（符合所列份额的{others}个基数中最小者）",
    )


def rates(
    study: Teller, table: pd.DataFrame, firms: AllFirms, city: str, source_ids: Sequence[str]
) -> View:
    """Firms per 10,000 residents by district, with sampling intervals or identification bounds.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.position_table``.
    firms : AllFirms
        Of the same rows.
    city : str
    source_ids : sequence of str
        Of the table.

    Returns
    -------
    figure, record, data
    """
    t = study.t
    texts = [count_text(row.lower_count, row.upper_count, t) for row in table.itertuples()]
    drawn = table.assign(text=texts, label=district_names(study, table)).sort_values(
        ["low_rate", "upper_rate"], ascending=False, na_position="last", kind="stable"
    )
    people, base = table["residents_persons"].sum(skipna=False), firms.base
    mean = 10_000 * base / float(people) if base and pd.notna(people) and people else None
    words = {
        "mean": t(f"city {mean:.2f}", f"全市{mean:.2f}") if mean is not None else "",
        "none": t("no rate without residents", "无常住人口，不计算"),
        "open": t("nothing limits the rate", "无从限定"),
    }
    with figures.styled():
        figure, ax = figures.new(6.8, 0.7 + 0.36 * max(len(table), 3))
        city_charts.rate_intervals(ax, drawn.set_index("label"), mean, words)
        ax.set_xlabel(t("SRDI firms per 10,000 residents", "每万常住人口专精特新企业（家）"))
    record = record_of(
        study,
        "03_rates",
        (
            f"Firms per 10,000 residents, {study.name(city)}",
            f"{study.name(city)}分区县每万人专精特新企业数",
        ),
        unit=("firms per 10,000 residents", "家/万人"),
        base=(f"firms: {_base_words(firms, t)}", f"企业{_base_words(firms, t)}"),
        as_of=("people: 2020-11-01; firms: not dated", "人口2020-11-01，企业未注日期"),
        note=t(
            "Dot and line: one count, with the exact 95 % sampling interval of a Poisson count (a model, not the list). "
            "Hatched: identification bounds, what the remaining firms allow." + _one_base(firms, t),
            "圆点与线：数量唯一者及其泊松精确95%抽样区间（模型，非名单本身）。斜线：识别界，即其余企业所允许的范围。"
            + _one_base(firms, t),
        ),
        alt=_rates_alt(drawn, mean),
        source=[source_ids],
    )
    return figure, record, table.drop(columns=["label", "source_id"], errors="ignore")


def _rates_alt(drawn: pd.DataFrame, mean: float | None) -> Words:
    """What the intervals of rates show, from the highest to the lowest."""
    known = drawn.dropna(subset=["low_rate"]).sort_values("lower_rate", ascending=False)
    english = f"One row for each of {len(drawn)} districts on an axis of firms per 10,000 residents: a dot with an interval, or a hatched bar."
    chinese = f"{len(drawn)}个区县各占一行，横轴为每万人企业数：圆点带区间，或为斜线横条。"
    if len(known):
        first, last = known["lower_rate"].iloc[0], known["lower_rate"].iloc[-1]
        english += f" The {len(known)} dots run from {last:.2f} to {first:.2f}."
        chinese += f"{len(known)}个圆点自{last:.2f}至{first:.2f}。"
    if mean is not None:
        english += f" A dashed line marks the city's rate of {mean:.2f}."
        chinese += f"虚线为全市水平{mean:.2f}。"
    return english, chinese


def _one_base(firms: AllFirms, t: Pick) -> str:
    """That results hold over one of several bases; empty where nothing is open."""
    if firms.fitting < 2:
        return ""
    return t(f" All over {firms.base} firms: larger bases fit too and give more.", f"均以{firms.base}家为基数；更大的基数亦符合，数值更大。")  # fmt: skip


def count_text(lower: Any, upper: Any, t: Pick) -> str:
    """Firms of a district as text: one count, two bounds, or a lower bound.

    Examples
    --------
    >>> [count_text(*ends, lambda en, zh: en) for ends in ((3, 3), (0, 5), (2, pd.NA), (1, 1))]
    ['3 firms', '0–5 firms', '2 firms or more', '1 firm']
    """
    if pd.isna(upper):
        return t(f"{lower} firms or more", f"不少于{lower}家") if lower else t("unknown", "未知")
    if lower == upper:
        return t(f"{lower} firm{'' if lower == 1 else 's'}", f"{lower}家")
    return spanned((str(lower), str(upper)), t) + t(" firms", "家")


def _interval(row: Any, kind: str, t: Pick) -> str | None:
    """A value with its sampling interval, or its bounds; None where there is neither."""
    lower, upper = getattr(row, f"lower_{kind}"), getattr(row, f"upper_{kind}")
    if pd.isna(lower) or pd.isna(upper):
        return None
    low, high = getattr(row, f"low_{kind}"), getattr(row, f"high_{kind}")
    if pd.notna(low):
        return f"{lower:.2f} [{low:.2f}, {high:.2f}]"
    return spanned((f"{lower:.2f}", f"{upper:.2f}"), t)


def positions(
    study: Teller, table: pd.DataFrame, firms: AllFirms, city: str, source_ids: Sequence[str]
) -> tuple[pd.DataFrame, Record]:
    """The table of a city's districts: people, firms, rates and location quotients.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.position_table`` of the rows of ``analysis.districts.district_table``.
    firms : AllFirms
        Of the same rows.
    city : str
    source_ids : sequence of str
        Of the table.

    Returns
    -------
    table, record
    """
    t, rows = study.t, list(table.itertuples())
    counts = [count_text(row.lower_count, row.upper_count, t) for row in rows]
    shown = {
        t("District", "区县"): table["name_zh"],
        t("In English", "英文名"): table["name_en"],
        t("Residents", "常住人口"): table["census_population_2020_persons"],
        t("Residents (%)", "人口占比（%）"): table["population_share_pct"],
        t("Firms", "企业数"): counts,
        t("Firms (%)", "企业占比（%）"): table["firm_share_pct"],
        t("Firms per 10,000", "每万人企业数"): [_interval(row, "rate", t) for row in rows],
        t("Location quotient", "区位商"): [_interval(row, "quotient", t) for row in rows],
    }
    record = record_of(
        study,
        "03_districts",
        (
            f"Districts of {study.name(city)}: people, SRDI firms, rates, location quotients",
            f"{study.name(city)}各区县：人口、专精特新企业、每万人企业数与区位商",
        ),
        base=(
            f"firms: {_base_words(firms, t)}; location quotient: share of firms over share of residents",
            f"企业{_base_words(firms, t)}；区位商：企业占比与人口占比之比",
        ),
        as_of=("residents: 2020-11-01", "人口2020-11-01"),
        note=(
            "In brackets: exact 95 % sampling intervals, of a Poisson count for rates and of a binomial share for quotients. "
            "With a dash between: identification bounds. A dash alone: not on record.",
            "方括号内为精确95%抽样区间：比率取泊松计数，区位商取二项份额。两数之间为连接号者为识别界。单独横线：无记录。",
        ),
        source=[source_ids],
    )
    return _told(study, pd.DataFrame(shown, index=table.index)), record


def _told(study: Teller, table: pd.DataFrame) -> pd.DataFrame:
    """A table without the column of English names where the study is told in Chinese."""
    return table.drop(columns="英文名") if study.language == "zh" else table


INDICES = {
    "cr1": ("CR1, share of the largest", "CR1（最大者占比）"),
    "cr3": ("CR3, share of the three largest", "CR3（前三者占比）"),
    "hhi": ("HHI, raw (1/N to 1)", "HHI（原值，1/N至1）"),
    "hhi_normalised": ("HHI, normalised (0 to 1)", "HHI（标准化，0至1）"),
}


def concentration(
    study: Teller, table: pd.DataFrame, firms: AllFirms, city: str, source_ids: Sequence[str]
) -> tuple[pd.DataFrame, Record]:
    """The table of how concentrated firms and residents are over the districts.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.districts.concentration_bounds``.
    firms, city
        See :func:`rates`.
    source_ids : sequence of str
        Of the table.

    Returns
    -------
    table, record
    """
    t, more = study.t, firms.fitting > 1
    shown = {
        t("Index", "指标"): [t(*INDICES[name]) for name in table["index"]],
        t("Firms, least", "企业：最小"): table["lower"].map("{:.4f}".format),
        t("Firms, most", "企业：最大"): table["upper"].map("{:.4f}".format),
        t("Both ends attained", "两端可取到"): table["exact"],
        t("Residents", "常住人口"): [
            None if pd.isna(v) else f"{v:.4f}" for v in table["residents"]
        ],
        t("Districts", "区县数"): table["units_count"],
    }
    record = record_of(
        study,
        "03_concentration",
        (
            f"Concentration over the districts of {study.name(city)}: firms and residents",
            f"{study.name(city)}各区县集中度：企业与常住人口",
        ),
        base=(f"firms: {_base_words(firms, t)}", f"企业{_base_words(firms, t)}"),
        as_of=("residents: 2020-11-01", "人口2020-11-01"),
        note=(
            "Identification bounds over all whole-number tables of the number of firms named that fit"
            + ("; larger numbers fit too and may give wider bounds. " if more else ". ")
            + "Comparable only over the same units.",
            "识别界：满足已知条件且总数为所示基数的全部整数表"
            + ("；更大的基数亦符合，界可能更宽。" if more else "。")
            + "仅可在相同分区下比较。",
        ),
        source=[source_ids],
    )
    return pd.DataFrame(shown), record


def orders(
    study: Teller,
    tests: pd.DataFrame,
    table: pd.DataFrame,
    firms: AllFirms,
    city: str,
    source_ids: Sequence[str],
) -> tuple[pd.DataFrame, Record]:
    """The table of pairs of districts and whether their order could be chance.

    Parameters
    ----------
    study : Teller
    tests : DataFrame
        From ``analysis.districts.order_tests``, its labels being district_ids.
    table : DataFrame
        From ``analysis.districts.position_table``.
    firms, city
        See :func:`rates`.
    source_ids : sequence of str
        Of the table.

    Returns
    -------
    table, record
    """
    t, tests = study.t, tests.sort_values("leading", ascending=False, kind="stable")
    names = district_names(study, table).set_axis(table["district_id"])
    kinds = {"firms": t("firms", "企业数"), "rate": t("firms per resident", "人均企业数")}
    shown = {
        t("Compared by", "比较依据"): tests["by"].map(kinds),
        t("Ahead", "在前"): tests["larger"].map(names),
        t("Behind", "在后"): tests["smaller"].map(names),
        t("Firms ahead", "在前企业数"): tests["larger_count"],
        t("Firms behind", "在后企业数"): tests["smaller_count"],
        t("p", "p值"): tests["p_value"].map("{:.3g}".format),
        t("p, Holm", "p值（Holm校正）"): tests["p_holm"].map("{:.3g}".format),
        t("Level", "并列"): tests["level"],
        t("Could be chance", "可能出于偶然"): tests["could_be_chance"],
    }
    record = record_of(
        study,
        "03_orders",
        (
            f"Could the order of districts be chance? {study.name(city)}",
            f"{study.name(city)}各区县先后次序是否可能出于偶然",
        ),
        base=(f"firms: {_base_words(firms, t)}", f"企业{_base_words(firms, t)}"),
        note=(
            "First the pairs with the leading district and those of neighbours in the order, then all others. Model: independent Poisson counts with equal means (firms) or equal rates (firms per resident); exact conditional "
            "test, two-sided, at 5 % for all pairs of a kind.",
            "先列与居首者及次序相邻者的各对，再列其余。模型：独立泊松计数，均值相等（企业数）或比率相等（人均）；条件精确双侧检验，同类各对总水平5%。",
        ),
        source=[source_ids],
    )
    return pd.DataFrame(shown), record


def city_matrix(
    study: Teller, counts: pd.DataFrame, cities: Sequence[str], focal: str, province: str
) -> View:
    """Latest public counts of a province's cities by tier; empty cells hatched.

    Parameters
    ----------
    study : Teller
    counts : DataFrame
        From ``analysis.cities.latest_counts``.
    cities : sequence of str
        place_id of the rows.
    focal, province : str
        place_id.

    Returns
    -------
    figure, record, data
    """
    t, name = study.t, study.name(province)
    table = _matrix(counts, cities, list(TIERS), t("new ", "新")).rename(index=study.name)
    shown = table.rename(columns={tier: t(*words) for tier, words in TIERS.items()})
    with figures.styled():
        figure, ax = figures.new(7.6, 0.75 + 0.31 * len(table))
        charts.value_matrix(ax, shown, study.name(focal), t("not found", "未查得"))
    known = int(table.notna().to_numpy().sum())
    record = record_of(
        study,
        "03_cities",
        (f"Cities of {name}: latest counts on record by tier", f"{name}各市：各层次企业最新数量"),
        unit=("firms (date of the figure)", "家（数据日期）"),
        note=(
            "Cells differ in date and definition; “new”: newly recognised, no stock; hatched: none found.",
            "各格日期与定义不同；“新”：当期新认定数，非存量；斜线：未查得。",
        ),
        source=[counts["source_id"]],
        alt=(
            f"A matrix of {len(table)} cities by {len(TIERS)} kinds of firm; {known} of {table.size} cells hold a count, the others are hatched.",
            f"{len(table)}个城市与{len(TIERS)}类企业的矩阵；{table.size}格中{known}格有数，其余为斜线。",
        ),
    )  # fmt: skip
    return figure, record, table.rename_axis("city").reset_index()


def industries(
    study: Teller, found: IndustryFirms, city: str, source_ids: Sequence[str]
) -> tuple[pd.DataFrame, Record]:
    """The table of a city's industries in the order reported, with bounds of their firms.

    Parameters
    ----------
    study : Teller
    found : IndustryFirms
        From ``analysis.industries.industry_firms``.
    city : str
    source_ids : sequence of str
        Of the table.

    Returns
    -------
    table, record
    """
    t = study.t
    columns = {
        "rank": t("Rank", "位次"),
        "name_zh": t("Industry", "行业"),
        "name_en": t("In English", "英文名"),
        "lower_count": t("Fewest firms", "最少"),
        "upper_count": t("Most firms", "最多"),
    }
    kinds = {
        "industries": t("the counts of the industries", "各行业数量之和"),
        "counted": t("the counts of the districts", "各区县数量之和"),
        "implied": t(
            "inferred from the printed shares, the smallest that fits", "由所列份额推得的最小基数"
        ),
        "unknown": "",
    }
    origin = kinds[found.origin]
    record = record_of(
        study,
        "03_industries",
        (
            f"Industries of SRDI firms in {study.name(city)} in the order reported, with bounds",
            f"{study.name(city)}专精特新企业行业（按所列次序）及其数量界",
        ),
        unit=("firms", "家"),
        base=(f"all firms: {found.base}, {origin}", f"全部企业{found.base}家（{origin}）")
        if found.base
        else ("all firms: number unknown", "企业总数未知"),
        note=(
            "Identification bounds over all whole counts in this order; one number where a count is on record. A dash: nothing limits it.",
            "满足该次序的一切整数解的识别界；有记录者为唯一数。横线：无从限定。",
        ),
        source=[source_ids],
    )
    shown = found.bounds.rename(columns=columns)[list(columns.values())]
    return _told(study, shown), record


def city_ranks(
    study: Teller, table: pd.DataFrame, province: str, last: int, source_ids: Sequence[str]
) -> tuple[pd.DataFrame, Record]:
    """The table of bounds of each city's little giants and rank.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.cities.city_bounds``.
    province : str
        place_id.
    last : int
        Last batch.
    source_ids : sequence of str
        From ``analysis.cities.bounds_sources``.

    Returns
    -------
    table, record
    """
    heads = heads_of(
        study, city=("City", "城市"), lower_count=("Fewest", "最少"), upper_count=("Most", "最多"),
        best_rank=("Best rank", "最高位次"), worst_rank=("Worst rank", "最低位次"),
    )  # fmt: skip
    shown = table.assign(city=[study.name(place) for place in table["place_id"]])
    name = study.name(province)
    record = record_of(
        study,
        "03_city_ranks",
        (
            f"Little giants of the cities of {name}: what every completion allows",
            f"{name}各市“小巨人”：全部补全所允许的数量与位次",
        ),
        unit=("firms", "家"),
        period=batches_name(span_text(1, last), study.t),
        basis=study.basis_name,
        note=(
            "Identification bounds, not sampling intervals; tied cities share the better rank.",
            "识别界，非抽样区间；并列者取较高位次。",
        ),
        source=[source_ids],
    )
    return shown.rename(columns=heads)[list(heads.values())], record


MEASURES = {
    "certified": ("certified", "公告"),
    "announced": ("announced", "公示"),
    "stock": ("stock", "存量"),
    "newly_recognised": ("newly recognised", "新认定"),
    "not_stated": ("not stated", "未说明"),
}


def counted_text(count: Any, comparison: str) -> str:
    """A count as the source gives it: the number, or a lower limit.

    Examples
    --------
    >>> counted_text(1234, "more_than"), counted_text(7, "equal")
    ('>1,234', '7')
    """
    return f"{'>' if comparison == 'more_than' else ''}{count:,}"


def little_giants(study: Teller, table: pd.DataFrame, province: str) -> tuple[pd.DataFrame, Record]:
    """The table of cities' latest counts of little giants with their rate per million residents.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.cities.per_million``.
    province : str
        place_id.

    Returns
    -------
    table, record
    """
    t, name = study.t, study.name(province)
    counts = zip(table["firms_count"], table["comparison"], strict=True)
    shown = {
        t("City", "城市"): [study.name(place) for place in table["place_id"]],
        t("Little giants", "“小巨人”"): [counted_text(*pair) for pair in counts],
        t("Measure", "口径"): [t(*MEASURES[measure]) for measure in table["measure"]],
        t("Through batch", "截至批次"): table["batch_to"],
        t("As of", "截至"): table["as_of"],
        t("Per million residents", "每百万人"): table["per_million"],
        t("Population of", "人口时点"): table["population_as_of"],
    }
    record = record_of(
        study,
        "03_little_giants",
        (
            f"Little giants of cities in {name}, where on record",
            f"{name}各市“小巨人”数量（有记录者）",
        ),
        unit=("firms", "家"),
        note=(
            "Not a ranking: batches and measures differ. >: the source gives a lower limit, and so is the rate. A dash: not on record "
            "(the batches counted, or the population).",
            "并非排名：批次与口径不同。>：来源仅给出下限，比率亦为下限。横线：无记录（批次或人口）。",
        ),
        source=[table["source_id"]],
    )
    return pd.DataFrame(shown, index=table.index), record


def city_tiles(
    study: Teller,
    giants: pd.DataFrame,
    compared: pd.DataFrame,
    bounds: pd.DataFrame,
    focal: str,
    province: str,
    last: int,
    source_ids: Sequence[str],
) -> View:
    """A map of tiles: the latest count of each city, and below it the bounds of its little giants.

    Parameters
    ----------
    study : Teller
    giants : DataFrame
        Columns place_id, firms_count, comparison, as_of and source_id: latest counts on record.
    compared : DataFrame
        From ``analysis.cities.comparable_counts``: only tiles that show one of these are shaded, and
        none if there are fewer than two.
    bounds : DataFrame
        From ``analysis.cities.city_bounds``; a tile for each of its cities.
    focal : str
        place_id of the outlined city.
    province : str
        place_id.
    last : int
        Last batch of the bounds.
    source_ids : sequence of str
        Of the bounds.

    Returns
    -------
    figure, record, data
    """
    t, name = study.t, study.name(province)
    tiles, drawn = tiles_for(
        study.table("tile_layouts"), province, list(bounds["place_id"]), study.name, study.language
    )
    data = _tile_data(tiles, giants, compared, bounds)
    columns, rows = (int(tiles[f"tile_{side}"].max()) + 1 for side in ("column", "row"))
    with figures.styled():
        figure, ax = figures.new(max(4.6, 1.05 * columns), max(1.0, 0.66 * rows))
        charts.tile_grid(ax, _with_texts(data, t), focal)
    layout = t("Positions are a drawing convention.", "位置仅为绘图约定。")
    if not drawn:
        layout = t("In the order of their codes: positions have no geographic meaning.", "按代码排列，位置无地理含义。")  # fmt: skip
    record = record_of(
        study,
        "03_city_tiles",
        (f"Little giants of the cities of {name}", f"{name}各市“小巨人”"),
        unit=("firms", "家"),
        period=t("lower line: ", "下行：") + batches_name(span_text(1, last), t),
        basis=study.basis_name,
        note=(
            "Large: latest count on record, whatever its batches (?: none; >: a lower limit). Shaded: only counts of one measure, range "
            "of batches and date. Below: identification bounds, hatched unless one number. "
            f"A count of unstated measure or batches sets no bound. Outlined: the focal city. {layout}",
            "大字：最新记录数，批次不一（?：无；>：下限）。深浅：仅口径、批次、时点相同者着色。下行：识别界，非唯一数者加斜线；"
            f"口径或批次不明的数量不构成约束。粗框：所考察城市。{layout}",
        ),
        source=[giants["source_id"], source_ids],
        alt=_tiles_alt(data),
    )
    return figure, record, data


def _tiles_alt(data: pd.DataFrame) -> Words:
    """What the map of tiles shows."""
    known = int(data["latest_count"].notna().sum())
    single = int(data["lower_count"].eq(data["upper_count"]).fillna(False).sum())
    return (
        f"A map of {len(data)} equal tiles, one a city, each with its latest count on record and the bounds of its little giants. "
        f"{known} have a count; the bounds of {single} are one number.",
        f"{len(data)}个等大方格，每格一市，标有最新记录数与“小巨人”数的识别界。{known}市有记录数，{single}市的界为唯一数。",
    )


def _tile_data(
    tiles: pd.DataFrame, giants: pd.DataFrame, compared: pd.DataFrame, bounds: pd.DataFrame
) -> pd.DataFrame:
    """Tiles with bounds, latest counts and whether these compare."""
    keys = ["place_id", "firms_count", "as_of", "source_id"]
    same = set(compared[keys].itertuples(index=False, name=None)) if len(compared) > 1 else set()
    marks = [row in same for row in giants[keys].itertuples(index=False, name=None)]
    latest = giants.assign(compared=pd.Series(marks, giants.index, dtype="bool"))
    latest = latest.rename(columns={"firms_count": "latest_count"})
    columns_ = ["place_id", "latest_count", "comparison", "compared"]
    data = tiles.merge(bounds, on="place_id", how="left")
    return data.merge(latest[columns_], on="place_id", how="left").assign(
        latest_count=lambda frame: frame["latest_count"].astype("Int64"),
        compared=lambda frame: frame["compared"].eq(True),
    )


def _with_texts(data: pd.DataFrame, t: Pick) -> pd.DataFrame:
    """Tiles of cities with their colour and lines of text."""
    # A shade invites comparison, so it is kept to counts that compare.
    shown = data["latest_count"].where(data["compared"])
    counts = zip(data["latest_count"], data["comparison"], strict=True)
    return data.assign(
        fill=charts.shades(shown).where(data["compared"], "#F4F4F4"),
        first=["?" if pd.isna(n) else counted_text(n, comparison) for n, comparison in counts],
        second=[_bounds(row.lower_count, row.upper_count, t) for row in data.itertuples()],
        second_known=data["lower_count"].eq(data["upper_count"]).fillna(False).astype(bool),
        solid=True,
    )


def _bounds(lower: Any, upper: Any, t: Pick) -> str:
    """Bounds as text.

    Examples
    --------
    >>> [_bounds(*ends, lambda en, zh: zh) for ends in ((0, 3843), (7, 7), (1200, None))]
    ['0—3,843', '7', '1,200+']
    """
    if pd.isna(lower):
        return ""
    if pd.isna(upper):
        return f"{lower:,}+"
    return spanned((f"{lower:,}", f"{upper:,}"), t)


def tiers(study: Teller, people: pd.DataFrame, found: Tiers, focal: str) -> View:
    """Cities by residents with their tiers, and how well as many tiers fit.

    Parameters
    ----------
    study : Teller
    people : DataFrame
        From ``analysis.cities.latest_residents``.
    found : Tiers
        Of the residents; its number of tiers is not 0.
    focal : str
        place_id of the focal city.

    Returns
    -------
    figure, record, data
    """
    t, focal_name = study.t, study.name(focal)
    residents = t("residents (10,000 persons)", "常住人口（万人）")
    values, tier = (
        part.rename(study.name) for part in (people["residents_10k_persons"], found.tier)
    )
    frame = pd.DataFrame({"value": values, "tier": tier})
    with figures.styled():
        size = {"ncols": 2, "width_ratios": (1.9, 1)}
        figure, axes = figures.new(7.2, max(2.4, 0.6 + 0.25 * len(frame)), **size)
        city_charts.tier_dots(axes[0], frame, focal_name)
        axes[0].set_xlabel(residents)
        count = found.tiers_count
        lines = {
            "own": t(f"{count} tiers", f"{count}个梯队"),
            "even": t("evenly spread", "均匀分布时"),
        }
        city_charts.fit_by_classes(axes[1], found.table, count, lines)
        axes[1].set_xlabel(t("Number of tiers", "梯队数"))
        axes[1].set_title(t("Goodness of variance fit", "方差拟合优度"))
    record = record_of(
        study,
        "03_tiers",
        (f"Tiers of cities by natural breaks: {residents}", f"自然断点划分的城市梯队：{residents}"),
        unit=residents,
        base=(f"{len(frame)} cities with a figure", f"有数据的{len(frame)}个城市"),
        as_of=t(", ", "、").join(sorted(set(people["as_of"]))),
        note=(
            "Dotted line: break between tiers. Ringed: fewest tiers with a fit of 0.8 or more to which a further tier adds less than 0.05.",
            "点线：梯队分界。圈出：拟合优度不低于0.8且再增一梯队的增益不足0.05的最少梯队数。",
        ),
        source=[people["source_id"]],
        alt=_tiers_alt(frame, found),
    )
    return figure, record, frame.rename_axis("city").reset_index()


def _tiers_alt(frame: pd.DataFrame, found: Tiers) -> Words:
    """What the figure of tiers shows."""
    low, high, fit = frame["value"].min(), frame["value"].max(), found.goodness()[0]
    return (
        f"Left, {len(frame)} cities from most to fewest residents, {high:,.1f} to {low:,.1f} (10,000 persons), cut into {found.tiers_count} "
        f"tiers. Right, goodness of fit against the number of tiers, {fit:.2f} at the number chosen.",
        f"左图为{len(frame)}个城市按常住人口由多到少排列，自{high:,.1f}至{low:,.1f}（万人），分为{found.tiers_count}个梯队。右图为拟合优度"
        f"对梯队数，所取梯队数处为{fit:.2f}。",
    )


def tier_cells(
    study: Teller, table: pd.DataFrame, province: str, source_ids: Sequence[str]
) -> tuple[pd.DataFrame, Record]:
    """The table of how many cities have a count, tier of firms by tier, and the echelons it allows.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.cities.tier_table``.
    province : str
        place_id.
    source_ids : sequence of str
        Of the counts.

    Returns
    -------
    table, record
    """
    t, name, comma = study.t, study.name, study.t(", ", "、")
    first = [comma.join(name(p) for p in cell.split(";") if p) or None for cell in table["first"]]
    shown = {
        t("Kind of firm", "企业层次"): [tier_name(tier, t) for tier in table["indicator_id"]],
        t("Cities", "城市数"): table["cities_count"],
        t("With a stock on record", "有存量记录"): table["known_count"],
        t("Comparable", "可比"): table["comparable_count"],
        t("Their counts", "可比数值"): [
            t("; ", "；").join(
                t(f"{name(place)} {count:,}", f"{name(place)}{count:,}") for place, count in pairs
            )
            if len(pairs) > 1
            else None
            for pairs in table["compared"]
        ],
        t("Date", "时点"): table["as_of"].where(table["comparable_count"] > 1),
        t("Echelons", "梯队数"): table["tiers_count"],
        t("Fit", "拟合优度"): table["gvf"],
        t("First echelon", "第一梯队"): first,
    }
    record = record_of(
        study,
        "03_tier_cells",
        (
            f"What the counts of {name(province)}'s cities allow",
            f"{name(province)}各市数量能支持的梯队划分",
        ),
        unit=("cities", "个城市"),
        note=(
            "Comparable: same measure, batches and date; if the measure is not stated, also one source. With fewer than four comparable "
            "values, or where no number of echelons meets the rule, no breaks are made (a dash). Cities without a value are in no echelon.",
            "可比：口径、批次、时点相同；口径未说明者还须出自同一来源。可比数值少于四个或无合规梯队数时不划分（横线）。无数值的城市不入任何梯队。",
        ),
        source=[source_ids],
    )
    return pd.DataFrame(shown, index=table.index), record
