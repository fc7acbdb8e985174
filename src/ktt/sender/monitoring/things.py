"""What must be done with a unit, and by whom: one thing for each cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ktt.core.clock import OSLO
from ktt.core.errors import (
    EXIT_ACCESS,
    EXIT_APART,
    EXIT_CONTENT,
    EXIT_HELD_BACK,
    EXIT_MAPPING,
    EXIT_NETWORK,
    EXIT_NOT_MET,
    EXIT_QUESTION,
    EXIT_QUEUE,
    EXIT_SOURCE,
    EXIT_STORE,
    EXIT_USAGE,
    KttError,
)
from ktt.core.text import Text, duration
from ktt.rules.kinds import Cause
from ktt.sender.follow_ups.words import sentence
from ktt.sender.monitoring.facts import UnitFacts
from ktt.sender.outbox.dispatch import stop_reason
from ktt.sender.outbox.errors import OutcomeUncertain, QueueHeld, QueuePaused
from ktt.sender.status import alarm
from ktt.sender.unit_changes.change import UnitState

LATE_AFTER = dt.timedelta(hours=26)
"""A daily run that is started within the same hour each night is at most 25 hours after the one before."""

UNDER_WAY = dt.timedelta(minutes=15)
"""An attempt that has no outcome after so long died with its process; before, a run may be at it."""

_DONE = {0, EXIT_HELD_BACK, EXIT_NOT_MET}
"""Exit codes of runs that came to their end; what they found has causes of its own."""
_STOPPED = {
    EXIT_USAGE: Text(nb=": innstillingene eller kommandoen er feil", en=": the settings or the command are wrong"),
    EXIT_QUESTION: Text(nb=": ktt spør om noe før det sendes", en=": ktt asks about something before it is sent"),
    EXIT_SOURCE: Text(
        nb=": EPJ kunne ikke leses, eller bare delvis", en=": the record system was not read, or not wholly"
    ),
    EXIT_MAPPING: Text(nb=": koblingsfilen er feil", en=": the mapping file is wrong"),
    EXIT_CONTENT: Text(nb=": data kan ikke sendes", en=": data cannot be sent"),
    EXIT_QUEUE: Text(nb=": noe må gjøres før den kan sende", en=": something must be done before it can send"),
    EXIT_NETWORK: Text(nb=": ikke svar, eller en forbigående feil", en=": no answer, or a fault that may pass"),
    EXIT_ACCESS: Text(nb=": den ble nektet tilgang", en=": it was refused access"),
    EXIT_STORE: Text(nb=": lageret eller en nøkkelfil kan ikke brukes", en=": the store or a key file cannot be used"),
    EXIT_APART: Text(nb=": lageret og registeret hører ikke sammen", en=": store and registry do not belong together"),
}
"""Why a run stopped, by its exit code: what the code itself says is for those who look it up."""
_SERVER_FAULT = "HTTP 5"
"""How the client begins to note an answer that is the other end's own fault."""


class Actor(StrEnum):
    """Who must act."""

    HERE = "here"
    VENDOR = "vendor"
    RECEIVER = "receiver"

    @property
    def text(self) -> Text:
        """Who, as in “1 by you”."""
        return _ACTORS[self]


_ACTORS = {
    Actor.HERE: Text(nb="dere", en="you"),
    Actor.VENDOR: Text(nb="leverandøren", en="the vendor"),
    Actor.RECEIVER: Text(nb="FHI", en="FHI"),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that must be done. `unit` is empty for what is common to all; `rings` says whether it sets off an alarm."""

    unit: str | None
    cause: str
    actor: Actor
    exit_code: int
    says: Text
    remedy: Text
    rings: bool = True
    since: dt.datetime | None = None

    def as_data(self) -> dict[str, Any]:
        """The thing as plain data."""
        return {
            "unit": self.unit,
            "cause": self.cause,
            "actor": self.actor.value,
            "exit_code": self.exit_code,
            "what": self.says,
            "remedy": self.remedy,
            "since": self.since,
        }


def things(facts: UnitFacts, now: dt.datetime) -> list[Thing]:
    """What must be done with a unit. Nothing with one that has left, or that waits for another to leave."""
    if facts.state in {UnitState.RETIRED, UnitState.WAITS}:
        return []
    found = [_begin(facts), _queue(facts, now), _run(facts), _late(facts, now), _registry(facts), _missing(facts)]
    return [thing for thing in (*found, *_findings(facts), _parked(facts), *_follow_ups(facts)) if thing is not None]


def _begin(facts: UnitFacts) -> Thing | None:
    if facts.queue.load is not None:
        return None
    says = Text(nb="Initiell last er ikke startet.", en="The initial load has not begun.")
    remedy = Text(nb="Kjør «ktt load».", en="Run `ktt load`.")
    return Thing(facts.unit.key, "not begun", Actor.HERE, EXIT_QUEUE, says, remedy, rings=False)


def _queue(facts: UnitFacts, now: dt.datetime) -> Thing | None:
    """What stands in the way of the queue: at once when something is, and after a day in any case."""
    queue, behind = facts.queue, alarm(facts.queue, now)
    if queue.pause is not None:
        return _paused(queue.unit.key, queue.pause.at, rings=behind is not None)
    fault = _in_the_way(facts, now) or (behind.says if behind else None)
    if fault is None:
        return None
    code = behind.exit_code if behind else fault.exit_code
    words = (fault.says(), fault.advises())
    return Thing(queue.unit.key, "queue", _who(facts, fault), code, *words, since=queue.behind_since)


def _paused(unit: str, since: dt.datetime, *, rings: bool) -> Thing:
    """Who paused it and why is in `ktt outbox`; an alarm goes to others, and names nobody."""
    says = Text(nb="Køen er satt på pause.", en="The queue is paused.")
    remedy = Text(nb="Sett den i gang igjen med «ktt outbox resume».", en="Start it again with `ktt outbox resume`.")
    return Thing(unit, "queue", Actor.HERE, QueuePaused.exit_code, says, remedy, rings, since)


def _in_the_way(facts: UnitFacts, now: dt.datetime) -> KttError | None:
    first, last = facts.queue.first, facts.queue.last_attempt
    if first is None or last is None or (last.ended_at is None and now - last.at <= UNDER_WAY):
        return None
    return stop_reason(first, [last])


def _who(facts: UnitFacts, fault: KttError | None) -> Actor:
    """A rejected message is the vendor's; a receiver that answers with a fault of its own is FHI's; the rest is ours."""
    if isinstance(fault, QueueHeld):
        return Actor.VENDOR
    last = facts.queue.last_attempt
    answered = (last.details or "") if last and isinstance(fault, OutcomeUncertain) else ""
    return Actor.RECEIVER if answered.startswith(_SERVER_FAULT) else Actor.HERE


def _run(facts: UnitFacts) -> Thing | None:
    """A last run that stopped for another reason than the queue, which is told by itself."""
    last = facts.outcomes.last
    if last is None or last.outcome.exit_code in _DONE or (last.outcome.code or "").startswith("KTT-OUT"):
        return None
    why = _STOPPED.get(last.outcome.exit_code, Text(nb="", en=""))
    says = Text(nb="Siste kjøring stanset{why} ({code}).", en="The last run stopped{why} ({code}).")
    words = says.format(why=why, code=last.outcome.code)
    remedy = Text(
        nb="Kjør «ktt {kind}» på nytt: den sier hva som er galt, og hva som må gjøres.",
        en="Run `ktt {kind}` again: it says what is wrong, and what to do.",
    ).format(kind=last.outcome.kind)
    actor = Actor.VENDOR if last.outcome.exit_code in {EXIT_MAPPING, EXIT_CONTENT} else Actor.HERE
    return Thing(facts.unit.key, "run", actor, last.outcome.exit_code, words, remedy, since=last.at)


def _late(facts: UnitFacts, now: dt.datetime) -> Thing | None:
    at = facts.last_run_at
    if facts.queue.load is None or (at is not None and now - at <= LATE_AFTER):
        return None
    begun = at or facts.queue.load.begun_at
    says = Text(nb="Siste kjøring er {span} gammel.", en="The last run is {span} old.").format(
        span=duration(now - begun)
    )
    finished = facts.queue.load.finished_at is not None
    daily = Text(nb="Se hvorfor «ktt daily» ikke kjører.", en="See why `ktt daily` does not run.")
    load = Text(nb="Kjør «ktt load» til den er ferdig.", en="Run `ktt load` until it is finished.")
    return Thing(facts.unit.key, "late", Actor.HERE, EXIT_QUEUE, says, daily if finished else load, since=at)


def _registry(facts: UnitFacts) -> Thing | None:
    compared = facts.outcomes.compared
    if compared is None or compared.outcome.comparison == "equal":
        return None
    unit = facts.unit.key
    if compared.outcome.comparison == "held":
        says = Text(nb="Registeret holder enheten tilbake.", en="The registry holds the unit back.")
        remedy = Text(nb="Be FHI slippe den fri.", en="Ask FHI to release it.")
        return Thing(unit, "registry", Actor.RECEIVER, EXIT_QUEUE, says, remedy, since=compared.at)
    says = Text(
        nb="{n:post|poster} er ulike i registeret.", en="{n:record differs|records differ} at the registry."
    ).format(n=compared.outcome.differences)
    remedy = Text(nb="Kjør «ktt reconcile --mend».", en="Run `ktt reconcile --mend`.")
    return Thing(unit, "registry", Actor.HERE, EXIT_NOT_MET, says, remedy, since=compared.at)


def _missing(facts: UnitFacts) -> Thing | None:
    read = facts.outcomes.read
    if read is None or not read.outcome.missing:
        return None
    says = Text(
        nb="{n:post|poster} mangler i uttrekket og slettes ikke, for uttrekket er ikke bevist fullstendig.",
        en="{n:record is|records are} missing from the extract and not deleted, since it is not proved whole.",
    )
    remedy = Text(
        nb="Be leverandøren om et bevis for at uttrekket er fullstendig.",
        en="Ask the vendor for a proof that the extract is whole.",
    )
    words = says.format(n=read.outcome.missing)
    return Thing(facts.unit.key, "missing", Actor.VENDOR, EXIT_HELD_BACK, words, remedy, since=read.at)


_FINDINGS = {
    Cause.REGISTRATION: Text(
        nb="{n} avvik i registreringen holder noe tilbake.",
        en="{n:finding|findings} in the registration keep something back.",
    ),
    Cause.EXTRACTION: Text(
        nb="{n} avvik i uttrekket holder noe tilbake.", en="{n:finding|findings} in the extract keep something back."
    ),
    Cause.CODE_MAPPING: Text(
        nb="{n} avvik i kodene holder noe tilbake.", en="{n:finding|findings} in the code mapping keep something back."
    ),
}
_SHOW = Text(nb="Se «ktt findings».", en="See `ktt findings`.")


def _findings(facts: UnitFacts) -> Iterator[Thing]:
    """A caseworker's findings are work of every day and ring nobody up; the vendor's are not."""
    for cause in Cause:
        count = facts.findings.get(cause, 0)
        if count:
            mine = cause is Cause.REGISTRATION
            actor, says = Actor.HERE if mine else Actor.VENDOR, _FINDINGS[cause].format(n=count)
            yield Thing(facts.unit.key, cause.value, actor, EXIT_HELD_BACK, says, _SHOW, rings=not mine)


def _parked(facts: UnitFacts) -> Thing | None:
    if not facts.parked:
        return None
    says = Text(nb="{n:post|poster} er satt til side.", en="{n:record is|records are} set aside.").format(
        n=facts.parked
    )
    remedy = Text(nb="Ta dem fram igjen med «ktt outbox unpark».", en="Take them back with `ktt outbox unpark`.")
    since = facts.parked_since
    return Thing(facts.unit.key, "parked", Actor.HERE, EXIT_HELD_BACK, says, remedy, rings=False, since=since)


def _follow_ups(facts: UnitFacts) -> Iterator[Thing]:
    """Each case of the registry's controller is a thing of its own, and rings once when it is told."""
    for one in facts.follow_ups:
        since = dt.datetime.combine(one.since, dt.time(), OSLO).astimezone(dt.UTC)
        what, cause = sentence(one), f"case {one.number}"
        yield Thing(facts.unit.key, cause, Actor.HERE, EXIT_HELD_BACK, what, one.remedy, since=since)
