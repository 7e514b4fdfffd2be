"""Many studies at once: from a table of parameters, all provinces, or the cities of a province.

From Python::

    from helpers.run.batch import all_provinces, run_batch
    from helpers.run.parameters import Parameters

    batch = run_batch(all_provinces(Parameters(language="zh")))
    batch.results()         # every table of every study, one value a row
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.errors import DataError, InputError, Problem
from helpers.run import cache
from helpers.run.batch_table import Row, all_provinces, cities_of, read_table
from helpers.run.current import INDEX, RECORD, REPORT, RESULTS, holds_made, made_stamps
from helpers.run.execute import Event, Options, Result, notebook_files, run_studies
from helpers.run.locks import lock
from helpers.run.parameters import Parameters
from helpers.run.study import Study, make_study, output_root

__all__ = [
    "Batch", "Row", "all_provinces", "all_results", "cities_of", "read_table", "run_batch",
    "write_results",
]  # fmt: skip


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
        "reports": [slug for slug in stamps if (batch.root / slug / REPORT).is_file()],
        "parameters": [asdict(study.parameters) for study in batch.studies],
    }


def _publish(batch: Batch, notebooks: Sequence[str]) -> None:
    """Write the index page and the table of all results, unless they are there and current."""
    from helpers.publish.batch_page import write_page

    state = _state(batch, notebooks)
    record = batch.root / RECORD
    before = cache.read_object(record)
    made = before.pop("made", None)
    if before == state and holds_made(batch.root, made):
        return
    frame = batch.results()
    write_results(frame, batch.root)
    write_page(_entries(batch), frame, batch.root / INDEX)
    cache.write_json(record, state | {"made": made_stamps(batch.root)})


def _entries(batch: Batch) -> list[dict[str, Any]]:
    """What the page shows of each study."""
    entries = []
    differ = _differing(batch.studies)
    for study, outcome in zip(batch.studies, batch.outcomes, strict=True):
        failed = [text for slug, text in batch.failures if slug == study.slug]
        counts = {} if isinstance(outcome, Exception) else outcome.counts
        entries.append({
            "slug": study.slug, "province_zh": study.province.name_zh,
            "province_en": study.province.label("en"), "city_zh": study.city.name_zh,
            "city_en": study.city.label("en"), "counts": counts, "failures": failed,
            "language": study.language, "variant": _variant(study, differ),
            "counted": _variant(study, [name for name in differ if name not in ("language", "seed")]),
        })  # fmt: skip
    return entries


_NAMES_ZH = {
    "through_batch": "截至批次", "basis": "口径", "language": "语言", "seed": "随机种子",
    "data_dir": "自有数据",
}  # fmt: skip


def _differing(studies: Sequence[Study]) -> list[str]:
    """Parameters besides the place that are not the same in all studies."""
    given = [asdict(study.parameters) for study in studies]
    return [name for name in _NAMES_ZH if len({values[name] for values in given}) > 1]


def _variant(study: Study, names: Sequence[str]) -> tuple[str, str]:
    """What tells a study from others of its place, in English and Chinese."""
    values = asdict(study.parameters)
    en = "; ".join(f"{name} {values[name]}" for name in names)
    values["basis"] = study.told_in("zh").basis_name
    return en, "；".join(f"{_NAMES_ZH[name]}{values[name]}" for name in names)


# --- All results --------------------------------------------------------------------------------


def _values(path: Path) -> Iterable[tuple[int, str, str, str]]:
    """Row number, first cell, column and text of every cell of a CSV table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        head = next(reader, [])
        for number, cells in enumerate(reader, 1):
            for name, text in zip(head, cells, strict=False):
                yield number, cells[0], name, text


# Units that heads of columns name in brackets at their end; other brackets hold words.
_UNITS = ("%", "million yuan", "百万元", "年")
_UNIT = re.compile(rf"[(（]({'|'.join(_UNITS)})[)）]$")


def unit_of(variable: str) -> str:
    """The unit that the head of a column names, empty where it names none.

    Examples
    --------
    >>> unit_of("Share (%)"), unit_of("期限（年）"), unit_of("p (two-sided)"), unit_of("Rank")
    ('%', '年', '', '')
    """
    found = _UNIT.search(variable)
    return found[1] if found else ""


def _table_unit(path: Path, language: str) -> str:
    """What the record beside a table says of its unit."""
    told = cache.read_object(path.with_suffix(".json")).get(language)
    return str(told.get("unit", "")) if isinstance(told, dict) else ""


# A range as tables write it in either language.
_RANGE = r"^([-+]?[\d,]+(?:\.\d+)?)(?: to |至)([-+]?[\d,]+(?:\.\d+)?)$"


def _numbers(texts: pd.Series) -> pd.Series:
    """Numbers that texts are, also with commas between thousands; missing for other texts.

    Examples
    --------
    >>> _numbers(pd.Series(["1,832", "+2", "1,2", "5 to 15"])).tolist()
    [1832.0, 2.0, nan, nan]
    """
    grouped = texts.str.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?").fillna(False).astype(bool)
    plain = texts.where(~grouped, texts.str.replace(",", ""))
    return pd.to_numeric(plain, errors="coerce").astype("float64")


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
        of the row), ``variable`` (column), ``value`` (text as written, empty where unknown),
        ``number`` (the value where it is one, also with commas between thousands, else missing),
        ``lower`` and ``upper`` (ends of a value that is a range; both equal to ``number`` where it
        is one),
        ``unit`` (that the column's head names) and ``table_unit`` (that the table's record names;
        it holds for the quantity that the table is about, and not for ranks, years or shares).
    """
    names = ("result", "row", "item", "variable", "value", "table_unit")
    parts = []
    for study in studies:
        folder = root / study.slug
        paths = [*sorted((folder / "tables").glob("*.csv")), folder / "verdicts.csv"]
        units = {path: _table_unit(path, study.language) for path in paths}
        cells = [
            (path.stem, *value, units[path])
            for path in paths if path.is_file() for value in _values(path)
        ]  # fmt: skip
        if not cells:
            continue
        frame = pd.DataFrame(cells, columns=list(names))
        own = asdict(study.parameters)
        about = {
            "study": study.slug,
            "province_id": study.province.place_id, "province_en": study.province.name_en,
            "province_zh": study.province.name_zh, "city_id": study.city.place_id,
            "city_en": study.city.name_en, "city_zh": study.city.name_zh,
            **{name: own[name] for name in ("basis", "through_batch", "language")},
        }  # fmt: skip
        for position, (name, text) in enumerate(about.items()):
            frame.insert(position, name, text)
        parts.append(frame)
    if not parts:
        last = ["number", "lower", "upper", "unit", "table_unit"]
        return pd.DataFrame(columns=["study", *names[:-1], *last])
    merged = pd.concat(parts, ignore_index=True)
    numbers = _numbers(merged["value"])
    ends = merged["value"].str.extract(_RANGE).apply(_numbers)
    told = {name: unit_of(name) for name in merged["variable"].unique()}
    merged = merged.assign(
        number=numbers, lower=numbers.fillna(ends[0]), upper=numbers.fillna(ends[1]),
        unit=merged["variable"].map(told),
    )  # fmt: skip
    return merged[[name for name in merged.columns if name != "table_unit"] + ["table_unit"]]


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
