"""Alarms of silence as notices that a channel tells: bokmål, and no person in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ktt.alarms.notice import Notice
from ktt.core.errors import EXIT_NOT_MET
from ktt.registry.coverage.alarms import Alarm

_SAYS: Mapping[str, str] = {
    "silent": "Enheten er stille; sist hørt {heard_on}.",
    "rejected": "Enheten står ved en melding som avvises.",
}
_REMEDY = "Se «ktt registry silent» og «ktt registry cases»."


def notice(alarm: Alarm) -> Notice:
    """One alarm. Its number is the same whenever it is told, so that who is told twice can see it."""
    name = f"{alarm.unit} {alarm.state} {alarm.event} {alarm.heard_on}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:6])
    return Notice(
        number=number,
        unit=alarm.unit,
        cause=alarm.state,
        event=alarm.event,
        actor="here",
        exit_code=EXIT_NOT_MET,
        says=_SAYS[alarm.state].format(heard_on=alarm.heard_on),
        remedy=_REMEDY,
        began_at=alarm.began_at,
        at=alarm.ended_at or alarm.began_at,
    )
