"""Every character of the data can be drawn, with nothing installed on the machine."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import matplotlib as mpl
import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish import figures, fonts

RARE = "镕堃喆昇"


# Lists that names are looked up in; few of their names are ever drawn.
LOOKED_UP = ("counties", "industry_classes", "industry_words")


def data_characters(*left_out: str) -> set[str]:
    """Characters of every text that may be drawn: names, claims and all else but the sources."""
    found: set[str] = set()
    for name, frame in tables.load_all().items():
        for column in (
            [] if name in ("sources", *left_out) else frame.select_dtypes(include=["str", "object"])
        ):
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


def test_faces_hold_what_they_say() -> None:
    full = covered(fonts.full_font())
    for face in (fonts._SMALL, fonts._WIDE):
        text = face.characters()
        assert len(set(text)) == len(text)
        path = fonts._made(face)
        assert path is not None
        assert covered(path) == {ord(char) for char in text} & full
    level_1 = [char for char in fonts.subset_characters() if "\u4e00" <= char <= "\u9fff"]
    assert len(level_1) == 3755  # level 1 of the national standard is complete
    assert {ord(char) for char in level_1} <= full
    small, wide = fonts._made(fonts._SMALL), fonts._made(fonts._WIDE)
    assert small is not None and wide is not None
    assert small.stat().st_size < wide.stat().st_size / 2 < fonts.full_font().stat().st_size / 4


def test_small_face_has_nearly_all_that_the_project_writes() -> None:
    """A character it lacks is drawn all the same, but slowly."""
    source = Path(figures.__file__).parents[1]
    code = [path for path in source.rglob("*.py") if "lists" not in path.parts]
    told = "".join(path.read_text("utf-8") for path in code)
    used = {char for char in (*data_characters(*LOOKED_UP), *told) if "\u4e00" <= char <= "\u9fff"}
    lacking = used - set(fonts.project_characters())
    assert len(lacking) < 0.05 * len(used), (
        f"add to publish/characters.txt: {''.join(sorted(lacking))}"
    )


def test_families_lead_from_the_smallest_face_to_the_full_font() -> None:
    names = fonts.families()
    assert names == (fonts.SUBSET_FAMILY, fonts.WIDE_FAMILY, fonts.FULL_FAMILY, "DejaVu Sans")
    paths = [font_manager.findfont(name, fallback_to_default=False) for name in names]
    assert paths[0] == str(fonts.subset_font())
    assert paths[2] == str(fonts.full_font())
    assert len(set(paths)) == 4
    assert fonts.families("serif")[:2] == (fonts.LATIN_SERIF, fonts.SERIF_FAMILY)


def test_only_the_families_that_a_text_needs() -> None:
    assert fonts.families_for("鞍山 Anshan 4.43 %") == (fonts.SUBSET_FAMILY,)
    rarer = next(
        char for char in fonts.subset_characters()[::-1] if char not in fonts.project_characters()
    )
    assert fonts.families_for(rarer) == (fonts.SUBSET_FAMILY, fonts.WIDE_FAMILY)
    assert fonts.families_for(RARE)[-1] == fonts.FULL_FAMILY
    assert fonts.families_for("가") == fonts.families()


def test_song_face_is_truetype_and_has_rare_characters() -> None:
    path = fonts.serif_face()
    assert path is not None
    font = TTFont(path)
    assert "glyf" in font and "CFF " not in font
    known = set(font.getBestCmap())
    assert {ord(char) for char in RARE + "专精特新，。“”（）0123456789"} <= known
    # The outline is the original's: equal width, and a box equal to a unit of the em or two.
    original = TTFont(fonts.serif_font())
    for char in "专新8":
        name, old = font.getBestCmap()[ord(char)], original.getBestCmap()[ord(char)]
        assert font["hmtx"][name][0] == original["hmtx"][old][0]
        boxes = []
        for face, glyph in ((font, name), (original, old)):
            pen = BoundsPen(face.getGlyphSet())
            face.getGlyphSet()[glyph].draw(pen)
            boxes.append(pen.bounds)
        assert all(abs(one - other) <= 2 for one, other in zip(*boxes, strict=True))


def test_faces_are_the_same_whenever_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fonts.subset_font()
    assert made is not None
    later = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    again = tmp_path / "again.ttf"
    fonts._build(fonts.full_font(), again, fonts._SMALL)
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


def test_matplotlib_reads_letters_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched(fonts._InMemory):
        reads: ClassVar[int] = 0

        def read(self, *size: Any) -> bytes:
            Watched.reads += 1
            return super().read(*size)

    monkeypatch.setattr(fonts, "_InMemory", Watched)
    path = str(fonts.full_font())
    with fonts.in_memory():
        font = FT2Font(path)
    before = Watched.reads
    font.load_char(ord("鞍"))
    assert Watched.reads > before > 0, "matplotlib no longer opens fonts with io.open"
    assert font.fname == path  # by which PDF embeds the font


def _open_fonts() -> Counter[str]:
    names: list[str] = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.append(entry.readlink().name)
    assert names
    return Counter(name for name in names if name.endswith((".ttf", ".otf")))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which files are open")
def test_no_font_of_a_figure_is_left_open() -> None:
    font_manager._get_font.cache_clear()  # type: ignore[attr-defined]
    before = _open_fonts()  # by other tests
    with figures.styled():
        figure, axes = figures.new(2, 1)
        axes.set_title("鞍山 " + RARE)
    figures.render(figure, figures.Record("a", "A title"))
    assert not _open_fonts() - before


def _files() -> dict[str, bytes]:
    font_manager._get_font.cache_clear()  # type: ignore[attr-defined]
    with figures.styled():
        figure, axes = figures.new(3, 2)
        axes.set(title="鞍山 " + RARE, xlabel="$x^2$")
        axes.text(0.5, 0.5, "Anshan", rotation=30, weight="bold")
    return figures.render(figure, figures.Record("a", "标题 and title"))


def test_figures_are_the_same_as_with_fonts_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    made = _files()
    monkeypatch.setattr(fonts, "in_memory", contextlib.nullcontext)
    assert _files() == made


def test_only_font_files_that_are_read_are_answered_from_memory(tmp_path: Path) -> None:
    text, font = tmp_path / "a.txt", tmp_path / "a.ttf"
    text.write_text("text", encoding="utf-8")
    with fonts.in_memory():
        with io.open(text, "rb") as file:  # noqa: UP020 - what is replaced is io.open
            assert not isinstance(file, io.BytesIO) and file.read() == b"text"
        with io.open(font, "wb") as file:  # noqa: UP020
            file.write(b"font")
        with io.open(font, "rb") as file:  # noqa: UP020
            assert isinstance(file, io.BytesIO) and file.read() == b"font"
        font.write_bytes(b"another")
        with io.open(font, "rb") as file:  # noqa: UP020
            assert file.read() == b"another"
        font.unlink()
        with pytest.raises(FileNotFoundError):
            io.open(font, "rb")  # noqa: UP020, SIM115


def test_a_font_of_the_same_name_size_and_date_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.ttf").write_text(name, encoding="utf-8")
        os.utime(tmp_path / name / "a.ttf", ns=(10**18, 10**18))
    with fonts.in_memory():
        for name in ("one", "two"):
            monkeypatch.chdir(tmp_path / name)
            with io.open("a.ttf", "rb") as file:  # noqa: UP020
                assert isinstance(file, io.BytesIO) and file.read() == name.encode()


def test_opening_is_left_as_it_was_by_all_who_changed_it() -> None:
    own, entered, leave = io.open, threading.Event(), threading.Event()

    def another() -> None:
        with fonts.in_memory():
            entered.set()
            leave.wait(5)

    thread = threading.Thread(target=another)
    with pytest.raises(ZeroDivisionError), fonts.in_memory(), fonts.in_memory():
        thread.start()
        assert entered.wait(5)
        1 / 0  # noqa: B018
    assert io.open is not own  # the other thread is not done
    leave.set()
    thread.join()
    assert io.open is own
