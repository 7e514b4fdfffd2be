"""Counts behind reported percentages, against published answers and plain enumeration."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Decimal,
    localcontext,
)
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import InputError
from helpers.evidence.granularity import (
    Rounding,
    attainable_table,
    attainable_text,
    common_bases,
    counts_for,
    debit,
    decimals,
    grim,
    grimmer,
    interval,
    possible_counts,
    power,
    rounds_to,
    smallest_base,
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


@settings(max_examples=60)
@given(st.integers(1, 400), st.integers(0, 3), st.data())
def test_counts_equal_enumeration(base: int, places: int, data: st.DataObject) -> None:
    units = data.draw(st.integers(0, 100 * 10**places))
    reported = str(Decimal(units).scaleb(-places).quantize(Decimal(1).scaleb(-places)))
    assert decimals(reported) == places
    assert counts_for(reported, base) == enumerated(reported, base)


@settings(max_examples=60)
@given(st.integers(1, 2000), st.integers(0, 4), st.data())
def test_the_true_count_is_always_found(base: int, places: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    reported = str(rounded_percent(count, base, places))
    assert count in counts_for(reported, base)


@settings(max_examples=15)
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


# Every rounding rule against the decimal module.

RULES = list(Rounding)
MODES = {
    Rounding.HALF_UP: [ROUND_HALF_UP],
    Rounding.HALF_DOWN: [ROUND_HALF_DOWN],
    Rounding.HALF_EVEN: [ROUND_HALF_EVEN],
    Rounding.UP_OR_DOWN: [ROUND_HALF_UP, ROUND_HALF_DOWN],
    Rounding.CEILING: [ROUND_CEILING],
    Rounding.FLOOR: [ROUND_FLOOR],
    Rounding.TRUNCATION: [ROUND_DOWN],
}
# The decimal module takes half up as away from zero; here up means larger.
MIRRORED = {ROUND_HALF_UP: ROUND_HALF_DOWN, ROUND_HALF_DOWN: ROUND_HALF_UP}
ONE_VALUE_RULES = [rule for rule in RULES if rule is not Rounding.UP_OR_DOWN]


def printed(value: Decimal, places: int, rule: Rounding) -> set[Decimal]:
    with localcontext() as context:
        context.prec = 80
        modes = [MIRRORED.get(m, m) if value < 0 else m for m in MODES[rule]]
        return {value.quantize(Decimal(1).scaleb(-places), mode) for mode in modes}


def quotient(number: int, base: int) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return Decimal(number) / Decimal(base)


def deviation(numerator: int, denominator: int) -> Decimal:
    with localcontext() as context:
        context.prec = 80
        return (Decimal(numerator) / Decimal(denominator)).sqrt()


def as_text(units: int, places: int) -> str:
    digits = str(abs(units)).rjust(places + 1, "0")
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if units < 0 else "") + whole + ("." + part if places else "")


@settings(max_examples=400)
@given(st.sampled_from(RULES), st.integers(1, 250), st.integers(0, 3), st.data())
def test_percentages_under_every_rule(
    rule: Rounding, base: int, places: int, data: st.DataObject
) -> None:
    # Half of the cases are percentages that a count does give, ties among them.
    count = data.draw(st.integers(0, base))
    near = int(quotient(100 * count * 10**places, base))
    units = data.draw(st.one_of(st.integers(near, near + 1), st.integers(0, 100 * 10**places)))
    reported = as_text(min(units, 100 * 10**places), places)
    expected = [
        n
        for n in range(base + 1)
        if Decimal(reported) in printed(quotient(100 * n, base), places, rule)
    ]
    assert counts_for(reported, base, rule) == expected
    found = possible_counts(reported, base, rule=rule)
    assert {n: list(counts) for n, counts in found.items()} == (
        {base: expected} if expected else {}
    )
    if base < 10 ** (places + 2):
        wanted = "consistent" if expected else "inconsistent"
        assert grim(reported, base, rule=rule, percent=True) == wanted
    else:
        assert expected
        assert grim(reported, base, rule=rule, percent=True) == "untestable"


@settings(max_examples=400)
@given(
    st.sampled_from(RULES),
    st.integers(1, 60),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(-300, 300),
    st.integers(-1, 1),
)
def test_means_under_every_rule(
    rule: Rounding, n: int, items: int, places: int, total: int, step: int
) -> None:
    base = n * items
    units = int((quotient(total, base) * 10**places).to_integral_value(ROUND_FLOOR)) + step
    reported = as_text(units, places)
    around = range(-302 - 3 * base, 303 + 3 * base)
    expected = [
        k
        for k in around
        if Decimal(reported) in printed(quotient(k, base), places, rule)
        and (k <= 0 if units < 0 else k >= 0)
    ]
    found = possible_counts(reported, n, items=items, percent=False, rule=rule)
    assert list(found.get(n, [])) == expected
    outcome = grim(reported, n, items, rule)
    if base >= 10**places:
        assert expected and outcome == "untestable"
    else:
        assert outcome == ("consistent" if expected else "inconsistent")


@settings(max_examples=400)
@given(
    st.sampled_from(RULES), st.integers(-4000, 4000), st.sampled_from([1, 3, 8, 20, 40, 200, 2000])
)
def test_rounds_to_under_every_rule(rule: Rounding, numerator: int, denominator: int) -> None:
    value = quotient(numerator, denominator)
    for places in range(3):
        texts = printed(value, places, rule)
        unit = Decimal(1).scaleb(-places)
        near = {text + shift * unit for text in texts for shift in range(-2, 3)}
        fits = {n for n in near if rounds_to(Fraction(numerator, denominator), f"{n:f}", rule)}
        assert fits == texts


@pytest.mark.parametrize(
    ("rule", "answers"),
    [
        ("half_up", (False, True)),
        ("half_down", (True, False)),
        ("half_even", (True, False)),
        ("up_or_down", (True, True)),
        ("ceiling", (False, True)),
        ("floor", (True, False)),
        ("truncation", (True, False)),
    ],
)
def test_the_published_tie(rule: str, answers: tuple[bool, bool]) -> None:
    # 41/40 = 1.025
    assert tuple(rounds_to(Fraction(41, 40), x, rule) for x in ("1.02", "1.03")) == answers
    outcomes = tuple(grim(x, 40, rule=rule) == "consistent" for x in ("1.02", "1.03"))
    assert outcomes == answers


def test_half_even_bounds_depend_on_the_last_digit() -> None:
    assert interval("1.02", "half_even").high_closed
    assert not interval("1.03", "half_even").low_closed
    assert rounds_to(Fraction(3, 2), "2", "half_even")
    assert rounds_to(Fraction(5, 2), "2", "half_even")
    assert not rounds_to(Fraction(5, 2), "3", "half_even")
    assert rounds_to(Fraction(-1, 2), "0", "half_even")


def test_truncation_is_towards_zero() -> None:
    assert rounds_to(Fraction(-19, 10), "-1", "truncation")
    assert rounds_to(Fraction(-9, 10), "0", "truncation")
    assert not rounds_to(Fraction(1), "0", "truncation")


def test_a_mean_keeps_the_sign_it_is_printed_with() -> None:
    assert possible_counts("0.00", 300, percent=False) == {300: range(2)}
    assert possible_counts("-0.00", 300, percent=False) == {300: range(-1, 1)}
    assert possible_counts("-2.50", 4, percent=False) == {4: range(-10, -9)}


# Bases.


@pytest.mark.parametrize("rule", RULES)
def test_common_bases_under_every_rule(rule: Rounding) -> None:
    shares = ["27.2", "21.5", "20.4"]
    expected = [
        base
        for base in range(1, 121)
        if all(
            any(
                Decimal(share) in printed(quotient(100 * n, base), 1, rule) for n in range(base + 1)
            )
            for share in shares
        )
    ]
    assert common_bases(shares, 120, rule) == expected
    assert smallest_base(shares, 120, rule) == (expected[0] if expected else None)
    hits = attainable_table(shares, 120, rule)
    assert list(hits.loc[hits["attainable"] == 3, "base"]) == expected


def test_smallest_base() -> None:
    assert smallest_base(DISTRICTS, 400) == 88
    assert smallest_base(DISTRICTS, 87) is None
    assert smallest_base(PATHS, 25) == 20
    assert smallest_base(["0.01"], 10_000, "ceiling") == 10_000
    for rule in RULES:
        # Over 100 x 10^D everything with D decimals is a count.
        assert smallest_base(["33.3", "0.1", "99.9"], 1000, rule) is not None


def test_bases_without_a_given_one() -> None:
    found = possible_counts("27.27", limit=100)
    assert found == {
        n: range(counts_for("27.27", n)[0], counts_for("27.27", n)[-1] + 1) for n in found
    }
    assert [n for n in range(1, 101) if counts_for("27.27", n)] == list(found)
    assert 88 in found


def test_text_follows_the_rule() -> None:
    assert attainable_text("12", [8]) == "Arithmetic: over 8 firms no count gives 12 %."
    assert attainable_text("12", [8], "floor") == "Arithmetic: over 8 firms 1 gives 12 %."


# Published answers of GRIM, GRIMMER and DEBIT; ties may go either way there.


@pytest.mark.parametrize(("mean", "people", "items", "attainable"), GRIM)
def test_grim_vectors(mean: str, people: int, items: int, attainable: bool) -> None:
    assert grim(mean, people, items) == ("consistent" if attainable else "inconsistent")


def test_grim_percent_vectors() -> None:
    assert grim("71", 43, percent=True) == "inconsistent"
    assert grim("70", 43, percent=True) == "consistent"
    assert grim("27.27", 88, percent=True) == "consistent"
    assert grim("27.27", 90, percent=True) == "inconsistent"


GRIMMER = [
    ("5.23", "2.55", 35, False), ("5.23", "2.55", 31, True), ("1.03", "0.41", 40, False),
    ("52.13", "2.26", 30, True), ("5.21", "1.60", 28, True), ("3.44", "2.47", 18, False),
    ("2.57", "2.57", 30, True), ("7.3", "2.51", 12, False), ("3.10", "1.37", 10, True),
]  # fmt: skip


@pytest.mark.parametrize(("mean", "sd", "n", "possible"), GRIMMER)
def test_grimmer_vectors(mean: str, sd: str, n: int, possible: bool) -> None:
    assert grimmer(mean, sd, n) == ("consistent" if possible else "inconsistent")


DEBIT = [
    (".53", ".50", 1683, True), (".44", ".50", 1683, True), (".77", ".42", 1683, True),
    (".19", ".35", 1683, False), (".34", ".47", 1683, True), (".93", ".25", 1683, True),
    (".12", ".33", 1683, True), ("0.35", "0.18", 20, False), ("0.36", "0.11", 20, False),
]  # fmt: skip


@pytest.mark.parametrize(("mean", "sd", "n", "possible"), DEBIT)
def test_debit_vectors(mean: str, sd: str, n: int, possible: bool) -> None:
    assert debit(mean, sd, n) == ("consistent" if possible else "inconsistent")


def test_debit_from_counts() -> None:
    # 153 ones and 127 zeros.
    assert possible_counts("0.5464286", 280, percent=False) == {280: range(153, 154)}
    assert debit("0.5464286", "0.4987", 280) == "consistent"
    assert debit("0.5464286", "0.4978", 280) == "inconsistent"


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("n", [2, 3, 7, 10, 17, 26])
def test_debit_equals_enumeration(n: int, rule: Rounding) -> None:
    ones = [
        (printed(quotient(k, n), 2, rule), printed(deviation(k * (n - k), n * (n - 1)), 2, rule))
        for k in range(n + 1)
    ]
    pairs = {(mean, sd) for means, sds in ones for mean in means for sd in sds}
    sds = sorted({sd for _, sd in pairs})
    near = {sd + Decimal(step).scaleb(-2) for sd in sds for step in (-1, 0, 1)}
    for hundredths in range(101):
        mean = Decimal(hundredths).scaleb(-2)
        for sd in near:
            if sd >= 0:
                wanted = "consistent" if (mean, sd) in pairs else "inconsistent"
                assert debit(str(mean), f"{sd:f}", n, rule) == wanted


def grimmer_by_loops(mean: str, sd: str, n: int, items: int, rule: Rounding) -> bool:
    """Try every total and every sum of squares up to a generous bound."""
    highest = int((Decimal(mean) + 1) * n * items)
    for total in range(highest + 1):
        if Decimal(mean) not in printed(quotient(total, n * items), decimals(mean), rule):
            continue
        least = -(-(total**2) // n)
        most = least + int((Decimal(sd) + 1) ** 2 * (n - 1) * items**2) + 2
        for squares in range(least, most + 1):
            # Q - T^2 / n over n - 1, the integers being the values times the items
            spread = deviation(n * squares - total**2, n * (n - 1) * items**2)
            same_parity = squares % 2 == total % 2
            if same_parity and Decimal(sd) in printed(spread, decimals(sd), rule):
                return True
    return False


@settings(max_examples=250)
@given(
    st.sampled_from(RULES),
    st.integers(2, 14),
    st.integers(1, 2),
    st.integers(0, 3),
    st.integers(0, 3),
    st.data(),
)
def test_grimmer_equals_loops(
    rule: Rounding, n: int, items: int, places: int, sd_places: int, data: st.DataObject
) -> None:
    mean = as_text(data.draw(st.integers(0, 4 * 10**places)), places)
    sd = as_text(data.draw(st.integers(0, 2 * 10**sd_places)), sd_places)
    outcome = grimmer(mean, sd, n, items, rule)
    possible = grimmer_by_loops(mean, sd, n, items, rule)
    assert (outcome != "inconsistent") is possible
    if outcome == "untestable":
        assert power(mean, n, items) == 0


@settings(max_examples=400)
@given(
    st.sampled_from(RULES),
    st.integers(2, 40),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 10**6),
)
def test_real_samples_pass_every_test(
    rule: Rounding, n: int, places: int, sd_places: int, seed: int
) -> None:
    draw = random.Random(seed)
    for top, test in ((draw.randint(1, 9), grimmer), (1, debit)):
        sample = [draw.randint(0, top) for _ in range(n)]
        total, squares = sum(sample), sum(x * x for x in sample)
        spread = deviation(n * squares - total**2, n * (n - 1))
        for mean in printed(quotient(total, n), places, rule):
            assert grim(f"{mean:f}", n, rule=rule) != "inconsistent"
            for sd in printed(spread, sd_places, rule):
                assert test(f"{mean:f}", f"{sd:f}", n, rule=rule) != "inconsistent"


def test_grimmer_compares_without_roots() -> None:
    # Two, two, two, six: the variance is exactly 4. Floats cannot tell these two apart.
    assert grimmer("3.00", "2.00000000000000000000", 4) == "consistent"
    assert grimmer("3.00", "2.00000000000000000001", 4) == "inconsistent"


def test_grimmer_of_many_people() -> None:
    assert grimmer("3.21", "1.10", 5000) == "untestable"
    # The mean cannot fail over so many, the standard deviation can.
    assert grimmer("3.2", "0.00000", 20) == "inconsistent"
    assert grimmer("3.2", "0.41039", 20) == "consistent"
    # The standard deviation cannot fail, the mean can.
    assert grimmer("5.19", "9", 28) == "inconsistent"
    assert grimmer("5.18", "9", 28) == "consistent"
    with pytest.raises(InputError, match="more decimals"):
        grimmer("3", "0.000000000001", 10**9)


# Power.


@pytest.mark.parametrize(
    ("reported", "n", "items", "percent", "expected"),
    [
        ("5.19", 28, 1, False, Fraction(72, 100)),
        ("2.84", 16, 2, False, Fraction(68, 100)),
        ("71", 43, 1, True, Fraction(57, 100)),
        ("27.27", 88, 1, True, Fraction(9912, 10000)),
        ("5.19", 99, 1, False, Fraction(1, 100)),
        ("5.19", 100, 1, False, Fraction(0)),
        ("5.19", 101, 1, False, Fraction(0)),
        ("5.19", 50, 2, False, Fraction(0)),
        ("5.190", 100, 1, False, Fraction(9, 10)),
        ("5", 1, 1, False, Fraction(0)),
    ],
)
def test_power(reported: str, n: int, items: int, percent: bool, expected: Fraction) -> None:
    found = power(reported, n, items, percent)
    assert isinstance(found, Fraction)
    assert found == expected
    outcome = grim(reported, n, items, percent=percent)
    assert (outcome == "untestable") is (expected == 0)


@pytest.mark.parametrize("rule", ONE_VALUE_RULES)
@pytest.mark.parametrize("n", [1, 3, 7, 8, 28, 40, 99, 100, 130])
def test_power_is_the_share_that_fails(n: int, rule: Rounding) -> None:
    outcomes = [grim(as_text(units, 2), n, rule=rule) for units in range(300, 400)]
    assert Fraction(outcomes.count("inconsistent"), 100) == power("3.00", n)


# Input that cannot be used.

BAD_TEXTS = [
    ("27.27\uff05", "full-width.*percent sign; write 27.27$"),
    ("\uff12\uff17.27", "full-width.*write 27.27$"),
    ("\uff12\uff17\uff0c\uff12\uff17\uff05", r"full-width.*write 27\.27 \(a decimal point\)$"),
    ("\u22122.5", "special characters; write -2.5$"),
    ("27.27%", "has a percent sign; write 27.27$"),
    ("27.27 %", "has a percent sign; write 27.27$"),
    ("27,27", r"has a comma; write 27\.27 \(a decimal point\)$"),
    ("1,234", r"write 1\.234 \(a decimal point\) or 1234 \(no thousands separator\)$"),
    ("1,234.5", "thousands separators; write 1234.5$"),
    ("", "is empty"),
    ("  ", "is empty"),
    ("abc", "is not a number"),
    ("%", "is not a number"),
    (".", "is not a number"),
    ("1/4", "is not a number"),
    ("1e1", "is not a number"),
    ("1_0", "is not a number"),
    ("nan", "is not a number"),
    ("\u0661\u0662", "is not a number"),
    ("12\n13", "is not a number"),
    ("9" * 5000, "at most 40"),
    (27.27, "must be text"),
    (None, "must be text"),
]
READERS: list[Callable[[str], object]] = [
    lambda text: interval(text),
    lambda text: rounds_to(Fraction(1), text),
    lambda text: counts_for(text, 88),
    lambda text: possible_counts(text, 88),
    lambda text: possible_counts(text, percent=False),
    lambda text: common_bases([text], 9),
    lambda text: smallest_base(["20", text], 9),
    lambda text: attainable_table([text], 9),
    lambda text: attainable_text(text, [9]),
    lambda text: power(text, 9),
    lambda text: grim(text, 9),
    lambda text: grim(text, 9, percent=True),
    lambda text: grimmer(text, "1.0", 9),
    lambda text: grimmer("1.0", text, 9),
    lambda text: debit(text, "0.50", 9),
    lambda text: debit("0.50", text, 9),
]


@pytest.mark.parametrize(("text", "message"), BAD_TEXTS)
def test_unreadable_numbers(text: str, message: str) -> None:
    for read in READERS:
        with pytest.raises(InputError, match=message):
            read(text)


@pytest.mark.parametrize("text", [" 27.27", "27.27 ", "+27.27", "027.27", "\u300027.27"])
def test_harmless_variants(text: str) -> None:
    assert counts_for(text, 88) == [24]


BAD_NUMBERS = [
    (0, "at least"), (-3, "at least"), (28.0, "whole number"), (28.5, "whole number"),
    ("28", "whole number"), (None, "whole number"), (True, "whole number"),
    (Fraction(28), "whole number"), (10**40, "at most"),
]  # fmt: skip


@pytest.mark.parametrize(("n", "message"), BAD_NUMBERS)
def test_unusable_bases(n: int, message: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: counts_for("20", n),
        lambda: attainable_text("20", [n]),
        lambda: power("5.19", n),
        lambda: power("5.19", 28, n),
        lambda: grim("5.19", n),
        lambda: grim("5.19", 28, n),
        lambda: grimmer("5.19", "1.00", n),
        lambda: grimmer("5.19", "1.00", 28, n),
        lambda: debit("0.50", "0.50", n),
        lambda: smallest_base(["20"], n),
        lambda: possible_counts("20", limit=n),
        lambda: possible_counts("20", 28, items=n),
    ]
    if n is not None:
        calls.append(lambda: possible_counts("20", n))
    if n != 0:
        calls.append(lambda: common_bases(["20"], n))
        calls.append(lambda: attainable_table(["20"], n))
    for call in calls:
        with pytest.raises(InputError, match=message):
            call()


def test_no_base_to_try_is_no_error() -> None:
    assert common_bases(["20"], 0) == []
    assert attainable_table(["20"], 0).empty


def test_one_person_has_no_standard_deviation() -> None:
    for test in (grimmer, debit):
        with pytest.raises(InputError, match="at least 2"):
            test("1", "0", 1)


def test_numpy_integers_are_bases() -> None:
    numpy = pytest.importorskip("numpy")
    assert counts_for("27.27", numpy.int64(88)) == [24]
    assert grim("5.19", numpy.int64(28)) == "inconsistent"


@pytest.mark.parametrize("text", ["100.01", "101", "-1", "-0.01", "250"])
def test_percentages_outside_the_range(text: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: possible_counts(text, 88),
        lambda: possible_counts(text),
        lambda: smallest_base([text], 88),
        lambda: grim(text, 88, percent=True),
        lambda: power(text, 88, percent=True),
    ]
    for call in calls:
        with pytest.raises(InputError, match="between 0 and 100"):
            call()
    # No count gives it: for the lists of counts and bases that is an answer.
    assert counts_for(text, 88) == []
    assert common_bases([text], 88) == []


def test_other_unusable_input() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        debit("1.01", "0.10", 20)
    with pytest.raises(InputError, match=r"standard deviation '-0\.10'.*at least 0"):
        debit("0.50", "-0.10", 20)
    with pytest.raises(InputError, match="at least 0"):
        grimmer("0.50", "-0.10", 20)
    with pytest.raises(InputError, match="as a list"):
        common_bases("20", 20)
    with pytest.raises(InputError, match="at least one"):
        smallest_base([], 20)


@pytest.mark.parametrize("rule", ["up", "HALF_UP", "", None])
def test_unknown_rules(rule: str) -> None:
    for call in (
        lambda: interval("1", rule),
        lambda: counts_for("20", 5, rule),
        lambda: common_bases([], 5, rule),
        lambda: grim("5", 100, rule=rule),
        lambda: grimmer("5", "1", 100, rule=rule),
        lambda: debit("0.5", "0.5", 100, rule),
    ):
        with pytest.raises(InputError, match="half_up, half_down, half_even"):
            call()
