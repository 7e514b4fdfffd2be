"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
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
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}). Free space on the disk, close "
            "programs that have the file open, or name another folder; what was there is unchanged."
        ) from error
