"""The alarm that the store cannot be opened, which no store can remember: a small file beside its key does.

It is told to each channel once when it begins and once when it is over, as what the store itself keeps is told. Where the
file cannot be written either, as on a full disk, every run tells it anew: rather too often than never.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec

from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.notice import Event, Notice
from ktt.alarms.telling import Channel, Telling, tell_all
from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.sender.monitoring.things import Actor
from ktt.storage.vault import replace_secret

_NUMBER = 0  # the numbers are the store's
_SAYS = Text(nb="Lageret kan ikke åpnes ({code}).", en="The store cannot be opened ({code}).")
_REMEDY = Text(
    nb="Kjør «ktt doctor» for å se hvorfor; koden står i listen over feilkoder.",
    en="Run `ktt doctor` to see why; the code is in the list of error codes.",
)


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told, since when, and to which channels."""

    code: str
    exit_code: int
    began_at: dt.datetime
    channels: tuple[str, ...] = ()


class StoreAlarm:
    """What is told of one store, by the file of its key."""

    def __init__(self, key_file: Path, clock: Clock) -> None:
        self._file, self._clock = key_file.with_name(f"{key_file.name}.alarm"), clock

    def began(self, fault: KttError, channels: Sequence[Channel]) -> list[AlarmNotDelivered]:
        """Tell the channels that have not been told yet; those that failed are told by the next run."""
        told = self._read() or _Told(fault.code, fault.exit_code, self._clock.now())
        new = [channel for channel in channels if channel.name not in told.channels]
        faults = self._tell("began", told, new)
        self._write(told, [*told.channels, *_delivered(new, faults)])
        return faults

    def ended(self, channels: Sequence[Channel]) -> list[AlarmNotDelivered]:
        """Tell those that were told of the beginning, if any were; those that failed are told by the next run."""
        told = self._read()
        if told is None:
            return []
        still = [channel for channel in channels if channel.name in told.channels]
        faults = self._tell("ended", told, still)
        self._write(told, _failed(faults))
        return faults

    def _tell(self, event: Event, told: _Told, channels: Sequence[Channel]) -> list[AlarmNotDelivered]:
        says, actor = _SAYS.format(code=told.code).nb, Actor.HERE.value
        words = (says, _REMEDY.nb, told.began_at, self._clock.now())
        notice = Notice(_NUMBER, "", "store", event, actor, told.exit_code, *words)
        return tell_all([Telling(channel, [notice]) for channel in channels])

    def _read(self) -> _Told | None:
        """None also for what cannot be read or is something else."""
        with suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._file.read_bytes(), type=_Told)
        return None

    def _write(self, told: _Told, channels: Sequence[str]) -> None:
        with suppress(OSError, KttError):
            if channels:
                now = replace(told, channels=tuple(channels))
                replace_secret(self._file, msgspec.json.encode(asdict(now)))
            else:
                self._file.unlink(missing_ok=True)


def _delivered(channels: Sequence[Channel], faults: Sequence[AlarmNotDelivered]) -> list[str]:
    return [channel.name for channel in channels if channel.name not in _failed(faults)]


def _failed(faults: Sequence[AlarmNotDelivered]) -> list[str]:
    return [str(fault.facts["channel"]) for fault in faults]
