"""The province x batch table of little giants as a completion problem.

Certified and announced counts of every provincial unit, plan city and batch are unknown integers;
the sourced fragments constrain them. A basis only chooses which of the two is counted for a batch.

What is read as a constraint, and why it holds:

* National totals of each measure and batch are the sums of the 32 provincial units.
* The final list of a batch is part of the list announced for objections, so that a place has at
  most as many certified firms as announced ones, and so has the province without its plan city.
  Batch 4 is the exception: its final list is longer than its announced one.
* A plan city lies within its province.
* A certified count is exact. So is an announced one unless it contains batch 4, whose announced
  list is no unknown of this table; then only the certified firms of the other batches are at most
  the figure, whichever list was counted for them.
* Titles lapse only in the review of their batch. A stock is the cumulative certified count less
  the lapsed titles: it bounds that count from below, and the batches not reviewed by its date from
  above. A batch without a row in ``reviews`` may have been reviewed from the third year after its
  list. A stock dated in the year of its last list may count that list as announced, which for
  batch 4 leaves nothing to say about it.
* Titles that passed a review had been certified.
* Where a source folds the North-east into the other regions, a region's own provinces hold at
  most its total.

Never read: rows that leave open whether a plan city is included, database, mixed and
researchers' counts, and forecasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any, TypeAlias

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.bilingual import (
    Said,
    batches_said,
    chinese,
    join,
    measure_said,
    name_of,
)
from helpers.evidence.completion import (
    Counts,
    Fact,
    Interval,
    RankChange,
    RankFact,
    Relation,
    ShareInterval,
    linear,
)
from helpers.evidence.sources import ids_of

LAST = 5
TABLES = (
    "places", "batches", "bases", "province_counts", "province_limits", "region_totals", "reviews",
    "city_counts",
)  # fmt: skip
# Its final list is longer than the announced one, and stocks of 2022 count the latter.
ODD_BATCH = 4
BASES = ("study", "certified", "announced")
# Provinces with counties that belong to no prefecture-level city.
DIRECT_COUNTIES = ("410000", "420000", "460000", "650000")
# Titles are valid for three years.
VALID_YEARS = 3

Cell: TypeAlias = tuple[str, str, int]
Tables: TypeAlias = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Provinces:
    """The completion problem with the names needed to ask it questions.

    Parameters
    ----------
    counts : Counts
        Cells are (measure, place_id, batch).
    units : tuple of str
        The provincial units; their counts add up to the nation's.
    totals : mapping of (measure, batch) to int
        National totals.
    measures : mapping of basis to mapping of batch to measure
        ``certified`` or ``announced``; the final list of batch 4 counts as certified.
    cities : tuple of str
        Cities of the province that was looked into, empty for none.
    home : mapping of city to province
        Of the plan cities.

    Notes
    -----
    In all methods `first` and `last`, and both ends of a span, are batches from 1 to :data:`LAST`,
    inclusive, and `basis` is one of :data:`BASES`; others are an ``InputError``. A province's count
    includes its plan city. Bounds are those of :class:`~helpers.evidence.completion.Counts`.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> provinces = build(tables.load_all())
    >>> provinces.count("210000", 1, 3, "certified")
    Interval(lower=211, upper=211, exact=True)
    >>> provinces.share("210000", 1, 3, "certified").lower
    Fraction(211, 4762)
    """

    counts: Counts
    units: tuple[str, ...]
    totals: Mapping[tuple[str, int], int]
    measures: Mapping[str, Mapping[int, str]]
    cities: tuple[str, ...] = ()
    home: Mapping[str, str] = field(default_factory=dict)

    def _measures(self, first: int, last: int, basis: str) -> dict[int, str]:
        if basis not in self.measures:
            raise InputError(f"basis {basis!r}: choose one of {', '.join(self.measures)}")
        if not 1 <= first <= last <= LAST:
            raise InputError(f"batches {first}-{last}: give a range within 1-{LAST}")
        return {batch: self.measures[basis][batch] for batch in range(first, last + 1)}

    def terms(self, place_ids: str | Iterable[str], first: int, last: int, basis: str) -> dict[Cell, int]:  # fmt: skip
        """The count of a place, or of several together, over several batches on a basis."""
        places = [place_ids] if isinstance(place_ids, str) else list(place_ids)
        measures = self._measures(first, last, basis)
        return {(measure, place, b): 1 for place in places for b, measure in measures.items()}

    def total(self, first: int, last: int, basis: str) -> int:
        """National total over several batches on a basis."""
        measures = self._measures(first, last, basis)
        return sum(self.totals[measure, batch] for batch, measure in measures.items())

    def sums(
        self, first: int, last: int, basis: str, among: Iterable[str] | None = None
    ) -> dict[str, dict[Cell, int]]:
        """The counts of all provincial units, or of some places, for ranks and concentration."""
        places = self.units if among is None else among
        return {place: self.terms(place, first, last, basis) for place in places}

    def change_terms(
        self, place_ids: str | Iterable[str], earlier: tuple[int, int], later: tuple[int, int],
        basis: str,
    ) -> dict[Cell, Fraction]:  # fmt: skip
        """The share in the later batches less the share in the earlier ones, cell by cell."""
        places = [place_ids] if isinstance(place_ids, str) else list(place_ids)
        found: dict[Cell, Fraction] = {}
        for sign, span in ((1, later), (-1, earlier)):
            weight = Fraction(sign, self.total(*span, basis))
            for cell in self.terms(places, *span, basis):
                found[cell] = found.get(cell, Fraction(0)) + weight
        return found

    def rank_between(
        self, place_id: str, best: int, worst: int, span: tuple[int, int], basis: str
    ) -> RankFact:
        """The statement that a unit's rank lies between two places, 1 being the largest."""
        return RankFact(place_id, self.sums(*span, basis), best, worst)

    def count(self, place_ids: str | Iterable[str], first: int, last: int, basis: str) -> Interval:
        """Bounds of the count of a place, or of several together."""
        return self.counts.bounds(self.terms(place_ids, first, last, basis))

    def share(
        self, place_ids: str | Iterable[str], first: int, last: int, basis: str
    ) -> ShareInterval:
        """Bounds of the share in the national total of a place, or of several together."""
        return self.count(place_ids, first, last, basis).over(self.total(first, last, basis))

    def change(
        self, place_ids: str | Iterable[str], earlier: tuple[int, int], later: tuple[int, int],
        basis: str,
    ) -> ShareInterval:  # fmt: skip
        """Bounds of the share in later batches less the share in earlier ones."""
        return self.counts.fraction_bounds(self.change_terms(place_ids, earlier, later, basis))

    def rank(
        self, place_id: str, first: int, last: int, basis: str,
        among: Iterable[str] | None = None,
    ) -> Interval:  # fmt: skip
        """Bounds of a place's rank among the provincial units, or some places; ties share the better."""
        return self.counts.rank(place_id, self.sums(first, last, basis, among))

    def concentration(self, n: int, first: int, last: int, basis: str) -> ShareInterval:
        """Bounds of the share of the n largest units (CRn)."""
        found = self.counts.largest_sum(n, self.sums(first, last, basis))
        return _at_most_all(found.over(self.total(first, last, basis)))

    def herfindahl(self, first: int, last: int, basis: str) -> ShareInterval:
        """Bounds of the sum of squared shares (HHI, from 1 / units to 1)."""
        found = self.counts.squares(self.sums(first, last, basis))
        squared = found.over(self.total(first, last, basis) ** 2)
        return _at_most_all(ShareInterval(squared.lower, squared.upper, squared.exact))


def _at_most_all(found: ShareInterval) -> ShareInterval:
    """An index of shares is at most 1; a bound that was not solved to the end may not show it."""
    whole = Fraction(1)
    return replace(found, upper=whole if found.upper is None else min(found.upper, whole))


def build(
    tables: Tables, leave_out: Iterable[str] = (), time_limit: float = 10.0, within: str = ""
) -> Provinces:
    """Set up the completion problem from the data tables.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        ``places``, ``batches``, ``bases``, ``province_counts``, ``province_limits``,
        ``region_totals`` and ``reviews``.
    leave_out : iterable of str
        Source ids. Rows on provinces or regions that rest on any of them are not used, to see
        what depends on them; national totals stay.
    time_limit : float
        Seconds for one solve.
    within : str
        Code of a province whose cities are unknowns too, constrained by ``city_counts``; empty for
        none.

    Returns
    -------
    Provinces

    Raises
    ------
    InputError
        Two bases give one batch different totals on one measure, a total is missing, or a table
        that every count needs is empty.
    """
    for name in ("places", "batches", "bases"):
        if tables[name].empty:
            raise InputError(
                f"table {name} is empty: without it no count of a province has a place"
            )
    setup = _Setup(tables, Counts(time_limit), frozenset(leave_out), within)
    setup.add_cells()
    setup.add_totals()
    setup.add_inner()
    setup.add_lists()
    for row in setup.rows("province_counts"):
        if row.batch_from <= LAST:
            setup.add_count(row)
    for row in setup.rows("province_limits"):
        if row.batch_to <= LAST and not row.forecast:
            setup.add_limit(row)
    for row in setup.rows("region_totals"):
        if row.batch_to <= LAST:
            setup.add_region(row)
    for row in setup.rows("city_counts") if within else ():
        setup.add_city_count(row)
    totals = {key: n for key, (n, _) in setup.totals.items()}
    home = {city: unit for unit, several in setup.cities.items() for city in several}
    return Provinces(setup.counts, setup.units, totals, setup.measures, setup.inner, home)


def _measure_of(figure: str) -> str:
    return "announced" if figure == "announced" else "certified"


def _counted(who: str, span: tuple[int, int], measure: str, n: int, part: str = "") -> Said:
    """A count in words, as it was published."""
    when, how = batches_said(*span), measure_said(measure)
    return Said(
        f"{who}{part}, {when}, {how}: {n}",
        f"{chinese(who)}{chinese(part)}，{when.zh}，{how.zh}：{n}",
    )


def _noted(text: str, note: str, brackets: bool = True) -> Said:
    """A text with an addition."""
    if brackets:
        return Said(f"{text} ({note})", f"{chinese(text)}（{chinese(note)}）")
    return Said(f"{text} {note}", f"{chinese(text)}{chinese(note)}")


def _quoted(who: Said, row: Any) -> Said:
    """A statement on a place, as ``province_limits`` words it."""
    said = name_of(row.statement_en, getattr(row, "statement_zh", None))
    return Said(f"{who}: {said}", f"{who.zh}：{said.zh}")


REGIONS = {
    "East": "东部", "Central": "中部", "West": "西部", "Northeast": "东北", "National": "全国",
}  # fmt: skip
WITHOUT_CITIES = Said(" without its plan cities", "（不含计划单列市）")


def _span(row: Any) -> tuple[int, int]:
    return int(row.batch_from), int(row.batch_to)


def _limit(cell: Any) -> int | None:
    return None if pd.isna(cell) else int(cell)


def possibly_reviewed(reviews: pd.DataFrame, years: Mapping[int, int], as_of: object) -> set[int]:
    """Batches of which titles may have lapsed by a date.

    Parameters
    ----------
    reviews : DataFrame
        Table ``reviews``.
    years : mapping of batch to year of its list
    as_of : str or missing
        ISO date of year, month or day precision; a review in the same year or month counts.

    Returns
    -------
    set of int
        All batches when the date is missing. A batch without a review counts from the third year
        after its list.

    Examples
    --------
    >>> calendar = pd.DataFrame({"batch": [1, 2], "effective": ["2022-09", "2023-07"]})
    >>> sorted(possibly_reviewed(calendar, {1: 2019, 2: 2020, 3: 2021}, "2023-06-30"))
    [1]
    >>> sorted(possibly_reviewed(calendar, {1: 2019, 2: 2020, 3: 2021}, "2024"))
    [1, 2, 3]
    """
    if not isinstance(as_of, str):
        return set(years)
    effective = dict(zip(reviews["batch"].astype(int), reviews["effective"], strict=True))
    return {
        batch
        for batch, year in years.items()
        if (effective.get(batch) or str(year + VALID_YEARS))[: len(as_of)] <= as_of
    }


class _Setup:
    """Turns the rows of the data tables into constraints."""

    def __init__(self, tables: Tables, counts: Counts, out: frozenset[str], within: str) -> None:
        self.tables, self.counts, self.out, self.within = tables, counts, out, within
        places = tables["places"]
        names = zip(places["name_en"], places["name_zh"], strict=True)
        self.names = {
            code: name_of(*pair) for code, pair in zip(places["place_id"], names, strict=True)
        }
        self.region = dict(zip(places["place_id"], places["region"], strict=True))
        self.units = tuple(places.loc[places["level"] != "prefecture", "place_id"])
        plan = places[places["plan_city"].astype(bool)]
        self.cities: dict[str, list[str]] = {}
        for city, home in zip(plan["place_id"], plan["province_id"], strict=True):
            self.cities.setdefault(home, []).append(city)
        own = (places["level"] == "prefecture") & (places["province_id"] == within)
        self.inner = tuple(places.loc[own, "place_id"])
        self.measures, self.totals = _bases(tables["batches"], tables["bases"])
        batches = tables["batches"]
        single = batches[
            batches["batch"].str.fullmatch(r"\d+") & (batches["measure"] == "announced")
        ]
        self.years = {int(b): int(y) for b, y in zip(single["batch"], single["year"], strict=True)}

    def rows(self, name: str) -> list[Any]:
        """Rows of a table that rest on no source left out."""
        every = self.tables[name].itertuples()
        return [row for row in every if not self.out & set(ids_of(row.source_id))]

    # -- terms ---------------------------------------------------------------------------------

    def terms(
        self, measure: str, place: str, batches: Iterable[int], without_cities: bool = False
    ) -> dict[Cell, int]:
        """A place's count over batches, on request without its plan cities."""
        span = list(batches)
        found: dict[Cell, int] = {(measure, place, batch): 1 for batch in span}
        for city in self.cities.get(place, ()) if without_cities else ():
            found |= {(measure, city, batch): -1 for batch in span}
        return found

    def _require(
        self, text: str, terms: Mapping[Cell, int], lower: int | None, upper: int | None,
        ids: Sequence[str] = (),
    ) -> None:  # fmt: skip
        # An empty span says nothing.
        if terms and (lower is not None or upper is not None):
            self.counts.require(text, terms, lower, upper, ids)

    # -- what holds by definition ----------------------------------------------------------------

    def add_cells(self) -> None:
        """One unknown for each place, batch and measure that has a national total."""
        cities = [city for several in self.cities.values() for city in several]
        for measure, batch in self.totals:
            for place in dict.fromkeys((*self.units, *cities, *self.inner)):
                self.counts.add_cell((measure, place, batch))

    def add_totals(self) -> None:
        """The provincial units make up the nation, and plan cities lie within their province."""
        for (measure, batch), (n, ids) in self.totals.items():
            terms = {(measure, unit, batch): 1 for unit in self.units}
            nation = _counted(Said("nation", "全国"), (batch, batch), measure, n)
            self._require(nation, terms, n, n, ids)
            for home, cities in self.cities.items():
                within = self.terms(measure, home, [batch], without_cities=True)
                names = join((self.names[city] for city in cities), ", ", "、")
                text = Said(
                    f"{names}, batch {batch}, {measure}: within {self.names[home]}",
                    f"{names.zh}，第{batch}批，{measure_said(measure).zh}："
                    f"不超过{self.names[home].zh}",
                )
                self._require(text, within, 0, None)

    def add_inner(self) -> None:
        """The cities of the province looked into make it up, or lie within it."""
        if not self.inner:
            return
        home = self.names[self.within]
        # Counties that answer to the province itself belong to no city.
        upper = None if self.within in DIRECT_COUNTIES else 0
        for measure, batch in self.totals:
            gap = {(measure, city, batch): 1 for city in self.inner}
            gap |= {(measure, self.within, batch): -1}
            down = {cell: -k for cell, k in gap.items()}
            relation = (
                Said("add up to", "合计等于") if upper == 0 else Said("lie within", "合计不超过")
            )
            text = Said(
                f"cities of {home}, batch {batch}, {measure}: {relation} the province",
                f"{home.zh}各市，第{batch}批，{measure_said(measure).zh}：{relation.zh}全省",
            )
            self._require(text, down, 0, upper)

    def add_lists(self) -> None:
        """The final list is part of the announced one, except in batch 4."""
        homes = [(home, True) for home in self.cities]
        plan = [place for several in self.cities.values() for place in several]
        every = [(place, False) for place in dict.fromkeys((*plan, *self.units, *self.inner))]
        every += homes
        for measure, batch in self.totals:
            if measure != "announced" or batch == ODD_BATCH:
                continue
            for place, remainder in every:
                more = self.terms("announced", place, [batch], remainder)
                fewer = self.terms("certified", place, [batch], remainder)
                part: str = WITHOUT_CITIES if remainder else ""
                text = Said(
                    f"{self.names[place]}{part}, batch {batch}: certified at most announced",
                    f"{self.names[place].zh}{chinese(part)}，第{batch}批：公告数不超过公示数",
                )
                self._require(text, {**more, **{cell: -c for cell, c in fewer.items()}}, 0, None)

    # -- reported counts -------------------------------------------------------------------------

    def _add_unclear(self, row: Any) -> None:
        """A count with or without the plan cities: with them at least, without them at most as many.

        Both hold whichever is meant. Stocks and batch 4 as announced bound too loosely to be used.
        """
        first, last = _span(row)
        span, n, ids = range(first, last + 1), int(row.firms_count), ids_of(row.source_id)
        odd = row.measure == "announced" and ODD_BATCH in span
        if last > LAST or row.measure not in ("certified", "announced") or odd:
            return
        text = _counted(self.names[row.place_id], (first, last), row.measure, n)
        cells = self.terms(row.measure, row.place_id, span)
        more = Said("or more with its plan cities", "或更多（含计划单列市）")
        self._require(_noted(text, more, False), cells, n, None, ids)
        rest = self.terms(row.measure, row.place_id, span, without_cities=True)
        fewer = Said("or fewer without its plan cities", "或更少（不含计划单列市）")
        self._require(_noted(text, fewer, False), rest, None, n, ids)

    def add_count(self, row: Any) -> None:
        """A row of ``province_counts``; measures that are not known here are not used."""
        if row.includes_plan_city == "unclear":
            self._add_unclear(row)
            return
        first, last = _span(row)
        n, ids = int(row.firms_count), ids_of(row.source_id)
        if row.includes_plan_city == "not_applicable" and row.place_id in self.cities:
            cities = ", ".join(self.names[city] for city in self.cities[row.place_id])
            raise InputError(
                f"table province_counts, place {row.place_id} ({self.names[row.place_id]}), "
                f"{batches_said(first, last)}, {row.measure} {n}, column includes_plan_city, value "
                f"'not_applicable': the province has a plan city ({cities}). Write yes, no or unclear."
            )
        less = row.includes_plan_city == "no"
        part = WITHOUT_CITIES if less else ""
        text = _counted(self.names[row.place_id], (first, last), row.measure, n, part)
        if row.measure == "stock":
            self._add_stock(text, row, n, ids)
            return
        if last > LAST:
            return
        cells = self.terms("certified", row.place_id, range(first, last + 1), less)
        if row.measure == "certified":
            self._require(text, cells, n, n, ids)
        elif row.measure == "review_passed":
            self._require(_noted(text, Said("titles", "家"), False), cells, n, None, ids)
        elif row.measure == "announced":
            self._add_announced(text, row, (n, n), ids)

    def _add_announced(
        self, text: str, row: Any, limits: tuple[int | None, int | None], ids: Sequence[str],
        place: str = "",
    ) -> None:  # fmt: skip
        first, last = _span(row)
        span, place = range(first, last + 1), place or row.place_id
        less = getattr(row, "includes_plan_city", "") == "no"
        if ODD_BATCH not in span:
            self._require(text, self.terms("announced", place, span, less), *limits, ids)
            return
        # Such sums may add the announced batch 4 to earlier certified lists.
        others = self.terms("certified", place, [b for b in span if b != ODD_BATCH], less)
        rest = Said("certified firms of the other batches", "其余批次按公告计")
        self._require(_noted(text, rest), others, None, limits[1], ids)

    def _add_stock(self, text: str, row: Any, n: int, ids: Sequence[str]) -> None:
        first, last = _span(row)
        less = row.includes_plan_city == "no"
        terms = self._places_terms([row.place_id], less)
        if last <= LAST:
            self._stock_below(text, terms, (first, last), row.as_of, n, ids)
        self._stock_above(text, terms, (first, last), row.as_of, n, ids)

    def _places_terms(self, places: Sequence[str], less: bool = False) -> Any:
        """A function of measure and batches that gives the terms of several places."""

        def terms(measure: str, batches: Iterable[int]) -> dict[Cell, int]:
            span = list(batches)
            return {c: k for p in places for c, k in self.terms(measure, p, span, less).items()}

        return terms

    def _open_list(self, last: int, as_of: object) -> bool:
        """Whether a stock may count its last batch as announced, the final list being open."""
        return not isinstance(as_of, str) or as_of[:4] <= str(self.years[last])

    def _stock_below(
        self, text: str, terms: Any, span: tuple[int, int], as_of: object, n: int,
        ids: Sequence[str],
    ) -> None:  # fmt: skip
        """Valid titles had been certified, the latest ones perhaps only announced."""
        first, last = span
        if not self._open_list(last, as_of):
            self._require(text, terms("certified", range(first, last + 1)), n, None, ids)
        elif last != ODD_BATCH:
            loosest = terms("certified", range(first, last)) | terms("announced", [last])
            perhaps = Said(f"batch {last} perhaps as announced", f"第{last}批或按公示计")
            self._require(_noted(text, perhaps), loosest, n, None, ids)

    def _stock_above(
        self, text: str, terms: Any, span: tuple[int, int], as_of: object, n: int,
        ids: Sequence[str],
    ) -> None:  # fmt: skip
        """Titles of batches not reviewed yet are all in the stock."""
        first, last = span
        lapsing = possibly_reviewed(self.tables["reviews"], self.years, as_of)
        if last == ODD_BATCH and self._open_list(last, as_of):
            lapsing.add(ODD_BATCH)
        lasting = [b for b in range(first, min(last, LAST) + 1) if b not in lapsing]
        note = Said(
            f"contains all of batches {', '.join(map(str, lasting))}, not yet reviewed",
            f"包含尚未复核的第{'、'.join(map(str, lasting))}批全部企业",
        )
        self._require(_noted(text, note), terms("certified", lasting), None, n, ids)

    def add_city_count(self, row: Any) -> None:
        """A row of ``city_counts`` on little giants; places within a city are not used."""
        known = row.indicator_id == "little_giant" and row.comparison == "equal"
        if not known or row.place_id not in self.inner or isinstance(row.area_zh, str):
            return
        if pd.isna(row.batch_to) or (row.batch_to > LAST and row.measure != "stock"):
            return
        first, last = _span(row)
        n, ids = int(row.firms_count), ids_of(row.source_id)
        text = _counted(self.names[row.place_id], (first, last), row.measure, n)
        if row.measure == "stock":
            terms = self._places_terms([row.place_id])
            if last <= LAST:
                self._stock_below(text, terms, (first, last), row.as_of, n, ids)
            self._stock_above(text, terms, (first, last), row.as_of, n, ids)
        elif row.measure == "certified":
            cells = self.terms("certified", row.place_id, range(first, last + 1))
            self._require(text, cells, n, n, ids)
        elif row.measure == "announced":
            self._add_announced(text, row, (n, n), ids)

    # -- limits and regions ----------------------------------------------------------------------

    def add_limit(self, row: Any) -> None:
        """A row of ``province_limits``: each place by itself, and their order where it is known."""
        first, last = _span(row)
        ids, places = ids_of(row.source_id), [part.strip() for part in row.place_ids.split(";")]
        lower, upper = _limit(row.lower_count), _limit(row.upper_count)
        for place in places:
            text = _quoted(self.names[place], row)
            if row.measure == "announced":
                self._add_announced(text, row, (lower, upper), ids, place)
            elif row.measure == "certified":
                cells = self.terms("certified", place, range(first, last + 1))
                self._require(text, cells, lower, upper, ids)
            elif lower is not None:
                # Without a date a stock bounds nothing from above.
                terms = self._places_terms([place])
                self._stock_below(text, terms, (first, last), None, lower, ids)
        odd = row.measure == "announced" and first <= ODD_BATCH <= last
        if row.ordered and row.measure != "stock" and not odd:
            self._add_order(row, places, ids)

    def _add_order(self, row: Any, places: Sequence[str], ids: Sequence[str]) -> None:
        first, last = _span(row)
        for larger, smaller in pairwise(places):
            gap = self.terms(row.measure, larger, range(first, last + 1))
            less = self.terms(row.measure, smaller, range(first, last + 1))
            gap |= {cell: -k for cell, k in less.items()}
            more, fewer = self.names[larger], self.names[smaller]
            order = Said(f"{more} at least {fewer}", f"{more.zh}不少于{fewer.zh}")
            text = _quoted(order, row)
            self._require(text, gap, 0, None, ids)

    def add_region(self, row: Any) -> None:
        """A row of ``region_totals``, certified or a stock of valid titles."""
        first, last = _span(row)
        n, ids = int(row.firms_count), ids_of(row.source_id)
        text = _counted(Said(row.region, REGIONS[row.region]), (first, last), row.measure, n)
        terms = self._places_terms([unit for unit in self.units if self.region[unit] == row.region])
        if row.measure == "certified":
            lower = None if row.includes_northeast else n
            self._require(text, terms("certified", range(first, last + 1)), lower, n, ids)
        elif row.measure == "stock":
            as_of = self._stock_year((first, last), int(row.total_count))
            self._stock_above(text, terms, (first, last), as_of, n, ids)
            if not row.includes_northeast:
                self._stock_below(text, terms, (first, last), as_of, n, ids)

    def _stock_year(self, span: tuple[int, int], total: int) -> str | None:
        """Year of the national stock that a region is a part of; None where it is not known."""
        rows = self.tables["batches"]
        same = rows[(rows["measure"] == "stock") & (rows["firms_count"] == total)]
        same = same[same["batch"] == f"{span[0]}-{span[1]}"]
        return str(int(same["year"].max())) if len(same) else None


def _bases(
    batches: pd.DataFrame, bases: pd.DataFrame
) -> tuple[dict[str, dict[int, str]], dict[tuple[str, int], tuple[int, list[str]]]]:
    """The measure of each basis and batch, and the total and sources of each measure and batch."""
    figures = batches.set_index("figure_id")
    measures: dict[str, dict[int, str]] = {basis: {} for basis in BASES}
    totals: dict[tuple[str, int], tuple[int, list[str]]] = {}
    chosen = bases[bases["basis"].isin(BASES) & (bases["batch"] <= LAST)]
    for basis, batch, figure_id in zip(chosen["basis"], chosen["batch"], chosen["figure_id"], strict=True):  # fmt: skip
        if figure_id not in figures.index:
            raise InputError(
                f"table bases, basis {basis}, batch {batch}, column figure_id, value {figure_id!r}: "
                "table batches has no figure of this name. Add it there or name one that it has."
            )
        figure = figures.loc[figure_id]
        measure, n = _measure_of(figure["measure"]), int(figure["firms_count"])
        measures[basis][int(batch)] = measure
        key = (measure, int(batch))
        if totals.setdefault(key, (n, ids_of(figure["source_id"])))[0] != n:
            raise InputError(
                f"table bases, batch {batch}: two bases give {totals[key][0]} and {n} {measure} "
                "firms. Let them take one figure."
            )
    for basis, known in measures.items():
        missing = [str(b) for b in range(1, LAST + 1) if b not in known]
        if missing:
            raise InputError(f"table bases: basis {basis} has no figure for batch {missing[0]}")
    missing = [str(b) for b in range(1, LAST + 1) if ("certified", b) not in totals]
    if missing:
        raise InputError(f"table bases: no certified figure for batch {missing[0]}")
    return measures, totals


def interval_table(
    problem: Provinces, spans: Sequence[tuple[int, int]], basis: str
) -> pd.DataFrame:
    """Bounds of every provincial unit's count and share.

    Parameters
    ----------
    problem : Provinces
    spans : sequence of (first, last)
    basis : str

    Returns
    -------
    DataFrame
        Columns place_id, batches, lower_count, upper_count, lower_share_pct, upper_share_pct.
    """
    rows = []
    for first, last in spans:
        total = problem.total(first, last, basis)
        for unit in problem.units:
            found = problem.count(unit, first, last, basis)
            low, high = found.lower or 0, total if found.upper is None else found.upper
            shares = (low / total * 100, high / total * 100)
            rows.append((unit, f"{first}-{last}", low, high, *shares))
    names = [
        "place_id",
        "batches",
        "lower_count",
        "upper_count",
        "lower_share_pct",
        "upper_share_pct",
    ]
    return pd.DataFrame(rows, columns=names)


def bounds_text(
    problem: Provinces, places: Sequence[str], span: tuple[int, int], basis: str
) -> Said:
    """The bounds of a joint count and share in words.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> bounds_text(build(tables.load_all()), ["210000"], (1, 3), "study")
    '211 of 4,762 (4.43 %)'
    """
    total, found = problem.total(*span, basis), problem.count(places, *span, basis)
    low, high = found.lower or 0, total if found.upper is None else found.upper
    ends = list(dict.fromkeys((low, high)))
    counts = join((f"{n:,}" for n in ends), " to ", "至")
    shares = join((f"{100 * n / total:.2f} %" for n in ends), " to ", "至")
    return Said(
        f"{counts} of {total:,} ({shares})",
        f"{counts.zh}家，占{total:,}家的{shares.zh.replace(' %', '%')}",
    )


# -- claims --------------------------------------------------------------------------------------


def share_part(
    problem: Provinces, places: Sequence[str], span: tuple[int, int], reported: str, basis: str
) -> Fact:
    """The statement that the joint share of places rounds to a printed percentage.

    Parameters
    ----------
    problem : Provinces
    places : sequence of str
        A share of several places is taken as a sum of rounded parts, each of which may be off by
        half a unit of the last digit.
    span : (first, last)
        Batches.
    reported : str
        Percentage as printed.
    basis : str

    Returns
    -------
    Fact
        Its lower limit is above its upper one when no count rounds to the text.
    """
    base = problem.total(*span, basis)
    half = Fraction(len(places), 2 * 10 ** len(reported.partition(".")[2]))
    low = ceil((Fraction(reported) - half) * base / 100)
    high = ceil((Fraction(reported) + half) * base / 100) - 1
    terms = tuple(problem.terms(places, *span, basis).items())
    return Fact(f"{reported} % of {base}", terms, low, high)


def decide_share(
    problem: Provinces, places: Sequence[str], span: tuple[int, int], reported: str, basis: str
) -> str:
    """Whether the joint share of places can round, or must round, to a printed percentage.

    Parameters
    ----------
    problem, places, span, reported, basis
        See :func:`share_part`.

    Returns
    -------
    str
        ``entailed``, ``consistent``, ``contradicted``, ``undecided``; ``unattainable`` when no
        count over the national total rounds to the text and the bounds do not exclude its value.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> problem = build(tables.load_all())
    >>> [decide_share(problem, ["210000"], (1, 5), text, "study")
    ...     for text in ("2.58", "2.5810", "99.9001")]
    ['consistent', 'unattainable', 'contradicted']
    """
    fact = share_part(problem, places, span, reported, basis)
    assert fact.lower is not None and fact.upper is not None
    if fact.lower <= fact.upper:
        return problem.counts.decide(fact)
    # No whole number lies between: the value itself may still be outside the bounds.
    around = Fact(f"about {fact.text}", fact.terms, fact.upper, fact.lower)
    return "contradicted" if problem.counts.possible(around) is False else "unattainable"


def change_part(
    problem: Provinces, places: Sequence[str], earlier: tuple[int, int], later: tuple[int, int],
    relation: Relation, basis: str,
) -> Fact:  # fmt: skip
    """The statement that the joint share of places rose (``">"``) or fell (``"<"``)."""
    terms = problem.change_terms(places, earlier, later, basis)
    return linear(terms, relation, 0, "change of share")


def lead_parts(
    sums: Mapping[str, Mapping[Cell, int]], front: Sequence[str], among: Sequence[str]
) -> list[Fact]:
    """The statements that each place in front has more firms than every other one of a group."""
    return [
        linear({**sums[place], **{cell: -k for cell, k in sums[other].items()}}, ">", 0,
               f"{place} ahead of {other}")
        for place in front for other in among if other not in front
    ]  # fmt: skip


def fell_part(
    problem: Provinces, place_id: str, earlier: tuple[int, int], later: tuple[int, int], basis: str
) -> RankChange:
    """The statement that a unit's rank number is larger in the later span than in the earlier one."""
    before, after = problem.sums(*earlier, basis), problem.sums(*later, basis)
    return RankChange(place_id, before, after, 1, len(problem.units))


def grounds_text(facts: Iterable[Fact]) -> Said:
    """Fragments in words with their sources; relations that hold by definition are counted.

    Examples
    --------
    >>> grounds_text([Fact("Hubei, batch 3: 121", (), 121, 121, ("N-S14",))])
    'Hubei, batch 3: 121 [N-S14]'
    """
    parts: list[Said] = []
    definitions = 0
    for fact in facts:
        if fact.source_ids:
            cited = ", ".join(fact.source_ids)
            parts.append(Said(f"{fact.text} [{cited}]", f"{chinese(fact.text)} [{cited}]"))
        else:
            definitions += 1
    if definitions:
        relations = "relations that hold" if definitions > 1 else "relation that holds"
        parts.append(
            Said(
                f"{definitions} {relations} by definition (a final list is part of the announced "
                "one; a city lies within its province)",
                f"{definitions}条依定义成立的关系（最终名单包含于公示名单；市包含于省）",
            )
        )
    return join(parts)
