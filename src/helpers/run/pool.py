"""Who executes tasks: threads of this process that each look after a kernel, or a cluster."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from helpers.run.cache import Part
from helpers.run.parts import Task, run_part_safely

# Resident memory of a kernel that draws and models, measured; much of it is shared by forked ones.
KERNEL_MIB = 400.0
# Memory limit of a notebook where the machine that runs it is not known.
REMOTE_LIMIT_MIB = 4096.0
# Limit, use and what of it can be given back at once, in containers of the newer and the older kind.
_CONTAINERS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat",
        "total_inactive_file",
    ),
)  # fmt: skip


def processors() -> int:
    """Number of processors that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_mib(groups: Path = Path("/sys/fs/cgroup")) -> float:
    """Memory that can be had, the limit of a container included, in MiB.

    Parameters
    ----------
    groups : Path
        Where Linux tells the limits of a container.

    Returns
    -------
    float
    """
    import psutil

    free = float(psutil.virtual_memory().available)
    for limit, used, statistics, cached in _CONTAINERS:
        with contextlib.suppress(OSError, ValueError):
            most, now = (int((groups / name).read_text()) for name in (limit, used))
            lines = (line.split() for line in (groups / statistics).read_text().splitlines())
            # Files that were read fill a container's memory and give way when it is wanted.
            cache = sum(int(count) for name, count in lines if name == cached)
            free = min(free, max(0.0, float(most - now + cache)))
    return free / 2**20


def workers_for(tasks: int, warm: bool, memory_mib: float) -> int:
    """How many notebooks to execute at a time.

    Parameters
    ----------
    tasks : int
        Notebooks to execute.
    warm : bool
        Whether kernels are forked: their short waits leave a processor idle, so that one more than
        there are processors is best.
    memory_mib : float
        Memory that can be had; a fifth of it is left alone.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> workers_for(1, True, 16000.0), workers_for(100, True, 600.0)
    (1, 1)
    """
    by_memory = int(0.8 * memory_mib // KERNEL_MIB)
    return max(1, min(processors() + warm, by_memory, tasks))


@dataclass
class Pool:
    """Where tasks go.

    Attributes
    ----------
    executor : Executor
        Of the standard library's kind.
    submit : callable
        Hands over a task.
    stop : callable
        Ends kernels at once where that can be done from here.
    """

    executor: Executor
    submit: Callable[[Task], Future[Part]]
    stop: Callable[[], None] = lambda: None


@dataclass
class _Gate:
    """Lets a task begin when there is memory for it, or when nothing else is running."""

    stopped: threading.Event
    need_mib: float = KERNEL_MIB
    running: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextlib.contextmanager
    def passed(self) -> Iterator[None]:
        while True:
            with self.lock:
                if not self.running or available_mib() > self.need_mib or self.stopped.is_set():
                    self.running += 1
                    break
            time.sleep(0.5)
        try:
            yield
        finally:
            with self.lock:
                self.running -= 1


@contextlib.contextmanager
def local_pool(
    workers: int, on_start: Callable[[Task], object], on_cell: Callable[[Task], object],
    on_stop: Callable[[], object] = lambda: None,
) -> Iterator[Pool]:  # fmt: skip
    """Threads of this process.

    Parameters
    ----------
    workers : int
    on_start, on_cell : callable
        Called when a task begins and after each cell.
    on_stop : callable
        Called when all shall end at once.

    Yields
    ------
    Pool
    """
    stopped = threading.Event()
    gate = _Gate(stopped)

    def work(task: Task) -> Part:
        with gate.passed():
            if not stopped.is_set():
                on_start(task)
            return run_part_safely(task, lambda: on_cell(task), stopped.is_set)

    def stop() -> None:
        stopped.set()
        on_stop()

    executor = ThreadPoolExecutor(workers, thread_name_prefix="notebook")
    try:
        yield Pool(executor, lambda task: executor.submit(work, task), stop)
    except BaseException:
        stop()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
