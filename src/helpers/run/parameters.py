"""The parameters of a study.

This module imports nothing heavy, so that the command line can show its help at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from reprlib import Repr
from typing import Any

from helpers.errors import ParameterError

BASES = ("study", "certified", "announced")
# Of official lists.
LIST_BASES = ("announced", "certified")
LANGUAGES = ("en", "zh")
LAST_BATCH = 7


def check_language(language: str | None) -> None:
    """Refuse what is no language of the command line's ``--language``; None is none given.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> check_language("zh"), check_language(None)
    (None, None)
    >>> check_language("de")
    Traceback (most recent call last):
    helpers.errors.ParameterError: --language de: give en or zh.
    """
    if language not in (None, *LANGUAGES):
        raise ParameterError(f"--language {language}: give {' or '.join(LANGUAGES)}.")


@dataclass(frozen=True)
class Parameters:
    """The parameters of a study, the same for every notebook.

    Parameters
    ----------
    province, city : str
        Chinese or English name, or GB/T 2260 code.
    through_batch : int
        Last batch of little giants considered, 1 to 7.
    basis : {"study", "certified", "announced"}
        Which measure of each batch is counted; see the table ``batches``.
    language : {"en", "zh"}
        Of prose, figures and tables.
    seed : int
        For random numbers.
    data_dir : str
        Folder with the user's own tables; empty for none.
    output_dir : str
        Folder under which the study's folder is made; empty for ``output`` in the project.
    """

    province: str = "辽宁"
    city: str = "鞍山"
    through_batch: int = 5
    basis: str = "study"
    language: str = "en"
    seed: int = 20231231
    data_dir: str = ""
    output_dir: str = ""

    def __post_init__(self) -> None:
        for item in fields(self):
            self._check_type(item.name, int if item.name in ("through_batch", "seed") else str)
        self._check_choice("basis", BASES)
        self._check_choice("language", LANGUAGES)
        if not 1 <= self.through_batch <= LAST_BATCH:
            raise ParameterError(
                f"parameter through_batch, value {self.through_batch}: "
                f"give a batch from 1 to {LAST_BATCH}."
            )
        if self.seed < 0:
            raise ParameterError(f"parameter seed, value {self.seed}: give 0 or a positive number.")

    def _check_type(self, name: str, kind: type) -> None:
        value = getattr(self, name)
        if type(value) is kind:
            return
        if kind is str and type(value) is int and name in ("province", "city"):
            # papermill reads -p city 210300 as a number.
            object.__setattr__(self, name, str(value))
            return
        if value is None:
            raise ParameterError(f"parameter {name} is empty: give a value or leave it out.")
        word = "a whole number" if kind is int else "text"
        # In YAML a few lines of lists can name millions of items.
        short = Repr()
        short.maxlevel = 2
        shown = short.repr(value) if isinstance(value, list | dict | set | tuple) else repr(value)
        raise ParameterError(
            f"parameter {name}, value {shown}: {type(value).__name__} given, {word} needed."
        )

    def _check_choice(self, name: str, choices: Sequence[str]) -> None:
        value = getattr(self, name)
        if value not in choices:
            from helpers.evidence.places import near

            hint = near(value, choices)
            raise ParameterError(
                f"parameter {name}, value {value!r}: not one of {', '.join(choices)}."
                + (f" {hint}" if hint.startswith("Did") else "")
            )

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Names of all parameters."""
        return tuple(item.name for item in fields(cls))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Parameters:
        """Parameters from names and values; an unknown name is an error.

        Raises
        ------
        ParameterError
            With the nearest known name.

        Examples
        --------
        >>> Parameters.from_mapping({"city": "大连"}).city
        '大连'
        """
        for name in values:
            if name not in cls.names():
                from helpers.evidence.places import near

                raise ParameterError(
                    f"parameter {name}: no parameter has this name. {near(name, cls.names())} "
                    f"Parameters: {', '.join(cls.names())}."
                )
        return cls(**values)


def injected(parameters: Parameters) -> dict[str, Any]:
    """Parameters for papermill; folders absolute, since a kernel may run elsewhere.

    Examples
    --------
    >>> injected(Parameters(city="大连"))["city"]
    '大连'
    """
    values = asdict(parameters)
    for name in ("data_dir", "output_dir"):
        if values[name]:
            values[name] = str(Path(values[name]).expanduser().resolve())
    return values
