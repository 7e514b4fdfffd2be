"""What a broken table is told: table, file, row, column, value, rule and remedy."""

from __future__ import annotations

import csv
import io
import pickle
from pathlib import Path

import pandas as pd
import pytest
from conftest import MINI_FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import DataError, InputError, Problem
from helpers.evidence import tables
from helpers.evidence.schema import Field, TableSchema, parse_schema_file, read_csv, validate

HEADER = MINI_FILES["counts.csv"].splitlines()[0]
ROW_2 = "A,2021,12,3.5,true,2021-06,certified,B,,S1"
LIKE = settings(max_examples=75, suppress_health_check=[HealthCheck.function_scoped_fixture])


def located(problem: Problem) -> tuple[str, str, int | None, str | None, str]:
    return problem.table, problem.file, problem.row, problem.column, problem.value


# The project's own schemas


def test_every_table_has_texts_in_both_languages_and_a_file_named_after_it():
    for name, table in tables.schemas().items():
        assert table.path.stem == name, "table names double as the names of a user's files"
        assert table.title_en and table.title_zh and table.description and table.rights
        for item in table.fields:
            assert item.en.strip(), (name, item.name)
            assert any("\u4e00" <= sign <= "\u9fff" for sign in item.zh), (name, item.name)


def test_every_table_has_a_key_and_every_reference_leads_somewhere():
    known = tables.schemas()
    for name, table in known.items():
        fields = {item.name: item for item in table.fields}
        assert table.key
        for item in table.fields:
            target = tables.reference_of(table, item)
            if target:
                other, column = target.split(".")
                assert column in known[other].columns, (name, item.name)
        # A further key column may be blank (no district, no range); two blanks count as equal.
        assert fields[table.key[0]].required, (name, table.key)


def test_every_table_of_figures_names_its_sources():
    without = [
        name
        for name, table in tables.schemas().items()
        if not {"source_id", "source_ids"} & set(table.columns)
    ]
    assert sorted(without) == [
        "claim_tests", "firm_fields", "glossary", "labels", "note_texts", "study_tables",
    ]  # fmt: skip


def test_every_csv_file_is_described_and_every_described_file_is_there():
    root = tables.project_data_dir()
    described = {table.path for table in tables.schemas().values()}
    templates = set((root / "templates").glob("*.csv"))  # blank forms, not tables
    assert set(root.rglob("*.csv")) - templates == described


def test_files_are_utf_8_without_mark_or_carriage_return():
    for table in tables.schemas().values():
        content = table.path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf"), table.name
        assert b"\r" not in content and content.endswith(b"\n"), table.name
        content.decode("utf-8")


# Schema files


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("{type: text, en: A, zh: 甲}", "a type out of string"),
        ("{type: string, zh: 甲}", "needs en"),
        ("{type: string, en: A}", "needs zh"),
        ("{type: string, en: A, zh: 甲, unti: km}", r"unknown attributes \['unti'\]"),
        ("{type: string, en: A, zh: 甲, enum: [yes, no]}", "quoted words"),
        ("{type: integer, en: A, zh: 甲, enum: [1, 2]}", "type string"),
    ],
)
def test_a_faulty_field_is_named(tmp_path: Path, field: str, words: str):
    path = tmp_path / "schema.yml"
    path.write_text(
        "tables: {t: {file: t.csv, title_en: T, title_zh: 表, description: d, rights: r, "
        f"key: [x], fields: {{x: {field}}}}}}}",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=words) as caught:
        parse_schema_file(path)
    assert "table t" in str(caught.value) and "field x" in str(caught.value)


def test_a_key_that_is_no_field_is_an_error(tmp_path: Path):
    path = tmp_path / "schema.yml"
    path.write_text(
        "tables: {t: {file: t.csv, title_en: T, title_zh: 表, description: d, rights: r, "
        "key: [y], fields: {x: {type: string, en: A, zh: 甲}}}}",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="the key names no field: y"):
        parse_schema_file(path)


def test_a_table_described_twice_is_an_error(mini: Path):
    (mini / "more").mkdir()
    (mini / "more" / "schema.yml").write_text((mini / "schema.yml").read_text(encoding="utf-8"))
    with pytest.raises(InputError, match="described twice"):
        tables.schemas()


def test_a_source_column_must_be_required(mini: Path):
    path = mini / "schema.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            "source_id: {type: string, required: true, en: Sources",
            "source_id: {type: string, en: Sources",
        ),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="counts: source_id must be required"):
        tables.load_all()


# One fault, one message


@pytest.mark.parametrize(
    ("old", "new", "column", "value", "rule"),
    [
        ("A,2021,12,", "A,2021,twelve,", "firms_count", "twelve", "not a whole number"),
        ("A,2021,12,", "A,2021,12.5,", "firms_count", "12.5", "not a whole number"),
        ("A,2021,12,", 'A,2021,"1,200",', "firms_count", "1,200", "not a whole number"),
        ("A,2021,12,", "A,2021,１２,", "firms_count", "１２", "not a whole number"),
        ("A,2021,12,", "A,2021," + "9" * 20 + ",", "firms_count", "9" * 20, "18 digits"),
        ("A,2021,12,", "A,2021,-4,", "firms_count", "-4", "below 0"),
        ("A,2021,", "A,1921,", "year", "1921", "below 2000"),
        ("A,2021,", "A,2201,", "year", "2201", "above 2100"),
        (",3.5,", ",3.5%,", "growth_pct", "3.5%", "not a finite number"),
        (",3.5,", ",nan,", "growth_pct", "nan", "not a finite number"),
        (",3.5,", ",1e999,", "growth_pct", "1e999", "not a finite number"),
        (",true,", ",TRUE,", "complete", "TRUE", "neither true nor false"),
        (",2021-06,", ",2021/6,", "as_of", "2021/6", "not an ISO date"),
        (",2021-06,", ",2021-02-30,", "as_of", "2021-02-30", "not an ISO date"),
        (",2021-06,", ",2021-13,", "as_of", "2021-13", "not an ISO date"),
        (",certified,", ",stock,", "basis", "stock", "not one of announced, certified"),
        (",certified,", ",certified ,", "basis", "certified ", "white space"),
        (",certified,", ",\u3000certified,", "basis", "\u3000certified", "white space"),
        ("A,2021,12,", "A,,12,", "year", "", "blank"),
        (",B,,S1", ",B,,", "source_id", "", "blank"),
        (",B,,S1", ",B,, ", "source_id", " ", "white space"),
        (",B,,S1", ",B,,S9", "source_id", "S9", "not found in sources.source_id"),
        (",B,,S1", ",B,,S1;S9", "source_id", "S9", "not found in sources.source_id"),
        (",B,,S1", ",B,,S1；S2", "source_id", "S1；S2", "not found in sources.source_id"),
        (",B,,S1", ",B,,S1;", "source_id", "S1;", "an id is missing"),
        (",B,,S1", ",A;C,,S1", "near_ids", "C", "not found in towns.town_id"),
        ("A,2021,", "C,2021,", "town_id", "C", "not found in towns.town_id"),
    ],
)
def test_a_broken_cell_gives_one_message(edit, problems, old, new, column, value, rule):
    edit("counts.csv", ROW_2, ROW_2.replace(old, new))
    (found,) = problems()
    assert located(found) == ("counts", "counts.csv", 2, column, value)
    assert rule in found.rule
    text = str(found)
    assert text.startswith(f"table counts (counts.csv), row 2, column {column}")
    assert value.strip() in text and found.remedy in text


def test_all_faults_are_reported_at_once_in_order(edit, problems):
    edit("counts.csv", "A,2021,12", "A,2021,-12")
    edit("counts.csv", "B,2021,0,-1,false", "B,2021,0,x,no")
    edit("towns.csv", "A,S1", "A,")
    found = [(problem.table, problem.row, problem.column) for problem in problems()]
    assert found == [
        ("towns", 2, "source_id"),
        ("counts", 2, "firms_count"),
        ("counts", 4, "growth_pct"),
        ("counts", 4, "complete"),
    ]


def test_a_missing_column(edit, problems):
    edit("towns.csv", MINI_FILES["towns.csv"], "town_id\nA\nB\n")
    (found,) = problems()
    assert located(found) == ("towns", "towns.csv", 1, "source_id", "")
    assert "missing" in found.rule and "source_id" in found.remedy


def test_a_surplus_column(edit, problems):
    edit("towns.csv", MINI_FILES["towns.csv"], "town_id,source_id,name\nA,S1,x\nB,S1,y\n")
    (found,) = problems()
    assert located(found) == ("towns", "towns.csv", 1, "name", "name")
    assert "not in the schema" in found.rule


def test_a_heading_with_a_gap_is_shown_in_quotes(edit, problems):
    edit("towns.csv", "town_id,source_id\n", "town_id,source_id \n")
    assert "value 'source_id '" in str(problems()[1])


def test_a_column_given_twice(edit, problems):
    edit("towns.csv", MINI_FILES["towns.csv"], "town_id,source_id,town_id\nA,S1,A\n")
    found = problems()[0]
    assert located(found) == ("towns", "towns.csv", 1, "town_id", "town_id")
    assert "more than once" in found.rule


def test_columns_may_stand_in_any_order(edit):
    edit("towns.csv", MINI_FILES["towns.csv"], "source_id,town_id\nS1,A\nS1,B\n")
    assert list(tables.load("towns").columns) == ["town_id", "source_id"]


def test_a_repeated_key_names_the_later_row(edit, problems):
    edit("counts.csv", "B,2021,0", "A,02021,0")
    (found,) = problems()
    assert (found.row, found.column, found.value) == (4, "town_id", "A / 02021")
    assert "town_id, year" in found.rule


def test_unreadable_key_cells_are_not_called_repeated(edit, problems):
    edit("counts.csv", "A,2021,", "A,x,")
    edit("counts.csv", "A,2022,", "A,y,")
    assert [(problem.row, problem.value) for problem in problems()] == [(2, "x"), (3, "y")]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("A,S1,surplus", "the row has 3 cells, the header 2"),
        ("A", "the row has 1 cells, the header 2"),
        ("", "the row has 0 cells, the header 2"),
    ],
)
def test_a_row_that_does_not_fit_the_header(edit, problems, row, rule):
    edit("towns.csv", "A,S1\n", row + "\n")
    (found,) = problems()
    assert (found.row, found.value, found.rule) == (2, row, rule)


@pytest.mark.parametrize(("row", "at"), [('A,"S1\n', 2), ('A,S1\nB,"S1"x\n', 3)])
def test_quotes_that_do_not_match(mini: Path, problems, row: str, at: int):
    (mini / "towns.csv").write_text("town_id,source_id\n" + row, encoding="utf-8")
    (found,) = problems()
    assert (found.row, "cannot be read" in found.rule) == (at, True)


def test_a_line_break_within_a_cell(edit, problems):
    edit("counts.csv", '"one, two"', '"one\ntwo"')
    (found,) = problems()
    assert (found.row, found.column, found.value) == (4, "note_en", "one\ntwo")


@pytest.mark.parametrize("text", ["", "\n", "\n\n"])
def test_an_empty_file(mini: Path, problems, text: str):
    (mini / "towns.csv").write_text(text, encoding="utf-8")
    (found,) = problems()
    assert (found.table, found.rule) == ("towns", "the file is empty")


def test_a_missing_file(mini: Path, problems):
    (mini / "towns.csv").unlink()
    (found,) = problems()
    assert found.table == "towns" and "does not exist" in found.rule


@pytest.mark.parametrize(
    ("encoding", "row"), [("gbk", 3), ("gb18030", 3), ("big5", 3), ("utf-16", 1)]
)
def test_a_file_that_is_not_utf_8_is_told_how_to_become_so(
    mini: Path, problems, encoding: str, row: int
):
    (mini / "sources.csv").write_bytes("source_id,title\nS1,First\nS2,鞍山\n".encode(encoding))
    (found,) = problems()
    assert located(found) == ("sources", "sources.csv", row, None, "")
    assert found.rule == "the file is not UTF-8" and "UTF-8" in found.remedy


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.encode() + b"\n\n",
    ],
    ids=["byte-order mark", "CRLF", "no final line end", "blank lines at the end"],
)
def test_harmless_differences_are_accepted(mini: Path, change):
    expected = tables.load("sources")
    (mini / "sources.csv").write_bytes(change(MINI_FILES["sources.csv"]))
    pd.testing.assert_frame_equal(tables.load("sources"), expected)


def test_a_table_without_rows_keeps_its_types(mini: Path):
    types = tables.load("counts").dtypes
    (mini / "counts.csv").write_text(HEADER + "\n", encoding="utf-8")
    empty = tables.load("counts")
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, types)


def test_a_reference_to_an_unknown_column_names_the_schema(mini: Path):
    path = mini / "schema.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("towns.town_id, en: Town,", "town.id, en: Town,"),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"schema of table counts: there is no column town\.id"):
        tables.load_all()


def test_whole_numbers_beside_a_blank_stay_exact(edit):
    edit("counts.csv", "A,2021,12,", "A,2021,9007199254740993,")
    assert tables.load("counts").firms_count.iloc[0] == 9007199254740993


def test_a_data_error_survives_the_way_back_from_a_worker():
    problem = Problem("t", "t.csv", 2, "x", "v", "rule", "Remedy.")
    again = pickle.loads(pickle.dumps(DataError([problem] * 25)))
    assert again.problems == (problem,) * 25
    assert str(again).endswith("... and 5 more")


# Any text

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NOTES = TableSchema(
    "notes", Path("notes.csv"), "", "", "", "", ("key",),
    (
        Field("key", "integer", "", required=True),
        Field("note", "string", ""),
        Field("value", "number", ""),
        Field("count", "integer", "", minimum=0),
    ),
)  # fmt: skip


def written(rows: list[list[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([list(NOTES.columns), *rows])
    return buffer.getvalue()


def checked(path: Path, text: str) -> tuple[pd.DataFrame | None, list[Problem]]:
    path.write_bytes(text.encode("utf-8"))
    try:
        return validate(read_csv(path, NOTES), NOTES, path.name)
    except DataError as error:
        return None, list(error.problems)


@given(notes=st.lists(TEXT, min_size=1, max_size=6))
@LIKE
def test_any_text_is_read_back_or_reported(tmp_path: Path, notes: list[str]):
    rows = [[str(key), note, "", ""] for key, note in enumerate(notes)]
    frame, found = checked(tmp_path / "notes.csv", written(rows))
    if frame is not None and not found:
        assert [None if pd.isna(cell) else cell for cell in frame["note"]] == [
            note or None for note in notes
        ]
    else:
        assert {problem.value for problem in found} <= set(notes)


@given(at=st.integers(0, 5), note=TEXT)
@LIKE
def test_the_reported_row_is_the_row_of_the_fault(tmp_path: Path, at: int, note: str):
    rows = [[str(key), "sound", "1", "1"] for key in range(6)]
    rows[at][1] = note
    frame, found = checked(tmp_path / "notes.csv", written(rows))
    if any(sign in note for sign in "\r\n") or note != note.strip():
        (problem,) = found
        assert (problem.row, problem.column, problem.value) == (at + 2, "note", note)
    else:
        assert frame is not None and not found


@given(at=st.integers(0, 5), cell=TEXT.filter(lambda text: text.isprintable()))
@LIKE
def test_a_cell_that_is_no_number_is_reported_in_its_row(tmp_path: Path, at: int, cell: str):
    rows = [[str(key), "", "1", "1"] for key in range(6)]
    rows[at][3] = cell
    frame, found = checked(tmp_path / "notes.csv", written(rows))
    if found:
        assert {(p.row, p.column, p.value) for p in found} == {(at + 2, "count", cell)}
    else:
        assert frame is not None
        value = frame["count"].iloc[at]
        assert pd.isna(value) if cell == "" else value == int(cell)


@given(value=st.floats(allow_nan=False, allow_infinity=False), count=st.integers(0, 10**18 - 1))
@LIKE
def test_numbers_are_read_back_exactly(tmp_path: Path, value: float, count: int):
    frame, found = checked(
        tmp_path / "notes.csv", written([["0", "", repr(value), str(count)], ["1", "", "", ""]])
    )
    assert frame is not None and not found
    assert frame["value"].iloc[0] == value
    assert frame["count"].iloc[0] == count
    assert frame.iloc[1, 1:].isna().all()


@given(content=st.binary(max_size=60))
@LIKE
def test_any_bytes_give_a_table_or_a_message(tmp_path: Path, content: bytes):
    path = tmp_path / "notes.csv"
    path.write_bytes(b"key,note,value,count\n" + content)
    try:
        _, found = validate(read_csv(path, NOTES), NOTES, path.name)
    except DataError as error:
        found = list(error.problems)
    for problem in found:
        assert str(problem).startswith("table notes (notes.csv), row ")


@given(removed=st.integers(0, 3), row=st.integers(1, 4))
@LIKE
def test_a_row_cut_short_is_reported_in_its_row(tmp_path: Path, removed: int, row: int):
    rows = [[str(key), "a", "1", "1"] for key in range(4)]
    del rows[row - 1][removed]
    frame, found = checked(tmp_path / "notes.csv", written(rows))
    assert frame is None
    assert [problem.row for problem in found] == [row + 1]
