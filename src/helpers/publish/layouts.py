"""The layout of texts, worked out once.

While axes are laid out and drawn, matplotlib asks each text a dozen times how large it is, and works
that out anew each time, although nothing about the text has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

# The method is changed for all threads, and has to be put back in the reverse order.
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
    """Have the layout of a text worked out once for all that it depends on.

    ``Text._get_layout`` is private; a test tells when it comes to depend on anything else.
    """
    with _changing:
        work_out: Any = Text._get_layout  # type: ignore[attr-defined]
        Text._get_layout = _remembering(work_out)  # type: ignore[attr-defined]
        try:
            yield
        finally:
            Text._get_layout = work_out  # type: ignore[attr-defined]


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
