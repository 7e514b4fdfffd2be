"""Presets for journals: sourced or marked, extended by a user's file, told apart when wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.errors import InputError
from helpers.publish import venues
from helpers.publish.figures import SCREEN

GIVEN = (
    "widths_mm", "base_pt", "minimum_pt", "line_pt", "fonts", "formats", "dpi", "svg_text", "word",
)  # fmt: skip


def test_screen_is_how_a_study_draws() -> None:
    assert venues.venue("screen").at() == SCREEN


@pytest.mark.parametrize("name", [name for name in venues.load() if name != "screen"])
def test_every_number_has_an_origin_and_says_whether_it_was_seen(name: str) -> None:
    venue = venues.load()[name]
    assert {"single", "1.5", "double"} == set(venue.widths)
    assert venue.widths["single"] < venue.widths["1.5"] < venue.widths["double"]
    for key in (*GIVEN, "height_mm"):
        origins = [
            item for known, item in venue.sources.items() if known.split(".")[0] == key
        ]  # fmt: skip
        assert origins, key
        for origin in origins:
            assert origin["from"] and isinstance(origin["verified"], bool)
            assert "seen" in origin or not origin["verified"]


def test_widths_are_millimetres() -> None:
    setting = venues.venue("cn").at("double")
    assert setting.width == pytest.approx(170 / 25.4)
    assert setting.base == 7.5 and setting.fonts == "serif" and not setting.framed
    assert venues.venue("cn").at() == setting  # the widest, where none is asked for
    assert venues.venue("nature").at("single").height == pytest.approx(170 / 25.4)


def test_own_file_extends_and_replaces(tmp_path: Path) -> None:
    own = tmp_path / "我的 venues.yml"
    own.write_text(
        "journal:\n  like: cn\n  widths_mm: {single: 75}\n  dpi: 300\nnature: {dpi: 600}\n",
        encoding="utf-8",
    )
    found = venues.load(own)
    assert dict(found["journal"].widths) == {"single": 75.0}
    assert found["journal"].setting.dpi == 300 and found["journal"].setting.fonts == "serif"
    assert found["nature"].setting.dpi == 600 and found["nature"].widths["single"] == 89
    assert venues.load()["nature"].setting.dpi == 450


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: {like: cn, widths_mm: {single: -5}}", r"venue a, key widths_mm.single, value -5: give a number from 30 to 420"),
        ("a: {like: cn, widths_mm: {single: 8000}}", r"value 8000: give a number from 30"),
        ("a: {like: cn, widths_mm: {half: 80}}", r"key widths_mm, value 'half': give one of single, 1.5, double"),
        ("a: {like: cn, formats: [pdf, jpg]}", r"key formats, value 'jpg': give one of svg, pdf"),
        ("a: {like: cn, formats: []}", r"key formats, value \[\]: give a list"),
        ("a: {like: cn, dpi: .inf}", r"key dpi, value inf: give a number from 72 to 2400"),
        ("a: {like: cn, dpi: yes}", r"key dpi, value True: give a number"),
        ("a: {like: cn, minimum_pt: 9}", r"key minimum_pt, value 9.0: is above base_pt, 7.5"),
        ("a: {like: cn, fonts: times}", r"key fonts, value 'times': give one of sans, serif"),
        ("a: {like: cn, framed: 1}", r"key framed, value 1: give true or false"),
        ("a: {like: cn, basept: 8}", r"value 'basept': give one of .* Did you mean base_pt"),
        ("a: {like: nowhere}", r"venue a, key like, value 'nowhere': no venue has this name"),
        ("a: {dpi: 300}", r"venue a, key widths_mm, value None: is missing"),
        ("a: 3", r"venue a: has no keys"),
        ("[]", r"holds no venues"),
        ("a: {", r"is not a YAML file"),
    ],
)  # fmt: skip
def test_fault_of_an_own_file_is_told_by_venue_key_and_value(
    tmp_path: Path, text: str, told: str
) -> None:
    own = tmp_path / "own.yml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        venues.load(own)


def test_missing_file_and_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        venues.load(tmp_path / "none.yml")
    with pytest.raises(
        InputError, match=r"--venue natur: no venue has this name\. Did you mean nat"
    ):
        venues.venue("natur")
    with pytest.raises(InputError, match=r"--width triple: venue cn has these widths: single, 1.5"):
        venues.venue("cn").at("triple")
    with pytest.raises(InputError, match=r"--width single: venue screen has these widths: none"):
        venues.venue("screen").at("single")
