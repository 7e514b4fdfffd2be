"""The table of labels: every pair of texts of the code, complete, and open to a user's own words."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.evidence import tables
from helpers.publish import labels
from helpers.publish.labels import catalogue, faults, label_id, pairs_of
from helpers.run.study import Parameters, make_study


def test_the_stored_table_is_that_of_the_code() -> None:
    frame = catalogue(labels.sources())
    assert labels.csv_text(frame) == (labels.project_data_dir() / "labels.csv").read_text("utf-8")
    assert len(frame) > 1500 and frame["label_id"].is_unique
    assert faults(frame) == []


@pytest.mark.parametrize(
    ("source", "pairs"),
    [
        ('study.t("Firms", "企业数")', [("Firms", "企业数")]),
        ('Said(f"{n} of {m:,}", f"{m:,}中的{n}")', [("{n} of {m}", "{m}中的{n}")]),
        ('HEADS = {"a": ("City", "城市")}', [("City", "城市")]),
        ('t("one " + "two", "一" "二")', [("one two", "一二")]),
        ('t("left", "")', [("left", "")]),
        ('t(a, b); x = ("是", "否"); y = ("a", "b"); t("one", "two", "three")', []),
    ],
)
def test_pairs_are_read_from_code(source: str, pairs: list[tuple[str, str]]) -> None:
    assert list(pairs_of(source)) == pairs


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (("Firms in all", ""), "no text in the other language"),
        (("", "企业"), "no text in the other language"),
        (("企业", "企业"), "Chinese in the English text"),
        (("three words here", "three words here"), "no Chinese in"),
    ],
)
def test_an_incomplete_pair_is_a_fault(pair: tuple[str, str], told: str) -> None:
    (fault,) = faults(catalogue({"module": f"t({pair[0]!r}, {pair[1]!r})"}))
    assert told in fault and "(module)" in fault


def test_marks_and_short_codes_are_none() -> None:
    source = 't(", ", "，"); t(" ", "为"); t("GDP", "GDP"); t("read 万元 as it is", "按万元")'
    assert faults(catalogue({"module": source})) == []


def own_labels(folder: Path, *rows: str) -> Parameters:
    text = "\n".join(["label_id,en,zh,used_in", *rows]) + "\n"
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    return Parameters(data_dir=str(folder), output_dir=str(folder / "out"))


def test_ones_own_words_replace_a_label(own: Path) -> None:
    code = label_id("Firms", "企业数")
    study = make_study(own_labels(own, f"{code},Enterprises,企业家数,"))
    assert study.t("Firms", "企业数") == "Enterprises"
    assert study.told_in("zh").t("Firms", "企业数") == "企业家数"
    assert study.t("City", "城市") == "City"
    assert study.t(("a", "b"), ("c", "d")) == ("a", "b")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{code},Enterprises,,", r"table labels.*row 2.*column zh"),
        (
            "{code},企业,企业,",
            r"table labels \(.*labels.csv, row 2\), column en, value '企业'.*Write English",
        ),
        (
            "{code},Number of firms,number of firms,",
            r"row 2\), column zh, value 'number of firms': no Chinese",
        ),
        ("00000000,Enterprises,企业,", r"table labels.*label_id.*'00000000'.*Copy the row"),
        ("{filled},x,某,", r"table labels.*values are filled.*Remove the row"),
        ("{finding},x,某,", r"table labels.*what was found on a claim.*Remove the row"),
    ],
)
def test_faults_in_ones_own_labels_are_told(own: Path, row: str, message: str) -> None:
    known = tables.load("labels")
    filled = known.loc[known["en"].str.contains("{", regex=False), "label_id"].iloc[0]
    plain = known[~known["en"].str.contains("{", regex=False)]
    finding = plain.loc[plain["used_in"].str.startswith("analysis.claim_rules"), "label_id"].iloc[0]
    codes = {"code": label_id("Firms", "企业数"), "filled": filled, "finding": finding}
    parameters = own_labels(own, row.format(**codes))
    with pytest.raises(InputError, match=message):
        make_study(parameters)


def test_unchanged_rows_of_ones_own_change_nothing(own: Path) -> None:
    known = tables.load("labels").head(3)
    known.to_csv(own / "labels.csv", index=False)
    study = make_study(Parameters(data_dir=str(own), output_dir=str(own / "out")))
    assert study._own_words == {}
    pd.testing.assert_frame_equal(study.table("labels"), tables.load("labels"))
