"""Made-up official lists whose totals are the known ones, for trying the whole way from file to study.

The counts are one of the many tables that fit every sourced figure: the national totals of each
batch, the official table of batches 1-2, and what is known of later ones. Firms are coined. All of it
is SYNTHETIC, and says so in its titles and sources.

    python tests/synthetic_lists.py FOLDER        writes a list for each batch, each in another format
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.evidence import tables
from helpers.evidence.provinces import build

LABEL = "SYNTHETIC 合成数据"
BATCHES = (1, 2, 3, 4, 5)
FORMATS = {1: ".xlsx", 2: ".csv", 3: ".docx", 4: ".xlsx", 5: ".pdf"}
# Signs of coined names; none of them begins or makes the name of a place.
_SIGNS = "博达恩丰格豪杰凯朗诺鹏奇瑞思维亿卓睿晟铭锐宏巨汇佳佰仕弘钧骏"
_GOODS = ("轴承", "泵业", "传感器", "新材料", "软件", "医疗器械", "阀门", "模具", "精细化工", "轨道装备",
          "光电", "橡胶制品")  # fmt: skip
_RADICALS = str.maketrans({"西": "⻄", "长": "⻓"})
_TRADITIONAL = str.maketrans(
    dict(zip("苏广东门宁长贵庆无锡汉阳", "蘇廣東門寧長貴慶無錫漢陽", strict=True))
)
_WIDE = str.maketrans("()", "（）")


def basis_of(batch: int) -> str:
    """Which list a batch has on the basis ``study``."""
    return "announced" if batch == 5 else "certified"


@dataclass(frozen=True)
class Truth:
    """What the lists were made from.

    Parameters
    ----------
    firms : DataFrame
        One row per firm: batch, serial, name, unit_id (province, Corps or plan city it is listed
        under), province_id, city_id (None where the province has no city).
    """

    firms: pd.DataFrame

    def by_province(self) -> dict[tuple[str, int], int]:
        """Firms of each provincial unit, its plan city included, and batch; none is 0."""
        places = tables.load("places")
        units = places.loc[places["level"] != "prefecture", "place_id"]
        return _counted(self.firms, "province_id", units)

    def by_city(self) -> dict[tuple[str, int], int]:
        """Firms of each city and batch; none is 0."""
        places = tables.load("places")
        cities = places.loc[places["level"] == "prefecture", "place_id"]
        return _counted(self.firms.dropna(subset=["city_id"]), "city_id", cities)


def _counted(firms: pd.DataFrame, column: str, every: pd.Series) -> dict[tuple[str, int], int]:
    sizes = firms.groupby([column, "batch"]).size().to_dict()
    return {
        (place, batch): int(sizes.get((place, batch), 0)) for place in every for batch in BATCHES
    }


def _aims(cells: list[tuple[str, str, int]], totals: dict[tuple[str, int], int]) -> list[float]:
    """What each count would be, had every place its share of batches 1-2, or of the residents."""
    counts, people = tables.load("province_counts"), tables.load("population")
    official = counts[(counts["source_id"] == "N-S01") & (counts["batch_to"] == 2)]
    shares = dict(zip(official["place_id"], official["firms_count"] / 1832, strict=True))
    residents = people.drop_duplicates("place_id").set_index("place_id")["residents_10k_persons"]
    home = tables.load("places").set_index("place_id")["province_id"]
    found = []
    for measure, place, batch in cells:
        share = shares.get(place)
        if share is None:
            inside = residents.get(place, 0.0) / residents.get(home[place], float("inf"))
            share = shares.get(home[place], 0.0) * inside
        found.append(share * totals[measure, batch])
    return found


def _fitting(within: str) -> dict[tuple[str, str, int], int]:
    """A table of counts that fits every sourced figure, the cities of a province included.

    Of all such tables one that lies close to an even one, by the sum of the absolute distances.
    """
    problem = build(tables.load_all(), within=within)
    cells = list(problem.counts.cells)
    model = problem.counts._model()
    cost = {}
    for column, aim in enumerate(_aims(cells, dict(problem.totals))):
        gap, wanted = model.column(), round(aim)
        model.row({gap: 1, column: -1}, -wanted, None)
        model.row({gap: 1, column: 1}, wanted, None)
        cost[gap] = 1
    point = model.minimise(cost, 20).point
    assert point is not None
    return dict(zip(cells, map(int, point), strict=False))


def _coined(number: int) -> str:
    """Four signs that differ in most places between neighbouring numbers."""
    size = len(_SIGNS)
    # A step that shares no factor with the number of names visits each of them once.
    rest, signs = number * 337_231 % size**4, []
    for _ in range(4):
        rest, sign = divmod(rest, size)
        signs.append(_SIGNS[sign])
    return "".join(signs)


def _shares(
    rng: np.random.Generator, total: int, cities: list[str], known: dict[str, int]
) -> list[tuple[str | None, int]]:
    """How many firms of a province lie in each city; known counts are kept."""
    if not cities:
        return [(None, total)]
    rest = total - sum(known.values())
    others = [city for city in cities if city not in known]
    if not others:
        # Counties of their own belong to no city.
        return [*known.items(), *([(None, rest)] if rest else [])]
    drawn = rng.multinomial(rest, rng.dirichlet(np.ones(len(others))))
    return [*known.items(), *zip(others, map(int, drawn), strict=True)]


def make_truth(within: str = "210000", seed: int = 20231231) -> Truth:
    """Coin the firms of five batches.

    Parameters
    ----------
    within : str
        Code of the province whose cities obey what is known of them too.
    seed : int

    Returns
    -------
    Truth
    """
    rng, cells, places = np.random.default_rng(seed), _fitting(within), tables.load("places")
    units = places[places["level"] != "prefecture"]
    home = places[places["level"] == "prefecture"].groupby("province_id")["place_id"].apply(list)
    plan = set(places.loc[places["plan_city"].astype(bool), "place_id"])
    short = dict(zip(places["place_id"], places["name_zh"], strict=True))
    rows, number = [], 0
    for batch in BATCHES:
        serial = 0
        for unit in units["place_id"]:
            total = cells[basis_of(batch), unit, batch]
            cities = home.get(unit, [])
            known = {
                city: cells[basis_of(batch), city, batch] for city in cities
                if (basis_of(batch), city, batch) in cells
            }  # fmt: skip
            counted = _shares(rng, total, cities, known)
            # A plan city is listed apart, after its province.
            for city, n in sorted(counted, key=lambda pair: pair[0] in plan):
                for _ in range(n):
                    serial, number = serial + 1, number + 1
                    name = (
                        f"{short[city or unit]}合成{_coined(number)}{_GOODS[number % len(_GOODS)]}"
                    )
                    name += "（集团）有限公司" if number % 53 == 0 else "有限公司"
                    rows.append((batch, serial, name, city if city in plan else unit, unit, city))
    columns = ["batch", "serial", "name", "unit_id", "province_id", "city_id"]
    return Truth(pd.DataFrame(rows, columns=columns))


# -- files -----------------------------------------------------------------------------------------


def _title(batch: int) -> str:
    kind = "公示" if basis_of(batch) == "announced" else "公告"
    signs = "一二三四五"[batch - 1]
    return f"{LABEL}：第{signs}批专精特新“小巨人”企业名单（{kind}）"


def _names() -> dict[str, str]:
    places = tables.load("places")
    return dict(zip(places["place_id"], places["full_name_zh"], strict=True))


def _odd(firms: pd.DataFrame) -> Iterator[tuple[int, str, str]]:
    """Serial number, name and unit with the oddities of print: narrow brackets, traditional signs."""
    full = _names()
    for row in firms.itertuples():
        name = row.name
        if row.serial % 7 == 0:
            name = name.replace("（", "(").replace("）", ")")
        if row.serial % 97 == 0:
            name = name.translate(_TRADITIONAL)
        yield int(row.serial), name, full[row.unit_id]


def write_xlsx(firms: pd.DataFrame, path: Path, headings: bool = True) -> None:
    """Title, then a merged row for each province, or a column of provinces; a note at the end."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    batch = int(firms["batch"].iloc[0])
    sheet.append([_title(batch)])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=3)
    sheet.append(["序号", "企业名称"] if headings else ["序号", "省份", "企业名称"])
    before = ""
    for serial, name, unit in _odd(firms):
        if headings and unit != before:
            before = unit
            sheet.append([unit])
            place = sheet.max_row
            sheet.merge_cells(start_row=place, start_column=1, end_row=place, end_column=2)
        sheet.append([serial, name] if headings else [serial, unit, name])
    sheet.append([f"注：{LABEL}，企业均为虚构。"])
    book.save(path)


def write_csv(firms: pd.DataFrame, path: Path, encoding: str = "gbk") -> None:
    """A column of provinces, in GBK or UTF-8 with a byte-order mark."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([_title(int(firms["batch"].iloc[0])), "", ""])
    writer.writerow(["序号", "省份", "企业名称"])
    writer.writerows((serial, unit, name) for serial, name, unit in _odd(firms))
    path.write_bytes(target.getvalue().encode(encoding))


def write_docx(firms: pd.DataFrame, path: Path, page: int = 40) -> None:
    """Tables of a page each with their heads repeated; headings of provinces merged."""
    from docx import Document

    document = Document()
    document.add_paragraph(_title(int(firms["batch"].iloc[0])))
    every = list(_odd(firms))
    before = ""
    for start in range(0, len(every), page):
        rows: list[tuple[str, ...]] = [("序号", "企业名称")]
        for serial, name, unit in every[start : start + page]:
            if unit != before:
                before = unit
                rows.append((unit,))
            rows.append((str(serial), name.translate(_WIDE)))
        table = document.add_table(rows=len(rows), cols=2)
        cells = table._cells
        for place, row in enumerate(rows):
            if len(row) == 1:
                cells[2 * place].merge(cells[2 * place + 1]).text = row[0]
                continue
            cells[2 * place].text, cells[2 * place + 1].text = row
        document.add_paragraph("")
    document.add_paragraph(f"注：{LABEL}，企业均为虚构。")
    document.save(str(path))


def write_pdf(firms: pd.DataFrame, path: Path, page: int = 42) -> None:
    """Ruled tables with repeated heads, page numbers, and radicals for some signs as PDFs have them."""
    import zhplot
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    font = next(Path(zhplot.__file__).parent.rglob("NotoSansSC-Regular.ttf"))
    pdfmetrics.registerFont(TTFont("Noto", str(font)))
    canvas = Canvas(str(path), pagesize=A4, invariant=1)
    every, height = list(_odd(firms)), 17.0
    edges = (60.0, 110.0, 250.0, 540.0)
    for number, start in enumerate(range(0, len(every), page), start=1):
        y = A4[1] - 60
        if number == 1:
            canvas.setFont("Noto", 11)
            canvas.drawString(edges[0], y + 22, _title(int(firms["batch"].iloc[0])))
        canvas.setFont("Noto", 8.5)
        rows = [("序号", "省份", "企业名称")]
        rows += [(str(serial), unit, name.translate(_RADICALS))
                 for serial, name, unit in every[start : start + page]]  # fmt: skip
        canvas.grid(edges, [y - height * line for line in range(len(rows) + 1)])
        for line, row in enumerate(rows):
            for left, text in zip(edges, row, strict=False):
                canvas.drawString(left + 4, y - height * (line + 1) + 5, text)
        canvas.drawCentredString(A4[0] / 2, 20, f"- {number} -")
        canvas.showPage()
    canvas.save()


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".xlsx": write_xlsx, ".csv": write_csv, ".docx": write_docx, ".pdf": write_pdf,
}  # fmt: skip


def write_lists(truth: Truth, folder: Path) -> dict[int, Path]:
    """A list for each batch, each as another kind of file.

    Parameters
    ----------
    truth : Truth
    folder : Path

    Returns
    -------
    dict of int to Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for batch in BATCHES:
        firms = truth.firms[truth.firms["batch"] == batch]
        path = folder / f"synthetic_batch_{batch}{FORMATS[batch]}"
        if batch == 4:
            write_xlsx(firms, path, headings=False)
        else:
            WRITERS[path.suffix](firms, path)
        found[batch] = path
    return found


def write_counts(truth: Truth, data: Path) -> None:
    """The counts of the truth as tables of a study, without any list.

    Parameters
    ----------
    truth : Truth
    data : Path
        Folder of the study's tables.
    """
    source = f"{LABEL}, made-up lists of five batches"
    for name, counts, fixed in (
        ("province_counts", truth.by_province(), {"includes_plan_city": "yes", "as_of": ""}),
        ("city_counts", truth.by_city(),
         {"area_zh": "", "indicator_id": "little_giant", "comparison": "equal", "as_of": "2024"}),
    ):  # fmt: skip
        if name == "city_counts":
            places = tables.load("places")
            home = dict(zip(places["place_id"], places["province_id"], strict=True))
            counts = {key: n for key, n in counts.items() if home[key[0]] == "210000"}
        rows = [
            {"place_id": place, "batch_from": batch, "batch_to": batch, "measure": basis_of(batch),
             "firms_count": n, "source_id": "", "note_en": "", "source": source} | fixed
            for (place, batch), n in counts.items()
        ]  # fmt: skip
        columns = [*tables.schemas()[name].columns, "source"]
        pd.DataFrame(rows)[columns].to_csv(data / f"{name}.csv", index=False)


if __name__ == "__main__":
    for made in write_lists(make_truth(), Path(sys.argv[1])).values():
        print(made)
