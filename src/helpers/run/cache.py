"""What a notebook's results depend on, and which results of an earlier run still stand.

A *part* is what one notebook contributed to a study: its executed copy, its figures, tables and
verdicts. Its *key* is a hash over everything that can change them: the notebook's text, the
parameters, the project's code, the data tables (loading checks all of them, so that each is an
input of every notebook), the user's tables, the version of Python and of every installed package.
Contents count, not times: touching a file changes nothing, editing a helper changes every key.

This module imports nothing heavy: with nothing to do a run ends before pandas is loaded.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import shutil
import sysconfig
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

RECORD = ".parts.json"
PART = "part.json"
# What a user's folder may hold that changes results; the rest of it is not looked at.
OWN_SUFFIXES = (".csv", ".geojson", ".xlsx")
DATA_SUFFIXES = (".csv", ".yml", ".geojson", ".json")


@dataclass(frozen=True)
class Failure:
    """A notebook that did not finish: which cell, which error."""

    notebook: str
    cell: str
    error: str

    def __str__(self) -> str:
        return f"{self.notebook}, {self.cell}: {self.error}"


# Size in bytes, time of change in ns, and hash.
Stamp = tuple[int, int, str]


@dataclass(frozen=True)
class Part:
    """The results of one notebook of a study.

    Attributes
    ----------
    notebook : str
        Its name without suffix.
    key : str
        Hash of what the results depend on; empty where they cannot be used again.
    seconds : float
        Wall time of its execution.
    failure : Failure or None
    files : dict
        Path below the study's folder, with size in bytes, time of change in ns, and hash.
    peak_mib : float
        Largest resident memory of its kernel that was seen, 0 where none was.
    """

    notebook: str
    key: str
    seconds: float
    failure: Failure | None = None
    files: dict[str, Stamp] = field(default_factory=dict)
    peak_mib: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain values for a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Part:
        """The part that :meth:`as_json` described."""
        failure = values["failure"]
        return cls(
            str(values["notebook"]), str(values["key"]), float(values["seconds"]),
            Failure(**failure) if failure else None,
            stamps(values["files"]),
            float(values.get("peak_mib", 0.0)),
        )  # fmt: skip


def stamps(values: Mapping[str, Any]) -> dict[str, Stamp]:
    """Stamps of files as JSON gives them back."""
    return {name: (int(size), int(time), str(text)) for name, (size, time, text) in values.items()}


def file_digest(path: Path) -> str:
    """Hash of a file's contents, 32 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


@lru_cache(maxsize=4096)
def _digest_once(path: Path, state: tuple[int, ...]) -> str:
    """Hash of a file's contents, read once as long as the system tells of no change."""
    return file_digest(path)


def _tree_digest(files: Iterable[tuple[str, Path]]) -> str:
    """Hash of names and contents of files; a run asks for it before and after each notebook."""
    whole = hashlib.blake2b(digest_size=16)
    for name, path in sorted(files):
        stat = path.stat()
        state = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        # Some file systems tell times by two seconds: a file could change again within them.
        settled = time.time_ns() - max(state[2:]) > 2_000_000_000
        digest = _digest_once(path, state) if settled else file_digest(path)
        whole.update(f"{name}\0{digest}\0".encode())
    return whole.hexdigest()


def _below(folder: Path, suffixes: Sequence[str] = ()) -> list[tuple[str, Path]]:
    """Files at any depth, by their path below the folder; bytecode and hidden files left out."""
    found = []
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and name[0] != "."]
        for name in names:
            path = Path(where, name)
            if name[0] != "." and (not suffixes or path.suffix.lower() in suffixes):
                found.append((path.relative_to(folder).as_posix(), path))
    return found


def code_state(helpers: Path) -> tuple[tuple[str, int, int], ...]:
    """Path, time of change and size of every file of the project's code.

    For one run, which asks often whether the code is still what it was; see :func:`surroundings` for
    what outlives a run.

    Parameters
    ----------
    helpers : Path
        Folder of the package.
    """
    stats = [(str(path), path.stat()) for path in sorted(helpers.rglob("*.py"))]
    return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def names_below(folder: Path) -> list[str]:
    """Files at any depth, by their path below the folder, in order; hidden ones left out."""
    return sorted(name for name, _ in _below(folder))


def _own_digest(data_dir: Path | None) -> str:
    if data_dir is None or not data_dir.is_dir():
        return ""
    own = [
        (path.name, path) for path in data_dir.iterdir()
        if path.suffix.lower() in OWN_SUFFIXES and path.is_file()
    ]  # fmt: skip
    return _tree_digest(own)


@lru_cache(maxsize=1)
def installed() -> str:
    """Version of Python and of every installed package.

    Folders of metadata carry name and version in their names, so that none needs to be opened.
    """
    names: set[str] = set()
    for key in ("purelib", "platlib"):
        folder = Path(sysconfig.get_path(key))
        if folder.is_dir():
            names.update(
                p.name for p in folder.iterdir() if p.suffix in (".dist-info", ".egg-info")
            )
    return "\n".join([platform.python_version(), platform.machine(), *sorted(names)])


def surroundings(helpers: Path, data: Path, data_dir: Path | None) -> str:
    """Hash of what all notebooks of a study share: code, data, installed packages.

    Parameters
    ----------
    helpers, data : Path
        Folders of the project's code and tables.
    data_dir : Path or None
        The user's tables.

    Returns
    -------
    str
    """
    tables = [item for item in _below(data, DATA_SUFFIXES) if not item[0].startswith("templates/")]
    parts = (
        _tree_digest(_below(helpers)),
        _tree_digest(tables),
        _own_digest(data_dir),
        installed(),
    )
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def notebook_key(source: Path, parameters: Mapping[str, Any], around: str) -> str:
    """Key of the results of a notebook.

    Parameters
    ----------
    source : Path
        The stored notebook.
    parameters : mapping
        As injected.
    around : str
        From :func:`surroundings`.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    text = json.dumps([source.name, dict(parameters), around], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b((text + file_digest(source)).encode(), digest_size=16).hexdigest()


def stamp(path: Path) -> Stamp:
    """What tells later whether a file has been changed."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, file_digest(path)


def listing(folder: Path) -> dict[str, Stamp]:
    """Stamp of every file below a folder, the part's own record left out."""
    return {name: stamp(path) for name, path in sorted(_below(folder)) if name != PART}


def is_same(path: Path, written: Stamp, thorough: bool = False) -> bool:
    """Whether a file is there as it was written.

    Parameters
    ----------
    path : Path
    written : (int, int, str)
        Its stamp of then.
    thorough : bool
        Read it; otherwise only if its time of change differs, as after copying.
    """
    size, time, digest = written
    try:
        stat = path.stat()
        if stat.st_size != size:
            return False
        return not (thorough or stat.st_mtime_ns != time) or file_digest(path) == digest
    except OSError:
        return False


def is_intact(folder: Path, files: Mapping[str, Stamp], thorough: bool = False) -> bool:
    """Whether all files of a folder that have a stamp are as they were written.

    Parameters
    ----------
    folder : Path
    files : mapping of str to (int, int, str)
        Path below the folder, and stamp.
    thorough : bool
        See :func:`is_same`.
    """
    return all(is_same(folder / name, written, thorough) for name, written in files.items())


def write_json(path: Path, content: object) -> None:
    """Write a file whole or not at all, also when the power fails."""
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_object(path: Path) -> dict[str, Any]:
    """What a JSON file holds; nothing if it is not there or holds no object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def read_part(folder: Path) -> Part | None:
    """The part that lies in a folder of its own, checked in full; None if it is not whole."""
    try:
        part = Part.from_json(json.loads((folder / PART).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return part if is_intact(folder, part.files, thorough=True) else None


@dataclass(frozen=True)
class Record:
    """What a study's folder says about itself."""

    parameters: dict[str, Any]
    around: str
    parts: dict[str, Part]
    failures: tuple[Failure, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)


def read_record(folder: Path) -> Record | None:
    """The record of a study's folder; None if there is none, or an unreadable one."""
    try:
        values = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        parts = [Part.from_json(item) for item in values["parts"]]
        failures = tuple(Failure(**item) for item in values["failures"])
        return Record(
            dict(values["parameters"]), str(values["around"]),
            {part.notebook: part for part in parts}, failures, dict(values["summary"]),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_record(folder: Path, record: Record) -> None:
    """Write the record of a study's folder."""
    write_json(folder / RECORD, {
        "parameters": record.parameters, "around": record.around, "summary": record.summary,
        "failures": [asdict(failure) for failure in record.failures],
        "parts": [part.as_json() for part in record.parts.values()],
    })  # fmt: skip


def beside(folder: Path) -> Path:
    """Folder beside a study's folder in which a run makes its parts.

    Examples
    --------
    >>> beside(Path("output/liaoning_anshan")).name
    '.liaoning_anshan'
    """
    return folder.with_name(f".{folder.name}")


def is_current(
    folder: Path, record: Record, parameters: Mapping[str, Any], keys: Mapping[str, str]
) -> bool:
    """Whether all results in a study's folder stand.

    Parameters
    ----------
    folder : Path
    record : Record
        Of the folder.
    parameters, keys
        See :func:`find_current`.
    """
    return (
        record.parameters == dict(parameters)
        and not record.failures
        and {name: part.key for name, part in record.parts.items()} == dict(keys)
        and (folder / "verdicts.csv").is_file()
        # Left by a run that could not put its results into place, on a full disk for instance.
        and not beside(folder).exists()
        and all(is_intact(folder, part.files) for part in record.parts.values())
    )


def find_current(
    root: Path, parameters: Mapping[str, Any], keys: Mapping[str, str]
) -> tuple[Path, Record] | None:
    """A study's folder in which nothing is to be done, found without resolving names of places.

    Parameters
    ----------
    root : Path
        Folder of the studies.
    parameters : mapping
        As given.
    keys : mapping
        Key of each notebook.

    Returns
    -------
    (Path, Record) or None
        None also if another way of writing the same parameters was used.
    """
    if not root.is_dir():
        return None
    for path in sorted(root.glob(f"*/{RECORD}")):
        record = read_record(path.parent)
        if record is not None and is_current(path.parent, record, parameters, keys):
            return path.parent, record
    return None


def link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the file system cannot."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def replace_folder(new: Path, target: Path) -> None:
    """Put a folder in the place of another; a second process that does the same does no harm."""
    for turn in range(100):
        try:
            new.rename(target)
            return
        except OSError as error:
            # The other one may have taken the target away by now: then simply again.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.EACCES):
                raise
        old = new.with_name(f"{new.name}.old{turn}")
        try:
            target.rename(old)
        except FileNotFoundError:
            continue
        shutil.rmtree(old, ignore_errors=True)
    raise OSError(f"{target} cannot be replaced")
