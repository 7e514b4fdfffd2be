"""A file made from noted calls shows what the figure shows."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib.patheffects
import numpy as np
import pypdfium2
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle

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
