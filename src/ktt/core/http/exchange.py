"""A conversation is a generator: it yields what to ask and is told the answer, so it needs no network to be tested."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. Headers and body may hold secrets, so they are not shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered, whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name."""
        return self.headers.get(name.lower())


class LineFault(Exception):
    """No answer came. `reason` is a few words without addresses, secrets or content."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotReached(LineFault):
    """No byte of the request left: no connection, no name, no TLS."""


class NoAnswer(LineFault):
    """The request may have arrived, but no whole answer came back."""


Conversation = Generator[Request, Response, T]
Exchange = Callable[[Request], Response]


def converse(conversation: Conversation[T], exchange: Exchange) -> T:
    """Carry a conversation to its end; a LineFault of the exchange is thrown into it."""
    try:
        request = next(conversation)
        while True:
            try:
                response = exchange(request)
            except LineFault as fault:
                request = conversation.throw(fault)
            else:
                request = conversation.send(response)
    except StopIteration as end:
        result: T = end.value
        return result
