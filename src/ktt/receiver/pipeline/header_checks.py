"""Steps 1 to 10 of transport § 9: all that headers can tell. `submission_checks` says in which order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import Headers

from ktt.domain.unit import ReportingUnit
from ktt.receiver.access.claim_checks import CredentialRefused, ProofContext, TokenContext, verify_proof
from ktt.receiver.http.refusal import Refusal, coded_error, refuse, refuse_with_status, unauthorized
from ktt.receiver.keys.key_store import StoredKey
from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import (
    Authenticated,
    Caller,
    Credentials,
    ExportInfo,
    MessageClaims,
    Received,
    TokenClaims,
)
from ktt.receiver.pipeline.steps import refuse_envelope, refuse_organisation, refuse_replay
from ktt.receiver.store.replay_protection import ProofUse
from ktt.receiver.store.submissions.store import UseResult
from ktt.wire import dpop, headers
from ktt.wire.answers import AnswerCode, AnswerError
from ktt.wire.envelope import Fault, decode_hash, decode_wrapped

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_CONTENT_TYPE = re.compile(r"text/plain\s*(;\s*charset\s*=\s*\"?utf-8\"?\s*)?", re.IGNORECASE)


def read_credentials(given: Headers) -> Credentials:
    """Exactly one `Authorization: DPoP <token>` and exactly one `DPoP` (A12, D1)."""
    authorization = given.getlist(headers.AUTHORIZATION)
    proofs = given.getlist(headers.DPOP)
    words = authorization[0].split() if len(authorization) == 1 else []
    if len(words) != 2 or words[0].lower() != "dpop":  # noqa: PLR2004 - scheme and token
        raise unauthorized("invalid_token", why="A12 scheme")
    if len(proofs) != 1 or "," in proofs[0]:
        raise unauthorized("invalid_dpop_proof", why="D1 one proof")
    return Credentials(words[1], proofs[0].strip())


def check_token(token: str, received: Received, services: Services) -> TokenClaims:
    """Table A: the token is HelseID's, for us, and valid now."""
    try:
        claims = services.tokens.verify(token, TokenContext(services.settings, received.received_at.timestamp()))
    except CredentialRefused as refused:
        raise unauthorized(refused.error, why=refused.check) from refused
    return TokenClaims(claims["cnf"]["jkt"], claims)


def check_proof(received: Received, credentials: Credentials, token: TokenClaims, services: Services) -> dict[str, Any]:
    """Table D: the proof is of this request, this token and this moment. Its claims."""
    settings, now = services.settings, received.received_at.timestamp()
    context = ProofContext(
        method=received.method,
        urls=received.urls,
        now=now,
        max_age=settings.proof_max_age,
        skew=settings.proof_skew,
        ahead=settings.proof_ahead,
        token=credentials.token,
        jkt=token.jkt,
    )
    try:
        claims = verify_proof(credentials.proof, context).claims
    except CredentialRefused as refused:
        raise unauthorized(refused.error, why=refused.check) from refused
    if settings.require_nonce and not services.nonces.accepts(claims.get("nonce"), received.received_at):  # D12
        raise unauthorized("use_dpop_nonce", why="D12 nonce", nonce=services.nonces.current(received.received_at))
    services.metrics.proof_accepted(now - claims["iat"])
    return claims


def identify_caller(token: TokenClaims) -> Caller:
    """Some organisation number is there. One without a parent holds no right, and is refused at step 9."""
    holder, child = token.claims.get(headers.CLAIM_PARENT), token.claims.get(headers.CLAIM_CHILD)
    if holder is None and child is None:
        code = AnswerCode.MISSING_ORGANIZATION_NUMBER_CLAIM_FROM_HELSE_ID_TOKEN
        raise unauthorized("invalid_token", why="no organisation", code=code)
    return Caller(token.claims["client_id"], holder or "", child, token.claims.get(headers.CLAIM_SUPPLIER))


def check_limits(caller: Caller, received: Received, services: Services) -> None:
    """429 for a client with too many posts under way, or too many envelopes that did not open.

    When it returns, the request counts among its client's open posts until `ClientLimits.release`.
    """
    if services.limits.is_blocked(caller.client_id, received.received_at):
        why = "too many envelopes that did not open"
        raise refuse_with_status(429, why=why, headers=(("Retry-After", "3600"),))
    if not services.limits.acquire(caller.client_id):
        raise refuse_with_status(429, why="too many posts at a time", headers=(("Retry-After", "1"),))


async def spend_proof(
    received: Received, token: TokenClaims, proof_claims: Mapping[str, Any], services: Services
) -> UseResult:
    """D14: from here this proof is spent, whatever comes of the request."""
    until = received.received_at + services.settings.jti_life
    use = ProofUse.of(token.jkt, dpop.normalise(proof_claims["htu"]), proof_claims["jti"], until=until)
    recorded = await services.store.record_use(use)
    if not recorded.first:
        raise refuse_replay()
    return recorded


def check_headers(given: Headers) -> ExportInfo:
    """All five `x-*` values and the content type; every fault is told at once."""
    faults = [error for name in headers.REQUIRED if (error := _header_fault(given, name))]
    content_types = given.getlist(headers.CONTENT_TYPE)
    if len(content_types) != 1 or _CONTENT_TYPE.fullmatch(content_types[0].strip()) is None:
        faults.append(coded_error(AnswerCode.HTTP_HEADER_VALIDATION, property_name=headers.CONTENT_TYPE))
    extracted_on = headers.read_date("".join(given.getlist(headers.EXTRACTED_ON)))
    if faults or extracted_on is None:
        raise Refusal(400, *faults, why="headers")
    return ExportInfo(" | ".join(given.getlist(name)[0] for name in headers.REQUIRED[:-1]), extracted_on)


def _header_fault(given: Headers, name: str) -> AnswerError | None:
    values = given.getlist(name)
    if not values:
        return coded_error(AnswerCode.HTTP_HEADER_MISSING, property_name=name)
    fits = len(values) == 1 and headers.value_fits(values[0])
    if not fits or (name == headers.EXTRACTED_ON and headers.read_date(values[0]) is None):
        return coded_error(AnswerCode.HTTP_HEADER_VALIDATION, property_name=name)
    return None


def read_claims(claims: Mapping[str, Any], services: Services) -> MessageClaims:
    """D15: the five claims about the message are there, and have the shape of what they claim to be."""
    missing = [name for name in headers.MESSAGE_CLAIMS if not isinstance(claims.get(name), str)]
    if missing:
        faults = [coded_error(AnswerCode.HTTP_HEADER_MISSING, property_name=name) for name in missing]
        raise Refusal(400, *faults, why="D15 claims")
    kind, version = claims[headers.CLAIM_TYPE], claims[headers.CLAIM_VERSION]
    if _NAME.fullmatch(kind) is None or _NAME.fullmatch(version) is None or not _is_known(kind, version, services):
        raise refuse(AnswerCode.INVALID_MESSAGE_TYPE_VERSION)
    msg_hash = decode_hash(claims[headers.CLAIM_HASH])
    if msg_hash is None:
        raise refuse(AnswerCode.INVALID_DIGEST, property_name=headers.CLAIM_HASH)
    return MessageClaims(kind, version, msg_hash, claims[headers.CLAIM_KEY_ID], claims[headers.CLAIM_KEY])


def _is_known(kind: str, version: str, services: Services) -> bool:
    return (kind, version) in services.settings.announced_types or services.find(kind, version) is not None


def check_access(caller: Caller, granted: Iterable[ReportingUnit]) -> frozenset[ReportingUnit]:
    """Of the units that the access list grants the holder, those that the token may speak for: at least one, or 2001.

    `granted` is for the message's type and the caller's vendor. A child in the token narrows the right to units of the
    child and of the holder itself, and never gives one.
    """
    allowed = frozenset(unit for unit in granted if unit.organisation in caller.organisations)
    if not allowed:
        raise refuse_organisation("no access")
    return allowed


def find_key(claims: MessageClaims, request: Authenticated, services: Services) -> tuple[StoredKey, bytes]:
    """The receiver's key of that name (1004, 1007), and a wrapped key of its size."""
    key = services.keys.find(claims.key_id)
    if key is None:
        raise refuse(AnswerCode.INVALID_KEY_ID, property_name=headers.CLAIM_KEY_ID)
    if key.expired(request.received.received_at):
        raise refuse(AnswerCode.EXPIRED_KEY, property_name=headers.CLAIM_KEY_ID)
    wrapped = decode_wrapped(claims.wrapped_text, key.modulus_bytes, key.modulus)
    if wrapped is None:
        raise refuse_envelope(request, services, Fault.WRAPPED_KEY)
    return key, wrapped
