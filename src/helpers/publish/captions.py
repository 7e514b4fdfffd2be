"""Captions: what a reader must know of a figure or table, in both languages, as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from helpers.publish.figures import Record
from helpers.publish.files import write_bytes

LANGUAGES = ("en", "zh")


def caption(kind: str, records: Mapping[str, Record], source_ids: Iterable[str]) -> dict[str, Any]:
    """The caption of a figure or table.

    Parameters
    ----------
    kind : {"figure", "table"}
    records : mapping of language to Record
    source_ids : iterable of str
        Of the table ``sources``.

    Returns
    -------
    dict
        name, kind, source_ids, and for each language title, unit, base, period, basis, as_of, note,
        source and alt.
    """
    found: dict[str, Any] = {
        "name": next(iter(records.values())).name,
        "kind": kind,
        "source_ids": list(dict.fromkeys(source_ids)),
    }
    for language in sorted(records):
        record = records[language]
        texts = asdict(record) | {"alt": record.alt_text(language)}
        del texts["name"]
        found[language] = texts
    return found


def write(content: Mapping[str, Any], path: Path) -> None:
    """Write a caption file in one step.

    Parameters
    ----------
    content : mapping
        From :func:`caption`.
    path : Path
    """
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    write_bytes(text.encode(), path)
