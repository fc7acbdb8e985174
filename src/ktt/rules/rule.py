"""What a rule is, and the four consequences and three causes that a rule can have."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum

import polars as pl

from ktt.core.text import Text
from ktt.domain.schema import RecordType

col = pl.col


class Consequence(Enum):
    """The four consequences of IPLOS 3.7 (control rules, Helsedirektoratet 2019), worst first. There are no others."""

    REJECT_MESSAGE = 1  # Slettemerk melding
    DROP_RECORD = 2  # Slettemerk rad med underelementer
    CLEAR_FIELD = 7  # Sett verdi til NULL
    NOTE = 9  # Ingen handling

    @property
    def text(self) -> Text:
        """The consequence in words."""
        return _CONSEQUENCES[self]


_CONSEQUENCES = {
    Consequence.REJECT_MESSAGE: Text(nb="meldingen avvises", en="the message is rejected"),
    Consequence.DROP_RECORD: Text(nb="opplysningen tas ikke med", en="the record is left out"),
    Consequence.CLEAR_FIELD: Text(nb="feltet tømmes", en="the field is cleared"),
    Consequence.NOTE: Text(nb="avviket noteres", en="the fault is noted"),
}


class Cause(Enum):
    """Who must act: the three causes that the registry itself names."""

    REGISTRATION = "registration"
    EXTRACTION = "extraction"
    CODE_MAPPING = "code mapping"

    @property
    def text(self) -> Text:
        """The cause in words, with who acts."""
        return _CAUSES[self]


_CAUSES = {
    Cause.REGISTRATION: Text(
        nb="registrering (saksbehandler retter i EPJ)", en="registration (caseworker corrects in the EPJ)"
    ),
    Cause.EXTRACTION: Text(nb="uttrekk (leverandør retter uttrekket)", en="extraction (vendor corrects the export)"),
    Cause.CODE_MAPPING: Text(
        nb="kodekobling (systemansvarlig retter koblingen)", en="code mapping (system owner corrects the mapping)"
    ),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One check on one record type. `holds` is true where a row is right, and empty where the rule does not apply.

    `holds` may use the row's own columns and the context columns that `rules.context` offers for the record type
    (`decision.decided_on`, `person.died_on`, `today` …). `concerns` are the row's own columns that the finding points
    at; the first of them is the one that CLEAR_FIELD empties. `says` and `remedy` tell people what is wrong and what to
    do. `examples` are tables that run as tests (`rules.examples`).
    A rule with `valid_from` or `valid_to` only applies to runs on days inside them. One that `needs_whole_picture` also
    looks at the unit's other records, and is skipped where those are not at hand (`ValidationScope.other_records`).
    """

    id: str
    on: RecordType
    holds: pl.Expr = field(repr=False)
    concerns: tuple[str, ...]
    consequence: Consequence
    says: Text
    remedy: Text
    cause: Cause
    source: str
    examples: str = field(repr=False)
    theme: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    needs_whole_picture: bool = False
    production: bool | None = None  # True: only in production · False: only elsewhere · None: everywhere

    def in_force_on(self, day: dt.date) -> bool:
        """Whether the rule is in force on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
