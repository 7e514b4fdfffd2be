"""What joins the firm tables: faults are named with table, row and column when they are loaded."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import Problem
from helpers.evidence import tables
from helpers.evidence.cases import Rows, case_problems, surely_before
from helpers.run.cli import main

FOLDER = Path("firms")
Change = Callable[[pd.DataFrame], pd.DataFrame]


def alter(folder: Path, name: str, change: Change) -> None:
    path = folder / FOLDER / f"{name}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    change(frame).to_csv(path, index=False)


def set_cell(row: int, column: str, value: str) -> Change:
    """Change one cell; `row` counts from 0 below the header."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame.loc[row, column] = value
        return frame

    return change


FAULTS = {
    "path of another city": (
        "firms", set_cell(1, "place_id", "210200"), "path", 3, "growth_paths has this path for place 210300 and not for place 210200",
    ),
    "unknown path": ("firms", set_cell(0, "path", "oversea"), "path", 2, "not found in growth_paths"),
    "unknown event type": (
        "firm_events", set_cell(0, "event_type", "merger"), "event_type", 2, "not one of founding",
    ),
    "event before the founding event": (
        "firm_events", set_cell(6, "date", "1990"), "date", 8, "before the founding of firm F05 (1992)",
    ),
    "founder's visit taken as the firm's own": (
        "firm_events", set_cell(3, "about", ""), "date", 5, "before the founding of firm F05",
    ),
    "event before the date in firms": (
        "firms", set_cell(0, "founded", "2018-03"), "date", 2, "before the founding of firm F01 (2018-03)",
    ),
    "no deal": ("firm_events", set_cell(9, "deal_id", ""), "deal_id", 11, "names no deal"),
    "amount without unit": ("firm_events", set_cell(7, "unit", ""), "unit", 9, "go together"),
    "share in words": (
        "growth_paths", set_cell(0, "reported_share_pct", "a fifth"), "reported_share_pct", 2,
        "not a percentage",
    ),
    "share above 100": (
        "growth_paths", set_cell(0, "reported_share_pct", "120"), "reported_share_pct", 2,
        "not a percentage",
    ),
    "statement numbered twice": (
        "firm_statements", set_cell(1, "order", "1"), "order", 3, "another statement with this number",
    ),
    "deal of two firms": (
        "firm_events", set_cell(20, "deal_id", "F10-D1"), "deal_id", 22, "firm F10 has a deal with",
    ),
    "named by the study without a path": (
        "firms", set_cell(11, "in_study", "true"), "path", 13, "has no growth path",
    ),
    "statement on a firm without a path": (
        "firm_statements", set_cell(1, "firm_id", "F12"), "firm_id", 3, "the firm has no growth path in firms",
    ),
    "coding of a firm without a path": (
        "firm_conditions", set_cell(1, "firm_id", "F12"), "firm_id", 3, "the firm has no growth path in firms",
    ),
    "period in words": (
        "firm_financials", set_cell(0, "period", "FY22"), "period", 2, "not a year, half year",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_where_it_stands(
    fault: str, data_copy: Path, problems: Callable[..., list[Problem]]
) -> None:
    name, change, column, row, rule = FAULTS[fault]
    alter(data_copy, name, change)
    found = [p for p in problems() if p.column == column and p.row == row]
    assert len(found) == 1, problems()
    where = "firm_events" if column in ("date", "deal_id", "unit", "event_type") else name
    assert found[0].table == where and rule in str(found[0])


def test_check_names_the_users_own_file(
    own: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    event = {"firm_id": "F05", "date": "1985", "event_type": "expansion", "source_id": "STUDY"}
    words = dict.fromkeys(("event_en", "event_zh", "label_en", "label_zh"), "made up")
    columns = tables.load("firm_events").columns
    pd.DataFrame([event | words], columns=columns).to_csv(own / "firm_events.csv", index=False)
    assert main(["check", "-p", "data_dir", str(own)]) == 2
    message = capsys.readouterr().err
    assert (
        f"table firm_events ({own / 'firm_events.csv'}), row 2, column date, value '1985'"
        in message
    )
    assert "before the founding of firm F05 (1992)" in message and "column about" in message


def test_the_tables_as_they_are_have_no_fault() -> None:
    frames = tables.load_all()
    rows = {n: Rows(n, f, [(n, i + 2) for i in range(len(f))]) for n, f in frames.items()}
    assert case_problems(rows) == []
    # Where a table could not be read, what it would be compared with is left alone.
    assert all(case_problems({n: r for n, r in rows.items() if n != gone}) == [] for gone in rows)


DAYS = st.dates().map(lambda day: day.isoformat())
TEXTS = st.tuples(DAYS, st.sampled_from([4, 7, 10])).map(lambda pair: pair[0][: pair[1]])


@given(TEXTS, TEXTS)
def test_surely_before_leaves_the_benefit_of_the_doubt(first: str, second: str) -> None:
    """Against the last possible day of the one and the first possible day of the other."""
    last = (
        first if len(first) == 10 else (first + "-12-31")[:10] if len(first) == 4 else first + "-99"
    )
    earliest = (second + "-01-01")[:10]
    assert surely_before(first, second) == (last < earliest)
