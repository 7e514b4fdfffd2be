"""A map of provinces or cities from the user's own boundary file.

The project distributes no boundaries: a published map of China needs an approval number (审图号) that
belongs to the boundaries it was drawn from. A user who has both puts ``boundaries.geojson`` into the
folder of own tables; its member ``approval_number`` beside ``features`` goes into the caption, and
without it the map says that it must not be published.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from helpers.errors import InputError
from helpers.evidence.bilingual import Pick
from helpers.publish import figures
from helpers.publish.charts import BLUES
from helpers.publish.figures import COLOURS, Record
from helpers.publish.teller import Teller, View

FILE = "boundaries.geojson"
# Properties that may hold the key of a polygon, in the order they are tried.
KEYS = ("place_id", "adcode", "code", "gb", "name", "NAME", "name_zh")

Ring = NDArray[np.float64]


@dataclass(frozen=True)
class Boundaries:
    """Polygons by place, and the approval number of the map they come from.

    Parameters
    ----------
    rings : mapping of str to tuple of ndarray
        place_id to rings, each of shape (points, 2): longitude and latitude in degrees.
    approval_number : str
        审图号; empty if the file gives none.
    unmatched : tuple of str
        Names of features that belong to no known place; they are drawn without a value.
    """

    rings: Mapping[str, tuple[Ring, ...]]
    approval_number: str
    unmatched: tuple[str, ...]


def own_boundaries(data_dir: Path | None) -> Path | None:
    """The user's boundary file, or None where there is none.

    Parameters
    ----------
    data_dir : Path or None

    Returns
    -------
    Path or None
    """
    path = data_dir / FILE if data_dir is not None else None
    return path if path is not None and path.is_file() else None


def _rings(geometry: Any, where: str) -> Iterator[Ring]:
    """Rings of a polygon or of several, checked."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError(f"{where}: geometry {kind!r}; give a Polygon or MultiPolygon")
    polygons = geometry.get("coordinates")
    for polygon in [polygons] if kind == "Polygon" else polygons or []:
        for number, ring in enumerate(polygon or []):
            try:
                points = np.asarray([point[:2] for point in ring], dtype=float)
            except (TypeError, ValueError, IndexError) as error:
                raise InputError(f"{where}: a ring holds no pairs of numbers") from error
            if points.ndim != 2 or len(points) < 4 or not np.isfinite(points).all():
                raise InputError(f"{where}: a ring needs four or more finite points")
            if (np.abs(points) > [180, 90]).any():
                raise InputError(
                    f"{where}: coordinates beyond 180 or 90; give degrees of longitude and latitude "
                    "(EPSG:4326), not metres of a projection"
                )
            # Filling follows the direction of rings, which many files leave to chance.
            yield points if (_turn(points) > 0) == (number == 0) else points[::-1]


def _turn(points: Ring) -> float:
    """Twice the signed area of a ring, positive if it runs against the clock."""
    x, y = points[:, 0], points[:, 1]
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


def _codes(places: pd.DataFrame) -> dict[str, str]:
    """place_id by code and by each name; provinces before cities of the same name."""
    codes: dict[str, str] = {}
    ordered = places.sort_values("level", key=lambda level: level == "prefecture", kind="stable")
    for row in ordered.itertuples():
        for name in (row.place_id, row.name_zh, row.full_name_zh, row.name_en):
            if isinstance(name, str):
                codes.setdefault(name.casefold(), str(row.place_id))
    return codes


def _key(properties: Any, codes: Mapping[str, str]) -> tuple[str | None, str]:
    """Place of a feature and what the file calls it."""
    given = properties if isinstance(properties, dict) else {}
    texts = [str(given[key]).strip() for key in KEYS if given.get(key) not in (None, "")]
    for text in texts:
        # GB codes are written with 6 digits, or with 9 or 12 when a country code or zeros are added.
        for form in (text, text.removeprefix("156"), text[:6] if text.isdigit() else text):
            if form.casefold() in codes:
                return codes[form.casefold()], text
    return None, texts[-1] if texts else "(no name)"


def read_boundaries(path: Path, places: pd.DataFrame) -> Boundaries:
    """Read a GeoJSON file of provinces or cities.

    Parameters
    ----------
    path : Path
        FeatureCollection with polygons in degrees. A feature is known by its GB/T 2260 code or name
        (properties place_id, adcode, code, gb, name, NAME or name_zh). The collection's member
        ``approval_number`` holds the approval number of the map.
    places : DataFrame
        Table ``places``.

    Returns
    -------
    Boundaries

    Raises
    ------
    InputError
        The file cannot be read, is no FeatureCollection of polygons in degrees, or no feature
        belongs to a known place.

    Notes
    -----
    RFC 7946; foreign members such as ``approval_number`` are allowed by its section 6.1.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{path}: no JSON in UTF-8 ({error}); save it as GeoJSON") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        raise InputError(f"{path}: no FeatureCollection with features; save it as GeoJSON")
    codes, unmatched = _codes(places), []
    rings: dict[str, tuple[Ring, ...]] = {}
    for number, feature in enumerate(features, 1):
        where = f"{path}, feature {number}"
        if not isinstance(feature, dict):
            raise InputError(f"{where}: no Feature object")
        place, name = _key(feature.get("properties"), codes)
        found = tuple(_rings(feature.get("geometry"), f"{where} ({name})"))
        if place is None:
            unmatched.append(name)
            place = f"unmatched-{number}"
        rings[place] = (*rings.get(place, ()), *found)
    if len(unmatched) == len(features):
        raise InputError(
            f"{path}: no feature has a known code or name in its properties {', '.join(KEYS)} "
            f"(first: {unmatched[0]!r}); add a property place_id with the GB/T 2260 code"
        )
    number_text = content.get("approval_number")
    approval = number_text.strip() if isinstance(number_text, str) else ""
    return Boundaries(rings, approval, tuple(unmatched))


def approval_note(boundaries: Boundaries, t: Pick) -> str:
    """The caption's approval number, or the stub to fill.

    Examples
    --------
    >>> approval_note(Boundaries({}, "", ()), lambda en, zh: zh)
    '审图号：【待填写，未填不得公开发布】'
    """
    if boundaries.approval_number:
        return t(
            f"Approval number of the map (审图号): {boundaries.approval_number}",
            f"审图号：{boundaries.approval_number}",
        )
    return t(
        "Approval number of the map (审图号): [TO BE FILLED IN, not for publication without it]",
        "审图号：【待填写，未填不得公开发布】",
    )


def _outline(rings: Sequence[Ring]) -> Outline:
    """One path of several rings; holes stay open, since they turn the other way."""
    codes = [
        [Outline.MOVETO, *[Outline.LINETO] * (len(ring) - 2), Outline.CLOSEPOLY] for ring in rings
    ]
    return Outline(np.concatenate(rings), np.concatenate(codes))


def choropleth(
    study: Teller, boundaries: Boundaries, values: pd.Series, focal: str, record: Record
) -> View:
    """A map shaded by value from the user's own boundaries.

    Parameters
    ----------
    study : Teller
    boundaries : Boundaries
        From :func:`read_boundaries`.
    values : Series
        Index: place_id. A place without a value, or missing, is hatched.
    focal : str
        Code of the outlined place; need not be on the map.
    record : Record
        In the study's language. Its note is followed by the approval number, or by the stub that is
        to be filled.

    Returns
    -------
    figure, record, data

    Notes
    -----
    Plate carree with the longitude shrunk by the cosine of the middle latitude: shapes look right,
    areas are not exact.
    """
    t = study.t
    every = np.concatenate([ring for rings in boundaries.rings.values() for ring in rings])
    (west, south), (east, north) = every.min(axis=0), every.max(axis=0)
    aspect = 1 / np.cos(np.deg2rad((south + north) / 2))
    known = values.reindex(list(boundaries.rings)).astype("float64")
    scale = Normalize(0, float(known.max()) if known.notna().any() else 1.0)
    with figures.styled():
        height = 6.2 * aspect * (north - south) / max(east - west, 1e-9)
        figure, ax = figures.new(7.2, float(np.clip(height, 2.5, 8.0)))
        _draw_places(ax, boundaries, known, focal, scale)
        margin = 0.02 * max(east - west, north - south)
        ax.set(xlim=(west - margin, east + margin), ylim=(south - margin, north + margin))
        ax.set_aspect(aspect)
        ax.axis("off")
        bar = figure.colorbar(ScalarMappable(scale, BLUES), ax=ax, shrink=0.6, pad=0.01)
        bar.outline.set_visible(False)
        bar.set_label(record.unit)
        if not boundaries.approval_number:
            ax.text(0.01, 0.01, approval_note(boundaries, t), transform=ax.transAxes, fontsize=figures.points(8),
                    color="white", bbox={"fc": "#B00020", "ec": "none", "pad": 3}, zorder=9)  # fmt: skip
    notes = [
        record.note,
        t(
            "Hatched: no value. Boundaries: the user's own file.",
            "斜线：无数值。边界：用户自备文件。",
        ),
        approval_note(boundaries, t),
    ]
    data = pd.DataFrame({"place_id": list(boundaries.rings), "value": known.to_numpy()})
    note = t(" ", "").join(filter(None, notes))
    return figure, replace(record, note=note), data


def _draw_places(
    ax: Any, boundaries: Boundaries, values: pd.Series, focal: str, scale: Normalize
) -> None:
    """The outlines of the places filled by their values, hatched without one; one outlined."""
    for place, rings in boundaries.rings.items():
        value, own = values[place], place == focal
        ax.add_patch(
            PathPatch(
                _outline(rings), lw=1.8 if own else 0.4, zorder=3 if own else 2,
                ec=COLOURS["focal"] if own else "#8A8A8A",
                fc="white" if pd.isna(value) else BLUES(scale(value)),
                hatch="////" if pd.isna(value) else None,
            )
        )  # fmt: skip
