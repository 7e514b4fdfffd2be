"""Provinces and cities by name or code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd

from helpers.errors import ParameterError


@dataclass(frozen=True)
class Place:
    """A province or city.

    Examples
    --------
    >>> Place("210300", "鞍山", "Anshan", "210000", False).label("en")
    'Anshan'
    """

    place_id: str
    name_zh: str
    name_en: str
    province_id: str
    plan_city: bool

    def label(self, language: str) -> str:
        """Name in the language; the Chinese one where no Latin form is on record."""
        return self.name_en if language == "en" and self.name_en else self.name_zh


def near(word: str, known: Iterable[str]) -> str:
    """A sentence that names the known words closest to a wrong one.

    Examples
    --------
    >>> near("Lioning", ["Liaoning", "Henan"])
    'Did you mean Liaoning?'
    """
    pool = list(dict.fromkeys(known))
    folded = {item.casefold(): item for item in pool}
    found = [folded[item] for item in get_close_matches(word.casefold(), folded, n=3, cutoff=0.5)]
    if not found and len(pool) <= 40:
        return f"Known: {', '.join(pool)}."
    return f"Did you mean {', '.join(found)}?" if found else "No similar name is known."


def _names(places: pd.DataFrame) -> dict[str, str]:
    names: dict[str, str] = {}
    for row in places.itertuples():
        for name in (row.place_id, row.name_zh, row.full_name_zh, row.name_en):
            if isinstance(name, str):
                names.setdefault(name.casefold(), str(row.place_id))
    return names


def _readable(places: pd.DataFrame) -> list[str]:
    return [*places["name_zh"], *places["name_en"].dropna()]


def place_of(places: pd.DataFrame, place_id: str) -> Place:
    """The place with a code.

    Parameters
    ----------
    places : DataFrame
        Table ``places``.
    place_id : str

    Returns
    -------
    Place

    Raises
    ------
    KeyError
        No place has this code.
    """
    known = places["place_id"].tolist()
    if place_id not in known:
        raise KeyError(place_id)
    row = places.iloc[known.index(place_id)]
    name_en = row["name_en"] if isinstance(row["name_en"], str) else ""
    return Place(
        row["place_id"], row["name_zh"], name_en, row["province_id"], bool(row["plan_city"])
    )


def resolve_province(places: pd.DataFrame, text: str) -> Place:
    """The province a user named.

    Parameters
    ----------
    places : DataFrame
        Table ``places``.
    text : str
        Chinese name (short or full), English name in any case, or GB/T 2260 code.

    Returns
    -------
    Place

    Raises
    ------
    ParameterError
        No province has this name; the message lists the nearest.
    """
    provinces = places[places["level"] != "prefecture"]
    found = _names(provinces).get(text.strip().casefold())
    if found is None:
        raise ParameterError(
            f"parameter province, value {text!r}: no province has this name or code. "
            f"{near(text, _readable(provinces))}"
        )
    return place_of(places, found)


def _cities_of(places: pd.DataFrame, province_id: str) -> pd.DataFrame:
    """Prefectures of a province; a unit without any stands for itself."""
    of_province = (places["level"] == "prefecture") & (places["province_id"] == province_id)
    return places[of_province] if of_province.any() else places[places["place_id"] == province_id]


def resolve_city(places: pd.DataFrame, text: str, province: Place) -> Place:
    """The prefecture-level city of a province that a user named.

    Parameters
    ----------
    places : DataFrame
        Table ``places``.
    text : str
        As for :func:`resolve_province`. A municipality may be named as its own city.
    province : Place

    Returns
    -------
    Place

    Raises
    ------
    ParameterError
        The province has no such city; the message says where a city of this name lies, or lists
        the nearest names.
    """
    candidates = _cities_of(places, province.province_id)
    wanted = text.strip().casefold()
    found = _names(candidates).get(wanted)
    if found is not None:
        return place_of(places, found)
    message = (
        f"parameter city, value {text!r}: {province.name_zh} has no city of this name or code. "
    )
    homes = [
        place_of(places, str(home))
        for home, cities in places.groupby("province_id", sort=False)
        if wanted in _names(_cities_of(cities, str(home)))
    ]
    if homes:
        names = " or ".join(f"{home.name_zh} ({home.name_en})" for home in homes)
        own = list(candidates["name_zh"])
        listed = ", ".join(own[:5]) + (", ..." if len(own) > 5 else "")
        raise ParameterError(
            message + f"It lies in {names}: set that province, or name a city of "
            f"{province.name_zh} ({listed})."
        )
    raise ParameterError(message + near(text, _readable(candidates)))
