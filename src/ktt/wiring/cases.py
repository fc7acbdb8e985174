"""The module that brings together what follows from the registry's findings: cases, and alarms that leave the program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.telling import Telling, tell_all
from ktt.core.clock import Clock, SystemClock
from ktt.registry.cases.causes import Cause
from ktt.registry.cases.plan import Plan, planned
from ktt.registry.cases.store import Cases
from ktt.registry.cases.today import today
from ktt.registry.coverage.alarms import Alarm, changes
from ktt.registry.coverage.notices import notice
from ktt.registry.coverage.silence import Silence
from ktt.wiring.receiver import RegistryPlace, delivery_log_at, finding_log_at, registry_at


@contextmanager
def cases_at(place: RegistryPlace, clock: Clock | None = None) -> Iterator[Cases]:
    """The follow-up cases of a registry. No key is needed."""
    with registry_at(place) as database:
        yield Cases(database, clock or SystemClock())


def follow_up(
    place: RegistryPlace,
    on: dt.date,
    who: str | None,
    *,
    open_new: bool,
    unit: str | None = None,
    clock: Clock | None = None,
) -> Plan:
    """What is to happen to the cases by what there is on a day; it is done in the name of `who`, or only told without.

    `unit`: to the cases of this one alone.
    """
    with registry_at(place) as database, delivery_log_at(place) as log, finding_log_at(place) as findings:
        store = Cases(database, clock or SystemClock())
        cases = store.for_planning()
        volumes = [one.unit for one in cases if one.cause is Cause.VOLUME and one.closed_at is None]
        plan = planned(today(database, log, findings, on, volumes), cases, open_new=open_new).of(unit)
        if who is None:
            return plan
        made = store.carry_out(plan, who)
    numbers = {(one.unit, one.cause): one.number for one in made}
    opened = tuple(one for one in plan.opened if (one.unit, one.cause) in numbers)
    return replace(plan, opened=opened, numbers=numbers)


def tell_silence(
    place: RegistryPlace, found: Silence, clock: Clock | None = None
) -> tuple[list[Alarm], list[AlarmNotDelivered]]:
    """What has begun and ended since the last look, told by the channels of the settings; and the channels that failed.

    It counts as told when one channel has taken it; when none has, the next look tells it again.
    """
    from ktt.alarms.channels import open_channels

    clock, faults = clock or SystemClock(), list[AlarmNotDelivered]()

    with registry_at(place) as database, open_channels(place.alarms, None, clock) as channels:

        def tell(alarms: Sequence[Alarm]) -> bool:
            notices = [notice(one) for one in alarms]
            faults.extend(tell_all([Telling(channel, notices) for channel in channels]))
            return not channels or len(faults) < len(channels)

        return changes(database, found, clock, tell), faults
