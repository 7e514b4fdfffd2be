"""Official lists of firms into a study's folder, with a report on every row."""

from __future__ import annotations

import csv
import gc
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.analysis.duplicates import similar_names
from helpers.analysis.list_counts import Extent, Stated, city_counts, extents, province_counts
from helpers.errors import InputError, ParameterError
from helpers.evidence import tables
from helpers.evidence.lists import entries, heads
from helpers.evidence.lists.entries import COLUMNS, About, Corrections
from helpers.evidence.lists.guard import Limits, ListError
from helpers.evidence.lists.industries import Industries
from helpers.evidence.lists.localities import Gazetteer
from helpers.evidence.lists.parse import DOUBTFUL, TAKEABLE, Listing, parse, serial_gaps
from helpers.evidence.lists.readers import rows_of
from helpers.publish.files import write_all
from helpers.publish.import_report import markdown, summary
from helpers.publish.workbook import is_formula_like
from helpers.run.folder import read_yaml, study_language
from helpers.run.parameters import LIST_BASES

# Rows of a kind that a report tells one by one.
MANY = 2000
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Options:
    """What ``study import`` was asked for.

    Parameters
    ----------
    files : tuple of Path
    into : Path
        Folder of the study.
    batch : int or None
    mixed : bool
        Whether a column of batches may name several.
    basis : str or None
    source : str or None
        Where the list was published, in free text.
    province : str or None
        Province of a list that does not say it.
    expected : int or None
        Number of firms that was announced for all files together.
    expected_of : mapping of str to int
        The same for single lists, by their ids; they are no part of ``expected``.
    grade : str
    date : str or None
        ISO day of the list.
    language : str
        Of the summary, ``en`` or ``zh``; empty for that of the study.
    """

    files: tuple[Path, ...]
    into: Path
    batch: int | None = None
    mixed: bool = False
    basis: str | None = None
    source: str | None = None
    province: str | None = None
    expected: int | None = None
    grade: str = "C"
    date: str | None = None
    expected_of: Mapping[str, int] = field(default_factory=dict)
    language: str = ""


@dataclass(frozen=True)
class Tools:
    """What places and industries are looked up with, what was decided by hand, the study's province."""

    gazetteer: Gazetteer
    industries: Industries
    corrections: Corrections
    home: str = ""


def list_id_of(path: Path) -> str:
    """Identifier of a list, from its file's name: safe in paths, ids and formulas.

    Examples
    --------
    >>> list_id_of(Path("x/Batch 5, final.XLSX")), list_id_of(Path("第五批名单.pdf"))
    ('batch-5-final', 'list-0ab8620a')
    """
    stem = path.stem.lower()
    slug = _SLUG.sub("-", stem).strip("-")[:40].strip("-")
    if stem.isascii() and slug:
        return slug
    return f"{slug or 'list'}-{zlib.crc32(path.stem.encode('utf-8', 'replace')):08x}"


def _tools(into: Path) -> Tools:
    frames = tables.load_all()
    gazetteer = Gazetteer(frames["places"], frames["counties"])
    industries = Industries(frames["industry_classes"], frames["industry_words"])
    review = into / "review"
    made = Corrections(
        entries.read_places(review / "places.csv", gazetteer),
        entries.read_industries(review / "industries.csv", industries.section),
        entries.read_repeated(review / "duplicates.csv"),
        entries.read_taken(review / "rows.csv"),
    )
    return Tools(gazetteer, industries, made, _study_province(into, gazetteer))


def _batch(path: Path, listing: Listing, options: Options) -> int | None:
    """Batch for entries that name none; several batches in one list must be meant."""
    stated = {int(str(batch)) for batch in listing.columns["batch"] if batch is not None}
    if len(stated) > 1 and not options.mixed:
        named = ", ".join(map(str, sorted(stated)))
        raise ListError(
            f"{path.name}: the list mixes batches {named}. Split it, or add --mixed-batches if each row or "
            "title says its batch."
        )
    if options.batch is not None and stated - {options.batch}:
        raise ListError(
            f"{path.name}: --batch {options.batch}, but the list says batch {min(stated - {options.batch})}. "
            "Correct the option or name the right file."
        )
    return options.batch


def _basis(path: Path, listing: Listing, options: Options) -> str:
    if options.basis:
        return options.basis
    found = {heads.basis_in(text) for text in listing.titles} - {""}
    if len(found) == 1:
        return found.pop()
    raise ListError(
        f"{path.name}: the list does not say whether it was announced for objections (公示) or certified (公告). "
        "Add --basis announced or --basis certified."
    )


def _programme(path: Path, listing: Listing) -> None:
    """Refuse a list of another programme than the little giants, whose counts are made here."""
    if listing.undivided:
        raise ListError(
            f"{path.name}, title {listing.undivided[:80]!r}: it names firms of a new batch and firms that passed a "
            "review (复核), and nothing below says which are which. Give each part its own title, as in 第四批…名单 "
            "and 复核通过…名单, or delete the firms that were reviewed and the words on them in the title."
        )
    other = heads.other_programme(listing.titles)
    if other:
        raise ListError(
            f"{path.name}: its title speaks of {other} and not of “小巨人”. The firms of an import are counted as "
            "little giants: name the list of these, or enter the counts of the others in table city_counts."
        )


def _province_text(options: Options, known: Gazetteer) -> str:
    """Full name of the province, or city with separate planning, the user named; empty for none."""
    text = options.province or ""
    province, city = ("", text) if text in known.plan else known.from_list(text)
    if city in known.plan:
        return known.full[city]
    place = text if text in known.level else province
    if text and not place:
        raise ParameterError(f"--province {text}: no province has this Chinese name or code.")
    return known.full[known.province_of[place]] if place else ""


def _check_home(path: Path, rows: Sequence[Sequence[Any]], tools: Tools) -> None:
    """Refuse a list none of whose firms is in the study's province, unless the user named another."""
    known, home = tools.gazetteer, tools.home
    places = Counter(str(row[8]) for row in rows if row[8])
    if not home or home in places or places.total() * 2 < len(rows):
        return
    other, n = places.most_common(1)[0]
    named = known.full.get(other, other)
    raise ListError(
        f"{path.name}: the list is of another province than the study: {n} of {len(rows)} entries are in {named}, "
        f"none in {known.full[home]}. Name the right file, or add --province {named} if its counts shall join the "
        "study."
    )


def _other_province(
    path: Path, rows: Sequence[Sequence[Any]], options: Options, known: Gazetteer
) -> str:
    """Code of the province the user named; a list of another province is refused."""
    province, _ = known.from_list(_province_text(options, known))
    places = Counter(str(row[8]) for row in rows if row[8])
    # Where the list says no province the user's was taken: then the names must not speak for others.
    told = Counter(known.from_name(str(row[7]), "")[0] for row in rows)
    del told[""]
    if told[province] * 2 < told.total() and told[province] < max(told.values()):
        places = told
        del places[province]
    if places and province not in places:
        other, n = places.most_common(1)[0]
        raise ListError(
            f"{path.name}: --province {options.province}, but the list is of another province: {n} of "
            f"{len(rows)} entries are in {known.full.get(other, other)}. Correct the option or name the right file."
        )
    return province


def _title(path: Path, listing: Listing, options: Options) -> str:
    titles = sorted(listing.titles.values(), key=lambda text: ("名单" not in text, -len(text)))
    text = options.source or (titles[0] if titles else path.stem)
    return " ".join(text.split())[:300].strip().lstrip("=+-@")


@dataclass(frozen=True)
class Imported:
    """One list that was read."""

    list_id: str
    path: Path
    rows: list[list[Any]]
    report: dict[str, Any]
    source: list[str]


def read_list(path: Path, options: Options, tools: Tools, limits: Limits | None = None) -> Imported:
    """Read one list; nothing is written.

    Parameters
    ----------
    path : Path
    options : Options
    tools : Tools
    limits : Limits or None

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        The file, or what it says, cannot be used.
    """
    known = tools.gazetteer
    with rows_of(path, limits) as rows:
        listing = parse(rows, known.headings, tools.corrections.taken.get(list_id_of(path), {}))
    if not listing.rows_read:
        raise ListError(
            f"{path.name}: the file is empty, it holds no text. Name the file of a list."
        )
    if not len(listing) and listing.reasons["review"]:
        raise ListError(
            f"{path.name}: it lists firms that passed a review (复核) alone. They are no batch of their own and were "
            "counted with an earlier one. Name the list of a new batch."
        )
    if not len(listing):
        raise ListError(
            f"{path.name}: no firm was found in {listing.rows_read} rows. A list has a column of names headed "
            "企业名称, or names that end in 公司, 厂 and the like."
        )
    _programme(path, listing)
    list_id = list_id_of(path)
    source_id = f"LIST-{list_id}"
    batch, basis = _batch(path, listing, options), _basis(path, listing, options)
    about = About(list_id, batch, basis, source_id, _province_text(options, known))
    try:
        made = entries.make_rows(listing, about, known, tools.industries, tools.corrections)
    except ListError as error:
        raise ListError(f"{path.name}, {error}") from error
    if options.province:
        _other_province(path, made, options, known)
    else:
        _check_home(path, made, tools)
    date = options.date or next(filter(None, map(heads.date_in, listing.titles)), "")
    title = _title(path, listing, options)
    report = _report(path, listing, made, about, options, date)
    source = [source_id, title, title, date, "own", options.grade]
    return Imported(list_id, path, made, report, source)


def _report(
    path: Path,
    listing: Listing,
    rows: Sequence[Sequence[Any]],
    about: About,
    options: Options,
    date: str,
) -> dict[str, Any]:
    """Everything that a reader has to know of a list, as plain data."""
    gaps = serial_gaps(listing.columns["serial"])
    return {
        "list_id": about.list_id,
        "file": path.name,
        "basis": about.basis,
        "date": date,
        "batches": {str(b): n for b, n in sorted(Counter(row[4] for row in rows).items())},
        "titles": list(listing.titles.values()),
        "source": options.source,
        "rows_read": listing.rows_read,
        "entries": len(rows),
        "dropped": dict(sorted(listing.reasons.items())),
        "dropped_rows": [
            [d.where, d.reason, d.text] for d in listing.dropped if d.reason in DOUBTFUL
        ][:MANY]
        + [[d.where, d.reason, d.text] for d in listing.dropped if d.reason not in DOUBTFUL][:MANY],
        "names_joined": listing.joined,
        "provinces_carried_down": listing.filled,
        "headings": [list(item) for item in listing.headings],
        "totals_printed": listing.totals,
        "serial_missing": [list(gap) for gap in gaps.missing[:MANY]],
        "serial_missing_count": sum(last - first + 1 for first, last in gaps.missing),
        "serial_repeated": list(gaps.repeated[:MANY]),
        "serial_sequences": gaps.sequences,
        "unnumbered": gaps.unnumbered,
        "places": dict(Counter(row[11] for row in rows)),
        "cities": dict(Counter(row[12] for row in rows)),
        "industries": dict(Counter(row[15] for row in rows)),
        "expected": options.expected_of.get(about.list_id, options.expected),
        "expected_lists": _together(options, about.list_id),
    }


def _together(options: Options, list_id: str) -> list[str]:
    """Lists that the number of firms stated for a list is of."""
    if list_id in options.expected_of:
        return [list_id]
    return sorted(set(map(list_id_of, options.files)) - set(options.expected_of))


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the search for reference cycles, which a million rows make long and which has nothing to find."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


# -- the folder --------------------------------------------------------------------------------------


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file in one step; no cell begins like a formula."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.part")
    with staged.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    staged.replace(path)


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and is_formula_like(value) else value


def _kept(path: Path, gone: set[str], header: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a user's table that rest on other sources than those imported now."""
    if not path.is_file():
        return list(header), []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        own = next(reader, None) or list(header)
        if "source_id" not in own:
            raise InputError(f"{path}, row 1: the column source_id is missing. Add it.")
        column = own.index("source_id")
        rows = [
            row
            for row in reader
            if any(row) and not set(row[column].split(";") if column < len(row) else ()) & gone
        ]
    for name in header:
        if name not in own:
            own.append(name)
            rows = [[*row, ""] for row in rows]
    return own, rows


def _merge(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], gone: set[str]
) -> None:
    own, kept = _kept(path, gone, tables.schemas()[path.stem].columns)
    place = {name: k for k, name in enumerate(header)}
    fresh = [[row[place[name]] if name in place else "" for name in own] for row in rows]
    _write_rows(path, own, [*kept, *fresh])


def _firms(into: Path, new: Sequence[Imported]) -> tuple[list[list[Any]], set[str]]:
    """All entries of the folder, those imported now in place of earlier ones of the same lists."""
    gone = {item.source[0] for item in new}
    own, kept = _kept(into / "data" / "firm_list.csv", gone, COLUMNS)
    order = [own.index(name) for name in COLUMNS]
    rows: list[list[Any]] = [[row[k] if k < len(row) else "" for k in order] for row in kept]
    for item in new:
        rows += item.rows
    return rows, gone | {str(row[-1]) for row in rows}


def _frame(rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """The columns that counting and comparing need."""
    wanted = ("list_id", "entry", "batch", "basis", "name", "province_id", "city_id", "city_rule", "counted",
              "source_id")  # fmt: skip
    columns = {}
    for name in wanted:
        at = COLUMNS.index(name)
        values = [row[at] for row in rows]
        if name in ("entry", "batch"):
            columns[name] = pd.Series([int(value) for value in values], dtype="int64")
        else:
            columns[name] = pd.Series(values, dtype="str")
    frame = pd.DataFrame(columns)
    frame["counted"] = frame["counted"] == "true"
    for name in ("province_id", "city_id"):
        frame[name] = frame[name].mask(frame[name] == "")
    return frame


def _reports(into: Path, new: Sequence[Imported]) -> list[dict[str, Any]]:
    """Reports of the lists imported before and now, those of now last."""
    found = []
    for path in sorted((into / "imports").glob("*.report.json")):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise InputError(
                f"{path}: is no report of an import. Delete it and import its list again."
            ) from error
    names = {item.list_id for item in new}
    return [report for report in found if report.get("list_id") not in names] + [
        item.report for item in new
    ]


def _expected() -> dict[tuple[int, str], list[int]]:
    """Announced totals of the nation by batch and basis."""
    batches = tables.load("batches")
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in batches.itertuples():
        basis = {"announced": "announced", "certified": "certified", "final_list": "certified"}.get(
            row.measure
        )
        if basis and str(row.batch).isdigit():
            found[int(row.batch), basis].append(int(row.firms_count))
    return dict(found)


def _stated(reports: Sequence[Mapping[str, Any]]) -> list[Stated]:
    """Numbers of firms that the user gave; one for several lists counts while all of them have it."""
    said: dict[Stated, set[str]] = defaultdict(set)
    for report in reports:
        if report.get("expected") and len(report["batches"]) == 1:
            lists = frozenset(report.get("expected_lists") or [report["list_id"]])
            batch = int(next(iter(report["batches"])))
            item = Stated(batch, report["basis"], lists, int(report["expected"]))
            said[item].add(report["list_id"])
    return [item for item, by in said.items() if by == item.lists]


def _unsaid(
    rows: Sequence[Sequence[Any]], reports: Sequence[Mapping[str, Any]], known: Gazetteer
) -> set[str]:
    """Lists that do not say of which province they are: in a row, a heading, a title or their name."""
    rule, home = COLUMNS.index("place_rule"), COLUMNS.index("province_id")
    homes: dict[str, set[str]] = defaultdict(set)
    said = set()
    for row in rows:
        homes[row[0]].add(row[home])
        if row[rule] == "list":
            said.add(row[0])
    for report in reports:
        texts = " ".join([*report["titles"], report["file"], report.get("source") or ""])
        named = {place for name, place in known.provinces.items() if name in texts}
        if named & homes[report["list_id"]]:
            said.add(report["list_id"])
    return set(homes) - said


def _check_expected(options: Options, new: Sequence[Imported]) -> None:
    """Refuse a number of firms that is not of one batch and basis."""
    for item in new:
        if item.report["expected"] and len(item.report["batches"]) > 1:
            raise ParameterError(
                f"--expected {item.report['expected']}: {item.path.name} is of several batches, each of which has its "
                "own number. Split the list by batch, or leave the option out."
            )
    lists = [item for item in new if item.list_id not in options.expected_of]
    if options.expected is not None and not lists:
        raise ParameterError(
            f"--expected {options.expected}: each file has a number of its own, so that none is left for this one to "
            "be the total of. Leave it out."
        )
    kinds = {(tuple(item.report["batches"]), item.report["basis"]) for item in lists}
    if options.expected is not None and len(kinds) > 1:
        raise ParameterError(
            f"--expected {options.expected}: the files are of several batches or of both bases, so that one number "
            f"cannot be meant for all. Say it for each: --expected {lists[0].path.name}=N."
        )


def _years(into: Path, new: Sequence[Imported]) -> dict[tuple[int, str], str]:
    """Date of each batch and basis: the list's own, else the year of the batch."""
    batches = tables.load("batches")
    # A review of a batch comes years after its list.
    lists = batches["measure"].isin(("announced", "certified", "final_list"))
    plain = batches[batches["batch"].str.isdigit() & lists]
    found = {
        (int(row.batch), basis): str(int(row.year))
        for row in plain.itertuples()
        for basis in LIST_BASES
    }
    for report in _reports(into, new):
        for batch in report["batches"]:
            if report["date"]:
                found[int(batch), report["basis"]] = report["date"]
    return found


def _study_province(into: Path, known: Gazetteer) -> str:
    path = into / "parameters.yml"
    if not path.is_file():
        return ""
    text = str(read_yaml(path, str(path)).get("province", ""))
    return known.province_of.get(text, "") or known.from_list(text)[0]


def _duplicates(firms: pd.DataFrame) -> tuple[list[list[Any]], int]:
    """Pairs of entries with the same name or similar ones."""
    rows: list[list[Any]] = []
    first = firms.drop_duplicates("name").reset_index(drop=True)
    groups: dict[str, dict[tuple[int, str], Any]] = {}
    for item in firms[firms.duplicated("name", keep=False)].itertuples(index=False):
        seen = groups.setdefault(item.name, {})
        if seen:
            # The first one of the same batch and basis, if there is one before it.
            earlier = seen.get((item.batch, item.basis)) or next(iter(seen.values()))
            rows.append([_kind(earlier, item), 100.0, *_side(earlier), *_side(item)])
        seen.setdefault((item.batch, item.basis), item)
    pairs, left = similar_names(list(first["name"]))
    for pair in pairs.itertuples(index=False):
        one, two = first.loc[pair.first], first.loc[pair.second]
        kind = "similar" if one.batch == two.batch else "similar_other_batch"
        rows.append([kind, round(pair.score, 1), *_side(one), *_side(two)])
    return rows, left


def _kind(earlier: Any, other: Any) -> str:
    """How a name that occurs twice is told."""
    if earlier.batch != other.batch:
        return "exact_other_batch"
    return "exact" if earlier.basis == other.basis else "exact_other_basis"


def _side(item: Any) -> list[Any]:
    place = item.city_id if isinstance(item.city_id, str) else item.province_id
    return [
        item.list_id,
        item.entry,
        int(item.batch),
        item.basis,
        item.name,
        place if isinstance(place, str) else "",
    ]


_SIDE = ("list_id", "entry", "batch", "basis", "name", "place_id")
_DUPLICATES = ("kind", "score", *(f"{n}_a" for n in _SIDE), *(f"{n}_b" for n in _SIDE), "decision")
_PAIR = ("list_id_a", "entry_a", "name_a", "list_id_b", "entry_b", "name_b")
_PLACES = (
    "list_id",
    "name",
    "row",
    "found_province_id",
    "found_city_id",
    "province",
    "city",
    "county",
)
_INDUSTRIES = ("list_id", "name", "found_division", "found_by", "word", "division")


def _decided(
    path: Path, key: Sequence[str], value: Sequence[str]
) -> dict[tuple[str, ...], list[str]]:
    """What was entered by hand in a review file that is about to be written again."""
    rows = entries.read_review(path, (*key, *value))
    return {
        tuple(row[k] for k in key): [row[v] for v in value]
        for row in rows
        if any(row[v] for v in value)
    }


def _write_reviews(
    into: Path, rows: Sequence[Sequence[Any]], pairs: list[list[Any]], province: str
) -> dict[str, int]:
    """Write what is to be looked at, with what was entered by hand; how many rows have nothing yet."""
    review, at = into / "review", COLUMNS.index
    places, industries = [], []
    hand_places = _decided(
        review / "places.csv", ("list_id", "name"), ("province", "city", "county")
    )
    hand_industries = _decided(review / "industries.csv", ("list_id", "name"), ("division",))
    hand_pairs = _decided(review / "duplicates.csv", _PAIR, ("decision",))
    place_at, by_hand_before = at("province_id"), bool(hand_places or hand_industries)
    for row in rows:
        if not by_hand_before and row[place_at] and row[place_at] != province:
            continue
        key = (str(row[0]), str(row[at("name")]))
        place, city = row[at("province_id")], row[at("city_id")]
        open_city = place == province and row[at("city_rule")] == "unresolved"
        if not place or open_city or key in hand_places:
            by_hand = hand_places.get(key, ["", "", ""])
            found = ["", ""] if key in hand_places else [place, city]
            places.append([*key, row[at("row")], *found, *by_hand])
        sure = row[at("industry_confidence")] == "high" and key not in hand_industries
        if province and place == province and not sure:
            manual = row[at("industry_rule")] == "manual"
            found = (
                ["", "", ""]
                if manual
                else [row[at("industry_code")], row[at("industry_rule")], row[at("industry_word")]]
            )
            industries.append([*key, *found, *hand_industries.get(key, [""])])
    pairs = [
        [*pair, *hand_pairs.get(tuple(str(pair[_DUPLICATES.index(k)]) for k in _PAIR), [""])]
        for pair in pairs
    ]
    for name, header, content in (
        ("places", _PLACES, places), ("industries", _INDUSTRIES, industries), ("duplicates", _DUPLICATES, pairs),
    ):  # fmt: skip
        _write_rows(
            review / f"{name}.csv", header, ([_safe(cell) for cell in row] for row in content)
        )
    return {
        "places": sum(not any(row[-3:]) for row in places),
        "industries": sum(not row[-1] for row in industries),
        "duplicates": sum(not pair[-1] for pair in pairs),
    }


_ROWS = ("list_id", "row", "reason", "text", "name")


def _write_left_out(into: Path, reports: Sequence[Mapping[str, Any]]) -> int:
    """Write the rows that may hold a firm, with the names entered by hand; how many have none yet."""
    path = into / "review" / "rows.csv"
    found = {
        (report["list_id"], where): [reason, text, ""]
        for report in reports
        for where, reason, text in report["dropped_rows"] if reason in TAKEABLE
    }  # fmt: skip
    for list_id, by_row in entries.read_taken(path).items():
        for where, taken in by_row.items():
            # In a list that was corrected another row may stand there, which is to be looked at too.
            if found.get((list_id, where), [taken.reason, taken.text])[1] == taken.text:
                found[list_id, where] = [taken.reason, taken.text, taken.name]
    rows = [[*key, *rest] for key, rest in sorted(found.items())]
    _write_rows(path, _ROWS, ([_safe(cell) for cell in row] for row in rows))
    return sum(not name for *_, name in rows)


def _extent_words(extent: Extent) -> dict[str, Any]:
    return {"batch": extent.batch, "basis": extent.basis, "entries": extent.entries,
            "expected": list(extent.expected), "scope": extent.scope, "lists": list(extent.lists),
            "without_province": extent.without_province, "counts_written": extent.is_usable}  # fmt: skip


def _write_counts(into: Path, firms: pd.DataFrame, reach: list[Extent], gone: set[str],
                  province: str, new: Sequence[Imported]) -> dict[str, int]:  # fmt: skip
    places = tables.load("places")
    by_province = province_counts(firms, places, reach)
    by_city = city_counts(firms, places, reach, province, _years(into, new)) if province else None
    data = into / "data"
    written = {"province_counts": len(by_province)}
    for name, frame in (("province_counts", by_province), ("city_counts", by_city)):
        if frame is None:
            continue
        plain = frame.astype(object).where(frame.notna(), "")
        _merge(data / f"{name}.csv", list(frame.columns), plain.values.tolist(), gone)
        written[name] = len(frame)
    return written


def run_import(options: Options, say: Any = print) -> list[dict[str, Any]]:
    """Import lists into a study's folder.

    Parameters
    ----------
    options : Options
    say : callable
        Takes the lines of the summary.

    Returns
    -------
    list of dict
        The report of each list.

    Raises
    ------
    InputError
        A list, an option or the folder cannot be used; then nothing is written.
    """
    into = options.into
    if into.exists() and not into.is_dir():
        raise InputError(f"--into {into}: this is a file. Name a folder.")
    ids = Counter(map(list_id_of, options.files))
    twice = [name for name, n in ids.items() if n > 1]
    if twice:
        raise InputError(f"two files would be list {twice[0]}. Give them different names.")
    tools = _tools(into)
    with _without_collection():
        new = [read_list(path, options, tools) for path in options.files]
        _check_expected(options, new)
        rows, gone = _firms(into, new)
        firms = _frame(rows)
        reports = _reports(into, new)
        unsaid = _unsaid(rows, reports, tools.gazetteer)
        reach = extents(firms, _expected(), _stated(reports), tools.gazetteer.plan, unsaid)
        pairs, left = _duplicates(firms)
        return _write_all(options, new, rows, firms, reach, pairs, left, tools.home, gone, say)


def _write_all(options: Options, new: list[Imported], rows: list[list[Any]], firms: pd.DataFrame,
               reach: list[Extent], pairs: list[list[Any]], left: int, province: str, gone: set[str],
               say: Any) -> list[dict[str, Any]]:  # fmt: skip
    into = options.into
    data = into / "data"
    data.mkdir(parents=True, exist_ok=True)
    _write_rows(data / "firm_list.csv", COLUMNS, rows)
    header = ("source_id", "title", "publisher", "published", "access", "grade")
    fresh = [item.source for item in new]
    _merge(data / "sources.csv", header, fresh, {row[0] for row in fresh})
    written = _write_counts(into, firms, reach, gone, province, new)
    review = _write_reviews(into, rows, pairs, province)
    review["rows"] = _write_left_out(into, _reports(into, new))
    kinds = Counter(pair[0] for pair in pairs)
    reports = []
    for item in new:
        batches = {int(batch) for batch in item.report["batches"]}
        report = item.report | {
            "duplicates": dict(kinds), "long_names_not_compared": left, "review": review,
            "tables": written,
            "extent": [
                _extent_words(e) for e in reach
                if e.batch in batches and e.basis == item.report["basis"] and item.list_id in e.lists
            ],
        }  # fmt: skip
        _write_report(into / "imports", item.list_id, report)
        reports.append(report)
    # Told at the end: whoever listens may stop listening.
    language = options.language or study_language(into)
    for report in reports:
        for line in summary(report, language):
            say(line)
    return reports


def _write_report(folder: Path, list_id: str, report: dict[str, Any]) -> None:
    texts = {
        "json": json.dumps(report, ensure_ascii=False, indent=1) + "\n",
        "md": "\n".join(markdown(report)) + "\n",
    }
    write_all({folder / f"{list_id}.report.{name}": text.encode() for name, text in texts.items()})
