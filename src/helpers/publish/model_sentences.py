"""Sentences on count models and on space, rendered from results and right for any province."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.publish.model_views import Shown, model_name, specification_name, term_name
from helpers.publish.phrases import join_names


def frame_sentence(frame: pd.DataFrame, asked: str, shown: Shown) -> str:
    """What the units are, which were merged and which left out.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis.models.covariate_frame``.
    asked : str
        Code of the province the user asked for.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    name = shown.name
    text = (
        f"{len(frame)} provinces with {int(frame['firms_count'].sum()):,} little giants of batches "
        f"{shown.batches} ({shown.basis}) and their covariates of {shown.year}. A province's count "
        "includes its plan city (计划单列市), so every firm is counted once."
    )
    merged: Mapping[str, list[str]] = frame.attrs.get("merged", {})
    for home, parts in merged.items():
        text += (
            f" {join_names([name(part) for part in parts])} is added to {name(home)}, whose economic "
            "figures include it."
        )
    for unit, variables in frame.attrs.get("left_out", {}).items():
        text += (
            f" **{name(unit)} is left out**: {join_names(variables)} of {shown.year} is missing or 0 in "
            "`province_covariates`; a row in your own file of that name would bring it in."
        )
    if asked != shown.focal:
        text += f" This page therefore shows {name(shown.focal)} in place of {name(asked)}."
    return text


def dispersion_sentence(found: Any, fits: pd.DataFrame, model: str) -> str:
    """Whether Poisson holds, what follows, and which model is shown from here on.

    Parameters
    ----------
    found : Dispersion
        From ``analysis.models.overdispersion``.
    fits : DataFrame
        From ``analysis.models.fit_counts``.
    model : str
        The model used from here on.

    Returns
    -------
    str
        Markdown.
    """
    over = found.ratio > 1 and min(found.pearson_p, found.nb2_p) < 0.05
    text = (
        f"Pearson chi-square is {found.pearson_chi2:.0f} on {found.degrees_of_freedom} degrees of "
        f"freedom, **{found.ratio:.1f}** times what Poisson allows; the regression test of Cameron and "
        f"Trivedi gives t = {found.nb2_t:.1f} (one-sided p = {found.nb2_p:.2g}). "
    )
    text += (
        "The counts vary more than Poisson: its standard errors are too small by a factor of "
        f"{found.ratio**0.5:.1f}, and what it calls significant need not be. "
        if over
        else "The counts do not clearly vary more than Poisson. "
    )
    aic = fits.drop_duplicates("model").set_index("model")["aic"]
    if fits.set_index("model").loc["negative_binomial", "converged"].all():
        text += (
            f"By AIC the negative binomial ({aic['negative_binomial']:.1f}) stands against Poisson's "
            f"{aic['poisson']:.1f}. "
        )
    else:
        text += "The negative binomial has no maximum here. "
    return (
        text + f"The expectations below come from the {model_name(model, lambda en, zh: en)} model."
    )


def collinearity_sentence(found: Any, fits: pd.DataFrame) -> str:
    """What can and cannot be read from the coefficients.

    Parameters
    ----------
    found : Collinearity
        From ``analysis.models.collinearity``.
    fits : DataFrame
        From ``analysis.models.fit_counts``, of the model used.

    Returns
    -------
    str
        Markdown.
    """
    names = {term: term_name(term, lambda en, zh: en) for term in found.vif.index}
    rows = fits[fits["term"] != "intercept"]
    units = int(rows["units_count"].max())
    clear = [names[row.term] for row in rows.itertuples() if row.low > 0 or row.high < 0]
    pairs = found.correlations.where(np.triu(np.ones(found.correlations.shape), 1) > 0).stack()
    verdict = (
        "so their coefficients can hardly be told apart: a large economy also spends much on research "
        "and has many high-tech firms. The expected counts use the covariates together and suffer little "
        "where a province combines them in the usual way; for one whose mix is unusual (a high leverage, "
        "below) they hang on how the coefficients are told apart, and their intervals are wide."
        if found.vif.max() > 10
        else "which leaves their coefficients distinguishable."
    )
    return (
        f"The covariates correlate at {pairs.min():.2f} to {pairs.max():.2f} and inflate each other's "
        f"variance {found.vif.min():.0f} to {found.vif.max():.0f} times, {verdict} "
        f"Intervals that leave out 0: {join_names(clear) or 'none'}. {units} provinces stand behind "
        f"{len(names) + 1} coefficients, about {units / (len(names) + 1):.0f} behind each."
    )


def headline(row: pd.Series | None, shown: Shown) -> str:
    """Whether the focal province has more or fewer than its economy suggests, in two sentences.

    Parameters
    ----------
    row : Series or None
        Of ``analysis.observed_expected.expected_all``; None if the province is not in the models.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    name = shown.name(shown.focal)
    if row is None:
        return (
            f"**No answer for {name}**: not all of its covariates of {shown.year} are on record. Rows of "
            "`province_covariates` (GDP, R&D expenditure, high-tech manufacturing firms) in your data "
            "folder would give one."
        )
    if row["position"] == "unknown":
        return f"**No answer for {name}**: the model of the other provinces has no fit ({row['message']})."
    words = {
        "within": "neither more nor fewer than its economy suggests, as far as the model can tell from chance",
        "above": "more than its economy suggests",
        "below": "fewer than its economy suggests",
    }
    return (
        f"**{name} has {words[row['position']]}.** It has {row['observed']} little giants; the other "
        f"{row['units_count']} provinces let {row['expected']:.1f} be expected of an economy like its own "
        f"(95 % prediction interval {row['low']:.0f} to {row['high']:.0f}), a ratio of {row['ratio']:.2f}."
    )


def answer(row: pd.Series | None, others: pd.DataFrame, shown: Shown) -> str:
    """The headline, how far out the count lies, and whether the models agree.

    Parameters
    ----------
    row, shown
        See :func:`headline`.
    others : DataFrame
        From ``analysis.observed_expected.expected_models``: all models and sets of covariates.

    Returns
    -------
    str
        Markdown.
    """
    text = headline(row, shown)
    if row is None or row["position"] == "unknown":
        return text
    high = row["ratio"] >= 1
    tail = row["at_or_above"] if high else row["at_or_below"]
    return (
        f"{text} By the model a count at {'least' if high else 'most'} as high has a probability of "
        f"{100 * tail:.0f} %. " + _split(others[others["position"] != "unknown"])
    )


def _split(rows: pd.DataFrame) -> str:
    """Whether all models and sets of covariates agree."""
    where = {"within": "inside", "above": "above", "below": "below"}
    found = rows["position"].value_counts()
    if len(found) == 1:
        return f"All {len(rows)} combinations of model and covariates put it {where[found.index[0]]} the interval."
    parts = []
    for position in found.index[1:]:
        names = [
            f"{model_name(row.model, lambda en, zh: en)} with {specification_name(row.specification, lambda en, zh: en)}"
            for row in rows[rows["position"] == position].itertuples()
        ]
        parts.append(f"{where[position]} it under {'; '.join(names)}")
    return (
        f"{found.iloc[0]} of {len(rows)} combinations of model and covariates put it "
        f"{where[found.index[0]]} the interval, the others {join_names(parts)}."
    )


def outside_sentence(rows: pd.DataFrame, shown: Shown) -> str:
    """Which provinces lie outside their interval, and how many would by chance.

    Parameters
    ----------
    rows : DataFrame
        From ``analysis.observed_expected.expected_all``.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    known = rows[rows["position"] != "unknown"]
    parts = []
    for side in ("above", "below"):
        units = known.loc[known["position"] == side, "place_id"]
        parts.append(f"{side}: {join_names([shown.name(unit) for unit in units]) or 'none'}")
    chance = len(known) * (1 - float(known["level"].max())) if len(known) else 0.0
    no_fit = len(rows) - len(known)
    return (
        f"Outside their interval, {'; '.join(parts)}. If the model held for all, about {chance:.1f} of "
        f"{len(known)} would lie outside by chance, so a single one is no finding."
        + (f" {no_fit} have no fit." if no_fit else "")
    )


def years_sentence(rows: pd.DataFrame, shown: Shown) -> str:
    """How far the answer hangs on the year and on the set of covariates.

    Parameters
    ----------
    rows : DataFrame
        From ``analysis.observed_expected.expected_by_year``.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    known = rows.dropna(subset=["ratio"]) if len(rows) else rows
    if known.empty:
        return f"No year has the covariates of {shown.name(shown.focal)}."
    spans = [
        f"{_span(part['ratio'])} with {specification_name(kind, lambda en, zh: en)}"
        for kind, part in known.groupby("specification", sort=False)
    ]
    counts = known["position"].value_counts()
    within = int(counts.get("within", 0))
    ahead = known["ratio"].gt(1).all() or known["ratio"].lt(1).all()
    return (
        f"With covariates of {known['covariate_year'].min()} to {known['covariate_year'].max()} the ratio "
        f"is {' and '.join(spans)}. "
        + (
            "It stays on one side of 1 throughout, "
            if ahead
            else "It changes sides of 1 with the choice, "
        )
        + (
            f"and none of {len(known)} choices takes the count out of its interval."
            if within == len(known)
            else f"and {within} of {len(known)} choices leave the count inside its interval."
        )
    )


def elasticities_sentence(rows: pd.DataFrame) -> str:
    """How far the elasticities of one model hang on the year of the covariates.

    Parameters
    ----------
    rows : DataFrame
        From ``analysis.models.by_year``, of one model.

    Returns
    -------
    str
        Markdown.
    """
    known = rows[rows["converged"] & (rows["term"] != "intercept")]
    if known.empty:
        return "No year has a fit of this model."
    parts = []
    for term, part in known.groupby("term", sort=False):
        clear = int(((part["low"] > 0) | (part["high"] < 0)).sum())
        name = term_name(str(term), lambda en, zh: en)
        parts.append(f"{name} {_span(part['coefficient'])} (interval without 0 in {clear} of {len(part)} years)")  # fmt: skip
    model = model_name(str(known["model"].iloc[0]), lambda en, zh: en)
    return f"Elasticities of the {model} model over these years: {'; '.join(parts)}."


def _span(values: pd.Series) -> str:
    """A range of numbers as text; one number if both ends print alike."""
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"


def influence_sentence(table: pd.DataFrame, without: pd.Series, row: pd.Series | None, shown: Shown) -> str:  # fmt: skip
    """Which provinces weigh most, and what one of them can do to the focal expectation.

    Parameters
    ----------
    table : DataFrame
        From ``analysis.models.influence``.
    without : Series
        From ``analysis.observed_expected.without_each``; empty if there is none.
    row : Series or None
        Focal row of ``analysis.observed_expected.expected_all``.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    limit = 4 / len(table)
    over = table[table["cooks_distance"] > limit].sort_values("cooks_distance", ascending=False)
    named = [f"{shown.name(unit)} ({row_.cooks_distance:.2f})" for unit, row_ in over.iterrows()]
    parts = []
    for column in [c for c in table if c.startswith("without_") and "intercept" not in c]:
        name = term_name(column[8:], lambda en, zh: en)
        parts.append(f"{name} between {table[column].min():.2f} and {table[column].max():.2f}")
    text = (
        f"Cook's distance exceeds 4/n = {limit:.2f} for {join_names(named) or 'no province'}. Leaving out "
        f"one province at a time moves the elasticity of {join_names(parts)}."
    )
    known = without.dropna()
    if row is not None and len(known):
        text += (
            f" What is expected of {shown.name(shown.focal)} stays between {_firms(known.min())} (without "
            f"{shown.name(known.idxmin())}) and {_firms(known.max())} (without {shown.name(known.idxmax())}), "
            f"beside {int(row['observed'])} observed."
        )
    return text


def _firms(value: float) -> str:
    """An expected count, with a decimal where it is small."""
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def residual_sentence(values: pd.Series, shown: Shown) -> str:
    """What the residuals say of the model and of the focal province.

    Parameters
    ----------
    values : Series
        From ``analysis.observed_expected.quantile_residuals``.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    far = values[values.abs() > 2].sort_values()
    named = [f"{shown.name(unit)} ({value:.1f})" for unit, value in far.items()]
    own = f" {shown.name(shown.focal)} stands at {values[shown.focal]:.1f}." if shown.focal in values.index else ""  # fmt: skip
    return (
        f"Residuals beyond two standard deviations: {join_names(named) or 'none'}; of {len(values)} standard "
        f"normal draws {len(values) * 0.0455:.1f} are.{own} With {len(values)} points a gross misfit would "
        "show, a small one would not."
    )


def funnel_sentence(found: Any, shown: Shown) -> str:
    """Which rates are unusual for a province of that size, and where the focal one stands.

    Parameters
    ----------
    found : Funnel
        From ``analysis.funnel_plot.funnel``.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    units = found.units
    out = units[units["position"] != "within"]
    named = [f"{shown.name(unit)} ({row['position']})" for unit, row in out.iterrows()]
    widened = (
        f"The variance of the rates is {found.dispersion:.1f} times what chance alone would give, so the "
        f"limits are {found.inflation**0.5:.1f} times as wide. "
        if found.inflation > 1
        else "The rates vary no more than by chance alone, so the limits are not widened. "
    )
    text = widened + f"Beyond them: {join_names(named) or 'none'}."
    if shown.focal in units.index:
        own = units.loc[shown.focal]
        text += (
            f" {shown.name(shown.focal)} has {own['rate']:.2f} firms per 100 billion yuan where all "
            f"provinces together have {found.target:.2f}; it lies {_place(str(own['position']))}."
        )
    return text


def _place(position: str) -> str:
    side, _, level = position.partition(" ")
    return "within the limits" if not level else f"{side} the limits of {level}"


def moran_sentence(rows: pd.DataFrame, islands: Sequence[str], shown: Shown) -> str:
    """Whether neighbouring provinces are alike.

    Parameters
    ----------
    rows : DataFrame
        From ``analysis.spatial.moran_table``.
    islands : sequence of str
        Units without a land neighbour.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    rates = rows[rows["variable"] != "residual"]
    small = rates[rates["p_two_sided"] <= 0.05]
    text = (
        f"Moran's I of the rates lies between {rates['statistic'].min():.2f} and "
        f"{rates['statistic'].max():.2f}; without any pattern {rates['expectation'].iloc[0]:.2f} is to be "
        f"expected. Two-sided p: {rates['p_two_sided'].min():.2f} to {rates['p_two_sided'].max():.2f}. "
    )
    text += (
        "Neighbours are no more alike than an arrangement at random, as far as so few units can tell. "
        if small.empty
        else "All variants speak of a pattern. "
        if len(small) == len(rates)
        else f"{len(small)} of {len(rates)} variants speak of a pattern, the others do not. "
    )
    rest = rows[rows["variable"] == "residual"]
    if len(rest):
        text += (
            f"The residuals of the count model have an index of {_span(rest['statistic'])}: a description, without p, "
            "since the fit correlates residuals and a random rearrangement of them is no fair comparison "
            "(Cliff and Ord 1981). "
        )
    if islands:
        text += (
            f"{join_names([shown.name(unit) for unit in islands])} has no land neighbour: the first rule keeps it "
            "with a lag of 0, the second joins it to the province across the strait."
        )
    return text


def local_sentence(local: pd.DataFrame, rate: float, shown: Shown) -> str:
    """Which provinces stand out from their neighbourhood.

    Parameters
    ----------
    local : DataFrame
        From ``analysis.spatial.local_moran``.
    rate : float
        False-discovery rate.
    shown : Shown

    Returns
    -------
    str
        Markdown.
    """
    called = local[local["significant"]]
    named = [f"{shown.name(unit)} ({row['quadrant']})" for unit, row in called.iterrows()]
    raw = int((local["p_value"] <= 0.05).sum())
    tested = int((local["quadrant"] != "island").sum())
    text = (
        f"At a false-discovery rate of {100 * rate:.0f} %: {join_names(named) or 'no province'} stands out among "
        f"{tested} tested. Without that control {raw} would have been called, where "
        f"{tested * 0.05:.1f} are expected by chance."
    )
    if shown.focal in local.index:
        own = local.loc[shown.focal]
        text += (
            f" {shown.name(shown.focal)} has no land neighbour and is not tested."
            if own["quadrant"] == "island"
            else f" {shown.name(shown.focal)} is {own['quadrant']} (own rate, neighbours' mean), adjusted p "
            f"{own['p_adjusted']:.2f}."
        )
    return text
