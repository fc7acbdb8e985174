"""What has been accepted, as the registry reads it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.receiver.store.compression import decompress
from ktt.receiver.store.tables import INBOX, RECEIPT
from ktt.storage.database import Database
from ktt.storage.vault import Vault


def sealing_context(correlation_id: str) -> str:
    """The context that binds sealed content to its receipt: content moved to another row does not open."""
    return f"inbox/{correlation_id}"


class SqlInbox:
    """The inbox in the receiver's database; a `messages.contract.Inbox`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def after(self, position: int, limit: int) -> Sequence[AcceptedMessage]:
        """Up to `limit` messages with a higher position, in order. Positions appear in order: none is ever skipped."""
        wanted = (
            sa.select(RECEIPT, INBOX.c.payload)
            .join(INBOX, INBOX.c.position == RECEIPT.c.position)
            .where(RECEIPT.c.position > position)
            .order_by(RECEIPT.c.position)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [self._message(row) for row in connection.execute(wanted)]

    def _message(self, row: sa.Row[tuple[object, ...]]) -> AcceptedMessage:
        return AcceptedMessage(
            position=row.position,
            correlation_id=row.correlation_id,
            unit=ReportingUnit.from_key(row.unit),
            message_type=row.message_type,
            version=row.version,
            received_at=row.received_at,
            payload=decompress(self._vault.open(row.payload, sealing_context(row.correlation_id))),
        )
