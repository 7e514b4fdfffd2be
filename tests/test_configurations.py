"""Truth tables and their measures: the textbook example, its formulae, and every completion."""

import itertools
from collections.abc import Iterator
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.analysis import configurations as qca
from helpers.errors import InputError

# Lipset's eighteen countries as Rihoux and De Meur (2009, ch. 3) dichotomise them: wealthy, urban,
# literate, industrial, stable government; then whether democracy survived between the wars.
COUNTRIES = {
    "AUT": "10110 0", "BEL": "11111 1", "CZE": "11111 1", "EST": "00101 0", "FIN": "10101 1",
    "FRA": "10111 1", "GER": "11110 0", "GRC": "00000 0", "HUN": "00100 0", "IRL": "10101 1",
    "ITA": "00001 0", "NLD": "11111 1", "POL": "00100 0", "PRT": "00000 0", "ROU": "00001 0",
    "ESP": "00000 0", "SWE": "10111 1", "GBR": "11111 1",
}  # fmt: skip
NAMES = ["wealthy", "urban", "literate", "industrial", "stable"]


def lipset(conditions: int) -> tuple[pd.DataFrame, pd.Series]:
    cells = {key: [digit == "1" for digit in text[:conditions]] for key, text in COUNTRIES.items()}
    matrix = pd.DataFrame.from_dict(cells, orient="index", columns=NAMES[:conditions])
    survived = pd.Series(
        {key: "survived" if text[-1] == "1" else "broke" for key, text in COUNTRIES.items()}
    )
    return matrix.astype("boolean"), survived


def test_truth_table_of_the_textbook_has_two_contradictions() -> None:
    matrix, outcome = lipset(4)
    table = qca.truth_table(matrix, outcome)
    clashes = {frozenset(cell.split(";")) for cell in table.loc[table["contradiction"], "firm_ids"]}
    assert clashes == {
        frozenset(("AUT", "FRA", "SWE")), frozenset(("BEL", "CZE", "GER", "NLD", "GBR")),
    }  # fmt: skip
    assert len(table) == 5 and table["cases_count"].sum() == 18


def test_the_fifth_condition_of_the_textbook_resolves_them() -> None:
    matrix, outcome = lipset(5)
    table = qca.truth_table(matrix, outcome)
    assert len(table) == 9 and not table["contradiction"].any()
    assert qca.occupied_rows(matrix) == (9, 9)
    pairs = qca.pair_counts(matrix, outcome)
    assert pairs == {"told_apart": 80, "alike": 0, "open": 0}


def test_measures_of_the_textbook_cases() -> None:
    matrix, outcome = lipset(5)
    fits = qca.fit_table(matrix, outcome).set_index(["path_id", "condition"])["fit"]
    # Ten countries are wealthy, eight of them survived, and no survivor is not wealthy.
    assert fits["survived", "wealthy"].consistency == ((8, 10), (8, 10))
    assert fits["survived", "wealthy"].coverage == ((8, 8), (8, 8))
    assert fits["survived", "urban"].consistency == ((4, 5), (4, 5))
    assert fits["survived", "urban"].coverage == ((4, 8), (4, 8))


def test_fuzzy_memberships_follow_the_same_formulae() -> None:
    x, y = [0.25, 0.75, 1.0], [0.5, 0.5, 1.0]
    assert qca.consistency(x, y) == Fraction(7, 8)
    assert qca.coverage(x, y) == Fraction(7, 8)
    assert qca.consistency([0.25, 0.75], [0.5, 0.25]) == Fraction(1, 2)
    assert qca.coverage([1, 0], [0, 0]) is None and qca.consistency([0, 0], [1, 0]) is None
    for bad in (([1], [1, 0]), ([2], [1]), ([0], [-1])):
        with pytest.raises(InputError, match="memberships"):
            qca.consistency(*bad)


# --- unknown cells ----------------------------------------------------------------------------

CELLS = st.sampled_from([True, False, None])


def completions(cells: list[bool | None]) -> Iterator[list[bool]]:
    for fills in itertools.product((True, False), repeat=cells.count(None)):
        rest = iter(fills)
        yield [next(rest) if cell is None else cell for cell in cells]


@given(st.lists(st.tuples(CELLS, st.booleans()), min_size=1, max_size=7))
def test_bounds_are_those_of_all_completions(cases: list[tuple[bool | None, bool]]) -> None:
    column, on_path = [cell for cell, _ in cases], [on for _, on in cases]
    matrix = pd.DataFrame(
        {"c": pd.array(column, dtype="boolean")}, index=map(str, range(len(cases)))
    )
    paths = pd.Series(["p" if on else "q" for on in on_path], index=matrix.index)
    y = [int(on) for on in on_path]
    fits = qca.fit_table(matrix, paths).set_index("path_id")["fit"]
    if "p" not in fits:
        return
    for measure in ("consistency", "coverage"):
        formula = getattr(qca, measure)
        values = [formula([int(c) for c in full], y) for full in completions(column)]
        known = [value for value in values if value is not None]
        bounds = getattr(fits["p"], measure)
        if not known:
            assert bounds is None
        else:
            assert [Fraction(*bound) for bound in bounds] == [min(known), max(known)]


@settings(max_examples=40)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
def test_occupied_rows_are_those_of_all_completions(cells: list[list[bool | None]]) -> None:
    matrix = pd.DataFrame(cells, columns=["a", "b"], dtype="boolean")
    sizes = [
        len({tuple(row) for row in full})
        for full in itertools.product(*(list(completions(row)) for row in cells))
    ]
    assert qca.occupied_rows(matrix) == (min(sizes), max(sizes))


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, st.sampled_from("xy")), min_size=2, max_size=5))
def test_pairs_are_sorted_by_what_completions_can_do(
    cases: list[tuple[bool | None, bool | None, str]],
) -> None:
    index = [str(number) for number in range(len(cases))]
    matrix = pd.DataFrame([row[:2] for row in cases], index, columns=["a", "b"], dtype="boolean")
    paths = pd.Series([row[2] for row in cases], index)
    expected = {"told_apart": 0, "alike": 0, "open": 0}
    for first, second in itertools.combinations(cases, 2):
        if first[2] == second[2]:
            continue
        same = {
            one == other
            for one in completions(list(first[:2]))
            for other in completions(list(second[:2]))
        }
        word = {(True,): "alike", (False,): "told_apart"}.get(tuple(same), "open")
        expected[word] += 1
    assert qca.pair_counts(matrix, paths) == expected


def test_a_row_left_out_is_unknown_and_no_case_is_no_row() -> None:
    one = pd.DataFrame({"firm_id": ["a"], "condition": ["resource_base"], "value": [False]})
    matrix = qca.coding(one, ["a", "b"])
    assert list(matrix.columns) == list(qca.CONDITIONS)
    assert matrix.isna().to_numpy().sum() == 11
    empty = qca.coding(one, [])
    assert qca.occupied_rows(empty) == (0, 0)
    nobody = pd.Series(dtype="str")
    assert qca.truth_table(empty, nobody).empty and qca.fit_table(empty, nobody).empty


def test_silence_read_as_absence_changes_the_truth_table_only() -> None:
    said = pd.DataFrame(
        {"firm_id": ["a", "b"], "condition": ["resource_base"] * 2, "value": [True, None]}
    )
    matrix = qca.coding(said, ["a", "b"])
    paths = pd.Series({"a": "x", "b": "y"})
    assert not qca.truth_table(matrix, paths)["contradiction"].any()
    assert qca.pair_counts(matrix, paths) == {"told_apart": 0, "alike": 0, "open": 1}
    fits = qca.fit_table(matrix, paths).set_index(["path_id", "condition"])["fit"]
    assert fits["x", "resource_base"].consistency == ((1, 2), (1, 1))
