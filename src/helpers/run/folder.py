"""A study in a folder of its own: ``study new``, ``study check FOLDER``, ``study run FOLDER``.

The folder holds ``parameters.yml``, the user's tables in ``data/`` and the results in ``output/``.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from helpers.errors import InputError, ParameterError, Problem
from helpers.evidence import overlay, tables
from helpers.evidence.places import Place, resolve_city, resolve_province
from helpers.run.study import LANGUAGES, Parameters, Study, check_writable, make_study

if TYPE_CHECKING:
    from helpers.analysis.coverage import Part

PARAMETERS = "parameters.yml"
DATA, OUTPUT = "data", "output"
WORKBOOK = "tables.xlsx"
FAULTS = "check.csv"
# A file of eight lines; anything larger is something else.
MOST_BYTES = 100_000
# Faults shown on the screen; the file holds all.
_SHOWN = 100
_COMMENTS = {
    "province": "省份 province",
    "city": "地级市 prefecture-level city",
    "through_batch": "考察到第几批“小巨人” last batch considered, 1 to 7",
    "basis": "口径 study, certified (公告), announced (公示)",
    "language": "图表文字 en, zh",
    "seed": "随机数种子 for random numbers",
}


def read_yaml(path: Path, name: str) -> dict[str, Any]:
    """A file of parameters as plain values.

    Parameters
    ----------
    path : Path
    name : str
        What the user called it, for the messages.

    Returns
    -------
    dict of str to value

    Raises
    ------
    ParameterError
        The file cannot be read, is no YAML, is too large, repeats parts of itself by reference,
        or is no list of names and values.
    """
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            raise ParameterError(f"{name}: larger than {MOST_BYTES // 1000} kB, so no parameters.")
        text = content.decode("utf-8-sig")
        # A few references to references may stand for billions of values.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise ParameterError(f"{name}: write every value out, without references (*name).")
        values = yaml.safe_load(text)
    except OSError as error:
        raise ParameterError(f"{name}: cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise ParameterError(f"{name}: is not a YAML file in UTF-8 ({error}).") from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise ParameterError(f"{name}: a value cannot be read ({error}).") from error
    if not isinstance(values, dict):
        raise ParameterError(f"{name}: write one parameter a line, as in 'city: 大连'.")
    return {str(key): value for key, value in values.items()}


def folder_values(folder: str | None) -> dict[str, Any]:
    """The parameters of a study's folder; its tables and results lie inside.

    Parameters
    ----------
    folder : str or None
        None for no folder.

    Returns
    -------
    dict of str to value

    Raises
    ------
    ParameterError
        The folder or its parameters do not exist or cannot be used.
    """
    if folder is None:
        return {}
    home = Path(folder).expanduser()
    if not home.is_dir():
        raise ParameterError(
            f"{folder}: there is no such folder. study new CITY --dir {folder} makes it."
        )
    file = home / PARAMETERS
    if not file.is_file():
        raise ParameterError(
            f"{folder}: holds no {PARAMETERS}. study new CITY --dir FOLDER makes a folder with one."
        )
    values = read_yaml(file, str(file))
    for name, usual in (("data_dir", DATA), ("output_dir", OUTPUT)):
        given = values.get(name) or usual
        if not isinstance(given, str):
            raise ParameterError(f"{file}, parameter {name}, value {given!r}: text needed.")
        # What the file names is meant from where it lies.
        values[name] = str(home / Path(given).expanduser())
    return values


# -- study new -------------------------------------------------------------------------------------


def _place(city: str, province: str | None) -> tuple[Place, Place]:
    """Province and city; the province may be left out where the name leaves no doubt."""
    places = tables.load("places")
    if province is not None:
        home = resolve_province(places, province)
        return home, resolve_city(places, city, home)
    found = []
    for code in places.loc[places["level"] != "prefecture", "place_id"]:
        home = resolve_province(places, str(code))
        try:
            found.append((home, resolve_city(places, city, home)))
        except ParameterError:
            continue
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(home.name_zh for home, _ in found)
        raise ParameterError(f"city {city!r} lies in {names}: say which with --province.")
    # The message names the nearest cities of the default province; say that it was not asked for.
    raise ParameterError(
        f"city {city!r}: no prefecture-level city has this name or code. Name it with --province, "
        "then the nearest names are listed."
    )


def folder_name(city: Place) -> str:
    """A folder's name in plain ASCII, whatever the city is called.

    Examples
    --------
    >>> folder_name(Place("210200", "大连", "Dalian", "210000", True))
    'dalian'
    """
    words = re.sub(r"[^0-9A-Za-z]+", "-", city.name_en).strip("-").lower()
    return words or re.sub(r"[^0-9A-Za-z]+", "-", city.place_id).lower()


def parameters_text(province: Place, city: Place, language: str) -> str:
    """The file of parameters of a new study."""
    standard = Parameters()
    given = {"province": province.name_zh, "city": city.name_zh, "language": language}
    lines = ["# 本研究的参数 Parameters of this study"]
    for item in fields(Parameters):
        if item.name not in _COMMENTS:
            continue
        value = given.get(item.name, getattr(standard, item.name))
        told = yaml.safe_dump(value, allow_unicode=True).replace("...", "").strip()
        lines.append(f"{item.name}: {told}  # {_COMMENTS[item.name]}")
    return "\n".join(lines) + "\n"


def new_folder(city: str, province: str | None, folder: Path | None, language: str) -> Path:
    """Make the folder of a new study with blank forms.

    Parameters
    ----------
    city : str
    province : str or None
        None where the city's name leaves no doubt.
    folder : Path or None
        Must be missing or empty; None for the city's name in the working directory.
    language : {"en", "zh"}

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        The place is unknown, or the folder holds something already.
    """
    from helpers.publish import table_template
    from helpers.publish.workbook import write_bytes

    if language not in LANGUAGES:
        raise ParameterError(f"--language {language}: give {' or '.join(LANGUAGES)}.")
    home, place = _place(city, province)
    target = folder if folder is not None else Path(folder_name(place))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError(
            f"{target}: is there already and not an empty folder. Name another with --dir; "
            "nothing was written."
        )
    check_writable(target, "--dir")
    schemas, unlocks = tables.schemas(), tables.load("study_tables")
    ordered = unlocks.sort_values("position")["table_name"]
    forms = [schemas[name] for name in ordered if name in schemas]
    files = {f"{DATA}/{form.name}.csv": table_template.form_csv(form) for form in forms}
    files[f"{DATA}/{WORKBOOK}"] = table_template.forms_xlsx(forms)
    page = table_template.readme(place.name_zh, place.name_en, unlocks, schemas)
    files["README.md"] = page.encode()
    files[PARAMETERS] = parameters_text(home, place, language).encode()
    for name, content in files.items():
        write_bytes(content, target / name)
    return target


# -- study check -----------------------------------------------------------------------------------


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
    parts : tuple of Part
        How complete each notebook will be; empty when that cannot be told.
    """

    parameters: Parameters | None
    messages: tuple[str, ...]
    problems: tuple[Problem, ...]
    own_rows: Mapping[str, int]
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


def _own_rows(found: Mapping[str, Sequence[overlay.OwnTable]]) -> dict[str, int]:
    """Rows of the user's by table, of the tables that can be read."""
    schemas, counts = tables.schemas(), {}
    for name, several in found.items():
        rows = 0
        for own in several:
            try:
                rows += len(overlay.read(own, schemas[name]).frame)
            except InputError:
                continue
        if rows:
            counts[name] = rows
    return counts


def check_folder(folder: str) -> Checked:
    """Look for every fault of a study's folder and tell how complete its sections will be.

    Parameters
    ----------
    folder : str

    Returns
    -------
    Checked

    Raises
    ------
    ParameterError
        The folder holds no parameters, or they are no YAML.
    """
    from helpers.analysis.coverage import coverage
    from helpers.evidence.claims import Setting

    values = folder_values(folder)
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
    return Checked(parameters, tuple(messages), tuple(problems), _own_rows(found), tuple(parts))


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
    import pandas as pd

    from helpers.publish.tables import write_csv
    from helpers.publish.workbook import harmless

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
        lines.append(f"发现{len(every)}处问题：" if zh else f"{len(every)} faults:")
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
    more = ""
    if part.state != "complete":
        more = f" → {part.table_name}"
    return f"  {part.notebook:<26} {state}  {part.known}/{part.wanted} {item}{more}"


# -- command line ----------------------------------------------------------------------------------


def add_new(commands: Any) -> None:
    """Register ``study new``."""
    parser = commands.add_parser("new", help="make a folder for a study of your own city")
    parser.add_argument("city", metavar="CITY", help="prefecture-level city, in Chinese or English")
    parser.add_argument("--province", metavar="VALUE", help="needed where two cities share a name")
    parser.add_argument("--dir", dest="folder", metavar="DIR", help="default: the city's name")
    parser.add_argument("--language", metavar="VALUE", default="en", help="en or zh")
    parser.set_defaults(call=_new)


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Let a command take a study's folder."""
    parser.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="folder of a study, as study new makes it"
    )


def _new(arguments: argparse.Namespace) -> int:
    folder = Path(arguments.folder).expanduser() if arguments.folder else None
    made = new_folder(arguments.city, arguments.province, folder, arguments.language)
    print(f"{made}: README.md says what each table of {made / DATA} unlocks.")
    print(f"Fill in what you have, then: study check {made}; study run {made}")
    return 0


def check_command(folder: str, language: str | None = None) -> int:
    """``study check FOLDER``.

    Parameters
    ----------
    folder : str
    language : str or None
        None for that of the study.

    Returns
    -------
    int
        0 when the study can run, else 2.
    """
    checked = check_folder(folder)
    spoken = language or (checked.parameters.language if checked.parameters else "en")
    print("\n".join(report_lines(checked, spoken)))
    path = Path(folder_values(folder)["output_dir"]) / FAULTS
    faults_file(checked, path)
    if not checked.is_sound:
        print(f"All faults: {path}")
    return 0 if checked.is_sound else 2


def study_of(folder: str) -> Study:
    """The study that a folder describes.

    Parameters
    ----------
    folder : str

    Returns
    -------
    Study

    Raises
    ------
    InputError
        See :func:`folder_values` and :func:`helpers.run.study.make_study`.
    """
    return make_study(Parameters.from_mapping(folder_values(folder)))
