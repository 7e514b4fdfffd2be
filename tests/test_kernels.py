"""Warm kernels: the same outputs as ordinary ones, and nothing left behind. Really done."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.run import fork_server, kernels

pytestmark = pytest.mark.skipif(not kernels.available(), reason="needs processes that can fork")

# What a kernel is asked about itself; each answer must be the same warm and cold.
QUESTIONS = """
import sys
sys.argv[1], len(sys.argv), __name__, sys.path[0], sys.modules["__main__"].__dict__ is globals()
---
import os
os.getcwd(), os.environ["MPLBACKEND"], os.environ.get("MINE"), os.environ["STUDY_X"]
---
sys.flags, sys.warnoptions, sys.getrecursionlimit(), sys.stdin.closed, os.read(0, 1)
---
import pandas as pd
pd.get_option("display.max_columns"), pd.DataFrame([range(40)])
---
import matplotlib.pyplot as plt
plt.get_backend(), plt.plot([1, 2])[0].get_xdata()
---
import numpy as np
import scipy.stats, statsmodels.api, seaborn
print(np.random.default_rng(1).normal(), np.geterr(), file=sys.stderr)
---
import warnings
warnings.warn("seen")
warnings.warn("seen in the notebook", DeprecationWarning)
---
import threading, signal
threading.active_count(), signal.getsignal(signal.SIGCHLD), os.getpid() == os.getsid(0)
---
from ipykernel.kernelapp import IPKernelApp
IPKernelApp.instance().parent_handle > 0, IPKernelApp.instance().poller.parent_pid > 0
---
input("never")
"""
DRIVER = """
import sys
from pathlib import Path
from helpers.run.execute import execute
from helpers.run.study import Parameters
files = sorted(Path(sys.argv[1]).iterdir())
result = execute(Parameters(output_dir=sys.argv[2]), files, progress=False)
print(*result.failures, sep="\\n")
print(result.warm)
"""
MARK = "import os, pathlib\npathlib.Path({folder!r}, f'{{os.getpid()}}-{{os.getppid()}}').touch()"


def write_notebook(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def run_notebook(book: Path, out: Path, warm: bool, **environment: str) -> Any:
    """Execute with papermill's command, as any other tool would be told to use warm kernels."""
    name = kernels.NAME if warm else "local-provisioner"
    done = subprocess.run(
        [sys.executable, "-m", "papermill", book, out, "--no-progress-bar", "--cwd", book.parent],
        env=os.environ | environment | {"JUPYTER_DEFAULT_PROVISIONER_NAME": name},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert out.is_file(), done.stderr
    return nbformat.read(out, as_version=4)


def said(notebook: Any) -> list[Any]:
    """All outputs, as text that can be compared."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    told = [[cell.source, json.loads(json.dumps(cell.outputs))] for cell in cells]
    # A cell's file name holds the number of its process.
    return json.loads(re.sub(r"ipykernel_\d+", "ipykernel_N", json.dumps(told)))


def running(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


@pytest.mark.notebooks
def test_a_notebook_says_the_same_warm_and_cold(tmp_path: Path) -> None:
    book = write_notebook(tmp_path / "books" / "q.ipynb", *QUESTIONS.strip().split("\n---\n"))
    cold = run_notebook(book, tmp_path / "cold.ipynb", False, STUDY_X="ü 鞍山")
    warm = run_notebook(book, tmp_path / "warm.ipynb", True, STUDY_X="ü 鞍山")
    assert said(warm) == said(cold)
    text = json.dumps(said(warm), ensure_ascii=False)
    assert "ü 鞍山" in text and "image/png" in text
    # The last cell fails in both, since nobody can answer.
    assert [item["ename"] for item in said(warm)[-1][1]] == ["StdinNotImplementedError"]


@pytest.mark.notebooks
def test_random_numbers_differ_between_kernels(tmp_path: Path) -> None:
    cell = "import random, numpy\nprint(random.random(), numpy.random.rand())"
    books = [write_notebook(tmp_path / "books" / f"{n}.ipynb", cell) for n in "ab"]
    script = (
        "import papermill, sys\n"
        "from helpers.run.kernels import warm_kernels\n"
        "with warm_kernels():\n"
        "    for book in sys.argv[1:]:\n"
        "        papermill.execute_notebook(book, book + '.out', progress_bar=False)\n"
    )
    subprocess.run([sys.executable, "-c", script, *map(str, books)], check=True, timeout=120)
    texts = [nbformat.read(f"{book}.out", as_version=4).cells[-1].outputs[0].text for book in books]
    first, second = (text.split() for text in texts)
    assert first[0] != second[0] and first[1] != second[1]


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Processes of a fork server whose kernels are a few lines of code (synthetic, no Jupyter)."""
    package = tmp_path / "stub" / "ipykernel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.setenv(
        "PYTHONPATH", f"{package.parent}{os.pathsep}{Path(kernels.__file__).parents[2]}"
    )
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    started = kernels.Server(["json"])

    def begin(code: str) -> kernels.WarmProcess:
        text = f"import os, signal, sys, time\ndef launch_new_instance():\n    {code}\n"
        (package / "kernelapp.py").write_text(text)
        return started.fork(["-f", "none"], tmp_path, dict(os.environ))

    begin.server = started  # type: ignore[attr-defined]
    yield begin
    started.close()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("sys.exit()", 0),
        ("sys.exit('text')", 1),
        ("os._exit(7)", 7),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9),
        ("raise ValueError('shown on stderr')", 1),
    ],
)
def test_exit_status(code: str, status: int, stub: Callable[[str], Any]) -> None:
    process = stub(code)
    assert process.wait(20) == status
    assert process.poll() == status
    process.kill()  # of an ended process: no error
    wait_for(lambda: not running(process.pid), 5)


def test_a_kernel_whose_end_was_not_told_yet_can_be_killed() -> None:
    """As when a run is stopped: kernels are killed again and again until their notebooks fail."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(f"{done.pid}\n".encode())
        process = kernels.WarmProcess(ours)
        process.kill()
        assert process.poll() is None
        theirs.sendall(b"-9\n")
        assert process.wait(5) == -9


def test_several_may_ask_for_the_end_at_once(stub: Callable[[str], Any]) -> None:
    for _ in range(5):
        process = stub("time.sleep(60)")
        with ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(process.wait, 20) for _ in range(6)]
            killing = [pool.submit(process.kill) for _ in range(2)]
            assert {job.result() for job in waiting} == {-9}
            assert {job.result() for job in killing} == {None}


def test_waiting_and_signals(stub: Callable[[str], Any], tmp_path: Path) -> None:
    process = stub("time.sleep(60)")
    assert process.poll() is None and running(process.pid)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.1)
    process.terminate()
    assert process.wait(20) == -signal.SIGTERM
    again = stub("open('began', 'w').close(); time.sleep(60)")
    wait_for((tmp_path / "began").exists)
    again.send_signal(signal.SIGINT)  # the default handler, not the server's
    assert again.wait(20) == 1


def test_a_kernel_ends_when_the_one_who_asked_for_it_hangs_up(stub: Callable[[str], Any]) -> None:
    kept, dropped = stub("time.sleep(60)"), stub("time.sleep(60)")
    dropped._line.close()
    wait_for(lambda: not running(dropped.pid), 10)
    assert kept.poll() is None and stub.server.alive  # type: ignore[attr-defined]


def test_children_of_a_kernel_end_with_it(stub: Callable[[str], Any], tmp_path: Path) -> None:
    process = stub("pid = os.fork(); open('pids', 'a').write(f'{pid}\\n'); time.sleep(60)")
    wait_for(lambda: (tmp_path / "pids").is_file() and "\n" in (tmp_path / "pids").read_text())
    child = max(int(line) for line in (tmp_path / "pids").read_text().split())
    process._line.close()
    wait_for(lambda: not running(process.pid) and not running(child), 10)


def test_a_killed_server_is_noticed_and_replaced(stub: Callable[[str], Any]) -> None:
    process = stub("time.sleep(60)")
    os.kill(stub.server.process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    assert process.wait(20) == -signal.SIGKILL
    with pytest.raises(OSError):
        stub("pass")
    wait_for(lambda: not running(process.pid), 5)
    first = kernels.server()
    assert kernels.server() is first
    first.process.kill()
    first.process.wait()
    assert kernels.server() is not first and kernels.server().alive
    kernels.close()


@pytest.mark.parametrize("how", ["killed", "closed without patience"])
def test_no_kernel_outlives_its_server(
    how: str, stub: Callable[[str], Any], tmp_path: Path
) -> None:
    """Nor what it has started: kernels that listen to nobody, as inside a long computation."""
    child = (
        f"import subprocess; subprocess.Popen(['sleep', '60']); open({str(tmp_path / 'up')!r}, 'w')"
    )
    process = stub(f"{child}; signal.pthread_sigmask(signal.SIG_BLOCK, [15]); time.sleep(60)")
    wait_for((tmp_path / "up").is_file, 20)
    server = stub.server  # type: ignore[attr-defined]
    if how == "killed":
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not running(process.pid), 5)
        os.killpg(process.pid, signal.SIGKILL)  # nobody is left who knows its child
        return
    server.process.send_signal(signal.SIGSTOP)  # a busy machine gives it no turn
    started = time.monotonic()
    server.close(0.0)
    assert time.monotonic() - started < 4  # with patience it would be 5
    wait_for(lambda: not running(process.pid), 5)
    import psutil

    wait_for(lambda: not [p for p in psutil.pids() if _group(p) == process.pid], 5)


def _group(pid: int) -> int:
    """Group of a process, 0 if it has ended."""
    try:
        return os.getpgid(pid) if running(pid) else 0
    except ProcessLookupError:
        return 0


def test_closing_ends_all(stub: Callable[[str], Any]) -> None:
    processes = [stub("time.sleep(60)") for _ in range(3)]
    server = stub.server  # type: ignore[attr-defined]
    server.close()
    assert server.process.returncode is not None
    wait_for(lambda: not any(running(process.pid) for process in processes), 5)


def test_preload_passes_over_what_is_missing_or_at_fault(tmp_path: Path) -> None:
    (tmp_path / "at_fault.py").write_text("1 +\n", encoding="utf-8")
    code = (
        "import os, sys\nfrom helpers.run.fork_server import preload\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "asked = ['json', 'no_such_module_here', 'at_fault', 'pandas']\n"
        "assert preload(asked) == ['json', 'pandas']\n"
        "import builtins, pandas\nassert not hasattr(builtins, 'get_ipython')\n"
        "assert pandas.get_option('display.max_columns') == 20\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.notebooks
def test_a_kernel_reads_code_and_tables_that_were_edited_since(tmp_path: Path) -> None:
    """The fork server has read both beforehand; neither may be stale in a later kernel."""
    root = tmp_path / "checkout"
    source = Path(kernels.__file__).parents[1]
    shutil.copytree(source, root / "src" / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(source.parents[1] / "data", root / "data")
    asks = (
        "import helpers.errors, sys\n"
        "known = 'helpers.evidence.tables' in sys.modules\n"
        "from helpers.evidence import tables\n"
        "read = tables._load_all.cache_info().currsize\n"
        "print(known, read, getattr(helpers.errors, 'EDITED', 0), tables.load('tiers').shape[0])"
    )
    book = write_notebook(tmp_path / "ask.ipynb", asks)
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import sys, pathlib, papermill, nbformat, time\n"
        "from helpers.run import kernels\n"
        "root, book = pathlib.Path(sys.argv[1]), sys.argv[2]\n"
        "def ask():\n"
        "    done = papermill.execute_notebook(book, None, progress_bar=False)\n"
        "    print(done.cells[-1].outputs[0].text.strip(), flush=True)\n"
        "with kernels.warm_kernels():\n"
        "    ask()\n"
        "    first = kernels.server()\n"
        "    table = root / 'data' / 'criteria' / 'tiers.csv'\n"
        "    lines = table.read_text(encoding='utf-8').splitlines()\n"
        "    more = lines[-1].replace(lines[-1].split(',')[0], 'synthetic_tier', 1)\n"
        "    table.write_text('\\n'.join([*lines, more]) + '\\n', encoding='utf-8')\n"
        "    ask()\n"
        "    assert kernels.server() is first\n"
        "    code = root / 'src' / 'helpers' / 'errors.py'\n"
        "    code.write_text(code.read_text(encoding='utf-8') + '\\nEDITED = 7\\n', encoding='utf-8')\n"
        "    ask()\n"
        "    assert kernels.server() is not first and first.alive\n"
        "assert not first.alive\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, driver, root, book], capture_output=True, text=True, timeout=240,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, with_row, with_code = (line.split() for line in done.stdout.splitlines())
    assert before[:3] == ["True", "1", "0"] and with_row[2] == "0" and with_code[2] == "7"
    assert int(with_row[3]) == int(before[3]) + 1 == int(with_code[3])


@pytest.mark.parametrize("warm", [True, False])
def test_ordinary_kernels_where_processes_cannot_be_forked(
    warm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "available", lambda: warm)
    monkeypatch.setattr(kernels, "server", lambda many: None)
    factory = kernels.KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    with kernels.warm_kernels() as used:
        assert used == warm
        assert factory.default_provisioner_name == (kernels.NAME if warm else before)
    assert factory.default_provisioner_name == before
    with kernels.warm_kernels(False) as used:
        assert not used and factory.default_provisioner_name == before


@pytest.mark.parametrize(
    ("cmd", "kwargs", "warm"),
    [
        ([], {}, True),
        ([], {"env": dict(os.environ) | {"PYTHONPATH": "/elsewhere"}}, False),
        ([], {"stdout": 1}, False),
        (["python-of-another-place", "-m", "ipykernel_launcher"], {}, False),
        ([sys.executable, "-m", "another_kernel"], {}, False),
    ],
)
def test_only_kernels_like_this_process_are_forked(
    cmd: list[str], kwargs: dict[str, Any], warm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forked(Exception):
        pass

    def server() -> None:
        raise Forked

    async def ordinary(*_: Any, **__: Any) -> str:
        return "ordinary"

    monkeypatch.setattr(kernels, "server", server)
    monkeypatch.setattr(kernels.LocalProvisioner, "launch_kernel", ordinary)
    wanted = cmd or [sys.executable, "-m", "ipykernel_launcher", "-f", "x"]
    call = kernels.WarmProvisioner().launch_kernel(wanted, **kwargs)
    if warm:
        with pytest.raises(Forked):
            asyncio.run(call)
    else:
        assert asyncio.run(call) == "ordinary"


def start(books: Path, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(books), str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_what_one_notebook_of_a_study_imports_is_imported_beforehand_for_many() -> None:
    one, many = set(kernels.modules(many=False)), set(kernels.modules(many=True))
    assert many - one == {"statsmodels.api"} and one < many
    assert {"helpers.analysis.claim_rules", "helpers.publish.trend_views"} < one
    assert not [name for name in many if name.endswith("__init__")]


@pytest.mark.faults
@pytest.mark.parametrize("victim", ["parent", "server", "kernel"])
def test_kill_9(victim: str, tmp_path: Path) -> None:
    """Whichever process is killed: none is left, and what can be told is told."""
    marks = tmp_path / "marks"
    marks.mkdir()
    wait = MARK.format(folder=str(marks)) + "\nimport time\ntime.sleep(60)"
    write_notebook(tmp_path / "books" / "01_waits.ipynb", wait)
    process = start(tmp_path / "books", tmp_path / "out")
    try:
        wait_for(lambda: list(marks.iterdir()) or process.poll() is not None)
        kernel, server = (int(number) for number in next(marks.iterdir()).name.split("-"))
        os.kill({"parent": process.pid, "server": server, "kernel": kernel}[victim], signal.SIGKILL)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    wait_for(lambda: not running(kernel) and not running(server), 10)
    if victim != "parent":
        assert process.returncode == 0, err
        assert "01_waits, kernel: DeadKernelError" in out
        assert out.endswith("True\n")


def test_a_run_uses_warm_kernels_and_leaves_none(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    for name in ("01_a", "02_b"):
        write_notebook(tmp_path / "books" / f"{name}.ipynb", MARK.format(folder=str(marks)))
    process = start(tmp_path / "books", tmp_path / "out")
    out, err = process.communicate(timeout=120)
    assert out == "\nTrue\n", err
    pairs = [tuple(map(int, path.name.split("-"))) for path in marks.iterdir()]
    assert len({kernel for kernel, _ in pairs}) == 2
    assert len({server for _, server in pairs}) == 1 and pairs[0][1] != process.pid
    assert not any(running(pid) for pair in pairs for pid in pair)
    record = json.loads(next((tmp_path / "out").glob("*/run.json")).read_text(encoding="utf-8"))
    assert record["kernels"] == "warm"


def test_request_longer_than_a_socket_buffer(stub: Callable[[str], Any], tmp_path: Path) -> None:
    server = stub.server  # type: ignore[attr-defined]
    stub("open('long', 'w').write(str(len(os.environ['LONG'])))").wait(20)
    env = dict(os.environ, LONG="x" * 3_000_000)
    assert server.fork(["-f", "none"], tmp_path, env).wait(20) == 0
    assert (tmp_path / "long").read_text() == "3000000"


def test_receive_exactly_stops_at_the_end() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b"abc")
        theirs.close()
        assert fork_server.receive_exactly(ours, 2) == b"ab"
        assert fork_server.receive_exactly(ours, 5) == b"c"


def test_a_server_that_still_imports_is_ended_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by Ctrl-C in the first seconds of a run."""
    (tmp_path / "slow.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(kernels, "_abandoned", False)
    monkeypatch.setattr(kernels, "_current", kernels.Server(("slow",)))
    asked, told = threading.Event(), list[BaseException]()

    class Awaited(kernels.WarmProcess):
        def __init__(self, *arguments: Any) -> None:
            asked.set()
            super().__init__(*arguments)

    monkeypatch.setattr(kernels, "WarmProcess", Awaited)

    def wait_for_kernel() -> None:
        try:
            kernels.server().fork([], None, {})
        except OSError as error:
            told.append(error)

    waiting = threading.Thread(target=wait_for_kernel)
    waiting.start()
    assert asked.wait(10)
    started = time.monotonic()
    kernels.abandon()
    waiting.join(10)
    assert time.monotonic() - started < 4 and isinstance(told[0], ChildProcessError)
    with pytest.raises(ConnectionAbortedError):
        kernels.server()


def test_server_started_ahead_ends_at_once_where_the_run_comes_to_nothing() -> None:
    with pytest.raises(LookupError), kernels.started_ahead():
        process = kernels.server().process
        process.send_signal(signal.SIGSTOP)  # it imports for ever
        ended = time.monotonic()
        raise LookupError
    assert process.poll() is not None
    assert time.monotonic() - ended < 4  # with patience it would be 5
    with kernels.started_ahead(False):
        assert kernels._current is None
