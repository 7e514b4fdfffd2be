"""``study screen``: a table of firms against the criteria of the tiers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from helpers.analysis.criteria import LADDERS, Criteria, check_date
from helpers.analysis.screening import Screening, details, screen
from helpers.errors import DataError, InputError, ParameterError
from helpers.evidence import tables
from helpers.evidence.bilingual import Pick
from helpers.evidence.firm_table import FirmTable, read_firms, told
from helpers.publish.screen_report import Words, report, result_table
from helpers.publish.tables import write_csv
from helpers.publish.workbook import add_sheet, harmless, new_book, to_bytes
from helpers.run.study import check_writable

STEM = "screening"
# Faults told on the screen; with --skip-invalid a file lists all.
SHOWN = 200


@dataclass(frozen=True)
class Options:
    """What ``study screen`` was asked for.

    Parameters
    ----------
    file : Path
        CSV or XLSX.
    regime : str or None
        2022 or 2026; by default the act in force on the day.
    on_date : str or None
        ISO day; by default today.
    out : Path
        Folder of the results.
    skip_invalid : bool
        Whether rows with a fault are left out rather than refused.
    language : {"en", "zh"}
    details : bool
        Whether every condition of every firm is written as well.
    """

    file: Path
    regime: str | None
    on_date: str | None
    out: Path
    skip_invalid: bool = False
    language: str = "en"
    details: bool = False


def act_of(criteria: Criteria, regime: str | None, on_date: str) -> str:
    """The act of the ladder: as named, or the one in force on a day.

    Parameters
    ----------
    criteria : Criteria
    regime : str or None
        Year of the act or its id.
    on_date : str

    Returns
    -------
    str

    Raises
    ------
    InputError
        No act with a ladder has this name, or none was in force on the day.
    """
    named = next((act for act in LADDERS if regime in (act, act[1:])), None)
    if regime is not None and named is None:
        known = ", ".join(act[1:] for act in LADDERS)
        raise ParameterError(f"--regime {regime}: give one of {known}.")
    # A day before the first act is refused even if an act is named: nobody could apply then.
    tier_id = criteria.tier_id("little_giant", None, on_date)
    return named or str(criteria.tiers[tier_id]["regime_id"])


def _day_and_act(criteria: Criteria, options: Options, t: Pick) -> tuple[str, str]:
    """The day of the screening and the act of the next step, or an error in the user's language."""
    asked = options.on_date or date.today().isoformat()
    known = "、".join(act[1:] for act in LADDERS)
    try:
        on_date = check_date(asked)
    except InputError as error:
        chinese = f"--on {asked}：没有这一天；请按2026-04-01的格式填写。"
        raise ParameterError(t(str(error), chinese)) from error
    try:
        return on_date, act_of(criteria, options.regime, on_date)
    except ParameterError as error:
        chinese = f"--regime {options.regime}：请填{known}之一。"
        raise ParameterError(t(str(error), chinese)) from error
    except InputError as error:
        chinese = f"--on {on_date}：无法确定当日施行的认定办法（所知：{known}）；请换一个日期。"
        raise ParameterError(t(str(error), chinese)) from error


def _read(options: Options, fields: pd.DataFrame, t: Pick) -> FirmTable:
    try:
        return read_firms(options.file, fields, options.skip_invalid, t)
    except DataError as error:
        count = len(error.problems)
        advice = ""
        only_rows = all((problem.row or 0) > 1 for problem in error.problems)
        if only_rows and not options.skip_invalid:
            advice = t("\nTo screen the other rows all the same add --skip-invalid.",
                       "\n如仍要筛查其余各行，请加--skip-invalid。")  # fmt: skip
        shown = "\n".join(told(problem, t) for problem in error.problems[:SHOWN])
        if count > SHOWN:
            shown += t(f"\n... and {count - SHOWN} more.", f"\n……另有{count - SHOWN}处。")
        head = t(
            f"{count} fault{'s' * (count > 1)} in {options.file}:",
            f"{options.file}有{count}处错误：",
        )
        raise InputError(f"{head}\n{shown}{advice}") from error


def _problem_table(firms: FirmTable, t: Pick) -> pd.DataFrame:
    heads = t("row column value rule remedy", "行 列 值 问题 处理办法").split()
    rows = [(p.row, p.column, p.value, p.rule, p.remedy) for p in firms.problems]
    return pd.DataFrame(rows, columns=heads).astype({heads[0]: "Int64"})


def _write(
    out: Path, table: pd.DataFrame, text: str, more: Mapping[str, pd.DataFrame], t: Pick
) -> list[Path]:
    """Write all files beside their places, then move each into place in one step."""
    sheets = {"": t(STEM, "筛查结果"), "faults": t("faults", "未纳入的行")}
    out.mkdir(parents=True, exist_ok=True)
    book = new_book()
    for name, frame in {"": table, **more}.items():
        if name != "conditions":  # too long for a sheet
            add_sheet(book, sheets[name], frame)
    with tempfile.TemporaryDirectory(prefix=".study-screen-", dir=out) as folder:
        staged = Path(folder)
        for name, frame in {"": table, **more}.items():
            write_csv(harmless(frame), staged / f"{STEM}{'_' * bool(name)}{name}.csv")
        (staged / f"{STEM}.xlsx").write_bytes(to_bytes(book))
        (staged / f"{STEM}.md").write_text(text, encoding="utf-8", newline="\n")
        names = sorted(path.name for path in staged.iterdir())
        for name in names:
            (staged / name).replace(out / name)
    for name in ("faults", "conditions"):
        if name not in more:  # of an earlier run
            (out / f"{STEM}_{name}.csv").unlink(missing_ok=True)
    return [out / name for name in names]


def run_screen(options: Options, say: Callable[[str], object] = print) -> Screening:
    """Screen a file and write a table (CSV and XLSX) and a report (Markdown).

    Parameters
    ----------
    options : Options
    say : callable
        Takes the lines of the summary.

    Returns
    -------
    Screening

    Raises
    ------
    InputError
        The file, a cell, the day, the act or the folder cannot be used; nothing is written.
    """

    def t(en: str, zh: str) -> str:
        return zh if options.language == "zh" else en

    criteria = Criteria(tables.load_all())
    on_date, act = _day_and_act(criteria, options, t)
    check_writable(options.out, "--out")
    firms = _read(options, criteria.tables["firm_fields"], t)
    found = screen(firms.frame, criteria, act, on_date)
    words = Words(criteria, t)
    regimes = criteria.tables["regimes"].set_index("regime_id")
    number = str(regimes.loc[act, "number"])
    skipped = [told(problem, t) for problem in firms.problems]
    doubts = [told(problem, t) for problem in firms.warnings]
    text = report(found, words, options.file.name, on_date, number, skipped, doubts)
    more = {"faults": _problem_table(firms, t)} if firms.problems else {}
    if options.details:
        more["conditions"] = details(firms.frame, criteria, on_date)
    paths = _write(options.out, result_table(found, words), text, more, t)
    left = firms.rows_count - len(firms.frame)
    count, near = len(firms.frame), int(found.one_step.sum())
    say(
        t(
            f"Firms screened under {number}: {count}. Rows left out: {left}.",
            f"依据{number}筛查企业：{count}家；未纳入：{left}行。",
        )
    )
    say(t(f"One step from the next tier: {near}.", f"仅差一步的企业：{near}家。"))
    for doubt in doubts[:SHOWN]:
        say(t(f"To be checked: {doubt}", f"请核对：{doubt}"))
    for path in paths:
        say(f"  {path}")
    return found
