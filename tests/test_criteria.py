"""The criteria as rules: Kleene's tables, the data behind them, worked firms, both forms alike."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.analysis import criteria as rules
from helpers.analysis import standings as firms_at_once
from helpers.analysis.assessment import FirmView, assess, assess_view
from helpers.analysis.criteria import (
    LADDERS,
    All,
    AnyOf,
    Cases,
    Criteria,
    Leaf,
    Scope,
    conjoin,
    disjoin,
    negate,
)
from helpers.analysis.measures import Measures
from helpers.analysis.next_step import (
    _gains,
    _score_plan,
    next_step,
    next_step_view,
    plan,
    plan_for,
)
from helpers.analysis.standings import assess_all, highest, standings
from helpers.errors import InputError
from helpers.evidence import tables

TIERS = ("innovative_sme_2022", "srdi_sme_2022", "little_giant_2022", "srdi_sme_2026",
         "little_giant_2026", "tech_and_innovative_sme_2026", "single_champion_2023",
         "single_champion_2016")  # fmt: skip


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    return Criteria(tables.load_all())


# --- Synthetic firms (made up at random; they stand for no real firm) ---------------------------


def synthetic(number: int, seed: int, blank: float, fields: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    revenue = np.round(np.exp(rng.normal(4, 1.5, number)), 2) + 0.01
    data: dict[str, Any] = {}
    for back, year in enumerate(("", "_prev", "_prev2")):
        data[f"revenue{year}_m_cny"] = revenue * np.exp(rng.normal(-0.08 * back, 0.1, number))
        share = np.clip(rng.normal(0.9, 0.1, number), 0, 1)
        data[f"main_revenue{year}_m_cny"] = data[f"revenue{year}_m_cny"] * share
        if back < 2:
            data[f"rd{year}_m_cny"] = data[f"revenue{year}_m_cny"] * rng.gamma(2, 0.03, number)
    for row in fields.to_dict("records"):
        if row["field"] not in data and row["kind"] != "text":
            data[row["field"]] = _column(row, revenue, rng)
    data["new_equity_3y_m_cny"] = data["new_equity_3y_m_cny"] + data["new_equity_2y_m_cny"]
    data["class_1_ip_own_in_use"] = np.minimum(
        data["class_1_ip_own_in_use"], data["class_1_ip_in_use"]
    )
    frame = pd.DataFrame(data)
    for name in frame:
        gone = rng.random(number) < blank
        kind = "boolean" if frame[name].dtype == bool else frame[name].dtype
        frame[name] = frame[name].astype(kind).mask(gone)
    return frame


def _column(row: dict[str, Any], revenue: Any, rng: np.random.Generator) -> Any:
    number = len(revenue)
    if row["kind"] == "boolean":
        return rng.random(number) < 0.7
    if row["kind"] == "category":
        return rng.choice(row["choices"].split(";"), number)
    if row["kind"] == "rank":
        return np.where(rng.random(number) < 0.5, np.inf, rng.integers(1, 12, number))
    if row["kind"] == "integer":
        return rng.integers(0, 6, number).astype(float)
    if row["field"] == "net_profit_m_cny":
        return revenue * rng.normal(0.06, 0.06, number)
    if row["unit"] == "m_cny":
        return np.where(rng.random(number) < 0.6, 0.0, rng.uniform(0, 120, number))
    top = {"pct": 100.0, "years": 15.0}.get(row["unit"]) or row["maximum"]
    return rng.uniform(0, top, number)


def perfect(fields: pd.DataFrame) -> dict[str, Any]:
    """A synthetic firm that is as good as can be in every field."""
    firm: dict[str, Any] = {}
    for row in fields.to_dict("records"):
        best = {"boolean": True, "rank": 1.0, "integer": 10.0}.get(row["kind"], 100.0)
        if row["kind"] == "category":
            best = {"ip_class": "class_1_high_value", "rd_institution": "national",
                    "digital_level": "level_3_or_above", "product_role": "fills_gap",
                    "current_tier": "none", "sector": "industry"}[row["field"]]  # fmt: skip
        firm[row["field"]] = best
    money = {"revenue": 1000.0, "main_revenue": 1000.0, "rd": 200.0}
    for name, value in money.items():
        for back, year in enumerate(("", "_prev", "_prev2")):
            if f"{name}{year}_m_cny" in firm:
                firm[f"{name}{year}_m_cny"] = value * 0.8**back
    firm |= {"net_profit_m_cny": 150.0, "debt_ratio_pct": 20.0, "niche_products": 1.0}
    return firm | {"local_points": 15.0}


# --- Kleene -------------------------------------------------------------------------------------

T, F, U = True, False, None


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [
        (T, T, T, T), (T, F, F, T), (T, U, U, T), (F, T, F, T), (F, F, F, F), (F, U, F, U),
        (U, T, U, T), (U, F, F, U), (U, U, U, U),
    ],
)  # fmt: skip
def test_kleenes_tables(first: Any, second: Any, both: Any, either: Any) -> None:
    assert conjoin([first, second]) is both
    assert disjoin([first, second]) is either
    columns = [(np.array([x is True]), np.array([x is False])) for x in (first, second)]
    for form, expected in ((firms_at_once._both, both), (firms_at_once._either, either)):
        yes, no = form(columns, 1)
        assert (True if yes[0] else False if no[0] else None) is expected


def test_negation() -> None:
    assert (negate(T), negate(F), negate(U)) == (F, T, U)


class Fixed(FirmView):
    """A view with intervals given outright."""

    def __init__(self, values: dict[str, tuple[float, float]]) -> None:
        self.values = values

    def interval(self, indicator: str) -> tuple[float, float]:
        return self.values[indicator]


def test_cases_decide_alone_where_all_agree() -> None:
    cases = Cases((
        (Scope("flag", below=1.0), All((Leaf("a", "x", True, 3.0),))),
        (Scope("flag", 1.0), All((Leaf("b", "x", True, 2.0),))),
    ))  # fmt: skip
    for x, expected in ((3.0, True), (2.5, None), (1.0, False)):
        assert Fixed({"flag": (0.0, 1.0), "x": (x, x)}).judge(cases) is expected
    for flag, expected in ((0.0, False), (1.0, True)):
        assert Fixed({"flag": (flag, flag), "x": (2.5, 2.5)}).judge(cases) is expected


def test_a_firm_in_no_case_is_free() -> None:
    cases = Cases(((Scope("flag", 1.0), All((Leaf("a", "x", True, 3.0),))),))
    for flag, expected in (((0.0, 0.0), True), ((1.0, 1.0), False), ((0.0, 1.0), None)):
        assert Fixed({"flag": flag, "x": (1.0, 1.0)}).judge(cases) is expected
    assert Fixed({"flag": (0.0, 1.0), "x": (3.0, 3.0)}).judge(cases) is True


# --- The data -----------------------------------------------------------------------------------


def test_points_of_every_sheet_add_up_to_100(criteria: Criteria) -> None:
    items = criteria.tables["score_items"]
    assert items.groupby("tier_id")["max_points"].sum().to_dict() == {
        "innovative_sme_2022": 100, "srdi_sme_2022": 100,
    }  # fmt: skip
    bands = criteria.tables["score_bands"]
    best = bands.groupby("item_id")["points"].max()
    banded = items.loc[items["points_field"].isna()].set_index("item_id")["max_points"]
    assert best.to_dict() == banded.to_dict()
    parts = items.loc[items["tier_id"] == "innovative_sme_2022"].groupby("part")["max_points"].sum()
    assert parts.to_dict() == {"innovation": 40, "growth": 30, "specialisation": 30}


def sheets(criteria: Criteria) -> list[Any]:
    return list({id(sheet): sheet for sheet in criteria.sheets.values()}.values())


def edges(criteria: Criteria) -> Iterator[tuple[Any, Any, Any]]:
    for sheet in sheets(criteria):
        for item in sheet.items:
            for bands in item.bands.values():
                if not bands[0].category:
                    ordered = sorted(bands, key=lambda band: band.low)
                    for lower, upper in itertools.pairwise(ordered):
                        yield item, lower, upper


def test_bands_join_without_gap_and_points_never_jump_back(criteria: Criteria) -> None:
    for sheet in sheets(criteria):
        for item in sheet.items:
            for bands in item.bands.values():
                assert bands[0].category or bands[0].low == -math.inf
                assert bands[-1].category or bands[-1].high == math.inf
    for _, lower, upper in edges(criteria):
        assert lower.high == upper.low and lower.closed_low == upper.closed_low
        # The closed end is the one that earns more.
        assert (upper.points > lower.points) == upper.closed_low


def test_both_sides_of_every_band_edge(criteria: Criteria) -> None:
    seen = 0
    for item, lower, upper in edges(criteria):
        edge, step = upper.low, 1e-6
        for value, band in ((edge - step, lower), (edge + step, upper),
                            (edge, upper if upper.closed_low else lower)):  # fmt: skip
            view = Fixed({band.indicator: (value, value)})
            assert view._span(band.indicator, item.bands[band.indicator]) == (band.points,) * 2
            table = firms_at_once._Table(criteria, _given(band.indicator, value), None)
            low, high = table._by_number(band.indicator, item.bands[band.indicator])
            assert low[0] == high[0] == band.points
        seen += 1
    assert seen == 50


def _given(indicator: str, value: float) -> Any:
    class One:
        def __len__(self) -> int:
            return 1

        def interval(self, name: str) -> Any:
            assert name == indicator
            return np.array([value]), np.array([value])

    return One()


def test_both_sides_of_every_threshold(criteria: Criteria) -> None:
    for key, row in criteria.conditions.items():
        leaf = rules._leaf(row)
        for shift, inside in ((-1e-6, not leaf.at_least), (0.0, True), (1e-6, leaf.at_least)):
            value, inside = leaf.value + shift, inside and not (leaf.strict and shift == 0)
            assert Fixed({leaf.indicator: (value, value)}).judge(leaf) is inside, key


def test_every_tier_has_a_rule_and_every_indicator_a_measure(criteria: Criteria) -> None:
    firms = pd.DataFrame(index=[0])
    measures = Measures(firms, criteria.limits, {"under_review": False})
    view = FirmView(criteria, measures, 0, "2025-06-01")
    for tier_id in criteria.tiers:
        found = assess_view(view, tier_id)
        assert found.truth is None, tier_id
        assert all(finding.truth is None for finding in found.findings), tier_id
        assert found.missing
    known = set(criteria.tables["firm_fields"]["field"])
    for indicator in criteria.tables["score_bands"]["measured_by"]:
        assert set(measures.fields(indicator)) <= known


def test_conditions_that_name_their_firms_have_a_case(criteria: Criteria) -> None:
    table = criteria.tables["thresholds"]
    limited = set(table.loc[table["applies_when_en"].notna(), "threshold_id"])
    cased = set(criteria.tables["condition_cases"]["threshold_id"])
    # New equity in place of revenue needs no case: with more revenue it is not needed. The row of a
    # yearly notice applies by its date.
    assert limited - cased == {"srdi22-equity", "lg22-revenue-2025"}


def test_facts_of_the_little_giants(criteria: Criteria) -> None:
    table = criteria.tables["thresholds"].set_index("threshold_id")["value"]
    known = {"lg22-main-share": 70, "lg26-main-share": 90, "lg22-debt": 70, "lg26-debt": 75,
             "lg22-ip": 2, "lg26-ip": 4, "srdi26-revenue": 15, "srdi22-revenue": 10}  # fmt: skip
    assert table[list(known)].to_dict() == known


# --- Acts and days ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2022-08-01", "little_giant_2022"), ("2026-03-31", "little_giant_2022"),
     ("2026-04-01", "little_giant_2026"), ("2030-01-01", "little_giant_2026")],
)  # fmt: skip
def test_the_day_decides_the_act(criteria: Criteria, day: str, expected: str) -> None:
    assert criteria.tier_id("little_giant", on_date=day) == expected
    assert assess({}, criteria, "little_giant", on_date=day).tier_id == expected


@pytest.mark.parametrize(
    ("tier", "regime", "day", "words"),
    [
        ("little_giant", None, "2022-07-31", "no act in force on 2022-07-31"),
        ("little_giant", None, None, "write a day"),
        ("little_giant", None, "2026-02-30", "no such day"),
        ("little_giant", None, "1 April", "write a day"),
        ("little_giant", "2024", None, "no act 2024"),
        ("giant", "2022", None, "'giant' is unknown"),
        ("single_champion", None, "2023-05-01", "the day was not found"),
        ("single_champion", "2026", None, "Acts with this tier: C2016, C2023"),
    ],
)
def test_acts_that_cannot_be_told(
    criteria: Criteria, tier: str, regime: str | None, day: str | None, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        assess({}, criteria, tier, regime, day)


def test_a_yearly_notice_counts_in_its_year_only(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {
        f"{name}{year}_m_cny": value * 0.8**back
        for name, value in (("revenue", 40.0), ("main_revenue", 40.0), ("rd", 30.0))
        for back, year in enumerate(("", "_prev", "_prev2"))
    }
    for day, expected in (
        ("2024-12-31", "meets"),
        ("2025-03-01", "meets"),  # the notice was issued on 14 May
        ("2025-05-13", "meets"),
        ("2025-05-14", "fails"),
        ("2026-01-01", "meets"),
    ):
        assert assess(firm, criteria, "little_giant_2022", "2022", day).outcome == expected
    firm = perfect(criteria.tables["firm_fields"])
    slow = firm | dict.fromkeys(("main_revenue_prev_m_cny", "main_revenue_prev2_m_cny"), 1000.0)
    slow |= dict.fromkeys(("revenue_prev_m_cny", "revenue_prev2_m_cny"), 1000.0)
    for review, expected in ((True, "meets"), (False, "fails")):
        for tier, day in (("little_giant_2022", "2025-05-14"), ("little_giant_2026", "2026-06-01")):
            assert assess(slow, criteria, tier, None, day, review).outcome == expected
    assert assess(slow, criteria, "little_giant_2022", None, "2024-05-14", True).outcome == "fails"


def test_the_day_of_a_report_is_not_the_day_of_issue(criteria: Criteria) -> None:
    acts = criteria.tables["regimes"].set_index("regime_id")
    documents = criteria.tables["policy_documents"].set_index("doc_id")
    assert acts.loc["M2026", "issued"] == documents.loc["N12", "issued"] == "2026-01"


# --- Firms worked by hand (made up) --------------------------------------------------------------


def test_a_perfect_firm_meets_every_tier_and_scores_100(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"])
    for tier_id in TIERS:
        found = assess(firm, criteria, tier_id)
        assert found.outcome == "meets", tier_id
        assert found.missing == ()
        assert found.score in (None, (100.0, 100.0))


def test_an_innovative_sme_by_points_worked_by_hand(criteria: Criteria) -> None:
    firm = {
        "ip_class": "class_1", "rd_m_cny": 0.6, "revenue_m_cny": 20.0, "main_revenue_m_cny": 13.0,
        "main_revenue_prev_m_cny": 12.5, "debt_ratio_pct": 55.0, "strategic_emerging": True,
        "national_award_rank": math.inf, "provincial_award_rank": math.inf,
        "innovation_honour": False, "rd_institution": "none", "new_equity_3y_m_cny": 0.0,
        "sector": "industry",
    }  # fmt: skip
    # 10 + 15 (3 %), 5 (4 % growth) + 10, 10 + 15 (65 %) = 25 + 15 + 25 = 65.
    found = assess(firm, criteria, "innovative_sme_2022")
    points = {item.item_id: (item.low, item.high) for item in found.points}
    assert [low for low, _ in points.values()] == [10, 15, 5, 10, 10, 15]
    assert found.score == (65, 65) and found.outcome == "meets"
    worse = assess(firm | {"debt_ratio_pct": 55.01}, criteria, "innovative_sme_2022")
    assert worse.score == (60, 60) and worse.outcome == "fails"
    part = worse.finding("isme22-score-gro")
    assert (part.truth, part.low, part.gap) == (False, 10, 5)
    assert assess(firm | {"debt_ratio_pct": None}, criteria, "innovative_sme_2022").missing == (
        "debt_ratio_pct",
    )


def test_a_score_that_blanks_cannot_change_is_decided(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"])
    for name in ("national_award_rank", "provincial_award_rank", "maker_contest_rank"):
        firm[name] = math.inf
    firm |= {"new_equity_2y_m_cny": 0.0, "rd_m_cny": 5.0, "rd_prev_m_cny": 5.0,
             "revenue_m_cny": 100.0, "main_revenue_m_cny": 100.0}  # fmt: skip
    known = assess(firm | {"local_points": None, "digital_level": None}, criteria, "srdi_sme_2022")
    assert known.score is not None and known.score[1] - known.score[0] == 20
    assert known.score[0] >= 60 and known.outcome == "meets"
    low = firm | {"local_points": None, "ip_class": "none", "rd_institution": "none",
                  "digital_level": "level_1", "product_role": "neither"}  # fmt: skip
    open_ = assess(low, criteria, "srdi_sme_2022")
    assert open_.score is not None and open_.score[0] < 60 <= open_.score[1]
    assert open_.outcome == "cannot be told" and open_.missing == ("local_points",)


@pytest.mark.parametrize(
    ("revenue", "rd", "expected"),
    [(100.0, 3.0, True), (100.0, 2.99, False), (99.99, 5.99, False), (50.0, 3.0, True),
     (50.0, 2.99, False), (49.99, 3.0, False), (49.99, 30.0, True), (49.99, 14.99, False)],
)  # fmt: skip
def test_the_kinks_of_the_research_test_of_2022(
    criteria: Criteria, revenue: float, rd: float, expected: bool
) -> None:
    """By size: 3 % from 100 million, 6 % from 50 million, below that 30 million and 50 % staff."""
    years = dict.fromkeys(("revenue_m_cny", "revenue_prev_m_cny"), revenue)
    years |= dict.fromkeys(("rd_m_cny", "rd_prev_m_cny"), rd)
    firm = perfect(criteria.tables["firm_fields"]) | years
    firm |= {"new_equity_2y_m_cny": 80.0, "rd_staff_share_pct": 50.0,
             "national_award_rank": math.inf, "maker_contest_rank": math.inf}  # fmt: skip
    firm |= {f"main_revenue{year}_m_cny": revenue * 0.8**back
             for back, year in enumerate(("", "_prev", "_prev2"))}  # fmt: skip
    assert (assess(firm, criteria, "little_giant_2022").truth is True) == expected


def test_an_undefined_amount_is_open_between_its_readings(criteria: Criteria) -> None:
    """Whether 30 million mean one year or two together is in no source seen."""
    small = {"revenue_m_cny": 40.0, "rd_m_cny": 20.0, "rd_prev_m_cny": 20.0}
    found = assess(small, criteria, "little_giant_2022").finding("lg22-rd-small")
    assert found.truth is None and not found.defined and found.missing == ()
    small |= {"rd_m_cny": 10.0, "rd_prev_m_cny": 10.0}
    assert assess(small, criteria, "little_giant_2022").finding("lg22-rd-small").truth is False


def test_the_exception_for_firms_that_close_a_gap(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {"niche_years": 2.5}
    for flag, expected in ((True, "meets"), (False, "fails"), (None, "cannot be told")):
        changed = firm | {"closes_key_gap": flag}
        assert assess(changed, criteria, "little_giant_2022").outcome == expected
        assert assess(changed, criteria, "little_giant_2026").outcome == "fails"


def test_main_revenue_bounds_revenue(criteria: Criteria) -> None:
    found = assess({"main_revenue_m_cny": 680.0}, criteria, "little_giant_2026").finding(
        "lg26-revenue"
    )
    assert found.truth is True and (found.low, found.high) == (680.0, math.inf)


def test_one_bad_year_decides_each_of_two(criteria: Criteria) -> None:
    firm = {"revenue_m_cny": 1942.0, "rd_m_cny": 47.9652}
    found = assess(firm, criteria, "little_giant_2026").finding("lg26-rd-ratio")
    assert found.truth is False
    assert found.gap == pytest.approx(3 - 100 * 47.9652 / 1942)


def test_titles_and_the_new_lowest_tier(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"])
    assert assess(firm, criteria, "little_giant_2026").prerequisite is False
    holds = firm | {"current_tier": "srdi_sme"}
    assert assess(holds, criteria, "little_giant_2026").prerequisite is True
    champion = firm | {"current_tier": "single_champion"}
    assert assess(champion, criteria, "little_giant_2026").prerequisite is None
    # A technology-based SME is in without the innovative standard, of which nothing is known.
    assert assess({"technology_sme": True}, criteria, TIERS[5]).outcome == "meets"
    assert assess({"technology_sme": False}, criteria, TIERS[5]).outcome == "cannot be told"
    # The new lowest tier takes in all valid innovative SMEs: by title or by conditions.
    for title in ("innovative_sme", "srdi_sme", "little_giant"):
        assert assess({"current_tier": title}, criteria, TIERS[5]).outcome == "meets"
    assert assess({"current_tier": "none"}, criteria, TIERS[5]).outcome == "cannot be told"


def test_unverified_conditions_are_marked_and_can_be_left_out(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {"product_field_2022": False}
    found = assess(firm, criteria, "little_giant_2022")
    assert found.truth is False and found.truth_verified is True
    doubtful = [item.threshold_id for item in found.findings if not item.verified]
    assert doubtful == ["lg22-chain", "lg22-product", "lg22-sme-staff", "lg22-sme-revenue"]
    frame = assess_all(pd.DataFrame([firm]), criteria, "little_giant_2022")
    assert frame[["outcome", "outcome_verified"]].values.tolist() == [["fails", "meets"]]


def test_acquired_rights_count_in_2022_and_not_in_2026(criteria: Criteria) -> None:
    def truths(**counts: float) -> list[Any]:
        return [
            assess(counts, criteria, tier).finding(f"{short}-ip").truth
            for tier, short in (("little_giant_2022", "lg22"), ("srdi_sme_2026", "srdi26"),
                                ("little_giant_2026", "lg26"))
        ]  # fmt: skip

    assert truths(class_1_ip_in_use=5.0) == [True, None, None]
    assert truths(class_1_ip_in_use=5.0, class_1_ip_own_in_use=0.0) == [True, None, False]
    assert truths(class_1_ip_in_use=5.0, class_1_ip_own_in_use=4.0) == [True, True, True]
    assert truths(class_1_ip_in_use=0.0) == [False, False, False]
    assert truths(class_1_ip_own_in_use=4.0) == [True, True, True]
    found = assess({"class_1_ip_in_use": 5.0}, criteria, "little_giant_2026")
    assert found.finding("lg26-ip").missing == ("class_1_ip_own_in_use",)


def test_the_limit_of_an_sme_binds_industry_and_is_open_elsewhere(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {"current_tier": "srdi_sme"}
    large = firm | {
        f"{name}{year}_m_cny": value * 0.8**back
        for name, value in (("revenue", 50_000.0), ("main_revenue", 50_000.0), ("rd", 2_000.0))
        for back, year in enumerate(("", "_prev", "_prev2"))
    }
    sizes = [(999.0, "meets"), (1000.0, "fails"), (None, "cannot be told")]
    for tier in ("innovative_sme_2022", "srdi_sme_2022", "little_giant_2022", "srdi_sme_2026",
                 "little_giant_2026"):  # fmt: skip
        for employees, expected in sizes:
            found = assess(large | {"employees": employees}, criteria, tier)
            assert found.outcome == expected, (tier, employees)
            assert found.truth_verified is True  # no source seen states the limit
        # Either limit makes an SME.
        for revenue, expected in ((399.9, "meets"), (400.0, "fails")):
            size = {"employees": 1000.0, "revenue_m_cny": revenue, "main_revenue_m_cny": revenue,
                    "revenue_prev_m_cny": 300.0, "main_revenue_prev_m_cny": 300.0,
                    "revenue_prev2_m_cny": 250.0, "main_revenue_prev2_m_cny": 250.0,
                    "rd_m_cny": 40.0, "rd_prev_m_cny": 30.0}  # fmt: skip
            assert assess(firm | size, criteria, tier).outcome == expected, (tier, revenue)
    for sector in ("other", None):
        found = assess(large | {"sector": sector}, criteria, "little_giant_2026")
        assert found.truth is None and found.missing == ("sector",)
    step = next_step(large | {"employees": 5000.0}, criteria, "M2026")
    assert step is not None and step.plan is None  # nobody is told to shrink


def test_a_ratio_to_no_revenue_names_the_revenue(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"])
    firm |= {"revenue_m_cny": 0.0, "main_revenue_m_cny": 0.0}
    found = assess(firm, criteria, "srdi_sme_2022").finding("srdi22-rd-ratio")
    assert found.truth is None and found.missing == ("revenue_m_cny",)


def test_the_threshold_itself_is_marked(criteria: Criteria) -> None:
    for value, marked in ((70.0, True), (69.9, False)):
        found = assess({"debt_ratio_pct": value}, criteria, "little_giant_2022")
        assert found.finding("lg22-debt").on_edge is marked
    assert (
        not assess({"own_brand": True}, criteria, "little_giant_2022").finding("lg22-brand").on_edge
    )


def test_points_on_the_border_of_two_bands_are_marked(criteria: Criteria) -> None:
    for value, marked in ((55.0, True), (54.9, False), (None, False)):
        found = assess({"debt_ratio_pct": value}, criteria, "innovative_sme_2022")
        (points,) = (item for item in found.points if item.item_id == "isme22_debt")
        assert points.on_edge is marked


def test_an_unknown_category_is_named(criteria: Criteria) -> None:
    for call in (lambda: assess({"ip_class": "gold"}, criteria, "srdi_sme_2022"),
                 lambda: assess_all(pd.DataFrame({"ip_class": ["gold"]}), criteria, "srdi_sme_2022")):  # fmt: skip
        with pytest.raises(
            InputError, match="ip_class, value 'gold': not one of class_1_high_value"
        ):
            call()


# --- Properties ---------------------------------------------------------------------------------

# More under make soak.
NUMBER_OF_FIRMS = 10_000 if os.environ.get("STUDY_SOAK") else 3_000


@pytest.mark.parametrize(("tier_id", "seed"), list(zip(TIERS, range(len(TIERS)), strict=True)))
def test_both_forms_agree_on_random_firms(criteria: Criteria, tier_id: str, seed: int) -> None:
    """Firms with few, some and most fields missing."""
    size = NUMBER_OF_FIRMS // len(TIERS)
    frame = pd.concat(
        [synthetic(size // 3 + 1, seed + 100 * k, blank, criteria.tables["firm_fields"])
         for k, blank in enumerate((0.02, 0.2, 0.7))], ignore_index=True,
    ).head(size)  # fmt: skip
    together = assess_all(frame, criteria, tier_id, on_date="2025-07-01")
    assert together["outcome"].nunique() > 1
    measures = Measures(frame, criteria.limits, {"under_review": False})
    for place in range(size):
        single = assess_view(FirmView(criteria, measures, place, "2025-07-01"), tier_id)
        row = together.iloc[place]
        assert row["outcome"] == single.outcome, place
        assert row["outcome_verified"] == rules.outcome(single.truth_verified), place
        if single.score is not None:
            assert (row["score_low"], row["score_high"]) == single.score, place
        assert bool(single.missing) <= (single.truth is None)


def test_a_firm_given_alone_is_the_firm_of_the_table(criteria: Criteria) -> None:
    frame = synthetic(20, 7, 0.3, criteria.tables["firm_fields"])
    for tier_id in TIERS:
        together = assess_all(frame, criteria, tier_id)["outcome"].tolist()
        alone = [assess(_plain(row), criteria, tier_id).outcome for _, row in frame.iterrows()]
        assert alone == together


def _plain(row: pd.Series) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not pd.isna(value)}


FAVOURABLE = ("niche_years", "rd_m_cny", "rd_prev_m_cny", "net_profit_m_cny", "new_equity_2y_m_cny",
              "new_equity_3y_m_cny", "rd_staff_share_pct", "niche_share_national_pct",
              "niche_share_world_pct", "class_1_ip_in_use", "core_processes_on_system",
              "local_points", "platform_score")  # fmt: skip
LOWER_IS_BETTER = ("debt_ratio_pct", "national_award_rank", "provincial_award_rank",
                   "maker_contest_rank", "market_rank_national")  # fmt: skip
YES = ("own_brand", "rd_organisation", "management_system_certificate", "innovation_honour",
       "quality_award", "strategic_emerging", "technology_sme", "key_link_of_chain",
       "product_field_2022", "product_field_2026", "niche_position", "closes_key_gap")  # fmt: skip
BETTER = {"ip_class": ("none", "class_2", "class_1", "class_1_own", "class_1_high_value"),
          "rd_institution": ("none", "below_municipal", "municipal", "provincial", "national"),
          "digital_level": ("level_1", "level_2", "level_3_or_above"),
          "product_role": ("neither", "foundation_or_supplier", "fills_gap")}  # fmt: skip
ORDER = {"fails": 0, "cannot be told": 1, "meets": 2}


def improved(frame: pd.DataFrame, field: str) -> pd.DataFrame:
    """Every firm a step better in one field that it filled in."""
    column = frame[field]
    if field in BETTER:
        scale = BETTER[field]
        column = column.map(
            lambda v: v if pd.isna(v) else scale[min(len(scale) - 1, scale.index(v) + 1)]
        )
    elif field in YES:
        column = column.mask(column.notna(), True)
    elif field in LOWER_IS_BETTER:
        column = (
            column.where(~np.isinf(column), 4.0) - 1.0 if field.endswith("rank") else column * 0.7
        )
    else:
        top = (
            100.0
            if field.endswith(("_pct", "score"))
            else 15.0
            if field == "local_points"
            else np.inf
        )
        column = (column.abs() * 1.3 + 1.0).clip(upper=top)
    return frame.assign(**{field: column})


@pytest.mark.parametrize("field", [*FAVOURABLE, *LOWER_IS_BETTER, *YES, *BETTER])
def test_a_better_value_never_lowers_a_tier(criteria: Criteria, field: str) -> None:
    frame = synthetic(1500, 11, 0.15, criteria.tables["firm_fields"])
    better = improved(frame, field)
    for act in LADDERS:
        before, after = (
            standings(f, criteria, act).apply(lambda c: c.map(ORDER).astype(int))
            for f in (frame, better)
        )
        assert (after >= before).all(axis=None), act


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), name=st.integers(0, 51))
def test_filling_a_blank_never_overturns_what_was_told(
    criteria: Criteria, seed: int, name: int
) -> None:
    """What a blank left decided stays decided for every value of the field."""
    fields = criteria.tables["firm_fields"]
    full = synthetic(40, seed, 0.0, fields)
    field = full.columns[name % len(full.columns)]
    blank = full.drop(columns=[field])
    for act in LADDERS:
        known = standings(full, criteria, act).astype(str)
        less = standings(blank, criteria, act).astype(str)
        assert ((less == "cannot be told") | (less == known)).all(axis=None), field


@given(part=st.integers(1, 10**6), whole=st.integers(1, 10**6), pct=st.integers(1, 99))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_share_on_the_threshold_is_compared_exactly(
    criteria: Criteria, part: int, whole: int, pct: int
) -> None:
    """Peer: fractions. Shares to the fourth decimal of a million yuan are never misjudged."""
    top, bottom = Fraction(part, 10_000), Fraction(whole, 10_000)
    frame = pd.DataFrame({"rd_m_cny": [float(top), float(bottom * pct / 100)],
                          "revenue_m_cny": [float(bottom)] * 2})  # fmt: skip
    low, _ = Measures(frame, criteria.limits).interval("rd_ratio_last_year")
    assert (low[0] >= pct) == (100 * top / bottom >= pct) or abs(100 * top / bottom - pct) < 1e-9
    assert low[1] == pct


def test_more_blanks_never_decide_more(criteria: Criteria) -> None:
    fields = criteria.tables["firm_fields"]
    frame = synthetic(800, 21, 0.1, fields)
    rng = np.random.default_rng(3)
    less = frame.copy()
    for name in less:
        less[name] = less[name].mask(rng.random(len(less)) < 0.3)
    for tier_id in TIERS:
        known = assess_all(frame, criteria, tier_id)["outcome"].astype(str)
        fewer = assess_all(less, criteria, tier_id)["outcome"].astype(str)
        assert ((fewer == "cannot be told") | (fewer == known)).all(), tier_id


# --- Ladders and next steps ---------------------------------------------------------------------


def test_standing_needs_the_tier_below_or_its_title(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {"revenue_m_cny": 60.0, "rd_m_cny": 0.9}
    firm |= {"rd_prev_m_cny": 0.9, "main_revenue_m_cny": 60.0, "technology_sme": False}
    # Too little research for an SRDI SME; the award replaces it for a little giant of 2022 only.
    frame = pd.DataFrame([firm, firm | {"current_tier": "srdi_sme"}])
    assert standings(frame, criteria, "M2022")["little_giant_2022"].tolist() == ["fails", "fails"]
    grown = {"main_revenue_prev_m_cny": 50.0, "main_revenue_prev2_m_cny": 40.0}
    frame = frame.assign(**grown)
    found = standings(frame, criteria, "M2022")
    assert found["srdi_sme_2022"].tolist() == ["fails", "fails"]
    assert found["little_giant_2022"].tolist() == ["fails", "meets"]
    with pytest.raises(InputError, match="no ladder"):
        standings(frame, criteria, "C2023")


def test_highest_tier() -> None:
    table = pd.DataFrame(
        {"a": ["meets", "fails", "cannot be told"], "b": ["fails", "meets", "fails"]}
    )
    assert highest(table).tolist() == ["a", "b", None]


def test_a_plan_reaches_its_tier(criteria: Criteria) -> None:
    """Peer: the firm with all targets of its plan in place meets the conditions."""
    fields = criteria.tables["firm_fields"]
    frame = pd.concat([synthetic(60, 5, blank, fields) for blank in (0.02, 0.3)], ignore_index=True)
    measures = Measures(frame, criteria.limits, {"under_review": False})
    planned = 0
    for place in range(len(frame)):
        view = FirmView(criteria, measures, place)
        for tier_id in TIERS[:5]:
            found = plan_for(view, tier_id)
            assert found is not None, (place, tier_id)
            then = view.but({change.indicator: change.target for change in found.changes})
            assert then.judge(criteria.rule(tier_id)) is True, (place, tier_id, found)
            planned += bool(found.changes)
            assert bool(found.changes) or assess_view(view, tier_id).truth is True
    assert planned > 300


def test_no_smaller_set_of_steps_suffices(criteria: Criteria) -> None:
    """Every single step of a plan is needed: without it the conditions are not surely met."""
    frame = synthetic(40, 9, 0.0, criteria.tables["firm_fields"])
    measures = Measures(frame, criteria.limits, {"under_review": False})
    for place in range(len(frame)):
        view = FirmView(criteria, measures, place)
        for tier_id in (
            "innovative_sme_2022",
            "srdi_sme_2022",
            "little_giant_2022",
            "little_giant_2026",
        ):
            rule = criteria.rule(tier_id)
            found = plan(view, rule)
            assert found is not None
            for left in found.changes:
                rest = {c.indicator: c.target for c in found.changes if c is not left}
                assert view.but(rest).judge(rule) is not True, (place, tier_id, left)


def test_points_are_gained_with_the_fewest_and_smallest_steps(criteria: Criteria) -> None:
    """Peer: every choice of one or two items and bands, tried out."""
    frame = synthetic(60, 17, 0.0, criteria.tables["firm_fields"])
    measures = Measures(frame, criteria.limits, {"under_review": False})
    leaf = rules._leaf(criteria.conditions["srdi22-score"])
    sheet = criteria.sheets[leaf.indicator]
    compared = set[int]()
    for place in range(len(frame)):
        view = FirmView(criteria, measures, place)
        needed = leaf.value - view.interval(leaf.indicator)[0]
        options = [_gains(view, item) for item in sheet.items]
        singles = [[c] for gains in options for g, c in gains if g >= needed]
        pairs = [
            [c, d]
            for one, two in itertools.combinations(options, 2)
            for (g, c), (h, d) in itertools.product(one, two)
            if g + h >= needed
        ]
        ways = singles or pairs
        if needed <= 0 or not ways:
            continue
        found = plan(view, leaf)
        assert found is not None
        best = min((len(way), 0, round(sum(c.effort for c in way), 9)) for way in ways)
        assert found.cost == pytest.approx(best)
        compared.add(len(found.changes))
    assert compared == {1, 2}


def test_points_with_least_points_of_parts(criteria: Criteria) -> None:
    """Peer: every choice of bands of the six items of an innovative SME, tried out."""
    frame = synthetic(12, 23, 0.0, criteria.tables["firm_fields"])
    frame.loc[:5, ["ip_class", "strategic_emerging"]] = ["none", False]
    frame.loc[:5, "main_revenue_prev_m_cny"] = 2 * frame["main_revenue_m_cny"]
    measures = Measures(frame, criteria.limits, {"under_review": False})
    keys = ("isme22-score", "isme22-score-inn", "isme22-score-gro", "isme22-score-spe")
    scores = [rules._leaf(criteria.conditions[key]) for key in keys]
    sheet = criteria.sheets[scores[0].indicator]
    counts = set[int]()
    for place in range(len(frame)):
        view = FirmView(criteria, measures, place)
        if all(view.judge(leaf) for leaf in scores):
            continue
        needed = {leaf.indicator: leaf.value - view.interval(leaf.indicator)[0] for leaf in scores}
        options = [[(0, None), *_gains(view, item)] for item in sheet.items]
        best = None
        for way in itertools.product(*options):
            gained = dict(
                zip((item.item_id for item in sheet.items), (g for g, _ in way), strict=True)
            )
            if all(sum(gained[i] for i in sheet.totals[name]) >= n for name, n in needed.items()):
                taken = [c for _, c in way if c is not None]
                cost = (len(taken), round(sum(c.effort for c in taken), 9))
                best = cost if best is None else min(best, cost)
        found = _score_plan(view, scores)
        assert found is not None and best is not None
        assert (found.cost[0], found.cost[2]) == pytest.approx(best)
        counts.add(best[0])
    assert len(counts) > 1


def test_an_unknown_case_counts_as_a_step_to_be_found_out(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {
        "current_tier": "srdi_sme", "niche_years": 2.5, "closes_key_gap": None,
    }  # fmt: skip
    step = next_step(firm, criteria, "M2022")
    assert step is not None and step.plan is not None
    (change,) = step.plan.changes
    assert (change.indicator, change.target, change.unknown) == ("closes_key_gap", 1.0, True)
    assert change.missing == ("closes_key_gap",)


def test_one_step_by_the_closest_route(criteria: Criteria) -> None:
    fields = criteria.tables["firm_fields"]
    firm = perfect(fields) | {"current_tier": "srdi_sme", "debt_ratio_pct": 76.0}
    step = next_step(firm, criteria, "M2026")
    assert step is not None and step.plan is not None
    (change,) = step.plan.changes
    assert step.tier_id == "little_giant_2026" and change.threshold_id == "lg26-debt"
    assert (change.low, change.target, change.unknown) == (76.0, 75.0, False)
    assert change.effort == pytest.approx(1 / 75)
    # Of two routes the nearer one: from 3 to 4 patents rather than an award.
    firm = perfect(fields) | {"current_tier": "srdi_sme", "class_1_ip_own_in_use": 3.0,
                              "national_award_rank": math.inf}  # fmt: skip
    step = next_step(firm, criteria, "M2026")
    assert step is not None and step.plan is not None
    assert [(c.indicator, c.target) for c in step.plan.changes] == [("class_1_ip_own", 4.0)]


def test_growing_into_another_case_is_a_step(criteria: Criteria) -> None:
    """A firm of 49 million with 7 % for research needs 1 million more revenue, nothing else."""
    firm = perfect(criteria.tables["firm_fields"]) | {
        "current_tier": "srdi_sme", "new_equity_2y_m_cny": 0.0, "rd_staff_share_pct": 10.0,
        "national_award_rank": math.inf, "maker_contest_rank": math.inf,
        "revenue_m_cny": 49.0, "main_revenue_m_cny": 49.0, "revenue_prev_m_cny": 45.0,
        "main_revenue_prev_m_cny": 45.0, "main_revenue_prev2_m_cny": 40.0, "rd_m_cny": 3.43,
        "rd_prev_m_cny": 3.15,
    }  # fmt: skip
    step = next_step(firm, criteria, "M2022")
    assert step is not None and step.plan is not None
    assert [(c.indicator, c.target) for c in step.plan.changes] == [("revenue", 50.0)]


def test_unknowns_count_like_steps_and_are_named(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"]) | {
        "current_tier": "srdi_sme",
        "platform_score": None,
    }
    step = next_step(firm, criteria, "M2026")
    assert step is not None and step.plan is not None
    (change,) = step.plan.changes
    assert change.unknown and change.missing == ("platform_score",) and change.target == 60
    assert step.plan.unknown_count == 1


def test_a_title_that_is_held_is_not_the_next_step(criteria: Criteria) -> None:
    for title, expected in (("none", "tech_and_innovative_sme_2026"), ("srdi_sme", TIERS[4])):
        step = next_step({"current_tier": title}, criteria, "M2026")
        assert step is not None and step.tier_id == expected
    assert next_step({"current_tier": "little_giant"}, criteria, "M2026") is None


def test_the_next_tier_is_above_where_a_firm_stands(criteria: Criteria) -> None:
    """The measures of 2022 name no title that an SRDI SME must hold first."""
    firm = perfect(criteria.tables["firm_fields"]) | {
        "innovation_honour": False, "rd_institution": "none", "new_equity_3y_m_cny": 0.0,
        "new_equity_2y_m_cny": 0.0, "national_award_rank": math.inf, "ip_class": "none",
        "provincial_award_rank": math.inf, "niche_years": 2.0, "closes_key_gap": False,
        "debt_ratio_pct": 60.0, "main_revenue_m_cny": 640.0, "main_revenue_prev_m_cny": 640.0,
        "main_revenue_prev2_m_cny": 640.0,
    }  # fmt: skip
    # Growth earns 5 + 5 points, of the 15 an innovative SME needs there.
    found = standings(pd.DataFrame([firm]), criteria, "M2022").iloc[0].tolist()
    assert found == ["fails", "meets", "fails"]
    step = next_step(firm, criteria, "M2022")
    assert step is not None and step.tier_id == "little_giant_2022"


def test_at_the_top_there_is_no_step(criteria: Criteria) -> None:
    firm = perfect(criteria.tables["firm_fields"])
    assert next_step(firm, criteria, "M2022") is None
    assert next_step(firm, criteria, "M2026") is None


def test_a_step_of_a_view_is_the_step_of_the_firm(criteria: Criteria) -> None:
    frame = synthetic(10, 13, 0.2, criteria.tables["firm_fields"])
    measures = Measures(frame, criteria.limits, {"under_review": False})
    for place, (_, row) in enumerate(frame.iterrows()):
        together = next_step_view(FirmView(criteria, measures, place), "M2022")
        alone = next_step(_plain(row), criteria, "M2022")
        assert (together is None) == (alone is None)
        if together and together.plan and alone and alone.plan:
            assert together.tier_id == alone.tier_id and together.plan.cost == alone.plan.cost


def test_anything_leads_through_any_route() -> None:
    rule = AnyOf((All((Leaf("a", "x", True, 1.0),)), All((Leaf("b", "y", True, 1.0),))))
    assert Fixed({"x": (0.0, 0.0), "y": (0.0, 1.0)}).judge(rule) is None
    assert Fixed({"x": (0.0, 0.0), "y": (1.0, 1.0)}).judge(rule) is True
