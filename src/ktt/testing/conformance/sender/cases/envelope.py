"""The envelope: how the message is encrypted (transport § 4)."""

from __future__ import annotations

import hashlib

import pybase64

from ktt.core.text import Text
from ktt.testing.conformance.sender.case import CaseGroup
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.checks import IV, SYMMETRIC_KEY, all_different, each_message
from ktt.wire import headers
from ktt.wire.envelope import decode_hash

GROUP = CaseGroup(Text("Konvolutten", "The envelope"), "transport § 4")

GROUP.case(
    "N400",
    ("Kroppen er base64", "The body is base64"),
    (
        "Standard alfabet med utfylling, på én linje, hele blokker på 16.",
        "The standard alphabet with padding, on one line, whole blocks of 16.",
    ),
    EVERYDAY,
    each_message(
        lambda message: message.request.body[:12].decode("latin-1"),
        lambda _value, message, _recorded: message.raw is not None,
    ),
)
GROUP.case(
    "N401",
    ("Nøkkelen er pakket til mottaket", "The key is wrapped for the receiver"),
    (
        "RSA-OAEP med SHA-256 åpner den med nøkkelen som er oppgitt.",
        "RSA-OAEP with SHA-256 opens it with the key that is named.",
    ),
    EVERYDAY,
    each_message(
        lambda message: message.claims.get(headers.CLAIM_KEY_ID),
        lambda _value, message, _recorded: message.symmetric_key is not None,
    ),
)
GROUP.case(
    "N402",
    ("Konvolutten åpner seg", "The envelope opens"),
    (
        "AES-256-CBC med PKCS7, IV først, og «msg_hash» er innholdets.",
        "AES-256-CBC with PKCS7, the IV first, and `msg_hash` is that of the content.",
    ),
    EVERYDAY,
    each_message(
        lambda message: len(message.request.body), lambda _value, message, _recorded: message.content is not None
    ),
)
GROUP.case(
    "N403",
    ("IV er ny hver gang", "The IV is new each time"),
    ("Ingen IV kommer to ganger.", "No IV comes twice."),
    EVERYDAY,
    lambda recorded: all_different(
        IV, ((message.number, message.raw[:16] if message.raw else None) for message in recorded.messages)
    ),
)
GROUP.case(
    "N404",
    ("Den symmetriske nøkkelen er ny hver gang", "The symmetric key is new each time"),
    ("Ingen nøkkel kommer to ganger.", "No key comes twice."),
    EVERYDAY,
    lambda recorded: all_different(
        SYMMETRIC_KEY, ((message.number, message.symmetric_key) for message in recorded.messages)
    ),
)
GROUP.case(
    "N405",
    ("Innholdet er kryptert, ikke bare kodet", "The content is encrypted, not only encoded"),
    ("Kroppen har ingen JSON i seg.", "The body holds no JSON."),
    EVERYDAY,
    each_message(
        lambda message: len(message.request.body), lambda _value, message, _recorded: not _legible(message.request.body)
    ),
)
GROUP.case(
    "N406",
    ("Hashen er av klarteksten", "The hash is of the plaintext"),
    ("«msg_hash» er ikke av kroppen som sendes.", "`msg_hash` is not that of the body as sent."),
    EVERYDAY,
    each_message(
        lambda message: message.claims.get(headers.CLAIM_HASH),
        lambda value, message, _recorded: (
            decode_hash(str(value))
            not in {hashlib.sha256(message.request.body).digest(), hashlib.sha256(message.raw or b"").digest()}
        ),
    ),
    source="transport § 13",
)


def _legible(body: bytes) -> bool:
    """Whether it is JSON, or base64 of JSON: begins as JSON does and is text to its end, as no ciphertext is by chance."""
    try:
        inside = pybase64.b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        inside = b""
    return any(text.lstrip()[:1] in {b"[", b"{"} and _is_text(text) for text in (body, inside))


def _is_text(found: bytes) -> bool:
    try:
        found.decode()
    except UnicodeDecodeError:
        return False
    return True
