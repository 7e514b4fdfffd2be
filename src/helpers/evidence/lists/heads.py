"""Heads of tables, headings, titles and notes of a printed list, told by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# Roles of columns by their head, tried in this order.
_ROLES = {
    "serial": r"序号?|编号|序列号?|NO\.?|#|SERIAL( NO\.?)?",
    "credit_code": r".*(信用代码|CREDIT CODE).*",
    "industry_code": r".*行业.*代码.*|INDUSTRY CODE",
    "batch": r".*批次.*|BATCH",
    "county_text": r"(所在|所属)?(区县|县区|县|区|县级|区/县|县\(?市、?区\)?|县市区|区\(?市、?县\)?)(名称)?|COUNTY|DISTRICT",
    "city_text": r"(所在|所属|推荐)?(地级|设区的?)?(城市|地市|市州|市|市\(?州、?盟?\)?|地市州|市地|地级市)(名称)?|CITY",
    "province_text": r"(所在|所属|推荐|申报)?(省份?|省市|省区市|省级|地区|区域|省\(?自?治?区、?直?辖?市\)?|省\(市\)|推荐单位|属地|所在地|省级主管部门|推荐地区)(名称)?|PROVINCE|REGION",
    "address": r".*(地址|住所|注册地|所在地点|ADDRESS).*",
    "industry_text": r".*(行业|领域|主导产品|主营|主要产品|INDUSTRY|PRODUCT).*",
    "name": r".*(企业|公司|单位|申报主体|机构)(全|中文)?名称?(\(.*\))?|企业|公司|单位|名称|(ENTERPRISE|COMPANY|FIRM|NAME)( NAME)?|.*(企业|公司|单位)名单",
}  # fmt: skip
_COMPILED = {role: re.compile(pattern) for role, pattern in _ROLES.items()}
_LONGEST_HEAD = 24

_NUMERALS = {sign: value for value, sign in enumerate("一二三四五六七八九", start=1)} | {"十": 10}
_BATCH = re.compile(r"第?([一二三四五六七八九十]{1,3}|\d{1,2})批")
_COUNT = (
    r"(?:[((](?:共计?|合计)?(?P<a>\d+)[家户个]?企?业?[))]|[::]?(?:共计?)?(?P<b>\d+)[家户个]企?业?)?"
)
_HEADING = re.compile(
    r"(?:[((]?[一二三四五六七八九十百]+[)).、]|[((]?\d{1,3}[)).、])?(?P<place>[^\d\W]{2,14})"
    + _COUNT
    + r"[::]?"
)
_TOTAL = re.compile(r"(合计|总计|小计|共计|总数|总共)[::]?.*")
_NOTE = re.compile(r"(注\d?[::.、]|备注[::]|说明[::]|附注|※|\*|来源[::]|资料来源|NOTE|SOURCE).*")
_PAGE = re.compile(r"[-—–·\s]*第?\d{1,4}页?([,,/\s]*共?\d{1,4}页?)?[-—–·\s]*")
_DATE = re.compile(r"(20\d\d)[年./-](\d{1,2})[月./-](\d{1,2})日?")
_NUMBERED = re.compile("[((]?[一二三四五六七八九十]{1,3}[)).、]")
_AND = re.compile("[和及与、,;]|以及")
# A number and a sign between it and the next: 第一、二批.
_NUMBERS = re.compile("(?<=[一二三四五六七八九十0-9])[、和及与](?=第?[一二三四五六七八九十0-9])")
# What speaks of firms of a new batch.
_NEW = re.compile("第.{1,3}批|企业|小巨人|认定|新增")
_QUOTES = re.compile("[“”‘’\"'「」《》〈〉]")
_OTHER = re.compile("专精特新中小企业|创新型中小企业|瞪羚企业|独角兽企业|单项冠军|高新技术企业")
# What firms' names end with; a name in a column of names with a number before it needs none.
_FIRM = re.compile(
    r".*(公司|厂|集团|研究院|研究所|设计院|合作社|中心|事务所|企业|合伙|总厂|工厂|研究院所|商行|CO\.?,?\s?LTD\.?|LIMITED|INC\.?|CORP\.?)"
    r"([((][^()()]{1,12}[))])?[*※]?",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?=.{1,8}$)(股份|份|有限|限|责任|任|公|集团|技|科技)*公?司([((].*[))])?")


@dataclass
class Block:
    """One table of a page's width: columns by role.

    Parameters
    ----------
    columns : mapping of role to column
    """

    columns: dict[str, int] = field(default_factory=dict)


def role_of(head: str) -> str:
    """Role of a column by its head; empty for none.

    Parameters
    ----------
    head : str
        Tidy text.

    Examples
    --------
    >>> [role_of(head) for head in ("序号", "省(区、市)", "企业名称", "法人")]
    ['serial', 'province_text', 'name', '']
    """
    text = head.upper().strip()
    if not text or len(text) > _LONGEST_HEAD:
        return ""
    return next((role for role, form in _COMPILED.items() if form.fullmatch(text)), "")


def blocks_of(cells: Sequence[str]) -> list[Block]:
    """Tables side by side that a row of heads begins; none when the row is no head.

    Parameters
    ----------
    cells : sequence of str
        Tidy texts of a row.

    Returns
    -------
    list of Block
        A new block begins where a role occurs again. Each has a column of names.

    Examples
    --------
    >>> [block.columns for block in blocks_of(["序号", "企业名称", "序号", "企业名称"])]
    [{'serial': 0, 'name': 1}, {'serial': 2, 'name': 3}]
    """
    filled = [text for text in cells if text]
    if not filled or len(max(filled, key=len)) > 60:
        return []
    blocks = [Block()]
    for column, text in enumerate(cells):
        role = role_of(text)
        if not role:
            continue
        if (
            role in blocks[-1].columns
            and "name" in blocks[-1].columns
            and role in ("serial", "name")
        ):
            blocks.append(Block())
        blocks[-1].columns.setdefault(role, column)
    blocks = [block for block in blocks if "name" in block.columns]
    known = sum(len(block.columns) for block in blocks)
    # A lone head must be the only text of its row: a firm may be called "某某企业".
    return blocks if known >= 2 or (known == 1 and len(filled) == 1) else []


def batch_in(text: str) -> int | None:
    """Batch that a text names, None for none.

    Examples
    --------
    >>> batch_in("第五批专精特新“小巨人”企业名单"), batch_in("第12批"), batch_in("名单")
    (5, 12, None)
    """
    found = _BATCH.search(text)
    return number_in(found[1]) if found else None


def number_in(text: str) -> int | None:
    """A whole number in digits or Chinese numerals up to 99.

    Examples
    --------
    >>> number_in("十二"), number_in("二十"), number_in("7"), number_in("x")
    (12, 20, 7, None)
    """
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or set(text) - set(_NUMERALS):
        return None
    tens, mark, ones = text.partition("十")
    if not mark:
        return _NUMERALS[text] if len(text) == 1 else None
    return (_NUMERALS.get(tens, 1) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)


def batch_of_cell(text: str) -> int | None:
    """Batch in a cell of a column of batches: 5, 第五批, 五, 2023年第五批."""
    return batch_in(text) or number_in(text.strip())


def basis_in(text: str) -> str:
    """Whether a title speaks of an announced or a certified list; empty when it says neither.

    Examples
    --------
    >>> basis_in("第五批名单的公示"), basis_in("名单公告"), basis_in("名单")
    ('announced', 'certified', '')
    """
    if "公示" in text or "拟认定" in text or "拟推荐" in text:
        return "announced"
    return "certified" if any(word in text for word in ("公告", "通告", "认定", "公布")) else ""


def other_programme(titles: Iterable[str]) -> str:
    """What a list is of that is not one of little giants; empty when its titles leave that open.

    Examples
    --------
    >>> other_programme(["第五批“专精特新”中小企业名单"]), other_programme(["专精特新“小巨人”企业名单"])
    ('专精特新中小企业', '')
    """
    text = " ".join(titles)
    found = _OTHER.search(_QUOTES.sub("", text))
    return found[0] if found and "小巨人" not in text else ""


def part_of(title: str) -> str:
    """Which firms a title heads: ``new`` ones, a ``review`` of an earlier batch, or both (``mixed``).

    Returns
    -------
    str
        Empty when the title does not say.

    Examples
    --------
    >>> part_of("第二批“小巨人”复核通过企业名单"), part_of("第五批企业和第二批复核通过企业名单")
    ('review', 'mixed')
    >>> part_of("第五批“小巨人”企业名单"), part_of("辽宁省")
    ('new', '')
    """
    if "复核" not in title:
        return "new" if _NEW.search(title) else ""
    return "mixed" if any(_NEW.search(text) for text in _not_reviewed(title)) else "review"


def begins_part(text: str) -> bool:
    """Whether a row of one text begins a part of new or of reviewed firms.

    Examples
    --------
    >>> begins_part("二、复核通过企业"), begins_part("一、辽宁省"), begins_part("注:复核通过")
    (True, False, False)
    """
    spoken = "复核" in text or "新认定" in text or "新增" in text
    is_name = is_firm(text) and not text.endswith("企业")
    return spoken and len(text) <= 80 and not is_name and not reason_of(text)


def _not_reviewed(title: str) -> list[str]:
    """Parts of a title that do not speak of a review; 第一、二批 is one part."""
    joined = _NUMBERS.sub("", _QUOTES.sub("", title))
    return [text for text in _AND.split(joined) if "复核" not in text]


def batch_of_title(title: str) -> int | None:
    """Batch of the new firms that a title heads; a batch that was reviewed is none.

    Examples
    --------
    >>> batch_of_title("通过复核的第一批和第四批企业名单"), batch_of_title("第一批复核通过名单")
    (4, None)
    """
    texts = _not_reviewed(title) if "复核" in title else [title]
    return next((batch for batch in map(batch_in, texts) if batch), None)


def date_in(text: str) -> str:
    """First day that a text names, ISO; empty for none.

    Examples
    --------
    >>> date_in("公示期自2023年7月14日起"), date_in("2023年")
    ('2023-07-14', '')
    """
    from datetime import date

    found = _DATE.search(text)
    if not found:
        return ""
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def heading_of(text: str, known: Mapping[str, str]) -> tuple[str, int | None] | None:
    """The place a heading names and the number of firms it states.

    Parameters
    ----------
    text : str
        Tidy text of a row that has no other.
    known : mapping of name to place
        Names of provinces and cities.

    Returns
    -------
    tuple of (str, int or None), or None
        None when the text is no heading of a place.

    Examples
    --------
    >>> heading_of("六、辽宁省(34家)", {"辽宁省": "210000"})
    ('辽宁省', 34)
    """
    if len(text) > 40:
        return None
    found = _HEADING.fullmatch(text)
    if not found or found["place"] not in known:
        return None
    count = found["a"] or found["b"]
    return found["place"], int(count) if count else None


def is_numbered_heading(text: str) -> bool:
    """Whether a text is numbered as headings are, and no firm.

    Examples
    --------
    >>> is_numbered_heading("二、某某地区"), is_numbered_heading("二、某某有限公司")
    (True, False)
    """
    return _NUMBERED.match(text) is not None and not is_firm(text)


def reason_of(text: str) -> str:
    """Why a row of one text is no firm: total, note, page number or date; empty when it may be one."""
    if _TOTAL.fullmatch(text):
        return "total"
    if _NOTE.fullmatch(text):
        return "note"
    if _PAGE.fullmatch(text):
        return "page_number"
    if len(text) < 24 and _DATE.search(text):
        return "note"
    return ""


def is_firm(name: str) -> bool:
    """Whether a text ends as names of firms do.

    Examples
    --------
    >>> is_firm("鞍山某某有限公司"), is_firm("某某研究院(有限合伙)"), is_firm("联系电话")
    (True, True, False)
    """
    return len(name) >= 4 and _FIRM.fullmatch(name) is not None


def is_rest_of_name(text: str) -> bool:
    """Whether a text is the end of a name that a page break cut."""
    return _TAIL.fullmatch(text) is not None
