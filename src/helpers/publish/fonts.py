"""A Chinese font that needs nothing on the reader's machine.

Noto Sans SC comes with the dependency ``zhplot`` (SIL Open Font License). Embedding the full font
costs about half a second a figure, so a subset is made once and kept in matplotlib's cache folder;
characters outside it fall back to the full font.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager

from helpers.errors import InputError

FULL_FAMILY = "Noto Sans SC"
SUBSET_FAMILY = "Study Sans SC"
_RECIPE = "2"


def full_font() -> Path:
    """The font file inside the installed ``zhplot`` distribution.

    The package is not imported, since importing it changes matplotlib's global settings.

    Raises
    ------
    InputError
        The file is not where the distribution says.
    """
    for item in distribution("zhplot").files or []:
        if item.name == "NotoSansSC-Regular.ttf":
            return Path(str(item.locate()))
    raise InputError(
        "Noto Sans SC was not found in the package zhplot. Install the locked version."
    )


def subset_characters() -> str:
    """Latin, Greek, punctuation, full-width forms and the 3,755 characters of GB 2312 level 1."""
    single = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x391, 0x3CA))]
    marks = [chr(code) for code in (*range(0x2010, 0x2040), *range(0x2190, 0x2194))]
    marks += [chr(code) for code in (*range(0x2460, 0x2474), *range(0x25A0, 0x25D0))]
    marks += [chr(code) for code in (*range(0x3000, 0x3018), *range(0xFF01, 0xFF5F))]
    marks += list("≤≥≈≠±×÷−√∞∑√→←↑↓✓✗•…‰℃")
    level_1 = [
        bytes((lead, trail)).decode("gb2312", errors="ignore")
        for lead in range(0xB0, 0xD8)
        for trail in range(0xA1, 0xFF)
    ]
    return "".join(dict.fromkeys([*single, *marks, *level_1]))


def _build_subset(source: Path, target: Path) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options()
    options.layout_features = ["kern"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    # Without the time of saving, or every machine's subset, and every PDF made with it, differs.
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=subset_characters())
    subsetter.subset(font)
    # A family name of its own, or matplotlib could not tell the subset from the full font.
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = SUBSET_FAMILY
        elif record.nameID == 6:
            record.string = SUBSET_FAMILY.replace(" ", "") + "-Regular"
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".ttf")
    os.close(handle)
    font.save(name)
    # Several kernels may get here at once: the last rename wins and all files are equal.
    Path(name).replace(target)


def subset_font() -> Path | None:
    """The subset, made at the first call; None where no folder can be written."""
    source = full_font()
    key = f"{_RECIPE}-{source.stat().st_size}-{subset_characters()}"
    name = f"study-sans-sc-{hashlib.sha256(key.encode()).hexdigest()[:12]}.ttf"
    target = Path(mpl.get_cachedir()) / name
    if not target.is_file():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _build_subset(source, target)
        except OSError:
            return None
    return target


@cache
def families() -> tuple[str, ...]:
    """Register the fonts with matplotlib and return the family list for ``font.family``.

    Returns
    -------
    tuple of str
        The subset, the full font for rare characters, then DejaVu Sans for symbols.
    """
    names = []
    subset = subset_font()
    if subset is not None:
        font_manager.fontManager.addfont(subset)
        names.append(SUBSET_FAMILY)
    font_manager.fontManager.addfont(full_font())
    return (*names, FULL_FAMILY, "DejaVu Sans")
