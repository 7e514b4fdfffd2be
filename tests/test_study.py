"""Parameters of a study, where its results go, and what a notebook hands over."""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import DataError, InputError, OutputError, ParameterError
from helpers.evidence import tables
from helpers.evidence.places import place_of, resolve_city, resolve_province
from helpers.run.study import (
    STAGING_VARIABLE,
    Parameters,
    check_writable,
    make_study,
    open_study,
    output_root,
    parameters_from_notebook,
    slug,
)

CELL = (
    'province = "辽宁"\ncity = "鞍山"  # a city\nthrough_batch = 5\nbasis = "study"\n'
    'language = "en"\nseed = 20231231\ndata_dir = ""\noutput_dir = ""\n'
)
OPEN = 'study = open_study("03_city_distribution", globals())'


class Kernel:
    """Variables and history of a notebook, cells being run one by one."""

    def __init__(self) -> None:
        self.namespace: dict[str, object] = {"In": [""]}

    def run(self, *cells: str) -> Kernel:
        for cell in cells:
            self.namespace["In"].append(cell)  # type: ignore[attr-defined]
            if cell != OPEN:
                exec(cell, self.namespace)
        return self

    def parameters(self) -> Parameters:
        return parameters_from_notebook(self.namespace)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel().run("import pandas as pd", CELL)


@pytest.fixture(autouse=True)
def no_staging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(STAGING_VARIABLE, raising=False)
    yield


def message(values: dict[str, object]) -> str:
    with pytest.raises(ParameterError) as caught:
        Parameters.from_mapping(values)
    return str(caught.value)


# --- Parameters -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "kind", "wanted"),
    [
        ("province", 1.5, "float", "text"),
        ("city", ["鞍山"], "list", "text"),
        ("through_batch", "5", "str", "a whole number"),
        ("through_batch", 5.0, "float", "a whole number"),
        ("through_batch", True, "bool", "a whole number"),
        ("basis", 1, "int", "text"),
        ("language", False, "bool", "text"),
        ("seed", "abc", "str", "a whole number"),
        ("data_dir", Path("own"), "PosixPath", "text"),
        ("output_dir", 7, "int", "text"),
    ],
)
def test_wrong_type_names_parameter_value_and_need(
    name: str, value: object, kind: str, wanted: str
) -> None:
    if kind == "PosixPath":
        kind = type(value).__name__
    assert message({name: value}) == (
        f"parameter {name}, value {value!r}: {kind} given, {wanted} needed."
    )


@pytest.mark.parametrize(
    ("name", "close"),
    [("provnce", "province"), ("City", "city"), ("throughbatch", "through_batch")],
)
def test_unknown_name_offers_the_nearest_and_lists_all(name: str, close: str) -> None:
    text = message({"city": "大连", name: "x"})
    assert text.startswith(f"parameter {name}: no parameter has this name.")
    assert f"Did you mean {close}" in text
    assert all(known in text for known in Parameters.names())


@pytest.mark.parametrize("value", [0, 8, -1])
def test_batch_outside_its_range(value: int) -> None:
    assert message({"through_batch": value}) == (
        f"parameter through_batch, value {value}: give a batch from 1 to 7."
    )


@pytest.mark.parametrize("value", [1, 7])
def test_batch_at_its_limits(value: int) -> None:
    assert Parameters(through_batch=value).through_batch == value


def test_negative_seed() -> None:
    assert "parameter seed, value -1" in message({"seed": -1})
    assert Parameters(seed=0).seed == 0


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("basis", "certifed", "Did you mean certified?"),
        ("basis", "", "study, certified, announced"),
        ("language", "EN", "Did you mean en?"),
        ("language", "fr", "en, zh"),
    ],
)
def test_choice_names_the_known_words(name: str, value: str, hint: str) -> None:
    text = message({name: value})
    assert text.startswith(f"parameter {name}, value {value!r}: not one of")
    assert hint in text


def test_code_given_as_a_number_is_a_place() -> None:
    given = Parameters(province=320000, city=320500)  # type: ignore[arg-type]
    assert (given.province, given.city) == ("320000", "320500")
    assert make_study(given).city.name_zh == "苏州"


@pytest.mark.parametrize(
    ("province", "city", "parts"),
    [
        ("Lioning", "鞍山", ["province", "'Lioning'", "Did you mean Liaoning"]),
        ("鞍山", "鞍山", ["province", "'鞍山'"]),
        ("辽宁", "Anshn", ["city", "'Anshn'", "辽宁", "Anshan"]),
        (
            "辽宁",
            "苏州",
            [
                "city",
                "'苏州'",
                "It lies in 江苏 (Jiangsu): set that province, or name a city of 辽宁",
            ],
        ),
        ("北京", "鞍山", ["city", "It lies in 辽宁"]),
        ("", "鞍山", ["province", "''"]),
    ],
)
def test_unknown_place(province: str, city: str, parts: list[str]) -> None:
    with pytest.raises(ParameterError) as caught:
        make_study(Parameters(province=province, city=city))
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("province", "city", "place_id"),
    [
        ("Jiangsu", "suzhou", "320500"),
        ("安徽", "宿州", "341300"),
        ("辽宁省", "大连市", "210200"),
        ("210000", " 210300 ", "210300"),
        ("北京", "Beijing", "110000"),
    ],
)
def test_places_by_every_kind_of_name(province: str, city: str, place_id: str) -> None:
    assert make_study(Parameters(province=province, city=city)).city.place_id == place_id


# --- A notebook's variables -------------------------------------------------------------------


def test_defaults_of_the_notebooks_are_those_of_the_package(kernel: Kernel) -> None:
    assert kernel.run(OPEN).parameters() == Parameters()


def test_injected_unknown_name_is_an_error(kernel: Kernel) -> None:
    kernel.run('# Parameters\nprovnce = "江苏"\n', OPEN)
    with pytest.raises(ParameterError, match=r"parameter provnce: .*Did you mean province\?"):
        kernel.parameters()


def test_injected_known_names_win(kernel: Kernel) -> None:
    kernel.run('# Parameters\ncity = "大连"\nthrough_batch = 3\n', OPEN)
    assert kernel.parameters() == Parameters(city="大连", through_batch=3)


def test_unknown_name_typed_into_the_parameters_cell(kernel: Kernel) -> None:
    kernel.run(CELL + "batch = 3\n", OPEN)
    with pytest.raises(ParameterError, match="parameter batch: "):
        kernel.parameters()


def test_rerun_after_later_cells_is_no_error(kernel: Kernel) -> None:
    kernel.run(OPEN, "limit = 10\nlabel = 'x'", "top = sorted([3, 1])\nfirst = 1", "", OPEN)
    assert kernel.parameters() == Parameters()
    kernel.run(CELL, OPEN)
    assert kernel.parameters() == Parameters()


def test_rerun_still_catches_a_changed_parameters_cell(kernel: Kernel) -> None:
    kernel.run(OPEN, "limit = 10", CELL.replace("province =", "provnce ="), OPEN)
    with pytest.raises(ParameterError, match="parameter provnce: "):
        kernel.parameters()


def test_a_misspelt_name_is_forgotten_once_the_cell_is_corrected(kernel: Kernel) -> None:
    kernel.run(CELL.replace("province =", "provnce ="), OPEN, CELL, 'city = "大连"', OPEN)
    assert kernel.parameters().city == "大连"
    kernel.run('ctiy = "沈阳"\ncity = "沈阳"', OPEN)
    with pytest.raises(ParameterError, match="parameter ctiy: "):
        kernel.parameters()


def test_later_cell_that_sets_a_parameter_counts(kernel: Kernel) -> None:
    kernel.run(OPEN, "limit = 10", 'city = "大连"', OPEN)
    assert kernel.parameters().city == "大连"


@pytest.mark.parametrize("cell", ["x =", "%matplotlib inline", "f(1)", "a = f()\nb = 1", "a += 1"])
def test_cells_that_are_not_literals_are_left_alone(kernel: Kernel, cell: str) -> None:
    kernel.namespace["In"].append(cell)  # type: ignore[attr-defined]
    assert kernel.parameters() == Parameters()


@pytest.mark.parametrize("name", Parameters.names())
def test_missing_parameter(kernel: Kernel, name: str) -> None:
    del kernel.namespace[name]
    with pytest.raises(ParameterError, match=f"parameter {name} is not set.*cell tagged"):
        kernel.parameters()


def test_without_a_history(kernel: Kernel) -> None:
    del kernel.namespace["In"]
    assert kernel.parameters() == Parameters()


def test_opening_a_study(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(f"output_dir = {str(tmp_path)!r}", OPEN)
    study = open_study("03_city_distribution", kernel.namespace)
    assert study.notebook == "03_city_distribution"
    assert study.folder == tmp_path.resolve() / "liaoning_anshan"
    assert study.is_original and study.name(study.city) == "Anshan" == study.name("210300")
    assert set(study.versions().index) >= {"Python", "pandas", "papermill"}
    kernel.run('city = "nowhere"')
    with pytest.raises(ParameterError, match="nowhere"):
        open_study("03_city_distribution", kernel.namespace)


def test_language_of_names() -> None:
    study = make_study(Parameters(language="zh"))
    assert study.name(study.province) == "辽宁"
    assert study.t("firms", "企业") == "企业"
    assert not make_study(Parameters(city="大连")).is_original


# --- Where results go -------------------------------------------------------------------------


def folder_name(**values: object) -> str:
    return make_study(Parameters.from_mapping(values)).slug


def test_slugs_are_distinct_and_ascii(tmp_path: Path) -> None:
    folders = [tmp_path / "a" / "own", tmp_path / "b" / "own", tmp_path / "数据", tmp_path / "资料"]
    folders += [tmp_path / "certified", tmp_path / "zh"]
    variants: list[dict[str, object]] = [{"data_dir": str(folder)} for folder in folders]
    variants += [{"through_batch": batch} for batch in (1, 2, 3, 4, 6, 7)]
    variants += [{"basis": "certified"}, {"basis": "announced"}, {"language": "zh"}, {"seed": 5}]
    variants += [{}, {"city": "大连"}, {"province": "江苏", "city": "苏州"}]
    variants += [{"province": "安徽", "city": "宿州"}, {"basis": "certified", "language": "zh"}]
    places = tables.load("places")
    names = []
    for values in variants:
        parameters = Parameters.from_mapping(values)
        province = resolve_province(places, parameters.province)
        names.append(slug(parameters, province, resolve_city(places, parameters.city, province)))
    same = [(a, b) for a, b in combinations(range(len(names)), 2) if names[a] == names[b]]
    assert [(variants[a], variants[b]) for a, b in same] == []
    allowed = set(string.ascii_lowercase + string.digits + "_-")
    assert all(name and set(name) <= allowed for name in names), names


def test_every_city_has_a_slug_of_its_own() -> None:
    places = tables.load("places")
    prefectures = places[places["level"] == "prefecture"]
    names: dict[str, str] = {}
    for row in prefectures.itertuples():
        province, city = place_of(places, row.province_id), place_of(places, row.place_id)
        name = slug(Parameters(), province, city)
        assert name.isascii() and name.count("_") == 1, name
        assert names.setdefault(name, row.name_zh) == row.name_zh, name
    assert len(names) == len(prefectures) > 300


def test_slug_depends_on_the_place_not_its_spelling() -> None:
    assert folder_name() == "liaoning_anshan"
    assert folder_name(province="Liaoning", city="210300") == "liaoning_anshan"
    assert folder_name(through_batch=3, basis="certified") == "liaoning_anshan_b3_certified"


def test_output_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tables.project_root()
    assert root is not None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert output_root(Parameters()) == root / "output"
    assert output_root(Parameters(output_dir="here")) == tmp_path.resolve() / "here"
    assert output_root(Parameters(output_dir="~/there")) == tmp_path.resolve() / "home" / "there"
    monkeypatch.setattr(tables, "project_root", lambda: None)
    assert output_root(Parameters()) == Path.cwd() / "output"


def test_making_a_study_writes_nothing(tmp_path: Path) -> None:
    make_study(Parameters(output_dir=str(tmp_path / "new" / "deep")))
    assert list(tmp_path.iterdir()) == []


def test_output_below_a_file(tmp_path: Path) -> None:
    blocker = tmp_path / "notes.txt"
    blocker.write_text("mine", encoding="utf-8")
    wanted = blocker / "out" / "deep"
    with pytest.raises(OutputError) as caught:
        make_study(Parameters(output_dir=str(wanted)))
    text = str(caught.value)
    assert text.startswith(f"output_dir {wanted}") and f"{blocker} is a file" in text
    assert [path.name for path in tmp_path.rglob("*")] == ["notes.txt"]
    assert blocker.read_text(encoding="utf-8") == "mine"


def test_study_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "liaoning_anshan").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        make_study(Parameters(output_dir=str(tmp_path)))
    assert [path.name for path in tmp_path.rglob("*")] == ["liaoning_anshan"]


def test_output_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", denied)
    with pytest.raises(
        OutputError, match=r"cannot be written \(Permission denied\)\. Name another"
    ):
        check_writable(tmp_path / "out")
    monkeypatch.undo()
    monkeypatch.setattr(Path, "exists", denied)
    with pytest.raises(OutputError, match="Permission denied"):
        check_writable(tmp_path / "out")


def test_output_folder_with_too_long_a_name(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        check_writable(tmp_path / ("x" * 300))


def test_message_names_what_the_user_gave(tmp_path: Path) -> None:
    blocker = tmp_path / "notes.txt"
    blocker.touch()
    with pytest.raises(OutputError, match=r"^--results "):
        check_writable(blocker / "x", "--results")


def test_staging_folder_is_taken_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = tmp_path / ".staging"
    monkeypatch.setenv(STAGING_VARIABLE, str(staging))
    study = make_study(Parameters(output_dir=str(tmp_path / "out")), "01_concept")
    assert study.folder == staging
    assert study.slug == "liaoning_anshan"
    monkeypatch.setenv(STAGING_VARIABLE, "")
    study = make_study(Parameters(output_dir=str(tmp_path / "out")), "01_concept")
    assert study.folder == tmp_path.resolve() / "out" / "liaoning_anshan"


def test_data_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        make_study(Parameters(data_dir=str(tmp_path / "gone")))
    (tmp_path / "population.csv").write_text("place_id\n210300\n", encoding="utf-8")
    with pytest.raises(DataError, match="table population"):
        make_study(Parameters(data_dir=str(tmp_path)))


def test_users_rows_reach_the_study(tmp_path: Path) -> None:
    row = {"place_id": "210300", "as_of": "1999-12-31", "residents_10k_persons": 1.5}
    table = pd.DataFrame([row | {"source_id": "STUDY"}], columns=tables.load("population").columns)
    table.to_csv(tmp_path / "population.csv", index=False)
    rows = make_study(Parameters(data_dir=str(tmp_path))).table("population")
    assert rows.loc[rows["as_of"] == "1999-12-31", "residents_10k_persons"].tolist() == [1.5]
    assert "1999-12-31" not in set(make_study(Parameters()).table("population")["as_of"])


def test_files_of_tables_are_looked_at_once_a_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helpers.run import study as module

    opened = make_study(Parameters(output_dir=str(tmp_path)))
    looks: list[object] = []
    load = tables.load_all
    monkeypatch.setattr(tables, "load_all", lambda folder: looks.append(folder) or load(folder))
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    number: list[int | None] = [7]
    monkeypatch.setattr(module, "_cell", lambda: number[0])
    assert opened.name("210300") == opened.name("210300") == "Anshan"
    copy = opened.table("places")
    copy["name_en"] = "changed"
    assert opened.table("places")["name_en"].ne("changed").any() and len(looks) == 1
    clock[0] += 0.6
    opened.table("places")
    number[0] = 8
    opened.table("places")
    assert len(looks) == 3
    number[0] = None  # outside notebooks nobody knows when a file may have changed
    opened.table("places"), opened.name("210300")
    assert len(looks) == 5
