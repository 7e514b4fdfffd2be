"""Break the code of evidence and analysis in small ways and see whether a test notices.

    python tests/mutants.py [--number 240] [--seed 20231231]        (make mutants)

Mutants are drawn by the seed, for each module in proportion to its lines, and in a module evenly over
the kinds of change. Each meets the examples in its module's docstrings and the files of tests that
import the module (if none does, those that import what imports it), until one fails or PATIENCE seconds
have passed: those named for the module first, then those that import little else. What no file notices
is shown as a diff. All happens in a copy of the tree, one process at a time; needs fork (Linux, macOS).
Not reached: readers of foreign formats, whose isolated process (python -I) reads the installed code.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import difflib
import functools
import importlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("src/helpers/evidence", "src/helpers/analysis")
MARKS = "not notebooks and not browser and not faults and not peers"
PATIENCE = 12.0  # processor seconds of tests that a mutant has to survive
LIMIT = 120.0  # of one file: a mutant may run for ever
MEMORY = 6 << 30
# Imported once; the modules of the project are imported anew for each mutant.
WARM = (
    "pytest", "hypothesis", "hypothesis.strategies", "pandas", "scipy.stats", "scipy.optimize", "scipy.sparse",
    "statsmodels.api", "matplotlib.pyplot", "seaborn", "openpyxl", "docx", "yaml", "nbformat", "rapidfuzz",
)  # fmt: skip

# Kinds of change ----------------------------------------------------------------------------------

COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
WRAPPERS = {"abs", "sorted", "set", "list", "tuple", "float", "int", "str", "bool", "frozenset"}


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Kind of change and changed node, for each change of a node that is tried."""
    changed = copy.deepcopy(node)
    match node, changed:
        case ast.Compare(ops=[operator]), ast.Compare():
            for other in COMPARISONS.get(type(operator), ()):
                changed.ops = [other()]
                yield "comparison", copy.deepcopy(changed)
        case (ast.BinOp(), ast.BinOp()) | (ast.AugAssign(), ast.AugAssign()):
            if other := ARITHMETIC.get(type(node.op)):
                changed.op = other()
                yield "arithmetic", changed
        case ast.BoolOp(), ast.BoolOp():
            changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield "boolean", changed
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()), _:
            yield "not or minus removed", node.operand
        case ast.Constant(value=bool(value)), _:
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)), _:
            yield "constant", ast.Constant(value + 1)
        case ast.Return(value=ast.expr() as value), _ if not is_none(value):
            yield "None returned", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()), _:
            yield "call dropped", ast.Pass()
        case ast.Call(), ast.Call():
            yield from changes_of_call(node, changed)


def is_none(node: ast.expr) -> bool:
    """Whether an expression is None."""
    return isinstance(node, ast.Constant) and node.value is None


def changes_of_call(node: ast.Call, changed: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    """A call without one of its named arguments, or only what it was called on."""
    for index, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "encoding"):  # UTF-8 is the default where this runs
            shorter = copy.deepcopy(changed)
            del shorter.keywords[index]
            yield "argument dropped", shorter
    match node.func:
        case ast.Attribute(value=ast.Call() | ast.Subscript() as receiver):
            yield "call dropped", receiver
        case ast.Name(id=name) if name in WRAPPERS and len(node.args) == 1:
            yield "call dropped", node.args[0]


# Drawing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    path: str
    line: int
    kind: str
    text: str

    def diff(self) -> str:
        """What was changed."""
        old = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        lines = difflib.unified_diff(
            old, self.text.splitlines(), self.path, self.path, "", "", 1, ""
        )
        return "\n".join(lines)


def left_alone(node: ast.AST) -> bool:
    """Whether nothing below a node is changed: words, and what only a type checker reads."""
    match node:
        case ast.JoinedStr() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Compare(left=ast.Name(id="__name__"))):
            return True
    return False


def nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that may be changed."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not left_alone(child):
                yield child
                yield from nodes(child)


def replaced(source: bytes, node: Any, by: ast.AST) -> str:
    """Source with the text of a node replaced."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    first = starts[node.lineno - 1] + node.col_offset
    last = starts[node.end_lineno - 1] + node.end_col_offset
    text = ast.unparse(by)
    text = f"({text})" if isinstance(by, ast.expr) and not isinstance(by, ast.Constant) else text
    return (source[:first] + text.encode() + source[last:]).decode()


def mutants_of(path: str) -> dict[str, list[tuple[Any, ast.AST]]]:
    """Changes that can be made to a module, by kind: node and changed node."""
    found = defaultdict(list)
    for node in nodes(ast.parse((ROOT / path).read_bytes())):
        for kind, changed in changes(node):
            found[kind].append((node, changed))
    return found


def shares(lines: Mapping[str, int], number: int) -> dict[str, int]:
    """Numbers of mutants of modules in proportion to their lines, by largest remainders."""
    whole = sum(lines.values())
    exact = {path: number * count / whole for path, count in lines.items()}
    drawn = {path: int(value) for path, value in exact.items()}
    by_remainder = sorted(exact, key=lambda path: drawn[path] - exact[path])
    for path in by_remainder[: number - sum(drawn.values())]:
        drawn[path] += 1
    return drawn


def draw(number: int, seed: int) -> list[Mutant]:
    """Mutants of all modules; another module's code does not change what a module gets."""
    paths = sorted(
        str(p.relative_to(ROOT)) for layer in LAYERS for p in (ROOT / layer).rglob("*.py")
    )
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in paths}
    drawn = []
    for path, count in shares(lines, number).items():
        chance, source = random.Random(f"{seed} {path}"), (ROOT / path).read_bytes()
        left = {kind: chance.sample(some, len(some)) for kind, some in mutants_of(path).items()}
        for _ in range(count):
            if kinds := sorted(kind for kind, some in left.items() if some):
                kind = chance.choice(kinds)
                node, changed = left[kind].pop()
                drawn.append(Mutant(path, node.lineno, kind, replaced(source, node, changed)))
    return drawn


# Tests --------------------------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    """Modules of the project that a file imports, as paths."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        match node:
            case ast.ImportFrom(module=str(module)):
                found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
            case ast.Import():
                found |= {alias.name for alias in node.names}
    stems = (f"src/{name.replace('.', '/')}" for name in found if name.startswith("helpers"))
    paths = (name for stem in stems for name in (f"{stem}.py", f"{stem}/__init__.py"))
    return {name for name in paths if (ROOT / name).is_file()}


@functools.cache
def importers() -> Mapping[str, set[str]]:
    """Files of the project and of its tests that import a module."""
    found = defaultdict(set)
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").glob("test_*.py")]:
        for module in imported(path):
            found[module].add(str(path.relative_to(ROOT)))
    return found


def nearest_tests(modules: set[str]) -> list[str]:
    """Files of tests that import a module, or else those that import what imports it, and so on."""
    reached, level = set(modules), modules
    while level:
        level = {file for name in level for file in importers().get(name, ())} - reached
        reached |= level
        if tests := sorted(file for file in level if file.startswith("tests/")):
            return tests
    return []


def chosen(path: str) -> list[str]:
    """Files of tests that a mutant of a module meets, in this order."""
    examples = [path] if ">>> " in (ROOT / path).read_text(encoding="utf-8") else []
    names = tuple(f"test_{name}" for name in (Path(path).stem, Path(path).parent.name))
    # What no module imports runs in a process of its own, for the other modules of its folder.
    folder = {str(p.relative_to(ROOT)) for p in (ROOT / path).parent.glob("*.py")}
    near = nearest_tests({path}) or nearest_tests(folder)

    def lateness(file: str) -> tuple[bool, int]:
        return not Path(file).stem.startswith(names), len(imported(ROOT / file))

    return [*examples, *sorted(near, key=lateness)]


def run(tree: Path, file: str) -> int:
    """Run a file of tests; for a process of its own."""
    import hypothesis
    import pytest

    hypothesis.settings.register_profile("mutants", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutants")
    os.chdir(tree)
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    options = ["-q", "-x", "--disable-plugin-autoload", "-p", "no:cacheprovider", "-m", MARKS, file]
    code = int(pytest.main(options))
    return 0 if code == pytest.ExitCode.NO_TESTS_COLLECTED else code


def apart(work: Callable[[], int], seconds: float) -> tuple[bool, float]:
    """Whether a piece of work done in a process of its own succeeds, and its processor seconds."""
    if not (pid := os.fork()):
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        signal.alarm(int(10 * seconds))  # for those that wait rather than work
        code = 1
        try:
            code = work()
        except BaseException as error:  # noqa: BLE001 - nothing may return into the parent's work
            code = 3 if isinstance(error, Exception) else 4
        finally:
            os._exit(code)
    _, status, usage = os.wait4(pid, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # processes that a test left behind
    return status == 0, usage.ru_utime + usage.ru_stime


class Meeting:
    """Mutants meet tests in a copy of the tree."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.sound: dict[str, bool] = {}
        self.met = 0

    def passes(self, file: str) -> tuple[bool, float]:
        """Whether a file of tests passes, and its processor seconds."""
        return apart(lambda: run(self.tree, file), LIMIT)

    def killer(self, mutant: Mutant) -> tuple[str, float]:
        """First file of tests that fails on a mutant, empty if it survives; processor seconds."""
        path = self.tree / mutant.path
        times, source = path.stat(), path.read_bytes()
        self.met += 1
        spent = 0.0
        for file in chosen(mutant.path):
            path.write_text(mutant.text, encoding="utf-8")
            os.utime(path, (self.met, self.met))  # no mutant is taken for another one's bytecode
            passed, seconds = self.passes(file)
            path.write_bytes(source)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            spent += seconds
            if not passed and self.is_sound(file):
                return file, spent
            if spent > PATIENCE:
                break
        return "", spent

    def is_sound(self, file: str) -> bool:
        """Whether a file of tests passes on the code as it is."""
        if file not in self.sound:
            self.sound[file], _ = self.passes(file)
            if not self.sound[file]:
                print(f"{file} fails without a mutant: left out", flush=True)
        return self.sound[file]


# The round ----------------------------------------------------------------------------------------


def copied(folder: Path) -> Path:
    """Copy of all files that git would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def prepare(tree: Path) -> None:
    """Import what all tests import, but nothing of the project."""
    sys.dont_write_bytecode = False
    sys.path[0] = str(tree / "src")
    os.environ.update(PYTHONPATH=str(tree / "src"), MPLBACKEND="agg", OPENBLAS_NUM_THREADS="1")
    for name in WARM:
        importlib.import_module(name)
    assert not any(name.startswith("helpers") for name in sys.modules)


def main() -> int:
    """Draw, record, meet, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--number", type=int, default=240)
    parser.add_argument("--seed", type=int, default=20231231)
    parser.add_argument("--only", type=int, nargs="+", help="numbers of mutants of the draw")
    given = parser.parse_args()
    drawn = dict(enumerate(draw(given.number, given.seed), start=1))
    survivors, begun = {}, time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder).resolve())
        prepare(tree)
        meeting = Meeting(tree)
        for number in given.only or drawn:
            mutant = drawn[number]
            by, seconds = meeting.killer(mutant)
            verdict = f"killed by {by}" if by else "SURVIVES"
            where = f"{mutant.path}:{mutant.line} {mutant.kind}"
            print(f"{number} {where}: {verdict}, {seconds:.0f} s", flush=True)
            if not by:
                survivors[number] = mutant
                print(mutant.diff(), flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    count = len(given.only or drawn)
    print(f"{count - len(survivors)} of {count} mutants killed ({1 - len(survivors) / count:.1%}), seed {given.seed}; "
          f"{(used.ru_utime + used.ru_stime + time.process_time() - begun) / 60:.0f} minutes of processor")  # fmt: skip
    print(f"survivors: {' '.join(map(str, survivors)) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
