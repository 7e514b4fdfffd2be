"""What a worker does: execute one notebook into a folder of its own and put that into place.

A task is plain data and a worker needs nothing but the project and the folders named in it, so that
it can run in a thread of this process or on another machine that shares the folders.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.evidence import tables
from helpers.evidence.solved import VARIABLE as SOLVED
from helpers.run.cache import (
    PART,
    Failure,
    Part,
    listing,
    notebook_key,
    replace_folder,
    surroundings,
    write_json,
)
from helpers.run.limits import Limits
from helpers.run.study import SHARED_VARIABLE, STAGING_VARIABLE

HELPERS = Path(__file__).resolve().parents[1]
# Several kernels at a time: one thread each, or the numeric libraries fight for cores.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Task:
    """One notebook of one study.

    Attributes
    ----------
    study : str
        Name of the study's folder.
    source : str
        The stored notebook.
    work : str
        Folder in which the part ``<work>/<notebook>/`` is made.
    key : str
        See :mod:`helpers.run.cache`.
    parameters, shown : dict
        To inject, and as the executed copy records them.
    limits : Limits
    alive : str
        File that exists as long as the results are wanted; a worker stops its kernel without it.
    cells : int
        Number of cells, for the progress bar.
    """

    study: str
    source: str
    work: str
    key: str
    parameters: dict[str, Any]
    shown: dict[str, Any]
    limits: Limits
    alive: str
    cells: int = 0

    @property
    def notebook(self) -> str:
        """Name of the notebook without suffix."""
        return Path(self.source).stem


def _environment(folder: Path) -> dict[str, str]:
    from helpers.run.notebook import common_folder

    own = {name: os.environ.get(name, "1") for name in _ONE_THREAD}
    own[SOLVED] = str(common_folder("solved"))
    own[SHARED_VARIABLE] = str(common_folder("shared"))
    return {**os.environ, **own, STAGING_VARIABLE: str(folder)}


def _wanted(alive: Path) -> Callable[[], bool]:
    """A question whether the results are not wanted any more."""

    def gone() -> bool:
        try:
            return not alive.exists()
        except OSError:  # a shared folder that is away for a moment
            return False

    return gone


def _holds(task: Task) -> bool:
    """Whether what the results depend on is still what it was when the run was planned."""
    given = task.parameters.get("data_dir")
    try:
        around = surroundings(HELPERS, tables.project_data_dir(), Path(given) if given else None)
        return notebook_key(Path(task.source), task.parameters, around) == task.key
    except OSError:  # a file is just being replaced
        return False


def run_part(
    task: Task,
    on_cell: Callable[[], object] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Part:
    """Execute a task's notebook.

    Parameters
    ----------
    task : Task
    on_cell : callable
        Called after each cell.
    stopped : callable
        Whether to stop now.

    Returns
    -------
    Part
        With its failure, if it failed; the files lie in ``<work>/<notebook>/`` then, too. Where
        code or data were changed while the run went on, it has no key: nobody can tell what the
        results were made from, and the next run makes them again.
    """
    from helpers.run.notebook import Watch, run_notebook

    work, source = Path(task.work), Path(task.source)
    gone = _wanted(Path(task.alive))
    started = time.monotonic()
    held = _holds(task)
    scratch = Path(tempfile.mkdtemp(prefix=f"{task.notebook}-", dir=work))
    try:
        (scratch / "notebooks").mkdir()
        target = scratch / "notebooks" / source.name
        with Watch(task.limits, on_cell, lambda: stopped() or gone()) as watch:
            failure = run_notebook(
                source, target, task.parameters, watch, _environment(scratch), task.shown
            )
        # A part that was stopped is no result, not even a failed one.
        if watch.reason == "stopped":
            raise Stopped(task.notebook)
        seconds = round(time.monotonic() - started, 2)
        key = task.key if held and not failure and _holds(task) else ""
        part = Part(
            task.notebook, key, seconds, failure, listing(scratch), round(watch.peak_mib, 1)
        )
        write_json(scratch / PART, part.as_json())
        replace_folder(scratch, work / task.notebook)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return part


class Stopped(Exception):
    """The run was stopped before this notebook had finished."""


_warm: contextlib.ExitStack | None = None
_warming = threading.Lock()


def run_part_remotely(task: Task) -> Part:
    """The same in a worker of a cluster, which keeps its fork server for the next task.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Part
        Trouble of the worker itself, such as a full disk, is told as a failure.
    """
    global _warm
    from helpers.run.kernels import warm_kernels

    with _warming:
        if _warm is None:
            _warm = contextlib.ExitStack()
            _warm.enter_context(warm_kernels())
    return run_part_safely(task)


def run_part_safely(
    task: Task,
    on_cell: Callable[[], object] = lambda: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Part:
    """As :func:`run_part`; what the system refuses becomes a failure of this notebook."""
    try:
        return run_part(task, on_cell, stopped)
    except Stopped:
        return Part(task.notebook, "", 0.0, Failure(task.notebook, "kernel", "stopped"))
    except Exception as error:  # noqa: BLE001 - the other notebooks go on
        file = getattr(error, "filename", None)
        where = f" ({file})" if file else ""
        text = f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}{where}"
        return Part(task.notebook, "", 0.0, Failure(task.notebook, "folder", text))
