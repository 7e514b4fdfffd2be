"""What a reader cannot read is found: sizes, clipping, overlap and colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.publish import figures, legibility
from helpers.publish.figures import COLOURS, Record


def drawn(draw: Any, tmp_path: Path, **setting: Any) -> Any:
    """A figure that was laid out, and whatever is hard to read in it."""
    with figures.using(figures.Setting(formats=("png",), **setting)), figures.styled():
        figure, ax = figures.new(4.0, 2.5)
        draw(ax)
        figures.save(figure, Record("seen", "t"), tmp_path)
        return legibility.findings(figure)


def test_plain_figure_has_no_findings(tmp_path: Path) -> None:
    def draw(ax: Any) -> None:
        ax.barh(["甲", "乙"], [1, 2], color=[COLOURS["main"], COLOURS["light"]])
        ax.text(0.5, 0.2, "label")

    assert drawn(draw, tmp_path) == []


def test_small_clipped_and_covered_texts_are_found(tmp_path: Path) -> None:
    def draw(ax: Any) -> None:
        ax.text(0.5, 0.5, "under", clip_on=False)
        ax.text(0.51, 0.51, "over")
        ax.text(0.2, 0.9, "tiny", fontsize=3)
        ax.text(1.0, 0.2, "far beyond the edge of the page", in_layout=False)
        ax.set(xlim=(0, 1), ylim=(0, 1))

    found = drawn(draw, tmp_path)
    assert {item.kind for item in found} == {"small", "clipped", "overlap"}
    told = "\n".join(map(str, found))
    assert "text of 3.0 pt: tiny" in told
    assert "beyond the edge of the page: far beyond" in told
    assert "'under' and 'over'" in told


def test_hidden_texts_are_not_read(tmp_path: Path) -> None:
    def draw(ax: Any) -> None:
        ax.text(0.5, 0.5, "one", visible=False)
        ax.text(0.5, 0.5, "two")
        ax.axis("off")

    assert drawn(draw, tmp_path) == []


def test_minimum_is_that_of_the_setting(tmp_path: Path) -> None:
    def draw(ax: Any) -> None:
        ax.text(0.3, 0.5, "converted", fontsize=figures.points(5))
        ax.text(0.3, 0.8, "bare", fontsize=5)

    found = drawn(draw, tmp_path, base=7.5, minimum=6.0)
    assert [str(item) for item in found] == ["text of 5.0 pt: bare"]


def test_neighbours_that_look_alike_are_found(tmp_path: Path) -> None:
    def alike(ax: Any) -> None:
        # Red and green of equal lightness: apart for most eyes, alike for some and in grey.
        ax.barh([0], [1], color="#c05038")
        ax.barh([0], [1], left=[1], color="#6f8a1e")

    def apart(ax: Any) -> None:
        ax.barh([0], [1], color="#c05038")
        ax.barh([0], [1], left=[1.5], color="#6f8a1e")  # not beside each other

    def named(ax: Any) -> None:
        alike(ax)
        for x in (0.5, 1.5):
            ax.text(x, 0, str(x))

    found = drawn(alike, tmp_path)
    assert drawn(named, tmp_path) == []
    assert found and {item.kind for item in found} == {"colours"}
    assert any("grey" in item.what for item in found)
    assert drawn(apart, tmp_path) == []


def test_known_values_of_lab() -> None:
    # CIE 1976 of the sRGB primaries under D65 (Lindbloom, CIE colour calculator).
    known = {"#ff0000": (53.24, 80.09, 67.20), "#00ff00": (87.73, -86.18, 83.18)}
    for colour, lab in known.items():
        assert legibility.seen(colour, "normal") == pytest.approx(lab, abs=0.15)


def test_simulation_keeps_greys_and_follows_machado() -> None:
    for matrix in legibility.MATRICES.values():
        # Each row sums to one: what has no hue keeps its colour.
        assert matrix.sum(axis=1) == pytest.approx(np.ones(3), abs=2e-6)
    for vision in legibility.VISIONS:
        assert legibility.seen("#777777", vision)[1:] == pytest.approx([0, 0], abs=0.05)
    # A red and an olive that deuteranopes confuse.
    confused = legibility.difference("#a02c2c", "#5a5a00", "deuteranopia")
    assert confused < 0.5 * legibility.difference("#a02c2c", "#5a5a00")


@pytest.mark.parametrize(
    ("first", "second"),
    [("focal", "main"), ("focal", "light"), ("main", "light"), ("main", "pale"), ("light", "ink")],
)
def test_colours_that_stand_side_by_side_in_the_project(first: str, second: str) -> None:
    assert legibility.close_colours([(COLOURS[first], COLOURS[second])]) == []
