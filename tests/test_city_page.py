"""The page on cities with a user's own counts (made up, so labelled): nothing is inferred any more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import papermill
import pytest

from helpers.evidence import tables

ROOT = Path(__file__).parents[1]
SYNTHETIC = ("SYNTHETIC", "Made-up counts for a test", "test", "", "", "", "copy", "C")


def write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    columns = list(tables.schemas()[name].columns)
    pd.DataFrame(rows, columns=columns, dtype=object).to_csv(folder / f"{name}.csv", index=False)


def executed(folder: Path, **parameters: str) -> tuple[str, str, Path]:
    """Text of all outputs, that of the rendered sentences, and the study's folder."""
    out = folder / "executed.ipynb"
    papermill.execute_notebook(
        ROOT / "notebooks" / "03_city_distribution.ipynb", out,
        {"data_dir": str(folder / "own"), "output_dir": str(folder / "output")} | parameters,
        progress_bar=False, kernel_name="python3",
    )  # fmt: skip
    shown: list[str] = []
    for cell in json.loads(out.read_text(encoding="utf-8"))["cells"]:
        shown += [json.dumps(part["data"], ensure_ascii=False)
                  for part in cell.get("outputs", []) if "data" in part]  # fmt: skip
    (study,) = (folder / "output").iterdir()
    sentences = [text for text in shown if "text/markdown" in text]
    return "\n".join(shown), "\n".join(sentences), study


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    columns = list(tables.schemas()["sources"].columns)
    pd.DataFrame([SYNTHETIC], columns=columns).to_csv(folder / "sources.csv", index=False)
    return folder


@pytest.mark.notebooks
def test_anshan_with_counts_of_its_own(own_data: Path) -> None:
    known = tables.load("districts").query("place_id == '210300'")
    # Synthetic: not the counts that the study's shares imply.
    firms = dict(zip(known["district_id"], [9, 8, 7, 0, 20, 11, 30, 3, 2], strict=True))
    kept = known.astype(object).where(known.notna(), None).to_dict("records")
    write(own_data, "districts", [
        row | {"srdi_firms_count": firms[row["district_id"]], "share_claim_id": None, "source_id": "SYNTHETIC"}
        for row in kept
    ])  # fmt: skip
    industries = tables.load("industries").query("place_id == '210300'").astype(object)
    write(own_data, "industries", [
        row | {"firms_count": count, "source_id": "SYNTHETIC"}
        for row, count in zip(industries.where(industries.notna(), None).to_dict("records"),
                              [30, 15, 12, 9, 8, 6, 4, 3, 2, 1], strict=True)
    ])  # fmt: skip
    everything, sentences, study = executed(own_data.parent)
    assert "together **90** firms" in sentences and "No base has to be inferred" in sentences
    assert "88" not in sentences.split("C2-21")[0]
    assert "inferred from" not in everything.split("03_cities")[0].split("C2-21")[0]
    rates = pd.read_csv(study / "figures" / "03_rates.csv").set_index("district_id")
    assert rates["lower_count"].to_dict() == rates["upper_count"].to_dict() == firms
    assert rates["low_rate"].notna().all()
    assert rates.loc["210381", "lower_rate"] == pytest.approx(30 / 106.7905)
    index = pd.read_csv(study / "tables" / "03_concentration.csv").set_index("Index")
    hhi = sum(n * n for n in firms.values()) / 90**2
    raw = index.loc["HHI, raw (1/N to 1)"]
    assert raw["Firms, least"] == raw["Firms, most"] == round(hhi, 4)
    orders = pd.read_csv(study / "tables" / "03_orders.csv")
    assert len(orders) == 2 * 36
    shown = pd.read_csv(study / "tables" / "03_industries.csv")
    assert shown["Fewest firms"].tolist() == shown["Most firms"].tolist()
    assert shown["Fewest firms"].tolist()[:2] == [30, 15]
    assert "Equipment leads with 30 of 90 firms (33.33 %)" in sentences
    assert not list((study / "figures").glob("03_bases.*"))


@pytest.mark.notebooks
def test_anshan_with_counts_that_no_inferred_base_holds(own_data: Path) -> None:
    """Synthetic: some districts counted beside the printed shares, more firms than the base has."""
    known = tables.load("districts").query("place_id == '210300'")
    kept = known.astype(object).where(known.notna(), None).to_dict("records")
    write(own_data, "districts", [
        row | {"srdi_firms_count": None if row["share_claim_id"] else 5, "source_id": "SYNTHETIC"}
        for row in kept
    ])  # fmt: skip
    industries = tables.load("industries").query("place_id == '210300'").astype(object)
    write(own_data, "industries", [
        row | {"firms_count": count, "share_claim_id": None, "source_id": "SYNTHETIC"}
        for row, count in zip(industries.where(industries.notna(), None).to_dict("records"),
                              [60, 45, 30, 20, 15, 10, 9, 8, 5, 3], strict=True)
    ])  # fmt: skip
    _, sentences, study = executed(own_data.parent, language="zh")
    assert "400以内没有基数能与份额及已查得数量同时相符" in sentences
    assert "15对中有15对并列" in sentences
    assert "居首，有60家，占205家的29.27%" in sentences
    shown = pd.read_csv(study / "tables" / "03_industries.csv")
    assert shown["最少"].tolist() == shown["最多"].tolist() == [60, 45, 30, 20, 15, 10, 9, 8, 5, 3]


@pytest.mark.notebooks
def test_dalian_with_little_giants_of_every_city(own_data: Path) -> None:
    cities = [f"21{n:02}00" for n in range(1, 15)]
    # Synthetic: one measure, range and date for all cities.
    giants = [60, 70, 20, 8, 6, 5, 13, 12, 3, 7, 9, 13, 4, 2]
    write(own_data, "city_counts", [
        {"place_id": city, "indicator_id": "little_giant", "batch_from": 1, "batch_to": 5,
         "measure": "not_stated", "firms_count": count, "comparison": "equal", "as_of": "2023-12",
         "source_id": "SYNTHETIC"}
        for city, count in zip(cities, giants, strict=True)
    ])  # fmt: skip
    write(own_data, "districts", [
        {"place_id": "210200", "district_id": f"21020{n}", "name_zh": name, "source_id": "SYNTHETIC",
         "census_population_2020_persons": people, "srdi_firms_count": count}
        for n, name, people, count in ((2, "中山区", 0, 3), (3, "西岗区", 100_000, 0), (4, "沙河口区", None, 7))
    ])  # fmt: skip
    _, sentences, study = executed(own_data.parent, city="大连")
    cells = pd.read_csv(study / "tables" / "03_tier_cells.csv").set_index("Kind of firm")
    row = cells.loc["little giants"]
    assert (row["Comparable"], row["Echelons"]) == (14, 2)
    assert row["First echelon"] == "Dalian, Shenyang"  # by their counts
    assert "fall into 2 echelons" in sentences
    assert "together **10** firms" in sentences
    assert "Without the residents of every district" in sentences
    rates = pd.read_csv(study / "figures" / "03_rates.csv").set_index("district_id")
    # No resident, or none on record: no rate. No firm: a rate of nought with an upper end.
    assert rates["lower_rate"].isna().tolist() == [True, False, True]
    assert rates.loc[210203, ["lower_rate", "low_rate"]].tolist() == [0, 0]
    assert rates.loc[210203, "high_rate"] == pytest.approx(0.3689, abs=1e-4)
