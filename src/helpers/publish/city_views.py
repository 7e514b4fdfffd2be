"""Figures of the notebook on cities and districts, each with its record and its data."""

from __future__ import annotations

from collections.abc import Sequence

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
