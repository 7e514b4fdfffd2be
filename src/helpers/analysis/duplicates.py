"""Names that occur twice, or nearly so, in lists of firms.

The likeness of two names is the normalised indel similarity, 100 (1 - d / (a + b)), where d is the
least number of single characters to insert or delete and a, b are the lengths (rapidfuzz, ``ratio``).
At a threshold of 95 two names of 14 characters may differ by one character more or less and not
by a character exchanged: 三鱼 and 三鑫 are no likely pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

THRESHOLD = 95.0
# Lengths from which one, two and three single-character edits keep a pair at 95 or more.
_ONE, _TWO, _THREE = 10, 20, 29
# More long names than this are not all compared with each other.
MOST_LONG = 20_000

Pairs = set[tuple[int, int]]


def _hashes(texts: Iterator[str]) -> npt.NDArray[np.int64]:
    return np.fromiter(map(hash, texts), dtype=np.int64)


def _shortened(name: str) -> list[str]:
    """The name without each of its characters in turn."""
    return [name[:k] + name[k + 1 :] for k in range(len(name))]


def _matches(
    whole: npt.NDArray[np.int64], owners: npt.NDArray[np.int64],
    part: npt.NDArray[np.int64], owners_of_part: npt.NDArray[np.int64],
) -> Pairs:  # fmt: skip
    """Pairs of owners whose hashes in two groups are equal."""
    order = np.argsort(whole)
    ordered = whole[order]
    low, high = np.searchsorted(ordered, part, "left"), np.searchsorted(ordered, part, "right")
    found: Pairs = set()
    for k in np.flatnonzero(high > low):
        for place in range(low[k], high[k]):
            a, b = int(owners[order[place]]), int(owners_of_part[k])
            if a != b:
                found.add((min(a, b), max(a, b)))
    return found


def _by_one(names: Sequence[str]) -> Pairs:
    """Pairs of which one is the other without a character."""
    ids = [k for k, name in enumerate(names) if len(name) >= _ONE]
    if not ids:
        return set()
    whole = _hashes(names[k] for k in ids)
    part = _hashes(text for k in ids for text in _shortened(names[k]))
    owners = np.repeat(np.array(ids), [len(names[k]) for k in ids])
    return _matches(whole, np.array(ids), part, owners)


def _by_two(names: Sequence[str]) -> Pairs:
    """Pairs of long names that differ by a character exchanged or moved, or by two more or less."""
    ids = [k for k, name in enumerate(names) if len(name) >= _TWO - 1]
    if len(ids) < 2:
        return set()
    lengths = [len(names[k]) for k in ids]
    once = _hashes(text for k in ids for text in _shortened(names[k]))
    owners = np.repeat(np.array(ids), lengths)
    found = _same(once, owners)
    whole = _hashes(names[k] for k in ids)
    twice = _hashes(t for k in ids for text in _shortened(names[k]) for t in _shortened(text))
    of_twice = np.repeat(np.array(ids), [n * (n - 1) for n in lengths])
    return found | _matches(whole, np.array(ids), twice, of_twice)


def _same(hashes: npt.NDArray[np.int64], owners: npt.NDArray[np.int64]) -> Pairs:
    order = np.argsort(hashes, kind="stable")
    ordered, of = hashes[order], owners[order]
    found: Pairs = set()
    edges = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1, append=ordered[-1:] + 1))
    for low, high in pairwise(edges):
        if high - low > 1:
            found.update(combinations(sorted({int(k) for k in of[low:high]}), 2))
    return found


def _long_pairs(names: Sequence[str]) -> tuple[Pairs, int]:
    """All pairs of names so long that three edits keep them alike, and how many were left out."""
    ids = sorted(
        (k for k, name in enumerate(names) if len(name) >= _THREE), key=lambda k: (len(names[k]), k)
    )
    left = max(0, len(ids) - MOST_LONG)
    from rapidfuzz import fuzz, process

    found: Pairs = set()
    ids = ids[:MOST_LONG]
    texts = [names[k] for k in ids]
    for start in range(0, len(ids), 500):
        scores = process.cdist(
            texts[start : start + 500], texts[start:], scorer=fuzz.ratio, score_cutoff=THRESHOLD
        )
        for i, j in zip(*np.nonzero(scores), strict=True):
            if i < j:
                a, b = ids[start + int(i)], ids[start + int(j)]
                found.add((min(a, b), max(a, b)))
    return found, left


def similar_names(names: Sequence[str]) -> tuple[pd.DataFrame, int]:
    """Pairs of different names that are alike at :data:`THRESHOLD` or more.

    Parameters
    ----------
    names : sequence of str
        Normalised names without repetition.

    Returns
    -------
    pairs : DataFrame
        Columns first, second (positions in ``names``) and score (95 to 100), the likest first. All
        such pairs are found: candidates are names that become equal when one or two characters are left out
        (Damerau's neighbourhoods), and every pair among names of 29 characters or more.
    left_out : int
        Names of 29 characters or more that were not compared in full, as there are too many.

    Examples
    --------
    >>> similar_names(["鞍山三鱼泵业科技有限公司", "鞍山三鑫泵业科技有限公司", "鞍山三鱼泵业科技限公司"])[0]
       first  second      score
    0      0       2  95.652174
    """
    from rapidfuzz import fuzz

    long, left = _long_pairs(names)
    rows = []
    for a, b in sorted(_by_one(names) | _by_two(names) | long):
        score = fuzz.ratio(names[a], names[b])
        if score >= THRESHOLD:
            rows.append((a, b, score))
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    frame = pd.DataFrame(rows, columns=["first", "second", "score"])
    return frame.astype({"first": "int64", "second": "int64", "score": "float64"}), left
