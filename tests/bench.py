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
        f"| largest process | {peak:.0f} MiB |",
        f"| environment | {sizes[0]:.0f} MiB |",
        f"| output of one study | {sizes[1]:.0f} MiB |",
        "",
    ]
    (ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
