"""Presentation of firm cases: words, charts of few and of no firms, cards, and another city."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from helpers.analysis import configurations, firm_years, paths
from helpers.analysis.claim_rules.growth import TOPICS_ZH
from helpers.analysis.criteria import Criteria
from helpers.evidence import tables
from helpers.evidence.claims import DOCUMENTATION_ZH
from helpers.publish import (
    case_texts,
    case_words,
    configuration_views,
    figures,
    firm_cases,
    recipes,
    screen_views,
)
from helpers.publish.case_cards import CaseCards
from helpers.publish.teller import Teller

ROOT = Path(__file__).resolve().parents[1]
ANSHAN, DALIAN = "210300", "210200"


@pytest.fixture
def english(teller: Callable[..., Teller]) -> Teller:
    return teller("en")


@pytest.fixture
def chinese(teller: Callable[..., Teller]) -> Teller:
    return teller("zh")


def anshan() -> paths.Casebook:
    return paths.casebook(tables.load_all(), ANSHAN)


def statements() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "firm": ["a", "a", "b"], "route": ["x", "x", "y"], "order": [1, 2, 1],
            "topic": ["origin", "position", "origin"],
            "documentation": ["undocumented", "partly", "documented"],
            "found_en": [None, "seen", "seen"],
        }
    )  # fmt: skip


def test_readable_says_not_found_and_translates_codes() -> None:
    table = case_words.readable(statements(), ["firm", "documentation", "found_en"], "zh")
    assert table.columns.tolist() == ["企业", "佐证", "公开记录所示"]
    assert table.iloc[0].tolist() == ["a", "仅见原文", "未查到"]


def test_grades_are_drawn_one_cell_a_statement_and_counted_in_the_legend() -> None:
    for frame in (statements(), statements().head(0)):
        with figures.styled():
            figure, ax = figures.new(6.0, 3.0)
            firm_cases.draw_grades(ax, frame, "firm", "route")
        figure.canvas.draw()
        assert len(ax.patches) == len(frame)
        # Besides its colour every cell has a sign, so that the figure can be read in grey.
        signs = [(line.get_marker(), line.get_fillstyle()) for line in ax.lines]
        assert signs == [("o", "none"), ("o", "left"), ("o", "full")][: len(frame)]
        legend = [text.get_text() for text in ax.get_legend().get_texts()]
        assert legend[-1] == f"not found elsewhere ({min(len(frame), 1)})"


def test_shares_carry_count_and_base_at_both_ends_of_what_is_open() -> None:
    shares = paths.path_shares({"x": 4}, 20)
    with figures.styled():
        _, ax = figures.new(6.0, 3.0)
        firm_cases.draw_path_shares(ax, shares, {"x": "X", paths.NO_PATH: "none"}, {"x": "20"})
    assert [text.get_text() for text in ax.texts] == ["4/20", "20/20", "16/20", "0/20"]
    with figures.styled():
        _, ax = figures.new(6.0, 3.0)
        firm_cases.draw_path_shares(ax, paths.path_shares({}, 0), {}, {})
    assert not ax.texts
    with figures.styled():
        _, ax = figures.new(6.0, 3.0)
        known = paths.path_shares({"x": 4}, 4)
        firm_cases.draw_path_shares(ax, known, {"x": "X", paths.NO_PATH: "none"}, {})
    assert [text.get_text() for text in ax.texts] == ["4/4", "0/4"]


def accounts() -> pd.DataFrame:
    row = {"firm_id": "a", "firm": "a", "metric": "debt_ratio", "unit": "%"}
    return paths.repeated_series(
        pd.DataFrame(
            [
                {**row, "period": "2021", "value": 93.7, "source_id": "x"},
                {**row, "period": "2021", "value": 101.2, "source_id": "y"},
                {**row, "period": "2022H1", "value": -4.0, "source_id": "x"},
            ]
        )
    )


def test_accounts_have_a_panel_a_series_and_rivals_side_by_side() -> None:
    with figures.styled():
        _, axes = figures.new(6.0, 2.0, nrows=1, ncols=2, squeeze=False)
        firm_cases.draw_accounts(axes, accounts())
    bars = axes[0, 0].patches
    assert [round(bar.get_height(), 1) for bar in bars] == [93.7, 101.2, -4.0]
    assert bars[0].get_x() + bars[0].get_width() <= bars[1].get_x()
    assert not axes[0, 1].axison and not axes[0, 0].get_xlabel()


def test_conditions_are_marked_with_year_limit_and_doubt() -> None:
    marks = paths.condition_marks(tables.load_all()).query("metric == 'debt_ratio'")
    marks = marks.assign(verified=[True, False], applies_when_en=[None, "small firms"])
    with figures.styled():
        _, axes = figures.new(6.0, 2.0, nrows=1, ncols=1, squeeze=False)
        firm_cases.draw_accounts(axes, accounts(), "en", marks)
    heights = [line.get_ydata()[0] for line in axes[0, 0].lines]
    assert heights == [0, 70.0, 75.0]
    assert axes[0, 0].get_xlabel() == "≤70 · 2022\n≤75 · 2026 [a] unverified"
    # Acts that agree share one line and one text.
    with figures.styled():
        _, axes = figures.new(6.0, 2.0, nrows=1, ncols=1, squeeze=False)
        firm_cases.draw_accounts(axes, accounts(), "en", marks.assign(value=70.0))
    assert [line.get_ydata()[0] for line in axes[0, 0].lines] == [0, 70.0]
    assert axes[0, 0].get_xlabel() == "≤70 · 2022, 2026 [a] unverified"


def test_views_name_what_is_missing_only_where_something_is(chinese: Teller) -> None:
    book = anshan()
    _, record, data = firm_cases.timeline_view(chinese, book)
    assert record.note.startswith("† 涉及前身企业。[C] 依据C级来源。未查到有日期的事件：三鱼泵业、")
    assert len(data) == 29
    dated = book.cases[~book.cases["firm_id"].isin(book.undated)]
    plain = book.events.assign(about=None, grade="B")
    _, record, _ = firm_cases.timeline_view(chinese, replace(book, cases=dated, events=plain))
    assert record.note == ""


def test_events_of_a_predecessor_and_of_grade_c_are_marked(english: Teller) -> None:
    figure, record, _ = firm_cases.timeline_view(english, anshan())
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert "1998-11  predecessor at work†" in labels and "2016-06-28  bought by Wolong†" in labels
    assert "2026-01-22  ITER contract [C]" in labels
    # One more record rests on a source of grade C; neither mark stands where it does not belong.
    grades, about = anshan().events["grade"], anshan().events["about"]
    assert sum("[C]" in text for text in labels) == (grades == "C").sum() == 2
    assert sum("†" in text for text in labels) == (about == "predecessor").sum() == 5
    assert "† concerns a predecessor" in record.note


def test_no_grid_line_runs_through_a_label_of_the_timeline(english: Teller) -> None:
    figure, _, _ = firm_cases.timeline_view(english, anshan())
    patches = [text.get_bbox_patch() for text in figure.axes[0].texts]
    assert all(patch is not None and patch.get_alpha() is None for patch in patches)


def test_a_printed_share_does_not_run_into_the_fraction() -> None:
    shares = paths.path_shares({"x": 4}, 20)
    with figures.styled():
        figure, ax = figures.new(7.0, 0.75 + 0.42 * 2)
        firm_cases.draw_path_shares(ax, shares, {"x": "X", paths.NO_PATH: "none"}, {"x": "20"})
    figure.draw_without_rendering()
    (tick,) = [line for line in ax.lines if line.get_marker() == "|"]
    top = ax.transData.transform(tick.get_xydata()[0])[1]
    top += tick.get_markersize() / 2 * figure.dpi / 72
    assert top < ax.texts[0].get_window_extent().y0


def test_views_return_the_rows_they_draw(english: Teller) -> None:
    book = anshan()
    _, record, data = firm_cases.grades_view(english, book)
    assert record.base == "26 statements, 11 firms" and len(data) == 26
    table, record = firm_cases.statements_table(english, book)
    assert record.base == "26" and (table["Public records show"] == "not found").sum() == 19
    shares = paths.path_shares(book.named, book.found.base)
    _, record, data = firm_cases.path_shares_view(english, book, shares)
    assert record.base == "20 firms, inferred from the shares" and data is shares
    assert "9 firms are not named" in record.note
    series = paths.repeated_series(paths.in_display_units(book.figures))
    marks = paths.condition_marks(tables.load_all())
    _, record, data = firm_cases.accounts_view(english, book, series, marks)
    assert record.base == "10 series; firms without a path: Donghe"
    assert record.note.count("[b] revenue at least 100 million CNY") == 1
    _, record, _ = firm_cases.accounts_view(english, book, series, marks.head(0))
    assert "Lines" not in record.note


def test_coding_is_drawn_with_three_signs(english: Teller) -> None:
    book = anshan()
    matrix = configurations.coding(book.conditions, book.cases["firm_id"])
    with figures.styled():
        _, ax = figures.new(6.0, 4.0)
        configuration_views.draw_coding(ax, matrix, case_words.in_words(english, book).cases)
    yes, no, unknown = (list(zip(*line.get_data(), strict=True)) for line in ax.lines)
    assert (len(yes), len(no), len(unknown)) == (17, 1, 48)
    # The second case bought abroad; the first took no licence; both are silent on investment.
    assert (0, 1) in yes and (1, 0) in no and {(2, 0), (2, 1)} <= set(unknown)
    assert len({line.get_marker() + line.get_markerfacecolor() for line in ax.lines}) == 3


def test_truth_table_and_fit_name_firms_and_exact_fractions(english: Teller) -> None:
    book = anshan()
    matrix = configurations.coding(book.conditions, book.cases["firm_id"])
    of = book.cases.set_index("firm_id")["path_id"]
    rows = configurations.truth_table(matrix, of)
    table, record = configuration_views.truth_table_table(english, book, rows)
    assert "11 cases in 6 of 64 rows" in record.base
    assert table["Cases"].sum() == 11 and "Magna, Sanyu Pump" in set(table["Firms"])
    fits = configurations.fit_table(matrix, of)
    _, _, data = configuration_views.fit_view(english, book, fits)
    told = data.set_index(["path_id", "condition"])
    assert told.loc[("overseas", "foreign_acquisition"), "consistency"] == "3/10 to 4/4"
    assert told.loc[("investment", "inward_investment"), "coverage"] == "4/4"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_firm_has_a_card_with_all_its_statements(
    language: str, teller: Callable[..., Teller]
) -> None:
    book = anshan()
    page = CaseCards(teller(language), book)._repr_html_()
    cards = page.split("<details")[1:]
    assert len(cards) == len(book.firms) == 13
    order = [*book.cases["firm_id"], "F12", "F13"]
    for firm_id, card in zip(order, cards, strict=True):
        said = book.statements[book.statements["firm_id"] == firm_id]
        assert card.count("border-radius:3px") == len(said)
        for text in said[f"statement_{language}"]:
            assert text.replace("'", "&#x27;") in card
    assert page.count("<details open") <= 1 and "nan" not in re.sub(r"<[^>]+>", " ", page).split()


def test_a_card_escapes_what_a_table_holds(english: Teller) -> None:
    book = anshan()
    firms = book.firms.assign(name_en="<script>alert(1)</script>", note_en="a < b & c")
    page = CaseCards(english, replace(book, firms=firms))._repr_html_()
    assert "<script>" not in page and "a &lt; b &amp; c" in page


def cards_of_anshan(study: Teller) -> dict[str, str]:
    cards = CaseCards(study, anshan())
    return {row["firm_id"]: cards.card(row) for _, row in cards.book.firms.iterrows()}


def test_cards_give_the_founding_that_is_on_record(english: Teller, chinese: Teller) -> None:
    by_id = cards_of_anshan(english)
    assert "accounts differ: 1992; 1995" in by_id["F05"]
    assert "accounts differ" not in by_id["F01"]
    founded = by_id["F10"].partition("Founded</b>")[2]
    assert founded.partition("</tr>")[0].endswith(
        "2020-11-20; a predecessor on record by 1998-11</td>"
    )
    assert "未查到；前身至迟见于2016-06-28" in cards_of_anshan(chinese)["F11"]


def test_cards_tell_whose_event_it_is_what_it_cost_and_how_good_the_source_is(
    english: Teller, chinese: Teller
) -> None:
    cards = cards_of_anshan(english)
    cells = [
        re.findall(r"<td[^>]*>(.*?)</td>", row)
        for row in cards["F10"].split("<tr>")
        if "<td" in row
    ]
    contract = next(row for row in cells if row[0] == "2026-01-22")
    assert contract[1] == "the firm" and contract[-2] == "C"
    offer = next(row for row in cells if row[0] == "2017-06-19")
    assert offer[1] == "a predecessor" and offer[3] == "16,135.16 × 10,000 CNY" and offer[4] == "B"
    assert "8.68 CNY per share" in cards["F12"] and "600万美元" in cards_of_anshan(chinese)["F05"]


def test_districts_are_named_in_the_language_of_the_reader(
    english: Teller, chinese: Teller
) -> None:
    table, _ = firm_cases.firms_table(english, anshan())
    assert table["District"].tolist()[:5] == [
        "Economic Dev. Zone", "Haicheng", "Haicheng", "not found", "Haicheng",
    ]  # fmt: skip
    table, _ = firm_cases.firms_table(chinese, anshan())
    assert table["区县"].tolist()[:2] == ["经开区", "海城市"] and "未查到" in set(table["区县"])
    cards = cards_of_anshan(english)
    assert ">not found</td>" in cards["F04"].partition("District</b>")[2].partition("</tr>")[0]
    unlisted = tables.load_all()["districts"].head(0)
    book = paths.casebook({**tables.load_all(), "districts": unlisted}, ANSHAN)
    assert book.firms["district_en"].tolist()[:2] == ["经开区", "海城市"]


def test_readings_name_their_paths_and_shares(english: Teller) -> None:
    book = anshan()
    readings = paths.readings_by_base(book.reported, book.named, 20, [20])
    table, _ = firm_cases.readings_table(english, book, readings)
    told = table["Reading"].tolist()
    assert "‘Invited investment’ has at least the printed 20 %" in told
    first = "‘Overseas acquisition and technology import’ has more firms than"
    assert f"{first} ‘Supplier to large firms, import substitution’" in told
    assert len(set(told)) == len(told) == 11 and "{" not in "".join(told)


def test_the_base_of_the_worked_cases_is_what_the_fractions_count(english: Teller) -> None:
    book, data = anshan(), tables.load_all()
    worked = firm_years.worked_cases(book.figures, Criteria(data))
    tallies = firm_years.decided_counts(worked)
    years = paths.act_years(data)
    held = (book, worked, tallies, data["thresholds"], years)
    _, record, _ = screen_views.worked_cases_view(english, *held)
    of_act = tallies.groupby("tier_id")["conditions"].unique()
    assert all(len(counts) == 1 for counts in of_act)
    total = sum(int(counts[0]) for counts in of_act)
    assert record.base.startswith(f"8 firm-years, {total} conditions of all acts together (")
    others = worked["threshold_id"].nunique() - total
    assert record.base.count(f"({others} more are for firms of another size or kind)") == 1
    text = case_texts.worked_text(english, worked, tallies, {"lg_x": "1", **years})
    assert "measures of 2022" in text and "measures of 2026" in text
    with pytest.raises(KeyError):
        case_texts.worked_text(english, worked, tallies, {})


def test_sentences_follow_the_tables(english: Teller) -> None:
    book = anshan()
    text = case_texts.documentation_text(english, book)
    assert "not found elsewhere: 19/26 (73 %)" in text and "11/12 (92 %)" in text
    sure = replace(book, statements=book.statements.assign(documentation="documented"))
    assert "documented: 26" in case_texts.documentation_text(english, sure)
    assert "on 0 of 11 firms." in case_texts.documentation_text(english, sure)
    assert "9/20 (45 %) have no path" in case_texts.base_text(english, book)
    shares = paths.path_shares(book.named, 20)
    bounds = case_texts.bounds_text(english, book, shares)
    # Clopper-Pearson of 4 and of 3 in 20; the list is complete only if the inferred base is right.
    assert bounds.count("[5.7 to 43.7 %]") == 2 and bounds.count("[3.2 to 37.9 %]") == 1
    assert (
        "inferred and 9 of its firms are not named" in bounds and "If the base is right" in bounds
    )
    silent = replace(book, reported={})
    assert case_texts.base_text(english, silent).startswith("No share is printed")
    found = paths.named_base({"overseas": "37"}, book.named)
    odd = replace(book, reported={"overseas": "37"}, found=found)
    assert "Over none of them" in case_texts.base_text(english, odd)
    ages = paths.age_majorities(book.cases, book.events, 20)
    told = case_texts.majority_text(english, book, ages, paths.Majority(11, 0, 20))
    assert "at 2016 or later, 4 of 20" in told and "at 1991 or earlier, 0 and 1." in told
    assert "**Consistent** for every limit." in told and told.endswith("**entailed**.")
    mixed = paths.age_majorities(
        pd.DataFrame({"firm_id": list("abc"), "founded": ["2010"] * 3}), book.events.head(0), 3
    )
    told = case_texts.majority_text(english, book, mixed, paths.Majority(11, 0, 20))
    assert "**Contradicted** up to 2009, **entailed** from 2010." in told
    three = pd.DataFrame({"year": [1, 5, 9], "verdict": ["entailed", "consistent", "entailed"]})
    assert case_texts._verdicts_by_limit(english, three).endswith(
        "up to 4, **consistent** from 5 to 8, **entailed** from 9."
    )
    assert "nothing is dated" in case_texts.majority_text(
        english, book, ages.head(0), paths.Majority(0, 0, 20)
    )
    assert "**3 deals**" in case_texts.deals_text(english, book)


def test_words_agree_with_those_of_the_ledger() -> None:
    # The matrix says more of the last grade than the ledger: where the statement was found.
    for grade, word in DOCUMENTATION_ZH.items():
        assert case_words.label(grade, "zh") == word or grade == "undocumented"
    for topic, word in TOPICS_ZH.items():
        assert case_words.label(topic, "zh") == word


MARKS = "，。；：、（）“”"


def numbers(text: str) -> list[str]:
    return sorted(re.findall(r"[0-9]+(?:\.[0-9]+)?", text))


def sentences(study: Teller) -> dict[str, str]:
    """Every sentence on Anshan's cases, and those that other numbers would call for."""
    book, data = anshan(), tables.load_all()
    shares = paths.path_shares(book.named, 20)
    readings = paths.readings_by_base(book.reported, book.named, 20, [20, 40])
    ages = paths.age_majorities(book.cases, book.events, 20)
    runs = pd.DataFrame({"year": [1, 5, 9], "verdict": ["entailed", "consistent", "entailed"]})
    trade = paths.Majority(11, 1, 20)
    matrix = configurations.coding(book.conditions, book.cases["firm_id"])
    of = book.cases.set_index("firm_id")["path_id"]
    diversity = (
        matrix, configurations.truth_table(matrix, of), configurations.occupied_rows(matrix),
        configurations.pair_counts(matrix, of),
    )  # fmt: skip
    worked = firm_years.worked_cases(book.figures, Criteria(data))
    tallies = firm_years.decided_counts(worked)
    suzhou = paths.casebook(data, "320500")
    odd = replace(book, reported={"overseas": "37"})
    odd = replace(odd, found=paths.named_base(odd.reported, odd.named))
    return {
        "absent": case_texts.absent_text(study, book),
        "cases": case_texts.cases_text(study, book),
        "no cases": case_texts.cases_text(study, suzhou),
        "documentation": case_texts.documentation_text(study, book),
        "base": case_texts.base_text(study, book),
        "base of no share": case_texts.base_text(study, replace(book, reported={})),
        "base that fits nothing": case_texts.base_text(study, odd),
        "bounds": case_texts.bounds_text(study, book, shares),
        "bounds of those named": case_texts.bounds_text(study, odd, shares),
        "readings": case_texts.readings_text(study, readings),
        "majority": case_texts.majority_text(study, book, ages, trade),
        "undated": case_texts.majority_text(study, book, ages.head(0), trade),
        "runs": case_texts._verdicts_by_limit(study, runs),
        "diversity": case_texts.diversity_text(study, *diversity),
        "deals": case_texts.deals_text(study, book),
        "figures": case_texts.figures_text(study, book),
        "worked": case_texts.worked_text(study, worked, tallies, paths.act_years(data)),
    }


def test_sentences_carry_the_same_numbers_in_both_languages(
    english: Teller, chinese: Teller
) -> None:
    told, translated = sentences(english), sentences(chinese)
    for name, text in translated.items():
        assert numbers(text) == numbers(told[name]), name
        assert not re.search(r"[A-Za-z]{3,} [a-z]{3,}", text), (name, text)
        assert len(re.findall("[\u4e00-\u9fff]", text)) > 10
        # Emphasis that begins or ends with a mark beside a word is not rendered.
        spans = re.findall(r"(.?)\*\*(.+?)\*\*(.?)", text)
        assert not [span for span in spans if span[1][-1] in MARKS and span[2] not in MARKS], name
        assert not [span for span in spans if span[1][0] in MARKS and span[0] not in MARKS], name
    assert "**相容**" in translated["majority"] and "**必然成立**" in translated["runs"]


def figure_views() -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Every figure of the notebook as a view and its arguments."""
    book, data = anshan(), tables.load_all()
    matrix = configurations.coding(book.conditions, book.cases["firm_id"])
    fits = configurations.fit_table(matrix, book.cases.set_index("firm_id")["path_id"])
    series = paths.repeated_series(paths.in_display_units(book.figures))
    worked = firm_years.worked_cases(book.figures, Criteria(data))
    held = (worked, firm_years.decided_counts(worked), data["thresholds"], paths.act_years(data))
    return {
        "04_documentation": (firm_cases.grades_view, (book,)),
        "04_path_shares": (firm_cases.path_shares_view, (book, paths.path_shares(book.named, 20))),
        "04_conditions": (configuration_views.coding_view, (book, matrix)),
        "04_fit": (configuration_views.fit_view, (book, fits)),
        "04_timeline": (firm_cases.timeline_view, (book,)),
        "04_financials": (firm_cases.accounts_view, (book, series, paths.condition_marks(data))),
        "04_worked_cases": (screen_views.worked_cases_view, (book, *held)),
    }


@pytest.mark.parametrize(
    "name",
    ["conditions", "documentation", "financials", "fit", "path_shares", "timeline", "worked_cases"],
)
def test_a_figure_is_described_alike_in_both_languages_and_can_be_drawn_again(
    name: str, english: Teller, chinese: Teller, tmp_path: Path
) -> None:
    view, arguments = figure_views()[f"04_{name}"]
    content = recipes.dump(recipes.Recipe("figure", view, arguments))
    assert content is not None
    (tmp_path / "kept.recipe").write_bytes(content)
    kept = recipes.load(tmp_path / "kept.recipe")
    records = [kept.tell(study)[1] for study in (english, chinese)]
    assert [record.name for record in records] == [f"04_{name}"] * 2
    assert records[0] == view(english, *arguments)[1]
    for field in ("title", "unit", "base", "period", "note", "alt"):
        told, translated = (getattr(record, field) for record in records)
        assert bool(told) == bool(translated) and (field in ("note", "period") or told)
        if field != "note":  # a limit of 100 million is one of 1亿
            assert numbers(told) == numbers(translated), field
    assert records[0].alt.endswith(".") and records[1].alt.endswith("。")
    assert records[0].alt != records[0].title


def test_alternative_texts_count_what_is_drawn(english: Teller) -> None:
    views = figure_views()

    def alt(name: str) -> str:
        view, arguments = views[name]
        return str(view(english, *arguments)[1].alt)

    # By hand from the tables: 17 present, 1 absent and 48 unknown make 11 times 6.
    assert numbers(alt("04_conditions")) == sorted(["11", "6", "17", "1", "48"])
    assert "not found elsewhere 19." in alt("04_documentation")
    assert "from 1988 to 2026" in alt("04_timeline") and "12 of 29" in alt("04_timeline")
    assert "Invited investment: 4/20 to 13/20" in alt("04_path_shares")
    # Revenue, both profits and the growth of profit of one firm each fell; a profit with two
    # versions in a year between counts by its first and last year.
    assert "Of 10 with two full years or more, 4 end lower" in alt("04_financials")


# --- a user's own cases -----------------------------------------------------------------------
# SYNTHETIC: the firms, paths, events and figures below are made up and stand for nothing.

SYNTHETIC: dict[str, list[dict[str, str]]] = {
    "sources": [{"source_id": "SYN", "title": "Made-up test data", "publisher": "Test", "access": "copy",
                 "grade": "C"}],
    "growth_paths": [
        {"path_id": "overseas", "place_id": "210200", "reported_share_pct": "25", "name_en": "Bought abroad",
         "name_zh": "境外收购"},
        {"path_id": "spin_off", "place_id": "210200", "reported_share_pct": "12.5", "name_en": "Spin-off",
         "name_zh": "分拆"},
    ],
    "firms": [
        {"firm_id": "S1", "path": "overseas", "founded": "2001"},
        {"firm_id": "S2", "path": "overseas"}, {"firm_id": "S3", "path": "spin_off"},
        {"firm_id": "S4"},
    ],
    "firm_statements": [
        {"firm_id": "S1", "order": "1", "topic": "origin", "mode": "acquisition", "documentation": "documented"},
        {"firm_id": "S1", "order": "2", "topic": "position", "documentation": "conflicting"},
        {"firm_id": "S3", "order": "1", "topic": "origin", "documentation": "undocumented"},
    ],
    "firm_events": [
        {"firm_id": "S1", "date": "2001", "event_type": "founding"},
        {"firm_id": "S1", "date": "2005-03", "event_type": "ownership", "deal_id": "S1-D1"},
        {"firm_id": "S4", "date": "2010-05-06", "event_type": "listing"},
    ],
    "firm_conditions": [
        {"firm_id": "S1", "condition": "foreign_acquisition", "value": "true"},
        {"firm_id": "S2", "condition": "foreign_acquisition", "value": "true"},
        {"firm_id": "S3", "condition": "foreign_acquisition", "value": "false"},
        {"firm_id": "S3", "condition": "traditional_industry", "value": "true"},
    ],
    "firm_financials": [
        {"firm_id": "S1", "period": "2021", "metric": "debt_ratio", "value": "60", "unit": "pct"},
        {"firm_id": "S1", "period": "2022", "metric": "debt_ratio", "value": "72", "unit": "pct"},
    ],
}  # fmt: skip


def write_synthetic(folder: Path, left_out: tuple[str, ...] = ()) -> None:
    """The tables above with the words and ids every row of its kind needs."""
    for name, given in SYNTHETIC.items():
        if name in left_out:
            continue
        rows = []
        for row in given:
            number = row.get("firm_id", "")
            filled = {"source_id": "SYN", "in_study": "false", "place_id": "210200", **row}
            filled |= {"recognition": "none_found"} if name == "firms" else {}
            filled["statement_id"] = f"{number}-{row.get('order', '')}"
            for field in tables.schemas()[name].fields:
                if field.required and not filled.get(field.name):
                    filled[field.name] = f"Synthetic {number}".strip()
            rows.append(filled)
        columns = list(tables.schemas()[name].columns)
        pd.DataFrame(rows, columns=columns).to_csv(folder / f"{name}.csv", index=False)


def shown(path: Path) -> Iterator[str]:
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            assert output.output_type != "error"
            yield data.get("text/markdown", data.get("text/html", data.get("text/plain", "")))


@pytest.fixture(scope="module")
def second_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import papermill

    base = tmp_path_factory.mktemp("second")
    for number, left_out in enumerate(((), ("firm_conditions", "firm_financials", "firm_events"))):
        own = base / f"own{number}"
        own.mkdir()
        write_synthetic(own, left_out)
        papermill.execute_notebook(
            ROOT / "notebooks" / "04_growth_paths.ipynb", base / f"out{number}.ipynb",
            {"city": "大连", "data_dir": str(own), "output_dir": str(base / f"res{number}")},
            progress_bar=False, log_output=False,
        )  # fmt: skip
    return base


@pytest.mark.notebooks
def test_a_second_city_runs_through_the_same_notebook(second_city: Path) -> None:
    text = "\n".join(shown(second_city / "out0.ipynb"))
    assert "Firms of Dalian with a path: 3; others shown beside them: 1." in text
    # 2 and 1 firms are 25 and 12.5 % of 8, which leaves 5 without a path.
    assert "(2, 1 by path)" in text and "5/8 (63 %) have no path" in text
    assert "documented: 1, partly: 0, conflicting: 1" in text
    assert "between 2/8 and 7/8" in text
    assert "*Traditional:* coded so 1, coded otherwise 0, unknown 7" in text
    assert "of 2 pairs of cases on different paths **2 are told apart" in text
    assert "**1 deal**" in text and "Bought abroad: 1; Spin-off: 0" in text
    # A debt ratio of 60 and of 72 per cent, held against 70 and 75.
    assert "Of 2 firm-years: held against the measures of 2022, 1 fail" in text
    assert "held against the measures of 2026, 0 fail" in text
    # The claims themselves name Anshan's firms, and say that they do not apply here.
    own = "\n".join(part for part in shown(second_city / "out0.ipynb") if "C3-" not in part)
    names = tables.load("firms")[["name_short_en", "name_study_zh"]].to_numpy().ravel()
    assert not [name for name in names if isinstance(name, str) and name in own]
    assert "Synthetic S1" in own
    made = {path.stem for path in second_city.glob("res0/*/figures/*.png")}
    kinds = (
        "conditions",
        "documentation",
        "financials",
        "fit",
        "path_shares",
        "timeline",
        "worked_cases",
    )
    assert made == {f"04_{kind}" for kind in kinds}


@pytest.mark.notebooks
def test_a_second_city_with_half_the_tables_says_what_is_missing(second_city: Path) -> None:
    text = "\n".join(shown(second_city / "out1.ipynb"))
    assert text.count("Nothing to show here for Dalian") == 7
    assert "*Old:* the study sets no year, so every limit is tried." in text
    made = {path.stem for path in second_city.glob("res1/*/figures/*.png")}
    assert made == {"04_documentation", "04_path_shares"}
