"""Keys of results, records of what stands, and files that are whole or absent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from helpers.errors import ParameterError
from helpers.run import cache, notebook, pool
from helpers.run.limits import Limits
from helpers.run.parameters import Parameters, injected


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Code, data, a user's table and a notebook (synthetic)."""
    for name, text in {
        "helpers/a.py": "x = 1\n", "helpers/deep/b.py": "y = 2\n", "helpers/fonts.yml": "f: 1\n",
        "data/t.csv": "a\n1\n", "data/schema.yml": "t: 1\n", "data/README.md": "made\n",
        "own/t.csv": "a\n2\n", "own/boundaries.geojson": "{}", "own/notes.txt": "mine",
        "01_x.ipynb": "{}",
    }.items():  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def key(project: Path, **values: object) -> str:
    around = cache.surroundings(project / "helpers", project / "data", project / "own")
    return cache.notebook_key(project / "01_x.ipynb", {"city": "鞍山", **values}, around)


@pytest.mark.parametrize(
    "name",
    ["helpers/a.py", "helpers/deep/b.py", "helpers/fonts.yml", "data/t.csv", "data/schema.yml",
     "own/t.csv", "own/boundaries.geojson", "01_x.ipynb"],
)  # fmt: skip
def test_key_follows_contents(name: str, project: Path) -> None:
    before = key(project)
    os.utime(project / name, (1, 1))
    assert key(project) == before
    (project / name).write_text("changed", encoding="utf-8")
    assert key(project) != before


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps no time of change of its own")
def test_key_follows_contents_whose_size_and_date_stay(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = time.time_ns() + 10**10  # by then the digests of these files are kept
    monkeypatch.setattr(cache.time, "time_ns", lambda: later)
    before = key(project)
    file = project / "data" / "t.csv"
    stat = file.stat()
    file.write_text("a\n9\n", encoding="utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size and file.stat().st_mtime_ns == stat.st_mtime_ns
    assert key(project) != before


def test_a_file_is_read_once_as_long_as_it_stays(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    true = cache.file_digest
    monkeypatch.setattr(cache, "file_digest", lambda path: read.append(path.name) or true(path))
    key(project)
    key(project)
    assert read.count("a.py") == 2  # just written, it may change again at the same time
    read.clear()
    later = time.time_ns() + 10**10
    monkeypatch.setattr(cache.time, "time_ns", lambda: later)
    assert key(project) == key(project)
    # The notebook itself is read each time.
    assert sorted(read) == sorted(
        ["a.py", "b.py", "fonts.yml", "t.csv", "schema.yml", "t.csv", "boundaries.geojson"]
        + 2 * ["01_x.ipynb"]
    )


def test_key_follows_names_parameters_and_packages(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(project)
    assert key(project, city="大连") != before and key(project, seed=1) != before
    for name in ("data/README.md", "own/notes.txt"):
        (project / name).write_text("other", encoding="utf-8")
    (project / "helpers" / "__pycache__").mkdir()
    (project / "helpers" / "__pycache__" / "a.pyc").touch()
    assert key(project) == before
    (project / "helpers" / "a.py").rename(project / "helpers" / "c.py")
    renamed = key(project)
    assert renamed != before
    monkeypatch.setattr(cache, "installed", lambda: "another pandas")
    assert key(project) not in (before, renamed)


def test_versions_of_packages_are_known() -> None:
    import pandas as pd

    names = cache.installed().splitlines()
    assert f"pandas-{pd.__version__}.dist-info" in names
    assert names[0] == ".".join(map(str, sys.version_info[:3]))


def test_part_and_record_come_back(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "鞍山.csv").write_text("a\n", encoding="utf-8")
    part = cache.Part(
        "01_x", "k", 1.5, cache.Failure("01_x", "cell [1]", "e"), cache.listing(tmp_path), 200.0
    )
    assert list(part.files) == ["tables/鞍山.csv"]
    assert cache.Part.from_json(json.loads(json.dumps(part.as_json()))) == part
    cache.write_json(tmp_path / cache.PART, part.as_json())
    assert cache.read_part(tmp_path) == part
    record = cache.Record(
        {"city": "鞍山"}, "around", {"01_x": part}, (part.failure,), {"place": "x"}
    )  # type: ignore[arg-type]
    cache.write_record(tmp_path, record)
    assert cache.read_record(tmp_path) == record
    (tmp_path / cache.RECORD).write_text('{"parts": [{}]}', encoding="utf-8")
    assert cache.read_record(tmp_path) is None
    assert cache.read_record(tmp_path / "absent") is None


@pytest.mark.parametrize("fault", ["gone", "shorter", "other", "empty"])
def test_a_damaged_part_is_no_result(fault: str, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("abc", encoding="utf-8")
    part = cache.Part("01_x", "k", 1.0, None, cache.listing(tmp_path))
    cache.write_json(tmp_path / cache.PART, part.as_json())
    os.utime(file)
    assert cache.is_intact(tmp_path, part.files) and cache.read_part(tmp_path) == part
    if fault == "gone":
        file.unlink()
    else:
        file.write_text({"shorter": "ab", "other": "abd", "empty": ""}[fault], encoding="utf-8")
    assert not cache.is_intact(tmp_path, part.files) and cache.read_part(tmp_path) is None


def test_a_loss_of_power_is_seen_in_a_part(tmp_path: Path) -> None:
    """Length and time may survive when the contents do not: parts that wait are read in full."""
    file = tmp_path / "x.csv"
    file.write_text("abc", encoding="utf-8")
    part = cache.Part("01_x", "k", 1.0, None, cache.listing(tmp_path))
    cache.write_json(tmp_path / cache.PART, part.as_json())
    stat = file.stat()
    file.write_bytes(b"\0\0\0")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert cache.read_part(tmp_path) is None


def test_files_are_linked_or_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "a", tmp_path / "deep" / "b"
    source.write_text("x", encoding="utf-8")
    cache.link(source, target)
    assert target.stat().st_ino == source.stat().st_ino

    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    cache.link(source, target)
    assert target.stat().st_ino != source.stat().st_ino
    assert target.read_text(encoding="utf-8") == "x"
    assert target.stat().st_mtime_ns == source.stat().st_mtime_ns


def test_two_may_put_a_folder_in_place_at_once(tmp_path: Path) -> None:
    for turn in range(20):
        new = [tmp_path / f"{name}{turn}" for name in "ab"]
        for folder in new:
            folder.mkdir()
            (folder / "x").write_text(folder.name, encoding="utf-8")
        threads = [
            threading.Thread(target=cache.replace_folder, args=(folder, tmp_path / "target"))
            for folder in new
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (tmp_path / "target" / "x").read_text(encoding="utf-8") in {f.name for f in new}
        assert sorted(path.name for path in tmp_path.iterdir()) == ["target"]


def test_injected_folders_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = Parameters(data_dir="own", output_dir="")
    values = injected(given)
    assert values["data_dir"] == str(tmp_path / "own") and values["output_dir"] == ""
    assert {name: values[name] for name in values if name != "data_dir"} == {
        name: value for name, value in asdict(given).items() if name != "data_dir"
    }


@pytest.mark.parametrize(
    "arguments", [["--help"], ["batch", "--help"], ["run", "--cty", "x"], ["nonsense"]]
)
def test_help_and_misuse_load_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom helpers.run.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'scipy', 'matplotlib', 'papermill', 'jupyter_client', 'nbformat'}\n"
        "if '--cty' not in sys.argv:\n    heavy |= {'pandas'} if 'near' not in sys.argv else set()\n"
        "print('HEAVY', *sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split()[1:])
    # The nearest name of a misspelt option is looked up by the module that knows places.
    assert loaded <= ({"numpy", "pandas"} if "--cty" in arguments else set())


# --- Limits and workers -----------------------------------------------------------------------


@pytest.mark.parametrize("values", [{"seconds": -1}, {"memory_mib": float("nan")}, {"output_mib": float("inf")}])  # fmt: skip
def test_limits_are_numbers(values: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="give 0"):
        Limits(**values)


def test_as_many_workers_as_processors_and_memory_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "processors", lambda: 4)
    assert pool.workers_for(100, True, 64_000) == 5
    assert pool.workers_for(100, False, 64_000) == 4
    assert pool.workers_for(2, True, 64_000) == 2
    assert pool.workers_for(100, True, 3 * pool.KERNEL_MIB / 0.8 + 1) == 3
    assert pool.workers_for(100, True, 10) == 1
    assert 0 < pool.available_mib() < 1e7


def test_memory_of_a_container(tmp_path: Path) -> None:
    free = pool.available_mib(tmp_path)
    for name, text in {
        "memory.max": f"{1000 * 2**20}\n", "memory.current": f"{900 * 2**20}\n",
        "memory.stat": f"anon 1\ninactive_file {300 * 2**20}\nslab 5\n",
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert pool.available_mib(tmp_path) == min(400.0, free)
    (tmp_path / "memory.max").write_text("max\n", encoding="utf-8")
    assert pool.available_mib(tmp_path) == pytest.approx(free, rel=0.5)


def test_sockets_of_all_threads_lie_in_one_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folders, one of them lost with its sockets, is what an unguarded cache gave."""
    monkeypatch.setattr(notebook, "_holder", None)
    start, found = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        found.append(notebook._sockets())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and found[0].is_dir()
    notebook._holder.close()  # type: ignore[union-attr]
