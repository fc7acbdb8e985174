"""What the registry's audit log tells, with persons by their keys."""

from __future__ import annotations

import sqlalchemy as sa

from ktt.registry import Registry
from ktt.registry.tables import AUDIT, AUDIT_ABOUT, AUDIT_SUBJECT

Told = tuple[str, str, str, str | None, list[str]]


def entries(registry: Registry) -> list[Told]:
    """(act, who, why, unit, sorted keys of the persons that a road still leads to) of each entry, in order."""
    with registry.reading() as connection:
        about = sa.select(AUDIT_ABOUT.c.number, AUDIT_SUBJECT.c.person_key).join(
            AUDIT_SUBJECT, AUDIT_SUBJECT.c.subject == AUDIT_ABOUT.c.subject
        )
        keys: dict[int, list[str]] = {}
        for number, key in connection.execute(about):
            keys.setdefault(number, []).append(key)
        rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number)).all()
    return [(row.act, row.who, row.why, row.unit, sorted(keys.get(row.number, []))) for row in rows]
