"""The codebook ``data/README.md``, written from the schemas that check the tables at every load.

``python -m helpers.evidence.codebook`` writes the file, and ``datapackage.json`` beside the data folder;
with ``--check`` it writes nothing and exits with 1 when one of them differs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from helpers.errors import InputError
from helpers.evidence.datapackage import datapackage
from helpers.evidence.schema import Field, TableSchema, read_csv
from helpers.evidence.tables import project_data_dir, reference_of, schemas

_INTRODUCTION = """\
# Codebook

Written by `python -m helpers.evidence.codebook` from the `schema.yml` files beside the tables; do
not edit it by hand. The same schemas check every table each time it is loaded.

## Reading the tables

* **Format.** CSV in UTF-8 with a header, one fact per row, one line per row. Column names carry
  their unit: `_count` (whole numbers), `_pct` (per cent), `_m_cny` and `_100m_cny` (million and
  hundred million yuan, 亿元), `_persons`. Tables of mixed figures have a column `unit` instead.
* **Blanks.** A blank cell means that no source gives the figure. It never means zero, and nothing
  was interpolated. A zero in a table is a zero in its source.
* **Shares are derived.** Tables hold counts and the denominators that belong to them; shares, ranks
  and indices are computed in the notebooks. Percentages that a source prints without a count are
  kept as printed, in a column that says so.
* **Dates** are ISO text, as precise as the source: `2021`, `2021-06` or `2021-06-30`.
* **Places** are keyed by their GB/T 2260 code; table `places` has the names.
* **Types.** *string*: any text. *integer*: up to 18 digits without separators. *number*: digits
  with a decimal point. *boolean*: `true` or `false`. *date*: see above. Cells neither begin nor end
  with white space.
* **Lists.** `source_id` and columns that end in `_ids` may hold several ids, separated by `;`.

## Sources and grades

Each row names its sources by id; table `sources` says who published what and when, and how it was
seen. `STUDY` is the replicated study itself: a figure that has no other source is the study's own
report and cannot confirm it. Grades:

| grade | meaning |
|---|---|
| A | official page, company filing or journal |
| B | named newspaper or agency, or an official text seen in a repost |
| C | aggregator, data dealer, anonymous or machine-made page |

Conflicting figures are kept side by side, each with its source; the notebooks say which they use.

## Bases: announced, certified, stock

| basis | meaning | bears on the others |
|---|---|---|
| announced (公示) | the list put up for objections | at least the certified count, batch 4 excepted |
| certified (公告) | the final list | what recognition means in law |
| stock (有效存量) | titles in force at a date | certified so far, less titles lapsed in reviews by then |

A commercial database counts by a definition of its own. Figures on different bases are not added or
compared without saying so. Five provinces contain a city with separate planning status (计划单列市):
Dalian, Ningbo, Xiamen, Qingdao, Shenzhen. A provincial figure may include or exclude it, which
matters as much as the basis.

## Using your own figures

Put CSV files into a folder of your own and give that folder as the parameter `data_dir`. A file is
named after the table it extends (`places.csv` for table `places`) and has the columns of that table,
in any order; those that are not required may be left out and are then blank. A row whose key stands in
the project's table replaces that row; other rows are added; the project's files stay as they are. To
withdraw a row of the project, copy it, give the reason in a further column `withdrawn` and name your
own source: `study check FOLDER` lists what was withdrawn, why and by whom. Every check of this codebook applies to your rows too, and a
fault is reported with your file, row, column and value. New sources go into your own `sources.csv`,
so that each figure can be cited. A file whose name is no table is an error, since it would otherwise
be ignored.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|") or "–"


def _values(item: Field) -> str:
    """What a column may hold, beyond its type."""
    parts = [", ".join(f"`{value}`" for value in item.enum)] if item.enum else []
    if item.minimum is not None and item.maximum is not None:
        parts.append(f"{item.minimum:.15g} to {item.maximum:.15g}")
    elif item.minimum is not None:
        parts.append(f"at least {item.minimum:.15g}")
    elif item.maximum is not None:
        parts.append(f"at most {item.maximum:.15g}")
    return "; ".join(parts)


def _refers_to(table: TableSchema, item: Field) -> str:
    target = reference_of(table, item)
    return f"`{target}`" if target else ""


def _section(table: TableSchema, file: str, rows: int) -> str:
    lines = [
        f"### `{table.name}` — {table.title_en} ({table.title_zh})",
        "",
        table.description,
        "",
        f"* File: [`{file}`]({file}), {rows:,} rows",
        f"* Key: {', '.join(f'`{name}`' for name in table.key)}",
        f"* Rights: {table.rights}",
        "",
        "| column | type | unit | required | allowed values | refers to | meaning | 含义 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for item in table.fields:
        cells = [
            f"`{item.name}`", item.type, item.unit, "yes" if item.required else "no",
            _values(item), _refers_to(table, item), item.en, item.zh,
        ]  # fmt: skip
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def codebook(schemas: Mapping[str, TableSchema]) -> str:
    """The codebook as Markdown.

    Parameters
    ----------
    schemas : mapping of str to TableSchema
        All tables by name, ``sources`` among them; its folder is the data folder. The files are
        read for their number of rows.

    Returns
    -------
    str
        The same text for the same schemas and files.

    Raises
    ------
    DataError
        A file is missing or cannot be read.

    Examples
    --------
    >>> from helpers.evidence.tables import schemas
    >>> codebook(schemas()).startswith("# Codebook")
    True
    """
    root = schemas["sources"].path.parent
    contents = ["## Tables", "", "| table | holds | 内容 | rows |", "|---|---|---|---|"]
    sections = []
    for name, table in schemas.items():
        rows = len(read_csv(table.path, table))
        sections.append(_section(table, table.path.relative_to(root).as_posix(), rows))
        contents.append(f"| `{name}` | {table.title_en} | {table.title_zh} | {rows:,} |")
    return "\n".join([_INTRODUCTION, *contents, "", *sections])


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: write ``data/README.md`` and ``datapackage.json``, or compare with ``--check``.

    Parameters
    ----------
    arguments : sequence of str or None
        By default those of the process.

    Returns
    -------
    int
        0, or 1 when ``--check`` finds a difference, or 2 when a schema or table cannot be read.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.evidence.codebook", description=__doc__
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    options = parser.parse_args(arguments)
    try:
        data = project_data_dir()
        texts = {
            data / "README.md": codebook(schemas()),
            data.parent / "datapackage.json": datapackage(schemas()),
        }
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    if not options.check:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    stale = [
        path
        for path, text in texts.items()
        if not path.is_file() or path.read_bytes() != text.encode("utf-8")
    ]
    for path in stale:
        print(
            f"{path} differs from the schemas: run python -m helpers.evidence.codebook",
            file=sys.stderr,
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
