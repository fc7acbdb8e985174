"""Who may send what for whom: rows that an operator grants and revokes, each change written to the audit log.

The holder of a right is the token's `orgnr_parent`, the only number that HelseID vouches for; a child unit is what the
client says it is (helseid § 6), so it can narrow a right and never give one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock, SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.receiver.access import audit_log
from ktt.receiver.access.audit_log import Action, Attribution, Change, Right
from ktt.receiver.access.errors import NoSuchChange, NothingToUndo
from ktt.receiver.store.tables import ACCESS, ACCESS_VERSION, SUPPLIER
from ktt.storage.database import Database

_BY_HOLDER = sa.select(ACCESS).where(
    ACCESS.c.holder == sa.bindparam("holder"), ACCESS.c.message_type == sa.bindparam("message_type")
)
_BY_SUPPLIER = _BY_HOLDER.where(
    sa.exists().where(SUPPLIER.c.holder == sa.bindparam("holder"), SUPPLIER.c.supplier == sa.bindparam("supplier"))
)
_RAISE_VERSION = sa.update(ACCESS_VERSION).values(version=ACCESS_VERSION.c.version + 1)
_MOST_CACHED = 5_000  # answers; the country has 390 units and five types

AccessQuery = tuple[str, str, str | None]
"""Holder, message type, vendor or None."""

PROGRAM = "ktt"
"""Who made a change that no person asked for, such as the sandbox's own rights."""


class AccessList:
    """The access list. Nothing is allowed that is not written there.

    The writing methods return the change that was made, or None when there was nothing to change. A change is in force
    in every process of the receiver as soon as the method returns: a cached answer is good only while the list has the
    version that the answer was read under.
    """

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database, self._clock = database, clock or SystemClock()
        self._cache: dict[AccessQuery, tuple[int, frozenset[ReportingUnit]]] = {}
        self._lock = threading.Lock()

    def grant(
        self,
        unit: ReportingUnit,
        message_types: Iterable[str],
        *,
        holder: str | None = None,
        suppliers: Iterable[str] = (),
        by: str = PROGRAM,
        reason: str = "",
    ) -> Change | None:
        """Let `holder` send these types for the unit, itself or through these vendors; repeating it is harmless.

        Without a holder the unit's own organisation is meant.
        """
        legal_entity = holder or unit.organisation
        wanted = [Right(legal_entity, *_unit(unit), message_type=name) for name in message_types]
        wanted += [Right(legal_entity, supplier=number) for number in suppliers]
        return self._change([("grant", right) for right in wanted], by, reason)

    def revoke(
        self,
        unit: ReportingUnit,
        message_types: Iterable[str] | None = None,
        *,
        holder: str | None = None,
        by: str = PROGRAM,
        reason: str = "",
    ) -> Change | None:
        """Take away rights to send for this unit: all of them, or those of the types or the holder that are named."""
        types = None if message_types is None else set(message_types)
        taken = [
            right
            for right in self.rights()
            if (right.organisation, right.municipality, right.district) == _unit(unit)
            and (types is None or right.message_type in types)
            and holder in {None, right.holder}
        ]
        return self._change([("revoke", right) for right in taken], by, reason)

    def grant_supplier(self, holder: str, supplier: str, *, by: str = PROGRAM, reason: str = "") -> Change | None:
        """Let a vendor send whatever the holder may send."""
        return self._change([("grant", Right(holder, supplier=supplier))], by, reason)

    def revoke_supplier(self, holder: str, supplier: str, *, by: str = PROGRAM, reason: str = "") -> Change | None:
        """Take away a vendor's right to send for a holder."""
        return self._change([("revoke", Right(holder, supplier=supplier))], by, reason)

    def undo(self, number: int, *, by: str = PROGRAM, reason: str = "") -> Change:
        """Take a change back, which is a change as well. NoSuchChange; NothingToUndo when none of it is in force any more."""
        with self._database.reading() as connection:
            found = audit_log.read_changes(connection, number=number)
        if not found:
            raise NoSuchChange(number=number)
        made = self._change(audit_log.inverse(found[0].rights), by, reason, undoes=number)
        if made is None:
            raise NothingToUndo(number=number)
        return made

    def cached(self, query: AccessQuery, version: int) -> frozenset[ReportingUnit] | None:
        """The answer of `units` if it is cached and was read under this version of the list; else None. No database."""
        at, units = self._cache.get(query, (0, frozenset()))
        return units if at == version else None

    def load(self, query: AccessQuery, version: int) -> frozenset[ReportingUnit]:
        """The answer of `units`, read and cached. `version` is one that the list has or has had, so no answer is too old."""
        units = self.units(*query)
        with self._lock:
            if len(self._cache) >= _MOST_CACHED:
                self._cache.clear()
            self._cache[query] = (version, units)
        return units

    def units(self, holder: str, message_type: str, supplier: str | None = None) -> frozenset[ReportingUnit]:
        """The units that the holder may send the type for, itself or through this vendor; empty when it has no access."""
        wanted = _BY_HOLDER if supplier is None else _BY_SUPPLIER
        values = {"holder": holder, "message_type": message_type, "supplier": supplier}
        with self._database.reading() as connection:
            rows = connection.execute(wanted, values).all()
        return frozenset(ReportingUnit(row.organisation, row.municipality, row.district or None) for row in rows)

    def rights(self) -> list[Right]:
        """Every unit and type that someone may send, by holder and unit."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(ACCESS).order_by(*ACCESS.primary_key.columns)).all()
        return [Right(*row) for row in rows]

    def suppliers(self) -> list[tuple[str, str]]:
        """Every holder and a vendor that may send for it."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(SUPPLIER).order_by(*SUPPLIER.primary_key.columns)).all()
        return [(row.holder, row.supplier) for row in rows]

    def changes(self, last: int | None = None) -> list[Change]:
        """The audit log, oldest first; only the newest `last` of it when a number is given."""
        with self._database.reading() as connection:
            return audit_log.read_changes(connection, last=last)

    def _change(
        self, wanted: Sequence[tuple[Action, Right]], by: str, reason: str, *, undoes: int | None = None
    ) -> Change | None:
        with self._database.transaction() as connection:
            audit_log.lock_list(connection)
            made = [(action, right) for action, right in wanted if _apply(connection, action, right)]
            if not made:
                return None
            connection.execute(_RAISE_VERSION)
            return audit_log.append_change(connection, made, Attribution(by, reason, self._clock.now()), undoes=undoes)


def _unit(unit: ReportingUnit) -> tuple[str, str, str]:
    return unit.organisation, unit.municipality, unit.district or ""


def _apply(connection: Connection, action: Action, right: Right) -> bool:
    """Add or remove one row; False when nothing had to be done."""
    table = SUPPLIER if right.supplier else ACCESS
    row = {name: getattr(right, name) for name in table.c.keys()}  # noqa: SIM118 - a collection of columns, not a dict
    same = [table.c[name] == value for name, value in row.items()]
    exists = bool(connection.scalar(sa.select(sa.exists().where(*same))))
    if exists is (action == "grant"):
        return False
    connection.execute(sa.insert(table).values(row) if action == "grant" else sa.delete(table).where(*same))
    return True
