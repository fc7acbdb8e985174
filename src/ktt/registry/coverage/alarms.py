"""One alarm when silence begins, and one when it ends: what changed since somebody looked last, and metrics of how it stands."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from ktt.core.clock import Clock
from ktt.core.os_faults import os_reason
from ktt.registry.coverage.errors import MetricsUnwritable
from ktt.registry.coverage.silence import Silence, UnitRhythm
from ktt.registry.tables import SILENCE
from ktt.storage.database import Database

_ALARMING = frozenset({"silent", "rejected"})
_OPEN = SILENCE.c.ended_at.is_(None)
_HELP = {
    "ktt_registry_unit_silent": "1 while the unit is silent for longer than usual.",
    "ktt_registry_unit_rejected": "1 while the unit stands at a message that is rejected.",
    "ktt_registry_unit_quiet_days": "Days since the unit was heard of.",
    "ktt_registry_unit_accepted_seconds": "When the unit's last message was accepted.",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that began or ended with a unit. `heard_on` is when it had been heard of last when it began."""

    unit: str
    state: str  # silent | rejected
    event: Literal["began", "ended"]
    began_at: dt.datetime
    ended_at: dt.datetime | None
    heard_on: dt.date


def changes(
    database: Database, found: Silence, clock: Clock, tell: Callable[[Sequence[Alarm]], bool] = lambda _alarms: True
) -> list[Alarm]:
    """What has begun and ended since the last look, told and then noted: each once. Those that ended come first.

    What `tell` says was not told to anybody is not noted, and comes again at the next look.
    A unit that was silent and now stands at a rejected message has one ending and one beginning. Of two that look at the same
    time one tells, and the other has nothing to tell.
    """
    with database.exclusive("registry-silence") as mine:
        new = _compared(database, found, clock.now()) if mine else []
        if new and tell(new):
            _note(database, new)
        return new


def _compared(database: Database, found: Silence, now: dt.datetime) -> list[Alarm]:
    alarming = {(one.unit, one.state): one for one in found.units if one.state in _ALARMING}
    with database.reading() as connection:
        standing = connection.execute(sa.select(SILENCE).where(_OPEN).order_by(SILENCE.c.unit, SILENCE.c.id)).all()
    over = [row for row in standing if (row.unit, row.state) not in alarming]
    known = {(row.unit, row.state) for row in standing}
    new = [one for key, one in sorted(alarming.items()) if key not in known]
    ended = [Alarm(row.unit, row.state, "ended", row.began_at, now, row.heard_on) for row in over]
    return ended + [Alarm(one.unit, one.state, "began", now, None, one.heard_on) for one in new]


def _note(database: Database, alarms: Sequence[Alarm]) -> None:
    over = [one for one in alarms if one.event == "ended"]
    rows = [
        {"unit": one.unit, "state": one.state, "began_at": one.began_at, "heard_on": one.heard_on}
        for one in alarms
        if one.event == "began"
    ]
    with database.transaction() as connection:
        for one in over:
            this = (_OPEN, SILENCE.c.unit == one.unit, SILENCE.c.state == one.state)
            connection.execute(sa.update(SILENCE).where(*this).values(ended_at=one.ended_at))
        if rows:
            connection.execute(sa.insert(SILENCE), rows)


def exposition(found: Silence) -> str:
    """How it stands, as gauges in the text format of Prometheus. The only label is the unit."""
    values: dict[str, list[str]] = {name: [] for name in _HELP}
    for one in found.units:
        if one.state != "ended":
            for name, value in _metrics(one):
                values[name].append(f'{name}{{unit="{one.unit}"}} {value}')
    lines = [line for name, rows in values.items() for line in (*_head(name, _HELP[name]), *rows)]
    never = "ktt_registry_never_heard"
    about = "Municipalities, districts and units that were never heard of."
    return "\n".join([*lines, *_head(never, about), f"{never} {len(found.never_heard)}"]) + "\n"


def write_metrics(found: Silence, path: Path) -> None:
    """Write them in one step in the place of what was there, readable for the collector; MetricsUnwritable."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        draft.write_text(exposition(found), encoding="utf-8")
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise MetricsUnwritable(path=path, reason=os_reason(fault)) from fault


def _metrics(one: UnitRhythm) -> Iterator[tuple[str, Any]]:
    yield "ktt_registry_unit_silent", int(one.state == "silent")
    yield "ktt_registry_unit_rejected", int(one.rejected is not None)
    yield "ktt_registry_unit_quiet_days", one.days
    if one.accepted_at is not None:
        yield "ktt_registry_unit_accepted_seconds", int(one.accepted_at.timestamp())


def _head(name: str, about: str) -> tuple[str, str]:
    return f"# HELP {name} {about}", f"# TYPE {name} gauge"
