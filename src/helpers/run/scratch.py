"""A temporary folder of this process, and what killed ones have left of theirs."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from helpers.run.locks import seize

PREFIX = "study-"
# Locked as long as the folder's owner lives, however that ends. No name that a user would give.
OWNER = ".owner-of-kernels"


class Scratch:
    """A temporary folder, removed when the process ends.

    Parameters
    ----------
    root : Path or None
        Folder that holds it; None for the system's.

    Attributes
    ----------
    path : Path
    """

    def __init__(self, root: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        atexit.register(self.close)
        # Locked under another name first: one that is found unlocked has lost its owner. Windows
        # renames no open file, and lets nobody else remove it either.
        unlocked = self.path / (OWNER if sys.platform == "win32" else f"{OWNER}.new")
        self._file = os.open(unlocked, os.O_RDWR | os.O_CREAT, 0o600)
        with contextlib.suppress(OSError):  # where files have no locks nobody could tell
            if seize(self._file) and unlocked.name != OWNER:
                unlocked.rename(self.path / OWNER)
        remove_abandoned(self.path.parent)

    def close(self) -> None:
        """Remove the folder."""
        with contextlib.suppress(OSError):
            os.close(self._file)
        shutil.rmtree(self.path, ignore_errors=True)


def remove_abandoned(root: Path) -> None:
    """Remove the folders of processes that have been killed.

    Parameters
    ----------
    root : Path
        Folders of other users and of living processes there are left alone.
    """
    for path in root.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(path: Path) -> bool:
    """Whether nobody holds the lock of a folder of ours."""
    if path.is_symlink() or (hasattr(os, "getuid") and path.lstat().st_uid != os.getuid()):
        return False
    file = os.open(path / OWNER, os.O_RDWR)
    try:
        return seize(file) is True
    finally:
        os.close(file)
