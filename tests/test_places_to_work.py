"""Where researchers work: JupyterLab's hovering, VS Code, a container, Binder, conda."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
import yaml
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "places-to-work.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
TEXTS = [
    ROOT / name
    for name in (
        ".devcontainer/devcontainer.json", ".vscode/settings.json", ".vscode/extensions.json",
        ".binder/requirements.txt", ".binder/postBuild", ".binder/runtime.txt",
    )
]  # fmt: skip


def read(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


# --- Files of tools ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_address_of_a_machine_is_written_down(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/home/|/root|/Users/|[A-Z]:\\\\|https?://", text)


def test_the_editor_opens_the_project_with_its_own_interpreter() -> None:
    settings = read(".vscode/settings.json")
    # VS Code completes the folder of an environment by the system's own name of the interpreter.
    assert settings["python.defaultInterpreterPath"] == "${workspaceFolder}/.venv"
    bootstrap = (ROOT / "bootstrap.py").read_text(encoding="utf-8")
    assert 'VENV = ROOT / ".venv"' in bootstrap
    assert settings["jupyter.notebookFileRoot"] == "${workspaceFolder}/notebooks"
    wanted = read(".vscode/extensions.json")["recommendations"]
    assert {"ms-python.python", "ms-toolsai.jupyter"} <= set(wanted)


def test_tests_of_the_editor_are_those_of_make_test() -> None:
    (_, chosen) = read(".vscode/settings.json")["python.testing.pytestArgs"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    marks = {mark.partition(":")[0] for mark in project["tool"]["pytest"]["ini_options"]["markers"]}
    assert set(re.findall(r"not (\w+)", chosen)) == marks


def test_the_container_is_made_by_the_bootstrap() -> None:
    container = read(".devcontainer/devcontainer.json")
    groups = re.findall(r"python3 bootstrap\.py (\w+)", container["postCreateCommand"])
    assert groups and all((ROOT / f"requirements-{group}.lock").is_file() for group in groups)
    assert "lab" in groups
    python = container["image"].rpartition(":")[2]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = project["requires-python"].removeprefix(">=")
    assert tuple(map(int, python.split("."))) >= tuple(map(int, lowest.split(".")))
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"].endswith("/.venv/bin/python")


def test_binder_installs_the_locks() -> None:
    folder = ROOT / ".binder"
    # Binder looks at no other file once this folder is there.
    assert {path.name for path in folder.iterdir()} == {
        "requirements.txt",
        "postBuild",
        "runtime.txt",
    }
    lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    (lock,) = [line.removeprefix("-r ") for line in lines if not line.startswith("#")]
    locked = (folder / lock).resolve()
    assert locked == ROOT / "requirements-lab.lock" and locked.is_file()
    assert re.fullmatch(r"python-3\.1[1-9]\n", (folder / "runtime.txt").read_text(encoding="utf-8"))
    post = folder / "postBuild"
    assert os.name == "nt" or os.access(post, os.X_OK)
    assert post.read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    assert "--no-deps --editable ." in post.read_text(encoding="utf-8")


def test_conda_takes_from_pip_what_conda_forge_may_lack_and_the_project() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert "--editable ." in pip and "pip" in environment["dependencies"]


# --- The page that says so -----------------------------------------------------------------------


def test_the_page_names_what_exists() -> None:
    for name in re.findall(
        r"`((?:\.?[\w-]+/)*\.?[\w-]+\.(?:json|yml|py|ipynb|lock|md|txt))`", PAGE
    ):
        assert (ROOT / name).is_file() or (ROOT / "notebooks" / name).is_file(), name
    for target in re.findall(r"\bmake ([a-z]+)", PAGE):
        assert target in TARGETS, target
    assert "`make lab`" in PAGE and "`.binder/`" in PAGE


def test_the_page_says_the_same_in_both_languages() -> None:
    english, chinese = PAGE.split("\n# ", 2)[0:2] if PAGE.startswith("# ") else ("", "")
    assert english and chinese
    for pattern in (r"(?m)^##", r"(?m)^```\n?.*", r"`[^`\n]+`"):
        assert len(re.findall(pattern, english)) == len(re.findall(pattern, chinese)), pattern
    assert sorted(re.findall(r"`[^`\n]+`", english)) == sorted(re.findall(r"`[^`\n]+`", chinese))


# --- JupyterLab's kernel and hovering ------------------------------------------------------------


def test_notebooks_ask_for_the_kernel_of_this_environment() -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert read(f"notebooks/{path.name}")["metadata"]["kernelspec"]["name"] == "python3"
    # Jupyter gives a spec whose command is "python" the interpreter it runs with itself.
    spec = KernelSpecManager().get_kernel_spec("python3")
    assert spec.argv[0] in (sys.executable, "python", "python3")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    # A kernel of the same name in the user's own folder does not come first.
    assert re.search(
        r"JUPYTER_PREFER_ENV_PATH=1 \$\(BIN\)/jupyter lab \$\(AS_ROOT\) notebooks", makefile
    )


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive(
        "from helpers.run.study import Parameters, Study, make_study, open_study\n"
        "from helpers.run.explorer import Explorer\n"
        "from helpers.publish import figures, trend_views as views\n"
        "study = make_study(Parameters(), '02_national_trends')",
        timeout=120,
    )
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


HOVERED = [
    ("study.figure", "Save a figure below the study's folder", ["Parameters", "Returns"]),
    ("study.show", "Save a table below the study's folder", ["Parameters", "Returns"]),
    ("study.ledger.check", "claim", ["Parameters", "Returns"]),
    ("study.cite", "Short citations of the sources", []),
    ("study.table", "A data table with the user's own rows", []),
    ("Study", "A validated study", ["Attributes"]),
    ("study", "A validated study", ["Attributes"]),
    ("open_study", "Open the study of a notebook", ["Parameters", "Raises"]),
    ("Explorer", "Widgets for every choice", ["Parameters", "Attributes"]),
    ("Explorer.save_figure", "Save the figure as the notebooks do", []),
    ("figures.new", "A figure and its axes", ["Parameters", "Returns"]),
    ("views.focal_path", "The focal province's share", ["Parameters", "Returns"]),
]


@pytest.mark.notebooks
@pytest.mark.parametrize(("name", "summary", "sections"), HOVERED, ids=[row[0] for row in HOVERED])
def test_hovering_tells_what_a_thing_is(
    client: Any, name: str, summary: str, sections: list[str]
) -> None:
    asked = client.inspect(name, len(name))
    while True:
        try:
            reply = client.get_shell_msg(timeout=30)
        except Empty:
            pytest.fail(f"no answer on {name}")
        if reply["parent_header"].get("msg_id") == asked:
            break
    assert reply["content"]["found"]
    text = re.sub(r"\x1b\[[\d;]*m", "", reply["content"]["data"]["text/plain"])
    assert summary in text
    for section in sections:
        assert re.search(rf"{section}\n\s*-+", text), section
