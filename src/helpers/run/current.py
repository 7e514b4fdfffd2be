"""Whether there is anything to do, found out before pandas and papermill are loaded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from helpers.run import cache
from helpers.run.parameters import Parameters, injected

HELPERS = Path(__file__).resolve().parents[1]


def _checkout() -> Path | None:
    """The folder with ``data/`` and ``notebooks/``, as ``evidence.tables`` finds it."""
    for folder in HELPERS.parents:
        if (folder / "data" / "schema.yml").is_file():
            return folder
    return None


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
    root = _checkout()
    if root is None:
        return None
    values = injected(parameters)
    data_dir = Path(str(values["data_dir"])) if values["data_dir"] else None
    output = Path(str(values["output_dir"])) if values["output_dir"] else root / "output"
    around = cache.surroundings(HELPERS, root / "data", data_dir)
    files = sorted((root / "notebooks").glob("[0-9][0-9]*_*.ipynb"))
    keys = {path.stem: cache.notebook_key(path, values, around) for path in files}
    return cache.find_current(output, asdict(parameters), keys) if keys else None
