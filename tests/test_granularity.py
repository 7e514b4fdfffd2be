"""Counts behind reported percentages, against published answers and plain enumeration."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.evidence.granularity import (
    attainable_table,
    common_bases,
    counts_for,
    decimals,
    rounds_to,
)

DISTRICTS = ["27.27", "21.59", "20.45"]
PATHS = ["20", "20", "15"]


def rounded_percent(count: int, base: int, places: int) -> Decimal:
    """Percentage as a calculator prints it, half up; the quotient is exact enough to see a tie."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(100 * count) / Decimal(base)
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def enumerated(reported: str, base: int) -> list[int]:
    places = decimals(reported)
    wanted = Decimal(reported)
    return [n for n in range(base + 1) if rounded_percent(n, base, places) == wanted]


def test_bases_of_the_district_shares() -> None:
    assert common_bases(DISTRICTS, 400) == [88, 176, 264, 352]
    assert [counts_for(share, 88) for share in DISTRICTS] == [[24], [19], [18]]
    assert [counts_for(share, 176) for share in DISTRICTS] == [[48], [38], [36]]


def test_bases_of_the_path_shares() -> None:
    # Whole percentages are coarse: 15 % is 2 of 13, but then 20 % fits no count.
    assert counts_for("15", 13) == [2]
    assert counts_for("20", 13) == []
    assert common_bases(PATHS, 25)[0] == 20
    assert [counts_for(share, 20) for share in PATHS] == [[4], [4], [3]]


def test_national_shares_on_their_bases() -> None:
    assert counts_for("2.58", 12790) == [330]
    # 213 of 4,762 is 4.47 %, 214 is 4.49 %.
    assert counts_for("4.48", 4762) == []
    assert counts_for("4.43", 4762) == [211]


@pytest.mark.parametrize(
    ("reported", "base", "counts"),
    [
        ("71", 43, []),
        ("70", 43, [30]),
        ("72", 43, [31]),
        ("24", 28, []),  # 0.24 of 28
        ("25", 28, [7]),
        ("0", 300, [0, 1]),
        ("0.0", 300, [0]),
        ("100", 300, [299, 300]),
        ("100.0", 300, [300]),
        ("101", 300, []),
        ("250", 2, []),
        ("50", 1, []),
        ("100", 1, [1]),
        ("12.5", 8, [1]),
        ("13", 8, [1]),  # a tie goes up
        ("12", 8, []),
        ("27.270", 88, []),  # 27.2727...: a trailing zero excludes it
        ("27.273", 88, [24]),
    ],
)
def test_known_counts(reported: str, base: int, counts: list[int]) -> None:
    assert counts_for(reported, base) == counts
    assert enumerated(reported, base) == counts


# Published answers of the GRIM test: mean, number of people, items each, attainable.
GRIM = [
    ("5.19", 28, 1, False), ("5.19", 32, 1, True), ("5.18", 28, 1, True), ("5.27", 43, 1, False),
    ("3.48", 20, 1, False), ("3.45", 20, 1, True), ("5.93", 49, 1, False), ("2.84", 16, 2, True),
    ("7.22", 32, 1, True), ("4.74", 25, 1, False), ("5.23", 29, 1, False), ("2.57", 24, 1, False),
    ("6.77", 27, 1, False), ("2.68", 28, 1, True), ("7.01", 29, 1, False), ("7.38", 26, 1, True),
    ("3.14", 27, 1, False), ("6.89", 31, 1, False), ("5.00", 25, 1, True), ("0.24", 28, 1, False),
]  # fmt: skip


@pytest.mark.parametrize(("mean", "people", "items", "attainable"), GRIM)
def test_published_means(mean: str, people: int, items: int, attainable: bool) -> None:
    base = people * items
    totals = [n for n in range(12 * base) if rounds_to(Fraction(n, base), mean)]
    assert bool(totals) is attainable


def test_ties_go_up() -> None:
    assert rounds_to(Fraction(41, 40), "1.03")
    assert not rounds_to(Fraction(41, 40), "1.02")
    assert rounds_to(Fraction(1, 2), "1")
    assert not rounds_to(Fraction(1, 2), "0")
    assert rounds_to(Fraction(4999, 10000), "0")


@pytest.mark.parametrize(
    ("text", "digits"), [("20", 0), ("20.", 0), ("20.0", 1), ("20.450", 3), ("0.00", 2)]
)
def test_decimals(text: str, digits: int) -> None:
    assert decimals(text) == digits


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 400), st.integers(0, 3), st.data())
def test_counts_equal_enumeration(base: int, places: int, data: st.DataObject) -> None:
    units = data.draw(st.integers(0, 100 * 10**places))
    reported = str(Decimal(units).scaleb(-places).quantize(Decimal(1).scaleb(-places)))
    assert decimals(reported) == places
    assert counts_for(reported, base) == enumerated(reported, base)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 2000), st.integers(0, 4), st.data())
def test_the_true_count_is_always_found(base: int, places: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    reported = str(rounded_percent(count, base, places))
    assert count in counts_for(reported, base)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=4), st.integers(60, 90))
def test_the_true_base_is_always_common(counts: list[int], base: int) -> None:
    shares = [str(rounded_percent(count, base, 2)) for count in counts]
    bases = common_bases(shares, 90)
    assert base in bases
    assert bases == sorted(set(bases))
    for candidate in range(1, 91):
        fits = all(enumerated(share, candidate) for share in shares)
        assert (candidate in bases) is fits


def test_attainable_table_counts_the_shares_each_base_produces() -> None:
    frame = attainable_table(DISTRICTS, 200)
    assert list(frame["base"]) == list(range(1, 201))
    assert list(frame.loc[frame["attainable"] == 3, "base"]) == [88, 176]
    by_hand = [sum(bool(enumerated(share, base)) for share in DISTRICTS) for base in range(1, 201)]
    assert list(frame["attainable"]) == by_hand
    assert by_hand[10] == 1  # 3 of 11 is 27.27 %
    assert by_hand[43] == 2  # 12 and 9 of 44
