"""``python -m helpers.run.templates`` writes the blank forms of data/templates from ``firm_fields``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish.files import write_bytes
from helpers.publish.firm_template import template_csv, template_xlsx


def templates(folder: Path) -> dict[Path, bytes]:
    """The forms by the file they belong into.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of Path to bytes
    """
    fields = tables.load("firm_fields")
    return {
        folder / "firms.csv": template_csv(fields),
        folder / "firms.xlsx": template_xlsx(fields),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: write the forms, or compare them with ``--check``.

    Returns
    -------
    int
        0, or 1 when ``--check`` finds a difference, or 2 when a table cannot be read.
    """
    parser = argparse.ArgumentParser(prog="python -m helpers.run.templates", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one differs")
    options = parser.parse_args(arguments)
    try:
        found = templates(tables.project_data_dir() / "templates")
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    differing = [path for path, content in found.items()
                 if not path.is_file() or path.read_bytes() != content]  # fmt: skip
    if not options.check:
        for path in differing:
            write_bytes(found[path], path)
        return 0
    for path in differing:
        print(f"{path} differs: run python -m helpers.run.templates", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
