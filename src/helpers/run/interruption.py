"""Ctrl-C and other requests to stop: heard once, and not in the middle of what must be whole."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# So long after the first request further ones are taken for the same: stopping has its time.
PATIENCE_SECONDS = 2.0
_first = float("-inf")


def _interrupt(*_: object) -> None:
    global _first
    if time.monotonic() - _first > PATIENCE_SECONDS:
        _first = time.monotonic()
        raise KeyboardInterrupt


def listen() -> None:
    """Stop in the same way at Ctrl-C and at a request of the system to end.

    A process that was told to ignore Ctrl-C, as in the background of a shell, goes on ignoring it.
    """
    for number in SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _interrupt)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Put off requests to stop until a short piece of work is done.

    Examples
    --------
    >>> before = signal.signal(signal.SIGINT, signal.default_int_handler)
    >>> try:
    ...     with uninterrupted():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("whole")
    ... except KeyboardInterrupt:
    ...     print("stopped")
    whole
    stopped
    >>> _ = signal.signal(signal.SIGINT, before)
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals come to the main thread
        return
    asked: list[int] = []

    def note(number: int, _: Any) -> None:
        asked.append(number)

    # One that is handled outside Python, as where R calls it, could not be given back.
    ours = [number for number in SIGNALS if signal.getsignal(number) is not None]
    before = {int(number): signal.signal(number, note) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in dict.fromkeys(asked):
            signal.raise_signal(number)
