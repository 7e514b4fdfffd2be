"""Faults that are really done: killed processes, full disks, two runs at once, a cluster worker lost.

A few of each; ``make soak`` does many. The notebooks are synthetic (see faults.py), the command, its
processes and its files are real.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
import pytest
from faults import (
    alive,
    descendants,
    events,
    fingerprint,
    killed_round,
    make_checkout,
    run,
    small_disk,
    soon,
    start,
    wait_for,
    write_notebook,
)

from helpers.run import kernels

pytestmark = [
    pytest.mark.skipif(not kernels.available(), reason="needs processes that can fork"),
    pytest.mark.faults,
]
WAIT = (
    "import os, pathlib, time\npathlib.Path({marks!r}, str(os.getpid())).touch()\ntime.sleep(300)"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkout(tmp_path_factory.mktemp("faults") / "checkout")


@pytest.fixture(scope="module")
def whole(checkout: Path) -> dict[str, str]:
    """The files of an undisturbed batch; a second one does nothing."""
    out = checkout.parent / "whole"
    code, told, err = run(checkout, "batch", "table.csv", "--output-dir", out, "--quiet")
    assert code == 0, err
    assert told.startswith("3 studies, 9 notebooks executed\n")
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    code, told, err = run(checkout, "batch", "table.csv", "--output-dir", out, "--quiet")
    assert (code, err) == (0, "")
    assert told.startswith("3 studies, nothing has changed since the last run\n")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    return fingerprint(out)


def test_the_table_of_all_results(checkout: Path, whole: dict[str, str]) -> None:
    import fastparquet

    folder = checkout.parent / "whole"
    text = pd.read_csv(folder / "all_results.csv", dtype=str, keep_default_na=False)
    assert set(text["study"]) == {"liaoning_anshan", "jiangsu_suzhou", "shanghai_shanghai"}
    own = text[(text["study"] == "jiangsu_suzhou") & (text["result"] == "02_made_up")]
    assert own["value"].tolist()[0] == "苏州" and own["variable"].tolist() == ["city", "value"]
    with (folder / "all_results.parquet").open("rb") as file:
        parquet = fastparquet.ParquetFile(file).to_pandas()
    assert list(parquet.columns) == list(text.columns) and len(parquet) == len(text)
    assert parquet["value"].fillna("").tolist() == text["value"].tolist()


@pytest.mark.parametrize("kind", ["kernel", "server", "parent"])
def test_kill_9_and_resume(kind: str, checkout: Path, whole: dict[str, str]) -> None:
    print(killed_round(checkout, checkout.parent / kind, kind, random.uniform(0.2, 2), whole))


def test_only_what_changed_is_executed(checkout: Path, whole: dict[str, str]) -> None:
    """Touching changes nothing; a notebook, a table, a helper or a lost file does."""
    root = checkout.parent / "changing"
    shutil.copytree(checkout, root)
    log = root.parent / "changing.jsonl"
    arguments = ("batch", "table.csv", "--output-dir", root / "out", "--quiet", "--log", log)

    def executed() -> set[str]:
        log.unlink(missing_ok=True)
        code, _, err = run(root, *arguments)
        assert code == 0, err
        done = [e for e in events(log) if e["event"] == "finished"]
        return {f"{e['study']}/{e['notebook'][:2]}" for e in done}

    everything = {f"{s}/{n}" for s in ("liaoning_anshan", "jiangsu_suzhou", "shanghai_shanghai") for n in ("01", "02", "03")}  # fmt: skip
    assert executed() == everything
    for path in [*root.glob("notebooks/*"), *root.rglob("*.py"), *root.rglob("*.csv")]:
        os.utime(path)
    assert executed() == set()
    book = root / "notebooks" / "02_made_up.ipynb"
    book.write_text(book.read_text(encoding="utf-8").replace("0.3", "0.2"), encoding="utf-8")
    assert executed() == {item for item in everything if item.endswith("02")}
    (root / "out" / "shanghai_shanghai" / "figures" / "01_made_up.svg").unlink()
    assert executed() == {"shanghai_shanghai/01"}
    spoiled = root / "out" / "jiangsu_suzhou" / "tables" / "03_made_up.csv"
    spoiled.write_bytes(spoiled.read_bytes()[:-2] + b"x\n")
    assert executed() == {"jiangsu_suzhou/03"}
    helper = root / "src" / "helpers" / "publish" / "phrases.py"
    helper.write_text(helper.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    assert executed() == everything
    glossary = root / "data" / "glossary.csv"
    glossary.write_text(glossary.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert executed() == everything
    assert {n: h for n, h in fingerprint(root / "out").items() if "/tables/" in n} == {
        n: h for n, h in whole.items() if "/tables/" in n
    }


def test_bad_notebooks_are_killed_reported_and_do_not_stop_the_others(checkout: Path) -> None:
    root = checkout.parent / "bad"
    shutil.copytree(checkout, root, ignore=shutil.ignore_patterns("0[23]_*"))
    marks = root / "marks"
    marks.mkdir()
    child = f"import subprocess, sys, pathlib\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\npathlib.Path({str(marks)!r}, str(child.pid)).touch()\n"  # fmt: skip
    cells = {
        "10_raises": "raise ValueError('on purpose')",
        "11_hangs": child + "import time\ntime.sleep(300)",
        "12_prints": "for _ in range(50):\n    print('x' * 2**20)",
        "13_grows": "kept = []\nwhile True:\n    kept.append(bytearray(b'x') * 2**24)",
        "14_exits": child + "import os\nos._exit(3)",
    }
    for name, text in cells.items():
        write_notebook(root / "notebooks" / f"{name}.ipynb", "print('before')", text, "print('no')")
    log = root / "log.jsonl"
    process = start(
        root, "batch", "table.csv", "--output-dir", root / "out", "--quiet", "--log", log,
        "--time-limit", "25", "--memory-limit", "1500", "--workers", "5",
    )  # fmt: skip
    out, err = process.communicate(timeout=500)
    assert process.returncode == 1, err
    assert out.startswith("3 studies, 18 notebooks executed\n")
    for study in ("liaoning_anshan", "jiangsu_suzhou", "shanghai_shanghai"):
        assert f"FAILED {study}: 10_raises, cell [4]: ValueError: on purpose\n" in err
        assert (
            f"FAILED {study}: 11_hangs, kernel: stopped: longer than 25 s (see --time-limit)\n"
            in err
        )
        assert f"FAILED {study}: 12_prints, kernel: stopped: more than 32 MiB of output\n" in err
        assert re.search(
            rf"FAILED {study}: 13_grows, kernel: stopped: \d+ MiB of memory, more than 1500 \(see --memory-limit\)",
            err,
        )
        assert f"FAILED {study}: 14_exits, kernel: DeadKernelError: Kernel died by itself" in err
        folder = root / "out" / study
        assert (folder / "tables" / "01_made_up.csv").is_file()
        for name in cells:
            copy = (folder / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
            assert "before" in copy and len(copy) < 40 * 2**20
    page = (root / "out" / "index.html").read_text(encoding="utf-8")
    assert page.index("on purpose") < page.index("<table>")
    children = [
        psutil.Process(int(p.name)) for p in marks.iterdir() if psutil.pid_exists(int(p.name))
    ]
    wait_for(lambda: not alive(children), 10)
    # Only the failed ones are tried again, and a mended one is accepted.
    for name in list(cells)[1:]:
        (root / "notebooks" / f"{name}.ipynb").unlink()
    write_notebook(root / "notebooks" / "10_raises.ipynb", "print('mended')")
    code, out, err = run(root, "batch", "table.csv", "--output-dir", root / "out", "--quiet")
    assert code == 0, err
    assert out.startswith("3 studies, 3 notebooks executed\n")
    assert not (root / "out" / "shanghai_shanghai" / "notebooks" / "11_hangs.ipynb").exists()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_interruption_is_quick_and_leaves_no_process(name: str, checkout: Path) -> None:
    root = checkout.parent / name
    shutil.copytree(checkout, root)
    marks = root / "marks"
    marks.mkdir()
    write_notebook(root / "notebooks" / "04_waits.ipynb", WAIT.format(marks=str(marks)))
    log = root / "log.jsonl"
    process = start(root, "batch", "table.csv", "--output-dir", root / "out", "--quiet", "--log", log, "--workers", "3")  # fmt: skip
    wait_for(lambda: len(list(marks.iterdir())) == 3 or process.poll() is not None)
    below = descendants(process.pid)
    assert len(below) >= 4
    process.send_signal(getattr(signal, name))
    sent = time.monotonic()
    _, err = process.communicate(timeout=60)
    seconds = time.monotonic() - sent
    print(f"{name}: {seconds:.1f} s")
    assert process.returncode == 130 and "Traceback" not in err
    wait_for(lambda: not alive(below), soon(1))
    assert seconds < soon(2)
    finished = [e["notebook"] for e in events(log) if e["event"] == "finished"]
    assert not [path.name for path in (root / "out").iterdir() if path.name[0] != "."]
    (root / "notebooks" / "04_waits.ipynb").unlink()
    code, out, err = run(root, "batch", "table.csv", "--output-dir", root / "out", "--quiet")
    assert code == 0, err
    assert out.startswith(f"3 studies, {9 - len(finished)} notebooks executed\n")


BUSY = {
    "01_loops": "while True:\n    pass",
    # Inside the library for minutes: no other code of the process gets a turn meanwhile.
    "02_solves": ("import re\nre.match(r'(a|a)*b', 'a' * 34)"),
    "03_sleeps": "import time\ntime.sleep(300)",
}


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("after", [None, 0.7])
def test_busy_kernels_and_starting_ones_are_stopped_at_once(
    after: float | None, name: str, checkout: Path
) -> None:
    """With three kernels that do not listen, and so many seconds after a run has begun."""
    root = checkout.parent / f"busy-{name}-{after}"
    shutil.copytree(checkout, root, ignore=shutil.ignore_patterns("0*_made_up*"))
    marks, out = root / "marks", root / "out"
    marks.mkdir()
    for book, text in BUSY.items():
        mark = f"import os, pathlib\npathlib.Path({str(marks)!r}, str(os.getpid())).touch()"
        write_notebook(root / "notebooks" / f"{book}.ipynb", f"{mark}\n{text}")
    process = start(root, "run", "--output-dir", out, "--quiet", "--workers", "3")
    if after is None:
        wait_for(lambda: len(list(marks.iterdir())) == 3 or process.poll() is not None)
    else:
        wait_for(lambda: list(out.glob(".*")) or process.poll() is not None)
    time.sleep(after or 0.3)
    below = descendants(process.pid)
    process.send_signal(getattr(signal, name))
    sent = time.monotonic()
    _, err = process.communicate(timeout=60)
    seconds = time.monotonic() - sent
    print(f"{name} after {after}: {seconds:.2f} s")
    assert process.returncode == 130 and "Traceback" not in err
    wait_for(lambda: not alive(below), soon(1))
    assert seconds < soon(2)
    assert list(out.iterdir()) == []


def test_two_runs_into_one_folder(checkout: Path, whole: dict[str, str]) -> None:
    root = checkout.parent / "twice"
    shutil.copytree(checkout, root)
    marks = root / "marks"
    marks.mkdir()
    write_notebook(root / "notebooks" / "04_waits.ipynb", WAIT.format(marks=str(marks)))
    first = start(root, "batch", "table.csv", "--output-dir", root / "out", "--quiet")
    try:
        wait_for(lambda: list(marks.iterdir()) or first.poll() is not None)
        for command in (["batch", "table.csv"], ["run", "--province", "江苏", "--city", "苏州"]):
            code, out, err = run(root, *command, "--output-dir", root / "out", "--quiet")
            assert (code, out) == (2, "")
            assert re.search(
                rf"another run is writing there \(process {first.pid} on \S+ since", err
            )
    finally:
        first.kill()
        first.communicate()
    # The lock of a killed run is no lock.
    (root / "notebooks" / "04_waits.ipynb").unlink()
    both = [
        start(root, "batch", "table.csv", "--output-dir", root / "out", "--quiet") for _ in "ab"
    ]
    codes = []
    for process in both:
        _, err = process.communicate(timeout=300)
        assert "Traceback" not in err
        codes.append(process.returncode)
    assert 0 in codes and set(codes) <= {0, 2}
    assert fingerprint(root / "out") == whole


@contextlib.contextmanager
def mounted(folder: Path, mib: int, options: str = "") -> Iterator[Path]:
    try:
        with small_disk(folder, mib, options) as disk:
            yield disk
    except PermissionError as error:
        pytest.skip(f"no small file system can be mounted here: {error}")


def test_a_full_disk(checkout: Path, whole: dict[str, str]) -> None:
    with mounted(checkout.parent / "disk", 5) as disk:
        code, _, err = run(checkout, "batch", "table.csv", "--output-dir", disk / "out", "--quiet")
        assert code == 0, err
        assert fingerprint(disk / "out") == whole
        filler = disk / "filler"
        free = shutil.disk_usage(disk).free
        filler.write_bytes(b"x" * max(0, free - 100_000))
        kept = fingerprint(disk / "out")
        code, _, err = run(
            checkout, "batch", "table.csv", "--output-dir", disk / "out", "--quiet", "--force"
        )
        assert code == 1 and "Traceback" not in err
        assert "No space left on device" in err
        # Nothing half-written: each file of the studies is as before.
        now = fingerprint(disk / "out")
        for name in ("figures", "tables"):
            same = {n: h for n, h in kept.items() if f"/{name}/" in n}
            assert {n: now.get(n, h) for n, h in same.items()} == same
        filler.unlink()
        code, _, err = run(checkout, "batch", "table.csv", "--output-dir", disk / "out", "--quiet")
        assert code == 0, err
        assert fingerprint(disk / "out") == whole


def test_a_read_only_folder(checkout: Path) -> None:
    with mounted(checkout.parent / "ro", 5, ",ro") as disk:
        code, out, err = run(
            checkout, "batch", "table.csv", "--output-dir", disk / "out", "--quiet"
        )
    assert (code, out) == (2, "")
    assert "cannot be written (Read-only file system)" in err


# --- A cluster ----------------------------------------------------------------------------------


@contextlib.contextmanager
def cluster(checkout: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and workers as processes of their own."""
    pytest.importorskip("distributed")
    from faults import environment

    where = checkout.parent / "dask"
    where.mkdir(exist_ok=True)
    options = {"cwd": where, "env": environment(checkout), "stdout": subprocess.DEVNULL}
    address = where / "scheduler.json"
    address.unlink(missing_ok=True)
    dask = [sys.executable, "-m", "distributed.cli"]
    script = "import sys; from distributed.cli.{0} import main; sys.argv[0] = '{0}'; main()"
    dask = [sys.executable, "-c"]
    scheduler = subprocess.Popen(
        [*dask, script.format("dask_scheduler"), "--host", "127.0.0.1", "--port", "0",
         "--no-dashboard", "--scheduler-file", str(address)],
        stderr=subprocess.DEVNULL, **options,
    )  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []
    try:
        wait_for(address.is_file)
        text = address.read_text(encoding="utf-8")
        url = re.search(r'"address": "(tcp://[^"]+)"', text).group(1)  # type: ignore[union-attr]
        for _ in range(workers):
            started.append(subprocess.Popen(
                [*dask, script.format("dask_worker"), url, "--nthreads", "1", "--no-nanny",
                 "--no-dashboard", "--local-directory", str(where)],
                stderr=subprocess.DEVNULL, **options,
            ))  # fmt: skip
        yield url, started
    finally:
        for process in (*started, scheduler):
            process.kill()
            process.wait()


def test_a_cluster_that_loses_a_worker(checkout: Path, whole: dict[str, str]) -> None:
    root = checkout.parent / "clustered"
    shutil.copytree(checkout, root)
    log, out = root / "log.jsonl", root / "out"
    with cluster(root, 2) as (url, workers):
        from distributed import Client

        with Client(url, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        process = start(
            root, "batch", "table.csv", "--output-dir", out, "--quiet", "--log", log,
            "--scheduler", url,
        )  # fmt: skip
        # Killed while it executes its first notebooks, kernels and all.
        wait_for(lambda: list(out.glob(".*/0*_made_up-*")) or process.poll() is not None)
        wait_for(
            lambda: any(e["event"] == "finished" for e in events(log)) or process.poll() is not None
        )
        below = descendants(workers[0].pid)
        workers[0].kill()
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        wait_for(lambda: not alive(below), 20)
        assert fingerprint(out) == whole
        # The local machine finds nothing left to do.
        code, told, _ = run(root, "batch", "table.csv", "--output-dir", out, "--quiet")
        assert code == 0 and "nothing has changed" in told
        # A run that is stopped stops the workers' kernels as well.
        marks = root / "marks"
        marks.mkdir()
        write_notebook(root / "notebooks" / "04_waits.ipynb", WAIT.format(marks=str(marks)))
        process = start(
            root, "batch", "table.csv", "--output-dir", out, "--quiet", "--scheduler", url
        )
        wait_for(lambda: list(marks.iterdir()) or process.poll() is not None)
        kernel = psutil.Process(int(next(marks.iterdir()).name))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
        wait_for(lambda: not alive([kernel]), 20)


def test_no_scheduler_answers(checkout: Path) -> None:
    pytest.importorskip("distributed")
    code, out, err = run(
        checkout, "batch", "table.csv", "--output-dir", checkout.parent / "none", "--quiet",
        "--scheduler", "tcp://127.0.0.1:9",
    )  # fmt: skip
    assert (code, out) == (2, "")
    assert "no scheduler answers there" in err and "dask scheduler" in err
