"""From pseudonyms back to persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ktt.registry.errors import PersonUnknown
from ktt.registry.identity.identities import Identities, Identity
from ktt.registry.persons.whom import LocalPerson, local_persons
from ktt.storage.database import Database


@dataclass(frozen=True, slots=True)
class Reidentified:
    """A pseudonym, the number behind it (None: the person has none), and whom it is in the units."""

    pseudonym: str
    identity: Identity | None = field(repr=False)
    known_as: tuple[LocalPerson, ...] = field(repr=False)


def reidentify(
    database: Database, identities: Identities, pseudonyms: Sequence[str], who: str, why: str
) -> list[Reidentified]:
    """Those that are known, in the order given; PersonUnknown when none is, ReasonMissing."""
    opened = identities.reveal(pseudonyms, who, why, "reidentify")
    with database.reading() as connection:
        known = {key: tuple(local_persons(connection, [key])) for key in pseudonyms}
    found = [Reidentified(key, opened.get(key), known[key]) for key in dict.fromkeys(pseudonyms) if known[key]]
    if not found:
        raise PersonUnknown
    return found
