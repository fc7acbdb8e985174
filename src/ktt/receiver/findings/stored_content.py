"""The content of accepted messages, as whoever answers for the registry needs it: by unit, replaced, and truly gone.

Keeps the promises of `registry.persons.ports.ReceivedContent` without knowing the registry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.messages.contract import AcceptedMessage
from ktt.receiver.findings.open_findings import masked_id
from ktt.receiver.store.compression import compress
from ktt.receiver.store.inbox import SqlInbox, sealing_context
from ktt.receiver.store.tables import INBOX, OPEN_FINDING, RECEIPT
from ktt.storage.database import Database
from ktt.storage.reclaim import reclaim
from ktt.storage.vault import Vault

_AT_A_TIME = 500  # values in one statement


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """An open finding about a record."""

    unit: str
    rule: str
    record_type: str
    local_id: str = field(repr=False)
    fields: tuple[str, ...]
    since: dt.datetime


class StoredContent:
    """The content in the receiver's database, sealed with its vault."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._inbox = SqlInbox(database, vault)
        self._mask = vault.derive("receiver standing ids")
        self._known_key: bool | None = None

    def about(self, units: Collection[str] | None, after: int, limit: int) -> Sequence[AcceptedMessage]:
        """Up to `limit` messages about one of the units (None: of any), with a higher position, in order of position.

        Those that open under no key come without content (`unopened`). SealBroken when nothing at all opens.
        """
        if self._known_key is None:
            self._known_key = self._inbox.opens_any()
        return self._inbox.after(after, limit, units, known_key=self._known_key)

    def replace(self, position: int, content: bytes | None) -> None:
        """Put other content in the place of the content at the position, or destroy it (None)."""
        at = INBOX.c.position == position
        with self._database.transaction() as connection:
            if content is None:
                connection.execute(sa.delete(INBOX).where(at))
                return
            of_message = sa.select(RECEIPT.c.correlation_id).where(RECEIPT.c.position == position)
            context = sealing_context(connection.scalars(of_message).one())
            connection.execute(sa.update(INBOX).where(at).values(payload=self._vault.seal(compress(content), context)))

    def findings(self, records: Collection[tuple[str, str, str]]) -> list[StoredFinding]:
        """The open findings about these records (unit, record type, local id)."""
        with self._database.reading() as connection:
            return [
                StoredFinding(
                    unit=row.unit,
                    rule=row.rule,
                    record_type=row.record_type,
                    local_id=row.local_id,
                    fields=tuple(row.fields.split(",")) if row.fields else (),
                    since=row.since,
                )
                for row in self._about(connection, records)
            ]

    def forget_findings(self, records: Collection[tuple[str, str, str]]) -> int:
        """Remove them; how many there were."""
        with self._database.transaction() as connection:
            keys = [{"opened": row.opened_at, "n": row.nth} for row in self._about(connection, records)]
            key = (OPEN_FINDING.c.opened_at == sa.bindparam("opened")) & (OPEN_FINDING.c.nth == sa.bindparam("n"))
            if keys:
                connection.execute(sa.delete(OPEN_FINDING).where(key), keys)
        return len(keys)

    def compact(self) -> list[str]:
        """Let nothing of what was replaced be left in the database's files; what could not be done."""
        return reclaim(self._database, [INBOX.name, OPEN_FINDING.name])

    def _about(
        self, connection: Connection, records: Collection[tuple[str, str, str]]
    ) -> Iterator[sa.Row[tuple[object]]]:
        """The rows, whose ids are masked when they hold a person's number."""
        wanted = {(unit, kind, masked_id(local_id, self._mask)) for unit, kind, local_id in records}
        ids = sorted({local_id for _, _, local_id in wanted})
        for begin in range(0, len(ids), _AT_A_TIME):
            named = OPEN_FINDING.c.local_id.in_(ids[begin : begin + _AT_A_TIME])
            order = (OPEN_FINDING.c.opened_at, OPEN_FINDING.c.nth)
            for row in connection.execute(sa.select(OPEN_FINDING).where(named).order_by(*order)).all():
                if (row.unit, row.record_type, row.local_id) in wanted:
                    yield row
