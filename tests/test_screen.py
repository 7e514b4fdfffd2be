"""``study screen``: results, exit codes, templates and workbooks."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import subprocess
import sys
import zipfile
from math import nan
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from helpers.analysis.assessment import assess
from helpers.analysis.criteria import LADDERS, Criteria
from helpers.analysis.next_step import Change
from helpers.analysis.screening import at_review, losses, missing_counts, screen, tier_counts
from helpers.errors import InputError
from helpers.evidence import tables
from helpers.evidence.firm_table import read_firms
from helpers.publish import workbook
from helpers.publish.firm_template import explanations
from helpers.publish.screen_report import Words
from helpers.run import templates
from helpers.run.cli import main

ROOT = Path(__file__).resolve().parents[1]
BEST: dict[str, Any] = {
    "current_tier": "srdi_sme", "technology_sme": "true", "sector": "industry", "employees": 300,
    "niche_years": 8, "revenue_m_cny": 100,
    "revenue_prev_m_cny": 80, "revenue_prev2_m_cny": 70, "main_revenue_m_cny": 95,
    "main_revenue_prev_m_cny": 76, "main_revenue_prev2_m_cny": 66, "rd_m_cny": 8,
    "rd_prev_m_cny": 7, "net_profit_m_cny": 12, "new_equity_2y_m_cny": 0, "new_equity_3y_m_cny": 0,
    "debt_ratio_pct": 40, "rd_staff_share_pct": 25, "niche_share_national_pct": 12,
    "niche_share_world_pct": 3, "class_1_ip_in_use": 5, "class_1_ip_own_in_use": 5, "ip_class": "class_1_own",
    "national_award_rank": "none", "provincial_award_rank": "none", "maker_contest_rank": "none",
    "market_rank_national": 2, "innovation_honour": "true", "rd_organisation": "true",
    "rd_institution": "provincial", "management_system_certificate": "true", "own_brand": "true",
    "quality_award": "false", "standards_drafting": "true", "core_processes_on_system": 2,
    "digital_level": "level_2", "product_role": "foundation_or_supplier",
    "strategic_emerging": "true", "key_link_of_chain": "true", "closes_key_gap": "false",
    "product_field_2022": "true", "product_field_2026": "true", "niche_position": "true",
    "local_points": 10, "platform_score": 65,
}  # fmt: skip


def write(path: Path, *firms: dict[str, Any]) -> Path:
    """A CSV file of made-up firms."""
    names = ["firm_id", "name", *BEST]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for number, firm in enumerate(firms, start=1):
            writer.writerow({"firm_id": f"S{number}", "name": f"合成{number}", **BEST, **firm})
    return path


@pytest.fixture(scope="module")
def criteria() -> Criteria:
    return Criteria(tables.load_all())


@pytest.fixture
def firms(tmp_path: Path) -> Path:
    return write(
        tmp_path / "firms.csv",
        {},
        {"main_revenue_m_cny": 85, "main_revenue_prev_m_cny": 70, "main_revenue_prev2_m_cny": 60},
        {"debt_ratio_pct": 78},
        {"platform_score": ""},
        {"niche_years": 1},
    )


def test_who_keeps_who_loses_who_is_near(firms: Path, criteria: Criteria) -> None:
    table = read_firms(firms, criteria.tables["firm_fields"])
    found = screen(table.frame, criteria, "M2026", "2026-05-01")
    assert found.losses["little_giant_2026"].tolist() == ["keeps", "loses", None, "may lose", None]
    assert found.tier("M2022").tolist() == [
        "little_giant_2022", "little_giant_2022", "srdi_sme_2022", "little_giant_2022",
        "innovative_sme_2022",
    ]  # fmt: skip
    assert found.one_step.tolist() == [False, True, True, False, True]
    plans = [step.plan.changes if step and step.plan else () for step in found.steps]
    assert [[change.threshold_id for change in plan] for plan in plans] == [
        [], ["lg26-main-share"], ["lg26-debt"], ["lg26-score"], ["lg26-tenure"],
    ]  # fmt: skip
    assert found.missing == [(), (), (), ("platform_score",), ()]
    assert missing_counts(found).to_dict() == {"platform_score": 1}
    counts = tier_counts(found).set_index("tier_id")
    assert counts.loc["little_giant_2026"].tolist() == ["M2026", 1, 2]
    assert [c.threshold_id for c in found.regain[1, "little_giant_2026"].changes] == [
        "lg26-main-share"
    ]


def test_holders_are_held_against_2026_at_review(tmp_path: Path, criteria: Criteria) -> None:
    still = {"revenue_prev_m_cny": 100, "revenue_prev2_m_cny": 100}
    file = write(
        tmp_path / "firms.csv",
        {
            "current_tier": "little_giant",
            "debt_ratio_pct": 72,
            **still,
        },  # growth is not tested at review
        {"current_tier": "little_giant", "class_1_ip_own_in_use": 3},
        {"current_tier": "little_giant", "platform_score": ""},
        {"current_tier": "srdi_sme", "debt_ratio_pct": 81},
        {"current_tier": "none"},
        {"current_tier": ""},
    )
    firms = read_firms(file, criteria.tables["firm_fields"])
    found = screen(firms.frame, criteria, "M2026", "2026-05-01")
    review = found.review
    assert review["outcome_new"].tolist() == [
        "meets", "fails", "cannot be told", "fails", None, None,
    ]  # fmt: skip
    # The notice of 2026 has little giants reviewed by the measures of 2022.
    assert review["tier_id"].tolist() == [
        "little_giant_2022", "little_giant_2022", "little_giant_2022", "srdi_sme_2026", None, None,
    ]  # fmt: skip
    assert review["outcome"].tolist() == ["fails", "meets", "meets", "fails", None, None]
    assert at_review(firms.frame[["firm_id"]], criteria).isna().all(axis=None)
    # Holders that fail are named, whatever they met as new applicants.
    assert found.losses["little_giant_2026"].tolist()[:3] == ["keeps", "loses", "may lose"]
    assert [c.threshold_id for c in found.regain[1, "little_giant_2026"].changes] == ["lg26-ip"]
    assert found.losses["srdi_sme_2026"].iloc[3] == "loses"
    assert {c.threshold_id for c in found.shortfall[0].changes} == {"lg22-debt"}
    out = tmp_path / "out"
    assert main(["screen", str(file), "--on", "2026-05-01", "--out", str(out)]) == 0
    text = (out / "screening.md").read_text(encoding="utf-8")
    assert "工信部企业〔2022〕63号" in text and "| 合成2 | Little giant (2026" in text


def test_a_notice_may_hold_reviews_to_the_older_act(criteria: Criteria) -> None:
    for day, review, expected in (
        ("2026-05-01", True, "little_giant_2022"), ("2026-05-01", False, "little_giant_2026"),
        ("2025-06-01", True, "little_giant_2022"), ("2027-05-01", True, "little_giant_2026"),
    ):  # fmt: skip
        assert assess({}, criteria, "little_giant", None, day, review).tier_id == expected
        assert criteria.tier_id("little_giant", None, day, review) == expected
    for regime in ("", "2", "026", "2024"):
        with pytest.raises(InputError, match="no act"):
            assess({}, criteria, "little_giant", regime)


def test_only_tiers_held_or_met_can_be_lost(tmp_path: Path, criteria: Criteria) -> None:
    file = tmp_path / "firms.csv"
    file.write_text(
        "firm_id,current_tier\nA,innovative_sme\nB,none\nC,\nD,little_giant\n", encoding="utf-8"
    )
    firms = read_firms(file, criteria.tables["firm_fields"])
    found = screen(firms.frame, criteria, "M2026", "2026-05-01")
    assert found.losses.loc[:2].isna().all(axis=None)
    assert found.losses.loc[3].tolist() == [None, "may lose"]


def test_counts_of_a_tier_take_in_those_above(tmp_path: Path, criteria: Criteria) -> None:
    # A little giant's title stands for the tier below, whose conditions the firm no longer meets.
    file = write(tmp_path / "f.csv", {"current_tier": "little_giant", "rd_staff_share_pct": "",
                                     "strategic_emerging": "", "local_points": 0,
                                     "product_role": "neither", "digital_level": "level_1",
                                     "rd_institution": "none", "quality_award": "false"}, {})  # fmt: skip
    firms = read_firms(file, criteria.tables["firm_fields"])
    counts = tier_counts(screen(firms.frame, criteria, "M2026", "2026-05-01"))
    for _, part in counts.groupby("regime_id", sort=False):
        for name in ("firms_count", "possible_count"):
            assert part[name].is_monotonic_decreasing, part


def test_losses_of_all_pairs() -> None:
    words = ["meets", "fails", "cannot be told"]
    pairs = [(old, new) for old in words for new in words]
    old = pd.DataFrame({"low": "meets", "up": [pair[0] for pair in pairs]})
    new = pd.DataFrame({"low": "meets", "top": [pair[1] for pair in pairs]})
    assert losses(old, new)["top"].tolist() == [
        "keeps", "loses", "may lose", None, None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_results(
    firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    out = tmp_path / "out"
    arguments = ["screen", str(firms), "--regime", "2026", "--on", "2026-05-01", "--out", str(out)]
    assert main([*arguments, "--language", language]) == 0
    shown = capsys.readouterr()
    words = {
        "en": "〔2026〕2号: 5. Rows left out: 0.",
        "zh": "〔2026〕2号筛查企业：5家；未纳入：0行。",
    }
    assert shown.err == "" and words[language] in shown.out
    assert sorted(path.name for path in out.iterdir()) == [
        "screening.csv", "screening.md", "screening.xlsx",
    ]  # fmt: skip
    text = (out / "screening.md").read_text(encoding="utf-8")
    assert "合成2" in text and "2026-05-01" in text and "工信部企业〔2026〕2号" in text
    assert ("no source seen states" if language == "en" else "所见来源均未载明") in text
    assert ("≥ 90 %, now 85" if language == "en" else "≥ 90%，现为85") in text
    table = pd.read_csv(out / "screening.csv", encoding="utf-8-sig", dtype="str")
    assert len(table) == 5
    sheet = openpyxl.load_workbook(out / "screening.xlsx").active
    assert [cell.value for cell in sheet[1]] == table.columns.tolist()
    assert sheet.max_row == 6


def test_a_chinese_screening_is_chinese_throughout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lower = {"current_tier": "none", "niche_years": 1}
    holder = {"current_tier": "little_giant", "debt_ratio_pct": 72}
    file = write(tmp_path / "firms.csv", {}, lower, holder, {"platform_score": ""},
                 {"debt_ratio_pct": "abc"}, {"sector": "industri"})  # fmt: skip
    out = tmp_path / "out"
    arguments = ["screen", str(file), "--on", "2026-05-01", "--out", str(out), "--skip-invalid"]
    assert main([*arguments, "--language", "zh"]) == 0
    text = (out / "screening.md").read_text(encoding="utf-8")
    table = pd.read_csv(out / "screening.csv", encoding="utf-8-sig", dtype="str")
    faults = pd.read_csv(out / "screening_faults.csv", encoding="utf-8-sig", dtype="str")
    assert table["现有称号"].tolist()[:3] == [
        "专精特新中小企业", "无称号", "专精特新“小巨人”企业",
    ]  # fmt: skip
    assert faults.columns.tolist() == ["行", "列", "值", "问题", "处理办法"]
    book = openpyxl.load_workbook(out / "screening.xlsx")
    assert book.sheetnames == ["筛查结果", "未纳入的行"]
    # What is left in Latin letters names a file, a column, a firm or a value that was typed in.
    columns = "|".join(map(re.escape, tables.load("firm_fields")["field"].str.replace("_", r"\_")))
    text = re.sub(rf"firms\.csv|--details|{columns}|“abc”|“industri”", "", text)
    cells = table.drop(columns="企业编号").fillna("").to_numpy().ravel()
    for told in (text, *cells, *table.columns, *faults["问题"], *faults["处理办法"]):
        assert not re.search("[A-Za-z]{2,}|%[^，。；：）！ ]*[A-Za-z]", told), told
    assert ": " not in text and " %" not in text
    shown = capsys.readouterr().out
    assert not re.search("[A-Za-z]{2,}", shown.replace(str(out), "").split("\n")[0])


def test_a_step_to_a_choice_names_it_in_the_language_of_the_report(criteria: Criteria) -> None:
    step = Change("ip_class", nan, nan, "class_1_own", True, False, 1.0, item_id="srdi22_ip")
    chinese = Words(criteria, lambda en, zh: zh).step(step)
    assert chinese.endswith("：达到“自主研发Ⅰ类”（计分）") and "_" not in chinese
    # The code is what the table takes.
    assert Words(criteria, lambda en, zh: en).step(step).endswith(": to class_1_own (for points)")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--on", "2026-13-01"], "--on 2026-13-01：没有这一天"),
        (["--on", "2010-01-01"], "--on 2010-01-01：无法确定当日施行的认定办法"),
        (["--regime", "1999"], "--regime 1999：请填2022、2026之一。"),
    ],
)
def test_a_day_or_act_that_cannot_be_used_is_told_in_chinese(
    firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], asked: list[str], told: str
) -> None:
    out = tmp_path / "out"
    assert main(["screen", str(firms), "--language", "zh", "--out", str(out), *asked]) == 2
    assert told in capsys.readouterr().err and not out.exists()


def test_details_hold_every_condition_and_item(
    firms: Path, tmp_path: Path, criteria: Criteria
) -> None:
    out = tmp_path / "out"
    arguments = ["screen", str(firms), "--on", "2026-05-01", "--out", str(out)]
    assert main([*arguments, "--details"]) == 0
    table = pd.read_csv(out / "screening_conditions.csv", encoding="utf-8-sig")
    conditions = criteria.tables["thresholds"]
    ladder = conditions["tier_id"].isin([tier for act in LADDERS.values() for tier in act])
    # The row of the notice of 2025 does not count in 2026.
    assert (table["kind"] == "condition").sum() == 5 * (ladder.sum() - 1)
    assert (table["kind"] == "points").sum() == 5 * len(criteria.tables["score_items"])
    row = table.loc[(table["firm_id"] == "S3") & (table["id"] == "lg26-debt")].iloc[0]
    assert row[["outcome", "low", "required", "gap"]].tolist() == ["fails", 78, 75, 3]
    blank = table.loc[(table["firm_id"] == "S4") & (table["id"] == "lg26-score")].iloc[0]
    assert (blank["outcome"], blank["missing"]) == ("cannot be told", "platform_score")
    assert main(arguments) == 0
    assert not (out / "screening_conditions.csv").exists()


def test_the_report_tells_how_well_conditions_are_sourced(firms: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["screen", str(firms), "--on", "2026-05-01", "--out", str(out)]) == 0
    text = (out / "screening.md").read_text(encoding="utf-8")
    assert "Little giant (2022; 4 conditions unverified)" in text
    assert (
        "Little giant (2026; 2 conditions unverified), 15 conditions: stated by a single source 13; by "
        "none, yet used: Employees of an industrial firm, limit of an SME" in text
    )


def test_two_runs_give_the_same_bytes(firms: Path, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        out = tmp_path / name
        assert main(["screen", str(firms), "--on", "2026-05-01", "--out", str(out)]) == 0
        contents.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert contents[0] == contents[1]


def test_the_day_decides_the_act_unless_it_is_named(
    firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "out")]
    for arguments, number in (
        (["--on", "2026-03-31"], "〔2022〕63号"), (["--on", "2026-04-01"], "〔2026〕2号"),
        (["--on", "2026-04-01", "--regime", "2022"], "〔2022〕63号"), ([], "号"),
    ):  # fmt: skip
        assert main(["screen", str(firms), *arguments, *out]) == 0
        assert number in capsys.readouterr().out


def test_faults_are_all_told_and_rows_skipped_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "firms.csv", {}, *[{"debt_ratio_pct": 0.4}] * 30)
    out = tmp_path / "out"
    arguments = ["screen", str(file), "--on", "2026-05-01", "--out", str(out)]
    assert main(arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("study: 30 faults") and shown.count("column debt_ratio_pct") == 30
    assert "--skip-invalid" in shown and "Traceback" not in shown
    assert not out.exists()
    assert main([*arguments, "--skip-invalid"]) == 0
    assert ": 1. Rows left out: 30." in capsys.readouterr().out
    faults = pd.read_csv(out / "screening_faults.csv", encoding="utf-8-sig")
    assert faults["row"].tolist() == list(range(3, 33))
    assert "debt\\_ratio\\_pct" in (out / "screening.md").read_text(encoding="utf-8")
    # A later run without faults leaves no list of old ones.
    assert main(["screen", str(write(file, {})), "--on", "2026-05-01", "--out", str(out)]) == 0
    assert not (out / "screening_faults.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--regime", "2024"], "--regime 2024: give one of 2022, 2026"),
        (["--on", "tomorrow"], "write a day as in 2026-04-01"),
        (["--on", "2021-01-01"], "no act in force on 2021-01-01"),
        (["--regime", "2022", "--on", "2021-01-01"], "no act in force on 2021-01-01"),
        (["--language", "de"], "give en or zh"),
        (["--skipinvalid"], "Did you mean --skip-invalid"),
        (["--regime"], "expected one argument"),
    ],
)
def test_misuse(
    firms: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    before = sorted(tmp_path.rglob("*"))
    code = main(["screen", str(firms), "--out", str(tmp_path / "out"), *arguments])
    shown = capsys.readouterr()
    assert code == 2 and words in shown.err and shown.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_missing_file_and_unusable_folder(
    firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["screen", str(tmp_path / "gone.csv")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert main(["screen"]) == 2
    capsys.readouterr()
    assert main(["screen", str(firms), "--out", str(firms / "x")]) == 2
    assert "is a file, not a folder" in capsys.readouterr().err


def test_a_locked_result_is_told_and_nothing_is_left_behind(
    firms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    (out / "screening.xlsx").write_bytes(b"old")
    replace = Path.replace

    def locked(self: Path, target: Any) -> Path:
        if Path(target).parent == out and Path(target).suffix == ".csv":
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", locked)
    assert main(["screen", str(firms), "--on", "2026-05-01", "--out", str(out)]) == 1
    shown = capsys.readouterr().err
    assert "Close programs that have the file open" in shown and "screening.csv" in shown
    assert [path.name for path in out.iterdir()] == ["screening.xlsx"]
    assert (out / "screening.xlsx").read_bytes() == b"old"


def test_names_that_look_like_formulas_are_written_as_text(
    tmp_path: Path, criteria: Criteria
) -> None:
    frame = pd.DataFrame({"name": ["=cmd()", "@x", "-y", "plain"], "n": [-1.5, 2.0, None, 0.0]})
    assert workbook.harmless(frame)["name"].tolist() == ["'=cmd()", "'@x", "'-y", "plain"]
    book = workbook.new_book()
    workbook.add_sheet(book, "s", frame)
    (tmp_path / "x.xlsx").write_bytes(workbook.to_bytes(book))
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert [cell.data_type for cell in sheet["A"]] == ["s"] * 5
    assert [cell.value for cell in sheet["B"]][1:] == [-1.5, 2.0, None, 0.0]


def test_help_starts_without_the_libraries_of_the_screening() -> None:
    code = (
        "import sys; from helpers.run import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('openpyxl', 'helpers.run.screen', 'matplotlib') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "screen" in done.stdout


# --- Templates ----------------------------------------------------------------------------------


def test_the_committed_templates_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert templates.main(["--check"]) == 0, capsys.readouterr().err


def test_check_finds_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables, "project_data_dir", lambda: tmp_path)
    monkeypatch.setattr(tables, "load", lambda name: FIELDS)
    assert templates.main(["--check"]) == 1
    assert "firms.xlsx differs" in capsys.readouterr().err and not list(tmp_path.iterdir())
    assert templates.main([]) == 0 and templates.main(["--check"]) == 0
    (tmp_path / "templates" / "firms.csv").write_text("firm_id\n", encoding="utf-8")
    assert templates.main(["--check"]) == 1


FIELDS = tables.load("firm_fields")


def test_the_templates_are_read_by_the_screening(tmp_path: Path) -> None:
    for name in ("firms.csv", "firms.xlsx"):
        source = ROOT / "data" / "templates" / name
        with pytest.raises(ValueError, match="no firm in the file"):
            read_firms(source, FIELDS)
    book = openpyxl.load_workbook(ROOT / "data" / "templates" / "firms.xlsx")
    form = book["firms"]
    assert [cell.value for cell in form[1]] == FIELDS.sort_values("position")["field"].tolist()
    form["A2"] = "S1"
    book.save(tmp_path / "filled.xlsx")
    assert read_firms(tmp_path / "filled.xlsx", FIELDS).frame["firm_id"].tolist() == ["S1"]


def test_every_field_is_explained_in_both_languages() -> None:
    table = explanations(FIELDS)
    assert len(table) == len(FIELDS)
    assert (table["名称"].str.len() > 1).all() and (table["填写说明"].str.len() > 1).all()
    assert (table["Unit"] != "").sum() == FIELDS["unit"].notna().sum()
    assert not table["Allowed"].str.contains("nan").any()
    sheet = openpyxl.load_workbook(ROOT / "data" / "templates" / "firms.xlsx")["说明 explanations"]
    assert sheet.max_row == len(FIELDS) + 1


def test_a_workbook_does_not_depend_on_the_day() -> None:
    content = templates.templates(ROOT)[ROOT / "firms.xlsx"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")
        assert archive.testzip() is None


def test_fields_table_is_coherent() -> None:
    numbers = FIELDS["kind"].isin(["number", "integer", "rank"])
    assert FIELDS.loc[numbers, "unit"].notna().all() and FIELDS.loc[~numbers, "unit"].isna().all()
    assert (FIELDS["choices"].notna() == (FIELDS["kind"] == "category")).all()
    assert FIELDS["position"].tolist() == list(range(1, len(FIELDS) + 1))
    suffix = {"m_cny": "_m_cny", "pct": "_pct"}
    for row in FIELDS.itertuples():
        if row.unit in suffix:
            assert row.field.endswith(suffix[row.unit])
    labels = pd.concat([FIELDS["field"], FIELDS["label_en"], FIELDS["label_zh"]])
    assert labels.is_unique


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder without rights")
def test_a_folder_without_rights(
    firms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shut = tmp_path / "shut"
    shut.mkdir()
    shut.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert main(["screen", str(firms), "--out", str(shut / "out")]) == 2
    assert "cannot be written" in capsys.readouterr().err
