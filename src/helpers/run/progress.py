"""What a run tells while it goes on: a progress bar, and a log that machines can read."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from tqdm import tqdm

from helpers.run.execute import Event


class Bar:
    """A progress bar on standard error with the state of the studies; failures as they happen.

    Parameters
    ----------
    shown : bool
    studies : int
        How many there are; a line is printed for each finished one if there is more than one.
    """

    def __init__(self, shown: bool = True, studies: int = 1) -> None:
        self._bar = tqdm(total=0, unit="cell", disable=not shown, file=sys.stderr, mininterval=0.5)
        self._studies = studies
        self._done = self._failed = 0
        self._running: dict[str, int] = {}
        self._cells: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._bar.close()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        with self._lock:
            getattr(self, f"_on_{event.kind}", lambda _: None)(event)

    def _on_planned(self, event: Event) -> None:
        self._bar.total += event.data["cells"]
        self._describe(event.study)

    def _on_started(self, event: Event) -> None:
        self._running[event.study] = self._running.get(event.study, 0) + 1
        self._describe(event.study)

    def _on_cell(self, event: Event) -> None:
        name = (event.study, event.notebook)
        self._cells[name] = self._cells.get(name, 0) + 1
        self._bar.update(1)

    def _on_finished(self, event: Event) -> None:
        # Cells that a failure skipped, or whose end another machine does not tell.
        told = self._cells.pop((event.study, event.notebook), 0)
        self._bar.update(max(0, event.data.get("cells", told) - told))
        left = self._running.get(event.study, 1) - 1
        self._running[event.study] = left
        if not left:
            self._running.pop(event.study)
        if event.data["failure"]:
            self._say(f"failed: {event.study}, {event.data['failure']}")

    def _on_study(self, event: Event) -> None:
        failures = event.data["failures"]
        self._done += 1
        self._failed += bool(failures)
        if self._studies > 1:
            executed, kept = event.data.get("executed", 0), event.data.get("kept", 0)
            state = f"{len(failures)} failures" if failures else "done"
            self._say(f"{event.study}: {state}, {executed} executed, {kept} unchanged")
        self._describe(event.study)

    def _say(self, text: str) -> None:
        if not self._bar.disable:
            self._bar.write(text, file=sys.stderr)

    def _describe(self, study: str) -> None:
        if self._studies == 1:
            self._bar.set_description(study, refresh=False)
            return
        text = f"{self._done}/{self._studies} studies"
        if self._failed:
            text += f", {self._failed} with failures"
        if self._running:
            text += f" ({', '.join(sorted(self._running))})"
        self._bar.set_description(text, refresh=False)


class Log:
    """A file with one JSON object a line for each event but those of single cells.

    Parameters
    ----------
    path : Path
        Added to, so that a resumed batch has one log.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __call__(self, event: Event) -> None:
        """Write an event."""
        if event.kind == "cell":
            return
        line: dict[str, Any] = {"time": _now(), "event": event.kind}
        line |= {name: text for name in ("study", "notebook") if (text := getattr(event, name))}
        line |= event.data
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()


@contextmanager
def telling(progress: bool, studies: int, log: Path | None) -> Iterator[Callable[[Event], None]]:
    """Whom a run tells its events: the bar, and the log if there is one.

    Parameters
    ----------
    progress : bool
        Show the bar.
    studies : int
    log : Path or None

    Yields
    ------
    callable
    """
    with ExitStack() as stack:
        listeners: list[Callable[[Event], None]] = [stack.enter_context(Bar(progress, studies))]
        if log is not None:
            listeners.append(stack.enter_context(Log(log)))

        def tell(event: Event) -> None:
            for listener in listeners:
                listener(event)

        yield tell


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
