"""Every fault of a study's folder at once, and how complete its sections will be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.analysis.coverage import Part, coverage
from helpers.errors import InputError, ParameterError, Problem
from helpers.evidence import overlay, tables
from helpers.evidence.claims import Setting
from helpers.evidence.places import Place, resolve_city, resolve_province
from helpers.publish.tables import write_csv
from helpers.publish.workbook import harmless
from helpers.run.parameters import Parameters

# Faults shown on the screen; the file holds all.
_SHOWN = 100


@dataclass(frozen=True)
class Checked:
    """What a check of a study's folder found.

    Parameters
    ----------
    parameters : Parameters or None
        None when they are at fault.
    messages : tuple of str
        Faults that belong to no cell.
    problems : tuple of Problem
        Faults of cells, rows and columns.
    own_rows : mapping of str to int
        Rows that the user brings, by table.
    withdrawn : tuple of str
        Rows of the project that the user takes away, with key, reason and source.
    parts : tuple of Part
        How complete each notebook will be; empty when that cannot be told.
    """

    parameters: Parameters | None
    messages: tuple[str, ...]
    problems: tuple[Problem, ...]
    own_rows: Mapping[str, int]
    withdrawn: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the study can run."""
        return not self.messages and not self.problems


def _checked_parameters(values: Mapping[str, Any]) -> tuple[Parameters | None, list[str]]:
    """Parameters, and every fault of them: each is tried by itself."""
    messages = []
    for name, value in values.items():
        try:
            Parameters.from_mapping({name: value})
        except ParameterError as error:
            messages.append(str(error))
    return (None, messages) if messages else (Parameters.from_mapping(values), [])


def _own_rows(
    found: Mapping[str, Sequence[overlay.OwnTable]],
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Rows of the user's by table, of the tables that can be read, and those that take one away."""
    schemas, counts, gone = tables.schemas(), {}, []
    for name, several in found.items():
        rows = 0
        for own in several:
            try:
                read = overlay.read(own, schemas[name])
            except InputError:
                continue
            rows += len(read.frame)
            gone += [_withdrawal(name, schemas[name].key, read, index) for index in read.withdrawn]
        if rows:
            counts[name] = rows
    return counts, tuple(gone)


def _withdrawal(name: str, key: Sequence[str], read: overlay.OwnRows, index: int) -> str:
    """A row taken away: its table, key, reason and source."""
    row = read.frame.loc[index]
    told = " / ".join(str(row[part]) for part in key if part in row and pd.notna(row[part]))
    source = str(row.get("source_id", ""))
    source = f" [{read.sources.get(source, source)}]" if source else ""
    return f"{name} {told}: {read.withdrawn[index]}{source}"


def check_study(values: Mapping[str, Any]) -> Checked:
    """Look for every fault of a study's folder and tell how complete its sections will be.

    Parameters
    ----------
    values : mapping of str to value
        From :func:`helpers.run.folder.folder_values`.

    Returns
    -------
    Checked
    """
    parameters, messages = _checked_parameters(values)
    found, faults = overlay.find(Path(values["data_dir"]).resolve(), tables.schemas())
    frames, problems = tables.gather(found)
    messages += faults
    places = _resolved(frames.get("places"), values, messages) if parameters else None
    parts: list[Part] = []
    if parameters is not None and places is not None and len(frames) == len(tables.schemas()):
        province, city = places
        setting = Setting(
            frames, province.place_id, city.place_id, parameters.basis, parameters.through_batch
        )
        try:
            parts = coverage(setting)
        except InputError as error:
            # With faulty tables left out the others may seem to contradict each other.
            messages += [str(error)] if not problems else []
    return Checked(parameters, tuple(messages), tuple(problems), *_own_rows(found), tuple(parts))


def _resolved(
    places: Any, values: Mapping[str, Any], messages: list[str]
) -> tuple[Place, Place] | None:
    """Province and city; what is wrong with them goes to the messages."""
    if places is None:
        return None
    try:
        standard = Parameters()
        province = resolve_province(places, str(values.get("province", standard.province)))
        return province, resolve_city(places, str(values.get("city", standard.city)), province)
    except ParameterError as error:
        messages.append(str(error))
        return None


def faults_file(checked: Checked, path: Path) -> None:
    """Write every fault to a CSV file, or take the file of an earlier check away.

    Parameters
    ----------
    checked : Checked
    path : Path
    """
    if checked.is_sound:
        path.unlink(missing_ok=True)
        return
    rows = [("", "", "", "", "", message, "") for message in checked.messages]
    for problem in checked.problems:
        file, _, sheet = problem.file.partition(", sheet ")
        row = "" if problem.row is None else str(problem.row)
        rows.append((file, sheet, row, problem.column or "", problem.value, problem.rule,
                     problem.remedy))  # fmt: skip
    names = ["file", "sheet", "row", "column", "value", "what_is_wrong", "what_to_do"]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_csv(harmless(pd.DataFrame(rows, columns=names)), path)


def report_lines(checked: Checked, language: str) -> list[str]:
    """What a check found, in lines for the screen.

    Parameters
    ----------
    checked : Checked
    language : {"en", "zh"}

    Returns
    -------
    list of str
    """
    zh = language == "zh"
    every = [*checked.messages, *map(str, checked.problems)]
    lines = []
    if every:
        lines.append(f"发现{len(every)}处问题：" if zh else f"Faults: {len(every)}")
        lines += [f"  {text}" for text in every[:_SHOWN]]
        left = len(every) - _SHOWN
        if left > 0:
            lines.append(f"  ……另有{left}处" if zh else f"  ... and {left} more")
    else:
        lines.append("参数与数据表均无问题。" if zh else "Parameters and tables are sound.")
    if checked.own_rows:
        told = ", ".join(f"{name} {n}" for name, n in sorted(checked.own_rows.items()))
        lines.append(f"您的数据行数：{told}" if zh else f"Your rows: {told}")
    else:
        lines.append("您的表中尚无数据。" if zh else "Your tables hold no rows yet.")
    # Where there are faults no row is taken away yet.
    for text in checked.withdrawn if checked.is_sound else ():
        lines.append(
            f"  撤去的本项目行：{text}" if zh else f"  Row of the project withdrawn: {text}"
        )
    if checked.parts:
        lines.append("各部分资料情况：" if zh else "What each section will have:")
        if checked.problems:
            note = "（有问题的表未计入）" if zh else "(tables with faults are not counted)"
            lines[-1] += f" {note}"
        lines += [_part_line(part, zh) for part in checked.parts]
    return lines


_STATES = {"complete": "完备", "partial": "部分", "empty": "空缺"}


def _part_line(part: Part, zh: bool) -> str:
    item = part.item_zh if zh else part.item_en
    # Chinese signs are two cells wide, so columns are set by padding the ASCII ones only.
    state = _STATES[part.state] if zh else f"{part.state:<8}"
    count = f"{part.known}/{part.wanted}" if part.wanted else ("无" if zh else "none:")
    more = ""
    if part.state != "complete":
        more = f" → {part.table_name}"
    return f"  {part.notebook:<26} {state}  {count} {item}{more}"
