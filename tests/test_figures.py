"""Saved figures: equal bytes, readable text, nothing on top of anything else."""

from __future__ import annotations

import base64
import errno
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import matplotlib.image
import pandas as pd
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpers.errors import OutputError
from helpers.publish import direct_labels, figures, legibility
from helpers.publish.figures import FORMATS, Record

RARE = "镕堃喆昇"
SCRIPT = """
import sys
from pathlib import Path
import pandas as pd
from helpers.publish import direct_labels, figures, legibility
from helpers.publish.figures import Record

with figures.styled():
    figure, ax = figures.new(5.0, 2.4)
    ax.bar(["鞍山", "大连", "Shenyang"], [1, 22, 3], hatch="//", label="企业数（家）")
    ax.plot([0, 1, 2], [3, 2, 1], "o", label="Share (%)")
    ax.legend()
    ax.set_xlabel("城市 City 镕堃")
record = Record("one", "“小巨人”企业 Little giants", unit="家", note="x" * 30, source="统计局 2023")
data = pd.DataFrame({"名称": ["鞍山"], "share": [1 / 3]})
figures.save(figure, record, Path(sys.argv[1]), "zh", data)
"""
LONG_ZH = "本图所列企业数量来自公开名单，尚有缺漏；" * 14
LONG_EN = "Counts of firms as PUBLISHED, with what is MISSING marked; " * 12
MIXED = "来源：工信部 MIIT 2023-06 [N-S01, B]；Liaoning Daily 辽宁日报，“小巨人”名单 " * 8


def make(
    folder: Path, record: Record, language: str = "en", width: float = 6.0, **grid: object
) -> tuple[object, object, figures.SavedFigure]:
    with figures.styled():
        figure, axes = figures.new(width, 2.6, **grid)
        for ax in [axes] if hasattr(axes, "plot") else axes.flat:
            ax.plot([0, 1], [0, 30], label="label")
            ax.set_xlabel("年份 Year")
            ax.set_ylabel("企业数（家）")
            ax.set_title("axes title 小标题")
        saved = figures.save(figure, record, folder, language)
    return figure, axes, saved


def odd_matplotlibrc() -> str:
    """A user's file that turns every switch and doubles every number, as far as it is accepted."""
    odd = {}
    for name, value in mpl.rcParamsDefault.items():
        if name.startswith(("backend", "webagg", "toolbar", "date.epoch", "timezone")):
            continue
        if isinstance(value, bool):
            odd[name] = str(not value)
        elif isinstance(value, int | float):
            odd[name] = str(2 * value + 1)
    odd |= {"axes.prop_cycle": "cycler('color', ['r', 'k'])", "font.sans-serif": "STIXGeneral"}
    odd |= {"xtick.direction": "in", "savefig.bbox": "tight", "lines.linestyle": "--"}
    lines = []
    for name, text in odd.items():
        try:
            mpl.RcParams({name: text})
        except (ValueError, TypeError, RuntimeError):
            continue
        lines.append(f"{name}: {text}\n")
    return "".join(lines)


def test_a_users_settings_change_no_figure(tmp_path: Path) -> None:
    """Whether they come from a matplotlibrc or were made in a notebook."""
    record = Record("one", "Title", unit="firms", source="x")
    make(tmp_path / "plain", record)
    file = tmp_path / "matplotlibrc"
    file.write_text(odd_matplotlibrc(), encoding="utf-8")
    assert len(file.read_text(encoding="utf-8").splitlines()) > 120
    with mpl.rc_context(fname=file):
        assert mpl.rcParams["text.usetex"] and mpl.rcParams["lines.linestyle"] == "--"
        make(tmp_path / "odd", record)
        assert mpl.rcParams["text.usetex"]
    assert content(tmp_path / "odd") == content(tmp_path / "plain")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_two_processes_write_equal_bytes(tmp_path: Path) -> None:
    runs = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        environment = {
            **os.environ, "PYTHONHASHSEED": str(number), "TZ": ("UTC", "Asia/Shanghai")[number - 1],
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }  # fmt: skip
        command = [sys.executable, "-W", "error", "-c", SCRIPT, str(folder)]
        runs.append((folder, subprocess.Popen(command, env=environment)))
    for _, process in runs:
        assert process.wait(timeout=60) == 0
    first, second = (content(folder) for folder, _ in runs)
    assert sorted(first) == ["one.csv", "one.pdf", "one.png", "one.svg"]
    assert first == second
    assert all(len(text) > 1000 for name, text in first.items() if name != "one.csv")
    assert first["one.csv"].decode("utf-8-sig") == "名称,share\n鞍山,0.3333333333\n"
    svg = first["one.svg"].decode()
    assert "<dc:date>" not in svg
    assert not re.search(r"20\d\d-\d\d-\d\dT", svg)
    assert "<text" not in svg  # drawn as paths: no font is needed to see it
    info = pypdf.PdfReader(io.BytesIO(first["one.pdf"])).metadata or {}
    assert info["/Title"] == "“小巨人”企业 Little giants"
    assert info["/Subject"].startswith("“小巨人”企业 Little giants。家")
    assert not {"/CreationDate", "/ModDate"} & set(info)
    assert b"tIME" not in first["one.png"]
    root = ElementTree.fromstring(first["one.svg"])
    named = {item.get("id"): item.text for item in root.iter() if item.get("id")}
    assert root.get("role") == "img" and root.get("lang") == "zh"
    title, description = root.get("aria-labelledby", "").split()
    assert named[title] == "“小巨人”企业 Little giants"
    assert named[description] == info["/Subject"]


def test_text_of_the_pdf_can_be_read_and_its_fonts_are_truetype(tmp_path: Path) -> None:
    record = Record(
        "text", f"标题 Title {RARE}", unit="家", note="注释一二三", source="Statistics bureau"
    )
    make(tmp_path, record, "zh")
    page = pypdf.PdfReader(tmp_path / "text.pdf").pages[0]
    text = page.extract_text()
    for part in ("标题", "Title", "企业数（家）", "年份", "注释一二三", "Statistics bureau"):
        assert part in text, part
    for char in RARE:
        assert char in text
    fonts = page["/Resources"]["/Font"]
    assert len(fonts) == 2  # the small face, and the full font for the rare characters
    for reference in fonts.values():
        font = reference.get_object()
        descendant = (
            font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        )
        assert font["/Subtype"] != "/Type3"
        assert descendant["/Subtype"] in ("/CIDFontType2", "/TrueType")
        assert "/FontFile2" in descendant["/FontDescriptor"].get_object()


@pytest.mark.parametrize("where", ["title", "axes", "footer"])
def test_a_character_in_no_font_is_an_error(tmp_path: Path, where: str) -> None:
    char = "가"
    record = Record("bad", f"t{char}" if where == "title" else "t", note=char * (where == "footer"))
    with figures.styled():
        figure, ax = figures.new(3.0, 2.0)
        if where == "axes":
            ax.set_xlabel(char)
    with pytest.raises(ValueError, match="figure bad: Glyph 44032"):
        figures.save(figure, record, tmp_path)


def test_other_warnings_are_passed_on(tmp_path: Path) -> None:
    with figures.styled():
        figure, ax = figures.new(3.0, 2.0)
        ax.text(0.5, 0.5, "x", fontfamily="no such family")

        class Noisy(type(ax)):
            def draw(self, renderer: object) -> None:
                import warnings

                warnings.warn("something else", UserWarning, stacklevel=1)
                super().draw(renderer)

        ax.__class__ = Noisy
    with pytest.raises(UserWarning, match="something else"):
        figures.save(figure, Record("noisy", "t"), tmp_path)


@pytest.mark.parametrize(
    ("title", "note", "language", "width", "grid"),
    [
        ("Short", "", "en", 6.0, {}),
        ("标题" * 60, LONG_ZH, "zh", 7.0, {}),
        ("WEIGHT of MANY WORDS " * 10, LONG_EN, "en", 4.0, {}),
        ("前三批MMMM“小巨人”企业数量ABCD与比重" * 6, MIXED, "zh", 5.0, {}),
        ("A title " * 12, LONG_EN + "\n" + LONG_ZH, "en", 7.4, {"nrows": 1, "ncols": 2}),
    ],
    ids=["short", "chinese", "capitals", "mixed", "panels"],
)
def test_title_axes_and_footer_keep_apart(
    tmp_path: Path, title: str, note: str, language: str, width: float, grid: dict[str, int]
) -> None:
    record = Record("apart", title, unit="firms", note=note, source=MIXED)
    figure, axes, _ = make(tmp_path, record, language, width, **grid)
    figure.set_dpi(figures.DPI)  # as saved: letters are set wider or narrower at other resolutions
    renderer = figure.canvas.get_renderer()
    head, foot = (artist.get_window_extent(renderer) for artist in figure.texts)
    for box in (head, foot):
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.height
    panels = [axes] if hasattr(axes, "plot") else list(axes.flat)
    for ax in panels:
        box = ax.get_tightbbox(renderer)
        assert box.y1 <= head.y0
        assert box.y0 >= foot.y1
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.width
        assert ax.get_window_extent(renderer).height > 0.5 * 2.6 * figure.dpi  # not squeezed
    shown = re.sub(r"\s", "", figure.texts[1].get_text())
    assert shown == re.sub(r"\s", "", record.footer(language))  # wrapped, nothing lost
    assert re.sub(r"\s", "", figure.texts[0].get_text()) == re.sub(r"\s", "", title)


def cells(line: str) -> int:
    return sum(2 if ord(char) >= 0x2E80 else 1 for char in line)


@pytest.mark.parametrize(
    "text", [LONG_ZH, LONG_EN, MIXED, "词" * 200, f"{LONG_EN}\n{LONG_ZH}"], ids=range(5)
)
@pytest.mark.parametrize("columns", [40, 83])
def test_wrapping(text: str, columns: int) -> None:
    wrapped = figures._wrapped(text, columns)
    assert re.sub(r"\s", "", wrapped) == re.sub(r"\s", "", text)
    lines = wrapped.split("\n")
    assert len(lines) > 1
    for line in lines:
        assert cells(line) <= columns
        assert line == line.strip()
        assert line[0] not in "，。；：、）》！？"
    # Lines are filled, and words stay whole.
    assert all(cells(line) > columns * 0.6 for line in lines[:-1] if LONG_EN[:20] not in text)
    words = set(re.findall(r"[A-Za-z]+", text))
    assert set(re.findall(r"[A-Za-z]+", wrapped)) == words


def test_wrapping_keeps_paragraphs() -> None:
    assert figures._wrapped("one\n\n二", 20) == "one\n\n二"
    assert figures._wrapped("", 20) == ""


FULL = Record(
    "n", "t", unit="firms", base="12,790 firms.", period="batches 1-5", basis="study",
    as_of="2023", source="Bureau", note="Partial.",
)  # fmt: skip


def test_footer_in_english() -> None:
    assert FULL.footer("en") == (
        "Unit: firms. Base: 12,790 firms. Period: batches 1-5. Basis: study. As of: 2023.\n"
        "Note: Partial.\nSource: Bureau."
    )


def test_footer_in_chinese() -> None:
    record = Record(
        "n", "t", unit="家", base="全国", as_of="2023年", source="统计局。", note="缺漏"
    )
    assert (
        record.footer("zh")
        == "单位：家。基数：全国。截至：2023年。\n注：缺漏。\n资料来源：统计局。"
    )
    full = FULL.footer("zh")
    for word in ("单位：", "基数：", "时期：", "口径：", "截至：", "注：", "资料来源："):
        assert word in full
    assert not re.search(r"Unit|Base|Period|Basis|As of|Note|Source", full)


def test_footer_leaves_out_what_is_empty() -> None:
    assert Record("n", "t").footer("en") == ""
    assert Record("n", "t", source="S").footer("en") == "Source: S."
    assert Record("n", "t", basis="study").footer("zh") == "口径：study。"
    with pytest.raises(KeyError):
        FULL.footer("de")


def test_saved_figure_shows_the_file(tmp_path: Path) -> None:
    _, _, saved = make(tmp_path / "new" / "folder", Record("shown", "A title"), width=6.0)
    assert saved.path == tmp_path / "new" / "folder" / "shown.png"
    assert sorted(content(saved.path.parent)) == sorted(f"shown.{item}" for item in FORMATS)
    data, metadata = saved._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == saved.path.read_bytes()
    assert metadata["image/png"] == {"width": 600, "alt": "A title."}
    assert repr(saved) == data["text/plain"] == "Figure shown: A title"


def test_saving_leaves_matplotlibs_settings_alone(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    make(tmp_path, Record("x", "y"))
    assert dict(mpl.rcParams) == before


def test_data_are_written_beside_the_figure(tmp_path: Path) -> None:
    with figures.styled():
        figure, _ = figures.new(3.0, 2.0)
    frame = pd.DataFrame({"市": ["鞍山", None], "n": pd.array([1, None], dtype="Int64")})
    figures.save(figure, Record("d", "t"), tmp_path, "en", frame)
    assert (tmp_path / "d.csv").read_text("utf-8-sig") == "市,n\n鞍山,1\n,\n"


def test_a_footer_of_chinese_letters_stays_within_a_narrow_picture(tmp_path: Path) -> None:
    with figures.styled():
        figure, ax = figures.new(4.6, 1.0)
        ax.axis("off")
    record = Record("narrow", "标题", note="口径或批次不明的数量不构成约束" * 12)
    saved = figures.save(figure, record, tmp_path, "zh")
    picture = mpl.image.imread(saved.path)
    ink = (picture[:, :, :3].min(axis=2) < 0.9).any(axis=0).nonzero()[0]
    assert ink.max() < picture.shape[1] - 2
    assert ink.max() > 0.85 * picture.shape[1]  # and is not wrapped needlessly


def test_text_in_a_picture_for_a_venue(tmp_path: Path) -> None:
    chosen = figures.Setting(
        width=80 / 25.4, height=60 / 25.4, base=7.5, minimum=6.5, hairline=0.35, framed=False,
        formats=("pdf", "tiff", "svg", "eps"), dpi=300, outlines=False,
    )  # fmt: skip
    with figures.using(chosen):
        figure, ax, saved = make(tmp_path, Record("venue", "标题不画"), "zh", 6.0)
        assert (figures.points(9), figures.points(6), figures.line(0.1)) == (7.5, 6.5, 0.35)
    assert figures.setting() is figures.SCREEN
    assert saved.path.suffix == ".pdf"
    assert figure.get_size_inches()[0] == pytest.approx(80 / 25.4)
    assert figure.get_size_inches()[1] <= 60 / 25.4 + 1e-9
    assert ax.xaxis.label.get_fontsize() == 7.5
    assert ax.get_xticklabels()[0].get_fontsize() == pytest.approx(8 * 7.5 / 9)
    text = pypdf.PdfReader(tmp_path / "venue.pdf").pages[0].extract_text()
    assert "年份" in text and "标题不画" not in text
    with Image.open(tmp_path / "venue.tiff") as picture:
        assert picture.mode == "RGB"
        assert picture.info["dpi"] == (300, 300)
        assert picture.size[0] == pytest.approx(80 / 25.4 * 300, abs=1)
    svg = (tmp_path / "venue.svg").read_text("utf-8")
    assert ">年份 Year</text>" in svg
    eps = (tmp_path / "venue.eps").read_text("latin-1")
    assert "CreationDate" not in eps
    # PostScript shows nothing for a letter that the embedded font has no shape of.
    called, defined = (
        set(re.findall(rf"/(\w+) {what}", eps)) for what in ("glyphshow", r"?(?:\d+ def|\{)")
    )
    assert called and called <= defined


def test_song_type_is_embedded_as_truetype_and_can_be_searched(tmp_path: Path) -> None:
    chosen = figures.Setting(fonts="serif", formats=("pdf",))
    with figures.using(chosen):
        make(tmp_path, Record("song", f"宋体 Times {RARE}", note="注释"), "zh")
    page = pypdf.PdfReader(tmp_path / "song.pdf").pages[0]
    text = page.extract_text()
    assert "宋体" in text and "企业数（家）" in text and "Times" in text
    assert all(char in text for char in RARE)
    found = set()
    for reference in page["/Resources"]["/Font"].values():
        inner = reference.get_object()["/DescendantFonts"][0].get_object()
        assert inner["/Subtype"] == "/CIDFontType2"
        found.add(str(inner["/BaseFont"]).partition("+")[2])
    assert found == {"STIXGeneral-Regular", "StudySerifSC-Regular"}


def test_slimmer_svg_shows_the_same(tmp_path: Path) -> None:
    raw = (
        b'<g transform="translate(51.572342 42.839896) scale(0.083333 -0.083333)">\n'
        b'    <use xlink:href="#StudySansSC-Regular-e" transform="translate(55.50321 0)"/>\n'
        b'   <path d="M 1.23456 -7.5 \nL 2 3.000012 \nz\n"/>'
    )
    assert figures._slim(raw) == (
        b'<g transform="translate(51.572342 42.839896) scale(0.083333 -0.083333)">\n'
        b'<use xlink:href="#g-e" x="55.50"/>\n'
        b'<path d="M 1.23 -7.5L2 3.00 \nz\n"/>'
    )


@pytest.mark.parametrize("name", ["新 文件夹", "with blank/内层"])
def test_folders_with_blanks_and_chinese_names(tmp_path: Path, name: str) -> None:
    _, _, saved = make(tmp_path / name, Record("图 one", "t"))
    assert saved.path == tmp_path / name / "图 one.png"
    assert saved.path.stat().st_size > 1000


def test_full_disk_leaves_no_broken_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, Record("kept", "t"))
    before = content(tmp_path)
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match=r"kept\.svg: cannot be written \(No space left"):
        make(tmp_path, Record("kept", "another"))
    assert content(tmp_path) == before


def test_name_of_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        make(tmp_path / "file", Record("a", "t"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_names_beside_points_are_text_that_can_be_searched(tmp_path: Path) -> None:
    dots = pd.DataFrame(
        {"x": [0.2, 0.8], "y": [0.5, 0.4], "label": ["辽宁", "Jiangsu"]}, ["a", "b"]
    )
    with figures.styled():
        figure, ax = figures.new(4.0, 2.5)
        ax.set(xlim=(0, 1), ylim=(0, 1))
        assert direct_labels.place_labels(ax, dots, ["a", "b"], "a") == ["a", "b"]
        boxes = [
            text.get_window_extent() for text in ax.texts if text.get_label() != direct_labels.HALO
        ]
        inside = ax.get_window_extent()
        assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in boxes)
        figures.save(figure, Record("named", "t"), tmp_path)
    assert legibility.findings(figure) == []
    text = pypdf.PdfReader(tmp_path / "named.pdf").pages[0].extract_text()
    assert "辽宁" in text and "Jiangsu" in text


def test_formats_of_a_figure_are_replaced_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while the last file is written: all files are those of before."""
    make(tmp_path, Record("one", "First"))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    real, written = Path.write_bytes, []

    def full(self: Path, content: bytes) -> int:
        written.append(self)
        if len(written) == len(before):
            raise OSError(28, "No space left on device")
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        make(tmp_path, Record("one", "Second"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


NUMBER = st.integers(-2000, 3000)
POINT = st.tuples(NUMBER, NUMBER)
STEPS = st.one_of(
    st.tuples(st.just("L"), POINT), st.tuples(st.just("Q"), POINT, POINT),
    st.tuples(st.just("C"), POINT, POINT, POINT), st.tuples(st.just("z")),
)  # fmt: skip


@given(st.lists(st.tuples(POINT, st.lists(STEPS, min_size=1)), min_size=1, max_size=4))
def test_an_outline_in_steps_has_the_same_points(shapes: list[tuple[object, ...]]) -> None:
    """Read back, the steps lead to the points of the outline they were made from."""
    written, wanted = "", []
    for start, steps in shapes:
        written += f"M {start[0]} {start[1]}"
        wanted.append(("m", start))
        for letter, *points in steps:
            if letter == "z" and written.endswith("z"):
                continue
            written += letter + " ".join(f"{x} {y}" for x, y in points)
            wanted.append((letter.lower(), *points))
    found, x, y, first = [], 0.0, 0.0, (0.0, 0.0)
    for letter, text in re.findall(
        "([a-z])([^a-z]*)", figures._relative(written.encode()).decode()
    ):
        numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", text)]
        if letter == "z":
            x, y = first
            found.append(("z",))
            continue
        numbers = {"v": [0.0, *numbers], "h": [*numbers, 0.0]}.get(letter, numbers)
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        points = tuple((x + a, y + b) for a, b in pairs)
        x, y = points[-1]
        first = (x, y) if letter == "m" else first
        found.append(("l" if letter in "vh" else letter, *points))
    assert found == wanted
