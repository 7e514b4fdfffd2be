"""Whether a figure can be read: sizes, clipping, overlap, and colours seen by every eye.

Colour vision deficiency is simulated with the matrices of Machado, Oliveira and Fernandes (2009), A
physiologically-based model for simulation of color vision deficiency, IEEE Transactions on
Visualization and Computer Graphics 15(6), for complete deficiency (severity 1). Differences are
distances in CIE L*a*b* (CIE 1976, white point D65).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from numpy.typing import NDArray

from helpers.publish.direct_labels import HALO
from helpers.publish.figures import setting, styled

Array = NDArray[np.float64]

# Machado et al. (2009), severity 1.0; they apply to linear RGB.
MATRICES: dict[str, Array] = {
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}  # fmt: skip
VISIONS = ("normal", *MATRICES, "grey")
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # sRGB, IEC 61966-2-1
_WHITE = _TO_XYZ.sum(axis=1)
# Two areas side by side are told apart from about twice the difference that is just noticed
# (2.3, Mahy et al. 1994); printing and small areas ask for more.
LEAST_DIFFERENCE = 8.0
# In grey there is only lightness, from 0 (black) to 100 (white).
LEAST_LIGHTNESS = 8.0
# Two texts may touch by the blank that every line of text has above and below.
_SLACK = 0.25
_TOUCH = 0.08
_DPI = 100


def _linear(colours: Array) -> Array:
    """SRGB from 0 to 1 as light."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def _lab(light: Array) -> Array:
    """CIE L*a*b* of linear RGB."""
    ratio = light @ _TO_XYZ.T / _WHITE
    bent = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def seen(colour: Any, vision: str) -> Array:
    """A colour as an eye sees it.

    Parameters
    ----------
    colour : matplotlib colour
    vision : {"normal", "protanopia", "deuteranopia", "tritanopia", "grey"}

    Returns
    -------
    ndarray, shape (3,)
        CIE L*, a* and b*; a* and b* are nought in grey.

    Examples
    --------
    >>> [round(float(part)) for part in seen("white", "deuteranopia")]
    [100, 0, 0]
    >>> round(float(seen("#777777", "grey")[0]))
    50
    """
    light = _linear(np.asarray(to_rgb(colour), dtype=np.float64))
    if vision == "grey":
        luminance = float(light @ _TO_XYZ[1])
        return _lab(np.full(3, luminance)) * np.array([1.0, 0.0, 0.0])
    if vision != "normal":
        light = np.clip(MATRICES[vision] @ light, 0.0, 1.0)
    return _lab(light)


def difference(first: Any, second: Any, vision: str = "normal") -> float:
    """How far two colours are apart for an eye.

    Parameters
    ----------
    first, second : matplotlib colour
    vision : str
        See :func:`seen`.

    Returns
    -------
    float
        Distance in CIE L*a*b*, 0 for equal colours, 100 from black to white.

    Examples
    --------
    >>> difference("#ff0000", "#00a000") > 100
    True
    >>> difference("#a02c2c", "#5a5a00", "deuteranopia") < difference("#a02c2c", "#5a5a00")
    True
    """
    return float(np.linalg.norm(seen(first, vision) - seen(second, vision)))


@dataclass(frozen=True)
class Finding:
    """Something that some reader cannot read.

    Parameters
    ----------
    kind : {"small", "clipped", "overlap", "colours"}
    what : str
        Texts or colours.
    value : float
        Points, share of the smaller text's area, or difference of colours.
    """

    kind: str
    what: str
    value: float

    def __str__(self) -> str:
        told = {
            "small": f"text of {self.value:.1f} pt: {self.what}",
            "clipped": f"text beyond the edge of the page: {self.what}",
            "overlap": f"texts over each other by {self.value:.0%} of the smaller: {self.what}",
            "colours": f"neighbouring colours {self.value:.1f} apart: {self.what}",
        }
        return told[self.kind]


def texts(figure: Any) -> Iterator[Any]:
    """The texts of a figure that are drawn and hold something to read."""
    hidden = {text for axes in figure.axes for text in _hidden(axes)}
    for artist in figure.findobj(Text):
        told = artist.get_visible() and artist.get_text().strip() and artist not in hidden
        if told and artist.get_label() != HALO:
            yield artist


def _hidden(axes: Any) -> set[Any]:
    """Labels of an axis that is switched off, and of ticks beyond the limits."""
    if not axes.get_visible():
        return set(axes.findobj(Text))
    found: set[Any] = set()
    for axis in (axes.xaxis, axes.yaxis):
        if not axes.axison or not axis.get_visible():
            found |= set(axis.findobj(Text))
            continue
        ticks = {*axis.get_major_ticks(), *axis.get_minor_ticks()} - set(axis._update_ticks())
        found |= {label for tick in ticks for label in (tick.label1, tick.label2)}
    return found


def small_texts(figure: Any, minimum: float | None = None) -> list[Finding]:
    """Texts below the smallest size of the present setting, in points."""
    least = setting().minimum if minimum is None else minimum
    return [
        Finding("small", artist.get_text()[:40], artist.get_fontsize())
        for artist in texts(figure)
        if artist.get_fontsize() < least - 0.01
    ]


def clipped_texts(figure: Any) -> list[Finding]:
    """Texts that reach beyond the page by more than half a point."""
    slack, width, height = figure.dpi / 144, figure.bbox.width, figure.bbox.height
    found = []
    for artist in texts(figure):
        box = artist.get_window_extent()
        beyond = max(-box.x0, -box.y0, box.x1 - width, box.y1 - height)
        if beyond > slack and box.width > 0:
            found.append(Finding("clipped", artist.get_text()[:40], beyond * 72 / figure.dpi))
    return found


def overlaps(figure: Any) -> list[Finding]:
    """Pairs of upright texts that lie over each other.

    Notes
    -----
    Slanted texts are left out: the box around one is mostly empty.
    """
    boxed = [
        (artist.get_text(), artist.get_window_extent())
        for artist in texts(figure)
        if artist.get_rotation() % 90 == 0
    ]
    found = []
    for (first, one), (second, other) in combinations(boxed, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        low = min(one.height, other.height)
        if width <= 0 or height <= _SLACK * low:
            continue
        share = width * height / min(one.width * one.height, other.width * other.height)
        if share > _TOUCH:
            found.append(Finding("overlap", f"{first[:30]!r} and {second[:30]!r}", share))
    return found


def neighbours(figure: Any) -> set[tuple[str, str]]:
    """Pairs of fill colours of bars and cells that touch and that only their colour tells apart.

    Notes
    -----
    Left out are hatched areas, and pairs of which each has its value or name written in it.
    """
    pairs = set()
    near = 2.0 * figure.dpi / 72
    for axes in figure.axes:
        for (first, one, named), (second, other, also) in combinations(_cells(axes), 2):
            across = min(one.x1, other.x1) - max(one.x0, other.x0)
            upward = min(one.y1, other.y1) - max(one.y0, other.y0)
            beside = -near <= across <= near and upward > near
            above = -near <= upward <= near and across > near
            if first != second and (beside or above) and not (named and also):
                pairs.add((min(first, second), max(first, second)))
    return pairs


def _cells(axes: Any) -> list[tuple[str, Any, bool]]:
    """Colour and box of opaque plain rectangles, and whether something is written in them."""
    boxes = [text.get_window_extent() for text in axes.texts if text.get_text().strip()]
    middles = [((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) for box in boxes]
    cells = []
    for patch in axes.patches:
        plain = isinstance(patch, Rectangle) and patch.get_visible() and not patch.get_hatch()
        if plain and patch.get_fill() and to_rgba(patch.get_facecolor())[3] == 1:
            box = patch.get_window_extent()
            named = any(box.contains(x, y) for x, y in middles)
            cells.append((to_hex(patch.get_facecolor()), box, named))
    return cells


def close_colours(pairs: Iterable[tuple[str, str]]) -> list[Finding]:
    """Pairs of colours that some eye, or a grey print, does not tell apart.

    Parameters
    ----------
    pairs : iterable of (str, str)

    Examples
    --------
    >>> [finding.what for finding in close_colours([("#0072b2", "#d55e00")])]
    []
    >>> len(close_colours([("#808080", "#828282")]))
    5
    """
    found = []
    for first, second in sorted(pairs):
        for vision in VISIONS:
            apart = difference(first, second, vision)
            if apart < (LEAST_LIGHTNESS if vision == "grey" else LEAST_DIFFERENCE):
                found.append(Finding("colours", f"{first} and {second}, {vision}", apart))
    return found


def findings(figure: Any) -> list[Finding]:
    """Everything that is hard to read in a figure that was laid out.

    Parameters
    ----------
    figure : Figure
        After ``figures.render``.

    Returns
    -------
    list of Finding
    """
    # Measured as it was drawn: in its style, with the labels of axes placed anew, since they stand
    # where the last format put them.
    with styled():
        figure.set_dpi(_DPI)
        figure.draw_without_rendering()
        return [
            *small_texts(figure),
            *clipped_texts(figure),
            *overlaps(figure),
            *close_colours(neighbours(figure)),
        ]
