"""What would decide each open claim: one row for each, from the engine or from its rule."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.claim_rules import RULES
from helpers.analysis.claim_rules.deciding import COLUMNS, GOES_INTO, NO_FIGURE, deciding_table
from helpers.evidence import tables
from helpers.evidence.claims import LEDGER_PAGE, Ledger, Setting
from helpers.publish import ledger_views


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Setting, Ledger, pd.DataFrame]:
    setting = Setting(tables.load_all(), "210000", "210300")
    ledger = Ledger(setting, RULES, LEDGER_PAGE, tmp_path_factory.mktemp("study"))
    verdicts = ledger.check_all()
    found = deciding_table(setting, verdicts, ledger.tests(verdicts["claim_id"]))
    return setting, ledger, found


def test_every_open_claim_has_one_row_that_says_something(
    judged: tuple[Setting, Ledger, pd.DataFrame],
) -> None:
    setting, ledger, found = judged
    verdicts = ledger.frame().set_index("claim_id")["verdict"]
    assert found["claim_id"].tolist() == list(verdicts.index[verdicts == "consistent"])
    assert list(found.columns) == COLUMNS
    for column in ("figure", "says", "needs", "goes_into"):
        assert found[column].str.len().gt(0).all(), column
    assert set(found["goes_into"]) <= set(setting.tables)


def test_a_value_that_is_said_to_decide_does(
    judged: tuple[Setting, Ledger, pd.DataFrame], tmp_path: Path
) -> None:
    _, _, found = judged
    row = found.set_index("claim_id").loc["C2-17"]
    assert (row["figure"], row["says"], row["open_pct"]) == (
        "Liaoning, batches 1-5", "holds at 330; fails at 296 to 329, 331 to 387", 0.0,
    )  # fmt: skip
    real = tables.load_all()
    counts = real["province_counts"]
    template = counts[counts["measure"] == "certified"].iloc[0].to_dict()
    for value, verdict in ((330, "reproduced"), (331, "contradicted")):
        # Made-up counts of batches 4 and 5 that add up to the value with the 211 on record.
        rows = [
            template | {"place_id": "210000", "batch_from": b, "batch_to": b, "measure": measure,
                        "firms_count": n, "includes_plan_city": "yes", "source_id": "STUDY"}
            for b, measure, n in ((4, "certified", 76), (5, "announced", value - 287))
        ]  # fmt: skip
        given = real | {"province_counts": pd.concat([counts, pd.DataFrame(rows).astype(counts.dtypes.to_dict())])}  # fmt: skip
        ledger = Ledger(Setting(given, "210000", "210300"), RULES, LEDGER_PAGE, tmp_path / verdict)
        assert ledger.check("C2-17").verdict == verdict


def test_where_no_count_of_its_own_is_unknown_the_row_says_so(
    judged: tuple[Setting, Ledger, pd.DataFrame],
) -> None:
    row = judged[2].set_index("claim_id").loc["C2-13"]
    assert (row["figure"], row["says"]) == NO_FIGURE and pd.isna(row["open_pct"])


def test_tables_that_take_a_figure_exist() -> None:
    assert set(GOES_INTO) <= set(RULES)
    assert set(GOES_INTO.values()) <= set(tables.schemas())


def test_the_page_names_the_claims_of_each_source(
    judged: tuple[Setting, Ledger, pd.DataFrame],
) -> None:
    setting, ledger, found = judged
    verdicts = ledger.frame()
    shown, record = ledger_views.sources(
        setting.tables["sources"], verdicts, lambda en, zh: en, "x"
    )
    cited = {one for cell in verdicts["sources"] for one in cell.split(";") if one}
    assert set(shown["Source"]) == cited and record.name == "06_sources"
    claims = shown.set_index("Source")["Claims"]
    for row in verdicts.itertuples():
        for one in filter(None, row.sources.split(";")):
            assert row.claim_id in claims[one].split(", ")
    table, _ = ledger_views.deciding(found, verdicts, lambda en, zh: zh, "x")
    assert len(table) == len(found) and table["内容"].notna().all()


def test_nothing_open_gives_an_empty_table(judged: tuple[Setting, Ledger, pd.DataFrame]) -> None:
    setting, ledger, _ = judged
    verdicts = ledger.frame().assign(verdict="entailed")
    found = deciding_table(setting, verdicts, ledger.tests(verdicts["claim_id"]))
    assert found.empty and list(found.columns) == COLUMNS
