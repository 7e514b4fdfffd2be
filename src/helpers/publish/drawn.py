"""A figure drawn once: its picture, and the calls that drew it, for files of other formats.

Half of what a file of a figure costs goes into artists that work out anew where their lines and
texts lie. The places are the same in every format. So a figure is drawn once, on the renderer of
pictures, and its calls are noted; a file of another format is a figure with one artist, which makes
these calls again at the other resolution.
"""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib import _text_helpers
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import get_hinting_flag
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags, RenderMode
from matplotlib.transforms import Affine2D, Bbox, Transform, TransformedPath

# Where the arguments of a call are transforms to pixels, behind the graphics context.
_TRANSFORMS = {
    "draw_path": (1,), "draw_markers": (1, 3), "draw_path_collection": (0, 4),
    "draw_quad_mesh": (0, 5), "draw_text": (),
}  # fmt: skip
# Calls that hold pixels instead of shapes, or change the renderer.
_PIXELS = (
    "draw_image", "draw_gouraud_triangles", "draw_tex", "start_rasterizing", "start_filter",
)  # fmt: skip
_GROUPS = ("open_group", "close_group")
_LETTERS = "_draw_text_glyphs_and_boxes"


@dataclass(frozen=True)
class _Call:
    """A call of a renderer's method; transforms and context as they were then."""

    method: str
    context: Any
    arguments: tuple[Any, ...]
    options: dict[str, Any]


@dataclass
class Drawn:
    """What drawing a figure gave.

    Attributes
    ----------
    figure : Figure
    height : float
        Of the picture in pixels.
    calls : list
        In the order in which they were made.
    has_pixels : bool
        Whether something was drawn that has no shape, so that the calls do not tell all.
    """

    figure: Figure
    height: float
    calls: list[_Call] = field(default_factory=list)
    has_pixels: bool = False

    def sheet(self) -> Figure:
        """A figure of the same size that is drawn by the same calls, for ``savefig``.

        Raises
        ------
        ValueError
            Some of what was drawn has no shape; save the figure itself.
        """
        if self.has_pixels:
            raise ValueError("pixels cannot be drawn again at another resolution")
        width, height = self.figure.get_size_inches()
        sheet = Figure(figsize=(width, height), frameon=False)
        sheet.add_artist(_Again(self.calls, self.figure.dpi, self.height))
        return sheet


def drawn(figure: Figure) -> Drawn:
    """Draw a figure on its canvas and note how.

    Parameters
    ----------
    figure : Figure
        With a canvas of Agg, laid out, at the resolution of the picture.

    Returns
    -------
    Drawn
        The picture is in the figure's canvas.

    Examples
    --------
    >>> from matplotlib.backends.backend_agg import FigureCanvasAgg
    >>> figure = Figure()
    >>> _ = FigureCanvasAgg(figure), figure.text(0.5, 0.5, "a text")
    >>> [call.method for call in drawn(figure).calls if call.method.startswith("draw")]
    ['draw_path', 'draw_text']
    """
    canvas: Any = figure.canvas
    renderer = canvas.get_renderer()
    made = Drawn(figure, renderer.get_canvas_width_height()[1])
    with _noting(renderer, made):
        canvas.draw()
    # The group of the whole figure, which the sheet has as well.
    made.calls = made.calls[1:-1]
    return made


@contextmanager
def _noting(renderer: Any, made: Drawn) -> Iterator[None]:
    """Have the calls of a renderer noted before they are made."""
    noted = (*_TRANSFORMS, *_PIXELS, *_GROUPS)
    own = {name: vars(renderer).get(name) for name in (*noted, _LETTERS)}
    for name in noted:
        setattr(renderer, name, _noted(made, name, getattr(renderer, name)))
    setattr(renderer, _LETTERS, _lettering(renderer, getattr(renderer, _LETTERS)))
    try:
        yield
    finally:
        for name, method in own.items():
            if method is None:
                delattr(renderer, name)
            else:
                setattr(renderer, name, method)


def _noted(made: Drawn, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """A renderer's method that is noted when it is called."""

    def call(*arguments: Any, **options: Any) -> Any:
        if name in _PIXELS:
            made.has_pixels = True
        elif name in _GROUPS:
            made.calls.append(_Call(name, None, arguments, options))
        else:
            kept = list(arguments[1:])
            for place in _TRANSFORMS[name]:
                # Artists use a transform again after a change.
                kept[place] = kept[place].frozen()
            made.calls.append(_Call(name, copy.copy(arguments[0]), tuple(kept), options))
        return method(*arguments, **options)

    return call


@lru_cache(maxsize=256)
def _turned(angle: float, slant: float, extend: float) -> list[list[int]]:
    """The matrix by which FreeType turns and slants a letter, in steps of 1/65536."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    matrix = 0x10000 * np.array([[cos, -sin], [sin, cos]]) @ [[extend, extend * slant], [0, 1]]
    turned: list[list[int]] = matrix.round().astype(int).tolist()
    return turned


def _lettering(renderer: Any, own: Callable[..., Any]) -> Callable[..., Any]:
    """A renderer's own method that draws the letters of a text, with less work for each letter.

    It works the matrix out for every letter anew, which takes as long as laying the letter out.
    """

    def letters(context: Any, x: float, y: float, angle: float, glyphs: Any, boxes: Any) -> None:
        if not context.get_antialiased():
            own(context, x, y, angle, glyphs, boxes)
            return
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        flags, height, picture = get_hinting_flag(), renderer.height, renderer._renderer
        for font, size, glyph, slant, extend, dx, dy in glyphs:
            font.set_size(size, renderer.dpi)
            place = (x + dx * cos - dy * sin, height - y + dx * sin + dy * cos)
            font._set_transform(_turned(angle, slant, extend), [round(0x40 * at) for at in place])
            letter = font._render_glyph(glyph, flags, RenderMode.NORMAL)
            pixels = letter.buffer
            below = int(height) - letter.top + pixels.shape[0]
            picture.draw_text_image(pixels, letter.left, below, 0, context)
        if boxes:
            own(context, x, y, angle, (), boxes)

    return letters


# The function is changed for all threads, and has to be put back in the reverse order.
_loading = threading.RLock()


@contextmanager
def _loading_once() -> Iterator[None]:
    """Have the outlines of letters loaded for the first text of a file that has them.

    SVG takes them from there; PDF and PostScript take them from the font. What this replaces is
    private to matplotlib; a test tells when letters are laid out in another way.
    """
    here = threading.get_ident()
    loaded: set[tuple[Any, int]] = set()

    def layout(string: str, font: Any, **options: Any) -> Iterator[Any]:
        if threading.get_ident() != here:
            yield from own(string, font, **options)
            return
        items = font._layout(string, LoadFlags.NO_HINTING, **options)
        for item in items:
            if (item.ft_object, item.glyph_index) not in loaded:
                item.ft_object.load_glyph(item.glyph_index, flags=LoadFlags.NO_HINTING)
            yield item
        # Not before: SVG takes the outline again for a letter that comes twice in its first text.
        loaded.update((item.ft_object, item.glyph_index) for item in items)

    with _loading:
        own = _text_helpers.layout
        _text_helpers.layout = layout
        try:
            yield
        finally:
            _text_helpers.layout = own


class _Again(Artist):
    """Makes noted calls again.

    Parameters
    ----------
    calls : list of _Call
    dpi : float
        Pixels per inch of the renderer that they were noted from.
    height : float
        Its height in pixels.
    """

    def __init__(self, calls: list[_Call], dpi: float, height: float) -> None:
        super().__init__()
        self._calls, self._dpi, self._height = calls, dpi, height

    def draw(self, renderer: Any) -> None:
        """Draw on a renderer, which may have another resolution."""
        figure: Any = self.get_figure(root=True)
        ratio = figure.dpi / self._dpi
        scale = Affine2D().scale(ratio)
        with _loading_once():
            for call in self._calls:
                self._repeat(call, renderer, ratio, scale)

    def _repeat(self, call: _Call, renderer: Any, ratio: float, scale: Transform) -> None:
        method = getattr(renderer, call.method)
        if call.context is None:
            method(*call.arguments, **call.options)
            return
        arguments = list(call.arguments)
        for place in _TRANSFORMS[call.method]:
            arguments[place] = arguments[place] + scale
        if call.method == "draw_text":
            # In pictures y is counted downwards, from an edge at a whole pixel.
            x, y = arguments[0] * ratio, (self._height - arguments[1]) * ratio
            above = renderer.get_canvas_width_height()[1]
            arguments[:2] = x, above - y if renderer.flipy() else y
        context = _context(renderer, call.context, scale)
        method(context, *arguments, **call.options)
        context.restore()


def _context(renderer: Any, noted: Any, scale: Transform) -> Any:
    """A renderer's graphics context like one that was noted, clipped at the same place."""
    context = renderer.new_gc()
    context.copy_properties(noted)
    rectangle = noted.get_clip_rectangle()
    if rectangle is not None:
        context.set_clip_rectangle(Bbox(scale.transform(rectangle.get_points())))
    path, transform = noted.get_clip_path()
    if path is not None:
        context.set_clip_path(TransformedPath(path, transform + scale))
    return context
