"""The five messages of `ktt_v1` as a table of fields, written down apart from the pack, to compare the program with."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES, RECIPIENT
from ktt.domain.schema import Column, Kind, RecordType
from ktt.messages.version import MessageVersion

PADDED: Mapping[Kind, int] = {"organisation": 9, "municipality": 4, "person_number": 11}
"""Kinds that are numbers with leading zeros, and how many digits they have (a field may say another number)."""

_LIMITS = ("minimum", "maximum", "max_length", "items")
_OPTIONS = ("required", "default", "identity", "setting", "without")
_UNIT_COLUMNS = {
    "organisation": Column("organisation", "organisation"),
    "municipality": Column("municipality", "municipality"),
    "district": Column("district", "district"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One place in the JSON: a value that is a column, or a list that is a part.

    `path` is dotted inside its object; `place` is the whole way there, as the glossary writes it. `limits` holds minimum, maximum, max_length and items as JSON Schema means them.
    `identity` is the kind of person number the place is for; `setting` the pack setting that must be on to write it.
    """

    path: str
    place: str
    kind: Kind
    column: str
    limits: Mapping[str, Any]
    required: bool = False
    codes: tuple[str, ...] = ()
    digits: int = 0
    default: int | None = None
    identity: str | None = None
    setting: str | None = None
    without: str = ""
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """The objects of one list: the fields of a record type, or of one of its parts."""

    record_type: RecordType
    fields: tuple[Field, ...]
    conditions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class MessageTable:
    """Everything a pack's data says about one message type in one version."""

    pack: str
    message_type: str
    version: str
    list_name: str
    delete_list: str
    deleted: str
    unit: tuple[Field, ...]
    person_path: str
    person: tuple[Field, ...]
    body: Part

    @property
    def id_field(self) -> Field:
        """The place of the record's own id."""
        return next(field for field in self.body.fields if field.column == self.body.record_type.key)


@cache
def tables() -> Mapping[str, MessageTable]:
    """The tables by message type, in travel order."""
    raw = tomllib.loads(Path(__file__).with_name("ktt_v1_fields.toml").read_text(encoding="utf-8"))
    return {name: _table(raw, name) for name in raw["order"]}


def table_of(version: MessageVersion) -> MessageTable:
    """The table of a message version."""
    return tables()[version.message_type]


def walk(part: Part, prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Every place of an object and the lists in it: `tjenester[].timerUke`, field."""
    for field in part.fields:
        yield prefix + field.path, field
        if field.part is not None:
            yield from walk(field.part, f"{prefix}{field.path}[].")


def nested(fields: Iterable[Field]) -> dict[str, Field | tuple[Field, ...]]:
    """An object's members by name, in order: a field, or the fields of the object that dotted paths put inside it."""
    members: dict[str, Field | tuple[Field, ...]] = {}
    for field in fields:
        outer, _, name = field.path.rpartition(".")
        inner = members.get(outer, ())
        if outer and isinstance(inner, tuple):
            members[outer] = (*inner, replace(field, path=name))
        else:
            members[field.path] = field
    return members


def _table(raw: Mapping[str, Any], name: str) -> MessageTable:
    own, person = raw["types"][name], raw["person"]
    record_type = ALL_TYPES[own["record"]]
    body = _TableReader(raw, f"{own['list']}[].")
    return MessageTable(
        pack=raw["pack"],
        message_type=name,
        version=own.get("version", raw["version"]),
        list_name=own["list"],
        delete_list=own["delete_list"],
        deleted=raw["deleted"],
        unit=_TableReader(raw, "").fields(raw["unit"], _UNIT_COLUMNS),
        person_path=person["path"],
        person=_TableReader(raw, f"{person['path']}.").fields(person, _columns(RECIPIENT) | _columns(record_type)),
        body=body.part(own, record_type),
    )


@dataclass(frozen=True, slots=True)
class _TableReader:
    """Reads rows of the data below one place."""

    raw: Mapping[str, Any]
    prefix: str

    def part(self, own: Mapping[str, Any], record_type: RecordType) -> Part:
        return Part(record_type, self.fields(own, _columns(record_type)), tuple(own.get("also", ())))

    def fields(self, own: Mapping[str, Any], columns: Mapping[str, Column]) -> tuple[Field, ...]:
        return tuple(self._list(row) if "part" in row else self._value(row, columns) for row in own["fields"])

    def _list(self, row: Mapping[str, Any]) -> Field:
        inside = _TableReader(self.raw, f"{self.prefix}{row['path']}[].")
        part = inside.part(self.raw["parts"][row["part"]], ALL_TYPES[row["part"]])
        return self._field(row, kind="text", column=row["part"], part=part)

    def _value(self, row: Mapping[str, Any], columns: Mapping[str, Column]) -> Field:
        column = columns[row["column"]]
        digits = row.get("digits", PADDED.get(column.kind, 0))
        return self._field(row, kind=column.kind, column=column.name, codes=_codes(row, column), digits=digits)

    def _field(self, row: Mapping[str, Any], **found: Any) -> Field:
        limits = {name: row[name] for name in _LIMITS if name in row}
        options = {name: row[name] for name in _OPTIONS if name in row}
        return Field(path=row["path"], place=self.prefix + row["path"], limits=limits, **options, **found)


def _columns(record_type: RecordType) -> dict[str, Column]:
    return {column.name: column for column in record_type.columns}


def _codes(row: Mapping[str, Any], column: Column) -> tuple[str, ...]:
    """The codes a place may hold: named in the row, or all of the lists, each once."""
    if "codes" in row:
        return tuple(row["codes"])
    lists = row.get("lists") or ([column.code_list] if column.code_list else [])
    return tuple(dict.fromkeys(code for name in lists for code in code_list(name).values()))
