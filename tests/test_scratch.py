"""Temporary folders of runs: removed at the end, and by the next run where a run was killed."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.errors import OutputError
from helpers.run import locks, scratch
from helpers.run.locks import lock

HOLDER = """
import sys
from pathlib import Path
from helpers.run.scratch import Scratch
print(Scratch(Path(sys.argv[1])).path, flush=True)
sys.stdin.read()
"""


def test_folders_of_killed_processes_are_removed_and_others_are_not(tmp_path: Path) -> None:
    """Two real processes; one is killed, which nothing of Python's survives."""
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) for _ in "ab"
    ]  # fmt: skip
    try:
        folders = [Path(holder.stdout.readline().strip()) for holder in holders]  # type: ignore[union-attr]
        others = [tmp_path / "study-somebody", tmp_path / "study-export" / f"{scratch.OWNER}.new"]
        (tmp_path / "study-of-mine").mkdir()
        (tmp_path / "study-of-mine" / "owner").touch()
        for other in others:
            other.mkdir(parents=True)
        (tmp_path / "study-file").touch()
        (tmp_path / "study-link").symlink_to(folders[1])
        scratch.remove_abandoned(tmp_path)
        assert all(folder.is_dir() for folder in folders)
        holders[0].kill()
        holders[0].wait()
        assert folders[0].is_dir()
        scratch.remove_abandoned(tmp_path)
        assert [folder.exists() for folder in folders] == [False, True]
        assert (tmp_path / "study-of-mine").is_dir()
        assert all(other.is_dir() for other in others) and (tmp_path / "study-file").is_file()
        holders[1].communicate()
        assert not folders[1].exists()
    finally:
        for holder in holders:
            holder.kill()
            holder.communicate()


def refuse(number: int) -> Callable[..., None]:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return flock


@pytest.mark.skipif(sys.platform == "win32", reason="another call")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_where_files_have_no_locks(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", refuse(number))
    made = scratch.Scratch(tmp_path)
    scratch.remove_abandoned(tmp_path)
    assert made.path.is_dir()
    made.close()
    assert not list(tmp_path.iterdir())
    with pytest.warns(UserWarning, match="has no locks, so that a second run"):
        context = lock(tmp_path / ".x.lock", tmp_path / "x")
        context.__enter__()
    assert (tmp_path / ".x.lock").is_file()
    context.__exit__(None, None, None)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="another call")
def test_a_lock_that_fails_for_another_reason_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", refuse(errno.EIO))
    with pytest.raises(OutputError, match=r"cannot be locked \(Input/output error\)"):
        lock(tmp_path / ".x.lock", tmp_path / "x").__enter__()


def test_the_warning_comes_once_for_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "seize", lambda _: None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        with locks.locks((tmp_path / f".{n}.lock", tmp_path / n) for n in "abc"):
            pass
    assert len(caught) == 1
