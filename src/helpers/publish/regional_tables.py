"""Tables of the notebook on concentration, position and change, each with its record."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.publish.phrases import basis_name, batches_name, between, dashed, signed, spanned
from helpers.publish.regional_views import (
    index_name,
    ranks_basis,
    reference_names,
    step,
)
from helpers.publish.teller import Shown, Teller, heads_of, record_of


def growth(study: Teller, table: pd.DataFrame, focal: str, sources: Sequence[str]) -> Shown:
    """The table of new firms by batch.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.batch_growth``.
    focal : str
        place_id of the focal province.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    name = study.name(focal)
    heads = heads_of(
        study,
        batch=("Batch", "批次"),
        total_count=("Nation", "全国"),
        growth_pct=("Growth over the batch before (%)", "较上一批增长（%）"),
        lower_count=(f"{name}, at least", f"{name}，至少"),
        upper_count=(f"{name}, at most", f"{name}，至多"),
        lower_share_pct=("Share, at least (%)", "占比，至少（%）"),
        upper_share_pct=("Share, at most (%)", "占比，至多（%）"),
    )
    record = record_of(
        study,
        "02b_growth",
        (f"New little giants by batch: the nation and {name}", f"分批次新增“小巨人”：全国与{name}"),
        unit=("firms", "家"),
        basis=study.basis_name,
        note=(
            "At least and at most: identification bounds, equal where the count is known; a dash: batches after the fifth are not bounded.",
            "至少、至多为识别界，数量已知时二者相等；横线：第5批以后未求界。",
        ),
        source=[sources],
    )
    return table.rename(columns=heads)[list(heads.values())], record


def indices(
    study: Teller, table: pd.DataFrame, units: int, basis: str, sources: Sequence[str]
) -> Shown:
    """The table of indices of concentration, one column a complete range of batches.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.concentration_table``.
    units : int
    basis : str
        Of counting.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    t = study.t
    spans = [name for name in table.columns if name not in ("index", "lowest", "highest")]
    shown = pd.DataFrame({t("Index", "指标"): [index_name(i, t) for i in table["index"]]})
    for span in spans:
        shown[batches_name(span, t)] = [f"{value:.4f}" for value in table[span]]
    shown[t("lowest possible", "可能最小值")] = [f"{value:.4f}" for value in table["lowest"]]
    shown[t("highest possible", "可能最大值")] = [f"{value:.4f}" for value in table["highest"]]
    record = record_of(
        study,
        "02b_indices",
        ("Concentration over provincial units", "省级单位间的集中度"),
        unit=("fractions; entropy and Theil in nats", "比例；熵与泰尔指数以自然对数计"),
        base=(f"{units} units, those without a firm included", f"{units}个单位（含无企业者）"),
        basis=basis_name(basis, t),
        note=(
            "0 ln 0 = 0. A unit without a firm makes the Atkinson index with epsilon 1 equal to 1.",
            "规定0 ln 0 = 0；存在无企业的单位时，ε=1的阿特金森指数恒为1。",
        ),
        source=[sources],
    )
    return shown, record


def theil(study: Teller, table: pd.DataFrame, basis: str, sources: Sequence[str]) -> Shown:
    """The table of the Theil index between and within groups.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.theil_table``.
    basis : str
        Of counting.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    t = study.t
    names = {
        "East": t("East", "东部"), "Central": t("Central", "中部"), "West": t("West", "西部"),
        "Northeast": t("Northeast", "东北"), "all": t("all", "合计"),
        "plan_city": t("five plan cities", "五个计划单列市"), "other": t("other areas", "其他地区"),
    }  # fmt: skip
    splits = {"region": t("region", "区域"), "plan_city": t("plan city", "计划单列市")}
    heads = heads_of(
        study, split=("Split by", "分组"), group=("Group", "组"), units_count=("Units", "单位数"),
        total=("Firms", "企业数"), share=("Share", "占比"), theil=("Theil inside", "组内泰尔"),
        between=("Between", "组间"), within=("Within", "组内贡献"),
    )  # fmt: skip
    fractions = ("share", "theil", "between", "within")
    shown = table.assign(
        split=table["split"].map(splits),
        group=table["group"].map(names),
        total=table["total"].astype("int64"),
        **{name: [f"{value:.4f}" for value in table[name]] for name in fractions},
    )
    record = record_of(
        study,
        "02b_theil",
        ("Theil index between and within groups", "泰尔指数的组间与组内分解"),
        unit=("nats; shares as fractions", "自然对数；占比为比例"),
        basis=basis_name(basis, t),
        note=(
            "Between and within add up to the index. A group below average has a negative term between. In the second split a plan city is an area of its own, so that there are more units.",
            "组间与组内之和等于总指数；低于平均水平的组其组间项为负。第二种分组将计划单列市单列，单位数因而增加。",
        ),
        source=[sources],
    )
    return shown.rename(columns=heads)[list(heads.values())], record


def published(study: Teller, table: pd.DataFrame, sources: Sequence[str]) -> Shown:
    """The table of figures printed elsewhere beside ours.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.published_table``.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    t = study.t
    labels = {
        "cr5": index_name("cr5", t), "hhi": index_name("hhi", t),
        "firms_count": t("little giants", "“小巨人”数量"), "share_pct": t("share (%)", "占比（%）"),
    }  # fmt: skip
    rows = []
    for row in table.itertuples():
        colon = t(": ", "：")
        place = "" if pd.isna(row.place_id) else f"{study.name(row.place_id)}{colon}"
        digits = {"firms_count": 0, "share_pct": 2}.get(str(row.statistic), 4)
        ends = (f"{end:,.{digits}f}" for end in dict.fromkeys((row.low, row.high)))
        ours = spanned(ends, t, " – ") + ("" if row.attained else t(" (outer)", "（外界）"))
        what, span = place + labels[str(row.statistic)], dashed(row.batches, t)
        rows.append((what, row.reported_value, span, ours, bool(row.compatible)))
    columns = [
        t("Figure", "指标"), t("Printed", "公布值"), t("Batches", "批次"),
        t("Our figure or bounds", "本项目数值或界"), t("Compatible", "相容"),
    ]  # fmt: skip
    record = record_of(
        study,
        "02b_published",
        ("Figures printed in other papers beside ours", "其他论文公布值与本项目对照"),
        basis=study.basis_name,
        note=(
            "Two values: identification bounds. Outer: the bounds may be wider than the figures force them to be. Compatible: a value that is printed so lies within.",
            "两个数值为识别界；“外界”指界可能偏宽。相容：公布值的舍入区间与界相交。",
        ),
        source=[sources],
    )
    return pd.DataFrame(rows, columns=columns), record


def focal_quotients(
    study: Teller, table: pd.DataFrame, focal: str, basis: str, sources: Sequence[str]
) -> Shown:
    """The focal province's quotients in all forms, with the Krugman index of the nation.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Rows of ``analysis.provincial.quotient_table`` for the province, joined with
        ``krugman_table``.
    focal : str
        place_id of the province.
    basis : str
        Of counting.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    t, name = study.t, study.name(focal)
    shown = pd.DataFrame({t("Reference", "参照"): table["reference_name"].map(reference_names(t))})
    shown[t("Share of firms (%)", "企业占比（%）")] = 100 * table["local"] / table["local_total"]
    shown[t("Share of reference (%)", "参照占比（%）")] = (
        100 * table["reference"] / table["reference_total"]
    )
    shown[t("Quotient", "区位商")] = table["lq"]
    for low, high, title in (
        ("low", "high", t("95 %, binomial", "95%区间（二项）")),
        ("scaled_low", "scaled_high", t("95 %, scaled by φ", "95%区间（按φ放大）")),
    ):
        pairs, dash = zip(table[low], table[high], strict=True), t(" – ", "—")
        shown[title] = [f"{start:.2f}{dash}{end:.2f}" for start, end in pairs]
    shown["φ"] = table["dispersion"].map("{:.1f}".format)
    shown[t("Symmetric", "对称形式")] = table["symmetric"]
    shown[t("Logarithm", "对数")] = [
        t("none (no firm)", "无（无企业）") if value == 0 else f"{log:.2f}"
        for value, log in zip(table["lq"], table["log_lq"], strict=True)
    ]
    shown[t("Krugman, all provinces", "克鲁格曼指数（全国）")] = table["krugman"]
    record = record_of(
        study,
        "02b_focal_quotients",
        (f"Location quotients of {name}", f"{name}的区位商"),
        basis=basis_name(basis, t),
        note=(
            "φ: Pearson chi-square per degree of freedom of all provinces against the reference. Symmetric: (LQ - 1) / (LQ + 1). Krugman: sum of absolute differences of shares over all provinces, 0 to 2.",
            "φ：各省相对参照的皮尔逊卡方除以自由度。对称形式为(LQ-1)/(LQ+1)；克鲁格曼指数为全部省份占比差绝对值之和，取值0至2。",
        ),
        source=[sources],
    )
    return shown, record


def industry_parts(
    study: Teller, table: pd.DataFrame, before: str, later: str, focal: str,
    sources: Sequence[str],
) -> Shown:  # fmt: skip
    """Dunn's three parts of the focal province by industry.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        Index: industry; columns before, after, change, national, industry_mix, competitive.
    before, later : str
        Batches.
    focal : str
        place_id of the province.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    name = study.name(focal)
    heads = heads_of(
        study, industry=("Industry", "行业"), before=("Before", "期初"), after=("After", "期末"),
        change=("Change", "变动"), national=("National growth", "全国增长"),
        industry_mix=("Industry mix", "产业结构"), competitive=("Competitive", "竞争效应"),
    )  # fmt: skip
    record = record_of(
        study,
        "02b_industries",
        (f"Shift-share by industry: {name}", f"分行业偏离-份额分析：{name}"),
        unit=("firms", "家"),
        period=step(study.t, before, later),
        source=[sources],
    )
    shown = table.rename_axis("industry").reset_index()
    return shown.rename(columns=heads)[list(heads.values())], record


def rank_changes(
    study: Teller, table: pd.DataFrame, stand_in: str, sources: Sequence[str]
) -> Shown:
    """The table of ranks, possible ranks since, and places gained or lost.

    Parameters
    ----------
    study : Teller
    table : DataFrame
        From ``analysis.provincial.rank_table``.
    stand_in : str
        Basis of the first range; empty where it is the study's.
    sources : sequence of str
        Source ids.

    Returns
    -------
    table, record
    """
    t, spans = study.t, list(dict.fromkeys(table["batches"]))
    wide = table.set_index(["place_id", "batches"])
    first = table[table["batches"] == spans[0]].sort_values("best", kind="stable")
    names = [study.name(place) for place in first["place_id"]]
    shown = pd.DataFrame({t("Unit", "单位"): names})
    shown[t("Rank, ", "位次，") + batches_name(spans[0], t)] = list(first["best"])
    for span in spans[1:]:
        pairs = [wide.loc[(place, span), ["best", "worst"]] for place in first["place_id"]]
        shown[batches_name(span, t)] = [between(map(str, pair), t) for pair in pairs]
        shown[t(f"places gained ({span})", f"上升位数（{batches_name(span, t)}）")] = [
            between((signed(rank - worst), signed(rank - best)), t)
            for rank, (best, worst) in zip(first["best"], pairs, strict=True)
        ]
    ranked = table["ranked_count"].iloc[0]
    record = record_of(
        study,
        "02b_rank_changes",
        ("Ranks, possible ranks since, and places gained", "位次、其后可能的位次与上升位数"),
        base=(
            f"{ranked} units ranked, ties share the better",
            f"{ranked}个单位排序，并列取较优",
        ),
        basis=ranks_basis(study, stand_in),
        note=(
            "Two values: identification bounds. A negative number of places gained is a loss.",
            "两个数值为识别界；上升位数为负表示下降。",
        ),
        source=[sources],
    )
    return shown, record
