"""Presentation of firm cases: words for readers, charts of few and of no firms."""

import pandas as pd

from helpers.analysis import paths
from helpers.publish import figures, firm_cases


def statements() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "firm": ["a", "a", "b"], "route": ["x", "x", "y"], "order": [1, 2, 1],
            "topic": ["origin", "position", "origin"],
            "documentation": ["undocumented", "partly", "documented"],
            "found_en": [None, "seen", "seen"],
        }
    )  # fmt: skip


def test_readable_says_not_found_and_translates_codes() -> None:
    table = firm_cases.readable(statements(), ["firm", "documentation", "found_en"], "zh")
    assert table.columns.tolist() == ["企业", "佐证", "公开记录所示"]
    assert table.iloc[0].tolist() == ["a", "无佐证", "未查到"]


def test_grades_are_drawn_one_cell_a_statement_and_counted_in_the_legend() -> None:
    for frame in (statements(), statements().head(0)):
        with figures.styled():
            figure, ax = figures.new(6.0, 3.0)
            firm_cases.draw_grades(ax, frame, "firm", "route")
        figure.canvas.draw()
        assert len(ax.patches) == len(frame)
        legend = [text.get_text() for text in ax.get_legend().get_texts()]
        assert legend[-1] == f"undocumented ({min(len(frame), 1)})"


def test_shares_carry_count_and_base() -> None:
    shares = paths.path_shares({"x": 4}, 20)
    with figures.styled():
        _, ax = figures.new(6.0, 3.0)
        firm_cases.draw_path_shares(ax, shares, {"x": "X", paths.NO_PATH: "none"}, {"x": "20"})
    assert [text.get_text() for text in ax.texts] == ["4/20", "16/20"]
    with figures.styled():
        _, ax = figures.new(6.0, 3.0)
        firm_cases.draw_path_shares(ax, paths.path_shares({}, 0), {}, {})
    assert not ax.texts


def test_accounts_have_a_panel_a_series_and_rivals_side_by_side() -> None:
    row = {"firm_id": "a", "firm": "a", "metric": "net_profit", "unit": "m CNY"}
    money = pd.DataFrame(
        [
            {**row, "period": "2021", "value": 93.7, "source_id": "x"},
            {**row, "period": "2021", "value": 101.2, "source_id": "y"},
            {**row, "period": "2022H1", "value": -4.0, "source_id": "x"},
        ]
    )
    with figures.styled():
        _, axes = figures.new(6.0, 2.0, nrows=1, ncols=2, squeeze=False)
        firm_cases.draw_accounts(axes, paths.repeated_series(money))
    bars = axes[0, 0].patches
    assert [round(bar.get_height(), 1) for bar in bars] == [93.7, 101.2, -4.0]
    assert bars[0].get_x() + bars[0].get_width() <= bars[1].get_x()
    assert not axes[0, 1].axison
