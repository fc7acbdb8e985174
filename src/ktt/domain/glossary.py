"""The tested glossary: Norwegian term, code name, meaning in both languages, and the places in messages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from ktt.core.text import Text

Section = Literal["terms", "records", "columns", "places"]
SECTIONS: tuple[Section, ...] = ("terms", "records", "columns", "places")


@dataclass(frozen=True, slots=True)
class Term:
    """One row. `code` is a class, a record type, or a column as `record.column` (bare where it means the same everywhere).

    `fields` are places in messages: the lists and objects on the way, then the field (`vedtak[].tjenester[].resultat`).
    """

    section: Section
    nb: str
    code: str
    meaning: Text
    fields: tuple[str, ...]


@cache
def glossary() -> tuple[Term, ...]:
    """Every row, in the file's order."""
    raw = tomllib.loads((files(__package__) / "glossary.toml").read_text(encoding="utf-8"))
    return tuple(_term(section, row) for section in SECTIONS for row in raw[section])


def for_field(place: str) -> Term | None:
    """The row of a place in a message, or None."""
    return _by_field().get(place)


def for_column(record_type: str, column: str) -> Term | None:
    """The row of a column: its own, or the one that all columns of that name share; None when there is neither."""
    rows = _by_column()
    return rows.get(f"{record_type}.{column}") or rows.get(column)


def for_record(record_type: str) -> Term | None:
    """The row of a record type or part, or None."""
    return _by_record().get(record_type)


@cache
def _by_record() -> Mapping[str, Term]:
    return {term.code: term for term in glossary() if term.section == "records"}


@cache
def _by_field() -> Mapping[str, Term]:
    return {place: term for term in glossary() for place in term.fields}


@cache
def _by_column() -> Mapping[str, Term]:
    return {term.code: term for term in glossary() if term.section == "columns"}


def _term(section: Section, row: Mapping[str, object]) -> Term:
    places = row.get("fields", [])
    assert isinstance(places, list)
    meaning = Text(nb=str(row["says_nb"]), en=str(row["says_en"]))
    return Term(section, str(row["nb"]), str(row["code"]), meaning, tuple(places))
