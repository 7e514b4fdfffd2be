"""Sentences on count models and on space, rendered from results and right for any province.

Each is told in the study's language; both languages carry the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.bilingual import Pick
from helpers.publish.model_views import Page, model_name, specification_name, term_name
from helpers.publish.phrases import (
    basis_name,
    batches_name,
    between,
    join_names,
    listed,
    place_names,
)
from helpers.publish.spatial_views import quadrant_name
from helpers.publish.teller import Teller


def _marked(study: Teller, marks: Mapping[str, str]) -> str:
    """Names of places, each with a remark in brackets, as a phrase; empty without any."""
    t = study.t
    names = [t(f"{study.name(place)} ({mark})", f"{study.name(place)}（{mark}）") for place, mark in marks.items()]  # fmt: skip
    return join_names(names, study.language)


def frame_sentence(study: Teller, frame: pd.DataFrame, asked: str, shown: Page) -> str:
    """What the units are, which were merged and which left out.

    Parameters
    ----------
    study : Teller
    frame : DataFrame
        From ``analysis.models.covariate_frame``.
    asked : str
        Code of the province the user asked for.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, focal = study.t, study.name(shown.focal)
    firms, batches = int(frame["firms_count"].sum()), batches_name(shown.batches, t)
    text = t(
        f"{len(frame)} provinces with {firms:,} little giants of {batches} ({basis_name(shown.basis, t)}) and their "
        f"covariates of {shown.year}. A province's count includes its plan city (计划单列市), so every firm is counted once.",
        f"共{len(frame)}个省份，{batches}“小巨人”合计{firms:,}家（{basis_name(shown.basis, t)}），协变量取{shown.year}年。"
        "各省计数含所属计划单列市，每家企业只计一次。",
    )
    merged: Mapping[str, list[str]] = frame.attrs.get("merged", {})
    for home, parts in merged.items():
        added, name = place_names(study, parts), study.name(home)
        text += t(
            f" {added} is added to {name}, whose economic figures include it.",
            f"{added}并入{name}，后者的经济数据已含前者。",
        )
    for unit, variables in frame.attrs.get("left_out", {}).items():
        names, name = join_names(variables, study.language), study.name(unit)
        text += t(
            f" **{name} is left out**: {names} of {shown.year} is missing or 0 in `province_covariates`; a row in your own "
            "file of that name would bring it in.",
            f"**{name}未纳入**：`province_covariates`中{shown.year}年的{names}缺失或为0；在自备的同名文件中补一行即可纳入。",
        )
    if asked != shown.focal:
        other = study.name(asked)
        text += t(f" This page therefore shows {focal} in place of {other}.", f"本页因而以{focal}代替{other}。")  # fmt: skip
    return text


def dispersion_sentence(study: Teller, found: Any, fits: pd.DataFrame, model: str) -> str:
    """Whether Poisson holds, what follows, and which model is shown from here on.

    Parameters
    ----------
    study : Teller
    found : Dispersion
        From ``analysis.models.overdispersion``.
    fits : DataFrame
        From ``analysis.models.fit_counts``.
    model : str
        The model used from here on.

    Returns
    -------
    str
        Markdown.
    """
    t, over = study.t, found.ratio > 1 and min(found.pearson_p, found.nb2_p) < 0.05
    small = "< 0.001" if found.nb2_p < 0.001 else f"= {found.nb2_p:.2g}"
    text = t(
        f"Pearson chi-square is {found.pearson_chi2:.0f} on {found.degrees_of_freedom} degrees of freedom, **{found.ratio:.1f}** times what "
        f"Poisson allows; the regression test of Cameron and Trivedi gives t = {found.nb2_t:.1f} (one-sided p {small}). ",
        f"皮尔逊卡方为{found.pearson_chi2:.0f}，自由度为{found.degrees_of_freedom}，是泊松模型所容许的**{found.ratio:.1f}**倍；"
        f"Cameron与Trivedi回归检验的t = {found.nb2_t:.1f}（单侧p {small}）。",
    )
    text += (
        t(
            f"The counts vary more than Poisson: its standard errors are too small by a factor of {found.ratio**0.5:.1f}, and what it calls "
            "significant need not be. ",
            f"计数的离散程度超过泊松模型：其标准误偏小，应放大到{found.ratio**0.5:.1f}倍，它判为显著者未必显著。",
        )
        if over
        else t("The counts do not clearly vary more than Poisson. ", "计数的离散程度并未明显超过泊松模型。")
    )  # fmt: skip
    aic = fits.drop_duplicates("model").set_index("model")["aic"]
    if fits.set_index("model").loc["negative_binomial", "converged"].all():
        text += t(
            f"By AIC the negative binomial ({aic['negative_binomial']:.1f}) stands against Poisson's {aic['poisson']:.1f}. ",
            f"AIC：负二项{aic['negative_binomial']:.1f}，泊松{aic['poisson']:.1f}。",
        )
    else:
        text += t("The negative binomial has no maximum here. ", "负二项模型在此没有极大似然解。")
    name = model_name(model, t)
    return text + t(f"The expectations below come from the {name} model.", f"下文的预期数均出自{name}模型。")  # fmt: skip


def collinearity_sentence(study: Teller, found: Any, fits: pd.DataFrame) -> str:
    """What can and cannot be read from the coefficients.

    Parameters
    ----------
    study : Teller
    found : Collinearity
        From ``analysis.models.collinearity``.
    fits : DataFrame
        From ``analysis.models.fit_counts``, of the model used.

    Returns
    -------
    str
        Markdown.
    """
    t, terms = study.t, len(found.vif) + 1
    rows = fits[fits["term"] != "intercept"]
    units = int(rows["units_count"].max())
    clear = [term_name(row.term, t) for row in rows.itertuples() if row.low > 0 or row.high < 0]
    named = listed(study, clear)
    pairs = found.correlations.where(np.triu(np.ones(found.correlations.shape), 1) > 0).stack()
    return t(
        f"The covariates correlate at {pairs.min():.2f} to {pairs.max():.2f} and inflate each other's variance "
        f"{found.vif.min():.0f} to {found.vif.max():.0f} times, ",
        f"协变量之间的相关系数为{pairs.min():.2f}至{pairs.max():.2f}，使彼此系数的方差放大{found.vif.min():.0f}至{found.vif.max():.0f}倍，",
    ) + _told_apart(found.vif.max() > 10, t) + t(
        f" Intervals that leave out 0: {named}. {units} provinces stand behind {terms} coefficients, about "
        f"{units / terms:.0f} behind each.",
        f"区间不含0的协变量：{named}。{units}个省份估计{terms}个系数，平均每个系数约有{units / terms:.0f}个省份。",
    )  # fmt: skip


def _told_apart(collinear: bool, t: Pick) -> str:
    """Whether coefficients can be told apart, and what that means for the expectations."""
    if not collinear:
        return t("which leaves their coefficients distinguishable.", "各系数尚可区分。")
    return t(
        "so their coefficients can hardly be told apart: a large economy also spends much on research and has many high-tech firms. "
        "The expected counts use the covariates together and suffer little where a province combines them in the usual way; for one "
        "whose mix is unusual (a high leverage, below) they hang on how the coefficients are told apart, and their intervals are wide.",
        "各系数因而难以区分：经济规模大的省份，研发经费与高技术企业也多。预期数同时使用各协变量，对协变量组合寻常的省份影响不大；"
        "对组合异常（杠杆值高，见下文）的省份，预期数取决于各系数如何区分，区间也宽。",
    )


def headline(study: Teller, row: pd.Series | None, shown: Page) -> str:
    """Whether the focal province has more or fewer than its economy suggests, in two sentences.

    Parameters
    ----------
    study : Teller
    row : Series or None
        Of ``analysis.observed_expected.expected_all``; None if the province is not in the models.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, name = study.t, study.name(shown.focal)
    if row is None:
        return t(
            f"**No answer for {name}**: not all of its covariates of {shown.year} are on record. Rows of `province_covariates` (GDP, R&D "
            "expenditure, high-tech manufacturing firms) in your data folder would give one.",
            f"**{name}无从回答**：其{shown.year}年的协变量不全。在数据文件夹的`province_covariates`中补充相应各行"
            "（地区生产总值、R&D经费、高技术制造业企业数）即可回答。",
        )
    if row["position"] == "unknown":
        return t(
            f"**No answer for {name}**: the model of the other provinces has no fit ({row['message']}).",
            f"**{name}无从回答**：由其余省份拟合的模型没有解（{row['message']}）。",
        )
    words = {
        "within": t(
            "neither more nor fewer than its economy suggests, as far as the model can tell from chance",
            "与其经济规模相称，就模型能与偶然相区分的程度而言既不偏多也不偏少",
        ),
        "above": t("more than its economy suggests", "多于其经济规模所提示的数量"),
        "below": t("fewer than its economy suggests", "少于其经济规模所提示的数量"),
    }
    return t(
        f"**{name} has {words[row['position']]}.** It has {row['observed']} little giants; the other {row['units_count']} provinces let "
        f"{row['expected']:.1f} be expected of an economy like its own (95 % prediction interval {row['low']:.0f} to {row['high']:.0f}), "
        f"a ratio of {row['ratio']:.2f}.",
        f"**{name}的“小巨人”数{words[row['position']]}**。实际为{row['observed']}家；据其余{row['units_count']}个省份推算，同样的经济可预期"
        f"{row['expected']:.1f}家（95%预测区间为{row['low']:.0f}至{row['high']:.0f}家），实际与预期之比为{row['ratio']:.2f}。",
    )


def answer(study: Teller, row: pd.Series | None, others: pd.DataFrame, shown: Page) -> str:
    """The headline, how far out the count lies, and whether the models agree.

    Parameters
    ----------
    study, row, shown
        See :func:`headline`.
    others : DataFrame
        From ``analysis.observed_expected.expected_models``: all models and sets of covariates.

    Returns
    -------
    str
        Markdown.
    """
    text = headline(study, row, shown)
    if row is None or row["position"] == "unknown":
        return text
    high = row["ratio"] >= 1
    tail = 100 * (row["at_or_above"] if high else row["at_or_below"])
    chance = study.t(
        f" By the model a count at {'least' if high else 'most'} as high has a probability of {tail:.0f} %. ",
        f"按模型，计数{'不低于' if high else '不高于'}此数的概率为{tail:.0f}%。",
    )
    return text + chance + _split(study, others[others["position"] != "unknown"])


def _split(study: Teller, rows: pd.DataFrame) -> str:
    """Whether all models and sets of covariates agree."""
    t = study.t
    where = {
        "within": t("inside", "区间之内"), "above": t("above", "区间之上"),
        "below": t("below", "区间之下"),
    }  # fmt: skip
    found = rows["position"].value_counts()
    most = where[found.index[0]]
    if len(found) == 1:
        return t(
            f"All {len(rows)} combinations of model and covariates put it {most} the interval.",
            f"模型与协变量的全部{len(rows)}种组合都把它置于{most}。",
        )
    parts = []
    for position in found.index[1:]:
        names = [
            (model_name(row.model, t), specification_name(row.specification, t))
            for row in rows[rows["position"] == position].itertuples()
        ]
        english = "; ".join(f"{model} with {covariates}" for model, covariates in names)
        chinese = "、".join(f"{model}（{covariates}）" for model, covariates in names)
        parts.append(t(f"{where[position]} it under {english}", f"置于{where[position]}的是{chinese}"))  # fmt: skip
    return t(
        f"{found.iloc[0]} of {len(rows)} combinations of model and covariates put it {most} the interval, the others "
        f"{join_names(parts)}.",
        f"模型与协变量的{len(rows)}种组合中有{found.iloc[0]}种把它置于{most}；{'；'.join(parts)}。",
    )


def outside_sentence(study: Teller, rows: pd.DataFrame) -> str:
    """Which provinces lie outside their interval, and how many would by chance.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.observed_expected.expected_all``.

    Returns
    -------
    str
        Markdown.
    """
    known = rows[rows["position"] != "unknown"]
    above, below = (
        place_names(study, known.loc[known["position"] == side, "place_id"])
        for side in ("above", "below")
    )
    chance = len(known) * (1 - float(known["level"].max())) if len(known) else 0.0
    no_fit = len(rows) - len(known)
    text = study.t(
        f"Outside their interval, above: {above}; below: {below}. If the model held for all, about {chance:.1f} of {len(known)} would lie "
        "outside by chance, so a single one is no finding.",
        f"超出区间的省份，在其上者：{above}；在其下者：{below}。即使模型对各省都成立，{len(known)}个省份中也约有{chance:.1f}个"
        "仅因偶然而超出，故单独一个不足以成为发现。",
    )
    return text + (
        study.t(f" {no_fit} have no fit.", f"另有{no_fit}个没有拟合结果。") if no_fit else ""
    )


def years_sentence(study: Teller, rows: pd.DataFrame, shown: Page) -> str:
    """How far the answer hangs on the year and on the set of covariates.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.observed_expected.expected_by_year``.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, known = study.t, rows.dropna(subset=["ratio"]) if len(rows) else rows
    if known.empty:
        name = study.name(shown.focal)
        return t(f"No year has the covariates of {name}.", f"没有任何一年具备{name}的全部协变量。")
    english, chinese = [], []
    for kind, part in known.groupby("specification", sort=False):
        span, name = _span(part["ratio"], t), specification_name(str(kind), t)
        english.append(f"{span} with {name}")
        chinese.append(f"{span}（{name}）")
    years = between((str(end(known["covariate_year"])) for end in (min, max)), t)
    within = int(known["position"].eq("within").sum())
    ahead = known["ratio"].gt(1).all() or known["ratio"].lt(1).all()
    return (
        t(
            f"With covariates of {years} the ratio is {' and '.join(english)}. ",
            f"协变量取{years}年时，比值为{'、'.join(chinese)}。",
        )
        + (
            t("It stays on one side of 1 throughout, ", "比值始终在1的同一侧，")
            if ahead
            else t("It changes sides of 1 with the choice, ", "比值随所作选择落在1的不同侧，")
        )
        + (
            t(f"and none of {len(known)} choices takes the count out of its interval.", f"{len(known)}种选择都没有使实际数超出区间。")
            if within == len(known)
            else t(f"and {within} of {len(known)} choices leave the count inside its interval.", f"{len(known)}种选择中有{within}种使实际数留在区间之内。")
        )
    )  # fmt: skip


def elasticities_sentence(study: Teller, rows: pd.DataFrame) -> str:
    """How far the elasticities of one model hang on the year of the covariates.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.models.by_year``, of one model.

    Returns
    -------
    str
        Markdown.
    """
    t, known = study.t, rows[rows["converged"] & (rows["term"] != "intercept")]
    if known.empty:
        return t("No year has a fit of this model.", "该模型在任何一年都没有拟合结果。")
    parts = []
    for term, part in known.groupby("term", sort=False):
        clear = int(((part["low"] > 0) | (part["high"] < 0)).sum())
        name, span = term_name(str(term), t), _span(part["coefficient"], t)
        parts.append(
            t(
                f"{name} {span} (interval without 0 in {clear} of {len(part)} years)",
                f"{name}{span}（{len(part)}年中{clear}年的区间不含0）",
            )
        )
    model = model_name(str(known["model"].iloc[0]), t)
    return t(f"Elasticities of the {model} model over these years: {'; '.join(parts)}.", f"{model}模型在各年的弹性：{'；'.join(parts)}。")  # fmt: skip


def _span(values: pd.Series, t: Pick) -> str:
    """A range of numbers as text; one number if both ends print alike."""
    return between((f"{values.min():.2f}", f"{values.max():.2f}"), t)


def influence_sentence(
    study: Teller, table: pd.DataFrame, without: pd.Series, row: pd.Series | None, shown: Page
) -> str:
    """Which provinces weigh most, and what one of them can do to the focal expectation.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.models.influence``.
    without : Series
        From ``analysis.observed_expected.without_each``; empty if there is none.
    row : Series or None
        Focal row of ``analysis.observed_expected.expected_all``.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, limit = study.t, 4 / len(table)
    over = table[table["cooks_distance"] > limit].sort_values("cooks_distance", ascending=False)
    named = _marked(study, {str(unit): f"{d:.2f}" for unit, d in over["cooks_distance"].items()})
    parts = []
    for column in [c for c in table if c.startswith("without_") and "intercept" not in c]:
        name, low, high = term_name(column[8:], t), table[column].min(), table[column].max()
        parts.append(
            t(f"{name} between {low:.2f} and {high:.2f}", f"{name}在{low:.2f}至{high:.2f}之间")
        )
    text = t(
        f"Cook's distance exceeds 4/n = {limit:.2f} for {named or 'no province'}. Leaving out one province at a time moves the elasticity "
        f"of {join_names(parts)}.",
        f"库克距离超过4/n = {limit:.2f}的省份：{named or '无'}。逐一剔除一省时，各弹性的变动范围：{'，'.join(parts)}。",
    )
    known = without.dropna()
    if row is not None and len(known):
        name, fewest, most = map(study.name, (shown.focal, known.idxmin(), known.idxmax()))
        low, high, observed = _firms(known.min()), _firms(known.max()), int(row["observed"])
        text += t(
            f" What is expected of {name} stays between {low} (without {fewest}) and {high} (without {most}), beside {observed} observed.",
            f"{name}的预期数在{low}家（剔除{fewest}）与{high}家（剔除{most}）之间，实际为{observed}家。",
        )
    return text


def _firms(value: float) -> str:
    """An expected count, with a decimal where it is small."""
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def residual_sentence(study: Teller, values: pd.Series, shown: Page) -> str:
    """What the residuals say of the model and of the focal province.

    Parameters
    ----------
    study : Teller
    values : Series
        From ``analysis.observed_expected.quantile_residuals``.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, far = study.t, values[values.abs() > 2].sort_values()
    named = _marked(study, {str(unit): f"{value:.1f}" for unit, value in far.items()})
    own = ""
    if shown.focal in values.index:
        name, value = study.name(shown.focal), values[shown.focal]
        own = t(f" {name} stands at {value:.1f}.", f"{name}为{value:.1f}。")
    chance = len(values) * 0.0455
    return t(
        f"Residuals beyond two standard deviations: {named or 'none'}; of {len(values)} standard normal draws {chance:.1f} are.{own} With "
        f"{len(values)} points a gross misfit would show, a small one would not.",
        f"残差超出两个标准差的省份：{named or '无'}；{len(values)}个标准正态随机数中平均有{chance:.1f}个如此。{own}"
        f"{len(values)}个点能显出严重的失拟，轻微的则不能。",
    )


def funnel_sentence(study: Teller, found: Any, shown: Page) -> str:
    """Which rates are unusual for a province of that size, and where the focal one stands.

    Parameters
    ----------
    study : Teller
    found : Funnel
        From ``analysis.funnel_plot.funnel``.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, units = study.t, found.units
    out = units.loc[units["position"] != "within", "position"]
    named = _marked(study, {str(unit): _limits(str(place), t) for unit, place in out.items()})
    text = (
        t(
            f"The variance of the rates is {found.dispersion:.1f} times what chance alone would give, so the limits are "
            f"{found.inflation**0.5:.1f} times as wide. ",
            f"比率的方差是仅由偶然产生者的{found.dispersion:.1f}倍，控制限因而放宽为{found.inflation**0.5:.1f}倍。",
        )
        if found.inflation > 1
        else t(
            "The rates vary no more than by chance alone, so the limits are not widened. ",
            "比率的变异不大于仅由偶然产生者，控制限不予放宽。",
        )
    ) + t(f"Beyond them: {named or 'none'}.", f"超出控制限的省份：{named or '无'}。")  # fmt: skip
    if shown.focal in units.index:
        name, own = study.name(shown.focal), units.loc[shown.focal]
        text += t(
            f" {name} has {own['rate']:.2f} firms per 100 billion yuan where all provinces together have {found.target:.2f}; it lies "
            f"{_place(str(own['position']), t)}.",
            f"{name}每千亿元有{own['rate']:.2f}家，各省合计为{found.target:.2f}家；{name}{_place(str(own['position']), t)}。",
        )
    return text


def _limits(position: str, t: Pick) -> str:
    """A position beyond the limits, such as ``above 95%``, in the study's language."""
    side, _, level = position.partition(" ")
    return t(position, f"{'高于' if side == 'above' else '低于'}{level}界限")


def _place(position: str, t: Pick) -> str:
    """A position as the end of a sentence."""
    side, _, level = position.partition(" ")
    if not level:
        return t("within the limits", "在控制限之内")
    return t(f"{side} the limits of {level}", _limits(position, t))


def moran_sentence(study: Teller, rows: pd.DataFrame, islands: Sequence[str]) -> str:
    """Whether neighbouring provinces are alike.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.spatial.moran_table``.
    islands : sequence of str
        Units without a land neighbour.

    Returns
    -------
    str
        Markdown.
    """
    t, rates = study.t, rows[rows["variable"] != "residual"]
    low, high, none = rates["statistic"].min(), rates["statistic"].max(), rates["expectation"].iloc[0]  # fmt: skip
    least, most = rates["p_two_sided"].min(), rates["p_two_sided"].max()
    text = t(
        f"Moran's I of the rates lies between {low:.2f} and {high:.2f}; without any pattern {none:.2f} is to be expected. Two-sided p: "
        f"{least:.2f} to {most:.2f}. ",
        f"比率的莫兰指数在{low:.2f}与{high:.2f}之间；若无任何格局，期望值为{none:.2f}。双侧p值为{least:.2f}至{most:.2f}。",
    ) + _pattern(int((rates["p_two_sided"] <= 0.05).sum()), len(rates), t)
    rest = rows[rows["variable"] == "residual"]
    if len(rest):
        span = _span(rest["statistic"], t)
        text += t(
            f"The residuals of the count model have an index of {span}: a description, without p, since the fit correlates residuals and a "
            "random rearrangement of them is no fair comparison (Cliff and Ord 1981). ",
            f"计数模型残差的指数为{span}：仅作描述，不给p值，因为拟合使残差彼此相关，随机重排不是公平的比较（Cliff与Ord 1981）。",
        )
    if islands:
        names = place_names(study, islands)
        text += t(
            f"{names} has no land neighbour: the first rule keeps it with a lag of 0, the second joins it to the province across the strait.",
            f"{names}没有陆地邻省：第一种处理保留它并令滞后为0，第二种将它与海峡对岸的省份相连。",
        )
    return text


def _pattern(small: int, variants: int, t: Pick) -> str:
    """How many variants of Moran's I speak of a pattern."""
    if not small:
        return t(
            "Neighbours are no more alike than an arrangement at random, as far as so few units can tell. ",
            "就如此少的单位所能判断的程度，邻省之间并不比随机排列更相似。",
        )
    if small == variants:
        return t("All variants speak of a pattern. ", "各种算法都显示存在空间格局。")
    return t(
        f"{small} of {variants} variants speak of a pattern, the others do not. ",
        f"{variants}种算法中有{small}种显示存在空间格局，其余则否。",
    )


def local_sentence(study: Teller, local: pd.DataFrame, rate: float, shown: Page) -> str:
    """Which provinces stand out from their neighbourhood.

    Parameters
    ----------
    study : Teller
    local : DataFrame
        From ``analysis.spatial.local_moran``.
    rate : float
        False-discovery rate.
    shown : Page

    Returns
    -------
    str
        Markdown.
    """
    t, called = study.t, local.loc[local["significant"], "quadrant"]
    named = _marked(
        study, {str(unit): quadrant_name(str(kind), t) for unit, kind in called.items()}
    )
    raw = int((local["p_value"] <= 0.05).sum())
    tested = int((local["quadrant"] != "island").sum())
    chance = tested * 0.05
    text = t(
        f"At a false-discovery rate of {100 * rate:.0f} %: {named or 'no province'} stands out among {tested} tested. Without that control "
        f"{raw} would have been called, where {chance:.1f} are expected by chance.",
        f"错误发现率取{100 * rate:.0f}%时，所检验的{tested}个省份中突出者：{named or '无'}。若不作此控制，将有{raw}个被判为突出，"
        f"而仅由偶然即可预期{chance:.1f}个。",
    )
    if shown.focal not in local.index:
        return text
    name, own = study.name(shown.focal), local.loc[shown.focal]
    if own["quadrant"] == "island":
        return text + t(f" {name} has no land neighbour and is not tested.", f"{name}没有陆地邻省，不作检验。")  # fmt: skip
    quadrant, p = quadrant_name(str(own["quadrant"]), t), own["p_adjusted"]
    return text + t(
        f" {name} is {quadrant} (own rate, neighbours' mean), adjusted p {p:.2f}.",
        f"{name}为{quadrant}（前为本省比率，后为邻省均值），校正后p值为{p:.2f}。",
    )
