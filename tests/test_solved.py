"""Answers of the solver that kernels of a run leave for each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helpers.evidence import highs, provinces, solved, tables
from helpers.evidence.completion import Counts, Fact
from helpers.evidence.solved import VARIABLE, Solution


def everything() -> list[object]:
    """Bounds, shares and ranks of a few provinces, from a problem set up anew."""
    problem = provinces.build(tables.load_all())
    found: list[object] = []
    for unit in ("210000", "320000", "540000"):
        found.append(problem.count(unit, 1, 5, "study"))
        found.append(problem.share(unit, 1, 5, "certified"))
        found.append(problem.rank(unit, 1, 5, "study"))
    return found


def test_kept_answers_are_the_solvers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    without = everything()
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert everything() == without
    assert len(list(tmp_path.iterdir())) > 20

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("the solver was asked again")

    for question in ("relaxed", "branch", "search"):
        monkeypatch.setattr(highs, question, asked)
    assert everything() == without


def test_another_problem_has_another_name() -> None:
    cost, matrix = np.array([1.0, 2.0]), np.array([[1.0, 0.0], [0.0, 1.0]])
    name = solved.key([cost, matrix])
    for other in (
        [cost, matrix * 2],
        [cost * 2, matrix],
        [cost],
        [matrix, cost],
        [cost, matrix[:1]],
    ):
        assert solved.key(other) != name
    # The same bytes in another shape are another problem.
    assert solved.key([matrix.reshape(4)]) != solved.key([matrix])


def test_a_question_that_starts_elsewhere_has_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else which of several tables is found would depend on which kernel asks first.
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    whole, part = Counts(), Counts()
    for counts in (whole, part):
        counts.add_cell("a")
        counts.add_cell("b")
        counts.require("total", {"a": 1, "b": 1}, 9, 9)
    whole.require("a leads", {"a": 1, "b": -1}, 1, None)
    whole.check()
    before = len(list(tmp_path.iterdir()))
    assert part.possible(Fact("a leads", (("a", 1), ("b", -1)), 1, None))
    assert len(list(tmp_path.iterdir())) == before + 1


@pytest.mark.parametrize(
    "answer",
    [
        Solution(0, np.array([1.0, 2.0, 0.1]), 3.5, 3.25),
        Solution(2, None, None, None),
        Solution(0, np.array([]), 0.0, None),
        Solution(0, np.array([1e300]), float("-inf"), float("inf")),
    ],
)
def test_answers_come_back_to_the_bit(answer: Solution, tmp_path: Path) -> None:
    assert solved.recall(tmp_path, "a") is None
    solved.keep(tmp_path, "a", answer)
    found = solved.recall(tmp_path, "a")
    assert found is not None
    assert (found.status, found.fun, found.mip_dual_bound) == (
        answer.status, answer.fun, answer.mip_dual_bound,
    )  # fmt: skip
    if answer.x is None:
        assert found.x is None
    else:
        assert found.x is not None and found.x.tobytes() == answer.x.tobytes()


@pytest.mark.parametrize("status", [1, 3, 4])
def test_answers_cut_short_are_not_kept(status: int, tmp_path: Path) -> None:
    solved.keep(tmp_path, "a", Solution(status, np.array([1.0]), 1.0, 0.5))
    assert not list(tmp_path.iterdir())


def test_a_lost_folder_or_a_half_file_is_no_answer(tmp_path: Path) -> None:
    solved.keep(tmp_path / "gone", "a", Solution(0, np.array([1.0]), 1.0, 1.0))
    assert solved.recall(tmp_path / "gone", "a") is None
    for content in (b"", b"\0" * 5, b"\1" * 25):
        (tmp_path / "a").write_bytes(content)
        assert solved.recall(tmp_path, "a") is None
