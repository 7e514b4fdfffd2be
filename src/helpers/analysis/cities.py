"""Cities of a province and districts of a city."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


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
