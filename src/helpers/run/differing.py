"""Compare two runs: their verdicts, their tables, and the data that made the difference.

A verdict is traced by judging its claim again: on the new data with one table as it was before. If
that alone brings the old verdict back, the change is because of that table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.analysis.comparison import because, changed_sources, changes
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.claims import LEDGER_PAGE, VERDICTS_ZH, Ledger, Setting
from helpers.evidence.places import resolve_city, resolve_province
from helpers.evidence.sources import ids_of
from helpers.publish.tables import write_csv
from helpers.publish.workbook import harmless
from helpers.run import inputs
from helpers.run.parameters import Parameters

_TABLE = re.compile(r"""table\(\s*["'](\w+)["']\s*\)""")
_NAME = re.compile(r"(\d\d[a-z]?)_")
_LONGEST = 60
# Tables that hold no figures a result could rest on; named only where nothing else changed.
_QUIET = ("sources", "note_texts", "glossary", "study_tables", "firm_list", "counties",
          "industry_classes", "industry_words")  # fmt: skip


@dataclass(frozen=True)
class Run:
    """The results of a run.

    Parameters
    ----------
    folder : Path
    parameters : Parameters or None
        None where the folder holds results without a record of the run.
    """

    folder: Path
    parameters: Parameters | None

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """The verdicts, as text."""
        return _csv(self.folder / "verdicts.csv")

    @cached_property
    def results(self) -> dict[str, Path]:
        """Result tables by name."""
        found = [*self.folder.glob("tables/*.csv"), *self.folder.glob("[0-9][0-9]*_*.csv")]
        return {path.stem: path for path in sorted(found)}

    @cached_property
    def data(self) -> dict[str, pd.DataFrame]:
        """The data tables that were used; empty where they were not kept."""
        return inputs.read(self.folder, tables.schemas())

    def cited(self, name: str) -> set[str]:
        """Sources that the caption of a result table names."""
        path = self.folder / "tables" / f"{name}.json"
        try:
            return set(json.loads(path.read_text(encoding="utf-8"))["source_ids"])
        except (OSError, ValueError, KeyError):
            return set()

    def read_by(self, name: str) -> set[str]:
        """Data tables that the notebook of a result names."""
        number = _NAME.match(name)
        paths = self.folder.glob(f"notebooks/{number.group(1)}_*.ipynb") if number else ()
        return {
            table for path in paths
            for table in _TABLE.findall(path.read_text(encoding="utf-8").replace('\\"', '"'))
        }  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """What differs between two runs.

    Parameters
    ----------
    old, new : Run
    parameters : DataFrame
        Columns as of :func:`helpers.analysis.comparison.changes`.
    data : mapping of str to DataFrame
        The changes of each data table that differs.
    verdicts : DataFrame
        claim_id, old, new, computed_old, computed_new, because.
    results : mapping of str to DataFrame
        The changes of each result table that differs.
    reasons : mapping of str to str
        Data tables behind the changes of each result table.
    """

    old: Run
    new: Run
    parameters: pd.DataFrame
    data: Mapping[str, pd.DataFrame]
    verdicts: pd.DataFrame
    results: Mapping[str, pd.DataFrame]
    reasons: Mapping[str, str]


def _csv(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a table. Run the study again.") from error


def run_at(folder: Path) -> Run:
    """The run whose results a folder holds.

    Parameters
    ----------
    folder : Path
        Results of a run, a folder like ``results``, or a study's folder with one run in it.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        There are no results, or those of several runs.
    """
    if not (folder / "verdicts.csv").is_file():
        inner = sorted(path.parent for path in folder.glob("output/*/verdicts.csv"))
        inner = inner or sorted(path.parent for path in folder.glob("*/verdicts.csv"))
        if len(inner) > 1:
            names = ", ".join(str(path) for path in inner)
            raise InputError(f"{folder}: holds the results of several runs. Name one: {names}.")
        if not inner:
            raise InputError(
                f"{folder}: holds no results of a run (no verdicts.csv). study run makes them."
            )
        folder = inner[0]
    record = folder / "run.json"
    if not record.is_file():
        return Run(folder, None)
    try:
        given = json.loads(record.read_text(encoding="utf-8"))["parameters"]
        return Run(folder, Parameters.from_mapping(given))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{record}: cannot be read ({error}). Run the study again.") from error


def _parameters(old: Run, new: Run) -> pd.DataFrame:
    frames = []
    for run in (old, new):
        values = vars(run.parameters) if run.parameters else {}
        told = {name: v for name, v in values.items() if name not in ("data_dir", "output_dir")}
        frames.append(
            pd.DataFrame({"parameter": list(told), "value": list(map(str, told.values()))})
        )
    if not old.parameters or not new.parameters:
        return changes(frames[0].head(0), frames[1].head(0), ["parameter"])
    return changes(frames[0], frames[1], ["parameter"])


def _data(old: Run, new: Run) -> dict[str, pd.DataFrame]:
    """Changes of every data table that differs; none where a run kept no tables."""
    if not old.data or not new.data:
        return {}
    schemas, found = tables.schemas(), {}
    for name in dict.fromkeys([*old.data, *new.data]):
        empty = pd.DataFrame()
        first, second = old.data.get(name, empty), new.data.get(name, empty)
        key = schemas[name].key if name in schemas else None
        fits = key is not None and set(key) <= set(first.columns) & set(second.columns)
        told = changes(first, second, key if fits else None)
        if len(told):
            found[name] = told
    return found


def _setting(run: Run, data: Mapping[str, pd.DataFrame]) -> Setting | None:
    """What rules look at, of the tables given; None where they lack a table of today."""
    if run.parameters is None or not set(tables.schemas()) - {"labels"} <= set(data):
        return None
    province = resolve_province(data["places"], run.parameters.province)
    city = resolve_city(data["places"], run.parameters.city, province)
    given = run.parameters
    return Setting(
        data, province.place_id, city.place_id, given.basis, given.through_batch, brief=True
    )


def _judged(setting: Setting | None, claim_ids: list[str], folder: Path) -> dict[str, str]:
    """Verdicts of claims; none where the data do not allow to judge."""
    from helpers.analysis.claim_rules import RULES

    if setting is None:
        return {}
    ledger = Ledger(setting, RULES, LEDGER_PAGE, folder)
    found = {}
    for claim_id in claim_ids:
        try:
            found[claim_id] = str(ledger.check(claim_id).verdict)
        except (InputError, KeyError, ValueError):
            continue
    return found


def _traced(old: Run, new: Run, moved: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, list[str]]:  # fmt: skip
    """Tables that, put back as they were, bring back the old verdict of a claim."""
    reasons: dict[str, list[str]] = {claim_id: [] for claim_id in wanted}
    for name in moved:
        if name not in old.data or name not in new.data:
            continue
        setting = _setting(new, {**new.data, name: old.data[name]})
        for claim_id, verdict in _judged(setting, list(wanted), new.folder).items():
            if verdict == wanted[claim_id]:
                reasons[claim_id].append(name)
    return reasons


def _verdicts(old: Run, new: Run, moved: Mapping[str, set[str]], same: bool) -> pd.DataFrame:
    names = ["claim_id", "verdict", "computed", "interval", "sources"]
    first = old.verdicts.reindex(columns=names, fill_value="").set_index("claim_id")
    second = new.verdicts.reindex(columns=names, fill_value="").set_index("claim_id")
    ids = list(dict.fromkeys([*first.index, *second.index]))
    both = first.reindex(ids, fill_value="").join(
        second.reindex(ids, fill_value=""), lsuffix="_old", rsuffix="_new"
    )
    shown = ["verdict", "computed", "interval"]
    differs = pd.concat([both[f"{n}_old"] != both[f"{n}_new"] for n in shown], axis=1).any(axis=1)
    rows = both[differs]
    turned = rows[rows["verdict_old"] != rows["verdict_new"]]
    traced = _traced(old, new, moved, dict(turned["verdict_old"])) if same else {}
    told = []
    for claim_id, row in rows.iterrows():
        cited = set(ids_of(row["sources_old"], row["sources_new"]))
        found = traced.get(str(claim_id)) or because(cited, moved, set()) if moved else []
        text = "; ".join(found) if same else "; ".join(["parameters", *found])
        told.append((claim_id, row["verdict_old"], row["verdict_new"], row["computed_old"],
                     row["computed_new"], row["interval_old"], row["interval_new"], text))  # fmt: skip
    columns = ["claim_id", "old", "new", "computed_old", "computed_new", "interval_old",
               "interval_new", "because"]  # fmt: skip
    return pd.DataFrame(told, columns=columns)


def difference(old_folder: Path, new_folder: Path) -> Difference:
    """Compare two runs.

    Parameters
    ----------
    old_folder, new_folder : Path
        See :func:`run_at`.

    Returns
    -------
    Difference

    Raises
    ------
    InputError
        A folder holds no results of a run.
    """
    old, new = run_at(old_folder), run_at(new_folder)
    parameters, data = _parameters(old, new), _data(old, new)
    schemas = tables.schemas()
    moved = {
        name: changed_sources(old.data[name], new.data[name], schemas[name].key)
        if name in schemas and name in old.data and name in new.data else set()
        for name in data
    }  # fmt: skip
    moved = {name: ids for name, ids in moved.items() if name not in _QUIET} or moved
    same = parameters.empty
    # In another language, or with other random numbers, the rules judge alike.
    judged_alike = set(parameters["row"]) <= {"language", "seed"}
    results, reasons = {}, {}
    for name in dict.fromkeys([*old.results, *new.results]):
        frames = [_csv(run.results[name]) if name in run.results else pd.DataFrame()
                  for run in (old, new)]  # fmt: skip
        told = changes(frames[0], frames[1])
        if told.empty:
            continue
        results[name] = told
        found = because(old.cited(name) | new.cited(name), moved,
                        old.read_by(name) | new.read_by(name)) if moved else []  # fmt: skip
        reasons[name] = "; ".join(found if same else ["parameters", *found])
    return Difference(
        old, new, parameters, data, _verdicts(old, new, moved, judged_alike), results, reasons
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


_KINDS = {"changed": "改动", "added": "新增", "removed": "删除"}


def _cause_lines(found: Difference, zh: bool) -> list[str]:
    """How far the causes that are told below can be relied on."""
    if not found.old.data or not found.new.data:
        return ["数据：至少一次运行未保存数据表，故不说明原因。" if zh else
                "Data: at least one run kept no data tables, so that causes are not told."]  # fmt: skip
    lines = [f"数据：{len(found.data)}张表不同" if zh else f"Data: {len(found.data)} tables differ"]
    if len(found.parameters):
        lines.insert(0, (
            "参数不同：改动可能由参数所致；除非仅语言或随机数种子不同，判定未逐表复判；所列表名只是改动行的来源与结果相符者。"
            "若要查明原因，请以相同参数运行后再比较。" if zh else
            "The parameters differ, so that causes are not traced table by table (verdicts are where only language "
            "or seed differ): the tables named below only have changed rows of a source that the result cites. To "
            "trace them, compare runs with the same parameters."
        ))  # fmt: skip
    return lines


def report_lines(found: Difference, language: str = "en") -> list[str]:
    """The difference in lines for the screen.

    Parameters
    ----------
    found : Difference
    language : {"en", "zh"}

    Returns
    -------
    list of str
    """
    zh = language == "zh"
    lines = [f"{'旧' if zh else 'Old'}: {found.old.folder}", f"{'新' if zh else 'New'}: {found.new.folder}"]  # fmt: skip
    for row in found.parameters.itertuples():
        lines.append(f"{'参数' if zh else 'Parameter'} {row.row}: {row.old} -> {row.new}")
    lines += _cause_lines(found, zh)
    for name, told in found.data.items():
        counts = told["kind"].value_counts()
        said = ", ".join(f"{counts[kind]} {_KINDS[kind] if zh else kind}" for kind in _KINDS
                         if kind in counts)  # fmt: skip
        lines.append(f"  {name}: {said}")
    return lines + _verdict_lines(found, zh) + _result_lines(found, zh)


def _verdict_lines(found: Difference, zh: bool) -> list[str]:
    turned = int((found.verdicts["old"] != found.verdicts["new"]).sum())
    more = len(found.verdicts) - turned
    lines = [f"判定：{turned}条不同，另有{more}条所据数字不同" if zh else
             f"Verdicts: {turned} differ, {more} more on other figures"]  # fmt: skip
    for row in found.verdicts.itertuples():
        figures = f" ({_short(str(row.computed_old))} -> {_short(str(row.computed_new))})"
        figures = "" if row.computed_old == row.computed_new else figures
        old, new = (VERDICTS_ZH.get(text, text) if zh else text for text in (row.old, row.new))
        verdict = old if row.old == row.new else f"{old} -> {new}"
        lines.append(f"  {row.claim_id}: {verdict}{figures}" + _because(str(row.because), zh))
    return lines


def _result_lines(found: Difference, zh: bool) -> list[str]:
    n = len(found.results)
    lines = [f"结果表：{n}张不同" if zh else f"Result tables: {n} differ"]
    for name, told in found.results.items():
        count = f"{len(told)}处" if zh else f"{len(told)} cells or rows"
        lines.append(f"  {name}: {count}" + _because(found.reasons[name], zh))
        lines += [f"    {_change_line(row, zh)}" for row in told.head(3).itertuples()]
    return lines


def _because(text: str, zh: bool) -> str:
    if not text:
        return ""
    return f"，原因：{text.replace('parameters', '参数')}" if zh else f", because of {text}"


def _change_line(row: Any, zh: bool) -> str:
    if row.kind != "changed":
        return f"{_KINDS[row.kind] if zh else row.kind}: {_short(row.row)}"
    change = f" ({row.change})" if row.change else ""
    return f"{_short(row.row)}, {row.column}: {_short(row.old)} -> {_short(row.new)}{change}"


def write_changes(found: Difference, path: Path) -> None:
    """Write every change to a CSV file.

    Parameters
    ----------
    found : Difference
    path : Path
        Columns what (parameter, data, verdict, result), name, then those of
        :func:`helpers.analysis.comparison.changes`, and because.
    """
    parts = [found.parameters.assign(what="parameter", name="parameters", because="")]
    parts += [told.assign(what="data", name=name, because="") for name, told in found.data.items()]
    verdicts = found.verdicts.rename(columns={"claim_id": "row"})
    parts.append(
        verdicts[["row", "old", "new", "because"]].assign(
            what="verdict", name="verdicts", kind="changed", column="verdict", change=""
        )
    )
    parts += [
        told.assign(what="result", name=name, because=found.reasons[name])
        for name, told in found.results.items()
    ]
    names = ["what", "name", "kind", "row", "column", "old", "new", "change", "because"]
    every = pd.concat([part.reindex(columns=names) for part in parts], ignore_index=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(harmless(every.fillna("")), path)
