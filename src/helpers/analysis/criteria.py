"""The legal criteria of the tiers, run on firms: who meets a tier, who fails, what cannot be told.

Conditions, cases and score sheets come as data (tables ``thresholds``, ``condition_cases``,
``score_items``, ``score_bands``). Every answer is three-valued after Kleene (Introduction to
Metamathematics, 1952, sec. 64): a condition holds, fails, or cannot be told, and a blank field never
counts as met or as failed. A condition is still decided where every value of the blank field gives
the same answer: a score of 70 to 85 points is at least 60.

:func:`assess` looks at one firm condition by condition; :func:`assess_all` gives the outcome for a
whole table. They share the measures of a firm and the rules, and evaluate them separately.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.analysis.measures import UNDEFINED, Array, Interval, Measures, field_limits
from helpers.errors import InputError

Truth = bool | None
Mask = npt.NDArray[np.bool_]
# Where a condition holds for certain, and where it fails for certain.
Masks = tuple[Mask, Mask]
MEETS, FAILS, OPEN = "meets", "fails", "cannot be told"
OUTCOMES = (MEETS, FAILS, OPEN)
# The ladder of the gradient system, from the lowest tier.
LADDERS: Mapping[str, tuple[str, ...]] = {
    "M2022": ("innovative_sme_2022", "srdi_sme_2022", "little_giant_2022"),
    "M2026": ("tech_and_innovative_sme_2026", "srdi_sme_2026", "little_giant_2026"),
}
# The title that stands for a tier which was recognised earlier.
_TITLES: Mapping[str, tuple[str, ...]] = {
    "innovative_sme": ("innovative_sme_title",),
    "tech_and_innovative_sme": ("innovative_sme_title", "technology_sme"),
    "srdi_sme": ("srdi_title",), "little_giant": ("little_giant_title",),
}  # fmt: skip


def outcome(truth: Truth) -> str:
    """The word for a truth value.

    Examples
    --------
    >>> outcome(True), outcome(False), outcome(None)
    ('meets', 'fails', 'cannot be told')
    """
    return OPEN if truth is None else MEETS if truth else FAILS


def negate(truth: Truth) -> Truth:
    """Kleene's negation."""
    return None if truth is None else not truth


def conjoin(truths: Iterable[Truth]) -> Truth:
    """Kleene's conjunction: false as soon as one is false, true if all are true.

    Examples
    --------
    >>> conjoin([True, None]), conjoin([None, False]), conjoin([])
    (None, False, True)
    """
    found = list(truths)
    return False if False in found else None if None in found else True


def disjoin(truths: Iterable[Truth]) -> Truth:
    """Kleene's disjunction: true as soon as one is true, false if all are false.

    Examples
    --------
    >>> disjoin([True, None]), disjoin([None, False]), disjoin([])
    (True, None, False)
    """
    return negate(conjoin(negate(truth) for truth in truths))


# --- Rules ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """One condition.

    Parameters
    ----------
    threshold_id : str
        Row of table ``thresholds``.
    indicator : str
        What is measured, or a tier whose conditions are meant.
    at_least : bool
        Direction; False for "at most".
    value : float
        Threshold; 1 for a plain requirement.
    verified : bool
        Whether a source seen states it.
    strict : bool
        Whether the threshold itself is left out, of a ceiling.
    """

    threshold_id: str
    indicator: str
    at_least: bool
    value: float
    verified: bool = True
    strict: bool = False


@dataclass(frozen=True)
class All:
    """Rules that must all hold."""

    parts: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """Alternative routes, one of which suffices."""

    parts: tuple[Rule, ...]
    name: str = ""


@dataclass(frozen=True)
class Scope:
    """The firms a case is about: a range of an indicator, closed below and open above."""

    indicator: str
    at_least: float = -np.inf
    below: float = np.inf


@dataclass(frozen=True)
class Cases:
    """Rules by case. The cases exclude each other; a firm in none is free of the rules.

    Parameters
    ----------
    cases : tuple of (Scope, All)
    """

    cases: tuple[tuple[Scope, All], ...]
    name: str = ""

    @property
    def exhaustive(self) -> bool:
        """Whether every firm is in some case: the ranges of one indicator join without a gap."""
        scopes = sorted((scope.at_least, scope.below) for scope, _ in self.cases)
        joined = all(a[1] == b[0] for a, b in pairwise(scopes))
        return joined and scopes[0][0] == -np.inf and scopes[-1][1] == np.inf


Rule = Leaf | All | AnyOf | Cases


def leaves(rule: Rule) -> Iterator[Leaf]:
    """All conditions of a rule.

    Examples
    --------
    >>> [leaf.value for leaf in leaves(All((Leaf("a", "x", True, 3.0),)))]
    [3.0]
    """
    if isinstance(rule, Leaf):
        yield rule
    elif isinstance(rule, Cases):
        for _, needed in rule.cases:
            yield from leaves(needed)
    else:
        for part in rule.parts:
            yield from leaves(part)


def placed(rule: Rule) -> Iterator[tuple[Leaf, Scope | None]]:
    """All conditions of a rule with the case each is limited to, None for every firm."""
    if isinstance(rule, Leaf):
        yield rule, None
    elif isinstance(rule, Cases):
        for scope, needed in rule.cases:
            for leaf in leaves(needed):
                yield leaf, scope
    else:
        for part in rule.parts:
            yield from placed(part)


def drop_unverified(rule: Rule) -> Rule:
    """The rule without the conditions that no source seen states."""
    if isinstance(rule, Leaf):
        return rule if rule.verified else All()
    if isinstance(rule, Cases):
        kept = tuple((scope, All((drop_unverified(part),))) for scope, part in rule.cases)
        return Cases(kept, rule.name)
    parts = tuple(drop_unverified(part) for part in rule.parts)
    return All(parts) if isinstance(rule, All) else AnyOf(parts, rule.name)


@dataclass(frozen=True)
class Band:
    """Points of a range or a category of an indicator.

    Parameters
    ----------
    indicator : str
    points : int
    category : str
        Empty for a range.
    low, high : float
        Ends of the range.
    closed_low : bool
        Whether the lower end belongs to the range; otherwise the upper one does.
    """

    indicator: str
    points: int
    category: str = ""
    low: float = -np.inf
    high: float = np.inf
    closed_low: bool = True

    @property
    def edge(self) -> float:
        """The end that belongs to the range: the nearest value from a band with fewer points."""
        return self.low if self.closed_low else self.high

    def holds(self, value: float) -> bool:
        """Whether a number lies in the range; infinite ends belong to it."""
        if value in (self.low, self.high) and np.isinf(value):
            return True
        if self.closed_low:
            return self.low <= value < self.high
        return self.low < value <= self.high


@dataclass(frozen=True)
class Item:
    """An item of a score sheet: bands of one or more indicators, or points as given.

    Parameters
    ----------
    item_id : str
    part : str
        Part of the sheet.
    maximum : int
        Most points.
    bands : mapping of str to tuple of Band
        By indicator; the better one counts. Empty if the points are given.
    points_field : str
        Field with the points themselves, empty if there are bands.
    """

    item_id: str
    part: str
    maximum: int
    bands: Mapping[str, tuple[Band, ...]] = field(default_factory=dict)
    points_field: str = ""

    @property
    def indicators(self) -> tuple[str, ...]:
        """What is measured."""
        return (self.points_field,) if self.points_field else tuple(self.bands)


@dataclass(frozen=True)
class Sheet:
    """A score sheet: its items by the indicator of points that they count for."""

    tier_id: str
    items: tuple[Item, ...]
    totals: Mapping[str, tuple[str, ...]]


def _leaf(row: Mapping[str, Any]) -> Leaf:
    at_least = row["comparison"] in ("at_least", "required")
    value = 1.0 if row["comparison"] == "required" else float(row["value"])
    verified = bool(row["verified"])
    strict = row["comparison"] == "below"
    return Leaf(
        str(row["threshold_id"]), str(row["indicator_id"]), at_least, value, verified, strict
    )


def _scope(row: Mapping[str, Any]) -> Scope:
    indicator = str(row["when_indicator_id"])
    if pd.notna(row["when_is"]):
        return Scope(indicator, 1.0) if row["when_is"] else Scope(indicator, below=1.0)
    low = -np.inf if pd.isna(row["when_at_least"]) else float(row["when_at_least"])
    high = np.inf if pd.isna(row["when_below"]) else float(row["when_below"])
    return Scope(indicator, low, high)


def _with_cases(rows: Sequence[Mapping[str, Any]], cases: Mapping[str, Mapping[str, Any]]) -> All:
    """Conditions that must all hold, those limited to some firms joined into cases."""
    parts: list[Rule] = []
    groups: dict[str, dict[Scope, list[Leaf]]] = {}
    for row in rows:
        case = cases.get(str(row["threshold_id"]))
        if case is None:
            parts.append(_leaf(row))
            continue
        groups.setdefault(str(case["case_group"]), {}).setdefault(_scope(case), []).append(
            _leaf(row)
        )
    for name, found in groups.items():
        parts.append(Cases(tuple((scope, All(tuple(part))) for scope, part in found.items()), name))
    return All(tuple(parts))


def _band(row: Mapping[str, Any]) -> Band:
    if pd.notna(row["category"]):
        return Band(str(row["measured_by"]), int(row["points"]), str(row["category"]))
    low = -np.inf if pd.isna(row["from_value"]) else float(row["from_value"])
    high = np.inf if pd.isna(row["to_value"]) else float(row["to_value"])
    closed_low = row["closed"] == "from"
    return Band(str(row["measured_by"]), int(row["points"]), "", low, high, closed_low)


def _in_force(regime: Mapping[str, Any], on_date: str) -> bool:
    """Whether an act applies on a day; dates of lower precision stand for their first day."""
    start, end = regime["in_force_from"], regime["in_force_to"]
    return bool(pd.notna(start) and start <= on_date and (pd.isna(end) or on_date < end))


@dataclass(frozen=True)
class Criteria:
    """The criteria of all tiers as rules.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        At least ``regimes``, ``tiers``, ``thresholds``, ``condition_cases``, ``score_items``,
        ``score_bands`` and ``firm_fields``.

    Examples
    --------
    >>> from helpers.evidence.tables import load_all
    >>> criteria = Criteria(load_all())
    >>> criteria.tier_id("little_giant", on_date="2026-04-01")
    'little_giant_2026'
    >>> criteria.tier_id("little_giant", on_date="2026-03-31")
    'little_giant_2022'
    """

    tables: Mapping[str, pd.DataFrame]

    @cached_property
    def tiers(self) -> dict[str, dict[str, Any]]:
        """Rows of table ``tiers`` by tier id."""
        return {str(row["tier_id"]): row for row in self.tables["tiers"].to_dict("records")}

    @cached_property
    def conditions(self) -> dict[str, dict[str, Any]]:
        """Rows of table ``thresholds`` by threshold id."""
        rows = self.tables["thresholds"].to_dict("records")
        return {str(row["threshold_id"]): row for row in rows}

    @cached_property
    def _regimes(self) -> dict[str, dict[str, Any]]:
        return {str(row["regime_id"]): row for row in self.tables["regimes"].to_dict("records")}

    def tier_id(
        self, tier: str, regime: str | None = None, on_date: str | None = None, review: bool = False
    ) -> str:
        """The tier under the act that is named, or else under the one that decides on a day.

        Parameters
        ----------
        tier : str
            A value of column ``tier``, such as ``little_giant``, or a tier id.
        regime : str or None
            ``M2022``, or its year.
        on_date : str or None
            ISO date.
        review : bool
            Whether the title is reviewed: a notice in force may hold reviews to an older act than
            new applications.

        Raises
        ------
        InputError
            The tier is unknown, has no act of that name or day, or of two acts it cannot be told
            which was in force, since only the year of the change is known.
        """
        if tier in self.tiers and regime is None:
            return tier
        family = self.tiers[tier]["tier"] if tier in self.tiers else tier
        rows = {key: row for key, row in self.tiers.items() if row["tier"] == family}
        if not rows:
            known = sorted({str(row["tier"]) for row in self.tiers.values()})
            raise InputError(f"tier {tier!r} is unknown. Known: {', '.join(known)}.")
        if regime is not None:
            # The id of the act or its year, and no part of either.
            names = {key: str(row["regime_id"]) for key, row in rows.items()}
            found = [key for key, name in names.items() if regime in (name, name[1:])]
        else:
            day = check_date(on_date)
            found = (self._reviewed(rows, day) if review else []) or self._on_day(rows, day)
        if not found:
            acts = ", ".join(str(row["regime_id"]) for row in rows.values())
            asked = f"act {regime}" if regime is not None else f"act in force on {on_date}"
            raise InputError(f"tier {family}: there is no {asked}. Acts with this tier: {acts}.")
        return found[0]

    def _reviewed(self, rows: Mapping[str, Mapping[str, Any]], on_date: str) -> list[str]:
        """Tiers by whose conditions a notice in force on the day has holders reviewed."""
        return [
            key
            for key, row in rows.items()
            if pd.notna(notice := row["review_regime_id"])
            and _in_force(self._regimes[str(notice)], on_date)
        ]

    def _on_day(self, rows: Mapping[str, Mapping[str, Any]], on_date: str) -> list[str]:
        for key, row in rows.items():
            act = self._regimes[str(row["regime_id"])]
            start = str(act["in_force_from"])
            if len(start) < len(on_date) and on_date.startswith(start):
                raise InputError(
                    f"tier {key}: the act {row['regime_id']} came into force in {start}, the day was "
                    f"not found, so the act on {on_date} cannot be told. Name the act."
                )
        return [
            key
            for key, row in rows.items()
            if _in_force(self._regimes[str(row["regime_id"])], on_date)
        ]

    def _counts(self, regime_id: object, tier_id: str, on_date: str | None) -> bool:
        """Whether rows of an act count: those of a yearly notice only while it is in force."""
        if pd.isna(regime_id) or regime_id == self.tiers[tier_id]["regime_id"]:
            return True
        return on_date is not None and _in_force(self._regimes[str(regime_id)], on_date)

    @cached_property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Least and greatest possible value of the fields of a firm."""
        return field_limits(self.tables["firm_fields"])

    @cached_property
    def _rules(self) -> dict[tuple[str, str | None], All]:
        return {}

    def rule(self, tier_id: str, on_date: str | None = None) -> All:
        """The conditions of a tier as one rule.

        Parameters
        ----------
        tier_id : str
        on_date : str or None
            Day of the assessment; conditions of yearly notices count only if it is given.

        Raises
        ------
        InputError
            The tier has no conditions.
        """
        if (tier_id, on_date) not in self._rules:
            self._rules[tier_id, on_date] = self._build(tier_id, on_date)
        return self._rules[tier_id, on_date]

    def _build(self, tier_id: str, on_date: str | None) -> All:
        table = self.tables["thresholds"]
        rows = [
            row for row in table.loc[table["tier_id"] == tier_id].to_dict("records")
            if self._counts(row["regime_id"], tier_id, on_date)
        ]  # fmt: skip
        if not rows:
            raise InputError(f"tier {tier_id!r} has no conditions in table thresholds.")
        cases = {
            str(row["threshold_id"]): row
            for row in self.tables["condition_cases"].to_dict("records")
            if self._counts(row["regime_id"], tier_id, on_date)
        }
        groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
        single = []
        for row in rows:
            if pd.isna(row["alternative_group"]):
                single.append(row)
            else:
                routes = groups.setdefault(str(row["alternative_group"]), {})
                routes.setdefault(str(row["route"]), []).append(row)
        parts: list[Rule] = list(_with_cases(single, cases).parts)
        for name, routes in groups.items():
            parts.append(AnyOf(tuple(_with_cases(route, cases) for route in routes.values()), name))
        return All(tuple(parts))

    @cached_property
    def sheets(self) -> dict[str, Sheet]:
        """The score sheet behind every indicator of points."""
        bands: dict[tuple[str, str], dict[str, list[Band]]] = {}
        for row in self.tables["score_bands"].to_dict("records"):
            found = bands.setdefault((str(row["tier_id"]), str(row["item_id"])), {})
            found.setdefault(str(row["measured_by"]), []).append(_band(row))
        sheets = {}
        for tier_id, rows in self.tables["score_items"].groupby("tier_id", sort=False):
            items, totals = [], dict[str, list[str]]()
            for row in rows.to_dict("records"):
                name = str(row["item_id"])
                of_item = {
                    key: tuple(part) for key, part in bands.get((str(tier_id), name), {}).items()
                }
                given = "" if pd.isna(row["points_field"]) else str(row["points_field"])
                items.append(Item(name, str(row["part"]), int(row["max_points"]), of_item, given))
                for total in (row["total_indicator_id"], row["part_indicator_id"]):
                    if pd.notna(total):
                        totals.setdefault(str(total), []).append(name)
            sheet = Sheet(str(tier_id), tuple(items), {k: tuple(v) for k, v in totals.items()})
            sheets.update(dict.fromkeys(totals, sheet))
        return sheets


def check_date(on_date: str | None) -> str:
    """An ISO day, or an error that says how to write one.

    Examples
    --------
    >>> check_date("2026-04-01")
    '2026-04-01'
    """
    if on_date is None or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", on_date):
        raise InputError(f"date {on_date!r}: write a day as in 2026-04-01, or name the act.")
    try:
        pd.Timestamp(on_date)
    except ValueError as error:
        raise InputError(f"date {on_date!r}: there is no such day.") from error
    return on_date


# --- One firm ---------------------------------------------------------------------------------


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


def own_titles(criteria: Criteria, tier_id: str) -> tuple[str, ...]:
    """Indicators of the titles that a tier of a ladder confers."""
    return _TITLES[str(criteria.tiers[tier_id]["tier"])]


def title_names(criteria: Criteria, tier_id: str) -> tuple[str, ...]:
    """Indicators of the titles that the tier asks for first; empty if it asks for none."""
    needed = criteria.tiers[tier_id]["prerequisite_tier_id"]
    return () if pd.isna(needed) else own_titles(criteria, str(needed))


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
    """The firm of a view against a tier; see :func:`assess`."""
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


# --- Many firms -------------------------------------------------------------------------------


def _both(parts: Iterable[Masks], size: int) -> Masks:
    """Kleene's conjunction of masks."""
    holds, fails = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    for yes, no in parts:
        holds = holds & yes
        fails = fails | no
    return holds, fails


def _either(parts: Iterable[Masks], size: int) -> Masks:
    """Kleene's disjunction of masks."""
    fails, holds = _both(((no, yes) for yes, no in parts), size)
    return holds, fails


class _Table:
    """All firms of a table at once; the counterpart of :class:`FirmView`."""

    def __init__(self, criteria: Criteria, measures: Measures, on_date: str | None) -> None:
        self.criteria = criteria
        self.measures = measures
        self.on_date = on_date
        self.size = len(measures)
        self._scores: dict[str, Interval] = {}
        self._items: dict[str, Interval] = {}

    def interval(self, indicator: str) -> Interval:
        if indicator in self.criteria.sheets:
            return self.score(indicator)
        if indicator in self.criteria.tiers:
            holds, fails = self.judge(self.criteria.rule(indicator, self.on_date))
            return holds.astype(np.float64), (~fails).astype(np.float64)
        return self.measures.interval(indicator)

    def score(self, indicator: str) -> Interval:
        """Sum of the points of the items, computed once."""
        if indicator not in self._scores:
            self._scores[indicator] = self._score(indicator)
        return self._scores[indicator]

    def _score(self, indicator: str) -> Interval:
        sheet = self.criteria.sheets[indicator]
        low, high = np.zeros(self.size), np.zeros(self.size)
        for item in sheet.items:
            if item.item_id in sheet.totals[indicator]:
                if item.item_id not in self._items:
                    self._items[item.item_id] = self._item(item)
                least, most = self._items[item.item_id]
                low, high = low + least, high + most
        return low, high

    def _item(self, item: Item) -> Interval:
        if item.points_field:
            low, high = self.measures.interval(item.points_field)
            return np.maximum(low, 0.0), np.minimum(high, float(item.maximum))
        spans = [
            self._by_category(name, bands) if bands[0].category else self._by_number(name, bands)
            for name, bands in item.bands.items()
        ]
        ends = [np.maximum.reduce([span[end] for span in spans]) for end in (0, 1)]
        return ends[0], ends[1]

    def _by_category(self, indicator: str, bands: Sequence[Band]) -> Interval:
        points = {band.category: float(band.points) for band in bands}
        found = self.measures.category(indicator)
        for word in found.words:
            if word not in points:
                raise InputError(f"{indicator}, value {word!r}: not one of {', '.join(points)}.")
        # The code of a blank, -1, takes the last element.
        least = np.array([*(points[word] for word in found.words), min(points.values())])
        most = np.array([*(points[word] for word in found.words), max(points.values())])
        return least[found.codes], most[found.codes]

    def _by_number(self, indicator: str, bands: Sequence[Band]) -> Interval:
        ordered = sorted(bands, key=lambda band: band.low)
        edges = [band.low for band in ordered[1:]]
        points = np.array([float(band.points) for band in ordered])
        side: Literal["left", "right"] = "right" if ordered[0].closed_low else "left"
        ends = [
            points[np.searchsorted(edges, end, side)] for end in self.measures.interval(indicator)
        ]
        return np.minimum(*ends), np.maximum(*ends)

    def in_scope(self, scope: Scope) -> Masks:
        low, high = self.interval(scope.indicator)
        inside = (low >= scope.at_least) & ((high < scope.below) | np.isinf(scope.below))
        outside = (high < scope.at_least) | ((low >= scope.below) & np.isfinite(scope.below))
        return inside, outside

    def judge(self, rule: Rule) -> Masks:
        """Where a rule holds and where it fails."""
        if isinstance(rule, Leaf):
            low, high = self.interval(rule.indicator)
            if rule.at_least:
                return low >= rule.value, high < rule.value
            if rule.strict:
                return high < rule.value, low >= rule.value
            return high <= rule.value, low > rule.value
        if isinstance(rule, All):
            return _both((self.judge(part) for part in rule.parts), self.size)
        if isinstance(rule, AnyOf):
            return _either((self.judge(part) for part in rule.parts), self.size)
        pairs = [(self.in_scope(scope), self.judge(part)) for scope, part in rule.cases]
        if not rule.exhaustive:
            inside, outside = _either((pair[0] for pair in pairs), self.size)
            always = np.ones(self.size, dtype=bool)
            pairs.append(((outside, inside), (always, ~always)))
        chosen = _either((_both(pair, self.size) for pair in pairs), self.size)
        implied = _both(
            (_either(((no, yes), truth), self.size) for (yes, no), truth in pairs), self.size
        )
        return chosen[0] | implied[0], chosen[1] | implied[1]


def _words(masks: Masks) -> pd.Categorical:
    codes = np.where(masks[0], 0, np.where(masks[1], 1, 2))
    return pd.Categorical.from_codes(codes, categories=list(OUTCOMES))


def _measure_table(frame: pd.DataFrame, criteria: Criteria, review: bool) -> Measures:
    return Measures(frame, criteria.limits, {"under_review": review})


def assess_all(
    frame: pd.DataFrame, criteria: Criteria, tier: str, regime: str | None = None,
    on_date: str | None = None, review: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """A table of firms against one tier.

    Parameters
    ----------
    frame : DataFrame
        One row per firm with fields of table ``firm_fields`` as columns; see
        :class:`helpers.analysis.measures.FirmColumns`.
    criteria, tier, regime, on_date, review
        See :func:`assess`.

    Returns
    -------
    DataFrame
        Index of `frame`. Columns outcome and outcome_verified (without unverified conditions), both
        categorical with the three words; failed_count and open_count, of the requirements that must
        all be met, a group of alternatives counting as one; score_low and score_high, points, missing
        where the tier has no score sheet.

    Raises
    ------
    InputError
        See :func:`assess`.

    Examples
    --------
    >>> from helpers.evidence.tables import load_all
    >>> firms = pd.DataFrame({"niche_years": [2.0, 4.0]})
    >>> found = assess_all(firms, Criteria(load_all()), "little_giant", "2026")
    >>> found.outcome.tolist(), found.failed_count.tolist()
    (['fails', 'cannot be told'], [1, 0])
    """
    tier_id = criteria.tier_id(tier, regime, on_date, review)
    table = _Table(criteria, _measure_table(frame, criteria, review), on_date)
    rule = criteria.rule(tier_id, on_date)
    parts = [table.judge(part) for part in rule.parts]
    failed, unknown = np.zeros(len(frame), dtype=np.int64), np.zeros(len(frame), dtype=np.int64)
    for holds, fails in parts:
        failed += fails
        unknown += ~(holds | fails)
    totals = [name for name, sheet in criteria.sheets.items() if sheet.tier_id == tier_id]
    blank: Array = np.full(len(frame), np.nan)
    low, high = table.score(totals[0]) if totals else (blank, blank)
    verified = drop_unverified(rule)
    return pd.DataFrame(
        {
            "outcome": _words(_both(parts, len(frame))),
            "outcome_verified": _words(table.judge(verified)),
            "failed_count": failed, "open_count": unknown, "score_low": low, "score_high": high,
        },
        index=frame.index,
    )  # fmt: skip


def _standing(table: _Table, tier_id: str, done: dict[str, Masks]) -> Masks:
    """Conditions of a tier, and of the tiers below unless their title is held."""
    if tier_id not in done:
        own = table.judge(table.criteria.rule(tier_id, table.on_date))
        needed = table.criteria.tiers[tier_id]["prerequisite_tier_id"]
        if pd.notna(needed):
            titles = title_names(table.criteria, tier_id)
            held = [table.judge(Leaf("", name, True, 1.0)) for name in titles]
            below = _either([*held, _standing(table, str(needed), done)], table.size)
            own = _both([own, below], table.size)
        done[tier_id] = own
    return done[tier_id]


def standings(
    frame: pd.DataFrame, criteria: Criteria, regime: str, on_date: str | None = None,
    review: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """For each firm and tier of the ladder whether it stands there.

    A firm stands at a tier if it meets the conditions of the tier, and holds the title that is
    needed first or stands at that tier.

    Parameters
    ----------
    frame, criteria, on_date, review
        See :func:`assess_all`.
    regime : str
        An act with a ladder, M2022 or M2026.

    Returns
    -------
    DataFrame
        Index of `frame`; one categorical column per tier id, from the lowest.

    Raises
    ------
    InputError
        The act has no ladder.
    """
    if regime not in LADDERS:
        raise InputError(f"act {regime!r} has no ladder. Known: {', '.join(LADDERS)}.")
    table = _Table(criteria, _measure_table(frame, criteria, review), on_date)
    done: dict[str, Masks] = {}
    found = {tier_id: _words(_standing(table, tier_id, done)) for tier_id in LADDERS[regime]}
    return pd.DataFrame(found, index=frame.index)


def highest(standing: pd.DataFrame, words: Sequence[str] = (MEETS,)) -> pd.Series:
    """The highest tier at which each firm stands.

    Parameters
    ----------
    standing : DataFrame
        From :func:`standings`.
    words : sequence of str
        Outcomes that count; with ``cannot be told`` among them the highest tier not excluded.

    Returns
    -------
    Series
        Tier ids, missing where there is none.

    Examples
    --------
    >>> table = pd.DataFrame({"low": ["meets", "fails"], "high": ["cannot be told", "fails"]})
    >>> highest(table).tolist(), highest(table, ["meets", "cannot be told"]).tolist()
    (['low', None], ['high', None])
    """
    found = pd.Series(None, index=standing.index, dtype="object")
    for tier_id in standing.columns:
        found = found.mask(standing[tier_id].isin(list(words)), tier_id)
    return found.where(found.notna(), None)
