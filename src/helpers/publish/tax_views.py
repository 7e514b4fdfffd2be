"""Drawings and tables of the tax calculator, each with its record."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.publish import figures as pictures
from helpers.publish.figures import COLOURS, Record, points
from helpers.publish.teller import Shown, Teller, View, Words, heads_of, record_of

KIND_WORDS = {
    "general": ("other firms", "一般企业"), "manufacturing": ("manufacturers", "制造业企业"),
    "technology_sme": ("technology-based SMEs", "科技型中小企业"),
    "ic_or_machine_tool": ("integrated circuits, machine tools", "集成电路与工业母机"),
    "all": ("all firms", "所有企业"), "high_tech": ("high-tech enterprises", "高新技术企业"),
    "small": ("small low-profit firms", "小型微利企业"),
    "excluded_industry": ("excluded industries", "负面清单行业"),
}  # fmt: skip
POLICY_WORDS = {
    "statutory_rate": ("rate of the tax", "法定税率"), "reduced_rate": ("reduced rate", "优惠税率"),
    "transfer_exempt": ("technology transfer, exempt sum", "技术转让所得免征"),
    "transfer_half": ("technology transfer, part taxed above it", "技术转让所得减半计税"),
    "super_deduction": ("extra deduction of R&D", "研发费用加计扣除"),
    "small_low_profit": ("effective rate", "实际税负"),
    "loss_carry_forward": ("loss carried forward, years", "亏损结转年限"),
}  # fmt: skip
# The made-up firms of the notebook; a firm of another name keeps it in both languages.
FIRM_WORDS = {
    "plain": "普通", "high-tech": "高新", "high-tech, sells technology": "高新，转让技术",
    "small": "小微", "loss": "亏损",
}  # fmt: skip
# Percentage points by which lines that run together are set apart.
SHIFTS = {"general": -1.6, "technology_sme": 1.6}
# Policies whose rules the figure draws.
DRAWN = ("super_deduction", "statutory_rate", "reduced_rate")
# The order of drawing: where two lines run together the later one shows.
LINES = {
    "ic_or_machine_tool": (":", COLOURS["focal"]), "manufacturing": ("-", COLOURS["main"]),
    "technology_sme": ("--", COLOURS["second"]), "general": ("-", COLOURS["ink"]),
}  # fmt: skip


def rules_shown(study: Teller, rules: pd.DataFrame) -> Shown:
    """The rules with their dates, documents and whether they were verified.

    Parameters
    ----------
    study : Teller
    rules : DataFrame
        Table ``tax_rules``.

    Returns
    -------
    frame, record
    """
    language = study.language
    words = heads_of(study, **POLICY_WORDS, **KIND_WORDS)
    value = (
        rules["rate_pct"].map(study.t("{:g} %", "{:g}%").format).where(rules["rate_pct"].notna())
    )
    years = rules["years"].map("{:.0f}".format, na_action="ignore").astype(object)
    ends = rules["income_to_m_cny"].map("{:g}".format, na_action="ignore").fillna("…")
    band = (
        rules["income_from_m_cny"].map("{:g}".format, na_action="ignore") + study.t("–", "—") + ends
    )
    table = rules.assign(
        policy=rules["policy"].map(words), firm_type=rules["firm_type"].map(words),
        value=value.fillna(years), band=band,
        verified=rules["verified"].map({True: study.t("yes", "是"), False: study.t("no", "否")}),
    )  # fmt: skip
    heads = heads_of(
        study, rule_id=("No.", "编号"), policy=("Policy", "政策"), firm_type=("Firms", "企业类型"),
        value=("Value", "数值"), band=("Income (million yuan)", "所得（百万元）"),
        valid_from=("From", "起"), valid_to=("To", "止"),
        **{f"document_{language}": ("Document", "文件")}, article=("Article", "条款"),
        verified=("Verified", "已核实"), source_id=("Sources", "来源"),
    )  # fmt: skip
    record = record_of(
        study, "05b_tax_rules", ("Rules the calculator applies", "计算器所用规则"),
        unit=("per cent unless the policy says years", "%（年限除外）"),
        source=study.t("see the column Sources", "见来源列"),
        note=("Not verified: known from a single account only; see the notes in tax_rules.csv.",
              "未核实：仅见于单一转述，说明见tax_rules.csv。"),
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record


def deduction(study: Teller, paths: pd.DataFrame, profits: pd.DataFrame, source: object) -> View:
    """Rate of the extra deduction over the years, and what it saves at each profit.

    Parameters
    ----------
    study : Teller
    paths : DataFrame
        From ``tax.rate_paths``.
    profits : DataFrame
        Columns profit_m_cny, saved_25 and saved_15, and rd_m_cny and year, which are the same in
        all rows: savings of a firm at the statutory and at the reduced rate.
    source : object
        Cells to cite.

    Returns
    -------
    figure, record, data
    """
    with pictures.styled():
        figure, (left, right) = pictures.new(7.4, 3.0, ncols=2, width_ratios=[1.25, 1])
        _draw_paths(left, paths, study)
        _draw_savings(right, profits, study)
    return figure, _deduction_record(study, paths, profits, source), paths


def _draw_savings(axes: Any, profits: pd.DataFrame, study: Teller) -> None:
    """Tax saved by profit, at the statutory and the reduced rate."""
    t, last = study.t, profits.iloc[-1]
    spent, year = profits["rd_m_cny"].iloc[0], int(profits["year"].iloc[0])
    for column, style, rate in (("saved_25", "-", 25), ("saved_15", "--", 15)):
        axes.plot(profits["profit_m_cny"], profits[column], style, color=COLOURS["main"])
        axes.annotate(
            t(f"taxed at {rate} %", f"税率{rate}%"), (last["profit_m_cny"], last[column]), (-2, -4),
            textcoords="offset points", ha="right", va="top", fontsize=points(7.5),
        )  # fmt: skip
    axes.axvline(0, color=COLOURS["grey"], lw=0.8)
    axes.set_xlabel(t("Profit before tax (million yuan)", "税前利润（百万元）"))
    axes.set_ylabel(t("Tax saved this year (million yuan)", "当年少缴税款（百万元）"))
    axes.set_title(
        t(f"R&D of {spent:g} million yuan, {year}", f"研发费用{spent:g}百万元，{year}年")
    )
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_ylim(-0.08 * profits["saved_25"].max(), profits["saved_25"].max() * 1.12)


def _deduction_record(
    study: Teller, paths: pd.DataFrame, profits: pd.DataFrame, source: object
) -> Record:
    apart = max(SHIFTS.values())
    return record_of(
        study, "05b_deduction",
        ("The R&D super-deduction: its rate by kind of firm, and what it saves at each profit",
         "研发费用加计扣除：各类企业的比例，以及不同利润下的节税额"),
        unit=("left: per cent of R&D deducted once more; right: million yuan a year",
              "左：加计扣除比例（%）；右：百万元/年"),
        source=[source],
        note=("Lines that run together are drawn "
              f"{apart:g} points apart. 2022 for other firms: 75 % for nine months and 100 % for three, R&D spread evenly. "
              "Right: a made-up firm; in a loss year nothing is saved, the deduction adds to the "
              "loss carried forward.",
              f"重合的线错开{apart:g}个百分点绘出。2022年一般企业：前九个月75%、后三个月100%，研发费用按月均摊。右图为假设企业；"
              "亏损年份当年不节税，加计额计入结转亏损。"),
        alt=_deduction_alt(paths, profits),
    )  # fmt: skip


def _deduction_alt(paths: pd.DataFrame, profits: pd.DataFrame) -> Words:
    """What the two panels show, in words."""
    wide = paths.pivot(index="year", columns="kind", values="rate_pct")
    first, last = wide.index[0], wide.index[-1]
    spans = {kind: (wide.loc[first, kind], wide.loc[last, kind]) for kind in wide}
    english = "; ".join(f"{KIND_WORDS[kind][0]} {a:g} to {b:g}" for kind, (a, b) in spans.items())
    chinese = "；".join(f"{KIND_WORDS[kind][1]}由{a:g}至{b:g}" for kind, (a, b) in spans.items())
    most, least = profits["saved_25"].max(), profits["saved_15"].max()
    return (
        f"Left, stepped lines of the rate of the deduction in per cent, {first} to {last}: {english}. "
        f"Right, tax saved by profit: nothing in a loss, then rising to at most {most:g} million yuan "
        f"at the rate of 25 % and {least:g} at 15 %.",
        f"左图：{first}至{last}年加计扣除比例（%）的阶梯线：{chinese}。右图：节税额随利润的变化：亏损时为零，"
        f"此后上升，税率25%时至多{most:g}百万元，15%时至多{least:g}百万元。",
    )


def _draw_paths(axes: Any, paths: pd.DataFrame, study: Teller) -> None:
    """Steps of the rate by kind, labelled in the plot."""
    wide = paths.pivot(index="year", columns="kind", values="rate_pct")
    for kind, (style, colour) in LINES.items():
        values = wide[kind] + SHIFTS.get(kind, 0)
        axes.plot(wide.index, values, style, color=colour, drawstyle="steps-mid")
    labels = {
        "ic_or_machine_tool": (wide.index[-1], 122, "right", "bottom"),
        "manufacturing": (2021.0, 103, "right", "bottom"),
        "technology_sme": (wide.index[0] - 0.3, 80, "left", "bottom"),
        "general": (2018.6, 71, "left", "top"),
    }
    for kind, (x, y, ha, va) in labels.items():
        english, chinese = KIND_WORDS[kind]
        told = study.t(english.replace("-", "-\n", 1), chinese)
        axes.text(x, y, told, ha=ha, va=va, fontsize=points(7.5), color=LINES[kind][1],
                  linespacing=0.95)  # fmt: skip
    axes.set_ylim(40, 134)
    axes.set_xticks(range(int(wide.index[0]), int(wide.index[-1]) + 1, 2))
    axes.set_ylabel(study.t("Extra deduction (% of R&D)", "加计比例（%）"))
    axes.set_title(study.t("Rate by kind of firm", "分企业类型的比例"))
    axes.grid(axis="y")


def effects_shown(study: Teller, effects: pd.DataFrame) -> Shown:
    """Savings of several made-up firms.

    Parameters
    ----------
    study : Teller
    effects : DataFrame
        From ``tax.effects_table``.

    Returns
    -------
    frame, record
    """
    heads = heads_of(
        study, name=("Made-up firm", "假设企业"), year=("Year", "年度"), rd_m_cny=("R&D", "研发费用"),
        profit_m_cny=("Profit", "利润"), tax_without=("Tax without reliefs", "无优惠税额"),
        super_deduction=("Deduction alone saves", "仅加计扣除节税"),
        high_tech_rate=("15 % alone saves", "仅15%税率节税"),
        transfer_relief=("Transfer relief alone saves", "仅技术转让节税"),
        small_low_profit=("Small-firm relief alone saves", "仅小微优惠节税"),
        overlap=("Overlap", "重叠"), saved=("All together save", "合计节税"),
        tax_with=("Tax with all", "优惠后税额"), loss_added=("Added to loss", "增加结转亏损"),
        loss_years=("Years to use it", "可结转年数"),
    )  # fmt: skip
    record = record_of(
        study, "05b_tax_effects",
        ("What the reliefs save, against the statutory rate and no relief",
         "各项优惠的节税额（对照：法定税率、无优惠）"),
        unit=("million yuan; firms are made up", "百万元；企业为假设"),
        source=study.t("see the table of rules", "见规则表"),
        note=("Reliefs share the same tax: savings alone less the overlap are what all together "
              "save; the overlap is negative where one relief opens another. Conditions of titles "
              "are not tested.",
              "各项优惠作用于同一税额：单项之和减去重叠即为合计；一项优惠促成另一项时重叠为负。"
              "未检验资格条件。"),
    )  # fmt: skip
    # As text: a table sets thousands apart, and 2,023 is no year.
    names = [study.t(name, FIRM_WORDS.get(name, name)) for name in effects["name"]]
    table = effects.assign(name=names, year=effects["year"].astype(str))
    return table.rename(columns=heads)[list(heads.values())], record


def ceiling_shown(
    study: Teller, ceilings: pd.DataFrame, firms: pd.DataFrame, place_id: str
) -> Shown:
    """At most what the deduction saved firms that publish their R&D.

    Parameters
    ----------
    study : Teller
    ceilings : DataFrame
        From ``tax.public_ceilings``, not empty.
    firms : DataFrame
        Table ``firms``.
    place_id : str
        City of the firms.

    Returns
    -------
    frame, record
    """
    heads = heads_of(
        study, firm=("Firm", "企业"), period=("Year", "年度"), rd_m_cny=("R&D", "研发费用"),
        net_profit_m_cny=("Net profit", "净利润"), extra_m_cny=("Extra deduction", "加计扣除额"),
        most_saved_m_cny=("Saved at most", "至多节税"),
    )  # fmt: skip
    home = study.name(place_id)
    names = firms.set_index("firm_id")[f"name_short_{study.language}"]
    table = ceilings.assign(firm=ceilings["firm_id"].map(names))
    record = record_of(
        study, "05b_public_firms",
        (f"The deduction for firms of {home} that publish their R&D, as manufacturers",
         f"{home}公开研发费用企业的加计扣除（按制造业计）"),
        unit=("million yuan", "百万元"), source=[ceilings["source_id"]],
        note=("Saved at most: the statutory rate on the deduction; less where the rate is reduced, "
              "where profit is small, or where part of the R&D does not qualify. A dash: the year's "
              "profit is not known, or it is a net loss, which does not tell the taxable income. A "
              "year stands twice where sources disagree.",
              "至多节税：按法定税率计；适用优惠税率、利润较少或部分研发费用不合条件时更低。"
              "横线：当年利润不详，或为净亏损（净亏损不等于应纳税所得额）。来源不一时同一年度列多行。"),
    )  # fmt: skip
    return table.rename(columns=heads)[list(heads.values())], record
