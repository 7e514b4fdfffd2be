"""Which integer counts can have produced a reported percentage.

A share of firms is one integer count over one integer base, rounded once. That makes it testable
without any other data (the GRIM test of Brown and Heathers 2017, doi:10.1177/1948550616673876,
for percentages). All arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pandas as pd


def decimals(reported: str) -> int:
    """Digits after the decimal point; trailing zeros count.

    Examples
    --------
    >>> decimals("20.450"), decimals("20")
    (3, 0)
    """
    return len(reported.partition(".")[2])


def rounds_to(value: Fraction, reported: str) -> bool:
    """Whether a non-negative value rounds half up to a reported decimal text.

    Examples
    --------
    >>> rounds_to(Fraction(24, 88) * 100, "27.27")
    True
    """
    half = Fraction(1, 2 * 10 ** decimals(reported))
    centre = Fraction(reported)
    return centre - half <= value < centre + half


def counts_for(reported: str, base: int) -> list[int]:
    """Counts whose percentage of a base rounds (half up) to the reported text.

    Parameters
    ----------
    reported : str
        Percentage as printed, for instance ``"27.27"``.
    base : int
        Number of firms, at least 1.

    Returns
    -------
    list of int
        Empty when no count can have produced the percentage.

    Examples
    --------
    >>> counts_for("27.27", 88), counts_for("27.27", 90)
    ([24], [])
    """
    centre = Fraction(reported) * base / 100
    margin = Fraction(base, 100 * 2 * 10 ** decimals(reported)) + 1
    low, high = int(max(centre - margin, Fraction(0))), int(min(centre + margin, Fraction(base)))
    return [n for n in range(low, high + 1) if rounds_to(Fraction(100 * n, base), reported)]


def common_bases(shares: Sequence[str], limit: int) -> list[int]:
    """Bases up to a limit over which every reported percentage is some integer count.

    Parameters
    ----------
    shares : sequence of str
        Percentages of one and the same base, as printed.
    limit : int
        Largest base tried.

    Returns
    -------
    list of int
        In ascending order; the first is the smallest common base.

    Examples
    --------
    >>> common_bases(["27.27", "21.59", "20.45"], 100)
    [88]
    """
    bases = range(1, limit + 1)
    return [base for base in bases if all(counts_for(share, base) for share in shares)]


def attainable_text(reported: str, bases: Sequence[int]) -> str:
    """Say for each base whether some whole count over it rounds to a percentage.

    Parameters
    ----------
    reported : str
        Percentage as printed.
    bases : sequence of int

    Returns
    -------
    str

    Examples
    --------
    >>> attainable_text("4.48", [4762])
    'Arithmetic: over 4,762 firms no count gives 4.48 %.'
    """
    parts = []
    for base in sorted(set(bases)):
        counts = counts_for(reported, base)
        found = " or ".join(f"{count:,}" for count in counts) or "no count"
        parts.append(f"over {base:,} firms {found} gives {reported} %")
    return f"Arithmetic: {'; '.join(parts)}."


def attainable_table(shares: Sequence[str], limit: int) -> pd.DataFrame:
    """How many of several percentages each base can produce.

    Parameters
    ----------
    shares : sequence of str
        Percentages as printed.
    limit : int
        Largest base.

    Returns
    -------
    DataFrame
        Columns base (1 to limit) and attainable (0 to the number of shares).

    Examples
    --------
    >>> int(attainable_table(["50", "25"], 4).attainable.iloc[-1])
    2
    """
    hits = [sum(bool(counts_for(share, base)) for share in shares) for base in range(1, limit + 1)]
    return pd.DataFrame({"base": range(1, limit + 1), "attainable": hits})
