"""Venues: how journals want figures and tables, from ``venues.yml`` and a user's own file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from helpers.errors import InputError
from helpers.evidence.places import near
from helpers.publish import fonts
from helpers.publish.figures import ALL_FORMATS, MM, Setting

WIDTHS = ("single", "1.5", "double")
# What a sheet of paper and a reader's eye allow.
_LIMITS = {
    "widths_mm": (30.0, 420.0), "height_mm": (30.0, 594.0), "base_pt": (4.0, 24.0),
    "minimum_pt": (3.0, 24.0), "line_pt": (0.05, 5.0), "dpi": (72, 2400), "size_pt": (4.0, 24.0),
}  # fmt: skip
_KEYS = (
    "title", "like", "widths_mm", "height_mm", "base_pt", "minimum_pt", "line_pt", "fonts",
    "framed", "formats", "dpi", "svg_text", "word", "sources",
)  # fmt: skip
_NEEDED = ("widths_mm", "base_pt", "minimum_pt", "line_pt", "fonts", "formats", "dpi")


@dataclass(frozen=True)
class Venue:
    """How a journal wants figures and tables.

    Parameters
    ----------
    name : str
    title : mapping of language to str
    widths : mapping of {"single", "1.5", "double"} to float
        Millimetres; empty where every figure keeps the width it was designed for.
    height : float or None
        Millimetres at most.
    setting : Setting
        Without a width.
    word : mapping
        east_asia and latin: names of the fonts of Word tables; size_pt: points.
    sources : mapping
        By key: where its value is from, and whether the publisher's own page was read.
    """

    name: str
    title: Mapping[str, str]
    widths: Mapping[str, float]
    height: float | None
    setting: Setting
    word: Mapping[str, Any]
    sources: Mapping[str, Mapping[str, Any]]

    def at(self, width: str = "") -> Setting:
        """The setting of figures of a width; without one, the widest.

        Parameters
        ----------
        width : str
            single, 1.5 or double.

        Returns
        -------
        Setting

        Raises
        ------
        InputError
            The venue has no such width.

        Examples
        --------
        >>> round(load()["cn"].at("double").width * 25.4, 1)
        170.0
        """
        if not self.widths and not width:
            return self.setting
        chosen = width or max(self.widths, key=lambda name: self.widths[name])
        if chosen not in self.widths:
            given = ", ".join(self.widths) or "none: its figures keep the width of their design"
            raise InputError(f"--width {chosen}: venue {self.name} has these widths: {given}.")
        height = None if self.height is None else self.height * MM
        return replace(self.setting, width=self.widths[chosen] * MM, height=height)


class _Checker:
    """Finds the first fault of a venue and tells it by file, venue, key and value."""

    def __init__(self, file: Path, venue: str) -> None:
        self._where = f"{file}, venue {venue}"

    def fail(self, key: str, value: Any, rule: str) -> InputError:
        return InputError(f"{self._where}, key {key}, value {value!r}: {rule}.")

    def number(self, key: str, value: Any, limit: str) -> float:
        low, high = _LIMITS[limit]
        real = isinstance(value, int | float) and not isinstance(value, bool)
        if not real or not math.isfinite(value) or not low <= value <= high:
            raise self.fail(key, value, f"give a number from {low:g} to {high:g}")
        return float(value)

    def choice(self, key: str, value: Any, choices: tuple[str, ...]) -> str:
        if value not in choices:
            hint = near(str(value), choices)
            raise self.fail(key, value, f"give one of {', '.join(choices)}. {hint}".rstrip(". "))
        return str(value)

    def mapping(self, key: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(key, value, "give names and values")
        return {str(name): item for name, item in value.items()}

    def flag(self, key: str, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.fail(key, value, "give true or false")
        return value

    def formats(self, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise self.fail(key, value, f"give a list of {', '.join(ALL_FORMATS)}")
        return tuple(self.choice(key, item, ALL_FORMATS) for item in value)


def _checked(file: Path, name: str, values: Mapping[str, Any]) -> Venue:
    """A venue from its values."""
    checker = _Checker(file, name)
    for key in values:
        checker.choice("(name of a key)", key, _KEYS)
    for key in _NEEDED:
        if key not in values:
            raise checker.fail(key, None, "is missing; give it, or a venue to be like")
    widths = {
        checker.choice("widths_mm", key, WIDTHS): checker.number(
            f"widths_mm.{key}", value, "widths_mm"
        )
        for key, value in checker.mapping("widths_mm", values["widths_mm"]).items()
    }
    base = checker.number("base_pt", values["base_pt"], "base_pt")
    minimum = checker.number("minimum_pt", values["minimum_pt"], "minimum_pt")
    if minimum > base:
        raise checker.fail("minimum_pt", minimum, f"is above base_pt, {base:g}")
    height = values.get("height_mm")
    word = {"east_asia": "宋体", "latin": "Times New Roman", "size_pt": base}
    word |= checker.mapping("word", values.get("word", {}))
    word["size_pt"] = checker.number("word.size_pt", word["size_pt"], "size_pt")
    setting = Setting(
        base=base,
        minimum=minimum,
        hairline=checker.number("line_pt", values["line_pt"], "line_pt"),
        fonts=checker.choice("fonts", values["fonts"], fonts.KINDS),
        framed=checker.flag("framed", values.get("framed", False)),
        formats=checker.formats("formats", values["formats"]),
        dpi=round(checker.number("dpi", values["dpi"], "dpi")),
        outlines=checker.choice("svg_text", values.get("svg_text", "outlines"), ("outlines", "text"))
        == "outlines",
    )  # fmt: skip
    return Venue(
        name,
        checker.mapping("title", values.get("title", {"en": name, "zh": name})),
        widths,
        None if height is None else checker.number("height_mm", height, "height_mm"),
        setting,
        word,
        checker.mapping("sources", values.get("sources", {})),
    )


def _read(file: Path) -> dict[str, dict[str, Any]]:
    """Names and values of the venues of a file."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--venues {file}: cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"--venues {file}: is not a YAML file in UTF-8 ({error}).") from error
    if not isinstance(content, dict) or not content:
        raise InputError(f"--venues {file}: holds no venues. Write a name and its keys below it.")
    for name, values in content.items():
        if not isinstance(values, dict):
            raise InputError(f"{file}, venue {name}: has no keys. Write them below its name.")
    return {str(name): values for name, values in content.items()}


def _laid(
    name: str,
    values: Mapping[str, Any],
    known: Callable[[str], Mapping[str, Any] | None],
    file: Path,
) -> dict[str, Any]:
    """The values of a venue laid over those of the venue that it is like or extends."""
    like = values.get("like", name)
    base = known(str(like))
    if base is None and "like" in values:
        raise InputError(f"{file}, venue {name}, key like, value {like!r}: no venue has this name.")
    sources = {**(base or {}).get("sources", {}), **(values.get("sources") or {})}
    kept = {key: value for key, value in values.items() if key != "like"}
    return {**(base or {}), **kept, "sources": sources}


def load(own: Path | None = None) -> dict[str, Venue]:
    """The venues of the project and of a user's own file.

    Parameters
    ----------
    own : Path or None
        YAML file in the form of ``venues.yml``; it adds venues, or replaces keys of ours.

    Returns
    -------
    dict of str to Venue

    Raises
    ------
    InputError
        With file, venue, key and value.

    Examples
    --------
    >>> venues = load()
    >>> venues["nature"].at("single").minimum, venues["cn"].word["east_asia"]
    (5.0, '宋体')
    """
    found: dict[str, dict[str, Any]] = {}
    venues = {}
    for file in (Path(__file__).with_name("venues.yml"), *([own] if own else [])):
        for name, values in _read(file).items():
            found[name] = _laid(name, values, found.get, file)
            venues[name] = _checked(file, name, found[name])
    return venues


def venue(name: str, own: Path | None = None) -> Venue:
    """A venue by its name.

    Raises
    ------
    InputError
        No venue has this name; the nearest is told.
    """
    venues = load(own)
    if name not in venues:
        raise InputError(
            f"--venue {name}: no venue has this name. {near(name, list(venues))} "
            f"Venues: {', '.join(venues)}."
        )
    return venues[name]
