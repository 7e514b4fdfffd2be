"""What views made and long analyses gave, kept while a run lasts.

Many figures and tables of a study are the same in a study of another place. A run names a folder in
the environment, as for the solver's answers (:mod:`helpers.evidence.solved`); what a view made in
one kernel is taken from there by the others instead of being drawn again.

That is exact, since the name of an entry is a hash over all that can tell in what is made: the call
with every argument, the notebook, the language, everything that :class:`helpers.publish.teller.Teller`
lets a view learn of a study, the state of data and code, and the settings of figures. What a view made
that asked its study for anything else, or that warned of something, is not kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

from helpers.publish import figures
from helpers.publish.recipes import Plain
from helpers.publish.teller import Teller
from helpers.run.cache import code_state
from helpers.run.study import SHARED_VARIABLE, Study

if TYPE_CHECKING:
    from helpers.publish.figures import Record

# Studies of many places fill a disk: no entry is added to a folder that holds more.
MOST_BYTES = 128 * 2**20
_DIGEST = 32
_OPEN = frozenset(name for name in vars(Teller) if not name.startswith("_")) | {"is_synthetic"}
HELPERS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Made:
    """What a view made.

    Attributes
    ----------
    records : mapping of language to Record
    source_ids : tuple of str
        Sources cited.
    files : mapping of suffix to bytes
    shown : object
        For the notebook: the width of a figure in inches, or the frame of a table.
    """

    records: Mapping[str, Record]
    source_ids: tuple[str, ...]
    files: Mapping[str, bytes]
    shown: Any


class Seen:
    """A study as a view may see it, with a note whether a view looked further.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self.looked_further = False

    def __getattr__(self, name: str) -> Any:
        if name not in _OPEN:
            self.looked_further = True
        return getattr(self._study, name)


def folder() -> Path | None:
    """Where entries are kept; None outside a run."""
    named = os.environ.get(SHARED_VARIABLE)
    return Path(named) if named else None


class _Known(Plain):
    """Refuses what a notebook defines itself: another may call something else by that name."""

    def reducer_override(self, value: Any) -> Any:
        if getattr(value, "__module__", None) == "__main__":
            raise pickle.PicklingError(f"{value!r} is defined in a notebook")
        return super().reducer_override(value)


def _content(value: object) -> bytes:
    """A value as bytes, whichever of its parts are one object."""
    buffer = io.BytesIO()
    pickler = _Known(buffer, protocol=5)
    pickler.fast = True
    pickler.dump(value)
    return buffer.getvalue()


# Of the code that this process has read, not of what may stand in the files by now.
_CODE = code_state(HELPERS)


def key(told: tuple[Any, ...], call: tuple[Any, ...]) -> str | None:
    """Name of what a call makes for a study.

    Parameters
    ----------
    told : tuple
        All that a study tells a view, of which ``repr`` shows everything.
    call : tuple
        Kind, view, arguments and options.

    Returns
    -------
    str or None
        None where an argument's content cannot be told.

    Examples
    --------
    >>> key(("en",), ("table", len, ("a",))) == key(("en",), ("table", len, ("a",)))
    True
    >>> key(("zh",), ("table", len, ("a",))) == key(("en",), ("table", len, ("a",)))
    False
    """
    settings = (figures.setting(), figures.COLOURS, dict(mpl.rcParams))
    whole = hashlib.sha256(repr((told, _CODE, settings)).encode())
    try:
        whole.update(_content(call))
    # Whatever the pickling of a stranger's class raises: what it holds is not known then.
    except Exception:  # noqa: BLE001
        return None
    return whole.hexdigest()


def recall(where: Path, name: str) -> Any:
    """What was kept under a name; None if nothing was, or if it is damaged.

    Parameters
    ----------
    where : Path
        Written by processes of this run alone.
    name : str
    """
    try:
        content = (where / name).read_bytes()
    except OSError:
        return None
    digest, body = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        return None
    return pickle.loads(body)


def keep(where: Path, name: str, made: Any) -> None:
    """Keep what was made for others; where that fails, they make it themselves.

    Parameters
    ----------
    where : Path
    name : str
    made : Made or what an analysis gave
    """
    unfinished = where / f"{name}.{os.getpid()}"
    with contextlib.suppress(OSError, pickle.PickleError, TypeError, AttributeError):
        if sum(entry.stat().st_size for entry in os.scandir(where)) > MOST_BYTES:
            return
        body = pickle.dumps(made, protocol=5)
        unfinished.write_bytes(hashlib.sha256(body).digest() + body)
        unfinished.replace(where / name)
