"""Alarms after a command: what could not be delivered is a remark, and never changes how the command ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ktt.cli.show import note
from ktt.core.errors import KttError
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.domain.unit import ReportingUnit
    from ktt.sender.settings import SenderSettings


def ring_and_tell(settings: SenderSettings, only: ReportingUnit | None = None) -> None:
    """Ring, and say on stderr what could not be delivered."""
    from ktt.wiring.sender import ring_alarms

    tell_faults(lambda: ring_alarms(settings, only=only))


def tell_faults(ring: Callable[[], Sequence[KttError]]) -> None:
    """Ring, and say on stderr what could not be delivered."""
    try:
        faults = [*ring()]
    except KttError as broken:  # a secret that cannot be read, a store that is gone
        faults = [broken]
    for fault in faults:
        note(Text(nb="⚠ {what} {remedy}", en="⚠ {what} {remedy}").format(what=fault.says(), remedy=fault.advises()))


@contextmanager
def ringing(settings: SenderSettings) -> Iterator[None]:
    """Ring for the settings' unit when the block has ended, also when a known fault ended it."""
    try:
        yield
    finally:
        ring_and_tell(settings, settings.unit.reporting_unit)
