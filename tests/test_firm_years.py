"""Published figures against the criteria: what they decide, what they leave open, how it is drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.criteria import Criteria
from helpers.analysis.firm_years import decided_counts, firm_years, worked_cases
from helpers.analysis.paths import casebook
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish import figures, screen_views
from helpers.publish.teller import Teller

YEARS = {"little_giant_2022": "2022", "little_giant_2026": "2026"}


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    return Criteria(tables.load_all())


@pytest.fixture(scope="module")
def cases(criteria: Criteria) -> pd.DataFrame:
    return worked_cases(criteria.tables["firm_financials"], criteria)


def test_fields_are_filled_from_full_years_in_million_yuan(criteria: Criteria) -> None:
    years = firm_years(criteria.tables["firm_financials"]).set_index(["firm_id", "year"])
    assert sorted(years.index) == [
        ("F10", 2022), ("F10", 2023), ("F10", 2024), ("F12", 2018), ("F12", 2019), ("F12", 2020),
        ("F12", 2021), ("F12", 2022),
    ]  # fmt: skip
    row = years.loc[("F10", 2024)]
    assert row["revenue_m_cny"] == 508 and row["revenue_prev2_m_cny"] == 1942
    assert row["rd_m_cny"] == 50.1557 and row["debt_ratio_pct"] == 49.41
    # Two sources differ on the profit of 2021, so none is used.
    assert math.isnan(years.loc[("F12", 2021), "net_profit_m_cny"])


def test_published_ratio_agrees_with_the_amounts(criteria: Criteria) -> None:
    """Peer: the company's own R&D share, to its two decimals and the rounding of revenue."""
    table = criteria.tables["firm_financials"]
    printed = table.loc[(table["metric"] == "rd_ratio") & (table["period"].str.len() == 4)]
    years = firm_years(table).set_index(["firm_id", "year"])
    for row in printed.itertuples():
        found = years.loc[(row.firm_id, int(row.period))]
        share = 100 * found["rd_m_cny"] / found["revenue_m_cny"]
        assert share == pytest.approx(row.value, rel=0.005)
    assert len(printed) == 3


def decided(cases: pd.DataFrame, firm: str, year: int, tier: str) -> dict[str, str]:
    rows = cases.loc[
        (cases["firm_id"] == firm) & (cases["year"] == year) & (cases["tier_id"] == tier)
    ]
    rows = rows.loc[(rows["outcome"] != "cannot be told") & (rows["applies"] != "no")]
    return dict(zip(rows["threshold_id"], rows["outcome"], strict=True))


def test_worked_by_hand(cases: pd.DataFrame) -> None:
    old, new = "little_giant_2022", "little_giant_2026"
    # 47.97 of 1,942 million are 2.47 %; one such year fails "each of two years".
    assert decided(cases, "F10", 2022, old) == {"lg22-debt": "meets", "lg22-rd-large": "fails"}
    assert decided(cases, "F10", 2024, old) == {"lg22-debt": "meets", "lg22-rd-large": "meets"}
    # 508 of 1,942 million in two years: a fall by half a year.
    assert decided(cases, "F10", 2024, new)["lg26-growth"] == "fails"
    growth = [decided(cases, "F12", year, old).get("lg22-growth") for year in range(2018, 2023)]
    # 5.16/5.74 and 5.74/6.75; 6.09/5.16 and 5.16/5.74; 6.8/6.09 and 6.09/5.16: -12.5, 4.0, 14.8 %.
    assert growth == [None, None, "fails", "fails", "meets"]
    # Revenue is not published, main-business revenue alone is enough.
    assert decided(cases, "F12", 2018, new) == {"lg26-revenue": "meets"}


def test_outcomes_and_missing_fields(cases: pd.DataFrame) -> None:
    counts = decided_counts(cases)
    assert (counts[["meets", "fails", "open"]].sum(axis=1) == counts["conditions"]).all()
    failed = counts.loc[counts["tier_outcome"] == "fails", ["firm_id", "year", "tier_id"]]
    assert [tuple(row) for row in failed.values] == [
        ("F10", 2022, "little_giant_2026"), ("F10", 2023, "little_giant_2026"),
        ("F10", 2024, "little_giant_2026"), ("F12", 2020, "little_giant_2022"),
        ("F12", 2021, "little_giant_2022"),
    ]  # fmt: skip
    assert not (counts["tier_outcome"] == "meets").any()
    open_ = cases.loc[cases["outcome"] == "cannot be told"]
    undefined = open_["threshold_id"] == "lg22-rd-small"
    assert (open_.loc[~undefined, "missing"] != "").all()
    assert (cases.loc[cases["outcome"] != "cannot be told", "missing"] == "").all()
    assert set(cases.loc[~cases["verified"], "threshold_id"]) == {
        "lg22-chain", "lg22-product", "lg22-sme-staff", "lg22-sme-revenue", "lg26-sme-staff",
        "lg26-sme-revenue",
    }  # fmt: skip


def test_no_patent_that_is_merely_held_counts_as_in_use(cases: pd.DataFrame) -> None:
    rows = cases.loc[cases["threshold_id"].isin(["lg22-ip", "lg26-ip"])]
    assert (rows["outcome"] == "cannot be told").all()


def test_no_figures_no_cases(criteria: Criteria) -> None:
    empty = criteria.tables["firm_financials"].head(0)
    assert worked_cases(empty, criteria).empty and firm_years(empty).empty


def test_an_unknown_unit_is_named(criteria: Criteria) -> None:
    table = criteria.tables["firm_financials"].head(1).assign(unit="100m_usd")
    with pytest.raises(InputError, match="unit 100m_usd"):
        firm_years(table)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure_and_table(
    cases: pd.DataFrame, criteria: Criteria, tmp_path: Path, language: str,
    teller: Callable[..., Teller],
) -> None:  # fmt: skip
    study, book = teller(language), casebook(criteria.tables, "210300")
    held = (book, cases, decided_counts(cases), criteria.tables["thresholds"], YEARS)
    figure, record, data = screen_views.worked_cases_view(study, *held)
    assert len(data) == len(cases)
    axes = figure.axes
    drawn = [len(ax.patches) for ax in axes]
    # Three conditions are decided somewhere under the act of 2022, five under that of 2026.
    assert drawn == [3 * 8, 5 * 8]
    texts = [text.get_text() for ax in axes for text in ax.texts]
    names = study.t(("Rongxin Huike", "Donghe"), ("荣信汇科", "东和新材"))
    assert {"≤ 2.47", "1,942", "≥ 680", "16/18", *names} <= set(texts)
    figures.save(figure, record, tmp_path, language, data)
    _inside(figure)
    table, _ = screen_views.worked_cases_table(study, *held)
    assert len(table) == 16 and table.notna().all(axis=None)
    assert study.t("unverified", "未核实") in record.base
    # The cells that the alternative text counts are all the cells drawn.
    counts = [int(number) for number in re.findall(r"\d+", record.alt)]
    assert counts[1] == sum(drawn) == sum(counts[2:])


def _inside(figure: object) -> None:
    """Labels of the rows do not run out of the picture."""
    figure.draw_without_rendering()  # type: ignore[attr-defined]
    box = figure.bbox  # type: ignore[attr-defined]
    for ax in figure.axes:  # type: ignore[attr-defined]
        for label in ax.get_yticklabels():
            assert label.get_window_extent().x0 >= box.x0
    assert np.isfinite(box.width)


def test_one_firm_and_one_act_are_drawn_as_well(
    cases: pd.DataFrame, criteria: Criteria, teller: Callable[..., Teller]
) -> None:
    part = cases.loc[(cases["firm_id"] == "F12") & (cases["tier_id"] == "little_giant_2022")]
    book = casebook(criteria.tables, "210300")
    figure, _, _ = screen_views.worked_cases_view(
        teller(), book, part, decided_counts(part), criteria.tables["thresholds"], YEARS
    )
    assert len(figure.axes) == 1 and len(figure.axes[0].patches) == 5


def test_figures_that_decide_nothing_are_drawn_as_open(
    criteria: Criteria, teller: Callable[..., Teller]
) -> None:
    table = pd.DataFrame({"firm_id": ["F12"], "period": ["2020"], "metric": ["rd_expense"],
                          "value": [0.5], "unit": ["100m_cny"], "source_id": ["L-S67"]})  # fmt: skip
    cases = worked_cases(table, criteria, regimes=["M2022"])
    book = casebook(criteria.tables, "210300")
    figure, _, _ = screen_views.worked_cases_view(
        teller(), book, cases, decided_counts(cases), criteria.tables["thresholds"], YEARS
    )
    assert next(text.get_text() for text in figure.axes[0].texts).endswith("/22")
