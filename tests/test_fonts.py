"""Every character of the data can be drawn, with nothing installed on the machine."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish import figures, fonts

RARE = "镕堃喆昇"


def data_characters() -> set[str]:
    """Characters of every text that may be drawn: names, claims and all else but the sources."""
    found: set[str] = set()
    for name, frame in tables.load_all().items():
        for column in [] if name == "sources" else frame.select_dtypes(include=["str", "object"]):
            found.update("".join(map(str, frame[column].dropna())))
    return {char for char in found if char.isprintable() and not char.isspace()}


def missing_glyphs(text: str) -> list[str]:
    with warnings.catch_warnings(record=True) as caught, figures.styled():
        warnings.simplefilter("always")
        figure = Figure(figsize=(8, 8))
        canvas = FigureCanvasAgg(figure)
        for start in range(0, len(text), 80):
            figure.text(0, start / max(len(text), 1), text[start : start + 80], parse_math=False)
        canvas.draw()
    return [str(item.message) for item in caught if "missing from font" in str(item.message)]


def covered(path: Path) -> set[int]:
    return set(TTFont(path).getBestCmap())


def test_every_character_of_the_data_is_drawn() -> None:
    characters = data_characters()
    assert len(characters) > 1000
    assert {"鞍", "辽", "迈", "镁", "“", "《", "A"} <= characters
    assert missing_glyphs("".join(sorted(characters))) == []


def test_every_publisher_is_drawn() -> None:
    """Footers name publishers; titles and addresses of sources are never drawn."""
    publishers = tables.load("sources").set_index("source_id")["publisher"]
    known = covered(fonts.full_font())
    for source_id, text in publishers.items():
        assert {ord(char) for char in text} <= known, (source_id, text)


def test_rare_characters_are_drawn_from_the_full_font() -> None:
    subset = fonts.subset_font()
    assert subset is not None
    for char in RARE:
        assert ord(char) in covered(fonts.full_font())
        assert ord(char) not in covered(subset)
    assert missing_glyphs(RARE) == []


def test_a_character_in_no_font_is_noticed() -> None:
    (message,) = missing_glyphs("鞍山가")
    assert "44032" in message


def test_the_subset_holds_what_it_says() -> None:
    subset = fonts.subset_font()
    assert subset is not None
    text = fonts.subset_characters()
    assert len(set(text)) == len(text) > 4000
    full = covered(fonts.full_font())
    assert covered(subset) == {ord(char) for char in text} & full
    # Level 1 of the national standard is complete.
    level_1 = [char for char in text if "\u4e00" <= char <= "\u9fff"]
    assert len(level_1) == 3755
    assert {ord(char) for char in level_1} <= full
    assert subset.stat().st_size < fonts.full_font().stat().st_size / 2


def test_families_lead_from_the_subset_to_the_full_font() -> None:
    names = fonts.families()
    assert names == (fonts.SUBSET_FAMILY, fonts.FULL_FAMILY, "DejaVu Sans")
    paths = [font_manager.findfont(name, fallback_to_default=False) for name in names]
    assert paths[0] == str(fonts.subset_font())
    assert paths[1] == str(fonts.full_font())
    assert len(set(paths)) == 3


def test_the_subset_is_the_same_whenever_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fonts.subset_font()
    assert made is not None
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    again = tmp_path / "again.ttf"
    fonts._build_subset(fonts.full_font(), again)
    assert again.read_bytes() == made.read_bytes()
    assert list(tmp_path.iterdir()) == [again]  # no half-made file is left


def test_without_a_folder_to_write_the_full_font_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(mpl, "get_cachedir", lambda: str(blocked / "cache"))
    assert fonts.subset_font() is None
    families = fonts.families.__wrapped__()
    assert families == (fonts.FULL_FAMILY, "DejaVu Sans")


def test_a_missing_font_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty:
        files = None

    monkeypatch.setattr(fonts, "distribution", lambda name: Empty())
    with pytest.raises(InputError, match="Install the locked version"):
        fonts.full_font()
