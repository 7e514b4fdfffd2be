"""A list of firms out of rows: every row becomes an entry or is left out for a stated reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, islice

from helpers.evidence.lists import heads
from helpers.evidence.lists.heads import Block
from helpers.evidence.lists.readers import Row
from helpers.evidence.lists.text import tidy, visible

# Rows looked through for a head.
HEAD_ROWS = 300
# Rows at the top of a page where its running head stands.
TOP_ROWS = 2
# Rows left out that are told one by one; all are counted.
TOLD = 20_000
# Reasons that a reader has to look at: a firm may have been lost.
DOUBTFUL = ("unrecognised", "name_missing", "formula")
# Those among them that a user may take in by hand.
TAKEABLE = ("unrecognised", "name_missing")
TEXTS = (
    "province_text", "city_text", "county_text", "address", "credit_code", "industry_code",
    "industry_text", "batch",
)  # fmt: skip


@dataclass(frozen=True)
class Dropped:
    """A row that is no entry.

    Parameters
    ----------
    where : str
        Sheet or page, and row.
    reason : str
    text : str
        Its cells, shortened.
    """

    where: str
    reason: str
    text: str


@dataclass(frozen=True)
class Taken:
    """A row that is left out by rule, and the firm that a user has found in it.

    Parameters
    ----------
    reason : str
    text : str
        Its cells as :class:`Dropped` has them; in a list that was corrected another row may stand there.
    name : str
    """

    reason: str
    text: str
    name: str


def row_text(row: Row) -> str:
    """The cells of a row as it is told when it is left out."""
    return " | ".join(filter(None, (tidy(cell) for cell in row.cells)))[:200]


@dataclass
class Listing:
    """What was read from one file.

    Parameters
    ----------
    columns : dict of str to list
        One item an entry: ``where``, ``serial`` (int or None), ``name_printed``, and the texts of
        :data:`TEXTS`, the last of which is ``batch`` (int or None).
    from_heading : list of bool
        Whether the province came from a heading rather than a column.
    rows_read : int
        Rows with any text.
    dropped : list of Dropped
        At most :data:`TOLD`.
    reasons : Counter
        Rows left out, by reason.
    titles : dict of str to str
        Tidy text of each title, and the text as printed.
    headings : list of (name, stated count or None, entries found)
    totals : list of int
        Numbers in rows of totals.
    undivided : str
        A title of new firms and reviewed ones, below which entries are not told apart; else empty.
    joined, filled : int
        Names put together after a page break; provinces carried down a column.
    """

    columns: dict[str, list[object]] = field(
        default_factory=lambda: {name: [] for name in ("where", "serial", "name_printed", *TEXTS)}
    )
    from_heading: list[bool] = field(default_factory=list)
    rows_read: int = 0
    dropped: list[Dropped] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)
    headings: list[tuple[str, int | None, int]] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    undivided: str = ""
    joined: int = 0
    filled: int = 0

    def __len__(self) -> int:
        return len(self.from_heading)


def where(row: Row) -> str:
    """Where a row stands, for people.

    Examples
    --------
    >>> where(Row("page 3", 12, [])), where(Row("", 5, []))
    ('page 3, row 12', 'line 5')
    """
    return f"{row.sheet}, row {row.number}" if row.sheet else f"line {row.number}"


def paged(row: Row) -> bool:
    """Whether a row stands on a page of print, where page numbers and cut names occur."""
    return row.sheet.startswith(("page ", "document"))


def as_printed(text: str) -> str:
    """A cell as it stands in the file, without signs that no reader sees and needless gaps.

    Examples
    --------
    >>> as_printed(" 某某（集团）  公司")
    '某某（集团） 公司'
    """
    return " ".join(visible(text).split())


class _Reader:
    """Reads the rows of one table after the other; keeps what holds for the rows below."""

    def __init__(
        self, listing: Listing, known: Mapping[str, str], taken: Mapping[str, Taken]
    ) -> None:
        self.listing, self.known, self.taken = listing, known, taken
        self.blocks: list[Block] = []
        self.heading = ""
        self.batch: int | None = None
        self.carried = ""
        self.any_serial = False
        self.part, self.part_title = "", ""

    # -- rows that are no entry ------------------------------------------------------------------

    def drop(self, row: Row, reason: str) -> None:
        """Leave a row out."""
        listing = self.listing
        listing.reasons[reason] += 1
        if len(listing.dropped) < TOLD:
            listing.dropped.append(Dropped(where(row), reason, row_text(row)))

    def title(self, row: Row, text: str) -> None:
        """Take what a title says for the rows below it."""
        again = text in self.listing.titles
        if not again and len(self.listing.titles) < 100:
            self.listing.titles[text] = as_printed(" ".join(filter(None, row.cells[:50])))
        self.batch = heads.batch_of_title(text) or self.batch
        part = heads.part_of(text)
        if part and not (again and self.is_running_head(row, text, part)):
            self.part, self.part_title = part, text
        self.drop(row, "repeated_title" if again else "title")

    def is_running_head(self, row: Row, text: str, part: str) -> bool:
        """Whether a title that stood before is repeated for its page, whatever part the page is of.

        The title of a whole list is. So is one of new firms at the top of a page within the
        reviewed part, unless it speaks of new firms as the title of a part does.
        """
        if part == "mixed":
            return True
        at_top = row.sheet.startswith("page ") and row.number <= TOP_ROWS
        return at_top and self.part == "review" and not heads.begins_part(text)

    def head(self, row: Row, cells: Sequence[str]) -> bool:
        """Take a row as a head, if it is one."""
        blocks = heads.blocks_of(cells)
        if not blocks:
            return False
        again = [block.columns for block in blocks] == [block.columns for block in self.blocks]
        if not again:
            self.carried = ""
        self.blocks = blocks
        self.drop(row, "repeated_header" if again else "header")
        return True

    def single(self, row: Row, text: str, entries_before: bool) -> bool:
        """Deal with a row of one text, unless it may be a firm."""
        found = heads.heading_of(text, self.known)
        if found:
            self.heading, self.carried = found[0], ""
            self.listing.headings.append((found[0], found[1], 0))
            self.drop(row, "province_heading")
            return True
        reason = heads.reason_of(text)
        if reason == "total":
            self.total(row, [text])
        elif reason == "page_number" and text.isdigit() and not paged(row):
            return False
        elif reason:
            self.drop(row, reason)
        elif (
            text in self.listing.titles
            or heads.begins_part(text)
            or (heads.batch_in(text) and not heads.is_firm(text))
            or (not entries_before and not heads.is_firm(text))
        ):
            self.title(row, text)
        elif (len(text) > 30 and not heads.is_firm(text)) or text.endswith(("。", ";", ":")):
            self.drop(row, "note")
        else:
            return False
        return True

    def total(self, row: Row, cells: Sequence[str]) -> None:
        """Keep the numbers of a row of totals."""
        digits = "".join(sign if sign.isdigit() else " " for sign in " ".join(cells)).split()
        self.listing.totals += [int(number) for number in digits if len(number) < 9][:5]
        self.drop(row, "total")

    # -- entries ---------------------------------------------------------------------------------

    def entry(self, row: Row, block: Block, cells: Sequence[str]) -> bool | None:
        """Add the entry of a block; None when it has none, False when it cannot be told."""
        columns, width = block.columns, len(cells)

        def cell(role: str) -> str:
            column = columns.get(role)
            return cells[column] if column is not None and column < width else ""

        name, number = cell("name"), cell("serial")
        serial = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None
        if not name:
            return None if serial is None and not number else False
        if serial is None and self.is_rest(row, name, cell):
            return True
        if name[0] in "=+@" or (name[0] == "-" and len(name) > 1):
            self.drop(row, "formula")
            return True
        if serial is None and not heads.is_firm(name):
            return False
        self.any_serial = self.any_serial or serial is not None
        if serial is not None and self.is_same_entry(row, serial, name):
            self.drop(row, "continued")
            return True
        self.add(row, block, serial, as_printed(row.cells[columns["name"]]), cell)
        return True

    def is_same_entry(self, row: Row, serial: int, name: str) -> bool:
        """Whether a row goes on with the entry above: merged cells repeat its number and name."""
        columns = self.listing.columns
        if not columns["serial"] or columns["serial"][-1] != serial:
            return False
        same_sheet = paged(row) or str(columns["where"][-1]).rpartition(",")[0] == row.sheet
        return same_sheet and tidy(str(columns["name_printed"][-1])) == name

    def is_rest(self, row: Row, name: str, cell: Callable[[str], str]) -> bool:
        """Whether a name goes on that a page break cut; if so it is put together."""
        listing = self.listing
        names = listing.columns["name_printed"]
        if not paged(row) or not names or not self.any_serial:
            return False
        last = tidy(str(names[-1]))
        if heads.is_rest_of_name(name) or (not heads.is_firm(last) and heads.is_firm(last + name)):
            names[-1] = f"{names[-1]}{name}"
            listing.joined += 1
            return True
        return False

    def add(
        self, row: Row, block: Block, serial: int | None, name: str, cell: Callable[[str], str]
    ) -> None:
        """Append an entry to the columns."""
        listing, columns = self.listing, self.listing.columns
        if self.part == "mixed" and not listing.undivided:
            listing.undivided = self.part_title
        province = cell("province_text")
        if province:
            self.carried = province
        elif self.carried and not (cell("city_text") or cell("address")):
            province = self.carried
            listing.filled += 1
        from_heading = not province and bool(self.heading)
        if from_heading:
            province = self.heading
            name_of, stated, count = listing.headings[-1]
            listing.headings[-1] = (name_of, stated, count + 1)
        columns["where"].append(where(row))
        columns["serial"].append(serial)
        columns["name_printed"].append(name)
        columns["province_text"].append(province)
        for role in TEXTS[1:-1]:
            columns[role].append(cell(role) if role in block.columns else "")
        batch = cell("batch") if "batch" in block.columns else ""
        columns["batch"].append(heads.batch_of_cell(batch) if batch else self.batch)
        listing.from_heading.append(from_heading)

    # -- rows ------------------------------------------------------------------------------------

    def is_numbered(self, cells: Sequence[str]) -> bool:
        """Whether a row has a serial number."""
        for block in self.blocks:
            column = block.columns.get("serial")
            if column is not None and column < len(cells) and cells[column].isdigit():
                return True
        return False

    def row(self, row: Row) -> None:
        """Deal with one row."""
        cells = [tidy(cell) for cell in row.cells]
        self.listing.rows_read += 1
        texts = [text for text in cells if text]
        if not texts:
            self.drop(row, "blank")
            return
        is_alone = len({*texts}) == 1
        # A list of names alone has a head of one word, which is no title.
        if is_alone and texts[0].endswith("名称") and self.head(row, cells):
            return
        if is_alone and self.single(row, texts[0], bool(len(self.listing))):
            return
        # Most rows have a number and are not worth a look.
        if not self.is_numbered(cells):
            if any(heads.role_of(text) == "name" for text in cells) and self.head(row, cells):
                return
            if any(text[:2] in ("合计", "总计", "小计", "共计") for text in texts):
                self.total(row, texts)
                return
        if is_alone and heads.is_numbered_heading(texts[0]):
            # Of a place that is not known: what is below it is not of the place above.
            self.heading, self.carried = "", ""
            self.drop(row, "unrecognised")
            return
        if self.part == "review":
            self.drop(row, "review")
            return
        found = [self.entry(row, block, cells) for block in self.blocks]
        if any(found):
            return
        numbered = False in found and not any(
            cells[block.columns["name"]]
            for block in self.blocks
            if block.columns["name"] < len(cells)
        )
        self.drop(row, "name_missing" if numbered else "unrecognised")

    def take(self, row: Row) -> bool:
        """Add the firm that a user has found in a row."""
        taken = self.taken.get(where(row))
        if taken is None or taken.text != row_text(row):
            return False
        self.listing.rows_read += 1
        cells = [tidy(cell) for cell in row.cells]
        block = self.blocks[0] if self.blocks else Block({})

        def cell(role: str) -> str:
            column = block.columns.get(role)
            return cells[column] if column is not None and column < len(cells) else ""

        number = cell("serial")
        serial = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else None
        self.add(row, block, serial, as_printed(taken.name), cell)
        return True


def _by_majority(rows: Sequence[Row]) -> list[Block]:
    """Columns of a list without a head: names are where most texts end as firms' names do."""
    firms: Counter[int] = Counter()
    numbers: Counter[int] = Counter()
    for row in rows:
        for column, cell in enumerate(row.cells):
            text = tidy(cell)
            firms[column] += heads.is_firm(text)
            numbers[column] += text.isascii() and text.isdigit()
    if not firms or max(firms.values()) == 0:
        return []
    name = max(firms, key=lambda column: (firms[column], -column))
    columns = {"name": name}
    serial = [
        column for column in numbers if column < name and numbers[column] >= firms[name] * 0.5
    ]
    if serial:
        columns["serial"] = serial[0]
    return [Block(columns)]


def _place_column(rows: Sequence[Row], block: Block, known: Mapping[str, str]) -> None:
    """Give a block without a head its column of provinces, if most of its cells name places."""
    hits: Counter[int] = Counter()
    for row in rows:
        for column, cell in enumerate(row.cells):
            hits[column] += tidy(cell) in known
    if hits and max(hits.values()) >= max(2, 0.5 * len(rows)):
        column = max(hits, key=lambda key: hits[key])
        if column not in block.columns.values():
            block.columns["province_text"] = column


def _parts(rows: Iterable[Row]) -> Iterator[Iterator[Row]]:
    """Sheets of a workbook one by one; pages and documents, which go on, as a whole."""

    def part(row: Row) -> str:
        return row.sheet if row.sheet and not paged(row) else ""

    for _, several in groupby(rows, key=part):
        yield several


def parse(
    rows: Iterable[Row], known: Mapping[str, str], taken: Mapping[str, Taken] | None = None
) -> Listing:
    """Read a list.

    Parameters
    ----------
    rows : iterable of Row
    known : mapping of name to place
        Names that a heading or a column of places may hold.
    taken : mapping of row to Taken
        Rows that are entries although no rule says so, by :func:`where`.

    Returns
    -------
    Listing
        ``rows_read`` equals the rows left out, the names put together and the rows of entries; a
        row with tables side by side gives several entries.

    Examples
    --------
    >>> rows = [Row("", 1, ["第五批名单"]), Row("", 2, ["序号", "企业名称"]), Row("", 3, ["辽宁省"]),
    ...     Row("", 4, ["1", "某某有限公司"])]
    >>> found = parse(rows, {"辽宁省": "210000"})
    >>> found.columns["name_printed"], found.columns["province_text"], found.columns["batch"]
    (['某某有限公司'], ['辽宁省'], [5])
    """
    listing = Listing()
    reader = _Reader(listing, known, taken or {})
    named = False
    for several in _parts(rows):
        first = list(islice(several, HEAD_ROWS))
        reader.blocks, reader.heading, reader.carried = [], "", ""
        sheet = first[0].sheet if first else ""
        if "复核" in sheet:
            reader.part, reader.part_title, named = heads.part_of(sheet), sheet, True
        elif named:
            # What the name of a sheet says holds for that sheet alone.
            named = False
            if reader.part == "review":
                reader.part, reader.part_title = "", ""
        if not any(heads.blocks_of([tidy(cell) for cell in row.cells]) for row in first):
            reader.blocks = _by_majority(first)
            for block in reader.blocks:
                _place_column(first, block, known)
        for row in chain(first, several):
            if not (taken and reader.take(row)):
                reader.row(row)
    if listing.reasons["review"]:
        # The reviewed firms have a part of their own, so that those before it are the new ones.
        listing.undivided = ""
    return listing


@dataclass(frozen=True)
class Gaps:
    """Faults in the serial numbers of a list.

    Parameters
    ----------
    missing : tuple of (first, last)
        Runs of numbers that do not occur within their sequence.
    repeated : tuple of int
    sequences : int
        A new one begins at each 1.
    unnumbered : int
        Entries without a number in a list that has numbers.
    """

    missing: tuple[tuple[int, int], ...]
    repeated: tuple[int, ...]
    sequences: int
    unnumbered: int


def serial_gaps(serials: Sequence[object]) -> Gaps:
    """Numbers that are missing or repeated; the order within a sequence does not matter.

    Parameters
    ----------
    serials : sequence of int or None

    Returns
    -------
    Gaps

    Examples
    --------
    >>> serial_gaps([1, 2, 5, 1, 2, 2])
    Gaps(missing=((3, 4),), repeated=(2,), sequences=2, unnumbered=0)
    """
    sequences: list[list[int]] = []
    for serial in serials:
        if not isinstance(serial, int):
            continue
        if serial == 1 or not sequences:
            sequences.append([])
        sequences[-1].append(serial)
    missing: list[tuple[int, int]] = []
    repeated: list[int] = []
    for numbers in sequences:
        ordered = sorted(numbers)
        before = 0
        for number in ordered:
            if number == before:
                repeated.append(number)
            elif number > before + 1:
                missing.append((before + 1, number - 1))
            before = number
    none = sum(serial is None for serial in serials) if sequences else 0
    return Gaps(tuple(missing), tuple(repeated), len(sequences), none)
