"""Sentences of the policy notebooks: the same numbers in both languages, for every place."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis import argument, goals, policy, priorities, tax, tier_funnel
from helpers.publish import policy_words, quantity_words
from helpers.run.study import Parameters, Study, make_study

PLACES = {"anshan": ("辽宁", "鞍山"), "suzhou": ("江苏", "苏州"), "lhasa": ("西藏", "拉萨")}
FIGURE_TABLES = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")

# Ids and names in backticks, which no language changes.
CODE = r"[A-Z]\d+[-M]\d+|`[^`]+`"


def numbers(text: str) -> list[str]:
    """Numbers in a text in order of size; "per 10,000" is one word in Chinese."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", text.replace("per 10,000", "")))


@pytest.fixture(scope="module", params=PLACES)
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Study:
    province, city = PLACES[request.param]
    folder = str(tmp_path_factory.mktemp("out"))
    return make_study(Parameters(province=province, city=city, output_dir=folder))


def argument_sentences(study: Study) -> dict[str, str]:
    """The sentences of the notebook on recommendations."""
    measures, claims = study.table("recommendation_measures"), study.table("claims")
    documents, firms = study.table("policy_documents"), study.table("firms")
    places = here, region = (study.city.place_id, study.province.place_id)
    known = policy.public_figures(*map(study.table, FIGURE_TABLES))
    targets = study.table("policy_targets")
    cells = policy.evidence_cells(
        measures, known, targets, documents, study.table("sources"), here, region
    )
    unused = argument.unused_evidence(measures, claims, firms, known, targets, documents, places)
    local = firms.loc[firms["place_id"].eq(here), "firm_id"].tolist()
    found = argument.provision(measures, documents, here, region)
    scored = priorities.scores(measures, cells, study.table("firm_statements"))
    shares = priorities.top_share(scored, steps=12)
    ranges = shares.assign(lowest=shares["least"], highest=1.0, lowest_without="N29",
                           highest_without=None)  # fmt: skip
    return {
        "balance": policy_words.balance(study, measures),
        "evidence": policy_words.evidence(study, measures, cells, here),
        "support": policy_words.support(study, measures, claims, unused, local, here),
        "provision": policy_words.provision(study, found, documents, places),
        "robustness": policy_words.robustness(study, shares, documents, places, 5),
        "coding": policy_words.coding(study, ranges),
    }


def quantity_sentences(study: Study) -> dict[str, str]:
    """The sentences of the notebook on quantities."""
    here, region = study.city.place_id, study.province.place_id
    known = policy.public_figures(*map(study.table, FIGURE_TABLES))
    stated, rules = study.table("policy_targets"), study.table("tax_rules")
    wanted = policy.goals_by_reference(stated, known, here)
    bars = policy.goal_bars(wanted, known, study.table("population"), here, region)
    ratios = tier_funnel.step_ratios(known, stated, study.table("ratio_caveats"))
    today = policy.best_figure(known, study.table("sources"), "little_giant", here)
    spans = tier_funnel.ratio_ranges(ratios).loc["srdi_to_giant"]
    swing = tier_funnel.sensitivity(
        40, 20, tier_funnel.ratio_ranges(ratios), (0.5, 0.6, 0.7), (2023, 2028)
    )
    firms = {"plain": tax.Firm(2023, 100, 6, 10), "loss": tax.Firm(2023, 100, 6, -2)}
    words, plan = quantity_words, {"year": 2028, "reviews": 1, "win": 1234}
    return {
        "goal": words.goal_lines(study, wanted, known, here),
        "no_goal": words.no_goal(study, here),
        "no_path": words.no_path(study, here),
        "no_bars": words.no_bars(study, wanted, here),
        "density": "\n".join(words.density_lines(study, bars)),
        "two_counts": words.two_counts(study, known, region),
        "paces": words.goal_paces(
            study, goals.paces(stated), ["210000", "210200"], region, ["210000", "320000"]
        ),
        "no_paces": words.goal_paces(study, goals.paces(stated), [], region, ["210000"]),
        "no_credit": words.no_credit(study, region),
        "tax": words.tax_effects(study, tax.effects_table(firms, rules)),
        "no_ceiling": words.no_ceiling(study, here),
        "titles": words.titles_wanted(study, today, here, 20, 0.68, plan),
        "funnel": words.funnel(study, swing, spans, spans),
    }


@pytest.mark.parametrize("sentences", [argument_sentences, quantity_sentences])
def test_both_languages_tell_the_same_numbers(study: Study, sentences: object) -> None:
    assert callable(sentences)
    english, chinese = (sentences(study.told_in(language)) for language in ("en", "zh"))
    for name, text in english.items():
        other = chinese[name]
        assert numbers(text) == numbers(other), (name, text, other)
        codes = re.findall(CODE, text)
        assert sorted(codes) == sorted(re.findall(CODE, other)), name
        assert text.count("**") == other.count("**") and text.count("**") % 2 == 0
        assert not re.search("[\u4e00-\u9fff]", text), text
        # Column and file names stand in backticks; all else is Chinese.
        assert not re.search("[A-Za-z]{3,}", re.sub(r"`[^`]+`|comparison", "", other)), other


def test_the_numbers_are_those_of_the_tables(study: Study) -> None:
    if not study.is_original:
        return
    said = argument_sentences(study)
    assert "Of 25 measures" in said["evidence"] and "**3 of 25**" in said["evidence"]
    quantities = quantity_sentences(study)
    assert "1/4 of 9,543 is 2,385.75, so **at least 2,386 firms**" in quantities["goal"]
    assert "33.15 %" in quantities["goal"]
    assert "9.4 % a year" in quantities["paces"] and "1.0 % a year" in quantities["paces"]


def test_a_place_without_goals_says_so(study: Study) -> None:
    said = quantity_sentences(study)
    assert ("has no fractional goal" in said["goal"]) is not study.is_original
    assert ("No goal in" in said["no_paces"]) and "stands beside" in said["paces"]
    assert (said["density"] == "") is not study.is_original


@pytest.mark.parametrize("language", ["en", "zh"])
def test_documents_that_set_as_many_ends_are_all_named(tmp_path: Path, language: str) -> None:
    """Synthetic: two documents that each set one end."""
    study = make_study(Parameters(language=language, output_dir=str(tmp_path)))
    ranges = pd.DataFrame({
        "measure_id": ["R1M1", "R1M2"], "lowest": [0.1, 0.2], "highest": [0.5, 0.3],
        "lowest_without": ["N01", None], "highest_without": [None, "N02"],
    })  # fmt: skip
    told = policy_words.coding(study, ranges)
    assert "N01" in told and "N02" in told and "R1M1" in told and "10" in told and "50" in told
    still = policy_words.coding(study, ranges.assign(lowest_without=None, highest_without=None))
    assert "N0" not in still and study.t("**0 of 2**", "**0项**") in still
