"""Where a message of the language says which unit it is about: the beginning of it, read without the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.expressions import SPACE
from ktt.messages.automaton.grammar import alternatives, inside
from ktt.messages.automaton.kinds import JsonSchema
from ktt.messages.automaton.long_lists import TEXT, levels_of, nested

_ALL_SPACE = f"{SPACE}+"  # all of it: what follows must not be looked for before a space
_DIGITS: Mapping[str, int] = {"organisation": 9, "municipality": 4, "district": 2}


def unit_reader(schema: JsonSchema, columns: Mapping[str, str]) -> Callable[[bytes], ReportingUnit | None]:
    """Reads the unit of a message of the language, given the column of each place; None when it is not told in digits.

    NotRegular when the schema has no such places.
    """
    head = _Head(columns)
    pattern = re.compile(head.value(schema, "", last=True).encode())
    if head.found != set(columns):
        raise NotRegular("a place of the unit that the schema does not have")

    def unit(message: bytes) -> ReportingUnit | None:
        numbers = pattern.match(message)
        if numbers is None:
            return None
        found = {
            name: text.decode().zfill(_DIGITS[name]) for name, text in numbers.groupdict().items() if text is not None
        }
        return ReportingUnit(**found) if "organisation" in found and "municipality" in found else None

    return unit


class _Head:
    """Writes the expression of a message up to the last number of its unit."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._columns = columns
        self.found: set[str] = set()

    def value(self, schema: Any, place: str, *, last: bool) -> str:
        """A value with a number of the unit in it; to the end of the value unless that number is the last."""
        if place in self._columns:
            self.found.add(place)
            return _number(self._columns[place])
        schema = _container(schema)
        if "items" in schema:
            end = "" if last else rf"{_ALL_SPACE}\]"
            return rf"\[{_ALL_SPACE}{self.value(schema['items'], f'{place}[]', last=last)}{end}"
        names = list(schema.get("properties", {}))
        wanted = [name for name in names if self._leads_to_unit(inside(place, name))]
        if not wanted:
            raise NotRegular(f"{place}: no unit")
        before = names[: names.index(wanted[-1]) + 1]
        members = (self._member(schema, place, name, wanted, last=last) for name in before)
        end = "" if last else rf"{nested(levels_of(schema), '*+')}\}}"
        return rf"\{{{_ALL_SPACE}{''.join(members)}{end}"

    def _member(self, schema: JsonSchema, place: str, name: str, wanted: list[str], *, last: bool) -> str:
        inner = schema["properties"][name]
        if name in wanted:
            value = f"(?:null|{self.value(inner, inside(place, name), last=last and name == wanted[-1])})"
        else:
            value = rf"(?:{TEXT}|[^\"{{}}\[\],]++|[{{\[]{nested(levels_of(inner), '*+')}[}}\]])"
        start = f'"{re.escape(name)}"{_ALL_SPACE}:'
        return f"(?:{start}{_ALL_SPACE}{value}{_ALL_SPACE},?+{_ALL_SPACE}|(?!{start}))"

    def _leads_to_unit(self, place: str) -> bool:
        return any(column == place or column.startswith((f"{place}.", f"{place}[]")) for column in self._columns)


def _number(column: str) -> str:
    """A number with at most so many digits, or a text with exactly so many."""
    digits = _DIGITS[column]
    return rf'(?:"(?=[0-9]{{{digits}}}"))?(?P<{column}>[0-9]{{1,{digits}}})"?(?![0-9.eE"])'


def _container(schema: Any) -> JsonSchema:
    """The one object or list that a value is, if it is there."""
    while isinstance(schema, Mapping) and (inner := alternatives(schema)) is not None:
        schema = next((each for each in inner if each != {"type": "null"}), None)
        if sum(each != {"type": "null"} for each in inner) != 1:
            raise NotRegular("alternatives around the unit")
    if not isinstance(schema, Mapping) or ("items" in schema) == ("properties" in schema):
        raise NotRegular("no object around the unit")
    return schema
