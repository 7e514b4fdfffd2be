"""The legal criteria of the tiers as rules, read from tables.

Conditions, cases and score sheets come as data (tables ``thresholds``, ``condition_cases``,
``score_items``, ``score_bands``). Every answer is three-valued after Kleene (Introduction to
Metamathematics, 1952, sec. 64): a condition holds, fails, or cannot be told, and a blank field never
counts as met or as failed. A condition is still decided where every value of the blank field gives
the same answer: a score of 70 to 85 points is at least 60.

The rules are put to one firm by :mod:`helpers.analysis.assessment` and to tables of firms by
:mod:`helpers.analysis.standings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from helpers.analysis.measures import field_limits
from helpers.errors import InputError

Truth = bool | None
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

        Returns
        -------
        str

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

        Returns
        -------
        All

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

    Raises
    ------
    InputError
        The text is missing, of another form, or no day of the calendar.

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


def own_titles(criteria: Criteria, tier_id: str) -> tuple[str, ...]:
    """Indicators of the titles that a tier of a ladder confers.

    Examples
    --------
    >>> from helpers.evidence.tables import load_all
    >>> own_titles(Criteria(load_all()), "tech_and_innovative_sme_2026")
    ('innovative_sme_title', 'technology_sme')
    """
    return _TITLES[str(criteria.tiers[tier_id]["tier"])]


def title_names(criteria: Criteria, tier_id: str) -> tuple[str, ...]:
    """Indicators of the titles that the tier asks for first, one of which suffices; empty if it asks for none.

    Examples
    --------
    >>> from helpers.evidence.tables import load_all
    >>> title_names(Criteria(load_all()), "little_giant_2022")
    ('srdi_title',)
    """
    needed = criteria.tiers[tier_id]["prerequisite_tier_id"]
    return () if pd.isna(needed) else own_titles(criteria, str(needed))
