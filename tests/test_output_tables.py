"""Result tables as CSV and as HTML."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from helpers.publish.figures import Record
from helpers.publish.tables import save, sortable, write_csv

RECORD = Record("tab", "Title", unit="firms", source="Bureau")


def body(html: str) -> list[list[str]]:
    """Texts of the body's cells by row."""
    inner = html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", inner)]


def test_csv_is_the_same_every_time(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "市": ["鞍山", "a,b", 'q"'],
            "n": pd.array([1, None, 3], dtype="Int64"),
            "share": [1 / 3, float("nan"), 1e-12],
            "flag": [True, False, True],
        }
    )
    write_csv(frame, tmp_path / "deep" / "x.csv")
    write_csv(frame.copy(), tmp_path / "y.csv")
    first = (tmp_path / "deep" / "x.csv").read_bytes()
    assert first == (tmp_path / "y.csv").read_bytes()
    assert first.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in first
    assert first.decode("utf-8-sig") == (
        '市,n,share,flag\n鞍山,1,0.3333333333,True\n"a,b",,,False\n"q""",3,1e-12,True\n'
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "y.csv"]


def test_csv_does_not_depend_on_the_last_bits_of_a_float(tmp_path: Path) -> None:
    for name, value in (("a", 0.1 + 0.2), ("b", 0.3)):
        write_csv(pd.DataFrame({"x": [value]}), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_missing_is_blank_in_the_file_and_a_dash_on_screen(tmp_path: Path, missing: object) -> None:
    frame = pd.DataFrame({"a": pd.Series([missing, "x"], dtype="object")})
    shown = save(frame, RECORD, tmp_path)
    assert (tmp_path / "tab.csv").read_text("utf-8-sig") == 'a\n""\nx\n'
    assert body(shown._repr_html_()) == [["—"], ["x"]]


def test_missing_of_every_dtype_is_a_dash(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "i": pd.array([None, 5], dtype="Int64"),
            "f": pd.array([None, 0.5], dtype="Float64"),
            "s": pd.array([None, "x"], dtype="str"),
            "b": pd.array([None, True], dtype="boolean"),
        }
    )
    shown = save(frame, RECORD, tmp_path)
    assert (tmp_path / "tab.csv").read_text("utf-8-sig") == "i,f,s,b\n,,,\n5,0.5,x,True\n"
    assert body(shown._repr_html_()) == [["—"] * 4, ["5", "0.50", "x", "yes"]]


def test_numbers_on_screen(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [12790, 0], "x": [1234.567, 0.0], "b": [True, False]})
    html = save(frame, RECORD, tmp_path)._repr_html_()
    assert body(html) == [["12,790", "1,234.57", "yes"], ["0", "0.00", "no"]]
    assert html.count('<td class="number">') == 4


def test_truth_is_told_in_the_language_of_the_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"b": [True, False]})
    shown = save(frame, RECORD, tmp_path, "zh", rows=2)
    assert body(shown._repr_html_()) == [["是"], ["否"]]
    page = sortable(shown)._repr_html_()
    assert "是" in page and "否" in page and '"yes"' not in page
    short = save(frame, RECORD, tmp_path, "zh", rows=1)._repr_html_()
    assert "另有 1 行" in short and "more rows" not in short


def test_html_is_escaped(tmp_path: Path) -> None:
    bad = "<script>alert('x')</script>&"
    record = Record("tab", bad, note=bad, source=bad)
    html = save(pd.DataFrame({bad: [bad]}), record, tmp_path)._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5  # title, heading, cell, note, source
    assert html.count("&amp;") == 5


def test_long_tables_are_cut_on_screen_only(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": range(100)})
    shown = save(frame, RECORD, tmp_path, rows=7)
    html = shown._repr_html_()
    assert [cell for (cell,) in body(html)] == [str(n) for n in range(7)]
    assert "… 93 more rows in tab.csv" in html
    assert len((tmp_path / "tab.csv").read_text("utf-8-sig").splitlines()) == 101
    whole = save(frame, RECORD, tmp_path, rows=100)._repr_html_()
    assert len(body(whole)) == 100
    assert "more rows" not in whole
    assert len(body(save(frame, RECORD, tmp_path)._repr_html_())) == 40


def test_title_and_notes_surround_the_table(tmp_path: Path) -> None:
    record = Record("tab", "标题", unit="家", source="统计局", note="缺漏")
    shown = save(pd.DataFrame({"a": [1]}), record, tmp_path, "zh")
    html = shown._repr_html_()
    assert html.index("标题") < html.index("<tbody") < html.index("单位：家。")
    assert "注：缺漏。<br>资料来源：统计局。" in html
    assert "Table tab: 标题" in repr(shown)
    assert list(shown.frame.columns) == ["a"]


def test_an_empty_table_keeps_its_headings(tmp_path: Path) -> None:
    html = save(pd.DataFrame({"a": [], "b": []}), RECORD, tmp_path)._repr_html_()
    assert html.count("<th ") == 2
    assert body(html) == []
    assert (tmp_path / "tab.csv").read_text("utf-8-sig") == "a,b\n"


# -- sortable --------------------------------------------------------------------------------------


def sorted_page(tmp_path: Path, frame: pd.DataFrame, language: str = "en", **given: object) -> str:
    html = sortable(save(frame, RECORD, tmp_path, language), **given)._repr_html_()
    # The library, a long text without blanks, would hide what a test looks for.
    return re.sub(r"[A-Za-z0-9+/=]{2000,}", "LIBRARY", html)


LONG = pd.DataFrame({"claim": [f"C{n}" for n in range(40)], "verdict": ["yes", "no"] * 20})


def test_a_sortable_table_holds_every_row_and_loads_nothing(tmp_path: Path) -> None:
    page = sorted_page(tmp_path, LONG, filters=["verdict"])
    rows = json.loads(json.loads(re.search(r'"data_json": (".*")', page)[1]))
    assert rows == LONG.to_numpy().tolist()
    assert page.count("LIBRARY") == 2
    assert '"columnControl": [["searchList"]], "targets": [1]' in page
    # Links for a reader may stay; nothing is fetched.
    assert not re.search(r"""(src|import|url)\s*[=(]\s*['"]?(https?:)?//|<link|unpkg|cdn""", page)
    assert (tmp_path / "tab.csv").read_text(encoding="utf-8-sig").count("\n") == 41


def test_a_sortable_table_is_the_same_every_time(tmp_path: Path) -> None:
    assert sorted_page(tmp_path, LONG) == sorted_page(tmp_path, LONG.copy())
    assert 'id="table_tab"' in sorted_page(tmp_path, LONG)


def test_cells_and_headings_of_a_sortable_table_are_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    page = sorted_page(tmp_path, pd.DataFrame({f"{evil}head": [evil, "a & b"]}))
    assert evil not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "a &amp; b" in page


def test_numbers_of_a_sortable_table_are_sorted_as_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [9, 10], "x": [1.5, None], "b": [True, False]})
    page = sorted_page(tmp_path, frame)
    rows = json.loads(json.loads(re.search(r'"data_json": (".*")', page)[1]))
    assert [row[0] for row in rows] == [9, 10]
    assert [row[2] for row in rows] == ["yes", "no"] and rows[1][1] == "—"


def test_a_sortable_table_speaks_the_language_of_the_study(tmp_path: Path) -> None:
    assert "资料来源：Bureau" in sorted_page(tmp_path, LONG, "zh")
    assert json.dumps("检索：") in sorted_page(tmp_path, LONG, "zh")
    assert json.dumps("检索：") not in sorted_page(tmp_path, LONG)


def test_no_english_is_left_in_a_chinese_sortable_table(tmp_path: Path) -> None:
    page = sorted_page(tmp_path, LONG.head(3), "zh", filters=["verdict"])
    shown = json.loads(re.search(r'"language": ({.*}),\n', page)[1])
    bundle = (resources.files("itables") / "html" / "dt_bundle.js").read_text(encoding="utf-8")
    used = set(re.findall(r'i18n\("columnControl\.(list\.\w+|buttons\.searchClear)"', bundle))
    assert {f"list.{name}" for name in ("search", "all", "none", "empty")} <= used
    for path in used:
        part = shown["columnControl"]
        for name in path.split("."):
            part = part[name]
        assert re.search("[\u4e00-\u9fff]", part), path
    assert "正在生成表格" in page and "Loading ITables" not in page and "itables.org" not in page
    assert '"topStart": "search"' in page  # also of a short table


def test_a_filter_needs_a_column(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no column 'section'"):
        sorted_page(tmp_path, LONG, filters=["section"])


def test_an_empty_table_can_be_shown_sortable(tmp_path: Path) -> None:
    assert "claim" in sorted_page(tmp_path, LONG.head(0), filters=["verdict"])
