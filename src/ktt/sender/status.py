"""The status of a queue in plain words, and the alarm when it has been behind for more than a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ktt.core.clock import OSLO
from ktt.core.errors import KttError
from ktt.core.text import Text, duration
from ktt.sender.outbox.dispatch import stop_reason
from ktt.sender.outbox.errors import QueueBehind, QueuePaused
from ktt.sender.outbox.message import QueueStatus, State

ALARM_AFTER = dt.timedelta(days=1)
"""How long something may be undelivered: the next daily run has then had its chance."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """That a queue has been behind for too long, since when, and the class of what stopped it as an exit code."""

    says: QueueBehind
    since: dt.datetime
    exit_code: int

    def as_data(self) -> dict[str, Any]:
        """The alarm as plain data."""
        said = {"code": self.says.code, "what": self.says.says(), "remedy": self.says.advises()}
        return said | {"since": self.since, "exit_code": self.exit_code}


def alarm(queue: QueueStatus, now: dt.datetime) -> Alarm | None:
    """The alarm of a queue; None when nothing has been undelivered for more than a day."""
    since = queue.behind_since
    if queue.first is None or since is None or now - since <= ALARM_AFTER:
        return None
    stopped = _stopped(queue)
    advice = (
        stopped.advises()
        if stopped
        else Text(nb="Kjør «ktt daily» eller «ktt load».", en="Run `ktt daily` or `ktt load`.")
    )
    facts = {
        "unit": queue.unit.key,
        "sequence": queue.first.sequence,
        "since": since.astimezone(OSLO).strftime("%Y-%m-%d %H:%M"),
        "span": duration(now - since),
        "reason": describe(queue),
        "advice": advice,
    }
    return Alarm(QueueBehind(**facts), since, stopped.exit_code if stopped else QueueBehind.exit_code)


def _stopped(queue: QueueStatus) -> KttError | None:
    """What stands in the queue's way, as far as is known."""
    if queue.pause is not None:
        return QueuePaused(unit=queue.unit.key, by=queue.pause.by, reason=queue.pause.reason)
    attempts = [queue.last_attempt] if queue.last_attempt else []
    return stop_reason(queue.first, attempts) if queue.first else None


def describe(queue: QueueStatus) -> Text:
    """One or two sentences: that all is well, or why the queue has stopped."""
    if queue.pause is not None:
        paused = Text(nb="Satt på pause av {by}: {reason}.", en="Paused by {by}: {reason}.")
        return paused.format(by=queue.pause.by, reason=queue.pause.reason)
    if queue.first is None:
        return _empty(queue)
    if queue.first.state is State.UNCERTAIN and queue.last_attempt and queue.last_attempt.outcome is None:
        died = Text(
            nb="Sendingen av melding {n} ble avbrutt. Neste kjøring sender den samme meldingen igjen.",
            en="The sending of message {n} was interrupted. The next run sends the same message again.",
        )
        return died.format(n=queue.first.sequence)
    stopped = stop_reason(queue.first, [queue.last_attempt] if queue.last_attempt else [])
    return stopped.says() if stopped else Text(nb="Venter på neste kjøring.", en="Waits for the next run.")


def _empty(queue: QueueStatus) -> Text:
    if queue.load is None:
        return Text(nb="Initiell last er ikke startet.", en="The initial load has not begun.")
    if queue.load.finished_at is None:
        return Text(nb="Initiell last er ikke ferdig.", en="The initial load is not finished.")
    return Text(nb="Alt er levert.", en="Everything is delivered.")
