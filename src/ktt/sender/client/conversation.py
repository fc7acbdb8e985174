"""What the conversations with HelseID and the receiver share: a request that must be answered, and how one ends early."""

from __future__ import annotations

from ktt.core.http.exchange import Conversation, Request, Response, TransportFault
from ktt.messages.contract import NotSent, Refused


class ConversationStopped(Exception):
    """The conversation cannot go on; `outcome` is what that means for the message or lookup."""

    def __init__(self, outcome: Refused | NotSent) -> None:
        self.outcome = outcome
        super().__init__(type(outcome).__name__)


def require_answer(request: Request, server: str) -> Conversation[Response]:
    """Ask what must be known before the message can be sent; without an answer the message was certainly not sent."""
    try:
        return (yield request)
    except TransportFault as fault:
        raise ConversationStopped(NotSent(f"{server}: {fault.reason}")) from fault
