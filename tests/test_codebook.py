"""The codebook is complete, deterministic and up to date."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.evidence import codebook, tables


@pytest.fixture
def here(mini: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(codebook, "project_data_dir", lambda: mini)
    return mini


def test_the_committed_codebook_is_up_to_date():
    committed = tables.project_data_dir() / "README.md"
    text = codebook.codebook(tables.schemas())
    assert committed.read_text(encoding="utf-8") == text, "run python -m helpers.evidence.codebook"


def test_every_table_and_column_is_described():
    text = codebook.codebook(tables.schemas())
    for name, table in tables.schemas().items():
        _, _, rest = text.partition(f"### `{name}` — {table.title_en} ({table.title_zh})\n")
        section = rest.split("\n### ")[0]
        assert table.description in section and table.rights in section
        for item in table.fields:
            line = next(row for row in section.splitlines() if row.startswith(f"| `{item.name}` |"))
            assert item.en.replace("|", "\\|") in line and item.zh in line
            assert all(f"`{value}`" in line for value in item.enum)


def test_file_rows_limits_and_references_are_shown(mini: Path):
    text = codebook.codebook(tables.schemas())
    assert "* File: [`counts.csv`](counts.csv), 3 rows" in text
    assert "* Key: `town_id`, `year`" in text
    assert "| `year` | integer | – | yes | 2000 to 2100 | – | Year | 年份 |" in text
    assert "| `firms_count` | integer | – | no | at least 0 | – | Firms | 企业数 |" in text
    assert "| `near_ids` | string | – | no | – | `towns.town_id` | Neighbours | 邻近城市 |" in text
    assert "| `source_id` | string | – | yes | – | `sources.source_id` | Sources | 来源 |" in text
    assert "| `basis` | string | – | no | `announced`, `certified` | – | Basis | 口径 |" in text


def test_a_bar_in_a_text_does_not_split_the_row(mini: Path, use_data: Callable[[Path], None]):
    path = mini / "schema.yml"
    text = path.read_text(encoding="utf-8").replace("en: Note,", 'en: "This | that",')
    path.write_text(text, encoding="utf-8")
    use_data(mini)
    assert "This \\| that" in codebook.codebook(tables.schemas())


def test_writing_twice_gives_the_same_bytes(here: Path):
    assert codebook.main([]) == 0
    first = (here / "README.md").read_bytes()
    assert codebook.main([]) == 0
    assert (here / "README.md").read_bytes() == first
    assert b"\r" not in first


def test_check_finds_a_missing_and_an_outdated_file_and_writes_nothing(here: Path, capsys):
    assert codebook.main(["--check"]) == 1
    assert not (here / "README.md").exists()
    assert "run python -m helpers.evidence.codebook" in capsys.readouterr().err
    codebook.main([])
    assert codebook.main(["--check"]) == 0
    (here / "towns.csv").write_text("town_id,source_id\nA,S1\n", encoding="utf-8")
    assert codebook.main(["--check"]) == 1


def test_an_unreadable_table_ends_with_2_and_a_message(here: Path, capsys):
    (here / "towns.csv").unlink()
    assert codebook.main([]) == 2
    assert "table towns (towns.csv)" in capsys.readouterr().err
