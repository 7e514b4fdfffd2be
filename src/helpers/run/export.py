"""``study export``: figures and tables of a finished study, made again for a venue or a language.

They come from the recipes that a run leaves beside them, so no notebook is executed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import InputError, ParameterError
from helpers.run.parameters import Parameters, check_language

if TYPE_CHECKING:
    from helpers.publish.figures import Record
    from helpers.publish.recipes import Recipe
    from helpers.publish.venues import Venue
    from helpers.run.study import Study

# What draws is imported where it is used: the command line must answer a typing error at once.
TABLE_FORMATS = ("csv", "html", "xlsx", "docx", "tex", "md")


@dataclass(frozen=True)
class Options:
    """What to export.

    Parameters
    ----------
    names : tuple of str
        Of figures and tables; all of them where empty.
    study : Path
        Folder of a finished study.
    venue : Venue
    width : str
        single, 1.5, double; empty for the widest of the venue.
    language : str
        en or zh; empty for that of the study.
    formats : tuple of str
        Empty for those of the venue, and CSV for tables.
    out : Path
    framed : bool
        Draw title and footer although the venue sets them as text.
    """

    names: tuple[str, ...]
    study: Path
    venue: Venue
    width: str = ""
    language: str = ""
    formats: tuple[str, ...] = ()
    out: Path = Path("export")
    framed: bool = False


def recorded(folder: Path) -> Study:
    """The study that a folder holds.

    Parameters
    ----------
    folder : Path
        Written by ``study run``.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        The folder holds no finished study.
    """
    from helpers.run.study import make_study

    file = folder / "run.json"
    try:
        parameters = json.loads(file.read_text(encoding="utf-8"))["parameters"]
    except FileNotFoundError as error:
        raise InputError(
            f"--study {folder}: holds no finished study (no run.json). Run study run first, or "
            "name the folder that it wrote."
        ) from error
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: cannot be read ({error}). Run study run again.") from error
    return make_study(Parameters.from_mapping(parameters))


def available(folder: Path) -> dict[str, Path]:
    """Recipes of a study by name.

    Raises
    ------
    InputError
        There are none.
    """
    from helpers.publish import recipes

    found = {
        path.name.removesuffix(recipes.SUFFIX): path
        for path in sorted((folder / recipes.FOLDER).glob(f"*{recipes.SUFFIX}"))
    }
    if not found:
        raise InputError(
            f"--study {folder}: holds no recipes to draw figures and tables from. "
            "Run study run again."
        )
    return found


def _chosen(names: Sequence[str], folder: Path) -> dict[str, Path]:
    """The recipes that were asked for."""
    from helpers.evidence.places import near

    known = available(folder)
    for name in names:
        if name in known:
            continue
        if any((folder / kind / f"{name}.csv").is_file() for kind in ("figures", "tables")):
            raise InputError(
                f"{name}: has no recipe, since it was not made by a view of the project. "
                "Its files lie in the study's folder."
            )
        raise InputError(f"{name}: no figure or table has this name. {near(name, list(known))}")
    return {name: known[name] for name in names} if names else known


def _figure_formats(options: Options) -> tuple[str, ...]:
    from helpers.publish import figures

    asked = tuple(item for item in options.formats if item in figures.ALL_FORMATS)
    return asked or (() if options.formats else options.venue.setting.formats)


def _table_formats(options: Options) -> tuple[str, ...]:
    asked = tuple(item for item in options.formats if item in TABLE_FORMATS)
    return asked or (() if options.formats else ("csv",))


def export(options: Options, report: Callable[[str], None]) -> list[Path]:
    """Make figures and tables again.

    Nothing is written until all of them are made.

    Parameters
    ----------
    options : Options
    report : callable
        Is told what is hard to read in a figure.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    InputError
        Unknown name, format or width; no finished study; a folder that cannot be written.
    """
    from helpers.publish import figures, recipes
    from helpers.publish.files import write_all
    from helpers.run.study import check_writable

    study = recorded(options.study)  # first: before any run there are no recipes either
    chosen = _chosen(options.names, options.study)
    study = study.told_in(options.language) if options.language else study
    setting = replace(options.venue.at(options.width), formats=_figure_formats(options))
    setting = replace(setting, framed=True) if options.framed else setting
    check_writable(options.out.expanduser().resolve(), "--out")
    made: dict[Path, bytes] = {}
    with figures.using(setting):
        for path in chosen.values():
            recipe = recipes.load(path)
            make = _figure if recipe.kind == "figure" else _table
            made |= make(recipe, study, options, report)
    if not made:
        raise ParameterError(
            f"--format {','.join(options.formats)}: none of these is for what was named. Figures: "
            f"{', '.join(figures.ALL_FORMATS)}; tables: {', '.join(TABLE_FORMATS)}."
        )
    write_all(made)
    return list(made)


def _told(recipe: Recipe, study: Study) -> Any:
    """What a recipe's view makes; one that was kept by other code may not fit this one."""
    try:
        return recipe.tell(study)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f"{recipe.view.__name__}: the recipe was kept by another version of the project "
            f"({error}). Run study run again."
        ) from error


def _figure(
    recipe: Recipe, study: Study, options: Options, report: Callable[[str], None]
) -> dict[Path, bytes]:
    """The files of a figure; its data and caption too."""
    from helpers.publish import figures, legibility
    from helpers.publish.tables import csv_bytes

    if not figures.setting().formats:
        return {}
    with figures.styled():
        figure, record, data = _told(recipe, study)
    files = figures.render(figure, record, study.language)
    for finding in legibility.findings(figure):
        report(f"{record.name}: {finding}")
    height = figure.get_size_inches()[1]
    most = figures.setting().height
    if most is not None and height > most + 0.01:
        report(f"{record.name}: {height * 25.4:.0f} mm high, {most * 25.4:.0f} mm at most")
    found = {options.out / f"{record.name}.{suffix}": content for suffix, content in files.items()}
    if data is not None:
        found[options.out / f"{record.name}.csv"] = csv_bytes(data)
    found[options.out / f"{record.name}.txt"] = _caption(record, study.language)
    return found


def _caption(record: Record, language: str) -> bytes:
    """Title, notes and alternative text, to be set beside a figure."""
    told = {"en": "Alternative text", "zh": "替代文本"}[language]
    colon = ": " if language == "en" else "："
    lines = [record.title, record.footer(language), f"{told}{colon}{record.alt_text(language)}"]
    return ("\n".join(line for line in lines if line) + "\n").encode()


def _table(
    recipe: Recipe, study: Study, options: Options, _: Callable[[str], None]
) -> dict[Path, bytes]:
    """The files of a table."""
    from helpers.publish import table_files

    formats = _table_formats(options)
    if not formats:
        return {}
    frame, record = _told(recipe, study)
    word = options.venue.word
    style = table_files.TableStyle(word["latin"], word["east_asia"], word["size_pt"])
    return {
        options.out / f"{record.name}.{suffix}": table_files.render(
            frame, record, suffix, study.language, style
        )
        for suffix in formats
    }


def add_export(commands: Any) -> None:
    """Add the command ``export`` to the command line.

    Parameters
    ----------
    commands : argparse subparsers
    """
    parser: argparse.ArgumentParser = commands.add_parser(
        "export", help="make figures and tables of a finished study again for a venue"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as 02_share")
    parser.add_argument("--all", action="store_true", help="every figure and table")
    parser.add_argument("--study", metavar="DIR", help="folder of the study (default: the usual)")
    parser.add_argument("--venue", default="screen", help="such as nature, springer or cn")
    parser.add_argument("--venues", metavar="YAML", help="file with venues of your own")
    parser.add_argument("--width", default="", help="single, 1.5 or double (default: the widest)")
    parser.add_argument("--language", default="", help="en or zh (default: that of the study)")
    parser.add_argument("--format", default="", help="such as pdf,tiff (default: the venue's)")
    parser.add_argument("--out", metavar="DIR", default="export", help="default: export")
    parser.add_argument("--framed", action="store_true", help="draw title and footer as well")
    parser.set_defaults(call=run_export)


def options_of(arguments: argparse.Namespace) -> Options:
    """Options from the command line.

    Raises
    ------
    InputError
    """
    from helpers.evidence.places import near
    from helpers.publish import figures, venues
    from helpers.run.study import make_study, output_root

    if bool(arguments.names) == arguments.all:
        raise ParameterError("export: name figures and tables, or give --all.")
    check_language(arguments.language or None)
    known = (*figures.ALL_FORMATS, *TABLE_FORMATS)
    formats = tuple(item.strip().lower() for item in arguments.format.split(",") if item.strip())
    for item in formats:
        if item not in known:
            raise ParameterError(f"--format {item}: not known. {near(item, known)}")
    own = Path(arguments.venues).expanduser() if arguments.venues else None
    default = make_study(Parameters()).slug
    folder = Path(arguments.study).expanduser() if arguments.study else (
        output_root(Parameters()) / default
    )  # fmt: skip
    return Options(
        tuple(dict.fromkeys(arguments.names)),
        folder,
        venues.venue(arguments.venue, own),
        arguments.width,
        arguments.language,
        formats,
        Path(arguments.out).expanduser(),
        arguments.framed,
    )


def run_export(arguments: argparse.Namespace) -> int:
    """Export and tell what was written and what is hard to read.

    Parameters
    ----------
    arguments : Namespace
        From :func:`add_export`.

    Returns
    -------
    int
        0.
    """
    options = options_of(arguments)
    written = export(options, lambda text: print(f"study: {text}", file=sys.stderr))
    for path in written:
        print(path)
    return 0
