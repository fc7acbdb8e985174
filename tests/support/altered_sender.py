"""The scripted sender with one thing altered in what it writes: a header, a claim, a form field, the envelope, the content.

`ALTERED` names the cases of the suite that are about it. What a sender does with an answer is in `scripted_driver`.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from support.scripted_driver import Queue, ScriptedDriver
from support.scripted_sender import Answer, Client, NotNow, b64url

PERSON = "23915820158"
Change = Callable[..., Any]


@dataclass
class Sent:
    """One request before it leaves; what is changed here is sent."""

    method: str
    url: str
    body: Any = field(repr=False)
    headers: dict[str, str] = field(repr=False)


@dataclass
class AlteredClient(Client):
    """A client with one alteration: `place` says where, and `change` what."""

    place: str = ""
    change: Change = lambda *_: None
    memory: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        sent = Sent(method, url, body, dict(headers or {}))
        if self.place == self.kind(sent):
            answer = self.change(self, sent)
            if answer is not None:
                return answer
        got = self.plain(sent)
        if self.place == "answer":
            got = self.change(self, sent, got) or got
        return got

    def plain(self, sent: Sent) -> Answer:
        return super().ask(sent.method, sent.url, sent.body, sent.headers)

    @staticmethod
    def kind(sent: Sent) -> str:
        if sent.url.endswith("/message"):
            return "message"
        return "token" if sent.method == "POST" else "keys" if sent.url.endswith("/keys") else "discovery"

    def jwt(self, header: dict, claims: dict) -> str:
        kind = "assertion" if header["typ"] != "dpop+jwt" else "proof" if "ath" in claims else "token proof"
        header, claims = {"alg": "RS256", **header}, dict(claims)
        if kind == self.place:
            self.change(self, header, claims)
        made = super().jwt(header, claims)
        return self.change(made) if self.place == f"{kind} text" else made

    def fetch_token(self) -> None:
        try:
            super().fetch_token()
        except NotNow:
            if self.place != "no token":
                raise
            self.token = "e30.e30.AAAA"  # a token that nobody gave
            self.until = float("inf")
        if self.place == "token given":
            self.change(self)

    def seal(self, plaintext: bytes) -> tuple[bytes, dict[str, str]]:
        if self.place == "content":
            plaintext = self.change(self, plaintext)
        if self.place == "before sealing":
            self.change(self)
        body, claims = super().seal(plaintext)
        if self.place == "envelope":
            body = self.change(body, claims)
        return body, claims

    def chosen_key(self) -> dict:
        try:
            found = super().chosen_key()
        except NotNow:
            if self.place != "no key":
                raise
            return {"id": "a-key-of-its-own", "publicKey": _own_key()}
        return self.change(self, found) if self.place == "chosen key" else found


@cache
def _own_key() -> str:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


class AlteredDriver(ScriptedDriver):
    """Drives it. The memory of an alteration lasts for one scenario."""

    def __init__(self, place: str, change: Change) -> None:
        super().__init__()
        self.place, self.change, self.memory = place, change, {}

    def begin(self, context) -> None:
        super().begin(context)
        self.memory.clear()
        self.queue = AlteredQueue("", context)
        self.queue.made = lambda: AlteredClient(
            dict(context.config), place=self.place, change=self.change, memory=self.memory
        )


class AlteredQueue(Queue):
    made: Callable[[], Client]

    def client(self) -> Client:
        super().client()
        return self.made()


# ── what is altered ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _claim(name: str, value: Any) -> Change:
    """A member of the claims is this, or what a function makes of it."""

    def change(client: AlteredClient, _header: dict, claims: dict) -> None:
        claims[name] = value(client, claims.get(name)) if callable(value) else value

    return change


def _member(name: str, value: Any) -> Change:
    """A member of the header is this; None leaves it out."""

    def change(client: AlteredClient, header: dict, _claims: dict) -> None:
        header[name] = value(client, header.get(name)) if callable(value) else value
        if header[name] is None:
            del header[name]

    return change


def _form(old: bytes, new: bytes) -> Change:
    def change(_client: AlteredClient, sent: Sent) -> None:
        sent.body = sent.body.replace(old, new)

    return change


def _field(name: str, value: str | None) -> Change:
    """A header is this; None leaves it out."""

    def change(_client: AlteredClient, sent: Sent) -> None:
        sent.headers.pop(name, None)
        sent.headers.update({} if value is None else {name: value})

    return change


def _url(make: Callable[[AlteredClient, str], str]) -> Change:
    def change(client: AlteredClient, sent: Sent) -> None:
        sent.url = make(client, sent.url)

    return change


def _also_asks(make: Callable[[AlteredClient], str]) -> Change:
    """Another address is asked before."""

    def change(client: AlteredClient, *_: Any) -> None:
        client.plain(Sent("GET", make(client), b"", {}))

    return change


def _items(make: Callable[[list], Any]) -> Change:
    """The message's array is changed."""
    return lambda _client, content: json.dumps(make(json.loads(content)), ensure_ascii=False).encode()


def _each_item(**members: Any) -> Change:
    return _items(lambda root: [{**item, **members} for item in root])


def _new_ids(_client: AlteredClient, content: bytes) -> bytes:
    return re.sub(rb'"tjenesteId": "', f'"tjenesteId": "{uuid.uuid4().hex}-'.encode(), content)


def _as_before(client: AlteredClient, content: bytes) -> bytes:
    """Instead of a correction the first message comes again."""
    first = client.memory.setdefault("first", content)
    return first if b"2026-02-20" in content else content


def _all_along(client: AlteredClient, content: bytes) -> bytes:
    """A correction brings every other record with it."""
    root, known = json.loads(content), client.memory.setdefault("known", {})
    known.update({one["tjenesteId"]: one for one in root[0]["tjeneste"]})
    return json.dumps([{**root[0], "tjeneste": list(known.values())}]).encode()


def _along(root: list) -> list:
    """A record that is deleted stands beside its deletion."""
    gone = [one["tjenesteId"] for item in root for one in item.get("slettTjeneste", ())]
    person = {"personId": "1002", "fodselsNr": int(PERSON)}
    start = {
        "tjenesteType": 6,
        "startDato": "2020-01-02",
        "registrertTid": "2026-02-02T12:00:00+01:00",
        "person": person,
    }
    return [{**root[0], "tjeneste": [{"tjenesteId": one, **start} for one in gone]}] if gone else root


def _once(client: AlteredClient, _sent: Sent) -> None:
    """Nothing is sent after the first message."""
    if client.memory.setdefault("sent", 0):
        raise NotNow
    client.memory["sent"] = 1


def _follow(client: AlteredClient, sent: Sent, got: Answer) -> Answer | None:
    if got.status != 307:
        return None
    origin = "/".join(sent.url.split("/")[:3])
    return client.plain(Sent("GET", origin + got.headers["location"], b"", {}))


def _discovered(client: AlteredClient, _sent: Sent) -> Answer:
    return Answer(200, {}, json.dumps({"token_endpoint": client.config["helseid"]["token_endpoint"]}).encode())


def _latest_kept(client: AlteredClient, found: dict) -> dict:
    """The first key that was ever chosen."""
    return client.memory.setdefault("key", found)


def _last_of_equals(client: AlteredClient, found: dict) -> dict:
    return [key for key in client.keys if client.ends(key) == client.ends(found)][-1]


def _soonest(client: AlteredClient, _found: dict) -> dict:
    return min((key for key in client.keys if client.usable(key)), key=client.ends)


def _double_slash(client: AlteredClient, url: str) -> str:
    return url.replace("/message", "//message") if client.config["mottak"]["base_url"].endswith("/") else url


def _never_ends(client: AlteredClient) -> None:
    client.until = float("inf")


def _unkept(client: AlteredClient) -> None:
    client.keys = []


def _other_version(client: AlteredClient, sent: Sent) -> None:
    client.memory["n"] = client.memory.get("n", 0) + 1
    sent.headers["x-software-version"] = str(client.memory["n"])


def _in_chunks(_client: AlteredClient, sent: Sent) -> None:
    sent.body = [sent.body]


def _whole_key(client: AlteredClient, value: dict) -> dict:
    return {**value, "d": client.jwk["d"]}


ALTERED: Mapping[str, tuple[str, str, Change]] = {
    "the token endpoint is built in": ("N100", "discovery", _discovered),
    "discovery for each token": (
        "N101", "token", _also_asks(lambda client: client.config["helseid"]["authority"] + "/.well-known/openid-configuration")
    ),
    "another nonce": ("N102", "token proof", lambda _c, _h, claims: claims.update({"nonce": "x"} if "nonce" in claims else {})),
    "a proof to HelseID twice": ("N104", "token proof", _claim("jti", "always-the-same-0123456789")),
    "grant by password": ("N105", "token", _form(b"client_credentials", b"password")),
    "an assertion of another kind": ("N106", "token", _form(b"jwt-bearer", b"saml2-bearer")),
    "another client in the form": ("N107", "token", lambda c, sent: _form(c.config["helseid"]["client_id"].encode(), b"x")(c, sent)),
    "the form as JSON": ("N109", "token", _field("Content-Type", "application/json")),
    "a parameter twice": ("N110", "token", lambda _c, sent: setattr(sent, "body", sent.body + b"&grant_type=client_credentials")),
    "the client in the address": ("N111", "token", _url(lambda _client, url: f"{url}?client_id=x")),
    "an assertion of type at+jwt": ("N120", "assertion", _member("typ", "at+jwt")),
    "an assertion of type JWT": ("N121", "assertion", _member("typ", "JWT")),
    "an assertion by HS256": ("N122", "assertion", _member("alg", "HS256")),
    "an assertion without kid": ("N123", "assertion", _member("kid", None)),
    "an assertion of another": ("N124", "assertion", _claim("iss", "another")),
    "an assertion for another": ("N125", "assertion", _claim("aud", "https://another.example")),
    "an assertion for HelseID with a slash": ("N126", "assertion", _claim("aud", lambda _client, value: f"{value}/")),
    "an assertion of an hour ago": ("N128", "assertion", _claim("iat", lambda _client, value: value - 3600)),
    "an assertion that can be guessed": ("N130", "assertion", _claim("jti", lambda _client, _value: uuid.uuid4().hex[:6])),
    "an assertion again and again": ("N901", "assertion", _claim("jti", "always-the-same-0123456789")),
    "a proof to HelseID of type jwt": ("N140", "token proof", _member("typ", "jwt")),
    "a proof to HelseID of GET": ("N141", "token proof", _claim("htm", "GET")),
    "a proof to HelseID of another address": ("N142", "token proof", _claim("htu", "https://another.example")),
    "a proof to HelseID of a minute ago": ("N143", "token proof", _claim("iat", lambda _client, value: value - 60)),
    "a proof to HelseID with ath": ("N144", "token proof", _claim("ath", "x")),
    "the whole key shown to HelseID": ("N145 N907", "token proof", _member("jwk", _whole_key)),
    "no proof to HelseID": ("N146", "token", _field("DPoP", None)),
    "a token of its own": ("N150", "message", _field("Authorization", "DPoP e30.e30.AAAA")),
    "HelseID asked for more": (
        "N152", "token", _also_asks(lambda client: client.config["helseid"]["authority"] + "/connect/userinfo")
    ),
    "sends without a token": ("F101 F104 F105", "no token", _unkept),
    "a redirect of discovery is followed": ("F107", "answer", _follow),
    "a token for ever": ("F108 N908", "token given", _never_ends),
    "two proofs": ("N200", "message", lambda _c, sent: sent.headers.update(DPoP=f"{sent.headers['DPoP']}, {sent.headers['DPoP']}")),
    "a proof that is none": ("N201", "proof text", lambda _text: "abc"),
    "a proof of type jwt": ("N202", "proof", _member("typ", "jwt")),
    "a proof by HS256": ("N203", "proof", _member("alg", "HS256")),
    "a proof with a shared key": ("N204", "proof", _member("jwk", {"kty": "oct", "k": "AAAA"})),
    "a proof that is signed by nobody": ("N206", "proof text", lambda text: text[:-8] + "AAAAAAAA"),
    "a proof of GET": ("N208", "proof", _claim("htm", "GET")),
    "a proof of another address": ("N209", "proof", _claim("htu", lambda _client, value: value.replace("/message", "/keys"))),
    "a proof of an address with a query": ("N210", "proof", _claim("htu", lambda _client, value: f"{value}?a=1")),
    "a proof without a name": ("N213", "proof", _claim("jti", "")),
    "a nonce that nobody gave": ("N215", "proof", _claim("nonce", "x")),
    "a type that is a number": ("N220", "proof", _claim("msg_type", 7)),
    "a version that is a number": ("N221", "proof", _claim("msg_version", 1)),
    "a hash that is none": ("N222", "proof", _claim("msg_hash", "x")),
    "a padded hash": ("N223", "proof", _claim("msg_hash", lambda _client, value: f"{value}=")),
    "a wrapped key that is too short": ("N224", "proof", _claim("enc_sym_key", lambda _client, value: value[:340])),
    "a padded wrapped key": ("N225", "proof", _claim("enc_sym_key", lambda _client, value: f"{value}==")),
    "a key id that it has made up": ("N226 N501", "proof", _claim("enc_key_id", "made-up")),
    "a base path with a slash is forgotten": ("N231", "proof", _claim("htu", lambda _client, value: value.replace("/slash/", "/"))),
    "a slash too many": ("N232", "message", _url(_double_slash)),
    "an address that is resolved": ("N233", "proof", _claim("htu", lambda _client, value: value.replace("LocalHost", "127.0.0.1"))),
    "no software": ("N302", "message", _field("x-software-name", None)),
    "no version": ("N303", "message", _field("x-software-version", None)),
    "no version of the export": ("N304", "message", _field("x-export-software-version", None)),
    "an extract of tomorrow": ("N306", "message", _field("x-data-extraction-date", "01.01.2099")),
    "no charset": ("N308", "message", _field("Content-Type", "text/plain")),
    "a compressed body": ("N309", "message", _field("Content-Encoding", "gzip")),
    "a body in chunks": ("N310", "message", _in_chunks),
    "a header of 9 kB": ("N311", "message", _field("x-large", "x" * 9000)),
    "letters in a header": ("N312", "message", _field("x-vendor-name", "Prøve AS")),
    "a query in the address": ("N313", "message", _url(lambda _client, url: f"{url}?a=1")),
    "a line break after the body": ("N400", "envelope", lambda body, _claims: body + b"\n"),
    "a wrapped key at random": ("N401", "envelope", lambda body, claims: claims.update(enc_sym_key=b64url(b"\0" * 384)) or body),
    "another block cipher": ("N402", "envelope", lambda body, _claims: body[:-24] + body[-24:][::-1].lstrip(b"=").ljust(24, b"A")),
    "credentials for the keys": ("N500", "keys", _field("Authorization", "Bearer x")),
    "the keys for each message": ("N502", "before sealing", _unkept),
    "the last of equal keys": ("N504", "chosen key", _last_of_equals),
    "a key id in lower case": ("N505", "proof", _claim("enc_key_id", lambda _client, value: value.lower())),
    "the key that ends first": ("N506", "chosen key", _soonest),
    "the first key for ever": ("N507", "chosen key", _latest_kept),
    "sends with a key of its own": ("F502 F503 F504 F505 F506 F507 F508", "no key", _unkept),
    "two units in one message": ("N603", "content", _items(lambda root: [*root, *root])),
    "the unit of another": ("N604", "content", _each_item(orgNr=312000563)),
    "a type that does not exist": ("N605", "proof", _claim("msg_type", "KTT_Annet")),
    "a member too many": ("N606", "content", _each_item(ukjent=1)),
    "gives up after the first": ("N607 N702", "message", _once),
    "letters are replaced": ("N608", "content", lambda _client, content: content.replace("æ".encode(), b"ae")),
    "something after the end": ("N614", "content", lambda _client, content: content + b" x"),
    "new ids each time": ("N710 N713", "content", _new_ids),
    "the first message instead of a correction": ("N711", "content", _as_before),
    "more than has changed": ("N712", "content", _all_along),
    "a deletion with the record": ("N714", "content", _items(_along)),
    "a redirect of a message is followed": ("F827", "answer", _follow),
    "a number told to HelseID": ("N905", "token", lambda _c, sent: setattr(sent, "body", sent.body + f"&who={PERSON}".encode())),
    "other addresses are asked": (
        "N909", "before sealing", _also_asks(lambda client: client.config["mottak"]["base_url"].rstrip("/") + "/version")
    ),
    "another version each time": ("N910", "message", _other_version),
}  # fmt: skip
"""What is altered: the cases that are about it, the place, and the change."""
