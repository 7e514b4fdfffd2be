"""Recommendations: what they rest on, what figures on record measure them, what a goal comes to.

Everything here is looking up, counting and exact arithmetic. A figure that no source gives stays
missing; no function fills it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.sources import ids_of, worst_grade
from helpers.evidence.tables import split_ids

NATION = "nation"
PART = "part"
LEVELS = ("city", "province", "nation", "elsewhere")
KINDS = ("figure", "goal", "document")
# A goal that the replicated study itself proposes is not evidence for its own recommendation.
OWN_SOURCE = "STUDY"

# Names under which the ministry's goals for the tiers join the table of goals.
_TIER_NAMES = {
    "innovative_sme": ("Innovative SMEs", "创新型中小企业"),
    "srdi_sme": ("SRDI SMEs", "专精特新中小企业"),
    "little_giant": ("Little giants", "国家级专精特新“小巨人”企业"),
    "single_champion": ("Single champions", "制造业单项冠军企业"),
}

_FIGURE_COLUMNS = [
    "place_id", "indicator_id", "value", "comparison", "rounded", "unit", "unit_zh", "as_of",
    "source_id",
]  # fmt: skip
_CELL_COLUMNS = ["measure_id", "kind", "level", "rows", "grade", "source_id"]


def public_figures(
    quantities: pd.DataFrame,
    city_counts: pd.DataFrame,
    province_series: pd.DataFrame,
    tier_stocks: pd.DataFrame,
) -> pd.DataFrame:
    """Every known figure on an indicator, from four tables in one form.

    Parameters
    ----------
    quantities, city_counts, province_series, tier_stocks : DataFrame
        Tables ``recommendation_quantities``, ``city_counts``, ``province_series`` and
        ``tier_stocks``.

    Returns
    -------
    DataFrame
        Columns place_id (``nation`` for the nation, ``part`` for a zone or another part of a
        place), indicator_id, value, comparison, rounded (False where the table does not say), unit,
        unit_zh, as_of, source_id. Rows without a
        value, of single batches and of firms newly recognised (which are no stock) are left out.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    >>> found = public_figures(*(tables.load(name) for name in names))
    >>> shenyang = (found.place_id == "210100") & (found.indicator_id == "tech_sme_registered")
    >>> found[shenyang].value.tolist()
    [9543.0]
    """
    first = quantities[quantities["value"].notna()]
    stock = city_counts["measure"].ne("newly_recognised") & city_counts["batch_from"].fillna(1).eq(
        1
    )
    second = city_counts[stock].rename(columns={"firms_count": "value", "area_zh": "part_en"})
    fourth = tier_stocks.rename(columns={"firms_count": "value", "tier_id": "indicator_id"})
    parts = [
        part.reindex(columns=[*_FIGURE_COLUMNS, "part_en"]).astype({"value": "float64"})
        for part in (first, second, province_series, fourth)
    ]
    frame = pd.concat(parts, ignore_index=True)
    place = frame["place_id"].astype("str").fillna(NATION).mask(frame["part_en"].notna(), PART)
    units = {"unit": "firms", "unit_zh": "家"}
    filled = {name: frame[name].astype("str").fillna(word) for name, word in units.items()}
    rounded = frame["rounded"].eq(True)
    return frame.assign(place_id=place, rounded=rounded, **filled)[_FIGURE_COLUMNS]


def all_goals(targets: pd.DataFrame, programme: pd.DataFrame) -> pd.DataFrame:
    """Every goal on record, from two tables in one form.

    Parameters
    ----------
    targets : DataFrame
        Table ``policy_targets``.
    programme : DataFrame
        Table ``programme_targets``: the ministry's goals for the tiers.

    Returns
    -------
    DataFrame
        The targets, followed by the programme's goals (national, in firms) for those tiers for
        which the targets hold no national goal with the same due date. Their target_id is ``P-``
        and the tier.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> goals = all_goals(tables.load("policy_targets"), tables.load("programme_targets"))
    >>> goals[goals.target_id.str.startswith("P-")].target_value.tolist()
    [100000.0, 1000.0]
    """
    nation = targets[targets["place_id"].isna() & targets["part_en"].isna()]
    stated = set(zip(nation["indicator_id"], nation["due"], strict=True))
    rows = []
    for goal in programme.to_dict("records"):
        tier = str(goal["tier"])
        if (tier, goal["due"]) in stated:
            continue
        english, chinese = _TIER_NAMES[tier]
        rows.append({
            "target_id": f"P-{tier}", "indicator_id": tier, "indicator_en": english,
            "indicator_zh": chinese, "target_value": float(goal["target_count"]),
            "comparison": "equal", "unit": "firms", "unit_zh": "家", "due": goal["due"],
            "source_id": goal["source_id"],
        })  # fmt: skip
    if not rows:
        return targets
    added = pd.DataFrame(rows).reindex(columns=targets.columns).astype(targets.dtypes.to_dict())
    return pd.concat([targets, added], ignore_index=True)


def months_between(first: str, second: str) -> int:
    """Months between two dates of year, month or day precision.

    Parameters
    ----------
    first, second : str
        ISO text; the middle of the span it names is taken.

    Returns
    -------
    int
        Rounded, never negative.

    Examples
    --------
    >>> months_between("2022-12-24", "2023-06-30"), months_between("2022", "2021-06-30")
    (6, 12)
    """
    middles = []
    for text in (first, second):
        span = pd.Period(text)
        middles.append(span.start_time + (span.end_time - span.start_time) / 2)
    return round(abs(middles[1] - middles[0]).days / (365.25 / 12))


def level_of(place_id: object, city_id: str, province_id: str) -> str:
    """Where a figure is from, seen from the focal city.

    Parameters
    ----------
    place_id : str or missing
        Missing or ``nation`` for the nation.
    city_id, province_id : str
        Focal place.

    Returns
    -------
    str
        One of :data:`LEVELS`.

    Examples
    --------
    >>> [level_of(item, "210300", "210000") for item in ("210300", "210000", None, "210200")]
    ['city', 'province', 'nation', 'elsewhere']
    """
    if not isinstance(place_id, str) or place_id == NATION:
        return "nation"
    return {city_id: "city", province_id: "province"}.get(place_id, "elsewhere")


def best_figure(
    figures: pd.DataFrame, sources: pd.DataFrame, indicator_id: str, place_id: str
) -> dict[str, Any] | None:
    """The figure to show of an indicator: the latest of grade A or B, else the latest of grade C.

    Parameters
    ----------
    figures : DataFrame
        From :func:`public_figures`.
    sources : DataFrame
        Table ``sources``.
    indicator_id, place_id : str

    Returns
    -------
    dict or None
        The row with its grade, and under ``later`` the latest row of a later date, with its grade,
        that was passed over for its weaker source (None where there is none); None where no figure
        is on record. Undated figures come last.

    Examples
    --------
    >>> sources = pd.DataFrame({"source_id": ["a", "c"], "grade": ["B", "C"]})
    >>> figures = pd.DataFrame({"place_id": ["1", "1"], "indicator_id": ["x", "x"],
    ...     "value": [5.0, 9.0], "as_of": ["2022", "2024"], "source_id": ["a", "c"]})
    >>> found = best_figure(figures, sources, "x", "1")
    >>> found["as_of"], found["later"]["as_of"], found["later"]["grade"]
    ('2022', '2024', 'C')
    """
    rows = figures[(figures["indicator_id"] == indicator_id) & (figures["place_id"] == place_id)]
    if rows.empty:
        return None
    grades = [worst_grade(sources, ids_of(cell)) for cell in rows["source_id"]]
    ranked = rows.assign(grade=grades, dated=rows["as_of"].fillna(""))
    ranked = ranked.sort_values("dated", ascending=False, kind="stable")
    weak = (ranked["grade"] == "C").to_numpy().argsort(kind="stable")
    first = ranked.iloc[weak[0]]
    newest = ranked.iloc[0]
    # Years and days of one year compare by their common start, so that neither is called later.
    shared = min(len(newest["dated"]), len(first["dated"]))
    is_later = newest["dated"][:shared] > first["dated"][:shared] and shared > 0
    later = {str(name): value for name, value in newest.items()} if is_later else None
    return {str(name): value for name, value in first.items()} | {"later": later}


def nearest_figure(
    figures: pd.DataFrame, sources: pd.DataFrame, indicator_id: str, city_id: str, province_id: str
) -> dict[str, Any] | None:
    """The figure of the focal city, else of its province, else of the nation.

    Parameters
    ----------
    figures : DataFrame
        From :func:`public_figures`.
    sources : DataFrame
        Table ``sources``.
    indicator_id, city_id, province_id : str

    Returns
    -------
    dict or None
        As from :func:`best_figure`.

    Examples
    --------
    >>> sources = pd.DataFrame({"source_id": ["a"], "grade": ["B"]})
    >>> figures = pd.DataFrame({"place_id": ["nation"], "indicator_id": ["x"], "value": [5.0],
    ...                         "as_of": ["2022"], "source_id": ["a"]})
    >>> nearest_figure(figures, sources, "x", "210300", "210000")["place_id"]
    'nation'
    """
    of_indicator = figures[figures["indicator_id"] == indicator_id]
    for place_id in (city_id, province_id, NATION):
        found = best_figure(of_indicator, sources, indicator_id, place_id)
        if found is not None:
            return found
    return None


def exact_share(value: float) -> Fraction:
    """A share as the fraction its decimal prints.

    Parameters
    ----------
    value : float
        Above 0, at most 1.

    Returns
    -------
    Fraction

    Raises
    ------
    InputError
        The value is no share.

    Examples
    --------
    >>> exact_share(0.25)
    Fraction(1, 4)
    """
    if not 0 < value <= 1:
        raise InputError(
            f"policy_targets: target_value {value} of a fraction_of target is not a share. "
            "Give a number above 0 and at most 1, for instance 0.25."
        )
    return Fraction(repr(float(value)))


def least_count(share: Fraction, count: float) -> int:
    """The smallest whole number of firms that is at least a share of a count.

    Parameters
    ----------
    share : Fraction
    count : float
        Read as the decimal it prints.

    Returns
    -------
    int

    Examples
    --------
    >>> least_count(Fraction(1, 4), 9543), least_count(Fraction(1, 4), 8)
    (2386, 2)
    """
    return math.ceil(share * Fraction(repr(float(count))))


def goals_by_reference(targets: pd.DataFrame, figures: pd.DataFrame, place_id: str) -> pd.DataFrame:
    """What each goal stated as a fraction of another place's count comes to.

    Parameters
    ----------
    targets : DataFrame
        Table ``policy_targets``.
    figures : DataFrame
        From :func:`public_figures`.
    place_id : str
        Place whose goals are wanted.

    Returns
    -------
    DataFrame
        One row per goal and public count of the reference place with the same indicator, or one
        row with blanks where there is none: target_id, indicator_id, indicator_en, indicator_zh,
        reference_place_id, share (Fraction), reference_count, as_of, exact (float), firms_needed
        (whole firms), own_count and source_id (of the count). The counts are of type Int64.

    Notes
    -----
    "At least a share s of n firms" needs the smallest whole number not below s n.

    Examples
    --------
    >>> targets = pd.DataFrame({"target_id": ["T"], "place_id": ["1"], "part_en": [None],
    ...     "indicator_id": ["x"], "indicator_en": ["X"], "indicator_zh": ["X"],
    ...     "target_value": [0.25], "comparison": ["fraction_of"], "reference_place_id": ["2"]})
    >>> figures = pd.DataFrame({"place_id": ["2"], "indicator_id": ["x"], "value": [9543.0],
    ...     "comparison": ["equal"], "as_of": ["2022"], "source_id": ["a"]})
    >>> goals_by_reference(targets, figures, "1")[["exact", "firms_needed"]].values.tolist()
    [[2385.75, 2386]]
    """
    columns = [
        "target_id", "indicator_id", "indicator_en", "indicator_zh", "reference_place_id", "share",
        "reference_count", "as_of", "exact", "firms_needed", "own_count", "source_id",
    ]  # fmt: skip
    chosen = targets["comparison"].eq("fraction_of") & targets["place_id"].eq(place_id)
    exactly = figures[figures["comparison"] == "equal"]
    rows = []
    for target in targets[chosen & targets["part_en"].isna()].to_dict("records"):
        share = exact_share(target["target_value"])
        same = exactly[exactly["indicator_id"] == target["indicator_id"]]
        own = same.loc[same["place_id"] == place_id].sort_values("as_of")["value"].tail(1)
        stated = {name: target[name] for name in columns[:5]}
        stated |= {"share": share, "own_count": int(own.iloc[0]) if len(own) else None}
        counts = same[same["place_id"] == target["reference_place_id"]].sort_values("as_of")
        for count in counts.to_dict("records"):
            exact = share * Fraction(repr(count["value"]))
            computed = {"reference_count": int(count["value"]), "as_of": count["as_of"]}
            computed |= {"exact": float(exact), "firms_needed": least_count(share, count["value"])}
            rows.append(stated | computed | {"source_id": count["source_id"]})
        if counts.empty:
            rows.append(stated)
    frame = pd.DataFrame(rows, columns=columns)
    whole = ("reference_count", "firms_needed", "own_count")
    return frame.astype(dict.fromkeys(whole, "Int64") | {"exact": "float64"})


def reconcile_growth(level: int, added: int, growth_pct: float) -> dict[str, float]:
    """What two of three reported numbers (level, firms added, growth) say of the third.

    Parameters
    ----------
    level : int
        Firms at the end of the year, above `added`.
    added : int
        Firms added in the year, above 0.
    growth_pct : float
        Growth in per cent as reported, above 0.

    Returns
    -------
    dict
        ``growth_pct`` implied by level and added, ``added`` implied by level and growth, ``level``
        implied by added and growth.

    Raises
    ------
    InputError
        The numbers leave no base to grow from.

    Examples
    --------
    >>> implied = reconcile_growth(9543, 2376, 36.18)
    >>> {name: round(value, 2) for name, value in implied.items()}
    {'growth_pct': 33.15, 'added': 2535.36, 'level': 8943.16}
    """
    if not 0 < added < level or growth_pct <= 0:
        raise InputError(
            f"level {level}, added {added} and growth {growth_pct} per cent leave no base: "
            "the level must exceed the number added, and both changes must be positive."
        )
    rate = growth_pct / 100
    return {
        "growth_pct": 100 * added / (level - added),
        "added": level * rate / (1 + rate),
        "level": added * (1 + rate) / rate,
    }


def growth_check(
    figures: pd.DataFrame, place_id: str, indicator_id: str
) -> dict[str, float] | None:
    """Reconcile a place's count with the firms added and the growth reported at the same date.

    Parameters
    ----------
    figures : DataFrame
        From :func:`public_figures`; the increment and the growth rate are the indicators
        ``<indicator>_added`` and ``<indicator>_growth``.
    place_id, indicator_id : str

    Returns
    -------
    dict or None
        As from :func:`reconcile_growth`, with the reported numbers under ``reported_level``,
        ``reported_added`` and ``reported_growth_pct``; None unless all three are on record for one
        date. The latest such date is taken.

    Examples
    --------
    >>> figures = pd.DataFrame({"place_id": ["1"] * 3, "as_of": ["2022"] * 3,
    ...     "indicator_id": ["x", "x_added", "x_growth"], "value": [110.0, 10.0, 10.0]})
    >>> round(growth_check(figures, "1", "x")["growth_pct"], 6)
    10.0
    """
    names = {indicator_id: "level", f"{indicator_id}_added": "added"}
    names[f"{indicator_id}_growth"] = "growth_pct"
    rows = figures[(figures["place_id"] == place_id) & figures["indicator_id"].isin(names)]
    wide = rows.pivot_table(index="as_of", columns="indicator_id", values="value", aggfunc="last")
    wide = wide.reindex(columns=list(names)).dropna().sort_index()
    if wide.empty:
        return None
    level, added, growth_pct = (float(value) for value in wide.iloc[-1])
    implied = reconcile_growth(round(level), round(added), growth_pct)
    reported = {"level": level, "added": added, "growth_pct": growth_pct}
    return implied | {f"reported_{name}": value for name, value in reported.items()}


def per_10k_residents(
    figures: pd.DataFrame, population: pd.DataFrame, indicator_id: str
) -> pd.DataFrame:
    """Firms of one indicator per 10,000 residents.

    Parameters
    ----------
    figures : DataFrame
        From :func:`public_figures`.
    population : DataFrame
        Table ``population``; a place's latest row is used whatever the date of the count.
    indicator_id : str

    Returns
    -------
    DataFrame
        Columns place_id, value, as_of, residents_10k_persons, population_as_of, density,
        source_id; places without a population or an exact count are left out.

    Examples
    --------
    >>> figures = pd.DataFrame({"place_id": ["1"], "indicator_id": ["x"], "value": [50.0],
    ...     "comparison": ["equal"], "as_of": ["2022"], "source_id": ["a"]})
    >>> people = pd.DataFrame({"place_id": ["1"], "as_of": ["2021"],
    ...     "residents_10k_persons": [10.0], "source_id": ["b"]})
    >>> per_10k_residents(figures, people, "x").density.tolist()
    [5.0]
    """
    counts = figures[(figures["indicator_id"] == indicator_id) & (figures["comparison"] == "equal")]
    people = population.dropna(subset=["residents_10k_persons"]).sort_values("as_of")
    people = people.drop_duplicates("place_id", keep="last")
    people = people.rename(columns={"as_of": "population_as_of", "source_id": "population_source"})
    merged = counts.merge(people, on="place_id")
    merged["density"] = merged["value"] / merged["residents_10k_persons"]
    merged["source_id"] = merged["source_id"] + ";" + merged["population_source"]
    columns = [
        "place_id", "value", "as_of", "residents_10k_persons", "population_as_of", "density",
        "source_id",
    ]  # fmt: skip
    return merged[columns].reset_index(drop=True)


def weaker_than_province(densities: pd.DataFrame, city_id: str, province_id: str) -> bool | None:
    """Whether a city has fewer firms per resident than its province at one date.

    Parameters
    ----------
    densities : DataFrame
        From :func:`per_10k_residents`.
    city_id, province_id : str

    Returns
    -------
    bool or None
        At the latest date both share; None where they share none.

    Examples
    --------
    >>> frame = pd.DataFrame({"place_id": ["1", "2"], "as_of": ["2022"] * 2, "density": [3.0, 4.0]})
    >>> weaker_than_province(frame, "1", "2"), weaker_than_province(frame, "3", "2")
    (True, None)
    """
    city = densities[densities["place_id"] == city_id].set_index("as_of")["density"]
    province = densities[densities["place_id"] == province_id].set_index("as_of")["density"]
    shared = sorted(set(city.index) & set(province.index))
    if not shared:
        return None
    return bool(city[shared[-1]] < province[shared[-1]])


def below_goal(goals: pd.DataFrame) -> bool | None:
    """Whether a place's own count lies below its goal.

    Parameters
    ----------
    goals : DataFrame
        From :func:`goals_by_reference`.

    Returns
    -------
    bool or None
        For the goal with the latest reference count among those whose own count is known; None
        where no goal has both.

    Examples
    --------
    >>> goals = pd.DataFrame({"own_count": [900, None], "firms_needed": [2386, 2386],
    ...                       "as_of": ["2022", "2023"]})
    >>> below_goal(goals), below_goal(goals.tail(1))
    (True, None)
    """
    known = goals.dropna(subset=["own_count", "firms_needed"]).sort_values("as_of")
    if known.empty:
        return None
    last = known.iloc[-1]
    return bool(last["own_count"] < last["firms_needed"])


def goal_bars(
    goals: pd.DataFrame, figures: pd.DataFrame, population: pd.DataFrame, city_id: str,
    province_id: str,
) -> pd.DataFrame:  # fmt: skip
    """Goals beside the counts they are measured by, per 10,000 residents.

    Parameters
    ----------
    goals : DataFrame
        From :func:`goals_by_reference`.
    figures, population : DataFrame
        From :func:`public_figures`, and the table ``population``.
    city_id, province_id : str
        Focal place.

    Returns
    -------
    DataFrame
        Columns place_id, is_goal, firms (count or firms needed), as_of, months (from the latest
        count of the reference place), population_as_of, density, source_id: for each goal the
        reference place, the goal, and of the province and the city itself the count nearest in
        time to the latest one of the reference place (of two as near, the earlier). Undated counts
        are left out. Empty where no goal has a reference count or no population is known.

    Examples
    --------
    >>> goals = pd.DataFrame({"indicator_id": ["x"], "reference_place_id": ["2"],
    ...     "firms_needed": [25], "as_of": ["2022"], "source_id": ["a"]})
    >>> figures = pd.DataFrame({"place_id": ["2"], "indicator_id": ["x"], "value": [100.0],
    ...     "comparison": ["equal"], "as_of": ["2022"], "source_id": ["a"]})
    >>> people = pd.DataFrame({"place_id": ["1", "2"], "as_of": ["2021", "2021"],
    ...     "residents_10k_persons": [5.0, 10.0], "source_id": ["b", "b"]})
    >>> goal_bars(goals, figures, people, "1", "9").density.tolist()
    [10.0, 5.0]
    """
    columns = [
        "place_id", "is_goal", "firms", "as_of", "months", "population_as_of", "density",
        "source_id",
    ]  # fmt: skip
    parts = []
    for indicator_id, group in goals.dropna(subset=["firms_needed"]).groupby("indicator_id"):
        latest = str(group["as_of"].max())
        needed = group.rename(columns={"firms_needed": "value"})
        needed = needed.assign(place_id=city_id, comparison="equal")
        wanted = per_10k_residents(needed, population, str(indicator_id)).assign(is_goal=True)
        rates = per_10k_residents(figures, population, str(indicator_id)).dropna(subset=["as_of"])
        rates = pd.concat([wanted, rates.assign(is_goal=False)])
        rates["months"] = [months_between(latest, date) for date in rates["as_of"]]
        reference = rates["place_id"].isin(group["reference_place_id"])
        near = rates[
            rates["place_id"].isin([province_id, city_id]) & ~reference & ~rates["is_goal"]
        ]
        near = near.sort_values(["months", "as_of"]).drop_duplicates("place_id")
        parts += [rates[rates["is_goal"]], rates[reference & ~rates["is_goal"]], near]
    if not parts:
        return pd.DataFrame(columns=columns)
    frame = pd.concat(parts, ignore_index=True).rename(columns={"value": "firms"})[columns]
    return frame.sort_values(["density", "place_id"], ascending=[False, True], ignore_index=True)


def goal_progress(
    targets: pd.DataFrame, figures: pd.DataFrame, sources: pd.DataFrame, places: Sequence[str]
) -> pd.DataFrame:
    """Goals with a number of their own beside the best public figure.

    Parameters
    ----------
    targets, sources : DataFrame
        From :func:`all_goals`, and the table ``sources``.
    figures : DataFrame
        From :func:`public_figures`.
    places : sequence of str
        Places wanted; goals of the nation are always included, those of a part of a place and
        those stated as a fraction never.

    Returns
    -------
    DataFrame
        Columns place_id, indicator_id, indicator_en, indicator_zh, target_value, comparison, unit,
        unit_zh, due, value, figure_comparison, as_of, grade (of the figure), reached_pct (a limit
        where the figure is one), source_id (of the goal).
        Figure columns are blank where none is on record.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    >>> figures = public_figures(*(tables.load(name) for name in names))
    >>> table = goal_progress(tables.load("policy_targets"), figures, tables.load("sources"),
    ...                       ["210000"])
    >>> table.query("indicator_id == 'srdi_sme'").reached_pct.round(1).tolist()
    [98.6]
    """
    chosen = targets["place_id"].isna() | targets["place_id"].isin(list(places))
    chosen &= targets["part_en"].isna() & (targets["comparison"] != "fraction_of")
    rows = []
    for goal in targets[chosen].to_dict("records"):
        place_id = goal["place_id"] if isinstance(goal["place_id"], str) else NATION
        found = best_figure(figures, sources, str(goal["indicator_id"]), place_id) or {}
        state = {name: found.get(name) for name in ("value", "as_of", "grade")}
        state["figure_comparison"] = found.get("comparison")
        reached = 100 * found["value"] / goal["target_value"] if found else None
        rows.append(goal | {"place_id": place_id} | state | {"reached_pct": reached})
    columns = [
        "place_id", "indicator_id", "indicator_en", "indicator_zh", "target_value", "comparison",
        "unit", "unit_zh", "due", "value", "figure_comparison", "as_of", "grade", "reached_pct",
        "source_id",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"value": "float64", "reached_pct": "float64"})


def _cells(
    measures: pd.DataFrame, rows: pd.DataFrame, kind: str, on: str, sources: pd.DataFrame
) -> list[dict[str, Any]]:
    """Cells of one kind; `rows` has the columns `on`, level and source_id."""
    found = []
    rows = rows[rows[on].isin(measures[on])]
    of_source = dict(zip(sources["source_id"].tolist(), sources["grade"].tolist(), strict=True))
    grades = {
        cell: max((str(of_source[source_id]) for source_id in ids_of(cell)), default="")
        for cell in rows["source_id"].unique()
    }
    groups = {key: group["source_id"] for key, group in rows.groupby([on, "level"])}
    levels = sorted(LEVELS)
    for measure in measures.to_dict("records"):
        for level in levels:
            group = groups.get((measure[on], level))
            if group is None:
                continue
            cell = {"measure_id": measure["measure_id"], "kind": kind, "level": level}
            grade, ids = min(map(grades.__getitem__, group)), ";".join(ids_of(group))
            found.append(cell | {"rows": len(group), "grade": grade, "source_id": ids})
    return found


def evidence_cells(
    measures: pd.DataFrame, figures: pd.DataFrame, targets: pd.DataFrame, documents: pd.DataFrame,
    sources: pd.DataFrame, city_id: str, province_id: str,
) -> pd.DataFrame:  # fmt: skip
    """What is on record on each measure: figures, goals and documents, by level of place.

    Parameters
    ----------
    measures, targets, documents, sources : DataFrame
        Tables ``recommendation_measures``, ``policy_targets``, ``policy_documents``, ``sources``.
    figures : DataFrame
        From :func:`public_figures`.
    city_id, province_id : str
        Focal place.

    Returns
    -------
    DataFrame
        One row per measure, kind (:data:`KINDS`) and level (:data:`LEVELS`) with something public:
        measure_id, kind, level, rows (how many), grade (of the best one), source_id (of all). Goals
        of the replicated study itself do not count; what holds for a part of a place counts as
        elsewhere.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    >>> figures = public_figures(*(tables.load(name) for name in names))
    >>> found = evidence_cells(
    ...     tables.load("recommendation_measures"), figures, tables.load("policy_targets"),
    ...     tables.load("policy_documents"), tables.load("sources"), "210300", "210000")
    >>> found.query("measure_id == 'R1M4' and kind == 'figure'").level.tolist()
    ['elsewhere', 'province']
    """
    goals = targets[targets["source_id"] != OWN_SOURCE]
    papers = documents.assign(measure_id=documents["measure_ids"].map(split_ids))
    papers = papers.explode("measure_id").dropna(subset=["measure_id"])

    def placed(frame: pd.DataFrame) -> pd.DataFrame:
        levels = [level_of(item, city_id, province_id) for item in frame["place_id"]]
        frame = frame.assign(level=levels)
        if "part_en" in frame:
            frame.loc[frame["part_en"].notna(), "level"] = "elsewhere"
        return frame

    counted = measures.dropna(subset=["indicator_id"])
    rows = _cells(counted, placed(figures), "figure", "indicator_id", sources)
    rows += _cells(counted, placed(goals), "goal", "indicator_id", sources)
    rows += _cells(measures, placed(papers), "document", "measure_id", sources)
    return pd.DataFrame(rows, columns=_CELL_COLUMNS)


def documentation_of(cells: pd.DataFrame, measure_ids: Sequence[str]) -> str:
    """How well public material of a place documents a set of measures.

    Parameters
    ----------
    cells : DataFrame
        From :func:`evidence_cells`.
    measure_ids : sequence of str

    Returns
    -------
    {"documented", "partly", "undocumented"}
        Documented: every measure has a figure and a goal or document of the focal city itself.
        Undocumented: no measure has anything of the city, its province or the nation.

    Examples
    --------
    >>> cells = pd.DataFrame({"measure_id": ["a", "a"], "kind": ["figure", "goal"],
    ...                       "level": ["city", "city"]})
    >>> documentation_of(cells, ["a"]), documentation_of(cells, ["a", "b"])
    ('documented', 'partly')
    """
    near = cells[cells["measure_id"].isin(measure_ids) & (cells["level"] != "elsewhere")]
    if near.empty:
        return "undocumented"
    own = near[near["level"] == "city"]
    measured = set(own.loc[own["kind"] == "figure", "measure_id"])
    decided = set(own.loc[own["kind"] != "figure", "measure_id"])
    return "documented" if set(measure_ids) <= measured & decided else "partly"


def claims_behind(measures: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """The claims each measure rests on, one row per pair.

    Parameters
    ----------
    measures, claims : DataFrame
        Tables ``recommendation_measures`` and ``claims``.

    Returns
    -------
    DataFrame
        Columns recommendation_id, measure_id, claim_id, kind.

    Examples
    --------
    >>> measures = pd.DataFrame({"recommendation_id": ["R1"], "measure_id": ["R1M1"],
    ...                          "rests_on_claim_ids": ["C1-05;C2-19"]})
    >>> claims = pd.DataFrame({"claim_id": ["C1-05", "C2-19"], "kind": ["order", "order"]})
    >>> claims_behind(measures, claims).claim_id.tolist()
    ['C1-05', 'C2-19']
    """
    pairs = measures.assign(claim_id=measures["rests_on_claim_ids"].map(split_ids))
    pairs = pairs.explode("claim_id").dropna(subset=["claim_id"])
    pairs = pairs[["recommendation_id", "measure_id", "claim_id"]]
    return pairs.merge(claims[["claim_id", "kind"]], on="claim_id", how="left")


def resting_on_one(pairs: pd.DataFrame) -> pd.Series:
    """Measures that rest on a single claim, counted by that claim.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`claims_behind`.

    Returns
    -------
    Series
        Number of measures by claim_id, most first, ties by claim_id.

    Examples
    --------
    >>> pairs = pd.DataFrame({"measure_id": ["a", "b", "b"], "claim_id": ["x", "x", "y"]})
    >>> resting_on_one(pairs).to_dict()
    {'x': 1}
    """
    alone = pairs.groupby("measure_id")["claim_id"].transform("size") == 1
    counts = pairs.loc[alone, "claim_id"].value_counts()
    return counts.sort_index().sort_values(ascending=False, kind="stable")


def indicator_names(*tables: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """English and Chinese names of indicators.

    Parameters
    ----------
    *tables : DataFrame
        With the columns indicator_id, indicator_en and indicator_zh; of two names for one id the
        last counts.

    Returns
    -------
    dict of str to (str, str)

    Examples
    --------
    >>> indicator_names(pd.DataFrame({"indicator_id": ["x"], "indicator_en": ["Firms"],
    ...                               "indicator_zh": ["企业"]}))
    {'x': ('Firms', '企业')}
    """
    columns = ["indicator_id", "indicator_en", "indicator_zh"]
    rows = pd.concat([table[columns] for table in tables]).dropna()
    return {key: (english, chinese) for key, english, chinese in rows.to_numpy().tolist()}


SIGNS = {"more_than": "> ", "less_than": "< ", "at_least": "≥ ", "at_most": "≤ ", "equal": ""}


def figure_text(row: Mapping[Any, Any] | None, language: str = "en", undated: str = "") -> str:
    """A figure as a reader sees it: sign, value, unit, date and grade.

    Parameters
    ----------
    row : mapping or None
        With value, comparison, unit, unit_zh, as_of and, if known, grade, and later: a row of
        a later date from a weaker source, told after it.
    language : {"en", "zh"}
    undated : str
        Stands for a missing date.

    Returns
    -------
    str
        Empty for None.

    Examples
    --------
    >>> figure_text({"value": 2465.0, "comparison": "equal", "unit": "firms", "unit_zh": "家",
    ...              "as_of": "2024-07", "grade": "B"})
    '2,465 firms (2024-07, B)'
    """
    if row is None:
        return ""
    unit = row["unit_zh"] if language == "zh" else row["unit"]
    times = "× " if unit[0].isdigit() else ""
    comma, semicolon, frame, word = {
        "en": (", ", "; ", " ({})", "later "), "zh": ("，", "；", "（{}）", "较新："),
    }[language]  # fmt: skip
    gap = " " if language == "en" or times else ""
    facts = [row["as_of"] if isinstance(row["as_of"], str) else undated, row.get("grade", "")]
    told = comma.join(filter(None, facts))
    number = f"{SIGNS[row['comparison']]}{row['value']:,.10g}{gap}{times}{unit}"
    later = row.get("later")
    if later:
        value = f"{word}{SIGNS[later['comparison']]}{later['value']:,.10g}"
        newer = comma.join([value, later["as_of"], later["grade"]])
        told = semicolon.join(filter(None, [told, newer]))
    return number + frame.format(told) if told else number
