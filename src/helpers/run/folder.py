"""A study in a folder of its own: ``study new``, ``study check FOLDER``, ``study run FOLDER``.

The folder holds ``parameters.yml``, the user's tables in ``data/`` and the results in ``output/``.
What is heavy is imported by the command that needs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.errors import InputError, ParameterError

PARAMETERS = "parameters.yml"
DATA, OUTPUT = "data", "output"
FAULTS = "check.csv"
# A file of eight lines; anything larger is something else.
MOST_BYTES = 100_000


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
    import yaml

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
        # A date that no calendar has is no error of the library's own.
        raise ParameterError(f"{name}: is not a YAML file in UTF-8 ({error}).") from error
    if not isinstance(values, dict):
        raise ParameterError(f"{name}: write one parameter a line, as in 'city: 大连'.")
    return {str(key): value for key, value in values.items()}


def study_language(home: Path) -> str:
    """Language of a study's folder, ``en`` where it names none that is known."""
    file = home / PARAMETERS
    values = read_yaml(file, str(file)) if file.is_file() else {}
    return "zh" if values.get("language") == "zh" else "en"


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
            f"{folder}: there is no such folder. Name a city with --city, or make the folder of a "
            f"study with study new CITY --dir {folder}."
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
    from helpers.run.new_study import new_folder

    folder = Path(arguments.folder).expanduser() if arguments.folder else None
    made = new_folder(arguments.city, arguments.province, folder, arguments.language)
    typed = f'"{made}"' if " " in str(made) else str(made)
    if arguments.language == "zh":
        print(f"{made}：README.md说明{made / DATA}中每张表的用途。")
        print(f"填写已有资料后运行：study check {typed}；study run {typed}")
        return 0
    print(f"{made}: README.md says what each table of {made / DATA} unlocks.")
    print(f"Fill in what you have, then: study check {typed}; study run {typed}")
    return 0


def check_command(values: Mapping[str, Any]) -> int:
    """``study check FOLDER``.

    Parameters
    ----------
    values : mapping of str to value
        From :func:`folder_values`, with what the command line sets.

    Returns
    -------
    int
        0 when the study can run, else 2.
    """
    from helpers.run.checking import check_study, faults_file, report_lines

    checked = check_study(values)
    language = values.get("language")
    print("\n".join(report_lines(checked, "zh" if language == "zh" else "en")))
    path = Path(values["output_dir"]) / FAULTS
    faults_file(checked, path)
    if not checked.is_sound:
        print(f"全部问题：{path}" if language == "zh" else f"All faults: {path}")
    return 0 if checked.is_sound else 2
