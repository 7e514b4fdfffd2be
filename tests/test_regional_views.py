"""Figures, tables and sentences of notebook 02b, and the notebook with every count supplied."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import papermill
import pytest
from matplotlib.colors import to_hex
from matplotlib.offsetbox import AnnotationBbox
from test_full_data import _made_up

from helpers.analysis import decomposition, intervals, mobility, provincial, shares
from helpers.evidence import tables
from helpers.evidence.provinces import Provinces, build
from helpers.publish import regional_tables as printed
from helpers.publish import regional_views as views
from helpers.publish import regional_words as words
from helpers.publish.figures import COLOURS, save
from helpers.publish.teller import Teller

ROOT = Path(__file__).parents[1]
TABLES = tables.load_all()
PLACES = TABLES["places"]
REGION = PLACES.set_index("place_id")["region"]
Make = Callable[..., Teller]


@pytest.fixture(scope="module")
def problem() -> Provinces:
    return build(TABLES, time_limit=60.0)


@pytest.fixture(scope="module")
def known() -> provincial.Complete:
    cells = shares.Cells(TABLES["province_counts"], PLACES, "study")
    return provincial.complete_spans(cells, cells, [(1, 2)])[0]


@pytest.fixture(params=["en", "zh"])
def study(request: pytest.FixtureRequest, teller: Make) -> Teller:
    return teller(request.param)


@pytest.fixture
def english(teller: Make) -> Teller:
    return teller("en")


_SOLVED: dict[str, pd.DataFrame] = {}  # bounds that several tests look at


def bounds_of(problem: Provinces) -> pd.DataFrame:
    if "bounds" not in _SOLVED:
        spans = [(1, 2), (1, 3)]
        _SOLVED["bounds"] = provincial.concentration_bounds(problem, spans, "study")
    return _SOLVED["bounds"]


def shift_of(problem: Provinces) -> pd.DataFrame:
    if "shift" not in _SOLVED:
        _SOLVED["shift"] = provincial.shift_bounds(problem, (1, 2), (3, 3), "study", REGION)
    return _SOLVED["shift"]


def artists_text(figure: Any) -> list[str]:
    """Every text that stands in a figure's axes."""
    found = []
    for ax in figure.axes:
        labels = [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels(), ax.title, ax.xaxis.label]
        found += [label.get_text() for label in labels if label.get_text()]
    return found


def shown_figures(
    problem: Provinces, known: provincial.Complete, here: str, study: Teller
) -> Iterator[Any]:
    """All figures of the notebook for one province."""
    everyone = intervals.share_intervals(known.counts.to_dict())
    everyone["rank"] = known.counts.rank(ascending=False, method="min").astype("int64")
    near = provincial.neighbours(known.counts, here)
    yield views.share_intervals(study, everyone.loc[near.index], here, 32, "certified", ["S"])
    bounds = bounds_of(problem)
    yield views.concentration(study, bounds, {"cr5": "0.436", "hhi": "0.0599"}, ["S"])
    references = provincial.reference_table(
        TABLES["province_population"], TABLES["province_covariates"]
    )
    yield views.lorenz(study, provincial.curves([known], references, PLACES), ["S"])
    table = provincial.quotient_table(provincial.merge_corps(known.counts, PLACES), references)
    yield views.quotients(study, table, here, "1-2", "certified", ["S"])
    shift = shift_of(problem)
    yield views.focal_shift(study, {"3": shift.loc[here]}, "1-2", here, ["S"])
    yield views.shifts(study, {"3": shift}, "1-2", here, ["S"])
    ranks = provincial.rank_table(known, problem, list(near.index), [(1, 3)], "study")
    yield views.bump(study, ranks, here, 32, "", ["S"])


@pytest.mark.parametrize(
    ("here", "language"), [("210000", "en"), ("540000", "zh"), ("330000", "zh")]
)  # in the middle, none at all, the first
def test_figures(
    here: str, language: str, problem: Provinces, known: provincial.Complete, teller: Make,
    tmp_path: Path,
) -> None:  # fmt: skip
    names = []
    for figure, record, data in shown_figures(problem, known, here, teller(language)):
        text = " ".join(artists_text(figure))
        assert not re.search(r"\b(nan|None|inf)\b", text), record.name
        save(figure, record, tmp_path, language, data)
        assert record.source and record.title and not data.empty
        # What is drawn and at least one number of it, in the language of the figure.
        assert re.search(r"\d", record.alt) and record.alt.endswith((".", "。")), record.name
        assert bool(re.search("[\u4e00-\u9fff]", record.alt)) == (language == "zh"), record.alt
        marked = {to_hex(line.get_color()) for ax in figure.axes for line in ax.lines}
        marked |= {to_hex(bar.get_facecolor()) for ax in figure.axes for bar in ax.patches}
        ticks = {to_hex(tick.get_color()) for ax in figure.axes for tick in ax.get_yticklabels()}
        assert COLOURS["focal"].lower() in marked | ticks, record.name
        names.append(record.name)
    assert len(set(names)) == 7 and all(name.startswith("02b_") for name in names)


def test_a_province_without_a_firm_is_at_the_edge_of_the_logarithmic_axis(
    problem: Provinces, known: provincial.Complete, english: Teller
) -> None:
    views_shown = shown_figures(problem, known, "540000", english)
    figure = next(figure for figure, record, _ in views_shown if record.name == "02b_quotients")
    for ax in figure.axes:
        arrows = [line for line in ax.lines if line.get_marker() == "<"]
        assert len(arrows) == 1 and arrows[0].get_xdata()[0] == ax.get_xlim()[0]


def test_known_values_are_dots_and_unknown_ones_bars(
    problem: Provinces, known: provincial.Complete, english: Teller
) -> None:
    views_shown = shown_figures(problem, known, "210000", english)
    figure, _, data = next(view for view in views_shown if view[1].name == "02b_shifts")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    points = data["competitive_low"] == data["competitive_high"]
    assert len(dots) == points.sum() == 6
    assert "+18.6" in words.growth(english, {"3": data.set_index("place_id")}, "210000")


def test_printed_tables(problem: Provinces, known: provincial.Complete, study: Teller) -> None:
    bounds, t = bounds_of(problem), study.t
    beside = provincial.published_table(TABLES["published_indices"], bounds, problem, "study")
    frame, record = printed.published(study, beside, ["S"])
    assert record.name == "02b_published" and len(frame) == len(beside)
    # A point is printed once, bounds as two ends, and outer ones say so.
    cells = frame.iloc[:, 3].tolist()
    assert cells[0] == "0.3679" and study.t(" – ", "—") in cells[1]
    assert sum(t("outer", "外界") in cell for cell in cells) == (~beside["attained"]).sum() > 0
    table = provincial.concentration_table([known], (1, 5))
    frame, _ = printed.indices(study, table, 32, "certified", ["S"])
    assert frame.iloc[:, 0].is_unique and frame.shape == (len(table), 4)
    theil = provincial.theil_table(known.counts, PLACES, {})
    frame, _ = printed.theil(study, theil, "certified", ["S"])
    assert frame.notna().all(axis=None) and frame.iloc[:, 3].sum() == 2 * 1832


def test_changes_of_rank_in_a_table(study: Teller) -> None:
    rows = [("A", "1-2", 2, 2), ("B", "1-2", 1, 1), ("A", "1-3", 1, 4), ("B", "1-3", 1, 1)]
    table = pd.DataFrame(rows, columns=["place_id", "batches", "best", "worst"])
    frame, record = printed.rank_changes(study, table.assign(ranked_count=5), "certified", ["S"])
    to, first, second = study.t(" to ", "至"), study.name("B"), study.name("A")
    assert frame.values.tolist() == [[first, 1, "1", "0"], [second, 2, f"1{to}4", f"-2{to}+1"]]
    assert record.basis == study.t("study (1-2: certified)", "原研究口径（第1—2批：公告）")


def test_tables_of_one_province(study: Teller, known: provincial.Complete) -> None:
    references = provincial.reference_table(
        TABLES["province_population"], TABLES["province_covariates"]
    )
    merged = provincial.merge_corps(known.counts, PLACES)
    table = provincial.quotient_table(merged, references)
    mine = table[table["place_id"] == "210000"].merge(
        provincial.krugman_table(merged, references), on="reference_name"
    )
    frame, record = printed.focal_quotients(study, mine, "210000", "certified", ["S"])
    assert len(frame) == 4 and study.name("210000") in record.title
    rows = {"industry": ["chips"], "before": [2], "after": [5], "change": [3], "national": [1.5],
            "industry_mix": [0.5], "competitive": [1.0]}  # fmt: skip
    made_up = pd.DataFrame(rows).set_index("industry")
    frame, record = printed.industry_parts(study, made_up, "1-2", "4-5", "210000", ["S"])
    assert frame.iloc[0, 1:].tolist() == [2, 5, 3, 1.5, 0.5, 1.0]
    assert record.period == study.t("batches 1-2 to batches 4-5", "第1—2批至第4—5批")
    flow = {"batch": [3], "total_count": [2930], "growth_pct": [60.0], "lower_count": [137],
            "upper_count": [137], "lower_share_pct": [4.7], "upper_share_pct": [4.7]}  # fmt: skip
    frame, _ = printed.growth(study, pd.DataFrame(flow), "210000", ["S"])
    assert frame.iloc[0].tolist() == [3, 2930, 60.0, 137, 137, 4.7, 4.7]


def test_every_index_and_reference_has_a_name(known: provincial.Complete, study: Teller) -> None:
    t = study.t
    table = provincial.concentration_table([known], (1, 5))
    names = [views.index_name(index, t) for index in table["index"]]
    assert len(set(names)) == len(names)
    assert set(views.reference_names(t)) == set(provincial.REFERENCES)
    assert list(views.part_names(t)) == [
        "change", "national", "competitive", "between_blocks", "within_block",
    ]  # fmt: skip
    assert set(views.part_names(t)) == set(provincial.PARTS)


# --- Sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((2.0, 5.0), "grew more than the nation (competitive effect +2.0 to +5.0 firms)"),
        ((-5.0, -2.0), "grew less than"),
        ((-5.0, 2.0), "grew perhaps more, perhaps less than"),
        ((0.0, 2.0), "grew at least as much as the nation (competitive effect 0.0 to +2.0 firms)"),
        ((-2.0, 0.0), "grew at most as much as the nation"),
        ((0.0, 0.0), "grew exactly as much as the nation (competitive effect 0.0 firms)"),
    ],
)
def test_growth_in_words(ends: tuple[float, float], told: str, english: Teller) -> None:
    table = pd.DataFrame([ends], ["A"], ["competitive_low", "competitive_high"])
    table = table.assign(before_high=3.0, after_low=1.0, after_high=9.0)
    assert told in words.growth(english, {"3": table}, "A")


def test_how_many_certainly_grew_more_or_less(english: Teller) -> None:
    ends = [(2.0, 5.0), (-5.0, 2.0), (-9.0, 1.0), (-4.0, -1.0), (-5.0, -2.0), (-1.0, -0.5)]
    table = pd.DataFrame(ends, list("ABCDEF"), ["competitive_low", "competitive_high"])
    table = table.assign(before_high=3.0, after_low=1.0, after_high=9.0)
    told = words.growth(english, {"3": table}, "A")
    assert "Of 6 units 1 certainly grew more, 3 certainly less" in told


def test_from_no_firm_there_is_no_rate_of_growth(problem: Provinces, english: Teller) -> None:
    """Tibet had none in batches 1-2: "at least as the nation (0.0 to +218.0)" said nothing."""
    told = words.growth(english, {"3": shift_of(problem)}, "540000")
    assert "place 540000 had no firm before and 0 to " in told and "no rate of growth" in told
    assert "grew" not in told.split("(competitive")[0]


def test_position_in_words(english: Teller) -> None:
    """The reading follows the scaled interval, not the binomial one."""
    rows = [
        ("gdp", 1.1, 2.0, 1.05, 3.0), ("residents", 0.2, 0.9, 0.1, 0.95),
        ("rd_expenditure", 1.2, 1.5, 0.4, 3.0), ("hightech_firms", 0.5, 1.5, 0.1, 9.0),
    ]  # fmt: skip
    columns = ["reference_name", "low", "high", "scaled_low", "scaled_high"]
    table = pd.DataFrame(rows, columns=columns).assign(dispersion=9.06)
    told = words.position(english, table, "X", 31)
    assert "has more than GDP (2018) would suggest; fewer than residents (2020) would" in told
    assert "no more and no fewer than R&D spending (2018) and high-tech manuf. firms (2018)" in told
    assert "9.1 for GDP (2018)" in told and "leave out 1 for 3 of 4 references" in told
    assert "Notebook 02c" in told
    assert "No reference is on record for place X" in words.position(
        english, table.head(0), "X", 31
    )


def test_position_of_liaoning_agrees_with_the_count_model(
    known: provincial.Complete, english: Teller
) -> None:
    """Against each reference it lies within the scatter of the provinces, as in notebook 02c."""
    references = provincial.reference_table(
        TABLES["province_population"], TABLES["province_covariates"]
    )
    table = provincial.quotient_table(provincial.merge_corps(known.counts, PLACES), references)
    own = table[table["place_id"] == "210000"]
    assert (own["low"] > 1).sum() == 4  # all of them, were it for the binomial model
    assert own["dispersion"].round(1).tolist() == [19.4, 9.1, 22.5, 46.3]
    told = words.position(english, own, "210000", 31)
    assert told.startswith(
        "**place 210000 has no more and no fewer than residents (2020), GDP (2018)"
    )


def test_printed_values_in_words(problem: Provinces, english: Teller) -> None:
    beside = provincial.published_table(
        TABLES["published_indices"], bounds_of(problem), problem, "study"
    )
    values = ({"cr5": 0.3679, "hhi": 0.0499}, {"cr5": 0.368, "hhi": 0.0503})
    stated = {"cr5": "0.436", "hhi": "0.0599"}
    told = words.printed_pair(english, stated, (0.05, 0.11), beside, values, "1-2")
    assert "lies there too, so the two agree" in told
    assert (
        "possible for batches 1-3, and at least one of them is impossible for batches 1-2" in told
    )
    assert "count the Corps within Xinjiang, the bounds here count it apart" in told
    assert "0.0499 and 0.0503" in told
    told = words.printed_pair(english, stated, (0.07, 0.11), beside, values, "1-2")
    assert "one of the two is wrong" in told


def test_what_is_certain_of_later_batches(problem: Provinces, english: Teller) -> None:
    against = provincial.compare_with(bounds_of(problem), "1-2")
    assert words.found_so_far(english, against, "1-2").startswith("Of no later batch is it certain")
    higher = against.assign(direction="higher")
    assert "CR5 is higher in batches 1-3; and that HHI" in words.found_so_far(
        english, higher, "1-2"
    )


def said(
    study: Teller, problem: Provinces, known: provincial.Complete, here: str
) -> dict[str, str]:
    """Every sentence of the notebook for one province."""
    bounds = bounds_of(problem)
    against = provincial.compare_with(bounds, "1-2")
    beside = provincial.published_table(TABLES["published_indices"], bounds, problem, "study")
    references = provincial.reference_table(
        TABLES["province_population"], TABLES["province_covariates"]
    )
    merged = provincial.merge_corps(known.counts, PLACES)
    quotients = provincial.quotient_table(merged, references)
    everyone = intervals.share_intervals(known.counts.to_dict())
    everyone["rank"] = known.counts.rank(ascending=False, method="min").astype("int64")
    orders = intervals.focal_orders(provincial.neighbours(known.counts, here), here)
    value = {"cr5": 0.3679, "hhi": 0.0499}
    moving = pd.Series({"industry_mix": 1.5, "competitive": -2.0})
    pairs = {"1-3": (10, 4, 1, 5, -0.2, 0.8)}
    return {
        "complete": words.complete(study, ["1-2", "5"], "1-2", "certified", 1832),
        "standing": words.standing(study, everyone, here, "1-2"),
        "chance": words.chance(study, orders, here),
        "concentrated": words.concentrated(study, value, 32, "1-2"),
        "compared": words.compared(study, against, "1-2"),
        "found": words.found_so_far(study, against.assign(direction="higher"), "1-2"),
        "printed": words.printed_pair(
            study, {"cr5": "0.436", "hhi": "0.0599"}, (0.05, 0.11), beside, (value, value), "1-2"
        ),
        "split": words.split(study, provincial.theil_table(known.counts, PLACES, {})),
        "moves": words.moves(study, provincial.krugman_table(merged, references)),
        "position": words.position(study, quotients[quotients["place_id"] == here], here, 31),
        "growth": words.growth(study, {"3": shift_of(problem)}, here),
        "industries": words.industries(study, moving, 3, here),
        "lacking": words.industries(study, None, 0, here),
        "persistence": words.persistence(study, pairs, "1-2", {"1-3": (0.7, 0.1, 32)}),
    }


@pytest.mark.parametrize("here", ["210000", "540000"])
def test_sentences_hold_the_same_numbers_in_both_languages(
    here: str, problem: Provinces, known: provincial.Complete, teller: Make
) -> None:
    english, chinese = (said(teller(code), problem, known, here) for code in ("en", "zh"))
    for name, text in english.items():
        numbers = [
            set(re.findall(r"[-+]?\d[\d,.]*\d|\d", re.sub(r"(\d)[-—](?=\d)", r"\1 ", told)))
            for told in (text, chinese[name])
        ]
        assert numbers[0] and numbers[0] == numbers[1], (name, text, chinese[name])


def test_sentences_are_of_one_language(
    problem: Provinces, known: provincial.Complete, teller: Make
) -> None:
    """The names of indices and references came in Chinese into English sentences."""
    for name, text in said(teller("en"), problem, known, "210000").items():
        assert not re.search(r"[\u3000-\u9fff]", text), name
    for name, text in said(teller("zh"), problem, known, "210000").items():
        assert not re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", re.sub(r"`\w+`", "", text)), (name, text)
        assert not re.search(r"[\u4e00-\u9fff][,;:.]", text), (name, text)


def test_chinese_figures_write_ranges_of_batches_in_one_way(
    problem: Provinces, known: provincial.Complete, teller: Make
) -> None:
    for figure, record, _ in shown_figures(problem, known, "210000", teller("zh")):
        text = " ".join([*artists_text(figure), record.title, record.base, record.note])
        assert not re.search(r"第\d+-\d+批", text), record.name


def test_only_the_focal_name_of_a_tie_is_coloured(
    problem: Provinces, known: provincial.Complete, english: Teller
) -> None:
    """Liaoning and Sichuan share rank 11."""
    shown = shown_figures(problem, known, "210000", english)
    figure = next(figure for figure, record, _ in shown if record.name == "02b_ranks")
    colours = {
        piece.get_text(): to_hex(piece._text.get_color()).lower()
        for box in figure.axes[0].findobj(AnnotationBbox)
        for piece in box.offsetbox.get_children()
    }
    assert colours["place 210000"] == COLOURS["focal"].lower() != colours["place 510000"]


def test_known_ranks_are_joined_by_lines(english: Teller) -> None:
    rows = [("A", "1-2", 2, 2), ("A", "1-3", 1, 1), ("A", "1-5", 1, 3),
            ("B", "1-2", 1, 1), ("B", "1-3", 2, 2), ("B", "1-5", 1, 1)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["place_id", "batches", "best", "worst"])
    figure, _, _ = views.bump(english, table, "A", 3, "", ["S"])
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    solid = {tuple(map(float, line.get_xdata())): line for line in lines if line.get_linestyle() == "-"}  # fmt: skip
    joined = [line for line in lines if line.get_linestyle() == "-" and list(line.get_xdata()) == [0, 1]]  # fmt: skip
    assert solid and sorted(tuple(line.get_ydata()) for line in joined) == [(1, 2), (2, 1)]
    assert sum(line.get_linestyle() == ":" for line in lines) == 2


def test_nothing_to_say_is_said(english: Teller) -> None:
    empty = pd.DataFrame(columns=["index", "direction", "batches"])
    assert "No later batch" in words.compared(english, empty, "1-2")
    assert "No batch after the second" in words.growth(english, {}, "A")
    assert "No range beyond" in words.persistence(english, {}, "1-2")
    assert "holds 0 ranges" in words.industries(english, None, 0, "X")


def test_split_in_words(known: provincial.Complete, english: Teller) -> None:
    told = words.split(english, provincial.theil_table(known.counts, PLACES, {}))
    assert "46 % lies between the four regions" in told and "no second split" in told
    equal = pd.Series(3, index=known.counts.index)
    assert "0, equal counts" in words.split(english, provincial.theil_table(equal, PLACES, {}))


def test_orders_in_words(english: Teller) -> None:
    orders = intervals.focal_orders(pd.Series({"a": 20, "b": 20, "c": 18, "d": 1}), "a")
    told = words.chance(english, orders, "a")
    assert "Of the 3 neighbours shown 2 have another count than place a; with 1 of them" in told
    assert "Beyond chance under this model: place d." in told


# --- The notebook with every count of batches 3 to 5 supplied (made-up) ---------------------------


def made_up_industries(folder: Path, units: list[str]) -> dict[tuple[int, int], pd.DataFrame]:
    """Synthetic counts by industry in three ranges of batches."""
    random, made = np.random.default_rng(3), {}
    for span in ((1, 2), (3, 3), (4, 5)):
        counts = random.integers(1, 60, (len(units), 3))
        made[span] = pd.DataFrame(counts, sorted(units), ["chips", "drugs", "steel"])
    rows = [
        (region, industry, *span, int(table.loc[region, industry]), "SYNTHETIC")
        for span, table in made.items() for region in table.index for industry in table.columns
    ]  # fmt: skip
    columns = list(tables.schemas()["industry_counts"].columns)
    pd.DataFrame(rows, columns=columns).to_csv(folder / "industry_counts.csv", index=False)
    return made


@pytest.mark.notebooks
def test_with_every_count_all_bounds_are_points(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    sums = _made_up(own)
    industry = made_up_industries(own, list(sums.index))
    papermill.execute_notebook(
        ROOT / "notebooks" / "02b_regional_analysis.ipynb", tmp_path / "executed.ipynb",
        {"data_dir": str(own), "output_dir": str(tmp_path / "output")}, progress_bar=False,
        kernel_name="python3",
    )  # fmt: skip
    (folder,) = (tmp_path / "output").iterdir()
    bounds = pd.read_csv(folder / "figures" / "02b_concentration.csv")
    assert set(bounds["batches"]) == {"1-2", "3", "1-3", "4", "5", "1-5"}
    assert (bounds["low"] == bounds["high"]).all() and bounds["attained"].all()
    indices = pd.read_csv(folder / "tables" / "02b_indices.csv")
    spans = ["1-2", "3", "1-3", "4", "1-4", "5", "1-5"]
    assert [name.split()[-1] for name in indices.columns[1:8]] == spans
    shift = pd.read_csv(folder / "figures" / "02b_shifts.csv").query("batches == 3")
    shift = shift.set_index("place_id")
    first = shares.Cells(TABLES["province_counts"], PLACES, "study").table(1, 2)
    before = first.set_index("place_id")["firms_count"].astype("int64").reindex(shift.index)
    after = sums[3].reindex(shift.index) - before
    parts = decomposition.shift_share_nested(before, after, REGION.reindex(shift.index))
    for name in provincial.PARTS:
        for end in ("low", "high"):
            found = shift[f"{name}_{end}"].to_numpy()
            assert found == pytest.approx(parts[name].to_numpy(), abs=1e-6), name
    ranks = pd.read_csv(folder / "figures" / "02b_ranks.csv")
    assert (ranks["best"] == ranks["worst"]).all()
    shown = pd.read_csv(folder / "tables" / "02b_industries.csv")
    static = decomposition.shift_share_dunn(industry[1, 2], industry[4, 5]).loc["210000"]
    assert shown["Industry mix"].to_numpy() == pytest.approx(static["industry_mix"].to_numpy())
    text = (tmp_path / "executed.ipynb").read_text(encoding="utf-8")
    moving = decomposition.shift_share_dynamic(industry).loc["210000"].sum()
    assert f"industry mix {moving['industry_mix']:+.1f}" in text
    tau = mobility.kendall_tau(before, sums[5].reindex(before.index)).tau
    assert f"Batches 1-2 and 1-5, both complete: Kendall's tau-b {tau:.2f} over 32 units" in text
    changes = pd.read_csv(folder / "tables" / "02b_rank_changes.csv").set_index("Unit")
    expected = mobility.rank_changes(before, sums[5].reindex(before.index))
    assert int(changes.loc["Liaoning", "batches 1-5"]) == expected.loc["210000", "rank_after"]
    gained = int(changes.loc["Liaoning", "places gained (1-5)"])
    assert gained == expected.loc["210000", "change"]
    pairs = mobility.pair_orders(before, sums[5], sums[5])
    assert f"{pairs.kept} keep their order for certain" in text
    assert "stderr" not in {
        output.get("name") for cell in json.loads(text)["cells"] for output in cell.get("outputs", [])
    }  # fmt: skip
