"""Measure set-up from nothing, a default run and their size; write docs/benchmarks.md.

Run by ``make bench``. Not a test: times on a shared machine are reported, not judged.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SKIP = (".venv", "output", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis")
RUNS = 3


def timed(*command: str | Path, cwd: Path) -> float:
    """Wall seconds of a command."""
    start = time.monotonic()
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def size_mib(folder: Path) -> float:
    """Size of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 2**20


BOUNDS = """
import time
from helpers.evidence import tables
from helpers.evidence.provinces import build
from helpers.run.study import Parameters, make_study
data = tables.load_all()
start = time.perf_counter()
problem = build(data)
problem.counts.check()
built = time.perf_counter()
problem.count("210000", 1, 5, "study")
first = time.perf_counter()
for unit in problem.units:
    problem.share(unit, 1, 5, "study")
    problem.rank(unit, 1, 5, "study")
done = time.perf_counter()
ledger = make_study(Parameters(), "06_ledger").ledger
ready = time.perf_counter()
ledger.check_all()
judged = time.perf_counter()
print(built - start, first - built, done - first, judged - ready)
"""


def bounds_seconds(python: Path) -> list[float]:
    """Seconds to set the province table up, for one bound, all shares and ranks, all verdicts."""
    done = subprocess.run([python, "-c", BOUNDS], capture_output=True, text=True, check=True)
    return [float(value) for value in done.stdout.split()]


def main() -> None:
    """Measure in a copy of the checkout and write the table."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*SKIP))
        base = sys.base_prefix + ("/python.exe" if os.name == "nt" else "/bin/python3")
        setup = timed(base, "bootstrap.py", cwd=copy)
        again = timed(base, "bootstrap.py", cwd=copy)
        study = copy / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "study"
        runs = [timed(study, "run", "--quiet", cwd=copy) for _ in range(RUNS)]
        solved = bounds_seconds(study.with_name("python"))
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        sizes = size_mib(copy / ".venv"), size_mib(copy / "output")
    lines = [
        "# Benchmarks",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.system()}; "
        "measured by `make bench` on a shared machine.",
        "",
        "| what | value |",
        "|---|---|",
        f"| set-up from nothing | {setup:.0f} s |",
        f"| set-up, nothing to do | {again:.1f} s |",
        f"| default study, median of {RUNS} runs | {statistics.median(runs):.0f} s |",
        f"| default study, slowest | {max(runs):.0f} s |",
        f"| province table set up and proved feasible | {solved[0]:.2f} s |",
        f"| one bound | {solved[1] * 1000:.0f} ms |",
        f"| shares and ranks of all 32 units, batches 1-5 | {solved[2]:.1f} s |",
        f"| all verdicts of the default study, with other bases and without grade C | {solved[3]:.1f} s |",
        f"| largest process | {peak:.0f} MiB |",
        f"| environment | {sizes[0]:.0f} MiB |",
        f"| output of one study | {sizes[1]:.0f} MiB |",
        "",
    ]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
