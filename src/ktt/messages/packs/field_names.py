"""What messages call the columns of the record types, as the mapping of their pack says.

A name is the field as it stands below its list: `soknadDato`, or `person.fodselsNr` inside an object of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ktt.messages.version import MessageVersion


@dataclass(frozen=True)
class FieldNames:
    """The names and the whole places (`vedtak[].soknadDato`) of each column, by record type and column."""

    names: Mapping[tuple[str, str], tuple[str, ...]]
    places: Mapping[tuple[str, str], tuple[str, ...]]

    def of(self, record_type: str, column: str) -> tuple[str, ...]:
        """The names of a column: none when no message carries it, several when a message has a field for each kind."""
        return self.names.get((record_type, column), ())

    def shown(self, record_type: str, column: str) -> str:
        """The names in one text, or the column's own where no message carries it."""
        return ", ".join(self.of(record_type, column)) or column

    def columns(self, name: str) -> frozenset[tuple[str, str]]:
        """The columns that a message calls so, whatever the case: by field, by name below its list, or by whole place."""
        return self._by_name.get(name.casefold().replace("[]", ""), frozenset())

    @property
    def known(self) -> list[str]:
        """Every name, sorted."""
        return sorted({name for names in self.names.values() for name in names})

    @cached_property
    def _by_name(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        found: dict[str, set[tuple[str, str]]] = {}
        for held in (self.names, self.places):
            for column, names in held.items():
                for name in names:
                    plain = name.casefold().replace("[]", "")
                    for one in (plain, plain.rpartition(".")[2]):
                        found.setdefault(one, set()).add(column)
        return {name: frozenset(columns) for name, columns in found.items()}


def field_names(versions: Iterable[MessageVersion]) -> FieldNames:
    """The names in all of these message versions."""
    names: dict[tuple[str, str], dict[str, None]] = {}
    places: dict[tuple[str, str], dict[str, None]] = {}
    for version in versions:
        for place, (record_type, column) in version.places().items():
            if column is not None:
                whole = place.removeprefix("[].")
                names.setdefault((record_type, column), {})[whole.rpartition("[].")[2]] = None
                places.setdefault((record_type, column), {})[whole] = None
        for record_type, paths in version.paths().items():
            for column, path in paths.items():
                if (record_type, column) not in places:  # the person of a record stands in an object of the record
                    names.setdefault((record_type, column), {})[path.strip("/").replace("/", ".")] = None
    return FieldNames(_settled(names), _settled(places))


def _settled(found: Mapping[tuple[str, str], dict[str, None]]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {column: tuple(names) for column, names in found.items()}
