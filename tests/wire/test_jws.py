"""A signature is read strictly: one form, one meaning."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ktt.wire import jwk
from ktt.wire.jws import ASYMMETRIC, BadJws, parse, sign, verify
from support.wire_keys import private_jwk
from support.wire_rules import ALGORITHMS, verified

KINDS = {"RS": "RSA-2048", "PS": "RSA-2048", "ES256": "ES256", "ES384": "ES384", "ES512": "ES512"}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def segment(raw: bytes | str) -> str:
    return base64.urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).rstrip(b"=").decode()


def key_for(alg: str) -> dict:
    return private_jwk(KINDS.get(alg) or KINDS[alg[:2]])


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_we_sign_textbook_calls_verify(alg):
    key = key_for(alg)
    compact = sign({"typ": "JWT"}, {"sub": "x"}, jwk.load_private(key), alg)
    assert verified(compact, jwk.public_part({**key, "alg": alg})) == {"sub": "x"}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_we_sign_we_verify(alg):
    key = key_for(alg)
    read = parse(sign({}, {"sub": "x"}, jwk.load_private(key), alg))
    verify(read, jwk.load_public(jwk.public_part(key)), ASYMMETRIC)
    assert read.payload == {"sub": "x"}


def test_the_vector_of_rfc_7515_appendix_a_3():
    compact = (
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    )
    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    verify(parse(compact), jwk.load_public(key), frozenset({"ES256"}))


HEAD, BODY, SIGNATURE = segment('{"alg":"RS256"}'), segment('{"a":1}'), segment(b"signature")


def holding(payload: bytes | str) -> str:
    return f"{HEAD}.{segment(payload)}.{SIGNATURE}"


def headed(header: str) -> str:
    return f"{segment(header)}.{BODY}.{SIGNATURE}"


REFUSED = [
    ("no parts at all", "", "parts"),
    ("two parts", f"{HEAD}.{BODY}", "parts"),
    ("four parts", f"{HEAD}.{BODY}.{SIGNATURE}.x", "parts"),
    ("five parts, as a JWE", f"{HEAD}.{BODY}.{SIGNATURE}.x.y", "parts"),
    ("detached payload", f"{HEAD}..{SIGNATURE}", "base64url"),
    ("no signature", f"{HEAD}.{BODY}.", "base64url"),
    ("padding", f"{HEAD}.{BODY}=.{SIGNATURE}", "base64url"),
    ("white space", f"{HEAD}.{BODY}.{SIGNATURE}\n", "base64url"),
    ("standard alphabet", holding('{"a":"~~~?"}').replace("_", "/") + "+", "base64url"),
    ("trailing bits that are not zero", f"{HEAD}.QUJDRB.{SIGNATURE}", "base64url"),
    ("not ASCII", f"{HEAD}.é{BODY}.{SIGNATURE}", "base64url"),
    ("more than 8 kB", f"{HEAD}.{'A' * 8192}.{SIGNATURE}", "size"),
    ("header is a list", headed("[]"), "object"),
    ("payload is text", holding('"x"'), "object"),
    ("payload is not JSON", holding("{a:1}"), "json"),
    ("trailing data", holding("{} {}"), "json"),
    ("byte order mark", holding(b"\xef\xbb\xbf{}"), "json"),
    ("UTF-16", holding("{}".encode("utf-16")), "json"),
    ("NaN", holding('{"a":NaN}'), "json"),
    ("Infinity", holding('{"a":-Infinity}'), "json"),
    ("1e999", holding('{"a":1e999}'), "json"),
    ("integer beyond 64 bits", holding('{"a":9223372036854775808}'), "json"),
    ("lone surrogate", holding(r'{"a":"\ud800"}'), "json"),
    ("depth", holding('{"a":' + "[" * 2000 + "]" * 2000 + "}"), "json"),
    ("duplicate claim", holding('{"a":1,"a":1}'), "duplicate"),
    ("duplicate, one of them escaped", holding(r'{"a":1,"\u0061":2}'), "duplicate"),
    ("duplicate within", holding('{"a":[{"b":1,"b":2}]}'), "duplicate"),
    ("duplicate in the header", headed('{"alg":"RS256","alg":"none"}'), "duplicate"),
    ("crit", headed('{"alg":"RS256","crit":["x"]}'), "crit"),
    ("b64 false", headed('{"alg":"RS256","b64":false}'), "crit"),
]


@pytest.mark.parametrize(("compact", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_anything_but_the_strict_compact_form_is_refused(compact, reason):
    with pytest.raises(BadJws) as refusal:
        parse(compact)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("alg", "kind", "reason"),
    [
        ("none", "RSA-2048", "alg"),
        ("None", "RSA-2048", "alg"),
        ("HS256", "RSA-2048", "alg"),
        ("RS1", "RSA-2048", "alg"),
        ("EdDSA", "ES256", "alg"),
        ("ES256K", "ES256", "alg"),
        (None, "RSA-2048", "alg"),
        (["RS256"], "RSA-2048", "alg"),
        ("RS256", "ES256", "key"),
        ("PS256", "ES256", "key"),
        ("ES256", "RSA-2048", "key"),
        ("ES256", "ES384", "key"),
        ("ES512", "ES256", "key"),
        ("PS256", "RSA-2048", "signature"),  # signed as RS256
        ("RS512", "RSA-2048", "signature"),
    ],
)
def test_the_algorithm_must_be_allowed_and_fit_the_key(alg, kind, reason):
    key = private_jwk(kind)
    real = "RS256" if kind.startswith("RSA") else kind
    compact = sign({"alg": alg}, {"a": 1}, jwk.load_private(key), real)
    with pytest.raises(BadJws) as refusal:
        verify(parse(compact), jwk.load_public(jwk.public_part(key)), ASYMMETRIC)
    assert refusal.value.reason == reason


def test_an_algorithm_we_know_but_do_not_allow_is_refused():
    key = private_jwk("ES256")
    read = parse(sign({}, {"a": 1}, jwk.load_private(key), "ES256"))
    with pytest.raises(BadJws, match="alg"):
        verify(read, jwk.load_public(jwk.public_part(key)), frozenset({"RS256"}))


def test_the_hmac_confusion_is_refused_even_when_someone_allows_it():
    key = private_jwk("RSA-2048")
    read = parse(sign({"alg": "HS256"}, {"a": 1}, jwk.load_private(key), "RS256"))
    with pytest.raises(BadJws, match="alg"):
        verify(read, jwk.load_public(jwk.public_part(key)), ASYMMETRIC | {"HS256", "none"})


def _with_signature(compact: str, signature: bytes) -> str:
    return f"{compact.rsplit('.', 1)[0]}.{segment(signature)}"


def test_an_elliptic_signature_is_raw_never_der_and_a_high_s_is_as_good():
    key = private_jwk("ES256")
    public = jwk.load_public(jwk.public_part(key))
    compact = sign({}, {"a": 1}, jwk.load_private(key), "ES256")
    raw = parse(compact).signature
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    other_half = raw[:32] + (P256_ORDER - s).to_bytes(32, "big")
    verify(parse(_with_signature(compact, other_half)), public, ASYMMETRIC)
    for wrong in (encode_dss_signature(r, s), raw[:-1], raw + b"\0", bytes(64)):
        with pytest.raises(BadJws, match="signature"):
            verify(parse(_with_signature(compact, wrong)), public, ASYMMETRIC)
    assert decode_dss_signature(encode_dss_signature(r, s)) == (r, s)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
def test_another_key_does_not_verify(alg):
    own, other = jwk.load_private(key_for(alg)), jwk.generate(KINDS.get(alg) or KINDS[alg[:2]])
    read = parse(sign({}, {"a": 1}, own, alg))
    with pytest.raises(BadJws, match="signature"):
        verify(read, jwk.load_public(jwk.public_part(other)), ASYMMETRIC)


def test_a_repr_shows_neither_claims_nor_signature():
    read = parse(sign({}, {"secret": "value"}, jwk.load_private(private_jwk("ES256")), "ES256"))
    assert repr(read) == "Jws()"


def test_bytes_that_are_json_already_are_signed_as_they_are():
    raw = json.dumps({"b": 2, "a": 1}).encode()
    compact = sign({}, raw, jwk.load_private(private_jwk("ES256")), "ES256")
    assert base64.urlsafe_b64decode(compact.split(".")[1] + "==") == raw
