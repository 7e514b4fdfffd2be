"""Loading the project's tables and a user's own over them."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from conftest import MINI_FILES, clear_caches
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import InputError
from helpers.evidence import tables

HEADER = MINI_FILES["counts.csv"].splitlines()[0] + "\n"
LIKE = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


# The project's tables


def test_every_table_of_the_project_loads():
    frames = tables.load_all()
    assert list(frames) == list(tables.schemas())
    for name, table in tables.schemas().items():
        assert tuple(frames[name].columns) == table.columns
        # The tables that only a user can fill.
        assert (len(frames[name]) > 0) == (name not in ("industry_counts", "firm_list")), name
        assert frames[name].index.equals(pd.RangeIndex(len(frames[name])))


def test_a_copy_of_the_project_can_be_broken(data_copy: Path, problems):
    path = data_copy / "claims.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count(",STUDY\n") == len(tables.load("claims"))
    path.write_text(text.replace(",STUDY\n", ",STUDIE\n", 1), encoding="utf-8")
    (found,) = problems()
    assert (found.table, found.row, found.column, found.value) == (
        "claims", 2, "source_id", "STUDIE",
    )  # fmt: skip


def test_a_row_of_the_user_lies_over_the_projects(data_copy: Path, own: Path):
    places = tables.load("places")
    row = places.loc[places["place_id"] == "210300"].iloc[0]
    cells = ["210300", "prefecture", "210000", "鞍山", "鞍山市", "An-shan", "", "false"]
    write(own, "places.csv", ",".join(places.columns) + "\n" + ",".join([*cells, "GB2260"]) + "\n")
    laid = tables.load("places", own)
    assert len(laid) == len(places)
    assert laid.loc[row.name, "name_en"] == "An-shan"
    assert tables.load("places").loc[row.name, "name_en"] == row["name_en"]


def test_an_unknown_table_name_is_an_error(mini: Path):
    with pytest.raises(InputError, match=r"No table is called 'count'\. Known: counts"):
        tables.load("count")


def test_a_loaded_table_is_a_copy(mini: Path):
    towns = tables.load("towns")
    towns.loc[0, "town_id"] = "changed"
    assert tables.load("towns").loc[0, "town_id"] == "A"


def test_an_edited_table_is_read_again(mini: Path, edit):
    assert tables.load("towns").town_id.tolist() == ["A", "B"]
    path = mini / "towns.csv"
    before = path.stat()
    edit("towns.csv", "B,S1;S2\n", "B,S1;S2\nC,S1\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert tables.load("towns").town_id.tolist() == ["A", "B", "C"]


def test_the_package_outside_its_checkout_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tables, "project_root", lambda: None)
    clear_caches()
    with pytest.raises(InputError, match="data folder was not found"):
        tables.load_all()


# A user's tables


def test_a_row_with_the_same_key_is_replaced_in_its_place_and_others_are_added(
    mini: Path, own: Path
):
    write(own, "counts.csv", HEADER + "B,2022,7,,,,,,,S1\nA,2021,99,,,,,,,S1\n")
    laid = tables.load("counts", own)
    assert laid[["town_id", "year", "firms_count"]].astype(object).fillna(-1).values.tolist() == [
        ["A", 2021, 99], ["A", 2022, -1], ["B", 2021, 0], ["B", 2022, 7],
    ]  # fmt: skip
    assert laid.index.equals(pd.RangeIndex(4))
    # The whole row is replaced, not single cells.
    assert pd.isna(laid.loc[0, "basis"])
    pd.testing.assert_series_equal(laid.dtypes, tables.load("counts").dtypes)


def test_blanks_in_a_key_are_equal(mini: Path, own: Path, problems):
    path = mini / "schema.yml"
    text = path.read_text(encoding="utf-8")
    write(mini, "schema.yml", text.replace("key: [town_id, year]", "key: [town_id, year, basis]"))
    clear_caches()
    write(own, "counts.csv", HEADER + "A,2022,7,,,,,,,S1\nA,2021,8,,,,,,,S1\n")
    assert tables.load("counts", own).firms_count.tolist() == [12, 7, 0, 8]
    write(own, "counts.csv", HEADER + "A,2022,7,,,,,,,S1\nA,2022,8,,,,,,,S1\n")
    (found,) = problems(own)
    assert (found.row, found.rule) == (3, "the key (town_id, year, basis) occurs more than once")


def test_a_new_source_and_town_may_be_used_by_the_users_rows(mini: Path, own: Path):
    write(own, "sources.csv", "source_id,title\nMINE,Own survey\n")
    write(own, "towns.csv", "town_id,source_id\nC,MINE;S1\n")
    write(own, "counts.csv", HEADER + "C,2021,5,,,,,A;C,,MINE\n")
    assert tables.load("counts", own).firms_count.iloc[-1] == 5


def test_the_order_of_the_users_columns_is_free(mini: Path, own: Path):
    write(own, "towns.csv", "\ufeffsource_id,town_id\nS1,C\n")
    assert tables.load("towns", own).town_id.tolist() == ["A", "B", "C"]


def test_a_file_with_only_a_header_changes_nothing(mini: Path, own: Path):
    write(own, "counts.csv", HEADER)
    pd.testing.assert_frame_equal(tables.load("counts", own), tables.load("counts"))


def test_an_empty_folder_and_other_files_change_nothing(mini: Path, own: Path):
    write(own, "README.md", "notes")
    write(own, ".hidden.csv", "")
    pd.testing.assert_frame_equal(tables.load("counts", own), tables.load("counts"))


@pytest.mark.parametrize(
    ("rows", "row", "column", "value", "rule"),
    [
        ("B,2022,7,,,,,,,S1\nB,2023,-7,,,,,,,S1\n", 3, "firms_count", "-7", "below 0"),
        ("B,2022,7,,,,,,,S1\nB,2022,8,,,,,,,S1\n", 3, "town_id", "B / 2022", "more than once"),
        ("B,2022,7,,,,,,,S1\nB,2023,7,,,,,,,S7\n", 3, "source_id", "S7", "not found in sources"),
        ("A,2021,7,,,,,,,S7\n", 2, "source_id", "S7", "not found in sources"),
        ("A,2022,7,,,,,,,S1\nA,2021,7,,,,,A;Z,,S1\n", 3, "near_ids", "Z", "not found in towns"),
        ("Z,2021,7,,,,,,,S1\n", 2, "town_id", "Z", "not found in towns"),
        ("B,2022,7,,,,,,,\n", 2, "source_id", "", "blank"),
        ("B,2022,7\n", 2, None, "B,2022,7", "3 cells"),
    ],
)
def test_a_broken_row_of_the_user_names_the_users_file_and_row(
    mini: Path, own: Path, problems, rows, row, column, value, rule
):
    write(own, "counts.csv", HEADER + rows)
    (found,) = problems(own)
    assert (found.table, found.file) == ("counts", str(own / "counts.csv"))
    assert (found.row, found.column, found.value) == (row, column, value)
    assert rule in found.rule


def test_a_gbk_file_of_the_user_is_named(mini: Path, own: Path, problems):
    (own / "sources.csv").write_bytes("source_id,title\nS3,鞍山\n".encode("gbk"))
    (found,) = problems(own)
    assert (found.file, found.row) == (str(own / "sources.csv"), 2)
    assert "not UTF-8" in found.rule


def test_a_fault_in_the_projects_row_still_names_the_projects_file(
    mini: Path, own: Path, edit, problems
):
    edit("counts.csv", "A,2022,,,,,,,,S2;S1", "A,2022,,,,,,,,S2;S8")
    write(own, "counts.csv", HEADER + "A,2021,7,,,,,,,S1\n")
    (found,) = problems(own)
    assert (found.file, found.row, found.value) == ("counts.csv", 3, "S8")


def test_a_row_of_the_user_may_mend_a_reference_of_the_project(mini: Path, own: Path, edit):
    edit("counts.csv", "A,2022,,,,,,,,S2;S1", "A,2022,,,,,,,,S8")
    write(own, "counts.csv", HEADER + "A,2022,7,,,,,,,S1\n")
    assert tables.load("counts", own).firms_count.iloc[1] == 7


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "count.csv",
            r"no table is called count\.csv\. Did you mean counts\? Known tables: counts",
        ),
        ("qqqq.csv", r"no table is called qqqq\.csv\. Known tables: counts, sources, towns"),
        ("counts.CSV", r"counts\.CSV cannot be read\. Save it as counts\.csv"),
        ("counts.xlsx", r"counts\.xlsx: the file is no XLSX workbook"),
        ("city/counts.csv", r"city.counts\.csv would not be read"),
    ],
)
def test_a_file_that_would_be_ignored_is_an_error(mini: Path, own: Path, name: str, words: str):
    (own / name).parent.mkdir(exist_ok=True)
    write(own, name, HEADER)
    with pytest.raises(InputError, match=words) as caught:
        tables.load_all(own)
    assert str(own) in str(caught.value)


def test_a_folder_that_does_not_exist_is_an_error(mini: Path, own: Path):
    with pytest.raises(InputError, match="does not exist"):
        tables.load_all(own / "nowhere")


def test_an_edited_file_of_the_user_is_read_again(mini: Path, own: Path):
    for count in (5, 17):
        write(own, "counts.csv", HEADER + f"B,2022,{count},,,,,,,S1\n")
        assert tables.load("counts", own).firms_count.iloc[-1] == count


def test_the_same_relative_folder_elsewhere_is_another_folder(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for home, town in (("one", "C"), ("two", "D")):
        (tmp_path / home / "mine").mkdir(parents=True)
        write(tmp_path / home / "mine", "towns.csv", f"town_id,source_id\n{town},S1\n")
        monkeypatch.chdir(tmp_path / home)
        assert tables.load("towns", Path("mine")).town_id.iloc[-1] == town


@given(
    rows=st.dictionaries(
        st.tuples(st.sampled_from("AB"), st.integers(2019, 2024)), st.integers(0, 10**6)
    )
)
@LIKE
def test_an_overlay_is_a_dictionary_update(mini: Path, own: Path, rows: dict):
    def counts(data_dir: Path | None) -> dict:
        frame = tables.load("counts", data_dir)
        return dict(
            zip(zip(frame.town_id, frame.year, strict=True), frame.firms_count, strict=True)
        )

    text = "".join(f"{town},{year},{n},,,,,,,S1\n" for (town, year), n in rows.items())
    write(own, "counts.csv", HEADER + text)
    before, after = counts(None), counts(own)
    expected = before | rows
    assert list(after) == list(expected)
    assert all(after[key] is n or after[key] == n for key, n in expected.items())


@given(faulty=st.integers(0, 7), size=st.integers(8, 12))
@LIKE
def test_the_faulty_row_of_an_overlay_is_found_wherever_it_stands(
    mini: Path, own: Path, problems, faulty: int, size: int
):
    sources = ["S9" if row == faulty else "S1" for row in range(size)]
    years = [2020 + row for row in range(size)]
    text = "".join(
        f"A,{year},1,,,,,,,{source}\n" for year, source in zip(years, sources, strict=True)
    )
    write(own, "counts.csv", HEADER + text)
    (found,) = problems(own)
    assert (found.row, found.file, found.value) == (faulty + 2, str(own / "counts.csv"), "S9")


@pytest.mark.parametrize(
    ("cell", "parts"),
    [("S1", ["S1"]), ("S1; S2;", ["S1", "S2"]), ("", []), (None, []), (float("nan"), [])],
)
def test_split_ids(cell: object, parts: list[str]):
    assert tables.split_ids(cell) == parts
