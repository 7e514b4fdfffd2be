"""Chinese fonts that need nothing on the reader's machine.

Noto Sans SC comes with the dependency ``zhplot``, Noto Serif SC with ``pylopdf-fonts-zh-cn`` (both
SIL Open Font License). A font is parsed each time it is embedded, and the full one takes half a
second a figure. So smaller faces are made once and kept in matplotlib's cache folder: one with the
characters that the project's texts and tables use (``characters.txt``), one with all of GB 2312
level 1; what neither holds is drawn from the full font. Noto Serif SC has cubic outlines, which
matplotlib cannot embed as Type 42; its face is made with quadratic ones.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager

from helpers.errors import InputError

FULL_FAMILY = "Noto Sans SC"
SUBSET_FAMILY = "Study Sans SC"
WIDE_FAMILY = "Study Sans SC Wide"
SERIF_FAMILY = "Study Serif SC"
# Comes with matplotlib; metrics like those of Times.
LATIN_SERIF = "STIXGeneral"
KINDS = ("sans", "serif")
_RECIPE = "4"
# Tables that no text of ours needs: vertical writing, other baselines, optional forms.
_UNUSED = ["BASE", "GDEF", "GSUB", "STAT", "VORG", "gasp", "vhea", "vmtx"]


def _file_of(package: str, name: str, family: str) -> Path:
    """A font file inside an installed distribution.

    The package is not imported, since importing one changes matplotlib's global settings.
    """
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        files = []
    for item in files:
        if item.name == name:
            return Path(str(item.locate()))
    raise InputError(
        f"{family} was not found in the package {package}. Install the locked version."
    )


def full_font() -> Path:
    """The file of Noto Sans SC.

    Raises
    ------
    InputError
        The file is not where the distribution says.
    """
    return _file_of("zhplot", "NotoSansSC-Regular.ttf", FULL_FAMILY)


def serif_font() -> Path:
    """The file of Noto Serif SC, with cubic outlines.

    Raises
    ------
    InputError
        The file is not where the distribution says.
    """
    return _file_of("pylopdf-fonts-zh-cn", "NotoSerifSC-Regular.otf", "Noto Serif SC")


def common_characters() -> str:
    """Latin, Greek, punctuation, full-width forms and symbols."""
    single = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x391, 0x3CA))]
    marks = [chr(code) for code in (*range(0x2010, 0x2040), *range(0x2190, 0x2194))]
    marks += [chr(code) for code in (*range(0x2460, 0x2474), *range(0x25A0, 0x25D0))]
    marks += [chr(code) for code in (*range(0x3000, 0x3018), *range(0xFF01, 0xFF5F))]
    marks += list("≤≥≈≠±×÷−√∞∑√→←↑↓✓✗•…‰℃")
    return "".join(dict.fromkeys([*single, *marks]))


@cache
def project_characters() -> str:
    """Common characters and the Chinese ones of ``characters.txt``."""
    listed = Path(__file__).with_name("characters.txt").read_text(encoding="utf-8")
    return "".join(dict.fromkeys(common_characters() + "".join(listed.split())))


@cache
def subset_characters() -> str:
    """Common characters and the 3,755 of GB 2312 level 1."""
    level_1 = [
        bytes((lead, trail)).decode("gb2312", errors="ignore")
        for lead in range(0xB0, 0xD8)
        for trail in range(0xA1, 0xFF)
    ]
    return "".join(dict.fromkeys([*common_characters(), *level_1]))


@dataclass(frozen=True)
class _Face:
    """A face that is made once from a larger font."""

    family: str
    source: Callable[[], Path]
    characters: Callable[[], str]

    def path(self) -> Path:
        """Where it is kept; the name changes with the source and with the characters."""
        key = f"{_RECIPE}-{self.family}-{self.source().stat().st_size}-"
        digest = hashlib.sha256((key + self.characters()).encode()).hexdigest()[:12]
        return Path(mpl.get_cachedir()) / f"{self.family.lower().replace(' ', '-')}-{digest}.ttf"


def _named(font: Any, family: str) -> None:
    """Give a face a family name of its own, or matplotlib could not tell it from the full font."""
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = family
        elif record.nameID == 6:
            record.string = family.replace(" ", "") + "-Regular"


def _quadratic(font: Any) -> None:
    """Replace the cubic outlines of an OpenType font by quadratic ones, as TrueType has them."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(None)
        # Within a thousandth of the em the two curves cannot be told apart.
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, outlines
    font["maxp"].tableVersion = 0x00010000
    limits = (
        "maxPoints", "maxContours", "maxCompositePoints", "maxCompositeContours", "maxZones",
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
        "maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxComponentDepth",
    )  # fmt: skip
    for limit in limits:
        setattr(font["maxp"], limit, 1 if limit == "maxZones" else 0)
    font["post"].formatType, font["post"].extraNames = 3.0, []
    font["head"].glyphDataFormat = 0
    del font["CFF "]
    font.sfntVersion = "\000\001\000\000"


def _build(source: Path, target: Path, face: _Face) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.layout_features = ["kern"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += _UNUSED
    # Without the time of saving, or every machine's face, and every PDF made with it, differs.
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=face.characters())
    subsetter.subset(font)
    if "CFF " in font:
        _quadratic(font)
    _named(font, face.family)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".ttf")
    os.close(handle)
    try:
        font.save(name)
        # Several kernels may get here at once: the last rename wins and all files are equal.
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _made(face: _Face) -> Path | None:
    """A face, made at the first call; None where no folder can be written."""
    target = face.path()
    if not target.is_file():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _build(face.source(), target, face)
        except OSError:
            return None
    return target


def subset_font() -> Path | None:
    """The face with the project's characters; None where no folder can be written."""
    return _made(_SMALL)


def serif_face() -> Path | None:
    """The Song-like face, made at its first use in a few seconds; None if it cannot be kept."""
    return _made(_SERIF)


_WIDE = _Face(WIDE_FAMILY, full_font, subset_characters)
_SMALL = _Face(SUBSET_FAMILY, full_font, project_characters)
_SERIF = _Face(
    SERIF_FAMILY,
    serif_font,
    lambda: "".join(dict.fromkeys(subset_characters() + project_characters() + "镕堃喆昇")),
)


def _register(faces: tuple[_Face, ...]) -> list[str]:
    """Make faces known to matplotlib; their families, without those that could not be made."""
    names = []
    for face in faces:
        path = _made(face)
        if path is not None:
            font_manager.fontManager.addfont(path)
            names.append(face.family)
    return names


@cache
def families(kind: str = "sans") -> tuple[str, ...]:
    """Register the fonts with matplotlib and return the family list for ``font.family``.

    Parameters
    ----------
    kind : {"sans", "serif"}
        Noto Sans SC; or STIX with Noto Serif SC, as Times New Roman with 宋体.

    Returns
    -------
    tuple of str
        The smallest face first, the full font for rare characters, then DejaVu Sans for symbols.

    Raises
    ------
    InputError
        The package with the serif font is not installed.
    """
    names = _register((_SMALL, _WIDE))
    font_manager.fontManager.addfont(full_font())
    rest = (*names, FULL_FAMILY, "DejaVu Sans")
    return rest if kind == "sans" else (LATIN_SERIF, *_register((_SERIF,)), *rest)


@cache
def _covered(family: str) -> frozenset[int]:
    """Code points that a family has glyphs for."""
    path = font_manager.findfont(family, fallback_to_default=False)
    return frozenset(font_manager.get_font(path).get_charmap())


def families_for(text: str, kind: str = "sans") -> tuple[str, ...]:
    """The first families that together have every character of a text.

    matplotlib looks each family of the list up for each text, so a short list saves time.

    Parameters
    ----------
    text : str
    kind : {"sans", "serif"}

    Returns
    -------
    tuple of str
        All of :func:`families` where some character is in none.

    Examples
    --------
    >>> families_for("鞍山 2023")
    ('Study Sans SC',)
    >>> families_for("镕")[-1]
    'Noto Sans SC'
    """
    needed = {ord(char) for char in text if char.isprintable()}
    known = families(kind)
    for count, family in enumerate(known, start=1):
        needed -= _covered(family)
        if not needed:
            return known[:count]
    return known


class _InMemory(io.BytesIO):
    """The content of a font file, with the name that matplotlib asks a file for."""

    __slots__ = ("name",)
    name: str


@lru_cache(maxsize=16)
def _content(path: str, state: tuple[int, ...]) -> bytes:
    """What a file held as long as the system tells of no change; all its readers share it."""
    return Path(path).read_bytes()


def _answering(opened: Callable[..., Any]) -> Callable[..., Any]:
    """A function that opens files as another does, but for font files that are only read."""

    def answered(file: Any, *arguments: Any, **options: Any) -> Any:
        if arguments != ("rb",) or options or not str(file).endswith((".ttf", ".otf", ".ttc")):
            return opened(file, *arguments, **options)
        path = os.fspath(file)
        stat = Path(path).stat()
        # A font installed over another may have its size and date; a path, another folder.
        state = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        content = _InMemory(_content(path, state))
        content.name = path
        return content

    return answered


# The function is changed for all threads: the first changes it and the last puts it back.
_changing = threading.Lock()
_inside = 0
_own_open: Any = None


@contextmanager
def in_memory() -> Iterator[None]:
    """Have the font files that matplotlib opens read from memory.

    For each letter that is laid out or drawn FreeType reads a dozen pieces of a few bytes, and
    matplotlib passes each on to a Python file. From the disk they took most of the time of texts.
    matplotlib opens a font with ``io.open``; a test tells when it no longer does.

    Examples
    --------
    >>> from matplotlib.ft2font import FT2Font
    >>> with in_memory():
    ...     font = FT2Font(str(full_font()))
    >>> Path(font.fname) == full_font()
    True
    """
    global _inside, _own_open
    with _changing:
        if not _inside:
            _own_open = io.open
            io.open = _answering(_own_open)
        _inside += 1
    try:
        yield
    finally:
        with _changing:
            _inside -= 1
            if not _inside:
                io.open = _own_open
