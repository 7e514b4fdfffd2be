"""Data flow one way: evidence, analysis, publish; ``run`` stands outside, and nothing imports upward."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
LAYERS = ("errors", "evidence", "analysis", "publish", "run")
FILES = sorted((SOURCE / "helpers").rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of every module of the project that a file imports, inside functions too."""
    package = path.relative_to(SOURCE).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{name}.{alias.name}") for alias in node.names)


def layer(name: str) -> int | None:
    """Place of a module of the project in the flow, None for a module of others."""
    parts = name.split(".")
    if parts[0] != "helpers" or len(parts) < 2 or parts[1] not in LAYERS:
        return None
    return LAYERS.index(parts[1])


def upward(path: Path) -> list[str]:
    """Imports of a file that go against the flow."""
    own = layer(".".join(path.relative_to(SOURCE).with_suffix("").parts))
    if own is None:  # the package itself
        return []
    return [
        f"{path.relative_to(SOURCE)}:{line} imports {name}"
        for line, name in imported(path)
        if (layer(name) or 0) > own
    ]


def test_nothing_imports_upward() -> None:
    assert [line for path in FILES for line in upward(path)] == []


@pytest.mark.parametrize(
    "text",
    ["from helpers.run import study", "import helpers.publish.figures", "from .. import publish",
     "def f():\n    from ..publish import figures"],
)  # fmt: skip
def test_an_upward_import_is_seen(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("test_layers.SOURCE", tmp_path)
    path = tmp_path / "helpers" / "analysis" / "new.py"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert len(upward(path)) == 1


def test_every_module_has_a_place() -> None:
    names = {path.relative_to(SOURCE / "helpers").parts[0].removesuffix(".py") for path in FILES}
    assert names - {"__init__"} == set(LAYERS)
