"""Who may send what for whom: rows that an operator adds and takes away.

The holder of a right is the token's `orgnr_parent`, the only number that HelseID vouches for; a child unit is what the
client says it is (helseid § 6), so it can narrow a right and never give one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.receiver.tables import ACCESS, ACCESS_VERSION, SUPPLIER
from ktt.storage.database import Database

_ITSELF = sa.select(ACCESS).where(
    ACCESS.c.holder == sa.bindparam("holder"), ACCESS.c.message_type == sa.bindparam("message_type")
)
_THROUGH = _ITSELF.where(
    sa.exists().where(SUPPLIER.c.holder == sa.bindparam("holder"), SUPPLIER.c.supplier == sa.bindparam("supplier"))
)


_CHANGED = sa.update(ACCESS_VERSION).values(version=ACCESS_VERSION.c.version + 1)
_MOST = 5_000  # answers kept; the nation has 390 units and five types

Question = tuple[str, str, str | None]
"""Holder, message type, vendor."""


class Access:
    """The access list. Nothing is allowed that is not written there.

    Answers are kept as long as the list has the version that they were read under.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[Question, tuple[int, frozenset[ReportingUnit]]] = {}
        self._lock = threading.Lock()

    def grant(
        self,
        unit: ReportingUnit,
        message_types: Iterable[str],
        *,
        holder: str | None = None,
        suppliers: Iterable[str] = (),
    ) -> None:
        """Let `holder` send these types for the unit, itself or through these vendors; repeating it is harmless.

        Without a holder the unit's own organisation is meant.
        """
        legal_entity = holder or unit.organisation
        rows = [{"holder": legal_entity, **_unit(unit), "message_type": name} for name in message_types]
        vendors = [{"holder": legal_entity, "supplier": number} for number in suppliers]
        with self._database.transaction() as connection:
            _add(connection, ACCESS, rows)
            _add(connection, SUPPLIER, vendors)
            connection.execute(_CHANGED)

    def revoke(self, unit: ReportingUnit) -> None:
        """Take away every right to send for this unit."""
        conditions = (ACCESS.c[name] == value for name, value in _unit(unit).items())
        with self._database.transaction() as connection:
            connection.execute(sa.delete(ACCESS).where(*conditions))
            connection.execute(_CHANGED)

    def revoke_supplier(self, holder: str, supplier: str) -> None:
        """Take away a vendor's right to send for a holder."""
        with self._database.transaction() as connection:
            connection.execute(sa.delete(SUPPLIER).where(SUPPLIER.c.holder == holder, SUPPLIER.c.supplier == supplier))
            connection.execute(_CHANGED)

    def known(self, question: Question, version: int) -> frozenset[ReportingUnit] | None:
        """The answer of `units` if it is at hand and the list still has this version; else None. Asks no database."""
        at, units = self._known.get(question, (0, frozenset()))
        return units if at == version else None

    def learn(self, question: Question, version: int) -> frozenset[ReportingUnit]:
        """The answer of `units`, read and kept. The list had this version not later than now, so it is never older."""
        units = self.units(*question)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[question] = (version, units)
        return units

    def units(self, holder: str, message_type: str, supplier: str | None = None) -> frozenset[ReportingUnit]:
        """The units that the holder may send the type for, itself or through this vendor; empty is no access."""
        wanted = _ITSELF if supplier is None else _THROUGH
        asked = {"holder": holder, "message_type": message_type, "supplier": supplier}
        with self._database.reading() as connection:
            rows = connection.execute(wanted, asked).all()
        return frozenset(ReportingUnit(row.organisation, row.municipality, row.district or None) for row in rows)


def _unit(unit: ReportingUnit) -> dict[str, str]:
    return {"organisation": unit.organisation, "municipality": unit.municipality, "district": unit.district or ""}


def _add(connection: Connection, table: sa.Table, rows: list[dict[str, str]]) -> None:
    for row in rows:
        known = sa.exists().where(*(table.c[name] == value for name, value in row.items()))
        if not connection.scalar(sa.select(known)):
            connection.execute(sa.insert(table).values(row))
