"""The explorer, its widgets driven from Python without a kernel."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpers.analysis import policy, priorities
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish import figures, recipes
from helpers.publish.figures import Record
from helpers.run import explorer as module
from helpers.run.cli import main
from helpers.run.explorer import Explorer
from helpers.run.looks import DEPENDS, Looks, titles
from helpers.run.study import Parameters, make_study

LOOKS = list(titles(make_study(Parameters())))
EQUAL = {"gap": 1 / 3, "evidence": 1 / 3, "cost": 1 / 3}


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Work that a kernel would do after the figure is shown."""
    found: list[Any] = []
    monkeypatch.setattr(module, "_soon", found.append)
    return found


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks(make_study(Parameters()))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, late: list[Any], looks: Looks) -> list[Record]:
    """Records of the figures drawn, without rendering them; what was worked out is shared."""
    drawn: list[Record] = []
    monkeypatch.setattr(module, "Looks", lambda study: looks)

    def render(figure: Any, record: Record, language: str) -> dict[str, bytes]:
        drawn.append(record)
        return {"png": record.title.encode()}

    monkeypatch.setattr(figures, "render", render)
    return drawn


@pytest.fixture
def page(quick: list[Record]) -> Explorer:
    return Explorer(make_study(Parameters()))


def codes(widget: Any) -> list[str]:
    return [value for _, value in widget.options]


def text(widget: Any) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", widget.value)


# --- Choices -----------------------------------------------------------------------------------


def test_starts_with_the_study_of_the_notebook(quick: list[Record]) -> None:
    start = Parameters("江苏", "苏州", through_batch=3, basis="certified", language="zh")
    page = Explorer(make_study(start))
    assert page.chosen() == Parameters("320000", "320500", 3, "certified", "zh")
    assert "江苏" in quick[-1].title


def test_cities_follow_the_province(page: Explorer, quick: list[Record]) -> None:
    places = tables.load("places")
    for province in codes(page.province):
        inside = places[(places["province_id"] == province) & (places["level"] == "prefecture")]
        with page._quietly():  # figures are another test's business
            page.province.value = province
            module._offer(page.city, page._cities())
        assert codes(page.city) == (list(inside["place_id"]) or [province])
    assert len(codes(page.province)) == 31


def test_a_change_of_province_draws_once(page: Explorer, quick: list[Record]) -> None:
    before = len(quick)
    page.province.value = "320000"
    assert len(quick) == before + 1 and "Jiangsu" in quick[-1].title
    assert page.city.value in codes(page.city) and page.city.value.startswith("32")


def test_every_choice_of_every_control_is_shown(page: Explorer) -> None:
    page.look.value = "neighbours"  # drawn fast, and shown for every choice
    for control in (page.look, page.basis, page.language, page.venue):
        first = control.value
        for value in codes(control):
            control.value = value
            assert bool(page.picture.value) != bool(page.notice.value), (control.description, value)
            assert page.facts.value
        control.value = first
    for batch in range(1, 8):
        page.batch.value = batch
        assert page.picture.value and page.facts.value


@pytest.mark.parametrize(
    ("province", "city", "batch"),
    [("西藏", "拉萨", 2), ("上海", "上海", 1), ("新疆", "乌鲁木齐", 7)],
)
def test_every_figure_can_be_drawn_anywhere_or_says_what_is_missing(
    looks: Looks, province: str, city: str, batch: int
) -> None:
    for language in ("en", "zh"):
        study = looks.glance(Parameters(province, city, batch, language=language))
        for look in LOOKS:
            found = looks.call(look, study, EQUAL)
            if isinstance(found, str):
                assert ("城市" in found or "批" in found) == (language == "zh")
            else:
                assert len(recipes.Recipe("figure", *found).tell(study)) == 3


def test_what_is_missing_is_told(page: Explorer) -> None:
    page.look.value = "cities"
    page.province.value = "110000"
    assert page.picture.value == "" and "Beijing has no cities to rank" in page.notice.value
    assert "not found: a row of city_counts.csv" in text(page.facts)
    page.language.value = "zh"
    assert "北京没有可供排名的城市" in page.notice.value
    page.province.value = "210000"
    assert page.picture.value and page.notice.value == ""


def test_words_follow_the_language(page: Explorer, quick: list[Record]) -> None:
    page.province.value, page.basis.value = "320000", "certified"
    page.language.value = "zh"
    assert page.province.label == "江苏" and page.basis.label == "公告"
    assert page.chosen() == Parameters("320000", page.city.value, basis="certified", language="zh")
    han = re.compile("[\u4e00-\u9fff]")
    for widget in [*page._controls(), page.save]:
        assert han.search(widget.description), widget.description
    assert han.search(quick[-1].title) and "位次" in page.facts.value


def test_a_figure_depends_on_what_is_said_and_nothing_else(looks: Looks) -> None:
    start = Parameters(through_batch=4)
    others = {"province": "江苏", "city": "大连", "through_batch": 3, "basis": "announced"}

    def told(look: str, parameters: Parameters) -> str:
        found = looks.call(look, study := looks.glance(parameters), EQUAL)
        assert not isinstance(found, str)
        _, record, data = recipes.Recipe("figure", *found).tell(study)
        return f"{record}{data.to_csv()}"

    for look in LOOKS:
        before = told(look, start)
        for name, value in others.items():
            if name == "province":
                changed = replace(start, province=value, city="苏州")
            else:
                changed = replace(start, **{name: value})
            assert (told(look, changed) == before) or name in DEPENDS[look], (look, name)


# --- Weights -------------------------------------------------------------------------------------


def test_only_relations_of_weights_count(page: Explorer) -> None:
    page.look.value = "policy"
    equal = page.facts.value
    for widget in page.weights.values():
        with page._quietly():
            widget.value = 0.2
    page.show()
    assert page.facts.value == equal
    page.weights["cost"].value = 1.0
    assert page.facts.value != equal
    assert sum(page.chosen_weights().values()) == pytest.approx(1)


def test_weights_of_nought_are_told_and_mended(page: Explorer) -> None:
    page.look.value = "policy"
    for widget in page.weights.values():
        widget.value = 0.0
    assert "all three weights are 0" in page.notice.value and page.picture.value == ""
    page.save_figure()
    assert page.saved is None and "all three weights are 0" in page.notice.value
    page.language.value = "zh"
    assert "三个权重均为0" in page.notice.value
    page.language.value = "en"
    page.look.value = "provinces"  # needs no weights
    assert page.picture.value and page.notice.value == ""
    page.look.value, page.weights["gap"].value = "policy", 0.5
    assert page.picture.value and page.notice.value == ""


def test_weights_can_be_moved_where_they_matter(page: Explorer) -> None:
    assert all(widget.disabled for widget in page.weights.values())
    page.look.value = "policy"
    assert not any(widget.disabled for widget in page.weights.values())


@pytest.mark.parametrize("wrong", [{"gap": 1.0}, {**EQUAL, "cost": -1.0}, {**EQUAL, "luck": 0.0}])
def test_wrong_weights_are_refused(looks: Looks, wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="weight"):
        looks.call("policy", looks.glance(Parameters()), wrong)


# --- Numbers -------------------------------------------------------------------------------------


def test_key_figures_are_those_of_the_study(looks: Looks) -> None:
    study = looks.glance(Parameters())
    frame, record = looks.key_figures(study, looks.rank(study))
    values = dict(zip(frame["Figure"], frame["Value"], strict=True))
    # Notebook 02: bounds of Liaoning through batch 5; notebook 02b: its quotients.
    assert values["Little giants and share of the nation"].startswith("296 to 387 of 12,790")
    assert values["Location quotient, against GDP (2018)"].startswith("1.57 ")
    rank = study.setting.problem.rank("210000", 1, 5, "study")
    assert values["Rank of the province"] == f"{rank.lower} to {rank.upper}"
    assert record.source


def test_the_rank_follows_when_the_figure_is_shown(page: Explorer, late: list[Any]) -> None:
    page.province.value = "440000"
    assert "…" in text(page.facts)
    stale, last = late[0], late[-1]
    stale()
    assert "…" in text(page.facts)  # of a place that is shown no more
    last()
    assert re.search(r"Rank of the province\s+1\s", text(page.facts))


def test_a_quick_look_draws_what_a_full_one_draws(looks: Looks) -> None:
    study = looks.glance(Parameters())
    for look, drawn in (("path", ["lower_share_pct", "upper_share_pct"]),
                        ("cities", ["lower_count", "upper_count"])):  # fmt: skip
        tellings = []
        for full in (False, True):
            view, arguments = looks.call(look, study, full=full)
            tellings.append(view(study, *arguments))
        (_, quick_record, quick_data), (_, record, data) = tellings
        assert quick_data[drawn].equals(data[drawn])
        assert (quick_record.title, quick_record.alt) == (record.title, record.alt)


def test_points_without_other_places_are_those_of_the_notebook(looks: Looks) -> None:
    names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    load = tables.load
    goals = policy.all_goals(load("policy_targets"), load("programme_targets"))
    known = policy.public_figures(*map(load, names))
    for province, city in (("辽宁", "沈阳"), ("江苏", "宿迁"), ("上海", "上海")):
        study = looks.glance(Parameters(province, city))
        here, region = study.city.place_id, study.province.place_id
        cells = policy.evidence_cells(
            load("recommendation_measures"), known, goals, load("policy_documents"),
            load("sources"), here, region,
        )  # fmt: skip
        firms, cases = load("firms"), load("firm_statements")
        local = firms.loc[firms["place_id"].eq(here) & firms["in_study"].astype(bool), "firm_id"]
        cases = cases[cases["firm_id"].isin(local)]
        expected = priorities.scores(load("recommendation_measures"), cells, cases)
        assert looks._scored(study).equals(expected), city


def test_work_ahead_covers_every_province_with_cities_and_ends(
    looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, done = Looks(looks._study), dict[str, list[str]]()
    for name in ("_counts", "_problem", "_bounds"):

        def work(study: object, province: str, *_: object, name: str = name) -> None:
            done.setdefault(name, []).append(province)

        monkeypatch.setattr(fresh, name, work)
    study = fresh.glance(Parameters())
    while fresh.prepare(study):
        assert sum(map(len, done.values())) < 100
    places = tables.load("places").query("level == 'prefecture'")
    for name, provinces in done.items():
        assert provinces == list(places["province_id"].unique()), name
    assert len(done) == 3


def test_work_ahead_stops_when_something_is_asked_for(
    page: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, steps = list[Any](), list[int]()
    monkeypatch.setattr(module, "_later", lambda seconds, work: later.append(work))
    monkeypatch.setattr(page._looks, "prepare", lambda study: steps.append(1) or len(steps) < 3)
    page.show()
    later.pop()()
    assert len(steps) == 1 and len(later) == 1
    page.show()
    stale, fresh = later
    stale()
    assert len(steps) == 1
    fresh()
    later.pop()()
    assert len(steps) == 3 and len(later) == 2  # nothing was left to do


def test_work_ahead_leaves_the_faults_of_other_provinces_to_those_who_choose_them(
    page: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = list[Any]()
    monkeypatch.setattr(module, "_later", lambda seconds, work: later.append(work))

    def contradictory(study: object) -> bool:
        raise InputError("the fragments contradict each other")

    monkeypatch.setattr(page._looks, "prepare", contradictory)
    page.show()
    later.pop()()
    assert not later and not page.notice.value


def test_tables_of_a_data_folder_are_used(tmp_path: Path) -> None:
    row = tables.load("city_counts").query("indicator_id == 'little_giant'").iloc[:1]
    changed = row.assign(place_id="210300", firms_count=7, batch_from=None, batch_to=None)
    changed.to_csv(tmp_path / "city_counts.csv", index=False)
    looks = Looks(make_study(Parameters(data_dir=str(tmp_path))))
    frame, _ = looks.key_figures(looks.glance(Parameters(data_dir=str(tmp_path))))
    assert frame["Value"].iloc[-1] == "7"


# --- Saving --------------------------------------------------------------------------------------


def test_saves_as_the_notebooks_do(tmp_path: Path, late: list[Any]) -> None:
    page = Explorer(make_study(Parameters(output_dir=str(tmp_path))))
    # White under any theme, told to readers who cannot see it, title and notes in the picture.
    assert re.search(r'<img [^>]*alt="[^"]{40,}"', page.picture.value)
    assert "<p" not in page.picture.value
    page.save.click()
    folder = tmp_path / "explore" / "liaoning_anshan"
    found = {path.suffix for path in (folder / "figures").glob("02_focal_path.*")}
    assert found == {".svg", ".pdf", ".png", ".csv", ".json"}
    assert str(folder) in page.notice.value and "figures/02_focal_path.svg" in page.notice.value
    recipe = recipes.load(folder / "recipes" / "02_focal_path.recipe")
    assert recipe.view.__name__ == "focal_path" and recipe.arguments[0]["rank"].notna().any()
    assert not (tmp_path / "liaoning_anshan").exists()  # a finished study's own figures
    out = tmp_path / "paper"
    line = [
        "export",
        "02_focal_path",
        "--study",
        str(folder),
        "--language",
        "zh",
        "--format",
        "svg",
    ]
    assert main([*line, "--out", str(out)]) == 0
    assert (out / "02_focal_path.svg").is_file()


def test_saves_for_a_venue_apart(
    tmp_path: Path, late: list[Any], looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Looks", lambda study: looks)
    page = Explorer(make_study(Parameters(output_dir=str(tmp_path))))
    page.venue.value, page.language.value = "nature", "zh"
    assert "资料来源" in text(page.picture)  # what no journal wants in the picture
    page.save_figure()
    folder = tmp_path / "explore" / "nature" / "liaoning_anshan_zh" / "figures"
    assert {path.suffix for path in folder.iterdir()} == {".svg", ".pdf", ".csv", ".json"}
    assert page.notice.value.startswith("<p>已保存于")


def test_figures_by_other_weights_lie_apart(
    tmp_path: Path, late: list[Any], looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Looks", lambda study: looks)
    page = Explorer(make_study(Parameters(output_dir=str(tmp_path))))
    with page._quietly():  # what the screen shows is another test's business
        page.look.value = "policy"
        page.save_figure()
        page.weights["cost"].value = 0.0
        page.save_figure()
    found = {path.parent.name for path in (tmp_path / "explore").glob("*/liaoning_anshan")}
    assert found == {"weights_33.3_33.3_33.3", "weights_50.0_50.0_0.0"}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, page: Explorer) -> None:
    (tmp_path / "explore").touch()
    page._study = make_study(Parameters(output_dir=str(tmp_path)))
    page.save_figure()
    assert "is a file, not a folder" in page.notice.value and page.saved is None
