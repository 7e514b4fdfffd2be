"""Indices of concentration: known answers, other libraries' answers, and what must always hold."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis import concentration as con
from helpers.errors import InputError

# GDP per head of the 32 Mexican states, 1940 to 2000, and their regions (hanson98): the example
# data "mexico" of libpysal 4.14.1.
MEXICO = """
10384 6234 8714 16078 21022 20787 27782 2
22361 20977 17865 25321 29283 26839 29855 1
9573 16013 16707 24384 29038 25842 26103 2
3758 4929 5925 10274 12166 51123 36163 5
2934 4138 5280 7015 16200 8637 8684 5
8578 13997 16265 19178 23399 25332 30735 1
8537 9673 12318 20562 25688 26084 28460 1
6909 6049 6036 12551 17427 18313 21358 3
17816 17119 23174 32386 42028 43810 54349 4
12132 8859 9323 12700 16726 17353 17379 2
4359 5686 8209 11635 13864 13607 15585 3
2181 3629 4991 6497 8727 9084 11820 5
4414 5194 6399 7767 12391 13091 12348 3
5309 8232 9953 16288 20659 20133 21610 3
3408 4972 9053 17164 20165 18547 16322 4
3327 5272 5244 8109 11206 10980 11838 3
6936 8962 10499 13892 16513 17701 18170 3
4836 7515 7621 10880 13354 12757 11478 2
9073 11490 20117 28206 34856 34726 38672 1
1892 4538 4140 5230 7730 8465 9010 5
3569 6415 6542 9775 13374 11895 15685 3
11016 5560 7110 14073 20088 22441 26149 3
21965 28747 9677 17046 26695 25049 33442 5
4372 7533 6440 9721 12691 15436 15866 2
4840 6663 9613 14477 15312 15823 15242 2
6399 10345 12134 22662 23181 24784 24068 1
2459 3857 6494 9367 42361 16055 13360 5
7508 8536 8383 17128 21937 19983 23546 1
3605 4178 4357 6245 9882 10339 11701 3
5203 10143 11404 12240 14252 13796 12191 3
7990 8428 10067 11665 15239 13979 17509 5
3734 6435 5821 7426 8876 11656 11130 2
"""
STATES = np.array([row.split() for row in MEXICO.strip().splitlines()], dtype=int)
INCOMES, REGIONS = STATES[:, :7].T, STATES[:, 7].tolist()

# Computed with inequality 1.1.2 (PySAL) on INCOMES: Theil, TheilD, Gini, atkinson.
PEER_THEIL = [
    0.20894344230358594, 0.1522245052653124, 0.10472941488245856, 0.10194724969688372,
    0.09560112758525616, 0.1051125639798185, 0.10660832349588023,
]  # fmt: skip
PEER_BETWEEN = [
    0.03458890004670405, 0.028168529078722478, 0.05260921482184199, 0.05931219111227932,
    0.032052570973453376, 0.029637312183149408, 0.03635871887968048,
]  # fmt: skip
PEER_WITHIN = [
    0.1743545422568819, 0.12405597618658992, 0.0521202000606165, 0.0426350585846044,
    0.06354855661180278, 0.07547525179666909, 0.07024960461619975,
]  # fmt: skip
PEER_GINI = [
    0.3537237117345285, 0.29644613439022827, 0.2537183285655905, 0.25513356494927303,
    0.24505338049421577, 0.25181825879538217, 0.2581130824882791,
]  # fmt: skip
PEER_ATKINSON = {
    0.5: [
        0.0984322239880091, 0.07022302459344376, 0.05021939009482512, 0.05033171116933932,
        0.046629693790707916, 0.05024340914921366, 0.05167516026049024,
    ],
    1: [
        0.1836800569549023, 0.1290731902858595, 0.09577945552818234, 0.09877557227522438,
        0.09054415555059259, 0.09582365769974721, 0.09959177076433223,
    ],
    2: [
        0.3155980580204617, 0.21831512453058066, 0.17246506560783725, 0.18695069363535077,
        0.1688411739760015, 0.173654146374295, 0.18224963451898257,
    ],
    3.5: [
        0.4420903334551449, 0.3048509737262838, 0.2565925736956681, 0.29181794432493957,
        0.26190720867212136, 0.2620170252138895, 0.27370520253103237,
    ],
}  # fmt: skip

close = pytest.approx
exactly = {"rel": 1e-10, "abs": 1e-12}

INDICES: dict[str, Callable[[object], float]] = {
    "cr1": lambda x: con.concentration_ratio(x, 1),
    "cr3": lambda x: con.concentration_ratio(x, 3),
    "hhi": con.herfindahl,
    "hhi_normalised": con.herfindahl_normalised,
    "gini": con.gini,
    "gini_sample": lambda x: con.gini(x, "sample"),
    "theil": con.theil,
    "atkinson_0.5": lambda x: con.atkinson(x, 0.5),
    "atkinson_1": lambda x: con.atkinson(x, 1),
    "atkinson_2": lambda x: con.atkinson(x, 2),
    "entropy": con.shannon_entropy,
    "entropy_normalised": con.shannon_entropy_normalised,
}
FALLING = ("entropy", "entropy_normalised")  # the larger, the less concentrated

several_counts = st.lists(st.integers(0, 400), min_size=2, max_size=40).filter(any)


# --- Known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (con.gini([1, 2, 3, 4]), 0.25),
        (con.theil([1, 2, 3, 4]), 0.106440),
        (con.atkinson([10, 20, 30, 40, 50], 0.5), 0.06315),
        (con.atkinson([10, 20, 30, 40, 50], 1), 0.13161),
        # Doersam (2004), as in the documentation of the R package REAT.
        (con.gini([20, 50, 20, 10]), 0.3),
        (con.gini([20, 50, 20, 10], "sample"), 0.4),
        (con.herfindahl([20, 50, 20, 10]), 0.34),
        (con.herfindahl_normalised([20, 50, 20, 10]), 0.12),
        # Farhauer and Kroell (2013), as in the same documentation.
        (con.krugman_index([20, 10, 70, 0, 0], [0, 0, 0, 60, 40]), 2),
        (con.krugman_index([1, 1], [3, 1]), 0.5),
        (con.dissimilarity_index([1, 1], [3, 1]), 0.25),
        (con.shannon_entropy([1, 1, 2]), 1.5 * math.log(2)),
        (con.shannon_entropy_normalised([1, 1, 0, 0]), 0.5),
        (con.concentration_ratio([3, 50, 30, 0, 17], 2), 0.8),
        (con.concentration_ratio([3, 4], 9), 1),
    ],
)
def test_known_answers(found: float, expected: float) -> None:
    assert found == close(expected, abs=5.1e-6)


def test_regional_gdp_of_germany() -> None:
    """Gini of the 16 states, 2015, in the documentation of the R package REAT."""
    gdp = [
        460.69, 549.19, 124.16, 65.29, 31.59, 109.27, 263.44, 39.87, 258.53, 645.59, 131.95, 35.03,
        112.66, 56.22, 85.61, 56.81,
    ]  # fmt: skip
    assert con.gini(gdp) == close(0.5009, abs=5e-5)


@pytest.mark.parametrize("year", range(7))
def test_agrees_with_inequality(year: int) -> None:
    incomes = INCOMES[year]
    assert con.theil(incomes) == close(PEER_THEIL[year], **exactly)
    assert con.gini(incomes) == close(PEER_GINI[year], **exactly)
    for epsilon, expected in PEER_ATKINSON.items():
        assert con.atkinson(incomes, epsilon) == close(expected[year], **exactly)
    parts = con.theil_decomposition(incomes, REGIONS)
    assert parts.total == close(PEER_THEIL[year], **exactly)
    assert parts.between == close(PEER_BETWEEN[year], **exactly)
    assert parts.within == close(PEER_WITHIN[year], **exactly)


def test_agrees_with_peers_where_there_are_zeros() -> None:
    """inequality 1.1.2 (Theil, Gini) and econcomplex 1.0.1, its entropy with base e."""
    counts = [0, 0, 1, 3, 3, 8, 20, 65]
    assert con.theil(counts) == close(1.0190415964891804, **exactly)
    assert con.gini(counts) == close(0.72, **exactly)
    assert con.herfindahl(counts) == close(0.4708, **exactly)
    assert con.herfindahl_normalised(counts) == close(0.3952, **exactly)
    assert con.shannon_entropy(counts) == close(1.0603999451906556, **exactly)


def test_krugman_against_the_nation() -> None:
    """econcomplex 1.0.1: krugman_index, specialization_coefficient; the nation has all regions."""
    table = np.array([[9, 0, 4], [2, 7, 5], [30, 1, 2]])
    nation = table.sum(axis=0)
    found = [con.krugman_index(row, nation) for row in table]
    assert found == close([0.26666666666666666, 1.080952380952381, 0.4515151515151514], **exactly)
    halves = [con.dissimilarity_index(row, nation) for row in table]
    assert halves == close([0.13333333333333333, 0.5404761904761906, 0.2257575757575757], **exactly)


def test_limits_of_the_index_from_the_share_of_the_largest() -> None:
    # The largest unit with 40 % of 5: the rest equal, or one of 40 and one of 20 %.
    assert con.herfindahl_limits(0.4, 1, 5) == close((0.4**2 + 4 * 0.15**2, 2 * 0.4**2 + 0.2 * 0.4))
    assert con.herfindahl_limits(1.0, 5, 5) == (0.2, 1.0)
    for ratio, n, units in ((1.01, 2, 5), (0.39, 2, 5), (0.5, 6, 5)):
        with pytest.raises(InputError, match=f"CR{n} of"):
            con.herfindahl_limits(ratio, n, units)


# --- What must always hold -----------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(several_counts, st.integers(1, 5))
def test_an_index_lies_within_its_limits(counts: list[int], n: int) -> None:
    n = min(n, len(counts))
    ratio = sum(sorted(counts)[::-1][:n]) / sum(counts)
    low, high = con.herfindahl_limits(ratio, n, len(counts))
    assert low - 1e-9 <= con.herfindahl(counts) <= high + 1e-9


@pytest.mark.parametrize("name", INDICES)
@settings(max_examples=12)
@given(several_counts, st.floats(1e-6, 1e9), st.randoms())
def test_scale_and_order_do_not_matter(name: str, counts: list[int], factor: float, random) -> None:
    index = INDICES[name]
    value = index(counts)
    assert index([factor * count for count in counts]) == close(value, rel=1e-9, abs=1e-11)
    shuffled = list(counts)
    random.shuffle(shuffled)
    assert index(shuffled) == close(value, rel=1e-9, abs=1e-11)


@settings(max_examples=25)
@given(several_counts)
def test_bounds(counts: list[int]) -> None:
    table = con.indices(counts, top=[1, 3], epsilon=[0.5, 1, 2]).set_index("index")
    assert (table["units_count"] == len(counts)).all()
    assert (table["value"] >= table["lowest"] - 1e-12).all()
    assert (table["value"] <= table["highest"] + 1e-12).all()
    assert table["value"].to_dict() == {name: index(counts) for name, index in INDICES.items()}


@pytest.mark.parametrize("units", [2, 3, 7, 31, 340])
def test_bounds_are_reached(units: int) -> None:
    one = con.indices([5] + [0] * (units - 1), epsilon=[0.5, 0.9, 1, 2]).set_index("index")
    equal = con.indices([5] * units, epsilon=[0.5, 0.9, 1, 2]).set_index("index")
    for name, row in one.iterrows():
        ends = (row["highest"], row["lowest"])
        most, least = ends[::-1] if name in FALLING else ends
        assert row["value"] == close(most, abs=1e-12), name
        assert equal.loc[name, "value"] == close(least, abs=1e-12), name


@pytest.mark.parametrize("name", ["gini", "theil", "atkinson_0.5", "atkinson_1", "atkinson_2"])
@settings(max_examples=12)
@given(several_counts, st.integers(2, 4))
def test_replication_does_not_matter(name: str, counts: list[int], times: int) -> None:
    assert INDICES[name](counts * times) == close(INDICES[name](counts), rel=1e-9, abs=1e-10)


@settings(max_examples=25)
@given(several_counts, st.integers(2, 4))
def test_replication_divides_the_herfindahl(counts: list[int], times: int) -> None:
    assert con.herfindahl(counts * times) == close(con.herfindahl(counts) / times)
    copies = con.shannon_entropy(counts * times)
    assert copies == close(con.shannon_entropy(counts) + math.log(times))


@settings(max_examples=25)
@given(several_counts, st.data())
def test_a_transfer_to_a_poorer_unit_lowers_inequality(counts: list[int], data) -> None:
    poor, rich = sorted(data.draw(st.permutations(range(len(counts))))[:2], key=lambda i: counts[i])
    if counts[rich] - counts[poor] < 2:
        return
    after = list(counts)
    after[rich], after[poor] = after[rich] - 1, after[poor] + 1
    for name in ("hhi", "gini", "theil", "atkinson_0.5"):
        assert INDICES[name](after) < INDICES[name](counts), name
    assert con.shannon_entropy(after) > con.shannon_entropy(counts)


@settings(max_examples=25)
@given(several_counts)
def test_entropy_and_theil_add_up(counts: list[int]) -> None:
    assert con.theil(counts) + con.shannon_entropy(counts) == close(math.log(len(counts)))


@settings(max_examples=25)
@given(several_counts)
def test_gini_is_the_mean_difference(counts: list[int]) -> None:
    n, total = len(counts), sum(counts)
    pairs = sum(abs(one - other) for one in counts for other in counts)
    assert con.gini(counts) == close(pairs / (2 * n * total), **exactly)
    assert con.gini(counts, "sample") == close(pairs / (2 * (n - 1) * total), **exactly)


@settings(max_examples=25)
@given(several_counts)
def test_lorenz_curve(counts: list[int]) -> None:
    curve = con.lorenz_curve(counts)
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    assert len(curve) == len(counts) + 1
    shares = curve["counts_share"].diff().dropna()
    assert (shares.diff().dropna() >= -1e-12).all()  # convex
    assert (curve["counts_share"] <= curve["units_share"] + 1e-12).all()
    area = np.trapezoid(curve["counts_share"], curve["units_share"])
    assert 1 - 2 * area == close(con.gini(counts), **exactly)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abcde")), min_size=1, max_size=40))
def test_theil_parts_add_up(rows: list[tuple[int, str]]) -> None:
    counts, groups = [count for count, _ in rows], [group for _, group in rows]
    if not any(counts):
        return
    parts = con.theil_decomposition(counts, groups)
    table = parts.groups
    assert parts.total == close(con.theil(counts), **exactly)
    assert parts.between + parts.within == close(parts.total, rel=1e-10, abs=1e-11)
    assert table["between"].sum() == close(parts.between, abs=1e-12)
    assert table["within"].sum() == close(parts.within, abs=1e-12)
    assert parts.between >= 0
    assert (table["within"] >= 0).all()
    assert table.index.tolist() == list(dict.fromkeys(groups))
    for name, row in table.iterrows():
        own = [count for count, group in rows if group == name]
        assert (row["units_count"], row["total"]) == (len(own), sum(own))
        assert row["share"] == close(sum(own) / sum(counts))
        assert row["theil"] == close(con.theil(own) if any(own) else 0, **exactly)
    assert table.notna().all(axis=None)


def test_theil_between_is_the_theil_of_equalised_groups() -> None:
    parts = con.theil_decomposition([1, 3, 10, 0, 0], ["a", "a", "b", "b", "c"])
    assert parts.between == close(con.theil([2, 2, 5, 5, 0]))
    assert parts.groups.loc["a", "between"] < 0 < parts.groups.loc["b", "between"]
    assert parts.groups.loc["c"].tolist() == [1, 0, 0, 0, 0, 0]


def test_theil_matches_groups_by_label() -> None:
    values = pd.Series({"A": 1, "B": 2, "C": 3, "D": 4})
    groups = pd.Series({"D": "y", "C": "y", "B": "x", "A": "x"})
    by_label = con.theil_decomposition(values, groups)
    assert by_label.between == close(con.theil_decomposition([1, 2, 3, 4], list("xxyy")).between)
    with pytest.raises(InputError, match="values and groups: D, E stand in one of the two only"):
        con.theil_decomposition(values, groups.rename({"D": "E"}))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=1, max_size=20))
def test_krugman_is_a_distance(rows: list[tuple[int, int]]) -> None:
    one, other = [a for a, _ in rows], [b for _, b in rows]
    if not any(one) or not any(other):
        return
    value = con.krugman_index(one, other)
    assert 0 <= value <= 2
    assert value == con.krugman_index(other, one)
    assert con.krugman_index(one, [7 * count for count in one]) == close(0, abs=1e-12)
    assert con.dissimilarity_index(one, other) == value / 2


def test_krugman_matches_by_label() -> None:
    one, other = pd.Series({"A": 1, "B": 9}), pd.Series({"B": 9, "A": 1})
    assert con.krugman_index(one, other) == 0
    assert con.krugman_index(one, other.tolist()) == close(1.6)


def test_atkinson_rules() -> None:
    for units in range(2, 40):
        assert con.atkinson([3 * n + 1 for n in range(units)], 0) == 0
    assert con.atkinson([0, 2, 9], 1) == 1
    assert con.atkinson([0, 2, 9], 3) == 1
    assert 0 < con.atkinson([0, 2, 9], 0.5) < 1
    assert con.atkinson([0, 4], 0.5) == close(0.5)
    assert con.atkinson([1, 2, 9], 500) == close(1 - 1 / 4, abs=2e-3)  # towards 1 - smallest / mean


def test_atkinson_is_smooth_at_one() -> None:
    at = con.atkinson([1, 2, 9], 1)
    for step in (1e-13, 1e-10, 1e-7):
        for epsilon in (1 - step, 1 + step):
            assert con.atkinson([1, 2, 9], epsilon) == close(at, abs=2 * step + 1e-14)


def test_scale_of_the_machine() -> None:
    for scale in (1e-310, 5e307):  # the total of the latter is more than the largest float
        assert con.herfindahl([3 * scale, scale]) == close(0.625)
        assert con.gini([3 * scale, scale]) == close(0.25)


# --- Firms by group ------------------------------------------------------------------------------

firm_rows = st.lists(
    st.tuples(st.sampled_from(["210200", "210300", "110000"]), st.sampled_from("uvwxyz")),
    min_size=1, max_size=60,
)  # fmt: skip


def scalar_row(counts: list[int], units: int) -> list[float]:
    full = counts + [0] * (units - len(counts))
    return [
        sum(counts), units, con.concentration_ratio(full, 1), con.concentration_ratio(full, 3),
        con.herfindahl(full), con.gini(full), con.shannon_entropy(full),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["str", "category", "object"])
@settings(max_examples=12)
@given(firm_rows, st.integers(6, 9))
def test_groups_agree_with_the_single_indices(kind: str, rows, units: int) -> None:
    frame = pd.DataFrame(rows, columns=["city", "unit"]).astype(kind)
    number = pd.Series({"110000": units, "210200": 6, "210300": units, "999999": 1})
    copy = frame.copy()
    found = con.concentration_by_group(frame, "city", "unit", top=[1, 3])
    padded = con.concentration_by_group(frame, "city", "unit", top=[1, 3], units_count=number)
    pd.testing.assert_frame_equal(frame, copy)
    assert list(found.columns) == [
        "firms_count", "units_count", "cr1", "cr3", "hhi", "gini", "entropy",
    ]  # fmt: skip
    assert found.index.tolist() == sorted({city for city, _ in rows}) == padded.index.tolist()
    for city in found.index:
        counts = pd.Series([unit for own, unit in rows if own == city]).value_counts().tolist()
        assert found.loc[city].tolist() == close(scalar_row(counts, len(counts)), **exactly)
        assert padded.loc[city].tolist() == close(scalar_row(counts, number[city]), **exactly)


def test_groups_with_many_units() -> None:
    """So many possible cells that they are not counted one by one."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"city": rng.integers(0, 1500, 4000), "unit": rng.integers(0, 900, 4000)})
    assert frame["city"].nunique() * frame["unit"].nunique() > 1_000_000
    found = con.concentration_by_group(frame, "city", "unit", top=[1, 3])
    assert found["firms_count"].sum() == 4000
    for city in found.index[:20]:
        counts = frame.loc[frame["city"] == city, "unit"].value_counts().tolist()
        assert found.loc[city].tolist() == close(scalar_row(counts, len(counts)), **exactly)


def test_groups_leave_out_unused_categories() -> None:
    cities = pd.Categorical(["B", "B"], categories=["A", "B"])
    frame = pd.DataFrame({"city": cities, "unit": ["x", "y"]})
    assert con.concentration_by_group(frame, "city", "unit").index.tolist() == ["B"]


FIRMS = pd.DataFrame({"city": ["A", "A", "B"], "unit": ["x", "y", "z"]})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: con.concentration_by_group(FIRMS, "town", "unit"), "no column 'town'; it has city, unit"),
        (lambda: con.concentration_by_group(FIRMS.head(0), "city", "unit"), "has no rows"),
        (lambda: con.concentration_by_group(FIRMS.assign(unit=["x", None, "z"]), "city", "unit"), "column unit: missing in 1 rows"),
        (lambda: con.concentration_by_group(FIRMS.assign(city=[1, "A", "B"]), "city", "unit"), "column city: text and numbers mixed"),
        (lambda: con.concentration_by_group(FIRMS, "city", "unit", top=[0]), "number of largest units 0: give a whole number"),
        (lambda: con.concentration_by_group(FIRMS, "city", "unit", units_count=pd.Series({"A": 2})), "units_count: no number for B"),
        (lambda: con.concentration_by_group(FIRMS, "city", "unit", units_count=pd.Series({"A": 1, "B": 1})), "units_count: at A not a whole number"),
        (lambda: con.concentration_by_group(FIRMS, "city", "unit", units_count=pd.Series({"A": 2.5, "B": 1})), "units_count: at A not a whole number"),
        (lambda: con.concentration_by_group(FIRMS, "city", "unit", units_count=pd.Series([2, 2, 2], ["A", "A", "B"])), "a group stands more than once"),
    ],
)  # fmt: skip
def test_tables_of_firms_that_cannot_be_used(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# --- Input that cannot be used -------------------------------------------------------------------

ALL: list[Callable[[object], object]] = [
    *INDICES.values(),
    con.indices,
    con.lorenz_curve,
    lambda x: con.theil_decomposition(x, ["a"] * len(x) if isinstance(x, list) else ["a"]),
    lambda x: con.krugman_index(x, x),
]


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([], "there are no values; give at least one"),
        ([0, 0], "all 2 are zero, so there is no distribution"),
        ([1, -2, 3], "negative at 1"),
        ([1, None, 3], "missing at 1.*not taken for zero"),
        ([1, float("nan")], "missing at 1"),
        ([1, math.inf], "infinite at 1"),
        (["1", "2"], "no number at 0, 1"),
        ([True, False], "no number at 0, 1"),
        ([1j, 2], "no number at 0, 1"),
        ([[1, 2], [3, 4]], "of one dimension"),
        (7, "of one dimension"),
        ("12", "of one dimension"),
        (pd.Series({"A": 1.0, "B": None}), "missing at B"),
        (pd.Series([1, None], index=["A", "B"], dtype="Int64"), "missing at B"),
    ],
)  # fmt: skip
def test_counts_that_cannot_be_used(function, counts: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        function(counts)


@pytest.mark.parametrize("kind", ["int64", "Int64", "float32", "Float64", "object", "uint8"])
def test_kinds_of_numbers(kind: str) -> None:
    assert con.gini(pd.Series([1, 2, 3, 4], dtype=kind)) == close(0.25)


def test_one_unit() -> None:
    for name in ("cr1", "hhi"):
        assert INDICES[name]([4]) == 1
    for name in ("gini", "theil", "atkinson_1", "entropy"):
        assert INDICES[name]([4]) == 0
    for name in ("hhi_normalised", "gini_sample", "entropy_normalised"):
        with pytest.raises(InputError, match="one unit only"):
            INDICES[name]([4])
    with pytest.raises(InputError, match="one unit only"):
        con.indices([4])
    assert con.lorenz_curve([4]).values.tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: con.concentration_ratio([1, 2], 0), "number of largest units 0"),
        (lambda: con.concentration_ratio([1, 2], 1.5), "number of largest units 1.5"),
        (lambda: con.concentration_ratio([1, 2], True), "number of largest units True"),
        (lambda: con.gini([1, 2], "corrected"), "convention 'corrected': give 'population' or"),
        (lambda: con.atkinson([1, 2], -1), "epsilon -1: give a finite number"),
        (lambda: con.atkinson([1, 2], math.nan), "epsilon nan"),
        (lambda: con.atkinson([1, 2], math.inf), "epsilon inf"),
        (lambda: con.indices([1, 2], epsilon=[0]), "give numbers above 0"),
        (lambda: con.krugman_index([1, 2], [1, 2, 3]), "counts: 2 values, reference: 3"),
        (lambda: con.krugman_index([1, 2], [0, 0]), "reference: all 2 are zero"),
        (lambda: con.krugman_index(pd.Series({"A": 1}), pd.Series({"B": 1})), "A, B stand in one"),
        (lambda: con.krugman_index(pd.Series([1, 2], ["A", "A"]), pd.Series({"A": 1})), "A stand more than once"),
        (lambda: con.theil_decomposition([1, 2], ["a"]), "values: 2, groups: 1"),
        (lambda: con.theil_decomposition([1, 2], ["a", None]), "groups: missing at 1"),
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_used(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
