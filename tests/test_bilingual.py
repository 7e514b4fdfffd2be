"""Texts told in two languages: what both carry, and that no Chinese is left in English."""

from __future__ import annotations

import copy
import pickle
import re
from calendar import month_name
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import bilingual, claims, tables
from helpers.evidence.bilingual import Said, chinese, every, join
from helpers.evidence.claims import TOLD, told_in
from helpers.run.study import Parameters, make_study


@given(st.text(), st.text())
def test_a_text_survives_copying_and_storing(english: str, zh: str) -> None:
    text = Said(english, zh)
    for again in (copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert again == english and again.zh == zh and isinstance(again, Said)


def test_joining_keeps_both_languages() -> None:
    parts = [Said("one", "一"), "", "4.43 %", Said("two", "二")]
    assert join(parts) == "one; 4.43 %; two"
    assert join(parts).zh == "一；4.43 %；二"
    assert join([]) == "" and join([]).zh == ""
    assert every(["a"]) == "a" and every(["a", "b"]).zh == "a、b"


def test_every_measure_of_the_tables_has_a_word() -> None:
    used: set[str] = set()
    for name in ("province_counts", "region_totals", "province_limits", "city_counts"):
        used |= set(tables.load(name)["measure"].dropna())
    assert used <= set(bilingual.MEASURES)


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("out")
    return make_study(Parameters(output_dir=str(folder)), "06_ledger").ledger.check_all()


def numbers(text: str) -> list[str]:
    """Numbers of a text; a range and a thousands separator read alike in both languages."""
    for number, month in enumerate(month_name):
        # A month is a name in English and a number in Chinese.
        text = text.replace(month, str(number)) if month else text
    plain = re.sub(r"\[[^\]]*\]|《[^》]*》|〔\d+〕\d+号", "", text)
    return sorted(re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", plain))


def pairs(frame: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    for _, row in frame.iterrows():
        for name in TOLD:
            yield row["claim_id"], name, row[name], row[f"{name}_zh"]


def test_both_languages_say_the_same_numbers(frame: pd.DataFrame) -> None:
    unlike = [
        (claim, name, sorted(set(numbers(en)) ^ set(numbers(zh))))
        for claim, name, en, zh in pairs(frame)
        if set(numbers(en)) != set(numbers(zh))
    ]
    assert unlike == []


def test_no_sentence_of_a_chinese_ledger_is_english(frame: pd.DataFrame) -> None:
    left = [
        (claim, name, zh)
        for claim, name, _, zh in pairs(frame)
        if re.search(r"[a-z]{3,}", re.sub(r"\[[^\]]*\]", "", zh))
    ]
    assert left == []


def test_a_chinese_text_stands_wherever_an_english_one_does(frame: pd.DataFrame) -> None:
    for claim, name, en, zh in pairs(frame):
        assert bool(en) == bool(zh), (claim, name)
        if re.search(r"[A-Za-z]{4,}", re.sub(r"\[[^\]]*\]", "", en)):
            assert re.search("[\u4e00-\u9fff]", zh), (claim, name, zh)


def test_columns_of_one_language(frame: pd.DataFrame) -> None:
    for language in ("en", "zh"):
        told = told_in(frame, language)
        assert not [name for name in told.columns if name.endswith("_zh") and name != "claim_zh"]
    assert told_in(frame, "zh")["detail"].tolist() == frame["detail_zh"].tolist()
    assert told_in(frame, "en")["detail"].tolist() == frame["detail"].tolist()


def test_a_verdict_is_shown_in_the_language_of_its_study(tmp_path: Path) -> None:
    shown = {}
    for language in ("en", "zh"):
        study = make_study(
            Parameters(language=language, output_dir=str(tmp_path)), "02_national_trends"
        )
        shown[language] = study.ledger.check("C2-16")._repr_markdown_()
    assert "**contradicted**" in shown["en"] and "Reported: 4.48 pct" in shown["en"]
    assert "**不符**" in shown["zh"] and "报告值：4.48%" in shown["zh"]
    assert "公告口径" in shown["zh"]
    assert not re.search("[a-z]{3,}", re.sub(r"\[[^\]]*\]", "", shown["zh"]))


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (claims.VERDICTS_ZH, claims.VERDICTS),
        (claims.DOCUMENTATION_ZH, claims.DOCUMENTATION),
        (claims.BASES_ZH, ("study", "certified", "announced")),
        (claims.UNITS_ZH, set(tables.load("claims")["unit"].dropna())),
    ],
)
def test_every_code_has_its_word(words: dict[str, str], keys: object) -> None:
    assert set(words) == set(keys)  # type: ignore[call-overload]


def test_chinese_of_plain_values() -> None:
    assert chinese(7) == "7" and chinese("4.43 %") == "4.43 %"
