"""Recipes: the call that made a figure or table, kept beside it.

With it a figure is drawn again for another language or journal without running the notebook. A
recipe is pickled data and the name of a view. Since pickled data can hold any call, reading goes
through a list of the few things that frames and values are made of.
"""

from __future__ import annotations

import importlib
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import InputError

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
# Of these packages every class may be made, and no function called.
_CLASSES = (
    "helpers.evidence.", "helpers.analysis.", "helpers.publish.", "pandas.arrays.", "pandas.core.",
)  # fmt: skip


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


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if f"{module}.".startswith(_CLASSES):
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a recipe")


def dump(recipe: Recipe) -> bytes | None:
    """A recipe as bytes; None when it could not be read back.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    bytes or None
        None for a view outside ``helpers.publish``, such as a function of a user's notebook.
    """
    module, name = recipe.view.__module__, recipe.view.__qualname__
    if not module.startswith(_VIEWS) or not name.isidentifier():
        return None
    content = (recipe.kind, f"{module}:{name}", recipe.arguments, dict(recipe.options))
    return pickle.dumps(content, protocol=5)


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
        if getattr(found, "__module__", "") != module or isinstance(found, type):
            raise pickle.UnpicklingError(f"{view} is no view")
    except (
        pickle.UnpicklingError, AttributeError, ImportError, EOFError, ValueError, TypeError,
        IndexError, KeyError,
    ) as error:  # fmt: skip
        raise InputError(
            f"{path}: cannot be drawn again ({error}). Run the study again with study run."
        ) from error
    return Recipe(kind, found, tuple(arguments), dict(options))
