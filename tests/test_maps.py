"""Maps from a user's boundary file: synthetic squares, and files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bilingual import EN, ZH
from matplotlib.patches import PathPatch

from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish import figures, maps
from helpers.publish.figures import Record

RECORD = Record("map", "Synthetic map", unit="firms", note="Made up.")


def square(x: float, y: float, size: float = 2.0, clockwise: bool = False) -> list[list[float]]:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return ring[::-1] if clockwise else ring


def feature(properties: Any, *rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties,
            "geometry": {"type": "Polygon", "coordinates": list(rings)}}  # fmt: skip


SYNTHETIC = [
    feature({"adcode": 210000, "name": "Synthetic A"}, square(120, 40), square(120.5, 40.5, 1)),
    feature({"name": "吉林省"}, square(122, 40, clockwise=True)),
    feature({"gb": "156230000"}, square(120, 42)),
    feature({"name": "Atlantis"}, square(122, 42)),
]


def write(folder: Path, features: Any = SYNTHETIC, **members: Any) -> Path:
    path = folder / maps.FILE
    content = {"type": "FeatureCollection", "features": features} | members
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return tables.load("places")


def test_places_are_known_by_code_or_name(tmp_path: Path, places: pd.DataFrame) -> None:
    found = maps.read_boundaries(write(tmp_path, approval_number=" GS(2099)0000号 "), places)
    assert list(found.rings) == ["210000", "220000", "230000", "unmatched-4"]
    assert found.unmatched == ("Atlantis",)
    assert found.approval_number == "GS(2099)0000号"
    assert [len(rings) for rings in found.rings.values()] == [2, 1, 1, 1]
    # Outer rings run against the clock and holes with it, whatever the file does.
    turns = [maps._turn(ring) > 0 for rings in found.rings.values() for ring in rings]
    assert turns == [True, False, True, True, True]


def test_several_polygons_and_rings_of_one_place(tmp_path: Path, places: pd.DataFrame) -> None:
    islands = {"type": "MultiPolygon", "coordinates": [[square(110, 20)], [square(115, 20)]]}
    features = [
        {"type": "Feature", "properties": {"place_id": "460000"}, "geometry": islands},
        feature({"place_id": "460000"}, [[*point, 12.5] for point in square(118, 20)]),
    ]
    found = maps.read_boundaries(write(tmp_path, features), places)
    assert [ring[:, 0].min() for ring in found.rings["460000"]] == [110, 115, 118]
    assert found.rings["460000"][2].shape == (5, 2)


def test_own_boundaries(tmp_path: Path) -> None:
    assert maps.own_boundaries(None) is None
    assert maps.own_boundaries(tmp_path) is None
    assert maps.own_boundaries(write(tmp_path).parent) == tmp_path / "boundaries.geojson"
    # A boundary file among the user's tables is no fault.
    assert tables.load_all(tmp_path)


def test_a_map_without_approval_number_says_so(tmp_path: Path, places: pd.DataFrame) -> None:
    boundaries = maps.read_boundaries(write(tmp_path), places)
    values = pd.Series({"210000": 3.0, "220000": 1.0})
    figure, record, data = maps.choropleth(EN, boundaries, values, "210000", RECORD)
    assert "TO BE FILLED IN" in record.note
    stamps = [text.get_text() for text in figure.axes[0].texts]
    assert stamps == [maps.approval_note(boundaries, EN.t)]
    assert data["value"].isna().tolist() == [False, False, True, True]
    saved = figures.save(figure, record, tmp_path / "figures", "en", data)
    assert saved.path.is_file()


def test_a_map_with_its_number_shows_it(tmp_path: Path, places: pd.DataFrame) -> None:
    boundaries = maps.read_boundaries(write(tmp_path, approval_number="GS(2099)0000号"), places)
    figure, record, _ = maps.choropleth(
        ZH, boundaries, pd.Series({"210000": 3.0}), "210000", RECORD
    )
    assert record.note.startswith("Made up.")
    assert "审图号：GS(2099)0000号" in record.note
    assert not figure.axes[0].texts


def test_shades_holes_and_hatches(tmp_path: Path, places: pd.DataFrame) -> None:
    boundaries = maps.read_boundaries(write(tmp_path), places)
    values = pd.Series({"210000": 4.0, "220000": 1.0, "999999": 9.0})
    figure, _, _ = maps.choropleth(EN, boundaries, values, "210000", RECORD)
    patches = [item for item in figure.axes[0].patches if isinstance(item, PathPatch)]
    assert [bool(patch.get_hatch()) for patch in patches] == [False, False, True, True]
    dark = [sum(patch.get_facecolor()[:3]) for patch in patches[:2]]
    assert dark[0] < dark[1]
    assert patches[0].get_linewidth() > patches[1].get_linewidth()
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    x, y = figure.axes[0].transData.transform((121.0, 41.0))  # the middle of the hole
    assert pixels[pixels.shape[0] - int(y), int(x), :3].tolist() == [255, 255, 255]
    x, y = figure.axes[0].transData.transform((120.25, 41.0))
    assert pixels[pixels.shape[0] - int(y), int(x), :3].tolist() != [255, 255, 255]


@pytest.mark.parametrize("values", [pd.Series(dtype=float), pd.Series({"210000": 0.0})])
def test_no_values_or_only_zeros(tmp_path: Path, places: pd.DataFrame, values: pd.Series) -> None:
    boundaries = maps.read_boundaries(write(tmp_path), places)
    figure, record, _ = maps.choropleth(EN, boundaries, values, "", RECORD)
    assert figures.save(figure, record, tmp_path / "figures").path.is_file()


BAD = {
    "not json": ("{", "no JSON in UTF-8"),
    "no collection": ("[1]", "no FeatureCollection"),
    "empty": ('{"features": []}', "no FeatureCollection with features"),
    "no feature": ('{"features": [3]}', "feature 1: no Feature object"),
    "line": (json.dumps({"features": [{"properties": {"name": "辽宁"}, "geometry": {"type": "LineString"}}]}), "feature 1 .辽宁.: geometry 'LineString'"),
    "no geometry": (json.dumps({"features": [{"properties": {}, "geometry": None}]}), "geometry None"),
    "metres": (json.dumps({"features": [feature({"name": "辽宁"}, square(500_000, 4_000_000))]}), "not metres of a projection"),
    "text": (json.dumps({"features": [feature({"name": "辽宁"}, [["a", "b"]] * 4)]}), "no pairs of numbers"),
    "short ring": (json.dumps({"features": [feature({"name": "辽宁"}, square(1, 1)[:3])]}), "four or more finite points"),
    "nan": (json.dumps({"features": [feature({"name": "辽宁"}, [[float("nan"), 1.0], *square(1, 1)])]}), "finite points"),
    "unknown": (json.dumps({"features": [feature({"name": "Atlantis"}, square(1, 1))]}), "no feature has a known code or name.*Atlantis.*place_id"),
    "nameless": (json.dumps({"features": [feature(None, square(1, 1))]}), "no name"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_bad_files(tmp_path: Path, places: pd.DataFrame, kind: str) -> None:
    text, words = BAD[kind]
    path = tmp_path / maps.FILE
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words) as caught:
        maps.read_boundaries(path, places)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path, places: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        maps.read_boundaries(tmp_path / "absent.geojson", places)
    gbk = tmp_path / maps.FILE
    gbk.write_bytes("{'名': 1}".encode("gbk"))
    with pytest.raises(InputError, match="UTF-8"):
        maps.read_boundaries(gbk, places)
