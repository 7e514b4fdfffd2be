"""Industry of a firm by GB/T 4754-2017: from a code, the list's wording, or words that hint at it."""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

from helpers.evidence.lists.text import simplified

_CODE = re.compile(r"([A-T])?(\d{2})(\d{1,2})?")
_LETTER = re.compile(r"[A-T]")


class Industry(NamedTuple):
    """An industry and how it was found.

    Parameters
    ----------
    code : str
        Two digits; empty where only the section is known, or nothing.
    section : str
        A letter.
    rule : {"code", "list", "words_of_field", "words_of_name", "manual", "unresolved"}
    word : str
        The word that decided it.
    confidence : {"high", "medium", "low", "none"}
    """

    code: str = ""
    section: str = ""
    rule: str = "unresolved"
    word: str = ""
    confidence: str = "none"


class Industries:
    """Codes, names and words of industries.

    Parameters
    ----------
    classes, words : DataFrame
        Tables ``industry_classes`` and ``industry_words``.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> known = Industries(tables.load("industry_classes"), tables.load("industry_words"))
    >>> known.find("C3441", "", "某某有限公司")
    Industry(code='34', section='C', rule='code', word='', confidence='high')
    >>> known.find("", "", "鞍山某某耐火材料有限公司")
    Industry(code='30', section='C', rule='words_of_name', word='耐火材料', confidence='low')
    """

    def __init__(self, classes: pd.DataFrame, words: pd.DataFrame) -> None:
        self.section = dict(zip(classes["class_code"], classes["section"], strict=True))
        self.by_name = dict(zip(classes["name_zh"], classes["class_code"], strict=True))
        self.words = dict(zip(words["word"], words["division"], strict=True))
        longest = sorted(self.words, key=len, reverse=True)
        self._form = re.compile("|".join(map(re.escape, longest)) or "(?!)")

    def from_code(self, text: str) -> Industry:
        """An industry from a code of two to four digits, with or without its letter."""
        text = text.upper().replace(" ", "")
        match = _CODE.fullmatch(text)
        if match and match[2] in self.section and match[1] in (None, self.section[match[2]]):
            return Industry(match[2], self.section[match[2]], "code", "", "high")
        if _LETTER.fullmatch(text) and text in self.section:
            return Industry("", text, "code", "", "high")
        return Industry()

    def from_wording(self, text: str) -> Industry:
        """An industry that the list names as the standard does."""
        code = self.by_name.get(text) or self.by_name.get(f"{text}业")
        if code is None:
            found = _CODE.match(text.upper())
            return self.from_code(found[0]) if found else Industry()
        section = self.section[code]
        return Industry("" if code == section else code, section, "list", text, "high")

    def from_words(self, text: str, rule: str, confidence: str) -> Industry:
        """An industry that a word hints at: the last one, since a name ends in what the firm does."""
        found = self._form.findall(text)
        if not found:
            return Industry()
        code = self.words[found[-1]]
        return Industry(code, self.section[code], rule, found[-1], confidence)

    def find(self, code: str, field: str, name: str) -> Industry:
        """The industry from everything a row says, the surest first.

        Parameters
        ----------
        code, field, name : str
            Code, field of business and name of a firm; empty where the list has none.

        Returns
        -------
        Industry
        """
        if code:
            found = self.from_code(code)
            if found.section:
                return found
        if field:
            field = simplified(field)
            found = self.from_wording(field)
            if not found.section:
                found = self.from_words(field, "words_of_field", "medium")
            if found.section:
                return found
        return self.from_words(name, "words_of_name", "low")
