"""The command ``study``: exit codes, and one message for each thing a user can get wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import helpers.run.current
import helpers.run.execute
from helpers import __version__
from helpers.evidence import tables
from helpers.run import cli
from helpers.run.cli import main
from helpers.run.execute import Failure, Result
from helpers.run.study import STAGING_VARIABLE, Parameters, make_study

SCRIPT = Path(sys.executable).parent / ("study.exe" if os.name == "nt" else "study")
HEADER = (
    "place_id,area_zh,indicator_id,batch_from,batch_to,measure,firms_count,comparison,as_of,"
    "source_id,note_en\n"
)
GOOD = "320500,,little_giant,1,5,certified,12,equal,2023-12,STUDY,\n"


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without a staging folder from outside, and with the signal handler put back afterwards."""
    monkeypatch.delenv(STAGING_VARIABLE, raising=False)
    # Whatever lies in this checkout's output folder.
    monkeypatch.setattr(helpers.run.current, "find_current", lambda _: None)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*_: object, **__: object) -> None:
        pytest.fail("notebooks were executed for unusable input")

    monkeypatch.setattr(helpers.run.execute, "execute", reached)


@pytest.fixture
def refused(
    tmp_path: Path, no_kernel: None, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Give commands input that must be refused; gives the message."""

    def call(
        *arguments: str, output: str | None = None, commands: Sequence[str] = ("run", "check")
    ) -> str:
        out = str(tmp_path / "out") if output is None else output
        before = sorted(tmp_path.rglob("*"))
        messages = []
        for command in commands:
            assert main([command, *arguments, "--output-dir", out]) == 2
            shown = capsys.readouterr()
            assert shown.out == ""
            assert shown.err.startswith("study: ") and shown.err.count("study: ") == 1
            assert "Traceback" not in shown.err
            messages.append(shown.err.removeprefix("study: ").rstrip("\n"))
        assert len({text.replace("study check", "study run") for text in messages}) == 1
        assert sorted(tmp_path.rglob("*")) == before
        return messages[0]

    return call


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Replaces the execution; keeps what it was called with."""
    seen: dict[str, Any] = {"failures": ()}

    def stand_in(parameters: Parameters, **options: Any) -> Result:
        seen.update(parameters=parameters, **options)
        folder = tmp_path / "done"
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        for name in ("verdicts.csv", "tables/01_x.csv"):
            (folder / name).write_text("a\n1\n", encoding="utf-8")
        verdicts = pd.DataFrame({"verdict": ["untestable", "reproduced", "untestable"]})
        study = make_study(parameters)
        return Result(study, verdicts, tuple(seen["failures"]), 1.0, folder)

    monkeypatch.setattr(helpers.run.execute, "execute", stand_in)
    return seen


# --- Exit codes -------------------------------------------------------------------------------


def test_success(executed: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--province", "江苏", "--city", "苏州", "--workers", "2", "--quiet"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "Suzhou, Jiangsu: 3 claims\n    1 reproduced\n    2 untestable\n" in shown.out
    assert executed["workers"] == 2 and executed["progress"] is False
    assert executed["parameters"] == Parameters(province="江苏", city="苏州")


def test_results_are_copied(executed: dict[str, Any], tmp_path: Path) -> None:
    target = tmp_path / "results"
    assert main(["run", "--results", str(target)]) == 0
    assert sorted(path.name for path in target.iterdir()) == ["01_x.csv", "verdicts.csv"]


def test_a_failed_notebook(
    executed: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    executed["failures"] = [Failure("02_national_trends", "cell [7]", "KeyError: 'x'")]
    assert main(["run", "--results", str(tmp_path / "results")]) == 1
    shown = capsys.readouterr()
    assert "FAILED 02_national_trends, cell [7]: KeyError: 'x'\n" in shown.err
    assert not (tmp_path / "results").exists()


def test_check(capsys: pytest.CaptureFixture[str], no_kernel: None, tmp_path: Path) -> None:
    assert main(["check", "--city", "大连", "--output-dir", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "大连, 辽宁" in shown.out and shown.err == ""
    assert list(tmp_path.iterdir()) == []


def test_interruption(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(helpers.run.execute, "execute", interrupted)
    assert main(["run"]) == 130
    told = capsys.readouterr().err
    assert told.startswith("study: interrupted; earlier results are unchanged. Notebooks that")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_information(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([option])
    assert left.value.code == 0
    assert (__version__ if option == "--version" else "Run the study") in capsys.readouterr().out


def test_every_parameter_is_an_option_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(cli._HELP) == set(Parameters.names())
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    shown = capsys.readouterr().out
    assert all("--" + name.replace("_", "-") in shown for name in Parameters.names())


# --- Where parameters come from ---------------------------------------------------------------


def test_option_wins_over_p_wins_over_file(executed: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "study.yml"
    file.write_text("province: 江苏\ncity: 320500\nseed: 1\nbasis: certified\n", encoding="utf-8")
    options = ["-f", str(file), "-p", "seed", "2", "-p", "through_batch", "3"]
    assert main(["run", *options, "--through-batch", "4"]) == 0
    assert executed["parameters"] == Parameters(
        province="江苏", city="320500", through_batch=4, basis="certified", seed=2
    )


# --- Wrong parameters -------------------------------------------------------------------------

WRONG = {
    "province": (["--province", "Lioning"], ["parameter province", "'Lioning'", "Liaoning"]),
    "city": (["--city", "nowhere"], ["parameter city", "'nowhere'", "辽宁"]),
    "city of another province": (
        ["-p", "city", "苏州"],
        ["'苏州'", "Jiangsu", "set that province"],
    ),
    "language": (["--language", "de"], ["parameter language", "'de'", "en, zh"]),
    "basis": (["--basis", "offical"], ["parameter basis", "'offical'", "certified"]),
    "name by -p": (["-p", "provnce", "江苏"], ["parameter provnce", "Did you mean province"]),
    "name by option": (["--provnce", "江苏"], ["--provnce", "Did you mean --province"]),
    "type by -p": (["-p", "through_batch", "five"], ["through_batch", "'five'", "whole number"]),
    "type by option": (["--seed", "1.5"], ["parameter seed", "'1.5'", "whole number"]),
    "range": (["--through-batch", "9"], ["parameter through_batch", "value 9", "from 1 to 7"]),
    "negative": (["--seed", "-1"], ["parameter seed", "value -1", "0 or a positive"]),
    "half of a pair": (["-p", "city"], ["-p", "2 arguments", "--help"]),
    "option without value": (["--city"], ["--city", "expected one argument", "--help"]),
    "city as a folder": (["大连"], ["大连", "no such folder", "--city", "study new"]),
    "extra word": (["大连", "锦州"], ["unknown argument 锦州"]),
    "data folder": (["--data-dir", "gone/away"], ["data_dir", "gone/away", "Create it"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_parameter(case: str, refused: Callable[..., str]) -> None:
    arguments, parts = WRONG[case]
    shown = refused(*arguments)
    assert "\n" not in shown
    for part in parts:
        assert part in shown
    assert shown.endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("city: [大连\n", ["not a YAML file"]),
        ("- 大连\n", ["one parameter a line", "city: 大连"]),
        ("", ["one parameter a line"]),
        ("city: 大连\nprovnce: 辽宁\n", ["parameter provnce", "Did you mean province"]),
        ("through_batch: 2.5\n", ["through_batch", "value 2.5", "float given"]),
        (
            "language: no\n",
            ["parameter language", "value False", "text needed"],
        ),
        ("city:\n", ["parameter city is empty", "leave it out"]),
        ("city: [大连]\n", ["parameter city, value ['大连']: list given, text needed"]),
        ("seed: 2023-13-45\n", ["not a YAML file"]),
    ],
)
def test_bad_file(text: str, parts: list[str], tmp_path: Path, refused: Callable[..., str]) -> None:
    file = tmp_path / "study.yml"
    file.write_text(text, encoding="utf-8")
    shown = refused("--file", str(file))
    for part in parts:
        assert part in shown


def test_unreadable_files(tmp_path: Path, refused: Callable[..., str]) -> None:
    assert "cannot be read" in refused("--file", str(tmp_path / "gone.yml"))
    assert "cannot be read" in refused("--file", str(tmp_path))
    (tmp_path / "gbk.yml").write_bytes("city: 大连\n".encode("gbk"))
    assert "UTF-8" in refused("--file", str(tmp_path / "gbk.yml"))


def test_run_options(tmp_path: Path, no_kernel: None, capsys: pytest.CaptureFixture[str]) -> None:
    blocker = tmp_path / "notes.txt"
    blocker.touch()
    cases = [(["--workers", "0"], "--workers 0"), (["--workers", "x"], "--workers")]
    cases += [(["--results", str(blocker / "x")], f"--results {blocker / 'x'}: ")]
    for arguments, part in cases:
        assert main(["run", *arguments, "--output-dir", str(tmp_path / "out")]) == 2
        assert part in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [blocker]


@pytest.mark.parametrize("arguments", [[], ["rnu"], ["--city", "大连"]])
def test_command_is_missing_or_unknown(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("study: ")


# --- Wrong tables -----------------------------------------------------------------------------

BROKEN = {
    "missing column": (
        HEADER.replace("firms_count,", "") + GOOD.replace(",12,", ","),
        ["row 1", "column firms_count", "the column is missing", "Add a column"],
    ),
    "wrong type": (
        HEADER + GOOD + GOOD.replace("12,", "a dozen,").replace("1,5", "1,4"),
        ["row 3", "column firms_count", "'a dozen'"],
    ),
    "negative count": (HEADER + GOOD.replace("12,", "-12,"), ["row 2", "firms_count", "'-12'"]),
    "unknown source": (
        HEADER + GOOD + GOOD.replace("STUDY", "STUDI").replace("1,5", "1,4"),
        ["row 3", "column source_id", "'STUDI'", "sources.source_id"],
    ),
    "duplicate key": (HEADER + GOOD + GOOD, ["row 3", "place_id", "320500"]),
    "unknown column": (
        HEADER.replace("note_en", "note") + GOOD,
        ["row 1", "column note", "not in the schema"],
    ),
    "unknown word": (
        HEADER + GOOD.replace("certified", "certifed"),
        ["row 2", "column measure", "'certifed'", "certified"],
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_table(case: str, own: Path, refused: Callable[..., str]) -> None:
    text, parts = BROKEN[case]
    (own / "city_counts.csv").write_text(text, encoding="utf-8")
    shown = refused("--data-dir", str(own), commands=["run"])
    for part in [f"table city_counts ({own / 'city_counts.csv'})", *parts]:
        assert part in shown
    assert shown.splitlines()[0].endswith(".")


def test_the_good_row_is_good(own: Path, no_kernel: None) -> None:
    (own / "city_counts.csv").write_text(HEADER + GOOD, encoding="utf-8")
    assert main(["check", "--data-dir", str(own)]) == 0


def test_table_that_would_be_ignored(own: Path, refused: Callable[..., str]) -> None:
    (own / "city_count.csv").write_text(HEADER + GOOD, encoding="utf-8")
    assert "Did you mean city_counts" in refused("--data-dir", str(own))


# --- Unusable output folder -------------------------------------------------------------------


def test_output_below_a_file(tmp_path: Path, refused: Callable[..., str]) -> None:
    blocker = tmp_path / "notes.txt"
    blocker.touch()
    shown = refused(output=str(blocker / "out"))
    assert f"output_dir {blocker / 'out'}" in shown and f"{blocker} is a file" in shown


# --- The installed command --------------------------------------------------------------------


def study(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *arguments], capture_output=True, text=True, encoding="utf-8", timeout=120,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment,
    )  # fmt: skip


def test_installed_command_refuses(tmp_path: Path) -> None:
    done = study("run", "--city", "nowhere", "--output-dir", str(tmp_path / "out"))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("study: parameter city, value 'nowhere'")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_installed_command_checks() -> None:
    done = study("check", "--province", "Jiangsu", "--city", "Suzhou")
    assert (done.returncode, done.stderr) == (0, "")
    assert "苏州" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently there")
def test_a_reader_that_stops_reading_is_no_fault(tmp_path: Path) -> None:
    """As in ``study check | head -1``: nothing is said on it, before or after the program's end."""
    code = (
        "import sys; from helpers.run.cli import main; sys.stdin.read(); sys.exit(main("
        f"['diff', {str(tmp_path)!r}, {str(tmp_path)!r}]))"
    )
    (tmp_path / "verdicts.csv").write_text("claim_id,verdict\nC1,consistent\n", "utf-8")
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin and child.stdout and child.stderr
    child.stdout.close()
    child.stdin.close()
    said = child.stderr.read()
    child.stderr.close()
    assert (child.wait(), said) == (141, b"")


def test_console_without_chinese(tmp_path: Path) -> None:
    done = study("check", "--city", "苏州", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 2
    assert "Jiangsu" in done.stderr and "UnicodeEncodeError" not in done.stderr


def test_mistyped_parameters_need_no_heavy_import() -> None:
    code = (
        "import sys; from helpers.run.cli import main; main(['run', '--city', 'x']);"
        "print(sorted({'papermill', 'matplotlib', 'scipy.stats'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_used_outside_its_checkout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_kernel: None
) -> None:
    monkeypatch.setattr(tables, "project_root", lambda: None)
    assert main(["run"]) == 2
    assert "data folder was not found" in capsys.readouterr().err
