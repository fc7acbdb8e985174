"""A whole mapping proposed for the messages of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ktt.domain.records import ALL_TYPES, RECIPIENT
from ktt.messages.drafting.clues.outline import NUMBER, Leaf, outline
from ktt.messages.drafting.groups import Finder
from ktt.messages.drafting.members import Placed
from ktt.messages.drafting.objects import Builder, DraftObject
from ktt.messages.errors import MappingInvalid
from ktt.messages.mapping.compiler import compile_mapping
from ktt.messages.mapping.language import MessageEntry
from ktt.messages.mapping.places import JsonSchema

_MOST_TRIES = 60


@dataclass(slots=True)
class DraftMessage:
    """One message of the pack with what is proposed, and what is not placed on either side."""

    message_type: str
    version: str
    objects: list[DraftObject]
    left: list[Leaf]
    reason: str = ""

    @property
    def placed(self) -> list[tuple[DraftObject, Placed]]:
        """Every member that has a place."""
        return [(one, member) for one in self.objects for member in one.members]

    def entry(self) -> dict[str, Any]:
        """As it is written in the mapping, without what is left as a comment."""
        whole = [one for one in self.objects if not one.problem]
        objects = [one.entry() for one in whole if not one.is_deletion]
        return {"objects": objects, "deletions": [one.entry() for one in whole if one.is_deletion]}


@dataclass(slots=True)
class Draft:
    """What is proposed for a pack; `columns_left` are columns (`record_type.column`) that nothing is proposed for."""

    messages: list[DraftMessage]
    columns_left: list[str]


def draft_mapping(messages: Sequence[tuple[str, str, JsonSchema]]) -> Draft:
    """A proposal for messages given as type, version and schema without references."""
    found = [_message(*one) for one in messages]
    for one, (_type, _version, schema) in zip(found, messages, strict=True):
        _prove(one, schema)
    return Draft(found, _columns_left(found))


def _message(message_type: str, version: str, schema: JsonSchema) -> DraftMessage:
    title = schema.get("title")
    whole = Finder(f"{message_type} {title if isinstance(title, str) else ''}").find(outline(schema))
    builder = Builder(message_type)
    builder.build(whole)
    return DraftMessage(message_type, version, builder.objects, builder.left)


# ── what compiles ───────────────────────────────────────────────────────────────────────────────────────────────────


def _prove(message: DraftMessage, schema: JsonSchema) -> None:
    """Leave as a comment, one by one, what the mapping language refuses."""
    for _ in range(_MOST_TRIES):
        try:
            entry = msgspec.convert(message.entry(), MessageEntry)
            compile_mapping(entry, schema, message.message_type)
        except msgspec.ValidationError as fault:
            message.reason = str(fault)
            return
        except MappingInvalid as fault:
            place, reason = str(fault.facts["place"]), str(fault.facts["reason"])
            if not _leave_out(message, place, reason):
                message.reason = f"{place}: {reason}"
                return
        else:
            message.reason = ""
            return


def _leave_out(message: DraftMessage, place: str, reason: str) -> bool:
    for one, member in message.placed:
        if not one.problem and not member.problem and _same_place(member.place, place):
            member.problem = reason
            return True
    for one in reversed(message.objects):
        if not one.problem and one.at == place and place:
            one.problem = reason
            return True
    return False


def _same_place(template: str, place: str) -> bool:
    if NUMBER not in template:
        return template == place
    before, _, after = template.partition(NUMBER)
    return place.startswith(before) and place.endswith(after)


def _columns_left(messages: Sequence[DraftMessage]) -> list[str]:
    have = {(one.holds, name) for message in messages for one in message.objects for name in _columns(one)}
    named = {name for _holds, name in have}
    found = []
    for record_type in ALL_TYPES.values():
        if record_type.source_only:
            continue
        for column in record_type.columns:
            is_shared = column.derived or record_type is RECIPIENT or column.name == "recorded_at"
            is_there = column.name in named if is_shared else (record_type.name, column.name) in have
            inherited = column.name in {record_type.parent_key, "local_person_id"} and record_type is not RECIPIENT
            if not is_there and not inherited and column.name != "person_number_kind":
                found.append(f"{record_type.name}.{column.name}")
    return found


def _columns(one: DraftObject) -> Iterator[str]:
    yield from one.having
    for member in one.members:
        if member.column is not None and not member.problem and not one.problem:
            yield member.column
