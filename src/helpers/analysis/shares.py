"""Counts, shares and ranks of provinces and cities, with what is not known kept apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.granularity import counts_for, interval
from helpers.evidence.provinces import LAST, Provinces
from helpers.evidence.sources import ids_of

# The measure of a province's cell that belongs to each basis. On every basis batch 4 is the final
# list (certified), the only batch whose final list is longer than the announced one.
_MEASURES: Mapping[str, Mapping[int, str]] = {
    "study": {b: "certified" if b <= 4 else "announced" for b in range(1, 8)},
    "certified": dict.fromkeys(range(1, 8), "certified"),
    "announced": {b: "certified" if b == 4 else "announced" for b in range(1, 8)},
}


@dataclass(frozen=True)
class Known:
    """A count that follows from sourced rows: the number and the rows' sources."""

    firms_count: int
    source_ids: tuple[str, ...]


def held(table: pd.DataFrame, places: Sequence[str]) -> int | None:
    """Firms that places have together, None unless each count is determined.

    Parameters
    ----------
    table : DataFrame
        Columns place_id and firms_count, missing where it is not determined.
    places : sequence of str
        place_id.

    Returns
    -------
    int or None

    Examples
    --------
    >>> table = pd.DataFrame({"place_id": ["a", "b"], "firms_count": pd.array([2, None], "Int64")})
    >>> held(table, ["a"]), held(table, ["a", "b"])
    (2, None)
    """
    counts = table.set_index("place_id")["firms_count"].loc[list(places)]
    return None if counts.isna().any() else int(counts.sum())


def basis_table(batches: pd.DataFrame, bases: pd.DataFrame) -> pd.DataFrame:
    """The figure each basis takes for each batch.

    Parameters
    ----------
    batches, bases : DataFrame
        Tables of these names.

    Returns
    -------
    DataFrame
        Columns basis, batch, firms_count, measure, year, source_id; a batch without a figure on a
        basis has no row.
    """
    figures = batches.drop(columns=["batch", "note_en"])
    merged = bases.drop(columns="source_id").merge(figures, on="figure_id", validate="many_to_one")
    columns = ["basis", "batch", "firms_count", "measure", "year", "source_id"]
    return merged[columns].sort_values(["basis", "batch"], ignore_index=True)


def basis_total(table: pd.DataFrame, basis: str, first: int, last: int) -> int | None:
    """National total of several batches on a basis.

    Parameters
    ----------
    table : DataFrame
        From :func:`basis_table`.
    basis : str
    first, last : int
        Batches, inclusive.

    Returns
    -------
    int or None
        None when some batch has no figure on the basis.

    Examples
    --------
    >>> frame = pd.DataFrame({"basis": ["study"] * 2, "batch": [1, 2], "firms_count": [248, 1584]})
    >>> basis_total(frame, "study", 1, 2), basis_total(frame, "study", 1, 3)
    (1832, None)
    """
    rows = table[(table["basis"] == basis) & table["batch"].between(first, last)]
    if len(rows) != last - first + 1:
        return None
    return int(rows["firms_count"].sum())


def _segments(rows: Iterable[Any], measures: Mapping[int, str]) -> dict[tuple[int, int], Known]:
    """Exact ranges of batches on a basis, keyed by the batch before the first and the last."""
    found: dict[tuple[int, int], Known] = {}
    for row in rows:
        first, last = int(row.batch_from), int(row.batch_to)
        if {measures[batch] for batch in range(first, last + 1)} != {row.measure}:
            continue
        known, key = Known(int(row.firms_count), tuple(ids_of(row.source_id))), (first - 1, last)
        other = found.setdefault(key, known)
        if other.firms_count != known.firms_count:
            raise InputError(
                f"table province_counts, place {row.place_id}, batches {span_text(first, last)}, "
                f"{row.measure}: {other.firms_count} {list(other.source_ids)} and "
                f"{known.firms_count} {list(known.source_ids)} disagree. Leave out one of the rows."
            )
    return found


class Cells:
    """Counts by place and batch that reported rows of one basis determine.

    Rows are chained: batches 1-3 less batches 1-2 gives batch 3. A province's figure includes its
    plan city, added where the row leaves it out. Rows on another measure (stock, database) and rows
    that do not say whether they include the plan city are not used.

    Parameters
    ----------
    counts, places : DataFrame
        Tables ``province_counts`` and ``places``.
    basis : {"study", "certified", "announced"}
    """

    def __init__(self, counts: pd.DataFrame, places: pd.DataFrame, basis: str) -> None:
        self.basis = basis
        self._units = places[places["level"] != "prefecture"]
        plan = places[places["plan_city"]].set_index("province_id")["place_id"].to_dict()
        rows: dict[str, list[Any]] = {}
        for row in counts.itertuples():
            rows.setdefault(str(row.place_id), []).append(row)
        self._links = {place: self._link(rows, place, plan.get(place)) for place in [*rows, *plan]}

    def _link(
        self, rows: Mapping[str, Sequence[Any]], place: str, plan_city: str | None
    ) -> dict[int, list[tuple[int, int, Known]]]:
        """Moves between batches: (to, +1 or -1, count) by the batch one stands after."""
        measures = _MEASURES[self.basis]

        def segments(of: str, includes: list[str]) -> dict[tuple[int, int], Known]:
            own = [row for row in rows.get(of, []) if row.includes_plan_city in includes]
            return _segments(own, measures)

        edges = segments(place, ["yes", "not_applicable"])
        if plan_city is not None:
            city = segments(plan_city, ["not_applicable"])
            for key, rest in segments(place, ["no"]).items():
                if key in city and key not in edges:
                    ids = dict.fromkeys((*rest.source_ids, *city[key].source_ids))
                    edges[key] = Known(rest.firms_count + city[key].firms_count, tuple(ids))
        links: dict[int, list[tuple[int, int, Known]]] = {}
        for (start, end), known in edges.items():
            links.setdefault(start, []).append((end, 1, known))
            links.setdefault(end, []).append((start, -1, known))
        return links

    def exact(self, place_id: str, first: int, last: int) -> Known | None:
        """A place's count over several batches, None where the rows do not determine it.

        Parameters
        ----------
        place_id : str
            Province, Corps or plan city.
        first, last : int
            Batches, inclusive.

        Returns
        -------
        Known or None
        """
        links = self._links.get(place_id, {})
        queue: deque[tuple[int, int, tuple[str, ...]]] = deque([(first - 1, 0, ())])
        seen = {first - 1}
        while queue:
            node, total, ids = queue.popleft()
            if node == last:
                return Known(total, tuple(dict.fromkeys(ids)))
            for other, sign, known in links.get(node, []):
                if other not in seen:
                    seen.add(other)
                    step = total + sign * known.firms_count
                    queue.append((other, step, (*ids, *known.source_ids)))
        return None

    def table(self, first: int, last: int) -> pd.DataFrame:
        """Counts of all 32 provincial units over several batches, unknown ones blank.

        Parameters
        ----------
        first, last : int
            Batches, inclusive.

        Returns
        -------
        DataFrame
            Columns place_id, name_zh, name_en, region, firms_count (nullable integer), source_id.
            Each province includes its plan city; the Corps is a unit of its own.
        """
        found = [self.exact(unit, first, last) for unit in self._units["place_id"]]
        frame = self._units[["place_id", "name_zh", "name_en", "region"]].reset_index(drop=True)
        values = [known.firms_count if known else None for known in found]
        frame["firms_count"] = pd.array(values, dtype="Int64")
        frame["source_id"] = [";".join(known.source_ids) if known else None for known in found]
        return frame


def span_text(first: int, last: int) -> str:
    """Name of a range of batches.

    Examples
    --------
    >>> span_text(1, 3), span_text(5, 5)
    ('1-3', '5')
    """
    return str(first) if first == last else f"{first}-{last}"


def with_shares(frame: pd.DataFrame, total: int) -> pd.DataFrame:
    """Add share and rank to a table of counts.

    Parameters
    ----------
    frame : DataFrame
        With a column firms_count (nullable integer).
    total : int
        Denominator of the shares, at least 1.

    Returns
    -------
    DataFrame
        With share_pct (missing where the count is), and rank: 1 for the largest, tied units sharing
        the better rank. Ranks are given only if every count is known.

    Examples
    --------
    >>> table = pd.DataFrame({"firms_count": pd.array([2, 5, 2], dtype="Int64")})
    >>> with_shares(table, 9)["rank"].tolist()
    [2, 1, 2]
    """
    complete = bool(frame["firms_count"].notna().all())
    ranks = frame["firms_count"].rank(ascending=False, method="min")
    shares = frame["firms_count"].astype("Float64") / total * 100
    missing = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame.assign(share_pct=shares, rank=ranks.astype("Int64") if complete else missing)


def status_table(
    cells: Cells, counts: pd.DataFrame, limits: pd.DataFrame, spans: Sequence[tuple[int, int]]
) -> pd.DataFrame:
    """How much is known of each province in each range of batches.

    Parameters
    ----------
    cells : Cells
        Its basis is the one on which a count is exact.
    counts, limits : DataFrame
        Tables ``province_counts`` and ``province_limits``.
    spans : sequence of (first, last)

    Returns
    -------
    DataFrame
        Index: place_id; columns: spans as text; cells: ``exact`` on the basis, ``other`` when only
        a figure on another measure is public, ``limit`` when only a bound is, else ``unknown``.
    """
    # A limit on valid titles does not bound the counts of a basis by itself.
    firm = limits[~limits["forecast"] & (limits["measure"] != "stock")]
    columns = {}
    for first, last in spans:
        exact = cells.table(first, last).set_index("place_id")["firms_count"].notna()
        same = counts[(counts["batch_from"] == first) & (counts["batch_to"] == last)]
        bounded = firm[(firm["batch_from"] == first) & (firm["batch_to"] == last)]
        within = ids_of(bounded["place_ids"])
        status = pd.Series("unknown", index=exact.index)
        status[exact.index.isin(within)] = "limit"
        status[exact.index.isin(same["place_id"])] = "other"
        status[exact] = "exact"
        columns[span_text(first, last)] = status
    return pd.DataFrame(columns)


def share_path(cells: Cells, totals: pd.DataFrame, place_id: str, last: int) -> pd.DataFrame:
    """Cumulative count and share of a place, batch by batch.

    Parameters
    ----------
    cells : Cells
    totals : DataFrame
        From :func:`basis_table`.
    place_id : str
    last : int
        Last batch.

    Returns
    -------
    DataFrame
        Columns batches (``"1-2"`` and on), firms_count and total_count (nullable integers),
        share_pct, units_known (of 32), source_id; blank where not determined.
    """
    rows = []
    for through in range(2, last + 1):
        known = cells.exact(place_id, 1, through)
        units = cells.table(1, through)["firms_count"].notna().sum()
        ids = ";".join(known.source_ids) if known else None
        count = known.firms_count if known else None
        total = basis_total(totals, cells.basis, 1, through)
        rows.append((span_text(1, through), count, total, int(units), ids))
    names = ["batches", "firms_count", "total_count", "units_known", "source_id"]
    frame = pd.DataFrame(rows, columns=names)
    frame = frame.astype({"firms_count": "Int64", "total_count": "Int64"})
    share = frame["firms_count"].astype("Float64") / frame["total_count"].astype("Float64") * 100
    return frame.assign(share_pct=share)


def path_bounds(
    path: pd.DataFrame, problem: Provinces, place_id: str, basis: str, ranks: bool = True
) -> pd.DataFrame:
    """The path of a share with what all completions allow of it, and the rank where it is settled.

    Parameters
    ----------
    path : DataFrame
        From :func:`share_path`.
    problem : Provinces
    place_id, basis : str
    ranks : bool
        Whether ranks are looked for, which takes several times as long as the rest.

    Returns
    -------
    DataFrame
        The path with lower_share_pct and upper_share_pct (missing beyond the last batch of the
        problem) and rank (nullable integer; missing unless only one is possible).
    """
    rows: list[tuple[float | int | None, ...]] = []
    for batches in path["batches"]:
        last = int(batches.rpartition("-")[2])
        if last > LAST:
            rows.append((None, None, None))
            continue
        share = problem.share(place_id, 1, last, basis)
        rank = problem.rank(place_id, 1, last, basis) if ranks else None
        ends = (None if end is None else 100 * float(end) for end in (share.lower, share.upper))
        rows.append((*ends, rank.lower if rank and rank.is_point else None))
    names = ["lower_share_pct", "upper_share_pct", "rank"]
    found = pd.DataFrame(rows, columns=names, index=path.index)
    types = {"lower_share_pct": "Float64", "upper_share_pct": "Float64", "rank": "Int64"}
    return path.join(found.astype(types))


def reported_totals(series: pd.DataFrame, counts: pd.DataFrame, place_id: str) -> pd.DataFrame:
    """All little-giant totals of a province on record, whatever they count, by date.

    Parameters
    ----------
    series, counts : DataFrame
        Tables ``province_series`` and ``province_counts``.
    place_id : str

    Returns
    -------
    DataFrame
        Columns as_of, batches, measure, value, source_id, note_en; blank where the source is
        silent. Single batches are left out.
    """
    told = series[(series["place_id"] == place_id) & (series["indicator_id"] == "little_giant")]
    rows = counts[(counts["place_id"] == place_id) & (counts["batch_from"] == 1)]
    rows = rows[rows["batch_to"] > 1]
    spans = [
        span_text(int(a), int(b)) for a, b in zip(rows["batch_from"], rows["batch_to"], strict=True)
    ]
    listed = rows.assign(batches=spans, value=rows["firms_count"])
    both = pd.concat([told, listed])
    columns = ["as_of", "batches", "measure", "value", "source_id", "note_en"]
    return both.reindex(columns=columns).sort_values("as_of", kind="stable", ignore_index=True)


def similar_economies(
    covariates: pd.DataFrame, place_id: str, year: int, tolerance: float = 0.2
) -> pd.DataFrame:
    """Provinces whose gross product lies near that of one province.

    Parameters
    ----------
    covariates : DataFrame
        Table ``province_covariates``.
    place_id : str
    year : int
    tolerance : float
        Largest relative distance, 0.2 for a fifth.

    Returns
    -------
    DataFrame
        Columns place_id, gdp_100m_cny, source_id; the province itself is left out. Empty where its
        own figure is missing.
    """
    rows = covariates[(covariates["variable"] == "gdp_100m_cny") & (covariates["year"] == year)]
    frame = rows.rename(columns={"value": "gdp_100m_cny"})
    own = frame.loc[frame["place_id"] == place_id, "gdp_100m_cny"]
    if own.empty or own.isna().any():
        return frame.iloc[:0][["place_id", "gdp_100m_cny", "source_id"]]
    near = (frame["gdp_100m_cny"] / own.iloc[0] - 1).abs() <= tolerance
    kept = frame[near & (frame["place_id"] != place_id)]
    return kept[["place_id", "gdp_100m_cny", "source_id"]].reset_index(drop=True)


def implied_later_share(
    earlier: str, both: str, earlier_total: int, both_total: int, parts: int = 1
) -> tuple[Fraction, Fraction]:
    """Share in the later batches that two printed cumulative shares imply.

    Parameters
    ----------
    earlier, both : str
        Percentages as printed, of the earlier batches and of all.
    earlier_total, both_total : int
        National totals; the second is the larger.
    parts : int
        Number of rounded shares that each printed one is the sum of.

    Returns
    -------
    (low, high)
        Percentages, the limits that the rounding of the two printed shares leaves.

    Raises
    ------
    InputError
        A text is no percentage, or the totals do not rise.

    Examples
    --------
    >>> [round(float(end), 2) for end in implied_later_share("4.48", "2.58", 4762, 12790)]
    [1.44, 1.46]
    """
    if not 0 <= earlier_total < both_total:
        raise InputError(f"totals {earlier_total} and {both_total}: the second must be larger")
    first, second = interval(earlier), interval(both)
    rest = both_total - earlier_total
    # Each further part may add half a unit of the last digit on either side.
    slack = [(one.high - one.low) / 2 * (parts - 1) for one in (first, second)]
    low = (second.low - slack[1]) * both_total - (first.high + slack[0]) * earlier_total
    high = (second.high + slack[1]) * both_total - (first.low - slack[0]) * earlier_total
    return low / rest, high / rest


def denominators(reported: Sequence[str], first: int, last: int) -> pd.DataFrame:
    """Which totals can have produced printed percentages.

    Parameters
    ----------
    reported : sequence of str
        Percentages as printed.
    first, last : int
        Totals to try, inclusive.

    Returns
    -------
    DataFrame
        Columns reported, base and counts (the whole counts that round to it, separated by ``;``),
        one row for each total that some count attains.

    Examples
    --------
    >>> denominators(["4.48"], 4714, 4718)["base"].tolist()
    [4714, 4715]
    """
    rows = [
        (text, base, ";".join(map(str, counts)))
        for text in reported
        for base in range(first, last + 1)
        if (counts := counts_for(text, base))
    ]
    return pd.DataFrame(rows, columns=["reported", "base", "counts"])
