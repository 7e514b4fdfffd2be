"""Counts of the cities of a province out of a national list. All firms are made up."""

from __future__ import annotations

import pandas as pd

from helpers.analysis.list_counts import Extent, city_counts
from helpers.evidence import tables


def test_a_national_list_counts_every_city_of_the_province_and_no_other() -> None:
    places = tables.load("places").assign(plan_city=False)
    home = ["210000", "210000", "320000"]
    firms = pd.DataFrame(
        {"list_id": "a", "batch": 5, "basis": "certified", "counted": True, "source_id": "X1",
         "province_id": home, "city_id": ["210300", "210300", "320500"]}
    )  # fmt: skip
    whole = Extent(5, "certified", 3, (3,), "national", 0, lists=("a",))
    found = city_counts(firms, places, [whole], "210000", {(5, "certified"): "2023-07"})
    counts = found.set_index("place_id")["firms_count"]
    inside = places.query("province_id == '210000' and level == 'prefecture'")["place_id"]
    assert sorted(counts.index) == sorted(inside)
    assert counts[counts > 0].to_dict() == {"210300": 2}
