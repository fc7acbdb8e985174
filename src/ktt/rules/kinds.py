"""The four consequences and three causes that a rule can have."""

from __future__ import annotations

from enum import Enum

from ktt.core.text import Text


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
