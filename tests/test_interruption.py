"""Requests to stop: heard once, and put off where half the work would be a loss."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.run import execute, interruption

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The handlers of the command, those of the tests afterwards."""
    monkeypatch.setattr(interruption, "_first", float("-inf"))
    before = {number: signal.getsignal(number) for number in interruption.SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    interruption.listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", interruption.SIGNALS)
def test_an_impatient_user_is_heard_once(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    for again in interruption.SIGNALS:
        signal.raise_signal(again)
    later = time.monotonic() + 2 * interruption.PATIENCE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_what_runs_in_the_background_goes_on_ignoring_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interruption.listen()
    signal.raise_signal(signal.SIGINT)
    with interruption.uninterrupted():
        signal.raise_signal(signal.SIGINT)


def test_an_error_inside_is_raised_when_nobody_interrupts() -> None:
    with pytest.raises(OSError, match="full"), interruption.uninterrupted():
        raise OSError("full")


@pytest.mark.parametrize("number", interruption.SIGNALS)
@pytest.mark.parametrize("moment", range(4))
def test_results_are_moved_into_place_whole(
    moment: int, number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at any of the moves, all of them are done: old results out, new ones in."""
    folder, staging = tmp_path / "study", tmp_path / ".staging"
    for place in (folder, staging):
        place.mkdir()
        for name in ("verdicts.csv", "run.json"):
            (place / name).write_text(place.name, encoding="utf-8")
    rename, moves = Path.rename, iter(range(99))

    def interrupted(self: Path, target: Path) -> Path:
        made = rename(self, target)
        if next(moves) == moment:
            signal.raise_signal(number)
        return made

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        execute._install(staging, folder)
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {
        "verdicts.csv": ".staging", "run.json": ".staging",
    }  # fmt: skip
    assert not staging.exists()
