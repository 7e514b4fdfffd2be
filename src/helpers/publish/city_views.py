"""Figures of the notebook on cities and districts, each with its record and its data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from helpers.evidence.granularity import attainable_table
from helpers.publish import charts, figures
from helpers.publish.figures import Record
from helpers.publish.trend_views import Pick, View

TIERS = {
    "innovative_sme": ("innovative\nSMEs", "创新型\n中小企业"),
    "srdi_sme": ("SRDI\nSMEs", "专精特新\n中小企业"),
    "little_giant": ("little\ngiants", "“小巨人”"),
    "tech_sme_registered": ("technology-\nbased SMEs", "科技型\n中小企业"),
    "high_tech_enterprise": ("high-tech\nenterprises", "高新技术\n企业"),
}

# The three tiers by which the replicated study ranks cities.
STUDY_TIERS = ("innovative_sme", "srdi_sme", "little_giant")


def bases(shares: Sequence[str], t: Pick, source: str) -> View:
    """How many of the printed shares each base up to 200 can produce.

    Parameters
    ----------
    shares : sequence of str
        Percentages as printed.
    t : callable
        Picks the English or the Chinese text.
    source : str
        Citations.

    Returns
    -------
    figure, record, data
    """
    frame = attainable_table(shares, 200)
    words = {
        "x": t("Possible base (firms)", "可能的基数（家）"),
        "y": t("Shares attained", "可得份额数"),
    }
    with figures.styled():
        figure, ax = figures.new(7.0, 2.2)
        charts.base_strip(ax, frame, words)
    record = Record(
        "03_bases",
        t(f"Bases that can produce {', '.join(shares)} %", f"能够得到{'、'.join(shares)}%的基数"),
        unit=t("printed shares that some whole count attains", "可由整数得到的份额个数"),
        source=source,
    )
    return figure, record, frame


def districts(table: pd.DataFrame, city: str, t: Pick, source: str) -> View:
    """Shares of residents and of firms by district.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.cities.district_table`` with a column label.
    city : str
        Name of the city.
    t, source
        See :func:`bases`.

    Returns
    -------
    figure, record, data
    """
    counted = bool(table["srdi_firms_count"].notna().all())
    words = {
        "first": t("residents, census 2020", "常住人口（2020年普查）"),
        "second": t("SRDI firms", "专精特新企业")
        if counted
        else t("SRDI firms, as the study reports", "专精特新企业（研究所列）"),
        "unknown": t("share of firms not reported", "企业占比未列出"),
    }
    with figures.styled():
        figure, ax = figures.new(6.6, 0.6 + 0.36 * len(table))
        charts.paired_bars(
            ax, table.set_index("label"), "population_share_pct", "firm_share_pct", words
        )
        ax.set_xlabel(t("Share of the city (%)", "占全市比重（%）"))
    people = int(table["census_population_2020_persons"].sum())
    firms = int(table["srdi_firms_count"].sum()) if counted else t("base not printed", "基数未列出")
    record = Record(
        "03_districts",
        t(f"People and firms by district, {city}", f"{city}分区县人口与企业占比"),
        unit="%",
        base=t(f"{people:,} residents; firms: {firms}", f"常住人口{people}人；企业：{firms}"),
        as_of=t("people: 2020-11-01; firms: not dated", "人口：2020-11-01；企业：未注日期"),
        source=source,
    )
    return figure, record, table.drop(columns=["source_id", "label"])


def city_matrix(table: pd.DataFrame, focal: str, province: str, t: Pick, source: str) -> View:
    """Latest public counts of a province's cities by tier; empty cells hatched.

    Parameters
    ----------
    table : DataFrame
        Index: labels of the cities; columns: indicators of ``TIERS``; cells: text or missing.
    focal, province : str
        Labels.
    t, source
        See :func:`bases`.

    Returns
    -------
    figure, record, data
    """
    shown = table.rename(columns={tier: t(*words) for tier, words in TIERS.items()})
    with figures.styled():
        figure, ax = figures.new(6.6, 0.75 + 0.31 * len(table))
        charts.value_matrix(ax, shown, focal, t("not found", "未查得"))
    record = Record(
        "03_cities",
        t(
            f"Cities of {province}: latest counts on record by tier",
            f"{province}各市：各层次企业最新数量",
        ),
        unit=t("firms (date of the figure)", "家（数据日期）"),
        note=t(
            "Cells differ in date and definition; “new”: newly recognised, no stock; hatched: none found.",
            "各格日期与定义不同；“新”：当期新认定数，非存量；斜线：未查得。",
        ),
        source=source,
    )
    return figure, record, table.rename_axis("city").reset_index()


def industries(
    table: pd.DataFrame, base: int | None, city: str, t: Pick, source: str
) -> tuple[pd.DataFrame, Record]:
    """The table of a city's industries in the order reported, with bounds of their firms.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.cities.industry_bounds``.
    base : int or None
        Number of all firms over which the bounds were found.
    city : str
    t, source
        See :func:`bases`.

    Returns
    -------
    table, record
    """
    columns = {
        "rank": t("Rank", "位次"),
        "name_zh": t("Industry", "行业"),
        "name_en": t("In English", "英文名"),
        "lower_count": t("Fewest firms", "最少"),
        "upper_count": t("Most firms", "最多"),
    }
    record = Record(
        "03_industries",
        t(
            f"Industries of SRDI firms in {city} in the order reported, with bounds",
            f"{city}专精特新企业行业（按所列次序）及其数量界",
        ),
        unit=t("firms", "家"),
        base=t(f"{base} firms, inferred", f"{base}家，推得") if base else "",
        note=t(
            "Identification bounds over all whole counts in this order. An empty table: no industry is on record; supply industries.csv.",
            "满足该次序的一切整数解的识别界。空表：无行业记录，可由industries.csv补充。",
        ),
        source=source,
    )
    return table.rename(columns=columns)[list(columns.values())], record


def city_ranks(
    table: pd.DataFrame,
    name: Callable[[str], str],
    province: str,
    last: int,
    basis: str,
    t: Pick,
    source: str,
) -> tuple[pd.DataFrame, Record]:
    """The table of bounds of each city's little giants and rank.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.cities.city_bounds``.
    name : callable
        Gives a place's name from its code.
    province : str
    last : int
        Last batch.
    basis : str
    t, source
        See :func:`bases`.

    Returns
    -------
    table, record
    """
    columns = {
        "city": t("City", "城市"),
        "lower_count": t("Fewest", "最少"),
        "upper_count": t("Most", "最多"),
        "best_rank": t("Best rank", "最高位次"),
        "worst_rank": t("Worst rank", "最低位次"),
    }
    shown = table.assign(city=[name(place) for place in table["place_id"]])
    record = Record(
        "03_city_ranks",
        t(
            f"Little giants of the cities of {province}: what every completion allows",
            f"{province}各市“小巨人”：一切补全所允许的数量与位次",
        ),
        unit=t("firms", "家"),
        period=t(f"batches 1-{last}", f"第1—{last}批"),
        basis=basis,
        note=t(
            "Identification bounds, not sampling intervals; tied cities share the better rank.",
            "识别界，非抽样区间；并列者取较高位次。",
        ),
        source=source,
    )
    return shown.rename(columns=columns)[list(columns.values())], record
