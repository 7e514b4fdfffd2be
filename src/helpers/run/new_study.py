"""Make the folder of a study of one's own city, with blank forms."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import yaml

from helpers.errors import InputError, ParameterError
from helpers.evidence import tables
from helpers.evidence.places import Place, resolve_city, resolve_province
from helpers.run.folder import DATA, PARAMETERS
from helpers.run.parameters import Parameters, check_language
from helpers.run.study import check_writable

WORKBOOK = "tables.xlsx"
_COMMENTS = {
    "province": "省份 province",
    "city": "地级市 prefecture-level city",
    "through_batch": "考察到第几批“小巨人” last batch considered, 1 to 7",
    "basis": "口径 study, certified (公告), announced (公示)",
    "language": "图表文字 en, zh",
    "seed": "随机数种子 for random numbers",
}


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
    from helpers.publish.files import write_bytes

    check_language(language)
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
