"""The layout of texts, worked out once.

While axes are laid out and drawn, matplotlib asks each text a dozen times how large it is, and works
that out anew each time, although nothing about the text has changed. So it does with the files of
the fonts that a text is set in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontManager
from matplotlib.text import Text

# The methods are changed for all threads, and have to be put back in the reverse order.
_changing = threading.RLock()


def lay_out(figure: Figure) -> None:
    """Give the axes of a figure their places.

    ``Figure.draw_without_rendering`` would also draw every artist, in vain.

    Parameters
    ----------
    figure : Figure
        With or without a layout engine.
    """
    engine: Any = figure.get_layout_engine()
    if engine is None:
        figure.draw_without_rendering()
        return
    with remembered():
        engine.execute(figure)


@contextmanager
def remembered() -> Iterator[None]:
    """Have the layout and the fonts of a text worked out once for all that they depend on.

    The methods are private; tests tell when they come to depend on anything else. Settings of
    fonts (``rcParams``) must not be changed within.
    """
    with _changing:
        work_out: Any = Text._get_layout  # type: ignore[attr-defined]
        find: Any = FontManager._find_fonts_by_props  # type: ignore[attr-defined]
        Text._get_layout = _remembering(work_out)  # type: ignore[attr-defined]
        FontManager._find_fonts_by_props = _finding_once(find)  # type: ignore[method-assign]
        try:
            yield
        finally:
            Text._get_layout = work_out  # type: ignore[attr-defined]
            FontManager._find_fonts_by_props = find  # type: ignore[method-assign]


def _finding_once(find: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """A method that looks the files of fonts up where it has not yet."""
    known: dict[tuple[Hashable, ...], list[Any]] = {}

    def found(manager: FontManager, prop: Any, **options: Any) -> list[Any]:
        # Properties change, and what is kept must not change with them.
        key = (id(manager), hash(prop), *options.items())
        if key not in known:
            known[key] = find(manager, prop, **options)
        return known[key]

    return found


def _remembering(work_out: Callable[[Text, Any], Any]) -> Callable[[Text, Any], Any]:
    """A method that works the layout of a text out where it has not yet."""
    known: dict[tuple[Hashable, ...], Any] = {}

    def layout(text: Text, renderer: Any) -> Any:
        if text.get_wrap():  # which depends on the place as well
            return work_out(text, renderer)
        key = (renderer, *grounds(text))
        if key not in known:
            known[key] = work_out(text, renderer)
        return known[key]

    return layout


def grounds(text: Any) -> tuple[Hashable, ...]:
    """All that the layout of a text depends on, but for the renderer.

    Parameters
    ----------
    text : Text
        In a figure, and not wrapped by matplotlib.
    """
    return (
        text.get_text(), hash(text.get_fontproperties()), text.get_rotation(),
        text.get_rotation_mode(), text.get_horizontalalignment(), text.get_verticalalignment(),
        text._get_multialignment(), text._linespacing, text.get_usetex(), text.get_parse_math(),
        text.get_figure(root=True).dpi,
    )  # fmt: skip
