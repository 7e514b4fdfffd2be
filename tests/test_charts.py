"""Charts show the numbers they are given, and show what is missing as missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import Rectangle

from helpers.evidence.bilingual import in_english
from helpers.publish import charts, figures
from helpers.publish.figures import COLOURS


@pytest.fixture
def ax() -> Iterator[Any]:
    with figures.styled():
        _, axes = figures.new(6.0, 4.0)
        yield axes
        axes.figure.canvas.draw()  # whatever was drawn can be rendered without a warning


def texts(ax: Any) -> list[str]:
    return [item.get_text().strip() for item in ax.texts]


def boxes(ax: Any) -> list[Rectangle]:
    return [item for item in ax.patches if isinstance(item, Rectangle)]


def crosses(ax: Any) -> list[tuple[float, float]]:
    lines = [line for line in ax.lines if line.get_marker() == "x"]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines]


def tick_colours(ax: Any) -> dict[str, str]:
    return {tick.get_text(): to_hex(tick.get_color()) for tick in ax.get_yticklabels()}


def test_value_matrix(ax: Any) -> None:
    frame = pd.DataFrame(
        {"A": ["74\n(2022-08)", None], "B": [None, "0\n(2023)"], "C": [float("nan"), "9"]},
        index=["Dalian", "Anshan"],
    )
    charts.value_matrix(ax, frame, "Anshan", "not public")
    none = "not public"
    assert texts(ax) == ["74\n(2022-08)", none, none, none, "0\n(2023)", "9"]
    drawn = boxes(ax)
    assert len(drawn) == frame.size
    hatched = [bool(box.get_hatch()) for box in drawn]
    assert hatched == [text == none for text in texts(ax)]
    fills = {
        to_hex(box.get_facecolor()) for box, open_ in zip(drawn, hatched, strict=True) if open_
    }
    assert fills == {"#ffffff"}
    # Each text stands in its own cell.
    for box, item in zip(drawn, ax.texts, strict=True):
        x, y = item.get_position()
        assert box.get_x() < x < box.get_x() + box.get_width()
        assert box.get_y() < y < box.get_y() + box.get_height()
    assert [item.get_text() for item in ax.get_xticklabels()] == ["A", "B", "C"]
    assert tick_colours(ax)["Anshan"] == COLOURS["focal"].lower()
    assert tick_colours(ax)["Dalian"] != COLOURS["focal"].lower()


def tiles(values: list[int | None]) -> pd.DataFrame:
    size = len(values)
    numbers = pd.Series(pd.array(values, dtype="Int64"))
    return pd.DataFrame(
        {
            "place_id": [f"P{n}" for n in range(size)],
            "label": [f"L{n}" for n in range(size)],
            "tile_row": pd.array([n // 2 for n in range(size)], dtype="Int64"),
            "tile_column": pd.array([n % 2 for n in range(size)], dtype="Int64"),
            "fill": charts.shades(numbers),
            "first": ["?" if value is None else f"{value:,}" for value in values],
            "second": [f"s{n}" if n < 3 else "" for n in range(size)],
            "second_known": [n % 2 == 0 for n in range(size)],
            "solid": [n != 1 for n in range(size)],
        }
    )


def test_tile_grid(ax: Any) -> None:
    charts.tile_grid(ax, tiles([1234, 0, None, 617]), "P2")
    shown = [texts(ax)[3 * n : 3 * n + 3] for n in range(4)]
    assert shown == [
        ["L0", "1,234", "s0"],
        ["L1", "0", "s1"],
        ["L2", "?", "s2"],
        ["L3", "617", ""],
    ]
    tile = [box for box in boxes(ax) if box.get_height() > 0.9 and box.get_fill()]
    assert [box.get_xy() for box in tile] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    fills = [to_hex(box.get_facecolor()) for box in tile]
    assert fills[2] == "#ffffff"  # missing
    assert fills[1] == "#f1f6fb"  # nought is not missing
    assert fills[0] == "#08306b"  # the largest
    assert len(set(fills)) == 4
    assert [box.get_linewidth() > 0 for box in tile] == [False, True, False, False]
    # A second line that is not known is hatched; one that is empty is not there at all.
    strips = [box for box in boxes(ax) if box.get_hatch()]
    assert [(box.get_x(), int(box.get_y())) for box in strips] == [(1, 0)]
    outlined = [box for box in boxes(ax) if not box.get_fill()]
    assert [box.get_xy() for box in outlined] == [(0, 1)]
    assert outlined[0].get_edgecolor() == to_rgba(COLOURS["focal"])
    low, high = ax.get_ylim()
    assert low > high  # the first row is on top
    inks = [to_hex(item.get_color()) for item in ax.texts[::3]]
    assert inks == ["#ffffff", COLOURS["ink"], COLOURS["ink"], "#ffffff"]


@pytest.mark.parametrize("values", [[None, None], [0, 0], [0, None]])
def test_tile_grid_with_nothing_to_scale(ax: Any, values: list[int | None]) -> None:
    charts.tile_grid(ax, tiles(values), "none")
    assert [texts(ax)[n] for n in (1, 4)] == ["?" if v is None else "0" for v in values]
    assert not [box for box in boxes(ax) if not box.get_fill()]
    white = [
        to_hex(box.get_facecolor()) == "#ffffff" for box in boxes(ax) if box.get_height() > 0.9
    ]
    assert white == [value is None for value in values]


def test_ranked_bars(ax: Any) -> None:
    frame = pd.DataFrame(
        {
            "n": pd.array([5, None, 1162, 0, 5], dtype="Int64"),
            "part": pd.array([2, None, None, 0, 5], dtype="Int64"),
        },
        index=["a", "b", "c", "d", "e"],
    )
    charts.ranked_bars(ax, frame, "n", "part", "e")
    ticks = {
        round(t): x.get_text() for t, x in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    }
    assert [ticks[n] for n in range(5)] == ["c", "a", "e", "d", "b"]
    outer = [box for box in boxes(ax) if box.get_height() == pytest.approx(0.75)]
    middle = [round(box.get_y() + box.get_height() / 2) for box in outer]
    assert {ticks[y]: box.get_width() for y, box in zip(middle, outer, strict=True)} == {
        "c": 1162, "a": 5, "e": 5, "d": 0,
    }  # fmt: skip
    colours = {ticks[y]: to_hex(box.get_facecolor()) for y, box in zip(middle, outer, strict=True)}
    assert colours.pop("e") == COLOURS["focal"].lower()
    assert set(colours.values()) == {COLOURS["light"].lower()}
    inner = [box for box in boxes(ax) if box.get_height() == pytest.approx(0.4)]
    assert [box.get_width() for box in inner] == [2, 5]
    assert texts(ax) == ["1,162", "5", "5", "0"]
    assert crosses(ax) == [(0, 4)]  # the unknown one, last
    low, high = ax.get_ylim()
    assert low > high


def test_paired_bars(ax: Any) -> None:
    frame = pd.DataFrame(
        {
            "people": pd.array([10.0, 30.5, None], dtype="Float64"),
            "firms": pd.array([27.27, None, 0.0], dtype="Float64"),
        },
        index=["x", "y", "z"],
    )
    words = {"first": "people", "second": "firms", "unknown": "not reported"}
    charts.paired_bars(ax, frame, "people", "firms", words)
    bars = {(round(box.get_y() + box.get_height() / 2, 2), box.get_width()) for box in boxes(ax)}
    assert bars == {(-0.19, 10.0), (0.19, 27.27), (0.81, 30.5), (2.19, 0.0)}
    assert texts(ax) == ["10.00", "27.27", "30.50", "0.00"]
    assert [y for _, y in crosses(ax)] == [1.19, 1.81]
    legend = [item.get_text() for item in ax.get_legend().get_texts()]
    assert sorted(legend) == ["firms", "not reported", "people"]
    assert [item.get_text() for item in ax.get_yticklabels()] == ["x", "y", "z"]


def test_paired_bars_without_gaps_need_no_cross(ax: Any) -> None:
    frame = pd.DataFrame({"people": [40.0, 60.0], "firms": [50.0, 50.0]}, index=["x", "y"])
    charts.paired_bars(ax, frame, "people", "firms", {"first": "p", "second": "f", "unknown": "u"})
    assert crosses(ax) == []
    assert [item.get_text() for item in ax.get_legend().get_texts()] == ["p", "f"]
    assert len(boxes(ax)) == 4


UNKNOWN = "count not\ndetermined"


def path_frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "batches": ["1-2", "1-3", "1-4"],
            "firms_count": pd.array([74, 1211, None], dtype="Int64"),
            "total_count": pd.array([1832, 4762, 9119], dtype="Int64"),
            "share_pct": pd.array([4.0393, 4.4309, None], dtype="Float64"),
            "lower_share_pct": pd.array([4.0393, 4.4309, None], dtype="Float64"),
            "upper_share_pct": pd.array([4.0393, 4.4309, None], dtype="Float64"),
        }
    )


def test_share_path_draws_the_bounds_of_a_count_that_is_not_on_record(ax: Any) -> None:
    frame = path_frame()
    frame.loc[2, ["lower_share_pct", "upper_share_pct"]] = [2.31, 4.06]
    charts.share_path(ax, frame, {"1-4": 2.58}, in_english)
    (bar,) = boxes(ax)
    assert (bar.get_y(), bar.get_height()) == pytest.approx((2.31, 1.75))
    assert "bounds\n2.31–4.06 %" in texts(ax) and UNKNOWN not in texts(ax)
    # The line at zero does not run through the labels of small shares.
    grounds = [item.get_bbox_patch() for item in ax.texts if "%" in item.get_text()]
    assert [to_hex(ground.get_facecolor()) for ground in grounds if ground] == ["#ffffff"] * 3
    # The label of the diamond stands above the bar.
    (label,) = [item for item in ax.texts if item.get_text().startswith("study")]
    assert label.xy[1] == pytest.approx(4.06)


def test_share_path(ax: Any) -> None:
    charts.share_path(ax, path_frame(), {"1-3": 4.48, "1-4": 2.58}, in_english)
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in dots] == [
        (0, 4.0393),
        (1, 4.4309),
    ]
    diamonds = [line for line in ax.lines if line.get_marker() == "D"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in diamonds] == [
        (1, 4.48),
        (2, 2.58),
    ]
    assert texts(ax) == [
        "74/1,832 = 4.04 %",
        "1,211/4,762 = 4.43 %",
        "study: 4.48 %",
        UNKNOWN,
        "study: 2.58 %",
    ]
    (band,) = boxes(ax)
    assert (band.get_x(), band.get_width()) == pytest.approx((1.6, 0.8))
    assert [item.get_text() for item in ax.get_xticklabels()] == ["1-2", "1-3", "1-4"]
    assert ax.get_ylim() == pytest.approx((0, 4.48 * 1.3))


def test_share_path_in_chinese(ax: Any) -> None:
    frame = path_frame()
    frame.loc[2, ["lower_share_pct", "upper_share_pct"]] = [2.31, 4.06]
    charts.share_path(ax, frame, {"1-4": 2.58}, lambda en, zh: zh)
    assert texts(ax)[1:] == ["1,211/4,762 = 4.43%", "识别界\n2.31%—4.06%", "原研究：2.58%"]


def test_share_path_without_any_figure(ax: Any) -> None:
    frame = path_frame().assign(
        firms_count=pd.array([None] * 3, dtype="Int64"),
        share_pct=pd.array([None] * 3, dtype="Float64"),
        lower_share_pct=pd.array([None] * 3, dtype="Float64"),
        upper_share_pct=pd.array([None] * 3, dtype="Float64"),
    )
    charts.share_path(ax, frame, {}, in_english)
    assert texts(ax) == [UNKNOWN] * 3
    assert len(boxes(ax)) == 3
    assert not ax.lines


def test_stacked_bars(ax: Any) -> None:
    frame = pd.DataFrame(
        {"b1": [248.0, 250.0], "b2": [1584.0, None], "b3": [2930.0, 10.0]}, index=["p", "q"]
    )
    charts.stacked_bars(ax, frame, ["#222222", "#0072B2", "#9ECAE1"], 100)
    widths = [[bar.get_width() for bar in group] for group in ax.containers]
    assert widths == [[248, 250], [1584, 0], [2930, 10]]
    starts = [[bar.get_x() for bar in group] for group in ax.containers]
    assert starts == [[0, 0], [248, 250], [1832, 250]]
    assert texts(ax) == ["248", "250", "1,584", "2,930", "4,762", "260"]
    dark = {item.get_text(): to_hex(item.get_color()) for item in ax.texts}
    assert dark["248"] == "#ffffff"
    assert dark["2,930"] == COLOURS["ink"].lower()


def test_status_matrix(ax: Any) -> None:
    frame = pd.DataFrame({"1-2": ["exact", "exact"], "1-5": ["unknown", "other"]}, index=["A", "B"])
    styles = {
        "exact": ("#0072B2", None, "exact"),
        "other": ("#9ECAE1", None, "other"),
        "unknown": ("#FFFFFF", "....", "unknown"),
    }
    charts.status_matrix(ax, frame, styles, "B")
    cells = {(int(b.get_x()), int(b.get_y())): b for b in boxes(ax)}
    assert len(cells) == 4
    for y, label in enumerate(frame.index):
        for x, scope in enumerate(frame.columns):
            colour, hatch, _ = styles[frame.loc[label, scope]]
            assert to_hex(cells[x, y].get_facecolor()) == colour.lower()
            assert cells[x, y].get_hatch() == hatch
    assert [item.get_text() for item in ax.get_legend().get_texts()] == list(styles)
    assert tick_colours(ax)["B"] == COLOURS["focal"].lower()


def test_base_strip(ax: Any) -> None:
    frame = pd.DataFrame({"base": [1, 2, 3, 4], "attainable": [0, 3, 1, 3]})
    charts.base_strip(ax, frame, {"x": "base", "y": "shares"})
    every, full = ax.collections
    heights = [float(segment[1][1]) for segment in every.get_segments()]
    assert heights == [0, 3, 1, 3]
    assert [float(segment[0][0]) for segment in full.get_segments()] == [2, 4]
    assert texts(ax) == ["2", "4"]
    assert ax.get_ylim() == pytest.approx((0, 3.6))
