"""Sentences on cases whose numbers are rendered, so that they are right for every place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.analysis.configurations import CONDITIONS
from helpers.analysis.paths import (
    LARGEST_BASE,
    NO_PATH,
    Casebook,
    Majority,
    deal_table,
    grade_counts,
    is_part_year,
)


def _percent(part: int, whole: int) -> str:
    """A fraction with its percentage, halves rounded up.

    Examples
    --------
    >>> _percent(5, 8), _percent(1, 8)
    ('5/8 (63 %)', '1/8 (13 %)')
    """
    return f"{part}/{whole} ({(200 * part + whole) // (2 * whole)} %)"


def _named(names: Sequence[str]) -> str:
    return f" ({', '.join(names)})" if names else ""


def cases_text(book: Casebook, place: str) -> str:
    """How many cases a place has, or which tables would supply them.

    Examples
    --------
    >>> from helpers.analysis.paths import casebook
    >>> from helpers.evidence import tables
    >>> cases_text(casebook(tables.load_all(), "210300"), "Anshan")
    'Firms of Anshan with a path: 11; others shown beside them: 2.'
    """
    if len(book.cases):
        others = len(book.firms) - len(book.cases)
        return (
            f"Firms of {place} with a path: {len(book.cases)}; others shown beside them: {others}."
        )
    return (
        f"**No case for {place}.** The study names no firm there, and nothing is put in its place. "
        "Cases would come from `firms.csv` and `growth_paths.csv`, with `firm_statements.csv`, "
        "`firm_events.csv`, `firm_financials.csv` and `firm_conditions.csv` for what is known of "
        "them, in the folder given as `data_dir`."
    )


def documentation_text(book: Casebook) -> str:
    """How many statements are borne out, and for which firms none is.

    Parameters
    ----------
    book : Casebook
        With statements.

    Returns
    -------
    str
    """
    total = grade_counts(book.statements, "route").sum()
    how = book.statements[book.statements["mode"].notna()]
    unseen = int((how["documentation"] == "undocumented").sum())
    grades = book.statements.groupby("firm", sort=False)["documentation"]
    bare = [str(firm) for firm, cells in grades if set(cells) == {"undocumented"}]
    return (
        f"Of {total['total']} statements, documented: {total['documented']}, partly: "
        f"{total['partly']}, conflicting: {total['conflicting']}, **not found elsewhere: "
        f"{_percent(total['undocumented'], total['total'])}**. Of the {len(how)} that name *how* a "
        f"firm grew, {_percent(unseen, len(how)) if len(how) else '0'} were not found elsewhere. No "
        f"record was found for any statement on {len(bare)} of {grades.ngroups} "
        f"firms{_named(bare)}."
    )


def base_text(book: Casebook) -> str:
    """Which bases printed shares and named firms allow, and how many firms have no path.

    Parameters
    ----------
    book : Casebook
        With cases.

    Returns
    -------
    str
    """
    found, named = book.found, book.named
    if not book.reported:
        return (
            f"No share is printed for these paths; the {sum(named.values())} firms named are "
            "counted among themselves."
        )
    printed = ", ".join(book.reported.values())
    by_path = ", ".join(str(count) for count in named.values())
    start = (
        f"Shares of {printed} % can all be counts over these bases up to {LARGEST_BASE}: "
        f"{', '.join(map(str, found.bases)) or 'none'}. "
    )
    if not found.exact:
        return start + (
            f"Over none of them do the firms named ({by_path} by path) give the printed shares, so "
            f"that only the {found.base} named can be counted."
        )
    return start + (
        f"If the firms named ({by_path} by path) are all that the paths have, the bases left are "
        f"{', '.join(map(str, found.exact))}. Over {found.base} firms, **"
        f"{_percent(found.left, found.base)} have no path**."
    )


def bounds_text(shares: pd.DataFrame, book: Casebook) -> str:
    """How far each share could move, and what a sampling interval would add.

    Parameters
    ----------
    shares : DataFrame
        From ``paths.path_shares``, with rows.
    book : Casebook

    Returns
    -------
    str
    """
    names = book.routes.set_index("path_id")["route"]
    told = []
    for row in shares[shares["path_id"] != NO_PATH].itertuples():
        told.append(
            f"{names[row.path_id]} between {row.firms_count}/{row.base_count} and "
            f"{row.most_count}/{row.base_count} [{row.sampling_low_pct:.1f} to "
            f"{row.sampling_high_pct:.1f} %]"
        )
    found = book.found
    if found.exact:
        given = f"the base of {found.base} is inferred and {found.left} of its firms are not named"
    else:
        given = f"only the {found.base} firms named are counted, and their number was not drawn"
    return (
        f"Wherever the {found.left} firms without a path belong: {'; '.join(told)}. In brackets is "
        "the exact 95 % interval of each share, had the firms been drawn independently with one "
        f"chance of each path. Nobody drew them: {given}. If the base is right, it is a full list "
        "and no sample. So no such interval enters a verdict; the bounds need no model, but they "
        "hold for this base alone."
    )


def readings_text(readings: pd.DataFrame) -> str:
    """How many readings survive, on the inferred base and on every base.

    Parameters
    ----------
    readings : DataFrame
        From ``paths.readings_by_base``, with rows.

    Returns
    -------
    str
    """
    sure = int((readings["holds"] == "all").sum())
    anywhere = int((readings["holds_on_any_base"] == "all").sum())
    never = int((readings["holds"] == "none").sum())
    return (
        f"**{sure} of {len(readings)} readings survive every allocation** on the base used and "
        f"{anywhere} on every base left open. Readings that no allocation satisfies: {never}."
    )


def majority_text(book: Casebook, ages: pd.DataFrame, trade: Majority) -> str:
    """What is known of the two halves of "most are old firms of traditional industries".

    Parameters
    ----------
    book : Casebook
        With cases.
    ages : DataFrame
        From ``paths.age_majorities``.
    trade : Majority
        Firms of traditional industries.

    Returns
    -------
    str
    """
    industry = (
        f"*Traditional:* coded so {trade.yes}, coded otherwise {trade.no}, unknown "
        f"{trade.base - trade.yes - trade.no}; the share lies between "
        f"{_percent(trade.yes, trade.base)} and {_percent(trade.base - trade.no, trade.base)}: "
        f"**{trade.verdict}**."
    )
    if ages.empty:
        return f"*Old:* nothing is dated for any of {len(book.cases)} firms. {industry}"
    first, last = ages.iloc[0], ages.iloc[-1]
    return (
        f"*Old:* the study sets no year, so every limit is tried. With the limit at {last['year']} or "
        f"later, {last['old_count']} of {last['base_count']} firms are known to be as old and "
        f"{last['young_count']} to be younger; at {first['year']} or earlier, {first['old_count']} "
        f"and {first['young_count']}. {_verdicts_by_limit(ages)} {industry}"
    )


def _verdicts_by_limit(ages: pd.DataFrame) -> str:
    """The verdict for every limit, in one sentence.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2009, 2010], "verdict": ["contradicted", "entailed"]})
    >>> _verdicts_by_limit(table), _verdicts_by_limit(table.head(1))
    ('**Contradicted** up to 2009, **entailed** from 2010.', '**Contradicted** for every limit.')
    """
    starts = ages[ages["verdict"] != ages["verdict"].shift()]
    ends = [year - 1 for year in starts["year"].iloc[1:]]
    if not ends:
        return f"**{starts['verdict'].iloc[0].capitalize()}** for every limit."
    spans = [f"up to {ends[0]}"]
    spans += [
        f"from {start} to {end}"
        for start, end in zip(starts["year"].iloc[1:-1], ends[1:], strict=True)
    ]
    spans.append(f"from {starts['year'].iloc[-1]}")
    told = [f"**{verdict}** {span}" for verdict, span in zip(starts["verdict"], spans, strict=True)]
    told[0] = told[0].replace(told[0][2], told[0][2].upper(), 1)
    return f"{', '.join(told)}."


def diversity_text(
    matrix: pd.DataFrame, rows: pd.DataFrame, occupied: tuple[int, int], pairs: Mapping[str, int]
) -> str:
    """Limited diversity and contradictions, with and without silence read as absence.

    Parameters
    ----------
    matrix : DataFrame of boolean
        From ``configurations.coding``.
    rows : DataFrame
        From ``configurations.truth_table``.
    occupied : (fewest, most)
        From ``configurations.occupied_rows``.
    pairs : mapping
        From ``configurations.pair_counts``.

    Returns
    -------
    str
    """
    size, clashes = 2 ** len(CONDITIONS), int(rows["contradiction"].sum())
    return (
        f"{_percent(int(matrix.notna().to_numpy().sum()), matrix.size)} of the cells are known. Read "
        f"as it stands, with silence for absence, the coding fills {len(rows)} of {size} rows, "
        f"{clashes} of them with cases of more than one path. With unknown left unknown the cases "
        f"fill between {occupied[0]} and {occupied[1]} rows, and of {sum(pairs.values())} pairs of "
        f"cases on different paths **{pairs['told_apart']} are told apart by a known condition**; "
        f"{pairs['alike']} are alike, and {pairs['open']} could be either."
    )


def deals_text(book: Casebook) -> str:
    """Deals behind the ownership records, and where nothing is dated.

    Parameters
    ----------
    book : Casebook
        With events.

    Returns
    -------
    str
    """
    deals = deal_table(book.events).merge(book.firms[["firm_id", "firm", "path"]])
    retold = deals[deals["records_count"] > 1]
    several = [
        f"{deal.firm} {deal.first_date[:4]}: {deal.records_count}" for deal in retold.itertuples()
    ]
    on_path = deals.merge(book.routes, left_on="path", right_on="path_id")["route"].value_counts()
    by_path = [f"{route}: {on_path.get(route, 0)}" for route in book.routes["route"]]
    return (
        f"Ownership: {deals['records_count'].sum()} of {len(book.events)} dated records, which belong "
        f"to **{len(deals)} deal{'' if len(deals) == 1 else 's'}**, each counted once"
        + (f" (with several records: {', '.join(several)})" if several else "")
        + (f". Deals by path: {'; '.join(by_path)}" if by_path else "")
        + f". No dated event was found for {len(book.undated)} of {len(book.cases)} firms with a path."
    )


def figures_text(book: Casebook) -> str:
    """For how many cases any figure, and a yearly revenue, was found.

    Parameters
    ----------
    book : Casebook

    Returns
    -------
    str
    """
    own = book.figures[book.figures["path"].notna()]
    part = own["period"].map(is_part_year).astype("bool")
    yearly = own[(own["metric"] == "revenue") & ~part]
    counts = [list(frame["firm"].unique()) for frame in (own, yearly)]
    return (
        f"Any figure was found for {len(counts[0])} of {len(book.cases)} firms with a path"
        f"{_named(counts[0])}, yearly revenue for {len(counts[1])}{_named(counts[1])}."
    )


def worked_text(worked: pd.DataFrame, tallies: pd.DataFrame, years: Mapping[str, str]) -> str:
    """How many firm-years the published figures decide under each act.

    Parameters
    ----------
    worked, tallies : DataFrame
        From ``firm_years.worked_cases`` and ``firm_years.decided_counts``, with rows.
    years : mapping of str to str
        Year of the act by tier_id, from ``paths.act_years``.

    Returns
    -------
    str
    """
    told = []
    for tier, part in tallies.groupby("tier_id", sort=False):
        outcomes = part["tier_outcome"].value_counts()
        told.append(
            f"held against the measures of {years[str(tier)]}, {outcomes.get('fails', 0)} fail a "
            f"condition they cannot do without, {outcomes.get('meets', 0)} meet all, and for "
            f"{outcomes.get('cannot be told', 0)} the figures do not say"
        )
    firm_years = len(worked.drop_duplicates(["firm_id", "year"]))
    share = _percent(int(tallies["open"].sum()), int(tallies["conditions"].sum()))
    return (
        f"Of {firm_years} firm-years: {'; '.join(told)}. **{share} of the conditions stay open.**"
    )
