"""Rules on growth paths: shares over an inferred base, and statements on named firms.

All of them look at the focal city alone, so that a place without firms in the tables gives a
finding without sources.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.analysis import paths
from helpers.analysis.configurations import MODE_CONDITIONS, TRADITIONAL, coding
from helpers.analysis.tiers import STUDY_SOURCE
from helpers.evidence.bilingual import Said, join, name_of
from helpers.evidence.claims import (
    DOCUMENTATION_ZH,
    VERDICTS_ZH,
    ClaimTest,
    Finding,
    Rule,
    Setting,
)
from helpers.evidence.granularity import inferred_decision
from helpers.evidence.sources import ids_of


def _book(setting: Setting) -> paths.Casebook:
    return setting.once("casebook", lambda: paths.casebook(setting.tables, setting.city_id))


def _ranges(numbers: Sequence[int]) -> Said:
    """Whole numbers in ascending order, neighbours as a range."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return join(
        (
            str(run[0]) if len(run) == 1 else Said(f"{run[0]}-{run[-1]}", f"{run[0]}—{run[-1]}")
            for run in runs
        ),
        ", ",
        "、",
    )


def _settling(place: Said, path: str, reported: dict[str, str], named: dict[str, int]) -> str:
    """The number of firms in all, as the one figure that could settle a share."""
    alone = paths.open_bases({path: reported[path]}, named)
    if not alone:
        return ""
    joint = set(alone) & set(paths.open_bases(reported, named))
    ranges = _ranges(alone)
    return Said(
        f"The number of little giants of {place}: any number up to "
        f"{paths.LARGEST_BASE} other than {ranges} would rule this share out, "
        f"{named[path]} firms being named; with one of these, {len(joint)} of which fit all "
        f"{len(reported)} printed shares, the firms on the path would still be needed.",
        f"{place.zh}的“小巨人”数：{paths.LARGEST_BASE}以内除{ranges.zh}外的任何数均可否定该占比"
        f"（已列名{named[path]}家）；若为其中之一（其中{len(joint)}个符合全部{len(reported)}个所列占比），"
        "仍需该路径的企业数。",
    )


def path_share(setting: Setting, test: ClaimTest) -> Finding:
    """Whether the firms named under a path give its printed share over the inferred base.

    Looks at ``growth_paths`` and ``firms`` of the focal city; the path is in ``subject_ids``. The
    full list of the city's little giants is always missing, since the base is inferred from the
    shares: they are consistent if some base up to 100 gives every printed share by the firms named,
    else unattainable. Without a printed share of the path there is nothing to test.
    """
    (path,), place = test.subject_ids, setting.name(setting.city_id)
    book = _book(setting)
    reported, named, found = book.reported, book.named, book.found
    missing = [
        Said(
            f"the full list of {place}'s little giants with the path of each",
            f"{place.zh}“小巨人”完整名单及各企业路径",
        )
    ]
    if path not in reported:
        return Finding(missing=missing)
    origin, fits = (
        (
            Said("inferred from the shares themselves", "由占比本身推断"),
            Said("The base fits by construction", "基数由构造而相符"),
        )
        if found.exact
        else (
            Said("those named: no base fits", "即已列名者：没有相符的基数"),
            Said("No base fits the firms named", "没有与已列名企业相符的基数"),
        )
    )
    return Finding(
        computed=f"{named[path]}/{found.base}",
        base=Said(f"{found.base} firms, {origin}", f"{found.base}家，{origin.zh}"),
        decision=inferred_decision(found.exact),
        missing=missing,
        detail=Said(
            f"{fits}; {found.left} of {found.base} firms have no path.",
            f"{fits.zh}；{found.base}家中{found.left}家未注明路径。",
        ),
        sources=ids_of(book.routes["source_id"]),
        settles=_settling(place, path, reported, named),
    )


def one_mechanism(setting: Setting, test: ClaimTest) -> Finding:
    """Whether all firms of a path grew the same way, by what is said of each and how it is coded.

    Looks at ``firm_statements`` and ``firm_conditions`` of the focal city; ``subject_ids`` are the
    path and the mode. A firm coded without the condition of the mode contradicts the claim. A firm
    of which it is unknown leaves it open, whatever else is said of that firm: one way of growth
    rules out no other. Where all are coded with it, the claim holds only if every statement is
    documented, since the study's own sentences cannot confirm it. Without a statement that names a
    mode there is nothing to test.
    """
    (path, mode), book = test.subject_ids, _book(setting)
    said = book.statements[(book.statements["path_id"] == path) & book.statements["mode"].notna()]
    if said.empty:
        return Finding()
    cases = book.cases[book.cases["path_id"] == path]
    coded = coding(book.conditions, cases["firm_id"])[MODE_CONDITIONS[mode]]
    with_it, without = int(coded.fillna(False).sum()), int((~coded.fillna(True)).sum())
    modes = said["mode"].value_counts()
    grades = said.groupby("firm_id")["documentation"].agg(paths.combined_grade)
    shown = coded.fillna(False) & (grades.reindex(coded.index) == "documented")
    bare = _firms(cases[~shown.to_numpy(dtype=bool)])
    word, total = mode_said(mode), len(cases)
    return Finding(
        holds=not without,
        missing=[Said(f"a record of the {word} for {bare}", f"{bare.zh}的{word.zh}记录")]
        if bare and not without
        else [],
        decision="consistent",
        base=Said(
            f"{total} firms on the path, {said['firm_id'].nunique()} with a sentence on how it grew",
            f"该路径{total}家，其中{said['firm_id'].nunique()}家有关于成长方式的表述",
        ),
        computed=join((_counted(str(name), n) for name, n in modes.items()), ", ", "，"),
        interval=join([f"{with_it}/{total}", f"{total - without}/{total}"], " to ", "至"),
        documentation=paths.combined_grade(said["documentation"]),
        detail=Said(
            f"Coded with {word}: {with_it}, without: {without}, unknown: "
            f"{total - with_it - without}. A sentence that names another way does not rule this one out.",
            f"编码为有{word.zh}：{with_it}家，无：{without}家，未知：{total - with_it - without}家。"
            "提及其他方式的表述并不排除这一方式。",
        ),
        sources=[STUDY_SOURCE],
        settles=Said(
            f"Records of the {word} for {bare}: one that rules it out for any of them "
            "would contradict the claim, one that shows it for each of them would confirm it.",
            f"{bare.zh}的{word.zh}记录：任何一家被排除即否定该论断，逐家得到证明则证实。",
        )
        if bare
        else "",
    )


MODES_ZH = {
    "acquisition": "并购", "technology_import": "技术引进", "invited_investment": "招商引资",
    "import_substitution": "进口替代",
}  # fmt: skip


def mode_said(mode: str) -> Said:
    """A way of growth in words."""
    return Said(mode.replace("_", " "), MODES_ZH.get(mode, mode))


def _counted(mode: str, count: int) -> Said:
    word = mode_said(mode)
    return Said(f"{word}: {count}", f"{word.zh}：{count}家")


def _firms(rows: pd.DataFrame) -> Said:
    """Names of firms."""
    return join(map(name_of, rows["name_short_en"], rows["name_short_zh"]), ", ", "、")


def statements(setting: Setting, test: ClaimTest) -> Finding:
    """How far the statements on the firms in ``subject_ids`` are documented together.

    Looks at ``firm_statements`` of firms of the focal city: for a mechanism at those that name it,
    for any other claim at all. No number is made up, so that the claim stays untestable with its
    grade; an undocumented statement is a missing record.
    """
    book = _book(setting)
    given = book.statements
    given = given[given["firm_id"].isin(test.subject_ids)]
    if given.empty:
        return Finding()
    bearing = given[given["mode"].notna()] if test.kind == "mechanism" else given
    names = book.cases.drop_duplicates("firm_id").set_index("firm_id")
    told = [
        _graded(names.loc[row.firm_id], row.topic, row.documentation) for row in given.itertuples()
    ]
    return Finding(
        documentation=paths.combined_grade(bearing["documentation"]),
        base=Said(
            f"{len(bearing)} of {len(given)} statements", f"{len(given)}条陈述中的{len(bearing)}条"
        ),
        detail=join(told),
        sources=ids_of(given["source_id"]),
    )


TOPICS_ZH = {
    "technology": "技术", "position": "地位", "origin": "来源", "resource": "资源",
    "ownership": "所有权", "product": "产品",
}  # fmt: skip


def _graded(firm: pd.Series, topic: str, grade: str) -> Said:
    """The grade of a statement on a firm."""
    name = name_of(firm["name_short_en"], firm["name_short_zh"])
    told = TOPICS_ZH.get(topic, topic)
    return Said(f"{name}, {topic}: {grade}", f"{name.zh}，{told}：{DOCUMENTATION_ZH[grade]}")


def two_majorities(setting: Setting, test: ClaimTest) -> Finding:
    """Whether most little giants can be old firms, and whether most can be of traditional industries.

    Looks at ``firms``, ``firm_events`` and ``firm_conditions`` of the focal city. Both halves are
    judged by :class:`paths.Majority` over all completions of what is unknown; the first for every
    year that might make a firm old, since the claim sets none. The base is inferred at best, so that
    nothing is entailed; a half is contradicted only if it is so on the largest base left open, and
    the first half only if it is so for every limit. Without a date and a coded industry there is
    nothing to test.
    """
    book = _book(setting)
    found = book.found
    coded = book.conditions[book.conditions["condition"] == TRADITIONAL].dropna(subset="value")
    ages = paths.age_majorities(book.cases, book.events, max(found.base, 1))
    if coded.empty and ages.empty:
        return Finding()
    trade = paths.coded_majority(coded, TRADITIONAL, found.base)
    halves = _halves(book, coded)
    origin = Said("inferred", "推断") if found.exact else Said("those named", "即已列名者")
    ends = [f"{trade.yes}/{trade.base}", f"{trade.base - trade.no}/{trade.base}"]
    shown = join((_half(half, verdict) for half, verdict in halves.items()))
    place = setting.name(setting.city_id)
    return Finding(
        decision="contradicted" if "contradicted" in halves.values() else "consistent",
        missing=[
            Said(
                f"founding year and industry of every little giant of {place}",
                f"{place.zh}每家“小巨人”的成立年份与行业",
            )
        ],
        base=Said(f"{found.base} firms, {origin}", f"{found.base}家，{origin.zh}"),
        computed=_counted_halves(trade, ages),
        interval=Said(f"traditional: {' to '.join(ends)}", f"传统行业：{'至'.join(ends)}"),
        detail=Said(
            "The claim sets no year that makes a firm old; every limit was tried. "
            f"{shown}. {found.left} of {found.base} firms are not even named.",
            f"论断未定何年以前成立为“老”；各种界限均已试过。{shown.zh}。"
            f"{found.base}家中{found.left}家连名称都没有。",
        ),
        sources=ids_of(coded["source_id"], paths.dating(book.cases, book.events)["source_id"]),
        settles=Said(
            f"A list of {place}'s little giants with the industry of each: half of them outside "
            "the traditional industries would contradict the claim. To confirm it, their founding years "
            "and the year that makes a firm old would be needed too.",
            f"{place.zh}“小巨人”名单及各企业行业：半数不属传统行业即否定该论断。"
            "若要证实，还需各企业成立年份以及何年以前为“老”的界限。",
        ),
    )


def _halves(book: paths.Casebook, coded: pd.DataFrame) -> dict[str, str]:
    """What each half of the claim comes to on the largest base left open."""
    open_bases = paths.open_bases(book.reported, book.named)
    largest = max(open_bases, default=paths.LARGEST_BASE)
    limits = set(paths.age_majorities(book.cases, book.events, largest)["verdict"])
    return {
        "traditional": paths.coded_majority(coded, TRADITIONAL, largest).verdict,
        "old": "contradicted" if limits == {"contradicted"} else "consistent",
    }


def _counted_halves(trade: paths.Majority, ages: pd.DataFrame) -> Said:
    """Firms known to be of traditional industries, and known to be old or young."""
    counted = Said(
        f"traditional: {trade.yes}, not: {trade.no}",
        f"传统行业：{trade.yes}家，非传统：{trade.no}家",
    )
    if ages.empty:
        return counted
    last, young = ages.iloc[-1], ages["young_count"].max()
    dated = Said(
        f"known to exist by {last['year']}: {last['old_count']}, known to be younger than a "
        f"limit: at most {young}",
        f"已知{last['year']}年前即存在：{last['old_count']}家，已知晚于某一界限：至多{young}家",
    )
    return join([counted, dated])


def _half(half: str, verdict: str) -> Said:
    """The verdict of one half of a claim."""
    halves = {"traditional": "传统行业", "old": "老企业"}
    return Said(f"{half}: {verdict}", f"{halves[half]}：{VERDICTS_ZH[verdict]}")


def no_indicator(setting: Setting, test: ClaimTest) -> Finding:
    """A judgement for which the study names no indicator, so that no table bears on it."""
    told = "The study gives the judgement without an indicator."
    return Finding(detail=Said(told, "原研究作出该判断而未给出指标。"))


RULES: dict[str, Rule] = {
    "path_share": Rule(path_share),
    "one_mechanism": Rule(one_mechanism),
    "statements": Rule(statements),
    "two_majorities": Rule(two_majorities),
    "no_indicator": Rule(no_indicator),
}
