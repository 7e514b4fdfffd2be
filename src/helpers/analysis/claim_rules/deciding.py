"""What would decide the claims that the data leave open, one row for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from helpers.analysis.claim_rules import nation
from helpers.evidence.claims import ClaimTest, Setting
from helpers.evidence.settling import english

# The tables that a missing figure goes into, by the rule that would use it. A city's total of SRDI
# firms is a stock of city_counts.
GOES_INTO = {
    **dict.fromkeys(nation.RULES, "province_counts"),
    "behind_leaders": "city_counts",
    "district_share": "districts;city_counts",
    "district_order": "districts;city_counts",
    "district_density": "districts;city_counts",
    "industry_order": "industries",
    "industry_share": "industries;city_counts",
    "path_share": "firms",
    "one_mechanism": "firm_conditions;firm_statements",
    "two_majorities": "firms;firm_events;firm_conditions",
}
COLUMNS = ["claim_id", "figure", "says", "open_pct", "needs", "goes_into"]


def deciding_table(
    setting: Setting, verdicts: pd.DataFrame, tests: Iterable[ClaimTest],
    name: Callable[[str], str] | None = None, t: Callable[[str, str], str] = english,
) -> pd.DataFrame:  # fmt: skip
    """For each open claim, the figure of those tried that bears most on it, and what it would say.

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
    t : callable
        Picks the English or the Chinese text.

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
    solved = nation.settling_table(setting, asked, name, t).set_index("claim_id")
    needs = setting.tables["claims"].set_index("claim_id")["needs"]
    rows = []
    for claim, settles in zip(open_["claim_id"], open_["settles"], strict=True):
        left = None
        if claim in solved.index:
            one = solved.loc[claim]
            figure, says = one["figure"], says_of(one, t)
            left = 100 * int(one["open_count"]) / int(one["possible_count"])
        else:
            figure, _, says = settles.partition(": ")
            if not settles:
                figure, says = (
                    t("not solved for", "未求解"),
                    t("no single figure was tried", "未试单个数据"),
                )
        rows.append((claim, figure, says, left, needs[claim], GOES_INTO.get(rules[claim].rule, "")))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(open_pct=frame["open_pct"].astype("Float64"))


def says_of(row: pd.Series, t: Callable[[str, str], str] = english) -> str:
    """What the values of a figure would say, in words.

    Parameters
    ----------
    row : Series
        Of :func:`~helpers.analysis.claim_rules.nation.settling_table`.
    t : callable
        Picks the English or the Chinese text.

    Returns
    -------
    str

    Examples
    --------
    >>> row = pd.Series({"holds": "330", "fails": "none", "open": "331 to 387",
    ...                  "open_count": 57, "possible_count": 58, "tried_count": 1})
    >>> says_of(row)
    'holds at 330; stays open at 331 to 387'
    """
    if row["open_count"] == row["possible_count"]:
        tried = row["tried_count"]
        return t(
            f"{row['possible']} possible: none of its values decides the claim by itself"
            + (f", nor does any of the other figures tried ({tried - 1})" if tried > 1 else ""),
            f"可能取值{row['possible']}：单凭任何取值均不能判定"
            + (f"，所试其他数据（{tried - 1}个）亦然" if tried > 1 else ""),
        )
    words = {
        "holds": t("holds at ", "成立："),
        "fails": t("fails at ", "不成立："),
        "open": t("stays open at ", "仍未定："),
    }
    none = t("none", "无")
    return t("; ", "；").join(
        f"{text}{row[key]}" for key, text in words.items() if row[key] != none
    )
