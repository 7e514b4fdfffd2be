"""Which integer counts can have produced a reported percentage, mean or standard deviation.

A share of firms is one integer count over one integer base, rounded once. That makes it testable
without any other data: the GRIM test for percentages and means [1]_, GRIMMER for means with a
standard deviation [2]_, [3]_ and DEBIT for data of zeros and ones [4]_. All arithmetic is exact:
fractions, and squares where a standard deviation is compared. None of the tests holds for weighted
averages, sums of rounded shares, or a base that changed on the way.

Numbers are given as text, because trailing zeros count: "20.0" says more than "20".

References
----------
.. [1] Brown, N. J. L. and Heathers, J. A. J. (2017). The GRIM test: a simple technique detects
   numerous anomalies in the reporting of results in psychology. Social Psychological and
   Personality Science 8(4), 363-369. doi:10.1177/1948550616673876
.. [2] Anaya, J. (2016). The GRIMMER test: a method for testing the validity of reported measures
   of variability. PeerJ Preprints 4:e2400v1. doi:10.7287/peerj.preprints.2400v1
.. [3] Allard, A. (2018). Analytic-GRIMMER: a new way of testing the possibility of standard
   deviations.
.. [4] Heathers, J. A. J. and Brown, N. J. L. (2019). DEBIT: a simple consistency test for binary
   data.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import Literal

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.bilingual import Said, either, join

Outcome = Literal["consistent", "inconsistent", "untestable"]

PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
LONGEST_NUMBER = 40
LARGEST_BASE = 10**15
MOST_TOTALS = 1_000_000


class Rounding(StrEnum):
    """How an exact number became the printed one.

    With u for half a unit of the last printed digit, a printed x stands for:

    ============  ===========================  ===============================
    Rule          What it does                 Exact values that print as x
    ============  ===========================  ===============================
    half_up       a tie goes up                [x - u, x + u)
    half_down     a tie goes down              (x - u, x + u]
    half_even     a tie goes to an even digit  closed if x ends even, else open
    up_or_down    a tie may go either way      [x - u, x + u]
    ceiling       always up                    (x - 2u, x]
    floor         always down                  [x, x + 2u)
    truncation    towards zero                 as floor above zero, as ceiling
                                               below, (-2u, 2u) at zero
    ============  ===========================  ===============================

    Up means towards larger numbers, also below zero.

    Examples
    --------
    >>> Rounding("half_up") is Rounding.HALF_UP
    True
    """

    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    HALF_EVEN = "half_even"
    UP_OR_DOWN = "up_or_down"
    CEILING = "ceiling"
    FLOOR = "floor"
    TRUNCATION = "truncation"


RuleName = Literal[
    "half_up", "half_down", "half_even", "up_or_down", "ceiling", "floor", "truncation"
]


@dataclass(frozen=True)
class Interval:
    """The exact values between two bounds, each bound inside or outside.

    Parameters
    ----------
    low, high : Fraction
    low_closed, high_closed : bool
        Whether the bound itself belongs to the interval.

    Examples
    --------
    >>> thirds = Interval(Fraction(1, 3), Fraction(2, 3), True, False)
    >>> Fraction(1, 3) in thirds, Fraction(2, 3) in thirds
    (True, False)
    """

    low: Fraction
    high: Fraction
    low_closed: bool
    high_closed: bool

    def __contains__(self, value: Fraction | int) -> bool:
        above = self.low < value or (self.low_closed and value == self.low)
        return above and (value < self.high or (self.high_closed and value == self.high))

    def numerators(self, denominator: Fraction | int) -> range:
        """Integers that lie in the interval once divided by a positive denominator.

        Examples
        --------
        >>> Interval(Fraction(1, 2), Fraction(1), False, True).numerators(4)
        range(3, 5)
        """
        low, high = self.low * denominator, self.high * denominator
        first = ceil(low) if self.low_closed else floor(low) + 1
        last = floor(high) if self.high_closed else ceil(high) - 1
        return range(first, max(first, last + 1))

    def squares(self) -> Interval:
        """Squares of the values that are not negative; the upper bound must not be negative.

        Examples
        --------
        >>> Interval(Fraction(-1, 2), Fraction(1, 2), False, False).squares().low_closed
        True
        """
        if self.low < 0:
            return Interval(Fraction(0), self.high**2, True, self.high_closed)
        return Interval(self.low**2, self.high**2, self.low_closed, self.high_closed)


def _plain(reported: str, name: str = "a reported number") -> str:
    """Check that a text is one plain decimal number and strip blanks around it."""
    if not isinstance(reported, str):
        raise InputError(
            f"{name} must be text, because trailing zeros count: "
            f'write "5.10" in quotes, not {reported!r}'
        )
    text = reported.strip()
    if not text:
        raise InputError(f"{name} is empty; write a number such as 27.27")
    if len(text) > LONGEST_NUMBER:
        raise InputError(f"{name} has {len(text)} characters; at most {LONGEST_NUMBER} are read")
    if PLAIN_NUMBER.fullmatch(text):
        return text
    narrow = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    bare = narrow.rstrip("% ")
    faults = []
    if narrow != text:
        faults.append("full-width or other special characters")
    if "%" in narrow:
        faults.append("a percent sign")
    if bare.count(",") == 1 and "." not in bare:
        faults.append("a comma")
        pointed, joined = bare.replace(",", "."), bare.replace(",", "")
        if PLAIN_NUMBER.fullmatch(pointed):
            wanted = f"{pointed} (a decimal point)"
            if len(bare.partition(",")[2]) == 3:
                wanted += f" or {joined} (no thousands separator)"
            raise InputError(f"{name} {text!r} has {' and '.join(faults)}; write {wanted}")
    elif PLAIN_NUMBER.fullmatch(bare.replace(",", "")):
        if "," in bare:
            faults.append("thousands separators")
        wanted = bare.replace(",", "")
        raise InputError(f"{name} {text!r} has {' and '.join(faults)}; write {wanted}")
    raise InputError(
        f"{name} {text!r} is not a number; write digits with a decimal point, such as 27.27"
    )


def _value(reported: str, name: str, low: int | None = None, high: int | None = None) -> Fraction:
    """Read a reported number and check its range."""
    value = Fraction(_plain(reported, name))
    if (low is not None and value < low) or (high is not None and value > high):
        wanted = f"at least {low}" if high is None else f"between {low} and {high}"
        raise InputError(f"{name} {reported.strip()!r} is out of range; it must be {wanted}")
    return value


def _whole(number: int, name: str, least: int = 1) -> int:
    """Check an integer argument."""
    try:
        whole = operator.index(number)
    except TypeError:
        whole = None
    if whole is None or isinstance(number, bool):
        raise InputError(f"{name} must be a whole number, not {number!r}")
    if whole < least:
        raise InputError(f"{name} must be at least {least}, not {whole}")
    if whole > LARGEST_BASE:
        raise InputError(f"{name} must be at most {LARGEST_BASE:,}")
    return whole


def _rule(rule: Rounding | RuleName) -> Rounding:
    """Look a rounding rule up by its name."""
    try:
        return Rounding(rule)
    except ValueError:
        raise InputError(
            f"unknown rounding rule {rule!r}; the rules are {', '.join(Rounding)}"
        ) from None


def _listed(shares: Sequence[str]) -> Sequence[str]:
    """Refuse one text where several are meant; its characters would pass for percentages."""
    if isinstance(shares, str):
        raise InputError(f"several percentages are needed as a list; write [{shares!r}]")
    return shares


def decimals(reported: str) -> int:
    """Digits after the decimal point; trailing zeros count.

    Examples
    --------
    >>> decimals("20.450"), decimals("20")
    (3, 0)
    """
    return len(reported.partition(".")[2])


def interval(reported: str, rule: Rounding | RuleName = Rounding.HALF_UP) -> Interval:
    """Exact values that a rounding rule prints as the reported text.

    Parameters
    ----------
    reported : str
        Number as printed.
    rule : Rounding
        See :class:`Rounding`.

    Returns
    -------
    Interval

    Raises
    ------
    InputError
        If the text is not a plain decimal number or the rule is unknown.

    Examples
    --------
    >>> found = interval("1.02", "half_even")
    >>> found.low, found.high, Fraction(41, 40) in found
    (Fraction(203, 200), Fraction(41, 40), True)
    """
    rule = _rule(rule)
    text = _plain(reported)
    centre, unit = Fraction(text), Fraction(1, 10 ** decimals(text))
    if rule is Rounding.TRUNCATION:
        if centre == 0:
            return Interval(-unit, unit, False, False)
        rule = Rounding.FLOOR if centre > 0 else Rounding.CEILING
    if rule is Rounding.CEILING:
        return Interval(centre - unit, centre, False, True)
    if rule is Rounding.FLOOR:
        return Interval(centre, centre + unit, True, False)
    even = rule is Rounding.HALF_EVEN and (centre / unit) % 2 == 0
    both = even or rule is Rounding.UP_OR_DOWN
    return Interval(
        centre - unit / 2,
        centre + unit / 2,
        both or rule is Rounding.HALF_UP,
        both or rule is Rounding.HALF_DOWN,
    )


def rounds_to(
    value: Fraction | int, reported: str, rule: Rounding | RuleName = Rounding.HALF_UP
) -> bool:
    """Whether a value rounds to a reported decimal text, half up unless told otherwise.

    Parameters
    ----------
    value : Fraction or int
    reported : str
        Number as printed.
    rule : Rounding

    Returns
    -------
    bool

    Examples
    --------
    >>> rounds_to(Fraction(24, 88) * 100, "27.27")
    True
    >>> rounds_to(Fraction(41, 40), "1.02"), rounds_to(Fraction(41, 40), "1.02", "half_down")
    (False, True)
    """
    return value in interval(reported, rule)


def _totals(reported: str, base: int, rule: Rounding | RuleName, percent: bool) -> range:
    """Integers over a base that print as the reported text; the base is valid already.

    A percentage counts some of the base, so 0 to base. A mean printed without a minus sign has a
    total of at least 0, one printed with it a total of at most 0.
    """
    found = interval(reported, rule).numerators(Fraction(base, 100) if percent else base)
    if percent:
        return range(max(found.start, 0), max(found.start, 0, min(found.stop, base + 1)))
    if _plain(reported).startswith("-"):
        return range(found.start, max(found.start, min(found.stop, 1)))
    return range(max(found.start, 0), max(found.start, 0, found.stop))


def counts_for(reported: str, base: int, rule: Rounding | RuleName = Rounding.HALF_UP) -> list[int]:
    """Counts whose percentage of a base rounds to the reported text.

    Parameters
    ----------
    reported : str
        Percentage as printed, for instance ``"27.27"``.
    base : int
        Number of firms, at least 1.
    rule : Rounding

    Returns
    -------
    list of int
        Empty when no count can have produced the percentage, also when it is outside 0 to 100.

    Raises
    ------
    InputError
        If the text is not a plain decimal number or the base is not a whole number above 0.

    Examples
    --------
    >>> counts_for("27.27", 88), counts_for("27.27", 90)
    ([24], [])
    >>> counts_for("12", 8), counts_for("12", 8, "half_even")
    ([], [1])
    """
    return list(_totals(reported, _whole(base, "the base N"), rule, percent=True))


def possible_counts(
    reported: str,
    base: int | None = None,
    *,
    percent: bool = True,
    items: int = 1,
    rule: Rounding | RuleName = Rounding.HALF_UP,
    limit: int = 500,
) -> dict[int, range]:
    """Integer counts that can have produced a reported percentage or mean.

    Parameters
    ----------
    reported : str
        Percentage or mean as printed.
    base : int, optional
        Number N it was computed over; without one, every base from 1 to the limit is tried.
    percent : bool
        Whether the number is a percentage; otherwise a mean of integers.
    items : int
        Integers that each of the N contributes to a mean, such as the questions of a scale.
    rule : Rounding
    limit : int
        Largest base tried when none is given.

    Returns
    -------
    dict of int to range
        For each base that can have produced the number, the counts (for a mean, the totals) that
        do. A mean printed without a minus sign is taken to have a total of at least 0.

    Raises
    ------
    InputError
        If the number is not plain decimal text, a percentage is outside 0 to 100, or a base,
        limit or number of items is not a whole number above 0.

    Notes
    -----
    This is the GRIM test of Brown and Heathers (2017), doi:10.1177/1948550616673876, which says
    only whether some count exists.

    Examples
    --------
    >>> possible_counts("27.27", 88), possible_counts("27.27", 90)
    ({88: range(24, 25)}, {})
    >>> {base: list(counts) for base, counts in possible_counts("27.27", limit=33).items()}
    {11: [3], 22: [6], 33: [9]}
    >>> possible_counts("5.18", 28, percent=False)
    {28: range(145, 146)}
    """
    _reported(reported, percent)
    items = _whole(items, "the number of items")
    if base is None:
        bases = range(1, _whole(limit, "the largest base") + 1)
    else:
        base = _whole(base, "the base N")
        bases = range(base, base + 1)
    found = {n: _totals(reported, n * items, rule, percent) for n in bases}
    return {n: totals for n, totals in found.items() if totals}


def _reported(reported: str, percent: bool) -> Fraction:
    """Read a percentage within 0 to 100, or any mean."""
    if percent:
        return _value(reported, "the percentage", 0, 100)
    return _value(reported, "the mean")


def common_bases(
    shares: Sequence[str], limit: int, rule: Rounding | RuleName = Rounding.HALF_UP
) -> list[int]:
    """Bases up to a limit over which every reported percentage is some integer count.

    Parameters
    ----------
    shares : sequence of str
        Percentages of one and the same base, as printed.
    limit : int
        Largest base tried.
    rule : Rounding

    Returns
    -------
    list of int
        In ascending order; the first is the smallest common base.

    Examples
    --------
    >>> common_bases(["27.27", "21.59", "20.45"], 100)
    [88]
    >>> common_bases(["27.27", "21.59", "20.45"], 400, "truncation")
    [88, 176, 264, 352]
    """
    largest = _whole(limit, "the largest base", 0)
    return list(_common_bases(tuple(_listed(shares)), largest, _rule(rule)))


@lru_cache(maxsize=128)
def _common_bases(shares: tuple[str, ...], largest: int, rule: Rounding) -> tuple[int, ...]:
    """See :func:`common_bases`; several claims ask the same of the same shares."""
    bases = range(1, largest + 1)
    return tuple(n for n in bases if all(_totals(share, n, rule, True) for share in shares))


def smallest_base(
    shares: Sequence[str], limit: int, rule: Rounding | RuleName = Rounding.HALF_UP
) -> int | None:
    """Smallest base over which every reported percentage is some integer count.

    Parameters
    ----------
    shares : sequence of str
        Percentages of one and the same base, as printed; at least one, all within 0 to 100.
    limit : int
        Largest base tried. With D decimals no search needs more than ``100 * 10**D``.
    rule : Rounding

    Returns
    -------
    int or None
        None when no base up to the limit fits.

    Raises
    ------
    InputError
        If there is no percentage, one is not plain decimal text or is outside 0 to 100, or the
        limit is not a whole number above 0.

    Examples
    --------
    >>> smallest_base(["27.27", "21.59", "20.45"], 400)
    88
    >>> smallest_base(["27.27", "21.59"], 40) is None
    True
    """
    rule, shares = _rule(rule), _listed(shares)
    if not shares:
        raise InputError("at least one percentage is needed to look for a base")
    for share in shares:
        _reported(share, percent=True)
    bases = range(1, _whole(limit, "the largest base") + 1)
    return next((n for n in bases if all(_totals(share, n, rule, True) for share in shares)), None)


def power(reported: str, n: int, items: int = 1, percent: bool = False) -> Fraction:
    """Share of all numbers with as many decimals that the GRIM test would expose.

    Parameters
    ----------
    reported : str
        Mean or percentage as printed; only its number of decimals D matters.
    n : int
        Number N it was computed over.
    items : int
        Integers that each of the N contributes.
    percent : bool
        Whether the number is a percentage; it then has D + 2 decimals as a share of one.

    Returns
    -------
    Fraction
        ``max(0, 1 - N * items / 10**D)``; at 0 the test cannot fail.

    Notes
    -----
    Brown and Heathers (2017), doi:10.1177/1948550616673876. Exact for the rules that print one
    number for each value; under ``up_or_down`` a tie prints as two, and slightly fewer are exposed.

    Examples
    --------
    >>> power("5.19", 28), power("71", 43, percent=True), power("5.19", 100)
    (Fraction(18, 25), Fraction(57, 100), Fraction(0, 1))
    """
    _reported(reported, percent)
    grains = _whole(n, "the number N") * _whole(items, "the number of items")
    places = decimals(_plain(reported)) + (2 if percent else 0)
    return max(Fraction(0), 1 - Fraction(grains, 10**places))


def grim(
    mean: str,
    n: int,
    items: int = 1,
    rule: Rounding | RuleName = Rounding.UP_OR_DOWN,
    percent: bool = False,
) -> Outcome:
    """Test whether a mean or percentage of integers is possible (GRIM).

    Parameters
    ----------
    mean : str
        Mean or percentage as printed.
    n : int
        Number N it was computed over.
    items : int
        Integers that each of the N contributes.
    rule : Rounding
        By default a tie may have gone either way.
    percent : bool
        Whether the number is a percentage.

    Returns
    -------
    {"consistent", "inconsistent", "untestable"}
        Untestable when :func:`power` is 0: every number with so few decimals would pass.

    Raises
    ------
    InputError
        If the number is not plain decimal text, a percentage is outside 0 to 100, or N or the
        number of items is not a whole number above 0.

    Notes
    -----
    Brown and Heathers (2017), doi:10.1177/1948550616673876.

    Examples
    --------
    >>> grim("5.19", 28), grim("5.18", 28), grim("5.19", 100)
    ('inconsistent', 'consistent', 'untestable')
    >>> grim("71", 43, percent=True)
    'inconsistent'
    """
    rule = _rule(rule)
    if not power(mean, n, items, percent):
        return "untestable"
    return "consistent" if _totals(mean, n * items, rule, percent) else "inconsistent"


def grimmer(
    mean: str,
    sd: str,
    n: int,
    items: int = 1,
    rule: Rounding | RuleName = Rounding.UP_OR_DOWN,
) -> Outcome:
    """Test whether a mean and a standard deviation of integers are possible together (GRIMMER).

    Parameters
    ----------
    mean, sd : str
        Mean and sample standard deviation (divisor N - 1) as printed.
    n : int
        Number N they were computed over, at least 2.
    items : int
        Integers that each of the N contributes; their mean is one value.
    rule : Rounding
        Applied to both numbers; by default a tie may have gone either way.

    Returns
    -------
    {"consistent", "inconsistent", "untestable"}
        Untestable when neither step could have failed: every mean with so few decimals has a
        total, and the standard deviation spans two or more sums of squares for each total.

    Raises
    ------
    InputError
        If a number is not plain decimal text, the standard deviation is negative, N is not a whole
        number above 1, or so many totals fit the mean that they cannot be tried one by one.

    Notes
    -----
    Allard's analytic form (2018) of Anaya's GRIMMER test. With T the total of the integers and Q
    the sum of their squares, the variance is ``(Q - T**2 / N) / (N - 1)``. Some T must give the
    mean (GRIM), some integer Q the standard deviation, and Q must be even when T is, because a
    square is even when its root is. Standard deviations are compared by their squares. Passing
    is necessary, not sufficient: no sample is constructed.

    Examples
    --------
    >>> grimmer("5.23", "2.55", 31), grimmer("1.03", "0.41", 40)
    ('consistent', 'inconsistent')
    """
    rule = _rule(rule)
    _value(sd, "the standard deviation", 0)
    n, items = _whole(n, "the number N", 2), _whole(items, "the number of items")
    mean_can_fail = power(mean, n, items) > 0
    totals = _totals(mean, n * items, rule, percent=False)
    variance = interval(sd, rule).squares()
    # N * Q = N * (N - 1) * variance + T ** 2, the values taken as integers.
    scale = Fraction(n * (n - 1) * items**2)
    if scale * (variance.high - variance.low) > 2 * n:
        if not mean_can_fail:
            return "untestable"
        return "consistent" if totals else "inconsistent"
    if totals.stop - totals.start > MOST_TOTALS:
        raise InputError(
            f"more than {MOST_TOTALS:,} totals over N = {n:,} give the mean {mean.strip()}; "
            "give the mean with more decimals"
        )
    # As Q is a whole number of the parity of T, N * Q - T ** 2 is a whole number in a fixed range.
    spread = variance.numerators(scale)
    for total in totals:
        least = -(-(spread.start + total**2) // n)
        least += (least - total) % 2
        if n * least - total**2 < spread.stop:
            return "consistent"
    return "inconsistent"


def debit(mean: str, sd: str, n: int, rule: Rounding | RuleName = Rounding.UP_OR_DOWN) -> Outcome:
    """Test whether a mean and a standard deviation of zeros and ones are possible (DEBIT).

    Parameters
    ----------
    mean, sd : str
        Share of ones (0 to 1) and sample standard deviation (divisor N - 1) as printed.
    n : int
        Number N of zeros and ones, at least 2.
    rule : Rounding
        Applied to both numbers; by default a tie may have gone either way.

    Returns
    -------
    {"consistent", "inconsistent"}
        Never untestable: the mean leaves no standard deviation to choose.

    Raises
    ------
    InputError
        If a number is not plain decimal text, the mean is outside 0 to 1, the standard deviation
        is negative, or N is not a whole number above 1.

    Notes
    -----
    Heathers and Brown (2019): the variance must be ``N / (N - 1) * m * (1 - m)``. Here m is not
    any number that rounds to the printed mean but a whole number of ones over N, so that a mean
    which fails the GRIM test fails this one too.

    Examples
    --------
    >>> debit("0.53", "0.50", 1683), debit("0.19", "0.35", 1683)
    ('consistent', 'inconsistent')
    """
    rule = _rule(rule)
    _value(mean, "the mean of zeros and ones", 0, 1)
    _value(sd, "the standard deviation", 0)
    n = _whole(n, "the number N", 2)
    ones = _totals(mean, n, rule, percent=False)
    ones = range(ones.start, min(ones.stop, n + 1))
    # The variance of k ones is k (N - k) / (N (N - 1)): whole numbers k (N - k) can be compared.
    wanted = interval(sd, rule).squares().numerators(n * (n - 1))
    # It rises up to k = N / 2 and mirrors itself beyond, so each half can be bisected.
    rising = range(ones.start, min(ones.stop, n // 2 + 1))
    falling = range(n - ones.stop + 1, n - max(ones.start, n // 2 + 1) + 1)
    for half in (rising, falling):
        place = bisect_left(half, wanted.start, key=lambda k: k * (n - k))
        if place < len(half) and half[place] * (n - half[place]) in wanted:
            return "consistent"
    return "inconsistent"


def attainable_text(
    reported: str, bases: Sequence[int], rule: Rounding | RuleName = Rounding.HALF_UP
) -> Said:
    """Say for each base whether some whole count over it rounds to a percentage.

    Parameters
    ----------
    reported : str
        Percentage as printed.
    bases : sequence of int
    rule : Rounding

    Returns
    -------
    Said

    Examples
    --------
    >>> attainable_text("4.48", [4762])
    'Arithmetic: over 4,762 firms no count gives 4.48 %.'
    """
    parts = []
    for base in sorted(set(bases)):
        counts = counts_for(reported, base, rule)
        found = either(f"{count:,}" for count in counts) or Said("no count", "无任何整数")
        parts.append(
            Said(
                f"over {base:,} firms {found} gives {reported} %",
                f"以{base:,}家为基数，{found.zh}{'家' if counts else ''}可得{reported}%",
            )
        )
    told = join(parts)
    return Said(f"Arithmetic: {told}.", f"算术核验：{told.zh}。")


def attainable_table(
    shares: Sequence[str], limit: int, rule: Rounding | RuleName = Rounding.HALF_UP
) -> pd.DataFrame:
    """How many of several percentages each base can produce.

    Parameters
    ----------
    shares : sequence of str
        Percentages as printed.
    limit : int
        Largest base.
    rule : Rounding

    Returns
    -------
    DataFrame
        Columns base (1 to limit) and attainable (0 to the number of shares).

    Examples
    --------
    >>> int(attainable_table(["50", "25"], 4).attainable.iloc[-1])
    2
    """
    rule, shares = _rule(rule), _listed(shares)
    bases = range(1, _whole(limit, "the largest base", 0) + 1)
    hits = [sum(bool(_totals(share, base, rule, True)) for share in shares) for base in bases]
    return pd.DataFrame({"base": bases, "attainable": hits})


def inferred_decision(fits: Sequence[int]) -> Literal["consistent", "unattainable"]:
    """What shares can say of themselves when their base was inferred from them.

    Parameters
    ----------
    fits : sequence of int
        Bases, or counts over the inferred base, that produce the printed shares.

    Returns
    -------
    {"consistent", "unattainable"}
        Never more than ``consistent``: a base that was chosen to fit cannot confirm the fit.

    Examples
    --------
    >>> inferred_decision(common_bases(["27.27", "21.59", "20.45"], 400))
    'consistent'
    """
    return "consistent" if fits else "unattainable"
