"""Sentences of the notebook on national trends, said from its results in the study's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

import pandas as pd

from helpers.analysis.shares import span_text
from helpers.evidence.bilingual import Said
from helpers.publish.phrases import batches_name, join_names, listed, percent, place_names
from helpers.publish.teller import Teller
from helpers.publish.trend_views import basis_names


def sums(study: Teller, table: pd.DataFrame) -> str:
    """Each published total as the sum it is, one line a basis.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.basis_table``.

    Returns
    -------
    str
    """
    lists = table.groupby("basis")["firms_count"].agg(list)
    return "\n".join(
        f"- {name}{study.t(': ', '：')}{' + '.join(f'{n:,}' for n in lists[basis])} = **{sum(lists[basis]):,}**"
        for basis, name in basis_names(study.t).items()
    )


def leaders(study: Teller, table: pd.DataFrame, focal: str, named: Sequence[str]) -> str:
    """Share and rank of the focal province, the first four, and the four that the study names.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        All units of batches 1-2: columns place_id, firms_count, share_pct, rank.
    focal : str
        place_id of the focal province.
    named : sequence of str
        place_id of the provinces that the study names.

    Returns
    -------
    str
    """
    own, total = table.set_index("place_id").loc[focal], int(table["firms_count"].sum())
    first = table.nsmallest(4, "rank", keep="all")
    held = int(table.loc[table["place_id"].isin(named), "firms_count"].sum())
    name, four = study.name(focal), place_names(study, named)
    top = counted(study, first, "{} ({})", "{}（{}家）")
    return study.t(
        f"{name} holds {own['firms_count']:,} of {total:,} firms ({own['share_pct']:.2f} %) and ranks {own['rank']} of "
        f"{len(table)}; tied units share a rank. The first four are {top}. The four provinces the study names ({four}) "
        f"hold {held:,} of {total:,} ({percent(held / total, 2, study.t)}).",
        f"{name}有{own['firms_count']:,}家，占全部{total:,}家的{own['share_pct']:.2f}%，在{len(table)}个单位中位列第{own['rank']}，"
        f"并列者位次相同。前四位为{top}。原研究所列四省（{four}）共{held:,}家，占{total:,}家的{percent(held / total, 2, study.t)}。",
    )


def counted(study: Teller, table: pd.DataFrame, en: str = "{} {}", zh: str = "{}{}家") -> str:
    """Places with their counts as a phrase.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Columns place_id, firms_count.
    en, zh : str
        Forms with a gap for the name and one for the count.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> counted(study, pd.DataFrame({"place_id": ["a", "b"], "firms_count": [1200, 3]}))
    'A 1,200 and B 3'
    """
    form = study.t(en, zh)
    rows = table.itertuples()
    return join_names((form.format(study.name(r.place_id), f"{r.firms_count:,}") for r in rows), study.language)  # fmt: skip


def determined(study: Teller, known: pd.DataFrame) -> str:
    """Of how many units the count is determined, by range of batches.

    Parameters
    ----------
    study : Teller
    known : DataFrame
        From ``analysis.shares.status_table``.

    Returns
    -------
    str
    """
    t, units = study.t, len(known)
    parts = [
        t(f"{batches_name(str(span), t)} **{number} of {units}**", f"{batches_name(str(span), t)}**{number}个**")
        for span, number in (known == "exact").sum().items()
    ]  # fmt: skip
    return t(
        f"Units whose count is determined on the basis {study.basis_name}: {'; '.join(parts)}.",
        f"口径为{study.basis_name}时，数量可以确定的单位（共{units}个）：{'，'.join(parts)}。",
    )


def focal_bounds(
    study: Teller, focal: str, spans: Sequence[tuple[int, int]], counts: Sequence[Said],
    ranks: Sequence[Said], units: int,
) -> str:  # fmt: skip
    """Bounds of the focal province's count, share and rank, one line a range of batches.

    Parameters
    ----------
    study : Teller
    focal : str
        place_id.
    spans : sequence of (first, last)
        Batches.
    counts, ranks : sequence of Said
        From ``evidence.provinces.bounds_text`` and ``claim_rules.nation.range_text``.
    units : int
        Number of units ranked.

    Returns
    -------
    str
    """
    lines = []
    for span, count, rank in zip(spans, counts, ranks, strict=True):
        label = batches_name(span_text(*span), study.t)
        lines.append(
            study.t(
                f"- {study.name(focal)}, {label}: {count}; rank {rank} of {units}",
                f"- {study.name(focal)}，{label}：{count.zh}；{units}个单位中第{rank.zh}位",
            )
        )
    return "\n".join(lines)


def four_shares(
    study: Teller, early: tuple[int | None, int], late: tuple[int | None, int | None] | None
) -> str:
    """What the four provinces held in batches 1-2 and in batch 5.

    Parameters
    ----------
    study : Teller
    early : (count, total)
        Of batches 1-2, which are complete.
    late : (count, total) or None
        Of batch 5, None for what is not determined; None where the run ends before it.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> four_shares(study, (557, 1832), (None, 3671))
    'In batches 1-2 the four held 30.40 %; in batch 5 alone: not determined on this basis.'
    """
    t, held, total = study.t, early[0] or 0, early[1]
    first = t(
        f"In batches 1-2 the four held {percent(held / total, 2, t)}",
        f"第1—2批四省合计占{percent(held / total, 2, t)}",
    )
    if late is None:
        return first + t(".", "。")
    if late[0] and late[1]:
        share = percent(late[0] / late[1], 2, t)
        then = t(
            f"{late[0]:,} of {late[1]:,} ({share})", f"{late[1]:,}家中的{late[0]:,}家（{share}）"
        )
    else:
        then = t("not determined on this basis", "本口径下无法确定")
    return first + t(f"; in batch 5 alone: {then}.", f"；仅第5批：{then}。")


def implied(
    study: Teller, members: Sequence[str], printed: Sequence[str], later: tuple[Fraction, Fraction],
    found: Said,
) -> str:  # fmt: skip
    """The share of batches 4-5 that two printed shares imply, beside what the figures allow.

    Parameters
    ----------
    study : Teller
    members : sequence of str
        place_id of the provinces.
    printed : (str, str)
        Percentages of batches 1-3 and 1-5 as printed.
    later : (Fraction, Fraction)
        Percentages of batches 4-5 between which the rounding leaves the implied share.
    found : Said
        From ``evidence.provinces.bounds_text``, of batches 4-5.

    Returns
    -------
    str
        One line of a list.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> found = Said("85 of 8,028 (1.06 %)", "85家，占8,028家的1.06%")
    >>> implied(study, ["a"], ("4.48", "2.58"), (Fraction("1.44"), Fraction("1.46")), found)[:79]
    '- A: 4.48 % of batches 1-3 and 2.58 % of batches 1-5 imply 1.44 to 1.46 % of ba'
    """
    t, (low, high) = study.t, (float(end) for end in later)
    return t(
        f"- {place_names(study, members)}: {printed[0]} % of batches 1-3 and {printed[1]} % of batches 1-5 imply "
        f"{low:.2f} to {high:.2f} % of batches 4-5; all completions: {found}.",
        f"- {place_names(study, members)}：由第1—3批占{printed[0]}%、第1—5批占{printed[1]}%可推得第4—5批应占"
        f"{low:.2f}%至{high:.2f}%；一切补全所允许者：{found.zh}。",
    )


def needs(study: Teller, last: int) -> str:
    """What a part of the notebook needs that lies beyond this run.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> needs(study, 3)
    'Needs batches 1 to 3.'
    """
    return str(study.t(f"Needs batches 1 to {last}.", f"需要第1—{last}批的数据。"))


def neighbours(study: Teller, region: pd.DataFrame, similar: pd.DataFrame) -> str:
    """Counts of batches 1-2 in the same region and of economies of similar size.

    Parameters
    ----------
    study : Teller
    region, similar : DataFrame
        Columns place_id, firms_count, in the order told; both hold the focal province.

    Returns
    -------
    str

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(language="en", t=lambda en, zh: en, name=str.upper)
    >>> table = pd.DataFrame({"place_id": ["a"], "firms_count": [3]})
    >>> neighbours(study, table, table)
    'Batches 1-2, same economic region: A 3. Economies of similar size: none.'
    """
    alike = counted(study, similar) if len(similar) > 1 else study.t("none", "无")
    return study.t(
        f"Batches 1-2, same economic region: {counted(study, region)}. "
        f"Economies of similar size: {alike}.",
        f"第1—2批，同一经济区域：{counted(study, region)}。经济规模相近者：{alike}。",
    )


def attaining(
    study: Teller, table: pd.DataFrame, texts: Sequence[str], place: str, known: Mapping[str, int],
    official: Iterable[int], tried: int,
) -> str:  # fmt: skip
    """How many national totals can give printed shares, and which of them with the count on record.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.shares.denominators``.
    texts : (str, str)
        Printed percentages; the first is that of `place`.
    place : str
        place_id.
    known : mapping of printed share to count
        Counts on record.
    official : iterable of int
        Official totals.
    tried : int
        Number of totals tried.

    Returns
    -------
    str
    """
    t, count = study.t, str(known.get(texts[0]))
    own = table[table["reported"] == texts[0]]
    explaining = own.loc[[count in cell.split(";") for cell in own["counts"]], "base"]
    if not known or explaining.empty:
        return t(
            "The count is not on record, or no total tried gives the share with it.",
            "数量无记录，或所试总数均不能由该数量得出此份额。",
        )
    reached = [f"{total:,}" for total in official if total in set(explaining)]
    among = listed(study, reached)
    first, second = ((table["reported"] == text).sum() for text in texts)
    least, most = f"{explaining.min():,}", f"{explaining.max():,}"
    return t(
        f"Of {tried} totals tried, {first} attain {texts[0]} % and {second} attain {texts[1]} % with one rounding. "
        f"With the count of {study.name(place)} on record ({count}), {texts[0]} % comes out only over {least} to {most} "
        f"firms; official totals among them: {among}.",
        f"所试{tried}个总数中，一次四舍五入可得{texts[0]}%的有{first}个，可得{texts[1]}%的有{second}个。"
        f"以{study.name(place)}有记录的数量（{count}家）计，仅当总数为{least}至{most}家时才得{texts[0]}%；其中的官方总数：{among}。",
    )


def decided(study: Teller, table: pd.DataFrame, open_claims: Sequence[str]) -> str:
    """Which open claims one figure decides, which none does, and which have none to try.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.claim_rules.nation.settling_table``.
    open_claims : sequence of str

    Returns
    -------
    str
    """
    t = study.t
    groups = (
        table.loc[table["open_count"] == 0, "claim_id"],
        table.loc[table["open_count"] == table["possible_count"], "claim_id"],
        [claim for claim in open_claims if claim not in set(table["claim_id"])],
    )
    decisive, hopeless, untried = (listed(study, group) for group in groups)
    return t(
        f"Decided by one figure whatever its value: {decisive}. Decided by no value of any single figure tried: "
        f"{hopeless}. No unknown count to try: {untried}.",
        f"只需一个数据、无论取何值均可判定者：{decisive}。所试任一单个数据取任何值均不能判定者：{hopeless}。"
        f"没有未知数可试者：{untried}。",
    )
