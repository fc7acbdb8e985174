"""Steps 1 to 10 of transport § 9: all that headers can tell. The table in `checks` says in which order."""

from __future__ import annotations

import re

from ktt.receiver.access.access_list import Question
from ktt.receiver.access.claim_checks import NotProven, ProofScene, TokenScene, read_proof
from ktt.receiver.http.refusal import Refusal, by_status, fault, refuse, unauthorized
from ktt.receiver.pipeline.steps import Room, caller_of, closed, not_for_this_organisation
from ktt.receiver.pipeline.submission import Caller, Envelope, Submission
from ktt.receiver.store import replay
from ktt.wire import dpop, headers
from ktt.wire.answers import AnswerCode, AnswerError
from ktt.wire.envelope import Fault, decode_hash, decode_wrapped

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_CONTENT_TYPE = re.compile(r"text/plain\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE)


def take_credentials(submission: Submission, _room: Room) -> None:
    """Exactly one `Authorization: DPoP <token>` and exactly one `DPoP` (A12, D1)."""
    authorization = submission.headers.all(headers.AUTHORIZATION)
    proofs = submission.headers.all(headers.DPOP)
    words = authorization[0].split() if len(authorization) == 1 else []
    if len(words) != 2 or words[0].lower() != "dpop":  # noqa: PLR2004 - scheme and token
        raise unauthorized("invalid_token", why="A12 scheme")
    if len(proofs) != 1 or "," in proofs[0]:
        raise unauthorized("invalid_dpop_proof", why="D1 one proof")
    submission.token, submission.proof = words[1], proofs[0].strip()


def check_token(submission: Submission, room: Room) -> None:
    """Table A: the token is HelseID's, for us, and of now."""
    now = submission.received_at.timestamp()
    try:
        submission.token_claims = room.tokens.read(submission.token, TokenScene(room.settings, now))
    except NotProven as refused:
        raise unauthorized(refused.error, why=refused.check) from refused


def token_unknown(submission: Submission, room: Room) -> bool:
    """Whether reading the token may have to ask HelseID for its keys."""
    return not room.tokens.knows(submission.token, submission.received_at.timestamp())


def check_proof(submission: Submission, room: Room) -> None:
    """Table D: the proof is of this request, this token and this moment."""
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


def know_caller(submission: Submission, _room: Room) -> None:
    """Some organisation number is there. One without a parent holds no right, and is refused at step 9."""
    claims = submission.token_claims
    holder, child = claims.get(headers.CLAIM_PARENT), claims.get(headers.CLAIM_CHILD)
    if holder is None and child is None:
        code = AnswerCode.MISSING_ORGANIZATION_NUMBER_CLAIM_FROM_HELSE_ID_TOKEN
        raise unauthorized("invalid_token", why="no organisation", code=code)
    submission.caller = Caller(claims["client_id"], holder or "", child, claims.get(headers.CLAIM_SUPPLIER))


def hold_within_limits(submission: Submission, room: Room) -> None:
    """429 for a client with too many posts under way, or too many envelopes that did not open."""
    caller = caller_of(submission)
    if room.limits.blocked(caller.client_id, submission.received_at):
        raise by_status(429, why="too many envelopes that did not open", headers=(("Retry-After", "3600"),))
    submission.entered = room.limits.enter(caller.client_id)
    if not submission.entered:
        raise by_status(429, why="too many posts at a time", headers=(("Retry-After", "1"),))


async def burn_jti(submission: Submission, room: Room) -> None:
    """D14: from here this proof is spent, whatever comes of the request."""
    claims, until = submission.proof_claims, submission.received_at + room.settings.jti_life
    use = replay.ProofUse.of(submission.jkt, dpop.normalise(claims["htu"]), claims["jti"], until=until)
    remembered = await room.book.remember(use)
    if not remembered.first:
        raise unauthorized("invalid_dpop_proof", why="D14 replay")
    submission.access_version = remembered.access_version


def check_headers(submission: Submission, _room: Room) -> None:
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


def read_claims(submission: Submission, room: Room) -> None:
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


def check_access(submission: Submission, room: Room) -> None:
    """The holder may send the type, through this vendor if there is one, for some unit that the token may speak for."""
    caller, question = caller_of(submission), _question(submission)
    granted = room.access.known(question, submission.access_version)
    if granted is None:
        granted = room.access.learn(question, submission.access_version)
    submission.granted = frozenset(unit for unit in granted if unit.organisation in caller.organisations)
    if not submission.granted:
        raise not_for_this_organisation("no access")


def _question(submission: Submission) -> Question:
    caller = caller_of(submission)
    return caller.holder, submission.envelope.message_type, caller.supplier


def access_unknown(submission: Submission, room: Room) -> bool:
    """Whether the access list has to be asked."""
    return room.access.known(_question(submission), submission.access_version) is None


def find_key(submission: Submission, room: Room) -> None:
    """The receiver's key of that name (1004, 1007), and a wrapped key of its size."""
    key = room.keys.find(submission.envelope.key_id)
    if key is None:
        raise refuse(AnswerCode.INVALID_KEY_ID, property_name=headers.CLAIM_KEY_ID)
    if key.expired(submission.received_at):
        raise refuse(AnswerCode.EXPIRED_KEY, property_name=headers.CLAIM_KEY_ID)
    wrapped = decode_wrapped(submission.envelope.wrapped_text, key.modulus_bytes, key.modulus)
    if wrapped is None:
        raise closed(submission, room, Fault.WRAPPED_KEY)
    submission.key, submission.wrapped = key, wrapped
