"""Execution of notebooks: failures, interruption, what is replaced and what is kept."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest

import helpers.run.execute as module
from helpers import __version__
from helpers.errors import DataError, InputError, OutputError, ParameterError
from helpers.evidence import tables
from helpers.evidence.claims import Finding, Ledger, Setting
from helpers.run.cache import RECORD
from helpers.run.cli import main
from helpers.run.execute import (
    OWNED,
    Failure,
    Result,
    collect_verdicts,
    execute,
    judged_twice,
    notebook_files,
)
from helpers.run.results import update_results
from helpers.run.study import STAGING_VARIABLE, Parameters, make_study

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(sys.executable).parent / ("study.exe" if os.name == "nt" else "study")
PARAMETERS = "\n".join(f"{item.name} = {item.default!r}" for item in fields(Parameters))
DRIVER = """
import pickle, sys
from helpers.run.execute import execute
from helpers.run.study import Parameters
from pathlib import Path
from types import SimpleNamespace
from typing import Any
files = sorted(Path(sys.argv[1]).iterdir())
result = execute(Parameters(city="大连", output_dir="../out"), files, workers=4, progress=False)
Path("result.pickle").write_bytes(pickle.dumps(result))
"""
WRITE = """
import os, pathlib
folder = pathlib.Path(os.environ["STUDY_STAGING_DIR"]) / "tables"
folder.mkdir(parents=True, exist_ok=True)
(folder / "{name}.csv").write_text(f"city,pid\\n{{city}},{{os.getpid()}}\\n", encoding="utf-8")
"""
WAIT = """
import os, pathlib, time
pathlib.Path({marker!r}, str(os.getpid())).touch()
time.sleep(120)
"""

POSIX = os.name == "posix"
posix = pytest.mark.skipif(not POSIX, reason="signals")


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook with a parameters cell and some more."""
    first = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    rest = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=[first, *rest])
    notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(autouse=True)
def no_staging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(STAGING_VARIABLE, raising=False)


@pytest.fixture
def claims() -> pd.DataFrame:
    return tables.load("claims")


def ledger(claims: pd.DataFrame, notebook: str, folder: Path) -> Ledger:
    data = {**tables.load_all(), "claims": claims}
    return Ledger(Setting(data, "210000", "210300"), {}, notebook, folder)


def write_verdicts(claims: pd.DataFrame, folder: Path, *notebooks: str) -> None:
    for name in notebooks:
        book = ledger(claims, name, folder)
        for claim_id in claims.loc[claims["notebook"] == name, "claim_id"]:
            book.judge(claim_id, Finding())
        book.close()


# --- A run with failures ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path, float]:
    """A run from another working directory: one notebook fails, one kernel dies, two finish."""
    base = tmp_path_factory.mktemp("mixed")
    books = base / "books"
    cells = {
        "01_good": [WRITE.format(name="01_good"), "print(city)"],
        "02_fails": ["kept = 1", "print('before')", "{'a': 1}['b']", "print('no')"],
        "03_dies": ["import os\nos._exit(7)", "print('no')"],
        "04_also_good": [WRITE.format(name="04_also_good")],
    }
    for name, texts in cells.items():
        write_notebook(books / f"{name}.ipynb", *texts)
    folder = base / "out" / "liaoning_dalian"
    for name in ("mine.txt", "figures/old.png", "tables/old.csv", "verdicts/old.csv", "run.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("old", encoding="utf-8")
    (folder / "my folder").mkdir()
    elsewhere = base / "elsewhere"
    elsewhere.mkdir()
    environment = {name: text for name, text in os.environ.items() if name != STAGING_VARIABLE}
    started = time.monotonic()
    # A process of its own: the notebook clients of papermill leave event loops unclosed.
    subprocess.run(
        [sys.executable, "-c", DRIVER, str(books)], cwd=elsewhere, env=environment, timeout=120,
        check=True,
    )  # fmt: skip
    seconds = time.monotonic() - started
    pickled = elsewhere / "result.pickle"
    result = pickle.loads(pickled.read_bytes())
    pickled.unlink()
    return result, base, seconds


def test_a_failing_cell_is_named_with_its_error(mixed: tuple[Result, Path, float]) -> None:
    result, _, _ = mixed
    first = result.failures[0]
    assert (first.notebook, first.error) == ("02_fails", "KeyError: 'b'")
    # The parameters cell, the injected one and two more came before.
    assert first.cell == "cell [5]"
    assert str(first) == "02_fails, cell [5]: KeyError: 'b'"


def test_a_kernel_that_dies_is_a_failure_and_does_not_hang(
    mixed: tuple[Result, Path, float],
) -> None:
    result, _, seconds = mixed
    assert [failure.notebook for failure in result.failures] == ["02_fails", "03_dies"]
    assert "DeadKernelError: Kernel died by itself: its code ended" in result.failures[1].error
    assert seconds < 100  # it would wait for ever; the machine may be shared


def test_the_others_still_run(mixed: tuple[Result, Path, float]) -> None:
    result, base, _ = mixed
    assert result.folder == base / "out" / "liaoning_dalian"
    written = sorted(path.name for path in (result.folder / "tables").iterdir())
    assert written == ["01_good.csv", "04_also_good.csv"]
    pids = {pd.read_csv(path)["pid"][0] for path in (result.folder / "tables").iterdir()}
    assert len(pids) == 2 and os.getpid() not in pids
    assert pd.read_csv(result.folder / "tables" / "01_good.csv")["city"].tolist() == ["大连"]


def test_executed_copies_are_kept(mixed: tuple[Result, Path, float]) -> None:
    result, base, _ = mixed
    folder = result.folder / "notebooks"
    names = [path.name for path in sorted((base / "books").iterdir())]
    assert [path.name for path in sorted(folder.iterdir())] == names
    cells = nbformat.read(folder / "02_fails.ipynb", as_version=4).cells
    outputs = [out for cell in cells if cell.cell_type == "code" for out in cell.outputs]
    assert [out.text for out in outputs if out.output_type == "stream"] == ["before\n"]
    assert [out.ename for out in outputs if out.output_type == "error"] == ["KeyError"]
    for path in (base / "books").iterdir():
        stored = nbformat.read(path, as_version=4)
        assert all(cell.execution_count is None and not cell.outputs for cell in stored.cells)


def test_only_owned_names_are_replaced(mixed: tuple[Result, Path, float]) -> None:
    result, base, _ = mixed
    assert (result.folder / "mine.txt").read_text(encoding="utf-8") == "old"
    assert (result.folder / "my folder").is_dir()
    # What no run has written is moved aside: it may be a user's own.
    assert {path.relative_to(result.folder).as_posix() for path in result.folder.rglob("old.*")} == {
        f"kept/{name}" for name in ("figures/old.png", "tables/old.csv", "verdicts/old.csv")
    }  # fmt: skip
    present = {path.name for path in result.folder.iterdir()}
    assert present == {
        "mine.txt", "my folder", "kept", "notebooks", "tables", "verdicts.csv", "run.json", "inputs.zip", RECORD,
    }  # fmt: skip
    assert [path.name for path in (base / "out").iterdir()] == ["liaoning_dalian"]
    assert list((base / "elsewhere").iterdir()) == []


def test_record_of_the_run(mixed: tuple[Result, Path, float]) -> None:
    result, _, _ = mixed
    record = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))
    assert record["parameters"]["city"] == "大连"
    assert [item["notebook"] for item in record["failures"]] == ["02_fails", "03_dies"]
    assert record["packages"]["pandas"] == pd.__version__
    assert record["version"] == __version__
    assert record["seconds"] > 0


def test_no_machine_path_in_metadata(mixed: tuple[Result, Path, float]) -> None:
    result, base, _ = mixed
    for path in (result.folder / "notebooks").iterdir():
        notebook = nbformat.read(path, as_version=4)
        metadata = [notebook.metadata, *(cell.metadata for cell in notebook.cells)]
        text = json.dumps(metadata, ensure_ascii=False)
        for part in (str(base), str(ROOT), str(Path.home()), sys.prefix):
            assert part not in text
        assert notebook.metadata.papermill.input_path == f"notebooks/{path.name}"
        assert notebook.metadata.papermill.output_path == path.name
        assert notebook.metadata.papermill.parameters.output_dir == "../out"
    record = (result.folder / "run.json").read_text(encoding="utf-8")
    assert str(base) not in record and str(ROOT) not in record


def test_claims_without_a_verdict_are_pending(
    mixed: tuple[Result, Path, float], claims: pd.DataFrame
) -> None:
    result, _, _ = mixed
    assert list(result.verdicts["claim_id"]) == list(claims["claim_id"])
    assert result.counts == {"pending": len(claims)}
    stored = pd.read_csv(result.folder / "verdicts.csv", dtype=str, keep_default_na=False)
    assert list(stored["claim_id"]) == list(claims["claim_id"])


# --- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "error"),
    [({"city": "nowhere"}, ParameterError), ({"data_dir": "own"}, DataError), ({}, OutputError)],
)
def test_unusable_input_starts_no_kernel(
    values: dict[str, str], error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reached(*_: object) -> None:
        pytest.fail("a kernel was started")

    monkeypatch.setattr(module, "_run", reached)
    monkeypatch.chdir(tmp_path)
    output = tmp_path / "out"
    if values.get("data_dir"):
        Path("own").mkdir()
        Path("own", "population.csv").write_text("place_id\n", encoding="utf-8")
    if not values:
        output.touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(error):
        execute(Parameters.from_mapping(values | {"output_dir": str(output)}), progress=False)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_broken_notebook_leaves_no_staging_folder(tmp_path: Path) -> None:
    book = tmp_path / "01_broken.ipynb"
    book.write_text("not a notebook", encoding="utf-8")
    output = tmp_path / "out"
    with pytest.raises(Exception, match=r"(?i)json"):
        execute(Parameters(output_dir=str(output)), [book], progress=False)
    assert not output.exists() or list(output.iterdir()) == []


def test_an_error_after_the_notebooks_leaves_no_staging_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("after the notebooks")

    monkeypatch.setattr(module, "collect_verdicts", broken)
    with pytest.raises(RuntimeError, match="after the notebooks"):
        execute(Parameters(output_dir=str(tmp_path)), [], progress=False)
    assert list(tmp_path.iterdir()) == []


def test_a_report_does_not_outlive_its_results(tmp_path: Path) -> None:
    folder, staging = tmp_path / "study", tmp_path / ".staging"
    (folder / "report").mkdir(parents=True)
    (folder / "own.txt").touch()
    staging.mkdir()
    (staging / "verdicts.csv").touch()
    module._install(staging, folder)
    assert {path.name for path in folder.iterdir()} == {"own.txt", "verdicts.csv"}


def test_a_file_that_cannot_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, staging = tmp_path / "study", tmp_path / ".staging"
    for place, text in ((folder, "old"), (staging, "new")):
        place.mkdir()
        for name in OWNED:
            (place / name).write_text(text, encoding="utf-8")
    rename = Path.rename

    def locked(self: Path, target: Path) -> Path:
        if self == folder / "verdicts.csv":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", locked)
    with pytest.raises(OutputError, match=r"Permission denied.*Close programs") as caught:
        module._install(staging, folder)
    assert str(staging) in str(caught.value)
    assert {path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"old"}
    assert {(staging / name).read_text(encoding="utf-8") for name in OWNED} == {"new"}
    monkeypatch.undo()
    (staging / "replaced").rmdir()
    module._install(staging, folder)
    assert {path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"new"}
    assert not staging.exists()


def test_notebook_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "project_root", lambda: tmp_path)
    with pytest.raises(InputError, match=r"No notebook was found.*Restore"):
        notebook_files()
    for name in ("03_d.ipynb", "02b_c.ipynb", "02_b.ipynb", "01_a.ipynb", "draft.ipynb", "03_c.py"):
        (tmp_path / "notebooks").mkdir(exist_ok=True)
        (tmp_path / "notebooks" / name).touch()
    found = [path.name for path in notebook_files()]
    # A companion stands right after the notebook of its number.
    assert found == ["01_a.ipynb", "02_b.ipynb", "02b_c.ipynb", "03_d.ipynb"]


# --- Verdicts ---------------------------------------------------------------------------------


def test_verdicts_stand_in_ledger_order(claims: pd.DataFrame, tmp_path: Path) -> None:
    names = list(dict.fromkeys(claims["notebook"]))
    write_verdicts(claims, tmp_path, *names)
    merged = collect_verdicts(claims, tmp_path, [])
    assert list(merged["claim_id"]) == list(claims["claim_id"])
    assert list(merged["notebook"]) == list(claims["notebook"])
    assert "pending" not in set(merged["verdict"])
    assert merged.notna().all().all()
    backwards = collect_verdicts(claims.iloc[::-1], tmp_path, [])
    assert list(backwards["claim_id"]) == list(claims["claim_id"])[::-1]


def test_claims_of_failed_and_missing_notebooks_are_pending(
    claims: pd.DataFrame, tmp_path: Path
) -> None:
    write_verdicts(claims, tmp_path, "01_concept", "02_national_trends", "03_city_distribution")
    # Notebook 02 failed after it had written its verdicts; 04, 05 and 05b never wrote any.
    failure = Failure("02_national_trends", "cell [9]", "ValueError: x")
    merged = collect_verdicts(claims, tmp_path, [failure])
    assert list(merged["claim_id"]) == list(claims["claim_id"])
    left = merged.loc[merged["verdict"] == "pending", "notebook"]
    late = {"04_growth_paths", "05_policy_recommendations", "05b_quantities"}
    assert set(left) == {"02_national_trends", *late}
    assert len(left) == claims["notebook"].isin(left).sum()
    assert set(merged.loc[left.index, "detail"]) == {"The notebook did not finish."}


def make_result(folder: Path, *failures: Failure) -> Result:
    (folder / "tables").mkdir(parents=True)
    (folder / "verdicts.csv").write_text("new\n", encoding="utf-8")
    (folder / "tables" / "02_x.csv").write_text("new\n", encoding="utf-8")
    (folder / "tables" / "02_x.tex").write_text("not copied\n", encoding="utf-8")
    return Result(make_study(Parameters()), pd.DataFrame(), failures, 1.0, folder)


def test_results_are_replaced_and_stale_ones_removed(tmp_path: Path) -> None:
    target = tmp_path / "results"
    target.mkdir()
    for name in ("verdicts.csv", "01_stale.csv", "README.md"):
        (target / name).write_text("old\n", encoding="utf-8")
    update_results(make_result(tmp_path / "run"), target)
    found = {path.name: path.read_text(encoding="utf-8") for path in target.iterdir()}
    assert found == {"verdicts.csv": "new\n", "02_x.csv": "new\n", "README.md": "old\n"}


def test_results_are_made(tmp_path: Path) -> None:
    update_results(make_result(tmp_path / "run"), tmp_path / "new" / "results")
    assert (tmp_path / "new" / "results" / "verdicts.csv").is_file()


def test_results_stay_after_a_failure(tmp_path: Path) -> None:
    target = tmp_path / "results"
    target.mkdir()
    (target / "01_stale.csv").write_text("old\n", encoding="utf-8")
    failed = make_result(tmp_path / "run", Failure("01_concept", "cell [1]", "x"))
    with pytest.raises(InputError, match="not updated"):
        update_results(failed, target)
    assert [path.name for path in target.iterdir()] == ["01_stale.csv"]


# --- The command on a small checkout ----------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own, for the installed command, without notebooks."""
    root = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "helpers", root / "src" / "helpers", ignore=ignored)
    shutil.copytree(ROOT / "data", root / "data")
    return root


@pytest.fixture
def start(checkout: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``study run`` on the small checkout."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        path = os.pathsep.join(
            part for part in (str(checkout / "src"), os.environ.get("PYTHONPATH", "")) if part
        )
        process = subprocess.Popen(
            [SCRIPT, "run", "--quiet", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", cwd=checkout.parent,
            env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"} | environment,
            # A suite that runs in the background has this signal ignored, and hands that down.
            preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) if POSIX else None,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_exit_code_after_a_failure(
    checkout: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    write_notebook(checkout / "notebooks" / "01_good.ipynb", "print(city)")
    write_notebook(checkout / "notebooks" / "02_fails.ipynb", "raise ValueError('two\\nlines')")
    # A folder too deep for the kernels' sockets.
    deep = checkout.parent / ("deep" * 20)
    deep.mkdir()
    process = start("--results", str(checkout / "results"), TMPDIR=str(deep))
    out, err = process.communicate(timeout=90)
    assert process.returncode == 1, err
    assert "FAILED 02_fails, cell [3]: ValueError: two lines\n" in err
    assert "Traceback" not in err
    assert "60 pending" in out
    folder = checkout / "output" / "liaoning_anshan"
    assert len(list((folder / "notebooks").iterdir())) == 2
    assert [path.name for path in (checkout / "output").iterdir()] == ["liaoning_anshan"]
    assert not (checkout / "results").exists()
    assert list(deep.iterdir()) == []


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interruption_changes_nothing(
    name: str, checkout: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    pids = checkout / "pids"
    pids.mkdir()
    for number in ("01", "02", "03"):
        write_notebook(
            checkout / "notebooks" / f"{number}_waits.ipynb", WAIT.format(marker=str(pids))
        )
    earlier = checkout / "output" / "liaoning_anshan" / "verdicts.csv"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("old", encoding="utf-8")
    # Two are running, the third waits for its turn and must not get it.
    process = start("--workers", "2")
    wait_for(lambda: len(list(pids.iterdir())) == 2)
    process.send_signal(getattr(signal, name))
    sent = time.monotonic()
    _, err = process.communicate(timeout=40)
    assert time.monotonic() - sent < 10  # 2 s on a machine that is not shared
    assert process.returncode == 130
    assert err.startswith("study: interrupted; earlier results are unchanged. Notebooks that")
    assert len(list(pids.iterdir())) == 2
    wait_for(lambda: not any(is_running(int(path.name)) for path in pids.iterdir()), 10)
    assert [path.name for path in (checkout / "output").iterdir()] == ["liaoning_anshan"]
    assert list(earlier.parent.iterdir()) == [earlier]
    assert earlier.read_text(encoding="utf-8") == "old"


@posix
def test_interruption_while_kernels_start(
    checkout: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    pids = checkout / "pids"
    pids.mkdir()
    write_notebook(checkout / "notebooks" / "01_waits.ipynb", WAIT.format(marker=str(pids)))
    process = start()
    wait_for(lambda: list((checkout / "output").glob(".*")) or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=40)
    assert process.returncode == 130, err
    assert list((checkout / "output").iterdir()) == []
    wait_for(lambda: not any(is_running(int(path.name)) for path in pids.iterdir()), 10)


def test_two_runs_at_the_same_time(
    checkout: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    book = checkout / "notebooks" / "01_good.ipynb"
    write_notebook(book, WRITE.format(name="01_good"), "import time\ntime.sleep(1)")
    runs = {
        city: start("--city", city, "--output-dir", str(checkout.parent / slot))
        for city, slot in (("大连", "one"), ("沈阳", "two"))
    }
    for city, process in runs.items():
        _, err = process.communicate(timeout=90)
        assert process.returncode == 0, (city, err)
    for slot, slug, city in (
        ("one", "liaoning_dalian", "大连"),
        ("two", "liaoning_shenyang", "沈阳"),
    ):
        assert [path.name for path in (checkout.parent / slot).iterdir()] == [slug]
        written = pd.read_csv(checkout.parent / slot / slug / "tables" / "01_good.csv")
        assert written["city"].tolist() == [city]


def test_a_claim_judged_twice_must_have_one_outcome(claims: pd.DataFrame, tmp_path: Path) -> None:
    write_verdicts(claims, tmp_path, "02_national_trends")
    path = tmp_path / "verdicts" / "02_national_trends.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    again = tmp_path / "verdicts" / "06_ledger.csv"
    rows.to_csv(again, index=False)
    assert judged_twice(tmp_path) == []
    rows.loc[rows["claim_id"] == "C2-18", "verdict"] = "reproduced"
    rows.to_csv(again, index=False)
    (failure,) = judged_twice(tmp_path)
    assert (failure.notebook, failure.cell) == ("02_national_trends", "claim C2-18")
    assert "02_national_trends: untestable, 06_ledger: reproduced" in failure.error
    # The merged table still holds each claim once.
    merged = collect_verdicts(claims, tmp_path, [])
    assert list(merged["claim_id"]) == list(claims["claim_id"])


def test_contradicting_counts_stop_a_run_before_it_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "sources.csv").write_text(
        "source_id,title,publisher,publisher_zh,published,url,access,grade\n"
        "MINE,synthetic test,nobody,,,,copy,C\n",
        encoding="utf-8",
    )
    columns = list(tables.load("province_counts").columns)
    row = dict.fromkeys(columns, "") | {
        "place_id": "210000", "batch_from": "1", "batch_to": "3", "measure": "certified",
        "firms_count": "5", "includes_plan_city": "yes", "source_id": "MINE",
    }  # fmt: skip
    pd.DataFrame([row]).to_csv(own / "province_counts.csv", index=False)
    for command in ("check", "run"):
        code = main([command, "--data-dir", str(own), "--output-dir", str(tmp_path / "out")])
        assert code == 2
        message = capsys.readouterr().err
        assert "contradict each other" in message and "MINE" in message
    assert not (tmp_path / "out").exists()


def test_work_that_a_scheduler_gives_up_fails_and_is_told() -> None:
    """A cluster that goes away cancels its jobs; the batch says so and ends by itself."""

    class Gone:
        def submit(self, task: Any) -> Future[Any]:
            job: Future[Any] = Future()
            job.cancel()
            job.set_running_or_notify_cancel()
            return job

        def stop(self) -> None:
            raise AssertionError("nothing is left to stop")

    task = SimpleNamespace(notebook="01_concept", alive="")
    ((told, part),) = module._parts(Gone(), [task])  # type: ignore[arg-type,list-item]
    assert told is task and "scheduler gave the work up" in str(part.failure)
