"""Every number of the criteria, as the sources print them: a changed number is a changed claim."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from helpers.analysis.criteria import Criteria
from helpers.analysis.measures import FORMULAS, SAME, Measures
from helpers.evidence import tables

# Threshold, how it binds, number in the unit of the condition.
THRESHOLDS: Mapping[str, str] = {
    "isme22-score": ">= 60",
    "isme22-score-inn": ">= 20",
    "isme22-score-gro": ">= 15",
    "isme22-score-spe": ">= 15",
    "isme22-equity": ">= 5",
    "isme22-sme-staff": "< 1000",
    "isme22-sme-revenue": "< 400",
    "srdi22-tenure": ">= 2",
    "srdi22-rd-amount": ">= 1",
    "srdi22-rd-ratio": ">= 3",
    "srdi22-revenue": ">= 10",
    "srdi22-equity": ">= 20",
    "srdi22-score": ">= 60",
    "srdi22-award-prov": "rank<= 3",
    "srdi22-award-nat": "rank<= 5",
    "srdi22-rd-mean": ">= 10",
    "srdi22-equity-big": ">= 60",
    "srdi22-contest": "rank<= 500",
    "srdi22-sme-staff": "< 1000",
    "srdi22-sme-revenue": "< 400",
    "lg22-tenure": ">= 3",
    "lg22-tenure-gap": ">= 2",
    "lg22-main-share": ">= 70",
    "lg22-growth": ">= 5",
    "lg22-info-system": ">= 1",
    "lg22-debt": "<= 70",
    "lg22-share": ">= 10",
    "lg22-rd-large": ">= 3",
    "lg22-rd-middle": ">= 6",
    "lg22-equity-small": ">= 80",
    "lg22-rd-small": ">= 30",
    "lg22-staff-small": ">= 50",
    "lg22-ip": ">= 2",
    "lg22-award": "rank<= 3",
    "lg22-contest": "rank<= 50",
    "lg22-revenue-2025": ">= 50",
    "lg22-sme-staff": "< 1000",
    "lg22-sme-revenue": "< 400",
    "srdi26-tenure": ">= 3",
    "srdi26-revenue": ">= 15",
    "srdi26-equity": ">= 20",
    "srdi26-main-share": ">= 80",
    "srdi26-debt": "<= 80",
    "srdi26-rd-amount": ">= 1",
    "srdi26-rd-ratio": ">= 3",
    "srdi26-ip": ">= 1",
    "srdi26-award": "rank<= 3",
    "srdi26-score": ">= 50",
    "srdi26-sme-staff": "< 1000",
    "srdi26-sme-revenue": "< 400",
    "lg26-tenure": ">= 3",
    "lg26-revenue": ">= 50",
    "lg26-main-share": ">= 90",
    "lg26-growth": ">= 5",
    "lg26-debt": "<= 75",
    "lg26-rd-sum": ">= 12",
    "lg26-rd-ratio": ">= 3",
    "lg26-ip": ">= 4",
    "lg26-award": "rank<= 3",
    "lg26-share": ">= 10",
    "lg26-rank": "rank<= 3",
    "lg26-score": ">= 60",
    "lg26-sme-staff": "< 1000",
    "lg26-sme-revenue": "< 400",
    "sc23-tenure": ">= 10",
    "sc23-tenure-new": ">= 5",
    "sc23-revenue": ">= 400",
    "sc23-revenue-srdi": ">= 200",
    "sc23-rank": "rank<= 3",
    "sc23-clean": ">= 3",
    "sc16-tenure": ">= 10",
    "sc16-tenure-new": ">= 3",
    "sc16-rank": "rank<= 3",
    "sc16-products": "<= 2",
    "sc16-niche-share": ">= 70",
    "sc16-revenue": ">= 400",
}
WINDOWS: Mapping[str, int] = {
    "isme22-award": 3,
    "isme22-equity": 3,
    "srdi22-award-prov": 3,
    "srdi22-award-nat": 3,
    "srdi22-contest": 3,
    "lg22-award": 3,
    "lg22-contest": 3,
    "srdi26-award": 3,
    "lg26-award": 3,
}
# Item and indicator: lower end of each band, or category, with its points.
BANDS: Mapping[tuple[str, str], list[tuple[Any, int]]] = {
    ("isme22_ip", "ip_class"): [
        ("class_1_high_value", 20),
        ("class_1_own", 15),
        ("class_1", 10),
        ("class_2", 5),
        ("none", 0),
    ],
    ("isme22_rd", "rd_ratio_last_year"): [(None, 0), (1, 5), (2, 10), (3, 15), (5, 20)],
    ("isme22_growth", "main_revenue_growth"): [(None, 0), (0, 5), (5, 10), (10, 15), (15, 20)],
    ("isme22_debt", "debt_ratio"): [(None, 10), (55, 5), (75, 0)],
    ("isme22_field", "strategic_emerging"): [("true", 10), ("false", 5)],
    ("isme22_main_share", "main_revenue_share"): [(None, 0), (50, 5), (55, 10), (60, 15), (70, 20)],
    ("srdi22_main_share", "main_revenue_share"): [(None, 0), (60, 1), (70, 3), (80, 5)],
    ("srdi22_growth", "main_revenue_growth_mean_2y"): [
        (None, 0),
        (0, 2),
        (4, 4),
        (6, 6),
        (8, 8),
        (10, 10),
    ],
    ("srdi22_tenure", "niche_tenure"): [(None, 0), (2, 1), (4, 2), (6, 3), (8, 4), (10, 5)],
    ("srdi22_role", "product_role"): [
        ("fills_gap", 5),
        ("foundation_or_supplier", 3),
        ("neither", 0),
    ],
    ("srdi22_digital", "digital_level"): [("level_3_or_above", 5), ("level_2", 3), ("level_1", 0)],
    ("srdi22_quality", "quality_marks"): [(None, 0), (1, 3), (2, 5)],
    ("srdi22_margin", "net_margin"): [(None, 0), (2, 2), (4, 4), (6, 6), (8, 8), (10, 10)],
    ("srdi22_debt", "debt_ratio"): [(None, 5), (50, 3), (60, 1), (70, 0)],
    ("srdi22_ip", "ip_class"): [
        ("class_1_high_value", 10),
        ("class_1_own", 8),
        ("class_1", 6),
        ("class_2", 2),
        ("none", 0),
    ],
    ("srdi22_rd", "rd_amount_last_year"): [(None, 0), (1, 2), (2, 4), (3, 6), (4, 8), (5, 10)],
    ("srdi22_rd", "rd_ratio_last_year"): [(None, 0), (3, 2), (4, 4), (6, 6), (8, 8), (10, 10)],
    ("srdi22_staff", "rd_staff_share"): [(None, 0), (5, 1), (10, 3), (20, 5)],
    ("srdi22_institution", "rd_institution"): [
        ("national", 10),
        ("provincial", 8),
        ("municipal", 4),
        ("below_municipal", 2),
        ("none", 0),
    ],
}
CASES: Mapping[str, tuple[float, float]] = {
    "lg22-rd-large": (100, math.inf),
    "lg22-rd-middle": (50, 100),
    "lg22-equity-small": (-math.inf, 50),
    "lg22-rd-small": (-math.inf, 50),
    "lg22-staff-small": (-math.inf, 50),
}
_SIGNS = {"at_least": ">=", "at_most": "<=", "rank_at_most": "rank<=", "below": "<"}


@pytest.fixture(scope="module")
def data() -> dict[str, pd.DataFrame]:
    return tables.load_all()


def test_every_threshold(data: dict[str, pd.DataFrame]) -> None:
    rows = data["thresholds"].dropna(subset="value")
    found = {
        row["threshold_id"]: f"{_SIGNS[row['comparison']]} {row['value']:g}"
        for row in rows.to_dict("records")
    }
    assert found == THRESHOLDS
    windows = data["thresholds"].dropna(subset="window_years").set_index("threshold_id")
    assert windows["window_years"].astype(int).to_dict() == WINDOWS


def test_every_band(data: dict[str, pd.DataFrame]) -> None:
    found: dict[tuple[str, str], list[tuple[Any, int]]] = {}
    for row in data["score_bands"].to_dict("records"):
        low = None if pd.isna(row["from_value"]) else row["from_value"]
        end = row["category"] if pd.notna(row["category"]) else low
        key = (row["item_id"], row["measured_by"])
        found.setdefault(key, []).append((end, row["points"]))
    assert found == BANDS


def test_every_size_case(data: dict[str, pd.DataFrame]) -> None:
    rows = data["condition_cases"].dropna(subset=["when_at_least", "when_below"], how="all")
    lows, highs = rows["when_at_least"].fillna(-math.inf), rows["when_below"].fillna(math.inf)
    assert dict(zip(rows["threshold_id"], zip(lows, highs, strict=True), strict=True)) == CASES


# A made-up firm whose every measure is worked by hand below.
FIRM: Mapping[str, Any] = {
    "current_tier": "srdi_sme", "sector": "industry", "employees": 120.0,
    "revenue_m_cny": 144.0, "revenue_prev_m_cny": 110.0, "revenue_prev2_m_cny": 100.0,
    "main_revenue_m_cny": 108.0, "main_revenue_prev_m_cny": 90.0, "main_revenue_prev2_m_cny": 75.0,
    "rd_m_cny": 7.2, "rd_prev_m_cny": 4.4, "net_profit_m_cny": 10.8,
    "new_equity_2y_m_cny": 6.0, "new_equity_3y_m_cny": 8.0,
    "niche_share_national_pct": 12.0, "niche_share_world_pct": 4.0,
    "national_award_rank": math.inf, "provincial_award_rank": 4.0,
    "management_system_certificate": False, "foreign_product_certificate": True,
    "quality_award": False, "own_brand": True, "standards_drafting": True,
    "rd_institution": "municipal", "class_1_ip_in_use": 5.0, "class_1_ip_own_in_use": 3.0,
}  # fmt: skip
WORKED: Mapping[str, tuple[float, float]] = {
    "revenue": (144, 144),
    "main_revenue_share": (75, 75),  # 108 of 144
    "main_revenue_growth": (20, 20),  # 90 to 108
    "main_revenue_growth_mean_2y": (20, 20),  # 20 % twice: 75, 90, 108
    "main_revenue_mean_3y": (91, 91),  # (108 + 90 + 75) / 3
    "revenue_cagr_2y": (20, 20),  # 100 to 144 is 1.2 squared
    "rd_amount_last_year": (7.2, 7.2),
    "rd_ratio_last_year": (5, 5),  # 7.2 of 144
    "rd_amount_each_2y": (4.4, 4.4),
    "rd_ratio_each_2y": (4, 4),  # 4.4 of 110, below 5
    "rd_amount_sum_2y": (11.6, 11.6),
    "rd_amount_mean_2y": (5.8, 5.8),
    "rd_amount": (4.4, 11.6),  # from the lesser year to both
    "net_margin": (7.5, 7.5),  # 10.8 of 144, not of 108
    "new_equity_3y": (8, 8),
    "niche_share_home_or_abroad": (12, 12),
    "science_award": (1, 1),  # the provincial one
    "management_certificate": (1, 1),  # of a foreign country
    "quality_marks": (2, 2),  # brand and standards; a product certificate is no mark
    "provincial_rd_organisation": (0, 0),  # municipal
    "class_1_ip_in_use": (5, 5),
    "class_1_ip_own": (3, 3),
    "class_1_ip_either": (3, 5),
    "sme_employees": (120, 120),
    "sme_revenue": (144, 144),
    "innovative_sme_title": (1, 1),
    "srdi_title": (1, 1),
    "little_giant_title": (0, 0),
}


@pytest.mark.parametrize("indicator", sorted(FORMULAS))
def test_every_formula_by_hand(data: dict[str, pd.DataFrame], indicator: str) -> None:
    measures = Measures(pd.DataFrame([FIRM]), Criteria(data).limits)
    low, high = measures.interval(indicator)
    assert (low[0], high[0]) == pytest.approx(WORKED[indicator])


def test_marks_and_organisations_one_by_one(data: dict[str, pd.DataFrame]) -> None:
    limits = Criteria(data).limits
    marks = ("quality_award", "management_system_certificate", "own_brand", "standards_drafting")
    for mark in (*marks, "foreign_product_certificate"):
        firm = dict.fromkeys((*marks, "foreign_product_certificate"), False) | {mark: True}
        measures = Measures(pd.DataFrame([firm]), limits)
        assert measures.interval("quality_marks")[0][0] == (mark in marks), mark
        certificate = mark in ("management_system_certificate", "foreign_product_certificate")
        assert measures.interval("management_certificate")[0][0] == certificate, mark
    for level, expected in (("none", 0), ("below_municipal", 0), ("municipal", 0),
                            ("provincial", 1), ("national", 1)):  # fmt: skip
        firm_at = Measures(pd.DataFrame([{"rd_institution": level}]), limits)
        assert firm_at.interval("provincial_rd_organisation")[1][0] == expected, level


def test_every_field_under_another_name(data: dict[str, pd.DataFrame]) -> None:
    assert dict(SAME) == {
        "niche_tenure": "niche_years", "debt_ratio": "debt_ratio_pct",
        "new_equity_2y": "new_equity_2y_m_cny", "rd_staff_share": "rd_staff_share_pct",
        "niche_share_national": "niche_share_national_pct",
        "niche_revenue_share": "niche_revenue_share_pct", "product_tenure": "product_years",
        "clean_record": "clean_years",
    }  # fmt: skip
    assert set(SAME.values()) <= set(data["firm_fields"]["field"])
