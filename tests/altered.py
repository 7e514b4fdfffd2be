"""Alter one figure in each column of each data table and see what notices.

    python tests/altered.py [TABLE ...]        (make altered: all tables, about half an hour)

A figure that can be altered without a complaint of the checks, another verdict, or another word, table
or figure in a notebook of the default study is a figure that nothing uses. Exit code 1 then.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.evidence import solved, tables
from helpers.evidence.schema import Field, TableSchema
from helpers.run.study import Study

ROOT = Path(__file__).resolve().parents[1]
FOCAL = ("210300", "210000", "anshan", "liaoning")
Shown = dict[str, list[str]]


def figures_of(table: TableSchema) -> list[Field]:
    """Columns with figures, dates and truth values that are no part of the key."""
    return [item for item in table.fields if item.type != "string" and item.name not in table.key]


def chosen_row(frame: pd.DataFrame, column: str) -> int:
    """Row with a value, of the default study's place where the table has one."""
    filled = frame[frame[column].notna()]
    own = [index for index, row in filled.iterrows() if set(FOCAL) & set(map(str, row.tolist()))]
    return int((own or list(filled.index))[0])


def other(value: Any, item: Field) -> Any:
    """Another value that the schema allows."""
    if item.type == "boolean":
        return not value
    if item.type == "date":
        return f"{int(str(value)[:4]) - 1}{str(value)[4:]}"
    less = value - 1 if item.type == "integer" else value * 0.9
    more = value + 1 if item.type == "integer" else value * 1.1 + 0.1
    return more if item.maximum is None or more <= item.maximum else less


def alterations(names: list[str]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Table, column and the altered row."""
    schemas = tables.schemas()
    for name in names or list(schemas):
        frame = tables.load(name)
        for item in figures_of(schemas[name]):
            if frame[item.name].notna().any():
                row = frame.loc[[chosen_row(frame, item.name)]].astype("object")
                row[item.name] = [other(row[item.name].iloc[0], item)]
                yield name, item.name, row


class Ear:
    """Hears what a notebook shows, without drawing."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def hear(self, *things: Any) -> None:
        for thing in things:
            if isinstance(thing, pd.DataFrame):
                self.heard.append(thing.to_csv())
            elif isinstance(thing, (str, int, float, tuple, list, dict)):
                self.heard.append(str(thing))
            elif hasattr(thing, "data") and isinstance(thing.data, str):
                self.heard.append(thing.data)
            elif hasattr(thing, "_repr_markdown_"):
                self.heard.append(str(thing._repr_markdown_()))
            elif thing is not None:
                self.heard.append(repr(thing) if " at 0x" not in repr(thing) else "")

    def made(self, study: Study, view: Any, *arguments: Any, **options: Any) -> Any:
        """In place of Study.figure and Study.show."""
        options.pop("rows", None)
        parts = view(study, *arguments, **options) if callable(view) else (view, *arguments)
        self.hear(*(part for part in parts if isinstance(part, pd.DataFrame)))
        self.hear(*(str(part) for part in parts if type(part).__name__ == "Record"))
        return SimpleNamespace(frame=parts[0], record=parts[1])


def run(book: Path, data_dir: Path | None) -> str:
    """Digest of what a notebook shows."""
    import IPython.display
    import matplotlib.pyplot as plt

    ear = Ear()
    Study.figure = Study.show = lambda study, *given, **named: ear.made(study, *given, **named)  # type: ignore
    IPython.display.display = ear.hear
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        space: dict[str, Any] = {"__name__": "__main__", "display": ear.hear}
        for cell in json.loads(book.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            exec_cell("".join(cell["source"]), space, ear)
            if "parameters" in cell["metadata"].get("tags", []):
                space["output_dir"], space["data_dir"] = folder, str(data_dir or "")
        plt.close("all")
        text = "\n".join(ear.heard).replace(folder, "")
    return hashlib.sha256(text.encode()).hexdigest()


def exec_cell(source: str, space: dict[str, Any], ear: Ear) -> None:
    """Run a cell; the value of its last expression is shown."""
    import ast

    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    if last is not None:
        ear.hear(eval(compile(ast.Expression(last.value), "cell", "eval"), space))


def apart(book: Path, data_dir: Path | None) -> str:
    """The same in a process of its own; the message where the notebook fails."""
    read, write = os.pipe()
    if not (pid := os.fork()):
        try:
            answer = run(book, data_dir)
        except BaseException as error:  # noqa: BLE001 - any failure is an answer here
            answer = f"{type(error).__name__}: {error}"
        os.write(write, answer.encode()[:4000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read().decode(errors="replace")
    os.waitpid(pid, 0)
    return answer


def noticed(name: str, row: pd.DataFrame, before: Mapping[Path, str]) -> str:
    """What notices an altered row; empty if nothing does."""
    with tempfile.TemporaryDirectory() as folder:
        table = tables.schemas()[name]
        path = Path(folder) / f"{table.path.stem}.csv"
        row.map(lambda v: str(v).lower() if isinstance(v, bool) else v).to_csv(path, index=False)
        try:
            tables.load_all(Path(folder))
        except InputError as error:
            return f"checks: {str(error).splitlines()[-1][:100]}"
        # Those that name the table first.
        books = sorted(before, key=lambda book: name not in book.read_text(encoding="utf-8"))
        for book in books:
            after = apart(book, Path(folder))
            if after != before[book]:
                return book.stem if len(after) == 64 else f"{book.stem}: {after[:100]}"
    return ""


def main(names: list[str]) -> int:
    """Alter, listen, tell."""
    os.environ["MPLBACKEND"] = "agg"
    books = sorted((ROOT / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
    os.chdir(ROOT / "notebooks")
    unheard = []
    with tempfile.TemporaryDirectory() as answers:
        os.environ[solved.VARIABLE] = answers
        before = {book: apart(book, None) for book in books}
        for book, digest in before.items():
            assert len(digest) == 64, f"{book.name}: {digest}"
            assert apart(book, None) == digest, f"{book.name} differs from run to run"
        for name, column, row in alterations(names):
            who = noticed(name, row, before)
            print(f"{name}.{column}: {who or 'NOTHING'}", flush=True)
            unheard += [] if who else [f"{name}.{column}"]
    print(f"{len(unheard)} figures that nothing notices: {', '.join(unheard)}")
    return bool(unheard)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
