"""A recorded request as JSON values for people and tests: claims decoded, the message decrypted."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ktt.receiver.keys.key_store import KeyStore, StoredKey
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.wire import base64url, headers, jws
from ktt.wire.answers import parse_answer
from ktt.wire.envelope import decode_body, decode_hash, decode_wrapped, open_sealed
from ktt.wire.jws import BadJws

View = dict[str, Any]
_DELIVERED = frozenset({200, 201})
_CREDENTIALS = frozenset({"authorization", "dpop"})


def view(request: RecordedRequest, keys: KeyStore) -> View:
    """One request as JSON values. Tokens and proofs are shown decoded, never in the form that could be used again."""
    shown = {
        "number": request.number,
        "service": request.service,
        "sender": request.sender,
        "at": request.at,
        "began": request.began,
        "ended": request.ended,
        "method": request.method,
        "path": request.path,
        "headers": [list(field) for field in request.headers if field[0] not in _CREDENTIALS],
        "body_bytes": len(request.body),
        "status": request.status,
        "answer_headers": [list(field) for field in request.answer_headers],
        "whole": request.whole,
        "fault": request.fault,
    }
    return {**shown, **_credentials(request), **_content(request, keys)}


def _credentials(request: RecordedRequest) -> View:
    token, proof = request.bearer, request.header("dpop")
    return {
        "scheme": (request.header("authorization") or "").partition(" ")[0] or None,
        "token": decoded(token),
        "token_hash": base64url.encode(hashlib.sha256(token.encode()).digest()) if token else None,
        "proof": decoded(proof or ""),
    }


def decoded(compact: str) -> View | None:
    """Header and claims of a compact JWS, unverified; None when the text is no JWS."""
    try:
        read = jws.parse(compact)
    except BadJws:
        return None
    return {"header": read.header, "claims": read.payload}


def _content(request: RecordedRequest, keys: KeyStore) -> View:
    if request.address == TOKEN_PATH:
        return _token_request(request)
    shown: View = {"answer": _json(request.answer)}
    if not request.address.endswith("/message"):
        return shown
    plain = plaintext(request, keys)
    return {
        **shown,
        "verdict": _verdict(request),
        "payload_hash": None if plain is None else base64url.encode(hashlib.sha256(plain).digest()),
        "payload": None if plain is None else plain.decode("utf-8", "replace"),
    }


def _verdict(request: RecordedRequest) -> View | None:
    """What was answered to a message, read as a client reads it; None without an answer of FHI's form."""
    found = parse_answer(request.answer)
    if request.status is None or found is None:
        return None
    errors = [
        {"code": one.code, "name": one.name, "text": one.text, "places": [list(place) for place in one.places()]}
        for one in found.errors
    ]
    receipt = request.answer_header(headers.CORRELATION_ID)
    return {"delivered": found.delivered and request.status in _DELIVERED, "receipt": receipt, "errors": errors}


def _token_request(request: RecordedRequest) -> View:
    """The form without the assertion itself; of the answer, everything but the token."""
    form = dict(parse_qsl(request.body.decode("ascii", "replace"), keep_blank_values=True))
    assertion = form.pop("client_assertion", "")
    answer = _json(request.answer)
    if isinstance(answer, dict):
        answer.pop("access_token", None)
    return {"form": form, "assertion": decoded(assertion), "answer": answer}


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def plaintext(request: RecordedRequest, keys: KeyStore) -> bytes | None:
    """The message of a recorded submission, opened with the receiver's private key; None when it does not open."""
    proof = decoded(request.header(headers.DPOP) or "")
    claims = proof["claims"] if proof else {}
    named = (claims.get(name) for name in (headers.CLAIM_HASH, headers.CLAIM_KEY, headers.CLAIM_KEY_ID))
    msg_hash, wrapped, key_id = (value if isinstance(value, str) else "" for value in named)
    raw = decode_body(request.body)
    if raw is None:
        return None
    return _open(keys.find(key_id), wrapped, decode_hash(msg_hash), raw)


def _open(key: StoredKey | None, wrapped: str, msg_hash: bytes | None, raw: bytes) -> bytes | None:
    if key is None or key.private is None or msg_hash is None:
        return None
    public = key.public.public_key
    decoded_key = decode_wrapped(wrapped, public.key_size // 8, public.public_numbers().n)
    return None if decoded_key is None else open_sealed(key.private, decoded_key, raw, msg_hash)[0]
