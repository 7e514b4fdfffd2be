"""Verdicts follow from evidence; every claim of a notebook gets exactly one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.claims import (
    COLUMNS,
    DOCUMENTATION,
    VERDICTS,
    ClaimTest,
    Finding,
    Ledger,
    Rule,
    Setting,
    agrees,
    pending_rows,
    show_number,
)

NOTEBOOK = "02_national_trends"


@pytest.fixture
def ledger(tmp_path: Path) -> Callable[..., Ledger]:
    def make(
        notebook: str = NOTEBOOK, province: str = "210000", city: str = "210300",
        through: int = 5, basis: str = "study", rules: dict[str, Rule] | None = None,
    ) -> Ledger:  # fmt: skip
        setting = Setting(tables.load_all(), province, city, basis, through)
        return Ledger(setting, rules or {}, notebook, tmp_path)

    return make


@pytest.mark.parametrize(
    ("value", "reported", "result"),
    [
        (Fraction(100 * 211, 4762), "4.48", False),
        (Fraction(100 * 211, 4762), "4.43", True),
        (Fraction(100 * 211, 4762), "4.4", True),
        (20.4, "20", True),
        (20.4, "20.0", False),  # a trailing zero is a claim to precision
        (20, "20.0", True),
        (20, "20.00", True),
        (Fraction(2004, 100), "20.0", True),
        (Fraction(2005, 100), "20.0", False),  # ties go up
        (Fraction(2005, 100), "20.1", True),
        (Fraction(1995, 100), "20.0", True),
        (2.675, "2.68", True),  # as printed, although the nearest double lies below
        (2.675, "2.67", False),
        (np.float64(2.675), "2.68", True),
        (19.5, "20", True),
        (20.5, "20", False),
        (12790, "12790", True),
        (12791, "12790", False),
        (Fraction(12790), "12790", True),
        (0.25, "1/4", True),
        (Fraction(1, 4), "1/4", True),
        (0.2501, "1/4", False),  # a fraction is met exactly or not at all
        (Fraction(2, 8), "1/4", True),
        (Fraction(1, 3), "0.33", True),
        (0, "0.00", True),
    ],
)
def test_agrees(value: object, reported: str, result: bool) -> None:
    assert agrees(value, reported) is result


@given(st.integers(0, 10**9), st.integers(1, 10**4), st.integers(0, 4))
def test_agrees_with_exact_rounding_half_up(number: int, base: int, places: int) -> None:
    value = Fraction(number, base)
    scaled = value * 10**places
    nearest = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = str(Decimal(nearest).scaleb(-places).quantize(Decimal(1).scaleb(-places)))
    assert agrees(value, text)
    above = str((Decimal(text) + Decimal(1).scaleb(-places)).quantize(Decimal(1).scaleb(-places)))
    assert not agrees(value, above)


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_float_is_the_decimal_it_prints(value: float) -> None:
    rounded = Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert agrees(value, str(rounded))


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ({"value": Fraction(448, 100)}, "reproduced"),
        ({"value": Fraction(447, 100)}, "contradicted"),
        ({"value": 4.4849}, "reproduced"),
        ({"value": np.float64(4.4849)}, "reproduced"),
        ({"value": np.float64(4.4851)}, "contradicted"),
        ({"value": np.int64(4)}, "contradicted"),
        ({"holds": True}, "reproduced"),
        ({"holds": False}, "contradicted"),
        ({"holds": np.bool_(True)}, "reproduced"),
        ({"missing": ["a count"], "sources": ["N-S01"]}, "pending"),
        ({"missing": ["a count"]}, "untestable"),
        # A gap outweighs a value that happens to be there.
        ({"missing": ["a count"], "sources": ["N-S01"], "value": 4.48}, "pending"),
        ({"missing": ["a count"], "holds": True}, "untestable"),
        ({}, "untestable"),
        ({"missing": ["a count"], "sources": ["N-S01"], "decision": "entailed"}, "entailed"),
        ({"missing": ["a count"], "sources": ["N-S01"], "decision": "undecided"}, "pending"),
        # Complete data decide before any bounds do.
        ({"holds": True, "decision": "consistent"}, "reproduced"),
        # Figures bear on it, yet nothing was computed from them.
        ({"sources": ["N-S01"]}, "pending"),
        ({"sources": ["N-S01"], "documentation": "partly"}, "untestable"),
    ],
)
def test_verdict_from_evidence(
    ledger: Callable[..., Ledger], evidence: dict[str, object], verdict: str
) -> None:
    assert ledger().judge("C2-16", Finding(**evidence)).verdict == verdict
    assert verdict in VERDICTS


def test_verdict_carries_its_evidence(ledger: Callable[..., Ledger]) -> None:
    found = ledger().judge(
        "C2-16", Finding(value=Fraction(100 * 211, 4762), base="211 of 4,762 firms",
        sources=["N-S26", "N-S07", "N-S26"], detail="Counted.", documentation="partly",))  # fmt: skip
    assert found.computed == "4.431"
    assert found.reported == "4.48 pct"
    assert found.base == "211 of 4,762 firms"
    assert found.sources == "N-S26;N-S07"
    grades = tables.load("sources").set_index("source_id")["grade"]
    assert found.worst_grade == max(grades["N-S26"], grades["N-S07"])
    assert (found.section, found.kind, found.notebook) == (2, "share", NOTEBOOK)
    text = found._repr_markdown_()
    for part in ("C2-16", "contradicted", "4.48 pct", "211 of 4,762", "N-S26;N-S07", "Counted."):
        assert part in text
    assert "Missing" not in text


def test_an_untestable_claim_says_what_would_test_it(ledger: Callable[..., Ledger]) -> None:
    claims = tables.load("claims").set_index("claim_id")
    assert ledger().judge("C2-16", Finding()).missing == claims.loc["C2-16", "needs"]
    assert ledger().judge("C2-17", Finding(missing=["x", "y"])).missing == "x; y"


def test_other_bases_beside_the_verdict(ledger: Callable[..., Ledger]) -> None:
    totals = {"study": 12790, "certified": 12773, "announced": np.int64(12950)}
    sober = []

    def find(setting: Setting, test: ClaimTest) -> Finding:
        sober.append(setting.left_out)
        assert test.claim_id == "C2-02" and test.batches == (1, 5)
        return Finding(value=1 if setting.left_out else totals[setting.basis])

    rules = {"national_total": Rule(find, by_basis=True)}
    found = ledger(rules=rules).check("C2-02")
    assert (found.verdict, found.basis, found.without_grade_c) == (
        "reproduced", "study", "contradicted",
    )  # fmt: skip
    assert found.other_bases == "certified: 12,773, contradicted; announced: 12,950, contradicted"
    grades = tables.load("sources").set_index("source_id")["grade"]
    assert set(grades[list(max(sober, key=len))]) == {"C"}
    found = ledger(basis="certified", rules=rules).check("C2-02")
    assert found.verdict == "contradicted"
    assert found.other_bases.startswith("study: 12,790, reproduced")
    plain = ledger(rules={"national_total": Rule(find)}).check("C2-02")
    assert (plain.basis, plain.other_bases, plain.without_grade_c) == ("", "", "")


def test_check_needs_a_rule_that_is_known(ledger: Callable[..., Ledger]) -> None:
    rules = {"share": Rule(lambda setting, test: Finding())}
    with pytest.raises(InputError, match="column rule, value 'national_total': no rule has this name"):  # fmt: skip
        ledger(rules=rules).check("C2-02")
    one = ledger(rules=rules)
    one._tests.pop("C2-16")
    with pytest.raises(InputError, match="claim C2-16 has no row"):
        one.check("C2-16")
    assert one.check("C2-17") == one.check("C2-17")


def test_a_rule_is_not_run_where_its_claim_does_not_apply(ledger: Callable[..., Ledger]) -> None:
    def find(setting: Setting, test: ClaimTest) -> Finding:
        raise AssertionError("run")

    henan = ledger(province="410000", city="410100", rules={"share": Rule(find)})
    assert henan.check("C2-16").verdict == "not applicable"
    with pytest.raises(AssertionError):
        henan.check("C2-03")


def test_the_ledger_page_checks_every_claim(ledger: Callable[..., Ledger]) -> None:
    names = set(tables.load("claim_tests")["rule"])
    page = ledger("06_ledger", rules={name: Rule(lambda s, t: Finding()) for name in names})
    assert list(page.check_all()["claim_id"]) == list(tables.load("claims")["claim_id"])
    assert page.place("C2-16") == "210000" and page.place("C2-02") == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12790, "12,790"),
        (Fraction(6, 2), "3"),
        (0.031416, "0.03142"),
        (1234.5, "1,234.500"),
        (True, "True"),
        ("9 of 20", "9 of 20"),
    ],
)
def test_show_number(value: object, text: str) -> None:
    assert show_number(value) == text


def test_a_count_from_pandas_is_shown_like_any_other(ledger: Callable[..., Ledger]) -> None:
    total = pd.Series([12_000, 790]).sum()
    assert isinstance(total, np.integer)
    assert ledger().judge("C2-02", Finding(value=total)).computed == "12,790"


def test_claims_about_other_places_do_not_apply(ledger: Callable[..., Ledger]) -> None:
    evidence = {
        "value": 4.48, "sources": ["N-S01"], "base": "b", "detail": "d", "documentation": "partly",
    }  # fmt: skip
    henan = ledger(province="410000", city="410100")
    found = henan.judge("C2-16", Finding(**evidence))
    assert found.verdict == "not applicable"
    left = (found.computed, found.base, found.detail, found.sources, found.documentation)
    assert left == ("", "", "", "", "")
    assert (found.missing, found.basis, found.other_bases, found.worst_grade) == ("", "", "", "")
    # Claims about the nation and about Beijing hold whatever city is looked at.
    assert henan.judge("C2-02", Finding(value=12790)).verdict == "reproduced"
    assert henan.judge("C2-07", Finding(holds=True)).verdict == "reproduced"
    # Another city of the same province: its province's claims apply, the city's do not.
    assert ledger(city="210200").judge("C2-16", Finding(value=4.48)).verdict == "reproduced"
    dalian = ledger("03_city_distribution", city="210200")
    assert dalian.judge("C2-21", Finding(value=27.27)).verdict == "not applicable"
    assert (
        ledger("03_city_distribution").judge("C2-21", Finding(value=27.27)).verdict == "reproduced"
    )


@pytest.mark.parametrize(
    ("claim", "through", "applies"),
    [
        ("C2-16", 2, False),
        ("C2-16", 3, True),
        ("C2-17", 4, False),
        ("C2-17", 5, True),
        ("C2-17", 7, True),
        ("C2-01", 1, True),  # a period in years is no range of batches
    ],
)
def test_claims_about_later_batches_do_not_apply(
    ledger: Callable[..., Ledger], claim: str, through: int, applies: bool
) -> None:
    one = ledger(through=through)
    assert one.applies(claim) is applies
    assert (one.judge(claim, Finding(holds=True)).verdict == "not applicable") is not applies


def test_unknown_claims_and_grades_are_errors(ledger: Callable[..., Ledger]) -> None:
    for claim in ("C9-99", "C3-01", ""):
        with pytest.raises(InputError, match="not assigned to notebook"):
            ledger().judge(claim, Finding(holds=True))
    with pytest.raises(InputError, match="documentation must be one of"):
        ledger().judge("C2-16", Finding(documentation="well documented"))
    for grade in DOCUMENTATION:
        assert ledger().judge("C2-16", Finding(documentation=grade)).documentation == grade
    with pytest.raises(InputError, match="reports none"):
        ledger().judge("C2-05", Finding(value=1))  # a claim of direction, no number printed


def test_a_claim_is_judged_once(ledger: Callable[..., Ledger]) -> None:
    one = ledger()
    first = one.judge("C2-16", Finding(value=4.48))
    assert one.judge("C2-16", Finding(value=4.48)) == first  # a cell that is run again
    with pytest.raises(InputError, match="C2-16 was judged before"):
        one.judge("C2-16", Finding(value=4.31))
    assert one.frame()["verdict"].tolist() == ["reproduced"]


def test_close_names_every_claim_left_out(ledger: Callable[..., Ledger], tmp_path: Path) -> None:
    claims = tables.load("claims")
    ids = list(claims.loc[claims["notebook"] == NOTEBOOK, "claim_id"])
    one = ledger()
    for claim in reversed(ids[1:-1]):
        one.judge(claim, Finding())
    with pytest.raises(InputError) as caught:
        one.close()
    assert str(caught.value).endswith(f"did not judge: {ids[0]}, {ids[-1]}")
    assert not (tmp_path / "verdicts").exists()


def test_close_writes_the_verdicts_in_ledger_order(
    ledger: Callable[..., Ledger], tmp_path: Path
) -> None:
    claims = tables.load("claims")
    ids = list(claims.loc[claims["notebook"] == NOTEBOOK, "claim_id"])

    def write() -> bytes:
        one = ledger()
        for claim in reversed(ids):
            one.judge(claim, Finding(holds=claim != "C2-16", sources=["N-S01"]))
        short = one.close()
        assert list(short.columns) == ["verdict", "claim_en"]
        assert list(short.index) == ids
        return (tmp_path / "verdicts" / f"{NOTEBOOK}.csv").read_bytes()

    content = write()
    assert write() == content
    assert b"\r" not in content
    frame = pd.read_csv(tmp_path / "verdicts" / f"{NOTEBOOK}.csv", dtype=str)
    assert list(frame.columns) == COLUMNS
    assert list(frame["claim_id"]) == ids
    verdicts = frame.set_index("claim_id")["verdict"]
    assert verdicts["C2-16"] == "contradicted"
    assert set(verdicts.drop("C2-16")) == {"reproduced"}
    assert frame["reported"].fillna("").tolist()[1] == "12790 firms"
    assert frame["claim_zh"].notna().all()


def test_an_empty_ledger_has_all_columns(ledger: Callable[..., Ledger]) -> None:
    frame = ledger().frame()
    assert frame.empty
    assert list(frame.columns) == COLUMNS


def test_pending_rows(ledger: Callable[..., Ledger]) -> None:
    rows = pending_rows(tables.load("claims"), ["C2-16", "C0-01"], "The notebook failed.")
    assert list(rows.columns) == list(ledger().frame().columns)
    assert rows["claim_id"].tolist() == ["C2-16", "C0-01"]
    assert set(rows["verdict"]) == {"pending"}
    assert set(rows["detail"]) == {"The notebook failed."}
    assert rows["reported"].tolist() == ["4.48 pct", ""]  # no "nan" where nothing is printed
    assert rows["notebook"].tolist() == [NOTEBOOK, "01_concept"]
    assert rows["section"].tolist() == [2, 0]
    assert pending_rows(tables.load("claims"), [], "x").empty
    with pytest.raises(KeyError):
        pending_rows(tables.load("claims"), ["C9-99"], "x")
