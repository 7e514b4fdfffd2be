"""Spatial statistics beside those of PySAL, computed here and now (``make peers``).

Where conventions match, 1e-10; where they differ, the difference is stated. ``test_spatial`` keeps
numbers recorded from the same libraries, for machines that do not have them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from helpers.analysis import models, spatial
from helpers.analysis.shares import Cells
from helpers.evidence import tables

pytestmark = [
    pytest.mark.peers,
    # PySAL speaks of islands and of its own future by warnings.
    pytest.mark.filterwarnings("ignore:The weights matrix is not fully connected"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
Peer = Callable[[str], ModuleType]
Case = tuple[pd.DataFrame, pd.Series, pd.Series]
CLOSE = {"rel": 1e-10, "abs": 1e-10}


def provinces(rule: str) -> Case:
    """Links, little giants of batches 1-2 and GDP of 2018."""
    places = tables.load("places")
    counts = Cells(tables.load("province_counts"), places, "certified").table(1, 2)
    frame = models.covariate_frame(counts, tables.load("province_covariates"), places, 2018)
    links = spatial.contiguity(tables.load("contiguity"), frame.index, rule)
    return links, frame["firms_count"], frame["gdp_100m_cny"]


def made(seed: int) -> Case:
    """Synthetic counts on a random graph that has an island."""
    draw = np.random.default_rng(seed)
    units = [f"u{number:02d}" for number in range(12 + 9 * seed)]
    pairs = [pair for pair in combinations(units[:-1], 2) if draw.uniform() < 0.25]
    links = spatial.contiguity(pd.DataFrame(pairs, columns=["place_id", "neighbour_id"]), units)
    base = pd.Series(draw.uniform(5, 400, len(units)), index=units)
    return links, pd.Series(draw.poisson(0.4 * base), index=units), base


CASES = {
    "provinces, island kept": lambda: provinces("keep"),
    "provinces, island joined": lambda: provinces("nearest"),
    "random 1": lambda: made(1),
    "random 2": lambda: made(2),
    "random 3": lambda: made(3),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


def weights_of(peer: Peer, links: pd.DataFrame, style: str) -> Any:
    neighbours = {unit: list(row.index[row > 0]) for unit, row in links.iterrows()}
    found = peer("libpysal.weights").W(
        neighbours, id_order=list(links.index), silence_warnings=True
    )
    found.transform = style
    return found


def rng() -> np.random.Generator:
    return np.random.default_rng(20231231)


def test_weights(peer: Peer, case: Case) -> None:
    links = case[0]
    full, units = weights_of(peer, links, "r").full()
    ours = spatial.row_standardised(links).loc[units, units]
    np.testing.assert_allclose(ours, full, atol=1e-15)


def test_rates(peer: Peer, case: Case) -> None:
    """The empirical Bayes index; esda clips a negative variance as here."""
    _, counts, base = case
    other = peer("esda.smoothing").assuncao_rate(counts.to_numpy(float), base.to_numpy(float))
    assert spatial.standardised_rates(counts, base).tolist() == pytest.approx(other, **CLOSE)


@pytest.mark.parametrize("style", ["r", "b"])
def test_moran(peer: Peer, case: Case, style: str) -> None:
    """Equal statistics; p-values come from other random numbers and agree within their error.

    esda folds its p-value: it takes the smaller tail. Here the upper tail and twice the smaller are
    given.
    """
    links, counts, base = case
    weights = spatial.row_standardised(links) if style == "r" else links
    np.random.seed(7)
    for values in (spatial.rates(counts, base), spatial.standardised_rates(counts, base)):
        found = spatial.moran(values, weights, rng(), 4999)
        other = peer("esda").Moran(
            values.to_numpy(), weights_of(peer, links, style), transformation=style, permutations=4999
        )  # fmt: skip
        assert found.statistic == pytest.approx(other.I, **CLOSE)
        assert found.expectation == pytest.approx(other.EI, **CLOSE)
        assert min(found.p_two_sided / 2, 0.5) == pytest.approx(other.p_sim, abs=0.03)


def test_local_moran(peer: Peer, case: Case) -> None:
    """esda divides by n - 1 where Anselin (1995) divides by n; its quadrants are numbered 1 to 4.

    With an island in the sample esda's lag of it is 0 as here. Its p-value is the smaller tail, of
    which one leaves out ties; a unit with one or two neighbours has many, so that p-values are
    compared where there are three or more.
    """
    links, counts, base = case
    values = spatial.standardised_rates(counts, base)
    found = spatial.local_moran(values, spatial.row_standardised(links), rng(), 9999)
    other = peer("esda").Moran_Local(
        values.to_numpy(), weights_of(peer, links, "r"), permutations=9999, seed=7, keep_simulations=False
    )  # fmt: skip
    size = len(values)
    assert (found["statistic"] * (size - 1) / size).tolist() == pytest.approx(other.Is, **CLOSE)
    tested = (found["quadrant"] != "island").to_numpy()
    names = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    assert found["quadrant"][tested].tolist() == [names[q] for q in other.q[tested]]
    many = (links.sum(axis=1) >= 3).to_numpy()
    half = np.minimum(found["p_value"][many] / 2, 0.5)
    assert many.sum() >= 14
    assert half.tolist() == pytest.approx(other.p_sim[many], abs=0.03)


def test_false_discovery(peer: Peer, case: Case) -> None:
    """esda gives the largest p-value that may be called, here each unit says whether it is."""
    links, counts, base = case
    values = spatial.standardised_rates(counts, base)
    found = spatial.local_moran(values, spatial.row_standardised(links), rng(), 1999)
    tested = found[found["quadrant"] != "island"]
    for rate in (0.05, 0.3, 0.6):
        limit = peer("esda").fdr(tested["p_value"].to_numpy(), rate)
        called = multipletests(tested["p_value"], rate, method="fdr_bh")[0]
        again = spatial.local_moran(values, spatial.row_standardised(links), rng(), 1999, rate)
        assert again.loc[tested.index, "significant"].tolist() == called.tolist()
        if called.any():
            assert (tested["p_value"] <= limit).tolist() == called.tolist()
