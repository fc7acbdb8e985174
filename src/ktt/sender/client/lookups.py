"""Harmless questions to the receiver's further addresses: what can be answered, and what an answer means.

`GET` with token and proof, as `/message` has them: `/receipts/{correlation}`, `/units/{organisation}/outstanding`. The
receiver of this project has these addresses; FHI's own need not have them, which is no fault (`NotOffered`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from ktt.core.http.exchange import Response
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.client.interpretation import ACCESS, TOO_MANY, Interpretation, access_refused, named, retry_after
from ktt.wire.answers import AnswerError, parse_answer

_OK, _NOT_FOUND = 200, 404
_NO_SUCH_METHOD = frozenset({405, 501})
_OUR_PROBLEM = "/swagger#"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer's JSON object. Local ids may be in it, so it is not in the repr."""

    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The receiver has such addresses, and has nothing at this one that this caller may see."""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The receiver has no such address."""


Unanswered = Refused | NotSent | Unknown
"""Not let in, not reached, or reached without an answer that can be read. The reason is as a message's outcome has it."""

LookupAnswer = Found | NotKnown | NotOffered | Unanswered
LookUp = Callable[[str], LookupAnswer]
"""Asks for a path with its query (`/units/312000008/outstanding?limit=1`); no answer becomes an exception."""


class Receiver(Protocol):
    """The harmless questions to a receiver. No answer becomes an exception."""

    def look_up(self, path: str) -> LookupAnswer:
        """A `LookUp`."""
        ...

    def reach(self) -> Refused | NotSent | None:
        """What keeps a message from being sealed and let in: no keys, no token. None when nothing does."""
        ...


def read_lookup(response: Response) -> Interpretation[LookupAnswer]:
    """The meaning of one answer to a lookup. An address that is not there answers without our form of a problem."""
    status, members = response.status, _object(response.body)
    if status == _OK:
        return Interpretation(Unknown("HTTP 200 without JSON") if members is None else Found(members))
    if status == _NOT_FOUND:
        ours = members is not None and str(members.get("type", "")).startswith(_OUR_PROBLEM)
        return Interpretation(NotKnown() if ours else NotOffered())
    if status in _NO_SUCH_METHOD:
        return Interpretation(NotOffered())
    answer = parse_answer(response.body)
    errors = answer.errors if answer else ()
    if status in ACCESS:
        return access_refused(response, errors)
    if status == TOO_MANY:
        return Interpretation(NotSent("too many requests", retry_after(response)))
    return Interpretation(Unknown(f"HTTP {status}{_reason(errors)}", retry_after=retry_after(response)))


def _reason(errors: tuple[AnswerError, ...]) -> str:
    return named(errors) or "".join(f" {error.name[:60]}" for error in errors[:1] if error.name)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        members = orjson.loads(body)
    except ValueError:
        return None
    return members if isinstance(members, dict) else None
