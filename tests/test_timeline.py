"""Timeline: dates of three precisions, a line for every event, figures without overlap."""

from datetime import date
from itertools import pairwise

import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.publish import figures, timeline


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2016", "year", date(2016, 1, 1), date(2016, 12, 31)),
        ("2016-12", "month", date(2016, 12, 1), date(2016, 12, 31)),
        ("2023-02", "month", date(2023, 2, 1), date(2023, 2, 28)),
        ("2016-06-28", "day", date(2016, 6, 28), date(2016, 6, 28)),
    ],
)
def test_dates(text: str, precision: str, first: date, last: date) -> None:
    assert timeline.date_precision(text) == precision
    assert timeline.date_span(text) == (first, last)


@pytest.mark.parametrize("text", ["", "2016-6", "June 2016", "2016-13", "2016-02-30", "20160628"])
def test_dates_refused(text: str) -> None:
    with pytest.raises(InputError):
        timeline.date_span(text)


def events() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "firm": ["b", "a", "b", "a", "a"],
            "date": ["2020-05", "2016", "1999-01-02", "2016-06-28", "2016-06"],
            "label": ["一", "two", "three", "a label that is rather long for its place", "five"],
        }
    )


def test_every_event_has_a_line_and_lanes_keep_their_order() -> None:
    laid = timeline.lay_out(events(), "date", "firm")
    assert laid["firm"].tolist() == ["b", "b", "a", "a", "a"]
    assert laid["date"].tolist() == ["1999-01-02", "2020-05", "2016", "2016-06", "2016-06-28"]
    assert laid["line"].is_monotonic_increasing and laid["line"].is_unique


@pytest.mark.parametrize("lane", ["firm", None])
def test_labels_neither_overlap_nor_leave_the_picture(lane: str | None) -> None:
    with figures.styled():
        figure, ax = figures.new(7.0, timeline.timeline_height(events(), lane))
        drawn = timeline.draw_timeline(ax, events(), "label", "date", lane)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == len(drawn) == len(events())
    for one, other in pairwise(boxes):
        assert one.y0 >= other.y1 - 1
    width, _ = figure.canvas.get_width_height()
    assert all(box.x0 >= 0 and box.x1 <= width for box in boxes)


def test_nothing_to_draw() -> None:
    with figures.styled():
        _, ax = figures.new(7.0, timeline.timeline_height(events().head(0), "firm"))
        assert timeline.draw_timeline(ax, events().head(0), "label", "date", "firm").empty


def test_a_bare_year_can_follow_the_days_of_that_year() -> None:
    frame = pd.DataFrame({"date": ["2026", "2026-01-17", "2025"]})
    first = timeline.lay_out(frame, "date")["date"].tolist()
    last = timeline.lay_out(frame, "date", by_end=True)["date"].tolist()
    assert first == ["2025", "2026", "2026-01-17"]
    assert last == ["2025", "2026-01-17", "2026"]
