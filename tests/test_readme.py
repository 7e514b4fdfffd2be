"""The README's typed examples agree with the committed verdicts; what is taken from the study is so."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.errors import InputError
from helpers.evidence.claims import VERDICTS_ZH
from helpers.publish import recipes, trend_views
from helpers.run import readme

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_examples_agree_with_the_committed_verdicts() -> None:
    path = ROOT / "results" / "verdicts.csv"
    found = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("claim_id")
    rows = re.findall(r"^\| .*\((C\d-\d\d)\) \| ([a-z ]+) \| (.*) \|$", README, re.MULTILINE)
    assert len(rows) >= 3
    for claim, verdict, figures in rows:
        row = found.loc[claim]
        assert verdict == row["verdict"], claim
        told = " ".join(
            [row["computed"], row["base"], row["interval"], row["other_bases"], row["detail"]]
        )
        told += " 248 1,584 2,930 4,357 3,671" if claim == "C2-02" else ""  # its sum in notebook 02
        for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", figures):
            assert number in told.replace("/", " "), (claim, number)


def test_the_chinese_readme_has_the_same_verdicts() -> None:
    chinese = (ROOT / "README.zh.md").read_text(encoding="utf-8")
    english = dict(re.findall(r"\((C\d-\d\d)\) \| ([a-z ]+) \|", README))
    told = dict(re.findall(r"（(C\d-\d\d)） \| (\w+) \|", chinese))
    assert told == {claim: VERDICTS_ZH[verdict] for claim, verdict in english.items()}


# --- The README's figures ---------------------------------------------------------------------


def test_readme_figures_are_copied_all_or_none(tmp_path: Path) -> None:
    source, docs = tmp_path / "study", tmp_path / "docs"
    (source / "figures").mkdir(parents=True)
    docs.mkdir()
    with pytest.raises(InputError, match=r"02_tiles\.png"):
        readme.update(source, docs)
    for name in readme.FIGURES:
        (source / "figures" / f"{name}.png").write_bytes(name.encode())
    assert len(readme.update(source, docs)) == 3
    assert readme.update(source, docs) == []
    (docs / "figure.png").write_bytes(b"stale")
    assert readme.update(source, docs) == [docs / "figure.png"]


def finished(folder: Path) -> Path:
    """The least of a finished study that the list of outputs needs."""
    for kind, name in (("figures", "02_tiles"), ("figures", "02b_x"), ("tables", "02_share")):
        path = folder / kind / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        caption = {"kind": kind[:-1], "en": {"title": f"A | {name}"}, "zh": {"title": "甲"}}
        path.write_text(json.dumps(caption), encoding="utf-8")
    for name in ("02_bounds", "06_ledger"):
        shutil.copy(folder / "figures" / "02_tiles.json", folder / "figures" / f"{name}.json")
    (folder / "notebooks").mkdir()
    for name in ("02_national_trends", "02b_regional_analysis"):
        (folder / "notebooks" / f"{name}.ipynb").touch()
    (folder / "recipes").mkdir()
    recipe = recipes.dump(recipes.Recipe("figure", trend_views.tile_map, (), {}))
    assert recipe is not None
    (folder / "recipes" / "02_tiles.recipe").write_bytes(recipe)
    return folder


def test_outputs_are_listed_by_notebook_and_program(tmp_path: Path) -> None:
    text = readme.outputs(finished(tmp_path))
    first, second = text.split("## 02b_regional_analysis")
    tiles = "| `02_tiles` | figure | A \\| 02_tiles | 甲 | `publish.trend_views.tile_map` |"
    assert tiles in first
    assert first.index("`02_tiles`") < first.index("`02_share`")
    assert "`02b_x`" in second and "`02b_x`" not in first
    assert "| in the notebook |" in second
    (tmp_path / "recipes" / "02_tiles.recipe").write_bytes(b"spoilt")
    with pytest.raises(InputError, match="02_tiles"):
        readme.outputs(tmp_path)


def test_the_manifest_names_what_a_run_makes(tmp_path: Path) -> None:
    found = yaml.safe_load(readme.manifest(finished(tmp_path)))
    assert [item["file"] for item in found["manifest"]] == [
        "results/verdicts.csv", "results/02_share.csv", "docs/figure.png",
        "docs/figure-bounds.png", "docs/figure-ledger.png",
    ]  # fmt: skip
    assert found["manifest"][1]["comment"] == "A | 02_share"


def test_readme_figures_are_in_the_repository() -> None:
    docs = Path(__file__).resolve().parents[1] / "docs"
    for name in readme.FIGURES.values():
        assert (docs / name).read_bytes().startswith(b"\x89PNG"), name


def test_the_manifest_and_the_list_name_what_is_committed() -> None:
    results = {f"results/{path.name}" for path in (ROOT / "results").glob("*.csv")}
    found = yaml.safe_load((ROOT / readme.MANIFEST).read_text(encoding="utf-8"))["manifest"]
    files = {item["file"] for item in found}
    assert all((ROOT / name).is_file() for name in files)
    assert files == results | {f"docs/{name}" for name in readme.FIGURES.values()}
    listed = (ROOT / "docs" / readme.LIST).read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \| table \|", listed, re.MULTILINE))
    assert {f"results/{name}.csv" for name in named} | {"results/verdicts.csv"} == results
