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
    assess_view,
    highest,
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
    """

    firms: pd.DataFrame
    standing: dict[str, pd.DataFrame]
    losses: pd.DataFrame
    steps: list[Step | None]
    missing: list[tuple[str, ...]]
    regime: str
    regain: dict[tuple[int, str], Plan]

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
    return Screening(firms, standing, change, steps, missing, regime, regain)


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
