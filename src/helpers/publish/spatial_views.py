"""Figures and tables on where neighbours are alike, each right for any focal province."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from helpers.evidence.bilingual import Pick
from helpers.publish import charts, figures
from helpers.publish.direct_labels import place_labels
from helpers.publish.figures import COLOURS, Record
from helpers.publish.maps import Boundaries, choropleth
from helpers.publish.model_views import Page, dots, page_record, provinces_base
from helpers.publish.teller import Teller, View, Words
from helpers.publish.tiles import NATION, layout_tiles

# Fill of a tile: its quadrant, pale; the letters say the same, so that grey print loses nothing.
_FILLS = {
    "high-high": "#F7D9C4", "low-low": "#CFE3F2", "high-low": "#FBF0DA", "low-high": "#E7F2EC",
    "island": "#EBEBEB",
}  # fmt: skip


def quadrant_name(quadrant: str, t: Pick) -> str:
    """Name of a quadrant of the Moran scatter plot in the study's language.

    Examples
    --------
    >>> quadrant_name("high-low", lambda en, zh: zh)
    '高-低'
    """
    return t(quadrant, quadrant.replace("high", "高").replace("low", "低").replace("island", "岛"))


def moran_table(study: Teller, rows: pd.DataFrame, shown: Page) -> tuple[pd.DataFrame, Record]:
    """Moran's I of several variables under both rules for islands.

    Parameters
    ----------
    study : Teller
    rows : DataFrame
        From ``analysis.spatial.moran_table``.
    shown : Page

    Returns
    -------
    table, record
    """
    t = study.t
    names = {
        "rate": t("firms per GDP", "单位产值企业数"),
        "standardised_rate": t("the same, standardised (empirical Bayes)", "同上，经验贝叶斯标准化"),
        "residual": t("residual of the count model", "计数模型残差"),
    }  # fmt: skip
    rules = {
        "keep": t("without neighbours", "无邻居"),
        "nearest": t("joined to the nearest", "连至最近省份"),
    }
    table = pd.DataFrame(
        {
            t("Variable", "变量"): rows["variable"].map(names).to_numpy(),
            t("Islands", "岛屿"): rows["islands"].map(rules).to_numpy(),
            "I": rows["statistic"].to_numpy(),
            t("Expected under no pattern", "无格局时期望"): rows["expectation"].to_numpy(),
            t("p (alike)", "p（相似）"): rows["p_greater"].to_numpy(),
            t("p (two-sided)", "p（双侧）"): rows["p_two_sided"].to_numpy(),
        }
    )
    record = page_record(
        study, shown,
        "02c_moran_table",
        ("Are neighbouring provinces alike? Moran's I", "邻近省份是否相似？莫兰指数"),
        unit=("without unit; row-standardised land borders", "无量纲；行标准化陆地接壤权重"),
        base=(f"{int(rows['units_count'].max())} provinces, {int(rows['permutations'].max())} permutations", f"{int(rows['units_count'].max())}个省份，{int(rows['permutations'].max())}次置换"),
        note=("Permutation p-values, seeded by the study; with n permutations none is below 1/(n + 1). A dash: residuals of a fit are not exchangeable, so their index is a description without p.", "置换检验p值，随机数由本研究种子产生；n次置换时最小为1/(n+1)。横线：拟合残差不可交换，指数仅作描述，不给出p值。"),
    )  # fmt: skip
    return table, record


def scatter(study: Teller, local: pd.DataFrame, statistic: float, shown: Page) -> View:
    """Moran scatter plot: each province's rate against its neighbours' mean.

    Parameters
    ----------
    study : Teller
    local : DataFrame
        From ``analysis.spatial.local_moran``, row-standardised weights.
    statistic : float
        Moran's I, the slope of the line.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t = study.t
    centred = local["value"] - local["value"].mean()
    points = pd.DataFrame({"x": centred, "y": local["lag"]})
    points["label"] = [study.name(unit) for unit in points.index]
    island = local["quadrant"] == "island"
    with figures.styled():
        figure, ax = figures.new(6.6, 4.4)
        ax.axhline(0, color=COLOURS["grey"], lw=0.8)
        ax.axvline(0, color=COLOURS["grey"], lw=0.8)
        reach = np.array([centred.min(), centred.max()]) * 1.15
        ax.plot(reach, statistic * reach, color=COLOURS["ink"], lw=1.2)
        dots(ax, points[~island], shown.focal)
        for x, y in points.loc[island, ["x", "y"]].to_numpy():
            edge = COLOURS["focal" if shown.focal in points.index[island] else "main"]
            ax.plot(x, y, "o", ms=6, mfc="white", mec=edge, mew=1.3, zorder=5)
        low, high = points["y"].min(), points["y"].max()
        ax.set(xlim=tuple(reach), ylim=(low - 0.22 * (high - low), high + 0.22 * (high - low)))
        _corners(ax, t)
        ax.set_xlabel(t("Standardised rate, less its mean", "标准化率（减均值）"))
        ax.set_ylabel(t("Mean of the neighbours", "邻省均值"))
        order = (points["x"].abs() + points["y"].abs()).sort_values(ascending=False).index
        place_labels(ax, points, list(order), shown.focal)
    record = page_record(
        study, shown,
        "02c_moran",
        (f"Little giants per GDP beside those of the neighbours: Moran's I = {statistic:.2f}", f"单位产值“小巨人”数与邻省比较：莫兰指数I = {statistic:.2f}"),
        unit=("standard deviations (empirical Bayes)", "标准差（经验贝叶斯）"),
        base=(f"{len(local)} provinces; neighbours share a land border", f"{len(local)}个省份；邻居为陆地接壤省份"),
        note=("Slope of the line: Moran's I. Open: no land neighbour, lag 0.", "直线斜率为莫兰指数。空心：无陆地邻省，滞后为0。"),
        alt=_scatter_alt(local, statistic),
    )  # fmt: skip
    return figure, record, local.rename_axis("place_id").reset_index()


def _scatter_alt(local: pd.DataFrame, statistic: float) -> Words:
    """What the Moran scatter plot shows."""
    counts = local["quadrant"].value_counts()
    alike = int(counts.get("high-high", 0) + counts.get("low-low", 0))
    unlike = int(counts.get("high-low", 0) + counts.get("low-high", 0))
    return (
        "Mean rate of the neighbours against a province's own, a dot a province, with a line of slope "
        f"{statistic:.2f}. {alike} provinces lie on the same side of the mean as their neighbours, {unlike} on the other.",
        f"横轴为本省标准化率，纵轴为邻省均值，每点一省，直线斜率{statistic:.2f}。{alike}个省份与邻省同处均值一侧，{unlike}个分处两侧。",
    )


def _corners(ax: Any, t: Pick) -> None:
    """Names of the four quadrants in the corners."""
    for x, y, quadrant in (
        (0.99, 0.99, "high-high"), (0.01, 0.01, "low-low"), (0.99, 0.01, "high-low"),
        (0.01, 0.99, "low-high"),
    ):  # fmt: skip
        ax.text(
            x, y, quadrant_name(quadrant, t), transform=ax.transAxes, fontsize=figures.points(7.5), color="#777777",
            ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom",
        )  # fmt: skip


def clusters(study: Teller, local: pd.DataFrame, rate: float, shown: Page) -> View:
    """Tile-grid map of local Moran statistics.

    Parameters
    ----------
    study : Teller
    local : DataFrame
        From ``analysis.spatial.local_moran``; places of the national layout without a statistic are
        drawn empty.
    rate : float
        False-discovery rate of the column significant.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    t, found = study.t, int(local["significant"].sum())
    tested = int((local["quadrant"] != "island").sum())
    tiles = layout_tiles(study.table("tile_layouts"), NATION, study.name, study.language)
    drawn = _cluster_tiles(local, tiles, t)
    with figures.styled():
        figure, ax = figures.new(7.2, 5.2)
        charts.tile_grid(ax, drawn, shown.focal)
        for tile in drawn[drawn["place_id"].isin(local.index[local["significant"]])].itertuples():
            corner = (tile.tile_column + 0.03, tile.tile_row + 0.03)
            ax.add_patch(Rectangle(corner, 0.89, 0.87, fill=False, lw=1.8, ec="black", zorder=4))
    record = page_record(
        study, shown,
        "02c_clusters",
        ("Provinces like and unlike their neighbours in little giants per GDP", "单位产值“小巨人”数：与邻省相似或相异的省份"),
        unit=("first word: own rate, second: neighbours; p two-sided, adjusted for false discovery", "前字为本省，后字为邻省；p为双侧并经错误发现率校正"),
        base=provinces_base(len(local)),
        note=(
            f"{found} of {tested} tested pass a false-discovery rate of {100 * rate:.0f} % (black frame). Orange frame: the focal province. Dashed: not among the units; XPCC is counted with Xinjiang. Positions are a drawing convention.",
            f"所检验的{tested}省中{found}个通过{100 * rate:.0f}%错误发现率（黑框）。橙框：所考察省份。虚框：不在分析之列，兵团计入新疆。位置仅为示意。",
        ),
        alt=_clusters_alt(local, found, tested),
    )  # fmt: skip
    return figure, record, local.rename_axis("place_id").reset_index()


def _clusters_alt(local: pd.DataFrame, found: int, tested: int) -> Words:
    """What the map of tiles shows."""
    counts = local["quadrant"].value_counts()
    kinds = [
        kind for kind in ("high-high", "low-low", "high-low", "low-high") if kind in counts.index
    ]
    english = ", ".join(f"{kind} {counts[kind]}" for kind in kinds)
    chinese = "，".join(
        f"{quadrant_name(kind, lambda en, zh: zh)}{counts[kind]}个" for kind in kinds
    )
    return (
        f"A map of equal tiles, one a province, each with its quadrant and p-value: {english}. {found} of {tested} tested stand out.",
        f"等面积方格示意图，每格一省，标有象限与p值：{chinese}。所检验的{tested}省中{found}个通过检验。",
    )


def rate_map(study: Teller, boundaries: Boundaries, rates: pd.Series, shown: Page) -> View:
    """The rates on the user's own boundaries.

    Parameters
    ----------
    study : Teller
    boundaries : Boundaries
        From ``publish.maps.read_boundaries``.
    rates : Series
        Index: place_id. Firms per 100 billion yuan.
    shown : Page

    Returns
    -------
    figure, record, data
    """
    known = rates[rates.index.isin(list(boundaries.rings))]
    record = page_record(
        study, shown,
        "02c_map",
        ("Little giants per GDP", "单位产值“小巨人”数"),
        unit=("firms per 100 billion yuan", "家/千亿元"),
        alt=(
            f"A map of the user's own boundaries, shaded from white to dark blue by rate; {len(known)} places have one.",
            f"用户自备边界的地图，按比率由白至深蓝着色，{len(known)}个地区有数值。",
        ),
    )  # fmt: skip
    return choropleth(study, boundaries, rates, shown.focal, record)


def _cluster_tiles(local: pd.DataFrame, tiles: pd.DataFrame, t: Pick) -> pd.DataFrame:
    """Fill and words of each tile."""
    rows = []
    for place in tiles["place_id"]:
        if place not in local.index:
            rows.append(("#F4F4F4", "–", "", False))
            continue
        quadrant, p = str(local.loc[place, "quadrant"]), float(local.loc[place, "p_adjusted"])
        second = "p < 0.01" if p < 0.01 else f"p {p:.2f}"
        if quadrant == "island":
            second = t("not tested", "未检验")
        rows.append((_FILLS[quadrant], quadrant_name(quadrant, t), second, True))
    words = pd.DataFrame(rows, columns=["fill", "first", "second", "solid"], index=tiles.index)
    return tiles.join(words).assign(second_known=True)
