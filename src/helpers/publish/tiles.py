"""Places as tiles: where each stands, and a plain order where no layout is on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from helpers.errors import InputError

NATION = "CN"


def layout_tiles(
    layouts: pd.DataFrame, layout: str, name: Callable[[str], str], language: str = "en"
) -> pd.DataFrame:
    """Tiles of one layout with the names of their places.

    Parameters
    ----------
    layouts : DataFrame
        Table ``tile_layouts``.
    layout : str
        ``"CN"`` for the provincial units, the code of a province for its cities.
    name : callable
        Gives a place's name from its code; asked only where the table has none of its own.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Columns place_id, label, tile_row, tile_column, territory; no rows where the table has no
        such layout.

    Raises
    ------
    InputError
        Two places stand on one tile, or a place has no name here nor in ``places``.

    Examples
    --------
    >>> table = pd.DataFrame({"layout": ["CN"], "place_id": ["710000"], "tile_row": [7],
    ...     "tile_column": [7], "territory": [True], "name_zh": ["台湾"], "name_en": ["Taiwan"]})
    >>> layout_tiles(table, "CN", str)["label"].tolist()
    ['Taiwan']
    """
    rows = layouts[layouts["layout"] == layout].reset_index(drop=True)
    twice = rows[rows.duplicated(["tile_row", "tile_column"], keep=False)]
    if len(twice):
        row, column = twice[["tile_row", "tile_column"]].iloc[0]
        shared = twice[(twice["tile_row"] == row) & (twice["tile_column"] == column)]
        raise InputError(
            f"table tile_layouts, layout {layout}: {' and '.join(shared['place_id'])} share row {row}, "
            f"column {column}. Give each place a tile of its own."
        )
    own = rows[f"name_{language}"]
    labels = [
        text if isinstance(text, str) and text else _name(place, layout, name)
        for text, place in zip(own, rows["place_id"], strict=True)
    ]
    columns = ["place_id", "label", "tile_row", "tile_column", "territory"]
    return rows.assign(label=pd.Series(labels, rows.index, dtype="str"))[columns]


def _name(place: str, layout: str, name: Callable[[str], str]) -> str:
    try:
        return name(place)
    except KeyError as error:
        raise InputError(
            f"table tile_layouts, layout {layout}: {place} stands not in places. Correct the code, or "
            "give it name_zh and name_en."
        ) from error


def ordered_tiles(
    place_ids: Sequence[str], name: Callable[[str], str], columns: int = 7
) -> pd.DataFrame:
    """Tiles in the order given, row by row; their positions mean nothing.

    Parameters
    ----------
    place_ids : sequence of str
    name : callable
        Gives a place's name from its code.
    columns : int
        Tiles in a row.

    Returns
    -------
    DataFrame
        As from :func:`layout_tiles`.

    Examples
    --------
    >>> ordered_tiles(["a", "b", "c"], str.upper, 2)[["label", "tile_row", "tile_column"]].values.tolist()
    [['A', 0, 0], ['B', 0, 1], ['C', 1, 0]]
    """
    return pd.DataFrame(
        {
            "place_id": list(place_ids),
            "label": pd.Series([name(place) for place in place_ids], dtype="str"),
            "tile_row": [n // columns for n in range(len(place_ids))],
            "tile_column": [n % columns for n in range(len(place_ids))],
            "territory": True,
        }
    )


def tiles_for(
    layouts: pd.DataFrame,
    layout: str,
    place_ids: Sequence[str],
    name: Callable[[str], str],
    language: str = "en",
) -> tuple[pd.DataFrame, bool]:
    """Tiles of some places: by a layout that holds all of them, else in the order given.

    Parameters
    ----------
    layouts, layout, name, language
        See :func:`layout_tiles`.
    place_ids : sequence of str

    Returns
    -------
    tiles : DataFrame
        As from :func:`layout_tiles`, only the places asked for.
    drawn : bool
        Whether positions stand for geography.
    """
    tiles = layout_tiles(layouts, layout, name, language)
    if place_ids and set(place_ids) <= set(tiles["place_id"]):
        return tiles[tiles["place_id"].isin(place_ids)].reset_index(drop=True), True
    return ordered_tiles(place_ids, name), False
