"""Counts of industries on record come before any base that was inferred."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from helpers.analysis.districts import DistrictFirms, district_firms
from helpers.analysis.industries import (
    industries_of,
    industry_bounds,
    industry_conflict,
    industry_firms,
)
from helpers.evidence import tables


def anshan() -> DistrictFirms:
    reported = tables.load("claims").set_index("claim_id")["reported_value"]
    return district_firms(tables.load("districts"), reported)


def ten(counts: list[Any]) -> pd.DataFrame:
    """The study's ten industries with made-up counts."""
    table = tables.load("industries").query("place_id == '210300'").sort_values("rank")
    full = counts + [None] * (10 - len(counts))
    return table.assign(firms_count=pd.array(full, dtype="Int64")).reset_index(drop=True)


def ends(bounds: pd.DataFrame) -> list[list[Any]]:
    return bounds[["lower_count", "upper_count"]].astype(object).values.tolist()


def test_without_counts_the_order_and_the_share_bound() -> None:
    found = industry_firms(ten([]), anshan(), "50")
    assert (found.base, found.origin, found.share, found.dropped_base) == (
        88,
        "implied",
        "50",
        None,
    )
    assert ends(found.bounds)[0] == [22, 43]  # 44 together, the second with one or more
    left_out = industry_firms(ten([]), anshan(), "50.01")
    assert left_out.share == "" and ends(left_out.bounds)[0][0] == 1


def test_complete_counts_come_before_an_implied_base() -> None:
    counts = [60, 45, 30, 20, 15, 10, 9, 8, 5, 3]
    found = industry_firms(ten(counts), anshan(), "50")
    assert (found.base, found.origin, found.dropped_base) == (205, "industries", 88)
    assert ends(found.bounds) == [[n, n] for n in counts]
    fewer = industry_firms(ten([20, 10, 9, 8, 7, 6, 5, 4, 3, 2]), anshan(), "50")
    assert (fewer.base, fewer.dropped_base) == (74, None)
    turned = industry_firms(ten(counts[::-1]), anshan(), "50")
    assert not turned.ordered and ends(turned.bounds)[0] == [3, 3]


def test_counts_of_districts_are_the_base_of_fewer_industries() -> None:
    rows = tables.load("districts")
    own = district_firms(rows.assign(srdi_firms_count=10), pd.Series(dtype="str"))
    found = industry_firms(ten([20, 10, 9, 8, 7, 6, 5, 4, 3, 2]), own, "50")
    assert (found.base, found.origin) == (90, "counted")
    over = industry_firms(ten([50, 45, 9, 8, 7, 6, 5, 4, 3, 2]), own, "50")
    assert (over.base, over.origin, over.dropped_base) == (139, "industries", 90)


@pytest.mark.parametrize(
    ("counts", "last"), [([120], [1, 120]), ([None, 100], [1, 100]), ([80, 2], [1, 2])]
)
def test_a_base_that_a_count_exceeds_is_dropped(counts: list[Any], last: list[int]) -> None:
    found = industry_firms(ten(counts), anshan(), "50")
    assert (found.base, found.dropped_base, found.share) == (None, 88, "")
    assert ends(found.bounds)[-1] == last
    if counts[0] is None:  # more than those behind it, and nothing above
        assert found.bounds["lower_count"].iloc[0] == 100
        assert pd.isna(found.bounds["upper_count"].iloc[0])


def test_no_industry_has_no_bounds() -> None:
    found = industry_firms(ten([]).iloc[:0], anshan(), "")
    assert found.bounds.empty and found.base == 88


def test_named_industries_rule_out_that_there_is_no_firm() -> None:
    rows = tables.load("districts")
    none = district_firms(rows.assign(srdi_firms_count=0), pd.Series(dtype="str"))
    found = industry_firms(ten([]), none, "50")
    assert (found.base, found.dropped_base) == (None, 0)


def test_some_counts_within_the_base_rule_out_the_share_or_the_order() -> None:
    third = industry_firms(ten([None, None, 23]), anshan(), "50")  # the first two have 46 or more
    assert (third.base, third.share) == (88, "") and ends(third.bounds)[2] == [23, 23]
    first = industry_firms(ten([30, 10]), anshan(), "50")
    assert (first.share, ends(first.bounds)[2]) == ("", [1, 10])
    turned = industry_firms(ten([None, None, 5, 9]), anshan(), "50")
    assert not turned.ordered and ends(turned.bounds)[2:4] == [[5, 5], [9, 9]]
    assert pd.isna(turned.bounds["upper_count"].iloc[0])


def test_no_bounds_where_no_count_fits_a_printed_share() -> None:
    rows = industries_of(tables.load("industries"), "210300")
    none = industry_bounds(rows, 87, "50")
    assert len(none) == 10 and none[["lower_count", "upper_count"]].isna().all(axis=None)
    assert not none["exact"].any()
    some = industry_bounds(rows, 88, "50")
    assert some[["lower_count", "upper_count"]].notna().all(axis=None)
    rising = rows.assign(firms_count=[5, 40, *[None] * 8])
    assert industry_bounds(rising, 88, "50")["upper_count"].isna().all()
    assert "industry 1 has at least as many firms as 2" in industry_conflict(rising, 88, "50")
    assert industry_conflict(rows, 88, "50") == ""
