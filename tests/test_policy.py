"""Recommendations, goals and what is public on them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis import policy
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.tables import split_ids
from helpers.publish import policy_views, quantity_views, quantity_words
from helpers.publish.teller import Teller

ANSHAN, SHENYANG, DALIAN, LIAONING = "210300", "210100", "210200", "210000"
FIGURE_TABLES = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return policy.public_figures(*(tables.load(name) for name in FIGURE_TABLES))


@pytest.fixture(scope="module")
def sources() -> pd.DataFrame:
    return tables.load("sources")


def cells_of(figures: pd.DataFrame, city: str, province: str) -> pd.DataFrame:
    return policy.evidence_cells(
        tables.load("recommendation_measures"), figures, tables.load("policy_targets"),
        tables.load("policy_documents"), tables.load("sources"), city, province,
    )  # fmt: skip


def figure(place: str, value: float, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "place_id": place, "indicator_id": "tech_sme_registered", "value": value,
        "comparison": "equal", "unit": "firms", "unit_zh": "家", "as_of": "2022-12-24",
        "source_id": "L-S20",
    }  # fmt: skip
    return row | changes


# ---------------------------------------------------------------- data


def test_the_two_counts_of_technology_smes_are_two_indicators_everywhere() -> None:
    targets = tables.load("policy_targets")
    own = targets[targets["comparison"] == "fraction_of"]
    assert set(own["indicator_id"]) == {"tech_sme_registered", "tech_sme_evaluated"}
    assert set(own["place_id"]) == {ANSHAN}
    assert set(own["source_id"]) == {policy.OWN_SOURCE}


def test_an_indicator_has_one_name_in_all_tables() -> None:
    names = ("policy_targets", "recommendation_measures", "recommendation_quantities")
    columns = ["indicator_id", "indicator_en", "indicator_zh"]
    every = pd.concat([tables.load(name)[columns] for name in names]).dropna()
    assert every.drop_duplicates()["indicator_id"].is_unique


def test_counts_of_firms_are_not_repeated_in_the_quantities() -> None:
    quantities = tables.load("recommendation_quantities").dropna(subset=["value", "place_id"])
    quantities = quantities[quantities["part_en"].isna()]
    counted = pd.concat([tables.load("city_counts"), tables.load("province_series")])
    pairs = set(zip(counted["place_id"], counted["indicator_id"], strict=True))
    assert not pairs & set(zip(quantities["place_id"], quantities["indicator_id"], strict=True))


def test_fraction_and_reference_place_go_together() -> None:
    targets = tables.load("policy_targets")
    assert (targets["reference_place_id"].notna() == (targets["comparison"] == "fraction_of")).all()


def test_recommendations_and_their_measures_are_complete() -> None:
    measures = tables.load("recommendation_measures")
    assert set(measures["recommendation_id"]) == {f"R{n}" for n in range(1, 7)}
    assert measures["measure_id"].str[:2].eq(measures["recommendation_id"]).all()
    claims = tables.load("recommendations").set_index("recommendation_id")["claim_id"]
    behind = policy.claims_behind(measures, tables.load("claims"))
    assert behind["kind"].notna().all()
    circular = behind["claim_id"].to_numpy() == behind["recommendation_id"].map(claims).to_numpy()
    assert not circular.any(), "a measure may not rest on the recommendation it belongs to"


def test_the_first_document_with_three_tiers_is_of_2022() -> None:
    documents = tables.load("policy_documents")
    tiers = {tier for cell in documents["tiers_set"] for tier in split_ids(cell)}
    assert tiers == {"innovative_sme", "srdi_sme", "little_giant"}
    national = documents[(documents["level"] == "national") & (documents["role"] == "sets_tiers")]
    three = national[national["tiers_set"].map(split_ids).map(len) == 3]
    assert three["issued"].min() == "2022-06-01"
    assert documents.loc[documents["defines_four_words"].astype(bool), "doc_id"].tolist() == ["N02"]


def test_unknown_dates_stay_blank_and_say_so() -> None:
    documents = tables.load("policy_documents").set_index("doc_id")
    undated = documents.loc[["L01", "L02"]]
    assert undated["issued"].isna().all()
    assert undated["note_en"].str.contains("not found").all()


# ---------------------------------------------------------------- goals


def test_a_quarter_of_shenyang(figures: pd.DataFrame) -> None:
    goals = policy.goals_by_reference(tables.load("policy_targets"), figures, ANSHAN)
    by_reading = goals.set_index("indicator_id")
    registered = by_reading.loc["tech_sme_registered"]
    assert registered["share"] == Fraction(1, 4)
    assert registered["reference_count"] == 9543
    assert registered["exact"] == 2385.75
    assert registered["firms_needed"] == 2386
    evaluated = by_reading.loc["tech_sme_evaluated"]
    assert evaluated[["reference_count", "exact", "firms_needed"]].isna().all()
    assert goals["own_count"].isna().all()
    assert policy.below_goal(goals) is None


def test_every_count_of_the_reference_place_gives_a_goal(figures: pd.DataFrame) -> None:
    more = pd.DataFrame([figure(SHENYANG, 10_001, as_of="2023-12"), figure(ANSHAN, 2500)])
    targets = tables.load("policy_targets")
    goals = policy.goals_by_reference(targets, pd.concat([figures, more]), ANSHAN)
    goals = goals[goals["indicator_id"] == "tech_sme_registered"]
    assert goals["firms_needed"].tolist() == [2386, 2501]
    assert goals["own_count"].tolist() == [2500, 2500]
    assert policy.below_goal(goals) is True
    assert policy.below_goal(goals.head(1)) is False


def test_a_limit_is_no_reference_count() -> None:
    bound = pd.DataFrame([figure(SHENYANG, 9000, comparison="more_than")])
    goals = policy.goals_by_reference(tables.load("policy_targets"), bound, ANSHAN)
    assert goals["firms_needed"].isna().all()
    assert len(goals) == 2


def test_a_place_without_fractional_goals_has_none(figures: pd.DataFrame) -> None:
    goals = policy.goals_by_reference(tables.load("policy_targets"), figures, "320500")
    assert goals.empty
    assert "firms_needed" in goals
    bars = policy.goal_bars(goals, figures, tables.load("population"), "320500", "320000")
    assert bars.empty


@given(st.fractions(0, 1, max_denominator=100).filter(bool), st.integers(0, 10**6))
def test_least_count_is_the_smallest_that_reaches_the_share(share: Fraction, count: int) -> None:
    least = policy.least_count(share, count)
    assert least >= share * count
    assert least - 1 < share * count


@pytest.mark.parametrize("value", [0.0, -0.25, 1.5, 25.0])
def test_a_share_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(InputError, match=r"target_value .* Give a number above 0"):
        policy.exact_share(value)


def test_the_three_numbers_of_shenyang_do_not_fit(figures: pd.DataFrame) -> None:
    check = policy.growth_check(figures, SHENYANG, "tech_sme_registered")
    assert check is not None
    assert check["reported_level"] == 9543
    assert check["growth_pct"] == pytest.approx(100 * 2376 / 7167)
    assert abs(check["growth_pct"] - check["reported_growth_pct"]) > 3
    assert policy.growth_check(figures, ANSHAN, "tech_sme_registered") is None


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_numbers_that_fit_are_confirmed(base: int, added: int) -> None:
    level, growth = base + added, 100 * added / base
    implied = policy.reconcile_growth(level, added, growth)
    assert implied["level"] == pytest.approx(level)
    assert implied["added"] == pytest.approx(added)
    assert implied["growth_pct"] == pytest.approx(growth)


@pytest.mark.parametrize(("level", "added", "growth"), [(10, 10, 5), (10, 0, 5), (10, 2, 0)])
def test_growth_without_a_base_is_refused(level: int, added: int, growth: float) -> None:
    with pytest.raises(InputError, match="leave no base"):
        policy.reconcile_growth(level, added, growth)


def test_goal_bars_hold_counts_and_goal_per_resident(figures: pd.DataFrame) -> None:
    goals = policy.goals_by_reference(tables.load("policy_targets"), figures, ANSHAN)
    bars = policy.goal_bars(goals, figures, tables.load("population"), ANSHAN, LIAONING)
    assert bars["density"].is_monotonic_decreasing
    goal = bars[bars["is_goal"]].iloc[0]
    assert goal["place_id"] == ANSHAN
    assert goal["density"] == pytest.approx(2386 / 328.2)
    others = bars[~bars["is_goal"]].set_index("place_id")
    assert set(others.index) == {SHENYANG, LIAONING} and len(others) == 2
    assert others.loc[LIAONING, "as_of"] == "2023-06-30"  # not June 2021, 18 months away
    assert others["months"].to_dict() == {SHENYANG: 0, LIAONING: 6}


def test_the_province_is_taken_at_the_date_nearest_to_the_reference(figures: pd.DataFrame) -> None:
    rows = [figure(LIAONING, 25_000, as_of="2022-10"), figure(LIAONING, 26_000, as_of=None)]
    more = pd.concat([figures, pd.DataFrame(rows)])
    goals = policy.goals_by_reference(tables.load("policy_targets"), figures, ANSHAN)
    bars = policy.goal_bars(goals, more, tables.load("population"), ANSHAN, LIAONING)
    chosen = bars[bars["place_id"] == LIAONING]
    assert chosen[["as_of", "months"]].to_numpy().tolist() == [["2022-10", 2]]


def test_the_ministrys_goals_join_those_on_record_once() -> None:
    goals = policy.all_goals(tables.load("policy_targets"), tables.load("programme_targets"))
    nation = goals[goals["place_id"].isna()].set_index("indicator_id")["target_value"]
    assert nation.to_dict() == {
        "innovative_sme": 1_000_000, "srdi_sme": 100_000, "little_giant": 10_000,
        "single_champion": 1_000,
    }  # fmt: skip
    assert goals["target_id"].is_unique
    again = policy.all_goals(goals, tables.load("programme_targets"))
    assert len(again) == len(goals)


def test_two_counts_stand_side_by_side_without_a_ratio(
    figures: pd.DataFrame, teller: Callable[..., Teller]
) -> None:
    line = quantity_words.two_counts(teller("en"), figures, LIAONING)
    assert "5,900 evaluated (first half of 2023); 29,551 registered" in line
    chinese = quantity_words.two_counts(teller("zh"), figures, LIAONING)
    assert "评价入库5,900家（2023年上半年）；注册29,551家" in chinese
    assert "%" not in line + chinese
    assert "place 320000 are not both" in quantity_words.two_counts(teller(), figures, "320000")


def test_a_first_phase_is_a_part_of_its_fund() -> None:
    funds = quantity_views.fund_rows(tables.load("recommendation_quantities"), ANSHAN)
    assert "angel_fund_first_phase" not in set(funds["indicator_id"])
    assert not funds.duplicated(["place_id", "indicator_id"]).any()
    assert (funds["part"].dropna() <= funds.loc[funds["part"].notna(), "value"]).all()
    assert funds.set_index("place_id").loc[SHENYANG, "part"] == 20


def test_no_document_that_ended_before_the_study_provides_for_the_quarter() -> None:
    documents = tables.load("policy_documents")
    serving = documents[documents["measure_ids"].map(split_ids).map(lambda ids: "R1M4" in ids)]
    # An evaluation of technology firms sets no goal for their number.
    assert serving.empty


def test_documents_that_set_numbers_or_a_gradient_serve_those_measures() -> None:
    served = tables.load("policy_documents").set_index("doc_id")["measure_ids"].map(split_ids)
    assert "R1M1" in served["N06"]  # to bring up about 10,000 firms
    assert "R1M3" in served["N70"]  # a gradient from SRDI SME to little giant


def test_amounts_from_a_damaged_copy_say_so() -> None:
    for name in ("policy_documents", "recommendation_quantities"):
        rows = tables.load(name)
        assert rows.loc[rows["source_id"] == "L-S78", "note_en"].str.contains("lost char").all()


def test_densities_rest_on_the_latest_population() -> None:
    dates = {"2023-12-31": 20.0, "2010-11-01": 5.0, "2020-11-01": 10.0}
    people = pd.DataFrame(
        [{"place_id": ANSHAN, "as_of": as_of, "residents_10k_persons": n, "source_id": "X"}
         for as_of, n in dates.items()]
    )  # fmt: skip
    rates = policy.per_10k_residents(
        pd.DataFrame([figure(ANSHAN, 100)]), people, "tech_sme_registered"
    )
    assert rates[["density", "population_as_of"]].values.tolist() == [[5.0, "2023-12-31"]]


def test_weak_point_needs_one_date_for_both() -> None:
    people = tables.load("population")
    rows = [figure(LIAONING, 29_551), figure(ANSHAN, 1000, as_of="2023-06-30")]

    def judged(rows: list[dict[str, object]]) -> bool | None:
        rates = policy.per_10k_residents(pd.DataFrame(rows), people, "tech_sme_registered")
        return policy.weaker_than_province(rates, ANSHAN, LIAONING)

    assert judged(rows) is None
    assert judged([*rows, figure(ANSHAN, 1000)]) is True
    assert judged([*rows, figure(ANSHAN, 3000)]) is False


def test_progress_is_measured_by_a_stock_and_keeps_limits(
    figures: pd.DataFrame, sources: pd.DataFrame, teller: Callable[..., Teller]
) -> None:
    table = policy.goal_progress(tables.load("policy_targets"), figures, sources, [DALIAN])
    dalian = table[table["place_id"] == DALIAN].iloc[0]
    assert (dalian["target_value"], dalian["value"]) == (100, 74)  # not batch 5 alone, 12
    nation = table[(table["place_id"] == policy.NATION)].set_index("indicator_id")
    assert nation.loc["little_giant", "figure_comparison"] == "more_than"
    assert not (table["comparison"] == "fraction_of").any()
    shown = quantity_views.progress_table(teller("en"), table, sources)
    assert shown["Reached (%)"].iloc[0] == "74.0"


# ---------------------------------------------------------------- evidence


def test_level_of_a_part_is_elsewhere(figures: pd.DataFrame) -> None:
    zones = figures[figures["place_id"] == policy.PART]
    assert len(zones) > 0
    assert policy.level_of(policy.PART, DALIAN, LIAONING) == "elsewhere"
    cells = cells_of(figures, DALIAN, LIAONING)
    reward = cells[(cells["measure_id"] == "R6M1") & (cells["level"] == "city")]
    assert reward.empty  # the zone's rewards are not the city's


def test_the_studys_own_goal_does_not_support_it(figures: pd.DataFrame) -> None:
    cells = cells_of(figures, ANSHAN, LIAONING)
    assert cells[(cells["measure_id"] == "R1M4") & (cells["kind"] == "goal")].empty


def test_cells_are_unique_and_graded(figures: pd.DataFrame) -> None:
    cells = cells_of(figures, ANSHAN, LIAONING)
    assert not cells.duplicated(["measure_id", "kind", "level"]).any()
    assert set(cells["grade"]) <= {"A", "B", "C"}
    assert set(cells["level"]) <= set(policy.LEVELS)
    grid = policy_views.evidence_grid(tables.load("recommendation_measures"), cells)
    assert grid.shape == (25, len(policy.KINDS) * len(policy.LEVELS))
    assert (grid != "").to_numpy().sum() == len(cells)


def test_a_place_of_another_province_gets_nothing_of_liaoning(figures: pd.DataFrame) -> None:
    cells = cells_of(figures, "320500", "320000")
    assert set(cells["level"]) == {"nation", "elsewhere"}


def test_own_figures_raise_the_documentation(figures: pd.DataFrame) -> None:
    cells = cells_of(figures, ANSHAN, LIAONING)
    assert policy.documentation_of(cells, ["R1M4"]) == "partly"
    richer = cells_of(pd.concat([figures, pd.DataFrame([figure(ANSHAN, 1000)])]), ANSHAN, LIAONING)
    assert policy.documentation_of(richer, ["R1M4"]) == "partly"  # no document of the city
    paper = {"measure_id": "R1M4", "kind": "document", "level": "city"}
    richer = pd.concat([richer, pd.DataFrame([paper])])
    assert policy.documentation_of(richer, ["R1M4"]) == "documented"
    assert policy.documentation_of(cells, ["R4M3"]) == "undocumented"
    elsewhere = cells.assign(level="elsewhere")
    assert policy.documentation_of(elsewhere, ["R1M4"]) == "undocumented"


def test_a_later_figure_of_a_weaker_source_is_told_beside_the_better_one(
    figures: pd.DataFrame, sources: pd.DataFrame
) -> None:
    suzhou = policy.best_figure(figures, sources, "little_giant", "320500")
    assert suzhou is not None and suzhou["value"] == 401
    assert policy.figure_text(suzhou) == "401 firms (2023-07, B; later 595, 2025-03-31, C)"
    assert policy.figure_text(suzhou, "zh") == "401家（2023-07，B；较新：595，2025-03-31，C）"
    tieling = policy.best_figure(figures, sources, "little_giant", "211200")
    assert tieling is not None and tieling["later"] is None


def test_a_weak_source_yields_to_an_older_better_one(
    figures: pd.DataFrame, sources: pd.DataFrame
) -> None:
    found = policy.best_figure(figures, sources, "tech_sme_registered", LIAONING)
    assert found is not None
    assert (found["value"], found["grade"]) == (29_551, "B")
    assert policy.best_figure(figures, sources, "tech_sme_registered", ANSHAN) is None


def test_measure_table_says_where_the_city_has_no_figure(
    figures: pd.DataFrame, sources: pd.DataFrame, teller: Callable[..., Teller]
) -> None:
    measures = tables.load("recommendation_measures")
    targets = tables.load("policy_targets")
    for language in ("en", "zh"):
        table = policy_views.measure_table(
            teller(language), measures, figures, targets, sources, (ANSHAN, LIAONING)
        )
        assert len(table) == len(measures)
        absent = {"en": "none on record", "zh": "未查得"}[language]
        row = table[table.iloc[:, 0] == "R1M4"].iloc[0]
        assert absent in row.iloc[7]
        assert "1/4" in row.iloc[8]
        own = table[table.iloc[:, 0] == "R6M5"].iloc[0]
        assert absent not in own.iloc[7]
        assert "495" in own.iloc[7]


def test_counts_of_single_claims() -> None:
    pairs = policy.claims_behind(tables.load("recommendation_measures"), tables.load("claims"))
    alone = policy.resting_on_one(pairs)
    assert alone.is_monotonic_decreasing
    assert alone.sum() == (pairs.groupby("measure_id").size() == 1).sum()


def test_quantities_without_value_have_no_grade(
    sources: pd.DataFrame, teller: Callable[..., Teller]
) -> None:
    quantities = tables.load("recommendation_quantities")
    rows = quantity_views.quantity_rows(teller("en"), quantities, sources)
    assert rows["grade"].isna().equals(rows["value"].isna())
    assert rows["shown"].isna().equals(rows["value"].isna())
    zone = rows.loc[rows["part_en"].notna(), "place"].iloc[0]
    assert zone == "place 210200: Dalian High-tech Zone"


def test_a_note_on_a_quantity_is_told_in_both_languages() -> None:
    rows = tables.load("recommendation_quantities")
    assert rows["note_en"].isna().equals(rows["note_zh"].isna())
