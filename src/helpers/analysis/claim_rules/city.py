"""Rules on the cities of a province, and on the districts and industries of one city."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd

from helpers.analysis import cities
from helpers.analysis.claim_rules.nation import (
    ATTAINED,
    OUTER,
    batches_of,
    evidence_of,
    order_grounds,
)
from helpers.evidence import granularity, provinces
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.sources import ids_of

# Bases of one city's firms are looked for up to this number.
LARGEST_BASE = 400
NO_LIST = "a list of the city's SRDI firms with their districts"
NO_INDUSTRIES = "a list of the city's SRDI firms with their industries"


def _districts(setting: Setting) -> pd.DataFrame:
    rows = setting.tables["districts"]
    return rows[rows["place_id"] == setting.city_id].reset_index(drop=True)


def printed_shares(setting: Setting) -> dict[str, str]:
    """Printed share of each district of the focal city that has one."""
    reported = setting.tables["claims"].set_index("claim_id")["reported_value"]
    rows = _districts(setting).dropna(subset=["share_claim_id"])
    return dict(zip(rows["district_id"], rows["share_claim_id"].map(reported), strict=True))


def implied_counts(setting: Setting) -> tuple[list[int], dict[str, int]]:
    """Bases that fit all printed shares of districts, and the counts over the smallest one."""
    printed = printed_shares(setting)
    bases = granularity.common_bases(list(printed.values()), LARGEST_BASE) if printed else []
    if not bases:
        return [], {}
    counts = {key: granularity.counts_for(text, bases[0])[0] for key, text in printed.items()}
    return bases, counts


def counted(rows: pd.DataFrame, key: str, column: str) -> dict[str, int]:
    """Counts that are on record for every row, else nothing: a part of a whole is no base.

    Examples
    --------
    >>> counted(pd.DataFrame({"d": ["a", "b"], "n": [3, 5]}), "d", "n")
    {'a': 3, 'b': 5}
    >>> counted(pd.DataFrame({"d": ["a", "b"], "n": [3, None]}), "d", "n")
    {}
    """
    if rows.empty or rows[column].isna().any():
        return {}
    return {name: int(n) for name, n in zip(rows[key], rows[column], strict=True)}


def _districts_counted(setting: Setting) -> dict[str, int]:
    return counted(_districts(setting), "district_id", "srdi_firms_count")


def district_share(setting: Setting, test: ClaimTest) -> Finding:
    """The printed share of one district, over the base that all printed shares imply.

    Where the districts' counts are supplied, the share is computed from them; a base that was
    inferred from the shares cannot confirm them.
    """
    rows = _districts(setting)
    (district,) = test.subject_ids
    known = _districts_counted(setting)
    total = sum(known.values())
    if district in known and total:
        return Finding(
            value=Fraction(100 * known[district], total),
            base=f"{total} firms",
            sources=ids_of(rows["source_id"]),
        )
    bases, counts = implied_counts(setting)
    if district not in counts:
        return Finding(missing=[NO_LIST])
    base = bases[0]
    listed = ", ".join(map(str, bases))
    return Finding(
        decision=granularity.inferred_decision(bases),
        computed=f"{counts[district]}/{base} (base inferred)",
        base=f"{base} firms, inferred from the shares themselves",
        missing=["SRDI firms of the district and of the city"],
        sources=["STUDY"],
        detail=f"{base} is the smallest base that attains all printed shares.",
        settles=f"SRDI firms of the city: any number up to {LARGEST_BASE} other than {listed} would "
        "rule the printed shares out together; one of these leaves the district's own count open",
    )


def district_order(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the districts named follow one another by number of firms."""
    rows = _districts(setting)
    bases, counts = implied_counts(setting)
    known = _districts_counted(setting)
    if known and set(test.subject_ids) <= set(known):
        named = [known[key] for key in test.subject_ids]
        others = [n for key, n in known.items() if key not in test.subject_ids]
        top = min(named) >= max(others, default=0)
        return Finding(
            holds=named == sorted(named, reverse=True) and top, sources=ids_of(rows["source_id"])
        )
    if not set(test.subject_ids) <= set(counts):
        return Finding(missing=[NO_LIST])
    named = [counts[key] for key in test.subject_ids]
    return Finding(
        decision="consistent" if named == sorted(named, reverse=True) else "contradicted",
        missing=[NO_LIST],
        sources=[*ids_of(rows["source_id"]), "STUDY"],
        detail=_held_text(setting, rows),
        settles="SRDI firms of the largest of the other districts, with those of the city: more "
        f"than {_last_of(setting, test, bases)} would contradict the order, as many or fewer would "
        "confirm it",
    )


def _last_of(setting: Setting, test: ClaimTest, bases: list[int]) -> str:
    """Firms of the smallest district named, over each base that fits the printed shares."""
    printed = printed_shares(setting)
    fits = [
        min((granularity.counts_for(printed[key], base) for key in test.subject_ids), key=min)
        for base in bases
    ]
    ends = (f"{f[0]}" if len(f) == 1 else f"{f[0]} to {f[-1]}" for f in fits)
    return " or ".join(f"{end} of {base}" for end, base in zip(ends, bases, strict=True))


def _held(setting: Setting, rows: pd.DataFrame) -> tuple[int, int, float]:
    """Firms of the districts with a printed share, the inferred base, and their share of people."""
    bases, counts = implied_counts(setting)
    people = rows.set_index("district_id")["census_population_2020_persons"]
    share = 100 * float(people[list(counts)].sum()) / float(people.sum(skipna=False))
    return sum(counts.values()), bases[0], share


def _held_text(setting: Setting, rows: pd.DataFrame) -> str:
    held, base, people = _held(setting, rows)
    return (
        f"The districts with a printed share hold {held} of {base} firms ({100 * held / base:.2f} %) "
        f"and {people:.2f} % of the people."
    )


def district_density(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the districts named hold more of the firms than of the people.

    Where the districts' counts are supplied, both shares are computed from them.
    """
    rows = _districts(setting)
    people = rows["census_population_2020_persons"]
    known = _districts_counted(setting)
    if sum(known.values()) and set(test.subject_ids) <= set(known) and people.notna().all():
        return _counted_density(rows, test, known)
    _, counts = implied_counts(setting)
    if not set(test.subject_ids) <= set(counts) or people.isna().any():
        return Finding(missing=[NO_LIST])
    held, base, share = _held(setting, rows)
    return Finding(
        decision="consistent" if 100 * held / base > share else "contradicted",
        missing=[NO_LIST],
        sources=[*ids_of(rows["source_id"]), "STUDY"],
        detail=_held_text(setting, rows),
        settles="SRDI firms of the three districts together, as a share of the city's: above "
        f"{share:.2f} % would confirm it, below would contradict it",
    )


def _counted_density(rows: pd.DataFrame, test: ClaimTest, known: dict[str, int]) -> Finding:
    """Firms and people of the districts named, from counts of all districts."""
    people = rows.set_index("district_id")["census_population_2020_persons"]
    named = list(test.subject_ids)
    held, total = sum(known[key] for key in named), sum(known.values())
    residents, everyone = int(people[named].sum()), int(people.sum())
    return Finding(
        holds=held * everyone > residents * total,
        computed=f"{100 * held / total:.2f} % of firms, {100 * residents / everyone:.2f} % of people",
        base=f"{total} firms, {everyone:,} residents",
        sources=ids_of(rows["source_id"]),
        detail=f"The districts named hold {held} of {total} firms and {residents:,} of "
        f"{everyone:,} residents.",
    )


def industry_share(setting: Setting, test: ClaimTest) -> Finding:
    """The printed joint share of the first two industries.

    Counts of all industries on record decide it. Else the printed share is held against the number
    of firms that the counts of districts add up to, or, without these, that the printed shares of
    districts imply; what follows is the bounds of each industry.
    """
    industries = cities.industries_of(setting.tables["industries"], setting.city_id)
    joint = industries.dropna(subset=["share_claim_id"])
    known = counted(industries, "rank", "firms_count")
    if len(joint) and sum(known.values()):
        held, total = sum(known[rank] for rank in joint["rank"]), sum(known.values())
        return Finding(
            value=Fraction(100 * held, total),
            base=f"{total} firms of the industries on record",
            sources=ids_of(industries["source_id"]),
            detail=f"{' and '.join(joint['name_zh'])}: {held} firms.",
        )
    total = sum(_districts_counted(setting).values())
    bases = [total] if total else implied_counts(setting)[0]
    if joint.empty or not bases:
        return Finding(missing=[NO_INDUSTRIES])
    return _joint_share(setting, test, industries, bases[0], inferred=not total)


def _joint_share(
    setting: Setting, test: ClaimTest, industries: pd.DataFrame, base: int, inferred: bool
) -> Finding:
    """What a base says of a printed joint share of industries that have no counts."""
    joint = " and ".join(industries.dropna(subset=["share_claim_id"])["name_zh"])
    fits = granularity.counts_for(test.reported, base)
    bounds = cities.industry_bounds(industries, base, test.reported)
    first = bounds.iloc[0]
    shown = f"{first['name_en']}: {first['lower_count']} to {first['upper_count']} firms"
    rows = _districts(setting)
    listed = " or ".join(map(str, fits))
    return Finding(
        decision=granularity.inferred_decision(fits),
        base=f"{base} firms, "
        + ("inferred from the shares of districts" if inferred else "the sum of the districts"),
        interval=shown if fits else "",
        solver=(ATTAINED if bool(bounds["exact"].all()) else OUTER) if fits else "",
        missing=[NO_INDUSTRIES],
        sources=["STUDY"] if inferred else [*ids_of(rows["source_id"]), "STUDY"],
        detail=f"Over {base} firms, {test.reported} % for {joint} means "
        f"{listed or 'no whole number of'} firms.",
        settles="firms of the two industries together, over the number of all firms: "
        f"{listed} of {base} would confirm it",
    )


def untested(setting: Setting, test: ClaimTest) -> Finding:
    """No figure bears on the claim; it says what would."""
    return Finding()


def behind_leaders(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the first place has fewer firms than each of the others, tier by tier.

    Little giants are put to every table that fits the counts of the province and its cities. The
    other tiers need a count of each place at one date.
    """
    own, *leaders = test.place_ids
    others = [tier for tier in test.subject_ids if tier != "little_giant"]
    truths = {tier: _behind(setting, tier, own, leaders) for tier in others}
    home = setting.tables["places"].set_index("place_id").loc[own, "province_id"]
    problem, (span, basis) = setting.problem_within(home), (batches_of(test), setting.basis)
    sums = problem.sums(*span, basis, problem.cities)
    parts = [part for leader in leaders for part in provinces.lead_parts(sums, [leader], [own])]
    giants = problem.counts.decide(*parts)
    decision: str = giants
    if False in truths.values():
        decision = "contradicted"
    elif decision == "entailed" and None in truths.values():
        decision = "consistent"
    missing = [f"{setting.name(own)} and the leading cities: {tier.replace('_', ' ')}" for tier, truth in truths.items() if truth is None]  # fmt: skip
    open_ = [place for place in (own, *leaders) if problem.counts.varies(sums[place])]
    missing += [f"{setting.name(place)}: little giants" for place in open_]
    settled: dict[str, Any] = {"decision": decision, "missing": missing} if missing else {"holds": decision == "entailed"}  # fmt: skip
    if setting.brief:
        return Finding(**settled)
    found, rank = problem.counts.bounds(sums[own]), problem.counts.rank(own, sums)
    can_hold = problem.counts.bounds(sums[own], parts) if giants != "contradicted" else found
    grounds = order_grounds(problem, parts, giants)
    if grounds is None:
        grounds = problem.counts.grounds(sums[own], found.lower, found.upper)
    return Finding(
        base=f"the {len(problem.cities)} cities of the province",
        interval=f"{setting.name(own)}: {found.lower} to {found.upper} little giants, rank "
        f"{rank.lower} to {rank.upper} of {len(problem.cities)}",
        solver=ATTAINED if found.exact and rank.exact else OUTER,
        detail=f"Tested: fewer firms than {' and '.join(map(setting.name, leaders))}, tier by tier; "
        "how far behind is not defined.",
        settles=f"little giants of {setting.name(own)}: more than {can_hold.upper} would contradict "
        "it; no single figure confirms all tiers",
        **settled,
        **evidence_of(grounds),
    )


def _behind(setting: Setting, tier: str, own: str, leaders: list[str]) -> bool | None:
    """Whether a place has fewer firms of a tier than each leader at the latest common date."""
    rows = setting.tables["city_counts"]
    rows = rows[(rows["indicator_id"] == tier) & (rows["measure"] == "stock")]
    table = rows.pivot_table(index="as_of", columns="place_id", values="firms_count", aggfunc="max")
    table = table.reindex(columns=[own, *leaders]).dropna()
    if table.empty:
        return None
    latest = table.sort_index().iloc[-1]
    return bool((latest[leaders] > latest[own]).all())


RULES = {
    "district_share": Rule(district_share),
    "district_order": Rule(district_order),
    "district_density": Rule(district_density),
    "industry_order": Rule(untested),
    "industry_share": Rule(industry_share),
    "untested": Rule(untested),
    "behind_leaders": Rule(behind_leaders, by_basis=True),
}
