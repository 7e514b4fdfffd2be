"""What the criteria measure, computed from the columns of a firm table, as intervals.

Every indicator of a firm is an interval of the values that its filled-in fields allow. A known
value is an interval of one point, a blank one reaches as far as the field itself can. Yes and no are
1 and 0, so that an unknown answer is the interval from 0 to 1. Arithmetic on intervals never
guesses: whatever follows from an interval holds for every value the blanks could have.

Intervals are pairs of arrays, one element for each firm. The interval of an expression contains
its range and may be wider where a field occurs twice in it (Moore, Kearfott and Cloud, Introduction
to Interval Analysis, SIAM 2009, ch. 5), which costs decisions and never makes a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import InputError

Array = npt.NDArray[np.float64]
Interval = tuple[Array, Array]

# Comparison with a threshold must not hang on the last bits: 0.6 of 20 million is 3 %.
DECIMALS = 9
TITLES = ("none", "innovative_sme", "srdi_sme", "little_giant")
# Indicators whose definition the sources leave open; their interval spans the readings.
UNDEFINED = ("rd_amount", "class_1_ip_either")


def ratio(top: Interval, bottom: Interval) -> Interval:
    """Quotient of two intervals, the divisor of which is not negative.

    Parameters
    ----------
    top, bottom : pair of arrays
        Lower and upper ends.

    Returns
    -------
    pair of arrays
        From minus to plus infinity where the divisor is known to be zero.

    Examples
    --------
    >>> known = (np.array([3.0]), np.array([3.0]))
    >>> low, high = ratio(known, (np.array([60.0]), np.array([np.inf])))
    >>> float(low[0]), float(high[0])
    (0.0, 0.05)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        corners = [end / divisor for end in top for divisor in bottom]
    nothing = bottom[1] == 0
    low = np.fmin.reduce(corners)
    high = np.fmax.reduce(corners)
    return np.where(nothing, -np.inf, low), np.where(nothing, np.inf, high)


def _scaled(interval: Interval, factor: float, shift: float = 0.0) -> Interval:
    return interval[0] * factor + shift, interval[1] * factor + shift


def _sum(*parts: Interval) -> Interval:
    return sum(part[0] for part in parts), sum(part[1] for part in parts)  # type: ignore[return-value]


def _least(*parts: Interval) -> Interval:
    ends = [np.minimum.reduce([part[end] for part in parts]) for end in (0, 1)]
    return ends[0], ends[1]


def _greatest(*parts: Interval) -> Interval:
    ends = [np.maximum.reduce([part[end] for part in parts]) for end in (0, 1)]
    return ends[0], ends[1]


@dataclass(frozen=True)
class FirmColumns:
    """The columns of a firm table as intervals.

    Parameters
    ----------
    frame : DataFrame
        One row per firm. A column that is absent is unknown for every firm. Numbers as floats with
        NaN for a blank; ranks likewise, infinite for "none"; yes and no as booleans, missing for a
        blank; categories as text.
    limits : mapping of str to (float, float)
        What each field can be at least and at most; see :func:`field_limits`.
    """

    frame: pd.DataFrame
    limits: Mapping[str, tuple[float, float]]

    def _values(self, field: str) -> Array:
        if field not in self.frame:
            return np.full(len(self.frame), np.nan)
        return self.frame[field].to_numpy(dtype=np.float64, na_value=np.nan)

    def known(self, field: str) -> npt.NDArray[np.bool_]:
        """Whether each firm's field is filled in."""
        if field not in self.frame:
            return np.zeros(len(self.frame), dtype=bool)
        return self.frame[field].notna().to_numpy()

    def interval(self, field: str) -> Interval:
        """Lower and upper ends of a field with a number, a rank or yes and no."""
        values = self._values(field)
        low, high = self.limits[field]
        blank = np.isnan(values)
        return np.where(blank, low, values), np.where(blank, high, values)

    def one_of(self, field: str, yes: Sequence[str], unknown: Sequence[str] = ()) -> Interval:
        """Whether a category is among some; unknown for a blank and for the `unknown` ones."""
        if field not in self.frame:
            return np.zeros(len(self.frame)), np.ones(len(self.frame))
        cells = self.frame[field]
        certain = cells.isin(list(yes)).to_numpy()
        possible = certain | cells.isna().to_numpy() | cells.isin(list(unknown)).to_numpy()
        return certain.astype(np.float64), possible.astype(np.float64)


def field_limits(fields: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Least and greatest possible value of every field that is no text or category.

    Parameters
    ----------
    fields : DataFrame
        Table ``firm_fields``.

    Returns
    -------
    dict of str to (float, float)

    Examples
    --------
    >>> table = pd.DataFrame({"field": ["a", "b", "c"], "kind": ["number", "boolean", "rank"],
    ...     "minimum": [0.0, None, 1.0], "maximum": [None, None, None]})
    >>> field_limits(table)
    {'a': (0.0, inf), 'b': (0.0, 1.0), 'c': (1.0, inf)}
    """
    limits = {}
    for row in fields.to_dict("records"):
        if row["kind"] == "boolean":
            limits[str(row["field"])] = (0.0, 1.0)
        elif row["kind"] not in ("text", "category"):
            low = -np.inf if pd.isna(row["minimum"]) else float(row["minimum"])
            high = np.inf if pd.isna(row["maximum"]) else float(row["maximum"])
            limits[str(row["field"])] = (low, high)
    return limits


_YEARS = ("", "_prev", "_prev2")


def _revenue(c: FirmColumns, year: str) -> Interval:
    """Revenue; where blank, at least the main-business revenue of that year."""
    low, high = c.interval(f"revenue{year}_m_cny")
    part, _ = c.interval(f"main_revenue{year}_m_cny")
    return np.where(c.known(f"revenue{year}_m_cny"), low, np.maximum(low, part)), high


def _main(c: FirmColumns, year: str) -> Interval:
    """Main-business revenue; where blank, at most the revenue of that year."""
    low, high = c.interval(f"main_revenue{year}_m_cny")
    _, whole = c.interval(f"revenue{year}_m_cny")
    return low, np.where(c.known(f"main_revenue{year}_m_cny"), high, np.minimum(high, whole))


def _rd(c: FirmColumns, year: str) -> Interval:
    return c.interval(f"rd{year}_m_cny")


def _rd_share(c: FirmColumns, year: str) -> Interval:
    return _scaled(ratio(_rd(c, year), _revenue(c, year)), 100)


def _growth(c: FirmColumns, year: str, before: str) -> Interval:
    return _scaled(ratio(_main(c, year), _main(c, before)), 100, -100)


def _compound(c: FirmColumns) -> Interval:
    """Yearly rate over two years; revenue cannot be negative, nor can the root."""
    low, high = ratio(_revenue(c, ""), _revenue(c, "_prev2"))
    unknown = ~np.isfinite(low)
    root = np.sqrt(np.where(unknown, 0.0, low)), np.sqrt(high)
    low, high = _scaled(root, 100, -100)
    return np.where(unknown, -np.inf, low), high


def _rd_undefined(c: FirmColumns) -> Interval:
    """R&D expenditure where no source says of which years: from the lesser year to both together."""
    low, _ = _least(_rd(c, ""), _rd(c, "_prev"))
    _, high = _sum(_rd(c, ""), _rd(c, "_prev"))
    return low, high


def _award(c: FirmColumns, field: str) -> Interval:
    """Whether there is an award: known where a rank, or none, is given."""
    low, high = c.interval(field)
    return np.isfinite(high).astype(np.float64), np.isfinite(low).astype(np.float64)


def _equity_3y(c: FirmColumns) -> Interval:
    """New equity of three years; where blank, at least that of two."""
    low, high = c.interval("new_equity_3y_m_cny")
    part, _ = c.interval("new_equity_2y_m_cny")
    return np.where(c.known("new_equity_3y_m_cny"), low, np.maximum(low, part)), high


def _title(lowest: str) -> Callable[[FirmColumns], Interval]:
    """Whether a title or a higher one is held; champions may hold any title of the ladder or none."""
    held = TITLES[TITLES.index(lowest) :]
    return lambda c: c.one_of("current_tier", held, ("single_champion",))


def _ip(c: FirmColumns) -> Interval:
    """Class I rights by the rules of 2022; where blank, at least those by the rules of 2026."""
    low, high = c.interval("class_1_ip_in_use")
    part, _ = c.interval("class_1_ip_own_in_use")
    return np.where(c.known("class_1_ip_in_use"), low, np.maximum(low, part)), high


def _ip_own(c: FirmColumns) -> Interval:
    """Those never acquired; where blank, at most those by the rules of 2022."""
    low, high = c.interval("class_1_ip_own_in_use")
    _, whole = c.interval("class_1_ip_in_use")
    return low, np.where(c.known("class_1_ip_own_in_use"), high, np.minimum(high, whole))


def _ip_either(c: FirmColumns) -> Interval:
    """From the narrower count to the wider, where no source says which is meant."""
    return _ip_own(c)[0], _ip(c)[1]


def _if_industry(c: FirmColumns, interval: Interval) -> Interval:
    """A measure whose limit is known for industry alone; nothing is known of any other sector."""
    low, high = interval
    sure, _ = c.one_of("sector", ("industry",))
    return np.where(sure == 1, low, 0.0), np.where(sure == 1, high, np.inf)


def _marks(c: FirmColumns) -> Interval:
    return _sum(*(c.interval(field) for field in _MARKS))


_MARKS = ("quality_award", "management_system_certificate", "own_brand", "standards_drafting")
_CERTIFICATES = ("management_system_certificate", "foreign_product_certificate")
_AWARDS = ("national_award_rank", "provincial_award_rank")
_SHARES = ("niche_share_national_pct", "niche_share_world_pct")
_REVENUES = tuple(f"revenue{year}_m_cny" for year in _YEARS)
_MAINS = tuple(f"main_revenue{year}_m_cny" for year in _YEARS)
_RDS = ("rd_m_cny", "rd_prev_m_cny")

Formula = Callable[[FirmColumns], Interval]
# Indicators that are more than one field: the formula and the fields it reads.
FORMULAS: Mapping[str, tuple[Formula, tuple[str, ...]]] = {
    "revenue": (lambda c: _revenue(c, ""), ("revenue_m_cny",)),
    "main_revenue_share": (
        lambda c: _scaled(ratio(_main(c, ""), _revenue(c, "")), 100),
        ("main_revenue_m_cny", "revenue_m_cny"),
    ),
    "main_revenue_growth": (lambda c: _growth(c, "", "_prev"), _MAINS[:2]),
    "main_revenue_growth_mean_2y": (
        lambda c: _scaled(_sum(_growth(c, "", "_prev"), _growth(c, "_prev", "_prev2")), 0.5),
        _MAINS,
    ),
    "main_revenue_mean_3y": (
        lambda c: _scaled(_sum(*(_main(c, y) for y in _YEARS)), 1 / 3),
        _MAINS,
    ),
    "revenue_cagr_2y": (_compound, (_REVENUES[0], _REVENUES[2])),
    "rd_amount_last_year": (lambda c: _rd(c, ""), _RDS[:1]),
    "rd_ratio_last_year": (lambda c: _rd_share(c, ""), (_RDS[0], _REVENUES[0])),
    "rd_amount_each_2y": (lambda c: _least(_rd(c, ""), _rd(c, "_prev")), _RDS),
    "rd_ratio_each_2y": (
        lambda c: _least(_rd_share(c, ""), _rd_share(c, "_prev")),
        (*_RDS, *_REVENUES[:2]),
    ),
    "rd_amount_sum_2y": (lambda c: _sum(_rd(c, ""), _rd(c, "_prev")), _RDS),
    "rd_amount_mean_2y": (lambda c: _scaled(_sum(_rd(c, ""), _rd(c, "_prev")), 0.5), _RDS),
    "rd_amount": (_rd_undefined, _RDS),
    "net_margin": (
        lambda c: _scaled(ratio(c.interval("net_profit_m_cny"), _revenue(c, "")), 100),
        ("net_profit_m_cny", "revenue_m_cny"),
    ),
    "new_equity_3y": (_equity_3y, ("new_equity_3y_m_cny",)),
    "niche_share_home_or_abroad": (lambda c: _greatest(*map(c.interval, _SHARES)), _SHARES),
    "science_award": (lambda c: _greatest(*(_award(c, field) for field in _AWARDS)), _AWARDS),
    "management_certificate": (lambda c: _greatest(*map(c.interval, _CERTIFICATES)), _CERTIFICATES),
    "quality_marks": (_marks, _MARKS),
    "provincial_rd_organisation": (
        lambda c: c.one_of("rd_institution", ("provincial", "national")),
        ("rd_institution",),
    ),
    "class_1_ip_in_use": (_ip, ("class_1_ip_in_use",)),
    "class_1_ip_own": (_ip_own, ("class_1_ip_own_in_use",)),
    "class_1_ip_either": (_ip_either, ("class_1_ip_in_use", "class_1_ip_own_in_use")),
    "sme_employees": (
        lambda c: _if_industry(c, c.interval("employees")),
        ("sector", "employees"),
    ),
    "sme_revenue": (
        lambda c: _if_industry(c, _revenue(c, "")),
        ("sector", "revenue_m_cny"),
    ),
    "innovative_sme_title": (_title("innovative_sme"), ("current_tier",)),
    "srdi_title": (_title("srdi_sme"), ("current_tier",)),
    "little_giant_title": (_title("little_giant"), ("current_tier",)),
}
# Divisors of ratios: where they are zero the ratio cannot be told, blank or not.
_DIVISORS: Mapping[str, tuple[str, ...]] = {
    "main_revenue_share": _REVENUES[:1], "rd_ratio_last_year": _REVENUES[:1],
    "rd_ratio_each_2y": _REVENUES[:2], "net_margin": _REVENUES[:1],
    "revenue_cagr_2y": _REVENUES[2:], "main_revenue_growth": _MAINS[1:2],
    "main_revenue_growth_mean_2y": _MAINS[1:],
}  # fmt: skip
# Indicators that are one field under the name of the condition.
SAME: Mapping[str, str] = {
    "niche_tenure": "niche_years", "debt_ratio": "debt_ratio_pct",
    "new_equity_2y": "new_equity_2y_m_cny", "rd_staff_share": "rd_staff_share_pct",
    "niche_share_national": "niche_share_national_pct",
    "niche_revenue_share": "niche_revenue_share_pct", "product_tenure": "product_years",
    "clean_record": "clean_years",
}  # fmt: skip


@dataclass(frozen=True)
class Categories:
    """Categories of firms.

    Parameters
    ----------
    codes : array of int
        For each firm the place of its word in `words`, -1 where blank.
    words : tuple of str
    """

    codes: npt.NDArray[np.intp]
    words: tuple[str, ...]


class Measures:
    """Indicators of the firms of a table, computed when first asked for.

    Parameters
    ----------
    frame : DataFrame
        See :class:`FirmColumns`.
    limits : mapping of str to (float, float)
        See :func:`field_limits`.
    given : mapping of str to bool
        Indicators that are the same for all firms, such as ``under_review``.

    Examples
    --------
    >>> money = ("rd_m_cny", "revenue_m_cny", "main_revenue_m_cny")
    >>> limits = dict.fromkeys(money, (0.0, np.inf))
    >>> firms = pd.DataFrame({"rd_m_cny": [3.0, 3.0], "revenue_m_cny": [60.0, None]})
    >>> low, high = Measures(firms, limits).interval("rd_ratio_last_year")
    >>> low.tolist(), high.tolist()
    ([5.0, 0.0], [5.0, inf])
    """

    def __init__(
        self, frame: pd.DataFrame, limits: Mapping[str, tuple[float, float]],
        given: Mapping[str, bool] | None = None,
    ) -> None:  # fmt: skip
        self.columns = FirmColumns(frame, limits)
        self._given = dict(given or {})
        self._found: dict[str, Interval] = {}
        self._categories: dict[str, Categories] = {}

    def __len__(self) -> int:
        return len(self.columns.frame)

    def fields(self, indicator: str) -> tuple[str, ...]:
        """Fields an indicator is computed from; none for one that is given."""
        if indicator in self._given:
            return ()
        if indicator in FORMULAS:
            return FORMULAS[indicator][1]
        return (SAME.get(indicator, indicator),)

    def interval(self, indicator: str) -> Interval:
        """Lower and upper end of an indicator for each firm.

        Raises
        ------
        InputError
            Nothing is known of how to measure it.
        """
        if indicator not in self._found:
            low, high = self._measure(indicator)
            self._found[indicator] = np.round(low, DECIMALS), np.round(high, DECIMALS)
        return self._found[indicator]

    def _measure(self, indicator: str) -> Interval:
        if indicator in self._given:
            value = np.full(len(self), float(self._given[indicator]))
            return value, value
        if indicator in FORMULAS:
            return FORMULAS[indicator][0](self.columns)
        field = SAME.get(indicator, indicator)
        if field not in self.columns.limits:
            raise InputError(
                f"indicator {indicator}: it is neither a field of table firm_fields nor computed from "
                "fields. Add a field of that name, or a formula to analysis/measures.py."
            )
        return self.columns.interval(field)

    def category(self, indicator: str) -> Categories:
        """The category of each firm as a place in a list of words; yes and no as true and false."""
        if indicator not in self._categories:
            self._categories[indicator] = self._categorise(indicator)
        return self._categories[indicator]

    def _categorise(self, indicator: str) -> Categories:
        frame = self.columns.frame
        if indicator not in frame:
            return Categories(np.full(len(frame), -1), ())
        if indicator in self.columns.limits:
            low, high = self.interval(indicator)
            return Categories(np.where(low == high, low, -1).astype(np.intp), ("false", "true"))
        codes, words = pd.factorize(frame[indicator])
        return Categories(codes, tuple(str(word) for word in words))

    def missing(self, indicator: str) -> dict[str, npt.NDArray[np.bool_]]:
        """For each field of an indicator, which firms leave the indicator open by it.

        That is where the field is blank, is a divisor of zero, or names a sector whose limit of an
        SME is not known.
        """
        found = {field: ~self.columns.known(field) for field in self.fields(indicator)}
        for field in _DIVISORS.get(indicator, ()):
            low, high = self.columns.interval(field)
            found[field] = found[field] | ((low == 0) & (high == 0))
        if "sector" in found:
            found["sector"] = self.columns.one_of("sector", ("industry",))[0] == 0
        return found
