"""The key in the proof: which algorithms and keys are taken, and which are not (helseid § 13, D4 to D8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup
from ktt.testing.conformance.receiver.expectation import DELIVERED, UNAUTHORISED
from ktt.testing.conformance.receiver.submission import ClaimContext
from ktt.wire import base64url

GROUP = CaseGroup(Text("Bevisets nøkkel", "The proof's key"), "helseid § 13")
single = GROUP.single

_TAKEN = ("PS256", "RS384", "RS512", "PS384", "PS512", "ES256", "ES384", "ES512")
for place, algorithm in enumerate(_TAKEN):
    single(
        f"N{250 + place}",
        f"Bevis med {algorithm}",
        f"A proof by {algorithm}",
        DELIVERED,
        source="helseid § 13 D5; helseid § 3",
        key=algorithm,
    )


def _jwk(change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> dict[str, Callable[[ClaimContext], Any]]:
    """A header whose `jwk` is the shown key, changed."""
    return {"jwk": lambda context: dict(change(dict(context.shown_key)))}


def _public(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: key[name] for name in ("kty", "n", "e")}


def _padded(text: str) -> str:
    """The same number with a zero byte before it."""
    return base64url.encode(b"\0" + (base64url.decode(text) or b""))


_SMALL = base64url.encode(b"\xc5" + b"\x11" * 126 + b"\x01")  # 1 024 bits, odd
_HUGE = base64url.encode(b"\xc5" + b"\x11" * 2046 + b"\x01")  # 16 384 bits: a way to burn a processor
_ONE = base64url.encode(b"\x01")
_OFF = base64url.encode(b"\x01" * 32)

HEADERS: tuple[tuple[str, str, str, str, Mapping[str, Any]], ...] = (
    ("F250", "D4", "«typ» er «JWT»", "`typ` is `JWT`", {"typ": "JWT"}),
    ("F251", "D4", "«typ» er «at+jwt»", "`typ` is `at+jwt`", {"typ": "at+jwt"}),
    ("F252", "D4", "Ukjent utvidelse i «crit»", "An unknown extension in `crit`", {"crit": ["x"], "x": 1}),
    ("F253", "D2", "«b64» er usann", "`b64` is false", {"b64": False}),
    ("F254", "D5", "«alg» som ikke passer nøkkelen", "An `alg` that does not fit the key", {"alg": "ES256"}),
    ("F255", "D6", "Privat nøkkel i «jwk»", "A private key in `jwk`", _jwk(dict)),
    ("F256", "D6", "Symmetrisk nøkkel i «jwk»", "A symmetric key in `jwk`", {"jwk": {"kty": "oct", "k": "AAAA"}}),
    ("F257", "D6", "«jwk» er tekst", "`jwk` is text", {"jwk": "AAAA"}),
    ("F258", "D6", "RSA på 1 024 biter", "RSA of 1 024 bits", _jwk(lambda key: {**_public(key), "n": _SMALL})),
    ("F259", "D6", "RSA på 16 384 biter", "RSA of 16 384 bits", _jwk(lambda key: {**_public(key), "n": _HUGE})),
    ("F260", "D6", "Eksponenten er 1", "The exponent is 1", _jwk(lambda key: {**_public(key), "e": _ONE})),
    ("F261", "D6", "Modulus med nullbyte foran: samme nøkkel, annet avtrykk", "A modulus with a zero byte before it: same key, another thumbprint", _jwk(lambda key: {**_public(key), "n": _padded(key["n"])})),
    ("F262", "D6", "Punkt utenfor kurven", "A point off the curve", {"jwk": {"kty": "EC", "crv": "P-256", "x": _OFF, "y": _OFF}, "alg": "ES256"}),
)  # fmt: skip
for name, row, nb, en, header in HEADERS:
    single(name, nb, en, UNAUTHORISED, source=f"helseid § 13 {row}", header=header)
for name, row, member in (("F263", "D4", "typ"), ("F264", "D5", "alg"), ("F265", "D6", "jwk")):
    single(
        name,
        f"Uten «{member}»",
        f"Without `{member}`",
        UNAUTHORISED,
        source=f"helseid § 13 {row}",
        without=frozenset({member}),
    )

GROUP.table(
    ("F266", "helseid § 13 D5", "«alg» er «none», uten signatur", "`alg` is `none`, unsigned", UNAUTHORISED, {"signing": "none"}),
    ("F267", "helseid § 13 D5", "HS256 med nøkkelens offentlige del", "HS256 with the key's public part", UNAUTHORISED, {"signing": "hs256"}),
    ("F268", "helseid § 13 D5", "RS1: signatur med SHA-1", "RS1: a signature with SHA-1", UNAUTHORISED, {"signing": "rs1"}),
    ("F269", "helseid § 13 D7", "ES256 i DER-form", "ES256 in DER form", UNAUTHORISED, {"key": "ES256", "signing": "der"}),
    ("F270", "helseid § 13 D7", "Signert av en annen nøkkel enn den viste", "Signed by another key than the one shown", UNAUTHORISED, {"signing": "other"}),
    ("F271", "helseid § 13 D8", "Et riktig bevis av en nøkkel tokenet ikke er bundet til", "A right proof by a key that the token is not bound to", UNAUTHORISED,
     {"key": "other", "bound_key": "client"}),
)  # fmt: skip
