"""Tables of the concept notebook as a reader sees them: headings, words and record in one language."""

from __future__ import annotations

import pandas as pd

from helpers.analysis import tiers
from helpers.publish.figures import COLOURS, Record

Table = tuple[pd.DataFrame, Record]

# Tiers that are drawn, from the widest, with their words and colour.
DRAWN_TIERS = {
    "tech_and_innovative_sme": ("technology-based and\ninnovative SMEs", "科技和创新型\n中小企业", "fourth"),
    "innovative_sme": ("innovative SMEs", "创新型中小企业", "third"),
    "srdi_sme": ("SRDI SMEs", "专精特新中小企业", "main"),
    "little_giant": ("little giants", "“小巨人”企业", "focal"),
    "single_champion": ("single champions", "单项冠军", "second"),
}  # fmt: skip
_SIDES = {
    "hidden_champion": ("hidden champions", "隐形冠军"),
    "little_giant": ("little giants", "“小巨人”企业"),
    "context": ("context", "背景"),
}


_CHANGE_TITLES = {
    "little_giant": (
        "Little giants: conditions of 2022 and 2026", "“小巨人”企业：2022年与2026年认定条件",
    ),
    "srdi_sme": (
        "SRDI SMEs: conditions of 2022 and 2026", "专精特新中小企业：2022年与2026年认定条件",
    ),
}  # fmt: skip
_CHANGE_NOTE = (
    "† one of several alternatives. Unverified: no source seen states the condition. Dropped: not "
    "among the conditions of 2026 as transcribed. Bands that only earn points are left out.",
    "†：可选条件之一。未核实：所见来源均未载明。取消：不在所见2026年条件之列。"
    "仅用于计分的档次未列。",
)


def _headed(
    frame: pd.DataFrame, headings: dict[str, tuple[str, str]], language: str
) -> pd.DataFrame:
    """The named columns in their order under readable headings."""
    words = {column: pair[language == "zh"] for column, pair in headings.items()}
    return frame[list(words)].rename(columns=words)


def tier_names(language: str) -> dict[str, str]:
    """Name of each drawn tier, from the widest."""
    return {tier: words[language == "zh"] for tier, words in DRAWN_TIERS.items()}


def tier_colours() -> dict[str, str]:
    """Colour of each drawn tier."""
    return {tier: COLOURS[words[2]] for tier, words in DRAWN_TIERS.items()}


def tier_table(
    tier_rows: pd.DataFrame, regimes: pd.DataFrame, thresholds: pd.DataFrame, language: str,
    source: str,
) -> Table:  # fmt: skip
    """The tiers under each act with rank, term and number of conditions recorded.

    Parameters
    ----------
    tier_rows, regimes, thresholds : DataFrame
        Tables ``tiers``, ``regimes`` and ``thresholds``.
    language : {"en", "zh"}
    source : str
        Citations.

    Returns
    -------
    table, record
        Ordered by act and rank; a tier without conditions of its own has a missing number.
    """
    zh = language == "zh"
    ordered = tier_rows.sort_values(["regime_id", "rank"], kind="stable")
    counts = thresholds["tier_id"].value_counts()
    numbers = regimes.set_index("regime_id")["number"]
    frame = ordered.assign(
        act=ordered["regime_id"].map(numbers),
        conditions=ordered["tier_id"].map(counts).astype("Int64"),
    )
    headings = {
        f"name_{language}": ("Tier", "层次"), "act": ("Act", "依据文件"), "rank": ("Rank", "级次"),
        "validity_years": ("Term, years", "有效期（年）"), "conditions": ("Conditions", "条件数"),
    }  # fmt: skip
    count = len(thresholds)
    record = Record(
        "01_tiers",
        "各文件所设层次" if zh else "Tiers under each act",
        base=f"已录入{count}项条件" if zh else f"{count} conditions recorded",
        note="级次1为最低；“—”为不在梯度内或未载明。文件据转载本录入。"
        if zh
        else "Rank 1 is the lowest; a dash: outside the ladder, or not stated. Acts read from reposts.",
        source=source,
    )
    return _headed(frame, headings, language), record


def change_table(
    thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str, language: str, source: str
) -> Table:
    """Conditions of a tier under the measures of 2022 and 2026.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``.
    act_of_tier : Series
        Act of each tier, indexed by tier id.
    tier : {"little_giant", "srdi_sme"}
    language : {"en", "zh"}
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    zh = language == "zh"
    frame = tiers.side_by_side(thresholds, act_of_tier, f"{tier}_2022", f"{tier}_2026", language)
    frame["change"] = [tiers.word(change, language) for change in frame["change"]]
    headings = {
        "indicator": ("Indicator", "指标"), "old": ("2022", "2022年"), "new": ("2026", "2026年"),
        "change": ("Change", "变化"), "source_id": ("Sources", "来源"),
    }  # fmt: skip
    record = Record(
        f"01_{tier}_conditions", _CHANGE_TITLES[tier][zh], note=_CHANGE_NOTE[zh], source=source
    )
    return _headed(frame, headings, language), record


def duel_table(duels: pd.DataFrame, language: str, source: str) -> Table:
    """Conditions of two tiers side by side.

    Parameters
    ----------
    duels : DataFrame
        From :func:`helpers.analysis.tiers.compare_pairs`; tier ids end in the year of the act.
    language : {"en", "zh"}
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    zh = language == "zh"
    frame = duels.assign(
        upper_year=duels["upper_tier"].str[-4:],
        lower_year=duels["lower_tier"].str[-4:],
        word=[tiers.word(relation, language) for relation in duels["relation"]],
    )
    headings = {
        "upper_year": ("Champion, act of", "单项冠军办法"), "upper": ("Single champion", "单项冠军"),
        "lower_year": ("Little giant, act of", "“小巨人”办法"), "lower": ("Little giant", "“小巨人”"),
        "word": ("Champion’s condition is", "单项冠军条件"),
    }  # fmt: skip
    record = Record(
        "01_champions",
        "单项冠军与“小巨人”均设数值的条件"
        if zh
        else "Conditions for which champions and little giants both have a number",
        note="†：可选条件之一。全球排名与国内排名仅按数值比较。"
        if zh
        else "† one of several alternatives. A rank in the world market is set against a rank at home "
        "by the number alone.",
        source=source,
    )
    return _headed(frame, headings, language), record


def contrast_table(contrasts: pd.DataFrame, language: str, source: str) -> Table:
    """The contrasts with hidden champions, a share with its count and base.

    Parameters
    ----------
    contrasts : DataFrame
        Table ``contrasts``.
    language : {"en", "zh"}
    source : str
        Citations.

    Returns
    -------
    table, record
    """
    zh = language == "zh"
    frame = contrasts.assign(
        figure=contrasts.apply(tiers.figure_text, axis=1, language=language),
        dimension=tiers.dimension_words(contrasts["dimension"], language),
        side=[_SIDES[side][language == "zh"] for side in contrasts["side"]],
    )
    headings = {
        "dimension": ("Dimension", "维度"), "side": ("About", "对象"),
        f"statement_{language}": ("Finding", "事实"), "figure": ("Figure", "数值"),
        "as_of": ("As of", "时点"), "source_id": ("Sources", "来源"),
    }  # fmt: skip
    record = Record(
        "01_contrasts",
        "五方面对比及独立来源事实" if zh else "Five contrasts, with independent facts on each side",
        base="见各行" if zh else "as in each row",
        note="“—”：来源未给出数值。" if zh else "A dash: the source gives no number.",
        source=source,
    )
    return _headed(frame, headings, language), record


def crossed_stocks(stocks: pd.DataFrame) -> list[str]:
    """Lines of a list in English with the doubtful stocks and their sources.

    Parameters
    ----------
    stocks : DataFrame
        Table ``tier_stocks`` with a boolean column doubtful; tiers not drawn are left out.

    Returns
    -------
    list of str
    """
    signs = {"equal": "", "more_than": "more than ", "less_than": "fewer than "}
    names = tier_names("en")
    rows = stocks.loc[stocks["doubtful"] & stocks["tier_id"].isin(list(names))]
    return [
        f"- {names[row['tier_id']]}, {row['as_of']}: {signs[row['comparison']]}"
        f"{row['firms_count']:,} [{row['source_id']}]"
        for _, row in rows.iterrows()
    ]


def change_list(thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str) -> list[str]:
    """Lines of text in English: topics by how their conditions changed from 2022 to 2026.

    Parameters
    ----------
    thresholds, act_of_tier, tier
        See :func:`change_table`.

    Returns
    -------
    list of str
        Then the number of unverified conditions, and those a yearly notice added.
    """
    frame = tiers.side_by_side(thresholds, act_of_tier, f"{tier}_2022", f"{tier}_2026")
    names = [tiers.topic_name(topic).lower().replace("r&d", "R&D") for topic in frame["topic"]]
    kinds = pd.Series(names, dtype="str").groupby(frame["change"]).agg(", ".join)
    added = thresholds.loc[thresholds["regime_id"] != thresholds["tier_id"].map(act_of_tier)]
    notices = [
        f"{row['indicator_en'].lower()}, {tiers.condition_text(row)} [{row['source_id']}]"
        for _, row in added.iterrows()
    ]
    unverified = int((~thresholds["verified"]).sum())
    return [
        f"{DRAWN_TIERS[tier][0].capitalize()}, {len(frame)} topics:",
        "",
        *(f"- {kind}: {topics}" for kind, topics in kinds.items()),
        "",
        f"Unverified conditions: {unverified} of {len(thresholds)}. Added between the two acts by a "
        f"yearly notice: {'; '.join(notices) or 'none'}.",
    ]
