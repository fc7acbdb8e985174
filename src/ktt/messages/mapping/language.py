"""The form of `mapping.toml`, as it is written by people."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import msgspec

Empty = Literal["absent", "null", "text"]
Meta = Literal["extracted_on", "message_id", "program_version", "message_type", "message_version"]


class MemberEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member of an object: a column with how its values are written, or something that is not from the records.

    `identity` names the kind of person number that the place is for: `national`, `d` or `duf`; all of them without it.
    `codes` is value in the JSON → our code: of several for one of ours the first is written, an empty text is no value,
    and of a list of ours all are written so while the first is read. `day`, `instant` and `month` are text forms in strftime's signs. `digits` is
    how many digits a number with leading zeros has, 0 when they are left out. `empty` says how no value is written.
    `beside` names the column that a constant accompanies; `name_of` a code whose name is written.
    """

    column: str | None = None
    identity: str | None = None
    codes: dict[str, str | list[str]] | None = None
    day: str | None = None
    instant: str | None = None
    month: str | None = None
    digits: int | None = None
    decimal: str | None = None
    empty: Empty | None = None
    default: str | int | None = None
    constant: Any = msgspec.UNSET
    beside: str | None = None
    name_of: str | None = None
    meta: Meta | None = None


Members = dict[str, str | MemberEntry]


class ObjectEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One object of the JSON, or each item of a list: `at` is its place, `[]` each item, and empty the whole message.

    `holds` is `message` (members that are not from records), `unit`, `person` or a record type. `where` tells such objects apart from others at the same place.
    `numbered` is how many times members named with `{n}`, or a place with it, are repeated, each time for another row.
    `having` is column → value: only rows with these values are there, and rows that are read there get them.
    `complete` says that a list of records inside another record has all of them, so that what is not there is deleted.
    """

    at: str
    holds: str
    members: Members = {}
    where: dict[str, Any] = {}
    numbered: int | None = None
    having: dict[str, str] = {}
    complete: bool = True


class DeletionEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where ids of records that are withdrawn stand. `where` is written, and demanded when read."""

    at: str
    of: str
    members: Members
    where: dict[str, Any] = {}


class MessageEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message type: its objects and the places of its deletions."""

    objects: list[ObjectEntry] = []
    deletions: list[DeletionEntry] = []


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `mapping.toml`. A key of `messages` is a type, or `TYPE/VERSION` where versions differ.

    `dropped` names the columns (`record_type.column`) that the pack does not carry, each with the reason.
    """

    messages: dict[str, MessageEntry]
    dropped: dict[str, str] = {}


def read_mapping(path: Path) -> MappingFile:
    """The file as it is written; tomllib.TOMLDecodeError, UnicodeDecodeError or msgspec.ValidationError when it is not one."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), MappingFile)
