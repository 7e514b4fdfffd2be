"""Command line: ``study new``, ``study check``, ``study run``, ``study diff`` and ``study screen``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from helpers import __version__
from helpers.errors import InputError, ParameterError
from helpers.evidence.places import near
from helpers.run.diff import add_diff
from helpers.run.folder import add_folder, add_new, check_command, folder_values, read_yaml
from helpers.run.study import (
    LANGUAGES,
    Parameters,
    check_fragments,
    check_writable,
    make_study,
    output_root,
)

_HELP = {
    "province": "province, in Chinese or English, or its GB/T 2260 code",
    "city": "prefecture-level city of the province",
    "through_batch": "last batch of little giants considered in notebook 02, 1 to 7",
    "basis": "study, certified or announced",
    "language": "en or zh: words in figures",
    "seed": "for random numbers: simulated residuals and permutations in notebook 02c",
    "data_dir": "folder with your own tables",
    "output_dir": "folder under which the study's folder is made",
}

_SCREEN_OPTIONS = ("regime", "on", "out", "skip_invalid", "details", "language")


class _Parser(argparse.ArgumentParser):
    """Reports misuse like every other bad input: one message, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise ParameterError(f"{message}. See {self.prog} --help.")


def _options(parser: argparse.ArgumentParser) -> None:
    for item in fields(Parameters):
        default = f" (default: {item.default})" if item.default != "" else ""
        flag = "--" + item.name.replace("_", "-")
        parser.add_argument(flag, dest=item.name, metavar="VALUE", help=_HELP[item.name] + default)
    parser.add_argument(
        "-p", "--parameter", action="append", nargs=2, default=[], metavar=("NAME", "VALUE"),
        help="any parameter by name, as papermill takes it",
    )  # fmt: skip
    parser.add_argument("-f", "--file", metavar="YAML", help="file with parameters")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="study", description="Run the study for a city and its province.")
    parser.add_argument("--version", action="version", version=f"study {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="execute the notebooks into output/<study>/")
    add_folder(run)
    _options(run)
    run.add_argument("--workers", type=int, metavar="N", help="notebooks at a time")
    run.add_argument("--results", metavar="DIR", help="also copy verdicts and tables to DIR")
    run.add_argument("--quiet", action="store_true", help="no progress bar")
    check = commands.add_parser("check", help="check parameters and data tables, run nothing")
    add_folder(check)
    _options(check)
    add_new(commands)
    add_diff(commands)
    _screen_options(
        commands.add_parser("screen", help="hold a table of firms against the criteria")
    )
    return parser


def _screen_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="CSV or XLSX made from data/templates/firms")
    parser.add_argument("--regime", metavar="YEAR", help="2022 or 2026: act for the next step")
    parser.add_argument("--on", metavar="DATE", help="day of the screening (default: today)")
    parser.add_argument(
        "--out", metavar="DIR", help="folder of the results (default: output/screening)"
    )
    parser.add_argument("--skip-invalid", action="store_true", help="leave out rows with a fault")
    parser.add_argument(
        "--details", action="store_true", help="also write every condition of every firm"
    )
    parser.add_argument("--language", metavar="VALUE", default="en", help="en or zh")


def _number(text: str) -> int | str:
    """A whole number where the text is one; otherwise the text, for the message."""
    try:
        return int(text)
    except ValueError:
        return text


def _file_values(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    return read_yaml(Path(path), f"--file {path}")


def parameters_from_arguments(arguments: argparse.Namespace) -> Parameters:
    """Parameters from a study's folder, from a file, from ``-p NAME VALUE`` and from options, the later ones winning.

    Raises
    ------
    ParameterError
        See :class:`helpers.run.study.Parameters`.
    """
    values = folder_values(arguments.folder) | _file_values(arguments.file)
    values |= dict(arguments.parameter)
    for item in fields(Parameters):
        given = getattr(arguments, item.name)
        if given is not None:
            values[item.name] = given
    for name in ("through_batch", "seed"):
        if isinstance(values.get(name), str):
            values[name] = _number(values[name])
    return Parameters.from_mapping(values)


def _shown(path: Path) -> Path:
    try:
        return Path(os.path.relpath(path))
    except ValueError:  # another drive on Windows
        return path


def _run(arguments: argparse.Namespace) -> int:
    parameters = parameters_from_arguments(arguments)
    if arguments.workers is not None and arguments.workers < 1:
        raise ParameterError(f"--workers {arguments.workers}: give 1 or more.")
    # Checked before the heavy imports, so that a typing error is reported at once.
    make_study(parameters)
    if arguments.results:
        check_writable(Path(arguments.results).expanduser().resolve(), "--results")
    from helpers.run.execute import execute, update_results

    result = execute(parameters, workers=arguments.workers, progress=not arguments.quiet)
    place = result.study
    print(
        f"\n{place.city.label('en')}, {place.province.label('en')}: {len(result.verdicts)} claims"
    )
    for verdict, count in result.counts.items():
        print(f"  {count:3d} {verdict}")
    where = _shown(result.folder)
    print(f"Verdicts:  {where / 'verdicts.csv'}")
    print(f"Notebooks: {where / 'notebooks'}")
    print(f"Figures:   {where / 'figures'}")
    print(f"Tables:    {where / 'tables'}")
    slow = "" if result.warm else " (ordinary kernels: processes cannot be forked safely here)"
    print(f"Time:      {result.seconds:.0f} s{slow}")
    for failure in result.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    if result.failures:
        print("The executed copies show the failing cells.", file=sys.stderr)
        return 1
    if arguments.results:
        update_results(result, Path(arguments.results).expanduser())
    return 0


def _check(arguments: argparse.Namespace) -> int:
    if arguments.folder is not None:
        return check_command(arguments.folder, arguments.language)
    study = make_study(parameters_from_arguments(arguments))
    check_fragments(study)
    place = f"{study.city.name_zh}, {study.province.name_zh}"
    print(f"{place}: parameters and data tables are sound, and the counts can all hold together.")
    return 0


def _screen(arguments: argparse.Namespace) -> int:
    if arguments.language not in LANGUAGES:
        raise ParameterError(f"--language {arguments.language}: give {' or '.join(LANGUAGES)}.")
    from helpers.run.screen import Options, run_screen

    out = (
        Path(arguments.out).expanduser()
        if arguments.out
        else output_root(Parameters()) / "screening"
    )
    file = Path(arguments.file).expanduser()
    options = Options(file, arguments.regime, arguments.on, out, arguments.skip_invalid,
                      arguments.language, arguments.details)  # fmt: skip
    run_screen(options)
    return 0


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the command ``study``.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments; None for those of the process.

    Returns
    -------
    int
        0 if all went well, 1 if a notebook failed, 2 for unusable input, 130 when interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console may not have UTF-8; a message must not fail for that.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    parser = _parser()
    try:
        arguments, rest = parser.parse_known_args(argv)
        if rest:
            own = _SCREEN_OPTIONS if arguments.command == "screen" else Parameters.names()
            names = ["--" + name.replace("_", "-") for name in own]
            raise ParameterError(f"unknown argument {rest[0]}: {near(rest[0], names)}")
        signal.signal(signal.SIGTERM, _interrupt)
        own = {"run": _run, "check": _check, "screen": _screen}
        call = own.get(arguments.command) or arguments.call
        return int(call(arguments))
    except InputError as error:
        print(f"study: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(
            f"study: {where}{error.strerror or error}. Close programs that have the file open, or "
            "free space on the disk, and run again; earlier results are unchanged.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("study: interrupted; earlier results are unchanged.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
