"""Tables of the concept notebook as a reader sees them: headings and words in one language."""

from __future__ import annotations

import pandas as pd

from helpers.analysis import tiers
from helpers.publish.figures import COLOURS

# Tiers that are drawn, from the widest, with their words and colour.
DRAWN_TIERS = {
    "tech_and_innovative_sme": ("technology-based and\ninnovative SMEs", "科技和创新型\n中小企业", "fourth"),
    "innovative_sme": ("innovative SMEs", "创新型中小企业", "third"),
    "srdi_sme": ("SRDI SMEs", "专精特新中小企业", "main"),
    "little_giant": ("little giants", "“小巨人”企业", "focal"),
    "single_champion": ("single champions", "单项冠军", "second"),
}  # fmt: skip
DIMENSIONS = {
    "type": ("Type of firm", "企业类型"), "internationalisation": ("Internationalisation", "国际化"),
    "market_entry": ("Market entry", "市场进入"), "geography": ("Geography", "地域分布"),
    "competitiveness": ("Competitiveness", "竞争力"),
}  # fmt: skip
_SIDES = {
    "hidden_champion": ("hidden champions", "隐形冠军"),
    "little_giant": ("little giants", "“小巨人”企业"),
    "context": ("context", "背景"),
}


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


def dimension_words(dimensions: pd.Series | pd.Index, language: str) -> list[str]:
    """Names of dimensions of the contrasts."""
    return [DIMENSIONS[str(name)][language == "zh"] for name in dimensions]


def tier_table(
    tier_rows: pd.DataFrame, regimes: pd.DataFrame, thresholds: pd.DataFrame, language: str
) -> pd.DataFrame:
    """The tiers under each act with rank, term and number of conditions recorded.

    Parameters
    ----------
    tier_rows, regimes, thresholds : DataFrame
        Tables ``tiers``, ``regimes`` and ``thresholds``.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Ordered by act and rank; a tier without conditions of its own has a missing number.
    """
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
    return _headed(frame, headings, language)


def change_table(
    thresholds: pd.DataFrame, act_of_tier: pd.Series, tier: str, language: str
) -> pd.DataFrame:
    """Conditions of a tier under the measures of 2022 and 2026.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``.
    act_of_tier : Series
        Act of each tier, indexed by tier id.
    tier : str
        For instance ``"little_giant"``.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
    """
    frame = tiers.side_by_side(thresholds, act_of_tier, f"{tier}_2022", f"{tier}_2026", language)
    frame["change"] = [tiers.word(change, language) for change in frame["change"]]
    headings = {
        "indicator": ("Indicator", "指标"), "old": ("2022", "2022年"), "new": ("2026", "2026年"),
        "change": ("Change", "变化"), "source_id": ("Sources", "来源"),
    }  # fmt: skip
    return _headed(frame, headings, language)


def duel_table(duels: pd.DataFrame, language: str) -> pd.DataFrame:
    """Conditions of two tiers side by side.

    Parameters
    ----------
    duels : DataFrame
        From :func:`helpers.analysis.tiers.compare_pairs`; tier ids end in the year of the act.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
    """
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
    return _headed(frame, headings, language)


def contrast_table(contrasts: pd.DataFrame, language: str) -> pd.DataFrame:
    """The contrasts with hidden champions, a share with its count and base.

    Parameters
    ----------
    contrasts : DataFrame
        Table ``contrasts``.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
    """
    frame = contrasts.assign(
        figure=contrasts.apply(tiers.figure_text, axis=1, language=language),
        dimension=dimension_words(contrasts["dimension"], language),
        side=[_SIDES[side][language == "zh"] for side in contrasts["side"]],
    )
    headings = {
        "dimension": ("Dimension", "维度"), "side": ("About", "对象"),
        f"statement_{language}": ("Finding", "事实"), "figure": ("Figure", "数值"),
        "as_of": ("As of", "时点"), "source_id": ("Sources", "来源"),
    }  # fmt: skip
    return _headed(frame, headings, language)
