"""Recipes: the call that made a figure or table, kept beside it.

With it a figure is drawn again for another language or journal without running the notebook. A
recipe is pickled data and the name of a view. Since pickled data can hold any call, reading goes
through a list of the few things that frames and values are made of.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import pickle
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import InputError

if TYPE_CHECKING:
    from helpers.publish.figures import Record

FOLDER = "recipes"
SUFFIX = ".recipe"
_VIEWS = "helpers.publish."
_PLAIN = {
    "builtins": {
        "bytearray", "complex", "dict", "frozenset", "int", "float", "list", "object", "range",
        "set", "slice", "str", "tuple", "bool",
    },
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "copyreg": {"_reconstructor"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "fractions": {"Fraction"},
    "numpy": {"dtype", "ndarray"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "pandas": {
        "BooleanDtype", "Categorical", "CategoricalDtype", "DataFrame", "DatetimeIndex",
        "DatetimeTZDtype", "Float64Dtype", "Index", "Int64Dtype", "IntervalDtype", "IntervalIndex",
        "MultiIndex", "NA", "PeriodDtype", "RangeIndex", "Series", "StringDtype", "Timestamp",
    },
    "pandas._libs.arrays": {"__pyx_unpickle_NDArrayBacked"},
    "pandas._libs.internals": {"_unpickle_block"},
    "pandas._libs.interval": {"Interval", "__pyx_unpickle_IntervalMixin"},
    "pandas._libs.tslibs.nattype": {"_nat_unpickle"},
    "pandas._libs.tslibs.timestamps": {"_unpickle_timestamp"},
    "pandas.core.indexes.base": {"_new_Index"},
    "scipy.sparse._csr": {"csr_array"},
}  # fmt: skip
# Of these packages every class of this kind may be made, and no function called. The rest of pandas
# has classes that evaluate an expression or open a file as soon as they are made.
_HOLDERS = (
    "pandas.arrays",
    "pandas.core.arrays.",
    "pandas.core.indexes.",
    "pandas.core.internals.",
)
_OURS = ("helpers.evidence.", "helpers.analysis.", "helpers.publish.")


@dataclass(frozen=True)
class Recipe:
    """The call of a view.

    Parameters
    ----------
    kind : {"figure", "table"}
    view : callable
        ``view(study, *arguments, **options)``, a function of a module in ``helpers.publish``.
    arguments, options
        Without words of any language.
    """

    kind: str
    view: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def tell(self, study: Any) -> Any:
        """What the view makes for a study; made-up data are called so."""
        made = self.view(study, *self.arguments, **self.options)
        if not getattr(study, "is_synthetic", False):
            return made
        from helpers.publish.synthetic import marked

        return marked(made, study.language)

    def record(self, study: Any) -> Record:
        """The record of what the view makes, without drawing where that is possible."""
        from helpers.publish.figures import records_only

        if self.kind == "figure":
            # Some views measure what they have drawn; they are called once more.
            with contextlib.suppress(Exception), records_only():
                return self._record(study)
        return self._record(study)

    def _record(self, study: Any) -> Record:
        made: tuple[Any, Record] = self.tell(study)
        return made[1]


class Plain(pickle.Pickler):
    """Writes what a value holds and nothing that it merely remembers."""

    def reducer_override(self, value: Any) -> Any:
        """How to write a value; as usual where nothing else is said."""
        # These keep the sizes that somebody has asked them for: equal frames would give other bytes.
        if isinstance(value, pd.Int64Dtype | pd.Float64Dtype | pd.BooleanDtype):
            return type(value), ()
        return NotImplemented


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module.startswith(_OURS + _HOLDERS):
            found = super().find_class(module, name)
            if isinstance(found, type) and _is_data(found, module, name):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a recipe")


def _is_data(found: type, module: str, name: str) -> bool:
    """Whether a class only holds values, and is not one that its module has imported."""
    if module.startswith("pandas.arrays"):
        return issubclass(found, pd.api.extensions.ExtensionArray)
    if (found.__module__, found.__qualname__) != (module, name):
        return False
    return module.startswith(_HOLDERS) or is_dataclass(found) or issubclass(found, tuple | str)


def _is_view(found: Any, module: str) -> bool:
    """Whether a thing is a function of its module that takes a study first."""
    if not isinstance(found, FunctionType) or found.__module__ != module:
        return False
    return next(iter(inspect.signature(found).parameters), "") == "study"


def dump(recipe: Recipe) -> bytes | None:
    """A recipe as bytes; None when it could not be read back.

    Warns
    -----
    UserWarning
        An argument holds something else than data, such as a function.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    bytes or None
        None for a view outside ``helpers.publish``, such as a function of a user's notebook, and
        for arguments that :func:`load` would refuse.
    """
    module, name = recipe.view.__module__, recipe.view.__qualname__
    if not module.startswith(_VIEWS) or not name.isidentifier():
        return None
    content = (recipe.kind, f"{module}:{name}", recipe.arguments, dict(recipe.options))
    try:
        buffer = io.BytesIO()
        Plain(buffer, protocol=5).dump(content)
        raw = buffer.getvalue()
        _Reader(io.BytesIO(raw)).load()
    except (pickle.PickleError, AttributeError, TypeError) as error:
        told = f"{name}: cannot be drawn again by study export, since an argument is no data ({error})."
        warnings.warn(told, stacklevel=2)
        return None
    return raw


def load(path: Path) -> Recipe:
    """Read a recipe.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Recipe

    Raises
    ------
    InputError
        The file is damaged, holds something else than data, or names a view that is no more.
    """
    try:
        kind, view, arguments, options = _Reader(io.BytesIO(path.read_bytes())).load()
        module, _, name = view.partition(":")
        if kind not in ("figure", "table") or not module.startswith(_VIEWS):
            raise pickle.UnpicklingError(f"{view} is no view")
        if name.startswith("_") or not name.isidentifier():
            raise pickle.UnpicklingError(f"{view} is no view")
        found = getattr(importlib.import_module(module), name)
        if not _is_view(found, module):
            raise pickle.UnpicklingError(f"{view} is no view")
    except (
        pickle.UnpicklingError, AttributeError, ImportError, EOFError, ValueError, TypeError,
        IndexError, KeyError,
    ) as error:  # fmt: skip
        raise InputError(
            f"{path}: cannot be drawn again ({error}). Run the study again with study run."
        ) from error
    return Recipe(kind, found, tuple(arguments), dict(options))
