"""Location quotients and shift-share: textbook answers, and sums that hold to the last digit."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers.analysis import decomposition as dec
from helpers.analysis.intervals import clopper_pearson
from helpers.errors import InputError

close = pytest.approx
PARTS = list(dec.PARTS)


# --- Location quotient ---------------------------------------------------------------------------


def test_quotients_agree_with_peers() -> None:
    """location_quotient of econcomplex 1.0.1 and rca of ecomplexity 0.5.3, the same in both."""
    table = np.array([[9, 0, 4], [2, 7, 5], [30, 1, 2]])
    peer = [
        1.0131332082551594, 0.0, 1.6783216783216786, 0.20905923344947733, 3.75,
        1.9480519480519483, 1.3303769401330376, 0.2272727272727273, 0.3305785123966942,
    ]  # fmt: skip
    found = [
        dec.location_quotient(table[i, j], table[i].sum(), table[:, j].sum(), table.sum())
        for i in range(3)
        for j in range(3)
    ]
    assert found == close(peer, rel=1e-10)


def test_forms_of_a_quotient() -> None:
    assert dec.symmetric_quotient(0) == -1
    assert dec.symmetric_quotient(1) == 0
    assert dec.symmetric_quotient(math.inf) == 1
    assert dec.log_quotient(1) == 0
    assert dec.log_quotient(0) == -math.inf
    for quotient in (0.2, 1.7, 40.0):
        assert dec.symmetric_quotient(1 / quotient) == close(-dec.symmetric_quotient(quotient))
        assert dec.log_quotient(1 / quotient) == close(-dec.log_quotient(quotient))
        assert dec.symmetric_quotient(quotient) == close(math.tanh(math.log(quotient) / 2))


@settings(max_examples=20)
@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 1), st.sampled_from([0.8, 0.95]))
def test_interval_is_that_of_the_share(part: int, more: int, share: float, level: float) -> None:
    total = part + more
    low, high = dec.quotient_interval(part, total, share * 50, 50, level)
    expected = clopper_pearson(part, total, level)
    assert (low * share, high * share) == close(expected)
    quotient = dec.location_quotient(part, total, share * 50, 50)
    assert low <= quotient <= high
    assert quotient == close(part / total / share)


def test_dispersion_is_pearsons_chi_square_per_degree_of_freedom() -> None:
    firms, people = pd.Series([20, 4, 6, 10], list("ABCD")), pd.Series([5.0, 5, 5, 5], list("ABCD"))
    assert dec.quotient_dispersion(firms, people) == close(stats.chisquare(firms).statistic / 3)
    with pytest.raises(InputError, match="two units or more"):
        dec.quotient_dispersion(firms[:1], people[:1])
    with pytest.raises(InputError, match="two units or more"):
        dec.quotient_dispersion(firms * 0, people)


@settings(max_examples=30)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(1.0, 50.0))
def test_a_scaled_interval_is_wider(part: int, rest: int, phi: float) -> None:
    total = part + rest + 1
    plain = dec.quotient_interval(part, total, 10, 100)
    assert dec.scaled_quotient_interval(part, total, 10, 100, 1.0) == close(plain)
    assert dec.scaled_quotient_interval(part, total, 10, 100, 0.3) == close(plain)
    low, high = dec.scaled_quotient_interval(part, total, 10, 100, phi)
    assert low <= plain[0] + 1e-12 and high >= plain[1] - 1e-12


def test_scaled_intervals_cover_where_binomial_ones_do_not() -> None:
    """Synthetic: 31 units in proportion to the reference but for a common scatter, phi 9."""
    draw, people = np.random.default_rng(4), pd.Series(np.full(31, 1.0))
    hit = {"low": 0, "scaled_low": 0}
    for _ in range(40):
        sizes = draw.gamma(60 / 8, 8, 31)
        table = dec.location_quotients(pd.Series(draw.poisson(sizes)), people)
        for low, high in (("low", "high"), ("scaled_low", "scaled_high")):
            hit[low] += int(((table[low] <= 1) & (table[high] >= 1)).sum())
    assert hit["low"] / (40 * 31) < 0.6
    assert 0.92 < hit["scaled_low"] / (40 * 31) < 0.995


def test_table_of_quotients() -> None:
    firms = pd.Series({"A": 6, "B": 0, "C": 2})
    people = pd.Series({"C": 25.0, "A": 50.0, "B": 25.0})
    table = dec.location_quotients(firms, people)
    assert table["lq"].to_dict() == {"A": 1.5, "B": 0.0, "C": 1.0}
    assert table["symmetric"].to_dict() == {"A": 0.2, "B": -1.0, "C": 0.0}
    assert table.loc["B", "log_lq"] == -math.inf
    assert table["reference"].tolist() == [50, 25, 25]
    assert (table["local_total"] == 8).all()
    assert (table["reference_total"] == 100).all()
    for unit, row in table.iterrows():
        bounds = dec.quotient_interval(firms[unit], 8, people[unit], 100)
        assert (row["low"], row["high"]) == bounds
    # The average of the quotients, weighted with the reference, is 1.
    assert (table["lq"] * table["reference"]).sum() / 100 == close(1)
    wider = dec.location_quotients(firms, people, level=0.99)
    assert (wider["high"] > table["high"]).all()
    amounts = dec.location_quotients(firms * 1.3, people, level=None)
    assert amounts["lq"].tolist() == close(table["lq"].tolist())
    assert "low" not in amounts
    assert table.drop(columns="log_lq").notna().all(axis=None)


ONE = pd.Series({"A": 1, "B": 2})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dec.location_quotient(5, 4, 1, 2), "local 5 is more than its total 4"),
        (lambda: dec.location_quotient(1, 4, 3, 2), "reference 3 is more than its total 2"),
        (lambda: dec.location_quotient(0, 0, 1, 2), "needs both above 0"),
        (lambda: dec.location_quotient(1, 2, 0, 2), "needs both above 0"),
        (lambda: dec.location_quotient(-1, 2, 1, 2), "location quotient: negative"),
        (lambda: dec.location_quotient(math.nan, 2, 1, 2), "location quotient: missing"),
        (lambda: dec.location_quotient(1, 2, 1, math.inf), "location quotient: infinite"),
        (lambda: dec.symmetric_quotient(-0.1), "location quotient -0.1: give a number of 0"),
        (lambda: dec.symmetric_quotient(math.nan), "location quotient nan"),
        (lambda: dec.log_quotient(-0.1), "location quotient -0.1"),
        (lambda: dec.log_quotient(math.nan), "location quotient nan"),
        (lambda: dec.quotient_interval(1.5, 4, 1, 2), "Give whole numbers"),
        (lambda: dec.quotient_interval(1, 4.5, 1, 2), "Give whole numbers"),
        (lambda: dec.quotient_interval(1, 4, 1, 2, 95), "level 95"),
        (lambda: dec.location_quotients([1], ONE), "counts: give a Series"),
        (lambda: dec.location_quotients(ONE, [1]), "reference: give a Series"),
        (lambda: dec.location_quotients(ONE, ONE * 0), "reference: 0 at A, B"),
        (lambda: dec.location_quotients(ONE * 0, ONE), "counts: all are zero"),
        (lambda: dec.location_quotients(ONE, pd.Series({"A": 1, "C": 1})), "B, C stand in one"),
        (lambda: dec.location_quotients(ONE / 3, ONE), "Give whole numbers"),
    ],
)
def test_quotients_that_are_undefined(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# --- Shift-share: textbook examples --------------------------------------------------------------

INDUSTRIES = ["I", "II", "III", "IV"]


def frame(rows: dict[str, list[int]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=INDUSTRIES)


# Farhauer and Kroell (2013), Standorttheorien, as printed in the documentation of the R package
# REAT (shift, shiftd): three regions that make up the nation; for region A a third date.
TEXTBOOK = (
    frame({"A": [90, 20, 10, 60], "B": [60, 30, 30, 40], "C": [250, 100, 110, 300]}),
    frame({"A": [100, 40, 10, 55], "B": [85, 55, 40, 35], "C": [255, 115, 85, 390]}),
)
NATION = {
    2000: pd.Series([400, 150, 150, 400], INDUSTRIES),
    2001: pd.Series([440, 210, 135, 480], INDUSTRIES),
    2002: pd.Series([460, 230, 155, 500], INDUSTRIES),
}
REGION_A = {
    2000: frame({"A": [90, 20, 10, 60]}),
    2001: frame({"A": [100, 40, 10, 55]}),
    2002: frame({"A": [105, 45, 15, 60]}),
}


def test_three_regions_of_a_textbook() -> None:
    """Checked by hand; the formulae of REAT's shift() give the same."""
    assert TEXTBOOK[0].sum().to_dict() == NATION[2000].to_dict()
    parts = dec.shift_share_dunn(*TEXTBOOK, exact=True)
    assert parts.groupby(level="region")[["change", *PARTS]].sum().to_dict("index") == {
        "A": {"change": 25, "national": 27, "industry_mix": 1, "competitive": -3},
        "B": {"change": 55, "national": 24, "industry_mix": -1, "competitive": 32},
        "C": {"change": 85, "national": 114, "industry_mix": 0, "competitive": -29},
    }
    given_apart = dec.shift_share_dunn(*TEXTBOOK, (NATION[2000], NATION[2001]), exact=True)
    pd.testing.assert_frame_equal(parts, given_apart)


def reat_shift(region1, region2, nation1, nation2) -> list[Fraction]:
    """The formulae of shift() in the R package REAT, method Dunn."""
    r1, r2, n1, n2 = sum(region1), sum(region2), sum(nation1), sum(nation2)
    rows = list(zip(region1, region2, nation1, nation2, strict=True))
    expected = sum(Fraction(a * d, c) for a, _, c, d in rows)
    own = sum(a * (Fraction(b, a) - Fraction(d, c)) for a, b, c, d in rows)
    return [Fraction(r1 * n2, n1) - r1, expected - Fraction(r1 * n2, n1), own, Fraction(r2 - r1)]


def test_dynamic_example_of_a_textbook() -> None:
    """shiftd() of REAT adds up shift() over the years, as Barff and Knight (1988) do."""
    found = dec.shift_share_dynamic(REGION_A, NATION, exact=True)
    years = [
        reat_shift(*(table[y].to_numpy().ravel().tolist() for table in (REGION_A, NATION) for y in pair))
        for pair in ((2000, 2001), (2001, 2002))
    ]  # fmt: skip
    expected = [sum(column) for column in zip(*years, strict=True)]
    assert found[[*PARTS, "change"]].sum().tolist() == expected
    assert [round(float(part), 5) for part in expected] == [39.96443, 0.1637, 4.87187, 45.0]
    static = dec.shift_share_dunn(REGION_A[2000], REGION_A[2002], (NATION[2000], NATION[2002]))
    assert static["national"].sum() != close(39.96443, abs=0.01)
    periods = dec.shift_share_periods(REGION_A, NATION, exact=True)
    assert periods.index.names == ["start", "end", "region", "industry"]
    assert periods.loc[(2000, 2001)][PARTS].sum().tolist() == years[0][:3] == [27, 1, -3]


def test_example_with_published_results() -> None:
    """Krumme, University of Washington, Geography 350: "Shift & Share Table", region 1985-1995.

    The nation is given by shares and growth rates; signs of the parts are lost in the page's text.
    """
    before = frame({"region": [500, 100, 200, 200]})
    after = frame({"region": [1000, 100, 250, 280]})
    shares, growth = (
        pd.Series([10, 20, 40, 30], INDUSTRIES),
        pd.Series([10, 20, 30, 40], INDUSTRIES),
    )
    nation = (shares * 100, shares * (100 + growth))
    parts = dec.shift_share_dunn(before, after, nation, exact=True)
    assert parts[PARTS].sum().tolist() == [290, -80, 420]
    assert parts["industry_mix"].tolist() == [-95, -9, 2, 22]
    assert parts["competitive"].tolist() == [450, -20, -10, 0]
    assert (parts["industry_mix"] + parts["competitive"]).tolist() == [355, -29, -8, 22]
    quotients = [
        dec.location_quotient(own, 1000, share, 100)
        for own, share in zip([500, 100, 200, 200], shares, strict=True)
    ]
    assert quotients == close([5, 0.5, 0.5, 0.667], abs=5e-4)


# --- Shift-share: identities ---------------------------------------------------------------------


def series(values: list[object]) -> pd.Series:
    return pd.Series(values, index=[f"u{i}" for i in range(len(values))])


number = st.integers(0, 500)
amount = st.floats(0, 1e6).map(lambda x: round(x, 3))
pairs = st.lists(st.tuples(number, number), min_size=1, max_size=12)
float_pairs = st.lists(st.tuples(amount, amount), min_size=1, max_size=12)


@settings(max_examples=25)
@given(pairs)
def test_two_parts_are_exact(rows: list[tuple[int, int]]) -> None:
    before, after = series([a for a, _ in rows]), series([b for _, b in rows])
    if before.sum() == 0:
        return
    table = dec.shift_share(before, after[::-1], exact=True)
    assert (table["national"] + table["competitive"]).tolist() == table["change"].tolist()
    assert table["change"].tolist() == (after - before).tolist()
    assert table["competitive"].sum() == 0
    rate = Fraction(int(after.sum() - before.sum()), int(before.sum()))
    assert table["national"].tolist() == [rate * a for a, _ in rows]
    rounded = dec.shift_share(before, after)
    assert rounded["national"].tolist() == close([float(x) for x in table["national"]])
    assert rounded[["national", "competitive"]].dtypes.tolist() == ["float64", "float64"]


@settings(max_examples=25)
@given(float_pairs)
def test_two_parts_of_floats(rows: list[tuple[float, float]]) -> None:
    before, after = series([a for a, _ in rows]), series([b for _, b in rows])
    if before.sum() < 1:
        return
    table = dec.shift_share(before, after)
    scale = float(after.sum() + before.sum()) * (1 + float(after.sum() / before.sum()))
    gap = table["national"] + table["competitive"] - table["change"]
    assert gap.abs().max() <= 1e-9 * max(1, scale)
    assert abs(table["competitive"].sum()) <= 1e-9 * max(1, scale)
    exact = dec.shift_share(before, after, exact=True)
    assert exact["competitive"].sum() == 0


@settings(max_examples=25)
@given(pairs, st.data())
def test_nested_parts_are_exact(rows: list[tuple[int, int]], data) -> None:
    before, after = series([a + 1 for a, _ in rows]), series([b for _, b in rows])
    labels = data.draw(st.lists(st.sampled_from("EWN"), min_size=len(rows), max_size=len(rows)))
    blocks = series(labels)
    table = dec.shift_share_nested(before, after, blocks[::-1], exact=True)
    flat = dec.shift_share(before, after, exact=True)
    for name in ("national", "competitive", "change"):
        assert table[name].tolist() == flat[name].tolist()
    both = table["between_blocks"] + table["within_block"]
    assert both.tolist() == table["competitive"].tolist()
    assert table["between_blocks"].sum() == 0
    assert table["block"].tolist() == labels
    summed = table.groupby("block").sum()
    assert (summed["within_block"] == 0).all()
    of_blocks = dec.shift_share(
        before.groupby(blocks).sum(), after.groupby(blocks).sum(), exact=True
    )
    assert summed["between_blocks"].to_dict() == of_blocks["competitive"].to_dict()
    rounded = dec.shift_share_nested(before, after, blocks)
    for name in ("between_blocks", "within_block"):
        assert rounded[name].tolist() == close([float(x) for x in table[name]], abs=1e-8)


def test_nested_by_hand() -> None:
    before = pd.Series({"A": 10, "B": 30, "C": 40})
    after = pd.Series({"A": 40, "B": 40, "C": 40})
    table = dec.shift_share_nested(before, after, pd.Series({"A": 1, "B": 1, "C": 2}))
    assert table[["national", "between_blocks", "within_block"]].values.tolist() == [
        [5, 5, 20], [15, 15, -20], [20, -20, 0],
    ]  # fmt: skip


@st.composite
def tables(draw, dates: int) -> dict[int, pd.DataFrame]:
    """Tables of one to four regions and industries, each industry with a count at each date."""
    shape = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    found = {}
    for date in range(dates):
        values = draw(st.lists(number, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
        cells = np.array(values).reshape(shape)
        cells[0] += 1
        found[date] = pd.DataFrame(
            cells, index=list("ABCD")[: shape[0]], columns=INDUSTRIES[: shape[1]]
        )
    return found


@settings(max_examples=20)
@given(tables(dates=2))
def test_three_parts_are_exact(given_tables: dict[int, pd.DataFrame]) -> None:
    before, after = given_tables.values()
    turned = after.iloc[::-1, ::-1]
    parts = dec.shift_share_dunn(before, turned, exact=True)
    assert parts[PARTS].sum(axis=1).tolist() == parts["change"].tolist()
    assert parts["change"].tolist() == (after - before).to_numpy().ravel().tolist()
    assert parts["before"].tolist() == before.to_numpy().ravel().tolist()
    assert (parts.groupby(level="industry")["competitive"].sum() == 0).all()
    assert parts["industry_mix"].sum() == 0
    regions = dec.shift_share(before.sum(axis=1), after.sum(axis=1), exact=True)
    summed = parts.groupby(level="region", sort=False)[PARTS].sum()
    assert summed["national"].tolist() == regions["national"].tolist()
    shifts = summed["industry_mix"] + summed["competitive"]
    assert shifts.tolist() == regions["competitive"].tolist()
    rounded = dec.shift_share_dunn(before, turned)
    for name in PARTS:
        assert rounded[name].tolist() == close([float(x) for x in parts[name]], abs=1e-8)
    assert parts.index.tolist() == [(r, i) for r in before.index for i in before.columns]


@settings(max_examples=10)
@given(tables(dates=4))
def test_dynamic_parts_are_exact(given_tables: dict[int, pd.DataFrame]) -> None:
    parts = dec.shift_share_dynamic(given_tables, exact=True)
    assert parts[PARTS].sum(axis=1).tolist() == parts["change"].tolist()
    expected = (given_tables[3] - given_tables[0]).to_numpy().ravel().tolist()
    assert parts["change"].tolist() == expected
    assert (parts["after"] - parts["before"]).tolist() == expected
    periods = dec.shift_share_periods(given_tables, exact=True)
    pairs_of_dates = [(0, 1), (1, 2), (2, 3)]
    static = [
        dec.shift_share_dunn(given_tables[a], given_tables[b], exact=True)
        for a, b in pairs_of_dates
    ]
    assert parts[PARTS].values.tolist() == sum(one[PARTS] for one in static).values.tolist()
    for pair, one in zip(pairs_of_dates, static, strict=True):
        assert periods.loc[pair].values.tolist() == one.values.tolist()
    two = {date: given_tables[date] for date in (0, 1)}
    assert dec.shift_share_dynamic(two, exact=True).values.tolist() == static[0].values.tolist()


def test_one_industry_is_the_form_without_industries() -> None:
    before, after = pd.Series({"A": 10, "B": 30}), pd.Series({"A": 30, "B": 40})
    parts = dec.shift_share_dunn(before.to_frame("all"), after.to_frame("all"))
    plain = dec.shift_share(before, after)
    assert (parts["industry_mix"] == 0).all()
    assert parts["competitive"].tolist() == plain["competitive"].tolist()


def test_zero_rules() -> None:
    new_unit = dec.shift_share(pd.Series({"A": 0, "B": 4}), pd.Series({"A": 3, "B": 5}))
    assert new_unit[["national", "competitive"]].values.tolist() == [[0, 3], [4, -3]]
    gone = dec.shift_share(pd.Series({"A": 2}), pd.Series({"A": 0}))
    assert gone[["national", "competitive"]].values.tolist() == [[-2, 0]]
    empty = TEXTBOOK[0].assign(V=0), TEXTBOOK[1].assign(V=0)
    parts = dec.shift_share_dunn(*empty, exact=True)
    assert (parts.loc[(slice(None), "V"), PARTS] == 0).all(axis=None)
    blocks = pd.Series({"A": 1, "B": 2})
    both = dec.shift_share_nested(pd.Series({"A": 0, "B": 4}), pd.Series({"A": 0, "B": 5}), blocks)
    assert both.loc["A", ["national", "between_blocks", "within_block"]].tolist() == [0, 0, 0]


def test_exact_keeps_fractions_and_whole_numbers() -> None:
    third = pd.Series({"A": Fraction(1, 3), "B": Fraction(2, 3)})
    table = dec.shift_share(third, third * 2, exact=True)
    assert table["national"].tolist() == [Fraction(1, 3), Fraction(2, 3)]
    assert table["competitive"].tolist() == [0, 0]
    nullable = pd.Series({"A": 1, "B": 2}, dtype="Int64")
    assert dec.shift_share(nullable, nullable, exact=True)["national"].tolist() == [0, 0]
    assert dec.shift_share(nullable, nullable)["national"].tolist() == [0, 0]
    halves = pd.Series({"A": 0.5, "B": 1.5}, dtype="float32")
    assert dec.shift_share(halves, halves * 3, exact=True)["national"].tolist() == [1, 3]


T0, T1 = TEXTBOOK


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dec.shift_share([1], ONE), "before: give a Series"),
        (lambda: dec.shift_share(ONE, [1]), "after: give a Series"),
        (lambda: dec.shift_share(ONE, ONE.rename({"B": "C"})), "B, C stand in one of the two"),
        (lambda: dec.shift_share(ONE * 0, ONE), "before: all counts are zero"),
        (lambda: dec.shift_share(ONE, -ONE), "after: negative at A, B"),
        (lambda: dec.shift_share(ONE, ONE * math.nan), "after: missing at A, B"),
        (lambda: dec.shift_share(ONE.head(0), ONE.head(0)), "before: there are no values"),
        (lambda: dec.shift_share(pd.Series([1, 2], ["A", "A"]), ONE), "A stand more than once"),
        (lambda: dec.shift_share_nested(ONE, ONE, ["x", "y"]), "blocks: give a Series"),
        (lambda: dec.shift_share_nested(ONE, ONE, pd.Series({"A": "x"})), "counts and blocks: B stand"),
        (lambda: dec.shift_share_nested(ONE, ONE, pd.Series({"A": "x", "B": None})), "blocks: missing at B"),
        (lambda: dec.shift_share_nested(pd.Series({"A": 0, "B": 1}), ONE, pd.Series({"A": "x", "B": "y"})), "block without a count before: x"),
        (lambda: dec.shift_share_dunn(ONE, ONE), "before: give a table"),
        (lambda: dec.shift_share_dunn(T0, ONE), "after: give a table"),
        (lambda: dec.shift_share_dunn(T0.head(0), T1), "before: the table is empty"),
        (lambda: dec.shift_share_dunn(T0, T1.head(2)), "regions before and after: C stand"),
        (lambda: dec.shift_share_dunn(T0, T1.drop(columns="I")), "industries before and after: I stand"),
        (lambda: dec.shift_share_dunn(T0, T1.assign(II=-1)), "after, industry II: negative at A, B, C"),
        (lambda: dec.shift_share_dunn(T0.assign(II=None), T1), "before, industry II: missing"),
        (lambda: dec.shift_share_dunn(pd.concat([T0, T0]), T1), "A, B, C stand more than once"),
        (lambda: dec.shift_share_dunn(T0 * 0, T1), "before: all counts are zero"),
        (lambda: dec.shift_share_dunn(T0.assign(II=0), T1), "industry without a count before: II"),
        (lambda: dec.shift_share_dunn(T0, T1, (NATION[2000] * [0, 1, 1, 1], NATION[2001] * [0, 1, 1, 1])), "industry without a count before: I"),
        (lambda: dec.shift_share_dunn(T0, T1, (NATION[2000], NATION[2001].head(3))), "IV stand in one"),
        (lambda: dec.shift_share_dunn(T0, T1, (NATION[2000], -NATION[2001])), "nation after: negative"),
        (lambda: dec.shift_share_dunn(T0, T1, (NATION[2000], [1])), "nation after: give a Series"),
        (lambda: dec.shift_share_periods({2000: T0}), "1 tables: a change needs two dates"),
        (lambda: dec.shift_share_periods({2000: T0, 2001: T1}, {2000: NATION[2000]}), "nation: no counts for 2001"),
        (lambda: dec.shift_share_dynamic({2000: T0, 2001: T1 * 0, 2002: T1}), "from 2001 to 2002: before: all counts are zero"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_used(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# --- A user's counts by industry ------------------------------------------------------------------

INDUSTRY_COLUMNS = ["place_id", "industry", "batch_from", "batch_to", "firms_count"]


def rows_of(tables: dict[tuple[int, int], pd.DataFrame]) -> pd.DataFrame:
    """The textbook's tables as rows of ``industry_counts``."""
    rows = [
        (region, industry, *span, int(n))
        for span, table in tables.items()
        for (region, industry), n in table.stack().items()
    ]
    return pd.DataFrame(rows, columns=INDUSTRY_COLUMNS)


def test_industry_counts_give_the_tables_back() -> None:
    spans = {(1, 2): T0, (3, 3): T1, (4, 5): T0}
    shuffled = rows_of(spans).sample(frac=1, random_state=1)
    found = dec.industry_tables(shuffled)
    assert list(found) == list(spans)
    for span, table in spans.items():
        pd.testing.assert_frame_equal(found[span], table, check_names=False, check_dtype=False)
    assert dec.industry_tables(shuffled.head(0)) == {}


def test_industry_counts_that_cannot_be_used() -> None:
    rows = rows_of({(1, 2): T0, (3, 3): T1})
    with pytest.raises(InputError, match=r"batches 3 to 3: no count of A I\. .*write 0"):
        dec.industry_tables(rows[~rows.eq(["A", "I", 3, 3, T1.loc["A", "I"]]).all(axis=1)])
    with pytest.raises(InputError, match="batches 2 to 3 overlap with those up to 2"):
        dec.industry_tables(rows_of({(1, 2): T0, (2, 3): T1}))
