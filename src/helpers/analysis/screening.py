"""A table of firms screened against the ladder of 2022 and that of 2026."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.analysis.criteria import (
    FAILS,
    LADDERS,
    MEETS,
    OPEN,
    Criteria,
    FirmView,
    assess_all,
    assess_view,
    highest,
    outcome,
    standings,
)
from helpers.analysis.measures import Measures
from helpers.analysis.next_step import Plan, Step, next_step_view, plan_for

OLD, NEW = "M2022", "M2026"


@dataclass(frozen=True)
class Screening:
    """What came out for each firm.

    Parameters
    ----------
    firms : DataFrame
        As given.
    standing : dict of str to DataFrame
        By act, from :func:`helpers.analysis.criteria.standings`.
    losses : DataFrame
        Index of `firms`; one column per upper tier of the new ladder with ``loses``, ``may lose`` or
        ``keeps``, missing where the tier is failed under the old act.
    steps : list of Step or None
        The next step of each firm under the act asked for; None at the top.
    missing : list of tuple of str
        Blank fields that keep the next tier from being told.
    regime : str
        The act of the next steps.
    regain : dict of (int, str) to Plan
        For every firm that loses a tier, by place and tier id, the changes that the new conditions of
        that tier ask for.
    review : Series of str
        For every firm that holds the title of an upper tier whether it meets the new conditions of
        that tier at review; missing for other firms.
    """

    firms: pd.DataFrame
    standing: dict[str, pd.DataFrame]
    losses: pd.DataFrame
    steps: list[Step | None]
    missing: list[tuple[str, ...]]
    regime: str
    regain: dict[tuple[int, str], Plan]
    review: pd.Series

    @property
    def one_step(self) -> pd.Series:
        """Whether a single change that is known to be needed reaches the next tier."""
        return pd.Series(
            [
                step is not None
                and step.plan is not None
                and len(step.plan.changes) == 1
                and not step.plan.unknown_count
                for step in self.steps
            ],
            index=self.firms.index,
            dtype=bool,
        )

    def tier(self, regime: str, possible: bool = False) -> pd.Series:
        """The highest tier at which each firm stands for certain, or that is not excluded."""
        return highest(self.standing[regime], (MEETS, OPEN) if possible else (MEETS,))


def losses(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """What happens to firms that stand, or may stand, at a tier under the old act.

    Parameters
    ----------
    old, new : DataFrame
        From :func:`helpers.analysis.criteria.standings`; the lowest tier is left out, since the new
        act admits whoever meets the old standard.

    Returns
    -------
    DataFrame
        Columns named like the new ones: ``loses`` (meets the old conditions and fails the new ones),
        ``keeps`` (meets both), ``may lose``, or missing where the old conditions are failed.

    Examples
    --------
    >>> old = pd.DataFrame({"a": ["meets"] * 3, "b": ["meets", "meets", "fails"]})
    >>> new = pd.DataFrame({"c": ["meets"] * 3, "d": ["fails", "cannot be told", "fails"]})
    >>> losses(old, new)["d"].tolist()
    ['loses', 'may lose', None]
    """
    found = {}
    for before, after in zip(old.columns[1:], new.columns[1:], strict=True):
        was, will = old[before].astype(str), new[after].astype(str)
        word = np.select(
            [was == FAILS, (was == MEETS) & (will == FAILS), (was == MEETS) & (will == MEETS)],
            ["", "loses", "keeps"],
            "may lose",
        )
        cells = pd.Series(word, index=old.index, dtype="object")
        found[after] = cells.where(cells != "", None)
    return pd.DataFrame(found, index=old.index)


def screen(
    firms: pd.DataFrame, criteria: Criteria, regime: str, on_date: str | None = None
) -> Screening:
    """Screen firms as new applicants.

    Parameters
    ----------
    firms : DataFrame
        From ``evidence.firm_table.read_firms``.
    criteria : Criteria
    regime : {"M2022", "M2026"}
        The act under which the next step is looked for.
    on_date : str or None
        Day of the screening, for conditions of yearly notices.

    Returns
    -------
    Screening

    Raises
    ------
    InputError
        The act has no ladder.
    """
    standing = {act: standings(firms, criteria, act, on_date) for act in LADDERS}
    measures = Measures(firms, criteria.limits, {"under_review": False})
    steps, missing = [], []
    for row in range(len(firms)):
        view = FirmView(criteria, measures, row, on_date)
        step = next_step_view(view, regime)
        steps.append(step)
        missing.append(() if step is None else assess_view(view, step.tier_id).missing)
    change = losses(standing[OLD], standing[NEW])
    regain = {}
    for tier_id in change.columns:
        for place in np.flatnonzero((change[tier_id] == "loses").to_numpy()).tolist():
            found = plan_for(FirmView(criteria, measures, place, on_date), tier_id)
            if found is not None:
                regain[place, str(tier_id)] = found
    review = at_review(firms, criteria, on_date)
    return Screening(firms, standing, change, steps, missing, regime, regain, review)


def at_review(firms: pd.DataFrame, criteria: Criteria, on_date: str | None = None) -> pd.Series:
    """Whether holders of the titles of upper tiers meet the conditions of 2026 at a review.

    Parameters
    ----------
    firms, criteria, on_date
        See :func:`screen`.

    Returns
    -------
    Series
        ``meets``, ``fails`` or ``cannot be told``; missing for firms without such a title. The notice
        of 2026 still held reviewed firms to the measures of 2022 (table ``regimes``).
    """
    found = pd.Series(None, index=firms.index, dtype="object")
    if "current_tier" not in firms:
        return found
    for tier_id in LADDERS[NEW][1:]:
        holds = firms["current_tier"] == criteria.tiers[tier_id]["tier"]
        judged = assess_all(firms, criteria, tier_id, None, on_date, review=True)["outcome"]
        found = found.mask(holds.fillna(False), judged.astype(str))
    return found.where(found.notna(), None)


DETAILS = (
    "firm_id", "tier_id", "kind", "id", "outcome", "applies", "low", "high", "required", "gap",
    "missing", "verified", "on_edge",
)  # fmt: skip
_APPLIES = {True: "yes", False: "no", None: OPEN}


def _detail_rows(view: FirmView, firm_id: str, tier_id: str) -> list[dict[str, object]]:
    found = assess_view(view, tier_id)
    shared = {"firm_id": firm_id, "tier_id": tier_id}
    rows: list[dict[str, object]] = [
        {
            **shared, "kind": "condition", "id": item.threshold_id, "outcome": outcome(item.truth),
            "applies": _APPLIES[item.applies], "low": item.low, "high": item.high,
            "required": item.required, "gap": item.gap, "missing": ";".join(item.missing),
            "verified": item.verified, "on_edge": item.on_edge,
        }
        for item in found.findings
    ]  # fmt: skip
    return rows + [
        {**shared, "kind": "points", "id": item.item_id, "low": item.low, "high": item.high,
         "required": None, "missing": ";".join(item.missing)}
        for item in found.points
    ]  # fmt: skip


def details(firms: pd.DataFrame, criteria: Criteria, on_date: str | None = None) -> pd.DataFrame:
    """Every condition and every item of points of the ladders, firm by firm.

    Parameters
    ----------
    firms : DataFrame
        With a column firm_id; see :func:`screen`.
    criteria : Criteria
    on_date : str or None

    Returns
    -------
    DataFrame
        Columns firm_id, tier_id, kind (condition or points), id (threshold or item), outcome, applies
        (whether the firm is in the case of the condition), low and high (what the firm's fields
        allow, in the unit of the condition), required, gap (distance of a failing value), missing
        (fields, joined by ;), verified, on_edge (the value is the threshold itself).
    """
    measures = Measures(firms, criteria.limits, {"under_review": False})
    rows = [
        row
        for place, firm_id in enumerate(firms["firm_id"])
        for ladder in LADDERS.values()
        for tier_id in ladder
        for row in _detail_rows(FirmView(criteria, measures, place, on_date), str(firm_id), tier_id)
    ]
    return pd.DataFrame(rows, columns=list(DETAILS))


def tier_counts(screening: Screening) -> pd.DataFrame:
    """Firms that stand at each tier or above for certain, and those not excluded from it.

    Parameters
    ----------
    screening : Screening

    Returns
    -------
    DataFrame
        Columns regime_id, tier_id, firms_count (certain) and possible_count (certain or open).
    """
    rows = []
    for act, standing in screening.standing.items():
        for tier_id in standing.columns:
            words = standing[tier_id].astype(str)
            sure = int((words == MEETS).sum())
            rows.append((act, tier_id, sure, sure + int((words == OPEN).sum())))
    columns = ["regime_id", "tier_id", "firms_count", "possible_count"]
    return pd.DataFrame(rows, columns=columns)


def missing_counts(screening: Screening) -> pd.Series:
    """How many firms' next tier hangs on each blank field, the most frequent first."""
    found = pd.Series([name for names in screening.missing for name in names], dtype="object")
    counts = found.value_counts().rename_axis("field").reset_index(name="firms_count")
    ordered = counts.sort_values(["firms_count", "field"], ascending=[False, True])
    return ordered.set_index("field")["firms_count"]
