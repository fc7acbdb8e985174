"""The table of what stays at the registry although the record system does not have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.sql.tables import KEPT


def replace(connection: Connection, unit: ReportingUnit, ids: Mapping[str, Sequence[str]]) -> None:
    """Let these be the unit's, and no others."""
    connection.execute(KEPT.delete().where(KEPT.c.unit == unit.key))
    rows = [{"unit": unit.key, "record_type": name, "local_id": one} for name, some in ids.items() for one in set(some)]
    if rows:
        connection.execute(KEPT.insert(), rows)


def read(connection: Connection, unit: ReportingUnit) -> dict[str, list[str]]:
    """The unit's, in order."""
    query = sa.select(KEPT.c.record_type, KEPT.c.local_id).where(KEPT.c.unit == unit.key)
    ids: dict[str, list[str]] = {}
    for name, local_id in sorted(map(tuple, connection.execute(query))):
        ids.setdefault(name, []).append(local_id)
    return ids
