"""``study report``: pages, a Word document and a PDF of a finished study."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import InputError, OutputError, ParameterError
from helpers.run import kept

if TYPE_CHECKING:  # the command line asks for its options long before it needs pandas
    from helpers.publish.report.outputs import Outputs
    from helpers.run.study import Study

FORMATS = ("web", "docx", "pdf")
FOLDER = "report"
# Of the tables, beside the CSV that every run writes.
TABLES = ("xlsx", "docx", "tex")
# What is imported, and for which format.
_NEEDED = {
    "web": ("sphinx", "furo", "myst_parser"),
    "docx": ("pypandoc", "docx", "markdown_it"),
    "pdf": ("pypandoc", "typst", "markdown_it"),
}


def check_installed(formats: Sequence[str]) -> None:
    """Raise InputError unless the libraries of the report are there.

    Parameters
    ----------
    formats : sequence of {"web", "docx", "pdf"}

    Raises
    ------
    InputError
        Names the command that installs them.
    """
    names = dict.fromkeys(name for one in formats for name in _NEEDED[one])
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"the report needs libraries that are not installed ({', '.join(missing)}). "
            "Install them with: python bootstrap.py report"
        )


def finished_study(study: str, language: str | None) -> Path:
    """The folder of the study to report on.

    Parameters
    ----------
    study : str
        A folder, or the name of one below ``output``; empty for the default study.
    language : {"en", "zh"} or None
        With no `study`: of the default study. Otherwise what that study has to be in.

    Returns
    -------
    Path
        Exists and holds a finished run.

    Raises
    ------
    InputError
        There is no such study, or it is in the other language.
    """
    from helpers.publish.report.outputs import read_run
    from helpers.run.parameters import check_language
    from helpers.run.study import Parameters, make_study, output_root

    check_language(language)
    if not study:
        folder = make_study(Parameters(language=language or "en")).folder
    else:
        folder = Path(study).expanduser().resolve()
        # A bare name means a study below output, and its neighbours are what was meant.
        if not folder.is_dir() and Path(study).name == study:
            folder = output_root(Parameters()) / study
    run = read_run(folder)
    found = run["parameters"].get("language", "en")
    if language is not None and found != language:
        raise ParameterError(
            f"--language {language}: the study in {folder} was run in {found!r}. Its notebooks hold their "
            f"words, so run it with --language {language} and report on that study."
        )
    return folder


def further_tables(study: Study, folder: Path, target: Path) -> Path:
    """Write the tables of a study in the formats that papers are written in.

    Parameters
    ----------
    study : Study
    folder : Path
        Of the study, with the recipes of its tables; a table without one stays CSV alone.
    target : Path
        Created.

    Returns
    -------
    Path
        `target`.
    """
    from helpers.publish import recipes, table_files

    target.mkdir()
    for path in sorted((folder / recipes.FOLDER).glob(f"*{recipes.SUFFIX}")):
        try:
            recipe = recipes.load(path)
            if recipe.kind == "table":
                frame, record = recipe.tell(study)
                table_files.write(frame, record, target, TABLES, study.language)
        except Exception as error:  # noqa: BLE001 - a view of today may not know what one of then kept
            name = path.name.removesuffix(recipes.SUFFIX)
            print(
                f"report: table {name} is offered as CSV alone, for another version of the project made it "
                f"({type(error).__name__}: {error}). Run the study again for all formats.",
                file=sys.stderr,
            )
    return target


def read_study(folder: Path) -> tuple[Study, Outputs]:
    """What a finished study left, with its place named and its sources at hand.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    study : Study
    outputs : Outputs

    Raises
    ------
    InputError
        The run cannot be read, or its parameters or data no longer hold.
    """
    from helpers.publish.report.outputs import read_outputs, read_run
    from helpers.run.study import Parameters, make_study

    run = read_run(folder)
    parameters = Parameters.from_mapping(run["parameters"])
    # Results are read from the folder given, wherever the run once wrote them.
    study = make_study(replace(parameters, output_dir=str(folder.parent)))
    names = study.name(study.city), study.name(study.province), study.basis_name
    sources = study.table("sources")
    return study, read_outputs(folder, run, sources, names, study.is_original)


def make_report(folder: Path, formats: Sequence[str] = FORMATS) -> Path:
    """Build the report of a finished study.

    Parameters
    ----------
    folder : Path
        Of the study.
    formats : sequence of {"web", "docx", "pdf"}

    Returns
    -------
    Path
        The report's folder. It is replaced in one step: an earlier report stays whole until then.

    Raises
    ------
    InputError
        The study cannot be read, a library is missing, or the folder cannot be written.
    """
    from helpers.run.study import check_writable

    check_installed(formats)
    check_writable(folder, "--study")
    study, outputs = read_study(folder)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as name:
        work = Path(name)
        if "web" in formats:
            outputs = replace(outputs, made=further_tables(study, folder, work / "tables"))
        built = _build(outputs, formats, work)
        kept.write_listing(built)
        for path in kept.set_aside(folder, kept.strangers_in_report(folder)):
            print(f"Not of the report, kept: {folder / path}", file=sys.stderr)
        return _install(built, folder / FOLDER, work)


def _build(outputs: Outputs, formats: Sequence[str], work: Path) -> Path:
    from helpers.publish.report import content, web

    target = work / FOLDER
    documents = [f"report.{one}" for one in ("docx", "pdf") if one in formats]
    if "web" in formats:
        reader = content.Reader(outputs, content.source_linker(outputs, "sources.html"))
        pages = [reader.page(path) for path in outputs.notebooks]
        (work / "web").mkdir()
        web.build(outputs, pages, target, documents, work / "web")
    target.mkdir(exist_ok=True)
    if documents:
        from helpers.publish.report import office

        reader = content.Reader(outputs, content.source_linker(outputs, ""))
        pages = [reader.page(path) for path in outputs.notebooks]
        (work / "office").mkdir()
        for name in documents:
            office.build(outputs, pages, target / name, work / "office")
    return target


def _install(built: Path, target: Path, work: Path) -> Path:
    """Put a report in the place of an earlier one."""
    old = work / "replaced"
    try:
        if target.exists():
            target.rename(old)
        built.rename(target)
    except OSError as error:
        if old.exists() and not target.exists():
            old.rename(target)
        raise OutputError(
            f"{target}: cannot be replaced ({error.strerror}). Close programs that have the report open "
            "and run again; the earlier report is unchanged."
        ) from error
    shutil.rmtree(old, ignore_errors=True)
    return target


def add_report(commands: Any) -> None:
    """Register the command ``report``.

    Parameters
    ----------
    commands : argparse subparsers
    """
    parser = commands.add_parser(
        "report", help="build web pages, a Word document and a PDF of a finished study"
    )
    parser.add_argument(
        "--study", metavar="DIR", default="",
        help="folder of the study, or its name below output/ (default: the default study)",
    )  # fmt: skip
    parser.add_argument("--language", metavar="VALUE", help="en or zh")
    parser.add_argument(
        "--formats", metavar="LIST", default=",".join(FORMATS),
        help=f"of {', '.join(FORMATS)} (default: all)",
    )  # fmt: skip
    parser.set_defaults(call=run_report)


def _formats(text: str) -> list[str]:
    chosen = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [one for one in chosen if one not in FORMATS]
    if unknown or not chosen:
        raise ParameterError(f"--formats {text}: give one or more of {', '.join(FORMATS)}.")
    return [one for one in FORMATS if one in chosen]


def run_report(arguments: argparse.Namespace) -> int:
    """Build the report and say where it is.

    Parameters
    ----------
    arguments : Namespace
        Of :func:`add_report`.

    Returns
    -------
    int
        0.

    Raises
    ------
    InputError
        See :func:`finished_study` and :func:`make_report`.
    """
    started = time.monotonic()
    formats = _formats(arguments.formats)
    check_installed(formats)
    folder = make_report(finished_study(arguments.study, arguments.language), formats)
    shown = [folder / "index.html"] if "web" in formats else []
    shown += [folder / f"report.{one}" for one in formats if one != "web"]
    for path in shown:
        print(f"Report:    {path}")
    print(f"Time:      {time.monotonic() - started:.0f} s")
    return 0
