"""Sentences of the notebook on concentration, position and change, said from its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.publish.regional_views import index_name, reference_names, signed
from helpers.publish.trend_views import Pick


def listed(names: Sequence[str], none: str = "none") -> str:
    """Names as an English phrase, or what to say without any.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed([], "nobody")
    ('a, b and c', 'nobody')
    """
    names = [str(name) for name in names]
    if len(names) < 2:
        return names[0] if names else none
    return f"{', '.join(names[:-1])} and {names[-1]}"


def standing(table: pd.DataFrame, focal: str, names: Mapping[str, str], batches: str) -> str:
    """Count, share and rank of the focal province.

    Parameters
    ----------
    table : DataFrame
        ``analysis.intervals.share_intervals`` of all units, with a column rank.
    focal : str
        place_id.
    names : mapping of place_id to name
    batches : str

    Returns
    -------
    str

    Examples
    --------
    >>> rows = {"firms_count": [3, 3, 4], "base_count": 10, "share": [0.3, 0.3, 0.4], "rank": [2, 2, 1]}
    >>> standing(pd.DataFrame(rows, index=list("abc")), "a", dict(a="A", b="B", c="C"), "1-2")
    'In batches 1-2 A has 3 of 10 firms (30.00%): rank 2 of 3, tied with B.'
    """
    own = table.loc[focal]
    tied = [names[unit] for unit in table.index[table["rank"] == own["rank"]] if unit != focal]
    return (
        f"In batches {batches} {names[focal]} has {own['firms_count']:.0f} of {own['base_count']:,.0f} "
        f"firms ({own['share']:.2%}): rank {own['rank']:.0f} of {len(table)}"
        f"{', tied with ' + listed(tied) if tied else ''}."
    )


def chance(orders: pd.DataFrame, names: Mapping[str, str], name: str, level: float = 0.95) -> str:
    """Which orders between a province and its neighbours equal rates could bring about.

    Parameters
    ----------
    orders : DataFrame
        From ``analysis.intervals.focal_orders``.
    names : mapping of place_id to name
    name : str
        Of the focal province.
    level : float

    Returns
    -------
    str
    """
    same = orders["firms_count"] == orders["focal_count"]
    could = int((orders["could_be_chance"] & ~same).sum())
    beyond = [names[unit] for unit in orders.loc[~orders["could_be_chance"], "unit"]]
    return (
        f"Of the {len(orders)} neighbours shown {int((~same).sum())} have another count than {name}; with {could} of "
        "them the order is one that equal rates could bring about (exact test of two Poisson counts, "
        f"Holm's correction, {1 - level:.0%}). Beyond chance under this model: {listed(beyond)}. "
        "Neighbours were picked for being near: small gaps in rank carry little, which does not make "
        "the provinces alike."
    )


def concentrated(value: Mapping[str, float], units: int, batches: str) -> str:
    """What CR5 and the Herfindahl index of a complete range of batches amount to.

    Parameters
    ----------
    value : mapping of index to value
        With ``cr5`` and ``hhi``.
    units : int
    batches : str

    Returns
    -------
    str

    Examples
    --------
    >>> concentrated({"cr5": 0.4, "hhi": 0.05}, 32, "1-2").split(":")[0]
    'The five largest of 32 units hold 40.0% of the firms of batches 1-2, equal units would leave them 15.6%'
    """
    return (
        f"The five largest of {units} units hold {value['cr5']:.1%} of the firms of batches {batches}, "
        f"equal units would leave them {min(1.0, 5 / units):.1%}: a Herfindahl index of {value['hhi']:.4f}, that of "
        f"{1 / value['hhi']:.1f} units of equal size."
    )


def compared(table: pd.DataFrame, batches: str, t: Pick) -> str:
    """Which indices are higher or lower than in one range of batches, whatever is unknown.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.compare_with``.
    batches : str
        The range compared with.
    t : callable

    Returns
    -------
    str
    """
    if table.empty:
        return "No later batch lies within this run."
    parts = []
    for index, rows in table.groupby("index", sort=False):
        told = [
            f"{word} in batches {listed(list(rows.loc[rows['direction'] == key, 'batches']))}"
            for key, word in (
                ("higher", "**higher**"), ("lower", "**lower**"), ("equal", "the same"),
                ("open", "open"),
            )
            if (rows["direction"] == key).any()
        ]  # fmt: skip
        parts.append(f"- {index_name(str(index), t)}: {'; '.join(told)}")
    head = f"Against batches {batches}, in every table that fits the public figures:\n\n"
    return head + "\n".join(parts)


def printed_pair(
    printed: Mapping[str, str], limits: tuple[float, float], units: int, beside: pd.DataFrame
) -> str:
    """Whether a printed CR5 and Herfindahl index agree with each other and with the bounds.

    Parameters
    ----------
    printed : mapping of index to value as printed
        With ``cr5`` and ``hhi``.
    limits : (low, high)
        Of the Herfindahl index that the CR5 leaves.
    units : int
    beside : DataFrame
        From ``analysis.provincial.published_table``.

    Returns
    -------
    str
    """
    low, high = limits
    own = beside[beside["statistic"].isin(["cr5", "hhi"])]
    both = own.groupby("batches", sort=False)["compatible"].all()
    agree = low <= float(printed["hhi"]) <= high
    return (
        f"A CR5 of {printed['cr5']} over {units} units leaves a Herfindahl index between {low:.4f} and "
        f"{high:.4f}; the printed {printed['hhi']} lies {'within: the two agree' if agree else 'outside'}. Batches for "
        f"which both are possible here: {listed(list(both.index[both]))}; for which one is not: "
        f"{listed(list(both.index[~both]))}."
    )


def split(table: pd.DataFrame) -> str:
    """How much of the Theil index lies between groups.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.theil_table``.

    Returns
    -------
    str
    """
    whole = table[table["group"] == "all"].set_index("split")
    words = {
        "region": "the four regions",
        "plan_city": "the plan cities and all other areas",
    }
    parts = [
        f"of {row.theil:.3f} over {row.units_count} areas, {row.between / row.theil:.0%} lies between {words[str(key)]}"
        for key, row in zip(whole.index, whole.itertuples(), strict=True)
        if row.theil > 0
    ]
    rest = (
        ""
        if "plan_city" in whole.index
        else " The counts of plan cities are not all known: no second split."
    )
    return "Theil index: " + "; ".join(parts or ["0, equal counts"]) + "." + rest


def moves(gaps: pd.DataFrame, t: Pick) -> str:
    """How far firms are from each reference.

    Parameters
    ----------
    gaps : DataFrame
        From ``analysis.provincial.krugman_table``.
    t : callable

    Returns
    -------
    str
    """
    names = reference_names(t)
    ordered = gaps.sort_values("dissimilarity")
    parts = [
        f"{names[row.reference_name]} **{row.dissimilarity:.1%}**" for row in ordered.itertuples()
    ]
    return (
        "Firms that would have to stand in another province for the shares to match, the nearest "
        f"reference first: {'; '.join(parts)} (half the Krugman index)."
    )


def position(table: pd.DataFrame, name: str, units: int, t: Pick) -> str:
    """Against which references a province has more or fewer firms.

    Parameters
    ----------
    table : DataFrame
        Rows of ``analysis.provincial.quotient_table`` for the province.
    name : str
    units : int
    t : callable

    Returns
    -------
    str
    """
    names = reference_names(t)
    if table.empty:
        return f"No reference is on record for {name}."
    more, fewer = table["low"] > 1, table["high"] < 1
    sides = (("more than", more), ("fewer than", fewer), ("about as many as", ~more & ~fewer))
    parts = [
        f"{word} {listed([names[key] for key in table.loc[rows, 'reference_name']])}"
        for word, rows in sides
        if rows.any()
    ]
    return (
        f"{name} has {'; '.join(parts)} would suggest, by intervals under the model above; {units} "
        "provinces. *About as many* means that the interval contains 1, not that the quotient is 1. "
        "This describes the province: that firms with much research are the ones with titles does "
        "not follow (ecological fallacy)."
    )


def growth(tables: Mapping[str, pd.DataFrame], focal: str, name: str) -> str:
    """Whether a province grew faster than the nation between the batches.

    Parameters
    ----------
    tables : mapping of later batches to ``analysis.provincial.shift_bounds``
    focal : str
        place_id.
    name : str

    Returns
    -------
    str
    """
    lines = []
    for span, table in tables.items():
        low, high = table.loc[focal, ["competitive_low", "competitive_high"]]
        signs = (
            (low > 0, "more than"), (high < 0, "less than"), (low == high, "exactly as"),
            (low == 0, "at least as"), (high == 0, "at most as"), (True, "perhaps more, perhaps less than"),
        )  # fmt: skip
        sign = next(text for holds, text in signs if holds)
        ends = " to ".join(signed(end, 1) for end in dict.fromkeys((low, high)))
        faster, slower = (table["competitive_low"] > 0).sum(), (table["competitive_high"] < 0).sum()
        lines.append(
            f"- Batch {span}: {name} grew {sign} the nation (competitive effect {ends} firms). Of "
            f"{len(table)} units {faster} certainly grew more, {slower} certainly less, the others may "
            "have done either."
        )
    return "\n".join(lines) or "No batch after the second lies within this run."


def industries(moving: pd.Series | None, ranges: int, name: str) -> str:
    """What the shift-share analysis by industry gave, or what it lacks.

    Parameters
    ----------
    moving : Series or None
        Sums of ``analysis.decomposition.shift_share_dynamic`` over industries.
    ranges : int
        Ranges of batches in the table.
    name : str

    Returns
    -------
    str
    """
    if moving is None:
        return (
            f"Not computed: the table `industry_counts` holds {ranges} ranges of batches with {name} in "
            "them, and a change needs two."
        )
    return (
        f"With rates and mix brought up to date in each of {ranges - 1} steps (Barff and Knight 1988): "
        f"industry mix {moving['industry_mix']:+.1f}, competitive effect {moving['competitive']:+.1f} firms."
    )


def persistence(
    pairs: Mapping[str, tuple[int, int, int, int, float, float]],
    batches: str,
    taus: Mapping[str, tuple[float, float, int]] | None = None,
) -> str:
    """How much of the order of the provinces is kept.

    Parameters
    ----------
    pairs : mapping of later batches to ``analysis.mobility.PairOrders``
    batches : str
        Earlier batches.
    taus : mapping of later batches to ``analysis.mobility.Tau``, optional
        Of ranges whose counts are complete.

    Returns
    -------
    str

    Examples
    --------
    >>> persistence({"1-3": (10, 4, 1, 5, -0.2, 0.8)}, "1-2")
    "- Batches 1-2 to 1-3: of 10 pairs 4 keep their order for certain, 1 reverse it, 5 are open; Somers' d between -0.20 and 0.80 (outer bounds)."
    """
    lines = []
    for span, (total, kept, turned, undecided, low, high) in pairs.items():
        value = f"{low:.2f}" if low == high else f"between {low:.2f} and {high:.2f} (outer bounds)"
        lines.append(
            f"- Batches {batches} to {span}: of {total} pairs {kept} keep their order for certain, "
            f"{turned} reverse it, {undecided} are open; Somers' d {value}."
        )
    for span, (tau, _, units) in (taus or {}).items():
        lines.append(
            f"- Batches {batches} and {span}, both complete: Kendall's tau-b {tau:.2f} over {units} units."
        )
    return "\n".join(lines) or "No range beyond the first two batches lies within this run."
