"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from helpers.errors import OutputError


def write_bytes(content: bytes, path: Path) -> None:
    """Write a file in one step: a reader never sees half of it, and a failure leaves nothing.

    Parameters
    ----------
    content : bytes
    path : Path
        Replaced if it is there; its folder is made if need be.

    Raises
    ------
    OutputError
        The disk is full, the folder cannot be written, or its name is that of a file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(b"text", Path(folder) / "新 folder" / "a.txt")
    ...     (Path(folder) / "新 folder" / "a.txt").read_bytes()
    b'text'
    """
    write_all({path: content})


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write several files that belong together: all are on the disk before the first is replaced.

    Parameters
    ----------
    files : mapping of Path to bytes

    Raises
    ------
    OutputError
        As for :func:`write_bytes`.
    """
    partial = {path: path.with_name(path.name + ".part") for path in files}
    path = Path()
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial[path].write_bytes(content)
        for path, part in partial.items():
            part.replace(path)
    except OSError as error:
        for part in partial.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}). Free space on the disk, close "
            "programs that have the file open, or name another folder; what was there is unchanged."
        ) from error
