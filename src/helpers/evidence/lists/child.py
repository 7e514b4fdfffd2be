"""The process that reads one Office or PDF file under limits and writes its rows as JSON lines.

Started by :func:`helpers.evidence.lists.guard.sheets_of_child`, never by hand. It opens no network
connection, starts nothing, and writes only the file it was told.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from helpers.evidence.lists.guard import Limits, ListError, refuse_document_types


def _limit(limits: Limits, seconds: float) -> None:
    try:
        import resource
    except ImportError:  # not POSIX: the parent's clock is the only limit
        return
    room = limits.memory_megabytes * 1_000_000
    for kind, most in (
        (resource.RLIMIT_AS, room),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 2_000_000_000),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):
            continue


def _records(kind: str, path: Path, limits: Limits) -> Any:
    if zipfile.is_zipfile(path) and kind != "pdf":
        refuse_document_types(path)
    if kind == "pdf":
        from helpers.evidence.lists.pdf import read

        return read(path, limits)
    if kind == "docx":
        from helpers.evidence.lists.docx import read as read_docx

        return read_docx(path, limits)
    from helpers.evidence.lists.excel import read as read_excel

    return read_excel(path, limits)


def main() -> int:
    """Read the job from standard input; 0 when all rows were written, 3 with a message, 4 without."""
    job = json.loads(sys.stdin.read())
    limits = Limits(**job["limits"])
    _limit(limits, job["seconds"])
    try:
        with Path(job["out"]).open("w", encoding="utf-8", errors="replace") as out:
            for record in _records(job["kind"], Path(job["path"]), limits):
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
    except ListError as error:
        print(f"study: {error}", file=sys.stderr)
        return 3
    except MemoryError:
        print("MemoryError", file=sys.stderr)
        return 4
    except BaseException as error:  # noqa: BLE001  # readers in other languages raise anything
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
