"""Sentences of the notebook on concentration, position and change, said from its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.publish.phrases import join_names
from helpers.publish.regional_views import index_name, reference_names, signed


def _english(en: str, zh: str) -> str:
    """Sentences are English in every run, so that names inside them are too."""
    return en


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
        f"{', tied with ' + join_names(tied) if tied else ''}."
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
        f"Holm's correction, {1 - level:.0%}). Beyond chance under this model: {join_names(beyond) or 'none'}. "
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
    >>> concentrated({"cr5": 0.4, "hhi": 0.05}, 32, "1-2").split(". ")[0]
    'The five largest of 32 units hold 40.0% of the firms of batches 1-2, where equal units would leave them 15.6%'
    """
    return (
        f"The five largest of {units} units hold {value['cr5']:.1%} of the firms of batches {batches}, where "
        f"equal units would leave them {min(1.0, 5 / units):.1%}. The Herfindahl index of {value['hhi']:.4f} is that of "
        f"{1 / value['hhi']:.1f} units of equal size."
    )


def _in_batches(spans: Sequence[str]) -> str:
    """Ranges of batches in words: ``batch 5``, ``batches 3 and 1-3``."""
    one = len(spans) == 1 and "-" not in spans[0]
    return f"batch{'' if one else 'es'} {join_names(spans)}"


def compared(table: pd.DataFrame, batches: str) -> str:
    """Which indices are higher or lower than in one range of batches, whatever is unknown.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.provincial.compare_with``.
    batches : str
        The range compared with.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = [("5", "cr5", "higher"), ("3", "cr5", "open"), ("1-5", "cr5", "open")]
    >>> table = pd.DataFrame(rows, columns=["batches", "index", "direction"])
    >>> compared(table, "1-2").splitlines()[-1]
    '- CR5, share of the 5 largest: **higher** in batch 5; left open by the figures in batches 3 and 1-5'
    """
    if table.empty:
        return "No later batch lies within this run."
    parts = []
    for index, rows in table.groupby("index", sort=False):
        told = [
            f"{word} in {_in_batches(list(rows.loc[rows['direction'] == key, 'batches']))}"
            for key, word in (
                ("higher", "**higher**"), ("lower", "**lower**"), ("equal", "the same"),
                ("open", "left open by the figures"),
            )
            if (rows["direction"] == key).any()
        ]  # fmt: skip
        parts.append(f"- {index_name(str(index), _english)}: {'; '.join(told)}")
    head = f"Against batches {batches} (higher, lower and the same hold whatever the unknown counts are):"
    return head + "\n\n" + "\n".join(parts)


def found_so_far(table: pd.DataFrame, batches: str) -> str:
    """What is certain of the concentration of later batches, in one sentence.

    Parameters
    ----------
    table, batches
        See :func:`compared`.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = [("5", "cr5", "higher"), ("5", "hhi", "higher"), ("1-5", "hhi", "open")]
    >>> table = pd.DataFrame(rows, columns=["batches", "index", "direction"])
    >>> found_so_far(table, "1-2")
    'Against batches 1-2 it is certain that CR5 is higher in batch 5; and that HHI is higher in batch 5.'
    """
    parts = []
    for direction, word in (("higher", "higher"), ("lower", "lower"), ("equal", "the same")):
        rows = table[table["direction"] == direction]
        parts += [
            f"{str(index).upper()} is {word} in {_in_batches(list(part['batches']))}"
            for index, part in rows.groupby("index", sort=False)
        ]
    if not parts:
        return f"Of no later batch is it certain whether it is more or less concentrated than batches {batches}."
    return f"Against batches {batches} it is certain that {'; and that '.join(parts)}."


def printed_pair(
    printed: Mapping[str, str], limits: tuple[float, float], beside: pd.DataFrame,
    values: tuple[Mapping[str, float], Mapping[str, float]], batches: str,
) -> str:  # fmt: skip
    """Whether a printed CR5 and Herfindahl index agree with each other and with the bounds.

    Parameters
    ----------
    printed : mapping of index to value as printed
        With ``cr5`` and ``hhi``; papers count the Corps within Xinjiang.
    limits : (low, high)
        Of the Herfindahl index that the CR5 leaves.
    beside : DataFrame
        From ``analysis.provincial.published_table``.
    values : pair of mappings of index to value
        ``cr5`` and ``hhi`` with the Corps as a unit of its own, and within Xinjiang.
    batches : str
        The complete range that the values are of.

    Returns
    -------
    str
    """
    low, high = limits
    own = beside[beside["statistic"].isin(["cr5", "hhi"])]
    both = own.groupby("batches", sort=False)["compatible"].all()
    agree = low <= float(printed["hhi"]) <= high
    apart, within = values
    return (
        f"With a CR5 of {printed['cr5']} the Herfindahl index of the provinces lies between {low:.4f} and "
        f"{high:.4f}; the printed {printed['hhi']} lies "
        f"{'there too, so the two agree' if agree else 'elsewhere, so one of the two is wrong'}. "
        f"Both printed values are possible for {_range(both.index[both])}, and at least one of them is "
        f"impossible for {_range(both.index[~both])}. Papers count the Corps within Xinjiang, the bounds "
        f"here count it apart: for batches {batches} that makes CR5 {apart['cr5']:.4f} here and "
        f"{within['cr5']:.4f} there, the Herfindahl index {apart['hhi']:.4f} and {within['hhi']:.4f}."
    )


def _range(spans: Sequence[str]) -> str:
    return _in_batches(list(spans)) if len(spans) else "no range of batches"


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


def moves(gaps: pd.DataFrame) -> str:
    """How far firms are from each reference.

    Parameters
    ----------
    gaps : DataFrame
        From ``analysis.provincial.krugman_table``.

    Returns
    -------
    str
    """
    names = reference_names(_english)
    ordered = gaps.sort_values("dissimilarity")
    parts = [
        f"{names[row.reference_name]} **{row.dissimilarity:.1%}**" for row in ordered.itertuples()
    ]
    return (
        "Firms that would have to stand in another province for the shares to match, the nearest "
        f"reference first: {'; '.join(parts)} (half the Krugman index)."
    )


def position(table: pd.DataFrame, name: str, units: int) -> str:
    """Against which references a province has more or fewer firms.

    Parameters
    ----------
    table : DataFrame
        Rows of ``analysis.provincial.quotient_table`` for the province.
    name : str
    units : int

    Returns
    -------
    str
    """
    names = reference_names(_english)
    if table.empty:
        return f"No reference is on record for {name}."
    known = table["scaled_low"].notna()
    more, fewer = table["scaled_low"] > 1, table["scaled_high"] < 1
    sides = (
        ("more than {} would suggest", more),
        ("fewer than {} would suggest", fewer),
        ("no more and no fewer than {} would suggest, as far as the scatter lets one tell", known & ~more & ~fewer),
    )  # fmt: skip
    parts = [
        word.format(join_names([names[key] for key in table.loc[rows, "reference_name"]]))
        for word, rows in sides
        if rows.any()
    ]
    alone = ((table["low"] > 1) | (table["high"] < 1)).sum()
    scatter = [f"{row.dispersion:.1f} ({names[row.reference_name]})" for row in table.itertuples()]
    return (
        f"**{name} has {'; '.join(parts)}.** Over {units} provinces the counts scatter around the "
        f"references {join_names(scatter)} times as much as firms that fall into provinces one by one "
        "would; the sentence before rests on intervals widened by that factor. The binomial intervals "
        f"leave out 1 for {alone} of {len(table)} references, and ignore the scatter. Notebook 2c puts "
        "the references together in one model and predicts the province from the others. "
        "This describes the province: that firms with much research are the ones with titles does "
        "not follow (ecological fallacy)."
    )


def _grew(own: pd.Series, name: str) -> str:
    """How a province grew beside the nation, or why no rate can be given."""
    low, high = own["competitive_low"], own["competitive_high"]
    if own["before_high"] == 0:
        later = " to ".join(
            f"{end:,.0f}" for end in dict.fromkeys((own["after_low"], own["after_high"]))
        )
        return (
            f"{name} had no firm before and {later} then, and from none there is no rate of growth; all "
            "of its new firms count as competitive effect"
        )
    signs = (
        (low > 0, "more than"), (high < 0, "less than"), (low == high, "exactly as much as"),
        (low == 0, "at least as much as"), (high == 0, "at most as much as"),
        (True, "perhaps more, perhaps less than"),
    )  # fmt: skip
    return f"{name} grew {next(text for holds, text in signs if holds)} the nation"


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
        own = table.loc[focal]
        low, high = own[["competitive_low", "competitive_high"]]
        ends = " to ".join(signed(end, 1) for end in dict.fromkeys((low, high)))
        faster, slower = (table["competitive_low"] > 0).sum(), (table["competitive_high"] < 0).sum()
        lines.append(
            f"- Batch {span}: {_grew(own, name)} (competitive effect {ends} firms). Of "
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
