"""Warm kernels: Jupyter kernels forked from a process that has done the imports once.

A kernel spends most of its life importing pandas, matplotlib, scipy and statsmodels. A provisioner
of ``jupyter_client`` (entry point ``srdi-warm``) takes kernels from :mod:`helpers.run.fork_server`
instead of starting Python anew. The project's own code and its data tables are read beforehand, too;
when a file of the code has changed since, a new server is started, and a changed table is read again
by the kernel, so that neither is ever stale.

``study run`` uses it by itself. Other tools that start kernels (papermill, nbconvert, nbmake) do
when ``JUPYTER_DEFAULT_PROVISIONER_NAME=srdi-warm`` is set. Where processes cannot be forked safely
(Windows, macOS) ordinary kernels are started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from helpers.run.cache import code_state
from helpers.run.fork_server import LENGTH

NAME = "srdi-warm"
# matplotlib_inline is missing on purpose: it looks for the kernel when it is imported.
PRELOAD = (
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "nbformat",
    "numpy",
    "pandas",
    "pandera.backends.pandas.container",
    "pandera.pandas",
    "pandera.strategies.pandas_strategies",
    "scipy.optimize",
    "scipy.sparse",
    "scipy.stats",
    "yaml",
)
# One notebook of a study imports this. It keeps every kernel waiting, so that it has to be worth it.
FOR_MANY = ("statsmodels.api",)
HELPERS = Path(__file__).resolve().parents[1]


def modules(many: bool = True) -> tuple[str, ...]:
    """What a fork server imports.

    Parameters
    ----------
    many : bool
        For several studies.
    """
    # The project's own are last: another server imports them anew once a file of them has changed.
    files = [path for part in ("analysis", "publish") for path in (HELPERS / part).rglob("*.py")]
    own = [".".join(path.relative_to(HELPERS.parent).with_suffix("").parts) for path in files]
    own = [name.removesuffix(".__init__") for name in own]
    return (
        *PRELOAD, *(FOR_MANY if many else ()), "helpers.run.study", "helpers.run.shared", *sorted(own)
    )  # fmt: skip


def available() -> bool:
    """Whether processes can be forked safely here."""
    # macOS has fork, but its frameworks do not survive it.
    return hasattr(os, "fork") and sys.platform not in ("darwin", "win32", "emscripten")


class WarmProcess:
    """A forked kernel, with as much of ``subprocess.Popen`` as a provisioner needs."""

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        # The one who runs the notebook and the one who stops the run may ask at the same time.
        self._lock = threading.Lock()
        self._text = b""
        self._numbers: list[int] = []
        self.returncode: int | None = None
        self._read(1, None)
        if not self._numbers:
            line.close()
            raise ChildProcessError("the process that kernels are forked from has died")
        self.pid = self._numbers[0]

    def __del__(self) -> None:
        # Hanging up ends the kernel: nobody can speak to it any more.
        self._line.close()

    def _read(self, count: int, timeout: float | None) -> None:
        """Read until so many numbers have come; the line's end stands for a killed kernel."""
        self._line.settimeout(timeout)
        while len(self._numbers) < count:
            try:
                part = self._line.recv(64)
            except (BlockingIOError, TimeoutError):
                return
            except ConnectionError:
                part = b""
            if not part:
                if self._numbers:
                    self._numbers.append(-signal.SIGKILL)
                return
            self._text += part
            *whole, self._text = self._text.split(b"\n")
            self._numbers += [int(number) for number in whole]

    def poll(self) -> int | None:
        """Exit status, or None while the kernel runs."""
        with self._lock:
            if self.returncode is None:
                self._read(2, 0.0)
            if self.returncode is None and len(self._numbers) > 1:
                self.returncode = self._numbers[1]
                self._line.close()
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the kernel to end.

        Raises
        ------
        subprocess.TimeoutExpired
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("warm kernel", timeout or 0)
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel alone; one that has ended is left alone."""
        if self.poll() is None:
            # It may have ended although its end was not told yet.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel and what it has started."""
        if self.poll() is None:
            # Just forked, it may not have a group of its own yet.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self.send_signal(signal.SIGKILL)


class Server:
    """The other end of a fork server's control socket."""

    def __init__(self, imported: Sequence[str]) -> None:
        # Before anything is imported: an edit during the imports is seen at the next fork.
        self.code = code_state(HELPERS)
        self._control, theirs = socket.socketpair()
        self._lock = threading.Lock()
        call = (
            f"from helpers.run.fork_server import main; main({theirs.fileno()}, {list(imported)!r})"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", call],
            stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True,
            env=dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"),
        )  # fmt: skip
        theirs.close()
        self._forked: list[weakref.ref[WarmProcess]] = []

    @property
    def alive(self) -> bool:
        """Whether it can fork kernels."""
        return self.process.poll() is None

    def fork(
        self, arguments: Sequence[str], cwd: str | os.PathLike[str] | None, env: Mapping[str, str]
    ) -> WarmProcess:
        """Start a kernel.

        Parameters
        ----------
        arguments : sequence of str
            What an ordinary kernel gets after ``python -m ipykernel_launcher``.
        cwd : path or None
            Working directory, None for this process's.
        env : mapping
            All environment variables.

        Returns
        -------
        WarmProcess

        Raises
        ------
        OSError
            The server is gone.
        """
        ours, theirs = socket.socketpair()
        folder = str(cwd or Path.cwd())
        request = {"arguments": list(arguments), "cwd": folder, "env": dict(env)}
        text = json.dumps(request).encode()
        try:
            with self._lock, theirs:
                socket.send_fds(self._control, [LENGTH.pack(len(text))], [theirs.fileno()])
                self._control.sendall(text)
        except OSError:
            ours.close()
            raise
        kernel = WarmProcess(ours)
        self._forked.append(weakref.ref(kernel))
        return kernel

    def close(self, patience: float = 5.0) -> None:
        """End the server and every kernel that is left; kill it after so many seconds."""
        self._control.close()
        if not patience:
            # It cannot be asked to end them any more. One that is just being forked ends with it.
            # Another thread may be adding one: a copy of a list is made in one step.
            for kernel in [reference() for reference in list(self._forked)]:
                if kernel is not None:
                    kernel.kill()
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


_current: Server | None = None
_retired: list[Server] = []  # their code is stale, but kernels of theirs may still be at work
_starting = threading.Lock()
_abandoned = False


def server(many: bool = True) -> Server:
    """The fork server of this process, started when first wanted.

    Parameters
    ----------
    many : bool
        Whether one that is started now is for several studies.
    """
    global _current
    with _starting:
        if _abandoned:
            raise ConnectionAbortedError("the run is being stopped")
        if _current is not None and not _current.alive:
            _current.close()
            _current = None
        if _current is not None and _current.code != code_state(HELPERS):
            _retired.append(_current)
            _current = None
        if _current is None:
            _current = Server(modules(many))
        return _current


def abandon() -> None:
    """End the fork server at once, also while it imports, and start no other one.

    Whoever waits for a kernel is told that there is none.
    """
    global _abandoned
    _abandoned = True
    close(0.0)


@atexit.register
def close(patience: float = 5.0) -> None:
    """End this process's fork server, if there is one."""
    global _current
    with _starting:
        for each in (*_retired, *([] if _current is None else [_current])):
            each.close(patience)
        _retired.clear()
        _current = None


class WarmProvisioner(LocalProvisioner):
    """Takes kernels from the fork server; any other kind of kernel is started as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start a kernel.

        Parameters
        ----------
        cmd : list of str
            Forked if it is this Python with ``-m ipykernel_launcher`` and no stream is redirected.
        **kwargs
            ``cwd``, ``env`` and what ``subprocess.Popen`` takes.
        """
        redirected = any(kwargs.get(name) for name in ("stdin", "stdout", "stderr"))
        same = cmd[0] == sys.executable and cmd[1:3] == ["-m", "ipykernel_launcher"]
        # Options of Python itself, such as -Xfrozen_modules=off, stand before -m.
        env = {name: str(text) for name, text in (kwargs.get("env") or os.environ).items()}
        # Where modules are looked for is settled once Python runs.
        same = same and env.get("PYTHONPATH") == os.environ.get("PYTHONPATH")
        if redirected or not same or not available():
            return await super().launch_kernel(cmd, **kwargs)
        try:
            self.process: Any = server().fork(cmd[3:], kwargs.get("cwd"), env)
        except OSError:
            if _abandoned:
                raise
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        return self.connection_info


@contextlib.contextmanager
def started_ahead(wanted: bool = True, many: bool = True) -> Iterator[None]:
    """Let the fork server import while this process makes its own preparations.

    Where they come to nothing, since a parameter or a table is at fault, it is ended at once.

    Parameters
    ----------
    wanted : bool
        False changes nothing.
    many : bool
        For several studies.
    """
    if not (wanted and available()):
        yield
        return
    global _abandoned
    _abandoned = False
    server(many)
    try:
        yield
    finally:
        close(0.0)


@contextlib.contextmanager
def warm_kernels(wanted: bool = True, many: bool = True) -> Iterator[bool]:
    """Have kernels forked within this context.

    Parameters
    ----------
    wanted : bool
        False changes nothing.
    many : bool
        For several studies.

    Yields
    ------
    bool
        Whether kernels are warm: false where processes cannot be forked safely.
    """
    if not (wanted and available()):
        yield False
        return
    global _abandoned
    _abandoned = False
    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = NAME
    server(many)  # its imports take as long as a kernel's: let them begin
    try:
        yield True
    finally:
        factory.default_provisioner_name = before
        close()
