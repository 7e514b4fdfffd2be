"""Search of the pages, also in Chinese and from a folder: pairs of characters instead of words.

A dictionary cuts 专精特新 where it likes, and a firm's name is in none. Pairs find every passage that
holds all pairs of what was typed. Sphinx loads the index as a script, so no server is needed.
"""

from __future__ import annotations

import re
from typing import Any

# Ideographs, with the ones of extension A and of compatibility.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")

# The same cuts in the reader's browser; Sphinx calls this function by its name.
SPLITTER = (
    """
function splitQuery(query) {
  const words = [];
  for (const token of query.match(/[HAN]+|[^\\s\\p{P}\\p{S}HAN]+/gu) || []) {
    if (!/[HAN]/.test(token) || token.length === 1) { words.push(token); continue; }
    for (let i = 0; i + 1 < token.length; i++) words.push(token.slice(i, i + 2));
  }
  return words;
}
"""
).replace("HAN", _HAN)  # fmt: skip


def tokens(text: str) -> list[str]:
    """Latin words, single Chinese characters and pairs of neighbouring ones.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str

    Examples
    --------
    >>> tokens("鞍山市 SRDI")
    ['鞍', '山', '市', '鞍山', '山市', 'SRDI']
    """
    found: list[str] = []
    for token in _TOKEN.findall(text):
        if not _IS_HAN.match(token):
            found.append(token)
            continue
        found += list(token) + [token[i : i + 2] for i in range(len(token) - 1)]
    return found


def setup(app: Any) -> dict[str, Any]:
    """Make Sphinx search with :func:`tokens` in both languages."""
    from sphinx.search import SearchLanguage

    class Pairs(SearchLanguage):
        """Pairs of Chinese characters; Latin words as they stand."""

        js_splitter_code = SPLITTER

        def split(self, input: str) -> list[str]:
            return tokens(input)

        def stem(self, word: str) -> str:
            return word.lower()

        def word_filter(self, word: str) -> bool:
            return not word.isdigit()

    for language, name in (("en", "English"), ("zh", "Chinese")):
        named = {"lang": language, "language_name": name, "__doc__": Pairs.__doc__}
        app.add_search_language(type(f"Pairs{name}", (Pairs,), named))
    return {"parallel_read_safe": True}
