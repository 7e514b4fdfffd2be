"""The README's figures: ``python -m helpers.run.readme`` takes them from the default study."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from helpers.errors import InputError
from helpers.evidence.tables import project_root

# What the README shows, by the name of the figure.
FIGURES = {"02_tiles": "figure.png", "02_bounds": "figure-bounds.png", "06_ledger": "figure-ledger.png"}  # fmt: skip


def update(study: Path, docs: Path) -> list[Path]:
    """Copy the README's figures from a finished study.

    Parameters
    ----------
    study : Path
        Folder of the study.
    docs : Path
        Folder of the README's figures.

    Returns
    -------
    list of Path
        Files that changed.

    Raises
    ------
    InputError
        The study has no such figure; nothing is copied then.
    """
    pairs = {study / "figures" / f"{name}.png": docs / file for name, file in FIGURES.items()}
    missing = [source.name for source in pairs if not source.is_file()]
    if missing:
        raise InputError(
            f"{study}: {', '.join(missing)} is missing. Run the default study first: study run."
        )
    changed = []
    for source, target in pairs.items():
        if not target.is_file() or source.read_bytes() != target.read_bytes():
            shutil.copyfile(source, target)
            changed.append(target)
    return changed


def main() -> int:
    """Copy the figures of the default study and say which changed."""
    from helpers.run.study import Parameters, make_study

    try:
        docs = (project_root() or Path.cwd()) / "docs"
        for path in update(make_study(Parameters()).folder, docs):
            print(f"README:    {path.name} has changed")
    except InputError as error:
        print(f"readme: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
