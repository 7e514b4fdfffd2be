"""Rules on national totals and provinces: what they tell, and what claims say as constraints."""

from __future__ import annotations

import pytest

from helpers.analysis.claim_rules import RULES, nation
from helpers.evidence import tables
from helpers.evidence.claims import ClaimTest, Setting, read_tests
from helpers.evidence.completion import Fact, RankFact


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(tables.load_all(), "210000", "210300")


@pytest.fixture(scope="module")
def tests(setting: Setting) -> dict[str, ClaimTest]:
    return read_tests(setting.tables["claims"], setting.tables["claim_tests"])


def test_a_total_is_told_as_the_sum_of_the_batches_of_its_basis(
    setting: Setting, tests: dict[str, ClaimTest]
) -> None:
    found = RULES["national_total"].find(setting, tests["C2-02"])
    assert found.detail == "Sum of 248 + 1,584 + 2,930 + 4,357 + 3,671."
    assert found.value == 12_790


def test_statements_of_claims_as_constraints(setting: Setting, tests: dict[str, ClaimTest]) -> None:
    (share,) = nation.statement(setting, tests["C2-17"])
    # 2.58 % of 12,790 firms are 329.4 to 330.6.
    assert isinstance(share, Fact) and (share.lower, share.upper) == (330, 330)
    (rose,) = nation.statement(setting, tests["C2-05"])
    assert isinstance(rose, Fact) and rose.text == "change of share"
    # Four places ahead of each of the other 28.
    ahead = nation.statement(setting, tests["C2-06"])
    assert len(ahead) == 4 * 28 and all((part.lower, part.upper) == (1, None) for part in ahead)
    (rank,) = nation.statement(setting, tests["C2-13"])
    assert isinstance(rank, RankFact) and (rank.best, rank.worst) == (10, 10)
