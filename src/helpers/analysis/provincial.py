"""Concentration, position and change of the provinces: exact where known, bounds where not.

The counts of batches 1-2 are complete; of later batches, and of each of the first two alone, only
fragments are. A statistic of complete counts is a number. Of incomplete ones it is the pair of
*identification bounds*: the smallest and the largest value over all whole-number tables that fit the
fragments, from :mod:`helpers.evidence.provinces`. Bounds of linear quantities (counts, the parts of
a shift-share analysis) are attained; those of the Herfindahl index may be wider than need be, and
``attained`` says so. Where a user supplies every count the bounds are points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.analysis import checks, concentration, decomposition
from helpers.analysis.shares import Cells, basis_total, span_text
from helpers.errors import InputError
from helpers.evidence.completion import Interval, ShareInterval
from helpers.evidence.granularity import interval as rounding
from helpers.evidence.provinces import LAST, Provinces

Span = tuple[int, int]
Ends = tuple[Fraction, Fraction]

# Of the year before the first list, so that no reference can be a result of it.
REFERENCE_YEAR = 2018
# Columns of the references: the census of 2020, then variables of ``province_covariates``.
REFERENCES = ("residents", "gdp", "rd_expenditure", "hightech_firms")
_VARIABLES = {
    "gdp_100m_cny": "gdp",
    "rd_expenditure_100m_cny": "rd_expenditure",
    "hightech_manufacturing_firms_count": "hightech_firms",
}
PARTS = ("change", "national", "between_blocks", "within_block", "competitive")


def spans_to_bound(last: int) -> list[Span]:
    """Ranges of batches that are bounded: some, since the largest sums take seconds to solve.

    Parameters
    ----------
    last : int
        2 or more.

    Returns
    -------
    list of (first, last)
        The first two batches together, each later batch alone, and all from the first through the
        third and through the last one.

    Examples
    --------
    >>> spans_to_bound(5)
    [(1, 2), (3, 3), (1, 3), (4, 4), (5, 5), (1, 5)]
    """
    last = min(last, LAST)
    ends = {2, 3, last}
    return [(a, b) for a, b in spans_through(last) if b > 1 and ((a == 1 and b in ends) or a > 2)]


def spans_through(last: int) -> list[Span]:
    """Ranges of batches up to a last one: each batch alone and all from the first, in order.

    Parameters
    ----------
    last : int
        1 or more.

    Returns
    -------
    list of (first, last)

    Examples
    --------
    >>> spans_through(3)
    [(1, 1), (2, 2), (1, 2), (3, 3), (1, 3)]
    """
    return [span for b in range(1, last + 1) for span in ([(b, b)] if b == 1 else [(b, b), (1, b)])]


@dataclass(frozen=True)
class Complete:
    """The counts of all provincial units over a range of batches.

    Parameters
    ----------
    span : (first, last)
    basis : str
        On which they are complete.
    counts : Series of int
        Index place_id; a province includes its plan city, the Corps is a unit of its own.
    source_ids : tuple of str
    """

    span: Span
    basis: str
    counts: pd.Series
    source_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """The range as text."""
        return span_text(*self.span)


def complete_spans(cells: Cells, certified: Cells, spans: Iterable[Span]) -> list[Complete]:
    """The ranges of batches whose count is known for every provincial unit.

    Parameters
    ----------
    cells : Cells
        Of the basis chosen.
    certified : Cells
        Of certified counts, which stand in for batches 1-2 where the basis chosen lacks them: that
        table is complete in any case.
    spans : iterable of (first, last)

    Returns
    -------
    list of Complete
        In the order of the spans; (1, 2) is always among them if it was asked for.
    """
    found = []
    for span in spans:
        for source in [cells] + ([certified] if span == (1, 2) else []):
            table = source.table(*span).set_index("place_id")
            if table["firms_count"].notna().all():
                ids = ";".join(table["source_id"]).split(";")
                counts = table["firms_count"].astype("int64")
                found.append(Complete(span, source.basis, counts, tuple(dict.fromkeys(ids))))
                break
    return found


# --- Growth and neighbours -----------------------------------------------------------------------


def batch_growth(
    totals: pd.DataFrame, problem: Provinces, cells: Cells, place_id: str, last: int
) -> pd.DataFrame:
    """New firms of each batch in the nation and in one province.

    Parameters
    ----------
    totals : DataFrame
        From :func:`helpers.analysis.shares.basis_table`.
    problem : Provinces
    cells : Cells
        Of the basis chosen.
    place_id : str
    last : int
        Last batch.

    Returns
    -------
    DataFrame
        Columns batch, total_count, growth_pct (of the national total over the batch before; blank
        for the first), lower_count, upper_count, lower_share_pct, upper_share_pct. Batches without
        a national total on the basis have no row. Beyond the last batch that is bounded, a count
        that is not known is blank.
    """
    rows = []
    for batch in range(1, last + 1):
        total = basis_total(totals, cells.basis, batch, batch)
        if total is None:
            continue
        known = cells.exact(place_id, batch, batch)
        found = Interval(None, None)
        if batch <= LAST:
            found = problem.count(place_id, batch, batch, cells.basis)
        elif known is not None:
            found = Interval(known.firms_count, known.firms_count)
        rows.append((batch, total, found.lower, found.upper))
    table = pd.DataFrame(rows, columns=["batch", "total_count", "lower_count", "upper_count"])
    table = table.astype(dict.fromkeys(table.columns, "Int64"))
    growth = table["total_count"].astype("Float64").pct_change() * 100
    consecutive = table["batch"].diff() == 1
    table.insert(2, "growth_pct", growth.where(consecutive.fillna(False).astype(bool)))
    for end in ("lower", "upper"):
        table[f"{end}_share_pct"] = table[f"{end}_count"] / table["total_count"] * 100
    return table


def neighbours(counts: pd.Series, focal: str, each_side: int = 4) -> pd.Series:
    """Units near a focal one in the order of the counts.

    Parameters
    ----------
    counts : Series
        Index: unit; no missing values.
    focal : str
    each_side : int
        Units above and below, 0 or more; more on one side where the other ends, and units tied
        with the last one on either side too.

    Returns
    -------
    Series
        In descending order; tied units in the order given.

    Raises
    ------
    InputError
        The focal unit is absent, or a count is missing or negative.

    Examples
    --------
    >>> neighbours(pd.Series({"A": 9, "B": 5, "C": 5, "D": 2, "E": 0}), "B", 1).to_dict()
    {'A': 9, 'B': 5, 'C': 5}
    """
    checks.counts(counts, "counts")
    if focal not in counts.index:
        raise InputError(f"unit {focal!r} is not among the {len(counts)} units. Give one of them.")
    ordered = counts.sort_values(ascending=False, kind="stable")
    at, size = int(ordered.index.get_loc(focal)), min(2 * each_side + 1, len(ordered))
    start = min(max(0, at - each_side), len(ordered) - size)
    window = ordered.iloc[start : start + size]
    return ordered[ordered.between(window.min(), window.max())]


# --- Concentration -------------------------------------------------------------------------------


def _row(found: ShareInterval, what: str) -> dict[str, Any]:
    low = 0.0 if found.lower is None else float(found.lower)
    high = 1.0 if found.upper is None else float(found.upper)
    # The sum of squares is at most that of one unit with all.
    return {"index": what, "low": max(0.0, low), "high": min(1.0, high), "attained": found.exact}


def concentration_bounds(
    problem: Provinces, spans: Sequence[Span], basis: str, top: Sequence[int] = (5,)
) -> pd.DataFrame:
    """Identification bounds of concentration ratios and of the Herfindahl index.

    Parameters
    ----------
    problem : Provinces
    spans : sequence of (first, last)
        Within the batches that are bounded; others are skipped.
    basis : str
    top : sequence of int
        Numbers of largest units.

    Returns
    -------
    DataFrame
        Columns batches, index (``cr5``, ``hhi``), low, high (fractions) and attained: whether both
        ends are values of some completion. Where not, they are outer bounds: true, but perhaps
        wider than the figures force them to be.
    """
    rows = []
    for span in spans:
        if span[1] > LAST:
            continue
        found = [_row(problem.concentration(n, *span, basis), f"cr{n}") for n in top]
        found.append(_row(problem.herfindahl(*span, basis), "hhi"))
        rows += [{"batches": span_text(*span)} | row for row in found]
    table = pd.DataFrame(rows, columns=["batches", "index", "low", "high", "attained"])
    # Where both ends are one value it is attained, whatever the solver could prove.
    return table.assign(attained=table["attained"].astype(bool) | (table["low"] == table["high"]))


def concentration_table(known: Sequence[Complete], top: Sequence[int]) -> pd.DataFrame:
    """Indices of the complete ranges of batches side by side.

    Parameters
    ----------
    known : sequence of Complete
    top : sequence of int

    Returns
    -------
    DataFrame
        Columns index, one a range of batches, then lowest and highest (what the index can be for as
        many units). Zero counts as :mod:`helpers.analysis.concentration` says.

    Raises
    ------
    InputError
        No range is complete, or all counts of one are zero.
    """
    tables = {
        item.name: concentration.indices(item.counts, top).set_index("index") for item in known
    }
    if not tables:
        raise InputError("no range of batches is complete; concentration needs every count")
    joined = pd.DataFrame({name: table["value"] for name, table in tables.items()})
    limits = next(iter(tables.values()))[["lowest", "highest"]]
    return joined.join(limits).reset_index()


def theil_table(counts: pd.Series, places: pd.DataFrame, plan: Mapping[str, int]) -> pd.DataFrame:
    """Theil index split by region, and by whether an area is a plan city.

    Parameters
    ----------
    counts : Series
        Of all provincial units, provinces with their plan city.
    places : DataFrame
        Table of this name.
    plan : mapping of place_id to int
        Counts of the plan cities; each is taken out of its province, so that the second split has
        more areas than the first. Empty where some are unknown: the second split is then left out.

    Returns
    -------
    DataFrame
        Columns split (``region``, ``plan_city``), group, units_count, total, share, theil, between
        and within; a last row a split with group ``all``.

    Raises
    ------
    InputError
        A plan city has more firms than its province.
    """
    frame = places.set_index("place_id")
    splits = {"region": (counts, frame["region"].reindex(counts.index))}
    if plan:
        areas = counts.astype("int64").copy()
        for city, number in plan.items():
            areas[frame.loc[city, "province_id"]] -= number
            areas[city] = number
        groups = pd.Series(areas.index.isin(list(plan)), index=areas.index)
        splits["plan_city"] = (areas, groups.map({True: "plan_city", False: "other"}))
    parts = []
    for name, (values, groups) in splits.items():
        found = concentration.theil_decomposition(values, groups)
        whole = {"group": "all", "units_count": len(values), "total": values.sum(), "share": 1.0}
        whole |= {"theil": found.total, "between": found.between, "within": found.within}
        rows = pd.concat([found.groups.reset_index(), pd.DataFrame([whole])], ignore_index=True)
        parts.append(rows.assign(split=name))
    return pd.concat(parts, ignore_index=True)


# --- Position against references -----------------------------------------------------------------


def merge_corps(counts: pd.Series, places: pd.DataFrame) -> pd.Series:
    """Counts with the Corps added to the province it lies in, as economic statistics count it.

    Parameters
    ----------
    counts : Series
        Index place_id.
    places : DataFrame
        Table of this name.

    Returns
    -------
    Series
        Without a row of its own for a unit of level ``corps``.
    """
    corps = places[places["level"] == "corps"].set_index("place_id")["province_id"]
    return counts.groupby(counts.index.to_series().replace(corps.to_dict()), sort=False).sum()


def reference_table(
    population: pd.DataFrame, covariates: pd.DataFrame, year: int = REFERENCE_YEAR
) -> pd.DataFrame:
    """Residents, output, research spending and high-tech firms of the provinces.

    Parameters
    ----------
    population, covariates : DataFrame
        Tables ``province_population`` and ``province_covariates``.
    year : int
        Of the covariates.

    Returns
    -------
    DataFrame
        Index place_id; columns ``REFERENCES``, missing where there is no figure.
    """
    rows = covariates[(covariates["year"] == year) & covariates["variable"].isin(list(_VARIABLES))]
    wide = rows.pivot(index="place_id", columns="variable", values="value").rename(
        columns=_VARIABLES
    )
    latest = population.sort_values("as_of").drop_duplicates("place_id", keep="last")
    people = latest.set_index("place_id")["residents_count"].rename("residents")
    return pd.concat([people, wide], axis=1).reindex(columns=list(REFERENCES)).astype("float64")


def quotient_table(
    counts: pd.Series, references: pd.DataFrame, level: float = 0.95
) -> pd.DataFrame:
    """Location quotients of every province against each reference, with intervals.

    Parameters
    ----------
    counts : Series of int
        Of all provinces, the Corps merged.
    references : DataFrame
        From :func:`reference_table`. A reference without a figure for some province is left out
        as a whole, since its total would be another; so is a province whose figure is 0, which
        has no quotient.
    level : float
        Of the intervals of :func:`helpers.analysis.decomposition.quotient_interval` (low, high: a
        sampling interval under a binomial model) and of
        :func:`helpers.analysis.decomposition.scaled_quotient_interval` (scaled_low, scaled_high:
        with the scatter that the provinces show).

    Returns
    -------
    DataFrame
        Columns place_id, those of :func:`helpers.analysis.decomposition.location_quotients`, and
        reference_name (column of `references`).

    Raises
    ------
    InputError
        No reference covers every province, or all counts are zero.
    """
    parts = []
    for name in references.columns:
        reference = references[name].reindex(counts.index)
        if reference.isna().any():
            continue
        kept = reference > 0
        table = decomposition.location_quotients(counts[kept], reference[kept], level)
        parts.append(table.rename_axis("place_id").reset_index().assign(reference_name=name))
    if not parts:
        raise InputError(
            "no reference covers every province. Supply province_population or province_covariates."
        )
    return pd.concat(parts, ignore_index=True)


def krugman_table(counts: pd.Series, references: pd.DataFrame) -> pd.DataFrame:
    """Krugman and dissimilarity index of the provinces' counts against each reference.

    Parameters
    ----------
    counts, references
        As in :func:`quotient_table`; zeros need no rule here.

    Returns
    -------
    DataFrame
        Columns reference_name, krugman (0 to 2), dissimilarity (its half), units_count.
    """
    rows = []
    for name in references.columns:
        reference = references[name].reindex(counts.index)
        if reference.notna().all():
            value = concentration.krugman_index(counts, reference)
            rows.append((name, value, value / 2, len(counts)))
    return pd.DataFrame(rows, columns=["reference_name", "krugman", "dissimilarity", "units_count"])


def curves(
    known: Sequence[Complete], references: pd.DataFrame, places: pd.DataFrame, most: int = 3
) -> pd.DataFrame:
    """Lorenz curves of complete ranges of batches and of references, over the provinces.

    Parameters
    ----------
    known : sequence of Complete
        The last `most` are taken.
    references : DataFrame
        Columns of :func:`reference_table`; one without a figure for some province is left out.
    places : DataFrame
        Table of this name; the Corps is merged.
    most : int

    Returns
    -------
    DataFrame
        Columns kind (``firms`` or ``reference``), name (batches or reference), units_share,
        counts_share and gini (population convention).
    """
    firms = {("firms", item.name): merge_corps(item.counts, places) for item in known[-most:]}
    units = next(iter(firms.values())).index
    others = {("reference", name): references[name].reindex(units) for name in references.columns}
    parts = []
    for (kind, name), values in (firms | others).items():
        if values.isna().any():
            continue
        curve = concentration.lorenz_curve(values)
        parts.append(curve.assign(kind=kind, name=name, gini=concentration.gini(values)))
    columns = ["kind", "name", "units_share", "counts_share", "gini"]
    return pd.concat(parts, ignore_index=True)[columns]


def used_sources(covariates: pd.DataFrame, year: int = REFERENCE_YEAR) -> pd.Series:
    """Sources of the rows that :func:`reference_table` takes from the covariates.

    Parameters
    ----------
    covariates : DataFrame
        Table ``province_covariates``.
    year : int

    Returns
    -------
    Series of str
    """
    used = covariates["variable"].isin(list(_VARIABLES)) & (covariates["year"] == year)
    return covariates.loc[used, "source_id"]


# --- Change --------------------------------------------------------------------------------------


def shift_bounds(
    problem: Provinces, earlier: Span, later: Span, basis: str, blocks: pd.Series
) -> pd.DataFrame:
    """Bounds of the parts of a shift-share analysis of every provincial unit.

    Parameters
    ----------
    problem : Provinces
    earlier, later : (first, last)
        Ranges of batches that do not overlap: new firms of each, a flow.
    basis : str
    blocks : Series
        Region of each unit.

    Returns
    -------
    DataFrame
        Index place_id; columns block, then ``<quantity>_low`` and ``<quantity>_high`` of before,
        after and ``PARTS``, in firms. National growth is the unit's earlier count times the
        nation's growth rate; the competitive effect is the rest of the change, between and within
        blocks as in :func:`helpers.analysis.decomposition.shift_share_nested`. Each pair is
        attained by some completion, but not all pairs by the same one. between_blocks and
        within_block are missing where the earlier counts of the block are not known: they are then
        no linear function of the counts, or the block has no growth rate.

    Raises
    ------
    InputError
        The ranges overlap, a block is missing, or the nation had no firm in the earlier batches.

    Notes
    -----
    Dunn (1960) without industries: national + competitive = change in each completion. All
    quantities are linear in the unknown counts, since the nation's totals are known.
    """
    if max(earlier[0], later[0]) <= min(earlier[1], later[1]):
        raise InputError(
            f"batches {span_text(*earlier)} and {span_text(*later)} overlap: a firm would be "
            "counted at both dates. Give ranges that do not."
        )
    total = problem.total(*earlier, basis)
    if total == 0:
        raise InputError(f"batches {span_text(*earlier)}: no firm in the nation, so no growth rate")
    block = blocks.reindex(list(problem.units))
    if block.isna().any():
        raise InputError(
            f"blocks: missing at {checks.shown(block.index[block.isna()])}. Name them."
        )
    change = _Change(problem, earlier, later, basis)
    rows: dict[str, dict[str, Any]] = {}
    for name in block.unique():
        members = list(block.index[block == name])
        rows |= {unit: {"block": name} | change.parts(unit, members) for unit in members}
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(block.index)
    return frame.rename_axis("place_id")


@dataclass(frozen=True)
class _Change:
    """The change between two ranges of batches, part by part."""

    problem: Provinces
    earlier: Span
    later: Span
    basis: str

    @property
    def ratio(self) -> Fraction:
        """The nation's later count over its earlier one: one plus its growth rate."""
        before = self.problem.total(*self.earlier, self.basis)
        return Fraction(self.problem.total(*self.later, self.basis), before)

    def known(self, places: str | Sequence[str]) -> int | None:
        """The earlier count of a place, or of several together, where it is a point."""
        found = self.problem.count(places, *self.earlier, self.basis)
        return found.lower if found.lower == found.upper else None

    def weighted(self, *parts: tuple[str | Sequence[str], Span, Fraction | int]) -> Ends:
        """Bounds of a weighted sum of counts."""
        terms: dict[Any, Fraction] = {}
        for places, span, weight in parts:
            for cell in self.problem.terms(places, *span, self.basis):
                terms[cell] = terms.get(cell, Fraction(0)) + weight
        found = self.problem.counts.fraction_bounds(terms)
        if found.lower is None or found.upper is None:
            raise InputError(f"batches {span_text(*self.later)}: a count without an upper bound")
        return found.lower, found.upper

    def parts(self, unit: str, members: Sequence[str]) -> dict[str, float]:
        """Low and high of each quantity of one unit of a block."""
        earlier, later, ratio, before = self.earlier, self.later, self.ratio, self.known(unit)
        old, new = self.weighted((unit, earlier, 1)), self.weighted((unit, later, 1))
        if before is None:
            change = self.weighted((unit, later, 1), (unit, earlier, -1))
            competitive = self.weighted((unit, later, 1), (unit, earlier, -ratio))
        else:  # one unknown less, and no need to solve again
            change = (new[0] - before, new[1] - before)
            competitive = (new[0] - before * ratio, new[1] - before * ratio)
        national = (old[0] * (ratio - 1), old[1] * (ratio - 1))
        found = {
            "before": old, "after": new, "change": change,
            "national": (min(national), max(national)), "competitive": competitive,
        }  # fmt: skip
        between, within = self.nested(unit, members, before)
        found |= {"between_blocks": between, "within_block": within}
        return {
            f"{name}_{end}": float(value)
            for name, pair in found.items()
            for end, value in zip(("low", "high"), pair, strict=True)
        }

    def nested(self, unit: str, members: Sequence[str], before: int | None) -> tuple[Any, Any]:
        """Growth of the block above the nation's, and of the unit above its block's."""
        block = self.known(members)
        if before is None or not block:
            return (float("nan"),) * 2, (float("nan"),) * 2
        part = Fraction(before, block)
        low, high = self.weighted((members, self.later, 1))
        constant = before * self.ratio
        between = (low * part - constant, high * part - constant)
        return between, self.weighted((unit, self.later, 1), (members, self.later, -part))


def rank_table(
    known: Complete, problem: Provinces, units: Sequence[str], spans: Sequence[Span], basis: str
) -> pd.DataFrame:
    """The ranks of some units in a complete range of batches, and those they can have in others.

    Parameters
    ----------
    known : Complete
    problem : Provinces
    units : sequence of str
        place_id of provincial units; they are ranked among all.
    spans : sequence of (first, last)
        Those beyond the batches that are bounded are skipped.
    basis : str

    Returns
    -------
    DataFrame
        Columns place_id, batches, best, worst (equal for a known rank) and ranked_count; tied units
        share the better rank. First the rows of the complete range.
    """
    ranks = known.counts.rank(ascending=False, method="min").astype("int64")
    total = len(problem.units)
    rows = [(unit, known.name, int(ranks[unit]), int(ranks[unit]), total) for unit in units]
    for span in spans:
        for unit in units if span[1] <= LAST else ():
            found = problem.rank(unit, *span, basis)
            best, worst = found.lower or 1, found.upper or total
            rows.append((unit, span_text(*span), best, worst, total))
    return pd.DataFrame(rows, columns=["place_id", "batches", "best", "worst", "ranked_count"])


# --- What others printed -------------------------------------------------------------------------


def published_table(
    published: pd.DataFrame, bounds: pd.DataFrame, problem: Provinces, basis: str
) -> pd.DataFrame:
    """Figures printed elsewhere beside what the tables here say or allow.

    Parameters
    ----------
    published : DataFrame
        Table ``published_indices``.
    bounds : DataFrame
        From :func:`concentration_bounds`: an index is held against each of its ranges of batches,
        since the papers do not state theirs.
    problem : Provinces
    basis : str

    Returns
    -------
    DataFrame
        Columns statistic, place_id, reported_value, batches, low, high, attained, compatible
        (whether some value that rounds to the printed one lies within the bounds) and source_id.
        Indices are fractions, share_pct is per cent, counts are firms. An index that was not
        bounded, and batches beyond those that are, have no row.
    """
    rows = []
    for row in published.itertuples():
        statistic = str(row.statistic)
        if statistic in ("firms_count", "share_pct"):
            found = _of_place(problem, row, basis)
        else:
            own = bounds[bounds["index"] == statistic]
            found = list(own[["batches", "low", "high", "attained"]].itertuples(index=False))
        for batches, low, high, attained in found:
            fits = within_rounding(str(row.reported_value), low, high)
            told = (statistic, row.place_id, row.reported_value, batches, low, high)
            rows.append((*told, attained, fits, row.source_id))
    columns = [
        "statistic", "place_id", "reported_value", "batches", "low", "high", "attained",
        "compatible", "source_id",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _of_place(problem: Provinces, row: Any, basis: str) -> list[tuple[str, float, float, bool]]:
    """Bounds of the count or the share of a province over the batches a paper states."""
    span = (int(row.batch_from), int(row.batch_to))
    if span[1] > LAST:
        return []
    count = problem.count(row.place_id, *span, basis)
    whole = 1 if row.statistic == "firms_count" else problem.total(*span, basis) / 100
    ends = [float("nan") if end is None else end / whole for end in (count.lower, count.upper)]
    return [(span_text(*span), ends[0], ends[1], count.exact)]


def within_rounding(reported: str, low: float, high: float) -> bool:
    """Whether some value between two limits is printed as a text, half a unit rounded up.

    Parameters
    ----------
    reported : str
        Number as printed.
    low, high : float
        Inclusive.

    Returns
    -------
    bool

    Examples
    --------
    >>> within_rounding("0.436", 0.29, 0.4355), within_rounding("0.436", 0.4365, 0.5)
    (True, False)
    """
    printed = rounding(reported)
    # As decimals: 0.4355 as a float lies a hair beside 0.4355.
    bottom, top = Fraction(repr(float(low))), Fraction(repr(float(high)))
    over = bottom > printed.high or (bottom == printed.high and not printed.high_closed)
    under = top < printed.low or (top == printed.low and not printed.low_closed)
    return not (over or under)


def compare_with(bounds: pd.DataFrame, batches: str) -> pd.DataFrame:
    """Whether each index is higher or lower than in one range of batches, whatever is unknown.

    Parameters
    ----------
    bounds : DataFrame
        From :func:`concentration_bounds`.
    batches : str
        The range to compare with, for instance ``"1-2"``.

    Returns
    -------
    DataFrame
        The other rows of `bounds` with a column direction: ``higher`` or ``lower`` where the bounds
        do not touch those of the range, else ``open``; ``equal`` where both are one and the same
        value. ``higher`` and ``lower`` hold in every completion; ``open`` may be decided by bounds
        that take both ranges together.

    Raises
    ------
    InputError
        The range is not among the bounds.

    Examples
    --------
    >>> rows = [("1-2", "cr5", 0.4, 0.4), ("5", "cr5", 0.5, 0.6), ("1-5", "cr5", 0.3, 0.6)]
    >>> frame = pd.DataFrame(rows, columns=["batches", "index", "low", "high"])
    >>> compare_with(frame, "1-2")["direction"].tolist()
    ['higher', 'open']
    """
    base = bounds[bounds["batches"] == batches].set_index("index")
    if base.empty:
        raise InputError(f"batches {batches}: not bounded; choose among {set(bounds['batches'])}")
    rest = bounds[bounds["batches"] != batches].reset_index(drop=True)
    low, high = rest["index"].map(base["low"]), rest["index"].map(base["high"])
    direction = pd.Series("open", index=rest.index)
    direction[rest["low"] > high] = "higher"
    direction[rest["high"] < low] = "lower"
    same = (rest["low"] == rest["high"]) & (low == high) & (rest["low"] == low)
    direction[same] = "equal"
    return rest.assign(direction=direction)
