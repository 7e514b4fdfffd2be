"""Answers of the solver, kept while a run lasts.

The notebooks of a study, and those of studies of other places, ask the same questions about the same
incomplete tables. A run names a folder in the environment; an answer found by one kernel is read by
the others. The name of an answer is a hash over every number of its problem, so that it can only be
the answer to the same problem; answers that a time limit cut short are not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

VARIABLE = "STUDY_SOLVED_DIR"
# Number of the status, whether there is a point, value and proven bound (not a number if missing).
_HEAD = struct.Struct("<i?dd")
_FINAL = (0, 2)  # optimal, infeasible

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """What is used of a solver's answer.

    Attributes
    ----------
    status : int
        As ``scipy.optimize.milp`` numbers it.
    x : ndarray or None
        The point, shape (columns,).
    fun, mip_dual_bound : float or None
        Value at the point, and proven bound.
    """

    status: int
    x: Numbers | None
    fun: float | None
    mip_dual_bound: float | None


def folder() -> Path | None:
    """Where answers are kept; None outside a run."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else None


def key(arrays: Iterable[npt.NDArray[np.generic]]) -> str:
    """Name of a problem's answer.

    Parameters
    ----------
    arrays : iterable of ndarray
        Every number of the problem, in a fixed order.

    Returns
    -------
    str

    Examples
    --------
    >>> key([np.array([1.0])]) == key([np.array([1.0])]), key([np.array([1])]) == key([np.array([1.0])])
    (True, False)
    """
    whole = hashlib.blake2b(digest_size=16)
    for array in arrays:
        whole.update(f"{array.dtype.str}{array.shape}".encode())
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def recall(where: Path, name: str) -> Solution | None:
    """The answer of this name, None if nobody has found it yet or its file cannot be read."""
    try:
        content = (where / name).read_bytes()
        status, has_point, value, bound = _HEAD.unpack_from(content)
        x = np.frombuffer(content, dtype="<f8", offset=_HEAD.size) if has_point else None
    except (OSError, struct.error, ValueError):
        return None
    return Solution(
        status, x, None if np.isnan(value) else value, None if np.isnan(bound) else bound
    )


def keep(where: Path, name: str, found: Solution) -> None:
    """Keep an answer for others; where that fails, they find it themselves."""
    if found.status not in _FINAL:
        return
    missing = float("nan")
    head = _HEAD.pack(
        found.status, found.x is not None,
        missing if found.fun is None else found.fun,
        missing if found.mip_dual_bound is None else found.mip_dual_bound,
    )  # fmt: skip
    point = b"" if found.x is None else np.asarray(found.x, dtype="<f8").tobytes()
    unfinished = where / f"{name}.{os.getpid()}"
    with contextlib.suppress(OSError):
        unfinished.write_bytes(head + point)
        unfinished.replace(where / name)
