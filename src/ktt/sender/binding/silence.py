"""What it is called when the receiver, or HelseID, gives no answer to a question, or does not let us in."""

from __future__ import annotations

from ktt.core.errors import KttError
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.binding.errors import ReceiverRefuses, ReceiverSilent
from ktt.sender.outbox.answer_words import in_words


def silence(outcome: Refused | NotSent | Unknown, unit: ReportingUnit) -> KttError:
    """The error for an answer that did not come."""
    if isinstance(outcome, Refused):
        return ReceiverRefuses(unit=unit.key, answer=in_words(f"HTTP {outcome.http_status} {outcome.reason}"))
    return ReceiverSilent(unit=unit.key, answer=in_words(outcome.reason))
