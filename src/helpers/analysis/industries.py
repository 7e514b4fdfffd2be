"""Firms of a city's industries: counts on record first, then what order and shares allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from helpers.analysis.cities import industry_bounds
from helpers.analysis.districts import DistrictFirms
from helpers.evidence.completion import InfeasibleError
from helpers.evidence.granularity import counts_for

BaseOrigin = Literal["industries", "counted", "implied", "unknown"]


@dataclass(frozen=True)
class IndustryFirms:
    """What is known of the firms of a city's industries.

    Parameters
    ----------
    bounds : DataFrame
        Columns rank, name_zh, name_en, lower_count, upper_count (missing where nothing limits it),
        exact.
    base : int or None
        All firms, over which the bounds hold; None where nothing tells or what tells cannot be.
    origin : {"industries", "counted", "implied", "unknown"}
        Where the base comes from: the counts of all industries, those of all districts, the
        printed shares of districts, or nowhere.
    dropped_base : int or None
        A base from the districts that the counts of industries rule out.
    share : str
        Printed joint share that the bounds use, empty for none.
    ordered : bool
        Whether the counts on record fall along the ranks; if not, the ranks bound nothing.
    """

    bounds: pd.DataFrame
    base: int | None
    origin: BaseOrigin
    dropped_base: int | None
    share: str
    ordered: bool


def industry_firms(industries: pd.DataFrame, firms: DistrictFirms, share: str) -> IndustryFirms:
    """Counts of industries from what is on record, their order and a printed joint share.

    Parameters
    ----------
    industries : DataFrame
        From :func:`helpers.analysis.cities.industries_of`; by rank. A missing firms_count is unknown.
    firms : DistrictFirms
        Of the same city; gives the number of all firms where the industries do not.
    share : str
        Percentage of all firms in the industries with a share_claim_id, as printed; empty for none.

    Returns
    -------
    IndustryFirms
        With a count of every industry these are taken, over the districts' counts where they are
        on record and no fewer, else over their own sum. With some counts the base is that of the
        districts unless the counts exceed it; without a base a count bounds only its neighbours
        in the order. The joint share is left out where one of its industries has a count, where no
        whole number rounds to it, and where the other counts rule it out.

    Raises
    ------
    InputError
        The share is no percentage.

    Examples
    --------
    >>> from helpers.analysis.districts import district_firms
    >>> table = pd.DataFrame({"rank": [1, 2], "name_zh": ["甲", "乙"], "name_en": ["A", "B"],
    ...     "firms_count": [120, None], "share_claim_id": [None, None], "source_id": ["S", "S"]})
    >>> none = pd.DataFrame({"district_id": [], "srdi_firms_count": [], "share_claim_id": [],
    ...     "source_id": []})
    >>> found = industry_firms(table, district_firms(none, pd.Series(dtype="str")), "")
    >>> found.bounds[["lower_count", "upper_count"]].values.tolist(), found.base
    ([[120, 120], [1, 120]], None)
    """
    counts = industries["firms_count"].astype("Int64")
    ordered = bool(counts.dropna().is_monotonic_decreasing)
    if len(counts) and counts.notna().all():
        return _complete(industries, counts, firms, ordered)
    base = firms.base
    by_order = _by_order(industries, counts, ordered)
    # Over a base that the least counts exceed there is no table at all.
    if base is not None and int(by_order["lower_count"].sum()) > base:
        return IndustryFirms(by_order, None, "unknown", base, "", ordered)
    if base is None or not ordered or industries.empty:
        return IndustryFirms(by_order, base, _origin(firms, base), None, "", ordered)
    bounds, used = _over(industries, base, share)
    return IndustryFirms(bounds, base, _origin(firms, base), None, used, ordered)


def _origin(firms: DistrictFirms, base: int | None) -> BaseOrigin:
    return firms.origin if base is not None else "unknown"


def _complete(
    industries: pd.DataFrame, counts: pd.Series, firms: DistrictFirms, ordered: bool
) -> IndustryFirms:
    """Counts of all industries, as they are on record."""
    total = int(counts.sum())
    bounds = industries[["rank", "name_zh", "name_en"]].assign(
        lower_count=counts, upper_count=counts, exact=True
    )
    exceeded = firms.base if firms.base is not None and firms.base < total else None
    if firms.origin == "counted" and firms.base and exceeded is None:
        return IndustryFirms(bounds, firms.base, "counted", None, "", ordered)
    return IndustryFirms(bounds, total, "industries", exceeded, "", ordered)


def _by_order(industries: pd.DataFrame, counts: pd.Series, ordered: bool) -> pd.DataFrame:
    """What counts say of their neighbours in the order; each industry named has a firm."""
    lower = counts.bfill() if ordered else counts
    upper = counts.ffill() if ordered else counts
    names = industries[["rank", "name_zh", "name_en"]]
    # A count of nought on record stays nought, and with it what follows in the order.
    least = lower.fillna(1).mask(upper.eq(0).fillna(False), 0)
    return names.assign(lower_count=least, upper_count=upper, exact=upper.notna())


def _over(industries: pd.DataFrame, base: int, share: str) -> tuple[pd.DataFrame, str]:
    """Bounds over a base, with the joint share where it can be met, and the share used."""
    joint = industries[industries["share_claim_id"].notna()]
    free = len(joint) and joint["firms_count"].isna().all()
    if share and free and counts_for(share, base):
        try:
            bounds = industry_bounds(industries, base, share)
        except InfeasibleError:
            bounds = industries.assign(lower_count=pd.NA)
        if bounds["lower_count"].notna().all():
            return bounds, share
        # The counts on record rule the share out: they are on record, it is only printed.
    return industry_bounds(industries, base, ""), ""
