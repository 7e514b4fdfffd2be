"""Tables of the user's: sheets of a workbook, sources in free text, all faults at once, limits."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from helpers.errors import DataError, InputError
from helpers.evidence import overlay, sheets, sources, tables

HEADER = "town_id,year,firms_count,growth_pct,complete,as_of,basis,near_ids,note_en,source_id"


def book(path: Path, **content: list[list[object]]) -> None:
    made = Workbook()
    made.remove(made.active)
    for name, rows in content.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)


def row(town: str, year: object, count: object, source: str = "", words: str = "") -> list[object]:
    return [town, year, count, None, None, None, None, None, None, source, words]


HEADS = [*HEADER.split(","), "source"]


def test_a_sheet_lies_over_the_projects_table_as_a_csv_file_does(mini: Path, own: Path):
    book(own / "mine.xlsx", counts=[HEADS, row("B", 2022, 7.0, "S1"), [], row("A", 2021, 8, "S2")])
    found = tables.load("counts", own)
    assert found.query("town_id == 'B' and year == 2022").firms_count.tolist() == [7]
    assert found.query("town_id == 'A' and year == 2021").firms_count.tolist() == [8]


def test_a_workbook_of_one_sheet_may_be_named_after_its_table(mini: Path, own: Path):
    book(own / "counts.xlsx", Sheet1=[HEADS, row("B", 2022, 7, "S1")])
    assert 7 in tables.load("counts", own).firms_count.dropna().tolist()


def test_sheets_of_explanations_and_forms_without_rows_change_nothing(mini: Path, own: Path):
    book(own / "t.xlsx", **{"说明 explanations": [["x"]], "counts": [HEADS], "towns": []})
    pd.testing.assert_frame_equal(tables.load("counts", own), tables.load("counts"))


def test_a_fault_in_a_sheet_names_sheet_row_and_column(mini: Path, own: Path, problems):
    rows = [
        HEADS,
        row("B", 2022, 7, "S1"),
        [],
        row("B", 2023, "7家", "S1"),
        row("Z", 2024, 1, "S9"),
    ]
    book(own / "mine.xlsx", counts=rows)
    found = problems(own)
    assert {(p.row, p.column, p.value) for p in found} == {
        (4, "firms_count", "7家"), (5, "town_id", "Z"), (5, "source_id", "S9"),
    }  # fmt: skip
    assert all(p.file == f"{own / 'mine.xlsx'}, sheet counts" for p in found)


def test_a_formula_is_never_computed(mini: Path, own: Path, problems):
    book(own / "mine.xlsx", counts=[HEADS, row("B", 2022, "=1+1", "S1")])
    assert [p.value for p in problems(own)] == ["=1+1"]


def test_a_percentage_of_a_sheet_is_no_bare_number(mini: Path, own: Path, problems):
    book(own / "mine.xlsx", counts=[HEADS, row("B", 2022, 0.5, "S1")])
    made = load_workbook(own / "mine.xlsx")
    made["counts"]["C2"].number_format = "0%"
    made.save(own / "mine.xlsx")
    assert [p.value for p in problems(own)] == ["50%"]


def test_a_source_in_free_text_becomes_a_source_of_its_own(data_copy: Path, own: Path):
    head = ",".join([*tables.schemas()["population"].columns, "source"])
    (own / "population.csv").write_text(
        f"{head}\n210700,2023-12-31,260.5,,,,Bulletin of Jinzhou 2023\n", encoding="utf-8"
    )
    found = tables.load("population", own).iloc[-1]
    known = tables.load("sources", own).set_index("source_id")
    assert known.loc[found.source_id, "title"] == "Bulletin of Jinzhou 2023"
    assert known.loc[found.source_id, ["access", "grade"]].tolist() == ["own", "C"]
    told = sources.cite(known.reset_index(), [found.source_id])
    assert told == f"Bulletin of Jinzhou 2023 [{found.source_id}, C]"


def test_own_sources_are_told_in_full_beside_a_long_list(data_copy: Path, own: Path):
    head = ",".join([*tables.schemas()["population"].columns, "source"])
    (own / "population.csv").write_text(
        f"{head}\n210700,2023-12-31,1,,,,SYNTHETIC 合成数据 x\n", encoding="utf-8"
    )
    known = tables.load("sources", own)
    ids = [*known["source_id"].head(9), known["source_id"].iloc[-1]]
    for language in ("en", "zh"):
        told = sources.cite(known, ids, language)
        assert told.startswith("SYNTHETIC 合成数据 x [OWN-")
        assert ids[0] in told and "9" in told
    assert sources.has_synthetic(known) and not sources.has_synthetic(tables.load("sources"))


@pytest.mark.parametrize(
    ("source", "words", "rule"),
    [("S1", "mine", "by id and in free text"), ("", "", "does not say where it comes from")],
)
def test_each_row_names_one_source(mini: Path, own: Path, problems, source, words, rule):
    book(own / "m.xlsx", counts=[HEADS, row("B", 2022, 7, source, words), row("B", 2023, 7, "S1")])
    (found,) = problems(own)
    assert rule in found.rule and (found.row, found.column) == (2, "source")


def test_the_same_key_in_two_files_is_a_fault(mini: Path, own: Path, problems):
    book(own / "m.xlsx", counts=[HEADS, row("B", 2022, 7, "S1")])
    (own / "counts.csv").write_text(HEADER + "\nB,2022,8,,,,,,,S1\n", encoding="utf-8")
    (found,) = problems(own)
    assert "stands in" in found.rule and found.value == "B / 2022"


def test_faults_of_all_tables_and_kinds_are_told_at_once(mini: Path, own: Path, problems):
    (own / "towns.csv").write_text("town_id,source_id\nC,S7\n", encoding="utf-8")
    (own / "counts.csv").write_text(
        HEADER + "\nB,2022,x,,,,,,,S1\nB,2023,1,,,,,,,S8\nC,2023,1,,,,,,,S1\n", encoding="utf-8"
    )
    # C is no fault: its own row in towns is refused for its source, not for its name.
    assert {(p.table, p.value) for p in problems(own)} == {
        ("towns", "S7"), ("counts", "x"), ("counts", "S8"),
    }  # fmt: skip


def test_a_sheet_that_would_be_ignored_is_a_fault(mini: Path, own: Path):
    book(own / "m.xlsx", count=[HEADS], towns=[])
    with pytest.raises(InputError, match=r"m\.xlsx, sheet count .* Did you mean counts"):
        tables.load_all(own)


def test_an_edited_sheet_is_read_again(mini: Path, own: Path):
    for count in (5, 17):
        book(own / "m.xlsx", counts=[HEADS, row("B", 2022, count, "S1"), row("B", 2023, 1, "S1")])
        assert count in tables.load("counts", own).firms_count.dropna().tolist()


# -- limits ----------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        sheets.read_sheets(path)
    return str(caught.value)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unopened(tmp_path: Path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    assert "unpack to 30 MB" in refused(path)


def test_entities_of_its_own_are_refused(tmp_path: Path):
    path = tmp_path / "laughs.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
        )
    assert "entities" in refused(path)


def test_a_hundred_thousand_columns_are_refused(tmp_path: Path):
    path = tmp_path / "wide.xlsx"
    book(path, counts=[["x"] * 16_000])
    assert "columns are filled" in refused(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "password"), (b"PK\x03\x04 x", "no XLSX"),
     (b"", "no XLSX")],
)  # fmt: skip
def test_what_is_no_workbook_is_named(tmp_path: Path, content: bytes, words: str):
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    assert words in refused(path)


def test_a_damaged_part_is_no_traceback(tmp_path: Path):
    path = tmp_path / "t.xlsx"
    book(path, counts=[["a"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row><c t='s'><v>9</v>"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert "cannot be read" in refused(path)


def test_a_data_error_is_raised_with_every_problem(mini: Path, own: Path):
    book(own / "m.xlsx", counts=[HEADS, *(row("B", 2022, f"x{n}", "S1") for n in range(30))])
    with pytest.raises(DataError) as caught:
        tables.load_all(own)
    assert len(caught.value.problems) >= 30


def test_ids_of_free_texts_are_steady():
    assert (
        overlay.source_id_of("a  b") == overlay.source_id_of("a b") != overlay.source_id_of("a c")
    )


# -- columns and rows that may be left out ---------------------------------------------------------


def test_columns_that_are_not_required_may_be_absent(mini: Path, own: Path, problems):
    (own / "counts.csv").write_text("town_id,year,complete,source\nB,2022,true,mine\n", "utf-8")
    required = {item.name for item in tables.schemas()["counts"].fields if item.required}
    assert required <= {"town_id", "year", "complete", "source_id"}
    row = tables.load("counts", own).query("town_id == 'B' and year == 2022").iloc[0]
    assert pd.isna(row.firms_count) and bool(row.complete)
    (own / "counts.csv").write_text("town_id,firms_cuont,source\nB,7,mine\n", "utf-8")
    found = {(p.column, p.rule) for p in problems(own)}
    assert ("year", "the column is missing") in found
    assert ("firms_cuont", "the column is not in the schema") in found


def test_a_row_of_the_project_may_be_withdrawn(mini: Path, own: Path, problems):
    before = tables.load("counts")
    key = before.iloc[0]
    heads = [*HEADS, "withdrawn"]
    lines = [heads, [*row(key.town_id, int(key.year), 1, "", "letter of 3 May"), "counted twice"]]
    lines[1][4] = "true"
    book(own / "mine.xlsx", counts=lines)
    left = tables.load("counts", own)
    assert len(left) == len(before) - 1
    assert left.query("town_id == @key.town_id and year == @key.year").empty
    lines[1][-1] = "no"
    book(own / "mine.xlsx", counts=lines)
    assert [(p.row, p.column, p.rule) for p in problems(own)] == [
        (2, "withdrawn", "this is no reason")
    ]
    lines[1][-1] = "  "
    book(own / "mine.xlsx", counts=lines)
    assert len(tables.load("counts", own)) == len(before)
    lines[1][:2], lines[1][-1] = ["B", 2029], "no such row"
    book(own / "mine.xlsx", counts=lines)
    assert [(p.row, p.value) for p in problems(own)] == [(2, "B / 2029")]
