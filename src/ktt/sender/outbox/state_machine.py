"""The state machine of a message: which state follows the outcome of an attempt. Pure; ADR 0004 has it as a table.

Codes are those of transport § 8; the classes follow its outcome table § 10.1.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ktt.core.log.masking import masked
from ktt.messages.contract import Accepted, NotSent, Outcome, Refused, Rejected, TooLarge, Unknown
from ktt.sender.outbox.message import Attempt, State

ENVELOPE_CODES = frozenset({1004, 1006, 1007, 1008, 1009})
"""The envelope could not be opened: the content was not read, so the message waits and is sealed afresh."""

CONTENT_CODES = frozenset({2006, 2007, 2008})
"""The content was read and refused. An earlier attempt had the same content and got the same answer, so none was stored."""

_LONGEST = 2000


def next_state(outcome: Outcome, *, in_doubt: bool) -> State:
    """The state after an attempt. `in_doubt`: an earlier attempt at this message may have reached the registry.

    A refusal before the content is read (access, headers, keys) does not tell what became of an earlier attempt, so it
    never settles a doubt; only a receipt or a refusal of the content does.
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


def may_have_arrived(attempt: Attempt) -> bool:
    """Whether an ended or abandoned attempt may have reached the registry: no answer, or the sender died in it."""
    return attempt.outcome in (None, "unknown")


def closed(attempt: Attempt, at: dt.datetime, outcome: Outcome) -> Attempt:
    """The attempt with how it ended: kinds, codes and places, never values."""
    done = replace(attempt, ended_at=at, correlation_id=getattr(outcome, "correlation_id", None))
    match outcome:
        case Accepted():
            return replace(done, outcome="accepted")
        case Rejected(http_status=status, code=code, name=name, details=details):
            done = replace(done, http_status=status, code=code, name=masked_excerpt(name))
            return replace(done, outcome="rejected", details=masked_excerpt(details))
        case TooLarge(http_status=status):
            return replace(done, outcome="too_large", http_status=status)
        case Refused(http_status=status, reason=reason):
            return replace(done, outcome="refused", http_status=status, details=masked_excerpt(reason))
        case NotSent(reason=reason):
            return replace(done, outcome="not_sent", details=masked_excerpt(reason))
        case Unknown(reason=reason):
            return replace(done, outcome="unknown", details=masked_excerpt(reason))


def masked_excerpt(text: str) -> str:
    """The beginning of a text from the receiver, with everything masked that looks like a national number."""
    return masked(text)[:_LONGEST]
