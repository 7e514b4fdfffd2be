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


def test_views_name_what_is_missing_only_where_something_is() -> None:
    events = pd.DataFrame(
        {"firm": ["a"], "date": ["2016"], "label_en": ["bought"], "label_zh": ["收购"]}
    )
    for undated, note in ((["b", "c"], "未查到有日期的事件：b、c"), ([], "")):
        _, record, data = firm_cases.timeline_view(events, undated, "鞍山", lambda _, zh: zh, "X")
        assert (record.note, record.base, len(data)) == (note, "1 条", 1)


def test_views_return_the_rows_they_draw() -> None:
    frame = statements().assign(statement_en="s", source_id="X")
    _, record, data = firm_cases.grades_view(frame, "Anshan", lambda en, _: en, "X")
    assert record.base == "3 statements, 2 firms" and len(data) == 3
    table, record = firm_cases.statements_table(frame, "Anshan", lambda en, _: en, "X")
    assert record.base == "3" and table["Public records show"].tolist() == [
        "not found",
        "seen",
        "seen",
    ]
    shares = paths.path_shares({"x": 4}, 20)
    names = {"x": "X", paths.NO_PATH: "none"}
    _, record, data = firm_cases.path_shares_view(
        shares, names, {"x": "20"}, "Anshan", "20 firms", lambda en, _: en, "X"
    )
    assert record.base == "20 firms" and data is shares
    money = pd.DataFrame(
        {
            "firm": ["a", "a"], "path": [None, None], "metric": ["revenue"] * 2, "unit": "m CNY",
            "period": ["2021", "2022"], "value": [1.0, 2.0], "source_id": "X", "firm_id": "F",
            "note_en": None,
        }
    )  # fmt: skip
    _, record, data = firm_cases.accounts_view(
        paths.repeated_series(money), "Anshan", lambda en, _: en, "X"
    )
    assert record.base == "1 series; firms without a path: a" and len(data) == 2
