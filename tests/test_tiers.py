"""Tiers: comparison of conditions, doubtful stocks, and rules the concept and criteria tables keep."""

import pandas as pd
import pytest

from helpers.analysis import tiers
from helpers.errors import InputError
from helpers.evidence import schema, tables


def one_table(name: str) -> pd.DataFrame:
    """One table by itself, so that these tests do not hang on unrelated tables."""
    description = tables.schemas()[name]
    text = schema.read_csv(description.path, description)
    frame, problems = schema.validate(text, description, description.path.name)
    assert problems == []
    return frame


@pytest.fixture(scope="module")
def conditions() -> pd.DataFrame:
    return one_table("thresholds")


@pytest.fixture(scope="module")
def act_of() -> pd.Series:
    return one_table("tiers").set_index("tier_id")["regime_id"]


def row(comparison: str, value: float | None, unit: str = "pct", **more: object) -> pd.Series:
    blank = {
        "window_years": None, "alternative_group": None, "applies_when_en": None,
        "applies_when_zh": None, "verified": True, "indicator_id": "i",
    }  # fmt: skip
    return pd.Series({**blank, "comparison": comparison, "value": value, "unit": unit, **more})


@pytest.mark.parametrize(
    ("comparison", "first", "second", "expected"),
    [
        ("at_least", 90.0, 70.0, "stricter"),
        ("at_least", 70.0, 90.0, "looser"),
        ("at_most", 70.0, 75.0, "stricter"),
        ("at_most", 80.0, 75.0, "looser"),
        ("rank_at_most", 3.0, 5.0, "stricter"),
        ("rank_at_most", 3.0, 3.0, "equal"),
    ],
)
def test_strictness_follows_the_direction(
    comparison: str, first: float, second: float, expected: str
) -> None:
    assert tiers.strictness(row(comparison, first), row(comparison, second)) == expected


@pytest.mark.parametrize(
    "other", [row("at_most", 10.0), row("at_least", 10.0, "m_cny"), row("at_least", None)]
)
def test_different_direction_unit_or_no_value_is_not_comparable(other: pd.Series) -> None:
    assert tiers.strictness(row("at_least", 10.0), other) == "not comparable"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([70.0], [90.0], "tighter"),
        ([90.0], [70.0], "eased"),
        ([70.0], [70.0], "unchanged"),
        ([3.0, 6.0], [3.0], "eased for some"),
        ([3.0, 2.0], [3.0], "tighter for some"),
        ([2.0, 6.0], [3.0], "mixed"),
        ([], [3.0], "new"),
        ([3.0], [], "dropped"),
    ],
)
def test_change_of_one_indicator(old: list[float], new: list[float], expected: str) -> None:
    sides = [[row("at_least", value) for value in part] for part in (old, new)]
    assert tiers.change(*sides) == expected


def test_another_indicator_is_redefined_and_a_plain_requirement_is_kept() -> None:
    first = [row("at_least", 5.0)]
    second = [row("at_least", 9.0, indicator_id="other")]
    assert tiers.change(first, second) == "redefined"
    plain = [row("required", None)]
    assert tiers.change(plain, plain) == "kept"


def test_condition_text_marks_alternatives_limits_and_doubt() -> None:
    small = row("at_least", 80.0, "m_cny", alternative_group="g", applies_when_en="small",
                applies_when_zh="小企业", window_years=3, verified=False)  # fmt: skip
    assert tiers.condition_text(small) == "≥ 80 million CNY† (small; within 3 years; unverified)"
    assert tiers.condition_text(small, "zh") == "≥ 8,000万元†（小企业；近3年内；未核实）"
    assert tiers.condition_text(row("required", None)) == "required"
    assert tiers.condition_text(row("at_least", 1.0, "items")) == "≥ 1 item"


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("main_revenue_share", "tighter"),
        ("debt_ratio", "eased"),
        ("ip", "redefined"),
        ("tenure", "tighter for some"),
        ("rd_ratio", "eased for some"),
        ("growth", "redefined"),
        ("market_position", "redefined"),
        ("award", "unchanged"),
        ("brand", "dropped"),
        ("revenue", "new"),
    ],
)
def test_little_giant_changes_known_from_the_two_acts(
    conditions: pd.DataFrame, act_of: pd.Series, topic: str, expected: str
) -> None:
    frame = tiers.side_by_side(conditions, act_of, "little_giant_2022", "little_giant_2026")
    assert frame.set_index("topic").loc[topic, "change"] == expected


def test_a_yearly_notice_is_not_part_of_the_measures(
    conditions: pd.DataFrame, act_of: pd.Series
) -> None:
    frame = tiers.side_by_side(conditions, act_of, "little_giant_2022", "little_giant_2026")
    assert pd.isna(frame.set_index("topic").loc["revenue", "old"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_unverified_conditions_are_shown_as_such(
    conditions: pd.DataFrame, act_of: pd.Series, language: str
) -> None:
    frame = tiers.side_by_side(
        conditions, act_of, "little_giant_2022", "little_giant_2026", language
    )
    marked = frame["old"].fillna("").str.contains(tiers.word("unverified", language))
    assert marked.any()
    assert (marked == ~frame["verified"]).all()


def test_champions_never_ask_for_less_where_comparable(conditions: pd.DataFrame) -> None:
    frame = tiers.compare_tiers(conditions, "single_champion_2023", "little_giant_2022")
    relations = frame.set_index("topic")["relation"]
    assert relations["tenure"] == "stricter"
    assert relations["market_position"] == "not comparable"
    assert tiers.never_looser(frame) is True
    back = tiers.compare_tiers(conditions, "little_giant_2022", "single_champion_2023")
    assert tiers.never_looser(back) is False


def test_a_rank_in_the_world_is_no_rank_at_home(conditions: pd.DataFrame) -> None:
    frame = tiers.compare_pairs(conditions, tiers.CHAMPION_PAIRS)
    relations = frame.groupby("topic")["relation"].agg(set).to_dict()
    assert relations["market_position"] == {"not comparable"}
    assert relations["tenure"] == relations["revenue"] == {"stricter"}
    world, home = (
        row("rank_at_most", 3.0, "rank", indicator_id=name)
        for name in ("market_rank_world", "market_rank_national")
    )
    assert tiers.strictness(world, home) == "not comparable"
    # One condition without a counterpart leaves the topic open, whatever the others say.
    both = pd.DataFrame([row("at_least", 3.0), row("at_least", 9.0, indicator_id="j")])
    table = pd.concat([both.assign(tier_id="a"), both.head(1).assign(tier_id="b")]).assign(
        topic="t", indicator_en="I"
    )
    assert tiers.compare_tiers(table, "a", "b")["relation"].tolist() == ["not comparable"]


def test_scores_of_different_sheets_are_not_compared(conditions: pd.DataFrame) -> None:
    frame = tiers.compare_tiers(conditions, "srdi_sme_2022", "innovative_sme_2022")
    assert not set(frame["topic"]) & set(tiers.NOT_COMPARABLE_TOPICS)


def test_nothing_comparable_gives_no_answer() -> None:
    frame = pd.DataFrame({"relation": ["not comparable"]})
    assert tiers.never_looser(frame) is None


def test_unknown_tier_names_the_known_ones(conditions: pd.DataFrame) -> None:
    with pytest.raises(InputError, match="little_giant_2022"):
        tiers.compare_tiers(conditions, "giant", "little_giant_2022")
    with pytest.raises(InputError, match="at least one pair"):
        tiers.compare_pairs(conditions, [])


def test_ladder_leaves_champions_out() -> None:
    table = one_table("tiers")
    assert tiers.ladder(table, "M2022") == ["innovative_sme", "srdi_sme", "little_giant"]
    assert tiers.ladder(table, "C2023") == []
    twice = pd.DataFrame({"regime_id": ["m", "m"], "tier": ["a", "b"], "rank": [1, 1]})
    with pytest.raises(InputError, match="same rank"):
        tiers.ladder(twice, "m")


def stocks(*rows: tuple[str, int, str, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["as_of", "firms_count", "comparison", "rounded"])
    return frame.assign(tier_id="x")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # A vague figure gives way to an exact one.
        (("2020", 5000, "more_than", True), ("2021-06", 1832, "equal", False), (True, False)),
        (("2022-09", 900, "equal", True), ("2022-09", 848, "equal", False), (True, False)),
        # Two bounds of one direction never clash.
        (("2022-09", 40, "more_than", True), ("2022-09", 50, "more_than", True), (False, False)),
        (("2022-09", 40, "less_than", True), ("2022-09", 50, "less_than", True), (False, False)),
        # Of two equally vague or equally exact figures none is preferred.
        (("2022-09", 100, "equal", False), ("2022-09", 101, "equal", False), (True, True)),
        (("2024-07", 140, "more_than", True), ("2024-09", 124, "equal", True), (True, True)),
        (("2024-07", 14, "more_than", True), ("2024-07", 12, "less_than", True), (True, True)),
        (("2022-09", 100, "equal", False), ("2023-09", 100, "equal", False), (False, False)),
        (("2020", 400, "less_than", True), ("2022-09", 300, "equal", False), (False, False)),
    ],
)
def test_doubtful_stocks(
    first: tuple[str, int, str, bool],
    second: tuple[str, int, str, bool],
    expected: tuple[bool, bool],
) -> None:
    assert tuple(tiers.doubtful_stocks(stocks(first, second))) == expected
    assert tuple(tiers.doubtful_stocks(stocks(second, first))) == expected[::-1]


def test_other_tiers_cast_no_doubt() -> None:
    frame = stocks(("2020", 5000, "equal", False), ("2021", 10, "equal", False))
    assert not tiers.doubtful_stocks(frame.assign(tier_id=["a", "b"])).any()


def test_no_exact_national_stock_is_doubtful() -> None:
    table = one_table("tier_stocks")
    exact = (table["comparison"] == "equal") & ~table["rounded"]
    assert exact.any()
    assert not tiers.doubtful_stocks(table)[exact].any()


def test_steps_belong_to_documents_that_name_their_tiers() -> None:
    steps, documents = one_table("gradient_steps"), one_table("policy_documents")
    named = documents.set_index("doc_id")["tiers_set"]
    for step in steps.itertuples():
        # Champions are no tier of the register's column.
        wanted = {step.lower_tier, step.upper_tier} - {"single_champion"}
        assert wanted <= set(named[step.doc_id].split(";"))


def test_a_champion_is_above_a_little_giant_in_one_document_of_2021() -> None:
    steps = one_table("gradient_steps")
    documents = tiers.in_order(one_table("policy_documents").dropna(subset="issued"))
    placing = tiers.stating_step(steps, "little_giant", "single_champion")
    assert placing["doc_id"].tolist() == ["N70"]
    assert tiers.with_steps(documents, steps, 2)["doc_id"].tolist() == ["N70", "N08"]
    assert tiers.with_steps(documents, steps.head(0), 1).empty


def test_a_first_is_never_fully_documented() -> None:
    years = pd.DataFrame({"year": [2011, 2013]})
    assert [tiers.first_grade(years, year) for year in (2011, 2013, 2010)] == [
        "partly", "conflicting", "undocumented",
    ]  # fmt: skip


def test_documents_of_a_year_follow_the_dated_ones() -> None:
    documents = tiers.in_order(one_table("policy_documents").dropna(subset="issued"))
    order = documents["doc_id"].tolist()
    assert order.index("N12") < order.index("N16")


def test_the_same_document_has_one_title() -> None:
    regimes = one_table("regimes").dropna(subset="title_zh").set_index("number")["title_zh"]
    register = one_table("policy_documents").dropna(subset="number")
    titles = register.set_index("number")["title_zh"]
    shared = regimes.index.intersection(titles.index)
    assert len(shared) > 3
    assert (regimes[shared] == titles[shared]).all()


def test_only_independent_facts_document_a_side() -> None:
    table = pd.DataFrame(
        {
            "dimension": ["type"] * 2, "side": ["hidden_champion", "little_giant"],
            "source_id": ["C-S45", "STUDY"],
        }
    )  # fmt: skip
    assert tiers.sides_documented(table)["both"].tolist() == [False]


def test_contrasts_keep_all_five_dimensions_in_order() -> None:
    sides = tiers.sides_documented(one_table("contrasts"))
    expected = ["type", "internationalisation", "market_entry", "geography", "competitiveness"]
    assert sides.index.tolist() == expected


@pytest.mark.parametrize(("found", "needed"), [(1, 0), (-1, 2), (3, 2)])
def test_grade_refuses_impossible_counts(found: int, needed: int) -> None:
    with pytest.raises(InputError):
        tiers.grade(found, needed)


@pytest.mark.parametrize(
    ("cells", "language", "expected"),
    [
        ({"comparison": "about", "value": 9.0, "unit": "pct"}, "zh", "约9%"),
        ({"comparison": "more_than", "value": 30.0, "unit": "million CNY"}, "en", "> 30 million CNY"),
        ({"comparison": "more_than", "value": 30.0, "unit": "million CNY"}, "zh", "> 3,000万元"),
        ({"comparison": None, "value": None, "unit": None}, "en", None),
    ],
)  # fmt: skip
def test_figure_text(cells: dict[str, object], language: str, expected: str | None) -> None:
    blank = {"numerator_count": None, "denominator_count": None}
    assert tiers.figure_text(pd.Series({**blank, **cells}), language) == expected


def test_first_with_needs_all_tiers_and_a_date() -> None:
    table = pd.DataFrame(
        {"issued": [None, "2018", "2026", "2022-06"], "tiers_set": ["a;b", "a", "a;b", "b;a"]}
    )
    assert tiers.first_with(table, ["a", "b"])["issued"].tolist() == ["2022-06"]
    assert tiers.first_with(table, ["a", "z"]).empty


def test_conditions_table_is_coherent(conditions: pd.DataFrame) -> None:
    plain = conditions["comparison"] == "required"
    assert (conditions["value"].isna() == plain).all()
    assert (conditions["unit"].isna() == plain).all()
    assert (conditions["alternative_group"].isna() == conditions["route"].isna()).all()
    assert (conditions["applies_when_en"].isna() == conditions["applies_when_zh"].isna()).all()
    # A group belongs to one tier, and offers a choice.
    groups = conditions.groupby("alternative_group")
    assert (groups["tier_id"].nunique() == 1).all()
    assert (groups["route"].nunique() > 1).all()
    # One definition of an indicator has one unit.
    assert (conditions.dropna(subset="unit").groupby("indicator_id")["unit"].nunique() == 1).all()
    assert all(tiers.topic_name(topic) != topic.replace("_", " ") for topic in conditions["topic"])


def test_shares_in_contrasts_have_a_base() -> None:
    table = one_table("contrasts")
    counted = table.dropna(subset="numerator_count")
    assert counted["denominator_count"].notna().all()
    assert (counted["numerator_count"] <= counted["denominator_count"]).all()
    assert (table["value"].isna() | table["numerator_count"].isna()).all()
