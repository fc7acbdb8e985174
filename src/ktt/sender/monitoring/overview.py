"""The status of every unit and the verdict over all of them: what `ktt status` answers, and what the alarms look at."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ktt.core.errors import EXIT_ACCESS, KttError
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.rules.kinds import Cause
from ktt.sender.keys.status import KeyStatus, key_status
from ktt.sender.monitoring.facts import SqlFacts, UnitFacts
from ktt.sender.monitoring.things import Actor, Thing, things

_NEAR = {"warning", "urgent", "expired"}
"""How near the key's last day is when something must be done. The first notice comes two months before, and is only told."""


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """One unit: what is known, and what must be done."""

    facts: UnitFacts
    things: tuple[Thing, ...]

    def as_data(self, now: dt.datetime) -> dict[str, Any]:
        """The status as plain data, without a local id."""
        facts, queue, last = self.facts, self.facts.queue, self.facts.outcomes
        return {
            "unit": facts.unit.key,
            "state": facts.state.value,
            "delivered": queue.delivered,
            "undelivered": queue.undelivered,
            "waiting_since": queue.first and queue.first.queued_at,
            "last_accepted_at": queue.last_accepted_at,
            "last_accepted": last.accepted and {"messages": last.accepted.outcome.messages},
            "last_run_at": facts.last_run_at,
            "last_run": last.last and asdict(last.last.outcome),
            "last_change_at": facts.changed_at,
            "days_since": {
                "run": _days(facts.last_run_at, now),
                "accepted": _days(queue.last_accepted_at, now),
                "change": _days(facts.changed_at, now),
            },
            "figures": facts.trend and asdict(facts.trend),
            "findings": {cause.value: facts.findings.get(cause, 0) for cause in Cause} | {"noted": facts.noted},
            "parked": facts.parked,
            "missing": last.read.outcome.missing if last.read else None,
            "registry": last.compared
            and {
                "at": last.compared.at,
                "state": last.compared.outcome.comparison,
                "differences": last.compared.outcome.differences,
            },
            "limited": last.limited,
            "things": [thing.as_data() for thing in self.things],
        }


@dataclass(frozen=True, slots=True)
class Status:
    """Every unit of a store, and the key that they are sent with."""

    at: dt.datetime
    units: tuple[UnitStatus, ...]
    key: KeyStatus | None
    common: tuple[Thing, ...] = ()

    @property
    def things(self) -> list[Thing]:
        """Everything that must be done: what is common first, then by unit."""
        return [*self.common, *(thing for unit in self.units for thing in unit.things)]

    @property
    def exit_code(self) -> int:
        """The highest class of what must be done; 3 when only findings wait, and 0 when nothing does."""
        return max((thing.exit_code for thing in self.things), default=0)

    def verdict(self) -> Text:
        """One sentence: that all is well, or how many things must be done and by whom."""
        found = Counter(thing.actor for thing in self.things)
        if not found:
            return Text(nb="Alt er i orden.", en="All is well.")
        shares = [_BY.format(n=str(found[actor]), who=actor.text) for actor in Actor if found[actor]]
        by = Text(nb=", ".join(one.nb for one in shares), en=", ".join(one.en for one in shares))
        words = Text(nb="{n} ting må gjøres: {by}.", en="{n:thing|things} must be done: {by}.")
        return words.format(n=found.total(), by=by)

    def as_data(self) -> dict[str, Any]:
        """The status as plain data."""
        return {
            "at": self.at,
            "verdict": self.verdict(),
            "exit_code": self.exit_code,
            "key": self.key and self.key.as_data(self.at),
            "common": [thing.as_data() for thing in self.common],
            "units": [unit.as_data(self.at) for unit in self.units],
        }


_BY = Text(nb="{n} av {who}", en="{n} by {who}")


def status_of(facts: SqlFacts, unit: ReportingUnit, key_file: Path, now: dt.datetime) -> Status:
    """The status of every unit in the store; `unit` stands for itself when the store has none yet."""
    units = tuple(UnitStatus(one, tuple(things(one, now))) for one in facts.read(unit))
    try:
        key = key_status(key_file, now)
    except KttError as fault:
        return Status(now, units, None, tuple(key_things(fault)))
    return Status(now, units, key, tuple(key_things(key)))


def key_things(key: KeyStatus | KttError) -> Iterator[Thing]:
    """What must be done about a key, or about one that cannot be read."""
    if isinstance(key, KttError):
        yield Thing(None, "key", Actor.HERE, key.exit_code, key.says(), key.advises())
    elif key.level in _NEAR:
        yield Thing(None, "key", Actor.HERE, EXIT_ACCESS, key.says, key.remedy)


def _days(at: dt.datetime | None, now: dt.datetime) -> int | None:
    return None if at is None else (now - at).days
