"""A person starts a store anew: what it holds is put away, and the unit is bound with nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from ktt.core.clock import Clock
from ktt.sender.binding.binding import StoreBinding
from ktt.sender.binding.put_away import put_away_store
from ktt.sender.binding.store import Binding
from ktt.sender.outbox.dispatch import locked
from ktt.sender.outbox.store import OutboxStore

OpenBinding = Callable[[], AbstractContextManager[StoreBinding]]


def start_anew(
    outbox: OutboxStore, open_binding: OpenBinding, close: Callable[[], None], clock: Clock, *, by: str, reason: str
) -> tuple[Binding, Path | None]:
    """The new binding, and where the old store is if it held anything; `close` lets go of the database meanwhile.

    NotPutAway when it is no SQLite file or holds other units, QueueBusy while a run works on it.
    """
    with open_binding() as old:
        unit, file = old.unit, old.witness.file
        history = old.store.history(unit)
    with locked(outbox, unit):
        units = {queue.unit for queue in outbox.queues()}
        close()
        away = put_away_store(file, unit, units, clock.now())
        with open_binding() as new:
            return new.bind_anew(by, reason, history if away else ()), away
