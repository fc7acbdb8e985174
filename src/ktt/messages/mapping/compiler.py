"""From a mapping as it is written, and the schema of its message, to scopes. Every fault is told with its place."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.domain.schema import RecordType
from ktt.messages.mapping.compiling.members import MemberCompiler, joined, with_kinds
from ktt.messages.mapping.compiling.tree import lifted, merged, nested, without_mark
from ktt.messages.mapping.compiling.whole import check_whole
from ktt.messages.mapping.language import DeletionEntry, MemberEntry, Members, MessageEntry, ObjectEntry
from ktt.messages.mapping.places import SchemaPlaces, names_of
from ktt.messages.mapping.scopes import (
    MESSAGE,
    PERSON,
    UNIT,
    Constant,
    MessageMapping,
    Path,
    Scope,
    names_before_list,
)

_NUMBER = "{n}"
_ROOTS = frozenset(record_type.name for record_type in ROOTS)


def compile_mapping(
    entry: MessageEntry, schema: Mapping[str, Any], message: str, dropped: Collection[str] = ()
) -> MessageMapping:
    """The mapping of one message; MappingInvalid with the place and the reason. `message` names it in errors.

    `dropped` are the columns (`record_type.column`) that the pack does not carry.
    """
    places = SchemaPlaces(schema)
    compiler = _Compiler(places, MemberCompiler(places, message))
    scopes = [replace(one, members=with_kinds(one.members)) for one in merged(compiler.scopes(lifted(entry)))]
    deletions = [compiler.deletions(one) for one in entry.deletions]
    scopes = [*(without_mark(scope, deletions) for scope in scopes), *deletions]
    mapping = MessageMapping(compiler.ordered(nested(scopes)), frozenset(dropped))
    check_whole(mapping, scopes, compiler.members.invalid)
    return mapping


@dataclass(frozen=True, slots=True)
class _Compiler:
    places: SchemaPlaces
    members: MemberCompiler

    def scopes(self, entry: MessageEntry) -> list[Scope]:
        """One scope for each object, those that only hold others included; numbered ones once for each number."""
        return [scope for one in entry.objects for scope in self._numbered(one)]

    def _numbered(self, entry: ObjectEntry) -> Iterator[Scope]:
        if entry.holds not in {MESSAGE, UNIT, PERSON, *ALL_TYPES} or entry.holds in {RECIPIENT.name, "residence"}:
            raise self.members.invalid(entry.at, f"holds = {entry.holds!r}")
        if entry.numbered is None:
            yield self._scope(entry, entry.at, entry.members, None)
            return
        names = [entry.at, *entry.members]
        is_part = entry.holds in ALL_TYPES and entry.holds not in _ROOTS
        if not is_part or not any(_NUMBER in name for name in names):
            raise self.members.invalid(entry.at, f"numbered = {entry.numbered}")
        for number in range(1, entry.numbered + 1):
            members = {_with_number(name, number): one for name, one in entry.members.items()}
            yield self._scope(entry, _with_number(entry.at, number), members, number)

    def _scope(self, entry: ObjectEntry, at: str, members: Members, number: int | None) -> Scope:
        if not self.places.at(at):
            raise self.members.invalid(at, "ikke i skjemaet · not in the schema")
        record_type = RECIPIENT if entry.holds == PERSON else ALL_TYPES.get(entry.holds)
        return Scope(
            at=at if number is None else f"{at}#{number}",
            steps=(),
            many=at.endswith("[]") and number is None,
            record_type=record_type,
            is_unit=entry.holds == UNIT,
            number=number or 0,
            having=self._having(at, record_type, entry.having, number),
            required=self._required(at),
            empty=self._empty(at),
            needed=self._needed(at),
            members=tuple(self.members.columns(at, entry.holds, members)),
            constants=(*self.members.constants(at, entry.holds, members), *self._where(at, entry.where)),
            where={names_of(name): value for name, value in entry.where.items()},
            complete=entry.complete,
        )

    def _having(
        self, at: str, record_type: RecordType | None, given: Mapping[str, str], number: int | None
    ) -> Mapping[str, str]:
        for name in given:
            if record_type is None or name not in record_type.schema or record_type.column(name).dtype != pl.String:
                raise self.members.invalid(at, f"having = {name!r}")
        return {name: value if number is None else _with_number(value, number) for name, value in given.items()}

    def _required(self, at: str) -> bool:
        """Whether the schema demands the list or object itself of the one around."""
        around, _, name = at.removesuffix("[]").rpartition(".")
        return bool(name) and self.places.requires(around, name)

    def _empty(self, at: str) -> str | None:
        if not self._required(at):
            return None
        if at.endswith("[]"):
            return (
                None if self._needed(at) else "[]"
            )  # a list that must not be empty is left out: it is told as missing
        return "null" if "null" in self.places.types(at) else None

    def _needed(self, at: str) -> bool:
        """Whether the list must be there, with an item."""
        return self._required(at) and at.endswith("[]") and self.places.least_items(at.removesuffix("[]")) > 0

    def _where(self, at: str, where: Mapping[str, Any]) -> Iterator[Constant]:
        for name, value in where.items():
            if not self.places.at(joined(at, name)):
                raise self.members.invalid(joined(at, name), "ikke i skjemaet · not in the schema")
            yield Constant(names_of(name), json=json.dumps(value, ensure_ascii=False))

    # ── deletions ───────────────────────────────────────────────────────────────────────────────────────────────────

    def deletions(self, entry: DeletionEntry) -> Scope:
        """One place where ids are withdrawn."""
        if entry.of not in _ROOTS:
            raise self.members.invalid(entry.at, f"of = {entry.of!r}")
        record_type = ALL_TYPES[entry.of]
        holder = ObjectEntry(at=entry.at, holds=entry.of, members=entry.members, where=entry.where)
        scope = self._scope(holder, entry.at, entry.members, None)
        if [member.column.name for member in scope.members] != [record_type.key] or not scope.many:
            raise self.members.invalid(entry.at, f"members: {record_type.key}")
        for name, member in entry.members.items():
            if isinstance(member, MemberEntry) and (member.name_of or member.beside):
                raise self.members.invalid(joined(entry.at, name), "name_of | beside")
        return replace(scope, record_type=None, deletes=record_type)

    # ── order ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def ordered(self, scope: Scope) -> Scope:
        """The scope with its places in the order of the schema, in which they are written."""
        at = scope.at.partition("#")[0]
        paths = [*scope.paths]
        for child in scope.children:
            inner = [child.path + path for path in child.paths] if child.is_numbered else []
            paths += inner or [names_before_list(child.steps)]
        order = sorted(dict.fromkeys(paths), key=lambda path: self._rank(at, path))
        return replace(
            scope,
            order=tuple(order),
            optional=frozenset(self._optional(at, order)),
            children=tuple(map(self.ordered, scope.children)),
        )

    def _rank(self, at: str, path: Path) -> list[int]:
        ranks = []
        for depth, name in enumerate(path):
            names = self.places.names(joined(at, ".".join(path[:depth])))
            ranks.append(names.index(name) if name in names else len(names))
        return ranks

    def _optional(self, at: str, paths: Sequence[Path]) -> Iterator[Path]:
        """The objects inside an object that may be left out when nothing is in them."""
        for inner in {path[:depth] for path in paths for depth in range(1, len(path))}:
            if not self.places.requires(joined(at, ".".join(inner[:-1])), inner[-1]):
                yield inner


def _with_number(text: str, number: int) -> str:
    return text.replace(_NUMBER, str(number))
