"""``study import``: the command line of :mod:`helpers.run.list_import`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers.errors import ParameterError
from helpers.run.parameters import LIST_BASES, check_language


def add_import(commands: Any) -> None:
    """Add the command ``import`` to the command line's parser."""
    parser = commands.add_parser(
        "import", help="read official lists of firms into a study's folder"
    )
    parser.add_argument(
        "files", nargs="+", metavar="LIST", help="XLSX, XLS, CSV, DOCX or PDF with a table"
    )
    parser.add_argument("--into", required=True, metavar="DIR", help="folder of the study")
    parser.add_argument(
        "--batch", type=int, metavar="N", help="batch, where the list does not say it"
    )
    parser.add_argument(
        "--mixed-batches", action="store_true", help="each row or title says its batch"
    )
    parser.add_argument(
        "--basis", choices=LIST_BASES, help="announced for objections, or certified"
    )
    parser.add_argument("--source", metavar="TEXT", help="who published it, title, date")
    parser.add_argument(
        "--province", metavar="VALUE", help="province, where the list does not say it"
    )
    parser.add_argument(
        "--expected", action="append", default=[], metavar="N",
        help="number of firms that was announced for all files together; FILE=N for one of several",
    )  # fmt: skip
    parser.add_argument(
        "--grade", choices=("A", "B", "C"), default="C", help="reliability of the source"
    )
    parser.add_argument("--date", metavar="DATE", help="day of the list, as in 2023-07-14")
    parser.add_argument("--language", metavar="VALUE", help="en or zh (default: the study's)")
    parser.set_defaults(call=_call)


def _expected(texts: Sequence[str], files: Sequence[Path]) -> tuple[int | None, dict[str, int]]:
    """Numbers of firms that were announced: for all files together, and for single ones."""
    from helpers.run.list_import import list_id_of

    together, single = None, {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if not (number.isascii() and number.isdigit() and int(number[:9]) > 0 and len(number) < 10):
            raise ParameterError(f"--expected {text}: give a number of firms, as in 34 or FILE=34.")
        file = next((path for path in files if name in (str(path), path.name)), None)
        if name and file is None:
            raise ParameterError(f"--expected {text}: no file of this import is called {name}.")
        if file is not None:
            single[list_id_of(file)] = int(number)
        elif together is not None:
            raise ParameterError(
                f"--expected {text}: a second number for all files. Say it for each: FILE=N."
            )
        else:
            together = int(number)
    return together, single


def _call(arguments: argparse.Namespace) -> int:
    from helpers.evidence.lists.entries import BATCHES
    from helpers.evidence.lists.heads import date_in
    from helpers.run.list_import import Options, run_import

    if arguments.batch is not None and arguments.batch not in BATCHES:
        raise ParameterError(f"--batch {arguments.batch}: give 1 to {BATCHES[-1]}.")
    if arguments.date and not date_in(arguments.date):
        raise ParameterError(f"--date {arguments.date}: write a day as in 2023-07-14.")
    check_language(arguments.language)
    files = tuple(Path(file).expanduser() for file in arguments.files)
    together, single = _expected(arguments.expected, files)
    run_import(Options(
        files, Path(arguments.into).expanduser(), arguments.batch, arguments.mixed_batches,
        arguments.basis, arguments.source, arguments.province, together, arguments.grade,
        arguments.date, single, arguments.language or "",
    ))  # fmt: skip
    return 0
