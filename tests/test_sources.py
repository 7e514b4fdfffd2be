"""Ids, citations and grades of sources."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.evidence import tables
from helpers.evidence.sources import cite, ids_of, worst_grade


@pytest.fixture
def sources() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source_id": ["a", "b", "c"],
            "publisher": ["Ministry", "日报", "Blog"],
            "published": ["2021-06", None, "2023"],
            "grade": ["A", "B", "C"],
        }
    )


def test_ids_in_order_of_appearance_without_repeats() -> None:
    column = pd.Series(["b;a", None, "c", "a"])
    assert ids_of("c", column, None, ["d", "b;e"], float("nan"), pd.NA) == ["c", "b", "a", "d", "e"]
    assert ids_of(" a ; b ;") == ["a", "b"]
    assert ids_of() == []
    assert ids_of("", None, pd.Series([], dtype="str")) == []


def test_citation(sources: pd.DataFrame) -> None:
    assert cite(sources, ["c", "b"]) == "Blog 2023 [c, C]; 日报 [b, B]"
    assert cite(sources, []) == ""
    assert cite(sources, iter(["a"])) == "Ministry 2021-06 [a, A]"


def test_many_sources_are_listed_by_id(sources: pd.DataFrame) -> None:
    assert cite(sources, ["a", "b", "c"], limit=3).count("[") == 3
    short = cite(sources, ["c", "a", "b"], limit=2)
    assert short == "3 sources of grades A/B/C: c, a, b (data/sources.csv)"


def test_citations_in_chinese_have_its_marks(sources: pd.DataFrame) -> None:
    assert cite(sources, ["c", "b"], "zh") == "Blog 2023 [c，C]；日报 [b，B]"
    short = cite(sources, ["c", "a", "b"], "zh", limit=2)
    assert short == "3个来源（等级A/B/C，见data/sources.csv）：c、a、b"


@pytest.mark.parametrize("limit", [0, 6])
def test_an_unknown_source_is_an_error(sources: pd.DataFrame, limit: int) -> None:
    with pytest.raises(KeyError):
        cite(sources, ["z"], limit=limit)
    with pytest.raises(KeyError):
        worst_grade(sources, ["a", "z"])


def test_worst_grade(sources: pd.DataFrame) -> None:
    assert worst_grade(sources, []) == ""
    assert worst_grade(sources, ["a"]) == "A"
    assert worst_grade(sources, ["b", "a"]) == "B"
    assert worst_grade(sources, ["b", "c", "a"]) == "C"


def test_every_source_of_every_table_can_be_cited() -> None:
    frames = tables.load_all()
    known = frames["sources"]
    assert set(known["grade"]) <= {"A", "B", "C"}
    for name, frame in frames.items():
        if name != "sources" and "source_id" in frame:
            ids = ids_of(frame["source_id"])
            text = cite(known, ids, limit=len(ids))
            assert text.count("; ") >= len(ids) - 1
            for source_id in ids:
                assert f"[{source_id}, " in text
