"""The module that brings a sender's store and its receiver together for what the registry waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ktt.core.clock import Clock, SystemClock
from ktt.sender.follow_ups.asking import ask_follow_ups
from ktt.sender.follow_ups.sql import SqlFollowUps
from ktt.sender.settings import SenderSettings
from ktt.wiring.sender import store_from

if TYPE_CHECKING:
    from ktt.sender.client.lookups import LookupAnswer


def ask_registry(settings: SenderSettings, *, clock: Clock | None = None) -> LookupAnswer:
    """Ask the receiver what the registry waits for the settings' unit to do, and keep it for the status; the answer."""
    from ktt.sender.client.factory import open_receiver_client  # slow, and not needed to look at what is kept

    clock = clock or SystemClock()
    with open_receiver_client(settings, clock) as receiver, store_from(settings) as database:
        return ask_follow_ups(SqlFollowUps(database, clock), receiver.look_up, settings.unit.reporting_unit)


@contextmanager
def follow_ups_from(settings: SenderSettings) -> Iterator[SqlFollowUps]:
    """What the registry waits for, as the store has it."""
    with store_from(settings) as database:
        yield SqlFollowUps(database, SystemClock())
