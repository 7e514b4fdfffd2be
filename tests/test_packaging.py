"""Dependencies, locks, the bootstrap and what must not get into the repository."""

from __future__ import annotations

import ast
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import tomllib
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import helpers

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.lock": PROJECT["dependencies"],
    "requirements-test.lock": [*PROJECT["dependencies"], *EXTRAS["test"]],
    "requirements-lab.lock": [*PROJECT["dependencies"], *EXTRAS["lab"]],
    "requirements-peers.lock": [*PROJECT["dependencies"], *EXTRAS["peers"]],
    "requirements-report.lock": [*PROJECT["dependencies"], *EXTRAS["report"]],
    "requirements-browser.lock": [*PROJECT["dependencies"], *EXTRAS["browser"]],
    "requirements-cluster.lock": [*PROJECT["dependencies"], *EXTRAS["cluster"]],
    "requirements-bootstrap.lock": ["uv>=0.9,<0.14"],
}
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([0-9][^\s;]*)( ;.*)?$")


def split(requirement: str) -> tuple[str, str]:
    """Name and specifier of a requirement, extras left out."""
    match = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(.*)", requirement)
    assert match is not None, requirement
    return match[1].lower().replace("_", "-"), match[2]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+")[0]))


def satisfies(version: str, specifier: str) -> bool:
    """Whether a version lies within ``>=a,<b``; any other kind of limit is an error."""
    results = []
    for part in specifier.split(","):
        match = re.fullmatch(r"(>=|<)([0-9.]+)", part)
        assert match is not None, specifier
        size = max(len(numbers(version)), len(numbers(match[2])))
        found, limit = ((*numbers(v), *[0] * size)[:size] for v in (version, match[2]))
        results.append(found >= limit if match[1] == ">=" else found < limit)
    return all(results)


def entries(lock: str) -> list[list[str]]:
    """Lines of each requirement of a lock, the pin first."""
    found: list[list[str]] = []
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            found[-1].append(line.strip().removesuffix("\\").strip())
        elif line.strip():
            found.append([line.removesuffix("\\").strip()])
    return found


def pins(lock: str) -> dict[str, list[str]]:
    """Versions of each package of a lock; several where they depend on the system."""
    found: dict[str, list[str]] = {}
    for first, *_ in entries(lock):
        match = PINNED.match(first)
        assert match is not None, f"{lock}: {first}"
        found.setdefault(match[1], []).append(match[2])
    return found


def test_version_comparison() -> None:
    assert satisfies("3.11.2", ">=3.10,<4") and satisfies("3.10", ">=3.10,<4")
    assert not satisfies("4.0", ">=3.10,<4") and not satisfies("3.9.9", ">=3.10,<4")


# --- Dependencies -----------------------------------------------------------------------------


def test_conda_environment_agrees_with_the_project() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [item for item in environment["dependencies"] if isinstance(item, str)]
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert "--editable ." in pip
    wanted = dict(split(item) for item in [*PROJECT["dependencies"], *EXTRAS["lab"]])
    given = dict(split(item) for item in [*conda, *pip] if not item.startswith("--"))
    assert given.pop("python") == PROJECT["requires-python"]
    assert given.pop("pip") == ""
    assert given == wanted
    assert environment["name"] == PROJECT["name"]


def test_every_dependency_has_both_limits() -> None:
    assert set(EXTRAS) == {"lab", "test", "peers", "report", "browser", "cluster"}
    for requirement in [
        *PROJECT["dependencies"],
        *(item for extra in EXTRAS.values() for item in extra),
    ]:
        assert re.fullmatch(r">=[0-9.]+,<[0-9.]+", split(requirement)[1]), requirement


def imported(text: str) -> set[str]:
    """Packages that a module's text imports at any level."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def cells(notebook: Path) -> str:
    """Code of a notebook without IPython's own commands."""
    sources = [
        "".join(cell["source"])
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    return re.sub(r"^\s*[%!].*$", "", "\n".join(sources), flags=re.MULTILINE)


def test_third_party_imports_are_declared() -> None:
    # Of the extras the project itself imports the report's, where it builds one, and the lab's,
    # for the widgets of the notebook that is opened there.
    extras = [*EXTRAS["report"], *EXTRAS["lab"]]
    declared = {split(item)[0] for item in [*PROJECT["dependencies"], *extras]}
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        found |= imported(path.read_text(encoding="utf-8"))
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        found |= imported(cells(path))
    outside = {
        name.lower().replace("_", "-")
        for name in found - set(sys.stdlib_module_names) - {"helpers"}
    }
    assert {"pandas", "yaml", "ipython"} <= outside
    # Only for batches on a cluster, and asked for with a message where it is missing.
    assert "distributed" in outside and "distributed" in {split(i)[0] for i in EXTRAS["cluster"]}
    users = [p.name for p in (ROOT / "src").rglob("*.py") if "distributed import" in p.read_text(encoding="utf-8")]  # fmt: skip
    assert users == ["cluster.py"]
    outside -= {"distributed"}
    packages = {
        "yaml": "pyyaml", "docx": "python-docx", "pypandoc": "pypandoc-binary",
        "markdown-it": "markdown-it-py", "pil": "pillow",
    }  # fmt: skip
    assert {packages.get(name, name) for name in outside} <= declared


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_satisfies_the_project(lock: str) -> None:
    pinned = pins(lock)
    for requirement in LOCKS[lock]:
        name, specifier = split(requirement)
        assert name in pinned, f"{lock} lacks {name}"
        for version in pinned[name]:
            assert satisfies(version, specifier), f"{lock}: {name} {version} is not {specifier}"


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_hashed_and_names_no_host(lock: str) -> None:
    for first, *rest in entries(lock):
        assert PINNED.match(first), first
        assert rest, f"{first} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in rest), first
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?:|--index-url|--find-links|file:|@ ", text)


@pytest.mark.parametrize("group", ["test", "lab", "peers", "report", "browser", "cluster"])
def test_locks_agree(group: str) -> None:
    base, more = pins("requirements.lock"), pins(f"requirements-{group}.lock")
    assert {name: more.get(name) for name in base} == base


@pytest.mark.parametrize("groups", combinations(["test", "lab", "peers", "report", "browser"], 2))
def test_groups_do_not_undo_each_other(groups: tuple[str, str]) -> None:
    one, other = (pins(f"requirements-{group}.lock") for group in groups)
    both = one.keys() & other.keys()
    assert {name: one[name] for name in both} == {name: other[name] for name in both}


def test_versions_agree() -> None:
    assert PROJECT["version"] == helpers.__version__


def test_licences_and_readme_are_there() -> None:
    for name in [PROJECT["readme"], *PROJECT["license-files"]]:
        assert (ROOT / name).is_file(), name


# --- The bootstrap ----------------------------------------------------------------------------


def load(folder: Path) -> ModuleType:
    """The bootstrap that lies in a folder."""
    spec = importlib.util.spec_from_file_location("bootstrap_copy", folder / "bootstrap.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert folder.resolve() == module.ROOT
    return module


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap of a copy of the project's root, which finds no environment yet."""
    for name in ("STUDY_WHEELS", "PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("bootstrap.py", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, folder / name)
    return load(folder)


def pretend(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a bootstrap run nothing and make a pretended environment; what it would run is listed."""
    seen: list[str] = []

    def call(*command: str | Path, **_: str) -> None:
        seen.append(" ".join(str(part) for part in command))

    def ask(*command: str | Path) -> str:
        return "pip 25" if "--version" in command and pip(bootstrap).is_file() else ""

    class Builder:
        def __init__(self, *, clear: bool, with_pip: bool, **_: object) -> None:
            assert clear and with_pip

        def create(self, folder: Path) -> None:
            seen.append("(make)")
            shutil.rmtree(folder, ignore_errors=True)
            bootstrap.PYTHON.parent.mkdir(parents=True)
            bootstrap.PYTHON.touch()
            pip(bootstrap).touch()

    monkeypatch.setattr(bootstrap, "call", call)
    monkeypatch.setattr(bootstrap, "ask", ask)
    monkeypatch.setattr(bootstrap.venv, "EnvBuilder", Builder)
    return seen


def pip(bootstrap: ModuleType) -> Path:
    """What stands for pip in a pretended environment."""
    return bootstrap.BIN / "pip"


@pytest.fixture
def commands(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that would have been run."""
    return pretend(bootstrap, monkeypatch)


def done(commands: list[str]) -> list[str]:
    """What was done, by kind, and forgotten."""
    kinds = {
        "(make)": "venv",
        "requirements-bootstrap.lock": "uv",
        " sync ": "sync",
        "--editable": "project",
        "requirements-test.lock": "test",
        "requirements-lab.lock": "lab",
        "requirements-peers.lock": "peers",
        "requirements-report.lock": "report",
        "requirements-browser.lock": "browser",
        "requirements-cluster.lock": "cluster",
    }
    found = [next(kind for part, kind in kinds.items() if part in line) for line in commands]
    commands.clear()
    return found


BASE = ["venv", "uv", "sync", "project"]


def test_second_call_does_nothing(bootstrap: ModuleType, commands: list[str]) -> None:
    bootstrap.main([])
    assert done(commands) == BASE
    bootstrap.main([])
    bootstrap.main(["base"])
    assert done(commands) == []


def test_groups_are_added_once(bootstrap: ModuleType, commands: list[str]) -> None:
    bootstrap.main(["test"])
    assert done(commands) == [*BASE, "test"]
    bootstrap.main(["lab"])
    assert done(commands) == ["lab"]
    bootstrap.main(["peers"])
    assert done(commands) == ["peers"]
    bootstrap.main(["report"])
    bootstrap.main(["browser"])
    bootstrap.main(["cluster"])
    assert done(commands) == ["report", "browser", "cluster"]
    for group in ("test", "lab", "peers", "report", "browser", "cluster", "base"):
        bootstrap.main([group])
    assert done(commands) == []


def append(name: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write("\n")

    return change


def require_more(root: Path) -> None:
    path = root / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count("dependencies = [\n") == 1
    text = text.replace("dependencies = [\n", 'dependencies = [\n  "attrs>=25,<26",\n')
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "again"),
    [
        (append("requirements.lock"), ["uv", "sync", "project", "test"]),
        (require_more, ["uv", "sync", "project", "test"]),
        (append("pyproject.toml"), []),
        (append("requirements-bootstrap.lock"), ["uv", "sync", "project", "test"]),
        (append("requirements-test.lock"), ["test"]),
        (append("requirements-lab.lock"), []),
        (lambda root: shutil.rmtree(root / ".venv"), [*BASE, "test"]),
    ],
)
def test_changes_are_noticed(
    change: Callable[[Path], None], again: list[str], bootstrap: ModuleType, commands: list[str]
) -> None:
    bootstrap.main(["test"])
    done(commands)
    change(bootstrap.ROOT)
    bootstrap.main(["test"])
    assert done(commands) == again


def test_an_interrupted_installation_is_done_again(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main(["test"])
    done(commands)
    append("requirements.lock")(bootstrap.ROOT)
    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "uv", lambda *_: sys.exit("no network"))
        with pytest.raises(SystemExit):
            bootstrap.main([])
    done(commands)
    bootstrap.main(["test"])
    assert done(commands) == ["uv", "sync", "project", "test"]


def test_fingerprint(bootstrap: ModuleType) -> None:
    first = bootstrap.fingerprint("requirements-test.lock", "requirements.lock")
    assert first == bootstrap.fingerprint("requirements-test.lock", "requirements.lock")
    assert first != bootstrap.fingerprint("requirements.lock", "requirements-test.lock")
    append("requirements.lock")(bootstrap.ROOT)
    assert first != bootstrap.fingerprint("requirements-test.lock", "requirements.lock")


def test_is_current_needs_an_interpreter(bootstrap: ModuleType) -> None:
    bootstrap.VENV.mkdir()
    bootstrap.MADE_FOR.write_text(bootstrap.place(), encoding="utf-8")
    bootstrap.stamp("base").write_text("abc", encoding="utf-8")
    assert not bootstrap.is_current("base", "abc")
    bootstrap.PYTHON.parent.mkdir()
    bootstrap.PYTHON.touch()
    assert bootstrap.is_current("base", "abc")
    assert not bootstrap.is_current("base", "abd")
    assert not bootstrap.is_current("test", "abc")
    bootstrap.MADE_FOR.unlink()
    assert not bootstrap.is_current("base", "abc")


# Broken, moved and foreign environments.


def test_an_aborted_environment_is_made_again(bootstrap: ModuleType, commands: list[str]) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.main([])
    assert done(commands) == BASE


def test_stopping_while_it_is_made(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(bootstrap.venv.EnvBuilder):  # type: ignore[name-defined, misc]
        def create(self, folder: Path) -> None:
            super().create(folder)
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap.venv, "EnvBuilder", Stopped)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.main([])
    assert bootstrap.PYTHON.exists()
    assert done(commands) == ["venv"]
    bootstrap.main([])
    assert done(commands) == BASE


def test_stopping_while_it_is_cleared(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main([])
    done(commands)
    append("requirements.lock")(bootstrap.ROOT)
    pip(bootstrap).unlink()

    def stop(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap.venv, "EnvBuilder", stop)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.main([])
    assert not bootstrap.MADE_FOR.exists() and not bootstrap.stamp("base").exists()
    bootstrap.main([])
    assert done(commands) == BASE


def test_lost_pip_is_mended(bootstrap: ModuleType, commands: list[str]) -> None:
    bootstrap.main([])
    done(commands)
    pip(bootstrap).unlink()
    append("requirements.lock")(bootstrap.ROOT)
    bootstrap.main([])
    assert done(commands) == BASE


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree])
def test_a_moved_or_copied_checkout_gets_its_own_environment(
    move: Callable[[Path, Path], object],
    bootstrap: ModuleType,
    commands: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bootstrap.main(["test"])
    assert done(commands) == [*BASE, "test"]
    move(bootstrap.ROOT, tmp_path / "other")
    other = load(tmp_path / "other")
    run = pretend(other, monkeypatch)
    other.main(["test"])
    assert done(run) == [*BASE, "test"]
    other.main(["test"])
    assert done(run) == []


def test_another_python_gets_its_own_environment(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main([])
    done(commands)
    monkeypatch.setattr(bootstrap.sys.implementation, "cache_tag", "cpython-399")
    bootstrap.main([])
    assert done(commands) == BASE


@pytest.mark.parametrize(
    ("output", "reason"),
    [(b"python: No module named ensurepip\n", "No module named ensurepip"), (None, "exit code 1")],
)
def test_python_without_its_venv_package(
    output: bytes | None,
    reason: str,
    bootstrap: ModuleType,
    commands: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing(bootstrap.venv.EnvBuilder):  # type: ignore[name-defined, misc]
        def create(self, folder: Path) -> None:
            super().create(folder)
            raise subprocess.CalledProcessError(1, ["python"], output=output)

    monkeypatch.setattr(bootstrap.venv, "EnvBuilder", Failing)
    with pytest.raises(SystemExit) as caught:
        bootstrap.main([])
    message = str(caught.value)
    assert reason in message and "\n" not in message
    assert "install python3-venv (Debian/Ubuntu) and run again" in message
    assert not bootstrap.VENV.exists()
    assert done(commands) == ["venv"]


@pytest.mark.parametrize("error", [PermissionError(13, "in use"), ValueError("PATH separator")])
def test_environment_that_cannot_be_made(
    error: Exception, bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(bootstrap.venv, "EnvBuilder", fail)
    with pytest.raises(SystemExit, match=r"cannot be made: .*(in use|separator)"):
        bootstrap.main([])
    assert commands == []


# Two at once.

HOLD = """
    import sys, time
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv[1])
    import bootstrap
    with bootstrap.alone():
        print("mine", flush=True)
        time.sleep(60)
"""


def test_a_second_bootstrap_waits_and_a_dead_one_is_forgotten(
    bootstrap: ModuleType,
    commands: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = [sys.executable, "-c", textwrap.dedent(HOLD), str(bootstrap.ROOT)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None and other.stdout.readline() == "mine\n"
            slept = []

            def sleep(seconds: float) -> None:
                slept.append(seconds)
                assert done(commands) == [] and not bootstrap.VENV.exists()
                other.kill()
                other.wait()

            monkeypatch.setattr(bootstrap.time, "sleep", sleep)
            bootstrap.main([])
        finally:
            other.kill()
    assert slept
    assert f"another bootstrap here, process {other.pid} " in capsys.readouterr().out
    assert done(commands) == BASE
    assert bootstrap.BUSY.read_text(encoding="utf-8").strip() == str(os.getpid())


def test_what_another_bootstrap_did_is_not_done_again(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = bootstrap.seize

    def seize(file: int) -> bool:
        monkeypatch.setattr(bootstrap, "seize", free)
        bootstrap.main(["test"])  # the other one
        return bool(free(file))

    monkeypatch.setattr(bootstrap, "seize", seize)
    monkeypatch.setattr(bootstrap.time, "sleep", lambda _: None)
    bootstrap.main(["test"])
    assert done(commands) == [*BASE, "test"]


def test_the_lock_survives_and_is_ignored(bootstrap: ModuleType, commands: list[str]) -> None:
    bootstrap.main([])
    assert bootstrap.BUSY.parent == bootstrap.ROOT and bootstrap.BUSY.is_file()
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert bootstrap.BUSY.name in ignored and f"{bootstrap.VENV.name}/" in ignored


def test_a_finished_environment_needs_no_lock(bootstrap: ModuleType, commands: list[str]) -> None:
    bootstrap.main([])
    bootstrap.BUSY.unlink()
    bootstrap.main([])
    assert not bootstrap.BUSY.exists()


# Where packages come from.


def test_packages_from_a_folder(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("STUDY_WHEELS", str(tmp_path / "wheels"))
    bootstrap.main([])
    installs = [line for line in commands if line != "(make)"]
    assert len(installs) == 3
    for line in installs:
        assert f"--no-index --find-links {tmp_path.resolve() / 'wheels'}" in line


def test_a_mistyped_folder_changes_nothing(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bootstrap.main([])
    done(commands)
    before = bootstrap.stamp("base").read_text(encoding="utf-8")
    monkeypatch.setenv("STUDY_WHEELS", str(tmp_path / "weels"))
    bootstrap.main([])  # nothing to install, nothing to complain of
    with pytest.raises(SystemExit, match=r"STUDY_WHEELS names .*weels, which is not a folder"):
        bootstrap.main(["test"])
    append("requirements.lock")(bootstrap.ROOT)
    with pytest.raises(SystemExit, match="STUDY_WHEELS"):
        bootstrap.main([])
    assert commands == []
    assert bootstrap.stamp("base").read_text(encoding="utf-8") == before


def test_stamps_outlive_a_missing_uv(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main(["test"])
    done(commands)
    lock = bootstrap.ROOT / "requirements.lock"
    text = lock.read_bytes()
    append("requirements.lock")(bootstrap.ROOT)
    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "call", lambda *_, **__: sys.exit("no network"))
        with pytest.raises(SystemExit):
            bootstrap.main(["test"])
    lock.write_bytes(text)
    bootstrap.main(["test"])
    assert done(commands) == []


@pytest.mark.parametrize(
    ("variables", "configured", "expected"),
    [
        ({}, "", None),
        ({}, "https://pip.example/simple", "https://pip.example/simple"),
        ({"PIP_INDEX_URL": "https://env.example"}, "https://pip.example", "https://env.example"),
        ({"UV_DEFAULT_INDEX": "https://uv.example"}, "https://pip.example", "https://uv.example"),
        ({"STUDY_WHEELS": "."}, "https://pip.example", None),
    ],
)
def test_uv_takes_the_index_that_pip_takes(
    variables: dict[str, str],
    configured: str,
    expected: str | None,
    bootstrap: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs: list[tuple[list[str], dict[str, str]]] = []

    def run(line: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        if "config" in line:
            assert line[1:] == ["-m", "pip", "config", "get", "global.index-url"]
            assert options["capture_output"]
            return subprocess.CompletedProcess(line, 0 if configured else 1, f"{configured}\n", "")
        assert isinstance(options["env"], dict)
        runs.append((line, options["env"]))
        return subprocess.CompletedProcess(line, 0)

    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    bootstrap.uv("sync", "requirements.lock")
    ((line, environment),) = runs
    assert line[1:] == ["pip", "sync", "requirements.lock", "--python", str(bootstrap.PYTHON)]
    assert environment.get("UV_DEFAULT_INDEX") == expected
    assert environment["UV_NO_CONFIG"] == "1"


def test_ask_is_quiet_about_failure(bootstrap: ModuleType, tmp_path: Path) -> None:
    assert bootstrap.ask(sys.executable, "-c", "print('yes')") == "yes"
    assert bootstrap.ask(sys.executable, "-c", "print('no'); raise SystemExit(1)") == ""
    assert bootstrap.ask(tmp_path / "nothing") == ""


@pytest.mark.parametrize("arguments", [["tests"], ["base", "test"]])
def test_misuse(arguments: list[str], bootstrap: ModuleType, commands: list[str]) -> None:
    with pytest.raises(SystemExit, match="say one of base, test, lab, peers, report, browser"):
        bootstrap.main(arguments)
    assert commands == []


def test_too_old_python(
    bootstrap: ModuleType, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 9))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or later"):
        bootstrap.main([])
    assert commands == []


def test_bootstrap_and_project_want_the_same_python(bootstrap: ModuleType) -> None:
    assert PROJECT["requires-python"] == ">=" + ".".join(map(str, bootstrap.MINIMUM))


def test_failing_command_ends_with_one_line(bootstrap: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"failed with exit code 3: .*"):
        bootstrap.call(sys.executable, "-c", "raise SystemExit(3)")


# --- What is in the repository ----------------------------------------------------------------

# Written in parts, or this file would break its own rule.
MACHINE = re.compile(rb"(?<![\w.~/-])/(?:" + b"|".join([b"root", b"home", b"Users"]) + rb")/[\w.-]")


def repository_files() -> list[Path]:
    """Files that git tracks or would track."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / os.fsdecode(name) for name in sorted(set(listed.split(b"\0"))) if name]


def offences(content: bytes) -> list[str]:
    return [match[0].decode() for match in MACHINE.finditer(content)]


def test_no_file_names_this_machine() -> None:
    files = [path for path in repository_files() if path.is_file()]
    assert len(files) > 20
    found = {str(path.relative_to(ROOT)): offences(path.read_bytes()) for path in files}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b'x = "/' + b'root/main"', 1),
        (b"in /" + b"home/ann/x", 1),
        (b"(/" + b"root/.cache)", 1),
        (b"https://example.org/" + b"home/page", 0),
        (b"at home/office or /home", 0),
    ],
)
def test_machine_paths_are_recognised(text: bytes, count: int) -> None:
    assert len(offences(text)) == count


def test_nothing_built_gets_into_the_repository() -> None:
    names = [path.relative_to(ROOT).as_posix() for path in repository_files()]
    built = (".venv/", "output/", "__pycache__", ".ipynb_checkpoints", ".egg-info", "_cache/")
    assert [name for name in names if any(part in name for part in built)] == []


@pytest.mark.parametrize(
    ("name", "text", "eol"),
    [
        ("notebooks/01_concept.ipynb", "set", "lf"),
        ("data/firms/firms.csv", "auto", "lf"),
        ("requirements.lock", "auto", "lf"),
        ("docs/figure.png", "unset", None),
    ],
)
def test_line_ends_are_the_same_everywhere(name: str, text: str, eol: str | None) -> None:
    assert (ROOT / name).is_file()
    repository_files()  # skips where there is no git
    listed = subprocess.run(
        ["git", "check-attr", "-z", "text", "eol", "--", name], cwd=ROOT,
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    fields = listed.decode().split("\0")
    assert fields[2] == text
    assert eol is None or fields[5] == eol


# --- The release ------------------------------------------------------------------------------


def test_the_archive_holds_all_that_is_needed_and_nothing_built() -> None:
    repository_files()  # skips where there is no git
    whole = subprocess.run(
        ["git", "archive", "--format=tar", "--prefix=x/", "HEAD"], cwd=ROOT, capture_output=True,
        check=True,
    ).stdout  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        names = {item.name.removeprefix("x/") for item in archive if item.isfile()}
        run = archive.getmember("x/.ci/run")
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "-z", "--name-only", "HEAD"], cwd=ROOT, capture_output=True,
        check=True, text=True,
    ).stdout  # fmt: skip
    assert names == {name for name in listed.split("\0") if name}
    assert run.mode & 0o100
    folders = {name.split("/")[0] for name in names}
    assert {"notebooks", "data", "src", "tests", "docs", "results", "LICENSES"} <= folders
    assert {"bootstrap.py", "Makefile", "pyproject.toml", *LOCKS} <= names
    assert not folders & {"output", "dist", ".venv", "build"}


def test_no_file_of_ours_is_ignored() -> None:
    """A file that .gitignore hides by mistake would be missing from every clone and archive."""
    repository_files()  # skips where there is no git
    ours = ["notebooks", "data", "src", "tests", "docs", "results", "LICENSES"]
    hidden = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *ours],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    made = ("__pycache__/", ".ipynb_checkpoints/", ".egg-info/", "_cache/", ".hypothesis/")
    assert [name for name in hidden if name and not any(part in name for part in made)] == []


def test_a_release_is_of_something_committed_and_told(tmp_path: Path) -> None:
    """The recipe of ``make release`` refuses what is not in the changelog or not committed."""
    if shutil.which("git") is None or shutil.which("make") is None:
        pytest.skip("needs git and make")
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").write_text('version = "7.1"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("## 7.0 (2026-01-01)\n", encoding="utf-8")

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    def make() -> subprocess.CompletedProcess[str]:
        line = ["make", "release", f"PYTHON={sys.executable}"]
        return subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)

    git("init", "-q")
    assert "commit or remove" in make().stderr
    (tmp_path / ".gitignore").write_text("dist/\n", encoding="utf-8")
    git("add", ".")
    git("commit", "-qm", "one")
    assert "no section '## 7.1 (date)'" in make().stderr
    (tmp_path / "CHANGELOG.md").write_text("## 7.1 (2026-01-02)\n", encoding="utf-8")
    git("commit", "-qam", "two")
    first = make()
    assert first.returncode == 0, first.stderr
    assert make().stdout == first.stdout  # the same bytes
    with tarfile.open(tmp_path / "dist" / "srdi-anshan-7.1.tar.gz") as archive:
        assert "srdi-anshan-7.1/CHANGELOG.md" in archive.getnames()
