"""What differs between two versions of a table, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.evidence.sources import ids_of

COLUMNS = ["kind", "row", "column", "old", "new", "change"]


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with every cell as text, blank where missing.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame of str
    """
    return frame.astype("object").where(frame.notna(), "").astype(str)


def common_key(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """The fewest leading columns that tell the rows of both versions apart.

    Parameters
    ----------
    old, new : DataFrame of str

    Returns
    -------
    list of str
        Empty when no leading columns do, or the versions share none.

    Examples
    --------
    >>> a = pd.DataFrame({"place": ["x", "x"], "year": ["1", "2"], "n": ["5", "6"]})
    >>> common_key(a, a)
    ['place', 'year']
    """
    shared = [name for name in old.columns if name in new.columns]
    for last in range(1, len(shared) + 1):
        key = shared[:last]
        if not old.duplicated(key).any() and not new.duplicated(key).any():
            return key
    return []


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _change(old: str, new: str) -> str:
    """The difference of two numbers, blank for other texts."""
    first, second = _number(old), _number(new)
    if first is None or second is None:
        return ""
    return f"{second - first:+.10g}"


def changes(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str] | None = None) -> pd.DataFrame:
    """Cells that differ, rows that were added or removed, columns likewise.

    Parameters
    ----------
    old, new : DataFrame
    key : sequence of str or None
        Columns that identify a row; None for the fewest leading ones that do. Where none do, the
        rows are compared as a whole.

    Returns
    -------
    DataFrame
        Columns kind (changed, added, removed), row (the key), column, old, new, and change: new
        less old where both are numbers.

    Examples
    --------
    >>> a = pd.DataFrame({"place": ["x", "y"], "n": [5, 6]})
    >>> b = pd.DataFrame({"place": ["x", "z"], "n": [7, 6]})
    >>> changes(a, b).values.tolist()
    [['changed', 'x', 'n', '5', '7', '+2'], ['removed', 'y', '', '', '', ''], ['added', 'z', '', '', '', '']]
    """
    before, after = texts(old), texts(new)
    chosen = list(key) if key is not None else common_key(before, after)
    if not chosen:
        return _whole_rows(before, after)
    first = {_label(row): row for row in _rows(before, chosen)}
    second = {_label(row): row for row in _rows(after, chosen)}
    found: list[tuple[str, ...]] = []
    for label, (_, cells) in first.items():
        if label not in second:
            found.append(("removed", label, "", "", "", ""))
            continue
        others = second[label][1]
        for column in dict.fromkeys([*cells, *others]):
            left, right = cells.get(column, ""), others.get(column, "")
            if left != right:
                found.append(("changed", label, column, left, right, _change(left, right)))
    found += [("added", label, "", "", "", "") for label in second if label not in first]
    return pd.DataFrame(found, columns=COLUMNS)


def _rows(frame: pd.DataFrame, key: Sequence[str]) -> list[tuple[tuple[str, ...], dict[str, str]]]:
    rest = [name for name in frame.columns if name not in key]
    return [
        (tuple(row[name] for name in key), {name: row[name] for name in rest})
        for row in frame.to_dict("records")
    ]


def _label(row: tuple[tuple[str, ...], dict[str, str]]) -> str:
    return " / ".join(row[0])


def _whole_rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Rows of one version that the other lacks, each as often as it is missing."""
    left = [" / ".join(row) for row in before.itertuples(index=False, name=None)]
    right = [" / ".join(row) for row in after.itertuples(index=False, name=None)]
    found = []
    for kind, mine, others in (("removed", left, list(right)), ("added", right, list(left))):
        for row in mine:
            if row in others:
                others.remove(row)
            else:
                found.append((kind, row, "", "", "", ""))
    return pd.DataFrame(found, columns=COLUMNS)


def changed_sources(old: pd.DataFrame, new: pd.DataFrame, key: Sequence[str]) -> set[str]:
    """Sources of the rows that differ between two versions of a data table.

    Parameters
    ----------
    old, new : DataFrame
    key : sequence of str

    Returns
    -------
    set of str
        Empty for a table without sources.

    Examples
    --------
    >>> a = pd.DataFrame({"id": ["x", "y"], "n": [5, 6], "source_id": ["S1", "S2;S3"]})
    >>> sorted(changed_sources(a, a.assign(n=[5, 7]), ["id"]))
    ['S2', 'S3']
    """
    if "source_id" not in old.columns or "source_id" not in new.columns:
        return set()
    before, after = texts(old), texts(new)
    both = {tuple(row) for row in before.itertuples(index=False, name=None)} & {
        tuple(row) for row in after.itertuples(index=False, name=None)
    }
    found: set[str] = set()
    for frame in (before, after):
        for row in frame.itertuples(index=False, name=None):
            if tuple(row) not in both:
                found |= set(ids_of(dict(zip(frame.columns, row, strict=True))["source_id"]))
    return found


def because(cited: set[str], moved: Mapping[str, set[str]], read: set[str]) -> list[str]:
    """Data tables that a changed result may owe its change to.

    Parameters
    ----------
    cited : set of str
        Sources that the result names.
    moved : mapping of table to set of str
        Sources of the rows that differ, by data table.
    read : set of str
        Data tables that the result's notebook names.

    Returns
    -------
    list of str
        Tables with a changed row of a cited source; if there are none, changed tables that the
        notebook names; if there are none either, all that changed.

    Examples
    --------
    >>> because({"S1"}, {"counts": {"S1"}, "towns": {"S2"}}, set())
    ['counts']
    >>> because(set(), {"counts": {"S1"}, "towns": {"S2"}}, {"towns"})
    ['towns']
    """
    by_source = [name for name, sources in moved.items() if sources & cited]
    return by_source or [name for name in moved if name in read] or list(moved)
