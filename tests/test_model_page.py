"""Notebook 02c for a province without covariates, with a user's own boundary file (made up)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import papermill
import pytest

from helpers.evidence import tables

ROOT = Path(__file__).parents[1]


def own_folder(folder: Path) -> Path:
    """A user's folder: no GDP of Tibet in 2018, and two synthetic squares as boundaries."""
    folder.mkdir()
    table = tables.load("province_covariates")
    hole = (table["place_id"] == "540000") & (table["year"] == 2018)
    row = table[hole & (table["variable"] == "gdp_100m_cny")].assign(value=None)
    row.to_csv(folder / "province_covariates.csv", index=False)
    features = [
        {"type": "Feature", "properties": {"adcode": code}, "geometry": {"type": "Polygon",
         "coordinates": [[[x, 30], [x + 2, 30], [x + 2, 32], [x, 32], [x, 30]]]}}
        for code, x in ((540000, 90), (210000, 92))
    ]  # fmt: skip
    content = {"type": "FeatureCollection", "features": features}
    (folder / "boundaries.geojson").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.notebooks
def test_a_province_without_covariates_still_gets_its_page(tmp_path: Path) -> None:
    own = own_folder(tmp_path / "own")
    papermill.execute_notebook(
        ROOT / "notebooks" / "02c_models_and_space.ipynb", tmp_path / "executed.ipynb",
        {"province": "西藏", "city": "拉萨", "data_dir": str(own), "output_dir": str(tmp_path / "out")},
        progress_bar=False, kernel_name="python3",
    )  # fmt: skip
    notebook = nbformat.read(tmp_path / "executed.ipynb", as_version=4)
    texts = [
        output.data["text/markdown"]
        for cell in notebook.cells if cell.cell_type == "code"
        for output in cell.outputs if "text/markdown" in output.get("data", {})
    ]  # fmt: skip
    page = "\n".join(texts)
    assert page.startswith("30 provinces with 1,832 little giants")
    assert "**Tibet is left out**: gdp_100m_cny of 2018 is missing" in page
    assert page.count("**No answer for Tibet**") == 2
    assert not re.search(r"\bnan\b", page)
    (folder,) = (tmp_path / "out").iterdir()
    figures = {path.stem for path in (folder / "figures").glob("*.png")}
    assert figures == {
        "02c_coefficients", "02c_expected", "02c_years", "02c_influence", "02c_residuals",
        "02c_funnel", "02c_moran", "02c_clusters", "02c_map",
    }  # fmt: skip
    drawn = pd.read_csv(folder / "figures" / "02c_map.csv", dtype={"place_id": str})
    assert drawn["value"].isna().tolist() == [True, False]
    years = pd.read_csv(folder / "figures" / "02c_years.csv")
    assert years["covariate_year"].min() == 2019
    assert not (folder / "tables" / "02c_focal.csv").exists()
