"""Figures, tables and sentences of notebook 02."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers.analysis import shares
from helpers.analysis.claim_rules import nation
from helpers.evidence import tables
from helpers.evidence.bilingual import MEASURES, Said
from helpers.evidence.settling import Settling
from helpers.publish import trend_views as views
from helpers.publish import trend_words as words
from helpers.publish.figures import COLOURS
from helpers.publish.teller import Teller

TABLES = tables.load_all()
PLACES = TABLES["places"]
COUNTS = TABLES["province_counts"]
CELLS = shares.Cells(COUNTS, PLACES, "study")
TOTALS = shares.basis_table(TABLES["batches"], TABLES["bases"])
FIRST = shares.with_shares(CELLS.table(1, 2), 1832)
NAMED = ["440000", "320000", "330000", "370000"]
Make = Callable[..., Teller]


@pytest.fixture(params=["en", "zh"])
def study(request: pytest.FixtureRequest, teller: Make) -> Teller:
    return teller(request.param)


def path_of(place: str) -> pd.DataFrame:
    """A path with bounds where no count is on record (the bounds are made up)."""
    path = shares.share_path(CELLS, TOTALS, place, 5)
    low, high = path["share_pct"].fillna(0.0), path["share_pct"].fillna(4.0)
    return path.assign(lower_share_pct=low, upper_share_pct=high, rank=pd.array([11, None, None, 9], "Int64"))  # fmt: skip


def settled() -> pd.DataFrame:
    """A made-up table of what single figures would settle."""
    ranges = [
        Settling((296, 387), ((330, 330),), ((296, 329), (331, 387)), ()),
        Settling((5, 9), (), (), ((5, 9),)),
        Settling((1, 2), (), (), ((1, 2),)),
    ]
    rows = [
        ("C2-17", "210000", "1-5", 1, 4, ranges[0], 0, 92),
        ("C2-06", "110000", "1-5", 2, 2, ranges[1], 5, 5),
        ("C2-99", "110000", "5", 2, 2, ranges[2], 2, 2),
    ]
    columns = ["claim_id", "place_id", "batches", "tried_count", "unknown_count", "settling",
               "open_count", "possible_count"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).reindex(columns=nation.SETTLING_COLUMNS)


def all_figures(study: Teller, here: str) -> list[Any]:
    """All figures of the notebook for one province; bounds are made up."""
    table = FIRST.assign(plan_city_count=pd.array([None] * 32, "Int64"))
    listed = TOTALS[TOTALS["batch"] <= 5]
    known = shares.status_table(CELLS, COUNTS, TABLES["province_limits"], [(1, 2), (3, 3), (1, 3)])
    interval = FIRST[["place_id"]].assign(
        batches="1-3", lower_count=1, upper_count=9, lower_share_pct=1.0, upper_share_pct=4.5
    )
    strip = shares.denominators(["4.48", "32.46"], 4700, 4800)
    return [
        views.totals(study, listed),
        views.provinces(study, table, here),
        views.tile_map(study, FIRST, CELLS.table(1, 3), here, TABLES["tile_layouts"]),
        views.knowledge(study, known, here, ["S"]),
        views.focal_path(study, path_of(here), {"1-3": 4.48}, here, ["S"]),
        views.intervals(study, interval, {"1-3": 4.48}, here, ["S"]),
        views.denominators(study, strip, {4762: "certified"}, {"4.48": 211}, ["S"]),
    ]


def texts(figure: Any) -> list[str]:
    found = []
    for ax in figure.axes:
        labels = [*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels(), ax.title]
        labels += [ax.xaxis.label, ax.yaxis.label]
        labels += ax.get_legend().get_texts() if ax.get_legend() else []
        found += [label.get_text() for label in labels if label.get_text()]
    return found


@pytest.mark.parametrize("here", ["210000", "540000"])  # in the middle, none at all
def test_figures_are_told_in_one_language(here: str, teller: Make) -> None:
    for language in ("en", "zh"):
        made = all_figures(teller(language), here)
        assert len({record.name for _, record, _ in made}) == 7
        for figure, record, data in made:
            shown = " ".join([*texts(figure), record.title, record.note, record.base, record.alt])
            assert not re.search(r"\b(nan|None|NA)\b", shown), record.name
            assert record.source and not data.empty
            assert re.search(r"\d", record.alt) and record.alt.endswith((".", "。")), record.name
            if language == "en":
                assert not re.search("[\u3000-\u9fff]", shown), record.name
            else:
                assert not re.search("[a-z]{3,} [a-z]{3,}", shown), record.name
                assert not re.search(r"第\d+-\d+批", shown), record.name


def test_the_focal_province_stands_out(teller: Make) -> None:
    for figure, record, _ in all_figures(teller("en"), "210000"):
        if record.name in ("02_batches", "02_denominators"):
            continue  # of the nation
        marks = {to_hex(bar.get_facecolor()) for ax in figure.axes for bar in ax.patches}
        marks |= {to_hex(bar.get_edgecolor()) for ax in figure.axes for bar in ax.patches}
        marks |= {to_hex(dot.get_color()) for ax in figure.axes for dot in ax.lines}
        marks |= {to_hex(tick.get_color()) for ax in figure.axes for tick in ax.get_yticklabels()}
        assert COLOURS["focal"].lower() in marks, record.name


def test_labels_of_shares_near_zero_stand_clear_of_the_ticks(teller: Make) -> None:
    """Those of Tibet lay on the names of the batches."""
    figure, _, _ = views.focal_path(teller("en"), path_of("540000"), {}, "540000", ["S"])
    (ax,) = figure.axes
    figure.draw_without_rendering()
    ticks = [tick.get_window_extent() for tick in ax.get_xticklabels()]
    for label in ax.texts:
        assert not any(label.get_window_extent().overlaps(tick) for tick in ticks), label
    assert min(ax.get_yticks()) >= 0
    figure, _, _ = views.focal_path(teller("en"), path_of("330000").head(1), {}, "330000", ["S"])
    assert figure.axes[0].get_ylim()[0] == 0  # a large share leaves room below it


def test_a_tile_tells_what_is_known(study: Teller) -> None:
    figure, record, data = views.tile_map(
        study, FIRST, CELLS.table(1, 3), "210000", TABLES["tile_layouts"]
    )
    shown = texts(figure)
    assert study.t("1-3: 211", "1—3：211") in shown and study.t("1-3: ?", "1—3：?") in shown
    own = data.set_index("place_id").loc["210000"]
    assert (own["firms_count"], own["through_3_count"]) == (74, 211)
    known = int(data["through_3_count"].notna().sum())
    assert study.t(f"known for {known} of 32 units", f"32个单位中{known}个") in record.alt


# --- Tables ---------------------------------------------------------------------------------------


def test_tables(study: Teller) -> None:
    t = study.t
    four = pd.DataFrame(
        {"1-2": [141, 113], "1-5": pd.array([None, 2], "Int64")}, ["440000", "320000"]
    )
    frame, _ = views.four_provinces(study, four, ["S"])
    assert frame.columns.tolist() == t(
        ["Province", "Batches 1-2", "Batches 1-5"], ["省份", "第1—2批", "第1—5批"]
    )
    assert frame.iloc[0, 0] == study.name("440000") and frame.iloc[0, 1] == 141
    frame, record = views.focal_counts(study, path_of("210000"), "210000", ["S"])
    assert len(frame.columns) == 6 and frame.iloc[0, 0] == t("1-2", "1—2")
    assert record.name == "02_focal" and study.name("210000") in record.title


def test_settling_tells_ranges_in_the_language_of_the_study(study: Teller) -> None:
    verdicts = {"C2-17": "consistent", "C2-06": "consistent", "C2-99": "entailed"}
    frame, _ = views.settling(study, settled(), verdicts, ["S"])
    assert frame.iloc[0].tolist() == study.t(
        ["C2-17", "place 210000, batches 1-5", "1 of 4", "296 to 387", "330", "296 to 329, 331 to 387", "none"],
        ["C2-17", "地区210000，第1—5批", "4个中的1个", "296至387", "330", "296至329，331至387", "无"],
    )  # fmt: skip
    assert frame.iloc[:, 0].tolist() == ["C2-17", "C2-06"]  # a claim that is decided is left out
    frame, _ = views.settling(study, settled().head(0), {}, ["S"])
    assert frame.empty


def test_notes_of_the_series_are_told_in_chinese(study: Teller) -> None:
    rows = {
        "as_of": ["2022-08", "2023", "2024"], "batches": ["1-3", None, None],
        "measure": ["certified", "stock", None], "value": [211, 287, 300], "source_id": ["S"] * 3,
        "grade": ["B", "C", "C"], "note_en": ["Told so", "A user's own", None],
        "note_zh": ["如此说明", None, None],
    }  # fmt: skip
    frame, _ = views.focal_series(study, pd.DataFrame(rows), "210000")
    told = frame.iloc[:, [1, 2, 5]].fillna("").values.tolist()
    assert told == study.t(
        [["1-3", "certified", "Told so"], ["", "stock", "A user's own"], ["", "", ""]],
        [["1—3", "公告", "如此说明"], ["", "有效存量", "A user's own"], ["", "", ""]],
    )


def test_every_note_on_a_count_has_a_chinese_text() -> None:
    notes = pd.concat([COUNTS["note_en"], TABLES["province_series"]["note_en"]]).dropna()
    chinese = TABLES["note_texts"].set_index("note_en")["note_zh"]
    assert set(notes) == set(chinese.index)
    for note, told in chinese.items():
        numbers = [
            {int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\d|\d", text)}
            for text in (str(note), told)
        ]
        named = {"nine": 9}
        spelt = {number for word, number in named.items() if word in str(note).lower()}
        months = {11} if "November" in str(note) else {6} if "June" in str(note) else set()
        assert numbers[1] == numbers[0] | spelt | months, note


def test_every_measure_of_a_count_has_a_chinese_name() -> None:
    fields = {field.name: field for field in tables.schemas()["province_counts"].fields}
    assert set(fields["measure"].enum) <= set(MEASURES)


# --- Sentences ------------------------------------------------------------------------------------


def said(study: Teller) -> dict[str, str]:
    """Every sentence of the notebook."""
    strip = shares.denominators(["4.48", "32.46"], 4562, 5042)
    held = Said("296 to 387 of 12,790 (2.31 %)", "296至387家，占12,790家的2.31%")
    rank = Said("6 to 31", "6至31")
    known = shares.status_table(CELLS, COUNTS, TABLES["province_limits"], [(1, 2), (1, 3)])
    region = FIRST[FIRST["region"] == "Northeast"]
    attaining = (strip, ["4.48", "32.46"], "210000", {"4.48": 211}, [4762, 4922], 481)
    return {
        "sums": words.sums(study, TOTALS[TOTALS["batch"] <= 5]),
        "leaders": words.leaders(study, FIRST, "210000", NAMED),
        "determined": words.determined(study, known),
        "bounds": words.focal_bounds(study, "210000", [(1, 5)], [held], [rank], 32),
        "four": words.four_shares(study, (557, 1832), (2137, 3671)),
        "implied": words.implied(
            study, NAMED, ("4.48", "2.58"), (Fraction(3, 2), Fraction(8, 5)), held
        ),
        "neighbours": words.neighbours(study, region, region),
        "attaining": words.attaining(study, *attaining),
        "decided": words.decided(study, settled(), ["C2-17", "C2-06", "C2-08"]),
        "needs": words.needs(study, 5),
    }


def numbers_of(text: str) -> set[str]:
    """Numbers of a sentence; the made-up places are named by their codes."""
    text = re.sub(r"(place |地区)\d{6}", " ", text.replace("Sept.", "9"))
    return set(re.findall(r"\d[\d,.]*\d|\d", re.sub(r"(?<=\d)[-—](?=\d)", " ", text)))


def test_sentences_hold_the_same_numbers_in_both_languages(teller: Make) -> None:
    english, chinese = (said(teller(code)) for code in ("en", "zh"))
    for name, text in english.items():
        numbers = [numbers_of(text), numbers_of(chinese[name])]
        assert numbers[0] and numbers[0] == numbers[1], (name, text, chinese[name])


def test_sentences_are_of_one_language(teller: Make) -> None:
    for name, text in said(teller("en")).items():
        assert not re.search("[\u3000-\u9fff]", text), name
    for name, text in said(teller("zh")).items():
        assert not re.search("[A-Za-z]{3,}", text), (name, text)
        assert not re.search("[\u4e00-\u9fff][,;:.]", text), (name, text)


def test_what_is_not_known_is_said(study: Teller) -> None:
    t = study.t
    none = words.attaining(study, shares.denominators(["4.48"], 4700, 4710), ["4.48", "1.00"], "x", {}, [], 11)  # fmt: skip
    assert t("not on record", "无记录") in none
    assert t("not determined", "无法确定") in words.four_shares(study, (557, 1832), (None, 3671))
    assert t("batch 5", "第5批") not in words.four_shares(study, (557, 1832), None)
    alone = FIRST[FIRST["place_id"] == "540000"]
    assert words.neighbours(study, alone, alone).endswith(t("size: none.", "相近者：无。"))
