"""Growth-path cases: shares of a small named set, grades of documentation, published figures.

Few firms are named, so everything here is counting and exact arithmetic; nothing is estimated.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import pandas as pd

from helpers.analysis.intervals import clopper_pearson
from helpers.errors import InputError
from helpers.evidence.cases import PERIOD
from helpers.evidence.granularity import common_bases, counts_for, interval
from helpers.evidence.tables import split_ids

GRADES = ("documented", "partly", "conflicting", "undocumented")
NO_PATH = "no_path"
# Largest number of little giants tried as a base: generous for one city.
LARGEST_BASE = 100

# Factor to millions of yuan. Dollar amounts stay as they are: no exchange rate is stored.
_MILLION_CNY = {"100m_cny": 100.0, "10k_cny": 0.01}
_UNIT_FACTORS: Mapping[str, tuple[float, str]] = {
    **{unit: (factor, "m CNY") for unit, factor in _MILLION_CNY.items()},
    "100m_usd": (100.0, "m USD"),
    "10k_usd": (0.01, "m USD"),
    "pct": (1.0, "%"),
    "count": (1.0, "count"),
    "cny_per_share": (1.0, "CNY per share"),
}


def path_shares(named: Mapping[str, int], base: int, level: float = 0.95) -> pd.DataFrame:
    """Firms named under each path as counts and shares of one base, with what is left open.

    Parameters
    ----------
    named : mapping of str to int
        Number of firms named under each path; a firm stands under one path only.
    base : int
        Number of firms in all; 0 gives a table without rows.
    level : float
        Level of the sampling interval.

    Returns
    -------
    DataFrame
        One row a path in the order given and a last row ``no_path``, so that firms_count adds up
        to base_count. Columns path_id, firms_count, base_count, share_pct; most_count, the count if
        every firm not named took this path, and low_pct, high_pct, the identification bounds that
        follow (for ``no_path`` the named firms stay named, so that its least count is 0);
        sampling_low_pct, sampling_high_pct, see
        :func:`helpers.analysis.intervals.clopper_pearson` for when they mean
        anything.

    Raises
    ------
    InputError
        More firms are named than the base holds.

    Examples
    --------
    >>> table = path_shares({"a": 1, "b": 2}, 4)
    >>> table[["path_id", "firms_count", "low_pct", "high_pct"]].values.tolist()
    [['a', 1, 25.0, 50.0], ['b', 2, 50.0, 75.0], ['no_path', 1, 0.0, 25.0]]
    """
    left = base - sum(named.values())
    if left < 0:
        raise InputError(f"{sum(named.values())} firms are named, more than the base of {base}")
    counts = {**named, NO_PATH: left} if base else {}
    least = {**named, NO_PATH: 0} if base else {}
    sampling = [clopper_pearson(count, base, level) for count in counts.values()]
    return pd.DataFrame(
        {
            "path_id": list(counts),
            "firms_count": list(counts.values()),
            "base_count": base,
            "share_pct": [100 * count / base for count in counts.values()],
            "most_count": [count + left for count in least.values()],
            "low_pct": [100 * count / base for count in least.values()],
            "high_pct": [100 * (count + left) / base for count in least.values()],
            "sampling_low_pct": [100 * low for low, _ in sampling],
            "sampling_high_pct": [100 * high for _, high in sampling],
        }
    )


def allocation_range(
    weights: Mapping[str, int], named: Mapping[str, int], left: int
) -> tuple[int, int]:
    """Least and greatest value of a weighted sum of path counts over all allocations.

    Parameters
    ----------
    weights : mapping of path to int
        Paths left out have weight 0.
    named : mapping of path to int
        Firms named under each path, which stay there.
    left : int
        Firms that may each be on any path or on none.

    Returns
    -------
    low, high : int
        Both are attained. The sum is linear, so that its extremes put all firms left on one path
        (or on none, weight 0).

    Examples
    --------
    >>> allocation_range({"a": 1, "b": -1}, {"a": 4, "b": 3}, 9)
    (-8, 10)
    """
    fixed = sum(weight * named.get(path, 0) for path, weight in weights.items())
    steps = [0, *weights.values()]
    return fixed + left * min(steps), fixed + left * max(steps)


def _outcome(always: bool, ever: bool) -> str:
    return "all" if always else "some" if ever else "none"


def _share_readings(
    reported: Mapping[str, str], named: Mapping[str, int], base: int, left: int
) -> list[tuple[str, str, str]]:
    """Each printed share, read as it stands and as a lower limit."""
    found = []
    for path, share in reported.items():
        low, high = allocation_range({path: 1}, named, left)
        counts = set(counts_for(share, base))
        reach = set(range(low, high + 1))
        exact = _outcome(bool(counts) and reach <= counts, bool(reach & counts))
        found.append(("as_printed", path, exact))
        # No count need print as the share for a count to lie at it or above it.
        enough = ceil(interval(share).low * base / 100)
        found.append(("at_least", path, _outcome(low >= enough, high >= enough)))
    return found


def _order_readings(
    reported: Mapping[str, str], named: Mapping[str, int], left: int
) -> list[tuple[str, str, str]]:
    """Every two paths in the order of the printed shares, as equal or as one ahead of the other."""
    ordered = sorted(reported, key=lambda path: -float(reported[path]))
    found = []
    for first, second in itertools.combinations(ordered, 2):
        low, high = allocation_range({first: 1, second: -1}, named, left)
        if float(reported[first]) == float(reported[second]):
            found.append(
                ("equal", f"{first};{second}", _outcome(low == high == 0, low <= 0 <= high))
            )
        else:
            found.append(("ahead", f"{first};{second}", _outcome(low > 0, high > 0)))
    return found


def surviving_readings(
    reported: Mapping[str, str], named: Mapping[str, int], base: int
) -> pd.DataFrame:
    """Which readings of the printed shares hold however the firms not named are allocated.

    Parameters
    ----------
    reported : mapping of path to str
        Percentages as printed; without any, or on a base of 0, there is nothing to read.
    named : mapping of path to int
        Firms named under each path.
    base : int
        Firms in all, at least as many as are named.

    Returns
    -------
    DataFrame
        Columns reading, path_ids (``;``-separated, empty for all paths) and holds: ``all``,
        ``some`` or ``none`` of the allocations. Readings: ``as_printed``; ``at_least`` the printed
        share, so no less than the least number that is rounded to it; ``equal`` or ``ahead`` for
        every two paths in the printed order; ``most_on_a_path`` (more than half of the firms are on
        some path) and ``no_majority`` (no path has more than half).

    Raises
    ------
    InputError
        More firms are named than the base holds.

    Examples
    --------
    >>> surviving_readings({"a": "50"}, {"a": 2}, 4)[["reading", "holds"]].values.tolist()
    [['as_printed', 'some'], ['at_least', 'all'], ['most_on_a_path', 'some'], ['no_majority', 'some']]
    """
    total = sum(named.values())
    if total > base:
        raise InputError(f"{total} firms are named, more than the base of {base}")
    left = base - total
    found: list[tuple[str, str, str]] = []
    if reported and base:
        largest = max(named.values(), default=0)
        found = [
            *_share_readings(reported, named, base, left),
            *_order_readings(reported, named, left),
            ("most_on_a_path", "", _outcome(2 * total > base, base > 0)),
            ("no_majority", "", _outcome(2 * (largest + left) <= base, 2 * largest <= base)),
        ]
    return pd.DataFrame(found, columns=["reading", "path_ids", "holds"], dtype="str")


def readings_by_base(
    reported: Mapping[str, str], named: Mapping[str, int], base: int, others: Iterable[int]
) -> pd.DataFrame:
    """The readings of :func:`surviving_readings` on one base, and on every base left open.

    Parameters
    ----------
    reported, named, base
        See :func:`surviving_readings`.
    others : iterable of int
        Bases left open if the firms named are only examples; smaller ones than are named are not
        possible and must not be given.

    Returns
    -------
    DataFrame
        As there, with holds_on_any_base: ``all`` or ``none`` where that is so on every base.

    Examples
    --------
    >>> table = readings_by_base({"a": "50"}, {"a": 2}, 4, [4, 8])
    >>> table.loc[1, ["reading", "holds", "holds_on_any_base"]].tolist()
    ['at_least', 'all', 'some']
    """
    first = surviving_readings(reported, named, base)
    every = [first["holds"]]
    if len(first):
        every += [surviving_readings(reported, named, other)["holds"] for other in others]
    joint = [cells[0] if len(set(cells)) == 1 else "some" for cells in zip(*every, strict=True)]
    return first.assign(holds_on_any_base=pd.Series(joint, first.index, dtype="str"))


@dataclass(frozen=True)
class Majority:
    """What is known of the share of firms with a trait, and of the sentence that most have it.

    Parameters
    ----------
    yes, no : int
        Firms known to have the trait, and known not to have it.
    base : int
        Firms in all, at least 1.
    """

    yes: int
    no: int
    base: int

    def __post_init__(self) -> None:
        if min(self.yes, self.no) < 0 or self.yes + self.no > self.base or self.base < 1:
            raise InputError(
                f"{self.yes} firms with and {self.no} without a trait of {self.base}: give counts "
                "of at least 0 that add up to no more than a base of at least 1"
            )

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """Least and greatest share that any completion of what is unknown gives."""
        return Fraction(self.yes, self.base), Fraction(self.base - self.no, self.base)

    @property
    def verdict(self) -> str:
        """Whether more than half have the trait in every, some or no completion.

        Examples
        --------
        >>> [Majority(*given, 20).verdict for given in ((11, 0), (3, 2), (0, 10))]
        ['entailed', 'consistent', 'contradicted']
        """
        low, high = self.bounds
        half = Fraction(1, 2)
        return "entailed" if low > half else "consistent" if high > half else "contradicted"


def _year(text: str) -> int:
    return int(text[:4])


def known_by(firms: pd.DataFrame, events: pd.DataFrame) -> dict[str, int]:
    """Year by whose end each firm, or a predecessor of it, is known to have existed.

    Parameters
    ----------
    firms : DataFrame
        Columns firm_id and founded (ISO date text or missing).
    events : DataFrame
        Columns firm_id, date, event_type and about as in ``firm_events``. Events of a founder are
        left out. Of rival founding dates the latest counts, being the one nobody disputes.

    Returns
    -------
    dict of firm_id to int
        Firms of which nothing is dated are left out.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a", "b"], "founded": [None, "2001-05"]})
    >>> events = pd.DataFrame({"firm_id": ["a"] * 3, "date": ["1992", "1995", "1988"],
    ...     "event_type": ["founding", "founding", "visit"], "about": [None, None, "founder"]})
    >>> known_by(firms, events)
    {'b': 2001, 'a': 1995}
    """
    found = {
        str(row.firm_id): _year(row.founded) for row in firms.dropna(subset="founded").itertuples()
    }
    own = events[events["firm_id"].isin(firms["firm_id"]) & (events["about"] != "founder")]
    founding = (own["event_type"] == "founding") & own["about"].isna()
    rivals = own[founding].groupby("firm_id")["date"].max()
    for firm, date in [
        *rivals.items(),
        *own.loc[~founding, ["firm_id", "date"]].itertuples(index=False),
    ]:
        found[firm] = min(found.get(firm, 9999), _year(date))
    return found


def dating(firms: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Events by which the firms are known to have existed: no later than the year of :func:`known_by`.

    Parameters
    ----------
    firms, events : DataFrame
        See :func:`known_by`.

    Returns
    -------
    DataFrame
        The rows of `events` concerned; those on a founder are left out.
    """
    since = known_by(firms, events)
    about = events["about"] != "founder"
    early = [
        _year(row.date) <= since.get(row.firm_id, 0)
        for row in events[["firm_id", "date"]].itertuples()
    ]
    return events[about & pd.Series(early, events.index, dtype="bool")]


def not_before(firms: pd.DataFrame, events: pd.DataFrame) -> dict[str, int]:
    """Year before which each firm is known not to have existed, in any form.

    Parameters
    ----------
    firms, events : DataFrame
        See :func:`known_by`. The date in `firms` counts, else the earliest of the founding events.

    Returns
    -------
    dict of firm_id to int
        A firm with a predecessor has the year of the earliest record of one if that is its
        founding. Otherwise no year is known, and the firm is left out, as is a firm without any
        founding date.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a", "b"], "founded": [None, "2001-05"]})
    >>> events = pd.DataFrame({"firm_id": ["a", "a", "b"], "date": ["1992", "1995", "1998"],
    ...     "event_type": ["founding", "founding", "visit"], "about": [None, None, "predecessor"]})
    >>> not_before(firms, events)
    {'a': 1992}
    """
    dated = firms.dropna(subset="founded")
    found = {str(row.firm_id): _year(row.founded) for row in dated.itertuples()}
    known = events[events["firm_id"].isin(firms["firm_id"])]
    founding = known["event_type"] == "founding"
    first = known[founding & known["about"].isna()].groupby("firm_id")["date"].min()
    found = {str(firm): _year(date) for firm, date in first.items()} | found
    for firm, older in known[known["about"] == "predecessor"].groupby("firm_id"):
        first_record = min(map(_year, older["date"]))
        started = older.loc[older["event_type"] == "founding", "date"].map(_year)
        if str(firm) in found and (started == first_record).any():
            found[str(firm)] = min(found[str(firm)], first_record)
        else:
            found.pop(str(firm), None)
    return found


def age_majorities(firms: pd.DataFrame, events: pd.DataFrame, base: int) -> pd.DataFrame:
    """Whether most firms are old, for every year that might be taken as the limit.

    Parameters
    ----------
    firms, events : DataFrame
        See :func:`known_by` and :func:`not_before`.
    base : int
        Firms in all, those not named included; at least 1 where there are firms.

    Returns
    -------
    DataFrame
        Every possible limit, in ascending order: a row holds from its year to the year before that
        of the next row, the first for all earlier limits and the last for all later ones too.
        Columns year, old_count (known to exist by the end of that year), young_count (known not to
        exist by then), base_count, low_pct, high_pct, verdict. No row if nothing is dated.

    Examples
    --------
    >>> firms = pd.DataFrame({"firm_id": ["a", "b"], "founded": ["1990", "2015"]})
    >>> events = pd.DataFrame(columns=["firm_id", "date", "event_type", "about"], dtype="str")
    >>> age_majorities(firms, events, 3)[["year", "old_count", "young_count"]].values.tolist()
    [[1989, 0, 2], [1990, 1, 1], [2015, 2, 0]]
    """
    since = known_by(firms, events)
    start = {firm: min(year, since[firm]) for firm, year in not_before(firms, events).items()}
    changes = sorted({*since.values(), *start.values()})
    rows = []
    for year in [changes[0] - 1, *changes] if changes else []:
        old = sum(known <= year for known in since.values())
        young = sum(first > year for first in start.values())
        found = Majority(old, young, base)
        low, high = (float(100 * bound) for bound in found.bounds)
        rows.append((year, old, young, base, low, high, found.verdict))
    names = ["year", "old_count", "young_count", "base_count", "low_pct", "high_pct", "verdict"]
    return pd.DataFrame(rows, columns=names)


def coded_majority(conditions: pd.DataFrame, condition: str, base: int) -> Majority:
    """What the coding of the cases says of the sentence that most firms have a trait.

    Parameters
    ----------
    conditions : DataFrame
        Columns condition and value (boolean or missing) as in ``firm_conditions``.
    condition : str
        The trait.
    base : int
        Firms in all, at least 1.

    Returns
    -------
    Majority

    Examples
    --------
    >>> table = pd.DataFrame({"condition": ["x", "x", "y"], "value": [True, None, True]})
    >>> coded_majority(table, "x", 20)
    Majority(yes=1, no=0, base=20)
    """
    values = conditions.loc[conditions["condition"] == condition, "value"].dropna().astype("bool")
    return Majority(int(values.sum()), int((~values).sum()), base)


@dataclass(frozen=True)
class NamedBase:
    """The base that printed shares and the firms named under them imply.

    Parameters
    ----------
    bases : list of int
        Over which every printed share is some count.
    exact : list of int
        Those over which the firms named give every printed share: the bases left if they are all.
    base : int
        The smallest exact one; where there is none, the number of firms named.
    left : int
        Firms of that base that are named under no path.
    """

    bases: list[int]
    exact: list[int]
    base: int
    left: int


def named_base(
    reported: Mapping[str, str], named: Mapping[str, int], limit: int = LARGEST_BASE
) -> NamedBase:
    """Infer the base of several shares from the shares and the firms named under them.

    Parameters
    ----------
    reported : mapping of path to str
        Percentages as printed, of one and the same base; may be empty.
    named : mapping of path to int
        Number of firms named under each path; a path without firms may be left out.
    limit : int
        Largest base tried.

    Returns
    -------
    NamedBase

    Examples
    --------
    >>> found = named_base({"a": "20", "b": "15"}, {"a": 4, "b": 3})
    >>> found.exact, found.left, len(found.bases)
    ([20], 13, 34)
    """
    bases = common_bases(list(reported.values()), limit) if reported else []
    exact = [
        base
        for base in bases
        if all(named.get(path, 0) in counts_for(share, base) for path, share in reported.items())
    ]
    total = sum(named.values())
    base = exact[0] if exact else total
    return NamedBase(bases, exact, base, base - total)


def open_bases(
    reported: Mapping[str, str], named: Mapping[str, int], limit: int = LARGEST_BASE
) -> list[int]:
    """Bases that leave every printed share possible if the firms named are only some of its firms.

    Parameters
    ----------
    reported, named, limit
        See :func:`named_base`.

    Returns
    -------
    list of int
        Over which every share is some count that is no less than the number of firms named.

    Examples
    --------
    >>> open_bases({"a": "20"}, {"a": 4}, 30), open_bases({"a": "20"}, {}, 10)
    ([20, 25, 30], [5, 10])
    """
    return [
        base
        for base in (common_bases(list(reported.values()), limit) if reported else [])
        if all(
            counts_for(share, base)[-1] >= named.get(path, 0) for path, share in reported.items()
        )
    ]


def combined_grade(grades: Iterable[str]) -> str:
    """Grade of a claim that joins several graded statements.

    Parameters
    ----------
    grades : iterable of str
        Values of ``firm_statements.documentation``.

    Returns
    -------
    str
        ``"conflicting"`` if any is; the common grade if all agree; else ``"partly"``, since some of
        the claim is on record and some is not. ``""`` for no grades.

    Raises
    ------
    InputError
        A grade is unknown.

    Examples
    --------
    >>> combined_grade(["documented", "undocumented"]), combined_grade(["undocumented"] * 2)
    ('partly', 'undocumented')
    """
    found = set(grades)
    unknown = found - set(GRADES)
    if unknown:
        raise InputError(f"unknown grades {sorted(unknown)}; known: {', '.join(GRADES)}")
    if "conflicting" in found:
        return "conflicting"
    return found.pop() if len(found) == 1 else "partly" if found else ""


def grade_counts(statements: pd.DataFrame, by: str) -> pd.DataFrame:
    """Number of statements of each grade, by some column, every grade shown.

    Parameters
    ----------
    statements : DataFrame
        Columns documentation and `by`, neither with missing values.
    by : str
        Column to group by; groups keep their order of appearance.

    Returns
    -------
    DataFrame of int
        Index `by`, one column a grade and ``total``; zeros are shown.

    Examples
    --------
    >>> table = pd.DataFrame({"firm": ["a", "a"], "documentation": ["partly", "undocumented"]})
    >>> grade_counts(table, "firm").loc["a"].tolist()
    [0, 1, 0, 1, 2]
    """
    order = list(dict.fromkeys(statements[by]))
    counts = pd.crosstab(statements[by], statements["documentation"])
    counts = counts.reindex(index=order, columns=list(GRADES), fill_value=0).astype(int)
    counts.index.name, counts.columns.name = by, None
    return counts.assign(total=counts.sum(axis=1))


def deal_table(events: pd.DataFrame) -> pd.DataFrame:
    """Deals behind the ownership events, each once, however often it is offered, agreed or retold.

    Parameters
    ----------
    events : DataFrame
        Columns firm_id, date, event_type and deal_id as in ``firm_events``; may be empty.

    Returns
    -------
    DataFrame
        One row a deal in order of appearance: deal_id, firm_id, first_date (the earliest text) and
        records_count (rows on the deal).

    Raises
    ------
    InputError
        An ownership event has no deal.

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a", "a"], "date": ["2017-06-19", "2017-07"],
    ...                       "event_type": ["ownership"] * 2, "deal_id": ["a-1", "a-1"]})
    >>> deal_table(table).values.tolist()
    [['a-1', 'a', '2017-06-19', 2]]
    """
    owned = events[events["event_type"] == "ownership"]
    if owned["deal_id"].isna().any():
        firms = ", ".join(sorted(set(owned.loc[owned["deal_id"].isna(), "firm_id"])))
        raise InputError(f"ownership events without deal_id: {firms}; name the deal of each")
    return owned.groupby("deal_id", sort=False, as_index=False).agg(
        firm_id=("firm_id", "first"), first_date=("date", "min"), records_count=("date", "size")
    )


def in_display_units(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures in one unit a kind: millions of yuan or dollars, per cent, counts.

    Parameters
    ----------
    figures : DataFrame
        Columns value and unit as in ``firm_financials``. Missing values stay missing.

    Returns
    -------
    DataFrame
        A copy with value and unit replaced. Dollars are not converted to yuan.

    Raises
    ------
    InputError
        A unit is unknown.

    Examples
    --------
    >>> in_display_units(pd.DataFrame({"value": [1.21], "unit": ["100m_cny"]})).values.tolist()
    [[121.0, 'm CNY']]
    """
    unknown = set(figures["unit"]) - set(_UNIT_FACTORS)
    if unknown:
        raise InputError(f"unknown units {sorted(unknown)}; known: {', '.join(_UNIT_FACTORS)}")
    factors = [_UNIT_FACTORS[unit] for unit in figures["unit"]]
    # Rounding removes the last bits of the binary product, so that 1.21 x 100 prints as 121.
    values = [
        round(value * factor, 9)
        for value, (factor, _) in zip(figures["value"], factors, strict=True)
    ]
    return figures.assign(value=values, unit=[name for _, name in factors])


def is_part_year(period: str) -> bool:
    """Whether a period is shorter than a year, so that its flows compare with no full year.

    Raises
    ------
    InputError
        The text is no period.

    Examples
    --------
    >>> [is_part_year(period) for period in ("2022", "2025H1", "2022Q1-Q3")]
    [False, True, True]
    """
    if not PERIOD.fullmatch(period):
        raise InputError(f"period {period!r}: write 2022, 2025H1, 2022Q1 or 2022Q1-Q3")
    return len(period) > 4


def _half_unit(number: float) -> float:
    """Half a unit of the last digit a number prints."""
    decimals = len(repr(float(number)).rstrip("0").partition(".")[2])
    return 0.5 / float(10**decimals)


def implied_previous(value: float, growth_pct: float) -> tuple[float, float]:
    """Range of the earlier value that a rounded value and its rounded growth rate allow.

    Parameters
    ----------
    value : float
        Positive, as printed; its last digit is taken as rounded.
    growth_pct : float
        Growth on the earlier value in per cent, above -100, as printed.

    Returns
    -------
    low, high : float
        In the unit of `value`.

    Raises
    ------
    InputError
        The value is not positive or the growth not above -100.

    Examples
    --------
    >>> [round(bound, 3) for bound in implied_previous(1.21, 19.23)]
    [1.011, 1.019]
    """
    if value <= 0 or growth_pct <= -100:
        raise InputError(f"value {value} and growth {growth_pct}: give value > 0, growth > -100")
    margin, spread = _half_unit(value), _half_unit(growth_pct)
    low = (value - margin) / (1 + (growth_pct + spread) / 100)
    high = (value + margin) / (1 + (growth_pct - spread) / 100)
    return low, high


def growth_check(figures: pd.DataFrame) -> pd.DataFrame:
    """Which earlier figures a source's own level and growth rate allow.

    Parameters
    ----------
    figures : DataFrame
        Columns firm_id, period, metric, value, unit, source_id as in ``firm_financials``; the
        metric ``net_profit_growth`` is the growth of ``net_profit`` in per cent.

    Returns
    -------
    DataFrame
        One row for each full-year growth rate and each figure of the year before: firm_id, metric,
        period, source_id (of level and growth), previous_value, previous_source_id, low, high
        (range implied, all in millions of yuan) and fits.
    """
    full = figures[~figures["period"].map(is_part_year).astype("bool")]
    growth = full[full["metric"].str.endswith("_growth")]
    growth = growth.assign(metric=growth["metric"].str.removesuffix("_growth"))
    keys = ["firm_id", "metric", "period", "source_id"]
    now = growth.merge(full, on=keys, suffixes=("_growth", ""))
    now["before"] = (now["period"].astype("int64") - 1).astype("str")
    past = in_display_units(full)[[*keys, "value"]].set_axis(
        ["firm_id", "metric", "before", "previous_source_id", "previous_value"], axis=1
    )
    both = now.merge(past, on=["firm_id", "metric", "before"])
    bounds = [
        implied_previous(value, rate)
        for value, rate in zip(both["value"], both["value_growth"], strict=True)
    ]
    factors = [_UNIT_FACTORS[unit][0] for unit in both["unit"]]
    both["low"] = [low * factor for (low, _), factor in zip(bounds, factors, strict=True)]
    both["high"] = [high * factor for (_, high), factor in zip(bounds, factors, strict=True)]
    both["fits"] = both["previous_value"].between(both["low"], both["high"])
    return both[[*keys, "previous_value", "previous_source_id", "low", "high", "fits"]]


def repeated_series(figures: pd.DataFrame) -> pd.DataFrame:
    """Figures of which a firm publishes two periods or more, so that they can be drawn.

    Parameters
    ----------
    figures : DataFrame
        Columns firm_id, metric and period.

    Returns
    -------
    DataFrame
        The rows kept, in their order, with part_year (see :func:`is_part_year`).

    Examples
    --------
    >>> table = pd.DataFrame({"firm_id": ["a", "a", "b"], "metric": ["revenue"] * 3,
    ...                       "period": ["2021", "2022H1", "2022"]})
    >>> repeated_series(table)["part_year"].tolist()
    [False, True]
    """
    periods = figures.groupby(["firm_id", "metric"], sort=False)["period"]
    kept = figures[periods.transform("nunique") > 1]
    return kept.assign(part_year=kept["period"].map(is_part_year).astype("bool"))


@dataclass(frozen=True)
class Casebook:
    """The firms of one place with everything the tables hold on them.

    Parameters
    ----------
    place_id : str
        Code of the city.
    routes : DataFrame
        Growth paths of the place.
    firms : DataFrame
        All firms of the place, with district_en besides (the Chinese name where no English one is
        known; missing where the district is).
    cases : DataFrame
        Those with a path, in the order of the paths, with path_id besides.
    statements, events, figures, conditions : DataFrame
        Rows of ``firm_statements``, ``firm_events``, ``firm_financials``, ``firm_conditions`` on
        them, with the path; statements and conditions of cases alone, with path_id. Events have
        grade besides, the lowest of their sources.
    reported : dict of path to str
        Printed shares.
    named : dict of path to int
        Firms named under each path.
    found : NamedBase
        The base that follows.
    """

    place_id: str
    routes: pd.DataFrame
    firms: pd.DataFrame
    cases: pd.DataFrame
    statements: pd.DataFrame
    events: pd.DataFrame
    figures: pd.DataFrame
    conditions: pd.DataFrame
    reported: dict[str, str]
    named: dict[str, int]
    found: NamedBase

    @property
    def undated(self) -> list[str]:
        """firm_id of the cases of which no event is dated."""
        dated = set(self.events["firm_id"])
        return [str(firm) for firm in self.cases["firm_id"] if firm not in dated]


def _english_districts(firms: pd.DataFrame, districts: pd.DataFrame) -> pd.Series:
    """English name of each firm's district, by the Chinese name that the firms have."""
    names = districts.set_index(["place_id", "name_zh"])["name_en"].dropna().to_dict()
    keys = zip(firms["place_id"], firms["district_zh"], strict=True)
    found = [names.get(key, key[1]) for key in keys]
    return pd.Series(found, firms.index, dtype="str")


def casebook(tables: Mapping[str, pd.DataFrame], place_id: str) -> Casebook:
    """Gather the cases of one place.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        All data tables, as loaded.
    place_id : str
        Code of the city.

    Returns
    -------
    Casebook
        With tables without rows for a place of which nothing is known.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> book = casebook(tables.load_all(), "210300")
    >>> book.named, book.found.left
    ({'overseas': 4, 'investment': 4, 'substitution': 3}, 9)
    """
    here = {name: tables[name] for name in ("growth_paths", "firms")}
    routes, firms = (table[table["place_id"] == place_id] for table in here.values())
    firms = firms.assign(district_en=_english_districts(firms, tables["districts"]))
    cases = routes[["path_id"]].merge(firms, left_on="path_id", right_on="path")
    of_cases, every = cases[["firm_id", "path_id"]], firms[["firm_id", "path"]]
    printed = routes.dropna(subset="reported_share_pct").set_index("path_id")["reported_share_pct"]
    reported = {str(path): str(share) for path, share in printed.items()}
    events = every.merge(tables["firm_events"], on="firm_id")
    graded = tables["sources"].set_index("source_id")["grade"].to_dict()
    grades = [max(str(graded[part]) for part in split_ids(cell)) for cell in events["source_id"]]
    counts = cases["path"].value_counts()
    named = {str(path): int(counts.get(path, 0)) for path in routes["path_id"]}
    return Casebook(
        place_id, routes, firms, cases,
        of_cases.merge(tables["firm_statements"], on="firm_id"),
        events.assign(grade=pd.Series(grades, events.index, dtype="str")),
        every.merge(tables["firm_financials"], on="firm_id"),
        of_cases.merge(tables["firm_conditions"], on="firm_id"),
        reported, named, named_base(reported, named),
    )  # fmt: skip


# Figures of firms beside the indicators of the conditions that bear on them.
_CONDITION_METRICS: Mapping[str, str] = {
    "revenue": "revenue", "rd_ratio_each_2y": "rd_ratio", "debt_ratio": "debt_ratio",
}  # fmt: skip


def act_years(tables: Mapping[str, pd.DataFrame], tier: str = "little_giant") -> dict[str, str]:
    """Year in which each act that sets conditions for a tier was issued.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        With ``tiers`` and ``regimes``.
    tier : str

    Returns
    -------
    dict of tier_id to str

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> sorted(act_years(tables.load_all()).values())
    ['2022', '2026']
    """
    issued = tables["regimes"].set_index("regime_id")["issued"]
    rows = tables["tiers"][tables["tiers"]["tier"] == tier]
    return {str(row.tier_id): str(issued[row.regime_id])[:4] for row in rows.itertuples()}


def condition_marks(tables: Mapping[str, pd.DataFrame], tier: str = "little_giant") -> pd.DataFrame:
    """Thresholds of a tier on figures that firms publish yearly.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        With ``thresholds``, ``tiers`` and ``regimes``.
    tier : str
        All acts that set conditions for it are taken.

    Returns
    -------
    DataFrame
        Columns metric and unit as in :func:`in_display_units`, comparison, value, year (in which
        the act was issued), tier_id, regime_id, applies_when_en, applies_when_zh (missing where the row binds every firm), alternative
        (whether it is one of several routes), verified and source_id. An indicator that is no yearly figure
        of ``firm_financials`` by its definition (a mean, a sum) is left out.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> marks = condition_marks(tables.load_all())
    >>> marks.query("metric == 'debt_ratio'")[["value", "year"]].values.tolist()
    [[70.0, '2022'], [75.0, '2026']]
    """
    years = act_years(tables, tier)
    rows = tables["thresholds"]
    rows = rows[rows["tier_id"].isin(list(years))]
    rows = rows[rows["indicator_id"].isin(_CONDITION_METRICS) & rows["value"].notna()]
    rows = rows.assign(
        metric=rows["indicator_id"].map(_CONDITION_METRICS).astype("str"),
        unit=rows["unit"].map({"pct": "%", "m_cny": "m CNY"}).astype("str"),
        alternative=rows["alternative_group"].notna(),
        year=rows["tier_id"].map(years).astype("str"),
    )
    columns = ["metric", "unit", "comparison", "value", "year", "tier_id", "regime_id"]
    columns += ["applies_when_en", "applies_when_zh", "alternative", "verified", "source_id"]
    return rows[columns].reset_index(drop=True)
