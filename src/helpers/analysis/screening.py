"""A table of firms screened against the ladder of 2022 and that of 2026."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.analysis.assessment import FirmView, assess_view
from helpers.analysis.criteria import FAILS, LADDERS, MEETS, OPEN, Criteria, outcome
from helpers.analysis.measures import Measures
from helpers.analysis.next_step import Plan, Step, next_step_view, plan_for
from helpers.analysis.standings import assess_all, highest, standings

OLD, NEW = "M2022", "M2026"


@dataclass(frozen=True)
class Screening:
    """What came out for each firm.

    Parameters
    ----------
    firms : DataFrame
        As given.
    standing : dict of str to DataFrame
        By act, from :func:`helpers.analysis.standings.standings`.
    losses : DataFrame
        Index of `firms`; one column per upper tier of the new ladder with ``loses``, ``may lose`` or
        ``keeps``, missing for firms that neither hold the tier nor surely stand there under the old
        act.
    steps : list of Step or None
        The next step of each firm under the act asked for; None at the top.
    missing : list of tuple of str
        Blank fields that keep the next tier from being told.
    regime : str
        The act of the next steps.
    regain : dict of (int, str) to Plan
        For every firm that loses a tier, by place and tier id, the changes that the new conditions of
        that tier ask for; those of a review for a firm that holds the title.
    review : DataFrame
        From :func:`at_review`.
    shortfall : dict of int to Plan
        For every holder that fails the review of the day, by place, the changes it asks for.
    """

    firms: pd.DataFrame
    standing: dict[str, pd.DataFrame]
    losses: pd.DataFrame
    steps: list[Step | None]
    missing: list[tuple[str, ...]]
    regime: str
    regain: dict[tuple[int, str], Plan]
    review: pd.DataFrame
    shortfall: dict[int, Plan]

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


def losses(
    old: pd.DataFrame, new: pd.DataFrame, review: Mapping[str, pd.Series] | None = None
) -> pd.DataFrame:
    """What happens to firms that hold a tier, or surely stand there under the old act.

    Parameters
    ----------
    old, new : DataFrame
        From :func:`helpers.analysis.standings.standings`; the lowest tier is left out, since the new
        act admits whoever meets the old standard.
    review : mapping of str to Series, optional
        For a tier of the new ladder the outcome of its conditions at review for the firms that hold
        its title, missing for all others. It counts in place of both standings.

    Returns
    -------
    DataFrame
        Columns named like the new ones: ``loses`` (fails the new conditions), ``keeps`` (meets
        them), ``may lose`` (cannot be told), or missing for a firm that does not hold the title and
        for which it is not sure that it meets the old conditions.

    Examples
    --------
    >>> old = pd.DataFrame({"a": ["meets"] * 3, "b": ["meets", "meets", "cannot be told"]})
    >>> new = pd.DataFrame({"c": ["meets"] * 3, "d": ["fails", "cannot be told", "fails"]})
    >>> losses(old, new)["d"].tolist()
    ['loses', 'may lose', None]
    >>> losses(old, new, {"d": pd.Series([None, None, "fails"])})["d"].tolist()
    ['loses', 'may lose', 'loses']
    """
    found = {}
    for before, after in zip(old.columns[1:], new.columns[1:], strict=True):
        outcomes = new[after].astype(str).where(old[before].astype(str) == MEETS, "")
        held = (review or {}).get(str(after), pd.Series(None, index=old.index, dtype="object"))
        outcomes = outcomes.mask(held.notna(), held)
        words = {FAILS: "loses", MEETS: "keeps", OPEN: "may lose"}
        cells = outcomes.map(words).astype("object")
        found[after] = cells.where(cells.notna(), None)
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
    review = at_review(firms, criteria, on_date)
    held = {
        tier_id: review["outcome_new"].where(review["tier_new"] == tier_id)
        for tier_id in LADDERS[NEW][1:]
    }
    change = losses(standing[OLD], standing[NEW], held)
    reviewed = Measures(firms, criteria.limits, {"under_review": True})
    regain = {}
    for tier_id in change.columns:
        for place in np.flatnonzero((change[tier_id] == "loses").to_numpy()).tolist():
            own = reviewed if pd.notna(held[tier_id].iloc[place]) else measures
            found = plan_for(FirmView(criteria, own, place, on_date), tier_id)
            if found is not None:
                regain[place, str(tier_id)] = found
    shortfall = {}
    for place in np.flatnonzero((review["outcome"] == FAILS).to_numpy()).tolist():
        found = plan_for(
            FirmView(criteria, reviewed, place, on_date), review["tier_id"].iloc[place]
        )
        if found is not None:
            shortfall[place] = found
    return Screening(firms, standing, change, steps, missing, regime, regain, review, shortfall)


def at_review(firms: pd.DataFrame, criteria: Criteria, on_date: str | None = None) -> pd.DataFrame:
    """Whether holders of the titles of upper tiers would pass a review.

    Parameters
    ----------
    firms, criteria, on_date
        See :func:`screen`.

    Returns
    -------
    DataFrame
        Index of `firms`; missing for firms without such a title. tier_id: whose conditions decide a
        review on the day, which a notice may leave to an older act (table ``tiers``, column
        review_regime_id); without a day those of 2022. outcome:
        ``meets``, ``fails`` or ``cannot be told``. tier_new and outcome_new: the same against 2026.
    """
    names = ("tier_id", "outcome", "tier_new", "outcome_new")
    found = pd.DataFrame(None, index=firms.index, columns=list(names), dtype="object")
    if "current_tier" not in firms:
        return found
    for old, new in zip(LADDERS[OLD][1:], LADDERS[NEW][1:], strict=True):
        tier = str(criteria.tiers[new]["tier"])
        holds = (firms["current_tier"] == tier).fillna(False)
        now = old if on_date is None else criteria.tier_id(tier, None, on_date, review=True)
        for tier_id, place, word in ((now, *names[:2]), (new, *names[2:])):
            judged = assess_all(firms, criteria, tier_id, None, on_date, review=True)["outcome"]
            found[place] = found[place].mask(holds, tier_id)
            found[word] = found[word].mask(holds, judged.astype(str))
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
         "required": None, "missing": ";".join(item.missing), "on_edge": item.on_edge}
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
        (fields, joined by ;), verified, on_edge (the value is the threshold itself, or the border of two
        bands of points; how it counts then is in no source seen).
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
        Columns regime_id, tier_id, firms_count (certain) and possible_count (certain or open). A
        firm at a tier counts at those below as well, though it may stand there by a title alone.
    """
    rows = []
    for act, standing in screening.standing.items():
        words = standing.astype(str)
        for place, tier_id in enumerate(standing.columns):
            upper = words.iloc[:, place:]
            sure = int((upper == MEETS).any(axis=1).sum())
            possible = int((upper != FAILS).any(axis=1).sum())
            rows.append((act, tier_id, sure, possible))
    columns = ["regime_id", "tier_id", "firms_count", "possible_count"]
    return pd.DataFrame(rows, columns=columns)


def missing_counts(screening: Screening) -> pd.Series:
    """How many firms' next tier hangs on each blank field, the most frequent first."""
    found = pd.Series([name for names in screening.missing for name in names], dtype="object")
    counts = found.value_counts().rename_axis("field").reset_index(name="firms_count")
    ordered = counts.sort_values(["firms_count", "field"], ascending=[False, True])
    return ordered.set_index("field")["firms_count"]
