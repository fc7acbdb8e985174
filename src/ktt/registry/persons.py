"""Which keys are one person: whoever has a number, or is a unit's local person now, with all that is linked (ADR 0021)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.domain.unit import ReportingUnit
from ktt.registry.identity import Identities
from ktt.registry.tables import LAYOUTS, PERSON_LINK

_KNOWN = LAYOUTS[RECIPIENT.name].known.c


@dataclass(frozen=True, slots=True)
class NumberedPerson:
    """Whoever has the number, in plain form."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LocalPerson:
    """A unit's local person, who is whoever the unit says now."""

    unit: ReportingUnit
    local_id: str = field(repr=False)


Whom = NumberedPerson | LocalPerson


def keys_of(connection: Connection, identities: Identities, whom: Whom) -> list[str]:
    """Every key of the person, sorted; the one that would be used if the registry knew the person, when it does not."""
    if isinstance(whom, NumberedPerson):
        return linked(connection, [identities.number_key(whom.number)])
    mine = (_KNOWN.municipality == whom.unit.municipality, _KNOWN.unit == whom.unit.key)
    newest = sa.select(_KNOWN.person_key).where(*mine, _KNOWN.local_person_id == whom.local_id, _KNOWN.newest)
    key = connection.scalar(newest)
    return linked(connection, [key or identities.local_key(whom.unit, whom.local_id)])


def linked(connection: Connection, person_keys: Iterable[str]) -> list[str]:
    """These keys and all that are one person with one of them, sorted."""
    keys = set(person_keys)
    links = PERSON_LINK.c
    roots = keys | set(connection.scalars(sa.select(links.same_as).where(links.person_key.in_(sorted(keys)))))
    others = connection.scalars(sa.select(links.person_key).where(links.same_as.in_(sorted(roots))))
    return sorted(roots | set(others))


def is_known(connection: Connection, person_keys: Iterable[str]) -> bool:
    """Whether the registry has anything about one of these."""
    wanted = sa.select(sa.literal(1)).where(_KNOWN.person_key.in_(sorted(person_keys))).limit(1)
    return connection.scalar(wanted) is not None


def local_persons(connection: Connection, person_keys: Iterable[str]) -> list[LocalPerson]:
    """Whom these keys were, in each unit, whenever; sorted."""
    wanted = sa.select(_KNOWN.unit, _KNOWN.local_person_id).where(_KNOWN.person_key.in_(sorted(person_keys)))
    found = connection.execute(wanted.distinct().order_by(_KNOWN.unit, _KNOWN.local_person_id))
    return [LocalPerson(ReportingUnit.from_key(unit), local_id) for unit, local_id in found]
