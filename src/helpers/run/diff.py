"""``study diff OLD NEW``: what changed between two runs, by how much, because of which table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from helpers.run.parameters import check_language


def add_diff(commands: Any) -> None:
    """Register ``study diff``."""
    parser = commands.add_parser(
        "diff", help="compare the verdicts and tables of two runs, and say which data changed them"
    )
    parser.add_argument("old", metavar="OLD", help="results of a run, or a study's folder")
    parser.add_argument("new", metavar="NEW", help="the same of a later run")
    parser.add_argument("--out", metavar="CSV", help="write every change to a file")
    parser.add_argument(
        "--language", metavar="VALUE", help="en or zh (default: that of the later run)"
    )
    parser.set_defaults(call=_diff)


def _diff(arguments: argparse.Namespace) -> int:
    from helpers.run.differing import difference, report_lines, write_changes

    check_language(arguments.language)
    found = difference(Path(arguments.old).expanduser(), Path(arguments.new).expanduser())
    of_run = found.new.parameters.language if found.new.parameters else "en"
    language = arguments.language or of_run
    print("\n".join(report_lines(found, language)))
    if arguments.out:
        path = Path(arguments.out).expanduser()
        write_changes(found, path)
        print(f"全部改动：{path}" if language == "zh" else f"All changes: {path}")
    return 0
