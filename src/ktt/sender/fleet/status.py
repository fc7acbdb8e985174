"""The status of a fleet: each unit's as `ktt status` has it, worst first, and what keeps a unit from having one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.sender.fleet.settings import FleetUnit
from ktt.sender.keys.status import KeyStatus, key_status
from ktt.sender.monitoring.facts import UnitFacts, nothing_known
from ktt.sender.monitoring.overview import Status, UnitStatus, key_things
from ktt.sender.monitoring.things import Actor, Thing, things
from ktt.sender.settings import SenderSettings

Read = Callable[[SenderSettings], Sequence[UnitFacts]]
"""What the store of a unit knows; a fault when it cannot be read."""


def fleet_status(units: Iterable[FleetUnit], read: Read, now: dt.datetime) -> Status:
    """The status of these units. Keys that several units share are told once, as what is common."""
    listed = tuple(units)
    files = Counter(unit.settings.helseid.key_file for unit in listed if unit.settings)
    keys = {file: _key(file, now) for file in files}
    shared = {file for file, count in files.items() if count > 1 or len(listed) == 1}
    found = [status for unit in listed for status in _unit(unit, read, now, keys, shared)]
    common = [thing for file in shared for thing in keys[file][1]]
    common += [_broken(None, unit.fault) for unit in listed if unit.fault is not None and not _is_key(unit.name)]
    only = keys[next(iter(files))][0] if len(files) == 1 else None
    return Status(now, tuple(sorted(found, key=_worst_first)), only, tuple(common))


def _worst_first(status: UnitStatus) -> tuple[int, int, str]:
    worst = max((thing.exit_code for thing in status.things), default=0)
    return -worst, -len(status.things), status.facts.unit.key


def _unit(
    unit: FleetUnit,
    read: Read,
    now: dt.datetime,
    keys: Mapping[Path, tuple[KeyStatus | None, tuple[Thing, ...]]],
    shared: set[Path],
) -> Iterator[UnitStatus]:
    settings, fault, facts = unit.settings, unit.fault, []
    if settings is not None:
        try:
            facts = [*read(settings)]
        except KttError as broken:
            fault = broken
    for one in facts:
        yield UnitStatus(one, tuple(things(one, now)) + _own_key(one, settings, keys, shared))
    if fault is not None and _is_key(unit.name):
        yield UnitStatus(nothing_known(ReportingUnit.from_key(unit.name)), (_broken(unit.name, fault),))


def _own_key(
    facts: UnitFacts,
    settings: SenderSettings | None,
    keys: Mapping[Path, tuple[KeyStatus | None, tuple[Thing, ...]]],
    shared: set[Path],
) -> tuple[Thing, ...]:
    if settings is None or settings.helseid.key_file in shared:
        return ()
    unit = facts.unit.key
    return tuple(
        Thing(unit, one.cause, one.actor, one.exit_code, one.says, one.remedy)
        for one in keys[settings.helseid.key_file][1]
    )


def _key(file: Path, now: dt.datetime) -> tuple[KeyStatus | None, tuple[Thing, ...]]:
    """The days of a key, and what must be done about it."""
    try:
        status = key_status(file, now)
    except KttError as fault:
        return None, tuple(key_things(fault))
    return status, tuple(key_things(status))


def _broken(unit: str | None, fault: KttError) -> Thing:
    """An entry or a store that cannot be used."""
    return Thing(unit, fault.code, Actor.HERE, fault.exit_code, fault.says(), fault.advises())


def _is_key(name: str) -> bool:
    return not name.startswith("unit[")
