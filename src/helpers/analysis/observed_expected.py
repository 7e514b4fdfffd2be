"""Observed counts against the counts a model expects, for every unit and under other choices.

Unit of observation: a province. An expectation says how many firms go with an economy of this size
among the *other* provinces; a count outside its interval is unusual for the model, which is not to
say why, and says nothing about single firms (ecological fallacy).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.analysis import checks
from helpers.analysis.models import (
    MODELS,
    VARIABLES,
    CountFit,
    design_matrix,
    fit_model,
)
from helpers.analysis.shares import Cells
from helpers.errors import InputError

Vector = NDArray[np.float64]

# Covariates of the model whose expectation is shown first, and of a smaller one beside it.
SPECIFICATIONS: Mapping[str, tuple[str, ...]] = {
    "gdp_rd_hightech": tuple(VARIABLES),
    "gdp": ("log_gdp",),
}


@dataclass(frozen=True)
class Expected:
    """A place's count beside what a model fitted to the other places expects.

    Parameters
    ----------
    place_id, model : str
    observed : int
    expected, low, high : float or None
        Mean and prediction interval; None if the model did not converge.
    level : float
        Probability of the interval.
    at_or_below, at_or_above : float or None
        Predictive probability of a count not above, and not below, the observed one.
    units_count : int
        Places the model was fitted to.
    message : str
        Why there is no expectation; empty if there is one.
    """

    place_id: str
    model: str
    observed: int
    expected: float | None
    low: float | None
    high: float | None
    level: float
    at_or_below: float | None
    at_or_above: float | None
    units_count: int
    message: str

    @property
    def position(self) -> str:
        """``below``, ``within`` or ``above`` the interval, ``unknown`` without one."""
        if self.low is None or self.high is None:
            return "unknown"
        return (
            "below"
            if self.observed < self.low
            else "above"
            if self.observed > self.high
            else "within"
        )


@dataclass(frozen=True)
class CompleteCounts:
    """Counts of all provincial units over the longest complete range of batches.

    Parameters
    ----------
    basis : str
        On which they are complete.
    through_batch : int
        Last batch of the range, which begins with batch 1.
    table : DataFrame
        From :meth:`helpers.analysis.shares.Cells.table`.
    """

    basis: str
    through_batch: int
    table: pd.DataFrame


def complete_counts(
    counts: pd.DataFrame, places: pd.DataFrame, basis: str, last: int
) -> CompleteCounts:
    """The longest range of batches whose counts are known for every provincial unit.

    Parameters
    ----------
    counts, places : DataFrame
        Tables ``province_counts`` and ``places``.
    basis : str
        Of the study. The certified counts are tried as well, and taken if they reach as far.
    last : int
        Last batch that may be used; at least batches 1-2, the published table, are tried.

    Returns
    -------
    CompleteCounts

    Raises
    ------
    InputError
        No range that begins with batch 1 is complete on either basis.

    Notes
    -----
    A count model needs every unit: leaving out those without a figure would select on the outcome.

    Examples
    --------
    >>> from helpers.evidence.tables import load
    >>> found = complete_counts(load("province_counts"), load("places"), "announced", 5)
    >>> found.basis, found.through_batch, int(found.table["firms_count"].sum())
    ('certified', 2, 1832)
    """
    best: CompleteCounts | None = None
    for tried in dict.fromkeys(("certified", basis)):
        cells = Cells(counts, places, tried)
        for through in range(max(2, last), best.through_batch if best else 0, -1):
            table = cells.table(1, through)
            if table["firms_count"].notna().all():
                best = CompleteCounts(tried, through, table)
                break
    if best is None:
        raise InputError(
            "province_counts: no range of batches from the first on is complete for all provincial "
            "units. Restore the rows of batches 1-2, or supply the missing ones."
        )
    return best


def choose_model(frame: pd.DataFrame, columns: Sequence[str] = tuple(VARIABLES)) -> str:
    """The model whose expectation is shown first.

    Parameters
    ----------
    frame, columns
        See :func:`helpers.analysis.models.fit_model`.

    Returns
    -------
    {"negative_binomial", "quasi_poisson"}
        The negative binomial if it converges, since it is a distribution of counts; else
        quasi-Poisson, which only scales the variance.

    Raises
    ------
    InputError
        See :func:`helpers.analysis.models.fit_model`.

    Notes
    -----
    Cameron and Trivedi (2013), Regression Analysis of Count Data, section 3.3. A rule of this
    project, fixed before the place is known.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [5, 5, 6, 5, 5, 6], "x": [0.0, 1, 2, 3, 4, 5]})
    >>> choose_model(frame, ["x"])
    'quasi_poisson'
    """
    good = fit_model(frame, "negative_binomial", columns).converged
    return "negative_binomial" if good else "quasi_poisson"


def _drawn_parameters(
    fit: CountFit, row: Vector, draws: int, rng: np.random.Generator
) -> tuple[Vector, Vector]:
    """Means of one unit, and alphas where the model has one, the parameters uncertain.

    The points are scrambled Sobol ones, which fill the space evenly: with as many independent
    ones the noise would be larger than the gap between some counts and the end of their interval.
    """
    from scipy.stats import qmc

    centre, covariance = fit.coefficients, fit.covariance
    negative_binomial = fit.model == "negative_binomial"
    if negative_binomial:
        # On its own scale alpha could be drawn below 0; its logarithm cannot.
        scale = np.append(np.ones(len(centre)), 1 / fit.dispersion)
        centre = np.append(centre, np.log(fit.dispersion))
        covariance = covariance * np.outer(scale, scale)
    values, vectors = np.linalg.eigh(covariance)
    points = qmc.MultivariateNormalQMC(np.zeros(len(centre)), rng=rng).random(draws)
    drawn = centre + (points * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    slopes = drawn[:, :-1] if negative_binomial else drawn
    alpha = np.exp(drawn[:, -1]) if negative_binomial else np.zeros(draws)
    return np.exp(slopes @ row), alpha


def _probability_upto(fit: CountFit, mean: Vector, alpha: Vector, count: int) -> float:
    """Predictive probability of a count or fewer: the mean of the exact ones given the parameters."""
    from scipy import special

    if count < 0:
        return 0.0
    if fit.model == "negative_binomial":
        size = 1 / alpha
        return float(special.betainc(size, count + 1.0, size / (size + mean)).mean())
    if fit.model == "quasi_poisson" and fit.dispersion > 1:
        size = mean / (fit.dispersion - 1)
        return float(special.betainc(size, count + 1.0, 1 / fit.dispersion).mean())
    return float(special.pdtr(count, mean).mean())


def _least_count(reaches: Callable[[int], bool], guess: int) -> int:
    """The least whole number, 0 or more, from which on a rising condition holds.

    Parameters
    ----------
    reaches : callable
        The condition.
    guess : int
        Where to look first; the answer does not depend on it.

    Examples
    --------
    >>> _least_count(lambda count: count >= 7, 40), _least_count(lambda count: True, 40)
    (7, 0)
    """
    step, low = max(1, guess // 32), max(0, guess)
    while low > 0 and reaches(low):
        low, step = max(0, low - step), 2 * step
    if reaches(low):
        return low
    high = low + step
    while not reaches(high):
        low, high, step = high, high + 2 * step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def expected(
    frame: pd.DataFrame,
    place_id: str,
    rng: np.random.Generator,
    columns: Sequence[str] = tuple(VARIABLES),
    model: str = "negative_binomial",
    level: float = 0.95,
    draws: int = 1024,
) -> Expected:
    """A place's count against what a model fitted to the other places expects.

    Parameters
    ----------
    frame, columns, model
        See :func:`helpers.analysis.models.fit_model`. The place itself is left out of the fit.
    place_id : str
        The place, one of the index.
    rng : numpy.random.Generator
        Of the study's seed.
    level : float
        Probability of the prediction interval.
    draws : int
        Drawn sets of parameters, at least 1,000; rounded up to a power of two.

    Returns
    -------
    Expected
        Without an expectation, and with the reason, if the model did not converge.

    Raises
    ------
    InputError
        The place is unknown, the draws are too few, the level is out of range, or see
        :func:`helpers.analysis.models.fit_model`.

    Notes
    -----
    Coefficients are drawn from their normal approximation, for the negative binomial together with
    log alpha (Gelman and Hill 2007, chapter 7), as scrambled Sobol points (Owen 1998). Given them
    the distribution of a count is known exactly; the predictive one is the mean over the draws, and
    the ends of the interval are its equal-tailed quantiles. Drawing the counts as well would add
    noise enough to move an end by one firm from seed to seed. Quasi-Poisson has no distribution:
    the negative binomial with variance phi mu (NB1) stands in, Poisson if phi is at most 1.
    ``expected`` is the fitted mean, not the mean of the draws. A count outside the interval is
    unusual for the model, which is not to say why.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20, 90],
    ...                       "x": [0.0, 1.0, 1.5, 2.0, 3.0, 3.0]}, index=list("abcdef"))
    >>> expected(frame, "f", np.random.default_rng(1), ["x"], "poisson").position
    'above'
    """
    checks.level(level)
    if draws < 1000:
        raise InputError(f"draws {draws}: give 1,000 or more, the interval is a mean over them")
    if place_id not in frame.index:
        raise InputError(
            f"place_id {place_id!r} is not in the frame: {checks.shown(list(frame.index))}"
        )
    design_matrix(frame, columns)
    fit = fit_model(frame.drop(index=place_id), model, columns)
    own = frame.loc[place_id]
    observed, units = int(own["firms_count"]), len(fit.observed)
    if not fit.converged:
        return Expected(
            place_id, model, observed, None, None, None, level, None, None, units, fit.message
        )
    row = np.append(1.0, own[list(columns)].to_numpy(dtype=float))
    mean, alpha = _drawn_parameters(fit, row, 2 ** int(np.ceil(np.log2(draws))), rng)
    middle = float(np.exp(row @ fit.coefficients))

    def upto(count: int) -> float:
        return _probability_upto(fit, mean, alpha, count)

    def quantile(probability: float, guess: int) -> int:
        # A few of the draws show where to look, at a fraction of the cost.
        few = _least_count(
            lambda count: _probability_upto(fit, mean[::16], alpha[::16], count) >= probability,
            guess,
        )
        return _least_count(lambda count: upto(count) >= probability, few)

    tail = (1 - level) / 2
    low, high = quantile(tail, int(middle / 3)), quantile(1 - tail, int(2 * middle))
    return Expected(
        place_id=place_id,
        model=model,
        observed=observed,
        expected=middle,
        low=float(low),
        high=float(high),
        level=level,
        at_or_below=upto(observed),
        at_or_above=1 - upto(observed - 1),
        units_count=units,
        message="",
    )


def _row(found: Expected) -> dict[str, object]:
    ratio = None if not found.expected else found.observed / found.expected
    return asdict(found) | {"ratio": ratio, "position": found.position}


def _table(found: Sequence[Expected]) -> pd.DataFrame:
    names = [*(item.name for item in fields(Expected)), "ratio", "position"]
    frame = pd.DataFrame([_row(item) for item in found], columns=names)
    numbers = ["expected", "low", "high", "at_or_below", "at_or_above", "ratio"]
    return frame.astype(dict.fromkeys(numbers, "float64"))


def expected_all(
    frame: pd.DataFrame,
    seed: int,
    columns: Sequence[str] = tuple(VARIABLES),
    model: str = "negative_binomial",
    level: float = 0.95,
    draws: int = 1024,
) -> pd.DataFrame:
    """Every unit's count against what the model fitted to the other units expects.

    Parameters
    ----------
    frame : DataFrame
        From :func:`helpers.analysis.models.covariate_frame`; n units.
    seed : int
        Of the study. Every expectation takes the same drawn points, so that one model
        of one place has one interval wherever it is shown.
    columns, model, level, draws
        See :func:`expected`.

    Returns
    -------
    DataFrame
        n rows in the order of `frame`: the fields of
        :class:`Expected`, ratio (observed over expected) and position.
        Numbers are missing where the fit without the unit did not converge; ``message`` says so.

    Raises
    ------
    InputError
        See :func:`expected`.

    Notes
    -----
    Each unit is predicted from a fit it has no part in (leave-one-out). Of n intervals of 95 per
    cent about n / 20 miss their count by chance alone.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20, 90],
    ...                       "x": [0.0, 1.0, 1.5, 2.0, 3.0, 3.0]}, index=list("abcdef"))
    >>> table = expected_all(frame, 1, ["x"], "poisson", draws=1000)
    >>> table.set_index("place_id").loc["f", "position"]
    'above'
    """
    return _table(
        [
            expected(frame, unit, np.random.default_rng(seed), columns, model, level, draws)
            for unit in frame.index
        ]
    )


def expected_models(
    frame: pd.DataFrame,
    place_id: str,
    seed: int,
    specifications: Mapping[str, Sequence[str]] = SPECIFICATIONS,
    level: float = 0.95,
    draws: int = 1024,
) -> pd.DataFrame:
    """One place's expected count under every model and set of covariates.

    Parameters
    ----------
    frame, place_id, level, draws
        See :func:`expected`.
    seed : int
        Of the study. Every expectation takes the same drawn points, so that one model
        of one place has one interval wherever it is shown.
    specifications : mapping of name to columns

    Returns
    -------
    DataFrame
        Column specification, then those of :func:`expected_all`; a row for each set and model.

    Raises
    ------
    InputError
        See :func:`expected`.

    Notes
    -----
    Cameron and Trivedi (2013), Regression Analysis of Count Data, chapter 3.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20, 90],
    ...                       "x": [0.0, 1.0, 1.5, 2.0, 3.0, 3.0]}, index=list("abcdef"))
    >>> found = expected_models(frame, "c", 1, {"x": ["x"]})
    >>> found["model"].tolist()
    ['poisson', 'quasi_poisson', 'negative_binomial']
    """
    rows = [
        expected(frame, place_id, np.random.default_rng(seed), columns, model, level, draws)
        for columns in specifications.values()
        for model in MODELS
    ]
    table = _table(rows)
    table.insert(0, "specification", [name for name in specifications for _ in MODELS])
    return table


def expected_by_year(
    frames: Mapping[int, pd.DataFrame],
    place_id: str,
    seed: int,
    specifications: Mapping[str, Sequence[str]] = SPECIFICATIONS,
    level: float = 0.95,
    draws: int = 1024,
) -> pd.DataFrame:
    """One place's observed and expected count with covariates of several years.

    Parameters
    ----------
    frames : mapping of year to DataFrame
        From :func:`helpers.analysis.models.covariate_frames`.
    place_id : str
    seed : int
        Of the study. Every expectation takes the same drawn points, so that one model
        of one place has one interval wherever it is shown.
    specifications : mapping of name to columns
        Covariates of each model; the model itself is that of :func:`choose_model`.
    level, draws
        See :func:`expected`.

    Returns
    -------
    DataFrame
        Columns specification, covariate_year, then those of :func:`expected_all`. Years in which
        the place has no covariates are left out; empty where there are none.

    Raises
    ------
    InputError
        See :func:`expected`.

    Notes
    -----
    Only covariates from before the counts can be called predictors; later years show whether the
    finding hangs on the year.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20, 90],
    ...                       "x": [0.0, 1.0, 1.5, 2.0, 3.0, 3.0]}, index=list("abcdef"))
    >>> found = expected_by_year({2018: frame}, "c", 1, {"x": ["x"]})
    >>> found[["specification", "covariate_year", "observed"]].values.tolist()
    [['x', 2018, 4]]
    """
    found, keys = [], []
    for name, columns in specifications.items():
        for year, frame in frames.items():
            if place_id in frame.index:
                model = choose_model(frame, columns)
                found.append(
                    expected(
                        frame, place_id, np.random.default_rng(seed), columns, model, level, draws
                    )
                )
                keys.append((name, year))
    table = _table(found)
    table.insert(0, "specification", [name for name, _ in keys])
    table.insert(1, "covariate_year", [year for _, year in keys])
    return table


def without_each(
    frame: pd.DataFrame,
    place_id: str,
    columns: Sequence[str] = tuple(VARIABLES),
    model: str = "quasi_poisson",
) -> pd.Series:
    """A place's expected count when each other unit in turn is left out of the fit as well.

    Parameters
    ----------
    frame, columns, model
        See :func:`helpers.analysis.models.fit_model`.
    place_id : str
        One of the index.

    Returns
    -------
    Series, shape (n - 1,)
        Index: the unit left out; firms. Missing where the fit did not converge.

    Raises
    ------
    InputError
        The place is unknown, or see :func:`helpers.analysis.models.fit_model`.

    Notes
    -----
    Belsley, Kuh and Welsch (1980), Regression Diagnostics, section 2.1, applied to the prediction.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20, 90],
    ...                       "x": [0.0, 1.0, 1.5, 2.0, 3.0, 3.0]}, index=list("abcdef"))
    >>> without_each(frame, "c", ["x"], "poisson").round(1).to_dict()["f"]
    5.0
    """
    if place_id not in frame.index:
        raise InputError(f"place_id {place_id!r} is not in the frame")
    own = np.append(1.0, frame.loc[place_id, list(columns)].to_numpy(dtype=float))
    others = frame.drop(index=place_id)
    values = []
    for unit in others.index:
        fit = fit_model(others.drop(index=unit), model, columns)
        values.append(float(np.exp(own @ fit.coefficients)))
    return pd.Series(values, index=others.index, name="expected")


def quantile_residuals(fit: CountFit, rng: np.random.Generator) -> pd.Series:
    """Randomised quantile residuals of a fitted count model.

    Parameters
    ----------
    fit : CountFit
    rng : numpy.random.Generator
        Of the study's seed: between the two ends that a count has in the distribution function the
        residual is drawn at random, so that it is continuous.

    Returns
    -------
    Series, shape (n,)
        Index: unit. Standard normal, but for the estimation of the parameters, if the model holds.

    Raises
    ------
    InputError
        The fit did not converge.

    Notes
    -----
    Dunn and Smyth (1996), Journal of Computational and Graphical Statistics 5, 236-244.
    Quasi-Poisson has no distribution; the negative binomial with variance phi mu (NB1) stands in,
    Poisson if phi is at most 1.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> fit = fit_model(frame, "poisson", ["x"])
    >>> quantile_residuals(fit, np.random.default_rng(1)).abs().max().item() < 2
    True
    """
    from scipy import stats

    if not fit.converged:
        raise InputError(f"quantile_residuals: the fit did not converge ({fit.message})")
    quasi = fit.model == "quasi_poisson"
    if fit.model == "poisson" or (quasi and fit.dispersion <= 1):
        law = stats.poisson(fit.fitted)
    else:
        size = (
            fit.fitted / (fit.dispersion - 1)
            if quasi
            else np.full_like(fit.fitted, 1 / fit.dispersion)
        )
        law = stats.nbinom(size, size / (size + fit.fitted))
    below, upto = law.cdf(fit.observed - 1), law.cdf(fit.observed)
    drawn = below + (upto - below) * rng.uniform(size=len(below))
    # An infinite residual could not be drawn; 1e-12 is about seven standard deviations.
    values = stats.norm.ppf(np.clip(drawn, 1e-12, 1 - 1e-12))
    return pd.Series(values, index=pd.Index(fit.place_ids, name="place_id"), name="residual")


def normal_scores(values: pd.Series) -> pd.Series:
    """What values of the same ranks would be expected to be if they were standard normal.

    Parameters
    ----------
    values : Series
        Such as residuals; ties are ranked in their order.

    Returns
    -------
    Series
        With the index of `values`.

    Notes
    -----
    Blom (1958), Statistical Estimates and Transformed Beta-Variables.

    Examples
    --------
    >>> normal_scores(pd.Series([7.0, -2.0, 0.5])).round(3).tolist()
    [0.869, -0.869, 0.0]
    """
    from scipy.stats import norm

    ranks = values.rank(method="first")
    return pd.Series(norm.ppf((ranks - 0.375) / (len(values) + 0.25)), index=values.index)
