"""The message behind the one under way, read and prepared meanwhile, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import OutgoingMessage
from ktt.sender.outbox.message import QueuedMessage

if TYPE_CHECKING:  # Polars comes with it, and whoever looks at the status of a queue needs none
    from ktt.sender.outbox.store import OutboxStore

Prepare = Callable[[bytes], object]
"""What the transport does to a payload before its turn; it comes back as `OutgoingMessage.prepared`."""


class ReadAhead:
    """Reads one message of a unit ahead. It changes nothing, and the queue alone decides which message is next.

    A number names the same content as long as the queue has it, so what was read holds if the queue gives that number
    next, and is thrown away if it does not.
    """

    def __init__(self, store: OutboxStore, unit: ReportingUnit, prepare: Prepare) -> None:
        self._store, self._unit, self._prepare = store, unit, prepare
        self._thread = ThreadPoolExecutor(1, "read-ahead")
        self._ahead: tuple[int, Future[tuple[bytes, object]]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, sequence: int) -> None:
        """Read the message with this number, if there is one, while the caller goes on."""
        if self._ahead is None or self._ahead[0] != sequence:
            self._ahead = sequence, self._thread.submit(self._read, sequence)

    def take(self, message: QueuedMessage) -> OutgoingMessage:
        """A marked message with its payload, read ahead or now."""
        (sequence, read), self._ahead = self._ahead or (None, None), None
        if read is None or sequence != message.sequence:
            return message.outgoing(self._store.read_payload(self._unit, message.sequence))
        try:
            return message.outgoing(*read.result())
        except KttError:  # whatever it was then, it is told if it is so now
            return message.outgoing(self._store.read_payload(self._unit, message.sequence))

    def _read(self, sequence: int) -> tuple[bytes, object]:
        payload = self._store.read_payload(self._unit, sequence)
        return payload, self._prepare(payload)
