"""Count models, against statsmodels, the data of R's glm example and simulation."""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize
from statsmodels.discrete.discrete_model import NegativeBinomial, Poisson
from statsmodels.stats.outliers_influence import variance_inflation_factor

from helpers.analysis import models
from helpers.analysis.models import (
    MODELS,
    VARIABLES,
    by_year,
    collinearity,
    covariate_frame,
    covariate_frames,
    fit_counts,
    fit_model,
    influence,
    overdispersion,
)
from helpers.analysis.observed_expected import expected
from helpers.analysis.shares import Cells
from helpers.errors import InputError
from helpers.evidence import tables

COLUMNS = list(VARIABLES)


def rng() -> np.random.Generator:
    return np.random.default_rng(20210101)


@pytest.fixture(scope="module")
def data() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    places = tables.load("places")
    counts = Cells(tables.load("province_counts"), places, "certified").table(1, 2)
    return counts, tables.load("province_covariates"), places


@pytest.fixture(scope="module")
def frame(data: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    return covariate_frame(*data, 2018)


def design_of(frame: pd.DataFrame, columns: list[str]) -> Any:
    return sm.add_constant(frame[columns].to_numpy(dtype=float))


def made(size: int, alpha: float, seed: int = 5) -> pd.DataFrame:
    """Counts with mean exp(2 + x) and NB2 variance, Poisson for alpha 0."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(0, 2, size)
    mean = np.exp(2 + x)
    if alpha:
        mean = mean * draw.gamma(1 / alpha, alpha, size)
    return pd.DataFrame({"firms_count": draw.poisson(mean), "x": x})


# --- The frame -----------------------------------------------------------------------------------


def test_frame_of_the_provinces(frame: pd.DataFrame, data: tuple[pd.DataFrame, ...]) -> None:
    assert len(frame) == 31
    assert frame["firms_count"].sum() == 1832 == data[0]["firms_count"].sum()
    assert frame.loc["210000", "firms_count"] == 74
    own = data[0].set_index("place_id")["firms_count"]
    assert frame.loc["650000", "firms_count"] == own["650000"] + own["XPCC"] == 20
    assert frame.loc["650000", "merged_ids"] == "XPCC"
    assert (frame["merged_ids"].drop("650000") == "").all()
    assert frame.attrs["merged"] == {"650000": ["XPCC"]}
    assert frame["firms_count"].dtype == "int64"
    assert (frame["covariate_year"] == 2018).all()
    gdp = data[1].query("place_id == '210000' and year == 2018 and variable == 'gdp_100m_cny'")
    assert frame.loc["210000", "gdp_100m_cny"] == gdp["value"].item()
    assert frame.loc["210000", "log_gdp"] == np.log(gdp["value"].item())


def test_frame_follows_the_year(data: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> None:
    first, later = (covariate_frame(*data, year) for year in (2018, 2021))
    assert (later["gdp_100m_cny"] > first["gdp_100m_cny"]).all()
    assert (later["firms_count"] == first["firms_count"]).all()


SMALL = pd.DataFrame({"place_id": ["A", "B", "K"], "province_id": ["A", "B", "B"],
                      "level": ["province", "province", "corps"]})  # fmt: skip
COUNTS = pd.DataFrame({"place_id": ["A", "B", "K"], "firms_count": [5, 2, 1]})
GDP = pd.DataFrame({"place_id": ["A", "B"], "year": 2018, "variable": "gdp", "value": [9.0, 4.0]})


def small(
    counts: pd.DataFrame = COUNTS, gdp: pd.DataFrame = GDP, places: pd.DataFrame = SMALL
) -> pd.DataFrame:
    return covariate_frame(counts, gdp, places, 2018, {"log_gdp": "gdp"})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: small(COUNTS.iloc[:2]), "no count of K.*the Corps"),
        (lambda: small(COUNTS.assign(firms_count=[5, None, 1])), "no count of B"),
        (lambda: small(COUNTS.assign(firms_count=[5, -2, 1])), "B: give whole numbers"),
        (lambda: small(COUNTS.assign(firms_count=[5, 2, 0.5])), "B: give whole numbers"),
        (lambda: small(COUNTS.assign(place_id=["A", "B", "Z"])), "Z are not in the table"),
        (lambda: small(pd.concat([COUNTS, COUNTS.iloc[:1]])), "A stand twice"),
        (lambda: small(places=SMALL.assign(level=["province", "prefecture", "corps"])), "B are cities.*plan"),
        (lambda: small(places=SMALL.assign(province_id=["A", "B", "C"])), "province C of a corps is missing"),
        (lambda: small(gdp=GDP.assign(value=[9.0, None])), "gdp 2018 of B is missing"),
        (lambda: small(gdp=GDP.assign(value=[0.0, 4])), "gdp 2018 of A is missing, 0 or negative"),
        (lambda: small(gdp=GDP.assign(value=[np.inf, 4])), "gdp 2018 of A"),
        (lambda: small(gdp=GDP.assign(year=2019)), "gdp 2018 of A, B"),
        (lambda: small(gdp=pd.concat([GDP, GDP])), "of A, B stands twice"),
    ],
)  # fmt: skip
def test_a_frame_that_cannot_be_made(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()


# --- Fits ----------------------------------------------------------------------------------------


def test_poisson_of_the_r_example() -> None:
    """Dobson (1990), as printed by R for ``example(glm)``: coefficients, errors, AIC, phi."""
    counts = [18, 17, 15, 20, 10, 20, 25, 13, 12]
    frame = pd.DataFrame({"firms_count": counts, "outcome2": [0, 1, 0] * 3, "outcome3": [0, 0, 1] * 3,
                          "treatment2": [0] * 3 + [1] * 3 + [0] * 3, "treatment3": [0] * 6 + [1] * 3})  # fmt: skip
    columns = list(frame)[1:]
    table = fit_counts(frame, columns).set_index(["model", "term"])
    rows = table.loc["poisson"]
    assert rows["coefficient"].tolist()[:3] == pytest.approx([3.045, -0.4543, -0.2930], abs=5e-4)
    assert rows["coefficient"].tolist()[3:] == pytest.approx([0, 0], abs=1e-10)
    assert rows["standard_error"].tolist() == pytest.approx([0.1709, 0.2022, 0.1927, 0.2, 0.2], abs=5e-5)  # fmt: skip
    assert rows["z"].tolist()[:3] == pytest.approx([17.815, -2.247, -1.520], abs=5e-4)
    assert rows["p_value"].tolist()[1:3] == pytest.approx([0.0246, 0.1285], abs=5e-5)
    assert rows["aic"].iloc[0] == pytest.approx(56.76, abs=5e-3)
    assert table.loc["quasi_poisson", "dispersion"].iloc[0] == pytest.approx(1.2933, abs=5e-5)


def test_three_models_equal_statsmodels(frame: pd.DataFrame) -> None:
    table = fit_counts(frame, level=0.9).set_index(["model", "term"])
    counts, design = frame["firms_count"].to_numpy(), design_of(frame, COLUMNS)
    peers = {
        "poisson": Poisson(counts, design).fit(disp=0, method="newton", tol=1e-12),
        "quasi_poisson": sm.GLM(counts, design, family=sm.families.Poisson()).fit(scale="X2", tol=1e-12),
    }  # fmt: skip
    start = table.loc["negative_binomial"]
    guess = np.append(start["coefficient"] * 1.01, start["dispersion"].iloc[0] * 1.2)
    peers["negative_binomial"] = NegativeBinomial(counts, design).fit(
        start_params=guess, method="newton", disp=0, tol=1e-12
    )
    assert table["converged"].all()
    assert (table["message"] == "").all()
    for model, peer in peers.items():
        rows = table.loc[model]
        assert list(rows.index) == ["intercept", *COLUMNS]
        size, error = len(rows), np.asarray(peer.bse)[: len(rows)]
        np.testing.assert_allclose(rows["coefficient"], peer.params[:size], rtol=1e-7)
        np.testing.assert_allclose(rows["standard_error"], error, rtol=1e-6)
        np.testing.assert_allclose(rows["p_value"], np.asarray(peer.pvalues)[:size], rtol=1e-5)
        np.testing.assert_allclose(rows[["low", "high"]], peer.conf_int(0.1)[:size], rtol=1e-5)
        assert (rows["units_count"] == 31).all()
        if model != "quasi_poisson":
            assert rows["aic"].iloc[0] == pytest.approx(peer.aic, abs=1e-6)
            assert rows["log_likelihood"].iloc[0] == pytest.approx(peer.llf, abs=1e-7)
    assert table.loc["poisson", "dispersion"].iloc[0] == 1
    assert table.loc["quasi_poisson", "dispersion"].iloc[0] == pytest.approx(peers["quasi_poisson"].scale)  # fmt: skip
    assert table.loc["quasi_poisson", ["aic", "log_likelihood"]].isna().all(axis=None)
    alpha = table.loc["negative_binomial", "dispersion"].iloc[0]
    assert alpha == pytest.approx(peers["negative_binomial"].params[-1], rel=1e-7)
    # With alpha given, the generalised linear model has the same coefficients.
    glm = sm.GLM(counts, design, family=sm.families.NegativeBinomial(alpha=alpha)).fit(tol=1e-12)
    np.testing.assert_allclose(start["coefficient"], glm.params, rtol=1e-6)


def test_negative_binomial_is_the_maximum_of_its_likelihood() -> None:
    """Written out with scipy's distribution and climbed without derivatives."""
    frame = made(40, 0.5)
    fit = fit_model(frame, "negative_binomial", ["x"])

    def minus(parameters: Any) -> float:
        mean = np.exp(parameters[0] + parameters[1] * frame["x"])
        size = np.exp(-parameters[2])
        return -stats.nbinom.logpmf(frame["firms_count"], size, size / (size + mean)).sum()

    best = minimize(minus, [1, 1, 0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert fit.coefficients == pytest.approx(best.x[:2], abs=1e-6)
    assert fit.dispersion == pytest.approx(np.exp(best.x[2]), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-9)
    assert fit.variance == pytest.approx(fit.fitted + fit.dispersion * fit.fitted**2)
    assert fit.degrees_of_freedom == 38


def test_estimates_approach_the_truth() -> None:
    many = made(4000, 0.5)
    for model in MODELS:
        assert fit_model(many, model, ["x"]).coefficients == pytest.approx([2, 1], abs=0.1)
    assert fit_model(many, "negative_binomial", ["x"]).dispersion == pytest.approx(0.5, abs=0.05)


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.floats(0.1, 20), st.floats(-8, 8), st.sampled_from(MODELS))
def test_units_of_the_covariate_do_not_matter(
    seed: int, factor: float, shift: float, model: str
) -> None:
    frame = made(25, 0.6, seed)
    one = fit_model(frame, model, ["x"])
    two = fit_model(frame.assign(x=frame["x"] * factor + shift), model, ["x"])
    assert one.converged
    assert two.converged
    assert two.fitted == pytest.approx(one.fitted, rel=1e-6)
    assert two.coefficients[1] * factor == pytest.approx(one.coefficients[1], rel=1e-5, abs=1e-8)
    if model != "negative_binomial":
        # A Poisson fit with an intercept gives back the total.
        assert one.fitted.sum() == pytest.approx(frame["firms_count"].sum())


def test_failures_are_told() -> None:
    """Counts with less variance than Poisson have no NB2 maximum; separated zeros have no fit."""
    even = pd.DataFrame({"firms_count": [5, 5, 6, 5, 5, 6, 6, 5], "x": np.arange(8.0)})
    table = fit_counts(even, ["x"]).set_index("model")
    assert table.loc[["poisson", "quasi_poisson"], "converged"].all()
    failed = table.loc["negative_binomial"]
    assert not failed["converged"].any()
    assert failed["message"].str.contains("may vary no more than Poisson").all()
    assert failed[["coefficient", "standard_error", "low", "aic"]].isna().all(axis=None)
    apart = pd.DataFrame({"firms_count": [0, 0, 0, 0, 5, 6, 6, 5], "x": [0.0] * 4 + [1.0] * 4})
    for model in MODELS:
        fit = fit_model(apart, model, ["x"])
        assert not fit.converged
        assert "did not settle" in fit.message
        assert fit.aic is None
        found = expected(apart, 0, rng(), ["x"], model)
        assert (found.expected, found.low, found.position) == (None, None, "unknown")
        assert "did not settle" in found.message
        with pytest.raises(InputError, match=r"influence: the .* fit of all units failed"):
            influence(apart, ["x"], model)
    with pytest.raises(InputError, match="did not converge"):
        overdispersion(fit_model(apart, "poisson", ["x"]))


def test_a_search_that_stops_early_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a point far from the top the Newton steps do not arrive, though all looks regular."""
    search = NegativeBinomial.fit

    def stopped(self: Any, **options: Any) -> SimpleNamespace:
        found = np.array(search(self, **options).params)
        return SimpleNamespace(params=np.append(found[:-1], 0.02))

    monkeypatch.setattr(NegativeBinomial, "fit", stopped)
    monkeypatch.setattr(models, "_solved", models._solved.__wrapped__)
    fit = fit_model(made(40, 0.5), "negative_binomial", ["x"])
    assert not fit.converged
    assert np.isnan(fit.coefficients).all()
    assert "no NB2 maximum" in fit.message


def test_the_same_data_are_fitted_once_and_other_data_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Expectations and influence ask for the same fits; none may be taken for another's."""
    frame, done, poisson = made(31, 0.3), list[Any](), models._poisson
    other = frame.assign(x=frame["x"].to_numpy()[::-1])
    monkeypatch.setattr(models, "_solved", lru_cache(models._solved.__wrapped__))
    monkeypatch.setattr(models, "_poisson", lambda *data: done.append(data) or poisson(*data))
    first = fit_model(frame, "negative_binomial", ["x"])
    again = fit_model(frame.rename(index=str), "negative_binomial", ["x"])
    assert len(done) == 1
    np.testing.assert_array_equal(first.covariance, again.covariance)
    assert fit_model(frame, "poisson", ["x"]).dispersion == 1 != first.dispersion
    np.testing.assert_array_equal(fit_model(other, "poisson", ["x"]).design[:, 1], other["x"])
    assert len(done) == 3
    with pytest.raises(ValueError, match="read-only"):
        first.coefficients[0] = 0.0


def test_years_side_by_side(data: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> None:
    table = by_year(covariate_frames(*data, [2021, 2018]))
    assert table["covariate_year"].unique().tolist() == [2021, 2018]
    one = table[table["covariate_year"] == 2018].drop(columns="covariate_year")
    direct = fit_counts(covariate_frame(*data, 2018))
    pd.testing.assert_frame_equal(one.reset_index(drop=True), direct)
    later = table[table["covariate_year"] == 2021].drop(columns="covariate_year")
    assert not np.allclose(later["coefficient"], direct["coefficient"])
    assert table["converged"].all()
    assert models.YEARS[0] == 2018
    with pytest.raises(InputError, match="one year or more"):
        by_year({})


# --- Checks of a fit -----------------------------------------------------------------------------


def test_overdispersion_equals_statsmodels(frame: pd.DataFrame) -> None:
    """The NB1 row of statsmodels 0.15.0 repeats NB2; least squares on a constant stands in."""
    found = overdispersion(fit_model(frame, "poisson"))
    counts, design = frame["firms_count"].to_numpy(), design_of(frame, COLUMNS)
    peer = Poisson(counts, design).fit(disp=0, method="newton", tol=1e-12)
    table = peer.get_diagnostic().test_dispersion().summary_frame()
    nb2 = table[table["method"] == "CT nb2"].iloc[0]
    assert found.nb2_t == pytest.approx(nb2["statistic"], rel=1e-8)
    assert found.nb2_p == pytest.approx(nb2["pvalue"] / 2, rel=1e-6)
    fitted = peer.predict()
    line = sm.OLS(((counts - fitted) ** 2 - counts) / fitted, np.ones(31)).fit(use_t=False)
    assert found.nb1_alpha == pytest.approx(line.params[0], rel=1e-8)
    assert found.nb1_t == pytest.approx(line.tvalues[0], rel=1e-8)
    assert found.nb1_p == pytest.approx(line.pvalues[0] / 2, rel=1e-6)
    glm = sm.GLM(counts, design, family=sm.families.Poisson()).fit(tol=1e-12)
    assert found.pearson_chi2 == pytest.approx(glm.pearson_chi2)
    assert found.degrees_of_freedom == 27
    assert found.ratio == pytest.approx(glm.pearson_chi2 / 27)
    assert found.pearson_p == pytest.approx(stats.chi2.sf(glm.pearson_chi2, 27))
    assert overdispersion(fit_model(frame, "quasi_poisson")) == found


def test_overdispersion_of_made_counts() -> None:
    spread = overdispersion(fit_model(made(800, 0.5), "poisson", ["x"]))
    assert spread.nb2_alpha == pytest.approx(0.5, abs=0.15)
    assert max(spread.nb2_p, spread.nb1_p, spread.pearson_p) < 1e-6
    plain = overdispersion(fit_model(made(800, 0), "poisson", ["x"]))
    assert plain.ratio == pytest.approx(1, abs=0.1)
    assert min(plain.nb2_p, plain.nb1_p, plain.pearson_p) > 0.01
    with pytest.raises(InputError, match="give a Poisson fit"):
        overdispersion(fit_model(made(80, 0.5), "negative_binomial", ["x"]))


@pytest.mark.parametrize("model", MODELS)
def test_influence_equals_statsmodels(frame: pd.DataFrame, model: str) -> None:
    found = influence(frame, model=model)
    counts, design = frame["firms_count"].to_numpy(), design_of(frame, COLUMNS)
    fit = fit_model(frame, model)
    family = sm.families.Poisson()
    if model == "negative_binomial":
        family = sm.families.NegativeBinomial(alpha=fit.dispersion)
    scale = fit.dispersion if model == "quasi_poisson" else 1.0
    peer = sm.GLM(counts, design, family=family).fit(tol=1e-12, scale=scale)
    # The influence object of statsmodels takes the observed information, which is the same for
    # Poisson only; the working weights are those of R.
    hat = peer.get_hat_matrix_diag(observed=False)
    np.testing.assert_allclose(found["leverage"], hat, rtol=1e-6)
    residual = peer.resid_pearson / np.sqrt(scale * (1 - hat))
    np.testing.assert_allclose(found["residual"], residual, rtol=1e-5)
    if model != "negative_binomial":
        cooks = peer.get_influence().cooks_distance[0]
        np.testing.assert_allclose(found["cooks_distance"], cooks, rtol=1e-5)
    np.testing.assert_allclose(
        found["cooks_distance"], residual**2 * hat / (1 - hat) / 4, rtol=1e-5
    )
    assert found["leverage"].sum() == pytest.approx(4)
    assert found["converged"].all()
    assert found.index.equals(frame.index)
    rest = frame.drop(index="110000")
    direct = fit_model(rest, model).coefficients
    named = found.loc["110000", [f"without_{term}" for term in ("intercept", *COLUMNS)]]
    assert named.tolist() == direct.tolist()
    assert not np.allclose(direct, fit.coefficients)


def test_influence_needs_every_smaller_frame() -> None:
    one = pd.DataFrame(
        {"firms_count": [1, 2, 3, 4, 9], "x": [0.0, 0, 0, 0, 1]}, index=list("abcde")
    )
    with pytest.raises(
        InputError, match="without e no model can be fitted: columns: x is the same"
    ):
        influence(one, ["x"])


def test_collinearity_equals_statsmodels(frame: pd.DataFrame) -> None:
    found = collinearity(frame)
    design = design_of(frame, COLUMNS)
    peer = [variance_inflation_factor(design, at) for at in (1, 2, 3)]
    assert found.vif.tolist() == pytest.approx(peer, rel=1e-8)
    assert found.vif.index.tolist() == COLUMNS
    assert found.vif.min() > 10
    np.testing.assert_allclose(found.correlations, frame[COLUMNS].corr(), rtol=1e-12)
    scaled = design / np.sqrt((design**2).sum(axis=0))
    assert found.condition_number == pytest.approx(np.linalg.cond(scaled))
    alone = collinearity(frame, ["log_gdp"])
    assert alone.vif.tolist() == [1.0]


# --- Bad input -----------------------------------------------------------------------------------

GOOD = pd.DataFrame({"firms_count": [1, 9, 2, 30, 20, 4], "x": [0.0, 1, 1.5, 2, 3, 1],
                     "y": [1.0, 0, 2, 5, 1, 1]}, index=list("abcdef"))  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "columns", "words"),
    [
        (GOOD, [], "name one covariate"),
        (GOOD, ["x", "x"], "each once"),
        (GOOD, ["z"], "no column z; known: firms_count, x, y"),
        (GOOD.drop(columns="firms_count"), ["x"], "no column firms_count"),
        (GOOD.assign(x=[0, 1, np.nan, 2, 3, 1]), ["x"], "x of c is missing"),
        (GOOD.assign(x=[0, 1, np.inf, 2, 3, 1]), ["x"], "x of c is missing or infinite"),
        (GOOD.assign(firms_count=pd.array([1, None, 2, 3, 4, 5], dtype="Int64")), ["x"], "firms_count of b is missing"),
        (GOOD.assign(firms_count=[1, -1, 2, 3, 4, 5]), ["x"], "firms_count of b is no count"),
        (GOOD.assign(firms_count=[1, 1.5, 2, 3, 4, 5]), ["x"], "of b is no count"),
        (GOOD.assign(firms_count=0), ["x"], "all counts are 0"),
        (GOOD.iloc[:1], ["x"], "1 units are too few for 1 covariates; 4"),
        (GOOD.iloc[:4], ["x", "y"], "4 units are too few for 2"),
        (GOOD.assign(x=3.3), ["x", "y"], "x is the same for all units"),
        (GOOD.assign(y=GOOD["x"] * 2 + 1), ["x", "y"], "perfectly collinear"),
        (GOOD.rename({"b": "a"}), ["x"], "a stand twice"),
    ],
)  # fmt: skip
def test_a_frame_without_a_model(frame: pd.DataFrame, columns: list[str], words: str) -> None:
    calls = [lambda: fit_model(frame, "poisson", columns), lambda: fit_counts(frame, columns),
             lambda: collinearity(frame, columns), lambda: influence(frame, columns),
             lambda: expected(frame, "a", rng(), columns)]  # fmt: skip
    for call in calls:
        with pytest.raises(InputError, match=words):
            call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit_model(GOOD, "zip", ["x"]), "model 'zip': known are poisson"),
        (lambda: fit_counts(GOOD, ["x"], 1.2), "level 1.2"),
        (lambda: expected(GOOD, "z", rng(), ["x"]), "'z' is not in the frame: a, b"),
        (lambda: expected(GOOD, "a", rng(), ["x"], level=0), "level 0"),
        (lambda: expected(GOOD, "a", rng(), ["x"], draws=10), "draws 10: give 1,000"),
    ],
)
def test_wrong_arguments(call: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
