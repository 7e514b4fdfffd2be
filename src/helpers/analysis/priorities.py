"""Scores of measures, and how far their order depends on the weights.

A ranking by a weighted sum hides a choice: the weights. Here the choice is laid open by asking of
each measure in which share of all weights it is among the first few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import InputError
from helpers.evidence.tables import split_ids

CRITERIA = ("gap", "evidence", "cost")
NEAR = ("city", "province", "nation")
# How far a measure still is from being provided for: by the nearest level that has a document, or
# a goal for the indicator of the measure. To set a goal is to provide for a measure that asks for it.
PROVIDING = ("document", "goal")
GAP_POINTS = {"city": 0, "province": 1, "nation": 2, "none": 3}
COST_POINTS = {"high": 0, "medium": 1, "low": 2}
MOST_POINTS = {"gap": 3, "evidence": 3, "cost": 2}
_TOLERANCE = 1e-9


def scores(measures: pd.DataFrame, cells: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
    """Points of each measure on three criteria, each scaled to run from 0 to 1.

    Parameters
    ----------
    measures : DataFrame
        Table ``recommendation_measures``.
    cells : DataFrame
        From ``policy.evidence_cells``: what is on record, by kind and level.
    statements : DataFrame
        Table ``firm_statements``.

    Returns
    -------
    DataFrame
        One row per measure: measure_id, nearest (nearest level with a document or a goal, ``none``
        if there is none), figure, goal and case (whether there is one), cost_class, and gap, evidence and
        cost from 0 to 1.

    Notes
    -----
    gap: 3 of 3 points where neither a document provides for the measure nor a government has set a
    goal for its indicator, 2 where only the nation's does, 1 where the province's does, 0 where the
    city's own does. A goal thus narrows the gap and counts as evidence. evidence: a point each for a figure of
    its indicator (city, province or nation), a goal set by one of these governments, and a firm
    named as a case of which public records show something. cost: 2 of 2 points for the low class.

    Examples
    --------
    >>> measures = pd.DataFrame({"measure_id": ["a"], "cost_class": ["low"], "firm_ids": [None]})
    >>> cells = pd.DataFrame({"measure_id": ["a"], "kind": ["document"], "level": ["nation"]})
    >>> none = pd.DataFrame({"firm_id": [], "documentation": []})
    >>> scores(measures, cells, none)[list(CRITERIA)].round(2).values.tolist()
    [[0.67, 0.0, 1.0]]
    """
    near = [cells.loc[cells["level"].isin(NEAR), name] for name in ("measure_id", "kind", "level")]
    on_record = set(zip(*near, strict=True))
    shown = statements["documentation"].isin(["documented", "partly"])
    known = set(statements.loc[shown, "firm_id"])
    rows = []
    for measure in measures.to_dict("records"):
        own = [
            (kind, level)
            for measured, kind, level in on_record
            if measured == measure["measure_id"]
        ]
        provided = {level for kind, level in own if kind in PROVIDING}
        nearest = next((level for level in NEAR if level in provided), "none")
        facts = {kind: any(kind == one for one, _ in own) for kind in ("figure", "goal")}
        facts["case"] = bool(known & set(split_ids(measure["firm_ids"])))
        points = {
            "gap": GAP_POINTS[nearest], "evidence": sum(facts.values()),
            "cost": COST_POINTS[measure["cost_class"]],
        }  # fmt: skip
        scaled = {name: value / MOST_POINTS[name] for name, value in points.items()}
        kept = {name: measure[name] for name in ("measure_id", "cost_class")}
        rows.append(kept | {"nearest": nearest} | facts | scaled)
    return pd.DataFrame(rows)


def check_weights(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights in the order of the criteria, once they are sound.

    Parameters
    ----------
    weights : mapping
        One number for each of :data:`CRITERIA`.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        A weight is missing, unknown, negative or not a number, or they do not sum to 1.

    Examples
    --------
    >>> check_weights({"cost": 0.2, "gap": 0.5, "evidence": 0.3})
    {'gap': 0.5, 'evidence': 0.3, 'cost': 0.2}
    """
    odd = sorted(set(weights) ^ set(CRITERIA))
    if odd:
        state = "unknown" if odd[0] in weights else "missing"
        raise InputError(f"weight {odd[0]!r}: {state}. Give one each for {', '.join(CRITERIA)}.")
    for name, value in weights.items():
        # NaN fails the comparison and is refused as well.
        if not value >= 0:
            raise InputError(f"weight {name!r}, value {value!r}: not a number of at least 0.")
    total = sum(weights.values())
    if not abs(total - 1) <= _TOLERANCE:
        raise InputError(
            f"weights {dict(weights)}: they sum to {total:g}, not 1. Divide each by the sum."
        )
    return {name: float(weights[name]) for name in CRITERIA}


def rank(table: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Measures with their weighted score and rank.

    Parameters
    ----------
    table : DataFrame
        From :func:`scores`.
    weights : mapping
        See :func:`check_weights`.

    Returns
    -------
    DataFrame
        With the columns score (0 to 1) and rank (1 is first, measures that tie share the better
        place); first measure first, ties in the order given.

    Examples
    --------
    >>> table = pd.DataFrame({"measure_id": ["a", "b"], "gap": [0.0, 1.0], "evidence": [1.0, 1.0],
    ...                       "cost": [0.5, 0.5]})
    >>> found = rank(table, {"gap": 1, "evidence": 0, "cost": 0})
    >>> found[["measure_id", "score", "rank"]].values.tolist()
    [['b', 1.0, 1], ['a', 0.0, 2]]
    """
    sound = check_weights(weights)
    score = sum(table[name] * weight for name, weight in sound.items())
    # Sums of thirds and halves differ in the last digits where they are equal.
    score = pd.Series(score, index=table.index).round(12)
    place = score.rank(method="min", ascending=False).astype(int)
    frame = table.assign(score=score, rank=place)
    return frame.sort_values("rank", kind="stable", ignore_index=True)


def _triangles(steps: int) -> NDArray[np.float64]:
    """Corners (triangles, 3, 3) of equal triangles that tile the simplex of three weights."""
    corners: list[Any] = []
    for i in range(steps):
        for j in range(steps - i):
            corners.append([(i, j), (i + 1, j), (i, j + 1)])
            if i + j < steps - 1:
                corners.append([(i + 1, j), (i, j + 1), (i + 1, j + 1)])
    two = np.asarray(corners, dtype=float)
    third = steps - two.sum(axis=2, keepdims=True)
    return np.concatenate([two, third], axis=2) / steps


def top_share(table: pd.DataFrame, top: int = 5, steps: int = 60) -> pd.DataFrame:
    """Share of all weights under which each measure is among the first few, within bounds.

    Parameters
    ----------
    table : DataFrame
        From :func:`scores`.
    top : int
        How many places count as the first few; measures that tie share the better place, so more
        than `top` measures can be among them.
    steps : int
        The weights are cut into ``steps ** 2`` triangles of equal size.

    Returns
    -------
    DataFrame
        Columns measure_id, least and most: between these two lies the share of the area of the
        simplex of weights (all non-negative triples that sum to 1), in the order of the table.

    Raises
    ------
    InputError
        `top` or `steps` is below 1.

    Notes
    -----
    The difference of two scores is linear in the weights, so it keeps its sign on a triangle
    when it has that sign at the three corners. A triangle counts towards ``least`` when fewer than
    `top` measures can score higher anywhere inside it, and is left out of ``most`` when at least
    `top` do so everywhere inside it. No sampling is involved; more steps narrow the bounds.

    Examples
    --------
    >>> table = pd.DataFrame({"measure_id": ["a", "b"], "gap": [1.0, 0.0], "evidence": [0.0, 1.0],
    ...                       "cost": [0.0, 0.0]})
    >>> found = top_share(table, top=1, steps=10)
    >>> bool((found.least <= 0.5).all() and (found.most >= 0.5).all())
    True
    """
    if top < 1 or steps < 1:
        raise InputError(f"top {top}, steps {steps}: give whole numbers of at least 1.")
    points = table[list(CRITERIA)].to_numpy(dtype=float)
    corners = _triangles(steps)
    values = np.einsum("tcw,mw->tcm", corners, points)
    least, most = [], []
    for own in range(len(points)):
        lead = values - values[:, :, own : own + 1]
        may = (lead > _TOLERANCE).any(axis=1)
        must = (lead >= -_TOLERANCE).all(axis=1) & may
        least.append(float((may.sum(axis=1) < top).mean()))
        most.append(float((must.sum(axis=1) < top).mean()))
    return pd.DataFrame({"measure_id": table["measure_id"], "least": least, "most": most})


def _sole_providers(documents: pd.DataFrame) -> list[str]:
    """Documents that alone serve some measure in their place."""
    pairs = documents.assign(measure_id=documents["measure_ids"].map(split_ids))
    pairs = pairs.explode("measure_id").dropna(subset=["measure_id"])
    place = (
        pairs["place_id"].astype("str").fillna("") + "|" + pairs["part_en"].astype("str").fillna("")
    )
    alone = ~pairs.assign(place=place).duplicated(["place", "measure_id"], keep=False)
    return [str(doc_id) for doc_id in dict.fromkeys(pairs.loc[alone, "doc_id"])]


def leave_one_out(
    documents: pd.DataFrame,
    score: Callable[[pd.DataFrame], pd.DataFrame],
    top: int = 5,
    steps: int = 60,
) -> pd.DataFrame:
    """How far the shares of :func:`top_share` hang on which measures a single document serves.

    Parameters
    ----------
    documents : DataFrame
        Table ``policy_documents``.
    score : callable
        Gives the scores (as from :func:`scores`) from a table of documents.
    top, steps : int
        As for :func:`top_share`.

    Returns
    -------
    DataFrame
        One row per measure: measure_id, least and most with all documents, lowest and highest (the
        smallest ``least`` and the largest ``most`` over all documents and with each document left
        out in turn), and lowest_without and highest_without: the documents whose loss leads there,
        blank where the full table does.

    Raises
    ------
    InputError
        As :func:`top_share`.

    Notes
    -----
    A document beside another of the same place for each of its measures changes no score and is
    not tried; shares are computed once for each set of scores.

    Examples
    --------
    >>> papers = pd.DataFrame({"doc_id": ["X"], "measure_ids": ["a"], "place_id": ["1"],
    ...                        "part_en": [None]})
    >>> def score(left):
    ...     return pd.DataFrame({"measure_id": ["a", "b"], "gap": [1.0 - len(left), 0.5],
    ...                          "evidence": [0.0, 0.0], "cost": [0.0, 0.0]})
    >>> found = leave_one_out(papers, score, top=1, steps=4)
    >>> found[["measure_id", "most", "highest"]].values.tolist()
    [['a', 0.0, 1.0], ['b', 1.0, 1.0]]
    >>> found.highest_without.fillna("").tolist()
    ['X', '']
    """
    full = score(documents)
    base = top_share(full, top, steps)
    runs: dict[bytes, tuple[list[str], pd.DataFrame]] = {
        full[list(CRITERIA)].to_numpy(dtype=float).tobytes(): ([], base)
    }
    for doc_id in _sole_providers(documents):
        scored = score(documents[documents["doc_id"] != doc_id])
        key = scored[list(CRITERIA)].to_numpy(dtype=float).tobytes()
        if key not in runs:
            runs[key] = ([], top_share(scored, top, steps))
        runs[key][0].append(str(doc_id))
    names = [", ".join(docs) for docs, _ in runs.values()]
    least = np.array([shares["least"].to_numpy() for _, shares in runs.values()])
    most = np.array([shares["most"].to_numpy() for _, shares in runs.values()])
    # The first run is the full table, so a document is named only where it moves the bound.
    without = {
        "lowest_without": [names[i] if i else None for i in least.argmin(axis=0)],
        "highest_without": [names[i] if i else None for i in most.argmax(axis=0)],
    }
    return base.assign(lowest=least.min(axis=0), highest=most.max(axis=0), **without)
