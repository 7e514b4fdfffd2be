"""Rows of table ``firm_list`` out of a list, and the corrections that were made by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpers.errors import InputError
from helpers.evidence.lists.guard import ListError
from helpers.evidence.lists.industries import Industries, Industry
from helpers.evidence.lists.localities import Found, Gazetteer
from helpers.evidence.lists.parse import TEXTS, Listing, Taken
from helpers.evidence.lists.text import normal_name, tidy

COLUMNS = (
    "list_id", "entry", "row", "serial", "batch", "basis", "name_printed", "name", "province_id",
    "city_id", "county_text", "place_rule", "city_rule", "industry_code", "industry_section",
    "industry_rule", "industry_word", "industry_confidence", "counted", "source_id",
)  # fmt: skip
BATCHES = range(1, 8)
Key = tuple[str, str]


@dataclass(frozen=True)
class About:
    """What is known of a list beside its rows.

    Parameters
    ----------
    list_id : str
    batch : int or None
        For entries whose rows and titles name none.
    basis : str
    source_id : str
    province_text : str
        Province of entries whose rows and headings name none; empty for none.
    """

    list_id: str
    batch: int | None
    basis: str
    source_id: str
    province_text: str = ""


@dataclass
class Corrections:
    """Decisions made by hand in the review files.

    Parameters
    ----------
    places : mapping of (list_id, name) to Found
    industries : mapping of (list_id, name) to division
    repeated : set of (list_id, entry, name)
        Entries that repeat another one of the same batch and basis.
    taken : mapping of list_id to mapping of row to Taken
        Rows that were left out and hold a firm nevertheless.
    """

    places: dict[Key, Found] = field(default_factory=dict)
    industries: dict[Key, str] = field(default_factory=dict)
    repeated: set[tuple[str, str, str]] = field(default_factory=set)
    taken: dict[str, dict[str, Taken]] = field(default_factory=dict)


def make_rows(
    listing: Listing, about: About, gazetteer: Gazetteer, industries: Industries, made: Corrections
) -> list[list[object]]:
    """One row of :data:`COLUMNS` for each entry.

    Parameters
    ----------
    listing : Listing
    about : About
    gazetteer : Gazetteer
    industries : Industries
    made : Corrections
        They win over every rule.

    Returns
    -------
    list of list
        Empty text for what is not known.

    Raises
    ------
    ListError
        An entry has no batch, or one that does not exist.
    """
    names = ("where", "serial", "name_printed", *TEXTS)
    rows = []
    for k, line in enumerate(zip(*(listing.columns[name] for name in names), strict=True), start=1):
        where, serial, printed, *texts, batch = line
        name = normal_name(str(printed))
        number = about.batch if batch is None else batch
        if number not in BATCHES:
            raise _batch_error(number, str(where))
        found = _find(name, [str(text) for text in texts], about, gazetteer, industries, made)
        counted = not made.repeated or (about.list_id, str(k), name) not in made.repeated
        rows.append([
            about.list_id, k, where, "" if serial is None else serial, number, about.basis, printed,
            name, *found, "true" if counted else "false", about.source_id,
        ])  # fmt: skip
    return rows


def _find(
    name: str, texts: Sequence[str], about: About, gazetteer: Gazetteer, industries: Industries,
    made: Corrections,
) -> tuple[str, ...]:  # fmt: skip
    """Place and industry of an entry, as they stand in its row."""
    province, city, county, address, credit, code, field_text = texts
    key = (about.list_id, name)
    place = made.places.get(key) if made.places else None
    if place is None:
        province = province or about.province_text
        place = gazetteer.find(province, city, county, credit, address, name)
    division = made.industries.get(key, "") if made.industries else ""
    if division:
        industry = Industry(division, industries.section.get(division, ""), "manual", "", "high")
    else:
        industry = industries.find(code, field_text, name)
    return (
        place.province_id, place.city_id, place.county, place.rule, place.city_rule,
        industry.code, industry.section, industry.rule, industry.word, industry.confidence,
    )  # fmt: skip


def _batch_error(number: object, where: str) -> ListError:
    if number is None:
        return ListError(
            f"{where}: neither the list nor --batch says which batch it is. Add --batch N."
        )
    return ListError(
        f"{where}: batch {number} does not exist, batches are 1 to {BATCHES[-1]}. Correct it."
    )


def read_review(path: Path, needed: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a review file, as UTF-8 or as a spreadsheet program saves it in China.

    Parameters
    ----------
    path : Path
    needed : tuple of str
        Columns.

    Returns
    -------
    list of dict of column to text
        Without gaps at the ends and the apostrophe that keeps a cell from being a formula; empty
        where there is no file.

    Raises
    ------
    InputError
        The text is of neither encoding, or a column is missing.
    """
    if not path.is_file():
        return []
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(f"{path}: the text is neither UTF-8 nor GBK. Save it as CSV UTF-8.")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    absent = [name for name in needed if name not in (reader.fieldnames or ())]
    if absent:
        raise InputError(
            f"{path}: the column {absent[0]} is missing. Restore it, or delete the file to have it written anew."
        )
    return [
        {name: (value or "").strip().lstrip("'") for name, value in row.items() if name}
        for row in reader
    ]


def read_places(path: Path, gazetteer: Gazetteer) -> dict[Key, Found]:
    """Places that were entered by hand in ``review/places.csv``.

    Parameters
    ----------
    path : Path
        Columns list_id, name, province, city, county; blank rows of the last three are not decided.
    gazetteer : Gazetteer

    Returns
    -------
    dict of (list_id, name) to Found

    Raises
    ------
    InputError
        A name of a place is not known, or its city is not in its province.
    """
    found = {}
    needed = ("list_id", "name", "province", "city", "county")
    for number, row in enumerate(read_review(path, needed), start=2):
        if not (row["province"] or row["city"]):
            continue
        province, city = _by_hand(row["province"], gazetteer)
        if row["city"]:
            named = gazetteer.city_within(province, row["city"]) if province else ""
            within, city = (province, named) if named else _by_hand(row["city"], gazetteer)
            if not city or (province and within != province):
                raise _unknown(path, number, "city", row["city"])
            province = within
        elif not province:
            raise _unknown(path, number, "province", row["province"])
        rules = ("manual", "manual" if city else "unresolved")
        found[row["list_id"], row["name"]] = Found(province, city, row["county"], *rules)
    return found


def _by_hand(text: str, gazetteer: Gazetteer) -> tuple[str, str]:
    if text in gazetteer.level:
        prefecture = gazetteer.level[text] == "prefecture"
        return gazetteer.province_of[text], text if prefecture else ""
    return gazetteer.from_list(text) if text else ("", "")


def _unknown(path: Path, number: int, column: str, value: str) -> InputError:
    return InputError(
        f"{path}, row {number}, column {column}, value {value!r}: no such place (in its province). Write its "
        "full Chinese name or its GB/T 2260 code as in table places."
    )


def read_industries(path: Path, known: Mapping[str, str]) -> dict[Key, str]:
    """Divisions that were entered by hand in ``review/industries.csv``.

    Parameters
    ----------
    path : Path
        Columns list_id, name, division; blank divisions are not decided.
    known : mapping of class to section
        Classes of GB/T 4754-2017.

    Returns
    -------
    dict of (list_id, name) to division

    Raises
    ------
    InputError
        A division is not one of GB/T 4754-2017.
    """
    found = {}
    for number, row in enumerate(read_review(path, ("list_id", "name", "division")), start=2):
        code = row["division"]
        if code and (code not in known or not code.isdigit()):
            raise InputError(
                f"{path}, row {number}, column division, value {code!r}: no such division. Write two digits of "
                "GB/T 4754-2017 as in table industry_classes."
            )
        if code:
            found[row["list_id"], row["name"]] = code
    return found


def read_repeated(path: Path) -> set[tuple[str, str, str]]:
    """Entries that ``review/duplicates.csv`` calls the same firm as another of their batch.

    Raises
    ------
    InputError
        A decision is neither ``same`` nor ``different``.
    """
    found = set()
    needed = ("kind", "list_id_b", "entry_b", "name_b", "decision")
    for number, row in enumerate(read_review(path, needed), start=2):
        if row["decision"] not in ("", "same", "different"):
            raise InputError(
                f"{path}, row {number}, column decision, value {row['decision']!r}: write same, different, or "
                "leave it blank."
            )
        if row["decision"] == "same" and not row["kind"].endswith("other_batch"):
            # With its name: in a list that was corrected the number may be another firm's.
            found.add((row["list_id_b"], row["entry_b"], row["name_b"]))
    return found


def read_taken(path: Path) -> dict[str, dict[str, Taken]]:
    """Rows in which ``review/rows.csv`` names a firm.

    Returns
    -------
    dict of list_id to dict of row to Taken

    Raises
    ------
    InputError
        A name does not stand in the text of its row.
    """
    found: dict[str, dict[str, Taken]] = {}
    needed = ("list_id", "row", "reason", "text", "name")
    for number, row in enumerate(read_review(path, needed), start=2):
        if not row["name"]:
            continue
        if tidy(row["name"]) not in tidy(row["text"]):
            raise InputError(
                f"{path}, row {number}, column name, value {row['name']!r}: does not stand in the text of the row. "
                "Copy the firm's name from column text, or leave it blank."
            )
        taken = Taken(row["reason"], row["text"], row["name"])
        found.setdefault(row["list_id"], {})[row["row"]] = taken
    return found
