"""Sentences on cases whose numbers are rendered, so that they are right for every place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.analysis.configurations import CONDITIONS
from helpers.analysis.paths import (
    LARGEST_BASE,
    NO_PATH,
    Casebook,
    Majority,
    deal_table,
    grade_counts,
    is_part_year,
)
from helpers.publish.case_words import in_words
from helpers.publish.ledger_views import verdict_name
from helpers.publish.phrases import in_a_row
from helpers.publish.teller import Teller, Words

_TABLES = ("firm_statements", "firm_events", "firm_financials", "firm_conditions")


def _percent(part: int, whole: int) -> Words:
    """A fraction with its percentage, halves rounded up, in English and Chinese.

    Examples
    --------
    >>> _percent(5, 8), _percent(1, 8)
    (('5/8 (63 %)', '5/8（63%）'), ('1/8 (13 %)', '1/8（13%）'))
    """
    rounded = (200 * part + whole) // (2 * whole)
    return f"{part}/{whole} ({rounded} %)", f"{part}/{whole}（{rounded}%）"


def _named(study: Teller, names: Sequence[str]) -> str:
    told = in_a_row(names, study.t)
    return str(study.t(f" ({told})", f"（{told}）")) if names else ""


def absent_text(study: Teller, book: Casebook) -> str:
    """That a part has nothing to show for the place.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    str
    """
    place = study.name(book.place_id)
    return str(
        study.t(
            f"*Nothing to show here for {place}: the tables hold no such rows.*",
            f"此处没有可显示的内容：数据表中没有{place}的相应记录。",
        )
    )


def cases_text(study: Teller, book: Casebook) -> str:
    """How many cases a place has, or which tables would supply them.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    str
    """
    place, cases = study.name(book.place_id), len(book.cases)
    if cases:
        others = len(book.firms) - cases
        return str(
            study.t(
                f"Firms of {place} with a path: {cases}; others shown beside them: {others}.",
                f"{place}有成长路径的企业：{cases}家；另列对照企业：{others}家。",
            )
        )
    files = [f"`{name}.csv`" for name in _TABLES]
    return str(
        study.t(
            f"**No case for {place}.** The study names no firm there, and nothing is put in its "
            f"place. Cases would come from `firms.csv` and `growth_paths.csv`, with "
            f"{', '.join(files[:-1])} and {files[-1]} for what is known of them, in the folder given "
            "as `data_dir`.",
            f"**{place}没有案例**。原研究未列出当地企业，这里也不以其他企业代替。案例应来自`firms.csv`与"
            f"`growth_paths.csv`，对各企业所知的情况来自{'、'.join(files)}，"
            "均放在`data_dir`所指的文件夹中。",
        )
    )


def documentation_text(study: Teller, book: Casebook) -> str:
    """How many statements are borne out, and for which firms none is.

    Parameters
    ----------
    study : Teller
    book : Casebook
        With statements.

    Returns
    -------
    str
    """
    statements = in_words(study, book).statements
    total = grade_counts(statements, "path_id").sum()
    how = statements[statements["mode"].notna()]
    unseen = int((how["documentation"] == "undocumented").sum())
    of_how = _percent(unseen, len(how)) if len(how) else ("0", "0")
    grades = statements.groupby("firm", sort=False)["documentation"]
    bare = [str(firm) for firm, cells in grades if set(cells) == {"undocumented"}]
    alone, names = _percent(total["undocumented"], total["total"]), _named(study, bare)
    return str(
        study.t(
            f"Of {total['total']} statements, documented: {total['documented']}, partly: "
            f"{total['partly']}, conflicting: {total['conflicting']}, **not found elsewhere: "
            f"{alone[0]}**. Of the {len(how)} that name *how* a firm grew, {of_how[0]} were not "
            f"found elsewhere. No record was found for any statement on {len(bare)} of "
            f"{grades.ngroups} firms{names}.",
            f"{total['total']}条陈述中，有佐证{total['documented']}条，部分佐证{total['partly']}条，"
            f"相互矛盾{total['conflicting']}条，**仅见原文{alone[1]}**。其中说明企业如何成长的"
            f"{len(how)}条，仅见原文者{of_how[1]}。{grades.ngroups}家企业中，有{len(bare)}家的任何一条"
            f"陈述都未查到记录{names}。",
        )
    )


def base_text(study: Teller, book: Casebook) -> str:
    """Which bases printed shares and named firms allow, and how many firms have no path.

    Parameters
    ----------
    study : Teller
    book : Casebook
        With cases.

    Returns
    -------
    str
    """
    found, counts, t = book.found, list(book.named.values()), study.t
    if not book.reported:
        return str(
            t(
                f"No share is printed for these paths; the {sum(counts)} firms named are counted among "
                "themselves.",
                f"原研究没有给出这些路径的占比；所列{sum(counts)}家企业只在彼此之间计数。",
            )
        )
    by_path = in_a_row(counts, t)
    bases = in_a_row(found.bases, t) or t("none", "无")
    shares = list(book.reported.values())
    start = t(
        f"Shares of {', '.join(shares)} % can all be counts over these bases up to {LARGEST_BASE}: "
        f"{bases}. ",
        f"所列占比{'、'.join(f'{share}%' for share in shares)}可同时由{LARGEST_BASE}以内的以下基数得出："
        f"{bases}。",
    )
    return str(start + t(*_named_firms(found.base, by_path, found.exact, found.left)))


def _named_firms(base: int, by_path: str, exact: Sequence[int], left: int) -> Words:
    """What follows if the firms named are all the firms of their paths."""
    if not exact:
        return (
            f"Over none of them do the firms named ({by_path} by path) give the printed shares, so "
            f"that only the {base} named can be counted.",
            f"以其中任何一个为基数，所列企业（按路径为{by_path}家）都得不出所列占比，"
            f"因此只能在所列{base}家之内计数。",
        )
    without, bases = _percent(left, base), [str(number) for number in exact]
    return (
        f"If the firms named ({by_path} by path) are all that the paths have, the bases left are "
        f"{', '.join(bases)}. Over {base} firms, **{without[0]} have no path**.",
        f"若所列企业（按路径为{by_path}家）就是各路径的全部企业，余下的基数为{'、'.join(bases)}。"
        f"以{base}家为基数，**{without[1]}没有路径**。",
    )


def bounds_text(study: Teller, book: Casebook, shares: pd.DataFrame) -> str:
    """How far each share could move, and what a sampling interval would add.

    Parameters
    ----------
    study : Teller
    book : Casebook
    shares : DataFrame
        From ``paths.path_shares``, with rows.

    Returns
    -------
    str
    """
    names, found = book.routes.set_index("path_id")[f"name_{study.language}"], book.found
    english, chinese = [], []
    for row in shares[shares["path_id"] != NO_PATH].itertuples():
        least, most = (f"{n}/{row.base_count}" for n in (row.firms_count, row.most_count))
        low, high = f"{row.sampling_low_pct:.1f}", f"{row.sampling_high_pct:.1f}"
        english.append(f"{names[row.path_id]} between {least} and {most} [{low} to {high} %]")
        chinese.append(f"{names[row.path_id]}在{least}至{most}之间［{low}%至{high}%］")
    inferred = (
        f"the base of {found.base} is inferred and {found.left} of its firms are not named",
        f"{found.base}家这一基数是推得的，其中{found.left}家未列名",
    )
    alone = (
        f"only the {found.base} firms named are counted, and their number was not drawn",
        f"只计所列的{found.base}家企业，其数目也不是抽取所得",
    )
    given = inferred if found.exact else alone
    return str(
        study.t(
            f"Wherever the {found.left} firms without a path belong: {'; '.join(english)}. In brackets "
            "is the exact 95 % interval of each share, had the firms been drawn independently with "
            f"one chance of each path. Nobody drew them: {given[0]}. If the base is right, it is a "
            "full list and no sample. So no such interval enters a verdict; the bounds need no model, "
            "but they hold for this base alone.",
            f"无论没有路径的{found.left}家企业属于何处：{'；'.join(chinese)}。方括号内为各占比的精确95%"
            "置信区间，假定各企业系独立抽取、归入某一路径的概率相同。但企业并非抽取而来："
            f"{given[1]}。如果基数无误，名单就是全体而不是样本。因此这类区间不进入任何判定；"
            "识别界不依赖模型，但只对这一基数成立。",
        )
    )


def readings_text(study: Teller, readings: pd.DataFrame) -> str:
    """How many readings survive, on the inferred base and on every base.

    Parameters
    ----------
    study : Teller
    readings : DataFrame
        From ``paths.readings_by_base``, with rows.

    Returns
    -------
    str
    """
    sure = int((readings["holds"] == "all").sum())
    anywhere = int((readings["holds_on_any_base"] == "all").sum())
    never = int((readings["holds"] == "none").sum())
    return str(
        study.t(
            f"**{sure} of {len(readings)} readings survive every allocation** on the base used and "
            f"{anywhere} on every base left open. Readings that no allocation satisfies: {never}.",
            f"以所用的基数计，**{len(readings)}种读法中有{sure}种在任何归属下都成立**；"
            f"在所有可能的基数上都成立的有{anywhere}种。任何归属都不能满足的读法：{never}种。",
        )
    )


def majority_text(study: Teller, book: Casebook, ages: pd.DataFrame, trade: Majority) -> str:
    """What is known of the two halves of "most are old firms of traditional industries".

    Parameters
    ----------
    study : Teller
    book : Casebook
        With cases.
    ages : DataFrame
        From ``paths.age_majorities``.
    trade : Majority
        Firms of traditional industries.

    Returns
    -------
    str
    """
    low, high = _percent(trade.yes, trade.base), _percent(trade.base - trade.no, trade.base)
    unknown, verdict = trade.base - trade.yes - trade.no, verdict_name(study, trade.verdict)
    industry = study.t(
        f"*Traditional:* coded so {trade.yes}, coded otherwise {trade.no}, unknown {unknown}; the "
        f"share lies between {low[0]} and {high[0]}: **{verdict}**.",
        f"**传统产业**：编码为是的{trade.yes}家，为否的{trade.no}家，未知{unknown}家；比重在{low[1]}与"
        f"{high[1]}之间，判定为**{verdict}**。",
    )
    return _old_text(study, book, ages) + str(study.t(" ", "")) + str(industry)


def _old_text(study: Teller, book: Casebook, ages: pd.DataFrame) -> str:
    """How many firms are known to be old, for every limit that a date suggests."""
    if ages.empty:
        return str(
            study.t(
                f"*Old:* nothing is dated for any of {len(book.cases)} firms.",
                f"**老企业**：{len(book.cases)}家企业都没有可考的年份。",
            )
        )
    first, last = ages.iloc[0], ages.iloc[-1]
    return str(
        study.t(
            f"*Old:* the study sets no year, so every limit is tried. With the limit at {last['year']} "
            f"or later, {last['old_count']} of {last['base_count']} firms are known to be as old and "
            f"{last['young_count']} to be younger; at {first['year']} or earlier, "
            f"{first['old_count']} and {first['young_count']}. ",
            f"**老企业**：原研究未给出年限，因此逐一试用各种界限。以{last['year']}年或更晚为界，"
            f"{last['base_count']}家企业中已知同样老或更老的{last['old_count']}家，"
            f"已知较年轻的{last['young_count']}家；以{first['year']}年或更早为界，"
            f"分别为{first['old_count']}家和{first['young_count']}家。",
        )
    ) + _verdicts_by_limit(study, ages)


def _verdicts_by_limit(study: Teller, ages: pd.DataFrame) -> str:
    """The verdict for every limit, in one sentence.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> english = SimpleNamespace(t=lambda en, zh: en)
    >>> table = pd.DataFrame({"year": [2009, 2010], "verdict": ["contradicted", "entailed"]})
    >>> _verdicts_by_limit(english, table), _verdicts_by_limit(english, table.head(1))
    ('**Contradicted** up to 2009, **entailed** from 2010.', '**Contradicted** for every limit.')
    >>> _verdicts_by_limit(SimpleNamespace(t=lambda en, zh: zh), table)
    '判定：界限在2009年以前（含）为**不符**，自2010年起为**必然成立**。'
    """
    runs = ages[ages["verdict"] != ages["verdict"].shift()]
    words = [verdict_name(study, word) for word in runs["verdict"]]
    if len(runs) == 1:
        return str(
            study.t(
                f"**{words[0].capitalize()}** for every limit.",
                f"无论界限定在何年，判定均为**{words[0]}**。",
            )
        )
    starts = list(runs["year"].iloc[1:])
    ends = [year - 1 for year in starts]
    inner = list(zip(starts[:-1], ends[1:], strict=True))
    english = [
        f"up to {ends[0]}", *(f"from {start} to {end}" for start, end in inner), f"from {starts[-1]}",
    ]  # fmt: skip
    chinese = [
        f"{ends[0]}年以前（含）", *(f"{start}至{end}年" for start, end in inner), f"自{starts[-1]}年起",
    ]  # fmt: skip
    told = [f"**{word}** {span}" for word, span in zip(words, english, strict=True)]
    told[0] = told[0].replace(told[0][2], told[0][2].upper(), 1)
    spans = [f"{span}为**{word}**" for word, span in zip(words, chinese, strict=True)]
    return str(study.t(f"{', '.join(told)}.", f"判定：界限在{'，'.join(spans)}。"))


def diversity_text(
    study: Teller, matrix: pd.DataFrame, rows: pd.DataFrame, occupied: tuple[int, int],
    pairs: Mapping[str, int],
) -> str:  # fmt: skip
    """Limited diversity and contradictions, with and without silence read as absence.

    Parameters
    ----------
    study : Teller
    matrix : DataFrame of boolean
        From ``configurations.coding``.
    rows : DataFrame
        From ``configurations.truth_table``.
    occupied : (fewest, most)
        From ``configurations.occupied_rows``.
    pairs : mapping
        From ``configurations.pair_counts``.

    Returns
    -------
    str
    """
    size, clashes = 2 ** len(CONDITIONS), int(rows["contradiction"].sum())
    known = _percent(int(matrix.notna().to_numpy().sum()), matrix.size)
    fewest, most = occupied
    return str(
        study.t(
            f"{known[0]} of the cells are known. Read as it stands, with silence for absence, the "
            f"coding fills {len(rows)} of {size} rows, {clashes} of them with cases of more than one "
            f"path. With unknown left unknown the cases fill between {fewest} and {most} rows, and of "
            f"{sum(pairs.values())} pairs of cases on different paths **{pairs['told_apart']} are told "
            f"apart by a known condition**; {pairs['alike']} are alike, and {pairs['open']} could be "
            "either.",
            f"已知的单元格为{known[1]}。照字面读，即把未述及当作不具备，案例落在{size}行中的{len(rows)}行，"
            f"其中{clashes}行含有不止一条路径的案例。若让未知仍为未知，案例占{fewest}至{most}行；"
            f"路径不同的案例共{sum(pairs.values())}对，**能由已知条件区分的有{pairs['told_apart']}对**，"
            f"完全相同的{pairs['alike']}对，两种可能都有的{pairs['open']}对。",
        )
    )


def deals_text(study: Teller, book: Casebook) -> str:
    """Deals behind the ownership records, and where nothing is dated.

    Parameters
    ----------
    study : Teller
    book : Casebook
        With events.

    Returns
    -------
    str
    """
    t, told, colon = study.t, in_words(study, book), study.t(": ", "：")
    deals = deal_table(book.events).merge(told.firms[["firm_id", "firm", "path"]])
    several = [
        t("{} {}: {}", "{}{}年{}条").format(deal.firm, deal.first_date[:4], deal.records_count)
        for deal in deals[deals["records_count"] > 1].itertuples()
    ]
    on_path = deals["path"].value_counts()
    by_path = [
        f"{row.route}{colon}{on_path.get(row.path_id, 0)}" for row in told.routes.itertuples()
    ]
    retold, paths = in_a_row(several, study.t), t("; ", "；").join(by_path)
    records, dated, undated = deals["records_count"].sum(), len(book.events), len(book.undated)
    return str(
        t(
            f"Ownership: {records} of {dated} dated records, which belong to **{len(deals)} "
            f"deal{'' if len(deals) == 1 else 's'}**, each counted once"
            + (f" (with several records: {retold})" if several else "")
            + (f". Deals by path: {paths}" if by_path else "")
            + f". No dated event was found for {undated} of {len(book.cases)} firms with a path.",
            f"所有权：{dated}条有日期的记录中占{records}条，分属**{len(deals)}宗交易**，每宗只计一次"
            + (f"（有多条记录者：{retold}）" if several else "")
            + (f"。按路径计的交易：{paths}" if by_path else "")
            + f"。{len(book.cases)}家有路径的企业中，{undated}家未查到有日期的事件。",
        )
    )


def figures_text(study: Teller, book: Casebook) -> str:
    """For how many cases any figure, and a yearly revenue, was found.

    Parameters
    ----------
    study : Teller
    book : Casebook

    Returns
    -------
    str
    """
    own = in_words(study, book).figures
    own = own[own["path"].notna()]
    part = own["period"].map(is_part_year).astype("bool")
    yearly = own[(own["metric"] == "revenue") & ~part]
    some, revenue = (list(frame["firm"].unique()) for frame in (own, yearly))
    names = [_named(study, found) for found in (some, revenue)]
    return str(
        study.t(
            f"Any figure was found for {len(some)} of {len(book.cases)} firms with a path{names[0]}, "
            f"yearly revenue for {len(revenue)}{names[1]}.",
            f"{len(book.cases)}家有路径的企业中，查到任何一项数据的{len(some)}家{names[0]}，"
            f"查到年度营业收入的{len(revenue)}家{names[1]}。",
        )
    )


def worked_text(
    study: Teller, worked: pd.DataFrame, tallies: pd.DataFrame, years: Mapping[str, str]
) -> str:
    """How many firm-years the published figures decide under each act.

    Parameters
    ----------
    study : Teller
    worked, tallies : DataFrame
        From ``firm_years.worked_cases`` and ``firm_years.decided_counts``, with rows.
    years : mapping of str to str
        Year of the act by tier_id, from ``paths.act_years``.

    Returns
    -------
    str
    """
    english, chinese = [], []
    for tier, part in tallies.groupby("tier_id", sort=False):
        outcomes = part["tier_outcome"].value_counts()
        fails, meets, still = (outcomes.get(w, 0) for w in ("fails", "meets", "cannot be told"))
        english.append(
            f"held against the measures of {years[str(tier)]}, {fails} fail a condition they cannot do "
            f"without, {meets} meet all, and for {still} the figures do not say"
        )
        chinese.append(
            f"对照{years[str(tier)]}年办法，{fails}个有不可缺少的条件未满足，{meets}个满足全部条件，"
            f"{still}个凭现有数据无法判断"
        )
    firm_years = len(worked.drop_duplicates(["firm_id", "year"]))
    share = _percent(int(tallies["open"].sum()), int(tallies["conditions"].sum()))
    return str(
        study.t(
            f"Of {firm_years} firm-years: {'; '.join(english)}. **{share[0]} of the conditions stay "
            "open.**",
            f"{firm_years}个企业年度中：{'；'.join(chinese)}。**{share[1]}的条件仍无法判断**。",
        )
    )
