"""Empty fingerprints in the snapshot: what has one is found changed until it is accepted again."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import ROOT_NAMES
from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.interventions.resend import Resend, marker
from ktt.sender.outbox.sql.tables import OUTBOX, SNAPSHOT


def blank(connection: Connection, unit: ReportingUnit, wanted: Resend) -> int:
    """Empty the fingerprints of what is wanted, and return how many there were."""
    of_unit = (SNAPSHOT.c.unit == unit.key) & SNAPSHOT.c.record_type.in_(ROOT_NAMES)
    statement = sa.update(SNAPSHOT).where(of_unit).values(fingerprint=marker(wanted))
    if not wanted.ids:
        return connection.execute(statement.where(*_of_messages(unit, wanted))).rowcount
    one = (SNAPSHOT.c.record_type == sa.bindparam("of_type")) & (SNAPSHOT.c.local_id == sa.bindparam("of_id"))
    named = [
        {"of_type": name, "of_id": local_id} for name, ids in wanted.ids.items() for local_id in dict.fromkeys(ids)
    ]
    return sum(connection.execute(statement.where(one), each).rowcount for each in named)


def _of_messages(unit: ReportingUnit, wanted: Resend) -> list[sa.ColumnElement[bool]]:
    """What the chosen messages brought last; nothing to choose by means everything."""
    chosen = []
    if wanted.day is not None:
        chosen.append(OUTBOX.c.extracted_on == wanted.day)
    if wanted.period is not None:
        within = OUTBOX.c.period.startswith(f"{wanted.period}-", autoescape=True)
        chosen.append((OUTBOX.c.period == wanted.period) | within)
    sequences = sa.select(OUTBOX.c.sequence).where(OUTBOX.c.unit == unit.key, *chosen)
    return [SNAPSHOT.c.sequence.in_(sequences)] if chosen else []
