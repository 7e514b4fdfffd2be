"""Figures, tables and sentences on models and space: right for any province, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bilingual import kept, numbers, told
from conftest import MadeUpStudy

from helpers.analysis import models, spatial
from helpers.analysis import observed_expected as oe
from helpers.analysis.funnel_plot import funnel
from helpers.evidence import tables
from helpers.evidence.places import place_of
from helpers.publish import direct_labels, figures, maps, spatial_views
from helpers.publish import model_sentences as say
from helpers.publish import model_views as views
from helpers.publish.teller import View
from helpers.publish.tiles import NATION, layout_tiles

LIAONING, TIBET, SHANGHAI, HAINAN = "210000", "540000", "310000", "460000"


SEED = 20231231


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


@pytest.fixture(scope="module")
def page() -> SimpleNamespace:
    """What notebook 02c computes before it knows the focal province."""
    places, covariates = tables.load("places"), tables.load("province_covariates")
    complete = oe.complete_counts(tables.load("province_counts"), places, "study", 5)
    frame = models.covariate_frame(complete.table, covariates, places, 2018, missing="leave_out")
    model = oe.choose_model(frame)
    fit = models.fit_model(frame, model)
    gdp = frame["gdp_100m_cny"] / 1000
    standard = spatial.standardised_rates(frame["firms_count"], gdp)
    pairs = tables.load("contiguity")
    links = spatial.contiguity(pairs, frame.index)
    residual = oe.quantile_residuals(fit, rng())
    return SimpleNamespace(
        places=places, frame=frame, model=model, fit=fit, residual=residual,
        frames=models.covariate_frames(complete.table, covariates, places, [2018, 2021]),
        fits=models.fit_specifications(frame, oe.SPECIFICATIONS),
        collinear=models.collinearity(frame),
        dispersion=models.overdispersion(models.fit_model(frame, "poisson")),
        expected=oe.expected_all(frame, SEED, model=model, draws=1000),
        weight=models.influence(frame, model=model), rates=funnel(frame["firms_count"], gdp),
        moran=spatial.moran_table({"standardised_rate": standard, "residual": residual}, pairs, rng(), descriptive=["residual"]),
        local=spatial.local_moran(standard, spatial.row_standardised(links), rng(), 199),
    )  # fmt: skip


@dataclass(frozen=True)
class Named(MadeUpStudy):
    """A made-up study that knows the places."""

    def name(self, place: Any) -> str:
        return place_of(tables.load("places"), place).label(self.language)


EN, ZH = Named("en"), Named("zh")


def say_both(sentence: Callable[..., str], *arguments: Any) -> str:
    return told(sentence, *arguments, studies=(EN, ZH))


def shown_for(focal: str) -> views.Page:
    return views.Page(focal, "1-2", "certified", 2018, ("S1",))


def own_row(page: SimpleNamespace, place: str) -> pd.Series:
    return page.expected.set_index("place_id", drop=False).loc[place]


def calls(page: SimpleNamespace, focal: str, without: pd.Series) -> list[tuple[Any, ...]]:
    """Every figure of the page: its view and the arguments."""
    shown = shown_for(focal)
    by_year = oe.expected_by_year(page.frames, focal, SEED, draws=1000)
    found: list[tuple[Any, ...]] = [
        (views.coefficients, page.fits, shown),
        (views.expectations, page.expected, page.model, shown),
        (views.influence, page.weight, without, 57.0, shown),
        (views.residuals, page.residual, page.fit.fitted, page.model, shown),
        (views.funnel, page.rates, shown),
        (spatial_views.scatter, page.local, 0.07, shown),
        (spatial_views.clusters, page.local, 0.05, shown),
    ]
    return found + ([(views.years, by_year, shown)] if len(by_year) else [])


def all_views(study: Named, page: SimpleNamespace, focal: str, without: pd.Series) -> list[View]:
    return [view(study, *arguments) for view, *arguments in calls(page, focal, without)]


# --- Figures -------------------------------------------------------------------------------------


def test_every_figure_can_be_saved(page: Any, tmp_path: Path) -> None:
    found = all_views(ZH, page, TIBET, oe.without_each(page.frame, TIBET))
    english = all_views(EN, page, TIBET, oe.without_each(page.frame, TIBET))
    assert len(found) == len(english) == 8
    assert "Tibet: 0 observed, " in english[1][1].alt
    for (figure, record, data), (_, other, same) in zip(found, english, strict=True):
        assert record.name == other.name and data.equals(same)
        assert numbers(record.alt) == numbers(other.alt) and len(numbers(record.alt)) > 1
        saved = figures.save(figure, record, tmp_path, "zh", data)
        assert saved.path.stat().st_size > 5000
        assert record.name.startswith("02c_")
        assert record.source and record.unit and record.basis == "公告"


def test_a_province_the_models_lack_is_drawn_without(page: Any) -> None:
    found = all_views(EN, page, "XPCC", page.frame["log_gdp"].iloc[:0])
    assert len(found) == 7
    for figure, record, _ in found:
        figure.draw_without_rendering()
        assert record.basis == "certified"
    words = [text.get_text() for text in found[2][0].axes[1].texts]
    assert words == ["no expectation:\ncovariates missing"]


def test_all_provinces_are_drawn_and_the_focal_one_stands_out(page: Any) -> None:
    figure, _, data = views.expectations(EN, page.expected, page.model, shown_for(LIAONING))
    ax = figure.axes[0]
    ticks = {tick.get_text(): tick.get_color() for tick in ax.get_yticklabels()}
    assert len(ticks) == len(data) == 31
    assert ticks["Liaoning"] == figures.COLOURS["focal"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert len(dots) == 31
    filled = [line for line in dots if line.get_markerfacecolor() != "white"]
    outside = page.expected["position"].isin(["above", "below"]).sum()
    assert len(filled) == outside + 1
    assert any(text.get_text().startswith("74/57 = 1.29") for text in ax.texts)


def test_a_province_without_a_fit_is_marked(page: Any, tmp_path: Path) -> None:
    rows = page.expected.copy()
    rows.loc[3, ["expected", "low", "high", "ratio"]] = np.nan
    rows.loc[3, "position"] = "unknown"
    figure, record, _ = views.expectations(EN, rows, page.model, shown_for(LIAONING))
    assert [t.get_text() for t in figure.axes[0].texts].count("no fit") == 1
    assert figures.save(figure, record, tmp_path).path.is_file()


def test_tiles_say_what_the_statistics_say(page: Any) -> None:
    local = page.local.copy()
    local.loc[LIAONING, ["significant", "p_adjusted"]] = [True, 0.004]
    tiles = layout_tiles(tables.load("tile_layouts"), NATION, EN.name, "en")
    figure, record, _ = spatial_views.clusters(EN, local, 0.05, shown_for(LIAONING))
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("not tested") == 1
    assert words.count("–") == len(tiles) - 31
    assert words.count("p < 0.01") == 1
    assert "1 of 30 tested pass" in record.note
    frames = [patch for patch in figure.axes[0].patches if patch.get_linewidth() == 1.8]
    assert len(frames) == 1


def test_names_do_not_cover_one_another() -> None:
    draw = np.random.default_rng(2)
    with figures.styled():
        _, ax = figures.new(5, 4)
        points = pd.DataFrame(draw.uniform(size=(40, 2)), columns=["x", "y"])
        points.index = [f"u{n}" for n in range(40)]
        points["label"] = [f"place number {n}" for n in range(40)]
        ax.scatter(points["x"], points["y"])
        named = direct_labels.place_labels(ax, points, list(points.index), "u7")
        # A name stands on a light copy of itself.
        held = {text.get_text(): text.get_window_extent() for text in ax.texts if text.get_text()}
        boxes = list(held.values())
    assert named[0] == "u7" and 10 < len(named) < 40 and len(boxes) == len(named)
    rest = boxes[1:]
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in rest[n:])


def test_every_call_can_be_read_back(page: Any, tmp_path: Path) -> None:
    shown = shown_for(LIAONING)
    square = np.array([[120.0, 40], [122, 40], [122, 42], [120, 42], [120, 40]])
    synthetic = maps.Boundaries({LIAONING: (square,)}, "", ())
    rates = pd.Series({LIAONING: 3.0})
    for call in (
        *calls(page, LIAONING, oe.without_each(page.frame, LIAONING)),
        (views.collinearity_table, page.collinear, shown),
        (views.models_table, page.fits, shown),
        (views.influence_table, page.weight, shown),
        (spatial_views.moran_table, page.moran, shown),
        (spatial_views.rate_map, synthetic, rates, shown),
    ):
        kept(tmp_path, *call)
    _, record, data = kept(tmp_path, spatial_views.rate_map, synthetic, rates, shown).tell(ZH)
    assert record.unit == "家/千亿元" and record.note.endswith("未填不得公开发布】")
    assert data["value"].tolist() == [3.0] and "1个地区有数值" in record.alt


# --- Tables --------------------------------------------------------------------------------------


def test_tables(page: Any) -> None:
    shown = shown_for(LIAONING)
    table, record = views.models_table(EN, page.fits, shown)
    assert len(table) == 12 and "intercept" not in table["Coefficient of log"].tolist()
    assert table["AIC"].isna().sum() == 4 and "no fit" not in record.note
    table, record = views.collinearity_table(EN, page.collinear, shown)
    assert table["Variance inflation"].min() > 10 and "91" in record.note
    variants = oe.expected_models(page.frame, LIAONING, SEED, draws=1000)
    table, _ = views.focal_table(EN, variants, shown)
    assert (table["Observed"] == 74).all() and set(table["Position"]) == {"above", "within"}
    table, _ = views.influence_table(EN, page.weight, shown, rows=3)
    assert table["Province"].tolist() == ["Ningxia", "Beijing", "Inner Mongolia", "Liaoning"]
    table, _ = spatial_views.moran_table(EN, page.moran, shown)
    assert len(table) == 4 and table["I"].notna().all()
    # Residuals stand last, without expectation and p.
    assert table.isna().sum(axis=1).tolist() == [0, 0, 3, 3]


def test_views_of_the_nation_are_the_same_without_a_province(page: Any) -> None:
    """A run of several places makes them once."""
    shown = shown_for(LIAONING)
    for view, values in (
        (views.coefficients, page.fits), (views.models_table, page.fits),
        (views.collinearity_table, page.collinear), (spatial_views.moran_table, page.moran),
    ):  # fmt: skip
        told, national = (view(EN, values, which) for which in (shown, shown.national))
        assert told[1] == national[1]
        frame = 2 if view is views.coefficients else 0
        pd.testing.assert_frame_equal(told[frame], national[frame])
    assert shown_for("110000").national == shown.national


def test_a_model_that_failed_is_named_in_the_notes(page: Any) -> None:
    fits = page.fits.copy()
    fits.loc[fits["model"] == "negative_binomial", "converged"] = False
    _, record = views.models_table(EN, fits, shown_for(LIAONING))
    assert record.note.endswith("negative binomial: no fit.")
    _, _, data = views.coefficients(EN, fits, shown_for(LIAONING))
    assert set(data["model"]) == {"poisson", "quasi_poisson"}


# --- Sentences -----------------------------------------------------------------------------------


def test_the_answer_follows_the_numbers(page: Any) -> None:
    shown = shown_for(LIAONING)
    variants = oe.expected_models(page.frame, LIAONING, SEED, draws=1000)
    text = say_both(say.answer, own_row(page, LIAONING), variants, shown)
    assert text.startswith("**Liaoning has neither more nor fewer than its economy suggests")
    assert "It has 74 little giants; the other 30 provinces let 57.4" in text
    assert "4 of 6 combinations" in text and "above it under Poisson with" in text
    row = own_row(page, LIAONING).copy()
    row["observed"], row["position"], row["ratio"] = 300, "above", 5.2
    assert "has more than its economy suggests.**" in say_both(say.headline, row, shown)
    row["observed"], row["position"], row["ratio"], row["at_or_below"] = 3, "below", 0.05, 0.001
    text = say_both(say.answer, row, variants[variants["position"] == "within"], shown)
    assert "has fewer than its economy suggests.**" in text and "at most as high" in text
    assert "All 4 combinations of model and covariates put it inside" in text


def test_no_answer_without_covariates_or_fit(page: Any) -> None:
    shown = shown_for(TIBET)
    assert "**No answer for Tibet**" in say_both(say.answer, None, page.expected.iloc[:0], shown)
    assert "`province_covariates`" in say_both(say.headline, None, shown)
    row = own_row(page, TIBET).copy()
    row["position"], row["message"] = "unknown", "because"
    assert "no fit (because)" in say_both(say.answer, row, page.expected.iloc[:0], shown)


def test_what_was_merged_left_out_or_replaced_is_said(page: Any) -> None:
    frame = page.frame.drop(index=TIBET)
    frame.attrs = page.frame.attrs | {"left_out": {TIBET: ["gdp_100m_cny"]}}
    text = say_both(say.frame_sentence, frame, "XPCC", shown_for("650000"))
    assert text.startswith("30 provinces with 1,832 little giants")
    assert "XPCC is added to Xinjiang" in text and "shows Xinjiang in place of XPCC" in text
    assert "**Tibet is left out**: gdp_100m_cny of 2018" in text
    text = say_both(say.frame_sentence, page.frame, LIAONING, shown_for(LIAONING))
    assert "left out" not in text and "in place of" not in text


def test_dispersion_and_collinearity(page: Any) -> None:
    main = page.fits[page.fits["specification"] == "gdp_rd_hightech"]
    text = say_both(say.dispersion_sentence, page.dispersion, main, page.model)
    assert "**6.9** times" in text and "too small by a factor of 2.6" in text
    assert "negative binomial (268.3)" in text
    calm = SimpleNamespace(**vars(page.dispersion) | {"ratio": 0.9, "pearson_p": 0.6, "nb2_p": 0.5})
    failed = main.assign(converged=main["model"] != "negative_binomial")
    text = say_both(say.dispersion_sentence, calm, failed, "quasi_poisson")
    assert "do not clearly vary more" in text and "has no maximum here" in text
    text = say_both(say.collinearity_sentence, page.collinear, main[main["model"] == page.model])
    assert "0.94 to 0.95" in text and "leave out 0: R&D expenditure. " in text
    assert text.endswith("31 provinces stand behind 4 coefficients, about 8 behind each.")
    loose = SimpleNamespace(correlations=page.collinear.correlations * 0.1, vif=page.collinear.vif * 0.1)  # fmt: skip
    assert "leaves their coefficients distinguishable" in say_both(
        say.collinearity_sentence, loose, main
    )


def test_years(page: Any) -> None:
    shown = shown_for(LIAONING)
    rows = oe.expected_by_year(page.frames, LIAONING, SEED, draws=1000)
    text = say_both(say.years_sentence, rows, shown)
    assert "of 2018 to 2021 the ratio is 1.29 to 1.37 with GDP, R&D" in text
    assert "stays on one side of 1" in text and "none of 4 choices" in text
    rows.loc[0, ["ratio", "position"]] = [0.8, "below"]
    text = say_both(say.years_sentence, rows, shown)
    assert "changes sides of 1" in text and "3 of 4 choices leave" in text
    assert "No year has the covariates" in say_both(say.years_sentence, rows.iloc[:0], shown)
    zero = oe.expected_by_year(page.frames, TIBET, SEED, draws=1000)
    assert "the ratio is 0.00 with GDP" in say_both(say.years_sentence, zero, shown_for(TIBET))


def test_elasticities_by_year(page: Any) -> None:
    rows = models.by_year(page.frames).query("model == 'negative_binomial'")
    text = say_both(say.elasticities_sentence, rows)
    assert text.startswith("Elasticities of the negative binomial model over these years: GDP 0.18")
    assert "R&D expenditure 0.6" in text and "(interval without 0 in 2 of 2 years)" in text
    assert "No year has a fit" in say_both(say.elasticities_sentence, rows.assign(converged=False))


def test_influence_residuals_and_outside(page: Any) -> None:
    shown = shown_for(LIAONING)
    without = oe.without_each(page.frame, LIAONING, model=page.model)
    text = say_both(say.influence_sentence, page.weight, without, own_row(page, LIAONING), shown)
    assert "exceeds 4/n = 0.13 for Ningxia (0.30), Beijing (0.27) and Inner Mongolia" in text
    assert "stays between 54 (without Ningxia) and 62 (without Beijing)" in text
    text = say_both(say.influence_sentence, page.weight, without.iloc[:0], None, shown)
    assert "stays between" not in text
    assert "Liaoning stands at" in say_both(say.residual_sentence, page.residual, shown)
    assert "stands at" not in say_both(say.residual_sentence, page.residual, shown_for("XPCC"))
    assert "about 1.6 of 31" in say_both(say.outside_sentence, page.expected)
    lost = page.expected.assign(position="unknown")
    assert "31 have no fit" in say_both(say.outside_sentence, lost)


def test_funnel_and_space(page: Any) -> None:
    shown = shown_for(LIAONING)
    text = say_both(say.funnel_sentence, page.rates, shown)
    assert (
        "7.6 times what chance alone" in text
        and "2.8 times as wide" in text
        and "Jiangsu (below 95%)" in text
    )
    assert "Liaoning has 3.15 firms" in text and text.endswith("within the limits.")
    assert "it lies below the limits of 95%" in say_both(say.funnel_sentence, page.rates, shown_for("320000"))  # fmt: skip
    even = funnel(pd.Series([98, 205, 399]), pd.Series([100.0, 200, 400]))
    assert "not widened. Beyond them: none." in say_both(
        say.funnel_sentence, even, shown_for("XPCC")
    )
    text = say_both(say.moran_sentence, page.moran, [HAINAN])
    assert "no more alike than an arrangement at random" in text and "Hainan has no land" in text
    clear = page.moran.assign(p_two_sided=0.001)
    text = say_both(say.moran_sentence, clear, [])
    assert "All variants speak of a pattern" in text
    text = say_both(say.local_sentence, page.local, 0.05, shown)
    assert "no province stands out among 30 tested" in text and "Liaoning is high-low" in text
    text = say_both(say.local_sentence, page.local, 0.05, shown_for(HAINAN))
    assert "Hainan has no land neighbour and is not tested" in text


def test_residuals_beyond_two_are_held_against_those_of_chance(page: Any) -> None:
    """4.55 per cent of standard normal draws lie beyond two: 1.4 of 31."""
    told = say_both(say.residual_sentence, page.residual, shown_for("210000"))
    assert f"of {len(page.residual)} standard normal draws 1.4 are." in told


def test_residuals_have_morans_i_without_p(page: Any) -> None:
    rest = page.moran[page.moran["variable"] == "residual"]
    assert rest["statistic"].notna().all()
    assert rest[["expectation", "p_greater", "p_two_sided"]].isna().all(axis=None)
    other = page.moran[page.moran["variable"] != "residual"]
    assert other["p_two_sided"].between(0, 1).all()
    told = say_both(say.moran_sentence, page.moran, [])
    assert "a description, without p" in told and "nan" not in told


def test_clusters_count_the_tested_only(page: Any) -> None:
    """Hainan has no neighbour: 30 of 31 were tested."""
    _, record, _ = spatial_views.clusters(EN, page.local, 0.05, shown_for("210000"))
    assert " of 30 tested pass" in record.note


def test_no_sentence_claims_a_cause(page: Any) -> None:
    """Words of effect do not belong to a cross-section of provinces."""
    shown = shown_for(SHANGHAI)
    variants = oe.expected_models(page.frame, SHANGHAI, SEED, draws=1000)
    row = own_row(page, SHANGHAI)
    texts = [
        say_both(say.answer, row, variants, shown),
        say_both(say.outside_sentence, page.expected),
        say_both(say.funnel_sentence, page.rates, shown),
        say_both(say.moran_sentence, page.moran, [HAINAN]),
        say_both(say.influence_sentence, page.weight, page.frame["log_gdp"].iloc[:0], row, shown),
        say_both(say.frame_sentence, page.frame, SHANGHAI, shown),
        say_both(say.dispersion_sentence, models.overdispersion(models.fit_model(page.frame, "poisson")), page.fits[page.fits["specification"] == "gdp_rd_hightech"], page.model),
        say_both(say.collinearity_sentence, models.collinearity(page.frame), page.fits[(page.fits["specification"] == "gdp_rd_hightech") & (page.fits["model"] == page.model)]),
        say_both(say.residual_sentence, page.residual, shown),
        say_both(say.local_sentence, page.local, 0.05, shown),
        say_both(say.years_sentence, oe.expected_by_year({2018: page.frame}, SHANGHAI, SEED, draws=1000), shown),
    ]  # fmt: skip
    for text in texts:
        lowered = text.lower()
        assert not any(word in lowered for word in ("because", "due to", "leads to", "effect", "impact", "cause"))  # fmt: skip
