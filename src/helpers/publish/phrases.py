"""Names, ranges, batches and percentages as phrases, for every sentence that is rendered.

``t`` picks the English or the Chinese of two texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.evidence.bilingual import Pick
    from helpers.publish.teller import Teller


def join_names(names: Iterable[object], language: str = "en") -> str:
    """Names as a phrase, empty without any.

    Parameters
    ----------
    names : iterable
        Printed with ``str``.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> join_names(["Beijing", "Shanghai", "Hubei"])
    'Beijing, Shanghai and Hubei'
    >>> join_names(["北京", "上海"], "zh"), join_names(["Beijing"]), join_names([])
    ('北京、上海', 'Beijing', '')
    """
    items = [str(name) for name in names]
    if language == "zh":
        return "、".join(items)
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def listed(study: Teller, names: Iterable[object]) -> str:
    """Names as a phrase, or that there is none."""
    return join_names(names, study.language) or str(study.t("none", "无"))


def place_names(study: Teller, places: Iterable[Any]) -> str:
    """Names of places as a phrase, or that there is none."""
    return listed(study, [study.name(place) for place in places])


def in_a_row(names: Iterable[object], t: Pick) -> str:
    """Ids or names one after the other, without a word before the last; empty without any.

    Examples
    --------
    >>> in_a_row(["M01", "M02"], lambda en, zh: en), in_a_row(["M01", "M02"], lambda en, zh: zh)
    ('M01, M02', 'M01、M02')
    """
    return str(t(", ", "、")).join(map(str, names))


def basis_name(basis: str, t: Pick) -> str:
    """Name of a basis of counting.

    Parameters
    ----------
    basis : {"study", "certified", "announced"}
    t : callable

    Returns
    -------
    str

    Examples
    --------
    >>> basis_name("certified", lambda en, zh: zh)
    '公告'
    """
    return t(basis, {"study": "原研究口径", "certified": "公告", "announced": "公示"}[basis])


def batches_name(span: str, t: Pick) -> str:
    """A range of batches in words.

    Parameters
    ----------
    span : str
        As from ``analysis.shares.span_text``.
    t : callable

    Returns
    -------
    str

    Examples
    --------
    >>> batches_name("5", lambda en, zh: en), batches_name("1-3", lambda en, zh: zh)
    ('batch 5', '第1—3批')
    """
    return t(f"batch{'es' if '-' in span else ''} {span}", f"第{dashed(span, t)}批")


def dashed(span: str, t: Pick) -> str:
    """A range of batches or years as numbers alone, with the dash of the language.

    Examples
    --------
    >>> dashed("1-3", lambda en, zh: en), dashed("1-3", lambda en, zh: zh)
    ('1-3', '1—3')
    """
    return t(span, span.replace("-", "—"))


def years_name(ends: Iterable[object], t: Pick) -> str:
    """The years from one to another, or one year.

    Examples
    --------
    >>> years_name((2020, 2023), lambda en, zh: en), years_name((2020, 2023), lambda en, zh: zh)
    ('2020–2023', '2020—2023年')
    """
    span = spanned(map(str, ends), t)
    return t(span, f"{span}年")


def between(ends: Iterable[str], t: Pick) -> str:
    """Two ends of a range in words; one of them where they print alike.

    Examples
    --------
    >>> between(("4", "7"), lambda en, zh: en), between(("4", "7"), lambda en, zh: zh)
    ('4 to 7', '4至7')
    >>> between(("4", "4"), lambda en, zh: en)
    '4'
    """
    return str(t(" to ", "至")).join(dict.fromkeys(ends))


def spanned(ends: Iterable[str], t: Pick, english: str = "–") -> str:
    """Two ends of a range with the dash of the language; one of them where they print alike.

    Parameters
    ----------
    ends : iterable of str
    t : callable
    english : str
        The dash in English, where it needs room.

    Returns
    -------
    str

    Examples
    --------
    >>> spanned(("4", "7"), lambda en, zh: en), spanned(("4", "7"), lambda en, zh: zh)
    ('4–7', '4—7')
    """
    return str(t(english, "—")).join(dict.fromkeys(ends))


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign, a rounded zero without.

    Examples
    --------
    >>> signed(1234.4), signed(-0.2), signed(-0.25, 1)
    ('+1,234', '0', '-0.2')
    """
    text = f"{value:+,.{digits}f}"
    return f"{0:.{digits}f}" if float(text.replace(",", "")) == 0 else text


def percent(share: float, digits: int, t: Pick) -> str:
    """A share as a percentage.

    Examples
    --------
    >>> percent(0.0443, 2, lambda en, zh: en), percent(0.0443, 2, lambda en, zh: zh)
    ('4.43 %', '4.43%')
    """
    return percentage(f"{100 * share:.{digits}f}", t)


def percentage(number: str, t: Pick) -> str:
    """A printed number as a percentage.

    Examples
    --------
    >>> percentage("4.4", lambda en, zh: en), percentage("4.4", lambda en, zh: zh)
    ('4.4 %', '4.4%')
    """
    return t(f"{number} %", f"{number}%")


def percentages(ends: Iterable[str], t: Pick) -> str:
    """Two printed ends of a range of percentages; in Chinese each has its sign (GB/T 15835-2011).

    Examples
    --------
    >>> percentages(("4", "7"), lambda en, zh: en), percentages(("4", "7"), lambda en, zh: zh)
    ('4–7 %', '4%—7%')
    >>> percentages(("4", "4"), lambda en, zh: zh)
    '4%'
    """
    known = tuple(ends)
    each = (percentage(end, t) for end in known)
    return t(percentage(spanned(known, t), t), spanned(each, t))
