"""Which keys are one person: whoever has a number, or is a unit's local person now, with all that is linked (ADR 0021)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.domain.unit import ReportingUnit
from ktt.registry.identity.identities import Identities
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
        return linked(connection, identities, [identities.number_key(whom.number)])
    mine = (_KNOWN.municipality == whom.unit.municipality, _KNOWN.unit == whom.unit.key)
    newest = sa.select(_KNOWN.person_key).where(*mine, _KNOWN.local_person_id == whom.local_id, _KNOWN.newest)
    key = connection.scalar(newest)
    return linked(connection, identities, [key or identities.local_key(whom.unit, whom.local_id)])


def linked(connection: Connection, identities: Identities, person_keys: Iterable[str]) -> list[str]:
    """These keys and all that are one person with one of them, sorted.

    One person are: a unit's local person without number and whoever that is now; a D-number and the national number that
    followed it in some unit, with the same day of birth; and keys that the controller has linked. A number that was
    corrected to another one is not: it may be somebody else's.
    """
    found: set[str] = set()
    wanted = set(person_keys)
    while wanted:
        found |= wanted
        wanted = (_by_hand(connection, wanted) | _by_units(connection, identities, wanted)) - found
    return sorted(found)


def _by_hand(connection: Connection, keys: set[str]) -> set[str]:
    links = PERSON_LINK.c
    roots = keys | set(connection.scalars(sa.select(links.same_as).where(links.person_key.in_(sorted(keys)))))
    return roots | set(connection.scalars(sa.select(links.person_key).where(links.same_as.in_(sorted(roots)))))


def _by_units(connection: Connection, identities: Identities, keys: set[str]) -> set[str]:
    """The keys that a local person of one of these had at other times, as far as that is the same person."""
    mine, others = LAYOUTS[RECIPIENT.name].known.alias("mine"), LAYOUTS[RECIPIENT.name].known.alias("others")
    same = [mine.c[name] == others.c[name] for name in ("municipality", "unit", "local_person_id")]
    columns = (others.c.unit, others.c.local_person_id, others.c.person_key, others.c.version)
    query = sa.select(*columns).join(mine, sa.and_(*same)).where(mine.c.person_key.in_(sorted(keys))).distinct()
    rows = connection.execute(query).all()
    days = identities.birth_days(connection, sorted({row.person_key for row in rows} | keys))
    found: set[str] = set()
    for (unit, local_id), group in groupby(sorted(rows, key=_local), _local):
        each = [row.person_key for row in sorted(group, key=lambda row: row.version) if row.person_key]
        nameless = identities.local_key(ReportingUnit.from_key(unit), local_id)
        now = {nameless, *[key for key in each if key != nameless][-1:]}
        if nameless in each and keys & now:
            found |= now
        born = {days[key] for key in keys & set(each) if key in days}
        found |= {key for key in each if days.get(key) in born}
    return found


def _local(row: Any) -> tuple[str, str]:
    return row.unit, row.local_person_id


def is_known(connection: Connection, person_keys: Iterable[str]) -> bool:
    """Whether the registry has anything about one of these."""
    wanted = sa.select(sa.literal(1)).where(_KNOWN.person_key.in_(sorted(person_keys))).limit(1)
    return connection.scalar(wanted) is not None


def local_persons(connection: Connection, person_keys: Iterable[str]) -> list[LocalPerson]:
    """Whom these keys were, in each unit, whenever; sorted."""
    wanted = sa.select(_KNOWN.unit, _KNOWN.local_person_id).where(_KNOWN.person_key.in_(sorted(person_keys)))
    found = connection.execute(wanted.distinct().order_by(_KNOWN.unit, _KNOWN.local_person_id))
    return [LocalPerson(ReportingUnit.from_key(unit), local_id) for unit, local_id in found]
