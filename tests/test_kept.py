"""A user's own files among results: a run moves them aside and says where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.errors import OutputError
from helpers.run import cache, execute, kept


def put(folder: Path, **texts: str) -> None:
    """Write files; two underscores stand for a slash, a last one for the dot."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_txt", ".txt").replace("_nb", ".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results of a run as its record tells (synthetic), and what somebody has done to them."""
    home = tmp_path / "study"
    put(
        home,
        notebooks__01_nb="run",
        notebooks__02_nb="run",
        figures__a_txt="run",
        tables__b_txt="run",
    )
    part = cache.Part("01", "key", 1.0, None, cache.listing(home))
    cache.write_record(home, cache.Record({}, "around", {"01": part}))
    put(
        home, notebooks__01_nb="run, with notes", notebooks__mine_nb="mine", figures__mine_txt="mine",
        tables__b_txt="edited", tables__deep__mine_txt="mine", figures__new_txt="drawn elsewhere",
    )  # fmt: skip
    put(home, notebooks__hidden_txt="x")
    (home / "notebooks" / "hidden.txt").rename(home / "notebooks" / ".hidden.txt")
    put(home, own_txt="mine")
    return home


def test_strangers_are_what_no_run_wrote(folder: Path, tmp_path: Path) -> None:
    staging = tmp_path / "staging"
    put(staging, figures__new_txt="drawn by the run", tables__b_txt="run")
    found = kept.strangers(folder, staging)
    assert found == [
        "notebooks/01.ipynb", "notebooks/mine.ipynb", "figures/mine.txt", "figures/new.txt",
        "tables/deep/mine.txt",
    ]  # fmt: skip
    moved = kept.set_aside(folder, found)
    assert moved == [f"kept/{name}" for name in found]
    assert (folder / "kept/notebooks/01.ipynb").read_text(encoding="utf-8") == "run, with notes"
    assert (folder / "own.txt").is_file()
    assert not kept.strangers(folder, staging)
    # Another of the same name stands beside the first.
    put(folder, figures__mine_txt="second")
    assert kept.set_aside(folder, ["figures/mine.txt"]) == ["kept/figures/mine-2.txt"]
    texts = [p.read_text(encoding="utf-8") for p in sorted((folder / "kept/figures").glob("mine*"))]
    assert texts == ["second", "mine"]


def test_without_a_record_everything_that_is_not_replaced_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    (folder / cache.RECORD).unlink()
    staging = tmp_path / "staging"
    put(staging, notebooks__01_nb="run", notebooks__02_nb="run", figures__a_txt="run")
    found = set(kept.strangers(folder, staging))
    assert found == {
        "notebooks/mine.ipynb", "figures/mine.txt", "figures/new.txt", "tables/b.txt",
        "tables/deep/mine.txt",
    }  # fmt: skip


def test_an_edited_report_is_kept(tmp_path: Path) -> None:
    put(tmp_path, report__report_txt="built", report__deep__page_txt="built")
    found = ["report/deep/page.txt", "report/report.txt"]
    assert kept.strangers_in_report(tmp_path) == found  # a folder of the user's own
    page = tmp_path / "report" / "index.html"
    page.touch()
    assert kept.strangers_in_report(tmp_path) == []  # built before there was a listing
    page.unlink()
    kept.write_listing(tmp_path / "report")
    assert kept.strangers_in_report(tmp_path) == []
    put(tmp_path, report__report_txt="Built", report__mine_txt="mine")
    assert kept.strangers_in_report(tmp_path) == ["report/mine.txt", "report/report.txt"]
    (tmp_path / "report" / kept.LISTING).write_text('{"a": 1}', encoding="utf-8")
    assert len(kept.strangers_in_report(tmp_path)) == 3
    page.touch()
    assert kept.strangers_in_report(tmp_path) == []


def test_a_file_that_cannot_be_moved_stops_nothing_half_way(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = tmp_path / "staging"
    put(staging, figures__a_txt="again")

    def refused(self: Path, _: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(
        OutputError, match=r"01.ipynb among .* moved to kept/ .* run again; the new"
    ):
        execute._install(staging, folder)
    assert (folder / "figures/a.txt").read_text(encoding="utf-8") == "run"
    assert (staging / "figures/a.txt").read_text(encoding="utf-8") == "again"
