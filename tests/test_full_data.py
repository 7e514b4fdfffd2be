"""With every count supplied, the same notebook decides its claims (made-up counts, so labelled)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import papermill
import pytest

from helpers.analysis.shares import Cells, basis_table, basis_total
from helpers.evidence import tables
from helpers.evidence.provinces import build

ROOT = Path(__file__).parents[1]
NAMED = ["440000", "320000", "330000", "370000"]


def _made_up(folder: Path) -> pd.DataFrame:
    """Fill every unknown count of batches 3-5 with one of the tables that fit what is known."""
    counts, places = tables.load("province_counts"), tables.load("places")
    cells = Cells(counts, places, "study")
    units = list(places.loc[places["level"] != "prefecture", "place_id"])
    rows, sums = [], {unit: cells.exact(unit, 1, 2).firms_count for unit in units}
    record = []
    problem = build(tables.load_all())
    point = problem.counts._model().minimise({}, 10).point
    assert point is not None
    fitting = dict(zip(problem.counts.cells, point, strict=False))
    for batch in (3, 4, 5):
        measure = "announced" if batch == 5 else "certified"
        for unit in units:
            known = cells.exact(unit, batch, batch)
            count = fitting[measure, unit, batch]
            assert known is None or known.firms_count == count
            sums[unit] += count
            record.append((unit, batch, sums[unit]))
            if known is None:
                rows.append((unit, batch, batch, measure, count, "yes", "", "SYNTHETIC", ""))
    columns = list(tables.schemas()["province_counts"].columns)
    pd.DataFrame(rows, columns=columns).to_csv(folder / "province_counts.csv", index=False)
    source = ("SYNTHETIC", "Made-up counts for a test", "test", "测试", "", "", "copy", "C")
    columns = list(tables.schemas()["sources"].columns)
    pd.DataFrame([source], columns=columns).to_csv(folder / "sources.csv", index=False)
    return pd.DataFrame(record, columns=["place_id", "batch", "n"]).pivot(
        index="place_id", columns="batch", values="n"
    )


@pytest.mark.notebooks
def test_complete_counts_decide_the_claims(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    sums = _made_up(own)
    papermill.execute_notebook(
        ROOT / "notebooks" / "02_national_trends.ipynb", tmp_path / "executed.ipynb",
        {"data_dir": str(own), "output_dir": str(tmp_path / "output")}, progress_bar=False,
        kernel_name="python3",
    )  # fmt: skip
    (path,) = tmp_path.glob("output/*/verdicts/02_national_trends.csv")
    found = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("claim_id")
    totals = basis_table(tables.load("batches"), tables.load("bases"))
    base = {last: basis_total(totals, "study", 1, last) for last in (3, 5)}
    share = {last: sums[last] / base[last] * 100 for last in (3, 5)}
    rank = {last: int((sums[last] > sums.loc["210000", last]).sum()) + 1 for last in (3, 5)}
    front = sums.loc[NAMED, 5].min() > sums[5].drop(NAMED).max()
    expected = {
        "C2-03": round(share[3][NAMED].sum(), 2) == 32.46,
        "C2-04": round(share[5][NAMED].sum(), 2) == 43.48,
        "C2-05": share[5][NAMED].sum() > share[3][NAMED].sum(),
        "C2-06": front,
        "C2-07": share[5]["110000"] > share[3]["110000"],
        "C2-08": share[5]["310000"] > share[3]["310000"],
        "C2-09": share[5]["420000"] > share[3]["420000"],
        "C2-10": share[5]["340000"] > share[3]["340000"],
        "C2-11": sums.loc["210000", 5] > sums.loc[["220000", "230000"], 5].max(),
        "C2-13": rank[3] == 10,
        "C2-14": rank[5] == 14,
        "C2-15": rank[5] > rank[3],
        "C2-17": round(share[5]["210000"], 2) == 2.58,
        "C2-18": share[5]["210000"] < share[3]["210000"],
    }
    verdicts = {True: "reproduced", False: "contradicted"}
    assert found["verdict"][list(expected)].to_dict() == {
        claim: verdicts[bool(holds)] for claim, holds in expected.items()
    }
    assert "SYNTHETIC" in found.loc["C2-04", "sources"]
