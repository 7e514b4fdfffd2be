"""Cities of a province: their counts, what these allow, and tiers of cities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from helpers.analysis import checks
from helpers.analysis.mobility import breaks_table, classes_needed, natural_breaks
from helpers.errors import InputError
from helpers.evidence.completion import linear
from helpers.evidence.provinces import Provinces
from helpers.evidence.sources import ids_of


def with_sums(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts of cities with the sums of batches that are on record one by one.

    Parameters
    ----------
    counts : DataFrame
        Table ``city_counts``.

    Returns
    -------
    DataFrame
        For each whole city of which every batch from 1 to some later one has just one exact count,
        a row more: all these batches together, dated as the last of them, on their measure, or on
        none stated where they differ. Of a batch that is on record both announced and certified
        the final list, the certified one, is taken. A range on record by itself is not added.

    Examples
    --------
    >>> rows = pd.DataFrame({"place_id": "A", "area_zh": None, "indicator_id": "little_giant",
    ...     "batch_from": [1, 2], "batch_to": [1, 2], "measure": "certified", "firms_count": [3, 4],
    ...     "comparison": "equal", "as_of": ["2019", "2020"], "source_id": ["S", "T"], "note_en": None})
    >>> [str(value) for value in with_sums(rows).iloc[-1][["batch_to", "firms_count", "source_id"]]]
    ['2', '7', 'S;T']
    """
    single = counts["batch_from"].notna() & (counts["batch_from"] == counts["batch_to"])
    lists = counts["measure"].isin(("certified", "announced")) & (counts["comparison"] == "equal")
    rows = counts[single & lists & counts["area_zh"].isna()]
    added = []
    for (place, indicator), group in rows.groupby(["place_id", "indicator_id"], sort=False):
        certified = group["measure"] == "certified"
        final = set(group.loc[certified, "batch_to"])
        ordered = group[certified | ~group["batch_to"].isin(final)].sort_values(
            "batch_to", kind="stable"
        )
        # Two sources that give the same count of a batch do not make it doubtful.
        ordered = ordered.drop_duplicates(["batch_to", "firms_count"], keep="last")
        last = len(ordered)
        if last < 2 or ordered["batch_to"].tolist() != list(range(1, last + 1)):
            continue
        same = counts[(counts["place_id"] == place) & (counts["indicator_id"] == indicator)]
        same = same[same["area_zh"].isna()]
        if ((same["batch_from"] == 1) & (same["batch_to"] == last)).any():
            continue
        measures = ordered["measure"].unique()
        whole = ordered.iloc[-1].copy()
        whole["batch_from"], whole["firms_count"] = 1, int(ordered["firms_count"].sum())
        whole["measure"] = measures[0] if len(measures) == 1 else "not_stated"
        whole["source_id"] = ";".join(ids_of(ordered["source_id"]))
        added.append(whole)
    if not added:
        return counts
    extra = pd.DataFrame(added).astype(counts.dtypes.to_dict())
    return pd.concat([counts, extra], ignore_index=True)


def latest_counts(
    counts: pd.DataFrame, cities: Sequence[str], indicators: Sequence[str]
) -> pd.DataFrame:
    """The most recent count of each city and indicator.

    Parameters
    ----------
    counts : DataFrame
        Table ``city_counts``.
    cities : sequence of str
        place_id of the cities wanted.
    indicators : sequence of str

    Returns
    -------
    DataFrame
        Columns place_id, indicator_id, firms_count, measure, comparison, batch_from, batch_to,
        as_of, source_id, note_en. Only whole cities; single batches are left out, but for their sums
        (:func:`with_sums`). Of several dates
        the last is kept, of several ranges of batches at one date the widest; a count of newly
        recognised firms, which is no stock, only where nothing else is on record.
    """
    counts = with_sums(counts)
    several = counts["batch_from"].isna() | (counts["batch_from"] == 1)
    rows = counts[counts["area_zh"].isna() & several]
    rows = rows[rows["place_id"].isin(cities) & rows["indicator_id"].isin(indicators)]
    stock = (rows["measure"] != "newly_recognised").astype(int)
    ordered = rows.assign(stock=stock).sort_values(["stock", "as_of", "batch_to"], kind="stable")
    kept = ordered.drop_duplicates(["place_id", "indicator_id"], keep="last")
    return kept.drop(columns=["area_zh", "stock"]).sort_values(
        ["place_id", "indicator_id"], ignore_index=True
    )


def city_matrix(
    counts: pd.DataFrame, cities: Sequence[str], indicators: Sequence[str], new: str = "new "
) -> pd.DataFrame:
    r"""Counts as text with their dates, one row a city, one column an indicator.

    Parameters
    ----------
    counts : DataFrame
        From :func:`latest_counts`.
    cities, indicators : sequence of str
        Rows and columns wanted.
    new : str
        What stands before a count of newly recognised firms.

    Returns
    -------
    DataFrame
        Cells such as ``"1,234\n(2022-10)"``, with ``>`` before a lower limit; missing where no
        figure is public.
    """
    texts = [
        (new if row.measure == "newly_recognised" else "")
        + (">" if row.comparison == "more_than" else "")
        + f"{row.firms_count:,}\n({row.as_of})"
        for row in counts.itertuples()
    ]
    cells = counts.assign(cell=pd.Series(texts, counts.index, dtype="str"))
    table = cells.pivot(index="place_id", columns="indicator_id", values="cell")
    return table.reindex(index=cities, columns=indicators)


def per_million(counts: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Counts of cities with the latest population and the count per million residents.

    Parameters
    ----------
    counts : DataFrame
        From :func:`latest_counts`.
    population : DataFrame
        Table ``population``; of several dates the last is taken.

    Returns
    -------
    DataFrame
        The counts with population_as_of and per_million; missing where no population is on record.
    """
    people = _latest(population).rename(columns={"as_of": "population_as_of"})
    columns = ["place_id", "population_as_of", "residents_10k_persons"]
    merged = counts.merge(people[columns], on="place_id", how="left", validate="many_to_one")
    rate = merged["firms_count"].astype("Float64") / merged["residents_10k_persons"] * 100
    return merged.drop(columns="residents_10k_persons").assign(per_million=rate)


def _latest(population: pd.DataFrame) -> pd.DataFrame:
    """The last row of each place."""
    return population.sort_values("as_of").drop_duplicates("place_id", keep="last")


def latest_residents(population: pd.DataFrame, cities: Sequence[str]) -> pd.DataFrame:
    """The latest residents of some cities.

    Parameters
    ----------
    population : DataFrame
        Table ``population``.
    cities : sequence of str
        place_id of the cities wanted.

    Returns
    -------
    DataFrame
        Index place_id, in the order asked for; columns as_of, residents_10k_persons, source_id. Cities
        without residents on record have no row.

    Examples
    --------
    >>> table = pd.DataFrame({"place_id": ["A", "A"], "as_of": ["2020", "2021"],
    ...     "residents_10k_persons": [10.0, 11.0], "source_id": ["S", "S"]})
    >>> latest_residents(table, ["B", "A"])["residents_10k_persons"].to_dict()
    {'A': 11.0}
    """
    rows = _latest(population.dropna(subset=["residents_10k_persons"])).set_index("place_id")
    known = [city for city in cities if city in rows.index]
    return rows.loc[known, ["as_of", "residents_10k_persons", "source_id"]]


def city_bounds(
    problem: Provinces, first: int, last: int, basis: str, ranks: bool = True
) -> pd.DataFrame:
    """Bounds of the little giants of each city of a province, and of its rank among them.

    Parameters
    ----------
    problem : Provinces
        Built with ``within`` the province.
    first, last : int
        Batches, inclusive.
    basis : str
    ranks : bool
        Whether ranks are looked for, which takes several times as long as the rest.

    Returns
    -------
    DataFrame
        Columns place_id, lower_count, upper_count, best_rank, worst_rank, exact; tied cities share
        the better rank. Without `ranks` only the first three.
    """
    sums = problem.sums(first, last, basis, problem.cities)
    names = ["place_id", "lower_count", "upper_count", "best_rank", "worst_rank", "exact"]
    rows: list[tuple[object, ...]] = []
    for city, terms in sums.items():
        count = problem.counts.bounds(terms)
        rows.append((city, count.lower, count.upper))
        if ranks:
            rank = problem.counts.rank(city, sums)
            rows[-1] += (rank.lower, rank.upper, count.exact and rank.exact)
    return pd.DataFrame(rows, columns=names if ranks else names[:3])


def bounds_sources(
    problem: Provinces, bounds: pd.DataFrame, first: int, last: int, basis: str
) -> list[str]:
    """Sources on which the bounds of the cities of a province rest.

    Parameters
    ----------
    problem : Provinces
        Built with ``within`` the province.
    bounds : DataFrame
        From :func:`city_bounds` of the same batches and basis.
    first, last : int
        Batches, inclusive.
    basis : str

    Returns
    -------
    list of str
        source_id of the constraints from which an end of a bound follows, and of every constraint
        that names a count of these cities, which the ranks may rest on.
    """
    sums = problem.sums(first, last, basis, problem.cities)
    facts = []
    for row in bounds.itertuples():
        least = int(row.lower_count) or None  # nought needs no source
        most = None if pd.isna(row.upper_count) else int(row.upper_count)
        facts += problem.counts.grounds(sums[row.place_id], least, most)
    cells = {cell for terms in sums.values() for cell in terms}
    facts += [fact for fact in problem.counts.facts if cells & {cell for cell, _ in fact.terms}]
    return ids_of([";".join(fact.source_ids) for fact in facts if fact.source_ids])


_ORDERS = {
    ("entailed", "contradicted"): "more",
    ("contradicted", "entailed"): "fewer",
    ("contradicted", "contradicted"): "equal",
}


def focal_order(problem: Provinces, focal: str, first: int, last: int, basis: str) -> pd.DataFrame:
    """Whether each other city of a province surely has more or fewer little giants than one city.

    Parameters
    ----------
    problem : Provinces
        Built with ``within`` the province.
    focal : str
        place_id of a city of the province.
    first, last : int
        Batches, inclusive.
    basis : str

    Returns
    -------
    DataFrame
        Columns place_id and order: ``more``, ``fewer`` or ``equal`` where every table that fits has
        the other city above, below or level with the focal one, else ``open``; no row for
        the focal city.

    Raises
    ------
    InputError
        The focal city is not among those of the province.
    """
    if focal not in problem.cities:
        raise InputError(f"city {focal}: not among the cities of the province that was looked into")
    sums = problem.sums(first, last, basis, problem.cities)
    rows = []
    for other in (city for city in problem.cities if city != focal):
        gap = dict(sums[other]) | {cell: -c for cell, c in sums[focal].items()}
        more = problem.counts.decide(linear(gap, ">", 0))
        fewer = "contradicted" if more == "entailed" else problem.counts.decide(linear(gap, "<", 0))
        rows.append((other, _ORDERS.get((more, fewer), "open")))
    return pd.DataFrame(rows, columns=["place_id", "order"])


# --- Tiers of cities -----------------------------------------------------------------------------

# Fewer values than this make no tiers: two of two or three cities are always "two groups".
FEWEST_FOR_TIERS = 4
# More tiers than this are not looked for; nor more than half as many as there are values.
MOST_TIERS = 8


class Tiers(NamedTuple):
    """Tiers of some cities by one yardstick.

    ``known`` is the number of cities with a value, ``table`` that of
    :func:`helpers.analysis.mobility.breaks_table`, ``tiers_count`` their number under the rule and
    ``tier`` that of each city, 1 for the largest values. Without enough values ``table`` and
    ``tier`` are empty and ``tiers_count`` is 0; where no number of tiers meets the rule,
    ``tier`` is empty and ``tiers_count`` is 0.
    """

    known: int
    tiers_count: int
    table: pd.DataFrame
    tier: pd.Series

    def goodness(self) -> tuple[float, float]:
        """Goodness of variance fit of the tiers, and that of as many on evenly spread values."""
        row = self.table.set_index("classes_count").loc[self.tiers_count]
        return float(row["gvf"]), float(row["gvf_even"])


def tiers_of(values: pd.Series) -> Tiers:
    """Tiers by natural breaks, their number by a rule fixed beforehand.

    Parameters
    ----------
    values : Series, shape (cities,)
        One value a city, non-negative; missing where none is known.

    Returns
    -------
    Tiers
        Over the cities with a value; a city without one has no tier. Fewer than four distinct
        values make none. At most half as many tiers as distinct values (rounded up), and
        eight, are tried; where none of these numbers meets the rule there are no tiers.

    Raises
    ------
    InputError
        A value is negative, infinite or no number.

    Notes
    -----
    Fisher (1958), doi:10.1080/01621459.1958.10501479; the number of classes is that of
    :func:`helpers.analysis.mobility.classes_needed`: a rule of thumb, not a test.

    Examples
    --------
    >>> tiers_of(pd.Series({"a": 900.0, "b": 750.0, "c": 300.0, "d": 280.0, "e": None})).tier.to_dict()
    {'a': 1, 'b': 1, 'c': 2, 'd': 2}
    """
    known = values.dropna()
    numbers = checks.counts(known, "values of cities") if len(known) else known
    if numbers.nunique() < FEWEST_FOR_TIERS:
        return Tiers(len(known), 0, pd.DataFrame(), pd.Series(dtype="int64"))
    most = min(MOST_TIERS, (numbers.nunique() + 1) // 2)
    # One class more is looked at, so that of the last it is known what a further one adds.
    table = breaks_table(numbers, most + 1)
    count = classes_needed(table)
    if count > most:
        return Tiers(len(known), 0, table, pd.Series(dtype="int64"))
    tier = count - natural_breaks(numbers, count).classes
    return Tiers(len(known), count, table, tier)


def comparable_counts(counts: pd.DataFrame, cities: Sequence[str], indicator: str) -> pd.DataFrame:
    """The counts of cities that can be compared: one indicator, measure, range of batches and date.

    Parameters
    ----------
    counts : DataFrame
        Table ``city_counts``.
    cities : sequence of str
        place_id of the cities wanted.
    indicator : str

    Returns
    -------
    DataFrame
        Rows of the largest such group, the latest of equally large ones; no rows where there is
        none. Limits, zones, single batches and newly recognised firms, which are no stock, are
        left out. For announced and certified lists the batches say all, so their dates may
        differ. What was counted and is not stated is taken to be the same only within one source.
        Sums of single batches count as ranges (:func:`with_sums`).
    """
    counts = with_sums(counts)
    rows = counts[counts["place_id"].isin(cities) & counts["area_zh"].isna()]
    rows = rows[(rows["indicator_id"] == indicator) & (rows["comparison"] == "equal")]
    rows = rows[rows["measure"] != "newly_recognised"]
    rows = rows[rows["batch_from"].isna() | (rows["batch_from"] == 1)]
    listed = rows["measure"].isin(["announced", "certified"])
    unstated = rows["measure"] == "not_stated"
    rows = rows.assign(
        dated=rows["as_of"].where(~listed, ""), told_by=rows["source_id"].where(unstated, "")
    )
    keys = ["measure", "batch_from", "batch_to", "dated", "told_by"]
    groups = [group for _, group in rows.groupby(keys, dropna=False)]
    if not groups:
        return rows.drop(columns=["dated", "told_by"])
    best = max(groups, key=lambda group: (group["place_id"].nunique(), group["as_of"].max()))
    return best.drop(columns=["dated", "told_by"]).drop_duplicates("place_id", keep="last")


def tier_table(
    counts: pd.DataFrame, cities: Sequence[str], indicators: Sequence[str]
) -> pd.DataFrame:
    """How many cells of the table of cities and tiers of firms are known, and what they allow.

    Parameters
    ----------
    counts : DataFrame
        Table ``city_counts``.
    cities, indicators : sequence of str

    Returns
    -------
    DataFrame
        A row an indicator: indicator_id, cities_count, known_count (cities with a stock on record),
        comparable_count (those of one measure, range and date), compared (these as pairs of
        place_id and count, the largest first), as_of (their last date), tiers_count and gvf
        (goodness of variance fit; both missing with fewer than four comparable values, or where
        no number of tiers meets the rule) and first (place_ids of the first tier, joined by ``;``).
    """
    latest = latest_counts(counts, cities, indicators)
    stock = latest[latest["measure"] != "newly_recognised"]
    rows = []
    for indicator in indicators:
        known = int((stock["indicator_id"] == indicator).sum())
        group = comparable_counts(counts, cities, indicator)
        values = group.set_index("place_id")["firms_count"].sort_values(
            ascending=False, kind="stable"
        )
        found = tiers_of(values)
        first = ";".join(found.tier.index[found.tier == 1])
        fit = found.goodness()[0] if found.tiers_count else None
        compared = tuple((str(place), int(n)) for place, n in values.items())
        dated = group["as_of"].max() if len(group) else None
        rows.append(
            (indicator, len(cities), known, len(group), compared, dated,
             found.tiers_count or None, fit, first)
        )  # fmt: skip
    names = [
        "indicator_id", "cities_count", "known_count", "comparable_count", "compared", "as_of",
        "tiers_count", "gvf", "first",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype({"tiers_count": "Int64", "gvf": "Float64"})
