"""The layout of a text is worked out once, and anew after every change that it depends on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontManager, FontProperties, fontManager
from matplotlib.text import Text

from helpers.publish.layouts import grounds, lay_out, remembered

# What grounds() asks for, what is made of these alone, and what does not change the layout.
ASKED = {
    "get_text", "_text", "get_fontproperties", "_fontproperties", "get_rotation", "_rotation",
    "get_rotation_mode", "_rotation_mode", "get_horizontalalignment", "_horizontalalignment",
    "get_verticalalignment", "_verticalalignment", "_get_multialignment", "_multialignment",
    "_linespacing", "get_usetex", "_usetex", "get_parse_math", "_parse_math", "get_figure",
    "get_wrap", "_wrap", "_get_wrapped_text", "_preprocess_math", "_parent_figure",
    "get_transform_rotates_text", "_transform_rotates_text", "__class__", "_ha_for_angle",
    "_va_for_angle",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _matplotlibs_own_style() -> Iterator[None]:
    """Whatever style another test has left behind: that has a bold face, for instance."""
    own = {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"}
    with mpl.rc_context(own):
        yield


class Watched(Text):
    """Notes what is asked of it."""

    asked: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        Watched.asked.add(name)
        return super().__getattribute__(name)


def _placed(**properties: Any) -> tuple[Text, Any]:
    figure = Figure(dpi=100)
    text = Watched(0.5, 0.5, "two lines,\n$x^2$", **properties)
    figure.add_artist(text)
    return text, FigureCanvasAgg(figure).get_renderer()


@pytest.mark.parametrize(
    "properties", [{}, {"rotation": 30}, {"rotation": 30, "rotation_mode": "anchor"}]
)
def test_the_layout_depends_on_nothing_else(properties: dict[str, Any]) -> None:
    text, renderer = _placed(**properties)
    Watched.asked = set()
    Text._get_layout(text, renderer)  # type: ignore[attr-defined]
    assert Watched.asked and Watched.asked <= ASKED, (
        "matplotlib's layout of a text depends on more than publish.layouts.grounds() holds"
    )


CHANGES: list[dict[str, Any]] = [
    {"text": "another"}, {"fontsize": 14}, {"fontweight": "bold"}, {"rotation": 90},
    {"rotation": 30, "rotation_mode": "anchor"}, {"ha": "center"}, {"va": "top"},
    {"multialignment": "right"}, {"linespacing": 2.0}, {"parse_math": False},
]  # fmt: skip


def _lines(text: Any, renderer: Any) -> Any:
    """Size of a text, and its lines with their places."""
    box, lines, _ = text._get_layout(renderer)
    return box.bounds, lines


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_text_is_laid_out_anew(change: dict[str, Any]) -> None:
    text, renderer = _placed(rotation=30)
    with remembered():
        before = _lines(text, renderer)
        text.set(**change)
        found = _lines(text, renderer)
    assert found == _lines(text, renderer)
    assert found != before


def test_another_resolution_is_laid_out_anew() -> None:
    text, renderer = _placed()
    with remembered():
        before = text.get_window_extent(renderer)
        renderer.dpi = 300
        after = text.get_window_extent(renderer, dpi=300)
    assert after.width > 2.9 * before.width


def test_an_equal_text_is_laid_out_once_and_matplotlib_is_left_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls, own = [], Text._get_layout  # type: ignore[attr-defined]

    def counted(text: Text, renderer: Any) -> Any:
        calls.append(text)
        return own(text, renderer)

    monkeypatch.setattr(Text, "_get_layout", counted)
    text, renderer = _placed()
    with pytest.raises(ZeroDivisionError), remembered():
        for _ in range(3):
            text.get_window_extent(renderer)
        1 / 0  # noqa: B018
    assert len(calls) == 1
    assert Text._get_layout is counted  # type: ignore[attr-defined]


def test_fonts_are_looked_up_once_for_equal_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, own = [], FontManager._find_fonts_by_props  # type: ignore[attr-defined]

    def counted(manager: FontManager, prop: Any, **options: Any) -> Any:
        calls.append(prop)
        return own(manager, prop, **options)

    monkeypatch.setattr(FontManager, "_find_fonts_by_props", counted)
    find: Any = fontManager
    with remembered():
        for _ in range(2):
            text, renderer = _placed()
            FigureCanvasAgg(text.get_figure()).draw()  # type: ignore[arg-type]
        assert len(calls) == 1 and renderer, "matplotlib looks fonts up otherwise"
        prop = FontProperties(family="DejaVu Sans")
        regular = find._find_fonts_by_props(prop)
        prop.set_weight("bold")
        assert find._find_fonts_by_props(prop) != regular
        with pytest.raises(ValueError, match="default font was"):
            find._find_fonts_by_props(FontProperties(family="none"), fallback_to_default=False)
        prop.set_family("none")
        assert find._find_fonts_by_props(prop)
    assert FontManager._find_fonts_by_props is counted  # type: ignore[attr-defined]


def test_axes_get_the_places_that_drawing_gives_them() -> None:
    places = []
    for lay in (lay_out, Figure.draw_without_rendering):
        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(ncols=2)
        left.set(ylabel="a label", title="a title")
        right.barh(["long name of a bar", "b"], [1, 2])
        lay(figure)
        places.append([axes.get_position().bounds for axes in figure.axes])
    assert places[0] == places[1]
    assert len(grounds(figure.text(0, 0, "a"))) > 5


def test_threads_leave_matplotlib_as_it_was() -> None:
    own, entered = Text._get_layout, threading.Event()  # type: ignore[attr-defined]

    def another() -> None:
        with remembered():
            entered.set()

    thread = threading.Thread(target=another)
    with remembered():
        thread.start()
        assert not entered.wait(0.02)
    thread.join()
    assert entered.is_set() and Text._get_layout is own  # type: ignore[attr-defined]
