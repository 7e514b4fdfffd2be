"""Counts of provinces and cities out of lists of firms, where the lists are complete enough."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Stated:
    """A number of firms that was announced for certain lists together.

    Parameters
    ----------
    batch : int
    basis : str
    lists : frozenset of str
    firms : int
    """

    batch: int
    basis: str
    lists: frozenset[str]
    firms: int


@dataclass(frozen=True)
class Extent:
    """How far lists of a batch and basis reach.

    Parameters
    ----------
    batch : int
    basis : str
    entries : int
        Entries that are counted.
    expected : tuple of int
        Totals that were announced; empty for none.
    scope : {"national", "provinces", "province", "plan_city", "city", "unsaid", "none"}
        National when the entries are of several provinces and equal a national total; provinces when
        they equal the number the user stated, which is no national total, so that nothing is known
        of provinces without an entry; province when all are of one province, of several cities where it has cities, and not of another
        number than the user stated; unsaid when no list says that it is of that province, so that it may be a part
        of a longer list, and no number was stated that it equals; plan_city when all are of a city with separate planning
        status, which the lists name or whose number equals the one stated; city when all of these
        whose city is known are of one. With the last three no count follows, since an absent firm
        would be counted as none.
    without_province : int
    province_id, city_id : str
        The province of scope ``province`` or ``plan_city``, and the city of the latter.
    lists : tuple of str
    """

    batch: int
    basis: str
    entries: int
    expected: tuple[int, ...]
    scope: str
    without_province: int
    province_id: str = ""
    city_id: str = ""
    lists: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether counts follow."""
        usable = ("national", "provinces", "province", "plan_city")
        return self.scope in usable and self.without_province == 0


def _scope(
    rows: pd.DataFrame, is_confirmed: bool, is_wrong: bool, plan: Collection[str],
    unsaid: Collection[str],
) -> str:  # fmt: skip
    """How far entries of one province reach; see :class:`Extent`."""
    cities = rows["city_id"]
    if rows["province_id"].nunique() == 0 or is_wrong:
        return "none"
    if cities.notna().all() and cities.nunique() == 1 and cities.iloc[0] in plan:
        return "plan_city" if is_confirmed or (rows["city_rule"] == "list").all() else "city"
    has_cities = (rows["city_rule"] != "not_applicable").any()
    if has_cities and cities.nunique() < 2:
        return "city"
    return "province" if is_confirmed or not set(rows["list_id"]) & set(unsaid) else "unsaid"


def extents(
    firms: pd.DataFrame, expected: Mapping[tuple[int, str], Sequence[int]],
    stated: Collection[Stated] = (), plan: Collection[str] = (), unsaid: Collection[str] = (),
) -> list[Extent]:  # fmt: skip
    """How far the lists reach: those of a batch and basis together, or else province by province.

    Parameters
    ----------
    firms : DataFrame
        Table ``firm_list``; ``province_id`` and ``city_id`` are missing where unresolved.
    expected : mapping of (batch, basis) to totals
        National ones.
    stated : collection of Stated
        What the user stated for these very lists; entries that differ from it are not counted. Where
        it covers all lists of a batch and basis, it decides whether these are complete.
    plan : collection of str
        Cities with separate planning status.
    unsaid : collection of str
        Lists that say nowhere of which province they are.

    Returns
    -------
    list of Extent

    Examples
    --------
    >>> firms = pd.DataFrame({"list_id": "a", "batch": [5, 5], "basis": "certified", "counted": True,
    ...     "province_id": ["210000", "320000"], "city_id": None, "city_rule": "unresolved"})
    >>> [extents(firms, {(5, "certified"): n})[0].scope for n in ([2], [3])]
    ['national', 'none']
    """
    found = []
    for (batch, basis), rows in firms[firms["counted"]].groupby(["batch", "basis"]):
        own = [item for item in stated if (item.batch, item.basis) == (batch, basis)]
        lists = set(rows["list_id"])
        covered = lists <= {name for item in own for name in item.lists}
        national = tuple(expected.get((int(batch), str(basis)), ()))
        totals = (sum(item.firms for item in own),) if covered and own else national
        if rows["province_id"].nunique() < 2:
            parts = [rows]
        elif rows.groupby("list_id")["province_id"].nunique().max() > 1:
            complete = "national" if len(rows) in national else "provinces"
            found.append(_extent(rows, totals, complete if len(rows) in totals else "none"))
            continue
        elif len(rows) in national:
            found.append(_extent(rows, national, "national"))
            continue
        else:
            # Lists of single provinces: what was stated for them is no total of the nation.
            home = rows.groupby("list_id")["province_id"].first().fillna("")
            parts = [rows[rows["list_id"].isin(lists.index)] for _, lists in home.groupby(home)]
        found += [_of_one_province(part, rows, totals, own, plan, unsaid) for part in parts]
    return found


def _of_one_province(
    part: pd.DataFrame, rows: pd.DataFrame, totals: tuple[int, ...], own: Sequence[Stated],
    plan: Collection[str], unsaid: Collection[str],
) -> Extent:  # fmt: skip
    """How far lists reach whose entries are of one province, among all of a batch and basis."""
    lists = set(part["list_id"])
    touching = [item for item in own if item.lists & lists]
    is_wrong = any(rows["list_id"].isin(item.lists).sum() != item.firms for item in touching)
    covered = bool(touching) and lists <= {name for item in touching for name in item.lists}
    if len(part) < len(rows):
        inside = covered and all(item.lists <= lists for item in touching)
        totals = (sum(item.firms for item in touching),) if inside else ()
    return _extent(part, totals, _scope(part, covered and not is_wrong, is_wrong, plan, unsaid))


def _extent(rows: pd.DataFrame, totals: tuple[int, ...], scope: str) -> Extent:
    first = rows.iloc[0]
    provinces, cities = rows["province_id"].dropna(), rows["city_id"].dropna()
    return Extent(
        int(first["batch"]), str(first["basis"]), len(rows), totals, scope,
        int(rows["province_id"].isna().sum()),
        str(provinces.iloc[0]) if scope in ("province", "plan_city") else "",
        str(cities.iloc[0]) if scope == "plan_city" else "",
        tuple(dict.fromkeys(rows["list_id"])),
    )  # fmt: skip


def _sources(rows: pd.DataFrame) -> str:
    return ";".join(dict.fromkeys(rows["source_id"]))


def _of(firms: pd.DataFrame, extent: Extent) -> pd.DataFrame:
    chosen = (firms["batch"] == extent.batch) & (firms["basis"] == extent.basis)
    return firms[chosen & firms["counted"] & firms["list_id"].isin(extent.lists)]


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
        follows where the list names it by itself, or every firm of its province has a city; of a
        plan city's own list it is all, and its province stays open.
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
        source = _sources(rows)
        if extent.scope == "plan_city":
            found.append((extent.city_id, extent, len(rows), "not_applicable", source))
            continue
        covered = [place for place in units if extent.scope == "national" or place in counts.index]
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
    """Rows of table ``city_counts`` for a province of which every firm has a city, or a plan city.

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
        covered = extent.scope == "national" or (
            len(own) > 0 if extent.scope == "provinces" else extent.province_id == province_id
        )
        if not (extent.is_usable and covered) or own["city_id"].isna().any():
            continue
        whole = extent.scope == "national" or _includes_all(own, inner)
        counts = own["city_id"].value_counts()
        for city, plan in zip(inner["place_id"], inner["plan_city"], strict=True):
            if (plan and not whole) or extent.city_id not in ("", city):
                continue
            found.append((city, None, "little_giant", extent.batch, extent.batch, extent.basis,
                          int(counts.get(city, 0)), "equal", as_of[extent.batch, extent.basis],
                          _sources(rows), None))  # fmt: skip
    return pd.DataFrame(found, columns=["place_id", "area_zh", "indicator_id", "batch_from", "batch_to", "measure",
                                        "firms_count", "comparison", "as_of", "source_id", "note_en"])  # fmt: skip


def _includes_all(own: pd.DataFrame, inner: pd.DataFrame) -> bool:
    plan = inner[inner["plan_city"].astype(bool)]["place_id"]
    return plan.empty or bool(own["city_id"].isin(plan).any())
