"""From records as JSON to a whole message: what stands around them, deletions, and the lists in which they are."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version as installed
from typing import Any

import orjson
import polars as pl

from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import MessageEmpty
from ktt.messages.mapping.scopes import UNIT, Constant, MessageMapping, Path, Scope, names_before_list
from ktt.messages.version import EncodedRecord

_Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message says of itself. `extracted_on` is the day of the extract, None outside a run."""

    message_type: str
    version: str
    extracted_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a message is to say about one unit: ids of deleted records by type, and records as JSON."""

    unit: ReportingUnit
    deletions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    encoded: Sequence[EncodedRecord] = ()

    def digest(self) -> bytes:
        """The same for the same content, and for no other."""
        found = hashlib.sha256(self.unit.key.encode())
        for name, ids in sorted(self.deletions.items()):
            found.update(orjson.dumps([name, list(ids)]))
        for record in self.encoded:
            found.update(record.group + b"\0" + record.json + b"\0")
        return found.digest()


def assemble(mapping: MessageMapping, content: MessageContent, envelope: Envelope) -> bytes:
    """The whole message, UTF-8 without byte order mark; MessageEmpty when there is nothing in it."""
    if not content.encoded and not any(content.deletions.values()):
        raise MessageEmpty
    inner = _inside(mapping, mapping.root, content, envelope)
    if any(steps[0] == "[]" for steps in inner):
        return orjson.dumps([item for steps, items in inner.items() if items for item in _wrapped(steps, items)])
    return orjson.dumps(_object(mapping.root, content, envelope, inner))


def _inside(
    mapping: MessageMapping, around: Scope, content: MessageContent, envelope: Envelope
) -> dict[Path, list[Any]]:
    """What is inside an object, by the steps to it: deletions before records, where they share a list."""
    lists: dict[Path, list[Any]] = {}
    for scope in sorted(around.children, key=lambda one: one.deletes is None):
        lists.setdefault(scope.steps, []).extend(_items(mapping, scope, content, envelope))
    return lists


def _items(mapping: MessageMapping, scope: Scope, content: MessageContent, envelope: Envelope) -> list[Any]:
    if scope.deletes is not None:
        return _deletions(scope, content.deletions.get(scope.deletes.name, ()))
    if scope.record_type is None:
        return [_object(scope, content, envelope, _inside(mapping, scope, content, envelope))]
    if scope in mapping.carriers:
        return _records(mapping, scope, content.encoded)
    return _groups(mapping, scope, content.encoded)


def _deletions(scope: Scope, ids: Sequence[str]) -> list[Any]:
    """One object for each id, with what marks it as a deletion; the id alone in a list of ids."""
    if not ids:
        return []
    (member,) = (one for one in scope.members if one.column.name == scope.deletes.key)  # type: ignore[union-attr]
    fixed = [(constant.path, orjson.Fragment(str(constant.json))) for constant in scope.constants]
    written = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String}).select(member.form.write(pl.col("id")))
    found = [orjson.Fragment(text) for text in written.to_series()]
    return [_filled([*fixed, (member.path, one)], scope.order) for one in found] if member.path else found


def _records(mapping: MessageMapping, scope: Scope, encoded: Sequence[EncodedRecord]) -> list[Any]:
    """The records of a scope. A record of a type with several places has a line of JSON for each, empty where it is not."""
    alike = [one for one in mapping.carriers if one.record_type is scope.record_type]
    name = scope.record_type.name if scope.record_type is not None else ""
    mine = [one.json for one in encoded if one.record_type == name]
    if len(alike) == 1:
        return [orjson.Fragment(json) for json in mine]
    lines = [json.split(b"\n")[alike.index(scope)] for json in mine]
    return [orjson.Fragment(line) for line in lines if line]


def _groups(mapping: MessageMapping, scope: Scope, encoded: Sequence[EncodedRecord]) -> list[_Object]:
    """Each person once, in the order of the records, with the records in the lists of their types."""
    types = {child.record_type.name for child in scope.children if child.record_type is not None}
    together: dict[bytes, list[EncodedRecord]] = {}
    for one in encoded:
        if one.record_type in types:
            together.setdefault(one.group, []).append(one)
    found = []
    for group, mine in together.items():
        inner: dict[Path, list[Any]] = {}
        for child in scope.children:
            inner.setdefault(child.steps, []).extend(_records(mapping, child, mine))
        found.append(_with_inner(scope, _leaves(orjson.loads(group)), inner))
    return found


def _leaves(value: _Object, around: Path = ()) -> list[tuple[Path, Any]]:
    found: list[tuple[Path, Any]] = []
    for name, inner in value.items():
        found += _leaves(inner, (*around, name)) if isinstance(inner, dict) else [((*around, name), inner)]
    return found


def _with_inner(scope: Scope, values: Sequence[tuple[Path, Any]], inner: Mapping[Path, list[Any]]) -> _Object:
    """An object with what is inside it. An empty list is written where the schema demands it of an object that is there."""
    must = {child.steps for child in scope.children if child.required}
    full = [*values, *((names_before_list(steps), _wrapped(steps, items)) for steps, items in inner.items() if items)]
    empty = [names_before_list(steps) for steps, items in inner.items() if not items and steps in must]
    around = {path[:depth] for path, _ in full for depth in range(1, len(path))}
    there = [
        path
        for path in empty
        if all(path[:depth] in around or path[:depth] not in scope.optional for depth in range(1, len(path)))
    ]
    return _filled([*full, *((path, []) for path in there)], scope.order)


def _wrapped(steps: Path, items: list[Any]) -> Any:
    """What stands at the names before the first list: a list on the way to another has the one item that leads there."""
    is_list = steps[-1:] == ("[]",)
    value: Any = items if is_list else items[0]
    inner = steps[len(names_before_list(steps)) :]
    for step in reversed(inner[:-1] if is_list else inner):
        value = [value] if step == "[]" else {step: value}
    return value


def _object(scope: Scope, content: MessageContent, envelope: Envelope, inner: Mapping[Path, list[Any]]) -> _Object:
    values = [
        *((path, orjson.Fragment(text)) for path, text in _unit_members(scope, content.unit)),
        *((one.path, _fixed(one, content, envelope)) for one in scope.constants),
    ]
    return _with_inner(scope, values, inner)


@lru_cache(maxsize=1024)
def _unit_members(scope: Scope, unit: ReportingUnit) -> tuple[tuple[Path, str], ...]:
    """The unit's numbers as JSON, without those that it does not have."""
    members = [one for one in scope.members if one.owner == UNIT]
    texts = [one.form.write(pl.lit(getattr(unit, one.column.name), dtype=pl.String)) for one in members]
    written = pl.select(text.alias(str(nth)) for nth, text in enumerate(texts)).row(0) if texts else ()
    found = ((one.path, text if text is not None else one.empty) for one, text in zip(members, written, strict=True))
    return tuple((path, text) for path, text in found if text is not None)


def _fixed(constant: Constant, content: MessageContent, envelope: Envelope) -> Any:
    if constant.json is not None:
        return orjson.Fragment(constant.json)
    value = _said(str(constant.meta), content, envelope)
    if value is None or constant.form is None:
        return None
    return orjson.Fragment(pl.select(constant.form.write(pl.lit(value))).item())


def _said(meta: str, content: MessageContent, envelope: Envelope) -> str | dt.date | None:
    """What the message says of itself."""
    if meta == "extracted_on":
        return envelope.extracted_on
    if meta == "message_id":
        return str(uuid.UUID(bytes=content.digest()[:16], version=5))
    if meta == "program_version":
        return installed("ktt")
    return envelope.message_type if meta == "message_type" else envelope.version


def _filled(values: Iterable[tuple[Path, Any]], order: Sequence[Path]) -> _Object:
    """The values at their places in one object, in that order."""
    ranks = {path: nth for nth, path in enumerate(order)}
    filled: _Object = {}
    for path, value in sorted(values, key=lambda one: ranks.get(one[0], len(ranks))):
        holder = filled
        for name in path[:-1]:
            holder = holder.setdefault(name, {})
        holder[path[-1]] = value
    return filled
