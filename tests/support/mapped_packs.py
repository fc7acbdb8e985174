"""The packs in tests/packs, read as they lie there: schemas, compiled mappings, readers, examples."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs

from ktt.messages.mapping.assemble import Envelope, MessageContent, assemble
from ktt.messages.mapping.compiler import compile_mapping
from ktt.messages.mapping.language import read_mapping
from ktt.messages.mapping.reader import Reader
from support.fault_places import places_of

PACKS = Path(__file__).parent.parent / "packs"
NAMES = ("text_everywhere", "services_inside", "deletion_messages")


@dataclass(frozen=True)
class PackMessage:
    """One message type of a pack."""

    pack: str
    message_type: str
    version: str
    schema: Mapping[str, Any]
    entry: Any
    dropped: Mapping[str, str]

    @cached_property
    def mapping(self) -> Any:
        return compile_mapping(self.entry, self.schema, self.message_type)

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.mapping, self.schema, (self.message_type, self.version))

    @cached_property
    def validator(self) -> Any:
        return jsonschema_rs.Draft202012Validator(self.schema)

    def message(
        self, unit: Any, encoded: Sequence[Any], deletions: Mapping[str, Sequence[str]] = {}, **envelope: Any
    ) -> bytes:
        about = Envelope(self.message_type, self.version, **envelope)
        return assemble(self.mapping, MessageContent(unit, deletions, encoded), about)

    def faults(self, message: bytes) -> list[tuple[str, str]]:
        """Pointer and keyword of each place that does not fit the schema."""
        found = self.validator.iter_errors(json.loads(message))
        return [(place, str(one.schema_path[-1])) for one in found for place in places_of(one)]

    @property
    def examples(self) -> Path:
        return PACKS / self.pack / "examples" / self.message_type


@cache
def messages_of(pack: str) -> tuple[PackMessage, ...]:
    """The message types of a pack, in travel order."""
    folder = PACKS / pack
    about = tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))
    mapping = read_mapping(folder / "mapping.toml")
    return tuple(
        PackMessage(
            pack,
            one["type"],
            one["version"],
            _whole(json.loads((folder / one["schema"]).read_text(encoding="utf-8"))),
            mapping.messages[one["type"]],
            mapping.dropped,
        )
        for one in about["messages"]
    )


def _whole(schema: Any) -> Any:
    """The schema with its definitions where they are referred to."""
    return _resolved(schema, schema.get("$defs", {}))


def _resolved(value: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, definitions) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _resolved(definitions[value["$ref"].removeprefix("#/$defs/")], definitions)
    return {name: _resolved(one, definitions) for name, one in value.items() if name != "$defs"}
