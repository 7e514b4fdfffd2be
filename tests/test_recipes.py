"""Recipes and captions: a figure is drawn again from what was kept, and nothing else is run."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.publish import figures, recipes, tier_charts
from helpers.publish.recipes import Recipe
from helpers.publish.undrawn import Undrawn
from helpers.run.study import Parameters, make_study


def study_in(folder: Path, language: str = "en") -> Any:
    return make_study(Parameters(language=language, output_dir=str(folder)))


def density(study: Any) -> pd.DataFrame:
    return study.table("hidden_champion_density")


def test_figure_keeps_its_caption_in_both_languages_and_its_recipe(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    study.figure(tier_charts.density, density(study))
    (caption,) = (study.folder / "figures").glob("*.json")
    content = json.loads(caption.read_text(encoding="utf-8"))
    assert content["kind"] == "figure" and content["name"] == caption.stem
    assert content["source_ids"] and set(content["source_ids"]) <= set(
        study.table("sources")["source_id"]
    )
    assert content["en"]["title"].isascii() and not content["zh"]["title"].isascii()
    assert content["en"]["alt"] and content["zh"]["alt"]
    (kept,) = (study.folder / "recipes").iterdir()
    assert kept.name == f"{caption.stem}.recipe"
    again = recipes.load(kept)
    assert again.view is tier_charts.density
    pd.testing.assert_frame_equal(again.arguments[0], density(study))


def test_recipe_drawn_again_in_the_other_language_is_that_of_its_own_run(tmp_path: Path) -> None:
    study, other = study_in(tmp_path), study_in(tmp_path, "zh")
    study.figure(tier_charts.density, density(study))
    other.figure(tier_charts.density, density(other))
    name = next((study.folder / "recipes").iterdir()).name
    _, told, _ = recipes.load(study.folder / "recipes" / name).tell(study.told_in("zh"))
    _, own, _ = recipes.load(other.folder / "recipes" / name).tell(other)
    assert told == own
    for one in (study, other):
        assert (one.folder / "figures" / f"{told.name}.json").read_text() == (
            study.folder / "figures" / f"{told.name}.json"
        ).read_text()


def test_figure_of_ones_own_has_a_caption_and_no_recipe(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    made = tier_charts.density(study, density(study))
    study.figure(*made)
    assert not (study.folder / "recipes").exists()
    content = json.loads((study.folder / "figures" / f"{made[1].name}.json").read_text("utf-8"))
    assert "en" in content and "zh" not in content


def test_a_figure_and_a_table_of_one_name_are_told_apart_at_once(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    _, record, data = tier_charts.density(study, density(study))
    study.figure(tier_charts.density, density(study))
    study.figure(tier_charts.density, density(study))  # a cell run twice
    with pytest.raises(InputError, match=f"table {record.name}: the figure .* same name"):
        study.show(data, record)
    assert not (study.folder / "tables").exists()


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", "鞍山"], "c": [1.5, None]}),
        pd.DataFrame({"d": pd.to_datetime(["2024-01-01", None]), "e": pd.Categorical(["u", "v"])}),
        pd.Series([1, None], dtype="Int64", index=pd.Index(["x", "y"], name="k")),
        pd.DataFrame({"a": [True, False]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)])),
        np.arange(6).reshape(2, 3),
        {"a": (1, 2.5, None), "b": {"c", "d"}, "f": np.float64(1.5)},
        pd.DataFrame({"a": pd.array([True, None], dtype="boolean")}),
        pd.DataFrame(index=pd.RangeIndex(2)),
        pd.DataFrame({"p": pd.interval_range(0, 2)}),
        [pd.Timestamp("2020-01-01"), pd.NaT, pd.NA],
    ],
)
def test_values_of_views_come_back(tmp_path: Path, value: Any) -> None:
    content = recipes.dump(Recipe("table", tier_charts.density, (value,)))
    assert content is not None
    path = tmp_path / "x.recipe"
    path.write_bytes(content)
    (found,) = recipes.load(path).arguments
    if isinstance(value, pd.DataFrame):
        pd.testing.assert_frame_equal(found, value)
    elif isinstance(value, pd.Series):
        pd.testing.assert_series_equal(found, value)
    elif isinstance(value, np.ndarray):
        np.testing.assert_array_equal(found, value)
    else:
        assert repr(found) == repr(value) or found == value


class Command:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def test_a_command_in_a_recipe_is_not_run(tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / "x.recipe"
    view = "helpers.publish.tier_charts:density"
    path.write_bytes(pickle.dumps(("figure", view, (Command(trace),), {})))
    with pytest.raises(InputError, match=r"x\.recipe.*(system|posix).*study run"):
        recipes.load(path)
    assert not trace.exists()


def call(thing: str, *arguments: bytes) -> bytes:
    """Pickled call of a thing, given as ``module:name``, with pickled arguments."""
    module, name = (text(part) for part in thing.split(":"))
    return module + name + b"\x93(" + b"".join(arguments) + b"tR"


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def test_classes_that_act_when_they_are_made_are_refused(tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / "x.recipe"
    import helpers.evidence.tables
    import helpers.publish.workbook  # noqa: F401

    frame = text("pandas") + text("DataFrame") + b"\x93"
    scope = call("pandas.core.computation.scope:Scope", b"K\x01}}" + text("x") + frame + b"s")
    expression = text(f"@x.__init__.__globals__['sys'].modules['os'].system('touch {trace}')")
    attacks = [
        call("helpers.publish.workbook:io.FileIO", text(str(trace)), text("w")),
        call("helpers.publish.workbook:zipfile.ZipFile", text(str(trace)), text("w")),
        call("helpers.evidence.tables:Path", text(str(trace))),
        call("pandas.arrays:NumpyExtensionArray.__init__.__globals__"),
        call("pandas.core.computation.expr:Expr", expression, text("python"), text("pandas"), scope),
        call("pandas.core.frame:DataFrame.eval"),
        call("builtins:getattr"), call("builtins:eval", text("1")),
        call("pandas:read_pickle", text(str(trace))),
        call("numpy.testing:rundocs"),
    ]  # fmt: skip
    for attack in attacks:
        path.write_bytes(b"\x80\x04" + attack + b".")
        with pytest.raises(InputError, match=r"no place in a recipe|Can't get attribute"):
            recipes.load(path)
        assert not trace.exists()


def test_an_argument_that_could_not_be_read_back_is_told_at_once(tmp_path: Path) -> None:
    for value in (os.getcwd, lambda: 1, Command(tmp_path / "trace"), tmp_path):
        with pytest.warns(UserWarning, match="density: cannot be drawn again by study export"):
            assert recipes.dump(Recipe("figure", tier_charts.density, (value,))) is None


@pytest.mark.parametrize(
    "view",
    [
        "helpers.publish.files:write_bytes", "helpers.publish.captions:write",
        "helpers.publish.tables:cache", "os:system", "helpers.run.cli:main", "helpers.publish.figures:Record",
        "helpers.publish.tables:Path", "helpers.publish.tier_charts:_missing",
        "helpers.publish.tier_charts:nothing", "helpers.publish.none:nothing",
    ],
)  # fmt: skip
def test_only_views_are_called(tmp_path: Path, view: str) -> None:
    path = tmp_path / "x.recipe"
    path.write_bytes(pickle.dumps(("figure", view, (), {})))
    with pytest.raises(InputError, match="cannot be drawn again"):
        recipes.load(path)


@pytest.mark.parametrize("content", [b"", b"\x80", b"hello", pickle.dumps(1), pickle.dumps("abcd")])
def test_damaged_recipe(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.recipe"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.recipe: cannot be drawn again"):
        recipes.load(path)


def test_a_view_of_ones_own_has_no_recipe() -> None:
    assert recipes.dump(Recipe("figure", study_in)) is None


def _plain(study: Any, ax: Any) -> str:
    ax.barh([1], [2])
    return "plain"


def _measuring(study: Any, ax: Any) -> str:
    low, high = ax.get_xlim()
    return f"from {low} to {high}"


def _reading(study: Any, ax: Any) -> str:
    ax.set_title("read")
    return f"title {ax.get_title(loc='left')}"


def _counting(study: Any, ax: Any) -> str:
    return f"{len(ax.get_xticklabels())} ticks"


def _asking(study: Any, ax: Any) -> str:
    return "drawn" if ax.get_title(loc="left") == "" else "titled"


def _summing(study: Any, ax: Any) -> str:
    ax.bar([1, 2], [3, 4])
    return f"{sum(bar.get_height() for bar in ax.patches)} in all"


def _joining(study: Any, ax: Any) -> str:
    ax.text(0, 0, "read")
    return ", ".join(text.get_text() for text in ax.texts)


def _choosing(study: Any, ax: Any) -> str:
    ax.text(0, 0, "read")
    return f"{len([text for text in ax.texts if text.get_visible()])} texts"


DRAWERS = [_plain, _measuring, _reading, _counting, _asking, _summing, _joining, _choosing]


@pytest.mark.parametrize("draw", DRAWERS)
@pytest.mark.parametrize("grid", [{}, {"ncols": 2}, {"nrows": 2, "squeeze": False}])
def test_record_alone_is_the_record_of_the_drawing(draw: Any, grid: Any) -> None:
    calls = []

    def view(study: Any) -> Any:
        with figures.styled():
            figure, axes = figures.new(4, 3, **grid)
        calls.append(figure)
        ax = axes if not grid else axes.flat[0]
        return figure, figures.Record("99_x", draw(study, ax)), None

    recipe = Recipe("figure", view)
    wanted = recipe.tell(None)[1]
    calls.clear()
    assert recipe.record(None) == wanted
    # Only a view that asks for nothing of what it draws gets by without drawing.
    assert [isinstance(figure, Undrawn) for figure in calls] == (
        [True] if draw is _plain else [True, False]
    )
    assert not isinstance(figures.new(4, 3)[0], Undrawn)
