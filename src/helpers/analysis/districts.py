"""Firms of a city's districts: what is known of them, per head, how concentrated, in what order.

Two kinds of interval, never mixed. *Identification bounds* say what the figures on record allow: the
counts are whole, at least zero, and add up to the city's. *Sampling intervals* are given for
districts whose count is one number, under the model that the docstrings name; a full list of firms
is a census and has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from helpers.analysis import checks
from helpers.analysis.concentration import concentration_ratio, herfindahl
from helpers.analysis.decomposition import quotient_interval
from helpers.analysis.intervals import orders_could_be_chance, poisson_interval, rate_orders
from helpers.errors import InputError
from helpers.evidence import granularity
from helpers.evidence.completion import Counts
from helpers.evidence.sources import ids_of

# Bases of one city's firms are looked for up to this number.
LARGEST_BASE = 400
PER = 10_000

Origin = Literal["counted", "implied", "unknown"]


@dataclass(frozen=True)
class DistrictFirms:
    """What is known of the firms of each district of a city.

    Parameters
    ----------
    counts : Counts
        One cell a district, keyed by district_id.
    base : int or None
        All firms of the city; None where nothing tells.
    bases : tuple of int
        Every base up to the limit that fits the printed shares and the counts on record; empty
        where no share was printed.
    origin : {"counted", "implied", "unknown"}
        Where the base comes from: the sum of counts on record, the printed shares, or nowhere.
    printed : mapping of district_id to str
        Shares as printed, in per cent; only those that were used.
    """

    counts: Counts
    base: int | None
    bases: tuple[int, ...]
    origin: Origin
    printed: Mapping[str, str]


def district_firms(
    districts: pd.DataFrame, reported: pd.Series, limit: int = LARGEST_BASE
) -> DistrictFirms:
    """Counts of a city's districts from counts on record and printed shares.

    Parameters
    ----------
    districts : DataFrame
        Table ``districts`` of one city; the districts together make up the city.
    reported : Series of str
        Printed percentages by claim id.
    limit : int
        Largest base that is tried for printed shares.

    Returns
    -------
    DistrictFirms
        If every district has a count, these are taken and printed shares are not needed. Else the
        base is the smallest one over which each printed share is some whole count and no count
        on record is contradicted; where there is no such base, the printed shares are left
        out and only the counts on record are used.

    Raises
    ------
    InputError
        A district stands twice, or a count is negative or no whole number.

    Notes
    -----
    That a base must make whole counts of every printed share is the GRIM test (Brown and Heathers
    2017), doi:10.1177/1948550616673876.

    Examples
    --------
    >>> table = pd.DataFrame({"district_id": ["a", "b", "c"], "srdi_firms_count": [None] * 3,
    ...     "share_claim_id": ["K", None, None], "source_id": ["S"] * 3})
    >>> found = district_firms(table, pd.Series({"K": "33.3"}))
    >>> found.base, found.counts.bounds({"a": 1}).upper, found.counts.bounds({"b": 1}).upper
    (3, 1, 2)
    """
    ids = districts["district_id"].astype("str")
    if ids.duplicated().any():
        raise InputError(
            f"table districts: {checks.shown(ids[ids.duplicated()])} stand twice. Give each "
            "district one row."
        )
    known = _known(districts, ids)
    if len(known) and len(known) == len(ids):
        return DistrictFirms(_problem(districts, known, {}), sum(known.values()), (), "counted", {})
    rows = districts.assign(share=districts["share_claim_id"].map(reported), key=ids)
    rows = rows[rows["share"].notna()]
    printed = {str(key): str(text) for key, text in zip(rows["key"], rows["share"], strict=True)}
    bases = _bases(printed, known, len(ids), limit)
    if not bases:
        return DistrictFirms(_problem(districts, known, {}), None, (), "unknown", {})
    fits = {key: _counts_of(text, bases[0]) for key, text in printed.items()}
    problem = _problem(districts, known, fits, bases[0])
    return DistrictFirms(problem, bases[0], tuple(bases), "implied", printed)


def _known(districts: pd.DataFrame, ids: pd.Series) -> dict[str, int]:
    """Counts on record by district."""
    filled = districts["srdi_firms_count"].notna()
    if not filled.any():
        return {}
    values = checks.counts(
        pd.Series(districts.loc[filled, "srdi_firms_count"].tolist(), index=ids[filled]),
        "table districts, column srdi_firms_count",
    )
    part = values[values % 1 != 0]
    if len(part):
        raise InputError(
            f"table districts, column srdi_firms_count: {part.iloc[0]:g} at {part.index[0]} is no whole "
            "number. Give a count of firms."
        )
    return {str(key): int(value) for key, value in values.items()}


def _counts_of(text: str, base: int) -> tuple[int, int]:
    fit = granularity.counts_for(text, base)  # not empty: the base was chosen so
    return fit[0], fit[-1]


def _bases(
    printed: Mapping[str, str], known: Mapping[str, int], units: int, limit: int
) -> list[int]:
    """Bases over which every printed share is a whole count and the counts on record fit."""
    found = granularity.common_bases(list(printed.values()), limit) if printed else []
    return [base for base in found if _base_fits(base, printed, known, units)]


def _base_fits(base: int, printed: Mapping[str, str], known: Mapping[str, int], units: int) -> bool:
    fits = {key: _counts_of(text, base) for key, text in printed.items()}
    if any(not fits[key][0] <= known[key] <= fits[key][1] for key in fits.keys() & known.keys()):
        return False
    ends = fits | {key: (count, count) for key, count in known.items()}
    if sum(low for low, _ in ends.values()) > base:
        return False
    # With no district left to take the remaining firms, the others must make up all of them.
    return len(ends) < units or sum(high for _, high in ends.values()) >= base


def _problem(
    districts: pd.DataFrame, known: Mapping[str, int], fits: Mapping[str, tuple[int, int]],
    base: int | None = None,
) -> Counts:  # fmt: skip
    """Districts as unknown counts under what is known of them."""
    counts = Counts()
    ids = districts["district_id"].astype("str").tolist()
    own = {key: ids_of([cell]) for key, cell in zip(ids, districts["source_id"], strict=True)}
    total = sum(known.values()) if len(known) == len(ids) else base
    for key in ids:
        counts.add_cell(key, total)
    for key, count in known.items():
        counts.require(f"district {key}: {count}", {key: 1}, count, count, own[key])
    for key, (low, high) in fits.items():
        text = f"district {key}: printed share of {base}"
        counts.require(text, {key: 1}, low, high, ids_of(own[key], ["STUDY"]))
    if base is not None and ids:
        sources = ids_of(*own.values(), ["STUDY"])
        counts.require(f"all {base} firms", dict.fromkeys(ids, 1), base, base, sources)
    return counts


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
        population, a location quotient against population, missing where a district has no
        residents or the city no firm. Above 1: more firms than people would suggest.
    """
    people = districts["census_population_2020_persons"].astype("Float64")
    counts = districts["srdi_firms_count"].astype("Float64")
    if len(counts) and counts.notna().all():
        firms = counts / (counts.sum() or pd.NA) * 100
    else:
        firms = pd.to_numeric(districts["share_claim_id"].map(reported)).astype("Float64")
    # Over an incomplete sum every share would be too large.
    population = people / people.sum(skipna=False) * 100
    quotient = firms / population.mask(people.eq(0).fillna(False))
    return districts.assign(
        population_share_pct=population, firm_share_pct=firms, quotient=quotient
    )


def _residents(districts: pd.DataFrame) -> pd.Series:
    """Residents by district; negative numbers are an error, blanks stay missing."""
    people = pd.to_numeric(districts["census_population_2020_persons"]).astype("Float64")
    wrong = districts.loc[(people < 0).fillna(False).astype(bool), "district_id"]
    if len(wrong):
        raise InputError(
            f"table districts, column census_population_2020_persons: negative at "
            f"{checks.shown(wrong)}. Give residents from 0, or leave the cell blank."
        )
    return people


def position_table(
    districts: pd.DataFrame, firms: DistrictFirms, level: float = 0.95
) -> pd.DataFrame:
    """Firms per 10,000 residents and location quotients of districts, with intervals.

    Parameters
    ----------
    districts : DataFrame
        Table ``districts`` of one city.
    firms : DistrictFirms
        From :func:`district_firms` of the same rows.
    level : float
        Of the sampling intervals.

    Returns
    -------
    DataFrame
        The rows with residents_persons, zone (functional zone without a code of GB/T 2260), lower_count and
        upper_count (identification bounds; equal where the count is one number; upper missing
        where nothing limits it), exact,
        lower_rate and upper_rate (the same per 10,000 residents), low_rate and high_rate (sampling
        interval, only where the count is one number), and likewise lower_quotient,
        upper_quotient, low_quotient and high_quotient. A district with no resident on
        record, or with none, has no rate and no quotient; quotients need the residents of
        every district and at least one firm.

    Raises
    ------
    InputError
        Residents are negative, or a district of the rows is not among `firms`.

    Notes
    -----
    Rates: Garwood (1936), see :func:`poisson_interval`. Quotients: a district's share of firms over
    its share of residents; interval of Clopper and Pearson (1934) for the share of firms,
    see :func:`helpers.analysis.decomposition.quotient_interval`. Residents are taken as
    known without error.

    Examples
    --------
    >>> table = pd.DataFrame({"district_id": ["210302", "X-HT"], "srdi_firms_count": [3, 1],
    ...     "census_population_2020_persons": [30_000, 10_000], "share_claim_id": [None, None],
    ...     "source_id": ["S", "S"]})
    >>> found = position_table(table, district_firms(table, pd.Series(dtype="str")))
    >>> found[["zone", "lower_rate", "lower_quotient"]].values.tolist()
    [[False, 1.0, 1.0], [True, 1.0, 1.0]]
    """
    people = _residents(districts)
    table = districts.assign(
        residents_persons=people, zone=~districts["district_id"].str.fullmatch(r"\d{6}")
    )
    bounds = [firms.counts.bounds({key: 1}) for key in districts["district_id"]]
    for side in ("lower", "upper"):
        ends = [getattr(one, side) for one in bounds]
        table[f"{side}_count"] = pd.array(ends, dtype="Int64")
    table["exact"] = [one.exact for one in bounds]
    every = people.sum(skipna=False)
    cells = list(zip(table["lower_count"], table["upper_count"], people, strict=True))
    rates = [_rates(low, high, own, level) for low, high, own in cells]
    quotients = [_quotients(low, high, own, every, firms.base, level) for low, high, own in cells]
    for kind, found in (("rate", rates), ("quotient", quotients)):
        for place, end in enumerate(("lower", "upper", "low", "high")):
            table[f"{end}_{kind}"] = pd.array([row[place] for row in found], dtype="Float64")
    return table


_Four = tuple[float | None, float | None, float | None, float | None]


def _rates(low: Any, high: Any, people: Any, level: float) -> _Four:
    """Bounds and sampling interval per 10,000 residents."""
    if pd.isna(people) or people == 0:
        return None, None, None, None
    scale = PER / float(people)
    if pd.isna(high):
        return low * scale, None, None, None
    if low < high:
        return low * scale, high * scale, None, None
    ends = poisson_interval(int(low), level)
    return low * scale, high * scale, ends[0] * scale, ends[1] * scale


def _quotients(low: Any, high: Any, people: Any, every: Any, base: int | None, level: float) -> _Four:  # fmt: skip
    """Bounds and sampling interval of the location quotient."""
    if not base or pd.isna(every) or pd.isna(people) or people == 0:
        return None, None, None, None
    scale = float(every) / float(people) / base
    if low < high:
        return low * scale, high * scale, None, None
    ends = quotient_interval(int(low), base, float(people), float(every), level)
    return low * scale, high * scale, ends[0], ends[1]


def quotients_by_base(
    districts: pd.DataFrame, firms: DistrictFirms, level: float = 0.95
) -> pd.DataFrame:
    """Location quotients of the districts with a share or a count, over every base that fits.

    Parameters
    ----------
    districts : DataFrame
        Table ``districts`` of one city.
    firms : DistrictFirms
        From :func:`district_firms` of the same rows.
    level : float
        Of the sampling intervals.

    Returns
    -------
    DataFrame
        A row a base and district whose share means one count over that base, or whose count is on
        record: base, district_id, firms_count, low, high (sampling interval of the quotient) and reading: ``above``,
        ``below`` or ``contains`` 1. No rows without printed shares, or where the residents of
        a district are unknown.

    Raises
    ------
    InputError
        Residents are negative.

    Notes
    -----
    A printed share fixes the quotient but not the number of firms behind it; more firms make a
    narrower interval. A count on record stays what it is, and its quotient falls as the base
    grows. Model as in :func:`position_table`.

    Examples
    --------
    >>> table = pd.DataFrame({"district_id": ["a", "b"], "srdi_firms_count": [None, None],
    ...     "census_population_2020_persons": [10, 90], "share_claim_id": ["K", None],
    ...     "source_id": ["S", "S"]})
    >>> found = quotients_by_base(table, district_firms(table, pd.Series({"K": "33.3"}), 30))
    >>> found.iloc[[0, -1]][["base", "firms_count", "reading"]].values.tolist()
    [[3, 1, 'contains'], [30, 10, 'above']]
    """
    columns = ["base", "district_id", "firms_count", "low", "high", "reading"]
    people = _residents(districts).set_axis(districts["district_id"])
    every = people.sum(skipna=False)
    known = _known(districts, districts["district_id"].astype("str"))
    rows: list[tuple[Any, ...]] = []
    for base in firms.bases if pd.notna(every) else ():
        fits = {key: _counts_of(text, base) for key, text in firms.printed.items()}
        points = {key: low for key, (low, high) in fits.items() if low == high} | known
        for key, count in points.items():
            if people[key] == 0:
                continue
            low, high = quotient_interval(count, base, float(people[key]), float(every), level)
            reading = "above" if low > 1 else "below" if high < 1 else "contains"
            rows.append((base, key, count, low, high, reading))
    return pd.DataFrame(rows, columns=columns)


def concentration_bounds(
    districts: pd.DataFrame, firms: DistrictFirms, largest: int = 3
) -> pd.DataFrame:
    """How concentrated a city's firms are over its districts, beside its residents.

    Parameters
    ----------
    districts : DataFrame
        Table ``districts`` of one city.
    firms : DistrictFirms
        From :func:`district_firms` of the same rows.
    largest : int
        Number n of the concentration ratio CRn; with fewer districts it is left out.

    Returns
    -------
    DataFrame
        Rows ``cr1``, ``cr<n>``, ``hhi`` (raw, from 1/N to 1) and ``hhi_normalised`` (from 0 to 1);
        columns index, lower, upper (over every whole-number table that fits), exact (both ends
        are attained), residents (the same index of the residents, missing unless all are
        known), units_count. No rows where the number of all firms is unknown or 0. One district
        has no normalised index.

    Raises
    ------
    InputError
        Residents are negative.

    Notes
    -----
    HHI: Herfindahl (1950), Hirschman (1964); normalised (H - 1/N) / (1 - 1/N). The bounds come from
    :class:`helpers.evidence.completion.Counts`. An index depends on how the city is cut up:
    compare only over the same units.

    Examples
    --------
    >>> table = pd.DataFrame({"district_id": ["a", "b"], "srdi_firms_count": [3, 1],
    ...     "census_population_2020_persons": [1, 1], "share_claim_id": [None, None],
    ...     "source_id": ["S", "S"]})
    >>> found = concentration_bounds(table, district_firms(table, pd.Series(dtype="str")))
    >>> found.set_index("index").loc["hhi", ["lower", "residents"]].tolist()
    [0.625, 0.5]
    """
    columns = ["index", "lower", "upper", "exact", "residents", "units_count"]
    people, units = _residents(districts), len(districts)
    if not firms.base:
        return pd.DataFrame(columns=columns)
    sums = {key: {key: 1} for key in districts["district_id"]}
    shares = people if people.notna().all() and people.sum() > 0 else None
    rows: list[tuple[Any, ...]] = []
    for n in dict.fromkeys((1, largest)):
        if n <= units:
            found = firms.counts.largest_sum(n, sums).over(firms.base)
            own = None if shares is None else concentration_ratio(shares.astype("float64"), n)
            rows.append((f"cr{n}", found.lower, found.upper, found.exact, own, units))
    squares = firms.counts.squares(sums).over(firms.base**2)
    hhi = None if shares is None else herfindahl(shares.astype("float64"))
    rows.append(("hhi", squares.lower, squares.upper, squares.exact, hhi, units))
    if units > 1:
        ends = [(end - 1 / units) / (1 - 1 / units) if end is not None else None
                for end in (squares.lower, squares.upper, hhi)]  # fmt: skip
        rows.append(("hhi_normalised", ends[0], ends[1], squares.exact, ends[2], units))
    numbers = dict.fromkeys(("lower", "upper", "residents"), "Float64")
    return pd.DataFrame(rows, columns=columns).astype(numbers)


def order_tests(table: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Whether the order of districts could be chance, by firms and by firms per resident.

    Parameters
    ----------
    table : DataFrame
        From :func:`position_table` with a column label; only districts whose count is one number
        are compared.
    level : float
        One minus the chance of calling any order of a kind real if all are equal.

    Returns
    -------
    DataFrame
        Column by (``firms`` or ``rate``), the columns of :func:`rate_orders`, level: whether both have
        the same count, or the same rate, and leading: whether the pair holds the first district of
        the kind or two neighbours in its order; no rows with fewer than two such districts
        or without a firm in them.

    Examples
    --------
    >>> rows = pd.DataFrame({"label": ["a", "b"], "lower_count": [20, 18], "upper_count": [20, 18],
    ...     "residents_persons": [900_000.0, 100_000.0]})
    >>> order_tests(rows)[["by", "larger", "could_be_chance"]].values.tolist()
    [['firms', 'a', True], ['rate', 'b', False]]
    """
    points = table[table["lower_count"].eq(table["upper_count"]).fillna(False)].set_index("label")
    counts = points["lower_count"].astype("int64")
    empty = rate_orders(pd.Series({"a": 1, "b": 1}), pd.Series({"a": 1, "b": 1})).iloc[:0]
    found = [empty.assign(by="")]
    if len(counts) > 1 and counts.any():
        found.append(orders_could_be_chance(counts, level).assign(by="firms"))
    peopled = points[points["residents_persons"].fillna(0) > 0]
    counts = peopled["lower_count"].astype("int64")
    if len(counts) > 1 and counts.any():
        people = peopled["residents_persons"].astype("float64")
        found.append(rate_orders(counts, people, level).assign(by="rate"))
    parts = [part for part in found if len(part)] or found[:1]
    every = pd.concat(parts, ignore_index=True)[["by", *empty.columns]]
    return every.assign(level=_level(every, points["residents_persons"]), leading=_leading(every))


def _level(orders: pd.DataFrame, residents: pd.Series) -> pd.Series:
    """Whether the districts of each pair have the same count, or the same rate."""
    rated = orders["by"] == "rate"
    first, second = (
        orders[f"{end}_count"] * orders[other].map(residents).where(rated, 1)
        for end, other in (("larger", "smaller"), ("smaller", "larger"))
    )
    return first.eq(second).fillna(False).astype(bool)


def _leading(orders: pd.DataFrame) -> pd.Series:
    """Whether a pair holds the first district of its kind, or two neighbours in the order."""
    marks = pd.Series(False, orders.index, dtype="bool")
    for _, pairs in orders.groupby("by"):
        # The last is ahead of none, so it has no entry.
        ahead = pairs["larger"].value_counts()
        first = pairs["larger"].map(ahead)
        second = pairs["smaller"].map(ahead).fillna(0)
        marks[pairs.index] = first.eq(ahead.max()) | (first - second).eq(1)
    return marks
