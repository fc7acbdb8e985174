"""The first of two checks of a message: one pass of an automaton tells that a message in the usual form fits.

A yes is certain. A no only means that the message must be checked against the schema, which lists every violation with
its place. Property tests hold the first half against the schema. RE2 needs time in proportion to the message, whatever
it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ktt.domain.person_rule import AllowedPersons
from ktt.domain.unit import ReportingUnit
from ktt.messages.automaton.compiled import compiled
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.grammar import message_language
from ktt.messages.automaton.kinds import JsonSchema
from ktt.messages.automaton.long_lists import too_long_lists
from ktt.messages.automaton.unit_head import unit_reader

FastCheck = Callable[[bytes], ReportingUnit | None]
"""Gives the one unit of a message that fits its schema for certain; None when that is not certain."""


@dataclass(frozen=True, slots=True)
class UnitPlaces:
    """Where a message says which unit it is about: `[].orgNr`, `header.municipality.code`. `[]` is each item of a list."""

    organisation: str
    municipality: str
    district: str | None = None


def fast_check(
    schema: JsonSchema,
    unit_places: UnitPlaces | None,
    person_places: Iterable[str] = (),
    persons: AllowedPersons = "any",
) -> FastCheck | None:
    """The check of messages of one schema that hold such person numbers only; None when no automaton can express it.

    The schema is whole: no `$ref` is left. `person_places` are where numbers of eleven digits stand:
    `[].vedtak[].person.fodselsNr`. It takes some tenths of a second to make: keep it.
    """
    if unit_places is None:
        return None
    try:
        return _made(schema, unit_places, person_places, persons)
    except (NotRegular, RecursionError):
        return None


def obstacle(schema: JsonSchema, unit_places: UnitPlaces, person_places: Iterable[str] = ()) -> str | None:
    """The words or the pattern of the schema that no automaton can express; None when there is a fast check."""
    try:
        _made(schema, unit_places, person_places, "any")
    except NotRegular as fault:
        return str(fault)
    except RecursionError:
        return "depth"
    return None


def _made(
    schema: JsonSchema, unit_places: UnitPlaces, person_places: Iterable[str], persons: AllowedPersons
) -> FastCheck:
    columns = {unit_places.organisation: "organisation", unit_places.municipality: "municipality"}
    columns |= {} if unit_places.district is None else {unit_places.district: "district"}
    unit = unit_reader(schema, columns)
    language = message_language(schema, columns, person_places, persons)
    automaton = compiled(language.expression)
    too_long = too_long_lists(language.long_lists)

    def check(message: bytes) -> ReportingUnit | None:
        return None if automaton.fullmatch(message) is None or too_long(message) else unit(message)

    return check
