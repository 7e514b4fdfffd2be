"""The views of the policy notebooks, for the study's own place and for places with little on record."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.analysis import argument, goals, policy, priorities, tax, tier_funnel
from helpers.evidence import tables
from helpers.publish import funnel_views, policy_views, quantity_views, tax_views
from helpers.publish.figures import Record
from helpers.run.study import Parameters, Study, make_study

PLACES = {
    "anshan": ("辽宁", "鞍山", "en"), "anshan_zh": ("辽宁", "鞍山", "zh"),
    "lhasa": ("西藏", "拉萨", "en"), "suzhou_zh": ("江苏", "苏州", "zh"),
}  # fmt: skip
FIGURE_TABLES = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")


@pytest.fixture(scope="module", params=PLACES)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    province, city, language = PLACES[request.param]
    folder = tmp_path_factory.mktemp("out")
    given = Parameters(province=province, city=city, language=language, output_dir=str(folder))
    return make_study(given, "05_policy_recommendations")


class Facts:
    """What the notebooks compute before they show anything."""

    def __init__(self, study: Study) -> None:
        self.places = (study.city.place_id, study.province.place_id)
        self.measures, self.claims = study.table("recommendation_measures"), study.table("claims")
        self.documents, self.firms = study.table("policy_documents"), study.table("firms")
        self.known = policy.public_figures(*map(study.table, FIGURE_TABLES))
        self.targets = policy.all_goals(
            study.table("policy_targets"), study.table("programme_targets")
        )
        self.cells = policy.evidence_cells(
            self.measures, self.known, self.targets, self.documents, study.table("sources"),
            *self.places,
        )  # fmt: skip
        here = self.firms["place_id"].eq(self.places[0]) & self.firms["in_study"].astype(bool)
        self.local = self.firms[here]
        self.unused = argument.unused_evidence(
            self.measures, self.claims, self.firms, self.known, self.targets, self.documents,
            self.places,
        )  # fmt: skip


@pytest.fixture(scope="module")
def facts(study: Study) -> Facts:
    return Facts(study)


def texts_of(figure: object) -> str:
    axes = figure.axes  # type: ignore[attr-defined]
    labels = [label.get_text() for ax in axes for label in (*ax.get_xticklabels(), *ax.texts)]
    return "\n".join(labels)


def test_measures_show_cases_of_the_place_only(study: Study, facts: Facts) -> None:
    table, record = policy_views.measures_shown(
        study, facts.measures, facts.known, facts.targets, study.table("sources"), facts.places,
        facts.local["firm_id"].tolist(),
    )  # fmt: skip
    assert len(table) == len(facts.measures) and table.shape[1] == 11
    cases = table.iloc[:, -1].dropna()
    assert len(cases) == (facts.measures["firm_ids"].notna().sum() if study.is_original else 0)
    assert record.name == "05_measures" and record.source


def test_balance_shows_the_steps_nobody_addresses(study: Study, facts: Facts) -> None:
    figure, _, counts = policy_views.balance(study, facts.measures)
    shown = texts_of(figure)
    assert study.t("little giants (0)", "“小巨人”（0）") in shown
    assert counts.drop(columns="instrument_type").to_numpy().sum() == len(facts.measures)


def test_support_names_no_firm_of_another_place(study: Study, facts: Facts) -> None:
    figure, record, grid = policy_views.support(
        study, facts.measures, facts.unused, facts.local, facts.claims
    )
    firms = [column for column in grid if str(column).startswith("F")]
    assert set(firms) == set(facts.local["firm_id"])
    empty = [column for column in grid.columns[1:] if (grid[column] == "").all()]
    listed = {*facts.unused["claim"], *facts.unused["firm"]}
    assert set(empty) <= listed
    assert bool(empty) is study.is_original
    assert record.base.startswith(str(len(facts.measures)))
    assert len(figure.axes[0].get_xticklabels()) == grid.shape[1] - 1


def test_unused_evidence_is_listed_whole(study: Study, facts: Facts) -> None:
    tables = ("policy_targets", "recommendation_quantities", "recommendation_measures")
    named = policy.indicator_names(*map(study.table, tables))
    table, _ = policy_views.unused_shown(
        study, facts.unused, facts.firms, facts.claims, facts.documents, named
    )
    assert len(table) == sum(map(len, facts.unused.values()))
    assert table.notna().all(axis=None)
    assert table.iloc[:, 2].str.contains("[\u4e00-\u9fff]").all() or study.language == "en"


def test_every_indicator_has_a_chinese_name(facts: Facts) -> None:
    tables_with_names = (facts.measures, facts.targets, tables.load("recommendation_quantities"))
    named = policy.indicator_names(*tables_with_names)
    used = {*facts.known["indicator_id"], *facts.targets["indicator_id"]}
    assert used <= {*named, *policy_views.COUNTED_WORDS}


def test_provision_says_when(study: Study, facts: Facts) -> None:
    written = argument.study_written_after(facts.documents)
    found = argument.provision(facts.measures, facts.documents, *facts.places)
    figure, record, _ = policy_views.provision(study, facts.measures, found, facts.places, written)
    shown = texts_of(figure)
    assert "● 2017-09 N29" in shown
    assert ("○ 2025-07 A04" in shown) is study.is_original
    assert written in record.as_of


def test_documents_carry_their_links(study: Study, facts: Facts) -> None:
    table, _ = policy_views.documents_shown(study, facts.documents, study.table("document_links"))
    links = table.set_index(table.columns[0])[study.t("Links", "关系")]
    assert links["N20"] == study.t("replaces N18; replaces N25", "取代N18；取代N25")
    dates = table.set_index(table.columns[0])[study.t("Date", "日期")]
    assert dates["L01"] == study.t("in use by 2020-11", "已用于2020-11")


def test_ranks_and_their_robustness(study: Study, facts: Facts) -> None:
    weights = dict.fromkeys(priorities.CRITERIA, 1 / 3)
    cases = study.table("firm_statements")
    own = cases[cases["firm_id"].isin(facts.local["firm_id"])]
    ranked = priorities.rank(priorities.scores(facts.measures, facts.cells, own), weights)
    table, record = policy_views.ranking_shown(study, ranked, facts.measures, weights)
    assert len(table) == len(facts.measures) and table.notna().all(axis=None)
    assert study.t("gap 0.33", "缺口0.33") in record.base
    shares = priorities.top_share(ranked, steps=12)
    figure, record, _ = policy_views.robustness(study, ranked, shares, facts.measures, 5)
    drawn = (shares["most"] > 0).sum()
    assert len(figure.axes[0].get_yticklabels()) == drawn
    assert str(len(shares) - drawn) in record.base
    assert "05_evidence_sources" in record.source  # not the study alone


def test_the_coding_is_shown_with_its_ends(study: Study) -> None:
    ranges = pd.DataFrame({
        "measure_id": ["R1M1", "R1M2", "R1M3"], "least": [0.4, 0.0, 0.9], "most": [0.5, 0.0, 0.9],
        "lowest": [0.4, 0.0, 0.2], "highest": [0.5, 0.0, 0.9],
        "lowest_without": [None, None, "N29"], "highest_without": [None, None, None],
    })  # fmt: skip
    table, record = policy_views.coding_shown(study, ranges, 5)
    assert table.iloc[:, 0].tolist() == ["R1M3", "R1M1"]  # widest first, never-first left out
    assert table.iloc[0].tolist()[1:4] == ["90", study.t("20–90", "20—90"), "N29"]
    assert "2" in record.base and "3" in record.base


def test_a_goal_moves_only_where_there_is_one(study: Study, facts: Facts) -> None:
    wanted = policy.goals_by_reference(facts.targets, facts.known, facts.places[0])
    found = goals.paths(wanted, facts.known, facts.places[1], range(3))
    assert bool(len(found)) is study.is_original
    if found.empty:
        return
    assert sorted(set(found["year"])) == [2022, 2023, 2024]
    assert set(found.loc[found["year"] == 2022, "firms"]) == {2386}
    assert found["growth"].drop_duplicates().tolist() == ["none", "province", "reference"]
    assert found.loc[found["growth"] == "none", "firms"].tolist() == [2386] * 3
    figure, record, frame = quantity_views.moving_goal(study, found, facts.places[0])
    assert "2,386" in texts_of(figure) and record.source
    assert study.t("Technology-based SMEs, registered", "科技型中小企业（注册）") in record.unit
    assert frame.columns[1] == study.t("no growth", "不增长")
    assert study.t("≥ 8.1 %/yr, Liaoning to", "年增≥8.1%（辽宁，至") in frame.columns[2]


def test_a_goal_on_the_evaluated_count_is_labelled_so(study: Study, facts: Facts) -> None:
    """Synthetic: a later evaluated count of the reference place."""
    if not study.is_original:
        return
    added = facts.known.iloc[[0]].assign(
        place_id="210100", indicator_id="tech_sme_evaluated", value=4000.0, comparison="equal",
        as_of="2023-12-31",
    )  # fmt: skip
    known = pd.concat([facts.known, added], ignore_index=True)
    wanted = policy.goals_by_reference(facts.targets, known, facts.places[0])
    found = goals.paths(wanted, known, facts.places[1], range(3))
    _, record, frame = quantity_views.moving_goal(study, found, facts.places[0])
    assert study.t("evaluated", "入库") in record.unit and "registered" not in record.unit
    assert frame.iloc[0, 1:].eq(1000).all()


def test_rules_and_effects_as_tables(study: Study) -> None:
    rules = study.table("tax_rules")
    table, _ = tax_views.rules_shown(study, rules)
    values = table.set_index(table.columns[0])[study.t("Value", "数值")]
    assert (values["TR02"], values["TR16"], values["TR21"]) == (
        study.t("15 %", "15%"), study.t("2.5 %", "2.5%"), "10",
    )  # fmt: skip
    effects = tax.effects_table({"x": tax.Firm(2023, 100, 6, -2)}, rules)
    table, _ = tax_views.effects_shown(study, effects)
    assert table.iloc[0, 0] == "x"  # a user's own firm keeps its name
    named = tax_views.effects_shown(study, effects.assign(name="plain"))[0]
    assert named.iloc[0, 0] == study.t("plain", "普通")
    assert table[study.t("All together save", "合计节税")].tolist() == [0.0]
    assert table[study.t("Added to loss", "增加结转亏损")].tolist() == [6.0]
    assert table[study.t("Year", "年度")].tolist() == ["2023"]


def test_deduction_is_drawn_for_every_kind(study: Study) -> None:
    rules = study.table("tax_rules")
    paths = tax.rate_paths(rules, list(tax_views.LINES), range(2017, 2028))
    profits = tax.savings_by_profit(rules, 2023, 4.0, range(-2, 8), ("manufacturing",))
    assert profits.loc[profits["profit_m_cny"] <= 0, "saved_25"].eq(0).all()
    figure, record, _ = tax_views.deduction(study, paths, profits, rules["source_id"])
    assert len(figure.axes[0].lines) == len(tax_views.LINES)
    assert study.t("loss", "亏损") in record.note
    assert str(max(tax_views.SHIFTS.values())) in record.note  # lines are set apart, and it says so


def test_a_net_loss_bounds_no_saving(study: Study) -> None:
    found = tax.public_ceilings(study.table("firm_financials"), study.table("tax_rules"))
    lost = found[found["net_profit_m_cny"] <= 0]
    assert len(lost) > 0 and lost["most_saved_m_cny"].isna().all()
    known = found.dropna(subset=["most_saved_m_cny"])
    assert (known["most_saved_m_cny"] <= 0.25 * known["extra_m_cny"] + 1e-6).all()
    table, _ = tax_views.ceiling_shown(study, found, study.table("firms"), "210300")
    assert table.iloc[:, 0].notna().all()
    assert len(table) == len(found)


def test_versions_of_a_published_figure_stand_side_by_side(study: Study) -> None:
    """Synthetic: two versions of the R&D and of the profit of one year."""
    cells = [("rd_expense", 10.0, "a"), ("rd_expense", 12.0, "b"), ("net_profit", 5.0, "a"),
             ("net_profit", -1.0, "b"), ("rd_expense", 10.0, "c")]  # fmt: skip
    rows = pd.DataFrame(cells, columns=["metric", "value", "source_id"])
    found = tax.public_ceilings(
        rows.assign(firm_id="X", period="2023", unit="m_cny"), study.table("tax_rules")
    )
    assert found["rd_m_cny"].tolist() == [10, 10, 12, 12]
    assert found["most_saved_m_cny"].fillna(-1).tolist() == [-1, 2.5, -1, 3]
    assert found["source_id"].tolist() == ["a;c;b", "a;c", "b", "b;a"]


def test_the_funnel_is_drawn_from_what_is_on_record(study: Study, facts: Facts) -> None:
    ratios = tier_funnel.step_ratios(facts.known, facts.targets, study.table("ratio_caveats"))
    spans = tier_funnel.ratio_ranges(ratios)
    figure, record, _ = funnel_views.ratios(study, ratios)
    assert ratios[f"caveat_{study.language}"].dropna().iloc[0] in record.note
    marks = {line.get_marker() for line in figure.axes[0].lines}
    assert "x" in marks  # in no range
    hollow = [line for line in figure.axes[0].lines if line.get_markerfacecolor() == "white"]
    assert len(hollow) == 1 and hollow[0].get_xdata()[0] == 12_000 / 98_000
    assert len(figure.axes[0].get_yticklabels()) == len(ratios)
    table = tier_funnel.scenarios((10, 20), spans)
    shown, _ = funnel_views.scenarios_shown(study, table)
    assert shown.notna().all(axis=None)
    figure, _, _ = funnel_views.ranges(study, table)
    assert f"{table['most'].max():,}" in texts_of(figure)
    swing = tier_funnel.sensitivity(20, 0, spans, (0.57, 0.68, 0.83), (2024, 2027))
    figure, record, _ = funnel_views.tornado(study, swing, 20)
    assert f"{int(swing['middle'].iloc[0]):,}" in record.base


def test_credit_is_quoted_where_it_is_on_record(study: Study) -> None:
    quantities = study.table("recommendation_quantities")
    figure, record, rows = quantity_views.credit(study, quantities, "210000")
    assert rows["value"].tolist() == sorted(rows["value"], reverse=True)
    assert len(rows) == len(quantity_views.CREDIT)
    assert "2022-10" in record.period and study.t("82.9 %", "82.9%") in texts_of(figure)


def figure_records(study: Study, facts: Facts) -> list[Record]:
    """Records of every figure of the two notebooks that the place has."""
    here, region = facts.places
    written = argument.study_written_after(facts.documents)
    found = argument.provision(facts.measures, facts.documents, here, region)
    weights = dict.fromkeys(priorities.CRITERIA, 1 / 3)
    scored = priorities.scores(facts.measures, facts.cells, study.table("firm_statements"))
    ranked, shares = priorities.rank(scored, weights), priorities.top_share(scored, steps=12)
    wanted = policy.goals_by_reference(facts.targets, facts.known, here)
    bars = policy.goal_bars(wanted, facts.known, study.table("population"), here, region)
    rules, quantities = study.table("tax_rules"), study.table("recommendation_quantities")
    ratios = tier_funnel.step_ratios(facts.known, facts.targets, study.table("ratio_caveats"))
    spans = tier_funnel.ratio_ranges(ratios)
    swing = tier_funnel.sensitivity(20, 0, spans, (0.57, 0.68, 0.83), (2024, 2027))
    drawn: list[tuple[Any, ...]] = [
        (policy_views.evidence, facts.measures, facts.cells, facts.places),
        (policy_views.balance, facts.measures),
        (policy_views.support, facts.measures, facts.unused, facts.local, facts.claims),
        (policy_views.provision, facts.measures, found, facts.places, written),
        (policy_views.robustness, ranked, shares, facts.measures, 5),
        (quantity_views.credit, quantities, "210000"),
        (quantity_views.funds, quantities, study.table("sources"), here),
        (tax_views.deduction, tax.rate_paths(rules, list(tax_views.LINES), range(2017, 2028)),
         tax.savings_by_profit(rules, 2023, 4.0, range(-2, 8), ("manufacturing",)), "T-S01"),
        (funnel_views.ratios, ratios),
        (funnel_views.ranges, tier_funnel.scenarios((10, 20), spans)),
        (funnel_views.tornado, swing, 20),
    ]  # fmt: skip
    if len(wanted):
        paths = goals.paths(wanted, facts.known, region, range(3))
        drawn += [(quantity_views.moving_goal, paths, here)]
        drawn += [(quantity_views.goal_density, bars, wanted, here)]
    return [view(study, *arguments)[1] for view, *arguments in drawn]


def numbers(text: str) -> list[str]:
    """Numbers in a text, in order of size; multiples that Chinese says in one word left out."""
    plain = re.sub(r"per 10,000|100 million yuan", "", text)
    return sorted(re.findall(r"\d[\d,.]*\d|\d", plain))


def test_every_figure_is_told_in_words_alike_in_both_languages(study: Study, facts: Facts) -> None:
    english = figure_records(study.told_in("en"), facts)
    chinese = figure_records(study.told_in("zh"), facts)
    assert len(english) == (13 if study.is_original else 11)
    for one, other in zip(english, chinese, strict=True):
        assert one.name == other.name and len(one.alt) > 60
        assert numbers(one.alt) == numbers(other.alt), one.name
        assert not re.search("[\u4e00-\u9fff]", one.alt), one.alt
        words = re.sub(r"\b[A-Z]\w*\b|R&D|SRDI", "", other.alt)
        assert not re.search("[a-z]{3,}", words), other.alt


def test_a_users_rule_moves_the_calculator(tmp_path: Path) -> None:
    """Synthetic: a made-up rule in a user's own table."""
    header = ",".join(tables.schemas()["tax_rules"].columns)
    row = "X1,super_deduction,manufacturing,150,,,,2026-01-01,,x,x,,,false,STUDY,made up"
    (tmp_path / "tax_rules.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    own = make_study(Parameters(data_dir=str(tmp_path), output_dir=str(tmp_path / "out")))
    rates = tax.deduction_rates(own.table("tax_rules"), ("manufacturing",), 2026)
    assert set(rates) == {1.5}
