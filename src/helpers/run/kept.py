"""A user's own files that lie among results which a run replaces: moved aside, never removed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

from helpers.run import cache

# Folders of a study that a run replaces as a whole.
FOLDERS = ("notebooks", "figures", "tables", "recipes", "verdicts")
REPORT = "report"
# One of them at least is in every report.
BUILT = ("index.html", "report.docx", "report.pdf")
# Of a report: what it was made of.
LISTING = ".files.json"
KEPT = "kept"


def strangers(folder: Path, staging: Path) -> list[str]:
    """Files among a study's results that no run has written.

    Parameters
    ----------
    folder, staging : Path
        The study's folder, and the results that will replace those in it.

    Returns
    -------
    list of str
        Paths below the folder. An executed notebook or a file of the report that was edited since
        is one of them; figures and tables that were edited are not, and neither are hidden files.
        Without a record of what was written, whatever a new result replaces counts as a result.
    """
    record = cache.read_record(folder)
    parts = record.parts.values() if record else ()
    written = {name: stamp for part in parts for name, stamp in part.files.items()}
    found = []
    for top in FOLDERS:
        for name in cache.names_below(folder / top):
            path = f"{top}/{name}"
            if path not in written:
                strange = record is not None or not (staging / path).is_file()
            else:
                strange = top == "notebooks" and not cache.is_same(folder / path, written[path])
            if strange:
                found.append(path)
    return found + strangers_in_report(folder)


def strangers_in_report(folder: Path) -> list[str]:
    """Files of a study's report that were added or edited.

    Without a listing they are all a user's own, unless the folder is a report of an earlier version.
    """
    report = folder / REPORT
    try:
        written = cache.stamps(cache.read_object(report / LISTING))
    except (TypeError, ValueError):
        written = {}
    if not written and any((report / name).is_file() for name in BUILT):
        return []
    return [
        f"{REPORT}/{name}" for name in cache.names_below(report)
        if name not in written or not cache.is_same(report / name, written[name])
    ]  # fmt: skip


def write_listing(report: Path) -> None:
    """Note what a report is made of; without times, so that two builds are alike."""
    files = {name: (size, 0, text) for name, (size, _, text) in cache.listing(report).items()}
    cache.write_json(report / LISTING, files)


def set_aside(folder: Path, names: Iterable[str]) -> list[str]:
    """Move files to the folder of kept ones, each beside any of its name that is there already.

    Parameters
    ----------
    folder : Path
        Of the study.
    names : iterable of str
        Paths below it.

    Returns
    -------
    list of str
        Where they are now.
    """
    moved = []
    for name in names:
        source = folder / name
        first = target = folder / KEPT / name
        for number in itertools.count(2):
            if not target.exists():
                break
            target = first.with_name(f"{first.stem}-{number}{first.suffix}")
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        moved.append(target.relative_to(folder).as_posix())
    return moved
