"""``datapackage.json``: the tables and their schemas in the form of Frictionless Data.

Programs that know the form (https://specs.frictionlessdata.io) read and check the tables with it. It is
written from the same ``schema.yml`` files as the codebook, by the same command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helpers import __version__
from helpers.evidence.schema import Field, TableSchema
from helpers.evidence.tables import reference_of

# Dates are as precise as their source, which the form's own type "date" does not allow.
_DATE = r"\d{4}(-\d{2}(-\d{2})?)?"
_LIST_COLUMNS = ("source_id", "source_ids")


def _field(item: Field) -> dict[str, Any]:
    limits: dict[str, Any] = {"required": True} if item.required else {}
    if item.type == "date":
        limits["pattern"] = _DATE
    if item.enum:
        limits["enum"] = list(item.enum)
    for name in ("minimum", "maximum"):
        value = getattr(item, name)
        if value is not None:
            limits[name] = int(value) if item.type == "integer" else value
    found: dict[str, Any] = {
        "name": item.name,
        "type": "string" if item.type == "date" else item.type,
        "title": item.zh,
        "description": item.en,
    }
    if item.unit:
        found["unit"] = item.unit
    return found | ({"constraints": limits} if limits else {})


def _foreign_keys(table: TableSchema) -> list[dict[str, Any]]:
    """References of columns that hold one id; the form knows none of lists of ids."""
    found = []
    for item in table.fields:
        target = reference_of(table, item)
        if not target or item.name in _LIST_COLUMNS or item.name.endswith("_ids"):
            continue
        name, column = target.split(".")
        resource = "" if name == table.name else name
        found.append({"fields": item.name, "reference": {"resource": resource, "fields": column}})
    return found


def _resource(table: TableSchema, path: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(item) for item in table.fields],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    keys = _foreign_keys(table)
    return {
        "name": table.name,
        "path": path,
        "profile": "tabular-data-resource",
        "title": f"{table.title_en} ({table.title_zh})",
        "description": table.description,
        "rights": table.rights,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema | ({"foreignKeys": keys} if keys else {}),
    }


def datapackage(schemas: Mapping[str, TableSchema]) -> str:
    """The descriptor as JSON text.

    Parameters
    ----------
    schemas : mapping of str to TableSchema
        All tables by name, ``sources`` among them; its folder is the data folder, and the descriptor
        is to lie beside that folder.

    Returns
    -------
    str
        The same text for the same schemas.

    Examples
    --------
    >>> from helpers.evidence.tables import schemas
    >>> found = json.loads(datapackage(schemas()))
    >>> found["resources"][0]["path"], found["resources"][0]["schema"]["primaryKey"]
    ('data/sources.csv', ['source_id'])
    """
    root = schemas["sources"].path.parent.parent
    content = {
        "profile": "tabular-data-package",
        "name": "srdi-anshan",
        "title": "SRDI firms in Anshan: the tables of a replication that tests every claim",
        "description": (
            "Sourced public figures on specialised and innovative SMEs (专精特新) in China, Liaoning and "
            "Anshan, and the ledger of the claims tested with them. A blank cell means that no source "
            "gives the figure. data/README.md is the codebook; data/sources.csv names every source."
        ),
        "version": __version__,
        "keywords": [
            "regional economics",
            "SME policy",
            "little giants",
            "专精特新",
            "replication",
        ],
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0 International",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "resources": [
            _resource(table, table.path.relative_to(root).as_posix()) for table in schemas.values()
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
