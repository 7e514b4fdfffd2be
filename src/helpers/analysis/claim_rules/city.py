"""Rules on the cities of a province, and on the districts and industries of one city."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.analysis import cities
from helpers.analysis.claim_rules.nation import ATTAINED, OUTER, batches_of
from helpers.evidence import granularity, provinces
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.sources import ids_of

# Bases of one city's firms are looked for up to this number.
LARGEST_BASE = 400
NO_LIST = "a list of the city's SRDI firms with their districts"


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


def district_share(setting: Setting, test: ClaimTest) -> Finding:
    """The printed share of one district, over the base that all printed shares imply.

    Where the districts' counts are supplied, the share is computed from them; a base that was
    inferred from the shares cannot confirm them.
    """
    rows = _districts(setting)
    (district,) = test.subject_ids
    known = rows.set_index("district_id")["srdi_firms_count"]
    if len(known) and known.notna().all() and district in known.index:
        own, total = int(known[district]), int(known.sum())
        return Finding(
            value=100 * own / total, base=f"{total} firms", sources=ids_of(rows["source_id"])
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
    _, counts = implied_counts(setting)
    known = rows.set_index("district_id")["srdi_firms_count"]
    if len(known) and known.notna().all() and set(test.subject_ids) <= set(known.index):
        named = [int(known[key]) for key in test.subject_ids]
        others = known.drop(list(test.subject_ids))
        top = not len(others) or min(named) >= int(others.max())
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
        settles="the largest number of SRDI firms among the other districts: more than "
        f"{min(named)} would contradict the order, fewer would confirm it on the inferred counts",
    )


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
    """Whether the districts named hold more of the firms than of the people."""
    rows = _districts(setting)
    _, counts = implied_counts(setting)
    people = rows["census_population_2020_persons"]
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


def industry_share(setting: Setting, test: ClaimTest) -> Finding:
    """The printed joint share of the first two industries, over the inferred base."""
    industries = cities.industries_of(setting.tables["industries"], setting.city_id)
    bases, _ = implied_counts(setting)
    joint = industries.dropna(subset=["share_claim_id"])
    if joint.empty or not bases:
        return Finding(missing=["a list of the city's SRDI firms with their industries"])
    fits = granularity.counts_for(test.reported, bases[0])
    bounds = cities.industry_bounds(industries, bases[0], test.reported)
    first = bounds.iloc[0]
    return Finding(
        decision=granularity.inferred_decision(fits),
        base=f"{bases[0]} firms, inferred from the shares of districts",
        interval=f"{first['name_en']}: {first['lower_count']} to {first['upper_count']} firms",
        solver=ATTAINED if bool(bounds["exact"].all()) else OUTER,
        missing=["a list of the city's SRDI firms with their industries"],
        sources=["STUDY"],
        detail=f"Over {bases[0]} firms, {test.reported} % for "
        f"{' and '.join(joint['name_zh'])} means {' or '.join(map(str, fits)) or 'no whole number of'} "
        "firms.",
        settles="firms of the two industries together, over the number of all firms: "
        f"{' or '.join(map(str, fits))} of {bases[0]} would confirm it",
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
    problem = provinces.build(
        setting.tables, setting.left_out, within=setting.tables["places"].set_index("place_id").loc[own, "province_id"]
    )  # fmt: skip
    span, basis = batches_of(test), setting.basis
    sums = problem.sums(*span, basis, problem.cities)
    parts = [part for leader in leaders for part in provinces.lead_parts(sums, [leader], [own])]
    decision: str = problem.counts.decide(*parts)
    if False in truths.values():
        decision = "contradicted"
    elif decision == "entailed" and None in truths.values():
        decision = "consistent"
    found, rank = problem.count(own, *span, basis), problem.counts.rank(own, sums)
    most = (
        problem.counts.bounds(sums[own], parts).upper if decision == "consistent" else found.upper
    )
    missing = [f"{setting.name(own)} and the leading cities: {tier.replace('_', ' ')}" for tier, truth in truths.items() if truth is None]  # fmt: skip
    places = [own, *leaders]
    open_ = [p for p in places if not problem.count(p, *span, basis).is_point]
    missing += [f"{setting.name(place)}: little giants" for place in open_]
    rows = [fact for fact in problem.counts.facts if any(c[1] in places for c, _ in fact.terms)]
    settled: dict[str, Any] = {"decision": decision, "missing": missing} if missing else {"holds": decision == "entailed"}  # fmt: skip
    return Finding(
        base=f"the {len(problem.cities)} cities of the province",
        interval=f"{setting.name(own)}: {found.lower} to {found.upper} little giants, rank "
        f"{rank.lower} to {rank.upper} of {len(problem.cities)}",
        solver=ATTAINED if found.exact and rank.exact else OUTER,
        detail=f"Tested: fewer firms than {' and '.join(map(setting.name, leaders))}, tier by tier; "
        "how far behind is not defined.",
        sources=ids_of([";".join(fact.source_ids) for fact in rows]),
        rests_on=provinces.grounds_text(fact for fact in rows if fact.source_ids),
        settles=f"little giants of {setting.name(own)}: more than {most} would contradict it; no "
        "single figure confirms all tiers",
        **settled,
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
    "behind_leaders": Rule(behind_leaders),
}
