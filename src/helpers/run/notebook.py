"""One notebook executed by papermill, with limits on its time, memory and output.

papermill parameterises the notebook, runs it with its own engine and client, and records times and
errors; what is added here is someone who watches the kernel. A kernel that exceeds a limit is
killed, and the notebook becomes a failure that says which limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from helpers.run.cache import Failure
from helpers.run.limits import Limits
from helpers.run.parameters import LANGUAGES
from helpers.run.scratch import Scratch

LOOK_SECONDS = 0.2
_numbers = itertools.count()
_making = threading.Lock()
_holder: Scratch | None = None


def _resident_mib(pid: int, descendants: bool) -> float:
    """Resident memory of a process, and of its descendants if wanted; 0 if it has ended."""
    import psutil

    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        # Finding them means reading the state of every process of the machine.
        others = process.children(recursive=True) if descendants else []
        for item in (process, *others):
            with contextlib.suppress(psutil.Error):
                total += item.memory_info().rss
    return total / 2**20


class Watch:
    """Looks after one kernel while its notebook runs."""

    def __init__(
        self, limits: Limits, on_cell: Callable[[], object], stopped: Callable[[], bool]
    ) -> None:
        self.notebook: Any = None
        self.reason = ""
        self.peak_mib = 0.0
        self._limits, self._on_cell, self._stopped = limits, on_cell, stopped
        self._client: Any = None
        self._shown = 0
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._client = None

    def attach(self, client: Any, notebook: Any) -> None:
        """Say which client runs which notebook."""
        self._client, self.notebook = client, notebook

    def cell_done(self) -> None:
        """Pass on that a cell is finished."""
        self._on_cell()

    def shown(self, content: Mapping[str, Any]) -> bool:
        """Count a message of output; false if there has been too much."""
        data = content.get("data") or {"text": content.get("text", "")}
        self._shown += sum(len(part) for part in data.values() if isinstance(part, str))
        limit = self._limits.output_mib
        if limit and self._shown > limit * 2**20:
            self.end(f"stopped: more than {limit:g} MiB of output")
            return False
        return True

    def end(self, reason: str) -> None:
        """Kill the kernel; the first reason counts."""
        self.reason = self.reason or reason
        process = self._process()
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()

    def _process(self) -> Any:
        manager = getattr(self._client, "km", None)
        return getattr(getattr(manager, "provisioner", None), "process", None)

    def _look(self) -> None:
        seconds, memory = self._limits.seconds, self._limits.memory_mib
        for turn in itertools.count():
            if self._ended.wait(LOOK_SECONDS):
                return
            if self.reason:  # again and again, since the kernel may just be starting
                self.end(self.reason)
            elif self._stopped():
                self.end("stopped")
            elif seconds and time.monotonic() - self._started > seconds:
                self.end(f"stopped: longer than {seconds:g} s (see --time-limit)")
            else:
                process = self._process()
                deep = bool(memory) and turn % 10 == 9
                used = _resident_mib(process.pid, deep) if process is not None else 0.0
                self.peak_mib = max(self.peak_mib, used)
                if memory and used > memory:
                    self.end(
                        f"stopped: {used:.0f} MiB of memory, more than {memory:g} (see --memory-limit)"
                    )


class _Bar:
    """Stands in for papermill's progress bar and passes each finished cell on."""

    def __init__(self, advance: Callable[[], object]) -> None:
        self.n = 0
        self._advance = advance

    def update(self, _: int = 1) -> None:
        self._advance()

    def set_description(self, _: str) -> None:
        pass

    def refresh(self) -> None:
        pass

    def close(self) -> None:
        pass


def _sockets() -> Path:
    """A folder for the sockets of this process's kernels, removed when the process ends."""
    global _holder
    # Two threads that made one each would lose the first with its kernels' sockets.
    with _making:
        if _holder is None:
            _holder = Scratch()
        return _holder.path


def common_folder(name: str) -> Path:
    """Where this process's kernels leave for each other what all would find alike."""
    folder = _sockets() / name
    folder.mkdir(exist_ok=True)
    return folder


def kernel_options() -> dict[str, Any]:
    """Options of the notebook client: no network ports where the system has sockets in files.

    Each kernel gets a path of its own, since the default one is the same for all kernels of a
    process and they would answer each other's messages.
    """
    from traitlets.config import Config

    options: dict[str, Any] = {"shutdown_kernel": "immediate"}
    sockets = _sockets()
    # The path of a socket may have 107 bytes at most; a temporary folder may be deeper than that.
    if os.name == "posix" and len(os.fsencode(sockets)) < 90:
        manager = {"transport": "ipc", "ip": str(sockets / f"k{next(_numbers)}")}
        options["config"] = Config({"KernelManager": manager})
    return options


def engine() -> str:
    """Name of the engine, which papermill is told of at the first call."""
    with _making:
        return _register()


@lru_cache(maxsize=1)
def _client_class() -> Any:
    """Papermill's own client, whose output is counted and whose kernel is watched closely."""
    from nbclient.exceptions import DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient

    class Client(PapermillNotebookClient):  # type: ignore[misc]
        watch: Watch

        def process_message(self, message: Any, cell: Any, cell_index: int) -> Any:
            kinds = ("stream", "display_data", "execute_result", "error")
            if message["msg_type"] in kinds and not self.watch.shown(message["content"]):
                return None
            return super().process_message(message, cell, cell_index)

        async def async_start_new_kernel_client(self) -> Any:
            # A kernel that is killed while it starts is told to be dead after a second only.
            ready = asyncio.ensure_future(super().async_start_new_kernel_client())
            while not (await asyncio.wait({ready}, timeout=LOOK_SECONDS))[0]:
                if self.watch.reason:
                    ready.cancel()
                    await asyncio.wait({ready})
                    await self._async_cleanup_kernel()
                    raise DeadKernelError("Kernel died")
            return ready.result()

        async def _async_poll_kernel_alive(self) -> None:
            # As nbclient does, but more often than once a second: a stopped run must end soon.
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                try:
                    await self._async_check_alive()
                except DeadKernelError:
                    self.task_poll_for_reply.cancel()
                    return

    return Client


def _register() -> str:
    """Register papermill's own engine, with someone who watches the kernel; its name."""
    from papermill.engines import NBClientEngine, papermill_engines

    make_client = _client_class()

    class Engine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, *_: Any, **kwargs: Any
        ) -> Any:
            watch, environment = kwargs["watch"], kwargs["environment"]
            nb_man.pbar = _Bar(watch.cell_done)
            client = make_client(
                nb_man, kernel_name=kernel_name,
                startup_timeout=kwargs.get("start_timeout", 60), **kernel_options(),
            )  # fmt: skip
            client.watch = watch
            watch.attach(client, nb_man.nb)
            return client.execute(env=environment)

    papermill_engines.register("study", Engine)
    return "study"


def other_prose(language: str) -> set[str]:
    """Tags of cells that a run in a language leaves out.

    Examples
    --------
    >>> other_prose("zh")
    {'lang-en'}
    """
    return {f"lang-{other}" for other in LANGUAGES if other != language}


def drop_other_language(notebook: Any, language: str) -> None:
    """Take the prose of the other language out of a notebook that is to be executed.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    language : {"en", "zh"}
    """
    others = other_prose(language)
    notebook.cells = [
        cell for cell in notebook.cells if others.isdisjoint(cell.metadata.get("tags", []))
    ]


def _write(notebook: Any, source: Path, target: Path, parameters: Mapping[str, Any]) -> None:
    """Write an executed notebook without the machine's paths in its record."""
    record = notebook.metadata.setdefault("papermill", {})
    record.update({"input_path": f"notebooks/{source.name}", "output_path": target.name})
    record["parameters"] = dict(parameters)
    from nbformat import v4

    unfinished = target.with_name(target.name + ".new")
    # Not checked again: papermill did when it read the notebook, and the client made the outputs.
    unfinished.write_text(v4.writes(notebook) + "\n", encoding="utf-8")
    unfinished.replace(target)


def _told(error: Exception) -> str:
    """An error for the reader; the library says of a kernel that ended no more than that it died."""
    from nbclient.exceptions import DeadKernelError

    text = f"{type(error).__name__}: {error}".strip()
    if isinstance(error, DeadKernelError):
        text += (
            " by itself: its code ended the process, a library crashed, or the system killed it, "
            "as it does when memory runs out. The executed copy shows how far it came"
        )
    return text


def run_notebook(
    source: Path, target: Path, parameters: Mapping[str, Any], watch: Watch,
    environment: Mapping[str, str], shown_parameters: Mapping[str, Any] | None = None,
) -> Failure | None:  # fmt: skip
    """Execute one notebook; the executed copy is kept also when it fails.

    Parameters
    ----------
    source, target : Path
        Stored notebook and executed copy.
    parameters : mapping
        To inject.
    watch : Watch
        Entered already.
    environment : mapping
        All environment variables of the kernel.
    shown_parameters : mapping or None
        What the copy's record says of them; None for the same.

    Returns
    -------
    Failure or None
    """
    import nbformat
    import papermill

    notebook = nbformat.read(source, as_version=4)
    drop_other_language(notebook, str(parameters.get("language", "en")))
    failure = None
    try:
        done = papermill.execute_notebook(
            notebook, None, parameters=dict(parameters), engine_name=engine(),
            kernel_name="python3", progress_bar=False, start_timeout=120, autosave_cell_every=0,
            watch=watch, environment=dict(environment),
        )  # fmt: skip
    except papermill.PapermillExecutionError as error:
        done = watch.notebook
        message = " ".join(f"{error.ename}: {error.evalue}".split())
        failure = Failure(source.stem, f"cell [{error.exec_count}]", message)
    except Exception as error:  # noqa: BLE001 - a dead kernel must not stop the other notebooks
        done = watch.notebook
        failure = Failure(source.stem, "kernel", _told(error))
    if watch.reason:
        failure = Failure(source.stem, "kernel", watch.reason)
    if done is not None:
        _write(done, source, target, shown_parameters or parameters)
    return failure
