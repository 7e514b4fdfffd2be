"""The ledger: what the public figures say of each claim of the study.

A verdict is computed from what a notebook hands over (a value, a truth, the cells that are
missing, the documents found); no notebook types one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.evidence.granularity import decimals, rounds_to
from helpers.evidence.sources import worst_grade

VERDICTS = {
    "reproduced": "complete public data give the reported value at its reported precision",
    "entailed": "data are incomplete, yet every completion satisfies the claim",
    "consistent": "some completions of the data satisfy it, some do not",
    "contradicted": "complete data differ, or no completion satisfies it",
    "unattainable": "no integer count over the stated base rounds to the reported percentage",
    "untestable": "no public figure bears on it",
    "pending": "public figures bear on it but are incomplete, and no bounds were computed",
    "not applicable": "outside the place or period of this run",
}
# What the completion engine can say of a claim on incomplete data.
DECISIONS = ("entailed", "consistent", "contradicted", "unattainable")
DOCUMENTATION = ("documented", "partly", "undocumented", "conflicting")

# The study is about one city; its own claims about that city and its province say nothing of others.
STUDY_PROVINCE = "210000"
STUDY_CITY = "210300"


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
class Verdict:
    """The verdict of one claim with its evidence; rendered as a small table in a notebook."""

    claim_id: str
    verdict: str
    section: int
    notebook: str
    kind: str
    claim_en: str
    claim_zh: str
    reported: str
    computed: str
    base: str
    missing: str
    documentation: str
    detail: str
    basis: str
    other_bases: str
    sources: str
    worst_grade: str

    def _repr_markdown_(self) -> str:
        lines = [
            f"**{self.claim_id}** · **{self.verdict}** — {self.claim_en} ({self.claim_zh})",
            "",
        ]
        shown = {
            "Reported": self.reported, "Computed": self.computed, "Base": self.base,
            "Basis": self.basis, "On other bases": self.other_bases, "Missing": self.missing,
            "Documentation": self.documentation, "Finding": self.detail,
            "Sources": f"{self.sources} (worst grade {self.worst_grade})" if self.sources else "",
        }  # fmt: skip
        lines += [f"- {label}: {text}" for label, text in shown.items() if text]
        return "\n".join(lines)


def _plain(value: Any) -> Any:
    """A number of pandas or NumPy as Python's own."""
    return value.item() if isinstance(value, np.generic) else value


def _truth(value: object, holds: bool | None, reported: str, claim_id: str) -> bool | None:
    if holds is not None:
        return bool(holds)
    if value is None:
        return None
    if not reported:
        raise InputError(f"claim {claim_id}: a value was computed but the ledger reports none")
    assert isinstance(value, int | float | Fraction)
    return agrees(value, reported)


class Ledger:
    """Collects the verdicts of one notebook.

    Parameters
    ----------
    claims, sources : DataFrame
        Tables ``claims`` and ``sources``.
    notebook : str
        Name of the notebook, for instance ``"02_national_trends"``.
    province_id, city_id : str
        Focal place of this run.
    through_batch : int
        Last batch of this run.
    basis : str
        Measure of this run.
    folder : Path
        Folder of the study; verdicts are written to ``verdicts/<notebook>.csv`` below it.
    """

    def __init__(
        self, claims: pd.DataFrame, sources: pd.DataFrame, notebook: str, province_id: str,
        city_id: str, through_batch: int, basis: str, folder: Path,
    ) -> None:  # fmt: skip
        self._claims = claims.loc[claims["notebook"] == notebook].set_index("claim_id")
        self._sources = sources
        self._notebook = notebook
        self._places = {province_id, city_id}
        self._through_batch = through_batch
        self._basis = basis
        self._folder = folder
        self._verdicts: dict[str, Verdict] = {}

    def applies(self, claim_id: str) -> bool:
        """Whether a claim is about the focal place and lies within the batches of this run."""
        claim = self._claim(claim_id)
        place = claim["place_id"]
        if place in (STUDY_PROVINCE, STUDY_CITY) and place not in self._places:
            return False
        period = claim["period"] if isinstance(claim["period"], str) else ""
        batches = re.fullmatch(r"batches 1-(\d)", period)
        return batches is None or int(batches.group(1)) <= self._through_batch

    def _claim(self, claim_id: str) -> pd.Series:
        if claim_id not in self._claims.index:
            raise InputError(
                f"claim {claim_id!r} is not assigned to notebook {self._notebook} in claims.csv"
            )
        return self._claims.loc[claim_id]

    def judge(
        self, claim_id: str, *, value: Fraction | float | int | None = None,
        holds: bool | None = None, missing: Sequence[str] = (), sources: Iterable[str] = (),
        base: str = "", computed: object = None, documentation: str = "", detail: str = "",
        decision: str = "", by_basis: Mapping[str, object] | None = None,
    ) -> Verdict:  # fmt: skip
        """Decide a claim from what was found, record the verdict and return it for display.

        The verdict follows from the evidence: cells named in `missing` make it ``pending`` when
        some public figure bears on the claim (`sources` is not empty) and ``untestable`` when none
        does; otherwise `value` is compared with the reported value at its precision, or `holds` is
        taken; with neither it is ``pending`` or ``untestable`` by the same rule, and a claim that is
        only graded by `documentation` is ``untestable``.

        Parameters
        ----------
        claim_id : str
        value : number or None
            Computed from complete data, in the unit of the reported value.
        holds : bool or None
            For claims without a reported number: whether complete data satisfy the claim.
        missing : sequence of str
            The figures that would be needed and are not public, in words.
        sources : iterable of str
            Ids of the sources of the figures used.
        base : str
            Denominator or reference set.
        computed : object
            What to show as computed, when it is more than `value`.
        documentation : {"", "documented", "partly", "undocumented", "conflicting"}
            Grade of a qualitative claim.
        detail : str
            What the figures show, in one sentence.
        decision : str
            What all completions of the incomplete data say, from ``evidence.provinces``; used where
            cells are `missing`. ``undecided``, and no decision, leave the claim pending.
        by_basis : mapping of str to value or bool
            The same test on other bases, shown beside the verdict.

        Returns
        -------
        Verdict

        Raises
        ------
        InputError
            The claim belongs to another notebook, was judged before on other evidence (running a
            cell again is no error), or the documentation grade is unknown.
        """
        claim = self._claim(claim_id)
        if documentation and documentation not in DOCUMENTATION:
            raise InputError(f"claim {claim_id}: documentation must be one of {DOCUMENTATION}")
        reported = claim["reported_value"] if isinstance(claim["reported_value"], str) else ""
        ids, value, computed = list(dict.fromkeys(sources)), _plain(value), _plain(computed)
        truth = _truth(value, holds, reported, claim_id)
        if not self.applies(claim_id):
            verdict, value, computed, missing, ids = "not applicable", None, None, (), []
            detail, documentation, by_basis, base = "", "", None, ""
        elif missing and decision in DECISIONS:
            verdict = decision
        elif missing:
            verdict = "pending" if ids else "untestable"
        elif truth is None:
            # Figures that bear on a claim which no test has used yet leave it open.
            verdict = "pending" if ids and not documentation else "untestable"
        else:
            verdict = "reproduced" if truth else "contradicted"
        if verdict == "untestable" and not missing:
            missing = [str(claim["needs"])]
        unit = claim["unit"] if isinstance(claim["unit"], str) else ""
        shown = computed if computed is not None else value
        found = Verdict(
            claim_id=claim_id, verdict=verdict, section=int(claim["section"]),
            notebook=self._notebook, kind=str(claim["kind"]), claim_en=str(claim["claim_en"]),
            claim_zh=str(claim["claim_zh"]), reported=f"{reported} {unit}".strip(),
            computed="" if shown is None else show_number(shown), base=base,
            missing="; ".join(missing), documentation=documentation, detail=detail,
            basis=self._basis if by_basis is not None else "",
            other_bases=self._other_bases(by_basis or {}, reported),
            sources=";".join(ids), worst_grade=worst_grade(self._sources, ids),
        )  # fmt: skip
        if self._verdicts.get(claim_id, found) != found:
            raise InputError(
                f"claim {claim_id} was judged before, on other evidence. Judge it once; "
                "to judge it anew, open the study again."
            )
        self._verdicts[claim_id] = found
        return found

    def _other_bases(self, by_basis: Mapping[str, object], reported: str) -> str:
        parts = []
        for basis, result in ((name, _plain(item)) for name, item in by_basis.items()):
            if basis == self._basis:
                continue
            if isinstance(result, bool):
                parts.append(f"{basis}: {'reproduced' if result else 'contradicted'}")
            elif isinstance(result, int | float | Fraction):
                word = "reproduced" if agrees(result, reported) else "contradicted"
                parts.append(f"{basis}: {show_number(result)}, {word}")
        return "; ".join(parts)

    def frame(self) -> pd.DataFrame:
        """The verdicts so far, one row per claim, in ledger order."""
        order = [claim_id for claim_id in self._claims.index if claim_id in self._verdicts]
        columns = list(Verdict.__dataclass_fields__)
        return pd.DataFrame([asdict(self._verdicts[item]) for item in order], columns=columns)

    def close(self) -> pd.DataFrame:
        """Write the verdicts of this notebook and return a short table of them.

        Returns
        -------
        DataFrame
            Columns claim_id, verdict, claim_en.

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
        return frame[["claim_id", "verdict", "claim_en"]]


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
                computed="",
                base="",
                missing="",
                documentation="",
                detail=reason,
                basis="",
                other_bases="",
                sources="",
                worst_grade="",
            )
        )
    return pd.DataFrame([asdict(row) for row in rows], columns=list(Verdict.__dataclass_fields__))
