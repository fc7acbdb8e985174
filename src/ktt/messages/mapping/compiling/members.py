"""The members of one object: columns with their forms, and what is not from the records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import msgspec

from ktt.domain.codes import code_list
from ktt.domain.person_rule import REPORTABLE
from ktt.domain.records import ALL_TYPES, DECISION, RECIPIENT
from ktt.domain.schema import Column, RecordType
from ktt.messages.errors import MappingInvalid
from ktt.messages.mapping.forms import Form, JsonType, NotExpressible, codes_of, form_of
from ktt.messages.mapping.language import MemberEntry, Members
from ktt.messages.mapping.places import SchemaPlaces, names_of
from ktt.messages.mapping.scopes import MESSAGE, PERSON, RECORD, UNIT, Constant, Member

_UNIT_COLUMNS: Mapping[str, Column] = {
    "organisation": Column("organisation", "organisation", required=True),
    "municipality": Column("municipality", "municipality", required=True),
    "district": Column("district", "district"),
}
_HOME = {c.name: c for c in DECISION.columns if c.derived}
_EMPTY = {"absent": None, "null": "null", "text": '""'}
_JSON_TYPES: tuple[JsonType, ...] = get_args(JsonType)
_META = {"extracted_on": Column("extracted_on", "day")}


@dataclass(frozen=True, slots=True)
class MemberCompiler:
    """Makes the members of objects of one message; MappingInvalid with the place of what is wrong."""

    places: SchemaPlaces
    message: str

    def invalid(self, place: str, reason: str) -> MappingInvalid:
        """The error of one place."""
        return MappingInvalid(message=self.message, place=place, reason=reason)

    # ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def columns(self, at: str, holds: str, members: Members) -> Iterator[Member]:
        """The members that hold columns."""
        for name, given in members.items():
            found = MemberEntry(column=given) if isinstance(given, str) else given
            if found.column is not None:
                yield self._member(at, holds, name, found)

    def _member(self, at: str, holds: str, name: str, given: MemberEntry) -> Member:
        place = joined(at, name)
        owner, column = self._column(place, holds, str(given.column))
        types = self._types(place)
        if given.identity is not None and (column.name != "person_number" or given.identity not in REPORTABLE):
            raise self.invalid(place, f"identity = {given.identity!r}")
        form = self._form(place, column, self._json_type(place, types), given)
        return Member(
            path=names_of(name),
            owner=owner,
            column=column,
            form=form,
            identity=_identity(column, given),
            default=given.default,
            empty=self._empty(at, name, given, types),
        )

    def _form(self, place: str, column: Column, json_type: JsonType, given: MemberEntry) -> Form:
        listed = self.places.enumeration(place)
        try:
            form = form_of(column, json_type, given)
        except NotExpressible as reason:
            raise self.invalid(place, f"{column.name}: {reason}") from None
        unknown = [theirs for theirs in codes_of(given) if listed and theirs not in map(_as_text, listed)]
        if unknown:
            raise self.invalid(place, f"{column.name}: codes: {unknown[0]!r} ∉ schema")
        return form

    def _column(self, place: str, holds: str, named: str) -> tuple[str, Column]:
        """The owner and the column of that name that objects of what they hold can have."""
        owner, _, name = named.rpartition(".")
        kind = RECIPIENT if holds == PERSON else ALL_TYPES.get(holds)
        is_root = kind is not None and kind.parent_key is None
        if name in _HOME and is_root and not owner:
            return RECORD, _HOME[name]
        known: dict[str, Mapping[str, Column]] = {} if holds == MESSAGE and owner != UNIT else {UNIT: _UNIT_COLUMNS}
        if kind is not None:
            known = {kind.name: _columns(kind), **known}
        if is_root or holds in {UNIT, MESSAGE}:
            known = {**known, RECIPIENT.name: _columns(RECIPIENT)} if is_root else known
        owners = [owner] if owner else [one for one in known if one != UNIT or holds == UNIT]
        for one in owners:
            if name in known.get(one, {}):
                return one, known[one][name]
        raise self.invalid(place, f"column = {named!r}")

    def _types(self, place: str) -> frozenset[str]:
        if not self.places.at(place):
            raise self.invalid(place, "ikke i skjemaet · not in the schema")
        return self.places.types(place)

    def _json_type(self, place: str, types: frozenset[str]) -> JsonType:
        for one in _JSON_TYPES:
            if one in types:
                return one
        if types - {"null"}:
            raise self.invalid(place, f"type = {'/'.join(sorted(types))}")
        return "string"

    def _empty(self, at: str, name: str, given: MemberEntry, types: frozenset[str]) -> str | None:
        if given.empty is not None:
            return _EMPTY[given.empty]
        path = names_of(name)
        must = path and self.places.requires(joined(at, ".".join(path[:-1])), path[-1])
        return "null" if must and "null" in types else None

    # ── what is not from the records ────────────────────────────────────────────────────────────────────────────────

    def constants(self, at: str, holds: str, members: Members) -> Iterator[Constant]:
        """The members that are not from the records."""
        for name, given in members.items():
            if not isinstance(given, str) and given.column is None:
                types = self._types(joined(at, name))
                found = self._constant(at, holds, name, given)
                yield replace(found, empty=self._empty(at, name, given, types))

    def _constant(self, at: str, holds: str, name: str, given: MemberEntry) -> Constant:
        place, path = joined(at, name), names_of(name)
        if given.meta is not None:
            if holds not in {MESSAGE, UNIT}:
                raise self.invalid(place, f"meta in {holds!r}")
            column = _META.get(given.meta, Column(given.meta, "text"))
            json_type = self._json_type(place, self._types(place))
            return Constant(path, meta=given.meta, form=self._form(place, column, json_type, given))
        if given.name_of is not None:
            _, column = self._column(place, holds, given.name_of)
            if column.code_list is None:
                raise self.invalid(place, f"name_of = {given.name_of!r}")
            names = {one.code: json.dumps(one.text, ensure_ascii=False) for one in code_list(column.code_list).codes}
            return Constant(path, beside=column.name, names=names)
        if given.constant is msgspec.UNSET:
            raise self.invalid(place, "column | constant | name_of | meta")
        beside = None if given.beside is None else self._column(place, holds, given.beside)[1].name
        return Constant(path, json=json.dumps(given.constant, ensure_ascii=False), beside=beside)


def joined(at: str, name: str) -> str:
    """The absolute place of a name inside the objects at a place."""
    return ".".join(filter(None, [at, *names_of(name)]))


def _columns(record_type: RecordType) -> Mapping[str, Column]:
    return {column.name: column for column in record_type.columns}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _identity(column: Column, given: MemberEntry) -> tuple[str, ...]:
    """The kinds of number that the place is for: one that is said, those with codes, or all that are sent."""
    if given.identity is not None:
        return (given.identity,)
    if column.name == "person_number_kind":
        return tuple(ours for ours in codes_of(given).values() if ours) or REPORTABLE
    return REPORTABLE if column.name == "person_number" else ()


def with_kinds(members: tuple[Member, ...]) -> tuple[Member, ...]:
    """Where the kind has a place of its own, the number is written for the kinds that it can say."""
    said = next((one.identity for one in members if one.column.name == "person_number_kind"), None)
    if said is None:
        return members
    return tuple(
        replace(one, identity=said) if one.column.name == "person_number" and len(one.identity) > 1 else one
        for one in members
    )
