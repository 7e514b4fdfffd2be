"""Made-up data are called so on every figure and table of a study that holds any."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure

from helpers.publish import fonts
from helpers.publish.figures import Record

MARK = "SYNTHETIC 合成数据"
_NOTES = {
    "en": "Some rows of this study are made up for a trial; no number here may be cited.",
    "zh": "本研究的部分数据为试验而编造，图表中的数值不得引用。",
}


def marked(made: tuple[Any, ...], language: str) -> tuple[Any, ...]:
    """What a view made, with the mark of made-up data.

    Parameters
    ----------
    made : tuple
        (figure, record, data) or (frame, record).
    language : {"en", "zh"}

    Returns
    -------
    tuple
        The title begins with the mark, the note says what it means, and a figure carries the mark
        in pale letters, since some journals set title and note as text beside the picture.

    Examples
    --------
    >>> marked((None, Record("02_x", "Shares")), "en")[1].title
    'SYNTHETIC 合成数据: Shares'
    """
    first, record, *rest = made
    if not isinstance(record, Record):
        return made
    colon, note = (": ", _NOTES["en"]) if language == "en" else ("：", _NOTES["zh"])
    stop = " " if language == "en" else ""
    joined = f"{note}{stop}{record.note}" if record.note else note
    alt = f"{MARK}{colon}{record.alt}" if record.alt else ""
    told = replace(record, title=f"{MARK}{colon}{record.title}", note=joined, alt=alt)
    if isinstance(first, Figure):
        _stamp(first)
    return (first, told, *rest)


def _stamp(figure: Figure) -> None:
    """Pale letters across a figure, once."""
    if any(text.get_gid() == "synthetic" for text in figure.texts):
        return
    figure.text(
        0.5, 0.5, MARK, fontsize=26, color="#D55E00", alpha=0.18, rotation=25, ha="center",
        va="center", gid="synthetic", zorder=100, fontfamily=list(fonts.families_for(MARK)),
    ).set_in_layout(False)  # fmt: skip
