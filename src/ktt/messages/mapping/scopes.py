"""A compiled mapping: a tree of scopes, one for each kind of object in the message, with its members.

A place is written with names, dots and `[]` for each item of a list: `[].vedtak[].person.fodselsNr`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import Any

from ktt.domain.records import RECIPIENT, ROOTS
from ktt.domain.schema import Column, RecordType
from ktt.messages.mapping.forms import Form
from ktt.messages.version import Nested

INHERITED = frozenset({record_type.key for record_type in (RECIPIENT, *ROOTS)}) | {
    "recorded_at",
    "home_municipality",
    "home_district",
}
"""Columns that an object takes from the one around it, when it has none of its own: ids, and what is said once for all."""

MESSAGE, UNIT, PERSON = "message", "unit", "person"
RECORD = "record"
"""The owner of columns that every record has: where the person lived on the record's own date."""

Path = tuple[str, ...]
"""Names from an object to something inside it; empty is the object itself."""


def names_before_list(steps: Path) -> Path:
    """The names to the first list on the way."""
    return steps[: steps.index("[]")] if "[]" in steps else steps


@dataclass(frozen=True, slots=True)
class Member:
    """A place that holds a column. `owner` is the record type of the column, or `unit`.

    `identity` are the kinds of person number that the place is for. `empty` is the JSON that stands for no value, None when the
    member is left out.
    """

    path: Path
    owner: str
    column: Column
    form: Form
    identity: tuple[str, ...] = ()
    default: Any = None
    empty: str | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A place with a value that is not from the records: JSON text, or None for one of `meta`.

    `beside` is the column that it accompanies, in codes also `names`: code → JSON text.
    """

    path: Path
    json: str | None = None
    meta: str | None = None
    form: Form | None = None
    beside: str | None = None
    names: Mapping[str, str] | None = None
    empty: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """The objects at one place, inside the objects of the scope around it.

    `steps` leads there from the object around, with `[]` for each item of a list; `many` says that it ends in one. `record_type` is what the objects
    are: rows of it, or None when they only hold others (a unit or nothing of ours). `deletes` is the
    type whose ids are withdrawn there. Those with a `number` have no
    object of their own: each takes the members with its number from the object around. `having` are the values of columns
    that the rows here have, and others not. Records have all of `where` and not all of `unless`. `outermost` is False for
    those inside another record. `empty` is what stands at the place when there is none; `required` says that the schema
    demands the list or object itself, `needed` that it must not be empty. `optional` are the objects inside that are left
    out when nothing is in them, and `order` the places in
    the order of the schema.
    """

    at: str
    steps: Path
    many: bool
    record_type: RecordType | None = None
    deletes: RecordType | None = None
    is_unit: bool = False
    number: int = 0
    having: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    needed: bool = False
    empty: str | None = None
    members: tuple[Member, ...] = ()
    constants: tuple[Constant, ...] = ()
    where: Mapping[Path, Any] = field(default_factory=dict)
    unless: Mapping[Path, Any] = field(default_factory=dict)
    outermost: bool = True
    complete: bool = True
    optional: frozenset[Path] = frozenset()
    order: tuple[Path, ...] = ()
    children: tuple[Scope, ...] = ()

    @property
    def is_numbered(self) -> bool:
        """Whether the rows have no object of their own."""
        return self.number > 0

    @property
    def path(self) -> Path:
        """The names to the object or list from the object around."""
        return tuple(step for step in self.steps if step != "[]")

    @property
    def paths(self) -> list[Path]:
        """Every place inside the objects that the mapping names, in its order."""
        return [one.path for one in self.members] + [one.path for one in self.constants]

    @property
    def person_path(self) -> Path:
        """The names to the object inside in which all that is said of the person stands; none when it is no object."""
        paths = [one.path[:-1] for one in self.members if one.owner == RECIPIENT.name]
        alike = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
        return tuple(names[0] for names in alike)

    def owner_of(self, member: Member) -> str:
        """The record type of a member's column; `record` where it is said once for all records of a person."""
        kind = self.record_type
        return kind.name if member.owner == RECORD and kind not in {None, RECIPIENT} else member.owner

    def walk(self) -> Iterator[Scope]:
        """This scope and all inside it, the outer ones first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class MessageMapping:
    """The mapping of one message type in one version."""

    root: Scope
    dropped: frozenset[str] = frozenset()

    def inherits(self, kind: RecordType, column: str) -> bool:
        """Whether rows of a type take a column that they do not have from the object around."""
        return column in INHERITED and f"{kind.name}.{column}" not in self.dropped

    @property
    def unit_scope(self) -> Scope:
        """The scope whose objects are about one unit each."""
        return next(scope for scope in self.root.walk() if scope.is_unit)

    @property
    def carriers(self) -> tuple[Scope, ...]:
        """The scopes of records that are not inside another record, in the order of the message."""
        return tuple(scope for scope in self._outermost(self.root))

    def _outermost(self, scope: Scope) -> Iterator[Scope]:
        if scope.record_type is not None and scope.record_type is not RECIPIENT:
            yield scope
        else:
            for child in scope.children:
                yield from self._outermost(child)

    def group_of(self, carrier: Scope) -> Scope | None:
        """The scope of persons around the records of a scope, inside that of the unit."""
        around = [scope for scope in self.root.walk() if carrier in scope.children and scope.record_type is RECIPIENT]
        return around[0] if around else None

    @property
    def nested(self) -> tuple[Nested, ...]:
        """The root types inside others."""
        return tuple(
            Nested(inner.record_type, outer.record_type, inner.complete)
            for carrier in self.carriers
            for outer in carrier.walk()
            for inner in outer.children
            if inner.record_type in ROOTS and outer.record_type in ROOTS
        )

    @property
    def deletes(self) -> tuple[RecordType, ...]:
        """The root types whose ids can be withdrawn, each once."""
        found = {scope.deletes.name: scope.deletes for scope in self.root.walk() if scope.deletes is not None}
        return tuple(found.values())

    @property
    def needed_parts(self) -> tuple[tuple[RecordType, RecordType], ...]:
        """Root types with a part of which the schema demands a row."""
        return tuple(
            (outer.record_type, inner.record_type)
            for outer in self.root.walk()
            for inner in outer.children
            if inner.needed and outer.record_type in ROOTS and inner.record_type in outer.record_type.parts
        )

    @cached_property
    def paths(self) -> dict[str, dict[str, str]]:
        """The way from each row of a record type, or of `unit`, to its columns, as the end of a JSON pointer."""
        found: dict[str, dict[str, str]] = {}
        for scope in self.root.walk():
            for member in scope.members:
                owner = scope.owner_of(member)
                inner = member.path[len(scope.person_path) :] if owner == RECIPIENT.name else member.path
                way = "".join(f"/{name}" for name in inner)
                found.setdefault(owner, {}).setdefault(member.column.name, way)
                if scope.record_type is not None:  # rules name where a person lived, and who it is, as the record's own
                    own = found.setdefault(scope.record_type.name, {})
                    own.setdefault(member.column.name, "".join(f"/{name}" for name in member.path))
        return found

    @cached_property
    def places(self) -> dict[str, tuple[str, str | None]]:
        """The record type and column that each place holds, or `unit`; None for the column is the object itself."""
        found: dict[str, tuple[str, str | None]] = {}
        for scope in self.root.walk():
            at = scope.at.partition("#")[0]
            if scope.record_type is not None:
                found.setdefault(at, (scope.record_type.name, None))
            for member in scope.members:
                owner = scope.owner_of(member)
                found[".".join(filter(None, [at, *member.path]))] = (owner, member.column.name)
        return found

    @property
    def record_types(self) -> tuple[RecordType, ...]:
        """The root types that the message carries, in its order, each once."""
        found = {scope.record_type.name: scope.record_type for scope in self.root.walk() if scope.record_type in ROOTS}
        return tuple(found.values())
