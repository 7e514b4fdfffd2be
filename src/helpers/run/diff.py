"""``study diff OLD NEW``: what changed between two runs, by how much, because of which table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_diff(commands: Any) -> None:
    """Register ``study diff``."""
    parser = commands.add_parser(
        "diff", help="compare the verdicts and tables of two runs, and say which data changed them"
    )
    parser.add_argument("old", metavar="OLD", help="results of a run, or a study's folder")
    parser.add_argument("new", metavar="NEW", help="the same of a later run")
    parser.add_argument("--out", metavar="CSV", help="write every change to a file")
    parser.set_defaults(call=_diff)


def _diff(arguments: argparse.Namespace) -> int:
    from helpers.run.differing import difference, report_lines, write_changes

    found = difference(Path(arguments.old).expanduser(), Path(arguments.new).expanduser())
    print("\n".join(report_lines(found)))
    if arguments.out:
        path = Path(arguments.out).expanduser()
        write_changes(found, path)
        print(f"All changes: {path}")
    return 0
