"""What can be found to be inconsistent, in words, and what one verification found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ktt.core.text import Text
from ktt.registry.identity.audit import Head

MEANINGS = {
    "overlap": Text(
        nb="To versjoner av en post er kjent samtidig.", en="Two versions of a record are known at the same time."
    ),
    "gap": Text(
        nb="Mellom to versjoner av en post er ingen kjent.", en="Between two versions of a record none is known."
    ),
    "turned": Text(
        nb="En versjon slutter å være kjent før den begynner.", en="A version ceases to be known before it begins."
    ),
    "numbers": Text(nb="Versjonene er ikke nummerert 1, 2, 3 …", en="The versions are not numbered 1, 2, 3 …"),
    "newest": Text(
        nb="Den nyeste versjonen av en post er ikke den gjeldende, eller posten har ingen gjeldende.",
        en="The newest version of a record is not the current one, or the record has none.",
    ),
    "unchanged": Text(
        nb="En versjon sier det samme som versjonen før.", en="A version says the same as the one before it."
    ),
    "deletion": Text(nb="En sletting har innhold.", en="A deletion has content."),
    "fingerprint": Text(
        nb="Innholdet i en versjon stemmer ikke med fingeravtrykket.",
        en="The content of a version is not what its fingerprint was made of.",
    ),
    "message": Text(
        nb="En versjon viser til en melding som ikke er lest inn for enheten.",
        en="A version refers to a message that was not ingested for its unit.",
    ),
    "instant": Text(
        nb="En versjon er kjent fra et annet tidspunkt enn da meldingen ble mottatt.",
        en="A version is known from another instant than when its message was received.",
    ),
    "person": Text(
        nb="En versjon gjelder en person som enheten ikke har hatt.",
        en="A version is about a person whom the unit never had.",
    ),
    "identity": Text(
        nb="En person som skal ha nummer, mangler det, eller et nummer hører ikke til noen.",
        en="A person who has a number lacks it, or a number belongs to nobody.",
    ),
    "journal": Text(
        nb="Journalen teller andre endringer enn de som står i registeret, eller mangler enheten.",
        en="The journal counts other changes than those in the registry, or lacks the unit.",
    ),
    "waiting": Text(
        nb="En melding står som ventende, men er lest inn, eller enheten venter ikke.",
        en="A message is noted as waiting but was ingested, or its unit does not wait.",
    ),
    "months": Text(
        nb="Postene per måned er talt annerledes enn de som står i registeret.",
        en="The records by month are counted otherwise than those in the registry.",
    ),
    "audit": Text(
        nb="Loggen over innsyn er endret: en innførsel følger ikke av den før, eller den siste er ikke den forseglede.",
        en="The log of looks was changed: an entry does not follow from the one before, or the last is not the sealed one.",
    ),
    "recomputed": Text(
        nb="Meldingene gir en annen versjon når de leses på nytt, enn den som er lagret.",
        en="The messages, read anew, make another version than the one that is there.",
    ),
}
"""What is checked, by name; each with what it means when it is found."""


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """One place where a check failed: a version, or a message. What is not known of it is empty."""

    check: str
    record_type: str | None = None
    unit: str | None = None
    local_id: str | None = field(default=None, repr=False)
    version: int | None = None
    position: int | None = None


@dataclass(slots=True)
class Verification:
    """What was looked at, how often each check failed, and the first places of each."""

    versions: dict[str, int] = field(default_factory=dict)  # by record type
    messages: int = 0
    audit: Head = field(default_factory=lambda: Head(0, ""))
    counts: Counter[str] = field(default_factory=Counter)
    places: list[Inconsistency] = field(default_factory=list)
    recomputed: int | None = None  # units whose messages were read anew; None: nobody asked for it
    not_kept: int = 0  # units of which not every message is kept, or can be read

    def add(self, check: str, places: list[Inconsistency], count: int | None = None) -> None:
        """So many failed; `places` may be the first of them."""
        failed = len(places) if count is None else count
        if failed:
            self.counts[check] += failed
            self.places += places

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.counts
