"""Whether a unit that somebody wrote is one that the registry knows: a slip must not be answered with “nothing found”."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.coverage.errors import UnitUnknown
from ktt.registry.tables import INGESTED_UNIT, QUARANTINE


def check_unit(connection: Connection, unit: str | None) -> None:
    """UnitUnknown when nothing was ever ingested of the unit and it does not wait; None is every unit."""
    if unit is None:
        return
    known = [sa.select(table.c.unit).where(table.c.unit == unit).limit(1) for table in (INGESTED_UNIT, QUARANTINE)]
    if not any(connection.execute(query).first() for query in known):
        raise UnitUnknown(unit=unit)
