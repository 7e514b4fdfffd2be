"""What would decide each open claim: one row for each, from the engine or from its rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.analysis.claim_rules import RULES, nation
from helpers.analysis.claim_rules.deciding import COLUMNS, GOES_INTO, deciding_table
from helpers.analysis.shares import span_text
from helpers.evidence import tables
from helpers.evidence.claims import (
    DOCUMENTATION,
    DOCUMENTATION_ZH,
    LEDGER_PAGE,
    VERDICTS,
    VERDICTS_ZH,
    Ledger,
    Setting,
    verdict_words,
)
from helpers.evidence.settling import Settling, settle
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
    for column in ("needs", "goes_into"):
        assert found[column].str.len().gt(0).all(), column
    solved = found["place_id"].notna()
    assert solved.any() and not solved.all()
    assert found.loc[solved, ["settling", "open_pct", "tried_count"]].notna().all(axis=None)
    named = {name for cell in found["goes_into"] for name in cell.split(";")}
    assert named <= set(setting.tables)


def test_a_value_that_is_said_to_decide_does(
    judged: tuple[Setting, Ledger, pd.DataFrame], teller: Callable[..., Any], tmp_path: Path
) -> None:
    _, _, found = judged
    row = found.set_index("claim_id").loc["C2-17"]
    assert (*ledger_views.figure_and_reading(teller("en"), row), row["open_pct"]) == (
        "place 210000, batches 1-5", "holds at 330; fails at 296 to 329, 331 to 387", 0.0,
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


@pytest.mark.parametrize("claim", ["C2-04", "C2-05", "C2-06", "C2-11", "C2-13"])
def test_the_figure_shown_leaves_least_open_of_all_that_were_tried(
    judged: tuple[Setting, Ledger, pd.DataFrame], claim: str
) -> None:
    setting, ledger, _ = judged
    (test,) = ledger.tests([claim])
    row = nation.settling_table(setting, [test]).iloc[0]
    figures, unknown = nation.figures_of(setting, test)
    parts, counts = nation.statement(setting, test), setting.problem.counts
    left = {}
    for place, span in figures:
        found = settle(counts, parts, setting.problem.terms(place, *span, setting.basis))
        assert found is not None
        left[place, span_text(*span)] = Fraction(found.open_count, found.possible_count)
    shown = Fraction(int(row["open_count"]), int(row["possible_count"]))
    assert shown == min(left.values()) == left[row["place_id"], row["batches"]]
    assert len(set(left.values())) > 1
    assert (row["tried_count"], row["unknown_count"]) == (len(figures), unknown)


def test_rivals_are_tried_for_orders_and_ranks(
    judged: tuple[Setting, Ledger, pd.DataFrame], teller: Callable[..., Any]
) -> None:
    setting, ledger, found = judged
    rows = found.set_index("claim_id")
    # Found by solving for every unknown count of all 32 units, one by one.
    expected = {
        "C2-06": (
            "place 110000, batches 1-5",
            "fails at 1,190 to 4,446; stays open at 333 to 1,189",
        ),
        "C2-13": (
            "place 330000, batches 1-3",
            "fails at 1,269 to 1,502; stays open at 289 to 1,268",
        ),
        "C2-14": (
            "place 340000, batches 1-5",
            "fails at 4,233 to 4,238; stays open at 326 to 4,232",
        ),
        "C2-15": (
            "place 350000, batches 1-5",
            "holds at 4,393 to 4,414; stays open at 142 to 4,392",
        ),
    }
    for claim, shown in expected.items():
        assert ledger_views.figure_and_reading(teller("en"), rows.loc[claim]) == shown
    (order, place) = ledger.tests(["C2-06", "C2-14"])
    assert len(nation.figures_of(setting, order)[0]) == nation.figures_of(setting, order)[1] == 32
    figures, unknown = nation.figures_of(setting, place)
    assert figures[0][0] == "210000" and len(figures) == 1 + nation.MOST_RIVALS < unknown

    def width(unit: str) -> int:
        bounds = setting.problem.count(unit, *(place.batches or (1, 1)), setting.basis)
        return int(bounds.upper or 0) - int(bounds.lower or 0)

    tried = [unit for unit, _ in figures[1:]]
    left = [unit for unit in nation.rivals_of(setting, place) if unit not in [*tried, "210000"]]
    assert [width(unit) for unit in tried] == sorted(map(width, tried), reverse=True)
    assert left and max(map(width, left)) <= min(map(width, tried))


def test_a_place_where_nothing_decides_is_told_with_the_number_tried(
    teller: Callable[..., Any],
) -> None:
    undecided = Settling((1, 3), (), (), ((1, 3),))
    row = pd.Series(
        {"place_id": "210000", "batches": "1-5", "settling": undecided, "tried_count": 4}
    )
    _, english = ledger_views.figure_and_reading(teller("en"), row)
    assert english.endswith("nor does any of the other figures tried (3)")
    assert ledger_views.figure_and_reading(teller("zh"), row) == (
        "地区210000，第1—5批", "可能取值1至3：任何取值都不能单独判定，所试其他数据（3个）亦然",
    )  # fmt: skip
    _, alone = ledger_views.figure_and_reading(teller("en"), row.replace(4, 1))
    assert alone.endswith("by itself")


def test_a_claim_that_was_not_solved_for_says_so_or_what_its_rule_says(
    teller: Callable[..., Any],
) -> None:
    row = pd.Series({"place_id": None, "settles": ""})
    assert ledger_views.figure_and_reading(teller("zh"), row) == ("未求解", "未试单个数据")
    told = pd.Series({"place_id": None, "settles": "Total: holds at 3"})
    assert ledger_views.figure_and_reading(teller("en"), told) == ("Total", "holds at 3")


def test_what_would_decide_is_told_with_the_same_numbers_in_both_languages(
    judged: tuple[Setting, Ledger, pd.DataFrame], teller: Callable[..., Any]
) -> None:
    _, ledger, found = judged
    solved = found[found["place_id"].notna()]
    english, chinese = (
        ledger_views.deciding(teller(language), solved, ledger.frame())[0]
        for language in ("en", "zh")
    )
    figures = (english["What its values would say"], chinese["其取值的含义"])
    for one, other in zip(*figures, strict=True):
        assert re.findall(r"\d[\d,]*", re.sub(", (?=\\d)", "; ", one)) == re.findall(
            r"\d[\d,]*", other
        )
        assert not re.search("[A-Za-z]", other), other
    readings = [ledger_views.settling_reading(teller(one), found) for one in ("en", "zh")]
    assert readings[0].startswith(f"{len(found)} claims are open.")
    assert f"共{len(found)}条" in readings[1] and "C2-17" in readings[1]
    assert re.findall(r"`\w+`", readings[0]) == re.findall(r"`\w+`", readings[1])


def test_the_values_of_a_figure_are_told_apart(
    judged: tuple[Setting, Ledger, pd.DataFrame],
) -> None:
    setting, ledger, _ = judged
    (row,) = nation.settling_table(setting, ledger.tests(["C2-17"])).itertuples()
    assert (row.place_id, row.batches) == ("210000", "1-5")
    assert (row.settling.possible, row.settling.holds) == ((296, 387), ((330, 330),))
    assert row.settling.open == ()


def test_tables_that_take_a_figure_exist() -> None:
    assert set(GOES_INTO) <= set(RULES)
    assert {one for names in GOES_INTO.values() for one in names.split(";")} <= set(
        tables.schemas()
    )


def test_the_page_names_the_claims_of_each_source(
    judged: tuple[Setting, Ledger, pd.DataFrame], teller: Callable[..., Any]
) -> None:
    _, ledger, found = judged
    verdicts = ledger.frame()
    shown, record = ledger_views.sources(teller("en"), verdicts)
    cited = {one for cell in verdicts["sources"] for one in cell.split(";") if one}
    assert set(shown["Source"]) == cited and record.name == "06_sources"
    claims = shown.set_index("Source")["Claims"]
    for row in verdicts.itertuples():
        for one in filter(None, row.sources.split(";")):
            assert row.claim_id in claims[one].split(", ")
    table, _ = ledger_views.deciding(teller("zh"), found, verdicts)
    assert len(table) == len(found) and table["内容"].notna().all()


def test_the_page_tells_verdicts_in_both_languages(
    judged: tuple[Setting, Ledger, pd.DataFrame], teller: Callable[..., Any]
) -> None:
    _, ledger, _ = judged
    verdicts = ledger.frame()
    english, chinese = (ledger_views.counted(teller(one), verdicts) for one in ("en", "zh"))
    assert [re.findall(r"\*\*(\d+)", line) for line in english] == [
        re.findall(r"(\d+)条", line) for line in chinese
    ]
    assert set(ledger_views.MEANINGS) == set(ledger_views.FACES) == set(VERDICTS)
    assert set(DOCUMENTATION_ZH) == set(DOCUMENTATION)
    table, _ = ledger_views.table(teller("zh"), verdicts)
    assert not set(table["文献佐证"].dropna()) - set(DOCUMENTATION_ZH.values())
    assert not table["判定"].str.contains("[A-Za-z]").any()
    told = verdict_words("certified: 4.431, contradicted; announced: unattainable", "zh")
    assert told == "公告口径：4.431，不符；公示口径：无整数解"
    assert verdict_words("study: entailed", "en") == "study: entailed"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_of_the_ledger_is_told_and_keyed(
    judged: tuple[Setting, Ledger, pd.DataFrame], teller: Callable[..., Any], language: str
) -> None:
    _, ledger, _ = judged
    verdicts = ledger.frame()
    figure, record, data = ledger_views.ledger(teller(language), verdicts)
    counts = verdicts["verdict"].value_counts()
    key = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert len(key) == len(counts)
    for name, count in counts.items():
        shown = {"en": f" {name} {count}", "zh": f" {VERDICTS_ZH[name]} {count}"}
        assert any(text.endswith(shown[language]) for text in key), name
        said = {"en": f"{count} {name}", "zh": f"{VERDICTS_ZH[name]}{count}条"}
        assert said[language] in record.alt
    letters = [text.get_text() for text in figure.axes[0].texts]
    assert letters == [
        ledger_views.FACES[verdict][1]
        for verdict in data.sort_values("section", kind="stable")["verdict"]
    ]


def test_nothing_open_gives_an_empty_table(judged: tuple[Setting, Ledger, pd.DataFrame]) -> None:
    setting, ledger, _ = judged
    verdicts = ledger.frame().assign(verdict="entailed")
    found = deciding_table(setting, verdicts, ledger.tests(verdicts["claim_id"]))
    assert found.empty and list(found.columns) == COLUMNS
