"""Figures and tables of a finished study are made again for a venue, or nothing is written."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict
from pathlib import Path

import pypdf
import pytest

from helpers.publish import recipes, tier_charts
from helpers.run.cli import main
from helpers.run.study import Parameters, make_study


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """A folder with a figure and its recipe, as a run leaves it."""
    parameters = Parameters(output_dir=str(tmp_path / "输出 x"))
    study = make_study(parameters)
    study.figure(tier_charts.density, study.table("hidden_champion_density"))
    (study.folder / "run.json").write_text(
        json.dumps({"parameters": asdict(parameters)}), encoding="utf-8"
    )
    return study.folder


def name_in(folder: Path) -> str:
    return next((folder / "recipes").iterdir()).stem


def test_figure_for_a_venue_in_the_other_language(finished: Path, tmp_path: Path) -> None:
    name, out = name_in(finished), tmp_path / "论文 图"
    code = main([
        "export", name, "--study", str(finished), "--venue", "cn-hei", "--width", "double",
        "--language", "zh", "--format", "pdf,svg", "--out", str(out),
    ])  # fmt: skip
    assert code == 0
    assert sorted(path.suffix for path in out.iterdir()) == [".csv", ".pdf", ".svg", ".txt"]
    page = pypdf.PdfReader(out / f"{name}.pdf").pages[0]
    assert float(page.mediabox.width) == pytest.approx(170 / 25.4 * 72, abs=0.1)
    caption = (out / f"{name}.txt").read_text("utf-8")
    assert "替代文本：" in caption and "资料来源：" in caption
    title = caption.split("\n")[0]
    # The journal sets title and source as text.
    assert title not in page.extract_text().split("\n")
    assert "资料来源" not in page.extract_text()
    assert pypdf.PdfReader(out / f"{name}.pdf").metadata["/Title"] == title


def test_exported_twice_is_equal_to_the_byte(finished: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        assert (
            main(["export", "--all", "--study", str(finished), "--out", str(tmp_path / out)]) == 0
        )
    first, second = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / out).iterdir())}
        for out in ("a", "b")
    )
    assert first == second
    # On the screen's settings it is the file that the run wrote.
    name = name_in(finished)
    assert first[f"{name}.pdf"] == (finished / "figures" / f"{name}.pdf").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["01_nothing"], "01_nothing: no figure or table has this name."),
        ([], "name figures and tables, or give --all"),
        (["--all", "--venue", "natur"], "Did you mean nature"),
        (["--all", "--venue", "cn", "--width", "2"], "venue cn has these widths"),
        (["--all", "--format", "pdf,gif"], "--format gif: not known."),
        (["--all", "--format", "docx"], "none of these is for what was named"),
        (["--all", "--language", "de"], "--language de: give en or zh"),
        (["--all", "--venues", "none.yml"], "none.yml: cannot be read"),
    ],
)
def test_bad_input_writes_nothing(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:  # fmt: skip
    out = tmp_path / "out"
    assert main(["export", *arguments, "--study", str(finished), "--out", str(out)]) == 2
    assert told in capsys.readouterr().err
    assert not out.exists()


def test_folder_without_a_study(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--all", "--study", str(tmp_path)]) == 2  # nothing was run yet
    assert "holds no finished study" in capsys.readouterr().err
    next((finished / "recipes").iterdir()).unlink()
    assert main(["export", "--all", "--study", str(finished)]) == 2
    assert "holds no recipes" in capsys.readouterr().err


def test_damaged_recipe_is_told(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next((finished / "recipes").iterdir())
    path.write_bytes(path.read_bytes()[:50])
    assert main(["export", "--all", "--study", str(finished), "--out", str(tmp_path / "o")]) == 2
    assert "cannot be drawn again" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_full_disk_leaves_no_part(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def full(path: Path, data: bytes) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    out = tmp_path / "o"
    assert main(["export", "--all", "--study", str(finished), "--out", str(out)]) != 0
    assert "No space left" in capsys.readouterr().err
    assert list(out.iterdir()) == []


def test_recipe_of_other_code_is_told(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next((finished / "recipes").iterdir())
    kept = recipes.dump(recipes.Recipe("figure", tier_charts.density, (3,)))
    assert kept is not None
    path.write_bytes(kept)
    assert main(["export", "--all", "--study", str(finished), "--out", str(tmp_path / "o")]) == 2
    assert "kept by another version" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()
