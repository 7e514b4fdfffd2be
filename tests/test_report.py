"""What the report makes of a finished study: blocks, harmless HTML, words, links, the command."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import report_study
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import InputError, ParameterError
from helpers.publish.report import content, markup, overview, search, words
from helpers.publish.report.outputs import read_caption, read_run
from helpers.run import cli
from helpers.run import report as command

# --- Harmless HTML ----------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>", "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>", "<p onmouseover=alert(1)>x</p>", "<iframe src=x></iframe>",
    "<style>*{background:url(http://x)}</style>", "<p style='background:url(http://x)'>x</p>",
    "<form action=x><input></form>", "<scr<script>ipt>alert(1)</script>", "<!--<script>x</script>-->",
    "<details ontoggle=alert(1) open>x</details>", "<math><mi xlink:href='javascript:x'>x</mi></math>",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_disarmed(attack: str) -> None:
    for html in (markup.clean(attack), markup.clean(f"<td>{attack}"), markup.of_markdown(attack)):
        tags = {tag.strip("</> ").split()[0].lower() for tag in _tags(html)}
        assert tags <= {"p", "a", "td", "details", "pre", "code"}, html
        for tag in _tags(html):
            assert " on" not in tag and "script:" not in tag and "url(" not in tag, html
            assert "data:" not in tag, html


def _tags(html: str) -> list[str]:
    import re

    return re.findall(r"<[^<>]*>", html)


@given(st.text(alphabet="<>/=\"' abconscriptimg&;#", max_size=60))
def test_cleaning_is_final_and_balanced(text: str) -> None:
    once = markup.clean(text)
    assert markup.clean(once) == once
    assert "<script" not in once.lower() and "<img" not in once.lower()


@given(st.text(max_size=40))
def test_text_of_a_cell_survives(text: str) -> None:
    shown = text.replace("\r", "")
    grid = markup.grid_of_frame(["head"], [[shown]])
    assert markup.plain(grid.rows[0][0]) == (shown or "—")


def test_a_grid_reads_what_pandas_writes() -> None:
    grid = markup.grid_of_html(markup.clean(report_study.FIRMS.to_html()))
    assert grid.head == ["Firm", "Revenue"]
    assert markup.plain(grid.rows[0][0]) == report_study.HOSTILE
    assert [row[1] for row in grid.rows] == ["1.50", "22.25", "3.00"]


def test_wide_columns_get_more_room() -> None:
    grid = markup.grid_of_frame(["a", "b"], [["1", "a long text of many words indeed"]] * 3)
    narrow, wide = grid.weights()
    assert wide > 2 * narrow
    chinese = markup.grid_of_frame(["a", "b"], [["一二三四五六七八", "abcdefgh"]])
    assert chinese.weights()[0] > chinese.weights()[1]


# --- Search -----------------------------------------------------------------------------------


@given(st.text(alphabet="鞍山市专精特新ab1 ，", min_size=1, max_size=12))
def test_a_passage_is_found_by_each_of_its_parts(text: str) -> None:
    """All pairs of a part are pairs of the whole, as a reader who copies a passage expects."""
    whole = set(search.tokens(f"前{text}后"))
    for part in text.replace("，", " ").split():
        if not any(char in "ab1" for char in part):
            assert set(search.tokens(part)) <= whole


def test_the_browser_cuts_as_the_index_does(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed: the browser tests search as well.")
    for text in ("鞍山市SRDI企业", "镕", "C2-16 海城，三鱼", "㐀䶵 x_y"):
        code = f"{search.SPLITTER};console.log(JSON.stringify(splitQuery({json.dumps(text)})))"
        told = subprocess.run([node, "-e", code], capture_output=True, text=True, check=True).stdout
        assert set(json.loads(told)) <= set(search.tokens(text)), text


# --- Reading a study --------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["en", "zh"])
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report_study.make(tmp_path_factory.mktemp("made") / request.param, request.param)


def pages(folder: Path) -> tuple[Any, list[content.Page]]:
    _, outputs = command.read_study(folder)
    reader = content.Reader(outputs, content.source_linker(outputs, "sources.html"))
    return outputs, [reader.page(path) for path in outputs.notebooks]


def test_blocks_of_a_notebook(study: Path) -> None:
    outputs, (page,) = pages(study)
    kinds = [type(block).__name__ for block in page.blocks]
    assert kinds == [
        "Prose", "Code", "Code", "Said", "Said", "Listing", "Figure", "Table", "Trouble", "Prose",
    ]  # fmt: skip
    assert page.title == outputs.t("1 · Made up", "1 · 合成")
    figure = next(one for one in page.blocks if isinstance(one, content.Figure))
    assert figure.caption.title == outputs.t("Made-up revenue", "合成营业收入")
    assert figure.caption.alt == outputs.t(report_study.RECORD.alt, report_study.RECORD_ZH.alt)
    assert figure.number == 1 and outputs.cited(figure.caption) == ["N-S01", "N-S26"]


def test_claims_and_sources_are_linked(study: Path) -> None:
    outputs, found = pages(study)
    places = overview.places(found)
    assert places.claims == {"C1-01": "01_made_up"}
    verdicts = overview.verdict_grid(outputs, places, found, web=True)
    assert 'href="01_made_up.html#claim-C1-01"' in verdicts.rows[0][0]
    assert verdicts.rows[1][0] == "C2-01"
    sources = overview.source_grid(outputs, places, found, web=True)
    assert {markup.plain(row[0]) for row in sources.rows} == {"N-S01", "N-S26"}
    assert "#figure-01_made_up" in sources.rows[0][5] and "#table-01_firms" in sources.rows[0][5]


def test_words_count_the_verdicts(study: Path) -> None:
    outputs, _ = pages(study)
    text = words.summary(outputs)
    assert text == outputs.t(
        "Of 3 claims 1 is reproduced, 1 is contradicted, 1 is untestable.",
        "3条论断中，可复现1条，不符1条，无法检验1条。",
    )
    assert len(words.tally(outputs)) == 3 and all(meaning for *_, meaning in words.tally(outputs))


def test_failures_are_told(study: Path) -> None:
    outputs, _ = pages(study)
    outputs.run["failures"].append({"notebook": "02", "cell": "cell [3]", "error": "<b>"})  # type: ignore[index]
    (told,) = words.failures(outputs)
    assert "02" in told and "cell [3]" in told


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"name": "a", "kind": "figure", "source_ids": [], "en": 3}', "\x00"]
)
def test_a_broken_caption_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "02_x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"02_x\.json: is not a caption file"):
        read_caption(path, "en")


def test_a_folder_without_a_study_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "liaoning_anshan").mkdir()
    (tmp_path / "liaoning_anshan" / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="Did you mean liaoning_anshan"):
        read_run(tmp_path / "liaoning_anshn")
    with pytest.raises(InputError, match="cannot be read"):
        read_run(tmp_path / "liaoning_anshan")


def test_the_language_is_that_of_the_run(tmp_path: Path) -> None:
    folder = report_study.make(tmp_path / "en")
    assert command.finished_study(str(folder), "en") == folder
    with pytest.raises(ParameterError, match="was run in 'en'"):
        command.finished_study(str(folder), "zh")
    with pytest.raises(ParameterError, match="--language fr"):
        command.finished_study(str(folder), "fr")


def test_missing_libraries_name_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"sphinx.*python bootstrap\.py report"):
        command.check_installed(["web"])


@pytest.mark.parametrize("formats", ["", "odt", "web,odt"])
def test_unknown_formats_are_refused(formats: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "--formats", formats]) == 2
    assert "give one or more of web, docx, pdf" in capsys.readouterr().err


def test_a_failed_build_leaves_the_earlier_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = report_study.make(tmp_path / "en")
    (folder / "report").mkdir()
    (folder / "report" / "index.html").write_text("earlier", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "check_installed", lambda _: None)
    monkeypatch.setattr(command, "_build", full)
    with pytest.raises(OSError, match="No space"):
        command.make_report(folder)
    assert (folder / "report" / "index.html").read_text(encoding="utf-8") == "earlier"
    assert list(folder.glob(".report-*")) == []
