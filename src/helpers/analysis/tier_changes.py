"""What a tier asks for under two acts on one scale, and beside the definition of hidden champions.

Conditions come as data (tables ``thresholds`` and ``hidden_champion_facts``).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.analysis import tiers
from helpers.analysis.tiers import NOT_COMPARABLE_TOPICS, Condition
from helpers.errors import InputError

# What two conditions must share to stand on one scale.
_ALIKE = ["topic", "indicator_id", "unit", "comparison"]
_COLUMNS = (
    "topic", "indicator_id", "indicator_en", "indicator_zh", "applies_when_en", "applies_when_zh",
    "comparison", "unit", "old_value", "new_value", "multiple", "old_threshold_id",
    "new_threshold_id", "alternative", "old_verified", "new_verified", "source_id",
)  # fmt: skip


def multiple(old: float, new: float, comparison: str) -> float:
    """How many times as strict a threshold became: 1 if it did not move, 2 if it doubled.

    Parameters
    ----------
    old, new : float
        Positive, in one unit.
    comparison : {"at_least", "at_most", "rank_at_most"}
        A higher floor is stricter, and so is a lower ceiling.

    Returns
    -------
    float
        Above 1 is stricter. Doubling a floor and halving a ceiling give the same number.

    Raises
    ------
    InputError
        A threshold is not positive.

    Examples
    --------
    >>> multiple(2, 4, "at_least"), multiple(80, 40, "at_most"), multiple(6, 3, "at_least")
    (2.0, 2.0, 0.5)
    """
    if not (old > 0 and new > 0):
        raise InputError(f"thresholds {old:g} and {new:g}: a multiple needs positive numbers")
    return new / old if comparison == "at_least" else old / new


def _limited(row: Condition) -> str | None:
    return None if pd.isna(row["applies_when_en"]) else str(row["applies_when_en"])


def _counterpart(row: Condition, others: Sequence[Condition]) -> Condition | None:
    """The other act's row on the same firms, else the one on all firms."""
    same = [other for other in others if _limited(other) == _limited(row)]
    found = same or [other for other in others if _limited(other) is None]
    return found[0] if len(found) == 1 else None


def _matched(
    before: Sequence[Condition], after: Sequence[Condition]
) -> list[tuple[Condition, Condition]]:
    """Rows of one indicator that bind the same firms, each pair once."""
    pairs = {}
    for old in before:
        new = _counterpart(old, after)
        if new is not None:
            pairs[str(old["threshold_id"]), str(new["threshold_id"])] = (old, new)
    for new in after:
        counterpart = _counterpart(new, before)
        if counterpart is not None:
            key = (str(counterpart["threshold_id"]), str(new["threshold_id"]))
            pairs.setdefault(key, (counterpart, new))
    return list(pairs.values())


def threshold_changes(
    thresholds: pd.DataFrame, act_of_tier: pd.Series, old: str, new: str
) -> pd.DataFrame:
    """Numbers that two acts set for one indicator, with how many times as strict the newer is.

    Parameters
    ----------
    thresholds : DataFrame
        Table ``thresholds``. Conditions added by a yearly notice are left out, and so are scores:
        points of different sheets are not comparable.
    act_of_tier : Series
        Act of each tier, indexed by tier id.
    old, new : str
        Tier ids.

    Returns
    -------
    DataFrame
        One row per pair of conditions on the same topic and indicator with the same unit and
        direction, in the order of the table. A condition for some firms is paired with the other act's condition
        for the same firms, or with the one for all; applies_when says for which firms the pair
        holds (missing for all). ``multiple`` is above 1 where the newer act is stricter, see
        :func:`multiple`; ``alternative`` says whether either condition is one of several of which
        one suffices.

    Raises
    ------
    InputError
        A tier has no conditions.

    Examples
    --------
    >>> row = {"regime_id": "m", "topic": "ip", "indicator_id": "ip", "indicator_en": "IP",
    ...     "indicator_zh": "", "applies_when_en": None, "applies_when_zh": None, "unit": "items",
    ...     "comparison": "at_least", "verified": True, "source_id": "S",
    ...     "alternative_group": None}
    >>> table = pd.DataFrame([{**row, "tier_id": "a", "value": 2.0, "threshold_id": "a1"},
    ...     {**row, "tier_id": "b", "value": 4.0, "threshold_id": "b1"}])
    >>> frame = threshold_changes(table, pd.Series({"a": "m", "b": "m"}), "a", "b")
    >>> frame[["old_value", "new_value", "multiple"]].values.tolist()
    [[2.0, 4.0, 2.0]]
    """
    own = thresholds.loc[
        (thresholds["regime_id"] == thresholds["tier_id"].map(act_of_tier))
        & ~thresholds["topic"].isin(NOT_COMPARABLE_TOPICS)
        & thresholds["value"].gt(0)
    ]
    sides: list[dict[tuple[str, ...], list[Condition]]] = []
    for tier_id in (old, new):
        if not thresholds["tier_id"].eq(tier_id).any():
            known = ", ".join(sorted(thresholds["tier_id"].unique()))
            raise InputError(f"tier {tier_id!r} has no conditions. Known: {known}.")
        alike: dict[tuple[str, ...], list[Condition]] = {}
        for row in own.loc[own["tier_id"] == tier_id].to_dict("records"):
            alike.setdefault(tuple(row[name] for name in _ALIKE), []).append(row)
        sides.append(alike)
    before, after = sides
    rows = []
    for key, group in before.items():
        rows += [_change_row(*pair) for pair in _matched(group, after.get(key, []))]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _change_row(old: Condition, new: Condition) -> dict[str, object]:
    limited = old if _limited(old) is not None else new
    sources = dict.fromkeys(f"{old['source_id']};{new['source_id']}".split(";"))
    return {
        **{name: old[name] for name in _COLUMNS[:4]},
        "applies_when_en": limited["applies_when_en"], "applies_when_zh": limited["applies_when_zh"],
        "comparison": old["comparison"], "unit": old["unit"],
        "old_value": float(old["value"]), "new_value": float(new["value"]),
        "multiple": multiple(old["value"], new["value"], old["comparison"]),
        "old_threshold_id": old["threshold_id"], "new_threshold_id": new["threshold_id"],
        "alternative": bool(pd.notna([old["alternative_group"], new["alternative_group"]]).any()),
        "old_verified": bool(old["verified"]), "new_verified": bool(new["verified"]),
        "source_id": ";".join(sources),
    }  # fmt: skip


def beyond_numbers(side_by_side: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Topics of a comparison of acts that no pair of numbers stands for.

    Parameters
    ----------
    side_by_side : DataFrame
        From :func:`helpers.analysis.tiers.side_by_side`.
    changes : DataFrame
        From :func:`threshold_changes`, for the same two tiers.

    Returns
    -------
    DataFrame
        The rows of side_by_side on other topics: new, dropped, redefined, kept or scored ones.

    Examples
    --------
    >>> sides = pd.DataFrame({"topic": ["ip", "brand"]})
    >>> beyond_numbers(sides, pd.DataFrame({"topic": ["ip"]}))["topic"].tolist()
    ['brand']
    """
    return side_by_side.loc[~side_by_side["topic"].isin(list(changes["topic"]))]


def beside_definition(
    facts: pd.DataFrame, thresholds: pd.DataFrame, act_of_tier: pd.Series, tier_ids: Sequence[str],
    language: str = "en",
) -> pd.DataFrame:  # fmt: skip
    """The definition of hidden champions beside the conditions of tiers, topic by topic.

    Parameters
    ----------
    facts : DataFrame
        Table ``hidden_champion_facts``; rows of section definition with a topic count.
    thresholds : DataFrame
        Table ``thresholds``; conditions of yearly notices are left out.
    act_of_tier : Series
        Act of each tier, indexed by tier id.
    tier_ids : sequence of str
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Columns topic, indicator (name of the topic), hidden_champion, one per tier id (conditions
        in words, missing where none is set) and source_id. Topics of the definition come first,
        then those on which some tier sets a number, scores apart.

    Raises
    ------
    InputError
        A tier has no conditions.
    """
    defined = facts.loc[(facts["section"] == "definition") & facts["topic"].notna()]
    own = thresholds.loc[thresholds["regime_id"] == thresholds["tier_id"].map(act_of_tier)]
    sides = {tier_id: tiers.by_topic(tiers.rows_of(own, tier_id)) for tier_id in tier_ids}
    numbered = own.loc[
        own["tier_id"].isin(list(tier_ids)) & own["value"].notna()
        & ~own["topic"].isin(NOT_COMPARABLE_TOPICS), "topic",
    ]  # fmt: skip
    rows = []
    for topic in dict.fromkeys([*defined["topic"], *numbered]):
        said = defined.loc[defined["topic"] == topic]
        asked = {name: side.get(topic, []) for name, side in sides.items()}
        cells = [
            *said["source_id"],
            *(row["source_id"] for part in asked.values() for row in part),
        ]
        sources = dict.fromkeys(";".join(cells).split(";"))
        rows.append(
            {
                "topic": topic, "indicator": tiers.topic_name(topic, language),
                "hidden_champion": definition_text(said, language),
                **{name: tiers.texts_of(part, language, True) for name, part in asked.items()},
                "source_id": ";".join(sources),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def definition_text(facts: pd.DataFrame, language: str = "en") -> str | None:
    """Rows of the definition of hidden champions in words; None without a row.

    Parameters
    ----------
    facts : DataFrame
        Columns item_en, item_zh, comparison, value, unit and year (of the definition); a row without
        a value is named only.
    language : {"en", "zh"}

    Examples
    --------
    >>> definition_text(pd.DataFrame({"item_en": ["World rank"], "comparison": ["rank_at_most"],
    ...     "value": [3.0], "unit": ["rank"], "year": [2012]}))
    'World rank: rank ≤ 3 (2012)'
    """
    colon, of_year, separator = (
        ("：", "（{}年）", "；") if language == "zh" else (": ", " ({})", "; ")
    )
    texts = [
        f"{row[f'item_{language}']}{colon}"
        + tiers.bound_text(row["comparison"], row["value"], row["unit"], language)
        + (of_year.format(row["year"]) if pd.notna(row["year"]) else "")
        if pd.notna(row["value"])
        else str(row[f"item_{language}"])
        for _, row in facts.iterrows()
    ]
    return separator.join(texts) or None
