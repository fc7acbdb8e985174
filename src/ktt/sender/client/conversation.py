"""What the conversations with HelseID and the receiver share: a question that must be answered, and how one ends early."""

from __future__ import annotations

from ktt.core.http.exchange import Conversation, LineFault, Request, Response
from ktt.messages.contract import NotSent, Outcome


class Stopped(Exception):
    """The conversation cannot go on; what that means for the message is said by `outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(type(outcome).__name__)


def ask(request: Request, whom: str) -> Conversation[Response]:
    """One question that must be answered before the message can leave; without an answer it was certainly not sent."""
    try:
        return (yield request)
    except LineFault as fault:
        raise Stopped(NotSent(f"{whom}: {fault.reason}")) from fault
