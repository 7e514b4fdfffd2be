"""Goals in time, and the argument they are part of."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest

from helpers.analysis import argument, goals, policy
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.tables import split_ids

ANSHAN, LIAONING = "210300", "210000"


def test_a_goal_due_before_its_baseline_names_its_row() -> None:
    targets = tables.load("policy_targets").copy()
    targets.loc[targets["target_id"] == "T03", "due"] = "2021"
    for act in (goals.check_targets, goals.paces):
        with pytest.raises(InputError, match=r"row T03, column due, value '2021': before its base"):
            act(targets)


def test_a_goal_of_the_same_year_as_its_baseline_is_sound() -> None:
    targets = tables.load("policy_targets").copy()
    targets.loc[targets["target_id"] == "T03", "due"] = "2022"
    goals.check_targets(targets)


def test_pace_by_hand() -> None:
    found = goals.required_pace(100, "2020", 144, "2022")  # 731 days
    assert found["years"] == pytest.approx(730 / 365.25, abs=0.01)
    assert found["growth_pct"] == pytest.approx(20, abs=0.05)
    assert found["per_year"] == pytest.approx(22, abs=0.05)


@pytest.mark.parametrize(
    ("value", "due", "told"),
    [(100, "2020", "not after its baseline"), (100, "2019", "not after its baseline"),
     (0, "2022", "baseline, value 0: not above 0"), (float("nan"), "2022", "not above 0")],
)  # fmt: skip
def test_bad_paces_are_refused(value: float, due: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        goals.required_pace(value, "2020", 144, due)


def test_the_quarter_moves_with_its_reference() -> None:
    quarter = Fraction(1, 4)
    assert [goals.moving_goal(quarter, 9543, 0, year) for year in (0, 5)] == [2386, 2386]
    assert goals.moving_goal(quarter, 10_000, 10, 1) == 2750  # exactly, not 2751
    assert goals.moving_goal(quarter, 8, -50, 1) == 1


@pytest.mark.parametrize(("growth", "years"), [(-100, 1), (float("nan"), 1), (5, -1)])
def test_a_goal_cannot_move_backwards(growth: float, years: int) -> None:
    with pytest.raises(InputError):
        goals.moving_goal(Fraction(1, 4), 100, growth, years)


def test_growth_takes_a_floor_only_at_the_end() -> None:
    def rows(*values: tuple[float, str, str]) -> pd.DataFrame:
        frame = pd.DataFrame(values, columns=["value", "as_of", "comparison"])
        return frame.assign(place_id="1", indicator_id="x", source_id="a")

    exact = goals.yearly_growth(rows((100, "2020", "equal"), (121, "2022", "equal")), "1", "x")
    assert exact is not None and not exact["at_least"]
    floor = goals.yearly_growth(rows((100, "2020", "equal"), (121, "2022", "more_than")), "1", "x")
    assert floor is not None and floor["at_least"]
    upper = rows((100, "2020", "equal"), (121, "2022", "less_than"))
    assert goals.yearly_growth(upper, "1", "x") is None
    assert goals.yearly_growth(rows((100, "2020", "equal")), "1", "x") is None
    assert goals.yearly_growth(rows((100, "2020", "more_than")), "1", "x") is None


# ---------------------------------------------------------------- the argument


def test_documents_are_linked_to_known_ones_in_the_order_of_time() -> None:
    documents = tables.load("policy_documents").set_index("doc_id")
    links = tables.load("document_links")
    assert not links["from_doc_id"].eq(links["to_doc_id"]).any()
    later = documents.loc[links["from_doc_id"], "issued"].fillna("9999").str[:4].tolist()
    earlier = documents.loc[links["to_doc_id"], "issued"].fillna("0000").str[:4].tolist()
    assert all(a >= b for a, b in zip(later, earlier, strict=True))


def test_provision_knows_before_from_since() -> None:
    measures, documents = tables.load("recommendation_measures"), tables.load("policy_documents")
    found = argument.provision(measures, documents, ANSHAN, LIAONING)
    assert len(found) == 3 * len(measures)
    states = found.set_index(["measure_id", "level"])["state"]
    assert states["R6M3", "province"] == "since"  # measures of 2025
    assert states["R1M3", "province"] == "before"  # undated, in use by November 2020
    assert states["R4M3", "nation"] == "none"
    late = documents.assign(issued="2024", in_use_by=None)
    late.loc[late["doc_id"] == "N10", "issued"] = "2023-07"
    again = argument.provision(measures, late, ANSHAN, LIAONING)
    assert set(again["state"]) == {"since", "none"}


def test_an_undated_document_is_not_taken_for_an_early_one() -> None:
    measures, documents = tables.load("recommendation_measures"), tables.load("policy_documents")
    blank = documents.assign(in_use_by=None)
    found = argument.provision(measures, blank, ANSHAN, LIAONING)
    row = found.set_index(["measure_id", "level"]).loc[("R1M3", "province")]
    assert row["state"] == "undated"


@pytest.mark.parametrize(
    ("issued", "state"),
    [("2022", "before"), ("2023-07", "before"), ("2023", "undated"), ("2023-08-01", "since")],
)
def test_a_date_that_cannot_tell_says_so(issued: str, state: str) -> None:
    documents = tables.load("policy_documents").copy()
    documents.loc[documents["doc_id"] == "L11", "issued"] = issued
    found = argument.provision(tables.load("recommendation_measures"), documents, ANSHAN, LIAONING)
    assert found.set_index(["measure_id", "level"]).loc[("R6M3", "province"), "state"] == state


def test_balance_counts_every_measure_once() -> None:
    measures = tables.load("recommendation_measures")
    balance = argument.instrument_balance(measures)
    assert balance.to_numpy().sum() == len(measures) == 25
    assert balance["little_giant"].sum() == 0  # no measure speaks of the top tier alone
    assert list(balance.index) == list(argument.INSTRUMENTS)


def test_unused_evidence_is_disjoint_from_what_measures_use() -> None:
    measures = tables.load("recommendation_measures")
    names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    figures = policy.public_figures(*(tables.load(name) for name in names))
    found = argument.unused_evidence(
        measures, tables.load("claims"), tables.load("firms"), figures,
        tables.load("policy_targets"), tables.load("policy_documents"), [ANSHAN, LIAONING],
    )  # fmt: skip
    used = {item for cell in measures["rests_on_claim_ids"] for item in split_ids(cell)}
    assert not used & set(found["claim"])
    assert not set(measures["indicator_id"].dropna()) & set(found["indicator"])
    assert {"C3-01", "C3-07"} <= set(found["claim"])  # acquisitions and invited investment
    # The recognition lists serve no measure; the framework law serves many.
    assert {"N10", "L06"} <= set(found["document"]) and not {"N29", "N06"} & set(found["document"])
    elsewhere = argument.unused_evidence(
        measures, tables.load("claims"), tables.load("firms"), figures,
        tables.load("policy_targets"), tables.load("policy_documents"), ["320500", "320000"],
    )  # fmt: skip
    assert elsewhere["firm"] == []


def test_cases_are_firms_the_study_names() -> None:
    measures = tables.load("recommendation_measures")
    firms = tables.load("firms").set_index("firm_id")
    cases = {item for cell in measures["firm_ids"] for item in split_ids(cell)}
    assert cases and firms.loc[sorted(cases), "in_study"].astype(bool).all()
