"""Tables of firms against the criteria of tiers: outcomes, and who stands where on a ladder.

:func:`helpers.analysis.assessment.assess` looks at one firm condition by condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.analysis.criteria import (
    LADDERS,
    MEETS,
    OUTCOMES,
    All,
    AnyOf,
    Band,
    Criteria,
    Item,
    Leaf,
    Rule,
    Scope,
    drop_unverified,
    title_names,
)
from helpers.analysis.measures import Array, Interval, Measures
from helpers.errors import InputError

Mask = npt.NDArray[np.bool_]
# Where a condition holds for certain, and where it fails for certain.
Masks = tuple[Mask, Mask]


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
        See :func:`helpers.analysis.assessment.assess`.

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
        See :func:`helpers.analysis.assessment.assess`.

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
