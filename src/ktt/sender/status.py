"""The status of a queue in plain words."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.sender.outbox.dispatch import stop_reason
from ktt.sender.outbox.message import QueueStatus, State


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
        return Text(nb="Initiell last er ikke begynt.", en="The initial load has not begun.")
    if queue.load.finished_at is None:
        return Text(nb="Initiell last er ikke ferdig.", en="The initial load is not finished.")
    return Text(nb="Alt er levert.", en="Everything is delivered.")
