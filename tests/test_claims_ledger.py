"""The ledger of claims covers the study and is well formed."""

from __future__ import annotations

import re
from fractions import Fraction

import pandas as pd
import pytest

from helpers.evidence import tables

NUMERIC = {"count", "share", "rank", "date"}
UNITS = {"pct", "firms", "rank", "year", "batches", "dimensions", "lessons", "fraction"}
NOTEBOOK = {0: "01", 1: "01", 2: "02 03", 3: "04", 4: "05"}


@pytest.fixture
def claims() -> pd.DataFrame:
    return tables.load("claims")


def test_ids_are_unique_well_formed_and_name_their_section(claims: pd.DataFrame):
    assert claims["claim_id"].is_unique
    for claim_id, section in zip(claims["claim_id"], claims["section"], strict=True):
        assert re.fullmatch(rf"C{section}-\d\d", claim_id)


def test_ids_of_a_section_run_without_gaps(claims: pd.DataFrame):
    for section, ids in claims.groupby("section")["claim_id"]:
        assert list(ids) == [f"C{section}-{n:02d}" for n in range(1, len(ids) + 1)]


def test_every_section_is_covered_by_40_claims_or_more(claims: pd.DataFrame):
    assert set(claims["section"]) == {0, 1, 2, 3, 4}
    assert len(claims) >= 40


def test_a_claim_is_judged_in_the_notebook_of_its_section(claims: pd.DataFrame):
    for section, notebook in zip(claims["section"], claims["notebook"], strict=True):
        assert notebook[:2] in NOTEBOOK[section]
    assert claims["notebook"].nunique() == 6


def test_every_kind_of_claim_occurs(claims: pd.DataFrame):
    kinds = next(item for item in tables.schemas()["claims"].fields if item.name == "kind").enum
    assert set(claims["kind"]) == set(kinds)


def test_numeric_claims_have_a_value_and_values_have_a_unit(claims: pd.DataFrame):
    numeric = claims[claims["kind"].isin(NUMERIC)]
    assert numeric["reported_value"].notna().all()
    pd.testing.assert_series_equal(
        claims["reported_value"].notna(), claims["unit"].notna(), check_names=False
    )
    assert set(claims["unit"].dropna()) == UNITS
    for value in claims["reported_value"].dropna():
        assert Fraction(value) > 0


def test_the_value_stands_in_both_sentences(claims: pd.DataFrame):
    words = {"5": ("five", "五"), "9": ("nine", "九"), "1/4": ("quarter", "四分之一")}
    for row in claims.dropna(subset="reported_value").itertuples():
        english, chinese = words.get(row.reported_value, (row.reported_value,) * 2)
        assert english in row.claim_en.replace(",", ""), row.claim_id
        assert chinese in row.claim_zh, row.claim_id


def test_shares_and_ranks_name_their_base_and_where_it_comes_from(claims: pd.DataFrame):
    assert claims.loc[claims["kind"].isin({"share", "rank"}), "stated_base"].notna().all()
    pd.testing.assert_series_equal(
        claims["stated_base"].notna(), claims["base_origin"].notna(), check_names=False
    )
    inferred = claims.loc[claims["base_origin"] == "inferred", "claim_id"]
    assert list(inferred) == ["C2-21", "C2-22", "C2-23", "C3-01", "C3-07", "C3-10"]


def test_every_claim_is_told_in_both_languages_and_says_what_would_test_it(claims: pd.DataFrame):
    for row in claims.itertuples():
        assert re.search(r"[\u4e00-\u9fff]", row.claim_zh) and row.claim_zh.endswith("。")
        assert not re.search(r"[\u4e00-\u9fff]", row.claim_en) and row.claim_en.endswith(".")
        assert len(row.needs) > 20
    for column in ("claim_en", "claim_zh"):
        assert claims[column].is_unique
    assert (claims["source_id"] == "STUDY").all()


def test_the_glossary_defines_every_verdict_and_tier_in_both_languages():
    glossary = tables.load("glossary")
    for column in ("term_en", "term_zh", "definition_en", "definition_zh"):
        assert glossary[column].is_unique
    verdicts = {
        "reproduced", "entailed", "consistent", "contradicted", "unattainable", "untestable",
        "pending", "not applicable",
    }  # fmt: skip
    assert verdicts | {"little giant", "innovative SME"} <= set(glossary["term_en"])
    assert 25 <= len(glossary) <= 35
