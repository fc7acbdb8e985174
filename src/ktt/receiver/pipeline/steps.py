"""How the checks are run: one after another, each with one exit, a `Refusal`.

A step runs on the event loop: most take microseconds, and the RSA step holds the interpreter lock wherever it runs. What
might wait for something else, or has megabytes to go through, runs in a thread, together with those after it of which
that is true as well; what is written to the database is awaited.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter

from sqlalchemy.exc import SQLAlchemyError

from ktt.core.clock import Clock
from ktt.messages.version import MessageVersion
from ktt.receiver.access.access_list import Access
from ktt.receiver.access.access_tokens import Tokens
from ktt.receiver.access.client_limits import Limits
from ktt.receiver.access.nonces import Nonces
from ktt.receiver.errors import IssuerUnavailable
from ktt.receiver.http.refusal import Refusal, by_status, closed_envelope, refuse
from ktt.receiver.http.request_bodies import HEAVY
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.pipeline.metrics import Meter
from ktt.receiver.pipeline.submission import Caller, Submission
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store.group_commit import NotStored
from ktt.receiver.store.submission_store import Book
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from ktt.wire.answers import AnswerCode
from ktt.wire.envelope import Fault


@dataclass(frozen=True, slots=True)
class Room:
    """What the steps use. `find` gives a deployed message version or None; `reached` is told each step's name.

    `aside` runs a step in a thread.
    """

    settings: ReceiverSettings
    clock: Clock
    tokens: Tokens
    keys: KeyStore
    access: Access
    book: Book
    aside: Callable[..., Awaitable[None]]
    vault: Vault = field(repr=False)
    nonces: Nonces
    limits: Limits
    find: Callable[[str, str], MessageVersion | None]
    reached: Callable[[str], None] = lambda _step: None
    meter: Meter = field(default_factory=Meter)


Check = Callable[[Submission, Room], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of transport § 9. It runs in a thread when it `asks` somebody else, or is `heavy` and the body large."""

    number: str
    name: str
    check: Check
    asks: Callable[[Submission, Room], bool] | None = None
    heavy: bool = False
    timed: bool = False  # what takes more than some microseconds


_ENDS = (Refusal, NotStored, DatabaseUnavailable, SQLAlchemyError, IssuerUnavailable)


async def run(steps: Iterable[Step], submission: Submission, room: Room) -> None:
    """Every step in order; the first that refuses ends it. A database that cannot be written to is 2010."""
    large, aside = submission.size > HEAVY, list[Step]()
    for step in steps:
        if (large and step.heavy) or (step.asks is not None and step.asks(submission, room)):
            aside.append(step)
            continue
        if aside:
            await room.aside(_run_aside, aside, submission, room)
            aside = []
        begun = perf_counter() if submission.timed else 0.0
        room.reached(step.name)
        try:
            under_way = step.check(submission, room)
            if under_way is not None:
                await under_way
        except _ENDS as end:
            raise _refusal(step, end, room) from None
        if begun and step.timed:
            room.meter.stepped(step.name, perf_counter() - begun)
    if aside:
        await room.aside(_run_aside, aside, submission, room)


def _run_aside(steps: Iterable[Step], submission: Submission, room: Room) -> None:
    for step in steps:
        begun = perf_counter() if submission.timed else 0.0
        room.reached(step.name)
        try:
            step.check(submission, room)
        except _ENDS as end:
            raise _refusal(step, end, room) from None
        if begun and step.timed:
            room.meter.stepped(step.name, perf_counter() - begun)


def _refusal(step: Step, end: Exception, room: Room) -> Refusal:
    if isinstance(end, Refusal):
        said = end
    elif isinstance(end, IssuerUnavailable):
        said = by_status(503, why=str(end), headers=(("Retry-After", "60"),))
    else:
        said = refuse(AnswerCode.STORAGE_ERROR, why=f"{step.name}: {type(end).__name__}")
    room.meter.refused(step.name, said)
    return said


def caller_of(submission: Submission) -> Caller:
    """Who calls."""
    assert submission.caller is not None, "step 4 comes first"
    return submission.caller


def closed(submission: Submission, room: Room, found: Fault) -> Refusal:
    """An envelope did not open, which counts against its client."""
    room.limits.failed(caller_of(submission).client_id, submission.received_at)
    return closed_envelope(found, test_mode=room.settings.test_mode)


def not_for_this_organisation(why: str, details: object = None) -> Refusal:
    """2001: the token does not speak for that."""
    code = AnswerCode.SHOULD_NOT_RECEIVE_MESSAGE_FOR_GIVEN_ORGANIZATION_AND_MESSAGE_TYPE
    return refuse(code, details=details, why=why)
