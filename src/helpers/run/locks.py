"""One run at a time in a folder: a lock that the system gives back however its holder ends."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from helpers.errors import OutputError

_TEXT_LENGTH = 200
# Of kernels, sockets, logs and libraries, besides the locks.
_OTHER_FILES = 512

# What systems answer on a file system that has no locks, as some network drives; the last is what
# Windows makes of its "not supported".
_WITHOUT_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}


def seize(file: int) -> bool | None:
    """Lock an open file unless another process has.

    Parameters
    ----------
    file : int
        Its descriptor; the lock ends with it.

    Returns
    -------
    bool or None
        None on a file system without locks.

    Raises
    ------
    OSError
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file, 4096, os.SEEK_SET)  # behind the text, which others shall read
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
        return None
    return True


def _warn(folder: Path) -> None:
    """Say that nobody else is kept out; once for all studies of a folder."""
    warnings.warn(
        f"{folder}: this file system has no locks, so that a second run there at the same time is "
        "not noticed. Start no other one, or name an output_dir on another drive.",
        stacklevel=2,
    )


def _is_current(file: int, path: Path) -> bool:
    """Whether the path still names the open file: its last holder may have removed it."""
    try:
        named, opened = path.stat(), os.fstat(file)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


def _seized(file: int, folder: Path) -> bool:
    """Whether a run may go on, warned where nobody can tell."""
    try:
        answer = seize(file)
    except OSError as error:
        os.close(file)
        raise OutputError(
            f"{folder}: cannot be locked ({error.strerror}). Name another output_dir."
        ) from error
    if answer is None:
        _warn(folder)
    return answer is not False


@contextlib.contextmanager
def lock(path: Path, folder: Path) -> Iterator[None]:
    """Hold a lock; no other run can have it meanwhile, on this or another machine.

    Parameters
    ----------
    path : Path
        File of the lock; made, and removed at the end.
    folder : Path
        What is locked, for the message.

    Raises
    ------
    OutputError
        Another run has it; the message names the process, the machine and since when.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     path = Path(name, ".x.lock")
    ...     with lock(path, Path(name)):
    ...         path.exists()
    ...     path.exists()
    True
    False
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if not _seized(file, path.parent):
            os.lseek(file, 0, os.SEEK_SET)
            holder = os.read(file, _TEXT_LENGTH).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise OutputError(
                f"{folder}: another run is writing there ({holder}). "
                "Wait until it has ended, or name another output_dir."
            )
        if _is_current(file, path):
            break
        os.close(file)
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        text = f"process {os.getpid()} on {socket.gethostname()} since {since}"
        os.lseek(file, 0, os.SEEK_SET)
        with contextlib.suppress(OSError):  # a full disk: the lock holds without its text
            os.write(file, f"{text:<{_TEXT_LENGTH - 1}}\n".encode()[:_TEXT_LENGTH])
        yield
    finally:
        # Removed while still held: whoever waits for it sees that the path names it no more.
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(file)


def _allow_files(count: int) -> None:
    """Let this process have so many more files open than it needs anyway, as far as it may.

    The usual bound, 1024, is below the number of studies of all cities on three measures.
    """
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _OTHER_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def locks(pairs: Iterable[tuple[Path, Path]]) -> Iterator[None]:
    """Hold several locks, or none.

    Parameters
    ----------
    pairs : iterable of (Path, Path)
        Lock file and folder of each.

    Raises
    ------
    OutputError
        One is taken.
    """
    ordered = sorted(pairs)
    _allow_files(len(ordered))
    with contextlib.ExitStack() as stack:
        for path, folder in ordered:
            stack.enter_context(lock(path, folder))
        yield
