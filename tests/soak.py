"""Malformed lists, many of them: each gives a result or a clear message, in time and in its place.

    python tests/soak.py [NUMBER] [SEED]        (part of make soak: 2,000)

A sample runs with the tests. Every input is made from a seed, so that a failure can be had again.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from helpers.evidence import tables
from helpers.run.cli import main

SLOWEST = 30.0
LABEL = "SYNTHETIC 合成数据：第五批名单公示"
ROWS = [
    ("序号", "省份", "企业名称"), ("1", "辽宁省", "鞍山合成甲有限公司"), ("2", "", "沈阳合成⻓城（乙）有限公司"),
    ("3", "江苏省", "蘇州合成發展有限公司"), ("注：均为虚构。", "", ""),
]  # fmt: skip
# Cells that upset readers.
NASTY = (
    "", " ", "\x00", "\ufeff", "=1+1", "@x", "-1", "9" * 400, "甲" * 5000, "有限公司", "企业名称", "序号", "合计",
    "第十批", "第99批", "辽宁省（99999999家）", "\ud7ff", "𠮷野合成有限公司", "1e308", "nan", "NULL", "'", '"', '""",',
    "../../x", "<script>", "{{7*7}}", "%s%n", "\u202e公司", "（" * 300, "a\r\nb", "一、", "第0批", "1", "0", "公司",
)  # fmt: skip


def make_csv(path: Path) -> None:
    """A list as text."""
    path.write_text("\n".join([LABEL, *(",".join(row) for row in ROWS)]), encoding="utf-8")


def make_xlsx(path: Path) -> None:
    """A list as a workbook with merged cells."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.append([LABEL])
    for row in ROWS:
        book.active.append(list(row))
    book.active.merge_cells("B3:B4")
    book.save(path)


def make_docx(path: Path) -> None:
    """A list as a table of a document."""
    from docx import Document

    document = Document()
    document.add_paragraph(LABEL)
    table = document.add_table(rows=len(ROWS), cols=3)
    for row, texts in zip(table.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.save(str(path))


def make_pdf(path: Path) -> None:
    """A list as a ruled table of a page, with a font that every reader has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path), invariant=1, pageCompression=0)
    canvas.setFont("STSong-Light", 9)
    canvas.drawString(60, 770, LABEL)
    canvas.grid([60, 110, 200, 500], [750 - 18 * k for k in range(len(ROWS) + 1)])
    for k, row in enumerate(ROWS):
        for x, text in zip((64, 114, 204), row, strict=True):
            canvas.drawString(x, 737 - 18 * k, text)
    canvas.showPage()
    canvas.save()


MAKERS: dict[str, Callable[[Path], None]] = {
    ".csv": make_csv, ".xlsx": make_xlsx, ".docx": make_docx, ".pdf": make_pdf,
}  # fmt: skip


def mutated(content: bytes, draw: random.Random) -> bytes:
    """Bytes with a few faults: changed, cut, doubled, moved or random parts."""
    data = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 5, 40))):
        place = draw.randrange(len(data) + 1)
        size = draw.choice((1, 2, 8, 100, 2000))
        match draw.randrange(6):
            case 0:
                data[place : place + size] = draw.randbytes(min(size, len(data) - place))
            case 1:
                del data[place : place + size]
            case 2:
                data[place:place] = data[place : place + size] * draw.choice((1, 3))
            case 3:
                data[place:place] = draw.choice(NASTY).encode("utf-8", "surrogatepass")
            case 4:
                del data[place:]
            case _:
                data[place : place + 4] = draw.choice(
                    (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"9999", b"<!--")
                )
    return bytes(data)


def repacked(path: Path, draw: random.Random) -> bytes:
    """An Office file whose parts are mutated and packed soundly, so that their readers meet them."""
    target = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = {
            draw.choice(names),
            draw.choice([n for n in names if "sheet1" in n or "document.xml" in n]),
        }
        for name in names:
            part = old.read(name)
            new.writestr(name, mutated(part, draw) if name in hit else part)
    return target.getvalue()


def odd_table(draw: random.Random) -> bytes:
    """A table of odd cells and ordinary ones, of uneven rows, in one of several encodings."""
    ordinary = [cell for row in ROWS for cell in row]
    lines = []
    for _ in range(draw.randrange(30)):
        cells = [
            draw.choice(NASTY if draw.random() < 0.4 else ordinary)
            for _ in range(draw.randrange(6))
        ]
        lines.append(
            draw.choice(",,,\t;").join(f'"{c}"' if draw.random() < 0.3 else c for c in cells)
        )
    encoding = draw.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"))
    return "\n".join(lines).encode(encoding, "ignore")


def make_input(number: int, seed: int, folder: Path) -> Path:
    """Malformed input of a number: the format, then the fault, are drawn from the seed."""
    draw = random.Random(f"{seed}-{number}")
    suffix = draw.choice(tuple(MAKERS))
    base = folder / f"base{suffix}"
    if not base.exists():
        MAKERS[suffix](base)
    if suffix == ".csv" and draw.random() < 0.7:
        content = odd_table(draw)
    elif suffix in (".xlsx", ".docx") and draw.random() < 0.7:
        content = repacked(base, draw)
    else:
        content = mutated(base.read_bytes(), draw)
    path = folder / f"input{draw.choice((suffix, suffix, '.xls', '.csv'))}"
    path.write_bytes(content)
    return path


def listed(folder: Path) -> set[str]:
    """Names of what lies in a folder itself."""
    return {path.name for path in folder.iterdir()}


def try_one(number: int, seed: int, folder: Path) -> str:
    """Import one input; ``read`` or ``refused``.

    Raises
    ------
    AssertionError
        It took too long, wrote outside the study's folder or gave no message.
    """
    path = make_input(number, seed, folder)
    before, said, told = listed(folder), io.StringIO(), io.StringIO()
    begin = time.monotonic()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        code = main(
            [
                "import",
                str(path),
                "--into",
                str(folder / "study"),
                "--batch",
                "5",
                "--basis",
                "announced",
            ]
        )
    seconds = time.monotonic() - begin
    path.unlink()
    where = f"input {number} of seed {seed}"
    assert seconds < SLOWEST, f"{where}: {seconds:.0f} s"
    assert code in (0, 2), f"{where}: exit code {code}"
    assert listed(folder) - {"study"} <= before, f"{where}: {listed(folder) - before}"
    assert "Traceback" not in told.getvalue(), where
    assert code == 0 or told.getvalue().startswith("study: "), where
    return "refused" if code else "read"


def soak(count: int, seed: int, say: Callable[[str], object] = print) -> Counter[str]:
    """Try many inputs; stops at the first that fails."""
    found: Counter[str] = Counter()
    tables.load_all()  # once a process, and no matter of the input
    with tempfile.TemporaryDirectory(prefix="study-soak-") as name:
        for number in range(count):
            found[try_one(number, seed, Path(name))] += 1
            if number % 100 == 99:
                say(f"{number + 1} inputs: {dict(found)}")
    return found


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    print(dict(soak(numbers[0] if numbers else 2000, numbers[1] if len(numbers) > 1 else 20231231)))
