"""The data tables a run used, kept with its results so that two runs can be compared."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from helpers.evidence.schema import TableSchema, validate
from helpers.publish.files import write_bytes

FILE = "inputs.zip"
# Words of figures: no result rests on them.
_WITHOUT = ("labels",)
_MOST_BYTES = 2_000_000_000


def write(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Keep the tables of a run as CSV files in one archive.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        With the user's own rows laid over them.
    folder : Path
        Of the results.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(tables):
            if name in _WITHOUT:
                continue
            entry = zipfile.ZipInfo(f"{name}.csv", date_time=(2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, _csv(tables[name]))
    write_bytes(target.getvalue(), folder / FILE)


def _csv(frame: pd.DataFrame) -> str:
    told = frame.copy()
    for name in told.columns:
        if pd.api.types.is_bool_dtype(told[name].dtype):
            told[name] = told[name].map({True: "true", False: "false"})
    return str(told.to_csv(index=False, lineterminator="\n"))


def read(folder: Path, schemas: Mapping[str, TableSchema]) -> dict[str, pd.DataFrame]:
    """The tables of a run with the types of the present schemas.

    Parameters
    ----------
    folder : Path
        Of the results.
    schemas : mapping of name to TableSchema

    Returns
    -------
    dict of str to DataFrame
        Tables that no longer fit their schema are read as text; empty when the run kept none.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    found = {}
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
            return {}
        for entry in archive.namelist():
            name = entry.removesuffix(".csv")
            with archive.open(entry) as file:
                text = pd.read_csv(file, dtype=str, keep_default_na=False)
            schema = schemas.get(name)
            if schema is not None:
                frame, problems = validate(text.astype("str"), schema, entry)
                text = text if problems else frame
            found[name] = text
    return found
