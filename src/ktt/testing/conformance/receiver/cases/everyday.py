"""Ordinary messages of every type, and every spelling of claims and headers that the protocol allows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pybase64

from ktt.core.text import Text
from ktt.messages.register import pack
from ktt.testing.conformance.receiver.case import CaseGroup
from ktt.testing.conformance.receiver.expectation import DELIVERED
from ktt.testing.conformance.receiver.harness import ReceiverHarness, message, service
from ktt.testing.conformance.receiver.submission import ClaimContext
from ktt.wire import base64url
from ktt.wire import headers as names

GROUP = CaseGroup(
    Text("Vanlige meldinger", "Everyday messages"), "transport § 4; transport § 5; transport § 6; transport § 7"
)
single = GROUP.single
_VERSIONS = pack("ktt_v1")


def _example(number: int) -> Callable[[ReceiverHarness], bytes]:
    """The everyday example of a message type from the pack, for the target's unit."""

    def content(harness: ReceiverHarness) -> bytes:
        root = json.loads(_VERSIONS[number].examples()["N01-everyday"])
        unit = harness.target.unit
        for item in root:
            item.pop("bydelNr", None)
            item.update({"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality)})
            item.update({"bydelNr": unit.district} if unit.district else {})
        return json.dumps(root, ensure_ascii=False).encode() + b" " * (uuid.uuid4().int % 997)

    return content


def _standard(text: str) -> str:
    """The same bytes in the standard base64 alphabet with padding, as in FHI's README."""
    return pybase64.b64encode(base64url.decode(text) or b"").decode()


def _hash(context: ClaimContext) -> str:
    return _standard(context.sealed.msg_hash)


def _wrapped(context: ClaimContext) -> str:
    return _standard(context.sealed.enc_sym_key)


single("N1", "En liten melding uten feil", "A small message by the book", DELIVERED)
for place, version in enumerate(_VERSIONS):
    kind = version.message_type
    single(
        f"N{2 + place}",
        f"Meldingstypen {kind}",
        f"The message type {kind}",
        DELIVERED,
        source=f"messages § 5.{place + 1}",
        message_type=kind,
        version=version.version,
        content=_example(place),
    )

GROUP.table(
    ("N10", "transport § 11", "«msg_hash» i base64 med utfylling, som i README", "`msg_hash` in padded base64, as in the README", DELIVERED,
     {"claims": {names.CLAIM_HASH: _hash}}),
    ("N11", "transport § 11", "«enc_sym_key» i standard base64, som i README", "`enc_sym_key` in standard base64, as in the README", DELIVERED,
     {"claims": {names.CLAIM_KEY: _wrapped}}),
    ("N12", "transport § 12.1", "Nøkkel-id med store bokstaver (gamle klienter skriver GUID om)", "Key id in upper case (old clients rewrite a GUID)", DELIVERED,
     {"claims": {names.CLAIM_KEY_ID: lambda context: context.sealed.enc_key_id.upper()}}),
    ("N13", "transport § 12.1", "Uttrekksdato fram i tid eller fra i fjor er form, ikke innhold", "An extraction date of last year is a matter of form", DELIVERED,
     {"headers": {names.EXTRACTED_ON: "31.12.2024"}}),
    ("N14", "", "«Content-Type» uten tegnsett", "`Content-Type` without a charset", DELIVERED, {"headers": {names.CONTENT_TYPE: "text/plain"}}),
    ("N15", "transport § 9 step 1", "Skjemanavnet «DPoP» med små bokstaver", "The scheme `DPoP` in lower case", DELIVERED,
     {"authorization": lambda token: (f"dpop {token}",)}),
    ("N16", "", "Uten «Content-Length», i biter", "Without `Content-Length`, in chunks", DELIVERED, {"chunked": True}),
    ("N17", "transport § 15", "«Content-Encoding: identity» er ingen komprimering", "`Content-Encoding: identity` is no compression", DELIVERED,
     {"more_headers": (("Content-Encoding", "identity"),)}),
    ("N18", "", "Ukjente hoder gjør ingenting", "Unknown headers do no harm", DELIVERED, {"more_headers": (("traceparent", "00-1-1-00"), ("x-ukjent", "1"))}),
    ("N19", "transport § 5; helseid § 13", "Bevis med et ekstra krav og en «kid» i hodet", "A proof with one claim more and a `kid` in its header", DELIVERED,
     {"claims": {"noe_nytt": {"a": [1]}}, "header": {"kid": "min-noekkel"}}),
    ("N20", "messages § 7.1; messages § 7.2", "To tjenester og to slettinger i én melding", "Two services and two deletions in one message", DELIVERED,
     {"content": lambda harness: message(harness, [service(f"K-{uuid.uuid4().hex}"), service(f"K-{uuid.uuid4().hex}")], ["K-borte-1", "K-borte-2"])}),
)  # fmt: skip
