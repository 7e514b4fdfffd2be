"""A study: its parameters, its tables, where its results go.

A notebook opens its study in the cell after the parameters::

    study = open_study("03_city_distribution", globals())

and then uses ``study.table``, ``study.ledger``, ``study.figure`` and ``study.show``.
"""

from __future__ import annotations

import ast
import hashlib
import os
import pickle
import re
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.errors import InputError, OutputError, ParameterError
from helpers.evidence import sources as citations
from helpers.evidence import tables
from helpers.evidence.claims import STUDY_CITY, STUDY_PROVINCE, Ledger, Setting
from helpers.evidence.places import Place, place_of, resolve_city, resolve_province
from helpers.publish.phrases import basis_name
from helpers.run.parameters import LANGUAGES
from helpers.run.parameters import Parameters as Parameters

# Where a run collects its files before they replace those of the run before; see run.execute.
STAGING_VARIABLE = "STUDY_STAGING_DIR"
# Where kernels of a run find what views made in others; see run.shared.
SHARED_VARIABLE = "STUDY_SHARED_DIR"
# A look at the files of all tables takes a thousandth of a second, and cells look hundreds of times.
_LOOK_SECONDS = 0.5

if TYPE_CHECKING:
    from helpers.publish.figures import Record
    from helpers.publish.recipes import Recipe
    from helpers.run.shared import Made


def _cell() -> int | None:
    """Number of the notebook's cell that is at work; None outside notebooks."""
    shell = sys.modules.get("IPython")
    here = shell.get_ipython() if shell else None
    return None if here is None else int(here.execution_count)


def _literal_names(source: str) -> list[str]:
    """Names assigned in a cell that does nothing but assign literals, else none."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return []
    names = []
    for statement in statements:
        if not isinstance(statement, ast.Assign):
            return []
        try:
            ast.literal_eval(statement.value)
        except ValueError:
            return []
        names += [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return names


def _since_corrected(history: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Cells run since the cell tagged parameters was last run again: what it held before is gone."""
    sets = [len(set(names) & set(_literal_names(cell))) for cell in history]
    runs = [place for place, count in enumerate(sets) if count > len(names) / 2]
    return history[runs[-1] :] if len(runs) > 1 else history


def parameters_from_notebook(namespace: Mapping[str, Any]) -> Parameters:
    """Parameters from a notebook's variables.

    An unknown parameter only makes papermill warn, and it is set all the same. The cells that
    papermill or a user fills in do nothing but assign literals, so every name assigned in such a
    cell must be a known one.

    Parameters
    ----------
    namespace : mapping
        ``globals()`` of the notebook.

    Returns
    -------
    Parameters

    Raises
    ------
    ParameterError
        A name is unknown or missing, or a value is unusable.
    """
    names = Parameters.names()
    history = _since_corrected([str(cell) for cell in namespace.get("In", ())], names)
    opened = next((i for i, cell in enumerate(history) if "open_study(" in cell), len(history))
    assigned = []
    for position, cell in enumerate(history):
        found = _literal_names(cell)
        # Once the study is open, a cell of literals may be any cell that a user has added.
        marked = cell.lstrip().startswith("# Parameters") or not set(names).isdisjoint(found)
        assigned += found if position < opened or marked else []
    given = {name: namespace.get(name) for name in assigned if name not in names}
    Parameters.from_mapping(given)  # reports the first unknown name
    missing = [name for name in names if name not in namespace]
    if missing:
        raise ParameterError(
            f"parameter {missing[0]} is not set. Run the cell tagged parameters first."
        )
    return Parameters(**{name: namespace[name] for name in names})


def package_versions() -> dict[str, str]:
    """Versions of the packages that compute."""
    names = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "papermill")
    # A package that is loaded knows its version; the others' long descriptions have to be read.
    return {
        name: getattr(sys.modules.get(name), "__version__", "") or version(name) for name in names
    }


@dataclass(frozen=True)
class Study:
    """A validated study.

    Attributes
    ----------
    parameters : Parameters
        As given.
    notebook : str
        Notebook that opened it, empty outside notebooks.
    province, city : Place
    folder : Path
        All results of this study lie below it.
    """

    parameters: Parameters
    notebook: str
    province: Place
    city: Place
    data_dir: Path | None
    folder: Path

    @property
    def through_batch(self) -> int:
        """Last batch considered."""
        return self.parameters.through_batch

    @property
    def basis(self) -> str:
        """Measure counted."""
        return self.parameters.basis

    @property
    def language(self) -> str:
        """Language of the words in figures."""
        return self.parameters.language

    @property
    def basis_name(self) -> str:
        """Name of the measure in the study's language."""
        return basis_name(self.basis, self.t)

    @property
    def is_original(self) -> bool:
        """Whether the focal place is the one the replicated study is about."""
        return self.province.place_id == STUDY_PROVINCE and self.city.place_id == STUDY_CITY

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether some of the study's rows are made up, as their sources say."""
        return citations.has_synthetic(self.table("sources"))

    @property
    def slug(self) -> str:
        """Name of the study's folder, distinct for distinct parameters."""
        return slug(self.parameters, self.province, self.city)

    def t(self, en: Any, zh: Any) -> Any:
        """What belongs to the study's language, of an English and a Chinese text."""
        if self._own_words and isinstance(en, str):
            from helpers.publish.labels import replaced

            en, zh = replaced(self._own_words, en, str(zh))
        return zh if self.language == "zh" else en

    @cached_property
    def _own_words(self) -> dict[str, tuple[str, str]]:
        """Words that the user's own table of labels replaces."""
        places = tables.own_rows("labels", self.data_dir) if self.data_dir else {}
        if not places:
            return {}
        from helpers.publish.labels import own_words

        return own_words(tables.load("labels"), self.table("labels"), places)

    def name(self, place: Place | str) -> str:
        """A place's name, or that of a place code, in the study's language."""
        found = place if isinstance(place, Place) else self._place(place)
        return found.label(self.language)

    def _place(self, place_id: str) -> Place:
        """The place with a code, looked for once as long as the table stays what it is."""
        rows = self._tables()["places"]
        of, known = self.__dict__.get("_places", (None, {}))
        if of is not rows:
            known = {}
            self.__dict__["_places"] = (rows, known)
        if place_id not in known:
            known[place_id] = place_of(rows, place_id)
        return known[place_id]

    def table(self, name: str) -> pd.DataFrame:
        """A data table with the user's own rows laid over it; see ``tables.load``."""
        known = self._tables()
        return known[name].copy() if name in known else tables.load(name, self.data_dir)

    def _tables(self) -> dict[str, pd.DataFrame]:
        """All tables, shared; a changed file is noticed by the next cell, or within a second."""
        now, cell = time.monotonic(), _cell()
        looked, of, frames = self.__dict__.get("_looked", (0.0, None, {}))
        if cell is None or cell != of or now - looked > _LOOK_SECONDS:
            frames = tables.load_all(self.data_dir)
            self.__dict__["_looked"] = (now, cell, frames)
        found: dict[str, pd.DataFrame] = frames
        return found

    @cached_property
    def setting(self) -> Setting:
        """What the rules that test claims may look at."""
        return Setting(
            tables.load_all(self.data_dir), self.province.place_id, self.city.place_id, self.basis,
            self.through_batch,
        )  # fmt: skip

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this notebook's claims."""
        from helpers.analysis.claim_rules import RULES

        return Ledger(self.setting, RULES, self.notebook, self.folder, self.language)

    def cite(self, *cells: object) -> str:
        """Short citations of the sources in cells, columns or lists of ids."""
        ids = citations.ids_of(*cells)
        self._cited.update(dict.fromkeys(ids))
        return citations.cite(self.table("sources"), ids, self.language)

    @cached_property
    def _cited(self) -> dict[str, None]:
        """Sources cited since it was last emptied, in order."""
        return {}

    @cached_property
    def _kept(self) -> dict[str, str]:
        """Kind of what was kept, by name."""
        return {}

    def told_in(self, language: str) -> Study:
        """The same study in another language."""
        other = replace(self, parameters=replace(self.parameters, language=language))
        for name in (
            "setting",
            "_own_words",
            "is_synthetic",
            "_looked",
            "_places",
        ):  # costly, and without a language
            if name in self.__dict__:
                other.__dict__[name] = self.__dict__[name]
        return other

    def figure(self, view: Any, *arguments: Any, **options: Any) -> Any:
        """Save a figure below the study's folder and show it.

        Parameters
        ----------
        view : callable or Figure
            A view of ``helpers.publish``: it is called with the study and the arguments, and the
            call is kept so that ``study export`` can draw the figure again. Or a figure of your
            own, with its record and its data as arguments.
        *arguments, **options
            For the view; without words of any language.

        Returns
        -------
        SavedFigure
        """
        from helpers.publish import figures

        made, keep = self._made("figure", view, arguments, options)
        record, folder = made.records[self.language], self.folder / "figures"
        saved = figures.put(made.files, made.shown, record, folder, self.language)
        keep()
        return saved

    def show(self, view: Any, *arguments: Any, rows: int = 40, **options: Any) -> Any:
        """Save a table below the study's folder and show it.

        Parameters
        ----------
        view : callable or DataFrame
            As in :meth:`figure`; a table of your own comes with its record.
        *arguments, **options
            For the view.
        rows : int
            Rows shown; the file holds all.

        Returns
        -------
        SavedTable
        """
        from helpers.publish import tables as output

        made, keep = self._made("table", view, arguments, options)
        record, folder = made.records[self.language], self.folder / "tables"
        saved = output.put(made.files, made.shown, record, folder, self.language, rows)
        keep()
        return saved

    def computed(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a function of the analysis gives, taken from a study of this run that asked the same.

        For what takes long and does not depend on the place; outside a run of many studies it is a
        plain call.

        Parameters
        ----------
        function : callable
            What it gives must hang on its arguments alone. One that a notebook defines is called
            in every study.
        *arguments, **options
            For the function.

        Returns
        -------
        object
        """
        from helpers.run import shared

        where = shared.folder()
        call = ("computed", function, arguments, options)
        name = shared.key((), call) if where else None
        found = shared.recall(where, name) if where and name else None
        if found is not None:
            return found
        with warnings.catch_warnings(record=True) as caught:
            found = function(*arguments, **options)
        _warn_again(caught)
        if where and name and not caught:
            shared.keep(where, name, found)
        # As other studies will read it: which texts are one object shows in the bytes of a recipe.
        return pickle.loads(pickle.dumps(found, protocol=5))

    def _made(
        self, kind: str, view: Any, arguments: tuple[Any, ...], options: Mapping[str, Any]
    ) -> tuple[Made, Callable[[], None]]:
        """What a view makes, and how to keep its caption in both languages and its recipe."""
        from helpers.publish import captions, recipes
        from helpers.publish.files import write_bytes

        if callable(view):
            recipe = recipes.Recipe(kind, view, arguments, options)
            content = recipes.dump(recipe)
            made = self._told(recipe, may_share=content is not None)
        else:
            content, own = None, self._own_made(view, arguments)
            made = _finished(kind, own, {self.language: own[1]}, (), self.language)
        name = made.records[self.language].name
        if self._kept.setdefault(name, kind) != kind:
            raise InputError(
                f"{kind} {name}: the {self._kept[name]} of this study has the same name, and study "
                "export would make one of them only. Give its record another name; after a change "
                "of names open the study again."
            )

        def keep() -> None:
            caption = captions.caption(kind, made.records, made.source_ids)
            captions.write(caption, self.folder / f"{kind}s" / f"{name}.json")
            if content is not None:
                path = self.folder / recipes.FOLDER / f"{name}{recipes.SUFFIX}"
                write_bytes(content, path)

        return made, keep

    def _told(self, recipe: Recipe, may_share: bool) -> Made:
        """What a recipe makes, drawn here or taken from a study of this run that it is the same in."""
        from helpers.run import shared

        where = shared.folder() if may_share else None
        call = (recipe.kind, recipe.view, recipe.arguments, dict(recipe.options))
        name = shared.key(self._open, call) if where else None
        found = shared.recall(where, name) if where and name else None
        if found is not None:
            return found
        with warnings.catch_warnings(record=True) as caught:
            made, looked_further = self._drawn(recipe)
        _warn_again(caught)
        # What was warned of belongs into every study's notebook.
        if where and name and not (looked_further or caught):
            shared.keep(where, name, made)
        return made

    def _drawn(self, recipe: Recipe) -> tuple[Made, bool]:
        """What a recipe makes, and whether its view asked for more than views may know."""
        from helpers.run.shared import Seen

        self._cited.clear()
        here = Seen(self)
        made = recipe.tell(here)
        ids = tuple(self._cited)
        records = {self.language: made[1]}
        looked_further = here.looked_further
        for language in LANGUAGES:
            if language != self.language:
                there = Seen(self.told_in(language))
                records[language] = recipe.record(there)
                looked_further |= there.looked_further
        return _finished(recipe.kind, made, records, ids, self.language), looked_further

    @property
    def _open(self) -> tuple[Any, ...]:
        """All that a view may learn of this study; see ``publish.teller.Teller``."""
        own_words = sorted(self._own_words.items())
        facts = (self.notebook, self.language, self.basis_name, self.is_synthetic, own_words)
        return (*facts, tables.state(self.data_dir))

    def _own_made(self, made: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        """A user's own figure or table with its record; made-up data are called so."""
        if not self.is_synthetic:
            return (made, *arguments)
        from helpers.publish.synthetic import marked

        return marked((made, *arguments), self.language)

    def versions(self) -> pd.DataFrame:
        """Versions of Python and of the packages that compute."""
        rows = [("Python", python_version()), *package_versions().items()]
        heads = [self.t("package", "软件包"), self.t("version", "版本")]
        return pd.DataFrame(rows, columns=heads).set_index(heads[0])


def _warn_again(caught: Sequence[warnings.WarningMessage]) -> None:
    for item in caught:
        warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)


def _finished(
    kind: str, made: tuple[Any, ...], records: Mapping[str, Record], ids: tuple[str, ...],
    language: str,
) -> Made:  # fmt: skip
    """What a view made, with the content of its files."""
    from helpers.run.shared import Made

    if kind == "table":
        from helpers.publish.tables import csv_bytes

        return Made(records, ids, {"csv": csv_bytes(made[0])}, made[0])
    from helpers.publish import figures

    figure, record, data = (*made, None)[:3]
    files = figures.contents(figure, record, language, data)
    return Made(records, ids, files, float(figure.get_size_inches()[0]))


def slug(parameters: Parameters, province: Place, city: Place) -> str:
    """Folder name of a study in plain ASCII.

    Parameters
    ----------
    parameters : Parameters
    province, city : Place

    Returns
    -------
    str
        Province and city, then whatever differs from the defaults.
    """
    standard = Parameters()
    parts = [place.name_en or place.place_id for place in (province, city)]
    if parameters.through_batch != standard.through_batch:
        parts.append(f"b{parameters.through_batch}")
    parts += [
        value
        for value, usual in (
            (parameters.basis, standard.basis),
            (parameters.language, standard.language),
        )
        if value != usual
    ]
    if parameters.seed != standard.seed:
        parts.append(f"seed{parameters.seed}")
    if parameters.data_dir and not _in_own_folder(parameters):
        # Folders may share a name, and a name may hold no ASCII letter.
        own = Path(parameters.data_dir).expanduser().resolve()
        parts.append(f"{own.name}-{hashlib.sha256(str(own).encode()).hexdigest()[:6]}")
    cleaned = (re.sub(r"[^0-9A-Za-z]+", "-", part).strip("-").lower() for part in parts)
    return "_".join(part for part in cleaned if part)


def _in_own_folder(parameters: Parameters) -> bool:
    """Whether tables and results lie side by side, as ``study new`` lays them out.

    The results then need no sign of the tables they come from, and the folder can be moved.
    """
    if not parameters.output_dir:
        return False
    data, out = (
        Path(p).expanduser().resolve() for p in (parameters.data_dir, parameters.output_dir)
    )
    return (data.name, out.name) == ("data", "output") and data.parent == out.parent


def output_root(parameters: Parameters) -> Path:
    """Folder below which studies are written."""
    if parameters.output_dir:
        return Path(parameters.output_dir).expanduser().resolve()
    root = tables.project_root()
    return (root or Path.cwd()) / "output"


def check_writable(folder: Path, name: str = "output_dir") -> None:
    """Raise OutputError unless files can be made below a folder; leaves nothing behind.

    Parameters
    ----------
    folder : Path
        Need not exist.
    name : str
        What the user called it, for the message.

    Raises
    ------
    OutputError
    """
    try:
        existing = folder
        while not existing.exists():
            existing = existing.parent
        if not existing.is_dir():
            raise OutputError(f"{name} {folder}: {existing} is a file, not a folder. Name another.")
        probe = existing / f".study-probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputError(
            f"{name} {folder}: cannot be written ({error.strerror}). "
            "Name another folder or change its permissions."
        ) from error


def make_study(parameters: Parameters, notebook: str = "") -> Study:
    """Check parameters against the data and give the study.

    Parameters
    ----------
    parameters : Parameters
    notebook : str
        Name of the notebook that asks.

    Returns
    -------
    Study

    Raises
    ------
    ParameterError
        Unknown province or city.
    DataError
        A table breaks its schema.
    OutputError
        The output folder cannot be written.
    """
    data_dir = Path(parameters.data_dir).expanduser().resolve() if parameters.data_dir else None
    places = tables.load("places", data_dir)
    province = resolve_province(places, parameters.province)
    city = resolve_city(places, parameters.city, province)
    root = output_root(parameters)
    staging = os.environ.get(STAGING_VARIABLE)
    folder = Path(staging) if staging else root / slug(parameters, province, city)
    check_writable(folder)
    study = Study(parameters, notebook, province, city, data_dir, folder)
    _ = study._own_words  # faults in it are told before anything runs
    return study


def check_fragments(study: Study) -> None:
    """Prove that the counts of provinces can all hold together.

    Parameters
    ----------
    study : Study

    Raises
    ------
    InfeasibleError
        With a minimal set of rows that contradict each other, and their sources.
    """
    _ = study.setting.problem


def open_study(notebook: str, namespace: Mapping[str, Any]) -> Study:
    """Open the study of a notebook; call it in the cell after the parameters.

    Parameters
    ----------
    notebook : str
        Name of the notebook, for instance ``"03_city_distribution"``.
    namespace : mapping
        ``globals()`` of the notebook.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        See :func:`parameters_from_notebook` and :func:`make_study`.
    """
    from helpers.run import shared as shared  # which notes what code this is, before an edit of it

    return make_study(parameters_from_notebook(namespace), notebook)
