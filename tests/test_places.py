"""Provinces and cities by any of their names."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import ParameterError
from helpers.evidence import tables
from helpers.evidence.places import Place, near, place_of, resolve_city, resolve_province


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return tables.load("places")


def rows(places: pd.DataFrame, prefectures: bool) -> list[tuple[str, str, list[str]]]:
    """Code, province and all names of each place."""
    chosen = places[(places["level"] == "prefecture") == prefectures]
    names = ["place_id", "name_zh", "full_name_zh", "name_en"]
    return [
        (row.place_id, row.province_id, [n for c in names if isinstance(n := getattr(row, c), str)])
        for row in chosen.itertuples()
    ]


@pytest.mark.parametrize(
    "text",
    ["辽宁", "辽宁省", "Liaoning", "liaoning", "LIAONING", "210000", " 辽宁 ", "Liaoning\n"],
)
def test_a_province_by_any_name(places: pd.DataFrame, text: str) -> None:
    assert resolve_province(places, text) == Place("210000", "辽宁", "Liaoning", "210000", False)


@pytest.mark.parametrize("text", ["大连", "大连市", "Dalian", "dAliAn", "210200", " 大连"])
def test_a_city_by_any_name(places: pd.DataFrame, text: str) -> None:
    province = resolve_province(places, "辽宁")
    assert resolve_city(places, text, province) == Place("210200", "大连", "Dalian", "210000", True)


def test_every_province_by_every_name(places: pd.DataFrame) -> None:
    units = rows(places, prefectures=False)
    assert len(units) == 32
    for place_id, _, names in units:
        assert len(names) >= 3
        for name in names:
            assert resolve_province(places, name.swapcase()).place_id == place_id


def test_every_prefecture_by_code_and_short_names(places: pd.DataFrame) -> None:
    prefectures = rows(places, prefectures=True)
    assert len(prefectures) > 300
    homes = dict(list(places.groupby("province_id")))  # a smaller haystack
    for place_id, province_id, names in prefectures:
        home = homes[province_id]
        province = place_of(home[home["level"] == "province"], province_id)
        for name in (*names[:2], *names[3:]):  # full names: see above, and time matters
            assert resolve_city(home, name.swapcase(), province).place_id == place_id


def test_a_municipality_is_its_own_city(places: pd.DataFrame) -> None:
    for name in ("北京", "天津", "上海", "重庆"):
        province = resolve_province(places, name)
        assert resolve_city(places, name, province) == province
        assert resolve_city(places, province.place_id, province) == province
    with pytest.raises(ParameterError, match="Known: 北京, Beijing"):
        resolve_city(places, "nowhere", resolve_province(places, "北京"))


def test_a_province_with_cities_is_no_city(places: pd.DataFrame) -> None:
    with pytest.raises(ParameterError):
        resolve_city(places, "210000", resolve_province(places, "辽宁"))


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Lioaning", "Liaoning"),
        ("LIAONNING", "Liaoning"),
        ("shanxii", "Shanxi"),
        ("黑龙", "黑龙江"),
    ],
)
def test_a_wrong_province_names_the_nearest(
    places: pd.DataFrame, text: str, suggestion: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_province(places, text)
    assert repr(text) in str(caught.value)
    assert "Did you mean " in str(caught.value)
    assert suggestion in str(caught.value).partition("Did you mean ")[2]


def test_a_city_is_no_province(places: pd.DataFrame) -> None:
    for text in ("鞍山", "Dalian", "210300", ""):
        with pytest.raises(ParameterError, match="no province has this name or code"):
            resolve_province(places, text)


def test_a_wrong_city_names_the_nearest_of_its_province(places: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match=r"Did you mean .*Anshan"):
        resolve_city(places, "Anshann", resolve_province(places, "辽宁"))
    with pytest.raises(ParameterError, match="Known: 沈阳, 大连, 鞍山"):
        resolve_city(places, "Qqqq", resolve_province(places, "辽宁"))


@pytest.mark.parametrize(
    ("city", "province", "home"),
    [
        ("郑州", "辽宁", "It lies in 河南 (Henan): set that province, or name a city of"),
        ("zhengzhou", "辽宁", "It lies in 河南 (Henan): set that province, or name a city of"),
        ("210300", "河南", "It lies in 辽宁 (Liaoning): set that province, or name a city of"),
        ("上海", "辽宁", "It lies in 上海 (Shanghai): set that province, or name a city of"),
        ("苏州", "安徽", "It lies in 江苏 (Jiangsu): set that province, or name a city of"),
        ("宿州", "江苏", "It lies in 安徽 (Anhui): set that province, or name a city of"),
        (
            "Suzhou",
            "辽宁",
            "It lies in 江苏 (Jiangsu) or 安徽 (Anhui): set that province, or name a city of",
        ),
    ],
)
def test_a_city_elsewhere_names_its_province(
    places: pd.DataFrame, city: str, province: str, home: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        resolve_city(places, city, resolve_province(places, province))
    assert home in str(caught.value)


def test_cities_of_one_latin_name_are_told_apart_by_province(places: pd.DataFrame) -> None:
    jiangsu, anhui = (resolve_province(places, name) for name in ("Jiangsu", "Anhui"))
    assert resolve_city(places, "Suzhou", jiangsu).place_id == "320500"
    assert resolve_city(places, "Suzhou", anhui).place_id == "341300"


def test_jilin_is_a_province_and_a_city(places: pd.DataFrame) -> None:
    for name in ("吉林", "Jilin"):
        province = resolve_province(places, name)
        assert province.place_id == "220000"
        assert resolve_city(places, name, province).place_id == "220200"
    assert resolve_province(places, "吉林省").place_id == "220000"
    with pytest.raises(ParameterError):
        resolve_province(places, "吉林市")
    with pytest.raises(ParameterError):
        resolve_city(places, "吉林省", resolve_province(places, "吉林"))


def test_shanxi_and_shaanxi(places: pd.DataFrame) -> None:
    assert resolve_province(places, "Shanxi").name_zh == "山西"
    assert resolve_province(places, "Shaanxi").name_zh == "陕西"


def test_place_of(places: pd.DataFrame) -> None:
    assert place_of(places, "XPCC").name_zh == "新疆兵团"
    with pytest.raises(KeyError):
        place_of(places, "999999")


def test_labels(places: pd.DataFrame) -> None:
    city = place_of(places, "210300")
    assert (city.label("en"), city.label("zh")) == ("Anshan", "鞍山")
    assert place_of(places, "652900").label("en") == "阿克苏"  # no Latin form on record


def test_near() -> None:
    assert near("Xqz", ["aaa", "bbb"]) == "Known: aaa, bbb."
    assert near("Xqz", [f"name{n}" for n in range(41)]) == "No similar name is known."
    assert near("HENAN", ["Henan", "Hunan", "Henan"]) == "Did you mean Henan, Hunan?"
