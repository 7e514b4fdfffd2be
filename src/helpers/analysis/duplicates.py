"""Names that occur twice, or nearly so, in lists of firms.

The likeness of two names is the normalised indel similarity, 100 (1 - d / (a + b)), where d is the
least number of single characters to insert or delete and a, b are the lengths (rapidfuzz, ``ratio``).
At a threshold of 95 two names of 14 characters may differ by one character more or less and not
by a character exchanged: 三鱼 and 三鑫 are no likely pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

THRESHOLD = 95.0
# Lengths from which one, two and three single-character edits keep a pair at 95 or more.
_ONE, _TWO, _THREE = 10, 20, 29
# More long names than this are not all compared with each other.
MOST_LONG = 20_000
# Longer texts are no names; they are compared with each other and other long ones only.
LONGEST = 100
# Names looked at together, which bounds the memory; bits of a hash that are looked up first.
BLOCK = 100_000
_BITS = 26
_REST = np.uint64(64 - _BITS)

Pairs = set[tuple[int, int]]
Ids = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]


@cache
def _numbers() -> tuple[Hashes, Hashes]:
    """Random numbers for each character and each position, the same in every run."""
    draw = np.random.default_rng(0)
    signs, places = (draw.integers(0, 2**64, n, dtype=np.uint64) for n in (0x110000, LONGEST))
    return signs, places | np.uint64(1)


def _groups(names: Sequence[str], least: int) -> list[tuple[Ids, Hashes]]:
    """Positions and numbers of the characters, a row a name, of names of equal length."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for k, name in enumerate(names):
        if least <= len(name) <= LONGEST:
            by_length[len(name)].append(k)
    blocks = [
        (length, same[start : start + BLOCK])
        for length, same in by_length.items()
        for start in range(0, len(same), BLOCK)
    ]
    signs = _numbers()[0]
    return [
        (np.array(ids, dtype=np.int64), signs[np.array([names[k] for k in ids], f"U{length}").view(np.uint32)]
         .reshape(len(ids), length))
        for length, ids in blocks
    ]  # fmt: skip


def _hashes(signs: Hashes, *without: int) -> Hashes:
    """Hashes of names without the characters at some positions.

    Equal texts have equal hashes; texts that differ may have, so that a pair is judged in the end.
    """
    left = np.delete(signs, without, axis=1) if without else signs
    return left @ _numbers()[1][: left.shape[1]]


class _Index:
    """Whole names by their hashes."""

    def __init__(self, groups: Sequence[tuple[Ids, Hashes]]) -> None:
        hashes = np.concatenate([_hashes(signs) for _, signs in groups])
        order = np.argsort(hashes)
        self.hashes, self.ids = hashes[order], np.concatenate([ids for ids, _ in groups])[order]
        # Nearly all that is looked up is of no name, as its first bits tell without a search.
        self.begins = np.zeros(2**_BITS, dtype=np.bool_)
        self.begins[hashes >> _REST] = True

    def matches(self, hashes: Hashes, owners: Ids) -> Pairs:
        """Pairs of a name and the owner of an equal hash."""
        some = np.flatnonzero(self.begins[hashes >> _REST])
        low = np.searchsorted(self.hashes, hashes[some], "left")
        high = np.searchsorted(self.hashes, hashes[some], "right")
        found: Pairs = set()
        for k in np.flatnonzero(high > low):
            b = int(owners[some[k]])
            for a in map(int, self.ids[low[k] : high[k]]):
                if a != b:
                    found.add((min(a, b), max(a, b)))
        return found


def _by_one(names: Sequence[str]) -> Pairs:
    """Pairs of which one is the other without a character."""
    groups = _groups(names, _ONE)
    if not groups:
        return set()
    index, found = _Index(groups), set[tuple[int, int]]()
    for ids, signs in groups:
        for k in range(signs.shape[1]):
            found |= index.matches(_hashes(signs, k), ids)
    return found


def _by_two(names: Sequence[str]) -> Pairs:
    """Pairs of long names that differ by a character exchanged or moved, or by two more or less."""
    groups = _groups(names, _TWO - 1)
    if not groups:
        return set()
    once = [(_hashes(signs, k), ids) for ids, signs in groups for k in range(signs.shape[1])]
    found = _same(np.concatenate([h for h, _ in once]), np.concatenate([ids for _, ids in once]))
    index = _Index(groups)
    for ids, signs in groups:
        for two in combinations(range(signs.shape[1]), 2):
            found |= index.matches(_hashes(signs, *two), ids)
    return found


def _same(hashes: Hashes, owners: Ids) -> Pairs:
    """Pairs of owners of equal hashes."""
    order = np.argsort(hashes, kind="stable")
    ordered, of = hashes[order], owners[order]
    found: Pairs = set()
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
    for k in np.flatnonzero(np.diff(edges) > 1):
        several = sorted({int(owner) for owner in of[edges[k] : edges[k + 1]]})
        found.update(combinations(several, 2))
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
