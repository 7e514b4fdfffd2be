"""The tax calculator against cases worked by hand from the rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis import tax
from helpers.analysis.tax import Firm
from helpers.errors import InputError
from helpers.evidence import tables

MAKER, SME, CHIP, SHOP = (
    "manufacturing",
    "technology_sme",
    "ic_or_machine_tool",
    "excluded_industry",
)


@pytest.fixture(scope="module")
def rules() -> pd.DataFrame:
    return tables.load("tax_rules")


def firm(year: int, rd: float, profit: float, **more: object) -> Firm:
    return Firm(year, 100.0, rd, profit, **more)  # type: ignore[arg-type]


# Each line: the firm, the extra deduction and the tax, worked by hand in million yuan.
# "10 - 4 = 6; 25 % = 1.5" stands for profit less extra deduction, and the tax on what is left.
WORKED = [
    # The general rate: 50 % to 2017, 75 % from 2018, 100 % from 2023.
    (firm(2008, 8, 10), 4.0, 1.5),  # first year of the law: 10 - 4 = 6; 25 %
    (firm(2017, 8, 10), 4.0, 1.5),  # 50 % of 8
    (firm(2018, 8, 10), 6.0, 1.0),  # 75 % of 8; 10 - 6 = 4; 25 %
    (firm(2020, 8, 10), 6.0, 1.0),
    (firm(2021, 8, 10), 6.0, 1.0),  # not a manufacturer: still 75 %
    (firm(2023, 8, 10), 8.0, 0.5),  # 100 %; 10 - 8 = 2
    (firm(2027, 8, 10), 8.0, 0.5),
    # The last quarter of 2022: 75 % for nine months, 100 % for three.
    (firm(2022, 8, 10), 6.5, 0.875),  # 8 * (9 * 0.75 + 3) / 12 = 6.5; 3.5; 25 %
    (firm(2022, 8, 10, rd_last_quarter_m_cny=4), 7.0, 0.75),  # 4 * 0.75 + 4 = 7
    (firm(2022, 8, 10, rd_last_quarter_m_cny=1), 6.5, 0.875),  # as incurred 6.25: by months is better
    (firm(2022, 8, 10, months=6), 7.0, 0.75),  # opened in July: 3 of 6 months at 100 %
    (firm(2022, 8, 10, months=3), 8.0, 0.5),  # opened in October: all at 100 %
    (firm(2022, 8, 10, months=1), 8.0, 0.5),
    # Manufacturers: 100 % from 2021.
    (firm(2020, 8, 10, kinds=[MAKER]), 6.0, 1.0),
    (firm(2021, 8, 10, kinds=[MAKER]), 8.0, 0.5),
    (firm(2022, 8, 10, kinds=[MAKER]), 8.0, 0.5),
    (firm(2022, 8, 10, kinds=[MAKER], rd_last_quarter_m_cny=4), 8.0, 0.5),
    # Technology-based SMEs: 75 % from 2017, 100 % from 2022.
    (firm(2016, 8, 10, kinds=[SME]), 4.0, 1.5),
    (firm(2017, 8, 10, kinds=[SME]), 6.0, 1.0),
    (firm(2021, 8, 10, kinds=[SME]), 6.0, 1.0),
    (firm(2022, 8, 10, kinds=[SME]), 8.0, 0.5),
    (firm(2021, 8, 10, kinds=[SME, MAKER]), 8.0, 0.5),  # of two rates the better
    # Integrated circuits and machine tools: 120 % for 2023 to 2027.
    (firm(2022, 5, 10, kinds=[CHIP]), 4.0625, 1.484375),  # the general rule of 2022: 81.25 %
    (firm(2023, 5, 10, kinds=[CHIP]), 6.0, 1.0),
    (firm(2027, 5, 10, kinds=[CHIP, MAKER]), 6.0, 1.0),
    # Excluded industries have no extra deduction, whatever else they are.
    (firm(2023, 8, 10, kinds=[SHOP]), 0.0, 2.5),
    (firm(2023, 8, 10, kinds=[SHOP, SME]), 0.0, 2.5),
    # The reduced rate of 15 %.
    (firm(2023, 0, 10, high_tech=True), 0.0, 1.5),
    (firm(2023, 8, 10, high_tech=True), 8.0, 0.3),  # 2 at 15 %
    (firm(2008, 8, 10, high_tech=True), 4.0, 0.9),  # 6 at 15 %
    # Losses: no tax this year, the deduction adds to the loss.
    (firm(2023, 8, 8), 8.0, 0.0),  # profit used up to the yuan
    (firm(2023, 8, 5), 8.0, 0.0),
    (firm(2023, 8, -5), 8.0, 0.0),
    (firm(2023, 0, 0), 0.0, 0.0),
    # Technology transfer: 5 million free, half the tax above.
    (firm(2023, 0, 10, transfer_income_m_cny=4), 0.0, 1.5),  # 6 at 25 %
    (firm(2023, 0, 10, transfer_income_m_cny=5), 0.0, 1.25),
    (firm(2023, 0, 10, transfer_income_m_cny=7), 0.0, 1.0),  # 3 at 25 %, 2 at 12.5 %
    (firm(2023, 0, 10, transfer_income_m_cny=10), 0.0, 0.625),  # 5 at 12.5 %
    (firm(2023, 0, 10, transfer_income_m_cny=7, high_tech=True), 0.0, 0.7),  # 3 at 15, 2 at 12.5 %
    (firm(2023, 0, 4, transfer_income_m_cny=7), 0.0, 0.0),  # other business lost 3
    (firm(2023, 3, 10, transfer_income_m_cny=7), 3.0, 0.25),  # 10 - 3 - 6 = 1, all of it halved: 25 %
    # Small low-profit firms: income to 3 million, rates by band and year.
    (firm(2019, 0, 1, small=True), 0.0, 0.05),
    (firm(2019, 0, 3, small=True), 0.0, 0.25),  # 0.05 + 2 at 10 %
    (firm(2021, 0, 3, small=True), 0.0, 0.225),  # 0.025 + 0.2
    (firm(2022, 0, 3, small=True), 0.0, 0.125),  # 0.025 + 2 at 5 %
    (firm(2023, 0, 3, small=True), 0.0, 0.15),
    (firm(2025, 0, 3, small=True), 0.0, 0.15),
    (firm(2027, 0, 1, small=True), 0.0, 0.05),
    (firm(2023, 0, 3.01, small=True), 0.0, 0.7525),  # above the limit: 25 % of everything
    (firm(2023, 1, 4, small=True), 1.0, 0.15),  # the deduction brings it down to the limit
    (firm(2023, 0, 3.01, small=True, high_tech=True), 0.0, 0.4515),
    (firm(2023, 0, 2, small=True, high_tech=True), 0.0, 0.1),  # of two rates the better
    # Small firms that sell technology: the limit is one of all taxable income.
    (firm(2023, 0, 10, transfer_income_m_cny=9, small=True), 0.0, 0.55),  # 1 at 5 %, 2 at 25 %
    (firm(2023, 0, 11, transfer_income_m_cny=9, small=True), 0.0, 1.0),  # 4: above the limit
    (firm(2022, 0, 6.5, transfer_income_m_cny=6, small=True), 0.0, 0.1375),  # one band: 0.5 at 2.5 %
    (firm(2022, 0, 8, transfer_income_m_cny=8, small=True), 0.0, 0.375),  # all of it halved
    (firm(2022, 0, 7, transfer_income_m_cny=5, small=True), 0.0, 0.075),  # nothing halved
]  # fmt: skip


@pytest.mark.parametrize(("case", "extra", "due"), WORKED)
def test_worked_by_hand(case: Firm, extra: float, due: float, rules: pd.DataFrame) -> None:
    found = tax.tax_due(case, rules)
    assert found.extra_deduction_m_cny == pytest.approx(extra)
    assert found.tax_m_cny == pytest.approx(due)


def test_there_are_at_least_thirty_and_they_reach_the_edges() -> None:
    years = {case.year for case, _, _ in WORKED}
    assert len(WORKED) >= 30
    assert {2008, 2017, 2018, 2020, 2021, 2022, 2023, 2027} <= years


def test_a_loss_year_saves_nothing_and_adds_to_the_loss(rules: pd.DataFrame) -> None:
    found = tax.effects(firm(2023, 8, -5, kinds=[MAKER]), rules)
    assert found["saved"] == 0 and found["tax_with"] == 0
    assert found["loss_added"] == 8
    assert found["loss_years"] == 5
    partly = tax.effects(firm(2023, 8, 5), rules)
    assert partly["saved"] == 1.25  # the tax on 5
    assert partly["loss_added"] == 3


@pytest.mark.parametrize(
    ("year", "more", "years"),
    [(2017, {"high_tech": True}, 5), (2018, {"high_tech": True}, 10), (2018, {"kinds": [SME]}, 10),
     (2018, {"kinds": [MAKER]}, 5), (2017, {"kinds": [SME]}, 5)],
)  # fmt: skip
def test_years_of_carry_forward(
    year: int, more: dict[str, object], years: int, rules: pd.DataFrame
) -> None:
    assert tax.effects(firm(year, 8, -5, **more), rules)["loss_years"] == years


def test_reliefs_overlap(rules: pd.DataFrame) -> None:
    found = tax.effects(firm(2023, 8, 10, high_tech=True), rules)
    assert found["tax_without"] == 2.5
    assert found["super_deduction"] == pytest.approx(2.0)
    assert found["high_tech_rate"] == pytest.approx(1.0)
    assert found["saved"] == pytest.approx(2.2)  # not 3.0
    assert found["overlap"] == pytest.approx(0.8)


@given(
    year=st.integers(2008, 2027), rd=st.floats(0, 50), profit=st.floats(-50, 100),
    transfer=st.floats(0, 30), kinds=st.sets(st.sampled_from(tax.KINDS)), high=st.booleans(),
)  # fmt: skip
def test_a_relief_never_costs(
    year: int, rd: float, profit: float, transfer: float, kinds: set[str], high: bool
) -> None:
    rules = tables.load("tax_rules")
    if SHOP in kinds and year < 2016:
        return
    case = Firm(year, 100, rd, profit, transfer, kinds, high)
    none, every = tax.tax_due(case, rules, ()), tax.tax_due(case, rules)
    assert 0 <= every.tax_m_cny <= none.tax_m_cny + 1e-9
    assert none.tax_m_cny == pytest.approx(0.25 * max(profit, 0))
    # What the deduction does not save now is carried forward: nothing is lost.
    assert every.loss_m_cny - none.loss_m_cny <= every.extra_deduction_m_cny + 1e-9


@given(st.floats(-20, 50), st.floats(0, 20))
def test_more_profit_never_means_less_tax_without_bands(profit: float, rd: float) -> None:
    rules = tables.load("tax_rules")
    less, more = (
        tax.tax_due(Firm(2023, 100, rd, p), rules).tax_m_cny for p in (profit, profit + 1)
    )
    assert more >= less


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"revenue_m_cny": -1.0}, r"field revenue_m_cny, value -1\.0: below 0"),
        ({"rd_m_cny": -0.5}, r"field rd_m_cny, value -0\.5: below 0"),
        ({"transfer_income_m_cny": -2.0}, "field transfer_income_m_cny"),
        ({"profit_m_cny": float("nan")}, "field profit_m_cny, value nan: not a number"),
        ({"revenue_m_cny": float("inf")}, "field revenue_m_cny, value inf: not a number"),
        (
            {"kinds": ["bakery"]},
            "field kinds, value 'bakery': unknown. Choose out of manufacturing",
        ),
        ({"kinds": "manufacturing"}, "field kinds, value 'manufacturing': a single word"),
        ({"months": 0}, "field months, value 0"),
        ({"months": 13}, "field months, value 13"),
        ({"rd_last_quarter_m_cny": 9.0}, "above the R&D of the whole year, 8"),
    ],
)
def test_bad_fields_are_named(values: dict[str, object], told: str) -> None:
    fields: dict[str, object] = {
        "year": 2023, "revenue_m_cny": 100.0, "rd_m_cny": 8.0, "profit_m_cny": 10.0
    }  # fmt: skip
    with pytest.raises(InputError, match=told):
        Firm(**(fields | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"year": "2023"}, "field year, value '2023': not a whole number"),
        ({"year": 2023.5}, "field year, value 2023.5: not a whole number"),
        ({"months": 2.5}, "field months, value 2.5: not a whole number"),
        ({"months": True}, "field months, value True: not a whole number"),
        ({"profit_m_cny": "8"}, "field profit_m_cny, value '8': not a number"),
        ({"rd_m_cny": None}, "field rd_m_cny, value None: not a number"),
        ({"revenue_m_cny": True}, "field revenue_m_cny, value True: not a number"),
        ({"high_tech": "no"}, "field high_tech, value 'no': neither True nor False"),
        ({"small": 1}, "field small, value 1: neither True nor False"),
        ({"transfer_income_m_cny": 500.0}, "value 500.0: above the revenue it is part of, 100.0"),
    ],
)
def test_fields_of_the_wrong_kind_are_named(values: dict[str, object], told: str) -> None:
    test_bad_fields_are_named(values, told)


def test_numbers_of_a_table_are_numbers() -> None:
    row = pd.Series({"year": 2023, "revenue": 100.0}).astype(object)
    case = Firm(np.int64(row["year"]), np.float64(row["revenue"]), 8, 10, high_tech=np.True_)  # type: ignore[arg-type]
    assert (case.year, case.revenue_m_cny, case.high_tech) == (2023, 100.0, True)


def test_revenue_changes_no_tax(rules: pd.DataFrame) -> None:
    taxes = {tax.tax_due(Firm(2023, revenue, 8, 10), rules).tax_m_cny for revenue in (8, 1e6)}
    assert len(taxes) == 1


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022])
def test_a_tax_that_no_rule_settles_is_refused(year: int, rules: pd.DataFrame) -> None:
    """Halved transfer income beside income of the second band of a small firm."""
    case = firm(year, 0, 8, transfer_income_m_cny=7, small=True)
    with pytest.raises(InputError, match=rf"transfer_income_m_cny, value 7: .* told for {year}"):
        tax.tax_due(case, rules)
    assert tax.tax_due(case, rules, ["transfer_relief"]).tax_m_cny == 0.5  # 2 at 25 %


def test_a_refused_year_is_told_the_years_of_its_own_rule(rules: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"year, value 2010: .* Choose a year from 2016 to 2027"):
        tax.tax_due(firm(2010, 8, 10, kinds=[SHOP]), rules)
    with pytest.raises(InputError, match=r"Choose a year from 2019 to 2027 or small=False"):
        tax.tax_due(firm(2010, 0, 1, small=True), rules)


@pytest.mark.parametrize("year", [1999, 2007, 2028, 2050])
def test_a_year_outside_the_rules_is_refused(year: int, rules: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=rf"field year, value {year}.* from 2008 to 2027"):
        tax.tax_due(firm(year, 8, 10), rules)


def test_a_small_firm_before_its_rules_is_refused(rules: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"field small, value True: .* in 2018"):
        tax.tax_due(firm(2018, 0, 1, small=True), rules)


def test_an_unknown_policy_is_refused(rules: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="policy 'gift': unknown"):
        tax.tax_due(firm(2023, 8, 10), rules, ["gift"])


def test_a_rule_removed_is_missed(rules: pd.DataFrame) -> None:
    without = rules[rules["policy"] != "statutory_rate"]
    with pytest.raises(InputError):
        tax.tax_due(firm(2023, 8, 10), pd.concat([without, rules.head(1).assign(valid_to="2010")]))


# ---------------------------------------------------------------- the table of rules


def test_rules_follow_one_another_without_gap_or_overlap(rules: pd.DataFrame) -> None:
    """A kind of firm has at most one rate at a time, save where a later one overtakes it."""
    for year in range(2008, 2028):
        for month in range(1, 13):
            general = tax.in_force(rules, "super_deduction", ["general"], year, month)
            assert len(general) == 1, (year, month)
            assert len(tax.in_force(rules, "statutory_rate", ["all"], year, month)) == 1
        bands = tax.in_force(rules, "small_low_profit", ["small"], year)
        if year >= 2019:
            ends = bands.sort_values("income_from_m_cny")
            assert ends["income_from_m_cny"].iloc[0] == 0 and ends["income_to_m_cny"].iloc[-1] == 3
            assert ends["income_from_m_cny"].tolist()[1:] == ends["income_to_m_cny"].tolist()[:-1]
        else:
            assert bands.empty


def test_unverified_rules_say_why_or_from_what(rules: pd.DataFrame) -> None:
    weak = rules[~rules["verified"].astype(bool)]
    assert weak["note_en"].notna().all()
    assert rules["source_id"].notna().all()
    documents = set(tables.load("policy_documents")["doc_id"])
    assert set(rules["doc_id"].dropna()) <= documents


def test_rates_agree_with_the_quantities_on_record(rules: pd.DataFrame) -> None:
    """The rates that the table of quantities quotes are the rates in force on its dates."""
    quoted = (
        tables.load("recommendation_quantities").dropna(subset=["value"]).set_index("indicator_id")
    )
    kinds = {
        "super_deduction_general": "general", "super_deduction_manufacturing": "manufacturing",
        "super_deduction_ic_machine": "ic_or_machine_tool",
        "super_deduction_technology_sme": "technology_sme",
    }  # fmt: skip
    for indicator, kind in kinds.items():
        year = int(str(quoted.loc[indicator, "as_of"])[:4])
        rows = tax.in_force(rules, "super_deduction", [kind], year, 6)
        assert rows["rate_pct"].tolist() == [quoted.loc[indicator, "value"]], indicator
    late = tax.in_force(rules, "super_deduction", ["general"], 2022, 11)
    assert late["rate_pct"].tolist() == [quoted.loc["super_deduction_other_2022", "value"]]
    reduced = tax.in_force(rules, "reduced_rate", ["high_tech"], 2023)
    assert reduced["rate_pct"].tolist() == [quoted.loc["hnte_tax_rate", "value"]]
    exempt = tax.in_force(rules, "transfer_exempt", ["all"], 2023)
    assert exempt["income_to_m_cny"].iloc[0] == quoted.loc["technology_transfer_exemption", "value"]


def test_rate_paths_are_those_of_the_law(rules: pd.DataFrame) -> None:
    paths = tax.rate_paths(rules, ["general", MAKER, SME, CHIP], range(2020, 2024))
    wide = paths.pivot(index="kind", columns="year", values="rate_pct")
    assert wide.loc["general"].tolist() == [75, 75, 81.25, 100]
    assert wide.loc[MAKER].tolist() == [75, 100, 100, 100]
    assert wide.loc[SME].tolist() == [75, 75, 100, 100]
    assert wide.loc[CHIP].tolist() == [75, 75, 81.25, 120]


def test_a_rule_ends_with_its_last_day(rules: pd.DataFrame) -> None:
    """Synthetic: the 120 per cent end in June 2025."""
    early = rules.assign(valid_to=rules["valid_to"].mask(rules["rule_id"] == "TR12", "2025-06-30"))
    rates = tax.deduction_rates(early, [CHIP], 2025)
    assert rates == [1.2] * 6 + [1.0] * 6
    assert tax.deduction_rates(early, [CHIP], 2026) == [1.0] * 12
