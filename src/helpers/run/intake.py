"""``study import``: the command line of :mod:`helpers.run.list_import`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from helpers.errors import ParameterError

BASES = ("announced", "certified")


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
    parser.add_argument("--basis", choices=BASES, help="announced for objections, or certified")
    parser.add_argument("--source", metavar="TEXT", help="who published it, title, date")
    parser.add_argument(
        "--province", metavar="VALUE", help="province, where the list does not say it"
    )
    parser.add_argument(
        "--expected", type=int, metavar="N", help="number of firms that was announced"
    )
    parser.add_argument(
        "--grade", choices=("A", "B", "C"), default="C", help="reliability of the source"
    )
    parser.add_argument("--date", metavar="DATE", help="day of the list, as in 2023-07-14")
    parser.set_defaults(call=_call)


def _call(arguments: argparse.Namespace) -> int:
    from helpers.evidence.lists.entries import BATCHES
    from helpers.evidence.lists.heads import date_in
    from helpers.run.list_import import Options, run_import

    if arguments.batch is not None and arguments.batch not in BATCHES:
        raise ParameterError(f"--batch {arguments.batch}: give 1 to {BATCHES[-1]}.")
    if arguments.expected is not None and arguments.expected < 1:
        raise ParameterError(f"--expected {arguments.expected}: give a number of firms.")
    if arguments.date and not date_in(arguments.date):
        raise ParameterError(f"--date {arguments.date}: write a day as in 2023-07-14.")
    run_import(Options(
        tuple(Path(file).expanduser() for file in arguments.files), Path(arguments.into).expanduser(),
        arguments.batch, arguments.mixed_batches, arguments.basis, arguments.source, arguments.province,
        arguments.expected, arguments.grade, arguments.date,
    ))  # fmt: skip
    return 0
