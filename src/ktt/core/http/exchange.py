"""Requests, responses, and conversations: generators that yield requests and receive responses, so that they need no network."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ktt.core.http.tls import Cause

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Headers and body may hold secrets, so they are not in its repr."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name."""
        return self.headers.get(name.lower())


class TransportFault(Exception):
    """There was no answer. `reason` is a few words without addresses, secrets or content, `cause` what was behind it."""

    def __init__(self, reason: str, cause: Cause = "other") -> None:
        self.reason, self.cause = reason, cause
        super().__init__(reason)


class NotReached(TransportFault):
    """No byte of the request was sent: no connection, no such name, no TLS."""


class NoAnswer(TransportFault):
    """The request may have arrived, but no whole answer came back."""


Conversation = Generator[Request, Response, T]
Exchange = Callable[[Request], Response]


def within(exchange: Exchange, seconds: float) -> Exchange:
    """The exchange for one conversation, which begins no request when so much time has passed."""
    until = time.monotonic() + seconds

    def bounded(request: Request) -> Response:
        if time.monotonic() > until:
            raise NotReached("no time left")
        return exchange(request)

    return bounded


def converse(conversation: Conversation[T], exchange: Exchange) -> T:
    """Run a conversation to its end and return its result; a TransportFault of the exchange is thrown into it."""
    try:
        request = next(conversation)
        while True:
            try:
                response = exchange(request)
            except TransportFault as fault:
                request = conversation.throw(fault)
            else:
                request = conversation.send(response)
    except StopIteration as end:
        result: T = end.value
        return result
