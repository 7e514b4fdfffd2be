"""The process that warm kernels are forked from; see :mod:`helpers.run.kernels`.

It imports the libraries once and then waits on a socket. For each request it forks a child that
becomes a Jupyter kernel. It has no threads of its own, since only what is single-threaded can be
forked safely. Each kernel has a socket of its own to whoever asked for it: the kernel's number and
later its exit status go out on it, and when the other end closes, the kernel is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import selectors
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LENGTH = struct.Struct("!I")


def receive_exactly(channel: socket.socket, size: int) -> bytes:
    """Read so many bytes from a socket; fewer only if it was closed.

    Parameters
    ----------
    channel : socket
    size : int

    Returns
    -------
    bytes
    """
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(size - len(parts))
        if not part:
            break
        parts += part
    return bytes(parts)


def preload(modules: Iterable[str]) -> list[str]:
    """Import modules as a kernel would find them.

    Parameters
    ----------
    modules : iterable of str
        One that is not installed, or that is at fault, is passed over: the notebook that wants it
        tells what is wrong.

    Returns
    -------
    list of str
        Names of the imported ones.
    """
    import builtins
    from types import SimpleNamespace

    # Libraries look at their surroundings when they are imported: pandas for a kernel, to choose
    # how many columns it prints, ipykernel for the process that it shall not outlive, and its
    # debugger for a way to begin, to complain on the user's terminal. Kernels get their own.
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    done = []
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
            done.append(name)
    del builtins.get_ipython  # type: ignore[attr-defined]
    return done


def load_tables() -> None:
    """Read and check the data tables once for all kernels.

    They are kept with the times of change of their files, so that a kernel reads a table again that
    was edited since. What is wrong with them is told by the kernels.
    """
    with contextlib.suppress(Exception):
        from helpers.evidence import tables

        tables.load_all()


def become_kernel(request: dict[str, Any]) -> None:
    """Turn this process, just forked, into the kernel that a request asks for.

    Parameters
    ----------
    request : dict
        ``arguments`` after ``-m ipykernel_launcher``, ``cwd``, ``env``.
    """
    os.environ.clear()
    os.environ.update(request["env"])
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    # Should memory run out, a kernel is to end and not the process that runs the study.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    time.tzset()
    if request["cwd"]:
        os.chdir(request["cwd"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.argv = ["ipykernel_launcher", *request["arguments"]]
    importlib.invalidate_caches()
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


# Of Linux's prctl: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Have the system kill this process when its parent ends, however that comes about.

    Parameters
    ----------
    parent : int
        Number of the parent: it may have ended already.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class ForkServer:
    """Forks kernels on request until the control socket closes."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._number = os.getpid()
        self._lines: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._woken, waker = socket.socketpair()
        self._woken.setblocking(False)
        waker.setblocking(False)
        self._waker = waker
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        """Answer requests; at the end kill every kernel that is left."""
        try:
            while self._step():
                pass
        finally:
            for pid in self._lines:
                self._kill(pid)

    def _step(self) -> bool:
        for key, _ in self._selector.select():
            if key.fileobj is self._control:
                if not self._answer():
                    return False
            elif key.fileobj is self._woken:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(4096)
                self._reap()
            elif key.data in self._lines:
                # Nobody writes to a kernel's line, so there is news only when it was closed.
                self._selector.unregister(key.fileobj)
                self._kill(key.data)
        return True

    def _answer(self) -> bool:
        head, files, _, _ = socket.recv_fds(self._control, LENGTH.size, 1)
        if not files:
            return False
        head += receive_exactly(self._control, LENGTH.size - len(head))
        text = receive_exactly(self._control, LENGTH.unpack(head)[0])
        line = socket.socket(fileno=files[0])
        pid = os.fork()
        if pid == 0:
            self._child(json.loads(text), line)
        self._lines[pid] = line
        self._selector.register(line, selectors.EVENT_READ, pid)
        self._tell(line, pid)
        return True

    def _child(self, request: dict[str, Any], line: socket.socket) -> None:
        """Never returns: whatever happens, the child must not go on as a second server."""
        status = 1
        try:
            os.setsid()
            end_with(self._number)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._selector.close()
            # A copy of a line left open here would hide that the server has died.
            for channel in (self._control, self._woken, self._waker, line, *self._lines.values()):
                channel.close()
            become_kernel(request)
            status = 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException:  # noqa: BLE001 - told, and the child ends
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        while self._lines:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            line = self._lines.pop(pid)
            # What it started itself and left behind is of its group.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            self._tell(line, os.waitstatus_to_exitcode(status))
            with contextlib.suppress(KeyError):
                self._selector.unregister(line)
            line.close()

    @staticmethod
    def _tell(line: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            line.sendall(f"{number}\n".encode())

    @staticmethod
    def _kill(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        # The group as well, for what the kernel started itself.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def main(descriptor: int, modules: Iterable[str]) -> None:
    """Serve on an inherited socket.

    Parameters
    ----------
    descriptor : int
        Of the control socket.
    modules : iterable of str
        To import first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.path and sys.path[0] == "":  # this process runs a command, its kernels do not
        del sys.path[0]
    # Nothing that imports leave behind is worth a look: it all stays for the kernels.
    gc.disable()
    preload(modules)
    if "helpers.run.study" in sys.modules:
        load_tables()
    gc.freeze()
    gc.enable()
    # A figure makes objects by the thousand, and a look for garbage at every 700 of them takes a
    # twentieth of a kernel's time.
    gc.set_threshold(20_000)
    ForkServer(socket.socket(fileno=descriptor)).serve()
    os._exit(0)  # what it has imported need not be taken down piece by piece
