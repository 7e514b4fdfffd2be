"""The research condition of a tier in the plane of revenue and R&D intensity.

A tier may ask for a share of revenue, for an amount, or for both, and for different ones by size of
firm. In the plane they become one floor: the least R&D intensity a firm of some revenue must have.
Shares are level lines; an amount ``a`` is the curve ``100 a / revenue``, a straight line where both
axes are logarithmic. Everything is computed from rows of table ``thresholds``; both years of a
condition on two years are taken to be alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.errors import InputError

Floats = NDArray[np.float64]

# What the plane can show: a share of revenue, an amount, and a floor on revenue itself.
PLANE_TOPICS = {"rd_ratio": "ratio", "rd_amount": "amount", "revenue": "revenue"}
CLOSED, FREE = "closed", "free"
EVERY_REVENUE = (0.0, float("inf"))


def revenue_bands(condition_cases: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Revenue each condition is limited to.

    Parameters
    ----------
    condition_cases : DataFrame
        Table ``condition_cases``.

    Returns
    -------
    dict of str to (low, high)
        By threshold id, million CNY; low belongs to the band, high does not. Conditions limited by
        something other than revenue are left out.

    Examples
    --------
    >>> cases = pd.DataFrame({"threshold_id": ["a", "b"], "when_indicator_id": ["revenue", "new"],
    ...     "when_at_least": [50.0, None], "when_below": [100.0, None]})
    >>> revenue_bands(cases)
    {'a': (50.0, 100.0)}
    """
    own = condition_cases.loc[condition_cases["when_indicator_id"] == "revenue"]
    lows, highs = own["when_at_least"].fillna(0.0), own["when_below"].fillna(np.inf)
    return {
        str(name): (float(low), float(high))
        for name, low, high in zip(own["threshold_id"], lows, highs, strict=True)
    }


def _of_the_act(thresholds: pd.DataFrame, act_of_tier: pd.Series, tier_id: str) -> pd.DataFrame:
    """A tier's conditions as its own act sets them, without those of yearly notices."""
    own = thresholds.loc[thresholds["tier_id"] == tier_id]
    if own.empty:
        known = ", ".join(sorted(thresholds["tier_id"].unique()))
        raise InputError(f"tier {tier_id!r} has no conditions. Known: {known}.")
    return own.loc[own["regime_id"] == own["tier_id"].map(act_of_tier)]


def _years_summed(indicator_id: str) -> int:
    found = re.search(r"_sum_(\d+)y$", indicator_id)
    return int(found[1]) if found else 1


def rd_rules(
    thresholds: pd.DataFrame, condition_cases: pd.DataFrame, act_of_tier: pd.Series, tier_id: str
) -> pd.DataFrame:
    """The conditions of a tier that the plane can show, one a row.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``.
    condition_cases : DataFrame
        Table ``condition_cases``, which says for which revenue a condition counts.
    act_of_tier : Series
        Act of each tier, indexed by tier id; conditions added by a yearly notice are left out.
    tier_id : str

    Returns
    -------
    DataFrame
        Columns threshold_id, kind (ratio, amount, revenue), low, high (revenue it applies to,
        million CNY, high not included), value (per cent of revenue, million CNY a year, million
        CNY), verified and source_id. A sum over years is divided by their number. Ways round the
        R&D condition, such as an award, have topics of their own and are no part of it.

    Raises
    ------
    InputError
        The tier has no conditions; an R&D condition is limited to firms by something other than
        revenue; or two routes of one group both set R&D conditions, so that no single floor exists.

    Examples
    --------
    >>> row = {"tier_id": "a", "regime_id": "m", "topic": "rd_amount", "indicator_id": "rd_sum_2y",
    ...     "comparison": "at_least", "value": 12.0, "unit": "m_cny", "applies_when_en": None,
    ...     "alternative_group": None, "route": None, "verified": True, "source_id": "S",
    ...     "threshold_id": "a1"}
    >>> cases = pd.DataFrame(columns=["threshold_id", "when_indicator_id", "when_at_least",
    ...     "when_below"])
    >>> rules = rd_rules(pd.DataFrame([row]), cases, pd.Series({"a": "m"}), "a")
    >>> rules[["kind", "value"]].values.tolist()
    [['amount', 6.0]]
    """
    own = _of_the_act(thresholds, act_of_tier, tier_id)
    own = own.loc[own["topic"].isin(list(PLANE_TOPICS)) & own["value"].notna()]
    routes = own.dropna(subset="alternative_group").groupby("alternative_group")["route"].nunique()
    if (routes > 1).any():
        raise InputError(
            f"table thresholds, tier {tier_id}, group {routes.idxmax()}: several routes set R&D "
            "conditions, which is no single floor. Give the second route a topic of its own."
        )
    rows, bands = [], revenue_bands(condition_cases)
    for _, row in own.iterrows():
        limited = pd.notna(row["applies_when_en"])
        if limited and row["threshold_id"] not in bands:
            raise InputError(
                f"table condition_cases: no row on revenue for {row['threshold_id']}, which table "
                f"thresholds limits to {row['applies_when_en']!r}. Add one, with when_at_least or "
                "when_below in million yuan."
            )
        band = bands[row["threshold_id"]] if limited else EVERY_REVENUE
        value = float(row["value"]) / _years_summed(str(row["indicator_id"]))
        kind = PLANE_TOPICS[str(row["topic"])]
        rows.append(
            (row["threshold_id"], kind, *band, value, bool(row["verified"]), row["source_id"])
        )
    columns = ["threshold_id", "kind", "low", "high", "value", "verified", "source_id"]
    return pd.DataFrame(rows, columns=columns)


def _needs(rules: pd.DataFrame, revenue: Floats) -> Floats:
    """Least intensity that each rule asks for, rules by revenues; 0 outside a rule's band."""
    value = rules["value"].to_numpy(float)[:, None]
    kind = rules["kind"].to_numpy(str)[:, None]
    low, high = (rules[name].to_numpy(float)[:, None] for name in ("low", "high"))
    asked = np.where(kind == "amount", 100 * value / revenue, value)
    asked = np.where(kind == "revenue", np.where(revenue < value, np.inf, 0.0), asked)
    return np.where((revenue >= low) & (revenue < high), asked, 0.0)


def rd_floor(rules: pd.DataFrame, revenue: ArrayLike) -> Floats:
    """Least R&D intensity that meets the conditions, by revenue.

    Parameters
    ----------
    rules : DataFrame
        From :func:`rd_rules`.
    revenue : array_like of shape (n,)
        Million CNY, positive.

    Returns
    -------
    ndarray of shape (n,)
        Per cent of revenue; infinite where no intensity is enough, 0 where none is asked for.

    Raises
    ------
    InputError
        A revenue is missing or not positive.

    Examples
    --------
    >>> rules = pd.DataFrame({"kind": ["ratio", "amount"], "low": 0.0, "high": float("inf"),
    ...     "value": [3.0, 6.0]})
    >>> rd_floor(rules, [50.0, 200.0, 400.0]).tolist()
    [12.0, 3.0, 3.0]
    """
    sizes = np.atleast_1d(np.asarray(revenue, float))
    if not (sizes > 0).all():
        raise InputError("revenue: give positive numbers, in million CNY")
    if rules.empty:
        return np.zeros(len(sizes))
    floor: Floats = _needs(rules, sizes).max(axis=0)
    return floor


def _breaks(rules: pd.DataFrame, low: float, high: float) -> list[float]:
    """Revenues at which the floor may change its form, with both ends."""
    floors = rules.loc[rules["kind"] == "revenue", "value"]
    ratios = rules.loc[rules["kind"] == "ratio", "value"]
    amounts = rules.loc[rules["kind"] == "amount", "value"]
    crossings = [100 * amount / ratio for amount in amounts for ratio in ratios if ratio > 0]
    found = {low, high, *rules["low"], *rules["high"], *floors, *crossings}
    return sorted(point for point in found if low <= point <= high)


def _piece(rules: pd.DataFrame, start: float, end: float) -> dict[str, Any]:
    """The floor between two neighbouring breaks: it has one form, that of its middle."""
    ends = {"revenue_from": start, "revenue_to": end}
    asked = _needs(rules, np.array([(start * end) ** 0.5]))[:, 0]
    if asked.max(initial=0.0) <= 0:
        blank = {"threshold_id": None, "verified": True}
        return {**ends, "form": FREE, "intensity_from": 0.0, "intensity_to": 0.0, **blank}
    rule = rules.iloc[int(asked.argmax())]
    form = CLOSED if rule["kind"] == "revenue" else str(rule["kind"])
    levels = {
        CLOSED: (np.inf, np.inf),
        "ratio": (rule["value"], rule["value"]),
        "amount": (100 * rule["value"] / start, 100 * rule["value"] / end),
    }[form]
    return {
        **ends, "form": form, "intensity_from": float(levels[0]), "intensity_to": float(levels[1]),
        "threshold_id": rule["threshold_id"], "verified": bool(rule["verified"]),
    }  # fmt: skip


def rd_frontier(rules: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """The floor as pieces, each a straight line on logarithmic axes.

    Parameters
    ----------
    rules : DataFrame
        From :func:`rd_rules`.
    low, high : float
        Revenues to draw between, million CNY, ``0 < low < high``.

    Returns
    -------
    DataFrame
        Columns revenue_from, revenue_to, form (ratio, amount, closed: no intensity is enough, or
        free: none is asked for), intensity_from, intensity_to (per cent, at the ends of the piece),
        threshold_id and verified of the condition that binds. Neighbouring pieces bound by the same
        condition are one.

    Raises
    ------
    InputError
        The ends are not ordered or not positive.

    Examples
    --------
    >>> rules = pd.DataFrame({"threshold_id": ["r", "a"], "kind": ["ratio", "amount"], "low": 0.0,
    ...     "high": float("inf"), "value": [3.0, 6.0], "verified": True})
    >>> rd_frontier(rules, 50, 400)[["revenue_from", "form", "intensity_from"]].values.tolist()
    [[50.0, 'amount', 12.0], [200.0, 'ratio', 3.0]]
    """
    if not 0 < low < high:
        raise InputError(f"revenues {low} to {high}: give 0 < low < high")
    merged: list[dict[str, Any]] = []
    for start, end in pairwise(_breaks(rules, float(low), float(high))):
        piece = _piece(rules, start, end)
        if merged and merged[-1]["threshold_id"] == piece["threshold_id"]:
            kept = {name: piece[name] for name in ("revenue_to", "intensity_to")}
            merged[-1] = {**merged[-1], **kept}
        else:
            merged.append(piece)
    return pd.DataFrame(merged)


def _relation(old: float, new: float) -> str:
    if old == new:
        return "same"
    if not np.isfinite(new):
        return CLOSED
    return "tighter" if new > old else "eased"


def _limits(rules: pd.DataFrame, start: float, end: float) -> tuple[float, float]:
    """The floor at the start of an interval, and its limit towards the end."""
    piece = _piece(rules, start, end)
    return float(piece["intensity_from"]), float(piece["intensity_to"])


def compare_rd(old: pd.DataFrame, new: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """Where a newer floor is above, on or below an older one.

    Parameters
    ----------
    old, new : DataFrame
        From :func:`rd_rules`.
    low, high : float
        Revenues compared, million CNY.

    Returns
    -------
    DataFrame
        Columns revenue_from, revenue_to, old_from, old_to, new_from, new_to (per cent; the ``to``
        columns are limits, since the upper end belongs to the next row) and relation: tighter,
        eased, same, or closed where the newer conditions admit no firm of that revenue. Within a
        row neither floor changes its form and they do not cross.

    Raises
    ------
    InputError
        The ends are not ordered or not positive.

    Examples
    --------
    >>> every = {"low": 0.0, "high": float("inf"), "verified": True}
    >>> old = pd.DataFrame([{"threshold_id": "r", "kind": "ratio", "value": 3.0, **every}])
    >>> new = pd.DataFrame([{"threshold_id": "a", "kind": "amount", "value": 6.0, **every}])
    >>> compare_rd(old, new, 100, 400)[["revenue_from", "relation"]].values.tolist()
    [[100.0, 'tighter'], [200.0, 'eased']]
    """
    if not 0 < low < high:
        raise InputError(f"revenues {low} to {high}: give 0 < low < high")
    together = pd.concat([old, new], ignore_index=True)
    rows: list[dict[str, Any]] = []
    for start, end in pairwise(_breaks(together, float(low), float(high))):
        middle = (start * end) ** 0.5
        relation = _relation(*(float(rd_floor(rules, middle)[0]) for rules in (old, new)))
        forms = [_piece(rules, start, end)["threshold_id"] for rules in (old, new)]
        limits = (*_limits(old, start, end), *_limits(new, start, end))
        if rows and rows[-1]["forms"] == forms and rows[-1]["relation"] == relation:
            last = {"revenue_to": end, "old_to": limits[1], "new_to": limits[3]}
            rows[-1] = {**rows[-1], **last}
            continue
        names = ("old_from", "old_to", "new_from", "new_to")
        levels = dict(zip(names, limits, strict=True))
        ends = {"revenue_from": start, "revenue_to": end}
        rows.append({**ends, **levels, "relation": relation, "forms": forms})
    return pd.DataFrame(rows).drop(columns="forms")


def kinks(frontiers: Iterable[pd.DataFrame]) -> list[float]:
    """Revenues at which one of several floors changes its form, in order.

    Examples
    --------
    >>> kinks([pd.DataFrame({"revenue_from": [1.0, 50.0]}), pd.DataFrame({"revenue_from": [1.0]})])
    [50.0]
    """
    return sorted({start for pieces in frontiers for start in pieces["revenue_from"].iloc[1:]})


def asked_besides(
    thresholds: pd.DataFrame, condition_cases: pd.DataFrame, act_of_tier: pd.Series, tier_id: str,
    band: tuple[float, float],
) -> pd.DataFrame:  # fmt: skip
    """Conditions for firms of one size band alone that the plane cannot show.

    Parameters
    ----------
    thresholds, condition_cases, act_of_tier, tier_id
        See :func:`rd_rules`.
    band : (float, float)
        Revenue from and below, million CNY.

    Returns
    -------
    DataFrame
        Rows of ``thresholds`` on other topics that are limited to exactly this band.
    """
    own = _of_the_act(thresholds, act_of_tier, tier_id)
    bands = revenue_bands(condition_cases)
    same = [bands.get(str(name)) == band for name in own["threshold_id"]]
    other = ~own["topic"].isin(list(PLANE_TOPICS))
    return own.loc[other & pd.Series(same, index=own.index, dtype=bool)]


def bands_by_relation(compared: pd.DataFrame) -> dict[str, list[tuple[float, float]]]:
    """Revenues at which the newer floor stands in each relation to the older one.

    Parameters
    ----------
    compared : DataFrame
        From :func:`compare_rd`.

    Returns
    -------
    dict of str to list of (low, high)
        Million CNY; neighbouring rows of one relation are joined.

    Examples
    --------
    >>> frame = pd.DataFrame({"revenue_from": [1.0, 2.0, 3.0], "revenue_to": [2.0, 3.0, 4.0],
    ...     "relation": ["tighter", "tighter", "same"]})
    >>> bands_by_relation(frame)
    {'tighter': [(1.0, 3.0)], 'same': [(3.0, 4.0)]}
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for row in compared.itertuples():
        bands = found.setdefault(str(row.relation), [])
        if bands and bands[-1][1] == row.revenue_from:
            bands[-1] = (bands[-1][0], float(row.revenue_to))
        else:
            bands.append((float(row.revenue_from), float(row.revenue_to)))
    return found


def widest_gap(compared: pd.DataFrame) -> pd.DataFrame:
    """Revenues at which the newer floor stands highest above the older one, as a multiple of it.

    Parameters
    ----------
    compared : DataFrame
        From :func:`compare_rd`.

    Returns
    -------
    DataFrame
        Columns revenue (million CNY), old, new (per cent of revenue) and factor; a row for each
        revenue with the largest factor, empty where the newer floor is nowhere the higher one. A
        floor that no intensity meets has no factor. At the end of a band the limit from below
        counts.

    Examples
    --------
    >>> compared = pd.DataFrame({"revenue_from": [50.0], "revenue_to": [100.0], "old_from": [6.0],
    ...     "old_to": [6.0], "new_from": [12.0], "new_to": [6.0], "relation": ["tighter"]})
    >>> widest_gap(compared).values.tolist()
    [[50.0, 6.0, 12.0, 2.0]]
    """
    raised = compared.loc[compared["relation"] == "tighter"]
    ends = [
        raised[[f"revenue_{end}", f"old_{end}", f"new_{end}"]].set_axis(
            ["revenue", "old", "new"], axis=1
        )
        for end in ("from", "to")
    ]
    # Within a row the gap only grows or only shrinks, so that it is widest at one of its ends.
    start, finish = (part.assign(factor=part["new"] / part["old"]) for part in ends)
    points = start.where(start["factor"] >= finish["factor"], finish)
    return points.loc[points["factor"] == points["factor"].max()].reset_index(drop=True)
