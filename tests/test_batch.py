"""Which studies a batch is of, what is refused, the page over all, and the table of all results."""

from __future__ import annotations

import html.parser
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

import helpers.run.batch as module
from helpers.errors import DataError, InputError, ParameterError
from helpers.evidence import tables
from helpers.publish import captions
from helpers.publish.batch_page import page, write_page
from helpers.run import cache, current
from helpers.run.batch import Batch, all_provinces, all_results, cities_of, read_table, run_batch
from helpers.run.cli import main
from helpers.run.execute import Event, Options, Result, run_studies
from helpers.run.locks import lock
from helpers.run.parameters import LANGUAGES, Parameters
from helpers.run.progress import Bar, Log
from helpers.run.study import STAGING_VARIABLE, make_study

GOOD = "province,city,through_batch\n江苏,苏州,\nLiaoning,Dalian,3\n310000,上海,\n"


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STAGING_VARIABLE, raising=False)


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "studies.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def record_of(root: Path) -> Any:
    """What a batch noted of its page and its tables."""
    return cache.read_object(root / current.RECORD)["made"]


@pytest.fixture
def batched(tmp_path: Path) -> Path:
    """The folder of a batch of one study without notebooks."""
    run_batch([Parameters(output_dir=str(tmp_path))], notebooks=[], progress=False)
    return tmp_path


# --- Which studies ----------------------------------------------------------------------------


def test_provinces_with_their_capitals() -> None:
    rows = all_provinces(Parameters(basis="certified"))
    assert len(rows) == 31
    cities = {row.parameters.province: row.parameters.city for row in rows}
    known = {"辽宁": "沈阳", "浙江": "杭州", "西藏": "拉萨", "海南": "海口", "新疆": "乌鲁木齐", "内蒙古": "呼和浩特"}  # fmt: skip
    assert {name: cities[name] for name in known} == known
    for name in ("北京", "天津", "上海", "重庆"):
        assert cities[name] == name
    for row in rows:
        assert row.parameters.basis == "certified"
        made = make_study(row.parameters)
        assert made.city.province_id == made.province.place_id


def test_provinces_with_a_users_tables(own: Path) -> None:
    assert [r.parameters.city for r in all_provinces(Parameters(data_dir=str(own)))] == [
        row.parameters.city for row in all_provinces()
    ]


def test_cities_of_a_province() -> None:
    places = tables.load("places")
    for name in ("辽宁", "Liaoning", "210000", "辽宁省", " liaoning "):
        found = [row.parameters.city for row in cities_of(name)]
        own = places[(places["province_id"] == "210000") & (places["level"] == "prefecture")]
        assert found == list(own["name_zh"]) and len(found) == 14
    assert [row.parameters.city for row in cities_of("Shanghai")] == ["上海"]
    with pytest.raises(ParameterError, match="Did you mean Liaoning"):
        cities_of("Lioning")


def test_a_table_takes_defaults_where_it_is_blank(table: Callable[..., Path]) -> None:
    rows = read_table(table("\ufeff" + GOOD), Parameters(through_batch=4, language="zh"))
    assert [row.parameters.through_batch for row in rows] == [4, 3, 4]
    assert {row.parameters.language for row in rows} == {"zh"}
    assert [row.line for row in rows] == [2, 3, 4]
    listed = "- {province: 江苏, city: 苏州}\n- province: 310000\n  city: 上海\n  seed: 7\n"
    first, second = read_table(table(listed, "studies.yaml"))
    assert first.parameters.city == "苏州" and second.parameters.seed == 7
    assert second.parameters.province == "310000"


@pytest.mark.parametrize(
    ("text", "row", "column", "rule"),
    [
        ("province,town\n江苏,苏州\n", 1, "town", "no parameter has this name"),
        ("province,city,\n江苏,苏州,1\n", 1, "(no name)", "no parameter has this name"),
        ("city,city\n苏州,苏州\n", 1, "city", "twice"),
        ("province,output_dir\n江苏,x\n", 1, "output_dir", "one output folder"),
        ("province,city\n江苏,苏州\n江苏,大连\n", 3, "city", "no city of this name"),
        ("province,city\n江苏,../../etc\n", 2, "city", "path"),
        ("province,city\n/etc/passwd,苏州\n", 2, "province", "path"),
        ("province,city\n江苏,C:\\x\n", 2, "city", "path"),
        ("province,city\n江苏,..\n", 2, "city", "path"),
        ("province,city\nJiangsoo,苏州\n", 2, "province", "no province has this name"),
        ("province,city,basis\n江苏,苏州,sutdy\n", 2, "basis", "not one of"),
        ("province,city,seed\n江苏,苏州,many\n", 2, "seed", "whole number"),
        ("province,city,through_batch\n江苏,苏州,9\n", 2, "through_batch", "1 to 7"),
        ("province,city\n江苏,苏州,3\n", 2, None, "3 cells under 2"),
        ("province,city\n\n江苏,苏州\n江苏,大连\n", 4, "city", "no city"),
    ],
)  # fmt: skip
def test_a_fault_is_told_by_row_and_column(
    text: str, row: int, column: str | None, rule: str, table: Callable[..., Path]
) -> None:
    with pytest.raises(DataError) as caught:
        read_table(table(text))
    problem = caught.value.problems[0]
    assert (problem.row, problem.column) == (row, column)
    assert rule in problem.rule and problem.remedy.endswith((".", "?"))


def test_all_faults_are_told_at_once(table: Callable[..., Path]) -> None:
    text = "province,city,seed\n江苏,大连,1\n../x,苏州,1\n江苏,苏州,-1\n"
    with pytest.raises(DataError) as caught:
        read_table(table(text))
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "city"), (3, "province"), (4, "seed"),
    ]  # fmt: skip


def test_the_command_tells_all_faults_at_once(
    table: Callable[..., Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = (
        "province,city,data_dir,basis,language\n../x,苏州,,,\n江苏,大连,,,\n"
        "江苏,苏州,/no/such/folder,,\n江苏,苏州,,sutdy,fr\n"
    )
    assert main(["batch", str(table(text)), "--output-dir", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    for fault in (
        "row 2, column province", "row 3, column city", "row 4, column data_dir",
        "row 5, column basis", "row 5, column language",
    ):  # fmt: skip
        assert message.count(fault) == 1, fault
    assert "/no/such/folder does not exist. Create it" in message


BOMB = "\n".join(
    ["    k0: &k0 [x, x]", *(f"    k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, 12))]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"- province:\n{BOMB}\n", "row 1, column province: a dict in place of a value"),
        ("- {province: [江苏], city: 苏州}\n", "row 1, column province: a list in place of"),
        ("- &x {province: 江苏, city: *x}\n", "row 1, column city: a dict in place of"),
        ("- {city: 鞍山, city: 大连}\n", "row 1, column city: the column stands there twice"),
        ("- {city: 2023-13-45}\n", "not a YAML file"),
        (f"- {'[' * 3000}\n", "not a YAML file"),
        ("- {seed: 1}\n- {1: 2}\n", "row 2, column 1: no parameter has this name"),
    ],
)
def test_odd_yaml_is_refused_at_once(text: str, message: str, table: Callable[..., Path]) -> None:
    with pytest.raises(InputError) as caught:
        read_table(table(text, "studies.yml"))
    assert message in str(caught.value) and len(str(caught.value)) < 2000


def test_yaml_may_take_over_another_item(table: Callable[..., Path]) -> None:
    text = "- &a {province: 江苏, city: 苏州, seed: 7}\n- {<<: *a, city: 南京}\n"
    rows = read_table(table(text, "studies.yml"))
    assert [(r.parameters.city, r.parameters.seed) for r in rows] == [("苏州", 7), ("南京", 7)]


def test_the_same_study_twice(table: Callable[..., Path], tmp_path: Path) -> None:
    path = table("province,city\n江苏,苏州\n辽宁,鞍山\nJiangsu,Suzhou\n")
    defaults = Parameters(output_dir=str(tmp_path / "out"))
    with pytest.raises(DataError) as caught:
        run_batch(read_table(path, defaults), progress=False)
    (problem,) = caught.value.problems
    assert (problem.row, problem.value, problem.rule) == (4, "Suzhou", "the same study as row 2")
    assert not (tmp_path / "out").exists()


def test_cells_of_an_unknown_column_are_not_repeated(
    table: Callable[..., Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = table("province,city,api_token\n江苏,苏州,hunter2\n")
    assert main(["batch", str(path), "--output-dir", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert "column api_token" in message and "hunter2" not in message
    assert not (tmp_path / "out").exists()


def test_a_secret_given_by_mistake_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "parameters.yml"
    file.write_text("api_token: hunter2\n", encoding="utf-8")
    for arguments in (["-p", "api_token", "hunter2"], ["--file", str(file)]):
        for command in (["run"], ["batch", "--all-provinces"]):
            assert main([*command, *arguments, "--output-dir", str(tmp_path / "out")]) == 2
            shown = capsys.readouterr()
            assert "parameter api_token: no parameter has this name" in shown.err
            assert "hunter2" not in shown.err + shown.out
    assert not (tmp_path / "out").exists()


def test_copies_go_where_papermill_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By papermill's own storage handlers; one that fails is a failure of the notebook's copy."""
    from papermill.iorw import papermill_io

    from helpers.run import execute

    written: dict[str, str] = {}

    class Handler:
        def write(self, text: str, path: str) -> None:
            if "broken" in path:
                raise OSError(f"cannot write {path}?sig=hunter2")
            written[path] = text

    monkeypatch.setattr(papermill_io, "_handlers", [("made-up://", Handler()), *papermill_io._handlers])  # fmt: skip
    copy = tmp_path / "work" / "01_x" / "notebooks" / "01_x.ipynb"
    copy.parent.mkdir(parents=True)
    copy.write_text("{}", encoding="utf-8")
    where = tmp_path / "work" / "01_x"
    part = cache.Part("01_x", "k", 1.0, None, cache.listing(where))
    assert execute._copy("a_b", where, part, "") == []
    assert execute._copy("a_b", where, part, "made-up://bucket/runs/") == []
    assert written == {"made-up://bucket/runs/a_b/01_x.ipynb": "{}"}
    assert execute._copy("a_b", where, part, str(tmp_path / "copies")) == []
    assert (tmp_path / "copies" / "a_b" / "01_x.ipynb").read_text(encoding="utf-8") == "{}"
    (failure,) = execute._copy("a_b", where, part, "made-up://broken")
    assert "cannot write made-up://broken/a_b/01_x.ipynb?sig=***" in failure.error


def test_what_could_not_be_copied_is_copied_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything but the kernel is real: papermill's clients leave event loops unclosed."""
    from helpers.run import notebook

    def finished(source: Path, target: Path, *_: Any) -> None:
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")

    monkeypatch.setattr(notebook, "run_notebook", finished)
    source = tmp_path / "01_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), source)
    (tmp_path / "file").touch()
    given = [Parameters(output_dir=str(tmp_path / "out"))]

    def run(copy_to: str) -> Batch:
        return run_batch(given, Options(warm=False, copy_to=copy_to), [source], False)

    first = run(str(tmp_path / "file" / "below"))
    assert first.executed == 1 and "copy of the notebook" in first.failures[0][1]
    second = run(str(tmp_path / "copies"))
    assert (second.executed, second.failures) == (0, [])
    copy = tmp_path / "copies" / "liaoning_anshan" / "01_x.ipynb"
    assert copy.is_file()
    copy.unlink()
    third = run(str(tmp_path / "copies"))
    assert (third.executed, third.failures) == (0, []) and copy.is_file()
    fourth = run(str(tmp_path / "file"))
    assert fourth.executed == 0 and "copy of the notebook" in fourth.failures[0][1]


@pytest.mark.parametrize("when", ["during", "before", "never"])
def test_an_edit_in_mid_run_that_is_taken_back_leaves_nothing_stale(
    when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by switching to another branch and back while a batch is at work."""
    from helpers.run import notebook

    source = tmp_path / "01_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), source)
    text = source.read_text(encoding="utf-8")

    def write(text: str) -> None:
        source.write_text(text, encoding="utf-8")

    def finished(source: Path, target: Path, *_: Any) -> None:
        if when == "during":
            write(text + "\n")
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        if when == "before":
            write(text)

    def tell(event: Event) -> None:
        if when == "before" and event.kind == "started":
            write(text + "\n")

    monkeypatch.setattr(notebook, "run_notebook", finished)
    studies = [make_study(Parameters(output_dir=str(tmp_path / "out")))]
    for expected, told in ((1, when != "never"), (int(when != "never"), False)):
        (outcome,) = run_studies(studies, [source], Options(warm=False), tell)
        assert isinstance(outcome, Result) and outcome.executed == expected
        assert [failure.cell for failure in outcome.failures] == ["inputs"] * told
        assert all("changed while the run went on" in str(one) for one in outcome.failures)
        when = "never"
        write(text)


def test_a_run_keeps_what_is_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but the kernel is real."""
    from helpers.run import notebook

    def finished(source: Path, target: Path, *_: Any) -> None:
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")

    monkeypatch.setattr(notebook, "run_notebook", finished)
    source = tmp_path / "01_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), source)
    study = make_study(Parameters(output_dir=str(tmp_path / "out")))

    def run() -> Result:
        (outcome,) = run_studies([study], [source], Options(warm=False, force=True), lambda _: None)
        assert isinstance(outcome, Result)
        return outcome

    folder = run().folder
    (folder / "figures").mkdir()
    (folder / "figures" / "mine.txt").touch()
    (folder / "notebooks" / "01_x.ipynb").write_text("notes", encoding="utf-8")
    assert run().set_aside == ("kept/notebooks/01_x.ipynb", "kept/figures/mine.txt")
    assert (folder / "kept/notebooks/01_x.ipynb").read_text(encoding="utf-8") == "notes"
    assert not (folder / "figures").exists()
    assert run().set_aside == ()
    assert (folder / "kept/figures/mine.txt").is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bar_counts_the_cells_that_are_executed(language: str) -> None:
    """Prose of the other language is not, and papermill adds the parameters."""
    from helpers.run import execute, notebook

    for path in execute.notebook_files():
        read = nbformat.read(path, as_version=4)
        notebook.drop_other_language(read, language)
        assert execute._cells(path)[language] == len(read.cells) + 1


@pytest.mark.parametrize(
    ("arguments", "seconds", "least"),
    [
        (["--time-limit", "60"], 60, 1024),
        (["--memory-limit", "700"], 1800, 700),
        (["--memory-limit", "0", "--time-limit", "0"], 0, 0),
        ([], 1800, 1024),
    ],
)
def test_one_limit_given_leaves_the_other_as_it_was(
    arguments: list[str], seconds: float, least: float
) -> None:
    from helpers.run import cli, execute

    parsed = cli._parser().parse_args(["run", *arguments])
    limits = execute._limits(Options(limits=cli._limits(parsed)))
    assert limits.seconds == seconds and limits.memory_mib is not None
    assert limits.memory_mib >= least if least == 1024 else limits.memory_mib == least


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("province,city\n", "holds no study"),
        ("", "holds no study"),
        (b"\xff\xfe\x00", "is no text. Save the table as XLSX"),
        (b"PK\x03\x04", "is no text"),
        (b"\xff\xff", "neither in UTF-8 nor in GBK"),
        (None, "cannot be read"),
        ("a: [1", "not a YAML file"),
        ("province: 江苏\n", "write a list"),
    ],
)
def test_unreadable_tables(content: str | bytes | None, message: str, tmp_path: Path) -> None:
    yaml = isinstance(content, str) and ":" in content
    path = tmp_path / ("studies.yml" if yaml else "studies.csv")
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_table(path)


def test_tables_as_spreadsheet_programs_save_them(tmp_path: Path) -> None:
    """Chinese Excel writes CSV in GBK, others put semicolons, and a table may stay a workbook."""
    from openpyxl import Workbook

    text = "province,city,seed\n江苏,苏州,7\n\n310000,上海,\n"
    book = Workbook()
    for line in text.splitlines():
        book.active.append([int(c) if c.isdigit() else c or None for c in line.split(",")])
    book.create_sheet("empty")
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_text(text, encoding="gbk")
    (tmp_path / "c.csv").write_text(text.replace(",", ";"), encoding="utf-8-sig")
    (tmp_path / "d.csv").write_text(text.replace(",", "，"), encoding="utf-8")
    (tmp_path / "e.csv").write_text(text.replace(",", "\t"), encoding="utf-8")
    for name in ("a.xlsx", "b.csv", "c.csv", "d.csv", "e.csv"):
        found = [
            (r.parameters.city, r.parameters.seed, r.line) for r in read_table(tmp_path / name)
        ]
        assert found == [("苏州", 7, 2), ("上海", 20231231, 4)], name
    book["empty"].append(["note"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="2 sheets are filled in"):
        read_table(tmp_path / "a.xlsx")


def test_refusals_of_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments, message in (
        ([], "required"),
        (["x.csv", "--all-provinces"], "not allowed with"),
        (["--all-provinces", "--workers", "0"], "give 1 or more"),
        (["--all-provinces", "-p", "city", "大连"], "parameter city: --all-provinces and --cities"),
        (["--all-provinces", "--time-limit", "-3"], "give 0 or more"),
        (["--all-provinces", "--memory-limit", "nan"], "give 0 or more"),
        (["--all-provinces", "--city=大连"], "unknown argument --city"),
        (["--cities", "Lioning"], "Did you mean Liaoning"),
        (["--cities", "辽宁", "--basis", "x"], "not one of"),
    ):
        assert main(["batch", *arguments, "--output-dir", str(tmp_path / "out")]) == 2, arguments
        shown = capsys.readouterr()
        assert message in shown.err and shown.out == "", arguments
    assert not (tmp_path / "out").exists()


def test_a_batch_needs_one_folder(tmp_path: Path) -> None:
    rows = [
        Parameters(province="江苏", city="苏州", output_dir=str(tmp_path / "a")),
        Parameters(output_dir=str(tmp_path / "b")),
    ]
    with pytest.raises(InputError, match="one output_dir"):
        run_batch(rows, progress=False)
    with pytest.raises(InputError, match="no study"):
        run_batch([], progress=False)


def test_a_lock_is_exclusive_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / ".x.lock"
    with lock(path, tmp_path):
        with pytest.raises(InputError, match="another run is writing there"), lock(path, tmp_path):
            pytest.fail("locked twice")
        assert path.exists()
    assert not path.exists()
    path.write_text("left by a run that was killed", encoding="utf-8")
    with lock(path, tmp_path):
        assert "process" in path.read_text(encoding="utf-8")


# --- What it writes ---------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_more_locks_than_files_may_be_open(tmp_path: Path) -> None:
    """In a process of its own, whose limit may be lowered."""
    text = (
        "import resource, sys, pathlib; from helpers.run.locks import locks\n"
        "hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "with locks((root / str(number), root) for number in range(100)):\n"
        "    print(len(list(root.iterdir())))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "100\n", done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("gone", "all_results.csv"), ("changed", "all_results.csv"), ("cut", "index.html"),
        ("changed", "all_results.parquet"), ("touched", "index.html"),
    ],
)  # fmt: skip
def test_a_damaged_page_or_table_is_made_again(fault: str, name: str, batched: Path) -> None:
    given = [Parameters(output_dir=str(batched))]
    path = batched / name
    whole = path.read_bytes()
    if fault == "gone":
        path.unlink()
    else:
        damaged = {"changed": b"X" + whole[1:], "cut": whole[:-9], "touched": whole}
        path.write_bytes(damaged[fault])
        os.utime(path, (1, 1))
    assert current.holds_made(batched, record_of(batched)) == (fault == "touched")
    run_batch(given, notebooks=[], progress=False)
    assert path.read_bytes() == whole
    assert current.holds_made(batched, record_of(batched))


def test_a_damaged_record_of_a_batch_is_no_record(tmp_path: Path) -> None:
    for name in current.MADE:
        (tmp_path / name).touch()
    made = current.made_stamps(tmp_path)
    assert current.holds_made(tmp_path, made)
    for damaged in (None, [], {}, made | {"index.html": 1}, made | {"index.html": [1, 2, "x"]}):
        assert not current.holds_made(tmp_path, damaged), damaged


@pytest.fixture
def results(tmp_path: Path) -> tuple[list[Any], Path]:
    """Two made-up studies with a table each (synthetic)."""
    studies = []
    for city, firms in (("苏州", "12"), ("南京", "")):
        study = make_study(Parameters(province="江苏", city=city, output_dir=str(tmp_path)))
        folder = tmp_path / study.slug / "tables"
        folder.mkdir(parents=True)
        (folder / "02_focal.csv").write_text(
            f'\ufeffBatches,Firms,Note\n1-2,{firms},"a, b"\n1-3,30,鞍山\n', encoding="utf-8"
        )
        (tmp_path / study.slug / "verdicts.csv").write_text(
            "\ufeffclaim_id,verdict\nC1-01,reproduced\n", encoding="utf-8"
        )
        studies.append(study)
    return studies, tmp_path


def test_all_results_are_one_value_a_row(results: tuple[list[Any], Path]) -> None:
    studies, root = results
    frame = all_results(studies, root)
    # Two rows of three cells and one verdict of two, in each.
    assert len(frame) == 2 * (2 * 3 + 2)
    own = frame[(frame["city_zh"] == "苏州") & (frame["variable"] == "Firms")]
    assert own["item"].tolist() == ["1-2", "1-3"] and own["number"].tolist() == [12.0, 30.0]
    unknown = frame[(frame["city_zh"] == "南京") & (frame["variable"] == "Firms")].iloc[0]
    assert unknown["value"] == "" and pd.isna(unknown["number"])
    verdict = frame[(frame["result"] == "verdicts") & (frame["variable"] == "verdict")]
    assert verdict["value"].tolist() == ["reproduced"] * 2
    assert set(frame["province_id"]) == {"320000"} and set(frame["row"]) == {1, 2}
    again = frame.pivot(index=["study", "result", "row"], columns="variable", values="value")
    assert again.loc[("jiangsu_nanjing", "02_focal", 2), "Note"] == "鞍山"


def test_units_are_those_of_heads_and_records(results: tuple[list[Any], Path]) -> None:
    studies, root = results
    tables_of = root / studies[0].slug / "tables"
    (tables_of / "02_focal.csv").write_text("Batches,Share (%),p (two-sided)\n1-2,4.5,0.1\n", encoding="utf-8")  # fmt: skip
    captions.write({"en": {"unit": "firms"}, "zh": {"unit": "家"}}, tables_of / "02_focal.json")
    (root / studies[1].slug / "tables" / "02_focal.json").write_text("[]", encoding="utf-8")
    frame = all_results(studies, root)
    own = frame[frame["result"] == "02_focal"].set_index(["study", "variable"])
    first = own.loc[studies[0].slug]
    assert first["unit"].to_dict() == {"Batches": "", "Share (%)": "%", "p (two-sided)": ""}
    assert set(first["table_unit"]) == {"firms"}
    assert set(own.loc[studies[1].slug, "table_unit"]) == {""}
    assert set(frame.loc[frame["result"] == "verdicts", ["unit", "table_unit"]].to_numpy().flat) == {""}  # fmt: skip
    last = ["number", "lower", "upper", "unit", "table_unit"]
    assert list(frame.columns[-5:]) == list(all_results([], root).columns[-5:]) == last


def test_ranges_have_their_ends_in_either_language(results: tuple[list[Any], Path]) -> None:
    studies, root = results
    path = root / studies[0].slug / "tables" / "02_focal.csv"
    cells = ["5 to 15", "5至15", "-25 to +2", "0 to 1,832", "7", "1-2", "> 5", "15 to", "2 to 3 to 4", "a to b", ""]  # fmt: skip
    path.write_text("x,y\n" + "".join(f'"{cell}",.\n' for cell in cells), encoding="utf-8")
    frame = all_results(studies[:1], root).query("result == '02_focal' and variable == 'x'")
    bounded = frame.dropna(subset=["lower", "upper"])
    ends = [(5, 15), (5, 15), (-25, 2), (0, 1832), (7, 7)]
    assert list(zip(bounded["lower"], bounded["upper"], strict=True)) == ends
    assert frame["lower"].isna().equals(frame["upper"].isna()) and frame["number"].count() == 1


def test_thousands_are_numbers_and_bounds_are_none(results: tuple[list[Any], Path]) -> None:
    studies, root = results
    path = root / studies[0].slug / "tables" / "02_focal.csv"
    cells = ["98,000", "-1,000,000.5", "> 600,000", "1-2", "1,2", "12,34", "98000"]
    path.write_text("x\n" + "".join(f'"{cell}"\n' for cell in cells), encoding="utf-8")
    frame = all_results(studies[:1], root)
    own = frame[frame["result"] == "02_focal"]
    assert own["value"].tolist() == cells
    found = dict(zip(own["value"], own["number"], strict=True))
    numbers = {text: number for text, number in found.items() if not pd.isna(number)}
    assert numbers == {"98,000": 98000.0, "-1,000,000.5": -1000000.5, "98000": 98000.0}


def test_written_results_are_the_same_in_both_files(results: tuple[list[Any], Path]) -> None:
    import fastparquet

    studies, root = results
    frame = all_results(studies, root)
    module.write_results(frame, root)
    text = pd.read_csv(root / "all_results.csv", keep_default_na=False, dtype={"value": str})
    with (root / "all_results.parquet").open("rb") as file:
        parquet = fastparquet.ParquetFile(file).to_pandas()
    assert list(parquet.columns) == list(text.columns) == list(frame.columns)
    assert parquet["value"].tolist() == text["value"].tolist() == frame["value"].tolist()
    assert parquet["number"].sum() == frame["number"].sum() == 72.0
    assert not list(root.glob(".*new"))


def entry(slug: str, **more: Any) -> dict[str, Any]:
    names = {
        "province_en": "Jiangsu",
        "province_zh": "江苏",
        "city_en": "Suzhou",
        "city_zh": "苏州",
    }
    return {"slug": slug, "counts": {}, "failures": [], "language": "en", **names, **more}


class Outside(html.parser.HTMLParser):
    """Collects what a page would load, and whether its elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag


def test_page_has_failures_first_and_escapes(results: tuple[list[Any], Path]) -> None:
    studies, root = results
    frame = all_results(studies, root)
    entries = [
        entry("jiangsu_suzhou", counts={"reproduced": 2, "untestable": 1}),
        entry(
            "jiangsu_nanjing", city_en="<script>alert(1)</script>", failures=["<b>lost</b> & gone"]
        ),
    ]
    write_page(entries, frame, root / "index.html")
    text = (root / "index.html").read_text(encoding="utf-8")
    reader = Outside()
    reader.feed(text)
    assert not reader.open and "<script" not in text and "<b>lost" not in text
    assert text.index("&lt;b&gt;lost&lt;/b&gt; &amp; gone") < text.index("<table>")
    assert "2 studies, 1 of them with failures" in text
    assert not [link for link in reader.loaded if ":" in link or link.startswith("/")]
    assert "jiangsu_suzhou/tables/" in reader.loaded
    # Counts on one scale: 12 of 30 is two fifths of the height; unknown is an outline.
    assert text.count('class="bar"') == 2 and "Jiangsu, 1-2: 12; 1-3: 30" in text


def test_page_in_chinese(results: tuple[list[Any], Path]) -> None:
    studies, root = results
    entries = [entry("jiangsu_nanjing", language="zh", counts={"entailed": 3})]
    (root / "jiangsu_nanjing" / "figures").mkdir()
    (root / "jiangsu_nanjing" / "figures" / "02_tiles.png").touch()
    text = page(entries, all_results(studies, root), root)
    assert 'lang="zh-CN"' in text and "江苏·苏州" in text and "必然成立" in text
    assert "分省分布" in text and 'alt="“小巨人”企业分省分布, 江苏·苏州"' in text
    assert "1-2: ?" in text and 'class="none"' in text
    for word in ("Verdicts", "Failures", "studies,", "entailed", "Firms"):
        assert word not in text, word


def test_page_tells_studies_of_one_place_apart(tmp_path: Path) -> None:
    """Made-up counts of one province, counted in two ways and told in two languages (synthetic)."""
    kinds = (("certified", "en", "1-2", "12"), ("certified", "zh", "1—2", "12"), ("announced", "en", "1-2", "30"))  # fmt: skip
    studies = []
    for basis, language, span, firms in kinds:
        given = Parameters("江苏", "苏州", basis=basis, language=language, output_dir=str(tmp_path))
        study = make_study(given)
        folder = tmp_path / study.slug / "tables"
        folder.mkdir(parents=True)
        (folder / "02_focal.csv").write_text(f"a,b\n{span},{firms}\n", encoding="utf-8")
        studies.append(study)
    batch = Batch(tmp_path, tuple(studies), tuple(OSError("x") for _ in studies))
    text = page(module._entries(batch), batch.results(), tmp_path)
    # One drawing for each way of counting, on one scale, with one span and nothing unknown.
    assert text.count('class="bar"') == 2 and 'class="none"' not in text
    for told in ("basis certified; language en", "basis certified; language zh", "basis announced"):
        assert told in text
    assert "Jiangsu (basis certified), 1-2: 12" in text
    assert "Jiangsu (basis announced), 1-2: 30" in text
    single = Batch(tmp_path, (studies[1],), batch.outcomes[:1])
    alone = page(module._entries(single), single.results(), tmp_path)
    assert "口径" not in alone and "1—2: 12" in alone


def test_a_report_made_later_is_linked(tmp_path: Path) -> None:
    given = [Parameters(output_dir=str(tmp_path))]
    run_batch(given, notebooks=[], progress=False)
    link = "liaoning_anshan/report/index.html"
    assert link not in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / link).parent.mkdir()
    (tmp_path / link).touch()
    run_batch(given, notebooks=[], progress=False)
    assert link in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_log_has_one_object_a_line(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.jsonl"
    for _ in range(2):
        with Log(path) as log:
            log(Event("planned", "a", data={"cells": 3}))
            log(Event("cell"))
            log(Event("finished", "a", "01_x", {"failure": "鞍山"}))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["planned", "finished"] * 2
    assert lines[1]["failure"] == "鞍山" and lines[1]["notebook"] == "01_x" and lines[0]["time"]


def test_bar_tells_state_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(True, 2) as bar:
        for study in "ab":
            bar(Event("planned", study, data={"cells": 2}))
            bar(Event("started", study, "01_x"))
        bar(Event("cell"))
        bar(Event("finished", "a", "01_x", {"failure": "01_x, cell [2]: KeyError: 1"}))
        bar(Event("study", "a", data={"failures": ["x"], "executed": 1, "kept": 0}))
        bar(Event("finished", "b", "01_x", {"failure": None}))
        bar(Event("study", "b", data={"failures": [], "executed": 1, "kept": 0}))
    told = capsys.readouterr().err
    assert "failed: a, 01_x, cell [2]: KeyError: 1" in told
    assert "a: 1 failures, 1 executed, 0 unchanged" in told
    assert "2/2 studies, 1 with failures" in told
    with Bar(True, 1) as bar:
        bar(Event("planned", "a", data={"cells": 50}))
        bar(Event("cell", "a", "01_x"))
        bar(Event("finished", "a", "01_x", {"failure": None, "cells": 20}))
        bar(Event("finished", "a", "02_x", {"failure": None, "cells": 30}))
    assert "50/50" in capsys.readouterr().err
    with Bar(False, 2) as bar:
        bar(Event("planned", "a", data={"cells": 2}))
        bar(Event("finished", "a", "01_x", {"failure": "x"}))
    assert capsys.readouterr().err == ""


def test_an_error_of_one_study_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Parameters(output_dir=str(tmp_path)), Parameters(province="江苏", city="苏州", output_dir=str(tmp_path))]  # fmt: skip
    real = module.run_studies

    def one_fails(studies: Any, *arguments: Any) -> list[Any]:
        import helpers.run.execute as execution

        install = execution._install

        def broken(staging: Path, folder: Path) -> list[str]:
            if folder.name == "liaoning_anshan":
                raise OSError(28, "No space left on device")
            return install(staging, folder)

        monkeypatch.setattr(execution, "_install", broken)
        return real(studies, *arguments)

    monkeypatch.setattr(module, "run_studies", one_fails)
    batch = run_batch(rows, Options(), notebooks=[], progress=False)
    assert batch.failures == [("liaoning_anshan", "OSError: [Errno 28] No space left on device")]
    assert (tmp_path / "jiangsu_suzhou" / "verdicts.csv").is_file()
    assert "No space left" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_rows_may_be_plain_parameters(tmp_path: Path) -> None:
    given = Parameters(output_dir=str(tmp_path))
    batch = run_batch([given, replace(given, through_batch=3)], notebooks=[], progress=False)
    assert [study.slug for study in batch.studies] == ["liaoning_anshan", "liaoning_anshan_b3"]
    assert not batch.failures and batch.executed == 0
    assert (tmp_path / "all_results.csv").is_file()
