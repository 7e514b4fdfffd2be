"""Measure the import of long official lists: wall time, CPU time, peak memory; part of make bench.

    python tests/bench_lists.py            writes its section of docs/benchmark.md; quiet machine, 3 min

The lists are made up (SYNTHETIC). Times on a shared machine are reported, not judged.
"""

from __future__ import annotations

import csv
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from synthetic_lists import _GOODS, _SIGNS, LABEL, _coined, write_pdf, write_xlsx

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmark.md"
HEAD = "## Official lists"
PLACES = (("辽宁省", "210000", "沈阳"), ("江苏省", "320000", "南京"), ("浙江省", "330000", "杭州"),
          ("广东省", "440000", "广州"), ("四川省", "510000", "成都"))  # fmt: skip
DUPLICATES = """
import sys
from helpers.analysis.duplicates import similar_names
with open(sys.argv[1], encoding="utf-8") as file:
    names = file.read().split()
similar_names(names)
"""


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of wall and CPU time, and MiB of its largest process."""

    what: str
    wanted: str
    wall: float
    cpu: float
    memory: float


def names(count: int) -> Iterator[tuple[int, str]]:
    """Place and name of coined firms, all different."""
    for k in range(1, count + 1):
        place = k % len(PLACES)
        more = _SIGNS[k // len(_SIGNS) ** 4 * 7 + k % 7]
        yield place, f"{PLACES[place][2]}合成{_coined(k)}{more}{_GOODS[k % len(_GOODS)]}有限公司"


def frame(count: int) -> pd.DataFrame:
    """Firms as the writers of made-up lists take them."""
    rows = [(5, k, name, PLACES[place][1]) for k, (place, name) in enumerate(names(count), start=1)]
    return pd.DataFrame(rows, columns=["batch", "serial", "name", "unit_id"])


def write_csv(path: Path, count: int) -> None:
    """A list of firms as text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"{LABEL}：第五批专精特新“小巨人”企业名单（公告）"])
        writer.writerow(["序号", "省份", "企业名称"])
        writer.writerows(
            (k, PLACES[place][0], name) for k, (place, name) in enumerate(names(count), start=1)
        )


def cost(what: str, wanted: str, *command: str | Path) -> Cost:
    """Run a command and tell what it took, its own children included (POSIX)."""
    start = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"{what}: exit code {process.returncode}")
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kibibytes here
    return Cost(what, wanted, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def measure(folder: Path) -> list[Cost]:
    """Make the lists and read them."""
    files = {name: folder / name for name in ("list.xlsx", "list.pdf", "list.csv", "names.txt")}
    write_xlsx(frame(13_000), files["list.xlsx"], headings=False)
    write_pdf(frame(300 * 42), files["list.pdf"])
    write_csv(files["list.csv"], 1_000_000)
    files["names.txt"].write_text("\n".join(name for _, name in names(1_000_000)), "utf-8")
    study = (sys.executable, "-m", "helpers.run.cli", "import")
    found = [
        cost(what, wanted, *study, files[name], "--into", folder / name.replace(".", "-"))
        for what, wanted, name in (
            ("import of an XLSX list of 13,000 rows", "5 s", "list.xlsx"),
            ("import of a PDF list of 300 pages (12,600 rows)", "60 s", "list.pdf"),
            ("import of a CSV list of 1,000,000 rows", "20 s, 1,430 MiB", "list.csv"),
        )
    ]
    what = "similar names among 1,000,000"
    return [*found, cost(what, "60 s", sys.executable, "-c", DUPLICATES, files["names.txt"])]


def report() -> list[str]:
    """The section of the document."""
    with tempfile.TemporaryDirectory(prefix="study-bench-") as name:
        found = measure(Path(name))
    return [
        HEAD, "",
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.system()}; made-up lists, "
        "`python tests/bench_lists.py`. CPU time of all processes together, memory of the largest one.", "",
        "| what | wanted | wall | CPU | memory |", "|---|---|---|---|---|",
        *(f"| {c.what} | {c.wanted} | {c.wall:.1f} s | {c.cpu:.1f} s | {c.memory:,.0f} MiB |" for c in found),
        "",
    ]  # fmt: skip


def with_section(page: str, section: list[str]) -> str:
    """A page with its section on lists replaced, or added at its end."""
    before, mark, after = page.partition(HEAD)
    later = after.find("\n## ") + 1 if "\n## " in after else len(after)
    rest = after[later:] if mark else ""
    return before.rstrip("\n") + "\n\n" + "\n".join(section) + (f"\n{rest}" if rest else "")


if __name__ == "__main__":
    made = report()
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    print("\n".join(made))
