"""The inventory as anybody would write it first: one record at a time, from plain rows, with its own canonical text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import polars_hash as plh
import sqlalchemy as sa

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.unit import ReportingUnit
from ktt.registry import Registry
from ktt.registry.tables import LAYOUTS

_LEFT_OUT = {"recorded_at", "died_on"}


def naive_inventory(registry: Registry, unit: ReportingUnit, salt: str) -> list[tuple[str, str, str]]:
    """Record type, id and hash of all that the registry holds of a unit, in key order."""
    found, concerned = [], set()
    for kind in ROOTS:
        for row in _rows(registry, unit, kind.name):
            concerned.add(row["local_person_id"])
            text = salt + _fields(kind, row) + _person(registry, row)
            for part in LAYOUTS[kind.name].parts:
                items = json.loads(row[part.name]) if row[part.name] else []
                items = [(_key(part, item), _fields(part, item)) for item in items]
                if items:
                    text += part.name + "[" + "".join(f"({text})" for _, text in sorted(items)) + "];"
            found.append((kind.name, row[kind.key], _blake3(text)))
    people = [row for row in _rows(registry, unit, RECIPIENT.name) if row["local_person_id"] in concerned]
    named = [
        (
            "recipient",
            row["local_person_id"],
            f"{salt}local_person_id={row['local_person_id']};" + _person(registry, row),
        )
        for row in people
    ]
    order = [kind.name for kind in (RECIPIENT, *ROOTS)]
    everything = [*found, *((kind, key, _blake3(text)) for kind, key, text in named)]
    return sorted(everything, key=lambda one: (order.index(one[0]), one[1].encode()))


def _rows(registry, unit, name):
    table = LAYOUTS[name].current
    with registry._database.reading() as connection:
        rows = connection.execute(sa.select(table).where(table.c.unit == unit.key)).mappings().all()
    return [row for row in rows if not row["deleted"]]


def _person(registry, row):
    (identity,) = registry.identities.reveal([row["person_key"]], "a test", "naive").values() or (None,)
    return f"person_number={identity.number};person_number_kind={identity.kind};" if identity else ""


def _key(part, item):
    return [str(item.get(name, "")) for name in part.order]


def _fields(kind, row):
    parent = kind.parent_key
    text = ""
    for column in sorted(kind.columns, key=lambda column: column.name):
        value = row.get(column.name)
        if value is not None and column.name not in _LEFT_OUT and column.name != parent:
            text += f"{column.name}={_text(value)};"
    return text


def _text(value):
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value).replace("\\", "\\\\").replace(";", "\\;")


def _blake3(text):
    return pl.DataFrame({"x": [text]}).select(plh.col("x").chash.blake3()).item()[:32]
