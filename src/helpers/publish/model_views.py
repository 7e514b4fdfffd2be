"""Figures and tables on count models of provinces, each right for any focal province."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from helpers.evidence.bilingual import Pick
from helpers.evidence.sources import ids_of
from helpers.publish import figures
from helpers.publish.direct_labels import place_labels
from helpers.publish.figures import COLOURS, Record
from helpers.publish.phrases import basis_name, batches_name, years_name
from helpers.publish.teller import Teller, View, Words, record_of
from helpers.publish.undrawn import only_draws

# Marker, colour and vertical shift of each model in the coefficient plot.
_MARKS = {
    "poisson": ("o", "light", -0.24),
    "quasi_poisson": ("s", "main", 0.0),
    "negative_binomial": ("D", "focal", 0.24),
}


@dataclass(frozen=True)
class Page:
    """What all views of one model page share, free of language.

    Parameters
    ----------
    focal : str
        Code of the province shown; for the Corps, that of the province it is counted with.
    batches : str
        Range of batches, for instance ``"1-2"``.
    basis : {"study", "certified", "announced"}
        Of counting.
    year : int
        Of the covariates.
    source_ids : tuple of str
        Of counts and covariates.
    """

    focal: str
    batches: str
    basis: str
    year: int
    source_ids: tuple[str, ...] = ()

    def citing(self, *cells: object) -> Page:
        """The same with the sources in cells, columns or lists of ids.

        Examples
        --------
        >>> Page("210000", "1-2", "certified", 2018).citing(["S1;S2"], "S1").source_ids
        ('S1', 'S2')
        """
        return replace(self, source_ids=tuple(ids_of(*cells)))

    @property
    def national(self) -> Page:
        """The same without a province, for views in which none stands out.

        They are then the same in every study, and a run of several makes them once.

        Examples
        --------
        >>> Page("210000", "1-2", "certified", 2018).national.focal
        ''
        """
        return replace(self, focal="")


def page_record(study: Teller, shown: Page, name: str, title: Words, **facts: Any) -> Record:
    """The record of a view of the model page: period, basis and source are those of the page.

    Parameters
    ----------
    study : Teller
    shown : Page
    name, title, **facts
        See :func:`helpers.publish.teller.record_of`.

    Returns
    -------
    Record
    """
    t = study.t
    batches = batches_name(shown.batches, t)
    common = {
        "period": t(
            f"little giants of {batches}; covariates of {shown.year}",
            f"{batches}“小巨人”；{shown.year}年协变量",
        ),
        "basis": basis_name(shown.basis, t),
        "source": [list(shown.source_ids)],
    }
    return record_of(study, name, title, **(common | facts))


def provinces_base(count: int) -> Words:
    """The number of provinces as the base of a figure."""
    return f"{count} provinces", f"{count}个省份"


def model_name(model: str, t: Pick) -> str:
    """Name of a model in the study's language.

    Examples
    --------
    >>> model_name("quasi_poisson", lambda en, zh: en)
    'quasi-Poisson'
    """
    names = {
        "poisson": ("Poisson", "泊松"),
        "quasi_poisson": ("quasi-Poisson", "拟泊松"),
        "negative_binomial": ("negative binomial", "负二项"),
    }
    return t(*names[model])


def term_name(term: str, t: Pick) -> str:
    """Name of a covariate in the study's language.

    Examples
    --------
    >>> term_name("log_rd", lambda en, zh: zh)
    'R&D经费'
    """
    names = {
        "log_gdp": ("GDP", "地区生产总值"),
        "log_rd": ("R&D expenditure", "R&D经费"),
        "log_hightech": ("high-tech manufacturing firms", "高技术制造业企业数"),
        "intercept": ("intercept", "截距"),
    }
    return t(*names.get(term, (term, term)))


def specification_name(specification: str, t: Pick) -> str:
    """Name of a set of covariates in the study's language."""
    names = {
        "gdp_rd_hightech": (
            "GDP, R&D, high-tech firms",
            "地区生产总值、R&D经费、高技术企业",
        ),
        "gdp": ("GDP alone", "仅地区生产总值"),
    }
    return t(*names.get(specification, (specification, specification)))


def dots(ax: Any, points: pd.DataFrame, focal: str, colour: str = "main") -> None:
    """Points of a scatter plot, the focal one in its colour and on top.

    Parameters
    ----------
    ax : Axes
    points : DataFrame
        Index: unit. Columns x and y.
    focal : str
        Need not be among the units.
    colour : str
        Of the others, a key of ``figures.COLOURS``.
    """
    for own in (False, True):
        part = points[(points.index == focal) == own]
        ax.scatter(
            part["x"], part["y"], s=30 if own else 20, color=COLOURS["focal" if own else colour],
            edgecolors="white", linewidths=0.6, zorder=4 if own else 3,
        )  # fmt: skip


@only_draws
def log_axis(ax: Any, ticks: Sequence[float]) -> None:
    """A logarithmic x axis with plain numbers at those ticks that lie within it.

    Parameters
    ----------
    ax : Axes
        With its points drawn.
    ticks : sequence of float
    """
    ax.set_xscale("log")
    low, high = ax.get_xlim()
    ax.set_xticks([tick for tick in ticks if low <= tick <= high], minor=False)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()


# --- Tables --------------------------------------------------------------------------------------


def collinearity_table(study: Teller, found: Any, shown: Page) -> tuple[pd.DataFrame, Record]:
    """Correlations and variance inflation of the covariates.

    Parameters
    ----------
    study : Teller
    found : Collinearity
        From ``analysis.models.collinearity``.
    shown : Page

    Returns
    -------
    table, record
    """
    t, terms = study.t, list(found.vif.index)
    table = pd.DataFrame({t("Logarithm of", "对数"): [term_name(term, t) for term in terms]})
    for term in terms:
        table[term_name(term, t)] = found.correlations[term].to_numpy()
    table[t("Variance inflation", "方差膨胀因子")] = found.vif.to_numpy()
    record = page_record(
        study, shown,
        "02c_collinearity",
        ("How far the covariates repeat one another", "协变量的共线性"),
        unit=("Pearson correlations of logarithms; variance inflation factor", "对数的皮尔逊相关系数；方差膨胀因子"),
        period=years_name((shown.year,), t),
        note=(
            f"Condition number of the scaled design: {found.condition_number:.0f}; above 30 is usually called high.",
            f"标准化设计矩阵的条件数为{found.condition_number:.0f}，通常大于30即为高。",
        ),
    )  # fmt: skip
    return table, record


def models_table(study: Teller, fits: pd.DataFrame, shown: Page) -> tuple[pd.DataFrame, Record]:
    """The three models side by side.

    Parameters
    ----------
    study : Teller
    fits : DataFrame
        Tables of ``analysis.models.fit_counts`` with a column specification before.
    shown : Page

    Returns
    -------
    table, record
    """
    t = study.t
    rows = fits[fits["term"] != "intercept"]
    table = pd.DataFrame(
        {
            t("Covariates", "协变量组合"): [specification_name(s, t) for s in rows["specification"]],
            t("Model", "模型"): [model_name(model, t) for model in rows["model"]],
            t("Coefficient of log", "对数系数"): [term_name(term, t) for term in rows["term"]],
            t("Estimate", "估计值"): rows["coefficient"].to_numpy(),
            t("Std. error", "标准误"): rows["standard_error"].to_numpy(),
            t("95 % from", "95%下限"): rows["low"].to_numpy(),
            t("to", "95%上限"): rows["high"].to_numpy(),
            t("Dispersion", "离散参数"): rows["dispersion"].to_numpy(),
            "AIC": rows["aic"].to_numpy(),
        }
    )  # fmt: skip
    failed = rows.loc[~rows["converged"], "model"].unique()
    silent = "".join(
        t(f" {model_name(model, t)}: no fit.", f"{model_name(model, t)}：未能拟合。")
        for model in failed
    )
    record = page_record(
        study, shown,
        "02c_models",
        ("Three count models of the provinces side by side", "三种分省计数模型对照"),
        unit=("elasticities: per cent more firms with one per cent more of the covariate", "弹性：协变量多1%时企业数多百分之几"),
        base=provinces_base(int(rows['units_count'].max())),
        note=t(
            "Wald intervals under the model. Dispersion: 1 (Poisson), Pearson chi-square per degree of freedom (quasi-Poisson), alpha (negative binomial). A dash: quasi-Poisson has no likelihood and no AIC.",
            "区间为模型下的Wald区间。离散参数：泊松为1，拟泊松为皮尔逊卡方除以自由度，负二项为alpha。横线：拟泊松无似然，故无AIC。",
        )
        + silent,
    )  # fmt: skip
    return table, record


def focal_table(study: Teller, rows: pd.DataFrame, shown: Page) -> tuple[pd.DataFrame, Record]:
    """Observed and expected count of the focal province under each model.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.observed_expected.expected_models``.
    shown : Page

    Returns
    -------
    table, record
    """
    t = study.t
    where = {
        "below": t("below", "低于区间"),
        "within": t("within", "区间内"),
        "above": t("above", "高于区间"),
        "unknown": t("no fit", "未能拟合"),
    }
    table = pd.DataFrame(
        {
            t("Covariates", "协变量组合"): [specification_name(s, t) for s in rows["specification"]],
            t("Model", "模型"): [model_name(model, t) for model in rows["model"]],
            t("Observed", "实际"): rows["observed"].to_numpy(),
            t("Expected", "预期"): rows["expected"].to_numpy(),
            t("95 % from", "95%下限"): rows["low"].astype("Int64").to_numpy(),
            t("to", "95%上限"): rows["high"].astype("Int64").to_numpy(),
            t("Ratio", "实际/预期"): rows["ratio"].to_numpy(),
            t("Position", "位置"): [where[position] for position in rows["position"]],
        }
    )  # fmt: skip
    record = page_record(
        study, shown,
        "02c_focal",
        (f"{study.name(shown.focal)}: observed and expected little giants", f"{study.name(shown.focal)}“小巨人”的实际数与预期数"),
        unit=("firms", "家"),
        base=("models fitted to the other provinces", "模型由其余省份拟合"),
        note=("Prediction intervals: they hold the uncertainty of the coefficients and of the count itself.", "预测区间含系数与计数本身的不确定性。"),
    )  # fmt: skip
    return table, record


def influence_table(
    study: Teller, table: pd.DataFrame, shown: Page, rows: int = 6
) -> tuple[pd.DataFrame, Record]:
    """The units that weigh most, and the coefficients without them.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.models.influence``.
    shown : Page
    rows : int
        Number of units; the focal province is added.

    Returns
    -------
    table, record
    """
    t = study.t
    top = table.nlargest(rows, "cooks_distance", keep="all").index.union(
        [unit for unit in table.index if unit == shown.focal], sort=False
    )
    part = table.loc[top]
    terms = [name for name in table if name.startswith("without_") and "intercept" not in name]
    columns = {
        t("Province", "省份"): [study.name(unit) for unit in part.index],
        t("Observed", "实际"): part["observed"].to_numpy(),
        t("Fitted", "拟合"): part["fitted"].to_numpy(),
        t("Leverage", "杠杆值"): part["leverage"].to_numpy(),
        t("Residual", "残差"): part["residual"].to_numpy(),
        t("Cook's distance", "库克距离"): part["cooks_distance"].to_numpy(),
    } | {
        t(f"{term_name(term[8:], t)} without it", f"剔除后：{term_name(term[8:], t)}"): part[term].to_numpy()
        for term in terms
    }  # fmt: skip
    record = page_record(
        study, shown,
        "02c_influence_table",
        ("The provinces that weigh most in the fit", "对拟合影响最大的省份"),
        unit=("firms; residuals are studentised Pearson residuals; last columns: elasticities", "家；残差为学生化皮尔逊残差；末列为弹性"),
        base=provinces_base(len(table)),
    )  # fmt: skip
    return pd.DataFrame(columns), record


# --- Figures -------------------------------------------------------------------------------------


def coefficients(study: Teller, fits: pd.DataFrame, shown: Page) -> View:
    """Elasticities of the three models with their intervals.

    Parameters
    ----------
    study : Teller
    fits : DataFrame
        Tables of ``analysis.models.fit_counts`` with a column specification before.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t = study.t
    rows = fits[(fits["term"] != "intercept") & fits["converged"]]
    groups = list(dict.fromkeys(zip(rows["specification"], rows["term"], strict=True)))
    with figures.styled():
        figure, ax = figures.new(7.0, 0.5 + 0.72 * len(groups))
        ax.axvline(0, color=COLOURS["ink"], lw=0.8)
        for row in rows.itertuples():
            y = groups.index((row.specification, row.term))
            marker, colour, shift = _MARKS[row.model]
            ax.plot([row.low, row.high], [y + shift] * 2, color=COLOURS[colour], lw=2)
            ax.plot(row.coefficient, y + shift, marker, color=COLOURS[colour], ms=6, mec="white")
            ax.annotate(
                model_name(row.model, t), (row.high, y + shift), (4, 0), va="center", fontsize=figures.points(7),
                textcoords="offset points", color="#444444",
            )  # fmt: skip
        names = [
            specification_name(s, t) if s == "gdp" else term_name(term, t) for s, term in groups
        ]
        ax.set_yticks(range(len(groups)), names)
        ax.set_ylim(len(groups) - 0.45, -0.55)
        ax.set_xlim(right=float(rows["high"].max()) + 0.42)
        ax.set_xlabel(t("Elasticity", "弹性"))
        ax.grid(axis="x")
    record = page_record(
        study, shown,
        "02c_coefficients",
        ("What goes with more little giants: three models", "与“小巨人”数量相伴的因素：三种模型"),
        unit=("per cent more firms that go with one per cent more of the covariate", "协变量多1%相伴的企业数增加百分比"),
        base=provinces_base(int(rows['units_count'].max())),
        note=("Bars: 95 % Wald intervals under the model. Associations, not effects.", "横线：模型下的95% Wald区间。所示为相关而非因果。"),
        alt=_coefficients_alt(rows),
    )  # fmt: skip
    return figure, record, rows


def _coefficients_alt(rows: pd.DataFrame) -> Words:
    """What the coefficient plot shows, for readers who cannot see it."""
    clear = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    low, high = rows["coefficient"].min(), rows["coefficient"].max()
    return (
        f"Dots with horizontal 95 % intervals on an axis of elasticity, one row a covariate and one mark a model, with a line at 0. "
        f"{len(rows)} estimates run from {low:.2f} to {high:.2f}; {clear} of their intervals leave out 0.",
        f"点与横向95%区间图，横轴为弹性，每行一个协变量、每种标记一个模型，0处有竖线。共{len(rows)}个估计值，"
        f"自{low:.2f}至{high:.2f}，其中{clear}个的区间不含0。",
    )


def expectations(study: Teller, rows: pd.DataFrame, model: str, shown: Page) -> View:
    """Observed and expected counts of all provinces with prediction intervals.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.observed_expected.expected_all``.
    model : str
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t = study.t
    table = rows.sort_values("expected", na_position="first", kind="stable", ignore_index=True)
    with figures.styled():
        figure, ax = figures.new(7.0, 0.5 + 0.19 * len(table))
        ax.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
        for y, row in table.iterrows():
            _expectation(ax, int(y), row, row["place_id"] == shown.focal)
        right = float(np.nanmax(table[["high", "observed"]].to_numpy(dtype=float)))
        for y, row in table.iterrows():
            ratio = t("no fit", "未拟合") if pd.isna(row["ratio"]) else f"{row['observed']}/{row['expected']:.0f} = {row['ratio']:.2f}"  # fmt: skip
            ax.annotate(
                ratio, (1.0, float(y)), (4, 0), xycoords=("axes fraction", "data"), fontsize=figures.points(6.5),
                textcoords="offset points", va="center", annotation_clip=False,
                color=COLOURS["focal"] if row["place_id"] == shown.focal else "#555555",
            )  # fmt: skip
        ticks = ax.set_yticks(range(len(table)), [study.name(unit) for unit in table["place_id"]], fontsize=figures.points(7))  # fmt: skip
        for number, unit in enumerate(table["place_id"]):
            ticks[number].label1.set_color(
                COLOURS["focal"] if unit == shown.focal else COLOURS["ink"]
            )
        ax.set_ylim(-0.7, len(table) - 0.3)
        ax.set_xlim(0, right * 1.04)
        steps = [0, 5, 25, 50, 100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400]
        ax.set_xticks([step for step in steps if step <= right * 1.04])
        ax.set_xlabel(t("Firms (square-root scale)", "企业数（家，平方根刻度）"))
        ax.grid(axis="x")
    record = page_record(
        study, shown,
        "02c_expected",
        ("Little giants of each province beside what the others' economies suggest", "各省“小巨人”实际数与按其余省份经济规模推算的预期数"),
        unit=("firms; at the right observed/expected", "家；右侧为实际/预期"),
        base=(f"each province from a {model_name(model, t)} model of the other {int(rows['units_count'].max())}", f"每省由其余{int(rows['units_count'].max())}省的{model_name(model, t)}模型预测"),
        note=("Bar: 95 % prediction interval; stroke: expected; dot: observed, filled outside the interval or for the focal province.", "横条：95%预测区间；竖线：预期数；圆点：实际数，超出区间者及所考察省份为实心。"),
        alt=_expectations_alt(study, rows, shown.focal),
    )  # fmt: skip
    return figure, record, rows


def _expectations_alt(study: Teller, rows: pd.DataFrame, focal: str) -> Words:
    """What the plot of observed and expected counts shows."""
    above, below = (int((rows["position"] == side).sum()) for side in ("above", "below"))
    english = (
        "One row a province on a square-root axis of firms: a bar for the prediction interval, a stroke for the expected and a "
        f"dot for the observed count. {above} of {len(rows)} lie above their interval and {below} below it."
    )
    chinese = (
        f"每行一个省份，横轴为企业数（平方根刻度）：横条为预测区间，竖线为预期数，圆点为实际数。{len(rows)}个省份中"
        f"{above}个高于区间，{below}个低于区间。"
    )
    own = rows[(rows["place_id"] == focal) & rows["ratio"].notna()]
    for row in own.itertuples():
        english += f" {study.name(focal)}: {row.observed} observed, {row.expected:.1f} expected."
        chinese += f"{study.name(focal)}：实际{row.observed}家，预期{row.expected:.1f}家。"
    return english, chinese


def _expectation(ax: Any, y: int, row: pd.Series, focal: bool) -> None:
    """One province's interval, expected and observed count."""
    outside = row["position"] in ("below", "above")
    colour = COLOURS["focal"] if focal else COLOURS["main"]
    if not pd.isna(row["low"]):
        bar = "#F3C9A8" if focal else COLOURS["light"] if outside else COLOURS["pale"]
        ax.barh(y, row["high"] - row["low"], left=row["low"], height=0.56, color=bar)
        ax.plot([row["expected"]] * 2, [y - 0.36, y + 0.36], color=COLOURS["ink"], lw=1.2)
    ax.plot(
        row["observed"], y, "o", ms=5.5 if outside or focal else 4.5, mec=colour, mew=1.2,
        mfc=colour if outside or focal else "white", zorder=4, clip_on=False,
    )  # fmt: skip


def years(study: Teller, rows: pd.DataFrame, shown: Page) -> View:
    """Observed over expected count of the focal province by year of the covariates.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.observed_expected.expected_by_year``.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t = study.t
    kinds = list(dict.fromkeys(rows["specification"]))
    marks = dict(zip(kinds, (("o", "focal", -0.17), ("s", "main", 0.17)), strict=False))
    with figures.styled():
        figure, ax = figures.new(6.6, 3.0)
        ax.axhline(1, color=COLOURS["ink"], lw=0.9)
        for row in rows.dropna(subset=["ratio"]).itertuples():
            marker, colour, shift = marks[row.specification]
            x = row.covariate_year + shift
            low, high = row.low / row.expected, row.high / row.expected
            ax.bar(x, high - low, bottom=low, width=0.24, color=COLOURS["pale"])
            ax.plot(
                x,
                row.ratio,
                marker,
                color=COLOURS[colour],
                ms=7,
                mec="white",
                zorder=4,
                clip_on=False,
            )
            ax.annotate(f"{row.ratio:.2f}", (x, row.ratio), (0, 6), ha="center", fontsize=figures.points(7),
                        textcoords="offset points", color=COLOURS[colour], zorder=5)  # fmt: skip
        _name_kinds(ax, kinds, marks, t)
        ax.set_xticks(sorted(set(rows["covariate_year"])))
        ax.set_ylim(bottom=0)
        ax.set_xlabel(t("Year of the covariates", "协变量年份"))
        ax.set_ylabel(t("Observed / expected", "实际/预期"))
    record = page_record(
        study, shown,
        "02c_years",
        (f"{study.name(shown.focal)}: observed over expected little giants by year of the covariates", f"{study.name(shown.focal)}：按协变量年份的实际/预期之比"),
        unit=("ratio", "比"),
        period=t("little giants of {}", "{}“小巨人”").format(batches_name(shown.batches, t)),
        note=(f"Grey: 95 % prediction interval over the expected count. Only {shown.year} lies before the first batch.", f"灰色：95%预测区间除以预期数。只有{shown.year}年早于第1批。"),
        alt=_years_alt(rows),
    )  # fmt: skip
    return figure, record, rows


def _years_alt(rows: pd.DataFrame) -> Words:
    """What the plot of ratios by year shows."""
    known = rows.dropna(subset=["ratio"])
    if known.empty:
        return "Axes of ratio against year without a point.", "横轴为年份、纵轴为比值，图中无点。"
    low, high, inside = known["ratio"].min(), known["ratio"].max(), int((known["position"] == "within").sum())  # fmt: skip
    return (
        "Dots for the ratio of observed to expected against the year of the covariates, over grey bars for the prediction interval "
        f"and a line at 1. {len(known)} ratios run from {low:.2f} to {high:.2f}; {inside} counts lie inside the interval.",
        f"横轴为协变量年份，纵轴为实际与预期之比，灰条为预测区间，1处有横线。共{len(known)}个比值，自{low:.2f}至{high:.2f}，"
        f"其中{inside}个的实际数在区间内。",
    )


def _name_kinds(
    ax: Any, kinds: Sequence[str], marks: Mapping[str, tuple[str, str, float]], t: Pick
) -> None:
    """Name each set of covariates above the axes, where no mark and no number stands."""
    handles = [
        Line2D([], [], ls="", marker=marks[kind][0], color=COLOURS[marks[kind][1]], ms=6)
        for kind in kinds
    ]
    names = [specification_name(kind, t) for kind in kinds]
    ax.legend(
        handles, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(kinds),
        labelcolor="linecolor", borderaxespad=0.2, handletextpad=0.2,
    )  # fmt: skip


def influence(
    study: Teller, table: pd.DataFrame, without: pd.Series, expected: float, shown: Page
) -> View:
    """Leverage against residual, and the focal expectation without each other province.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.models.influence``.
    without : Series
        From ``analysis.observed_expected.without_each``; empty if the focal province is not in the
        models.
    expected : float
        Focal expectation from all others.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t, terms = study.t, round(float(table["leverage"].sum()))
    points = table.rename(columns={"leverage": "x", "residual": "y"})
    points = points.assign(label=[study.name(unit) for unit in points.index])
    with figures.styled():
        figure, axes = figures.new(7.4, 3.5, ncols=2, width_ratios=(1.25, 1))
        ax = axes[0]
        _cook_lines(ax, table, terms, t)
        dots(ax, points, shown.focal)
        ax.set_xlabel(t("Leverage", "杠杆值"))
        ax.set_ylabel(t("Studentised Pearson residual", "学生化皮尔逊残差"))
        _strip(study, axes[1], without, expected, shown)
        named = table.sort_values("cooks_distance", ascending=False).index[:8]
        place_labels(ax, points, list(named), shown.focal)
    record = page_record(
        study, shown,
        "02c_influence",
        ("Which provinces carry the fit", "哪些省份左右拟合结果"),
        unit=("left without unit, right firms", "左图无量纲，右图为家"),
        base=provinces_base(len(table)),
        note=("Left: lines of equal Cook's distance. Right: what is expected of the focal province when one more province is left out of the fit.", "左：库克距离等值线。右：拟合再剔除一省时所考察省份的预期数。"),
        alt=_influence_alt(study, table, without),
    )  # fmt: skip
    return figure, record, table.rename_axis("place_id").reset_index()


def _influence_alt(study: Teller, table: pd.DataFrame, without: pd.Series) -> Words:
    """What the plot of leverage shows."""
    most, values = table["cooks_distance"].idxmax(), without.dropna()
    name, distance = study.name(str(most)), table.loc[most, "cooks_distance"]
    english = (
        "Left, studentised residual against leverage, a dot a province, with lines of equal Cook's distance; the largest is "
        f"{distance:.2f} ({name}). "
    )
    chinese = f"左图横轴为杠杆值，纵轴为学生化残差，每点一省，附库克距离等值线，最大者{distance:.2f}（{name}）。"
    if values.empty:
        return english + "Right, nothing: no expectation.", chinese + "右图为空：无预期数。"
    low, high = values.min(), values.max()
    return (
        f"{english}Right, the expected count without each other province, from {low:.1f} to {high:.1f} firms.",
        f"{chinese}右图为逐一剔除其他省份后的预期数，自{low:.1f}至{high:.1f}家。",
    )


def _cook_lines(ax: Any, table: pd.DataFrame, terms: int, t: Pick) -> None:
    """Lines along which Cook's distance is 4 / n and 1."""
    right = float(table["leverage"].max()) * 1.12
    top = float(table["residual"].abs().max()) * 1.25
    grid = np.linspace(0.005, right, 200)
    for distance, style in ((4 / len(table), "--"), (1.0, ":")):
        line = np.sqrt(distance * terms * (1 - grid) / grid)
        for sign in (1, -1):
            ax.plot(grid, sign * line, style, color=COLOURS["grey"], lw=0.9)
        near = int(np.argmin(np.abs(line - top * 0.93)))
        if line.min() < 0.93 * top:
            late = near > 0.8 * len(grid)
            ax.annotate(
                f"D = {distance:.2g}", (grid[near], line[near]), (-3 if late else 3, 0), fontsize=figures.points(6.5),
                textcoords="offset points", color="#555555", va="center", ha="right" if late else "left",
            )  # fmt: skip
    ax.axhline(0, color=COLOURS["grey"], lw=0.6)
    ax.set(xlim=(0, right), ylim=(-top, top))


def _strip(study: Teller, ax: Any, without: pd.Series, expected: float, shown: Page) -> None:
    """The focal expectation without each other province, from the smallest to the largest."""
    values, t = without.dropna().sort_values(), study.t
    if values.empty:
        ax.text(0.5, 0.5, t("no expectation:\ncovariates missing", "协变量缺失，\n无预期数"), ha="center",
                va="center", transform=ax.transAxes, fontsize=figures.points(8))  # fmt: skip
        ax.axis("off")
        return
    ax.plot(values, range(len(values)), "o", ms=3.5, color=COLOURS["main"])
    ax.axvline(expected, color=COLOURS["ink"], lw=1)
    ax.annotate(t("all others", "其余各省"), (expected, 1.0), (0, 2), fontsize=figures.points(7), ha="center",
                xycoords=("data", "axes fraction"), textcoords="offset points")  # fmt: skip
    low, high = min(values.min(), expected), max(values.max(), expected)
    span = float(high - low) or 1.0
    ax.set_xlim(low - 0.45 * span, high + 0.45 * span)
    for at, side, x in ((0, "left", 5), (-1, "right", -5)):
        ax.annotate(
            t(f"without {study.name(values.index[at])}", f"剔除{study.name(values.index[at])}"),
            (values.iloc[at], len(values) - 1 if at else 0), (x, 0), ha=side, va="center",
            textcoords="offset points", fontsize=figures.points(7),
            path_effects=[withStroke(linewidth=2, foreground="white")],
        )  # fmt: skip
    ax.set_yticks([])
    ax.set_ylim(-1.5, len(values) + 0.5)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(t(f"Expected of {study.name(shown.focal)} (firms)", f"{study.name(shown.focal)}预期数（家）"))  # fmt: skip


def residuals(
    study: Teller, values: pd.Series, fitted: Sequence[float], model: str, shown: Page
) -> View:
    """Randomised quantile residuals against the fitted counts and the normal distribution.

    Parameters
    ----------
    study : Teller
    values : Series
        From ``analysis.observed_expected.quantile_residuals``.
    fitted : sequence of float
        Fitted counts in the same order.
    model : str
    shown : Page

    Returns
    -------
    figure, record, data
    """
    from helpers.analysis.observed_expected import normal_scores

    t = study.t
    points = pd.DataFrame({"x": np.asarray(fitted, dtype=float), "y": values}, index=values.index)
    points["label"] = [study.name(unit) for unit in points.index]
    theory = points.assign(x=normal_scores(values))
    with figures.styled():
        figure, axes = figures.new(7.4, 3.3, ncols=2, sharey=True)
        for ax, part in zip(axes, (points, theory), strict=True):
            dots(ax, part, shown.focal)
        axes[0].axhline(0, color=COLOURS["ink"], lw=0.8)
        for level in (-2, 2):
            axes[0].axhline(level, color=COLOURS["grey"], lw=0.8, ls="--")
        log_axis(axes[0], [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
        axes[0].set_xlabel(t("Fitted count (firms, log scale)", "拟合数（家，对数刻度）"))
        axes[0].set_ylabel(t("Quantile residual", "分位数残差"))
        ends = [-2.6, 2.6]
        axes[1].plot(ends, ends, color=COLOURS["ink"], lw=0.8)
        axes[1].set_xlabel(t("Normal quantile", "正态分位数"))
        reach = max(2.6, float(values.abs().max()) + 0.3)
        axes[0].set_ylim(-reach, reach)
        named = values.abs().sort_values(ascending=False).index[:6]
        for ax, part in zip(axes, (points, theory), strict=True):
            place_labels(ax, part, list(named), shown.focal)
    record = page_record(
        study, shown,
        "02c_residuals",
        ("Does the model hold? Residuals of the fit to all provinces", "模型是否成立？全部省份拟合的残差"),
        unit=("standard deviations", "标准差"),
        base=(f"{model_name(model, t)}, {len(values)} provinces", f"{model_name(model, t)}，{len(values)}个省份"),
        note=("Randomised quantile residuals (Dunn and Smyth 1996), drawn with the study's seed; standard normal if the model holds.", "随机化分位数残差（Dunn与Smyth 1996），随机数由本研究的种子产生；模型成立时服从标准正态。"),
        alt=_residuals_alt(values),
    )  # fmt: skip
    return figure, record, points.drop(columns="label").rename_axis("place_id").reset_index()


def _residuals_alt(values: pd.Series) -> Words:
    """What the plot of residuals shows."""
    far, low, high = int((values.abs() > 2).sum()), values.min(), values.max()
    return (
        "Left, quantile residuals against fitted counts on a logarithmic axis; right, against normal quantiles with a diagonal. "
        f"{len(values)} residuals run from {low:.1f} to {high:.1f}; {far} lie beyond 2.",
        f"左图为分位数残差对拟合数（对数刻度），右图为对正态分位数，附对角线。共{len(values)}个残差，自{low:.1f}至{high:.1f}，"
        f"绝对值大于2者{far}个。",
    )


def funnel(study: Teller, found: Any, shown: Page) -> View:
    """Little giants per GDP against GDP, with control limits.

    Parameters
    ----------
    study : Teller
    found : Funnel
        From ``analysis.funnel_plot.funnel``, the base in 100 billion yuan.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t, units = study.t, found.units
    grid = np.geomspace(units["base"].min() * 0.85, units["base"].max() * 1.15, 240)
    adjusted, plain = found.limits(grid), found.limits(grid, adjusted=False)
    points = units.rename(columns={"base": "x", "rate": "y"})
    points = points.assign(label=[study.name(unit) for unit in points.index])
    top = float(units["rate"].max()) * 1.18
    with figures.styled():
        figure, ax = figures.new(7.2, 4.3)
        for column, style in zip(adjusted.columns[1:], ("-", "-", "--", "--"), strict=False):
            ax.plot(grid, adjusted[column], style, color=COLOURS["main"], lw=1.1)
        for column in plain.columns[3:5]:
            ax.plot(grid, plain[column], ":", color=COLOURS["grey"], lw=1)
        ax.axhline(found.target, color=COLOURS["ink"], lw=0.9)
        dots(ax, points, shown.focal, "ink")
        ax.set(xlim=(grid[0], grid[-1]), ylim=(-0.03 * top, top))
        log_axis(ax, [1, 2, 5, 10, 20, 50, 100, 200])
        for curve, text in (
            (adjusted["high 95%"], t("95 %", "95%")), (adjusted["high 99.8%"], t("99.8 %", "99.8%")),
            (plain["high 99.8%"], t("99.8 %, chance alone", "99.8%，仅随机")),
        ):  # fmt: skip
            at = int(np.argmin(np.abs(curve - 0.93 * top)))
            ax.annotate(text, (grid[at], curve.iloc[at]), (4, 2), fontsize=figures.points(7), ha="left",
                        textcoords="offset points", color="#555555")  # fmt: skip
        ax.set_xlabel(t("GDP (100 billion yuan, log scale)", "地区生产总值（千亿元，对数刻度）"))
        ax.set_ylabel(t("Little giants per 100 billion yuan", "每千亿元“小巨人”数（家）"))
        order = units["z_adjusted"].abs().sort_values(ascending=False).index
        place_labels(ax, points, list(order), shown.focal)
    record = page_record(
        study, shown,
        "02c_funnel",
        ("Little giants per GDP: what is unusual for a province of its size", "单位产值“小巨人”数：按经济规模看何者异常"),
        unit=("firms per 100 billion yuan of GDP, current prices", "家/千亿元（当年价）"),
        base=(f"{len(units)} provinces together {found.target:.2f}", f"{len(units)}省合计{found.target:.2f}"),
        note=(
            f"Control limits of 95 % (solid) and 99.8 % (dashed), widened for over-dispersion by the square root of {found.inflation:.2f} (Spiegelhalter 2005); dotted: 99.8 % for Poisson counts.",
            f"控制限：95%（实线）与99.8%（虚线），按过度离散系数{found.inflation:.2f}的平方根放宽（Spiegelhalter 2005）；点线：泊松计数的99.8%界限。",
        ),
        alt=_funnel_alt(study, found, shown.focal),
    )  # fmt: skip
    return figure, record, units.rename_axis("place_id").reset_index()


def _funnel_alt(study: Teller, found: Any, focal: str) -> Words:
    """What the funnel plot shows."""
    units = found.units
    out = int((units["position"] != "within").sum())
    english = (
        "Rate of little giants against GDP on a logarithmic axis, a dot a province, with control limits that narrow to the right "
        f"around the common rate of {found.target:.2f}. {out} of {len(units)} lie beyond the limits."
    )
    chinese = (
        f"横轴为地区生产总值（对数刻度），纵轴为单位产值“小巨人”数，每点一省，控制限向右收窄，共同比率为{found.target:.2f}。"
        f"{len(units)}个省份中{out}个超出控制限。"
    )
    if focal in units.index:
        rate = units.loc[focal, "rate"]
        english += f" {study.name(focal)} has {rate:.2f}."
        chinese += f"{study.name(focal)}为{rate:.2f}。"
    return english, chinese
