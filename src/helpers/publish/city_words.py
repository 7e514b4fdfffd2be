"""Sentences of the notebook on cities and districts, rendered from its results."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from helpers.analysis.cities import FEWEST_FOR_TIERS, Tiers
from helpers.analysis.districts import LARGEST_BASE, PER, DistrictFirms
from helpers.analysis.industries import IndustryFirms
from helpers.evidence.granularity import counts_for
from helpers.publish.phrases import join_names as listed

# Pairs of districts that a sentence still names.
_MOST_PAIRS = 4


def either(names: Iterable[object]) -> str:
    """Alternatives as a phrase.

    Examples
    --------
    >>> either([131, 132, 133]), either([44])
    ('131, 132 or 133', '44')
    """
    items = [str(name) for name in names]
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def several(number: int, noun: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> several(1, "district"), several(3, "district")
    ('1 district', '3 districts')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _condition(firms: DistrictFirms) -> str:
    """What results over one of several bases are conditional on; empty where nothing is open."""
    if len(firms.bases) < 2:
        return ""
    return f"over {firms.base} firms, the smallest of {len(firms.bases)} bases up to {LARGEST_BASE} that fit"


def _points(table: pd.DataFrame) -> pd.DataFrame:
    """Districts whose count is one number."""
    return table[table["lower_count"].eq(table["upper_count"]).fillna(False).astype(bool)]


def no_districts(city: str) -> str:
    """What to say, and to supply, where no district of a city is on record."""
    return (
        f"No district of {city} is on record. A `districts.csv` in your data folder, with one row a district "
        "(`census_population_2020_persons`, `srdi_firms_count`), fills this section."
    )


def base(firms: DistrictFirms, table: pd.DataFrame, city: str) -> str:
    """How many firms a city's districts have together, and how that is known.

    Parameters
    ----------
    firms : DistrictFirms
    table : DataFrame
        From ``analysis.districts.position_table`` with a column label.
    city : str
    """
    if table.empty:
        return no_districts(city)
    points = _points(table)
    counts = listed(f"{row.label} {row.lower_count}" for row in points.itertuples())
    if firms.origin == "counted" and not firms.base:
        return (
            f"Every district of {city} has a count on record, and each count is 0: no firm is on record. Rates are 0; there is "
            "no share of nothing, hence no quotient, no index of concentration and no order."
        )
    if firms.origin == "counted":
        return (
            f"Every district of {city} has a count on record: {counts}, together **{firms.base}** firms. "
            "No base has to be inferred."
        )
    if firms.origin == "implied":
        return _implied_base(firms, table, points, counts)
    shares = int(table["share_claim_id"].notna().sum())
    excluded = (
        f" The printed {'share is' if shares == 1 else 'shares are'} not used: no base up to {LARGEST_BASE} fits "
        f"{'it' if shares == 1 else 'them'} and the counts on record at once."
        if shares
        else ""
    )
    counted = int(table["srdi_firms_count"].notna().sum())
    return (
        f"{counted} of the {len(table)} districts of {city} have a count on record, and nothing tells the number of all "
        f"firms.{excluded} The column `srdi_firms_count` of `districts.csv`, filled for every district, would."
    )


def _implied_base(
    firms: DistrictFirms, table: pd.DataFrame, points: pd.DataFrame, counts: str
) -> str:
    """The base that printed shares imply, and what it leaves for the other districts."""
    first, *others = firms.bases
    more = f"the next are {listed(others[:2])}" if others else f"no other up to {LARGEST_BASE} does"
    rest = len(table) - len(points)
    left = "which are all districts"
    if rest:
        remaining = first - int(points["lower_count"].sum())
        left = (
            f"which leaves {remaining} of them for the other {several(rest, 'district')} together"
        )
    known = points["label"][points["srdi_firms_count"].notna()]
    agrees = f" and agrees with the counts on record ({listed(known)})" if len(known) else ""
    shares = listed(f"{text} %" for text in firms.printed.values())
    return (
        f"The smallest base that produces all of {shares}{agrees} is **{first}** firms; {more}. Over {first} firms the counts are "
        f"{counts}, {left}. The base comes from the shares themselves, so it cannot confirm them."
        + (
            " Nor do they tell which of the bases is the true one: what follows holds over the smallest."
            if others
            else ""
        )
    )


def clustering(table: pd.DataFrame, firms: DistrictFirms) -> str:
    """Shares of firms against shares of people.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.districts.position_table`` of the rows of ``analysis.cities.district_table``,
        with a column label.
    firms : DistrictFirms
    """
    if firms.base == 0:
        return "No district has a firm on record: there are no shares of firms to hold against those of people."
    rows = table.dropna(subset=["firm_share_pct", "population_share_pct", "quotient"])
    if rows.empty:
        return "A quotient needs the firms of a district and the residents of all; neither table nor study gives them here."
    over, under = (rows[rows["quotient"].gt(1) == side] for side in (True, False))
    each = listed(f"{row.label} {row.quotient:.2f}" for row in rows.itertuples())
    one = len(rows) == 1
    return (
        f"The {several(len(rows), 'district')} with a share {'holds' if one else 'hold'} {_held(rows, firms):.2f} % of the firms and "
        f"{rows['population_share_pct'].sum():.2f} % of the people. {'Quotient' if one else 'Quotients'}: {each}. "
        f"Above 1: {listed(over['label']) or 'none'}; not above: {listed(under['label']) or 'none'}. A large district can lead in "
        "firms because it leads in people; only a quotient above 1 speaks of clustering."
    )


def _held(rows: pd.DataFrame, firms: DistrictFirms) -> float:
    """Share of the firms that some districts hold: of their counts, else the sum of the shares."""
    if firms.base and len(_points(rows)) == len(rows):
        # Rounded once; a sum of rounded shares may be off in its last digit.
        return 100 * int(rows["lower_count"].sum()) / firms.base
    return float(rows["firm_share_pct"].sum())


def rates(table: pd.DataFrame, firms: DistrictFirms, by_base: pd.DataFrame) -> str:
    """Firms per head, which districts differ from the city, and what the unknown ones may be.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.districts.position_table`` with a column label.
    firms : DistrictFirms
    by_base : DataFrame
        From ``analysis.districts.quotients_by_base``.
    """
    known = table.dropna(subset=["low_rate"]).sort_values("lower_rate", ascending=False)
    if known.empty:
        return (
            "No district has both one count of firms and residents on record, so there is no rate. "
        ) + _open_rates(table, firms)
    each = listed(
        f"{row.label} {row.lower_rate:.2f} (95 % {row.low_rate:.2f} to {row.high_rate:.2f})"
        for row in known.itertuples()
    )
    condition = _condition(firms)
    text = f"Firms per 10,000 residents{f', {condition}' if condition else ''}: {each}. "
    placed = known.dropna(subset=["low_quotient"])
    if len(placed):
        above = placed["label"][placed["low_quotient"] > 1]
        below = placed["label"][placed["high_quotient"] < 1]
        neither = placed["label"].drop([*above.index, *below.index])
        text += (
            f"Under the model the location quotient lies above 1 for {listed(above) or 'none'} and below 1 for "
            f"{listed(below) or 'none'}"
            + (f"; it may be 1 for {listed(neither)}. " if len(neither) else ". ")
        )
    return text + _larger_bases(by_base, table, firms) + _open_rates(table, firms)


def _larger_bases(by_base: pd.DataFrame, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """What larger bases do to rates, and whether the readings of the quotients hold over them."""
    if len(firms.bases) < 2:
        return ""
    text = "Each rate, bound, index and test here is of that base alone; over larger ones the rates that follow from printed shares are higher"
    example = _rate_of_largest(by_base, table, firms)
    text += f" ({example}). " if example else ". "
    bases = list(dict.fromkeys(by_base["base"]))
    if len(bases) < 2:
        return text
    names = table.set_index("district_id")["label"]
    changes = [
        f"the quotient of {names[key]} {change}"
        for key, part in by_base.groupby("district_id", sort=False)
        for change in _changes(part)
    ]
    listed_bases = listed(bases[1:]) if len(bases) < 6 else f"{bases[1]} to {bases[-1]}"
    return (
        f"{text}Over the larger bases ({listed_bases}) the intervals of the quotients of printed shares are narrower, and "
        + (listed(changes) if changes else "each reading above of a quotient stays as it is")
        + ". "
    )


def _rate_of_largest(by_base: pd.DataFrame, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """A rate over the smallest and over the largest base, of the district where it is highest."""
    people = table.set_index("district_id")["residents_persons"]
    printed = by_base[by_base["district_id"].isin(list(firms.printed))]
    printed = printed.assign(rate=PER * printed["firms_count"] / printed["district_id"].map(people))
    first = printed[printed["base"] == firms.base]
    if first.empty:
        return ""
    key = first.sort_values("rate")["district_id"].iloc[-1]
    own = printed[printed["district_id"] == key]
    label = table.set_index("district_id").loc[key, "label"]
    return f"{label}: " + " to ".join(
        f"{own['rate'].iloc[end]:.2f} over {own['base'].iloc[end]}" for end in (0, -1)
    )


def _changes(part: pd.DataFrame) -> list[str]:
    """Each base from which the reading of one district's quotient is another."""
    words = {"above": "is above 1", "below": "is below 1", "contains": "may be 1"}
    moved = part["reading"].ne(part["reading"].shift(fill_value=part["reading"].iloc[0]))
    return [f"{words[row.reading]} from {row.base} firms on" for row in part[moved].itertuples()]


def _open_rates(table: pd.DataFrame, firms: DistrictFirms) -> str:
    """What the firms that are left allow for the districts without a count."""
    rest = table.drop(_points(table).index)
    if rest.empty or firms.base is None:
        return ""
    widest = rest.dropna(subset=["upper_rate"]).sort_values("upper_rate").tail(1)
    most = int(rest["upper_count"].max())
    reach = f", up to {widest['upper_rate'].iloc[0]:.2f} per 10,000 in {widest['label'].iloc[0]}" if len(widest) else ""  # fmt: skip
    others = "district has" if len(rest) == 1 else f"{len(rest)} districts have"
    return (
        f"The other {others} no single count: of {firms.base} firms each may have from "
        f"{int(rest['lower_count'].min())} to {most}{reach}. Those are bounds, not intervals of chance. "
    )


def zones(table: pd.DataFrame) -> str:
    """The limit that functional zones set, where a city has them.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.districts.position_table`` with a column label.
    """
    if table.empty:
        return ""
    named = table.loc[table["zone"], "label"]
    if named.empty:
        return (
            "\n\nResidents are counted where they live, firms where they are registered; the rate speaks of the district, not "
            "of its people."
        )
    several = len(named) > 1
    return (
        f"\n\n{listed(named)} {'are functional zones' if several else 'is a functional zone'} without a code of GB/T 2260. The census "
        f"table gives {'each' if several else 'it'} a row of its own, apart from the districts around, yet a zone is drawn for "
        "firms, and nothing shows that the census and the list of firms draw it alike. Residents are counted where they "
        "live, firms where they are registered: a high rate says as much of the boundary as of the firms."
    )


def concentration(table: pd.DataFrame, firms: DistrictFirms) -> str:
    """Whether firms are more concentrated than people over the districts.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.districts.concentration_bounds``.
    firms : DistrictFirms
    """
    if table.empty and firms.base == 0:
        return (
            "No firm is on record in any district, so there is nothing that could be concentrated."
        )
    if table.empty:
        return "An index of concentration needs the number of all firms, which is unknown here."
    rows = table.set_index("index")
    hhi = rows.loc["hhi"]
    condition = _condition(firms)
    text = f"Over {int(hhi['units_count'])} units the HHI of firms {_between(hhi)}"
    if condition:
        text = f"Of {firms.base} firms, the smallest of {len(firms.bases)} bases that fit: {text[0].lower()}{text[1:]}"
    if "hhi_normalised" in rows.index:
        text += f" (normalised: {_between(rows.loc['hhi_normalised'], '')})"
    if "cr3" in rows.index:
        text += f", and the three largest hold {_between(rows.loc['cr3'], '')} of them"
    if pd.isna(hhi["residents"]):
        return (
            f"{text}. Without the residents of every district there is nothing to compare it with."
        )
    lower, upper, people = (float(hhi[name]) for name in ("lower", "upper", "residents"))
    reading = "some tables that fit have firms more concentrated than people, others less"
    fits = "" if lower == upper else f"in every table of {firms.base} firms that fits, "
    # The same shares may differ in their last digit, being divided in another order.
    if math.isclose(lower, people) and math.isclose(upper, people):
        reading = "firms are as concentrated as people"
    elif lower > people:
        reading = f"{fits}firms are more concentrated than people"
    elif upper < people:
        reading = f"{fits}firms are less concentrated than people"
    return (
        f"{text}. The HHI of residents is {people:.3f}: {reading}. An index of this kind depends on how the city is cut up; "
        "do not compare it with another city's."
    )


def _between(row: pd.Series, verb: str = "lies between ") -> str:
    """Bounds as text, or the one value they meet in."""
    lower, upper = float(row["lower"]), float(row["upper"])
    if lower == upper:
        return f"{'is ' if verb else ''}{lower:.3f}"
    return f"{verb}{lower:.3f} {'and' if verb else 'to'} {upper:.3f}"


def orders(tests: pd.DataFrame, table: pd.DataFrame, firms: DistrictFirms) -> str:
    """Which orders of districts could be chance, and whether others could lead.

    Parameters
    ----------
    tests : DataFrame
        From ``analysis.districts.order_tests``.
    table : DataFrame
        From ``analysis.districts.position_table`` with a column label.
    firms : DistrictFirms
    """
    points, rest = _points(table), table.drop(_points(table).index)
    if tests.empty and len(points) > 1:
        return f"The {len(points)} districts with one count are level: none has a firm. There is no order to test."
    if tests.empty:
        return "An order needs two districts whose count is one number."
    condition = _condition(firms)
    text = [f"The counts are those {condition}."] if condition else []
    for kind, words in (("firms", "By number of firms"), ("rate", "Per resident")):
        rows = tests[tests["by"] == kind]
        if len(rows):
            text.append(_pairs(rows, words))
    most = rest["upper_count"].max() if len(rest) else pd.NA
    least = points["lower_count"].min()
    if pd.notna(most) and most > least:
        last = points.loc[points["lower_count"] == least, "label"]
        others = (
            "the other district" if len(rest) == 1 else f"one of the other {len(rest)} districts"
        )
        text.append(
            f"That these {len(points)} lead at all is not shown by their shares: {others} may have "
            f"up to {most} firms, {listed(last)} {'has' if len(last) == 1 else 'have'} {least}."
        )
    text.append(
        "In a full list an order is a fact; the test asks only whether an equal tendency could have made it."
    )
    return " ".join(text)


def _pairs(rows: pd.DataFrame, words: str) -> str:
    """How many pairs of one kind are level, could be chance, or are neither."""
    ranked = rows[~rows["level"]]
    ties = len(rows) - len(ranked)
    firm = ranked[~ranked["could_be_chance"].astype(bool)]
    level = (
        f"{several(ties, 'pair')} of {len(rows)} {'is' if ties == 1 else 'are'} level"
        if ties
        else ""
    )
    if ranked.empty:
        return f"{words}, {level}: there is no order."
    pairs = listed(f"{row.larger} before {row.smaller}" for row in firm.itertuples())
    if len(firm) > _MOST_PAIRS:
        pairs = f"the other {len(firm)}"
    return (
        f"{words}, {f'{level}; ' if level else ''}{len(ranked) - len(firm)} of {several(len(ranked), 'order')} could be chance "
        "under the model" + (f"; not so {pairs}." if len(firm) else ".")
    )


def industries(rows: pd.DataFrame, share: str, found: IndustryFirms) -> str:
    """What the order of industries and their joint share come to.

    Parameters
    ----------
    rows : DataFrame
        From ``analysis.cities.industries_of``.
    share : str
        Printed joint share, empty for none.
    found : IndustryFirms
        From ``analysis.industries.industry_firms`` of these rows.
    """
    if rows.empty:
        return "No industry is on record; an `industries.csv` in your data folder fills the table."
    text = [part for part in (_dropped(rows, found), _unordered(found)) if part]
    counted = rows["firms_count"].notna()
    if counted.all():
        first = rows.loc[rows["firms_count"].astype("Int64").idxmax()]
        name = first["name_en"] if isinstance(first["name_en"], str) else first["name_zh"]
        of = (
            f" of {found.base} firms ({first['firms_count'] / found.base:.2%})"
            if found.base
            else ""
        )
        text.append(
            f"Every industry has a count on record; {name} leads with {first['firms_count']}{of}."
        )
    elif found.base is None:
        text.append(
            "Without a number of all firms, a count on record bounds only those behind and before it in the order."
            if counted.any()
            else "An order alone bounds nothing: a count of all firms, or of the industries, is needed."
        )
    else:
        text.append(_joint_share(rows, share, found))
    return " ".join(text)


def _dropped(rows: pd.DataFrame, found: IndustryFirms) -> str:
    """That the counts on record rule out a base that the districts gave."""
    if found.dropped_base is None:
        return ""
    least = int(found.bounds["lower_count"].sum())
    have = f"come to {least} firms" if rows["firms_count"].notna().all() else f"need {least} firms or more"  # fmt: skip
    return (
        f"The counts of industries on record {have}, which the "
        f"{found.dropped_base} of the districts cannot hold; that base is set aside here. Either the lists differ in what they count, "
        "or the base is not the true one."
    )


def _unordered(found: IndustryFirms) -> str:
    """That the counts on record do not follow the ranks."""
    if found.ordered:
        return ""
    return (
        "The counts on record do not fall along the ranks of the list, so the ranks bound nothing."
    )


def _joint_share(rows: pd.DataFrame, share: str, found: IndustryFirms) -> str:
    """What a printed joint share means over the base, or why it is not used."""
    joint = rows.dropna(subset=["share_claim_id"])
    kind = "inferred base of" if found.origin == "implied" else "total of"
    over = f"Over the {kind} {found.base} firms"
    if joint.empty or not share:
        return f"{over} only the order bounds the industries: no joint share is on record."
    if found.share:
        fits = counts_for(share, found.base or 0)
        return (
            f"{over}, {share} % for {listed(joint['name_zh'])} together means {either(fits)} firms; the other "
            f"{len(rows) - len(joint)} listed industries share at most {(found.base or 0) - min(fits)}."
        )
    if not counts_for(share, found.base or 0):
        return f"{over} no whole number rounds to the joint share of {share} %; it is left out and the order alone is used."
    return f"The joint share of {share} % is left out beside counts on record; {over[0].lower()}{over[1:]} these and the order bound the rest."


def matrix(
    cells: pd.DataFrame, counts: pd.DataFrame, focal: str, city: str, compared: Sequence[str],
    names: Callable[[str], str],
) -> str:  # fmt: skip
    """How much of the table of cities and tiers is known.

    Parameters
    ----------
    cells : DataFrame
        From ``analysis.cities.city_matrix``.
    counts : DataFrame
        From ``analysis.cities.latest_counts``.
    focal, city : str
        place_id and name of the focal city.
    compared : sequence of str
        Tiers by which the replicated study ranks cities.
    names : callable
        Gives the name of a tier.
    """
    stock = counts["measure"] != "newly_recognised"
    own = counts[(counts["place_id"] == focal) & stock]
    three = own[own["indicator_id"].isin(compared)]
    recent = int((~stock).sum())
    return (
        f"{int(cells.notna().to_numpy().sum())} of {cells.size} cells hold a figure"
        + (f", {recent} of them only newly recognised firms" if recent else "")
        + f". For {city} a stock is on record for {len(three)} of the {len(compared)} tiers the study compares; all on record: "
        f"{listed(map(names, own['indicator_id'])) or 'none'}. A row of `city_counts.csv` in your data folder fills a cell."
    )


def standing(
    bounds: pd.DataFrame, orders: pd.DataFrame, focal: str, name: Callable[[str], str], last: int
) -> str:
    """What the fragments say of one city's place among those of its province.

    Parameters
    ----------
    bounds : DataFrame
        From ``analysis.cities.city_bounds``.
    orders : DataFrame
        From ``analysis.cities.focal_order``.
    focal : str
        place_id.
    name : callable
        Gives a place's name from its code.
    last : int
        Last batch.
    """
    row = bounds.set_index("place_id").loc[focal]
    most = "no limit" if pd.isna(row["upper_count"]) else f"{row['upper_count']:,}"
    parts = [
        f"{words} {listed(map(name, places))}"
        for words, places in (
            ("surely more:", orders.loc[orders["order"] == "more", "place_id"]),
            ("surely fewer:", orders.loc[orders["order"] == "fewer", "place_id"]),
            ("as many:", orders.loc[orders["order"] == "equal", "place_id"]),
        )
        if len(places)
    ]
    batches = "batch 1" if last == 1 else f"batches 1-{last}"
    left = int((orders["order"] == "open").sum())
    if left:
        parts.append("the order is open for " + ("all" if left == len(orders) else str(left)))
    return (
        f"{name(focal)} may have from {row['lower_count']:,} to {most} little giants of {batches} and any rank from "
        f"{row['best_rank']} to {row['worst_rank']} of {len(bounds)}. Of the other {len(orders)} cities: {'; '.join(parts)}. "
        "A count on record narrows these bounds only where it says what it counts; one of unstated measure or batches does not."
    )


def echelons(table: pd.DataFrame, name: Callable[[str], str]) -> str:
    """What the counts of cities say of first and second echelons.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.cities.tier_table``.
    name : callable
        Gives a place's name from its code.
    """
    cities, kinds = int(table["cities_count"].iloc[0]), len(table)
    if cities < 2:
        return "There are no echelons of one city."
    known, best = int(table["known_count"].sum()), int(table["comparable_count"].max())
    cells = f"of the {cities * kinds} cells ({cities} cities, {kinds} kinds of firm)"
    if not known:
        return f"None {cells} holds a stock; the record neither shows echelons by firms nor rules them out."
    same = f"at most {best} of a kind share" if best > 1 else "no two of a kind share"
    text = f"{known} {cells} {'holds' if known == 1 else 'hold'} a stock; {same} measure, batches and date. "
    enough = table[table["comparable_count"] >= FEWEST_FOR_TIERS]
    if enough.empty:
        return (
            f"{text}With fewer than {FEWEST_FOR_TIERS} comparable values no breaks are made: the record neither shows echelons by "
            "firms nor rules them out."
        )
    return (text + " ".join(_compared(row, name) for row in enough.itertuples())).strip()


def _compared(row: Any, name: Callable[[str], str]) -> str:
    """The counts of one kind of firm that compare, and the echelons they make or do not."""
    values = ", ".join(f"{name(place)} {count:,}" for place, count in row.compared)
    kind = row.indicator_id.replace("_", " ")
    text = f"The {row.comparable_count} comparable counts of {kind}s ({values}; {row.as_of}) "
    if pd.isna(row.tiers_count):
        text += "fall into no number of echelons that meets the rule"
    else:
        text += (
            f"fall into {row.tiers_count} echelons (fit {row.gvf:.2f}), the first of them "
            f"{listed(map(name, row.first.split(';')))}"
        )
    left = row.cities_count - row.comparable_count
    if not left:
        return f"{text}."
    others = "city has" if left == 1 else f"{left} cities have"
    return f"{text}; the other {others} no such value and no echelon."


def yardstick(found: Tiers, name: Callable[[str], str], focal: str, cities: int) -> str:
    """Tiers of cities by residents.

    Parameters
    ----------
    found : Tiers
        By place_id.
    name : callable
        Gives a place's name from its code.
    focal : str
        place_id.
    cities : int
        Number of cities of the province.
    """
    if cities < 2:
        return "Nor are there tiers of one city by residents."
    if not found.tiers_count and len(found.table):
        return (
            f"Residents are on record for {found.known} of {cities} cities. No number of tiers up to half as many meets the rule: "
            "by residents the cities spread too evenly for tiers."
        )
    if not found.tiers_count:
        return (
            f"Residents are on record for {found.known} of {cities} cities, too few for tiers; `population.csv` in your data "
            "folder, with a row for every city, fills this section."
        )
    gvf, even = found.goodness()
    sizes = found.tier.value_counts().sort_index()
    own = f" {name(focal)} is in tier {found.tier[focal]}." if focal in found.tier.index else ""
    first = listed(map(name, found.tier.index[found.tier == 1]))
    partial = (
        ""
        if found.known == cities
        else f" {cities - found.known} {'city' if cities - found.known == 1 else 'cities'} without a figure "
        f"{'is' if cities - found.known == 1 else 'are'} left out."
    )
    return (
        f"By residents the {found.known} cities fall into {found.tiers_count} tiers of {listed(sizes)} (goodness of variance fit {gvf:.2f}; "
        f"{even:.2f} would be reached on evenly spread values). First: {first}.{own}{partial} That is an order of size. If firms "
        "followed people, a first echelon by firms would be no more than this; only counts can tell."
    )
