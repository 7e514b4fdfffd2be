"""The codebook is complete, deterministic and up to date."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.evidence import codebook, datapackage, tables


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
    assert (here.parent / "datapackage.json").is_file()


def test_check_finds_a_missing_and_an_outdated_file_and_writes_nothing(here: Path, capsys):
    assert codebook.main(["--check"]) == 1
    assert not (here / "README.md").exists()
    assert "run python -m helpers.evidence.codebook" in capsys.readouterr().err
    codebook.main([])
    assert codebook.main(["--check"]) == 0
    (here.parent / "datapackage.json").write_text("{}\n", encoding="utf-8")
    assert codebook.main(["--check"]) == 1
    assert "datapackage.json differs" in capsys.readouterr().err
    codebook.main([])
    (here / "towns.csv").write_text("town_id,source_id\nA,S1\n", encoding="utf-8")
    assert codebook.main(["--check"]) == 1


def test_the_help_names_the_command(capsys):
    with pytest.raises(SystemExit):
        codebook.main(["--help"])
    assert capsys.readouterr().out.startswith("usage: python -m helpers.evidence.codebook [")


def test_an_unreadable_table_ends_with_2_and_a_message(here: Path, capsys):
    (here / "towns.csv").unlink()
    assert codebook.main([]) == 2
    assert "table towns (towns.csv)" in capsys.readouterr().err


# --- The Frictionless descriptor --------------------------------------------------------------


def test_the_committed_descriptor_is_up_to_date():
    committed = tables.project_data_dir().parent / "datapackage.json"
    text = datapackage.datapackage(tables.schemas())
    assert committed.read_text(encoding="utf-8") == text, "run python -m helpers.evidence.codebook"


def test_the_descriptor_says_what_the_schema_says(mini: Path):
    found = json.loads(datapackage.datapackage(tables.schemas()))
    by_name = {resource["name"]: resource for resource in found["resources"]}
    assert list(by_name) == list(tables.schemas())
    for name, table in tables.schemas().items():
        assert (mini.parent / by_name[name]["path"]).resolve() == table.path.resolve()
    schema = by_name["counts"]["schema"]
    fields = {item["name"]: item for item in schema["fields"]}
    assert schema["primaryKey"] == ["town_id", "year"]
    assert fields["year"]["constraints"] == {"required": True, "minimum": 2000, "maximum": 2100}
    assert fields["firms_count"]["constraints"] == {"minimum": 0}
    assert fields["basis"]["constraints"] == {"enum": ["announced", "certified"]}
    keys = {key["fields"]: key["reference"] for key in schema["foreignKeys"]}
    assert keys["town_id"] == {"resource": "towns", "fields": "town_id"}
    # Lists of ids have no counterpart in the form.
    assert "near_ids" not in keys and "source_id" not in keys


def test_dates_of_any_precision_fit_the_pattern():
    found = json.loads(datapackage.datapackage(tables.schemas()))
    (item,) = [
        item
        for resource in found["resources"] if resource["name"] == "city_counts"
        for item in resource["schema"]["fields"] if item["name"] == "as_of"
    ]  # fmt: skip
    assert item["type"] == "string"
    assert item["constraints"]["pattern"] == r"\d{4}(-\d{2}(-\d{2})?)?"
