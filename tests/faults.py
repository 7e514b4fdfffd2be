"""A small made-up collection to break things with; ``python tests/faults.py`` breaks it for long.

The notebooks are synthetic and quick. Everything else is real: the installed command, its processes,
its files, its signals. Used by test_faults.py (a few of each) and by ``make soak`` (many).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import nbformat
import psutil

from helpers.run.study import Parameters

ROOT = Path(__file__).resolve().parents[1]
STUDY = Path(sys.executable).with_name("study")
PARAMETERS = "\n".join(f"{item.name} = {item.default!r}" for item in fields(Parameters))
# Writes a table and a figure that depend on the parameters alone, in a few steps.
STEPS = """
import hashlib, os, pathlib, time
folder = pathlib.Path(os.environ["STUDY_STAGING_DIR"])
(folder / "tables").mkdir(exist_ok=True)
(folder / "figures").mkdir(exist_ok=True)
---
value = hashlib.sha256(f"{{province}} {{city}} {name}".encode()).hexdigest()
time.sleep({pause})
---
(folder / "tables" / "{name}.csv").write_text(f"city,value\\n{{city}},{{value}}\\n", encoding="utf-8")
---
time.sleep({pause})
(folder / "figures" / "{name}.svg").write_text(f"<svg><title>{{value}}</title></svg>")
print(value)
"""
TABLE = "province,city\n辽宁,鞍山\n江苏,苏州\n上海,上海\n"


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook with a parameters cell and some more."""
    first = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    rest = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=[first, *rest])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def make_checkout(root: Path, notebooks: int = 3, pause: float = 0.3) -> Path:
    """A checkout with the project's code and data and a few made-up notebooks."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "helpers", root / "src" / "helpers", ignore=ignored)
    shutil.copytree(ROOT / "data", root / "data")
    for number in range(1, notebooks + 1):
        name = f"{number:02d}_made_up"
        cells = STEPS.format(name=name, pause=pause).split("---\n")
        write_notebook(root / "notebooks" / f"{name}.ipynb", *cells)
    (root / "table.csv").write_text(TABLE, encoding="utf-8")
    return root


def environment(checkout: Path, **more: str) -> dict[str, str]:
    """Environment in which the installed command belongs to another checkout."""
    path = os.pathsep.join(p for p in (str(checkout / "src"), os.environ.get("PYTHONPATH")) if p)
    kept = {name: text for name, text in os.environ.items() if name != "STUDY_STAGING_DIR"}
    return {**kept, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **more}


def start(checkout: Path, *arguments: str | Path, **more: str) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        [STUDY, *map(str, arguments)], cwd=checkout, env=environment(checkout, **more), text=True,
        encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # A suite that runs in the background has this signal ignored, and hands that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def run(
    checkout: Path, *arguments: str | Path, timeout: float = 300, **more: str
) -> tuple[int, str, str]:
    """Run the command to its end: exit code, output, errors."""
    process = start(checkout, *arguments, **more)
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return process.returncode, out, err


def fingerprint(folder: Path) -> dict[str, str]:
    """Hash of every file of a batch's studies, but for times, records and logs."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name in ("run.json", ".parts.json", ".batch.json"):
            continue
        if path.suffix in (".jsonl", ".parquet"):
            continue
        content = path.read_bytes()
        if path.suffix == ".ipynb":
            content = untimed(content.decode()).encode()
        found[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
    return found


def untimed(text: str) -> str:
    """An executed notebook without its folder, its times and the random names of its cells."""
    notebook = json.loads(text)
    for item in (notebook, *notebook["cells"]):
        item["metadata"].pop("papermill", None)
        item["metadata"].pop("execution", None)
        item.pop("id", None)
    for cell in notebook["cells"]:
        cell["source"] = re.sub(r'output_dir = ".*"', "", "".join(cell["source"]))
    return json.dumps(notebook, sort_keys=True)


def events(log: Path) -> list[dict[str, Any]]:
    """Lines of a log; the last one may be half written after a kill."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else []:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def descendants(pid: int) -> list[psutil.Process]:
    """All processes below one."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    left = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process)
    return left


def soon(seconds: float) -> float:
    """So many seconds on a machine of one's own; longer where others keep it busy."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


@contextlib.contextmanager
def small_disk(folder: Path, mib: int = 5, options: str = "") -> Iterator[Path]:
    """A file system in memory with so many MiB; PermissionError where it cannot be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mib}m{options}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(done.stderr.strip() or "cannot mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def victims(process: subprocess.Popen[str], kind: str) -> list[psutil.Process]:
    """Processes of a running batch: the parent, the fork server, or its kernels."""
    below = descendants(process.pid)
    if kind == "parent":
        return [psutil.Process(process.pid)] if process.poll() is None else []
    found: dict[str, list[psutil.Process]] = {"server": [], "kernel": []}
    for each in below:
        with contextlib.suppress(psutil.NoSuchProcess):
            found["server" if each.ppid() == process.pid else "kernel"].append(each)
    return found[kind]


def killed_round(checkout: Path, out: Path, kind: str, after: float, whole: dict[str, str]) -> str:
    """Kill -9 at a random moment, run again, and hold the outcome against an undisturbed run.

    Returns
    -------
    str
        What happened, for the record.
    """
    log = out.with_suffix(".jsonl")
    arguments = ("batch", "table.csv", "--output-dir", out, "--log", log, "--quiet")
    process = start(checkout, *arguments)
    # Counted from the first kernel, or most kills would only meet the imports.
    wait_for(lambda: process.poll() is not None or victims(process, "kernel"))
    time.sleep(after)
    below: list[psutil.Process] = []
    struck = "nothing left to kill"
    with contextlib.suppress(psutil.NoSuchProcess):
        below = descendants(process.pid)
        found = victims(process, kind)
        if found:
            random.choice(found).kill()
            struck = f"{kind} killed"
    _, err = process.communicate(timeout=300)
    wait_for(lambda: not alive(below), 20)
    assert "Traceback" not in err, err
    finished = {
        (e["study"], e["notebook"]) for e in events(log)
        if e["event"] == "finished" and not e["failure"]
    }  # fmt: skip
    first = len(events(log))
    code, _, err = run(checkout, *arguments)
    assert code == 0, err
    again = {(e["study"], e["notebook"]) for e in events(log)[first:] if e["event"] == "finished"}
    # Between a part's completion and its line in the log a kill may fall.
    assert not again & finished, (again & finished, struck)
    assert fingerprint(out) == whole, "differs from an undisturbed run"
    assert not [
        path.name for path in out.iterdir() if path.name[0] == "." and path.name != ".batch.json"
    ]
    shutil.rmtree(out)
    return f"{struck} after {after:.2f} s; {len(finished)} were finished, {len(again)} run again"


def main() -> None:
    """Many rounds; stops at the first surprise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.randrange(10**6)
    random.seed(seed)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        checkout = make_checkout(Path(name) / "checkout")
        out = Path(name) / "whole"
        code, _, err = run(checkout, "batch", "table.csv", "--output-dir", out, "--quiet")
        assert code == 0, err
        whole = fingerprint(out)
        for number in range(1, asked.rounds + 1):
            kind = ("kernel", "server", "parent")[number % 3]
            told = killed_round(
                checkout, Path(name) / f"r{number}", kind, random.uniform(0, 2), whole
            )
            print(f"round {number}: {told}", flush=True)
    print(f"{asked.rounds} rounds: every resumed batch equals the undisturbed one")


if __name__ == "__main__":
    main()
