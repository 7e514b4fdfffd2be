"""Checks of the firm tables against each other, run with every load of the tables.

A schema looks at one cell at a time. What joins the tables of a casebook (a path that is meant for
another city, an event before the firm's founding) is looked at here, so that a case cannot drop out
of a notebook unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.errors import Problem

CASE_TABLES = (
    "growth_paths", "firms", "firm_statements", "firm_events", "firm_financials", "firm_conditions",
)  # fmt: skip
_SHARE = re.compile(r"[0-9]+(\.[0-9]+)?")
# A year, a half year or quarters, as in ``firm_financials.period``.
PERIOD = re.compile(r"[0-9]{4}(H[12]|Q[1-4](-Q[1-4])?)?")


@dataclass(frozen=True)
class Rows:
    """A table of typed columns with the file and line of each row.

    Parameters
    ----------
    name : str
    frame : DataFrame
        Index 0, 1, ...
    origins : sequence of (str, int)
        File and line of each row, as messages name them.
    """

    name: str
    frame: pd.DataFrame
    origins: Sequence[tuple[str, int]]

    def fault(self, index: int, column: str, rule: str, remedy: str) -> Problem:
        """A problem with one cell."""
        file, row = self.origins[index]
        cell = self.frame[column].iloc[index]
        value = "" if pd.isna(cell) else str(cell)
        return Problem(self.name, file, row, column, value, rule, remedy)


def earliest_day(text: str) -> str:
    """First day that an ISO date text of year, month or day precision may mean.

    Examples
    --------
    >>> earliest_day("2016"), earliest_day("2016-06-28")
    ('2016-01-01', '2016-06-28')
    """
    return (text + "-01-01")[:10] if len(text) < 10 else text


def surely_before(first: str, second: str) -> bool:
    """Whether a date lies before another, whatever days the two texts stand for.

    Parameters
    ----------
    first, second : str
        ISO date texts of year, month or day precision.

    Returns
    -------
    bool
        False where they may be the same day.

    Examples
    --------
    >>> surely_before("1988", "1992-05"), surely_before("1992", "1992-05")
    (True, False)
    """
    # A text compares by its digits; "~" stands after every digit, so for the last possible day.
    return first + "~" < earliest_day(second)


def _paths(firms: Rows, routes: Rows) -> Iterator[Problem]:
    known = set(zip(routes.frame["path_id"], routes.frame["place_id"], strict=True))
    for index, row in enumerate(firms.frame.itertuples()):
        places = sorted(place for path, place in known if path == row.path)
        # A path that no place has is a reference to nothing, which the loader reports itself.
        if places and row.place_id not in places:
            yield firms.fault(
                index, "path", f"growth_paths has this path for place {', '.join(places)} and not for "
                f"place {row.place_id} of the firm",
                f"Add a row with this path_id and place_id {row.place_id} to growth_paths, or "
                "correct the path.",
            )  # fmt: skip


def _shares(routes: Rows) -> Iterator[Problem]:
    for index, cell in enumerate(routes.frame["reported_share_pct"]):
        if pd.notna(cell) and not (_SHARE.fullmatch(cell) and float(cell) <= 100):
            yield routes.fault(
                index, "reported_share_pct", "not a percentage from 0 to 100",
                "Write the number alone, as printed, for instance 20 or 27.27.",
            )  # fmt: skip


def foundings(firms: pd.DataFrame, events: pd.DataFrame) -> dict[str, str]:
    """Date text before which nothing can have happened to a firm itself.

    Parameters
    ----------
    firms, events : DataFrame
        Tables ``firms`` and ``firm_events``.

    Returns
    -------
    dict of firm_id to str
        The date in ``firms``; where that is blank, the earliest founding event of the firm itself,
        so that rival accounts do not rule each other out. Firms without either are left out.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a", "b"], "founded": ["2001", None]})
    >>> events = pd.DataFrame({"firm_id": ["b", "b"], "date": ["1995", "1992"],
    ...                        "event_type": ["founding"] * 2, "about": [None, None]})
    >>> foundings(firms, events)
    {'b': '1992', 'a': '2001'}
    """
    own = events[(events["event_type"] == "founding") & events["about"].isna()]
    found = {
        str(firm): min(dates, key=earliest_day) for firm, dates in own.groupby("firm_id")["date"]
    }
    dated = firms.dropna(subset="founded")
    return found | dict(zip(dated["firm_id"], dated["founded"], strict=True))


def _events(events: Rows, firms: Rows) -> Iterator[Problem]:
    founded = foundings(firms.frame, events.frame)
    for index, row in enumerate(events.frame.itertuples()):
        start = founded.get(row.firm_id)
        if start is not None and pd.isna(row.about) and surely_before(row.date, start):
            yield events.fault(
                index, "date", f"before the founding of firm {row.firm_id} ({start})",
                "Correct the date or the founding, or say in column about whom it concerns.",
            )  # fmt: skip
        if row.event_type == "ownership" and pd.isna(row.deal_id):
            yield events.fault(
                index, "deal_id", "an ownership event names no deal",
                "Give the deal an identifier; stages and retellings of one deal share it.",
            )  # fmt: skip
        if pd.isna(row.amount) != pd.isna(row.unit):
            yield events.fault(
                index, "unit", "amount and unit go together", "Give both or neither."
            )


def _unplaced(firms: Rows) -> Iterator[Problem]:
    for index, row in enumerate(firms.frame.itertuples()):
        if row.in_study and pd.isna(row.path):
            yield firms.fault(
                index, "path", "the study names the firm, but it has no growth path",
                "Give the path the study puts it under, or set in_study to false.",
            )  # fmt: skip


def _strays(rows: Rows, firms: Rows) -> Iterator[Problem]:
    """Rows on a firm that is no case, which no notebook would show."""
    without = set(firms.frame.loc[firms.frame["path"].isna(), "firm_id"])
    for index, firm in enumerate(rows.frame["firm_id"]):
        # A firm that is not in firms at all is reported by the loader.
        if firm in without:
            yield rows.fault(
                index, "firm_id", "the firm has no growth path in firms, and this table is on cases",
                "Give the firm its path in firms, or leave this row out.",
            )  # fmt: skip


def _deals(events: Rows) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for index, row in enumerate(events.frame.itertuples()):
        if pd.notna(row.deal_id) and owners.setdefault(row.deal_id, row.firm_id) != row.firm_id:
            yield events.fault(
                index, "deal_id", f"firm {owners[row.deal_id]} has a deal with this identifier",
                "A deal is counted under one firm: give each firm's deals identifiers of their own.",
            )  # fmt: skip


def _statements(statements: Rows) -> Iterator[Problem]:
    twice = statements.frame.duplicated(["firm_id", "order"]).to_numpy()
    for index in twice.nonzero()[0]:
        yield statements.fault(
            int(index), "order", "the firm has another statement with this number",
            "Number the statements of a firm 1, 2, 3 in the order of the text.",
        )  # fmt: skip


def _periods(figures: Rows) -> Iterator[Problem]:
    for index, period in enumerate(figures.frame["period"]):
        if not PERIOD.fullmatch(period):
            yield figures.fault(
                index, "period", "not a year, half year or quarters",
                "Write 2022, 2025H1, 2022Q1 or 2022Q1-Q3.",
            )  # fmt: skip


def case_problems(tables: Mapping[str, Rows]) -> list[Problem]:
    """Everything in which the tables of firm cases do not fit each other.

    Parameters
    ----------
    tables : mapping of str to Rows
        All tables by name, each already sound by its own schema.

    Returns
    -------
    list of Problem
        None where the casebook's tables are not all there.
    """
    if not set(CASE_TABLES) <= set(tables):
        return []
    routes, firms, statements, events, figures, conditions = (tables[name] for name in CASE_TABLES)
    return [
        *_shares(routes), *_paths(firms, routes), *_unplaced(firms), *_statements(statements),
        *_strays(statements, firms), *_strays(conditions, firms), *_events(events, firms),
        *_deals(events), *_periods(figures),
    ]  # fmt: skip
