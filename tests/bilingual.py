"""Sentences told in both languages and held against one another."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import MadeUpStudy

from helpers.publish import recipes

EN, ZH = MadeUpStudy("en"), MadeUpStudy("zh")
# Chinese counts these in words.
_SPELT = ("10,000 residents", "per 10,000", "10,000 persons", "100 billion")


def numbers(text: str) -> list[str]:
    """All numbers of a text, sorted; D0 is a name."""
    for spelt in _SPELT:
        text = text.replace(spelt, "")
    return sorted(re.findall(r"(?<![A-Z])-?\d+(?:[.,]\d+)*(?:e-?\d+)?", text.replace("—", " ").replace("–", " ")))  # fmt: skip


def told(sentence: Callable[..., str], *arguments: Any, studies: Any = (EN, ZH)) -> str:
    """The English sentence, once the Chinese one is seen to carry the same numbers."""
    english, chinese = (sentence(study, *arguments) for study in studies)
    assert numbers(english.replace("batches 1-", "batches 1 ")) == numbers(chinese)
    assert bool(english) == bool(chinese)
    assert not re.search("[\u4e00-\u9fff]{6}", english), english
    left = re.sub(r"`[^`]*`", "", chinese)
    assert not re.search(r"[A-Za-z]{3,}(?: [A-Za-z]{3,}){2}", left), chinese
    assert " 。" not in chinese and "。。" not in chinese
    return english


def kept(folder: Path, view: Callable[..., Any], *arguments: Any) -> recipes.Recipe:
    """The call of a view, written and read back as a study does it."""
    content = recipes.dump(recipes.Recipe("figure", view, arguments))
    assert content is not None
    path = folder / f"{view.__name__}{recipes.SUFFIX}"
    path.write_bytes(content)
    found = recipes.load(path)
    assert found.view is view and len(found.arguments) == len(arguments)
    return found
