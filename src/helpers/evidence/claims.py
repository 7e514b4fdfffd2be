"""The ledger: what the public figures say of each claim of the study.

The table ``claim_tests`` names a rule for each claim; the rule looks at the tables and gives a
finding (a value, a truth, what all completions of incomplete data say, the documents found); the
verdict follows from the finding. No notebook types one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.evidence.bilingual import Said, chinese, join, name_of
from helpers.evidence.granularity import decimals, rounds_to
from helpers.evidence.provinces import BASES, Provinces, build
from helpers.evidence.sources import worst_grade
from helpers.evidence.tables import split_ids

VERDICTS = {
    "reproduced": "complete public data give the reported value at its reported precision",
    "entailed": "data are incomplete, yet every completion satisfies the claim",
    "consistent": "some completions of the data satisfy it, some do not",
    "contradicted": "complete data differ, or no completion satisfies it",
    "unattainable": "no integer count over the stated base rounds to the reported percentage",
    "untestable": "no public figure decides it",
    "pending": "public figures bear on it but are incomplete, and no bounds were computed or the time did not suffice",
    "not applicable": "outside the place or period of this run",
}
# What the completion engine can say of a claim on incomplete data.
DECISIONS = ("entailed", "consistent", "contradicted", "unattainable")
DOCUMENTATION = ("documented", "partly", "undocumented", "conflicting")

# The study is about one city; its own claims about that city and its province say nothing of others.
STUDY_PROVINCE = "210000"
STUDY_CITY = "210300"
# The notebook that shows all claims and judges them once more.
LEDGER_PAGE = "06_ledger"

Made = TypeVar("Made")


def agrees(value: Fraction | float | int, reported: str) -> bool:
    """Whether a computed value gives the reported text at its precision.

    Parameters
    ----------
    value : Fraction, float or int
        Non-negative, in the unit of the report. A float is taken as the decimal it prints.
    reported : str
        Number as printed; ``"1/4"`` is read as a fraction and must be met exactly.

    Returns
    -------
    bool

    Examples
    --------
    >>> agrees(Fraction(100 * 211, 4762), "4.48"), agrees(12790, "12790")
    (False, True)
    """
    exact = Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    whole = decimals(reported) == 0 and exact.denominator == 1
    if "/" in reported or whole:
        return exact == Fraction(reported)
    return rounds_to(exact, reported)


def show_number(value: object) -> str:
    """Give a number as text: thousands separated, three decimals, or four digits below one.

    Examples
    --------
    >>> show_number(Fraction(21100, 4762)), show_number(12790), show_number("9 of 20")
    ('4.431', '12,790', '9 of 20')
    """
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if not isinstance(value, float | Fraction):
        return str(value)
    number = float(value)
    return f"{number:,.3f}" if abs(number) >= 1 else f"{number:.4g}"


@dataclass(frozen=True)
class Finding:
    """What the figures show of a claim.

    Parameters
    ----------
    value : number or None
        Computed from complete data, in the unit of the reported value.
    holds : bool or None
        For claims without a reported number: whether complete data satisfy the claim.
    missing : sequence of str
        The figures that would be needed and are not public, in words.
    sources : sequence of str
        Ids of the sources of the figures used.
    base : str
        Denominator or reference set.
    computed : object
        What to show as computed, when it is more than `value`.
    documentation : {"", "documented", "partly", "undocumented", "conflicting"}
        Grade of a qualitative claim.
    detail : str
        What the figures show, in one sentence.
    decision : {"", "entailed", "consistent", "contradicted", "unattainable", "undecided"}
        What all completions of incomplete data say; used where figures are `missing`.
    interval : str
        Bounds of the quantity the claim is about.
    solver : str
        Whether the bounds are attained, or why not.
    rests_on : str
        The fragments from which the bounds follow, with their sources.
    settles : str
        The one unknown figure that would settle the claim, where a rule knows it by itself.
    """

    value: Fraction | float | int | None = None
    holds: bool | None = None
    missing: Sequence[str] = ()
    sources: Sequence[str] = ()
    base: str = ""
    computed: object = None
    documentation: str = ""
    detail: str = ""
    decision: str = ""
    interval: str = ""
    solver: str = ""
    rests_on: str = ""
    settles: str = ""


@dataclass(frozen=True)
class ClaimTest:
    """How a claim is tested: a row of ``claim_tests`` beside its row of ``claims``.

    Parameters
    ----------
    claim_id, reported, rule : str
    place_ids : tuple of str
        Places the claim is about.
    among : str
        Name of the group they are compared with.
    earlier, batches : (first, last) or None
        Ranges of batches compared; `batches` is the later or only one.
    subject_ids : tuple of str
        Districts, paths, firms, industries, measures or claims the rule looks at.
    place_id : str
        Place of the claim itself, empty for the nation.
    kind : str
        Kind of the claim.
    """

    claim_id: str
    reported: str
    rule: str
    place_ids: tuple[str, ...] = ()
    among: str = ""
    earlier: tuple[int, int] | None = None
    batches: tuple[int, int] | None = None
    subject_ids: tuple[str, ...] = ()
    place_id: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Setting:
    """What a rule may look at.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        All data tables; shared, so that a rule must not change them.
    province_id, city_id : str
        Focal place.
    basis : str
    through_batch : int
    left_out : frozenset of str
        Sources whose rows on provinces and regions are not used.
    brief : bool
        Whether only the verdict is wanted, so that a rule may leave out what explains it.
    """

    tables: Mapping[str, pd.DataFrame]
    province_id: str
    city_id: str
    basis: str = "study"
    through_batch: int = 5
    left_out: frozenset[str] = frozenset()
    brief: bool = False
    _problems: dict[tuple[frozenset[str], str], Provinces] = field(default_factory=dict, repr=False)
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def problem(self) -> Provinces:
        """The province table as a completion problem, built once and proved feasible.

        Raises
        ------
        InfeasibleError
            The fragments contradict each other.
        """
        return self.problem_within("")

    def problem_within(self, province_id: str) -> Provinces:
        """The same with the cities of a province as unknowns too; empty for none.

        Raises
        ------
        InfeasibleError
            The fragments contradict each other.
        """
        key = (self.left_out, province_id)
        if key not in self._problems:
            problem = build(self.tables, self.left_out, within=province_id)
            for (left_out, within), fuller in self._problems.items():
                if left_out < self.left_out and within == province_id:
                    # What fits all fragments fits some of them.
                    problem.counts.adopt(fuller.counts)
            problem.counts.check()
            self._problems[key] = problem
        return self._problems[key]

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What several rules need, made once; shared, so that a rule must not change it.

        Parameters
        ----------
        name : str
        make : callable
            Must not depend on the basis, the batches or the sources left out.
        """
        if name not in self._kept:
            self._kept[name] = make()
        made: Made = self._kept[name]
        return made

    def on(self, basis: str) -> Setting:
        """The same on another basis, for the verdict alone."""
        return replace(self, basis=basis, brief=True)

    def without_grade(self, grade: str) -> Setting:
        """The same without figures that rest on a source of a grade, for the verdict alone."""
        sources = self.tables["sources"]
        out = frozenset(sources.loc[sources["grade"] == grade, "source_id"])
        return replace(self, left_out=out, brief=True)

    def name(self, place_id: str) -> Said:
        """Name of a place in both languages; its Chinese one where there is no English one."""
        return name_of(*self.once("names", self._names)[place_id])

    def _names(self) -> dict[str, tuple[object, object]]:
        columns = [self.tables["places"][name].tolist() for name in ("name_en", "name_zh")]
        return dict(zip(self.tables["places"]["place_id"], zip(*columns, strict=True), strict=True))


@dataclass(frozen=True)
class Rule:
    """A rule of ``claim_tests``.

    Parameters
    ----------
    find : callable of Setting and ClaimTest
        Gives the finding.
    by_basis : bool
        Whether it depends on the basis of counting, so that its verdict is also shown on the other
        bases.
    graded : bool
        Whether such a rule is also judged without figures of grade C; not where it rests on national
        totals, which stay when sources are left out.
    """

    find: Callable[[Setting, ClaimTest], Finding]
    by_basis: bool = False
    graded: bool = True


def _span(cell: object) -> tuple[int, int] | None:
    if not isinstance(cell, str):
        return None
    first, _, last = cell.partition("-")
    return int(first), int(last or first)


def read_tests(claims: pd.DataFrame, tests: pd.DataFrame) -> dict[str, ClaimTest]:
    """The test of each claim.

    Parameters
    ----------
    claims, tests : DataFrame
        Tables ``claims`` and ``claim_tests``.

    Returns
    -------
    dict of claim_id to ClaimTest

    Examples
    --------
    >>> from helpers.evidence import tables
    >>> read_tests(tables.load("claims"), tables.load("claim_tests"))["C2-18"].earlier
    (1, 3)
    """

    def text(cell: object) -> str:
        return cell if isinstance(cell, str) else ""

    both = claims.merge(tests.drop(columns="source_id", errors="ignore"), on="claim_id")
    return {
        row.claim_id: ClaimTest(
            row.claim_id, text(row.reported_value), row.rule, tuple(split_ids(row.place_ids)),
            text(row.among), _span(row.earlier), _span(row.batches),
            tuple(split_ids(row.subject_ids)), text(row.place_id), row.kind,
        )
        for row in both.itertuples()
    }  # fmt: skip


def verdict_of(finding: Finding, reported: str = "") -> str:
    """The verdict that follows from a finding.

    A `decision` that the time did not suffice for leaves it ``pending``. Figures that are missing
    make it what all completions say (`decision`), else ``pending`` when
    some public figure bears on the claim (`sources` is not empty) and ``untestable`` when none
    does. With nothing missing, `holds` is taken, or `value` compared with the reported text at its
    precision; with neither it is ``pending`` or ``untestable`` by the same rule, and a claim that
    is only graded by `documentation` is ``untestable``.

    Parameters
    ----------
    finding : Finding
    reported : str
        Value as printed.

    Returns
    -------
    str

    Raises
    ------
    InputError
        A value was computed for a claim that reports none.

    Examples
    --------
    >>> verdict_of(Finding(value=12790), "12790")
    'reproduced'
    """
    if finding.decision == "undecided":
        return "pending"
    if finding.missing and finding.decision in DECISIONS:
        return finding.decision
    if finding.missing:
        return "pending" if finding.sources else "untestable"
    truth = finding.holds
    if truth is None and finding.value is not None:
        if not reported:
            raise InputError("a value was computed but the ledger reports none")
        truth = agrees(finding.value, reported)
    if truth is None:
        # Figures that bear on a claim which no test has used yet leave it open.
        return "pending" if finding.sources and not finding.documentation else "untestable"
    return "reproduced" if truth else "contradicted"


@dataclass(frozen=True)
class Verdict:
    """The verdict of one claim with its evidence; rendered as a small table in a notebook.

    Texts that the data make are told in both languages (:class:`~helpers.evidence.bilingual.Said`);
    `language` is that of the rendering.
    """

    claim_id: str
    verdict: str
    section: int
    notebook: str
    kind: str
    claim_en: str
    claim_zh: str
    reported: str
    computed: str = ""
    interval: str = ""
    base: str = ""
    solver: str = ""
    missing: str = ""
    documentation: str = ""
    detail: str = ""
    basis: str = ""
    other_bases: str = ""
    without_grade_c: str = ""
    rests_on: str = ""
    settles: str = ""
    sources: str = ""
    worst_grade: str = ""
    language: str = field(default="en", compare=False, repr=False)

    def _in(self, text: str) -> str:
        return chinese(text) if self.language == "zh" else str(text)

    def _repr_markdown_(self) -> str:
        place = 1 if self.language == "zh" else 0
        colon = (": ", "：")[place]
        claims = (f"{self.claim_en} ({self.claim_zh})", self.claim_zh)
        verdict = (self.verdict, VERDICTS_ZH[self.verdict])[place]
        grade = (f" (worst grade {self.worst_grade})", f"（最低等级{self.worst_grade}）")[place]
        shown = {
            ("Reported", "报告值"): reported_in(self.reported, self.language),
            ("Computed", "计算值"): self.computed,
            ("Bounds", "识别界"): self.interval,
            ("Solver", "求解"): self.solver,
            ("Base", "基数"): self.base,
            ("Basis", "口径"): BASES_ZH.get(self.basis, self.basis) if place else self.basis,
            ("On other bases", "其他口径"): verdict_words(self.other_bases, self.language),
            ("Without sources of grade C", "剔除C级来源"): verdict_words(
                self.without_grade_c, self.language
            ),
            ("Missing", "所缺"): self.missing,
            ("Documentation", "文献佐证"): DOCUMENTATION_ZH.get(self.documentation, "")
            if place
            else self.documentation,
            ("Finding", "所见"): self.detail,
            ("The bounds rest on", "识别界依据"): self.rests_on,
            ("Would settle it", "何以判定"): self.settles,
            ("Sources", "来源"): f"{self.sources}{grade}" if self.sources else "",
        }
        dash = (" — ", "：")[place]
        lines = [f"**{self.claim_id}** · **{verdict}**{dash}{claims[place]}", ""]
        lines += [
            f"- {label[place]}{colon}{self._in(text)}" for label, text in shown.items() if text
        ]
        return "\n".join(lines)


# Fields told in both languages; the frame of verdicts has a column more for each, in Chinese.
TOLD = ("computed", "interval", "base", "solver", "missing", "detail", "rests_on", "settles")
VERDICTS_ZH = {
    "reproduced": "可复现", "entailed": "必然成立", "consistent": "相容", "contradicted": "不符",
    "unattainable": "无整数解", "untestable": "无法检验", "pending": "待定", "not applicable": "不适用",
}  # fmt: skip
DOCUMENTATION_ZH = {
    "documented": "有佐证", "partly": "部分佐证", "undocumented": "无佐证", "conflicting": "相互矛盾",
}  # fmt: skip
BASES_ZH = {"study": "原研究口径", "certified": "公告口径", "announced": "公示口径"}
UNITS_ZH = {
    "year": "年", "lessons": "条经验", "dimensions": "个维度", "batches": "批", "firms": "家",
    "pct": "%", "rank": "位", "fraction": "",
}  # fmt: skip


def reported_in(reported: str, language: str) -> str:
    """A reported value with its unit, in a language.

    Examples
    --------
    >>> reported_in("4.48 pct", "zh"), reported_in("6 rank", "zh"), reported_in("6 rank", "en")
    ('4.48%', '第6位', '6 rank')
    """
    number, _, unit = reported.partition(" ")
    if language == "en" or unit not in UNITS_ZH:
        return reported
    return f"第{number}位" if unit == "rank" else f"{number}{UNITS_ZH[unit]}"


def verdict_words(text: str, language: str) -> str:
    """A verdict, or verdicts by basis, in a language.

    Parameters
    ----------
    text : str
        As in the columns verdict, other_bases and without_grade_c of the ledger.
    language : {"en", "zh"}

    Returns
    -------
    str

    Examples
    --------
    >>> verdict_words("certified: 4.431, contradicted; announced: unattainable", "zh")
    '公告口径：4.431，不符；公示口径：无整数解'
    >>> verdict_words("consistent", "en")
    'consistent'
    """
    if language == "en":
        return text
    for name, word in VERDICTS_ZH.items():
        text = re.sub(rf"\b{name}\b", word, text)
    for name, word in BASES_ZH.items():
        text = text.replace(f"{name}: ", f"{word}：")
    return text.replace("; ", "；").replace(", ", "，") if "：" in text else text


def told_in(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """A frame of verdicts with its texts in one language and without the columns of the other.

    Parameters
    ----------
    frame : DataFrame
        From :meth:`Ledger.frame`.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Texts of :data:`TOLD` in that language; verdicts and bases stay codes.
    """
    extra = [f"{name}_zh" for name in TOLD]
    if language == "en":
        return frame.drop(columns=extra)
    told = {name: frame[f"{name}_zh"] for name in TOLD}
    return frame.assign(**told).drop(columns=extra)


def row_of(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a row: each text that is told in both languages has a second column."""
    row: dict[str, Any] = {}
    for item in fields(verdict):
        value = getattr(verdict, item.name)
        if item.name == "language":
            continue
        row[item.name] = str(value) if isinstance(value, str) else value
        if item.name in TOLD:
            row[f"{item.name}_zh"] = chinese(value)
    return row


COLUMNS = [
    column
    for item in fields(Verdict)
    if item.name != "language"
    for column in ((item.name, f"{item.name}_zh") if item.name in TOLD else (item.name,))
]


def _plain(value: Any) -> Any:
    """A number of pandas or NumPy as Python's own."""
    return value.item() if isinstance(value, np.generic) else value


def _computed(value: object) -> str:
    if value is None or isinstance(value, Said):
        return value or ""
    return show_number(_plain(value))


def _shown(finding: Finding) -> str:
    """The value of a finding before its verdict on another basis, empty if there is none."""
    return "" if finding.value is None else f"{show_number(_plain(finding.value))}, "


class Ledger:
    """Collects the verdicts of one notebook.

    Parameters
    ----------
    setting : Setting
        Tables, focal place, basis and batches of this run.
    rules : mapping of name to Rule
        Rules that the table ``claim_tests`` may name.
    notebook : str
        Name of the notebook, for instance ``"02_national_trends"``. The ledger page, to which no
        claim is assigned, takes all of them.
    folder : Path
        Folder of the study; verdicts are written to ``verdicts/<notebook>.csv`` below it.
    language : {"en", "zh"}
        Of verdicts as they are shown; the file holds both.
    """

    def __init__(
        self, setting: Setting, rules: Mapping[str, Rule], notebook: str, folder: Path,
        language: str = "en",
    ) -> None:  # fmt: skip
        claims = setting.tables["claims"]
        own = claims["notebook"] == notebook
        self._claims = (claims if notebook == LEDGER_PAGE else claims[own]).set_index("claim_id")
        self._setting, self._rules = setting, rules
        self._notebook, self._folder, self._language = notebook, folder, language
        self._tests = read_tests(claims, setting.tables["claim_tests"])
        self._verdicts: dict[str, Verdict] = {}

    def applies(self, claim_id: str) -> bool:
        """Whether a claim is about the focal place and lies within the batches of this run."""
        claim = self._claim(claim_id)
        place = claim["place_id"]
        places = (self._setting.province_id, self._setting.city_id)
        if place in (STUDY_PROVINCE, STUDY_CITY) and place not in places:
            return False
        period = claim["period"] if isinstance(claim["period"], str) else ""
        batches = re.fullmatch(r"batches 1-(\d)", period)
        last = int(batches.group(1)) if batches else self._counted_through(claim_id)
        return last <= self._setting.through_batch

    def _counted_through(self, claim_id: str) -> int:
        """Last batch that the test of a claim counts firms of, where its period names none."""
        test = self._tests.get(claim_id)
        if test is None or test.batches is None or test.rule not in self._rules:
            return 0
        return test.batches[1] if self._rules[test.rule].by_basis else 0

    def _claim(self, claim_id: str) -> pd.Series:
        if claim_id not in self._claims.index:
            raise InputError(
                f"claim {claim_id!r} is not assigned to notebook {self._notebook} in claims.csv"
            )
        return self._claims.loc[claim_id]

    def place(self, claim_id: str) -> str:
        """Code of the place a claim is about, empty for the nation."""
        place = self._claim(claim_id)["place_id"]
        return place if isinstance(place, str) else ""

    def tests(self, claim_ids: Iterable[str]) -> list[ClaimTest]:
        """The tests of several claims."""
        return [self._test(claim_id)[0] for claim_id in claim_ids]

    def check(self, claim_id: str) -> Verdict:
        """Test a claim by its rule, record the verdict and return it for display.

        Parameters
        ----------
        claim_id : str

        Returns
        -------
        Verdict

        Raises
        ------
        InputError
            The claim belongs to another notebook, ``claim_tests`` names no known rule for it, or it
            was judged before on other evidence (running a cell again is no error).
        """
        self._claim(claim_id)
        if not self.applies(claim_id):
            return self.judge(claim_id, Finding())
        test, rule = self._test(claim_id)
        finding = rule.find(self._setting, test)
        if not rule.by_basis:
            return self.judge(claim_id, finding)
        others = {
            basis: rule.find(self._setting.on(basis), test)
            for basis in BASES if basis != self._setting.basis
        }  # fmt: skip
        sober = ""
        if rule.graded:
            left = rule.find(self._setting.without_grade("C"), test)
            sober = verdict_of(left, test.reported)
        shown = "; ".join(
            f"{basis}: {_shown(other)}{verdict_of(other, test.reported)}"
            for basis, other in others.items()
        )
        return self.judge(claim_id, finding, shown, sober)

    def _test(self, claim_id: str) -> tuple[ClaimTest, Rule]:
        test = self._tests.get(claim_id)
        if test is None:
            raise InputError(
                f"table claim_tests: claim {claim_id} has no row. Add one that names its rule; "
                f"rules: {', '.join(sorted(self._rules))}."
            )
        if test.rule not in self._rules:
            raise InputError(
                f"table claim_tests, claim {claim_id}, column rule, value {test.rule!r}: no rule "
                f"has this name. Rules: {', '.join(sorted(self._rules))}."
            )
        return test, self._rules[test.rule]

    def judge(
        self, claim_id: str, finding: Finding, other_bases: str = "", without_grade_c: str = ""
    ) -> Verdict:
        """Record the verdict that follows from a finding and return it for display.

        Parameters
        ----------
        claim_id : str
        finding : Finding
        other_bases, without_grade_c : str
            What the same test gives on other bases, and without sources of grade C.

        Returns
        -------
        Verdict

        Raises
        ------
        InputError
            The claim belongs to another notebook, was judged before on other evidence, or the
            documentation grade is unknown.
        """
        claim = self._claim(claim_id)
        if finding.documentation and finding.documentation not in DOCUMENTATION:
            raise InputError(f"claim {claim_id}: documentation must be one of {DOCUMENTATION}")
        reported = claim["reported_value"] if isinstance(claim["reported_value"], str) else ""
        if self.applies(claim_id):
            verdict = self._verdict(claim_id, finding, reported)
        else:
            verdict, finding, other_bases, without_grade_c = "not applicable", Finding(), "", ""
        missing, ids = list(finding.missing), list(dict.fromkeys(finding.sources))
        if verdict == "untestable" and not missing:
            missing = [Said(str(claim["needs"]), str(claim["needs_zh"]))]
        unit = claim["unit"] if isinstance(claim["unit"], str) else ""
        shown = finding.computed if finding.computed is not None else finding.value
        found = Verdict(
            claim_id=claim_id, verdict=verdict, section=int(claim["section"]),
            notebook=str(claim["notebook"]), kind=str(claim["kind"]),
            claim_en=str(claim["claim_en"]), claim_zh=str(claim["claim_zh"]),
            reported=f"{reported} {unit}".strip(),
            computed=_computed(shown),
            interval=finding.interval, base=finding.base, solver=finding.solver,
            missing=join(missing), documentation=finding.documentation,
            detail=finding.detail, basis=self._setting.basis if other_bases else "",
            other_bases=other_bases, without_grade_c=without_grade_c, rests_on=finding.rests_on,
            settles=finding.settles if verdict == "consistent" else "",
            sources=";".join(ids),
            worst_grade=worst_grade(self._setting.tables["sources"], ids), language=self._language,
        )  # fmt: skip
        if self._verdicts.get(claim_id, found) != found:
            raise InputError(
                f"claim {claim_id} was judged before, on other evidence. Judge it once; "
                "to judge it anew, open the study again."
            )
        self._verdicts[claim_id] = found
        return found

    def _verdict(self, claim_id: str, finding: Finding, reported: str) -> str:
        try:
            return verdict_of(replace(finding, value=_plain(finding.value)), reported)
        except InputError as error:
            raise InputError(f"claim {claim_id}: {error}") from error

    def check_all(self) -> pd.DataFrame:
        """Check every claim and return the frame of verdicts."""
        for claim_id in self._claims.index:
            self.check(claim_id)
        return self.frame()

    def frame(self) -> pd.DataFrame:
        """The verdicts so far, one row per claim, in ledger order."""
        order = [claim_id for claim_id in self._claims.index if claim_id in self._verdicts]
        return pd.DataFrame([row_of(self._verdicts[item]) for item in order], columns=COLUMNS)

    def close(self) -> pd.DataFrame:
        """Write the verdicts of this notebook and return a short table of them.

        Returns
        -------
        DataFrame
            Columns verdict and claim_en by claim_id; in Chinese the same under Chinese heads.

        Raises
        ------
        InputError
            A claim assigned to this notebook was not judged.
        """
        left = [claim_id for claim_id in self._claims.index if claim_id not in self._verdicts]
        if left:
            raise InputError(f"notebook {self._notebook} did not judge: {', '.join(left)}")
        frame = self.frame()
        path = self._folder / "verdicts" / f"{self._notebook}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        frame.to_csv(partial, index=False, encoding="utf-8", lineterminator="\n")
        partial.replace(path)
        if self._language == "zh":
            words = frame["verdict"].map(VERDICTS_ZH)
            shown = {"编号": frame["claim_id"], "判定": words, "论断": frame["claim_zh"]}
            return pd.DataFrame(shown).set_index("编号")
        return frame[["claim_id", "verdict", "claim_en"]].set_index("claim_id")


def pending_rows(claims: pd.DataFrame, claim_ids: Iterable[str], reason: str) -> pd.DataFrame:
    """Rows for claims whose notebook could not be run, so that no claim drops out of the ledger.

    Parameters
    ----------
    claims : DataFrame
        Table ``claims``.
    claim_ids : iterable of str
    reason : str
        Shown as the finding.

    Returns
    -------
    DataFrame
        Same columns as :meth:`Ledger.frame`.
    """
    rows = []
    for claim_id in claim_ids:
        claim = claims.set_index("claim_id").loc[claim_id].fillna("")
        rows.append(
            Verdict(
                claim_id=claim_id,
                verdict="pending",
                section=int(claim["section"]),
                notebook=str(claim["notebook"]),
                kind=str(claim["kind"]),
                claim_en=str(claim["claim_en"]),
                claim_zh=str(claim["claim_zh"]),
                reported=f"{claim['reported_value']} {claim['unit']}".strip(),
                detail=reason,
            )
        )
    return pd.DataFrame([row_of(row) for row in rows], columns=COLUMNS)
