"""A study of one's own city: the folder, its check, and what complete lists make of it."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
import yaml
from openpyxl import load_workbook

from helpers.analysis.coverage import Part
from helpers.errors import InputError, ParameterError
from helpers.evidence import tables
from helpers.evidence.places import Place
from helpers.run.checking import check_study, report_lines
from helpers.run.cli import main
from helpers.run.execute import execute
from helpers.run.folder import folder_values, read_yaml
from helpers.run.new_study import folder_name, new_folder
from helpers.run.parameters import Parameters
from helpers.run.study import make_study


@pytest.fixture
def dalian(tmp_path: Path) -> Path:
    return new_folder("大连", "辽宁", tmp_path / "my study", "en")


def test_a_new_folder_holds_a_form_of_every_table_it_explains(dalian: Path):
    unlocks = set(tables.load("study_tables")["table_name"]) & set(tables.schemas())
    forms = {path.stem for path in (dalian / "data").glob("*.csv")}
    book = load_workbook(dalian / "data" / "tables.xlsx")
    assert forms == unlocks == set(book.sheetnames[1:])
    page = (dalian / "README.md").read_text(encoding="utf-8")
    assert all(page.count(f"`{name}`") >= 2 for name in unlocks)
    for name in unlocks:
        head = (dalian / "data" / f"{name}.csv").read_text(encoding="utf-8-sig").strip().split(",")
        assert [cell.value for cell in book[name][1]] == head
        assert head[: len(tables.schemas()[name].columns)] == list(tables.schemas()[name].columns)


def test_the_parameters_of_a_new_folder_are_those_of_its_city(dalian: Path):
    values = yaml.safe_load((dalian / "parameters.yml").read_text(encoding="utf-8"))
    standard = Parameters(city="大连")
    assert all(getattr(standard, name) == value for name, value in values.items())
    assert main(["check", str(dalian)]) == 0


@pytest.mark.parametrize("name", ["锦州", "Tieling", "210200"])
def test_the_province_may_be_left_out(tmp_path: Path, name: str):
    made = new_folder(name, None, tmp_path / "x", "zh")
    assert folder_values(str(made))["province"] == "辽宁"


@pytest.mark.parametrize(
    ("city", "province", "words"),
    [("大连", "吉林", "辽宁"), ("Atlantis", None, "--province"), ("鞍 山", "辽宁", "no city")],
)
def test_an_unknown_city_makes_no_folder(tmp_path: Path, city, province, words):
    with pytest.raises(ParameterError, match=words):
        new_folder(city, province, tmp_path / "x", "en")
    assert not (tmp_path / "x").exists()


def test_what_is_there_is_never_overwritten(dalian: Path):
    before = {path: path.read_bytes() for path in dalian.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="not an empty folder"):
        new_folder("大连", "辽宁", dalian, "en")
    assert {path: path.read_bytes() for path in dalian.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["../../etc", "a/b", "$(x)", "..", "大连"])
def test_a_name_never_becomes_a_path(name: str):
    made = folder_name(Place("210200", "大连", name, "210000", True))
    assert re.fullmatch(r"[0-9a-z-]+", made)


def test_results_of_a_folder_do_not_depend_on_where_it_lies(dalian: Path, tmp_path: Path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(dalian, moved)
    slugs = {
        make_study(Parameters.from_mapping(folder_values(str(f)))).slug for f in (dalian, moved)
    }
    assert slugs == {"liaoning_dalian"}
    # Elsewhere the results need a sign of the tables that made them.
    other = Parameters(city="大连", data_dir=str(dalian / "data"), output_dir=str(tmp_path / "o"))
    assert make_study(other).slug.startswith("liaoning_dalian_data-")


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [1,1]\nb: &b [*a,*a]\ncity: *b\n", "references"),
        ("x" * 200_000, "larger than"),
        ("- 1\n", "one parameter a line"),
        ("city: [", "not a YAML"),
        ("!!python/object/apply:os.system ['true']\n", "not a YAML"),
        ("day: 2024-99-99\n", "not a YAML"),
    ],
)
def test_a_hostile_file_of_parameters_is_told(tmp_path: Path, text: str, words: str):
    path = tmp_path / "parameters.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=words):
        read_yaml(path, "parameters.yml")


@pytest.mark.parametrize("name", ["gone", "."])
def test_a_folder_without_parameters_is_told(tmp_path: Path, name: str, capsys):
    assert main(["run", str(tmp_path / name)]) == 2
    assert "study new" in capsys.readouterr().err


# -- check -----------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_and_kept_in_a_file(dalian: Path, capsys):
    path = dalian / "parameters.yml"
    path.write_text(path.read_text("utf-8").replace("5  #", "9  #") + "bassis: x\n", "utf-8")
    with (dalian / "data" / "city_counts.csv").open("a", encoding="utf-8") as file:
        file.write("210200,,srdi_sme,,,stock,12家,equal,2024,,,mine\n")
        file.write("219999,,srdi_sme,,,stock,12,equal,2024,,,mine\n")
    (dalian / "data" / "cities.csv").write_text("a\n", encoding="utf-8")
    book = load_workbook(dalian / "data" / "tables.xlsx")
    book["population"].append(["210200", "2024-12-31", -3, None, None, None, "=1+1"])
    book.save(dalian / "data" / "tables.xlsx")
    assert main(["check", str(dalian)]) == 2
    told = capsys.readouterr().out
    for words in ("through_batch", "bassis", "cities.csv", "12家", "219999", "sheet population"):
        assert words in told
    kept = pd.read_csv(dalian / "output" / "check.csv", dtype=str, keep_default_na=False)
    assert len(kept) == 6
    sheet = kept[kept["sheet"] == "population"].iloc[0]
    assert (sheet["row"], sheet["column"], sheet["value"]) == ("2", "residents_10k_persons", "-3")
    # Mended, the file of faults goes.
    shutil.rmtree(dalian / "data")
    shutil.copytree(new_folder("大连", "辽宁", dalian.parent / "b", "en") / "data", dalian / "data")
    shutil.copy(dalian.parent / "b" / "parameters.yml", path)
    assert main(["check", str(dalian)]) == 0
    assert not (dalian / "output" / "check.csv").exists()


def test_a_check_says_in_both_languages_how_complete_each_section_is(dalian: Path):
    checked = check_study(folder_values(str(dalian)))
    assert {part.state for part in checked.parts} == {"complete", "partial", "empty"}
    english, chinese = (report_lines(checked, language) for language in ("en", "zh"))
    assert len(english) == len(chinese)
    assert any("23/160" in line and "→ province_counts" in line for line in english)
    assert any("部分" in line and "23/160" in line for line in chinese)
    assert not any(re.search("[一-龥]", line) for line in english)
    notebooks = {part.notebook for part in checked.parts}
    books = {path.stem for path in Path("notebooks").glob("[0-9]*.ipynb")}
    assert notebooks == books - {"06_ledger"}


@pytest.mark.parametrize(
    ("known", "wanted", "state"), [(0, 0, "empty"), (0, 4, "empty"), (3, 4, "partial"), (4, 4, "complete")]
)  # fmt: skip
def test_states(known: int, wanted: int, state: str):
    assert Part("n", "", "", known, wanted, "t").state == state


def test_a_row_of_the_users_counts(dalian: Path):
    before = {part.item_en: part.known for part in check_study(folder_values(str(dalian))).parts}
    with (dalian / "data" / "districts.csv").open("a", encoding="utf-8") as file:
        file.write("210200,210202,中山区,Zhongshan,300000,7,,,mine\n")
        file.write("210200,210203,西岗区,Xigang,300000,,,,mine\n")
    checked = check_study(folder_values(str(dalian)))
    after = {part.item_en: part for part in checked.parts}
    item = "districts of the city with a count of firms"
    assert (before[item], after[item].known, after[item].wanted) == (0, 1, 10)
    assert checked.own_rows == {"districts": 2}


def test_a_check_tells_what_was_withdrawn_once_nothing_is_at_fault(dalian: Path):
    path = dalian / "data" / "city_counts.csv"
    row = tables.load("city_counts").query("place_id == '210700' and indicator_id == 'srdi_sme'")
    assert len(row) == 1
    own = row.drop(columns="source_id").assign(source="mine", withdrawn="counted twice")
    for words, told in (("counted twice", 1), ("no", 0)):
        own.assign(withdrawn=words).to_csv(path, index=False)
        lines = report_lines(check_study(folder_values(str(dalian))), "en")
        found = [line for line in lines if "withdrawn: city_counts 210700" in line]
        assert len(found) == told and all("twice [mine]" in line for line in found)


def test_counts_that_cannot_hold_together_are_a_fault(dalian: Path, capsys):
    with (dalian / "data" / "province_counts.csv").open("a", encoding="utf-8") as file:
        file.write("210000,1,3,certified,9,yes,,,,mine\n")
    assert main(["check", str(dalian)]) == 2
    told = capsys.readouterr().out
    assert "210000" in told or "Liaoning" in told


def test_options_of_the_command_line_win_over_the_folder(dalian: Path, capsys):
    assert main(["check", str(dalian), "--through-batch", "3", "--language", "zh"]) == 0
    assert "23/96" not in (told := capsys.readouterr().out)
    assert "/96" in told and "各部分" in told


# -- complete lists --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def truth():
    from synthetic_lists import make_truth

    return make_truth()


def test_made_up_lists_have_the_known_totals_and_counts(truth):
    batches = truth.firms.groupby("batch").size().to_dict()
    assert batches == {1: 248, 2: 1584, 3: 2930, 4: 4357, 5: 3671}
    official = tables.load("province_counts").query("source_id == 'N-S01' and batch_to == 2")
    official = official[official["includes_plan_city"] != "no"]
    mine = truth.by_province()
    home = dict(zip(tables.load("places").place_id, tables.load("places").level, strict=True))
    inner = truth.by_city()
    for row in official.itertuples():
        counts = inner if home[row.place_id] == "prefecture" else mine
        assert counts[row.place_id, 1] + counts[row.place_id, 2] == row.firms_count, row
    assert truth.firms["name"].is_unique


def test_with_complete_counts_every_bound_is_a_point(dalian: Path, truth):
    from synthetic_lists import write_counts

    write_counts(truth, dalian / "data")
    checked = check_study(folder_values(str(dalian)))
    assert checked.is_sound
    states = {part.item_en: part.state for part in checked.parts if part.notebook.startswith("02_")}
    assert set(states.values()) == {"complete"}
    study = make_study(Parameters.from_mapping(folder_values(str(dalian))))
    assert study.is_synthetic
    for (place, batch), n in truth.by_province().items():
        found = study.setting.problem.count(place, batch, batch, "study")
        assert (found.lower, found.upper) == (n, n)


def _imported(folder: Path, truth, lists: Path) -> None:
    from synthetic_lists import LABEL, basis_of, write_lists

    for batch, path in write_lists(truth, lists).items():
        assert main(["import", str(path), "--into", str(folder), "--batch", str(batch), "--basis",
                     basis_of(batch), "--source", f"{LABEL}, batch {batch}"]) == 0  # fmt: skip


def test_what_the_lists_hold_is_what_is_read(dalian: Path, truth, tmp_path: Path):
    """Every format: no row lost, none made up, each in its province; a city is right or unresolved."""
    pytest.importorskip("reportlab")
    _imported(dalian, truth, tmp_path / "lists")
    study = make_study(Parameters.from_mapping(folder_values(str(dalian))))
    firms = study.table("firm_list")
    both = truth.firms.merge(firms, on=["batch", "serial"], how="outer", suffixes=("_true", ""),
                             indicator=True)  # fmt: skip
    assert set(both["_merge"]) == {"both"} and len(both) == 12_790
    plain = both["name_true"].map(lambda name: unicodedata.normalize("NFKC", name))
    assert (plain == both["name"].map(lambda name: unicodedata.normalize("NFKC", name))).all()
    assert (both["province_id_true"] == both["province_id"]).all()
    placed = both.dropna(subset=["city_id"])
    assert (placed["city_id_true"] == placed["city_id"]).all()
    # Municipalities and the Corps have no prefecture-level cities; of the others a few names are
    # ambiguous (吉林 is a province and a city).
    left = both[both["city_id"].isna() & both["city_id_true"].notna()]
    assert len(left) < 20 and (left["city_rule"] == "unresolved").all()
    _counts_agree(study, truth)
    assert main(["check", str(dalian)]) == 0


def _counts_agree(study, truth) -> None:
    own = set(study.table("sources").query("access == 'own'")["source_id"])
    for name, wanted in (
        ("province_counts", truth.by_province()),
        ("city_counts", truth.by_city()),
    ):
        rows = study.table(name)
        rows = rows[rows["source_id"].isin(own)].set_index(["place_id", "batch_to"])["firms_count"]
        mine = {
            key: n for key, n in wanted.items() if name == "province_counts" or key[0][:2] == "21"
        }
        assert {key: rows.get(key, 0) for key in mine} == mine


@pytest.mark.notebooks
def test_from_lists_to_a_study(dalian: Path, truth, tmp_path: Path):
    """Import, then run: bounds are points, verdicts are decided, and every figure is marked."""
    pytest.importorskip("reportlab")
    from synthetic_lists import LABEL

    _imported(dalian, truth, tmp_path / "lists")
    parameters = Parameters.from_mapping(folder_values(str(dalian)))
    wanted = ("02_national_trends", "03_city_distribution")
    result = execute(
        parameters, [Path("notebooks", f"{name}.ipynb") for name in wanted], progress=False
    )
    assert not result.failures
    verdicts = result.verdicts.set_index("claim_id")["verdict"]
    nation = verdicts[[f"C2-{n:02d}" for n in range(2, 19)]]
    assert set(nation) <= {"reproduced", "contradicted"}
    captions = sorted(result.folder.glob("*/0[23]_*.json"))
    assert len(captions) > 10
    for path in captions:
        caption = json.loads(path.read_text(encoding="utf-8"))
        assert all(caption[language]["title"].startswith(LABEL) for language in ("en", "zh")), path
    panel = pd.read_csv(result.folder / "figures" / "02_bounds.csv")
    assert len(panel) and (panel["lower_count"] == panel["upper_count"]).all()
