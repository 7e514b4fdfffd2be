"""Rules on documents, growth paths and recommendations: each can come out in more than one way.

The frames of the cases are synthetic: the columns and types of the project's tables, with made-up
rows. Their places, firms, documents and numbers stand for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd
import pytest

from helpers.analysis import paths, policy, tiers
from helpers.analysis.claim_rules import concept, growth
from helpers.analysis.claim_rules import policy as policy_rules
from helpers.evidence import tables
from helpers.evidence.claims import ClaimTest, Finding, Setting, read_tests, verdict_of
from helpers.evidence.granularity import counts_for
from helpers.evidence.sources import ids_of

RULES = concept.RULES | growth.RULES | policy_rules.RULES
NOTEBOOKS = ("01_concept", "04_growth_paths", "05_policy_recommendations", "05b_quantities")
PROVINCE, CITY, OTHER = "990000", "990100", "990200"
READINGS = ("tech_sme_registered", "tech_sme_evaluated")
RUNGS = ("innovative_sme", "srdi_sme", "little_giant")
Row = dict[str, Any]
PLACES: list[Row] = [
    {"place_id": PROVINCE, "name_en": "Synthetia", "name_zh": "虚拟省"},
    {"place_id": CITY, "name_en": "Madeup", "name_zh": "虚拟市"},
    {"place_id": OTHER, "name_zh": "另一市"},
]
SOURCES: list[Row] = [
    {"source_id": "X1", "grade": "A"},
    {"source_id": "X2", "grade": "C"},
    {"source_id": "STUDY", "grade": "B"},
]


@cache
def empty() -> dict[str, pd.DataFrame]:
    """The project's tables without their rows."""
    return {name: frame.iloc[:0] for name, frame in tables.load_all().items()}


def filled(name: str, rows: list[Row]) -> pd.DataFrame:
    """A table with made-up rows only; columns not given are blank."""
    kinds, given = empty()[name].dtypes, pd.DataFrame(rows, dtype="object")
    assert set(given) <= set(kinds.index), name
    blank = empty()[name].reindex(range(len(rows)))
    return blank.assign(**{column: given[column].astype(kinds[column]) for column in given})


def synthetic(**rows: list[Row]) -> Setting:
    """A setting with made-up rows in some tables and none in all others."""
    assert set(rows) <= set(empty())
    made = {name: filled(name, given) for name, given in rows.items()}
    return Setting(empty() | common() | made, PROVINCE, CITY)


@cache
def common() -> dict[str, pd.DataFrame]:
    """Places and sources of all cases."""
    return {"places": filled("places", PLACES), "sources": filled("sources", SOURCES)}


def document(doc_id: str, year: str, **more: object) -> Row:
    return {
        "doc_id": doc_id, "level": "national", "title_zh": f"文件{doc_id}", "title_en": doc_id,
        "issued": year, "defines_four_words": False, "source_id": "X1",
    } | more  # fmt: skip


def opinions(year: str, **more: object) -> Row:
    return document("O", year, title_zh="关于“专精特新”发展的指导意见", **more)


def step(doc_id: str, lower: str, upper: str) -> Row:
    return {"doc_id": doc_id, "lower_tier": lower, "upper_tier": upper, "source_id": "X2"}


def tier(tier_id: str, rank: int | None, act: str = "M2022") -> Row:
    return {
        "tier_id": tier_id, "tier": tier_id.rpartition("_")[0], "regime_id": act, "rank": rank,
        "source_id": "X1",
    }  # fmt: skip


def condition(tier_id: str, value: float | None, **more: object) -> Row:
    return {
        "tier_id": tier_id, "topic": "tenure", "dimension": "focus", "indicator_en": "Years",
        "indicator_zh": "年限", "comparison": "at_least", "value": value, "unit": "years",
        "verified": True, "source_id": "X2",
    } | more  # fmt: skip


def contrast(dimension: str, side: str, source: str = "X1", **more: object) -> Row:
    row = {"dimension": dimension, "side": side, "source_id": source, "statement_en": "Made up."}
    return row | more


def listed(side: str) -> Row:
    return contrast("type", side, numerator_count=1, denominator_count=4)


LADDER = [tier(f"{name}_2022", rank) for rank, name in enumerate(RUNGS, 1)]
HEIGHTS = [condition(f"{name}_2022", height) for name, height in zip(RUNGS, (1, 2, 3), strict=True)]
DUELS = [
    condition(name, 3) for name in sorted({name for pair in tiers.CHAMPION_PAIRS for name in pair})
]


def firm(number: int, path: str, **more: object) -> Row:
    return {
        "firm_id": f"X{number:02d}", "name_short_en": f"Firm {number}", "path": path,
        "place_id": CITY, "in_study": True, "source_id": "STUDY",
    } | more  # fmt: skip


def route(path: str, share: str | None, **more: object) -> Row:
    row = {"path_id": path, "place_id": CITY, "reported_share_pct": share, "source_id": "STUDY"}
    return row | more


def statement(number: int, grade: str, mode: str | None = None) -> Row:
    return {
        "firm_id": f"X{number:02d}", "order": 1, "topic": "origin", "mode": mode,
        "documentation": grade, "source_id": "STUDY",
    }  # fmt: skip


def coded(values: list[bool | None], condition: str = "foreign_acquisition") -> list[Row]:
    """Coding of the first firms."""
    return [
        {"firm_id": f"X{number:02d}", "condition": condition, "value": value, "source_id": "STUDY"}
        for number, value in enumerate(values)
    ]


ROUTES = [route("abroad", "20"), route("home", "15")]
FIRMS = [firm(number, "abroad") for number in range(4)]
FIRMS += [firm(number, "home") for number in range(4, 7)]


def count(place: str, value: int, reading: str = READINGS[0], as_of: str = "2022-12") -> Row:
    return {
        "place_id": place, "indicator_id": reading, "measure": "not_stated", "firms_count": value,
        "comparison": "equal", "as_of": as_of, "source_id": "X1",
    }  # fmt: skip


def series(value: float, reading: str = READINGS[0]) -> Row:
    return {
        "place_id": PROVINCE, "indicator_id": reading, "value": value, "comparison": "equal",
        "unit": "firms", "as_of": "2022-12", "source_id": "X1",
    }  # fmt: skip


def residents(place: str, number: float) -> Row:
    return {"place_id": place, "as_of": "2021", "residents_10k_persons": number, "source_id": "X1"}


def target(place: str | None, value: float, **more: object) -> Row:
    return {
        "target_id": f"T{place}", "place_id": place, "indicator_id": READINGS[0],
        "indicator_en": "Tech SMEs", "target_value": value, "comparison": "equal",
        "unit": "firms", "source_id": "X1",
    } | more  # fmt: skip


FRACTION = target(CITY, 0.25, comparison="fraction_of", reference_place_id=OTHER, source_id="STUDY")
MEASURE: Row = {"measure_id": "M1", "recommendation_id": "R1", "indicator_id": READINGS[0]}
ADVICE: dict[str, list[Row]] = {
    "recommendations": [{"recommendation_id": "R1", "claim_id": "X-01"}],
    "recommendation_measures": [MEASURE],
}
PEOPLE = [residents(CITY, 10), residents(PROVINCE, 100)]


@dataclass(frozen=True)
class Case:
    """Made-up rows, and what a rule has to say of them."""

    rule: str
    rows: Mapping[str, list[Row]]
    verdict: str
    documentation: str = ""
    reported: str = ""
    subjects: tuple[str, ...] = ()
    kind: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def find(self, setting: Setting | None = None) -> Finding:
        test = ClaimTest(
            "X-01", self.reported, self.rule, subject_ids=self.subjects, kind=self.kind
        )
        return RULES[self.rule].find(setting or synthetic(**self.rows), test)


def concept_cases() -> Iterator[Case]:
    def calls(*sources: str) -> dict[str, list[Row]]:
        rows = [{"occasion": f"meeting_{n}", "source_id": x} for n, x in enumerate(sources)]
        return {"top_level_calls": rows}

    rule = "top_level_calls"
    found = {"detail": "Quoted outside the study: meeting 0 and meeting 1."}
    yield Case(rule, calls("X1", "STUDY;X2"), "untestable", "documented", texts=found)
    yield Case(rule, calls("X1", "STUDY"), "untestable", "partly")
    yield Case(rule, calls("STUDY"), "untestable", "undocumented")
    yield Case(rule, {}, "untestable", "undocumented")

    def plans(*years: str) -> dict[str, list[Row]]:
        rows = [document(f"P{year}", year, role="defines_concept") for year in years]
        return {"policy_documents": [*rows, document("tax", "1990", role="tax")]}

    rule = "first_document"
    first = {"computed": "1 document of 2011, 0 earlier found", "sources": "['X1']"}
    yield Case(rule, plans("2011", "2013"), "untestable", "partly", "2011", texts=first)
    yield Case(rule, plans("2009", "2011"), "untestable", "conflicting", "2011")
    yield Case(rule, plans("2013"), "untestable", "undocumented", "2011")

    rule = "guiding_opinions"
    local = opinions("2012", level="province", place_id=PROVINCE)
    both = {"policy_documents": [local, opinions("2013-07"), opinions("2016")]}
    no_number = {"computed": "2013", "detail": "O, without a number."}
    yield Case(rule, both, "reproduced", reported="2013", texts=no_number)
    yield Case(rule, {"policy_documents": [opinions("2012")]}, "contradicted", reported="2013")
    yield Case(rule, {"policy_documents": [local]}, "untestable", reported="2013")

    rule = "four_words"
    explained = document("E", "2013", defines_four_words=True)
    yield Case(rule, {"policy_documents": [opinions("2013"), explained]}, "untestable", "partly")
    later = {"policy_documents": [opinions("2012"), explained]}
    yield Case(rule, later, "untestable", "undocumented")

    rule = "gradient_system"
    steps = [step("G", *RUNGS[:2]), step("G", *RUNGS[1:])]
    laid_out = {"policy_documents": [document("G", "2021-07")], "gradient_steps": steps}
    yield Case(rule, laid_out, "reproduced", reported="2021", subjects=RUNGS)
    yield Case(rule, laid_out, "untestable", reported="2020", subjects=RUNGS)
    single = laid_out | {"gradient_steps": steps[:1]}
    yield Case(rule, single, "untestable", reported="2021", subjects=RUNGS)

    rule = "ladder_order"
    whole = {"tiers": LADDER, "thresholds": HEIGHTS}
    order = {"computed": "innovative SME < SRDI SME < little giant"}
    yield Case(rule, whole, "reproduced", subjects=RUNGS, texts=order)
    yield Case(rule, whole, "contradicted", subjects=RUNGS[::-1])
    swapped = [tier(f"{RUNGS[n]}_2022", rank) for rank, n in enumerate((1, 0, 2), 1)]
    yield Case(rule, whole | {"tiers": swapped}, "contradicted", subjects=RUNGS)
    eased = whole | {"thresholds": [*HEIGHTS[:2], condition("little_giant_2022", 1)]}
    yield Case(rule, eased, "contradicted", subjects=RUNGS)
    apart = whole | {"thresholds": [*HEIGHTS[:2], condition("little_giant_2022", 1, unit="pct")]}
    yield Case(rule, apart, "reproduced", subjects=RUNGS)
    yield Case(rule, {"thresholds": HEIGHTS}, "untestable", subjects=RUNGS)

    rule, pair = "step_above", ("little_giant", "single_champion")
    champion = tier("single_champion_2016", None, "C2016")
    base = {"thresholds": DUELS, "tiers": [*LADDER, champion]}
    base |= {"policy_documents": [document("G", "2021-07")]}
    stated = base | {"gradient_steps": [step("G", *pair)]}
    outside = {"detail": "1 of 1 champion measures stand outside the gradient system"}
    yield Case(rule, stated, "untestable", "documented", subjects=pair, texts=outside)
    yield Case(rule, stated, "untestable", "undocumented", subjects=pair[::-1])
    yield Case(rule, base, "untestable", "undocumented", subjects=pair)

    def spelt_out(number: int) -> dict[str, list[Row]]:
        rows = [{"section": "lesson", "source_id": "X2"}] * number
        return {"hidden_champion_facts": [*rows, {"section": "pillar", "source_id": "X1"}]}

    rule = "lessons"
    yield Case(rule, spelt_out(3), "untestable", "documented", "3")
    yield Case(rule, spelt_out(4), "untestable", "documented", "3")
    yield Case(rule, spelt_out(2), "untestable", "partly", "3")
    yield Case(rule, spelt_out(0), "untestable", "undocumented", "3")

    rule = "dimensions"
    sides = [contrast(name, side) for name in ("type", "geography") for side in tiers.SIDES]
    yield Case(rule, {"contrasts": sides}, "reproduced", "documented", "2")
    yield Case(rule, {"contrasts": sides}, "contradicted", "documented", "3")
    yield Case(rule, {"contrasts": sides[:2]}, "reproduced", "documented", "1")
    one = {"detail": "missing on one side: geography."}
    yield Case(rule, {"contrasts": sides[:3]}, "untestable", "partly", "2", texts=one)
    own = [*sides[:3], contrast("geography", "little_giant", "STUDY")]
    yield Case(rule, {"contrasts": own}, "untestable", "partly", "2")
    yield Case(rule, {}, "untestable", "undocumented", "2")

    rule = "listing"
    rows = [listed(side) for side in tiers.SIDES]
    shown = {"computed": "1/4 (25.0 %); 1/4 (25.0 %)"}
    yield Case(rule, {"contrasts": rows}, "untestable", "documented", texts=shown)
    yield Case(rule, {"contrasts": rows[:1]}, "untestable", "partly")
    yield Case(rule, {"contrasts": [listed("context")]}, "untestable", "undocumented")
    yield Case(rule, {}, "untestable", "undocumented")

    rule = "pace_abroad"
    years = {"dimension": "internationalisation", "unit": "years", "value": 9.0}
    timed = [contrast(side=side, **years) for side in tiers.SIDES]
    yield Case(rule, {"contrasts": timed}, "untestable", "documented")
    unsourced = [timed[0], timed[1] | {"source_id": "STUDY"}]
    yield Case(rule, {"contrasts": unsourced}, "untestable", "partly")
    shares = [row | {"unit": "pct"} for row in timed]
    yield Case(rule, {"contrasts": shares}, "untestable", "undocumented")

    rule, chain = "chain_conditions", condition("a", None, dimension="chain_support")
    yield Case(rule, {"thresholds": [chain]}, "untestable", "documented")
    unseen = [chain, chain | {"verified": False}]
    yield Case(rule, {"thresholds": unseen}, "untestable", "partly")
    yield Case(rule, {}, "untestable", "undocumented")


def growth_cases() -> Iterator[Case]:
    rule, on = "path_share", {"subjects": ("abroad",), "reported": "20"}
    named = {"growth_paths": ROUTES, "firms": FIRMS}
    fits = {
        "computed": "4/20",
        "base": "20 firms, inferred from the shares themselves",
        "detail": "The base fits by construction; 13 of 20 firms have no path.",
        "missing": "the full list of Madeup's little giants with the path of each",
        "settles": "other than 20, 25, 30, 35, 40-41",
    }
    yield Case(rule, named, "consistent", texts=fits, **on)
    abroad = named | {"firms": [*FIRMS, firm(7, "abroad", place_id=OTHER)]}
    yield Case(rule, abroad, "consistent", texts=fits, **on)
    # 3 firms are 20 % of 15 only, and 3 of 15 is no 15 %.
    short = named | {"firms": FIRMS[1:]}
    none = {"base": "6 firms, those named: no base fits", "detail": "No base fits"}
    yield Case(rule, short, "unattainable", texts=none, **on)
    elsewhere = {"growth_paths": [row | {"place_id": OTHER} for row in ROUTES], "firms": FIRMS}
    yield Case(rule, elsewhere, "untestable", **on)
    unprinted = named | {"growth_paths": [route("abroad", None), ROUTES[1]]}
    yield Case(rule, unprinted, "untestable", **on)

    rule, way = "one_mechanism", ("abroad", "acquisition")
    bought = [statement(number, "undocumented", "acquisition") for number in range(4)]
    # A firm of another path may have grown in another way.
    bought.append(statement(5, "documented", "technology_import"))
    same = named | {"firm_statements": bought, "firm_conditions": coded([True] * 4)}
    # The study's own sentences, all of one mind, confirm nothing.
    unseen = {"missing": "Firm 0, Firm 1, Firm 2, Firm 3", "interval": "4/4 to 4/4"}
    yield Case(rule, same, "consistent", "undocumented", subjects=way, texts=unseen)
    seen = [row | {"documentation": "documented"} for row in bought]
    yield Case(rule, same | {"firm_statements": seen}, "reproduced", "documented", subjects=way)
    # A sentence that names another way leaves the first one open.
    mixed = named | {"firm_statements": [*seen[1:], statement(0, "partly", "technology_import")]}
    unknown = mixed | {"firm_conditions": coded([None, True, True, True])}
    counted = {
        "computed": "acquisition: 3, technology import: 1", "interval": "3/4 to 4/4",
        "missing": "the acquisition for Firm 0",
        "settles": "Records of the acquisition for Firm 0: one that",
    }  # fmt: skip
    yield Case(rule, unknown, "consistent", "partly", subjects=way, texts=counted)
    ruled_out = mixed | {"firm_conditions": coded([False, None, True, True])}
    yield Case(rule, ruled_out, "contradicted", "partly", subjects=way)
    # A firm that a source rules out contradicts the claim, whatever is said of the others.
    one_out = same | {"firm_conditions": coded([True, True, True, False])}
    yield Case(rule, one_out, "contradicted", "undocumented", subjects=way)
    silent = named | {"firm_statements": [statement(0, "documented")]}
    yield Case(rule, silent, "untestable", subjects=way)

    rule, firms = "statements", ("X00", "X01")
    graded = [statement(0, "documented", "acquisition"), statement(0, "undocumented")]
    said = named | {"firm_statements": [*graded, statement(4, "conflicting")]}
    told = {"base": "1 of 2 statements", "detail": "Firm 0, origin: documented; Firm 0, origin"}
    how = {"subjects": firms, "kind": "mechanism"}
    yield Case(rule, said, "untestable", "documented", texts=told, **how)
    yield Case(rule, said, "untestable", "partly", subjects=firms, kind="classification")
    yield Case(rule, said, "untestable", "conflicting", subjects=("X04",), kind="classification")
    yield Case(rule, said, "untestable", subjects=("X06",), kind="classification")

    rule = "two_majorities"
    old = named | {"firms": [*FIRMS[:6], firm(6, "home", founded="1990")]}
    dated = {"detail": "old: consistent. 13 of 20 firms", "base": "20 firms, inferred"}
    dated |= {"settles": "A list of Madeup's little giants with the industry of each"}
    yield Case(rule, old, "consistent", texts=dated)
    yield Case(rule, named, "untestable", texts={"detail": ""})
    yield Case(rule, {"firms": FIRMS}, "untestable", texts={"detail": ""})
    # 7 of 7 firms coded otherwise are no majority of 20, but nobody knows that there are 20.
    modern = coded([False] * 7, "traditional_industry")
    few = {"interval": "traditional: 0/20 to 13/20"}
    yield Case(rule, named | {"firm_conditions": modern}, "consistent", texts=few)
    # With half of the largest base tried, no number of firms is left that would make a majority.
    many = {"firms": [firm(number, "abroad") for number in range(60)]}
    many |= {"growth_paths": [route("abroad", "100")]}
    # 40 of 60 would rule a majority out, but 60 is only the least base that fits.
    forty = coded([False] * 40, "traditional_industry")
    yield Case(rule, many | {"firm_conditions": forty}, "consistent")
    none = coded([False] * 60, "traditional_industry")
    yield Case(rule, many | {"firm_conditions": none}, "contradicted")

    yield Case("no_indicator", {}, "untestable", texts={"detail": "without an indicator"})


def policy_cases() -> Iterator[Case]:
    rule = "recommendation"
    own = {"city_counts": [count(CITY, 5)], "policy_targets": [target(CITY, 9.0)]}
    none = {"base": "1 measures", "detail": "figures on 0, goals on 0, documents on 0 of 1"}
    whole = {"detail": "figures on 1, goals on 1, documents on 0 of 1 measures"}
    yield Case(rule, ADVICE | own, "untestable", "documented", texts=whole)
    yield Case(rule, ADVICE | {"city_counts": [count(CITY, 5)]}, "untestable", "partly")
    above = ADVICE | {"province_series": [series(50.0)]}
    yield Case(rule, above, "untestable", "partly", texts=none)
    far, unsourced = ADVICE | {"city_counts": [count(OTHER, 5)]}, {"sources": "[]"}
    yield Case(rule, far, "untestable", "undocumented", texts=unsourced)
    # A goal that the study itself proposes does not support it.
    itself = own | {"policy_targets": [target(CITY, 9.0, source_id="STUDY")]}
    yield Case(rule, ADVICE | itself, "untestable", "partly")

    rule, both = "weaker_than_province", {"subjects": READINGS}
    around = ADVICE | {"population": PEOPLE, "province_series": [series(100.0)]}
    yield Case(rule, around | {"city_counts": [count(CITY, 9)]}, "reproduced", "partly", **both)
    yield Case(rule, around | {"city_counts": [count(CITY, 10)]}, "contradicted", "partly", **both)
    # A goal for the city is no figure.
    aim = around | {"city_counts": [count(CITY, 9)], "policy_targets": [target(CITY, 9.0)]}
    yield Case(rule, aim, "reproduced", "partly", **both)
    later = {"city_counts": [count(CITY, 9, as_of="2023")]}
    yield Case(rule, around | later, "untestable", "partly", **both)
    yield Case(
        rule,
        around,
        "untestable",
        "partly",
        texts={"detail": "counts of Madeup on record: 0"},
        **both,
    )
    yield Case(rule, ADVICE, "untestable", "undocumented", **both)
    yield Case(rule, far, "untestable", "undocumented", texts=unsourced, **both)
    twice = around | {"province_series": [series(100.0), series(100.0, READINGS[1])]}
    agree = {"city_counts": [count(CITY, 9), count(CITY, 9, READINGS[1])]}
    yield Case(rule, twice | agree, "reproduced", "partly", **both)
    differ = {"city_counts": [count(CITY, 9), count(CITY, 11, READINGS[1])]}
    apart = {"detail": "on record: 2. The two counts disagree."}
    yield Case(rule, twice | differ, "untestable", "partly", texts=apart, **both)

    rule = "goal"
    aimed = ADVICE | {"policy_targets": [FRACTION]}
    needed = {"computed": "Tech SMEs: at least 3 firms (1/4 of 9)", "base": "另一市, 2022-12"}
    reference = count(OTHER, 9)
    for value, verdict in ((2, "reproduced"), (3, "contradicted")):
        rows = aimed | {"city_counts": [reference, count(CITY, value)]}
        yield Case(rule, rows, verdict, "partly", "1/4", texts=needed, **both)
    unknown = aimed | {"city_counts": [reference]}
    yield Case(rule, unknown, "untestable", "undocumented", "1/4", texts=needed, **both)
    yield Case(rule, aimed, "untestable", "undocumented", "1/4", **both)
    other = ADVICE | {"policy_targets": [FRACTION | {"indicator_id": "srdi_sme"}]}
    other |= {"city_counts": [count(OTHER, 9, "srdi_sme"), count(CITY, 2, "srdi_sme")]}
    nothing = {"computed": "None", "base": ""}
    yield Case(rule, other, "untestable", "undocumented", "1/4", texts=nothing, **both)
    yield Case(rule, ADVICE, "untestable", "undocumented", "1/4", **both)


CASES = [*concept_cases(), *growth_cases(), *policy_cases()]
# Untestable by nature: it names no indicator.
NEVER_GRADED = {"no_indicator"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.verdict}")
def test_made_up_tables(case: Case) -> None:
    found = case.find()
    assert verdict_of(found, case.reported) == case.verdict
    assert found.documentation == case.documentation
    for name, text in case.texts.items():
        shown = getattr(found, name)
        assert text in " ".join(shown) if name == "missing" else text in str(shown), shown


def test_every_rule_has_two_outcomes() -> None:
    outcomes: dict[str, set[tuple[str, str]]] = {name: set() for name in RULES}
    for case in CASES:
        outcomes[case.rule].add((case.verdict, case.documentation))
    assert {name for name, seen in outcomes.items() if len(seen) < 2} == NEVER_GRADED


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_leaves_the_shared_tables_alone(rule: str) -> None:
    case = next(case for case in CASES if case.rule == rule)
    setting = synthetic(**case.rows)
    before = {name: frame.copy() for name, frame in setting.tables.items() if len(frame)}
    case.find(setting)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(setting.tables[name], frame)


# --- Bases ------------------------------------------------------------------------------------


def test_bases_of_shares_without_shares_or_firms() -> None:
    assert paths.named_base({}, {}) == paths.NamedBase([], [], 0, 0)
    assert paths.named_base({}, {"a": 2}) == paths.NamedBase([], [], 2, 0)
    assert paths.open_bases({}, {"a": 2}) == []
    # No base up to 10 gives 15 %.
    assert paths.named_base({"a": "15"}, {"a": 1}, limit=6).bases == []


@pytest.mark.parametrize("path", ["abroad", "home"])
def test_a_number_that_would_settle_a_share_leaves_no_count(path: str) -> None:
    reported, named = {"abroad": "20", "home": "15"}, {"abroad": 4, "home": 3}
    left = paths.open_bases({path: reported[path]}, named)
    for base in range(1, paths.LARGEST_BASE + 1):
        room = [n for n in counts_for(reported[path], base) if n >= named[path]]
        assert bool(room) == (base in left)
    assert set(paths.open_bases(reported, named)) < set(left)


def test_no_number_settles_what_is_ruled_out_already() -> None:
    firms = [firm(number, "abroad") for number in range(21)]
    rows = {"growth_paths": [route("abroad", "20")], "firms": firms}
    found = Case("path_share", rows, "", subjects=("abroad",)).find()
    assert (found.decision, found.settles) == ("unattainable", "")


# --- The project's own tables -----------------------------------------------------------------


@pytest.fixture(scope="module")
def tests() -> dict[str, ClaimTest]:
    real = tables.load_all()
    own = real["claims"].loc[real["claims"]["notebook"].isin(NOTEBOOKS), "claim_id"]
    return {
        claim: test
        for claim, test in read_tests(real["claims"], real["claim_tests"]).items()
        if claim in set(own)
    }


@pytest.fixture(scope="module")
def findings(tests: dict[str, ClaimTest]) -> dict[str, Finding]:
    setting = Setting(tables.load_all(), "210000", "210300")
    return {claim: RULES[test.rule].find(setting, test) for claim, test in tests.items()}


def test_every_rule_is_named_and_every_name_is_a_rule(tests: dict[str, ClaimTest]) -> None:
    assert {test.rule for test in tests.values()} == set(RULES)


def test_sections_agree_with_the_tables(
    tests: dict[str, ClaimTest], findings: dict[str, Finding]
) -> None:
    real = tables.load_all()
    lessons = (real["hidden_champion_facts"]["section"] == "lesson").sum()
    assert findings["C1-07"].computed == f"{lessons} of {tests['C1-07'].reported} lessons"
    assert findings["C0-01"].computed == (
        f"{len(tiers.independent(real['top_level_calls']))} of {len(real['top_level_calls'])} occasions"
    )
    assert findings["C1-02"].value == 2013 and findings["C1-04"].value == 2021

    named = real["firms"]["path"].value_counts()
    routes = real["growth_paths"].set_index("path_id")["reported_share_pct"]
    for claim in ("C3-01", "C3-07", "C3-10"):
        (path,) = tests[claim].subject_ids
        assert findings[claim].computed == f"{named[path]}/20"
        assert findings[claim].decision == "consistent"
        assert routes[path] == tests[claim].reported
        assert int(routes[path]) * 20 == 100 * named[path]

    graded = real["firm_statements"]
    of_firms = [claim for claim, test in tests.items() if test.rule == "statements"]
    told = [tests[claim].subject_ids for claim in of_firms]
    assert sorted(sum(told, ())) == sorted(real["firms"].dropna(subset="path")["firm_id"])
    for claim, members in zip(of_firms, told, strict=True):
        given = graded[graded["firm_id"].isin(members)]
        assert findings[claim].detail.count(";") == len(given) - 1
        assert sorted(findings[claim].sources) == sorted(ids_of(given["source_id"]))

    measures = real["recommendation_measures"]
    advice = real["recommendations"].set_index("claim_id")["recommendation_id"]
    assert set(advice.index) == {c for c, t in tests.items() if t.rule == "recommendation"}
    for claim, number in advice.items():
        count = (measures["recommendation_id"] == number).sum()
        assert findings[claim].base == f"{count} measures"
        assert findings[claim].documentation == "partly"
    needed = policy.least_count(policy.exact_share(0.25), 9543)
    assert f"at least {needed:,} firms (1/4 of 9,543)" in str(findings["C4-03"].computed)


def test_verdicts_of_the_default_study(
    tests: dict[str, ClaimTest], findings: dict[str, Finding]
) -> None:
    verdicts = {
        claim: verdict_of(found, tests[claim].reported) for claim, found in findings.items()
    }
    settled = {claim: verdict for claim, verdict in verdicts.items() if verdict != "untestable"}
    assert settled == {
        "C1-02": "reproduced", "C1-04": "reproduced", "C1-05": "reproduced",
        "C3-01": "consistent", "C3-02": "consistent", "C3-07": "consistent",
        "C3-10": "consistent", "C3-12": "consistent",
    }  # fmt: skip


@pytest.mark.parametrize(("province", "city"), [("320000", "320500"), ("210000", "210200")])
def test_rules_run_for_a_place_without_rows(
    province: str, city: str, tests: dict[str, ClaimTest]
) -> None:
    setting = Setting(tables.load_all(), province, city)
    for claim, test in tests.items():
        if test.place_id != "210300":
            continue
        found = RULES[test.rule].find(setting, test)
        if claim.startswith("C3"):
            assert verdict_of(found, test.reported) == "untestable"
            assert not found.sources and "Anshan" not in " ".join([found.detail, *found.missing])
        if claim.startswith("C4"):
            assert found.documentation in ("partly", "undocumented")
            assert "Anshan" not in found.detail
