"""Command line: ``study new``, ``run``, ``batch``, ``check``, ``diff``, ``screen``, ``report``, ``export``.

What is heavy is imported by the command that needs it, so that help and misuse are answered at once.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from helpers import __version__
from helpers.errors import DataError, InputError, ParameterError
from helpers.run.diff import add_diff
from helpers.run.export import add_export
from helpers.run.folder import add_folder, add_new, check_command, folder_values, read_yaml
from helpers.run.intake import add_import
from helpers.run.interruption import listen
from helpers.run.limits import Limits
from helpers.run.parameters import Parameters, check_language
from helpers.run.report import add_report

if TYPE_CHECKING:
    from helpers.run.batch_table import Row
    from helpers.run.execute import Result

_HELP = {
    "province": "province, in Chinese or English, or its GB/T 2260 code",
    "city": "prefecture-level city of the province",
    "through_batch": "last batch of little giants considered in notebooks 02, 02b and 03, 1 to 7",
    "basis": "study, certified or announced",
    "language": "en or zh: language of prose, figures and tables",
    "seed": "for random numbers: simulated residuals and permutations in notebook 02c",
    "data_dir": "folder with your own tables",
    "output_dir": "folder under which the study's folder is made",
}

_SCREEN_OPTIONS = ("regime", "on", "out", "skip_invalid", "details", "language")


class _Parser(argparse.ArgumentParser):
    """Reports misuse like every other bad input: one message, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise ParameterError(f"{message}. See {self.prog} --help.")


def _options(parser: argparse.ArgumentParser, without: Sequence[str] = ()) -> None:
    for item in fields(Parameters):
        if item.name in without:
            continue
        default = f" (default: {item.default})" if item.default != "" else ""
        flag = "--" + item.name.replace("_", "-")
        parser.add_argument(flag, dest=item.name, metavar="VALUE", help=_HELP[item.name] + default)
    parser.add_argument(
        "-p", "--parameter", action="append", nargs=2, default=[], metavar=("NAME", "VALUE"),
        help="any parameter by name, as papermill takes it",
    )  # fmt: skip
    parser.add_argument("-f", "--file", metavar="YAML", help="file with parameters")


def _execution(parser: argparse.ArgumentParser) -> None:
    """Options of how to execute, the same for one study and for many."""
    usual = Limits()
    parser.add_argument("--workers", type=int, metavar="N", help="notebooks at a time")
    parser.add_argument("--force", action="store_true", help="execute also what has not changed")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.add_argument(
        "--time-limit", type=float, default=usual.seconds, metavar="SECONDS",
        help=f"kill a notebook that takes longer, 0 for never (default: {usual.seconds:g})",
    )  # fmt: skip
    parser.add_argument(
        "--memory-limit", type=float, metavar="MIB",
        help="kill a notebook that takes more, 0 for never (default: a fair share)",
    )  # fmt: skip
    parser.add_argument("--log", metavar="FILE", help="add a JSON line for each event to FILE")


def _batch_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "table",
        nargs="?",
        metavar="TABLE",
        help="CSV or YAML with one study a row; see docs/batch.md",
    )
    what.add_argument(
        "--all-provinces", action="store_true",
        help="all 31 provincial units, each with its capital as the city",
    )  # fmt: skip
    what.add_argument("--cities", metavar="PROVINCE", help="all cities of a province")
    _options(parser, without=("province", "city"))
    _execution(parser)
    parser.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="Dask scheduler, as tcp://host:8786"
    )
    parser.add_argument(
        "--copy-to", default="", metavar="URL",
        help="also write executed notebooks there, as papermill does (folder, s3://..., gs://...)",
    )  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="study", description="Run the study for a city and its province.")
    parser.add_argument("--version", action="version", version=f"study {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_new(commands)
    run = commands.add_parser("run", help="execute the notebooks into output/<study>/")
    add_folder(run)
    _options(run)
    _execution(run)
    run.add_argument("--results", metavar="DIR", help="also copy verdicts and tables to DIR")
    run.set_defaults(call=_run)
    batch = commands.add_parser("batch", help="the same for many places, with a page over all")
    _batch_options(batch)
    batch.set_defaults(call=_batch)
    check = commands.add_parser("check", help="check parameters and data tables, run nothing")
    add_folder(check)
    _options(check)
    check.set_defaults(call=_check)
    screen = commands.add_parser("screen", help="hold a table of firms against the criteria")
    _screen_options(screen)
    screen.set_defaults(call=_screen)
    add_diff(commands)
    add_report(commands)
    add_export(commands)
    add_import(commands)
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


def _values(arguments: argparse.Namespace) -> dict[str, Any]:
    """Values of a study's folder, of a file, of ``-p NAME VALUE`` and of options, later ones winning."""
    values = folder_values(getattr(arguments, "folder", None)) | _file_values(arguments.file)
    values |= dict(arguments.parameter)
    for item in fields(Parameters):
        given = getattr(arguments, item.name, None)
        if given is not None:
            values[item.name] = given
    for name in ("through_batch", "seed"):
        if isinstance(values.get(name), str):
            values[name] = _number(values[name])
    return values


def parameters_from_arguments(arguments: argparse.Namespace) -> Parameters:
    """Parameters from a study's folder, a file, ``-p NAME VALUE`` and options, the later ones winning.

    Raises
    ------
    ParameterError
        See :class:`helpers.run.study.Parameters`.
    """
    return Parameters.from_mapping(_values(arguments))


def _shown(path: Path) -> Path:
    try:
        return Path(os.path.relpath(path))
    except ValueError:  # another drive on Windows
        return path


def _limits(arguments: argparse.Namespace) -> Limits | None:
    """Limits that were asked for; None for the usual ones."""
    if arguments.workers is not None and arguments.workers < 1:
        raise ParameterError(f"--workers {arguments.workers}: give 1 or more.")
    for name in ("time_limit", "memory_limit"):
        value = getattr(arguments, name)
        if value is not None and not 0 <= value < float("inf"):
            raise ParameterError(f"--{name.replace('_', '-')} {value}: give 0 or more.")
    if arguments.memory_limit is None and arguments.time_limit == Limits().seconds:
        return None
    return Limits(arguments.time_limit, arguments.memory_limit)


def _print_study(place: str, counts: dict[str, int], folder: Path, time: str) -> None:
    print(f"\n{place}: {sum(counts.values())} claims")
    for verdict, count in counts.items():
        print(f"  {count:3d} {verdict}")
    where = _shown(folder)
    print(f"Verdicts:  {where / 'verdicts.csv'}")
    print(f"Notebooks: {where / 'notebooks'}")
    print(f"Figures:   {where / 'figures'}")
    print(f"Tables:    {where / 'tables'}")
    print(f"Time:      {time}")


@dataclass(frozen=True)
class _Unchanged:
    """A study in which there was nothing to do."""

    folder: Path
    failures: tuple[str, ...] = ()


def _nothing_to_do(parameters: Parameters, results: str | None) -> bool:
    """Say so if the results of an earlier run all stand."""
    from helpers.run.current import find_current

    found = find_current(parameters)
    if found is None:
        return False
    folder, record = found
    _print_study(
        record.summary["place"], record.summary["verdicts"], folder,
        "nothing has changed since the last run (--force runs it again)",
    )  # fmt: skip
    if results:
        from helpers.run.results import update_results

        update_results(_Unchanged(folder), Path(results).expanduser())
    return True


def _run(arguments: argparse.Namespace) -> int:
    parameters = parameters_from_arguments(arguments)
    limits = _limits(arguments)
    if not (arguments.force or arguments.log) and _nothing_to_do(parameters, arguments.results):
        return 0
    result = _executed(parameters, limits, arguments)
    slow = "" if result.warm else " (ordinary kernels: processes cannot be forked safely here)"
    kept = f", {result.kept} notebooks unchanged" if result.kept else ""
    _print_study(result.place, result.counts, result.folder, f"{result.seconds:.0f} s{kept}{slow}")
    _print_set_aside(result.folder, result.set_aside)
    for failure in result.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    if result.failures:
        print("The executed copies show the failing cells.", file=sys.stderr)
        return 1
    if arguments.results:
        from helpers.run.results import update_results

        update_results(result, Path(arguments.results).expanduser())
    return 0


def _print_set_aside(folder: Path, names: Sequence[str]) -> None:
    """Say where a user's own files are that lay among the results."""
    for name in names:
        print(f"Not a result, kept: {_shown(folder) / name}", file=sys.stderr)


def _executed(
    parameters: Parameters, limits: Limits | None, arguments: argparse.Namespace
) -> Result:
    """The study's notebooks executed; kernels import while this process checks and plans."""
    from helpers.run.kernels import started_ahead

    with started_ahead(arguments.force or not arguments.log, many=False):
        from helpers.run.study import check_writable, make_study

        # Checked before the heavy imports, so that a typing error is reported at once.
        make_study(parameters)
        if arguments.results:
            check_writable(Path(arguments.results).expanduser().resolve(), "--results")
        from helpers.run.execute import execute

        return execute(
            parameters, workers=arguments.workers, progress=not arguments.quiet,
            force=arguments.force, limits=limits, log=_log(arguments),
        )  # fmt: skip


def _log(arguments: argparse.Namespace) -> Path | None:
    return Path(arguments.log).expanduser().resolve() if arguments.log else None


def _print_batch(where: Path, index: str, results: str) -> None:
    print(f"Overview:    {where / index}")
    print(f"All results: {where / results}.csv, {where / results}.parquet")


def _rows(path: Path, defaults: Parameters) -> list[Row]:
    """Studies of a table, whose places are not looked up yet unless something is wrong with it."""
    from helpers.run.batch_table import read_table

    try:
        return read_table(path, defaults, checked=False)
    except DataError:
        return read_table(path, defaults)  # so that every fault is told, those of places as well


def _wanted(arguments: argparse.Namespace, defaults: Parameters) -> list[Row]:
    """Studies that a batch is asked for."""
    from helpers.run.batch_table import all_provinces, cities_of

    given = _file_values(arguments.file) | dict(arguments.parameter)
    chosen = [name for name in ("province", "city") if name in given]
    if chosen and not arguments.table:
        raise ParameterError(
            f"parameter {chosen[0]}: --all-provinces and --cities choose the places themselves. "
            "Leave it out, or name the places in a table."
        )
    if arguments.all_provinces:
        return all_provinces(defaults)
    if arguments.cities is not None:
        return cities_of(arguments.cities, defaults)
    return _rows(Path(arguments.table).expanduser(), defaults)


def _batch(arguments: argparse.Namespace) -> int:
    defaults = parameters_from_arguments(arguments)
    limits = _limits(arguments)
    from helpers.run.batch_table import read_table
    from helpers.run.current import INDEX, RESULTS, find_current_batch

    rows = _wanted(arguments, defaults)
    # A copy may be wanted elsewhere although nothing has changed here.
    if not (arguments.force or arguments.log or arguments.copy_to):
        root = find_current_batch([row.parameters for row in rows])
        if root is not None:
            print(f"{len(rows)} studies, nothing has changed since the last run")
            _print_batch(_shown(root), INDEX, RESULTS)
            return 0
    from helpers.run.kernels import started_ahead

    here = not (arguments.scheduler or arguments.log or arguments.copy_to)
    with started_ahead(here or (arguments.force and not arguments.scheduler)):
        from helpers.run.batch import run_batch
        from helpers.run.execute import Options

        if arguments.table:
            rows = read_table(Path(arguments.table).expanduser(), defaults)
        options = Options(
            workers=arguments.workers, force=arguments.force, limits=limits,
            scheduler=arguments.scheduler, copy_to=arguments.copy_to,
        )  # fmt: skip
        batch = run_batch(rows, options, progress=not arguments.quiet, log=_log(arguments))
    print(f"{len(batch.studies)} studies, {batch.executed} notebooks executed")
    _print_batch(_shown(batch.root), INDEX, RESULTS)
    for outcome in batch.outcomes:
        if not isinstance(outcome, Exception):
            _print_set_aside(outcome.folder, outcome.set_aside)
    for slug, failure in batch.failures:
        print(f"FAILED {slug}: {failure}", file=sys.stderr)
    return 1 if batch.failures else 0


def _check(arguments: argparse.Namespace) -> int:
    if arguments.folder is not None:
        return check_command(_values(arguments))
    from helpers.run.study import check_fragments, make_study

    study = make_study(parameters_from_arguments(arguments))
    check_fragments(study)
    place = f"{study.city.name_zh}, {study.province.name_zh}"
    print(f"{place}: parameters and data tables are sound, and the counts can all hold together.")
    return 0


def _screen(arguments: argparse.Namespace) -> int:
    check_language(arguments.language)
    from helpers.run.screen import Options, run_screen
    from helpers.run.study import output_root

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


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the command ``study``.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments; None for those of the process.

    Returns
    -------
    int
        0 if all went well, 1 if a notebook or a folder failed, 2 for unusable input, 130 when interrupted,
        141 when whoever reads the output stops reading.
    """
    for stream in (sys.stdout, sys.stderr):
        # A Chinese Windows console may not have UTF-8; a message must not fail for that.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    parser = _parser()
    try:
        arguments, rest = parser.parse_known_args(argv)
        if rest:
            from helpers.evidence.places import near

            own = _SCREEN_OPTIONS if arguments.command == "screen" else Parameters.names()
            names = ["--" + name.replace("_", "-") for name in own]
            raise ParameterError(f"unknown argument {rest[0]}: {near(rest[0], names)}")
        listen()
        code = int(arguments.call(arguments))
        sys.stdout.flush()  # here, where a reader that has gone can be dealt with
        return code
    except InputError as error:
        print(f"study: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read the output has read enough (study check | head). The interpreter would complain
        # once more when it ends, so that the rest goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13  # as a program that SIGPIPE ends
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(
            f"study: {where}{error.strerror or error}. Close programs that have the file open, or "
            "free space on the disk, and run again; earlier results are unchanged.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print(
            "study: interrupted; earlier results are unchanged. Notebooks that have finished will "
            "not be executed again.",
            file=sys.stderr,
        )
        gc.freeze()  # or the interpreter looks through everything once more before it ends
        return 130


if __name__ == "__main__":
    sys.exit(main())
