"""Rules on growth paths: shares over an inferred base, and statements on named firms.

All of them look at the focal city alone, so that a place without firms in the tables gives a
finding without sources.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.analysis import paths
from helpers.analysis.tiers import STUDY_SOURCE
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.granularity import inferred_decision
from helpers.evidence.sources import ids_of


def _routes(setting: Setting) -> pd.DataFrame:
    routes = setting.tables["growth_paths"]
    return routes[routes["place_id"] == setting.city_id]


def _cases(setting: Setting) -> pd.DataFrame:
    """Firms of the focal city with a path, in the order of the paths."""
    firms = setting.tables["firms"]
    firms = firms[firms["place_id"] == setting.city_id]
    return _routes(setting)[["path_id"]].merge(firms, left_on="path_id", right_on="path")


def _statements(setting: Setting) -> pd.DataFrame:
    cases = _cases(setting)[["firm_id", "name_short_en", "path_id"]]
    return cases.merge(setting.tables["firm_statements"], on="firm_id")


def _shares(setting: Setting) -> tuple[dict[str, str], dict[str, int], paths.NamedBase]:
    """Printed share and number of firms named by path, and the base they imply."""
    routes = _routes(setting)
    printed = routes.dropna(subset="reported_share_pct").set_index("path_id")["reported_share_pct"]
    reported = {str(path): str(share) for path, share in printed.items()}
    on_path = _cases(setting)["path_id"].value_counts()
    named = {str(path): int(on_path.get(path, 0)) for path in routes["path_id"]}
    return reported, named, paths.named_base(reported, named)


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
    reported, named, found = _shares(setting)
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
        sources=ids_of(_routes(setting)["source_id"]),
        settles=_settling(place, path, reported, named),
    )


def one_mechanism(setting: Setting, test: ClaimTest) -> Finding:
    """Whether all statements that name how the firms of a path grew name the same way.

    Looks at ``firm_statements`` of the focal city with a mode; ``subject_ids`` are the path and the
    mode. The study's own sentences are held against its claim, and need no other source. Without
    such a statement there is nothing to test.
    """
    path, mode = test.subject_ids
    statements = _statements(setting)
    named = statements[(statements["path_id"] == path) & statements["mode"].notna()]
    if named.empty:
        return Finding()
    modes = named["mode"].value_counts()
    return Finding(
        holds=bool((named["mode"] == mode).all()),
        base=f"{named['firm_id'].nunique()} firms named, in the study's own text",
        computed=", ".join(f"{word.replace('_', ' ')}: {count}" for word, count in modes.items()),
        documentation=paths.combined_grade(named["documentation"]),
        detail="Judged on the study's own sentences; no record found says which account is right.",
        sources=[STUDY_SOURCE],
    )


def statements(setting: Setting, test: ClaimTest) -> Finding:
    """How far the statements on the firms in ``subject_ids`` are documented together.

    Looks at ``firm_statements`` of firms of the focal city: for a mechanism at those that name it,
    for any other claim at all. No number is made up, so that the claim stays untestable with its
    grade; an undocumented statement is a missing record.
    """
    given = _statements(setting)
    given = given[given["firm_id"].isin(test.subject_ids)]
    if given.empty:
        return Finding()
    bearing = given[given["mode"].notna()] if test.kind == "mechanism" else given
    told = given["name_short_en"] + ", " + given["topic"] + ": " + given["documentation"]
    return Finding(
        documentation=paths.combined_grade(bearing["documentation"]),
        base=f"{len(bearing)} of {len(given)} statements",
        detail="; ".join(told),
        sources=ids_of(given["source_id"]),
    )


def founding_years(setting: Setting, test: ClaimTest) -> Finding:
    """For how many named firms an undisputed founding date is on record.

    Looks at ``firms`` of the focal city with a path. The claim is about all little giants, most of
    which are not named, and sets no year that makes a firm old: it is untestable, and the finding
    says how much is missing.
    """
    cases, (*_, found) = _cases(setting), _shares(setting)
    if cases.empty:
        return Finding()
    dated = int(cases["founded"].notna().sum())
    origin = "inferred" if found.exact else "those named"
    return Finding(
        base=f"{found.base} firms, {origin}",
        detail=f"An undisputed founding date is on record for {dated} of {len(cases)} named firms; "
        f"the other {found.left} are not even named.",
    )


def no_indicator(setting: Setting, test: ClaimTest) -> Finding:
    """A judgement for which the study names no indicator, so that no table bears on it."""
    return Finding(detail="The study gives the judgement without an indicator.")


RULES: dict[str, Rule] = {
    "path_share": Rule(path_share),
    "one_mechanism": Rule(one_mechanism),
    "statements": Rule(statements),
    "founding_years": Rule(founding_years),
    "no_indicator": Rule(no_indicator),
}
