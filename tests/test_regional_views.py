"""Figures, tables and sentences of notebook 02b, and the notebook with every count supplied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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
from helpers.publish import regional_views as views
from helpers.publish import regional_words as words
from helpers.publish.figures import COLOURS, save
from helpers.publish.trend_views import Pick

ROOT = Path(__file__).parents[1]
TABLES = tables.load_all()
PLACES = TABLES["places"]
NAMES = dict(zip(PLACES["place_id"], PLACES["name_en"], strict=True))
REGION = PLACES.set_index("place_id")["region"]
PICKS: dict[str, Pick] = {"en": lambda en, zh: en, "zh": lambda en, zh: zh}


@pytest.fixture(scope="module")
def problem() -> Provinces:
    return build(TABLES, time_limit=60.0)


@pytest.fixture(scope="module")
def known() -> provincial.Complete:
    cells = shares.Cells(TABLES["province_counts"], PLACES, "study")
    return provincial.complete_spans(cells, cells, [(1, 2)])[0]


@pytest.fixture(params=["en", "zh"])
def t(request: pytest.FixtureRequest) -> Pick:
    return PICKS[request.param]


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


def shown_figures(problem: Provinces, known: provincial.Complete, here: str, t: Pick) -> Iterator[Any]:  # fmt: skip
    """All figures of the notebook for one province."""
    me = NAMES[here]
    everyone = intervals.share_intervals(known.counts.to_dict())
    everyone["rank"] = known.counts.rank(ascending=False, method="min").astype("int64")
    near = provincial.neighbours(known.counts, here)
    yield views.share_intervals(everyone.loc[near.index].rename(index=NAMES), me, 32, "b", t, "s")
    bounds = bounds_of(problem)
    yield views.concentration(bounds, {"cr5": "0.436", "hhi": "0.0599"}, "b", t, "s")
    references = provincial.reference_table(
        TABLES["province_population"], TABLES["province_covariates"]
    )
    yield views.lorenz(provincial.curves([known], references, PLACES), t, "s")
    table = provincial.quotient_table(provincial.merge_corps(known.counts, PLACES), references)
    yield views.quotients(table.assign(label=table["place_id"].map(NAMES)), me, "1-2", "b", t, "s")
    shift = shift_of(problem)
    yield views.focal_shift({"3": shift.loc[here]}, "1-2", me, "b", t, "s")
    yield views.shifts({"3": shift.assign(label=shift.index.map(NAMES))}, "1-2", me, "b", t, "s")
    ranks = provincial.rank_table(known, problem, list(near.index), [(1, 3)], "study")
    yield views.bump(ranks, NAMES, here, 32, "b", t, "s")


@pytest.mark.parametrize(
    ("here", "language"), [("210000", "en"), ("540000", "zh"), ("330000", "zh")]
)  # in the middle, none at all, the first
def test_figures(
    here: str, language: str, problem: Provinces, known: provincial.Complete, tmp_path: Path
) -> None:
    t = PICKS[language]
    names = []
    for figure, record, data in shown_figures(problem, known, here, t):
        text = " ".join(artists_text(figure))
        assert not re.search(r"\b(nan|None|inf)\b", text), record.name
        save(figure, record, tmp_path, language, data)
        assert record.source and record.title and not data.empty
        marked = {to_hex(line.get_color()) for ax in figure.axes for line in ax.lines}
        marked |= {to_hex(bar.get_facecolor()) for ax in figure.axes for bar in ax.patches}
        ticks = {to_hex(tick.get_color()) for ax in figure.axes for tick in ax.get_yticklabels()}
        assert COLOURS["focal"].lower() in marked | ticks, record.name
        names.append(record.name)
    assert len(set(names)) == 7 and all(name.startswith("02b_") for name in names)


def test_a_province_without_a_firm_is_at_the_edge_of_the_logarithmic_axis(
    problem: Provinces, known: provincial.Complete
) -> None:
    views_shown = shown_figures(problem, known, "540000", PICKS["en"])
    figure = next(figure for figure, record, _ in views_shown if record.name == "02b_quotients")
    for ax in figure.axes:
        arrows = [line for line in ax.lines if line.get_marker() == "<"]
        assert len(arrows) == 1 and arrows[0].get_xdata()[0] == ax.get_xlim()[0]


def test_known_values_are_dots_and_unknown_ones_bars(
    problem: Provinces, known: provincial.Complete
) -> None:
    views_shown = shown_figures(problem, known, "210000", PICKS["en"])
    figure, _, data = next(view for view in views_shown if view[1].name == "02b_shifts")
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    points = data["competitive_low"] == data["competitive_high"]
    assert len(dots) == points.sum() == 6
    assert "+18.6" in words.growth({"3": data.set_index("place_id")}, "210000", "X")


def test_printed_tables(problem: Provinces, known: provincial.Complete, t: Pick) -> None:
    bounds = bounds_of(problem)
    beside = provincial.published_table(TABLES["published_indices"], bounds, problem, "study")
    frame, record = views.published(beside, NAMES, "b", t, "s")
    assert record.name == "02b_published" and len(frame) == len(beside)
    # A point is printed once, bounds as two ends, and outer ones say so.
    cells = frame.iloc[:, 3].tolist()
    assert cells[0] == "0.3679" and " – " in cells[1]
    assert sum(t("outer", "外界") in cell for cell in cells) == (~beside["attained"]).sum() > 0
    table = provincial.concentration_table([known], (1, 5))
    frame, _ = views.indices(table, 32, "b", t, "s")
    assert frame.iloc[:, 0].is_unique and frame.shape == (len(table), 4)
    frame, _ = views.theil(provincial.theil_table(known.counts, PLACES, {}), "b", t, "s")
    assert frame.notna().all(axis=None) and frame.iloc[:, 3].sum() == 2 * 1832


def test_changes_of_rank_in_a_table(t: Pick) -> None:
    rows = [("A", "1-2", 2, 2), ("B", "1-2", 1, 1), ("A", "1-3", 1, 4), ("B", "1-3", 1, 1)]
    table = pd.DataFrame(rows, columns=["place_id", "batches", "best", "worst"])
    frame, _ = views.rank_changes(table.assign(ranked_count=5), {"A": "a", "B": "b"}, "x", t, "s")
    to = t(" to ", "至")
    assert frame.values.tolist() == [["b", 1, "1", "0"], ["a", 2, f"1{to}4", f"-2{to}+1"]]


def test_every_index_and_reference_has_a_name(known: provincial.Complete, t: Pick) -> None:
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
def test_growth_in_words(ends: tuple[float, float], told: str) -> None:
    table = pd.DataFrame([ends], ["A"], ["competitive_low", "competitive_high"])
    table = table.assign(before_high=3.0, after_low=1.0, after_high=9.0)
    assert told in words.growth({"3": table}, "A", "X")


def test_how_many_certainly_grew_more_or_less() -> None:
    ends = [(2.0, 5.0), (-5.0, 2.0), (-9.0, 1.0), (-4.0, -1.0), (-5.0, -2.0), (-1.0, -0.5)]
    table = pd.DataFrame(ends, list("ABCDEF"), ["competitive_low", "competitive_high"])
    table = table.assign(before_high=3.0, after_low=1.0, after_high=9.0)
    told = words.growth({"3": table}, "A", "X")
    assert "Of 6 units 1 certainly grew more, 3 certainly less" in told


def test_from_no_firm_there_is_no_rate_of_growth(problem: Provinces) -> None:
    """Tibet had none in batches 1-2: "at least as the nation (0.0 to +218.0)" said nothing."""
    told = words.growth({"3": shift_of(problem)}, "540000", "Tibet")
    assert "Tibet had no firm before and 0 to " in told and "no rate of growth" in told
    assert "grew" not in told.split("(competitive")[0]


def test_position_in_words() -> None:
    """The reading follows the scaled interval, not the binomial one."""
    rows = [
        ("gdp", 1.1, 2.0, 1.05, 3.0), ("residents", 0.2, 0.9, 0.1, 0.95),
        ("rd_expenditure", 1.2, 1.5, 0.4, 3.0), ("hightech_firms", 0.5, 1.5, 0.1, 9.0),
    ]  # fmt: skip
    columns = ["reference_name", "low", "high", "scaled_low", "scaled_high"]
    table = pd.DataFrame(rows, columns=columns).assign(dispersion=9.06)
    told = words.position(table, "X", 31)
    assert "has more than GDP (2018) would suggest; fewer than residents (2020) would" in told
    assert "no more and no fewer than R&D spending (2018) and high-tech manuf. firms (2018)" in told
    assert "9.1 (GDP (2018))" in told and "leave out 1 for 3 of 4 references" in told
    assert "Notebook 2c" in told
    assert "No reference is on record for X" in words.position(table.head(0), "X", 31)


def test_position_of_liaoning_agrees_with_the_count_model(known: provincial.Complete) -> None:
    """Against each reference it lies within the scatter of the provinces, as in notebook 02c."""
    references = provincial.reference_table(
        TABLES["province_population"], TABLES["province_covariates"]
    )
    table = provincial.quotient_table(provincial.merge_corps(known.counts, PLACES), references)
    own = table[table["place_id"] == "210000"]
    assert (own["low"] > 1).sum() == 4  # all of them, were it for the binomial model
    assert own["dispersion"].round(1).tolist() == [19.4, 9.1, 22.5, 46.3]
    told = words.position(own, "Liaoning", 31)
    assert told.startswith("**Liaoning has no more and no fewer than residents (2020), GDP (2018)")


def test_printed_values_in_words(problem: Provinces, known: provincial.Complete) -> None:
    beside = provincial.published_table(
        TABLES["published_indices"], bounds_of(problem), problem, "study"
    )
    values = ({"cr5": 0.3679, "hhi": 0.0499}, {"cr5": 0.368, "hhi": 0.0503})
    printed = {"cr5": "0.436", "hhi": "0.0599"}
    told = words.printed_pair(printed, (0.05, 0.11), beside, values, "1-2")
    assert "lies there too, so the two agree" in told
    assert (
        "possible for batches 1-3, and at least one of them is impossible for batches 1-2" in told
    )
    assert "count the Corps within Xinjiang, the bounds here count it apart" in told
    assert "0.0499 and 0.0503" in told
    told = words.printed_pair(printed, (0.07, 0.11), beside, values, "1-2")
    assert "one of the two is wrong" in told


def test_what_is_certain_of_later_batches(problem: Provinces) -> None:
    against = provincial.compare_with(bounds_of(problem), "1-2")
    assert words.found_so_far(against, "1-2").startswith("Of no later batch is it certain")
    higher = against.assign(direction="higher")
    assert "CR5 is higher in batches 1-3; and that HHI" in words.found_so_far(higher, "1-2")


@pytest.mark.parametrize("sentence", ["compared", "moves", "position"])
def test_sentences_are_english_in_every_run(sentence: str, problem: Provinces) -> None:
    """The names of indices and references came in Chinese into English sentences."""
    against = provincial.compare_with(bounds_of(problem), "1-2")
    gaps = pd.DataFrame({"reference_name": ["gdp"], "dissimilarity": [0.2]})
    rows = [("gdp", 1.1, 2.0, 0.9, 3.0, 5.0)]
    columns = ["reference_name", "low", "high", "scaled_low", "scaled_high", "dispersion"]
    told = {
        "compared": lambda: words.compared(against, "1-2"),
        "moves": lambda: words.moves(gaps),
        "position": lambda: words.position(pd.DataFrame(rows, columns=columns), "X", 31),
    }[sentence]()
    assert not re.search(r"[\u4e00-\u9fff]", told)


def test_chinese_figures_write_ranges_of_batches_in_one_way(
    problem: Provinces, known: provincial.Complete
) -> None:
    for figure, record, _ in shown_figures(problem, known, "210000", PICKS["zh"]):
        text = " ".join([*artists_text(figure), record.title, record.base, record.note])
        assert not re.search(r"第\d+-\d+批", text), record.name


def test_only_the_focal_name_of_a_tie_is_coloured(
    problem: Provinces, known: provincial.Complete
) -> None:
    """Liaoning and Sichuan share rank 11."""
    shown = shown_figures(problem, known, "210000", PICKS["en"])
    figure = next(figure for figure, record, _ in shown if record.name == "02b_ranks")
    colours = {
        piece.get_text(): to_hex(piece._text.get_color()).lower()
        for box in figure.axes[0].findobj(AnnotationBbox)
        for piece in box.offsetbox.get_children()
    }
    assert colours["Liaoning"] == COLOURS["focal"].lower() != colours["Sichuan"]


def test_known_ranks_are_joined_by_lines(known: provincial.Complete) -> None:
    rows = [("A", "1-2", 2, 2), ("A", "1-3", 1, 1), ("A", "1-5", 1, 3),
            ("B", "1-2", 1, 1), ("B", "1-3", 2, 2), ("B", "1-5", 1, 1)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["place_id", "batches", "best", "worst"])
    figure, _, _ = views.bump(table, {"A": "a", "B": "b"}, "A", 3, "b", PICKS["en"], "s")
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    solid = {tuple(map(float, line.get_xdata())): line for line in lines if line.get_linestyle() == "-"}  # fmt: skip
    joined = [line for line in lines if line.get_linestyle() == "-" and list(line.get_xdata()) == [0, 1]]  # fmt: skip
    assert solid and sorted(tuple(line.get_ydata()) for line in joined) == [(1, 2), (2, 1)]
    assert sum(line.get_linestyle() == ":" for line in lines) == 2


def test_nothing_to_say_is_said() -> None:
    empty = pd.DataFrame(columns=["index", "direction", "batches"])
    assert "No later batch" in words.compared(empty, "1-2")
    assert "No batch after the second" in words.growth({}, "A", "X")
    assert "No range beyond" in words.persistence({}, "1-2")
    assert "holds 0 ranges" in words.industries(None, 0, "X")


def test_split_in_words(known: provincial.Complete) -> None:
    told = words.split(provincial.theil_table(known.counts, PLACES, {}))
    assert "46% lies between the four regions" in told and "no second split" in told
    equal = pd.Series(3, index=known.counts.index)
    assert "0, equal counts" in words.split(provincial.theil_table(equal, PLACES, {}))


def test_orders_in_words() -> None:
    orders = intervals.focal_orders(pd.Series({"a": 20, "b": 20, "c": 18, "d": 1}), "a")
    told = words.chance(orders, {"b": "B", "c": "C", "d": "D"}, "A")
    assert "Of the 3 neighbours shown 2 have another count than A; with 1 of them" in told
    assert "Beyond chance under this model: D." in told


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
