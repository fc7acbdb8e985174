"""What has been accepted, as the registry reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.messages.errors import MessageTypeUnknown
from ktt.messages.register import find
from ktt.receiver.store.compression import decompress
from ktt.receiver.store.tables import INBOX, RECEIPT
from ktt.storage.database import Database
from ktt.storage.errors import SealBroken
from ktt.storage.vault import Vault

_PAGE_BYTES = 32_000_000  # of content, about; what it becomes in memory is some times as much
_STREAMED = {"yield_per": 64}  # rows fetched at a time: compressed, so even of the largest messages some megabytes


def sealing_context(correlation_id: str) -> str:
    """The context that binds sealed content to its receipt: content moved to another row does not open."""
    return f"inbox/{correlation_id}"


class SqlInbox:
    """The inbox in the receiver's database; a `messages.contract.Inbox`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    def after(
        self, position: int, limit: int, units: Collection[str] | None = None, *, known_key: bool = False
    ) -> Sequence[AcceptedMessage]:
        """Up to `limit` messages with a higher position, in order. Positions appear in order: none is ever skipped.

        No more are read once their content is 32 MB together. SealBroken when none of them opens: then the key is another,
        and no message is to blame; unless it is known to be the key of others (`known_key`). With `units`, only those about one of them, and those of which nothing tells without
        opening them.
        """
        wanted = (
            sa.select(RECEIPT, INBOX.c.payload)
            .join(INBOX, INBOX.c.position == RECEIPT.c.position)
            .where(RECEIPT.c.position > position)
            .order_by(RECEIPT.c.position)
            .limit(limit)
        )
        if units is not None:
            wanted = wanted.where(sa.or_(RECEIPT.c.units.is_(None), *(_names(unit) for unit in sorted(units))))
        found: list[AcceptedMessage] = []
        room = _PAGE_BYTES
        with self._database.reading() as connection, connection.execute(wanted, execution_options=_STREAMED) as rows:
            for row in rows:
                found.append(self._message(row))
                room -= len(found[-1].payload)
                if room <= 0:
                    break
        faults = [one.unopened for one in found if one.unopened is not None]
        if faults and len(faults) == len(found) and not known_key:
            raise faults[0]
        return found

    def opens_any(self) -> bool:
        """Whether the key opens any content there is: if it opens none, it is another."""
        wanted = sa.select(RECEIPT, INBOX.c.payload).join(INBOX, INBOX.c.position == RECEIPT.c.position)
        with self._database.reading() as connection, connection.execute(wanted, execution_options=_STREAMED) as rows:
            return any(self._message(row).unopened is None for row in rows)

    def _message(self, row: sa.Row[tuple[object, ...]]) -> AcceptedMessage:
        payload, fault = b"", None
        try:
            payload = decompress(self._vault.open(row.payload, sealing_context(row.correlation_id)))
        except SealBroken as broken:
            fault = broken
        keys = row.units.split(",") if row.units else [row.unit] if fault else _keys_in(row, payload)
        return AcceptedMessage(
            position=row.position,
            correlation_id=row.correlation_id,
            units=tuple(map(ReportingUnit.from_key, keys)),
            message_type=row.message_type,
            version=row.version,
            received_at=row.received_at,
            payload=payload,
            unopened=fault,
        )


def _names(unit: str) -> sa.ColumnElement[bool]:
    return (sa.literal(",") + RECEIPT.c.units + sa.literal(",")).contains(f",{unit},")


def _keys_in(row: sa.Row[tuple[object, ...]], payload: bytes) -> list[str]:
    """The units of a message that was accepted before its receipt told them: read from the content, the receipt's first.

    Of a type that this version does not know, only the receipt's unit can be told.
    """
    try:
        found = {summary.unit.key for summary in find(row.message_type, row.version).summarise(payload)}
    except MessageTypeUnknown:
        return [row.unit]
    return [row.unit, *sorted(found - {row.unit})]
