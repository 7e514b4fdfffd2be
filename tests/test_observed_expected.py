"""Observed against expected counts: against direct fits, simulation and the real provinces."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.analysis import models, spatial
from helpers.analysis import observed_expected as oe
from helpers.analysis.funnel_plot import funnel
from helpers.errors import InputError
from helpers.evidence import tables

COLUMNS = list(models.VARIABLES)


SEED = 20231231


def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


@pytest.fixture(scope="module")
def data() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    places = tables.load("places")
    complete = oe.complete_counts(tables.load("province_counts"), places, "study", 5)
    return complete.table, tables.load("province_covariates"), places


@pytest.fixture(scope="module")
def frame(data: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    return models.covariate_frame(*data, 2018)


def made(size: int, alpha: float, seed: int = 5) -> pd.DataFrame:
    """Synthetic counts with mean exp(2 + x) and NB2 variance, Poisson for alpha 0."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(0, 2, size)
    mean = np.exp(2 + x)
    if alpha:
        mean = mean * draw.gamma(1 / alpha, alpha, size)
    return pd.DataFrame({"firms_count": draw.poisson(mean), "x": x})


# --- Which counts --------------------------------------------------------------------------------


@pytest.mark.parametrize("basis", ["study", "certified", "announced"])
@pytest.mark.parametrize("last", [1, 2, 5, 7])
def test_batches_one_and_two_are_what_is_complete(basis: str, last: int) -> None:
    found = oe.complete_counts(tables.load("province_counts"), tables.load("places"), basis, last)
    assert (found.basis, found.through_batch) == ("certified", 2)
    assert found.table["firms_count"].sum() == 1832


def test_complete_later_counts_are_used_and_no_farther_than_asked() -> None:
    """Synthetic counts of batch 3 for all units."""
    places, counts = tables.load("places"), tables.load("province_counts")
    units = places.loc[places["level"] != "prefecture", "place_id"]
    extra = pd.DataFrame({"place_id": units, "batch_from": 1, "batch_to": 3, "measure": "certified",
                          "firms_count": 500, "includes_plan_city": "yes", "source_id": "STUDY"})  # fmt: skip
    later = counts[~((counts["batch_to"] == 3) | (counts["batch_from"] == 3))]
    both = pd.concat([later, extra], ignore_index=True)
    assert oe.complete_counts(both, places, "study", 5).through_batch == 3
    assert oe.complete_counts(both, places, "study", 2).through_batch == 2
    with pytest.raises(InputError, match="no range of batches"):
        oe.complete_counts(counts[counts["place_id"] != "XPCC"], places, "study", 5)


# --- Missing covariates --------------------------------------------------------------------------


def test_a_province_without_covariates_is_left_out_and_named(data: Any) -> None:
    counts, covariates, places = data
    gap = covariates.copy()
    hole = (gap["place_id"] == "540000") & (gap["year"] == 2018)
    gap.loc[hole & (gap["variable"] == "gdp_100m_cny"), "value"] = np.nan
    gap.loc[hole & (gap["variable"] == "rd_expenditure_100m_cny"), "value"] = 0
    found = models.covariate_frame(counts, gap, places, 2018, missing="leave_out")
    assert len(found) == 30
    assert found.attrs["left_out"] == {"540000": ["gdp_100m_cny", "rd_expenditure_100m_cny"]}
    assert np.isfinite(found[COLUMNS].to_numpy()).all()
    with pytest.raises(InputError, match="gdp_100m_cny 2018 of 540000 is missing"):
        models.covariate_frame(counts, gap, places, 2018)
    with pytest.raises(InputError, match="known are refuse, leave_out"):
        models.covariate_frame(counts, gap, places, 2018, missing="drop")
    frames = models.covariate_frames(counts, gap, places)
    assert [len(part) for part in frames.values()] == [30, 31, 31, 31, 31, 31]
    assert oe.expected_by_year(frames, "540000", SEED, {"gdp": ["log_gdp"]})[
        "covariate_year"
    ].tolist() == [2019, 2020, 2021, 2022, 2023]
    assert oe.expected_by_year(frames, "XPCC", SEED).empty


def test_years_without_enough_units_are_absent(data: Any) -> None:
    counts, covariates, places = data
    few = covariates[(covariates["year"] != 2020) | (covariates["place_id"] < "200000")]
    assert list(models.covariate_frames(counts, few, places)) == [2018, 2019, 2021, 2022, 2023]


# --- Expectations --------------------------------------------------------------------------------


def test_all_provinces_at_once_are_each_on_its_own(frame: pd.DataFrame) -> None:
    table = oe.expected_all(frame, SEED).set_index("place_id")
    assert table.index.tolist() == frame.index.tolist()
    assert (table["units_count"] == 30).all()
    for unit in ("210000", "540000", "110000"):
        fit = models.fit_model(frame.drop(index=unit), "negative_binomial")
        own = np.append(1, frame.loc[unit, COLUMNS].to_numpy(dtype=float))
        assert table.loc[unit, "expected"] == pytest.approx(np.exp(own @ fit.coefficients))
    assert table["ratio"].to_numpy() == pytest.approx(table["observed"] / table["expected"])
    inside = table["observed"].between(table["low"], table["high"])
    assert (table["position"] == "within").tolist() == inside.tolist()
    again = oe.expected_all(frame, SEED).set_index("place_id")
    pd.testing.assert_frame_equal(table, again)


def test_positions_of_the_provinces_do_not_hang_on_the_seed(data: Any, frame: pd.DataFrame) -> None:
    """No seed may turn "has more" into "neither": Ningxia's 23 lies one firm outside."""
    for seed in range(6):
        table = oe.expected_all(frame, seed).set_index("place_id")
        assert table["position"][lambda all_: all_ != "within"].to_dict() == {
            "150000": "below",
            "640000": "above",
        }
    frames = models.covariate_frames(*data)
    first, *others = (oe.expected_by_year(frames, "640000", seed)["position"] for seed in range(4))
    assert all(other.equals(first) for other in others)


@pytest.mark.parametrize("model", models.MODELS)
def test_predictive_probabilities_equal_drawn_counts(frame: pd.DataFrame, model: str) -> None:
    """200,000 counts drawn one by one, with independent draws of the parameters."""
    fit = models.fit_model(frame.drop(index="640000"), model)
    own = np.append(1, frame.loc["640000", COLUMNS].to_numpy(dtype=float))
    draw, size = np.random.default_rng(3), 200_000
    scale = np.ones(len(fit.covariance))
    centre = fit.coefficients
    if model == "negative_binomial":
        centre, scale[-1] = np.append(centre, np.log(fit.dispersion)), 1 / fit.dispersion
    drawn = draw.multivariate_normal(centre, fit.covariance * np.outer(scale, scale), size)
    mean = np.exp(drawn[:, :4] @ own)
    if model == "negative_binomial":
        mean = mean * draw.gamma(np.exp(-drawn[:, 4]), np.exp(drawn[:, 4]))
    elif model == "quasi_poisson":
        mean = draw.gamma(mean / (fit.dispersion - 1), fit.dispersion - 1)
    counts = draw.poisson(mean)
    found = oe.expected(frame, "640000", rng(), model=model)
    assert found.at_or_below == pytest.approx((counts <= 23).mean(), abs=0.002)
    assert found.at_or_above == pytest.approx((counts >= 23).mean(), abs=0.002)
    for end, part in ((found.low, 0.025), (found.high, 0.975)):
        assert end is not None
        assert (counts <= end).mean() > part - 0.002
        assert (counts < end).mean() < part + 0.002


def test_liaoning_against_the_other_provinces(frame: pd.DataFrame) -> None:
    """The intervals, simulated with another seed and twenty times the draws, lie within two firms."""
    known = {"poisson": (55.056, 41, 71), "quasi_poisson": (55.056, 23, 101), "negative_binomial": (57.357, 23, 107)}  # fmt: skip
    for model, (mean, low, high) in known.items():
        found = oe.expected(frame, "210000", rng(), model=model)
        assert (found.observed, found.units_count, found.message) == (74, 30, "")
        assert found.expected == pytest.approx(mean, abs=5e-4)
        assert found.low == pytest.approx(low, abs=2)
        assert found.high == pytest.approx(high, abs=2)
        assert found.position == ("above" if model == "poisson" else "within")
        assert found.at_or_below + found.at_or_above >= 1
        narrow = oe.expected(frame, "210000", rng(), model=model, level=0.5)
        assert found.low < narrow.low < narrow.high < found.high


@pytest.mark.parametrize("model", models.MODELS)
def test_the_places_own_count_does_not_matter(frame: pd.DataFrame, model: str) -> None:
    other = frame.copy()
    other.loc["210000", "firms_count"] = 900
    first = oe.expected(frame, "210000", rng(), model=model)
    second = oe.expected(other, "210000", rng(), model=model)
    assert (second.expected, second.low, second.high) == (first.expected, first.low, first.high)
    assert second.position == "above"
    assert second.at_or_above == 0
    other.loc["210000", "firms_count"] = 0
    assert oe.expected(other, "210000", rng(), model=model).position == "below"


def test_prediction_interval_of_a_well_known_mean() -> None:
    """With thousands of units the parameters are certain: what is left is the distribution."""
    frame, place = made(6000, 0.5), 17
    x = frame.loc[place, "x"]
    for model in models.MODELS:
        found = oe.expected(frame, place, rng(), ["x"], model, 0.9, draws=60_000)
        fit = models.fit_model(frame.drop(index=place), model, ["x"])
        mean = np.exp(fit.coefficients @ [1, x])
        if model == "poisson":
            peer = stats.poisson(mean)
        else:
            quasi = model == "quasi_poisson"
            size = mean / (fit.dispersion - 1) if quasi else 1 / fit.dispersion
            peer = stats.nbinom(size, size / (size + mean))
        assert found.expected == pytest.approx(mean)
        assert found.low == pytest.approx(peer.ppf(0.05), abs=1 + 0.05 * mean)
        assert found.high == pytest.approx(peer.ppf(0.95), abs=1 + 0.05 * mean)
        assert found.at_or_below == pytest.approx(peer.cdf(found.observed), abs=0.02)
        assert found.at_or_above == pytest.approx(peer.sf(found.observed - 1), abs=0.02)


def test_few_units_make_the_interval_wider() -> None:
    few, many = made(8, 0, 3), made(2000, 0, 3)
    widths = []
    for frame in (few, many):
        both = pd.concat([frame, pd.DataFrame({"firms_count": [20], "x": [2.5]}, index=["new"])])
        found = oe.expected(both, "new", rng(), ["x"], "poisson")
        widths.append((found.high - found.low) / np.sqrt(found.expected))
    assert widths[0] > 1.15 * widths[1]


def test_about_one_in_twenty_misses_by_chance() -> None:
    """Leave-one-out intervals of made counts cover as often as they say."""
    missed = 0
    for seed in range(6):
        table = oe.expected_all(made(30, 0.3, seed), seed, ["x"], draws=1000)
        missed += int(table["position"].isin(["above", "below"]).sum())
    assert 2 <= missed <= 18


def test_models_and_years_equal_single_expectations(frame: pd.DataFrame, data: Any) -> None:
    table = oe.expected_models(frame, "210000", SEED)
    assert len(table) == 6
    for row in table.itertuples():
        alone = oe.expected(frame, "210000", rng(), oe.SPECIFICATIONS[row.specification], row.model)  # fmt: skip
        assert row.expected == pytest.approx(alone.expected)
        assert row.observed == 74
    years = oe.expected_by_year(models.covariate_frames(*data), "210000", SEED)
    first = years.query("specification == 'gdp_rd_hightech' and covariate_year == 2018").iloc[0]
    same = table.query("specification == 'gdp_rd_hightech' and model == 'negative_binomial'")
    assert first["expected"] == pytest.approx(same["expected"].iloc[0])
    assert len(years) == 12 and set(years["model"]) == {"negative_binomial"}


def test_one_model_of_one_place_has_one_interval(frame: pd.DataFrame, data: Any) -> None:
    """The page shows it in three places, which must not differ by the luck of the draw."""
    shown = ["expected", "low", "high", "at_or_above"]
    every = oe.expected_all(frame, SEED).set_index("place_id").loc["210000", shown]
    variants = oe.expected_models(frame, "210000", SEED)
    one = variants.query("specification == 'gdp_rd_hightech' and model == 'negative_binomial'")
    years = oe.expected_by_year({2018: frame}, "210000", SEED)
    assert every.tolist() == one[shown].iloc[0].tolist() == years[shown].iloc[0].tolist()


def test_without_each_other_province(frame: pd.DataFrame) -> None:
    found = oe.without_each(frame, "210000")
    assert len(found) == 30 and "210000" not in found
    rest = frame.drop(index=["210000", "110000"])
    fit = models.fit_model(rest, "quasi_poisson")
    own = np.append(1, frame.loc["210000", COLUMNS].to_numpy(dtype=float))
    assert found["110000"] == pytest.approx(np.exp(own @ fit.coefficients))
    assert found.idxmax() == "110000"
    with pytest.raises(InputError, match="'XPCC' is not in the frame"):
        oe.without_each(frame, "XPCC")


def test_the_model_is_chosen_before_the_place() -> None:
    assert oe.choose_model(made(40, 0.5), ["x"]) == "negative_binomial"
    even = pd.DataFrame({"firms_count": [5, 5, 6, 5, 5, 6, 6, 5], "x": np.arange(8.0)})
    assert oe.choose_model(even, ["x"]) == "quasi_poisson"


def test_a_failed_fit_leaves_numbers_missing_and_says_so() -> None:
    apart = pd.DataFrame({"firms_count": [0, 0, 0, 0, 5, 6, 6, 5], "x": [0.0] * 4 + [1.0] * 4})
    table = oe.expected_all(apart, SEED, ["x"], "poisson")
    assert table[["expected", "low", "ratio"]].isna().all(axis=None)
    assert (table["position"] == "unknown").all()
    assert table["message"].str.contains("did not settle").all()


# --- Residuals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", models.MODELS)
def test_residuals_are_standard_normal_under_the_model(model: str) -> None:
    if model == "quasi_poisson":
        draw = np.random.default_rng(8)
        x = draw.uniform(0, 2, 3000)
        mean = np.exp(2 + x)
        # NB1: variance 4 times the mean.
        frame = pd.DataFrame({"firms_count": draw.poisson(draw.gamma(mean / 3, 3)), "x": x})
    else:
        frame = made(3000, 0.4 if model == "negative_binomial" else 0)
    values = oe.quantile_residuals(models.fit_model(frame, model, ["x"]), rng())
    assert stats.kstest(values, "norm").pvalue > 0.01
    assert np.corrcoef(values, frame["x"])[0, 1] == pytest.approx(0, abs=0.05)


def test_residuals_show_a_wrong_model() -> None:
    values = oe.quantile_residuals(models.fit_model(made(3000, 0.4), "poisson", ["x"]), rng())
    assert values.std() > 2
    assert stats.kstest(values, "norm").pvalue < 1e-6


def test_residuals_keep_their_place(frame: pd.DataFrame) -> None:
    fit = models.fit_model(frame, "negative_binomial")
    values = oe.quantile_residuals(fit, rng())
    assert (values.index.name, values.name) == ("place_id", "residual")
    assert values.index.tolist() == frame.index.tolist()
    size = 1 / fit.dispersion
    ends = [
        stats.norm.ppf(stats.nbinom.cdf(count, size, size / (size + fit.fitted)))
        for count in (fit.observed - 1, fit.observed)
    ]
    assert ((ends[0] < values) & (values < ends[1])).all()
    assert oe.quantile_residuals(fit, rng()).equals(values)
    apart = pd.DataFrame({"firms_count": [0, 0, 0, 0, 5, 6, 6, 5], "x": [0.0] * 4 + [1.0] * 4})
    with pytest.raises(InputError, match="did not converge"):
        oe.quantile_residuals(models.fit_model(apart, "poisson", ["x"]), rng())


# --- Pace ----------------------------------------------------------------------------------------


def statistics_of_the_page(data: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> None:
    """All that notebook 02c computes for one province, figures left out."""
    frame = models.covariate_frame(*data, 2018, missing="leave_out")
    models.collinearity(frame)
    models.fit_specifications(frame, oe.SPECIFICATIONS)
    model = oe.choose_model(frame)
    models.overdispersion(models.fit_model(frame, "poisson"))
    oe.expected_all(frame, SEED, model=model)
    oe.expected_models(frame, "210000", SEED)
    frames = models.covariate_frames(*data)
    oe.expected_by_year(frames, "210000", SEED)
    models.by_year(frames)
    models.influence(frame, model=model)
    oe.without_each(frame, "210000", model=model)
    residual = oe.quantile_residuals(models.fit_model(frame, model), rng())
    gdp = frame["gdp_100m_cny"]
    funnel(frame["firms_count"], gdp)
    standard = spatial.standardised_rates(frame["firms_count"], gdp)
    pairs = tables.load("contiguity")
    raw = spatial.rates(frame["firms_count"], gdp)
    spatial.moran_table({"a": raw, "b": standard, "c": residual}, pairs, rng())
    weights = spatial.row_standardised(spatial.contiguity(pairs, frame.index))
    spatial.local_moran(standard, weights, rng(), 1999)


def test_all_statistics_take_seconds(data: Any) -> None:
    """Under 2 s on a quiet machine; processor time is limited loosely, for shared ones."""
    start = time.process_time()
    statistics_of_the_page(data)
    assert time.process_time() - start < 6
