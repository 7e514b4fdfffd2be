"""Count models of provinces: how the number of firms goes with the size of the economy.

Unit of observation: a province. What the models show are associations among provinces, from one
cross-section of about thirty units: they say nothing about single firms (ecological fallacy) and
nothing about what would happen to a count if a covariate were changed.

Mean: log mu = X b. Poisson has variance mu, quasi-Poisson phi mu, the negative binomial (NB2)
mu + alpha mu^2.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.analysis import checks
from helpers.errors import InputError

Vector = NDArray[np.float64]

VARIABLES: Mapping[str, str] = {
    "log_gdp": "gdp_100m_cny",
    "log_rd": "rd_expenditure_100m_cny",
    "log_hightech": "hightech_manufacturing_firms_count",
}
MODELS = ("poisson", "quasi_poisson", "negative_binomial")
YEARS = (2018, 2019, 2020, 2021, 2022, 2023)
INTERCEPT = "intercept"

# Smallest fitted count of a Poisson fit that has settled.
_SMALLEST_MEAN = 1e-8
# Largest Newton decrement (twice the log-likelihood still to be gained) of a finished search.
_DECREMENT = 1e-10


@dataclass(frozen=True)
class CountFit:
    """A fitted count model.

    Parameters
    ----------
    model : {"poisson", "quasi_poisson", "negative_binomial"}
    columns : tuple of str
        Covariates, the intercept not among them.
    place_ids : tuple of str
        Units the model was fitted to.
    observed, fitted : ndarray, shape (n,)
        Firms.
    design : ndarray, shape (n, k)
        Intercept first.
    coefficients : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Of the coefficients; for the negative binomial shape (k + 1, k + 1), alpha last.
    dispersion : float
        1 for Poisson, phi (Pearson chi-square per degree of freedom) for quasi-Poisson, alpha for
        the negative binomial.
    log_likelihood, aic : float or None
        None for quasi-Poisson, which has no likelihood, and for a fit that did not converge.
    converged : bool
        If False, all numbers but the observed ones are missing.
    message : str
        Why it did not converge; empty if it did.
    """

    model: str
    columns: tuple[str, ...]
    place_ids: tuple[str, ...]
    observed: Vector
    fitted: Vector
    design: Vector
    coefficients: Vector
    covariance: Vector
    dispersion: float
    log_likelihood: float | None
    aic: float | None
    converged: bool
    message: str

    @property
    def variance(self) -> Vector:
        """Variance of each count under the model, shape (n,), dispersion included."""
        if self.model == "negative_binomial":
            return self.fitted + self.dispersion * self.fitted**2
        return self.fitted * self.dispersion

    @property
    def degrees_of_freedom(self) -> int:
        """Units less coefficients (alpha is not counted)."""
        return len(self.observed) - self.design.shape[1]


@dataclass(frozen=True)
class Dispersion:
    """Tests of the Poisson variance.

    Parameters
    ----------
    pearson_chi2 : float
    degrees_of_freedom : int
    ratio : float
        Pearson chi-square per degree of freedom; about 1 if the variance is the mean.
    pearson_p : float
        Upper tail of the chi-square distribution.
    nb2_alpha, nb2_t, nb2_p : float
        Auxiliary regression for the variance mu + alpha mu^2: estimate, t, upper tail (normal).
    nb1_alpha, nb1_t, nb1_p : float
        The same for the variance mu + alpha mu.
    """

    pearson_chi2: float
    degrees_of_freedom: int
    ratio: float
    pearson_p: float
    nb2_alpha: float
    nb2_t: float
    nb2_p: float
    nb1_alpha: float
    nb1_t: float
    nb1_p: float


@dataclass(frozen=True)
class Collinearity:
    """How far covariates repeat one another.

    Parameters
    ----------
    correlations : DataFrame
        Pearson correlations, covariates by covariates.
    vif : Series
        Variance inflation factor of each covariate.
    condition_number : float
        Largest over smallest singular value of the columns scaled to length 1, intercept included.
    """

    correlations: pd.DataFrame
    vif: pd.Series
    condition_number: float


# --- The frame -----------------------------------------------------------------------------------


def _merged_counts(counts: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Counts of provinces, a corps added to the province it lies in."""
    levels = places.set_index("place_id")["level"]
    unknown = [item for item in counts["place_id"] if item not in levels.index]
    if unknown:
        raise InputError(f"counts: places {checks.shown(unknown)} are not in the table of places")
    cities = [item for item in counts["place_id"] if levels[item] == "prefecture"]
    if cities:
        raise InputError(
            f"counts: {checks.shown(cities)} are cities. A province's count includes its cities, plan "
            "cities among them: leave the cities out."
        )
    twice = counts.loc[counts["place_id"].duplicated(), "place_id"].tolist()
    if twice:
        raise InputError(f"counts: {checks.shown(twice)} stand twice; give one count a place")
    units = places[places["level"].isin(["province", "corps"])]
    firms = counts.set_index("place_id")["firms_count"].reindex(units["place_id"])
    gaps = firms.index[firms.isna()].tolist()
    if gaps:
        raise InputError(
            f"counts: no count of {checks.shown(gaps)}. The model needs all provincial units, the Corps "
            "among them: choose batches whose table is complete."
        )
    frame = units.assign(firms_count=firms.to_numpy(dtype=float))
    home = frame["province_id"].where(frame["level"] == "corps", frame["place_id"])
    merged = frame.loc[frame["level"] == "corps"].groupby("province_id")["place_id"].agg(";".join)
    total = frame["firms_count"].groupby(home).sum()
    provinces = frame.loc[frame["level"] == "province", "place_id"]
    lost = sorted(set(total.index) - set(provinces))
    if lost:
        raise InputError(f"places: the province {checks.shown(lost)} of a corps is missing; add it")
    return pd.DataFrame(
        {
            "firms_count": total.loc[provinces].to_numpy(),
            "merged_ids": merged.reindex(provinces).fillna("").to_numpy(dtype=object),
        },
        index=pd.Index(provinces, name="place_id"),
    )


def _covariate(rows: pd.DataFrame, variable: str, year: int) -> pd.Series:
    """One variable of one year by place."""
    chosen = rows[rows["variable"] == variable]
    twice = chosen.loc[chosen["place_id"].duplicated(), "place_id"].tolist()
    if twice:
        raise InputError(f"covariates: {variable} {year} of {checks.shown(twice)} stands twice")
    return chosen.set_index("place_id")["value"]


def covariate_frame(
    counts: pd.DataFrame,
    covariates: pd.DataFrame,
    places: pd.DataFrame,
    year: int,
    variables: Mapping[str, str] = VARIABLES,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Counts of provinces with the logarithms of their covariates in one year.

    Parameters
    ----------
    counts : DataFrame
        Columns place_id and firms_count, one row for each province and for the Xinjiang Production
        and Construction Corps, as :meth:`helpers.analysis.shares.Cells.table` gives. A province's
        count includes its plan city, so that each is counted once.
    covariates, places : DataFrame
        Tables ``province_covariates`` and ``places``.
    year : int
        Year of the covariates.
    variables : mapping of str to str
        Name of each logarithm, and the variable it is taken of.
    missing : {"refuse", "leave_out"}
        What to do with a province whose covariate is missing, 0 or negative (it has no logarithm).

    Returns
    -------
    DataFrame
        Index place_id, one row a province (31, less those left out). Columns firms_count (integer), merged_ids (units
        whose count was added, "XPCC" for Xinjiang, else empty), covariate_year, the variables in
        their own units and their natural logarithms. ``attrs["merged"]`` repeats the mergers,
        ``attrs["left_out"]`` names the variables each province left out lacks.

    Raises
    ------
    InputError
        A count is missing, negative or fractional, a covariate is and `missing` is "refuse", a
        place is unknown, a city or stands twice.

    Notes
    -----
    The Corps is merged into Xinjiang because the covariates of Xinjiang include it.

    Examples
    --------
    >>> places = pd.DataFrame({"place_id": ["A", "B", "K"], "province_id": ["A", "B", "B"],
    ...                        "level": ["province", "province", "corps"]})
    >>> counts = pd.DataFrame({"place_id": ["A", "B", "K"], "firms_count": [5, 2, 1]})
    >>> gdp = pd.DataFrame({"place_id": ["A", "B"], "year": 2018, "variable": "gdp_100m_cny",
    ...                     "value": [100.0, 50.0]})
    >>> frame = covariate_frame(counts, gdp, places, 2018, {"log_gdp": "gdp_100m_cny"})
    >>> frame[["firms_count", "merged_ids"]].values.tolist()
    [[5, ''], [3, 'K']]
    """
    if missing not in ("refuse", "leave_out"):
        raise InputError(f"missing {missing!r}: known are refuse, leave_out")
    frame = _merged_counts(counts, places)
    values = frame["firms_count"].to_numpy()
    wrong = (values < 0) | (values != np.floor(values)) | ~np.isfinite(values)
    if wrong.any():
        raise InputError(
            f"counts: {checks.shown(frame.index[wrong].tolist())}: give whole numbers from 0"
        )
    frame = frame.astype({"firms_count": "int64"}).assign(covariate_year=year)
    rows = covariates[covariates["year"] == year]
    left_out: dict[str, list[str]] = {}
    for name, variable in variables.items():
        column = _covariate(rows, variable, year).reindex(frame.index).astype(float)
        unusable = frame.index[~(column > 0) | ~np.isfinite(column)].tolist()
        if unusable and missing == "refuse":
            raise InputError(
                f"covariates: {variable} {year} of {checks.shown(unusable)} is missing, 0 or negative "
                "and has no logarithm. Choose another year or variable, or fill the figure."
            )
        for place in unusable:
            left_out.setdefault(str(place), []).append(variable)
        frame[variable], frame[name] = column, np.log(column.where(column > 0))
    frame = frame.drop(index=list(left_out))
    named = frame.loc[frame["merged_ids"] != "", "merged_ids"]
    frame.attrs["merged"] = {place: ids.split(";") for place, ids in named.items()}
    frame.attrs["left_out"] = left_out
    return frame


def covariate_frames(
    counts: pd.DataFrame,
    covariates: pd.DataFrame,
    places: pd.DataFrame,
    years: Sequence[int] = YEARS,
) -> dict[int, pd.DataFrame]:
    """Model frames of several years; units without covariates of a year are left out of it.

    Parameters
    ----------
    counts, covariates, places
        See :func:`covariate_frame`.
    years : sequence of int

    Returns
    -------
    dict of year to DataFrame
        A year is absent if too few units have its covariates.

    Raises
    ------
    InputError
        See :func:`covariate_frame`.

    Examples
    --------
    >>> places = pd.DataFrame({"place_id": ["A"], "province_id": ["A"], "level": ["province"]})
    >>> counts = pd.DataFrame({"place_id": ["A"], "firms_count": [3]})
    >>> none = pd.DataFrame({"place_id": [], "year": [], "variable": [], "value": []})
    >>> covariate_frames(counts, none, places, [2018])
    {}
    """
    found = {}
    for year in years:
        frame = covariate_frame(counts, covariates, places, year, missing="leave_out")
        if len(frame) >= len(VARIABLES) + 4:
            found[int(year)] = frame
    return found


def design_matrix(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[Vector, Vector]:
    """Counts and design matrix, refused where no model can be fitted.

    Parameters
    ----------
    frame : DataFrame, shape (n, any)
        Index of units, each once; columns firms_count and `columns`, no missing values.
    columns : sequence of str
        Covariates, each once.

    Returns
    -------
    counts : ndarray, shape (n,)
    design : ndarray, shape (n, 1 + columns)
        A column of ones first.

    Raises
    ------
    InputError
        A column is absent, missing or infinite somewhere, constant, or follows from the others; a
        count is negative or no whole number; all counts are 0; there are fewer than three units
        more than covariates.
    """
    if not columns or len(set(columns)) < len(columns):
        raise InputError(f"columns {list(columns)}: name one covariate or more, each once")
    absent = [name for name in ("firms_count", *columns) if name not in frame]
    if absent:
        raise InputError(
            f"frame: no column {checks.shown(absent)}; known: {', '.join(map(str, frame))}"
        )
    if not frame.index.is_unique:
        raise InputError(
            f"frame: {checks.shown(frame.index[frame.index.duplicated()])} stand twice"
        )
    numbers = frame[["firms_count", *columns]].to_numpy(dtype=float, na_value=np.nan)
    for at, name in enumerate(("firms_count", *columns)):
        blank = ~np.isfinite(numbers[:, at])
        if blank.any():
            raise InputError(
                f"frame: {name} of {checks.shown(frame.index[blank].tolist())} is missing or infinite; "
                "fill it or leave the units out"
            )
    counts, covariates = numbers[:, 0], numbers[:, 1:]
    wrong = (counts < 0) | (counts != np.floor(counts))
    if wrong.any():
        raise InputError(
            f"frame: firms_count of {checks.shown(frame.index[wrong].tolist())} is no count"
        )
    if not counts.any():
        raise InputError("frame: all counts are 0; there is nothing to model")
    if len(counts) < len(columns) + 3:
        raise InputError(
            f"frame: {len(counts)} units are too few for {len(columns)} covariates; "
            f"{len(columns) + 3} are the least"
        )
    centred = covariates - covariates.mean(axis=0)
    flat = np.abs(centred).max(axis=0) <= 1e-12 * np.abs(covariates).max(axis=0)
    if flat.any():
        constant = [name for name, same in zip(columns, flat, strict=True) if same]
        raise InputError(
            f"columns: {checks.shown(constant)} is the same for all units; leave it out"
        )
    singular = np.linalg.svd(centred / np.linalg.norm(centred, axis=0), compute_uv=False)
    if singular[-1] < 1e-7 * singular[0]:
        raise InputError(
            f"columns: {', '.join(columns)} are perfectly collinear (one follows from the others); "
            "leave one out"
        )
    return counts, np.column_stack([np.ones(len(counts)), covariates])


# --- Fitting -------------------------------------------------------------------------------------


@contextmanager
def _noted() -> Iterator[list[str]]:
    """Collect the warnings of a fit as texts."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
        warnings.simplefilter("always")
        yield notes
    texts = [f"{item.category.__name__}: {item.message}" for item in caught]
    notes.extend(text.splitlines()[0] for text in texts)


@dataclass(frozen=True)
class _Solution:
    """What a fit returns: parameters, their covariance, log-likelihood, and whether it is one."""

    parameters: Vector
    covariance: Vector
    log_likelihood: float
    converged: bool


def _poisson(counts: Vector, design: Vector) -> _Solution:
    import statsmodels.api as sm

    result = sm.GLM(counts, design, family=sm.families.Poisson()).fit(maxiter=200, tol=1e-12)
    params, covariance = np.asarray(result.params), np.asarray(result.cov_params())
    finite = np.isfinite(params).all() and np.isfinite(covariance).all()
    # Covariates that separate the zeros drive fitted counts to 0 and coefficients to infinity.
    settled = bool(result.converged and finite and result.fittedvalues.min() > _SMALLEST_MEAN)
    return _Solution(params, covariance, float(result.llf), settled)


def _negative_binomial(counts: Vector, design: Vector, poisson: _Solution) -> _Solution:
    """Maximum-likelihood NB2, alpha the last parameter."""
    from statsmodels.discrete.discrete_model import NegativeBinomial

    # Logarithms that are large and alike make the search badly scaled; orthonormal columns do not.
    basis, triangle = np.linalg.qr(design)
    scale = np.sqrt(len(counts))
    back = np.eye(design.shape[1] + 1)
    back[:-1, :-1] = np.linalg.inv(triangle) * scale
    fitted = np.exp(design @ poisson.parameters)
    moment = float((((counts - fitted) ** 2 - counts) / fitted**2).mean())
    start = np.append(triangle @ poisson.parameters / scale, max(moment, 0.01))
    model = NegativeBinomial(counts, basis * scale, loglike_method="nb2")
    found = np.asarray(model.fit(start_params=start, disp=0, maxiter=1000).params)
    # The search stops at about five digits; Newton steps give the rest, whatever its path was.
    for _ in range(5):
        found = found - np.linalg.solve(model.hessian(found), model.score(found))
    covariance = -np.linalg.inv(model.hessian(found))
    score, likelihood = model.score(found), float(model.loglike(found))
    finite = np.isfinite(found).all() and np.isfinite(covariance).all() and found[-1] > 0
    good = bool(
        finite
        and (np.linalg.eigvalsh(covariance) > 0).all()
        and score @ covariance @ score < _DECREMENT
    )
    return _Solution(back @ found, back @ covariance @ back.T, likelihood, good)


def _solve(model: str, counts: Vector, design: Vector) -> tuple[_Solution, str]:
    """The fit, and why it failed if it did; a failed fit is no exception."""
    return _solved(model, counts.tobytes(), design.T.tobytes())


# Expectations and influence ask for the same fits, each unit left out in turn.
@lru_cache(maxsize=256)
def _solved(model: str, counts_bytes: bytes, columns: bytes) -> tuple[_Solution, str]:
    counts = np.frombuffer(counts_bytes)
    design = np.frombuffer(columns).reshape(-1, len(counts)).T
    size = design.shape[1] + (model == "negative_binomial")
    failed = _Solution(np.full(size, np.nan), np.full((size, size), np.nan), np.nan, False)
    reason = "the search for the Poisson coefficients did not settle at finite values"
    with _noted() as notes:
        try:
            solution = _poisson(counts, design)
            if model == "negative_binomial" and solution.converged:
                reason = (
                    "no NB2 maximum with a positive alpha was found "
                    "(the counts may vary no more than Poisson)"
                )
                solution = _negative_binomial(counts, design, solution)
        except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
            solution = failed
            notes.append(f"{type(error).__name__}: {error}")
    if solution.converged:
        for shared in (solution.parameters, solution.covariance):
            shared.setflags(write=False)
        return solution, ""
    return failed, "; ".join([reason, *dict.fromkeys(notes)])


def fit_model(
    frame: pd.DataFrame, model: str, columns: Sequence[str] = tuple(VARIABLES)
) -> CountFit:
    """Fit one count model with a log link.

    Parameters
    ----------
    frame : DataFrame
        From :func:`covariate_frame`: index of units, column firms_count and `columns`; no missing
        values.
    model : {"poisson", "quasi_poisson", "negative_binomial"}
    columns : sequence of str
        Covariates, taken as they stand.

    Returns
    -------
    CountFit
        A fit that did not converge has ``converged`` False, says why in ``message``, and its
        numbers are missing.

    Raises
    ------
    InputError
        An unknown model or column, missing values, no counts, all counts 0, too few units, a
        constant covariate, perfect collinearity.

    Notes
    -----
    Cameron and Trivedi (2013), Regression Analysis of Count Data, chapter 3. Poisson by iterated
    weighted least squares; quasi-Poisson has the same coefficients and the covariance multiplied
    by Pearson chi-square per degree of freedom (McCullagh and Nelder 1989); NB2 by maximum
    likelihood with the observed information. Counts with no more variance than Poisson have no
    interior NB2 maximum: the negative binomial then does not converge.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> fit_model(frame, "poisson", ["x"]).coefficients.round(3).tolist()
    [0.096, 0.975]
    """
    if model not in MODELS:
        raise InputError(f"model {model!r}: known are {', '.join(MODELS)}")
    counts, design = design_matrix(frame, columns)
    solution, message = _solve(model, counts, design)
    size = design.shape[1]
    params, covariance, dispersion = solution.parameters[:size], solution.covariance, 1.0
    fitted = np.exp(design @ params)
    if model == "quasi_poisson":
        dispersion = float(((counts - fitted) ** 2 / fitted).sum() / (len(counts) - size))
        covariance = covariance * dispersion
    elif model == "negative_binomial":
        dispersion = float(solution.parameters[-1])
    parameters, likelihood = len(solution.parameters), solution.log_likelihood
    silent = model == "quasi_poisson" or not solution.converged
    return CountFit(
        model=model,
        columns=tuple(columns),
        place_ids=tuple(frame.index),
        observed=counts,
        fitted=fitted,
        design=design,
        coefficients=params,
        covariance=covariance,
        dispersion=dispersion,
        log_likelihood=None if silent else likelihood,
        aic=None if silent else 2 * parameters - 2 * likelihood,
        converged=solution.converged,
        message=message,
    )


def _tidy(fit: CountFit, level: float) -> pd.DataFrame:
    from scipy.stats import norm

    terms = [INTERCEPT, *fit.columns]
    error = np.sqrt(np.diag(fit.covariance)[: len(terms)])
    quantile = float(norm.isf((1 - level) / 2))
    z = fit.coefficients / error
    return pd.DataFrame(
        {
            "model": fit.model,
            "term": terms,
            "coefficient": fit.coefficients,
            "standard_error": error,
            "z": z,
            "p_value": 2 * norm.sf(np.abs(z)),
            "low": fit.coefficients - quantile * error,
            "high": fit.coefficients + quantile * error,
            "dispersion": fit.dispersion,
            "log_likelihood": np.nan if fit.log_likelihood is None else fit.log_likelihood,
            "aic": np.nan if fit.aic is None else fit.aic,
            "units_count": len(fit.observed),
            "converged": fit.converged,
            "message": fit.message,
        }
    )


def fit_counts(
    frame: pd.DataFrame, columns: Sequence[str] = tuple(VARIABLES), level: float = 0.95
) -> pd.DataFrame:
    """Poisson, quasi-Poisson and negative binomial side by side.

    Parameters
    ----------
    frame : DataFrame
        See :func:`fit_model`.
    columns : sequence of str
        Covariates. The coefficient of a logarithm is an elasticity: the difference in per cent of
        the expected count that goes with a difference of one per cent, the others held equal.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        One row a model and term: model, term, coefficient, standard_error, z, p_value, low, high
        (Wald, normal), dispersion (1, phi or alpha), log_likelihood, aic (both missing for
        quasi-Poisson, which has no likelihood), units_count, converged, message. A model that did
        not converge keeps its rows, with its numbers missing, and says why in message.

    Raises
    ------
    InputError
        See :func:`fit_model`; the level is out of range.

    Notes
    -----
    Cameron and Trivedi (2013), chapter 3. The p-values and intervals take the counts as draws from
    the model; the provinces themselves are a full list, not a sample.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> table = fit_counts(frame, ["x"])
    >>> table["model"].unique().tolist()
    ['poisson', 'quasi_poisson', 'negative_binomial']
    """
    checks.level(level)
    return pd.concat(
        [_tidy(fit_model(frame, m, columns), level) for m in MODELS], ignore_index=True
    )


def fit_specifications(
    frame: pd.DataFrame, specifications: Mapping[str, Sequence[str]], level: float = 0.95
) -> pd.DataFrame:
    """The three models with several sets of covariates.

    Parameters
    ----------
    frame, level
        See :func:`fit_counts`.
    specifications : mapping of name to columns

    Returns
    -------
    DataFrame
        The columns of :func:`fit_counts` after specification.

    Raises
    ------
    InputError
        See :func:`fit_counts`; no set is given.

    Notes
    -----
    Cameron and Trivedi (2013), chapter 3.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> fit_specifications(frame, {"alone": ["x"]})["specification"].unique().tolist()
    ['alone']
    """
    if not specifications:
        raise InputError("specifications: give one set of covariates or more")
    parts = []
    for name, columns in specifications.items():
        part = fit_counts(frame, columns, level)
        part.insert(0, "specification", name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def by_year(
    frames: Mapping[int, pd.DataFrame],
    columns: Sequence[str] = tuple(VARIABLES),
    level: float = 0.95,
) -> pd.DataFrame:
    """The same models with the covariates of several years.

    Parameters
    ----------
    frames : mapping of year to DataFrame
        From :func:`covariate_frames`. The first should lie before the counts (2018 for batches
        1-2); covariates of later years are a check of robustness only.
    columns, level
        See :func:`fit_counts`.

    Returns
    -------
    DataFrame
        The columns of :func:`fit_counts` after covariate_year.

    Raises
    ------
    InputError
        See :func:`fit_counts`; no year is given.

    Notes
    -----
    Cameron and Trivedi (2013), chapter 3.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> by_year({2018: frame, 2019: frame}, ["x"])["covariate_year"].unique().tolist()
    [2018, 2019]
    """
    if not frames:
        raise InputError("frames: give one year or more")
    parts = []
    for year, frame in frames.items():
        part = fit_counts(frame, columns, level)
        part.insert(0, "covariate_year", year)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


# --- Checks of a fit -----------------------------------------------------------------------------


def _through_origin(response: Vector, regressor: Vector) -> tuple[float, float]:
    """Slope and its t value in a least-squares line through the origin."""
    square = float(regressor @ regressor)
    slope = float(regressor @ response) / square
    rest = response - slope * regressor
    variance = float(rest @ rest) / (len(response) - 1) / square
    if variance == 0:
        raise InputError("overdispersion: the residuals leave nothing to test; add units")
    return slope, slope / float(np.sqrt(variance))


def overdispersion(fit: CountFit) -> Dispersion:
    """Whether the counts vary more than Poisson allows.

    Parameters
    ----------
    fit : CountFit
        Poisson or quasi-Poisson (they share the mean).

    Returns
    -------
    Dispersion

    Raises
    ------
    InputError
        The fit is a negative binomial, or it did not converge.

    Notes
    -----
    Cameron and Trivedi (1990), doi:10.1016/0304-4076(90)90014-K: ((y - mu)^2 - y) / mu is regressed
    on mu (NB2) or on 1 (NB1) without intercept; the t value of the slope is compared with the
    normal distribution, upper tail. Pearson chi-square: McCullagh and Nelder (1989), section 4.5.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 9, 2, 30, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> round(overdispersion(fit_model(frame, "poisson", ["x"])).ratio, 2)
    9.74
    """
    from scipy.stats import chi2, norm

    if fit.model == "negative_binomial":
        raise InputError("overdispersion: the test is of a Poisson mean; give a Poisson fit")
    if not fit.converged:
        raise InputError(f"overdispersion: the fit did not converge ({fit.message})")
    pearson = float(((fit.observed - fit.fitted) ** 2 / fit.fitted).sum())
    degrees = fit.degrees_of_freedom
    auxiliary = ((fit.observed - fit.fitted) ** 2 - fit.observed) / fit.fitted
    nb2_alpha, nb2_t = _through_origin(auxiliary, fit.fitted)
    nb1_alpha, nb1_t = _through_origin(auxiliary, np.ones_like(fit.fitted))
    return Dispersion(
        pearson_chi2=pearson,
        degrees_of_freedom=degrees,
        ratio=pearson / degrees,
        pearson_p=float(chi2.sf(pearson, degrees)),
        nb2_alpha=nb2_alpha,
        nb2_t=nb2_t,
        nb2_p=float(norm.sf(nb2_t)),
        nb1_alpha=nb1_alpha,
        nb1_t=nb1_t,
        nb1_p=float(norm.sf(nb1_t)),
    )


def influence(
    frame: pd.DataFrame,
    columns: Sequence[str] = tuple(VARIABLES),
    model: str = "quasi_poisson",
) -> pd.DataFrame:
    """How much each unit weighs in a fit.

    Parameters
    ----------
    frame, columns, model
        See :func:`fit_model`.

    Returns
    -------
    DataFrame
        Index: unit. Columns observed, fitted, leverage (they add up to the number of coefficients),
        residual (Pearson, studentised), cooks_distance, then for each term ``without_<term>``: the
        coefficient of the model fitted to the other units, and converged: whether that fit
        converged. Its coefficients are missing where it did not.

    Raises
    ------
    InputError
        See :func:`fit_model`; the model of all units did not converge; without some unit no model
        can be fitted (the unit is named).

    Notes
    -----
    Leverage is the diagonal of the hat matrix with the working weights (expected information;
    Pregibon 1981), Cook's distance its one-step form (Williams 1987). For the negative binomial
    alpha is held at its estimate in leverage and Cook's distance, and estimated anew in the fits
    without a unit.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 3, 4, 9, 20], "x": [0.0, 1.0, 1.5, 2.0, 3.0]})
    >>> influence(frame, ["x"])["leverage"].sum().round(6).item()
    2.0
    """
    fit = fit_model(frame, model, columns)
    if not fit.converged:
        raise InputError(f"influence: the {model} fit of all units failed ({fit.message})")
    terms = [f"without_{term}" for term in (INTERCEPT, *columns)]
    others, converged = [], []
    for unit in frame.index:
        try:
            rest = fit_model(frame.drop(index=unit), model, columns)
        except InputError as error:
            raise InputError(
                f"influence: without {unit} no model can be fitted: {error}"
            ) from error
        others.append(rest.coefficients)
        converged.append(rest.converged)
    # A unit of leverage 1 leaves no model for the others, and was named above.
    weights = fit.fitted**2 / fit.variance
    root = fit.design * np.sqrt(weights)[:, None]
    orthonormal, _ = np.linalg.qr(root)
    leverage = (orthonormal**2).sum(axis=1)
    residual = (fit.observed - fit.fitted) / np.sqrt(fit.variance * (1 - leverage))
    cooks = residual**2 * leverage / (1 - leverage) / fit.design.shape[1]
    table = pd.DataFrame(
        {
            "observed": fit.observed.astype(np.int64),
            "fitted": fit.fitted,
            "leverage": leverage,
            "residual": residual,
            "cooks_distance": cooks,
        },
        index=frame.index,
    )
    table[terms] = np.array(others)
    return table.assign(converged=converged)


def collinearity(frame: pd.DataFrame, columns: Sequence[str] = tuple(VARIABLES)) -> Collinearity:
    """How far the covariates repeat one another.

    Parameters
    ----------
    frame, columns
        See :func:`fit_model`.

    Returns
    -------
    Collinearity

    Raises
    ------
    InputError
        See :func:`fit_model`: a constant covariate and perfect collinearity among others.

    Notes
    -----
    Belsley, Kuh and Welsch (1980), Regression Diagnostics, chapter 3. Variance inflation factors
    above 10 and condition numbers above 30 are usually called high; the coefficients of such
    covariates cannot be told apart, while the expected counts can.

    Examples
    --------
    >>> frame = pd.DataFrame({"firms_count": [1, 2, 3, 4, 5], "a": [1.0, 2, 3, 4, 5],
    ...                       "b": [1.0, -1, 0, -1, 1]})
    >>> collinearity(frame, ["a", "b"]).vif.round(3).tolist()
    [1.0, 1.0]
    """
    _, design = design_matrix(frame, columns)
    correlations = np.atleast_2d(np.corrcoef(design[:, 1:], rowvar=False))
    names = list(columns)
    singular = np.linalg.svd(design / np.linalg.norm(design, axis=0), compute_uv=False)
    return Collinearity(
        correlations=pd.DataFrame(correlations, index=names, columns=names),
        vif=pd.Series(np.diag(np.linalg.inv(correlations)), index=names, name="vif"),
        condition_number=float(singular[0] / singular[-1]),
    )
