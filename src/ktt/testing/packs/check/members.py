"""Members of the schema: what it demands is filled, and what the mapping never writes is listed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES
from ktt.messages.mapping.places import SchemaPlaces, steps_of
from ktt.messages.mapping.scopes import Constant, Member, Scope
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.lines import Line, advice, failed, name_of, note, ok

Steps = tuple[str, ...]

_CHECK = "members"
_FILLED = Text(nb="Alt skjemaet krever, blir fylt ut.", en="Everything that the schema requires is filled.")
_NEVER = Text(
    nb="Skjemaet krever «{place}», og ingen kolonne eller konstant fyller det.",
    en="The schema requires “{place}”, and no column or constant fills it.",
)
_FILL = Text(
    nb="Koble en kolonne dit, eller gi stedet constant, meta eller name_of i mapping.toml.",
    en="Map a column to it, or give the place a constant, meta or name_of in mapping.toml.",
)
_MAYBE = Text(
    nb="Skjemaet krever «{place}», men {columns} kan mangle i en post. Da holdes posten tilbake.",
    en="The schema requires “{place}”, but {columns} may be missing in a record. Such a record is held back.",
)
_EMPTY = Text(
    nb='Tillater skjemaet null eller tom tekst der, så sett empty = "null" eller "text". Ellers er det slik det skal være.',
    en='If the schema allows null or an empty text there, set empty = "null" or "text". If not, it is as it has to be.',
)
_UNWRITTEN = Text(
    nb="Koblingen skriver aldri {count:felt|felt} som skjemaet har.",
    en="The mapping never writes {count:member|members} that the schema has.",
)


class _Fill(IntEnum):
    """Whether something stands at a place in every object around it."""

    SOMETIMES = 1
    ALWAYS = 2


class _Places:
    """Every place that a mapping writes to, and the columns that fill it; `around` are the objects and lists on the way.

    Of these, `optional` are left out when nothing is in them, so what they demand is asked of few records.
    """

    def __init__(self, root: Scope) -> None:
        self.fills: dict[Steps, _Fill] = {}
        self.columns: dict[Steps, list[str]] = {}
        for scope in root.walk():
            at = _steps(scope)
            for child in scope.children:
                if not child.is_numbered:
                    self._add((*at, *(child.steps[:-1] if child.many else child.steps)), _of_child(child), "")
            for member in scope.members:
                self._add((*at, *member.path), _of_member(member), f"{member.owner}.{member.column.name}")
            for constant in scope.constants:
                self._add((*at, *constant.path), _of_constant(constant, scope), constant.beside or "")
        self.around = {steps[:depth] for steps in self.fills for depth in range(len(steps))}
        self.around |= {_steps(scope) for scope in root.walk()}
        self.optional = {(*_steps(scope), *path) for scope in root.walk() for path in scope.optional}

    def _add(self, steps: Steps, fill: _Fill, column: str) -> None:
        self.fills[steps] = max(fill, self.fills.get(steps, fill))
        if column and column not in self.columns.setdefault(steps, []):
            self.columns[steps].append(column)

    def fill(self, steps: Steps) -> _Fill | None:
        """None where nothing is ever written. A list or an object that is demanded is always written."""
        return self.fills.get(steps, _Fill.ALWAYS if steps in self.around else None)


def _steps(scope: Scope) -> Steps:
    return steps_of(scope.at.partition("#")[0])


def _of_child(child: Scope) -> _Fill:
    lone = child.record_type is not None and not child.many
    return _Fill.SOMETIMES if lone else _Fill.ALWAYS


def _of_member(member: Member) -> _Fill:
    always = member.empty is not None or (member.column.required and not member.identity)
    return _Fill.ALWAYS if always else _Fill.SOMETIMES


def _of_constant(constant: Constant, scope: Scope) -> _Fill:
    if constant.beside is None:
        return _Fill.ALWAYS
    kinds = [scope.record_type] if scope.record_type is not None else list(ALL_TYPES.values())
    columns = [column for kind in kinds for column in kind.columns if column.name == constant.beside]
    return _Fill.ALWAYS if any(column.required for column in columns) else _Fill.SOMETIMES


def place_of(steps: Steps) -> str:
    """Steps as people write a place: `[].vedtak[].vedtakId`."""
    return "".join(step if step == "[]" else f".{step}" for step in steps).removeprefix(".")


def check_members(version: PackedMessage, schema: SchemaPlaces) -> Iterator[Line]:
    """A line for each required member that nothing fills, or only some records do, and one for what is never written."""
    places = _Places(version.mapping.root)
    message = name_of(version)
    never: list[str] = []
    unwritten: list[str] = []
    for around in sorted(places.around, key=len):
        at = place_of(around)
        for name in schema.names(at):
            here = (*around, name)
            fill, must = places.fill(here), schema.requires(at, name)
            if fill is None:
                (never if must else unwritten).append(place_of(here))
            elif must and fill is _Fill.SOMETIMES and around not in places.optional:
                columns = " / ".join(places.columns.get(here, [])) or place_of(here)
                says = _MAYBE.format(place=place_of(here), columns=columns)
                yield advice(_CHECK, says, _EMPTY, message, (place_of(here),))
    for place in never:
        yield failed(_CHECK, _NEVER.format(place=place), _FILL, message, (place,))
    if not never:
        yield ok(_CHECK, _FILLED, message)
    if unwritten:
        yield note(_CHECK, _UNWRITTEN.format(count=len(unwritten)), message, tuple(unwritten))
