"""Data folders that a test may break."""

from __future__ import annotations

import importlib
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings

from helpers.errors import DataError, Problem
from helpers.evidence import tables
from helpers.evidence.schema import _read_schemas
from helpers.evidence.sources import ids_of

# A test does not fail because other work slows the machine down.
settings.register_profile("study", deadline=None)
settings.load_profile("study")

REAL_DATA = Path(__file__).resolve().parents[1] / "data"

# Every column type, a limit, a list of ids, an optional reference and a key of two columns.
MINI_SCHEMA = """
tables:
  sources:
    file: sources.csv
    title_en: Sources
    title_zh: 来源
    description: Publications.
    rights: Free.
    key: [source_id]
    fields:
      source_id: {type: string, required: true, en: Identifier, zh: 编号}
      title: {type: string, required: true, en: Title, zh: 标题}
  towns:
    file: towns.csv
    title_en: Towns
    title_zh: 城市
    description: Towns.
    rights: Free.
    key: [town_id]
    fields:
      town_id: {type: string, required: true, en: Identifier, zh: 编号}
      source_id: {type: string, required: true, en: Source, zh: 来源}
  counts:
    file: counts.csv
    title_en: Counts
    title_zh: 数量
    description: Firms by town.
    rights: Free.
    key: [town_id, year]
    fields:
      town_id: {type: string, required: true, references: towns.town_id, en: Town, zh: 城市}
      year: {type: integer, required: true, minimum: 2000, maximum: 2100, en: Year, zh: 年份}
      firms_count: {type: integer, minimum: 0, en: Firms, zh: 企业数}
      growth_pct: {type: number, unit: "%", en: Growth, zh: 增速}
      complete: {type: boolean, en: Complete, zh: 是否完整}
      as_of: {type: date, en: Date, zh: 日期}
      basis: {type: string, enum: [announced, certified], en: Basis, zh: 口径}
      near_ids: {type: string, references: towns.town_id, en: Neighbours, zh: 邻近城市}
      note_en: {type: string, en: Note, zh: 说明}
      source_id: {type: string, required: true, en: Sources, zh: 来源}
"""
MINI_FILES = {
    "sources.csv": "source_id,title\nS1,First\nS2,第二\n",
    "towns.csv": "town_id,source_id\nA,S1\nB,S1;S2\n",
    "counts.csv": (
        "town_id,year,firms_count,growth_pct,complete,as_of,basis,near_ids,note_en,source_id\n"
        "A,2021,12,3.5,true,2021-06,certified,B,,S1\n"
        "A,2022,,,,,,,,S2;S1\n"
        'B,2021,0,-1,false,2021-06-30,announced,A;B,"one, two",S2\n'
    ),
}


@dataclass(frozen=True)
class MadeUpStudy:
    """A made-up study for views: names are codes, citations are the ids."""

    language: str = "en"
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def basis_name(self) -> str:
        return self.t("study", "原研究口径")

    def t(self, en: Any, zh: Any) -> Any:
        return zh if self.language == "zh" else en

    def name(self, place: Any) -> str:
        code = getattr(place, "place_id", place)
        return self.t(f"place {code}", f"地区{code}")

    def table(self, name: str) -> pd.DataFrame:
        return self.tables[name] if name in self.tables else tables.load(name)

    def cite(self, *cells: object) -> str:
        return self.t(", ", "，").join(ids_of(*cells))


@pytest.fixture
def teller() -> Callable[..., MadeUpStudy]:
    """Make a made-up study of a language, with tables of its own where given."""

    def make(language: str = "en", **own: pd.DataFrame) -> MadeUpStudy:
        return MadeUpStudy(language, own)

    return make


@pytest.fixture
def peer() -> Callable[[str], ModuleType]:
    """Import a library to compare with, for tests marked ``peers``.

    Where it is not installed the test is skipped and says so; under STUDY_PEERS, which
    ``make peers`` sets, it fails instead.
    """

    def library(name: str) -> ModuleType:
        try:
            with warnings.catch_warnings():
                # What another project's import warns of is no fault of ours.
                warnings.simplefilter("ignore")
                return importlib.import_module(name)
        except ImportError as error:
            if os.environ.get("STUDY_PEERS"):
                raise
            pytest.skip(f"not compared with {name}: {error}. Run make peers.")

    return library


def clear_caches() -> None:
    _read_schemas.cache_clear()
    tables._load_all.cache_clear()


@pytest.fixture
def use_data(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Make another folder the project's data folder until the end of the test."""

    def use(folder: Path) -> None:
        monkeypatch.setattr(tables, "project_data_dir", lambda: folder)
        clear_caches()

    yield use
    clear_caches()


@pytest.fixture
def data_copy(tmp_path: Path, use_data: Callable[[Path], None]) -> Path:
    """A copy of the project's data folder, in use."""
    folder = tmp_path / "data"
    shutil.copytree(REAL_DATA, folder)
    use_data(folder)
    return folder


@pytest.fixture
def mini(tmp_path: Path, use_data: Callable[[Path], None]) -> Path:
    """A small valid data folder with every column type, in use."""
    folder = tmp_path / "mini"
    folder.mkdir()
    (folder / "schema.yml").write_text(MINI_SCHEMA, encoding="utf-8")
    for name, text in MINI_FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    use_data(folder)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An empty folder for a user's tables."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def edit(mini: Path) -> Callable[[str, str, str], None]:
    """Replace a passage that occurs once in a table of the small folder."""

    def replace(name: str, old: str, new: str) -> None:
        path = mini / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def problems() -> Callable[..., list[Problem]]:
    """The faults that loading reports; fails when it reports none."""

    def collect(data_dir: Path | None = None) -> list[Problem]:
        with pytest.raises(DataError) as caught:
            tables.load_all(data_dir)
        for problem in caught.value.problems:
            assert problem.table and problem.file and problem.rule
            assert problem.remedy.endswith(".")
        return list(caught.value.problems)

    return collect
