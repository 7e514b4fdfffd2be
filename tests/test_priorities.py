"""Scores, weights and the share of all weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis import policy, priorities
from helpers.errors import InputError
from helpers.evidence import tables

EQUAL = dict.fromkeys(priorities.CRITERIA, 1 / 3)
FIGURE_TABLES = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")


def table_of(points: list[tuple[float, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(points, columns=list(priorities.CRITERIA))
    return frame.assign(measure_id=[f"m{n}" for n in range(len(points))])


@pytest.fixture(scope="module")
def anshan() -> pd.DataFrame:
    figures = policy.public_figures(*(tables.load(name) for name in FIGURE_TABLES))
    cells = policy.evidence_cells(
        tables.load("recommendation_measures"), figures,
        policy.all_goals(tables.load("policy_targets"), tables.load("programme_targets")),
        tables.load("policy_documents"), tables.load("sources"), "210300", "210000",
    )  # fmt: skip
    return priorities.scores(
        tables.load("recommendation_measures"), cells, tables.load("firm_statements")
    )


def test_points_run_from_0_to_1(anshan: pd.DataFrame) -> None:
    assert len(anshan) == 25
    for name in priorities.CRITERIA:
        assert anshan[name].between(0, 1).all()


def test_points_follow_the_records(anshan: pd.DataFrame) -> None:
    rows = anshan.set_index("measure_id")
    fund = rows.loc["R5M2"]  # the city's own fund rules of 2025
    assert (fund["nearest"], fund["gap"], fund["cost"]) == ("city", 0, 0)
    assert rows.loc["R4M3", "gap"] == 1 and rows.loc["R4M3", "evidence"] == 0
    assert not rows.loc["R1M4", "goal"]  # the study's own goal is no evidence
    assert rows.loc["R1M4", "nearest"] == "none"  # and no document sets such a goal
    # Goals for numbers of firms stand in documents of the nation and a goal of the province.
    assert rows.loc["R1M1", "nearest"] == "province" and rows.loc["R1M1", "goal"]


@pytest.mark.parametrize(
    ("kinds", "gap"), [([], 1), (["figure"], 1), (["goal"], 1 / 3), (["goal", "document"], 1 / 3)]
)
def test_a_goal_of_a_government_narrows_the_gap(kinds: list[str], gap: float) -> None:
    """Synthetic: one measure and what the province has on it."""
    measures = pd.DataFrame({"measure_id": ["a"], "cost_class": ["low"], "firm_ids": [None]})
    cells = pd.DataFrame(
        [("a", kind, "province") for kind in kinds], columns=["measure_id", "kind", "level"]
    )
    none = pd.DataFrame({"firm_id": [], "documentation": []})
    assert priorities.scores(measures, cells, none)["gap"].tolist() == [gap]


def test_a_document_left_out_shows_what_hangs_on_it() -> None:
    """Synthetic: X alone serves a; Y and Z serve b together; W serves nothing."""
    papers = pd.DataFrame({
        "doc_id": list("XYZW"), "measure_ids": ["a", "b", "b", None], "place_id": ["1"] * 4,
        "part_en": [None] * 4,
    })  # fmt: skip
    tried: list[set[str]] = []

    def score(left: pd.DataFrame) -> pd.DataFrame:
        tried.append(set(left["doc_id"]))
        served = {item for item in left["measure_ids"] if isinstance(item, str)}
        return table_of([(0.0 if name in served else 1.0, 0, 0) for name in ("a", "b", "c")])

    found = priorities.leave_one_out(papers, score, top=1, steps=6).set_index("measure_id")
    assert tried == [set("XYZW"), set("YZW")]  # neither Y nor Z alone can matter
    assert found["most"].tolist() == priorities.top_share(score(papers), 1, 6)["most"].tolist()
    assert found.loc["m0", ["lowest", "highest"]].tolist() == [0, 1]
    assert found.loc["m0", "highest_without"] == "X"
    assert found["lowest_without"].isna().all()
    assert found.loc["m2", ["lowest", "highest"]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"gap": 0.5, "evidence": 0.5, "cost": 0.5}, "sum to 1.5, not 1"),
        ({"gap": -0.5, "evidence": 1.0, "cost": 0.5}, "weight 'gap', value -0.5"),
        ({"gap": float("nan"), "evidence": 0.5, "cost": 0.5}, "weight 'gap', value nan"),
        ({"gap": 0.5, "evidence": 0.5}, "weight 'cost': missing"),
        ({**EQUAL, "luck": 0.0}, "weight 'luck': unknown"),
        ({"gap": float("inf"), "evidence": 0.0, "cost": 0.0}, "sum to inf"),
    ],
)
def test_bad_weights_are_refused(weights: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        priorities.rank(table_of([(1, 0, 0)]), weights)


def test_ties_share_the_better_place() -> None:
    found = priorities.rank(table_of([(0, 0, 0), (1 / 3, 2 / 3, 0), (2 / 3, 1 / 3, 0)]), EQUAL)
    assert found["measure_id"].tolist() == ["m1", "m2", "m0"]
    assert found["rank"].tolist() == [1, 1, 3]


def test_share_of_a_corner_is_known_exactly() -> None:
    # Each measure leads where its own weight is the largest: a third of the area each.
    table = table_of([(1, 0, 0), (0, 1, 0), (0, 0, 1)])
    found = priorities.top_share(table, top=1, steps=60)
    assert (found["least"] <= 1 / 3).all() and (found["most"] >= 1 / 3).all()
    assert ((found["most"] - found["least"]) < 0.05).all()


def test_a_line_that_is_no_line_of_the_grid() -> None:
    # m0 leads where 0.7 w1 > w2. The border runs from the corner w3 = 1 to the edge w1 + w2 = 1,
    # which it meets at w1 = 1 / 1.7: what lies beyond is 0.7 / 1.7 of the edge, and of the area.
    found = priorities.top_share(table_of([(0.7, 0, 0), (0, 1, 0)]), top=1, steps=50)
    exact = [0.7 / 1.7, 1 / 1.7]
    assert (found["least"] <= exact).all() and (found["most"] >= exact).all()
    assert (found["least"] > 0.35).all()


def test_more_steps_narrow_the_bounds(anshan: pd.DataFrame) -> None:
    rough, fine = (priorities.top_share(anshan, steps=steps) for steps in (20, 60))
    wide, narrow = ((found["most"] - found["least"]).sum() for found in (rough, fine))
    assert narrow < wide
    assert (fine["least"] >= rough["least"] - 1e-9).all()
    assert (fine["most"] <= rough["most"] + 1e-9).all()


def test_bounds_hold_a_seeded_sample(anshan: pd.DataFrame) -> None:
    """An independent way: weights drawn evenly from the simplex."""
    found = priorities.top_share(anshan, steps=60)
    draws = np.random.default_rng(20231231).dirichlet([1, 1, 1], size=20_000)
    values = draws @ anshan[list(priorities.CRITERIA)].to_numpy().T
    better = (values[:, None, :] > values[:, :, None] + 1e-9).sum(axis=2)
    share = (better < 5).mean(axis=0)
    assert (share >= found["least"] - 0.015).all()
    assert (share <= found["most"] + 0.015).all()


@given(st.lists(st.tuples(*[st.sampled_from([0, 0.5, 1])] * 3), min_size=1, max_size=8))
def test_least_is_never_above_most(points: list[tuple[float, float, float]]) -> None:
    found = priorities.top_share(table_of(points), top=2, steps=6)
    assert (found["least"] <= found["most"]).all()
    assert found["most"].max() > 0  # some measure leads somewhere


def test_with_few_measures_all_are_in_the_top() -> None:
    found = priorities.top_share(table_of([(1, 0, 0), (0, 1, 0)]), top=5, steps=3)
    assert found[["least", "most"]].to_numpy().tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(("top", "steps"), [(0, 5), (5, 0)])
def test_senseless_numbers_are_refused(top: int, steps: int) -> None:
    with pytest.raises(InputError, match="at least 1"):
        priorities.top_share(table_of([(1, 0, 0)]), top=top, steps=steps)
