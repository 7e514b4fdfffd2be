"""What a view needs of a study, and records made from pairs of English and Chinese texts.

A *view* is a function ``view(study, *arguments)`` of a module in ``helpers.publish`` that returns
``(figure, record, data)`` or, for a table, ``(frame, record)``. Its arguments hold no words that
depend on a language, so that one call can be told in Chinese and in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from helpers.publish.figures import Record

Words = tuple[str, str]
View = tuple[Any, Record, pd.DataFrame]
Shown = tuple[pd.DataFrame, Record]


class Teller(Protocol):
    """What a view needs of a study: its language, names of places, tables and citations."""

    @property
    def language(self) -> str:
        """Language of the words in figures, ``"en"`` or ``"zh"``."""

    @property
    def basis_name(self) -> str:
        """Name of the measure that is counted."""

    def t(self, en: Any, zh: Any) -> Any:
        """What belongs to the study's language, of an English and a Chinese text."""

    def name(self, place: Any) -> str:
        """A place's name, of the place or of its code."""

    def table(self, name: str) -> pd.DataFrame:
        """A data table."""

    def cite(self, *cells: object) -> str:
        """Short citations of the sources in cells, columns or lists of ids."""


def pick(words: Words, language: str) -> str:
    """The English or the Chinese of a pair of texts.

    Examples
    --------
    >>> pick(("firms", "家"), "zh")
    '家'
    """
    return words[1] if language == "zh" else words[0]


def record_of(study: Teller, name: str, title: Words, **facts: Any) -> Record:
    """A record from pairs of English and Chinese texts.

    Parameters
    ----------
    study : Teller
    name : str
    title : (str, str)
    **facts
        Fields of ``Record``; a pair of texts is told in the study's language, ``source`` may be
        a list of cells to cite.

    Returns
    -------
    Record
    """
    told = {
        key: study.cite(*value) if key == "source" and isinstance(value, list)
        else study.t(*value) if isinstance(value, tuple) else value
        for key, value in facts.items()
    }  # fmt: skip
    return Record(name, study.t(*title), **told)


def heads_of(study: Teller, **words: Words) -> dict[str, str]:
    """Column headings in the study's language, by column name."""
    return {name: study.t(*pair) for name, pair in words.items()}


def renamed(study: Teller, frame: pd.DataFrame, heads: Mapping[str, Words]) -> pd.DataFrame:
    """The columns of a frame that have a heading, in the headings' order and under them.

    Parameters
    ----------
    study : Teller
    frame : DataFrame
    heads : mapping of column to (English, Chinese)

    Returns
    -------
    DataFrame
    """
    return frame[list(heads)].rename(columns=heads_of(study, **dict(heads)))
