"""Growth-path cases: known answers, limits of the input, and rules the firm tables must keep."""

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis import paths
from helpers.analysis.configurations import (
    CONDITIONS,
    MODE_CONDITIONS,
    TRADITIONAL,
    coding,
    fit_table,
    pair_counts,
)
from helpers.analysis.intervals import clopper_pearson
from helpers.errors import InputError
from helpers.evidence import schema, tables
from helpers.evidence.granularity import common_bases, counts_for
from helpers.evidence.tables import split_ids
from helpers.publish.timeline import date_span


def firm_table(name: str) -> pd.DataFrame:
    """One table by itself, so that these tests do not hang on unrelated tables."""
    description = tables.schemas()[name]
    text = schema.read_csv(description.path, description)
    frame, problems = schema.validate(text, description, description.path.name)
    assert problems == []
    return frame


def test_path_shares_add_up_to_the_base() -> None:
    table = paths.path_shares({"a": 4, "b": 4, "c": 3}, 20)
    assert table["path_id"].tolist() == ["a", "b", "c", paths.NO_PATH]
    assert table["firms_count"].tolist() == [4, 4, 3, 9]
    assert table["share_pct"].sum() == pytest.approx(100)
    assert table["most_count"].tolist() == [13, 13, 12, 9]
    assert table["low_pct"].tolist() == [20, 20, 15, 0]
    assert table["high_pct"].tolist() == [65, 65, 60, 45]
    exact = clopper_pearson(4, 20)
    first = table.loc[0, ["sampling_low_pct", "sampling_high_pct"]].tolist()
    assert first == pytest.approx([100 * bound for bound in exact])


def test_path_shares_of_no_firm() -> None:
    assert paths.path_shares({}, 0).empty
    assert "share_pct" in paths.path_shares({"a": 0}, 0)


def test_path_shares_refuse_a_base_below_the_named_firms() -> None:
    with pytest.raises(InputError, match="11 firms are named, more than the base of 10"):
        paths.path_shares({"a": 8, "b": 3}, 10)


# --- allocations of the firms not named --------------------------------------------------------


def allocations(named: dict[str, int], left: int) -> Iterator[dict[str, int]]:
    """Every way to put the firms left on the paths or on none, by brute force."""
    for extra in itertools.product(range(left + 1), repeat=len(named)):
        if sum(extra) <= left:
            yield {path: named[path] + more for path, more in zip(named, extra, strict=True)}


Asks = Callable[[dict[str, int]], bool]


def share_matches(count: int, share: str, base: int) -> bool:
    return count in counts_for(share, base)


def oracle(reading: str, ids: list[str], reported: dict[str, str], base: int) -> Asks:
    """The reading as a plain question about one allocation."""
    if reading == "as_printed":
        return lambda c: share_matches(c[ids[0]], reported[ids[0]], base)
    if reading == "at_least":
        # Half a unit of the last digit printed below the share: what is rounded up to it.
        digits = len(reported[ids[0]].partition(".")[2])
        least = Fraction(reported[ids[0]]) - Fraction(1, 2 * 10**digits)
        return lambda c: Fraction(100 * c[ids[0]], base) >= least
    if reading == "equal":
        return lambda c: c[ids[0]] == c[ids[1]]
    if reading == "ahead":
        return lambda c: c[ids[0]] > c[ids[1]]
    if reading == "most_on_a_path":
        return lambda c: 2 * sum(c.values()) > base
    assert reading == "no_majority"
    return lambda c: all(2 * count <= base for count in c.values())


@st.composite
def namings(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, int], int]:
    named = draw(st.dictionaries(st.sampled_from("abc"), st.integers(0, 4), min_size=1, max_size=3))
    base = max(1, sum(named.values())) + draw(st.integers(0, 6))
    shares = {path: str(draw(st.integers(0, 100))) for path in named if draw(st.booleans())}
    if draw(st.booleans()):
        # Shares that the firms named do give, so that the exact readings can hold.
        shares = {path: f"{100 * count / base:.2f}" for path, count in named.items()}
    return shares, named, base


@given(namings())
def test_readings_agree_with_trying_every_allocation(
    case: tuple[dict[str, str], dict[str, int], int],
) -> None:
    reported, named, base = case
    table = paths.surviving_readings(reported, named, base)
    every = list(allocations(named, base - sum(named.values())))
    for row in table.itertuples():
        asks = oracle(row.reading, split_ids(row.path_ids), reported, base)
        truths = {bool(asks(allocation)) for allocation in every}
        expected = "all" if truths == {True} else "none" if truths == {False} else "some"
        assert row.holds == expected, row
    assert bool(len(table)) == bool(reported)


@given(
    st.dictionaries(st.sampled_from("abc"), st.integers(-3, 3), max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), min_size=3, max_size=3),
    st.integers(0, 5),
)
def test_range_of_a_weighted_sum_is_attained_and_holds(
    weights: dict[str, int], named: dict[str, int], left: int
) -> None:
    sums = [
        sum(weight * counts[path] for path, weight in weights.items())
        for counts in allocations(named, left)
    ]
    assert paths.allocation_range(weights, named, left) == (min(sums), max(sums))


def test_readings_of_the_shares_of_the_study() -> None:
    reported = {"a": "20", "b": "20", "c": "15"}
    named = {"a": 4, "b": 4, "c": 3}
    table = paths.readings_by_base(reported, named, 20, paths.open_bases(reported, named))
    sure = table[table["holds"] == "all"]
    assert sure["reading"].tolist() == ["at_least"] * 3 + ["most_on_a_path"]
    # With 40 firms, 11 named ones are no majority, and 4 are fewer than 20 per cent.
    assert (table["holds_on_any_base"] == "some").all()
    full = paths.surviving_readings(reported, named | {"d": 9}, 20)
    assert set(full["holds"]) == {"all"}


@pytest.mark.parametrize(
    ("share", "named", "base", "holds"),
    # 5 of 8 firms are 62.5 per cent, though no count of 8 prints as 30; 3 and 2 of 7 are 42.9 and
    # 28.6 per cent; 100 per cent is reached by all, and more than 100 by nobody.
    [("30", 5, 8, "all"), ("43", 3, 7, "all"), ("43", 2, 7, "some"), ("100", 7, 8, "some"), ("101", 8, 8, "none")],
)  # fmt: skip
def test_at_least_a_share_needs_no_count_that_prints_as_it(
    share: str, named: int, base: int, holds: str
) -> None:
    table = paths.surviving_readings({"a": share}, {"a": named}, base).set_index("reading")
    assert table.loc["at_least", "holds"] == holds


def test_every_two_paths_are_compared() -> None:
    table = paths.surviving_readings(
        {"a": "20", "b": "20", "c": "15"}, {"a": 4, "b": 4, "c": 3}, 20
    )
    order = table[table["reading"].isin(["equal", "ahead"])]
    assert order["path_ids"].tolist() == ["a;b", "a;c", "b;c"]
    assert order["reading"].tolist() == ["equal", "ahead", "ahead"]


def test_shares_without_any_firm_give_no_reading() -> None:
    table = paths.readings_by_base({"a": "20"}, {"a": 0}, 0, [5, 10])
    assert table.empty and "holds_on_any_base" in table


def test_readings_refuse_more_firms_than_the_base_holds() -> None:
    with pytest.raises(InputError, match="8 firms are named, more than the base of 7"):
        paths.surviving_readings({"a": "20"}, {"a": 8}, 7)


@pytest.mark.parametrize(
    ("yes", "no", "base", "verdict"),
    [
        (11, 0, 20, "entailed"),
        (10, 0, 20, "consistent"),
        (0, 9, 20, "consistent"),
        (0, 10, 20, "contradicted"),
        (1, 0, 1, "entailed"),
    ],
)
def test_majority_at_the_edges(yes: int, no: int, base: int, verdict: str) -> None:
    found = paths.Majority(yes, no, base)
    assert found.verdict == verdict
    assert found.bounds == (Fraction(yes, base), Fraction(base - no, base))


@pytest.mark.parametrize(("yes", "no", "base"), [(-1, 0, 3), (2, 2, 3), (0, 0, 0)])
def test_majority_refuses(yes: int, no: int, base: int) -> None:
    with pytest.raises(InputError, match="add up to no more"):
        paths.Majority(yes, no, base)


def test_a_firm_is_as_old_as_its_predecessor_and_rivals_do_not_make_it_older() -> None:
    firms = pd.DataFrame({"firm_id": ["a", "b", "c"], "founded": [None, "2010", None]})
    events = pd.DataFrame(
        {
            "firm_id": ["a", "a", "a", "b", "x"],
            "date": ["1988", "1992", "1995", "2001-05", "1950"],
            "event_type": ["visit", "founding", "founding", "ownership", "founding"],
            "about": ["founder", None, None, "predecessor", None],
        }
    )
    assert paths.known_by(firms, events) == {"a": 1995, "b": 2001}
    ages = paths.age_majorities(firms, events, 3)
    # Before 1992 the first firm is surely younger; the second had a predecessor of unknown age.
    assert ages[["year", "old_count", "young_count"]].values.tolist() == [
        [1991, 0, 1],
        [1992, 0, 0],
        [1995, 1, 0],
        [2001, 2, 0],
    ]
    assert ages["verdict"].tolist() == ["consistent"] * 3 + ["entailed"]
    assert paths.age_majorities(firms.tail(1), events, 3).empty


def test_limits_before_the_first_year_are_tried_too() -> None:
    firms = pd.DataFrame({"firm_id": list("abc"), "founded": ["2010"] * 3})
    events = firm_table("firm_events").head(0)
    ages = paths.age_majorities(firms, events, 3)
    assert ages[["year", "old_count", "young_count", "verdict"]].values.tolist() == [
        [2009, 0, 3, "contradicted"],
        [2010, 3, 0, "entailed"],
    ]


@pytest.mark.parametrize(
    ("predecessors", "expected"),
    [
        ([], 2010),
        ([("2001", "visit")], None),
        ([("2001", "founding")], 2001),
        ([("2001", "founding"), ("1999", "visit")], None),
        ([("2012", "visit")], None),
    ],
)
def test_a_firm_is_young_only_if_no_predecessor_may_be_older(
    predecessors: list[tuple[str, str]], expected: int | None
) -> None:
    firms = pd.DataFrame({"firm_id": ["a"], "founded": ["2010"]})
    rows = [("a", date, kind, "predecessor") for date, kind in predecessors]
    events = pd.DataFrame(rows, columns=["firm_id", "date", "event_type", "about"], dtype="str")
    assert paths.not_before(firms, events).get("a") == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(1990, 2000).map(str),
            st.sampled_from(["founding", "visit"]), st.sampled_from([None, "predecessor", "founder"]),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_no_firm_is_old_and_young_at_once(rows: list[tuple[str, str, str, str | None]]) -> None:
    firms = pd.DataFrame({"firm_id": list("abc"), "founded": [None, "1995", None]})
    events = pd.DataFrame(rows, columns=["firm_id", "date", "event_type", "about"])
    ages = paths.age_majorities(firms, events, 3)
    assert (ages["old_count"] + ages["young_count"] <= 3).all()
    assert ages["old_count"].is_monotonic_increasing and ages["young_count"].is_monotonic_decreasing
    assert ages["old_count"].iloc[0] == 0 and ages["young_count"].iloc[-1] == 0


def test_most_are_old_is_open_for_anshan_whatever_the_limit() -> None:
    book = paths.casebook(tables.load_all(), "210300")
    ages = paths.age_majorities(book.cases, book.events, book.found.base)
    # One firm was founded in 1992 at the earliest, so before that year it is younger.
    assert ages[["year", "old_count", "young_count"]].values.tolist() == [
        [1991, 0, 1], [1992, 0, 0], [1995, 1, 0], [1998, 2, 0], [2016, 4, 0],
    ]  # fmt: skip
    assert set(ages["verdict"]) == {"consistent"}
    dated = paths.dating(book.cases, book.events)
    assert dated[["firm_id", "date"]].values.tolist() == [
        ["F01", "2016"], ["F05", "1992"], ["F05", "1995"], ["F10", "1998-11"], ["F11", "2016-06-28"],
    ]  # fmt: skip


def test_known_ways_of_growth_tell_no_two_paths_of_anshan_apart() -> None:
    book = paths.casebook(tables.load_all(), "210300")
    matrix = coding(book.conditions, book.cases["firm_id"])
    of = book.cases.set_index("firm_id")["path_id"]
    assert pair_counts(matrix, of) == {"told_apart": 0, "alike": 0, "open": 40}
    fits = fit_table(matrix, of).set_index(["path_id", "condition"])["fit"]
    resource = fits["investment", "resource_base"]
    assert resource.coverage == ((2, 4), (4, 4)) and resource.consistency[1] == (4, 5)


def test_casebook_of_a_place_without_firms_and_of_anshan() -> None:
    empty = paths.casebook(tables.load_all(), "320500")
    assert (empty.named, empty.found.base, empty.undated) == ({}, 0, [])
    assert all(frame.empty for frame in (empty.cases, empty.events, empty.conditions))
    book = paths.casebook(tables.load_all(), "210300")
    assert book.named == {"overseas": 4, "investment": 4, "substitution": 3}
    assert book.reported == {"overseas": "20", "investment": "20", "substitution": "15"}
    names = book.firms.set_index("firm_id")["name_short_zh"]
    assert len(book.undated) == 7 and "奥亿达" in set(names[book.undated])
    assert len(book.firms) == 13 and set(book.statements["firm_id"]) == set(book.cases["firm_id"])


def test_marks_follow_the_table_of_conditions() -> None:
    data = dict(tables.load_all())
    marks = paths.condition_marks(data)
    rates = marks[marks["metric"] == "rd_ratio"]
    assert rates["value"].tolist() == [3.0, 6.0, 3.0]
    assert rates["year"].tolist() == ["2022", "2022", "2026"]
    assert rates["alternative"].tolist() == [True, True, False]
    assert set(marks["metric"]) == {"revenue", "rd_ratio", "debt_ratio"}
    changed = data["thresholds"].copy()
    changed.loc[changed["threshold_id"] == "lg22-debt", "value"] = 61.0
    again = paths.condition_marks({**data, "thresholds": changed})
    assert again.loc[again["metric"] == "debt_ratio", "value"].tolist() == [61.0, 75.0]
    assert paths.condition_marks(data, "no_such_tier").empty


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ([], ""),
        (["documented"], "documented"),
        (["documented", "documented"], "documented"),
        (["documented", "partly"], "partly"),
        (["partly", "undocumented"], "partly"),
        (["undocumented", "undocumented"], "undocumented"),
        (["documented", "conflicting"], "conflicting"),
    ],
)
def test_combined_grade(grades: list[str], expected: str) -> None:
    assert paths.combined_grade(grades) == expected


def test_combined_grade_refuses_an_unknown_grade() -> None:
    with pytest.raises(InputError, match="certain"):
        paths.combined_grade(["certain"])


def test_grade_counts_show_zeros_and_keep_order() -> None:
    statements = pd.DataFrame(
        {"firm": ["z", "a", "z"], "documentation": ["partly", "documented", "undocumented"]}
    )
    counts = paths.grade_counts(statements, "firm")
    assert counts.index.tolist() == ["z", "a"]
    assert counts.loc["z"].to_dict() == {
        "documented": 0, "partly": 1, "conflicting": 0, "undocumented": 1, "total": 2,
    }  # fmt: skip


def test_grade_counts_of_nothing() -> None:
    empty = pd.DataFrame({"firm": [], "documentation": []}, dtype=str)
    assert list(paths.grade_counts(empty, "firm").columns) == [*paths.GRADES, "total"]
    assert paths.grade_counts(empty, "firm").empty


def test_deals_are_counted_once() -> None:
    events = pd.DataFrame(
        {
            "firm_id": ["a", "b", "a", "a"],
            "date": ["2017-07", "2016", "2017-06-19", "1990"],
            "event_type": ["ownership", "ownership", "ownership", "visit"],
            "deal_id": ["a-1", "b-1", "a-1", None],
        }
    )
    deals = paths.deal_table(events)
    assert deals.values.tolist() == [["a-1", "a", "2017-06-19", 2], ["b-1", "b", "2016", 1]]
    assert paths.deal_table(events.head(0)).empty
    with pytest.raises(InputError, match="deal_id: b"):
        paths.deal_table(events.assign(deal_id=["a-1", None, "a-1", None]))


def test_display_units() -> None:
    figures = pd.DataFrame(
        {
            "value": [19.42, 4796.52, 1.4, 18.15, 6.0, float("nan")],
            "unit": ["100m_cny", "10k_cny", "100m_usd", "pct", "count", "pct"],
        }
    )
    shown = paths.in_display_units(figures)
    assert shown["value"].tolist()[:5] == [1942.0, 47.9652, 140.0, 18.15, 6.0]
    assert shown["unit"].tolist() == ["m CNY", "m CNY", "m USD", "%", "count", "%"]
    assert pd.isna(shown["value"].iloc[5])
    with pytest.raises(InputError, match="dozen"):
        paths.in_display_units(pd.DataFrame({"value": [1.0], "unit": ["dozen"]}))


def test_periods() -> None:
    assert not paths.is_part_year("2022")
    assert all(paths.is_part_year(text) for text in ("2025H1", "2022Q1", "2022Q1-Q3"))
    with pytest.raises(InputError):
        paths.is_part_year("2022-06")


def test_implied_previous_brackets_the_exact_value() -> None:
    low, high = paths.implied_previous(1.21, 19.23)
    assert low < 1.21 / 1.1923 < high
    assert low == pytest.approx(1.205 / 1.19235)
    with pytest.raises(InputError):
        paths.implied_previous(-1.0, 5.0)


def test_growth_check_tells_the_versions_apart() -> None:
    row = {"firm_id": "a", "metric": "net_profit", "unit": "10k_cny"}
    figures = pd.DataFrame(
        [
            {**row, "period": "2021", "value": 9368.81, "source_id": "x"},
            {**row, "period": "2021", "value": 10119.18, "source_id": "y"},
            {**row, "period": "2022", "value": 1.21, "unit": "100m_cny", "source_id": "x"},
            {**row, "period": "2022", "metric": "net_profit_growth", "value": 19.23,
             "unit": "pct", "source_id": "x"},
            {**row, "period": "2022H1", "metric": "net_profit_growth", "value": 1.0,
             "unit": "pct", "source_id": "x"},
        ]
    )  # fmt: skip
    checked = paths.growth_check(figures).set_index("previous_source_id")
    assert checked["fits"].to_dict() == {"x": False, "y": True}
    assert checked["low"].iloc[0] == pytest.approx(120.5 / 1.19235)
    assert paths.growth_check(figures.head(0)).empty


def test_repeated_series_of_nothing() -> None:
    empty = pd.DataFrame({"firm_id": [], "metric": [], "period": []}, dtype=str)
    assert paths.repeated_series(empty).empty


# --- rules of the data -----------------------------------------------------------------------


def test_named_firms_and_shares_imply_the_base() -> None:
    firms, routes = firm_table("firms"), firm_table("growth_paths")
    named = firms["path"].value_counts()
    reported = routes.set_index("path_id")["reported_share_pct"]
    assert common_bases(reported.tolist(), 100)[0] == 20
    fits = [
        base
        for base in range(1, 101)
        if all(named[path] in counts_for(share, base) for path, share in reported.items())
    ]
    assert fits == [20]


def test_a_firm_has_a_path_exactly_if_the_study_names_it() -> None:
    firms = firm_table("firms")
    assert (firms["in_study"] == firms["path"].notna()).all()
    assert (firms["in_study"] == firms["name_study_zh"].notna()).all()
    by_study = firms["source_id"].map(lambda cell: "STUDY" in split_ids(cell))
    assert (firms["in_study"] == by_study).all()


def test_a_name_on_record_has_a_source_other_than_the_study() -> None:
    firms = firm_table("firms")
    other = firms["source_id"].map(lambda cell: set(split_ids(cell)) != {"STUDY"})
    assert (~firms["name_record_zh"].notna() | other).all()
    assert (~firms["owner_en"].notna() | other).all()
    assert ((firms["recognition"] == "none_found") | other).all()


def test_grades_follow_from_the_sources() -> None:
    statements = firm_table("firm_statements")
    other = statements["source_id"].map(lambda cell: set(split_ids(cell)) != {"STUDY"})
    graded = statements["documentation"] != "undocumented"
    assert (graded == other).all()
    assert (graded == statements["found_en"].notna()).all()
    assert statements["source_id"].map(lambda cell: "STUDY" in split_ids(cell)).all()
    assert (statements["context_en"].notna() == statements["context_source_ids"].notna()).all()


def test_every_named_firm_has_two_or_three_statements_in_order() -> None:
    firms, statements = firm_table("firms"), firm_table("firm_statements")
    named = set(firms.loc[firms["in_study"], "firm_id"])
    assert set(statements["firm_id"]) == named
    for firm, rows in statements.groupby("firm_id"):
        assert len(rows) in (2, 3), firm
        assert rows["order"].tolist() == list(range(1, len(rows) + 1))
        assert rows["statement_id"].tolist() == [f"{firm}-{number}" for number in rows["order"]]


def test_every_case_has_every_condition_with_its_basis() -> None:
    firms, coded = firm_table("firms"), firm_table("firm_conditions")
    cases = firms.loc[firms["path"].notna(), "firm_id"]
    wanted = {*CONDITIONS, TRADITIONAL}
    assert set(zip(coded["firm_id"], coded["condition"], strict=True)) == set(
        itertools.product(cases, wanted)
    )
    # What no source speaks of is unknown, never coded as absent.
    silent = coded["basis_en"].str.startswith("Neither the study nor a record")
    assert coded.loc[silent, "value"].isna().all() and silent.any()
    # The cells on which sources conflict or stop short are unknown too.
    stopped = coded.loc[~silent & coded["value"].isna(), ["firm_id", "condition"]]
    assert {tuple(pair) for pair in stopped.itertuples(index=False)} == {
        ("F03", "traditional_industry"), ("F04", "foreign_acquisition"),
        ("F06", "large_firm_supplier"), ("F06", "resource_base"), ("F08", "resource_base"),
        ("F11", "inward_investment"),
    }  # fmt: skip


def test_one_reason_given_for_growth_rules_out_no_other() -> None:
    """An absence stands only where a source excludes the condition: today once, by its definition."""
    coded = firm_table("firm_conditions")
    absent = coded[coded["value"].eq(False).fillna(False) & (coded["condition"] != TRADITIONAL)]
    assert absent[["firm_id", "condition"]].values.tolist() == [["F01", "technology_import"]]


def test_a_mode_of_growth_and_its_condition_agree() -> None:
    """What a statement says of a firm's own growth is coded as present, unless sources conflict."""
    coded = firm_table("firm_conditions").set_index(["firm_id", "condition"])["value"]
    stated = firm_table("firm_statements").dropna(subset="mode")
    assert len(stated) == 12
    for row in stated.itertuples():
        assert bool(coded[row.firm_id, MODE_CONDITIONS[row.mode]]), row


def test_chinese_columns_stand_beside_the_english_ones() -> None:
    for name in ("firms", "firm_statements"):
        frame = firm_table(name)
        for column in frame.columns[frame.columns.str.endswith("_zh")]:
            english = column.removesuffix("_zh") + "_en"
            if english in frame and not column.startswith("name"):
                assert (frame[column].notna() == frame[english].notna()).all(), (name, column)


def test_event_dates_exist_in_the_calendar() -> None:
    events = firm_table("firm_events")
    assert [date_span(text) for text in events["date"]]
    assert (events["amount"].notna() == events["unit"].notna()).all()


def test_every_ownership_event_belongs_to_one_deal_of_one_firm() -> None:
    events = firm_table("firm_events")
    assert ((events["event_type"] == "ownership") == events["deal_id"].notna()).all()
    assert (events.groupby("deal_id")["firm_id"].nunique() == 1).all()
    deals = paths.deal_table(events).set_index("deal_id")
    # One buyout is on record as offered, as agreed and as retold in 2025.
    assert deals["records_count"].to_dict() == {"F10-D1": 3, "F10-D2": 1, "F11-D1": 1}


def test_published_ratios_agree_with_their_parts() -> None:
    figures = paths.in_display_units(firm_table("firm_financials"))
    by_metric = figures.pivot_table(index=["firm_id", "period"], columns="metric", values="value")
    ratio = by_metric.dropna(subset=["rd_ratio"])
    assert len(ratio) == 4
    # Revenue is printed to a million yuan: the ratio may differ by what that rounding allows.
    for row in ratio.itertuples():
        highest = 100 * row.rd_expense / (row.revenue - 0.5) + 0.005
        lowest = 100 * row.rd_expense / (row.revenue + 0.5) - 0.005
        assert lowest <= row.rd_ratio <= highest


def test_periods_of_the_financial_table() -> None:
    assert [paths.is_part_year(period) for period in firm_table("firm_financials")["period"]]
