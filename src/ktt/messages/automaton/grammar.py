"""A message version as one regular language: its messages about one unit, members in the table's order.

Every program that follows the table writes members in its order, so almost every message is in the language, and one
pass of a finite automaton, which makes no object, shows whether it is. Conditions between fields are part of it: an
object is written as a tree over the values that its conditions depend on, and branches join again where nothing more
depends on them. How long lists are is not part of it, since an automaton would have to count. No text of the language
holds "]", so that the end of a list is easy to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from ktt.domain.identifiers import number_ranges_without
from ktt.domain.person_rule import AllowedPersons
from ktt.domain.schema import Kind
from ktt.messages.automaton import expressions
from ktt.messages.automaton.expressions import SPACE, either
from ktt.messages.json_schema import CONTROL, RANGES, TEXT_LENGTH, one_identity, something_to_say
from ktt.messages.settings import PackSettings
from ktt.messages.table import PADDED, Field, MessageTable, nested

_CONTROL = CONTROL.replace(r"\u00", r"\x")
_ABOUT_TEXTS = frozenset({"enum", "pattern", "format", "minLength", "maxLength"})
_LONG = 20  # items; an automaton counts by having a copy of itself for each
# Samples of a value: what conditions can treat differently.
_ABSENT, _TEXT, _OBJECT, _EMPTY, _FILLED = "", '"x"', "{}", "[]", "[0]"
_NULL = ("null", "null")

Condition = Mapping[str, Any]


class NotRegular(Exception):
    """A condition demands more than a regular language can express."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: for each kind of value that conditions treat differently, a sample and its language."""

    name: str
    values: tuple[tuple[str, str], ...]
    required: bool = False


def message_language(table: MessageTable, settings: PackSettings, persons: AllowedPersons = "any") -> str:
    """The expression for a whole message of one unit; NotRegular when a condition of the table cannot be part of it."""
    return _Writer(settings, persons).message(table)


@dataclass(frozen=True, slots=True)
class _Writer:
    settings: PackSettings
    persons: AllowedPersons

    def message(self, table: MessageTable) -> str:
        """The array around one unit."""
        deletion = [
            *self._members((table.id_field,)),
            Member(table.deleted, (("true", "(?:true|false)"),), required=True),
        ]
        identities = [one_identity(table.person)]
        person = _object(self._members(table.person, identities), identities)
        record = [
            *self._members(table.body.fields, table.body.conditions),
            Member(table.person_path, ((_OBJECT, person),), required=True),
        ]
        item = [
            *self._members(table.unit),
            Member(table.delete_list, (_NULL, *_list(_object(deletion), (0, None)))),
            Member(table.list_name, (_NULL, *_list(_object(record, table.body.conditions), (0, None)))),
        ]
        return rf"{SPACE}\[{SPACE}{_object(item, [something_to_say(table)])}{SPACE}\]{SPACE}"

    def _members(self, fields: Iterable[Field], conditions: Sequence[Condition] = ()) -> list[Member]:
        found: list[Member] = []
        for name, inner in nested(fields).items():
            if isinstance(inner, tuple):
                found.append(Member(name, (_NULL, (_OBJECT, _object(self._members(inner))))))
            else:
                values = tuple(self._values(inner, conditions))
                found.append(Member(name, values if inner.required else (_NULL, *values), inner.required))
        return found

    def _values(self, field: Field, conditions: Sequence[Condition]) -> Iterable[tuple[str, str]]:
        if (part := field.part) is not None:
            if is_long(field) and any("." in inner.path or inner.part for inner in part.fields):
                raise NotRegular
            return _list(_object(self._members(part.fields, part.conditions), part.conditions), field.limits["items"])
        if field.kind in PADDED:
            return self._padded(field)
        return _VALUES[field.kind](field, conditions)

    def _padded(self, field: Field) -> Iterable[tuple[str, str]]:
        if self.settings.ids_as == "string":
            return ((_TEXT, expressions.digits(field.digits, self._numbers(field, 0, 10**field.digits - 1))),)
        least, most = RANGES.get(field.kind, (1, 10**field.digits - 1))
        limits = field.limits
        return (
            ("1", expressions.whole(*self._numbers(field, limits.get("minimum", least), limits.get("maximum", most)))),
        )

    def _numbers(self, field: Field, least: int, most: int) -> Iterator[range]:
        """All numbers from the least to the most; of person numbers only those that are not of the wrong kind."""
        if self.persons == "any" or field.identity is None or field.digits != PADDED["person_number"]:
            yield range(least, most + 1)
            return
        for span in number_ranges_without(synthetic=self.persons == "real"):
            if cut := range(max(span.start, least), min(span.stop, most + 1)):
                yield cut


def _list(inner: str, size: tuple[int, int | None]) -> Iterable[tuple[str, str]]:
    """Lists of these, not empty when one must be there; no longer than they may be only if that is short."""
    least, most = size
    if least > 1:
        raise NotRegular
    more = "*" if most is None or most > _LONG else f"{{0,{most - 1}}}"
    filled = rf"\[{SPACE}{inner}(?:{SPACE},{SPACE}{inner}){more}{SPACE}\]"
    return ((_EMPTY, rf"\[{SPACE}\]"), (_FILLED, filled))[least:]


def is_long(field: Field) -> bool:
    """Whether a list may have so many items that the language does not say how many."""
    most = field.limits["items"][1] if field.part is not None else None
    return most is not None and most > _LONG


def _text(field: Field, _conditions: Sequence[Condition]) -> Iterable[tuple[str, str]]:
    if field.codes:
        return ((_TEXT, either(f'"{re.escape(code)}"' for code in field.codes)),)
    longest = field.limits.get("max_length", TEXT_LENGTH)
    return ((_TEXT, expressions.text(longest, rf"\]{re.escape(field.without)}{_CONTROL}")),)


def _code(field: Field, _conditions: Sequence[Condition]) -> Iterable[tuple[str, str]]:
    return tuple((code, code) for code in map(str, map(int, field.codes)))


def _count(field: Field, conditions: Sequence[Condition]) -> Iterable[tuple[str, str]]:
    """The range, cut wherever a condition may make a difference."""
    least, most = field.limits["minimum"], field.limits["maximum"]
    cuts = {least, *(cut for number in _numbers_in(conditions) for cut in (number, number + 1) if least < cut <= most)}
    starts = sorted(cuts)
    ends = [*starts[1:], most + 1]
    return tuple((str(first), expressions.whole(range(first, end))) for first, end in zip(starts, ends, strict=True))


def _hours(field: Field, _conditions: Sequence[Condition]) -> Iterable[tuple[str, str]]:
    least, most = (round(field.limits[name] * 100) for name in ("minimum", "maximum"))
    return (("1", expressions.hundredths(least, most)),)


_VALUES: Mapping[Kind, Callable[[Field, Sequence[Condition]], Iterable[tuple[str, str]]]] = {
    "id": _text,
    "text": _text,
    "code": _code,
    "count": _count,
    "hours": _hours,
    "day": lambda *_: ((_TEXT, expressions.DAY),),
    "month": lambda *_: ((_TEXT, expressions.MONTH),),
    "instant": lambda *_: ((_TEXT, expressions.INSTANT),),
    "district": lambda *_: ((_TEXT, expressions.digits(2, [range(100)])),),
}


def _object(members: Sequence[Member], conditions: Sequence[Condition] = ()) -> str:
    """The objects with these members in this order, each at most once, for which all conditions hold."""
    if _demands_of_texts(conditions):
        raise NotRegular
    named = frozenset(_named(conditions))
    fits = jsonschema_rs.Draft202012Validator({"allOf": [True, *map(dict, conditions)]}).is_valid

    @cache
    def rest(place: int, given: tuple[tuple[str, str], ...], begun: bool) -> str | None:  # noqa: FBT001
        """What may follow, None when nothing may: `given` are the values so far that conditions depend on."""
        if place == len(members):
            return "" if fits({name: orjson.loads(value) for name, value in given}) else None
        member = members[place]
        ways: dict[str, list[str]] = {}
        for sample, language in _choices(member, separate=member.name in named):
            after = given if member.name not in named or sample == _ABSENT else (*given, (member.name, sample))
            follows = rest(place + 1, after, begun or sample != _ABSENT)
            if follows is not None:
                ways.setdefault(follows, []).append(_written(member.name, language, begun=begun) if sample else "")
        return either(f"{either(texts)}{follows}" for follows, texts in ways.items()) if ways else None

    inside = rest(0, (), False)  # noqa: FBT003
    if inside is None:
        raise NotRegular
    return rf"\{{{SPACE}{inside}{SPACE}\}}"


def _choices(member: Member, *, separate: bool) -> Iterator[tuple[str, str]]:
    """Samples and languages; all kinds of value in one where no condition treats them differently."""
    if not member.required:
        yield _ABSENT, ""
    if separate:
        yield from member.values
    else:
        yield member.values[0][0], either(language for _, language in member.values)


def _written(name: str, language: str, *, begun: bool) -> str:
    comma = f"{SPACE},{SPACE}" if begun else ""
    return f'{comma}"{name}"{SPACE}:{SPACE}{language}'


def _named(schema: Any) -> Iterator[str]:
    """Every property that a condition speaks of."""
    for inner in schema if isinstance(schema, Sequence) and not isinstance(schema, str) else ():
        yield from _named(inner)
    for keyword, value in schema.items() if isinstance(schema, Mapping) else ():
        if keyword in {"properties", "required"}:
            yield from value
        else:
            yield from _named(value)


def _demands_of_texts(schema: Any) -> bool:
    """Whether a condition demands more of a text than that it is there."""
    if isinstance(schema, Mapping):
        const = isinstance(schema.get("const"), str)
        return const or not _ABOUT_TEXTS.isdisjoint(schema) or any(map(_demands_of_texts, schema.values()))
    return isinstance(schema, Sequence) and not isinstance(schema, str) and any(map(_demands_of_texts, schema))


def _numbers_in(schema: Any) -> Iterator[int]:
    """Every whole number in a condition."""
    if isinstance(schema, Mapping):
        yield from _numbers_in(list(schema.values()))
    elif isinstance(schema, Sequence) and not isinstance(schema, str):
        for inner in schema:
            yield from _numbers_in(inner)
    elif isinstance(schema, int) and not isinstance(schema, bool):
        yield schema
