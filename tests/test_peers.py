"""Statistics of regional analysis beside those of other libraries, computed here and now.

Run by ``make peers``. Where conventions match, 1e-10; where they differ, the difference is stated.
The inputs are the little giants of batches 1-2 by province and random counts with unequal groups.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from helpers.analysis import concentration as con
from helpers.analysis import decomposition, mobility, shares
from helpers.evidence import tables

pytestmark = pytest.mark.peers
Peer = Callable[[str], ModuleType]
CLOSE = {"rel": 1e-10, "abs": 1e-10}


def provinces() -> pd.Series:
    """Little giants of batches 1-2 by provincial unit."""
    cells = shares.Cells(tables.load("province_counts"), tables.load("places"), "certified")
    return cells.table(1, 2).set_index("place_id")["firms_count"].astype("int64")


def samples(least: int) -> list[pd.Series]:
    """The provinces with `least` firms or more, and four random sets of counts not below it."""
    random = np.random.default_rng(20231231)
    made = [
        pd.Series(random.integers(least, top, units), index=[f"u{n}" for n in range(units)])
        for units, top in ((2, 5), (14, 30), (31, 400), (297, 2_000))
    ]
    known = provinces()
    return [known[known >= least], *made]


@pytest.mark.parametrize("number", range(5))
def test_inequality(peer: Peer, number: int) -> None:
    peer("inequality")
    counts = samples(1)[number]
    values = counts.to_numpy(dtype=float)
    gini = peer("inequality.gini").Gini(values).g
    assert con.gini(counts) == pytest.approx(gini, **CLOSE)
    units = len(counts)
    # PySAL has the population convention; the sample one is larger by n / (n - 1).
    assert con.gini(counts, "sample") == pytest.approx(gini * units / (units - 1), **CLOSE)
    assert con.theil(counts) == pytest.approx(peer("inequality.theil").Theil(values).T, **CLOSE)
    for epsilon in (0.5, 1, 2):
        # Its function wants whole-number division to be harmless, hence floats.
        other = peer("inequality.atkinson").atkinson(values, epsilon)
        assert con.atkinson(counts, epsilon) == pytest.approx(other, **CLOSE)


@pytest.mark.parametrize("number", range(1, 5))
def test_inequality_between_and_within(peer: Peer, number: int) -> None:
    counts = samples(1)[number]
    groups = [f"g{min(position % 5, position % 3)}" for position in range(len(counts))]
    other = peer("inequality.theil").TheilD(counts.to_numpy(dtype=float), np.array(groups))
    parts = con.theil_decomposition(counts, pd.Series(groups, index=counts.index))
    assert parts.between == pytest.approx(float(np.ravel(other.bg)[0]), **CLOSE)
    assert parts.within == pytest.approx(float(np.ravel(other.wg)[0]), **CLOSE)


def test_inequality_of_the_regions(peer: Peer) -> None:
    counts = samples(1)[0]
    region = tables.load("places").set_index("place_id")["region"].reindex(counts.index)
    other = peer("inequality.theil").TheilD(counts.to_numpy(dtype=float), region.to_numpy(str))
    parts = con.theil_decomposition(counts, region)
    assert parts.between == pytest.approx(float(np.ravel(other.bg)[0]), **CLOSE)
    assert parts.within == pytest.approx(float(np.ravel(other.wg)[0]), **CLOSE)


def test_zeros_are_treated_differently(peer: Peer) -> None:
    counts = [0, 3, 5, 12]
    # PySAL puts a very small number in place of a zero; the limit of s ln s is 0.
    theil = peer("inequality.theil").Theil(np.array(counts, dtype=float)).T
    assert con.theil(counts) == pytest.approx(theil, abs=1e-12)
    # It leaves the zero out of the count of units in no index.
    assert con.theil(counts) != pytest.approx(con.theil(counts[1:]), abs=0.1)


@pytest.mark.parametrize("number", range(5))
def test_econcomplex_concentration(peer: Peer, number: int) -> None:
    module = peer("econcomplex.inequality.concentration")
    counts = samples(0 if number else 1)[number]
    row = counts.to_numpy(dtype=float)[None, :]
    raw = float(module.herfindahl(row, normalize=False)[0])
    # The default of that library is the normalised form under the name of the raw one.
    normalised = float(module.herfindahl(row)[0])
    assert con.herfindahl(counts) == pytest.approx(raw, **CLOSE)
    assert con.herfindahl_normalised(counts) == pytest.approx(normalised, **CLOSE)
    assert raw != pytest.approx(normalised, abs=1e-4)
    # Bits there, nats here.
    bits = float(module.shannon_entropy(row)[0])
    assert con.shannon_entropy(counts) == pytest.approx(bits * math.log(2), **CLOSE)
    reference = np.arange(1, len(counts) + 1, dtype=float)
    # Per cent there; half the Krugman index.
    moved = float(module.hoover_index(counts.to_numpy(dtype=float)[:, None], reference)[0]) / 100
    assert con.dissimilarity_index(counts, reference) == pytest.approx(moved, **CLOSE)
    assert con.krugman_index(counts, reference) == pytest.approx(2 * moved, **CLOSE)
    gini = peer("econcomplex.inequality.gini").gini(counts)
    assert con.gini(counts) == pytest.approx(gini, **CLOSE)


def test_econcomplex_location_quotient(peer: Peer) -> None:
    counts = provinces().drop("XPCC")
    people = tables.load("province_population").set_index("place_id")["residents_count"]
    people = people.reindex(counts.index)
    found = decomposition.location_quotients(counts, people)
    # Its quotient is that of a cell in a table of several columns: little giants and a second
    # column that tops the rows up to the population make the row totals proportional to it.
    scale = float((counts / people).max()) * 2
    table = np.column_stack([counts, people * scale - counts]).astype(float)
    other = peer("econcomplex.specialization.location_quotient").location_quotient(table)
    assert found["lq"].to_numpy() == pytest.approx(np.asarray(other)[:, 0], **CLOSE)


def test_scipy_and_statsmodels(peer: Peer) -> None:
    """Not extra libraries, so these run with the peers only to have all of them in one place."""
    stats, proportion = peer("scipy.stats"), peer("statsmodels.stats.proportion")
    from helpers.analysis import intervals

    counts = provinces()
    people = tables.load("province_population").set_index("place_id")["residents_count"]
    both = pd.concat([counts, people], axis=1).dropna()
    tau = mobility.kendall_tau(both["firms_count"], both["residents_count"])
    other = stats.kendalltau(both["firms_count"], both["residents_count"])
    assert (tau.tau, tau.p_value) == pytest.approx((other.statistic, other.pvalue), **CLOSE)
    assert con.shannon_entropy(counts) == pytest.approx(stats.entropy(counts), **CLOSE)
    table = intervals.share_intervals(counts.to_dict())
    low, high = proportion.proportion_confint(counts, counts.sum(), method="wilson")
    assert table["wilson_low"].to_numpy() == pytest.approx(np.asarray(low), **CLOSE)
    assert table["wilson_high"].to_numpy() == pytest.approx(np.asarray(high), **CLOSE)
    joint = proportion.multinomial_proportions_confint(counts, method="goodman")
    assert table[["joint_low", "joint_high"]].to_numpy() == pytest.approx(joint, **CLOSE)
