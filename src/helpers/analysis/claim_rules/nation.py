"""Rules on little giants by province and batch, for the study's section on national trends.

Every rule asks all tables that fit the public fragments (:mod:`helpers.evidence.provinces`). Where
only one value is possible the data are complete in what the claim needs; otherwise the finding
carries the bounds and the fragments they follow from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from itertools import islice
from math import ceil, floor
from typing import Any

import pandas as pd

from helpers.analysis import shares
from helpers.evidence import provinces
from helpers.evidence.bilingual import Said, batches_said, chinese, join
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.completion import Fact, Interval, Part, Relation
from helpers.evidence.granularity import attainable_text
from helpers.evidence.provinces import BASES, Provinces
from helpers.evidence.settling import Settling, least_open, settle
from helpers.evidence.sources import ids_of

Span = tuple[int, int]

ATTAINED = Said("solved to the end: both bounds are attained", "求解完成：两端均可达到")
OUTER = Said(
    "time limit reached: valid outer bounds, perhaps too wide", "已到时限：外界有效，或偏宽"
)
RANKS = ("rank", "rank_fell")
# Counts of other places that are tried for a claim on a rank.
MOST_RIVALS = 6
SETTLING_COLUMNS = [
    "claim_id", "place_id", "batches", "settling", "open_count", "possible_count", "tried_count",
    "unknown_count",
]  # fmt: skip
TIME = Said(
    "time: the limit for one solve was reached before the claim was decided",
    "时间：在判定之前已到单次求解时限",
)
# Longer lists of missing counts are cut in the middle.
_MOST_NAMED = 8


def batches_of(test: ClaimTest) -> Span:
    """The batches a test names; every rule here needs them."""
    assert test.batches is not None
    return test.batches


def missing_counts(setting: Setting, places: Iterable[str], *spans: Span) -> list[Said]:
    """Counts that public figures leave open, in words; a long list is cut in the middle."""
    problem, basis = setting.problem, setting.basis
    pairs = ((place, span) for span in spans for place in places)
    open_ = (
        pair for pair in pairs if problem.counts.varies(problem.terms(pair[0], *pair[1], basis))
    )
    found = [
        count_of(setting.name(place), span)
        for place, span in islice(open_, 1 if setting.brief else None)
    ]
    if len(found) > _MOST_NAMED:
        ends = found[0], found[-1]
        return [
            Said(
                f"{len(found)} counts: {ends[0]} ... {ends[1]}",
                f"共{len(found)}个数量：{ends[0].zh}……{ends[1].zh}",
            )
        ]
    return found


def count_of(name: Said, span: Span) -> Said:
    """The count of a place in a range of batches, by name."""
    text = shares.span_text(*span)
    return Said(f"{name}, batches {text}", f"{name.zh}，第{text.replace('-', '—')}批")


def sources_on(problem: Provinces, places: Iterable[str], *spans: Span) -> list[str]:
    """Sources of the fragments on places within ranges of batches."""
    wanted = set(places)
    batches = {batch for first, last in spans for batch in range(first, last + 1)}
    return ids_of(
        [
            ";".join(fact.source_ids)
            for fact in problem.counts.facts
            if any(place in wanted and batch in batches for (_, place, batch), _ in fact.terms)
        ]
    )


def own_fragments(problem: Provinces, places: Iterable[str], *spans: Span) -> dict[str, Any]:
    """The parts of a finding that name the fragments on some places alone, within their batches.

    The national totals bound whatever is unknown, so their sources, and grades, count as well.
    """
    inside, units = set(places), set(problem.units)
    batches = {batch for first, last in spans for batch in range(first, last + 1)}
    own: list[Fact] = []
    totals: list[Fact] = []
    for fact in problem.counts.facts:
        if fact.source_ids and any(batch in batches for (_, _, batch), _ in fact.terms):
            about = {problem.home.get(place, place) for (_, place, _), _ in fact.terms}
            if about <= inside:
                own.append(fact)
            elif about >= units:
                totals.append(fact)
    found = evidence_of([*own, *totals])
    totals_said = Said("the national totals of the batches", "各批全国合计")
    grounds = provinces.grounds_text(own)
    told = Said(f"on its own places: {grounds}", f"所涉地区：{grounds.zh}") if own else ""
    found["rests_on"] = join([told, totals_said])
    return found


def evidence_of(grounds: Sequence[Fact]) -> dict[str, Any]:
    """The parts of a finding that tell from which fragments it follows."""
    ids = ids_of([";".join(fact.source_ids) for fact in grounds])
    return {"rests_on": provinces.grounds_text(grounds), "sources": ids}


def _solver(exact: bool) -> str:
    return ATTAINED if exact else OUTER


def settled(decision: str, missing: Sequence[str]) -> dict[str, Any]:
    """With nothing missing, what all completions say is what the data say.

    Examples
    --------
    >>> settled("entailed", []), settled("contradicted", [])
    ({'holds': True}, {'holds': False})
    """
    if decision == "undecided":
        return {"decision": decision, "missing": [*missing, TIME]}
    if missing:
        return {"decision": decision, "missing": missing}
    return {"holds": decision == "entailed"}


# -- totals --------------------------------------------------------------------------------------


def lists_per_year(setting: Setting, test: ClaimTest) -> Finding:
    """The number of lists on the study's basis in the years that the batches cover."""
    table = shares.basis_table(setting.tables["batches"], setting.tables["bases"])
    first, last = batches_of(test)
    rows = table[(table["basis"] == "study") & table["batch"].between(first, last)]
    years = sorted(set(rows["year"]))
    one_each = len(rows) == len(years) and years == list(range(years[0], years[-1] + 1))
    return Finding(
        value=len(rows) if one_each else 0,
        computed=len(rows),
        sources=ids_of(rows["source_id"]),
        detail=Said(
            f"Years of the lists: {', '.join(map(str, rows['year']))}.",
            f"各名单年份：{'、'.join(map(str, rows['year']))}。",
        ),
    )


def national_total(setting: Setting, test: ClaimTest) -> Finding:
    """The sum of the national totals of several batches on the basis."""
    span = batches_of(test)
    table = shares.basis_table(setting.tables["batches"], setting.tables["bases"])
    rows = table[(table["basis"] == setting.basis) & table["batch"].between(*span)]
    return Finding(
        value=shares.basis_total(table, setting.basis, *span),
        base=batches_said(*span),
        sources=ids_of(rows["source_id"]),
        detail=_sum_said(rows["firms_count"]),
    )


def _sum_said(counts: Iterable[int]) -> Said:
    terms = " + ".join(f"{n:,}" for n in counts)
    return Said(f"Sum of {terms}.", f"{terms}之和。")


# -- shares --------------------------------------------------------------------------------------


def share(setting: Setting, test: ClaimTest) -> Finding:
    """The joint share of places in the nation's little giants."""
    problem, span, basis = setting.problem, batches_of(test), setting.basis
    terms, total = problem.terms(test.place_ids, *span, basis), problem.total(*span, basis)
    decision = provinces.decide_share(problem, test.place_ids, span, test.reported, basis)
    known = not problem.counts.varies(terms)
    missing = [] if known else missing_counts(setting, test.place_ids, span)
    if setting.brief and missing:
        return Finding(**settled(decision, missing))
    found = problem.count(test.place_ids, *span, basis)
    value = Fraction(100 * found.lower, total) if found.is_point and found.lower else None
    if setting.brief:
        return Finding(value=value, **settled(decision, missing))
    bases = [problem.total(*span, name) for name in BASES]
    parts = len(test.place_ids)
    return Finding(
        value=value,
        base=_of_total(found, total),
        interval=provinces.bounds_text(problem, test.place_ids, span, basis),
        solver=_solver(found.exact),
        detail=join([attainable_text(test.reported, bases), _tolerance(parts)], " ", ""),
        **settled(decision, missing),
        **evidence_of(problem.counts.grounds(terms, found.lower, found.upper)),
    )


def _of_total(found: Interval, total: int) -> Said:
    if found.is_point:
        return Said(f"{found.lower:,} of {total:,} firms", f"{total:,}家中的{found.lower:,}家")
    return Said(f"{total:,} firms", f"{total:,}家")


def _tolerance(parts: int) -> str:
    """What rounding may add to a sum of shares."""
    if parts < 2:
        return ""
    return Said(
        f"{parts} rounded parts may add {parts / 2} units of the last digit.",
        f"{parts}个四舍五入的部分相加，末位误差可达{parts / 2}个单位。",
    )


def share_rose(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the joint share of places was larger in the later batches."""
    return _change(setting, test, True)


def share_fell(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the joint share of places was smaller in the later batches."""
    return _change(setting, test, False)


def _change(setting: Setting, test: ClaimTest, up: bool) -> Finding:
    problem, basis = setting.problem, setting.basis
    assert test.earlier is not None
    spans = (test.earlier, batches_of(test))
    part = provinces.change_part(problem, test.place_ids, *spans, ">" if up else "<", basis)
    decision = problem.counts.decide(part)
    known = not problem.counts.varies(dict(part.terms))
    missing = [] if known else missing_counts(setting, test.place_ids, *spans)
    if setting.brief:
        return Finding(**settled(decision, missing))
    bounds = problem.change(test.place_ids, *spans, basis)
    ends = [f"{100 * float(end or 0):+.2f}" for end in (bounds.lower, bounds.upper)]
    return Finding(
        base=Said("national totals of the same batches", "相同批次的全国合计"),
        interval=Said(
            f"change of share {' to '.join(ends)} percentage points",
            f"占比变动{'至'.join(ends)}个百分点",
        ),
        solver=_solver(bounds.exact),
        detail=join(
            _labelled(span, provinces.bounds_text(problem, test.place_ids, span, basis))
            for span in spans
        ),
        **settled(decision, missing),
        **evidence_of(_change_grounds(problem, part, decision)),
    )


def _labelled(span: Span, text: str) -> Said:
    """A text that a range of batches stands before."""
    when = batches_said(*span)
    return Said(f"{when}: {text}", f"{when.zh}：{chinese(text)}")


def _change_grounds(problem: Provinces, part: Fact, decision: str) -> list[Fact]:
    """What entails or excludes a change of share; where neither, what bounds it."""
    terms = dict(part.terms)
    if decision == "entailed":
        return problem.counts.grounds(terms, part.lower, part.upper)
    if decision == "contradicted":
        lower = None if part.upper is None else part.upper + 1
        upper = None if part.lower is None else part.lower - 1
        return problem.counts.grounds(terms, lower, upper)
    found = problem.counts.bounds(terms)
    return problem.counts.grounds(terms, found.lower, found.upper)


# -- ranks ---------------------------------------------------------------------------------------


def group_of(setting: Setting, test: ClaimTest) -> list[str]:
    """The provincial units that a test compares its places with, the places included.

    Raises
    ------
    KeyError
        The group has no rule.
    """
    problem = setting.problem
    if test.among in ("nation", ""):
        return list(problem.units)
    own = test.place_ids[0]
    places = setting.tables["places"]
    if test.among == "region":
        region = places.set_index("place_id").loc[own, "region"]
        same = places.loc[places["region"] == region, "place_id"]
        return [unit for unit in same if unit in problem.units]
    if test.among == "similar_gdp":
        # Before the first list, so that the yardstick cannot follow from the titles.
        peers = shares.similar_economies(setting.tables["province_covariates"], own, 2018)
        return [own, *peers["place_id"]]
    raise KeyError(test.among)


def leads(setting: Setting, test: ClaimTest) -> Finding:
    """Whether each place has more firms than every other one of a group."""
    problem, span, basis = setting.problem, batches_of(test), setting.basis
    group = group_of(setting, test)
    rivals = [place for place in group if place not in test.place_ids]
    if not rivals:
        return Finding(missing=[Said("a group to compare with", "用于比较的组")])
    sums = problem.sums(*span, basis, group)
    parts = provinces.lead_parts(sums, test.place_ids, group)
    decision = problem.counts.decide(*parts)
    missing = missing_counts(setting, group, span)
    if setting.brief:
        return Finding(**settled(decision, missing))
    bounds = {place: problem.count(place, *span, basis) for place in test.place_ids}
    interval = join(firms_said(setting.name(p), n) for p, n in bounds.items())
    exact = all(found.exact for found in bounds.values())
    if len(bounds) == 1:
        found = problem.counts.rank(test.place_ids[0], sums)
        level = range_text(found)
        ranked = Said(f"rank {level}", f"位次{level.zh}")
        interval, exact = join([interval, ranked], ", ", "，"), exact and found.exact
    return Finding(
        base=_units(setting, group),
        interval=interval,
        solver=_solver(exact),
        detail=_earlier_leader(setting, group),
        **settled(decision, missing),
        **_lead_evidence(problem, parts, decision, test.place_ids, span),
    )


def firms_said(name: Said, found: Interval) -> Said:
    """How many firms a place has."""
    text = range_text(found)
    return Said(f"{name}: {text} firms", f"{name.zh}：{text.zh}家")


def _units(setting: Setting, group: Sequence[str]) -> Said:
    """The units that are compared, by name where there are few."""
    listed = _names(setting, group) if len(group) < 15 else ""
    return Said(
        f"{len(group)} units" + (f": {listed}" if listed else ""),
        f"{len(group)}个单位" + (f"：{chinese(listed)}" if listed else ""),
    )


def _lead_evidence(
    problem: Provinces, parts: Sequence[Fact], decision: str, own: Sequence[str], span: Span
) -> dict[str, Any]:
    grounds = order_grounds(problem, parts, decision)
    return own_fragments(problem, own, span) if grounds is None else evidence_of(grounds)


def _rank_evidence(problem: Provinces, decision: str, own: str, *spans: Span) -> dict[str, Any]:
    """A rank that is settled compares all units; one that is open leaves its own fragments to name."""
    if decision == "consistent":
        return own_fragments(problem, [own], *spans)
    units = sources_on(problem, problem.units, *spans)
    every = Said("all fragments on the provincial units", "省级单位的全部公开数据片段")
    return {"rests_on": every, "sources": units}


def order_grounds(problem: Provinces, parts: Sequence[Fact], decision: str) -> list[Fact] | None:
    """What entails or excludes an order of places; None where neither is the case."""
    if decision == "entailed":
        proofs = [problem.counts.grounds(dict(part.terms), part.lower, None) for part in parts]
        used = {fact for proof in proofs for fact in proof}
        return [fact for fact in problem.counts.facts if fact in used]
    if decision == "contradicted":
        conflict = problem.counts.conflict(parts)
        return [fact for fact in conflict if fact not in parts]
    return None


def _names(setting: Setting, places: Iterable[str]) -> Said:
    return join(map(setting.name, places), ", ", "、")


def range_text(found: Interval) -> Said:
    """Bounds in words; one number where only one is possible.

    Examples
    --------
    >>> range_text(Interval(7, 7)), range_text(Interval(6, 31))
    ('7', '6 to 31')
    """
    ends = [found.lower] if found.is_point else [found.lower, found.upper]
    return join((f"{end:,}" for end in ends), " to ", "至")


def _earlier_leader(setting: Setting, group: Sequence[str]) -> str:
    """Who led in batches 1-2, where the counts of the group are known."""
    problem = setting.problem
    known = {place: problem.count(place, 1, 2, "certified") for place in group}
    if not all(found.is_point for found in known.values()):
        return ""
    top = max(found.lower or 0 for found in known.values())
    first = [place for place, found in known.items() if found.lower == top]
    names = _names(setting, first)
    return Said(
        f"In batches 1-2 the most firms were those of {names} ({top}).",
        f"第1—2批数量最多的是{names.zh}（{top}家）。",
    )


def _rank_detail(setting: Setting, place: str) -> Said:
    level, units = range_text(setting.problem.rank(place, 1, 2, "certified")), _all_units(setting)
    return Said(
        f"In batches 1-2 the rank was {level} of {len(setting.problem.units)}.",
        f"第1—2批在{units.zh}中位次为{level.zh}。",
    )


def _all_units(setting: Setting) -> Said:
    count = len(setting.problem.units)
    return Said(f"{count} provincial units", f"{count}个省级单位")


def rank(setting: Setting, test: ClaimTest) -> Finding:
    """The rank of a unit among the provincial units; tied units share the better one."""
    problem, span, basis = setting.problem, batches_of(test), setting.basis
    place, level = test.place_ids[0], int(test.reported)
    decision = problem.counts.decide(problem.rank_between(place, level, level, span, basis))
    missing = missing_counts(setting, problem.units, span)
    if setting.brief:
        return Finding(**settled(decision, missing))
    found = problem.rank(place, *span, basis)
    return Finding(
        base=_all_units(setting),
        value=found.lower if not missing else None,
        interval=Said(
            f"rank {range_text(found)} of {len(problem.units)}",
            f"位次{range_text(found).zh}（共{len(problem.units)}位）",
        ),
        solver=_solver(found.exact),
        detail=_rank_detail(setting, place),
        **_rank_evidence(problem, decision, place, span),
        **settled(decision, missing),
    )


def rank_fell(setting: Setting, test: ClaimTest) -> Finding:
    """Whether a unit's rank number was larger in the later batches than in the earlier ones."""
    problem, basis = setting.problem, setting.basis
    assert test.earlier is not None
    place, spans = test.place_ids[0], (test.earlier, batches_of(test))
    decision = problem.counts.decide(provinces.fell_part(problem, place, *spans, basis))
    missing = missing_counts(setting, problem.units, *spans)
    if setting.brief:
        return Finding(**settled(decision, missing))
    ranks = [problem.rank(place, *span, basis) for span in spans]
    ends = [_labelled(span, range_text(r)) for span, r in zip(spans, ranks, strict=True)]
    return Finding(
        base=_all_units(setting),
        interval=Said("rank in " + ", in ".join(ends), f"位次：{join(ends).zh}"),
        solver=_solver(all(found.exact for found in ranks)),
        detail=_rank_detail(setting, place),
        **_rank_evidence(problem, decision, place, *spans),
        **settled(decision, missing),
    )


# -- what would settle a claim -------------------------------------------------------------------


def statement(setting: Setting, test: ClaimTest) -> list[Part]:
    """What a claim says, as constraints; empty where it is none on provincial counts.

    Parameters
    ----------
    setting : Setting
    test : ClaimTest

    Returns
    -------
    list of Fact, RankFact or RankChange
        All must hold for the claim to hold.
    """
    problem, basis = setting.problem, setting.basis
    places, spans = test.place_ids, [span for span in (test.earlier, test.batches) if span]
    if test.rule == "share":
        part = provinces.share_part(problem, places, spans[-1], test.reported, basis)
        attainable = part.lower is not None and part.upper is not None and part.lower <= part.upper
        return [part] if attainable else []
    if test.rule in ("share_rose", "share_fell"):
        relation: Relation = ">" if test.rule == "share_rose" else "<"
        return [provinces.change_part(problem, places, spans[0], spans[1], relation, basis)]
    if test.rule == "leads":
        group = group_of(setting, test)
        return [*provinces.lead_parts(problem.sums(*spans[-1], basis, group), places, group)]
    if test.rule == "rank":
        level = int(test.reported)
        return [problem.rank_between(places[0], level, level, spans[-1], basis)]
    if test.rule == "rank_fell":
        return [provinces.fell_part(problem, places[0], spans[0], spans[1], basis)]
    return []


def settling_table(setting: Setting, tests: Iterable[ClaimTest]) -> pd.DataFrame:
    """For each test, the unknown count that leaves fewest of its values undecided.

    Parameters
    ----------
    setting : Setting
    tests : iterable of ClaimTest
        Of claims that the data leave open; others give no row.

    Returns
    -------
    DataFrame
        Columns claim_id, place_id and batches (of the figure), settling (a ``Settling``: ranges of
        its values), open_count, possible_count, tried_count (unknown counts tried, see
        :func:`figures_of`) and unknown_count (all there are). Of figures that leave equal parts
        open the first is given, own places before others.
    """
    rows = []
    for test in tests:
        parts = statement(setting, test)
        figures, unknown = figures_of(setting, test) if parts else ([], 0)
        best = _most_telling(setting, parts, figures)
        if best is None:
            continue
        (place, span), found = best
        rows.append(
            (
                test.claim_id, place, shares.span_text(*span), found, found.open_count,
                found.possible_count, len(figures), unknown,
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=SETTLING_COLUMNS)


Figure = tuple[str, Span]


def _most_telling(
    setting: Setting, parts: Sequence[Part], figures: Sequence[Figure]
) -> tuple[Figure, Settling] | None:
    """The figure of which the smallest part of the values leaves a statement open."""
    counts, problem = setting.problem.counts, setting.problem
    terms = [problem.terms(place, *span, setting.basis) for place, span in figures]
    # Figures by the part that is open at least; of equal ones the first.
    queue = [(Fraction(0), number) for number in range(len(figures))]
    best, least = None, (Fraction(2), 0)
    while queue:
        part, number = heappop(queue)
        # What completions at hand show to be open cannot be settled: not worth a solve.
        known = counts.bounds(terms[number])
        if known.lower is None or known.upper is None:
            continue
        open_count = least_open(counts, parts, terms[number])
        now = (Fraction(open_count, known.upper - known.lower + 1), number)
        if now > least:
            continue
        if now[0] > part:
            heappush(queue, now)
            continue
        size = known.upper - known.lower + 1
        # An equal part is no better, unless it is that of an earlier figure.
        too_many = ceil(least[0] * size) if number > least[1] else floor(least[0] * size) + 1
        found = settle(counts, parts, terms[number], too_many)
        if found is not None:
            now = (Fraction(found.open_count, found.possible_count), number)
            if now < least:
                least, best = now, (figures[number], found)
    return best


def figures_of(setting: Setting, test: ClaimTest) -> tuple[list[Figure], int]:
    """Unknown counts that might decide a test, those of its own places first.

    Parameters
    ----------
    setting : Setting
    test : ClaimTest

    Returns
    -------
    list of (place_id, span), int
        The counts to try, and how many unknown ones there are of the places the claim compares. Of
        places that a rank is counted among, the :data:`MOST_RIVALS` counts with the widest bounds
        are tried: each takes a longer solve, and a wide one has most values to exclude.
    """
    problem, basis = setting.problem, setting.basis
    spans = [span for span in (test.batches, test.earlier) if span]

    def unknown(places: Iterable[str]) -> dict[Figure, int]:
        pairs = ((place, span) for span in spans for place in places)
        bounds = {pair: problem.count(pair[0], *pair[1], basis) for pair in pairs}
        return {
            pair: (found.upper or 0) - (found.lower or 0)
            for pair, found in bounds.items()
            if not found.is_point
        }

    own = unknown(test.place_ids)
    group = rivals_of(setting, test)
    others = unknown(place for place in group if place not in test.place_ids)
    widest = sorted(others, key=lambda pair: -others[pair])
    tried = widest[:MOST_RIVALS] if test.rule in RANKS else widest
    return [*own, *tried], len(own) + len(others)


def rivals_of(setting: Setting, test: ClaimTest) -> list[str]:
    """The units that a statement on an order or a rank compares; empty for one on shares."""
    if test.rule == "leads":
        return group_of(setting, test)
    return list(setting.problem.units) if test.rule in RANKS else []


RULES = {
    "lists_per_year": Rule(lists_per_year),
    "national_total": Rule(national_total, by_basis=True, graded=False),
    "share": Rule(share, by_basis=True),
    "share_rose": Rule(share_rose, by_basis=True),
    "share_fell": Rule(share_fell, by_basis=True),
    "leads": Rule(leads, by_basis=True),
    "rank": Rule(rank, by_basis=True),
    "rank_fell": Rule(rank_fell, by_basis=True),
}
