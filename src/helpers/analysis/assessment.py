"""One firm against the criteria of a tier, condition by condition.

:func:`helpers.analysis.standings.assess_all` gives the outcome for a whole table. Both share the
measures of a firm and the rules, and evaluate them separately.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.analysis.criteria import (
    All,
    AnyOf,
    Band,
    Cases,
    Criteria,
    Item,
    Leaf,
    Rule,
    Scope,
    Truth,
    conjoin,
    disjoin,
    drop_unverified,
    negate,
    outcome,
    placed,
    title_names,
)
from helpers.analysis.measures import UNDEFINED, Measures
from helpers.errors import InputError


@dataclass(frozen=True)
class Finding:
    """One condition of one firm.

    Parameters
    ----------
    threshold_id, indicator : str
    truth : bool or None
        Whether it holds; None if it cannot be told.
    low, high : float
        The values the firm's fields allow; equal where the value is known.
    required : float
        Threshold.
    at_least : bool
        Direction.
    gap : float or None
        How far a failing value is from the threshold at least, in the unit of the condition; None
        where the condition does not fail.
    missing : tuple of str
        Fields that keep it from being told: blank, or with a value that leaves it open.
    verified : bool
        Whether a source seen states the condition.
    on_edge : bool
        Whether the value is the threshold itself: that the number is included is unconfirmed.
    defined : bool
        False if the sources leave open what exactly is measured.
    applies : bool or None
        Whether the firm is in the case that the condition is limited to; None if it cannot be told.
    """

    threshold_id: str
    indicator: str
    truth: Truth
    low: float
    high: float
    required: float
    at_least: bool
    gap: float | None
    missing: tuple[str, ...]
    verified: bool
    on_edge: bool
    defined: bool
    applies: Truth = True


@dataclass(frozen=True)
class Points:
    """Points of one item: the least and the most that the firm's fields allow.

    ``on_edge`` says whether a value lies on the border of two bands: that the better one counts is in
    no source seen.
    """

    item_id: str
    part: str
    low: float
    high: float
    maximum: int
    missing: tuple[str, ...]
    on_edge: bool = False


@dataclass(frozen=True)
class Assessment:
    """A firm against a tier.

    Parameters
    ----------
    tier_id : str
    truth : bool or None
        Whether the conditions are met; the title that must be held first is apart.
    truth_verified : bool or None
        The same without the conditions that no source seen states.
    prerequisite : bool or None
        Whether the title that must be held first is held; True where none is needed.
    findings : tuple of Finding
        Every condition, those of all routes and cases.
    points : tuple of Points
        Items of the tier's score sheet; empty where it has none.
    missing : tuple of str
        Fields that keep the outcome from being told, see :meth:`Measures.missing`; empty where it is
        told.
    """

    tier_id: str
    truth: Truth
    truth_verified: Truth
    prerequisite: Truth
    findings: tuple[Finding, ...]
    points: tuple[Points, ...]
    missing: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """``meets``, ``fails`` or ``cannot be told``."""
        return outcome(self.truth)

    @property
    def score(self) -> tuple[float, float] | None:
        """Least and most points in all; None without a score sheet."""
        if not self.points:
            return None
        return sum(item.low for item in self.points), sum(item.high for item in self.points)

    def finding(self, threshold_id: str) -> Finding:
        """The finding on one condition."""
        return next(found for found in self.findings if found.threshold_id == threshold_id)


class FirmView:
    """One firm's values, with some of them replaced to see what would be.

    Parameters
    ----------
    criteria : Criteria
    measures : Measures
    row : int
        Place of the firm in the table of the measures.
    on_date : str or None
        ISO day; conditions of yearly notices count only if it is given.
    replaced : mapping of str to float or str
        Values of indicators, or categories, that take the place of the firm's own.
    """

    def __init__(
        self, criteria: Criteria, measures: Measures, row: int = 0, on_date: str | None = None,
        replaced: Mapping[str, float | str] | None = None,
    ) -> None:  # fmt: skip
        self.criteria = criteria
        self.measures = measures
        self.row = row
        self.on_date = on_date
        self.replaced = dict(replaced or {})
        self._intervals: dict[str, tuple[float, float]] = {}

    def but(self, changes: Mapping[str, float | str]) -> FirmView:
        """The firm with further values replaced."""
        both = self.replaced | dict(changes)
        return FirmView(self.criteria, self.measures, self.row, self.on_date, both)

    def interval(self, indicator: str) -> tuple[float, float]:
        """Least and greatest value of an indicator, of points, or of the conditions of a tier."""
        if indicator not in self._intervals:
            self._intervals[indicator] = self._interval(indicator)
        return self._intervals[indicator]

    def _interval(self, indicator: str) -> tuple[float, float]:
        if indicator in self.replaced:
            return float(self.replaced[indicator]), float(self.replaced[indicator])
        if indicator in self.criteria.sheets:
            points = self.points(indicator)
            return sum(item.low for item in points), sum(item.high for item in points)
        if indicator in self.criteria.tiers:
            truth = self.judge(self.criteria.rule(indicator, self.on_date))
            return float(truth is True), float(truth is not False)
        low, high = self.measures.interval(indicator)
        return float(low[self.row]), float(high[self.row])

    def category(self, indicator: str) -> str | None:
        """The category of an indicator; None if blank."""
        if indicator in self.replaced:
            return str(self.replaced[indicator])
        found = self.measures.category(indicator)
        code = found.codes[self.row]
        return None if code < 0 else found.words[code]

    def missing(self, indicator: str) -> tuple[str, ...]:
        """Blank fields behind an indicator."""
        if indicator in self.criteria.sheets:
            found = [field for item in self.points(indicator) for field in item.missing]
            return tuple(dict.fromkeys(found))
        if indicator in self.criteria.tiers:
            rule = self.criteria.rule(indicator, self.on_date)
            return self.missing_of(rule)
        if indicator in self.replaced:
            return ()
        blank = self.measures.missing(indicator)
        return tuple(field for field, mask in blank.items() if mask[self.row])

    def missing_of(self, rule: Rule) -> tuple[str, ...]:
        """Blank fields that keep a rule from being decided; none if it is."""
        if self.judge(rule) is not None:
            return ()
        if isinstance(rule, Leaf):
            return self.missing(rule.indicator)
        if isinstance(rule, Cases):
            found = []
            for scope, part in rule.cases:
                if (truth := self.in_scope(scope)) is not False:
                    found += list(self.missing(scope.indicator)) if truth is None else []
                    found += list(self.missing_of(part))
            return tuple(dict.fromkeys(found))
        found = [name for part in rule.parts for name in self.missing_of(part)]
        return tuple(dict.fromkeys(found))

    def points(self, indicator: str) -> list[Points]:
        """Points of the items that an indicator of points adds up."""
        sheet = self.criteria.sheets[indicator]
        wanted = sheet.totals[indicator]
        return [self.item_points(item) for item in sheet.items if item.item_id in wanted]

    def item_points(self, item: Item) -> Points:
        """Least and most points of an item."""
        if item.points_field:
            low, high = self.interval(item.points_field)
            low, high = max(low, 0.0), min(high, float(item.maximum))
        else:
            spans = [self._span(name, bands) for name, bands in item.bands.items()]
            low, high = max(span[0] for span in spans), max(span[1] for span in spans)
        blank = () if low == high else self._blank(item)
        tied = any(self._tied(name, bands) for name, bands in item.bands.items())
        return Points(item.item_id, item.part, low, high, item.maximum, blank, tied)

    def _tied(self, indicator: str, bands: Sequence[Band]) -> bool:
        """Whether the value of an indicator is the border of two bands."""
        if bands[0].category:
            return False
        low, high = self.interval(indicator)
        return low == high and any(low in (band.low, band.high) for band in bands)

    def _blank(self, item: Item) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f for name in item.indicators for f in self.missing(name)))

    def _span(self, indicator: str, bands: Sequence[Band]) -> tuple[float, float]:
        if bands[0].category:
            cell = self.category(indicator)
            points = [band.points for band in bands if cell in (None, band.category)]
            if not points:
                allowed = ", ".join(band.category for band in bands)
                raise InputError(f"{indicator}, value {cell!r}: not one of {allowed}.")
        else:
            ends = self.interval(indicator)
            points = [band.points for band in bands for end in ends if band.holds(end)]
        return float(min(points)), float(max(points))

    def in_scope(self, scope: Scope) -> Truth:
        """Whether the firm is in a case."""
        low, high = self.interval(scope.indicator)
        above = True if low >= scope.at_least else False if high < scope.at_least else None
        below = True if high < scope.below else False if low >= scope.below else None
        if np.isinf(scope.below):
            below = True
        return conjoin([above, below])

    def judge(self, rule: Rule) -> Truth:
        """Whether a rule holds for the firm."""
        if isinstance(rule, Leaf):
            low, high = self.interval(rule.indicator)
            if rule.at_least:
                return True if low >= rule.value else False if high < rule.value else None
            if rule.strict:
                return True if high < rule.value else False if low >= rule.value else None
            return True if high <= rule.value else False if low > rule.value else None
        if isinstance(rule, All):
            return conjoin(self.judge(part) for part in rule.parts)
        if isinstance(rule, AnyOf):
            return disjoin(self.judge(part) for part in rule.parts)
        judged = [(self.in_scope(scope), self.judge(part)) for scope, part in rule.cases]
        if not rule.exhaustive:
            judged.append((negate(disjoin(inside for inside, _ in judged)), True))
        # Both forms say the same of known cases; with an unknown case one may decide alone.
        chosen = disjoin(conjoin(pair) for pair in judged)
        implied = conjoin(disjoin((negate(inside), truth)) for inside, truth in judged)
        return implied if chosen is None else chosen

    def finding(self, leaf: Leaf, scope: Scope | None = None) -> Finding:
        """What is to be said on one condition, limited to a case or not."""
        low, high = self.interval(leaf.indicator)
        truth = self.judge(leaf)
        gap = None
        if truth is False:
            gap = leaf.value - high if leaf.at_least else low - leaf.value
        missing = self.missing(leaf.indicator) if truth is None else ()
        return Finding(
            leaf.threshold_id, leaf.indicator, truth, low, high, leaf.value, leaf.at_least, gap,
            missing, leaf.verified, low == high == leaf.value and _measured(leaf, self.criteria),
            leaf.indicator not in UNDEFINED, True if scope is None else self.in_scope(scope),
        )  # fmt: skip


def _measured(leaf: Leaf, criteria: Criteria) -> bool:
    return criteria.conditions[leaf.threshold_id]["comparison"] != "required"


def one_firm(firm: Mapping[str, Any]) -> pd.DataFrame:
    """A firm as a table of one row; a value of None or an absent field is unknown.

    Examples
    --------
    >>> one_firm({"niche_years": 3, "own_brand": None}).to_dict("list")
    {'niche_years': [3]}
    """
    known = {name: [value] for name, value in firm.items() if value is not None and value == value}
    return pd.DataFrame(known, index=[0])


def assess(
    firm: Mapping[str, Any], criteria: Criteria, tier: str, regime: str | None = None,
    on_date: str | None = None, review: bool = False,
) -> Assessment:  # fmt: skip
    """One firm against one tier, condition by condition.

    Parameters
    ----------
    firm : mapping of str to value
        Fields of table ``firm_fields``; absent or None means unknown, an infinite rank means none.
    criteria : Criteria
    tier : str
        Such as ``little_giant``, or a tier id.
    regime : str or None
        The act, as in ``M2022`` or ``2022``; by default the one in force on the day.
    on_date : str or None
        ISO day of the assessment; conditions of yearly notices count only if it is given.
    review : bool
        Whether the firm holds the title and is under review; False for a new application. Decides
        some conditions, and with `on_date` also the act.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        Tier, act or day do not go together, or a category is unknown.

    Examples
    --------
    >>> from helpers.evidence.tables import load_all
    >>> found = assess({"niche_years": 2}, Criteria(load_all()), "little_giant", "2026")
    >>> found.outcome, found.finding("lg26-tenure").gap
    ('fails', 1.0)
    """
    tier_id = criteria.tier_id(tier, regime, on_date, review)
    measures = Measures(one_firm(firm), criteria.limits, {"under_review": review})
    return assess_view(FirmView(criteria, measures, 0, on_date), tier_id)


def assess_view(view: FirmView, tier_id: str) -> Assessment:
    """The firm of a view against a tier, condition by condition.

    Parameters
    ----------
    view : FirmView
    tier_id : str
        Not resolved by day or act: the conditions of this very tier count.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        The tier has no conditions, or a category is unknown.
    """
    criteria = view.criteria
    rule = criteria.rule(tier_id, view.on_date)
    titles = title_names(criteria, tier_id)
    held = disjoin(view.judge(Leaf("", name, True, 1.0)) for name in titles) if titles else True
    totals = [name for name, sheet in criteria.sheets.items() if sheet.tier_id == tier_id]
    points = view.points(totals[0]) if totals else []
    return Assessment(
        tier_id, view.judge(rule), view.judge(drop_unverified(rule)), held,
        tuple(view.finding(leaf, scope) for leaf, scope in placed(rule)), tuple(points), view.missing_of(rule),
    )  # fmt: skip
