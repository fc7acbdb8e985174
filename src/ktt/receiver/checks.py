"""The order of the checks (slash § 9) as one table: each step is a small function with one exit, a `Refusal`.

No step may move across either of the two marked lines. Steps up to `HEAD` need no body and run when the headers have
arrived; the body is not read before them.

A step runs on the event loop: most take microseconds, and the RSA step holds the interpreter lock wherever it runs. What
might wait for something else, or has megabytes to go through, says so with `aside` and runs in a thread; what is written
to the database is awaited.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter

from sqlalchemy.exc import SQLAlchemyError

from ktt.clock import Clock
from ktt.messages.version import MessageVersion
from ktt.receiver import content, persons, replay
from ktt.receiver.accept import NewMessage
from ktt.receiver.access import Access, Question
from ktt.receiver.book import Book
from ktt.receiver.errors import IssuerUnavailable
from ktt.receiver.groups import NotStored
from ktt.receiver.inbox import sealing_context
from ktt.receiver.keystore import KeyStore
from ktt.receiver.limits import Limits
from ktt.receiver.meter import Meter
from ktt.receiver.nonces import Nonces
from ktt.receiver.packing import pack
from ktt.receiver.proof import NotProven, ProofScene, TokenScene, read_proof
from ktt.receiver.refusal import Refusal, by_status, closed_envelope, fault, refuse, unauthorized
from ktt.receiver.request import Caller, Envelope, Submission
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.tokens import Tokens
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from ktt.wire import dpop, headers
from ktt.wire.answers import AnswerCode, AnswerError
from ktt.wire.envelope import Fault, decode_body, decode_hash, decode_wrapped, open_sealed

_log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_CONTENT_TYPE = re.compile(r"text/plain\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE)


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


def _large(submission: Submission, room: Room) -> bool:
    return submission.size > room.settings.large_body


@dataclass(frozen=True, slots=True)
class Step:
    """One row of slash § 9."""

    number: str
    name: str
    check: Check
    aside: Callable[[Submission, Room], bool] | None = None
    timed: bool = False  # what takes more than some microseconds


async def run(steps: tuple[Step, ...], submission: Submission, room: Room) -> None:
    """Every step in order; the first that refuses ends it. A database that cannot be written to is 2010."""
    for step in steps:
        room.reached(step.name)
        begun = perf_counter() if step.timed else 0.0
        try:
            if step.aside is not None and step.aside(submission, room):
                await room.aside(step.check, submission, room)
            elif (under_way := step.check(submission, room)) is not None:
                await under_way
        except Refusal as refusal:
            room.meter.refused(step.name, refusal)
            raise
        except _LOST as lost:
            said = _lost(step, lost)
            room.meter.refused(step.name, said)
            raise said from lost
        if step.timed:
            room.meter.stepped(step.name, perf_counter() - begun)


_LOST = (NotStored, DatabaseUnavailable, SQLAlchemyError, IssuerUnavailable)


def _lost(step: Step, lost: Exception) -> Refusal:
    if isinstance(lost, IssuerUnavailable):
        return by_status(503, why=str(lost), headers=(("Retry-After", "60"),))
    return refuse(AnswerCode.STORAGE_ERROR, why=f"{step.name}: {type(lost).__name__}")


def _take_credentials(submission: Submission, _room: Room) -> None:
    """Exactly one `Authorization: DPoP <token>` and exactly one `DPoP` (A12, D1)."""
    authorization = submission.headers.all(headers.AUTHORIZATION)
    proofs = submission.headers.all(headers.DPOP)
    words = authorization[0].split() if len(authorization) == 1 else []
    if len(words) != 2 or words[0].lower() != "dpop":  # noqa: PLR2004 - scheme and token
        raise unauthorized("invalid_token", why="A12 scheme")
    if len(proofs) != 1 or "," in proofs[0]:
        raise unauthorized("invalid_dpop_proof", why="D1 one proof")
    submission.token, submission.proof = words[1], proofs[0].strip()


def _check_token(submission: Submission, room: Room) -> None:
    now = submission.received_at.timestamp()
    try:
        submission.token_claims = room.tokens.read(submission.token, TokenScene(room.settings, now))
    except NotProven as refused:
        raise unauthorized(refused.error, why=refused.check) from refused


def _token_unknown(submission: Submission, room: Room) -> bool:
    return not room.tokens.knows(submission.token, submission.received_at.timestamp())


def _check_proof(submission: Submission, room: Room) -> None:
    settings = room.settings
    scene = ProofScene(
        method=submission.method,
        urls=submission.urls or settings.message_urls,
        now=submission.received_at.timestamp(),
        max_age=settings.proof_max_age,
        skew=settings.proof_skew,
        token=submission.token,
        jkt=submission.jkt,
    )
    try:
        submission.proof_claims = read_proof(submission.proof, scene).claims
    except NotProven as refused:
        raise unauthorized(refused.error, why=refused.check) from refused
    if settings.require_nonce and not room.nonces.accepts(
        submission.proof_claims.get("nonce"), submission.received_at
    ):  # D12
        raise unauthorized("use_dpop_nonce", why="D12 nonce", nonce=room.nonces.current(submission.received_at))
    room.meter.proven(submission)


def _know_caller(submission: Submission, _room: Room) -> None:
    """Some organisation number is there. One without a parent holds no right, and is refused at step 9."""
    claims = submission.token_claims
    holder, child = claims.get(headers.CLAIM_PARENT), claims.get(headers.CLAIM_CHILD)
    if holder is None and child is None:
        code = AnswerCode.MISSING_ORGANIZATION_NUMBER_CLAIM_FROM_HELSE_ID_TOKEN
        raise unauthorized("invalid_token", why="no organisation", code=code)
    submission.caller = Caller(claims["client_id"], holder or "", child, claims.get(headers.CLAIM_SUPPLIER))


def _hold_within_limits(submission: Submission, room: Room) -> None:
    caller = _caller(submission)
    if room.limits.blocked(caller.client_id, submission.received_at):
        raise by_status(429, why="too many envelopes that did not open", headers=(("Retry-After", "3600"),))
    submission.entered = room.limits.enter(caller.client_id)
    if not submission.entered:
        raise by_status(429, why="too many posts at a time", headers=(("Retry-After", "1"),))


async def _burn_jti(submission: Submission, room: Room) -> None:
    """D14: from here this proof is spent, whatever comes of the request."""
    claims, until = submission.proof_claims, submission.received_at + room.settings.jti_life
    use = replay.ProofUse.of(submission.jkt, dpop.normalise(claims["htu"]), claims["jti"], until=until)
    remembered = await room.book.remember(use)
    if not remembered.first:
        raise unauthorized("invalid_dpop_proof", why="D14 replay")
    submission.access_version = remembered.access_version


def _check_headers(submission: Submission, _room: Room) -> None:
    """All five `x-*` values and the content type; every fault is told at once."""
    faults = [error for name in headers.REQUIRED if (error := _header_fault(submission, name))]
    content_types = submission.headers.all(headers.CONTENT_TYPE)
    if len(content_types) != 1 or _CONTENT_TYPE.fullmatch(content_types[0].strip()) is None:
        faults.append(fault(AnswerCode.HTTP_HEADER_VALIDATION, property_name=headers.CONTENT_TYPE))
    if faults:
        raise Refusal(400, *faults, why="headers")
    software = (submission.headers.all(name)[0] for name in headers.REQUIRED[:-1])
    submission.software = " | ".join(software)


def _header_fault(submission: Submission, name: str) -> AnswerError | None:
    values = submission.headers.all(name)
    if not values:
        return fault(AnswerCode.HTTP_HEADER_MISSING, property_name=name)
    if len(values) > 1 or not headers.value_fits(values[0]):
        return fault(AnswerCode.HTTP_HEADER_VALIDATION, property_name=name)
    if name != headers.EXTRACTED_ON:
        return None
    day = headers.read_date(values[0])
    if day is None:
        return fault(AnswerCode.HTTP_HEADER_VALIDATION, property_name=name)
    submission.extracted_on = day
    return None


def _read_claims(submission: Submission, room: Room) -> None:
    """D15: the five claims about the message are there, and have the shape of what they claim to be."""
    claims = submission.proof_claims
    missing = [name for name in headers.MESSAGE_CLAIMS if not isinstance(claims.get(name), str)]
    if missing:
        faults = [fault(AnswerCode.HTTP_HEADER_MISSING, property_name=name) for name in missing]
        raise Refusal(400, *faults, why="D15 claims")
    kind, version = claims[headers.CLAIM_TYPE], claims[headers.CLAIM_VERSION]
    if _NAME.fullmatch(kind) is None or _NAME.fullmatch(version) is None or not _known(kind, version, room):
        raise refuse(AnswerCode.INVALID_MESSAGE_TYPE_VERSION)
    msg_hash = decode_hash(claims[headers.CLAIM_HASH])
    if msg_hash is None:
        raise refuse(AnswerCode.INVALID_DIGEST, property_name=headers.CLAIM_HASH)
    submission.envelope = Envelope(kind, version, msg_hash, claims[headers.CLAIM_KEY_ID], claims[headers.CLAIM_KEY])


def _known(kind: str, version: str, room: Room) -> bool:
    return (kind, version) in room.settings.announced_types or room.find(kind, version) is not None


def _check_access(submission: Submission, room: Room) -> None:
    """The holder may send the type, through this vendor if there is one, for some unit that the token may speak for."""
    caller, question = _caller(submission), _question(submission)
    granted = room.access.known(question, submission.access_version)
    if granted is None:
        granted = room.access.learn(question, submission.access_version)
    submission.granted = frozenset(unit for unit in granted if unit.organisation in caller.organisations)
    if not submission.granted:
        raise _not_for_this_organisation("no access")


def _question(submission: Submission) -> Question:
    caller = _caller(submission)
    return caller.holder, submission.envelope.message_type, caller.supplier


def _access_unknown(submission: Submission, room: Room) -> bool:
    return room.access.known(_question(submission), submission.access_version) is None


def _find_key(submission: Submission, room: Room) -> None:
    key = room.keys.find(submission.envelope.key_id)
    if key is None:
        raise refuse(AnswerCode.INVALID_KEY_ID, property_name=headers.CLAIM_KEY_ID)
    if key.expired(submission.received_at):
        raise refuse(AnswerCode.EXPIRED_KEY, property_name=headers.CLAIM_KEY_ID)
    wrapped = decode_wrapped(submission.envelope.wrapped_text, key.modulus_bytes, key.modulus)
    if wrapped is None:
        raise _closed(submission, room, Fault.WRAPPED_KEY)
    submission.key, submission.wrapped = key, wrapped


def _decode_body(submission: Submission, room: Room) -> None:
    raw = decode_body(submission.body)
    submission.body = b""  # 15 MB that nobody needs any more
    submission.body_hash = b"" if raw is None else hashlib.sha256(raw).digest()
    if raw is None:
        raise _closed(submission, room, Fault.CIPHERTEXT)
    submission.raw = raw


async def _record_wrapped_key(submission: Submission, room: Room) -> None:
    """The ledger closes the padding oracle for every message that was ever delivered (slash § 14.2 point 3)."""
    use = replay.WrappedKeyUse(
        digest=hashlib.sha256(submission.wrapped).digest(),
        jkt=submission.jkt,
        msg_hash=submission.envelope.msg_hash,
        body_hash=submission.body_hash,
        key_id=submission.key.public.id,
    )
    if not (await room.book.remember(use)).first:
        _log.critical("ALARM wrapped key of another submission: %s", _facts(submission))
        raise _closed(submission, room, Fault.CIPHERTEXT)


def _open_envelope(submission: Submission, room: Room) -> None:
    """Steps 13 to 15 are one: whatever fails, all of it runs, and only then is it judged."""
    private = submission.key.private
    if private is None:
        raise refuse(AnswerCode.EXPIRED_KEY, property_name=headers.CLAIM_KEY_ID)
    plain, found = open_sealed(private, submission.wrapped, submission.raw, submission.envelope.msg_hash)
    submission.raw = b""
    if plain is None:
        raise _closed(submission, room, found or Fault.PAYLOAD_HASH)
    submission.content = plain


def _check_json(submission: Submission, _room: Room) -> None:
    content.check_array(submission.content)


def _check_schema(submission: Submission, room: Room) -> None:
    version = room.find(submission.envelope.message_type, submission.envelope.version)
    submission.version, submission.heads = content.check_schema(version, submission.content, room.settings.environment)


def _check_units(submission: Submission, room: Room) -> None:
    """A message may name several units, all of them the caller's; one that names none concerns all that it has."""
    found, submission.heads = submission.heads, []
    strangers = [place for place, head in enumerate(found) if head.unit not in submission.granted]
    if strangers:
        details = [
            content.place(f"/{number}", "The unit is not one that the token may speak for") for number in strangers
        ]
        raise _not_for_this_organisation("unit in the message", details)
    content.hold(persons.wrong_kind(found, room.settings.environment))
    submission.units = tuple(sorted({head.unit for head in found} or submission.granted))


def _seal(submission: Submission, room: Room) -> None:
    submission.sealed = room.vault.seal(pack(submission.content), sealing_context(submission.correlation_id))
    submission.content = b""


async def _store(submission: Submission, room: Room) -> None:
    caller, envelope = _caller(submission), submission.envelope
    message = NewMessage(
        correlation_id=submission.correlation_id,
        units=tuple(unit.key for unit in submission.units),
        message_type=envelope.message_type,
        version=envelope.version,
        msg_hash=envelope.msg_hash,
        received_at=submission.received_at,
        client_id=caller.client_id,
        supplier=caller.supplier,
        software=submission.software,
        extracted_on=submission.extracted_on,
        payload=submission.sealed,
    )
    receipt = await room.book.accept(message)
    submission.receipt = receipt
    _log.info("accepted at %s%s: %s", receipt.position, " (resent)" if receipt.resent else "", _facts(submission))


def _closed(submission: Submission, room: Room, found: Fault) -> Refusal:
    room.limits.failed(_caller(submission).client_id, submission.received_at)
    return closed_envelope(found, test_mode=room.settings.test_mode)


def _not_for_this_organisation(why: str, details: object = None) -> Refusal:
    code = AnswerCode.SHOULD_NOT_RECEIVE_MESSAGE_FOR_GIVEN_ORGANIZATION_AND_MESSAGE_TYPE
    return refuse(code, details=details, why=why)


def _caller(submission: Submission) -> Caller:
    assert submission.caller is not None, "step 4 comes first"
    return submission.caller


def _facts(submission: Submission) -> str:
    """What a log line may say (slash § 15, logging): ids and numbers of organisations, never content."""
    caller, envelope = _caller(submission), submission.envelope
    return (
        f"correlation={submission.correlation_id} client={caller.client_id} organisation={caller.holder} child={caller.child}"
        f" supplier={caller.supplier} type={envelope.message_type} version={envelope.version} key={envelope.key_id}"
    )


HEAD = (
    Step("1", "credentials", _take_credentials),
    Step("2", "token", _check_token, aside=_token_unknown),
    Step("3", "proof", _check_proof, timed=True),
    Step("4", "caller", _know_caller),
    Step("5", "limits", _hold_within_limits),
    Step("6", "jti", _burn_jti, timed=True),
    # ═══ line 1: the request is authenticated from here
    Step("7", "headers", _check_headers),
    Step("8", "claims", _read_claims),
    Step("9", "access", _check_access, aside=_access_unknown),
    Step("10", "key", _find_key),
)
BODY = (
    Step("11", "body", _decode_body, aside=_large),
    Step("12", "ledger", _record_wrapped_key, timed=True),
    Step("13-15", "envelope", _open_envelope, aside=_large, timed=True),
    # ═══ line 2: the content is authentic from here; nothing is parsed before this line
    Step("16", "json", _check_json, aside=_large),
    Step("17", "schema", _check_schema, aside=_large, timed=True),
    Step("18", "units", _check_units, aside=_large),
    Step("19", "seal", _seal, aside=_large),
    Step("19", "store", _store, timed=True),
)
