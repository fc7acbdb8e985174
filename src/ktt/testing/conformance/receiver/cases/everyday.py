"""Messages as they come on an ordinary day, of every type, in every spelling that the documents allow."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pybase64

from ktt.core.text import Text
from ktt.messages.register import pack
from ktt.testing.conformance.receiver.case import Group, Need
from ktt.testing.conformance.receiver.expectation import DELIVERED
from ktt.testing.conformance.receiver.harness import Bench, message, service
from ktt.testing.conformance.receiver.submission import Scene
from ktt.wire import base64url
from ktt.wire import headers as names

GROUP = Group(Text("Vanlige meldinger", "Everyday messages"), "transport § 4–7")
one = GROUP.one
_TRAVEL = pack("ktt_v1")


def _example(number: int) -> Callable[[Bench], bytes]:
    """The pack's everyday example of a type, for the target's unit."""

    def content(bench: Bench) -> bytes:
        root = json.loads(_TRAVEL[number].examples()["N01-everyday"])
        unit = bench.target.unit
        for item in root:
            item.pop("bydelNr", None)
            item.update({"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality)})
            item.update({"bydelNr": unit.district} if unit.district else {})
        return json.dumps(root, ensure_ascii=False).encode() + b" " * (uuid.uuid4().int % 997)

    return content


def _standard(text: str) -> str:
    """The same bytes in the standard alphabet with padding, as in FHI's README."""
    return pybase64.b64encode(base64url.decode(text) or b"").decode()


def _hash(scene: Scene) -> str:
    return _standard(scene.sealed.msg_hash)


def _wrapped(scene: Scene) -> str:
    return _standard(scene.sealed.enc_sym_key)


one("N1", "En liten melding etter boken", "A small message by the book", DELIVERED)
for place, version in enumerate(_TRAVEL):
    kind = version.message_type
    one(
        f"N{2 + place}",
        f"Meldingstypen {kind}",
        f"The message type {kind}",
        DELIVERED,
        source="messages § 7.4",
        needs=[Need.PACK],
        message_type=kind,
        version=version.version,
        content=_example(place),
    )

one(
    "N10",
    "«msg_hash» i base64 med utfylling, som i README",
    "`msg_hash` in padded base64, as in the README",
    DELIVERED,
    source="§ 11",
    claims={names.CLAIM_HASH: _hash},
)
one(
    "N11",
    "«enc_sym_key» i standard base64, som i README",
    "`enc_sym_key` in standard base64, as in the README",
    DELIVERED,
    source="§ 11",
    claims={names.CLAIM_KEY: _wrapped},
)
one(
    "N12",
    "Nøkkel-id med store bokstaver (gamle klienter skriver GUID om)",
    "Key id in upper case (old clients rewrite a GUID)",
    DELIVERED,
    source="§ 12.1",
    claims={names.CLAIM_KEY_ID: lambda scene: scene.sealed.enc_key_id.upper()},
)
one(
    "N13",
    "Uttrekksdato fram i tid eller fra i fjor er form, ikke innhold",
    "An extraction date of last year is a matter of form",
    DELIVERED,
    source="§ 12.1",
    headers={names.EXTRACTED_ON: "31.12.2024"},
)
one(
    "N14",
    "«Content-Type» uten tegnsett",
    "`Content-Type` without a charset",
    DELIVERED,
    headers={names.CONTENT_TYPE: "text/plain"},
)
one(
    "N15",
    "Skjemanavnet «DPoP» med små bokstaver",
    "The scheme `DPoP` in lower case",
    DELIVERED,
    source="§ 9 step 1",
    authorization=lambda token: (f"dpop {token}",),
)
one("N16", "Uten «Content-Length», i biter", "Without `Content-Length`, in chunks", DELIVERED, chunked=True)
one(
    "N17",
    "«Content-Encoding: identity» er ingen komprimering",
    "`Content-Encoding: identity` is no compression",
    DELIVERED,
    source="§ 15",
    more=(("Content-Encoding", "identity"),),
)
one(
    "N18",
    "Ukjente hoder gjør ingenting",
    "Unknown headers do no harm",
    DELIVERED,
    more=(("traceparent", "00-1-1-00"), ("x-ukjent", "1")),
)
one(
    "N19",
    "Proof med et ekstra krav og en «kid» i hodet",
    "A proof with one claim more and a `kid` in its header",
    DELIVERED,
    source="§ 5",
    claims={"noe_nytt": {"a": [1]}},
    header={"kid": "min-noekkel"},
)
one(
    "N20",
    "To tjenester og to slettinger i én melding",
    "Two services and two deletions in one message",
    DELIVERED,
    source="messages § 7",
    needs=[Need.PACK],
    content=lambda bench: message(
        bench, [service(f"K-{uuid.uuid4().hex}"), service(f"K-{uuid.uuid4().hex}")], ["K-borte-1", "K-borte-2"]
    ),
)
