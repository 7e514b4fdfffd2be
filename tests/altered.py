"""Alter one figure in each column of each data table and see what notices.

    python tests/altered.py [TABLE ...]        (make altered: all tables, about an hour)

A figure that can be altered without a complaint of the checks, another verdict, another word, table or
figure in a notebook of the default study, or a failing test is a figure that nothing uses. Exit code 1
then. Up to three rows of a column are tried, since a forecast, say, may bear on nothing. Needs fork
(Linux, macOS).
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

import mutants
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


def chosen_rows(frame: pd.DataFrame, column: str) -> list[int]:
    """Rows with a value to be tried: of the default study's place, then the last and the first."""
    filled = frame[frame[column].notna()]
    own = [index for index, row in filled.iterrows() if set(FOCAL) & set(map(str, row.tolist()))]
    return list(dict.fromkeys([*own[:1], filled.index[-1], filled.index[0]]))


def other(value: Any, item: Field) -> Any:
    """Another value that the schema allows."""
    if item.type == "boolean":
        return not value
    if item.type == "date":
        return f"{int(str(value)[:4]) - 1}{str(value)[4:]}"
    less = value - 1 if item.type == "integer" else value * 0.9
    more = value + 1 if item.type == "integer" else value * 1.1 + 0.1
    return more if item.maximum is None or more <= item.maximum else less


def alterations(names: list[str]) -> Iterator[tuple[str, str, list[pd.DataFrame]]]:
    """Table, column and altered rows, each by itself."""
    schemas = tables.schemas()
    for name in names or list(schemas):
        frame = tables.load(name)
        for item in figures_of(schemas[name]):
            if frame[item.name].notna().any():
                chosen = chosen_rows(frame, item.name)
                rows = [frame.loc[[index]].astype("object") for index in chosen]
                for row in rows:
                    row[item.name] = [other(row[item.name].iloc[0], item)]
                yield name, item.name, rows


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


def cell_text(value: Any) -> str:
    """A value as the tables write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextlib.contextmanager
def written(path: Path, row: pd.DataFrame, column: str) -> Iterator[None]:
    """Alter the figure in a table's file for a while."""
    kept = path.read_bytes()
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[row.index[0], column] = cell_text(row[column].iloc[0])
    table.to_csv(path, index=False)
    try:
        yield
    finally:
        path.write_bytes(kept)


class Listeners:
    """Files of tests in a copy of the tree."""

    def __init__(self, tree: Path) -> None:
        self.tree = mutants.copied(tree)
        self.files = [str(p.relative_to(tree)) for p in sorted((tree / "tests").glob("test_*.py"))]
        self.sound: dict[str, bool] = {}

    def passes(self, file: str) -> bool:
        """Whether a file passes with the project's code and data of the copy."""

        def work() -> int:
            for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
                del sys.modules[name]
            sys.path.insert(0, str(self.tree / "src"))
            os.environ["PYTHONPATH"] = sys.path[0]
            return mutants.run(self.tree, file)

        return mutants.apart(work, mutants.LIMIT)[0]

    def first(self, name: str, column: str, row: pd.DataFrame) -> str:
        """First file naming the table that fails once the figure is altered, if it passed before."""
        texts = {file: (self.tree / file).read_text(encoding="utf-8") for file in self.files}
        naming = sorted(
            (f for f in texts if name in texts[f]), key=lambda f: column not in texts[f]
        )
        for file in naming:
            if file not in self.sound:
                self.sound[file] = self.passes(file)
            path = self.tree / tables.schemas()[name].path.relative_to(ROOT)
            with written(path, row, column):
                if self.sound[file] and not self.passes(file):
                    return file
        return ""


def complaint(name: str, row: pd.DataFrame, folder: Path) -> str:
    """What the checks say of an altered row, which is written into a folder."""
    path = folder / f"{tables.schemas()[name].path.stem}.csv"
    row.map(cell_text, na_action="ignore").to_csv(path, index=False)
    try:
        tables.load_all(folder)
    except InputError as error:
        return f"checks: {str(error).splitlines()[-1][:100]}"
    return ""


def differing(books: Mapping[Path, str], folder: Path) -> str:
    """First notebook that shows something else than before with the tables of a folder."""
    for book, digest in books.items():
        after = apart(book, folder)
        if after != digest:
            return book.stem if len(after) == 64 else f"{book.stem}: {after[:100]}"
    return ""


def noticed(
    name: str, column: str, row: pd.DataFrame, before: Mapping[Path, str], listeners: Listeners
) -> str:
    """What notices an altered row; empty if nothing does. Those that name the table are asked first."""
    naming = {book: before[book] for book in before if name in book.read_text(encoding="utf-8")}
    others = {book: before[book] for book in before if book not in naming}
    with tempfile.TemporaryDirectory() as folder:
        return (
            complaint(name, row, Path(folder))
            or differing(naming, Path(folder))
            or listeners.first(name, column, row)
            or differing(others, Path(folder))
        )


def main(names: list[str]) -> int:
    """Alter, listen, tell."""
    os.environ["MPLBACKEND"] = "agg"
    books = sorted((ROOT / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
    os.chdir(ROOT / "notebooks")
    unheard = []
    with tempfile.TemporaryDirectory() as answers, tempfile.TemporaryDirectory() as tree:
        listeners = Listeners(Path(tree).resolve())
        os.environ[solved.VARIABLE] = answers
        before = {book: apart(book, None) for book in books}
        for book, digest in before.items():
            assert len(digest) == 64, f"{book.name}: {digest}"
            assert apart(book, None) == digest, f"{book.name} differs from run to run"
        for name, column, rows in alterations(names):
            each = (noticed(name, column, row, before, listeners) for row in rows)
            who = next(filter(None, each), "")
            print(f"{name}.{column}: {who or 'NOTHING'}", flush=True)
            unheard += [] if who else [f"{name}.{column}"]
    print(f"{len(unheard)} figures that nothing notices: {', '.join(unheard)}")
    return bool(unheard)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
