"""The law of a message's life: which state follows an outcome. Pure, one function, a table in ADR 0004.

Codes are those of transport § 8; the classes follow its outcome table § 10.1.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ktt.core.log.masking import masked
from ktt.messages.contract import Accepted, NotSent, Outcome, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.message import Attempt, State

ENVELOPE_CODES = frozenset({1004, 1006, 1007, 1008, 1009})
"""The envelope did not open: nothing is wrong with what the message says, so it waits and is sealed afresh."""

CONTENT_CODES = frozenset({2006, 2007, 2008})
"""The content was read and judged. The same content was judged alike the first time, so this settles a doubt."""

_LONGEST = 2000


def state_after(outcome: Outcome, *, in_doubt: bool) -> State:
    """The state after an attempt. `in_doubt`: an earlier attempt at this message may have reached the registry.

    A refusal at the door (access, headers, keys) says nothing about what an earlier attempt did, so it never settles
    a doubt; only a receipt or a verdict on the content does.
    """
    if isinstance(outcome, Accepted):
        return State.DELIVERED
    if isinstance(outcome, Unknown):
        return State.UNCERTAIN
    if isinstance(outcome, TooLarge):
        return State.REJECTED
    if isinstance(outcome, Rejected) and outcome.code in CONTENT_CODES:
        return State.REJECTED
    if in_doubt:
        return State.UNCERTAIN
    held = isinstance(outcome, Rejected) and outcome.code not in ENVELOPE_CODES
    return State.REJECTED if held else State.WAITING


def leaves_doubt(attempt: Attempt) -> bool:
    """Whether an attempt may have reached the registry without our knowing: no answer, or the sender died in it."""
    return attempt.outcome in (None, "unknown")


def closed(attempt: Attempt, at: dt.datetime, outcome: Outcome) -> Attempt:
    """The attempt with how it ended: kinds, codes and places, never values."""
    done = replace(attempt, ended_at=at, correlation_id=getattr(outcome, "correlation_id", None))
    match outcome:
        case Accepted():
            return replace(done, outcome="accepted")
        case Rejected(http_status=status, code=code, name=name, details=details):
            said = replace(done, http_status=status, code=code, name=harmless(name), details=harmless(details))
            return replace(said, outcome="rejected")
        case TooLarge(http_status=status):
            return replace(done, outcome="too_large", http_status=status)
        case Refused(http_status=status, reason=reason):
            return replace(done, outcome="refused", http_status=status, details=harmless(reason))
        case NotSent(reason=reason):
            return replace(done, outcome="not_sent", details=harmless(reason))
        case Unknown(reason=reason):
            return replace(done, outcome="unknown", details=harmless(reason))


def harmless(text: str) -> str:
    """Text from the other end, cut to a sane length and without anything that looks like a national number."""
    return masked(text)[:_LONGEST]
