"""The audit log: whether each entry follows from the one before it, and the newest is the one that was sealed."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.identity.audit import AuditLog, Head, entry_hash
from ktt.registry.tables import AUDIT, AUDIT_ABOUT, AUDIT_HEAD
from ktt.registry.verification.inconsistency import Inconsistency, Verification


def judge_audit(connection: Connection, log: AuditLog, into: Verification) -> None:
    """Judge every entry, and the head against the newest of them."""
    last, broken = _followed(connection)
    head = connection.execute(sa.select(AUDIT_HEAD)).one_or_none()
    into.audit = last
    if head is None or (head.number, head.hash) != (last.number, last.hash) or not log.is_sealed(connection):
        broken.append(last.number)
    into.add("audit", [Inconsistency("audit", position=number) for number in broken])


def _followed(connection: Connection) -> tuple[Head, list[int]]:
    """The newest entry, and those whose hash is not that of what they tell and of the entry before."""
    about: defaultdict[int, list[str]] = defaultdict(list)
    for number, subject in connection.execute(sa.select(AUDIT_ABOUT).order_by(AUDIT_ABOUT.c.subject)):
        about[number].append(subject)
    broken, last = [], Head(0, "")
    for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.number)):
        told = (row.who, row.act, row.why, row.unit, row.detail)
        right = entry_hash(last.hash, row.number, row.at, told, about.pop(row.number, []))
        if row.hash != right or row.number != last.number + 1:
            broken.append(row.number)
        last = Head(row.number, row.hash)
    return last, [*broken, *about]
