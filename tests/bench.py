"""Measure set-up from nothing, a default run and their size; write docs/benchmark.md.

Run by ``make bench``, after bench_runs.py, whose rounds make the first section of the document. Not a test: times on a shared machine are reported, not judged.
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

import bench_lists
import bench_runs

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

# Made-up firms, one field in ten blank; the slowest tier is the one with a score sheet and routes.
FIRMS = """
import resource, time
import numpy as np
import pandas as pd
from helpers.analysis.criteria import Criteria
from helpers.analysis.standings import assess_all
from helpers.evidence import tables
criteria = Criteria(tables.load_all())
rng, size, data = np.random.default_rng(1), 1_000_000, {}
for row in criteria.tables["firm_fields"].to_dict("records"):
    if row["kind"] == "text":
        continue
    if row["kind"] == "category":
        column = pd.Series(rng.choice(row["choices"].split(";"), size), dtype="str")
    elif row["kind"] == "boolean":
        column = pd.Series(rng.random(size) < 0.7, dtype="boolean")
    else:
        top = 1000.0 if row["unit"] == "m_cny" else 100.0
        column = pd.Series(rng.uniform(1, top, size))
    data[row["field"]] = column.mask(rng.random(size) < 0.1)
frame = pd.DataFrame(data)
for tier in ("little_giant_2022", "little_giant_2026", "srdi_sme_2022"):
    start = time.perf_counter()
    assess_all(frame, criteria, tier)
    print(time.perf_counter() - start)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


# In turn, so that a change of the machine's speed does not favour one of them.
KERNELS = """
import sys, time
from helpers.run.execute import execute
from helpers.run.study import Parameters
for _ in range(int(sys.argv[2])):
    for warm in (True, False):
        start = time.monotonic()
        result = execute(Parameters(output_dir=sys.argv[1]), progress=False, warm=warm, force=True)
        assert not result.failures, result.failures
        print(time.monotonic() - start)
"""

REGIONAL = """
import time
from helpers.analysis import concentration, decomposition, intervals, mobility, provincial, shares
from helpers.evidence import tables
data = tables.load_all()
counts, places = data["province_counts"], data["places"]
start = time.perf_counter()
cells = shares.Cells(counts, places, "study")
known = provincial.complete_spans(cells, cells, provincial.spans_through(5))
found = known[-1].counts
intervals.share_intervals(found.to_dict())
intervals.focal_orders(provincial.neighbours(found, "210000"), "210000")
provincial.concentration_table(known, (1, 4, 5, 8))
plan = {c: cells.exact(c, 1, 2).firms_count for c in places.loc[places["plan_city"], "place_id"]}
provincial.theil_table(found, places, plan)
merged = provincial.merge_corps(found, places)
references = provincial.reference_table(data["province_population"], data["province_covariates"])
provincial.curves(known, references, places)
provincial.krugman_table(merged, references)
provincial.quotient_table(merged, references)
# The form of complete counts, for the time it takes: residents in place of later firms.
region = places.set_index("place_id")["region"].reindex(merged.index)
decomposition.shift_share_nested(merged + 1, references["residents"].reindex(merged.index), region)
mobility.kendall_tau(merged, references["residents"].reindex(merged.index))
print(time.perf_counter() - start)
from helpers.evidence.provinces import build, interval_table
problem = build(data, time_limit=60.0)
start = time.perf_counter()
provincial.concentration_bounds(problem, provincial.spans_to_bound(5), "study")
regions = places.set_index("place_id")["region"]
for batch in (3, 5):
    provincial.shift_bounds(problem, (1, 2), (batch, batch), "study", regions)
near = list(provincial.neighbours(found, "210000").index)
provincial.rank_table(known[-1], problem, near, [(1, 3), (1, 5)], "study")
for span in ((1, 3), (1, 5)):
    interval_table(problem, [span], "study")
print(time.perf_counter() - start)
"""

ROWS = """
import resource, time
import numpy as np
import pandas as pd
from helpers.analysis.concentration import concentration_by_group
random = np.random.default_rng(1)
frame = pd.DataFrame({"city": random.integers(0, 337, 10_000_000), "district": random.integers(0, 30, 10_000_000)})
start = time.perf_counter()
concentration_by_group(frame, "city", "district")
print(time.perf_counter() - start)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def numbers(python: Path, script: str, *arguments: str) -> list[float]:
    """What a script prints, as numbers."""
    command = [python, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
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
        python = study.with_name("python")
        times = numbers(python, KERNELS, str(copy / "output"), str(RUNS))
        warm, cold = times[::2], times[1::2]
        ratios = [second / first for first, second in zip(warm, cold, strict=True)]
        # Set-up of the province table, one bound, all shares and ranks, all verdicts.
        solved = numbers(python, BOUNDS)
        # The largest process of the study, before those of the measurements below.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        regional, rows = numbers(python, REGIONAL), numbers(python, ROWS)
        firms = numbers(python, FIRMS)
        sizes = size_mib(copy / ".venv"), size_mib(copy / "output")
    lines = [
        "# Benchmarks",
        "",
        "## Executing notebooks: this project and others",
        "",
        *bench_runs.report(),
        *bench_lists.report(),
        "## Set-up, solving, sizes",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.system()}; "
        "measured by `make bench` on a shared machine.",
        "",
        "| what | value |",
        "|---|---|",
        f"| set-up from nothing | {setup:.0f} s |",
        f"| set-up, nothing to do | {again:.1f} s |",
        f"| default study, nine notebooks, median of {RUNS} runs | {statistics.median(warm):.0f} s |",
        f"| default study, slowest | {max(warm):.0f} s |",
        f"| with ordinary kernels and one worker fewer, run in turn, median | {statistics.median(cold):.0f} s |",
        f"| ordinary over warm, pair by pair, median | {statistics.median(ratios):.2f} |",
        f"| province table set up and proved feasible | {solved[0]:.2f} s |",
        f"| one bound | {solved[1] * 1000:.0f} ms |",
        f"| shares and ranks of all 32 units, batches 1-5 | {solved[2]:.1f} s |",
        f"| all verdicts of the default study, with other bases and without grade C | {solved[3]:.1f} s |",
        f"| 1,000,000 firms against the little-giant criteria of 2022 | {firms[0]:.1f} s |",
        f"| 1,000,000 firms against the little-giant criteria of 2026 | {firms[1]:.1f} s |",
        f"| 1,000,000 firms against the SRDI criteria of 2022, with score | {firms[2]:.1f} s |",
        f"| memory for 1,000,000 firms, the table included | {firms[3]:.0f} MiB |",
        f"| statistics of notebook 02b for one province, imports included | {regional[0]:.1f} s |",
        f"| bounds of notebook 02b | {regional[1]:.1f} s |",
        f"| concentration of 10 million firms by city | {rows[0]:.1f} s, {rows[1]:.0f} MiB |",
        f"| largest process | {peak:.0f} MiB |",
        f"| environment | {sizes[0]:.0f} MiB |",
        f"| output of one study | {sizes[1]:.0f} MiB |",
        "",
    ]
    (ROOT / "docs" / "benchmark.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
