"""What changed between two runs, by how much, and because of which table."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.analysis.comparison import because, changes, common_key
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.run import inputs
from helpers.run.cli import main
from helpers.run.differing import _judged, _setting, difference, report_lines, run_at
from helpers.run.parameters import Parameters

frames = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.integers(-9, 9)), max_size=8
).map(lambda rows: pd.DataFrame(rows, columns=["place", "year", "n"]))


@given(frames)
def test_a_table_does_not_differ_from_itself(frame: pd.DataFrame):
    assert changes(frame, frame).empty


@given(frames, frames)
def test_changes_turned_round_are_the_changes_back(old: pd.DataFrame, new: pd.DataFrame):
    there, back = changes(old, new), changes(new, old)
    turned = {"added": "removed", "removed": "added", "changed": "changed"}
    first = sorted(
        zip(there["kind"].map(turned), there["row"], there["new"], there["old"], strict=True)
    )
    assert first == sorted(zip(back["kind"], back["row"], back["old"], back["new"], strict=True))


@given(frames, frames)
def test_the_changes_make_the_new_table_of_the_old(old: pd.DataFrame, new: pd.DataFrame):
    old, new = (frame.drop_duplicates(["place", "year"]) for frame in (old, new))
    told = changes(old, new, ["place", "year"])
    cells = {f"{r.place} / {r.year}": str(r.n) for r in old.itertuples()}
    for row in told.itertuples():
        if row.kind == "changed":
            assert cells[row.row] == row.old
            cells[row.row] = row.new
            assert float(row.change) == float(row.new) - float(row.old)
        elif row.kind == "removed":
            del cells[row.row]
        else:
            cells[row.row] = {f"{r.place} / {r.year}": str(r.n) for r in new.itertuples()}[row.row]
    assert cells == {f"{r.place} / {r.year}": str(r.n) for r in new.itertuples()}


def test_rows_without_a_key_are_compared_as_a_whole():
    old = pd.DataFrame({"a": ["x", "x"], "b": ["1", "1"]})
    assert common_key(old, old) == []
    assert changes(old, old.head(1)).values.tolist() == [["removed", "x / 1", "", "", "", ""]]


def test_a_column_that_is_new_is_a_change():
    old = pd.DataFrame({"a": ["x"]})
    told = changes(old, old.assign(b="2"))
    assert told[["column", "old", "new"]].values.tolist() == [["b", "", "2"]]


def test_reasons_fall_back_to_what_the_notebook_reads_then_to_all():
    moved = {"t": {"S1"}, "u": {"S2"}}
    assert because({"S2"}, moved, {"t"}) == ["u"]
    assert because({"S9"}, moved, {"t"}) == ["t"]
    assert because({"S9"}, moved, set()) == ["t", "u"]


# -- whole runs ------------------------------------------------------------------------------------

CLAIMS = ["C2-02", "C2-13", "C2-16", "C2-17"]


def _run(folder: Path, data: dict[str, pd.DataFrame], figure: int, **parameters: str) -> Path:
    """Results of a run as far as they are compared; verdicts are those of the rules."""
    (folder / "tables").mkdir(parents=True)
    given = Parameters.from_mapping(parameters)
    (folder / "run.json").write_text(json.dumps({"parameters": asdict(given)}), "utf-8")
    inputs.write(data, folder)
    run = run_at_with(folder, given)
    found = _judged(_setting(run, data), CLAIMS, folder)
    rows = [{"claim_id": c, "verdict": v, "computed": "", "interval": "", "sources": "N-S01"}
            for c, v in found.items()]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "verdicts.csv", index=False)
    pd.DataFrame({"place": ["Liaoning"], "firms": [figure]}).to_csv(
        folder / "tables" / "02_focal.csv", index=False
    )
    caption = {"source_ids": ["N-S01"]}
    (folder / "tables" / "02_focal.json").write_text(json.dumps(caption), "utf-8")
    return folder


def run_at_with(folder: Path, given: Parameters):
    from helpers.run.differing import Run

    return Run(folder, given)


@pytest.fixture(scope="module")
def data() -> dict[str, pd.DataFrame]:
    return dict(tables.load_all())


@pytest.fixture(scope="module")
def fuller(data: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """A count that settles a claim, and one of another table that bears on none of them."""
    counts = data["province_counts"]
    # The share that the study reports for five batches needs 330 of 12,790 firms; 17 more may have been announced.
    row = counts.iloc[[0]].assign(place_id="210000", batch_from=1, batch_to=5, measure="certified",
                                  firms_count=300, includes_plan_city="yes", source_id="N-S01")  # fmt: skip
    people = data["population"].copy()
    people.loc[0, "residents_10k_persons"] += 1
    return data | {
        "province_counts": pd.concat([counts, row], ignore_index=True),
        "population": people,
    }


def test_inputs_are_read_back_as_they_were(tmp_path: Path, data: dict[str, pd.DataFrame]):
    inputs.write(data, tmp_path)
    first = (tmp_path / inputs.FILE).read_bytes()
    found = inputs.read(tmp_path, tables.schemas())
    assert set(found) == set(data) - {"labels"}
    for name, frame in found.items():
        pd.testing.assert_frame_equal(frame, data[name].reset_index(drop=True), obj=name)
    inputs.write(data, tmp_path)
    assert (tmp_path / inputs.FILE).read_bytes() == first


def test_a_changed_verdict_is_traced_to_the_table_behind_it(
    tmp_path: Path, data: dict[str, pd.DataFrame], fuller: dict[str, pd.DataFrame], capsys
):
    old = _run(tmp_path / "old", data, 211)
    new = _run(tmp_path / "new", fuller, 320)
    found = difference(old, new)
    assert set(found.data) == {"province_counts", "population"}
    assert found.data["population"]["change"].tolist() == ["+1"]
    turned = found.verdicts.set_index("claim_id")
    assert (turned.loc["C2-17", "old"], turned.loc["C2-17", "because"]) == (
        "consistent", "province_counts",
    )  # fmt: skip
    assert turned.loc["C2-17", "new"] == "contradicted"
    assert "C2-02" not in turned.index
    assert found.results["02_focal"]["change"].tolist() == ["+109"]
    assert found.reasons["02_focal"] == "province_counts"
    assert main(["diff", str(old), str(new), "--out", str(tmp_path / "d" / "all.csv")]) == 0
    told = capsys.readouterr().out
    assert "C2-17: consistent -> contradicted, because of province_counts" in told
    assert "Liaoning, firms: 211 -> 320 (+109)" in told
    every = pd.read_csv(tmp_path / "d" / "all.csv", dtype=str, keep_default_na=False)
    assert {"data", "verdict", "result"} == set(every["what"])


def test_equal_runs_do_not_differ(tmp_path: Path, data: dict[str, pd.DataFrame]):
    old, new = (_run(tmp_path / name, data, 211) for name in ("old", "new"))
    found = difference(old, new)
    assert not found.data and not found.results and found.verdicts.empty
    assert "Verdicts: 0 differ" in "\n".join(report_lines(found))


def test_other_parameters_are_told_as_the_reason(tmp_path: Path, data: dict[str, pd.DataFrame]):
    old = _run(tmp_path / "old", data, 211)
    new = _run(tmp_path / "new", data, 9, basis="announced")
    found = difference(old, new)
    assert found.parameters[["row", "old", "new"]].values.tolist() == [
        ["basis", "study", "announced"]
    ]
    assert found.reasons["02_focal"].startswith("parameters")
    assert all(text.startswith("parameters") for text in found.verdicts["because"])
    assert "causes are not traced table by table" in "\n".join(report_lines(found))
    assert "未逐表复判" in "\n".join(report_lines(found, "zh"))


def test_another_language_does_not_hide_the_table_behind_a_verdict(
    tmp_path: Path, data: dict[str, pd.DataFrame], fuller: dict[str, pd.DataFrame], capsys
):
    old = _run(tmp_path / "old", data, 211)
    new = _run(tmp_path / "new", fuller, 320, language="zh")
    turned = difference(old, new).verdicts.set_index("claim_id")
    assert turned.loc["C2-17", "because"] == "province_counts"
    assert main(["diff", str(old), str(new)]) == 0  # in the language of the later run
    assert "C2-17: 相容 -> 不符，原因：province_counts" in (told := capsys.readouterr().out)
    assert "Verdicts" not in told


def test_results_without_a_record_are_compared_without_causes(tmp_path: Path):
    (tmp_path / "a").mkdir()
    frame = pd.DataFrame({"claim_id": ["C2-02"], "verdict": ["consistent"]})
    frame.to_csv(tmp_path / "a" / "verdicts.csv", index=False)
    found = difference(tmp_path / "a", tmp_path / "a")
    assert "causes are not told" in "\n".join(report_lines(found))


def test_a_folder_without_results_is_told(tmp_path: Path, capsys):
    assert main(["diff", str(tmp_path), str(tmp_path)]) == 2
    assert "holds no results" in capsys.readouterr().err
    for name in ("a", "b"):
        (tmp_path / "output" / name).mkdir(parents=True)
        (tmp_path / "output" / name / "verdicts.csv").write_text("claim_id,verdict\n")
    with pytest.raises(InputError, match="several runs"):
        run_at(tmp_path)
