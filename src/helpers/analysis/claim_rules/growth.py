"""Rules on growth paths: shares over an inferred base, and statements on named firms.

All of them look at the focal city alone, so that a place without firms in the tables gives a
finding without sources.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers.analysis import paths
from helpers.analysis.configurations import MODE_CONDITIONS, TRADITIONAL, coding
from helpers.analysis.tiers import STUDY_SOURCE
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.granularity import inferred_decision
from helpers.evidence.sources import ids_of


def _book(setting: Setting) -> paths.Casebook:
    return paths.casebook(setting.tables, setting.city_id)


def _ranges(numbers: Sequence[int]) -> str:
    """Whole numbers in ascending order, neighbours as a range."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _settling(place: str, path: str, reported: dict[str, str], named: dict[str, int]) -> str:
    """The number of firms in all, as the one figure that could settle a share."""
    alone = paths.open_bases({path: reported[path]}, named)
    if not alone:
        return ""
    joint = set(alone) & set(paths.open_bases(reported, named))
    return (
        f"The number of little giants of {place}: any number up to "
        f"{paths.LARGEST_BASE} other than {_ranges(alone)} would rule this share out, "
        f"{named[path]} firms being named; with one of these, {len(joint)} of which fit all "
        f"{len(reported)} printed shares, the firms on the path would still be needed."
    )


def path_share(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the firms named under a path give its printed share over the inferred base.

    Looks at ``growth_paths`` and ``firms`` of the focal city; the path is in ``subject_ids``. The
    full list of the city's little giants is always missing, since the base is inferred from the
    shares: they are consistent if some base up to 100 gives every printed share by the firms named,
    else unattainable. Without a printed share of the path there is nothing to test.
    """
    (path,), place = test.subject_ids, setting.name(setting.city_id)
    book = _book(setting)
    reported, named, found = book.reported, book.named, book.found
    missing = [f"the full list of {place}'s little giants with the path of each"]
    if path not in reported:
        return Finding(missing=missing)
    origin = "inferred from the shares themselves" if found.exact else "those named: no base fits"
    fits = "The base fits by construction" if found.exact else "No base fits the firms named"
    return Finding(
        computed=f"{named[path]}/{found.base}",
        base=f"{found.base} firms, {origin}",
        decision=inferred_decision(found.exact),
        missing=missing,
        detail=f"{fits}; {found.left} of {found.base} firms have no path.",
        sources=ids_of(book.routes["source_id"]),
        settles=_settling(place, path, reported, named),
    )


def one_mechanism(setting: Setting, test: ClaimTest) -> Finding:
    """Whether all firms of a path grew the same way, by what is said of each and how it is coded.

    Looks at ``firm_statements`` and ``firm_conditions`` of the focal city; ``subject_ids`` are the
    path and the mode. A firm coded without the condition of the mode contradicts the claim. A firm
    of which it is unknown leaves it open, whatever else is said of that firm: one way of growth
    rules out no other. Where all are coded with it, the claim holds only if every statement is
    documented, since the study's own sentences cannot confirm it. Without a statement that names a
    mode there is nothing to test.
    """
    (path, mode), book = test.subject_ids, _book(setting)
    said = book.statements[(book.statements["path_id"] == path) & book.statements["mode"].notna()]
    if said.empty:
        return Finding()
    cases = book.cases[book.cases["path_id"] == path]
    coded = coding(book.conditions, cases["firm_id"])[MODE_CONDITIONS[mode]]
    with_it, without = int(coded.fillna(False).sum()), int((~coded.fillna(True)).sum())
    modes = said["mode"].value_counts()
    grades = said.groupby("firm_id")["documentation"].agg(paths.combined_grade)
    shown = coded.fillna(False) & (grades.reindex(coded.index) == "documented")
    bare = list(cases.loc[~shown.to_numpy(dtype=bool), "name_short_en"])
    word, total = mode.replace("_", " "), len(cases)
    return Finding(
        holds=not without,
        missing=[f"a record of the {word} for {', '.join(bare)}"] if bare and not without else [],
        decision="consistent",
        base=f"{total} firms on the path, {said['firm_id'].nunique()} with a sentence on how it grew",
        computed=", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in modes.items()),
        interval=f"{with_it}/{total} to {total - without}/{total}",
        documentation=paths.combined_grade(said["documentation"]),
        detail=f"Coded with {word}: {with_it}, without: {without}, unknown: "
        f"{total - with_it - without}. A sentence that names another way does not rule this one out.",
        sources=[STUDY_SOURCE],
        settles=f"Records of the {word} for {', '.join(bare)}: one that rules it out for any of them "
        "would contradict the claim, one that shows it for each of them would confirm it."
        if bare
        else "",
    )


def statements(setting: Setting, test: ClaimTest) -> Finding:
    """How far the statements on the firms in ``subject_ids`` are documented together.

    Looks at ``firm_statements`` of firms of the focal city: for a mechanism at those that name it,
    for any other claim at all. No number is made up, so that the claim stays untestable with its
    grade; an undocumented statement is a missing record.
    """
    book = _book(setting)
    given = book.statements[book.statements["firm_id"].isin(test.subject_ids)]
    if given.empty:
        return Finding()
    bearing = given[given["mode"].notna()] if test.kind == "mechanism" else given
    names = book.cases.set_index("firm_id")["name_short_en"]
    told = given["firm_id"].map(names) + ", " + given["topic"] + ": " + given["documentation"]
    return Finding(
        documentation=paths.combined_grade(bearing["documentation"]),
        base=f"{len(bearing)} of {len(given)} statements",
        detail="; ".join(told),
        sources=ids_of(given["source_id"]),
    )


def two_majorities(setting: Setting, test: ClaimTest) -> Finding:
    """Whether most little giants can be old firms, and whether most can be of traditional industries.

    Looks at ``firms``, ``firm_events`` and ``firm_conditions`` of the focal city. Both halves are
    judged by :class:`paths.Majority` over all completions of what is unknown; the first for every
    year that might make a firm old, since the claim sets none. The base is inferred at best, so that
    nothing is entailed; a half is contradicted only if it is so on the largest base left open, and
    the first half only if it is so for every limit. Without a date and a coded industry there is
    nothing to test.
    """
    book = _book(setting)
    found = book.found
    coded = book.conditions[book.conditions["condition"] == TRADITIONAL].dropna(subset="value")
    ages = paths.age_majorities(book.cases, book.events, max(found.base, 1))
    if coded.empty and ages.empty:
        return Finding()
    open_bases = paths.open_bases(book.reported, book.named)
    largest = max(open_bases, default=paths.LARGEST_BASE)
    trade = paths.coded_majority(coded, TRADITIONAL, found.base)
    limits = paths.age_majorities(book.cases, book.events, largest)["verdict"]
    halves = {
        "traditional": paths.coded_majority(coded, TRADITIONAL, largest).verdict,
        "old": "contradicted" if len(limits) and set(limits) == {"contradicted"} else "consistent",
    }
    counted = f"traditional: {trade.yes}, not: {trade.no}"
    if len(ages):
        last = ages.iloc[-1]
        counted += (
            f"; known to exist by {last['year']}: {last['old_count']}, known to be younger than a "
            f"limit: at most {ages['young_count'].max()}"
        )
    origin = "inferred" if found.exact else "those named"
    place = setting.name(setting.city_id)
    return Finding(
        decision="contradicted" if "contradicted" in halves.values() else "consistent",
        missing=[f"founding year and industry of every little giant of {place}"],
        base=f"{found.base} firms, {origin}",
        computed=counted,
        interval=f"traditional: {trade.yes}/{trade.base} to {trade.base - trade.no}/{trade.base}",
        detail="The claim sets no year that makes a firm old; every limit was tried. "
        + "; ".join(f"{half}: {verdict}" for half, verdict in halves.items())
        + f". {found.left} of {found.base} firms are not even named.",
        sources=ids_of(coded["source_id"], paths.dating(book.cases, book.events)["source_id"]),
        settles=f"A list of {place}'s little giants with the industry of each: half of them outside "
        "the traditional industries would contradict the claim. To confirm it, their founding years "
        "and the year that makes a firm old would be needed too.",
    )


def no_indicator(setting: Setting, test: ClaimTest) -> Finding:
    """A judgement for which the study names no indicator, so that no table bears on it."""
    return Finding(detail="The study gives the judgement without an indicator.")


RULES: dict[str, Rule] = {
    "path_share": Rule(path_share),
    "one_mechanism": Rule(one_mechanism),
    "statements": Rule(statements),
    "two_majorities": Rule(two_majorities),
    "no_indicator": Rule(no_indicator),
}
