"""How a line stands, in plain words."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.sender.outbox.dispatch import why_stopped
from ktt.sender.outbox.message import Line, State


def how_it_stands(line: Line) -> Text:
    """One or two sentences: that all is well, or what stands in the way."""
    if line.pause is not None:
        paused = Text(nb="Satt på pause av {by}: {reason}.", en="Paused by {by}: {reason}.")
        return paused.format(by=line.pause.by, reason=line.pause.reason)
    if line.head is None:
        return _empty(line)
    if line.head.state is State.UNCERTAIN and line.last_attempt and line.last_attempt.outcome is None:
        died = Text(
            nb="Sendingen av melding {n} ble avbrutt. Neste kjøring sender den samme meldingen igjen.",
            en="The sending of message {n} was interrupted. The next run sends the same message again.",
        )
        return died.format(n=line.head.sequence)
    stopped = why_stopped(line.head, [line.last_attempt] if line.last_attempt else [])
    return stopped.says() if stopped else Text(nb="Venter på neste kjøring.", en="Waits for the next run.")


def _empty(line: Line) -> Text:
    if line.load is None:
        return Text(nb="Initiell last er ikke begynt.", en="The initial load has not begun.")
    if line.load.finished_at is None:
        return Text(nb="Initiell last er ikke ferdig.", en="The initial load is not finished.")
    return Text(nb="Alt er levert.", en="Everything is delivered.")
