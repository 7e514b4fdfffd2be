"""Reading official lists: every row accounted for, places and industries with their rules, limits."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis.duplicates import THRESHOLD, similar_names
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.lists.entries import read_review
from helpers.evidence.lists.guard import Limits, ListError, check_archive
from helpers.evidence.lists.industries import Industries
from helpers.evidence.lists.localities import Gazetteer
from helpers.evidence.lists.parse import Listing, parse, serial_gaps
from helpers.evidence.lists.readers import Row, rows_of
from helpers.evidence.lists.text import normal_name, simplified, tidy
from helpers.run.cli import main
from helpers.run.list_import import Options, list_id_of, run_import

LABEL = "SYNTHETIC 合成数据"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer(tables.load("places"), tables.load("counties"))


def listing(*lines: list[str], sheet: str = ""):
    known = Gazetteer(tables.load("places"), tables.load("counties")).headings
    return parse([Row(sheet, k, line) for k, line in enumerate(lines, start=1)], known)


# --- Text ---------------------------------------------------------------------------------------


def test_radicals_wide_and_traditional_signs() -> None:
    assert tidy("⻄安⻓城⻋⻔") == "西安长城车门"
    assert tidy("⼤⾦") == "大金"  # Kangxi radicals
    assert normal_name("鞍山（集團）發展有限公司") == normal_name("鞍山(集团)发展有限公司")
    assert simplified("乾照昇辉堃") == "乾照昇辉堃"  # standard signs of names are kept
    assert tidy("ａ\u200bＢ\ufeff") == "aB"


# --- Rows ---------------------------------------------------------------------------------------


def test_every_row_is_an_entry_or_left_out_for_a_reason() -> None:
    found = listing(
        ["第五批专精特新“小巨人”企业名单公示", ""],
        ["序号", "企业名称"],
        ["一、辽宁省（2家）", ""],
        ["1", "鞍山合成甲有限公司"],
        ["序号", "企业名称"],
        ["2", "沈阳合成乙有限公司"],
        ["大连市", ""],
        ["3", "大连合成丙有限公司"],
        ["4", ""],
        ["", "联系电话"],
        ["合计", "3"],
        ["注：以上企业均为虚构。", ""],
    )
    assert found.columns["name_printed"] == [
        "鞍山合成甲有限公司",
        "沈阳合成乙有限公司",
        "大连合成丙有限公司",
    ]
    assert found.columns["province_text"] == ["辽宁省", "辽宁省", "大连市"]
    assert found.columns["batch"] == [5, 5, 5]
    assert found.reasons == {
        "title": 1, "header": 1, "province_heading": 2, "repeated_header": 1, "name_missing": 1,
        "unrecognised": 1, "total": 1, "note": 1,
    }  # fmt: skip
    assert found.rows_read == len(found) + sum(found.reasons.values())
    assert found.headings == [("辽宁省", 2, 2), ("大连市", None, 1)]
    assert found.totals == [3]


def test_tables_side_by_side_and_gaps() -> None:
    found = listing(
        ["序号", "企业名称", "序号", "企业名称"],
        ["1", "合成甲有限公司", "3", "合成丙有限公司"],
        ["2", "合成乙有限公司", "5", "合成戊有限公司"],
    )
    assert len(found) == 4
    assert serial_gaps(found.columns["serial"]).missing == ((4, 4),)


def test_a_name_cut_by_a_page_break_is_put_together() -> None:
    found = listing(
        ["序号", "企业名称"], ["1", "鞍山合成精密机械股"], ["序号", "企业名称"], ["", "份有限公司"],
        ["2", "合成乙有限公司"], sheet="page 1",
    )  # fmt: skip
    assert found.columns["name_printed"] == ["鞍山合成精密机械股份有限公司", "合成乙有限公司"]
    assert found.joined == 1


def test_a_list_without_heads() -> None:
    found = listing(["1", "辽宁省", "合成甲有限公司"], ["2", "江苏省", "合成乙有限公司"])
    assert found.columns["province_text"] == ["辽宁省", "江苏省"]
    assert found.columns["serial"] == [1, 2]


def test_an_unknown_heading_ends_the_place_above_it() -> None:
    found = listing(
        ["一、辽宁省"],
        ["序号", "企业名称"],
        ["1", "合成甲有限公司"],
        ["二、某某地区"],
        ["2", "合成乙有限公司"],
    )
    assert found.columns["province_text"] == ["辽宁省", ""]
    assert found.reasons["unrecognised"] == 1


REVIEWED = "第四批专精特新“小巨人”企业和通过复核的第一批专精特新“小巨人”企业名单"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("附件1：第四批专精特新“小巨人”企业名单", "附件2：通过复核的第一批专精特新“小巨人”企业名单"),
        ("一、新认定企业", "二、复核通过企业名单"),
        ("", "通过复核的第一批“小巨人”企业"),
    ],
)  # fmt: skip
def test_reviewed_firms_are_no_part_of_the_new_batch(first: str, second: str) -> None:
    head = ["序号", "企业名称"]
    lines = [
        [REVIEWED],
        [first],
        head,
        ["1", "合成甲有限公司"],
        [second],
        head,
        ["1", "合成乙有限公司"],
    ]
    found = listing(*lines)
    assert found.columns["name_printed"] == ["合成甲有限公司"]
    assert found.columns["batch"] == [4]
    assert found.reasons["review"] == 1 and not found.undivided
    assert found.rows_read == len(found) + sum(found.reasons.values())


def test_a_new_batch_after_the_reviewed_one() -> None:
    found = listing(
        ["通过复核的第一批企业名单"], ["序号", "企业名称"], ["1", "合成甲有限公司"],
        ["第四批企业名单"], ["1", "合成乙有限公司"],
    )  # fmt: skip
    assert found.columns["name_printed"] == ["合成乙有限公司"] and found.columns["batch"] == [4]
    mixed = listing([REVIEWED], ["序号", "企业名称"], ["1", "合成甲有限公司"])
    assert mixed.undivided == tidy(REVIEWED)


def test_a_numbered_firm_is_no_total() -> None:
    found = listing(["序号", "企业名称"], ["1", "小计量仪器有限公司"], ["合计", "1"])
    assert found.columns["name_printed"] == ["小计量仪器有限公司"]
    assert found.totals == [1]


def test_a_list_of_names_alone() -> None:
    long = "鞍山合成" + "甲" * 30 + "有限公司"
    found = listing(["第五批名单"], ["企业名称"], ["鞍山合成乙有限公司"], [long])
    assert found.columns["name_printed"] == ["鞍山合成乙有限公司", long]


def test_rows_beside_a_merged_number_and_name_are_one_firm() -> None:
    head = ["序号", "企业名称", "主导产品"]
    found = listing(
        head, ["1", "合成甲有限公司", "泵"], ["1", "合成甲有限公司", "阀"], ["2", "合成甲有限公司", "阀"],
        sheet="名单",
    )  # fmt: skip
    assert found.columns["serial"] == [1, 2]
    assert found.reasons == {"header": 1, "continued": 1}


def test_a_formula_is_no_name() -> None:
    found = listing(["序号", "企业名称"], ["1", "=HYPERLINK(公司)"], ["2", "合成乙有限公司"])
    assert found.columns["name_printed"] == ["合成乙有限公司"]
    assert found.reasons["formula"] == 1


_NAMES = st.text(alphabet="合成甲乙丙丁戊己庚辛", min_size=2, max_size=8).map(
    lambda s: f"{s}有限公司"
)


@settings(max_examples=60)
@given(
    names=st.lists(_NAMES, min_size=1, max_size=40),
    notes=st.integers(0, 3),
    repeat=st.integers(2, 12),
)
def test_no_name_is_lost_or_invented(names: list[str], notes: int, repeat: int) -> None:
    lines = [["第三批名单"], ["序号", "企业名称"]]
    for serial, name in enumerate(names, start=1):
        lines.append([str(serial), name])
        if serial % repeat == 0:
            lines.append(["序号", "企业名称"])
    lines += [["注：合成数据。"]] * notes
    found = listing(*lines)
    assert found.columns["name_printed"] == names
    assert found.rows_read == len(lines) == len(names) + sum(found.reasons.values())


# --- Places and industries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("province", "name", "city"),
    [
        ("辽宁省", "鞍山合成有限公司", "210300"),
        ("辽宁省", "海城市合成有限公司", "210300"),
        ("辽宁省", "合成科技（鞍山）有限公司", "210300"),
        ("辽宁省", "大连合成（鞍山）有限公司", ""),  # two cities: neither
        ("辽宁省", "苏州合成有限公司", ""),  # not of the province that the list says
        ("辽宁省", "辽宁朝阳合成有限公司", "211300"),
        ("", "朝阳合成有限公司", ""),  # also a district of Beijing
        ("", "鞍山合成有限公司", "210300"),
        ("吉林省", "吉林合成有限公司", ""),  # the province or the city
        ("吉林省", "吉林市合成有限公司", "220200"),
        ("大连市", "合成有限公司", "210200"),
        ("", "海南州合成有限公司", "632500"),
        ("海南省", "海南州际合成有限公司", ""),
        ("海南省", "海口合成有限公司", "460100"),
        ("辽宁省", "鞍山路合成有限公司", ""),  # a street of many cities
        ("辽宁省", "鞍山路桥合成有限公司", "210300"),
        ("北京市", "北京市朝阳区合成有限公司", ""),
        ("某某省", "鞍山合成有限公司", ""),  # an unknown place in the list is not overruled
    ],
)  # fmt: skip
def test_city_from_list_and_name(gazetteer: Gazetteer, province: str, name: str, city: str) -> None:
    assert gazetteer.find(province, "", "", "", "", name).city_id == city


def test_short_forms_of_autonomous_prefectures(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("云南省", "大理州", "", "", "", "合成有限公司").city_id == "532900"
    found = gazetteer.find("", "", "", "", "海南州共和县某路1号", "合成有限公司")
    assert (found.province_id, found.city_id, found.county) == ("630000", "632500", "共和县")


def test_city_from_credit_code_and_address(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("辽宁省", "", "", "91210381MA0000000X", "", "合成有限公司")
    assert (found.city_id, found.county, found.city_rule) == ("210300", "海城市", "registry")
    found = gazetteer.find("", "", "", "", "辽宁省鞍山市铁西区某路1号", "合成有限公司")
    assert (found.city_id, found.county, found.rule) == ("210300", "铁西区", "address")
    # A firm registered in another province than the list says stays where the list says.
    found = gazetteer.find("江苏省", "", "", "91210381MA0000000X", "", "合成有限公司")
    assert (found.province_id, found.city_id) == ("320000", "")


def test_industry_rules() -> None:
    known = Industries(tables.load("industry_classes"), tables.load("industry_words"))
    assert known.find("34", "", "").section == "C"
    assert known.find("I34", "", "").rule == "unresolved"  # letter and digits disagree
    for name, code in (("汽车制造业", "36"), ("医药制造", "27")):  # as the standard names it
        found = known.find("", name, "")
        assert (found.code, found.rule, found.confidence) == (code, "list", "high")
    assert known.find("", "耐火材料生产", "").confidence == "medium"
    # The last word counts: equipment for medicine is no medicine.
    assert known.find("", "", "合成制药机床有限公司").code == "34"
    assert known.find("", "", "合成有限公司").confidence == "none"


# --- Similar names ------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.lists(st.text(alphabet="甲乙丙丁", min_size=6, max_size=34), min_size=2, max_size=25, unique=True),
       st.integers(0, 2**32))  # fmt: skip
def test_similar_pairs_are_all_found(names: list[str], seed: int) -> None:
    from rapidfuzz import fuzz

    draw = random.Random(seed)
    for name in names[:6]:
        k = draw.randrange(len(name))
        names += [
            name[:k] + name[k + 1 :],
            name[:k] + "戊" + name[k + 1 :],
            name[:k] + "戊己" + name[k:],
        ]
    names = list(dict.fromkeys(names))
    wanted = {
        (i, j) for i, a in enumerate(names) for j, b in enumerate(names)
        if i < j and fuzz.ratio(a, b) >= THRESHOLD
    }  # fmt: skip
    pairs, left = similar_names(names)
    assert set(zip(pairs["first"], pairs["second"], strict=True)) == wanted
    assert left == 0


def test_texts_far_longer_than_names_are_compared_in_no_time():
    texts = ["甲乙" * 3000, "甲乙" * 3000 + "丙", "丁" * 101, "丁" * 100]
    pairs, left = similar_names(texts)
    assert set(zip(pairs["first"], pairs["second"], strict=True)) == {(0, 1), (2, 3)}
    assert left == 0


def test_the_name_of_a_sheet_speaks_of_that_sheet_alone(gazetteer: Gazetteer) -> None:
    rows = [
        Row(sheet, k, cells)
        for sheet, name in (("复核通过", "合成甲有限公司"), ("新认定", "合成乙有限公司"))
        for k, cells in enumerate((["序号", "企业名称"], ["1", name]), start=1)
    ]
    found = parse(rows, gazetteer.headings)
    assert found.columns["name_printed"] == ["合成乙有限公司"]
    assert found.reasons["review"] == 1


def _pages(gazetteer: Gazetteer, *pages: list[list[str]]) -> Listing:
    rows = [
        Row(f"page {number}", k, cells)
        for number, page in enumerate(pages, start=1)
        for k, cells in enumerate(page, start=1)
    ]
    return parse(rows, gazetteer.headings)


def test_a_running_head_does_not_end_the_reviewed_part(gazetteer: Gazetteer) -> None:
    title, head = ["第五批专精特新“小巨人”企业名单"], ["序号", "企业名称"]
    found = _pages(
        gazetteer,
        [title, head, ["1", "合成甲有限公司"], ["第二批复核通过企业名单"], ["1", "合成乙有限公司"]],
        [title, head, ["2", "合成丙有限公司"]],
    )
    assert found.columns["name_printed"] == ["合成甲有限公司"]
    assert (found.reasons["review"], found.reasons["repeated_title"]) == (2, 1)


def test_a_part_of_new_firms_ends_the_reviewed_one_at_the_top_of_a_page(
    gazetteer: Gazetteer,
) -> None:
    new, reviewed, head = ["新认定企业"], ["复核通过企业"], ["序号", "企业名称"]
    found = _pages(
        gazetteer,
        [["辽宁省"], new, head, ["1", "合成甲有限公司"], reviewed, ["1", "合成乙有限公司"]],
        [new, head, ["1", "合成丙有限公司"], reviewed, ["1", "合成丁有限公司"]],
    )
    assert found.columns["name_printed"] == ["合成甲有限公司", "合成丙有限公司"]


# --- Files --------------------------------------------------------------------------------------


def _xlsx(path: Path, rows: list[list[object]], merge: str = "") -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    book.save(path)
    return path


ROWS = [
    ["序号", "省份", "企业名称"],
    [1, "辽宁省", "鞍山合成甲有限公司"],
    [2, "", "沈阳合成乙有限公司"],
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_encodings_of_text(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("序号,企业名称\n1,合成甲有限公司\n", encoding=encoding)
    with rows_of(path) as rows:
        assert [row.cells for row in rows][1] == ["1", "合成甲有限公司"]


def test_a_small_part_may_pack_well(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/blank.xml", bytes(900_000))
    assert check_archive(path, Limits()) == ["xl/blank.xml"]
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", bytes(1_100_000))
    with pytest.raises(ListError, match="unpacks to more than 300 times"):
        check_archive(path, Limits())


def test_a_merged_province_holds_for_all_its_rows(tmp_path: Path) -> None:
    path = _xlsx(tmp_path / "list.xlsx", ROWS, merge="B2:B3")
    with rows_of(path) as rows:
        assert [row.cells[1] for row in rows] == ["省份", "辽宁省", "辽宁省"]


# An XLS workbook (BIFF 8) with ROWS below a title, the province merged over both firms; gzip, base64.
OLD_WORKBOOK = (
    "H4sIAAAAAAACA+1YTUhUURT+7nszOjM4OmOjoIEMQlY2m3LTRqcfzAqatJl+LKkcHSIcRhsKsaA0E9qIQWAUbQQ3"
    "baw2/dAPtWsRGLUIisApWrUpKHKhvs458x7+5MKBkoz3Pe655557v3vPfff3vVfj/omRu+UZLEAddMwYbuTNsSkK"
    "bivhA+UbBqtW7KJg2FhRcLtoIPOceOR9mc9jyOOdgYY7juckgY8UWtCFSGcqEVxGbBMfWhX7UEtS4SZZClEmXhWL"
    "bBO5SuRtKflY5BaxDIqspbIT6jDGw5HqzeYsPqRVSl4huN77wnknlo0owQuexReuqGxZJ7amT7Ym/82MCkcBRkHj"
    "1pBIJdKtyQkEaABH8cMIAt+tlfosaNuX165A9sn59vxF7Fc1B9AL47hM8AEUoMrBOZryxvZHp9DPYyuhFCqKZkQQ"
    "w07Uk9yF7VSZK+aLdyVSbUGEzr0/0BNnWrJpd4yqGzr6M0qR6p6OOCjaWx7xxr72uKEGr51qYd6mM+4TjcPJpsko"
    "GS8na4bZ2ByxjDrUk6G+I6rbw7u+7BK+ebuEV1ZPAcl2FInulzXko3Ng6ta313vijeFjYumVkyF7fqzhLsNAHzOI"
    "XCg50ms6cYBqYWwQeVFqXS16ucgAzXyKqxpLTGVHv5S5JLlV1E6N4E147Rx9HekDX5oeVAx8Cq8nfawhczYw9jY8"
    "gko6z9qJz08/QiqkblxnPAxbsTL3mg8iy37bd1yaz+ybYR6SRZiGR1S/SC6hpHfzSygpwTKbst5fNqVRSjfZ2gL2"
    "ec0jNr+MA5fPvv3ZFLMdJltfhK0Lm718Su9DF7YSri5cJ+V8Nv3Qxbc6rRj3uFHaXWfhgQ0bNmzYsGHDho2VBb5/"
    "aubdm2+MTvN2n2/+15mmMGP/JvlvsQ+d9Jymb8l6pChOoyen+VMKp7LqUkvkWP8LGQep9TQ6EBc/OnKev/R1pub2"
    "Z8lE359bQrm2P5OLn3+5/V/S57NsABYAAA=="
)


def test_old_workbooks(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(gzip.decompress(base64.b64decode(OLD_WORKBOOK)))
    with rows_of(path) as rows:
        assert [row.cells for row in rows][2:] == [
            ["1", "辽宁省", "鞍山合成甲有限公司"],
            ["2", "辽宁省", "沈阳合成乙有限公司"],
        ]


def test_docx_merged_cells(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("第四批名单公告")
    table = document.add_table(rows=3, cols=3)
    for row, texts in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = str(text)
    table.cell(1, 1).merge(table.cell(2, 1)).text = "辽宁省"
    document.save(str(tmp_path / "list.docx"))
    with rows_of(tmp_path / "list.docx") as rows:
        assert [row.cells for row in rows][1:] == [
            ["序号", "省份", "企业名称"], ["1", "辽宁省", "鞍山合成甲有限公司"], ["2", "辽宁省", "沈阳合成乙有限公司"],
        ]  # fmt: skip


def _pdf(path: Path, ruled: bool, **options: object) -> Path:
    import zhplot
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    font = next(Path(zhplot.__file__).parent.rglob("NotoSansSC-Regular.ttf"))
    pdfmetrics.registerFont(TTFont("Noto", str(font)))
    canvas = Canvas(str(path), invariant=1, **options)
    canvas.setFont("Noto", 9)
    canvas.drawString(60, 760, f"{LABEL}第五批名单公示")
    edges = [60, 110, 200, 500]
    lines = [
        ("序号", "省份", "企业名称"),
        ("1", "辽宁省", "鞍山合成甲有限公司"),
        ("2", "", "沈阳合成⻓城"),
        ("", "", "有限公司"),
    ]
    for k, line in enumerate(lines):
        for x, text in zip(edges, line, strict=False):
            canvas.drawString(x + 4, 735 - 18 * k, text)
    if ruled:  # the province is one cell for both firms, whose second name has two lines
        canvas.setLineWidth(0.5)
        for x in edges:
            canvas.line(x, 748, x, 676)
        for y in (748, 730, 676):
            canvas.line(60, y, 500, y)
        canvas.line(60, 712, 110, 712)
        canvas.line(200, 712, 500, 712)
    canvas.showPage()
    canvas.save()
    return path


@pytest.mark.parametrize("ruled", [True, False])
def test_pdf_with_and_without_rules(tmp_path: Path, ruled: bool) -> None:
    path = _pdf(tmp_path / "list.pdf", ruled)
    with rows_of(path) as rows:
        found = parse(rows, {"辽宁省": "210000"})
    assert [tidy(str(name)) for name in found.columns["name_printed"]] == [
        "鞍山合成甲有限公司",
        "沈阳合成长城有限公司",
    ]
    assert found.columns["province_text"] == ["辽宁省", "辽宁省"]
    assert found.columns["batch"] == [5, 5]


def test_a_heading_across_the_columns_of_a_pdf_is_one_text() -> None:
    from helpers.evidence.lists.pdf import Char, Rules, ruled_rows

    def put(text: str, x: float, y: float) -> list[Char]:
        return [Char(c, x + 9 * k, y, x + 9 * k + 9, y + 9) for k, c in enumerate(text)]

    level = tuple((y, 0.0, 300.0) for y in (0.0, 20.0, 40.0, 60.0))
    outer = ((0.0, 0.0, 60.0), (300.0, 0.0, 60.0))
    chars = [
        *put("一、辽宁省", 20, 45),
        *put("1", 5, 25),
        *put("鞍山合成甲", 60, 25),
        *put("续", 5, 5),
    ]
    want = [["一、辽宁省", ""], ["1", "鞍山合成甲"], ["续", ""]]
    assert ruled_rows(chars, Rules((*outer, (40.0, 0.0, 40.0)), level)) == want
    # Columns ruled beside the last row alone: gaps part the cells of the others.
    rows = ruled_rows(chars, Rules((*outer, (40.0, 0.0, 20.0)), level))
    assert rows[1:] == want[1:]


def _encrypted_pdf(path: Path) -> Path:
    from reportlab.lib.pdfencrypt import StandardEncryption

    return _pdf(path, True, encrypt=StandardEncryption("geheim", ownerPassword="x", canPrint=0))


def _scan(path: Path) -> Path:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path))
    canvas.rect(100, 100, 300, 300, fill=1)
    canvas.showPage()
    canvas.save()
    return path


def _locked_xlsx(path: Path) -> Path:
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    return path


def _bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(40_000_000))
    return path


def _laughs(path: Path) -> Path:
    entities = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:body></w:document>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", text)
    return path


def _entities(path: Path) -> Path:
    """A sound workbook but for a document type, by which a name would vanish."""
    sound = _xlsx(path.with_name("sound.xlsx"), ROWS)
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "x">]><worksheet', 1)
            new.writestr(name, part)
    return path


def _far(path: Path) -> Path:
    """A cell so far off that room for all cells up to it would take more memory than there is."""
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "企业名称", "x"
    book.save(path)
    return path


def _locked_xls(path: Path) -> Path:
    content = bytearray(gzip.decompress(base64.b64decode(OLD_WORKBOOK)))
    content[532:534] = b"\x2f\x00"  # the record after the first one says that a password is needed
    path.write_bytes(content)
    return path


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (_scan, "scan.pdf", "no text"),
        (_encrypted_pdf, "locked.pdf", "password"),
        (_locked_xlsx, "locked.xlsx", "password"),
        (_bomb, "bomb.xlsx", "unpacks to more"),
        (_laughs, "laughs.docx", "<!DOCTYPE>"),
        (_entities, "laughs.xlsx", "<!DOCTYPE>"),
        (_far, "far.xlsx", "has 16,384 columns (cell XFD1048576 is in use)"),
        (_locked_xls, "locked.xls", "password"),
        (_folder, "folder.xlsx", "this is a folder"),
        (lambda p: _bytes(p, "企业名称\n甲\0公司".encode()), "nul.csv", "line 2: holds a zero byte"),
        (lambda p: _bytes(p, "企业名称\n甲公司\n".encode("gbk") + b"\xff"), "torn.csv", "nor GBK (line 3)"),
        (lambda p: _bytes(p, "企业名称\n甲公司\n".encode("gbk") + b"\xb9"), "cut.csv", "nor GBK (line 3)"),
        (lambda p: _text(p, "第四批企业和通过复核的第一批企业名单\n序号,企业名称\n1,合成甲有限公司\n"), "both.csv", "says which are which"),
        (lambda p: _text(p, ""), "empty.csv", "empty"),
        (lambda p: _text(p, "<html><table></table></html>"), "web.xls", "web page"),
        (lambda p: _text(p, "批次,企业名称\n3,合成甲有限公司\n4,合成乙有限公司\n"), "mixed.csv", "mixes batches 3, 4"),
        (lambda p: _text(p, "省份,企业名称\n江苏省,合成甲有限公司\n"), "other.csv", "another province"),
        (lambda p: _text(p, "企业名称\n吉林合成甲有限公司\n长春合成乙有限公司\n"), "other-names.csv", "another province"),
        (lambda p: _text(p, "第五批“专精特新”中小企业名单\n序号,企业名称\n1,合成甲有限公司\n"), "smes.csv", "专精特新中小企业"),
        (lambda p: _text(p, "第五批复核通过企业名单\n序号,企业名称\n1,合成甲有限公司\n"), "review.csv", "passed a review"),
        (lambda p: _text(p, "\n\n"), "blank.csv", "the file is empty"),
        (lambda p: _text(p, "a,b\n1,2\n"), "none.csv", "no firm was found"),
        (lambda p: _text(p, "%PDF-1.7 nothing"), "broken.pdf", "damaged"),
        (lambda p: _text(p, "PK\x03\x04"), "broken.xlsx", "damaged"),
        (lambda p: p, "absent.xlsx", "no such file"),
    ],
)  # fmt: skip
def test_each_fault_has_its_own_message(tmp_path: Path, make, name: str, says: str, capsys) -> None:
    path = make(tmp_path / name)
    code = main(["import", str(path), "--into", str(tmp_path / "study"), "--basis", "certified", "--province", "辽宁",
                 *(["--batch", "5"] if "mixed" not in name else [])])  # fmt: skip
    assert code == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_too_wide_too_long_too_slow(tmp_path: Path) -> None:
    wide = _xlsx(tmp_path / "wide.xlsx", [["企业名称"] * 60])
    with pytest.raises(ListError, match="columns"), rows_of(wide, Limits(columns=50)) as rows:
        list(rows)
    with (
        pytest.raises(ListError, match="rows"),
        rows_of(_xlsx(tmp_path / "long.xlsx", ROWS), Limits(rows=2)) as rows,
    ):
        list(rows)
    with (
        pytest.raises(ListError, match="takes more than"),
        rows_of(wide, Limits(seconds=0.001)) as rows,
    ):
        list(rows)


# --- A study's folder ---------------------------------------------------------------------------


def _list(path: Path, batch: int, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"{LABEL}：第{batch}批名单公告", "", ""])
        writer.writerow(["序号", "省份", "企业名称"])
        writer.writerows((k, *row) for k, row in enumerate(rows, start=1))
    return path


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _import(tmp_path: Path, *files: Path, **options: object) -> list[dict]:
    said: list[str] = []
    return run_import(Options(files, tmp_path / "study", **options), said.append)  # type: ignore[arg-type]


def _study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "parameters.yml").write_text("province: 辽宁\ncity: 鞍山\n", encoding="utf-8")
    return folder


LIST = [
    ("辽宁省", "鞍山合成甲有限公司"), ("辽宁省", "沈阳合成乙有限公司"), ("辽宁省", "辽宁合成丙有限公司"),
    ("大连市", "大连合成丁有限公司"), ("江苏省", "苏州合成戊有限公司"),
]  # fmt: skip


def test_counts_wait_for_a_complete_list(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    path = _list(tmp_path / "b4.csv", 4, LIST)
    report = _import(tmp_path, path)[0]
    assert report["extent"][0]["scope"] == "none"
    assert _read(folder / "data" / "province_counts.csv") == []
    report = _import(tmp_path, path, expected=5)[0]
    assert report["extent"][0]["scope"] == "provinces"
    counts = {row["place_id"]: row for row in _read(folder / "data" / "province_counts.csv")}
    # The number is no national total, so that nothing is known of the other provinces.
    found = {place: int(row["firms_count"]) for place, row in counts.items()}
    assert found == {"210000": 4, "210200": 1, "320000": 1}
    assert counts["210000"]["includes_plan_city"] == "yes"
    # One firm of the province has no city: the cities are not counted.
    assert _read(folder / "data" / "city_counts.csv") == []
    frames = tables.load_all(folder / "data")
    assert len(frames["firm_list"]) == 5
    assert frames["sources"].set_index("source_id").loc["LIST-b4", "title"].startswith("SYNTHETIC")


def test_a_national_list_says_which_provinces_have_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _study(tmp_path)
    monkeypatch.setattr("helpers.run.list_import._expected", lambda: {(4, "announced"): [5, 6]})
    path = _list(tmp_path / "b4.csv", 4, LIST)
    assert _import(tmp_path, path, basis="announced")[0]["extent"][0]["scope"] == "national"
    rows = _read(folder / "data" / "province_counts.csv")
    found = {row["place_id"]: int(row["firms_count"]) for row in rows}
    assert (found["210000"], found["320000"], found["110000"]) == (4, 1, 0)
    assert len(found) > 31


def test_parameters_that_repeat_themselves_are_refused(tmp_path: Path) -> None:
    text = "a: &a [x, x]\nb: &b [*a, *a]\nprovince: *b\n"
    (_study(tmp_path) / "parameters.yml").write_text(text, encoding="utf-8")
    path = _list(tmp_path / "b5.csv", 5, LIST)
    with pytest.raises(InputError, match="without references"):
        _import(tmp_path, path)


@pytest.mark.parametrize(
    ("names", "expected", "scope"),
    [
        (
            ["锦州合成甲有限公司", "锦州合成乙有限公司"],
            None,
            "city",
        ),  # a city's list is no province's
        (["锦州合成甲有限公司", "辽宁合成乙有限公司"], 2, "city"),
        (
            ["锦州合成甲有限公司", "鞍山合成乙有限公司"],
            3,
            "none",
        ),  # one of those announced is missing
        (["锦州合成甲有限公司", "鞍山合成乙有限公司"], 2, "province"),
        (["锦州合成甲有限公司", "鞍山合成乙有限公司"], None, "province"),
    ],
)
def test_a_list_of_one_province_says_nothing_of_others(
    tmp_path: Path, names: list[str], expected: int | None, scope: str
) -> None:
    folder = _study(tmp_path)
    path = _list(tmp_path / "b5.csv", 5, [("辽宁省", name) for name in names])
    report = _import(tmp_path, path, expected=expected)[0]
    assert report["extent"][0]["scope"] == scope
    counts = _read(folder / "data" / "province_counts.csv")
    assert [(row["place_id"], row["firms_count"]) for row in counts] == (
        [("210000", "2")] if scope == "province" else []
    )
    assert bool(_read(folder / "data" / "city_counts.csv")) == (scope == "province")


def test_a_list_of_another_province_than_the_study(tmp_path: Path) -> None:
    _study(tmp_path)
    other = _list(
        tmp_path / "js.csv", 5, [("江苏省", "苏州合成甲有限公司"), ("江苏省", "南京合成乙有限公司")]
    )
    with pytest.raises(
        ListError, match="another province than the study: 2 of 2 entries are in 江苏省"
    ):
        _import(tmp_path, other)
    assert not (tmp_path / "study" / "data").exists()
    assert _import(tmp_path, other, province="江苏省")[0]["extent"][0]["scope"] == "province"


@pytest.mark.parametrize(
    ("title", "file", "options", "scope"),
    [
        ("第5批名单公告", "list.csv", {}, "unsaid"),
        ("第5批名单公告", "list.csv", {"expected": 3}, "none"),
        ("第5批名单公告", "list.csv", {"expected": 2}, "province"),
        ("第5批名单公告", "list.csv", {"province": "辽宁"}, "province"),
        ("第5批名单公告", "list.csv", {"source": "辽宁省工业和信息化厅"}, "province"),
        ("辽宁省第5批名单公告", "list.csv", {}, "province"),
        ("第5批名单公告", "辽宁.csv", {}, "province"),
        ("吉林省第5批名单公告", "list.csv", {}, "unsaid"),
    ],
)
def test_firms_of_one_province_are_its_list_only_if_that_is_said(
    tmp_path: Path, title: str, file: str, options: dict[str, object], scope: str
) -> None:
    """An excerpt of the national list must not become the count of a province."""
    folder = _study(tmp_path)
    lines = f"{LABEL}：{title},\n序号,企业名称\n1,鞍山合成甲有限公司\n2,锦州合成乙有限公司\n"
    assert (
        _import(tmp_path, _text(tmp_path / file, lines), **options)[0]["extent"][0]["scope"]
        == scope
    )
    counts = _read(folder / "data" / "province_counts.csv")
    assert [(row["place_id"], row["firms_count"]) for row in counts] == (
        [("210000", "2")] if scope == "province" else []
    )


def test_each_provincial_list_has_its_own_total(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    home = _list(
        tmp_path / "ln.csv", 5, [("辽宁省", "锦州合成甲有限公司"), ("辽宁省", "鞍山合成乙有限公司")]
    )
    rows = [("江苏省", f"{city}合成{n}有限公司") for n, city in enumerate(("苏州", "南京", "无锡"))]
    other = _list(tmp_path / "js.csv", 5, rows)
    _import(tmp_path, home, expected=2)
    _import(tmp_path, other, expected=4, province="江苏")

    def counts() -> dict[str, str]:
        found = _read(folder / "data" / "province_counts.csv")
        return {row["place_id"]: row["firms_count"] for row in found}

    assert counts() == {"210000": "2"}  # of the other one a firm is missing
    _import(tmp_path, other, expected=3, province="江苏")
    assert counts() == {"210000": "2", "320000": "3"}
    # One number for both is what they hold together.
    code = main(["import", str(home), str(other), "--into", str(folder), "--expected", "ln.csv=2",
                 "--expected", "js.csv=4", "--province", "辽宁"])  # fmt: skip
    assert code == 2 and counts() == {"210000": "2", "320000": "3"}  # js.csv is not of Liaoning


@pytest.mark.parametrize(
    ("expected", "said"),
    [(["x"], "give a number"), (["0"], "give a number"), (["z.csv=3"], "no file of this import"),
     (["3", "4"], "a second number"), (["5"], "of several batches"),
     (["b4.csv=2", "b5.csv=3", "5"], "has a number of its own")],
)  # fmt: skip
def test_totals_that_cannot_be_meant(
    tmp_path: Path, expected: list[str], said: str, capsys
) -> None:
    _study(tmp_path)
    files = [_list(tmp_path / f"b{n}.csv", n, LIST) for n in (4, 5)]
    options = [part for text in expected for part in ("--expected", text)]
    assert main(["import", *map(str, files), "--into", str(tmp_path / "study"), *options]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "study" / "data").exists()


def test_a_total_of_several_batches_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(
        f"{LABEL}：“小巨人”企业名单（公告）\n序号,批次,企业名称\n1,第四批,鞍山合成甲有限公司\n2,第五批,沈阳合成乙有限公司\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="several batches, each of which has its own number"):
        _import(tmp_path, path, mixed=True, expected=2)
    assert not (tmp_path / "study" / "data").exists()


@pytest.mark.parametrize(
    ("place", "options", "scope"),
    [("大连市", {}, "plan_city"), ("", {"province": "大连"}, "plan_city"), ("", {"expected": 2}, "plan_city"),
     ("", {}, "city"), ("", {"expected": 3}, "none")],
)  # fmt: skip
def test_a_plan_citys_own_list_counts_for_the_city_alone(
    tmp_path: Path, place: str, options: dict[str, object], scope: str
) -> None:
    folder = _study(tmp_path)
    path = _list(
        tmp_path / "dl.csv", 5, [(place, "大连合成甲有限公司"), (place, "大连合成乙有限公司")]
    )
    assert _import(tmp_path, path, **options)[0]["extent"][0]["scope"] == scope
    want = [("210200", "2")] if scope == "plan_city" else []
    for name in ("province_counts", "city_counts"):
        rows = _read(folder / "data" / f"{name}.csv")
        assert [(row["place_id"], row["firms_count"]) for row in rows] == want
    tables.load_all(folder / "data")


def test_a_row_left_out_is_taken_in_by_hand(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    path = tmp_path / "b5.csv"
    path.write_text(f"{LABEL}：第5批名单公告,,\n序号,省份,企业名称\n1,辽宁省,鞍山合成甲有限公司\n"
                    ",辽宁省,鞍山合成乙中医馆\n2,辽宁省,锦州合成丙有限公司\n", encoding="utf-8")  # fmt: skip
    report = _import(tmp_path, path)[0]
    assert (report["entries"], report["dropped"]["unrecognised"], report["review"]["rows"]) == (
        2,
        1,
        1,
    )
    review = folder / "review" / "rows.csv"
    (row,) = _read(review)
    assert (row["row"], row["name"]) == ("line 4", "") and "中医馆" in row["text"]
    text = review.read_text(encoding="utf-8").rstrip("\n")
    review.write_text(f"{text}大连合成乙中医馆\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2, column name, value '大连合成乙中医馆'"):
        _import(tmp_path, path)
    review.write_text(f"{text}鞍山合成乙中医馆\n", encoding="utf-8")
    for _ in range(2):
        report = _import(tmp_path, path)[0]
        assert report["entries"] == 3 and "unrecognised" not in report["dropped"]
        assert report["review"]["rows"] == 0  # nothing is left to look at
    taken = _read(folder / "data" / "firm_list.csv")[1]
    assert (taken["name"], taken["city_id"], taken["row"]) == (
        "鞍山合成乙中医馆",
        "210300",
        "line 4",
    )
    # In a list that was corrected another text stands there: nothing is taken in.
    path.write_text(
        path.read_text(encoding="utf-8").replace("乙中医馆", "丁中医馆"), encoding="utf-8"
    )
    assert _import(tmp_path, path)[0]["dropped"]["unrecognised"] == 1
    (row,) = _read(review)
    assert "丁中医馆" in row["text"] and row["name"] == ""


def test_the_summary_is_in_the_studys_language(tmp_path: Path, capsys) -> None:
    folder = _study(tmp_path)
    with (folder / "parameters.yml").open("a", encoding="utf-8") as file:
        file.write("language: zh\n")
    call = ["import", str(_list(tmp_path / "b5.csv", 5, LIST)), "--into", str(folder)]
    assert main(call) == 0
    assert "有内容的行" in (told := capsys.readouterr().out) and "Rows with text" not in told
    assert main([*call, "--language", "en"]) == 0
    assert "Rows with text" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_break_inside_a_reviewed_cell_does_not_tear_its_row(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes('name,city\r\n"鞍山\n甲",\'锦州市 \r\n乙\u2028丙,\r\n'.encode(encoding))
    rows = read_review(path, ("name", "city"))
    assert rows == [{"name": "鞍山\n甲", "city": "锦州市"}, {"name": "乙\u2028丙", "city": ""}]


def test_corrections_by_hand_are_applied_and_kept(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    path = _list(tmp_path / "b4.csv", 4, [*LIST, LIST[0]])
    _import(tmp_path, path, expected=5)
    review = folder / "review"
    (row,) = _read(review / "places.csv")
    assert row["name"] == "辽宁合成丙有限公司"
    text = (review / "places.csv").read_text(encoding="utf-8")
    (review / "places.csv").write_text(
        text.replace("210000,,,,", "210000,,,锦州市,"), encoding="utf-8"
    )
    (pair,) = _read(review / "duplicates.csv")
    assert (pair["kind"], pair["entry_a"], pair["entry_b"]) == ("exact", "1", "6")
    text = (review / "duplicates.csv").read_text(encoding="utf-8").rstrip("\n")
    (review / "duplicates.csv").write_text(f"{text}same\n", encoding="utf-8")
    for _ in range(2):  # the second time from files written by the first
        report = _import(tmp_path, path, expected=5)[0]
        assert report["extent"][0]["scope"] == "provinces"
        cities = {
            r["place_id"]: int(r["firms_count"]) for r in _read(folder / "data" / "city_counts.csv")
        }
        assert (cities["210300"], cities["210700"], cities["210200"]) == (1, 1, 1)
        firms = _read(folder / "data" / "firm_list.csv")
        assert [row["counted"] for row in firms] == ["true"] * 5 + ["false"]
        assert firms[2]["city_rule"] == "manual"
    tables.load_all(folder / "data")


def test_a_decision_does_not_pass_to_another_firm(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    twice = [*LIST, LIST[0]]
    _import(tmp_path, _list(tmp_path / "b5.csv", 5, twice))
    review = folder / "review" / "duplicates.csv"
    lines = review.read_text(encoding="utf-8").splitlines()
    review.write_text("\n".join([lines[0], lines[1] + "same"]) + "\n", encoding="utf-8")
    counted = []
    for rows in (
        twice,
        [("江苏省", "苏州合成己有限公司"), *LIST],
    ):  # corrected: entry 6 is another firm
        _import(tmp_path, _list(tmp_path / "b5.csv", 5, rows))
        counted.append([row["counted"] for row in _read(folder / "data" / "firm_list.csv")])
    assert counted == [["true"] * 5 + ["false"], ["true"] * 6]


def test_a_wrong_correction_is_named(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    path = _list(tmp_path / "b4.csv", 4, LIST)
    _import(tmp_path, path)
    review = folder / "review" / "places.csv"
    review.write_text(
        review.read_text(encoding="utf-8").replace("210000,,,,", "210000,,,亚特兰蒂斯,"),
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="row 2, column city, value '亚特兰蒂斯'"):
        _import(tmp_path, path)


def test_import_again_replaces_only_the_same_list(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    data = folder / "data"
    data.mkdir()
    header = ",".join(tables.schemas()["province_counts"].columns)
    own = "210000,6,6,announced,31,yes,,N-S02,,mine"
    (data / "province_counts.csv").write_text(f"{header},source\n{own}\n", encoding="utf-8")
    first, second = _list(tmp_path / "b4.csv", 4, LIST), _list(tmp_path / "b5.csv", 5, LIST[:2])
    _import(tmp_path, first, expected=5)
    _import(tmp_path, second)
    _import(tmp_path, first, expected=5)
    firms = _read(data / "firm_list.csv")
    assert sorted({row["list_id"] for row in firms}) == ["b4", "b5"] and len(firms) == 7
    counts = _read(data / "province_counts.csv")
    assert counts[0]["source"] == "mine"
    assert len({(r["place_id"], r["batch_from"]) for r in counts}) == len(counts)
    # All of batch 5 is of Liaoning: the list of that province, which may leave out its plan city.
    (five,) = [row for row in counts if row["batch_from"] == "5"]
    assert (five["place_id"], five["firms_count"], five["includes_plan_city"]) == (
        "210000",
        "2",
        "unclear",
    )


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    name = "<img src=x onerror=alert(1)>|`rm -rf`../..有限公司"
    _list(tmp_path / "b4.csv", 4, [("辽宁省", name), ("辽宁省", "=cmd有限公司")])
    report = _import(tmp_path, tmp_path / "b4.csv")[0]
    assert report["dropped"]["formula"] == 1
    text = (folder / "imports" / "b4.report.md").read_text(encoding="utf-8")
    assert "<img" not in text
    for path in folder.rglob("*.csv"):
        assert not any(cell.startswith("=") for row in _read(path) for cell in row.values() if cell)
    assert list_id_of(Path("../../etc/pass;wd $(x).csv")) == "pass-wd-x"
    assert {p.name for p in tmp_path.iterdir()} == {"study", "b4.csv"}
    json.loads((folder / "imports" / "b4.report.json").read_text(encoding="utf-8"))


def test_the_reader_process_is_light() -> None:
    code = "import helpers.evidence.lists.child, sys; print('pandas' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        == "False\n"
    )


# --- Malformed input ----------------------------------------------------------------------------


def test_a_sample_of_malformed_lists() -> None:
    from soak import soak

    found = soak(30, 5, say=lambda _: None)
    assert found["read"] > 2 and found["refused"] > 5
