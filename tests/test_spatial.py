"""Contiguity, Moran's I and its local form, against esda and against all arrangements."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from helpers.analysis.models import covariate_frame
from helpers.analysis.shares import Cells
from helpers.analysis.spatial import (
    among,
    contiguity,
    local_moran,
    moran,
    moran_table,
    rates,
    row_standardised,
    standardised_rates,
)
from helpers.errors import InputError
from helpers.evidence import tables

# Three by three units that share edges, and an island j.
UNITS = list("abcdefghij")
GRID = ["ab", "bc", "de", "ef", "gh", "hi", "ad", "be", "cf", "dg", "eh", "fi"]
VALUES = pd.Series([5.0, 3, 8, 1, 9, 2, 7, 4, 6, 10], index=UNITS)
BASE = pd.Series([10.0, 20, 15, 12, 30, 8, 25, 14, 9, 40], index=UNITS)


def pairs_of(pairs: Sequence[Sequence[str]]) -> pd.DataFrame:
    return pd.DataFrame([list(pair) for pair in pairs], columns=["place_id", "neighbour_id"])


def rng() -> np.random.Generator:
    return np.random.default_rng(20210101)


@pytest.fixture(scope="module")
def links() -> pd.DataFrame:
    return contiguity(pairs_of(GRID), UNITS)


@pytest.fixture(scope="module")
def provinces() -> pd.DataFrame:
    places = tables.load("places")
    counts = Cells(tables.load("province_counts"), places, "certified").table(1, 2)
    return covariate_frame(counts, tables.load("province_covariates"), places, 2018)


# --- The table of pairs --------------------------------------------------------------------------


def test_land_borders_of_the_provinces() -> None:
    """Number of neighbours of each province, as a second source counts them.

    Counts of "各省街坊大比拼" (zyzhuanghuang.com, 2023-10-12), Guangdong less Hong Kong and Macao.
    """
    places, pairs = tables.load("places"), tables.load("contiguity")
    provinces = places[places["level"] == "province"].set_index("place_id")["name_zh"]
    matrix = contiguity(pairs, provinces.index)
    assert matrix.shape == (31, 31)
    assert len(pairs) == 68
    assert (pairs["place_id"] < pairs["neighbour_id"]).all()
    stated = {
        8: "内蒙古 陕西", 7: "河北 四川", 6: "河南 湖北 湖南 甘肃 安徽 江西", 5: "浙江 重庆 贵州",
        4: "西藏 云南 广西 山西 山东 江苏 青海 广东", 3: "新疆 吉林 辽宁 福建 宁夏",
        2: "黑龙江 天津 上海 北京", 0: "海南",
    }  # fmt: skip
    expected = {name: number for number, names in stated.items() for name in names.split()}
    assert matrix.sum(axis=1).rename(provinces).astype(int).to_dict() == expected


@pytest.mark.parametrize(
    ("name", "neighbours"),
    [
        ("辽宁", "吉林 内蒙古 河北"),
        ("河北", "北京 天津 辽宁 内蒙古 山西 河南 山东"),
        ("重庆", "四川 贵州 湖南 湖北 陕西"),
        ("新疆", "西藏 青海 甘肃"),
        ("河南", "河北 山西 陕西 湖北 安徽 山东"),
        ("海南", ""),
    ],
)
def test_neighbours_by_name(name: str, neighbours: str) -> None:
    places = tables.load("places").query("level == 'province'").set_index("place_id")["name_zh"]
    matrix = contiguity(tables.load("contiguity"), places.index).rename(places, axis=0)
    matrix = matrix.rename(places, axis=1)
    assert set(matrix.columns[matrix.loc[name] == 1]) == set(neighbours.split())


def test_the_mainland_hangs_together() -> None:
    places = tables.load("places").query("level == 'province'")["place_id"]
    matrix = contiguity(tables.load("contiguity"), places, "nearest").to_numpy()
    assert (np.linalg.matrix_power(matrix + np.eye(31), 30) > 0).all()


# --- Weights -------------------------------------------------------------------------------------


def test_islands_are_kept_or_linked(links: pd.DataFrame) -> None:
    assert links.loc["e"].sum() == 4
    assert links.loc["a", ["b", "d"]].tolist() == [1, 1]
    assert (links == links.T).all(axis=None)
    assert links.loc["j"].sum() == 0
    linked = contiguity(pairs_of(GRID), UNITS, "nearest", {"j": "i"})
    assert linked.loc["j", "i"] == linked.loc["i", "j"] == 1
    assert linked.to_numpy().sum() == links.to_numpy().sum() + 2
    # A unit with neighbours is no island, whatever the rule names for it.
    assert contiguity(pairs_of(["ab", "bc"]), list("abc"), "nearest", {"a": "c"}).loc["a", "c"] == 0


def test_hainan_faces_guangdong() -> None:
    found = contiguity(pairs_of([("440000", "x")]), ["440000", "460000", "x"], "nearest")
    assert found.loc["460000", "440000"] == 1
    places = tables.load("places").query("level == 'province'")["place_id"]
    real = contiguity(tables.load("contiguity"), places, "nearest").loc["460000"]
    assert real[real == 1].index.tolist() == ["440000"]


def test_rows_add_up_to_one(links: pd.DataFrame) -> None:
    weights = row_standardised(links)
    assert weights.sum(axis=1).round(12).tolist() == [1.0] * 9 + [0.0]
    assert weights.loc["e", ["b", "d", "f", "h"]].tolist() == [0.25] * 4


# --- Moran's I -----------------------------------------------------------------------------------


def test_moran_by_hand() -> None:
    """Four units in a row with 1, 2, 3, 4: 2/5 with rows adding up to 1, 1/3 with plain links."""
    line = contiguity(pairs_of(["ab", "bc", "cd"]), list("abcd"))
    values = pd.Series([1.0, 2, 3, 4], index=list("abcd"))
    assert moran(values, row_standardised(line), rng()).statistic == pytest.approx(2 / 5, abs=1e-14)
    assert moran(values, line, rng()).statistic == pytest.approx(1 / 3, abs=1e-14)
    assert moran(values, line, rng()).expectation == -1 / 3


def test_moran_equals_esda(links: pd.DataFrame) -> None:
    """Literals from esda 2.9.0 with libpysal 4.14.1: Moran and Moran_Rate, the island kept."""
    weights = row_standardised(links)
    rate, index = rates(VALUES, BASE), standardised_rates(VALUES, BASE)
    for values, by_row, plain in (
        (VALUES, -0.5881032547699214, -0.6565656565656566),
        (rate, -0.44303749747273974, -0.38478034408731765),
        (index, -0.4619737471006371, -0.40672388737669224),
    ):
        assert moran(values, weights, rng()).statistic == pytest.approx(by_row, abs=1e-10)
        assert moran(values, links, rng()).statistic == pytest.approx(plain, abs=1e-10)


def test_standardised_rates_equal_esda() -> None:
    """Literals from esda 2.9.0, smoothing.assuncao_rate, and the example of its documentation."""
    esda = [1.095388618928114, -1.1181529023399024, 1.5304120875023641, -1.2947313629938615,
            -0.0047709855401987826, -0.2506464121781399, -0.16708258868744694,
            -0.09462834365768102, 1.9165115757852067, -0.49062964137314535]  # fmt: skip
    assert standardised_rates(VALUES, BASE).tolist() == pytest.approx(esda, abs=1e-10)
    cases = pd.Series([30, 25, 25, 15, 33, 21, 30, 20])
    risk = pd.Series([100, 100, 110, 90, 100, 90, 110, 90])
    printed = [1.03843594, -0.04099089, -0.56250375, -1.73061861]
    assert standardised_rates(cases, risk).tolist()[:4] == pytest.approx(printed, abs=1e-8)


def test_permutations_reach_every_arrangement() -> None:
    """With five units all 120 arrangements are known; the random ones approach them."""
    units = list("abcde")
    weights = row_standardised(contiguity(pairs_of(["ab", "bc", "cd", "be"]), units))
    values = pd.Series([1.0, 2, 5, 4, 9], index=units)
    found = moran(values, weights, rng(), 20_000)
    every = [moran(pd.Series(p, index=units), weights, rng(), 99).statistic for p in permutations(values)]  # fmt: skip
    greater = np.mean([value >= found.statistic - 1e-12 for value in every])
    smaller = np.mean([value <= found.statistic + 1e-12 for value in every])
    assert np.mean(every) == pytest.approx(found.expectation, abs=1e-12)
    assert found.p_greater == pytest.approx(greater, abs=0.015)
    assert found.p_two_sided == pytest.approx(min(1, 2 * min(greater, smaller)), abs=0.03)


def test_a_clear_pattern_and_a_chessboard() -> None:
    units = [f"{row}{column}" for row in range(6) for column in range(6)]
    pairs = [(f"{r}{c}", f"{r}{c + 1}") for r in range(6) for c in range(5)]
    pairs += [(f"{r}{c}", f"{r + 1}{c}") for r in range(5) for c in range(6)]
    frame = pd.DataFrame(pairs, columns=["place_id", "neighbour_id"])
    weights = row_standardised(contiguity(frame, units))
    slope = pd.Series([float(unit[0]) + 0.01 * float(unit[1]) for unit in units], index=units)
    board = pd.Series([float((int(u[0]) + int(u[1])) % 2) for u in units], index=units)
    up, down = moran(slope, weights, rng()), moran(board, weights, rng())
    assert up.statistic > 0.8
    assert up.p_greater == 1 / 1000
    assert up.p_two_sided == 2 / 1000
    assert down.statistic == pytest.approx(-1)
    assert down.p_greater == 1
    assert down.p_two_sided == 2 / 1000


@settings(max_examples=25)
@given(
    st.lists(st.integers(-50, 50), min_size=10, max_size=10).filter(lambda v: len(set(v)) > 1),
    st.floats(0.5, 9), st.floats(-9, 9), st.permutations(UNITS),
)  # fmt: skip
def test_scale_and_order_leave_moran_alone(
    numbers: list[int], factor: float, shift: float, order: list[str]
) -> None:
    links = contiguity(pairs_of(GRID), UNITS)
    values = pd.Series(numbers, index=UNITS, dtype=float)
    first = moran(values, row_standardised(links), rng(), 99)
    other = contiguity(pairs_of([pair[::-1] for pair in GRID[::-1]]), order)
    again = moran(values * factor + shift, row_standardised(other), rng(), 99)
    assert again.statistic == pytest.approx(first.statistic, abs=1e-9)
    assert -1.2 <= first.statistic <= 1.2


def test_the_same_seed_gives_the_same_numbers(links: pd.DataFrame) -> None:
    weights = row_standardised(links)
    assert moran(VALUES, weights, rng()) == moran(VALUES, weights, rng())
    pd.testing.assert_frame_equal(
        local_moran(VALUES, weights, rng(), 199), local_moran(VALUES, weights, rng(), 199)
    )
    assert moran(VALUES, weights, rng()).islands == ("j",)


# --- Local Moran ---------------------------------------------------------------------------------


def test_local_moran_equals_esda(links: pd.DataFrame) -> None:
    """Literals from esda 2.9.0: Moran_Local divides by n - 1 where Anselin (1995) divides by n."""
    esda = [0.19090909090909094, -0.5, -0.8181818181818181, -0.7363636363636364,
            -1.1454545454545457, -0.8272727272727272, -0.4909090909090909, -0.3,
            -0.13636363636363638, 0.0]  # fmt: skip
    found = local_moran(VALUES, row_standardised(links), rng(), 99)
    assert (found["statistic"] * 9 / 10).tolist() == pytest.approx(esda, abs=1e-10)
    names = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    quadrants = [names[q] for q in (3, 2, 4, 2, 4, 2, 4, 2, 4)] + ["island"]
    assert found["quadrant"].tolist() == quadrants


def test_local_p_values_by_enumeration(links: pd.DataFrame) -> None:
    """All sets of neighbours a unit could have had, each as likely as the next.

    The one-sided p-values of esda leave out ties in one tail and are smaller where there are many;
    for the island, whose lag is 0 in every arrangement, it reports the smallest possible p-value.
    """
    found = local_moran(VALUES, row_standardised(links), rng(), 20_000)
    for unit in UNITS[:-1]:
        around = links.columns[links.loc[unit] == 1]
        sums = [sum(some) for some in combinations(VALUES.drop(unit), len(around))]
        observed = VALUES[around].sum()
        tails = [np.mean([s >= observed for s in sums]), np.mean([s <= observed for s in sums])]
        exact = min(1.0, 2 * min(tails))
        assert found.loc[unit, "p_value"] == pytest.approx(exact, abs=0.025), unit


def test_local_moran_adds_up_to_the_global(links: pd.DataFrame) -> None:
    weights = row_standardised(links)
    local = local_moran(VALUES, weights, rng(), 99)["statistic"]
    assert local.sum() / 9 == pytest.approx(moran(VALUES, weights, rng()).statistic, abs=1e-12)


def test_a_unit_keeps_its_own_value() -> None:
    """Conditional permutation: of four units in a ring, each has three possible pairs around it."""
    ring = row_standardised(contiguity(pairs_of(["ab", "bc", "cd", "ad"]), list("abcd")))
    values = pd.Series([10.0, 1, 2, 5], index=list("abcd"))
    found = local_moran(values, ring, rng(), 9999)
    # Around a: {1, 2}, {1, 5} (observed) or {2, 5}: two of three are at least and at most as large.
    assert found.loc["a", "p_value"] == 1.0
    # Around d: {10, 2} observed, {10, 1} and {1, 2} the others: it is the largest, one in three.
    assert found.loc["d", "p_value"] == pytest.approx(2 / 3, abs=0.03)


def test_islands_are_not_tested(links: pd.DataFrame) -> None:
    found = local_moran(VALUES, row_standardised(links), rng(), 999)
    assert found.loc["j", ["lag", "statistic", "p_value", "p_adjusted"]].tolist() == [0, 0, 1, 1]
    assert not found.loc["j", "significant"]
    peer = multipletests(found["p_value"].drop("j"), method="fdr_bh")[1]
    assert found["p_adjusted"].drop("j").tolist() == pytest.approx(peer)


def test_false_discoveries_are_held_down() -> None:
    """Eight clubs of five units that border on one another; the values of the first are high."""
    units = [f"{club}{member}" for club in range(8) for member in range(5)]
    pairs = [(a, b) for a, b in combinations(units, 2) if a[0] == b[0]]
    weights = row_standardised(contiguity(pairs_of(pairs), units))
    values = pd.Series(rng().normal(size=40), index=units)
    values[:5] += 6
    found = local_moran(values, weights, rng(), 999)
    called = found.index[found["significant"]]
    assert called.tolist() == units[:5]
    assert (found.loc[called, "quadrant"] == "high-high").all()
    assert (found.loc[called, "p_value"] == 2 / 1000).all()
    assert (found["p_value"] <= 0.05).sum() > 5
    # Five of forty at the smallest p-value: adjusted it is eight times as large.
    assert found.loc[called, "p_adjusted"].tolist() == pytest.approx([0.016] * 5)
    assert not local_moran(values, weights, rng(), 999, 0.015)["significant"].any()


# --- The provinces -------------------------------------------------------------------------------


def test_little_giants_per_gdp_show_no_clear_pattern(provinces: pd.DataFrame) -> None:
    """Literals from esda 2.9.0 with libpysal 4.14.1, batches 1-2 per GDP of 2018."""
    rate = rates(provinces["firms_count"], provinces["gdp_100m_cny"])
    index = standardised_rates(provinces["firms_count"], provinces["gdp_100m_cny"])
    pairs = tables.load("contiguity")
    for rule, raw, bayes, liaoning in (
        ("keep", 0.0541089198067309, 0.06576493901249321, -0.31098276278976494),
        ("nearest", 0.07448255560364461, 0.09017309544078159, -0.31098276278976494),
    ):
        weights = row_standardised(contiguity(pairs, provinces.index, rule))
        found = moran(rate, weights, rng())
        assert found.statistic == pytest.approx(raw, abs=1e-10)
        assert moran(index, weights, rng()).statistic == pytest.approx(bayes, abs=1e-10)
        assert found.islands == (("460000",) if rule == "keep" else ())
        assert found.p_two_sided > 0.1
        local = local_moran(rate, weights, rng())
        assert local.loc["210000", "statistic"] * 30 / 31 == pytest.approx(liaoning, abs=1e-10)
        assert not local["significant"].any()


def test_permutations_are_fast(provinces: pd.DataFrame) -> None:
    rate = rates(provinces["firms_count"], provinces["gdp_100m_cny"])
    weights = row_standardised(contiguity(tables.load("contiguity"), provinces.index))
    start = time.process_time()
    moran(rate, weights, rng(), 999)
    local_moran(rate, weights, rng(), 999)
    assert time.process_time() - start < 0.5


# --- Several variables at once -------------------------------------------------------------------


def test_table_of_variables_and_rules(links: pd.DataFrame) -> None:
    variables = {"value": VALUES, "rate": rates(VALUES, BASE)}
    table = moran_table(variables, pairs_of(GRID), rng(), 199, {"j": "i"})
    assert table["variable"].tolist() == ["value"] * 2 + ["rate"] * 2
    assert table["islands"].tolist() == ["keep", "nearest"] * 2
    assert (table["units_count"] == 10).all() and (table["permutations"] == 199).all()
    linked = row_standardised(contiguity(pairs_of(GRID), UNITS, "nearest", {"j": "i"}))
    for row in table.itertuples():
        weights = row_standardised(links) if row.islands == "keep" else linked
        assert row.statistic == moran(variables[row.variable], weights, rng()).statistic


def test_units_that_are_left_out_take_their_borders_along() -> None:
    """Without b the unit a is an island that nothing is named for: its rule has no rows."""
    values = VALUES.drop(["b", "d"])
    assert set(among(pairs_of(GRID), values.index)["place_id"]) == set("cefgh")
    table = moran_table({"x": values}, pairs_of(GRID), rng(), 99, {"j": "i"})
    assert table["islands"].tolist() == ["keep"]
    # Nor can j be joined to a unit that is itself left out.
    table = moran_table({"x": VALUES.drop("i")}, pairs_of(GRID), rng(), 99, {"j": "i"})
    assert table["islands"].tolist() == ["keep"]
    with pytest.raises(InputError, match="give one or more"):
        moran_table({}, pairs_of(GRID), rng())
    with pytest.raises(InputError, match="no unit has a neighbour"):
        moran_table({"x": VALUES[["a", "i", "j"]]}, pairs_of(GRID), rng())
    with pytest.raises(InputError, match="j missing"):
        moran_table({"x": VALUES, "y": VALUES.drop("j")}, pairs_of(GRID), rng(), 99, {"j": "i"})


# --- Bad input -----------------------------------------------------------------------------------

LINE = contiguity(pairs_of(["ab", "bc"]), list("abc"))
ABC = pd.Series([1.0, 2, 4], index=list("abc"))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: contiguity(pairs_of(["ab"]), ["a", "b"]), "three or more"),
        (lambda: contiguity(pairs_of(["ab"]), ["a", "b", "b"]), "each once"),
        (lambda: contiguity(pairs_of(["ab", "ba"]), list("abc")), "b and a stand twice"),
        (lambda: contiguity(pairs_of(["ab", "ab"]), list("abc")), "a and b stand twice"),
        (lambda: contiguity(pairs_of(["aa"]), list("abc")), "a borders on itself"),
        (lambda: contiguity(pairs_of(["ax"]), list("abc")), "x not among the units"),
        (lambda: contiguity(pairs_of(["ab"]).assign(neighbour_id=None), list("abc")), "not among"),
        (lambda: contiguity(pairs_of(["ab"]), list("abc"), "drop"), "known are keep, nearest"),
        (lambda: contiguity(pairs_of(["ab"]), list("abc"), "nearest"), "for the island c"),
        (lambda: contiguity(pairs_of(["ab"]), list("abc"), "nearest", {"c": "c"}), "island c"),
        (lambda: contiguity(pairs_of([]), list("abc")), "no unit has a neighbour"),
        (lambda: row_standardised(LINE.loc[["b", "a", "c"]]), "same units in one order"),
        (lambda: row_standardised(LINE * 0), "not all of them 0"),
        (lambda: row_standardised(-LINE), "weights from 0"),
        (lambda: row_standardised(LINE * np.nan), "finite weights"),
        (lambda: row_standardised(LINE + np.eye(3)), "diagonal"),
        (lambda: row_standardised(LINE.loc[["a"], ["a"]]), "1 units"),
        (lambda: moran(ABC.drop("c"), LINE, rng()), "none too many, c missing"),
        (lambda: moran(ABC.rename({"c": "z"}), LINE, rng()), "z too many, c missing"),
        (lambda: moran(ABC.rename({"c": "b"}), LINE, rng()), "b stand twice"),
        (lambda: moran(ABC.where(ABC > 1), LINE, rng()), "values: a missing or infinite"),
        (lambda: moran(ABC * 0 + 0.1, LINE, rng()), "all are equal"),
        (lambda: moran(ABC * 0, LINE, rng()), "all are equal"),
        (lambda: moran(ABC, LINE, rng(), 9), "permutations 9: give 99"),
        (lambda: local_moran(ABC, LINE, rng(), 9), "permutations 9"),
        (lambda: local_moran(ABC, LINE, rng(), 99, 1.5), "false_discovery_rate 1.5"),
        (lambda: local_moran(ABC.drop("a"), LINE, rng()), "a missing"),
        (lambda: rates(ABC, ABC.drop("a")), "base: not the same units: none too many, a missing"),
        (lambda: rates(ABC, ABC * 0), "base: a, b, c is 0"),
        (lambda: rates(ABC * 0, ABC), "counts: all are 0"),
        (lambda: rates(-ABC, ABC), "counts: a, b, c negative"),
        (lambda: rates(ABC.where(ABC > 1), ABC), "counts: a missing"),
        (lambda: rates(ABC, ABC.where(ABC > 1)), "base: a missing"),
        (lambda: rates(ABC.rename({"c": "b"}), ABC), "counts: b stand twice"),
        (lambda: standardised_rates(ABC, -ABC), "positive base"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


def test_values_are_matched_by_label() -> None:
    shuffled = ABC.iloc[[2, 0, 1]]
    assert moran(shuffled, LINE, rng()).statistic == moran(ABC, LINE, rng()).statistic
    assert local_moran(shuffled, LINE, rng(), 99)["value"].tolist() == [1, 2, 4]
    assert rates(ABC, shuffled).tolist() == [1, 1, 1]
