"""Sums and links that hold between the tables of the project."""

from __future__ import annotations

import re
from fractions import Fraction
from urllib.parse import urlsplit

import pandas as pd
import pytest

from helpers.evidence import tables
from helpers.evidence.sources import ids_of


@pytest.fixture(scope="module")
def data() -> dict[str, pd.DataFrame]:
    return tables.load_all()


@pytest.fixture(scope="module")
def reported(data: dict[str, pd.DataFrame]) -> dict[str, str]:
    rows = data["claims"].dropna(subset=["reported_value"])
    return dict(zip(rows["claim_id"], rows["reported_value"], strict=True))


def test_population_of_the_districts(data: dict[str, pd.DataFrame]) -> None:
    rows = data["districts"].query("place_id == '210300'")
    assert len(rows) == 9
    assert rows["census_population_2020_persons"].sum() == 3_325_372


def test_the_studys_total_is_the_sum_of_five_batches(
    data: dict[str, pd.DataFrame], reported: dict[str, str]
) -> None:
    chosen = data["bases"].query("basis == 'study' and batch <= 5").sort_values("batch")
    firms = data["batches"].set_index("figure_id").loc[chosen["figure_id"], "firms_count"]
    assert firms.tolist() == [248, 1584, 2930, 4357, 3671]
    assert firms.sum() == 12_790 == int(reported["C2-02"])


def test_cumulative_figures_are_sums(data: dict[str, pd.DataFrame]) -> None:
    firms = data["batches"].set_index("figure_id")["firms_count"]
    assert firms["B12-cumulative"] == firms["B1-certified"] + firms["B2-certified"]
    assert firms["B13-cumulative"] == firms["B12-cumulative"] + firms["B3-certified"]
    valid = firms[["R1-passed", "B2-certified", "B3-certified", "B4-announced"]].sum()
    assert firms["S2022-09"] == valid == 8997


@pytest.mark.parametrize("name", ["study_tables", "firm_fields"])
def test_forms_are_listed_in_the_order_of_their_positions(
    data: dict[str, pd.DataFrame], name: str
) -> None:
    assert data[name]["position"].tolist() == list(range(1, len(data[name]) + 1))


def test_titles_are_reviewed_when_three_years_are_over(data: dict[str, pd.DataFrame]) -> None:
    # Batches 1 to 3 were recognised in 2019, 2020 and 2021.
    years = data["reviews"].set_index("batch")["effective"].str[:4].astype(int)
    assert len(years) and all(year == 2018 + batch + 3 for batch, year in years.items())


def test_regions_add_up(data: dict[str, pd.DataFrame]) -> None:
    for _, rows in data["region_totals"].groupby(["batch_from", "batch_to", "measure"]):
        assert rows["firms_count"].sum() == rows["total_count"].iloc[0]
        assert rows["total_count"].nunique() == 1


def test_census_of_the_provinces(data: dict[str, pd.DataFrame]) -> None:
    rows = data["province_population"].set_index("place_id")["residents_count"]
    places = data["places"].set_index("place_id")
    assert set(rows.index) == set(places.index[places["level"] == "province"])
    # Persons in active service are counted in no province.
    assert rows.sum() + 2_000_000 == 1_411_778_724
    regions = {"East": 563717119, "Central": 364694362, "West": 382852295, "Northeast": 98514948}
    assert rows.groupby(places["region"]).sum().to_dict() == regions


def test_a_published_share_is_that_of_the_batches_sum(data: dict[str, pd.DataFrame]) -> None:
    rows = data["published_indices"].query("source_id == 'N-S38'").set_index("statistic")
    chosen = data["bases"].query("basis == 'study' and batch <= 4")
    firms = data["batches"].set_index("figure_id").loc[chosen["figure_id"], "firms_count"].sum()
    share = 100 * int(rows.loc["firms_count", "reported_value"]) / firms
    assert f"{share:.1f}" == rows.loc["share_pct", "reported_value"]


def test_population_of_the_cities_is_that_of_the_province(data: dict[str, pd.DataFrame]) -> None:
    rows = data["population"].query("as_of == '2021-12-31'").set_index("place_id")
    # The province's registered population is printed without decimals.
    printed = {
        "residents_10k_persons": ("4229.4", "0.05"),
        "registered_10k_persons": ("4159", "0.5"),
    }
    for column, (total, margin) in printed.items():
        cities = [Fraction(repr(float(v))) for v in rows[column].drop("210000")]
        assert len(cities) == 14
        assert Fraction(repr(float(rows.loc["210000", column]))) == Fraction(total)
        assert abs(sum(cities) - Fraction(total)) <= Fraction(margin)


def test_no_part_exceeds_its_whole(data: dict[str, pd.DataFrame]) -> None:
    counts = data["province_counts"]
    plan = data["places"].query("plan_city").set_index("place_id")["province_id"]
    keys = ["batch_from", "batch_to", "measure"]
    whole = counts[counts["includes_plan_city"] == "yes"]
    own = counts[counts["place_id"].isin(plan.index)].assign(city=lambda f: f["place_id"])
    own["place_id"] = own["place_id"].map(plan)
    both = own.merge(whole, on=[*keys, "place_id"], suffixes=("_city", ""))
    assert len(both) >= 5
    assert (both["firms_count_city"] <= both["firms_count"]).all()


def test_growth_paths_repeat_the_ledger(
    data: dict[str, pd.DataFrame], reported: dict[str, str]
) -> None:
    shares = data["growth_paths"].set_index("path_id")["reported_share_pct"]
    claims = {"overseas": "C3-01", "investment": "C3-07", "substitution": "C3-10"}
    assert set(shares.index) == set(claims)
    for path, claim in claims.items():
        assert Fraction(str(shares[path])) == Fraction(reported[claim])


def test_district_claims_are_linked_both_ways(
    data: dict[str, pd.DataFrame], reported: dict[str, str]
) -> None:
    linked = data["districts"].dropna(subset=["share_claim_id"])
    assert sorted(linked["share_claim_id"]) == ["C2-21", "C2-22", "C2-23"]
    assert all(claim in reported for claim in linked["share_claim_id"])
    names = {"C2-21": "海城", "C2-22": "高新区", "C2-23": "经开区"}
    texts = data["claims"].set_index("claim_id")["claim_zh"]
    for row in linked.itertuples():
        assert row.name_zh.startswith(names[row.share_claim_id])
        assert names[row.share_claim_id] in texts[row.share_claim_id]
    joint = data["industries"].dropna(subset=["share_claim_id"])
    assert joint["share_claim_id"].tolist() == ["C2-26", "C2-26"]


def test_no_table_holds_a_count_that_only_the_shares_imply(data: dict[str, pd.DataFrame]) -> None:
    assert data["districts"]["srdi_firms_count"].isna().all()
    assert data["industries"]["firms_count"].isna().all()
    assert not [column for column in data["growth_paths"] if "count" in column]
    anshan = data["city_counts"].query("place_id == '210300'")["indicator_id"]
    assert set(anshan) == {"high_tech_enterprise"}
    derived = re.compile(r"\b(24|19|18|44)\s*(/|of|out of)\s*88\b|\b[34]\s*(/|of|out of)\s*20\b")
    for name, frame in data.items():
        assert not [column for column in frame if column.startswith("implied")], name
        for column in frame.select_dtypes(include=["str", "object"]):
            hits = [text for text in frame[column].dropna() if derived.search(str(text))]
            assert not hits, (name, column, hits)


def test_addresses_of_sources(data: dict[str, pd.DataFrame]) -> None:
    for row in data["sources"].itertuples():
        if not isinstance(row.url, str):
            continue
        assert row.access != "copy", row.source_id
        parts = urlsplit(row.url)
        assert parts.scheme in ("http", "https"), row.source_id
        assert "." in parts.netloc, row.source_id
        assert not re.search(r"[\s<>\"'@]", row.url), row.source_id


def test_every_source_id_in_use_is_on_record(
    data: dict[str, pd.DataFrame], record_property: pytest.FixtureRequest
) -> None:
    used: set[str] = set()
    for name, frame in data.items():
        columns = [c for c in frame if c.endswith(("source_id", "source_ids"))]
        if name != "sources":
            used.update(ids_of(*(frame[column] for column in columns)))
    known = set(data["sources"]["source_id"])
    assert used <= known
    unused = sorted(known - used)
    record_property("unused_sources", len(unused))
    print(f"sources that no table uses: {len(unused)} of {len(known)}")
    assert len(unused) < len(known) / 2
