"""Tables: a CSV file for further use and a readable rendering in the notebook."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from helpers.publish.figures import Record


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame so that two runs give the same bytes and Excel shows Chinese text.

    Parameters
    ----------
    frame : DataFrame
        Floats are written with ten significant digits. Missing values become blank cells.
    path : Path
        Replaced in one step: a reader never sees half a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    # The byte-order mark makes Excel on Windows read the file as UTF-8.
    frame.to_csv(
        partial, index=False, encoding="utf-8-sig", lineterminator="\n", float_format="%.10g"
    )
    partial.replace(path)


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return '<td style="text-align:right;color:#999">—</td>'
    if isinstance(value, bool | np.bool_):
        return f'<td style="text-align:left">{"yes" if value else "no"}</td>'
    if isinstance(value, float):
        return f'<td style="text-align:right">{value:,.2f}</td>'
    if hasattr(value, "__index__"):
        return f'<td style="text-align:right">{int(value):,}</td>'
    return f'<td style="text-align:left">{escape(str(value))}</td>'


class SavedTable:
    """A table on disk, shown in a notebook with its title and notes."""

    def __init__(self, frame: pd.DataFrame, record: Record, language: str, rows: int) -> None:
        self.frame = frame
        self.record = record
        self._language = language
        self._rows = rows

    def __repr__(self) -> str:
        return f"Table {self.record.name}: {self.record.title}\n{self.frame}"

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th style="text-align:left;border-bottom:1px solid">{escape(str(name))}</th>'
            for name in self.frame.columns
        )
        body = "".join(
            "<tr>" + "".join(_cell(value) for value in row) + "</tr>"
            for row in self.frame.head(self._rows).itertuples(index=False, name=None)
        )
        left = len(self.frame) - self._rows
        more = f"<br>… {left} more rows in {self.record.name}.csv" if left > 0 else ""
        notes = escape(self.record.footer(self._language)).replace("\n", "<br>")
        return (
            f"<p><b>{escape(self.record.title)}</b></p>"
            '<table style="border-top:2px solid;border-bottom:2px solid;border-collapse:collapse">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f'<p style="font-size:85%">{notes}{more}</p>'
        )


def save(
    frame: pd.DataFrame, record: Record, folder: Path, language: str = "en", rows: int = 40
) -> SavedTable:
    """Write a table as CSV and return it for display.

    Parameters
    ----------
    frame : DataFrame
        Column names are what the reader sees; counts are integers.
    record : Record
    folder : Path
        Folder of the tables; created if need be.
    language : {"en", "zh"}
        Of the notes' words.
    rows : int
        Rows shown in the notebook; the file holds all.

    Returns
    -------
    SavedTable
    """
    write_csv(frame, folder / f"{record.name}.csv")
    return SavedTable(frame, record, language, rows)
