"""Limits on what a file may hold, and a process of its own for the readers of foreign formats."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpers.errors import InputError


@dataclass(frozen=True)
class Limits:
    """What a list may hold at most.

    Parameters
    ----------
    megabytes : int
        Size of a file.
    unpacked_megabytes : int
        Size of the contents of an Office file, which is an archive.
    ratio : int
        Size of a part of an archive over its packed size, for parts above a megabyte.
    rows, columns, pages : int
    seconds : float
        Time for one file of another kind than CSV; None gives 20 s and 10 s for each megabyte.
    memory_megabytes : int
        Address space of the reader, where the system can limit it.
    """

    megabytes: int = 500
    unpacked_megabytes: int = 1000
    ratio: int = 300
    rows: int = 2_000_000
    columns: int = 1000
    pages: int = 5000
    seconds: float | None = None
    memory_megabytes: int = 3000

    def time_for(self, size: int) -> float:
        """Seconds for a file of a size in bytes.

        Examples
        --------
        >>> Limits().time_for(2_000_000), Limits(seconds=5.0).time_for(2_000_000)
        (40.0, 5.0)
        """
        return 20 + 10 * size / 1e6 if self.seconds is None else self.seconds


class ListError(InputError):
    """A list cannot be read; the message names the file and says what to do."""


def check_size(path: Path, limits: Limits) -> None:
    """Refuse a file that is missing, empty or too large.

    Raises
    ------
    ListError
    """
    if path.is_dir():
        raise ListError(f"{path}: this is a folder. Name the files in it.")
    if not path.is_file():
        raise ListError(f"{path}: there is no such file. Name the file of a list.")
    size = path.stat().st_size
    if size == 0:
        raise ListError(f"{path.name}: the file is empty (0 bytes). Download the list again.")
    if size > limits.megabytes * 1_000_000:
        raise ListError(
            f"{path.name}: the file is larger than {limits.megabytes} MB. Split it and import the parts."
        )


def check_archive(path: Path, limits: Limits) -> list[str]:
    """Names of the parts of an Office file whose contents are within the limits.

    Parameters
    ----------
    path : Path
        XLSX or DOCX.
    limits : Limits

    Returns
    -------
    list of str

    Raises
    ------
    ListError
        The archive is damaged or would unpack to too much. Nothing is unpacked for this check.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ListError(
            f"{path.name}: the file is damaged ({error}). Download it again, or open it in an "
            "office program and save it anew."
        ) from error
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > 10_000 or unpacked > limits.unpacked_megabytes * 1_000_000:
        raise ListError(
            f"{path.name}: it would unpack to {unpacked / 1e6:,.0f} MB in {len(parts):,} parts, more "
            f"than the {limits.unpacked_megabytes} MB in 10,000 parts that a list may have. Save it as CSV."
        )
    for part in parts:
        if part.flag_bits & 1:
            raise ListError(f"{path.name}: it is locked with a password. Save it without one.")
        if part.file_size > 1_000_000 and part.file_size > limits.ratio * max(
            1, part.compress_size
        ):
            raise ListError(
                f"{path.name}: a part of it unpacks to more than {limits.ratio} times its size, as "
                "no list does. Save it as CSV if you trust it."
            )
    return [part.filename for part in parts]


# As the sign of a document type stands in the encodings of XML.
_DOCTYPES = (b"<!DOCTYPE", b"".join(bytes((sign, 0)) for sign in b"<!DOCTYPE")[:-1])


def refuse_document_types(path: Path) -> None:
    """Refuse an Office file with a document type, whose entities could hide or multiply text.

    No office program writes one; what an entity stands for would be missing from the list.

    Parameters
    ----------
    path : Path
        XLSX, XLSM, ODS or DOCX. Every part is read once, and none is kept.

    Raises
    ------
    ListError
    """
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            # Pictures in SVG may have one, and hold no row of a list.
            if name.lower().endswith(".svg"):
                continue
            with archive.open(name) as part:
                before = b""
                while block := part.read(1_000_000):
                    if any(sign in before + block for sign in _DOCTYPES):
                        raise ListError(
                            f"part {name[:60]!r} declares a document type (<!DOCTYPE>), as no office program does; text "
                            "may hide in it. Open the file in an office program and save it anew."
                        )
                    before = block[-20:]


@contextmanager
def sheets_of_child(path: Path, kind: str, limits: Limits) -> Iterator[Iterator[dict[str, Any]]]:
    """What the reader of a kind of file finds, read by a process of its own.

    A reader of a foreign format is code that meets hostile input: it gets a limited share of
    memory and time, and when it breaks, only it breaks.

    Parameters
    ----------
    path : Path
    kind : {"excel", "docx", "pdf"}
    limits : Limits

    Yields
    ------
    iterator of dict
        Records as :mod:`helpers.evidence.lists.child` writes them.

    Raises
    ------
    ListError
    """
    seconds = limits.time_for(path.stat().st_size)
    with tempfile.TemporaryDirectory(prefix="study-list-") as folder:
        out = Path(folder) / "rows.jsonl"
        job = {"path": str(path.resolve()), "kind": kind, "out": str(out), "seconds": seconds}
        command = [sys.executable, "-I", "-m", "helpers.evidence.lists.child"]
        code, said = _call(command, json.dumps(job | {"limits": asdict(limits)}), seconds, folder)
        if code != 0:
            raise ListError(f"{path.name}: {_reason(code, said, seconds)}")
        with out.open(encoding="utf-8") as lines:
            yield (json.loads(line) for line in lines)


def _call(command: list[str], job: str, seconds: float, folder: str) -> tuple[int, str]:
    # Three times the CPU time: a busy machine is no fault of the file.
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        cwd=folder, start_new_session=os.name == "posix",
    )  # fmt: skip
    try:
        _, said = process.communicate(job.encode(), timeout=3 * seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return -int(getattr(signal, "SIGXCPU", 24)), ""
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process.returncode, said.decode("utf-8", "replace")


def _reason(code: int, said: str, seconds: float) -> str:
    message = next((line[7:] for line in said.splitlines() if line.startswith("study: ")), "")
    if message:
        return message
    if code == -int(getattr(signal, "SIGXCPU", 24)):
        return (
            f"reading it takes more than {math.ceil(seconds)} s. Open it, and save the table alone "
            "as CSV."
        )
    if code < 0 or "MemoryError" in said:
        return (
            "the reader broke off: the file is damaged or needs too much memory. Open it in the "
            "program it was made with and save the table alone as CSV."
        )
    return (
        "the file is damaged: its contents do not follow its format. Download it again, or open it "
        "and save the table as CSV."
    )
