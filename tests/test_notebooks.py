"""The notebooks: as stored, and as executed for three cities."""

from __future__ import annotations

import ast
import csv
import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from helpers.evidence import tables
from helpers.evidence.claims import LEDGER_PAGE
from helpers.publish import figures, legibility, recipes, venues
from helpers.run import kernels
from helpers.run.cli import main
from helpers.run.execute import notebook_files
from helpers.run.export import available, recorded
from helpers.run.study import STAGING_VARIABLE, Parameters, make_study

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in FILES]
BOOKS = [name for name in NAMES if name != "explore"]  # what a run executes
WITHOUT_CLAIMS = [name for name in NAMES if name.startswith(("02b_", "02c_"))]
SCRIPT = Path(sys.executable).parent / ("study.exe" if os.name == "nt" else "study")
MOST_LINES = 150

# Raises for every address beyond this machine and leaves a file that says which.
GUARD = """
import os, pathlib, socket

_folder = pathlib.Path({folder!r})


def _refuse(what):
    (_folder / f"blocked-{{os.getpid()}}").write_text(repr(what))
    raise OSError(f"the tests allow no network: {{what!r}}")


def _is_local(host):
    if isinstance(host, bytes):
        host = host.decode()
    return host in (None, "", "localhost", "::1", "0.0.0.0", "::", socket.gethostname()) or (
        str(host).startswith("127.")
    )


def _guarded(name):
    real = getattr(socket.socket, name)

    def connect(self, address):
        if self.family != getattr(socket, "AF_UNIX", None) and not _is_local(address[0]):
            _refuse(address)
        return real(self, address)

    return connect


_getaddrinfo = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    if not _is_local(host):
        _refuse(host)
    return _getaddrinfo(host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
for _name in ("connect", "connect_ex"):
    setattr(socket.socket, _name, _guarded(_name))
(_folder / f"guarded-{{os.getpid()}}").touch()
"""


def load(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# --- As stored --------------------------------------------------------------------------------


def test_every_section_has_its_notebook() -> None:
    numbers = [name.split("_")[0] for name in BOOKS]
    assert numbers == ["01", "02", "02b", "02c", "03", "04", "05", "05b", "06"]
    assert set(BOOKS) - {LEDGER_PAGE, *WITHOUT_CLAIMS} == set(tables.load("claims")["notebook"])


def test_runs_leave_out_the_page_of_widgets() -> None:
    assert [path.stem for path in notebook_files()] == BOOKS
    assert set(NAMES) - set(BOOKS) == {"explore"}


@pytest.mark.parametrize("name", WITHOUT_CLAIMS)
def test_a_companion_without_claims_says_which_outputs_are_its_own(name: str) -> None:
    number = name.split("_")[0]
    assert name not in set(tables.load("claims")["notebook"])
    text = "\n".join(cell.source for cell in load(ROOT / "notebooks" / f"{name}.ipynb").cells)
    assert "ledger" not in text and f"begin with `{number}_`" in text


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_stored_without_outputs(path: Path) -> None:
    notebook = load(path)
    nbformat.validate(notebook)
    for cell in code_cells(notebook):
        assert cell.outputs == [] and cell.execution_count is None
    assert "papermill" not in notebook.metadata
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"tags", "jupyter"}


def parameters_cell(path: Path) -> Any:
    tagged = [c for c in load(path).cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1, path.name
    return tagged[0]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_parameters_cell_is_the_same_everywhere(path: Path) -> None:
    cell = parameters_cell(path)
    assert cell.cell_type == "code"
    assert cell.source == parameters_cell(FILES[0]).source
    values = {s.targets[0].id: ast.literal_eval(s.value) for s in ast.parse(cell.source).body}
    assert tuple(values) == Parameters.names()
    assert Parameters(**values) == Parameters()
    assert all("  # " in line for line in cell.source.splitlines())


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_first_code_cells(path: Path) -> None:
    cells = code_cells(load(path))
    for statement in ast.parse(cells[0].source).body:
        assert isinstance(statement, ast.Import | ast.ImportFrom)
        assert not any(alias.name == "*" for alias in statement.names)
    assert cells[1].source == parameters_cell(path).source
    assert f'study = open_study("{path.stem}", globals())' in cells[2].source
    text = "\n".join(cell.source for cell in cells)
    assert not re.search(r"^\s*[%!]|sys\.path|os\.chdir|pip install|filterwarnings", text, re.M)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_length(path: Path) -> None:
    lines = [line.strip() for cell in code_cells(load(path)) for line in cell.source.splitlines()]
    count = len([line for line in lines if line and not line.startswith("#")])
    assert count <= MOST_LINES


def tagged(cell: Any, language: str) -> bool:
    return f"lang-{language}" in cell.metadata.get("tags", [])


def marks(text: str) -> tuple[list[str], list[str], list[str]]:
    """Headings with their numbers, words in backticks and claims: what no language changes."""
    headings = re.findall(r"^(#+ \d*[a-z]?)", text, re.MULTILINE)
    return headings, sorted(re.findall(r"`[^`]+`", text)), sorted(re.findall(r"[A-Z]\d-\d\d", text))


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_prose_is_paired(path: Path) -> None:
    prose = [cell for cell in load(path).cells if cell.cell_type == "markdown"]
    assert len(prose) % 2 == 0 and prose
    for english, chinese in zip(prose[::2], prose[1::2], strict=True):
        assert tagged(english, "en") and not tagged(english, "zh"), english.id
        assert tagged(chinese, "zh") and not tagged(chinese, "en"), chinese.id
        assert chinese.id == f"{english.id}-zh"
        assert marks(chinese.source) == marks(english.source), english.id
        # A translation, not a copy, and not a stub.
        han = len(re.findall("[\u4e00-\u9fff]", chinese.source))
        words = len(re.findall("[A-Za-z]+", re.sub(r"`[^`]+`", "", english.source)))
        assert han >= words * 0.9, (english.id, han, words)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_chinese_cell_follows_its_english_one(path: Path) -> None:
    cells = load(path).cells
    for cell, following in pairwise(cells):
        assert not tagged(cell, "en") or following.id == f"{cell.id}-zh"


# --- As executed ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One ``study run``."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def verdicts(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "verdicts.csv", dtype=str, keep_default_na=False)

    def notebooks(self) -> Iterator[tuple[str, Any]]:
        for path in sorted((self.folder / "notebooks").iterdir()):
            yield path.stem, load(path)


CITIES = {
    "liaoning_anshan": [],
    "jiangsu_suzhou_zh": ["--province", "江苏", "--city", "苏州", "--language", "zh"],
}


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guard")
    (folder / "sitecustomize.py").write_text(GUARD.format(folder=str(folder)), encoding="utf-8")
    return folder


def environment(guard: Path) -> dict[str, str]:
    path = [str(guard), os.environ.get("PYTHONPATH", "")]
    kept = {name: text for name, text in os.environ.items() if name != STAGING_VARIABLE}
    kept |= {"PYTHONPATH": os.pathsep.join(part for part in path if part)}
    return kept | {"PYTHONIOENCODING": "utf-8"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, guard: Path) -> dict[str, Run]:
    """Each city once, all at the same time, from a folder outside the checkout."""
    base = tmp_path_factory.mktemp("runs")
    started = {}
    for slug, arguments in CITIES.items():
        command = [str(SCRIPT), "run", "--quiet", "--workers", "1", "--output-dir", "out"]
        started[slug] = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", cwd=base, env=environment(guard),
        )  # fmt: skip
    found = {}
    try:
        for slug, process in started.items():
            out, err = process.communicate(timeout=900)
            found[slug] = Run(process.returncode, out, err, base / "out" / slug)
    finally:
        for process in started.values():
            process.kill()
            process.communicate()
    return found


@pytest.fixture(params=CITIES)
def run(request: pytest.FixtureRequest, runs: dict[str, Run]) -> Run:
    return runs[request.param]


def texts(cell: Any) -> Iterator[str]:
    """What a cell shows, the richest form of each output."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join([output.evalue, *output.traceback])
        else:
            forms = ("text/markdown", "text/html", "text/plain")
            shown = next((form for form in forms if form in output.data), None)
            if shown is not None:
                yield html.unescape(output.data[shown])


@pytest.mark.notebooks
def test_run_succeeds(run: Run) -> None:
    assert run.code == 0, run.err + run.out
    assert run.err == ""


@pytest.mark.notebooks
def test_every_claim_is_judged_by_exactly_one_notebook(run: Run) -> None:
    claims = tables.load("claims")
    assert len(claims) == 60
    parts = {
        path.stem: pd.read_csv(path, dtype=str)["claim_id"].tolist()
        for path in sorted((run.folder / "verdicts").iterdir())
    }
    assert list(parts) == [name for name in BOOKS if name not in WITHOUT_CLAIMS]
    assert parts.pop(LEDGER_PAGE) == list(claims["claim_id"])
    judged = [claim_id for part in parts.values() for claim_id in part]
    assert sorted(judged) == sorted(claims["claim_id"])
    for name, part in parts.items():
        assert part == claims.loc[claims["notebook"] == name, "claim_id"].tolist()
    verdicts = run.verdicts
    assert list(verdicts["claim_id"]) == list(claims["claim_id"])
    assert f"{len(claims)} claims" in run.out


def test_claims_of_the_city_do_not_apply_to_its_neighbour() -> None:
    place = tables.load("claims").set_index("claim_id")["place_id"]
    ledger = make_study(Parameters(city="大连"), LEDGER_PAGE).ledger
    assert {c for c in place.index if not ledger.applies(c)} == set(place.index[place == "210300"])
    assert ledger.check("C2-21").verdict == "not applicable"


@pytest.mark.notebooks
def test_claims_of_the_place_apply_only_there(runs: dict[str, Run]) -> None:
    place = tables.load("claims").set_index("claim_id")["place_id"]
    outside = {
        "liaoning_anshan": set(),
        "jiangsu_suzhou_zh": {"210000", "210300"},
    }
    for slug, codes in outside.items():
        verdicts = runs[slug].verdicts.set_index("claim_id")
        left_out = set(verdicts.index[verdicts["verdict"] == "not applicable"])
        assert left_out == set(place.index[place.isin(codes)]), slug
        rows = verdicts.loc[sorted(left_out), ["computed", "detail", "sources", "documentation"]]
        assert set(rows.to_numpy().ravel()) <= {""}, slug


def local_names() -> set[str]:
    """Names of Anshan's districts and firms; zones that every city has are left out."""
    districts = tables.load("districts")
    districts = districts[~districts["district_id"].str.contains("-")]
    names = set(districts["name_zh"].str.split("（").str[0])
    names |= {name.removesuffix("市").removesuffix("县") for name in names}
    names |= set(districts["name_en"].str.split(" (", regex=False).str[0])
    firms = tables.load("firms")
    for column in ("name_study_zh", "name_record_zh", "name_en", "name_short_en", "name_short_zh"):
        names |= set(firms[column].dropna())
    return names


def without_claims(text: str) -> str:
    """Text of an output less the study's own claims, whole or cut short by pandas."""
    claims = tables.load("claims")
    for claim in [*claims["claim_en"], *claims["claim_zh"]]:
        text = text.replace(claim, "")
        for length in (46, 47, 48):
            text = text.replace(claim[:length].rstrip() + "...", "")
            text = text.replace(claim[:length] + "...", "")
    return text


@pytest.mark.notebooks
@pytest.mark.parametrize("slug", ["jiangsu_suzhou_zh"])
def test_another_place_shows_none_of_anshans_districts_or_firms(
    slug: str, runs: dict[str, Run]
) -> None:
    names = local_names()
    assert {"海城", "Haicheng", "Tiedong", "Magna", "迈格纳"} <= names
    found = []
    for notebook, content in runs[slug].notebooks():
        for cell in content.cells:
            for text in texts(cell):
                rest = without_claims(text)
                hits = [n for n in names if re.search(rf"(?<![A-Za-z]){n}(?![A-Za-z])", rest)]
                found += [(notebook, name, cell.source[:60]) for name in hits]
    assert found == []
    for path in runs[slug].folder.glob("[tf]*/*.csv"):
        rest = without_claims(path.read_text(encoding="utf-8"))
        assert not [name for name in names if len(name) > 4 and name in rest], path.name


@pytest.mark.notebooks
def test_the_search_for_names_can_fail(runs: dict[str, Run]) -> None:
    shown = [
        without_claims(text)
        for _, content in runs["liaoning_anshan"].notebooks()
        for cell in content.cells
        for text in texts(cell)
    ]
    assert any("Haicheng" in text for text in shown)
    assert any("Magna" in text for text in shown)


@pytest.mark.notebooks
def test_committed_verdicts_are_those_of_the_default_run(runs: dict[str, Run]) -> None:
    committed = ROOT / "results" / "verdicts.csv"
    if not committed.is_file():
        pytest.skip("results/verdicts.csv is not there yet: run make study")
    with committed.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    with (runs["liaoning_anshan"].folder / "verdicts.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    changed = [a["claim_id"] for a, b in zip(expected, found, strict=True) if a != b]
    assert changed == [], "results/ is out of date: run make study"


@pytest.mark.notebooks
def test_no_output_is_an_error_or_a_warning(run: Run) -> None:
    for name, content in run.notebooks():
        for cell in code_cells(content):
            for output in cell.outputs:
                assert output.output_type != "error", (name, cell.source[:60])
                assert output.get("name") != "stderr", (name, output.text[:200])
            for text in texts(cell):
                assert "Traceback" not in text, (name, cell.source[:60])
                assert not re.search(r"\b(nan|NaT)\b", text), (name, text[:200])


@pytest.mark.notebooks
def test_figures_are_complete(run: Run) -> None:
    names = {path.stem for path in (run.folder / "figures").iterdir()}
    assert {name[:2] for name in names} >= {"01", "02", "03", "05"}
    for name in names:
        picture = (run.folder / "figures" / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG\r\n") and len(picture) > 5_000, name
        for suffix in (".svg", ".pdf", ".csv"):
            assert (run.folder / "figures" / f"{name}{suffix}").stat().st_size > 0, name


@pytest.mark.notebooks
def test_figure_files_are_small(run: Run) -> None:
    sizes = {
        path.name: path.stat().st_size
        for path in (run.folder / "figures").iterdir()
        if path.suffix in (".svg", ".pdf")
    }
    assert sizes and {name: size for name, size in sizes.items() if size > 300_000} == {}


@pytest.mark.notebooks
@pytest.mark.parametrize("width", ["screen", "cn"])
def test_figures_can_be_read(run: Run, width: str) -> None:
    """No text too small, clipped or covered, on the screen and at the width of a printed page."""
    study = recorded(run.folder)
    setting = replace(venues.venue(width).at(), formats=("png",), dpi=50)
    told = []
    with figures.using(setting):
        for path in available(run.folder).values():
            recipe = recipes.load(path)
            if recipe.kind == "figure":
                with figures.styled():
                    figure, record, _ = recipe.tell(study)
                if width == "screen":  # as the caption in the other language is told
                    assert recipe.record(study) == record
                figures.render(figure, record, study.language)
                told += [f"{record.name}: {item}" for item in legibility.findings(figure)]
    assert told == []


@pytest.mark.notebooks
def test_nothing_else_is_left_behind(runs: dict[str, Run]) -> None:
    base = next(iter(runs.values())).folder.parent
    assert {path.name for path in base.iterdir()} == set(CITIES)
    assert [path.name for path in base.parent.iterdir()] == ["out"]


@pytest.mark.notebooks
def test_kernels_use_no_network(runs: dict[str, Run], guard: Path) -> None:
    blocked = [path.read_text(encoding="utf-8") for path in guard.glob("blocked-*")]
    assert blocked == []
    # The commands, and the processes that their kernels are forked from or the kernels themselves.
    started = 1 if kernels.available() else len(BOOKS)
    assert len(list(guard.glob("guarded-*"))) >= len(CITIES) * (1 + started)


def test_network_guard_works(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD.format(folder=str(tmp_path)), encoding="utf-8")
    code = """
import socket
socket.getaddrinfo("localhost", 80)
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
for call in (
    lambda: socket.getaddrinfo("example.org", 80),
    lambda: socket.create_connection(("192.0.2.1", 80), 0.1),
    lambda: socket.socket().connect_ex(("192.0.2.1", 80)),
):
    try:
        call()
    except OSError as error:
        assert "the tests allow no network" in str(error), error
    else:
        raise SystemExit("not refused")
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("blocked-*"))) == 1


# --- Plain papermill --------------------------------------------------------------------------


def papermill(folder: Path, name: str, out: str, *arguments: str) -> subprocess.Popen[str]:
    source = os.path.relpath(ROOT / "notebooks" / f"{name}.ipynb", folder)
    kept = {key: text for key, text in os.environ.items() if key != STAGING_VARIABLE}
    return subprocess.Popen(
        [sys.executable, "-m", "papermill", source, out, "--no-progress-bar", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=folder,
        env=kept | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


@pytest.mark.notebooks
def test_the_page_of_widgets_is_executed(tmp_path: Path) -> None:
    process = papermill(
        tmp_path, "explore", "out.ipynb", "-p", "language", "zh", "-p", "output_dir", "res"
    )  # fmt: skip
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    outputs = [o for cell in code_cells(load(tmp_path / "out.ipynb")) for o in cell.outputs]
    assert any("application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs)
    assert not (tmp_path / "res").exists()  # nothing is written unless it is saved


@pytest.mark.notebooks
def test_plain_papermill_from_another_folder(tmp_path: Path) -> None:
    process = papermill(
        tmp_path, "03_city_distribution", "out.ipynb", "-p", "output_dir", "res", "-p", "city",
        "210200",
    )  # fmt: skip
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert (tmp_path / "out.ipynb").is_file()
    folder = tmp_path / "res" / "liaoning_dalian"
    assert (folder / "verdicts" / "03_city_distribution.csv").is_file()
    assert list((folder / "figures").glob("03_*.png"))


@pytest.mark.notebooks
def test_plain_papermill_fails_early_with_the_message_of_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    row = {"place_id": "210300", "as_of": "2022", "residents_10k_persons": "-3"}
    table = pd.DataFrame([row | {"source_id": "STUDY"}], columns=tables.load("population").columns)
    table.to_csv(own / "population.csv", index=False)
    cases = {
        "01_concept": ("provnce", "x"),
        "04_growth_paths": ("city", "nowhere"),
        "05_policy_recommendations": ("data_dir", str(own)),
    }
    started = {
        name: papermill(tmp_path, name, f"{name}.ipynb", "-p", *pair)
        for name, pair in cases.items()
    }
    for name, process in started.items():
        _, err = process.communicate(timeout=300)
        assert main(["check", "-p", *cases[name]]) == 2
        message = capsys.readouterr().err.removeprefix("study: ").strip()
        assert process.returncode == 1
        assert message in err
        cells = code_cells(load(tmp_path / f"{name}.ipynb"))
        # papermill puts cells of its own before those of the notebook.
        ran = [cell for cell in cells if cell.execution_count is not None]
        failed = [out for cell in ran for out in cell.outputs if out.output_type == "error"]
        assert [out.evalue for out in failed] == [message]
        assert failed[0] in ran[-1].outputs and len(ran) <= 4
        # The message alone, without a stack of calls.
        assert failed[0].traceback == [f"{failed[0].ename}: {message}"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == ["", *[".ipynb"] * 3]
