"""How much of what each notebook asks for is known of a place.

A share of cells that are filled, never a judgement of what the cells say. ``complete`` means that
every cell the notebook asks for has a value, ``empty`` that none has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from helpers.evidence.claims import Setting

TIERS = ("innovative_sme", "srdi_sme", "little_giant")
LAST = 5


@dataclass(frozen=True)
class Part:
    """What a notebook asks for, and how much of it is known.

    Parameters
    ----------
    notebook : str
    item_en, item_zh : str
        What is counted.
    known, wanted : int
        Cells with a value, and cells asked for; the latter 0 where nobody knows how many there are.
    table_name : str
        The table that would fill the others.

    Examples
    --------
    >>> Part("02", "counts", "数量", 3, 5, "province_counts").state
    'partial'
    """

    notebook: str
    item_en: str
    item_zh: str
    known: int
    wanted: int
    table_name: str

    @property
    def state(self) -> str:
        """``complete``, ``partial`` or ``empty``."""
        if not self.known:
            return "empty"
        return "complete" if self.known >= self.wanted else "partial"


def _provinces(setting: Setting) -> Iterator[Part]:
    problem = setting.problem
    last = min(setting.through_batch, LAST)
    known = {
        unit: sum(
            problem.count(unit, batch, batch, setting.basis).is_point
            for batch in range(1, last + 1)
        )
        for unit in problem.units
    }
    where = ("02_national_trends", "province_counts")
    yield Part(
        where[0], "counts by province and batch that are known exactly",
        "确切已知的分省分批次数量", sum(known.values()), last * len(known), where[1],
    )  # fmt: skip
    yield Part(
        where[0], "of these, counts of the province", "其中本省各批次数量",
        known.get(setting.province_id, 0), last, where[1],
    )  # fmt: skip


def _industries_by_province(setting: Setting) -> Iterator[Part]:
    units = setting.tables["places"].query("level != 'prefecture'")["place_id"]
    known = set(setting.tables["industry_counts"]["place_id"]) & set(units)
    yield Part(
        "02b_regional_analysis", "provinces with counts by industry", "有分行业数量的省级单位",
        len(known), len(units), "industry_counts",
    )  # fmt: skip


def _covariates(setting: Setting) -> Iterator[Part]:
    rows = setting.tables["province_covariates"].dropna(subset=["value"])
    wanted = rows[["year", "variable"]].drop_duplicates()
    own = rows[rows["place_id"] == setting.province_id]
    yield Part(
        "02c_models_and_space", "figures of the province by year and variable",
        "本省分年度分指标数据", len(own), len(wanted), "province_covariates",
    )  # fmt: skip


def _cities(setting: Setting) -> Iterator[Part]:
    notebook, places = "03_city_distribution", setting.tables["places"]
    inside = (places["level"] == "prefecture") & (places["province_id"] == setting.province_id)
    cities = set(places.loc[inside, "place_id"]) or {setting.province_id}
    rows = setting.tables["city_counts"]
    rows = rows[(rows["comparison"] == "equal") & rows["area_zh"].isna()]
    cells = rows[rows["place_id"].isin(cities) & rows["indicator_id"].isin(TIERS)]
    cells = cells[["place_id", "indicator_id"]].drop_duplicates()
    own = int((cells["place_id"] == setting.city_id).sum())
    yield Part(
        notebook, "cities of the province by tier, with a count",
        "本省各市各层次中有数量者", len(cells), len(TIERS) * len(cities), "city_counts",
    )  # fmt: skip
    yield Part(
        notebook, "of these, tiers of the city", "其中本市各层次", own, len(TIERS), "city_counts"
    )
    people = setting.tables["population"].dropna(subset=["residents_10k_persons"])
    counted = set(people["place_id"]) & cities
    yield Part(
        notebook,
        "cities with a population",
        "有人口数的市",
        len(counted),
        len(cities),
        "population",
    )


def _within_city(setting: Setting) -> Iterator[Part]:
    for table, column, en, zh in (
        ("districts", "srdi_firms_count", "districts of the city with a count of firms",
         "本市区县中有企业数者"),
        ("industries", "firms_count", "industries of the city with a count of firms",
         "本市行业中有企业数者"),
    ):  # fmt: skip
        rows = setting.tables[table]
        rows = rows[rows["place_id"] == setting.city_id]
        known = int(rows[column].notna().sum())
        # A table with some of the districts is not complete; zones may make it longer than the list.
        counties = setting.tables["counties"]
        every = int((counties["city_id"] == setting.city_id).sum()) if table == "districts" else 0
        wanted = max(len(rows), every) if len(rows) else 0
        yield Part("03_city_distribution", en, zh, known, wanted, table)


def _firms(setting: Setting) -> Iterator[Part]:
    notebook, firms = "04_growth_paths", setting.tables["firms"]
    own = set(firms.loc[firms["place_id"] == setting.city_id, "firm_id"])
    told = set(setting.tables["firm_statements"]["firm_id"]) & own
    yield Part(
        notebook, "firms of the city with statements on their growth", "有成长陈述的本市企业",
        len(told), len(own), "firm_statements" if own else "firms",
    )  # fmt: skip
    years = set(setting.tables["firm_financials"]["firm_id"]) & own
    yield Part(
        notebook, "firms of the city with accounts", "有财务数据的本市企业", len(years),
        len(own), "firm_financials",
    )  # fmt: skip


def _policy(setting: Setting) -> Iterator[Part]:
    documents = setting.tables["policy_documents"]
    home = {setting.city_id, setting.province_id}
    own = documents[documents["place_id"].isin(home)]
    levels = len({setting.city_id, setting.province_id} & set(own["place_id"]))
    yield Part(
        "05_policy_recommendations", "of city and province, those with a policy on record",
        "本市、本省中有政策文件者", levels, len(home), "policy_documents",
    )  # fmt: skip
    every = setting.tables["recommendations"]["recommendation_id"]
    rows = setting.tables["recommendation_quantities"]
    known = set(rows.loc[rows["place_id"] == setting.city_id, "recommendation_id"]) & set(every)
    yield Part(
        "05b_quantities", "recommendations with a figure of the city", "有本市数据的对策建议",
        len(known), len(every), "recommendation_quantities",
    )  # fmt: skip
    targets = setting.tables["policy_targets"]
    aims = targets[targets["place_id"].isin(home) & targets["indicator_id"].isin(TIERS)]
    yield Part(
        "05b_quantities", "tiers with a goal of the city or province", "有本市或本省目标的层次",
        aims["indicator_id"].nunique(), len(TIERS), "policy_targets",
    )  # fmt: skip


def _everywhere(setting: Setting) -> Iterator[Part]:
    rows = len(setting.tables["thresholds"])
    yield Part(
        "01_concept", "legal conditions, the same for every place", "法定条件，各地相同", rows, rows,
        "thresholds",
    )  # fmt: skip


_PARTS: tuple[Callable[[Setting], Iterator[Part]], ...] = (
    _everywhere, _provinces, _industries_by_province, _covariates, _cities, _within_city, _firms,
    _policy,
)  # fmt: skip


def coverage(setting: Setting) -> list[Part]:
    """How much of what each notebook asks for is known of a study's place.

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    list of Part
        In the order of the notebooks.

    Raises
    ------
    InfeasibleError
        The counts of provinces contradict each other.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> parts = coverage(Setting(tables.load_all(), "210000", "210300"))
    >>> parts[0].state, parts[3].table_name
    ('complete', 'industry_counts')
    """
    return [part for made in _PARTS for part in made(setting)]
