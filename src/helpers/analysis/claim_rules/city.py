"""Rules on the cities of a province, and on the districts and industries of one city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import pandas as pd

from helpers.analysis import cities
from helpers.analysis.claim_rules.nation import (
    ATTAINED,
    OUTER,
    batches_of,
    evidence_of,
    order_grounds,
    settled,
)
from helpers.analysis.districts import LARGEST_BASE, DistrictFirms, district_firms
from helpers.analysis.industries import industries_of, industry_bounds, industry_conflict
from helpers.errors import InputError
from helpers.evidence import granularity, provinces
from helpers.evidence.bilingual import TIERS_ZH, Said, chinese, either, every, join, name_of
from helpers.evidence.claims import ClaimTest, Finding, Rule, Setting
from helpers.evidence.completion import Counts, Fact, Interval
from helpers.evidence.sources import ids_of

NO_LIST = Said(
    "a list of the city's SRDI firms with their districts", "该市注明所在区县的专精特新企业名单"
)
NO_INDUSTRIES = Said(
    "a list of the city's SRDI firms with their industries", "该市注明所属行业的专精特新企业名单"
)
NO_DISTRICT = Said("SRDI firms of the district", "该区县的专精特新企业数")
NO_CITY = Said("SRDI firms of the city", "该市的专精特新企业数")


def firms_said(count: object) -> Said:
    """A number of firms."""
    return Said(f"{count} firms", f"{count}家")


def range_said(first: object, last: object) -> Said:
    """A range of numbers of firms."""
    return Said(f"{first} to {last} firms", f"{first}至{last}家")


def _districts(setting: Setting) -> pd.DataFrame:
    rows = setting.tables["districts"]
    return rows[rows["place_id"] == setting.city_id].reset_index(drop=True)


@dataclass(frozen=True)
class Known:
    """What is on record of a city's SRDI firms, and what its printed shares imply.

    Parameters
    ----------
    rows : DataFrame
        Districts of the city.
    firms : DistrictFirms
        Bases that fit the printed shares and the counts on record together.
    counts : mapping of district_id to int
        On record.
    total : int or None
        All firms: the sum of all districts, else the city's count in ``city_counts``.
    sources : sequence of str
        Of the districts, and of the total where it comes from ``city_counts``.
    """

    rows: pd.DataFrame
    firms: DistrictFirms
    counts: dict[str, int]
    total: int | None
    sources: Sequence[str]

    @property
    def complete(self) -> bool:
        """Whether every district has a count."""
        return 0 < len(self.counts) == len(self.rows)

    def fits(self, base: int) -> dict[str, list[int]]:
        """Counts over a base that print as the shares do; a count on record stands for itself."""
        printed = self.firms.printed
        return {
            key: [self.counts[key]] if key in self.counts else granularity.counts_for(text, base)
            for key, text in printed.items()
        }


def known_of(setting: Setting) -> Known:
    """Counts of districts, the city's total and the bases its printed shares imply.

    Raises
    ------
    InputError
        The city's total in ``city_counts`` is below the sum of its districts.
    """
    return setting.once("firms of districts", lambda: _known(setting))


def _known(setting: Setting) -> Known:
    rows = _districts(setting)
    reported = setting.tables["claims"].set_index("claim_id")["reported_value"]
    firms = district_firms(rows, reported, LARGEST_BASE)
    filled = rows.dropna(subset=["srdi_firms_count"])
    counts = dict(zip(filled["district_id"], filled["srdi_firms_count"].astype(int), strict=True))
    sources = ids_of(rows["source_id"])
    if firms.origin == "counted":
        return Known(rows, firms, counts, firms.base, sources)
    every = setting.tables["city_counts"]
    latest = cities.latest_counts(every, [setting.city_id], ["srdi_sme"])
    exact = latest[(latest["comparison"] == "equal") & (latest["measure"] == "stock")]
    total = int(exact["firms_count"].iloc[0]) if len(exact) else None
    if total is not None and total < sum(counts.values()):
        raise InputError(
            f"table city_counts, city {setting.city_id}, srdi_sme: {total} firms in the city, but "
            f"table districts counts {sum(counts.values())} in some of its districts. Correct one of them."
        )
    sources = ids_of([*sources, *exact["source_id"]])
    return Known(rows, firms, counts, total, sources)


def district_share(setting: Setting, test: ClaimTest) -> Finding:
    """The printed share of one district.

    Counts on record decide it: the district's own, and the city's total from all districts or from
    ``city_counts``. Without either the base is the one that all printed shares imply, which cannot
    confirm them.
    """
    known = known_of(setting)
    (district,) = test.subject_ids
    if district not in set(known.rows["district_id"]):
        return Finding(missing=[NO_LIST])
    own = known.counts.get(district)
    if known.total and own is None and len(known.counts) == len(known.rows) - 1:
        own = known.total - sum(known.counts.values())
    if known.total and own is not None:
        return Finding(
            value=Fraction(100 * own, known.total),
            base=firms_said(known.total),
            sources=known.sources,
        )
    if known.total:
        return _share_of_total(known, district, test.reported)
    if own is not None:
        return _share_of_count(known, own, test.reported)
    return _share_implied(known, district)


def _share_of_total(known: Known, district: str, reported: str) -> Finding:
    """The city's total is on record, the district's count is not."""
    total = known.total or 0
    room = total - sum(known.counts.values())
    fits = granularity.counts_for(reported, total)
    within = [n for n in fits if n <= room]
    listed = either(within)
    means = either(fits) or Said("no whole number of", "无任何整数")
    return Finding(
        decision="unattainable" if not fits else "consistent" if within else "contradicted",
        base=firms_said(total),
        interval=range_said(0, room),
        missing=[NO_DISTRICT],
        sources=known.sources,
        detail=Said(
            f"Over {total} firms, {reported} % means {means} firms.",
            f"以{total}家为基数，{reported}%对应{means.zh}家。",
        ),
        settles=confirming(NO_DISTRICT, listed),
    )


def confirming(figure: Said, listed: Said) -> Said:
    """Which values of a figure would confirm a claim, all others contradicting it."""
    return Said(
        f"{figure}: {listed} would confirm it, any other number contradict it",
        f"{figure.zh}：为{listed.zh}则证实，为其他任何数则否定",
    )


def _share_of_count(known: Known, own: int, reported: str) -> Finding:
    """The district's count is on record, the city's total is not."""
    least = sum(known.counts.values())
    half = Fraction(1, 2 * 10 ** granularity.decimals(reported))
    share = Fraction(reported)
    if share <= half:
        # Any city that is large enough would do.
        return Finding(missing=[NO_CITY], sources=known.sources)
    # A total of which the count is this share lies between the count over its ends.
    first, last = int(100 * own / (share + half)), int(100 * own / (share - half)) + 1
    fits = [
        base
        for base in range(max(first, least, 1), last + 1)
        if own in granularity.counts_for(reported, base)
    ]
    listed = join(map(str, fits), ", ", "、")
    none = Said(
        f"no number of firms in the city from the {least} on record upwards",
        f"全市{least}家（已查得数）以上的任何数",
    )
    whole = Said(f"{listed} firms", f"{listed.zh}家") if fits else none
    verb = "是" if fits else "不是"
    return Finding(
        decision="consistent" if fits else "contradicted",
        base=Said("the city's total is not on record", "未查得全市合计"),
        missing=[NO_CITY],
        sources=known.sources,
        detail=Said(
            f"{own} firms are {reported} % of {whole}.", f"{own}家{verb}{whole.zh}的{reported}%。"
        ),
        settles=confirming(NO_CITY, listed),
    )  # fmt: skip


def _share_implied(known: Known, district: str) -> Finding:
    """Neither count is on record: the printed shares and what else is known imply a base."""
    bases = known.firms.bases
    if not bases or district not in known.firms.printed:
        conflict = bool(known.counts) and district in set(
            known.rows.dropna(subset=["share_claim_id"])["district_id"]
        )
        return Finding(
            decision="consistent" if conflict else "",
            missing=[NO_LIST],
            sources=[*known.sources, "STUDY"] if conflict else (),
            detail=Said(
                f"No base up to {LARGEST_BASE} fits the printed shares and the counts on record together.",
                f"{LARGEST_BASE}以内没有任何基数能同时符合所列占比与已查得的数量。",
            ) if conflict else "",
            settles=Said(
                "SRDI firms of the district, with those of the city: their quotient would decide it",
                "该区县与全市的专精特新企业数：二者之商即可判定",
            ),
        )  # fmt: skip
    base = bases[0]
    listed, fit = join(map(str, bases), ", ", "、"), known.fits(base)[district][0]
    beside = bool(known.counts)
    return Finding(
        decision=granularity.inferred_decision(bases),
        computed=Said(f"{fit}/{base} (base inferred)", f"{fit}/{base}（基数为推断）"),
        base=Said(
            f"{base} firms, inferred from the shares themselves", f"{base}家，由占比本身推断"
        ),
        missing=[
            Said("SRDI firms of the district and of the city", "该区县与全市的专精特新企业数")
        ],
        sources=["STUDY"] if not known.counts else [*known.sources, "STUDY"],
        detail=Said(
            f"{base} is the smallest base that attains all printed shares"
            + (" beside the counts on record." if beside else "."),
            f"{base}是能得出全部所列占比{'且符合已查得数量' if beside else ''}的最小基数。",
        ),
        settles=Said(
            f"SRDI firms of the city: any number up to {LARGEST_BASE} other than {listed} would "
            "rule the printed shares out together; one of these leaves the district's own count open",
            f"全市专精特新企业数：{LARGEST_BASE}以内除{listed.zh}外的任何数均可否定所列各占比的组合；"
            "若为其中之一，该区县的数量仍未定",
        ),
    )


def _ordered(names: Sequence[str], others: Sequence[str]) -> list[Fact]:
    """The statements that some counts do not rise along a list, nor any other exceed its last."""
    pairs = [*pairwise(names), *((names[-1], other) for other in others)]
    return [
        Fact(f"{one} at least {other}", ((one, 1), (other, -1)), 0, None) for one, other in pairs
    ]


def _counts(
    cells: Sequence[str], known: Mapping[str, int], total: int | None, part: bool = False
) -> Counts:
    """Counts that are on record and a total that contains them, or that they make up."""
    counts = Counts()
    for cell in cells:
        counts.add_cell(cell)
        if cell in known:
            counts.require(f"{cell}: {known[cell]}", {cell: 1}, known[cell], known[cell])
    if total is not None:
        least = None if part else total
        counts.require(f"all {total} firms", dict.fromkeys(cells, 1), least, total)
    return counts


def district_order(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the districts named follow one another by number of firms, before all others."""
    known = known_of(setting)
    ids = [str(key) for key in known.rows["district_id"]]
    if not set(test.subject_ids) <= set(ids):
        return Finding(missing=[NO_LIST])
    parts = _ordered(test.subject_ids, [key for key in ids if key not in test.subject_ids])
    decision: str = _counts(ids, known.counts, known.total).decide(*parts)
    if known.complete:
        return Finding(holds=decision == "entailed", sources=known.sources)
    if decision == "consistent" and known.total and all(known.fits(known.total).values()):
        # The shares that were printed, as counts of a total on record.
        beside = _counts(ids, known.counts, known.total)
        for key, fit in known.fits(known.total).items():
            beside.require(f"{key} as printed", {key: 1}, fit[0], fit[-1])
        decision = "contradicted" if beside.possible(*parts) is False else decision
    bases = list(known.firms.bases)
    if decision == "consistent" and not known.counts and not known.total:
        if not bases:
            return Finding(missing=[NO_LIST])
        shares = [
            float(known.firms.printed[key])
            for key in test.subject_ids
            if key in known.firms.printed
        ]
        decision = "consistent" if shares == sorted(shares, reverse=True) else "contradicted"
    return Finding(
        decision=decision,
        missing=[NO_LIST],
        sources=[*known.sources, "STUDY"],
        detail=_held_text(known) if bases else "",
        settles=_order_settles(known, test, bases),
    )


def _order_settles(known: Known, test: ClaimTest, bases: list[int]) -> Said:
    """Which counts of districts would decide their order."""
    if not bases:
        return Said(
            "SRDI firms of the districts named, and of the largest of the others",
            "所列区县以及其余区县中最大者的专精特新企业数",
        )
    last = _last_of(known, test, bases)
    return Said(
        "SRDI firms of the largest of the other districts, with those of the city: more "
        f"than {last} would contradict the order; counts of all districts would confirm it",
        f"其余区县中最大者与全市的专精特新企业数：超过{last.zh}则否定该次序；全部区县的数量方可证实",
    )


def _last_of(known: Known, test: ClaimTest, bases: list[int]) -> Said:
    """Firms of the smallest district named, over each base that fits the printed shares."""
    fits = [
        min((fit for key, fit in known.fits(base).items() if key in test.subject_ids), key=min)
        for base in bases
    ]
    ends = (join(map(str, f if len(f) == 1 else (f[0], f[-1])), " to ", "至") for f in fits)
    return either(
        Said(f"{end} of {base}", f"{base}家中的{end.zh}家")
        for end, base in zip(ends, bases, strict=True)
    )


def _held(known: Known) -> tuple[int, int, Fraction]:
    """Firms of the districts with a printed share, the inferred base, and their share of people."""
    base = known.firms.bases[0]
    counts = {key: fit[0] for key, fit in known.fits(base).items()}
    return sum(counts.values()), base, _people_share(known.rows, list(counts))


def _people_share(rows: pd.DataFrame, named: Sequence[str]) -> Fraction:
    people = rows.set_index("district_id")["census_population_2020_persons"]
    return Fraction(int(people[list(named)].sum()), int(people.sum()))


def _held_text(known: Known) -> Said:
    held, base, people = _held(known)
    share = f"{100 * held / base:.2f}"
    text = f"The districts with a printed share hold {held} of {base} firms ({share} %)"
    told = f"列有占比的区县共有{base}家企业中的{held}家（{share}%）"
    if known.rows["census_population_2020_persons"].isna().any():
        return Said(f"{text}.", f"{told}。")
    residents = f"{100 * float(people):.2f}"
    return Said(f"{text} and {residents} % of the people.", f"{told}与{residents}%的人口。")


def district_density(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the districts named hold more of the firms than of the people.

    Decided by the counts on record where these suffice whatever the other districts hold; else
    the printed shares, over the base they imply, are told beside it.
    """
    known = known_of(setting)
    people = known.rows["census_population_2020_persons"]
    if not set(test.subject_ids) <= set(known.rows["district_id"]) or people.isna().any():
        return Finding(missing=[NO_LIST])
    if known.complete and known.total:
        return _counted_density(known.rows, test, known.counts)
    share = _people_share(known.rows, test.subject_ids)
    low, high = _firm_share(known, test.subject_ids)
    bases = known.firms.bases
    if not bases and not known.counts:
        return Finding(missing=[NO_LIST])
    if low == high:
        decision = "entailed" if low > share else "contradicted"
    elif low > share:
        decision = "entailed"
    elif high <= share:
        decision = "contradicted"
    else:
        decision = "consistent"
        if bases and not known.counts:
            held, base, _ = _held(known)
            decision = "consistent" if Fraction(held, base) > share else "contradicted"
    return Finding(
        decision=decision,
        interval="" if low == 0 and high == 1 else Said(
            f"{100 * float(low):.2f} to {100 * float(high):.2f} % of firms",
            f"企业占比{100 * float(low):.2f}%至{100 * float(high):.2f}%",
        ),
        missing=[NO_LIST],
        sources=[*known.sources, "STUDY"] if bases else known.sources,
        detail=_held_text(known) if bases else "",
        settles=Said(
            "SRDI firms of the three districts together, as a share of the city's: above "
            f"{100 * float(share):.2f} % would confirm it, below would contradict it",
            f"三区县专精特新企业合计占全市之比：高于{100 * float(share):.2f}%则证实，低于则否定",
        ),
    )  # fmt: skip


def _firm_share(known: Known, named: Sequence[str]) -> tuple[Fraction, Fraction]:
    """Least and largest share of the firms in some districts that the counts on record allow."""
    ids = [str(key) for key in known.rows["district_id"]]
    inside = sum(known.counts.get(key, 0) for key in named)
    outside = sum(known.counts.get(key, 0) for key in ids if key not in named)
    all_inside = all(key in known.counts for key in named)
    all_outside = all(key in known.counts for key in ids if key not in named)
    if known.total:
        low = known.total - outside if all_outside else inside
        high = inside if all_inside else known.total - outside
        return Fraction(low, known.total), Fraction(high, known.total)
    sum_ = inside + outside
    # A district without a count may hold any number of firms.
    low_ = Fraction(inside, sum_) if all_outside and sum_ else Fraction(0)
    high_ = Fraction(inside, sum_) if all_inside and sum_ else Fraction(1)
    return low_, high_


def _counted_density(rows: pd.DataFrame, test: ClaimTest, known: dict[str, int]) -> Finding:
    """Firms and people of the districts named, from counts of all districts."""
    people = rows.set_index("district_id")["census_population_2020_persons"]
    named = list(test.subject_ids)
    held, total = sum(known[key] for key in named), sum(known.values())
    residents, everyone = int(people[named].sum()), int(people.sum())
    return Finding(
        holds=held * everyone > residents * total,
        computed=Said(
            f"{100 * held / total:.2f} % of firms, {100 * residents / everyone:.2f} % of people",
            f"企业占{100 * held / total:.2f}%，人口占{100 * residents / everyone:.2f}%",
        ),
        base=Said(
            f"{total} firms, {everyone:,} residents", f"{total}家企业，常住人口{everyone:,}人"
        ),
        sources=ids_of(rows["source_id"]),
        detail=Said(
            f"The districts named hold {held} of {total} firms and {residents:,} of "
            f"{everyone:,} residents.",
            f"所列区县有{total}家企业中的{held}家、{everyone:,}常住人口中的{residents:,}人。",
        ),
    )


def _industries(setting: Setting) -> tuple[pd.DataFrame, dict[str, int]]:
    """Industries of the focal city by rank, and their counts on record by rank."""
    rows = industries_of(setting.tables["industries"], setting.city_id)
    filled = rows.dropna(subset=["firms_count"])
    ranks = filled["rank"].astype(int).astype(str)
    return rows, dict(zip(ranks, filled["firms_count"].astype(int), strict=True))


def industry_share(setting: Setting, test: ClaimTest) -> Finding:
    """The printed joint share of the first two industries.

    Counts of all industries on record decide it. Else the counts that are on record and the number
    of all firms, from districts or ``city_counts``, bound it; without such a number the base that
    the printed shares of districts imply is held against it.
    """
    industries, known = _industries(setting)
    joint = [str(int(rank)) for rank in industries.dropna(subset=["share_claim_id"])["rank"]]
    if joint and known and len(known) == len(industries) and sum(known.values()):
        held, total = sum(known[rank] for rank in joint), sum(known.values())
        names = _joint_names(industries)
        return Finding(
            value=Fraction(100 * held, total),
            base=Said(
                f"{total} firms of the industries on record", f"已查得的各行业企业共{total}家"
            ),
            sources=ids_of(industries["source_id"]),
            detail=Said(f"{names}: {held} firms.", f"{names.zh}：{held}家。"),
        )
    city = known_of(setting)
    bases = [city.total] if city.total else list(city.firms.bases)
    if not joint or not bases:
        return Finding(missing=[NO_INDUSTRIES])
    return _joint_share(test, (industries, joint, known), city, bases[0])


def _joint_names(industries: pd.DataFrame) -> Said:
    """Names of the industries whose joint share is printed."""
    rows = industries.dropna(subset=["share_claim_id"])
    return every(map(name_of, rows["name_en"], rows["name_zh"]))


def _joint_share(
    test: ClaimTest, listed: tuple[pd.DataFrame, list[str], dict[str, int]], city: Known, base: int
) -> Finding:
    """What a base says of a printed joint share of industries of which some have no counts."""
    industries, joint, known = listed
    names = _joint_names(industries)
    fits = granularity.counts_for(test.reported, base)
    bounds = industry_bounds(industries, base, test.reported)
    solved = bool(bounds["lower_count"].notna().all())
    first = bounds.iloc[0]
    means = either(fits) or Said("no whole number of", "无任何整数")
    told = Said(
        f"Over {base} firms, {test.reported} % for {names} means {means} firms.",
        f"以{base}家为基数，{names.zh}的{test.reported}%对应{means.zh}家。",
    )
    conflict = industry_conflict(industries, base, test.reported) if fits else ""
    decision: str = granularity.inferred_decision(fits)
    if conflict:
        told = Said(
            f"{told} This does not go together with the counts on record and the order: {conflict}.",
            f"{told.zh}这与已查得的数量及次序不能同时成立：{chinese(conflict)}。",
        )
        decision = _beside(industries, joint, known, base, fits) if city.total else "consistent"
    rows = [*city.sources, *ids_of(industries["source_id"])]
    kinds = Said("inferred from the shares of districts", "由各区县占比推断")
    if city.complete and city.total:
        kinds = Said("the sum of the districts", "各区县之和")
    elif city.total:
        kinds = Said("the city's count on record", "已查得的全市数量")
    return Finding(
        decision=decision,
        base=Said(f"{base} firms, {kinds}", f"{base}家，{kinds.zh}"),
        interval=_bounds_of(first) if solved else "",
        solver=(ATTAINED if bool(bounds["exact"].all()) else OUTER) if solved else "",
        missing=[NO_INDUSTRIES],
        sources=ids_of([*rows, "STUDY"]) if city.total or known else ["STUDY"],
        detail=told,
        settles=_joint_settles(bool(conflict), fits, base),
    )


def _bounds_of(row: pd.Series) -> Said:
    """Least and largest count of an industry."""
    name, ends = name_of(row["name_en"], row["name_zh"]), (row["lower_count"], row["upper_count"])
    found = range_said(*ends)
    return Said(f"{name}: {found}", f"{name.zh}：{found.zh}")


def _joint_settles(conflict: bool, fits: Sequence[int], base: int) -> Said:
    """Which figure would decide a joint share of industries."""
    if conflict:
        return Said(
            "number of all firms: that of a list, since the counts on record do not go with the one supposed",
            "全部企业数：须取自名单，因已查得的数量与所设基数不符",
        )
    listed = either(fits)
    return Said(
        f"firms of the two industries together, over the number of all firms: {listed} of {base} "
        "would confirm it",
        f"两个行业企业合计与全部企业数之比：{base}家中的{listed.zh}家则证实",
    )


def _beside(
    industries: pd.DataFrame, joint: Sequence[str], known: Mapping[str, int], base: int,
    fits: Sequence[int],
) -> str:  # fmt: skip
    """What counts on record and a base on record say of a joint share, whatever the order."""
    ranks = [str(int(rank)) for rank in industries["rank"]]
    counts = _counts(ranks, known, base, part=True)
    if not counts.possible():
        return "consistent"
    part = Fact("joint share", tuple((rank, 1) for rank in joint), fits[0], fits[-1])
    return counts.decide(part)


def industry_order(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the industries, in the order listed, have ever fewer firms; equal ones may stand so."""
    industries, known = _industries(setting)
    if not known:
        return Finding()
    ranks = [str(int(rank)) for rank in industries["rank"]]
    parts = [
        Fact(f"{one} at least {other}", ((one, 1), (other, -1)), 0, None)
        for one, other in pairwise(ranks)
    ]
    total = known_of(setting).total
    fits = total is not None and sum(known.values()) <= total
    counts = _counts(ranks, known, total if fits else None, part=True)
    decision = counts.decide(*parts)
    names = dict(
        zip(ranks, map(name_of, industries["name_en"], industries["name_zh"]), strict=True)
    )
    told = join(
        (
            Said(f"{names[rank]} {known[rank]}", f"{names[rank].zh}{known[rank]}家")
            for rank in ranks
            if rank in known
        ),
        ", ",
        "、",
    )
    sources = ids_of(industries["source_id"])
    if len(known) == len(ranks):
        return Finding(
            holds=decision == "entailed", sources=sources, detail=Said(f"{told}.", f"{told.zh}。")
        )
    return Finding(
        decision=decision,
        missing=[
            Said(
                f"firms of {len(ranks) - len(known)} of {len(ranks)} industries",
                f"{len(ranks)}个行业中{len(ranks) - len(known)}个的企业数",
            )
        ],
        sources=sources,
        detail=Said(f"On record: {told}.", f"已查得：{told.zh}。"),
        settles=Said(
            "firms of each industry without a count: more than those of one listed before it, "
            "or fewer than those of one listed after it, would contradict the order",
            "尚无数量的各行业企业数：多于排在其前的行业，或少于排在其后的行业，则否定该次序",
        ),
    )


def untested(setting: Setting, test: ClaimTest) -> Finding:
    """No figure bears on the claim; it says what would."""
    return Finding()


def behind_leaders(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the first place has fewer firms than each of the others, tier by tier.

    Little giants are put to every table that fits the counts of the province and its cities. The
    other tiers need a count of each place at one date.
    """
    own, *leaders = test.place_ids
    home = setting.tables["places"].set_index("place_id").loc[own, "province_id"]
    problem, (span, basis) = setting.problem_within(home), (batches_of(test), setting.basis)
    sums = problem.sums(*span, basis, problem.cities)
    parts = [part for leader in leaders for part in provinces.lead_parts(sums, [leader], [own])]
    giants = problem.counts.decide(*parts)
    truths = {
        tier: _behind(setting, tier, own, leaders)
        for tier in test.subject_ids
        if tier != "little_giant"
    }
    name, missing = setting.name(own), _tiers_missing(setting.name(own), truths)
    open_ = [place for place in (own, *leaders) if problem.counts.varies(sums[place])]
    missing += [_giants(setting.name(place)) for place in open_]
    truth = settled(_all_tiers(giants, truths.values()), missing)
    if setting.brief:
        return Finding(**truth)
    found, rank = problem.counts.bounds(sums[own]), problem.counts.rank(own, sums)
    can_hold = problem.counts.bounds(sums[own], parts) if giants != "contradicted" else found
    grounds = order_grounds(problem, parts, giants)
    if grounds is None:
        grounds = problem.counts.grounds(sums[own], found.lower, found.upper)
    return Finding(
        base=Said(
            f"the {len(problem.cities)} cities of the province", f"全省{len(problem.cities)}个市"
        ),
        interval=_place_said(name, found, rank, len(problem.cities)),
        solver=ATTAINED if found.exact and rank.exact else OUTER,
        detail=_tested(join(map(setting.name, leaders), " and ", "、")),
        settles=Said(
            f"little giants of {name}: more than {can_hold.upper} would contradict "
            "it; no single figure confirms all tiers",
            f"{name.zh}的“小巨人”数：超过{can_hold.upper}家则否定；任何单个数据都不足以证实各层级",
        ),
        **truth,
        **evidence_of(grounds),
    )


def _all_tiers(giants: str, truths: Iterable[bool | None]) -> str:
    """What little giants and the other tiers say together; None where a tier cannot be told."""
    others = set(truths)
    if False in others:
        return "contradicted"
    return "consistent" if giants == "entailed" and None in others else giants


def _tiers_missing(name: Said, truths: Mapping[str, bool | None]) -> list[Said]:
    """The tiers of which no common counts are on record."""
    return [
        Said(
            f"{name} and the leading cities: {tier.replace('_', ' ')}",
            f"{name.zh}与领先城市：{TIERS_ZH.get(tier, tier)}",
        )
        for tier, truth in truths.items()
        if truth is None
    ]


def _place_said(name: Said, count: Interval, rank: Interval, cities_count: int) -> Said:
    """Bounds of the little giants of a city, and of its rank."""
    return Said(
        f"{name}: {count.lower} to {count.upper} little giants, rank "
        f"{rank.lower} to {rank.upper} of {cities_count}",
        f"{name.zh}：“小巨人”{count.lower}至{count.upper}家，"
        f"位次{rank.lower}至{rank.upper}（共{cities_count}位）",
    )


def _giants(name: Said) -> Said:
    return Said(f"{name}: little giants", f"{name.zh}：“小巨人”数")


def _tested(leaders: Said) -> Said:
    return Said(
        f"Tested: fewer firms than {leaders}, tier by tier; how far behind is not defined.",
        f"所检验的是：各层级企业均少于{leaders.zh}；落后多少未作界定。",
    )


def _stocks(counts: pd.DataFrame, tier: str) -> pd.DataFrame:
    """Firms of a tier, the largest figure of each date (rows) and place (columns)."""
    rows = counts[(counts["indicator_id"] == tier) & (counts["measure"] == "stock")]
    return rows.pivot_table(index="as_of", columns="place_id", values="firms_count", aggfunc="max")


def _behind(setting: Setting, tier: str, own: str, leaders: list[str]) -> bool | None:
    """Whether a place has fewer firms of a tier than each leader at the latest common date."""
    table = setting.once(f"stocks of {tier}", lambda: _stocks(setting.tables["city_counts"], tier))
    table = table.reindex(columns=[own, *leaders]).dropna()
    if table.empty:
        return None
    latest = table.sort_index().iloc[-1]
    return bool((latest[leaders] > latest[own]).all())


RULES = {
    "district_share": Rule(district_share),
    "district_order": Rule(district_order),
    "district_density": Rule(district_density),
    "industry_order": Rule(industry_order),
    "industry_share": Rule(industry_share),
    "untested": Rule(untested),
    "behind_leaders": Rule(behind_leaders, by_basis=True),
}
