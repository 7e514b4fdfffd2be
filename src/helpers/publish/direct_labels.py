"""Names beside points, placed so that they do not cover one another."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.patheffects import Stroke
from matplotlib.transforms import Bbox

from helpers.publish.figures import COLOURS, line, points, setting
from helpers.publish.layouts import lay_out
from helpers.publish.undrawn import only_draws

# Label of the outlines behind names, which nobody reads.
HALO = "_halo"
# Where a name is tried, in points from its dot: beside it first, then above and below, then farther.
_NEAR = (
    (5, 0, "left", "center"), (-5, 0, "right", "center"), (0, 5, "center", "bottom"),
    (0, -5, "center", "top"), (5, 5, "left", "bottom"), (-5, 5, "right", "bottom"),
    (5, -5, "left", "top"), (-5, -5, "right", "top"),
)  # fmt: skip
_PLACES = (*_NEAR, *((2.6 * x, 2.6 * y, h, v) for x, y, h, v in _NEAR))


@only_draws
def place_labels(
    ax: Any, points: pd.DataFrame, named: list[str], focal: str = "", size: float = 7.0
) -> list[str]:
    """Write names beside points; one that finds no free place is left out.

    Parameters
    ----------
    ax : Axes
        Drawn, with its final limits and scales.
    points : DataFrame
        Index: unit. Columns x, y (data coordinates) and label; all points, so that names avoid them.
    named : list of str
        Units to name, the most important first.
    focal : str
        Unit written in the focal colour, and named whatever it covers.
    size : float
        Points in the design.

    Returns
    -------
    list of str
        The units that were named.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> dots = pd.DataFrame({"x": [0.2, 0.8], "y": [0.5, 0.5], "label": ["A", "B"]}, index=["a", "b"])
    >>> place_labels(axes, dots, ["b", "a"])
    ['b', 'a']
    """
    figure = ax.figure
    # Text takes relatively more room at the resolution of the file than at the default one.
    figure.set_dpi(setting().dpi)
    lay_out(figure)
    pixels = ax.transData.transform(points[["x", "y"]].to_numpy(dtype=float))
    half = 3.0 * figure.dpi / 72
    taken = [Bbox([[x - half, y - half], [x + half, y + half]]) for x, y in pixels]
    own = dict(zip(points.index, taken, strict=True))
    inside, written = ax.get_window_extent(), []
    for unit in dict.fromkeys([focal, *named] if focal in points.index else named):
        box = _write(ax, points.loc[unit], unit == focal, size, inside, taken, own[unit])
        if box is not None:
            taken.append(box)
            written.append(unit)
    return written


# The share of a text's width or height that lies left of, or below, the place it is put at.
_SHARES = {"left": 0.0, "right": 1.0, "bottom": 0.0, "top": 1.0, "center": 0.5}


def _write(
    ax: Any, point: pd.Series, focal: bool, size: float, inside: Bbox, taken: list[Bbox], own: Bbox
) -> Bbox | None:
    """Try the places around one point; the text's box, or None if none was free."""
    text = ax.annotate(
        point["label"], (point["x"], point["y"]), textcoords="offset points", xytext=(0, 0),
        fontsize=points(size), color=COLOURS["focal"] if focal else COLOURS["ink"], zorder=6,
        ha="left", va="bottom",
    )  # fmt: skip
    # Measured once and moved by hand: setting a text out anew takes a third of a millisecond.
    home, scale = text.get_window_extent(), ax.figure.dpi / 72
    for tried, (x, y, horizontal, vertical) in enumerate(_PLACES):
        box = home.translated(
            x * scale - _SHARES[horizontal] * home.width,
            y * scale - _SHARES[vertical] * home.height,
        )
        within = inside.x0 <= box.x0 and box.x1 <= inside.x1
        within = within and inside.y0 <= box.y0 and box.y1 <= inside.y1
        if within and not any(box.overlaps(other) for other in taken if other is not own):
            if tried >= len(_NEAR):  # a name far from its dot is tied to it
                ax.annotate(
                    "", (point["x"], point["y"]), (x, y), textcoords="offset points", zorder=5,
                    arrowprops={"arrowstyle": "-", "lw": 0.5, "color": "#777777", "shrinkB": 2},
                )  # fmt: skip
            text.set(position=(x, y), ha=horizontal, va=vertical)
            _halo(ax, text, point)
            return Bbox(box)
    if focal:
        text.set(position=(5, 5))
        _halo(ax, text, point)
        return Bbox(home.translated(5 * scale, 5 * scale))
    text.remove()
    return None


def _halo(ax: Any, text: Any, point: pd.Series) -> None:
    """A white outline behind a text.

    An effect on the text itself would turn its letters into outlines, which can be neither searched
    nor copied, and the file would be half as large again.
    """
    ax.annotate(
        text.get_text(), (point["x"], point["y"]), textcoords="offset points",
        xytext=text.get_position(), fontsize=text.get_fontsize(), ha=text.get_ha(),
        va=text.get_va(), color="white", zorder=5.9, label=HALO,
        path_effects=[Stroke(linewidth=line(1.8), foreground="white")],
    )  # fmt: skip
