"""Measure executing the collection against other ways to do it; part of ``make bench``.

    python tests/bench_runs.py measure [--rounds 5] [--provinces 31] [--ways study,floor,...]
    python tests/bench_runs.py report

Every way executes the same notebooks in the same environment, in turn within each round, so that a
change of the machine's speed does not favour one of them; ratios are taken within a round. Each
measurement is added to ``output/bench/rounds.jsonl`` as it is made: stopped at any time, the command
goes on where it was, and ``report`` tells what there is. Not a test: times are reported, not judged.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "output" / "bench"
LOG = BENCH / "rounds.jsonl"
PEERS = ("nbconvert>=7,<8", "jupyter-cache>=1,<2", "distributed>=2026.1", "snakemake>=9,<10")
PACKAGES = (
    "papermill", "nbclient", "ipykernel", "pandas", "matplotlib", "nbconvert", "jupyter-cache",
    "distributed", "snakemake",
)  # fmt: skip

# Each script is run by the bench's Python with: checkout, output folder, JSON list of parameters.
COMMON = """
import json, os, sys
from pathlib import Path
checkout, out, studies = Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
books = sorted((checkout / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
tasks = []
for number, values in enumerate(studies):
    folder = out / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    values = dict(values, output_dir=str(folder / "files"))
    tasks += [(str(book), str(folder / book.name), values) for book in books]
def execute(task):
    import papermill
    source, target, values = task
    papermill.execute_notebook(source, target, parameters=values, progress_bar=False)
"""
SCRIPTS = {
    "papermill API, one after another": COMMON + "for task in tasks:\n    execute(task)\n",
    "papermill API, two processes": COMMON
    + """
if __name__ == "__main__":
    from concurrent.futures import ProcessPoolExecutor
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(execute, tasks))
""",
    "Dask around papermill, two workers": COMMON
    + """
if __name__ == "__main__":
    from distributed import Client, LocalCluster
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.gather(client.map(execute, tasks, pure=False))
""",
    "Snakemake around papermill, two jobs": COMMON
    + """
import subprocess
rules = ["rule all:\\n    input: " + repr([target for _, target, _ in tasks]) + "\\n"]
for number, (source, target, values) in enumerate(tasks):
    given = " ".join(f"-p {name} '{value}'" for name, value in values.items())
    command = f"{sys.executable} -m papermill {source} {target} --no-progress-bar {given}"
    rules.append(f"rule r{number}:\\n    input: {source!r}\\n    output: {target!r}\\n    shell: {command!r}\\n")
(out / "Snakefile").write_text("\\n".join(rules), encoding="utf-8")
subprocess.run([sys.executable, "-m", "snakemake", "-s", str(out / "Snakefile"), "-c2", "--quiet", "all",
                "-d", str(out)], check=True)
""",
    # What it would take without any notebook machinery: imports once, then the cells as functions.
    "floor": COMMON
    + """
import contextlib, io
os.environ["MPLBACKEND"] = "agg"
sys.path.insert(0, str(checkout / "src"))
import IPython, matplotlib.pyplot, pandas, pandera.pandas, scipy.stats, seaborn, statsmodels.api
from helpers.evidence import tables
import helpers.run.study
tables.load_all()
codes = {}
for book in books:
    cells = json.loads(book.read_text(encoding="utf-8"))["cells"]
    codes[str(book)] = [("".join(c["source"]), c["metadata"].get("tags", [])) for c in cells if c["cell_type"] == "code"]
def plain(task):
    source, _, values = task
    space = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for code, tags in codes[source]:
            exec(compile(code, source, "exec"), space)
            if "parameters" in tags:
                space.update(values)
waiting, running = list(tasks), set()
while waiting or running:
    while waiting and len(running) < 2:
        task = waiting.pop(0)
        pid = os.fork()
        if not pid:
            try:
                plain(task)
                os._exit(0)
            except BaseException as error:
                print(task[0], repr(error), file=sys.stderr)
                os._exit(1)
        running.add(pid)
    pid, status = os.wait()
    running.discard(pid)
    assert status == 0, status
""",
}  # fmt: skip


def bench_python() -> Path:
    """Python of the bench's own environment, made when first wanted."""
    venv = BENCH / "venv"
    python = venv / "bin" / "python"
    uv = str(ROOT / ".venv" / "bin" / "uv")
    if not (venv / ".ready").is_file():
        index = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
            capture_output=True, text=True, check=False,
        ).stdout.strip()  # fmt: skip
        env = {**os.environ, **({"UV_DEFAULT_INDEX": index} if index else {})}
        shutil.rmtree(venv, ignore_errors=True)
        for command in (
            ["venv", "-q", "-p", sys.executable, str(venv)],
            ["pip", "install", "-q", "--compile-bytecode", "--python", str(python), "-r", str(ROOT / "requirements.lock")],
            ["pip", "install", "-q", "--compile-bytecode", "--python", str(python), "-c", str(ROOT / "requirements.lock"), *PEERS, "-e", str(ROOT)],
        ):  # fmt: skip
            subprocess.run([uv, *command], check=True, env=env)
        (venv / ".ready").touch()
    return python


def commands(way: str, python: Path, checkout: Path, out: Path, studies: str) -> list[list[str]]:
    """What is run for a way of executing."""
    books = [str(path) for path in sorted((checkout / "notebooks").glob("[0-9][0-9]*_*.ipynb"))]
    given = json.loads(studies)
    if way == "study":
        table = out / "table.csv"
        names = list(given[0])
        lines = [",".join(names), *(",".join(str(each[n]) for n in names) for each in given)]
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        call = "import sys; from helpers.run.cli import main; sys.exit(main())"
        what = ["batch", str(table)] if len(given) > 1 else ["run"]
        return [
            [
                str(python),
                "-c",
                call,
                *what,
                "--force",
                "--quiet",
                "--output-dir",
                str(out / "files"),
            ]
        ]
    if way == "papermill command, one after another":
        return [
            [str(python), "-m", "papermill", book, str(out / Path(book).name), "--no-progress-bar",
             "-p", "output_dir", str(out / "files")] for book in books
        ]  # fmt: skip
    if way == "nbconvert --execute":
        return [[str(python), "-m", "nbconvert", "--execute", "--to", "notebook",
                 "--log-level=ERROR", "--output-dir", str(out), *books]]  # fmt: skip
    if way == "jupyter-cache, one after another":
        script = (
            "import sys\nfrom jupyter_cache import get_cache\n"
            "from jupyter_cache.executors import load_executor\n"
            "cache = get_cache(sys.argv[1])\n"
            "for book in sys.argv[2:]:\n    cache.add_nb_to_project(book)\n"
            "done = load_executor('local-serial', cache).run_and_cache(timeout=3600)\n"
            "assert not done.errored and not done.excepted, done\n"
        )
        return [[str(python), "-c", script, str(out / "cache"), *books]]
    return [[str(python), "-c", SCRIPTS[way], str(checkout), str(out), studies]]


WAYS = (
    "study", "floor", "papermill API, one after another", "papermill API, two processes",
    "papermill command, one after another", "nbconvert --execute",
    "jupyter-cache, one after another", "Dask around papermill, two workers",
    "Snakemake around papermill, two jobs",
)  # fmt: skip
# The others take no parameters, or nobody would run 279 notebooks one after another.
MANY = (
    "study", "floor", "papermill API, two processes", "Dask around papermill, two workers",
    "Snakemake around papermill, two jobs",
)  # fmt: skip


class _Memory:
    """Resident memory of the process started and of those below it, looked at twice a second."""

    def __init__(self) -> None:
        self.most = self.sum = self.below = 0.0
        self.parent: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def found(self) -> dict[str, int]:
        """MiB: the largest process and all together; the parent early, late and at most; a worker.

        A parent is flat if it needs no more in the last quarter of its life than in the second.
        """
        quarter = len(self.parent) // 4
        early, late = self.parent[quarter : 2 * quarter], self.parent[3 * quarter :]
        return {
            "largest_mib": round(self.most), "sum_mib": round(self.sum),
            "worker_mib": round(self.below), "parent_mib": round(max(self.parent, default=0)),
            "parent_early_mib": round(statistics.median(early or self.parent or [0])),
            "parent_late_mib": round(statistics.median(late or self.parent or [0])),
        }  # fmt: skip

    def _look(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(0.5):
            parents, below = _sizes(own.children()), []
            for process in own.children():
                with contextlib.suppress(psutil.Error):
                    below += _sizes(process.children(recursive=True))
            self.parent += parents[:1]
            self.most = max([self.most, *parents, *below])
            self.below = max([self.below, *below])
            self.sum = max(self.sum, sum(parents) + sum(below))


def _sizes(processes: Sequence[psutil.Process]) -> list[float]:
    """Resident MiB of those processes that are still there."""
    sizes = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            sizes.append(process.memory_info().rss / 2**20)
    return sizes


def measure_way(
    way: str, python: Path, checkout: Path, studies: list[dict[str, Any]], made_up: bool
) -> dict[str, Any]:
    """Wall and processor seconds of a way, memory, and the load of the machine beforehand."""
    out = BENCH / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(checkout / "output", ignore_errors=True)
    out.mkdir(parents=True)
    env = {
        **os.environ,
        "PYTHONPATH": str(checkout / "src"),
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
    env["STUDY_STAGING_DIR"] = str(out / "staging")
    if not made_up:
        del env["STUDY_STAGING_DIR"]
    else:
        (out / "staging").mkdir()
    load = os.getloadavg()[0]
    before = os.times()
    start = time.monotonic()
    with _Memory() as memory:
        for command in commands(way, python, checkout, out, json.dumps(studies)):
            done = subprocess.run(
                command, cwd=checkout, env=env, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"{way}: {done.stderr[-2000:]}")
    wall = time.monotonic() - start
    after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return {
        "seconds": round(wall, 2), "cpu": round(cpu, 2), "load": round(load, 1), **memory.found(),
    }  # fmt: skip


def read_log() -> list[dict[str, Any]]:
    """Measurements so far."""
    if not LOG.is_file():
        return []
    return [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]


def versions(python: Path) -> dict[str, str]:
    """Versions of the packages compared."""
    code = "import sys, json\nfrom importlib.metadata import version\nprint(json.dumps({n: version(n) for n in sys.argv[1:]}))"
    done = subprocess.run(
        [python, "-c", code, *PACKAGES], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def measure(asked: argparse.Namespace) -> None:
    """Measure what is missing of the rounds."""
    BENCH.mkdir(parents=True, exist_ok=True)
    python = bench_python()
    checkout = BENCH / "checkout"
    shutil.rmtree(checkout, ignore_errors=True)
    if asked.made_up:
        from faults import make_checkout

        make_checkout(checkout, notebooks=5)
    else:
        for name in ("src", "data", "notebooks"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, checkout / name, ignore=ignored)
    subprocess.run([python, "-m", "compileall", "-q", str(checkout / "src")], check=True)
    told = versions(python)
    for number in range(1, asked.rounds + 1):
        for count in asked.provinces:
            ways = asked.ways or (WAYS if count == 1 else MANY)
            # A round begins with another way each time, so that none is always the first, unless
            # somebody has named the ways, and with them their order.
            turn = 0 if asked.ways else number % len(ways)
            for way in (*ways[turn:], *ways[:turn]):
                key = {"round": number, "studies": count, "way": way, "made_up": asked.made_up}
                if any(key.items() <= line.items() for line in read_log()):
                    continue
                found = measure_way(way, python, checkout, studies_of(count), asked.made_up)
                line = key | found | {"python": platform.python_version(), "packages": told}
                with LOG.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
                print(f"round {number}, {count} studies, {way}: {found['seconds']} s", flush=True)


def _ways(text: str) -> list[str]:
    """Names of ways that a user gave."""
    names = [name.strip() for name in text.split(";") if name.strip()]
    unknown = [name for name in names if name not in WAYS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"no way {unknown}; known: {'; '.join(WAYS)}")
    return names


def studies_of(count: int) -> list[dict[str, Any]]:
    """Parameters of so many studies; one is the default."""
    from helpers.run.batch_table import all_provinces

    if count == 1:
        return [{"province": "辽宁", "city": "鞍山"}]
    rows = all_provinces()[:count]
    return [{"province": r.parameters.province, "city": r.parameters.city} for r in rows]


def table(lines: Sequence[dict[str, Any]], count: int) -> list[str]:
    """Markdown rows: medians, and how many times as long as ``study`` within a round."""
    own = [line for line in lines if line["studies"] == count]
    rounds = sorted({line["round"] for line in own})
    found = {(line["round"], line["way"]): line for line in own}
    rows = []
    middle: Callable[[Sequence[float]], float] = statistics.median
    for way in dict.fromkeys(line["way"] for line in own):
        mine = [found[n, way] for n in rounds if (n, way) in found]
        pairs = [
            found[n, way]["seconds"] / found[n, "study"]["seconds"]
            for n in rounds if (n, way) in found and (n, "study") in found
        ]  # fmt: skip
        cpu = [
            found[n, way]["cpu"] / found[n, "study"]["cpu"]
            for n in rounds if (n, way) in found and (n, "study") in found
        ]  # fmt: skip
        seconds, largest = (middle([m[k] for m in mine]) for k in ("seconds", "largest_mib"))
        used = middle([m["cpu"] for m in mine])
        ratio = f"{middle(pairs):.2f} | {middle(cpu):.2f}" if pairs else "– | –"
        rows.append(
            (
                seconds,
                f"| {way} | {len(mine)} | {seconds:.1f} | {used:.1f} | {ratio} | {largest:.0f} |",
            )
        )
    return [row for _, row in sorted(rows)]


def over_floor(lines: Sequence[dict[str, Any]], count: int) -> list[str]:
    """What ``study`` takes over the floor within a round, and its memory."""
    found = {(line["round"], line["way"]): line for line in lines if line["studies"] == count}
    mine = [line for (_, way), line in found.items() if way == "study"]
    pairs = [
        (line, found[line["round"], "floor"]) for line in mine if (line["round"], "floor") in found
    ]
    told = []
    if pairs:
        wall, cpu = (statistics.median(a[k] / b[k] for a, b in pairs) for k in ("seconds", "cpu"))
        told.append(
            f"`study` over the floor: {wall:.2f} times the wall time, {cpu:.2f} the CPU time."
        )
    known = [line for line in mine if "worker_mib" in line]
    if known:
        names = ("parent_early_mib", "parent_late_mib", "worker_mib")
        early, late, worker = (statistics.median(line[name] for line in known) for name in names)
        told.append(
            f"Memory of `study`, resident: the command itself {early:.0f} MiB in the second quarter of "
            f"its run and {late:.0f} MiB in the last, the largest kernel {worker:.0f} MiB."
        )
    return [" ".join(told), ""] if told else []


def report() -> list[str]:
    """The section of docs/benchmark.md on executing."""
    lines = [line for line in read_log() if not line["made_up"]]
    if not lines:
        return ["No round has been measured yet: `make bench`.", ""]
    last = lines[-1]
    names = ", ".join(f"{name} {number}" for name, number in last["packages"].items())
    loads = [line["load"] for line in lines]
    text = [
        f"Python {last['python']}, {os.cpu_count()} processors, {platform.system()}. {names}.",
        "",
        f"Load of the machine before each measurement: {min(loads):.0f} to {max(loads):.0f} (more than "
        f"{os.cpu_count()} means that others were at work: then only ratios say something, and those "
        "of processor seconds more than those of wall time). *Times as long* is the median over rounds "
        "of a way's time over that of `study` in the same round.",
        "",
    ]
    for count in sorted({line["studies"] for line in lines}):
        what = "the default study" if count == 1 else f"{count} provinces"
        text += [
            f"**{what[0].upper()}{what[1:]}, all notebooks of each**", "",
            "| way | rounds | wall s, median | CPU s, median | times as long, wall | CPU | largest process, MiB |",
            "|---|---|---|---|---|---|---|", *table(lines, count), "",
            *over_floor(lines, count),
        ]  # fmt: skip
    return text


def main() -> None:
    """Measure, or report what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    asks = commands.add_parser("measure")
    asks.add_argument("--rounds", type=int, default=5)
    asks.add_argument(
        "--provinces", type=lambda text: [int(part) for part in text.split(",")], default=[1, 10, 31],
        help="sizes of batches; 1 is the default study",
    )  # fmt: skip
    asks.add_argument(
        "--ways", type=_ways, help="names separated by ;, measured in this order in every round"
    )
    asks.add_argument(
        "--made-up", action="store_true", help="quick synthetic notebooks, to try the bench"
    )
    commands.add_parser("report")
    asked = parser.parse_args()
    if asked.command == "measure":
        measure(asked)
    else:
        print("\n".join(report()))


if __name__ == "__main__":
    main()
