"""The policy argument: what the measures are, what was policy already, and what serves no measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.analysis import policy
from helpers.evidence.tables import split_ids

INSTRUMENTS = ("regulation", "finance", "tax", "service", "network", "information")
STEPS = (
    "start_up", "candidate", "innovative_sme", "srdi_sme", "little_giant", "any_tier", "none",
)  # fmt: skip
# The study counts the fifth batch, so it was written after this list was put up for objections.
LATEST_LIST_OF_THE_STUDY = "N10"


def study_written_after(documents: pd.DataFrame) -> str:
    """Date after which the study was written, as far as its own figures tell.

    Parameters
    ----------
    documents : DataFrame
        Table ``policy_documents``.

    Returns
    -------
    str
        Date of the latest list of little giants it counts.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> study_written_after(tables.load("policy_documents"))
    '2023-07'
    """
    return str(documents.set_index("doc_id").loc[LATEST_LIST_OF_THE_STUDY, "issued"])


def _state(date: str | None, written: str) -> str:
    """Whether a date lies before or since another, as far as its precision tells."""
    if date is None:
        return "undated"
    span, mark = pd.Period(date), pd.Period(written)
    if span.end_time <= mark.end_time:
        return "before"
    return "since" if span.start_time > mark.end_time else "undated"


def provision(
    measures: pd.DataFrame, documents: pd.DataFrame, city_id: str, province_id: str
) -> pd.DataFrame:
    """Since when a measure has been policy of the nation, the province and the city.

    Parameters
    ----------
    measures, documents : DataFrame
        Tables ``recommendation_measures`` and ``policy_documents``.
    city_id, province_id : str
        Focal place.

    Returns
    -------
    DataFrame
        One row per measure and level (nation, province, city): measure_id, level, documents (how
        many), first (date of the earliest; in use by it where the date of issue was not found),
        doc_id of the earliest, and state: ``before`` the study was written, ``since``, ``undated``
        where the date is missing or too coarse to tell, or ``none``. What holds for a part of a
        place is left out.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> found = provision(tables.load("recommendation_measures"), tables.load("policy_documents"),
    ...                   "210300", "210000")
    >>> found.query("measure_id == 'R5M2'").set_index("level").state.to_dict()
    {'nation': 'before', 'province': 'before', 'city': 'since'}
    """
    written = study_written_after(documents)
    whole = documents[documents["part_en"].isna()]
    dated = whole.assign(
        date=whole["issued"].fillna(whole["in_use_by"]),
        level=[policy.level_of(place, city_id, province_id) for place in whole["place_id"]],
        measure_id=whole["measure_ids"].map(split_ids),
    )
    pairs = dated.explode("measure_id").sort_values("date", kind="stable")
    groups = dict(list(pairs.groupby(["measure_id", "level"])))
    rows = []
    for measure_id in measures["measure_id"]:
        for level in ("nation", "province", "city"):
            found = groups.get((measure_id, level), pairs.iloc[:0])
            row: dict[str, Any] = {
                "measure_id": measure_id,
                "level": level,
                "documents": len(found),
            }
            first = found["date"].dropna()
            row["first"] = first.iloc[0] if len(first) else None
            row["doc_id"] = found["doc_id"].iloc[0] if len(found) else None
            row["state"] = _state(row["first"], written) if len(found) else "none"
            rows.append(row)
    return pd.DataFrame(rows)


def instrument_balance(measures: pd.DataFrame) -> pd.DataFrame:
    """Number of measures by type of instrument and step of the ladder.

    Parameters
    ----------
    measures : DataFrame
        Table ``recommendation_measures``.

    Returns
    -------
    DataFrame
        Index instrument type, columns steps, every one of both also where it counts no measure.

    Examples
    --------
    >>> measures = pd.DataFrame({"instrument_type": ["tax"], "tier_addressed": ["any_tier"]})
    >>> int(instrument_balance(measures).to_numpy().sum())
    1
    """
    counts = pd.crosstab(measures["instrument_type"], measures["tier_addressed"])
    return counts.reindex(index=list(INSTRUMENTS), columns=list(STEPS), fill_value=0)


def unused_evidence(
    measures: pd.DataFrame, claims: pd.DataFrame, firms: pd.DataFrame, figures: pd.DataFrame,
    goals: pd.DataFrame, documents: pd.DataFrame, places: Sequence[str],
) -> dict[str, list[str]]:  # fmt: skip
    """What is on record or claimed, and serves no measure.

    Parameters
    ----------
    measures, claims, firms, documents : DataFrame
        Tables of these names (``recommendation_measures``).
    figures, goals : DataFrame
        From ``policy.public_figures`` and ``policy.all_goals``.
    places : sequence of str
        Places whose figures, goals and documents count, besides the nation.

    Returns
    -------
    dict
        Ids under ``claim`` (of the study's findings on the places or the nation, its
        recommendations left out), ``firm`` (named by the study, in these places), ``indicator``
        (of figures and goals) and ``document``.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    >>> figures = policy.public_figures(*(tables.load(name) for name in names))
    >>> found = unused_evidence(
    ...     tables.load("recommendation_measures"), tables.load("claims"), tables.load("firms"),
    ...     figures, tables.load("policy_targets"), tables.load("policy_documents"),
    ...     ["210300", "210000"])
    >>> "F01" in found["firm"], "C3-01" in found["claim"]
    (True, True)
    """
    used = {
        column: {item for cell in measures[column] for item in split_ids(cell)}
        for column in ("rests_on_claim_ids", "firm_ids", "indicator_id")
    }
    here = [*places, policy.NATION]

    def near(frame: pd.DataFrame) -> pd.Series:
        inside = frame["place_id"].astype("str").fillna(policy.NATION).isin(here)
        return inside & frame["part_en"].isna() if "part_en" in frame else inside

    findings = claims[~claims["claim_id"].str.startswith("C4") & near(claims)]
    named = firms[firms["in_study"].astype(bool) & firms["place_id"].isin(list(places))]
    counted = [*figures.loc[near(figures), "indicator_id"], *goals.loc[near(goals), "indicator_id"]]
    papers = documents[near(documents) & documents["measure_ids"].isna()]
    return {
        "claim": [item for item in findings["claim_id"] if item not in used["rests_on_claim_ids"]],
        "firm": [item for item in named["firm_id"] if item not in used["firm_ids"]],
        "indicator": sorted(set(counted) - used["indicator_id"]),
        "document": papers["doc_id"].tolist(),
    }


def support_grid(
    measures: pd.DataFrame, claims: pd.DataFrame, unused: Mapping[str, Sequence[str]],
    firm_ids: Sequence[str],
) -> tuple[pd.DataFrame, int]:  # fmt: skip
    """Which claims and firms each measure rests on, and those on a place that none rests on.

    Parameters
    ----------
    measures, claims : DataFrame
        Tables ``recommendation_measures`` and ``claims``.
    unused : mapping
        From ``unused_evidence``.
    firm_ids : sequence of str
        Firms that count; links to others are left out.

    Returns
    -------
    grid : DataFrame, shape (measures, claims and firms)
        ``1`` where the measure rests on the claim or firm, empty elsewhere.
    used : int
        Number of the first columns, which some measure rests on.

    Examples
    --------
    >>> measures = pd.DataFrame(
    ...     {"measure_id": ["M1", "M2"], "rests_on_claim_ids": ["C2-01;C3-01", None],
    ...      "firm_ids": [None, "F01"]})
    >>> claims = pd.DataFrame({"claim_id": ["C2-02"], "section": [2], "place_id": ["210000"]})
    >>> support_grid(measures, claims, {"claim": ["C2-02"], "firm": ["F02"]}, ["F02"])[0].to_dict("list")
    {'C2-01': ['1', ''], 'C3-01': ['1', ''], 'C2-02': ['', ''], 'F02': ['', '']}
    """
    local = claims["section"].isin([2, 3]) & claims["place_id"].notna()
    about = set(claims.loc[local, "claim_id"])
    links = {
        row["measure_id"]: {*split_ids(row["rests_on_claim_ids"]), *split_ids(row["firm_ids"])}
        for row in measures.to_dict("records")
    }
    used = sorted(set().union(*links.values()))
    free = [*(claim for claim in unused["claim"] if claim in about), *unused["firm"]]
    used, free = (
        [item for item in items if item.startswith("C") or item in firm_ids]
        for items in (used, free)
    )
    grid = pd.DataFrame(
        [["1" if item in links[measure] else "" for item in (*used, *free)] for measure in links],
        index=pd.Index(links, name="measure_id"), columns=[*used, *free],
    )  # fmt: skip
    return grid, len(used)
