"""The module that brings the registry's findings and its follow-up cases together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ktt.core.clock import Clock, SystemClock
from ktt.registry.cases.causes import Cause
from ktt.registry.cases.plan import Plan, planned
from ktt.registry.cases.store import Cases
from ktt.registry.cases.today import today
from ktt.wiring_receiver import RegistryPlace, delivery_log_at, finding_log_at, registry_at


@contextmanager
def cases_at(place: RegistryPlace, clock: Clock | None = None) -> Iterator[Cases]:
    """The follow-up cases of a registry. No key is needed."""
    with registry_at(place) as database:
        yield Cases(database, clock or SystemClock())


def follow_up(
    place: RegistryPlace, on: dt.date, who: str | None, *, open_new: bool, clock: Clock | None = None
) -> Plan:
    """What is to happen to the cases by what there is on a day; it is done in the name of `who`, or only told without."""
    with registry_at(place) as database, delivery_log_at(place) as log, finding_log_at(place) as findings:
        store = Cases(database, clock or SystemClock())
        cases = store.for_planning()
        volumes = [one.unit for one in cases if one.cause is Cause.VOLUME and one.closed_at is None]
        plan = planned(today(database, log, findings, on, volumes), cases, open_new=open_new)
        if who is None:
            return plan
        made = store.carry_out(plan, who)
    numbers = {(one.unit, one.cause): one.number for one in made}
    opened = tuple(one for one in plan.opened if (one.unit, one.cause) in numbers)
    return replace(plan, opened=opened, numbers=numbers)
