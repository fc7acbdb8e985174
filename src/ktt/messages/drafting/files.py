"""The files of a drafted pack beside its mapping: what was given, and pack.toml."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from ktt.messages.drafting.clues.words import words_of
from ktt.messages.drafting.errors import SchemaNamesTwice
from ktt.messages.drafting.field_lists import FieldRow, read_field_list, schema_of
from ktt.messages.packs.schemas.files import parsed
from ktt.messages.packs.schemas.naming import only_definitions, plain, type_and_version

LISTS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class About:
    """What pack.toml says of a pack."""

    name: str
    publisher: str
    valid_from: dt.date


@dataclass(frozen=True, slots=True)
class Given:
    """The files of a pack by their paths in it, and the rows of its field lists."""

    files: Mapping[str, bytes]
    rows: tuple[FieldRow, ...]


def gathered(given: Sequence[tuple[str, bytes]], about: About) -> Given:
    """The files that were given as a pack's; FieldListUnread, SchemaNamesTwice, SchemaNotJson.

    Schema files stand byte for byte in `schema`. A field list stands in `documentation`; without any schema file beside
    it, the schema is made from it.
    """
    schemas = [(name, content) for name, content in given if not name.lower().endswith(LISTS)]
    lists = [(name, content, read_field_list(content, name)) for name, content in given if name.lower().endswith(LISTS)]
    files = {f"documentation/{name}": content for name, content, _rows in lists}
    made = [] if schemas else [_schema(name, rows) for name, _content, rows in lists]
    for name, content in schemas + made:
        if f"schema/{name}" in files:
            raise SchemaNamesTwice(file=name)
        files[f"schema/{name}"] = content
    files["pack.toml"] = _pack_file(about, sorted(schemas + made)).encode()
    files["CHANGELOG.md"] = (
        f"# {about.name}\n\n## {about.valid_from.isoformat()}\n\n- Første versjon. · First version.\n".encode()
    )
    rows = tuple(row for _name, _content, found in lists for row in found) if schemas else ()
    return Given(files, rows)


def _schema(name: str, rows: Sequence[FieldRow]) -> tuple[str, bytes]:
    stem = PurePath(name).stem
    schema = schema_of(rows, stem)
    return f"{plain(stem)}.json", (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()


def _pack_file(about: About, schemas: Sequence[tuple[str, bytes]]) -> str:
    lines = [f"name = {_text(about.name)}", f"publisher = {_text(about.publisher)}", f"valid_from = {about.valid_from}"]
    for message_type, version, path in sorted(_messages(schemas), key=_travels):
        lines += [
            "",
            "[[messages]]",
            f"type = {_text(message_type)}",
            f"version = {_text(version)}",
            f"schema = {_text(path)}",
        ]
    return "\n".join(lines) + "\n"


def _messages(schemas: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, str, str]]:
    for name, content in schemas:
        path = f"schema/{name}"
        schema: Any = parsed(content, path)
        if isinstance(schema, dict) and not only_definitions(schema):
            yield *type_and_version(PurePath(name).name, schema), path


_ORDER = ("deleted", "decision", "service", "situation", "assessment", "diagnosis")


def _travels(message: tuple[str, str, str]) -> tuple[int, str]:
    """Deletions before the records that come in their place, decisions before their services."""
    meanings = {meaning for word in words_of(message[0]) for meaning in word.meanings}
    ranks = [nth for nth, meaning in enumerate(_ORDER) if meaning in meanings]
    return (min(ranks, default=len(_ORDER)), message[0])


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
