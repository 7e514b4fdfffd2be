"""Sentences that the data make, in English and Chinese at once.

A finding is told in both languages, since it is worked out once and read in either. Such a text is
the English sentence and carries the Chinese one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

# Picks the English or the Chinese text of a pair.
Pick: TypeAlias = Callable[[str, str], str]

# How a count was published.
MEASURES = {
    "announced": "公示", "certified": "公告", "stock": "有效存量", "review_passed": "复核通过",
    "database": "数据库", "researcher_list": "研究者名单", "mixed": "混合口径", "new": "新增",
    "cumulative": "累计", "newly_recognised": "新认定", "not_stated": "口径未注明",
}  # fmt: skip
TIERS_ZH = {
    "innovative_sme": "创新型中小企业", "srdi_sme": "专精特新中小企业", "little_giant": "“小巨人”",
    "single_champion": "制造业单项冠军",
}  # fmt: skip


class Said(str):
    """A text in English that carries its Chinese.

    Attributes
    ----------
    zh : str

    Examples
    --------
    >>> text = Said("211 firms", "211家")
    >>> text, text.zh
    ('211 firms', '211家')
    """

    zh: str

    __slots__ = ("zh",)

    def __new__(cls, english: str, chinese: str) -> Said:
        """A text; each language is kept as it is."""
        text = super().__new__(cls, english)
        text.zh = chinese
        return text

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.zh


def in_english(english: str, chinese: str) -> str:
    """The first text of a pair, where no language was chosen."""
    return english


def in_chinese(english: str, chinese: str) -> str:
    """The second text of a pair."""
    return chinese


def chinese(text: Any) -> str:
    """The Chinese of a text; one without it, such as a number, is the same in both languages.

    Examples
    --------
    >>> chinese(Said("firms", "家")), chinese("4.43 %")
    ('家', '4.43 %')
    """
    return text.zh if isinstance(text, Said) else str(text)


def join(texts: Iterable[str], english: str = "; ", between: str = "；") -> Said:
    """Texts put together in both languages; empty without any.

    Parameters
    ----------
    texts : iterable of str
        Empty ones are left out.
    english, between : str
        What stands between two texts in English, and in Chinese.

    Returns
    -------
    Said

    Examples
    --------
    >>> join([Said("a", "甲"), "", "7"], ", ", "、").zh
    '甲、7'
    """
    held = [text for text in texts if text]
    return Said(english.join(map(str, held)), between.join(map(chinese, held)))


def either(texts: Iterable[object]) -> Said:
    """Texts between which there is a choice.

    Examples
    --------
    >>> either([7, 8]), either([7, 8]).zh
    ('7 or 8', '7或8')
    """
    return join(map(_said, texts), " or ", "或")


def every(texts: Iterable[object]) -> Said:
    """Texts as a list: with "and" before the last in English.

    Examples
    --------
    >>> every(["a", "b", "c"]), every(["a", "b", "c"]).zh
    ('a, b and c', 'a、b、c')
    """
    items = [_said(text) for text in texts]
    if len(items) < 3:
        return join(items, " and ", "、")
    return join([join(items[:-1], ", ", "、"), items[-1]], " and ", "、")


def _said(text: object) -> str:
    return text if isinstance(text, str) else str(text)


def name_of(english: Any, chinese_name: Any) -> Said:
    """A name or sentence from two cells of a table; a blank one is read as the other.

    Examples
    --------
    >>> name_of(None, "某市"), name_of("A City", float("nan")).zh
    ('某市', 'A City')
    """
    held = [text for text in (english, chinese_name) if isinstance(text, str)] or [""]
    return Said(held[0], held[-1])


def batches_said(first: int, last: int) -> Said:
    """A batch or a range of batches.

    Examples
    --------
    >>> batches_said(1, 3), batches_said(1, 3).zh, batches_said(4, 4).zh
    ('batches 1-3', '第1—3批', '第4批')
    """
    if first == last:
        return Said(f"batch {first}", f"第{first}批")
    return Said(f"batches {first}-{last}", f"第{first}—{last}批")


def measure_said(measure: str) -> Said:
    """How a count was published, in words."""
    return Said(measure, MEASURES.get(measure, measure))
