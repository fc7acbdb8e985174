"""Months that a unit has declared missing: written down by the controller with the unit's reason, and undone, never deleted."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.core.log.masking import masked
from ktt.domain.unit import ReportingUnit
from ktt.registry.coverage.errors import DeclarationUnexplained, DeclarationUnknown, MonthsTurned
from ktt.registry.coverage.months import DECLARED
from ktt.registry.month_records import OPENING
from ktt.registry.tables import DECLARATION
from ktt.storage.database import Database

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One of them; the last three are empty while it holds."""

    number: int
    unit: str
    first_month: str
    last_month: str
    reason: str
    declared_at: dt.datetime
    declared_by: str
    undone_at: dt.datetime | None = None
    undone_by: str | None = None
    undone_why: str | None = None


class Declarations:
    """Those of a registry."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def declare(self, unit: ReportingUnit, first: str, last: str, who: str, why: str) -> Declaration:
        """Write one down; DeclarationUnexplained, MonthsTurned. What looks like a person's number in the reason is masked."""
        if not (who.strip() and why.strip()):
            raise DeclarationUnexplained
        if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last) and OPENING <= first <= last):
            raise MonthsTurned(first=first, last=last)
        row = {"unit": unit.key, "first_month": first, "last_month": last, "reason": masked(why)}
        told = {"declared_at": self._clock.now(), "declared_by": who}
        with self._database.transaction() as connection:
            return _read(connection.execute(sa.insert(DECLARATION).values(**row, **told).returning(DECLARATION)).one())

    def undo(self, number: int, who: str, why: str) -> Declaration:
        """Let one hold no longer; DeclarationUnexplained, DeclarationUnknown."""
        if not (who.strip() and why.strip()):
            raise DeclarationUnexplained
        note = {"undone_at": self._clock.now(), "undone_by": who, "undone_why": masked(why)}
        this = (DECLARATION.c.id == number, DECLARATION.c.undone_at.is_(None))
        with self._database.transaction() as connection:
            if connection.execute(sa.update(DECLARATION).where(*this).values(note)).rowcount == 0:
                raise DeclarationUnknown(number=number)
            return _read(connection.execute(sa.select(DECLARATION).where(DECLARATION.c.id == number)).one())

    def all(self) -> list[Declaration]:
        """Every one that was made, by number; those that are undone too."""
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(sa.select(DECLARATION).order_by(DECLARATION.c.id))]


def declared(connection: Connection, at: dt.datetime | None = None) -> pl.DataFrame:
    """What held at an instant (now), as `months.DECLARED`."""
    table = DECLARATION.c
    stands = table.undone_at.is_(None)
    holds = stands if at is None else sa.and_(table.declared_at <= at, sa.or_(stands, table.undone_at > at))
    rows = connection.execute(sa.select(*(table[name] for name in DECLARED)).where(holds)).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=DECLARED, orient="row")


def _read(row: sa.Row[Any]) -> Declaration:
    return Declaration(*tuple(row))
