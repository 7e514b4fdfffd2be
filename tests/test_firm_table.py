"""Reading a user's table of firms: every fault located, all of them at once."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import DataError, InputError, Problem
from helpers.evidence import firm_table, tables
from helpers.evidence.bilingual import in_chinese
from helpers.evidence.firm_table import FirmTable, read_firms

HEADER = "firm_id,revenue_m_cny,debt_ratio_pct,own_brand,ip_class,national_award_rank\n"
GOOD = "S1,60,55,true,class_1,none\n"


@pytest.fixture(scope="module")
def fields() -> pd.DataFrame:
    return tables.load("firm_fields")


@pytest.fixture
def read(tmp_path: Path, fields: pd.DataFrame) -> Callable[..., FirmTable]:
    def call(text: str | bytes, skip: bool = False, name: str = "firms.csv") -> FirmTable:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_firms(path, fields, skip)

    return call


@pytest.fixture
def faults(read: Callable[..., FirmTable]) -> Callable[..., list[Problem]]:
    def call(text: str | bytes) -> list[Problem]:
        with pytest.raises(DataError) as caught:
            read(text)
        for problem in caught.value.problems:
            assert problem.file == "firms.csv" and problem.rule and problem.remedy
        return list(caught.value.problems)

    return call


def test_types_and_blanks(read: Callable[..., FirmTable]) -> None:
    firms = read(HEADER + GOOD + "S2,,,,,3\n\n , ,,,,\n")
    frame = firms.frame
    assert frame["firm_id"].tolist() == ["S1", "S2"] and firms.rows_count == 2
    assert frame["revenue_m_cny"].tolist()[0] == 60.0 and math.isnan(frame["revenue_m_cny"][1])
    assert frame["national_award_rank"].tolist() == [math.inf, 3.0]
    assert frame["own_brand"].tolist() == [True, pd.NA]
    assert frame["ip_class"].isna().tolist() == [False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_of_excel(read: Callable[..., FirmTable], encoding: str, newline: str) -> None:
    text = "企业编号,name,自主品牌\nS1,鞍山合成企业,是\n".replace("\n", newline)
    frame = read(text.encode(encoding)).frame
    assert frame.loc[0].tolist() == ["S1", "鞍山合成企业", True]


CELLS = {
    "fraction for per cent": ("debt_ratio_pct", "0.55", "implausible", ["Write 55", "0.55%"]),
    "yuan for million": ("revenue_m_cny", "60000000", "implausible", ["Write 60 ", "60000000百万元"]),
    "unit beside the number": ("revenue_m_cny", "6000万元", "wrong unit", ["Write 60,"]),
    "hundred million": ("revenue_m_cny", "0.6亿元", "wrong unit", ["Write 60,"]),
    "unit of another kind": ("debt_ratio_pct", "55 kg", "wrong unit", ["per cent"]),
    "word": ("revenue_m_cny", "a lot", "not a number", ["Write digits"]),
    "thousands": ("revenue_m_cny", "\"60,000\"", "not a number", ["Write digits"]),
    "infinite": ("revenue_m_cny", "1e999", "not a number", ["Write digits"]),
    "negative": ("revenue_m_cny", "-60", "below 0", ["Correct"]),
    "above the most": ("debt_ratio_pct", "5500", "implausible", ["Correct"]),
    "category": ("ip_class", "class 1", "not one of class_1_high_value", ["Did you mean class_1"]),
    "yes and no": ("own_brand", "maybe", "neither true nor false", ["Write true"]),
    "formula": ("revenue_m_cny", "=30*2", "looks like a formula", ["Write the value"]),
    "formula by sign": ("ip_class", "@SUM(1)", "looks like a formula", ["Write the value"]),
    "rank of a half": ("national_award_rank", "1.5", "not a whole number", ["whole number"]),
    "word for a rank": ("national_award_rank", "first", "a rank, a whole number from 1 or none",
                        ["Write digits"]),
    "rank of nought": ("national_award_rank", "0", "below 1", ["Write none if there is none"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CELLS)
def test_a_faulty_cell(faults: Callable[..., list[Problem]], case: str) -> None:
    column, cell, rule, remedies = CELLS[case]
    names = HEADER.strip().split(",")
    cells = GOOD.strip().replace("S1", "S2").split(",")
    cells[names.index(column)] = cell
    (problem,) = faults(HEADER + GOOD + ",".join(cells) + "\n")
    assert (problem.row, problem.column, problem.value) == (3, column, cell.strip('"'))
    assert rule in problem.rule
    for remedy in remedies:
        assert remedy in problem.remedy


def test_a_unit_that_is_spelled_out_is_believed(read: Callable[..., FirmTable]) -> None:
    frame = read(HEADER + "S1,250000百万元,0.5%,true,none,none\n").frame
    assert frame.loc[0, ["revenue_m_cny", "debt_ratio_pct"]].tolist() == [250000.0, 0.5]


def test_nought_is_no_slip(read: Callable[..., FirmTable]) -> None:
    assert read("firm_id,rd_staff_share_pct\nS1,0\n").frame.loc[0, "rd_staff_share_pct"] == 0


PAIRS = {
    "a part above its whole": ("main_revenue_m_cny,revenue_m_cny", "61,60", "of which it is part"),
    "equity of two years above that of three": (
        "new_equity_2y_m_cny,new_equity_3y_m_cny", "9,5", "of which it is part"),
    "years in different units": ("revenue_m_cny,revenue_prev_m_cny", "60,0.5", "100 times apart"),
    "a little more than a hundred times": (
        "revenue_m_cny,revenue_prev_m_cny", "100.5,1", "100 times apart"),
    "research in another unit": ("rd_m_cny,revenue_m_cny", "60000,60", "implausible beside"),
    "two answers": ("class_1_ip_in_use,ip_class", "2,none", "contradicts ip_class"),
}  # fmt: skip


def test_the_ends_of_what_is_plausible_are_accepted(
    read: Callable[..., FirmTable], faults: Callable[..., list[Problem]]
) -> None:
    text = "firm_id,net_profit_m_cny,employees\nS1,-100000,1000000\nS2,100000,1\n"
    assert read(text).frame["net_profit_m_cny"].tolist() == [-100_000, 100_000]
    names = "firm_id,net_profit_m_cny,employees"
    found = faults(f"{names}\nS1,-100001,1000001\nS2,100001,1\n")
    assert [(one.row, one.column) for one in found] == [
        (2, "net_profit_m_cny"), (2, "employees"), (3, "net_profit_m_cny"),
    ]  # fmt: skip


def test_revenue_of_a_thousand_million_yuan_is_asked_about(read: Callable[..., FirmTable]) -> None:
    names = [
        f"{kind}revenue{year}_m_cny" for kind in ("", "main_") for year in ("", "_prev", "_prev2")
    ]
    for name in names:
        found = read(f"firm_id,{name}\nS1,999\nS2,1001\n").warnings
        assert [(one.row, one.column) for one in found] == [(3, name)]


def test_years_a_hundred_times_apart_are_accepted(read: Callable[..., FirmTable]) -> None:
    text = "firm_id,revenue_m_cny,revenue_prev_m_cny\nS1,100,1\n"
    assert read(text).frame.loc[0, "revenue_m_cny"] == 100


@pytest.mark.parametrize("case", PAIRS)
def test_cells_that_contradict_each_other(faults: Callable[..., list[Problem]], case: str) -> None:
    names, cells, rule = PAIRS[case]
    (problem,) = faults(f"firm_id,{names}\nS1,{cells}\n")
    assert problem.row == 2 and problem.column == names.split(",")[0] and rule in problem.rule


def test_all_faults_at_once_and_the_sound_rows_all_the_same(
    read: Callable[..., FirmTable], faults: Callable[..., list[Problem]]
) -> None:
    text = (HEADER + GOOD + "S1,61,55,true,class_1,none\n" + "S2,60,0.5,perhaps,class_1,none\n"
            + ",60,55,true,class_1,none\n" + "S3,60,55,true,class_1,none,extra\n"
            + "S4,70,55,false,class_2,2\n")  # fmt: skip
    found = [(problem.row, problem.column) for problem in faults(text)]
    assert found == [
        (3, "firm_id"),
        (4, "debt_ratio_pct"),
        (4, "own_brand"),
        (5, "firm_id"),
        (6, None),
    ]
    firms = read(text, skip=True)
    assert firms.frame["firm_id"].tolist() == ["S1", "S4"]
    assert len(firms.problems) == 5 and firms.rows_count == 6


def test_more_than_twenty_faults_are_all_kept(faults: Callable[..., list[Problem]]) -> None:
    rows = "".join(f"S{i},60,0.5,true,none,none\n" for i in range(60))
    assert len(faults(HEADER + rows)) == 60


def test_headings(faults: Callable[..., list[Problem]]) -> None:
    found = faults("firm_id,revenue_10k_cny,own_brand,own_brand\nS1,60,true,true\n")
    assert [(p.row, p.column) for p in found] == [(1, "revenue_10k_cny"), (1, "own_brand")]
    assert "revenue_m_cny" in found[0].remedy
    (problem,) = faults("own_brand\ntrue\n")
    assert problem.column == "firm_id" and "missing" in problem.rule


def test_headings_and_cells_are_told_together(faults: Callable[..., list[Problem]]) -> None:
    found = faults("firm_id,revenue_m_cny,what\nS1,a lot,x\nS2,60,y\n")
    assert [(p.row, p.column) for p in found] == [(1, "what"), (2, "revenue_m_cny")]


def zh(_: str, chinese: str) -> str:
    return chinese


def test_faults_in_chinese_name_the_headings_of_the_file(
    tmp_path: Path, fields: pd.DataFrame
) -> None:
    path = tmp_path / "企业.csv"
    path.write_text(
        "企业编号,营业收入（上年度）,资产负债率,营业收入,近三年国家级科技奖励单位排名,自主品牌\n"
        "S1,很多,55,60,0,也许\nS2,6000万元,55,60,无,是\n", encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_firms(path, fields, t=zh)
    told = [firm_table.told(problem, zh) for problem in caught.value.problems]
    assert "资产负债率（上年末）" in told[0] and "营业收入（上年度）" in told[1]
    assert "“营业收入（上年度）”列" in told[2] and "应填数值（百万元）" in told[2]
    assert "没有则填“无”" in told[3] and "“自主品牌”列" in told[4] and "请填60" in told[5]
    assert not any(re.search("[a-z]{4,}", line.replace("firm_id", "")) for line in
                   (line.removeprefix("企业.csv") for line in told))  # fmt: skip


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        ("current_tier", "小巨人", "little_giant"), ("current_tier", "little_giant", "little_giant"),
        ("current_tier", "专精特新“小巨人”企业", "little_giant"), ("current_tier", "无", "none"),
        ("ip_class", "I类", "class_1"), ("rd_institution", "省级", "provincial"),
        ("digital_level", "二级", "level_2"), ("product_role", "均无", "neither"),
        ("sector", "工业", "industry"),
    ],
)  # fmt: skip
def test_categories_in_chinese(
    read: Callable[..., FirmTable], field: str, cell: str, expected: str
) -> None:
    assert read(f"firm_id,{field}\nS1,{cell}\n").frame.loc[0, field] == expected


def test_every_choice_has_chinese_words_of_its_own(fields: pd.DataFrame) -> None:
    for row in fields.loc[fields["kind"] == "category"].to_dict("records"):
        words = row["choices_zh"].split(";")
        assert len(words) == len(row["choices"].split(";")), row["field"]
        every = [word for cell in words for word in cell.split("/")]
        assert all(every) and len(set(every)) == len(every), row["field"]


def test_a_revenue_unlikely_for_an_sme_is_read_and_told(read: Callable[..., FirmTable]) -> None:
    firms = read("firm_id,revenue_m_cny\nS1,6000\nS2,1000\nS3,6000百万元\n")
    assert firms.frame["revenue_m_cny"].tolist() == [6000, 1000, 6000] and not firms.problems
    (warning,) = firms.warnings
    assert (warning.row, warning.column) == (2, "revenue_m_cny")
    assert "Write 60 if 6000万元 is meant" in warning.remedy


def test_only_faulty_rows_leave_nothing_to_screen(read: Callable[..., FirmTable]) -> None:
    for skip in (True, False):
        with pytest.raises(DataError, match=r"0\.5"):
            read(HEADER + "S2,60,0.5,true,none,none\n", skip)
    with pytest.raises(DataError, match="no firm"):
        read(HEADER)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "firms.csv", "is empty"),
        (b"\n\n", "firms.csv", "is empty"),
        ("firm_id\nS1\n".encode("utf-16"), "firms.csv", "UTF-16"),
        (b"PK\x03\x04\x00\x00", "firms.csv", "no text"),
        (b"\xff\xff\xff", "firms.csv", "neither UTF-8 nor GBK"),
        (b'firm_id\n"S1\n', "firms.csv", "cannot be read"),
        (b"not a workbook", "firms.xlsx", "no XLSX workbook"),
        (b"", "firms.xlsx", "no XLSX workbook"),
        (b"x", "firms.xls", "Save the table as CSV or XLSX"),
        (b"x", "firms.pdf", "Save the table as CSV or XLSX"),
    ],
)
def test_files_that_cannot_be_read(
    read: Callable[..., FirmTable], content: bytes, name: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        read(content, name=name)


def test_a_missing_and_a_huge_file(
    tmp_path: Path, fields: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_firms(tmp_path / "gone.csv", fields)
    monkeypatch.setattr(firm_table, "MOST_BYTES", 3)
    (tmp_path / "firms.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(InputError, match="Split it"):
        read_firms(tmp_path / "firms.csv", fields)


def test_a_workbook_that_unpacks_to_too_much_is_refused_in_the_readers_language(
    tmp_path: Path, fields: pd.DataFrame
) -> None:
    path = tmp_path / "firms.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(InputError, match="more than a table of this kind can hold"):
        read_firms(path, fields)
    with pytest.raises(InputError, match="解压后达30 MB"):
        read_firms(path, fields, t=in_chinese)


def test_a_workbook_with_a_torn_sheet_is_refused(tmp_path: Path, fields: pd.DataFrame) -> None:
    whole, torn = tmp_path / "whole.xlsx", tmp_path / "torn.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["firm_id"])
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(torn, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[:-40] if "sheet1.xml" in part else content)
    with pytest.raises(InputError, match="cannot be read"):
        read_firms(torn, fields)


@pytest.mark.parametrize("cell", ["9.12103E+17", "9.12103001234568e+17"])
def test_a_code_that_lost_its_last_digits_is_a_fault(
    faults: Callable[..., list[Problem]], cell: str
) -> None:
    (problem,) = faults(HEADER + GOOD.replace("S1", cell))
    assert (problem.column, problem.value) == ("firm_id", cell)
    assert "last digits are lost" in problem.rule and "as text" in problem.remedy


def test_a_workbook(tmp_path: Path, fields: pd.DataFrame) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["firm_id", "revenue_m_cny", "debt_ratio_pct", "own_brand", "rd_m_cny"])
    sheet.append([9121030012345678, 60.5, 0.55, True, 3])
    sheet.append(["S2", None, 55, "否", "=1+2"])
    sheet["C2"].number_format = "0.0%"
    book.save(tmp_path / "firms.xlsx")
    with pytest.raises(DataError) as caught:
        read_firms(tmp_path / "firms.xlsx", fields)
    (problem,) = caught.value.problems
    assert (problem.row, problem.column, problem.value) == (3, "rd_m_cny", "=1+2")
    sheet["E3"] = 4
    book.save(tmp_path / "firms.xlsx")
    frame = read_firms(tmp_path / "firms.xlsx", fields).frame
    assert frame["firm_id"].tolist() == ["9121030012345678", "S2"]
    assert frame["debt_ratio_pct"].tolist() == [55.0, 55.0]
    assert frame["own_brand"].tolist() == [True, False]
    # Only the first sheet is the table; another may hold anything.
    book.create_sheet("notes").append(list(range(300)))
    book.save(tmp_path / "firms.xlsx")
    assert len(read_firms(tmp_path / "firms.xlsx", fields).frame) == 2


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60), header=st.booleans())
def test_any_bytes_give_firms_or_a_message(
    tmp_path: Path, fields: pd.DataFrame, content: bytes, header: bool
) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes((HEADER.encode() if header else b"") + content)
    try:
        assert len(read_firms(path, fields).frame) > 0
    except InputError as error:
        assert str(error)
