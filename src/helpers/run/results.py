"""The folder of results that is kept under version control."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from helpers.errors import InputError


class Finished(Protocol):
    """What is needed of a run's result."""

    @property
    def folder(self) -> Path:
        """The study's folder."""

    @property
    def failures(self) -> Sequence[Any]:
        """Empty if all went well."""


def update_results(result: Finished, target: Path) -> None:
    """Copy verdicts and tables to the folder kept under version control.

    Parameters
    ----------
    result : Result of helpers.run.execute
        Of a run without failures.
    target : Path
        Tables of an earlier run (``01_….csv``, ``02b_….csv``) that this run did not write are removed; other
        files are left alone.

    Raises
    ------
    InputError
        The run had failures.
    """
    if result.failures:
        raise InputError(f"{target} was not updated, since not all notebooks finished.")
    target.mkdir(parents=True, exist_ok=True)
    ours = re.compile(r"(\d\d[a-z]?_\w+|verdicts)\.csv")
    files = {path.name: path for path in sorted((result.folder / "tables").glob("*.csv"))}
    files["verdicts.csv"] = result.folder / "verdicts.csv"
    for path in target.glob("*.csv"):
        # Only tables of an earlier run: the folder may hold a user's own files.
        if ours.fullmatch(path.name) and path.name not in files:
            path.unlink()
    for name, path in files.items():
        shutil.copyfile(path, target / name)
