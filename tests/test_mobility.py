"""Rank correlation, rank changes and natural breaks."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis import mobility as mob
from helpers.analysis.shares import with_shares
from helpers.errors import InputError

close = pytest.approx

# GDP per head of the 32 Mexican states in 1940 and 2000: example data of libpysal 4.14.1.
MEXICO_1940 = [
    10384, 22361, 9573, 3758, 2934, 8578, 8537, 6909, 17816, 12132, 4359, 2181, 4414, 5309, 3408,
    3327, 6936, 4836, 9073, 1892, 3569, 11016, 21965, 4372, 4840, 6399, 2459, 7508, 3605, 5203,
    7990, 3734,
]  # fmt: skip
MEXICO_2000 = [
    27782, 29855, 26103, 36163, 8684, 30735, 28460, 21358, 54349, 17379, 15585, 11820, 12348, 21610,
    16322, 11838, 18170, 11478, 38672, 9010, 15685, 26149, 33442, 15866, 15242, 24068, 13360, 23546,
    11701, 12191, 17509, 11130,
]  # fmt: skip
COUNTS = [
    74, 103, 9, 1, 28, 40, 11, 28, 182, 67, 151, 55, 88, 19, 141, 103, 55, 58, 147, 20, 7, 48, 72,
    15, 17, 3, 48, 10, 4, 12, 13, 3,
]  # fmt: skip


# --- Kendall's tau -------------------------------------------------------------------------------


def test_known_tau() -> None:
    """giddy 2.3.8 and scipy 1.17.1 agree on tau; their p-values are two approximations.

    giddy's p (0.24821) takes the variance of tau without ties, scipy's (0.28275) corrects it.
    """
    found = mob.kendall_tau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])
    assert found.tau == close(-0.47140452079103173, rel=1e-10)
    assert found.p_value == close(0.28274545993277467, rel=1e-10)
    assert found.units_count == 5


def test_tau_of_mexican_states() -> None:
    """giddy 2.3.8: 0.5846774193548387."""
    assert mob.kendall_tau(MEXICO_1940, MEXICO_2000).tau == close(0.5846774193548387, rel=1e-10)


def tau_b(first: list[int], second: list[int]) -> float:
    """By its definition, pair by pair."""
    signs = [
        (int(np.sign(a - b)), int(np.sign(c - d)))
        for (a, c), (b, d) in combinations(zip(first, second, strict=True), 2)
    ]
    ranked = [sum(sign != 0 for sign in side) for side in zip(*signs, strict=True)]
    return sum(one * other for one, other in signs) / math.sqrt(ranked[0] * ranked[1])


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-5, 9), st.integers(0, 9)), min_size=2, max_size=15))
def test_tau_by_definition(rows: list[tuple[int, int]]) -> None:
    first, second = [a for a, _ in rows], [b for _, b in rows]
    if len(set(first)) == 1 or len(set(second)) == 1:
        return
    found = mob.kendall_tau(first, second)
    assert found.tau == close(tau_b(first, second), abs=1e-12)
    assert mob.kendall_tau(first, [-value for value in second]).tau == close(-found.tau)
    assert mob.kendall_tau([3 * value + 1 for value in first], second) == close(found)
    assert 0 <= found.p_value <= 1


def test_tau_matches_by_label() -> None:
    one = pd.Series({"A": 1, "B": 2, "C": 3})
    assert mob.kendall_tau(one, one[::-1]).tau == close(1)
    assert mob.kendall_tau(one, one[::-1].tolist()).tau == close(-1)


# --- Rank changes --------------------------------------------------------------------------------


def test_rank_changes() -> None:
    before = pd.Series({"A": 9, "B": 5, "C": 5, "D": 0})
    after = pd.Series({"D": 7, "C": 7, "B": 1, "A": 8})
    table = mob.rank_changes(before, after)
    assert table["after"].tolist() == [8, 1, 7, 7]
    assert table["rank_before"].tolist() == [1, 2, 2, 4]
    assert table["rank_after"].tolist() == [1, 4, 2, 2]
    assert table["change"].tolist() == [0, -2, 0, 2]
    assert (table["ranked_count"] == 4).all()


counted = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=30)


@settings(max_examples=30)
@given(counted)
def test_a_rank_counts_the_larger_ones(rows: list[tuple[int, int]]) -> None:
    before, after = pd.Series([a for a, _ in rows]), pd.Series([b for _, b in rows])
    table = mob.rank_changes(before, after)
    for name, values in (("rank_before", before), ("rank_after", after)):
        assert table[name].tolist() == [1 + (values > own).sum() for own in values]
    frame = pd.DataFrame({"firms_count": before.astype("Int64")})
    assert table["rank_before"].tolist() == with_shares(frame, 1)["rank"].tolist()
    back = mob.rank_changes(after, before)
    assert (back["change"] == -table["change"]).all()


# --- Natural breaks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "upper"),
    [
        (COUNTS, [74, 182]),
        (COUNTS, [40, 103, 182]),
        (COUNTS, [28, 74, 103, 182]),
        (COUNTS, [28, 74, 103, 151, 182]),
        (COUNTS, [20, 48, 74, 103, 151, 182]),
        (COUNTS, [13, 28, 58, 74, 103, 151, 182]),
        (MEXICO_2000, [21610, 54349]),
        (MEXICO_2000, [18170, 33442, 54349]),
        (MEXICO_2000, [18170, 28460, 38672, 54349]),
        (MEXICO_2000, [13360, 21610, 30735, 38672, 54349]),
        (MEXICO_2000, [13360, 18170, 24068, 30735, 38672, 54349]),
        (MEXICO_2000, [13360, 18170, 24068, 28460, 33442, 38672, 54349]),
    ],
)
def test_agrees_with_mapclassify(values: list[int], upper: list[int]) -> None:
    """FisherJenks of mapclassify 2.10.0 (bins)."""
    found = mob.natural_breaks(values, len(upper))
    assert list(found.upper) == upper
    table = mob.breaks_table(values, 7)
    assert table["upper"][len(upper) - 1] == found.upper
    assert table["gvf"][len(upper) - 1] == found.gvf


def squares(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values)


def best_by_trial(values: list[int], k: int) -> float:
    """Smallest squared deviations over all ways to cut the ordered distinct values."""
    distinct = sorted(set(values))
    found = math.inf
    for cuts in combinations(range(1, len(distinct)), k - 1):
        ends = [0, *cuts, len(distinct)]
        classes = [set(distinct[a:b]) for a, b in pairwise(ends)]
        found = min(found, sum(squares([v for v in values if v in one]) for one in classes))
    return found


@settings(max_examples=40)
@given(st.lists(st.integers(-40, 40), min_size=1, max_size=10), st.integers(1, 4))
def test_breaks_are_the_best_of_all(values: list[int], k: int) -> None:
    k = min(k, len(set(values)))
    found = mob.natural_breaks(values, k)
    assert found.within == close(best_by_trial(values, k), abs=1e-9)
    total = squares(values)
    assert found.gvf == close(1 - found.within / total if total else 1, abs=1e-9)
    assert len(found.upper) == k == found.classes.nunique()
    assert found.upper[-1] == max(values)
    for own, number in zip(values, found.classes, strict=True):
        assert own <= found.upper[number]
        assert number == 0 or own > found.upper[number - 1]


@settings(max_examples=15)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=20), st.integers(1, 6))
def test_fit_rises_with_every_class(values: list[int], most: int) -> None:
    table = mob.breaks_table(values, most)
    assert table["classes_count"].tolist() == list(range(1, min(most, len(set(values))) + 1))
    assert (table["gvf"].diff().dropna() >= -1e-12).all()
    assert table["gain"].cumsum().tolist() == close((table["gvf"] - table["gvf"][0]).tolist())
    assert table["gvf"][0] == (0 if len(set(values)) > 1 else 1)
    if most >= len(set(values)):
        assert table["gvf"].iloc[-1] == 1
    for row in table.itertuples():
        found = mob.natural_breaks(values, row.classes_count)
        assert found.upper == row.upper
        assert row.smallest == found.classes.value_counts().min()


@settings(max_examples=20)
@given(st.lists(st.integers(0, 300), min_size=3, max_size=20), st.sampled_from([1e-6, 3.0, 1e9]))
def test_scale_and_origin_do_not_matter(values: list[int], factor: float) -> None:
    k = min(3, len(set(values)))
    one = mob.natural_breaks(values, k)
    other = mob.natural_breaks([factor * (value + 1000) for value in values], k)
    assert other.gvf == close(one.gvf, abs=1e-9)


def test_one_class_explains_nothing() -> None:
    # Two ways to the mean of these differ in the last digit.
    assert mob.natural_breaks([0.4, 0.8, 0.3, 0.3, 0.8, 0.8, 0.1], 1).gvf == 0


def test_equally_good_divisions() -> None:
    assert mob.natural_breaks([1, 2, 3], 2).upper == (1, 3)
    assert mob.natural_breaks([3, 1, 2], 2).classes.tolist() == [1, 0, 1]


def test_classes_keep_the_labels() -> None:
    found = mob.natural_breaks(pd.Series({"A": 9, "B": 1, "C": 8}), 2)
    assert found.classes.to_dict() == {"A": 1, "B": 0, "C": 1}
    assert found.within == 0.5


def test_huge_values() -> None:
    found = mob.natural_breaks([1e200, 2e200, 9e200], 2)
    assert found.upper == (2e200, 9e200)
    assert 0.97 < found.gvf < 1


def test_number_of_classes() -> None:
    table = mob.breaks_table(COUNTS)
    assert mob.classes_needed(table) == 3
    assert mob.classes_needed(table, enough=0.92) == 4
    assert mob.classes_needed(table, gain=0.04) == 4
    assert mob.classes_needed(table, enough=0.95, gain=0.01) == 6
    assert mob.classes_needed(mob.breaks_table(COUNTS, 2)) == 2  # none is enough: the last
    assert mob.classes_needed(mob.breaks_table([4, 4, 4])) == 1
    assert mob.classes_needed(mob.breaks_table([1, 1, 9, 9])) == 2


def test_even_values_are_their_own_yardstick() -> None:
    table = mob.breaks_table(range(1000), 5)
    assert table["gvf"].tolist() == close(table["gvf_even"].tolist(), abs=1e-4)
    assert table["smallest"].iloc[-1] == 200
    assert mob.classes_needed(table) == 3


# --- Input that cannot be used -------------------------------------------------------------------

ONE = pd.Series({"A": 1, "B": 2})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mob.kendall_tau([1], [2]), "one unit only"),
        (lambda: mob.kendall_tau([1, 1], [2, 3]), "before: all values are equal"),
        (lambda: mob.kendall_tau([1, 2], [3, 3]), "after: all values are equal"),
        (lambda: mob.kendall_tau([1, 2], [3]), "before: 2 values, after: 1"),
        (lambda: mob.kendall_tau([1, None], [3, 4]), "before: missing at 1"),
        (lambda: mob.kendall_tau([], []), "before: there are no values"),
        (lambda: mob.rank_changes([1, 2], ONE), "before: give a Series"),
        (lambda: mob.rank_changes(ONE, [1, 2]), "after: give a Series"),
        (lambda: mob.rank_changes(ONE, pd.Series({"A": 1})), "B stand in one of the two only"),
        (lambda: mob.rank_changes(ONE, ONE.astype("Float64").where(ONE > 1)), "after: missing at A"),
        (lambda: mob.rank_changes(ONE.rename({"B": "A"}), ONE), "A stand more than once"),
        (lambda: mob.natural_breaks([1, 2], 3), "3 classes: give a whole number from 1 to 2"),
        (lambda: mob.natural_breaks([1, 2], 0), "0 classes"),
        (lambda: mob.natural_breaks([1, 2], 1.5), "1.5 classes"),
        (lambda: mob.natural_breaks([1, 2], True), "True classes"),
        (lambda: mob.natural_breaks([1, math.nan], 1), "missing at 1"),
        (lambda: mob.natural_breaks([1, math.inf], 1), "infinite at 1"),
        (lambda: mob.natural_breaks([], 1), "there are no values"),
        (lambda: mob.natural_breaks(range(3001), 2), "3001 distinct values, at most 3,000"),
        (lambda: mob.breaks_table([1, 2], 0), "at most 0 classes"),
        (lambda: mob.breaks_table([1, 2], 2.0), "at most 2.0 classes"),
        (lambda: mob.breaks_table([None, 2]), "missing at 0"),
        (lambda: mob.classes_needed(mob.breaks_table(COUNTS), enough=80), "enough 80"),
        (lambda: mob.classes_needed(mob.breaks_table(COUNTS), gain=-1), "gain -1"),
        (lambda: mob.classes_needed(mob.breaks_table(COUNTS).head(0)), "it has no rows"),
    ],
)  # fmt: skip
def test_input_that_cannot_be_used(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# --- Orders of units whose later values are known between limits only -----------------------------

ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=6
)


@settings(max_examples=150)
@given(ROWS)
def test_orders_against_every_table_within_the_limits(rows: list[tuple[int, int, int]]) -> None:
    """Enumerate: kept, reversed and the ends of Somers' d are right over all later values."""
    before, low, high = (pd.Series(part) for part in zip(*((a, b, b + c) for a, b, c in rows), strict=True))  # fmt: skip
    if before.nunique() == 1:
        with pytest.raises(InputError, match="all values are equal"):
            mob.pair_orders(before, low, high)
        return
    found = mob.pair_orders(before, low, high)
    pairs = [(i, j) for i in before.index for j in before.index if before[i] > before[j]]
    assert found.pairs_count == len(pairs)
    gaps = [(low[i] - high[j], high[i] - low[j]) for i, j in pairs]
    assert found.kept == sum(least > 0 for least, _ in gaps)
    assert found.reversed == sum(most < 0 for _, most in gaps)
    known = sum(least == most == 0 for least, most in gaps)
    assert found.undecided == len(pairs) - found.kept - found.reversed - known
    # Pair by pair the best and the worst sign; no table can do better for all pairs at once.
    worst = sum(np.sign(least) for least, _ in gaps) / len(pairs)
    best = sum(np.sign(most) for _, most in gaps) / len(pairs)
    assert (found.d_low, found.d_high) == close((worst, best))
    ranges = [range(a, b + 1) for a, b in zip(low, high, strict=True)]
    for later in product(*ranges) if math.prod(map(len, ranges)) <= 300 else ():
        d = sum(np.sign(later[i] - later[j]) for i, j in pairs) / len(pairs)
        assert found.d_low - 1e-12 <= d <= found.d_high + 1e-12


def test_known_values_give_somers_d() -> None:
    from scipy.stats import somersd

    before, after = pd.Series(MEXICO_1940), pd.Series(COUNTS)
    found = mob.pair_orders(before, after, after)
    assert found.d_low == found.d_high == close(somersd(before, after).statistic, abs=1e-12)
    assert found.undecided == 0 and found.kept > found.reversed


def test_orders_of_numbers_below_zero_are_told() -> None:
    before, low, high = (pd.Series(pair, list("AB")) for pair in ([-1, -2], [-9, -4], [-5, -4]))
    assert mob.pair_orders(before, low, high) == mob.pair_orders(before + 10, low + 10, high + 10)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mob.pair_orders([1, 2], ONE, ONE), "before: give a Series"),
        (lambda: mob.pair_orders(ONE, [1, 2], ONE), "low: give a Series"),
        (lambda: mob.pair_orders(ONE, ONE + 1, ONE), "low is above high at A, B"),
        (lambda: mob.pair_orders(ONE, ONE.head(1), ONE), "B stand in one of the two only"),
        (lambda: mob.pair_orders(ONE, ONE, ONE.where(ONE > 1)), "high: missing at A"),
        (lambda: mob.pair_orders(ONE * 0, ONE, ONE), "no order to keep"),
    ],
)
def test_orders_that_cannot_be_compared(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
