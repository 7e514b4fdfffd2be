"""Funnel plots: rates against the size of the unit, with control limits.

Unit of observation: a province. A small unit's rate varies more by chance alone than a large one's,
so a list of rates in order puts small units at both ends. Control limits that narrow with size say
which rates are unusual for a unit of that size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.analysis.spatial import rates
from helpers.errors import InputError

LEVELS = (0.95, 0.998)


@dataclass(frozen=True)
class Funnel:
    """Rates with a common target and control limits.

    Parameters
    ----------
    units : DataFrame
        Index: unit. Columns count, base, rate, z (standard deviations from the target under
        Poisson), z_adjusted (z over the square root of the inflation) and position: ``within``, or
        ``above`` or ``below`` with the widest level it lies beyond, as in ``above 95%``.
    target : float
        All counts over the whole base, the rate of all units together.
    dispersion : float
        Mean of the squared z after winsorising, phi; about 1 if only chance is at work.
    inflation : float
        Factor of the variance in the limits: phi, but at least 1.
    levels : tuple of float
        Probabilities between the limits, ascending.
    """

    units: pd.DataFrame
    target: float
    dispersion: float
    inflation: float
    levels: tuple[float, ...]

    def limits(self, base: ArrayLike, adjusted: bool = True) -> pd.DataFrame:
        """Control limits at given sizes of the base.

        Parameters
        ----------
        base : array of float, shape (m,)
            Positive.
        adjusted : bool
            Whether the limits allow for over-dispersion; without, they are those of Poisson counts.

        Returns
        -------
        DataFrame, shape (m, 1 + 2 * levels)
            Columns base, then ``low 95%`` and ``high 95%`` and so on; in the unit of the rate.

        Raises
        ------
        InputError
            A base is not positive or not finite.

        Examples
        --------
        >>> found = funnel(pd.Series([4, 9, 16]), pd.Series([10.0, 20.0, 30.0]))
        >>> found.limits([25.0], adjusted=False).round(3).iloc[0].tolist()
        [25.0, 0.249, 0.794, 0.149, 1.009]
        """
        sizes = np.asarray(base, dtype=float)
        if not (np.isfinite(sizes) & (sizes > 0)).all():
            raise InputError("base: give positive, finite sizes")
        spread = np.sqrt(self.inflation if adjusted else 1.0) / (2 * np.sqrt(sizes))
        frame = pd.DataFrame({"base": sizes})
        for level, quantile in zip(self.levels, _quantiles(self.levels), strict=True):
            low = np.maximum(np.sqrt(self.target) - quantile * spread, 0.0)
            frame[f"low {name_of(level)}"] = low**2
            frame[f"high {name_of(level)}"] = (np.sqrt(self.target) + quantile * spread) ** 2
        return frame


def name_of(level: float) -> str:
    """A level as text.

    Examples
    --------
    >>> name_of(0.95), name_of(0.998)
    ('95%', '99.8%')
    """
    return f"{round(100 * level, 6):g}%"


def _quantiles(levels: Sequence[float]) -> NDArray[np.float64]:
    from scipy.stats import norm

    return np.asarray(norm.isf((1 - np.asarray(levels, dtype=float)) / 2), dtype=float)


def _position(z: float, levels: Sequence[float], quantiles: NDArray[np.float64]) -> str:
    beyond = [level for level, limit in zip(levels, quantiles, strict=True) if abs(z) > limit]
    if not beyond:
        return "within"
    return f"{'above' if z > 0 else 'below'} {name_of(beyond[-1])}"


def funnel(
    counts: pd.Series,
    base: pd.Series,
    levels: Sequence[float] = LEVELS,
    winsorised: float = 0.1,
) -> Funnel:
    """Rates, their common target and limits that allow for over-dispersion.

    Parameters
    ----------
    counts : Series, shape (n,)
        Firms; not all 0, no missing values.
    base : Series, shape (n,)
        Positive; the same units in any order.
    levels : sequence of float
        Probabilities between the limits, between 0 and 1.
    winsorised : float
        Share of the z at each end set to the quantile there before their squares are averaged,
        from 0 to below 0.5: a few outliers must not widen the limits that are to show them.

    Returns
    -------
    Funnel

    Raises
    ------
    InputError
        See :func:`helpers.analysis.spatial.rates`; fewer than three units; a level or share out of
        range.

    Notes
    -----
    Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202, doi:10.1002/sim.1970. Rates of
    Poisson counts on the square-root scale, where the standard deviation 1 / (2 sqrt(base)) does not
    depend on the rate: z = 2 (sqrt(count) - sqrt(target base)). Over-dispersion is multiplicative:
    phi = mean of the squared winsorised z, and the limits are sqrt(target) -+ quantile
    sqrt(phi) / (2 sqrt(base)), squared. Rule of this project: phi below 1 narrows no limit.

    Examples
    --------
    >>> found = funnel(pd.Series([4, 9, 60]), pd.Series([10.0, 20.0, 30.0]), winsorised=0)
    >>> found.units["z"].round(2).tolist(), round(found.dispersion, 2)
    ([-2.98, -3.87, 3.41], 11.81)
    """
    rate = rates(counts, base)
    chosen = tuple(sorted(levels))
    if not chosen or not all(0 < level < 1 for level in chosen):
        raise InputError(f"levels {list(levels)}: give numbers between 0 and 1")
    if not 0 <= winsorised < 0.5:
        raise InputError(f"winsorised {winsorised}: give a share from 0 to below 0.5")
    if len(rate) < 3:
        raise InputError(f"counts: {len(rate)} units; a funnel needs three or more")
    numbers = counts.to_numpy(dtype=float)
    sizes = base.reindex(counts.index).to_numpy(dtype=float)
    target = float(numbers.sum() / sizes.sum())
    z = 2 * (np.sqrt(numbers) - np.sqrt(target * sizes))
    inner = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised]))
    dispersion = float((inner**2).mean())
    inflation = max(1.0, dispersion)
    adjusted, quantiles = z / np.sqrt(inflation), _quantiles(chosen)
    units = pd.DataFrame(
        {
            "count": counts,
            "base": base.reindex(counts.index),
            "rate": rate,
            "z": z,
            "z_adjusted": adjusted,
            "position": [_position(float(value), chosen, quantiles) for value in adjusted],
        }
    )
    return Funnel(units, target, dispersion, inflation, chosen)
