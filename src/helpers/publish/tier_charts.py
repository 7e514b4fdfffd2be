"""Figures of the concept notebook: documents, the ladder, densities by country."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.analysis import tier_stocks
from helpers.publish import figures, tier_views
from helpers.publish.figures import COLOURS, Record
from helpers.publish.phrases import join_names, years_name
from helpers.publish.teller import Teller, View, Words, record_of
from helpers.publish.tier_views import ratio_text, step_name
from helpers.publish.timeline import draw_timeline, timeline_height

# How a count is printed decides its mark.
_MARKS = {
    ("equal", False): ("o", True), ("equal", True): ("o", False),
    ("more_than", False): ("^", False), ("more_than", True): ("^", False),
    ("less_than", False): ("v", False), ("less_than", True): ("v", False),
}  # fmt: skip


def legible(colour: str, contrast: float = 4.5) -> str:
    """A colour darkened until small letters in it can be read on white.

    Parameters
    ----------
    colour : str
    contrast : float
        Least ratio of luminances to white, as in WCAG 2.2, success criterion 1.4.3.

    Examples
    --------
    >>> legible("#0072B2"), legible("#E69F00")
    ('#0072b2', '#9b6b00')
    """
    from matplotlib.colors import to_hex, to_rgb

    def linear(part: float) -> float:
        return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)

    parts = to_rgb(colour)
    while True:
        light = sum(w * linear(p) for w, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
        if 1.05 / (light + 0.05) >= contrast:
            return str(to_hex(parts))
        parts = (parts[0] * 0.97, parts[1] * 0.97, parts[2] * 0.97)


def _legend(ax: Any, language: str) -> None:
    looks = [
        ("o", "ink", "ink", "exact", "确数"), ("o", "white", "ink", "rounded", "约数"),
        ("^", "white", "ink", "more than", "超过"), ("v", "white", "ink", "less than", "不到"),
        ("x", "grey", "grey", "does not fit", "与他源不符"), ("*", "white", "ink", "target", "目标"),
    ]  # fmt: skip
    colours = {**COLOURS, "white": "white"}
    handles = [
        ax.plot([], [], mark, ms=6, mfc=colours[face], mec=colours[edge], lw=0,
                label=zh if language == "zh" else en)[0]
        for mark, face, edge, en, zh in looks
    ]  # fmt: skip
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=6, handletextpad=0.1,
        columnspacing=1.0, borderaxespad=0.1,
    )  # fmt: skip


def stock_marks(
    ax: Any, stocks: pd.DataFrame, targets: pd.DataFrame, names: Mapping[str, str],
    colours: Mapping[str, str], language: str = "en",
) -> None:  # fmt: skip
    """Stocks of each tier over time on a logarithmic axis, every count marked by its kind.

    Points are not joined: a bound says nothing of the path between two dates. The last count is
    written beside the name of the tier, and every mark bears the number of its tier, so that colour
    is not needed to tell them apart.

    Parameters
    ----------
    ax : Axes
    stocks : DataFrame
        Columns as_of (ISO text), tier_id, firms_count, comparison, rounded and doubtful (bool: a
        cross is laid over the mark).
    targets : DataFrame
        Columns tier, target_count, due (ISO year); drawn as stars at the end of that year.
    names, colours : mapping of str to str
        Label and colour of each tier; tiers without a name are left out.
    language : {"en", "zh"}
        Of the legend.
    """
    shown = stocks.loc[stocks["tier_id"].isin(list(names))]
    numbers = _numbers(names)
    dates = pd.to_datetime(shown["as_of"], format="ISO8601")
    for when, row in zip(dates, shown.itertuples(), strict=True):
        mark, filled = _MARKS[str(row.comparison), bool(row.rounded)]
        colour = colours[str(row.tier_id)]
        ax.plot(when, row.firms_count, mark, ms=6, mfc=colour if filled else "white", mec=colour)
        if row.doubtful:
            ax.plot(when, row.firms_count, "x", ms=9, mec=COLOURS["grey"], mew=1.3)
        _number_mark(ax, when, row.firms_count, numbers[str(row.tier_id)], colour)
    for row in targets.loc[targets["tier"].isin(list(names))].itertuples():
        end, colour = pd.Timestamp(f"{row.due}-12-31"), colours[str(row.tier)]
        ax.plot(end, row.target_count, "*", ms=9, mfc="white", mec=colour)
        word = f"目标{row.target_count:,}" if language == "zh" else f"target {row.target_count:,}"
        ax.annotate(
            f"{numbers[str(row.tier)]} {word}", (end, row.target_count), xytext=(-6, 0), ha="right",
            va="center", textcoords="offset points", fontsize=figures.points(6.5), color=legible(colour),
        )  # fmt: skip
    ax.set_yscale("log")
    _label_tiers(ax, shown, targets, names, colours, language)
    ax.grid(axis="y")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    _legend(ax, language)


def _latest(stocks: pd.DataFrame, tier_ids: Sequence[str]) -> pd.DataFrame:
    """The last stock of each tier that has one, indexed by tier, in the order given."""
    ordered = stocks.sort_values("as_of", kind="stable")
    latest = ordered.drop_duplicates("tier_id", keep="last").set_index("tier_id")
    return latest.loc[[tier for tier in tier_ids if tier in latest.index]]


def _count_text(row: pd.Series, language: str) -> str:
    """A stock with the sign of a bound, and its date."""
    signs = {"more_than": "> ", "less_than": "< ", "equal": ""}
    count = f"{signs[str(row['comparison'])]}{row['firms_count']:,}"
    return f"{count}（{row['as_of']}）" if language == "zh" else f"{count} ({row['as_of']})"


def _numbers(names: Mapping[str, str]) -> dict[str, int]:
    return {tier: number for number, tier in enumerate(names, start=1)}


def _number_mark(ax: Any, when: pd.Timestamp, count: float, number: int, colour: str) -> None:
    ax.annotate(
        f"{number}", (when, count), xytext=(0, 3.6), textcoords="offset points", fontsize=figures.points(6),
        color=legible(colour), ha="center", va="bottom",
    )  # fmt: skip


def _label_tiers(
    ax: Any, shown: pd.DataFrame, targets: pd.DataFrame, names: Mapping[str, str],
    colours: Mapping[str, str], language: str,
) -> None:  # fmt: skip
    """Name, last count and its date of each tier, right of everything drawn and apart."""
    numbers = _numbers(names)
    ends = [*shown["as_of"], *(f"{due}-12-31" for due in targets["due"].str[:4])]
    right = pd.to_datetime(pd.Series(ends, dtype="str"), format="ISO8601").max()
    latest = _latest(shown, list(names)).sort_values("firms_count", ascending=False)
    heights = spread_down(list(latest["firms_count"]), _LABEL_DECADES["stocks"])
    for height, (tier, row) in zip(heights, latest.iterrows(), strict=True):
        ax.text(
            right + pd.Timedelta(days=60), height,
            f"{numbers[str(tier)]} {names[str(tier)]}\n{_count_text(row, language)}",
            color=legible(colours[str(tier)]), fontsize=figures.points(7.5), va="center", linespacing=1.1,
        )  # fmt: skip


# The side of its mark on which a ratio is written, in turn: neighbours keep apart.
_SIDES = (("right", -6), ("left", 6))
# Part of a power of ten that a label of two lines takes in each panel.
_LABEL_DECADES = {"stocks": 0.4, "ratios": 0.19}
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


def spread_down(values: Sequence[float], decades: float) -> list[float]:
    """Values on a logarithmic axis, moved down where they are too close to the one above.

    Parameters
    ----------
    values : sequence of float
        Positive, in descending order.
    decades : float
        Least distance, in powers of ten.

    Examples
    --------
    >>> [round(value, 1) for value in spread_down([100, 90, 1], 0.5)]
    [100.0, 31.6, 1.0]
    """
    found: list[float] = []
    for value in values:
        found.append(float(min(value, found[-1] / 10**decades)) if found else float(value))
    return found


def ratio_marks(
    ax: Any, ratios: pd.DataFrame, targets: pd.DataFrame, colours: Mapping[str, str], language: str
) -> None:
    """Ratios of neighbouring tiers by date; bounds point the way the true ratio lies.

    Parameters
    ----------
    ax : Axes
        With dates across; gets a logarithmic scale. Names of the steps stand right of it, at the
        height of the last ratio.
    ratios : DataFrame
        From :func:`helpers.analysis.tier_stocks.step_ratios`; those without a bound are left out.
    targets : DataFrame
        From :func:`helpers.analysis.tier_stocks.target_ratios`; a broken line for each ratio.
    colours : mapping of str to str
        Colour of each tier; a step has that of its upper tier.
    language : {"en", "zh"}
    """
    known = ratios.loc[ratios["bound"] != "none"].sort_values(["as_of", "ratio"], kind="stable")
    for step, part in known.groupby(["lower_tier", "upper_tier"], sort=False):
        for place, (_, row) in enumerate(part.iterrows()):
            _ratio_mark(ax, row, colours[str(step[1])])
            side, shift = _SIDES[place % 2]
            ax.annotate(
                ratio_text(row["ratio"], row["bound"], row["rounded"], language),
                (pd.Timestamp(row["as_of"]), row["ratio"]), xytext=(shift, 0), ha=side, va="center",
                textcoords="offset points", fontsize=figures.points(7.5), color=legible(colours[str(step[1])]),
                bbox={"fc": "white", "ec": "none", "pad": 0.3, "alpha": 0.85},
            )  # fmt: skip
    _label_steps(ax, known, colours, language)
    for ratio, part in targets.groupby("ratio"):
        ax.axhline(ratio, color=COLOURS["ink"], lw=0.9, ls=(0, (4, 3)), zorder=0)
        ax.annotate(
            _target_text(float(ratio), part, len(targets), language), (0.005, ratio),
            xycoords=("axes fraction", "data"), xytext=(0, 2), textcoords="offset points",
            fontsize=figures.points(7.5), va="bottom",
        )  # fmt: skip
    ax.set_yscale("log")
    drawn = [*known["ratio"], *targets["ratio"]]
    ticks = [tick for tick in _TICKS if min(drawn) / 2.5 < tick < max(drawn) * 2.5] if drawn else []
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.grid(axis="y")


def _label_steps(ax: Any, known: pd.DataFrame, colours: Mapping[str, str], language: str) -> None:
    steps = ["lower_tier", "upper_tier"]
    latest = known.groupby(steps).tail(1).sort_values("ratio", ascending=False)
    heights = spread_down(list(latest["ratio"]), _LABEL_DECADES["ratios"])
    for height, row in zip(heights, latest.itertuples(), strict=True):
        name = step_name(str(row.lower_tier), str(row.upper_tier), language)
        parts = ("对应", "对应\n") if language == "zh" else (" per ", "\nper ")
        ax.annotate(
            name.replace(*parts), (1.02, height), xycoords=("axes fraction", "data"),
            color=legible(colours[str(row.upper_tier)]), fontsize=figures.points(7.5), va="center", linespacing=1.1,
        )  # fmt: skip


def _ratio_mark(ax: Any, row: pd.Series, colour: str) -> None:
    mark, filled = _MARKS[str(row["bound"]), bool(row["rounded"])]
    when, face = pd.Timestamp(row["as_of"]), colour if filled else "white"
    ax.plot(when, row["ratio"], mark, ms=6, mfc=face, mec=colour)
    if row["doubtful"]:
        ax.plot(when, row["ratio"], "x", ms=9, mec=COLOURS["grey"], mew=1.3)


def _target_text(ratio: float, part: pd.DataFrame, steps: int, language: str) -> str:
    """What a line of the targets stands for: all steps, or those it names."""
    due = part["due"].iloc[0]
    comma = "、" if language == "zh" else ", "
    named = comma.join(
        step_name(lower, upper, language)
        for lower, upper in zip(part["lower_tier"], part["upper_tier"], strict=True)
    )
    if language == "zh":
        return f"{due}年目标，{'各层级' if len(part) == steps else named}：{ratio:g}"
    return f"targets for {due}, {'each step' if len(part) == steps else named}: {ratio:g}"


def density_bars(ax: Any, frame: pd.DataFrame, value: str, focal: str) -> None:
    """Horizontal bars of small rates in descending order, with the rate as printed to one decimal.

    Parameters
    ----------
    ax : Axes
    frame : DataFrame
        Index: labels; ties keep the order of the table.
    value : str
        Column of the bar's length.
    focal : str
        Label of the highlighted bar.
    """
    ordered = frame.sort_values(value, ascending=False, kind="stable")
    colours = [COLOURS["focal"] if name == focal else COLOURS["light"] for name in ordered.index]
    ax.barh(range(len(ordered)), ordered[value], color=colours, height=0.75)
    for position, length in enumerate(ordered[value]):
        ax.text(length, position, f" {length:.1f}", va="center", fontsize=figures.points(7))
    ax.set_yticks(range(len(ordered)), ordered.index, fontsize=figures.points(7))
    ax.set_ylim(len(ordered) - 0.4, -0.6)


def documents(study: Teller, national: pd.DataFrame) -> View:
    """Timeline of the national documents, those known to the year last in their year.

    Parameters
    ----------
    study : Teller
    national : DataFrame
        Columns issued, year, title_en, title_zh, source_id; a title in brackets loses them.

    Returns
    -------
    figure, record, data
    """
    language = study.language
    events = national[["issued", "source_id"]].assign(
        label=national[f"title_{language}"].str.strip("[]")
    )
    with figures.styled():
        figure, ax = figures.new(7.4, timeline_height(events))
        drawn = draw_timeline(ax, events, "label", "issued", language=language, by_end=True)
    about = record_of(
        study, "01_documents", ("National documents on SRDI firms", "专精特新国家层面文件"),
        source=[national["source_id"]],
        base=(f"{len(events)} documents found", f"已查得{len(events)}件"),
        period=years_name((national["year"].min(), national["year"].max()), study.t),
        note=(
            "Tax rules left out. Titles translated here; lists are described. A document of which "
            "only the year is known stands last in that year.",
            "不含税收文件；名单类文件为描述性名称。仅知年份的文件列于当年之末。",
        ),
        alt=_documents_alt(national),
    )  # fmt: skip
    return figure, about, drawn


def _documents_alt(national: pd.DataFrame) -> Words:
    by_year = national["year"].value_counts(sort=False)
    first, last, most = by_year.index.min(), by_year.index.max(), int(by_year.max())
    busy = sorted(by_year.index[by_year == most])
    return (
        f"Timeline from {first} to {last}, earliest document on top, one line with date and title "
        f"for each of {len(national)} documents. Most fall in {join_names(busy)}, {most} a year.",
        f"{first}至{last}年时间轴，自上而下由早到晚，{len(national)}件文件各占一行并标日期与题名。"
        f"以{join_names(busy, 'zh')}年最多，每年{most}件。",
    )


def ladder(study: Teller, stocks: pd.DataFrame, targets: pd.DataFrame) -> View:
    """Stocks of the tiers over time, and beneath them the ratio from step to step.

    Parameters
    ----------
    study : Teller
    stocks : DataFrame
        Table ``tier_stocks`` with column doubtful.
    targets : DataFrame
        Table ``programme_targets``.

    Returns
    -------
    figure, record, data
        The data are the stocks; the ratios stand in the table of ratios.
    """
    language = study.language
    names, colours = tier_views.tier_names(language), tier_views.tier_colours()
    ratios, planned = tier_stocks.step_ratios(stocks), tier_stocks.target_ratios(targets)
    with figures.styled():
        figure, (above, below) = figures.new(
            7.4, 6.3, nrows=2, sharex=True, gridspec_kw={"height_ratios": [3, 2]}
        )
        stock_marks(above, stocks, targets, names, colours, language)
        ratio_marks(below, ratios, planned, colours, language)
        figure.align_ylabels([above, below])
        above.set_ylabel(study.t("Firms (count, log scale)", "企业数（家，对数刻度）"))
        below.set_ylabel(
            study.t(
                "Firms per firm of the\ntier above (log scale)",
                "每家上层企业对应的\n下层企业数（对数刻度）",
            ),
            linespacing=1.4,
        )
    return figure, _ladder_record(study, stocks, ratios), stocks


def _ladder_alt(study: Teller, stocks: pd.DataFrame, ratios: pd.DataFrame) -> Words:
    """The last count of each tier and the range of the ratios drawn."""
    counts = []
    for tier, row in _latest(stocks, list(tier_views.DRAWN_TIERS)).iterrows():
        name = tier_views.unbroken(str(tier), study.language)
        counts.append(f"{name} {_count_text(row, study.language)}")
    drawn = ratios.loc[ratios["bound"] != "none"].sort_values("ratio", kind="stable")
    extent = (
        [
            ratio_text(row["ratio"], row["bound"], row["rounded"], study.language)
            for _, row in drawn.iloc[[0, -1]].iterrows()
        ]
        if len(drawn)
        else ["—", "—"]
    )
    return (
        "Two panels over the same years. Above, marks for the number of firms of each tier on a log "
        f"scale; the latest: {'; '.join(counts)}. "
        f"Below, {len(drawn)} ratios of neighbouring tiers, from {extent[0]} to {extent[1]}, with "
        "the targets as broken lines.",
        f"上下两幅共用时间轴。上图以对数刻度标出各层次企业数，最近数字：{'；'.join(counts)}。"
        f"下图为相邻层次的{len(drawn)}个比值，介于{extent[0]}与{extent[1]}之间，虚线为目标。",
    )


def _ladder_record(study: Teller, stocks: pd.DataFrame, ratios: pd.DataFrame) -> Record:
    start, end = stocks["as_of"].min(), stocks["as_of"].max()
    kinds = stocks["basis"].value_counts()
    cumulative, valid = (int(kinds.get(kind, 0)) for kind in ("cumulative", "valid"))
    unsaid = int(stocks["basis"].isna().sum())
    without = int((ratios["bound"] == "none").sum())
    return record_of(
        study, "01_ladder", ("National stocks of the tiers, and the steps between them",
                             "各层次企业全国存量及层级间比值"),
        source=[stocks["source_id"]],
        unit=("firms; firms of the lower tier per firm of the upper tier", "家；家/家"),
        basis=(
            f"as reported: {cumulative} counts cumulative, {valid} of valid titles, {unsaid} that do "
            "not say",
            f"按来源所载：累计认定{cumulative}项、复核后有效{valid}项、未说明{unsaid}项",
        ),
        period=(f"{start} to {end}", f"{start}至{end}"),
        note=(
            "A year alone is drawn at its start. Crossed: does not fit with a firmer figure, or with "
            "one no firmer. Stars: targets for the end of their year. Only stocks of one month are "
            f"divided, every version by every version; {without} pairs of two floors bound nothing "
            "and are not drawn. The pool of candidates stands in the data only.",
            "仅知年份者绘于年初。叉号：与更确切或同样不确切的数字不符。星号：年末目标。"
            f"仅同月存量相除，各种说法两两配对；{without}对均为下限，不构成界限，未绘出。"
            "培育库数量见数据，未绘出。",
        ),
        alt=_ladder_alt(study, stocks, ratios),
    )  # fmt: skip


def density(study: Teller, table: pd.DataFrame) -> View:
    """Bars of hidden champions per million inhabitants.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Table ``hidden_champion_density``.

    Returns
    -------
    figure, record, data
    """
    title = ("Hidden champions per million inhabitants", "每百万人口隐形冠军数")
    with figures.styled():
        figure, ax = figures.new(6.2, 4.2)
        bars = table.set_index(f"country_{study.language}")
        density_bars(ax, bars, "champions_per_million", study.t("China", "中国"))
        ax.set_xlabel(study.t(title[0], f"{title[1]}（家）"))
    about = record_of(
        study, "01_density", title, source=[table["source_id"]],
        unit=("firms per million inhabitants", "家/百万人"),
        base=(f"{len(table)} countries", f"{len(table)}个国家"),
        as_of=study.t(", ", "、").join(str(year) for year in table["year"].unique()),
        note=(
            "Countries and values paired by their order in the source.",
            "国家与数值按来源中的先后顺序配对。",
        ),
        alt=_density_alt(study, table),
    )  # fmt: skip
    return figure, about, table


def _density_alt(study: Teller, table: pd.DataFrame) -> Words:
    ordered = table.sort_values("champions_per_million", ascending=False, kind="stable")
    names, rates = ordered[f"country_{study.language}"].tolist(), ordered["champions_per_million"]
    own = ordered["country_en"].tolist().index("China")
    highest, lowest, china = rates.iloc[0], rates.iloc[-1], rates.iloc[own]
    return (
        f"Horizontal bars of {len(ordered)} countries in descending order, from {names[0]} "
        f"({highest:.1f}) to {names[-1]} ({lowest:.1f}). China, in another colour, is bar "
        f"{own + 1} with {china:.1f}.",
        f"{len(ordered)}个国家的横条按降序排列，由{names[0]}（{highest:.1f}）至"
        f"{names[-1]}（{lowest:.1f}）。中国以另色标出，居第{own + 1}条，为{china:.1f}。",
    )
