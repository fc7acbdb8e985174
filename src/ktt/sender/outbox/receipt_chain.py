"""The chain of receipts: each receipt's hash covers the one before, so that a change or a gap is discovered."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable

from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.errors import ReceiptsAltered
from ktt.sender.outbox.message import QueuedMessage, Receipt

FIRST_PREVIOUS = "0" * 64
"""The `previous_hash` of a unit's first receipt."""


def next_receipt(message: QueuedMessage, correlation_id: str, accepted_at: dt.datetime, previous: str) -> Receipt:
    """The receipt of a message, chained to `previous` (the hash of the unit's receipt before)."""
    parts = (message.message_type, message.version, message.payload_hash, correlation_id, accepted_at, previous)
    return Receipt(message.sequence, *parts, hash=_hash(message.unit, message.sequence, *parts))


def verify_receipts(unit: ReportingUnit, receipts: Iterable[Receipt]) -> int:
    """The number of receipts, all unaltered and in their order; ReceiptsAltered names the first that is not."""
    previous, count = FIRST_PREVIOUS, 0
    for receipt in receipts:
        parts = (receipt.message_type, receipt.version, receipt.payload_hash, receipt.correlation_id)
        wanted = _hash(unit, receipt.sequence, *parts, receipt.accepted_at, previous)
        if not (hmac.compare_digest(receipt.previous_hash, previous) and hmac.compare_digest(receipt.hash, wanted)):
            raise ReceiptsAltered(unit=unit.key, sequence=receipt.sequence)
        previous, count = receipt.hash, count + 1
    return count


def _hash(unit: ReportingUnit, sequence: int, *parts: str | dt.datetime) -> str:
    written = [
        p.astimezone(dt.UTC).isoformat(timespec="microseconds") if isinstance(p, dt.datetime) else p for p in parts
    ]
    return hashlib.sha256("\n".join([unit.key, str(sequence), *written]).encode()).hexdigest()
