"""What would decide the claims that the data leave open, one row for each of them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.analysis.claim_rules import nation
from helpers.evidence.claims import ClaimTest, Setting

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
COLUMNS = [
    "claim_id", "place_id", "batches", "settling", "open_pct", "tried_count", "settles",
    "settles_zh", "needs", "needs_zh", "goes_into",
]  # fmt: skip
_SOLVED = ["place_id", "batches", "settling", "tried_count"]


def deciding_table(
    setting: Setting, verdicts: pd.DataFrame, tests: Iterable[ClaimTest]
) -> pd.DataFrame:
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

    Returns
    -------
    DataFrame
        One row for each verdict ``consistent``, in ledger order: claim_id; place_id and batches of
        the figure; settling (:class:`~helpers.evidence.settling.Settling`: its possible values, and
        those at which the claim holds, fails, stays open); open_pct (percentage of its possible
        values that leave the claim open); tried_count (figures tried). All but the claim are
        missing where it was not solved for. Then settles (what the rule says, empty if nothing) and
        needs (what would decide the claim in any case, from the ledger), each with its Chinese, and
        goes_into (the data table that takes it).
    """
    open_ = verdicts[verdicts["verdict"] == "consistent"]
    rules = {test.claim_id: test for test in tests}
    asked = [rules[claim] for claim in open_["claim_id"]]
    solved = nation.settling_table(setting, asked).set_index("claim_id")
    needs = setting.tables["claims"].set_index("claim_id")[["needs", "needs_zh"]]
    rows = []
    for _, one_claim in open_.iterrows():
        claim = str(one_claim["claim_id"])
        row = {"claim_id": claim, **needs.loc[claim].to_dict()}
        row |= one_claim[["settles", "settles_zh"]].to_dict()
        if claim in solved.index:
            one = solved.loc[claim]
            left = 100 * int(one["open_count"]) / int(one["possible_count"])
            row |= {"open_pct": left, **one[_SOLVED].to_dict()}
        rows.append(row | {"goes_into": GOES_INTO.get(rules[claim].rule, "")})
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"open_pct": "Float64", "tried_count": "Int64"})
