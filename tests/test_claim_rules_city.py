"""Rules on cities, districts and industries: the project's tables, and made-up counts laid over them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.claim_rules import RULES, city
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.claims import ClaimTest, Finding, Ledger, Setting, read_tests, verdict_of
from helpers.evidence.granularity import counts_for

REAL = tables.load_all()
TESTS = read_tests(REAL["claims"], REAL["claim_tests"])
HAICHENG, HIGH_TECH, ZONE = "210381", "210300-HT", "210300-ED"


def setting(
    districts: dict[str, int] | None = None, industries: list[int | None] | None = None
) -> Setting:
    """The project's tables with synthetic counts of Anshan's districts or industries."""
    given = dict(REAL)
    if districts is not None:
        rows = REAL["districts"]
        counts = rows["district_id"].map(lambda key: districts.get(key, 0)).astype("Int64")
        given["districts"] = rows.assign(srdi_firms_count=counts)
    if industries is not None:
        column = pd.array(industries, dtype="Int64")
        given["industries"] = REAL["industries"].assign(firms_count=column)
    return Setting(given, "210000", "210300")


def judged(claim: str, one: Setting) -> tuple[str, Finding]:
    test = TESTS[claim]
    found = RULES[test.rule].find(one, test)
    return verdict_of(found, test.reported), found


# Over 88 firms as the study's shares imply; the rest lies in one district.
AS_PRINTED = {HAICHENG: 24, HIGH_TECH: 19, ZONE: 18, "210302": 27}
PEOPLE = REAL["districts"].set_index("district_id")["census_population_2020_persons"]


def test_counts_of_districts_reach_every_claim_on_districts() -> None:
    one = setting(districts=AS_PRINTED)
    assert [judged(claim, one)[0] for claim in ("C2-21", "C2-22", "C2-23")] == ["reproduced"] * 3
    # 27 firms of another district stand before the three named.
    assert judged("C2-20", one)[0] == "contradicted"
    verdict, found = judged("C2-24", one)
    assert verdict == "reproduced"
    named = int(PEOPLE[[HAICHENG, HIGH_TECH, ZONE]].sum())
    assert found.base == f"88 firms, {PEOPLE.sum():,} residents"
    assert found.detail == (
        f"The districts named hold 61 of 88 firms and {named:,} of {PEOPLE.sum():,} residents."
    )


def test_the_order_of_districts_from_counts() -> None:
    spread = {HAICHENG: 24, HIGH_TECH: 19, ZONE: 18, "210302": 18, "210303": 9}
    assert judged("C2-20", setting(districts=spread))[0] == "reproduced"
    swapped = spread | {HIGH_TECH: 18, ZONE: 19}
    assert judged("C2-20", setting(districts=swapped))[0] == "contradicted"


def test_firms_as_thin_as_people_are_no_clustering() -> None:
    # As many firms as people, district by district: equal shares are not more.
    even = {key: int(count) for key, count in PEOPLE.items()}
    assert judged("C2-24", setting(districts=even))[0] == "contradicted"
    more = even | {HAICHENG: even[HAICHENG] + 1}
    assert judged("C2-24", setting(districts=more))[0] == "reproduced"


def test_counts_of_some_districts_are_no_base() -> None:
    one = setting(districts=AS_PRINTED)
    rows = one.tables["districts"]
    one.tables["districts"] = rows.assign(
        srdi_firms_count=rows["srdi_firms_count"].replace(0, pd.NA)
    )  # type: ignore[index]
    for claim in ("C2-21", "C2-24"):
        assert judged(claim, one)[0] == "consistent"
    # 27 firms of another district stand before 18, whatever the rest.
    assert judged("C2-20", one)[0] == "contradicted"


def test_counts_of_industries_decide_their_joint_share() -> None:
    half = [14, 11, 6, 5, 4, 3, 3, 2, 1, 1]
    verdict, found = judged("C2-26", setting(industries=half))
    assert (verdict, found.base) == ("reproduced", "50 firms of the industries on record")
    assert judged("C2-26", setting(industries=[15, *half[1:]]))[0] == "contradicted"
    # One count alone is no share, but it narrows the bounds.
    verdict, found = judged("C2-26", setting(industries=[30, *[None] * 9]))
    assert (verdict, found.interval) == ("consistent", "Equipment: 30 to 30 firms")


def test_the_sum_of_the_districts_is_the_base_of_the_industries() -> None:
    verdict, found = judged("C2-26", setting(districts=AS_PRINTED))
    assert verdict == "consistent"
    assert found.base == "88 firms, the sum of the districts" and "STUDY" in found.sources
    odd = AS_PRINTED | {HAICHENG: 25}
    verdict, found = judged("C2-26", setting(districts=odd))
    assert (verdict, found.interval, found.solver) == ("unattainable", "", "")
    assert "no whole number of firms" in found.detail and "over the sum" not in found.settles


def test_what_would_settle_the_order_of_districts_names_every_base() -> None:
    found = judged("C2-20", setting())[1]
    bases = city.known_of(setting()).firms.bases
    for base in bases:
        (last,) = counts_for("20.45", base)
        assert f"{last} of {base}" in found.settles
    assert len(bases) > 1


# -- counts of some districts, and the figures that are said to settle ------------------------------


def partly(districts: dict[str, int], total: int | None = None) -> Setting:
    """Synthetic counts of some of Anshan's districts and of the city; the others stay unknown."""
    given = dict(REAL)
    rows = REAL["districts"]
    given["districts"] = rows.assign(
        srdi_firms_count=rows["district_id"].map(districts).astype("Int64")
    )
    if total is not None:
        table = REAL["city_counts"]
        row = dict.fromkeys(table.columns) | {
            "place_id": "210300", "indicator_id": "srdi_sme", "measure": "stock",
            "firms_count": total, "comparison": "equal", "as_of": "2023-12", "source_id": "STUDY",
        }  # fmt: skip
        given["city_counts"] = pd.concat(
            [table, pd.DataFrame([row]).astype(table.dtypes.to_dict())]
        )
    return Setting(given, "210000", "210300")


def test_counts_of_the_districts_named_decide() -> None:
    one = partly({HAICHENG: 5, HIGH_TECH: 10, ZONE: 40})
    assert [judged(f"C2-2{n}", one)[0] for n in range(4)] == ["contradicted"] * 4
    # 24 firms are 27.27 % of 88 and of no other total.
    verdict, found = judged("C2-21", partly({HAICHENG: 24}))
    assert verdict == "consistent" and "city: 88 would confirm" in found.settles
    assert judged("C2-21", partly({HAICHENG: 24}, 88))[0] == "reproduced"
    assert judged("C2-21", partly({HAICHENG: 24}, 89))[0] == "contradicted"
    assert judged("C2-21", partly({HAICHENG: 24, "210302": 70}))[0] == "contradicted"
    assert judged("C2-21", partly({HAICHENG: 0}))[0] == "contradicted"


def test_a_small_share_of_a_count_on_record_has_totals_that_fit() -> None:
    # 1 firm is 0.1 % of 667 to 2,000 firms; 0.0 % would leave the total without an upper end.
    share = TESTS["C2-21"]
    rule, one = RULES[share.rule].find, partly({HAICHENG: 1})
    found = rule(one, replace(share, reported="0.1"))
    assert found.decision == "consistent" and " of 667, 668, " in found.detail
    assert ", 1999, 2000 firms." in found.detail
    open_ = rule(one, replace(share, reported="0.0"))
    assert not open_.detail and open_.missing == [city.NO_CITY]


def test_the_total_of_the_city_is_read_from_its_counts() -> None:
    assert judged("C2-21", partly({}, 90))[0] == "unattainable"
    verdict, found = judged("C2-21", partly({}, 88))
    assert (verdict, found.base) == ("consistent", "88 firms")
    assert "24 would confirm" in found.settles
    assert judged("C2-26", partly({}, 88))[1].base == "88 firms, the city's count on record"
    assert judged("C2-21", partly({"210302": 70}, 88))[0] == "contradicted"
    others = [key for key in PEOPLE.index if key != HAICHENG]
    rest = dict(zip(others, [19, 18, 20, 7, 0, 0, 0, 0], strict=True))
    assert judged("C2-21", partly(rest, 88))[0] == "reproduced"
    with pytest.raises(InputError, match=r"city_counts.*60 firms in the city.*counts 70"):
        judged("C2-21", partly({"210302": 70}, 60))


def test_the_figure_that_settles_the_order_of_districts_does() -> None:
    # "more than 18 of 88 would contradict the order"
    assert re.search(
        r"more than 18 of 88 .* would contradict", judged("C2-20", setting())[1].settles
    )
    assert judged("C2-20", partly({"210302": 19}, 88))[0] == "contradicted"
    assert judged("C2-20", partly({"210302": 18}, 88))[0] == "consistent"
    # Four districts with 60 firms or more are more than 90.
    assert judged("C2-20", partly({"210302": 60}, 90))[0] == "contradicted"
    assert judged("C2-20", partly({"210302": 60}))[0] == "consistent"


def test_the_share_that_settles_the_clustering_does() -> None:
    found = judged("C2-24", setting())[1]
    text = re.search(r"above ([0-9.]+) % would confirm it, below would contradict", found.settles)
    assert text
    total, end = 10_000, round(100 * float(text.group(1)))
    for named, verdict in ((end + 1, "entailed"), (end - 1, "contradicted")):
        counts = {HAICHENG: named - 2, HIGH_TECH: 1, ZONE: 1}
        assert judged("C2-24", partly(counts, total))[0] == verdict
    # Whatever the other districts hold, more than all of the others' share is not left for them.
    assert judged("C2-24", partly({"210302": 70}, 100))[0] == "contradicted"
    assert judged("C2-24", partly({"210302": 30}, 100))[0] == "consistent"


def test_totals_that_settle_the_shares_of_districts_do() -> None:
    bases = city.known_of(setting()).firms.bases
    for base in sorted({*bases, *range(60, 200, 6)}):
        verdicts = {judged(claim, partly({}, base))[0] for claim in ("C2-21", "C2-22", "C2-23")}
        assert (verdicts == {"consistent"}) == (base in bases)


def test_the_order_of_industries_from_counts() -> None:
    half = [14, 11, 6, 5, 4, 3, 3, 2, 1, 1]
    assert judged("C2-25", setting())[0] == "untestable"
    assert judged("C2-25", setting(industries=half))[0] == "reproduced"
    assert judged("C2-25", setting(industries=[*half[:8], 0, 1]))[0] == "contradicted"
    some = [None, None, 20, 25, *[None] * 6]
    assert judged("C2-25", setting(industries=some))[0] == "contradicted"
    assert judged("C2-25", setting(industries=[None, None, 25, 20, *[None] * 6]))[0] == "consistent"


def test_counts_that_conflict_with_an_inferred_base_are_told() -> None:
    verdict, found = judged("C2-26", setting(industries=[30, 10, *[None] * 8]))
    assert (verdict, found.interval) == ("consistent", "")
    assert "industry 1: 30; industry 2: 10; 50 % of 88" in found.detail
    beyond = judged("C2-26", setting(industries=[90, 60, *[None] * 8]))
    assert beyond[0] == "consistent" and "at most all 88 firms" in beyond[1].detail
    for odd in ([None, None, 20, 25, *[None] * 6], [5, 40, *[None] * 8]):
        assert "at least as many firms" in judged("C2-26", setting(industries=odd))[1].detail


def test_counts_that_conflict_with_a_base_on_record_contradict() -> None:
    verdict, found = judged("C2-26", setting(AS_PRINTED, [30, 10, *[None] * 8]))
    assert verdict == "contradicted" and found.base == "88 firms, the sum of the districts"
    assert judged("C2-26", setting(AS_PRINTED, [30, None, *[None] * 8]))[0] == "consistent"
    # Order broken elsewhere says nothing against the joint share.
    odd = [None, None, 8, 9, *[None] * 6]
    assert judged("C2-26", setting(AS_PRINTED, odd))[0] == "consistent"


# -- the city among the others ---------------------------------------------------------------------


def test_the_position_of_the_city_rests_on_what_bounds_it() -> None:
    one = setting()
    found = judged("C2-19", one)[1]
    problem = one.problem_within("210000")
    own = problem.sums(1, 5, "study", problem.cities)["210300"]
    bounds = problem.counts.bounds(own)
    assert f"{bounds.lower} to {bounds.upper} little giants" in found.interval
    grounds = problem.counts.grounds(own, bounds.lower, bounds.upper)
    assert found.sources == list(dict.fromkeys(i for fact in grounds for i in fact.source_ids))
    # Announced figures that contain batch 4 bound nothing here.
    assert "Dalian, batches 1-4, announced" not in found.rests_on


def test_the_position_of_the_city_is_judged_on_every_basis_and_within_its_batches(
    tmp_path: Path,
) -> None:
    def ledger(through: int) -> Ledger:
        one = replace(setting(), through_batch=through)
        return Ledger(one, RULES, "03_city_distribution", tmp_path)

    found = ledger(5).check("C2-19")
    assert (found.verdict, found.basis, found.without_grade_c) == ("consistent", "study", "consistent")  # fmt: skip
    assert found.other_bases == "certified: consistent; announced: consistent"
    assert ledger(4).check("C2-19").verdict == "not applicable"
    assert not ledger(4).applies("C2-19") and ledger(4).applies("C2-20")


@pytest.mark.parametrize("leader", ["210100", "210200"])
def test_a_leader_with_fewer_firms_contradicts(leader: str) -> None:
    rows = REAL["city_counts"]
    template = rows.iloc[0].to_dict()
    blank = dict.fromkeys(template, None)
    stock = {"indicator_id": "srdi_sme", "measure": "stock", "comparison": "equal",
             "as_of": "2023-12", "source_id": "STUDY"}  # fmt: skip
    counts = {"210300": 50, "210100": 200, "210200": 200, leader: 40}
    made_up = pd.DataFrame([blank | stock | {"place_id": p, "firms_count": n} for p, n in counts.items()])  # fmt: skip
    given = dict(REAL) | {"city_counts": pd.concat([rows, made_up.astype(rows.dtypes.to_dict())])}
    assert judged("C2-19", Setting(given, "210000", "210300"))[0] == "contradicted"


def test_a_leader_with_as_many_firms_is_not_ahead() -> None:
    rows = REAL["city_counts"]
    blank = dict.fromkeys(rows.columns)
    stock = {"indicator_id": "srdi_sme", "measure": "stock", "comparison": "equal",
             "as_of": "2023-12", "source_id": "STUDY"}  # fmt: skip
    for dalian, verdict in ((50, "contradicted"), (51, "consistent")):
        counts = {"210300": 50, "210100": 200, "210200": dalian}
        made_up = pd.DataFrame([blank | stock | {"place_id": p, "firms_count": n} for p, n in counts.items()])  # fmt: skip
        given = dict(REAL) | {
            "city_counts": pd.concat([rows, made_up.astype(rows.dtypes.to_dict())])
        }
        assert judged("C2-19", Setting(given, "210000", "210300"))[0] == verdict


def test_the_lead_in_one_tier_alone_is_no_lead_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(setting(), brief=True)
    counts = type(one.problem_within("210000").counts)
    monkeypatch.setattr(counts, "decide", lambda self, *parts: "entailed")
    # The leaders are ahead in little giants; the other tiers have no counts of all three.
    assert judged("C2-19", one)[0] == "consistent"


def test_a_place_without_districts_or_industries_is_told_what_is_missing() -> None:
    suzhou = Setting(REAL, "320000", "320500")
    for rule in ("district_share", "district_order", "district_density", "industry_share"):
        test = ClaimTest("C2-20", "50", rule, subject_ids=(HAICHENG,))
        found = RULES[rule].find(suzhou, test)
        assert verdict_of(found, "50") == "untestable" and found.missing
