"""A file made from noted calls shows what the figure shows."""

from __future__ import annotations

import contextlib
import io
import threading
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.patheffects
import numpy as np
import pypdfium2
import pytest
from matplotlib import _text_helpers
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from helpers.publish import drawn as module
from helpers.publish import figures
from helpers.publish.drawn import drawn


def _of_everything(height: float = 3.0) -> Figure:
    """A figure with every kind of artist that a view draws."""
    figure = Figure(figsize=(5.0, height), dpi=200)
    FigureCanvasAgg(figure)
    with figures.styled():
        left, right = figure.subplots(ncols=2)
        left.bar(["鞍山", "大连"], [1, 3], hatch="//", edgecolor="white")
        left.plot([0, 1], [3, 2], "o--", color="#0072B2", label="a line")
        left.set_ylim(0, 2.5)  # the bar and the line are clipped
        left.legend()
        left.annotate("an arrow", (0.5, 1), (0.1, 2), arrowprops={"arrowstyle": "->"})
        halo = [matplotlib.patheffects.Stroke(linewidth=3, foreground="#E69F00")]
        left.text(0.5, 0.5, "outlined", path_effects=halo, rotation=40)
        (circled,) = left.plot([-0.5, 1.5], [0.2, 2.2], color="#009E73", lw=9)
        circled.set_clip_path(Circle((0.5, 1.0), 0.4, transform=left.transData))
        right.scatter([1, 2, 3], [3, 1, 2], s=[10, 50, 200], c=["r", "g", "b"], alpha=0.5)
        right.pcolormesh([1, 2, 3], [1, 2, 3], [[1, 2], [3, 4]], alpha=0.4)
        right.fill_between([1, 2, 3], [1, 1, 2], [2, 2, 3], color="#CC79A7", alpha=0.3)
        right.set_yscale("log")
        right.set_yticks([1, 2, 3], ["1", "2", "3"], minor=True)
        right.yaxis.set_major_formatter("{x:g}")
    return figure


def _page(figure: Figure) -> np.ndarray:
    """The picture of a figure saved as PDF."""
    buffer = io.BytesIO()
    with figures.styled():
        figure.savefig(buffer, format="pdf")
    page = pypdfium2.PdfDocument(buffer.getvalue())[0]
    return np.asarray(page.render(scale=2).to_pil().convert("RGB")).astype(int)


@pytest.mark.parametrize("height", [3.0, 2.9371])
def test_a_sheet_shows_the_figure(height: float) -> None:
    """At a height of whole pixels and at another one."""
    with figures.styled():
        made = drawn(_of_everything(height))
    told, own = _page(made.sheet()), _page(_of_everything(height))
    assert told.shape == own.shape
    # Edges are half dark where a place lies between two pixels.
    assert np.abs(told - own).mean() < 0.5
    assert (np.abs(told - own).max(axis=2) > 128).sum() < 40
    assert (own.std(axis=2) > 20).sum() > 5000


def test_the_renderer_is_left_as_it_was() -> None:
    figure = _of_everything()
    before = dict(vars(figure.canvas.get_renderer()))  # type: ignore[attr-defined]
    with figures.styled():
        drawn(figure)
    after = vars(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    assert {name: value for name, value in after.items() if name.startswith("draw_")} == {
        name: value for name, value in before.items() if name.startswith("draw_")
    }
    assert after["draw_markers"] and "draw_path" not in after
    assert RendererAgg.draw_path


def test_pixels_are_drawn_by_the_figure_itself(tmp_path: Path) -> None:
    with figures.styled():
        figure, ax = figures.new(4.0, 2.0)
        ax.imshow([[0.0, 1.0], [1.0, 0.0]], cmap="Reds", aspect="auto")
    saved = figures.save(figure, figures.Record("x", "A title"), tmp_path)
    page = pypdfium2.PdfDocument(tmp_path / "x.pdf")[0]
    seen = np.asarray(page.render(scale=1).to_pil().convert("RGB")).reshape(-1, 3)
    dark = np.round(255 * np.array(to_rgb("#67000d")))
    assert (np.abs(seen - dark).max(axis=1) < 8).mean() > 0.2
    assert saved.path.is_file() and b"<image" in (tmp_path / "x.svg").read_bytes()
    with figures.styled():
        again, ax = figures.new(4.0, 2.0)
        ax.imshow([[0.0, 1.0]])
        made = drawn(again)
    with pytest.raises(ValueError, match="another resolution"):
        made.sheet()


def test_a_figure_on_another_canvas_is_saved(tmp_path: Path) -> None:
    """Such as one that a user has made without pyplot."""
    figure = Figure()
    figure.subplots().plot([1, 2])
    saved = figures.save(figure, figures.Record("x", "A title"), tmp_path)
    assert saved.path.is_file() and (tmp_path / "x.pdf").is_file()


def _of_texts() -> Figure:
    """Letters that come again in a text and in another, turned, small and in formulas."""
    figure = _of_everything()
    for place, words in enumerate(
        ("committee", "mitten 鞍鞍", "$m^2$ and \\frac", "$\\frac{m}{2}$")
    ):
        figure.text(0.1, 0.2 * place, words, rotation=17.3 * place, fontsize=5 + 3 * place)
    figure.text(0.5, 0.5, "jagged", antialiased=False)
    return figure


UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def _written(figure: Figure, suffix: str) -> bytes:
    buffer = io.BytesIO()
    with mpl.rc_context({"ps.fonttype": 3}):
        figure.savefig(buffer, format=suffix, metadata=UNDATED.get(suffix))
    return b"".join(line for line in buffer.getvalue().splitlines() if b"%%Creat" not in line)


def test_letters_are_drawn_as_matplotlib_draws_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, files = [], []
    for _ in ("with less work", "by matplotlib"):
        with figures.styled():
            made = drawn(_of_texts())
            pictures.append(bytes(made.figure.canvas.buffer_rgba()))  # type: ignore[attr-defined]
            # Twice, since a second file must not rely on what was loaded for the first.
            files.append(
                [_written(made.sheet(), suffix) for suffix in ("svg", "pdf", "eps", "svg")]
            )
        monkeypatch.setattr(module, "_lettering", lambda _, own: own)
        monkeypatch.setattr(module, "_loading_once", contextlib.nullcontext)
    assert len(set(pictures[0])) > 100
    assert pictures[0] == pictures[1]
    assert files[0] == files[1]


def test_letters_are_drawn_by_what_replaces_matplotlibs_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def noted(name: str, method: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            return method(*arguments, **options)

        return call

    monkeypatch.setattr(_text_helpers, "layout", noted("layout", _text_helpers.layout))
    letters = "_draw_text_glyphs_and_boxes"
    monkeypatch.setattr(RendererAgg, letters, noted("letters", getattr(RendererAgg, letters)))
    figure = Figure()
    FigureCanvasAgg(figure)
    figure.text(0.5, 0.5, "some words")
    with figures.styled():
        sheet = drawn(figure).sheet()
        assert calls == []
        for suffix in ("svg", "pdf"):
            _written(sheet, suffix)
            assert calls == []
            _written(figure, suffix)
            assert calls.pop() == "layout" and not calls, "matplotlib lays letters out otherwise"
        _written(figure, "png")
    assert calls == ["letters"], "matplotlib draws letters otherwise"


def test_other_threads_lay_letters_out_as_ever() -> None:
    own, seen = _text_helpers.layout, []
    with figures.styled(), module._loading_once():
        assert _text_helpers.layout is not own
        thread = threading.Thread(
            target=lambda: seen.extend(_written(_of_texts(), "svg") for _ in "12")
        )
        thread.start()
        thread.join()
    assert _text_helpers.layout is own
    with figures.styled():
        assert seen == [_written(_of_texts(), "svg")] * 2


def test_laying_out_is_left_as_it_was_by_threads_that_end_in_the_order_they_began() -> None:
    own, entered, leave = _text_helpers.layout, threading.Event(), threading.Event()

    def first() -> None:
        with module._loading_once():
            entered.set()
            leave.wait(5)

    def second() -> None:
        with module._loading_once():
            leave.set()
            threads[0].join(0.5)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert entered.wait(5)
    threads[1].start()
    leave_soon = threading.Timer(0.1, leave.set)
    leave_soon.start()
    for thread in (*threads, leave_soon):
        thread.join()
    assert _text_helpers.layout is own
