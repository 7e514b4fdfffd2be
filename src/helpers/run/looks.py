"""What the explorer shows of one choice of place, batches, basis, language and weights.

The figures are views of the notebooks, called with what the notebooks call them with, so that a
figure that was explored is the figure of the study. Tables are read once; what does not depend on a
choice is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

import pandas as pd

from helpers.analysis import (
    cities,
    concentration,
    intervals,
    policy,
    priorities,
    provincial,
    shares,
)
from helpers.evidence import provinces
from helpers.evidence.claims import STUDY_PROVINCE
from helpers.evidence.completion import Interval
from helpers.evidence.places import Place, place_of
from helpers.evidence.sources import ids_of
from helpers.publish import city_views, city_words, policy_views, regional_views, trend_views
from helpers.publish.figures import Record
from helpers.publish.phrases import batches_name, percent
from helpers.publish.teller import record_of
from helpers.run.parameters import Parameters
from helpers.run.study import Study, make_study

Call = tuple[Callable[..., Any], tuple[Any, ...]]  # a view of helpers.publish and its arguments
TOP = 5  # places that count as the first few, as in notebook 05
STEPS = 80  # fineness of the triangle of weights, as in notebook 05
# Parameters that each figure depends on, besides the language.
DEPENDS = {
    "path": ("province", "through_batch", "basis"),
    "provinces": ("province",),
    "neighbours": ("province", "through_batch", "basis"),
    "cities": ("province", "city", "through_batch", "basis"),
    "policy": ("province", "city"),
}
Public = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]  # figures, goals and documents on record
GLANCE_STEPS = 40  # bounds of shares somewhat wider, in a quarter of the time


@dataclass(frozen=True)
class Glance(Study):
    """A study whose tables were read once, so that it is looked at without delay.

    Parameters
    ----------
    found : dict of str to Place
        Places looked for so far, by code.
    """

    found: dict[str, Place] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """A data table as it was when the explorer was opened."""
        return self._tables()[name]

    def _tables(self) -> dict[str, pd.DataFrame]:
        return dict(self.setting.tables)

    def _place(self, place_id: str) -> Place:
        if place_id not in self.found:
            self.found[place_id] = place_of(self.setting.tables["places"], place_id)
        return self.found[place_id]


class Looks:
    """Figures and key figures by choice.

    Parameters
    ----------
    study : Study
        Gives the tables: the project's, with those of its ``data_dir`` laid over them.

    Examples
    --------
    >>> looks = Looks(make_study(Parameters()))
    >>> view, arguments = looks.call("provinces", looks.glance(Parameters(province="江苏", city="苏州")))
    >>> view.__name__, arguments[-1]
    ('provinces', '320000')
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._kept: dict[Hashable, Any] = {}
        self._found: dict[str, Place] = {}
        self._ready: set[tuple[str, str]] = set()  # steps of prepare, by province
        self._makers = {
            "path": self._path,
            "provinces": self._provinces,
            "neighbours": self._neighbours,
            "cities": self._cities,
        }

    def glance(self, parameters: Parameters) -> Glance:
        """The study of other parameters on the same tables.

        Parameters
        ----------
        parameters : Parameters

        Returns
        -------
        Glance

        Raises
        ------
        ParameterError
            The province or city is unknown.
        """
        made = make_study(parameters, self._study.notebook)
        shared = {item.name: getattr(made, item.name) for item in fields(Study)}
        glance = Glance(**shared, found=self._found)
        # A frozen study keeps what it has worked out in its __dict__.
        glance.__dict__["_own_words"] = self._study._own_words
        glance.__dict__["setting"] = replace(
            self._study.setting, province_id=made.province.place_id, city_id=made.city.place_id,
            basis=made.basis, through_batch=made.through_batch,
        )  # fmt: skip
        return glance

    def call(
        self,
        look: str,
        study: Study,
        weights: Mapping[str, float] | None = None,
        full: bool = False,
    ) -> Call | str:
        """The call that draws a figure, or what is missing for it, in the study's language.

        Parameters
        ----------
        look : str
            A key of :func:`titles`.
        study : Study
            From :meth:`glance`.
        weights : mapping or None
            Of the criteria of measures, for ``policy``; see ``priorities.check_weights``.
        full : bool
            Whether everything is worked out that a file shall hold, and not only what can be drawn
            at once: ranks, the sources of single bounds, shares of weights between closer bounds.

        Returns
        -------
        (view, arguments) or str

        Raises
        ------
        InputError
            The weights cannot be used.
        """
        if look == "policy":
            return self._policy(study, weights or {}, full)
        return self._makers[look](study, full)

    def depends(self, look: str, study: Study) -> tuple[Hashable, ...]:
        """What a figure depends on besides language and weights: equal for equal figures.

        Parameters
        ----------
        look : str
            A key of :func:`titles`.
        study : Study
            From :meth:`glance`.

        Returns
        -------
        tuple
        """
        if look == "policy":  # many cities have nothing of their own, and so the same points
            return _points(self._scored(study))
        return tuple(getattr(study.parameters, name) for name in DEPENDS[look])

    def prepare(self, study: Study) -> bool:
        """Work out a part of what the cities of all provinces need to be shown without delay.

        Parameters
        ----------
        study : Study
            From :meth:`glance`: batches and basis.

        Returns
        -------
        bool
            Whether there was one left.
        """
        self._scored(study)
        places, last = study.table("places"), max(1, _last(study))
        for province in places.loc[places["level"] == "prefecture", "province_id"].unique():
            steps: dict[str, Callable[[], object]] = {
                "counts": partial(self._counts, study, province),
                "problem": partial(self._problem, study, province),
                f"bounds {last} {study.basis}": partial(self._bounds, study, province, last),
            }
            for name, step in steps.items():
                if (name, province) not in self._ready:
                    self._ready.add((name, province))
                    step()
                    return True
        return False

    def rank(self, study: Study) -> Interval | None:
        """Bounds of the province's rank through the last batch; None where no batch is bounded."""
        last = _last(study)
        if last < 2:
            return None
        place, problem = study.province.place_id, study.setting.problem
        key = ("rank", place, last, study.basis)
        return self._once(key, lambda: problem.rank(place, 1, last, study.basis))

    def key_figures(
        self, study: Study, rank: Interval | None = None
    ) -> tuple[pd.DataFrame, Record]:
        """Key figures of the place, each with what it is a part of.

        Parameters
        ----------
        study : Study
            From :meth:`glance`.
        rank : Interval or None
            From :meth:`rank`; None for not worked out.

        Returns
        -------
        frame, record
            Texts in the study's language.
        """
        t = study.t
        where = list(dict.fromkeys(study.name(place) for place in (study.province, study.city)))
        rows = [*self._share_rows(study, rank), *self._quotient_rows(study), self._city_row(study)]
        heads = (t("Figure", "指标"), t("Value", "数值"), t("Of what", "范围"))
        record = record_of(
            study, "explore",
            (f"Key figures: {', '.join(where)}", f"关键数字：{''.join(where)}"),
            basis=study.basis_name, source=[self._sources(study)],
            note=("A range gives identification bounds: every value that the public figures allow.",
                  "区间为识别界，即公开数据所允许的全部取值。"),
        )  # fmt: skip
        return pd.DataFrame(rows, columns=heads), record

    def ranking(self, study: Study, weights: Mapping[str, float]) -> tuple[pd.DataFrame, Record]:
        """The measures of notebook 05 in the order of these weights."""
        ranked = priorities.rank(self._scored(study), weights)
        return policy_views.ranking_shown(
            study, ranked, study.table("recommendation_measures"), weights
        )

    # --- What depends on part of a choice, once --------------------------------------------------

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def _cells(self, basis: str) -> shares.Cells:
        tables = self._study.setting.tables
        return self._once(
            ("cells", basis),
            lambda: shares.Cells(tables["province_counts"], tables["places"], basis),
        )

    def _totals(self) -> pd.DataFrame:
        tables = self._study.setting.tables
        return self._once("totals", lambda: shares.basis_table(tables["batches"], tables["bases"]))

    def _facts(self, study: Study) -> list[str]:
        facts = study.setting.problem.counts.facts
        return self._once("facts", lambda: ids_of(*(fact.source_ids for fact in facts)))

    def _base(self, study: Study) -> provincial.Complete:
        """The widest range of batches from the first that is known for every province."""
        last = max(2, study.through_batch)

        def widest() -> provincial.Complete:
            spans = provincial.spans_through(last)
            known = provincial.complete_spans(
                self._cells(study.basis), self._cells("certified"), spans
            )
            return [item for item in known if item.span[0] == 1][-1]

        return self._once(("base", study.basis, last), widest)

    def _quotients(self, study: Study) -> pd.DataFrame:
        base, table = self._base(study), study.table
        references = ("province_population", "province_covariates")
        return self._once(
            ("quotients", base.span, base.basis),
            lambda: provincial.quotient_table(
                provincial.merge_corps(base.counts, table("places")),
                provincial.reference_table(*map(table, references)),
            ),
        )

    def _scored(self, study: Study) -> pd.DataFrame:
        """Measures with their points on the three criteria, as notebook 05 gives them."""
        public = self._once("public", lambda: _public(study))
        here, region = study.city.place_id, study.province.place_id
        # Where nothing is on record of the city itself, its province's points hold.
        found = (*public, study.table("firms"))
        own = any(frame["place_id"].eq(here).any() for frame in found)
        places = (here if own else "", region)
        return self._once(("scores", places), lambda: _scores(study, public, *places))

    def _problem(self, study: Study, province: str) -> provinces.Provinces:
        """The table of provinces with the cities of one of them."""
        for city in _city_ids(study, province):
            study.name(city)  # which the figure will name
        return study.setting.problem_within(province)

    def _bounds(self, study: Study, province: str, last: int, full: bool = False) -> pd.DataFrame:
        """Bounds of the cities of a province; see ``cities.city_bounds``."""
        problem = self._problem(study, province)
        return self._once(
            _bounds_key(study, province, last, full),
            lambda: cities.city_bounds(problem, 1, last, study.basis, ranks=full),
        )

    def _counts(self, study: Study, province: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Latest counts of a province's cities with their rates, and those that can be compared."""

        def counted() -> tuple[pd.DataFrame, pd.DataFrame]:
            every, city_ids = study.table("city_counts"), _city_ids(study, province)
            giants = self._giants(study, province)
            return (
                cities.per_million(giants, study.table("population")),
                cities.comparable_counts(every, city_ids, "little_giant"),
            )

        return self._once(("counts", province), counted)

    # --- Figures ---------------------------------------------------------------------------------

    def _path(self, study: Study, full: bool) -> Call | str:
        if study.through_batch < 2:
            return _one_batch(study)
        place, problem = study.province.place_id, study.setting.problem
        path = shares.share_path(
            self._cells(study.basis), self._totals(), place, study.through_batch
        )
        path = shares.path_bounds(path, problem, place, study.basis, ranks=full)
        reported = study.table("claims").set_index("claim_id")["reported_value"]
        printed = {"1-3": "C2-16", "1-5": "C2-17"}
        ours = set(path["batches"]) if place == STUDY_PROVINCE else set()
        diamonds = {span: float(reported[claim]) for span, claim in printed.items() if span in ours}
        sources = [*self._facts(study), *["STUDY"] * bool(diamonds)]
        return trend_views.focal_path, (path, diamonds, place, sources)

    def _provinces(self, study: Study, full: bool) -> Call:
        def table() -> pd.DataFrame:
            certified, places = self._cells("certified"), study.table("places")
            plan = places[places["plan_city"]].set_index("province_id")["place_id"]
            found = {home: certified.exact(own, 1, 2) for home, own in plan.items()}
            inside = {home: known.firms_count for home, known in found.items() if known}
            listed = certified.table(1, 2)
            listed = shares.with_shares(listed, int(listed["firms_count"].sum()))
            return listed.assign(plan_city_count=listed["place_id"].map(inside))

        return trend_views.provinces, (self._once("provinces", table), study.province.place_id)

    def _neighbours(self, study: Study, full: bool) -> Call:
        base, place = self._base(study), study.province.place_id

        def table() -> pd.DataFrame:
            ranks = base.counts.rank(ascending=False, method="min").astype("int64")
            return intervals.share_intervals(base.counts.to_dict()).assign(rank=ranks)

        everyone = self._once(("intervals", base.span, base.basis), table)
        near = provincial.neighbours(base.counts, place)
        listed = list(base.source_ids)
        return regional_views.share_intervals, (
            everyone.loc[near.index], place, len(everyone), base.basis, listed,
        )  # fmt: skip

    def _cities(self, study: Study, full: bool) -> Call | str:
        province, home = study.province.place_id, study.city.place_id
        if len(_city_ids(study, province)) < 2:
            return city_words.no_cities(study, province)
        problem, last = self._problem(study, province), max(1, _last(study))
        bounds = self._bounds(study, province, last, full)
        facts = problem.counts.facts
        # To find which of all facts the bounds rest on takes longer than to draw them.
        rest_on = self._once(
            ("grounds", *_bounds_key(study, province, last, full)),
            lambda: cities.bounds_sources(problem, bounds, 1, last, study.basis) if full
            else ids_of(*(fact.source_ids for fact in facts)),
        )  # fmt: skip
        giants, compared = self._counts(study, province)
        return city_views.city_tiles, (giants, compared, bounds, home, province, last, rest_on)

    def _policy(self, study: Study, weights: Mapping[str, float], full: bool) -> Call:
        sound, scored = priorities.check_weights(weights), self._scored(study)
        steps = STEPS if full else GLANCE_STEPS
        key = ("top", steps, *_points(scored))
        top = self._once(key, lambda: priorities.top_share(scored, top=TOP, steps=steps))
        measures = study.table("recommendation_measures")
        return policy_views.robustness, (priorities.rank(scored, sound), top, measures, TOP)

    # --- Key figures -----------------------------------------------------------------------------

    def _giants(self, study: Study, province: str) -> pd.DataFrame:
        """Latest counts of little giants of a province's cities."""

        def latest() -> pd.DataFrame:
            wanted, city_ids = list(city_views.TIERS), _city_ids(study, province)
            counts = cities.latest_counts(study.table("city_counts"), city_ids, wanted)
            return counts[counts["indicator_id"] == "little_giant"]

        return self._once(("giants", province), latest)

    def _share_rows(self, study: Study, rank: Interval | None) -> list[tuple[str, str, str]]:
        t, last, place = study.t, _last(study), study.province.place_id
        label = t("Little giants and share of the nation", "“小巨人”数量及占全国比重")
        place_label = t("Rank of the province", "省份位次")
        if last < 2:
            return [(label, t("not known by province", "无分省数据"), _batches(study, 1))]
        problem, through = study.setting.problem, _batches(study, last)
        held = provinces.bounds_text(problem, [place], (1, last), study.basis)
        ends = "…" if rank is None else f"{rank.lower}"
        if rank is not None and not rank.is_point:
            ends = t(f"{rank.lower} to {rank.upper}", f"{rank.lower}至{rank.upper}")
        units = t(
            f"{len(problem.units)} units, {through}", f"{len(problem.units)}个单位，{through}"
        )
        return [(label, t(str(held), held.zh), through), (place_label, ends, units)]

    def _quotient_rows(self, study: Study) -> list[tuple[str, str, str]]:
        t, base = study.t, self._base(study)
        names, table = regional_views.reference_names(t), self._quotients(study)
        mine = table[table["place_id"] == study.province.place_id]
        of = batches_name(base.name, t)
        found = [
            (t(f"Location quotient, against {names[row.reference_name]}",
               f"区位商（参照：{names[row.reference_name]}）"),
             t(f"{row.lq:.2f} (95 % interval {row.low:.2f} to {row.high:.2f})",
               f"{row.lq:.2f}（95%区间{row.low:.2f}至{row.high:.2f}）"), of)
            for row in mine.itertuples()
        ]  # fmt: skip
        index = self._once(
            ("indices", base.span, base.basis),
            lambda: concentration.indices(base.counts, (4,)).set_index("index")["value"],
        )
        count = len(base.counts)
        units = t(f"{count} units, {of}", f"{count}个单位，{of}")
        whole = (
            t("Concentration over all provinces", "全国分省集中度"),
            t(f"CR4 {percent(index['cr4'], 1, t)}, Herfindahl index {index['hhi']:.3f}",
              f"CR4为{percent(index['cr4'], 1, t)}，赫芬达尔指数{index['hhi']:.3f}"), units,
        )  # fmt: skip
        return [*found, whole]

    def _city_row(self, study: Study) -> tuple[str, str, str]:
        t, giants = study.t, self._giants(study, study.province.place_id)
        own = giants[giants["place_id"] == study.city.place_id]
        label = t("Latest count of the city's little giants", "该市“小巨人”最新数量")
        if own.empty:
            needed = t(
                "not found: a row of city_counts.csv in data_dir would supply it",
                "未查得：可在 data_dir 的 city_counts.csv 中补充一行",
            )
            return label, needed, study.name(study.city)
        row = own.iloc[-1]
        return (
            label,
            city_views.counted_text(row["firms_count"], row["comparison"]),
            str(row["as_of"]),
        )

    def _sources(self, study: Study) -> list[str]:
        people = study.table("province_population")["source_id"]
        economy = provincial.used_sources(study.table("province_covariates"))
        own = self._giants(study, study.province.place_id)
        own = own.loc[own["place_id"] == study.city.place_id, "source_id"]
        return ids_of(self._facts(study), list(self._base(study).source_ids), people, economy, own)


def titles(study: Study) -> dict[str, str]:
    """Figures that can be looked at, in the study's language.

    Examples
    --------
    >>> list(titles(make_study(Parameters())))
    ['path', 'provinces', 'neighbours', 'cities', 'policy']
    """
    t = study.t
    return {
        "path": t("The province's share, batch by batch", "省份占比的逐批变化"),
        "provinces": t("All provinces, batches 1-2", "各省对比（第1—2批）"),
        "neighbours": t("Its neighbours in rank", "位次相近的省份"),
        "cities": t("Cities of the province", "省内各市"),
        "policy": t("Which measures come first", "哪些措施优先"),
    }


def _last(study: Study) -> int:
    """Last batch considered that the tables of provinces reach."""
    return min(provinces.LAST, study.through_batch)


def _batches(study: Study, last: int) -> str:
    return batches_name(shares.span_text(1, last), study.t)


def _one_batch(study: Study) -> str:
    return str(
        study.t(
            "No count of batch 1 alone is known by province. Choose batch 2 or a later one.",
            "第1批没有单独的分省数量。请选第2批或以后的批次。",
        )
    )


def _city_ids(study: Study, province: str) -> list[str]:
    """Cities of a province; a municipality is its own city."""
    places = study.table("places")
    inside = places["province_id"] == province
    found = places.loc[inside & (places["level"] == "prefecture"), "place_id"]
    return list(found) or [province]


def _bounds_key(study: Study, province: str, last: int, full: bool) -> tuple[Hashable, ...]:
    return "bounds", province, last, study.basis, full


def _points(scored: pd.DataFrame) -> tuple[float, ...]:
    """Points of all measures on all criteria."""
    return tuple(scored[list(priorities.CRITERIA)].to_numpy().ravel())


def _public(study: Study) -> Public:
    """What is on record on the measures, of any place."""
    table = study.table
    names = ("recommendation_quantities", "city_counts", "province_series", "tier_stocks")
    goals = policy.all_goals(table("policy_targets"), table("programme_targets"))
    return policy.public_figures(*map(table, names)), goals, table("policy_documents")


def _scores(study: Study, public: Public, here: str, region: str) -> pd.DataFrame:
    """Points of the measures seen from a city and its province."""
    # What is on record of other places counts for no point.
    near = (policy.NATION, here, region)
    known, goals, documents = (
        frame[frame["place_id"].isna() | frame["place_id"].isin(near)] for frame in public
    )
    table = study.table
    firms, cases = table("firms"), table("firm_statements")
    local = firms.loc[firms["place_id"].eq(here) & firms["in_study"].astype(bool), "firm_id"]
    measures = table("recommendation_measures")
    cells = policy.evidence_cells(measures, known, goals, documents, table("sources"), here, region)
    return priorities.scores(measures, cells, cases[cases["firm_id"].isin(local)])
