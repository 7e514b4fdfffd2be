"""What a run left in a study's folder, read for the report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.errors import InputError
from helpers.evidence.places import near
from helpers.publish.figures import Record

# The order in which formats are offered; the first two are shown in pages and documents.
FIGURE_FORMATS = ("svg", "png", "pdf", "tiff", "csv")
TABLE_FORMATS = ("csv", "xlsx", "docx", "tex", "md", "html")
_RECORD = ("title", "unit", "base", "period", "basis", "as_of", "source", "note", "alt")


@dataclass(frozen=True)
class Caption:
    """What a reader is told beside a figure or table.

    Parameters
    ----------
    name : str
        File name without suffix.
    kind : {"figure", "table"}
    title : str
    notes : str
        Unit, base, period, basis, note and source, one paragraph per subject.
    alt : str
        For readers who cannot see a figure.
    source_ids : tuple of str
        Keys of the table ``sources``.
    """

    name: str
    kind: str
    title: str
    notes: str = ""
    alt: str = ""
    source_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outputs:
    """A finished study.

    Parameters
    ----------
    folder : Path
        With ``notebooks``, ``figures``, ``tables`` and ``verdicts.csv``.
    language : {"en", "zh"}
    run : mapping
        Content of ``run.json``.
    place, region : str
        City and province in the study's language.
    basis : str
        Name of the measure counted, in the study's language.
    verdicts, sources : DataFrame
        One row per claim and per source; all cells are text, blank where unknown.
    captions : mapping of (kind, name) to Caption
    original : bool
        Whether the place is that of the replicated study.
    made : Path or None
        Folder with further formats of the tables.
    """

    folder: Path
    language: str
    run: Mapping[str, Any]
    place: str
    region: str
    basis: str
    verdicts: pd.DataFrame
    sources: pd.DataFrame
    captions: Mapping[tuple[str, str], Caption] = field(default_factory=dict)
    original: bool = True
    made: Path | None = None

    def t(self, english: str, chinese: str) -> str:
        """The text in the study's language."""
        return chinese if self.language == "zh" else english

    @property
    def notebooks(self) -> list[Path]:
        """Executed notebooks, in the order of the collection."""
        return sorted((self.folder / "notebooks").glob("*.ipynb"))

    def files(self, kind: str, name: str) -> list[Path]:
        """Files of a figure or table that are there, in the order in which they are offered."""
        formats = FIGURE_FORMATS if kind == "figure" else TABLE_FORMATS
        found = []
        for suffix in formats:
            own = self.folder / f"{kind}s" / f"{name}.{suffix}"
            made = self.made / own.name if self.made and kind == "table" else own
            found += [path for path in dict.fromkeys((own, made)) if path.is_file()][:1]
        return found

    def saved(self, kind: str, shown: Iterable[str]) -> list[str]:
        """Names of figures or tables: those shown, in their order, then those saved without."""
        folder = self.folder / f"{kind}s"
        stems = sorted({path.stem for path in folder.glob("*") if self.files(kind, path.stem)})
        return list(dict.fromkeys([*shown, *stems]))

    def caption(self, kind: str, name: str, title: str) -> Caption:
        """The caption of a figure or table, or a bare one for a run that wrote none."""
        return self.captions.get((kind, name)) or Caption(name, kind, title, alt=title)

    @cached_property
    def source_pattern(self) -> re.Pattern[str]:
        """Finds the ids of sources in a text."""
        ids = sorted(self.sources["source_id"], key=lambda one: (-len(one), one))
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, ids)) or '(?!)'})(?![\w-])")

    def cited(self, caption: Caption) -> list[str]:
        """Ids of the sources of a figure or table; of a user's own, those that its notes name."""
        known = set(self.sources["source_id"])
        ids = [one for one in caption.source_ids if one in known]
        return list(dict.fromkeys(ids or self.source_pattern.findall(caption.notes)))

    def told(self, row: Mapping[str, Any], column: str) -> str:
        """A cell of the verdicts in the study's language, where there is one in each."""
        own = row.get(f"{column}_{self.language}")
        return str(own if own else row.get(column, ""))


def read_caption(path: Path, language: str) -> Caption:
    """Read the caption file of a figure or table.

    Parameters
    ----------
    path : Path
        JSON as ``study.figure`` and ``study.show`` write it.
    language : {"en", "zh"}

    Returns
    -------
    Caption

    Raises
    ------
    InputError
        The file is not such a caption.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        words = content[language]
        known = {key: str(words.get(key, "")) for key in _RECORD if key != "alt"}
        record = Record(str(content["name"]), **known)
        return Caption(
            record.name, str(content["kind"]), record.title, record.footer(language),
            str(words.get("alt", "")) or record.title, tuple(map(str, content["source_ids"])),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: is not a caption file ({type(error).__name__}: {error}). "
            "Run the study again; study run writes it."
        ) from error


def _frame(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def read_run(folder: Path) -> dict[str, Any]:
    """The record of the run that made a study's folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict
        Content of ``run.json``, with the parameters under ``parameters``.

    Raises
    ------
    InputError
        The folder holds no finished study; names those that do, if any are beside it.
    """
    path = folder / "run.json"
    if not path.is_file():
        finished = sorted(one.parent.name for one in folder.parent.glob("*/run.json"))
        hint = f" {near(folder.name, finished)}" if finished else ""
        raise InputError(
            f"{folder}: holds no finished study (run.json is missing).{hint} Run it first with study run "
            "and the parameters meant, for instance study run --language zh."
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        parameters = content["parameters"]
        if not isinstance(parameters, dict):
            raise TypeError("parameters is not a mapping")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__}: {error}). Run the study again."
        ) from error
    return dict(content)


def read_outputs(
    folder: Path,
    run: Mapping[str, Any],
    sources: pd.DataFrame,
    names: tuple[str, str, str],
    original: bool,
) -> Outputs:
    """Read a study's folder.

    Parameters
    ----------
    folder : Path
    run : mapping
        From :func:`read_run`.
    sources : DataFrame
        Table ``sources``.
    names : tuple of str
        City, province and basis in the study's language.
    original : bool
        Whether the place is that of the replicated study.

    Returns
    -------
    Outputs

    Raises
    ------
    InputError
        Verdicts or notebooks are missing, or a caption cannot be read.
    """
    language = str(run["parameters"].get("language", "en"))
    verdicts = folder / "verdicts.csv"
    if not verdicts.is_file() or not any((folder / "notebooks").glob("*.ipynb")):
        raise InputError(f"{folder}: verdicts.csv or notebooks are missing. Run the study again.")
    paths = sorted([*folder.glob("figures/*.json"), *folder.glob("tables/*.json")])
    captions = [read_caption(path, language) for path in paths]
    return Outputs(
        folder, language, run, *names, _frame(verdicts), sources.fillna("").astype(str),
        {(caption.kind, caption.name): caption for caption in captions}, original,
    )  # fmt: skip
