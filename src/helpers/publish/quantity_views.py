"""Tables and drawings of the notebook on quantities, each with its record.

Functions that take a :class:`Teller` return what ``study.show`` and ``study.figure`` take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import fill
from typing import Any

import pandas as pd

from helpers.analysis import goals, policy
from helpers.evidence.sources import ids_of, worst_grade
from helpers.publish import figures as pictures
from helpers.publish.figures import COLOURS
from helpers.publish.policy_views import ABSENT_WORDS, goal_number, place_label
from helpers.publish.teller import Shown, Teller, View, heads_of, pick, record_of
from helpers.publish.trend_views import Pick

FUNDS = ("angel_fund_size", "guidance_fund_size", "scientist_fund_size")
FIRST_PHASES = {"angel_fund_first_phase": "angel_fund_size"}


def progress_table(
    progress: pd.DataFrame, sources: pd.DataFrame, name: Callable[[str], str], language: str
) -> pd.DataFrame:
    """Goals and the figures beside them, with headings for readers.

    Parameters
    ----------
    progress : DataFrame
        From ``policy.goal_progress``.
    sources : DataFrame
        Table ``sources``.
    name : callable
        Gives a place's name from its code.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per goal; figures and percentages as text with the sign of their comparison.
    """
    words = {
        "en": ("Place", "Indicator", "Goal (due)", "Grade of the goal", "Best public figure",
               "As of", "Grade of the figure", "Reached (%)"),
        "zh": ("地区", "指标", "目标（期限）", "目标来源等级", "公开数据", "时点", "数据来源等级",
               "完成度（%）"),
    }[language]  # fmt: skip
    rows = []
    for row in progress.to_dict("records"):
        known = pd.notna(row["value"])
        sign = policy.SIGNS[row["figure_comparison"]] if known else ""
        rows.append([
            place_label(row["place_id"], name, language), row[f"indicator_{language}"],
            goal_number(row, language), worst_grade(sources, ids_of(row["source_id"])),
            f"{sign}{row['value']:,.10g}" if known else None, row["as_of"], row["grade"],
            f"{sign}{row['reached_pct']:.1f}" if known else None,
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=list(words))


def quantity_rows(
    quantities: pd.DataFrame, sources: pd.DataFrame, name: Callable[[str], str], language: str
) -> pd.DataFrame:
    """The quantities with place, value as text and grade added.

    Parameters
    ----------
    quantities, sources : DataFrame
        Tables ``recommendation_quantities`` and ``sources``.
    name : callable
        Gives a place's name from its code.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        The table with the columns place, shown (value with its sign) and grade added; shown and
        grade are blank where there is no value.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rows = quantity_rows(tables.load("recommendation_quantities"), tables.load("sources"),
    ...                      str, "en")
    >>> rows.query("indicator_id == 'guidance_fund_share'")[["shown", "grade"]].values.tolist()
    [['≤ 30', 'B']]
    """
    frame = quantities.copy()
    places = [place_label(place_id, name, language) for place_id in frame["place_id"]]
    colon = ": " if language == "en" else "："
    frame["place"] = places + frame[f"part_{language}"].radd(colon).fillna("")
    known = frame["value"].notna()
    grades = pd.Series([worst_grade(sources, ids_of(cell)) for cell in frame["source_id"]])
    numbers = frame["comparison"].map(policy.SIGNS) + frame["value"].map("{:,.10g}".format)
    return frame.assign(grade=grades.where(known), shown=numbers.where(known))


def draw_noted_bars(ax: Any, frame: pd.DataFrame, unit: str) -> None:
    """Horizontal bars with a note behind each; a missing value leaves the note alone.

    A part of a bar, where given, is drawn darker within it.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Columns label, value (may be missing), note, and hollow (bool: hatched outline, for what is
        wanted and not yet counted); part, optional, is at most the value and may be missing.
    unit : str
        Label of the axis.
    """
    for position, row in enumerate(frame.to_dict("records")):
        known = pd.notna(row["value"])
        length = row["value"] if known else 0.0
        if known:
            colour = COLOURS["focal"] if row["hollow"] else COLOURS["main"]
            face, hatch = ("white", "////") if row["hollow"] else (colour, "")
            ax.barh(position, length, 0.6, color=face, edgecolor=colour, hatch=hatch)
        if pd.notna(row.get("part")):
            ax.barh(position, row["part"], 0.6, color=COLOURS["ink"])
        ax.annotate(
            row["note"], (length, position), (4, 0), textcoords="offset points", va="center",
            fontsize=7.5, color=COLOURS["ink"] if known else COLOURS["focal"],
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    ax.set_yticks(range(len(frame)), list(frame["label"]))
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlim(0, max([1.0, *frame["value"].dropna()]) * 1.6)
    ax.set_xlabel(unit)
    ax.grid(axis="x")


def goal_shown(study: Teller, goals: pd.DataFrame, home: str) -> Shown:
    """The fractional goals of a place, one row per reading and reference count.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    home : str
        Name of the place.

    Returns
    -------
    frame, record
    """
    references = [study.name(place) for place in goals["reference_place_id"]]
    heads = heads_of(
        study, **{f"indicator_{study.language}": ("Reading", "口径")}, share=("Share", "比例"),
        reference=("Reference", "参照地区"), reference_count=("Its firms", "参照企业数"),
        as_of=("Base date", "基准日"), exact=("Share of them", "对应数"),
        firms_needed=("Goal, at least", "目标（不低于）"),
        own_count=(f"{home} now", f"{home}现有"),
    )  # fmt: skip
    table = goals.assign(share=goals["share"].astype(str), reference=references)
    record = record_of(
        study, "05b_goal",
        (f"The fractional goal of {home}, by reading", f"{home}的比例目标（分口径）"),
        unit=("firms", "家"), source=["STUDY", goals["source_id"]],
        note=("A dash: none on record. The goal is the smallest whole number not below the share.",
              "横线：未查得。目标取不低于该比例的最小整数。"),
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record


def goal_lines(study: Teller, goals: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    """What each fractional goal comes to, and whether the reference count is consistent.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    known : DataFrame
        From ``policy.public_figures``.

    Returns
    -------
    list of str
        Items of a Markdown list, in English; empty without goals.
    """
    computed, lines = goals.dropna(subset=["firms_needed"]), []
    for row in computed.to_dict("records"):
        lines.append(
            f"- {row['indicator_en']}: {row['share']} of {row['reference_count']:,} is "
            f"{row['exact']:,.2f}, so **at least {row['firms_needed']:,} firms** "
            f"(as of {row['as_of']})."
        )
    for row in goals[goals["firms_needed"].isna()].to_dict("records"):
        place = study.name(row["reference_place_id"])
        lines.append(
            f"- {row['indicator_en']}: no count of {place} was found, so the goal cannot be "
            "computed on this reading, nor the two readings compared."
        )
    for row in computed.to_dict("records"):
        check = policy.growth_check(known, row["reference_place_id"], row["indicator_id"])
        if check:
            other = policy.least_count(row["share"], check["level"])
            lines.append(
                f"- The source reports {check['reported_level']:,.0f} firms, "
                f"{check['reported_added']:,.0f} of them new, and growth of "
                f"{check['reported_growth_pct']:.2f} %. The first two imply growth of "
                f"{check['growth_pct']:.2f} %; the last two imply {check['level']:,.0f} firms, "
                f"which would make the goal {other:,}."
            )
    return lines


def _density_note(row: dict[Any, Any], t: Pick) -> str:
    """Density, firms and distance in time behind a bar."""
    apart = t(f"; {row['months']} months apart", f"；相隔{row['months']}个月")
    firms = t(f"{row['firms']:,.0f} firms", f"{row['firms']:,.0f}家")
    return f"{row['density']:.2f}  ({firms}{apart if row['months'] else ''})"


def goal_density(study: Teller, bars: pd.DataFrame, goals: pd.DataFrame, home: str) -> View:
    """The goal and the counts it is measured by, against residents.

    Parameters
    ----------
    study : Teller
    bars : DataFrame
        From ``policy.goal_bars``, not empty.
    goals : DataFrame
        From ``policy.goals_by_reference``.
    home : str
        Name of the place whose goal it is.

    Returns
    -------
    figure, record, data
    """
    t, frame = study.t, bars.copy()
    names = [study.name(place) for place in bars["place_id"]]
    wanted = bars["is_goal"].map({True: t(", goal", "（目标）"), False: ""})
    frame["label"] = names + wanted + "\n" + bars["as_of"]
    frame["note"] = [_density_note(row, t) for row in bars.to_dict("records")]
    with pictures.styled():
        figure, ax = pictures.new(6.6, 0.6 + 0.5 * len(bars))
        drawn = frame.rename(columns={"density": "value", "is_goal": "hollow"})
        draw_noted_bars(ax, drawn, t("Firms per 10,000 residents", "家/万人"))
    readings = goals.dropna(subset=["firms_needed"])[f"indicator_{study.language}"].unique()
    date = bars["population_as_of"].max()
    record = record_of(
        study, "05b_goal_density",
        (f"The goal for {home} against residents: {', '.join(readings)}",
         f"按常住人口衡量的{home}目标：{'、'.join(readings)}"),
        unit=("firms per 10,000 residents", "家/万人"),
        base=(f"residents at {date}", f"{date}常住人口"),
        note=("Hatched: the goal, under the date of the reference count. Other bars: counts on "
              "record, the nearest in time to the reference count; months apart are from it.",
              "斜线为目标，日期为参照数据时点；其余为距参照时点最近的已查得数据，并注明相隔月数。"),
        source=[bars["source_id"]],
    )  # fmt: skip
    return figure, record, frame


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
        Items of a Markdown list, in English.
    """
    counted = bars[~bars["is_goal"]].to_dict("records")
    return [
        f"- Per resident the goal is **{goal['density'] / row['density']:.0%}** of the level of "
        f"{study.name(row['place_id'])} at {row['as_of']} ({goal['density']:.2f} against "
        f"{row['density']:.2f} per 10,000)"
        + (f", {row['months']} months from the latest reference count." if row["months"] else ".")
        for goal in bars[bars["is_goal"]].to_dict("records")
        for row in counted
    ]


def list_period(date: str) -> str:
    """The part of a year that yearly lists counted up to a date cover.

    Examples
    --------
    >>> list_period("2023-06-30"), list_period("2023-12-31"), list_period("2023-09-30")
    ('first half of 2023', '2023', '2023 up to 2023-09-30')
    """
    year, _, rest = date.partition("-")
    if rest in ("06", "06-30"):
        return f"first half of {year}"
    return year if rest in ("", "12", "12-31") else f"{year} up to {date}"


def two_counts_line(known: pd.DataFrame, place_id: str, name: str) -> str:
    """The two counts of technology-based SMEs of a place side by side, without a ratio.

    Parameters
    ----------
    known : DataFrame
        From ``policy.public_figures``.
    place_id, name : str

    Returns
    -------
    str
        For the latest date with both counts; says so where there is none. In English.

    Examples
    --------
    >>> none = pd.DataFrame(columns=["place_id", "comparison", "as_of", "indicator_id", "value"])
    >>> two_counts_line(none, "320000", "Jiangsu")
    'The two counts of technology-based SMEs of Jiangsu are not both on record for one date.'
    """
    pair = ["tech_sme_evaluated", "tech_sme_registered"]
    rows = known[(known["place_id"] == place_id) & (known["comparison"] == "equal")]
    wide = rows.pivot_table(index="as_of", columns="indicator_id", values="value")
    wide = wide.reindex(columns=pair).dropna()
    if wide.empty:
        return f"The two counts of technology-based SMEs of {name} are not both on record for one date."
    date, (evaluated, registered) = str(wide.index[-1]), wide.iloc[-1]
    return (
        f"Technology-based SMEs of {name}: {evaluated:,.0f} evaluated ({list_period(date)}); "
        f"{registered:,.0f} registered (stock at {date}). The first counts lists of a period and "
        "the second a stock, so no ratio is formed."
    )


def targets_shown(
    study: Teller, progress: pd.DataFrame, sources: pd.DataFrame, place: str
) -> Shown:
    """Goals on record beside the best figure of the same place.

    Parameters
    ----------
    study : Teller
    progress : DataFrame
        From ``policy.goal_progress``.
    sources : DataFrame
        Table ``sources``.
    place : str
        Name of the province.

    Returns
    -------
    frame, record
    """
    record = record_of(
        study, "05b_targets",
        (f"Goals on record for {place}, its cities and the nation",
         f"{place}及所辖各市、全国已查得的目标"),
        unit=("as stated with the goal", "见目标列"), source=[progress["source_id"]],
        note=("A dash: no figure of that place on record. Goals of zones within a place are left "
              "out. The goal date may differ from the date of the figure.",
              "横线：该地区数据未查得。不含局部区域目标。目标期限与数据时点可能不同。"),
    )  # fmt: skip
    return progress_table(progress, sources, study.name, study.language), record


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
        Items of a Markdown list, in English.
    """
    return [
        f"- {study.name(row['place_id'])}, {row['indicator_en']}: the count of "
        f"{row['baseline_value']:,.0f} ({row['baseline_as_of']}) stands beside the goal of "
        f"{row['target_value']:,.0f} by the end of {row['due']}; the pace that remained from there "
        f"is {row['per_year']:.1f} a year, {row['growth_pct']:.1f} % a year."
        for row in paces[paces["place_id"].isin(list(places))].to_dict("records")
    ]


def quantities_shown(study: Teller, sizes: pd.DataFrame) -> Shown:
    """Sizes of instruments with their grade and note.

    Parameters
    ----------
    study : Teller
    sizes : DataFrame
        From :func:`quantity_rows`.

    Returns
    -------
    frame, record
    """
    heads = heads_of(
        study, recommendation_id=("No.", "建议"),
        **{f"indicator_{study.language}": ("Quantity", "数量指标")}, place=("Place", "地区"),
        shown=("Value", "数值"), **{study.t("unit", "unit_zh"): ("Unit", "单位")},
        as_of=("As of", "时点"), grade=("Grade", "等级"), note_en=("Note", "说明（英文）"),
    )  # fmt: skip
    record = record_of(
        study, "05b_quantities",
        ("Quantities behind the recommendations", "各条建议相关数量"),
        unit=("see the column Unit", "见单位列"), source=[sizes["source_id"]],
        note=("A dash under Value: not found. A dash under As of: the source is undated.",
              "数值为横线表示未查得；时点为横线表示来源未注明日期。"),
    )  # fmt: skip
    return sizes.rename(columns=heads)[list(heads.values())], record


def fund_rows(sizes: pd.DataFrame, place_id: str) -> pd.DataFrame:
    """Funds comparable to the one recommended, a first phase as a part of its fund.

    Parameters
    ----------
    sizes : DataFrame
        From :func:`quantity_rows`.
    place_id : str
        Focal place: only its rows without a value are kept.

    Returns
    -------
    DataFrame
        The rows of the funds, largest first, with the column part: size of the first phase of the
        same place's fund, missing where none is known.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rows = quantity_rows(tables.load("recommendation_quantities"), tables.load("sources"),
    ...                      str, "en")
    >>> fund_rows(rows, "210300")[["place_id", "value", "part"]].head(1).values.tolist()
    [['210100', 100.0, 20.0]]
    """
    keys = ["place_id", "part_en", "indicator_id"]
    first = sizes[sizes["indicator_id"].isin(list(FIRST_PHASES))].dropna(subset=["value"])
    first = first.assign(indicator_id=first["indicator_id"].map(FIRST_PHASES))
    first = first.rename(columns={"value": "part"})[[*keys, "part"]].drop_duplicates(keys)
    kept = sizes["value"].notna() | sizes["place_id"].eq(place_id)
    rows = sizes[sizes["indicator_id"].isin(FUNDS) & kept].merge(first, on=keys, how="left")
    return rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def funds(study: Teller, sizes: pd.DataFrame, place_id: str) -> View:
    """Bars of the funds comparable to the one recommended.

    Parameters
    ----------
    study : Teller
    sizes : DataFrame
        From :func:`quantity_rows`.
    place_id : str
        Focal place, shown even where nothing of it is on record.

    Returns
    -------
    figure, record, data
    """
    t, absent = study.t, pick(ABSENT_WORDS, study.language)
    rows = fund_rows(sizes, place_id)
    rows["label"] = rows["place"] + t(": ", "：") + rows[f"indicator_{study.language}"]
    if place_id not in set(rows["place_id"]):
        gap = pd.DataFrame([{"label": study.name(place_id), "place_id": place_id}])
        rows = pd.concat([rows, gap.reindex(columns=rows.columns).astype(rows.dtypes.to_dict())])
    undated, phase = t("undated", "时点不详"), t("first phase", "首期")
    rows["note"] = [
        f"{row['value']:g}"
        + (f", {phase} {row['part']:g}" if pd.notna(row["part"]) else "")
        + f"  ({row['as_of'] if isinstance(row['as_of'], str) else undated}, {row['grade']})"
        if pd.notna(row["value"])
        else absent
        for row in rows.to_dict("records")
    ]
    with pictures.styled():
        figure, ax = pictures.new(7.0, 0.6 + 0.36 * len(rows))
        draw_noted_bars(ax, rows.assign(hollow=False), t("Size (100 million yuan)", "规模（亿元）"))
    record = record_of(
        study, "05b_funds",
        ("Public funds comparable to the one recommended", "与所建议基金可比的公共基金"),
        unit=("100 million yuan", "亿元"),
        note=("Sizes as reported, which need not be paid-in capital. Dark: the first phase, a part "
              "of the fund. The letter is the grade of the source.",
              "为报道规模，不一定已实缴。深色：首期，为该基金的一部分。字母为来源等级。"),
        source=[rows.loc[rows["value"].notna(), "source_id"]],
    )  # fmt: skip
    return figure, record, rows[["label", "value", "part", "as_of", "grade", "source_id"]]


CREDIT = (
    "srdi_loan_growth", "little_giant_credit_growth", "tiered_srdi_credit_growth",
    "technology_loan_growth",
)  # fmt: skip


def credit(study: Teller, sizes: pd.DataFrame, place_id: str) -> View:
    """Growth of credit to firms of the ladder, as quoted.

    Parameters
    ----------
    study : Teller
    sizes : DataFrame
        From :func:`quantity_rows`.
    place_id : str
        Province; there must be a row of :data:`CREDIT` for it.

    Returns
    -------
    figure, record, data
    """
    rows = sizes[sizes["indicator_id"].isin(CREDIT) & sizes["place_id"].eq(place_id)]
    rows = rows.dropna(subset=["value"]).sort_values("value", ascending=False)
    rows = rows.assign(
        label=[fill(text, 34) for text in rows[f"indicator_{study.language}"]],
        note=[f"{value:g} %" for value in rows["value"]], hollow=False,
    )  # fmt: skip
    with pictures.styled():
        figure, ax = pictures.new(6.6, 0.6 + 0.4 * len(rows))
        draw_noted_bars(ax, rows, study.t("Growth (%)", "增速（%）"))
    home, dates = study.name(place_id), "; ".join(sorted(set(rows["as_of"].dropna())))
    record = record_of(
        study, "05b_credit",
        (f"Growth of credit to firms of the ladder in {home}, as quoted",
         f"{home}各类企业信贷增速（引述）"),
        unit=("per cent, growth of the balance since the start of the year",
              "%，余额较年初增速"),
        period=study.t(f"up to {dates}", f"截至{dates}"), source=[rows["source_id"]],
        note=("Growth without a level tells neither how many firms were served nor how much they "
              "got. The source lists two tiers and two rates; their pairing follows the printed order.",
              "只有增速而无规模，无从得知惠及企业数与金额。来源并列两类企业与两个增速，按印刷次序对应。"),
    )  # fmt: skip
    return figure, record, rows[["indicator_id", "value", "as_of", "source_id"]]


def goal_scenarios(
    study: Teller, wanted: pd.DataFrame, known: pd.DataFrame, home: str, province_id: str,
    steps: Sequence[int],
) -> tuple[dict[str, list[int]], list[int], str, str, str, list[object]] | None:  # fmt: skip
    """Paths of one fractional goal that has a reference count, for :func:`moving_goal`.

    Of several reference counts the latest is taken, with the goal and the growth of the same
    indicator: registered and evaluated firms are two counts.

    Parameters
    ----------
    study : Teller
    wanted : DataFrame
        From ``policy.goals_by_reference``.
    known : DataFrame
        From ``policy.public_figures``.
    home : str
        Name of the place whose goal it is.
    province_id : str
    steps : sequence of int
        Years after the reference count.

    Returns
    -------
    paths, years, home, reference, reading, source or None
        The reading is the name of the goal's indicator. Paths by name: no growth; the province's growth since the reference count; the growth of the
        year before that the reference place's report implies. Those not on record are left out.
    """
    counted = wanted.dropna(subset=["firms_needed"]).sort_values("as_of")
    if counted.empty:
        return None
    goal = counted.iloc[-1]
    rates = {study.t("no growth", "不增长"): 0.0}
    cells: list[object] = [goal["source_id"]]
    indicator, reference = goal["indicator_id"], goal["reference_place_id"]
    later = known[known["as_of"].fillna("") >= goal["as_of"][:4]]
    region = goals.yearly_growth(later, province_id, indicator)
    if region:
        sign = "≥ " if region["at_least"] else ""
        rate, name = region["growth_pct"], study.name(province_id)
        until = region["last"]["as_of"]
        rates[f"{sign}{rate:.1f} %/{study.t('yr', '年')}, {name} {study.t('to', '至')} {until}"] = (
            rate
        )
        cells.append(region["source_id"])
    implied = policy.growth_check(known, reference, indicator)
    if implied:
        rate, name = implied["growth_pct"], study.name(reference)
        rates[f"{rate:.1f} %/{study.t('yr', '年')}, {name} {goal['as_of'][:4]}"] = rate
    paths = {
        name: [
            goals.moving_goal(goal["share"], float(goal["reference_count"]), round(rate, 6), step)
            for step in steps
        ]
        for name, rate in rates.items()
    }
    years = [int(goal["as_of"][:4]) + step for step in steps]
    return paths, years, home, study.name(reference), goal[f"indicator_{study.language}"], cells


def moving_goal(
    study: Teller, paths: Mapping[str, Sequence[int]], years: Sequence[int], home: str,
    reference: str, reading: str, source: Sequence[object],
) -> View:  # fmt: skip
    """The fractional goal of a place over the years, by growth of the reference place.

    Parameters
    ----------
    study : Teller
    paths : mapping
        Goals by year, by the name of the growth assumed.
    years : sequence of int
    home, reference : str
        Names of the two places.
    reading : str
        Name of the indicator counted.
    source : sequence
        Cells to cite.

    Returns
    -------
    figure, record, data
    """
    frame = pd.DataFrame(paths, index=pd.Index(years, name="year"))
    styles = ("-", "--", ":", "-.")
    with pictures.styled():
        figure, ax = pictures.new(6.8, 3.1)
        for style, (name, values) in zip(styles, frame.items(), strict=False):
            ax.plot(years, values, style, color=COLOURS["main"], marker="o", ms=3)
            ax.annotate(f"{values.iloc[-1]:,}  {name}", (years[-1], values.iloc[-1]), (6, 0),
                        textcoords="offset points", va="center", fontsize=7.5,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
        ax.set_xlim(years[0] - 0.2, years[-1] + 0.65 * (years[-1] - years[0]))
        ax.set_xticks(list(years))
        ax.set_ylim(0, frame.to_numpy().max() * 1.1)
        ax.set_ylabel(study.t("Firms needed", "所需企业数（家）"))
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.grid(axis="y")
    record = record_of(
        study, "05b_moving_goal",
        (f"The goal for {home} moves as {reference} grows", f"{home}的目标随{reference}增长而变动"),
        unit=(f"firms: {reading}", f"家：{reading}"),
        base=(f"count of {reference} in {years[0]}", f"{reference}{years[0]}年数"),
        source=study.cite(*source),
        note=("Scenarios, not forecasts: one growth rate is held for all years. A goal fixed on its "
              "base date is the flat line.",
              "为情景而非预测：各年按同一增速。固定于基准日的目标为水平线。"),
    )  # fmt: skip
    return figure, record, frame.reset_index()
