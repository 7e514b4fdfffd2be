"""Many studies at once: from a table of parameters, all provinces, or the cities of a province.

From Python::

    from helpers.run.batch import all_provinces, run_batch
    from helpers.run.parameters import Parameters

    batch = run_batch(all_provinces(Parameters(language="zh")))
    batch.results()         # every table of every study, one value a row
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers.errors import DataError, InputError, ParameterError, Problem
from helpers.evidence.places import near, resolve_province
from helpers.run import cache
from helpers.run.execute import Event, Options, Result, notebook_files, run_studies
from helpers.run.locks import lock
from helpers.run.parameters import Parameters
from helpers.run.study import Study, make_study, output_root

INDEX = "index.html"
RESULTS = "all_results"
RECORD = ".batch.json"
NAMES = ("province", "city")
# The whole batch goes into one folder.
COLUMNS = tuple(name for name in Parameters.names() if name != "output_dir")


@dataclass(frozen=True)
class Row:
    """A study asked for, and where."""

    parameters: Parameters
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Batch:
    """What a batch produced.

    Attributes
    ----------
    root : Path
        Folder of all studies, with the index page and the table of all results.
    studies : tuple of Study
    outcomes : tuple
        For each study its result, or the error that kept it from being put in place.
    """

    root: Path
    studies: tuple[Study, ...]
    outcomes: tuple[Result | Exception, ...]

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Study and what failed in it."""
        found = []
        for study, outcome in zip(self.studies, self.outcomes, strict=True):
            if isinstance(outcome, Exception):
                found.append((study.slug, f"{type(outcome).__name__}: {outcome}"))
            else:
                found += [(study.slug, str(failure)) for failure in outcome.failures]
        return found

    @property
    def executed(self) -> int:
        """Number of notebooks that were executed."""
        return sum(outcome.executed for outcome in self.outcomes if isinstance(outcome, Result))

    def results(self) -> pd.DataFrame:
        """Every value of every table of every study; see :func:`all_results`."""
        return all_results(self.studies, self.root)


def _province_city(places: pd.DataFrame, province_id: str) -> str:
    """The city a province is shown with: its capital, or itself if it has no prefectures.

    In GB/T 2260 the seat of a province's government is the prefecture 01.
    """
    capital = f"{province_id[:2]}0100"
    return capital if (places["place_id"] == capital).any() else province_id


def all_provinces(defaults: Parameters | None = None) -> list[Row]:
    """A study for each of the 31 provincial units, with the province's capital as the city.

    Parameters
    ----------
    defaults : Parameters or None
        Everything but province and city.

    Returns
    -------
    list of Row
        In the order of GB/T 2260. A municipality is its own city.

    Examples
    --------
    >>> [row.parameters.city for row in all_provinces()[:6]]
    ['北京', '天津', '石家庄', '太原', '呼和浩特', '沈阳']
    """
    given = defaults or Parameters()
    places = make_study(replace(given, province="辽宁", city="鞍山")).table("places")
    names = dict(zip(places["place_id"], places["name_zh"], strict=True))
    ids = sorted(places.loc[places["level"] == "province", "place_id"])
    return [
        Row(replace(given, province=names[code], city=names[_province_city(places, code)]))
        for code in ids
    ]


def cities_of(province: str, defaults: Parameters | None = None) -> list[Row]:
    """A study for each prefecture-level city of a province.

    Parameters
    ----------
    province : str
        Name or code.
    defaults : Parameters or None
        Everything but province and city.

    Returns
    -------
    list of Row

    Raises
    ------
    ParameterError
        No province has this name.

    Examples
    --------
    >>> len(cities_of("Liaoning")), cities_of("上海")[0].parameters.city
    (14, '上海')
    """
    given = defaults or Parameters()
    places = make_study(replace(given, province="辽宁", city="鞍山")).table("places")
    unit = resolve_province(places, province)
    of_unit = places[(places["level"] == "prefecture") & (places["province_id"] == unit.place_id)]
    names = list(of_unit["name_zh"]) or [unit.name_zh]
    return [Row(replace(given, province=unit.name_zh, city=name)) for name in names]


# --- A table of parameters ----------------------------------------------------------------------


def read_table(path: Path, defaults: Parameters | None = None) -> list[Row]:
    """Studies from a CSV or YAML file: one row, or one item of a list, for each.

    Parameters
    ----------
    path : Path
        Columns are names of parameters; a blank cell takes the default.
    defaults : Parameters or None

    Returns
    -------
    list of Row

    Raises
    ------
    DataError
        With every fault, by row and column.
    InputError
        The file cannot be read.
    """
    given = defaults or Parameters()
    reader = _yaml_rows if path.suffix.lower() in (".yml", ".yaml") else _csv_rows
    try:
        raw, problems = reader(path.read_text(encoding="utf-8-sig"), path.name)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not in UTF-8. Save it as CSV UTF-8.") from error
    if problems:
        raise DataError(problems)
    if not raw:
        raise InputError(f"{path}: holds no study. Write one row for each.")
    rows = []
    for line, values in raw:
        made, found = _row(values, given, path.name, line)
        problems += found
        if made is not None:
            rows.append(Row(made, path.name, line))
    if problems:
        raise DataError(problems)
    return rows


def _header_problems(names: Iterable[str], file: str, line: int) -> list[Problem]:
    """Columns that no parameter is called by; their cells are not repeated, they may be secret."""
    found, seen = [], set()
    for name in names:
        if name == "output_dir":
            rule, remedy = "the whole batch has one output folder", "Give it as --output-dir."
        elif name not in COLUMNS:
            rule = "no parameter has this name"
            remedy = f"{near(name, COLUMNS)} Columns: {', '.join(COLUMNS)}."
        elif name in seen:
            rule, remedy = "the column stands there twice", "Remove one."
        else:
            seen.add(name)
            continue
        found.append(Problem("batch", file, line, name or "(no name)", "", rule, remedy))
    return found


Raw = list[tuple[int, dict[str, Any]]]


def _csv_rows(text: str, file: str) -> tuple[Raw, list[Problem]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError(f"{file}: is not a CSV file ({error}).") from error
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        return [], []
    header = lines[0][1]
    problems = _header_problems(header, file, lines[0][0])
    for number, cells in lines[1:]:
        if len(cells) > len(header) and any(cells[len(header) :]):
            rule = f"{len(cells)} cells under {len(header)} column heads"
            remedy = "Put quotes around a cell that holds a comma."
            problems.append(Problem("batch", file, number, None, "", rule, remedy))
    return [
        (number, dict(zip(header, cells, strict=False))) for number, cells in lines[1:]
    ], problems


def _yaml_rows(text: str, file: str) -> tuple[Raw, list[Problem]]:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{file}: is not a YAML file ({error}).") from error
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise InputError(
            f"{file}: write a list with one study an item, as in '- {{province: 江苏, city: 苏州}}'."
        )
    raw = [(number, {str(k): v for k, v in item.items()}) for number, item in enumerate(content, 1)]
    problems = [p for number, item in raw for p in _header_problems(item, file, number)]
    return raw, problems


def _row(
    values: Mapping[str, Any], defaults: Parameters, file: str, line: int
) -> tuple[Parameters | None, list[Problem]]:
    """Parameters of a row, or what is wrong with it."""
    given = {name: value for name, value in values.items() if value not in ("", None)}
    problems = []
    for name in NAMES:
        text = str(given.get(name, ""))
        if re.search(r"[\\/]|\.\.", text):
            rule, remedy = "a place has no path in its name", "Give its name or GB/T 2260 code."
            problems.append(Problem("batch", file, line, name, text, rule, remedy))
    for name in ("through_batch", "seed"):
        if isinstance(given.get(name), str) and re.fullmatch(r"-?\d+", given[name]):
            given[name] = int(given[name])
    if problems:
        return None, problems
    try:
        made = replace(defaults, **given)
        make_study(made)
    except ParameterError as error:
        return None, [_located(error, given, file, line)]
    return made, []


def _located(error: ParameterError, values: Mapping[str, Any], file: str, line: int) -> Problem:
    """A fault of a parameter as a fault of a cell."""
    told = re.match(r"parameter (\w+)(?:, value .*?)?: (.*)", str(error), re.S)
    column, rule = told.groups() if told else (None, str(error))
    first, _, rest = rule.partition(". ")
    value = "" if column is None else str(values.get(column, ""))
    remedy = rest or "Correct the cell."
    return Problem("batch", file, line, column, value, first.rstrip("."), remedy)


def _distinct(rows: Sequence[Row], studies: Sequence[Study]) -> None:
    """Raise DataError if two rows name the same study."""
    first: dict[str, Row] = {}
    problems = []
    for row, study in zip(rows, studies, strict=True):
        before = first.setdefault(study.slug, row)
        if before is not row:
            rule = f"the same study as row {before.line}"
            problems.append(Problem(
                "batch", row.file or "list of parameters", row.line or None, "city",
                row.parameters.city, rule, "Remove one of the two.",
            ))  # fmt: skip
    if problems:
        raise DataError(problems)


# --- Running ------------------------------------------------------------------------------------


def run_batch(
    rows: Sequence[Row | Parameters], options: Options | None = None,
    notebooks: Sequence[Path] | None = None, progress: bool = True, log: Path | None = None,
) -> Batch:  # fmt: skip
    """Execute the notebooks of many studies.

    Parameters
    ----------
    rows : sequence of Row or Parameters
        All with the same ``output_dir``.
    options : Options or None
        See :class:`helpers.run.execute.Options`.
    notebooks : sequence of Path or None
        None for the whole collection.
    progress : bool
        Show a progress bar on standard error.
    log : Path or None
        File that JSON lines are added to.

    Returns
    -------
    Batch
        Failures are listed in it; none of them stops the others.

    Raises
    ------
    InputError
        Something is wrong with the parameters, the data or the folder, or another run is at work
        there. Nothing has been executed then.
    """
    from helpers.run.progress import telling

    asked = [row if isinstance(row, Row) else Row(row) for row in rows]
    if not asked:
        raise InputError("The batch holds no study.")
    studies = [make_study(row.parameters) for row in asked]
    _distinct(asked, studies)
    (root, *others) = {output_root(study.parameters) for study in studies}
    if others:
        raise InputError("The studies of a batch need one output_dir for all of them.")
    root.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(lock(root / ".batch.lock", root))
        tell = stack.enter_context(telling(progress, len(studies), log))
        tell(Event("batch", data={"studies": len(studies)}))
        outcomes = run_studies(studies, notebooks, options or Options(), tell)
        batch = Batch(root, tuple(studies), tuple(outcomes))
        files = list(notebooks) if notebooks is not None else notebook_files()
        _publish(batch, [path.stem for path in files])
        tell(Event("done", data={"failures": len(batch.failures)}))
    return batch


def _state(batch: Batch, notebooks: Sequence[str]) -> dict[str, Any]:
    """What the index page and the table of all results depend on."""
    stamps = {}
    for study in batch.studies:
        path = batch.root / study.slug / cache.RECORD
        stamps[study.slug] = path.stat().st_mtime_ns if path.is_file() else 0
    return {
        "studies": stamps,
        "failures": [list(item) for item in batch.failures],
        "notebooks": list(notebooks),
    }


def _publish(batch: Batch, notebooks: Sequence[str]) -> None:
    """Write the index page and the table of all results, unless they are there and current."""
    from helpers.publish.batch_page import write_page

    state = _state(batch, notebooks)
    written = [batch.root / name for name in (INDEX, f"{RESULTS}.csv", f"{RESULTS}.parquet")]
    record = batch.root / RECORD
    if all(path.is_file() for path in written) and cache.holds_json(record, state):
        return
    frame = batch.results()
    write_results(frame, batch.root)
    write_page(_entries(batch), frame, batch.root / INDEX)
    cache.write_json(record, state)


def _entries(batch: Batch) -> list[dict[str, Any]]:
    """What the page shows of each study."""
    entries = []
    for study, outcome in zip(batch.studies, batch.outcomes, strict=True):
        failed = [text for slug, text in batch.failures if slug == study.slug]
        counts = {} if isinstance(outcome, Exception) else outcome.counts
        entries.append({
            "slug": study.slug, "province_zh": study.province.name_zh,
            "province_en": study.province.label("en"), "city_zh": study.city.name_zh,
            "city_en": study.city.label("en"), "counts": counts, "failures": failed,
            "language": study.language,
        })  # fmt: skip
    return entries


# --- All results --------------------------------------------------------------------------------


def _values(path: Path) -> Iterable[tuple[int, str, str, str]]:
    """Row number, first cell, column and text of every cell of a CSV table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        head = next(reader, [])
        for number, cells in enumerate(reader, 1):
            for name, text in zip(head, cells, strict=False):
                yield number, cells[0], name, text


def all_results(studies: Sequence[Study], root: Path) -> pd.DataFrame:
    """Every value of every table of the studies, one a row.

    Parameters
    ----------
    studies : sequence of Study
    root : Path
        Folder that holds their folders.

    Returns
    -------
    DataFrame
        ``study``, ``province_id``, ``city_id``, names, ``basis``, ``through_batch``, ``language``;
        then ``result`` (name of the table, or ``verdicts``), ``row`` (from 1), ``item`` (first cell
        of the row), ``variable`` (column), ``value`` (text as written, empty where unknown) and
        ``number`` (the value where it is one, else missing).
    """
    names = ("result", "row", "item", "variable", "value")
    parts = []
    for study in studies:
        folder = root / study.slug
        paths = [*sorted((folder / "tables").glob("*.csv")), folder / "verdicts.csv"]
        cells = [(path.stem, *value) for path in paths if path.is_file() for value in _values(path)]
        if not cells:
            continue
        frame = pd.DataFrame(cells, columns=list(names))
        own = asdict(study.parameters)
        about = {
            "study": study.slug,
            "province_id": study.province.place_id, "province_zh": study.province.name_zh,
            "city_id": study.city.place_id, "city_zh": study.city.name_zh,
            **{name: own[name] for name in ("basis", "through_batch", "language")},
        }  # fmt: skip
        for position, (name, text) in enumerate(about.items()):
            frame.insert(position, name, text)
        parts.append(frame)
    if not parts:
        return pd.DataFrame(columns=["study", *names, "number"])
    merged = pd.concat(parts, ignore_index=True)
    numbers = pd.to_numeric(merged["value"], errors="coerce").astype("float64")
    return merged.assign(number=numbers)


def write_results(frame: pd.DataFrame, folder: Path) -> None:
    """Write the table of all results as CSV and Parquet, each whole or not at all.

    Parameters
    ----------
    frame : DataFrame
        From :func:`all_results`.
    folder : Path
    """
    import fastparquet

    text, parquet = (folder / f".{RESULTS}.{kind}.new" for kind in ("csv", "parquet"))
    try:
        frame.to_csv(text, index=False, encoding="utf-8-sig", lineterminator="\n")
        plain = frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "str"], object))
        fastparquet.write(str(parquet), plain, compression="GZIP", write_index=False)
        text.replace(folder / f"{RESULTS}.csv")
        parquet.replace(folder / f"{RESULTS}.parquet")
    finally:
        for path in (text, parquet):
            path.unlink(missing_ok=True)
