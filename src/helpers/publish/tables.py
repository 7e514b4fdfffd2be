"""Tables: a CSV file for further use and a readable rendering in the notebook.

A long table can be shown so that the reader sorts and filters it. Everything this needs lies in the
notebook's output, so that it works without a network, in JupyterLab and in an exported page.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.publish import cells
from helpers.publish.files import write_all, write_bytes
from helpers.publish.workbook import harmless

if TYPE_CHECKING:
    from helpers.publish.figures import Record


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A frame as the content of a CSV file that two runs give alike and Excel shows rightly.

    Parameters
    ----------
    frame : DataFrame
        Floats are written with ten significant digits. Missing values become blank cells. A text
        that a spreadsheet program would compute begins with an apostrophe.

    Returns
    -------
    bytes
    """
    text = harmless(frame).to_csv(index=False, lineterminator="\n", float_format="%.10g")
    # The byte-order mark makes Excel on Windows read the file as UTF-8.
    return str(text).encode("utf-8-sig")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV; see :func:`csv_bytes`.

    Parameters
    ----------
    frame : DataFrame
    path : Path
        Replaced in one step: a reader never sees half a file.
    """
    write_bytes(csv_bytes(frame), path)


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
        from helpers.publish import table_files

        left = len(self.frame) - self._rows
        file = f"{self.record.name}.csv"
        told = self.t(f"… {left} more rows in {file}", f"……另有 {left} 行，见 {file}")
        shown = table_files.html_table(self.frame.head(self._rows), self.record, self._language)
        more = f'<p class="table-notes">{told}</p>' if left > 0 else ""
        return f"<style>{table_files.CSS}</style>{shown}{more}"

    def t(self, english: Any, chinese: Any) -> Any:
        """What belongs to the language of the table."""
        return chinese if self._language == "zh" else english

    def notes(self, more: str = "") -> str:
        """Unit, base, notes and sources below the table, as HTML."""
        lines = escape(self.record.footer(self._language)).replace("\n", "<br>")
        return f'<p style="font-size:85%">{lines}{more}</p>'


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
    return put({"csv": csv_bytes(frame)}, frame, record, folder, language, rows)


def put(
    files: Mapping[str, bytes], frame: pd.DataFrame, record: Record, folder: Path,
    language: str = "en", rows: int = 40,
) -> SavedTable:  # fmt: skip
    """Write the content of a table's files, by suffix; see :func:`save`."""
    write_all({folder / f"{record.name}.{suffix}": content for suffix, content in files.items()})
    return SavedTable(frame, record, language, rows)


# Columns keep their words on several lines; numbers and short codes need no more than their width.
_STYLE = (
    ".dt-container {font-size: 85%} "
    # The ground and the ink of the page, so that both fit in a dark theme.
    "div.dt-container.dt-container {background-color: transparent; color: inherit} "
    ".dt-container .dt-input.dt-input {background-color: transparent; color: inherit} "
    ".dt-container table.dataTable td {vertical-align: top; text-align: left; max-width: 26em} "
    ".dt-container table.dataTable td:first-child {white-space: nowrap} "
    ".dt-container table.dataTable th {vertical-align: bottom; text-align: left}"
)
_WORDS = {
    "search": "检索：",
    "lengthMenu": "每页 _MENU_ 行",
    "info": "第 _START_ 至 _END_ 行，共 _TOTAL_ 行",
    "infoEmpty": "无匹配行",
    "infoFiltered": "（由 _MAX_ 行筛选）",
    "zeroRecords": "无匹配行",
    "emptyTable": "空表",
    "loadingRecords": "载入中……",
    "aria": {
        "orderable": "：点击排序",
        "orderableReverse": "：点击反向排序",
        "orderableRemove": "：点击取消排序",
        "paginate": {"first": "首页", "last": "末页", "next": "下页", "previous": "上页"},
    },
    "columnControl": {
        "searchList": "筛选",
        "list": {"search": "检索……", "all": "全选", "none": "全不选", "empty": "无可选项"},
        "buttons": {"searchClear": "清除检索"},
    },
}
# The search stands first: itables leaves out the whole of its own order where all rows fit a page.
_LAYOUT = {
    "topStart": "search",
    "topEnd": "pageLength",
    "bottomStart": "info",
    "bottomEnd": "paging",
}
# What itables shows until its script has run, in English and with links to its own pages.
_WAITING = re.compile(r"Loading ITables.*?\?\)", re.DOTALL)
_ABOUT = re.compile(r"<sup><noscript>.*?</sup>", re.DOTALL)
_PAGE = 15


@cache
def _library() -> str:
    """The script and style of itables as HTML, with no address to load anything from."""
    from itables import options
    from itables.javascript import generate_init_offline_itables_html

    html: str = generate_init_offline_itables_html(options.dt_bundle)
    # What follows the script is a hint for pages that were not trusted, with a link.
    return html.partition("<div")[0]


class SortableTable:
    """A saved table that the reader of a notebook sorts, searches and filters.

    Parameters
    ----------
    saved : SavedTable
    filters : sequence of str
        Columns with few values, to be chosen from a list.
    """

    def __init__(self, saved: SavedTable, filters: tuple[str, ...]) -> None:
        self.saved = saved
        self.frame, self.record = saved.frame, saved.record
        self._filters = filters

    def __repr__(self) -> str:
        return repr(self.saved)

    def _repr_html_(self) -> str:
        from itables import to_html_datatable

        chosen = [list(self.frame.columns).index(name) for name in self._filters]
        control = {"targets": chosen, "columnControl": [["searchList"]]}
        with warnings.catch_warnings():
            # itables knows words of DataTables itself only, not those of its extensions.
            warnings.filterwarnings("ignore", "language=", SyntaxWarning)
            table = to_html_datatable(
                self.frame.map(partial(_text, language=self.saved.t("en", "zh"))),
                table_id=f"table_{self.record.name}",
                connected=False,
                allow_html=False,
                showIndex=False,
                maxBytes=0,
                maxRows=0,
                maxColumns=0,
                classes="display compact",
                style="table-layout:auto;width:100%;margin:0",
                css=_STYLE,
                display_logo_when_loading=False,
                columnDefs=[control] if chosen else [],
                layout=_LAYOUT,
                pageLength=_PAGE,
                lengthMenu=[_PAGE, 50, {"label": self.saved.t("all", "全部"), "value": -1}],
                **self.saved.t({}, {"language": _WORDS}),
            )
        waiting = self.saved.t("The table is being set up …", "正在生成表格……")
        table = _ABOUT.sub("", _WAITING.sub(waiting, table))
        title = f"<p><b>{escape(self.record.title)}</b></p>"
        return f"{_library()}{title}{table}{self.saved.notes()}"


def _text(value: Any, language: str) -> Any:
    """A cell for the reader: numbers stay numbers, so that they are sorted as such."""
    if cells.is_missing(value) or isinstance(value, bool | np.bool_):
        return cells.cell_text(value, language)
    return value


def sortable(saved: SavedTable, filters: Iterable[str] = ()) -> SortableTable:
    """Show a saved table so that its reader can sort, search and filter it, also offline.

    The file on disk is that of :func:`save`. All rows are part of the page, cells are text and
    never HTML, and two runs give the same page. Where no script may run, the first rows are shown
    as a plain table.

    Parameters
    ----------
    saved : SavedTable
        From :func:`save` or ``study.show``.
    filters : iterable of str
        Columns with few values, such as a verdict: the reader picks values from a list.

    Returns
    -------
    SortableTable

    Raises
    ------
    KeyError
        The table has no column of a name in `filters`.
    """
    names = tuple(filters)
    unknown = [name for name in names if name not in saved.frame.columns]
    if unknown:
        raise KeyError(f"table {saved.record.name} has no column {unknown[0]!r} to filter by")
    return SortableTable(saved, names)
