"""Cities of a province and districts of a city."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.completion import Counts, printed_counts, share_rounds_to
from helpers.evidence.provinces import Provinces
from helpers.evidence.sources import ids_of


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
        as_of, source_id, note_en. Only whole cities; single batches are left out. Of several dates
        the last is kept, of several ranges of batches at one date the widest; a count of newly
        recognised firms, which is no stock, only where nothing else is on record.
    """
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
    counts: pd.DataFrame, cities: Sequence[str], indicators: Sequence[str], new: str = "new"
) -> pd.DataFrame:
    r"""Counts as text with their dates, one row a city, one column an indicator.

    Parameters
    ----------
    counts : DataFrame
        From :func:`latest_counts`.
    cities, indicators : sequence of str
        Rows and columns wanted.
    new : str
        Word before a count of newly recognised firms.

    Returns
    -------
    DataFrame
        Cells such as ``"1,234\n(2022-10)"``, with ``>`` before a lower limit; missing where no
        figure is public.
    """
    texts = [
        (f"{new} " if row.measure == "newly_recognised" else "")
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
    latest = population.sort_values("as_of").drop_duplicates("place_id", keep="last")
    people = latest.rename(columns={"as_of": "population_as_of"})
    columns = ["place_id", "population_as_of", "residents_10k_persons"]
    merged = counts.merge(people[columns], on="place_id", how="left", validate="many_to_one")
    rate = merged["firms_count"].astype("Float64") / merged["residents_10k_persons"] * 100
    return merged.drop(columns="residents_10k_persons").assign(per_million=rate)


def district_table(districts: pd.DataFrame, reported: pd.Series) -> pd.DataFrame:
    """Population and firms of a city's districts as shares, and their ratio.

    Parameters
    ----------
    districts : DataFrame
        Table ``districts`` of one city.
    reported : Series of str
        Reported percentages by claim id, for districts whose count is unknown.

    Returns
    -------
    DataFrame
        The table with population_share_pct (missing unless every district's population is known),
        firm_share_pct (from counts if every district has one,
        else as reported, else missing) and quotient: the share of firms over the share of
        population, a location quotient against population. Above 1: more firms than people would
        suggest.
    """
    people = districts["census_population_2020_persons"].astype("Float64")
    counts = districts["srdi_firms_count"].astype("Float64")
    if len(counts) and counts.notna().all():
        firms = counts / counts.sum() * 100
    else:
        firms = pd.to_numeric(districts["share_claim_id"].map(reported)).astype("Float64")
    # Over an incomplete sum every share would be too large.
    population = people / people.sum(skipna=False) * 100
    return districts.assign(
        population_share_pct=population, firm_share_pct=firms, quotient=firms / population
    )


def industries_of(industries: pd.DataFrame, place_id: str) -> pd.DataFrame:
    """A city's industries from most to fewest firms.

    Parameters
    ----------
    industries : DataFrame
        Table ``industries``.
    place_id : str

    Returns
    -------
    DataFrame
        Rows of the city by rank; empty where none is on record.
    """
    return industries[industries["place_id"] == place_id].sort_values("rank", ignore_index=True)


def industry_problem(industries: pd.DataFrame, base: int, joint_share: str) -> Counts:
    """Counts of industries of which only the order and one joint share are known.

    The list is open-ended: the industries named have at most all firms. Each named industry has a
    firm, neighbours in the order may be equal, and a count that is on record is used as it is.

    Parameters
    ----------
    industries : DataFrame
        From :func:`industries_of`.
    base : int
        Number of all firms.
    joint_share : str
        Percentage of all firms in the industries with a share_claim_id, as printed; empty for none.

    Returns
    -------
    Counts
        Cells are ranks.

    Raises
    ------
    InfeasibleError
        No table of whole numbers fits.
    InputError
        The base is below 1 or the share is no percentage.

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1, 2], "firms_count": [None, None],
    ...                       "share_claim_id": ["C", "C"], "source_id": ["S", "S"]})
    >>> industry_problem(table, 8, "50").bounds({1: 1})
    Interval(lower=2, upper=3, exact=True)
    """
    counts = Counts()
    for rank in industries["rank"]:
        counts.add_cell(int(rank), base)
        counts.require(f"industry {rank} has a firm", {int(rank): 1}, 1, None)
    ranks = [int(rank) for rank in industries["rank"]]
    ids = ids_of(industries["source_id"])
    for larger, smaller in pairwise(ranks):
        text = f"industry {larger} has at least as many firms as {smaller}"
        counts.require(text, {larger: 1, smaller: -1}, 0, None, ids)
    if ranks:
        counts.require(f"at most all {base} firms", dict.fromkeys(ranks, 1), None, base, ids)
    for rank, count in zip(ranks, industries["firms_count"], strict=True):
        if pd.notna(count):
            counts.require(f"industry {rank}: {count}", {rank: 1}, int(count), int(count), ids)
    joint = [int(rank) for rank in industries.dropna(subset=["share_claim_id"])["rank"]]
    if joint and joint_share:
        fit = share_rounds_to(dict.fromkeys(joint, 1), base, joint_share)
        if fit is None:
            raise InputError(
                f"table industries: no number of {base} firms rounds to {joint_share} %"
            )
        counts.require(f"{joint_share} % of {base}", dict(fit.terms), fit.lower, fit.upper, ids)
    counts.check()
    return counts


def industry_bounds(industries: pd.DataFrame, base: int, joint_share: str) -> pd.DataFrame:
    """Fewest and most firms of each industry over all tables that fit what is known.

    Parameters
    ----------
    industries, base, joint_share
        See :func:`industry_problem`.

    Returns
    -------
    DataFrame
        Columns rank, name_zh, name_en, lower_count, upper_count, exact. Both counts are missing
        where no whole number of firms rounds to the joint share, so that no table fits it.

    Raises
    ------
    InfeasibleError
        The share can be met, but not beside the counts on record and the order.

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1], "name_zh": ["甲"], "name_en": ["A"],
    ...     "firms_count": [None], "share_claim_id": ["C"], "source_id": ["S"]})
    >>> industry_bounds(table, 7, "50")["upper_count"].isna().tolist()
    [True]
    """
    names = industries[["rank", "name_zh", "name_en"]]
    joint = industries["share_claim_id"].notna().any()
    if joint and joint_share and printed_counts(joint_share, base) is None:
        return names.assign(lower_count=pd.NA, upper_count=pd.NA, exact=False)
    counts = industry_problem(industries, base, joint_share)
    found = [counts.bounds({int(rank): 1}) for rank in industries["rank"]]
    return names.assign(
        lower_count=[one.lower for one in found],
        upper_count=[one.upper for one in found],
        exact=[one.exact for one in found],
    )


def city_bounds(problem: Provinces, first: int, last: int, basis: str) -> pd.DataFrame:
    """Bounds of the little giants of each city of a province, and of its rank among them.

    Parameters
    ----------
    problem : Provinces
        Built with ``within`` the province.
    first, last : int
        Batches, inclusive.
    basis : str

    Returns
    -------
    DataFrame
        Columns place_id, lower_count, upper_count, best_rank, worst_rank, exact; tied cities share
        the better rank.
    """
    sums = problem.sums(first, last, basis, problem.cities)
    rows = []
    for city, terms in sums.items():
        count, rank = problem.counts.bounds(terms), problem.counts.rank(city, sums)
        exact = count.exact and rank.exact
        rows.append((city, count.lower, count.upper, rank.lower, rank.upper, exact))
    names = ["place_id", "lower_count", "upper_count", "best_rank", "worst_rank", "exact"]
    return pd.DataFrame(rows, columns=names)
