"""Characters of printed lists: wide forms, radicals and traditional characters.

A name is kept as printed; next to it stands a normalised form, for comparing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# NFKC unifies the Kangxi radicals (U+2F00 and after) but leaves these, which PDFs put in place of
# ordinary characters because the glyph is the same.
_RADICALS = str.maketrans(
    dict(
        zip(
            "⺁⺄⺈⺊⺌⺍⺎⺐⺒⺓⺔⺕⺗⺙⺛⺜⺝⺞⺟⺠⺢⺤⺧⺩⺪⺫⺬⺱⺲⺳⺶⺷⺸⺹⺺⺻⺼⺽⻁⻃⻄⻅⻆⻉⻊⻋⻍⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻞⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
            "厂乙刀卜小小兀尢巳幺彐彐心攵旡日月歹母民水爪牛王疋目示罒罒网羊羊羊老聿聿肉臼虎西西见角贝足车辶长长长门雨青韦页风飞食食首马骨鬼鱼鸟卤麦黄黾齐齐齿齿竜龙龟龟龟",
            strict=True,
        )
    )
)
# Signs that no reader sees: byte-order marks, joiners, soft hyphens, directions.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HAN_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
# Rare characters that are standard in names although a converter would replace them.
_STANDARD = frozenset("堃喆昇淼甦邨龢犇迺甯祇晟")
_BRACKETS = str.maketrans("()[]【】〔〕{}", "（）（）（）（）（）")
_DASHES = str.maketrans("·•∙・‧", "·····")


def visible(text: str) -> str:
    """A text without control characters and signs that no reader sees.

    Examples
    --------
    >>> visible("a\u200bb")
    'ab'
    """
    return text if text.isprintable() else _UNSEEN.sub("", _CONTROL.sub(" ", text))


def tidy(text: str) -> str:
    r"""A cell in plain characters, without line breaks and needless gaps.

    Parameters
    ----------
    text : str
        As it stands in the file.

    Returns
    -------
    str
        Wide letters and digits are narrow, radicals are characters, signs that no reader sees are
        gone; a gap stands only between two ASCII signs.

    Examples
    --------
    >>> tidy(" ⻄安⻓城（Ａ１）\n公司 ")
    '西安长城(A1)公司'
    """
    # Radicals and unseen signs are not alphanumeric, so that most cells are done here.
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = _CONTROL.sub("", _UNSEEN.sub("", text)).translate(_RADICALS)
    parts = text.split()
    return _HAN_GAP.sub("", " ".join(parts)) if len(parts) > 1 else "".join(parts)


@cache
def _converter() -> object:
    import opencc

    return opencc.OpenCC("t2s")


def _is_common(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _simple(sign: str) -> str:
    """The simplified form of one character; one that GB 2312 has, or a standard one, stays."""
    if _is_common(sign) or sign in _STANDARD:
        return sign
    found = str(_converter().convert(sign))  # type: ignore[attr-defined]
    return found if len(found) == 1 else sign


def simplified(text: str) -> str:
    """A text in simplified characters.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Only characters outside GB 2312 are converted, so that 乾 in a name stays as it is, and
        so do rare characters that the standard of 2013 admits, such as 堃 and 昇.

    Examples
    --------
    >>> simplified("鞍山發展有限公司"), simplified("乾元堃昇")
    ('鞍山发展有限公司', '乾元堃昇')
    """
    try:  # quick for nearly every name
        text.encode("gb2312")
    except UnicodeEncodeError:
        return "".join(map(_simple, text))
    return text


def normal_name(text: str) -> str:
    """The form of a firm's name that is compared with others.

    Parameters
    ----------
    text : str
        As printed.

    Returns
    -------
    str
        Tidy, simplified, with wide round brackets, without gaps, in upper case.

    Examples
    --------
    >>> normal_name("鞍山 (集團) 股份有限公司")
    '鞍山（集团）股份有限公司'
    """
    name = simplified(tidy(text))
    if name.isalnum():
        return name.upper()
    name = name.translate(_BRACKETS).translate(_DASHES)
    return "".join(name.split()).upper()
