"""Tables and drawings of the notebook on quantities, each with its record.

The functions that ``study.show`` and ``study.figure`` are given take the study first and return a
frame or a figure with its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import pandas as pd

from helpers.analysis import policy
from helpers.evidence.sources import ids_of, worst_grade
from helpers.publish import figures as pictures
from helpers.publish.figures import COLOURS, Record, points
from helpers.publish.policy_views import ABSENT_WORDS, goal_number, place_label
from helpers.publish.teller import Shown, Teller, View, heads_of, record_of

FUNDS = ("angel_fund_size", "guidance_fund_size", "scientist_fund_size")
FIRST_PHASES = {"angel_fund_first_phase": "angel_fund_size"}


PROGRESS_HEADS = {
    "place": ("Place", "地区"), "indicator": ("Indicator", "指标"),
    "goal": ("Goal (due)", "目标（期限）"), "goal_grade": ("Grade of the goal", "目标来源等级"),
    "figure": ("Best public figure", "公开数据"), "as_of": ("As of", "时点"),
    "grade": ("Grade of the figure", "数据来源等级"), "reached": ("Reached (%)", "完成度（%）"),
}  # fmt: skip


def progress_table(study: Teller, progress: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Goals and the figures beside them, with headings for readers.

    Parameters
    ----------
    study : Teller
    progress : DataFrame
        From ``policy.goal_progress``.
    sources : DataFrame
        Table ``sources``.

    Returns
    -------
    DataFrame
        One row per goal; figures and percentages as text with the sign of their comparison.
    """
    rows = []
    for row in progress.to_dict("records"):
        known = pd.notna(row["value"])
        sign = policy.SIGNS[row["figure_comparison"]] if known else ""
        rows.append([
            place_label(study, row["place_id"]), row[f"indicator_{study.language}"],
            goal_number(study, row), worst_grade(sources, ids_of(row["source_id"])),
            f"{sign}{row['value']:,.10g}" if known else None, row["as_of"], row["grade"],
            f"{sign}{row['reached_pct']:.1f}" if known else None,
        ])  # fmt: skip
    return pd.DataFrame(rows, columns=list(heads_of(study, **PROGRESS_HEADS).values()))


def quantity_rows(study: Teller, quantities: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """The quantities with place, value as text and grade added.

    Parameters
    ----------
    study : Teller
    quantities, sources : DataFrame
        Tables ``recommendation_quantities`` and ``sources``.

    Returns
    -------
    DataFrame
        The table with the columns place, shown (value with its sign) and grade added; shown and
        grade are blank where there is no value.
    """
    frame = quantities.copy()
    places = [place_label(study, place_id) for place_id in frame["place_id"]]
    frame["place"] = places + frame[f"part_{study.language}"].radd(study.t(": ", "：")).fillna("")
    known = frame["value"].notna()
    grades = pd.Series([worst_grade(sources, ids_of(cell)) for cell in frame["source_id"]])
    numbers = frame["comparison"].map(policy.SIGNS) + frame["value"].map("{:,.10g}".format)
    return frame.assign(grade=grades.set_axis(frame.index).where(known), shown=numbers.where(known))


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
            fontsize=points(7.5), color=COLOURS["ink"] if known else COLOURS["focal"],
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    ax.set_yticks(range(len(frame)), list(frame["label"]))
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_xlim(0, max([1.0, *frame["value"].dropna()]) * 1.6)
    ax.set_xlabel(unit)
    ax.grid(axis="x")


def bar_words(study: Teller, frame: pd.DataFrame) -> str:
    """Labels of bars with the notes behind them, in one line for readers who cannot see them.

    Parameters
    ----------
    study : Teller
    frame : DataFrame
        As for :func:`draw_noted_bars`.

    Returns
    -------
    str
    """
    labels = frame["label"].str.replace("\n", " ")
    pairs = labels + study.t(": ", "：") + frame["note"].str.replace("  ", " ")
    return str(study.t("; ", "；").join(pairs))


def goal_shown(study: Teller, goals: pd.DataFrame, place_id: str) -> Shown:
    """The fractional goals of a place, one row per reading and reference count.

    Parameters
    ----------
    study : Teller
    goals : DataFrame
        From ``policy.goals_by_reference``.
    place_id : str
        Place whose goals they are.

    Returns
    -------
    frame, record
    """
    home = study.name(place_id)
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


def _density_note(study: Teller, row: Mapping[Any, Any]) -> str:
    """Density, firms and distance in time behind a bar."""
    apart = study.t(f"; {row['months']} months apart", f"；相隔{row['months']}个月")
    apart = apart if row["months"] else ""
    return str(study.t(
        f"{row['density']:.2f}  ({row['firms']:,.0f} firms{apart})",
        f"{row['density']:.2f}（{row['firms']:,.0f}家{apart}）",
    ))  # fmt: skip


def goal_density(study: Teller, bars: pd.DataFrame, goals: pd.DataFrame, place_id: str) -> View:
    """The goal and the counts it is measured by, against residents.

    Parameters
    ----------
    study : Teller
    bars : DataFrame
        From ``policy.goal_bars``, not empty.
    goals : DataFrame
        From ``policy.goals_by_reference``.
    place_id : str
        Place whose goal it is.

    Returns
    -------
    figure, record, data
    """
    t, frame, home = study.t, bars.copy(), study.name(place_id)
    names = [study.name(place) for place in bars["place_id"]]
    wanted = bars["is_goal"].map({True: t(", goal", "（目标）"), False: ""})
    frame["label"] = names + wanted + "\n" + bars["as_of"]
    frame["note"] = [_density_note(study, row) for row in bars.to_dict("records")]
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
        alt=(f"Horizontal bars, firms per 10,000 residents. {bar_words(study, frame)}.",
             f"横条图，每万人企业数。{bar_words(study, frame)}。"),
    )  # fmt: skip
    return figure, record, frame


def targets_shown(
    study: Teller, progress: pd.DataFrame, sources: pd.DataFrame, province_id: str
) -> Shown:
    """Goals on record beside the best figure of the same place.

    Parameters
    ----------
    study : Teller
    progress : DataFrame
        From ``policy.goal_progress``.
    sources : DataFrame
        Table ``sources``.
    province_id : str

    Returns
    -------
    frame, record
    """
    place = study.name(province_id)
    record = record_of(
        study, "05b_targets",
        (f"Goals on record for {place}, its cities and the nation",
         f"{place}及所辖各市、全国已查得的目标"),
        unit=("as stated with the goal", "见目标列"), source=[progress["source_id"]],
        note=("A dash: no figure of that place on record. Goals of zones within a place are left "
              "out. The goal date may differ from the date of the figure.",
              "横线：该地区数据未查得。不含局部区域目标。目标期限与数据时点可能不同。"),
    )  # fmt: skip
    return progress_table(study, progress, sources), record


def quantities_shown(study: Teller, quantities: pd.DataFrame, sources: pd.DataFrame) -> Shown:
    """Sizes of instruments with their grade and note.

    Parameters
    ----------
    study : Teller
    quantities, sources : DataFrame
        Tables ``recommendation_quantities`` and ``sources``.

    Returns
    -------
    frame, record
    """
    sizes = quantity_rows(study, quantities, sources)
    heads = heads_of(
        study, recommendation_id=("No.", "建议"),
        **{f"indicator_{study.language}": ("Quantity", "数量指标")}, place=("Place", "地区"),
        shown=("Value", "数值"), **{study.t("unit", "unit_zh"): ("Unit", "单位")},
        as_of=("As of", "时点"), grade=("Grade", "等级"), **{f"note_{study.language}": ("Note", "说明")},
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
        Table ``recommendation_quantities``, or from :func:`quantity_rows`.
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
    >>> rows = fund_rows(tables.load("recommendation_quantities"), "210300")
    >>> rows[["place_id", "value", "part"]].head(1).values.tolist()
    [['210100', 100.0, 20.0]]
    """
    keys = ["place_id", "part_en", "indicator_id"]
    first = sizes[sizes["indicator_id"].isin(list(FIRST_PHASES))].dropna(subset=["value"])
    first = first.assign(indicator_id=first["indicator_id"].map(FIRST_PHASES))
    first = first.rename(columns={"value": "part"})[[*keys, "part"]].drop_duplicates(keys)
    kept = sizes["value"].notna() | sizes["place_id"].eq(place_id)
    rows = sizes[sizes["indicator_id"].isin(FUNDS) & kept].merge(first, on=keys, how="left")
    return rows.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _fund_note(study: Teller, row: Mapping[Any, Any]) -> str:
    """Size, first phase, date and grade behind a bar, or that nothing is on record."""
    if pd.isna(row["value"]):
        return str(study.t(*ABSENT_WORDS))
    date = row["as_of"] if isinstance(row["as_of"], str) else study.t("undated", "时点不详")
    part = study.t(", first phase ", "，首期") + f"{row['part']:g}" if pd.notna(row["part"]) else ""
    return str(study.t(
        f"{row['value']:g}{part}  ({date}, {row['grade']})",
        f"{row['value']:g}{part}（{date}，{row['grade']}）",
    ))  # fmt: skip


def funds(study: Teller, quantities: pd.DataFrame, sources: pd.DataFrame, place_id: str) -> View:
    """Bars of the funds comparable to the one recommended.

    Parameters
    ----------
    study : Teller
    quantities, sources : DataFrame
        Tables ``recommendation_quantities`` and ``sources``.
    place_id : str
        Focal place, shown even where nothing of it is on record.

    Returns
    -------
    figure, record, data
    """
    t, rows = study.t, fund_rows(quantity_rows(study, quantities, sources), place_id)
    rows["label"] = rows["place"] + t(": ", "：") + rows[f"indicator_{study.language}"]
    if place_id not in set(rows["place_id"]):
        gap = pd.DataFrame([{"label": study.name(place_id), "place_id": place_id}])
        rows = pd.concat([rows, gap.reindex(columns=rows.columns).astype(rows.dtypes.to_dict())])
    rows["note"] = [_fund_note(study, row) for row in rows.to_dict("records")]
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
        alt=(f"Horizontal bars, 100 million yuan. {bar_words(study, rows)}.",
             f"横条图，单位亿元。{bar_words(study, rows)}。"),
    )  # fmt: skip
    return figure, record, rows[["label", "value", "part", "as_of", "grade", "source_id"]]


CREDIT = (
    "srdi_loan_growth", "little_giant_credit_growth", "tiered_srdi_credit_growth",
    "technology_loan_growth",
)  # fmt: skip


def has_credit(quantities: pd.DataFrame, place_id: str) -> bool:
    """Whether growth of credit to firms of the ladder is on record for a place.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> [has_credit(tables.load("recommendation_quantities"), place) for place in ("210000", "320000")]
    [True, False]
    """
    rows = quantities[quantities["indicator_id"].isin(CREDIT) & quantities["place_id"].eq(place_id)]
    return bool(rows["value"].notna().any())


def credit(study: Teller, quantities: pd.DataFrame, place_id: str) -> View:
    """Growth of credit to firms of the ladder, as quoted.

    Parameters
    ----------
    study : Teller
    quantities : DataFrame
        Table ``recommendation_quantities``.
    place_id : str
        Province, for which :func:`has_credit` holds.

    Returns
    -------
    figure, record, data
    """
    rows = quantities[quantities["indicator_id"].isin(CREDIT) & quantities["place_id"].eq(place_id)]
    rows = rows.dropna(subset=["value"]).sort_values("value", ascending=False)
    rows = rows.assign(
        label=[fill(text, 34) for text in rows[f"indicator_{study.language}"]],
        note=[study.t(f"{value:g} %", f"{value:g}%") for value in rows["value"]], hollow=False,
    )  # fmt: skip
    with pictures.styled():
        figure, ax = pictures.new(6.6, 0.6 + 0.4 * len(rows))
        draw_noted_bars(ax, rows, study.t("Growth (%)", "增速（%）"))
    home, dates = (
        study.name(place_id),
        study.t("; ", "；").join(sorted(set(rows["as_of"].dropna()))),
    )
    record = record_of(
        study, "05b_credit",
        (f"Growth of credit to firms of the ladder in {home}, as quoted",
         f"{home}各类企业信贷增速（引述）"),
        unit=("per cent, growth of the balance since the start of the year",
              "%，余额较年初增速"),
        period=(f"up to {dates}", f"截至{dates}"), source=[rows["source_id"]],
        alt=(f"Horizontal bars, growth in per cent. {bar_words(study, rows)}.",
             f"横条图，增速（%）。{bar_words(study, rows)}。"),
        note=("Growth without a level tells neither how many firms were served nor how much they "
              "got. The source lists two tiers and two rates; their pairing follows the printed order.",
              "只有增速而无规模，无从得知惠及企业数与金额。来源并列两类企业与两个增速，按印刷次序对应。"),
    )  # fmt: skip
    return figure, record, rows[["indicator_id", "value", "as_of", "source_id"]]


def _path_name(study: Teller, path: pd.Series) -> str:
    """The growth that a path assumes, and where the rate is from."""
    if path["growth"] == "none":
        return str(study.t("no growth", "不增长"))
    limit = study.t("≥ ", "≥") if path["at_least"] else ""
    rate = f"{limit}{path['rate_pct']:.1f}"
    place, until = study.name(path["place_id"]), path["as_of"]
    if path["growth"] == "province":
        return str(
            study.t(f"{rate} %/yr, {place} to {until}", f"年增{rate}%（{place}，至{until}）")
        )
    return str(study.t(f"{rate} %/yr, {place} {until}", f"年增{rate}%（{place}，{until}年）"))


def moving_goal(study: Teller, paths: pd.DataFrame, place_id: str) -> View:
    """The fractional goal of a place over the years, by growth of the reference place.

    Parameters
    ----------
    study : Teller
    paths : DataFrame
        From ``goals.paths``, not empty.
    place_id : str
        Place whose goal it is.

    Returns
    -------
    figure, record, data
    """
    lines = {
        _path_name(study, group.iloc[0]): group.set_index("year")["firms"]
        for _, group in paths.groupby("growth", sort=False)
    }
    frame = pd.DataFrame(lines)
    years, styles = list(frame.index), ("-", "--", ":", "-.")
    with pictures.styled():
        figure, ax = pictures.new(6.8, 3.1)
        for style, (name, values) in zip(styles, frame.items(), strict=False):
            ax.plot(years, values, style, color=COLOURS["main"], marker="o", ms=3)
            ax.annotate(f"{values.iloc[-1]:,}  {name}", (years[-1], values.iloc[-1]), (6, 0),
                        textcoords="offset points", va="center", fontsize=points(7.5),
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
        ax.set_xlim(years[0] - 0.2, years[-1] + 0.65 * (years[-1] - years[0]))
        ax.set_xticks(years)
        ax.set_ylim(0, frame.to_numpy().max() * 1.1)
        ax.set_ylabel(study.t("Firms needed", "所需企业数（家）"))
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.grid(axis="y")
    return figure, _moving_record(study, paths, frame, study.name(place_id)), frame.reset_index()


def _moving_record(study: Teller, paths: pd.DataFrame, frame: pd.DataFrame, home: str) -> Record:
    goal, years = paths.iloc[0], list(frame.index)
    reference, reading = study.name(goal["reference_place_id"]), goal[f"indicator_{study.language}"]
    last = frame.iloc[-1]
    ends = study.t("; ", "；").join(
        study.t(f"{name}: {firms:,}", f"{name}：{firms:,}") for name, firms in last.items()
    )
    return record_of(
        study, "05b_moving_goal",
        (f"The goal for {home} moves as {reference} grows", f"{home}的目标随{reference}增长而变动"),
        unit=(f"firms: {reading}", f"家：{reading}"),
        base=(f"count of {reference} in {years[0]}", f"{reference}{years[0]}年数"),
        source=[paths["source_id"]],
        note=("Scenarios, not forecasts: one growth rate is held for all years. A goal fixed on its "
              "base date is the flat line.",
              "为情景而非预测：各年按同一增速。固定于基准日的目标为水平线。"),
        alt=(f"{frame.shape[1]} lines over the years {years[0]} to {years[-1]}, from "
             f"{frame.iloc[0, 0]:,} firms needed. In {years[-1]}: {ends}.",
             f"{years[0]}至{years[-1]}年的{frame.shape[1]}条线，起点均为所需{frame.iloc[0, 0]:,}家。"
             f"{years[-1]}年：{ends}。"),
    )  # fmt: skip
