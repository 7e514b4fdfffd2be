"""Enterprise income tax of one firm in one year, with and without the reliefs the study names.

The rules are rows of the table ``tax_rules``; nothing here holds a rate or a date. Amounts are in
million yuan. Not covered: capitalised R&D, caps on some kinds of R&D spending, losses brought
forward, regional rates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.evidence.sources import ids_of

POLICIES = ("super_deduction", "high_tech_rate", "transfer_relief", "small_low_profit")
KINDS = ("manufacturing", "technology_sme", "ic_or_machine_tool", "excluded_industry")
MONTHS = 12
LAST_QUARTER = (10, 11, 12)
_NO_END = "9999"


def _refuse(column: str, value: object, rule: str, remedy: str) -> InputError:
    return InputError(f"firm, field {column}, value {value!r}: {rule}. {remedy}")


def _check_amount(name: str, value: object) -> None:
    """Refuse what is no finite number of million yuan; only a profit may be negative."""
    number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    if not number or not np.isfinite(float(value)):  # type: ignore[arg-type]
        raise _refuse(name, value, "not a number", "Give million yuan.")
    if float(value) < 0 and name != "profit_m_cny":  # type: ignore[arg-type]
        raise _refuse(name, value, "below 0", "Give million yuan.")


def _check_whole(name: str, value: object, remedy: str) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool | np.bool_):
        raise _refuse(name, value, "not a whole number", remedy)


@dataclass(frozen=True)
class Firm:
    """A firm in one tax year.

    Parameters
    ----------
    year : int
        Tax year, January to December.
    revenue_m_cny, rd_m_cny : float
        Million yuan, not negative. R&D is what is spent and expensed in the year. Revenue changes
        no tax: it only bounds the transfer income.
    profit_m_cny : float
        Before tax, after R&D as spent, income from technology transfer included; may be negative.
    transfer_income_m_cny : float
        Net income from qualifying technology transfers, not negative and not above revenue.
    kinds : collection of str
        Out of :data:`KINDS`; empty for any other firm.
    high_tech, small : bool
        Whether the title of high-tech enterprise is valid in the year; whether staff, assets and
        industry are those of a small low-profit firm (its income is tested here).
    months : int
        Months of operation up to December, 1 to 12.
    rd_last_quarter_m_cny : float or None
        R&D of October to December, where known; matters in years whose rate changes in October.

    Raises
    ------
    InputError
        A field is of the wrong type or out of range, with its name and value.

    Examples
    --------
    >>> Firm(2023, 100, 5, 8, kinds=("manufacturing",)).months
    12
    >>> Firm(2023, -1, 0, 0)
    Traceback (most recent call last):
        ...
    helpers.errors.InputError: firm, field revenue_m_cny, value -1: below 0. Give million yuan.
    """

    year: int
    revenue_m_cny: float
    rd_m_cny: float
    profit_m_cny: float
    transfer_income_m_cny: float = 0.0
    kinds: Collection[str] = field(default_factory=tuple)
    high_tech: bool = False
    small: bool = False
    months: int = MONTHS
    rd_last_quarter_m_cny: float | None = None

    def __post_init__(self) -> None:
        numbers = ["revenue_m_cny", "rd_m_cny", "profit_m_cny", "transfer_income_m_cny"]
        numbers += ["rd_last_quarter_m_cny"] if self.rd_last_quarter_m_cny is not None else []
        for name in numbers:
            _check_amount(name, getattr(self, name))
        for name, remedy in (("year", "Give a year, 2023."), ("months", "Give 1 to 12.")):
            _check_whole(name, getattr(self, name), remedy)
        for name in ("high_tech", "small"):
            if not isinstance(value := getattr(self, name), bool | np.bool_):
                raise _refuse(name, value, "neither True nor False", "Give one of the two.")
        if isinstance(self.kinds, str):
            raise _refuse("kinds", self.kinds, "a single word", "Give a list of kinds.")
        for kind in self.kinds:
            if kind not in KINDS:
                raise _refuse("kinds", kind, "unknown", f"Choose out of {', '.join(KINDS)}.")
        if not 1 <= self.months <= MONTHS:
            raise _refuse("months", self.months, "not a number of months", "Give 1 to 12.")
        if self.transfer_income_m_cny > self.revenue_m_cny:
            rule = f"above the revenue it is part of, {self.revenue_m_cny}"
            raise _refuse(
                "transfer_income_m_cny", self.transfer_income_m_cny, rule, "Correct one of the two."
            )
        late = self.rd_last_quarter_m_cny
        if late is not None and late > self.rd_m_cny:
            rule = f"above the R&D of the whole year, {self.rd_m_cny}"
            raise _refuse("rd_last_quarter_m_cny", late, rule, "Correct one of the two.")


@dataclass(frozen=True)
class Tax:
    """Outcome of one year.

    Attributes
    ----------
    extra_deduction_m_cny : float
        Deducted beyond the R&D spent.
    taxable_m_cny, tax_m_cny : float
    loss_m_cny : float
        Loss of the year, carried forward.
    loss_years : int
        Years it can be carried forward.
    """

    extra_deduction_m_cny: float
    taxable_m_cny: float
    tax_m_cny: float
    loss_m_cny: float
    loss_years: int


def years_covered(rules: pd.DataFrame) -> tuple[int, int]:
    """First and last year the rules speak of.

    Parameters
    ----------
    rules : DataFrame
        Table ``tax_rules``.

    Returns
    -------
    (int, int)
        The year the statutory rate begins, and the latest end date of any rule: rules without an
        end may change after it.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> years_covered(tables.load("tax_rules"))
    (2008, 2027)
    """
    begin = min(begin for _, begin, _ in _spans(rules, "statutory_rate", rules["firm_type"]))
    return int(begin[:4]), int(max(rules["valid_to"].dropna().tolist())[:4])


def _middle(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}-15"


def _spans(
    rules: pd.DataFrame, policy: str, firm_types: Iterable[str]
) -> list[tuple[int, str, str]]:
    """Rules of one policy: where each stands in the table, its first and its last day.

    A tax is worked out from a dozen looks at the rules, for hundreds of firms: lists of so few rows
    are searched many times faster than frames.
    """
    wanted = set(firm_types)
    names = ("policy", "firm_type", "valid_from", "valid_to")
    rows = enumerate(zip(*(rules[name].tolist() for name in names), strict=True))
    return [
        (place, begin, end if isinstance(end, str) else _NO_END)
        for place, (name, kind, begin, end) in rows
        if name == policy and kind in wanted
    ]


def in_force(
    rules: pd.DataFrame, policy: str, firm_types: Collection[str], year: int, month: int = MONTHS
) -> pd.DataFrame:
    """Rules of one policy in force in a month.

    Parameters
    ----------
    rules : DataFrame
        Table ``tax_rules``.
    policy : str
    firm_types : collection of str
        Kinds of firm wanted.
    year, month : int
        A rule is in force in a month when it covers its 15th day.

    Returns
    -------
    DataFrame
        Rows of the table, in its order.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rules = tables.load("tax_rules")
    >>> [in_force(rules, "super_deduction", ["general"], 2022, month).rate_pct.tolist()
    ...  for month in (9, 10)]
    [[75.0], [100.0]]
    """
    day = _middle(year, month)
    spans = _spans(rules, policy, firm_types)
    return rules.iloc[[place for place, begin, end in spans if begin <= day <= end]]


def _span_of(rules: pd.DataFrame, policy: str, firm_type: str) -> str:
    """Years that the rules of one policy reach for one kind of firm, in words."""
    rows = rules[(rules["policy"] == policy) & (rules["firm_type"] == firm_type)]
    if rows.empty:
        return "with a rule (the table has none)"
    last = years_covered(rules)[1]
    ends = rows["valid_to"].dropna().str[:4].astype(int)
    last = last if len(ends) < len(rows) else min(last, int(ends.max()))
    return f"from {int(str(rows['valid_from'].min())[:4])} to {last}"


def _only_rate(rules: pd.DataFrame, policy: str, firm_type: str, year: int) -> float:
    rows = in_force(rules, policy, [firm_type], year)
    if len(rows) != 1:
        raise _refuse(
            "year", year, f"tax_rules has {len(rows)} rules {policy} for {firm_type} firms",
            f"Choose a year {_span_of(rules, policy, firm_type)} or add the rule with its source.",
        )  # fmt: skip
    return float(rows["rate_pct"].iloc[0]) / 100


def deduction_rates(rules: pd.DataFrame, kinds: Collection[str], year: int) -> list[float]:
    """Rate of the extra deduction in each month of a year.

    Parameters
    ----------
    rules : DataFrame
        Table ``tax_rules``.
    kinds : collection of str
        Kinds of the firm, out of :data:`KINDS`.
    year : int

    Returns
    -------
    list of 12 floats
        The most favourable rate open to the firm, 0 in an excluded industry; 1.0 is 100 per cent.

    Raises
    ------
    InputError
        No rule covers the year.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rules = tables.load("tax_rules")
    >>> deduction_rates(rules, (), 2022)[8:10], deduction_rates(rules, ["manufacturing"], 2022)[0]
    ([0.75, 1.0], 1.0)
    """
    first, last = years_covered(rules)
    if not first <= year <= last:
        raise _refuse("year", year, "outside the rules", f"Choose a year from {first} to {last}.")
    if "excluded_industry" in kinds:
        return [_only_rate(rules, "super_deduction", "excluded_industry", year)] * MONTHS
    spans = _spans(rules, "super_deduction", ["general", *kinds])
    rates, found = rules["rate_pct"].tolist(), []
    for month in range(1, MONTHS + 1):
        day = _middle(year, month)
        open_to_it = [rates[place] / 100 for place, begin, end in spans if begin <= day <= end]
        if not open_to_it:
            raise _refuse("year", year, "no rate of the deduction", "Add the rule to tax_rules.")
        found.append(max(open_to_it))
    return found


def extra_deduction(firm: Firm, rules: pd.DataFrame) -> float:
    """What a firm may deduct beyond its R&D spending.

    Parameters
    ----------
    firm : Firm
    rules : DataFrame
        Table ``tax_rules``.

    Returns
    -------
    float
        Million yuan. Where the rate changes in the year, R&D is spread over the months of
        operation; if the last quarter's R&D is given, the better of the two for the firm.

    Raises
    ------
    InputError
        No rule covers the year, or the last quarter's R&D is given and the rate changes at another
        time than October.

    Notes
    -----
    The choice between spending as incurred and by months of operation is that of announcement 28
    of 2022, article 2.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> extra_deduction(Firm(2022, 100, 8, 10), tables.load("tax_rules"))
    6.5
    """
    rates = deduction_rates(rules, firm.kinds, firm.year)
    worked = rates[MONTHS - firm.months :]
    by_months = firm.rd_m_cny * sum(worked) / len(worked)
    late = firm.rd_last_quarter_m_cny
    if late is None or len(set(rates)) == 1:
        return by_months
    split = len(rates) - len(LAST_QUARTER)
    before, after = set(rates[:split]), set(rates[split:])
    if len(before) > 1 or len(after) > 1:
        raise _refuse("year", firm.year, "a rate that changes at another time than October",
                      "Leave rd_last_quarter_m_cny out.")  # fmt: skip
    as_incurred = (firm.rd_m_cny - late) * before.pop() + late * after.pop()
    return max(by_months, as_incurred)


def _small_tax(rules: pd.DataFrame, year: int, income: float) -> float | None:
    """Tax of a small low-profit firm on an income; None above its limit."""
    bands = in_force(rules, "small_low_profit", ["small"], year)
    if bands.empty:
        span = _span_of(rules, "small_low_profit", "small")
        raise _refuse("small", True, f"tax_rules has no rate for small firms in {year}",
                      f"Choose a year {span} or small=False.")  # fmt: skip
    if income > bands["income_to_m_cny"].max():
        return None
    parts = [
        (min(income, band["income_to_m_cny"]) - band["income_from_m_cny"]) * band["rate_pct"] / 100
        for band in bands.to_dict("records")
        if income > band["income_from_m_cny"]
    ]
    return float(sum(parts))


def _bands_reached(rules: pd.DataFrame, year: int, income: float) -> int:
    """Number of different rates that an income of a small firm bears."""
    bands = in_force(rules, "small_low_profit", ["small"], year)
    return int(bands.loc[bands["income_from_m_cny"] < income, "rate_pct"].nunique())


def _loss_years(firm: Firm, rules: pd.DataFrame) -> int:
    types = ["all", *firm.kinds, *(["high_tech"] if firm.high_tech else [])]
    return int(in_force(rules, "loss_carry_forward", types, firm.year)["years"].max())


def tax_due(firm: Firm, rules: pd.DataFrame, policies: Collection[str] = POLICIES) -> Tax:
    """Tax of a firm under some of the reliefs.

    Parameters
    ----------
    firm : Firm
    rules : DataFrame
        Table ``tax_rules``.
    policies : collection of str
        Out of :data:`POLICIES`; those the firm has no title to change nothing.

    Returns
    -------
    Tax
        Of several rates open to the firm the lowest tax counts. In a loss year the tax is 0 and the
        deduction adds to the loss carried forward.

    Notes
    -----
    Taxable income is profit less the extra deduction less relieved transfer income (Enterprise
    Income Tax Law, articles 5, 22, 27, 30). That the halved part of transfer income bears half of
    the statutory rate also where a reduced rate applies to the rest is an assumption: circular
    国税函〔2010〕157号 is the document to check it against, and was not seen.

    Raises
    ------
    InputError
        The year is outside the rules, a policy is unknown, or the tax cannot be told: a small
        low-profit firm in a year of two bands, whose halved transfer income lies beside income of
        the second band. No rule on record says how the bands are then divided.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rules = tables.load("tax_rules")
    >>> firm = Firm(2023, 100, 8, 10, high_tech=True)
    >>> round(tax_due(firm, rules).tax_m_cny, 6), tax_due(firm, rules, ()).tax_m_cny
    (0.3, 2.5)
    """
    unknown = [name for name in policies if name not in POLICIES]
    if unknown:
        raise InputError(f"policy {unknown[0]!r}: unknown. Choose out of {', '.join(POLICIES)}.")
    # Also checks the year, whichever policies are asked for.
    extra = extra_deduction(firm, rules)
    extra = extra if "super_deduction" in policies else 0.0
    adjusted = firm.profit_m_cny - extra
    years = _loss_years(firm, rules)
    if adjusted <= 0:
        return Tax(extra, 0.0, 0.0, -adjusted, years)
    income = firm.transfer_income_m_cny if "transfer_relief" in policies else 0.0
    relieved, halved = _transfer(income, rules, firm.year)
    taxable = adjusted - min(relieved, adjusted)
    halved = min(halved, taxable)
    tax = _lowest(firm, rules, policies, taxable, halved)
    return Tax(extra, taxable, tax, 0.0, years)


def _transfer(income: float, rules: pd.DataFrame, year: int) -> tuple[float, float]:
    """Transfer income that is relieved, and the taxed part of what lies above the exempt sum."""
    exempt = in_force(rules, "transfer_exempt", ["all"], year)
    if income <= 0 or exempt.empty:
        return 0.0, 0.0
    free = min(income, float(exempt["income_to_m_cny"].iloc[0]))
    taxed = (income - free) * _only_rate(rules, "transfer_half", "all", year)
    return income - taxed, taxed


def _lowest(
    firm: Firm, rules: pd.DataFrame, policies: Collection[str], taxable: float, halved: float
) -> float:
    """The lowest tax open to a firm; the halved part always bears the statutory rate."""
    statutory = _only_rate(rules, "statutory_rate", "all", firm.year)
    taxes: list[float | None] = [statutory * taxable]
    if firm.high_tech and "high_tech_rate" in policies:
        reduced = _only_rate(rules, "reduced_rate", "high_tech", firm.year)
        taxes.append(reduced * (taxable - halved) + statutory * halved)
    if firm.small and "small_low_profit" in policies:
        # The limit is one of all taxable income, the bands are those of the rest.
        allowed = _small_tax(rules, firm.year, taxable) is not None
        if allowed and 0 < halved < taxable and _bands_reached(rules, firm.year, taxable) > 1:
            raise _refuse(
                "transfer_income_m_cny", firm.transfer_income_m_cny,
                f"the tax of a small firm with halved transfer income cannot be told for {firm.year}: "
                "no rule on record divides its bands of income",
                "Choose a year of one band, or small=False for the tax without that relief.",
            )  # fmt: skip
        rest = _small_tax(rules, firm.year, taxable - halved)
        taxes.append(rest + statutory * halved if allowed and rest is not None else None)
    return min(tax for tax in taxes if tax is not None)


def effects(firm: Firm, rules: pd.DataFrame) -> dict[str, float]:
    """What each relief saves alone, and all together, against none.

    Parameters
    ----------
    firm : Firm
    rules : DataFrame
        Table ``tax_rules``.

    Returns
    -------
    dict
        In million yuan: ``tax_without`` and ``tax_with`` all reliefs, ``saved``, the saving of each
        policy alone under its name, ``overlap`` (savings alone less saved together: reliefs share
        the same tax), ``loss_added`` (what the deduction adds to the loss carried forward),
        ``loss_years``.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> found = effects(Firm(2023, 100, 8, -1), tables.load("tax_rules"))
    >>> found["saved"], found["loss_added"], found["loss_years"]
    (0.0, 8.0, 5)
    """
    without, with_all = tax_due(firm, rules, ()), tax_due(firm, rules)
    alone = {name: without.tax_m_cny - tax_due(firm, rules, (name,)).tax_m_cny for name in POLICIES}
    saved = without.tax_m_cny - with_all.tax_m_cny
    return {
        "tax_without": without.tax_m_cny, "tax_with": with_all.tax_m_cny, "saved": saved, **alone,
        "overlap": sum(alone.values()) - saved,
        "loss_added": with_all.loss_m_cny - without.loss_m_cny, "loss_years": with_all.loss_years,
    }  # fmt: skip


def effects_table(firms: dict[str, Firm], rules: pd.DataFrame) -> pd.DataFrame:
    """Effects of the reliefs on several firms.

    Parameters
    ----------
    firms : dict of str to Firm
    rules : DataFrame
        Table ``tax_rules``.

    Returns
    -------
    DataFrame
        One row per firm: name, year, rd_m_cny, profit_m_cny and the keys of :func:`effects`.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> effects_table({"a": Firm(2023, 100, 8, 10)}, tables.load("tax_rules")).saved.tolist()
    [2.0]
    """
    rows: list[dict[str, Any]] = [
        {"name": name, "year": firm.year, "rd_m_cny": firm.rd_m_cny,
         "profit_m_cny": firm.profit_m_cny, **effects(firm, rules)}
        for name, firm in firms.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def rate_paths(rules: pd.DataFrame, kinds: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """Rate of the extra deduction by kind of firm and year, R&D spread evenly over the year.

    Parameters
    ----------
    rules : DataFrame
        Table ``tax_rules``.
    kinds : sequence of str
        Out of :data:`KINDS`, or ``general``.
    years : sequence of int

    Returns
    -------
    DataFrame
        Columns kind, year, rate_pct.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rate_paths(tables.load("tax_rules"), ["general"], [2021, 2022, 2023]).rate_pct.tolist()
    [75.0, 81.25, 100.0]
    """
    rows = []
    for kind in kinds:
        chosen = () if kind == "general" else (kind,)
        for year in years:
            rates = deduction_rates(rules, chosen, year)
            rows.append(
                {"kind": kind, "year": year, "rate_pct": round(100 * sum(rates) / MONTHS, 9)}
            )
    return pd.DataFrame(rows)


def savings_by_profit(
    rules: pd.DataFrame, year: int, rd_m_cny: float, profits: Sequence[float], kinds: Sequence[str]
) -> pd.DataFrame:
    """What the deduction saves in the year at each profit, at the statutory and the reduced rate.

    Parameters
    ----------
    rules : DataFrame
        Table ``tax_rules``.
    year : int
    rd_m_cny : float
    profits : sequence of float
        Million yuan.
    kinds : sequence of str
        Kinds of the firm, out of :data:`KINDS`.

    Returns
    -------
    DataFrame
        Columns year, rd_m_cny, profit_m_cny, saved_25 and saved_15.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> rules = tables.load("tax_rules")
    >>> found = savings_by_profit(rules, 2023, 4.0, [-1, 2, 10], ["manufacturing"])
    >>> found.saved_25.tolist(), found.saved_15.round(9).tolist()
    ([0.0, 0.5, 1.0], [0.0, 0.3, 0.6])
    >>> savings_by_profit(rules, 2021, 4.0, [10], []).saved_25.tolist()
    [0.75]
    >>> savings_by_profit(rules, 2021, 4.0, [10], ["manufacturing"]).saved_25.tolist()
    [1.0]
    """
    rows = []
    for profit in profits:
        row: dict[str, Any] = {"year": year, "rd_m_cny": rd_m_cny, "profit_m_cny": profit}
        for name, high in (("saved_25", False), ("saved_15", True)):
            firm = Firm(year, rd_m_cny, rd_m_cny, profit, kinds=kinds, high_tech=high)
            without = tax_due(firm, rules, ("high_tech_rate",)).tax_m_cny
            row[name] = without - tax_due(firm, rules).tax_m_cny
        rows.append(row)
    return pd.DataFrame(rows)


def _versions(group: pd.DataFrame, metric: str) -> list[tuple[float, str]]:
    """The different amounts of one metric, each with its sources."""
    rows = group[group["metric"] == metric]
    found = rows.groupby("amount", sort=True)["source_id"].agg(
        lambda cells: ";".join(ids_of(cells))
    )
    return [(float(str(amount)), str(cell)) for amount, cell in found.items()]


_TO_M_CNY = {"100m_cny": 100.0, "m_cny": 1.0, "10k_cny": 0.01}


def public_ceilings(financials: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """At most what the deduction can have saved firms that publish their R&D, as manufacturers.

    Parameters
    ----------
    financials : DataFrame
        Table ``firm_financials``.
    rules : DataFrame
        Table ``tax_rules``.

    Returns
    -------
    DataFrame
        One row per firm and whole year with R&D spending and a year the rules cover: firm_id,
        period, rd_m_cny, net_profit_m_cny (blank where unknown), extra_m_cny (extra deduction of a
        manufacturer), most_saved_m_cny (statutory rate on it; blank in a year of net loss, which
        does not tell the taxable income, and where the profit is unknown), source_id. Where sources
        disagree on R&D or profit, one row for each pair of versions.

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> found = public_ceilings(tables.load("firm_financials"), tables.load("tax_rules"))
    >>> row = found[(found.firm_id == "F10") & (found.period == "2023")].iloc[0]
    >>> float(row.net_profit_m_cny) < 0, float(row.extra_m_cny), float(row.most_saved_m_cny)
    (True, 42.2622, nan)
    """
    first, last = years_covered(rules)
    kept = financials[financials["metric"].isin(["rd_expense", "net_profit"])]
    kept = kept[kept["period"].str.fullmatch("[0-9]{4}") & kept["unit"].isin(list(_TO_M_CNY))]
    kept = kept.assign(amount=kept["value"] * kept["unit"].map(_TO_M_CNY))
    rows = []
    for (firm_id, period), group in kept.groupby(["firm_id", "period"], sort=True):
        if not first <= int(period) <= last:
            continue
        rates = deduction_rates(rules, ("manufacturing",), int(period))
        statutory = _only_rate(rules, "statutory_rate", "all", int(period))
        spent = _versions(group, "rd_expense")
        profits: list[tuple[float | None, str]] = [*_versions(group, "net_profit")]
        for (rd, rd_from), (profit, profit_from) in product(spent, profits or [(None, "")]):
            extra = rd * sum(rates) / MONTHS
            rows.append({
                "firm_id": firm_id, "period": period, "rd_m_cny": rd, "net_profit_m_cny": profit,
                "extra_m_cny": round(extra, 6),
                "most_saved_m_cny": statutory * extra if profit is not None and profit > 0 else None,
                "source_id": ";".join(ids_of([rd_from, profit_from])),
            })  # fmt: skip
    columns = [
        "firm_id", "period", "rd_m_cny", "net_profit_m_cny", "extra_m_cny", "most_saved_m_cny",
        "source_id",
    ]  # fmt: skip
    numbers = dict.fromkeys(["net_profit_m_cny", "most_saved_m_cny"], "float64")
    return pd.DataFrame(rows, columns=columns).astype(numbers)
