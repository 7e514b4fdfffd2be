"""The fewest and smallest changes that bring a firm to a tier.

A plan counts in the worst case: what cannot be told counts like a change, since it may need one.
Among plans with as many steps the one with fewer unknowns is better, then the one with the smaller
effort. The effort of a change is its distance relative to the threshold, 1 at most; a requirement
without a number, a category and an unknown count 1.

A change is told in the terms of the condition, all else equal: a firm that grows out of a case is
taken to keep its other ratios. Two conditions that look at the same figures are
both named, although one deed may serve both; so a plan never promises too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.analysis.assessment import FirmView, one_firm
from helpers.analysis.criteria import (
    LADDERS,
    All,
    AnyOf,
    Band,
    Cases,
    Criteria,
    Item,
    Leaf,
    Rule,
    Scope,
    Sheet,
    own_titles,
    title_names,
)
from helpers.analysis.measures import Measures


@dataclass(frozen=True)
class Change:
    """One step: a value to be reached, or to be found out first.

    Parameters
    ----------
    indicator : str
    low, high : float
        The values the firm's fields allow now; NaN for a category.
    target : float or str
        What suffices.
    at_least : bool
        Direction.
    unknown : bool
        Whether it cannot be told if anything need change.
    effort : float
    threshold_id : str
        The condition, empty for points.
    item_id : str
        The item of the score sheet, empty for a condition.
    missing : tuple of str
        Blank fields.
    """

    indicator: str
    low: float
    high: float
    target: float | str
    at_least: bool
    unknown: bool
    effort: float
    threshold_id: str = ""
    item_id: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Steps that reach a tier together.

    Examples
    --------
    >>> Plan().cost
    (0, 0, 0.0)
    """

    changes: tuple[Change, ...] = ()

    @property
    def unknown_count(self) -> int:
        """Steps of which it cannot be told whether they are needed."""
        return sum(change.unknown for change in self.changes)

    @property
    def cost(self) -> tuple[int, int, float]:
        """What plans are compared by: steps, unknowns, effort."""
        effort = sum((change.effort for change in self.changes), 0.0)
        return len(self.changes), self.unknown_count, round(effort, 9)


def relative_effort(target: float, value: float) -> float:
    """Distance relative to the target, from 0 to 1; 1 from an infinite distance or to zero.

    Examples
    --------
    >>> relative_effort(4.0, 3.0), relative_effort(3.0, np.inf)
    (0.25, 1.0)
    """
    gap = abs(target - value)
    return float(min(1.0, gap / abs(target))) if target and np.isfinite(gap) else 1.0


def _leaf_plan(view: FirmView, leaf: Leaf) -> Plan | None:
    truth = view.judge(leaf)
    if truth:
        return Plan()
    if leaf.indicator in view.criteria.tiers:
        return plan(view, view.criteria.rule(leaf.indicator, view.on_date))
    low, high = view.interval(leaf.indicator)
    near = high if leaf.at_least else low
    if leaf.strict and truth is False:
        return None  # to shrink below the limit of an SME is no step to a title
    effort = 1.0 if truth is None else relative_effort(leaf.value, near)
    missing = view.missing(leaf.indicator) if truth is None else ()
    # What suffices is below a strict ceiling, by however little.
    target = float(np.nextafter(leaf.value, -np.inf)) if leaf.strict else leaf.value
    change = Change(
        leaf.indicator, low, high, target, leaf.at_least, truth is None, effort,
        leaf.threshold_id, "", missing,
    )  # fmt: skip
    return Plan((change,))


def _merged(plans: Iterable[Plan]) -> Plan:
    """Plans together; of two steps of one indicator in one direction the farther one stays."""
    kept: dict[tuple[str, bool], Change] = {}
    for change in (change for part in plans for change in part.changes):
        key = (change.indicator, change.at_least)
        other = kept.get(key)
        if other is None or _farther(change, other):
            kept[key] = change
    return Plan(tuple(kept.values()))


def _farther(change: Change, other: Change) -> bool:
    if isinstance(change.target, str) or isinstance(other.target, str):
        return False
    return (change.target > other.target) == change.at_least and change.target != other.target


def _targets(part: Plan) -> dict[str, float | str]:
    return {change.indicator: change.target for change in part.changes}


def _scope_step(view: FirmView, scope: Scope) -> Plan | None:
    """The step into a case: growing up to its range, or finding out; None for any other move."""
    truth = view.in_scope(scope)
    if truth:
        return Plan()
    low, high = view.interval(scope.indicator)
    flag = scope in (Scope(scope.indicator, 1.0), Scope(scope.indicator, below=1.0))
    at_least = np.isfinite(scope.at_least)
    if (truth is False and (flag or low >= scope.below)) or not (flag or at_least):
        return None
    target = scope.at_least if at_least else 0.0
    effort = 1.0 if truth is None else relative_effort(target, high)
    missing = view.missing(scope.indicator) if truth is None else ()
    change = Change(
        scope.indicator, low, high, target, bool(at_least), truth is None, effort, "", "", missing
    )
    return Plan((change,))


def _cases_plan(view: FirmView, rule: Cases) -> Plan | None:
    """The cheapest case with the step into it; a case is never left for a lower range."""
    plans = []
    for scope, part in rule.cases:
        into = _scope_step(view, scope)
        if into is None:
            continue
        step = plan(view.but(_targets(into)), part)
        if step is not None:
            plans.append(_merged([into, step]))
    return min(plans, key=lambda found: found.cost, default=None)


def _scored(view: FirmView, part: Rule) -> bool:
    return isinstance(part, Leaf) and part.indicator in view.criteria.sheets


def plan(view: FirmView, rule: Rule) -> Plan | None:
    """The best plan by which a rule comes to hold.

    Parameters
    ----------
    view : FirmView
    rule : Rule

    Returns
    -------
    Plan or None
        Empty if the rule holds; None if nothing that is measured can make it hold.
    """
    if view.judge(rule):
        return Plan()
    if isinstance(rule, Leaf):
        return _score_plan(view, [rule]) if _scored(view, rule) else _leaf_plan(view, rule)
    if isinstance(rule, Cases):
        return _cases_plan(view, rule)
    if isinstance(rule, AnyOf):
        routes = [found for part in rule.parts if (found := plan(view, part)) is not None]
        return min(routes, key=lambda found: found.cost, default=None)
    return _all_plan(view, rule)


def _all_plan(view: FirmView, rule: All) -> Plan | None:
    """Plain conditions first, then alternatives and points, which may profit from them."""
    plain = [part for part in rule.parts if isinstance(part, Leaf) and not _scored(view, part)]
    scores = [part for part in rule.parts if isinstance(part, Leaf) and _scored(view, part)]
    others = [part for part in rule.parts if not isinstance(part, Leaf)]
    found = Plan()
    for group in ([*plain], [*others]):
        for part in group:
            step = plan(view.but(_targets(found)), part)
            if step is None:
                return None
            found = _merged([found, step])
    step = _score_plan(view.but(_targets(found)), scores) if scores else Plan()
    return None if step is None else _merged([found, step])


# --- Points -----------------------------------------------------------------------------------

# Points gained, and the steps that gain them.
_Gain = tuple[int, Change]
_Best = dict[tuple[int, int], Plan]


def _gains(view: FirmView, item: Item) -> list[_Gain]:
    """What an item can still gain over its least points, with the step to each band."""
    now = view.item_points(item)
    unknown = now.low != now.high
    if item.points_field:
        low, high = view.interval(item.points_field)
        return [
            (gain, Change(item.points_field, low, high, now.low + gain, True, unknown,
                          gain / item.maximum, "", item.item_id, now.missing))
            for gain in range(1, int(item.maximum - now.low) + 1)
        ]  # fmt: skip
    return [
        (int(band.points - now.low), _band_change(view, item, band, unknown))
        for bands in item.bands.values()
        for band in bands
        if band.points > now.low
    ]


def _band_change(view: FirmView, item: Item, band: Band, unknown: bool) -> Change:
    missing = view.missing(band.indicator) if unknown else ()
    unknown = unknown and bool(missing)
    if band.category:
        return Change(
            band.indicator, np.nan, np.nan, band.category, True, unknown, 1.0, "", item.item_id,
            missing,
        )  # fmt: skip
    low, high = view.interval(band.indicator)
    near = high if band.closed_low else low
    effort = 1.0 if unknown else relative_effort(band.edge, near)
    return Change(
        band.indicator, low, high, band.edge, band.closed_low, unknown, effort, "", item.item_id,
        missing,
    )  # fmt: skip


def _better(found: _Best, key: tuple[int, int], candidate: Plan) -> None:
    if key not in found or candidate.cost < found[key].cost:
        found[key] = candidate


def _combinations(options: Sequence[Sequence[_Gain]], most: int, cap: int) -> _Best:
    """The best plan for every number of steps up to `most` and every gain, capped at `cap`."""
    best: _Best = {(0, 0): Plan()}
    for gains in options:
        for (count, gained), found in list(best.items()):
            if count == most:
                continue
            for gain, change in gains:
                key = (count + 1, min(cap, gained + gain))
                _better(best, key, Plan((*found.changes, change)))
    return best


def _fewest(options: Sequence[Sequence[_Gain]], needed: float) -> int:
    """How many items must change at least for a gain; all of them if it is out of reach."""
    largest = sorted(
        (max((gain for gain, _ in gains), default=0) for gains in options), reverse=True
    )
    reached = np.cumsum(largest)
    return int(np.searchsorted(reached, needed) + 1) if needed > 0 else 0


def _score_plan(view: FirmView, scores: Sequence[Leaf]) -> Plan | None:
    """The best plan for a total and for the least points of parts, taken together."""
    sheet = view.criteria.sheets[scores[0].indicator]
    needed = {leaf.indicator: leaf.value - view.interval(leaf.indicator)[0] for leaf in scores}
    parts = _parts(sheet, needed)
    cap = int(np.ceil(max(0.0, *needed.values())))
    total = max((needed[name] for name in needed if len(sheet.totals[name]) == len(sheet.items)),
                default=0.0)  # fmt: skip
    best: _Best = {(0, 0): Plan()}
    for name, items in parts.items():
        options = [_gains(view, item) for item in items]
        most = len(items) if len(parts) > 1 else min(len(items), _fewest(options, total))
        least = max(0.0, needed.get(name, 0.0)) if len(parts) > 1 else 0.0
        own = {k: v for k, v in _combinations(options, most, cap).items() if k[1] >= least}
        joined: _Best = {}
        for (count, gained), found in best.items():
            for (more, gain), step in own.items():
                key = (count + more, min(cap, gained + gain))
                _better(joined, key, Plan((*found.changes, *step.changes)))
        best = joined
    enough = [found for (_, gained), found in best.items() if gained >= total]
    return min(enough, key=lambda found: found.cost, default=None)


def _parts(sheet: Sheet, needed: dict[str, float]) -> dict[str, list[Item]]:
    """Items by the part on which a condition is set; all in one where there is none."""
    by_part = [name for name in needed if len(sheet.totals[name]) < len(sheet.items)]
    if not by_part:
        return {"": list(sheet.items)}
    return {
        name: [item for item in sheet.items if item.item_id in sheet.totals[name]]
        for name in by_part
    }


# --- The next tier ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """The way to a tier.

    Parameters
    ----------
    tier_id : str
    plan : Plan or None
        None if nothing that is measured leads there.
    """

    tier_id: str
    plan: Plan | None


def plan_for(view: FirmView, tier_id: str) -> Plan | None:
    """The best plan for the conditions of a tier and, unless its title is held, of those below.

    Returns
    -------
    Plan or None
        None if nothing that is measured leads there.
    """
    found: Plan | None = Plan()
    for each in tiers_below(view, tier_id):
        assert found is not None
        step = plan(view.but(_targets(found)), view.criteria.rule(each, view.on_date))
        if step is None:
            return None
        found = _merged([found, step])
    return found


def tiers_below(view: FirmView, tier_id: str) -> list[str]:
    """The tiers whose conditions count for a tier, from the lowest: those above the title held."""
    chain = [tier_id]
    while names := title_names(view.criteria, chain[0]):
        if any(view.judge(Leaf("", name, True, 1.0)) for name in names):
            break
        chain.insert(0, str(view.criteria.tiers[chain[0]]["prerequisite_tier_id"]))
    return chain


def next_tier(view: FirmView, regime: str) -> str | None:
    """The tier above the highest one where a firm surely stands or whose title it holds.

    Returns
    -------
    str or None
        None at the top of the ladder.
    """
    ladder, reached = LADDERS[regime], 0
    for place, tier_id in enumerate(ladder, start=1):
        titles = own_titles(view.criteria, tier_id)
        held = any(view.judge(Leaf("", name, True, 1.0)) for name in titles)
        chain = tiers_below(view, tier_id)
        rules = (view.criteria.rule(each, view.on_date) for each in chain)
        if held or all(view.judge(rule) for rule in rules):
            reached = place
    return ladder[reached] if reached < len(ladder) else None


def next_step(
    firm: Any, criteria: Criteria, regime: str, on_date: str | None = None, review: bool = False
) -> Step | None:
    """The fewest and smallest changes that bring a firm to the next tier.

    Parameters
    ----------
    firm : mapping of str to value
        See :func:`helpers.analysis.assessment.assess`.
    criteria : Criteria
    regime : {"M2022", "M2026"}
    on_date : str or None
        Conditions of yearly notices count only if it is given.
    review : bool

    Returns
    -------
    Step or None
        None if the firm stands at the highest tier or holds its title.

    Examples
    --------
    >>> from helpers.evidence.tables import load_all
    >>> step = next_step({"sector": "industry", "employees": 90, "innovation_honour": False,
    ...     "new_equity_2y_m_cny": 4.0, "new_equity_3y_m_cny": 4.0}, Criteria(load_all()), "M2022")
    >>> step.tier_id, [(change.indicator, change.target) for change in step.plan.changes]
    ('innovative_sme_2022', [('new_equity_3y', 5.0)])
    """
    measures = Measures(one_firm(firm), criteria.limits, {"under_review": review})
    return next_step_view(FirmView(criteria, measures, 0, on_date), regime)


def next_step_view(view: FirmView, regime: str) -> Step | None:
    """The next step of the firm of a view; see :func:`next_step`."""
    tier_id = next_tier(view, regime)
    return None if tier_id is None else Step(tier_id, plan_for(view, tier_id))
