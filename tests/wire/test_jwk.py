"""One key has one form and one thumbprint; keys that burn our time or weaken the check are refused."""

from __future__ import annotations

import base64

import pytest

from ktt.wire import jwk
from ktt.wire.jwk import BadJwk
from support.wire_keys import private_jwk
from support.wire_rules import number

RFC_7638_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
    "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
    "nqDKgw"
)


def test_the_thumbprint_of_rfc_7638():
    key = {"kty": "RSA", "n": RFC_7638_MODULUS, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert jwk.thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_thumbprint_of_rfc_9449():
    key = {
        "kty": "EC",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        "crv": "P-256",
    }
    assert jwk.thumbprint(key) == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def written(value: int, size: int = 0) -> str:
    raw = value.to_bytes(size or (value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


RSA, EC = {"kty": "RSA", "n": RFC_7638_MODULUS, "e": "AQAB"}, jwk.public_part(private_jwk("ES256"))
MODULUS = int.from_bytes(base64.urlsafe_b64decode(RFC_7638_MODULUS + "=="), "big")
REFUSED = {
    "no kty": ({"n": RFC_7638_MODULUS, "e": "AQAB"}, "kty"),
    "oct": ({"kty": "oct", "x": "AQAB"}, "kty"),
    "OKP": ({"kty": "OKP", "crv": "Ed25519", "x": "AQAB"}, "kty"),
    "symmetric part": ({**RSA, "k": "AQAB"}, "private"),
    "private exponent": ({**RSA, "d": "AQAB"}, "private"),
    "one prime": ({**RSA, "p": "AQAB"}, "private"),
    "other primes": ({**RSA, "oth": []}, "private"),
    "RSA-1024": ({**RSA, "n": written(2**1023 + 1)}, "modulus"),
    "2047 bits": ({**RSA, "n": written(2**2046 + 1)}, "modulus"),
    "RSA-16384": ({**RSA, "n": written(2**16383 + 1)}, "encoding"),
    "8193 bits": ({**RSA, "n": written(2**8192 + 1)}, "modulus"),
    "even modulus": ({**RSA, "n": written(MODULUS - 1)}, "modulus"),
    "exponent 1": ({**RSA, "e": written(1)}, "exponent"),
    "even exponent": ({**RSA, "e": written(65536)}, "exponent"),
    "exponent of 33 bits": ({**RSA, "e": written(2**32 + 1)}, "exponent"),
    "leading zero": ({**RSA, "n": written(MODULUS, 257)}, "encoding"),
    "leading zero in e": ({**RSA, "e": "AAEAAQ"}, "encoding"),
    "padding": ({**RSA, "n": RFC_7638_MODULUS + "=="}, "encoding"),
    "trailing bits": ({**RSA, "n": RFC_7638_MODULUS[:-1] + "x"}, "encoding"),
    "modulus is a number": ({**RSA, "n": MODULUS}, "encoding"),
    "no modulus": ({"kty": "RSA", "e": "AQAB"}, "encoding"),
    "curve unknown": ({**EC, "crv": "secp256k1"}, "kty"),
    "curve of another size": ({**EC, "crv": "P-384"}, "point"),
    "curve is a list": ({**EC, "crv": ["P-256"]}, "kty"),
    "off the curve": ({**EC, "x": written(5, 32)}, "point"),
    "short coordinate": ({**EC, "x": written(5)}, "point"),
    "long coordinate": ({**EC, "x": written(5, 33)}, "point"),
    "y missing": ({k: v for k, v in EC.items() if k != "y"}, "encoding"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_key_outside_the_rules_is_refused(name):
    key, reason = REFUSED[name]
    with pytest.raises(BadJwk) as refusal:
        jwk.load_public(key)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("name", ["leading zero", "padding", "trailing bits", "long coordinate", "oct"])
def test_a_form_that_is_not_canonical_has_no_thumbprint(name):
    with pytest.raises(BadJwk):
        jwk.thumbprint(REFUSED[name][0])


@pytest.mark.parametrize("kind", ["RSA-2048", "ES256", "ES384", "ES512"])
def test_a_made_key_is_one_key_from_every_side(kind):
    key = private_jwk(kind)
    private, public = jwk.load_private(key), jwk.load_public(jwk.public_part(key))
    assert private.public_key == public.public_key
    assert public.thumbprint() == jwk.thumbprint(key) == key["kid"]
    assert jwk.public_part(key).keys() & set("dpqk") == set()


@pytest.mark.parametrize("given", [(), ("p", "q")], ids=["none", "some"])
def test_primes_that_are_not_all_given_are_recovered(given):
    key = private_jwk("RSA-2048")
    short = {name: key[name] for name in ("kty", "n", "e", "d", *given)}
    numbers = jwk.load_private(short).private_key.private_numbers()
    assert {numbers.p, numbers.q} == {number(key["p"]), number(key["q"])}


@pytest.mark.parametrize("kind", ["RSA-2048", "ES256"])
def test_a_private_part_of_another_key_is_refused(kind):
    with pytest.raises(BadJwk, match="inconsistent"):
        jwk.load_private({**private_jwk(kind), "d": jwk.generate(kind)["d"]})


def test_a_public_key_is_no_private_one():
    with pytest.raises(BadJwk, match="encoding"):
        jwk.load_private(RSA)


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        ({"kty": "RSA"}, "RS256"),
        ({"kty": "RSA", "alg": "PS256"}, "PS256"),
        ({"kty": "EC", "crv": "P-256"}, "ES256"),
        ({"kty": "EC", "crv": "P-521"}, "ES512"),
    ],
)
def test_a_key_signs_with_its_own_algorithm_or_the_usual_one(key, alg):
    assert jwk.signing_algorithm(key) == alg
