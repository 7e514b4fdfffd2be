"""What views made in one kernel of a run and others take from there."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.evidence import tables
from helpers.publish import figures, recipes, tier_charts
from helpers.publish.figures import Record
from helpers.run import shared
from helpers.run.study import SHARED_VARIABLE, Parameters, Study, make_study

FRAME = pd.DataFrame({"place_id": ["210000"], "firms_count": pd.array([7], dtype="Int64")})


def counted(study: Any, frame: pd.DataFrame) -> Any:
    """A table of any study, with names and citations."""
    shown = frame.assign(place=[study.name(code) for code in frame["place_id"]])
    text = study.t("Firms", "企业数")
    source = study.cite("N-S01")
    return shown, Record("99_counted", text, basis=study.basis_name, source=source)


def nosy(study: Any, frame: pd.DataFrame) -> Any:
    """A table that tells more of its study than a view may learn."""
    return frame, Record("99_nosy", study.city.name_en)


def warning(study: Any, frame: pd.DataFrame) -> Any:
    """A table that somebody has to be warned of."""
    warnings.warn("doubtful", stacklevel=1)
    return frame, Record("99_warning", "Doubtful")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder in which a run keeps what views made; views of this file count as the project's."""
    for view in (counted, nosy, warning):
        monkeypatch.setattr(view, "__module__", "helpers.publish.teller")
        monkeypatch.setattr(f"helpers.publish.teller.{view.__name__}", view, raising=False)
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setenv(SHARED_VARIABLE, str(folder))
    return folder


def study_of(folder: Path, **values: Any) -> Study:
    return make_study(Parameters(output_dir=str(folder), **values), "99_test")


def files_of(study: Study) -> dict[str, bytes]:
    paths = [path for path in sorted(study.folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(study.folder)): path.read_bytes() for path in paths}


def shows(study: Study) -> tuple[Any, Any]:
    """A figure and a table of a study, as the notebook shows them."""
    density = study.table("hidden_champion_density")
    figure = study.figure(tier_charts.density, density)._repr_mimebundle_()
    return figure, study.show(counted, FRAME)._repr_html_()


def count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the views called from now on."""
    called: list[str] = []
    tell: Callable[..., Any] = recipes.Recipe.tell

    def noted(recipe: recipes.Recipe, study: Any) -> Any:
        called.append(recipe.view.__name__)
        return tell(recipe, study)

    monkeypatch.setattr(recipes.Recipe, "tell", noted)
    return called


def test_study_of_another_place_takes_the_same_bytes(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SHARED_VARIABLE)
    alone = study_of(tmp_path / "alone", province="河南", city="郑州")
    wanted = shows(alone)
    monkeypatch.setenv(SHARED_VARIABLE, str(kept))
    shows(study_of(tmp_path))
    assert len(list(kept.iterdir())) == 2
    called = count(monkeypatch)
    other = study_of(tmp_path, province="河南", city="郑州")
    assert shows(other) == wanted
    assert not called
    assert files_of(other) == files_of(alone) and len(files_of(alone)) == 9


@pytest.mark.parametrize(
    "values", [{"basis": "certified"}, {"language": "zh"}, {"basis": "certified", "city": "大连"}]
)
def test_study_that_tells_views_something_else_draws_itself(
    values: dict[str, Any], tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study_of(tmp_path).show(counted, FRAME)
    called = count(monkeypatch)
    study_of(tmp_path, **values).show(counted, FRAME)
    assert called == ["counted"] * 2
    assert len(list(kept.iterdir())) == 2


def test_another_argument_setting_colour_or_table_is_another_entry(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ("table", counted, (FRAME,), {})
    known = shared.key(("en",), call)
    again = FRAME.copy()
    _ = again["firms_count"].dtype.itemsize, again["firms_count"].dtype.kind  # now remembered
    assert shared.key(("en",), ("table", counted, (again,), {})) == known
    assert shared.key(("en",), ("table", counted, (FRAME.assign(firms_count=8),), {})) != known
    assert shared.key(("en",), ("table", counted, (lambda: 0,), {})) is None
    with figures.using(figures.Setting(base=7.0)):
        assert shared.key(("en",), call) != known
    monkeypatch.setitem(figures.COLOURS, "focal", "#000000")
    assert shared.key(("en",), call) != known
    study = study_of(tmp_path)
    before = study._open
    monkeypatch.setattr(tables, "state", lambda _: (("places.csv", 0, 0),))
    assert study._open != before


def test_view_that_looks_further_is_not_kept(tmp_path: Path, kept: Path) -> None:
    study_of(tmp_path).show(nosy, FRAME)
    other = study_of(tmp_path, city="大连")
    assert other.show(nosy, FRAME).record.title == "Dalian"
    assert not list(kept.iterdir())


def test_what_a_view_warns_of_is_told_in_every_study(tmp_path: Path, kept: Path) -> None:
    for city in ("鞍山", "大连"):
        with pytest.warns(UserWarning, match="^doubtful$") as told:
            study_of(tmp_path, city=city).show(warning, FRAME)
        assert len(told) == 2  # once for each language
    assert not list(kept.iterdir())


def test_an_analysis_is_computed_once_for_all_studies_that_ask_the_same(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, word = [], "firms_count"

    def total(frame: pd.DataFrame, factor: int = 1) -> pd.DataFrame:
        done.append(factor)
        twice = pd.Series([word, word], dtype=object).iloc[: len(frame)]
        return frame.assign(total=frame[word].sum() * factor, word=twice)

    monkeypatch.setattr(total, "__module__", "helpers.analysis.checks")
    monkeypatch.setattr(total, "__qualname__", "total")
    monkeypatch.setattr("helpers.analysis.checks.total", total, raising=False)
    first = study_of(tmp_path).computed(total, FRAME, factor=2)
    other = study_of(tmp_path, province="河南", city="郑州", language="zh")
    again = other.computed(total, FRAME.copy(), factor=2)
    pd.testing.assert_frame_equal(again, first)
    assert pickle.dumps(again) == pickle.dumps(first)  # a recipe with it has the same bytes
    assert done == [2]
    other.computed(total, FRAME.assign(firms_count=8), factor=2)
    other.computed(total, FRAME, factor=3)
    assert done == [2, 2, 3]
    monkeypatch.delenv(SHARED_VARIABLE)
    other.computed(total, FRAME, factor=2)
    assert done == [2, 2, 3, 2]


def test_an_analysis_that_warns_or_is_defined_in_a_notebook_is_computed_in_every_study(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubtful(add: Any) -> int:
        warnings.warn("doubtful", stacklevel=1)
        return 1

    def own() -> int:
        return 2

    monkeypatch.setattr(doubtful, "__module__", "helpers.analysis.checks")
    monkeypatch.setattr(doubtful, "__qualname__", "doubtful")
    monkeypatch.setattr("helpers.analysis.checks.doubtful", doubtful, raising=False)
    for _ in range(2):
        with pytest.warns(UserWarning, match="doubtful"):
            assert study_of(tmp_path).computed(doubtful, 1) == 1
    monkeypatch.setattr(own, "__module__", "__main__")
    monkeypatch.setattr(own, "__qualname__", "own")
    monkeypatch.setattr("__main__.own", own, raising=False)
    assert study_of(tmp_path).computed(own) == 2
    assert shared.key((), ("computed", len, (own,))) is None
    assert not list(kept.iterdir())


def test_what_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    shared.keep(tmp_path, "name", shared.Made({}, (), {}, lambda: 0))
    assert not list(tmp_path.iterdir())


def test_damaged_entry_is_drawn_again(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = study_of(tmp_path).show(counted, FRAME)._repr_html_()
    (entry,) = kept.iterdir()
    whole = entry.read_bytes()
    for content in (whole[:-9], whole[:-1] + bytes([whole[-1] ^ 1]), b"", b"x" * 40):
        entry.write_bytes(content)
        called = count(monkeypatch)
        assert study_of(tmp_path, city="大连").show(counted, FRAME)._repr_html_() == shown
        assert called[:2] == ["counted"] * 2
        assert entry.read_bytes() == whole


def test_full_folder_takes_no_more(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept / "other").write_bytes(b"much")
    monkeypatch.setattr(shared, "MOST_BYTES", 3)
    study_of(tmp_path).show(counted, FRAME)
    assert [path.name for path in kept.iterdir()] == ["other"]
