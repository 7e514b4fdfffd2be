"""Whether there is anything to do, found out before pandas and papermill are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from helpers.run import cache
from helpers.run.parameters import Parameters, injected

HELPERS = Path(__file__).resolve().parents[1]
# Of a batch: the page, the table of all results (CSV and Parquet) and what they were made from.
INDEX = "index.html"
RESULTS = "all_results"
MADE = (INDEX, f"{RESULTS}.csv", f"{RESULTS}.parquet")
RECORD = ".batch.json"
# In a study's folder; the page links those that are there.
REPORT = "report/index.html"


def checkout() -> Path | None:
    """The folder with ``data/`` and ``notebooks/``, as ``evidence.tables`` finds it."""
    for folder in HELPERS.parents:
        if (folder / "data" / "schema.yml").is_file():
            return folder
    return None


def _output(parameters: Parameters, root: Path) -> Path:
    given = str(injected(parameters)["output_dir"])
    return Path(given) if given else root / "output"


def _keys(parameters: Parameters, root: Path, around: str) -> dict[str, str]:
    files = sorted((root / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
    values = injected(parameters)
    return {path.stem: cache.notebook_key(path, values, around) for path in files}


def _around(parameters: Parameters, root: Path) -> str:
    given = str(injected(parameters)["data_dir"])
    return cache.surroundings(HELPERS, root / "data", Path(given) if given else None)


def find_current(parameters: Parameters) -> tuple[Path, cache.Record] | None:
    """The folder of a study whose results all stand, with its record.

    Parameters
    ----------
    parameters : Parameters

    Returns
    -------
    (Path, Record) or None
        None where something may have to be done.
    """
    root = checkout()
    if root is None:
        return None
    keys = _keys(parameters, root, _around(parameters, root))
    return cache.find_current(_output(parameters, root), asdict(parameters), keys) if keys else None


def made_stamps(output: Path) -> dict[str, cache.Stamp]:
    """Stamps of the page and the tables of a batch."""
    return {name: cache.stamp(output / name) for name in MADE}


def holds_made(output: Path, made: Any) -> bool:
    """Whether the page and the tables of a batch are as they were written.

    Parameters
    ----------
    output : Path
        Folder of the batch.
    made : dict or None
        Their stamps, from the batch's record.
    """
    try:
        written = cache.stamps(made)
    except (TypeError, ValueError, AttributeError):
        return False
    return set(written) == set(MADE) and cache.is_intact(output, written)


def find_current_batch(batch: Sequence[Parameters]) -> Path | None:
    """The folder of a batch in which nothing is to be done.

    Parameters
    ----------
    batch : sequence of Parameters
        With one output folder.

    Returns
    -------
    Path or None
    """
    root = checkout()
    if root is None or not batch:
        return None
    output = _output(batch[0], root)
    record = cache.read_object(output / RECORD)
    try:
        names = list(record["studies"])
        same = record["parameters"] == [asdict(each) for each in batch] and not record["failures"]
        same &= record["reports"] == [n for n in names if (output / n / REPORT).is_file()]
        same &= holds_made(output, record["made"])
    except (KeyError, TypeError):
        return None
    if not same or len(names) != len(batch):
        return None
    around: dict[str, str] = {}
    for name, parameters in zip(names, batch, strict=True):
        if parameters.data_dir not in around:
            around[parameters.data_dir] = _around(parameters, root)
        keys = _keys(parameters, root, around[parameters.data_dir])
        found = cache.read_record(output / name)
        if found is None or not cache.is_current(output / name, found, asdict(parameters), keys):
            return None
        if (output / name / cache.RECORD).stat().st_mtime_ns != record["studies"][name]:
            return None
    return output
