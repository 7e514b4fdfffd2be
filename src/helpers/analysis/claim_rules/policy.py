"""Rules on the recommendations: what is on record for their measures, and the numerical goal.

A recommendation is neither true nor false; its finding has a grade. The weak point and the goal
are judged as soon as the focal city's own count is in the tables.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.analysis import policy
from helpers.evidence.bilingual import Said, join
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.sources import ids_of

_FIGURE_TABLES = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")


def _figures(setting: Setting) -> pd.DataFrame:
    tables = (setting.tables[name] for name in _FIGURE_TABLES)
    return setting.once("public_figures", lambda: policy.public_figures(*tables))


def _targets(setting: Setting) -> pd.DataFrame:
    tables = setting.tables
    return policy.all_goals(tables["policy_targets"], tables["programme_targets"])


def _cells(setting: Setting, measures: pd.DataFrame) -> pd.DataFrame:
    """What is on record on some measures, seen from the focal place."""
    tables = setting.tables
    cells = setting.once(
        "evidence_cells",
        lambda: policy.evidence_cells(
            tables["recommendation_measures"], _figures(setting), _targets(setting),
            tables["policy_documents"], tables["sources"], setting.city_id, setting.province_id,
        ),
    )  # fmt: skip
    return cells[cells["measure_id"].isin(measures["measure_id"])]


def _own_counts(setting: Setting, readings: Iterable[str]) -> Said:
    """How many counts of the focal city on some indicators are on record, as a sentence."""
    figures = _figures(setting)
    own = figures["indicator_id"].isin(list(readings)) & (figures["place_id"] == setting.city_id)
    name = setting.name(setting.city_id)
    return Said(
        f"Own counts of {name} on record: {own.sum()}.",
        f"已查得{name.zh}自身的数量：{own.sum()}个。",
    )


def _grade_of_figures(setting: Setting, readings: Iterable[str]) -> str:
    """Grade of the figures, goals and documents apart, of the measures that these counts serve."""
    measures = setting.tables["recommendation_measures"]
    served = measures[measures["indicator_id"].isin(list(readings))]
    cells = _cells(setting, served)
    return policy.documentation_of(cells[cells["kind"] == "figure"], list(served["measure_id"]))


def support_text(support: pd.DataFrame, count: int) -> Said:
    """On how many of some measures the focal city has figures, goals and documents.

    Parameters
    ----------
    support : DataFrame
        Rows of ``policy.evidence_cells`` for those measures.
    count : int
        Number of measures.

    Returns
    -------
    str

    Examples
    --------
    >>> cells = pd.DataFrame({"measure_id": ["a"], "kind": ["goal"], "level": ["city"]})
    >>> support_text(cells, 4)
    'Of the city itself: figures on 0, goals on 1, documents on 0 of 4 measures.'
    """
    own = support[support["level"] == "city"]
    numbers = [own.loc[own["kind"] == kind, "measure_id"].nunique() for kind in policy.KINDS]
    figures, goals, documents = numbers
    return Said(
        f"Of the city itself: figures on {figures}, goals on {goals}, documents on {documents} "
        f"of {count} measures.",
        f"本市自身：{count}项措施中，有数据的{figures}项，有目标的{goals}项，有文件的{documents}项。",
    )


def recommendation(setting: Setting, test: ClaimTest) -> Finding:
    """How far the measures of a recommendation are documented for the focal city.

    Looks at ``recommendation_measures`` of the recommendation that the claim states, and at every
    figure, goal and document on record. *Documented*: every measure has a figure and a goal or
    document of the city itself; *undocumented*: no measure has anything of the city, its province
    or the nation. What the city itself lacks is told and makes the grade *partly*.
    """
    stated = setting.tables["recommendations"]
    stated = stated[stated["claim_id"] == test.claim_id]
    measures = setting.tables["recommendation_measures"]
    measures = measures[measures["recommendation_id"].isin(stated["recommendation_id"])]
    cells = _cells(setting, measures)
    near = cells[cells["level"] != "elsewhere"]
    return Finding(
        documentation=policy.documentation_of(cells, list(measures["measure_id"])),
        sources=ids_of(near["source_id"]),
        base=Said(f"{len(measures)} measures", f"{len(measures)}项措施"),
        detail=support_text(near, len(measures)),
    )


def weaker_than_province(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the focal city has fewer firms per resident than its province at the same date.

    Looks at every figure on the counts in ``subject_ids`` and at ``population``. Each count is
    judged by itself; where both can be judged they have to agree, since the study does not say
    which it means. Without a count of the city and of the province at one date it stays untestable.
    """
    figures, people = _figures(setting), setting.tables["population"]
    places = (setting.city_id, setting.province_id)
    goals = policy.goals_by_reference(_targets(setting), figures, setting.city_id)
    nearby = figures["place_id"].isin([*places, *goals["reference_place_id"]])
    bearing = figures[figures["indicator_id"].isin(test.subject_ids) & nearby]
    rates = [policy.per_10k_residents(figures, people, count) for count in test.subject_ids]
    truths = {policy.weaker_than_province(rate, *places) for rate in rates} - {None}
    counted = _own_counts(setting, test.subject_ids)
    return Finding(
        holds=truths.pop() if len(truths) == 1 else None,
        documentation=_grade_of_figures(setting, test.subject_ids),
        sources=ids_of(bearing["source_id"]),
        detail=join([counted, DISAGREE if len(truths) == 2 else ""], " ", ""),
    )


def goal(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the focal city's own count lies below its fractional goal.

    Looks at the goals in ``policy_targets`` stated as a fraction of another place's count, and at
    every figure on the counts in ``subject_ids``. A goal comes to a number of firms for each count
    of the reference place on record. Without a count of the city it stays untestable.
    """
    goals = policy.goals_by_reference(_targets(setting), _figures(setting), setting.city_id)
    goals = goals[goals["indicator_id"].isin(test.subject_ids)]
    rows = goals.dropna(subset=["firms_needed"]).to_dict("records")
    needed = [
        Said(
            f"{row['indicator_en']}: at least {row['firms_needed']:,} firms "
            f"({row['share']} of {row['reference_count']:,})",
            f"{row['indicator_zh']}：至少{row['firms_needed']:,}家"
            f"（{row['reference_count']:,}家的{row['share']}）",
        )
        for row in rows
    ]
    bases = [_dated(setting.name(row["reference_place_id"]), row["as_of"]) for row in rows]
    return Finding(
        holds=policy.below_goal(goals),
        computed=join(needed) or None,
        documentation=_grade_of_figures(setting, test.subject_ids),
        sources=ids_of(goals["source_id"]),
        base=join(bases),
        detail=_own_counts(setting, test.subject_ids),
    )


DISAGREE = Said("The two counts disagree.", "两个数量相互矛盾。")


def _dated(name: Said, as_of: str) -> Said:
    return Said(f"{name}, {as_of}", f"{name.zh}，{as_of}")


RULES: dict[str, Rule] = {
    "recommendation": Rule(recommendation),
    "weaker_than_province": Rule(weaker_than_province),
    "goal": Rule(goal),
}
