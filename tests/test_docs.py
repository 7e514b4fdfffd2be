"""What the documentation says holds: links, commands, names, messages, examples, both languages."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
import yaml

from helpers.analysis import cities
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.claims import DOCUMENTATION, VERDICTS
from helpers.evidence.tables import schemas
from helpers.publish import city_views
from helpers.run.cli import _parser
from helpers.run.study import Parameters, make_study

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in kept}


# --- Links and commands -----------------------------------------------------------------------


def links(path: Path) -> Iterator[tuple[str, str]]:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", without_code(path.read_text("utf-8"))):
        file, _, anchor = target.partition("#")
        yield file, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for file, anchor in links(page):
        target = page.parent / file if file else page
        assert target.exists(), file
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), anchor


def test_anchors_are_made_as_github_makes_them() -> None:
    assert anchors("# A b\n## 13. Criteria: screening\n```\n# no\n```\n### 数据 one") == {
        "a-b", "13-criteria-screening", "数据-one",
    }  # fmt: skip


def blocks(text: str) -> list[str]:
    """The fenced blocks of no language. All are read, or the end of one would be taken for a start."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for language, block in found if not language]


def commands(text: str) -> list[list[str]]:
    """The calls of ``study`` in a page's fenced blocks, as words."""
    lines = [line for block in blocks(text) for line in block.splitlines()]
    calls = [line for line in lines if re.match(r"\S*study ", line.replace("\\", "/"))]
    return [shlex.split(line, comments=True)[1:] for line in calls]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_are_understood(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        try:
            _parser().parse_args(words)
        except InputError as error:  # argparse's own complaint
            pytest.fail(f"study {' '.join(words)}: {error}")


def test_commands_are_found_and_misuse_is_seen() -> None:
    assert commands("```\n.venv/bin/study run --city 大连  # a\nmake x\n```\n") == [
        ["run", "--city", "大连"]
    ]
    assert commands("```python\nx\n```\n\n```\nstudy check\n```\n") == [["check"]]
    assert sum(len(commands(page.read_text(encoding="utf-8"))) for page in PAGES) > 20
    with pytest.raises(InputError):
        _parser().parse_args(["run", "--cty=x", "--seed"])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_make_targets_and_bootstrap_groups_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    text = page.read_text(encoding="utf-8")
    called = re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE)
    assert set(called) <= targets
    groups = re.findall(r"bootstrap\.py ([a-z]+)", text)
    assert set(groups) <= {"base", *extras}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_rows_of_a_table_have_as_many_cells_as_its_head(page: Path) -> None:
    width = 0
    for line in without_code(page.read_text(encoding="utf-8")).splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not (width and cells) or cells == width, line
        width = cells


# --- The README in two languages --------------------------------------------------------------


def numbers(text: str) -> list[str]:
    """Numbers as printed, in order of size, those of addresses left out."""
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return sorted(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text))


def uncommented(text: str) -> list[str]:
    lines = [line for block in blocks(text) for line in block.splitlines()]
    return [re.sub(r"\s+# .*$", "", line) for line in lines]


def test_both_readmes_say_the_same() -> None:
    english, chinese = read("README.md"), read("README.zh.md")
    levels = [
        re.findall(r"^(#+) ", without_code(text), re.MULTILINE) for text in (english, chinese)
    ]
    assert levels[0] == levels[1] and len(levels[0]) > 5
    assert uncommented(english) == uncommented(chinese)
    own = {"README.md", "README.zh.md"}
    targets = [
        [file for file, _ in links(ROOT / name) if file not in own]
        for name in ("README.md", "README.zh.md")
    ]
    assert targets[0] == targets[1]
    assert numbers(english) == numbers(chinese)
    rows = [len(re.findall(r"^\|", text, re.MULTILINE)) for text in (english, chinese)]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_is_a_front_door(name: str) -> None:
    text = read(name)
    assert len(text.splitlines()) <= 100
    assert re.findall(r"\]\((docs/figure[\w-]*\.png)\)", text) == [
        "docs/figure.png", "docs/figure-ledger.png", "docs/figure-bounds.png",
    ]  # fmt: skip


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    left = [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page in reached:
            continue
        reached.add(page)
        left += [(page.parent / file).resolve() for file, _ in links(page) if file.endswith(".md")]
    assert set(DOCS.glob("*.md")) <= reached


# --- Methods ----------------------------------------------------------------------------------


def exists(name: str) -> bool:
    """Whether a dotted name is a module of ``helpers`` or something in one."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["helpers", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def spans(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", without_code(text)))


def test_methods_names_only_what_exists() -> None:
    books = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    for name in spans(read("docs/methods.md")):
        if re.fullmatch(r"[a-z_]+(\.[A-Za-z_]+)+", name):
            full = name if name.startswith("evidence.") else f"analysis.{name}"
            assert exists(full), name
        elif re.fullmatch(r"\d\d[a-z]?_\w+", name):
            assert name in books, name
        elif re.fullmatch(r"[a-z_]+", name):
            assert name in schemas(), name
    assert not exists("analysis.shares.no_such") and not exists("analysis.none.x")


def test_methods_has_every_module_of_the_analysis() -> None:
    named = {part for name in spans(read("docs/methods.md")) for part in name.split(".")}
    folder = ROOT / "src" / "helpers" / "analysis"
    modules = {path.stem for path in folder.rglob("*.py")} - {"__init__"}
    assert modules - named == set()


def test_formulae_survive_markdown() -> None:
    """GitHub reads a backslash before punctuation as its own."""
    text = read("docs/methods.md")
    assert re.findall(r"\\[^A-Za-z\s]", text) == []
    assert text.count("$$") % 2 == 0


# --- Verdicts ---------------------------------------------------------------------------------


def test_verdicts_and_grades_are_those_of_the_ledger() -> None:
    page = read("docs/verdicts.md")
    rows = dict(re.findall(r"^\| ([a-z ]+) \| (.+) \|$", page, re.MULTILINE))
    assert {name: rows[name] for name in VERDICTS} == VERDICTS
    assert set(DOCUMENTATION) <= set(rows)


def test_the_worked_example_prints_what_the_page_says() -> None:
    outcome = doctest.testfile(str(DOCS / "verdicts.md"), module_relative=False)
    assert outcome.attempted > 15 and outcome.failed == 0


def test_the_example_by_hand_adds_up() -> None:
    page = read("docs/verdicts.md")
    parts = [int(n) for n in re.search(r"(\d+) \+ (\d+) \+ (\d+) = (\d+)", page).groups()]  # type: ignore[union-attr]
    assert sum(parts[:3]) == parts[3]
    found = re.findall(r"(\d+) / ([\d,]+) = ([\d.]+) %", page)
    assert len(found) == 3
    for part, whole, share in found:
        assert f"{100 * int(part) / int(whole.replace(',', '')):.2f}" == share


# --- Errors -----------------------------------------------------------------------------------


def messages(text: str) -> list[str]:
    """Strings of a module, with … for what an f-string fills in."""
    found: list[tuple[int, str]] = []
    inside: set[int] = set()
    for node in ast.walk(ast.parse(text)):  # an f-string comes before its parts
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            parts = (
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
            )
            found.append((id(node), "".join(parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append((id(node), node.value))
    return [message for key, message in found if key not in inside]


def quotes(quoted: str, message: str) -> bool:
    """Whether a message holds the quoted parts in their order."""
    parts = [part.strip() for part in quoted.split("…") if part.strip()]
    position = 0
    for part in parts:
        found = message.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return bool(parts)


def test_quoted_messages_are_those_of_the_code() -> None:
    files = [ROOT / "bootstrap.py", *(ROOT / "src").rglob("*.py")]
    known = [text for file in files for text in messages(file.read_text(encoding="utf-8"))]
    quoted = re.findall(r"^\| `([^`]+)` \|", read("docs/errors.md"), re.MULTILINE)
    assert len(quoted) > 35
    for text in quoted:
        assert any(quotes(text, message) for message in known), text
    assert not any(quotes("parameter … is no such thing", message) for message in known)


def test_quotation_keeps_the_order() -> None:
    assert quotes("a … c", "a b c") and not quotes("c … a", "a b c") and not quotes("…", "a")
    assert messages('x = f"row {1}: " "bad"') == ["row …: bad"]


# --- Recipes ----------------------------------------------------------------------------------


@pytest.fixture
def example() -> str:
    """The example of a view in CONTRIBUTING."""
    return read("CONTRIBUTING.md").split("```python\n")[1].split("```")[0]


def test_the_example_of_a_view_is_formatted(example: str) -> None:
    line = [sys.executable, "-m", "ruff", "format", "--check", "--stdin-filename", "x.py", "-"]
    done = subprocess.run(
        line, input=example.encode(), cwd=ROOT, capture_output=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Residents of cities"), ("zh", "各市常住人口")]
)
def test_the_example_of_a_view_draws(example: str, language: str, title: str) -> None:
    names = dict(vars(city_views))
    exec(example, names)
    study = make_study(Parameters(language=language))
    ids = ["210300", "210100"]
    people = cities.latest_residents(study.table("population"), ids)
    figure, record, frame = names["residents"](study, people)
    plt.close(figure)
    assert (record.name, record.title) == ("03_residents", title)
    assert frame["residents_10k_persons"].tolist() == [328.2, 911.8]
    assert "L-S28" in record.source


# --- Citation, licences, manifests ------------------------------------------------------------


def test_citation_agrees_with_the_project() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(citation["date-released"]))


def test_the_page_on_citing_names_this_version() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    assert f"Version {version}." in read("docs/checklists.md")


def test_sources_are_counted_as_they_are() -> None:
    sources = tables.load("sources")
    counted = re.findall(r"^\| ([ABC]) [^|]+ \| (\d+) \| (\d+) \| (\d+) \|$", read("docs/checklists.md"), re.MULTILINE)  # fmt: skip
    found = {
        grade: [int((sources.loc[sources["grade"] == grade, "access"] == access).sum())
                for access in ("direct", "copy", "standard")]
        for grade in "ABC"
    }  # fmt: skip
    assert {grade: list(map(int, cells)) for grade, *cells in counted} == found
    assert sources.loc[sources["access"] == "direct", "url"].notna().all()


def test_every_folder_of_data_is_listed() -> None:
    page = read("docs/checklists.md")
    folders = [path.name for path in (ROOT / "data").iterdir() if path.is_dir()]
    assert [name for name in folders if f"`data/{name}`" not in page] == []


def test_every_licence_used_is_there_and_no_other() -> None:
    entries = tomllib.loads(read("REUSE.toml"))["annotations"]
    used = {word for entry in entries for word in entry["SPDX-License-Identifier"].split(" AND ")}
    assert {path.stem for path in (ROOT / "LICENSES").glob("*.txt")} == used
    assert read("LICENSES/MIT.txt") == read("LICENSE")
