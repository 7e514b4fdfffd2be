"""Tile layouts: every place once, no tile twice, neighbours side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import DataError, InputError
from helpers.evidence import tables
from helpers.publish.tiles import NATION, layout_tiles, ordered_tiles, tiles_for

LIAONING = "210000"
# GB/T 2260 codes of the provincial units of which the programme's table has no row.
NOT_LISTED = {"710000": "台湾", "810000": "香港", "820000": "澳门"}


@pytest.fixture(scope="module")
def layouts() -> pd.DataFrame:
    return tables.load("tile_layouts")


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return tables.load("places").set_index("place_id")


def touch(tiles: pd.DataFrame, one: str, other: str) -> bool:
    """Whether two tiles have a side or a corner in common."""
    at = tiles.set_index("place_id")[["tile_row", "tile_column"]]
    return int((at.loc[one] - at.loc[other]).abs().max()) == 1


def test_every_provincial_unit_has_one_tile(layouts: pd.DataFrame, places: pd.DataFrame) -> None:
    rows = layouts[layouts["layout"] == NATION]
    units = rows.loc[rows["territory"], "place_id"]
    provinces = places.index[places["level"] == "province"]
    assert len(units) == 34
    assert set(units) == set(provinces) | set(NOT_LISTED)
    assert set(rows["place_id"]) - set(units) == {"XPCC"}


def test_every_city_of_liaoning_has_one_tile(layouts: pd.DataFrame, places: pd.DataFrame) -> None:
    rows = layouts[layouts["layout"] == LIAONING]
    home = places[(places["province_id"] == LIAONING) & (places["level"] == "prefecture")]
    assert len(rows) == 14
    assert set(rows["place_id"]) == set(home.index)
    assert rows["territory"].all()


def test_no_tile_holds_two_places(layouts: pd.DataFrame) -> None:
    assert not layouts.duplicated(["layout", "tile_row", "tile_column"]).any()
    assert not layouts.duplicated(["layout", "place_id"]).any()


def test_a_name_of_its_own_only_where_places_has_none(
    layouts: pd.DataFrame, places: pd.DataFrame
) -> None:
    named = layouts[layouts["name_zh"].notna()]
    assert dict(zip(named["place_id"], named["name_zh"], strict=True)) == NOT_LISTED
    assert named["name_en"].notna().all()
    assert set(layouts["place_id"]) - set(named["place_id"]) <= set(places.index)


def test_most_neighbouring_provinces_touch(layouts: pd.DataFrame) -> None:
    tiles = layouts[layouts["layout"] == NATION]
    borders = tables.load("contiguity")
    pairs = list(zip(borders["place_id"], borders["neighbour_id"], strict=True))
    assert len(pairs) > 60
    touching = sum(touch(tiles, one, other) for one, other in pairs)
    assert touching / len(pairs) > 0.85
    assert touch(tiles, "XPCC", "650000")


def test_the_compass(layouts: pd.DataFrame) -> None:
    at = layouts.set_index(["layout", "place_id"])[["tile_row", "tile_column"]]
    nation, liaoning = at.loc[NATION], at.loc[LIAONING]
    assert nation["tile_row"].idxmin() == "230000"  # 黑龙江 in the north
    assert nation.loc["460000", "tile_row"] == nation["tile_row"].max()  # 海南 in the south
    assert nation.loc["540000", "tile_column"] == nation["tile_column"].min()  # 西藏 in the west
    assert liaoning["tile_row"].idxmax() == "210200"  # 大连 at the tip of the peninsula
    assert liaoning.loc["211200", "tile_row"] == 0  # 铁岭 in the north
    assert (
        liaoning.loc["210600", "tile_column"] == liaoning["tile_column"].max()
    )  # 丹东 at the Yalu
    assert set(liaoning.index[liaoning["tile_column"] == 0]) == {"211300", "211400"}  # 朝阳 葫芦岛


def test_labels(layouts: pd.DataFrame, places: pd.DataFrame) -> None:
    for language in ("en", "zh"):
        names = places[f"name_{language}"].to_dict()
        tiles = layout_tiles(layouts, NATION, names.__getitem__, language).set_index("place_id")
        assert tiles.loc["210000", "label"] == names["210000"]
        assert tiles.loc["710000", "label"] == {"en": "Taiwan", "zh": "台湾"}[language]


def test_a_shared_tile_is_named(layouts: pd.DataFrame) -> None:
    broken = layouts.copy()
    at = broken.index[broken["place_id"] == "210300"][0]
    broken.loc[at, ["tile_row", "tile_column"]] = [4, 1]
    with pytest.raises(InputError, match=r"layout 210000: 210200 and 210300 share row 4, column 1"):
        layout_tiles(broken, LIAONING, str)
    assert len(layout_tiles(broken, NATION, str)) == 35


def test_an_unknown_code_is_named(layouts: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"layout CN: 110000 stands not in places"):
        layout_tiles(layouts, NATION, {}.__getitem__)


def test_without_a_layout_the_order_is_kept(layouts: pd.DataFrame) -> None:
    wanted = [f"3201{n:02}" for n in range(9)]
    tiles, drawn = tiles_for(layouts, "320000", wanted, str)
    assert not drawn
    assert tiles["place_id"].tolist() == wanted
    assert tiles["tile_row"].tolist() == [0] * 7 + [1] * 2
    assert ordered_tiles([], str).empty
    some, drawn = tiles_for(layouts, LIAONING, ["210300", "210200"], str)
    assert drawn and set(some["place_id"]) == {"210300", "210200"}
    # One city without a tile: better no geography than a hole.
    assert not tiles_for(layouts, LIAONING, ["210300", "210250"], str)[1]


def test_a_users_layout_is_read(own: pytest.TempPathFactory, layouts: pd.DataFrame) -> None:
    row = {"layout": "320000", "place_id": "320500", "tile_row": 2, "tile_column": 3}
    row |= {"territory": "true", "source_id": "GB2260"}
    frame = pd.DataFrame([row], columns=layouts.columns)
    frame.to_csv(f"{own}/tile_layouts.csv", index=False)
    tiles, drawn = tiles_for(tables.load("tile_layouts", own), "320000", ["320500"], str)
    assert drawn and tiles["tile_column"].tolist() == [3]
    frame.assign(tile_row=-1).to_csv(f"{own}/tile_layouts.csv", index=False)
    with pytest.raises(DataError, match="tile_row"):
        tables.load("tile_layouts", own)
