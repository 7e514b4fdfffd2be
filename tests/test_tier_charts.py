"""Figures and sentences of the concept notebook, with real rows and with altered ones."""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest

from helpers.analysis import rd_frontier, tier_stocks, tiers
from helpers.evidence import tables
from helpers.publish import criteria_charts, tier_charts, tier_views
from helpers.publish.figures import Record
from helpers.publish.teller import View
from helpers.run.study import Parameters, Study, make_study

CASES = tables.load("condition_cases")


@pytest.fixture(scope="module", params=["en", "zh"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = str(tmp_path_factory.mktemp("study"))
    return make_study(Parameters(language=request.param, output_dir=folder), "01_concept")


@pytest.fixture(scope="module")
def act_of(study: Study) -> pd.Series:
    return study.table("tiers").set_index("tier_id")["regime_id"]


@pytest.fixture(scope="module")
def stocks(study: Study) -> pd.DataFrame:
    table = study.table("tier_stocks")
    return table.assign(doubtful=tiers.doubtful_stocks(table))


def boxes(figure: mpl.figure.Figure) -> list[tuple[str, mpl.transforms.Bbox]]:
    """Places of all texts written into the axes, names of ticks apart."""
    figure.set_dpi(200)
    figure.canvas.draw()
    texts = [text for ax in figure.axes for text in ax.texts if text.get_text()]
    return [(text.get_text(), mpl.text.Text.get_window_extent(text)) for text in texts]


def overlapping(figure: mpl.figure.Figure) -> list[tuple[str, str]]:
    found = []
    for (one, first), (other, second) in combinations(boxes(figure), 2):
        across = min(first.x1, second.x1) - max(first.x0, second.x0)
        up = min(first.y1, second.y1) - max(first.y0, second.y0)
        # Boxes hold some air above and below the letters.
        if across > 1 and up > 5:
            found.append((one, other))
    return found


def views(study: Study, act_of: pd.Series, stocks: pd.DataFrame) -> dict[str, View]:
    conditions = study.table("thresholds")
    documents = study.table("policy_documents").dropna(subset="issued")
    return {
        "ladder": tier_charts.ladder(study, stocks, study.table("programme_targets")),
        "changes": criteria_charts.changes(study, conditions, act_of),
        "frontier": criteria_charts.frontier(study, conditions, CASES, act_of),
        "documents": tier_charts.documents(study, tiers.in_order(documents)),
        "density": tier_charts.density(study, study.table("hidden_champion_density")),
    }


def test_labels_keep_apart_and_inside_the_picture(
    study: Study, act_of: pd.Series, stocks: pd.DataFrame
) -> None:
    for name, (figure, record, data) in views(study, act_of, stocks).items():
        saved = study.figure(figure, record, data)
        assert saved.path.is_file()
        assert overlapping(figure) == [], name
        width, height = figure.bbox.width, figure.bbox.height
        for text, box in boxes(figure):
            assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, (
                name,
                text,
            )
        for text in figure.texts:
            assert text.get_window_extent().x1 <= width, (name, text.get_text())


def test_labels_of_the_ladder_keep_apart_with_more_figures(
    study: Study, stocks: pd.DataFrame
) -> None:
    # A made-up count of champions at the end, close to the ratio of the step below.
    row = stocks[stocks["tier_id"] == "single_champion"].tail(1)
    row = row.assign(as_of="2025-12", firms_count=2000)
    more = pd.concat([stocks, row], ignore_index=True)
    figure, record, data = tier_charts.ladder(study, more, study.table("programme_targets"))
    study.figure(figure, record, data)
    assert overlapping(figure) == []


def test_overlaps_would_be_seen(study: Study) -> None:
    from helpers.publish import figures

    with figures.styled():
        figure, ax = figures.new(3, 2)
        ax.text(0.5, 0.5, "one")
        ax.text(0.5, 0.5, "other")
    assert overlapping(figure) == [("one", "other")]


def lines_of(figure: mpl.figure.Figure) -> list[tuple[list[float], list[float]]]:
    return [
        (list(line.get_xdata()), list(line.get_ydata()))
        for line in figure.axes[0].lines
        if len(line.get_xdata()) > 2
    ]


def test_the_frontier_is_drawn_through_its_kinks(study: Study, act_of: pd.Series) -> None:
    figure, _, data = criteria_charts.frontier(study, study.table("thresholds"), CASES, act_of)
    old, new = lines_of(figure)
    assert old == ([10, 50, 50, 100, 100, 1000], [300, 60, 6, 6, 3, 3])
    assert new[0] == [10, 50, 50, 200, 200, 1000]
    assert new[1][2:] == [12, 3, 3, 3] and min(new[1][:2]) > 1000
    assert data.groupby("act").size().to_dict() == {"2022": 3, "2026": 3}


def test_altered_thresholds_move_the_frontier_and_doubt_is_written(
    study: Study, act_of: pd.Series
) -> None:
    conditions = study.table("thresholds").set_index("threshold_id")
    conditions.loc["lg26-rd-sum", "value"] = 24.0
    conditions.loc["lg22-rd-middle", "verified"] = False
    figure, _, data = criteria_charts.frontier(study, conditions.reset_index(), CASES, act_of)
    _, new = lines_of(figure)
    assert new[0] == [10, 50, 50, 400, 400, 1000] and new[1][2] == 24
    texts = [text for text, _ in boxes(figure)]
    doubted = [text for text in texts if "unverified" in text or "未核实" in text]
    assert len(doubted) == 1 and "6" in doubted[0]
    assert not data.loc[data["threshold_id"] == "lg22-rd-middle", "verified"].any()


def test_a_second_source_takes_the_warning_away(study: Study, act_of: pd.Series) -> None:
    conditions = study.table("thresholds")
    words = study.t("one transcription", "一份转录")
    _, record, _ = criteria_charts.frontier(study, conditions, CASES, act_of)
    assert words in record.note
    newer = conditions["tier_id"] == "little_giant_2026"
    more = conditions["source_id"].mask(newer, "C-S20;C-S21")
    _, record, _ = criteria_charts.frontier(study, conditions.assign(source_id=more), CASES, act_of)
    assert words not in record.note


def test_dumbbells_show_both_numbers_and_mark_doubt(study: Study, act_of: pd.Series) -> None:
    conditions = study.table("thresholds")
    value = conditions["value"].mask(conditions["threshold_id"] == "lg26-main-share", 95.0)
    verified = conditions["verified"] & (conditions["threshold_id"] != "lg26-debt")
    altered = conditions.assign(value=value, verified=verified)
    figure, _, data = criteria_charts.changes(study, altered, act_of)
    texts = [text for text, _ in boxes(figure)]
    assert any(re.fullmatch(r"≥ 95 ?%", text) for text in texts)
    assert not any(re.fullmatch(r"≥ 90 ?%", text) for text in texts)
    doubted = [text for text in texts if "unverified" in text or "未核实" in text]
    assert len(doubted) == 1 and "75" in doubted[0]
    share = data.set_index("new_threshold_id").loc["lg26-main-share"]
    assert share["multiple"] == pytest.approx(95 / 70)


def test_the_ladder_draws_each_version_and_no_pair_of_floors(
    study: Study, stocks: pd.DataFrame
) -> None:
    figure, record, data = tier_charts.ladder(study, stocks, study.table("programme_targets"))
    texts = " ".join(text for text, _ in boxes(figure))
    for shown in ("> 4.4", "> 5.5", "> 6.6", "8.2", "> 11.6", "> 9.5", "10.6", "> 2.0"):
        assert shown in texts, shown
    assert "7.9" not in texts and "4.2" not in texts
    assert len(data) == len(stocks)
    assert re.search(r"\b3 pairs|；3对", record.note)


@pytest.mark.parametrize(
    ("ratio", "bound", "expected"),
    [
        (5.5574, "more_than", "> 5.5"),
        (5.5574, "less_than", "< 5.6"),
        (5.6, "more_than", "> 5.6"),
        (5.6, "less_than", "< 5.6"),
        (5.5574, "equal", "5.6"),
    ],
)
def test_bounds_are_rounded_outwards(ratio: float, bound: str, expected: str) -> None:
    assert tier_views.ratio_text(ratio, bound) == expected


def test_the_table_of_ratios_names_the_basis(study: Study, stocks: pd.DataFrame) -> None:
    ratios = tier_stocks.step_ratios(stocks)
    targets = tier_stocks.target_ratios(study.table("programme_targets"))
    table, _ = tier_views.ratio_table(study, ratios, targets)
    basis = table.iloc[:, 4]
    assert basis.isna().sum() == len(targets)
    assert study.t("not stated / valid titles", "未说明／有效") in basis.tolist()


def test_the_tiers_show_their_acts_dates_and_annexes(study: Study) -> None:
    regimes = study.table("regimes")
    doubtful = regimes.assign(verified=regimes["regime_id"] != "M2026")
    table, about = tier_views.tier_table(
        study, study.table("tiers"), doubtful, study.table("thresholds")
    )
    acts, rows = table.columns[1], table.astype("object").fillna("").astype(str)
    giant = rows[rows["级次" if study.language == "zh" else "Rank"] == "3"]
    assert giant.iloc[0, 1:6].tolist() == ["工信部企业〔2022〕63号", "3", "2022-06-01", "2022-08-01", "2026-04-01"]  # fmt: skip
    assert giant.iloc[1, 1:6].tolist() == [
        "工信部企业〔2026〕2号 †",
        "2",
        "2026-01",
        "2026-04-01",
        "",
    ]
    assert rows[acts].str.contains("†").sum() == 3 and "†" in about.note


def test_small_letters_can_be_read_on_white() -> None:
    def contrast(colour: str) -> float:
        parts = [
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4
            for p in mpl.colors.to_rgb(colour)
        ]
        return float(1.05 / (0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] + 0.05))

    assert contrast("#000000") == pytest.approx(21)
    for colour in tier_views.tier_colours().values():
        assert contrast(tier_charts.legible(colour)) >= 4.49


def numbers(text: str) -> list[str]:
    """Numbers of a text, without the year of an act, which languages put in different places."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", re.sub(r"20(22|26)", "", text)))


def text_of(found: str | list[str]) -> str:
    return found if isinstance(found, str) else "\n".join(found)


def in_both(tmp_path: Path) -> tuple[Study, Study]:
    english, chinese = (
        make_study(Parameters(language=language, output_dir=str(tmp_path)), "01_concept")
        for language in ("en", "zh")
    )
    return english, chinese


def test_sentences_say_the_same_numbers_in_both_languages(tmp_path: Path) -> None:
    both = in_both(tmp_path)
    study = both[0]
    conditions, tier_rows = study.table("thresholds"), study.table("tiers")
    acts = tier_rows.set_index("tier_id")["regime_id"]
    documents = study.table("policy_documents").dropna(subset="issued")
    national = tiers.in_order(documents[documents["level"] == "national"])
    stocks = study.table("tier_stocks")
    stocks["doubtful"] = tiers.doubtful_stocks(stocks)
    ratios = tier_stocks.step_ratios(stocks)
    planned = tier_stocks.target_ratios(study.table("programme_targets"))
    champions = tier_rows[tier_rows["tier"] == "single_champion"]
    calls = [
        (tier_views.documents_reading, national),
        (tier_views.champion_reading, champions, conditions),
        (tier_views.sides_reading, study.table("contrasts")),
        (
            tier_views.density_reading, study.table("hidden_champion_facts"),
            study.table("hidden_champion_density"), "9",
        ),
        (tier_views.ladder_reading, stocks, ratios, planned),
    ]  # fmt: skip
    for function, *arguments in calls:
        english, chinese = (text_of(function(one, *arguments)) for one in both)
        assert numbers(english) == numbers(chinese), function.__name__
        assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{3,}", chinese), function.__name__
        assert not re.search(r"[\u4e00-\u9fff]", english), function.__name__
    lists = [tier_views.change_list(one, conditions, acts, "little_giant") for one in both]
    assert len(lists[0]) == len(lists[1])
    # Kinds of change stand in the same order, each with as many topics.
    for english, chinese in zip(lists[0][2:-2], lists[1][2:-2], strict=True):
        assert english.count(", ") == chinese.count("、")


def test_the_floor_is_told_alike_in_both_languages(tmp_path: Path) -> None:
    english, chinese = in_both(tmp_path)
    conditions = english.table("thresholds")
    acts = english.table("tiers").set_index("tier_id")["regime_id"]
    floors = [
        rd_frontier.rd_rules(conditions, CASES, acts, f"little_giant_{year}")
        for year in (2022, 2026)
    ]
    compared = rd_frontier.compare_rd(*floors, 10, 1000)
    # Chinese money is counted in 10,000 yuan.
    told = tier_views.rd_reading(chinese, compared, "eased for some")
    assert "低于5,000万元的企业不予受理" in told
    assert "营业收入5,000万元至20,000万元（不含）的企业，下限高于2022年" in told
    assert "差距最大为2倍，见于营业收入5,000万元处（12%，原为6%）" in told
    back = tier_views.rd_reading(
        chinese, rd_frontier.compare_rd(*floors[::-1], 10, 1000), "tighter"
    )
    assert "下限低于2022年" in back and "无论营业收入多少" not in back


def test_every_figure_has_words_for_readers_who_cannot_see_it(
    study: Study, act_of: pd.Series, stocks: pd.DataFrame
) -> None:
    records: dict[str, Record] = {
        name: view[1] for name, view in views(study, act_of, stocks).items()
    }
    for name, record in records.items():
        assert len(record.alt) > study.t(100, 45), name
        assert record.alt != record.title
        assert bool(re.search(r"[\u4e00-\u9fff]{4}", record.alt)) == (study.language == "zh"), name
    assert study.t("bar 25 with 0.1", "居第25条，为0.1") in records["density"].alt
    assert study.t("4 move to the stricter side, 2 to the easier", "4项收紧，2项放宽") in (
        records["changes"].alt
    )
    # The extremes of the ratios are floors, and are told as such.
    assert study.t("from > 2.0 to > 11.6", "介于> 2.0与> 11.6之间") in records["ladder"].alt


def test_contrasts_are_counted_by_side(study: Study) -> None:
    contrasts = study.table("contrasts")
    text = tier_views.sides_reading(study, contrasts)
    assert study.t("type of firm 1 and 3", "企业类型1项和3项") in text
    assert study.t("market entry 1 and 0", "市场进入1项和0项") in text
    alone = contrasts.assign(source_id="STUDY")
    shown = tier_views.sides_reading(study, alone)
    assert study.t("type of firm 0 and 0", "企业类型0项和0项") in shown


def test_sentences_follow_the_rows(
    teller: Callable[..., Any], study: Study, act_of: pd.Series, stocks: pd.DataFrame
) -> None:
    english = teller("en")
    conditions = study.table("thresholds")
    old, new = (
        rd_frontier.rd_rules(conditions, CASES, act_of, f"little_giant_{year}")
        for year in (2022, 2026)
    )
    text = tier_views.rd_reading(
        english, rd_frontier.compare_rd(old, new, 10, 1000), "eased for some"
    )
    assert "admits no firm with a revenue below 50 million CNY" in text
    assert "higher at a revenue of 50 to below 200 million CNY" in text
    assert "the same at a revenue of 200 million CNY and above" in text
    assert "a factor of 2, at 50 million CNY (12 % in place of 6 %) and 100 million CNY" in text
    back = tier_views.rd_reading(english, rd_frontier.compare_rd(new, old, 10, 1000), "tighter")
    assert "is lower at a revenue below 200 million CNY" in back and "At no revenue" not in back
    ratios = tier_stocks.step_ratios(stocks)
    targets = tier_stocks.target_ratios(study.table("programme_targets"))
    lines = "\n".join(tier_views.ladder_reading(english, stocks, ratios, targets))
    assert "each step has a ratio of 10." in lines
    assert "about 8.2 in 2023-08 and > 9.5 in 2024-12" in lines
    fewer = ratios[ratios["as_of"] < "2024"]
    assert "rise" not in "\n".join(tier_views.ladder_reading(english, stocks, fewer, targets))
