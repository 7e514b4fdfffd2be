"""Place of a firm: from the list, a register code, an address or the firm's name, in this order.

Strict: a text that may mean two places means none, and the rule that found a place is recorded.
Codes are those of GB/T 2260 as the tables ``places`` and ``counties`` hold them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from helpers.evidence.lists.text import simplified

RULES = ("list", "registry", "address", "name", "manual", "not_applicable", "unresolved")
# The municipalities have no prefecture-level cities, and the Corps lies in several.
CITYLESS = ("110000", "120000", "310000", "500000", "XPCC")
_CREDIT = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{2}(\d{6})[0-9A-HJ-NP-RT-UW-Y]{10}")
_BRACKETS = re.compile(r"[(（]([^()（）]{2,8})[)）]")
# What makes of a city's name one of a street, or another word; 路桥 is a trade.
_STREET = re.compile("路(?!桥)|街|大道|际")
# 海南州 lies in 青海, not in 海南.
_PREFECTURE = re.compile("州(?!际)")
_CORPS = {"新疆兵团", "兵团", "新疆生产建设兵团", "生产建设兵团"}
# Offices that lists name in place of the province they belong to.
_OFFICES = re.compile(
    r"(工业和信息化(厅|局|委员会?)|经济和信息化(厅|局|委员会?)|工信(厅|局|委)|经信(厅|局|委)|中小企业(厅|局|发展局))$"
)


class Found(NamedTuple):
    """A place and how it was found.

    Parameters
    ----------
    province_id, city_id, county : str
        Codes of the province and city, and name of the county; empty where not known.
    rule : str
        One of :data:`RULES`: how the province was found, ``unresolved`` without one.
    city_rule : str
        The same for the city.
    """

    province_id: str = ""
    city_id: str = ""
    county: str = ""
    rule: str = "unresolved"
    city_rule: str = "unresolved"


@lru_cache(maxsize=65536)
def _joined(found: Found, rule: str, more: tuple[str, str, str]) -> Found:
    """What is known so far with what another rule says, unless that contradicts it."""
    province, city, county = more
    if not province or found.province_id not in ("", province):
        return found
    if found.city_id and city != found.city_id:
        return found
    return Found(
        province,
        found.city_id or city,
        found.county or county,
        found.rule if found.province_id else rule,
        found.city_rule if found.city_id else rule if city else "unresolved",
    )


class Gazetteer:
    """Names of places, and what each may mean.

    Parameters
    ----------
    places : DataFrame
        Table ``places``.
    counties : DataFrame
        Table ``counties``.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> known = Gazetteer(tables.load("places"), tables.load("counties"))
    >>> known.find("辽宁省", "", "", "", "", "鞍山某某有限公司").city_id
    '210300'
    >>> known.find("", "", "", "", "", "朝阳某某有限公司").rule
    'unresolved'
    """

    def __init__(self, places: pd.DataFrame, counties: pd.DataFrame) -> None:
        self.province_of: dict[str, str] = {}
        self.level: dict[str, str] = {}
        self.provinces: dict[str, str] = {}
        self.cities: dict[str, list[str]] = defaultdict(list)
        self.full: dict[str, str] = {}
        # 大理州 for 大理白族自治州
        self.short_form: dict[str, str] = {}
        self.county_city: dict[str, tuple[str, str, str]] = {}
        self.counties: dict[str, list[str]] = defaultdict(list)
        self.plan: set[str] = set()
        for row in places.itertuples():
            self._add_place(row)
        for row in counties.itertuples():
            city = row.city_id if isinstance(row.city_id, str) else ""
            self.county_city[row.county_id] = (row.province_id, city, row.name_zh)
            self.counties[row.name_zh].append(row.county_id)
        # How long these names are, the longest first, by what they begin with.
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in (*self.cities, *self.counties):
            lengths[name[:2]].add(len(name))
        self.lengths = {begin: sorted(found, reverse=True) for begin, found in lengths.items()}
        self.lead = {name[:2] for name in self.provinces}
        shorts = {name[:-1] for name in self.counties if len(name) > 2}
        self.double = {name for name in self.cities if name in shorts} | set(self.provinces)
        self._listed = lru_cache(maxsize=65536)(self._from_cells)

    def _add_place(self, row: object) -> None:
        place_id, level = str(row.place_id), str(row.level)  # type: ignore[attr-defined]
        names = {str(row.name_zh), str(row.full_name_zh)}  # type: ignore[attr-defined]
        self.province_of[place_id] = place_id if level == "corps" else row.province_id  # type: ignore[attr-defined]
        self.level[place_id] = level
        self.full[place_id] = str(row.full_name_zh)  # type: ignore[attr-defined]
        if bool(row.plan_city):  # type: ignore[attr-defined]
            self.plan.add(place_id)
        if level == "prefecture" and self.full[place_id].endswith("自治州"):
            self.short_form[place_id] = f"{str(row.name_zh).removesuffix('州')}州"  # type: ignore[attr-defined]
            names.add(self.short_form[place_id])
        for name in names | (_CORPS if level == "corps" else set()):
            if level == "prefecture":
                self.cities[name].append(place_id)
            else:
                self.provinces[name] = place_id

    @property
    def headings(self) -> dict[str, str]:
        """Names that may head a part of a list: provinces, the Corps and cities by their full name."""
        cities = {name: ids[0] for name, ids in self.cities.items() if len(ids) == 1}
        return {**cities, **self.provinces}

    # -- parts -----------------------------------------------------------------------------------

    def from_list(self, text: str) -> tuple[str, str]:
        """Province and city that a cell names as a whole.

        Examples
        --------
        >>> from helpers.evidence import tables
        >>> known = Gazetteer(tables.load("places"), tables.load("counties"))
        >>> known.from_list("大连市"), known.from_list("辽宁省鞍山市"), known.from_list("某地")
        (('210000', '210200'), ('210000', '210300'), ('', ''))
        """
        text = _OFFICES.sub("", simplified("".join(text.split())))
        if text in self.provinces:
            return self.provinces[text], ""
        if len(self.cities.get(text, ())) == 1:
            city = self.cities[text][0]
            return self.province_of[city], city
        province, rest = self._leading_province(text)
        if province and rest:
            city = self.city_within(province, rest)
            return (province, city) if city else ("", "")
        return "", ""

    def _leading_province(self, text: str) -> tuple[str, str]:
        if text[:2] not in self.lead:
            return "", text
        for length in range(min(len(text), 11), 1, -1):
            place = self.provinces.get(text[:length])
            if place and not _PREFECTURE.match(text[length:]):
                return place, text[length:]
        return "", text

    def city_within(self, province: str, text: str) -> str:
        """Code of the city of a province that a text names as a whole; empty for none."""
        found = [city for city in self.cities.get(text, ()) if self.province_of[city] == province]
        return found[0] if len(found) == 1 else ""

    def county_within(self, province: str, city: str, text: str) -> tuple[str, str]:
        """City and county that a full name of a county means within a province or city."""
        found = [self.county_city[code] for code in self.counties.get(text, ())]
        found = [item for item in found if item[0] == province and (not city or item[1] == city)]
        return (found[0][1], found[0][2]) if len(found) == 1 else ("", "")

    def from_credit_code(self, code: str) -> tuple[str, str, str]:
        """Province, city and county of the office that registered a firm, from its credit code."""
        match = _CREDIT.fullmatch(code.upper())
        if not match:
            return "", "", ""
        digits = match[1]
        province, city = digits[:2] + "0000", digits[:4] + "00"
        if province not in self.level:
            return "", "", ""
        county = self.county_city.get(digits, ("", "", ""))[2]
        known = city in self.level and self.level[city] == "prefecture"
        return province, city if known else "", county

    def from_address(self, text: str, province: str) -> tuple[str, str, str]:
        """Province, city and county that an address begins with, each by its full name."""
        text = simplified("".join(text.split()))
        lead, rest = self._leading_province(text)
        if lead and province and lead != province:
            return "", "", ""
        province = lead or province
        city, rest = self._leading_city(rest, province)
        if city:
            province = self.province_of[city]
        if not province:
            return "", "", ""
        for length in range(min(len(rest), 15), 1, -1):
            found = self.county_within(province, city, rest[:length])
            if found[1]:
                return province, city or found[0], found[1]
        return province, city, ""

    def _leading_city(self, text: str, province: str) -> tuple[str, str]:
        for length in range(min(len(text), 14), 2, -1):
            ids = self.cities.get(text[:length], ())
            ids = [c for c in ids if text[:length] in (self.full[c], self.short_form.get(c))]
            ids = [c for c in ids if not province or self.province_of[c] == province]
            if len(ids) == 1:
                return ids[0], text[length:]
        return "", text

    def from_name(self, name: str, province: str) -> tuple[str, str, str]:
        """Province, city and county that a firm's name begins with or holds in brackets."""
        lead = self._lead(name, province)
        if "(" not in name and "（" not in name:
            return lead
        hits = {hit for hit in (lead, *self._bracketed(name, province)) if hit[0]}
        cities = {hit for hit in hits if hit[1]}
        if len({hit[1] for hit in cities}) > 1 or len({hit[0] for hit in hits}) > 1:
            return "", "", ""
        return next(iter(cities or hits), ("", "", ""))

    def _bracketed(self, name: str, province: str) -> Iterable[tuple[str, str, str]]:
        for text in _BRACKETS.findall(name):
            if text in self.cities or text in self.provinces or text in self.counties:
                yield self._lead(text, province)

    def _lead(self, text: str, province: str) -> tuple[str, str, str]:
        lead, rest = self._leading_province(text)
        if lead and rest[:1] == "市":  # 吉林市 is the city, whatever its first two signs mean
            city, after = self._leading_city(text, province or lead)
            if city:
                return self.province_of[city], city, self._county_after(after, city)
        # 吉林 begins the names of firms of the city and of the province: it says the province alone.
        if lead and not province:
            province = lead
        if lead and lead != province:
            return "", "", ""
        for length in self.lengths.get(rest[:2], ()):
            word = rest[:length]
            for city in self.cities.get(word, ()):
                if not self._is_meant(city, word, province) or _STREET.match(rest[length:]):
                    continue
                return self.province_of[city], city, self._county_after(rest[length:], city)
            if province and length > 2 and word in self.counties:
                city, county = self.county_within(province, "", word)
                if county and county[-1] in "市县旗":
                    return province, city, county
        return (province, "", "") if lead else ("", "", "")

    def _is_meant(self, city: str, word: str, province: str) -> bool:
        if province:
            return self.province_of[city] == province and word not in self.provinces
        if len(self.cities[word]) > 1:
            return False
        return word == self.full[city] or word not in self.double

    def _county_after(self, rest: str, city: str) -> str:
        for length in self.lengths.get(rest[:2], ()):
            if rest[:length] not in self.counties:
                continue
            found = self.county_within(self.province_of[city], city, rest[:length])
            if found[1]:
                return found[1]
        return ""

    # -- all together ----------------------------------------------------------------------------

    def _from_cells(self, province_text: str, city_text: str, county_text: str) -> Found | None:
        """What the list itself says; None when it names a place that is not known."""
        province, city = self.from_list(province_text) if province_text else ("", "")
        # Nothing else may contradict a place that the list names and that is not known.
        if province_text and not province:
            return None
        if city_text and not city:
            named, city = self._city_cell(province, city_text)
            province = province or named
        county = ""
        if county_text and province:
            inner, county = self.county_within(province, city, county_text)
            city = city or inner
        rules = ("list" if place else "unresolved" for place in (province, city))
        return Found(province, city, county, *rules)

    def find(
        self,
        province_text: str,
        city_text: str,
        county_text: str,
        code: str,
        address: str,
        name: str,
    ) -> Found:
        """The place of a firm from everything its row says; the list itself wins.

        Parameters
        ----------
        province_text, city_text, county_text : str
            Cells of the list, or its heading; empty where it has none.
        code, address, name : str
            Unified social credit code, address and name of the firm.

        Returns
        -------
        Found
        """
        found = self._listed(province_text, city_text, county_text)
        if found is None:
            return Found()
        if found.city_id and not (code or address):
            return found
        if code:
            found = _joined(found, "registry", self.from_credit_code(code))
        if address:
            found = _joined(found, "address", self.from_address(address, found.province_id))
        if not found.city_id:
            found = _joined(found, "name", self.from_name(name, found.province_id))
        if found.province_id in CITYLESS and not found.city_id:
            found = found._replace(city_rule="not_applicable")
        return found

    def _city_cell(self, province: str, text: str) -> tuple[str, str]:
        if province:
            _, rest = self._leading_province(text)
            return province, self.city_within(province, rest) or self.city_within(province, text)
        return self.from_list(text)
