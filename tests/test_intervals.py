"""Sampling intervals and the order of small counts, against statsmodels, scipy and enumeration."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, poisson
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint

from helpers.analysis.intervals import (
    beta_quantiles,
    clopper_pearson,
    focal_orders,
    goodman,
    order_p_value,
    orders_could_be_chance,
    poisson_interval,
    rate_orders,
    share_intervals,
    wilson,
)
from helpers.errors import InputError

LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@settings(max_examples=60)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), LEVELS)
def test_wilson_equals_statsmodels(pair: tuple[int, int], level: float) -> None:
    count, base = pair
    peer = proportion_confint(count, base, alpha=1 - level, method="wilson")
    assert wilson(count, base, level) == pytest.approx(peer, abs=1e-10)
    low, high = wilson(count, base, level)
    assert 0 <= low <= count / base <= high <= 1


def test_wilson_known_answer() -> None:
    """At 0 of n the upper end is z2 / (n + z2); 19 of 38 as in the statsmodels 0.15.0 tests."""
    assert wilson(19, 38) == pytest.approx((0.348499283643951, 0.651500716356049), abs=1e-12)
    square = 1.959963984540054**2
    assert wilson(0, 10) == pytest.approx((0.0, square / (10 + square)), abs=1e-12)
    assert wilson(10, 10) == pytest.approx((10 / (10 + square), 1.0), abs=1e-12)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 90), min_size=2, max_size=14).filter(any), LEVELS)
def test_goodman_equals_statsmodels(counts: list[int], level: float) -> None:
    peer = multinomial_proportions_confint(counts, alpha=1 - level, method="goodman")
    ours = goodman(counts, level)
    assert ours.shape == (len(counts), 2)
    np.testing.assert_allclose(ours, peer, rtol=0, atol=1e-10)


def test_goodman_known_answer() -> None:
    """Goodman's intervals as printed by Sison and Glaz (1995), table of their first example."""
    printed = [(0.085, 0.166), (0.115, 0.204), (0.116, 0.207), (0.091, 0.173), (0.096, 0.181),
               (0.143, 0.239), (0.089, 0.171)]  # fmt: skip
    found = goodman([56, 72, 73, 59, 62, 87, 58])
    np.testing.assert_allclose(found, printed, atol=5.1e-4, rtol=0)
    np.testing.assert_allclose(goodman([5] * 50), [(0.005, 0.075)] * 50, atol=5.1e-4, rtol=0)


def test_several_intervals_at_once_are_wider_than_one() -> None:
    counts = {"a": 4, "b": 3, "c": 13}
    table = share_intervals(counts)
    assert table["firms_count"].tolist() == [4, 3, 13]
    assert (table["base_count"] == 20).all()
    assert table["share"].tolist() == [0.2, 0.15, 0.65]
    assert table.loc["a", ["wilson_low", "wilson_high"]].tolist() == list(wilson(4, 20))
    assert table.loc["a", ["exact_low", "exact_high"]].tolist() == list(clopper_pearson(4, 20))
    assert table.loc["c", ["joint_low", "joint_high"]].tolist() == goodman([4, 3, 13])[2].tolist()
    assert (table["joint_low"] < table["wilson_low"]).all()
    assert (table["joint_high"] > table["wilson_high"]).all()
    wide = share_intervals(counts, 0.99)
    assert (wide["exact_low"] < table["exact_low"]).all()


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(4, 20, 0.0573, 0.4366), (3, 20, 0.0321, 0.3789), (0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0)],
)
def test_clopper_pearson_known_answers(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = clopper_pearson(successes, trials)
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 60), st.floats(0, 1), st.floats(0.5, 0.999))
def test_clopper_pearson_agrees_with_another_implementation(
    trials: int, part: float, level: float
) -> None:
    successes = round(part * trials)
    peer = binomtest(successes, trials).proportion_ci(confidence_level=level, method="exact")
    found = clopper_pearson(successes, trials, level)
    assert found == pytest.approx((peer.low, peer.high), abs=1e-9)


def test_clopper_pearson_of_none_has_a_closed_form() -> None:
    assert clopper_pearson(0, 7, 0.9)[1] == pytest.approx(1 - 0.05 ** (1 / 7))


@pytest.mark.parametrize(
    ("successes", "trials", "level"), [(5, 4, 0.95), (-1, 4, 0.95), (0, 0, 0.95), (1, 4, 1.0)]
)
def test_clopper_pearson_refuses(successes: int, trials: int, level: float) -> None:
    with pytest.raises(InputError):
        clopper_pearson(successes, trials, level)


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(1, 400), LEVELS)
def test_the_quantiles_of_whole_numbers_are_the_exact_interval(
    k: int, rest: int, level: float
) -> None:
    assert beta_quantiles(k, rest, level) == clopper_pearson(k, k + rest, level)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # Garwood (1936) as tabulated for 95 %, for instance in Ulm (1990), Am. J. Epidemiol. 131:373.
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)],
)
def test_poisson_interval_is_garwoods(count: int, low: float, high: float) -> None:
    found = poisson_interval(count)
    assert found == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 500), st.floats(0.5, 0.999))
@settings(max_examples=60)
def test_the_ends_of_a_poisson_interval_have_the_tails_they_should(
    count: int, level: float
) -> None:
    low, high = poisson_interval(count, level)
    tail = (1 - level) / 2
    assert poisson.sf(count - 1, low) == pytest.approx(tail, rel=1e-6)
    assert poisson.cdf(count, high) == pytest.approx(tail, rel=1e-6)


def test_poisson_interval_refuses_what_is_no_count() -> None:
    for count in (-1, 1.5, float("nan")):
        with pytest.raises(InputError, match="count of firms"):
            poisson_interval(count)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="level 95"):
        poisson_interval(3, 95)


@settings(max_examples=60)
@given(st.integers(0, 40), st.integers(0, 40))
def test_order_p_value_is_the_exact_binomial_test(first: int, second: int) -> None:
    total = first + second
    peer = binomtest(first, total).pvalue if total else 1.0
    assert order_p_value(first, second) == pytest.approx(peer, abs=1e-12)
    assert order_p_value(first, second) == order_p_value(second, first)


def test_order_p_value_by_hand() -> None:
    assert order_p_value(8, 1) == 2 * (comb(9, 0) + comb(9, 1)) / 2**9
    assert order_p_value(0, 0) == order_p_value(7, 7) == 1.0


def test_the_verdict_turns_with_the_level() -> None:
    assert order_p_value(8, 1) == 0.0390625
    assert not orders_could_be_chance([8, 1]).could_be_chance.item()
    assert orders_could_be_chance([8, 1], 0.99).could_be_chance.item()
    assert orders_could_be_chance([4, 3]).could_be_chance.item()


def test_all_pairs_with_holm() -> None:
    table = orders_could_be_chance(pd.Series([4, 30, 4, 9], index=list("abcd")))
    named = [tuple(row) for row in table[["larger", "smaller"]].values]
    assert named == [("b", "a"), ("a", "c"), ("d", "a"), ("b", "c"), ("b", "d"), ("d", "c")]
    assert table["larger_count"].tolist() == [30, 4, 9, 30, 30, 9]
    assert table["smaller_count"].tolist() == [4, 4, 4, 4, 9, 4]
    single = [binomtest(4, 34).pvalue, 1, binomtest(4, 13).pvalue, binomtest(4, 34).pvalue,
              binomtest(9, 39).pvalue, binomtest(4, 13).pvalue]  # fmt: skip
    assert table["p_value"].tolist() == pytest.approx(single)
    assert table["p_holm"].tolist() == pytest.approx(multipletests(single, method="holm")[1])
    # By hand: the smallest of six is taken six times, the fourth smallest three times.
    assert table["p_holm"][0] == pytest.approx(6 * single[0])
    assert table["p_holm"][4] == pytest.approx(4 * single[4])
    assert table["could_be_chance"].tolist() == [False, True, True, False, False, True]


def test_the_correction_can_turn_a_verdict() -> None:
    assert not orders_could_be_chance({"a": 8, "b": 1}).could_be_chance.item()
    table = orders_could_be_chance({"a": 8, "b": 1, "c": 5})
    assert table["could_be_chance"].all()
    assert orders_could_be_chance([8, 1]).loc[0, ["larger", "smaller"]].tolist() == [0, 1]


@settings(max_examples=12)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=9).filter(any))
def test_pairs_are_complete_and_ordered(counts: list[int]) -> None:
    table = orders_could_be_chance(counts)
    assert len(table) == comb(len(counts), 2)
    assert (table["larger_count"] >= table["smaller_count"]).all()
    assert (table["p_holm"] >= table["p_value"]).all()
    assert (table["p_holm"] <= 1).all()
    assert {frozenset(pair) for pair in table[["larger", "smaller"]].values.tolist()} == {
        frozenset((a, b)) for a in range(len(counts)) for b in range(a)
    }


@pytest.mark.parametrize("counts", [[1, -1], [1.5, 2], [1, float("nan")], [1, None], [1, "x"], [1, float("inf")], [1, pd.NA]])  # fmt: skip
@pytest.mark.parametrize(
    "call",
    [goodman, orders_could_be_chance, lambda c: wilson(c[1], 9), lambda c: order_p_value(*c)],
)
def test_what_is_no_count_is_named(call: Any, counts: list[Any]) -> None:
    if call not in (goodman, orders_could_be_chance) and counts == [1.5, 2]:
        counts = [2, 1.5]
    with pytest.raises(InputError, match=r"is no count"):
        call(counts)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: wilson(3, 2), "3 of 2: give 0 <= successes"),
        (lambda: wilson(0, 0), "0 of 0: give 0 <= successes"),
        (lambda: wilson(1, 2, 1.0), "level 1.0: give a number between"),
        (lambda: wilson(1, 2, float("nan")), "level nan"),
        (lambda: goodman([3]), "1 class; shares of one total need two"),
        (lambda: goodman([]), "0 class"),
        (lambda: goodman([0, 0]), "all are 0"),
        (lambda: goodman([1, 2], 0), "level 0"),
        (lambda: goodman([[1, 2], [3, 4]]), "not 2 dimensions"),
        (lambda: goodman({"a": 1, "b": 2}), "give the values only"),
        (lambda: share_intervals({"a": 0, "b": 0}), "all are 0"),
        (lambda: orders_could_be_chance([1, 2], 2), "level 2"),
        (lambda: orders_could_be_chance([1, 2], -1), "level -1"),
        (lambda: orders_could_be_chance([5]), r"counts \[5\]: an order needs two"),
        (lambda: orders_could_be_chance([]), "an order needs two"),
        (lambda: orders_could_be_chance([0, 0]), "not all of them 0"),
        (lambda: orders_could_be_chance(pd.Series([1, 2], index=["a", "a"])), r"\['a'\] stand twice"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_missing_counts_of_a_nullable_series() -> None:
    with pytest.raises(InputError, match="no count"):
        orders_could_be_chance(pd.Series([1, None, 3], dtype="Int64"))


@settings(max_examples=10)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=7).filter(any), st.data())
def test_orders_with_one_unit(counts: list[int], data: st.DataObject) -> None:
    series = pd.Series(counts, index=[f"u{n}" for n in range(len(counts))])
    focal = data.draw(st.sampled_from(list(series.index)))
    table = focal_orders(series, focal)
    assert list(table["unit"]) == [unit for unit in series.index if unit != focal]
    expected = [
        binomtest(int(series[focal]), int(series[focal] + n)).pvalue if series[focal] + n else 1.0
        for n in table["firms_count"]
    ]
    assert table["p_value"].to_numpy() == pytest.approx(expected, abs=1e-12)
    holm = multipletests(table["p_value"], method="holm")[1]
    assert table["p_holm"].to_numpy() == pytest.approx(holm)
    # Fewer pairs than all against all: never corrected more.
    every = orders_could_be_chance(series).set_index(["larger", "smaller"])["p_holm"]
    for row in table.itertuples():
        pair = (row.unit, focal) if (row.unit, focal) in every.index else (focal, row.unit)
        assert row.p_holm <= every[pair] + 1e-12


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (pd.Series({"a": 1, "b": 2}), "'x' among them"),
        (pd.Series([1, 2], index=["x", "x"]), "name each unit once"),
        (pd.Series({"x": 1}), "needs two counts"),
        (pd.Series({"x": 0, "y": 0}), "not all of them 0"),
        (pd.Series({"x": 1.5, "y": 0}), "no count"),
        (pd.Series({"x": np.nan, "y": 0}), "no count"),
        (pd.Series({"x": -1, "y": 0}), "no count"),
    ],
)
def test_one_unit_that_cannot_be_compared(counts: pd.Series, words: str) -> None:
    with pytest.raises(InputError, match=words):
        focal_orders(counts, "x")


def test_an_order_of_rates_against_the_binomial_test() -> None:
    firms, people = pd.Series({"a": 24, "b": 19}), pd.Series({"a": 1_067_905, "b": 122_595})
    (found,) = rate_orders(firms, people).itertuples()
    assert (found.larger, found.smaller, found.larger_count) == ("b", "a", 19)
    exposure = 122_595 / (1_067_905 + 122_595)
    one_sided = binomtest(19, 43, exposure, alternative="greater").pvalue
    assert found.p_value == pytest.approx(2 * one_sided)
    assert not found.could_be_chance


def test_orders_of_rates_refuse_what_they_cannot_use() -> None:
    firms, people = pd.Series({"a": 2, "b": 3}), pd.Series({"a": 10.0, "b": 20.0})
    assert len(rate_orders(firms, people.iloc[::-1])) == 1  # matched by label
    for bad, message in (
        (people.rename({"b": "c"}), "b, c stand in one of the two only"),
        (people * 0, "residents: 0 at a, b"),
        (-people, "residents: negative"),
        (people.mask(people > 15), "residents: missing at b"),
    ):
        with pytest.raises(InputError, match=message):
            rate_orders(firms, bad)
    for few in (firms * 0, firms.iloc[:1], firms / 2):
        with pytest.raises(InputError, match="two whole counts"):
            rate_orders(few, people[few.index])
    with pytest.raises(InputError, match="level 0"):
        rate_orders(firms, people, 0)
