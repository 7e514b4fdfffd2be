"""Counts of provinces and cities out of lists of firms, where the lists are complete enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Extent:
    """How far the lists of a batch and basis reach.

    Parameters
    ----------
    batch : int
    basis : str
    entries : int
        Entries that are counted.
    expected : tuple of int
        Totals that were announced; empty for none.
    scope : {"national", "province", "city", "none"}
        National when the entries are of several provinces and equal an announced total; province
        when all are of one province, of several cities where it has cities, and not of another
        number than the user stated; city when all of these whose city is known are of one. With the
        last two no count follows, since an absent firm would be counted as none.
    without_province : int
    province_id : str
        The province of scope ``province``.
    """

    batch: int
    basis: str
    entries: int
    expected: tuple[int, ...]
    scope: str
    without_province: int
    province_id: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether counts of provinces follow."""
        return self.scope in ("national", "province") and self.without_province == 0


def _scope(rows: pd.DataFrame, totals: Sequence[int], is_stated: bool) -> str:
    """How far the entries of one batch and basis reach; see :class:`Extent`."""
    provinces = rows["province_id"].nunique()
    is_total = len(rows) in totals
    if provinces > 1:
        return "national" if is_total else "none"
    if provinces == 0 or (is_stated and not is_total):
        return "none"
    has_cities = (rows["city_rule"] != "not_applicable").any()
    return "city" if has_cities and rows["city_id"].nunique() < 2 else "province"


def extents(
    firms: pd.DataFrame, expected: Mapping[tuple[int, str], Sequence[int]],
    stated: Collection[tuple[int, str]] = (),
) -> list[Extent]:  # fmt: skip
    """How far the lists reach, by batch and basis.

    Parameters
    ----------
    firms : DataFrame
        Table ``firm_list``; ``province_id`` is missing where unresolved.
    expected : mapping of (batch, basis) to totals
    stated : collection of (batch, basis)
        Those whose total the user stated for these very lists.

    Returns
    -------
    list of Extent

    Examples
    --------
    >>> firms = pd.DataFrame({"batch": [5, 5], "basis": ["certified"] * 2, "counted": [True, True],
    ...     "province_id": ["210000", "320000"]})
    >>> [extents(firms, {(5, "certified"): n})[0].scope for n in ([2], [3])]
    ['national', 'none']
    """
    found = []
    for (batch, basis), rows in firms[firms["counted"]].groupby(["batch", "basis"]):
        totals = tuple(expected.get((int(batch), str(basis)), ()))
        provinces = rows["province_id"].dropna().unique()
        scope = _scope(rows, totals, (batch, basis) in stated)
        found.append(Extent(
            int(batch), str(basis), len(rows), totals, scope, int(rows["province_id"].isna().sum()),
            str(provinces[0]) if scope == "province" else "",
        ))  # fmt: skip
    return found


def _sources(rows: pd.DataFrame) -> str:
    return ";".join(dict.fromkeys(rows["source_id"]))


def _of(firms: pd.DataFrame, extent: Extent) -> pd.DataFrame:
    chosen = (firms["batch"] == extent.batch) & (firms["basis"] == extent.basis)
    return firms[chosen & firms["counted"]]


def province_counts(
    firms: pd.DataFrame, places: pd.DataFrame, reach: Iterable[Extent]
) -> pd.DataFrame:
    """Rows of table ``province_counts``.

    Parameters
    ----------
    firms : DataFrame
        Table ``firm_list``.
    places : DataFrame
        Table ``places``.
    reach : iterable of Extent

    Returns
    -------
    DataFrame
        Provinces without an entry count 0 where the lists are national. The count of a plan city
        follows where the list names it by itself, or every firm of its province has a city.
    """
    units = places[places["level"].isin(("province", "corps"))]["place_id"]
    plan = places[places["plan_city"].astype(bool)]
    home = dict(zip(plan["place_id"], plan["province_id"], strict=True))
    found = []
    for extent in reach:
        if not extent.is_usable:
            continue
        rows = _of(firms, extent)
        counts = rows["province_id"].value_counts()
        covered = [extent.province_id] if extent.scope == "province" else list(units)
        source = _sources(rows)
        for place in covered:
            includes = _includes(rows, place, extent, home)
            found.append((place, extent, int(counts.get(place, 0)), includes, source))
        apart = _plan_cities_apart(rows, home) if extent.scope == "national" else False
        for city, province in home.items():
            known = extent.scope == "national" or (rows["city_id"] == city).any()
            if known and province in covered and (apart or _splits(rows, city, province)):
                found.append(
                    (city, extent, int((rows["city_id"] == city).sum()), "not_applicable", source)
                )
    return pd.DataFrame(
        [
            (place, e.batch, e.batch, e.basis, n, includes, None, source, None)
            for place, e, n, includes, source in found
        ],
        columns=["place_id", "batch_from", "batch_to", "measure", "firms_count", "includes_plan_city",
                 "as_of", "source_id", "note_en"],
    )  # fmt: skip


def _includes(rows: pd.DataFrame, place: str, extent: Extent, home: Mapping[str, str]) -> str:
    """Whether the count of a province includes its plan city."""
    cities = [city for city, province in home.items() if province == place]
    if not cities:
        return "not_applicable"
    if extent.scope == "national" or rows["city_id"].isin(cities).any():
        return "yes"
    return "unclear"  # a list of one province may leave its plan city to a list of its own


def _plan_cities_apart(rows: pd.DataFrame, home: Mapping[str, str]) -> bool:
    """Whether a national list names plan cities beside the provinces, and no other cities.

    Then a plan city that it does not name has no firm in it.
    """
    named = set(rows.loc[rows["city_rule"] == "list", "city_id"].dropna())
    return bool(named) and named <= set(home)


def _splits(rows: pd.DataFrame, city: str, province: str) -> bool:
    """Whether the firms of a plan city can be told from the others of its province."""
    inner = rows[rows["province_id"] == province]
    listed = ((inner["city_id"] == city) & (inner["city_rule"] == "list")).any()
    return bool(listed or (len(inner) and inner["city_id"].notna().all()))


def city_counts(
    firms: pd.DataFrame, places: pd.DataFrame, reach: Iterable[Extent], province_id: str,
    as_of: Mapping[tuple[int, str], str],
) -> pd.DataFrame:  # fmt: skip
    """Rows of table ``city_counts`` for a province of which every firm has a city.

    Parameters
    ----------
    firms, places, reach
        See :func:`province_counts`.
    province_id : str
        Municipalities, which have no prefecture-level cities, give no rows.
    as_of : mapping of (batch, basis) to date

    Returns
    -------
    DataFrame
        A city without a firm counts 0.
    """
    inner = places[(places["province_id"] == province_id) & (places["level"] == "prefecture")]
    found = []
    for extent in reach:
        rows = _of(firms, extent)
        own = rows[rows["province_id"] == province_id]
        covered = extent.scope == "national" or extent.province_id == province_id
        if not (extent.is_usable and covered) or own["city_id"].isna().any():
            continue
        whole = extent.scope == "national" or _includes_all(own, inner)
        counts = own["city_id"].value_counts()
        for city, plan in zip(inner["place_id"], inner["plan_city"], strict=True):
            if plan and not whole:
                continue
            found.append((city, None, "little_giant", extent.batch, extent.batch, extent.basis,
                          int(counts.get(city, 0)), "equal", as_of[extent.batch, extent.basis],
                          _sources(rows), None))  # fmt: skip
    return pd.DataFrame(found, columns=["place_id", "area_zh", "indicator_id", "batch_from", "batch_to", "measure",
                                        "firms_count", "comparison", "as_of", "source_id", "note_en"])  # fmt: skip


def _includes_all(own: pd.DataFrame, inner: pd.DataFrame) -> bool:
    plan = inner[inner["plan_city"].astype(bool)]["place_id"]
    return plan.empty or bool(own["city_id"].isin(plan).any())
