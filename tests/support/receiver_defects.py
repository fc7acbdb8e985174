"""Our receiver with a defect for every case of its suite, made by an application in front of it.

A receiver *overlooks* one row of its checks: what it would refuse for that reason, it accepts. It *refuses* one spelling that
the protocol allows. Or its answers are changed (`broken_receiver`). `OVERLOOKED`, `REFUSED` and `ANSWERED` name the cases
that must not hold because of it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ktt.core.clock import SystemClock, norwegian_day
from ktt.receiver.http import responses
from ktt.receiver.http.protocol import UniformProtocol
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.keys.key_store import KeyStore
from ktt.testing.sandbox.faults.request_view import decoded
from ktt.wire import base64url, headers
from ktt.wire.answers import AnswerError
from ktt.wire.envelope import decode_body, decode_hash, open_sealed
from support.broken_receiver import DEFECTS, Defect, _answered, _changed_json, _errors, _status

Intercept = Callable[[ASGIApp, str], ASGIApp]


# ── a row of the checks that is overlooked ──────────────────────────────────────────────────────────────────────────────
OVERLOOKED: Mapping[str, str] = {
    "400 1004 enc_key_id": "F30 F31",
    "400 1007 enc_key_id": "F32",
    "400 1003": "F357 F358 F359 F360",
    "400 1005 msg_hash": "F361 F362 F363 F364",
    "400 2006": "F376",
    "404": "F800 F801",
    "405": "F33 F802 F803 F804",
    "parts": "F100 F101 F102 F205",
    "base64url": "F103 F105 F121 F204 F206 F266",
    "size": "F104",
    "signature": "F107 F109 F122 F207 F269 F270",
    "crit": "F124 F252 F253",
    "duplicate": "F144 F240",
    "object": "F241",
    "json": "F242",
    "key": "F254",
    "A2 alg": "F106 F120",
    "A3 kid": "F108 F123",
    "A5 typ": "F125 F126 F127",
    "A6 iss": "F128 F129 F130",
    "A7 aud": "F131 F132 F133",
    "A8 exp": "F134 F136 F137 F138 F145",
    "A8 nbf": "F135",
    "A9 scope": "F139 F140",
    "A10 cnf": "F141 F142 F143",
    "A12 scheme": "F150 F151 F152 F153 F154 F155 F805",
    "no organisation 2002": "F146",
    "D1 one proof": "F200 F201 F202 F203",
    "D4 typ": "F250 F251 F263",
    "D5 alg": "F264 F267 F268",
    "D6 private": "F255 F256",
    "D6 jwk": "F257 F265",
    "D6 modulus": "F258",
    "D6 encoding": "F259 F261",
    "D6 exponent": "F260",
    "D6 point": "F262",
    "D8 jkt": "F147 F271",
    "D9 htm": "F211 F220 F221 F222",
    "D10 htu": "F212 F223 F224 F225 F226 F227 F228 F229",
    "D11 iat": "F213 F230 F231 F232 F233 F900",
    "D13 ath": "F214 F234 F235",
    "D14 jti": "F210 F236 F237 F238",
    "D14 replay": "F244 F245 F246",
    "D15 claims 1001 msg_type": "F350",
    "D15 claims 1001 msg_version": "F351 F356",
    "D15 claims 1001 msg_hash": "F352 F355",
    "D15 claims 1001 enc_sym_key": "F353",
    "D15 claims 1001 enc_key_id": "F354",
    "headers 1001 x-vendor-name": "F300",
    "headers 1001 x-software-name": "F301",
    "headers 1001 x-software-version": "F302",
    "headers 1001 x-export-software-version": "F303",
    "headers 1001 x-data-extraction-date": "F304",
    "headers 1002 x-software-name": "F310 F311",
    "headers 1002 x-vendor-name": "F312 F313 F321",
    "headers 1002 x-data-extraction-date": "F314 F315 F316 F317",
    "headers 1002 Content-Type": "F318 F319 F320",
    "headers": "F806 F807",
    "content encoding": "F322",
    "no access 2001": "F373 F374 F375",
    "unit in the message 2001 /0": "F370 F372",
    "unit in the message 2001 /1": "F371",
    "envelope: WRAPPED_KEY 1009": "F401 F402 F403 F404 F405 F406 F407 F408",
    "envelope: CIPHERTEXT 1009": "F400 F420 F421 F422 F423 F424 F425 F427 F428 F426 F430 F434",
    "envelope: PAYLOAD_HASH 1009": "F431 F432",
    "not an array 2007": "F500 F501 F504 F505 F508 F516 F517",
    "not JSON 2007": "F502 F503 F506 F507 F509 F510 F511 F512 F513 F514 F515",
    "1 faults 2008": "F540",
    "1 faults 2008 /0": "F539 F543",
    "1 faults 2008 /0/tjeneste/0": "F531 F533 F538",
    "1 faults 2008 /0/tjeneste/0/ukjent": "F530",
    "1 faults 2008 /0/tjeneste/0/tjenesteId": "F532 F537",
    "1 faults 2008 /0/tjeneste/0/startDato": "F534",
    "1 faults 2008 /0/tjeneste/0/registrertTid": "F535",
    "1 faults 2008 /0/tjeneste/0/tjenesteType": "F536",
    "1 faults 2008 /0/slettTjeneste/0/tjenesteId": "F715",
    "declared length 2009": "F600 F602",
    "body 2009": "F601",
    "store: NotStored 2010": "N900",
}
"""Why our receiver refuses (`row_of`), and the cases that are about it: they fail when it accepts instead."""


def row_of(refusal: Refusal) -> str:
    """The row by which a request was refused: the reason for the log, else code and status, and the place if one is named."""
    errors = [_error(error) for error in refusal.errors]
    return " ".join(filter(None, [refusal.why or str(refusal.status), *errors]))


def _error(error: AnswerError) -> str:
    places = [at for at, _ in error.places()]
    return " ".join(filter(None, [str(int(error.kind)) if error.kind else "", error.property_name or "", *places]))


def overlooks(row: str) -> Intercept:
    """A receiver that does not look at that row."""

    def intercept(app: ASGIApp, service: str) -> ASGIApp:
        async def lenient(scope: Scope, receive: Receive, send: Send) -> None:
            if service != "mottak" or scope["type"] != "http":
                await app(scope, receive, send)
                return
            scope.setdefault("state", {})
            kept: list[Message] = []

            async def keep(message: Message) -> None:
                kept.append(message)

            await app(scope, receive, keep)
            refusal = scope["state"].get(responses.REFUSAL)
            if refusal is not None and row_of(refusal) == row:
                await _delivered(send)
                return
            for message in kept:
                await send(message)

        return lenient

    return intercept


async def _delivered(send: Send) -> None:
    body = b'{"delivered":true,"errors":[]}'
    fields = [(b"content-type", b"application/json"), (b"x-correlation-id", str(uuid.uuid4()).encode())]
    await send(
        {"type": "http.response.start", "status": 200, "headers": [*fields, (b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


# ── a spelling that is allowed, and refused ─────────────────────────────────────────────────────────────────────────────
@dataclass
class Seen:
    """One request to `/message`, decoded; `memory` lasts for as long as the defect does."""

    fields: list[tuple[str, str]]
    body: bytes = field(repr=False)
    keys: KeyStore = field(repr=False)
    memory: dict[str, Any] = field(repr=False)

    def header(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")

    @cached_property
    def token(self) -> dict[str, Any]:
        return decoded(self.header("authorization").partition(" ")[2]) or {"header": {}, "claims": {}}

    @cached_property
    def proof(self) -> dict[str, Any]:
        return decoded(self.header("dpop")) or {"header": {}, "claims": {}}

    def claim(self, name: str) -> str:
        return str(self.proof["claims"].get(name, ""))

    @cached_property
    def content(self) -> bytes:
        key, raw = self.keys.find(self.claim(headers.CLAIM_KEY_ID)), decode_body(self.body)
        wrapped, want = (
            base64url.decode_either(self.claim(headers.CLAIM_KEY)),
            decode_hash(self.claim(headers.CLAIM_HASH)),
        )
        if key is None or key.private is None or raw is None or wrapped is None or want is None:
            return b""
        return open_sealed(key.private, wrapped, raw, want)[0] or b""

    @property
    def root(self) -> list[dict[str, Any]]:
        return json.loads(self.content or b"[]")

    def known(self, name: str, value: str) -> bool:
        """Whether the value came before; it is remembered."""
        before = value in self.memory.setdefault(name, set())
        self.memory[name].add(value)
        return before

    def another(self, name: str, value: str) -> bool:
        """Whether it differs from the first one that came."""
        return bool(self.memory.setdefault(name, value) != value)


_PROOF = {"jti", "htm", "htu", "iat", "ath", *headers.MESSAGE_CLAIMS}
_TOKEN = {"iss", "nbf", "iat", "exp", "aud", "cnf", "scope", "client_id", "jti"}
_ORDINARY = {
    *("host", "accept-encoding", "content-length", "transfer-encoding", "connection", "expect", "user-agent", "accept"),
    *("authorization", "dpop", "content-type", "content-encoding", *(name.lower() for name in headers.REQUIRED)),
}


def _alg(name: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.proof["header"].get("alg") == name


def _type(name: str) -> Callable[[Seen], bool]:
    return lambda seen: seen.claim("msg_type") == name


def _now() -> float:
    return SystemClock().now().timestamp()


REFUSED: Mapping[str, tuple[str, Callable[[Seen], bool]]] = {
    **{
        f"the type {kind}": (name, _type(kind))
        for name, kind in (
            ("N2", "KTT_Vedtak"),
            ("N3", "KTT_Tjeneste"),
            ("N4", "KTT_Personopplysninger"),
            ("N5", "KTT_Funksjonsvurdering"),
            ("N6", "KTT_Diagnose"),
        )
    },
    "a padded hash": ("N10", lambda seen: "=" in seen.claim("msg_hash")),
    "a wrapped key in standard base64": ("N11", lambda seen: bool(set("+/") & set(seen.claim("enc_sym_key")))),
    "a key id in upper case": ("N12", lambda seen: seen.claim("enc_key_id") != seen.claim("enc_key_id").lower()),
    "any day but today": (
        "N13",
        lambda seen: seen.header("x-data-extraction-date") != headers.write_date(norwegian_day(SystemClock().now())),
    ),
    "a content type without a charset": ("N14", lambda seen: "charset" not in seen.header("content-type")),
    "a scheme in lower case": ("N15", lambda seen: seen.header("authorization").startswith("dpop ")),
    "a body in chunks": ("N16", lambda seen: not seen.header("content-length")),
    "any content encoding": ("N17", lambda seen: bool(seen.header("content-encoding"))),
    "headers that it does not know": ("N18", lambda seen: not {name for name, _ in seen.fields} <= _ORDINARY),
    "claims that it does not know": ("N19", lambda seen: not set(seen.proof["claims"]) <= _PROOF),
    "records and deletions together": (
        "N20",
        lambda seen: "slettTjeneste" in seen.root[0] and "tjeneste" in seen.root[0],
    ),
    "a scope that is text": ("N100", lambda seen: isinstance(seen.token["claims"].get("scope"), str)),
    "a token of type JWT": ("N101", lambda seen: seen.token["header"].get("typ") == "JWT"),
    "a token of a long type": ("N102", lambda seen: "/" in str(seen.token["header"].get("typ"))),
    "a token with claims of others": ("N103", lambda seen: "amr" in seen.token["claims"]),
    "an address with a query": ("N200", lambda seen: "?" in seen.claim("htu")),
    "an address in upper case": ("N201", lambda seen: seen.claim("htu") != seen.claim("htu").lower()),
    "an address with an escape": ("N202", lambda seen: "%" in seen.claim("htu")),
    "a proof of three seconds ago": ("N203", lambda seen: int(seen.claim("iat")) < _now() - 2),
    "a proof of a clock ahead": ("N204", lambda seen: int(seen.claim("iat")) > _now()),
    **{
        f"proofs by {alg}": (f"N25{place}", _alg(alg))
        for place, alg in enumerate(("PS256", "RS384", "RS512", "PS384", "PS512", "ES256", "ES384", "ES512"))
    },
    "100 characters": ("N300", lambda seen: len(seen.header("x-vendor-name")) >= 100),
    "a vendor's client": ("N350", lambda seen: seen.token["claims"].get(headers.CLAIM_TENANCY) == "multi-tenant"),
    "padding of a whole block": ("N400", lambda seen: len(seen.content) % 16 == 0),
    "an envelope that it has seen": ("N401", lambda seen: seen.known("wrapped", seen.claim("enc_sym_key"))),
    "Norwegian letters": ("N500", lambda seen: "ø" in seen.content.decode()),
    "Sámi letters": ("N501", lambda seen: "đ" in seen.content.decode() or "š" in seen.content.decode()),
    "characters of four bytes": ("N502", lambda seen: any(ord(one) > 0xFFFF for one in seen.content.decode())),
    "escapes": ("N503", lambda seen: rb"\u" in seen.content),
    "line breaks": ("N504", lambda seen: b"\r\n" in seen.content),
    "null": ("N505", lambda seen: b"null" in seen.content),
    "more than 1.5 MB": ("N600", lambda seen: 1_500_000 < len(seen.body) < 10_000_000),
    "more than 14 MB": ("N601", lambda seen: len(seen.body) > 14_000_000),
    "a deletion of what it does not have": ("N714", lambda seen: "tjeneste" not in seen.root[0]),
    "a key of HelseID's that is new": ("N904", lambda seen: seen.another("kid", seen.token["header"]["kid"])),
}
"""What is refused although the protocol allows it, and the case that is about it."""


def refuses(holds: Callable[[Seen], bool], keys: Callable[[], KeyStore]) -> Intercept:
    """A receiver that refuses what the predicate holds for."""
    memory: dict[str, Any] = {}

    def intercept(app: ASGIApp, service: str) -> ASGIApp:
        async def strict(scope: Scope, receive: Receive, send: Send) -> None:
            if service != "mottak" or scope["type"] != "http" or scope["path"] != "/message":
                await app(scope, receive, send)
                return
            events, more = [], True
            while more:
                events.append(await receive())
                more = events[-1].get("more_body", False)
            fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
            body = b"".join(event.get("body", b"") for event in events)
            if holds(Seen(fields, body, keys(), memory)):
                await _refused(send)
                return

            async def again() -> Message:
                return events.pop(0) if events else await receive()

            await app(scope, again, send)

        return strict

    return intercept


async def _refused(send: Send) -> None:
    body = b'{"delivered":false,"errors":[{"errorCode":1002,"errorMessage":"Error: HttpHeaderValidation | no"}]}'
    fields = [(b"content-type", b"application/json"), (b"x-correlation-id", str(uuid.uuid4()).encode())]
    await send(
        {"type": "http.response.start", "status": 400, "headers": [*fields, (b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


# ── answers that are changed ────────────────────────────────────────────────────────────────────────────────────────────
def _listed(change: Callable[[list], object]) -> Callable[..., Any]:
    return lambda status, fields, body: (status, fields, json.dumps(change(json.loads(body))).encode())


def _each_key(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    return _listed(lambda keys: [{**key, **change(key)} for key in keys])


def _short_key(_key: dict[str, Any]) -> dict[str, Any]:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"publicKey": pem.decode()}


def _first_detail(error: dict[str, Any]) -> None:
    error["errorDetails"] = json.dumps(json.loads(error["errorDetails"])[:1])


def _echo(error: dict[str, Any]) -> None:
    error["errorDetails"] = json.dumps([*json.loads(error["errorDetails"]), "HEMMELIG"])


def _counted(root: dict[str, Any]) -> None:
    root["at"] = str(uuid.uuid4())


ANSWERED: Mapping[str, tuple[str, Defect]] = {
    "no correlation id": ("N1", DEFECTS["no correlation id"]),
    "the list of keys is an object": ("N30", Defect("", answer=_listed(lambda keys: {"keys": keys}), path="/keys")),
    "expired keys are listed": ("N31", DEFECTS["expired keys are listed"]),
    "keys of 2048 bits": ("N32", Defect("", answer=_each_key(_short_key), path="/keys")),
    "key ids of another form": ("N33", Defect("", answer=_each_key(lambda key: {"id": f"K{key['id']}"}), path="/keys")),
    "the old key is dropped": ("N34", Defect("", answer=_listed(lambda keys: keys[:1]), path="/keys")),
    "a new receipt for each resend": ("N700 N702 N703 N704 N902 N903", DEFECTS["a new receipt for each resend"]),
    "one receipt for all": ("N701 N710 N711 N712 N713", DEFECTS["one receipt for all"]),
    "the sender's correlation id": (
        "N800",
        Defect("", answer=_answered(b"x-correlation-id", b"11111111-1111-4111-8111-111111111111")),
    ),
    "answers as plain text": ("N801", Defect("", answer=_answered(b"content-type", b"text/plain"))),
    "200 while it is down": ("N901", Defect("", answer=_status(503, 200))),
    "no challenge": ("F243", DEFECTS["no challenge"]),
    "one fault of a header at a time": (
        "F323",
        Defect("", answer=_changed_json(lambda root: root.update(errors=root["errors"][:1]))),
    ),
    "one fault of the schema at a time": ("F541", Defect("", answer=_errors(_first_detail))),
    "the wrong value is repeated": ("F542", Defect("", answer=_errors(_echo))),
    "no two refusals are alike": ("F433", Defect("", answer=_changed_json(_counted))),
}
"""What is changed in the answers, and the cases that are about it."""

BARE = "F808 F809 F810 F811"
"""Cases about what the HTTP parser refuses: they fail when its answer has neither a body nor a correlation id."""


def bare_refusal(protocol: UniformProtocol, status: int) -> None:
    """What a parser answers by itself."""
    protocol.transport.write(b"HTTP/1.1 %d Refused\r\nconnection: close\r\n\r\n" % status)
