"""Funnel limits, against the exact Poisson distribution, arithmetic by hand and simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.analysis.funnel_plot import LEVELS, funnel, name_of
from helpers.errors import InputError

COUNTS = pd.Series([4, 9, 60], index=list("abc"))
BASE = pd.Series([10.0, 20, 30], index=list("abc"))


def test_by_hand() -> None:
    """Target 73 / 60; z = 2 (sqrt(count) - sqrt(target base)); limits on the square-root scale."""
    found = funnel(COUNTS, BASE, winsorised=0)
    assert found.target == pytest.approx(73 / 60)
    z = [2 * (n**0.5 - (73 / 60 * size) ** 0.5) for n, size in zip(COUNTS, BASE, strict=True)]
    assert found.units["z"].tolist() == pytest.approx(z)
    phi = sum(value**2 for value in z) / 3
    assert found.dispersion == found.inflation == pytest.approx(phi)
    assert found.units["z_adjusted"].tolist() == pytest.approx([v / phi**0.5 for v in z])
    limit = found.limits([25.0]).iloc[0]
    half = 1.959963984540054 * phi**0.5 / (2 * 5)
    assert limit["high 95%"] == pytest.approx(((73 / 60) ** 0.5 + half) ** 2)
    assert limit["low 95%"] == pytest.approx(max(0, (73 / 60) ** 0.5 - half) ** 2)
    assert found.units["rate"].tolist() == pytest.approx([0.4, 0.45, 2])


def test_limits_are_those_of_poisson_counts_where_only_chance_is_at_work() -> None:
    """With large expected counts the limits lie within one firm of the exact quantiles."""
    found = funnel(pd.Series([98, 205, 399, 800]), pd.Series([100.0, 200, 400, 800]))
    assert found.inflation == 1
    sizes = np.array([150.0, 300, 600])
    limits = found.limits(sizes)
    mean = found.target * sizes
    for level in LEVELS:
        tail = (1 - level) / 2
        low, high = stats.poisson.ppf(tail, mean), stats.poisson.isf(tail, mean)
        # The square root leaves out a skewness of a firm or two at 99.8 per cent.
        lower, upper = (limits[f"{side} {name_of(level)}"] * sizes for side in ("low", "high"))
        assert lower.tolist() == pytest.approx(low.tolist(), abs=2.1)
        assert upper.tolist() == pytest.approx(high.tolist(), abs=2.1)


def test_position_agrees_with_the_limits() -> None:
    draw = np.random.default_rng(4)
    sizes = pd.Series(draw.uniform(5, 300, 60))
    found = funnel(pd.Series(draw.poisson(2 * sizes * draw.gamma(8, 1 / 8, 60))), sizes)
    assert found.inflation > 1.5
    limits = found.limits(sizes)
    above = found.units["rate"].to_numpy() > limits["high 95%"]
    below = found.units["rate"].to_numpy() < limits["low 95%"]
    far = found.units["rate"].to_numpy() > limits["high 99.8%"]
    positions = found.units["position"]
    assert 0 < (above | below).sum() < 12
    assert positions.str.startswith("above").tolist() == above.tolist()
    assert positions.str.startswith("below").tolist() == below.tolist()
    assert (positions == "above 99.8%").tolist() == far.tolist()


def test_few_false_alarms() -> None:
    """Counts of one common rate: about one in twenty lies beyond the limits of 95 per cent."""
    draw = np.random.default_rng(5)
    sizes = pd.Series(draw.uniform(20, 300, 2000))
    found = funnel(pd.Series(draw.poisson(3 * sizes)), sizes)
    assert (found.units["position"] != "within").mean() == pytest.approx(0.05, abs=0.015)
    # Winsorising a tenth at each end keeps less than the full variance of the normal distribution.
    assert 0.6 < found.dispersion < 1


def test_an_outlier_does_not_hide_itself() -> None:
    sizes = pd.Series(np.linspace(50, 500, 30))
    counts = (2 * sizes).round().astype(int)
    counts.iloc[3] = 400
    kept = funnel(counts, sizes)
    assert kept.units["position"].iloc[3] == "above 99.8%"
    assert kept.dispersion < funnel(counts, sizes, winsorised=0).dispersion / 5


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 500), min_size=3, max_size=20).filter(any),
    st.floats(0.01, 1000),
)
def test_the_unit_of_the_base_does_not_matter(counts: list[int], factor: float) -> None:
    numbers = pd.Series(counts)
    sizes = pd.Series(np.arange(1.0, len(counts) + 1))
    one, two = funnel(numbers, sizes), funnel(numbers, sizes * factor)
    assert two.units["z"].to_numpy() == pytest.approx(one.units["z"].to_numpy(), abs=1e-6)
    assert two.target * factor == pytest.approx(one.target)
    high = (one.limits([2.0]), two.limits([2.0 * factor]))
    assert high[1]["high 95%"][0] * factor == pytest.approx(high[0]["high 95%"][0])


def test_units_are_matched_by_label() -> None:
    shuffled = BASE.iloc[[2, 0, 1]]
    pd.testing.assert_frame_equal(funnel(COUNTS, shuffled).units, funnel(COUNTS, BASE).units)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: funnel(COUNTS * 0, BASE), "all are 0"),
        (lambda: funnel(-COUNTS, BASE), "negative"),
        (lambda: funnel(COUNTS.where(COUNTS > 5), BASE), "counts: a missing"),
        (lambda: funnel(COUNTS, BASE.drop("a")), "a missing"),
        (lambda: funnel(COUNTS, BASE * 0), "positive base"),
        (lambda: funnel(COUNTS[:2], BASE[:2]), "2 units; a funnel needs three"),
        (lambda: funnel(COUNTS[:1], BASE[:1]), "1 units"),
        (lambda: funnel(COUNTS, BASE, [1.2]), "levels"),
        (lambda: funnel(COUNTS, BASE, []), "levels"),
        (lambda: funnel(COUNTS, BASE, winsorised=0.5), "winsorised 0.5"),
        (lambda: funnel(COUNTS, BASE).limits([0.0]), "positive, finite"),
        (lambda: funnel(COUNTS, BASE).limits([np.nan]), "positive, finite"),
    ],
)
def test_bad_input(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
