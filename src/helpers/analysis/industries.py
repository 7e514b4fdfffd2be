"""Firms of a city's industries: counts on record first, then what order and shares allow."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import pandas as pd

from helpers.analysis.districts import DistrictFirms
from helpers.errors import InputError
from helpers.evidence.completion import Counts, InfeasibleError, share_rounds_to
from helpers.evidence.granularity import counts_for
from helpers.evidence.sources import ids_of

BaseOrigin = Literal["industries", "counted", "implied", "unknown"]


def industries_of(industries: pd.DataFrame, place_id: str) -> pd.DataFrame:
    """A city's industries from most to fewest firms.

    Parameters
    ----------
    industries : DataFrame
        Table ``industries``.
    place_id : str

    Returns
    -------
    DataFrame
        Rows of the city by rank; empty where none is on record.
    """
    return industries[industries["place_id"] == place_id].sort_values("rank", ignore_index=True)


def industry_problem(industries: pd.DataFrame, base: int, joint_share: str) -> Counts:
    """Counts of industries of which only the order and one joint share are known.

    The list is open-ended: the industries named have at most all firms. Each named industry has a
    firm, neighbours in the order may be equal, and a count that is on record is used as it is.

    Parameters
    ----------
    industries : DataFrame
        From :func:`industries_of`.
    base : int
        Number of all firms.
    joint_share : str
        Percentage of all firms in the industries with a share_claim_id, as printed; empty for none.

    Returns
    -------
    Counts
        Cells are ranks.

    Raises
    ------
    InfeasibleError
        No table of whole numbers fits.
    InputError
        The base is below 1 or the share is no percentage.

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1, 2], "firms_count": [None, None],
    ...                       "share_claim_id": ["C", "C"], "source_id": ["S", "S"]})
    >>> industry_problem(table, 8, "50").bounds({1: 1})
    Interval(lower=2, upper=3, exact=True)
    """
    counts = Counts()
    for rank in industries["rank"]:
        counts.add_cell(int(rank))
        counts.require(f"industry {rank} has a firm", {int(rank): 1}, 1, None)
    ranks = [int(rank) for rank in industries["rank"]]
    ids = ids_of(industries["source_id"])
    for larger, smaller in pairwise(ranks):
        text = f"industry {larger} has at least as many firms as {smaller}"
        counts.require(text, {larger: 1, smaller: -1}, 0, None, ids)
    if ranks:
        counts.require(f"at most all {base} firms", dict.fromkeys(ranks, 1), None, base, ids)
    for rank, count in zip(ranks, industries["firms_count"], strict=True):
        if pd.notna(count):
            counts.require(f"industry {rank}: {count}", {rank: 1}, int(count), int(count), ids)
    joint = [int(rank) for rank in industries.dropna(subset=["share_claim_id"])["rank"]]
    if joint and joint_share:
        fit = share_rounds_to(dict.fromkeys(joint, 1), base, joint_share)
        if fit is None:
            raise InputError(
                f"table industries: no number of {base} firms rounds to {joint_share} %"
            )
        counts.require(f"{joint_share} % of {base}", dict(fit.terms), fit.lower, fit.upper, ids)
    counts.check()
    return counts


def industry_bounds(industries: pd.DataFrame, base: int, joint_share: str) -> pd.DataFrame:
    """Fewest and most firms of each industry over all tables that fit what is known.

    Parameters
    ----------
    industries, base, joint_share
        See :func:`industry_problem`.

    Returns
    -------
    DataFrame
        Columns rank, name_zh, name_en, lower_count, upper_count, exact. Both counts are missing
        where no table fits: no whole number of firms rounds to the joint share, or the base, the
        share, the order and the counts on record contradict each other
        (:func:`industry_conflict` tells which).

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1], "name_zh": ["甲"], "name_en": ["A"],
    ...     "firms_count": [None], "share_claim_id": ["C"], "source_id": ["S"]})
    >>> industry_bounds(table, 7, "50")["upper_count"].isna().tolist()
    [True]
    """
    names = industries[["rank", "name_zh", "name_en"]]
    joint = industries["share_claim_id"].notna().any()
    if joint and joint_share and not counts_for(joint_share, base):
        return names.assign(lower_count=pd.NA, upper_count=pd.NA, exact=False)
    try:
        counts = industry_problem(industries, base, joint_share)
    except InfeasibleError:
        return names.assign(lower_count=pd.NA, upper_count=pd.NA, exact=False)
    found = [counts.bounds({int(rank): 1}) for rank in industries["rank"]]
    return names.assign(
        lower_count=[one.lower for one in found],
        upper_count=[one.upper for one in found],
        exact=[one.exact for one in found],
    )


def industry_conflict(industries: pd.DataFrame, base: int, joint_share: str) -> str:
    """Statements on industries that cannot all hold, in words.

    Parameters
    ----------
    industries, base, joint_share
        See :func:`industry_problem`.

    Returns
    -------
    str
        A minimal set, joined by semicolons; empty where some table fits.

    Examples
    --------
    >>> table = pd.DataFrame({"rank": [1, 2], "firms_count": [30, 10],
    ...                       "share_claim_id": ["C", "C"], "source_id": ["S", "S"]})
    >>> industry_conflict(table, 88, "50")
    'industry 1: 30; industry 2: 10; 50 % of 88'
    """
    try:
        industry_problem(industries, base, joint_share)
    except InfeasibleError as error:
        return "; ".join(fact.text for fact in error.conflict)
    return ""


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
        From :func:`industries_of`; by rank. A missing firms_count is unknown.
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
    if share and len(joint) and joint["firms_count"].isna().all():
        bounds = industry_bounds(industries, base, share)
        if bounds["lower_count"].notna().all():
            return bounds, share
        # The counts on record rule the share out: they are on record, it is only printed.
    return industry_bounds(industries, base, ""), ""
