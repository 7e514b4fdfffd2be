"""What would decide the claims that the data leave open, one row for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from helpers.analysis.claim_rules import nation
from helpers.evidence.claims import ClaimTest, Setting

# The table that a missing figure goes into, by the rule that would use it.
GOES_INTO = {
    **dict.fromkeys(nation.RULES, "province_counts"),
    "behind_leaders": "city_counts",
    "district_share": "districts",
    "district_order": "districts",
    "district_density": "districts",
    "industry_share": "industries",
    "path_share": "firms",
}
NO_VALUE = "none of its values decides the claim by itself"
NO_FIGURE = ("no unknown count of its own places", "the counts of the places around it would")
COLUMNS = ["claim_id", "figure", "says", "open_pct", "needs", "goes_into"]


def deciding_table(
    setting: Setting, verdicts: pd.DataFrame, tests: Iterable[ClaimTest],
    name: Callable[[str], str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """For each open claim, the figure that bears most on it and what its values would say.

    A claim on counts of provinces is solved again with the claim, and with its denial, as a further
    constraint (:func:`~helpers.analysis.claim_rules.nation.settling_table`). Of the others the rule
    knows the figure and the values that would decide (``settles`` of the verdict).

    Parameters
    ----------
    setting : Setting
    verdicts : DataFrame
        From ``Ledger.frame``.
    tests : iterable of ClaimTest
        Tests of the claims in `verdicts`.
    name : callable or None
        Gives a place's name from its code; None for the English one.

    Returns
    -------
    DataFrame
        One row for each verdict ``consistent``, in ledger order: claim_id, figure, says (what its
        values would say), open_pct (percentage of its possible values that leave the claim open;
        missing where it was not solved for), needs (what would decide the claim in any case, from
        the ledger) and goes_into (the data table that takes it).
    """
    open_ = verdicts[verdicts["verdict"] == "consistent"]
    rules = {test.claim_id: test for test in tests}
    asked = [rules[claim] for claim in open_["claim_id"]]
    solved = nation.settling_table(setting, asked, name).set_index("claim_id")
    needs = setting.tables["claims"].set_index("claim_id")["needs"]
    rows = []
    for claim, settles in zip(open_["claim_id"], open_["settles"], strict=True):
        left = None
        if claim in solved.index:
            one = solved.loc[claim]
            figure, says = one["figure"], says_of(one)
            left = 100 * int(one["open_count"]) / int(one["possible_count"])
        else:
            figure, _, says = (
                settles.partition(": ") if settles else (NO_FIGURE[0], "", NO_FIGURE[1])
            )
        rows.append((claim, figure, says, left, needs[claim], GOES_INTO.get(rules[claim].rule, "")))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(open_pct=frame["open_pct"].astype("Float64"))


def says_of(row: pd.Series) -> str:
    """What the values of a figure would say, in words.

    Parameters
    ----------
    row : Series
        Of :func:`~helpers.analysis.claim_rules.nation.settling_table`.

    Returns
    -------
    str

    Examples
    --------
    >>> says_of(pd.Series({"holds": "330", "fails": "none", "open": "331 to 387",
    ...                    "open_count": 57, "possible_count": 58}))
    'holds at 330; stays open at 331 to 387'
    """
    if row["open_count"] == row["possible_count"]:
        return f"{row['possible']} possible: {NO_VALUE}"
    words = {"holds": "holds at", "fails": "fails at", "open": "stays open at"}
    return "; ".join(f"{text} {row[key]}" for key, text in words.items() if row[key] != "none")
